//! The log: one event for each item, and with `-vv` one for each stage of it, on standard error.
//!
//! The library says what happens with [`tracing`]; here it is decided who hears it. In text the log is
//! beside the lines for people ([`super::console`]); as json it is in place of them, so that standard error
//! is one object a line. Events name files, classes, engines, times and codes, never what is in a file.

use std::io;

use svg_ai::report::{ItemReport, RunReport, Status};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::args::{Global, LogFormat, LogLevel};

/// Whose events are logged: ours. Those of libraries may hold what is no business of a log, such as signed URLs.
const OURS: &str = "svg_ai";

/// Starts the log, once for the process.
pub(crate) fn start(global: &Global) {
    let level = level(global);
    // Without a listener an event costs a look at one number.
    if level == LevelFilter::OFF {
        return;
    }
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        // A closed standard error must not stop the work.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    let ours = Targets::new().with_target(OURS, level);
    match global.log_format {
        LogFormat::Text => log.finish().with(ours).init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).finish().with(ours).init(),
    }
}

fn level(global: &Global) -> LevelFilter {
    let json = global.log_format == LogFormat::Json;
    match (global.log, global.quiet, global.verbose) {
        (Some(LogLevel::Off), ..) => LevelFilter::OFF,
        (Some(LogLevel::Error), ..) => LevelFilter::ERROR,
        (Some(LogLevel::Warn), ..) => LevelFilter::WARN,
        (Some(LogLevel::Info), ..) => LevelFilter::INFO,
        (Some(LogLevel::Debug), ..) | (None, false, 2..) => LevelFilter::DEBUG,
        (None, true, _) if json => LevelFilter::ERROR,
        (None, false, 1) => LevelFilter::INFO,
        (None, false, 0) if json => LevelFilter::INFO,
        (None, ..) => LevelFilter::OFF,
    }
}

/// An item is done.
pub(crate) fn item(item: &ItemReport) {
    tracing::info!(
        item = item.input,
        output = item.output,
        status = item.status.name(),
        code = item.error.as_ref().map(|e| e.code.as_str()),
        class = item.classification.as_ref().map(|c| c.class.name()),
        engine = item.engine.as_ref().map(|e| e.name.as_str()),
        quality = item.quality(),
        bytes = item.metrics.as_ref().map(|m| m.economy.bytes),
        attempts = item.attempts.len(),
        warnings = item.warnings.len(),
        ms = item.times.total_ms,
        "item"
    );
}

/// A run is over.
pub(crate) fn run<T>(report: &RunReport<T>) {
    let s = &report.summary;
    tracing::info!(
        ok = s.count(Status::Ok),
        failed = s.count(Status::Failed),
        skipped = s.count(Status::Skipped),
        not_started = s.count(Status::NotStarted),
        reused = s.reused,
        quality_mean = s.all.quality.mean,
        quality_p5 = s.all.quality.p5,
        bytes_in = s.bytes_in,
        bytes_out = s.bytes_out,
        seconds = s.seconds,
        peak_memory_bytes = s.peak_memory_bytes,
        interrupted = report.interrupted,
        "run"
    );
}
