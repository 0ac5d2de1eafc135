//! `svg-ai batch`. Paths are written, and compared, with slashes; some names are not possible elsewhere.
#![cfg(unix)]

use std::path::PathBuf;

use serde_json::Value;
use svg_ai::classify::Class;
use svg_ai::report::RunReport;
use svg_ai::report::json::{read_report, schema};

use crate::images::{self, assert_whole};
use crate::sandbox::Sandbox;

/// Three drawings in a tree of folders.
fn tree() -> Sandbox {
    let s = Sandbox::new();
    s.write("in/b.png", images::drawing(Class::Simple, 1, 48));
    s.write("in/sub/a.png", images::drawing(Class::Complex, 2, 48));
    s.write("in/sub/deep/c.png", images::drawing(Class::LineArt, 3, 48));
    s.write("in/notes.txt", "not an image");
    s
}

fn names(found: &[PathBuf]) -> Vec<&str> {
    found.iter().map(|p| p.to_str().unwrap()).collect()
}

fn status_of<'a>(report: &'a RunReport, input: &str) -> (String, Option<&'a str>) {
    let item = report.items.iter().find(|i| i.input == input).unwrap_or_else(|| panic!("no item {input:?}"));
    let status = serde_json::to_value(item.status).unwrap().as_str().unwrap().to_string();
    (status, item.error.as_ref().map(|e| e.code.as_str()))
}

#[test]
fn the_tree_is_kept_and_the_summary_counts() {
    let s = tree();
    let ran = s.run(&["batch", "in", "-o", "out", "--report", "r.json"]).ends(0).says(&["3 of 3"]);
    assert!(ran.out.is_empty());
    assert_eq!(names(&s.files("out")), ["b.svg", "sub/a.svg", "sub/deep/c.svg"]);
    let report = read_report(&s.read("r.json")).unwrap();
    assert_eq!(report.summary.status["ok"], 3);
    assert_eq!(report.summary.all.items, 3);
    assert!(!report.interrupted && report.command == "batch");
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let errors: Vec<_> = validator.iter_errors(&s.json("r.json")).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let inputs: Vec<_> = report.items.iter().map(|i| i.input.as_str()).collect();
    assert_eq!(inputs, ["in/b.png", "in/sub/a.png", "in/sub/deep/c.png"]);
    for item in &report.items {
        let svg = s.read(item.output.as_ref().unwrap());
        assert_eq!(item.metrics.as_ref().unwrap().economy.bytes, svg.len() as u64);
    }
}

#[test]
fn the_report_says_which_options_were_in_force() {
    let s = tree();
    let args = ["batch", "in", "-o", "out", "--report", "-", "--class", "pixel-art", "--tier", "1", "--precision", "2"];
    let more = ["--engine-option", "color-precision=5", "--timeout", "3s", "-q"];
    let options = s.run(&[&args[..], &more[..]].concat()).ends(0).out_json()["options"].clone();
    assert_eq!(options["class"], "pixel-art");
    assert_eq!(options["quality"], "fast");
    assert_eq!(options["precision"], 2);
    assert_eq!(options["engine-option"], serde_json::json!(["color-precision=5"]));
    assert_eq!(options["timeout"], "3s");
    assert_eq!(options["max-pixels"], "100M");
    assert_eq!(options["no-score"], false);
}

#[test]
fn every_file_of_a_messy_folder_has_a_true_status() {
    let s = Sandbox::new();
    let good = images::any();
    for name in
        ["plain.png", "with space.png", "ünïcødé ☂.png", "two\nlines.png", "-dash.png", "no_extension", "UPPER.PNG"]
    {
        s.write(format!("in/{name}"), &good);
    }
    s.write("in/wrong.jpg", &good);
    s.write("in/.hidden.png", &good);
    s.write("in/empty.png", "");
    s.write("in/cut.png", images::truncated());
    s.write("in/corrupt.png", images::corrupt());
    s.write("in/bomb.png", images::bomb());
    s.write("in/text.png", "this is text that is called an image");
    s.write("in/readme.md", "this is text");
    std::fs::create_dir(s.path("in/folder.png")).unwrap();
    #[cfg(target_os = "linux")]
    let odd = {
        use std::os::unix::ffi::OsStrExt;
        let odd = std::ffi::OsStr::from_bytes(b"in/not-\xff-utf8.png");
        s.write(odd, &good);
        1
    };
    #[cfg(not(target_os = "linux"))]
    let odd = 0;
    let ran = s.run(&["batch", "in", "-o", "out", "--report", "r.json"]).ends(1);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    let report = read_report(&s.read("r.json")).unwrap();
    let fine = 8 + odd;
    assert_eq!(report.summary.status["ok"], fine);
    assert_eq!(report.summary.status["failed"], 5);
    assert_eq!(report.items.len(), fine + 5);
    for (name, code) in [
        ("empty", "input.empty"),
        ("cut", "input.truncated"),
        ("corrupt", "input.corrupt"),
        ("bomb", "input.too_large"),
        ("text", "input.unknown_format"),
    ] {
        assert_eq!(status_of(&report, &format!("in/{name}.png")), ("failed".into(), Some(code)));
        assert_eq!(report.summary.failures[code], 1);
        assert!(!s.path(format!("out/{name}.svg")).exists());
    }
    let outputs = s.files("out");
    assert_eq!(outputs.len(), fine, "{outputs:?}");
    for output in &outputs {
        assert_whole(&s.read(PathBuf::from("out").join(output)));
    }
    for name in ["with space", "ünïcødé ☂", "two\nlines", "-dash", "no_extension", "UPPER", "wrong"] {
        assert!(s.path(format!("out/{name}.svg")).exists(), "{name:?}");
    }
    for input in ["in/wrong.jpg", "in/two\nlines.png", "in/-dash.png"] {
        assert_eq!(status_of(&report, input), ("ok".into(), None));
    }
}

#[test]
fn collisions_are_told_before_anything_is_written() {
    let s = Sandbox::new();
    s.write("in/a.png", images::any());
    s.write("in/a.jpg", images::any());
    s.write("in/b.png", images::any());
    s.run(&["batch", "in", "-o", "out"]).ends(2).says(&[
        "in/a.png",
        "in/a.jpg",
        "output.collision",
        "--keep-extension",
    ]);
    assert!(!s.path("out").exists());
    s.run(&["batch", "in", "-o", "out", "--keep-extension"]).ends(0);
    assert_eq!(names(&s.files("out")), ["a.jpg.svg", "a.png.svg", "b.png.svg"]);
    // Two roots: another extension would be no cure.
    s.write("other/a.png", images::any());
    let ran = s.run(&["batch", "in/a.png", "other/a.png", "-o", "out2"]).ends(2).says(&["output.collision"]);
    assert!(!ran.err.contains("--keep-extension"), "{}", ran.err);
}

#[test]
fn no_input_of_the_batch_is_overwritten() {
    let s = Sandbox::new();
    s.write("in/a.png", images::any());
    s.write("out/a.png.svg", images::any());
    let args = ["batch", "in", "out/a.png.svg", "-o", "out", "--keep-extension"];
    s.run(&args).ends(2).says(&["output.is_input", "a.png.svg"]);
    assert_eq!(s.read("out/a.png.svg"), images::any());
}

#[test]
fn lists_of_files_are_read() {
    let s = tree();
    s.write("lines.txt", "in/b.png\r\n\nin/sub/a.png\n");
    s.run(&["batch", "--files-from", "lines.txt", "-o", "out"]).ends(0);
    assert_eq!(names(&s.files("out")), ["a.svg", "b.svg"]);
    s.write("in/two\nlines.png", images::any());
    let args = ["batch", "--files-from", "-", "-0", "-o", "out0"];
    s.run_with_input(&args, b"in/b.png\0in/two\nlines.png\0").ends(0);
    assert_eq!(names(&s.files("out0")), ["b.svg", "two\nlines.svg"]);
    s.run(&["batch", "--files-from", "nowhere.txt", "-o", "x"]).ends(2).says(&["nowhere.txt"]);
    s.run(&["batch", "in", "-0", "-o", "x"]).ends(2);
    let ran = s.run_with_input(&["batch", "--files-from", "-", "-o", "x", "--report", "-"], b"in/gone.png\n").ends(1);
    assert_eq!(ran.out_json()["items"][0]["error"]["code"], "input.not_found");
}

#[test]
fn globs_choose_files() {
    let s = tree();
    let cases: [(&[&str], &[&str]); 5] = [
        (&["--include", "a.png"], &["sub/a.svg"]),
        (&["--include", "sub/**"], &["sub/a.svg", "sub/deep/c.svg"]),
        (&["--exclude", "sub/**"], &["b.svg"]),
        (&["--no-recursive"], &["b.svg"]),
        (&["--include", "*.png", "--exclude", "b.*", "--exclude", "c.*"], &["sub/a.svg"]),
    ];
    for (i, (more, expected)) in cases.iter().enumerate() {
        let out = format!("out{i}");
        s.run(&[&["batch", "in", "-o", &out, "-q", "--no-score"][..], more].concat()).ends(0);
        assert_eq!(names(&s.files(&out)), *expected, "{more:?}");
    }
    s.run(&["batch", "in", "-o", "x", "--include", "[a"]).ends(2).says(&["[a"]);
}

#[test]
fn a_dry_run_writes_nothing() {
    let s = tree();
    s.write("in/broken.png", "");
    let ran =
        s.run(&["batch", "in", "-o", "out", "--dry-run", "--report", "-"]).ends(1).says(&["in/b.png", "out/b.svg"]);
    let report = ran.out_json();
    assert_eq!(report["summary"]["status"]["planned"], 3);
    assert_eq!(report["summary"]["failures"]["input.empty"], 1);
    assert!(!s.path("out").exists());
}

#[test]
fn lines_come_in_the_order_of_the_inputs() {
    let s = tree();
    // A path sorts by its folders, not by its characters: `in/sub/...` before `in/sub.png`.
    s.write("in/sub.png", images::any());
    s.write("in/a-broken.png", "");
    let args = ["batch", "in", "-o", "out", "--report-format", "jsonl"];
    let ran = s.run(&args).ends(1);
    let of = |v: &Value| v["input"].as_str().unwrap().to_string();
    let lines: Vec<String> = ran.out_text().lines().map(|l| of(&serde_json::from_str(l).unwrap())).collect();
    let expected = ["in/a-broken.png", "in/b.png", "in/sub/a.png", "in/sub/deep/c.png", "in/sub.png"];
    assert_eq!(lines, expected);
    let whole = s.run(&["batch", "in", "-o", "out", "--report", "-"]).ends(1).out_json();
    let items: Vec<String> = whole["items"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(items, expected, "one order for both formats");
    s.run(&["batch", "in", "-o", "out", "--report-format", "jsonl", "--report", "r.jsonl", "-q"]).ends(1);
    assert_eq!(s.text("r.jsonl").lines().count(), 5);
}

#[test]
fn threads_do_not_change_a_byte() {
    let s = Sandbox::new();
    for (i, class) in Class::ALL.into_iter().enumerate() {
        s.write(format!("in/{class}.png"), images::drawing(class, i as u64, 64));
    }
    for jobs in ["1", "2", "7"] {
        s.run(&["batch", "in", "-o", jobs, "-j", jobs, "-q"]).ends(0);
        let files = s.files(jobs);
        assert_eq!(files.len(), Class::ALL.len());
        for file in files {
            assert_eq!(s.read(PathBuf::from(jobs).join(&file)), s.read(PathBuf::from("1").join(&file)), "{file:?}");
        }
    }
}

#[test]
fn nothing_to_do_is_said() {
    let s = Sandbox::new();
    s.write("in/notes.txt", "text");
    s.run(&["batch", "in", "-o", "out"]).ends(3).says(&["nothing to do"]);
    s.run_with_input(&["batch", "--files-from", "-", "-o", "out"], b"").ends(3);
    s.run(&["batch", "-o", "out"]).ends(2);
    s.run(&["batch", "in"]).ends(2).says(&["--output"]);
}

#[test]
fn gates_name_what_met_them() {
    let s = Sandbox::new();
    s.write("in/busy.png", images::busy(48));
    s.write("in/plain.png", images::png(32, 32, |_, _| images::RED));
    s.run(&["batch", "in", "-o", "out", "--fail-under", "0.999", "-q"]).ends(4).says(&["in/busy.png", "quality<0.999"]);
    let ran =
        s.run(&["batch", "in", "-o", "out", "--fail-if", "nodes>50", "-q"]).ends(4).says(&["in/busy.png", "nodes>50"]);
    assert!(!ran.err.contains("plain"), "{}", ran.err);
    s.run(&["batch", "in", "-o", "out", "--fail-if", "seconds>100", "--no-score"]).ends(0);
    s.run(&["batch", "in", "-o", "out", "--fail-if", "beauty<1"]).ends(2).says(&["beauty", "bytes_ratio"]);
    s.run(&["batch", "in", "-o", "out", "--fail-if", "nodes>50", "--no-score"]).ends(2).says(&["--no-score"]);
    s.run(&["batch", "in", "-o", "out", "--fail-under", "0.5", "--no-score"]).ends(2).says(&["--no-score"]);
    s.write("in/empty.png", "");
    s.run(&["batch", "in", "-o", "out", "--fail-under", "1", "-q"]).ends(1).says(&["in/busy.png", "input.empty"]);
}

#[test]
fn what_exists_is_skipped_and_left_alone() {
    let s = tree();
    s.write("out/b.svg", "mine");
    let ran = s.run(&["batch", "in", "-o", "out", "--if-exists", "skip", "--report", "-"]).ends(0);
    assert_eq!(ran.out_json()["summary"]["status"], serde_json::json!({"ok": 2, "skipped": 1}));
    assert_eq!(s.text("out/b.svg"), "mine");
    s.run(&["batch", "in", "-o", "out", "--if-exists", "skip"]).ends(3);
    let ran = s.run(&["batch", "in", "-o", "out", "--if-exists", "error", "--report", "-", "-q"]).ends(1);
    assert_eq!(ran.out_json()["summary"]["failures"]["output.exists"], 3);
}

#[test]
fn the_gallery_stands_alone() {
    let s = tree();
    s.write("in/a <b> & \"c\".png", images::any());
    s.write("in/broken.png", "");
    s.run(&["batch", "in", "-o", "out", "--html", "index.html", "-q"]).ends(1);
    let page = s.text("index.html");
    for input in ["in/b.png", "in/sub/a.png", "in/sub/deep/c.png", "in/broken.png", "in/a &lt;b&gt; &amp;"] {
        assert!(page.contains(input), "{input}");
    }
    for bad in ["src=\"http", "href=\"http", "url(http", "@import", "in/a <b>"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("data:image/"));
    s.run(&["batch", "in", "-o", "out", "--html", "-", "--report", "-"]).ends(2).says(&["standard output"]);
}

#[test]
fn an_output_folder_that_cannot_be_made_is_coded() {
    let s = tree();
    s.write("file", "");
    let ran = s.run(&["batch", "in", "-o", "file", "--report", "-"]).ends(1);
    assert_eq!(ran.out_json()["summary"]["failures"]["output.unwritable"], 3);
    assert_eq!(s.text("file"), "");
    let args = ["batch", "in", "-o", "out", "--report", "file/r.jsonl", "--report-format", "jsonl"];
    s.run(&args).ends(1).says(&["file/r.jsonl", "output.unwritable"]);
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_work() {
    let s = tree();
    let mut command = s.command(&["batch", "in", "-o", "out", "--report-format", "jsonl", "-q"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(s.files("out").len(), 3);
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let s = tree();
    let ran = s.run(&["batch", "in", "-o", "out", "-q"]).ends(0);
    assert_eq!((ran.out.len(), ran.err.as_str()), (0, ""));
    s.write("in/broken.png", "");
    let ran = s.run(&["batch", "in", "-o", "out", "-q"]).ends(1).says(&["in/broken.png", "input.empty"]);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[test]
fn outputs_among_the_inputs_are_not_taken_again() {
    let s = tree();
    for _ in 0..2 {
        let ran = s.run(&["batch", "in", "-o", "in/svg", "--report", "-", "-q"]).ends(0);
        assert_eq!(ran.out_json()["summary"]["status"]["ok"], 3);
    }
    assert_eq!(s.files("in/svg").len(), 3);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_is_told_and_does_no_harm() {
    let s = tree();
    std::os::unix::fs::symlink("..", s.path("in/sub/loop")).unwrap();
    let report = s.run(&["batch", "in", "-o", "out", "--report", "-", "-q"]).ends(1).out_json();
    assert_eq!(report["summary"]["status"], serde_json::json!({"failed": 1, "ok": 3}));
    let failed = report["items"].as_array().unwrap().iter().find(|i| i["status"] == "failed").unwrap();
    assert_eq!(failed["input"], "in/sub/loop");
}

#[test]
fn a_listed_tree_is_kept_below_the_base() {
    let s = tree();
    s.write("in/a.png", images::any());
    let list = b"in/a.png\0in/sub/a.png\0in/sub/deep/../deep/c.png\0";
    let args = ["batch", "--files-from", "-", "-0", "-o", "flat", "-q"];
    s.run_with_input(&args, list).ends(2).says(&["output.collision", "--base"]);
    let args = ["batch", "--files-from", "-", "-0", "--base", ".", "-o", "out", "-q"];
    s.run_with_input(&args, list).ends(0);
    assert_eq!(names(&s.files("out")), ["in/a.svg", "in/sub/a.svg", "in/sub/deep/c.svg"]);
    // Folders, too, and absolute paths.
    let absolute = s.path("in/sub");
    s.run(&["batch", absolute.to_str().unwrap(), "--base", "in", "-o", "out2", "-q"]).ends(0);
    assert_eq!(names(&s.files("out2")), ["sub/a.svg", "sub/deep/c.svg"]);
    s.run(&["batch", "in/a.png", "--base", "in/sub", "-o", "x"]).ends(2).says(&["in/a.png", "not below --base in/sub"]);
    assert!(!s.path("x").exists());
}

#[test]
fn a_file_that_is_reached_twice_is_done_once() {
    let s = tree();
    let args = ["batch", "in/b.png", "./in/b.png", "in/sub/../b.png", "-o", "out", "--report", "-", "-q"];
    let report = s.run(&args).ends(0).out_json();
    assert_eq!(report["summary"]["status"], serde_json::json!({"ok": 1}));
}

#[test]
fn reports_and_galleries_never_replace_an_image_or_a_drawing() {
    let s = tree();
    for option in ["--report", "--html"] {
        s.run(&["batch", "in", "-o", "out", option, "in/sub/a.png"]).ends(2).says(&["in/sub/a.png", "output.is_input"]);
        s.run(&["batch", "in", "-o", "out", option, "out/b.svg"]).ends(2).says(&["out/b.svg", "output.collision"]);
    }
    s.run(&["batch", "in", "-o", "out", "--html", "x", "--report", "./x"]).ends(2).says(&["output.collision"]);
    s.write("list", "in/b.png\n");
    let args = ["batch", "--files-from", "list", "-o", "out", "--report", "list"];
    s.run(&args).ends(2).says(&["list", "output.is_input"]);
    assert!(!s.path("out").exists());
    assert_eq!(s.text("list"), "in/b.png\n");
    // A report of the run before is no input.
    for _ in 0..2 {
        s.run(&["batch", "in", "-o", "out", "--report", "in/report.json", "--html", "out/index.html"]).ends(0);
    }
}

#[test]
fn lines_may_go_to_a_folder_that_is_not_there_yet() {
    let s = tree();
    s.run(&["batch", "in", "-o", "out", "--report-format", "jsonl", "--report", "new/r.jsonl", "-q"]).ends(0);
    assert_eq!(s.text("new/r.jsonl").lines().count(), 3);
}

#[test]
fn a_report_that_is_a_folder_is_told_before_hours_of_work() {
    let s = tree();
    s.run(&["batch", "in", "-o", "out", "--report", "in"]).ends(1).says(&["in", "output.unwritable"]);
    assert!(!s.path("out").exists());
}

#[test]
fn a_dry_run_shows_failures_with_their_code_and_what_would_be_skipped() {
    let s = tree();
    s.write("in/broken.png", "");
    s.write("out/b.svg", "mine");
    let args = ["batch", "in", "-o", "out", "--dry-run", "--if-exists", "skip", "-j", "2", "--report", "-"];
    let ran = s.run(&args).ends(1).says(&["in/broken.png", "input.empty", "out/b.svg: skipped"]);
    assert_eq!(ran.out_json()["summary"]["status"], serde_json::json!({"failed": 1, "planned": 2, "skipped": 1}));
    assert_eq!(s.text("out/b.svg"), "mine");
}

#[test]
fn an_unreadable_folder_is_an_item_of_its_own_name() {
    let s = tree();
    // A loop, since permissions are nothing to a test that runs as root.
    std::fs::create_dir(s.path("in/a: b")).unwrap();
    std::os::unix::fs::symlink("..", s.path("in/a: b/loop")).unwrap();
    let report = s.run(&["batch", "in", "-o", "out", "--report", "-", "-q"]).ends(1).out_json();
    let failed = report["items"].as_array().unwrap().iter().find(|i| i["status"] == "failed").unwrap();
    assert_eq!(failed["input"], "in/a: b/loop");
}

#[test]
fn figures_of_gates_are_counted_or_measured() {
    let s = Sandbox::new();
    s.write("a.png", images::any());
    let ran = s.run(&["batch", "a.png", "-o", "out", "--fail-if", "bytes>1", "--fail-if", "quality<=1", "-q"]).ends(4);
    let counted = ran.err.lines().find(|l| l.contains("bytes>1")).unwrap();
    assert!(!counted.rsplit('(').next().unwrap().contains('.'), "{counted}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_sees_a_bar_with_rate_and_time_left() {
    let s = tree();
    // `script` of util-linux runs a command on a terminal of its own.
    let line = format!("'{}' batch in -o out", env!("CARGO_BIN_EXE_svg-ai"));
    let mut command = std::process::Command::new("script");
    let command = command.args(["-qec", &line, "/dev/null"]).current_dir(s.path("")).stdin(std::process::Stdio::null());
    let output = match command.output() {
        Ok(output) => output,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
        Err(e) => panic!("{e}"),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("a second") && text.contains("left") && text.contains("3 of 3"), "{text}");
}
