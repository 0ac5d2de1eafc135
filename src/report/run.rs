//! Putting the record of a whole run together.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;

use super::host::{now, peak_memory};
use super::records::Records;
use super::summary::summarize;
use super::{Host, RunReport, SCHEMA_VERSION};
use crate::{score, trace};

/// A run that is under way.
#[derive(Debug)]
pub struct RunClock {
    started: String,
    start: Instant,
}

impl RunClock {
    /// The run starts now.
    #[expect(clippy::new_without_default, reason = "the clock starts when it is made, which `default` would hide")]
    pub fn new() -> Self {
        Self { started: now(), start: Instant::now() }
    }

    /// The run ends now: its record. `reused` of the items were done by an earlier run.
    pub fn finish(
        self,
        command: &str,
        options: BTreeMap<String, Value>,
        interrupted: bool,
        items: Records,
        reused: usize,
    ) -> RunReport<Records> {
        let mut summary =
            summarize(items.iter().map(|r| r.figures().clone()), reused, self.start.elapsed().as_secs_f64());
        summary.peak_memory_bytes = peak_memory();
        RunReport {
            schema_version: SCHEMA_VERSION.into(),
            tool_version: env!("CARGO_PKG_VERSION").into(),
            components: components(),
            command: command.into(),
            options,
            host: Host::current(),
            started: self.started,
            ended: now(),
            shard: None,
            interrupted,
            items,
            summary,
        }
    }
}

/// Names and versions of what made the figures: the engines and the renderer.
pub fn components() -> BTreeMap<String, String> {
    let renderer = score::RENDERER.split_once(' ').unwrap_or((score::RENDERER, ""));
    let engines = trace::engines().iter().map(|e| (e.name().to_string(), e.version().to_string()));
    engines.chain([(renderer.0.to_string(), renderer.1.to_string())]).collect()
}
