//! One picture from pixels to a measured SVG: classify → route → trace → write → score → report.
//!
//! [`convert`] works on a decoded raster; [`convert_file`] adds reading and writing, and never
//! lets a failure out: whatever happens is in the [`ItemReport`]. Every subcommand goes through
//! these two.
//!
//! When a trace fails the ladder is: the class preset, then the other engine, then safe parameters, then a
//! coded failure. When it scores badly, the other engine is tried too, and the better trace is kept. Every step is an [`Attempt`] in the report.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::classify::{Class, Classification, Features, classify, classify_enlarged};
use crate::document::{Document, WriteOptions, write};
use crate::output::{IfExists, deliver, exists};
use crate::presets::{Preset, Presets};
use crate::raster::{Decoded, Limits, Softening, evenly_lit, own_size};
use crate::report::host::peak_memory;
use crate::report::{Attempt, EngineUse, Failure, ItemReport, StageTimes, Status};
use crate::score::{MetricSet, Metrics, Reference, Trust};
use crate::trace::contour::before_softening;
use crate::trace::{Budget, Engine, Parameters, engine, fallback, route};
use crate::{Code, Error, Raster, Result, cloud, optimize};

/// How much time an image is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tier {
    /// One trace.
    Fast,
    /// A second trace when the first scores badly.
    #[default]
    Balanced,
    /// The best of the candidates that the engine names, or of a short search.
    Best,
}

impl Tier {
    /// Every tier, fastest first.
    pub const ALL: [Tier; 3] = [Tier::Fast, Tier::Balanced, Tier::Best];

    /// The name as written on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Fast => "fast",
            Tier::Balanced => "balanced",
            Tier::Best => "best",
        }
    }

    /// The hard deadline of an image.
    pub fn time_limit(self) -> Duration {
        Duration::from_secs(match self {
            Tier::Fast => 2,
            Tier::Balanced => 5,
            Tier::Best => 15,
        })
    }
}

/// What to do with an image.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Quality tier.
    pub tier: Tier,
    /// The class, when the user knows better.
    pub class: Option<Class>,
    /// The engine, when the user chose one.
    pub engine: Option<String>,
    /// Engine parameters that replace the preset's, as typed.
    pub engine_options: Vec<(String, String)>,
    /// Figures to measure; `None`: do not score. By default as the tier says.
    pub metrics: Scoring,
    /// How the SVG is written.
    pub write: WriteOptions,
    /// Deadline that replaces the tier's.
    pub timeout: Option<Duration>,
    /// Whether uneven light on paper is traced, and not taken out first.
    pub keep_light: bool,
    /// Limits of decoding.
    pub limits: Limits,
    /// Presets of the user's own; a class that they do not have starts from the built-in one.
    pub presets: Option<Arc<Presets>>,
}

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scoring {
    /// Basic figures, or all of them in the best tier.
    #[default]
    ByTier,
    /// No score.
    Off,
    /// This set.
    Set(MetricSet),
}

impl Options {
    /// The set of figures to measure, if any.
    pub fn metric_set(&self) -> Option<MetricSet> {
        match self.metrics {
            Scoring::Off => None,
            Scoring::Set(set) => Some(set),
            Scoring::ByTier if self.tier == Tier::Best => Some(MetricSet::Full),
            Scoring::ByTier => Some(MetricSet::Basic),
        }
    }

    /// Checks engine and engine options before any work starts.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`].
    pub fn check(&self) -> Result<()> {
        if let Some(name) = &self.engine {
            return self.apply(engine(name)?.preset(Class::Simple)).map(drop);
        }
        for (name, value) in &self.engine_options {
            // Any engine may be chosen; one of them must know the option.
            let mut last = Ok(());
            for engine in crate::trace::engines() {
                last = engine.preset(Class::Simple).set(name, value);
                if last.is_ok() {
                    break;
                }
            }
            last?;
        }
        Ok(())
    }

    /// `preset` with the user's engine options on top; where the engine was not chosen by the user, without
    /// those that it does not have.
    pub(crate) fn apply(&self, mut preset: Parameters) -> Result<Parameters> {
        for (name, value) in &self.engine_options {
            if self.engine.is_some() || preset.get(name).is_some() {
                preset.set(name, value)?;
            }
        }
        Ok(preset)
    }

    /// The user's own preset for `class` and `engine`.
    pub(crate) fn learned(&self, class: Class, engine: &dyn Engine) -> Option<&Preset> {
        self.presets.as_deref()?.get(class).filter(|p| p.is_for(engine))
    }

    /// The engine to start with, and why.
    fn routed(&self, class: Class) -> Result<(&'static dyn Engine, String)> {
        if let Some(name) = &self.engine {
            return Ok((engine(name)?, format!("chosen with --engine; its preset for {class} pictures")));
        }
        match self.presets.as_deref().and_then(|p| p.get(class)) {
            Some(preset) => {
                let engine = engine(&preset.engine)?;
                Ok((engine, format!("the {} engine with the preset of --presets for {class} pictures", engine.name())))
            }
            None => Ok(route(class)),
        }
    }

    /// The parameters to start from: `preset`, what the user's own preset for it says, and the user's engine
    /// options.
    pub(crate) fn start(&self, class: Class, engine: &dyn Engine, preset: Parameters) -> Result<Parameters> {
        let preset = self.learned(class, engine).map_or(Ok(preset.clone()), |own| own.on(preset))?;
        self.apply(preset)
    }

    /// How the traces of `engine` are written.
    fn writing(&self, class: Class, engine: &dyn Engine) -> WriteOptions {
        let own = self.learned(class, engine).and_then(|p| p.precision);
        WriteOptions { precision: self.write.precision.or(own), ..self.write }
    }

    /// The time an image may take.
    pub fn time_limit(&self) -> Duration {
        self.timeout.unwrap_or(self.tier.time_limit())
    }
}

/// A trace with everything known about it.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) svg: String,
    pub(crate) engine: &'static str,
    pub(crate) parameters: Parameters,
    pub(crate) why: String,
    /// How it was written, where that was not as the engine or the user has it.
    pub(crate) written: BTreeMap<String, Value>,
    pub(crate) metrics: Option<Metrics>,
    pub(crate) times: StageTimes,
}

impl Candidate {
    /// `svg`, a trace with `parameters`, with the figures that `measure` finds.
    ///
    /// # Errors
    /// Those of `measure`.
    pub(crate) fn of(
        svg: String,
        engine: &'static str,
        parameters: &Parameters,
        why: String,
        measure: impl FnOnce(&str) -> Result<Option<Metrics>>,
    ) -> Result<Self> {
        let mut times = StageTimes::default();
        let metrics = timed(&mut times.score_ms, || measure(&svg))?;
        let parameters = parameters.clone();
        Ok(Self { svg, engine, parameters, why, written: BTreeMap::new(), metrics, times })
    }

    /// Quality, or 0 when it was not scored.
    pub(crate) fn quality(&self) -> f64 {
        self.metrics.as_ref().map_or(0.0, |m| m.quality)
    }
}

/// What an SVG is held against.
#[derive(Clone, Copy)]
pub(crate) struct Measuring<'a> {
    /// The picture; `None`: it is not scored.
    pub(crate) reference: Option<&'a Reference<'a>>,
    /// Bytes of the source file, where known.
    pub(crate) source_bytes: Option<u64>,
}

impl Measuring<'_> {
    /// The figures of `svg`, an SVG of ours, of a picture that was `softened` after what it shows.
    ///
    /// # Errors
    /// Those of [`Reference::measure`].
    pub(crate) fn score(&self, svg: &str, softened: &[Softening]) -> Result<Option<Metrics>> {
        let measure = |r: &Reference<'_>| r.measure_softened(svg.as_bytes(), Trust::Own, self.source_bytes, softened);
        self.reference.map(measure).transpose()
    }
}

/// Traces, writes and scores once. A panic of the engine becomes a coded failure.
#[expect(clippy::too_many_arguments, reason = "everything a trial needs, used by the pipeline and the search")]
pub(crate) fn attempt(
    raster: &Raster,
    reference: Option<&Reference<'_>>,
    engine: &'static dyn Engine,
    parameters: &Parameters,
    why: String,
    writing: &WriteOptions,
    budget: &Budget,
    source_bytes: Option<u64>,
) -> (Attempt, Option<Candidate>) {
    let start = Instant::now();
    let work = || -> Result<Candidate> {
        let mut times = StageTimes::default();
        let mut document: Document = timed(&mut times.trace_ms, || engine.trace(raster, parameters, budget))?;
        let svg = timed(&mut times.write_ms, || {
            document.merge_paths();
            write(&document, writing)
        });
        let why =
            std::iter::once(why.clone()).chain(std::mem::take(&mut document.notes)).collect::<Vec<_>>().join("; ");
        let softened = std::mem::take(&mut document.softened);
        drop(document);
        let measuring = Measuring { reference, source_bytes };
        let mut candidate = Candidate::of(svg, engine.name(), parameters, why, |svg| measuring.score(svg, &softened))?;
        add(&mut candidate.times, &times);
        Ok(candidate)
    };
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)));
    match &result {
        Ok(c) => {
            log_stage("trace", Some(engine.name()), c.times.trace_ms, None);
            log_stage("write", Some(engine.name()), c.times.write_ms, None);
            if c.metrics.is_some() {
                log_stage("score", Some(engine.name()), c.times.score_ms, None);
            }
        }
        Err(error) => log_stage("attempt", Some(engine.name()), ms(start), Some(error)),
    }
    let attempt = Attempt {
        engine: engine.name().into(),
        why: result.as_ref().map_or_else(|_| why.clone(), |c| c.why.clone()),
        parameters: parameters.changes(),
        quality: result.as_ref().ok().and_then(|c| c.metrics.as_ref()).map(|m| m.quality),
        bytes: result.as_ref().ok().map(|c| c.svg.len() as u64),
        nodes: result.as_ref().ok().and_then(|c| c.metrics.as_ref()).map(|m| m.economy.nodes),
        ms: ms(start),
        error: result.as_ref().err().map(Failure::from),
    };
    (attempt, result.ok())
}

/// Tells the log that a stage of the current item is over.
fn log_stage(stage: &str, engine: Option<&str>, ms: f64, error: Option<&Error>) {
    tracing::debug!(stage, engine, ms, outcome = error.map_or("ok", |e| e.code().id()), "stage");
}

fn timed<T>(slot: &mut f64, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = work();
    *slot += ms(start);
    value
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// What a caught panic said, as an error.
pub(crate) fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_string())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Error::new(Code::InternalPanic, format!("internal error: {text}"))
}

/// Below this quality the balanced tier tries a second set of parameters.
pub(crate) const RETRY_BELOW: f64 = 0.97;

/// Quality that a file grown by a factor of e must gain: a doubled one must be better by 0.007.
pub(crate) const GAIN_PER_GROWTH: f64 = 0.01;

/// Whether `new` is better than `old` by more than its additional bytes are worth.
fn pays(new: &Candidate, old: &Candidate) -> bool {
    let growth = (new.svg.len() as f64 / old.svg.len().max(1) as f64).ln().max(0.0);
    new.quality() > old.quality() + GAIN_PER_GROWTH * growth
}

/// Share of the deadline that a first trace may use, so that a safe one can follow.
const FIRST_SHARE: f64 = 0.7;

/// The SVG, when there is one, and the record of how it came about.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The SVG text; `None` when the report's status is [`Status::Failed`].
    pub svg: Option<String>,
    /// The record.
    pub report: ItemReport,
}

impl Outcome {
    /// The same without a result, because the user stopped the run.
    fn stopped(mut self) -> Self {
        self.svg = None;
        self.report.metrics = None;
        self.report.engine = None;
        self.report.status = Status::NotStarted;
        self.report.error = Some((&interrupted()).into());
        self
    }
}

/// Converts one decoded picture. Failures are in the report, with status and code.
pub fn convert(decoded: &Decoded, options: &Options, stop: &Arc<AtomicBool>) -> Outcome {
    let search = optimize::Options {
        pipeline: options.clone(),
        time: options.time_limit(),
        ..optimize::Options::for_best_tier()
    };
    let mut search = optimize::Job::new(&search);
    let outcome = convert_with(decoded, options, (options.tier == Tier::Best).then_some(&mut search), stop);
    if stop.load(Ordering::Relaxed) && outcome.svg.is_some() {
        // A search or a trace that was cut short would pass for a whole one when the rest is done later.
        return outcome.stopped();
    }
    outcome
}

/// [`convert`], with a search (or a choice among candidates) instead of the tier's own way when there is one.
pub(crate) fn convert_with(
    decoded: &Decoded,
    options: &Options,
    search: Option<&mut optimize::Job<'_>>,
    stop: &Arc<AtomicBool>,
) -> Outcome {
    let start = Instant::now();
    let time = search.as_ref().map_or(options.time_limit(), |s| s.options.time);
    let budget = Budget::lasting(time).stopped_by(Arc::clone(stop));
    let mut report = ItemReport::new("", Status::Ok);
    report.tier = options.tier.name().into();
    report.source = Some(decoded.source.clone());
    report.warnings.clone_from(&decoded.notes);

    let own;
    let Intake { raster, enlarged, note } = intake(&decoded.raster, options);
    report.warnings.extend(note);
    let decoded = match raster {
        Some(raster) => {
            own = Decoded { raster, source: decoded.source.clone(), notes: Vec::new() };
            &own
        }
        None => decoded,
    };
    let found = timed(&mut report.times.classify_ms, || class_of(&decoded.raster, enlarged, options));
    let class = found.class;
    tracing::Span::current().record("class", class.name());
    log_stage("classify", None, report.times.classify_ms, None);
    report.classification = Some(found);

    let best = choose(decoded, class, options, search, &budget, &mut report);
    let svg = match best {
        Ok(candidate) => {
            report.engine = Some(EngineUse {
                name: candidate.engine.into(),
                why: candidate.why,
                parameters: candidate.parameters.to_json().into_iter().chain(candidate.written).collect(),
            });
            report.warnings.extend(candidate.metrics.as_ref().and_then(softening_note));
            report.metrics = candidate.metrics;
            Some(candidate.svg)
        }
        Err(error) => {
            // An item that the user stopped is to be done again, not looked into.
            let stopped = error.code() == Code::RunInterrupted;
            report.status = if stopped { Status::NotStarted } else { Status::Failed };
            report.error = Some((&error).into());
            None
        }
    };
    report.times.total_ms = ms(start);
    Outcome { svg, report }
}

/// The class of `raster`: the user's, or the classifier's.
pub fn classification(raster: &Raster, options: &Options) -> Classification {
    let Intake { raster: own, enlarged, .. } = intake(raster, options);
    class_of(own.as_ref().unwrap_or(raster), enlarged, options)
}

/// The picture that is traced and scored, where it is not the one that was decoded.
struct Intake {
    raster: Option<Raster>,
    /// How often each of its pixels was repeated.
    enlarged: u32,
    /// What reports say of it.
    note: Option<String>,
}

/// What was done to a drawing after it was made, taken back.
fn intake(raster: &Raster, options: &Options) -> Intake {
    if let Some((own, enlarged)) = own_size(raster) {
        let note = format!(
            "each of its pixels is {enlarged} x {enlarged} px large; traced as the {} x {} px that it was enlarged from",
            own.width(),
            own.height()
        );
        return Intake { raster: Some(own), enlarged, note: Some(note) };
    }
    let lit = if options.keep_light { None } else { evenly_lit(raster) };
    match lit {
        Some((even, by)) => {
            let note = format!(
                "paper in light that differs by {:.0} %; traced and scored as if it were lit evenly (--paper keep traces the light)",
                by * 100.0
            );
            Intake { raster: Some(even), enlarged: 1, note: Some(note) }
        }
        None => Intake { raster: None, enlarged: 1, note: None },
    }
}

/// What reports say of a picture that was traced as it was before it was softened.
fn softening_note(metrics: &Metrics) -> Option<String> {
    let softened: Vec<String> = metrics.softened.iter().map(ToString::to_string).collect();
    (!softened.is_empty()).then(|| {
        format!("{}; traced as it was before, and scored with the same done to the drawing", softened.join(", then "))
    })
}

/// The class of `raster`, which was found in an enlargement by the whole factor `enlarged`.
fn class_of(raster: &Raster, enlarged: u32, options: &Options) -> Classification {
    match options.class {
        Some(class) => Classification {
            class,
            confidence: 1.0,
            reason: "chosen with --class".into(),
            features: Features::default(),
        },
        None => {
            let found = classify_enlarged(raster, enlarged);
            if found.class != Class::Photo || enlarged > 1 {
                return found;
            }
            // A soft drawing looks like a photograph.
            let before = before_softening(raster).map(|before| classify(&before));
            let drawing = before.filter(|before| route(before.class).0.capabilities().unsoftens);
            drawing.map_or(found, |drawing| Classification {
                reason: format!("as it was before it was softened: {}", drawing.reason),
                ..drawing
            })
        }
    }
}

/// Tries what the tier allows and returns the best candidate.
fn choose(
    decoded: &Decoded,
    class: Class,
    options: &Options,
    search: Option<&mut optimize::Job<'_>>,
    budget: &Budget,
    report: &mut ItemReport,
) -> Result<Candidate> {
    let raster = &decoded.raster;
    let (mut engine, why) = options.routed(class)?;
    // Another engine stands by where the choice is ours.
    let other = options.engine.is_none().then(fallback).filter(|f| f.name() != engine.name());
    let source_bytes = Some(decoded.source.bytes);
    let searched = search.is_some();
    if let Some(search) = search {
        let found = search.run(decoded, class, engine, other, budget);
        report.attempts.extend(found.attempts);
        add(&mut report.times, &found.times);
        log_stage("search", Some(engine.name()), found.report.seconds * 1e3, None);
        report.search = Some(found.report);
        if let Some(mut best) = found.best {
            match options.metric_set() {
                Some(MetricSet::Full) => {
                    let full = timed(&mut report.times.score_ms, || {
                        let softened = best.metrics.take().map_or_else(Vec::new, |m| m.softened);
                        let reference = Reference::new(raster, MetricSet::Full);
                        reference.measure_softened(best.svg.as_bytes(), Trust::Own, source_bytes, &softened)
                    })?;
                    best.metrics = Some(full);
                }
                Some(MetricSet::Basic) => {}
                None => best.metrics = None,
            }
            return Ok(best);
        }
    }
    let mut prepare_ms = 0.0;
    let reference = options.metric_set().map(|set| timed(&mut prepare_ms, || Reference::new(raster, set)));
    report.times.score_ms += prepare_ms;
    let shown = (decoded.source.width, decoded.source.height);
    let attempts = Attempts { raster, reference, class, options, source_bytes, shown };
    if !searched {
        let preset = if options.tier == Tier::Fast { engine.fast_preset(class) } else { engine.preset(class) };
        let preset = options.start(class, engine, preset)?;
        let mut first = attempts.run(engine, &preset, why, &budget.share(FIRST_SHARE), report);
        if let (None, Some(next), false) = (&first, other, budget.is_stopped()) {
            let why = format!("the {} engine failed: {}", engine.name(), last_error(report));
            report.warnings.push(format!("traced with the {} engine: {why}", next.name()));
            engine = next;
            let preset = options.start(class, engine, engine.fast_preset(class))?;
            let share = budget.share(FIRST_SHARE);
            first = attempts.run(engine, &preset, why, &share, report);
        }
        if let Some(mut best) = first {
            let retry = options.tier == Tier::Balanced && best.metrics.is_some() && best.quality() < RETRY_BELOW;
            let retry = retry && options.engine_options.is_empty();
            if retry && budget.is_stopped() {
                return Err(interrupted());
            }
            if retry && !budget.is_over() {
                let why = format!("the first trace scored {:.3}, below {RETRY_BELOW}", best.quality());
                let (second, finer) = match other.filter(|o| o.name() != engine.name()) {
                    Some(other) => (other, other.preset(class)),
                    None => (engine, engine.finer_preset(class)),
                };
                let second = attempts.run(second, &finer, why, &budget.share(1.0), report);
                if let Some(second) = second.filter(|s| pays(s, &best)) {
                    if second.engine != best.engine {
                        report.warnings.push(format!(
                            "written as the {} engine has it: quality {:.3} against {:.3} of the {} engine",
                            second.engine,
                            second.quality(),
                            best.quality(),
                            best.engine
                        ));
                    }
                    best = second;
                }
            }
            if let Some(why) = cells_instead(raster, &best).filter(|_| options.engine_options.is_empty()) {
                // The first of the two that can: the one is exact, the other takes any number of colours.
                let exact = [route(Class::PixelArt).0, fallback()].into_iter().find_map(|engine| {
                    let cells = engine.preset(Class::PixelArt);
                    attempts.run(engine, &cells, why.clone(), &budget.share(1.0), report)
                });
                if let Some(exact) = exact.filter(|e| e.quality() > best.quality()) {
                    best = exact;
                }
            }
            if budget.is_stopped() && report.attempts.iter().any(|a| a.error.is_some()) {
                // A later attempt was cut short: undisturbed, it might have been the one to keep.
                return Err(interrupted());
            }
            return Ok(best);
        }
    }

    if budget.is_stopped() {
        return Err(interrupted());
    }
    // The safe preset works on a reduced picture and takes a small part of the time that the
    // preset took; it gets that time even when the deadline has just passed.
    let why = "the preset failed; safe parameters on a reduced picture".to_string();
    let grace = Budget::lasting(options.time_limit().mul_f64(1.0 - FIRST_SHARE));
    let safe = engine.safe_preset();
    if let Some(candidate) = attempts.run(engine, &safe, why, &grace, report) {
        report.warnings.push(format!("written with safe parameters: {}", last_error(report)));
        return Ok(candidate);
    }
    let late = report.attempts.iter().any(|a| a.error.as_ref().is_some_and(|e| e.code == Code::TraceDeadline.id()));
    let code = if late { Code::TraceDeadline } else { Code::TraceFailed };
    Err(Error::new(code, last_error(report)))
}

/// Pixels of a picture so small that smoothing and speckle removal, which are sized in pixels, may
/// take all of it away: 16 x 16, the smallest icon.
const TINY_PIXELS: usize = 256;

/// Why `best` is to be held against a trace of the bare cells, if it is: it lost the picture, and
/// the cells are few.
pub(crate) fn cells_instead(raster: &Raster, best: &Candidate) -> Option<String> {
    let metrics = best.metrics.as_ref().filter(|m| m.quality < RETRY_BELOW)?;
    if raster.len() <= TINY_PIXELS {
        Some(format!("the trace of a tiny picture scored {:.3}; its pixels as they are", metrics.quality))
    } else if metrics.economy.nodes == 0 {
        Some("the trace is empty; the pixels as they are".into())
    } else {
        None
    }
}

fn interrupted() -> Error {
    Error::new(Code::RunInterrupted, "stopped before it was finished")
}

/// What went wrong in the first attempt that failed.
fn last_error(report: &ItemReport) -> String {
    report.attempts.iter().find_map(|a| a.error.as_ref()).map_or_else(String::new, |e| e.message.clone())
}

/// What all attempts at a picture have in common.
struct Attempts<'a> {
    raster: &'a Raster,
    reference: Option<Reference<'a>>,
    class: Class,
    options: &'a Options,
    source_bytes: Option<u64>,
    /// Width and height of the file, px.
    shown: (u32, u32),
}

impl Attempts<'_> {
    /// One attempt, noted in the report.
    fn run(
        &self,
        engine: &'static dyn Engine,
        parameters: &Parameters,
        why: String,
        budget: &Budget,
        report: &mut ItemReport,
    ) -> Option<Candidate> {
        let Self { raster, reference, class, options, source_bytes, shown } = self;
        let writing = WriteOptions { shown: Some(*shown), ..options.writing(*class, engine) };
        let (mut attempt, mut candidate) =
            attempt(raster, reference.as_ref(), engine, parameters, why, &writing, budget, *source_bytes);
        if let Some(own) = writing.precision.filter(|_| options.write.precision.is_none()) {
            attempt.parameters.insert("precision".into(), own.into());
            if let Some(candidate) = &mut candidate {
                candidate.written.insert("precision".into(), own.into());
            }
        }
        match &candidate {
            Some(c) => add(&mut report.times, &c.times),
            None => report.times.trace_ms += attempt.ms,
        }
        report.attempts.push(attempt);
        candidate
    }
}

fn add(sum: &mut StageTimes, part: &StageTimes) {
    sum.trace_ms += part.trace_ms;
    sum.write_ms += part.write_ms;
    sum.score_ms += part.score_ms;
}

/// One file to convert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// The image.
    pub input: PathBuf,
    /// The SVG to write; `None` keeps it in memory.
    pub output: Option<PathBuf>,
}

/// Reads, converts and writes one file. Nothing gets out but the outcome: failures and panics are
/// in its report, and the output is whole or untouched.
pub fn convert_file(job: &Job, options: &Options, if_exists: IfExists, stop: &Arc<AtomicBool>) -> Outcome {
    convert_source(job, || crate::raster::read(&job.input, &options.limits), options, if_exists, stop, convert)
}

/// [`convert_file`] for a source that `read` decodes (standard input, say), converted by `how`
/// ([`convert`], or a search).
pub fn convert_source(
    job: &Job,
    read: impl FnOnce() -> Result<Decoded>,
    options: &Options,
    if_exists: IfExists,
    stop: &Arc<AtomicBool>,
    how: impl FnOnce(&Decoded, &Options, &Arc<AtomicBool>) -> Outcome,
) -> Outcome {
    let start = Instant::now();
    let span = tracing::debug_span!("item", item = &*job.input.to_string_lossy(), class = tracing::field::Empty);
    let _entered = span.enter();
    let output = job.output.as_deref();
    // A store that cannot be asked is asked again below, where its failure is that of the item.
    if let (Some(path), IfExists::Skip) = (output, if_exists)
        && exists(path).unwrap_or(false)
        && !same_file(&job.input, path)
    {
        let mut report = ItemReport::new(job.input.to_string_lossy(), Status::Skipped);
        report.output = Some(path.to_string_lossy().into_owned());
        report.tier = options.tier.name().into();
        report.warnings.push("the output exists already (--if-exists skip)".into());
        return Outcome { svg: None, report };
    }
    let work = || -> Result<Outcome> {
        if let Some(path) = output {
            check_output(&job.input, path, if_exists)?;
        }
        let mut decode_ms = 0.0;
        let decoded = timed(&mut decode_ms, read);
        log_stage("decode", None, decode_ms, decoded.as_ref().err());
        let decoded = decoded?;
        let mut outcome = how(&decoded, options, stop);
        drop(decoded);
        outcome.report.times.decode_ms = decode_ms;
        if let (Some(path), Some(svg)) = (output, &outcome.svg) {
            let mut file_ms = 0.0;
            let written = timed(&mut file_ms, || deliver(path, svg.as_bytes(), if_exists));
            let written = written.and_then(|done| if done { Ok(()) } else { Err(came_meanwhile()) });
            log_stage("output", None, file_ms, written.as_ref().err());
            outcome.report.times.write_ms += file_ms;
            match written {
                Ok(()) => outcome.report.output = Some(path.to_string_lossy().into_owned()),
                // What is known about the picture stays in the record.
                Err(error) => {
                    let error = Error::new(error.code(), format!("{}: {}", path.display(), error.message()));
                    outcome.report.status = Status::Failed;
                    outcome.report.error = Some((&error).into());
                    outcome.svg = None;
                }
            }
        }
        Ok(outcome)
    };
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)));
    let mut outcome = result.unwrap_or_else(|error| Outcome { svg: None, report: failed(&error, options) });
    outcome.report.input = job.input.to_string_lossy().into_owned();
    outcome.report.times.total_ms = ms(start);
    outcome.report.peak_memory_bytes = peak_memory();
    outcome
}

/// The record of an item that failed before it was converted.
pub fn failed(error: &Error, options: &Options) -> ItemReport {
    let mut report = ItemReport::new("", Status::Failed);
    report.tier = options.tier.name().into();
    report.error = Some(error.into());
    report
}

/// The refusal of an output that was made by somebody else while we made it.
pub(crate) fn came_meanwhile() -> Error {
    Error::new(Code::OutputExists, "it came into being while it was made here, and was left as it is")
}

/// Whether two paths lead to one existing file, whatever links and spellings lie between.
fn same_file(a: &Path, b: &Path) -> bool {
    if cloud::is_url(a) || cloud::is_url(b) {
        return a == b;
    }
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Refuses an input that is a folder, and an output that is the input or exists when it must not.
///
/// # Errors
/// [`Code::InputIsDirectory`], [`Code::OutputIsInput`], [`Code::OutputExists`], and where a store does not say
/// whether the output exists, why.
pub fn check_output(input: &Path, output: &Path, if_exists: IfExists) -> Result<()> {
    if input.is_dir() {
        return Err(Error::new(Code::InputIsDirectory, "it is a folder").at(input));
    }
    if same_file(input, output) {
        return Err(Error::new(Code::OutputIsInput, format!("{} is the input itself", output.display())));
    }
    if if_exists != IfExists::Overwrite && exists(output)? && if_exists == IfExists::Error {
        return Err(Error::new(Code::OutputExists, format!("{} exists already", output.display())));
    }
    Ok(())
}
