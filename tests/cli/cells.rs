//! Pixel art: exact cells, one path for each colour.

use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample};
use svg_ai::report::ItemReport;
use svg_ai::{Raster, score};

use crate::images::{self, CLEAR, RED, WHITE, drawn};
use crate::sandbox::Sandbox;

const BLUE: images::Rgba = [30, 60, 220, 255];
const GLASS: images::Rgba = [30, 160, 60, 128];

/// A sprite of 12 x 10 cells on clear ground, with a hole, a lone cell, cells that touch at corners, and glass.
fn sprite(x: u32, y: u32) -> images::Rgba {
    const ROWS: [&str; 10] = [
        "            ",
        "  rrrrrr    ",
        " rrrrrrrr  b",
        " rwbrrwbr   ",
        " rrrrrrrr b ",
        " rr    rrb  ",
        " rrrrrrrb   ",
        "  gggggg b  ",
        "  g ww g    ",
        "  gggggg    ",
    ];
    match ROWS[y as usize].as_bytes()[x as usize] {
        b'r' => RED,
        b'w' => WHITE,
        b'b' => BLUE,
        b'g' => GLASS,
        _ => CLEAR,
    }
}

/// The sprite with cells of `factor` px.
fn enlarged(factor: u32) -> Vec<u8> {
    images::png(12 * factor, 10 * factor, |x, y| sprite(x / factor, y / factor))
}

/// `raster` with each pixel repeated `factor` times along each side.
fn repeated(raster: &Raster, factor: u32) -> Raster {
    let (w, h) = (raster.width() * factor, raster.height() * factor);
    let data = (0..w * h).flat_map(|i| raster.pixel(i % w / factor, i / w / factor)).collect();
    Raster::new(w, h, data).unwrap()
}

/// Nothing but rounding: a colour that one can look through is multiplied and divided by its opacity.
fn assert_same(svg: &[u8], wanted: &Raster, what: &str) {
    let got = score::render(svg, wanted.width(), wanted.height(), score::Trust::Foreign).unwrap();
    for (i, (a, b)) in got.pixels().iter().zip(wanted.pixels()).enumerate() {
        let most = if b[3] == 255 { 0 } else { 1 };
        let differs = a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > most);
        assert!(!differs, "{what}: {a:?} for {b:?} at {} {}", i as u32 % wanted.width(), i as u32 / wanted.width());
    }
}

#[test]
fn a_sprite_is_drawn_exactly_at_any_whole_size() {
    let s = Sandbox::new();
    for factor in [1, 4] {
        let name = format!("{factor}.png");
        s.write(&name, enlarged(factor));
        s.run(&["convert", &name, "--class", "pixel-art", "--report", "r.json", "-q"]).ends(0);
        let item: ItemReport = serde_json::from_slice(&s.read("r.json")).unwrap();
        assert_eq!(item.engine.unwrap().name, "cells");
        assert_eq!(item.metrics.unwrap().quality, 1.0);
    }
    let svg = s.text("1.svg");
    assert_eq!(svg, s.text("4.svg"), "an enlargement gives the SVG of its source");
    assert!(svg.contains("viewBox=\"0 0 12 10\""), "{svg}");
    assert_eq!(svg.matches("<path").count(), 4, "one path for each colour: {svg}");
    let outlines = svg.split(" d=\"").skip(1).filter_map(|rest| rest.split('"').next());
    assert!(
        outlines.into_iter().all(|d| !d.contains(['.', 'l', 'L', 'c', 'C'])),
        "whole cells, upright and level: {svg}"
    );
    let own = Raster::new(12, 10, (0..120).flat_map(|i| sprite(i % 12, i / 12)).collect()).unwrap();
    for factor in [1, 2, 4, 7] {
        assert_same(svg.as_bytes(), &repeated(&own, factor), &format!("{factor} times"));
    }
}

#[test]
fn its_size_in_px_is_that_of_the_file() {
    let s = Sandbox::new();
    s.write("a.png", enlarged(4));
    for tier in ["1", "3"] {
        s.run(&["convert", "a.png", "--svg-size", "px", "--tier", tier, "-q"]).ends(0);
        let svg = s.text("a.svg");
        assert!(svg.contains("width=\"48\" height=\"40\" viewBox=\"0 0 12 10\""), "{svg}");
    }
}

#[test]
fn generated_pixel_art_is_found_and_exact() {
    let s = Sandbox::new();
    for seed in 1..8 {
        let picture = sample(Class::PixelArt, seed, &Options { side: 128, ..Options::default() }).raster;
        s.write("a.png", images::png(picture.width(), picture.height(), |x, y| picture.pixel(x, y)));
        s.run(&["convert", "a.png", "--report", "r.json", "--shapes", "paths", "-q"]).ends(0);
        let item: ItemReport = serde_json::from_slice(&s.read("r.json")).unwrap();
        if item.classification.unwrap().class != Class::PixelArt {
            continue;
        }
        assert_eq!(item.engine.unwrap().name, "cells", "{seed}");
        let svg = s.read("a.svg");
        assert_same(&svg, &picture, &format!("sample {seed}"));
        let mut colours: Vec<_> = picture.pixels().iter().filter(|p| p[3] > 0).collect();
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(item.metrics.unwrap().economy.paths as usize, colours.len(), "{seed}");
    }
}

#[test]
fn its_options_do_what_they_say() {
    let s = Sandbox::new();
    s.write("a.png", images::png(12, 10, |x, y| if sprite(x, y) == CLEAR { WHITE } else { sprite(x, y) }));
    let run = |more: &[&str]| {
        s.run(&[&["convert", "a.png", "-q", "--engine", "cells"], more].concat()).ends(0);
        s.text("a.svg")
    };
    let plain = run(&[]);
    assert_eq!(drawn(plain.as_bytes(), 120).pixel(5, 5), WHITE);
    let removed = run(&["--background", "remove"]);
    let see = drawn(removed.as_bytes(), 120);
    assert_eq!((see.pixel(5, 5), see.pixel(55, 42)), (CLEAR, RED));
    // White eyes do not touch the rim.
    assert_eq!(see.pixel(25, 42), WHITE);
    let cutout = run(&["--stacking", "cutout"]);
    assert!(cutout.len() > plain.len());
    assert_eq!(drawn(cutout.as_bytes(), 120).pixels(), drawn(plain.as_bytes(), 120).pixels());
    assert_eq!(run(&["--colors", "2"]).matches("<path").count(), 2);
    assert!(run(&["--palette", "#102030,#f0e0d0"]).contains("#f0e0d0"));
    assert!(run(&["--ids"]).contains(" id=\"s1\""));
    let smooth = run(&["--engine-option", "outlines=smooth"]);
    assert!(smooth.contains(['c', 'C', 'a', 'A', 's', 'l', 'L']) && smooth != plain, "{smooth}");
    for refused in [&["--strokes", "never"][..], &["--min-area", "4"], &["--gradients", "never"]] {
        s.run(&[&["convert", "a.png", "--engine", "cells"], refused].concat()).ends(2).says(&["no engine option"]);
    }
}

#[test]
fn what_is_no_pixel_art_is_refused_and_falls_back() {
    let s = Sandbox::new();
    let colours = |x: u32, y: u32| [(x * 3) as u8, (y * 3) as u8, ((x * y) % 251) as u8, 255];
    s.write("a.png", images::png(80, 80, colours));
    s.run(&["convert", "a.png", "--engine", "cells"]).ends(1).says(&["trace.failed", "4096 colours"]);
    s.run(&["convert", "a.png", "--class", "pixel-art", "--report", "r.json"]).ends(0);
    let item: ItemReport = serde_json::from_slice(&s.read("r.json")).unwrap();
    assert_eq!(item.engine.unwrap().name, "vtracer");
    assert!(item.warnings.iter().any(|w| w.contains("4096 colours")), "{:?}", item.warnings);
    assert_eq!(item.attempts[0].engine, "cells");
}

#[test]
fn damage_is_left_to_another_engine_unless_it_is_wanted() {
    let s = Sandbox::new();
    // The sprite in cells of 8 px with a little noise, which no two pixels have the same.
    let noisy = |x: u32, y: u32| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
        let [r, g, b, _] = if sprite(x / 8, y / 8) == CLEAR { WHITE } else { sprite(x / 8, y / 8) };
        [r ^ (noise >> 29) as u8, g ^ (noise >> 26 & 7) as u8, b ^ (noise >> 23 & 7) as u8, 255]
    };
    s.write("a.png", images::png(96, 80, noisy));
    let run = |more: &[&str]| {
        s.run(&[&["convert", "a.png", "--class", "pixel-art", "--report", "r.json", "-q"], more].concat()).ends(0);
        serde_json::from_slice::<ItemReport>(&s.read("r.json")).unwrap()
    };
    let (left, kept) = (run(&[]), run(&["--engine-option", "damage=keep"]));
    assert!(left.attempts[0].error.as_ref().unwrap().message.contains("damaged"), "{:?}", left.attempts);
    assert_eq!((left.engine.unwrap().name, kept.engine.unwrap().name), ("vtracer".to_string(), "cells".to_string()));
    let (left, kept) = (left.metrics.unwrap(), kept.metrics.unwrap());
    assert!(left.quality > 0.9 && left.economy.bytes * 10 < kept.economy.bytes, "{left:?} {kept:?}");
    assert_eq!(kept.quality, 1.0);
}
