//! Outlines as SVG path data.

use std::f64::consts::{PI, TAU};
use std::fmt::Write;

use fastrand::Rng;

use super::canvas::between;

/// A point, user units.
pub(super) type P = (f64, f64);

/// Closed polygon through `points`.
pub(super) fn polygon(points: &[P]) -> String {
    let mut d = polyline(points);
    d.push('Z');
    d
}

/// Open line through `points`.
pub(super) fn polyline(points: &[P]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(d, "{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' });
    }
    d
}

/// Point at `angle` (radians, clockwise from the right) on a circle.
pub(super) fn polar(cx: f64, cy: f64, r: f64, angle: f64) -> P {
    (cx + r * angle.cos(), cy + r * angle.sin())
}

/// Regular polygon of `n` corners; `turn` in radians, 0 puts a corner on top.
pub(super) fn regular(cx: f64, cy: f64, r: f64, n: usize, turn: f64) -> String {
    let points: Vec<P> = (0..n).map(|i| polar(cx, cy, r, turn - PI / 2.0 + TAU * i as f64 / n as f64)).collect();
    polygon(&points)
}

/// Star of `n` points with inner radius `r * inner`.
pub(super) fn star(cx: f64, cy: f64, r: f64, inner: f64, n: usize) -> String {
    let points: Vec<P> = (0..2 * n)
        .map(|i| polar(cx, cy, if i % 2 == 0 { r } else { r * inner }, -PI / 2.0 + PI * i as f64 / n as f64))
        .collect();
    polygon(&points)
}

/// Circle as path data.
pub(super) fn circle(cx: f64, cy: f64, r: f64) -> String {
    format!("M{:.2} {cy:.2}a{r:.2} {r:.2} 0 1 1 {:.2} 0a{r:.2} {r:.2} 0 1 1 {:.2} 0Z", cx - r, 2.0 * r, -2.0 * r)
}

/// Rounded rectangle as path data.
pub(super) fn round_rect(x: f64, y: f64, w: f64, h: f64, r: f64) -> String {
    let r = r.min(w / 2.0).min(h / 2.0);
    format!(
        "M{:.2} {y:.2}h{:.2}a{r:.2} {r:.2} 0 0 1 {r:.2} {r:.2}v{:.2}a{r:.2} {r:.2} 0 0 1 {:.2} {r:.2}h{:.2}a{r:.2} {r:.2} 0 0 1 {:.2} {:.2}v{:.2}a{r:.2} {r:.2} 0 0 1 {r:.2} {:.2}Z",
        x + r,
        w - 2.0 * r,
        h - 2.0 * r,
        -r,
        -(w - 2.0 * r),
        -r,
        -r,
        -(h - 2.0 * r),
        -r
    )
}

/// Heart about `s` wide, centred.
pub(super) fn heart(cx: f64, cy: f64, s: f64) -> String {
    let p = |x: f64, y: f64| format!("{:.1} {:.1}", cx + x * s, cy + y * s);
    format!(
        "M{}C{} {} {}C{} {} {}C{} {} {}C{} {} {}Z",
        p(0.0, 0.45),
        p(-0.35, 0.2),
        p(-0.5, 0.0),
        p(-0.5, -0.18),
        p(-0.5, -0.46),
        p(-0.12, -0.5),
        p(0.0, -0.22),
        p(0.12, -0.5),
        p(0.5, -0.46),
        p(0.5, -0.18),
        p(0.5, 0.0),
        p(0.35, 0.2),
        p(0.0, 0.45)
    )
}

/// Leaf or petal from `(x, y)` of length `len` towards `angle`, `width` wide.
pub(super) fn leaf(x: f64, y: f64, len: f64, width: f64, angle: f64) -> String {
    let (dx, dy) = (angle.cos(), angle.sin());
    let at = |t: f64, side: f64| (x + dx * len * t - dy * width * side, y + dy * len * t + dx * width * side);
    let (a, b, c, d, e) = (at(0.3, 0.6), at(0.8, 0.55), at(1.0, 0.0), at(0.8, -0.55), at(0.3, -0.6));
    format!(
        "M{x:.1} {y:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {y:.1}Z",
        a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1, e.0, e.1
    )
}

/// Drop with its point on top.
pub(super) fn drop(cx: f64, cy: f64, r: f64) -> String {
    format!(
        "M{cx:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}A{r:.1} {r:.1} 0 1 1 {:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {cx:.1} {:.1}Z",
        cy - 1.6 * r,
        cx - 0.3 * r,
        cy - 0.9 * r,
        cx - r,
        cy - 0.4 * r,
        cx - r,
        cy + 0.2 * r,
        cx + r,
        cy + 0.2 * r,
        cx + r,
        cy - 0.4 * r,
        cx + 0.3 * r,
        cy - 0.9 * r,
        cy - 1.6 * r
    )
}

/// Crescent, open to the right.
pub(super) fn crescent(cx: f64, cy: f64, r: f64) -> String {
    let (x, y) = (cx + 0.45 * r, 0.89 * r);
    format!(
        "M{x:.1} {:.1}A{r:.1} {r:.1} 0 1 0 {x:.1} {:.1}A{:.1} {:.1} 0 1 1 {x:.1} {:.1}Z",
        cy - y,
        cy + y,
        0.9 * r,
        0.9 * r,
        cy - y
    )
}

/// Shield, `s` high.
pub(super) fn shield(cx: f64, cy: f64, s: f64) -> String {
    let p = |x: f64, y: f64| format!("{:.1} {:.1}", cx + x * s, cy + y * s);
    format!(
        "M{}L{}L{}C{} {} {}C{} {} {}Z",
        p(-0.42, -0.42),
        p(0.0, -0.5),
        p(0.42, -0.42),
        p(0.44, 0.1),
        p(0.3, 0.36),
        p(0.0, 0.5),
        p(-0.3, 0.36),
        p(-0.44, 0.1),
        p(-0.42, -0.42)
    )
}

/// Cloud, `s` wide, its flat bottom at `y`.
pub(super) fn cloud(x: f64, y: f64, s: f64) -> String {
    format!(
        "M{:.1} {y:.1}a{a:.1} {a:.1} 0 0 1 {:.1} {:.1}a{b:.1} {b:.1} 0 0 1 {:.1} {:.1}a{c:.1} {c:.1} 0 0 1 {:.1} {:.1}Z",
        x - s * 0.35,
        s * 0.03,
        -s * 0.3,
        s * 0.4,
        -s * 0.06,
        s * 0.27,
        s * 0.36,
        a = s * 0.15,
        b = s * 0.21,
        c = s * 0.18
    )
}

/// Gear of `n` teeth with a hole (even-odd).
pub(super) fn gear(cx: f64, cy: f64, r: f64, n: usize) -> String {
    let mut points = Vec::new();
    for i in 0..n {
        let a = TAU * i as f64 / n as f64;
        let t = TAU / n as f64;
        points.push(polar(cx, cy, r * 0.78, a - 0.27 * t));
        points.push(polar(cx, cy, r, a - 0.17 * t));
        points.push(polar(cx, cy, r, a + 0.17 * t));
        points.push(polar(cx, cy, r * 0.78, a + 0.27 * t));
    }
    polygon(&points) + &circle(cx, cy, r * 0.34)
}

/// Part of a ring between two angles, radians.
pub(super) fn sector(cx: f64, cy: f64, inner: f64, outer: f64, from: f64, to: f64) -> String {
    let large = u8::from(to - from > PI);
    let (a, b, c, d) =
        (polar(cx, cy, outer, from), polar(cx, cy, outer, to), polar(cx, cy, inner, to), polar(cx, cy, inner, from));
    format!(
        "M{:.2} {:.2}A{outer:.2} {outer:.2} 0 {large} 1 {:.2} {:.2}L{:.2} {:.2}A{inner:.2} {inner:.2} 0 {large} 0 {:.2} {:.2}Z",
        a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1
    )
}

/// Lightning bolt, `s` high.
pub(super) fn bolt(cx: f64, cy: f64, s: f64) -> String {
    let at = |x: f64, y: f64| (cx + x * s, cy + y * s);
    polygon(&[at(0.1, -0.5), at(-0.3, 0.08), at(-0.03, 0.08), at(-0.12, 0.5), at(0.3, -0.12), at(0.04, -0.12)])
}

/// Smooth line through `points` (Catmull-Rom as cubics); `closed` joins the ends.
pub(super) fn smooth(points: &[P], closed: bool) -> String {
    let n = points.len();
    if n < 3 {
        return polyline(points);
    }
    let at = |i: isize| {
        if closed { points[i.rem_euclid(n as isize) as usize] } else { points[i.clamp(0, n as isize - 1) as usize] }
    };
    let mut d = format!("M{:.1} {:.1}", points[0].0, points[0].1);
    let segments = if closed { n } else { n - 1 };
    for i in 0..segments as isize {
        let (p0, p1, p2, p3) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        let _ = write!(
            d,
            "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            p1.0 + (p2.0 - p0.0) / 6.0,
            p1.1 + (p2.1 - p0.1) / 6.0,
            p2.0 - (p3.0 - p1.0) / 6.0,
            p2.1 - (p3.1 - p1.1) / 6.0,
            p2.0,
            p2.1
        );
    }
    if closed {
        d.push('Z');
    }
    d
}

/// Rounded random outline about `r` in radius; `rough` in [0, 1] is how uneven.
pub(super) fn blob(rng: &mut Rng, cx: f64, cy: f64, r: f64, rough: f64) -> String {
    let n = rng.usize(6..11);
    let turn = between(rng, 0.0, TAU);
    let points: Vec<P> = (0..n)
        .map(|i| {
            let radius = r * between(rng, 1.0 - rough, 1.0 + rough * 0.4);
            polar(cx, cy, radius, turn + TAU * i as f64 / n as f64)
        })
        .collect();
    smooth(&points, true)
}

/// A hilly line from left to right closed along the bottom `floor`.
pub(super) fn hills(rng: &mut Rng, w: f64, y: f64, swing: f64, floor: f64) -> String {
    let n = rng.usize(4..8);
    let points: Vec<P> = (0..=n).map(|i| (w * i as f64 / n as f64, y + between(rng, -swing, swing))).collect();
    format!("{}L{w:.1} {floor:.1}L0 {floor:.1}Z", smooth(&points, false))
}

/// A jagged mountain line closed along the bottom `floor`.
pub(super) fn peaks(rng: &mut Rng, w: f64, y: f64, swing: f64, floor: f64) -> String {
    let n = rng.usize(2..5) * 2;
    let mut points = vec![(0.0, floor)];
    for i in 0..=n {
        let up = if i % 2 == 1 { between(rng, 0.6, 1.0) } else { between(rng, 0.0, 0.35) };
        points.push((w * (i as f64 + between(rng, -0.2, 0.2)).clamp(0.0, n as f64) / n as f64, y - swing * up));
    }
    points.push((w, floor));
    polygon(&points)
}
