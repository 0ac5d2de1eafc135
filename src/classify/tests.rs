//! Pictures whose features and class are known.

use super::*;
use crate::Raster;
use crate::generate::{Options, sample};

/// A raster painted by a function of the pixel.
fn painted(w: u32, h: u32, paint: impl Fn(u32, u32) -> [u8; 4]) -> Raster {
    let data = (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).flat_map(|(x, y)| paint(x, y)).collect();
    Raster::new(w, h, data).unwrap()
}

/// Two discs over each other on a ground, anti-aliased by 4 x 4 samples.
fn discs(ground: [u8; 4], a: [u8; 4], b: [u8; 4]) -> Raster {
    painted(200, 200, |x, y| {
        let mut sum = [0u32; 4];
        for i in 0..16 {
            let (px, py) = (f64::from(x) + f64::from(i % 4) / 4.0, f64::from(y) + f64::from(i / 4) / 4.0);
            let inside = |cx: f64, cy: f64, r: f64| (px - cx).hypot(py - cy) < r;
            let c = if inside(120.0, 110.0, 50.0) {
                b
            } else if inside(75.0, 80.0, 55.0) {
                a
            } else {
                ground
            };
            for k in 0..3 {
                sum[k] += u32::from(c[k]) * u32::from(c[3]);
            }
            sum[3] += u32::from(c[3]);
        }
        let straight = |v: u32| v.checked_div(sum[3]).unwrap_or(0) as u8;
        [straight(sum[0]), straight(sum[1]), straight(sum[2]), (sum[3] / 16) as u8]
    })
}

const WHITE: [u8; 4] = [255; 4];
const RED: [u8; 4] = [220, 30, 40, 255];
const BLUE: [u8; 4] = [30, 60, 200, 255];

#[test]
fn antialiasing_makes_hundreds_of_colours_and_the_palette_has_three() {
    let r = discs(WHITE, RED, BLUE);
    let raw: std::collections::BTreeSet<_> = r.pixels().iter().collect();
    assert!(raw.len() > 40, "{} raw colours", raw.len());
    let c = classify(&r);
    assert_eq!(c.features.palette_size, 3);
    assert_eq!(c.class, Class::Simple, "{}", c.reason);
    assert!(c.features.antialiased_share > 0.005 && c.features.antialiased_share < 0.1);
}

#[test]
fn transparency_is_measured_and_is_a_colour() {
    let r = discs([0; 4], RED, BLUE);
    let f = classify(&r).features;
    let visible = r.pixels().iter().filter(|p| p[3] > 0).count() as f64 / r.len() as f64;
    assert!((f.alpha_coverage - visible).abs() < 0.01, "{} {visible}", f.alpha_coverage);
    assert!(f.partial_alpha_share > 0.005);
    assert_eq!(f.palette_size, 3);
}

#[test]
fn black_on_transparent_is_seen() {
    // Over black, or with alpha dropped, there would be nothing.
    let c = classify(&discs([0; 4], [0, 0, 0, 255], [0, 0, 0, 255]));
    assert_eq!(c.features.palette_size, 2);
    assert!(c.features.ink_share > 0.2, "{}", c.features.ink_share);
}

#[test]
fn red_and_blue_of_one_luma_are_two_colours() {
    let f = classify(&painted(64, 64, |x, _| if x < 32 { [200, 0, 0, 255] } else { [0, 43, 255, 255] })).features;
    assert_eq!(f.palette_size, 2);
    assert!(f.chroma > 0.7 && f.edge_density > 0.0);
}

#[test]
fn tiny_and_plain_pictures_have_a_class_and_finite_figures() {
    for (w, h) in [(1, 1), (1, 7), (9, 1), (2, 2), (3, 3), (1, 3000), (5000, 1), (8, 8), (9, 9)] {
        for paint in
            [|_: u32, _: u32| [200u8, 10, 10, 255], |_, _| [0; 4], |x, y| if (x ^ y) & 1 == 0 { WHITE } else { RED }]
        {
            let c = classify(&painted(w, h, paint));
            assert!((0.0..=1.0).contains(&c.confidence), "{w} x {h}: {}", c.confidence);
            assert!(!c.reason.is_empty());
            let text = serde_json::to_string(&c).unwrap();
            assert!(!text.contains("null"), "{w} x {h}: {text}");
        }
    }
    let flat = classify(&painted(300, 200, |_, _| RED));
    assert_eq!((flat.class, flat.features.palette_size), (Class::Simple, 1));
}

#[test]
fn whole_enlargement_is_found() {
    let mut rng = fastrand::Rng::with_seed(9);
    let cells: Vec<[u8; 4]> = (0..16 * 16).map(|_| [WHITE, RED, BLUE, [20, 20, 20, 255]][rng.usize(..4)]).collect();
    for k in 1..=8 {
        let c = classify(&painted(16 * k, 16 * k, |x, y| cells[(y / k * 16 + x / k) as usize]));
        assert_eq!(c.features.upscale_factor, k, "factor {k}");
        assert_eq!(c.class, Class::PixelArt, "factor {k}: {}", c.reason);
    }
}

#[test]
fn noise_is_estimated_and_edges_are_not_noise() {
    for sigma in [0.0, 1.0, 3.0, 6.0] {
        let mut rng = fastrand::Rng::with_seed(4);
        let clean = discs([120, 140, 160, 255], RED, [60, 160, 90, 255]);
        let data: Vec<u8> = clean
            .as_bytes()
            .chunks(4)
            .flat_map(|p| {
                let mut noisy = |v: u8| {
                    let n: f64 = (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
                    (f64::from(v) + sigma * n).round().clamp(0.0, 255.0) as u8
                };
                [noisy(p[0]), noisy(p[1]), noisy(p[2]), p[3]]
            })
            .collect();
        let f = classify(&Raster::new(200, 200, data).unwrap()).features;
        assert!((f.noise - sigma).abs() <= 0.25 * sigma + 0.05, "σ {sigma}: {}", f.noise);
        assert_eq!(f.palette_size, 3, "σ {sigma}");
    }
}

#[test]
fn stroke_width_does_not_depend_on_the_angle() {
    for angle in [0.0f64, 0.5, 0.9, 1.3] {
        let r = painted(256, 256, |x, y| {
            let (dx, dy) = (f64::from(x) - 128.0, f64::from(y) - 128.0);
            let across = (dx * angle.sin() - dy * angle.cos()).abs();
            let along = (dx * angle.cos() + dy * angle.sin()).abs();
            if across <= 5.0 && along < 100.0 { [0, 0, 0, 255] } else { WHITE }
        });
        let px = classify(&r).features.stroke_width * 256.0;
        assert!((px - 10.0).abs() < 1.6, "angle {angle}: {px} px");
    }
}

#[test]
fn a_ramp_is_a_gradient_with_and_without_alpha() {
    let opaque = classify(&painted(200, 200, |x, _| [(x + 20) as u8, 90, (240 - x) as u8, 255]));
    assert_eq!(opaque.class, Class::Gradient, "{}", opaque.reason);
    let fading = classify(&painted(200, 200, |_, y| [10, 90, 240, (y + 20) as u8]));
    assert_eq!(fading.class, Class::Gradient, "{}", fading.reason);
}

#[test]
fn reasons_show_their_figures() {
    let c = classify(&sample(Class::LineArt, 2, &Options::default()).raster);
    assert_eq!(c.class, Class::LineArt);
    assert!(c.reason.contains("stroke width 0.0"), "{}", c.reason);
}

#[test]
fn held_out_pictures_are_told_apart() {
    let (mut right, mut all, mut sure, mut sure_right) = (0, 0, 0, 0);
    for class in Class::ALL {
        for seed in 2_000_000..2_000_010 {
            let options =
                Options { side: [96, 160, 224][seed as usize % 3], alpha: seed % 2 == 0, ..Options::default() };
            let c = classify(&sample(class, seed, &options).raster);
            all += 1;
            right += usize::from(c.class == class);
            if c.confidence >= 0.9 {
                sure += 1;
                sure_right += usize::from(c.class == class);
            }
        }
    }
    assert!(right * 100 >= all * 85, "{right} of {all}");
    assert!(sure > 10 && sure_right * 100 >= sure * 95, "{sure_right} of {sure} sure ones");
}

#[test]
fn sharp_photographs_are_no_gradients() {
    for name in ["coffee.jpg", "rocket.jpg"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photographs").join(name);
        let photograph = crate::raster::decode(&std::fs::read(path).unwrap(), &Default::default()).unwrap();
        let c = classify(&photograph.raster);
        assert_eq!(c.class, Class::Photo, "{name}: {}", c.reason);
    }
}
