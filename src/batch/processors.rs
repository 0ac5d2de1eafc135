//! As many images are computed at once as there are processors, whatever the number of jobs, and by as many threads.
//!
//! More jobs than processors are there so that some read and write while others compute. Were all to compute at
//! once, each thread would touch memory of its own, and they would push each other's data out of the caches. Were
//! they to take turns, each would wait for longer than the allocator keeps what is free, and fault its pages in again.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use crate::{Code, Error, Result};

/// Hands processors to the items that ask, the first in the order of the plan before the others, so that
/// none waits for all that come after it.
#[derive(Debug)]
pub(super) struct Processors {
    queue: Mutex<Queue>,
    /// The threads that compute; `None`: those that ask do.
    threads: Option<ThreadPool>,
}

#[derive(Debug)]
struct Queue {
    free: usize,
    /// Items that wait, and their threads.
    waiting: BTreeMap<usize, Thread>,
}

impl Processors {
    /// Those that this process may use, for `jobs` threads that ask. These compute themselves where there is a
    /// processor for each, or where an item `divides` its work among threads: while it waits for a part, a thread that
    /// is shared would begin with another item, and the first would be late.
    ///
    /// # Errors
    /// [`Code::InternalPanic`] when no threads can be started.
    pub(super) fn for_jobs(jobs: usize, divides: bool) -> Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::new(processors, jobs > processors && !divides)
    }

    fn new(processors: usize, with_threads: bool) -> Result<Self> {
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(processors).build();
        let threads = with_threads.then(pool).transpose();
        let threads = threads.map_err(|e| Error::new(Code::InternalPanic, format!("no threads: {e}")))?;
        Ok(Self { queue: Mutex::new(Queue { free: processors, waiting: BTreeMap::new() }), threads })
    }

    /// Where item `index` is to wait.
    pub(super) fn place(&self, index: usize) -> Place<'_> {
        Place { processors: self, index, waited: Cell::default() }
    }

    fn take(&self, index: usize) -> Turn<'_> {
        let start = Instant::now();
        let mut queue = self.lock();
        if queue.free > 0 {
            queue.free -= 1;
        } else {
            queue.waiting.insert(index, thread::current());
            // A thread may wake without having been woken.
            while queue.waiting.contains_key(&index) {
                drop(queue);
                thread::park();
                queue = self.lock();
            }
        }
        Turn { processors: self, waited: start.elapsed() }
    }

    fn give_back(&self) {
        let mut queue = self.lock();
        // Whoever is taken off the list has the processor.
        match queue.waiting.pop_first() {
            Some((_, thread)) => thread.unpark(),
            None => queue.free += 1,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A panic elsewhere cannot leave plain numbers in a bad state.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an item among those that wait for a processor.
#[derive(Debug)]
pub(super) struct Place<'a> {
    processors: &'a Processors,
    index: usize,
    waited: Cell<Duration>,
}

impl Place<'_> {
    /// Waits for a processor, and has it do `work`, which must not ask for another.
    pub(super) fn compute<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        let turn = self.processors.take(self.index);
        self.waited.set(self.waited.get() + turn.waited);
        let Some(threads) = &self.processors.threads else { return work() };
        // The lines of the log are of the item, on whatever thread.
        let span = tracing::Span::current();
        threads.install(|| span.in_scope(work))
    }

    /// How long processors had to be waited for.
    pub(super) fn waited(&self) -> Duration {
        self.waited.get()
    }
}

/// A processor, which goes back when this is dropped.
#[derive(Debug)]
struct Turn<'a> {
    processors: &'a Processors,
    /// How long it had to be waited for.
    waited: Duration,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.processors.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn both(processors: usize) -> [Processors; 2] {
        [false, true].map(|with_threads| Processors::new(processors, with_threads).unwrap())
    }

    #[test]
    fn no_more_compute_than_there_are_processors() {
        for processors in both(2) {
            let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let threads = Mutex::new(HashSet::new());
            thread::scope(|scope| {
                for first in 0..8 {
                    let (processors, now, most, threads) = (&processors, &now, &most, &threads);
                    scope.spawn(move || {
                        for item in (first..400).step_by(8) {
                            processors.place(item).compute(|| {
                                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                                threads.lock().unwrap().insert(thread::current().id());
                                thread::yield_now();
                                now.fetch_sub(1, Ordering::SeqCst);
                            });
                        }
                    });
                }
            });
            assert_eq!(most.into_inner(), 2);
            assert!(processors.threads.is_none() || threads.into_inner().unwrap().len() == 2);
            assert_eq!(processors.lock().free, 2);
            assert!(processors.lock().waiting.is_empty());
        }
    }

    #[test]
    fn the_first_of_the_plan_is_the_first_to_go_on() {
        for processors in both(1) {
            let order = Mutex::new(Vec::new());
            let turn = processors.take(0);
            thread::scope(|scope| {
                for (waiting, item) in [3, 1, 2].into_iter().enumerate() {
                    let (processors, order) = (&processors, &order);
                    scope.spawn(move || {
                        let place = processors.place(item);
                        place.compute(|| order.lock().unwrap().push(item));
                        assert!(place.waited() > Duration::ZERO);
                    });
                    while processors.lock().waiting.len() <= waiting {
                        thread::yield_now();
                    }
                }
                drop(turn);
            });
            assert_eq!(order.into_inner().unwrap(), [1, 2, 3]);
        }
    }

    #[test]
    fn a_panic_gives_its_processor_back() {
        for processors in both(1) {
            let panics = || processors.place(0).compute(|| -> u32 { panic!("on purpose") });
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            assert_eq!(processors.place(1).compute(|| 7), 7);
        }
    }

    #[test]
    fn who_has_a_processor_of_his_own_computes_himself() {
        let here = thread::current().id();
        let place = |jobs, divides| {
            let processors = Processors::for_jobs(jobs, divides).unwrap();
            processors.place(0).compute(|| thread::current().id() == here)
        };
        assert!(place(1, false) && place(10_000, true));
        assert!(!place(10_000, false));
    }
}
