//! Line art: strokes of one width on a plain ground.

use std::f64::consts::{PI, TAU};

use fastrand::Rng;

use super::canvas::{Canvas, between, chance, pick};
use super::colour::{Rgb, Theme};
use super::shapes::{self, P, polar, polyline};

/// Names of the kinds.
pub(super) const KINDS: [&str; 12] =
    ["icon", "spirograph", "face", "plan", "flower", "contours", "solid", "tree", "peaks", "graph", "cat", "waves"];

/// Width over height for a picture of this `kind`.
pub(super) fn aspect(rng: &mut Rng, kind: usize) -> f64 {
    match kind {
        3 | 5 | 8 | 11 => pick(rng, &[1.0, 1.33, 1.5]),
        _ => pick(rng, &[1.0, 1.0, 0.8, 1.2]),
    }
}

/// Draws a line picture.
pub(super) fn draw(c: &mut Canvas, rng: &mut Rng, t: &Theme, kind: usize) {
    let (cx, cy, s) = c.middle();
    let (w, h) = (c.w, c.h);
    let ink = t.strongest();
    let pen = s * between(rng, 0.009, 0.024);
    match kind {
        0 => {
            let pen = s * between(rng, 0.02, 0.045);
            let d = icon(rng, cx, cy, s);
            c.stroke(&d, ink, pen);
        }
        1 => {
            let (big, small) = pick(rng, &[(5.0, 3.0), (7.0, 2.0), (8.0, 5.0), (7.0, 4.0), (11.0, 3.0), (9.0, 7.0)]);
            let reach = between(rng, 0.6, 1.4) * small;
            let scale = s * 0.44 / (big - small + reach);
            let points: Vec<P> = (0..400)
                .map(|i| {
                    let a = TAU * small * f64::from(i) / 400.0;
                    let k = (big - small) / small;
                    (
                        cx + scale * ((big - small) * a.cos() + reach * (k * a).cos()),
                        cy + scale * ((big - small) * a.sin() - reach * (k * a).sin()),
                    )
                })
                .collect();
            c.stroke(&shapes::smooth(&points, true), ink, pen.min(s * 0.014));
        }
        2 => {
            let tilt = between(rng, -0.04, 0.04) * s;
            c.stroke(
                &format!(
                    "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}S{:.1} {:.1} {:.1} {:.1}Z",
                    cx - s * 0.28,
                    cy - s * 0.1,
                    cx - s * 0.3,
                    cy + s * 0.25,
                    cx - s * 0.12,
                    cy + s * 0.42,
                    cx + tilt,
                    cy + s * 0.42,
                    cx + s * 0.3,
                    cy + s * 0.1,
                    cx + s * 0.28,
                    cy - s * 0.1
                ),
                ink,
                pen,
            );
            c.stroke(
                &format!(
                    "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                    cx - s * 0.29,
                    cy - s * 0.06,
                    cx - s * 0.36,
                    cy - s * 0.56,
                    cx + s * 0.38,
                    cy - s * 0.56,
                    cx + s * 0.29,
                    cy - s * 0.06
                ),
                ink,
                pen,
            );
            for i in 0..rng.usize(3..8) {
                let x = cx - s * 0.24 + i as f64 * s * 0.07;
                c.stroke(
                    &format!(
                        "M{x:.1} {:.1}q{:.1} {:.1} {:.1} {:.1}",
                        cy - s * 0.34,
                        s * 0.02,
                        s * 0.1,
                        s * between(rng, -0.06, 0.06),
                        s * 0.2
                    ),
                    ink,
                    pen,
                );
            }
            for side in [-1.0, 1.0] {
                c.stroke(
                    &format!(
                        "M{:.1} {:.1}q{:.1} {:.1} {:.1} 0q{:.1} {:.1} {:.1} 0",
                        cx + side * s * 0.05,
                        cy - s * 0.02,
                        side * s * 0.07,
                        -s * 0.07,
                        side * s * 0.14,
                        -side * s * 0.07,
                        s * 0.06,
                        -side * s * 0.14
                    ),
                    ink,
                    pen,
                );
                c.stroke(&shapes::circle(cx + side * s * 0.12, cy - s * 0.025, s * 0.025), ink, pen);
                c.stroke(
                    &format!(
                        "M{:.1} {:.1}q{:.1} {:.1} {:.1} {:.1}",
                        cx + side * s * 0.05,
                        cy - s * 0.1,
                        side * s * 0.08,
                        -s * 0.05,
                        side * s * 0.16,
                        s * 0.01
                    ),
                    ink,
                    pen,
                );
            }
            c.stroke(
                &format!(
                    "M{:.1} {:.1}l{:.1} {:.1}q{:.1} {:.1} {:.1} 0",
                    cx,
                    cy,
                    -s * 0.03,
                    s * 0.13,
                    s * 0.03,
                    s * 0.04,
                    s * 0.07
                ),
                ink,
                pen,
            );
            c.stroke(
                &format!("M{:.1} {:.1}q{:.1} {:.1} {:.1} 0", cx - s * 0.1, cy + s * 0.24, s * 0.1, s * 0.07, s * 0.2),
                ink,
                pen,
            );
        }
        3 => {
            let m = s * 0.06;
            let mut d = format!("M{m:.1} {m:.1}H{:.1}V{:.1}H{m:.1}Z", w - m, h - m);
            let (x1, y1, x2) = (w * between(rng, 0.3, 0.6), h * between(rng, 0.35, 0.65), w * between(rng, 0.65, 0.8));
            d += &format!("M{x1:.1} {m:.1}V{:.1}M{x1:.1} {:.1}V{:.1}", h * 0.25, h * 0.25 + s * 0.12, h - m);
            d += &format!("M{m:.1} {y1:.1}H{:.1}M{:.1} {y1:.1}H{:.1}", w * 0.15, w * 0.15 + s * 0.12, w - m);
            d += &format!("M{x2:.1} {y1:.1}V{:.1}", h - m);
            d += &format!("M{:.1} {y1:.1}v{r:.1}a{r:.1} {r:.1} 0 0 0 {r:.1} {:.1}", w * 0.15, -s * 0.12, r = s * 0.12);
            c.stroke_square(&d, ink, pen * 1.3);
            for _ in 0..rng.usize(3..7) {
                let (x, y) = (between(rng, m * 2.0, w - s * 0.2), between(rng, m * 2.0, h - s * 0.18));
                let d = if chance(rng, 0.5) {
                    shapes::circle(x + s * 0.05, y + s * 0.05, s * 0.05)
                } else {
                    shapes::round_rect(x, y, s * 0.14, s * 0.1, s * 0.015)
                };
                c.stroke(&d, ink, pen * 0.7);
            }
        }
        4 => {
            let n = rng.usize(5..9);
            let (x, y, r) = (cx, cy - s * 0.16, s * 0.26);
            for i in 0..n {
                c.stroke(&shapes::leaf(x, y, r, r * 2.4 / n as f64, TAU * i as f64 / n as f64), ink, pen);
            }
            c.stroke(&shapes::circle(x, y, r * 0.22), ink, pen);
            c.stroke(
                &format!(
                    "M{x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {:.1}",
                    y + r,
                    x + s * 0.05,
                    y + s * 0.4,
                    x - s * 0.06,
                    y + s * 0.5,
                    cy + s * 0.46
                ),
                ink,
                pen,
            );
            for (k, angle) in [(0.26, -0.6), (0.34, -2.5)] {
                c.stroke(&shapes::leaf(x, cy + s * k, s * 0.24, s * 0.1, angle), ink, pen);
            }
        }
        5 => {
            let n = rng.usize(4..9);
            let seed: Vec<f64> = (0..9).map(|_| between(rng, 0.65, 1.15)).collect();
            for ring in 1..=n {
                let r = s * 0.48 * ring as f64 / n as f64;
                let points: Vec<P> = (0..9)
                    .map(|i| {
                        polar(cx, cy, r * (seed[i] * 0.7 + 0.3 * seed[(i + ring) % 9]) * 0.95, TAU * i as f64 / 9.0)
                    })
                    .collect();
                c.stroke(&shapes::smooth(&points, true), ink, pen);
            }
        }
        6 => {
            let r = s * 0.42;
            let corner: Vec<P> = (0..6).map(|k| polar(cx, cy, r, -PI / 2.0 + TAU * f64::from(k) / 6.0)).collect();
            c.stroke(&shapes::polygon(&corner), ink, pen);
            for k in [1, 3, 5] {
                c.stroke(&polyline(&[(cx, cy), corner[k]]), ink, pen);
            }
            let lines = rng.usize(3..9);
            for i in 1..lines {
                let f = i as f64 / lines as f64;
                let a = (cx + (corner[1].0 - cx) * f, cy + (corner[1].1 - cy) * f);
                c.stroke(&polyline(&[a, (a.0, a.1 + r)]), ink, pen * 0.7);
            }
            if chance(rng, 0.6) {
                c.raw(format_args!(r#"<ellipse cx="{cx:.1}" cy="{:.1}" rx="{:.1}" ry="{:.1}" fill="none" stroke="{ink}" stroke-width="{pen:.2}"/>"#, cy - r / 2.0, r * 0.4, r * 0.23));
            }
        }
        7 => branch(c, rng, (cx, h * 0.96), -PI / 2.0, s * 0.27, 5, (pen, ink)),
        8 => {
            for i in 0..3 {
                let line = shapes::peaks(rng, w, h * (0.62 + 0.14 * f64::from(i)), h * 0.34, h * 2.0);
                let open = line.trim_end_matches('Z').to_owned();
                c.stroke(&open, ink, pen);
            }
            let (x, y) = (w * 0.72, h * 0.2);
            c.stroke(&shapes::circle(x, y, s * 0.09), ink, pen);
            for k in 0..8 {
                let a = TAU * f64::from(k) / 8.0;
                c.stroke(&polyline(&[polar(x, y, s * 0.12, a), polar(x, y, s * 0.16, a)]), ink, pen);
            }
        }
        9 => {
            let n = rng.usize(5..11);
            let nodes: Vec<P> =
                (0..n).map(|i| polar(cx, cy, s * between(rng, 0.18, 0.4), TAU * i as f64 / n as f64)).collect();
            let r = s * 0.05;
            for i in 0..n {
                for j in i + 1..n {
                    if j == i + 1 || chance(rng, 0.22) {
                        let (a, b) = (nodes[i], nodes[j]);
                        let far = ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt().max(1.0);
                        let (ux, uy) = ((b.0 - a.0) / far * r, (b.1 - a.1) / far * r);
                        c.stroke(&polyline(&[(a.0 + ux, a.1 + uy), (b.0 - ux, b.1 - uy)]), ink, pen);
                    }
                }
            }
            for (i, (x, y)) in nodes.into_iter().enumerate() {
                let d = if i % 3 == 0 {
                    shapes::round_rect(x - r, y - r, 2.0 * r, 2.0 * r, r * 0.2)
                } else {
                    shapes::circle(x, y, r)
                };
                c.stroke(&d, ink, pen);
            }
        }
        10 => {
            let d = format!(
                "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Q{cx:.1} {:.1} {:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {cx:.1} {:.1}S{:.1} {:.1} {:.1} {:.1}Z",
                cx - s * 0.32,
                cy,
                cx - s * 0.34,
                cy - s * 0.4,
                cx - s * 0.14,
                cy - s * 0.24,
                cy - s * 0.3,
                cx + s * 0.14,
                cy - s * 0.24,
                cx + s * 0.34,
                cy - s * 0.4,
                cx + s * 0.32,
                cy,
                cx + s * 0.34,
                cy + s * 0.26,
                cx + s * 0.14,
                cy + s * 0.36,
                cy + s * 0.36,
                cx - s * 0.34,
                cy + s * 0.26,
                cx - s * 0.32,
                cy
            );
            c.stroke(&d, ink, pen);
            for side in [-1.0, 1.0] {
                c.stroke(&shapes::circle(cx + side * s * 0.14, cy + s * 0.02, s * between(rng, 0.03, 0.06)), ink, pen);
                for k in 0..3 {
                    let y = cy + s * (0.12 + 0.04 * f64::from(k));
                    c.stroke(
                        &polyline(&[
                            (cx + side * s * 0.16, y),
                            (cx + side * s * 0.44, y + s * 0.05 * f64::from(k - 1)),
                        ]),
                        ink,
                        pen,
                    );
                }
            }
            c.stroke(&format!("M{:.1} {:.1}h{:.1}L{cx:.1} {:.1}ZM{cx:.1} {:.1}q{:.1} {:.1} {:.1} 0M{cx:.1} {:.1}q{:.1} {:.1} {:.1} 0", cx - s * 0.04, cy + s * 0.1, s * 0.08, cy + s * 0.15, cy + s * 0.15, s * 0.05, s * 0.09, s * 0.1, cy + s * 0.15, -s * 0.05, s * 0.09, -s * 0.1), ink, pen);
        }
        _ => {
            let n = rng.usize(6..16);
            let (waves, swing) = (between(rng, 1.0, 3.0), h * between(rng, 0.02, 0.06));
            for i in 0..n {
                let y = h * (i as f64 + 1.0) / (n as f64 + 1.0);
                let points: Vec<P> = (0..=24)
                    .map(|k| {
                        let x = f64::from(k) / 24.0;
                        let lift = (-(x - 0.5).powi(2) * 18.0).exp();
                        (w * (0.05 + 0.9 * x), y + swing * (TAU * waves * x + i as f64 * 0.7).sin() * (0.3 + lift))
                    })
                    .collect();
                c.stroke(&shapes::smooth(&points, false), ink, pen);
            }
        }
    }
}

/// A branch and what grows from it; `pen` is its width and ink.
fn branch(c: &mut Canvas, rng: &mut Rng, from: P, angle: f64, len: f64, depth: u32, pen: (f64, Rgb)) {
    let to = polar(from.0, from.1, len, angle);
    c.stroke(&polyline(&[from, to]), pen.1, pen.0);
    if depth == 0 {
        return;
    }
    for side in [-1.0, 1.0] {
        let turn = side * between(rng, 0.25, 0.6);
        let shorter = len * between(rng, 0.65, 0.8);
        branch(c, rng, to, angle + turn, shorter, depth - 1, pen);
    }
}

fn icon(rng: &mut Rng, cx: f64, cy: f64, s: f64) -> String {
    let x = |v: f64| cx + v * s;
    let y = |v: f64| cy + v * s;
    match rng.u8(..8) {
        0 => format!(
            "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}V{:.1}H{:.1}ZM{:.1} {:.1}V{:.1}H{:.1}V{:.1}",
            x(-0.38),
            y(0.0),
            x(0.0),
            y(-0.36),
            x(0.38),
            y(0.0),
            y(0.38),
            x(-0.38),
            x(-0.1),
            y(0.38),
            y(0.12),
            x(0.1),
            y(0.38)
        ),
        1 => format!(
            "{}M{:.1} {:.1}h{:.1}a{r:.1} {r:.1} 0 0 1 0 {:.1}h{:.1}M{:.1} {:.1}v{:.1}M{:.1} {:.1}v{:.1}",
            shapes::round_rect(x(-0.36), y(-0.16), s * 0.56, s * 0.5, s * 0.1),
            x(0.2),
            y(-0.06),
            s * 0.05,
            s * 0.26,
            -s * 0.05,
            x(-0.18),
            y(-0.26),
            -s * 0.14,
            x(0.02),
            y(-0.26),
            -s * 0.14,
            r = s * 0.13
        ),
        2 => format!(
            "{}M{:.1} {:.1}L{:.1} {:.1}",
            shapes::circle(x(-0.08), y(-0.08), s * 0.28),
            x(0.13),
            y(0.13),
            x(0.4),
            y(0.4)
        ),
        3 => shapes::heart(cx, cy, s * 0.86),
        4 => format!(
            "{}M{:.1} {:.1}L{cx:.1} {:.1}L{:.1} {:.1}",
            shapes::round_rect(x(-0.42), y(-0.28), s * 0.84, s * 0.56, s * 0.06),
            x(-0.38),
            y(-0.22),
            y(0.08),
            x(0.38),
            y(-0.22)
        ),
        5 => format!("{}{}", shapes::circle(cx, cy, s * 0.4), polyline(&[(cx, y(-0.26)), (cx, cy), (x(0.18), y(0.1))])),
        6 => format!(
            "{}{}",
            shapes::cloud(cx, y(0.12), s * 0.8),
            polyline(&[(x(-0.16), y(0.2)), (x(-0.22), y(0.36))])
                + &polyline(&[(x(0.04), y(0.2)), (x(-0.02), y(0.36))])
                + &polyline(&[(x(0.24), y(0.2)), (x(0.18), y(0.36))])
        ),
        _ => format!(
            "{}{}",
            shapes::round_rect(x(-0.22), y(-0.44), s * 0.44, s * 0.88, s * 0.07),
            format_args!(
                "M{:.1} {:.1}H{:.1}M{:.1} {:.1}H{:.1}",
                x(-0.22),
                y(-0.32),
                x(0.22),
                x(-0.22),
                y(0.3),
                x(0.22)
            )
        ),
    }
}
