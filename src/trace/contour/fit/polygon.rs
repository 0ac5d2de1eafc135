//! Rings that are a regular polygon, from a triangle to a dodecagon.
//!
//! Around such a ring the distance from its centre is a wave with as many periods as there are corners: the
//! strongest frequency is their number, and its phase the direction of one. Gauss–Newton steps on the distances
//! of the samples from their sides follow. It is a polygon when that is the shorter description: four
//! numbers, against two for each of its sides as a line of its own.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::{Curve, Track, primitives};
use crate::document::Point;
use crate::linear;

/// Fewest and most corners, a count: one with more is taken for a circle, and drawn as seldom.
const CORNERS: [usize; 2] = [3, 12];

/// Distance along a side from its corners within which samples do not count, px: a corner rounds them.
const CORNER: f64 = 1.2;

/// Farthest that such a sample lies from its side, px: the sharpest corner, of a triangle, rounds off half as much.
const ROUNDED: f64 = 0.8;

/// Gauss–Newton steps, a count: the first guess is good to a tenth of a pixel, and each squares what is left.
const STEPS: usize = 5;

/// Numbers that a polygon says, numbers: centre, radius and direction.
const NUMBERS: f64 = 4.0;

/// Numbers of a line in a path, numbers: its end.
const LINE_NUMBERS: f64 = 2.0;

/// A regular polygon: centre, radius of its corners, direction of one, and how many there are.
#[derive(Debug, Clone, Copy)]
struct Regular {
    center: Point,
    radius: f64,
    angle: f64,
    corners: usize,
}

/// A sample beside a side.
struct Beside {
    /// Which side, from 0.
    side: usize,
    /// Signed distance from the side, px.
    distance: f64,
    /// How that grows with centre, radius and angle.
    slopes: [f64; 4],
    /// Whether it is so near a corner that it is rounded.
    rounded: bool,
}

impl Regular {
    /// The angle between two corners, seen from the centre, radians.
    fn turn(&self) -> f64 {
        TAU / self.corners as f64
    }

    fn beside(&self, p: Point) -> Beside {
        let v = p - self.center;
        let sector = ((v.y.atan2(v.x) - self.angle) / self.turn()).floor();
        let (s, c) = (self.angle + (sector + 0.5) * self.turn()).sin_cos();
        let normal = Point::new(c, s);
        let along = v.dot(normal.turned());
        let (half, height) = (self.turn() / 2.0).sin_cos();
        Beside {
            side: sector.rem_euclid(self.corners as f64) as usize % self.corners,
            distance: v.dot(normal) - self.radius * height,
            slopes: [-normal.x, -normal.y, -height, along],
            rounded: along.abs() > self.radius * half - CORNER,
        }
    }
}

/// Corner `k` of a regular polygon of `n`, turning right (y is down).
pub fn corner(center: Point, radius: f64, angle: f64, n: usize, k: usize) -> Point {
    let (s, c) = (angle + TAU * k as f64 / n as f64).sin_cos();
    center + Point::new(c, s) * radius
}

/// All corners of it in order.
pub fn corners(center: Point, radius: f64, angle: f64, n: usize) -> impl Iterator<Item = Point> {
    (0..n).map(move |k| corner(center, radius, angle, n, k))
}

/// How far a polygon has to be turned for a corner or a side to face along an axis, radians; the least way.
pub fn off_axis(angle: f64, corners: usize) -> f64 {
    // Corners and sides take turns; the axes are a quarter apart.
    let step = TAU / corners as f64 / 2.0;
    (0..4)
        .map(|quarter| {
            let d = f64::from(quarter) * FRAC_PI_2 - angle;
            d - (d / step).round() * step
        })
        .min_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or(0.0)
}

/// The regular polygon that the closed `track` is, if it is one; `center` and `area` are those of its ring.
pub(super) fn recognize(track: &Track, center: Point, area: f64) -> Option<Curve> {
    let ring = &track.points[..track.len() - 1];
    let (count, angle) = waves(ring, center)?;
    let turn = TAU / count as f64;
    let radius = (area / (count as f64 / 2.0 * turn.sin())).sqrt();
    let mut found = Regular { center, radius, angle, corners: count };
    for _ in 0..STEPS {
        let mut m = [[0.0; 4]; 4];
        let mut r = [[0.0]; 4];
        for (p, w) in ring.iter().zip(&track.weights) {
            let b = found.beside(*p);
            if b.rounded {
                continue;
            }
            for i in 0..4 {
                for j in 0..=i {
                    m[i][j] += w * b.slopes[i] * b.slopes[j];
                }
                r[i][0] -= w * b.slopes[i] * b.distance;
            }
        }
        let step = linear::factorise(m, r)?.map(|[v]| v);
        found.center = found.center + Point::new(step[0], step[1]);
        found.radius += step[2];
        found.angle += step[3];
    }
    let sound = found.center.is_finite() && found.radius.is_finite() && found.angle.is_finite();
    if !sound || found.radius <= 0.0 {
        return None;
    }
    primitives::accept(track, NUMBERS, |p| {
        let b = found.beside(p);
        if b.rounded && b.distance.abs() < ROUNDED { 0.0 } else { b.distance }
    })?;
    is_shorter(track, &found).then_some(Curve::Polygon(found.center, found.radius, found.angle, count))
}

/// The number of corners, and the direction of one, radians.
fn waves(ring: &[Point], center: Point) -> Option<(usize, f64)> {
    let polar: Vec<(f64, f64)> = ring.iter().map(|p| *p - center).map(|v| (v.length(), v.y.atan2(v.x))).collect();
    let pairs = || polar.iter().zip(polar.iter().cycle().skip(1));
    let turned = |a: f64, b: f64| (b - a + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0;
    // A ring that turns left gives the opposite of every wave.
    let sign = pairs().map(|((_, a), (_, b))| turned(*a, *b)).sum::<f64>().signum();
    (CORNERS[0]..=CORNERS[1])
        .map(|n| {
            let (mut re, mut im) = (0.0, 0.0);
            for ((r, a), (next, b)) in pairs() {
                let by = turned(*a, *b);
                let (s, c) = (n as f64 * (a + by / 2.0)).sin_cos();
                let weight = sign * by * (r + next) / 2.0;
                re += weight * c;
                im += weight * s;
            }
            (n, im.hypot(re), im.atan2(re) / n as f64)
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(n, _, angle)| (n, angle))
}

/// Whether the polygon says the same in less than a line for each of its sides would.
fn is_shorter(track: &Track, found: &Regular) -> bool {
    // Weighted moments of the samples beside each side: the least χ² of a line follows from them.
    let mut sides = vec![[0.0; 6]; found.corners];
    let mut chi = 0.0;
    let n = track.len() - 1;
    for (p, w) in track.points[..n].iter().zip(&track.weights) {
        let b = found.beside(*p);
        if b.rounded {
            continue;
        }
        chi += w * b.distance * b.distance;
        let q = *p - found.center;
        for (sum, v) in sides[b.side].iter_mut().zip([1.0, q.x, q.y, q.x * q.x, q.x * q.y, q.y * q.y]) {
            *sum += w * v;
        }
    }
    let mut lines = 0.0;
    for [w, x, y, xx, xy, yy] in sides {
        // A side that no sample tells may be anywhere.
        if w <= 0.0 {
            return false;
        }
        let (xx, xy, yy) = (xx - x * x / w, xy - x * y / w, yy - y * y / w);
        let half = (xx - yy) / 2.0;
        lines += ((xx + yy) / 2.0 - (half * half + xy * xy).sqrt()).max(0.0);
    }
    let number = track.costs.number;
    chi / 2.0 + NUMBERS * number < lines / 2.0 + LINE_NUMBERS * found.corners as f64 * number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::fit::Costs;
    use crate::trace::contour::subpixel::Sample;

    /// Samples a pixel apart along the polygon through `corners`, with noise.
    fn track(corners: &[Point], seed: u64) -> Track {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut samples = Vec::new();
        for (k, a) in corners.iter().enumerate() {
            let side = corners[(k + 1) % corners.len()] - *a;
            let n = side.length().round() as usize;
            for i in 0..n {
                let noise = Point::new(random.f64() - 0.5, random.f64() - 0.5) * 0.04;
                samples.push(Sample { point: *a + side * ((i as f64 + 0.5) / n as f64) + noise, sigma: 0.015 });
            }
        }
        samples.push(samples[0]);
        Track::new(samples.into_iter(), Costs::default())
    }

    #[test]
    fn regular_polygons_are_recognized_to_a_hundredth_either_way_around() {
        let mut random = fastrand::Rng::with_seed(9);
        for n in CORNERS[0]..=CORNERS[1] {
            for _ in 0..10 {
                let center = Point::new(40.0 + random.f64(), 40.0 + random.f64());
                // Tilted, so that a square is no rectangle.
                let (radius, angle) = (20.0 + 10.0 * random.f64(), 0.1 + 0.2 * random.f64());
                let mut ring: Vec<Point> = corners(center, radius, angle, n).collect();
                if random.bool() {
                    ring.reverse();
                }
                let Some(Curve::Polygon(c, r, a, found)) = primitives::recognize(&track(&ring, random.u64(..))) else {
                    panic!("no polygon of {n} corners, {radius} px at {angle}")
                };
                assert_eq!(found, n);
                let turn = TAU / n as f64;
                let off = ((a - angle) / turn - ((a - angle) / turn).round()) * turn * radius;
                assert!(
                    c.distance(center) < 0.02 && (r - radius).abs() < 0.02 && off.abs() < 0.03,
                    "{n}: {c:?} {r} {off}"
                );
            }
        }
    }

    #[test]
    fn what_is_nearly_regular_is_not() {
        let ring: Vec<Point> = corners(Point::new(40.0, 40.0), 25.0, 0.2, 6).collect();
        assert!(matches!(primitives::recognize(&track(&ring, 1)), Some(Curve::Polygon(..))));
        for k in 0..6 {
            let mut odd = ring.clone();
            odd[k] = odd[k] + Point::new(0.0, 0.4);
            assert_eq!(primitives::recognize(&track(&odd, 1)), None, "corner {k}");
        }
        // Cut corners.
        let cut: Vec<Point> = (0..6)
            .flat_map(|k| [(k + 5) % 6, (k + 1) % 6].map(|other| ring[k] + (ring[other] - ring[k]).unit() * 3.0))
            .collect();
        assert_eq!(primitives::recognize(&track(&cut, 1)), None);
    }

    #[test]
    fn an_upright_polygon_is_told() {
        for n in CORNERS[0]..=CORNERS[1] {
            for angle in [0.0, FRAC_PI_2, -FRAC_PI_2, TAU / n as f64 / 2.0] {
                assert!(off_axis(angle, n).abs() < 1e-9, "{n} {angle}");
                assert!((off_axis(angle + 0.01, n) + 0.01).abs() < 1e-9, "{n} {angle}");
            }
        }
    }
}
