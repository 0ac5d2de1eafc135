//! A batch as Prometheus metrics, in the text format that node exporter's textfile collector reads.
//!
//! Two kinds stand side by side. Counters and histograms (`svg_ai_items_total`, `svg_ai_quality_ratio` …)
//! go on from run to run: the file of the run before is read back and added to, so that `rate()` and
//! `increase()` mean what they say. Gauges (`svg_ai_last_run_…`) are of the last run alone.
//!
//! Every series has the label `task`, the name of the file without its ending, so that the files of
//! several jobs can be in one folder. Another version of svg-ai begins to count anew, which Prometheus
//! takes for the restart that it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::host::{memory_limit, peak_memory};
use super::{ItemReport, StageTimes, Status, Summary};
use crate::classify::Class;

/// Upper bounds of the histogram of quality: close together where results are, since 0.98 and 0.99 differ
/// to the eye as much as 0.5 and 0.8 do.
const QUALITY_BOUNDS: [f64; 10] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999];

/// Upper bounds of the histogram of time an item, s: from an icon in the fast tier to the hard deadline of
/// the best one, 15 s, and beyond it.
const SECONDS_BOUNDS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// Label of what has no class or no engine: an SVG that was shrunk, or an item that failed before.
const NONE: &str = "none";

/// Longest earlier file that is read back, bytes: ours are of some 20 kB.
pub const MAX_EARLIER_BYTES: u64 = 4 << 20;

/// What every file of ours begins with.
pub const FIRST_LINE: &str = "# HELP svg_ai_build_info The version that wrote this file.";

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub struct RunEnd<'a> {
    /// Exit code of the process.
    pub exit_code: u8,
    /// When the run began.
    pub started: SystemTime,
    /// When it ended.
    pub ended: SystemTime,
    /// The run in figures; `None` when it ended before there were any.
    pub summary: Option<&'a Summary>,
}

/// Counts what a run does, to be written as metrics when it has ended.
#[derive(Debug, Clone)]
pub struct RunMetrics {
    task: String,
    counts: Counts,
}

/// What goes on from run to run. Keys are label sets as written, without the braces.
#[derive(Debug, Clone, Default, PartialEq)]
struct Counts {
    runs: BTreeMap<String, f64>,
    items: BTreeMap<String, f64>,
    failures: BTreeMap<String, f64>,
    stages: BTreeMap<String, f64>,
    read_bytes: BTreeMap<String, f64>,
    written_bytes: BTreeMap<String, f64>,
    quality: BTreeMap<String, Histogram<{ QUALITY_BOUNDS.len() }>>,
    seconds: BTreeMap<String, Histogram<{ SECONDS_BOUNDS.len() }>>,
}

/// Counts at or below each bound, and of all.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Histogram<const N: usize> {
    at_most: [f64; N],
    all: f64,
    sum: f64,
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self { at_most: [0.0; N], all: 0.0, sum: 0.0 }
    }
}

impl<const N: usize> Histogram<N> {
    fn observe(&mut self, bounds: &[f64; N], value: f64) {
        for (count, bound) in self.at_most.iter_mut().zip(bounds) {
            *count += f64::from(u8::from(value <= *bound));
        }
        self.all += 1.0;
        self.sum += value;
    }
}

/// Name, help and kind of a metric.
type Family = (&'static str, &'static str, &'static str);

const RUNS: Family = ("svg_ai_runs_total", "Runs that came to an end, by exit code.", "counter");
const ITEMS: Family = ("svg_ai_items_total", "Items by what became of them, by class and by engine.", "counter");
const FAILURES: Family = ("svg_ai_failures_total", "Items that failed, by error code.", "counter");
const STAGES: Family = ("svg_ai_stage_seconds_total", "Time spent on items, by stage.", "counter");
const READ: Family = ("svg_ai_read_bytes_total", "Bytes of the sources that were converted.", "counter");
const WRITTEN: Family = ("svg_ai_written_bytes_total", "Bytes of the SVGs made of them.", "counter");
const QUALITY: Family = ("svg_ai_quality_ratio", "Quality of the SVGs, in [0, 1], by class.", "histogram");
const SECONDS: Family = ("svg_ai_item_duration_seconds", "Time an item took, by class.", "histogram");

impl RunMetrics {
    /// For the run whose metrics go to `file`.
    pub fn new(file: &Path) -> Self {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        Self { task: escaped(&stem), counts: Counts::default() }
    }

    /// An item was done, or failed, by this run.
    pub fn add(&mut self, item: &ItemReport) {
        let task = &self.task;
        let class = item.classification.as_ref().map_or(NONE, |c| c.class.name());
        let engine = item.engine.as_ref().map_or(NONE, |e| e.name.as_str());
        let status = item.status.name();
        let labels = format!("task=\"{task}\",status=\"{status}\",class=\"{class}\",engine=\"{}\"", escaped(engine));
        *self.counts.items.entry(labels).or_default() += 1.0;
        if let (Some(error), Status::Failed) = (&item.error, item.status) {
            let labels = format!("task=\"{task}\",code=\"{}\"", escaped(&error.code));
            *self.counts.failures.entry(labels).or_default() += 1.0;
        }
        if !matches!(item.status, Status::Ok | Status::Failed) {
            return;
        }
        for (stage, ms) in stages(&item.times) {
            let labels = format!("task=\"{task}\",stage=\"{stage}\"");
            *self.counts.stages.entry(labels).or_default() += ms / 1e3;
        }
        let by_class = format!("task=\"{task}\",class=\"{class}\"");
        let seconds = item.times.total_ms / 1e3;
        self.counts.seconds.entry(by_class.clone()).or_default().observe(&SECONDS_BOUNDS, seconds);
        if item.status != Status::Ok {
            return;
        }
        if let Some(quality) = item.quality().filter(|q| q.is_finite()) {
            self.counts.quality.entry(by_class).or_default().observe(&QUALITY_BOUNDS, quality);
        }
        if let Some([read, written]) = item.sizes() {
            let labels = format!("task=\"{task}\"");
            *self.counts.read_bytes.entry(labels.clone()).or_default() += read as f64;
            *self.counts.written_bytes.entry(labels).or_default() += written as f64;
        }
    }

    /// The file's new text, made of this run and of the text that was in it before. A text that is not one
    /// of ours counts as none.
    pub fn text(&self, before: Option<&str>, end: &RunEnd<'_>) -> String {
        let task = &self.task;
        let earlier = Earlier::parse(before.unwrap_or_default());
        let version = env!("CARGO_PKG_VERSION");
        let build = format!("task=\"{task}\",version=\"{version}\"");
        let mut total = self.counts.clone();
        total.name_what_may_come(task);
        if earlier.has(&format!("svg_ai_build_info{{{build}}}")) {
            total.go_on_from(&earlier, &format!("task=\"{task}\""));
        }
        *total.runs.entry(format!("task=\"{task}\",exit_code=\"{}\"", end.exit_code)).or_default() += 1.0;

        let mut out = String::with_capacity(32 << 10);
        let own = format!("{{task=\"{task}\"}}");
        let mut gauge = |name: &str, help: &str, samples: &[(String, f64)]| {
            head(&mut out, (name, help, "gauge"));
            for (labels, value) in samples {
                let _ = writeln!(out, "{name}{labels} {value}");
            }
        };
        gauge("svg_ai_build_info", "The version that wrote this file.", &[(format!("{{{build}}}"), 1.0)]);
        let succeeded = end.exit_code == 0;
        let last_success = if succeeded {
            seconds_of(end.ended)
        } else {
            earlier.get(&format!("svg_ai_last_success_timestamp_seconds{own}")).unwrap_or(0.0)
        };
        let one = |value: f64| vec![(own.clone(), value)];
        gauge(
            "svg_ai_last_success_timestamp_seconds",
            "When a run last ended with exit code 0; 0 for never.",
            &one(last_success),
        );
        gauge("svg_ai_last_run_timestamp_seconds", "When the last run ended.", &one(seconds_of(end.ended)));
        gauge("svg_ai_last_run_exit_code", "Its exit code.", &one(f64::from(end.exit_code)));
        gauge("svg_ai_last_run_success", "Whether it ended with exit code 0.", &one(f64::from(u8::from(succeeded))));
        let wall = end.ended.duration_since(end.started).unwrap_or_default().as_secs_f64();
        gauge("svg_ai_last_run_duration_seconds", "Wall time of the last run.", &one(wall));
        let nothing = Summary::default();
        let summary = end.summary.unwrap_or(&nothing);
        let all = [Status::Ok, Status::Failed, Status::Skipped, Status::Planned, Status::NotStarted];
        let items = all
            .map(|status| (format!("{{task=\"{task}\",status=\"{}\"}}", status.name()), summary.count(status) as f64));
        gauge("svg_ai_last_run_items", "Items of the last run, by what became of them.", &items);
        let reused = one(summary.reused as f64);
        gauge("svg_ai_last_run_reused_items", "Those among them that an earlier run had done.", &reused);
        let by_class = |figure: fn(&super::Percentiles) -> f64| -> Vec<(String, f64)> {
            let scored = summary.by_class.iter().filter(|(_, group)| group.quality.n > 0);
            let sample = |(class, group): (&String, &super::Group)| {
                (format!("{{task=\"{task}\",class=\"{}\"}}", escaped(class)), figure(&group.quality))
            };
            scored.map(sample).collect()
        };
        let mean = by_class(|q| q.mean);
        gauge("svg_ai_last_run_mean_quality_ratio", "Mean quality of the last run, by class.", &mean);
        let low = by_class(|q| q.p5);
        gauge("svg_ai_last_run_low_quality_ratio", "5th percentile of the last run's quality, by class.", &low);
        if let Some(bytes) = summary.peak_memory_bytes.or_else(peak_memory) {
            let peak = one(bytes as f64);
            gauge("svg_ai_last_run_peak_memory_bytes", "Most memory that the last run had resident.", &peak);
        }
        if let Some(bytes) = memory_limit() {
            let limit = one(bytes as f64);
            gauge("svg_ai_memory_limit_bytes", "Memory that a run may use: the machine's or the group's.", &limit);
        }
        total.write(&mut out);
        out
    }
}

impl Counts {
    /// Gives what is certain to be asked for a zero, so that the first failure is an increase, and no query
    /// has to deal with series that are not there yet.
    fn name_what_may_come(&mut self, task: &str) {
        for exit in [0, 1, 2, 3, 4, 130] {
            self.runs.entry(format!("task=\"{task}\",exit_code=\"{exit}\"")).or_default();
        }
        for code in crate::Code::ALL {
            self.failures.entry(format!("task=\"{task}\",code=\"{}\"", code.id())).or_default();
        }
        for (stage, _) in stages(&StageTimes::default()) {
            self.stages.entry(format!("task=\"{task}\",stage=\"{stage}\"")).or_default();
        }
        for bytes in [&mut self.read_bytes, &mut self.written_bytes] {
            bytes.entry(format!("task=\"{task}\"")).or_default();
        }
        for class in Class::ALL.map(Class::name) {
            let labels = format!("task=\"{task}\",class=\"{class}\"");
            self.quality.entry(labels.clone()).or_default();
            self.seconds.entry(labels).or_default();
        }
    }

    /// Adds what was counted before, of series whose labels begin with `task`.
    fn go_on_from(&mut self, earlier: &Earlier<'_>, task: &str) {
        for ((name, ..), counts) in self.counters_mut() {
            for (labels, value) in earlier.of(name).filter(|(labels, _)| labels.starts_with(task)) {
                *counts.entry(labels.to_string()).or_default() += value;
            }
        }
        earlier.add_to(QUALITY, &QUALITY_BOUNDS, task, &mut self.quality);
        earlier.add_to(SECONDS, &SECONDS_BOUNDS, task, &mut self.seconds);
    }

    fn counters_mut(&mut self) -> [(Family, &mut BTreeMap<String, f64>); 6] {
        [
            (RUNS, &mut self.runs),
            (ITEMS, &mut self.items),
            (FAILURES, &mut self.failures),
            (STAGES, &mut self.stages),
            (READ, &mut self.read_bytes),
            (WRITTEN, &mut self.written_bytes),
        ]
    }

    fn write(&mut self, out: &mut String) {
        for (family, counts) in self.counters_mut() {
            head(out, family);
            for (labels, value) in counts.iter() {
                let _ = writeln!(out, "{}{{{labels}}} {value}", family.0);
            }
        }
        write_histograms(out, QUALITY, &QUALITY_BOUNDS, &self.quality);
        write_histograms(out, SECONDS, &SECONDS_BOUNDS, &self.seconds);
    }
}

fn write_histograms<const N: usize>(
    out: &mut String,
    family: Family,
    bounds: &[f64; N],
    histograms: &BTreeMap<String, Histogram<N>>,
) {
    head(out, family);
    let name = family.0;
    for (labels, h) in histograms {
        for (bound, count) in bounds.iter().zip(h.at_most) {
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
        }
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", h.all);
        let _ = writeln!(out, "{name}_sum{{{labels}}} {}", h.sum);
        let _ = writeln!(out, "{name}_count{{{labels}}} {}", h.all);
    }
}

fn head(out: &mut String, (name, help, kind): (&str, &str, &str)) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// The samples of an earlier file.
struct Earlier<'a>(BTreeMap<&'a str, f64>);

impl<'a> Earlier<'a> {
    /// Takes what can be a sample of ours; everything else is passed over.
    fn parse(text: &'a str) -> Self {
        let sample = |line: &'a str| {
            let (key, value) = line.rsplit_once(' ')?;
            let value: f64 = value.parse().ok()?;
            (!key.starts_with('#') && key.ends_with('}') && value.is_finite() && value >= 0.0).then_some((key, value))
        };
        Self(text.lines().filter_map(sample).collect())
    }

    fn get(&self, key: &str) -> Option<f64> {
        self.0.get(key).copied()
    }

    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Labels and values of the samples called `name`.
    fn of(&self, name: &str) -> impl Iterator<Item = (&'a str, f64)> {
        let label = move |key: &'a str| key.strip_prefix(name)?.strip_prefix('{')?.strip_suffix('}');
        self.0.iter().filter_map(move |(key, value)| Some((label(key)?, *value)))
    }

    fn add_to<const N: usize>(
        &self,
        (name, ..): Family,
        bounds: &[f64; N],
        task: &str,
        histograms: &mut BTreeMap<String, Histogram<N>>,
    ) {
        for (labels, all) in self.of(&format!("{name}_count")).filter(|(labels, _)| labels.starts_with(task)) {
            let h = histograms.entry(labels.to_string()).or_default();
            h.all += all;
            h.sum += self.get(&format!("{name}_sum{{{labels}}}")).unwrap_or(0.0);
            for (count, bound) in h.at_most.iter_mut().zip(bounds) {
                *count += self.get(&format!("{name}_bucket{{{labels},le=\"{bound}\"}}")).unwrap_or(0.0);
            }
        }
    }
}

/// Stages with their times, ms, as named in labels.
fn stages(times: &StageTimes) -> [(&'static str, f64); 5] {
    [
        ("decode", times.decode_ms),
        ("classify", times.classify_ms),
        ("trace", times.trace_ms),
        ("write", times.write_ms),
        ("score", times.score_ms),
    ]
}

/// Seconds since 1970.
fn seconds_of(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The value of a label as the text format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::sample;

    fn end(exit_code: u8, at: u64, summary: Option<&Summary>) -> RunEnd<'_> {
        let ended = UNIX_EPOCH + Duration::from_secs(at);
        RunEnd { exit_code, started: ended - Duration::from_secs(4), ended, summary }
    }

    fn ran(n: usize, file: &str) -> RunMetrics {
        let mut metrics = RunMetrics::new(Path::new(file));
        for item in &sample::report(n).items {
            metrics.add(item);
        }
        metrics
    }

    /// The value of the only line that starts with `key` and a space.
    fn value(text: &str, key: &str) -> f64 {
        let start = format!("{key} ");
        let found: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix(&start)).collect();
        assert_eq!(found.len(), 1, "{key} in\n{text}");
        found[0].parse().expect("a number")
    }

    fn sum(text: &str, name: &str) -> f64 {
        Earlier::parse(text).of(name).map(|(_, v)| v).sum()
    }

    #[test]
    fn a_run_is_counted_once() {
        let report = sample::report(21);
        let text = ran(21, "/var/lib/logos.prom").text(None, &end(1, 1000, Some(&report.summary)));
        assert_eq!(sum(&text, "svg_ai_items_total"), 21.0);
        assert_eq!(value(&text, "svg_ai_failures_total{task=\"logos\",code=\"input.truncated\"}"), 3.0);
        assert_eq!(value(&text, "svg_ai_last_run_items{task=\"logos\",status=\"ok\"}"), 18.0);
        assert_eq!(sum(&text, "svg_ai_quality_ratio_count"), 18.0, "only what was scored");
        assert_eq!(sum(&text, "svg_ai_item_duration_seconds_count"), 21.0);
        assert_eq!(value(&text, "svg_ai_read_bytes_total{task=\"logos\"}"), 18.0 * 20_000.0);
        let trace = value(&text, "svg_ai_stage_seconds_total{task=\"logos\",stage=\"trace\"}");
        let expected: f64 = report.items.iter().map(|i| i.times.trace_ms / 1e3).sum();
        assert!((trace - expected).abs() < 1e-9, "{trace}");
        assert_eq!(value(&text, "svg_ai_last_run_duration_seconds{task=\"logos\"}"), 4.0);
    }

    #[test]
    fn counters_go_on_and_gauges_do_not() {
        let report = sample::report(21);
        let metrics = ran(21, "logos.prom");
        let first = metrics.text(None, &end(0, 1000, Some(&report.summary)));
        let second = metrics.text(Some(&first), &end(1, 2000, Some(&report.summary)));
        for name in ["svg_ai_items_total", "svg_ai_failures_total", "svg_ai_quality_ratio_bucket"] {
            assert_eq!(sum(&second, name), 2.0 * sum(&first, name), "{name}");
        }
        for name in ["svg_ai_item_duration_seconds_sum", "svg_ai_written_bytes_total"] {
            assert!((sum(&second, name) - 2.0 * sum(&first, name)).abs() < 1e-6, "{name}");
        }
        assert_eq!(sum(&second, "svg_ai_last_run_items"), sum(&first, "svg_ai_last_run_items"));
        assert_eq!(value(&second, "svg_ai_runs_total{task=\"logos\",exit_code=\"0\"}"), 1.0);
        assert_eq!(value(&second, "svg_ai_runs_total{task=\"logos\",exit_code=\"1\"}"), 1.0);
        assert_eq!(value(&second, "svg_ai_last_run_success{task=\"logos\"}"), 0.0);
        assert_eq!(value(&second, "svg_ai_last_success_timestamp_seconds{task=\"logos\"}"), 1000.0, "it is kept");
    }

    #[test]
    fn another_version_counts_anew_but_remembers_the_last_success() {
        let metrics = ran(7, "logos.prom");
        let first = metrics.text(None, &end(0, 1000, None));
        let older = first.replace(env!("CARGO_PKG_VERSION"), "0.0.1");
        let second = metrics.text(Some(&older), &end(4, 2000, None));
        assert_eq!(sum(&second, "svg_ai_items_total"), 7.0);
        assert_eq!(value(&second, "svg_ai_last_success_timestamp_seconds{task=\"logos\"}"), 1000.0);
    }

    #[test]
    fn what_is_not_ours_is_passed_over() {
        let metrics = ran(7, "logos.prom");
        let clean = metrics.text(None, &end(0, 1000, None));
        let build = format!("svg_ai_build_info{{task=\"logos\",version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
        let junk = format!(
            "{build}\nsvg_ai_items_total{{task=\"logos\"}} NaN\nsvg_ai_items_total{{task=\"logos\"}} -5\n\
             svg_ai_items_total{{task=\"other\",status=\"ok\"}} 9\nsvg_ai_items_total 3\n\u{0}\n{{}} 1\nx"
        );
        assert_eq!(metrics.text(Some(&junk), &end(0, 1000, None)), clean);
    }

    #[test]
    fn a_name_cannot_break_out_of_its_label() {
        let text = ran(1, "a\"} 1\nevil{x=\"\\.prom").text(None, &end(0, 1000, None));
        assert!(!text.lines().any(|l| l.starts_with("evil")), "{text}");
        assert!(text.contains("task=\"a\\\"} 1\\nevil{x=\\\"\\\\\""), "{text}");
    }

    #[test]
    fn every_family_is_told_once_and_ends_as_its_kind_does() {
        let report = sample::report(21);
        let text = ran(21, "logos.prom").text(None, &end(0, 1000, Some(&report.summary)));
        assert!(text.starts_with(FIRST_LINE));
        let mut seen = std::collections::BTreeSet::new();
        for line in text.lines().filter_map(|l| l.strip_prefix("# TYPE ")) {
            let (name, kind) = line.split_once(' ').expect("name and kind");
            assert!(seen.insert(name), "{name} twice");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
        }
        let keys: Vec<&str> =
            text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.rsplit_once(' ')).map(|p| p.0).collect();
        let unique: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(keys.len(), unique.len(), "no series twice");
    }

    #[test]
    fn buckets_hold_what_is_at_or_below_their_bound() {
        let mut h = Histogram::default();
        for v in [0.5, 0.6, 0.9999] {
            h.observe(&QUALITY_BOUNDS, v);
        }
        assert_eq!(h.at_most, [1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]);
        assert_eq!((h.all, h.sum), (3.0, 0.5 + 0.6 + 0.9999));
    }
}
