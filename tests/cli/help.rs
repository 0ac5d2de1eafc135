//! Help, version, and what they promise.

use crate::sandbox::Sandbox;

const SUBCOMMANDS: [&str; 5] = ["convert", "optimize", "batch", "score", "bench"];

/// Columns of help when no terminal says otherwise.
const COLUMNS: usize = 100;

/// Lines of `-h`: one screen of a large terminal.
const LINES: usize = 62;

#[test]
fn help_fits_and_begins_with_examples() {
    let s = Sandbox::new();
    for sub in SUBCOMMANDS.iter().map(Some).chain([None]) {
        for flag in ["-h", "--help"] {
            let args: Vec<&str> = sub.into_iter().copied().chain([flag]).collect();
            let ran = s.run(&args).ends(0);
            assert!(ran.err.is_empty());
            let text = ran.out_text();
            assert!(text.contains("Examples:\n") && text.contains("Usage: svg-ai"), "{args:?}");
            for line in text.lines() {
                assert!(line.chars().count() <= COLUMNS, "{args:?}: {line}");
            }
            assert!(flag == "--help" || text.lines().count() <= LINES, "{args:?}: {} lines", text.lines().count());
        }
    }
    let long = s.run(&["convert", "--help"]).ends(0);
    assert!(long.out_text().contains("color-precision (1 to 8)"), "engine options and ranges are in the help");
}

#[test]
fn the_version_is_the_packages() {
    let s = Sandbox::new();
    assert_eq!(s.run(&["--version"]).ends(0).out_text(), format!("svg-ai {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn without_a_subcommand_or_with_a_wrong_one_the_usage_is_shown() {
    let s = Sandbox::new();
    let none: [&str; 0] = [];
    s.run(&none).ends(2).says(&["Usage: svg-ai"]);
    s.run(&["convrt", "a.png"]).ends(2).says(&["convert"]);
}

#[test]
fn colour_is_for_terminals_or_on_request() {
    let s = Sandbox::new();
    let plain = s.run(&["convert", "gone.png"]).ends(1);
    assert!(!plain.err.contains('\x1b'), "{:?}", plain.err);
    let forced =
        crate::sandbox::Ran::of(s.command(&["convert", "gone.png"]).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR"));
    assert!(forced.err.contains('\x1b'), "{:?}", forced.err);
}
