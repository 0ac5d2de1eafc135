//! One trace of a search, written with more than one number of decimals.
//!
//! A first look is had at a trace with little refinement, which says nearly as much about it: written as it
//! is and with a decimal less. What turns out to be worth it is traced in full, and written with one decimal
//! more, two less, and shrunk ([`super::svg`]), too.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::memo::Memo;
use super::svg;
use crate::document::{Document, WriteOptions, write};
use crate::pipeline::{Candidate, Measuring, panicked};
use crate::report::{Attempt, Failure};
use crate::trace::{Budget, Parameters, Session};
use crate::{Error, Result};

/// Decimals more than the engine asks for, of a first look and of a second one.
const FIRST: [i8; 2] = [0, -1];
const SECOND: [i8; 2] = [1, -2];

/// A trace to be made.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) parameters: Parameters,
    pub(crate) why: String,
    /// What was changed, as places among the knobs.
    pub(crate) turned: Vec<usize>,
    /// Whether it is traced in full whatever the first look says.
    pub(crate) sure: bool,
}

/// The option that says how much work goes into a trace that is the same otherwise, where an engine has it,
/// and the most of it that a first look is worth. Three rounds are within 0.0002 of the quality of six
/// (`docs/optimize.md`).
const WORK: (&str, &str, i64) = ("refine", "3", 3);

impl Plan {
    /// The parameters of its first look.
    pub(crate) fn quick(&self) -> Parameters {
        let (name, least, most) = WORK;
        if self.parameters.int(name) > most {
            self.parameters.clone().with(&[(name, least)])
        } else {
            self.parameters.clone()
        }
    }
}

/// Ways of writing one trace, each with what came of it.
pub(crate) type Scored = Vec<(Attempt, Option<Candidate>)>;

/// What all trials of one engine share.
pub(crate) struct Tracer<'a> {
    pub(crate) engine: &'static str,
    pub(crate) session: &'a dyn Session,
    pub(crate) measuring: Measuring<'a>,
    pub(crate) write: WriteOptions,
    /// The ways in which a trace that is worth it is shrunk, the most careful first.
    pub(crate) shrink: &'a [svg::Options],
    pub(crate) memo: Memo,
}

/// A trace that was made.
struct Trace<'a> {
    document: &'a Document,
    parameters: &'a Parameters,
    why: &'a str,
}

/// A way of writing a trace.
#[derive(Debug, Clone, Copy)]
enum Form<'a> {
    /// With so many decimals; `None`: as the engine or the user has it.
    Decimals(Option<u8>),
    /// As it is, then shrunk so.
    Shrunk(&'a svg::Options),
}

impl Tracer<'_> {
    /// A look at a plan that may not be worth more.
    pub(crate) fn first(&self, plan: &Plan, budget: &Budget) -> Scored {
        let quick = plan.quick();
        let why = if quick == plan.parameters { plan.why.clone() } else { format!("{}; a first look", plan.why) };
        self.traced(&why, &quick, &FIRST, &[], budget)
    }

    /// The plan in full, but for what a first look has shown.
    pub(crate) fn second(&self, plan: &Plan, budget: &Budget) -> Scored {
        let whole = [FIRST, SECOND].concat();
        let more = if plan.quick() == plan.parameters { &SECOND[..] } else { &whole };
        self.traced(&plan.why, &plan.parameters, more, self.shrink, budget)
    }

    /// The plan in full, as it is and with a decimal less.
    pub(crate) fn full(&self, plan: &Plan, budget: &Budget) -> Scored {
        self.traced(&plan.why, &plan.parameters, &FIRST, &[], budget)
    }

    /// The plan in full, as it is.
    pub(crate) fn plain(&self, plan: &Plan, budget: &Budget) -> Scored {
        self.traced(&plan.why, &plan.parameters, &FIRST[..1], &[], budget)
    }

    fn traced(
        &self,
        why: &str,
        parameters: &Parameters,
        more: &[i8],
        shrink: &[svg::Options],
        budget: &Budget,
    ) -> Scored {
        let start = Instant::now();
        let trace = || {
            let mut document = self.session.trace(parameters, budget)?;
            document.merge_paths();
            Ok(document)
        };
        let traced = guarded(trace);
        let traced_ms = start.elapsed().as_secs_f64() * 1e3;
        let document = match traced {
            Ok(document) => document,
            Err(error) => {
                let attempt = Attempt {
                    engine: self.engine.into(),
                    why: why.into(),
                    parameters: parameters.changes(),
                    quality: None,
                    bytes: None,
                    nodes: None,
                    ms: traced_ms,
                    error: Some(Failure::from(&error)),
                };
                return vec![(attempt, None)];
            }
        };
        let trace = Trace { document: &document, parameters, why };
        let mut scored = self.write(&trace, more);
        for how in shrink {
            scored.extend(self.score(&trace, Form::Shrunk(how)));
        }
        if let Some((attempt, candidate)) = scored.first_mut() {
            attempt.ms += traced_ms;
            if let Some(candidate) = candidate {
                candidate.times.trace_ms = traced_ms;
            }
        }
        scored
    }

    fn write(&self, trace: &Trace, more: &[i8]) -> Scored {
        let of = |more: &i8| match (self.write.precision, more) {
            (_, 0) => Some(Form::Decimals(None)),
            // The user has chosen.
            (Some(_), _) => None,
            (None, more) => {
                let decimals = trace.document.precision.checked_add_signed(*more)?;
                (decimals <= WriteOptions::MAX_PRECISION).then_some(Form::Decimals(Some(decimals)))
            }
        };
        more.iter().filter_map(of).filter_map(|form| self.score(trace, form)).collect()
    }

    /// Writes and measures; nothing where shrinking gains nothing.
    fn score(&self, trace: &Trace, form: Form<'_>) -> Option<(Attempt, Option<Candidate>)> {
        let start = Instant::now();
        let mut written = BTreeMap::new();
        let (decimals, more) = match form {
            Form::Decimals(None) => (None, String::new()),
            Form::Decimals(Some(n)) => {
                written.insert("precision".into(), n.into());
                (Some(n), format!("; with {n} decimal{}", if n == 1 { "" } else { "s" }))
            }
            Form::Shrunk(how) => {
                let tolerance = if how.lossless { 0.0 } else { how.tolerance };
                written.insert("shrunk".into(), tolerance.into());
                (None, format!("; shrunk, contours to {tolerance} px"))
            }
        };
        let why = format!("{}{more}", trace.why);
        let mut text =
            write(trace.document, &WriteOptions { precision: decimals.or(self.write.precision), ..self.write });
        let write_ms = start.elapsed().as_secs_f64() * 1e3;
        if let Form::Shrunk(options) = form {
            text = self.memo.shrunk(&text, options)?;
        }
        let of = || {
            let measure = |text: &str| self.memo.score(text, || self.measuring.score(text, &trace.document.softened));
            Candidate::of(text, self.engine, trace.parameters, why.clone(), measure)
        };
        let result = guarded(of).map(|mut candidate| {
            candidate.times.write_ms += write_ms;
            candidate.written.clone_from(&written);
            candidate
        });
        let measured = result.as_ref().ok();
        let metrics = measured.and_then(|c| c.metrics.as_ref());
        let attempt = Attempt {
            engine: self.engine.into(),
            why,
            parameters: trace.parameters.changes().into_iter().chain(written).collect(),
            quality: metrics.map(|m| m.quality),
            bytes: measured.map(|c| c.svg.len() as u64),
            nodes: metrics.map(|m| m.economy.nodes),
            ms: start.elapsed().as_secs_f64() * 1e3,
            error: result.as_ref().err().map(Failure::from),
        };
        Some((attempt, result.ok()))
    }
}

/// `work`, with a panic as a failure.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err::<T, Error>(panicked(&*panic)))
}
