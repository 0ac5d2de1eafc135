//! The line closest to weighted points: the principal axis of their scatter (total least squares).

use super::Track;
use crate::document::Point;

/// A fitted line.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineFit {
    /// A point on it, px.
    pub(super) point: Point,
    /// Its unit direction, from the first break to the second.
    pub(super) direction: Point,
    pub(super) cost: f64,
}

/// Price of a line, numbers: what it writes, its end.
const NUMBERS: f64 = 2.0;

/// Price of a line along an axis, the least of any piece, numbers: `h` and `v` write one.
pub(super) const AXIS_NUMBERS: f64 = 1.0;

/// How far a line strays from an axis at its ends and counts as along it, px: the ends of a fit are known to
/// about a tenth.
pub(super) const AXIS_TOLERANCE: f64 = 0.12;

/// The line between breaks `i` and `j` of `track`.
pub(super) fn fit(track: &Track, i: usize, j: usize) -> LineFit {
    let (from, to) = track.inner(i, j);
    let s = track.sums(from, to);
    let chord = track.points[j] - track.points[i];
    let (mx, my) = (s.x / s.w, s.y / s.w);
    let (xx, xy, yy) = (s.xx - s.x * mx, s.xy - s.x * my, s.yy - s.y * my);
    let half = (xx - yy) / 2.0;
    let root = (half * half + xy * xy).sqrt();
    let mut direction = if root > 0.0 {
        // Half of the angle whose cosine and sine these are, by the half-angle formulas.
        let (cos, sin) = (half / root, xy / root);
        let c = (0.5 + 0.5 * cos).max(0.0).sqrt();
        let s = (0.5 - 0.5 * cos).max(0.0).sqrt();
        Point::new(c, if sin < 0.0 { -s } else { s })
    } else {
        chord.unit()
    };
    if direction.dot(chord) < 0.0 {
        direction = -direction;
    }
    let chi = ((xx + yy) / 2.0 - root).max(0.0);
    let length = chord.length();
    let off_axis = direction.x.abs().min(direction.y.abs()) * length / 2.0;
    let numbers = if off_axis < AXIS_TOLERANCE { AXIS_NUMBERS } else { NUMBERS };
    LineFit { point: track.origin + Point::new(mx, my), direction, cost: chi / 2.0 + track.costs.number * numbers }
}
