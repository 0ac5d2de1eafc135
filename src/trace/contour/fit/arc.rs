//! Circular arcs. Between two points an arc is given by half of its sweep alone; its points are the image
//! of a straight line under a Möbius map, so that position and derivatives are closed forms for any sweep.
//! The circle closest to points is Kåsa's (1976): linear in its parameters.

use super::Track;
use crate::document::Point;

/// A fitted arc.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArcFit {
    pub(super) start: Point,
    pub(super) end: Point,
    /// Half of the sweep, radians, positive to the right (y is down).
    pub(super) half: f64,
    pub(super) cost: f64,
}

/// Price of an arc, numbers: it writes six, but says only one more than a line does, and one radius twice.
pub(in crate::trace::contour) const NUMBERS: f64 = 5.0;

/// Samples at which an arc is held against its points, a count: its few unknowns need no more.
const CHECKS: usize = 24;

/// Most chords that a cubic is drawn as, a count: what Skia and its kin make of a long one, and it cuts off a little of
/// every bulge.
const MOST_CHORDS: f64 = 64.0;

/// Fewest of them, a count: those of a bend of a few pixels.
const LEAST_CHORDS: f64 = 16.0;

/// Second derivative from which a cubic is drawn as that many, px: that of a quarter circle of 60 px, in a picture that was
/// drawn at eight times its size.
const BENT: f64 = 148.0;

/// Smallest radius of an arc, px: anti-aliasing makes as much of a sharp corner.
const MIN_RADIUS: f64 = 0.5;

/// Largest radius of an arc against its chord, a ratio: it rises by a hundredth of its chord then, and beyond
/// that it is a line.
const MAX_RADIUS_TO_CHORD: f64 = 12.0;

/// Largest half sweep of an arc, radians: 320 degrees are one arc, a ring is not.
const MAX_HALF: f64 = 2.8;

/// The point at parameter `t` in [0, 1] of the arc from `a` to `b` with half sweep `half`.
pub fn arc_point(a: Point, b: Point, half: f64, t: f64) -> Point {
    let (f, _) = arc_mobius(half.sin_cos(), t);
    let v = b - a;
    a + Point::new(v.x * f.x - v.y * f.y, v.x * f.y + v.y * f.x)
}

/// The Möbius parameter `f` of an arc as a complex number (0 at the start, 1 at the end), and its derivative
/// with respect to `half`, whose sine and cosine are given.
pub fn arc_mobius((s, c): (f64, f64), t: f64) -> (Point, Point) {
    // f = t / (t + (1 - t) c), c = exp(i half): the arc with the given sweep, walked evenly for small ones.
    let u = 1.0 - t;
    let (dr, di) = (t + u * c, u * s);
    let n = dr * dr + di * di;
    let f = Point::new(t * dr / n, -t * di / n);
    // df/dhalf = -t u i c / d².
    let (er, ei) = (dr * dr - di * di, 2.0 * dr * di);
    let m = er * er + ei * ei;
    let (nr, ni) = (t * u * s, -t * u * c);
    let d = Point::new((nr * er + ni * ei) / m, (ni * er - nr * ei) / m);
    (f, d)
}

/// Half of the sweep of the arc from `a` to `b` through `via`, radians.
pub fn arc_sweep(a: Point, via: Point, b: Point) -> f64 {
    // The inscribed angle at `via` is the supplement of half of the sweep.
    let (u, v) = (a - via, b - via);
    let inscribed = u.cross(v).atan2(u.dot(v));
    if inscribed >= 0.0 { inscribed - std::f64::consts::PI } else { inscribed + std::f64::consts::PI }
}

/// Half of the sweep, radians, of the part of the arc from `a` to `b` with half sweep `half` that begins nearest to `start` and
/// ends nearest to `end`, which are not far from its ends.
pub(super) fn trim(a: Point, b: Point, half: f64, start: Point, end: Point) -> f64 {
    let (center, _) = arc_circle(a, b, half);
    let turn = |from: Point, to: Point| {
        let (u, v) = (from - center, to - center);
        u.cross(v).atan2(u.dot(v))
    };
    let trimmed = half + (turn(b, end) - turn(a, start)) / 2.0;
    if trimmed.is_finite() && trimmed * half > 0.0 && trimmed.abs() < MAX_HALF { trimmed } else { half }
}

/// Centre and radius, px, of the circle that the arc from `a` to `b` with half sweep `half` is a part of. The radius is
/// negative where the arc turns to the left.
pub fn arc_circle(a: Point, b: Point, half: f64) -> (Point, f64) {
    let radius = a.distance(b) / 2.0 / half.sin();
    ((a + b) * 0.5 + (b - a).unit().turned() * (radius * half.cos()), radius)
}

/// How much farther from its centre an arc of so much sweep, radians, and of so much radius, px, is drawn at a share of
/// it, a share of its radius.
///
/// Renderers and drawing programs draw arcs as cubics of at most a quarter circle, which touch it at both ends and in
/// the middle and are outside it everywhere else, by 0.00027 of the radius at most (Goldapp 1991): 0.04 px at 150 px.
/// A third of that and more is lost as these are drawn as chords.
pub fn swell(sweep: f64, radius: f64, share: f64) -> f64 {
    let sweep = sweep.abs();
    let cubics = (sweep / std::f64::consts::FRAC_PI_2 - 1e-6).ceil().max(1.0);
    let step = sweep / cubics;
    let (s, c) = (step / 4.0).sin_cos();
    let u = (share * cubics).fract();
    let wave = u * (1.0 - u) * (1.0 - 2.0 * u);
    let n = chords(radius.abs() * step * step);
    8.0 * s.powi(6) / (c * c) * wave * wave - step * step / (12.0 * n * n)
}

/// As how many chords a cubic is drawn whose second derivative is so large, px: of more as it bends farther, up to
/// 64.
pub fn chords(second: f64) -> f64 {
    (MOST_CHORDS * (second / BENT).sqrt()).clamp(LEAST_CHORDS, MOST_CHORDS)
}

/// The arc between breaks `i` and `j` of `track`, when there is one.
pub(super) fn fit(track: &Track, i: usize, j: usize) -> Option<ArcFit> {
    let (from, to) = track.inner(i, j);
    if to - from < 4 {
        return None;
    }
    let s = track.sums(from, to);
    let (mx, my, mz) = (s.x / s.w, s.y / s.w, s.z / s.w);
    let (xx, xy, yy) = (s.xx - s.x * mx, s.xy - s.x * my, s.yy - s.y * my);
    let (zx, zy) = (s.zx - s.z * mx, s.zy - s.z * my);
    let det = xx * yy - xy * xy;
    if det <= 1e-9 * (xx + yy) * (xx + yy) {
        return None;
    }
    let (cx, cy) = ((zx * yy - zy * xy) / det / 2.0, (zy * xx - zx * xy) / det / 2.0);
    let r2 = mz - 2.0 * (cx * mx + cy * my) + cx * cx + cy * cy;
    let r = r2.max(0.0).sqrt();
    let center = track.origin + Point::new(cx, cy);
    let (a, b) = (track.points[i], track.points[j]);
    let chord = a.distance(b);
    if !r.is_finite() || r < MIN_RADIUS || r > MAX_RADIUS_TO_CHORD * chord {
        return None;
    }
    let on_circle = |p: Point| center + (p - center).unit() * r;
    let (start, end) = (on_circle(a), on_circle(b));
    let middle = on_circle(track.points[(from + to - 1) / 2]);
    let half = arc_sweep(start, middle, end);
    if half.abs() > MAX_HALF {
        return None;
    }
    let mut chi = 0.0;
    let mut checked = 0.0;
    for k in Track::thin(from, to, CHECKS) {
        let d = track.points[k].distance(center) - r;
        chi += d * d * track.weights[k];
        checked += 1.0;
    }
    chi *= (to - from) as f64 / checked;
    Some(ArcFit { start, end, half, cost: chi / 2.0 + track.costs.number * NUMBERS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swell_is_that_of_a_cubic_less_what_its_chords_cut_off() {
        use crate::trace::contour::fit::cubic;
        for (step, r) in [(std::f64::consts::FRAC_PI_2, 200.0), (1.0, 300.0), (0.4, 900.0)] {
            let arm = 4.0 / 3.0 * f64::tan(step / 4.0) * r;
            let point = |a: f64| Point::new(r * a.cos(), r * a.sin());
            let along = |a: f64| Point::new(-a.sin(), a.cos()) * arm;
            let c = [point(0.0), point(0.0) + along(0.0), point(step) - along(step), point(step)];
            // Area between the chords and the circle, over the length of the arc and its radius.
            let n = chords(r * step * step) as usize;
            let places: Vec<Point> = (0..=n).map(|k| cubic::at(c, k as f64 / n as f64)).collect();
            let area: f64 = places.windows(2).map(|w| w[0].cross(w[1]) / 2.0).sum();
            let mean = (area - r * r * step / 2.0) / (r * step) / r;
            let wanted = (0..1000).map(|k| swell(step, r, (f64::from(k) + 0.5) / 1000.0)).sum::<f64>() / 1000.0;
            assert!((mean - wanted).abs() < 2e-6, "{step}: {mean} and {wanted}");
        }
    }

    #[test]
    fn an_arc_lies_on_its_circle_for_any_sweep() {
        for sweep in [-5.4, -3.2, -1.0, -0.1, 0.2, 1.5, 3.1, 5.0f64] {
            let r = 7.0;
            let point = |a: f64| Point::new(3.0 + r * a.cos(), 4.0 + r * a.sin());
            let (a, b) = (point(0.3), point(0.3 + sweep));
            for t in [0.0, 0.2, 0.5, 0.9, 1.0] {
                let p = arc_point(a, b, sweep / 2.0, t);
                assert!((p.distance(Point::new(3.0, 4.0)) - r).abs() < 1e-9, "{sweep} {t}");
            }
            let via = point(0.3 + sweep * 0.4);
            assert!((arc_sweep(a, via, b) - sweep / 2.0).abs() < 1e-9, "{sweep}: {}", arc_sweep(a, via, b));
            let (f1, d) = arc_mobius((sweep / 2.0).sin_cos(), 0.3);
            let (f2, _) = arc_mobius((sweep / 2.0 + 1e-6).sin_cos(), 0.3);
            assert!(((f2 - f1) * 1e6).distance(d) < 1e-4);
        }
    }
}
