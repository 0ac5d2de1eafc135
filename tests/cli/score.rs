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
fn hostile_svgs_are_refused_quickly_with_their_code() {
    let s = pair();
    let entities: String =
        (1..12).map(|i| format!("<!ENTITY e{i} \"{}\">", format!("&e{};", i - 1).repeat(10))).collect();
    let uses: String =
        (1..12).map(|i| format!("<g id=\"u{i}\">{}</g>", format!("<use href=\"#u{}\"/>", i - 1).repeat(10))).collect();
    let cases = [
        (
            "external",
            format!("{SVG}<image href=\"http://example.invalid/x.png\" width=\"9\" height=\"9\"/></svg>"),
            "svg.external_reference",
        ),
        (
            "file",
            format!("{SVG}<image href=\"/etc/hostname\" width=\"9\" height=\"9\"/></svg>"),
            "svg.external_reference",
        ),
        ("canvas", SVG.replace("viewBox=\"0 0 48 48\"", "width=\"1e7\" height=\"1e7\"") + "</svg>", "svg.too_large"),
        (
            "entities",
            format!("<!DOCTYPE svg [<!ENTITY e0 \"ha\">{entities}]>{SVG}<desc>&e11;</desc></svg>"),
            "svg.too_complex",
        ),
        ("million", format!("{SVG}{}</svg>", "<path d=\"M0 0h1\"/>".repeat(1_000_000)), "svg.too_complex"),
        (
            "uses",
            format!("{SVG}<defs><g id=\"u0\"><path d=\"M0 0h1v1z\"/></g>{uses}</defs><use href=\"#u11\"/></svg>"),
            "svg.too_complex",
        ),
        ("broken", format!("{SVG}<g>"), "svg.invalid"),
        ("text", "not an svg".into(), "svg.invalid"),
        ("empty", String::new(), "svg.invalid"),
    ];
    let mut wrong = Vec::new();
    for (name, svg, code) in cases {
        let file = format!("{name}.svg");
        s.write(&file, svg);
        let start = Instant::now();
        let ran = s.run(&["score", "a.png", &file, "--format", "json"]);
        let took = start.elapsed();
        let found = ran.out_json()["error"]["code"].clone();
        if ran.code != 1 || found != code || took > Duration::from_secs(5) || !ran.err.contains(&file) {
            wrong.push(format!("{name}: exit {}, {found} for {code}, {took:?}: {}", ran.code, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
