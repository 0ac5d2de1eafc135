//! Working a plan off on a pool of threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::journal::{Mark, Stamp, hash_of_options};
use super::{Admission, Journal};
use crate::optimize::svg;
use crate::output::IfExists;
use crate::pipeline::{self, Job, Options, Outcome, convert, convert_source};
use crate::raster::{self, Format};
use crate::report::{ItemReport, Status};
use crate::{Code, Error, Result};

/// How to run a plan.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How each image is converted.
    pub pipeline: Options,
    /// How SVGs are shrunk; `None`: they are taken for images, which they are not.
    pub svg: Option<svg::Options>,
    /// Images at once; 0: one per processor.
    pub jobs: usize,
    /// What to do with outputs that exist.
    pub if_exists: IfExists,
    /// Most pixels to have in memory at once; `None`: [`PIXELS_PER_JOB`] for each job. Noisy ones count more.
    pub pixels_in_flight: Option<u64>,
}

/// Pixels in flight for each job unless the user says otherwise. An image takes up to 50 bytes a pixel
/// while it is traced and scored (measured by `scripts/speed.sh`: smooth ramps are the worst), so that
/// two jobs stay below 500 MB.
pub const PIXELS_PER_JOB: u64 = 4_500_000;

/// How many times a pixel of a noisy picture counts: it takes up to 90 bytes, since each becomes a region.
const NOISY: f64 = 1.9;

/// Bytes a pixel of a lossless file from which on, and at which, the picture is quite noisy: drawings have
/// 0.02 to 0.15, photographs 0.8 and more.
const CALM_BYTES: f64 = 0.05;
const NOISY_BYTES: f64 = 0.5;

/// How many times smaller a lossy file is than a lossless one of the same picture, at least.
const LOSSY: f64 = 4.0;

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            pipeline: Options::default(),
            svg: None,
            jobs: 0,
            if_exists: IfExists::Overwrite,
            pixels_in_flight: None,
        }
    }
}

/// Who wants to know what happens during a run.
pub trait Observer: Sync {
    /// An item is done. Called as items finish, from any thread.
    fn finished(&self, _report: &ItemReport) {}

    /// The record of an item, in the order of the plan.
    fn in_order(&self, _report: &ItemReport) {}

    /// Whether [`Observer::finished`] decodes the picture again, so that memory is to be kept for it even
    /// where the item was done by an earlier run.
    fn decodes(&self) -> bool {
        false
    }
}

impl Observer for () {}

/// Records that wait for an earlier one.
struct Pending {
    next: usize,
    waiting: BTreeMap<usize, ItemReport>,
    done: Vec<ItemReport>,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Ran {
    /// A record for each job, in the order of the jobs.
    pub items: Vec<ItemReport>,
    /// How many of them are of earlier runs, whose outputs were left as they are.
    pub reused: usize,
}

/// Converts every job that `journal` does not know to be done, and notes it there. All records come
/// back, in the order of `jobs`, whatever happened; once `stop` is true no further item is started, and
/// the rest is [`Status::NotStarted`].
///
/// # Errors
/// [`Code::InternalPanic`] when no threads can be started.
pub fn run(
    jobs: &[Job],
    options: &RunOptions,
    journal: Option<&Journal>,
    stop: &Arc<AtomicBool>,
    observer: &dyn Observer,
) -> Result<Ran> {
    let hashes = OptionHashes::of(options);
    let known = |job: &Job| journal?.known(job, hashes.for_input(job));
    let work = |job: &Job| {
        let mut read = None;
        let outcome = one(job, options, stop, |bytes, stamp| read = journal.map(|_| Mark::of_input(stamp, bytes)));
        let noted = matches!(outcome.report.status, Status::Ok | Status::Failed);
        if let Some(journal) = journal.filter(|_| noted) {
            let svg = outcome.svg.as_deref().zip(job.output.as_deref());
            let written = svg.map(|(svg, path)| Mark::of_output(path, svg.as_bytes()));
            journal.note(job, hashes.for_input(job), read, written, &outcome.report);
        }
        outcome.report
    };
    on_pool(jobs, options, stop, observer, &known, &work)
}

/// Converts one job; `read` is told the bytes of the input, and its stamp from before it was read.
fn one(job: &Job, options: &RunOptions, stop: &Arc<AtomicBool>, mut read: impl FnMut(&[u8], Option<Stamp>)) -> Outcome {
    let stamp = Stamp::of(&job.input);
    match options.svg.as_ref().filter(|_| svg::is_svg_name(&job.input)) {
        Some(shrink) => {
            let source = || {
                let bytes = svg::read_bytes(&job.input, shrink.max_file_bytes)?;
                read(&bytes, stamp);
                Ok(bytes)
            };
            svg::shrink_source(job, source, shrink, options.if_exists)
        }
        None => {
            let limits = &options.pipeline.limits;
            let source = || {
                let bytes = raster::read_bytes(&job.input, limits)?;
                read(&bytes, stamp);
                raster::decode(&bytes, limits).map_err(|e| e.at(&job.input))
            };
            convert_source(job, source, &options.pipeline, options.if_exists, stop, convert)
        }
    }
}

/// Hashes of the options that count, for images and for SVGs.
struct OptionHashes {
    image: String,
    svg: Option<String>,
}

impl OptionHashes {
    fn of(options: &RunOptions) -> Self {
        Self { image: hash_of_options(&options.pipeline), svg: options.svg.as_ref().map(hash_of_options) }
    }

    fn for_input(&self, job: &Job) -> &str {
        self.svg.as_deref().filter(|_| svg::is_svg_name(&job.input)).unwrap_or(&self.image)
    }
}

/// What [`run`] would do: decodes and classifies every job and writes nothing. Items that would be
/// converted are [`Status::Planned`], those that would be left as they are [`Status::Skipped`].
///
/// # Errors
/// As [`run`].
pub fn dry_run(
    jobs: &[Job],
    options: &RunOptions,
    journal: Option<&Journal>,
    stop: &Arc<AtomicBool>,
    observer: &dyn Observer,
) -> Result<Ran> {
    let hashes = OptionHashes::of(options);
    let known = |job: &Job| {
        let done = journal?.known(job, hashes.for_input(job))?;
        let mut item = ItemReport::new(done.input, Status::Skipped);
        (item.output, item.tier) = (done.output, done.tier);
        item.warnings.push("an earlier run has done it (--resume)".into());
        Some(item)
    };
    on_pool(jobs, options, stop, observer, &known, &|job| planned(job, options))
}

fn on_pool(
    jobs: &[Job],
    options: &RunOptions,
    stop: &Arc<AtomicBool>,
    observer: &dyn Observer,
    known: &(dyn Fn(&Job) -> Option<ItemReport> + Sync),
    work: &(dyn Fn(&Job) -> ItemReport + Sync),
) -> Result<Ran> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs)
        .build()
        .map_err(|e| Error::new(Code::InternalPanic, format!("no threads: {e}")))?;
    let jobs_at_once = pool.current_num_threads() as u64;
    let gate = Admission::new(options.pixels_in_flight.unwrap_or(PIXELS_PER_JOB * jobs_at_once));
    let (next, reused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let pending = Mutex::new(Pending { next: 0, waiting: BTreeMap::new(), done: Vec::with_capacity(jobs.len()) });

    // One loop per thread rather than a parallel iterator: a worker that waits inside an image's
    // own parallel steps must never pick up another image on top of it, or the two could wait for
    // each other at the gate.
    pool.broadcast(|_| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            let done = known(job);
            // The observer may look at the picture again, so the permit covers it too.
            let _permit = (done.is_none() || observer.decodes()).then(|| gate.admit(weight(job, options)));
            let report = match done {
                Some(done) => {
                    reused.fetch_add(1, Ordering::Relaxed);
                    done
                }
                None if stop.load(Ordering::Relaxed) => not_started(job, options),
                None => work(job),
            };
            observer.finished(&report);
            let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.waiting.insert(index, report);
            while let Some(report) = {
                let i = pending.next;
                pending.waiting.remove(&i)
            } {
                observer.in_order(&report);
                pending.done.push(report);
                pending.next += 1;
            }
        }
    });
    let items = pending.into_inner().unwrap_or_else(PoisonError::into_inner).done;
    Ok(Ran { items, reused: reused.into_inner() })
}

/// The record of an item in a dry run.
fn planned(job: &Job, options: &RunOptions) -> ItemReport {
    let work = || -> Result<ItemReport> {
        if let Some(output) = &job.output {
            if options.if_exists == IfExists::Skip && output.exists() {
                return Ok(ItemReport::new("", Status::Skipped));
            }
            pipeline::check_output(&job.input, output, options.if_exists)?;
        }
        let mut report = ItemReport::new("", Status::Planned);
        if options.svg.is_some() && svg::is_svg_name(&job.input) {
            // An SVG is only listed: what would come of it takes as long as doing it.
            return Ok(report);
        }
        let decoded = crate::raster::read(&job.input, &options.pipeline.limits)?;
        report.classification = Some(pipeline::classification(&decoded.raster, &options.pipeline));
        report.source = Some(decoded.source);
        report.warnings = decoded.notes;
        Ok(report)
    };
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(pipeline::panicked(&*panic)));
    let mut report = result.unwrap_or_else(|error| pipeline::failed(&error, &options.pipeline));
    report.input = job.input.to_string_lossy().into_owned();
    report.output = job.output.as_ref().map(|p| p.to_string_lossy().into_owned());
    report.tier = options.pipeline.tier.name().into();
    report
}

fn not_started(job: &Job, options: &RunOptions) -> ItemReport {
    let mut report = ItemReport::new(job.input.to_string_lossy(), Status::NotStarted);
    report.tier = options.pipeline.tier.name().into();
    let error = Error::new(Code::RunInterrupted, "the run was stopped before this item");
    report.error = Some((&error).into());
    report
}

/// Pixels of the image, from its header, those of a noisy picture counted more than once, from the size of
/// its file. A header that cannot be read weighs little, since the item is about to fail.
fn weight(job: &Job, options: &RunOptions) -> u64 {
    if let Some(shrink) = options.svg.as_ref().filter(|_| svg::is_svg_name(&job.input)) {
        return shrink.pixels_held();
    }
    let Ok((format, w, h)) = crate::raster::dimensions_of(&job.input, &options.pipeline.limits) else { return 1 };
    let pixels = f64::from(w) * f64::from(h);
    let bytes = std::fs::metadata(&job.input).map_or(0.0, |m| m.len() as f64);
    (pixels * noise_factor(format, bytes / pixels.max(1.0))) as u64
}

fn noise_factor(format: Format, bytes_per_pixel: f64) -> f64 {
    let lossy = matches!(format, Format::Jpeg | Format::WebP);
    let lossless = bytes_per_pixel * if lossy { LOSSY } else { 1.0 };
    1.0 + (NOISY - 1.0) * ((lossless - CALM_BYTES) / (NOISY_BYTES - CALM_BYTES)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noisy_pictures_weigh_more() {
        assert_eq!(noise_factor(Format::Png, 0.02), 1.0);
        assert_eq!(noise_factor(Format::Png, 1.0), NOISY);
        assert_eq!(noise_factor(Format::Jpeg, 0.2), NOISY);
        let between = noise_factor(Format::Png, 0.15);
        assert!(between > 1.0 && between < 1.3, "{between}");
    }
}
