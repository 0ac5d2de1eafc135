//! Which pixels a region has once its boundaries are fitted.
//!
//! As a rule a fitted boundary runs through the pixels beside the lattice. Where two regions hardly differ, as two
//! gradients do that run into each other, a long smooth curve says as much as every step of the lattice, and it may be many
//! pixels off. What is to lie below a neighbour has to lie below the neighbour as it is drawn.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::crossings;
use super::fit::Curve;
use super::planar_map::{HalfBoundary, PlanarMap};
use crate::document::Point;

/// Distance from a fitted boundary beyond which a pixel is on its own side of the lattice, px: more than half the
/// diagonal of a pixel, and the half that the boundary itself is off.
const BESIDE: f64 = 1.25;

/// A planar map as its fitted boundaries draw it.
pub(super) struct Drawn<'a> {
    /// The map.
    pub(super) map: &'a PlanarMap,
    /// For each pixel the region that is drawn there.
    pub(super) region_of: Cow<'a, [u32]>,
    /// Places along the boundaries that are not where the lattice is, from their start to their end.
    astray: BTreeMap<usize, Vec<Point>>,
}

impl<'a> Drawn<'a> {
    /// `curves` are the boundaries of `map`, in its order.
    pub(super) fn new(map: &'a PlanarMap, curves: &[Curve]) -> Self {
        let mut drawn = Self { map, region_of: Cow::Borrowed(&map.region_of), astray: BTreeMap::new() };
        for (i, curve) in curves.iter().enumerate() {
            let places = crossings::places(curve, 1.0);
            if drawn.strays(i, &places) {
                drawn.swap_sides(i, &places);
                drawn.astray.insert(i, places);
            }
        }
        drawn
    }

    /// Whether a pixel beside a boundary is one of the other side.
    fn strays(&self, boundary: usize, places: &[Point]) -> bool {
        let b = &self.map.boundaries[boundary];
        let beside = BESIDE * self.map.cells as f64;
        let region = |p: Point| self.map.pixel_at(p).map(|i| self.map.region_of[i]);
        places.windows(2).any(|w| {
            let (middle, right) = ((w[0] + w[1]) * 0.5, (w[1] - w[0]).unit().turned() * beside);
            region(middle + right) == Some(b.left) || region(middle - right) == Some(b.right)
        })
    }

    /// Gives the pixels between the lattice and the curve of a boundary to the other side.
    fn swap_sides(&mut self, boundary: usize, places: &[Point]) {
        let b = &self.map.boundaries[boundary];
        let width = self.map.width as i64;
        let polygon: Vec<Point> = lattice(self.map, boundary).chain(places.iter().rev().copied()).collect();
        let region_of = self.region_of.to_mut();
        for (x, y) in pixels_inside(&polygon) {
            if x < 0 || x >= width {
                continue;
            }
            let Some(region) = usize::try_from(y * width + x).ok().and_then(|i| region_of.get_mut(i)) else { continue };
            if *region == b.left {
                *region = b.right;
            } else if *region == b.right {
                *region = b.left;
            }
        }
    }

    /// Places on a ring or a part of one, in order: lattice points where the boundary runs along them.
    pub(super) fn places(&self, halves: &[HalfBoundary]) -> Vec<Point> {
        walked(halves, |boundary| match self.astray.get(&boundary) {
            Some(places) => places.clone(),
            None => lattice(self.map, boundary).collect(),
        })
    }
}

/// The lattice points of a boundary, from its start to its end.
fn lattice(map: &PlanarMap, boundary: usize) -> impl Iterator<Item = Point> + '_ {
    map.boundaries[boundary].corners.iter().map(|(x, y)| Point::new(f64::from(*x), f64::from(*y)))
}

/// The places `along` boundaries that are walked one after the other, each from its start to its end or back.
pub(super) fn walked(halves: &[HalfBoundary], along: impl Fn(usize) -> Vec<Point>) -> Vec<Point> {
    let mut all: Vec<Point> = Vec::new();
    for half in halves {
        let mut places = along(half.boundary);
        if half.reversed {
            places.reverse();
        }
        all.append(&mut places);
    }
    all
}

/// The pixels whose middles are inside a closed polygon, column and row, by the even-odd rule.
pub(super) fn pixels_inside(polygon: &[Point]) -> impl Iterator<Item = (i64, i64)> + use<> {
    let mut crossings: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (k, p) in polygon.iter().enumerate() {
        let q = polygon[(k + 1) % polygon.len()];
        let (low, high) = if p.y < q.y { (*p, q) } else { (q, *p) };
        // Rows whose middle the side crosses.
        let (first, last) = ((low.y - 0.5).ceil() as i64, (high.y - 0.5).ceil() as i64);
        for row in first..last {
            let t = (row as f64 + 0.5 - low.y) / (high.y - low.y);
            crossings.entry(row).or_default().push(low.x + (high.x - low.x) * t);
        }
    }
    crossings.into_iter().flat_map(|(row, mut xs)| {
        xs.sort_by(f64::total_cmp);
        let spans: Vec<(i64, i64)> =
            xs.chunks_exact(2).map(|s| ((s[0] - 0.5).ceil() as i64, (s[1] - 0.5).ceil() as i64)).collect();
        spans.into_iter().flat_map(move |(first, last)| (first..last).map(move |x| (x, row)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::fit::Chain;
    use crate::trace::contour::planar_map;

    /// Two halves of 12 × 10 px, and the curves of their boundaries, with the one between them over `x` at two heights.
    fn halves(x: f64, [upper, lower]: [f64; 2]) -> (PlanarMap, Vec<Curve>) {
        let ink: Vec<u16> = (0..12 * 10).map(|i| u16::from(i % 12 >= 6)).collect();
        let map = planar_map::tests::map(12, 10, &ink);
        let corner = |c: &(u32, u32)| Point::new(f64::from(c.0), f64::from(c.1));
        let curve = |i: usize| {
            let b = &map.boundaries[i];
            let mut points: Vec<Point> = b.corners.iter().map(corner).collect();
            if !b.is_rim() {
                let (first, last) = (points[0], points[points.len() - 1]);
                let (a, b) = if first.y < last.y { (upper, lower) } else { (lower, upper) };
                points = vec![first, Point::new(x, a), Point::new(x, b), last];
            }
            Curve::Chain(Chain::polygon(&points, false))
        };
        let curves = (0..map.boundaries.len()).map(curve).collect();
        (map, curves)
    }

    #[test]
    fn pixels_belong_to_the_side_that_their_boundary_draws_them_on() {
        let (map, curves) = halves(9.0, [0.0, 10.0]);
        let drawn = Drawn::new(&map, &curves);
        let (left, right) = (map.region_of[0], map.region_of[11]);
        for (i, (drawn, was)) in drawn.region_of.iter().zip(&map.region_of).enumerate() {
            let x = i % 12;
            assert_eq!(*drawn, if x < 9 { left } else { right }, "pixel {i}, which was {was}");
        }
        let between = map.boundaries.iter().position(|b| !b.is_rim()).unwrap();
        assert!(drawn.astray.contains_key(&between));
    }

    #[test]
    fn a_boundary_inside_its_pixels_leaves_the_map_as_it_is() {
        let (map, curves) = halves(6.4, [3.0, 7.0]);
        let drawn = Drawn::new(&map, &curves);
        assert!(matches!(drawn.region_of, Cow::Borrowed(_)));
        assert!(drawn.astray.is_empty());
    }

    #[test]
    fn pixels_inside_are_those_whose_middles_are() {
        let corners = [(1.4, 1.0), (4.6, 1.0), (4.6, 3.0), (1.4, 3.0)].map(|(x, y)| Point::new(x, y));
        let inside: Vec<(i64, i64)> = pixels_inside(&corners).collect();
        assert_eq!(inside, [(1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (2, 2), (3, 2), (4, 2)]);
    }
}
