//! Hostile drawings, each refused by its code. That none takes long is seen by running them: the limits
//! are on work, so there is no clock here to make the tests fail on a busy machine.

use super::*;
use crate::Raster;
use crate::score::{Trust, render};

const HEAD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64" viewBox="0 0 64 64""#;

fn svg(body: &str) -> String {
    format!("{HEAD}>{body}</svg>")
}

fn verdict(svg: &str) -> Option<Code> {
    render(svg.as_bytes(), 512, 512, Trust::Foreign).err().map(|e| e.code())
}

fn refused(svg: &str, code: Code) {
    let shown: String = svg.chars().take(200).collect();
    assert_eq!(verdict(svg), Some(code), "{shown}");
}

fn admitted(body: &str) {
    assert_eq!(verdict(&svg(body)), None, "{body}");
}

/// `levels` groups, each made of ten references to the one before.
fn nested(levels: usize, make: impl Fn(usize) -> String) -> String {
    (1..=levels).map(make).collect()
}

#[test]
fn ordinary_drawings_pass() {
    admitted(r##"<rect width="9" height="9" fill="#f00"/>"##);
    admitted(
        r##"<defs><linearGradient id="g"><stop stop-color="red"/></linearGradient></defs><g fill="url(#g)"><rect width="9" height="9"/><circle r="4"/></g>"##,
    );
    admitted(
        r##"<style>.a{fill:url(#g)} g > .b, rect.c{stroke:#000}</style><linearGradient id="g"><stop stop-color="red"/></linearGradient><rect class="a" width="9" height="9"/>"##,
    );
    admitted(
        r##"<defs><g id="s"><rect width="9" height="9"/></g></defs><use href="#s"/><use xlink:href="#s" x="9"/>"##,
    );
    admitted(
        r##"<filter id="f"><feGaussianBlur stdDeviation="2"/></filter><circle cx="30" cy="30" r="9" filter="url(#f)"/>"##,
    );
    admitted(r##"<a href="https://example.org/"><rect width="9" height="9"/></a>"##);
    admitted(
        r##"<mask id="m"><rect width="30" height="30" fill="#fff"/></mask><rect mask="url(#m)" width="60" height="60"/>"##,
    );
    let editor = r#"<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]>
        <svg xmlns="&ns_svg;" width="8" height="8"><rect width="8" height="8"/></svg>"#;
    assert_eq!(verdict(editor), None);
}

#[test]
fn too_many_bytes() {
    refused(&svg(&format!("<!--{}-->", "x".repeat(MAX_SVG_BYTES))), Code::SvgTooLarge);
}

#[test]
fn compressed() {
    let e = render(&[0x1f, 0x8b, 8, 0, 0, 0], 8, 8, Trust::Foreign).unwrap_err();
    assert_eq!(e.code(), Code::SvgInvalid);
}

#[test]
fn not_an_svg() {
    for text in ["", "x", "<svg", "<html/>", "<svg xmlns='http://www.w3.org/2000/svg'><g></svg>"] {
        refused(text, Code::SvgInvalid);
    }
    assert_eq!(render(b"\xff\xfe<svg", 8, 8, Trust::Foreign).unwrap_err().code(), Code::SvgInvalid);
}

#[test]
fn huge_canvas() {
    refused(r#"<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>"#, Code::SvgTooLarge);
    refused(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100000 9"/>"#, Code::SvgTooLarge);
    assert_eq!(render(b"<svg/>", u32::MAX, u32::MAX, Trust::Own).unwrap_err().code(), Code::SvgTooLarge);
}

#[test]
fn a_million_elements() {
    refused(&svg(&r#"<rect width="9" height="9"/>"#.repeat(1_000_000)), Code::SvgTooComplex);
}

#[test]
fn a_million_equal_signs() {
    refused(&svg(&format!("<!--{}-->", "=".repeat(20_000_000))), Code::SvgTooComplex);
}

#[test]
fn many_attributes() {
    let attributes: String = (0..5000).map(|i| format!(" a{i}='1>'")).collect();
    refused(&svg(&format!("<g{attributes}/>")), Code::SvgTooComplex);
}

#[test]
fn deep_nesting() {
    for levels in [1_000, 100_000] {
        refused(&svg(&format!("{}{}", "<g>".repeat(levels), "</g>".repeat(levels))), Code::SvgTooComplex);
        refused(&svg(&"<g>".repeat(levels)), Code::SvgTooComplex);
    }
}

#[test]
fn expansion_through_use() {
    let body = nested(30, |i| {
        let one = format!(r##"<use href="#l{}"/>"##, i - 1);
        format!(r#"<g id="l{i}">{}</g>"#, one.repeat(10))
    });
    refused(&svg(&format!(r#"<rect id="l0" width="9" height="9"/>{body}"#)), Code::SvgTooComplex);
}

#[test]
fn expansion_through_use_in_css_order() {
    // The href is the XLink one, and what it names comes later.
    let body = nested(12, |i| {
        let one = format!(r##"<use xlink:href="#l{}"/>"##, i + 1);
        format!(r#"<g id="l{i}">{}</g>"#, one.repeat(10))
    });
    refused(&svg(&format!(r#"{body}<rect id="l13" width="9" height="9"/>"#)), Code::SvgTooComplex);
}

/// Levels of ten shapes, each of which refers to the level below by `property`.
fn levels(levels: usize, open: &str, close: &str, property: &str) -> String {
    nested(levels, |i| {
        let one = format!(r##"<rect width="64" height="64" {property}="url(#l{})"/>"##, i - 1);
        format!(r##"<{open} id="l{i}">{}</{close}>"##, one.repeat(10))
    })
}

#[test]
fn expansion_through_patterns() {
    let pattern = r#"pattern width="9" height="9" patternUnits="userSpaceOnUse""#;
    let body = levels(12, pattern, "pattern", "fill");
    refused(&svg(&format!(r#"{body}<rect width="64" height="64" fill="url(#l12)"/>"#)), Code::SvgTooComplex);
    // The same by inheritance: the group has the paint, its children multiply it.
    let body = nested(12, |i| {
        let rects = r#"<rect width="9" height="9"/>"#.repeat(10);
        format!(r##"<{pattern} id="l{i}"><g fill="url(#l{})">{rects}</g></pattern>"##, i - 1)
    });
    refused(&svg(&format!(r#"{body}<rect width="64" height="64" fill="url(#l12)"/>"#)), Code::SvgTooComplex);
}

#[test]
fn expansion_through_masks_and_clips() {
    for (name, property) in [("mask", "mask"), ("clipPath", "clip-path")] {
        let body = levels(12, name, name, property);
        let shape = format!(r#"<rect width="64" height="64" {property}="url(#l12)"/>"#);
        refused(&svg(&format!("{body}{shape}")), Code::SvgTooComplex);
    }
}

#[test]
fn expansion_through_markers() {
    let line = format!("M0 0{}", "l1 1".repeat(30));
    let body =
        nested(8, |i| format!(r##"<marker id="l{i}"><path d="{line}" marker-mid="url(#l{})"/></marker>"##, i - 1));
    refused(&svg(&format!(r##"{body}<path d="{line}" style="marker:url(#l8)"/>"##)), Code::SvgTooComplex);
}

#[test]
fn expansion_through_style_sheets() {
    let rules: String = (1..=12).map(|i| format!("#l{i} rect {{ fill: url(#l{}) }} ", i - 1)).collect();
    let rects = r#"<rect width="9" height="9"/>"#.repeat(10);
    let patterns = nested(12, |i| format!(r#"<pattern id="l{i}" width="1" height="1">{rects}</pattern>"#));
    let shape = r#"<rect width="64" height="64" fill="url(#l12)"/>"#;
    refused(&svg(&format!("<style>{rules}</style>{patterns}{shape}")), Code::SvgTooComplex);
}

#[test]
fn cycles() {
    for body in [
        r##"<g id="a"><use href="#a"/></g>"##,
        r##"<g id="a"><use href="#b"/></g><g id="b"><use href="#c"/></g><g id="c"><use href="#a"/></g>"##,
        r##"<pattern id="a" width="1" height="1"><rect fill="url(#b)"/></pattern><pattern id="b" width="1" height="1"><rect fill="url(#c)"/></pattern><pattern id="c" width="1" height="1"><rect style="fill:url(#a)"/></pattern>"##,
        r##"<mask id="a" mask="url(#b)"/><mask id="b" mask="url(#a)"/>"##,
        r##"<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>"##,
        r##"<filter id="a"><feImage href="#b"/></filter><rect id="b" width="9" height="9" filter="url(#a)"/>"##,
    ] {
        refused(&svg(body), Code::SvgTooComplex);
    }
}

#[test]
fn long_chains() {
    let chain: String = (1..=20_000).map(|i| format!(r##"<use id="l{i}" href="#l{}"/>"##, i - 1)).collect();
    refused(&svg(&format!(r#"<rect id="l0" width="9" height="9"/>{chain}"#)), Code::SvgTooComplex);
}

#[test]
fn many_bytes_by_use() {
    let path = format!(r#"<path id="p" d="M0 0{}"/>"#, "l1 1".repeat(200_000));
    refused(&svg(&format!("{path}{}", r##"<use href="#p"/>"##.repeat(2000))), Code::SvgTooComplex);
}

#[test]
fn one_huge_path() {
    refused(&svg(&format!(r#"<path d="M0 0{}"/>"#, "l1 1".repeat(1_500_000))), Code::SvgTooComplex);
    refused(&svg(&format!(r#"<path d="M0 0{}"/>"#, "h1".repeat(6_000_000))), Code::SvgTooComplex);
}

#[test]
fn arcs_of_astronomic_radius() {
    refused(&svg(r#"<path d="M1 1a16 11e38 0 1 1 -33 0Z"/>"#), Code::SvgTooComplex);
    refused(&svg(r#"<circle r="3e38"/>"#), Code::SvgTooComplex);
    refused(&svg(r#"<rect width="3e38" height="2" rx="1e38" ry="1"/>"#), Code::SvgTooComplex);
    admitted(r#"<path d="M1 1a5000000 5000000 0 0 1 9 9"/><rect width="9" height="9" rx="99%"/>"#);
}

#[test]
fn arcs_whose_ends_are_astronomically_far_apart() {
    refused(&svg(r#"<path d="M1 1a16 16 0 1 1 -555555555555555555555555 5"/>"#), Code::SvgTooComplex);
    refused(
        &svg(r#"<path d="m0 5 1e30 0v2h2q1 1 2 2t3 3c1 1 2 2 3 3s4 4 5 5l1 1zA16 16 0 1 1 1e30 5"/>"#),
        Code::SvgTooComplex,
    );
    refused(&svg(r#"<path d="M0 0H1e30A16 16 0 1 1 0 0"/>"#), Code::SvgTooComplex);
    // Flat ones are stretched the more.
    refused(&svg(r#"<path d="M0 0A1e-9 9 0 1 1 9 0"/>"#), Code::SvgTooComplex);
    admitted(r#"<path d="M0 0A9 1e-9 0 1 1 9 0A1e-9 9 90 1 1 0 0M1e30 1e30A16 16 0 1 1 1e30 1e30V0"/>"#);
    admitted(r#"<path d="M0 0H1e30ZA16 16 0 1 1 99 0h1e30A0 9 0 0 0 7 7"/>"#);
}

#[test]
fn entity_bombs() {
    let laughs: String =
        (1..10).map(|i| format!(r#"<!ENTITY l{i} "{}">"#, format!("&l{};", i - 1).repeat(10))).collect();
    let text = format!(r#"<!DOCTYPE svg [<!ENTITY l0 "lol">{laughs}]>{}"#, svg("<title>&l9;</title>"));
    refused(&text, Code::SvgTooComplex);
    let one = format!(r#"<!DOCTYPE svg [<!ENTITY x "{}">]>{}"#, "x".repeat(1_000_000), svg(&"&x;".repeat(10_000)));
    refused(&one, Code::SvgTooComplex);
    let markup = format!(r#"<!DOCTYPE svg [<!ENTITY x "<g/>">]>{}"#, svg(&"&x;".repeat(10_000)));
    refused(&markup, Code::SvgTooComplex);
}

#[test]
fn external_entities() {
    let text = format!(r#"<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>{}"#, svg("<title>&x;</title>"));
    refused(&text, Code::SvgExternalReference);
}

#[test]
fn external_references() {
    for body in [
        r#"<image href="file:///etc/hostname" width="9" height="9"/>"#,
        r#"<image xlink:href="http://example.org/a.png" width="9" height="9"/>"#,
        r#"<image href="a.png" width="9" height="9"/>"#,
        r#"<use href="other.svg#a"/>"#,
        r#"<rect width="9" height="9" fill="url(other.svg#a)"/>"#,
        r#"<rect width="9" height="9" style="filter: url('http://example.org/f.svg#f')"/>"#,
        r#"<style>@import url("http://example.org/a.css");</style>"#,
        r#"<style>@font-face{font-family:a;src:url(a.woff)}</style>"#,
        r#"<style>rect{fill:url(a.svg#b)}</style>"#,
        r#"<filter id="f"><feImage href="/etc/hostname"/></filter>"#,
        r#"<script href="a.js"/>"#,
    ] {
        refused(&svg(body), Code::SvgExternalReference);
    }
    refused(&format!("<?xml-stylesheet href='a.css'?>{}", svg("")), Code::SvgExternalReference);
}

#[test]
fn files_are_not_read() {
    // Even for our own SVGs, which the guard does not see: the picture exists, but is not drawn.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    image::RgbaImage::from_pixel(8, 8, image::Rgba([255, 0, 0, 255])).save(&path).unwrap();
    let text = svg(&format!(r#"<image href="{}" width="64" height="64"/>"#, path.display()));
    assert!(render(text.as_bytes(), 8, 8, Trust::Own).unwrap().is_fully_transparent());
    refused(&text, Code::SvgExternalReference);
}

#[test]
fn filter_bombs() {
    for primitives in [
        r#"<feTurbulence baseFrequency=".01" numOctaves="1000000"/>"#.to_owned(),
        r#"<feTurbulence baseFrequency=".01" numOctaves="4"/>"#.repeat(200),
        r#"<feMorphology operator="dilate" radius="1000"/>"#.to_owned(),
        r#"<feGaussianBlur stdDeviation="10000"/>"#.repeat(500),
        format!(r#"<feConvolveMatrix order="99" kernelMatrix="{}"/>"#, "1 ".repeat(99 * 99)),
        r#"<feFlood/>"#.repeat(5000),
    ] {
        let body = format!(
            r##"<filter id="f" x="-9" y="-9" width="99" height="99">{primitives}</filter><rect width="64" height="64" filter="url(#f)"/>"##
        );
        refused(&svg(&body), Code::SvgTooComplex);
    }
}

#[test]
fn layers_upon_layers() {
    let deep = format!(
        r#"{}<rect x="-999" y="-999" width="2999" height="2999"/>{}"#,
        r#"<g opacity=".9">"#.repeat(100),
        "</g>".repeat(100)
    );
    refused(&svg(&deep), Code::SvgTooComplex);
    let many =
        r#"<g opacity=".9"><rect x="-999" y="-999" width="2999" height="2999"/><path d="M0 0h9v9z"/></g>"#.repeat(5000);
    refused(&svg(&many), Code::SvgTooComplex);
}

#[test]
fn huge_pattern_tiles() {
    let body = r##"<pattern id="p" width="1e6" height="1e6" patternUnits="userSpaceOnUse"><path d="M0 0h9v9z"/></pattern><rect width="64" height="64" fill="url(#p)"/>"##;
    refused(&svg(body), Code::SvgTooComplex);
}

#[test]
fn a_hundred_thousand_full_rectangles() {
    refused(&svg(&r#"<rect width="64" height="64"/>"#.repeat(100_000)), Code::SvgTooComplex);
}

#[test]
fn fine_dashes() {
    let path = format!(r#"<path d="M0 0{}" stroke="red" stroke-dasharray=".001"/>"#, "l64 64L0 0".repeat(10));
    refused(&svg(&path.repeat(10)), Code::SvgTooComplex);
}

#[test]
fn style_sheets_that_are_work_to_match() {
    let selectors = "g g g g g g g g g x{fill:red}".to_owned();
    let deep = format!("{}{}", "<g>".repeat(150), "</g>".repeat(150));
    refused(&svg(&format!("<style>{selectors}</style>{deep}")), Code::SvgTooComplex);
    let rules = ".a{fill:red}".repeat(15_000);
    refused(&svg(&format!("<style>{rules}</style>{}", "<g/>".repeat(15_000))), Code::SvgTooComplex);
    refused(&svg(&format!("<style>{}</style>", "a{}".repeat(500_000))), Code::SvgTooComplex);
}

/// A PNG header that promises `side` x `side` pixels.
fn png_header(side: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(side.to_be_bytes());
    bytes.extend(side.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..]);
    bytes.extend(crc.sum().to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    bytes
}

fn data_image(mime: &str, data: &[u8]) -> String {
    let hex: String = data.iter().map(|b| format!("%{b:02x}")).collect();
    svg(&format!(r#"<image href="data:{mime},{hex}" width="64" height="64"/>"#))
}

#[test]
fn embedded_images_are_measured_before_they_are_decoded() {
    refused(&data_image("image/png", &png_header(50_000)), Code::SvgTooLarge);
    refused(&data_image("image/svg+xml", svg("").as_bytes()), Code::SvgTooComplex);
    let mut png = Cursor::new(Vec::new());
    image::RgbaImage::from_pixel(8, 8, image::Rgba([0, 0, 255, 255]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let good = render(data_image("image/png", png.get_ref()).as_bytes(), 8, 8, Trust::Foreign).unwrap();
    assert_eq!(good.pixel(4, 4), [0, 0, 255, 255]);
    // Decoded every time it is drawn.
    let many = svg(&format!(
        "<defs>{}</defs>{}",
        data_image("image/png", &png_header(4000))
            .split_once('>')
            .unwrap()
            .1
            .replace("<image", r#"<image id="i""#)
            .replace("</svg>", ""),
        r##"<use href="#i"/>"##.repeat(100)
    ));
    refused(&many, Code::SvgTooComplex);
}

#[test]
fn what_is_not_drawn_is_said() {
    let text = svg(r#"<text x="1" y="9">hello</text><script>alert(1)</script>"#);
    let raster = Raster::new(1, 1, vec![255; 4]).unwrap();
    let metrics = crate::score::measure(&raster, text.as_bytes(), Default::default()).unwrap();
    assert_eq!(metrics.warnings.len(), 2);
    assert!(metrics.warnings[0].contains("<text>"), "{:?}", metrics.warnings);
}
