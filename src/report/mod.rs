//! The record of a run: one [`ItemReport`] per picture, one [`RunReport`] around them.
//!
//! These types are the schema: `docs/report.schema.json` is generated from them.
//!
//! | module | what it does |
//! |---|---|
//! | [`json`] | the record as JSON and JSON Lines, and its schema |
//! | [`merge`](mod@merge) | reports of the parts of a run, joined |
//! | [`records`] | the records of a run, on disk until its report is written |
//! | [`summary`] | the run in figures, and in words for a terminal |
//! | [`metrics`] | the run as Prometheus metrics |
//! | [`html`] | the run as a page to look at |
//! | [`spool`] | a place on disk for records, and for the gallery's pictures |
//! | [`host`] | the machine, the clock, the memory |

pub mod host;
pub mod html;
pub mod json;
pub mod merge;
pub mod metrics;
pub mod records;
pub mod run;
#[cfg(test)]
mod sample;
pub mod spool;
pub mod summary;

pub mod gate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::classify::Classification;
use crate::score::Metrics;

/// Version of the report's schema; the first number changes when a reader would break.
pub const SCHEMA_VERSION: &str = "1.0";

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The SVG was written.
    Ok,
    /// It failed; `error` says why.
    Failed,
    /// The output existed already and was left alone.
    Skipped,
    /// A dry run: what would be done.
    Planned,
    /// The run was stopped before this item was finished; nothing of it was written.
    NotStarted,
}

/// The decoded source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Source {
    /// Format found from the first bytes (`png`, `jpeg` …).
    pub format: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Width, px, after orientation.
    pub width: u32,
    /// Height, px, after orientation.
    pub height: u32,
    /// Whether any pixel is not opaque.
    pub has_alpha: bool,
}

/// The engine whose trace was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EngineUse {
    /// Name of the engine.
    pub name: String,
    /// Why this engine and these parameters.
    pub why: String,
    /// Every parameter with its value.
    pub parameters: BTreeMap<String, Value>,
}

/// One trace that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Attempt {
    /// Name of the engine.
    pub engine: String,
    /// Why it was tried.
    pub why: String,
    /// Parameters that differ from the engine's defaults.
    pub parameters: BTreeMap<String, Value>,
    /// Quality of the result, when it was scored.
    pub quality: Option<f64>,
    /// Bytes of the result, when there was one.
    pub bytes: Option<u64>,
    /// Nodes of the result, when it was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    /// Time of trace, write and score, ms.
    pub ms: f64,
    /// What went wrong, when something did.
    pub error: Option<Failure>,
}

/// A failure as reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// Stable code (see `docs/errors.md`).
    pub code: String,
    /// What was wrong.
    pub message: String,
    /// What to do about it.
    pub suggestion: String,
}

impl From<&crate::Error> for Failure {
    fn from(e: &crate::Error) -> Self {
        Self { code: e.code().id().into(), message: e.message().into(), suggestion: e.suggestion().into() }
    }
}

/// Wall time of each stage, ms; zero for a stage that did not run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StageTimes {
    /// Reading and decoding.
    pub decode_ms: f64,
    /// Measuring features and deciding the class.
    pub classify_ms: f64,
    /// All traces.
    pub trace_ms: f64,
    /// Writing SVG text, and the file.
    pub write_ms: f64,
    /// All scores.
    pub score_ms: f64,
    /// From first byte to last.
    pub total_ms: f64,
}

/// What one step of shrinking an SVG did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ShrinkStep {
    /// Name of the step (see `docs/shrinking.md`).
    pub name: String,
    /// Bytes it saved; below zero where it made room for a later step.
    pub saved_bytes: i64,
    /// How far it could move a contour, px at the viewing size.
    pub tolerance_px: f64,
    /// Whether it was kept; else it changed what is shown by too much, and was undone.
    pub kept: bool,
}

/// How the drawing after shrinking differs from the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProofReport {
    /// Renderer that drew both, with its version.
    pub renderer: String,
    /// Width and height of the pictures compared, px, from the smallest: it alone is drawn where all that
    /// the renderer reads is the same.
    pub sizes: Vec<[u32; 2]>,
    /// Mean ΔE₀₀, the largest over the sizes and over the grounds white and black.
    pub delta_e_mean: f64,
    /// The same in the block of 5 x 5 px where it is largest.
    pub delta_e_block: f64,
    /// Whether every pixel is the same at every size, transparency included.
    pub identical: bool,
}

/// How an SVG was shrunk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ShrinkReport {
    /// Bytes of the source.
    pub bytes_before: u64,
    /// Bytes of the result: never more.
    pub bytes_after: u64,
    /// Whether only steps were allowed after which every pixel is the same.
    pub lossless: bool,
    /// What each step did, in order.
    pub steps: Vec<ShrinkStep>,
    /// The comparison of both drawings; missing where the source was kept without trying.
    pub proof: Option<ProofReport>,
}

/// One of the traces that no other beats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FrontPoint {
    /// Its place among the attempts, from 1.
    pub attempt: usize,
    /// Quality, in [0, 1].
    pub quality: f64,
    /// Bytes of the SVG.
    pub bytes: u64,
    /// Nodes of the SVG.
    pub nodes: u64,
    /// Whether it is the one that the goal asks for.
    pub chosen: bool,
    /// Where it was written, when the front was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// How a search went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SearchReport {
    /// Seed of its random part.
    pub seed: u64,
    /// Quality that was to be reached.
    pub target: Option<f64>,
    /// Most bytes that were allowed.
    pub max_bytes: Option<u64>,
    /// SVGs that were written and scored; each is an attempt.
    pub trials: usize,
    /// Traces behind them: one is written in several ways.
    pub traces: usize,
    /// Time that it took, s.
    pub seconds: f64,
    /// Why it ended.
    pub ended: String,
    /// The traces that no other beats in quality, bytes and nodes, the smallest first; of those that look the
    /// same, one.
    pub front: Vec<FrontPoint>,
}

/// The record of one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ItemReport {
    /// Input path as given (`-` is standard input).
    pub input: String,
    /// Output path, when one is written or planned.
    pub output: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Quality tier used (`fast`, `balanced`, `best`).
    pub tier: String,
    /// The decoded source.
    pub source: Option<Source>,
    /// Class, confidence, reason and features.
    pub classification: Option<Classification>,
    /// The engine whose trace was kept.
    pub engine: Option<EngineUse>,
    /// Every trace that was tried, in order.
    pub attempts: Vec<Attempt>,
    /// The measured result.
    pub metrics: Option<Metrics>,
    /// For a picture whose trace was searched for: how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchReport>,
    /// For an SVG that was shrunk: how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrink: Option<ShrinkReport>,
    /// Wall time of each stage.
    pub times: StageTimes,
    /// Peak memory of the process so far, bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
    /// What the user should know though the item succeeded.
    pub warnings: Vec<String>,
    /// Why the item failed.
    pub error: Option<Failure>,
}

impl ItemReport {
    /// An empty record for `input`.
    pub fn new(input: impl Into<String>, status: Status) -> Self {
        Self {
            input: input.into(),
            output: None,
            status,
            tier: String::new(),
            source: None,
            classification: None,
            engine: None,
            attempts: Vec::new(),
            metrics: None,
            search: None,
            shrink: None,
            times: StageTimes::default(),
            peak_memory_bytes: None,
            warnings: Vec::new(),
            error: None,
        }
    }

    /// Bytes of source and result, where both are known: those of an SVG that was shrunk, or of a picture and its
    /// scored trace.
    pub(crate) fn sizes(&self) -> Option<[u64; 2]> {
        let shrunk = self.shrink.as_ref().map(|shrink| [shrink.bytes_before, shrink.bytes_after]);
        let traced = self.source.as_ref().zip(self.metrics.as_ref());
        shrunk.or_else(|| traced.map(|(source, metrics)| [source.bytes, metrics.economy.bytes]))
    }

    /// The quality of the result, when it was scored.
    pub fn quality(&self) -> Option<f64> {
        self.metrics.as_ref().map(|m| m.quality)
    }
}

/// The machine a run was made on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Host {
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Processors available to the run.
    pub cores: usize,
}

/// Which part of a run a report is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ShardReport {
    /// Number of the part, from 1.
    pub index: u32,
    /// Parts of the run.
    pub count: u32,
    /// Items of all parts together.
    pub of_items: usize,
    /// Hash of the names of all of them: parts of one run have the same.
    pub listing: String,
}

/// Percentiles of one figure over the items that have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Percentiles {
    /// Number of values.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// 5th percentile.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}

/// Figures of one group of items.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Group {
    /// Items in the group.
    pub items: usize,
    /// Quality, in [0, 1].
    pub quality: Percentiles,
    /// Bytes of the SVGs.
    pub bytes: Percentiles,
    /// Total time an item, ms.
    pub ms: Percentiles,
}

/// The run in figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Summary {
    /// Items by status.
    pub status: BTreeMap<String, usize>,
    /// Failures by code.
    pub failures: BTreeMap<String, usize>,
    /// All items that succeeded.
    pub all: Group,
    /// The same by class.
    pub by_class: BTreeMap<String, Group>,
    /// The same by engine.
    pub by_engine: BTreeMap<String, Group>,
    /// Bytes of the sources that succeeded.
    pub bytes_in: u64,
    /// Bytes of their SVGs.
    pub bytes_out: u64,
    /// Wall time of the run, s.
    pub seconds: f64,
    /// Items finished a second, without those of `reused`.
    pub items_per_second: f64,
    /// Items that an earlier run had done, whose outputs were left as they were (`--resume`).
    #[serde(default)]
    pub reused: usize,
    /// Peak memory of the process, bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

impl Summary {
    /// How many items ended so.
    pub fn count(&self, status: Status) -> usize {
        self.status.get(status.name()).copied().unwrap_or(0)
    }
}

/// The record of a run. `Items` is how its records are held: in memory where it was read, as
/// [`Records`](records::Records) where it is written, not at all (`()`) where they are elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RunReport<Items = Vec<ItemReport>> {
    /// Version of this schema.
    pub schema_version: String,
    /// Version of svg-ai.
    pub tool_version: String,
    /// Versions of the engines and the renderer.
    pub components: BTreeMap<String, String>,
    /// Subcommand that ran.
    pub command: String,
    /// Options in force.
    pub options: BTreeMap<String, Value>,
    /// The machine.
    pub host: Host,
    /// Start, RFC 3339, UTC.
    pub started: String,
    /// End, RFC 3339, UTC.
    pub ended: String,
    /// Which part of a run this is, when it was split (`--shard`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardReport>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// One record per item, ordered by input path.
    pub items: Items,
    /// The run in figures.
    pub summary: Summary,
}

impl<Items> RunReport<Items> {
    /// The same with other records, made of these.
    pub fn map_items<Others>(self, map: impl FnOnce(Items) -> Others) -> RunReport<Others> {
        RunReport {
            schema_version: self.schema_version,
            tool_version: self.tool_version,
            components: self.components,
            command: self.command,
            options: self.options,
            host: self.host,
            started: self.started,
            ended: self.ended,
            shard: self.shard,
            interrupted: self.interrupted,
            items: map(self.items),
            summary: self.summary,
        }
    }
}
