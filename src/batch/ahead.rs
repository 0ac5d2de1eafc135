//! Objects of a store are read ahead, so that the pool need not wait for the network item by item, and so that
//! what an image costs is known when its turn comes: its header is in the bytes.
//!
//! A few are on their way at a time, in the order of the plan, within a budget of their own.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{RunOptions, memory};
use crate::optimize::svg;
use crate::output::{IfExists, exists};
use crate::pipeline::Job;
use crate::{Result, cloud};

/// Objects that are on their way beyond one for each thread, so that a slow one does not hold up the rest.
const SPARE: usize = 2;

/// Bytes of the objects that are on their way; one that is larger, or whose size nobody has told, comes alone.
const MOST_BYTES: u64 = 64 << 20;

/// What has come of an input before its turn; `None`: nobody has asked for it.
pub(super) type Early = Option<Result<Vec<u8>>>;

/// The objects on their way, and those that have come and are not taken yet.
pub(super) struct Ahead<'a> {
    jobs: &'a [Job],
    options: &'a RunOptions,
    /// Items that an earlier run has done.
    reused: &'a [bool],
    /// Whether the run is over, and nobody waits for anything any more.
    over: &'a (dyn Fn() -> bool + Sync),
    most: usize,
    queue: Mutex<Queue>,
    come: Mutex<HashMap<usize, Result<Vec<u8>>>>,
}

#[derive(Default)]
struct Queue {
    /// The first item that was not looked at.
    next: usize,
    /// Item, size as far as it is known, and its bytes to be.
    under_way: VecDeque<(usize, u64, Result<cloud::Fetch>)>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(
        jobs: &'a [Job],
        options: &'a RunOptions,
        reused: &'a [bool],
        over: &'a (dyn Fn() -> bool + Sync),
        threads: usize,
    ) -> Self {
        let (queue, come) = (Mutex::default(), Mutex::default());
        Self { jobs, options, reused, over, most: threads + SPARE, queue, come }
    }

    /// Waits for the object of item `index`, and tells what it is going to cost. Items are asked for in order, one
    /// at a time.
    pub(super) fn await_cost(&self, index: usize) -> u64 {
        let job = &self.jobs[index];
        // What will not be begun is not waited for.
        if (self.over)() || self.is_spared(index) {
            return 0;
        }
        let fetch = {
            let mut queue = unpoisoned(&self.queue);
            while queue.under_way.front().is_some_and(|(first, ..)| *first < index) {
                queue.under_way.pop_front();
            }
            if !self.reused[index] {
                self.begin(&mut queue, index);
            }
            let is_first = queue.under_way.front().is_some_and(|(first, ..)| *first == index);
            let first = if is_first { queue.under_way.pop_front() } else { None };
            first.map_or_else(|| self.fetch(job), |(.., fetch)| fetch)
        };
        let bytes = fetch.and_then(|fetch| fetch.wait(self.over));
        let cost = bytes.as_ref().map_or(1, |bytes| memory::cost(job, Some(bytes), self.options));
        if !self.reused[index] {
            unpoisoned(&self.come).insert(index, bytes);
        }
        cost
    }

    /// What has come for item `index`.
    pub(super) fn take(&self, index: usize) -> Early {
        unpoisoned(&self.come).remove(&index)
    }

    /// Sends for items from `index` on, as long as there is room.
    fn begin(&self, queue: &mut Queue, index: usize) {
        queue.next = queue.next.max(index);
        while queue.next < self.jobs.len() && queue.under_way.len() < self.most {
            let (item, job) = (queue.next, &self.jobs[queue.next]);
            if cloud::is_url(&job.input) && !self.reused[item] && !self.is_spared(item) {
                let bytes = cloud::listed_bytes(&job.input).unwrap_or(MOST_BYTES);
                let held: u64 = queue.under_way.iter().map(|(_, bytes, _)| bytes).sum();
                if !queue.under_way.is_empty() && held.saturating_add(bytes) > MOST_BYTES {
                    return;
                }
                queue.under_way.push_back((item, bytes, self.fetch(job)));
            }
            queue.next += 1;
        }
    }

    fn fetch(&self, job: &Job) -> Result<cloud::Fetch> {
        let shrink = self.options.svg.as_ref().filter(|_| svg::is_svg_name(&job.input));
        let limit = shrink.map_or(self.options.pipeline.limits.max_file_bytes, |shrink| shrink.max_file_bytes);
        cloud::fetch(&job.input, limit)
    }

    /// Whether an item will be left as it is, or refused, for its output: then nobody reads it.
    fn is_spared(&self, index: usize) -> bool {
        let output = self.jobs[index].output.as_deref();
        self.options.if_exists != IfExists::Overwrite && output.is_some_and(|path| exists(path).unwrap_or(false))
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Plain data that is changed in single steps: a panic elsewhere cannot leave it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
