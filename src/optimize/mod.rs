//! Search for the best trace of one picture under a budget.
//!
//! Coordinate descent over the values that the engine's table marks as worth trying
//! ([`crate::trace::OptionSpec::tries`]), most influential option first, then seeded random changes
//! of two or three options at a time around the best trace so far. Trials of one wave run in
//! parallel and are judged in a fixed order, so the result depends on the seed and the number of
//! trials, not on the threads (a time budget that ends the search is the one exception).
//!
//! A trace is better when it reaches the target and the other does not; when both do, with fewer
//! bytes; when neither does, with higher quality. Without a target the quality of the tier's own
//! trace is what must be reached, so the search never ends below where it began.
//!
//! [`svg`] is the other half: an SVG that exists, in fewer bytes.

pub mod svg;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::classify::Class;
use crate::pipeline::{self, Candidate, Outcome, attempt};
use crate::raster::Decoded;
use crate::report::{Attempt, StageTimes};
use crate::score::{MetricSet, Reference};
use crate::trace::{Budget, Engine, OptionSpec, Parameters};

/// What to search for, and how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// How each trial is converted.
    pub pipeline: pipeline::Options,
    /// Quality to reach, in [0, 1]; `None`: as high as it gets.
    pub target: Option<f64>,
    /// Wall time for the whole search.
    pub time: Duration,
    /// Most traces to try.
    pub trials: usize,
    /// Seed of the random part.
    pub seed: u64,
}

/// Quality that counts as reached when the user names none: a trace that scores this is hard to
/// tell from its source, and bytes matter more.
pub const GOOD_QUALITY: f64 = 0.99;

impl Default for Options {
    fn default() -> Self {
        Self {
            pipeline: pipeline::Options::default(),
            target: None,
            time: Duration::from_secs(10),
            trials: 100,
            seed: 1,
        }
    }
}

impl Options {
    /// The short search of the best tier.
    pub(crate) fn for_best_tier() -> Self {
        Self { trials: 24, ..Self::default() }
    }
}

/// Random waves in a row without a better trace after which the search ends.
const PATIENCE: usize = 4;

/// Trials of a random wave. Fixed, so that the result does not depend on the number of threads.
const WAVE: usize = 6;

/// What a search found.
pub(crate) struct Found {
    pub(crate) best: Option<Candidate>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) times: StageTimes,
    pub(crate) warnings: Vec<String>,
}

/// Searches for the best trace of `decoded`. Failures are in the report, which holds every trial.
pub fn search(decoded: &Decoded, options: &Options, stop: &Arc<AtomicBool>) -> Outcome {
    pipeline::convert_with(decoded, &options.pipeline, Some(options), stop)
}

struct Search<'a> {
    decoded: &'a Decoded,
    reference: &'a Reference<'a>,
    engine: &'static dyn Engine,
    options: &'a Options,
    budget: Budget,
    floor: f64,
    best: Option<Candidate>,
    found: Found,
    seen: BTreeSet<String>,
}

/// Why the trials ended.
enum End {
    Trials,
    Time,
    Stopped,
}

/// Searches with `engine`, starting from its presets for `class`; with the `other` one where its preset does
/// better than those.
pub(crate) fn search_with(
    decoded: &Decoded,
    class: Class,
    engine: &'static dyn Engine,
    other: Option<&'static dyn Engine>,
    options: &Options,
    budget: &Budget,
) -> Found {
    let start = Instant::now();
    let reference = Reference::new(&decoded.raster, MetricSet::Basic);
    let mut search = Search {
        decoded,
        reference: &reference,
        engine,
        options,
        budget: budget.clone(),
        floor: options.target.unwrap_or(GOOD_QUALITY),
        best: None,
        found: Found {
            best: None,
            attempts: Vec::new(),
            times: StageTimes { score_ms: start.elapsed().as_secs_f64() * 1e3, ..Default::default() },
            warnings: Vec::new(),
        },
        seen: BTreeSet::new(),
    };
    let why = match search.all_waves(class, other) {
        Ok(()) => format!("{PATIENCE} random waves in a row found nothing better"),
        Err(End::Trials) => format!("all {} trials were used", options.trials),
        Err(End::Time) => "the time budget ended".into(),
        Err(End::Stopped) => "it was stopped by the user".into(),
    };
    let n = search.found.attempts.len();
    search.found.warnings.push(format!("search ended after {n} trials: {why}"));
    search.found.best = search.best;
    search.found
}

impl Search<'_> {
    fn all_waves(&mut self, class: Class, other: Option<&'static dyn Engine>) -> Result<(), End> {
        let mut preset = self.with_user_options(self.engine.preset(class));
        let finer = self.with_user_options(self.engine.finer_preset(class));
        self.wave(vec![
            (preset.clone(), format!("the preset for {class} pictures")),
            (finer, format!("the finer preset for {class} pictures")),
        ])?;
        if let Some(other) = other.filter(|_| self.best.as_ref().is_none_or(|b| b.quality() < pipeline::RETRY_BELOW)) {
            let first = std::mem::replace(&mut self.engine, other);
            let trial = self.with_user_options(other.preset(class));
            let won = self.wave(vec![(trial.clone(), format!("the {} engine instead", other.name()))])?;
            if won {
                preset = trial;
            } else {
                self.engine = first;
            }
        }
        if let Some(why) = self.best.as_ref().and_then(|b| pipeline::cells_instead(&self.decoded.raster, b)) {
            let cells = self.with_user_options(self.engine.preset(Class::PixelArt));
            // An engine without cells of its own has the same preset for all classes.
            self.wave(vec![(cells, why)])?;
        }
        if self.options.target.is_none()
            && let Some(first) = &self.best
        {
            self.floor = self.floor.max(first.quality());
        }
        let fixed = |name: &str| self.options.pipeline.engine_options.iter().any(|(n, _)| n == name);
        let specs: Vec<&'static OptionSpec> =
            self.engine.options().iter().filter(|s| !s.tries.is_empty() && !fixed(s.name)).collect();
        for spec in &specs {
            let base = self.base(&preset);
            let trials = spec
                .tries
                .iter()
                .map(|value| (base.clone().with(&[(spec.name, *value)]), format!("{} = {value} instead", spec.name)));
            self.wave(trials.collect())?;
        }
        let mut rng = fastrand::Rng::with_seed(self.options.seed);
        let mut idle = 0;
        while idle < PATIENCE && !specs.is_empty() {
            let base = self.base(&preset);
            let trials = (0..WAVE).map(|_| {
                let mut changed = base.clone();
                for _ in 0..rng.usize(2..=3) {
                    let spec = specs[rng.usize(..specs.len())];
                    changed = changed.with(&[(spec.name, spec.tries[rng.usize(..spec.tries.len())])]);
                }
                (changed, "a random change of the best so far".to_string())
            });
            let trials = trials.collect();
            idle = if self.wave(trials)? { 0 } else { idle + 1 };
        }
        Ok(())
    }

    fn with_user_options(&self, preset: Parameters) -> Parameters {
        // Checked by `pipeline::Options::check` before any work started.
        self.options.pipeline.apply(preset.clone()).unwrap_or(preset)
    }

    fn base(&self, preset: &Parameters) -> Parameters {
        self.best.as_ref().map_or_else(|| preset.clone(), |b| b.parameters.clone())
    }

    /// Tries all of `trials` that were not tried before; whether one of them is the best now.
    fn wave(&mut self, mut trials: Vec<(Parameters, String)>) -> Result<bool, End> {
        trials.retain(|(p, _)| self.seen.insert(format!("{:?}", p.to_json())));
        let left = self.options.trials.saturating_sub(self.found.attempts.len());
        let cut = trials.len() > left;
        trials.truncate(left);
        let results: Vec<_> = trials
            .into_par_iter()
            .map(|(parameters, why)| {
                // The first trial always runs: a budget that is too short must not leave nothing.
                (!self.budget.is_over() || self.best.is_none()).then(|| {
                    attempt(
                        &self.decoded.raster,
                        Some(self.reference),
                        self.engine,
                        &parameters,
                        why,
                        &self.options.pipeline,
                        &self.budget,
                        Some(self.decoded.source.bytes),
                    )
                })
            })
            .collect();
        let mut improved = false;
        for (attempt, candidate) in results.into_iter().flatten() {
            self.found.attempts.push(attempt);
            let Some(candidate) = candidate else { continue };
            self.found.times.trace_ms += candidate.times.trace_ms;
            self.found.times.write_ms += candidate.times.write_ms;
            self.found.times.score_ms += candidate.times.score_ms;
            if self.best.as_ref().is_none_or(|b| self.better(&candidate, b)) {
                self.best = Some(candidate);
                improved = true;
            }
        }
        match () {
            () if self.budget.is_stopped() => Err(End::Stopped),
            () if self.budget.is_over() => Err(End::Time),
            () if cut || self.found.attempts.len() >= self.options.trials => Err(End::Trials),
            () => Ok(improved),
        }
    }

    fn better(&self, a: &Candidate, b: &Candidate) -> bool {
        match (a.quality() >= self.floor, b.quality() >= self.floor) {
            (true, true) => a.svg.len() < b.svg.len(),
            (false, false) => a.quality() > b.quality(),
            (reached, _) => reached,
        }
    }
}
