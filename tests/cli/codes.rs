//! Every `input.*` code through the binary: exit 1, and a message that names the file.

use crate::images::{self, CLEAR};
use crate::sandbox::Sandbox;

#[test]
fn every_bad_input_has_its_code() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("folder")).unwrap();
    let cases: Vec<(&str, &str, Option<Vec<u8>>)> = vec![
        ("missing.png", "input.not_found", None),
        ("folder", "input.is_directory", None),
        (".", "input.is_directory", None),
        ("empty.png", "input.empty", Some(vec![])),
        ("notes.png", "input.unknown_format", Some(b"dear diary, today I was not an image".to_vec())),
        ("float.tif", "input.unsupported", Some(images::float_tiff())),
        ("corrupt.png", "input.corrupt", Some(images::corrupt())),
        ("cut.png", "input.truncated", Some(images::truncated())),
        ("bomb.png", "input.too_large", Some(images::bomb())),
        ("clear.png", "input.fully_transparent", Some(images::png(16, 16, |_, _| CLEAR))),
        #[cfg(target_os = "linux")]
        ("/proc/self/mem", "input.unreadable", None),
    ];
    for (name, code, bytes) in cases {
        if let Some(bytes) = bytes {
            s.write(name, bytes);
        }
        let ran = s.run(&["convert", name, "-o", "out/x.svg", "--report", "-"]);
        assert_eq!(ran.code, 1, "{name}: {}", ran.err);
        let ran = ran.says(&[name, &format!("[{code}]")]);
        let item = ran.out_json();
        assert_eq!((&item["status"], &item["error"]["code"]), (&"failed".into(), &code.into()), "{name}");
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
        let quiet = s.run(&["convert", name, "-o", "out/x.svg", "-q"]).ends(1).says(&[name, code]);
        assert_eq!(quiet.err.lines().count(), 1, "{}", quiet.err);
    }
    assert!(!s.path("out").exists(), "a failed item leaves nothing");
}

#[test]
fn limits_can_be_set() {
    let s = Sandbox::new();
    s.write("a.png", images::any());
    s.run(&["convert", "a.png", "--max-pixels", "1K"]).ends(1).says(&["input.too_large", "--max-pixels"]);
    s.run(&["convert", "a.png", "--max-file-size", "10"]).ends(1).says(&["input.too_large", "--max-file-size"]);
    s.run(&["convert", "a.png", "--max-pixels", "many"]).ends(2).says(&["20M"]);
}

#[test]
fn hostile_bytes_never_print_a_panic() {
    // The first bytes of every format, followed by nonsense, through every decoder.
    let s = Sandbox::new();
    let heads: [&[u8]; 9] = [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"RIFF\x20\0\0\0WEBPVP8 ",
        b"\0\0\x01\0\x01\0",
        b"qoif",
        b"P7\n",
    ];
    for (i, head) in heads.iter().enumerate() {
        let noise = (0..400u32).map(|n| (n.wrapping_mul(2_654_435_761) >> (i % 13)) as u8);
        s.write(format!("in/{i}.png"), head.iter().copied().chain(noise).collect::<Vec<_>>());
    }
    let ran = s.run(&["batch", "in", "-o", "out", "--report", "-"]).ends(1);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    let report = ran.out_json();
    assert_eq!(report["summary"]["status"]["failed"], heads.len());
    for item in report["items"].as_array().unwrap() {
        assert!(item["error"]["code"].as_str().unwrap().starts_with("input."), "{item}");
    }
}
