//! A batch that is interrupted.
#![cfg(unix)]

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use svg_ai::classify::Class;
use svg_ai::report::Status;
use svg_ai::report::json::read_report;

use crate::images::{self, assert_whole};
use crate::sandbox::Sandbox;

/// Images of the run; far more than are done when it is stopped.
const IMAGES: usize = 150;

#[test]
fn an_interrupted_batch_leaves_whole_files_and_a_true_report() {
    let s = Sandbox::new();
    let image = images::drawing(Class::Complex, 5, 128);
    for i in 0..IMAGES {
        s.write(format!("in/{i:04}.png"), &image);
    }
    let args = ["batch", "in", "-o", "out", "--report", "r.json", "-j", "2", "-q"];
    let mut child = s.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while s.files("out").iter().filter(|f| f.extension().is_some_and(|e| e == "svg")).count() < 3 {
        assert!(start.elapsed() < Duration::from_secs(60), "no output after a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(status.code(), Some(130), "{err}");
    assert!(err.lines().count() < 10, "not a line for each image that was not started: {err}");

    let report = read_report(&s.read("r.json")).unwrap();
    assert!(report.interrupted);
    assert_eq!(report.items.len(), IMAGES);
    let done = report.items.iter().filter(|i| i.status == Status::Ok).count();
    assert!((3..IMAGES).contains(&done), "{done} done");
    for item in report.items.iter().filter(|i| i.status != Status::Ok) {
        assert_eq!(item.status, Status::NotStarted, "{:?}", item.error);
        assert_eq!(item.error.as_ref().unwrap().code, "run.interrupted");
    }
    let files = s.files("out");
    assert_eq!(files.len(), done, "an output for each item that is done, and nothing else: {files:?}");
    s.write("one.png", &image);
    s.run(&["convert", "one.png", "-q"]).ends(0);
    for file in &files {
        let svg = s.read(std::path::Path::new("out").join(file));
        assert!(svg == s.read("one.svg"), "{file:?} is not what an undisturbed run writes");
    }
    // The rest is done by the next run, and only the rest.
    let args = ["batch", "in", "-o", "out", "--if-exists", "skip", "--report", "-", "-q", "--tier", "1"];
    let rest = s.run(&args).ends(0).out_json();
    assert_eq!(rest["summary"]["status"], serde_json::json!({"ok": IMAGES - done, "skipped": done}));
}

#[test]
fn what_a_signal_cut_short_is_not_kept() {
    let s = Sandbox::new();
    for (i, class) in Class::ALL.into_iter().enumerate() {
        s.write(format!("in/{class}.png"), images::drawing(class, i as u64, 400));
    }
    let args = |out: &'static str| ["batch", "in", "-o", out, "-j", "2", "-q", "--quality", "fast", "--timeout", "60s"];
    let start = Instant::now();
    s.run(&args("good")).ends(0);
    let whole = start.elapsed();
    for round in 1..=8 {
        let mut child = s.command(&args("out")).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(round) / 9.0));
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        child.wait().unwrap();
        for file in s.files("out") {
            let of = |folder: &str| s.read(std::path::Path::new(folder).join(&file));
            assert!(of("out") == of("good"), "{file:?} is not what an undisturbed run writes");
        }
        let _ = std::fs::remove_dir_all(s.path("out"));
    }
}

#[test]
fn an_interrupted_search_keeps_its_best_and_says_so() {
    let s = Sandbox::new();
    s.write("a.png", images::busy(256));
    let search = ["optimize", "a.png", "--time-budget", "60s", "--trials", "100000"];
    let args = [&search[..], &["--report", "r.json", "--front", "all", "--plot", "plot.svg", "-q"]].concat();
    let mut child = s.command(&args).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // On a slow machine it may be stopped before its first trace; then there is no file, and a code.
    let report = s.json("r.json");
    match report["status"].as_str() {
        Some("ok") => {
            assert_whole(&s.read("a.svg"));
            assert!(report["search"]["ended"].as_str().unwrap().contains("stopped by the user"));
            assert_eq!(s.files("all").len(), report["search"]["front"].as_array().unwrap().len());
            assert!(s.text("plot.svg").contains("a.png"));
        }
        _ => assert_eq!(report["error"]["code"], "run.interrupted"),
    }
}

#[test]
fn an_interrupted_best_item_is_to_be_done_again() {
    let s = Sandbox::new();
    s.write("in/a.png", images::busy(400));
    let args = ["batch", "in", "-o", "out", "--quality", "best", "--report", "r.json", "-q"];
    let mut child = s.command(&args).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let report = read_report(&s.read("r.json")).unwrap();
    assert_eq!(report.items[0].status, Status::NotStarted);
    assert!(s.files("out").is_empty());
}
