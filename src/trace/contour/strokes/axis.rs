//! The medial axis of a region: centres of the largest discs inside it.
//!
//! The Voronoi diagram of marks on the outline, of which only edges between marks that are far apart along the
//! outline are kept (Attali and Montanvert 1996): the others lead into the corners, and say nothing of a stroke.

use super::outline::Outline;
use crate::document::Point;

/// Least way along the outline between the two marks that a part of the axis lies between, against the disc's
/// diameter, a ratio: the end of a round cap has half a turn, 1.57; a square corner has 1.
const LEAST_WAY: f64 = 1.3;

/// Longest branch that is taken for a bump of the outline, against the disc's radius, a ratio: the cap of a stroke
/// of its own is farther away.
const BUMP: f64 = 0.5;

/// A point of the axis.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Centre of the disc, px.
    pub(super) center: Point,
    /// Its radius, px.
    pub(super) radius: f64,
    /// The marks that it touches.
    pub(super) near: [usize; 3],
    /// The places beside it.
    pub(super) next: Vec<usize>,
}

/// The medial axis of the region inside `outline`.
pub(super) fn find(outline: &Outline) -> Vec<Place> {
    let marks = &outline.marks;
    let points: Vec<_> = marks.iter().map(|m| delaunator::Point { x: m.point.x, y: m.point.y }).collect();
    let mesh = delaunator::triangulate(&points);
    let discs: Vec<Option<(Point, f64)>> = mesh
        .triangles
        .chunks_exact(3)
        .map(|t| {
            let center = circumcenter(marks[t[0]].point, marks[t[1]].point, marks[t[2]].point)?;
            // A corner may have its normal anywhere.
            let inside = t.iter().filter(|i| (center - marks[**i].point).dot(marks[**i].inward) > 0.0).count();
            (inside >= 2).then(|| (center, center.distance(marks[t[0]].point)))
        })
        .collect();
    let mut places: Vec<Place> = Vec::new();
    let mut place_of = vec![usize::MAX; discs.len()];
    let mut place = |t: usize, places: &mut Vec<Place>, (center, radius): (Point, f64)| {
        if place_of[t] == usize::MAX {
            place_of[t] = places.len();
            let near = [0, 1, 2].map(|k| mesh.triangles[3 * t + k]);
            places.push(Place { center, radius, near, next: Vec::new() });
        }
        place_of[t]
    };
    for (edge, twin) in mesh.halfedges.iter().enumerate() {
        if *twin == delaunator::EMPTY || *twin < edge {
            continue;
        }
        let (s, t) = (edge / 3, twin / 3);
        let (Some(a), Some(b)) = (discs[s], discs[t]) else { continue };
        let (from, to) = (mesh.triangles[edge], mesh.triangles[*twin]);
        if outline.way(from, to) < LEAST_WAY * (a.1 + b.1) {
            continue;
        }
        let (i, j) = (place(s, &mut places, a), place(t, &mut places, b));
        places[i].next.push(j);
        places[j].next.push(i);
    }
    cut_bumps(&mut places);
    places
}

/// The point that is as far from `a` as from `b` and `c`; `None` when they lie on a line.
fn circumcenter(a: Point, b: Point, c: Point) -> Option<Point> {
    let (u, v) = (b - a, c - a);
    let twice = 2.0 * u.cross(v);
    let (p, q) = (u.dot(u), v.dot(v));
    let center = a + Point::new(v.y * p - u.y * q, u.x * q - v.x * p) * (1.0 / twice);
    center.is_finite().then_some(center)
}

/// Takes off short branches that end blindly.
fn cut_bumps(places: &mut [Place]) {
    let tips: Vec<usize> = (0..places.len()).filter(|i| places[*i].next.len() == 1).collect();
    for tip in tips {
        let mut branch = vec![tip];
        let mut length = 0.0;
        let (mut before, mut at) = (usize::MAX, tip);
        let fork = loop {
            let Some(next) = places[at].next.iter().copied().find(|n| *n != before) else { break None };
            length += places[at].center.distance(places[next].center);
            if places[next].next.len() > 2 {
                break Some(next);
            }
            branch.push(next);
            (before, at) = (at, next);
            if length > places[tip].radius * BUMP {
                break None;
            }
        };
        let Some(fork) = fork.filter(|f| length <= places[*f].radius * BUMP) else { continue };
        let last = branch[branch.len() - 1];
        places[fork].next.retain(|n| *n != last);
        branch.iter().for_each(|i| places[*i].next.clear());
    }
}
