//! A boundary moved to one side, piece by piece.
//!
//! What runs on below a neighbour may be any way that is hidden. Where none is shorter than the boundary, the boundary
//! itself is moved below: lines stay lines, arcs get another radius, and the handles of cubics grow with their chords,
//! so that it takes as many numbers as the boundary.

use super::fit::{Chain, Curve, Node, Piece};
use super::planar_map::HalfBoundary;
use crate::document::Point;

/// Least of 1 + cos of the turn at a corner that is moved to where both sides meet, a ratio: sharper ones would move
/// farther than twice the distance.
const SHARP: f64 = 0.5;

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
            chain.nodes.reverse();
            chain.pieces.reverse();
            for piece in &mut chain.pieces {
                *piece = match *piece {
                    Piece::Line => Piece::Line,
                    Piece::Cubic(c, d) => Piece::Cubic(d, c),
                    Piece::Arc(half) => Piece::Arc(-half),
                };
            }
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

/// `chain` moved `by` to the right of where it goes; `None` where it bends too much for that.
pub(super) fn moved(chain: &Chain, by: f64) -> Option<Chain> {
    let last = chain.pieces.len() - 1;
    let mut nodes = Vec::with_capacity(chain.nodes.len());
    for (i, node) in chain.nodes.iter().enumerate() {
        let before = chain.before(i).map(|k| chain.tangents(k).1.turned());
        let after = (i <= last).then(|| chain.tangents(i).0.turned());
        let (p, q) = (before.or(after)?, after.or(before)?);
        let both = 1.0 + p.dot(q);
        if both < SHARP {
            return None;
        }
        nodes.push(Node { point: node.point + (p + q) * (by / both), smooth: node.smooth });
    }
    let mut pieces = Vec::with_capacity(chain.pieces.len());
    for (i, piece) in chain.pieces.iter().enumerate() {
        let (a, b) = chain.ends(i);
        let (from, to) = (nodes[i].point, nodes[(i + 1) % nodes.len()].point);
        if (to - from).dot(b - a) <= 0.0 {
            return None;
        }
        let scale = from.distance(to) / a.distance(b);
        pieces.push(match *piece {
            Piece::Cubic(c, d) => Piece::Cubic(from + (c - a) * scale, to + (d - b) * scale),
            other => other,
        });
    }
    Some(Chain { nodes, pieces })
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
