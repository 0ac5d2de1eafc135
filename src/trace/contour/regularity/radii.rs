//! Radii that are equal, and arcs that round a corner of two lines: tangent to both, with their centre where these have it.

use std::f64::consts::TAU;

use super::shared::{Measure, agreed};
use super::{Item, MAX_MEASURES, SHARED_SIGMAS, to_grid};
use crate::document::Point;
use crate::trace::contour::fit::segment::intersection;
use crate::trace::contour::fit::{Chain, Curve, Piece, arc_circle};

/// Least and largest turn of a rounded corner, radians: a flatter one is a bend, and the lines beside a rounder one meet far
/// away.
const TURNS: (f64, f64) = (0.2, 3.0);

/// Largest half sweep of an arc whose radius may change between its ends, radians: beyond it these tell the radius.
const MOST_HALF: f64 = 1.25;

/// Root of the mean square distance of an arc from the one that touches both lines, σ: where the fit breaks is known to half a
/// pixel, and the refinement leaves that.
const TOUCH_SIGMAS: f64 = 0.7;

/// Places at which an arc is held against its corner, a count: it has two unknowns less.
const PLACES: usize = 9;

/// Rounds in which the radius of a corner is found, a count: it is nearly linear.
const ROUNDS: usize = 3;

/// Root of the mean square by which the rounded corners of a rectangle move with their radius, a ratio: of √2 cos φ − 1 up
/// to an eighth of a turn.
const QUARTER: f64 = 0.3;

/// A corner that an arc rounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner {
    /// Where its lines meet, and their directions before and after.
    apex: Point,
    lines: (Point, Point),
    /// By how much it turns, radians; to the right when positive.
    turn: f64,
}

impl Corner {
    /// The corner that piece `i` of `chain` rounds, if it does.
    fn new(chain: &Chain, i: usize) -> Option<Self> {
        let n = chain.pieces.len();
        let Piece::Arc(half) = chain.pieces[i] else { return None };
        let inner = chain.is_closed() || (i > 0 && i + 1 < n);
        if !inner || n < 3 {
            return None;
        }
        let (before, after) = ((i + n - 1) % n, (i + 1) % n);
        if chain.pieces[before] != Piece::Line || chain.pieces[after] != Piece::Line {
            return None;
        }
        let ((a, b), (c, d)) = (chain.ends(before), chain.ends(after));
        let (u, v) = ((b - a).unit(), (d - c).unit());
        let turn = u.cross(v).atan2(u.dot(v));
        let sound = turn * half > 0.0 && (TURNS.0..TURNS.1).contains(&turn.abs());
        let apex = intersection(b, u, c, v).filter(|_| sound)?;
        Some(Self { apex, lines: (u, v), turn })
    }

    /// Where a circle in it has its centre, for each px of its radius.
    fn out(&self) -> Point {
        (self.lines.1 - self.lines.0).unit() * (1.0 / (self.turn / 2.0).cos())
    }

    /// How far a place is outside the circle of a radius, px, and how that changes with the radius.
    fn off(&self, p: Point, radius: f64) -> (f64, f64) {
        let out = self.out();
        let v = p - (self.apex + out * radius);
        (v.length() - radius, -v.unit().dot(out) - 1.0)
    }

    /// Lets an arc of `radius` round it.
    fn round(&self, chain: &mut Chain, i: usize, radius: f64) -> bool {
        let reach = radius * (self.turn.abs() / 2.0).tan();
        let (u, v) = self.lines;
        let n = chain.pieces.len();
        let (from, to) = (chain.ends((i + n - 1) % n).0, chain.ends((i + 1) % n).1);
        let (a, b) = (self.apex - u * reach, self.apex + v * reach);
        // The lines beside it go on forward.
        if !((a - from).dot(u) > 0.0 && (to - b).dot(v) > 0.0) {
            return false;
        }
        let next = (i + 1) % chain.nodes.len();
        // What is upright stays so to the last bit.
        let on = |p: Point, old: Point, d: Point| {
            Point::new(if d.x == 0.0 { old.x } else { p.x }, if d.y == 0.0 { old.y } else { p.y })
        };
        chain.nodes[i].point = on(a, chain.nodes[i].point, u);
        chain.nodes[next].point = on(b, chain.nodes[next].point, v);
        chain.pieces[i] = Piece::Arc(self.turn / 2.0);
        true
    }
}

/// What has a radius.
#[derive(Debug, Clone, Copy)]
enum Owner {
    /// A whole circle, or a rectangle with rounded corners.
    Whole(usize),
    /// A radius of an ellipse.
    Ellipse(usize, bool),
    /// An arc that rounds a corner.
    Corner(usize, usize, Corner),
    /// Another arc.
    Arc(usize, usize),
}

impl Owner {
    fn curve(&self) -> usize {
        match *self {
            Self::Whole(k) | Self::Ellipse(k, _) | Self::Corner(k, ..) | Self::Arc(k, _) => k,
        }
    }
}

/// Gives what has the same radius within what is known of it one radius, and lets arcs in corners touch their lines.
pub(super) fn unite(items: &[Option<Item>], curves: &mut [Curve]) {
    let mut owners: Vec<(Owner, Measure)> = Vec::new();
    for (k, (item, curve)) in items.iter().zip(curves.iter()).enumerate() {
        if let Some(item) = item {
            measure(k, item, curve, &mut owners);
        }
    }
    if owners.len() > MAX_MEASURES {
        return;
    }
    let measures: Vec<Measure> = owners.iter().map(|(_, m)| *m).collect();
    let radii = agreed(&measures, to_grid);
    let all: Vec<(Owner, f64, f64)> = owners.iter().zip(radii).map(|((o, m), r)| (*o, m.value, r)).collect();
    for of_one in all.chunk_by(|a, b| a.0.curve() == b.0.curve()) {
        let k = of_one[0].0.curve();
        if of_one.iter().all(|(owner, old, new)| old == new && !matches!(owner, Owner::Corner(..))) {
            continue;
        }
        let mut curve = curves[k].clone();
        for (owner, old, radius) in of_one {
            give(&mut curve, owner, *old, *radius);
        }
        if items[k].as_ref().is_some_and(|item| item.allows(&curve)) {
            curves[k] = curve;
        }
    }
}

/// The radii of a curve.
fn measure(k: usize, item: &Item, curve: &Curve, owners: &mut Vec<(Owner, Measure)>) {
    let sigma = SHARED_SIGMAS * item.sigma;
    // Of a curve of so much length that moves by so much of what the radius does.
    let known = |value: f64, length: f64, moves: f64| Measure {
        value,
        weight: length * (moves / sigma).powi(2),
        reach: sigma / moves,
    };
    match curve {
        Curve::Circle(_, r) => owners.push((Owner::Whole(k), known(*r, TAU * r, 1.0))),
        Curve::Rect(_, _, r) if *r > 0.0 => {
            let known = known(*r, TAU * r, QUARTER);
            owners.push((Owner::Whole(k), Measure { reach: TOUCH_SIGMAS * item.sigma / QUARTER, ..known }));
        }
        Curve::Ellipse(_, rx, ry, _) => {
            for (second, r) in [(false, *rx), (true, *ry)] {
                owners.push((Owner::Ellipse(k, second), known(r, item.length, 0.5f64.sqrt())));
            }
        }
        Curve::Chain(chain) => {
            for i in 0..chain.pieces.len() {
                let Piece::Arc(half) = chain.pieces[i] else { continue };
                let (a, b) = chain.ends(i);
                let radius = arc_circle(a, b, half).1.abs();
                let length = 2.0 * radius * half.abs();
                let corner = Corner::new(chain, i)
                    .and_then(|c| Some((c, corner(&c, chain, i, radius, TOUCH_SIGMAS * item.sigma)?)));
                if let Some((corner, (radius, moves, spare))) = corner {
                    let known = Measure { reach: spare / moves, ..known(radius, length, moves) };
                    owners.push((Owner::Corner(k, i, corner), known));
                } else if half.abs() < MOST_HALF {
                    // Between its ends: its height with its radius, two thirds of that on average.
                    let moves = 2.0 / 3.0 * (half.cos().recip() - 1.0);
                    owners.push((Owner::Arc(k, i), known(radius, length, moves)));
                }
            }
        }
        _ => {}
    }
}

/// The radius with which an arc in a corner is closest to piece `i`, by how much it moves with it, and how far it may be
/// moved, px; `None` when it is none.
fn corner(corner: &Corner, chain: &Chain, i: usize, radius: f64, sigma: f64) -> Option<(f64, f64, f64)> {
    let places: Vec<Point> = (0..PLACES).map(|k| chain.at(i, (k as f64 + 0.5) / PLACES as f64)).collect();
    let mut r = radius;
    let sums = |r: f64| {
        places
            .iter()
            .map(|p| corner.off(*p, r))
            .fold((0.0, 0.0, 0.0), |(a, b, c), (off, slope)| (a + off * off, b + off * slope, c + slope * slope))
    };
    for _ in 0..ROUNDS {
        let (_, both, slopes) = sums(r);
        r -= both / slopes.max(1e-9);
    }
    let (rest, _, slopes) = sums(r);
    let n = PLACES as f64;
    let spare = sigma * sigma - rest / n;
    (r.is_finite() && r > 0.0 && spare > 0.0).then(|| (r, (slopes / n).sqrt(), spare.sqrt()))
}

/// Gives one of the radii of `curve` its value.
fn give(curve: &mut Curve, owner: &Owner, old: f64, radius: f64) {
    match (curve, owner) {
        (Curve::Circle(_, r) | Curve::Rect(_, _, r), Owner::Whole(_)) => *r = radius,
        (Curve::Ellipse(_, rx, ry, _), Owner::Ellipse(_, second)) => *if *second { ry } else { rx } = radius,
        (Curve::Chain(chain), Owner::Corner(_, i, corner)) => {
            corner.round(chain, *i, radius);
        }
        (Curve::Chain(chain), Owner::Arc(_, i)) if radius != old => with_radius(chain, *i, radius),
        _ => {}
    }
}

/// Gives an arc of less than half a turn a radius between its ends.
pub(super) fn with_radius(chain: &mut Chain, i: usize, radius: f64) {
    let (a, b) = chain.ends(i);
    let share = a.distance(b) / 2.0 / radius;
    if let Piece::Arc(half) = &mut chain.pieces[i]
        && half.abs() < MOST_HALF
        && share < 1.0
    {
        *half = share.asin().copysign(*half);
    }
}

/// The corners that arcs of `chain` round, with their radii.
pub(super) fn corners(chain: &Chain) -> Vec<(usize, f64)> {
    let rounds = |i: usize| {
        let Piece::Arc(half) = chain.pieces[i] else { return None };
        let corner = Corner::new(chain, i).filter(|c| (c.turn / 2.0 - half).abs() < TOUCHES)?;
        let (a, b) = chain.ends(i);
        let radius = arc_circle(a, b, half).1.abs();
        (corner.off(chain.at(i, 0.5), radius).0.abs() < TOUCHES * radius).then_some((i, radius))
    };
    (0..chain.pieces.len()).filter_map(rounds).collect()
}

/// By how much an arc may be off its corner and rounds it, of its radius, a ratio: what rounding leaves.
const TOUCHES: f64 = 0.003;

/// Lets arcs with the radii that [`corners`] found round their corners, where these are now.
pub(super) fn round_again(chain: &mut Chain, radii: &[(usize, f64)]) {
    for (i, radius) in radii {
        if let Some(corner) = Corner::new(chain, *i) {
            corner.round(chain, *i, *radius);
        }
    }
}
