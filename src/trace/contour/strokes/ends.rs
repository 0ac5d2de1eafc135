//! What the ends and the corners of a stroke look like, read from the outline beside them.

use super::super::fit::{Curve, Piece, arc_circle, rotate};
use super::outline::Outline;
use super::paths::Line;
use crate::document::{Cap, Join, Point};

/// Part of the width within which marks say what a cap looks like, a share: beside it the sides begin.
const LATERAL: f64 = 0.9;

/// Turn from which a corner shows how it is joined, radians: below 15 degrees all joins look the same.
const LEAST_TURN: f64 = 0.26;

/// Where a line ends and in which direction, outward.
fn tip(line: &Line, end: usize) -> Option<(Point, Point)> {
    let Curve::Chain(chain) = &line.curve else { return None };
    let pieces = chain.pieces.len();
    if pieces == 0 || chain.is_closed() {
        return None;
    }
    Some(if end == 0 {
        (chain.nodes[0].point, -chain.tangents(0).0)
    } else {
        (chain.nodes[chain.nodes.len() - 1].point, chain.tangents(pieces - 1).1)
    })
}

/// A cap of either kind: how far beyond the end of its line it begins, px, and how far off the marks are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Which line, and which of its ends.
    pub(super) at: (usize, usize),
    /// Cut off: distance and squared error, px².
    pub(super) butt: (f64, f64),
    /// Round: distance of the centre of the half disc, and squared error, px².
    pub(super) round: (f64, f64),
    /// Number of marks.
    pub(super) marks: usize,
}

/// Looks at all free ends.
pub(super) fn caps(outline: &Outline, lines: &[Line], widths: &[f64]) -> Vec<Found> {
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let half = widths[line.width] / 2.0;
        for end in (0..2).filter(|e| line.free[*e]) {
            let Some((at, direction)) = tip(line, end) else { continue };
            let mut marks: Vec<(f64, f64)> = Vec::new();
            for mark in &outline.marks {
                let v = mark.point - at;
                if v.dot(v) > 6.25 * half * half || mark.inward.dot(direction) > -0.1 {
                    continue;
                }
                let (x, y) = (v.dot(direction), v.cross(direction));
                if x > -half && y.abs() < LATERAL * half {
                    marks.push((x, y));
                }
            }
            let n = marks.len().max(1) as f64;
            let spread = |model: &dyn Fn(f64) -> f64| {
                let mean = marks.iter().map(|(x, y)| x - model(*y)).sum::<f64>() / n;
                (mean, marks.iter().map(|(x, y)| (x - model(*y) - mean).powi(2)).sum::<f64>() / n)
            };
            let butt = spread(&|_| 0.0);
            let round = spread(&|y| (half * half - y * y).max(0.0).sqrt());
            found.push(Found { at: (i, end), butt, round, marks: marks.len() });
        }
    }
    found
}

/// The cap that fits most of the ends.
pub(super) fn cap(found: &[Found]) -> Cap {
    let (butt, round) =
        found.iter().filter(|f| f.marks > 2).fold((0.0, 0.0), |(b, r), f| (b + f.butt.1, r + f.round.1));
    if butt < round { Cap::Butt } else { Cap::Round }
}

/// Puts the ends of lines where their caps have them.
pub(super) fn place(lines: &mut [Line], found: &[Found], cap: Cap) {
    for f in found.iter().filter(|f| f.marks > 2) {
        let (line, end) = f.at;
        let by = match cap {
            Cap::Butt => f.butt.0,
            Cap::Round => f.round.0,
        };
        let Some((_, direction)) = tip(&lines[line], end) else { continue };
        let Curve::Chain(chain) = &mut lines[line].curve else { continue };
        let (last, piece) = (chain.nodes.len() - 1, chain.pieces.len() - 1);
        let (node, piece) = if end == 0 { (0, 0) } else { (last, piece) };
        let other = chain.nodes[if end == 0 { 1 } else { last - 1 }].point;
        let old = chain.nodes[node].point;
        let mut to = old + direction * by;
        match &mut chain.pieces[piece] {
            Piece::Line => {}
            Piece::Cubic(a, b) => {
                let handle = if end == 0 { a } else { b };
                *handle = *handle + direction * by;
            }
            Piece::Arc(half) => {
                // On along the same circle.
                let (a, b) = if end == 0 { (old, other) } else { (other, old) };
                let (center, radius) = arc_circle(a, b, *half);
                let turn = by / radius;
                to = center + rotate(old - center, if end == 0 { -turn } else { turn });
                *half += turn / 2.0;
            }
        }
        chain.nodes[node].point = to;
    }
}

/// The corners of all lines: where they are, in which directions the line comes and goes, and half its width.
pub(super) fn corners<'a>(
    lines: &'a [Line],
    widths: &'a [f64],
) -> impl Iterator<Item = (Point, Point, Point, f64)> + 'a {
    lines.iter().flat_map(move |line| {
        let half = widths[line.width] / 2.0;
        let mut corners = Vec::new();
        match &line.curve {
            Curve::Chain(chain) => {
                for k in 0..chain.pieces.len() {
                    let Some(before) = chain.before(k) else { continue };
                    corners.push((chain.nodes[k].point, chain.tangents(before).1, chain.tangents(k).0, half));
                }
            }
            Curve::Rect(a, b, r) if *r <= 0.0 => {
                let p = Point::new;
                let (right, down) = (p(1.0, 0.0), p(0.0, 1.0));
                corners.push((*a, -down, right, half));
                corners.push((p(b.x, a.y), right, down, half));
                corners.push((*b, down, -right, half));
                corners.push((p(a.x, b.y), -right, -down, half));
            }
            _ => {}
        }
        corners.retain(|(_, u, v, _)| u.cross(*v).atan2(u.dot(*v)).abs() > LEAST_TURN);
        corners
    })
}

/// The join that fits most of the corners.
pub(super) fn join(outline: &Outline, lines: &[Line], widths: &[f64]) -> Option<Join> {
    // Squared errors of miter, round and bevel.
    let mut errors = [0.0; 3];
    let mut any = false;
    for (at, u, v, half) in corners(lines, widths) {
        let turn = u.cross(v).atan2(u.dot(v));
        let out = (u - v).unit();
        let cosine = (turn / 2.0).cos();
        let tip = if cosine * 4.0 > 1.0 { half / cosine } else { half * cosine };
        // How far the outline is from the corner on its outer side.
        let reach = outline
            .marks
            .iter()
            .map(|m| m.point - at)
            .filter(|d| d.dot(out) > 0.5 * half * cosine && d.cross(out).abs() < 0.1 * half + 0.3)
            .map(|d| d.dot(out))
            .min_by(f64::total_cmp);
        if let Some(reach) = reach {
            any = true;
            for (error, model) in errors.iter_mut().zip([tip, half, half * cosine]) {
                *error += (reach - model).powi(2).min(half * half);
            }
        }
    }
    let best = (0..3).min_by(|a, b| errors[*a].total_cmp(&errors[*b]))?;
    any.then(|| [Join::Miter, Join::Round, Join::Bevel][best])
}
