//! When a trace must end: at a deadline, or when the user says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A deadline and a stop flag; engines ask it now and then whether to go on.
#[derive(Debug, Clone, Default)]
pub struct Budget {
    deadline: Option<Instant>,
    stop: Arc<AtomicBool>,
}

impl Budget {
    /// No deadline.
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// Ends `time` from now.
    pub fn lasting(time: Duration) -> Self {
        Self { deadline: Instant::now().checked_add(time), stop: Arc::default() }
    }

    /// The same, and also ends when `stop` becomes true.
    #[must_use]
    pub fn stopped_by(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = stop;
        self
    }

    /// A budget of `share` of the time that is left (and no more than that).
    #[must_use]
    pub fn share(&self, share: f64) -> Self {
        let deadline = self.left().map(|left| Instant::now() + left.mul_f64(share.clamp(0.0, 1.0)));
        Self { deadline, stop: Arc::clone(&self.stop) }
    }

    /// Whether work should stop now.
    pub fn is_over(&self) -> bool {
        self.is_stopped() || self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    /// Whether the user asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Time until the deadline; `None` without one.
    pub fn left(&self) -> Option<Duration> {
        self.deadline.map(|d| d.saturating_duration_since(Instant::now()))
    }
}
