//! How many pixels may be in flight at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// Admits work while its weight fits a budget, so that several huge images never meet in memory.
/// One that is larger than the whole budget is admitted alone.
#[derive(Debug)]
pub struct Admission {
    budget: u64,
    in_flight: Mutex<u64>,
    freed: Condvar,
}

impl Admission {
    /// A gate for `budget` units (pixels, here).
    pub fn new(budget: u64) -> Self {
        Self { budget: budget.max(1), in_flight: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits until `weight` fits, and holds it until the permit is dropped.
    pub fn admit(&self, weight: u64) -> Permit<'_> {
        // A panic elsewhere cannot leave the plain number in a bad state.
        let mut used = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        while *used > 0 && *used + weight > self.budget {
            used = self.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        *used += weight;
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
        *self.gate.in_flight.lock().unwrap_or_else(PoisonError::into_inner) -= self.weight;
        self.gate.freed.notify_all();
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
        assert_eq!(*gate.in_flight.lock().unwrap(), 0);
    }
}
