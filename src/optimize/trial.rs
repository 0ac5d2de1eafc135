//! One trace of a search, written with more than one number of decimals.
//!
//! A trace costs far more than writing and scoring it, so each is scored as it is and with a decimal less;
//! what turns out to be worth it also with one more and two less, and shrunk ([`super::svg`]).

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

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
}

/// A trace that was made, with what came of writing it.
pub(crate) struct Traced {
    pub(crate) document: Option<Document>,
    pub(crate) scored: Vec<(Attempt, Option<Candidate>)>,
}

/// What all trials of one engine share.
pub(crate) struct Tracer<'a> {
    pub(crate) engine: &'static str,
    pub(crate) session: &'a dyn Session,
    pub(crate) measuring: Measuring<'a>,
    pub(crate) write: WriteOptions,
    /// How a trace that is worth it is shrunk, if at all.
    pub(crate) shrink: Option<&'a svg::Options>,
}

/// A way of writing a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// With so many decimals; `None`: as the engine or the user has it.
    Decimals(Option<u8>),
    /// As it is, then shrunk.
    Shrunk,
}

impl Tracer<'_> {
    /// Traces, and scores the first ways of writing it.
    pub(crate) fn first(&self, plan: &Plan, budget: &Budget) -> Traced {
        let start = Instant::now();
        let trace = || {
            let mut document = self.session.trace(&plan.parameters, budget)?;
            document.merge_paths();
            Ok(document)
        };
        let ms = |start: Instant| start.elapsed().as_secs_f64() * 1e3;
        match guarded(trace) {
            Ok(document) => {
                let traced_ms = ms(start);
                let mut scored = self.write(&document, plan, &FIRST);
                if let Some((attempt, candidate)) = scored.first_mut() {
                    attempt.ms += traced_ms;
                    if let Some(candidate) = candidate {
                        candidate.times.trace_ms = traced_ms;
                    }
                }
                Traced { document: Some(document), scored }
            }
            Err(error) => {
                let attempt = Attempt {
                    engine: self.engine.into(),
                    why: plan.why.clone(),
                    parameters: plan.parameters.changes(),
                    quality: None,
                    bytes: None,
                    nodes: None,
                    ms: ms(start),
                    error: Some(Failure::from(&error)),
                };
                Traced { document: None, scored: vec![(attempt, None)] }
            }
        }
    }

    /// The other ways of writing a trace that is worth a second look.
    pub(crate) fn second(&self, document: &Document, plan: &Plan) -> Vec<(Attempt, Option<Candidate>)> {
        let mut scored = self.write(document, plan, &SECOND);
        if self.shrink.is_some() {
            scored.extend(self.score(document, plan, Form::Shrunk));
        }
        scored
    }

    fn write(&self, document: &Document, plan: &Plan, more: &[i8]) -> Vec<(Attempt, Option<Candidate>)> {
        let of = |more: &i8| match (self.write.precision, more) {
            (_, 0) => Some(Form::Decimals(None)),
            // The user has chosen.
            (Some(_), _) => None,
            (None, more) => {
                let decimals = document.precision.checked_add_signed(*more)?;
                (decimals <= WriteOptions::MAX_PRECISION).then_some(Form::Decimals(Some(decimals)))
            }
        };
        more.iter().filter_map(of).filter_map(|form| self.score(document, plan, form)).collect()
    }

    /// Writes and measures; nothing where shrinking gains nothing.
    fn score(&self, document: &Document, plan: &Plan, form: Form) -> Option<(Attempt, Option<Candidate>)> {
        let start = Instant::now();
        let mut written = BTreeMap::new();
        let (decimals, more) = match form {
            Form::Decimals(None) => (None, String::new()),
            Form::Decimals(Some(n)) => {
                written.insert("precision".into(), n.into());
                (Some(n), format!("; with {n} decimal{}", if n == 1 { "" } else { "s" }))
            }
            Form::Shrunk => {
                written.insert("shrunk".into(), true.into());
                (None, "; shrunk".into())
            }
        };
        let why = format!("{}{more}", plan.why);
        let mut text = write(document, &WriteOptions { precision: decimals.or(self.write.precision), ..self.write });
        let write_ms = start.elapsed().as_secs_f64() * 1e3;
        if let (Form::Shrunk, Some(options)) = (form, self.shrink) {
            let shrunk = svg::shrink(text.as_bytes(), options).ok()?.svg;
            text = String::from_utf8(shrunk).ok().filter(|shrunk| shrunk.len() < text.len())?;
        }
        let of = || self.measuring.candidate(text, self.engine, &plan.parameters, why.clone());
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
            parameters: plan.parameters.changes().into_iter().chain(written).collect(),
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
