//! The committed copies of what the parser and the types make.

use std::fs;
use std::path::{Path, PathBuf};

use crate::sandbox::Sandbox;

const CURE: &str = "run scripts/regenerate.sh and commit what it changes";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn documents_are_up_to_date() {
    let s = Sandbox::new();
    for (what, file) in
        [("schema", "docs/report.schema.json"), ("errors", "docs/errors.md"), ("reference", "docs/reference.md")]
    {
        let made = s.run(&["generate", what]).ends(0);
        let committed = fs::read_to_string(repository(file)).unwrap_or_default().replace("\r\n", "\n");
        assert!(made.out_text() == committed, "{file} is out of date: {CURE}");
    }
}

#[test]
fn man_pages_and_completions_are_up_to_date() {
    let s = Sandbox::new();
    for what in ["man", "completions"] {
        s.run(&["generate", what, what]).ends(0);
        let made = s.files(what);
        assert!(made.len() >= 5);
        let mut committed: Vec<PathBuf> =
            fs::read_dir(repository(what)).into_iter().flatten().map(|e| e.unwrap().file_name().into()).collect();
        committed.sort();
        assert_eq!(made, committed, "{what}/ has other files: {CURE}");
        for file in &made {
            let old = fs::read_to_string(repository(what).join(file)).unwrap().replace("\r\n", "\n");
            assert!(s.text(Path::new(what).join(file)) == old, "{what}/{} is out of date: {CURE}", file.display());
        }
    }
}
