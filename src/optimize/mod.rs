//! Search for the best traces of one picture under a budget.
//!
//! [`search`] tries traces, keeps those that nothing beats (`front`), and takes of them what is asked
//! for. `docs/optimize.md` has the method and its figures.
//!
//! | module | what it does |
//! |---|---|
//! | `front` | quality against bytes and nodes: what nothing beats |
//! | `search` | which traces are tried, and when to stop |
//! | `memo` | what has been drawn before |
//! | `space` | what can be changed about a trace, and by how much |
//! | `trial` | one trace, written and scored in several ways |
//! | [`learn`](learn()) | presets from a folder: one search for many pictures |
//! | [`plot`](plot()) | a search as a picture |
//! | [`svg`] | the other half: an SVG that exists, in fewer bytes |

mod front;
mod learn;
mod memo;
mod plot;
mod search;
mod space;
pub mod svg;
mod trial;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use front::Goal;
pub use learn::{LearnOptions, Learned, learn};
pub use plot::plot;
pub(crate) use search::Job;

use crate::pipeline::{self, Outcome};
use crate::raster::Decoded;

/// What to search for, and how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// How each trial is converted.
    pub pipeline: pipeline::Options,
    /// What to take from the front. With no goal it is the trace that is worth most (a file twice the size
    /// must be better by 0.007), but none that looks worse than what `convert` would write at its best.
    pub goal: Goal,
    /// Without a goal, quality below which only quality counts, in [0, 1].
    pub floor: f64,
    /// Wall time for the whole search.
    pub time: Duration,
    /// Most SVGs to write and score; one trace gives two to seven of them.
    pub trials: usize,
    /// The ways in which traces on the front are shrunk, the most careful first; none: not at all.
    pub shrink: Vec<svg::Options>,
    /// Whether the candidates that an engine names are enough, where it names any.
    pub candidates: bool,
    /// Seed of the random part.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pipeline: pipeline::Options::default(),
            goal: Goal::default(),
            floor: 0.0,
            time: Duration::from_secs(10),
            trials: 2000,
            shrink: svg::Options::default().and_looser(),
            candidates: false,
            seed: 1,
        }
    }
}

/// Quality that is good enough for the best tier: what scores this is hard to tell from its source, and bytes
/// matter more.
const GOOD_QUALITY: f64 = 0.99;

/// Trials of the best tier: some twenty traces.
const BEST_TIER_TRIALS: usize = 60;

impl Options {
    /// The choice among candidates, or short search, of the best tier.
    pub(crate) fn for_best_tier() -> Self {
        Self { trials: BEST_TIER_TRIALS, floor: GOOD_QUALITY, shrink: Vec::new(), candidates: true, ..Self::default() }
    }
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// SVGs that were tried.
    pub trials: usize,
    /// Quality of the one that would be taken now.
    pub quality: f64,
    /// Bytes of it.
    pub bytes: u64,
    /// Traces that nothing beats.
    pub front: usize,
    /// Time until the budget ends.
    pub left: Option<Duration>,
}

/// Told how a search gets on.
pub trait Observer {
    /// More traces were tried.
    fn tried(&self, progress: Progress);
}

/// Nobody is told.
impl Observer for () {
    fn tried(&self, _: Progress) {}
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Searched {
    /// The trace that was asked for. Failures are in the report, which holds every trial.
    pub outcome: Outcome,
    /// The SVGs of the front, in the order of the report's.
    pub front: Vec<String>,
}

/// Searches for the best traces of `decoded`.
pub fn search(decoded: &Decoded, options: &Options, stop: &Arc<AtomicBool>, observer: &dyn Observer) -> Searched {
    let mut job = Job { observer, ..Job::new(options) };
    let outcome = pipeline::convert_with(decoded, &options.pipeline, Some(&mut job), stop);
    Searched { outcome, front: job.front }
}
