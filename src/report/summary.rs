//! A run in figures, and in words for a terminal.
//!
//! Percentiles are by nearest rank: the `p`-th percentile of `n` values is the `⌈p/100 · n⌉`-th
//! smallest. So every percentile is a value that some item really had (it can be looked up in the
//! report), the median of two values is the smaller, and with under 20 values p95 is the largest.
//! Values that are not finite are left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::records::{Figures, Record, Records};
use super::{Group, Percentiles, RunReport, Status, Summary};

/// Widest line of [`summary_text`], columns: what every terminal has.
const COLUMNS: usize = 80;
/// Items named under "Worst": a glance, not a list.
const WORST: usize = 5;
/// Files named under each failure code; the report has the others.
const FILES_A_FAILURE: usize = 3;

impl Percentiles {
    /// The percentiles of `values`, by nearest rank; all zero when there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        if values.is_empty() {
            return Self::default();
        }
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let rank = |p: usize| values[(p * n).div_ceil(100).clamp(1, n) - 1];
        let mean = values.iter().sum::<f64>() / n as f64;
        Self { n, mean, p5: rank(5), p50: rank(50), p95: rank(95), p99: rank(99) }
    }
}

impl Status {
    /// The name as written in reports.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
            Status::Planned => "planned",
            Status::NotStarted => "not-started",
        }
    }
}

/// The figures of a run of `items` that took `seconds` of wall time; `reused` of them were done by an
/// earlier run.
///
/// Groups hold the items that succeeded. Throughput counts those that succeeded or failed in this run,
/// not those that were skipped. Peak memory is the highest that any item saw.
pub fn summarize(items: impl IntoIterator<Item = Figures>, reused: usize, seconds: f64) -> Summary {
    let mut summary = Summary { seconds, reused, ..Summary::default() };
    let mut by_class: BTreeMap<String, Values> = BTreeMap::new();
    let mut by_engine: BTreeMap<String, Values> = BTreeMap::new();
    let mut succeeded = Values::default();
    let mut finished = 0usize;
    for item in items {
        *summary.status.entry(item.status.name().into()).or_default() += 1;
        summary.peak_memory_bytes = summary.peak_memory_bytes.max(item.peak_memory_bytes);
        if item.status == Status::Failed {
            finished += 1;
            *summary.failures.entry(item.code.as_deref().unwrap_or("unknown").into()).or_default() += 1;
        }
        if item.status != Status::Ok {
            continue;
        }
        finished += 1;
        if let Some(class) = item.class {
            by_class.entry(class.name().into()).or_default().add(&item);
        }
        if let Some(engine) = &item.engine {
            by_engine.entry(engine.to_string()).or_default().add(&item);
        }
        if let Some([source, result]) = item.sizes {
            summary.bytes_in += source;
            summary.bytes_out += result;
        }
        succeeded.add(&item);
    }
    let groups = |by: BTreeMap<String, Values>| by.into_iter().map(|(k, v)| (k, v.group())).collect();
    summary.all = succeeded.group();
    summary.by_class = groups(by_class);
    summary.by_engine = groups(by_engine);
    summary.items_per_second = if seconds > 0.0 { finished.saturating_sub(reused) as f64 / seconds } else { 0.0 };
    summary
}

/// Every value of the items of a group.
#[derive(Debug, Default)]
struct Values {
    items: usize,
    quality: Vec<f64>,
    bytes: Vec<f64>,
    ms: Vec<f64>,
}

impl Values {
    fn add(&mut self, item: &Figures) {
        self.items += 1;
        self.quality.extend(item.quality);
        self.bytes.extend(item.bytes.map(|bytes| bytes as f64));
        self.ms.push(item.ms);
    }

    fn group(self) -> Group {
        let Self { items, quality, bytes, ms } = self;
        Group { items, quality: Percentiles::of(quality), bytes: Percentiles::of(bytes), ms: Percentiles::of(ms) }
    }
}

/// The run in words and aligned figures, at most 80 columns wide, plain text, ending in a line end.
///
/// File names and messages are shown without their control characters, so that a name cannot
/// drive the terminal.
pub fn summary_text(report: &RunReport<Records>) -> String {
    let mut out = String::new();
    let s = &report.summary;
    head(&mut out, report);
    if s.all.items > 0 {
        let _ = writeln!(out, "\n{:<18}{:>8}{:>10}{:>10}{:>10}{:>10}", "", "median", "mean", "p5", "p95", "p99");
        row(&mut out, "quality", &s.all.quality, &quality);
        row(&mut out, "SVG size", &s.all.bytes, &bytes);
        row(&mut out, "time an image", &s.all.ms, &ms);
        groups(&mut out, "class", &s.by_class);
        groups(&mut out, "engine", &s.by_engine);
    }
    worst(&mut out, &report.items);
    failures(&mut out, &report.items);
    out
}

fn head(out: &mut String, report: &RunReport<Records>) {
    let s = &report.summary;
    let count = |status| s.count(status);
    let others = [Status::Failed, Status::Skipped, Status::Planned, Status::NotStarted];
    let mut line = format!("{} of {} converted", count(Status::Ok), plural(report.items.len(), "image"));
    for status in others.into_iter().filter(|&status| count(status) > 0) {
        let _ = write!(line, ", {} {}", count(status), status.name().replace('-', " "));
    }
    if s.reused > 0 {
        let _ = write!(line, ", {} of them by an earlier run", s.reused);
    }
    let _ = writeln!(out, "{line}{}", if report.interrupted { " (interrupted)" } else { "" });

    let mut facts = vec![format!("{} wall time", ms(s.seconds * 1e3)), format!("{:.1} images/s", s.items_per_second)];
    if let Some(peak) = s.peak_memory_bytes {
        facts.push(format!("{} peak memory", bytes(peak as f64)));
    }
    let _ = writeln!(out, "{}", facts.join(", "));
    if s.bytes_in > 0 {
        let share = 100.0 * s.bytes_out as f64 / s.bytes_in as f64;
        let _ = writeln!(
            out,
            "{} in, {} out ({share:.0} % of the sources)",
            bytes(s.bytes_in as f64),
            bytes(s.bytes_out as f64)
        );
    }
}

fn row(out: &mut String, name: &str, p: &Percentiles, show: &dyn Fn(f64) -> String) {
    if p.n > 0 {
        let [p50, mean, p5, p95, p99] = [p.p50, p.mean, p.p5, p.p95, p.p99].map(show);
        let _ = writeln!(out, "{name:<18}{p50:>8}{mean:>10}{p5:>10}{p95:>10}{p99:>10}");
    }
}

fn groups(out: &mut String, what: &str, by: &BTreeMap<String, Group>) {
    if by.is_empty() {
        return;
    }
    let title = format!("by {what}");
    let columns = ["images", "quality", "p5", "size", "time"];
    let _ = writeln!(
        out,
        "\n{title:<18}{:>8}{:>10}{:>10}{:>10}{:>10}",
        columns[0], columns[1], columns[2], columns[3], columns[4]
    );
    for (name, g) in by {
        let scored = |v: f64| if g.quality.n > 0 { quality(v) } else { "-".into() };
        let size = if g.bytes.n > 0 { bytes(g.bytes.p50) } else { "-".into() };
        let (mid, low, time) = (scored(g.quality.p50), scored(g.quality.p5), ms(g.ms.p50));
        let name = fit_end(&plain(name), 17);
        let pad = 18 - name.width();
        let _ = writeln!(out, "{name}{:pad$}{:>8}{mid:>10}{low:>10}{size:>10}{time:>10}", "", g.items);
    }
}

fn worst(out: &mut String, items: &Records) {
    let scored = items.iter().filter(|i| i.figures().status == Status::Ok);
    let mut scored: Vec<_> = scored.filter_map(|i| Some((i.figures().quality?, i))).collect();
    scored.sort_by(|(qa, a), (qb, b)| qa.total_cmp(qb).then_with(|| a.input().cmp(b.input())));
    // With so few images everything would be among the worst.
    if scored.len() <= 1 {
        return;
    }
    let _ = writeln!(out, "\nworst");
    for (value, item) in scored.iter().take(WORST) {
        let class = item.figures().class.map_or("-", |class| class.name());
        let engine = fit_end(&plain(item.figures().engine.as_deref().unwrap_or("-")), 10);
        let start = format!("  {}  {class:<9}  {engine:<10}  ", quality(*value));
        let _ = writeln!(out, "{start}{}", fit_start(&plain(item.input()), COLUMNS - start.width()));
    }
}

fn failures(out: &mut String, items: &Records) {
    let mut by_code: BTreeMap<Arc<str>, Vec<Record<'_>>> = BTreeMap::new();
    for item in items.iter().filter(|i| i.figures().status == Status::Failed) {
        if let Some(code) = item.figures().code.clone() {
            by_code.entry(code).or_default().push(item);
        }
    }
    if by_code.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nfailed");
    for (code, failed) in by_code {
        let _ = writeln!(out, "  {}, {}", plain(&code), plural(failed.len(), "image"));
        let mut cure = None;
        for item in failed.iter().take(FILES_A_FAILURE) {
            let _ = writeln!(out, "    {}", fit_start(&plain(item.input()), COLUMNS - 4));
            // One that cannot be read back is an error where the report is written.
            if let Some(error) = item.read().ok().and_then(|item| item.error) {
                wrap(out, "      ", &plain(&error.message));
                cure.get_or_insert(error.suggestion);
            }
        }
        if let Some(more) = failed.len().checked_sub(FILES_A_FAILURE).filter(|&more| more > 0) {
            let _ = writeln!(out, "    and {more} more");
        }
        if let Some(cure) = cure.filter(|cure| !cure.is_empty()) {
            wrap(out, "    → ", &plain(&cure));
        }
    }
}

/// Writes `text` in lines of at most [`COLUMNS`], the first after `start`, the others indented alike.
fn wrap(out: &mut String, start: &str, text: &str) {
    let indent = " ".repeat(start.width());
    let mut line = start.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.width() + 1 + word.width() > COLUMNS {
            let _ = writeln!(out, "{line}");
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        let room = COLUMNS - line.width();
        line.push_str(&fit_end(word, room));
        empty = false;
    }
    if !empty {
        let _ = writeln!(out, "{line}");
    }
}

/// `text` with characters that steer a terminal, or reverse its reading order, replaced by `�`.
fn plain(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether `c` shows nothing itself but changes how what follows is shown.
pub(super) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The end of `text` in at most `room` columns (the file's name matters more than its folder).
fn fit_start(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.into();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut width = 1;
    for c in text.chars().rev() {
        width += c.width().unwrap_or(0);
        if width > room {
            break;
        }
        kept.push(c);
    }
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// The start of `text` in at most `room` columns.
fn fit_end(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.into();
    }
    let mut kept = String::new();
    let mut width = 1;
    for c in text.chars() {
        width += c.width().unwrap_or(0);
        if width > room {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

fn plural(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn quality(value: f64) -> String {
    format!("{value:.4}")
}

/// Bytes with a decimal prefix (1 kB is 1000 B), as file managers show them.
fn bytes(value: f64) -> String {
    match value {
        v if v < 999.5 => format!("{v:.0} B"),
        v if v < 999_950.0 => format!("{:.1} kB", v / 1e3),
        v if v < 999_950_000.0 => format!("{:.1} MB", v / 1e6),
        v => format!("{:.1} GB", v / 1e9),
    }
}

fn ms(value: f64) -> String {
    match value {
        v if v < 9.95 => format!("{v:.1} ms"),
        v if v < 999.5 => format!("{v:.0} ms"),
        v if v < 119_950.0 => format!("{:.1} s", v / 1e3),
        v => format!("{:.0} min", v / 60e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let p = Percentiles::of((1..=100).rev().map(f64::from));
        assert_eq!((p.n, p.p5, p.p50, p.p95, p.p99, p.mean), (100, 5.0, 50.0, 95.0, 99.0, 50.5));
        let p = Percentiles::of([4.0, 2.0]);
        assert_eq!((p.p5, p.p50, p.p95, p.p99), (2.0, 2.0, 4.0, 4.0));
        let p = Percentiles::of([7.0, f64::NAN, f64::INFINITY]);
        assert_eq!((p.n, p.p5, p.p99, p.mean), (1, 7.0, 7.0, 7.0));
        assert_eq!(Percentiles::of([]), Percentiles::default());
    }

    #[test]
    fn a_summary_counts_everything_once() {
        let report = sample::report(21);
        let s = &report.summary;
        assert_eq!((s.status["ok"], s.status["failed"]), (18, 3));
        assert_eq!(s.failures, BTreeMap::from([("input.truncated".to_owned(), 3)]));
        assert_eq!((s.all.items, s.all.quality.n), (18, 18));
        assert_eq!(s.by_class.values().map(|g| g.items).sum::<usize>(), 18);
        assert_eq!(s.by_engine.values().map(|g| g.items).sum::<usize>(), 18);
        assert_eq!(s.bytes_in, 18 * 20_000);
        assert_eq!(s.items_per_second, 21.0 / 4.0);
        assert_eq!(summarize([], 0, 0.0), Summary::default());
    }

    #[test]
    fn items_left_alone_are_not_throughput() {
        let mut items = [sample::item(0), sample::item(1)];
        items[1].status = Status::Skipped;
        let s = summarize(items.iter().map(Figures::of), 0, 2.0);
        assert_eq!((s.items_per_second, s.all.items, s.bytes_in), (0.5, 1, 20_000));
        items[1].status = Status::Ok;
        assert_eq!(
            summarize(items.iter().map(Figures::of), 1, 2.0).items_per_second,
            0.5,
            "nor are those of an earlier run"
        );
    }

    #[test]
    fn status_names_are_those_of_the_json() {
        for status in [Status::Ok, Status::Failed, Status::Skipped, Status::Planned, Status::NotStarted] {
            assert_eq!(serde_json::to_value(status).expect("JSON"), status.name());
        }
    }

    #[test]
    fn the_text_fits_the_terminal_and_cannot_drive_it() {
        let mut report = sample::report(40);
        report.items[12].input = format!("{}/文字化け-{}.png", "很长的文件夹".repeat(9), "x".repeat(30));
        report.items[12].metrics.as_mut().expect("scored").quality = 0.01;
        report.items[13].error.as_mut().expect("failed").message = "long words ".repeat(30) + &"y".repeat(200);
        report.items[6].input = "\u{1b}[2Jcleared\r\n\u{202e}gnp".into();
        let text = summary_text(&sample::on_disk(report));
        for line in text.lines() {
            assert!(line.width() <= COLUMNS, "{} columns: {line}", line.width());
        }
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
        assert!(text.contains("35 of 40 images converted, 5 failed\n"), "{text}");
        assert!(text.contains("→ it was probably cut off"), "{text}");
        assert!(text.contains("and 2 more"), "{text}");
        let (_, worst) = text.split_once("\nworst\n").expect("worst");
        assert!(worst.starts_with("  0.0100  "), "{worst}");
        assert_eq!(worst.lines().take_while(|l| !l.is_empty()).count(), WORST);
    }

    #[test]
    fn an_empty_run_is_said_in_words() {
        assert_eq!(
            summary_text(&sample::on_disk(sample::report(0))),
            "0 of 0 images converted\n4.0 s wall time, 0.0 images/s\n"
        );
    }

    #[test]
    fn figures_never_round_into_the_next_unit() {
        assert_eq!([999.0, 999.6, 999_951.0].map(bytes), ["999 B", "1.0 kB", "1.0 MB"]);
        assert_eq!([9.96, 999.6, 120_000.0].map(ms), ["10 ms", "1.0 s", "2 min"]);
    }
}
