//! Where options come from.

use crate::images;
use crate::sandbox::{Ran, Sandbox};

fn with_image() -> Sandbox {
    let s = Sandbox::new();
    s.write("a.png", images::any());
    s
}

fn run_env(s: &Sandbox, args: &[&str], env: &[(&str, &str)]) -> Ran {
    Ran::of(s.command(args).envs(env.iter().copied()))
}

fn tier(s: &Sandbox, more: &[&str], env: &[(&str, &str)]) -> String {
    let args = [&["convert", "a.png", "-o", "x.svg", "-q", "--report", "-"][..], more].concat();
    run_env(s, &args, env).ends(0).out_json()["tier"].as_str().unwrap().to_string()
}

#[test]
fn flags_beat_the_environment_beats_the_file_beats_the_default() {
    let s = with_image();
    assert_eq!(tier(&s, &[], &[]), "balanced");
    s.write("svg-ai.toml", "quality = \"fast\"\n");
    assert_eq!(tier(&s, &[], &[]), "fast");
    assert_eq!(tier(&s, &[], &[("SVG_AI_QUALITY", "best")]), "best");
    assert_eq!(tier(&s, &["--quality", "balanced"], &[("SVG_AI_QUALITY", "best")]), "balanced");
}

#[test]
fn tier_and_quality_are_one_option_from_different_places() {
    let s = with_image();
    assert_eq!(tier(&s, &["--quality", "best"], &[("SVG_AI_TIER", "1")]), "best");
    assert_eq!(tier(&s, &["--tier", "3"], &[("SVG_AI_QUALITY", "fast")]), "best");
    s.write("svg-ai.toml", "tier = 1\n");
    assert_eq!(tier(&s, &[], &[]), "fast");
    assert_eq!(tier(&s, &["--quality", "best"], &[]), "best");
    assert_eq!(tier(&s, &[], &[("SVG_AI_QUALITY", "best")]), "best");
}

#[test]
fn a_gate_on_the_command_line_beats_a_file_that_leaves_the_score_out() {
    let s = with_image();
    s.write("a.png", images::busy(48));
    s.write("svg-ai.toml", "no-score = true\n");
    s.run(&["convert", "a.png"]).ends(0).says(&["not scored"]);
    s.run(&["convert", "a.png", "--fail-under", "1"]).ends(4);
    s.write("svg-ai.toml", "no-score = true\nfail-under = 0.9\n");
    s.run(&["convert", "a.png"]).ends(2).says(&["--fail-under", "--no-score"]);
}

#[test]
fn the_nearest_file_above_is_taken() {
    let s = with_image();
    s.write("svg-ai.toml", "quality = \"best\"\n");
    s.write("p/svg-ai.toml", "[convert]\nquality = \"fast\"\n");
    s.write("p/q/r/b.png", images::any());
    let args = ["convert", "b.png", "-q", "--report", "-"];
    let ran = Ran::of(s.command(&args).current_dir(s.path("p/q/r"))).ends(0);
    assert_eq!(ran.out_json()["tier"], "fast");
    assert_eq!(tier(&s, &[], &[]), "best");
    assert_eq!(tier(&s, &["--config", "p/svg-ai.toml"], &[]), "fast");
    assert_eq!(tier(&s, &["--config=p/svg-ai.toml"], &[]), "fast");
    assert_eq!(tier(&s, &[], &[("SVG_AI_CONFIG", "p/svg-ai.toml")]), "fast");
    s.run(&["convert", "a.png", "--config", "gone.toml"]).ends(2).says(&["gone.toml"]);
}

#[test]
fn sections_are_for_one_subcommand() {
    let s = with_image();
    s.write("svg-ai.toml", "quality = \"fast\"\n[batch]\nquality = \"best\"\njobs = 1\n[convert]\nprecision = 0\n");
    assert_eq!(tier(&s, &[], &[]), "fast");
    let report = s.run(&["batch", "a.png", "-o", "out", "--report", "-", "-q"]).ends(0).out_json();
    assert_eq!(report["options"]["quality"], "best");
    assert_eq!(report["options"]["jobs"], 1);
    assert!(report["options"]["precision"].is_null(), "as the engine resolves");
}

#[test]
fn mistakes_in_the_file_name_the_file_and_the_key() {
    let s = with_image();
    for (text, parts) in [
        ("qualty = \"fast\"", &["qualty", "`quality`"][..]),
        ("[convrt]\nquality = \"fast\"", &["[convrt]", "`convert`"]),
        ("[convert]\ntrials = 3", &["[convert] trials"]),
        ("precision = 9", &["precision", "0..=6"]),
        ("quality = \"great\"", &["quality", "great"]),
        ("no-score = 3", &["no-score", "true or false"]),
        ("quality = {a = 1}", &["quality"]),
        ("quality = ", &[]),
        ("config = \"x\"", &["config", "no such option"]),
        ("verbose = -1", &["verbose"]),
        ("[convert]\nquiet = true", &["quiet", "above the sections"]),
    ] {
        s.write("svg-ai.toml", text);
        let ran = s.run(&["convert", "a.png"]);
        assert_eq!(ran.code, 2, "{text}: {}", ran.err);
        ran.says(&["svg-ai.toml"]).says(parts);
    }
    assert!(!s.path("a.svg").exists());
}

#[test]
fn options_of_every_subcommand_can_be_in_the_file() {
    let s = with_image();
    s.write("svg-ai.toml", "quiet = true\njobs = 0\nengine-option = [\"color-precision=5\"]\nmax-pixels = \"1M\"\n");
    let ran = s.run(&["convert", "a.png"]).ends(0);
    assert_eq!(ran.err, "");
    s.write("svg-ai.toml", "verbose = 1\n");
    s.write("in/notes.txt", "");
    s.run(&["batch", "in", "-o", "out"]).ends(3).says(&["not an image"]);
}

#[test]
fn the_environment_is_checked_like_flags() {
    let s = with_image();
    for yes in ["1", "true", "yes"] {
        run_env(&s, &["convert", "a.png"], &[("SVG_AI_NO_SCORE", yes)]).ends(0).says(&["not scored"]);
    }
    let ran = run_env(&s, &["convert", "a.png", "--fail-under", "0"], &[("SVG_AI_NO_SCORE", "0")]).ends(0);
    assert!(!ran.err.contains("not scored"));
    run_env(&s, &["convert", "a.png"], &[("SVG_AI_PRECISION", "9")]).ends(2).says(&["precision", "SVG_AI_PRECISION"]);
    run_env(&s, &["convert", "a.png"], &[("SVG_AI_FAIL_UNDER", "2")]).ends(2).says(&["fail-under"]);
    let both = run_env(&s, &["convert", "a.png", "--precision", "8"], &[("SVG_AI_PRECISION", "2")]).ends(2);
    assert!(!both.err.contains("SVG_AI"), "{}", both.err);
    let ran = run_env(&s, &["convert", "a.png"], &[("SVG_AI_QUIET", "1")]).ends(0);
    assert_eq!(ran.err, "");
}

#[test]
fn print_config_shows_values_and_where_they_come_from() {
    let s = Sandbox::new();
    s.write("svg-ai.toml", "precision = 2\n");
    let args = ["batch", "--tier", "3", "--print-config"];
    let ran = run_env(&s, &args, &[("SVG_AI_JOBS", "2")]).ends(0);
    let text = ran.out_text();
    let line = |key: &str| {
        text.lines().find(|l| l.starts_with(&format!("{key} ="))).unwrap_or_else(|| panic!("{key} in {text}"))
    };
    assert!(line("tier").contains("\"3\"") && line("tier").ends_with("# command line"), "{text}");
    assert!(line("jobs").contains("\"2\"") && line("jobs").ends_with("# environment"));
    assert!(line("precision").contains("\"2\"") && line("precision").ends_with("svg-ai.toml"));
    assert!(line("if-exists").ends_with("# default"));
    assert!(text.contains("# fail-under is not set"), "{text}");
    // What is printed can be used as a file.
    s.write("again.toml", text);
    s.run(&["batch", "--config", "again.toml", "--print-config"]).ends(0);
    s.write("in/a.png", images::any());
    let args = ["batch", "in", "-o", "out", "--config", "again.toml", "--report", "-", "-q"];
    let options = s.run(&args).ends(0).out_json()["options"].clone();
    assert_eq!((&options["quality"], &options["precision"]), (&"best".into(), &2.into()));
    for sub in ["convert", "optimize", "score", "bench"] {
        s.run(&[sub, "--print-config"]).ends(0);
    }
}
