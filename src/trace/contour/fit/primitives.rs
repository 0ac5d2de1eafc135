//! Rings that are one shape: a circle, an ellipse, an upright rectangle, with rounded corners or without, or a
//! regular polygon (`polygon`).
//!
//! A shape is accepted when its samples lie on it within what their σ and the description length allow.
//! The first guess comes from the area and the area moments of the ring, which no noise of a single sample
//! moves far; a few Gauss–Newton steps on the distances follow (Taubin 1991 for the distance of an
//! ellipse: value over gradient).

use super::{Curve, Track, polygon};
use crate::document::Point;
use crate::linear;

/// Mean half squared distance up to which a shape counts as the ring's own, σ²: one half is expected, and an
/// artist's circle of cubics has more.
const MAX_MEAN_COST: f64 = 1.1;

/// Largest weight of a sample, px⁻²: a σ of 0.03 px, by which an artist's own circle of four cubics strays.
const MAX_WEIGHT: f64 = 1100.0;

/// Farthest sample from a shape, px: a bump of half a pixel was drawn.
const MAX_DISTANCE: f64 = 0.45;

/// Least radius of a circle or ellipse, px: a smaller one cannot be told from other specks.
const MIN_RADIUS: f64 = 0.7;

/// Largest difference of the moments of a circle about two axes against their sum, a ratio: a pixel more or less
/// makes as much of a small one.
const MAX_SPREAD: f64 = 0.1;

/// Largest radius of an ellipse, px: beyond it the fit has run away.
const MAX_RADIUS: f64 = 1e5;

/// Area, centroid and second moments about it, of the polygon through the samples.
struct Moments {
    area: f64,
    center: Point,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Moments {
    /// How unlike the moments about the two principal axes are, in [0, 1]; 0 for circles and regular polygons.
    fn spread(&self) -> f64 {
        ((self.xx - self.yy).powi(2) + 4.0 * self.xy * self.xy).sqrt() / (self.xx + self.yy)
    }
}

fn moments(points: &[Point]) -> Option<Moments> {
    let origin = *points.first()?;
    let (mut a, mut x, mut y, mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (k, p) in points.iter().enumerate() {
        let (p, q) = (*p - origin, points[(k + 1) % points.len()] - origin);
        let c = p.cross(q);
        a += c / 2.0;
        x += c * (p.x + q.x) / 6.0;
        y += c * (p.y + q.y) / 6.0;
        xx += c * (p.x * p.x + p.x * q.x + q.x * q.x) / 12.0;
        yy += c * (p.y * p.y + p.y * q.y + q.y * q.y) / 12.0;
        xy += c * (2.0 * p.x * p.y + p.x * q.y + q.x * p.y + 2.0 * q.x * q.y) / 24.0;
    }
    if a.abs() < 0.2 {
        return None;
    }
    let (mx, my) = (x / a, y / a);
    Some(Moments {
        area: a.abs(),
        center: origin + Point::new(mx, my),
        xx: xx / a - mx * mx,
        xy: xy / a - mx * my,
        yy: yy / a - my * my,
    })
}

/// The shape that the closed `track` is, if it is one.
pub fn recognize(track: &Track) -> Option<Curve> {
    let ring = &track.points[..track.len().saturating_sub(1)];
    if ring.len() < 4 {
        return None;
    }
    let m = moments(ring)?;
    circle(track, &m)
        .or_else(|| ellipse(track, &m))
        .or_else(|| rectangle(track, &m))
        .or_else(|| if m.spread() < MAX_SPREAD { polygon::recognize(track, m.center, m.area) } else { None })
}

/// Whether the distances of all samples are as small as a shape's own; `numbers` is what it says.
pub(super) fn accept(track: &Track, numbers: f64, distance: impl Fn(Point) -> f64) -> Option<f64> {
    let n = track.len() - 1;
    let mut cost = 0.0;
    for (p, w) in track.points[..n].iter().zip(&track.weights) {
        let (d, w) = (distance(*p), w.min(MAX_WEIGHT));
        if !(d.abs() < MAX_DISTANCE + 2.0 / w.sqrt()) {
            return None;
        }
        cost += d * d * w / 2.0;
    }
    // Short rings: a few numbers saved are worth a little error.
    (cost < MAX_MEAN_COST * n as f64 + track.costs.number).then_some(cost + track.costs.number * numbers)
}

fn circle(track: &Track, m: &Moments) -> Option<Curve> {
    if m.spread() > MAX_SPREAD {
        return None;
    }
    let (mut c, mut r) = (m.center, (m.area / std::f64::consts::PI).sqrt());
    let n = track.len() - 1;
    for _ in 0..4 {
        // Normal equations of the distance |p - c| - r in (cx, cy, r).
        let mut a = [[0.0; 3]; 3];
        let mut b = [0.0; 3];
        for (p, w) in track.points[..n].iter().zip(&track.weights) {
            let v = *p - c;
            let length = v.length().max(1e-9);
            let row = [v.x / length, v.y / length, 1.0];
            let d = length - r;
            for i in 0..3 {
                for j in 0..3 {
                    a[i][j] += w * row[i] * row[j];
                }
                b[i] += w * row[i] * d;
            }
        }
        let step = linear::eliminate(a, b)?;
        c = c + Point::new(step[0], step[1]);
        r += step[2];
    }
    if !(r > MIN_RADIUS) || !c.is_finite() {
        return None;
    }
    accept(track, 3.0, |p| p.distance(c) - r)?;
    Some(Curve::Circle(c, r))
}

/// The distance of `p` from an ellipse, px, to first order (Taubin 1991), positive outside, and how it grows with its
/// centre, both radii and its angle.
pub(in crate::trace::contour) fn from_ellipse(p: Point, c: Point, rx: f64, ry: f64, angle: f64) -> (f64, [f64; 5]) {
    let (s, k) = angle.sin_cos();
    let v = p - c;
    let (u, w) = (v.x * k + v.y * s, -v.x * s + v.y * k);
    let f = (u / rx).powi(2) + (w / ry).powi(2);
    let root = f.sqrt().max(1e-9);
    // Distance along the gradient of sqrt(f), to first order.
    let (gu, gw) = (u / (rx * rx) / root, w / (ry * ry) / root);
    let g = gu.hypot(gw).max(1e-9);
    let d = (root - 1.0) / g;
    // How the distance grows when a parameter does.
    let dcu = -gu / g;
    let dcw = -gw / g;
    let drx = -(u * u) / (rx * rx * rx) / root / g;
    let dry = -(w * w) / (ry * ry * ry) / root / g;
    let dangle = (gu * w - gw * u) / g;
    (d, [dcu * k - dcw * s, dcu * s + dcw * k, drx, dry, dangle])
}

/// A Gauss–Newton step of an ellipse (centre, radii and the direction of the first) towards points with their weights.
pub(in crate::trace::contour) fn closer_ellipse(
    points: impl Iterator<Item = (Point, f64)>,
    (c, rx, ry, angle): (Point, f64, f64, f64),
) -> Option<(Point, f64, f64, f64)> {
    let (mut m, mut r) = ([[0.0; 5]; 5], [0.0; 5]);
    for (p, w) in points {
        let (off, row) = from_ellipse(p, c, rx, ry, angle);
        for i in 0..5 {
            for j in 0..5 {
                m[i][j] += w * row[i] * row[j];
            }
            r[i] -= w * row[i] * off;
        }
    }
    for (i, row) in m.iter_mut().enumerate() {
        row[i] *= 1.0 + 1e-9;
    }
    let step = linear::eliminate(m, r)?;
    Some((c + Point::new(step[0], step[1]), rx + step[2], ry + step[3], angle + step[4].clamp(-0.3, 0.3)))
}

fn ellipse(track: &Track, m: &Moments) -> Option<Curve> {
    let half = (m.xx - m.yy) / 2.0;
    let root = (half * half + m.xy * m.xy).sqrt();
    let mean = (m.xx + m.yy) / 2.0;
    if mean - root <= 0.0 {
        return None;
    }
    let (mut rx, mut ry) = (2.0 * (mean + root).sqrt(), 2.0 * (mean - root).sqrt());
    let mut angle = 0.5 * (2.0 * m.xy).atan2(m.xx - m.yy);
    let mut c = m.center;
    // An ellipse has the area of its moments.
    if (rx * ry * std::f64::consts::PI / m.area - 1.0).abs() > 0.05 + 1.0 / m.area {
        return None;
    }
    let n = track.len() - 1;
    for _ in 0..6 {
        let samples = track.points[..n].iter().copied().zip(track.weights.iter().copied());
        (c, rx, ry, angle) = closer_ellipse(samples, (c, rx, ry, angle))?;
    }
    let sound = [rx, ry].iter().all(|r| (MIN_RADIUS..MAX_RADIUS).contains(r)) && c.is_finite() && angle.is_finite();
    if !sound {
        return None;
    }
    accept(track, 4.0, |p| from_ellipse(p, c, rx, ry, angle).0)?;
    Some(Curve::Ellipse(c, rx, ry, angle))
}

fn rectangle(track: &Track, m: &Moments) -> Option<Curve> {
    let n = track.len() - 1;
    let ring = &track.points[..n];
    // Sides from the samples near each extreme, by weight.
    let bound = |f: &dyn Fn(Point) -> f64| ring.iter().map(|p| f(*p)).fold(f64::NEG_INFINITY, f64::max);
    let side = |f: &dyn Fn(Point) -> f64| {
        let most = bound(f);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (p, w) in ring.iter().zip(&track.weights).filter(|(p, _)| f(**p) > most - 0.2) {
            sum += w * f(*p);
            weight += w;
        }
        sum / weight
    };
    let low = Point::new(-side(&|p| -p.x), -side(&|p| -p.y));
    let high = Point::new(side(&|p| p.x), side(&|p| p.y));
    let size = high - low;
    if !(size.x > 0.8 && size.y > 0.8) {
        return None;
    }
    let missing = size.x * size.y - m.area;
    let mut radius = (missing.max(0.0) / (4.0 - std::f64::consts::PI)).sqrt();
    if radius < 0.6 {
        // What the samples beside a sharp corner cut off.
        radius = 0.0;
    }
    if radius > size.x.min(size.y) / 2.0 + 0.2 {
        return None;
    }
    radius = radius.min(size.x.min(size.y) / 2.0);
    let center = (low + high) * 0.5;
    let half = size * 0.5;
    let outside = |p: Point, r: f64| {
        let q = Point::new((p.x - center.x).abs() - half.x + r, (p.y - center.y).abs() - half.y + r);
        let outer = Point::new(q.x.max(0.0), q.y.max(0.0)).length();
        outer + q.x.max(q.y).min(0.0) - r
    };
    if radius > 0.0 {
        // The area says the radius only as well as the sides; the samples at the corners say it better.
        let cost = |r: f64| -> f64 { ring.iter().zip(&track.weights).map(|(p, w)| w * outside(*p, r).powi(2)).sum() };
        for step in [0.4, 0.15, 0.05, 0.02] {
            for _ in 0..4 {
                let here = cost(radius);
                if cost(radius + step) < here && radius + step <= half.x.min(half.y) {
                    radius += step;
                } else if radius > step && cost(radius - step) < here {
                    radius -= step;
                } else {
                    break;
                }
            }
        }
    }
    // Samples at a sharp corner are rounded; they say nothing about the sides.
    let corners = [low, high, Point::new(low.x, high.y), Point::new(high.x, low.y)];
    let distance = |p: Point| {
        if radius == 0.0 && corners.iter().any(|c| c.distance(p) < 1.2) { 0.0 } else { outside(p, radius) }
    };
    accept(track, if radius > 0.0 { 5.0 } else { 4.0 }, distance)?;
    Some(Curve::Rect(low, high, radius))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::fit::Costs;
    use crate::trace::contour::subpixel::Sample;

    fn ring(n: usize, point: impl Fn(f64) -> Point) -> Track {
        let mut random = fastrand::Rng::with_seed(3);
        let mut noise = move || (random.f64() - 0.5) * 0.04;
        let mut samples: Vec<Sample> = (0..n)
            .map(|k| point(k as f64 / n as f64) + Point::new(noise(), noise()))
            .map(|point| Sample { point, sigma: 0.02 })
            .collect();
        samples.push(samples[0]);
        Track::new(samples.into_iter(), Costs { number: 8.5, sigma: 0.035 })
    }

    #[test]
    fn circles_and_ellipses_are_recognized_to_a_hundredth() {
        let turn = |t: f64| (t * std::f64::consts::TAU).sin_cos();
        let round = |t| Point::new(20.3 + 11.7 * turn(t).1, 31.6 + 11.7 * turn(t).0);
        let Some(Curve::Circle(c, r)) = recognize(&ring(80, round)) else { panic!("no circle") };
        assert!(c.distance(Point::new(20.3, 31.6)) < 0.01 && (r - 11.7).abs() < 0.01, "{c:?} {r}");
        let (s, k) = 0.4f64.sin_cos();
        let oval = |t| {
            let (y, x) = (7.0 * turn(t).0, 15.0 * turn(t).1);
            Point::new(40.0 + x * k - y * s, 30.0 + x * s + y * k)
        };
        let Some(Curve::Ellipse(c, rx, ry, angle)) = recognize(&ring(120, oval)) else { panic!("no ellipse") };
        assert!(c.distance(Point::new(40.0, 30.0)) < 0.02);
        assert!((rx - 15.0).abs() < 0.02 && (ry - 7.0).abs() < 0.02 && (angle - 0.4).abs() < 0.01, "{rx} {ry} {angle}");
    }

    #[test]
    fn a_square_is_no_circle_and_a_rounded_one_keeps_its_radius() {
        let side = |t: f64| match (t * 4.0) as usize {
            0 => Point::new(10.25 + t * 80.0, 5.5),
            1 => Point::new(30.25, 5.5 + (t - 0.25) * 80.0),
            2 => Point::new(30.25 - (t - 0.5) * 80.0, 25.5),
            _ => Point::new(10.25, 25.5 - (t - 0.75) * 80.0),
        };
        let Some(Curve::Rect(a, b, r)) = recognize(&ring(80, side)) else { panic!("no rectangle") };
        assert!(a.distance(Point::new(10.25, 5.5)) < 0.02 && b.distance(Point::new(30.25, 25.5)) < 0.02 && r == 0.0);
    }
}
