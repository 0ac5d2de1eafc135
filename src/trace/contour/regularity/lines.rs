//! Lines that are parallel, and upright ones, as far as that is known.

use std::f64::consts::{FRAC_PI_2, PI};

use super::shared::{Measure, agreed};
use super::{Item, MAX_MEASURES, SHARED_SIGMAS};
use crate::document::Point;
use crate::trace::contour::fit::segment::intersection;
use crate::trace::contour::fit::{Chain, Curve, Piece, rotate};

/// Shortest line whose direction is told, px: of a shorter one the corners' pixels are most.
const LEAST: f64 = 3.0;

/// Farthest that a node is moved, px: farther, and the lines that meet there are nearly the same one.
const MAX_MOVE: f64 = 0.15;

/// Angle below that of a level line from which lines count as such, radians: directions begin again after half a turn.
const SEAM: f64 = 0.1;

/// Gives lines that are parallel within what is known of them one direction.
pub(super) fn parallel(items: &[Option<Item>], curves: &mut [Curve]) {
    let mut lines: Vec<(usize, usize)> = Vec::new();
    let mut measures = vec![Measure::fixed(0.0), Measure::fixed(FRAC_PI_2)];
    for (k, item) in items.iter().enumerate() {
        let (Some(item), Curve::Chain(chain)) = (item, &curves[k]) else { continue };
        for i in free_lines(chain) {
            let (a, b) = chain.ends(i);
            let (d, length) = (b - a, a.distance(b));
            if length < LEAST {
                continue;
            }
            let angle = d.y.atan2(d.x).rem_euclid(PI);
            let value = if angle > PI - SEAM { angle - PI } else { angle };
            // Turned about its middle a line moves by that times its length over the root of 12.
            let reach = SHARED_SIGMAS * item.sigma * 12f64.sqrt() / length;
            measures.push(Measure { value, weight: reach.powi(-2) * length, reach });
            lines.push((k, i));
        }
    }
    if lines.len() > MAX_MEASURES {
        return;
    }
    let angles = agreed(&measures, |v| v);
    let changed: Vec<(usize, usize, f64)> = (lines.iter().zip(&angles[2..]).zip(&measures[2..]))
        .filter(|((_, angle), m)| **angle != m.value)
        .map(|((line, angle), _)| (line.0, line.1, *angle))
        .collect();
    for of_one in changed.chunk_by(|a, b| a.0 == b.0) {
        let k = of_one[0].0;
        let Curve::Chain(chain) = &curves[k] else { continue };
        let turned = turned(chain, of_one).map(Curve::Chain);
        if let Some(curve) = turned.filter(|c| items[k].as_ref().is_some_and(|item| item.allows(c))) {
            curves[k] = curve;
        }
    }
}

/// The lines of a chain that end in no junction.
fn free_lines(chain: &Chain) -> impl Iterator<Item = usize> + '_ {
    let n = chain.pieces.len();
    let ends = usize::from(!chain.is_closed());
    (ends..n.saturating_sub(ends)).filter(|i| chain.pieces[*i] == Piece::Line)
}

/// `chain` with its lines turned about their middles to the directions given.
fn turned(chain: &Chain, directions: &[(usize, usize, f64)]) -> Option<Chain> {
    let mut supports: Vec<Option<(Point, Point)>> = (0..chain.pieces.len())
        .map(|i| {
            let (a, b) = chain.ends(i);
            (chain.pieces[i] == Piece::Line).then(|| ((a + b) * 0.5, (b - a).unit()))
        })
        .collect();
    let mut changed = vec![false; chain.pieces.len()];
    for (_, i, angle) in directions {
        let upright = *angle == 0.0 || *angle == FRAC_PI_2;
        let u = if upright {
            Point::new(f64::from(*angle == 0.0), f64::from(*angle != 0.0))
        } else {
            rotate(Point::new(1.0, 0.0), *angle)
        };
        if let Some((_, direction)) = &mut supports[*i] {
            *direction = if direction.dot(u) < 0.0 { -u } else { u };
            changed[*i] = true;
        }
    }
    let mut new = chain.clone();
    for k in 0..chain.nodes.len() {
        let (Some(before), true) = (chain.before(k), k < chain.pieces.len()) else { continue };
        if !changed[before] && !changed[k] {
            continue;
        }
        let from = chain.nodes[k].point;
        let on = |(p, u): (Point, Point)| p + u * (from - p).dot(u);
        let to = match (supports[before], supports[k]) {
            (Some((p, u)), Some((q, v))) => exactly(intersection(p, u, q, v)?, [(p, u), (q, v)]),
            (Some(line), None) | (None, Some(line)) => exactly(on(line), [line; 2]),
            (None, None) => continue,
        };
        if !(to.distance(from) < MAX_MOVE) {
            return None;
        }
        new.move_node(k, to);
    }
    Some(new)
}

/// `p` with the very coordinates of upright lines through it.
fn exactly(p: Point, lines: [(Point, Point); 2]) -> Point {
    lines.into_iter().fold(p, |p, (at, u)| {
        if u.x == 0.0 {
            Point::new(at.x, p.y)
        } else if u.y == 0.0 {
            Point::new(p.x, at.y)
        } else {
            p
        }
    })
}
