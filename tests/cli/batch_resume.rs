//! `svg-ai batch --resume`: the journal, runs that were killed, outputs without an input.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use svg_ai::classify::Class;

use crate::images;
use crate::reports::timeless;
use crate::sandbox::Sandbox;

const ARGS: [&str; 8] = ["batch", "in", "-o", "out", "--report", "r.json", "--resume", "-q"];

/// `ARGS` and more.
fn args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ARGS[..], more].concat()
}

/// Drawings in a tree of folders, and one file that is no drawing.
fn tree() -> Sandbox {
    let s = Sandbox::new();
    for (i, name) in ["a", "b", "sub/c", "sub/deep/d"].iter().enumerate() {
        s.write(format!("in/{name}.png"), images::drawing(Class::ALL[i], i as u64, 48));
    }
    s
}

/// How many outputs the last run left as they were.
fn reused(s: &Sandbox) -> u64 {
    s.json("r.json")["summary"]["reused"].as_u64().unwrap()
}

fn outputs(s: &Sandbox) -> Vec<(PathBuf, Vec<u8>)> {
    s.files("out").into_iter().map(|f| (f.clone(), s.read(Path::new("out").join(f)))).collect()
}

/// When each output was written.
fn written(s: &Sandbox) -> Vec<std::time::SystemTime> {
    s.files("out").iter().map(|f| s.path("out").join(f).metadata().unwrap().modified().unwrap()).collect()
}

#[test]
fn nothing_is_done_twice_and_the_report_is_that_of_one_run() {
    let s = tree();
    s.run(&ARGS).ends(0);
    let (first, when) = (s.json("r.json"), written(&s));
    assert_eq!((reused(&s), when.len()), (0, 4));
    s.run(&ARGS).ends(0);
    assert_eq!(reused(&s), 4);
    assert_eq!(written(&s), when);
    let second = s.json("r.json");
    assert_eq!(timeless(second.clone()), timeless(first.clone()));
    assert_eq!(second["items"], first["items"], "times of an item are those of the run that did it");
    assert_eq!(second["summary"]["items_per_second"], 0.0);
    // Gates hold for what was done before, too.
    s.run(&args(&["--fail-if", "bytes>1"])).ends(4);
    s.run(&args(&["--report-format", "jsonl"])).ends(0);
    assert_eq!(s.text("r.json").lines().count(), 4);
    s.run(&args(&["--force"])).ends(0);
    assert!(reused(&s) == 0 && written(&s) != when);
}

#[test]
fn whatever_is_stale_is_done_again_and_nothing_else() {
    let s = tree();
    s.run(&ARGS).ends(0);
    let good = outputs(&s);

    s.write("in/a.png", images::drawing(Class::Text, 9, 48));
    s.run(&ARGS).ends(0);
    assert_eq!(reused(&s), 3);
    let a = s.read("out/a.svg");
    assert_ne!(a, good[0].1, "a changed image");

    fs::remove_file(s.path("out/b.svg")).unwrap();
    s.run(&ARGS).ends(0);
    assert_eq!((reused(&s), s.read("out/b.svg")), (3, good[1].1.clone()), "a missing output");

    // Of the same length, since lengths are easy.
    let mut altered = good[2].1.clone();
    altered[5] ^= 1;
    s.write("out/sub/c.svg", &altered);
    s.run(&ARGS).ends(0);
    assert_eq!((reused(&s), s.read("out/sub/c.svg")), (3, good[2].1.clone()), "an altered output");

    // A new time alone is no change, nor is another spelling of the same folders.
    let file = fs::File::options().write(true).open(s.path("in/b.png")).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(1000)).unwrap();
    s.run(&ARGS).ends(0);
    assert_eq!(reused(&s), 4);
    s.run(&["batch", "./in", "-o", "./out", "--report", "r.json", "--resume", "-q"]).ends(0);
    assert_eq!(reused(&s), 4);
    assert_eq!(s.json("r.json")["items"][0]["input"], "./in/a.png");

    s.run(&args(&["--precision", "1"])).ends(0);
    assert_eq!(reused(&s), 0, "changed options");
    s.run(&args(&["--precision", "1", "--jobs", "1"])).ends(0);
    assert_eq!(reused(&s), 4, "options that do not matter to an image");

    let journal = s.text("r.json.journal").replace("\"tool\":\"", "\"tool\":\"an older ");
    s.write("r.json.journal", journal);
    s.run(&args(&["--precision", "1"])).ends(0);
    assert_eq!(reused(&s), 0, "another version");
}

#[test]
fn failed_items_are_tried_again() {
    let s = tree();
    s.write("in/bad.png", images::truncated());
    for _ in 0..2 {
        s.run(&ARGS).ends(1).says(&["in/bad.png", "input.truncated"]);
        assert_eq!(s.json("r.json")["summary"]["status"], json!({"ok": 4, "failed": 1}));
    }
    assert_eq!(reused(&s), 4);
    s.write("in/bad.png", images::any());
    s.run(&ARGS).ends(0);
    assert_eq!(reused(&s), 4);
}

#[test]
fn the_journal_is_beside_the_report_or_in_the_folder_or_where_it_is_wanted() {
    let s = tree();
    let plain = ["batch", "in", "-o", "out", "-q"];
    s.run(&plain).ends(0);
    assert_eq!(s.files("").len(), 8, "a plain run leaves drawings only");
    let with = |more: &[&str]| s.run(&[&plain[..], more].concat());
    with(&["--resume"]).ends(0);
    assert!(s.path("out/.svg-ai.journal").exists());
    with(&["--report", "r.json"]).ends(0);
    assert!(s.path("r.json.journal").exists());
    with(&["--report", "r.json", "--resume"]).ends(0);
    assert_eq!(reused(&s), 4, "a first run need not know that it will be resumed");
    with(&["--resume", "--report", "-", "--journal", "sub/j"]).ends(0);
    assert!(s.path("sub/j").exists());
    with(&["--resume", "--report", "/dev/null"]).ends(0);
    with(&["--resume", "--journal", "in/a.png"]).ends(2).says(&["output.is_input"]);
    with(&["--resume", "--journal", "out/a.svg"]).ends(2).says(&["output.collision"]);
    with(&["--resume", "--journal", "in"]).ends(1).says(&["output.unwritable"]);
    with(&["--resume", "--if-exists", "skip"]).ends(2).says(&["--if-exists"]);
}

#[test]
fn a_dry_run_shows_what_is_left_to_do() {
    let s = tree();
    s.run(&["batch", "in", "-o", "out", "--resume", "--dry-run"]).ends(0);
    assert!(!s.path("out").exists());
    s.run(&ARGS).ends(0);
    fs::remove_file(s.path("out/b.svg")).unwrap();
    let journal = s.read("r.json.journal");
    let ran = s.run(&["batch", "in", "-o", "out", "--journal", "r.json.journal", "--resume", "--dry-run"]).ends(0);
    let lines: Vec<&str> = ran.err.lines().filter(|l| l.ends_with("skipped")).collect();
    assert_eq!(lines.len(), 3, "{}", ran.err);
    assert!(!ran.err.contains("out/b.svg: skipped"), "{}", ran.err);
    assert_eq!(s.read("r.json.journal"), journal);
}

#[test]
fn a_gallery_is_whole_after_resuming() {
    let s = tree();
    s.run(&args(&["--html", "one.html"])).ends(0);
    s.run(&args(&["--html", "two.html"])).ends(0);
    assert_eq!(reused(&s), 4);
    let pictures = |name: &str| s.text(name).matches("data:image/").count();
    assert!(pictures("one.html") >= 4);
    assert_eq!(pictures("two.html"), pictures("one.html"));
}

#[test]
fn two_runs_do_not_share_a_journal() {
    let s = Sandbox::new();
    s.write("in/slow.png", images::busy(400));
    let slow = [&ARGS[..], &["--quality", "best", "--timeout", "60s"]].concat();
    let mut child = s.command(&slow).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !s.path("r.json.journal").exists() {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    s.run(&ARGS).ends(1).says(&["r.json.journal", "run.busy"]);
    child.kill().unwrap();
    child.wait().unwrap();
    // What holds the lock is the process, not the file.
    s.run(&ARGS).ends(0);
}

/// Images of the run that is killed, and how often it is.
const IMAGES: usize = 60;
const KILLS: usize = 8;

#[test]
fn killed_at_any_moment_the_next_run_ends_as_if_nothing_had_happened() {
    let s = Sandbox::new();
    for i in 0..IMAGES {
        s.write(format!("in/{}/{i:03}.png", i % 3), images::drawing(Class::ALL[i % 7], i as u64, 96));
    }
    s.write("in/bad.png", images::corrupt());
    // Deadlines depend on the machine; they are not what is looked at here.
    let args = args(&["-j", "2", "--quality", "fast", "--timeout", "60s", "--html", "g.html"]);
    let start = Instant::now();
    s.run(&args).ends(1);
    let whole = start.elapsed();
    let (report, drawings) = (timeless(s.json("r.json")), outputs(&s));
    assert_eq!(drawings.len(), IMAGES);

    let mut random = fastrand::Rng::with_seed(6);
    let mut interrupted = 0;
    for round in 0..KILLS {
        for leftover in ["out", "r.json", "g.html", "r.json.journal"] {
            let path = s.path(leftover);
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        // Each time two are killed in a row, at moments spread over the length of a whole run.
        for _ in 0..2 {
            let mut child = s.command(&args).stderr(Stdio::null()).spawn().unwrap();
            let share = (round as f64 + random.f64()) / KILLS as f64;
            std::thread::sleep(whole.mul_f64(share));
            child.kill().unwrap();
            interrupted += usize::from(child.wait().unwrap().code().is_none());
            for (file, svg) in outputs(&s).iter().filter(|(f, _)| f.extension().is_some_and(|e| e == "svg")) {
                let (_, good) = drawings.iter().find(|(f, _)| f == file).unwrap();
                assert!(svg == good, "{file:?} is there, but not whole");
            }
        }
        s.run(&args).ends(1);
        let got = outputs(&s);
        let names = |of: &[(PathBuf, Vec<u8>)]| of.iter().map(|(f, _)| f.clone()).collect::<Vec<_>>();
        assert_eq!(names(&got), names(&drawings), "round {round}");
        assert!(got == drawings, "round {round}");
        assert_eq!(timeless(s.json("r.json")), report, "round {round}");
        assert_eq!(s.files("").len(), s.files("in").len() + s.files("out").len() + 3, "{:?}", s.files(""));
    }
    assert!(interrupted >= KILLS, "only {interrupted} runs were killed before their end");
}

#[test]
fn outputs_without_an_input_are_shown_and_deleted_on_request() {
    let s = tree();
    s.run(&ARGS).ends(0);
    s.write("out/mine.svg", "not made by a run");
    fs::remove_file(s.path("in/b.png")).unwrap();
    fs::remove_file(s.path("in/sub/deep/d.png")).unwrap();
    // Excluded is not gone.
    let prune = |more: &[&str]| {
        let all = ["batch", "in", "-o", "out", "--report", "r.json", "--resume", "--prune", "--exclude", "c.png"];
        s.run(&[&all[..], more].concat())
    };
    let shown = ["2 outputs without an input", "out/b.svg", "out/sub/deep/d.svg"];
    let ran = prune(&[]).ends(2).says(&shown).says(&["--yes", "nothing was deleted"]);
    assert!(!ran.err.contains("c.svg") && !ran.err.contains("mine.svg"), "{}", ran.err);
    prune(&["--dry-run"]).ends(3).says(&shown);
    assert_eq!(s.files("out").len(), 5);
    prune(&["--yes"]).ends(0).says(&shown).says(&["2 outputs deleted"]);
    let names: Vec<_> = s.files("out").iter().map(|f| f.display().to_string()).collect();
    assert_eq!(names, ["a.svg", "mine.svg", "sub/c.svg"]);
    assert!(!s.path("out/sub/deep").exists(), "a folder that is empty then goes too");
    let ran = prune(&["--yes"]).ends(0);
    assert!(!ran.err.contains("without an input"), "{}", ran.err);
}

#[test]
fn a_disk_that_is_not_mounted_prunes_nothing() {
    let s = tree();
    s.write("other/x.png", images::any());
    let run = ["batch", "in", "other", "-o", "out", "--report", "r.json", "--resume", "--prune", "--yes", "-q"];
    s.run(&run).ends(0);
    fs::rename(s.path("in"), s.path("elsewhere")).unwrap();
    s.run(&run).ends(2).says(&["in", "mounted"]);
    fs::create_dir(s.path("in")).unwrap();
    s.run(&run).ends(2).says(&["in", "mounted"]);
    assert_eq!(s.files("out").len(), 5);
    fs::remove_dir(s.path("in")).unwrap();
    fs::rename(s.path("elsewhere"), s.path("in")).unwrap();
    s.run(&run).ends(0);
    assert_eq!(reused(&s), 5);
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_pruning_asks() {
    let s = tree();
    s.run(&ARGS).ends(0);
    fs::remove_file(s.path("in/b.png")).unwrap();
    for (answer, left) in [("n", 4), ("y", 3)] {
        let line = format!("'{}' {} --prune", env!("CARGO_BIN_EXE_svg-ai"), ARGS.join(" "));
        let mut command = std::process::Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).current_dir(s.path(""));
        let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
            Err(e) => panic!("{e}"),
        };
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{answer}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("out/b.svg") && text.contains("[y/N]"), "{text}");
        assert_eq!(s.files("out").len(), left, "{text}");
    }
}

#[test]
fn the_journal_is_lines_with_all_that_was_promised() {
    let s = tree();
    s.run(&ARGS).ends(0);
    let text = s.text("r.json.journal");
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    let sum = |path: PathBuf| {
        let out = std::process::Command::new("sha256sum").arg(path).output().unwrap();
        String::from_utf8(out.stdout).unwrap()[..64].to_string()
    };
    for line in &lines {
        let done = &line["done"];
        let output = s.path("out").join(line["output"].as_str().unwrap());
        let input = Path::new(done["input"].as_str().unwrap());
        assert!(input.is_absolute());
        assert_eq!(done["read"]["sha256"], sum(input.into()));
        assert_eq!(done["written"]["sha256"], sum(output));
        assert_eq!(done["options"].as_str().unwrap().len(), 64);
        assert!(done["tool"].as_str().unwrap().starts_with(env!("CARGO_PKG_VERSION")));
        assert_eq!(done["item"]["status"], "ok");
    }
}
