//! Nodes where the pixels show that one is missing.
//!
//! A side of a pixel or two beside a junction has no sample that tells it from the longer one that it ends, so that
//! the fit leaves it out, and the junction then bends the longer one. The rendering shows it: its pixels are far off
//! there when all the rest has come to rest. There the piece gets a corner, everything is moved again, and corners
//! that gained too little go.

use super::{Settled, run};
use crate::document::Point;
use crate::trace::Budget;
use crate::trace::contour::fit::{Chain, Curve, Node, Piece};
use crate::trace::contour::intake::Intake;
use crate::trace::contour::labels::Labels;
use crate::trace::contour::lattice::to_cells;
use crate::trace::contour::planar_map::PlanarMap;

/// Pixels along a curve that are looked at together, a count: a corner that is missing shows in as many.
const WINDOW: usize = 3;

/// Sum of the squares by which these are off where a corner may be missing, 8-bit steps²: three pixels that are off by
/// a tenth of the greatest contrast.
const OFF: f64 = 2000.0;

/// What a corner must gain, 8-bit steps²: two numbers and a break.
const GAIN: f64 = 2000.0;

/// Shortest piece that a corner may leave, px: fewer pixels do not tell a side.
const SHORTEST: f64 = 1.0;

/// Longest end of a curve that becomes a line, px: it hardly bends.
const STRAIGHT: f64 = 4.0;

/// Least distance of a corner from the line through its neighbours, px: a flatter one shows in no pixel.
const FLAT: f64 = 0.12;

/// Rounds of refinement after that, a count: a corner moves by a pixel or two, and most of it in the first.
const ROUNDS: usize = 5;

/// Corners that a boundary may get, a count: few miss more, and each takes two refinements of its boundary.
const PASSES: usize = 2;

/// A corner that was put into a chain.
#[derive(Debug, Clone, Copy)]
pub(in crate::trace::contour) struct Corner {
    boundary: usize,
    /// The piece that it was put into, and where, at a parameter in ]0, 1[.
    piece: usize,
    at: f64,
}

/// Puts `corners` into curves as they were before the refinement, where those after it have as many pieces more:
/// what has to go back can then go back piece by piece.
pub(in crate::trace::contour) fn put_in(corners: &[Corner], curves: &[Curve], before: &mut [Curve]) {
    let more = |k: usize| corners.iter().filter(|c| c.boundary == k).count();
    let known: Vec<bool> =
        corners.iter().map(|c| curves[c.boundary].pieces() == before[c.boundary].pieces() + more(c.boundary)).collect();
    for (corner, _) in corners.iter().zip(known).filter(|(_, known)| *known) {
        if let Curve::Chain(old) = &mut before[corner.boundary] {
            split(old, corner.piece, corner.at);
        }
    }
}

/// Adds corners to `curves` where pixels are far off, and moves them to where they gain most: one a boundary, and
/// then another one where that has helped. Returns those that stayed.
pub(super) fn mend(
    intake: &Intake,
    labels: &Labels,
    map: &PlanarMap,
    curves: &mut [Curve],
    mut settled: Settled,
    budget: &Budget,
) -> Vec<Corner> {
    let mut corners: Vec<Corner> = Vec::new();
    let mut wanted = vec![true; curves.len()];
    // What compression or noise left of an edge looks like one corner after the other.
    let passes = if intake.damage.is_some() { 1 } else { PASSES };
    for _ in 0..passes {
        let Some((added, after)) = pass(intake, labels, map, curves, &settled, &wanted, budget) else { break };
        wanted.fill(false);
        added.iter().for_each(|corner| wanted[corner.boundary] = true);
        corners.extend(added);
        settled = after;
    }
    corners
}

/// Adds a corner to each of the `wanted` boundaries where pixels are far off; `None` when none stayed.
fn pass(
    intake: &Intake,
    labels: &Labels,
    map: &PlanarMap,
    curves: &mut [Curve],
    settled: &Settled,
    wanted: &[bool],
    budget: &Budget,
) -> Option<(Vec<Corner>, Settled)> {
    let mut trial = curves.to_vec();
    let mut added: Vec<Corner> = Vec::new();
    for (boundary, piece, at) in places(settled, intake.pixelwise.is_some()) {
        if wanted[boundary]
            && let Curve::Chain(chain) = &mut trial[boundary]
            && let Some(at) = nearest(chain, piece, at)
        {
            split(chain, piece, at);
            added.push(Corner { boundary, piece, at });
        }
    }
    if added.is_empty() || budget.is_over() {
        return None;
    }
    let mut moved = vec![false; curves.len()];
    added.iter().for_each(|corner| moved[corner.boundary] = true);
    let after = run(intake, labels, map, &mut trial, ROUNDS, Some(&moved), budget);
    // Those that gained too little go.
    let tried = added.len();
    added.retain(|corner| {
        let k = corner.boundary;
        let gained = settled.costs[k] - after.costs[k] > GAIN;
        let Curve::Chain(chain) = &trial[k] else { return false };
        if gained && is_corner(chain, corner.piece + 1) {
            return true;
        }
        let ends = chain.nodes.first().map(|n| n.point).zip(chain.nodes.last().map(|n| n.point));
        let mut old = curves[k].clone();
        if let (Curve::Chain(old), Some((first, last)), false) = (&mut old, ends, map.boundaries[k].is_ring()) {
            old.move_node(0, first);
            old.move_node(old.nodes.len() - 1, last);
        }
        trial[k] = old;
        false
    });
    if added.is_empty() {
        return None;
    }
    // What all of them have come to rest with needs no more rounds.
    let last =
        if added.len() == tried { after } else { run(intake, labels, map, &mut trial, ROUNDS, Some(&moved), budget) };
    if !(last.system.cost < settled.system.cost) {
        return None;
    }
    curves.clone_from_slice(&trial);
    Some((added, last))
}

/// Where corners are missing: of each boundary the worst place, its piece, and a pixel there.
fn places(settled: &Settled, in_cells: bool) -> Vec<(usize, usize, Point)> {
    let Settled { model, system, .. } = settled;
    let mut cost = vec![0.0f64; system.len()];
    for pixel in &system.pixels {
        for n in system.cells_of(pixel) {
            cost[*n as usize] = f64::from(pixel.cost);
        }
    }
    let mut worst: Vec<(f64, usize, usize, Point)> = Vec::new();
    for (number, part) in system.parts().enumerate() {
        let Some(piece) = model.piece(number) else { continue };
        let boundary = model.parts[number].boundary as usize;
        let costs = &cost[part.first..part.first + part.cells.len()];
        let reach = WINDOW.min(costs.len());
        for (k, window) in costs.windows(reach.max(1)).enumerate() {
            let sum: f64 = window.iter().sum();
            if sum < OFF {
                continue;
            }
            let peak = (0..window.len()).max_by(|a, b| window[*a].total_cmp(&window[*b])).unwrap_or(0);
            let cell = &part.cells[k + peak];
            let at = Point::new(f64::from(cell.x) + 0.5, f64::from(cell.y) + 0.5);
            let at = if in_cells { to_cells(at) } else { at };
            match worst.last_mut().filter(|w| w.1 == boundary) {
                Some(w) if w.0 >= sum => {}
                Some(w) => *w = (sum, boundary, piece, at),
                None => worst.push((sum, boundary, piece, at)),
            }
        }
    }
    worst.into_iter().map(|(_, boundary, piece, at)| (boundary, piece, at)).collect()
}

/// The parameter of a piece at its place nearest to `at`, when there is room for a corner.
fn nearest(chain: &Chain, piece: usize, at: Point) -> Option<f64> {
    let (a, b) = chain.ends(piece);
    let steps = (2.0 * chain.length(piece)).ceil().clamp(2.0, 4096.0) as usize;
    let away = |t: f64| chain.at(piece, t).distance(at);
    let roomy = |t: &f64| {
        let p = chain.at(piece, *t);
        p.distance(a) >= SHORTEST && p.distance(b) >= SHORTEST
    };
    let inner = (1..steps).map(|k| k as f64 / steps as f64).filter(roomy);
    inner.min_by(|s, t| away(*s).total_cmp(&away(*t)))
}

/// Puts a corner into a piece of a chain, at a parameter.
fn split(chain: &mut Chain, piece: usize, t: f64) {
    let (a, b) = chain.ends(piece);
    let p = chain.at(piece, t);
    let [first, second] = match chain.pieces[piece] {
        // Cut by what it turns by, as it should, some pictures lose (`docs/engine-log.md`).
        Piece::Arc(half) => [Piece::Arc(half * t), Piece::Arc(half * (1.0 - t))],
        _ => chain.parts(piece, t),
    };
    let short = |p: Point, q: Point, own: Piece| if p.distance(q) < STRAIGHT { Piece::Line } else { own };
    chain.pieces[piece] = short(a, p, first);
    chain.pieces.insert(piece + 1, short(p, b, second));
    chain.nodes.insert(piece + 1, Node { point: p, smooth: false });
}

/// Whether the two pieces at a node do not go on in each other.
fn is_corner(chain: &Chain, node: usize) -> bool {
    let (from, at) = chain.ends(node - 1);
    let to = chain.ends(node).1;
    let (before, after) = (chain.tangents(node - 1).1, chain.tangents(node).0);
    let reach = from.distance(at).min(at.distance(to));
    at.is_finite() && (before.cross(after).abs() * reach > FLAT || before.dot(after) < 0.0)
}
