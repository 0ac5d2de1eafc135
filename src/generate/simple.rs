//! Simple: a few flat, geometric shapes, as in logos, flags, badges and icons.

use std::f64::consts::{PI, TAU};

use fastrand::Rng;

use super::canvas::{Canvas, between, chance, pick};
use super::colour::{Rgb, Theme};
use super::shapes::{self, P, polar, polygon};

/// Names of the kinds.
pub(super) const KINDS: [&str; 20] = [
    "flag",
    "badge",
    "rings",
    "shield",
    "petals",
    "house",
    "arrow",
    "emblem",
    "cube",
    "donut",
    "bars",
    "sign",
    "leaf",
    "peaks",
    "player",
    "tiles",
    "gear",
    "cross",
    "bubble",
    "pictogram",
];

/// Width over height for a picture of this `kind`.
pub(super) fn aspect(rng: &mut Rng, kind: usize) -> f64 {
    match kind {
        0 => pick(rng, &[1.5, 1.6, 2.0, 5.0 / 3.0]),
        _ => pick(rng, &[1.0, 1.0, 1.0, 1.0, 1.25, 0.8, 1.5]),
    }
}

/// One of the plain signs that fill an emblem, `s` across.
pub(super) fn sign(rng: &mut Rng, x: f64, y: f64, s: f64) -> String {
    match rng.u8(..9) {
        0 => shapes::star(x, y, s * 0.5, 0.4, 5),
        1 => shapes::heart(x, y, s * 0.9),
        2 => shapes::bolt(x, y, s),
        3 => shapes::drop(x, y + s * 0.1, s * 0.32),
        4 => shapes::crescent(x, y, s * 0.45),
        5 => shapes::leaf(x - s * 0.35, y + s * 0.35, s, s * 0.5, -PI / 4.0),
        6 => shapes::regular(x, y, s * 0.5, pick(rng, &[3, 4, 6]), 0.0),
        7 => shapes::star(x, y, s * 0.5, 0.6, pick(rng, &[6, 8, 12])),
        _ => shapes::circle(x, y, s * 0.4),
    }
}

/// Draws a simple picture.
pub(super) fn draw(c: &mut Canvas, rng: &mut Rng, t: &Theme, kind: usize) {
    let (cx, cy, s) = c.middle();
    let (w, h) = (c.w, c.h);
    let (a, b) = (t.ink(0), t.ink(1));
    let on_a = t.over(a);
    match kind {
        0 => flag(c, rng, t),
        1 => {
            match rng.u8(..3) {
                0 => c.circle(cx, cy, s * 0.44, a),
                1 => c.fill(&shapes::star(cx, cy, s * 0.46, 0.88, pick(rng, &[12, 16, 20])), a),
                _ => c.fill(&shapes::regular(cx, cy, s * 0.46, 6, 0.0), a),
            }
            if chance(rng, 0.6) {
                c.circle(cx, cy, s * 0.34, on_a);
                let mark = sign(rng, cx, cy, s * 0.44);
                let ink = if b.distance(on_a) > 90 { b } else { a };
                c.fill(&mark, ink);
            } else {
                let mark = sign(rng, cx, cy, s * 0.5);
                c.fill(&mark, on_a);
            }
        }
        2 => {
            let n = rng.usize(2..6);
            let r = s * 0.9 / (n as f64 * 0.75 + 1.25);
            for i in 0..n {
                let x = cx + (i as f64 - (n as f64 - 1.0) / 2.0) * r * 0.85;
                let y = cy + if i % 2 == 1 { r * 0.5 } else { -r * 0.2 };
                if n > 3 {
                    c.stroke(&shapes::circle(x, y, r * 0.6), t.ink(i), r * 0.27);
                } else {
                    c.circle(x, y, r * 0.75, t.ink(i));
                }
            }
        }
        3 => {
            c.fill(&shapes::shield(cx, cy, s * 0.92), a);
            let clip = c.clip(&shapes::shield(cx, cy, s * 0.78));
            c.open(&format!(r#"clip-path="{clip}""#));
            c.rect(0.0, 0.0, w, h, 0.0, on_a);
            match rng.u8(..3) {
                0 => c.rect(cx, 0.0, w, h, 0.0, b),
                1 => c.fill(
                    &polygon(&[
                        (cx - s, cy + s * 0.5),
                        (cx, cy - s * 0.2),
                        (cx + s, cy + s * 0.5),
                        (cx + s, cy + s),
                        (cx - s, cy + s),
                    ]),
                    b,
                ),
                _ => c.rect(0.0, cy - s * 0.1, w, s * 0.2, 0.0, b),
            }
            c.close();
            if chance(rng, 0.5) {
                c.fill(&shapes::star(cx, cy - s * 0.1, s * 0.15, 0.4, 5), a);
            }
        }
        4 => {
            let n = rng.usize(3..9);
            let wide = between(rng, 0.5, 0.9) * s * 2.2 / n as f64;
            let colours = rng.usize(1..4);
            for i in 0..n {
                let angle = TAU * i as f64 / n as f64 - PI / 2.0;
                let (x, y) = polar(cx, cy, s * 0.06, angle);
                c.fill(&shapes::leaf(x, y, s * 0.4, wide * 0.5, angle), t.ink(i % colours));
            }
            if chance(rng, 0.5) {
                c.circle(cx, cy, s * 0.09, t.ink(colours));
            }
        }
        5 => {
            c.fill(&polygon(&[(cx - s * 0.44, cy - s * 0.02), (cx, cy - s * 0.42), (cx + s * 0.44, cy - s * 0.02)]), a);
            c.rect(cx - s * 0.32, cy - s * 0.02, s * 0.64, s * 0.42, 0.0, b);
            let inner = t.over(b);
            c.rect(cx - s * 0.07, cy + s * 0.14, s * 0.15, s * 0.26, 0.0, inner);
            if chance(rng, 0.6) {
                c.rect(cx - s * 0.24, cy + s * 0.08, s * 0.11, s * 0.11, 0.0, inner);
                c.rect(cx + s * 0.14, cy + s * 0.08, s * 0.11, s * 0.11, 0.0, inner);
            }
        }
        6 => {
            let angle = pick(rng, &[0, 45, 90, 180, 270]);
            c.open(&format!(r#"transform="rotate({angle} {cx} {cy})""#));
            if chance(rng, 0.5) {
                let k = s * 0.4;
                c.fill(
                    &polygon(&[
                        (cx - k, cy - k * 0.3),
                        (cx + k * 0.1, cy - k * 0.3),
                        (cx + k * 0.1, cy - k * 0.8),
                        (cx + k, cy),
                        (cx + k * 0.1, cy + k * 0.8),
                        (cx + k * 0.1, cy + k * 0.3),
                        (cx - k, cy + k * 0.3),
                    ]),
                    a,
                );
            } else {
                for i in 0..rng.usize(2..4) {
                    let x = cx - s * 0.3 + i as f64 * s * 0.22;
                    c.fill(
                        &polygon(&[
                            (x, cy - s * 0.34),
                            (x + s * 0.13, cy - s * 0.34),
                            (x + s * 0.33, cy),
                            (x + s * 0.13, cy + s * 0.34),
                            (x, cy + s * 0.34),
                            (x + s * 0.2, cy),
                        ]),
                        t.ink(i),
                    );
                }
            }
            c.close();
        }
        7 => {
            let mark = sign(rng, cx, cy, s * 0.88);
            c.fill(&mark, a);
        }
        8 => {
            let r = s * 0.45;
            let at = |k: usize| polar(cx, cy, r, -PI / 2.0 + TAU * k as f64 / 6.0);
            c.fill(&polygon(&[at(0), at(1), (cx, cy), at(5)]), a);
            c.fill(&polygon(&[at(1), at(2), at(3), (cx, cy)]), a.dark(0.35));
            c.fill(&polygon(&[at(3), at(4), at(5), (cx, cy)]), a.dark(0.6));
        }
        9 => {
            let n = rng.usize(2..6);
            let mut from = -PI / 2.0;
            let inner = if chance(rng, 0.4) { 0.01 } else { s * between(rng, 0.15, 0.28) };
            for i in 0..n {
                let to = if i + 1 == n { 1.5 * PI } else { from + (1.5 * PI - from) * between(rng, 0.25, 0.6) };
                c.fill(&shapes::sector(cx, cy, inner, s * 0.44, from, to), t.ink(i));
                from = to;
            }
        }
        10 => {
            let n = rng.usize(3..6);
            let step = s * 0.8 / n as f64;
            for i in 0..n {
                let tall = s * between(rng, 0.2, 0.8);
                let x = cx - s * 0.4 + step * i as f64;
                c.rect(x, cy + s * 0.4 - tall, step * 0.72, tall, step * pick(rng, &[0.0, 0.12, 0.36]), t.ink(i % 3));
            }
        }
        11 => {
            let (n, turn) = pick(rng, &[(3, 0.0), (4, 0.0), (8, PI / 8.0), (40, 0.0)]);
            let down = if n == 3 { s * 0.08 } else { 0.0 };
            c.fill(&shapes::regular(cx, cy + down, s * 0.47, n, turn), a);
            c.fill(&shapes::regular(cx, cy + down, s * if n == 3 { 0.33 } else { 0.4 }, n, turn), on_a);
            let mark = sign(rng, cx, cy + down, s * if n == 3 { 0.28 } else { 0.42 });
            c.fill(&mark, if chance(rng, 0.5) { t.over(on_a) } else { a });
        }
        12 => {
            for (i, angle) in [-0.75, -0.25].into_iter().enumerate() {
                c.fill(&shapes::leaf(cx, cy + s * 0.38, s * 0.8, s * 0.34, PI * angle), t.ink(i));
            }
            if chance(rng, 0.5) {
                c.circle(cx, cy - s * 0.28, s * 0.1, t.ink(2));
            }
        }
        13 => {
            let clip = c.clip(&if chance(rng, 0.5) {
                shapes::circle(cx, cy, s * 0.46)
            } else {
                shapes::round_rect(cx - s * 0.45, cy - s * 0.45, s * 0.9, s * 0.9, s * 0.18)
            });
            c.open(&format!(r#"clip-path="{clip}""#));
            c.rect(cx - s / 2.0, cy - s / 2.0, s, s, 0.0, a);
            let high = t.over(a);
            c.circle(cx + s * 0.16, cy - s * 0.17, s * 0.11, high);
            c.fill(
                &polygon(&[(cx - s * 0.6, cy + s * 0.5), (cx - s * 0.14, cy - s * 0.2), (cx + s * 0.32, cy + s * 0.5)]),
                b,
            );
            c.fill(
                &polygon(&[(cx - s * 0.1, cy + s * 0.5), (cx + s * 0.22, cy + s * 0.02), (cx + s * 0.6, cy + s * 0.5)]),
                high,
            );
            c.close();
        }
        14 => {
            c.rect(cx - s * 0.44, cy - s * 0.44, s * 0.88, s * 0.88, s * between(rng, 0.05, 0.44), a);
            match rng.u8(..4) {
                0 => c.fill(
                    &polygon(&[(cx - s * 0.14, cy - s * 0.22), (cx + s * 0.24, cy), (cx - s * 0.14, cy + s * 0.22)]),
                    on_a,
                ),
                1 => {
                    c.rect(cx - s * 0.18, cy - s * 0.2, s * 0.12, s * 0.4, 0.0, on_a);
                    c.rect(cx + s * 0.06, cy - s * 0.2, s * 0.12, s * 0.4, 0.0, on_a);
                }
                2 => c.stroke(
                    &format!(
                        "M{} {}L{} {}L{} {}",
                        cx - s * 0.2,
                        cy,
                        cx - s * 0.05,
                        cy + s * 0.15,
                        cx + s * 0.22,
                        cy - s * 0.16
                    ),
                    on_a,
                    s * 0.09,
                ),
                _ => {
                    let mark = sign(rng, cx, cy, s * 0.5);
                    c.fill(&mark, on_a);
                }
            }
        }
        15 => {
            let n = rng.usize(2..5);
            let cell = s * 0.88 / n as f64;
            for y in 0..n {
                for x in 0..n {
                    let (px, py) = (cx - s * 0.44 + cell * x as f64, cy - s * 0.44 + cell * y as f64);
                    let ink = t.ink(rng.usize(..3));
                    match rng.u8(..4) {
                        0 => c.rect(px, py, cell, cell, 0.0, ink),
                        1 => c.fill(
                            &format!("M{px:.1} {py:.1}h{cell:.1}a{cell:.1} {cell:.1} 0 0 1 {:.1} {cell:.1}Z", -cell),
                            ink,
                        ),
                        2 => c.circle(px + cell / 2.0, py + cell / 2.0, cell / 2.0, ink),
                        _ => c.fill(&polygon(&[(px, py), (px + cell, py + cell), (px, py + cell)]), ink),
                    }
                }
            }
        }
        16 => c.fill_even_odd(&shapes::gear(cx, cy, s * 0.46, rng.usize(6..13)), a),
        17 => {
            let thick = s * between(rng, 0.2, 0.34);
            if chance(rng, 0.5) {
                c.circle(cx, cy, s * 0.47, b);
                let ink = t.over(b);
                plus(c, cx, cy, s * 0.3, thick * 0.7, ink);
            } else {
                plus(c, cx, cy, s * 0.44, thick, a);
            }
        }
        18 => {
            c.rect(cx - s * 0.44, cy - s * 0.38, s * 0.88, s * 0.6, s * 0.14, a);
            c.fill(
                &polygon(&[
                    (cx - s * 0.2, cy + s * 0.16),
                    (cx + s * 0.08, cy + s * 0.16),
                    (cx - s * 0.24, cy + s * 0.42),
                ]),
                a,
            );
            for i in 0..3 {
                c.circle(cx + (f64::from(i) - 1.0) * s * 0.22, cy - s * 0.08, s * 0.07, on_a);
            }
        }
        _ => pictogram(c, rng, t),
    }
}

fn plus(c: &mut Canvas, cx: f64, cy: f64, r: f64, thick: f64, ink: Rgb) {
    let k = thick / 2.0;
    let corners: [P; 12] =
        [(-k, -r), (k, -r), (k, -k), (r, -k), (r, k), (k, k), (k, r), (-k, r), (-k, k), (-r, k), (-r, -k), (-k, -k)];
    c.fill(&polygon(&corners.map(|(x, y)| (cx + x, cy + y))), ink);
}

fn flag(c: &mut Canvas, rng: &mut Rng, t: &Theme) {
    let (w, h) = (c.w, c.h);
    // Flags fill the sheet: their ground is a stripe.
    let n = rng.usize(2..4);
    let upright = chance(rng, 0.4);
    for i in 0..n {
        let (share, at) = (1.0 / n as f64, i as f64 / n as f64);
        let ink = t.all[(i * 2 + 1) % 5];
        if upright {
            c.rect(w * at, 0.0, w * share + 0.01, h, 0.0, ink);
        } else {
            c.rect(0.0, h * at, w, h * share + 0.01, 0.0, ink);
        }
    }
    match rng.u8(..5) {
        0 => c.fill(&polygon(&[(0.0, 0.0), (w * 0.4, h / 2.0), (0.0, h)]), t.all[0]),
        1 => c.circle(w * 0.5, h * 0.5, h * 0.26, t.all[0]),
        2 => {
            c.rect(0.0, 0.0, w * 0.4, h * 0.54, 0.0, t.all[0]);
            c.fill(&shapes::star(w * 0.2, h * 0.27, h * 0.18, 0.4, 5), super::colour::WHITE);
        }
        3 => {
            c.rect(w * 0.3, 0.0, w * 0.12, h, 0.0, t.all[0]);
            c.rect(0.0, h * 0.42, w, h * 0.17, 0.0, t.all[0]);
        }
        _ => {}
    }
}

fn pictogram(c: &mut Canvas, rng: &mut Rng, t: &Theme) {
    let (cx, cy, s) = c.middle();
    let ink = t.strongest();
    let under = t.ground;
    match rng.u8(..6) {
        0 => {
            c.stroke_square(
                &format!(
                    "M{0} {1}v{2}a{3} {3} 0 0 1 {4} 0v{5}",
                    cx - s * 0.2,
                    cy,
                    -s * 0.18,
                    s * 0.2,
                    s * 0.4,
                    s * 0.18
                ),
                ink,
                s * 0.09,
            );
            c.rect(cx - s * 0.32, cy - s * 0.03, s * 0.64, s * 0.46, s * 0.05, ink);
            c.circle(cx, cy + s * 0.16, s * 0.07, t.over(ink));
        }
        1 => {
            c.rect(cx - s * 0.44, cy - s * 0.3, s * 0.88, s * 0.6, s * 0.05, ink);
            c.stroke(
                &format!(
                    "M{} {}L{cx} {}L{} {}",
                    cx - s * 0.38,
                    cy - s * 0.22,
                    cy + s * 0.06,
                    cx + s * 0.38,
                    cy - s * 0.22
                ),
                t.over(ink),
                s * 0.06,
            );
        }
        2 => {
            c.circle(cx, cy - s * 0.2, s * 0.2, ink);
            c.fill(
                &format!(
                    "M{} {}a{r} {q} 0 0 1 {} 0Z",
                    cx - s * 0.38,
                    cy + s * 0.44,
                    s * 0.76,
                    r = s * 0.38,
                    q = s * 0.4
                ),
                ink,
            );
        }
        3 => {
            c.stroke_square(&shapes::circle(cx - s * 0.1, cy - s * 0.1, s * 0.26), ink, s * 0.1);
            c.stroke(
                &format!("M{} {}L{} {}", cx + s * 0.12, cy + s * 0.12, cx + s * 0.36, cy + s * 0.36),
                ink,
                s * 0.13,
            );
        }
        4 => {
            c.fill(
                &format!(
                    "M{0} {1}C{0} {2} {3} {2} {3} {1}L{4} {5}H{6}Z",
                    cx - s * 0.26,
                    cy,
                    cy - s * 0.5,
                    cx + s * 0.26,
                    cx + s * 0.38,
                    cy + s * 0.24,
                    cx - s * 0.38
                ),
                ink,
            );
            c.circle(cx, cy + s * 0.34, s * 0.09, ink);
        }
        _ => {
            c.fill(&shapes::drop(cx, cy, s * 0.3), ink);
            c.circle(cx, cy + s * 0.04, s * 0.13, if under.distance(ink) > 60 { under } else { t.over(ink) });
        }
    }
}
