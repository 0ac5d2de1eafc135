//! Working a plan off on a pool of threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Admission;
use crate::optimize::svg;
use crate::output::IfExists;
use crate::pipeline::{Job, Options, convert_file};
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
    /// Most pixels to have in memory at once.
    pub pixels_in_flight: u64,
}

/// Pixels in flight unless the user says otherwise. An image takes up to 29 bytes a pixel while it
/// is traced and scored (measured by `scripts/speed.sh`), so this keeps a run below 500 MB.
pub const DEFAULT_PIXELS_IN_FLIGHT: u64 = 16_000_000;

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            pipeline: Options::default(),
            svg: None,
            jobs: 0,
            if_exists: IfExists::Overwrite,
            pixels_in_flight: DEFAULT_PIXELS_IN_FLIGHT,
        }
    }
}

/// Who wants to know what happens during a run.
pub trait Observer: Sync {
    /// An item is done. Called as items finish, from any thread.
    fn finished(&self, _report: &ItemReport) {}

    /// The record of an item, in the order of the plan.
    fn in_order(&self, _report: &ItemReport) {}
}

impl Observer for () {}

/// Records that wait for an earlier one.
struct Pending {
    next: usize,
    waiting: BTreeMap<usize, ItemReport>,
    done: Vec<ItemReport>,
}

/// Converts every job. All records come back, in the order of `jobs`, whatever happened; once
/// `stop` is true no further item is started, and the rest is [`Status::NotStarted`].
///
/// # Errors
/// [`Code::InternalPanic`] when no threads can be started.
pub fn run(
    jobs: &[Job],
    options: &RunOptions,
    stop: &Arc<AtomicBool>,
    observer: &dyn Observer,
) -> Result<Vec<ItemReport>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs)
        .build()
        .map_err(|e| Error::new(Code::InternalPanic, format!("no threads: {e}")))?;
    let gate = Admission::new(options.pixels_in_flight);
    let next = AtomicUsize::new(0);
    let pending = Mutex::new(Pending { next: 0, waiting: BTreeMap::new(), done: Vec::with_capacity(jobs.len()) });

    // One loop per thread rather than a parallel iterator: a worker that waits inside an image's
    // own parallel steps must never pick up another image on top of it, or the two could wait for
    // each other at the gate.
    pool.broadcast(|_| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            // The observer may look at the picture again, so the permit covers it too.
            let _permit = gate.admit(weight(job, options));
            let report = if stop.load(Ordering::Relaxed) {
                not_started(job, options)
            } else if let Some(shrink) = options.svg.as_ref().filter(|_| svg::is_svg_name(&job.input)) {
                svg::shrink_file(job, shrink, options.if_exists).report
            } else {
                convert_file(job, &options.pipeline, options.if_exists, stop).report
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
    Ok(pending.into_inner().unwrap_or_else(PoisonError::into_inner).done)
}

fn not_started(job: &Job, options: &RunOptions) -> ItemReport {
    let mut report = ItemReport::new(job.input.to_string_lossy(), Status::NotStarted);
    report.tier = options.pipeline.tier.name().into();
    let error = Error::new(Code::RunInterrupted, "the run was stopped before this item");
    report.error = Some((&error).into());
    report
}

/// Pixels of the image, from its header; a header that cannot be read weighs little, since the
/// item is about to fail.
fn weight(job: &Job, options: &RunOptions) -> u64 {
    if let Some(shrink) = options.svg.as_ref().filter(|_| svg::is_svg_name(&job.input)) {
        return shrink.pixels_held();
    }
    crate::raster::dimensions_of(&job.input, &options.pipeline.limits)
        .map_or(1, |(_, w, h)| u64::from(w) * u64::from(h))
}
