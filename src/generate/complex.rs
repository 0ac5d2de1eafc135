//! Complex: flat illustration with many regions and colours.

use std::f64::consts::{PI, TAU};

use fastrand::Rng;

use super::canvas::{Canvas, between, chance, pick};
use super::colour::{Rgb, Theme, WHITE};
use super::shapes::{self, P, polygon};

/// Names of the kinds.
pub(super) const KINDS: [&str; 10] =
    ["landscape", "city", "portrait", "creature", "flowers", "mosaic", "map", "shelf", "underwater", "space"];

/// Width over height for a picture of this `kind`.
pub(super) fn aspect(rng: &mut Rng, kind: usize) -> f64 {
    match kind {
        2 | 3 => pick(rng, &[1.0, 0.8]),
        _ => pick(rng, &[1.0, 1.33, 1.5, 0.75, 1.78]),
    }
}

/// Draws an illustration; with `sky` its ground is painted, without it the scene floats.
pub(super) fn draw(c: &mut Canvas, rng: &mut Rng, t: &Theme, kind: usize, sky: bool) {
    match kind {
        0 => landscape(c, rng, t, sky),
        1 => city(c, rng, t, sky),
        2 => portrait(c, rng, t, sky),
        3 => creature(c, rng, t),
        4 => flowers(c, rng, t, sky),
        5 => mosaic(c, rng, t, sky),
        6 => map(c, rng, t),
        7 => shelf(c, rng, t, sky),
        8 => underwater(c, rng, t, sky),
        _ => space(c, rng, t, sky),
    }
}

/// Any colour of the theme, shifted a little so that an illustration has many.
fn shade(rng: &mut Rng, t: &Theme) -> Rgb {
    let ink = t.all[rng.usize(..5)];
    if chance(rng, 0.5) { ink.light(between(rng, 0.0, 0.45)) } else { ink.dark(between(rng, 0.0, 0.45)) }
}

fn tree(c: &mut Canvas, rng: &mut Rng, x: f64, y: f64, s: f64, leaf: Rgb) {
    c.rect(x - s * 0.05, y - s * 0.3, s * 0.1, s * 0.3, 0.0, Rgb(104, 70, 48));
    if chance(rng, 0.5) {
        for i in 0..3 {
            let up = y - s * (0.2 + 0.25 * f64::from(i));
            let wide = s * (0.32 - 0.07 * f64::from(i));
            c.fill(&polygon(&[(x - wide, up), (x, up - s * 0.42), (x + wide, up)]), leaf.light(0.12 * f64::from(i)));
        }
    } else {
        let crown = shapes::blob(rng, x, y - s * 0.6, s * 0.34, 0.2);
        c.fill(&crown, leaf);
        let lit = shapes::blob(rng, x - s * 0.08, y - s * 0.68, s * 0.18, 0.2);
        c.fill(&lit, leaf.light(0.25));
    }
}

fn cottage(c: &mut Canvas, rng: &mut Rng, x: f64, y: f64, s: f64, t: &Theme) {
    let wall = shade(rng, t).light(0.5);
    let roof = shade(rng, t).dark(0.2);
    c.rect(x, y - s * 0.55, s, s * 0.55, 0.0, wall);
    c.fill(&polygon(&[(x - s * 0.1, y - s * 0.55), (x + s * 0.5, y - s), (x + s * 1.1, y - s * 0.55)]), roof);
    c.rect(x + s * 0.4, y - s * 0.32, s * 0.2, s * 0.32, 0.0, roof.dark(0.4));
    for i in [0.12, 0.7] {
        c.rect(x + s * i, y - s * 0.42, s * 0.18, s * 0.18, 0.0, Rgb(255, 226, 140));
    }
}

fn landscape(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (w, h) = (c.w, c.h);
    let s = w.min(h);
    let air = t.all[2].light(0.6);
    if sky {
        c.ground(air);
        c.circle(w * between(rng, 0.15, 0.85), h * between(rng, 0.14, 0.3), s * 0.1, Rgb(255, 214, 90));
    }
    for _ in 0..rng.usize(2..5) {
        let cloud = shapes::cloud(w * rng.f64(), h * between(rng, 0.15, 0.35), s * between(rng, 0.2, 0.4));
        c.fill(&cloud, if sky { WHITE } else { air });
    }
    let back = shapes::peaks(rng, w, h * 0.62, h * 0.34, h);
    c.fill(&back, t.all[1].mix(air, 0.45));
    let front = shapes::peaks(rng, w, h * 0.68, h * 0.24, h);
    c.fill(&front, t.all[0].mix(air, 0.25));
    let green = pick(rng, &[Rgb(96, 156, 84), Rgb(64, 130, 100), Rgb(170, 160, 70), t.all[3]]);
    for i in 0..3 {
        let y = 0.62 + 0.12 * f64::from(i);
        let line = shapes::hills(rng, w, h * y, h * 0.05, h);
        c.fill(&line, green.dark(0.16 * f64::from(i)));
        for _ in 0..rng.usize(2..5) {
            let x = w * rng.f64();
            let size = s * between(rng, 0.12, 0.22) * (0.8 + 0.2 * f64::from(i));
            if chance(rng, 0.25) {
                cottage(c, rng, x, h * (y + 0.08), size * 0.7, t);
            } else {
                let leaf = green.dark(between(rng, 0.1, 0.5));
                tree(c, rng, x, h * (y + 0.09), size, leaf);
            }
        }
    }
    if chance(rng, 0.5) {
        let d = format!(
            "M{:.1} {h}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}L{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {h}Z",
            w * 0.3,
            w * 0.35,
            h * 0.9,
            w * 0.7,
            h * 0.88,
            w * 0.55,
            h * 0.76,
            w * 0.57,
            h * 0.76,
            w * 0.8,
            h * 0.88,
            w * 0.5,
            h * 0.92,
            w * 0.55
        );
        c.fill(&d, Rgb(120, 190, 220));
    }
}

fn city(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (w, h) = (c.w, c.h);
    let s = w.min(h);
    let night = chance(rng, 0.5);
    let air = if night { t.all[0].dark(0.5) } else { t.all[4].light(0.4) };
    if sky {
        c.ground(air);
    }
    c.circle(
        w * between(rng, 0.2, 0.8),
        h * 0.22,
        s * 0.12,
        if night { Rgb(250, 244, 210) } else { Rgb(255, 190, 90) },
    );
    for layer in 0..2 {
        let mut x = -4.0;
        while x < w {
            let wide = s * between(rng, 0.1, 0.2);
            let tall = h * between(rng, 0.25, 0.6) * if layer == 0 { 1.15 } else { 0.85 };
            let wall = shade(rng, t).mix(air, if layer == 0 { 0.5 } else { 0.0 });
            c.rect(x, h - tall, wide, tall, 0.0, wall);
            if layer == 1 {
                match rng.u8(..3) {
                    0 => c.fill(
                        &polygon(&[(x, h - tall), (x + wide / 2.0, h - tall - wide * 0.5), (x + wide, h - tall)]),
                        wall.dark(0.3),
                    ),
                    1 => c.rect(x + wide * 0.4, h - tall - s * 0.08, wide * 0.08, s * 0.08, 0.0, wall.dark(0.4)),
                    _ => c.rect(x - 1.0, h - tall, wide + 2.0, s * 0.02, 0.0, wall.dark(0.35)),
                }
                let pane = wide / rng.u32(3..5) as f64;
                let lit = if night { Rgb(255, 221, 120) } else { wall.light(0.6) };
                let mut y = h - tall + pane * 0.6;
                while y < h - pane {
                    let mut px = x + pane * 0.3;
                    while px + pane * 0.5 < x + wide {
                        c.rect(
                            px,
                            y,
                            pane * 0.45,
                            pane * 0.6,
                            0.0,
                            if chance(rng, 0.7) { lit } else { wall.dark(0.5) },
                        );
                        px += pane * 0.85;
                    }
                    y += pane * 1.1;
                }
            }
            x += wide * between(rng, 0.9, 1.15);
        }
    }
    c.rect(0.0, h * 0.95, w, h * 0.05, 0.0, t.all[0].dark(0.6));
}

fn portrait(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (cx, cy, s) = c.middle();
    let cy = cy + s * 0.02;
    if sky {
        c.ground(t.all[2].light(0.4));
        if chance(rng, 0.6) {
            c.circle(cx, cy, s * 0.46, t.all[3].light(0.3));
        }
    }
    let skin =
        pick(rng, &[Rgb(255, 219, 186), Rgb(234, 180, 140), Rgb(190, 130, 92), Rgb(130, 84, 58), Rgb(92, 58, 42)]);
    let hair = pick(rng, &[Rgb(45, 30, 26), Rgb(110, 64, 34), Rgb(214, 160, 70), Rgb(150, 50, 40), Rgb(120, 120, 130)]);
    let shirt = t.all[1];
    let back = shapes::blob(rng, cx, cy - s * 0.1, s * 0.34, 0.12);
    c.fill(&back, hair.dark(0.2));
    c.fill(
        &format!(
            "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}Z",
            cx - s * 0.4,
            cy + s * 0.5,
            cx - s * 0.34,
            cy + s * 0.1,
            cx + s * 0.34,
            cy + s * 0.1,
            cx + s * 0.4,
            cy + s * 0.5
        ),
        shirt,
    );
    c.fill(
        &polygon(&[(cx - s * 0.1, cy + s * 0.24), (cx + s * 0.1, cy + s * 0.24), (cx, cy + s * 0.4)]),
        shirt.light(0.5),
    );
    c.rect(cx - s * 0.08, cy + s * 0.1, s * 0.16, s * 0.19, s * 0.06, skin.dark(0.2));
    c.ellipse(cx, cy - s * 0.05, s * 0.21, s * 0.26, skin);
    for side in [-1.0, 1.0] {
        c.circle(cx + side * s * 0.21, cy - s * 0.03, s * 0.04, skin.dark(0.08));
        c.ellipse(cx + side * s * 0.09, cy - s * 0.07, s * 0.04, s * 0.028, WHITE);
        c.circle(cx + side * s * 0.09, cy - s * 0.07, s * 0.02, t.all[0].dark(0.3));
        c.stroke(
            &format!(
                "M{:.1} {:.1}q{:.1} {:.1} {:.1} 0",
                cx + side * s * 0.13,
                cy - s * 0.13,
                -side * s * 0.04,
                -s * 0.03,
                -side * s * 0.085
            ),
            hair,
            s * 0.018,
        );
        c.circle(cx + side * s * 0.12, cy + s * 0.04, s * 0.035, skin.mix(Rgb(235, 80, 80), 0.35));
    }
    c.fill(
        &polygon(&[(cx, cy - s * 0.06), (cx + s * 0.03, cy + s * 0.03), (cx - s * 0.02, cy + s * 0.03)]),
        skin.dark(0.18),
    );
    c.fill(
        &format!(
            "M{:.1} {:.1}q{:.1} {:.1} {:.1} 0Z",
            cx - s * 0.07,
            cy + s * 0.09,
            s * 0.07,
            s * between(rng, 0.04, 0.1),
            s * 0.14
        ),
        Rgb(176, 50, 60),
    );
    let fringe = format!(
        "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}Z",
        cx - s * 0.23,
        cy - s * 0.06,
        cx - s * 0.26,
        cy - s * 0.44,
        cx + s * 0.26,
        cy - s * 0.44,
        cx + s * 0.23,
        cy - s * 0.06,
        cx + s * 0.16,
        cy - s * 0.26,
        cx - s * between(rng, 0.0, 0.14),
        cy - s * 0.14,
        cx - s * 0.23,
        cy - s * 0.06
    );
    c.fill(&fringe, hair);
    if chance(rng, 0.4) {
        for side in [-1.0, 1.0] {
            c.stroke(&shapes::circle(cx + side * s * 0.09, cy - s * 0.07, s * 0.065), t.all[0], s * 0.013);
        }
    }
    if chance(rng, 0.4) {
        c.fill(
            &format!("M{:.1} {:.1}a{r:.1} {r:.1} 0 0 1 {:.1} 0Z", cx - s * 0.25, cy - s * 0.2, s * 0.5, r = s * 0.25),
            t.all[3],
        );
        c.rect(cx - s * 0.3, cy - s * 0.22, s * 0.6, s * 0.05, s * 0.025, t.all[3].dark(0.3));
    }
}

fn creature(c: &mut Canvas, rng: &mut Rng, t: &Theme) {
    let (cx, cy, s) = c.middle();
    let body = t.ink(0);
    let belly = body.light(0.5);
    let deep = body.dark(0.35);
    if chance(rng, 0.5) {
        // An owl or a cat: upright, ears, feathers or stripes.
        for side in [-1.0, 1.0] {
            c.fill(
                &polygon(&[
                    (cx + side * s * 0.3, cy - s * 0.14),
                    (cx + side * s * 0.26, cy - s * 0.46),
                    (cx + side * s * 0.06, cy - s * 0.3),
                ]),
                deep,
            );
            c.fill(
                &polygon(&[
                    (cx + side * s * 0.26, cy - s * 0.2),
                    (cx + side * s * 0.235, cy - s * 0.38),
                    (cx + side * s * 0.12, cy - s * 0.28),
                ]),
                t.ink(2),
            );
        }
        c.ellipse(cx, cy + s * 0.05, s * 0.33, s * 0.38, body);
        c.ellipse(cx, cy + s * 0.18, s * 0.22, s * 0.22, belly);
        for row in 0..3 {
            for i in 0..4 - row {
                let x = cx + (f64::from(i) - f64::from(3 - row) / 2.0) * s * 0.1;
                let y = cy + s * (0.12 + 0.08 * f64::from(row));
                c.fill(
                    &format!("M{:.1} {y:.1}q{:.1} {:.1} {:.1} 0Z", x - s * 0.04, s * 0.04, s * 0.08, s * 0.08),
                    t.ink(1),
                );
            }
        }
        for side in [-1.0, 1.0] {
            c.circle(cx + side * s * 0.13, cy - s * 0.12, s * 0.115, WHITE);
            c.circle(cx + side * s * 0.13, cy - s * 0.12, s * 0.085, t.ink(2));
            c.circle(cx + side * s * 0.12, cy - s * 0.11, s * 0.05, Rgb(20, 18, 30));
            c.circle(cx + side * s * 0.14, cy - s * 0.14, s * 0.018, WHITE);
            c.fill(&shapes::leaf(cx + side * s * 0.26, cy - s * 0.05, s * 0.42, s * 0.12, PI / 2.0 - side * 0.3), deep);
            c.ellipse(cx + side * s * 0.12, cy + s * 0.43, s * 0.08, s * 0.03, t.ink(1).dark(0.2));
        }
        c.fill(
            &polygon(&[(cx - s * 0.04, cy - s * 0.06), (cx + s * 0.04, cy - s * 0.06), (cx, cy + s * 0.03)]),
            Rgb(240, 160, 50),
        );
    } else {
        // A fish or a bird: lengthwise, fins and scales.
        c.fill(
            &polygon(&[
                (cx + s * 0.22, cy),
                (cx + s * 0.47, cy - s * 0.2),
                (cx + s * 0.4, cy),
                (cx + s * 0.47, cy + s * 0.2),
            ]),
            t.ink(1),
        );
        c.fill(
            &polygon(&[(cx - s * 0.1, cy - s * 0.2), (cx + s * 0.1, cy - s * 0.36), (cx + s * 0.18, cy - s * 0.14)]),
            t.ink(1).dark(0.2),
        );
        c.ellipse(cx - s * 0.06, cy, s * 0.36, s * 0.22, body);
        let clip = c.clip(&format!(
            "M{:.1} {cy:.1}a{a:.1} {b:.1} 0 1 1 {d:.1} 0a{a:.1} {b:.1} 0 1 1 -{d:.1} 0Z",
            cx - s * 0.42,
            a = s * 0.36,
            b = s * 0.22,
            d = s * 0.72
        ));
        c.open(&format!(r#"clip-path="{clip}""#));
        c.ellipse(cx - s * 0.1, cy + s * 0.17, s * 0.36, s * 0.14, belly);
        let stripes = chance(rng, 0.5);
        for i in 0..5 {
            let x = cx - s * 0.12 + f64::from(i) * s * 0.09;
            if stripes {
                c.rect(x, cy - s * 0.3, s * 0.04, s * 0.6, 0.0, t.ink(2));
            } else {
                for j in 0..4 {
                    let y = cy - s * 0.14 + f64::from(j) * s * 0.08 + if i % 2 == 0 { s * 0.04 } else { 0.0 };
                    c.circle(x, y, s * 0.03, if j % 2 == 0 { deep } else { t.ink(2) });
                }
            }
        }
        c.close();
        c.circle(cx - s * 0.26, cy - s * 0.05, s * 0.06, WHITE);
        c.circle(cx - s * 0.27, cy - s * 0.05, s * 0.032, Rgb(20, 18, 30));
        c.fill(&shapes::leaf(cx - s * 0.08, cy + s * 0.04, s * 0.2, s * 0.1, 0.6), t.ink(1).light(0.2));
        for i in 0..4 {
            c.circle(
                cx - s * (0.4 + 0.02 * f64::from(i % 2)),
                cy - s * (0.14 + 0.08 * f64::from(i)),
                s * (0.03 - 0.004 * f64::from(i)),
                t.ink(2).light(0.4),
            );
        }
    }
}

fn flowers(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (w, h) = (c.w, c.h);
    let s = w.min(h);
    let green = pick(rng, &[Rgb(70, 140, 80), Rgb(46, 110, 90), Rgb(120, 150, 60)]);
    if sky {
        c.ground(t.all[4].light(0.5));
        let ground = shapes::hills(rng, w, h * 0.85, h * 0.03, h);
        c.fill(&ground, green.dark(0.4));
    }
    let n = rng.usize(5..10);
    for i in 0..n {
        let x = w * (i as f64 + between(rng, 0.3, 0.7)) / n as f64;
        let y = h * between(rng, 0.18, 0.6);
        let r = s * between(rng, 0.07, 0.13);
        c.stroke(
            &format!("M{x:.1} {y:.1}Q{:.1} {:.1} {x:.1} {:.1}", x + between(rng, -12.0, 12.0), (y + h) / 2.0, h * 0.98),
            green,
            s * 0.015,
        );
        for side in [-1.0, 1.0] {
            c.fill(
                &shapes::leaf(x, y + (h - y) * between(rng, 0.4, 0.7), s * 0.16, s * 0.06, -PI / 2.0 + side * 0.9),
                green.light(between(rng, 0.0, 0.3)),
            );
        }
        let petal = shade(rng, t);
        let k = rng.usize(5..10);
        for p in 0..k {
            let angle = TAU * p as f64 / k as f64;
            c.fill(
                &shapes::leaf(x, y, r, r * 1.9 / k as f64 * 1.4, angle),
                if p % 2 == 0 { petal } else { petal.light(0.2) },
            );
        }
        c.circle(x, y, r * 0.3, Rgb(250, 200, 60));
        c.circle(x, y, r * 0.15, Rgb(200, 120, 40));
    }
}

fn mosaic(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (w, h) = (c.w, c.h);
    let columns = rng.usize(6..12);
    let rows = ((columns as f64 * h / w).round() as usize).max(3);
    let (dx, dy) = (w / columns as f64, h / rows as f64);
    let grid: Vec<Vec<P>> = (0..=rows)
        .map(|y| {
            (0..=columns)
                .map(|x| {
                    let inside = |i: usize, n: usize| i > 0 && i < n;
                    let jx = if inside(x, columns) { between(rng, -0.35, 0.35) } else { 0.0 };
                    let jy = if inside(y, rows) { between(rng, -0.35, 0.35) } else { 0.0 };
                    ((x as f64 + jx) * dx, (y as f64 + jy) * dy)
                })
                .collect()
        })
        .collect();
    let (a, b, d) = (t.all[0], t.all[1].light(0.2), t.all[3]);
    for y in 0..rows {
        for x in 0..columns {
            let (p, q, r, s) = (grid[y][x], grid[y][x + 1], grid[y + 1][x + 1], grid[y + 1][x]);
            for triangle in [[p, q, r], [p, r, s]] {
                let centre = (triangle[0].0 + triangle[1].0 + triangle[2].0) / 3.0;
                let far = ((centre - w / 2.0).powi(2) + (triangle[0].1 - h / 2.0).powi(2)).sqrt() / w.max(h);
                if !sky && far > 0.46 {
                    continue;
                }
                let base = a.mix(b, centre / w).mix(d, triangle[1].1 / h * 0.7);
                let ink = if chance(rng, 0.5) {
                    base.light(between(rng, 0.0, 0.35))
                } else {
                    base.dark(between(rng, 0.0, 0.35))
                };
                // A stroke of the same ink closes the hairline between neighbours.
                c.raw(format_args!(
                    r#"<path d="{}" fill="{ink}" stroke="{ink}" stroke-width="0.4"/>"#,
                    polygon(&triangle)
                ));
            }
        }
    }
}

fn map(c: &mut Canvas, rng: &mut Rng, t: &Theme) {
    let (w, h) = (c.w, c.h);
    let s = w.min(h);
    c.rect(0.0, 0.0, w, h, s * 0.05, Rgb(240, 234, 222));
    let clip = c.clip(&shapes::round_rect(0.0, 0.0, w, h, s * 0.05));
    c.open(&format!(r#"clip-path="{clip}""#));
    let (x, y) = (w * between(rng, 0.0, 1.0), h * between(rng, 0.6, 1.0));
    let water = shapes::blob(rng, x, y, s * 0.4, 0.3);
    c.fill(&water, Rgb(150, 205, 230));
    let n = rng.usize(5..8);
    let cell = s / n as f64;
    let tilt = between(rng, -25.0, 25.0);
    c.open(&format!(r#"transform="rotate({tilt:.1} {:.1} {:.1})""#, w / 2.0, h / 2.0));
    for y in -3..(h / cell) as i32 + 3 {
        for x in -3..(w / cell) as i32 + 3 {
            let (px, py) = (f64::from(x) * cell, f64::from(y) * cell);
            match rng.u8(..10) {
                0..=1 => {
                    c.rect(px + cell * 0.08, py + cell * 0.08, cell * 0.84, cell * 0.84, cell * 0.1, Rgb(180, 214, 150))
                }
                2..=3 => {
                    for (bx, by) in [(0.1, 0.1), (0.55, 0.1), (0.1, 0.55), (0.55, 0.55)] {
                        let roof = shade(rng, t).light(0.45);
                        c.rect(px + cell * bx, py + cell * by, cell * 0.35, cell * 0.35, 0.0, roof);
                    }
                }
                4..=6 => {
                    let roof = shade(rng, t).light(0.6);
                    c.rect(px + cell * 0.1, py + cell * 0.1, cell * 0.8, cell * 0.8, 0.0, roof);
                }
                _ => {}
            }
        }
    }
    let road = w + h;
    c.stroke(&format!("M-99 {0:.1}H{road:.0}M{0:.1} -99V{road:.0}", cell * 2.0), Rgb(250, 190, 80), cell * 0.22);
    c.close();
    let river = shapes::smooth(
        &[(-5.0, h * rng.f64()), (w * 0.35, h * rng.f64()), (w * 0.7, h * rng.f64()), (w + 5.0, h * rng.f64())],
        false,
    );
    c.stroke(&river, Rgb(120, 190, 225), s * 0.05);
    for _ in 0..3 {
        let (x, y) = (w * between(rng, 0.2, 0.8), h * between(rng, 0.25, 0.8));
        c.open(&format!(r#"transform="rotate(180 {x:.1} {y:.1})""#));
        c.fill(&shapes::drop(x, y, s * 0.05), t.all[1]);
        c.close();
        c.circle(x, y, s * 0.022, WHITE);
    }
    c.close();
}

fn shelf(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (w, h) = (c.w, c.h);
    if sky {
        c.ground(t.all[4].light(0.3));
    }
    let rows = rng.usize(2..4);
    let tall = h / rows as f64;
    for row in 0..rows {
        let floor = tall * (row as f64 + 0.9);
        let mut x = w * 0.05;
        while x < w * 0.9 {
            let ink = shade(rng, t);
            let size = tall * between(rng, 0.4, 0.72);
            match rng.u8(..5) {
                0..=2 => {
                    let wide = tall * between(rng, 0.08, 0.16);
                    c.rect(x, floor - size, wide, size, 1.0, ink);
                    c.rect(x, floor - size * 0.85, wide, size * 0.1, 0.0, ink.light(0.5));
                    c.rect(x, floor - size * 0.2, wide, size * 0.05, 0.0, ink.dark(0.4));
                    x += wide + 1.0;
                }
                3 => {
                    let r = size * 0.24;
                    c.rect(x, floor - size * 0.6, r * 2.0, size * 0.6, r * 0.5, ink);
                    c.rect(x + r * 0.65, floor - size, r * 0.7, size * 0.5, 0.0, ink);
                    c.rect(x + r * 0.55, floor - size, r * 0.9, size * 0.08, 0.0, ink.dark(0.5));
                    c.rect(x + r * 0.2, floor - size * 0.42, r * 1.6, size * 0.24, 0.0, ink.light(0.7));
                    c.circle(x + r, floor - size * 0.3, r * 0.35, t.all[1]);
                    x += r * 2.0 + tall * 0.08;
                }
                _ => {
                    let r = size * 0.22;
                    c.fill(
                        &polygon(&[
                            (x, floor - r * 1.3),
                            (x + r * 2.0, floor - r * 1.3),
                            (x + r * 1.6, floor),
                            (x + r * 0.4, floor),
                        ]),
                        Rgb(196, 108, 72),
                    );
                    for i in 0..5 {
                        c.fill(
                            &shapes::leaf(
                                x + r,
                                floor - r * 1.3,
                                size * 0.55,
                                size * 0.16,
                                -PI / 2.0 + (f64::from(i) - 2.0) * 0.45,
                            ),
                            Rgb(70, 140, 86).light(0.1 * f64::from(i)),
                        );
                    }
                    x += r * 2.0 + tall * 0.08;
                }
            }
        }
        c.rect(w * 0.02, floor, w * 0.96, tall * 0.07, 0.0, Rgb(150, 104, 70));
        c.rect(w * 0.02, floor + tall * 0.05, w * 0.96, tall * 0.03, 0.0, Rgb(110, 74, 50));
    }
}

fn underwater(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (w, h) = (c.w, c.h);
    let s = w.min(h);
    if sky {
        let sea = Rgb(24, 96, 140);
        for i in 0..4 {
            let y = h * f64::from(i) / 4.0;
            let line = if i == 0 {
                polygon(&[(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)])
            } else {
                shapes::hills(rng, w, y, h * 0.03, h)
            };
            c.fill(&line, sea.light(0.45 - 0.13 * f64::from(i)));
        }
    }
    let floor = shapes::hills(rng, w, h * 0.88, h * 0.04, h);
    c.fill(&floor, Rgb(232, 205, 150));
    for _ in 0..rng.usize(5..9) {
        let x = w * rng.f64();
        let ink = shade(rng, t);
        if chance(rng, 0.5) {
            for i in 0..3 {
                c.stroke(
                    &format!(
                        "M{x:.1} {:.1}q{:.1} {:.1} {:.1} {:.1}t{:.1} {:.1}",
                        h * 0.92,
                        8.0,
                        -s * 0.06,
                        f64::from(i) * 5.0 - 5.0,
                        -s * 0.12,
                        f64::from(i) * 6.0 - 6.0,
                        -s * between(rng, 0.06, 0.14)
                    ),
                    ink.mix(Rgb(50, 150, 90), 0.5),
                    s * 0.025,
                );
            }
        } else {
            let size = s * between(rng, 0.04, 0.09);
            let stone = shapes::blob(rng, x, h * 0.93, size, 0.25);
            c.fill(&stone, ink);
        }
    }
    for i in 0..rng.usize(4..8) {
        let (x, y) = (w * between(rng, 0.12, 0.88), h * between(rng, 0.12, 0.75));
        let r = s * between(rng, 0.06, 0.12);
        let side = if chance(rng, 0.5) { 1.0 } else { -1.0 };
        let ink = t.all[(i + 1) % 5].light(0.15);
        c.fill(
            &polygon(&[(x + side * r * 0.6, y), (x + side * r * 1.5, y - r * 0.6), (x + side * r * 1.5, y + r * 0.6)]),
            ink.dark(0.25),
        );
        c.ellipse(x, y, r, r * 0.6, ink);
        c.rect(x - r * 0.12, y - r * 0.55, r * 0.24, r * 1.1, r * 0.1, ink.light(0.5));
        c.fill(
            &format!("M{:.1} {:.1}q{:.1} {:.1} {:.1} 0Z", x - r * 0.3, y - r * 0.5, r * 0.3, -r * 0.6, r * 0.7),
            ink.dark(0.25),
        );
        c.circle(x - side * r * 0.55, y - r * 0.12, r * 0.14, WHITE);
        c.circle(x - side * r * 0.58, y - r * 0.12, r * 0.08, Rgb(20, 20, 30));
        for b in 0..3 {
            c.circle(
                x - side * r * (1.2 + 0.1 * f64::from(b)),
                y - r * 0.5 * f64::from(b + 1),
                r * 0.1,
                Rgb(210, 240, 250),
            );
        }
    }
}

fn space(c: &mut Canvas, rng: &mut Rng, t: &Theme, sky: bool) {
    let (w, h) = (c.w, c.h);
    let s = w.min(h);
    if sky {
        c.ground(t.all[0].dark(0.75));
    }
    for _ in 0..rng.usize(25..50) {
        let (x, y) = (w * rng.f64(), h * rng.f64());
        let r = between(rng, 0.5, 1.6);
        c.circle(x, y, r, if sky { Rgb(250, 245, 220) } else { t.all[1] });
    }
    for i in 0..rng.usize(2..5) {
        let (x, y) = (w * between(rng, 0.1, 0.9), h * between(rng, 0.1, 0.9));
        let r = s * between(rng, 0.06, 0.18);
        let ink = t.all[(i + 1) % 5].light(0.1);
        c.circle(x, y, r, ink);
        let clip = c.clip(&shapes::circle(x, y, r));
        c.open(&format!(r#"clip-path="{clip}""#));
        for k in 0..3 {
            let yy = y - r * 0.7 + r * 0.55 * f64::from(k);
            c.rect(x - r, yy, r * 2.0, r * between(rng, 0.1, 0.3), 0.0, ink.light(0.2 + 0.1 * f64::from(k)));
        }
        c.circle(x + r * 0.6, y + r * 0.5, r * 1.1, format!("{}\" fill-opacity=\"0.25", ink.dark(0.9)));
        c.close();
        if chance(rng, 0.5) {
            c.raw(format_args!(r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" transform="rotate(-20 {x:.1} {y:.1})" fill="none" stroke="{}" stroke-width="{:.1}"/>"#, r * 1.6, r * 0.35, ink.light(0.6), r * 0.12));
        }
    }
    let (x, y) = (w * between(rng, 0.35, 0.65), h * between(rng, 0.4, 0.6));
    c.open(&format!(r#"transform="rotate({} {x:.1} {y:.1})""#, rng.i32(-40..40)));
    let k = s * 0.2;
    c.fill(&polygon(&[(x - k * 0.3, y + k * 0.5), (x - k * 0.7, y + k * 1.0), (x - k * 0.2, y + k * 0.85)]), t.all[1]);
    c.fill(&polygon(&[(x + k * 0.3, y + k * 0.5), (x + k * 0.7, y + k * 1.0), (x + k * 0.2, y + k * 0.85)]), t.all[1]);
    c.fill(&shapes::drop(x, y + k * 1.25, k * 0.22), Rgb(255, 170, 60));
    c.fill(
        &format!(
            "M{x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}H{:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {:.1}Z",
            y - k * 1.2,
            x + k * 0.55,
            y - k * 0.6,
            x + k * 0.5,
            y + k * 0.4,
            x + k * 0.3,
            y + k * 0.9,
            x - k * 0.3,
            x - k * 0.5,
            y + k * 0.4,
            x - k * 0.55,
            y - k * 0.6,
            y - k * 1.2
        ),
        Rgb(240, 240, 245),
    );
    c.circle(x, y - k * 0.3, k * 0.22, t.all[2]);
    c.circle(x, y - k * 0.3, k * 0.15, Rgb(170, 220, 245));
    c.rect(x - k * 0.35, y + k * 0.6, k * 0.7, k * 0.12, 0.0, t.all[3]);
    c.close();
}
