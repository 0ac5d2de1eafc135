//! `--log-format` and `--log`.

use std::collections::BTreeSet;

use serde_json::Value;
use svg_ai::classify::Class;

use crate::images;
use crate::sandbox::{Ran, Sandbox};

fn folder() -> Sandbox {
    let s = Sandbox::new();
    s.write("in/a.png", images::drawing(Class::Simple, 1, 48));
    s.write("in/b.png", "not a picture");
    s
}

/// Every line of standard error, each of which is to be one object.
fn events(ran: &Ran) -> Vec<Value> {
    let parsed = ran.err.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}")));
    parsed.inspect(|e: &Value| assert!(e["timestamp"].is_string() && e["level"].is_string(), "{e}")).collect()
}

fn named<'a>(events: &'a [Value], message: &str) -> Vec<&'a Value> {
    events.iter().filter(|e| e["message"] == message).collect()
}

#[test]
fn as_json_every_line_is_an_event() {
    let s = folder();
    let ran = s.run(&["batch", "in", "-o", "out", "--log-format", "json"]).ends(1);
    let events = events(&ran);
    let items = named(&events, "item");
    assert_eq!(items.len(), 2);
    let good = items.iter().find(|e| e["item"] == "in/a.png").unwrap();
    assert_eq!((&good["status"], &good["output"]), (&"ok".into(), &"out/a.svg".into()));
    assert!(good["ms"].as_f64().unwrap() > 0.0 && good["quality"].as_f64().unwrap() > 0.0);
    assert!(good["class"].is_string() && good["engine"].is_string(), "{good}");
    let bad = items.iter().find(|e| e["item"] == "in/b.png").unwrap();
    assert_eq!((&bad["status"], &bad["code"]), (&"failed".into(), &"input.unknown_format".into()));
    let errors: Vec<_> = events.iter().filter(|e| e["level"] == "ERROR").collect();
    assert!(errors.len() == 1 && errors[0]["suggestion"].is_string(), "{errors:?}");
    let run = named(&events, "run");
    assert_eq!((&run[0]["ok"], &run[0]["failed"]), (&1.into(), &1.into()));
    assert!(named(&events, "stage").is_empty(), "stages are for -vv");
}

#[test]
fn each_stage_is_told_with_its_item_time_and_outcome() {
    each_stage_is_told("1");
    // More than there are processors: another thread computes than the one that reads and writes.
    each_stage_is_told("300");
}

fn each_stage_is_told(jobs: &str) {
    let s = folder();
    let more = ["--log-format", "json", "-vv", "--engine", "contour", "--jobs", jobs];
    let ran = s.run(&[&["batch", "in", "-o", "out"][..], &more].concat()).ends(1);
    let events = events(&ran);
    let of = |item: &str| named(&events, "stage").into_iter().filter(|e| e["span"]["item"] == item).collect::<Vec<_>>();
    let good = of("in/a.png");
    let stages: BTreeSet<&str> = good.iter().map(|e| e["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, BTreeSet::from(["decode", "classify", "trace", "write", "score", "output"]));
    for event in &good {
        assert_eq!(event["outcome"], "ok");
        assert!(event["ms"].as_f64().unwrap() >= 0.0, "{event}");
    }
    let trace = good.iter().find(|e| e["stage"] == "trace").unwrap();
    assert_eq!(trace["engine"], "contour");
    assert!(trace["span"]["class"].is_string(), "{trace}");
    let bad = of("in/b.png");
    assert_eq!(bad.len(), 1);
    assert_eq!((&bad[0]["stage"], &bad[0]["outcome"]), (&"decode".into(), &"input.unknown_format".into()));
}

#[test]
fn the_level_is_chosen_by_option_environment_or_v() {
    let s = folder();
    let convert = |more: &[&str]| s.run(&[&["convert", "in/a.png", "-o", "a.svg"][..], more].concat()).ends(0);
    assert!(!convert(&[]).err.contains("INFO"), "text has no log unless it is wanted");
    assert!(convert(&["-v"]).err.contains("INFO item"));
    assert!(convert(&["-vv"]).err.contains("DEBUG"));
    assert!(convert(&["-q", "--log", "debug"]).err.contains("DEBUG"));
    assert!(convert(&["-q"]).err.is_empty());
    assert!(convert(&["-q", "--log-format", "json"]).err.is_empty());
    let ran = Ran::of(s.command(&["convert", "in/a.png", "-o", "a.svg", "-q"]).env("SVG_AI_LOG", "info")).ends(0);
    assert!(ran.err.contains("INFO") && !ran.err.contains("DEBUG"), "{}", ran.err);
    s.run(&["convert", "in/a.png", "--log", "loud"]).ends(2).says(&["loud"]);
}

#[cfg(unix)]
#[test]
fn a_name_cannot_drive_the_terminal() {
    let s = Sandbox::new();
    s.write("in/\u{1b}[2Jx\ny.png", images::any());
    let ran = s.run(&["batch", "in", "-o", "out", "-vv"]).ends(0);
    assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    let ran = s.run(&["batch", "in", "-o", "out", "-vv", "--log-format", "json"]).ends(0);
    assert!(named(&events(&ran), "item").len() == 1 && !ran.err.contains('\u{1b}'), "{:?}", ran.err);
}
