//! `svg-ai batch --memory`, `--oversized` and `--deadline`.

use serde_json::json;
use svg_ai::classify::Class;

use crate::images;
use crate::sandbox::Sandbox;

#[test]
fn a_run_ends_at_its_deadline_says_what_is_left_and_is_resumed() {
    const IMAGES: u64 = 60;
    let s = Sandbox::new();
    let image = images::busy(220);
    for i in 0..IMAGES {
        s.write(format!("in/{i:03}.png"), &image);
    }
    let args = ["batch", "in", "-o", "out", "--report", "r.json", "--resume", "-j", "2", "-q", "--tier", "1"];
    let deadline = [&args[..], &["--deadline", "100ms"]].concat();
    let ran = s.run(&deadline).ends(1).says(&["deadline", "of 60 images"]);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    let report = s.json("r.json");
    assert_eq!(report["interrupted"], false);
    let count = |report: &serde_json::Value, status: &str| report["summary"]["status"][status].as_u64().unwrap_or(0);
    let left = count(&report, "not-started");
    assert!(left > 0, "done in time");
    assert_eq!(count(&report, "ok") + left, IMAGES, "what was begun was finished");
    for item in report["items"].as_array().unwrap().iter().filter(|i| i["status"] == "not-started") {
        assert_eq!(item["error"]["code"], "run.deadline");
    }
    assert_eq!(s.files("out").len() as u64, IMAGES - left);
    s.run(&[&args[..], &["--deadline", "100000years"]].concat()).ends(0);
    s.run(&[&args[..], &["--deadline", "soon"]].concat()).ends(2);
}

#[test]
fn items_that_wait_for_a_processor_are_not_begun_after_the_deadline() {
    const IMAGES: u64 = 60;
    let s = Sandbox::new();
    let image = images::busy(220);
    for i in 0..IMAGES {
        s.write(format!("in/{i:03}.png"), &image);
    }
    let args = ["batch", "in", "-o", "out", "--report", "r.json", "-j", "32", "-q", "--tier", "1"];
    s.run(&[&args[..], &["--deadline", "100ms"]].concat()).ends(1);
    let report = s.json("r.json");
    let items = report["items"].as_array().unwrap();
    let left = items.iter().filter(|i| i["status"] == "not-started").count();
    assert!(left > 0, "done in time");
    assert!(items.iter().all(|i| i["status"] == "ok" || i["error"]["code"] == "run.deadline"));
    assert_eq!(s.files("out").len(), items.len() - left);
}

#[test]
fn memory_stays_within_the_budget_whatever_the_jobs() {
    let s = Sandbox::new();
    // 50 bytes a pixel: about 34 MB each.
    for i in 0..8 {
        s.write(format!("in/{i}.png"), images::drawing(Class::Gradient, i, 820));
    }
    let run = |memory: &str, more: &[&str]| {
        let args = ["batch", "in", "-o", "out", "--report", "r.json", "-q", "--quality", "fast", "--timeout", "60s"];
        let code = s.run(&[&args[..], &["--jobs", "8", "--memory", memory], more].concat()).code;
        (code, s.json("r.json"))
    };
    let (code, report) = run("70M", &[]);
    assert_eq!(code, 0);
    let peak = report["summary"]["peak_memory_bytes"].as_u64();
    assert_eq!(peak.is_some(), cfg!(target_os = "linux"));
    // Two at once, and the program itself, which takes some 35 MB; eight would take 330 MB.
    assert!(peak.is_none_or(|bytes| bytes < (70 << 20) + 70_000_000), "{peak:?}");
    // One at a time is always admitted …
    let (code, report) = run("1M", &[]);
    assert_eq!(code, 0);
    let peak = report["summary"]["peak_memory_bytes"].as_u64();
    assert!(peak.is_none_or(|bytes| bytes < 110_000_000), "{peak:?}");
    // … unless that is not wanted.
    s.write("in/small.png", images::any());
    let (code, report) = run("1M", &["--oversized", "refuse"]);
    assert_eq!((code, &report["summary"]["status"]), (1, &json!({"failed": 8, "ok": 1})));
    assert_eq!(report["summary"]["failures"], json!({"input.over_memory": 8}));
    s.run(&["batch", "in", "-o", "out", "--memory", "lots"]).ends(2).says(&["64K"]);
}
