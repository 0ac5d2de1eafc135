//! Presets from a folder of pictures: one search for many pictures of a class at once.
//!
//! For each class the engine whose preset does better is taken, and its options are turned one at a time, to
//! any of their values. All turns of a round race: they are tried on a few pictures, the better half goes on with twice as many,
//! and so on (successive halving; Jamieson and Talwalkar 2016), until all pictures have been seen. The
//! winner is kept when its gain is more than chance (a standard error over the pictures), and the next
//! round starts from it.
//!
//! A turn is worth the quality that it gains and the bytes that it saves, at the rate at which `convert`
//! buys quality with bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use fastrand::Rng;
use rayon::prelude::*;

use super::memo::Memo;
use super::space;
use super::trial::{Plan, Tracer};
use crate::classify::{Class, classify};
use crate::pipeline::{self, GAIN_PER_GROWTH, Measuring};
use crate::presets::{Measured, Preset, Presets};
use crate::raster::{self, Decoded};
use crate::score::{MetricSet, Reference};
use crate::trace::{Budget, Engine, Parameters, Session, fallback, route};
use crate::{Code, Error, Result};

/// What to learn from, and how long.
#[derive(Debug, Clone)]
pub struct LearnOptions {
    /// How pictures are decoded and written; its engine options are taken as they are and not turned.
    pub pipeline: pipeline::Options,
    /// Wall time for the whole folder.
    pub time: Duration,
    /// Most pictures of a class; more are drawn from by lot.
    pub most: usize,
    /// Seed of the lot.
    pub seed: u64,
}

/// What was learned.
#[derive(Debug)]
pub struct Learned {
    /// The presets, of the classes that there were pictures of.
    pub presets: Presets,
    /// Pictures that could not be read, and why.
    pub failed: Vec<(PathBuf, Error)>,
    /// What was left out, in words.
    pub notes: Vec<String>,
}

/// Fewer pictures of a class than this say nothing about the next one.
const LEAST: usize = 4;

/// Pictures of a race's first heat.
const HEAT: usize = 8;

/// Pixels of one class that are in memory at once.
const MOST_PIXELS: usize = 48_000_000;

/// A gain below this is not worth a line in a file.
const LEAST_GAIN: f64 = 1e-4;

/// What one picture gives: quality and the logarithm of its bytes.
#[derive(Debug, Clone, Copy)]
struct Figures {
    quality: f64,
    log_bytes: f64,
}

impl Figures {
    fn worth(self) -> f64 {
        self.quality - GAIN_PER_GROWTH * self.log_bytes
    }
}

/// A picture ready to be traced by one engine.
struct Subject<'a> {
    decoded: &'a Decoded,
    reference: &'a Reference<'a>,
    session: Box<dyn Session + 'a>,
}

/// Measures `files` and finds presets for their classes.
///
/// # Errors
/// [`Code::RunInterrupted`] when it is stopped before the first class was measured, [`Code::OptionInvalid`]
/// for an engine that there is not.
pub fn learn(
    files: &[PathBuf],
    options: &LearnOptions,
    stop: &Arc<AtomicBool>,
    said: &(dyn Fn(&str) + Sync),
) -> Result<Learned> {
    let budget = Budget::lasting(options.time).stopped_by(Arc::clone(stop));
    let mut failed = Vec::new();
    let mut by_class: BTreeMap<&'static str, (Class, Vec<&PathBuf>)> = BTreeMap::new();
    let classes: Vec<_> = files
        .par_iter()
        .map(|file| {
            if budget.is_stopped() {
                return Err(Error::new(Code::RunInterrupted, "stopped before it was looked at"));
            }
            let decoded = raster::read(file, &options.pipeline.limits)?;
            Ok(options.pipeline.class.unwrap_or_else(|| classify(&decoded.raster).class))
        })
        .collect();
    for (file, class) in files.iter().zip(classes) {
        match class {
            Ok(class) => by_class.entry(class.name()).or_insert((class, Vec::new())).1.push(file),
            Err(e) => failed.push((file.clone(), e)),
        }
    }
    let mut learned = Learned { presets: Presets::default(), failed, notes: Vec::new() };
    let classes: Vec<_> = by_class.into_values().collect();
    for (i, (class, files)) in classes.iter().enumerate() {
        if budget.is_stopped() {
            learned.notes.push(format!("{class}: stopped before it was measured"));
            continue;
        }
        if files.len() < LEAST {
            learned.notes.push(format!("{class}: {} pictures are too few, {LEAST} are wanted", files.len()));
            continue;
        }
        // What the classes before did not use is for those to come.
        let share = budget.share(1.0 / (classes.len() - i) as f64);
        let pictures = sample(files, options, &mut learned.failed);
        let (preset, note) = of_class(*class, &pictures, options, &share, said)?;
        learned.notes.extend(note);
        learned.presets.insert(*class, preset);
    }
    if learned.presets.is_empty() && budget.is_stopped() {
        return Err(Error::new(Code::RunInterrupted, "stopped before a class was measured"));
    }
    Ok(learned)
}

/// Some of `files`, decoded.
fn sample(files: &[&PathBuf], options: &LearnOptions, failed: &mut Vec<(PathBuf, Error)>) -> Vec<Decoded> {
    let mut order: Vec<&PathBuf> = files.to_vec();
    Rng::with_seed(options.seed).shuffle(&mut order);
    let (mut pictures, mut pixels) = (Vec::new(), 0);
    for file in order {
        if pictures.len() >= options.most || pixels >= MOST_PIXELS {
            break;
        }
        match raster::read(file, &options.pipeline.limits) {
            Ok(decoded) => {
                pixels += decoded.raster.len();
                pictures.push(decoded);
            }
            Err(e) => failed.push((file.clone(), e)),
        }
    }
    pictures
}

/// What is tried: parameters, each with as many decimals as the engine resolves and with one less.
struct Race<'a> {
    engine: &'static dyn Engine,
    subjects: Vec<Subject<'a>>,
    options: &'a LearnOptions,
    budget: &'a Budget,
}

/// Figures of one setting, picture by picture, as it is and with one decimal less.
type Results = Vec<[Option<Figures>; 2]>;

impl Race<'_> {
    /// Figures of `parameters` on the pictures in `range`.
    fn run(&self, parameters: &Parameters, range: std::ops::Range<usize>) -> Results {
        let one = |subject: &Subject| {
            let tracer = Tracer {
                engine: self.engine.name(),
                session: &*subject.session,
                measuring: Measuring {
                    reference: Some(subject.reference),
                    source_bytes: Some(subject.decoded.source.bytes),
                },
                write: self.options.pipeline.write,
                shrink: &[],
                memo: Memo::default(),
            };
            let plan = Plan { parameters: parameters.clone(), why: String::new(), turned: Vec::new(), sure: true };
            let scored = tracer.full(&plan, self.budget);
            let figures = |i: usize| {
                let attempt = &scored.get(i)?.0;
                Some(Figures { quality: attempt.quality?, log_bytes: (attempt.bytes? as f64).ln() })
            };
            // One that cannot be traced like that is a reason against it.
            [figures(0), figures(1)]
        };
        self.subjects[range].par_iter().map(one).collect()
    }
}

/// Mean gain of `new` over `old` with `form` decimals, and its standard error; a picture that failed counts
/// as a total loss.
fn gain(old: &[Figures], new: &Results, form: usize) -> (f64, f64) {
    let gains: Vec<f64> =
        old.iter().zip(new).map(|(old, new)| new[form].map_or(-1.0, |new| new.worth() - old.worth())).collect();
    let n = gains.len().max(1) as f64;
    let mean = gains.iter().sum::<f64>() / n;
    let variance = gains.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, (variance / n).sqrt())
}

/// The preset for `class`, and a note when there was not enough time.
fn of_class(
    class: Class,
    pictures: &[Decoded],
    options: &LearnOptions,
    budget: &Budget,
    said: &(dyn Fn(&str) + Sync),
) -> Result<(Preset, Option<String>)> {
    let references: Vec<Reference> = pictures.par_iter().map(|d| Reference::new(&d.raster, MetricSet::Basic)).collect();
    let race = |engine: &'static dyn Engine| Race {
        engine,
        subjects: pictures
            .iter()
            .zip(&references)
            .map(|(decoded, reference)| Subject { decoded, reference, session: engine.session(&decoded.raster) })
            .collect(),
        options,
        budget,
    };
    let preset_of = |engine: &dyn Engine| options.pipeline.apply(engine.preset(class));
    let all = 0..pictures.len();
    let lost = Figures { quality: 0.0, log_bytes: 0.0 };
    let start = |race: &Race, parameters: &Parameters| -> Vec<Figures> {
        race.run(parameters, all.clone()).into_iter().map(|r| r[0].unwrap_or(lost)).collect()
    };

    // The engine: the routed one, unless the other does better.
    let (routed, _) = match &options.pipeline.engine {
        Some(name) => (crate::trace::engine(name)?, String::new()),
        None => route(class),
    };
    let mut race_now = race(routed);
    let builtin = preset_of(routed)?;
    let before = start(&race_now, &builtin);
    if budget.is_over() {
        let preset = Preset { engine: routed.name().into(), precision: None, options: BTreeMap::new(), measured: None };
        return Ok((preset, Some(format!("{class}: there was no time to measure anything"))));
    }
    let mut base = builtin;
    let mut figures = before.clone();
    let other = fallback();
    if options.pipeline.engine.is_none() && other.name() != routed.name() {
        let other_race = race(other);
        let preset = preset_of(other)?;
        let results = other_race.run(&preset, all.clone());
        let (mean, error) = gain(&figures, &results, 0);
        if mean > LEAST_GAIN.max(error) {
            (race_now, base) = (other_race, preset);
            figures = results.into_iter().map(|r| r[0].unwrap_or(lost)).collect();
        }
    }

    let fixed = |name: &str| options.pipeline.engine_options.iter().any(|(n, _)| n == name);
    let knobs = space::knobs(race_now.engine, fixed);
    let own = preset_of(race_now.engine)?;
    let mut fewer = false;
    let mut note = None;
    loop {
        let mut turns: Vec<(Parameters, Results)> = vec![(base.clone(), Vec::new())];
        for knob in &knobs {
            turns.extend(knob.others(&base).into_iter().map(|v| (base.clone().with(&[(knob.name, v)]), Vec::new())));
        }
        let mut seen = 0;
        while seen < pictures.len() {
            let next = if seen == 0 { HEAT } else { 2 * seen }.min(pictures.len());
            for (parameters, results) in &mut turns {
                results.extend(race_now.run(parameters, seen..next));
            }
            seen = next;
            // The order of the table decides between equals.
            let best = |r: &Results| {
                let gains = forms(fewer).iter().map(|form| gain(&figures, r, *form).0);
                gains.fold(f64::NEG_INFINITY, f64::max)
            };
            turns.sort_by(|a, b| best(&b.1).total_cmp(&best(&a.1)));
            if seen < pictures.len() {
                turns.truncate(turns.len().div_ceil(2).max(2));
            }
        }
        if budget.is_over() {
            note = Some(format!("{class}: the time ended before nothing more was to be gained"));
            break;
        }
        let old = &figures;
        let winner = turns
            .iter()
            .flat_map(|(p, r)| forms(fewer).iter().map(move |form| (p, r, *form, gain(old, r, *form))))
            .max_by(|a, b| a.3.0.total_cmp(&b.3.0))
            .filter(|(.., (mean, error))| *mean > LEAST_GAIN.max(*error));
        let Some((parameters, results, form, (mean, _))) = winner else { break };
        said(&format!("{class}: a gain of {mean:.4} on {} pictures", pictures.len()));
        figures = results.iter().map(|r| r[form].unwrap_or(lost)).collect();
        fewer |= form == 1;
        base = parameters.clone();
    }

    let mean = |f: &[Figures], of: fn(&Figures) -> f64| f.iter().map(of).sum::<f64>() / f.len().max(1) as f64;
    let changed = base.to_json().into_iter().filter(|(name, value)| own.to_json().get(name) != Some(value));
    let number = |v: &serde_json::Value| v.to_string().trim_end_matches(".0").to_string();
    let typed = |v: serde_json::Value| v.as_str().map_or_else(|| number(&v), Into::into);
    let precision = match (options.pipeline.write.precision, fewer) {
        (Some(chosen), _) => Some(chosen),
        (None, true) => decimals(&race_now, &base).and_then(|p| p.checked_sub(1)),
        (None, false) => None,
    };
    let preset = Preset {
        engine: race_now.engine.name().into(),
        precision,
        options: changed.map(|(name, value)| (name, typed(value))).collect(),
        measured: Some(Measured {
            images: pictures.len(),
            quality_before: mean(&before, |f| f.quality),
            quality: mean(&figures, |f| f.quality),
            bytes_ratio: (mean(&figures, |f| f.log_bytes) - mean(&before, |f| f.log_bytes)).exp(),
        }),
    };
    Ok((preset, note))
}

/// The ways of writing that are still open: with fewer decimals there is no way back to more.
fn forms(fewer: bool) -> &'static [usize] {
    if fewer { &[1] } else { &[0, 1] }
}

/// Decimals that the engine asks for.
fn decimals(race: &Race, parameters: &Parameters) -> Option<u8> {
    let trace = |s: &Subject| s.session.trace(parameters, &Budget::unlimited()).ok();
    race.subjects.iter().find_map(trace).map(|document| document.precision)
}
