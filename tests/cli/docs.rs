//! What the documents show is what the binary does: every command line parses, and the blocks of the guides
//! that start with `$` are run and their output compared.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::sandbox::{Ran, Sandbox};

/// Documents whose `console` blocks are run, from top to bottom in one folder.
const RUN: [&str; 2] = ["docs/guide.md", "docs/coming-from.md"];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let mut found = vec![repository().join("README.md")];
    found.extend(fs::read_dir(repository().join("docs")).unwrap().map(|e| e.unwrap().path()));
    found.retain(|p| p.extension().is_some_and(|e| e == "md"));
    found.sort();
    found
}

/// Lines of code, each with the line it is on; continued lines are joined.
fn code(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut fenced = false;
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if !fenced && !line.starts_with("    ") {
            continue;
        }
        let (at, so_far) = open.take().unwrap_or((number + 1, String::new()));
        match line.strip_suffix('\\') {
            Some(part) => open = Some((at, so_far + part)),
            None => out.push((at, so_far + line)),
        }
    }
    out
}

/// The arguments of the call of svg-ai in a line of shell, up to what the shell takes for itself.
fn call(line: &str) -> Option<Vec<String>> {
    let rest = line.trim_start().trim_start_matches("$ ");
    let rest = rest.strip_prefix("svg-ai ").or_else(|| rest.split_once("| svg-ai ").map(|(_, rest)| rest))?;
    // Placeholders and shell that is not one command are not for us.
    if rest.contains(['…', '$', '`', '%', '[', '{']) || rest.contains("DIR") || rest.contains("IN") {
        return None;
    }
    let words = shlex::split(rest.split(" # ").next()?)?;
    Some(
        words
            .into_iter()
            .take_while(|w| !["|", ">", "<", "&&", "||", "2>", "2>>", ";"].contains(&w.as_str()))
            .collect(),
    )
}

#[test]
fn every_command_line_parses() {
    let s = Sandbox::new();
    let mut checked = 0;
    for document in documents() {
        for (line, text) in code(&fs::read_to_string(&document).unwrap()) {
            let Some(mut args) = call(&text) else { continue };
            if args.iter().any(|a| ["generate", "--version", "--help", "-h"].contains(&a.as_str())) {
                continue;
            }
            // Parses everything and runs nothing.
            if !args.iter().any(|a| a == "--print-config") {
                args.push("--print-config".into());
            }
            let ran = s.run(&args);
            assert_eq!(ran.code, 0, "{}:{line}: {text}\n{}", document.display(), ran.err);
            checked += 1;
        }
    }
    assert!(checked >= 35, "only {checked} command lines were found");
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if link.is_empty() || link.contains("://") {
                continue;
            }
            let target = document.parent().unwrap().join(link);
            assert!(target.exists(), "{}: {link} leads nowhere", document.display());
        }
    }
}

/// A command with what it is to print and its exit code.
struct Step {
    line: usize,
    command: String,
    expected: Vec<String>,
    code: i32,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match (line.starts_with("```"), inside) {
            (true, _) => inside = line == "```console",
            (false, false) => {}
            (false, true) => match (line.strip_prefix("$ "), line.strip_prefix("? "), steps.last_mut()) {
                (Some(command), ..) => {
                    steps.push(Step { line: number + 1, command: command.into(), expected: Vec::new(), code: 0 });
                }
                (_, Some(code), Some(step)) => step.code = code.parse().unwrap(),
                (.., Some(step)) => step.expected.push(line.into()),
                (.., None) => panic!("line {}: output without a command", number + 1),
            },
        }
    }
    steps
}

/// Whether `line` is as `pattern` says; `[..]` is anything.
fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut last_open = false;
    for part in parts {
        last_open = part.is_empty();
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    last_open || rest.is_empty()
}

/// Whether `lines` are as `patterns` say; `...` is any lines.
fn matches(patterns: &[String], lines: &[&str]) -> bool {
    match (patterns.first().map(String::as_str), lines.first()) {
        (None, None) => true,
        (Some("..."), _) => (0..=lines.len()).any(|n| matches(&patterns[1..], &lines[n..])),
        (Some(pattern), Some(line)) if fits(pattern, line) => matches(&patterns[1..], &lines[1..]),
        _ => false,
    }
}

#[test]
fn the_matching_of_output_can_fail() {
    let lines = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
    assert!(matches(&lines("a\n...\nquality [..], 3 nodes"), &["a", "x", "y", "quality 0.9, 3 nodes"]));
    assert!(!matches(&lines("a\n...\nb"), &["a", "x"]));
    assert!(!matches(&lines("quality [..], 3 nodes"), &["quality 0.9, 4 nodes"]));
    assert!(!matches(&lines("a"), &["a", "b"]));
}

#[test]
fn guides_show_what_happens() {
    for document in RUN {
        let s = Sandbox::new();
        for class in ["simple", "text"] {
            for entry in fs::read_dir(repository().join("fixtures/images").join(class)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                if name.ends_with("-2.png") || name.ends_with("-6.png") {
                    s.write(format!("art/{class}/{name}"), fs::read(&path).unwrap());
                }
            }
        }
        s.write("logo.png", fs::read(repository().join("fixtures/images/simple/simple-donut-2.png")).unwrap());
        s.write("photo.png", fs::read(repository().join("fixtures/images/photo/photo-bokeh-3.png")).unwrap());
        let steps = steps(&fs::read_to_string(repository().join(document)).unwrap());
        assert!(steps.len() >= 3, "{document} shows next to nothing");
        for step in steps {
            let words = shlex::split(&step.command).unwrap();
            assert_eq!(words[0], "svg-ai", "{document}:{}", step.line);
            let ran: Ran = s.run(&words[1..]);
            let told = format!("{}{}", ran.out_text(), ran.err);
            // Where coverage is measured, `--sandbox` lets its figures be written no more than anything else.
            let lines: Vec<&str> = told.lines().filter(|l| !l.starts_with("LLVM Profile Error")).collect();
            assert_eq!(ran.code, step.code, "{document}:{}: {}\n{told}", step.line, step.command);
            assert!(matches(&step.expected, &lines), "{document}:{}: {} printed\n{told}", step.line, step.command);
        }
    }
}
