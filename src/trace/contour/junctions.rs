//! Where three or more boundaries meet: the point closest to all lines that run into it.
//!
//! At a junction the two-ink model of a pixel is wrong, so the samples beside it are poor. Each incident
//! boundary is extended by its end tangent, and the junction is the weighted least-squares intersection;
//! along directions that no boundary measures it stays where the lattice has it.

use super::fit::{Chain, Curve, Node, Piece};
use super::planar_map::PlanarMap;
use crate::document::Point;

/// Weight of the lattice point against one incident boundary, a ratio: it is off by half a pixel where a
/// boundary is off by a twentieth.
const ANCHOR: f64 = 0.01;

/// Farthest that the ends which meet in a junction lie from its lattice point, px: a label is off by a pixel at
/// most, the end of a fit by half of one. Their lines may meet twice as far away.
const MAX_MOVE: f64 = 1.5;

/// Most corners of the lattice along a short boundary, a count: in a longer one the samples outweigh an end, and it
/// is the refinement that moves it.
const SHORT: usize = 16;

/// Farthest that an end is moved across its direction, px: farther, and a short boundary lies beside its samples; it
/// has a corner there then.
const HOOK: f64 = 0.4;

/// Least area of the parallelogram between an end's piece as it is and as far beside it as the junction, px²: a smaller
/// one is not worth the two numbers of a corner.
const MIN_AREA: f64 = 1.0;

/// Sine of the least angle at which the sides of a step run into its bar, a ratio: at 30 degrees where they meet is known
/// half as well as the sides are.
const STEEP: f64 = 0.5;

/// Cosine of the turn beyond which both sides of a step run alike, a ratio: 37 degrees, so that they do not meet nearby.
const ALIKE: f64 = -0.8;

/// Longest step beside a junction, px: longer ones have samples of their own.
const LONGEST_STEP: f64 = 3.0;

/// Shortest end whose direction tells where others meet it, px: four samples.
const LEAST_END: f64 = 4.0;

/// Moves every junction to where its boundaries meet, and their ends with it.
pub fn settle(map: &PlanarMap, curves: &mut [Curve]) {
    let mut incident: Vec<Vec<(usize, bool)>> = vec![Vec::new(); map.junctions.len()];
    for (i, boundary) in map.boundaries.iter().enumerate() {
        if let Some((a, b)) = boundary.ends {
            incident[a].push((i, false));
            incident[b].push((i, true));
        }
    }
    for (junction, ends) in map.junctions.iter().zip(&incident) {
        let lattice = Point::new(f64::from(junction.0), f64::from(junction.1));
        let fixed = map.on_rim(*junction);
        if let Some(step) = Step::find(map, curves, lattice, ends).filter(|_| fixed == (false, false)) {
            step.make(curves);
            continue;
        }
        let lines: Vec<(Point, Point)> = ends
            .iter()
            .filter(|(i, _)| !map.boundaries[*i].is_rim())
            .filter_map(|(i, at_end)| match &curves[*i] {
                Curve::Chain(chain) => end_line(chain, *at_end),
                _ => None,
            })
            .collect();
        let point = meet(lattice, fixed, &lines);
        for (i, at_end) in ends {
            if let Curve::Chain(chain) = &mut curves[*i] {
                let boundary = &map.boundaries[*i];
                let short = boundary.corners.len() <= SHORT && !boundary.is_rim();
                let beside = end_line(chain, *at_end).map_or(0.0, |(p, u)| u.cross(point - p).abs());
                let length = chain.pieces.len().checked_sub(1).map_or(0.0, |last| {
                    let (a, b) = chain.ends(if *at_end { last } else { 0 });
                    a.distance(b)
                });
                if short && beside > HOOK && beside * length > MIN_AREA {
                    add_end(chain, *at_end, point);
                } else {
                    slide_end(chain, *at_end, point);
                }
            }
        }
    }
}

/// An end of a boundary: which one, and whether it is where it ends.
type End = (usize, bool);

/// A corner beside a junction: two boundaries go on in each other but for a step of a pixel or two along the third, the
/// *bar*, which belongs to the one that ends farther along it. No sample tells of it, and a junction in between bends
/// all three.
struct Step {
    /// The bar, and the end that comes first along it, where the junction is.
    first: [End; 2],
    junction: Point,
    /// The other end, and its corner.
    other: End,
    corner: Point,
}

impl Step {
    /// The step beside a junction at `lattice`, where three boundaries meet in one.
    fn find(map: &PlanarMap, curves: &[Curve], lattice: Point, ends: &[End]) -> Option<Self> {
        let &[a, b, c] = ends else { return None };
        // Where each of them ends, and which way it goes on from there.
        let line = |(k, at_end): End| {
            let Curve::Chain(chain) = &curves[k] else { return None };
            let (from, to) = chain.ends(if at_end { chain.pieces.len().checked_sub(1)? } else { 0 });
            let (p, u) = end_line(chain, at_end)?;
            let boundary = &map.boundaries[k];
            (!boundary.is_rim() && boundary.corners.len() > SHORT && from.distance(to) > LEAST_END)
                .then_some((p, if at_end { u } else { -u }))
        };
        let (la, lb, lc) = (line(a)?, line(b)?, line(c)?);
        let orders = [[(a, la), (b, lb), (c, lc)], [(b, lb), (c, lc), (a, la)], [(c, lc), (a, la), (b, lb)]];
        orders.into_iter().find_map(|[(bar, (p, u)), mut first, mut other]| {
            let meets = |(_, (q, v)): (End, (Point, Point))| {
                let cross = u.cross(v);
                let along = (q - p).cross(v) / cross;
                let at = p + u * along;
                let near = at.distance(lattice) < 2.0 * MAX_MOVE && at.distance(q) < 2.0 * MAX_MOVE;
                (cross.abs() > STEEP && near).then_some((along, at))
            };
            if first.1.1.dot(other.1.1) > ALIKE {
                return None;
            }
            let (mut near, mut far) = (meets(first)?, meets(other)?);
            if near.0 > far.0 {
                (first, other, near, far) = (other, first, far, near);
            }
            let step = far.0 - near.0;
            let first = [bar, first.0];
            (step > HOOK && step < LONGEST_STEP).then_some(Self {
                first,
                junction: near.1,
                other: other.0,
                corner: far.1,
            })
        })
    }

    fn make(&self, curves: &mut [Curve]) {
        for (k, at_end) in self.first {
            if let Curve::Chain(chain) = &mut curves[k] {
                slide_end(chain, at_end, self.junction);
            }
        }
        if let Curve::Chain(chain) = &mut curves[self.other.0] {
            slide_end(chain, self.other.1, self.corner);
            add_end(chain, self.other.1, self.junction);
        }
    }
}

/// The end of a chain and its tangent there.
fn end_line(chain: &Chain, at_end: bool) -> Option<(Point, Point)> {
    let last = chain.pieces.len().checked_sub(1)?;
    if at_end {
        Some((chain.ends(last).1, chain.tangents(last).1))
    } else {
        Some((chain.ends(0).0, chain.tangents(0).0))
    }
}

/// The point closest to all `lines`, pulled to `lattice` where they leave it free.
fn meet(lattice: Point, fixed: (bool, bool), lines: &[(Point, Point)]) -> Point {
    if lines.is_empty() {
        return lattice;
    }
    let mean = lines.iter().fold(Point::default(), |a, (p, _)| a + *p) * (1.0 / lines.len() as f64);
    let anchor = if mean.is_finite() && mean.distance(lattice) < MAX_MOVE { mean } else { lattice };
    let (mut xx, mut xy, mut yy) = (ANCHOR, 0.0, ANCHOR);
    let (mut bx, mut by) = (ANCHOR * anchor.x, ANCHOR * anchor.y);
    for (p, u) in lines {
        let n = u.turned();
        let d = n.dot(*p);
        xx += n.x * n.x;
        xy += n.x * n.y;
        yy += n.y * n.y;
        bx += n.x * d;
        by += n.y * d;
    }
    let solved = match fixed {
        (true, true) => lattice,
        (true, false) => Point::new(lattice.x, (by - xy * lattice.x) / yy),
        (false, true) => Point::new((bx - xy * lattice.y) / xx, lattice.y),
        (false, false) => {
            let det = xx * yy - xy * xy;
            Point::new((bx * yy - by * xy) / det, (by * xx - bx * xy) / det)
        }
    };
    if solved.is_finite() && solved.distance(lattice) < 2.0 * MAX_MOVE {
        solved
    } else {
        let on = |free: f64, rim: f64, is: bool| if is { rim } else { free };
        Point::new(on(anchor.x, lattice.x, fixed.0), on(anchor.y, lattice.y, fixed.1))
    }
}

/// Goes on from one end of a chain in a straight line.
fn add_end(chain: &mut Chain, at_end: bool, to: Point) {
    let at = if at_end { chain.nodes.len() } else { 0 };
    chain.nodes.insert(at, Node { point: to, smooth: false });
    chain.pieces.insert(if at_end { chain.pieces.len() } else { 0 }, Piece::Line);
}

/// How much of its piece an end may be moved along it, a share: farther, and it is another curve.
const SLIDE: f64 = 0.3;

/// Moves one end of a chain along its curve, which is cut there or goes on, and then the rest of the way.
pub(super) fn slide_end(chain: &mut Chain, at_end: bool, to: Point) {
    let Some(last) = chain.pieces.len().checked_sub(1) else { return };
    let piece = if at_end { last } else { 0 };
    if chain.pieces[piece] != Piece::Line {
        let end = if at_end { 1.0 } else { 0.0 };
        let (t, _) = chain.nearest(piece, to, (end - SLIDE, end + SLIDE));
        chain.cut(piece, t, at_end);
    }
    move_end(chain, at_end, to);
}

/// Moves one end of a chain, and the control point beside it.
pub(super) fn move_end(chain: &mut Chain, at_end: bool, to: Point) {
    if !chain.pieces.is_empty() {
        chain.move_node(if at_end { chain.nodes.len() - 1 } else { 0 }, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raster;
    use crate::trace::{Budget, Engine, contour};

    #[test]
    fn an_end_slides_along_its_curve() {
        let p = Point::new;
        let node = |point| Node { point, smooth: false };
        let bent = Piece::Cubic(p(56.0, 0.0), p(103.0, 32.0));
        let chain = Chain { nodes: [p(0.0, 0.0), p(130.0, 73.0)].map(node).into(), pieces: vec![bent] };
        let reversed = Chain {
            nodes: chain.nodes.iter().rev().copied().collect(),
            pieces: vec![Piece::Cubic(p(103.0, 32.0), p(56.0, 0.0))],
        };
        let round =
            |half| Chain { nodes: [p(0.0, 0.0), p(100.0, 60.0)].map(node).into(), pieces: vec![Piece::Arc(half)] };
        for (chain, at_end) in [(chain, false), (reversed, true), (round(0.6), false), (round(-0.8), true)] {
            let (end, along) =
                if at_end { (chain.ends(0).1, chain.tangents(0).1) } else { (chain.ends(0).0, chain.tangents(0).0) };
            // Along the tangent, forth and back.
            for to in [end + along * 3.0, end - along * 3.0] {
                let off = |moved: &Chain| {
                    let places = (0..=20).map(|k| moved.at(0, f64::from(k) / 20.0));
                    places.map(|q| chain.nearest(0, q, (-0.1, 1.1)).1).fold(0.0, f64::max)
                };
                let (mut slid, mut moved) = (chain.clone(), chain.clone());
                slide_end(&mut slid, at_end, to);
                move_end(&mut moved, at_end, to);
                assert_eq!(if at_end { slid.ends(0).1 } else { slid.ends(0).0 }, to);
                assert!(off(&slid) < 0.5 * off(&moved), "{to:?}: {} and {}", off(&slid), off(&moved));
            }
        }
    }

    #[test]
    fn a_step_beside_a_junction_is_a_corner() {
        // A wide area above a narrower one, whose right sides are 1.4 px apart.
        let (bar, wide, narrow) = (60.4, 70.7, 69.3);
        let share =
            |at: u32, from: f64, to: f64| ((f64::from(at) + 1.0).min(to) - f64::from(at).max(from)).clamp(0.0, 1.0);
        let data = (0..120 * 110).flat_map(|i| {
            let (x, y) = (i % 110, i / 110);
            let upper = share(x, 12.0, wide) * share(y, 10.0, bar);
            let lower = share(x, 12.0, narrow) * share(y, bar, 110.0);
            let [r, g, b] = [(153.0, 92.0), (170.0, 145.0), (181.0, 59.0)]
                .map(|(a, b)| (255.0 + upper * (a - 255.0) + lower * (b - 255.0)).round() as u8);
            [r, g, b, 255]
        });
        let raster = Raster::new(110, 120, data.collect()).unwrap();
        let parameters = contour::Contour.preset(crate::classify::Class::Simple);
        let document = contour::Contour.trace(&raster, &parameters, &Budget::unlimited()).unwrap();
        let points: Vec<Point> = document.shapes.iter().flat_map(|s| &s.contours).flat_map(|c| c.points()).collect();
        for corner in [Point::new(wide, bar), Point::new(narrow, bar)] {
            let off = points.iter().map(|p| p.distance(corner)).fold(f64::INFINITY, f64::min);
            assert!(off < 0.05, "{corner:?}: {off}, {points:?}");
        }
    }
}
