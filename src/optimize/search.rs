//! Which traces are tried, and when to stop.
//!
//! Coordinate descent over the values that the engine's table marks as worth trying
//! ([`crate::trace::OptionSpec::tries`]), most influential option first, then seeded random changes
//! of two or three options at a time around the best trace so far. Trials of one wave run in
//! parallel and are judged in a fixed order, so the result depends on the seed and the number of
//! trials, not on the threads (a time budget that ends the search is the one exception).

use std::collections::BTreeSet;
use std::time::Instant;

use rayon::prelude::*;

use super::front::{Front, Member};
use super::{Observer, Options, Progress};
use crate::classify::Class;
use crate::pipeline::{self, Candidate, attempt};
use crate::raster::Decoded;
use crate::report::{Attempt, FrontPoint, SearchReport, StageTimes};
use crate::score::{MetricSet, Reference};
use crate::trace::{Budget, Engine, OptionSpec, Parameters};

/// Random waves in a row that leave the front as it is after which the search ends.
const PATIENCE: usize = 4;

/// Trials of a random wave. Fixed, so that the result does not depend on the number of threads.
const WAVE: usize = 6;

/// A search that is to be done, and the drawings that it leaves.
pub(crate) struct Job<'a> {
    pub(crate) options: &'a Options,
    pub(crate) observer: &'a dyn Observer,
    /// SVGs of the front.
    pub(crate) front: Vec<String>,
}

/// What a search found.
pub(crate) struct Found {
    pub(crate) best: Option<Candidate>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) times: StageTimes,
    pub(crate) report: SearchReport,
}

struct Search<'a> {
    decoded: &'a Decoded,
    reference: &'a Reference<'a>,
    engine: &'static dyn Engine,
    options: &'a Options,
    observer: &'a dyn Observer,
    budget: Budget,
    /// Quality of the best preset: without a goal, nothing below it is taken.
    floor: f64,
    front: Front,
    attempts: Vec<Attempt>,
    times: StageTimes,
    seen: BTreeSet<String>,
}

/// Why the trials ended.
enum End {
    Trials,
    Time,
    Stopped,
}

impl<'a> Job<'a> {
    /// A search that nobody watches.
    pub(crate) fn new(options: &'a Options) -> Self {
        Self { options, observer: &(), front: Vec::new() }
    }

    /// Searches with `engine`, starting from its presets for `class`; with the `other` one where its preset
    /// does better than those.
    pub(crate) fn run(
        &mut self,
        decoded: &Decoded,
        class: Class,
        engine: &'static dyn Engine,
        other: Option<&'static dyn Engine>,
        budget: &Budget,
    ) -> Found {
        let start = Instant::now();
        let reference = Reference::new(&decoded.raster, MetricSet::Basic);
        let mut search = Search {
            decoded,
            reference: &reference,
            engine,
            options: self.options,
            observer: self.observer,
            budget: budget.clone(),
            floor: 0.0,
            front: Front::default(),
            attempts: Vec::new(),
            times: StageTimes { score_ms: start.elapsed().as_secs_f64() * 1e3, ..Default::default() },
            seen: BTreeSet::new(),
        };
        let ended = match search.all_waves(class, other) {
            Ok(()) => format!("{PATIENCE} random waves in a row found nothing for the front"),
            Err(End::Trials) => format!("all {} trials were used", self.options.trials),
            Err(End::Time) => "the time budget ended".into(),
            Err(End::Stopped) => "it was stopped by the user".into(),
        };
        let best = search.pick().cloned();
        let kept = best.as_ref().map_or(usize::MAX, |b| b.trial);
        let shown = search.front.thinned(kept);
        self.front = shown.iter().map(|m| m.candidate.svg.clone()).collect();
        let front = shown.into_iter().map(|m| FrontPoint {
            attempt: m.trial + 1,
            quality: m.candidate.quality(),
            bytes: m.bytes(),
            nodes: m.nodes(),
            chosen: m.trial == kept,
            file: None,
        });
        let report = SearchReport {
            seed: self.options.seed,
            target: self.options.goal.target,
            max_bytes: self.options.goal.max_bytes,
            trials: search.attempts.len(),
            seconds: start.elapsed().as_secs_f64(),
            ended,
            front: front.collect(),
        };
        Found { best: best.map(|m| m.candidate), attempts: search.attempts, times: search.times, report }
    }
}

impl Search<'_> {
    fn all_waves(&mut self, class: Class, other: Option<&'static dyn Engine>) -> Result<(), End> {
        let mut preset = self.with_user_options(self.engine.preset(class));
        let finer = self.with_user_options(self.engine.finer_preset(class));
        self.wave(vec![
            (preset.clone(), format!("the preset for {class} pictures")),
            (finer, format!("the finer preset for {class} pictures")),
        ])?;
        let below = |best: Option<&Member>| best.is_none_or(|b| b.candidate.quality() < pipeline::RETRY_BELOW);
        if let Some(other) = other.filter(|_| below(self.pick())) {
            let first = std::mem::replace(&mut self.engine, other);
            let trial = self.with_user_options(other.preset(class));
            self.wave(vec![(trial.clone(), format!("the {} engine instead", other.name()))])?;
            if self.pick().is_some_and(|best| best.candidate.engine == other.name()) {
                preset = trial;
            } else {
                self.engine = first;
            }
        }
        if let Some(why) = self.pick().and_then(|b| pipeline::cells_instead(&self.decoded.raster, &b.candidate)) {
            let cells = self.with_user_options(self.engine.preset(Class::PixelArt));
            // An engine without cells of its own has the same preset for all classes.
            self.wave(vec![(cells, why)])?;
        }
        self.floor = self.pick().map_or(0.0, |m| m.candidate.quality());
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

    /// What would be taken now.
    fn pick(&self) -> Option<&Member> {
        self.front.pick(self.options.goal, self.floor)
    }

    fn with_user_options(&self, preset: Parameters) -> Parameters {
        // Checked by `pipeline::Options::check` before any work started.
        self.options.pipeline.apply(preset.clone()).unwrap_or(preset)
    }

    fn base(&self, preset: &Parameters) -> Parameters {
        // The one to go on from must be of the engine whose options are tried.
        let own = self.pick().filter(|m| m.candidate.engine == self.engine.name());
        own.map_or_else(|| preset.clone(), |m| m.candidate.parameters.clone())
    }

    /// Tries all of `trials` that were not tried before; whether the front changed.
    fn wave(&mut self, mut trials: Vec<(Parameters, String)>) -> Result<bool, End> {
        let engine = self.engine;
        trials.retain(|(p, _)| self.seen.insert(format!("{} {:?}", engine.name(), p.to_json())));
        let left = self.options.trials.saturating_sub(self.attempts.len());
        let cut = trials.len() > left;
        trials.truncate(left);
        let results: Vec<_> = trials
            .into_par_iter()
            .map(|(parameters, why)| {
                // The first trial always runs: a budget that is too short must not leave nothing.
                (!self.budget.is_over() || self.front.members().is_empty()).then(|| {
                    attempt(
                        &self.decoded.raster,
                        Some(self.reference),
                        engine,
                        &parameters,
                        why,
                        &self.options.pipeline,
                        &self.budget,
                        Some(self.decoded.source.bytes),
                    )
                })
            })
            .collect();
        let mut changed = false;
        for (attempt, candidate) in results.into_iter().flatten() {
            self.attempts.push(attempt);
            let Some(candidate) = candidate else { continue };
            self.times.trace_ms += candidate.times.trace_ms;
            self.times.write_ms += candidate.times.write_ms;
            self.times.score_ms += candidate.times.score_ms;
            changed |= self.front.offer(candidate, self.attempts.len() - 1);
        }
        if let Some(best) = self.pick() {
            self.observer.tried(Progress {
                trials: self.attempts.len(),
                quality: best.candidate.quality(),
                bytes: best.bytes(),
                front: self.front.members().len(),
                left: self.budget.left(),
            });
        }
        match () {
            () if self.budget.is_stopped() => Err(End::Stopped),
            () if self.budget.is_over() => Err(End::Time),
            () if cut || self.attempts.len() >= self.options.trials => Err(End::Trials),
            () => Ok(changed),
        }
    }
}
