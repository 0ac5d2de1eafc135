//! `svg-ai bench`.

use serde_json::Value;
use svg_ai::bench::Figures;
use svg_ai::classify::Class;

use crate::images;
use crate::sandbox::Sandbox;

fn folder() -> Sandbox {
    let s = Sandbox::new();
    s.write("in/a.png", images::drawing(Class::Simple, 1, 48));
    s.write("in/b.png", images::busy(48));
    s
}

#[test]
fn figures_of_a_folder() {
    let s = folder();
    let ran = s.run(&["bench", "in", "--format", "json", "--repeat", "2", "--jobs", "1,2"]).ends(0);
    let figures: Figures = serde_json::from_slice(&ran.out).unwrap();
    assert_eq!((figures.images, figures.failed, figures.repeats), (2, 0, 2));
    assert_eq!(figures.throughput.iter().map(|t| t.jobs).collect::<Vec<_>>(), [1, 2]);
    assert!(figures.all.group.quality.mean > 0.0 && figures.all.stages.trace_ms > 0.0);
    assert_eq!(figures.all.group.items, 2);
    let text = s.run(&["bench", "in"]).ends(0);
    assert!(text.out_text().contains("median stage"), "{}", text.out_text());
    assert_eq!(s.files("").len(), 2, "it cleans up");
}

#[test]
fn a_baseline_holds_until_a_figure_gets_worse() {
    let s = folder();
    s.run(&["bench", "in", "--save", "base.json", "-q"]).ends(0);
    // Any time will do: only the other figures are the same in every run.
    let lenient = ["bench", "in", "--baseline", "base.json", "--max-regression", "1000%"];
    s.run(&lenient).ends(0).says(&["no figure is worse"]);

    let mut base = s.json("base.json");
    base["all"]["quality"]["mean"] = 3.0.into();
    base["all"]["bytes"]["mean"] = 1.0.into();
    s.write("better.json", base.to_string());
    let args = ["bench", "in", "--baseline", "better.json", "--max-regression", "50%", "-q"];
    s.run(&args).ends(4).says(&["all: quality, mean", "all: bytes, mean"]);

    // Far faster than it can be: a margin of its own lets it pass, where that of the figures would not.
    let mut quick = s.json("base.json");
    quick["all"]["ms"]["p50"] = 0.001.into();
    quick["calibration_ms"] = 1.0.into();
    quick["by_class"] = serde_json::json!({});
    s.write("quick.json", quick.to_string());
    let args = ["bench", "in", "--baseline", "quick.json", "--max-regression", "0%", "-q"];
    s.run(&args).ends(4).says(&["all: time, median"]);
    quick["all"]["ms"]["p50"] = 100.into();
    s.write("slow.json", quick.to_string());
    let args = ["bench", "in", "--baseline", "slow.json", "--max-regression", "0%", "--max-slowdown", "1000%", "-q"];
    s.run(&args).ends(0);

    base["set"] = "another".into();
    s.write("other.json", base.to_string());
    s.run(&["bench", "in", "--baseline", "other.json"]).ends(2).says(&["report.invalid", "another"]);
    s.write("junk.json", "{}");
    s.run(&["bench", "in", "--baseline", "junk.json"]).ends(2).says(&["junk.json", "report.invalid"]);
    s.run(&["bench", "in", "--baseline", "gone.json"]).ends(2).says(&["gone.json"]);
}

#[cfg(unix)]
#[test]
fn another_tool_is_scored_the_same_way() {
    let s = folder();
    let command = format!("'{}' convert {{in}} -o {{out}} -q", env!("CARGO_BIN_EXE_svg-ai"));
    let ran =
        s.run(&["bench", "in", "--format", "json", "--compare", &command, "--compare", "false {in} {out}"]).ends(0);
    let figures = ran.out_json();
    let (own, other) = (&figures["all"], &figures["others"][0]);
    let mean = |v: &Value, what: &str| v[what]["mean"].as_f64().unwrap();
    assert_eq!(other["failed"], 0);
    assert!((mean(own, "quality") - mean(other, "quality")).abs() < 1e-9, "the same tool has the same quality");
    assert!((mean(own, "bytes") - mean(other, "bytes")).abs() < 1e-9);
    assert_eq!(figures["others"][1]["failed"], 2, "a tool that fails has no figures");
    s.run(&["bench", "in", "--compare", "cp {in}"]).ends(2).says(&["{out}"]);
    s.run(&["bench", "in", "--compare", "no-such-tool {in} {out}"]).ends(2).says(&["no-such-tool"]);
}

#[test]
fn the_built_in_set_is_the_same_every_time() {
    let s = Sandbox::new();
    let run =
        || s.run(&["bench", "--samples", "1", "--side", "64", "--format", "json", "--tier", "1"]).ends(0).out_json();
    let (a, b) = (run(), run());
    assert_eq!(a["images"], Class::ALL.len());
    assert_eq!(a["set"], b["set"]);
    assert_eq!(a["all"]["quality"], b["all"]["quality"]);
    assert_eq!(a["all"]["bytes"], b["all"]["bytes"]);
}

#[test]
fn failures_and_empty_folders_are_told() {
    let s = folder();
    s.write("in/c.png", "");
    s.run(&["bench", "in", "-q"]).ends(1).says(&["in/c.png", "input.empty"]);
    s.write("none/notes.txt", "");
    s.run(&["bench", "none"]).ends(1).says(&["none"]);
    s.run(&["bench", "gone"]).ends(1).says(&["gone"]);
}

#[test]
fn a_wrong_comparison_is_told_before_the_work() {
    let s = Sandbox::new();
    // No folder is looked at: the command is wrong as it stands.
    s.run(&["bench", "gone", "--compare", "tool {in}"]).ends(2).says(&["{out}"]);
    s.run(&["bench", "gone", "--compare", "'tool {in} {out}"]).ends(2).says(&["quotes"]);
}

#[test]
fn figures_never_replace_an_image() {
    let s = folder();
    s.run(&["bench", "in", "--save", "in/a.png"]).ends(2).says(&["in/a.png", "output.is_input"]);
    assert_eq!(s.read("in/a.png"), images::drawing(Class::Simple, 1, 48));
}
