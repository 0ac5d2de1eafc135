//! Faults injected into the built binary: a small part of `scripts/faults.sh`, for every day.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use svg_ai::Code;
use svg_ai::report::json::read_report;
use svg_ai::report::{RunReport, Status};

use crate::images::{self, assert_whole};
use crate::sandbox::Sandbox;

const ARGS: [&str; 9] = ["batch", "in", "-o", "out", "--report", "r.json", "--quality", "fast", "-q"];

/// The report of the last run, in which every record is `ok` or has a code, and no code is that of a bug.
fn accounted(s: &Sandbox) -> RunReport {
    let report = read_report(&s.read("r.json")).unwrap();
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|c| c.id()).collect();
    for item in report.items.iter().filter(|i| i.status != Status::Ok) {
        let code = item.error.as_ref().map(|e| e.code.as_str()).unwrap();
        assert!(codes.contains(code) && code != Code::InternalPanic.id(), "{}: {:?}", item.input, item.error);
    }
    report
}

/// Every committed picture, the damaged ones left out.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found = Vec::new();
    for folder in ["decode", "images/text", "images/pixel-art"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e != "svg" && e != "md") {
                found.push((path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn truncated_and_damaged_files_fail_each_alone_and_with_a_code() {
    let s = Sandbox::new();
    let originals = fixtures();
    assert!(originals.len() >= 15);
    let mut random = fastrand::Rng::with_seed(6);
    let mut count = 0;
    for (name, bytes) in &originals {
        for place in 0..8 {
            s.write(format!("in/cut-{place}-{name}"), &bytes[..bytes.len() * place / 8]);
            let mut flipped = bytes.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..flipped.len());
                flipped[at] ^= 1 << random.u8(..8);
            }
            s.write(format!("in/flip-{place}-{name}"), flipped);
            count += 2;
        }
    }
    s.run(&[&ARGS[..], &["--keep-extension", "--no-score"]].concat()).ends(1);
    let report = accounted(&s);
    assert_eq!(report.items.len(), count);
    let made: BTreeSet<PathBuf> = s.files("out").into_iter().map(|f| Path::new("out").join(f)).collect();
    let good = report.items.iter().filter(|i| i.status == Status::Ok);
    assert_eq!(made, good.map(|i| PathBuf::from(i.output.as_ref().unwrap())).collect());
    for file in made {
        assert_whole(&s.read(file));
    }
    assert!(!report.items.iter().any(|i| i.input.contains("cut-0") && i.status == Status::Ok));
}

#[test]
fn an_output_folder_that_vanishes_costs_no_more_than_what_was_in_it() {
    const IMAGES: usize = 60;
    let s = Sandbox::new();
    for i in 0..IMAGES {
        s.write(format!("in/{i:02}.png"), images::any());
    }
    let over = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _ = fs::remove_dir_all(s.path("out"));
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let ran = s.run(&[&ARGS[..], &["--resume"]].concat());
        over.store(true, Ordering::Relaxed);
        ran
    });
    assert!(ran.code == 0 || ran.code == 1, "{}: {}", ran.code, ran.err);
    let report = accounted(&s);
    assert_eq!(report.items.len(), IMAGES);
    assert!(report.summary.failures.keys().all(|code| code == "output.unwritable"), "{:?}", report.summary.failures);
    s.run(&[&ARGS[..], &["--resume"]].concat()).ends(0);
    assert_eq!(s.files("out").len(), IMAGES);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_unicode_are_converted_and_known_again() {
    use std::os::unix::ffi::OsStrExt;
    let s = Sandbox::new();
    for byte in 0x80..=0xff_u8 {
        s.write(Path::new("in").join(std::ffi::OsStr::from_bytes(&[byte, b'.', b'p', b'n', b'g'])), images::any());
    }
    for reused in [0, 128] {
        s.run(&[&ARGS[..], &["--resume"]].concat()).ends(0);
        assert_eq!(accounted(&s).summary.reused, reused);
        assert_eq!(s.files("out").len(), 128);
    }
}
