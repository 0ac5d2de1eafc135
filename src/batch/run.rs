//! Working a plan off on a pool of threads.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::admission::Admission;
use super::ahead::{Ahead, Early};
use super::journal::{Mark, Stamp, hash_of_options};
use super::processors::{Place, Processors};
use super::{Journal, default_budget, memory};
use crate::optimize::svg;
use crate::output::{IfExists, exists};
use crate::pipeline::{self, Job, Options, Outcome, Tier, convert, convert_source};
use crate::raster::{self, Decoded};
use crate::report::records::Records;
use crate::report::{ItemReport, Status};
use crate::{Code, Error, Result, cloud};

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
    /// Bytes that all images at work may take together, as estimated from their headers; `None`:
    /// [`default_budget`].
    pub memory: Option<u64>,
    /// What to do with one that would take more than that.
    pub oversized: Oversized,
    /// When to start no further item.
    pub deadline: Option<Instant>,
}

/// What to do with an item that would take more than the whole budget of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Oversized {
    /// Do it while nothing else is done.
    #[default]
    Alone,
    /// Fail it with [`Code::InputOverMemory`].
    Refuse,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            pipeline: Options::default(),
            svg: None,
            jobs: 0,
            if_exists: IfExists::Overwrite,
            memory: None,
            oversized: Oversized::default(),
            deadline: None,
        }
    }
}

/// Who wants to know what happens during a run.
pub trait Observer: Sync {
    /// An item is done. Called as items finish, from any thread.
    fn finished(&self, _report: &ItemReport) {}

    /// An item is done, and it was this run that did it. Called just before [`Observer::finished`].
    fn worked(&self, _report: &ItemReport) {}

    /// The record of an item, in the order of the plan.
    fn in_order(&self, _report: &ItemReport) {}

    /// Whether [`Observer::finished`] decodes the picture again, so that memory is to be kept for it even
    /// where the item was done by an earlier run.
    fn decodes(&self) -> bool {
        false
    }
}

impl Observer for () {}

/// Items whose records wait for an earlier one.
#[derive(Default)]
struct Pending {
    next: usize,
    waiting: BTreeSet<usize>,
    /// Why a record could not be handed on.
    trouble: Option<Error>,
}

/// Converts every job that `journal` does not know to be done, and notes it there. `records` get a record
/// of each after those that are there, in the order of `jobs`, whatever happened; once `stop` is true or
/// the deadline has come no further item is started, and the rest is [`Status::NotStarted`]. Gives how many
/// items an earlier run had done, whose outputs were left as they are.
///
/// # Errors
/// [`Code::InternalPanic`] when no threads can be started, [`Code::ReportInvalid`] when a record cannot be
/// read back.
pub fn run(
    jobs: &[Job],
    options: &RunOptions,
    journal: Option<&Journal>,
    stop: &Arc<AtomicBool>,
    observer: &dyn Observer,
    records: &Records,
) -> Result<usize> {
    let hashes = OptionHashes::of(options);
    let known = |job: &Job| journal?.known(job, hashes.for_input(job));
    let work = |job: &Job, bytes: Early, processor: &Place<'_>| {
        let mut read = None;
        let mut noted = |bytes: &[u8], stamp| read = journal.map(|_| Mark::of_input(stamp, bytes));
        let outcome = one(job, bytes, options, stop, journal.is_some(), processor, &mut noted);
        let noted = matches!(outcome.report.status, Status::Ok | Status::Failed);
        if let Some(journal) = journal.filter(|_| noted) {
            let svg = outcome.svg.as_deref().zip(job.output.as_deref());
            let written = svg.map(|(svg, path)| Mark::of_output(path, svg.as_bytes()));
            journal.note(job, hashes.for_input(job), read, written, &outcome.report);
        }
        outcome.report
    };
    on_pool(jobs, options, stop, observer, records, &known, &work)
}

/// Converts one job, whose input is `bytes` where it was read ahead; `read` is told the bytes, and, if they are to
/// be `stamped`, what the file was before they were read. What is between reading and writing is computed by a
/// `processor`; the item's times are without the wait for it.
fn one(
    job: &Job,
    bytes: Early,
    options: &RunOptions,
    stop: &Arc<AtomicBool>,
    stamped: bool,
    processor: &Place<'_>,
    read: &mut dyn FnMut(&[u8], Option<Stamp>),
) -> Outcome {
    // An object came with its tag, which is known from then on.
    let is_object = cloud::is_url(&job.input);
    let before = if stamped && !is_object { Stamp::of(&job.input) } else { None };
    let stamp = || if stamped && is_object { Stamp::of(&job.input) } else { before };
    let waited_to_decode = Cell::new(Duration::ZERO);
    // The run may have come to its end while a processor was waited for.
    let is_over = AtomicBool::new(false);
    let goes_on = || {
        run_over(options, stop).map_or(Ok(()), |why| {
            is_over.store(true, Ordering::Relaxed);
            Err(why)
        })
    };
    let mut outcome = match options.svg.as_ref().filter(|_| svg::is_svg_name(&job.input)) {
        Some(shrink) => {
            let source = || {
                let bytes = bytes.unwrap_or_else(|| svg::read_bytes(&job.input, shrink.max_file_bytes))?;
                read(&bytes, stamp());
                Ok(bytes)
            };
            let how = |bytes: &[u8], options: &svg::Options| {
                processor.compute(|| goes_on().and_then(|()| svg::shrink(bytes, options)))
            };
            svg::shrink_source(job, source, shrink, options.if_exists, how)
        }
        None => {
            let limits = &options.pipeline.limits;
            let source = || {
                let bytes = bytes.unwrap_or_else(|| raster::read_bytes(&job.input, limits))?;
                read(&bytes, stamp());
                let decoded = processor.compute(|| {
                    goes_on()?;
                    raster::decode(&bytes, limits).map_err(|e| e.at(&job.input))
                });
                waited_to_decode.set(processor.waited());
                decoded
            };
            let how = |decoded: &Decoded, options: &Options, stop: &Arc<AtomicBool>| {
                processor.compute(|| convert(decoded, options, stop))
            };
            convert_source(job, source, &options.pipeline, options.if_exists, stop, how)
        }
    };
    let times = &mut outcome.report.times;
    for (time, waited) in [(&mut times.decode_ms, waited_to_decode.get()), (&mut times.total_ms, processor.waited())] {
        *time = (*time - waited.as_secs_f64() * 1e3).max(0.0);
    }
    if is_over.into_inner() {
        outcome.report.status = Status::NotStarted;
    }
    outcome
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
    records: &Records,
) -> Result<usize> {
    let hashes = OptionHashes::of(options);
    let known = |job: &Job| {
        let done = journal?.known(job, hashes.for_input(job))?;
        let mut item = ItemReport::new(done.input, Status::Skipped);
        (item.output, item.tier) = (done.output, done.tier);
        item.warnings.push("an earlier run has done it (--resume)".into());
        Some(item)
    };
    on_pool(jobs, options, stop, observer, records, &known, &|job, bytes, processor| {
        processor.compute(|| planned(job, bytes, options))
    })
}

fn on_pool(
    jobs: &[Job],
    options: &RunOptions,
    stop: &Arc<AtomicBool>,
    observer: &dyn Observer,
    records: &Records,
    known: &(dyn Fn(&Job) -> Option<ItemReport> + Sync),
    work: &(dyn Fn(&Job, Early, &Place<'_>) -> ItemReport + Sync),
) -> Result<usize> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs)
        .build()
        .map_err(|e| Error::new(Code::InternalPanic, format!("no threads: {e}")))?;
    let budget = options.memory.unwrap_or_else(|| default_budget(pool.current_num_threads()));
    let first = records.len();
    let reused: Vec<bool> = pool.install(|| {
        let keep = |(index, job)| known(job).map(|item| records.put(first + index, &item)).is_some();
        jobs.par_iter().enumerate().map(keep).collect()
    });
    let over = || stop.load(Ordering::Relaxed) || is_late(options);
    let ahead = Ahead::new(jobs, options, &reused, &over, pool.current_num_threads());
    let cost = |index: usize| {
        let decodes = !reused[index] || observer.decodes();
        match cloud::is_url(&jobs[index].input) {
            _ if !decodes => 0,
            true => ahead.await_cost(index),
            false => memory::cost(&jobs[index], None, options),
        }
    };
    let gate = Admission::new(budget, jobs.len(), &cost);
    let processors = Processors::for_jobs(pool.current_num_threads(), options.pipeline.tier == Tier::Best)?;
    let pending = Mutex::new(Pending::default());
    let kept = |index: usize| {
        let record = records.get(first + index);
        record.map_or_else(|| Err(Error::new(Code::ReportInvalid, "a record is missing")), |record| record.read())
    };
    let finish = |index: usize, report: &ItemReport| {
        match observer.decodes() {
            true => processors.place(index).compute(|| observer.finished(report)),
            false => observer.finished(report),
        }
        let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
        if index != pending.next {
            pending.waiting.insert(index);
            return;
        }
        observer.in_order(report);
        pending.next += 1;
        while pending.waiting.first() == Some(&pending.next) {
            pending.waiting.pop_first();
            match kept(pending.next) {
                Ok(report) => observer.in_order(&report),
                Err(e) => _ = pending.trouble.get_or_insert(e),
            }
            pending.next += 1;
        }
    };
    let do_one = |index: usize, cost: u64| {
        let job = &jobs[index];
        if reused[index] {
            match kept(index) {
                Ok(report) => finish(index, &report),
                Err(e) => _ = pending.lock().unwrap_or_else(PoisonError::into_inner).trouble.get_or_insert(e),
            }
            return;
        }
        let bytes = ahead.take(index);
        let report =
            not_begun(job, options, stop, cost, budget).unwrap_or_else(|| work(job, bytes, &processors.place(index)));
        observer.worked(&report);
        records.put(first + index, &report);
        finish(index, &report);
    };

    // One loop per thread rather than a parallel iterator: a worker that waits inside an image's
    // own parallel steps must never pick up another image on top of it, or the two could wait for
    // each other at the gate.
    pool.broadcast(|_| {
        let mut turn = gate.next(None);
        while let Some(now) = turn {
            // The observer may look at the picture again, so its turn lasts until then.
            do_one(now.index, now.cost);
            turn = gate.next(Some(now));
        }
    });
    let trouble = pending.into_inner().unwrap_or_else(PoisonError::into_inner).trouble;
    trouble.map_or(Ok(reused.iter().filter(|known| **known).count()), Err)
}

/// Whether the time of the run is over.
fn is_late(options: &RunOptions) -> bool {
    options.deadline.is_some_and(|end| Instant::now() >= end)
}

/// Why no item is to be begun any more; `None`: they are.
fn run_over(options: &RunOptions, stop: &AtomicBool) -> Option<Error> {
    if stop.load(Ordering::Relaxed) {
        Some(Error::new(Code::RunInterrupted, "the run was stopped before this item"))
    } else if is_late(options) {
        Some(Error::new(Code::RunDeadline, "the time of the run was over before this item"))
    } else {
        None
    }
}

/// The record of an item that is not to be begun; `None`: it is.
fn not_begun(job: &Job, options: &RunOptions, stop: &AtomicBool, cost: u64, budget: u64) -> Option<ItemReport> {
    let (status, why) = if let Some(why) = run_over(options, stop) {
        (Status::NotStarted, why)
    } else if options.oversized == Oversized::Refuse && cost > budget {
        let (cost, budget) = (cost.div_ceil(1_000_000), budget.div_ceil(1_000_000));
        let what = format!("it would take about {cost} MB, more than the {budget} MB for all");
        (Status::Failed, Error::new(Code::InputOverMemory, what))
    } else {
        return None;
    };
    let mut report = ItemReport::new(job.input.to_string_lossy(), status);
    report.tier = options.pipeline.tier.name().into();
    report.error = Some((&why).into());
    Some(report)
}

/// The record of an item in a dry run.
fn planned(job: &Job, bytes: Early, options: &RunOptions) -> ItemReport {
    let work = || -> Result<ItemReport> {
        if let Some(output) = &job.output {
            if options.if_exists == IfExists::Skip && exists(output)? {
                return Ok(ItemReport::new("", Status::Skipped));
            }
            pipeline::check_output(&job.input, output, options.if_exists)?;
        }
        let mut report = ItemReport::new("", Status::Planned);
        if options.svg.is_some() && svg::is_svg_name(&job.input) {
            // An SVG is only listed: what would come of it takes as long as doing it.
            return Ok(report);
        }
        let limits = &options.pipeline.limits;
        let decoded = match bytes {
            Some(bytes) => raster::decode(&bytes?, limits).map_err(|e| e.at(&job.input))?,
            None => raster::read(&job.input, limits)?,
        };
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
