//! The table of the engine's constants is up to date, and every one of them says its unit and its reason.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../examples/engine_constants/table.rs"]
mod table;

use std::path::Path;

use table::{Constant, constants};

#[test]
fn the_table_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = table::markdown(root).unwrap_or_else(|e| panic!("{e:#}"));
    let committed = std::fs::read_to_string(root.join("docs/engine-constants.md")).unwrap_or_default();
    assert!(
        made == committed.replace("\r\n", "\n"),
        "docs/engine-constants.md is out of date: run scripts/regenerate.sh and commit what it changes"
    );
}

#[test]
fn a_constant_is_read_with_its_unit_and_its_reason() {
    let source = "\
        /// Not a constant, px: no.\n\
        fn f() {}\n\
        /// Farthest that a thing moves, or another,\n\
        /// px: a farther one\n\
        /// is: lost.\n\
        #[allow(dead_code)]\n\
        pub(super) const FAR: f64 = 1.5;\n\
        const NAME: &str = \"not a number\";\n\
        pub const fn g() {\n    const INNER: u8 = 1;\n}\n\
        /// Shares, a ratio: of one thing\n\
        pub const PAIR: [f64; 2] =\n    [1.0, 2.0];\n\
        #[cfg(test)]\n\
        const TESTED: f64 = 1.0;\n";
    let made = constants(source).unwrap();
    let constant = |name: &str, value: &str, unit: &str, what: &str, why: &str| Constant {
        name: name.into(),
        value: value.into(),
        unit: unit.into(),
        what: what.into(),
        why: why.into(),
    };
    let far = constant("FAR", "1.5", "px", "Farthest that a thing moves, or another", "a farther one is: lost");
    assert_eq!(made, [far, constant("PAIR", "[1.0, 2.0]", "a ratio", "Shares", "of one thing")]);
}

#[test]
fn a_constant_without_a_unit_or_a_reason_is_an_error() {
    for doc in [
        "",
        "/// Farthest that it moves.",
        "/// Farthest that it moves, px.",
        "/// Farthest, furlongs: why.",
        "/// Far: why.",
    ] {
        let e = constants(&format!("{doc}\nconst FAR: f64 = 1.5;\n")).unwrap_err();
        assert!(e.to_string().starts_with("FAR: "), "{doc}: {e}");
    }
}
