//! A batch that watches its folders.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use svg_ai::classify::Class;
use svg_ai::report::json::read_report;
use svg_ai::report::{RunReport, Status};

use crate::images;
use crate::sandbox::Sandbox;

/// A watching run, which is stopped whatever becomes of the test.
struct Watching(Child);

impl Watching {
    fn start(s: &Sandbox, more: &[&str]) -> Self {
        let args = ["batch", "in", "-o", "out", "--report", "r.json", "--watch", "--quality", "fast", "-j", "2"];
        let said = std::fs::File::create(s.path("said")).unwrap();
        Self(s.command(&[&args[..], more].concat()).stdout(Stdio::null()).stderr(said).spawn().unwrap())
    }

    /// Waits until `is` holds, with the run going on.
    fn until(&mut self, s: &Sandbox, what: &str, is: impl Fn() -> bool) {
        let start = Instant::now();
        while !is() {
            assert_eq!(self.0.try_wait().unwrap(), None, "it ended: {}", s.text("said"));
            assert!(start.elapsed() < Duration::from_secs(60), "not after a minute: {what}\n{}", s.text("said"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(mut self, signal: &str) -> Option<i32> {
        assert!(Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap().success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The report as it is now, once there is one.
fn report(s: &Sandbox) -> Option<RunReport> {
    read_report(&std::fs::read(s.path("r.json")).ok()?).ok()
}

fn is(s: &Sandbox, statuses: &[(&str, Status)]) -> bool {
    let found = |r: RunReport| r.items.into_iter().map(|i| (i.input, i.status)).collect::<Vec<_>>();
    report(s).map(found).is_some_and(|found| found.iter().map(|(i, s)| (i.as_str(), *s)).eq(statuses.iter().copied()))
}

#[test]
fn what_comes_changes_and_goes_is_followed_until_a_signal() {
    let s = Sandbox::new();
    let picture = |seed| images::drawing(Class::Simple, seed, 64);
    s.write("in/a.png", picture(1));
    let mut run = Watching::start(&s, &["--prune", "--yes"]);
    run.until(&s, "what is there", || s.text("said").contains("watching 1 input"));
    assert!(is(&s, &[("in/a.png", Status::Ok)]));

    s.write("in/new/b.png", picture(2));
    run.until(&s, "a new folder", || is(&s, &[("in/a.png", Status::Ok), ("in/new/b.png", Status::Ok)]));

    let before = s.read("out/a.svg");
    s.write("in/a.png", picture(3));
    run.until(&s, "a changed image", || s.path("out/a.svg").exists() && s.read("out/a.svg") != before);

    std::fs::rename(s.path("in/new/b.png"), s.path("in/c.png")).unwrap();
    run.until(&s, "another name", || is(&s, &[("in/a.png", Status::Ok), ("in/c.png", Status::Ok)]));
    run.until(&s, "its old drawing", || !s.path("out/new/b.svg").exists());

    s.write("in/c.png", &picture(2)[..100]);
    run.until(&s, "a damaged image", || is(&s, &[("in/a.png", Status::Ok), ("in/c.png", Status::Failed)]));
    s.write("in/c.png", picture(4));
    run.until(&s, "and it mended", || is(&s, &[("in/a.png", Status::Ok), ("in/c.png", Status::Ok)]));

    // What is no image, and our own files, start nothing.
    let written = std::fs::metadata(s.path("r.json")).unwrap().modified().unwrap();
    s.write("out/stray.png", picture(5));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(std::fs::metadata(s.path("r.json")).unwrap().modified().unwrap(), written);
    std::fs::remove_file(s.path("out/stray.png")).unwrap();

    assert_eq!(run.stop("-TERM"), Some(0), "{}", s.text("said"));
    assert!(!report(&s).unwrap().interrupted);
    assert_eq!(s.files("out").len(), 2, "{:?}", s.files("out"));
    let drawings = ["out/a.svg", "out/c.svg"].map(|name| s.read(name));
    s.run(&["batch", "in", "-o", "again", "--quality", "fast", "-q"]).ends(0);
    assert!(drawings == ["again/a.svg", "again/c.svg"].map(|name| s.read(name)), "as one run would have drawn them");
}

#[test]
fn a_signal_in_the_middle_leaves_a_true_report() {
    let s = Sandbox::new();
    let image = images::drawing(Class::Complex, 5, 128);
    for i in 0..150 {
        s.write(format!("in/{i:04}.png"), &image);
    }
    let mut run = Watching::start(&s, &[]);
    run.until(&s, "a drawing", || s.files("out").iter().any(|f| f.extension().is_some_and(|e| e == "svg")));
    assert_eq!(run.stop("-INT"), Some(130), "{}", s.text("said"));
    let report = report(&s).unwrap();
    let done = report.items.iter().filter(|i| i.status == Status::Ok).count();
    assert!(report.interrupted && report.items.len() == 150 && (1..150).contains(&done), "{done}");
    assert_eq!(s.files("out").len(), done);
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let s = Sandbox::new();
    s.write("in/a.png", images::drawing(Class::Simple, 1, 64));
    for (more, says) in [
        (&["--report", "-"][..], "give files"),
        (&["--report", "r.jsonl", "--report-format", "jsonl"][..], "--report-format json"),
        (&["--prune"][..], "--yes"),
        (&["--if-exists", "skip"][..], "leave --if-exists out"),
        (&["--dry-run"][..], "cannot be used with"),
        (&["nowhere"][..], "nowhere is not there"),
    ] {
        let ran = s.run(&[&["batch", "in", "-o", "out", "--watch"][..], more].concat()).ends(2);
        assert!(ran.err.contains(says), "{more:?}: {}", ran.err);
    }
}
