//! One picture traced many times: what does not depend on the parameters that change is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Budget, Parameters};
use crate::Result;
use crate::document::Document;

/// One picture, to be traced with many parameters.
pub trait Session: Send + Sync {
    /// What [`super::Engine::trace`] gives for the same picture and parameters, sooner.
    ///
    /// # Errors
    /// Those of [`super::Engine::trace`].
    fn trace(&self, parameters: &Parameters, budget: &Budget) -> Result<Document>;
}

/// A result that is made once, by whoever wants it first; the others wait.
type Slot<V> = Arc<Mutex<Option<Arc<V>>>>;

/// The last few results by what they depend on. A failure is not kept.
pub(super) struct Memo<V> {
    most: usize,
    slots: Mutex<VecDeque<(String, Slot<V>)>>,
}

impl<V> Memo<V> {
    /// Keeps the `most` results that were wanted last.
    pub(super) fn new(most: usize) -> Self {
        Self { most, slots: Mutex::new(VecDeque::new()) }
    }

    /// The result for `key`, which is all that `make` depends on.
    pub(super) fn get(&self, key: String, make: impl FnOnce() -> Result<V>) -> Result<Arc<V>> {
        let slot = {
            // A panic elsewhere leaves the list whole: nothing is half done under this lock.
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let found = slots.iter().position(|(k, _)| *k == key).and_then(|at| slots.remove(at));
            let (key, slot) = found.unwrap_or_else(|| (key, Slot::default()));
            slots.push_back((key, Arc::clone(&slot)));
            while slots.len() > self.most {
                slots.pop_front();
            }
            slot
        };
        // Nor is a value half made: what panicked has left none.
        let mut value = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = &*value {
            return Ok(Arc::clone(value));
        }
        let made = Arc::new(make()?);
        *value = Some(Arc::clone(&made));
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Error};

    #[test]
    fn a_result_is_made_once_and_a_failure_again() {
        let memo = Memo::new(2);
        let mut made = 0;
        let mut get = |key: &str, fails: bool| {
            let make = || {
                made += 1;
                if fails { Err(Error::new(Code::TraceDeadline, "late")) } else { Ok(made) }
            };
            memo.get(key.into(), make).map(|v| *v).ok()
        };
        assert_eq!((get("a", true), get("a", false), get("a", true)), (None, Some(2), Some(2)));
        // The one that was wanted longest ago is forgotten.
        assert_eq!(
            (get("b", false), get("a", true), get("c", false), get("b", false)),
            (Some(3), Some(2), Some(4), Some(5))
        );
    }

    #[test]
    fn one_that_panicked_does_not_spoil_the_next() {
        let memo = Memo::new(1);
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            memo.get("a".into(), || -> Result<u8> { panic!() })
        }));
        assert!(broken.is_err());
        assert_eq!(memo.get("a".into(), || Ok(1)).map(|v| *v).ok(), Some(1));
    }
}
