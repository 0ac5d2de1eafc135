//! How many pixels may be in flight at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// Admits work while its weight fits a budget, so that several huge images never meet in memory.
/// One that is larger than the whole budget is admitted alone. Who asks first is admitted first:
/// otherwise a huge image would wait, and a thread with it, until all small ones are done.
#[derive(Debug)]
pub struct Admission {
    budget: u64,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    in_flight: u64,
    /// Number of the next to ask, and of the next to be admitted.
    asked: u64,
    admitted: u64,
}

impl Admission {
    /// A gate for `budget` units (pixels, here).
    pub fn new(budget: u64) -> Self {
        Self { budget: budget.max(1), queue: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits until `weight` fits, and holds it until the permit is dropped.
    pub fn admit(&self, weight: u64) -> Permit<'_> {
        // A panic elsewhere cannot leave plain numbers in a bad state.
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let number = queue.asked;
        queue.asked += 1;
        let must_wait =
            |q: &Queue| q.admitted != number || q.in_flight > 0 && q.in_flight.saturating_add(weight) > self.budget;
        while must_wait(&queue) {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.admitted += 1;
        queue.in_flight += weight;
        drop(queue);
        // The next in the queue may fit, too.
        self.changed.notify_all();
        Permit { gate: self, weight }
    }
}

/// A share of the budget; gives it back when dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    gate: &'a Admission,
    weight: u64,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.gate.queue.lock().unwrap_or_else(PoisonError::into_inner).in_flight -= self.weight;
        self.gate.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn the_budget_holds_and_oversized_work_runs_alone() {
        let gate = Admission::new(10);
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|s| {
            for weight in [4, 4, 4, 9, 25, 1, 3] {
                let (gate, now, most) = (&gate, &now, &most);
                s.spawn(move || {
                    let _permit = gate.admit(weight);
                    let used = now.fetch_add(weight, Ordering::SeqCst) + weight;
                    if weight <= 10 {
                        most.fetch_max(used, Ordering::SeqCst);
                    } else {
                        assert_eq!(used, weight);
                    }
                    std::thread::yield_now();
                    now.fetch_sub(weight, Ordering::SeqCst);
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 10);
        assert_eq!(gate.queue.lock().unwrap().in_flight, 0);
    }

    #[test]
    fn a_huge_image_does_not_wait_for_all_that_come_after_it() {
        let gate = Admission::new(10);
        let order = Mutex::new(Vec::new());
        std::thread::scope(|s| {
            let first = gate.admit(6);
            let (gate, order) = (&gate, &order);
            let ask = |weight: u64, number: u64| {
                s.spawn(move || {
                    let _permit = gate.admit(weight);
                    order.lock().unwrap().push(weight);
                });
                while gate.queue.lock().unwrap().asked <= number {
                    std::thread::yield_now();
                }
            };
            ask(100, 1);
            // This would fit beside the first, but the huge one was there before it.
            ask(2, 2);
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), [100, 2]);
    }
}
