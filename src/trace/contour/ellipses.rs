//! Elliptical arcs in place of several pieces of a curve.
//!
//! Lines, circular arcs and cubics are what boundaries are fitted with. Where two or more of these go on in each other
//! and one arc of an ellipse says the same in fewer numbers, that is written: what it is off from the curve, which is
//! where the pixels have it, must cost less than the numbers that it saves.

use super::fit::primitives::{closer_ellipse, from_ellipse};
use super::fit::{Chain, Costs, Piece, arc as circular, cubic, rotate};
use crate::document::{Arc, Point};
use crate::linear;

/// Price of an elliptical arc, numbers: it writes as many, two of them flags.
const NUMBERS: f64 = 7.0;

/// How well a curve is known, px: what the refinement leaves of a clean edge.
const SIGMA: f64 = 0.012;

/// Farthest that an arc may be from the curve, px: twice as much is seen when enlarged.
const FARTHEST: f64 = 0.06;

/// Places that a piece is looked at, a count: a cubic cannot leave an ellipse between them.
const PLACES: usize = 8;

/// Weight of both ends against a place between, a ratio: an arc begins and ends where the curve does.
const ENDS: f64 = 1.0;

/// Rounds that improve on the algebraic fit, a count: distances are then known to a thousandth.
const ROUNDS: usize = 3;

/// Largest turn at a node that an arc may run over, radians: 3 degrees, which the fit of a node leaves.
const SMOOTH: f64 = 0.05;

/// Least turn of an arc, radians: 40 degrees; a flatter one tells no ellipse.
const LEAST_TURN: f64 = 0.7;

/// Largest turn of an arc, radians: 320 degrees, as of a circular one.
const MOST_TURN: f64 = 5.6;

/// Longest against shortest radius, a ratio: a longer one is no more than two lines.
const MOST_RATIO: f64 = 20.0;

/// Shortest radius, px: anti-aliasing makes as much of a corner.
const LEAST_RADIUS: f64 = 1.0;

/// The runs of pieces of `chain` that one elliptical arc says as well: the first piece, how many, and the arc.
pub(super) fn find(chain: &Chain) -> Vec<(usize, usize, Arc)> {
    let mut found = Vec::new();
    let mut first = 0;
    while first + 1 < chain.pieces.len() {
        let mut best = None;
        // What is an arc is one in part, too.
        let mut count = 2;
        while goes_on(chain, first + count - 1)
            && let Some(arc) = arc(chain, first, count)
        {
            best = Some((first, count, arc));
            count += 1;
        }
        first += best.as_ref().map_or(1, |(_, count, _)| *count);
        found.extend(best);
    }
    found
}

/// Whether a piece is curved and continues the one before it, turning the same way.
fn goes_on(chain: &Chain, piece: usize) -> bool {
    if piece >= chain.pieces.len() {
        return false;
    }
    let (Some(a), Some(b)) = (turns(chain, piece - 1), turns(chain, piece)) else { return false };
    let (u, v) = (chain.tangents(piece - 1).1, chain.tangents(piece).0);
    a == b && u.cross(v).abs() < SMOOTH && u.dot(v) > 0.0
}

/// Whether a piece turns to the right all along; `None` for a line and for what turns both ways.
fn turns(chain: &Chain, piece: usize) -> Option<bool> {
    let (a, b) = chain.ends(piece);
    match chain.pieces[piece] {
        Piece::Line => None,
        Piece::Arc(half) => Some(half > 0.0),
        Piece::Cubic(c, d) => {
            let (first, last) = ((c - a).cross(d - c), (d - c).cross(b - d));
            (first * last > 0.0).then_some(first > 0.0)
        }
    }
}

/// The elliptical arc that `count` pieces from `first` are, when it pays.
fn arc(chain: &Chain, first: usize, count: usize) -> Option<Arc> {
    let mut points = Vec::with_capacity(count * PLACES + 1);
    points.push(chain.ends(first).0);
    let (mut saved, mut turn) = (-NUMBERS, 0.0);
    for piece in first..first + count {
        points.extend((1..=PLACES).map(|k| chain.at(piece, k as f64 / PLACES as f64)));
        saved += if matches!(chain.pieces[piece], Piece::Cubic(..)) { cubic::NUMBERS } else { circular::NUMBERS };
    }
    for w in points.windows(3) {
        let (u, v) = (w[1] - w[0], w[2] - w[1]);
        turn += u.cross(v).atan2(u.dot(v));
    }
    if !(LEAST_TURN..MOST_TURN).contains(&turn.abs()) {
        return None;
    }
    let (a, b) = (points[0], points[points.len() - 1]);
    let (c, rx, ry, angle) = ellipse(&points)?;
    // As a circle of the first radius: what lies across it is stretched.
    let stretch = |p: Point| {
        let q = rotate(p, -angle);
        Point::new(q.x, q.y * rx / ry)
    };
    let (from, to, middle) = (stretch(a - c), stretch(b - c), stretch(points[points.len() / 2] - c));
    let chord = to - from;
    let half = chord.length() / 2.0;
    let out = {
        let across = chord.turned().unit();
        if across.dot(middle - from) > 0.0 { across } else { -across }
    };
    // Its height tells a circle through both ends well, whatever its turn.
    let height = rx - from.dot(out);
    if !(height > 0.0 && half > 0.0) {
        return None;
    }
    let radius = (half * half + height * height) / (2.0 * height);
    let (long, short) = (radius, radius * ry / rx);
    let sound = [long, short].iter().all(|r| r.is_finite() && *r >= LEAST_RADIUS)
        && long.max(short) < MOST_RATIO * long.min(short);
    if !sound {
        return None;
    }
    let middle = (from + to) * 0.5 + out * (height - radius);
    let center = c + rotate(Point::new(middle.x, middle.y * ry / rx), angle);
    let (mut sum, mut most) = (0.0, 0.0f64);
    for w in points.windows(2) {
        let off = from_ellipse(w[1], center, long, short, angle).0;
        most = most.max(off.abs());
        sum += off * off * w[0].distance(w[1]);
    }
    let cost = sum / (2.0 * SIGMA * SIGMA);
    (most < FARTHEST && cost < saved * Costs::default().number).then(|| Arc {
        radii: (long, short),
        rotation: angle.to_degrees().rem_euclid(180.0),
        large: height > radius,
        sweep: turn > 0.0,
        end: b,
    })
}

/// The ellipse closest to points along a part of it: centre, radii and the direction of the first.
fn ellipse(points: &[Point]) -> Option<(Point, f64, f64, f64)> {
    let origin = points.iter().fold(Point::default(), |a, p| a + *p) * (1.0 / points.len() as f64);
    let size = points.iter().map(|p| p.distance(origin)).fold(0.0, f64::max);
    if !(size > 0.0) {
        return None;
    }
    // x² + y² + a (x² - y²) + 2 b x y + d x + e y + f = 0, by least squares.
    let (mut m, mut r) = ([[0.0; 5]; 5], [0.0; 5]);
    for p in points {
        let p = (*p - origin) * (1.0 / size);
        let row = [p.x * p.x - p.y * p.y, 2.0 * p.x * p.y, p.x, p.y, 1.0];
        for i in 0..5 {
            for j in 0..5 {
                m[i][j] += row[i] * row[j];
            }
            r[i] -= row[i] * (p.x * p.x + p.y * p.y);
        }
    }
    let [a, b, d, e, f] = linear::eliminate(m, r)?;
    let spread = a.hypot(b);
    if !(spread < 1.0) {
        return None;
    }
    let det = 1.0 - a * a - b * b;
    let c = Point::new(((a - 1.0) * d + b * e) / det, (b * d - (1.0 + a) * e) / det) * 0.5;
    let level = -(f + (d * c.x + e * c.y) / 2.0);
    if !(level > 0.0) {
        return None;
    }
    let (mut rx, mut ry) = (size * (level / (1.0 - spread)).sqrt(), size * (level / (1.0 + spread)).sqrt());
    let mut angle = 0.5 * b.atan2(a) + std::f64::consts::FRAC_PI_2;
    let mut c = origin + c * size;
    for _ in 0..ROUNDS {
        let weight = |k: usize| if k == 0 || k + 1 == points.len() { ENDS } else { 1.0 };
        let weighted = points.iter().enumerate().map(|(k, p)| (*p, weight(k)));
        (c, rx, ry, angle) = closer_ellipse(weighted, (c, rx, ry, angle))?;
        if !(rx > 0.0 && ry > 0.0 && c.is_finite() && angle.is_finite()) {
            return None;
        }
    }
    Some((c, rx, ry, angle))
}

#[cfg(test)]
mod tests {
    use super::super::fit::Node;
    use super::*;

    /// Cubics, each of `step` radians, along an ellipse.
    fn along(c: Point, (rx, ry): (f64, f64), angle: f64, from: f64, step: f64, n: usize) -> Chain {
        let on = |t: f64| c + rotate(Point::new(rx * t.cos(), ry * t.sin()), angle);
        let slope = |t: f64| rotate(Point::new(-rx * t.sin(), ry * t.cos()), angle);
        let reach = 4.0 / 3.0 * (step / 4.0).tan();
        let at = |k: usize| from + step * k as f64;
        let nodes = (0..=n).map(|k| Node { point: on(at(k)), smooth: true }).collect();
        let cubic = |k: usize| Piece::Cubic(on(at(k)) + slope(at(k)) * reach, on(at(k + 1)) - slope(at(k + 1)) * reach);
        Chain { nodes, pieces: (0..n).map(cubic).collect() }
    }

    #[test]
    fn cubics_along_an_ellipse_are_one_arc_of_it() {
        for (from, step, n) in [(0.0, 1.0, 2), (0.4, -0.8, 3), (0.0, std::f64::consts::FRAC_PI_2, 2), (2.0, 1.1, 4)] {
            let chain = along(Point::new(80.0, 60.0), (40.0, 22.0), 0.3, from, step, n);
            let found = find(&chain);
            let [(0, count, arc)] = found[..] else { panic!("{found:?}") };
            assert_eq!(count, n);
            assert!((arc.radii.0 - 40.0).abs() < 0.02 && (arc.radii.1 - 22.0).abs() < 0.02, "{arc:?}");
            assert!((arc.rotation - 0.3f64.to_degrees()).abs() < 0.05, "{arc:?}");
            assert_eq!(arc.sweep, step > 0.0);
            let turn = step.abs() * n as f64;
            assert!((turn - std::f64::consts::PI).abs() < 0.01 || arc.large == (turn > std::f64::consts::PI));
        }
    }

    #[test]
    fn what_is_no_ellipse_stays_as_it_is() {
        // Two ellipses that go on in each other.
        let mut chain = along(Point::new(80.0, 60.0), (40.0, 22.0), 0.0, 0.0, 1.2, 1);
        let other = along(Point::new(80.0, 60.0), (40.0, 26.0), 0.0, 1.2, 0.8, 1);
        let shift = chain.nodes[1].point - other.nodes[0].point;
        chain.nodes.push(Node { point: other.nodes[1].point + shift, smooth: true });
        if let Piece::Cubic(c, d) = other.pieces[0] {
            chain.pieces.push(Piece::Cubic(c + shift, d + shift));
        }
        assert_eq!(find(&chain), []);
    }
}
