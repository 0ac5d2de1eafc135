//! Who does what when, so that several huge images never meet in memory.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// Hands out items in their order to threads that ask, each when what it costs fits a budget together
/// with what is at work. One that is larger than the whole budget is handed out alone. Nothing overtakes:
/// otherwise a huge image would wait until all small ones are done.
///
/// A thread that has finished an item takes the next itself if it fits, and of those that wait the one
/// that has worked last is woken first. So no more threads work than the budget lets, whatever their
/// number, and those that only wait hold no memory of items that they once did (the allocator keeps some
/// for each thread).
pub(super) struct Admission<'a> {
    budget: u64,
    items: usize,
    cost: &'a (dyn Fn(usize) -> u64 + Sync),
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// The next item, and its cost once somebody has asked for it.
    next: usize,
    next_cost: Option<u64>,
    /// Cost of all that are at work.
    at_work: u64,
    /// Threads that wait, the one that has worked last at the end.
    waiting: Vec<Thread>,
}

impl fmt::Debug for Admission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Admission({} items, budget {}, {:?})", self.items, self.budget, self.queue)
    }
}

impl<'a> Admission<'a> {
    /// A gate for items 0 to `items` - 1, which cost what `cost` says, in the unit of `budget`.
    pub(super) fn new(budget: u64, items: usize, cost: &'a (dyn Fn(usize) -> u64 + Sync)) -> Self {
        Self { budget, items, cost, queue: Mutex::default() }
    }

    /// Gives `finished` back, and waits for the next item; `None` when there are no more.
    pub(super) fn next(&self, finished: Option<Turn<'_>>) -> Option<Turn<'_>> {
        let mut queue = self.lock();
        if let Some(mut turn) = finished {
            // In one step with taking the next, or another thread would come between.
            queue.at_work -= std::mem::take(&mut turn.cost);
        }
        loop {
            let index = queue.next;
            if index == self.items {
                queue.waiting.drain(..).for_each(|thread| thread.unpark());
                return None;
            }
            let cost = *queue.next_cost.get_or_insert_with(|| (self.cost)(index));
            if queue.at_work == 0 || queue.at_work.saturating_add(cost) <= self.budget {
                queue.next += 1;
                queue.next_cost = None;
                queue.at_work += cost;
                // The one after may fit, too.
                queue.wake_one();
                return Some(Turn { gate: self, index, cost });
            }
            let me = thread::current();
            queue.waiting.push(me.clone());
            drop(queue);
            thread::park();
            queue = self.lock();
            // A thread may wake without having been woken.
            queue.waiting.retain(|thread| thread.id() != me.id());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A panic elsewhere cannot leave plain numbers in a bad state.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn wake_one(&mut self) {
        if let Some(thread) = self.waiting.pop() {
            thread.unpark();
        }
    }
}

/// An item to do, and its share of the budget, which goes back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    gate: &'a Admission<'a>,
    /// Number of the item.
    pub(super) index: usize,
    /// What it costs.
    pub(super) cost: u64,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Only a panic gets here with a share.
        if self.cost > 0 {
            let mut queue = self.gate.lock();
            queue.at_work -= self.cost;
            queue.wake_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Has `threads` threads do items of these costs; gives who did each, in the order of their starts.
    fn work(budget: u64, costs: &[u64], threads: usize, each: impl Fn(&Turn<'_>) + Sync) -> Vec<(usize, usize)> {
        let cost = |i: usize| costs[i];
        let gate = Admission::new(budget, costs.len(), &cost);
        let done = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for thread in 0..threads {
                let (gate, done, each) = (&gate, &done, &each);
                scope.spawn(move || {
                    let mut turn = gate.next(None);
                    while let Some(now) = turn {
                        done.lock().unwrap().push((now.index, thread));
                        each(&now);
                        turn = gate.next(Some(now));
                    }
                });
            }
        });
        assert_eq!(gate.lock().at_work, 0);
        done.into_inner().unwrap()
    }

    #[test]
    fn the_budget_holds_and_oversized_work_runs_alone() {
        let costs: Vec<u64> = (0..300).map(|i| [4, 4, 4, 9, 25, 1, 3, 0][i % 8]).collect();
        let now = AtomicU64::new(0);
        let done = work(10, &costs, 7, |turn| {
            let used = now.fetch_add(turn.cost, Ordering::SeqCst) + turn.cost;
            // What costs nothing may be beside anything.
            assert!(used <= 10 || used == turn.cost || turn.cost == 0, "{used}");
            thread::yield_now();
            now.fetch_sub(turn.cost, Ordering::SeqCst);
        });
        let items: HashSet<usize> = done.iter().map(|(item, _)| *item).collect();
        assert_eq!((done.len(), items.len()), (300, 300));
    }

    #[test]
    fn no_more_threads_work_than_the_budget_lets() {
        let done = work(10, &[10; 200], 8, |_| thread::yield_now());
        assert!(done.iter().map(|(item, _)| *item).eq(0..200), "one at a time, in order");
        let threads: HashSet<usize> = done.iter().map(|(_, thread)| *thread).collect();
        assert_eq!(threads.len(), 1);
    }

    #[test]
    fn a_panic_gives_its_share_back() {
        let cost = |_| 10;
        let gate = Admission::new(10, 2, &cost);
        let panicked = thread::scope(|scope| {
            let first = scope.spawn(|| {
                let _turn = gate.next(None);
                thread::sleep(std::time::Duration::from_millis(20));
                panic!("on purpose");
            });
            while gate.lock().next == 0 {
                thread::yield_now();
            }
            assert_eq!(gate.next(None).map(|turn| turn.index), Some(1));
            first.join().is_err()
        });
        assert!(panicked);
    }
}
