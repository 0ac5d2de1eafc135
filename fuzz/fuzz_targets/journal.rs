//! Any bytes as a journal, and as a report: what cannot be read counts as nothing, nothing is deleted or
//! written but the journal itself, and one that was opened can be opened again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use svg_ai::batch::Journal;
use svg_ai::report::json::{read_report, write_report};

fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a folder");
    let (path, out) = (dir.path().join("j"), dir.path().join("out"));
    std::fs::write(&path, bytes).expect("written");
    let looked = Journal::look(&path, &out, true).expect("readable").orphans(&[]);
    let opened = Journal::open(&path, &out, true).expect("readable and ours");
    assert_eq!(opened.orphans(&[]), looked);
    assert!(looked.is_empty(), "an output in a folder that is not there: {looked:?}");
    opened.check().expect("nothing was written");
    drop(opened);
    assert_eq!(std::fs::read_dir(dir.path()).expect("there").count(), 1);

    if let Ok(report) = read_report(bytes) {
        let mut written = Vec::new();
        write_report(&mut written, &report).expect("to memory");
        assert_eq!(read_report(&written).expect("what was written can be read"), report);
    }
});
