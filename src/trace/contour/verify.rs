//! Every curve is checked against the lattice before it is written: one that has left its boundary, as a
//! boundary with next to no contrast may during the refinement, is put back.

use super::fit::{Chain, Curve, polygon};
use super::planar_map::{Boundary, PlanarMap};
use super::subpixel::Sample;
use crate::document::Point;

/// How far a curve may be from pixels of one of its regions, px: a fit may cut a corner of the lattice.
const NEAR: isize = 2;

/// How far a curve may be from pixels of its other region, px: a sharp tip goes on where it is less than half a
/// pixel wide.
const FAR: isize = 8;

/// Largest σ of a point when a curve is fitted again, px: that of a crack, so that every point holds it.
const MAX_SIGMA: f64 = 0.3;

/// Distance between the places that are looked at, px: no pixel between them is missed by more than a half.
const STEP: f64 = 1.0;

/// Most places that are looked at on a piece, a count: no curve in a picture is longer than its pixels allow.
const MAX_STEPS: usize = 65_536;

/// Puts curves that have strayed back to what they were `before`; where those had strayed too, `fit`s them
/// again more closely. Returns how many there were.
pub fn restore(
    map: &PlanarMap,
    samples: &[Vec<Sample>],
    before: &[Curve],
    curves: &mut [Curve],
    fit: impl Fn(&Boundary, &[Sample]) -> Curve,
) -> usize {
    let mut restored = 0;
    for (i, boundary) in map.boundaries.iter().enumerate() {
        if boundary.is_rim() || !strays(map, boundary, &curves[i]) {
            continue;
        }
        restored += 1;
        let ends = match &curves[i] {
            Curve::Chain(chain) => chain.nodes.first().map(|n| n.point).zip(chain.nodes.last().map(|n| n.point)),
            _ => None,
        };
        let mut curve = before[i].clone();
        if strays(map, boundary, &curve) {
            let close = samples[i].iter().map(|s| Sample { sigma: s.sigma.min(MAX_SIGMA), ..*s }).collect::<Vec<_>>();
            curve = fit(boundary, &close);
            if strays(map, boundary, &curve) {
                curve = measured(boundary, &close);
            }
        }
        // Its neighbours keep the junctions where they have them now.
        if let (Curve::Chain(chain), Some((first, last)), false) = (&mut curve, ends, boundary.is_ring()) {
            let near = |p: Point, corner: (u32, u32)| {
                p.distance(Point::new(f64::from(corner.0), f64::from(corner.1))) < NEAR as f64
            };
            if let Some(node) = chain.nodes.first_mut().filter(|_| near(first, boundary.corners[0])) {
                node.point = first;
            }
            let end = boundary.corners[boundary.corners.len() - 1];
            if let Some(node) = chain.nodes.last_mut().filter(|_| near(last, end)) {
                node.point = last;
            }
        }
        curves[i] = curve;
    }
    restored
}

/// The polygon through the measured points.
fn measured(boundary: &Boundary, samples: &[Sample]) -> Curve {
    let corner = |i: usize| Point::new(f64::from(boundary.corners[i].0), f64::from(boundary.corners[i].1));
    let mut points: Vec<Point> = samples.iter().map(|s| s.point).collect();
    if !boundary.is_ring() {
        points.insert(0, corner(0));
        points.push(corner(boundary.corners.len() - 1));
    }
    Curve::Chain(Chain::polygon(&points, boundary.is_ring()))
}

/// Whether some of the curve is not finite, or too far from its regions.
fn strays(map: &PlanarMap, boundary: &Boundary, curve: &Curve) -> bool {
    let mut astray = false;
    places(curve, STEP, |p| astray = astray || !is_beside(map, boundary, p));
    astray
}

/// Whether one region has a pixel near `p`, and the other one not far from it.
fn is_beside(map: &PlanarMap, boundary: &Boundary, p: Point) -> bool {
    if !p.is_finite() || p.x.abs() > 1e6 || p.y.abs() > 1e6 {
        return false;
    }
    let (x, y) = (p.x.floor() as isize, p.y.floor() as isize);
    let within = |reach: isize| {
        let (mut left, mut right) = (false, false);
        for yy in (y - reach).max(0)..=(y + reach).min(map.height as isize - 1) {
            for xx in (x - reach).max(0)..=(x + reach).min(map.width as isize - 1) {
                let region = map.region_of[yy as usize * map.width + xx as usize];
                left |= region == boundary.left;
                right |= region == boundary.right;
                if left && right {
                    return (true, true);
                }
            }
        }
        (left, right)
    };
    let near = within(NEAR);
    near == (true, true) || (near.0 || near.1) && within(FAR) == (true, true)
}

/// Visits places along a curve, no more than `step` px apart.
pub(super) fn places(curve: &Curve, step: f64, mut visit: impl FnMut(Point)) {
    let mut along = |length: f64, at: &dyn Fn(f64) -> Point| {
        if !length.is_finite() {
            visit(Point::new(f64::NAN, f64::NAN));
            return;
        }
        let steps = ((length / step).ceil() as usize).clamp(1, MAX_STEPS);
        (0..=steps).for_each(|k| visit(at(k as f64 / steps as f64)));
    };
    let turn = std::f64::consts::TAU;
    match curve {
        Curve::Chain(chain) => {
            for i in 0..chain.pieces.len() {
                along(chain.length(i), &|t| chain.at(i, t));
            }
        }
        Curve::Circle(c, r) => along(turn * r, &|t| *c + Point::new((turn * t).cos(), (turn * t).sin()) * *r),
        Curve::Ellipse(c, rx, ry, angle) => along(turn * rx.max(*ry), &|t| {
            let (x, y) = (rx * (turn * t).cos(), ry * (turn * t).sin());
            let (s, k) = angle.sin_cos();
            *c + Point::new(x * k - y * s, x * s + y * k)
        }),
        Curve::Polygon(c, r, angle, n) => {
            for k in 0..*n {
                let at = |k: usize| polygon::corner(*c, *r, *angle, *n, k);
                let (a, b) = (at(k), at(k + 1));
                along(a.distance(b), &|t| a + (b - a) * t);
            }
        }
        Curve::Rect(p, q, r) => {
            // The straight parts tell where it is.
            let (x0, x1, y0, y1) = (p.x + r, q.x - r, p.y + r, q.y - r);
            for (a, b) in [
                (Point::new(x0, p.y), Point::new(x1, p.y)),
                (Point::new(x0, q.y), Point::new(x1, q.y)),
                (Point::new(p.x, y0), Point::new(p.x, y1)),
                (Point::new(q.x, y0), Point::new(q.x, y1)),
            ] {
                along(a.distance(b), &|t| a + (b - a) * t);
            }
        }
    }
}
