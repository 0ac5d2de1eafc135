//! `svg-ai optimize FILE.svg` and `svg-ai batch --svg shrink`.

use serde_json::Value;
use svg_ai::score::{Trust, render};

use crate::images;
use crate::sandbox::Sandbox;

const NS: &str = r#"xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64""#;

fn svg(body: &str) -> String {
    format!("<svg {NS}>{body}</svg>")
}

/// A drawing as an editor leaves it: long numbers, groups for nothing, equal shapes and gradients.
fn wordy() -> String {
    let leaf = "M 10.00000 10.00000 C 10.00000 4.477153 14.477153 0.000000 20.000000 0.000000 \
                C 25.522847 0.000000 30.000000 4.477153 30.000000 10.000000 L 30.000000 24.123456 L 20.000000 30.000000 Z";
    let mut body = String::from(
        r##"<!-- made by hand --><metadata>who</metadata><title>Leaves</title><defs>
        <linearGradient id="gradient-one" x1="16" y1="2.345678" x2="16" y2="30.123456" gradientUnits="userSpaceOnUse">
        <stop offset="0%" stop-color="#FF0000"/><stop offset="100%" stop-color="#0000FF"/></linearGradient>
        <linearGradient id="gradient-two" x1="3.25" y1="2.345678" x2="19.5" y2="30.123456" gradientUnits="userSpaceOnUse">
        <stop offset="0%" stop-color="#FF0000"/><stop offset="100%" stop-color="#0000FF"/></linearGradient></defs>"##,
    );
    body.push_str(&format!(r#"<g><g opacity="1"><path fill="url(#gradient-one)" d="{leaf}"/></g></g>"#));
    body.push_str(&format!(
        r#"<path style="fill:url(#gradient-two);stroke:none" d="{leaf}" transform="translate(30 30)"/>"#
    ));
    for x in [2.123_456, 40.654_321] {
        body.push_str(&format!(r#"<rect x="{x}" y="50.5" width="8.123456" height="6.000" fill="rgb(0,128,0)"/>"#));
    }
    svg(&body)
}

fn shrink(s: &Sandbox, name: &str, more: &[&str]) -> (String, Value) {
    let args = ["optimize", name, "-o", "out.svg", "--report", "-", "-q"];
    let report = s.run(&[&args[..], more].concat()).ends(0).out_json();
    (s.text("out.svg"), report)
}

/// Mean difference of the bytes of two drawings at a size at which the proof did not look.
fn apart(a: &str, b: &str) -> f64 {
    let draw = |svg: &str| render(svg.as_bytes(), 300, 300, Trust::Foreign).unwrap();
    let (a, b) = (draw(a), draw(b));
    let sum: u64 = a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_bytes().len() as f64
}

#[test]
fn a_wordy_drawing_loses_bytes_and_nothing_else() {
    let s = Sandbox::new();
    let source = wordy();
    s.write("a.svg", &source);
    let (small, report) = shrink(&s, "a.svg", &[]);
    assert!(small.len() * 2 < source.len(), "{} of {}: {small}", small.len(), source.len());
    assert!(apart(&source, &small) < 0.1, "{small}");
    assert!(small.contains("<title>Leaves</title>") && !small.contains("metadata") && !small.contains("<!--"));
    let shrunk = &report["shrink"];
    assert_eq!(shrunk["bytes_before"], source.len());
    assert_eq!(shrunk["bytes_after"], small.len());
    let steps = shrunk["steps"].as_array().unwrap();
    let saved: i64 = steps.iter().map(|s| s["saved_bytes"].as_i64().unwrap()).sum();
    assert_eq!(saved, (source.len() - small.len()) as i64, "the steps add up");
    assert!(shrunk["proof"]["delta_e_mean"].as_f64().unwrap() <= 0.03);
    assert_eq!(shrunk["proof"]["sizes"].as_array().unwrap().len(), 3);
}

#[test]
fn shrinking_twice_gains_next_to_nothing() {
    let s = Sandbox::new();
    s.write("a.svg", wordy());
    let (once, _) = shrink(&s, "a.svg", &[]);
    s.write("b.svg", &once);
    let (twice, _) = shrink(&s, "b.svg", &[]);
    assert!(twice.len() <= once.len() && twice.len() as f64 >= 0.99 * once.len() as f64, "{once}\n{twice}");
}

#[test]
fn lossless_keeps_every_pixel() {
    let s = Sandbox::new();
    let source = wordy();
    s.write("a.svg", &source);
    let (small, report) = shrink(&s, "a.svg", &["--lossless"]);
    assert!(small.len() < source.len());
    assert_eq!(report["shrink"]["proof"]["identical"], true);
    assert_eq!(apart(&source, &small), 0.0);
    assert!(!small.contains("scale("), "coordinates keep their units: {small}");
}

#[test]
fn what_is_to_be_kept_is_kept() {
    let s = Sandbox::new();
    s.write("a.svg", wordy());
    let (all, _) = shrink(&s, "a.svg", &["--keep", "titles,ids,metadata,comments,units"]);
    for part in ["<title>", "<metadata>who", "<!-- made by hand -->", "gradient-one", "gradient-two"] {
        assert!(all.contains(part), "{part} is not in {all}");
    }
    assert!(!all.contains("scale("));
    let (none, _) = shrink(&s, "a.svg", &["--keep", "none"]);
    assert!(!none.contains("title") && none.len() < all.len());
    s.run(&["optimize", "a.svg", "--keep", "none,ids"]).ends(2).says(&["--keep none"]);
    s.run(&["optimize", "a.svg", "--keep", "everything"]).ends(2);
    s.run(&["optimize", "a.svg", "--tolerance", "-1"]).ends(2);
    s.run(&["optimize", "a.svg", "--viewing-size", "NaN"]).ends(2).says(&["viewing size"]);
}

#[test]
fn what_cannot_be_seen_in_a_picture_is_not_touched() {
    let s = Sandbox::new();
    let long = r#"<path fill="red" d="M 1.00000 1.00000 L 60.00000 1.00000 L 60.00000 60.00000 Z"/>"#;
    let untouched = [
        r#"<text x="1.500" y="20.000" font-size="12.000">a <tspan>b</tspan> &lt; c</text>"#,
        r#"<foreignObject width="10.00" height="10.00"><p xmlns="http://www.w3.org/1999/xhtml">a  b</p></foreignObject>"#,
        r#"<rect id="moved" width="9.000" height="9.000"><animate attributeName="x" to="9.000" dur="1s"/></rect>"#,
        "<style>.a > path { stroke : blue }</style>",
        r#"<switch><g systemLanguage="en"><rect width="3.000" height="3.000"/></g></switch>"#,
    ];
    for part in untouched {
        let source = svg(&format!("<!-- long comment to drop --><g class=\"a\">{part}{long}</g>"));
        s.write("a.svg", &source);
        let (small, report) = shrink(&s, "a.svg", &[]);
        assert!(small.contains(part), "{part} is not in {small}");
        assert!(small.len() < source.len(), "the rest is shrunk: {small}");
        assert!(!report["warnings"].as_array().unwrap().is_empty(), "{part}");
    }
    // References into what is not touched survive renaming.
    let source = svg(&format!(
        r##"<defs><linearGradient id="long-name"><stop stop-color="red"/><stop offset="1"/></linearGradient></defs>
        <text fill="url(#long-name)">a</text>{long}"##
    ));
    s.write("a.svg", &source);
    assert!(shrink(&s, "a.svg", &[]).0.contains(r#"id="long-name""#));
}

#[test]
fn scripts_stay_unless_they_are_to_go() {
    let s = Sandbox::new();
    let long = r#"<path d="M 1.00000 1.00000 L 60.00000 1.00000 L 60.00000 60.00000 Z"/>"#;
    for script in [
        format!("<script>if (1 &lt; 2) alert()</script>{long}"),
        long.replace("<path", r#"<path onclick="alert()""#),
        format!(r#"<a href="javascript:alert()">{long}</a>"#),
        format!("<foreignObject><p xmlns=\"http://www.w3.org/1999/xhtml\" onmouseover='x()'/></foreignObject>{long}"),
    ] {
        let source = svg(&script);
        s.write("a.svg", &source);
        s.run(&["optimize", "a.svg", "-o", "out.svg"]).ends(0).says(&["scripts", "--strip-scripts"]);
        assert_eq!(s.text("out.svg"), source, "byte for byte");
    }
    s.write("a.svg", svg(&format!("<script>alert()</script>{}", long.replace("<path", r#"<path onclick="alert()""#))));
    s.run(&["optimize", "a.svg", "-o", "out.svg", "--strip-scripts"]).ends(0).says(&["2 scripts were taken out"]);
    let small = s.text("out.svg");
    assert!(!small.contains("alert") && small.contains("<path"), "{small}");
}

#[test]
fn rich_drawings_stay_whole() {
    let s = Sandbox::new();
    let pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/q842iQAAAABJRU5ErkJggg==";
    let bodies = [
        r##"<defs><filter id="blur"><feGaussianBlur stdDeviation="2"/></filter></defs><g filter="url(#blur)"><rect x="10.000" y="10" width="30" height="30" fill="#ff0000"/></g>"##.to_string(),
        r##"<mask id="m"><rect width="64" height="32" fill="#ffffff"/></mask><g mask="url(#m)"><circle cx="32" cy="32" r="30"/></g>"##.to_string(),
        r##"<clipPath id="c"><path clip-rule="evenodd" d="M0 0h64v64H0zM10 10h40v40H10z"/></clipPath><g clip-path="url(#c)" fill="#00ff00"><rect width="64" height="64"/></g>"##.to_string(),
        r##"<pattern id="p" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="4.000" height="4.000"/></pattern><rect width="64" height="64" fill="url(#p)"/>"##.to_string(),
        r##"<marker id="d" viewBox="0 0 4 4" refX="2" refY="2"><path d="M0 0h4v4H0z"/></marker><path d="M5 5L20 20L35 35L50 20" fill="none" stroke="#000000" marker-mid="url(#d)"/>"##.to_string(),
        r##"<symbol id="s" viewBox="0 0 10 10"><path d="M0 0 L10.000 0 L5 10 Z"/></symbol><use href="#s" width="30" height="30"/><use href="#s" x="30" width="20" height="20" fill="#123456"/>"##.to_string(),
        format!(r#"<image href="{pixel}" x="5.000" y="5.000" width="40" height="40" image-rendering="pixelated"/>"#),
        r##"<g fill="none" stroke="#ff8800" stroke-width="3.000"><path stroke-dasharray="5 3" d="M5 5 L 30 5 L 55 5 L 55 40"/><path stroke-linecap="round" d="M10 50 z"/><path stroke-linejoin="miter" d="M20 60 L 30 30 L 40 60"/></g>"##.to_string(),
        r##"<path fill-rule="evenodd" d="M5 5a20 20 0 1 1 .01 0zM32 12A20 20 0 1 0 32 52A20 20 0 1 0 32 12"/><ellipse cx="50" cy="50" rx="9.000" ry="4" transform="rotate(30 50 50)"/>"##.to_string(),
        r##"<style>.a{fill:#0a0} #b{fill:#a00} g > rect:first-child{opacity:.5}</style><g><rect class="a" width="20" height="20"/><rect id="b" x="30" width="20" height="20"/></g>"##.to_string(),
        r##"<g opacity=".5"><rect width="30" height="30" fill="#f00"/><rect x="10" y="10" width="30" height="30" fill="#f00"/></g><g style="mix-blend-mode:multiply"><rect x="20" y="20" width="40" height="40" fill="#0ff"/></g>"##.to_string(),
    ];
    for body in bodies {
        let source = svg(&body);
        s.write("a.svg", &source);
        for more in [&[][..], &["--lossless"]] {
            let (small, report) = shrink(&s, "a.svg", more);
            assert!(small.len() <= source.len(), "{small}");
            let off = apart(&source, &small);
            assert!(off < 0.15 && (more.is_empty() || off == 0.0), "{off} between {source} and {small}");
            assert_ne!(report["shrink"]["proof"], Value::Null);
        }
    }
}

#[test]
fn hostile_drawings_are_refused_or_left_alone() {
    let s = Sandbox::new();
    let entities = r#"<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><desc>&b;</desc></svg>"#;
    let mut bomb = String::from(r##"<g id="a0"><rect width="1" height="1"/></g>"##);
    for i in 1..30 {
        bomb.push_str(&format!(r##"<g id="a{i}"><use href="#a{p}"/><use href="#a{p}"/></g>"##, p = i - 1));
    }
    for (source, code) in [
        (entities.to_string(), "svg.too_complex"),
        (svg(&bomb), "svg.too_complex"),
        (svg(&("<g>".repeat(5000) + &"</g>".repeat(5000))), "svg.too_complex"),
        (svg(r##"<g id="a"><use href="#a"/></g>"##), "svg.too_complex"),
        ("<svg xmlns='http://www.w3.org/2000/svg'><path".to_string(), "svg.invalid"),
        ("<html/>".to_string(), "svg.invalid"),
        (String::new(), "input.empty"),
    ] {
        s.write("a.svg", &source);
        let ran = s.run(&["optimize", "a.svg", "-o", "never.svg"]).ends(1).says(&[&format!("[{code}]")]);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        assert!(!s.path("never.svg").exists());
    }
    s.write("a.svg", [0xff, 0xfe, b'<', b's']);
    s.run(&["optimize", "a.svg", "-o", "never.svg"]).ends(1).says(&["svg.invalid"]);
    // A picture that is not loaded: the drawing is fine, but nothing can be proved.
    let source = svg(r#"<image href="https://example.org/a.png" width="9.0000" height="9.0000"/>"#);
    s.write("a.svg", &source);
    s.run(&["optimize", "a.svg", "-o", "out.svg"]).ends(0).says(&["left as it is", "example.org"]);
    assert_eq!(s.text("out.svg"), source);
}

#[test]
fn path_data_is_read_as_renderers_read_it() {
    let s = Sandbox::new();
    for d in [
        "M5,5 L30-5.5.5.5 5 5e0",
        "m5 5h10v10h-10zm20 20l10 0 0 10z l5 5 5-5z",
        "M5 5a10 10 0 01 20 0a10,10,0,1,1-20,0",
        "M5 30q10-20 20 0t20 0T60 30",
        "M5 30c5-20 15-20 20 0s15 20 20 0S55 10 60 30",
        "M5 5L60 5L60 60 Z M10 10 L20 10 bad L60 60",
        "M10 10L20 20L10",
    ] {
        let source = svg(&format!(r##"<path d="{d}" fill="#ff0000" stroke="#0000ff" stroke-width="1.500"/>"##));
        s.write("a.svg", &source);
        let (small, _) = shrink(&s, "a.svg", &[]);
        assert!(apart(&source, &small) < 0.15, "{d} became {small}");
    }
}

#[test]
fn inputs_are_never_overwritten_and_pipes_work() {
    let s = Sandbox::new();
    let source = wordy();
    s.write("a.svg", &source);
    s.run(&["optimize", "a.svg", "-o", "a.svg"]).ends(1).says(&["output.is_input"]);
    s.run(&["optimize", "a.svg"]).ends(0).says(&["a.min.svg", "fewer"]);
    assert!(s.read("a.min.svg").len() < source.len());
    assert_eq!(s.text("a.svg"), source);
    let piped = s.run_with_input(&["optimize", "-", "-q"], source.as_bytes()).ends(0);
    assert_eq!(piped.out, s.read("a.min.svg"));
    s.run(&["optimize", "a.svg", "--if-exists", "skip"]).ends(3);
    s.run(&["optimize", "missing.svg"]).ends(1).says(&["input.not_found"]);
    let told = s.run(&["optimize", "a.svg", "-o", "b.svg", "--explain"]).ends(0);
    told.says(&["paths", "reuse", "proof", "bytes saved"]);
}

#[test]
fn a_batch_shrinks_svgs_when_asked() {
    let s = Sandbox::new();
    s.write("in/a.svg", wordy());
    s.write("in/sub/b.png", images::any());
    s.write("in/broken.svg", "<svg");
    let plain = s.run(&["batch", "in", "-o", "out0", "--report", "-", "-q"]).ends(0).out_json();
    assert_eq!(plain["items"].as_array().unwrap().len(), 1, "SVGs are no images");
    let report = s.run(&["batch", "in", "-o", "out", "--svg", "shrink", "--report", "-", "-q"]).ends(1).out_json();
    let item = |name: &str| {
        let items = report["items"].as_array().unwrap();
        items.iter().find(|i| i["input"].as_str().unwrap().ends_with(name)).unwrap().clone()
    };
    assert_eq!(item("broken.svg")["error"]["code"], "svg.invalid");
    assert!(item("b.png")["metrics"]["quality"].as_f64().unwrap() > 0.0 && item("b.png")["shrink"].is_null());
    let shrunk = item("a.svg");
    assert_eq!(shrunk["shrink"]["bytes_after"], s.read("out/a.svg").len());
    assert!(s.read("out/a.svg").len() < s.read("in/a.svg").len());
    let validator = jsonschema::validator_for(&serde_json::to_value(svg_ai::report::json::schema()).unwrap()).unwrap();
    assert!(validator.is_valid(&report));
}
