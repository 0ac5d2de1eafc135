//! `svg-ai score`.

use std::time::{Duration, Instant};

use crate::images::{self, RED, WHITE};
use crate::sandbox::Sandbox;

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 48 48\">";

fn pair() -> Sandbox {
    let s = Sandbox::new();
    s.write("a.png", images::any());
    s.run(&["convert", "a.png", "-q"]).ends(0);
    s
}

#[test]
fn figures_for_people_and_for_programs() {
    let s = pair();
    let text = s.run(&["score", "a.png", "a.svg"]).ends(0);
    for figure in ["quality", "SSIM", "PSNR", "ΔE₀₀", "SSIMULACRA2", "alpha error", "nodes", "resvg"] {
        assert!(text.out_text().contains(figure), "{figure} in\n{}", text.out_text());
    }
    let json = s.run(&["score", "a.png", "a.svg", "--format", "json", "-q"]).ends(0).out_json();
    assert_eq!(json["status"], "ok");
    assert!(json["metrics"]["quality"].as_f64().unwrap() > 0.9, "{json}");
    assert!(json["metrics"]["over_white"]["ssimulacra2"].is_number());
    let basic = s.run(&["score", "a.png", "a.svg", "--format", "json", "--metrics", "basic"]).ends(0).out_json();
    assert!(basic["metrics"]["over_white"]["ssimulacra2"].is_null());
}

#[test]
fn a_wrong_colour_is_seen_and_gated() {
    let s = Sandbox::new();
    s.write("a.png", images::disc(48, RED, WHITE));
    s.write(
        "blue.svg",
        format!(
            "{SVG}<path fill=\"#fff\" d=\"M0 0h48v48H0z\"/><circle cx=\"24\" cy=\"24\" r=\"16\" fill=\"#00f\"/></svg>"
        ),
    );
    let ran = s.run(&["score", "a.png", "blue.svg", "--fail-under", "0.9", "-q"]).ends(4);
    ran.says(&["a.png", "below the gate"]);
    s.run(&["score", "a.png", "blue.svg", "--fail-under", "0"]).ends(0);
}

#[test]
fn the_difference_is_a_png() {
    let s = pair();
    s.run(&["score", "a.png", "a.svg", "--diff", "d/diff.png", "-q"]).ends(0);
    let picture = image::load_from_memory(&s.read("d/diff.png")).unwrap();
    assert!(picture.width() >= 48 && picture.height() >= 48);
}

#[test]
fn folders_are_paired_by_path() {
    let s = Sandbox::new();
    for name in ["x.png", "sub/y.png"] {
        s.write(format!("in/{name}"), images::any());
    }
    s.run(&["batch", "in", "-o", "svg", "-q"]).ends(0);
    let ran = s.run(&["score", "in", "svg"]).ends(0);
    assert_eq!(ran.out_text().lines().count(), 2);
    assert!(ran.out_text().contains("in/sub/y.png"));
    let json = s.run(&["score", "in", "svg", "--format", "json", "--diff", "diffs"]).ends(0).out_json();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(s.files("diffs").len(), 2);

    s.write("in/alone.png", images::any());
    s.write("svg/lonely.svg", format!("{SVG}</svg>"));
    let ran = s.run(&["score", "in", "svg", "--format", "json"]).ends(1).says(&["alone.png", "lonely.svg"]);
    let json = ran.out_json();
    let missing: Vec<_> = json.as_array().unwrap().iter().filter(|i| i["error"]["code"] == "score.no_pair").collect();
    assert_eq!(missing.len(), 2, "{json}");
    s.write("empty/notes.txt", "");
    s.run(&["score", "empty", "empty"]).ends(3);
}

#[test]
fn missing_files_are_named() {
    let s = pair();
    s.run(&["score", "a.png", "gone.svg"]).ends(1).says(&["gone.svg", "input.not_found"]);
    s.run(&["score", "gone.png", "a.svg"]).ends(1).says(&["gone.png", "input.not_found"]);
    s.run(&["score", "a.png", "."]).ends(1).says(&["input.is_directory"]);
}

#[test]
fn hostile_svgs_are_refused_within_a_second_and_256_mb() {
    let s = pair();
    let entities: String =
        (1..12).map(|i| format!("<!ENTITY e{i} \"{}\">", format!("&e{};", i - 1).repeat(10))).collect();
    let uses: String =
        (1..12).map(|i| format!("<g id=\"u{i}\">{}</g>", format!("<use href=\"#u{}\"/>", i - 1).repeat(10))).collect();
    let image = |href: &str| format!("{SVG}<image href=\"{href}\" width=\"9\" height=\"9\"/></svg>");
    let blurs = "<filter id=\"f\"><feGaussianBlur stdDeviation=\"40\"/></filter>".to_string()
        + &"<path d=\"M0 0h48v48H0z\" filter=\"url(#f)\"/>".repeat(20_000);
    let cases = [
        ("external", image("http://example.invalid/x.png"), "svg.external_reference"),
        ("file", image("/etc/hostname"), "svg.external_reference"),
        ("file-url", image("file:///etc/passwd"), "svg.external_reference"),
        ("canvas", SVG.replace("viewBox=\"0 0 48 48\"", "width=\"1e7\" height=\"1e7\"") + "</svg>", "svg.too_large"),
        (
            "entities",
            format!("<!DOCTYPE svg [<!ENTITY e0 \"ha\">{entities}]>{SVG}<desc>&e11;</desc></svg>"),
            "svg.too_complex",
        ),
        ("million", format!("{SVG}{}</svg>", "<path d=\"M0 0h1\"/>".repeat(1_000_000)), "svg.too_complex"),
        ("curves", format!("{SVG}<path d=\"M0 0{}\"/></svg>", "C9 9 40 3 2 2".repeat(1_000_000)), "svg.too_complex"),
        (
            "uses",
            format!("{SVG}<defs><g id=\"u0\"><path d=\"M0 0h1v1z\"/></g>{uses}</defs><use href=\"#u11\"/></svg>"),
            "svg.too_complex",
        ),
        ("itself", format!("{SVG}<use href=\"#x\" id=\"x\"/></svg>"), "svg.too_complex"),
        ("deep", format!("{SVG}{}{}</svg>", "<g>".repeat(20_000), "</g>".repeat(20_000)), "svg.too_complex"),
        ("blurs", format!("{SVG}{blurs}</svg>"), "svg.too_complex"),
        ("broken", format!("{SVG}<g>"), "svg.invalid"),
        ("text", "not an svg".into(), "svg.invalid"),
        ("empty", String::new(), "svg.invalid"),
        ("five-gigabytes", String::new(), "svg.too_large"),
    ];
    let mut wrong = Vec::new();
    for (name, svg, code) in cases {
        let file = format!("{name}.svg");
        let path = s.write(&file, svg);
        if name == "five-gigabytes" {
            // All hole: it takes no room on the disk.
            std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(5 << 30).unwrap();
        }
        // The best of three: the machine may be busy, the program may not.
        let mut took = Duration::MAX;
        for _ in 0..3 {
            let start = Instant::now();
            let ran = s.run(&["score", "a.png", &file, "--format", "json"]);
            took = took.min(start.elapsed());
            let item = ran.out_json();
            let found = &item["error"]["code"];
            let memory = item["peak_memory_bytes"].as_u64();
            let thrifty = memory.map_or(!cfg!(target_os = "linux"), |bytes| bytes <= 256_000_000);
            if ran.code != 1 || found != code || !thrifty || !ran.err.contains(&file) {
                wrong.push(format!("{name}: exit {}, {found} for {code}, {memory:?} bytes: {}", ran.code, ran.err));
                break;
            }
            if took < Duration::from_millis(500) {
                break;
            }
        }
        if took > Duration::from_secs(1) {
            wrong.push(format!("{name}: {took:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn standard_input_is_an_image_or_an_svg() {
    let s = pair();
    let plain = s.run(&["score", "a.png", "a.svg", "--format", "json"]).ends(0).out_json();
    let image = s.run_with_input(&["score", "-", "a.svg", "--format", "json"], &s.read("a.png")).ends(0).out_json();
    let svg = s.run_with_input(&["score", "a.png", "-", "--format", "json"], &s.read("a.svg")).ends(0).out_json();
    for streamed in [image, svg] {
        assert_eq!(streamed["metrics"]["quality"], plain["metrics"]["quality"]);
    }
    s.run(&["score", "-", "-"]).ends(2).says(&["standard input"]);
}

#[test]
fn a_folder_against_a_file_is_wrong_usage() {
    let s = pair();
    s.run(&["score", ".", "a.svg"]).ends(2).says(&["two files or two folders"]);
}

#[test]
fn a_difference_never_replaces_an_input() {
    let s = pair();
    s.run(&["score", "a.png", "a.svg", "--diff", "a.png"]).ends(2).says(&["a.png", "output.is_input"]);
    s.run(&["score", "a.png", "a.svg", "--diff", "./a.svg"]).ends(2).says(&["output.is_input"]);
    s.write("in/x.png", images::any());
    s.run(&["batch", "in", "-o", "svg", "-q"]).ends(0);
    s.run(&["score", "in", "svg", "--diff", "in"]).ends(2).says(&["in/x.png", "output.is_input"]);
    assert_eq!((s.read("a.png"), s.read("in/x.png")), (images::any(), images::any()));
    // Two images of one stem have one name for their differences.
    s.write("in/x.jpg", images::any());
    s.write("svg/x.jpg.svg", s.read("svg/x.svg"));
    s.run(&["score", "in", "svg", "--diff", "d"]).ends(2).says(&["output.collision"]);
}
