//! `svg-ai optimize`.

use serde_json::Value;
use svg_ai::classify::Class;

use crate::images::{self, assert_whole};
use crate::sandbox::Sandbox;

/// Trials of a search in a test: the presets, steps of some options, and a wave or two of random ones.
const TRIALS: &str = "60";

/// Time that is not to be what ends it.
const TIME: &str = "60s";

fn search(s: &Sandbox, output: &str, more: &[&str]) -> Value {
    let args = ["optimize", "a.png", "-o", output, "--time-budget", TIME, "--report", "-", "-q"];
    let trials = if more.contains(&"--trials") { &[][..] } else { &["--trials", TRIALS] };
    s.run(&[&args[..], trials, more].concat()).ends(0).out_json()
}

#[test]
fn a_search_is_never_worse_and_tells_every_trial() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Gradient, 4, 64));
    let plain = s.run(&["convert", "a.png", "-o", "c.svg", "--report", "-", "-q"]).ends(0).out_json();
    let found = search(&s, "o.svg", &[]);
    let quality = |v: &Value| v["metrics"]["quality"].as_f64().unwrap();
    assert!(quality(&found) >= quality(&plain), "{} after {}", quality(&found), quality(&plain));
    let svg = s.read("o.svg");
    assert_whole(&svg);
    let attempts = found["attempts"].as_array().unwrap();
    assert_eq!(attempts.len().to_string(), TRIALS);
    let kept = attempts.iter().filter(|a| a["bytes"] == svg.len() && a["quality"] == found["metrics"]["quality"]);
    assert!(kept.count() >= 1, "the file is one of the trials");
    for attempt in attempts {
        assert!(attempt["why"].as_str().is_some_and(|w| !w.is_empty()) && attempt["ms"].as_f64().unwrap() > 0.0);
    }
    assert_eq!(found["search"]["trials"].to_string(), TRIALS);
    assert!(found["search"]["ended"].as_str().unwrap().contains("all 60 trials"), "{}", found["search"]);
}

#[test]
fn a_search_begins_where_the_best_tier_ends() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Simple, 5, 96));
    let args = ["convert", "a.png", "-o", "b.svg", "--quality", "best", "--report", "-", "-q"];
    let best = s.run(&args).ends(0).out_json();
    let found = search(&s, "o.svg", &["--trials", "120"]);
    let quality = |v: &Value| v["metrics"]["quality"].as_f64().unwrap();
    assert!(quality(&found) >= quality(&best), "{} after {}", quality(&found), quality(&best));
    assert!(s.read("o.svg").len() < s.read("b.svg").len(), "shrinking alone makes it smaller");
}

/// Another engine's smaller file of lower quality had lowered what was to be reached.
#[test]
fn exact_cells_stay_exact() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::PixelArt, 2, 32));
    let plain =
        s.run(&["convert", "a.png", "-o", "c.svg", "--class", "pixel-art", "--report", "-", "-q"]).ends(0).out_json();
    let found = search(&s, "o.svg", &["--class", "pixel-art", "--trials", "120"]);
    let quality = |v: &Value| v["metrics"]["quality"].as_f64().unwrap();
    assert!(quality(&found) > quality(&plain) - 1e-4, "{} after {}", quality(&found), quality(&plain));
}

#[test]
fn shrinking_goes_no_farther_than_the_user_says() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Simple, 3, 64));
    let ways = |more: &[&str]| {
        let found = search(&s, "o.svg", more);
        let attempts = found["attempts"].as_array().unwrap();
        let ways = attempts.iter().filter_map(|a| a["parameters"].get("shrunk").map(ToString::to_string));
        ways.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(ways(&[]).len(), 3);
    assert_eq!(ways(&["--tolerance", "0.05"]), ["0.05".to_string()].into());
    assert_eq!(ways(&["--lossless"]), ["0.0".to_string()].into());
}

#[test]
fn seed_and_trials_decide_the_bytes() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Complex, 6, 48));
    search(&s, "1.svg", &["--seed", "7", "-j", "1"]);
    search(&s, "2.svg", &["--seed", "7", "-j", "2"]);
    assert_eq!(s.read("1.svg"), s.read("2.svg"));
}

#[test]
fn a_target_asks_for_the_fewest_bytes() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Complex, 6, 64));
    let high = search(&s, "high.svg", &["--target", "1"]);
    let low = search(&s, "low.svg", &["--target", "0.5"]);
    assert!(s.read("low.svg").len() < s.read("high.svg").len());
    assert!(low["metrics"]["quality"].as_f64().unwrap() >= 0.5);
    // Of all trials that reach it, the one with the fewest bytes.
    let reach = low["attempts"].as_array().unwrap().iter().filter(|a| a["quality"].as_f64() >= Some(0.5));
    assert_eq!(reach.filter_map(|a| a["bytes"].as_u64()).min(), Some(s.read("low.svg").len() as u64));
    assert!(high["metrics"]["quality"].as_f64().unwrap() >= low["metrics"]["quality"].as_f64().unwrap());
}

#[test]
fn it_stops_when_the_time_is_up() {
    let s = Sandbox::new();
    s.write("a.png", images::busy(96));
    let start = std::time::Instant::now();
    s.run(&["optimize", "a.png", "--time-budget", "300ms", "--trials", "100000", "-q"]).ends(0);
    assert!(start.elapsed().as_secs() < 15);
    assert_whole(&s.read("a.svg"));
    s.run(&["optimize", "a.png", "--fail-under", "1", "--trials", "2"]).ends(4);
    s.run(&["optimize", "a.png", "--trials", "0"]).ends(2);
    let piped = s.run_with_input(&["optimize", "-", "--trials", "2", "-q"], &images::any()).ends(0);
    assert_whole(&piped.out);
}

/// The trials of a report that have a score: quality, bytes and nodes.
fn scored(report: &Value) -> Vec<(f64, u64, u64)> {
    let figures = |a: &Value| Some((a["quality"].as_f64()?, a["bytes"].as_u64()?, a["nodes"].as_u64()?));
    report["attempts"].as_array().unwrap().iter().filter_map(figures).collect()
}

#[test]
fn the_front_is_what_no_trial_beats_and_is_written_whole() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Complex, 6, 64));
    let found = search(&s, "o.svg", &["--front", "all", "--plot", "plot.svg"]);
    let front = found["search"]["front"].as_array().unwrap();
    let trials = scored(&found);
    assert!(front.len() > 1, "{front:?}");
    for point in front {
        let (quality, bytes, nodes) =
            (point["quality"].as_f64().unwrap(), point["bytes"].as_u64().unwrap(), point["nodes"].as_u64().unwrap());
        assert_eq!(trials[point["attempt"].as_u64().unwrap() as usize - 1], (quality, bytes, nodes));
        let beats = |t: &&(f64, u64, u64)| {
            t.0 >= quality && t.1 <= bytes && t.2 <= nodes && (t.0 > quality || t.1 < bytes || t.2 < nodes)
        };
        assert_eq!(trials.iter().find(beats), None, "{point}");
        let svg = s.read(point["file"].as_str().unwrap());
        assert_whole(&svg);
        assert_eq!(svg.len() as u64, bytes);
        assert_eq!(point["chosen"].as_bool().unwrap(), svg == s.read("o.svg"));
    }
    // The names, sorted, are the front from the smallest on.
    let sizes: Vec<_> = s.files("all").iter().map(|f| s.read(std::path::Path::new("all").join(f)).len()).collect();
    assert!(sizes.is_sorted() && sizes.len() == front.len(), "{sizes:?}");
    let plot = s.text("plot.svg");
    assert!(plot.starts_with("<svg") && plot.contains("a.png") && plot.contains("60 trials"));
    s.run(&["score", "a.png", "plot.svg"]).ends(1).says(&["score.size_mismatch"]);
}

#[test]
fn the_most_bytes_are_filled_and_never_passed_unsaid() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Complex, 6, 64));
    let all = search(&s, "all.svg", &[]);
    let mut sizes: Vec<u64> = scored(&all).iter().map(|t| t.1).collect();
    sizes.sort_unstable();
    let most = sizes[sizes.len() / 2];
    let found = search(&s, "o.svg", &["--max-bytes", &most.to_string()]);
    assert!(s.read("o.svg").len() as u64 <= most);
    let best = scored(&found).iter().filter(|t| t.1 <= most).map(|t| t.0).fold(0.0, f64::max);
    assert_eq!(found["metrics"]["quality"].as_f64(), Some(best), "the best that fits");

    let args = ["optimize", "a.png", "-o", "small.svg", "--trials", "4", "--max-bytes", "60"];
    s.run(&args).ends(4).says(&["nothing fits into 60 bytes"]);
    assert_whole(&s.read("small.svg"));
    let args = ["optimize", "a.png", "-o", "good.svg", "--trials", "4", "--target", "1"];
    s.run(&args).ends(0).says(&["no trial that may be taken scores 1"]);
}

#[test]
fn what_is_only_for_a_search_is_refused_for_an_svg() {
    let s = Sandbox::new();
    s.write("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0h9v9z\"/></svg>");
    for option in [["--front", "all"], ["--plot", "p.svg"], ["--max-bytes", "4k"]] {
        s.run(&[&["optimize", "a.svg"][..], &option].concat()).ends(2).says(&[option[0]]);
    }
    s.write("a.png", images::any());
    s.write("file", "");
    s.run(&["optimize", "a.png", "--front", "file/all", "--trials", "1"]).ends(1).says(&["output.unwritable"]);
    s.run(&["optimize", "a.png", "--plot", "a.png", "--trials", "1"]).ends(2).says(&["output.is_input"]);
}

/// What `convert` is told to trace as an attempt did, if the attempt is of contour and was not shrunk.
fn said_again(attempt: &Value) -> Vec<String> {
    let mut args = vec!["--engine".to_string(), attempt["engine"].as_str().unwrap().into()];
    for (name, value) in attempt["parameters"].as_object().unwrap() {
        let value = value.as_str().map_or_else(|| value.to_string(), Into::into);
        match name.as_str() {
            "precision" => args.extend(["--precision".into(), value]),
            "shrunk" => {}
            _ => args.extend(["--engine-option".into(), format!("{name}={value}")]),
        }
    }
    args
}

#[test]
fn what_the_record_says_of_a_trial_makes_the_same_file_again() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Simple, 3, 96));
    let found = search(&s, "o.svg", &["--front", "all", "--engine", "contour"]);
    let (mut shrunk, mut fewer) = (0, 0);
    for point in found["search"]["front"].as_array().unwrap() {
        let attempt = &found["attempts"][point["attempt"].as_u64().unwrap() as usize - 1];
        let said = said_again(attempt);
        let more: Vec<&str> = said.iter().map(String::as_str).collect();
        s.run(&[&["convert", "a.png", "-o", "again.svg", "-q"][..], &more].concat()).ends(0);
        let mut again = "again.svg";
        if let Some(tolerance) = attempt["parameters"].get("shrunk").and_then(Value::as_f64) {
            let (tolerance, difference) = (tolerance.to_string(), (tolerance * 0.3).to_string());
            let how = ["--tolerance", &tolerance, "--max-difference", &difference];
            s.run(&[&["optimize", "again.svg", "-o", "less.svg", "-q"][..], &how].concat()).ends(0);
            again = "less.svg";
            shrunk += 1;
        }
        fewer += u32::from(attempt["parameters"]["precision"] == 1);
        assert!(s.read(again) == s.read(point["file"].as_str().unwrap()), "{attempt}");
    }
    assert!(shrunk > 0 && fewer + shrunk > 1, "{found}");
}

#[test]
fn what_the_user_has_set_is_not_searched() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Simple, 3, 64));
    let more = ["--engine", "contour", "--engine-option", "price=7", "--precision", "3", "--keep", "none"];
    let found = search(&s, "o.svg", &more);
    for attempt in found["attempts"].as_array().unwrap() {
        assert_eq!(attempt["engine"], "contour");
        assert_eq!(attempt["parameters"]["price"], 7.0, "{attempt}");
        assert!(attempt["parameters"].get("precision").is_none() && attempt["parameters"].get("shrunk").is_none());
    }
    let keep = search(&s, "k.svg", &["--keep", "units"]);
    assert!(s.text("k.svg").contains("viewBox=\"0 0 64 43\""), "{}", s.text("k.svg"));
    assert!(keep["attempts"].to_string().contains("shrunk"));
}
