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
const IMAGES: usize = 300;

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
    for file in &files {
        assert_whole(&s.read(std::path::Path::new("out").join(file)));
    }
    // The rest is done by the next run, and only the rest.
    let args = ["batch", "in", "-o", "out", "--if-exists", "skip", "--report", "-", "-q", "--tier", "1"];
    let rest = s.run(&args).ends(0).out_json();
    assert_eq!(rest["summary"]["status"], serde_json::json!({"ok": IMAGES - done, "skipped": done}));
}
