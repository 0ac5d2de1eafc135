//! Gradient: smooth ramps, as in skies, buttons, balls, app icons and wallpapers.

use std::f64::consts::{PI, TAU};

use fastrand::Rng;

use super::canvas::{Canvas, between, chance, pick};
use super::colour::{Rgb, Theme, WHITE};
use super::shapes::{self, polar};

/// Names of the kinds.
pub(super) const KINDS: [&str; 13] = [
    "sky",
    "button",
    "ball",
    "icon",
    "wallpaper",
    "app",
    "petals",
    "ridges",
    "ring",
    "face",
    "columns",
    "bubbles",
    "sea",
];

/// Width over height for a picture of this `kind`.
pub(super) fn aspect(rng: &mut Rng, kind: usize) -> f64 {
    match kind {
        0 | 4 | 7 | 12 => pick(rng, &[1.0, 1.5, 1.78, 0.6, 1.33]),
        1 => between(rng, 1.6, 3.2),
        _ => pick(rng, &[1.0, 1.0, 1.0, 1.25]),
    }
}

/// Stops from `from` to `to` by way of nothing else.
fn two(from: Rgb, to: Rgb) -> [(f64, String); 2] {
    [(0.0, from.to_string()), (1.0, to.to_string())]
}

/// Two colours of the theme that are far apart.
fn pair(rng: &mut Rng, t: &Theme) -> (Rgb, Rgb) {
    let a = t.all[rng.usize(..5)];
    let far: Vec<Rgb> = t.all.into_iter().filter(|c| c.distance(a) > 70).collect();
    let b = if far.is_empty() || chance(rng, 0.3) {
        if a.luma() > 120.0 { a.dark(0.6) } else { a.light(0.65) }
    } else {
        far[rng.usize(..far.len())]
    };
    (a, b)
}

/// End points of a ramp in a random direction.
fn direction(rng: &mut Rng) -> ((f64, f64), (f64, f64)) {
    pick(rng, &[((0.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (1.0, 0.0)), ((0.0, 0.0), (1.0, 1.0)), ((0.0, 1.0), (1.0, 0.0))])
}

/// Draws a gradient picture.
pub(super) fn draw(c: &mut Canvas, rng: &mut Rng, t: &Theme, kind: usize) {
    let (cx, cy, s) = c.middle();
    let (w, h) = (c.w, c.h);
    let (a, b) = pair(rng, t);
    let (from, to) = direction(rng);
    match kind {
        0 => {
            let (top, low) = pick(
                rng,
                &[
                    (Rgb(25, 60, 130), Rgb(250, 190, 140)),
                    (Rgb(40, 120, 215), Rgb(215, 238, 255)),
                    (Rgb(18, 14, 52), Rgb(150, 70, 130)),
                    (a, b),
                ],
            );
            let sky = c.linear(
                (0.0, 0.0),
                (0.0, 1.0),
                &[(0.0, top.to_string()), (0.55, top.mix(low, 0.55).to_string()), (1.0, low.to_string())],
            );
            c.ground(sky);
            let sun = low.light(0.8);
            let glow = c.radial(
                (0.5, 0.5),
                0.5,
                &[(0.0, format!("{sun}/0.9")), (0.3, format!("{sun}/0.45")), (1.0, format!("{sun}/0"))],
            );
            let (x, y) = (w * between(rng, 0.25, 0.75), h * between(rng, 0.35, 0.7));
            c.circle(x, y, s * between(rng, 0.25, 0.45), glow);
            if chance(rng, 0.6) {
                c.circle(x, y, s * 0.07, sun);
            }
            if chance(rng, 0.5) {
                let line = shapes::hills(rng, w, h * 0.88, h * 0.04, h);
                c.fill(&line, top.dark(0.6));
            }
        }
        1 => {
            let (bw, bh) = (w * 0.9, h * 0.78);
            let r = bh * pick(rng, &[0.15, 0.3, 0.5]);
            let face = c.linear((0.0, 0.0), (0.0, 1.0), &two(a.light(0.35), a.dark(0.3)));
            c.rect((w - bw) / 2.0, (h - bh) / 2.0, bw, bh, r, face);
            let shine =
                c.linear((0.0, 0.0), (0.0, 1.0), &[(0.0, format!("{WHITE}/0.7")), (1.0, format!("{WHITE}/0.05"))]);
            let pad = bh * 0.07;
            c.rect((w - bw) / 2.0 + pad, (h - bh) / 2.0 + pad, bw - 2.0 * pad, bh * 0.42, (r - pad).max(1.0), shine);
            if chance(rng, 0.5) {
                let mark = super::simple::sign(rng, cx, cy, bh * 0.45);
                c.fill(&mark, WHITE);
            }
        }
        2 => {
            if chance(rng, 0.7) {
                let shade = a.dark(0.8);
                let shadow = c.radial((0.5, 0.5), 0.5, &[(0.0, format!("{shade}/0.5")), (1.0, format!("{shade}/0"))]);
                c.ellipse(cx, cy + s * 0.4, s * 0.36, s * 0.07, shadow);
            }
            let (x, y) = (between(rng, 0.3, 0.42), between(rng, 0.25, 0.4));
            let body = c.radial(
                (x, y),
                0.75,
                &[(0.0, a.light(0.8).to_string()), (0.35, a.to_string()), (1.0, a.dark(0.7).to_string())],
            );
            c.circle(cx, cy - s * 0.02, s * 0.4, body);
            if chance(rng, 0.5) {
                let shine =
                    c.linear((0.0, 0.0), (0.0, 1.0), &[(0.0, format!("{WHITE}/0.8")), (1.0, format!("{WHITE}/0"))]);
                c.ellipse(cx, cy - s * 0.22, s * 0.24, s * 0.15, shine);
            }
        }
        3 => {
            let ramp = c.radial((0.5, 0.5), between(rng, 0.6, 0.8), &two(a.light(0.3), b));
            c.rect(cx - s * 0.46, cy - s * 0.46, s * 0.92, s * 0.92, s * 0.2, ramp);
            let mark = super::simple::sign(rng, cx, cy, s * 0.5);
            c.fill(&mark, if a.mix(b, 0.5).luma() > 150.0 { b.dark(0.7) } else { WHITE });
        }
        4 => {
            let stops: Vec<(f64, String)> =
                (0..4).map(|i| (f64::from(i) / 3.0, t.all[(i as usize + 1) % 5].to_string())).collect();
            let ramp = if chance(rng, 0.7) { c.linear(from, to, &stops) } else { c.radial((0.3, 0.3), 0.9, &stops) };
            c.ground(ramp);
            for _ in 0..rng.usize(..4) {
                let glow = c.radial((0.5, 0.5), 0.5, &[(0.0, format!("{WHITE}/0.5")), (1.0, format!("{WHITE}/0"))]);
                let (x, y) = (w * rng.f64(), h * rng.f64());
                c.circle(x, y, s * between(rng, 0.2, 0.5), glow);
            }
        }
        5 => {
            let ramp = c.linear(from, to, &two(a, b));
            c.rect(cx - s * 0.45, cy - s * 0.45, s * 0.9, s * 0.9, s * 0.21, ramp);
            let light = if a.mix(b, 0.5).luma() > 170.0 { a.dark(0.8) } else { WHITE };
            let glyph = c.linear((0.0, 0.0), (0.0, 1.0), &two(light, light.mix(a, 0.35)));
            let mark = match rng.u8(..3) {
                0 => shapes::round_rect(cx - s * 0.25, cy - s * 0.18, s * 0.5, s * 0.36, s * 0.08),
                1 => shapes::heart(cx, cy, s * 0.55),
                _ => shapes::cloud(cx, cy + s * 0.16, s * 0.6),
            };
            c.fill(&mark, glyph);
        }
        6 => {
            let n = rng.usize(4..9);
            for i in 0..n {
                let angle = TAU * i as f64 / n as f64 - PI / 2.0;
                let ink = t.ink(i % 3);
                let (x, y) = polar(0.5, 0.5, 0.5, angle);
                let ramp = c.linear((1.0 - x, 1.0 - y), (x, y), &two(ink.light(0.55), ink.dark(0.25)));
                c.fill(&shapes::leaf(cx, cy, s * 0.46, s * 0.8 / n as f64, angle), ramp);
            }
        }
        7 => {
            let sky = c.linear((0.0, 0.0), (0.0, 1.0), &two(a.light(0.2), b.light(0.7)));
            c.ground(sky);
            let n = rng.usize(2..5);
            for i in 0..n {
                let share = i as f64 / n as f64;
                let ink = b.mix(a.dark(0.7), share);
                let ramp = c.linear((0.0, 0.0), (0.0, 1.0), &two(ink, ink.light(0.4)));
                let line = if chance(rng, 0.5) {
                    shapes::hills(rng, w, h * (0.5 + 0.4 * share), h * 0.07, h)
                } else {
                    shapes::peaks(rng, w, h * (0.65 + 0.3 * share), h * 0.3, h)
                };
                c.fill(&line, ramp);
            }
        }
        8 => {
            let metal = pick(rng, &[Rgb(200, 205, 215), Rgb(235, 195, 90), Rgb(205, 130, 80)]);
            let stops: Vec<(f64, String)> = [0.1, 0.7, 0.25, 0.85, 0.2]
                .into_iter()
                .enumerate()
                .map(|(i, v)| (i as f64 / 4.0, metal.dark(0.75).mix(metal.light(0.6), v).to_string()))
                .collect();
            let ramp = c.linear((0.0, 0.0), (1.0, 1.0), &stops);
            c.fill_even_odd(&(shapes::circle(cx, cy, s * 0.45) + &shapes::circle(cx, cy, s * 0.33)), &ramp);
            let disc = c.linear((0.0, 0.0), (0.0, 1.0), &two(a, a.dark(0.5)));
            c.circle(cx, cy, s * 0.32, disc);
            let mark = super::simple::sign(rng, cx, cy, s * 0.34);
            c.fill(&mark, &ramp);
        }
        9 => {
            let skin = pick(rng, &[Rgb(255, 210, 60), Rgb(255, 180, 70), Rgb(120, 200, 90), a.light(0.3)]);
            let face = c.radial(
                (0.45, 0.35),
                0.7,
                &[(0.0, skin.light(0.5).to_string()), (0.6, skin.to_string()), (1.0, skin.dark(0.35).to_string())],
            );
            c.circle(cx, cy, s * 0.45, face);
            let eye = c.radial((0.4, 0.3), 0.7, &two(Rgb(90, 60, 40), Rgb(25, 15, 10)));
            for side in [-1.0, 1.0] {
                c.ellipse(cx + side * s * 0.15, cy - s * 0.1, s * 0.055, s * 0.085, &eye);
                let cheek = c.radial((0.5, 0.5), 0.5, &[(0.0, "#ff6a5a/0.6".into()), (1.0, "#ff6a5a/0".into())]);
                c.circle(cx + side * s * 0.26, cy + s * 0.08, s * 0.1, cheek);
            }
            c.stroke(
                &format!(
                    "M{:.1} {:.1}Q{cx:.1} {:.1} {:.1} {:.1}",
                    cx - s * 0.17,
                    cy + s * 0.12,
                    cy + s * between(rng, 0.25, 0.38),
                    cx + s * 0.17,
                    cy + s * 0.12
                ),
                Rgb(70, 40, 25),
                s * 0.035,
            );
        }
        10 => {
            let n = rng.usize(3..6);
            let step = w * 0.86 / n as f64;
            for i in 0..n {
                let ink = t.ink(i);
                let ramp = c.linear(
                    (0.0, 0.0),
                    (1.0, 0.0),
                    &[
                        (0.0, ink.dark(0.45).to_string()),
                        (0.35, ink.light(0.5).to_string()),
                        (1.0, ink.dark(0.55).to_string()),
                    ],
                );
                let tall = h * between(rng, 0.35, 0.8);
                let x = w * 0.07 + step * i as f64;
                c.rect(x + step * 0.1, h * 0.92 - tall, step * 0.8, tall, step * 0.06, ramp);
                c.ellipse(x + step * 0.5, h * 0.92 - tall, step * 0.4, step * 0.14, ink.light(0.45));
            }
        }
        11 => {
            for i in 0..rng.usize(4..9) {
                let ink = t.ink(i);
                let ramp = c.radial(
                    (0.35, 0.35),
                    0.65,
                    &[
                        (0.0, format!("{}/0.5", ink.light(0.7))),
                        (0.8, format!("{ink}/0.65")),
                        (1.0, format!("{}/0.9", ink.dark(0.2))),
                    ],
                );
                let r = s * between(rng, 0.1, 0.26);
                let (x, y) = (between(rng, r, w - r), between(rng, r, h - r));
                c.circle(x, y, r, ramp);
            }
        }
        _ => {
            let sky = c.linear(
                (0.0, 0.0),
                (0.0, 1.0),
                &[(0.0, a.dark(0.5).to_string()), (0.6, a.to_string()), (1.0, b.light(0.4).to_string())],
            );
            c.ground(sky);
            let sun = b.light(0.6);
            let disc = c.linear((0.0, 0.0), (0.0, 1.0), &two(sun.light(0.5), b));
            c.circle(cx, h * 0.55, s * 0.2, disc);
            let sea = c.linear((0.0, 0.0), (0.0, 1.0), &two(b.mix(a, 0.4), a.dark(0.75)));
            c.rect(0.0, h * 0.6, w, h * 0.4, 0.0, sea);
            for i in 0..5 {
                let y = h * (0.64 + 0.06 * f64::from(i));
                let wide = s * between(rng, 0.08, 0.3);
                c.rect(cx - wide / 2.0, y, wide, h * 0.012, h * 0.006, sun);
            }
        }
    }
}
