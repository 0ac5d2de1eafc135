//! `svg-ai optimize`.

use serde_json::Value;
use svg_ai::classify::Class;

use crate::images::{self, assert_whole};
use crate::sandbox::Sandbox;

/// Trials of a search in a test: the presets and some of the options.
const TRIALS: &str = "12";

/// Time that is not to be what ends it.
const TIME: &str = "60s";

fn search(s: &Sandbox, output: &str, more: &[&str]) -> Value {
    let args = ["optimize", "a.png", "-o", output, "--trials", TRIALS, "--time-budget", TIME, "--report", "-", "-q"];
    s.run(&[&args[..], more].concat()).ends(0).out_json()
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
    assert!(found["warnings"].to_string().contains("search ended after 12 trials"), "{}", found["warnings"]);
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
