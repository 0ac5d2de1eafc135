//! One piece where two stand for it, as far as the pixels can tell.
//!
//! The fit breaks a curve where its samples say so, which are taken one by one, with the noise of each: a long cubic
//! comes out of it as three, and the arc of a circle as two cubics. Against the pixels themselves, all at once, one
//! piece is often as good. What a piece would cost them is foreseen from the area between it and those that it
//! replaces, and refinement, which moves everything again, makes it less: the minimum description length once more
//! (Rissanen 1978), now with the residuals of the rendering.

use std::ops::Range;

use super::{Settled, run};
use crate::document::Point;
use crate::trace::Budget;
use crate::trace::contour::fit::{Chain, Curve, Piece, arc_circle, arc_sweep, cubic};
use crate::trace::contour::intake::Intake;
use crate::trace::contour::labels::Labels;
use crate::trace::contour::lattice::{CELLS, to_pixels};
use crate::trace::contour::planar_map::PlanarMap;

/// What the pixels may lose by a piece less, 8-bit steps²: no more than its six numbers gain where there is next to no
/// noise.
const PRICE: f64 = 150.0;

/// The same for each square of an 8-bit step of noise, a ratio: five for each of the six numbers.
const NOISE_PRICE: f64 = 30.0;

/// What they may lose by an arc in place of a cubic against that, a ratio: three numbers fewer.
const ARC_PRICE: f64 = 0.6;

/// What they may lose besides, against what they had cost, a ratio: where there is noise, or a shape that no piece
/// has, six numbers gain more.
const SHARE: f64 = 0.1;

/// What a cost that is foreseen may be to be tried, against its price and what the pixels cost now, a ratio: a piece
/// is fitted to others that are a hundredth of a pixel off themselves, and comes down to the pixels when it is what was
/// drawn (`docs/engine-log.md`).
const HOPE: f64 = 40.0;

/// The same of an arc, a ratio: it has less to give way with.
const ARC_HOPE: f64 = 10.0;

/// Farthest that a piece may be from those that it replaces before it is moved, px: what is farther off does not come
/// to rest where they were.
const REACH: f64 = 0.15;

/// Places of pieces that one is fitted to, a count: several for each of its unknowns.
const PLACES: usize = 32;

/// Rounds of refinement after a change, a count: everything is close to where it will be.
const ROUNDS: usize = 3;

/// Passes over all curves, a count: each halves the pieces that one is enough for.
const PASSES: usize = 4;

/// Shortest arc, px: fewer pixels do not tell it from a line.
const LEAST_ARC: f64 = 4.0;

/// Least and largest half sweep of an arc, radians: a flatter one is a line or a cubic, and of a rounder one the ends do
/// not tell the circle.
const HALF_SWEEPS: (f64, f64) = (0.04, 2.8);

/// What was tried from a piece on and was no good.
#[derive(Debug, Clone, Copy, Default)]
struct Tried {
    /// An arc in its place.
    arc: bool,
    /// An arc in place of it and the next one.
    joint_arc: bool,
    /// A cubic in place of both.
    joint: bool,
}

/// A piece in place of others.
#[derive(Debug, Clone, Copy)]
struct Change {
    boundary: usize,
    /// The first piece, in the chain as it was, and how many.
    piece: usize,
    count: usize,
    to: Piece,
    /// What it would cost the pixels as it is, 8-bit steps².
    cost: f64,
}

/// One piece for places, and the mean square of its distance from them, px².
type Make = fn(&[Point]) -> Option<(Piece, f64)>;

/// What pieces may become fewer in.
pub(super) struct Pieces<'a> {
    pub(super) intake: &'a Intake,
    pub(super) labels: &'a Labels,
    pub(super) map: &'a PlanarMap,
}

impl Pieces<'_> {
    /// Makes one of two pieces, and arcs of cubics, and takes back what the pixels do not agree to after a refinement.
    /// Returns how all came to rest, and the curves that have changed, as they were before they were refined again.
    pub(super) fn simplify(
        &self,
        curves: &mut [Curve],
        mut settled: Settled,
        budget: &Budget,
    ) -> (Settled, Vec<(usize, Curve)>) {
        let refined = |curves: &mut [Curve], changes: &[Change]| {
            let mut moved = vec![false; curves.len()];
            changes.iter().for_each(|c| moved[c.boundary] = true);
            run(self.intake, self.labels, self.map, curves, ROUNDS, Some(&moved), budget)
        };
        let mut tried = for_each_piece(curves, Tried::default());
        let mut changed: Vec<Option<Curve>> = vec![None; curves.len()];
        for _ in 0..PASSES {
            let old = costs(&settled, curves);
            let changes = self.find(curves, &tried, &old);
            if changes.is_empty() || budget.is_over() {
                break;
            }
            let mut trial = curves.to_vec();
            apply(&mut trial, &changes);
            let start = trial.clone();
            let after = refined(&mut trial, &changes);
            let new = costs(&after, &trial);
            let mut gone = vec![0; curves.len()];
            let mut kept: Vec<Change> = Vec::new();
            for change in &changes {
                let k = change.boundary;
                let before: f64 = old[k][change.piece..change.piece + change.count].iter().sum();
                let now = new[k][change.piece - gone[k]];
                gone[k] += change.count - 1;
                if now < before * (1.0 + SHARE) + self.price(change.count) {
                    kept.push(*change);
                    continue;
                }
                let tried = &mut tried[k][change.piece];
                match (change.count, change.to) {
                    (1, _) => tried.arc = true,
                    (_, Piece::Arc(_)) => tried.joint_arc = true,
                    _ => tried.joint = true,
                }
            }
            if kept.is_empty() {
                continue;
            }
            let start = if kept.len() == changes.len() {
                curves.clone_from_slice(&trial);
                settled = after;
                start
            } else {
                apply(curves, &kept);
                let start = curves.to_vec();
                settled = refined(curves, &kept);
                start
            };
            for change in kept.iter().rev() {
                let k = change.boundary;
                let tried = &mut tried[k];
                tried.drain(change.piece + 1..change.piece + change.count);
                tried[change.piece] = Tried { arc: true, ..Tried::default() };
                let before = (change.piece + tried.len() - 1) % tried.len();
                tried[before] = Tried { arc: tried[before].arc, ..Tried::default() };
                changed[k] = Some(start[k].clone());
            }
        }
        (settled, changed.into_iter().enumerate().filter_map(|(k, curve)| Some((k, curve?))).collect())
    }

    /// What may be tried next and is likely to be worth it, in order of boundaries and pieces; no piece
    /// is in two changes.
    fn find(&self, curves: &[Curve], tried: &[Vec<Tried>], costs: &[Vec<f64>]) -> Vec<Change> {
        let mut all = Vec::new();
        for (boundary, ((curve, tried), costs)) in curves.iter().zip(tried).zip(costs).enumerate() {
            let Curve::Chain(chain) = curve else { continue };
            if self.map.boundaries[boundary].is_rim() {
                continue;
            }
            let pieces = chain.pieces.len();
            let least = if chain.is_closed() { 2 } else { 1 };
            let mut own: Vec<Change> = Vec::new();
            for piece in 0..pieces {
                let t = tried[piece];
                let curved = matches!(chain.pieces[piece], Piece::Cubic(..));
                if curved && !t.arc {
                    own.extend(self.offer(chain, boundary, piece..piece + 1, costs, arc, ARC_HOPE));
                }
                if piece + 1 == pieces || chain.pieces[piece..piece + 2] == [Piece::Line; 2] {
                    continue;
                }
                let one = if t.joint_arc {
                    None
                } else {
                    self.offer(chain, boundary, piece..piece + 2, costs, arc, ARC_HOPE)
                };
                let one = one.or_else(|| {
                    if t.joint { None } else { self.offer(chain, boundary, piece..piece + 2, costs, joint, HOPE) }
                });
                own.extend(one);
            }
            // Fewer pieces first, and of those the likeliest.
            own.sort_by(|a, b| b.count.cmp(&a.count).then(a.cost.total_cmp(&b.cost)));
            let mut busy = vec![false; pieces];
            let mut left = pieces;
            own.retain(|c| {
                let range = c.piece..c.piece + c.count;
                if busy[range.clone()].contains(&true) || left - (c.count - 1) < least {
                    return false;
                }
                busy[range].fill(true);
                left -= c.count - 1;
                true
            });
            own.sort_by_key(|c| c.piece);
            all.extend(own);
        }
        all
    }

    /// The change to what `make` makes of pieces, when it would cost at most `hope` times its price and what they cost now:
    /// they are not where they should be either.
    fn offer(
        &self,
        chain: &Chain,
        boundary: usize,
        pieces: Range<usize>,
        costs: &[f64],
        make: Make,
        hope: f64,
    ) -> Option<Change> {
        let (piece, count) = (pieces.start, pieces.len());
        let (places, length) = places(chain, piece, count);
        let (to, mean) = make(&places)?;
        let scale = if self.intake.pixelwise.is_some() { (CELLS as f64).recip() } else { 1.0 };
        let contrast = self.contrast(boundary, places[places.len() / 2]);
        let cost = mean * length * scale.powi(3) * contrast;
        let change = Change { boundary, piece, count, to, cost };
        let now: f64 = costs[pieces].iter().sum();
        (cost < hope * (self.price(count) + now)).then_some(change)
    }

    /// What the pixels may lose by one piece in place of so many, 8-bit steps².
    fn price(&self, count: usize) -> f64 {
        let price = PRICE + NOISE_PRICE * f64::from(self.intake.noise).powi(2);
        if count == 1 { ARC_PRICE * price } else { price }
    }

    /// The square of the difference between the colours beside a boundary, 8-bit steps².
    fn contrast(&self, boundary: usize, at: Point) -> f64 {
        let at = if self.intake.pixelwise.is_some() { to_pixels(at) } else { at };
        let ink = |region: u32| match self.map.regions.get(region as usize) {
            Some(region) => {
                self.labels.inks[usize::from(region.ink)].at(at.x.max(0.0) as usize, at.y.max(0.0) as usize)
            }
            None => [0.0; 4],
        };
        let boundary = &self.map.boundaries[boundary];
        let (left, right) = (ink(boundary.left), ink(boundary.right));
        (0..4).map(|c| f64::from(left[c] - right[c]).powi(2)).sum()
    }
}

/// `value` for each piece of each curve.
fn for_each_piece<T: Clone>(curves: &[Curve], value: T) -> Vec<Vec<T>> {
    curves.iter().map(|curve| vec![value.clone(); curve.pieces()]).collect()
}

/// The cost of the pixels on each piece of each curve.
fn costs(settled: &Settled, curves: &[Curve]) -> Vec<Vec<f64>> {
    let Settled { model, system, .. } = settled;
    let mut costs = for_each_piece(curves, 0.0);
    for pixel in &system.pixels {
        let mut last = u32::MAX;
        for n in system.cells_of(pixel) {
            let part = system.cell(*n).part;
            if part == last {
                continue;
            }
            last = part;
            if let Some(piece) = model.piece(part as usize) {
                costs[model.parts[part as usize].boundary as usize][piece] += f64::from(pixel.cost);
            }
        }
    }
    costs
}

/// Makes `changes` that [`Pieces::find`] found.
fn apply(curves: &mut [Curve], changes: &[Change]) {
    for change in changes.iter().rev() {
        if let Curve::Chain(chain) = &mut curves[change.boundary] {
            chain.pieces[change.piece] = change.to;
            chain.pieces.drain(change.piece + 1..change.piece + change.count);
            chain.nodes.drain(change.piece + 1..change.piece + change.count);
        }
    }
}

/// Places along pieces, both ends among them, and how long they are, px.
fn places(chain: &Chain, piece: usize, count: usize) -> (Vec<Point>, f64) {
    let length = |i: usize| -> f64 {
        let at = |k: u32| chain.at(i, f64::from(k) / 8.0);
        (0..8).map(|k| at(k).distance(at(k + 1))).sum()
    };
    let lengths: Vec<f64> = (piece..piece + count).map(length).collect();
    let total: f64 = lengths.iter().sum();
    let mut places = vec![chain.ends(piece).0];
    for (i, length) in (piece..).zip(&lengths) {
        let n = (PLACES as f64 * length / total).ceil().max(2.0) as usize;
        places.extend((1..=n).map(|k| chain.at(i, k as f64 / n as f64)));
    }
    (places, total)
}

/// The arc through both ends of `places` and the one in their middle, and the mean square of its distance from them, px².
fn arc(places: &[Point]) -> Option<(Piece, f64)> {
    let (a, b) = (*places.first()?, *places.last()?);
    let (least, most) = HALF_SWEEPS;
    let half = arc_sweep(a, places[places.len() / 2], b);
    if a.distance(b) < LEAST_ARC || !(least..most).contains(&half.abs()) {
        return None;
    }
    let (center, radius) = arc_circle(a, b, half);
    let mut sum = 0.0;
    for p in places {
        let off = p.distance(center) - radius.abs();
        if off.abs() > REACH {
            return None;
        }
        sum += off * off;
    }
    Some((Piece::Arc(half), sum / places.len() as f64))
}

/// The cubic closest to `places`, with the same ends, and the mean square of its distance from them, px².
fn joint(places: &[Point]) -> Option<(Piece, f64)> {
    let (control, mean) = cubic::through(places, REACH)?;
    Some((Piece::Cubic(control[1], control[2]), mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::fit::Node;

    fn node(x: f64, y: f64) -> Node {
        Node { point: Point::new(x, y), smooth: true }
    }

    #[test]
    fn a_cubic_in_three_parts_is_one_again() {
        let whole = [(0.0, 0.0), (0.0, 110.0), (90.0, 200.0), (200.0, 200.0)].map(|(x, y)| Point::new(x, y));
        let (first, rest) = cubic::halves(whole, 0.3);
        let (second, third) = cubic::halves(rest, 0.5);
        let parts = [first, second, third];
        let mut chain = Chain {
            nodes: parts.iter().map(|c| Node { point: c[0], smooth: true }).chain([node(200.0, 200.0)]).collect(),
            pieces: parts.iter().map(|c| Piece::Cubic(c[1], c[2])).collect(),
        };
        for _ in 0..2 {
            let (places, length) = places(&chain, 0, 2);
            assert!(length > 100.0);
            let (to, mean) = joint(&places).unwrap();
            assert!(mean.sqrt() < 0.006, "{mean}");
            chain.pieces.splice(0..2, [to]);
            chain.nodes.remove(1);
        }
        let Piece::Cubic(c, d) = chain.pieces[0] else { panic!("{chain:?}") };
        assert!(c.distance(whole[1]) < 1.0 && d.distance(whole[2]) < 1.0, "{c:?} {d:?}");
    }

    #[test]
    fn a_corner_between_two_pieces_stays() {
        let nodes = vec![node(0.0, 0.0), node(50.0, 0.0), node(50.0, 50.0)];
        let bent = |a: Point, b: Point| Piece::Cubic(a + (b - a) * 0.3, a + (b - a) * 0.7 + Point::new(1.0, 1.0));
        let pieces = vec![bent(nodes[0].point, nodes[1].point), bent(nodes[1].point, nodes[2].point)];
        let (places, _) = places(&Chain { nodes, pieces }, 0, 2);
        assert!(joint(&places).is_none() && arc(&places).is_none());
    }

    #[test]
    fn two_cubics_on_a_circle_are_an_arc() {
        let k = 0.552_285 * 40.0;
        let chain = Chain {
            nodes: vec![node(40.0, 0.0), node(0.0, 40.0), node(-40.0, 0.0)],
            pieces: vec![
                Piece::Cubic(Point::new(40.0, k), Point::new(k, 40.0)),
                Piece::Cubic(Point::new(-k, 40.0), Point::new(-40.0, k)),
            ],
        };
        let (places, length) = places(&chain, 0, 2);
        assert!((length - 40.0 * std::f64::consts::PI).abs() < 1.0, "{length}");
        let (to, mean) = arc(&places).unwrap();
        let Piece::Arc(half) = to else { panic!("{to:?}") };
        assert!((half - std::f64::consts::FRAC_PI_2).abs() < 1e-3 && mean.sqrt() < 0.02, "{half} {mean}");
    }
}
