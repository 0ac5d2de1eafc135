//! A boundary moved to one side, piece by piece.
//!
//! What runs on below a neighbour may be any way that is hidden. Where none is shorter than the boundary, the boundary
//! itself is moved below: lines stay lines, arcs get another radius, and the handles of cubics grow with their chords,
//! so that it takes as many numbers as the boundary.

use super::fit::{Chain, Curve, Node, Piece};
use super::planar_map::HalfBoundary;
use crate::document::Point;

/// Least of 1 + cos of the turn at a corner whose outside goes to where both sides meet, a ratio: that of a sharper one
/// would go farther than twice the distance.
const SHARP: f64 = 0.5;

/// The same of its inside, a ratio: the sides of a sharper one come back beside each other.
const BACK: f64 = 0.1;

/// The boundaries of a ring or of a part of one, walked one after the other, as one chain.
pub(super) fn joined(curves: &[Curve], halves: &[HalfBoundary], closed: bool) -> Option<Chain> {
    let mut all = Chain::default();
    for half in halves {
        let Curve::Chain(chain) = &curves[half.boundary] else { return None };
        let mut chain = chain.clone();
        if chain.is_closed() {
            chain.nodes.push(*chain.nodes.first()?);
        }
        if half.reversed {
            chain = chain.reversed();
        }
        // The next one begins where the last one ended.
        all.nodes.pop();
        all.nodes.append(&mut chain.nodes);
        all.pieces.append(&mut chain.pieces);
    }
    if closed {
        all.nodes.pop();
    }
    (!all.pieces.is_empty()).then_some(all)
}

/// `chain` moved `by` to the right of where it goes, without what is too short on the inside of a bend, and with a line
/// around the outside of a sharp corner; `None` where it comes back on its inside.
pub(super) fn moved(chain: &Chain, by: f64) -> Option<Chain> {
    // Where the piece before a node ends then, and where the one after it begins.
    let sides = (0..chain.nodes.len()).map(|i| {
        let at = chain.nodes[i].point;
        let before = chain.before(i).map(|k| chain.tangents(k).1.turned());
        let after = (i < chain.pieces.len()).then(|| chain.tangents(i).0.turned());
        let (p, q) = (before.or(after)?, after.or(before)?);
        let both = 1.0 + p.dot(q);
        if both < SHARP && p.cross(q) < 0.0 {
            return Some((at + p * by, at + q * by));
        }
        let meet = at + (p + q) * (by / both);
        (both > BACK).then_some((meet, meet))
    });
    let sides = sides.collect::<Option<Vec<(Point, Point)>>>()?;
    let node = |point| Node { point, smooth: false };
    let mut moved = Chain { nodes: vec![node(sides.first()?.1)], pieces: Vec::new() };
    let mut end = sides.first()?.1;
    let mut go = |to: Point, piece: Piece| {
        moved.pieces.push(piece);
        moved.nodes.push(node(to));
    };
    for (i, piece) in chain.pieces.iter().enumerate() {
        let (a, b) = chain.ends(i);
        let (from, to) = (sides[i].1, sides[(i + 1) % sides.len()].0);
        if (to - from).dot(b - a) <= 0.0 {
            continue;
        }
        if from != end {
            go(from, Piece::Line);
        }
        let scale = from.distance(to) / a.distance(b);
        let own = match *piece {
            Piece::Cubic(c, d) => Piece::Cubic(from + (c - a) * scale, to + (d - b) * scale),
            other => other,
        };
        go(to, own);
        end = to;
    }
    if chain.is_closed() {
        if end == moved.nodes.first()?.point {
            moved.nodes.pop();
        } else {
            moved.pieces.push(Piece::Line);
        }
    }
    (!moved.pieces.is_empty()).then_some(moved)
}

/// Distance between the places that are looked at where a chain may begin, px: a fraction of what it is moved by.
const STEP: f64 = 0.25;

/// Most of them on a piece, a count: what is near the end of a chain.
const MOST: usize = 64;

/// `chain` without what comes before the first place that is `free` once it is moved `by` to the right, or after the last
/// one; `None` when there is none within `reach` of that end.
pub(super) fn shortened(
    mut chain: Chain,
    at_end: bool,
    by: f64,
    reach: f64,
    free: impl Fn(Point) -> bool,
) -> Option<Chain> {
    let tip = if at_end { chain.nodes.last()?.point } else { chain.nodes.first()?.point };
    while let Some(last) = chain.pieces.len().checked_sub(1) {
        let k = if at_end { last } else { 0 };
        let steps = (chain.length(k) / STEP).ceil().clamp(1.0, 4096.0);
        for i in 0..(steps as usize).min(MOST) {
            let t = |i: usize| if at_end { 1.0 - i as f64 / steps } else { i as f64 / steps };
            let (p, q) = (chain.at(k, t(i)), chain.at(k, t(i + 1)));
            if p.distance(tip) > reach {
                return None;
            }
            let ahead = if at_end { p - q } else { q - p };
            if free(p + ahead.unit().turned() * by) {
                if i > 0 {
                    chain.cut(k, t(i), at_end);
                }
                return Some(chain);
            }
        }
        chain.pieces.remove(k);
        chain.nodes.remove(if at_end { last + 1 } else { 0 });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(points: &[(f64, f64)], pieces: &[Piece]) -> Chain {
        let node = |(x, y): &(f64, f64)| Node { point: Point::new(*x, *y), smooth: false };
        Chain { nodes: points.iter().map(node).collect(), pieces: pieces.into() }
    }

    #[test]
    fn a_moved_boundary_is_as_far_away_everywhere() {
        let point = |x, y| Point::new(x, y);
        let bent = chain(
            &[(10.0, 10.0), (40.0, 10.0), (60.0, 22.0), (90.0, 70.0)],
            &[Piece::Line, Piece::Arc(0.3), Piece::Cubic(point(75.0, 31.0), point(90.0, 40.0))],
        );
        let moved = moved(&bent, 1.4).unwrap();
        for k in 0..moved.pieces.len() {
            for t in [0.1, 0.5, 0.9] {
                let p = moved.at(k, t);
                let away = (0..3).map(|i| bent.nearest(i, p, (0.0, 1.0)).1).fold(f64::INFINITY, f64::min);
                assert!((away - 1.4).abs() < 0.25, "piece {k} at {t}: {away}");
            }
        }
        // A way back is none.
        let back = chain(&[(0.0, 0.0), (30.0, 0.0), (0.0, 1.0)], &[Piece::Line; 2]);
        assert_eq!(super::moved(&back, 1.4), None);
    }

    #[test]
    fn a_chain_begins_where_it_is_free() {
        let bent = chain(&[(0.0, 0.0), (1.0, 0.0), (30.0, 4.0)], &[Piece::Line; 2]);
        let short = shortened(bent.clone(), false, 1.4, 6.0, |p| p.x > 2.5).unwrap();
        assert_eq!(short.pieces.len(), 1);
        let start = short.nodes[0].point;
        assert!((2.3..3.3).contains(&start.x) && (start.y - (start.x - 1.0) * 4.0 / 29.0).abs() < 1e-9, "{start:?}");
        let ended = shortened(bent.clone(), true, 1.4, 6.0, |p| p.x < 27.0).unwrap();
        assert!((26.0..27.5).contains(&ended.nodes[2].point.x), "{ended:?}");
        assert_eq!(shortened(bent, false, 1.4, 6.0, |p| p.x > 12.0), None);
    }
}
