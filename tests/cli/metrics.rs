//! `svg-ai batch --metrics-file`.
#![cfg(unix)]

use std::fs;
use std::path::Path;

use svg_ai::classify::Class;

use crate::images;
use crate::sandbox::Sandbox;

/// Two drawings.
fn folder() -> Sandbox {
    let s = Sandbox::new();
    s.write("in/a.png", images::drawing(Class::Simple, 1, 48));
    s.write("in/b.png", images::drawing(Class::LineArt, 2, 48));
    s
}

const ARGS: [&str; 7] = ["batch", "in", "-o", "out", "-q", "--metrics-file", "m/art.prom"];

/// The value of the only sample with these labels.
#[track_caller]
fn value(s: &Sandbox, key: &str) -> f64 {
    let text = s.text("m/art.prom");
    let start = format!("{key} ");
    let found: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix(&start)).collect();
    assert_eq!(found.len(), 1, "{key} in\n{text}");
    found[0].parse().unwrap()
}

/// The sum of all samples of a metric whose labels contain `part`.
fn sum(s: &Sandbox, name: &str, part: &str) -> f64 {
    let text = s.text("m/art.prom");
    let lines = text.lines().filter(|l| l.strip_prefix(name).is_some_and(|rest| rest.starts_with('{')));
    lines.filter(|l| l.contains(part)).filter_map(|l| l.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

#[test]
fn runs_add_up_and_the_last_one_is_told() {
    let s = folder();
    s.run(&ARGS).ends(0);
    assert_eq!(s.files("m"), [Path::new("art.prom")], "written whole, and nothing beside it");
    assert_eq!(sum(&s, "svg_ai_items_total", "status=\"ok\""), 2.0);
    assert_eq!(value(&s, "svg_ai_last_run_success{task=\"art\"}"), 1.0);
    let first = value(&s, "svg_ai_last_success_timestamp_seconds{task=\"art\"}");
    let read: u64 = ["in/a.png", "in/b.png"].iter().map(|f| s.read(f).len() as u64).sum();
    assert_eq!(value(&s, "svg_ai_read_bytes_total{task=\"art\"}"), read as f64);

    s.write("in/c.png", "not a picture");
    s.run(&ARGS).ends(1);
    assert_eq!(sum(&s, "svg_ai_items_total", "status=\"ok\""), 4.0);
    assert_eq!(value(&s, "svg_ai_failures_total{task=\"art\",code=\"input.unknown_format\"}"), 1.0);
    assert_eq!(value(&s, "svg_ai_last_run_items{task=\"art\",status=\"failed\"}"), 1.0);
    assert_eq!(value(&s, "svg_ai_last_run_exit_code{task=\"art\"}"), 1.0);
    assert_eq!(value(&s, "svg_ai_runs_total{task=\"art\",exit_code=\"0\"}"), 1.0);
    assert_eq!(value(&s, "svg_ai_last_success_timestamp_seconds{task=\"art\"}"), first);
}

#[test]
fn what_an_earlier_run_did_is_not_counted_again() {
    let s = folder();
    let args = [&ARGS[..], &["--resume", "--report", "r.json"]].concat();
    s.run(&args).ends(0);
    s.run(&args).ends(0);
    assert_eq!(sum(&s, "svg_ai_items_total", ""), 2.0);
    assert_eq!(value(&s, "svg_ai_last_run_reused_items{task=\"art\"}"), 2.0);
    assert_eq!(value(&s, "svg_ai_runs_total{task=\"art\",exit_code=\"0\"}"), 2.0);
}

#[test]
fn a_run_that_ends_before_its_first_item_is_a_failure_too() {
    let s = folder();
    s.run(&ARGS).ends(0);
    let wrong = [&ARGS[..], &["--engine-option", "no-such=1"]].concat();
    s.run(&wrong).ends(2);
    assert_eq!(value(&s, "svg_ai_last_run_exit_code{task=\"art\"}"), 2.0);
    assert_eq!(value(&s, "svg_ai_last_run_items{task=\"art\",status=\"ok\"}"), 0.0);
    assert_eq!(sum(&s, "svg_ai_items_total", ""), 2.0, "nothing is lost");
}

#[test]
fn metrics_replace_nothing_but_metrics() {
    let s = folder();
    let before = s.read("in/a.png");
    s.run(&["batch", "in", "-o", "out", "--metrics-file", "in/a.png"]).ends(2).says(&["in/a.png", "metrics"]);
    assert_eq!(s.read("in/a.png"), before);
    s.write("other.prom", "# HELP another_tool x\n");
    s.run(&["batch", "in", "-o", "out", "--metrics-file", "other.prom"]).ends(2).says(&["other.prom"]);
    assert_eq!(s.text("other.prom"), "# HELP another_tool x\n");
    s.run(&["batch", "in", "-o", "out", "--metrics-file", "r", "--report", "r"]).ends(2).says(&["output.collision"]);
    s.run(&["batch", "in", "-o", "out", "--metrics-file", "m.prom", "--dry-run"]).ends(2);
    assert!(!s.path("m.prom").exists());
}

/// Words of a file that begin as our metrics do.
fn names(file: &str) -> std::collections::BTreeSet<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|w| w.starts_with("svg_ai_")).map(str::to_string).collect()
}

#[test]
fn alerts_dashboard_and_documents_speak_of_metrics_that_there_are() {
    let s = folder();
    s.run(&ARGS).ends(0);
    let text = s.text("m/art.prom");
    let families: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let known = |name: &str| {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        families.contains(&base)
    };
    for file in [
        "deploy/prometheus/rules.yml",
        "deploy/prometheus/rules.test.yml",
        "deploy/grafana/dashboard.json",
        "docs/monitoring.md",
    ] {
        let names = names(file);
        assert!(!names.is_empty(), "{file}");
        for name in names {
            assert!(known(&name), "{file}: there is no {name}");
        }
    }
    let documented = names("docs/monitoring.md");
    for family in &families {
        assert!(documented.contains(*family), "docs/monitoring.md does not tell of {family}");
    }
}
