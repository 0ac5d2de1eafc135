//! Which traces are tried, and when to stop.
//!
//! 1. *Starts*: the presets of the routed engine for the class and what the best tier chooses among; those of the
//!    other engine where these do badly.
//! 2. *Steps*: every option of the best so far a step up and a step down, in the order of the engine's
//!    table, the most influential first.
//! 3. *Walk*: waves of small random changes. Half start from the trace that would be taken now, half from
//!    any on the front; which option is turned is drawn by how often turning it has won a place there.
//!
//! The best tier of `convert` has no time for that: where the engine names its candidates, those are traced, and the
//! smallest of the best is taken.
//!
//! A first look is had at each with little refinement. When nothing beats it among first looks, it is traced
//! in full and written in more ways (`trial`). Traces of a wave run in parallel and are judged in a fixed
//! order, so the result depends on the seed and the number of trials, not on the threads (a time budget
//! that ends the search is the one exception).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use fastrand::Rng;
use rayon::prelude::*;
use serde_json::Value;

use super::front::{self, Front, Member};
use super::memo::Memo;
use super::space::{self, Knob};
use super::trial::{Plan, Scored, Tracer};
use super::{Observer, Options, Progress};
use crate::classify::Class;
use crate::document::WriteOptions;
use crate::pipeline::{self, Candidate, Measuring};
use crate::raster::Decoded;
use crate::report::{Attempt, FrontPoint, SearchReport, StageTimes};
use crate::score::{MetricSet, Reference};
use crate::trace::{Budget, Engine, Parameters, route};

/// Traces of a wave. Fixed, so that the result does not depend on the number of threads; enough for those
/// that a desktop has.
const WAVE: usize = 8;

/// Waves in a row that leave the front as it is after which the search ends.
const PATIENCE: usize = 12;

/// How often a change that was tried already is drawn again before the wave goes without it.
const REDRAWS: usize = 12;

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

/// An engine at work on the picture, and what can be changed about it.
struct Side<'a> {
    engine: &'static dyn Engine,
    tracer: Tracer<'a>,
    knobs: Vec<Knob>,
}

struct Search<'a> {
    decoded: &'a Decoded,
    options: &'a Options,
    observer: &'a dyn Observer,
    budget: Budget,
    /// Quality that is to be reached where there is no goal: what looks like that which `convert` would write at its best.
    floor: f64,
    /// Quality and bytes of that.
    base: Option<(f64, u64)>,
    front: Front,
    /// The front of first looks alone: a trace that has not been shrunk is not held against ones that have.
    plain: Front,
    attempts: Vec<Attempt>,
    /// What each attempt is of, in full.
    meant: Vec<Parameters>,
    traces: usize,
    times: StageTimes,
    /// Traces that were tried, and those that were looked at.
    seen: BTreeSet<String>,
    looked_at: BTreeSet<String>,
    rng: Rng,
}

/// What was done to the end.
enum Done {
    Candidates,
    Walk,
}

/// Why the trials ended before that.
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

    /// Searches with `engine`, starting from its presets for `class`, and with the `other` one where it does
    /// better.
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
        let measuring = Measuring { reference: Some(&reference), source_bytes: Some(decoded.source.bytes) };
        let mut search = Search {
            decoded,
            options: self.options,
            observer: self.observer,
            budget: budget.clone(),
            floor: self.options.floor,
            base: None,
            front: Front::default(),
            plain: Front::default(),
            attempts: Vec::new(),
            meant: Vec::new(),
            traces: 0,
            times: StageTimes { score_ms: start.elapsed().as_secs_f64() * 1e3, ..Default::default() },
            seen: BTreeSet::new(),
            looked_at: BTreeSet::new(),
            rng: Rng::with_seed(self.options.seed),
        };
        let engines: Vec<&'static dyn Engine> = std::iter::once(engine).chain(other).collect();
        let sessions: Vec<_> = engines.iter().map(|e| e.session(&decoded.raster)).collect();
        let shown = (decoded.source.width, decoded.source.height);
        let fixed = |name: &str| self.options.pipeline.engine_options.iter().any(|(n, _)| n == name);
        let side = |engine: &'static dyn Engine, session| Side {
            engine,
            tracer: Tracer {
                engine: engine.name(),
                session,
                measuring,
                write: WriteOptions { shown: Some(shown), ..self.options.pipeline.write },
                shrink: &self.options.shrink,
                memo: Memo::default(),
            },
            knobs: space::knobs(engine, fixed),
        };
        let mut sides: Vec<Side> = engines.iter().zip(&sessions).map(|(e, s)| side(*e, &**s)).collect();
        let (cells, _) = route(Class::PixelArt);
        let cells_session = cells.session(&decoded.raster);
        let mut cells = side(cells, &*cells_session);
        let ended = match search.all_waves(class, &mut sides, &mut cells) {
            Ok(Done::Candidates) => "all candidates were tried".into(),
            Ok(Done::Walk) => format!("{PATIENCE} waves in a row found nothing for the front"),
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
            traces: search.traces,
            seconds: start.elapsed().as_secs_f64(),
            ended,
            front: front.collect(),
        };
        Found { best: best.map(|m| m.candidate), attempts: search.attempts, times: search.times, report }
    }
}

impl Search<'_> {
    /// `cells` stands by for pictures so small that anything but their pixels loses them.
    fn all_waves(&mut self, class: Class, sides: &mut [Side], cells: &mut Side) -> Result<Done, End> {
        let candidates = if self.options.candidates { self.candidates(class, &sides[0]) } else { Vec::new() };
        let alone = !candidates.is_empty();
        if alone {
            self.compare(&sides[0], candidates)?;
        } else {
            self.starts(class, &mut sides[0])?;
        }
        let mut joined = 1;
        // At once where the first does badly, else when the steps are done.
        let below = self.pick().is_none_or(|b| b.candidate.quality() < pipeline::RETRY_BELOW);
        if below && sides.len() > 1 {
            self.starts(class, &mut sides[1])?;
            joined = 2;
        }
        if let Some(why) = self.pick().and_then(|b| pipeline::cells_instead(&self.decoded.raster, &b.candidate)) {
            let plan = |search: &Self, engine: &dyn Engine| {
                // An engine without cells of its own has the same preset for all classes.
                let parameters = search.with_user_options(engine.preset(Class::PixelArt));
                vec![Plan { parameters, why: why.clone(), turned: Vec::new(), sure: true }]
            };
            for side in &mut *sides {
                self.wave(side, plan(self, side.engine))?;
            }
            self.wave(cells, plan(self, cells.engine))?;
        }
        if alone {
            let figures = self.front.members().iter().map(|m| (m.candidate.quality(), m.bytes()));
            self.floor = closest(figures).map_or(0.0, |(quality, _)| quality);
            return Ok(Done::Candidates);
        }
        for side in &mut sides[..joined] {
            self.more_starts(class, side)?;
        }
        let best = self.pick().and_then(|m| sides.iter().position(|s| s.engine.name() == m.candidate.engine));
        self.steps(&mut sides[best.unwrap_or(0)])?;
        if joined < sides.len() {
            self.starts(class, &mut sides[1])?;
            self.more_starts(class, &mut sides[1])?;
        }
        self.walk(sides)?;
        Ok(Done::Walk)
    }

    /// What the best tier chooses among.
    fn candidates(&self, class: Class, side: &Side) -> Vec<Plan> {
        let engine = side.engine;
        let mut all = engine.candidates(class);
        if !all.is_empty() {
            all.extend(self.learned(class, engine));
        }
        let plan = |(parameters, what): (Parameters, &str)| Plan {
            parameters: self.with_user_options(parameters),
            why: format!("{what}, {} for {class} pictures", engine.name()),
            turned: Vec::new(),
            sure: true,
        };
        all.into_iter().map(plan).collect()
    }

    /// Traces each of `plans` as it is.
    fn compare(&mut self, side: &Side, mut plans: Vec<Plan>) -> Result<(), End> {
        plans.retain(|p| self.seen.insert(name_of(side.engine, &p.parameters)));
        let budget = &self.budget;
        // The first always runs, as in a wave.
        let trace = |(n, plan): (usize, &Plan)| (n == 0 || !budget.is_over()).then(|| side.tracer.plain(plan, budget));
        let traced: Vec<Option<Scored>> = plans.par_iter().enumerate().map(trace).collect();
        for (plan, scored) in plans.into_iter().zip(traced) {
            scored.map(|scored| self.take(&plan, scored, false));
        }
        self.ended()
    }

    /// What the best tier chooses among, or the preset of an engine that names nothing: what `convert` writes at its
    /// best. A short budget is best spent on these.
    fn starts(&mut self, class: Class, side: &mut Side) -> Result<(), End> {
        let engine = side.engine;
        let mut candidates = engine.candidates(class);
        if candidates.is_empty() {
            candidates.push((engine.preset(class), "the preset"));
        }
        let presets = self.learned(class, engine).into_iter().chain(candidates);
        let plans: Vec<Plan> = presets.map(|start| self.start(class, engine, start)).collect();
        let written: Vec<_> = plans.iter().map(|p| p.parameters.changes()).collect();
        let ended = self.wave(side, plans);
        let found = self.written_by_convert(engine, &written);
        // As in `convert`, another engine has to be better: a smaller file alone does not lower what is to be reached.
        let better = self.base.is_none_or(|(base, _)| found.is_some_and(|(quality, _)| quality > base));
        if better && worth(found) > worth(self.base) {
            self.base = found;
            self.floor = self.options.floor.max(found.map_or(0.0, |(quality, _)| quality - front::SAME_QUALITY));
        }
        ended.map(drop)
    }

    /// The presets of an engine.
    fn more_starts(&mut self, class: Class, side: &mut Side) -> Result<(), End> {
        let engine = side.engine;
        let more = [
            (engine.preset(class), "the preset"),
            (engine.finer_preset(class), "the finer preset"),
            (engine.fast_preset(class), "the fast preset"),
        ];
        let plans = more.map(|start| self.start(class, engine, start)).into();
        self.wave(side, plans).map(drop)
    }

    /// A preset, which is traced in full whatever comes of a first look.
    fn start(&self, class: Class, engine: &dyn Engine, (preset, what): (Parameters, &str)) -> Plan {
        Plan {
            parameters: self.with_user_options(preset),
            why: format!("{what} of {} for {class} pictures", engine.name()),
            turned: Vec::new(),
            sure: true,
        }
    }

    /// Quality and bytes of what `convert` would write at its best, of those with one of these parameters: the one
    /// closest to perfect.
    fn written_by_convert(&self, engine: &dyn Engine, parameters: &[BTreeMap<String, Value>]) -> Option<(f64, u64)> {
        let as_it_is = |a: &&Attempt| a.engine == engine.name() && parameters.contains(&a.parameters);
        closest(self.attempts.iter().filter(as_it_is).filter_map(|a| Some((a.quality?, a.bytes?))))
    }

    /// The preset of the user's own.
    fn learned(&self, class: Class, engine: &dyn Engine) -> Option<(Parameters, &'static str)> {
        let own = self.options.pipeline.learned(class, engine)?;
        // Checked when it was read.
        own.on(engine.preset(class)).ok().map(|own| (own, "the preset of --presets"))
    }

    /// Every option a step up and a step down from the best so far.
    fn steps(&mut self, side: &mut Side) -> Result<(), End> {
        for some in 0..side.knobs.len().div_ceil(WAVE / 2) {
            let from = some * (WAVE / 2);
            let Some(base) = self.pick().filter(|m| m.candidate.engine == side.engine.name()).cloned() else { break };
            let mut plans = Vec::new();
            for (i, knob) in side.knobs.iter().enumerate().skip(from).take(WAVE / 2) {
                for value in knob.neighbours(&self.meant[base.trial]) {
                    plans.push(self.changed(&base, &[(i, knob.name, value)]));
                }
            }
            self.wave(side, plans)?;
        }
        Ok(())
    }

    /// Random changes until nothing comes of them.
    fn walk(&mut self, sides: &mut [Side]) -> Result<(), End> {
        let mut idle = 0;
        while idle < PATIENCE {
            let mut plans: Vec<Vec<Plan>> = sides.iter().map(|_| Vec::new()).collect();
            for slot in 0..WAVE {
                for _ in 0..REDRAWS {
                    let Some((side, plan)) = self.draw(sides, slot % 2 == 0) else { break };
                    if !self.seen.contains(&name_of(sides[side].engine, &plan.parameters))
                        && !plans[side].iter().any(|p| p.parameters == plan.parameters)
                    {
                        plans[side].push(plan);
                        break;
                    }
                }
            }
            let mut won = false;
            for (side, plans) in sides.iter_mut().zip(plans) {
                won |= self.wave(side, plans)?;
            }
            idle = if won { 0 } else { idle + 1 };
        }
        Ok(())
    }

    /// A change of a trace of the front, and the side that it is of.
    fn draw(&mut self, sides: &[Side], from_best: bool) -> Option<(usize, Plan)> {
        let any = self.rng.usize(..self.plain.members().len().max(1));
        let member = if from_best { self.pick() } else { self.plain.members().get(any) }?.clone();
        let side = sides.iter().position(|s| s.engine.name() == member.candidate.engine)?;
        let knobs = &sides[side].knobs;
        let mut turns = Vec::new();
        // Two of three changes are of one option.
        for _ in 0..1 + usize::from(self.rng.usize(..3) == 0) {
            let i = space::draw(knobs, &mut self.rng)?;
            if let Some(value) = knobs[i].turn(&self.meant[member.trial], &mut self.rng) {
                turns.push((i, knobs[i].name, value));
            }
        }
        Some((side, self.changed(&member, &turns)))
    }

    /// What would be taken now.
    fn pick(&self) -> Option<&Member> {
        self.front.pick(self.options.goal, self.floor)
    }

    fn with_user_options(&self, preset: Parameters) -> Parameters {
        // Checked by `pipeline::Options::check` before any work started.
        self.options.pipeline.apply(preset.clone()).unwrap_or(preset)
    }

    /// Tries all of `plans` that were not tried before; whether the front changed.
    fn wave(&mut self, side: &mut Side, mut plans: Vec<Plan>) -> Result<bool, End> {
        plans.retain(|p| self.seen.insert(name_of(side.engine, &p.parameters)));
        // Every trace is at least one trial.
        plans.truncate(self.left());
        // Of two that differ in their work only, one look will do.
        let new = |p: &Plan| self.looked_at.insert(name_of(side.engine, &p.quick()));
        let new: Vec<bool> = plans.iter().map(new).collect();
        let nothing_yet = self.front.members().is_empty();
        let (tracer, budget) = (&side.tracer, &self.budget);
        // The first trace always runs: a budget that is too short must not leave nothing.
        let look = |(plan, new): (&Plan, &bool)| {
            (*new && (!budget.is_over() || nothing_yet)).then(|| tracer.first(plan, budget))
        };
        let looks: Vec<Option<Scored>> = plans.par_iter().zip(&new).map(look).collect();
        let mut any = false;
        let mut worth = Vec::new();
        for ((plan, new), look) in plans.into_iter().zip(new).zip(looks) {
            let won = look.is_some_and(|scored| self.take(&plan, scored, true));
            any |= won;
            if won || plan.sure || !new {
                worth.push(plan);
            } else {
                plan.turned.iter().for_each(|knob| side.knobs[*knob].note(false));
            }
        }
        let (tracer, budget) = (&side.tracer, &self.budget);
        let whole: Vec<Option<Scored>> =
            worth.par_iter().map(|plan| (!budget.is_over()).then(|| tracer.second(plan, budget))).collect();
        for (plan, scored) in worth.into_iter().zip(whole) {
            let won = scored.is_some_and(|scored| self.take(&plan, scored, false));
            any |= won;
            plan.turned.iter().for_each(|knob| side.knobs[*knob].note(won));
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
        self.ended().map(|()| any)
    }

    /// Whether the budget has ended.
    fn ended(&self) -> Result<(), End> {
        match () {
            () if self.budget.is_stopped() => Err(End::Stopped),
            () if self.budget.is_over() => Err(End::Time),
            () if self.left() == 0 => Err(End::Trials),
            () => Ok(()),
        }
    }

    /// Trials that are left.
    fn left(&self) -> usize {
        self.options.trials.saturating_sub(self.attempts.len())
    }

    /// Notes trials of `plan`, as many as are left; whether nothing beats one of them, among first looks or
    /// among all.
    fn take(&mut self, plan: &Plan, scored: Scored, first: bool) -> bool {
        // What the end of the budget cut short is not what its parameters would give.
        if self.budget.is_over() && !self.front.members().is_empty() {
            return false;
        }
        self.traces += 1;
        let mut won = false;
        for (attempt, candidate) in scored {
            if self.left() == 0 {
                break;
            }
            self.attempts.push(attempt);
            self.meant.push(plan.parameters.clone());
            let Some(candidate) = candidate else { continue };
            self.times.trace_ms += candidate.times.trace_ms;
            self.times.write_ms += candidate.times.write_ms;
            self.times.score_ms += candidate.times.score_ms;
            let trial = self.attempts.len() - 1;
            won |= first && self.plain.offer(candidate.clone(), trial);
            let on_front = self.front.offer(candidate, trial);
            won |= on_front && !first;
        }
        won
    }

    /// The trace of `member` with some options turned.
    fn changed(&self, member: &Member, turns: &[(usize, &'static str, &'static str)]) -> Plan {
        let mut parameters = self.meant[member.trial].clone();
        let before = parameters.to_json();
        let mut words = Vec::new();
        for (_, name, value) in turns {
            parameters = parameters.with(&[(name, value)]);
            let old =
                before.get(*name).map_or_else(String::new, |v| v.as_str().map_or_else(|| v.to_string(), Into::into));
            words.push(format!("{name} {} → {value}", old.trim_end_matches(".0")));
        }
        Plan {
            parameters,
            why: format!("{} of trial {}", words.join(" and "), member.trial + 1),
            turned: turns.iter().map(|(i, ..)| *i).collect(),
            sure: false,
        }
    }
}

/// Quality and bytes of the careful trace that is closest to perfect; of equals the first.
fn closest(figures: impl Iterator<Item = (f64, u64)>) -> Option<(f64, u64)> {
    figures.min_by(|a, b| front::shortfall(a.0, a.1).total_cmp(&front::shortfall(b.0, b.1)))
}

/// What quality and bytes are worth.
fn worth(figures: Option<(f64, u64)>) -> f64 {
    figures.map_or(f64::NEG_INFINITY, |(quality, bytes)| front::worth(quality, bytes))
}

/// What tells one trace from all others.
fn name_of(engine: &dyn Engine, parameters: &Parameters) -> String {
    format!("{} {:?}", engine.name(), parameters.to_json())
}
