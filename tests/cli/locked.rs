//! `--sandbox`. That nothing gets out of it is tested in `tests/sandbox.rs`; here, that runs are the same in it.
#![cfg(target_os = "linux")]

use std::fs;

use svg_ai::classify::Class;
use svg_ai::report::json::read_report;

use crate::images;
use crate::sandbox::Sandbox;

fn folder() -> Sandbox {
    let s = Sandbox::new();
    s.write("in/a.png", images::drawing(Class::Simple, 1, 48));
    s.write("in/sub/b.png", images::drawing(Class::Complex, 2, 48));
    s.write("in/c.png", "not a picture");
    s
}

#[test]
fn a_batch_is_the_same_inside() {
    let s = folder();
    s.run(&["batch", "in", "-o", "free", "-q", "--report", "free.json"]).ends(1);
    let more = ["--report", "r/r.json", "--html", "h/h.html", "--metrics-file", "m/m.prom", "--jobs", "2"];
    let args = [&["batch", "in", "-o", "out", "-q", "--sandbox", "--resume"][..], &more[..]].concat();
    s.run(&args).ends(1).says(&["input.unknown_format"]);
    assert_eq!(s.files("out"), s.files("free"));
    for file in s.files("out") {
        assert!(s.read(s.path("out").join(&file)) == s.read(s.path("free").join(&file)), "{}", file.display());
    }
    let report = read_report(&s.read("r/r.json")).unwrap();
    assert!(report.summary.peak_memory_bytes.is_some(), "what it knows of itself it still knows");
    assert!(s.text("h/h.html").contains("data:image/"), "the gallery has its pictures");
    assert!(s.text("m/m.prom").contains("svg_ai_memory_limit_bytes"));
    s.run(&args).ends(1);
    assert_eq!(read_report(&s.read("r/r.json")).unwrap().summary.reused, 2, "the journal was written and read");
}

#[test]
fn a_link_that_leads_out_is_not_followed() {
    let s = folder();
    s.write("elsewhere/d.png", images::any());
    std::os::unix::fs::symlink(s.path("elsewhere/d.png"), s.path("in/d.png")).unwrap();
    s.run(&["batch", "in", "-o", "free", "--include", "d.png", "-q"]).ends(0);
    s.run(&["batch", "in", "-o", "out", "--include", "d.png", "-q", "--sandbox"]).ends(1).says(&["input.unreadable"]);
    assert!(!s.path("out/d.svg").exists());
}

#[test]
fn one_picture_goes_through_pipes_and_files() {
    let s = folder();
    s.run(&["convert", "in/a.png", "-o", "new/a.svg", "--sandbox", "--deps", "d/a.d"]).ends(0);
    assert!(s.path("new/a.svg").exists() && s.path("d/a.d").exists());
    let ran = s.run_with_input(&["convert", "-", "-o", "-", "--sandbox", "-q"], &s.read("in/a.png")).ends(0);
    assert!(ran.out == s.read("new/a.svg"));
    s.run(&["batch", "in", "-o", "dry", "--sandbox", "--dry-run"]).ends(1);
    assert!(fs::metadata(s.path("dry")).is_err(), "a dry run makes nothing");
}
