//! URLs where paths are wanted, as far as that can be seen without a store; `scripts/cloud.sh` has one.

use std::path::Path;

use crate::sandbox::Sandbox;

#[test]
fn a_url_that_is_wrong_is_refused_and_nothing_is_made() {
    let s = Sandbox::new();
    s.write("a.png", crate::images::any());
    for args in [
        &["batch", "s3://", "-o", "out"][..],
        &["batch", "a.png", "-o", "gs://"],
        &["convert", "az://", "-o", "a.svg"],
        &["convert", "a.png", "-o", "https://"],
        &["score", "https://", "a.svg"],
    ] {
        s.run(args).ends(2).says(&["option.invalid"]);
    }
    assert_eq!(s.files(""), [Path::new("a.png")]);
}

#[cfg(not(feature = "cloud"))]
#[test]
fn a_url_names_the_feature_that_it_needs() {
    let s = Sandbox::new();
    s.write("a.png", crate::images::any());
    for args in [
        &["batch", "s3://bucket/in", "-o", "out"][..],
        &["batch", "a.png", "-o", "gs://bucket/out"],
        &["convert", "https://example.org/a.png", "-o", "a.svg"],
        &["convert", "a.png", "-o", "az://container/a.svg"],
        &["score", "a.png", "s3://bucket/a.svg"],
    ] {
        s.run(args).ends(2).says(&["cloud.not_built", "--features cloud"]);
    }
    assert_eq!(s.files(""), [Path::new("a.png")]);
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let s = Sandbox::new();
    for url in ["s3://KEY:hush@bucket/in", "https://me:hush@host/a.png", "https://me:hush@host?hush"] {
        let ran = s.run(&["batch", url, "-o", "out", "-vv"]).ends(2);
        assert!(!ran.err.contains("hush") && ran.err.contains("option.invalid"), "{}", ran.err);
    }
}

#[test]
fn lists_are_settled_as_arguments_are() {
    let s = Sandbox::new();
    s.write("list", "https://me:hush@host/a.png\n");
    let ran = s.run(&["batch", "--files-from", "list", "-o", "out"]).ends(2);
    assert!(!ran.err.contains("hush") && ran.err.contains("option.invalid"), "{}", ran.err);
}

#[test]
fn reports_and_journals_are_on_a_disk() {
    let s = Sandbox::new();
    s.write("a.png", crate::images::any());
    for option in ["--report", "--html", "--journal", "--metrics-file"] {
        let ran = s.run(&["batch", "a.png", "-o", "out", option, "s3://bucket/x"]).ends(2);
        assert!(ran.err.contains(option) && ran.err.contains("on a disk"), "{}", ran.err);
    }
}
