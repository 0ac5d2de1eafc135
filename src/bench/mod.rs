//! Statistics and gates over a set of images.
//!
//! [`run`] converts a set as `batch` does, as often as asked, and sums it up per class: quality,
//! size, time per stage, throughput per number of jobs, peak memory. [`compare`] runs another
//! tool on the same files and scores it the same way. [`regressions`] holds the figures against
//! those of an earlier run.

mod baseline;
mod calibrate;
mod compare;
mod corpus;

pub use baseline::{Allowed, Regression, regressions};
pub use compare::{Tool, ToolFigures, compare};
pub use corpus::Corpus;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::batch::{RunOptions, run as run_batch};
use crate::report::host::peak_memory;
use crate::report::records::Records;
use crate::report::run::components;
use crate::report::{Group, Host, ItemReport, Percentiles, StageTimes, Status};
use crate::{Code, Error, Result};

/// Version of the figures' format.
pub const FORMAT_VERSION: &str = "1.0";

/// Images a second with so many at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Throughput {
    /// Images at once.
    pub jobs: usize,
    /// Images a second, the median of the repeats.
    pub images_per_second: f64,
    /// Against the first number of jobs of the run.
    pub speedup: f64,
}

/// Figures of one group of images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GroupFigures {
    /// Quality, bytes and total time.
    #[serde(flatten)]
    pub group: Group,
    /// Bytes of the SVG over bytes of the source.
    pub bytes_ratio: Percentiles,
    /// Nodes of the SVG.
    pub nodes: Percentiles,
    /// Median time of each stage, ms.
    pub stages: StageTimes,
}

/// The figures of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Figures {
    /// Version of this format.
    pub format_version: String,
    /// Version of svg-ai.
    pub tool_version: String,
    /// Versions of the engines and the renderer.
    pub components: BTreeMap<String, String>,
    /// The machine.
    pub host: Host,
    /// Quality tier.
    pub tier: String,
    /// Digest of the images' bytes: figures of different sets are not comparable.
    pub set: String,
    /// Images in the set.
    pub images: usize,
    /// Images that failed.
    pub failed: usize,
    /// What went wrong with them, each with its file and code.
    #[serde(default)]
    pub failures: Vec<String>,
    /// Runs over the set.
    pub repeats: usize,
    /// Time of a fixed piece of work on this machine, ms; times are compared as multiples of it.
    pub calibration_ms: f64,
    /// All images.
    pub all: GroupFigures,
    /// The same by class.
    pub by_class: BTreeMap<String, GroupFigures>,
    /// Images a second by number of jobs.
    pub throughput: Vec<Throughput>,
    /// Peak memory of the process, bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
    /// Other tools on the same images.
    pub others: Vec<ToolFigures>,
}

/// Runs `corpus` with each number of jobs in `jobs`, `repeats` times each; figures per image are
/// those of the first number of jobs, times the median of its repeats.
///
/// # Errors
/// What stops a batch; [`Code::RunInterrupted`] when `stop` was set.
pub fn run(
    corpus: &Corpus,
    options: &RunOptions,
    jobs: &[usize],
    repeats: usize,
    stop: &Arc<AtomicBool>,
) -> Result<Figures> {
    let calibration_ms = calibrate::milliseconds();
    let mut throughput: Vec<Throughput> = Vec::new();
    let mut runs: Vec<Vec<ItemReport>> = Vec::new();
    for (round, &at_once) in jobs.iter().enumerate() {
        let options = RunOptions { jobs: at_once, ..options.clone() };
        let mut rates = Vec::with_capacity(repeats);
        for _ in 0..repeats.max(1) {
            let start = Instant::now();
            let records = Records::new_in(&std::env::temp_dir());
            run_batch(&corpus.jobs, &options, None, stop, &(), &records)?;
            if stop.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(Error::new(Code::RunInterrupted, "stopped before the figures were complete"));
            }
            rates.push(records.len() as f64 / start.elapsed().as_secs_f64());
            if round == 0 {
                runs.push(records.read_all()?);
            }
        }
        let images_per_second = median(rates);
        let first = throughput.first().map_or(images_per_second, |t| t.images_per_second);
        throughput.push(Throughput { jobs: at_once, images_per_second, speedup: images_per_second / first });
    }
    let items = merge(runs);
    let good = |class: Option<&str>| -> Vec<&ItemReport> {
        let in_class = |i: &&ItemReport| {
            class.is_none_or(|c| i.classification.as_ref().is_some_and(|found| found.class.name() == c))
        };
        items.iter().filter(|i| i.status == Status::Ok).filter(in_class).collect()
    };
    let classes: std::collections::BTreeSet<&str> =
        items.iter().filter_map(|i| i.classification.as_ref()).map(|c| c.class.name()).collect();
    Ok(Figures {
        format_version: FORMAT_VERSION.into(),
        tool_version: env!("CARGO_PKG_VERSION").into(),
        components: components(),
        host: Host::current(),
        tier: options.pipeline.tier.name().into(),
        set: corpus.digest.clone(),
        images: items.len(),
        failed: items.iter().filter(|i| i.status == Status::Failed).count(),
        failures: items.iter().filter_map(failure).collect(),
        repeats,
        calibration_ms,
        all: figures(&good(None)),
        by_class: classes.into_iter().map(|c| (c.to_string(), figures(&good(Some(c))))).collect(),
        throughput,
        peak_memory_bytes: peak_memory(),
        others: Vec::new(),
    })
}

/// File, message and code of an item that failed.
fn failure(item: &ItemReport) -> Option<String> {
    item.error.as_ref().map(|e| format!("{}: {} [{}]", item.input, e.message, e.code))
}

/// One record per image, with the median time of its runs.
fn merge(runs: Vec<Vec<ItemReport>>) -> Vec<ItemReport> {
    let mut items = runs.first().cloned().unwrap_or_default();
    for (i, item) in items.iter_mut().enumerate() {
        let of =
            |get: fn(&StageTimes) -> f64| median(runs.iter().filter_map(|r| r.get(i)).map(|r| get(&r.times)).collect());
        item.times = StageTimes {
            decode_ms: of(|t| t.decode_ms),
            classify_ms: of(|t| t.classify_ms),
            trace_ms: of(|t| t.trace_ms),
            write_ms: of(|t| t.write_ms),
            score_ms: of(|t| t.score_ms),
            total_ms: of(|t| t.total_ms),
        };
    }
    items
}

/// The figures of some records.
fn figures(items: &[&ItemReport]) -> GroupFigures {
    let metric = |get: fn(&crate::score::Metrics) -> Option<f64>| {
        Percentiles::of(items.iter().filter_map(|i| get(i.metrics.as_ref()?)))
    };
    let stage = |get: fn(&StageTimes) -> f64| median(items.iter().map(|i| get(&i.times)).collect());
    GroupFigures {
        group: Group {
            items: items.len(),
            quality: metric(|m| Some(m.quality)),
            bytes: metric(|m| Some(m.economy.bytes as f64)),
            ms: Percentiles::of(items.iter().map(|i| i.times.total_ms)),
        },
        bytes_ratio: metric(|m| m.economy.bytes_ratio),
        nodes: metric(|m| Some(m.economy.nodes as f64)),
        stages: StageTimes {
            decode_ms: stage(|t| t.decode_ms),
            classify_ms: stage(|t| t.classify_ms),
            trace_ms: stage(|t| t.trace_ms),
            write_ms: stage(|t| t.write_ms),
            score_ms: stage(|t| t.score_ms),
            total_ms: stage(|t| t.total_ms),
        },
    }
}

/// The median; 0 of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}
