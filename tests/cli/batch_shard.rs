//! `svg-ai batch --shard` and `--merge`: a run on several machines.
#![cfg(unix)]

use std::path::{Path, PathBuf};

use serde_json::json;
use svg_ai::classify::Class;

use crate::images;
use crate::reports::timeless;
use crate::sandbox::Sandbox;

const SHARDS: usize = 3;

/// Drawings, an image that fails, and a folder that cannot be listed.
fn tree() -> Sandbox {
    let s = Sandbox::new();
    for i in 0..12 {
        s.write(format!("in/{}/{i:02}.png", i % 3), images::drawing(Class::ALL[i % 7], i as u64, 48));
    }
    s.write("in/bad.png", images::truncated());
    std::os::unix::fs::symlink(".", s.path("in/loop")).unwrap();
    s
}

fn run_shard(s: &Sandbox, index: usize, more: &[&str]) -> i32 {
    let (shard, report) = (format!("{index}/{SHARDS}"), format!("{index}.json"));
    let args = ["batch", "in", "-o", "out", "--shard", &shard, "--report", &report, "--timeout", "60s", "-q"];
    s.run(&[&args[..], more].concat()).code
}

fn outputs(s: &Sandbox) -> Vec<(PathBuf, Vec<u8>)> {
    s.files("out").into_iter().map(|f| (f.clone(), s.read(Path::new("out").join(f)))).collect()
}

#[test]
fn the_parts_together_are_the_whole_to_the_byte() {
    let (one, many) = (tree(), tree());
    let args = ["batch", "in", "-o", "out", "--report", "all.json", "--html", "all.html", "--timeout", "60s", "-q"];
    one.run(&args).ends(1);
    let mut failed = 0;
    for index in 1..=SHARDS {
        let before = many.files("out").len();
        failed += run_shard(&many, index, &[]);
        assert!(many.files("out").len() > before, "something falls to every part");
    }
    assert!(failed > 0);
    assert_eq!(outputs(&one).len(), 12);
    assert!(outputs(&one) == outputs(&many));
    let merge = ["batch", "--merge", "2.json", "1.json", "3.json", "--report", "all.json", "--html", "all.html"];
    many.run(&merge).ends(1).says(&["12 of 14", "in/bad.png", "in/loop"]);
    let (whole, merged) = (one.json("all.json"), many.json("all.json"));
    assert_eq!(timeless(merged.clone()), timeless(whole));
    let validator = jsonschema::validator_for(&svg_ai::report::json::schema()).unwrap();
    for report in [&merged, &many.json("1.json")] {
        let errors: Vec<_> = validator.iter_errors(report).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let pictures = |s: &Sandbox| s.text("all.html").matches("data:image/").count();
    assert_eq!(pictures(&many), pictures(&one));
    // Gates are those of the merge.
    many.run(&[&merge[..7], &["-q", "--fail-if", "bytes>1"]].concat()).ends(1).says(&["bytes>1"]);
}

#[test]
fn shards_can_be_resumed_each_on_its_own() {
    let s = tree();
    let codes: Vec<i32> = (1..=SHARDS).map(|i| run_shard(&s, i, &[])).collect();
    let before = outputs(&s);
    let reports = || (1..=SHARDS).map(|i| s.json(format!("{i}.json"))).collect::<Vec<_>>();
    let first = reports();
    for index in 1..=SHARDS {
        assert_eq!(run_shard(&s, index, &["--resume"]), codes[index - 1]);
    }
    for (mut now, was) in reports().into_iter().zip(first) {
        assert_eq!(
            now["summary"]["reused"].as_u64().unwrap_or(0),
            now["summary"]["status"]["ok"].as_u64().unwrap_or(0)
        );
        now["options"]["resume"] = json!(false);
        assert_eq!(timeless(now), timeless(was));
    }
    assert!(outputs(&s) == before);
}

#[test]
fn what_is_missing_doubled_or_of_another_run_is_refused_and_named() {
    let s = tree();
    for index in 1..=SHARDS {
        run_shard(&s, index, &[]);
    }
    let merge = |reports: &[&str]| {
        let args = [&["batch", "--merge", "--report", "all.json"], reports].concat();
        s.run(&args).ends(2).says(&["merge.incomplete"])
    };
    merge(&["1.json", "3.json"]).says(&["1 of 3 shards are missing: 2"]);
    merge(&["1.json", "2.json", "3.json", "2.json"]).says(&["shard 2", "more than once"]);
    s.run(&["batch", "in", "-o", "out", "--report", "whole.json", "-q"]).ends(1);
    merge(&["1.json", "2.json", "whole.json"]).says(&["whole.json is not the report of a shard"]);
    run_shard(&s, 3, &["--precision", "1"]);
    merge(&["1.json", "2.json", "3.json"]).says(&["3.json and 1.json", "`precision`"]);
    s.write("in/new.png", images::any());
    run_shard(&s, 3, &[]);
    merge(&["1.json", "2.json", "3.json"]).says(&["different sets of files"]);
    assert!(!s.path("all.json").exists());
    s.write("no.json", "{}");
    s.run(&["batch", "--merge", "no.json", "--report", "all.json"]).ends(2).says(&["no.json", "report.invalid"]);
    s.run(&["batch", "--merge", "1.json", "--report", "1.json"]).ends(2).says(&["output.is_input"]);
    s.run(&["batch", "--merge", "1.json"]).ends(2).says(&["--report"]);
    s.run(&["batch", "--merge", "--report", "all.json"]).ends(2);
    s.run(&["batch", "--merge", "1.json", "--report", "all.json", "--resume"]).ends(2);
}

#[test]
fn collisions_are_told_by_every_part_and_an_empty_part_is_no_failure() {
    let s = Sandbox::new();
    s.write("in/a.png", images::any());
    let run = |shard: &str| s.run(&["batch", "in", "-o", "out", "--shard", shard, "--report", "r.json", "-q"]);
    let counts: Vec<usize> = (1..=4)
        .map(|i| {
            run(&format!("{i}/4")).ends(0);
            s.json("r.json")["items"].as_array().unwrap().len()
        })
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), 1, "{counts:?}");
    s.write("in/a.jpg", images::any());
    for i in 1..=4 {
        run(&format!("{i}/4")).ends(2).says(&["output.collision"]);
    }
    for bad in ["0/4", "5/4", "1", "x/y"] {
        run(bad).ends(2).says(&["K/N"]);
    }
}
