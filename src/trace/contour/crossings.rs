//! Boundaries that cross each other, put apart again.
//!
//! Boundaries of the planar map never cross, and curves that are fitted to them hardly do. The refinement moves
//! each to where the pixels have it, though, and where two run closer together than a pixel tells, or a junction
//! has moved over a third one, they may end up on the wrong sides of each other. Only what is near the crossing is mended,
//! a step at a time, and no more than it takes: a piece goes back towards what it was before the refinement; where that
//! is not enough it follows the points as measured, or the middles of the cracks between the pixels, which cross
//! nothing.
//!
//! Pairs of pieces whose boxes meet are found by a sweep from left to right, and only those are cut into chords.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::{Chain, Curve, Node, Piece, polygon, rotate};
use super::junctions::move_end;
use super::planar_map::{Boundary, PlanarMap};
use super::subpixel::Sample;
use crate::document::Point;

/// Farthest that a chord lies from its curve, px: a crossing that is less deep is lost in two decimals.
const FLAT: f64 = 0.001;

/// Most chords of a piece, a count: a circle of a thousand pixels needs as many for [`FLAT`].
const MAX_CHORDS: f64 = 2048.0;

/// How much of the way a piece goes back to what it was before the refinement, step by step, a share: as a rule a little
/// is enough.
const WAY_BACK: [f64; 4] = [0.1, 0.25, 0.5, 1.0];

/// Steps that a piece may take, a count: those back, then the points as measured, then the cracks.
const STEPS: usize = WAY_BACK.len() + 2;

/// Lengths of two boundaries up to which neither is the one to give way, a ratio: the pixels of both say as much.
const SIMILAR: usize = 3;

/// Length of a boundary that is not bent for a speck which lies across it, px: its other pixels say where it is.
const LONG: usize = 200;

/// How much of a piece is mended on either side of where it crosses another one, px: as a rule they do over a pixel or
/// two.
const REACH: f64 = 1.5;

/// Farthest that an end of a piece lies beyond what the piece crosses and is put back before it, px: junctions are
/// known to a pixel.
const TRIM: f64 = 1.5;

/// How far before it the end is put, px: half of what two decimals tell.
const CLEAR: f64 = 0.005;

/// Rounds in which ends are put back, a count: an end that goes on crossing is no matter of its place.
const TRIMS: usize = 4;

/// Most rounds of repair, a count: all steps of two curves, and what their neighbours need after them.
const ROUNDS: usize = 32;

/// A piece of a curve with the box around it.
struct Span {
    boundary: usize,
    piece: usize,
    low: Point,
    high: Point,
}

impl Span {
    fn new(curve: &Curve, boundary: usize, piece: usize) -> Self {
        let around = |points: &[Point], by: f64| {
            let first = points[0];
            let low = points.iter().fold(first, |a, p| Point::new(a.x.min(p.x), a.y.min(p.y)));
            let high = points.iter().fold(first, |a, p| Point::new(a.x.max(p.x), a.y.max(p.y)));
            (low - Point::new(by, by), high + Point::new(by, by))
        };
        let (low, high) = match curve {
            Curve::Chain(chain) => {
                let (a, b) = chain.ends(piece);
                match chain.pieces[piece] {
                    Piece::Line => around(&[a, b], 0.0),
                    Piece::Cubic(c, d) => around(&[a, c, d, b], 0.0),
                    Piece::Arc(half) => around(&[a, b], bulge(a.distance(b), half)),
                }
            }
            Curve::Circle(c, r) => around(&[*c], *r),
            Curve::Ellipse(c, rx, ry, _) => around(&[*c], rx.max(*ry)),
            Curve::Rect(a, b, _) => around(&[*a, *b], 0.0),
            Curve::Polygon(c, r, ..) => around(&[*c], *r),
        };
        Self { boundary, piece, low, high }
    }

    fn meets(&self, low: Point, high: Point) -> bool {
        self.low.x <= high.x && low.x <= self.high.x && self.low.y <= high.y && low.y <= self.high.y
    }
}

/// How far an arc over `chord` may reach beyond its ends, px.
fn bulge(chord: f64, half: f64) -> f64 {
    let half = half.abs();
    if half < std::f64::consts::FRAC_PI_2 {
        chord / 2.0 * (half / 2.0).tan()
    } else {
        chord / half.sin().abs().max(1e-9)
    }
}

/// A piece of a curve as chords.
fn chords(curve: &Curve, piece: usize) -> Vec<Point> {
    // An arc of radius r whose chords are within FLAT of it.
    let turning =
        |sweep: f64, r: f64| (sweep / (8.0 * FLAT / r.max(FLAT)).sqrt()).ceil().clamp(1.0, MAX_CHORDS) as usize;
    let turn = std::f64::consts::TAU;
    match *curve {
        Curve::Chain(ref chain) => {
            let (a, b) = chain.ends(piece);
            let n = match chain.pieces[piece] {
                Piece::Line => 1,
                Piece::Cubic(c, d) => {
                    let bend = (a - c * 2.0 + d).length().max((c - d * 2.0 + b).length());
                    (0.75 * bend / FLAT).sqrt().ceil().clamp(1.0, MAX_CHORDS) as usize
                }
                Piece::Arc(half) => turning(2.0 * half.abs(), a.distance(b) / 2.0 / half.sin().abs().max(1e-9)),
            };
            (0..=n).map(|k| chain.at(piece, k as f64 / n as f64)).collect()
        }
        Curve::Circle(c, r) => {
            let n = turning(turn, r).max(3);
            (0..=n).map(|k| c + rotate(Point::new(r, 0.0), turn * (k % n) as f64 / n as f64)).collect()
        }
        Curve::Ellipse(c, rx, ry, angle) => {
            let n = turning(turn, rx.max(ry)).max(3);
            let on = |t: f64| Point::new(rx * t.cos(), ry * t.sin());
            (0..=n).map(|k| c + rotate(on(turn * (k % n) as f64 / n as f64), angle)).collect()
        }
        Curve::Rect(a, b, r) => {
            let quarter = if r > 0.0 { turning(turn / 4.0, r) } else { 0 };
            let corners = [(b.x, a.y, -1.0, 1.0), (b.x, b.y, -1.0, -1.0), (a.x, b.y, 1.0, -1.0), (a.x, a.y, 1.0, 1.0)];
            let mut points = Vec::with_capacity(4 * quarter + 5);
            for (turns, (x, y, inward, down)) in corners.into_iter().enumerate() {
                let center = Point::new(x + inward * r, y + down * r);
                points.extend((0..=quarter).map(|k| {
                    let part = if quarter > 0 { k as f64 / quarter as f64 } else { 0.0 };
                    center + rotate(Point::new(0.0, -r), turn / 4.0 * (turns as f64 + part))
                }));
            }
            points.extend(points.first().copied());
            points
        }
        Curve::Polygon(c, r, angle, n) => (0..=n).map(|k| polygon::corner(c, r, angle, n, k % n)).collect(),
    }
}

/// Where the lines from `a` to `b` and from `c` to `d` cross; touching is no crossing.
fn cross(a: Point, b: Point, c: Point, d: Point) -> Option<Point> {
    let opposite = |u: f64, v: f64| u < 0.0 && v > 0.0 || u > 0.0 && v < 0.0;
    let side = |p: Point, q: Point, r: Point| (q - p).cross(r - p);
    let (before, after) = (side(c, d, a), side(c, d, b));
    let crosses = opposite(before, after) && opposite(side(a, b, c), side(a, b, d));
    crosses.then(|| a + (b - a) * (before / (before - after)))
}

/// Where two pieces, as chords, cross first; each has its box.
fn meet(first: &[Point], second: &[Point], first_box: &Span, second_box: &Span) -> Option<Point> {
    let bounds = |w: &[Point]| {
        let low = Point::new(w[0].x.min(w[1].x), w[0].y.min(w[1].y));
        (low, Point::new(w[0].x.max(w[1].x), w[0].y.max(w[1].y)))
    };
    let near = |points: &[Point], other: &Span| -> Vec<[Point; 2]> {
        let chords = points.windows(2).filter(|w| {
            let (low, high) = bounds(w);
            other.meets(low, high)
        });
        chords.map(|w| [w[0], w[1]]).collect()
    };
    let second = near(second, first_box);
    near(first, second_box).iter().find_map(|[a, b]| second.iter().find_map(|[c, d]| cross(*a, *b, *c, *d)))
}

/// A piece of a curve: the boundary that it belongs to, and which of its pieces it is.
type Part = (usize, usize);

/// The pairs of pieces that cross, of two curves, of which `asked` wants to know one at least, and where they do.
fn find(curves: &[Curve], asked: impl Fn(usize) -> bool) -> BTreeMap<(Part, Part), Point> {
    let pieces = |curve: &Curve| if let Curve::Chain(chain) = curve { chain.pieces.len() } else { 1 };
    let mut spans: Vec<Span> = Vec::new();
    for (i, curve) in curves.iter().enumerate() {
        spans.extend((0..pieces(curve)).map(|k| Span::new(curve, i, k)));
    }
    spans.sort_by(|a, b| a.low.x.total_cmp(&b.low.x).then((a.boundary, a.piece).cmp(&(b.boundary, b.piece))));
    let mut found = BTreeMap::new();
    let mut chorded: Vec<Option<Vec<Point>>> = vec![None; spans.len()];
    let mut active: Vec<usize> = Vec::new();
    for (i, span) in spans.iter().enumerate() {
        active.retain(|j| spans[*j].high.x >= span.low.x);
        for j in &active {
            let other = &spans[*j];
            let same = span.boundary == other.boundary;
            if same || !span.meets(other.low, other.high) || !(asked(span.boundary) || asked(other.boundary)) {
                continue;
            }
            for k in [i, *j] {
                chorded[k].get_or_insert_with(|| chords(&curves[spans[k].boundary], spans[k].piece));
            }
            if let (Some(a), Some(b)) = (&chorded[i], &chorded[*j])
                && let Some(at) = meet(a, b, span, other)
            {
                let (a, b) = ((span.boundary, span.piece), (other.boundary, other.piece));
                found.insert((a.min(b), a.max(b)), at);
            }
        }
        active.push(i);
    }
    found
}

/// Places along a curve no farther apart than `step`, px, from its start to its end.
pub(super) fn places(curve: &Curve, step: f64) -> Vec<Point> {
    let pieces = if let Curve::Chain(chain) = curve { chain.pieces.len() } else { 1 };
    let mut points: Vec<Point> = Vec::new();
    for piece in 0..pieces {
        let chords = chords(curve, piece);
        for w in chords.windows(2) {
            let n = (w[0].distance(w[1]) / step).ceil().clamp(1.0, MAX_CHORDS) as usize;
            points.extend((0..n).map(|k| w[0] + (w[1] - w[0]) * (k as f64 / n as f64)));
        }
        if piece + 1 == pieces {
            points.extend(chords.last().copied());
        }
    }
    points
}

/// Puts `curves` that cross apart: towards what they were `before` the refinement, and from there on to what was
/// measured. Returns how many were changed.
pub fn repair(map: &PlanarMap, samples: &[Vec<Sample>], before: &[Curve], curves: &mut [Curve]) -> usize {
    if find(curves, |_| true).is_empty() {
        return 0;
    }
    let (mut old, mut near) = (before.to_vec(), curves.to_vec());
    let changed = put_apart(map, samples, &mut old, &mut near, true);
    if find(&near, |_| true).is_empty() {
        curves.clone_from_slice(&near);
        return changed;
    }
    // Some are entangled so that whole pieces have to go.
    old.clone_from_slice(before);
    put_apart(map, samples, &mut old, curves, false)
}

/// The same, where long pieces are cut beside a crossing first when it is only to be mended `nearby`, those of
/// `before` alike.
fn put_apart(
    map: &PlanarMap,
    samples: &[Vec<Sample>],
    before: &mut [Curve],
    curves: &mut [Curve],
    nearby: bool,
) -> usize {
    let mut steps: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut changed: BTreeSet<usize> = (0..curves.len()).collect();
    for round in 0..ROUNDS {
        let mut busy: BTreeSet<usize> = BTreeSet::new();
        let crossing = find(curves, |k| changed.contains(&k));
        changed.clear();
        for ((first, second), at) in crossing {
            if busy.contains(&first.0) || busy.contains(&second.0) {
                // The next round tells whether that was enough.
                changed.extend([first.0, second.0]);
                continue;
            }
            if round < TRIMS && trim(map, curves, [first, second], at, &mut changed) {
                busy.extend([first.0, second.0]);
                continue;
            }
            let step = |part: &Part| steps.get(&part.0).and_then(|s| s.get(part.1)).copied().unwrap_or(0);
            // Of two that are about as long, each takes a step in turn; else the short one, whose pixels say less.
            let length = |part: &Part| map.boundaries[part.0].corners.len();
            let shorter = length(&first).min(length(&second));
            let similar = length(&first).max(length(&second)) < SIMILAR * shorter;
            let rank = |part: &Part| {
                let shape = !matches!(curves[part.0], Curve::Chain(_));
                let turn = step(part) + if shape { STEPS / 2 } else { 0 };
                (if similar { turn } else { 0 }, length(part), *part)
            };
            let movable = [first, second].into_iter().filter(|part| !map.boundaries[part.0].is_rim());
            let movable = movable
                .filter(|part| step(part) < STEPS && (similar || length(part) == shorter || length(part) < LONG));
            let Some(part) = movable.min_by_key(rank) else { continue };
            busy.extend([first.0, second.0]);
            let (k, piece) = part;
            let pieces = if let Curve::Chain(chain) = &curves[k] { chain.pieces.len() } else { 1 };
            let steps = steps.entry(k).or_insert_with(|| vec![0; pieces]);
            let mut part = part;
            if nearby
                && steps[piece] == 0
                && let Some((own, added)) = isolate(&mut before[k], &mut curves[k], piece, at)
            {
                steps.splice(piece..piece, std::iter::repeat_n(0, added));
                part = (k, own);
            }
            let piece = part.1;
            steps[piece] += 1;
            let step = steps[piece] - 1;
            if let Some(share) = WAY_BACK.get(step) {
                ease(map, before, curves, part, *share, &mut changed);
            } else {
                let new = measured(map, &samples[k], curves, part, step > WAY_BACK.len(), &mut changed);
                let done = step + 1;
                match new {
                    Some(new) => drop(steps.splice(piece..=piece, vec![done; new])),
                    None => {
                        let pieces = if let Curve::Chain(chain) = &curves[k] { chain.pieces.len() } else { 1 };
                        *steps = vec![done; pieces];
                    }
                }
            }
        }
        if changed.is_empty() {
            break;
        }
    }
    steps.len()
}

/// Cuts a long piece on both sides of where it crosses another one. Gives the number of the piece there and how many have
/// been added.
fn isolate(before: &mut Curve, curve: &mut Curve, piece: usize, at: Point) -> Option<(usize, usize)> {
    let Curve::Chain(chain) = curve else { return None };
    // Bits of an arc that end beside a junction cross there by less than chords show.
    if matches!(chain.pieces[piece], Piece::Arc(_)) {
        return None;
    }
    let t = chain.nearest(piece, at, (0.0, 1.0)).0;
    let reach = REACH / chain.length(piece).max(1e-9);
    // What is left beside it must be as long.
    let from = Some(t - reach).filter(|from| *from > reach);
    let to = Some(t + reach).filter(|to| 1.0 - *to > reach);
    if from.is_none() && to.is_none() {
        return None;
    }
    let cut = |chain: &mut Chain| {
        if let Some(to) = to {
            chain.split(piece, to);
        }
        if let Some(from) = from {
            chain.split(piece, from / to.unwrap_or(1.0));
        }
    };
    // What has other pieces is not gone back to.
    if let Curve::Chain(old) = before
        && old.pieces.len() == chain.pieces.len()
    {
        cut(old);
    }
    cut(chain);
    Some((piece + usize::from(from.is_some()), usize::from(from.is_some()) + usize::from(to.is_some())))
}

/// Where two pieces cross `at` a place beside an end of one of them, puts that end back before it.
fn trim(map: &PlanarMap, curves: &mut [Curve], parts: [Part; 2], at: Point, changed: &mut BTreeSet<usize>) -> bool {
    let rim = |junction: usize| map.on_rim(map.junctions[junction]) != (false, false);
    let mut best: Option<(f64, usize, usize, Option<usize>, Point)> = None;
    for ((k, piece), other) in [(parts[0], parts[1]), (parts[1], parts[0])] {
        let Curve::Chain(chain) = &curves[k] else { continue };
        // A junction takes what else ends in it along.
        let shared =
            |junction: usize| map.boundaries[other.0].ends.is_some_and(|(a, b)| a == junction || b == junction);
        let (start, end) = (piece, (piece + 1) % chain.nodes.len());
        for (node, other) in [(start, end), (end, start)] {
            let junction = map.boundaries[k].ends.and_then(|(from, to)| match node {
                0 => Some(from),
                n if n + 1 == chain.nodes.len() => Some(to),
                _ => None,
            });
            let (p, q) = (chain.nodes[node].point, chain.nodes[other].point);
            let off = p.distance(at);
            if map.boundaries[k].is_rim()
                || junction.is_some_and(|j| rim(j) || shared(j))
                || !(off < TRIM.min(0.5 * p.distance(q)))
            {
                continue;
            }
            if best.is_none_or(|b| off < b.0) {
                best = Some((off, k, node, junction, at + (at - p).unit() * CLEAR));
            }
        }
    }
    let Some((_, k, node, junction, to)) = best else { return false };
    changed.insert(k);
    if let Curve::Chain(chain) = &mut curves[k] {
        chain.move_node(node, to);
    }
    if let Some(junction) = junction {
        move_junction(map, curves, junction, to, changed);
    }
    true
}

/// Moves a piece a part of the way to what it was before.
fn ease(
    map: &PlanarMap,
    before: &[Curve],
    curves: &mut [Curve],
    (k, piece): Part,
    share: f64,
    changed: &mut BTreeSet<usize>,
) {
    changed.insert(k);
    let mix = |a: f64, b: f64| a + (b - a) * share;
    let toward = |p: Point, q: Point| Point::new(mix(p.x, q.x), mix(p.y, q.y));
    let Curve::Chain(chain) = &mut curves[k] else {
        curves[k] = match (&curves[k], &before[k]) {
            (Curve::Circle(c, r), Curve::Circle(d, s)) => Curve::Circle(toward(*c, *d), mix(*r, *s)),
            (Curve::Rect(a, b, r), Curve::Rect(c, d, s)) => Curve::Rect(toward(*a, *c), toward(*b, *d), mix(*r, *s)),
            (_, before) => before.clone(),
        };
        return;
    };
    let Curve::Chain(old) = &before[k] else { return };
    if old.pieces.len() != chain.pieces.len() {
        return;
    }
    let next = (piece + 1) % chain.nodes.len();
    let ends = [piece, next].map(|node| (node, toward(chain.nodes[node].point, old.nodes[node].point)));
    let eased = match (chain.pieces[piece], old.pieces[piece]) {
        (Piece::Cubic(a, b), Piece::Cubic(c, d)) => Piece::Cubic(toward(a, c), toward(b, d)),
        (Piece::Arc(a), Piece::Arc(b)) => Piece::Arc(mix(a, b)),
        (own, _) => own,
    };
    for (node, to) in ends {
        chain.move_node(node, to);
    }
    chain.pieces[piece] = eased;
    let last = chain.nodes.len() - 1;
    let Some((from, to)) = map.boundaries[k].ends else { return };
    for (node, point) in ends {
        if node == 0 {
            move_junction(map, curves, from, point, changed);
        } else if node == last {
            move_junction(map, curves, to, point, changed);
        }
    }
}

/// Moves a junction, and all that ends in it.
fn move_junction(map: &PlanarMap, curves: &mut [Curve], junction: usize, to: Point, changed: &mut BTreeSet<usize>) {
    for (k, (boundary, curve)) in map.boundaries.iter().zip(curves).enumerate() {
        let (Some((a, b)), Curve::Chain(chain)) = (boundary.ends, curve) else { continue };
        for (at, end) in [(a, false), (b, true)] {
            let node = if end { chain.nodes.last() } else { chain.nodes.first() };
            if at == junction && node.is_some_and(|node| node.point != to) {
                move_end(chain, end, to);
                changed.insert(k);
            }
        }
    }
}

/// Makes a piece straight lines through its measured points, or through the middles of the `cracks` between its
/// pixels. Returns how many; `None` when it did so to the whole curve.
fn measured(
    map: &PlanarMap,
    samples: &[Sample],
    curves: &mut [Curve],
    (k, piece): Part,
    cracks: bool,
    changed: &mut BTreeSet<usize>,
) -> Option<usize> {
    changed.insert(k);
    let boundary = &map.boundaries[k];
    let lattice = |i: usize| Point::new(f64::from(boundary.corners[i].0), f64::from(boundary.corners[i].1));
    let count = boundary.corners.len() - 1;
    let corners = (lattice(0), lattice(count));
    let points: Vec<Point> = if cracks {
        (0..count).map(|i| (lattice(i) + lattice(i + 1)) * 0.5).collect()
    } else {
        samples.iter().map(|s| s.point).collect()
    };
    let Some((between, ends)) = part_of(boundary, &points, &curves[k], piece) else {
        let ends = if cracks { corners } else { self::ends(&curves[k]).unwrap_or(corners) };
        curves[k] = polyline(boundary, points.into_iter(), ends);
        if let Some((from, to)) = boundary.ends {
            move_junction(map, curves, from, ends.0, changed);
            move_junction(map, curves, to, ends.1, changed);
        }
        return None;
    };
    let Curve::Chain(chain) = &mut curves[k] else { return None };
    let (first, last) = (piece, (piece + 1) % chain.nodes.len());
    let open = (!boundary.is_ring()).then_some(chain.nodes.len() - 1);
    let (starts, finishes) = (open.is_some() && first == 0, open == Some(last));
    if cracks {
        chain.move_node(first, if starts { corners.0 } else { ends.0 });
        chain.move_node(last, if finishes { corners.1 } else { ends.1 });
    }
    chain.nodes[first].smooth = false;
    chain.nodes[last].smooth = false;
    let n = between.len();
    chain.nodes.splice(piece + 1..piece + 1, between.into_iter().map(|point| Node { point, smooth: false }));
    chain.pieces.splice(piece..=piece, vec![Piece::Line; n + 1]);
    if let Some((from, to)) = boundary.ends.filter(|_| cracks) {
        if starts {
            move_junction(map, curves, from, corners.0, changed);
        }
        if finishes {
            move_junction(map, curves, to, corners.1, changed);
        }
    }
    Some(n + 1)
}

/// Those of `points` along a boundary that belong to a piece of its curve: what lies between its ends, and the
/// nearest to these. `None` when they cannot be told.
fn part_of(boundary: &Boundary, points: &[Point], curve: &Curve, piece: usize) -> Option<(Vec<Point>, (Point, Point))> {
    let Curve::Chain(chain) = curve else { return None };
    let (a, b) = chain.ends(piece);
    let nearest = |p: Point| (0..points.len()).min_by(|i, j| points[*i].distance(p).total_cmp(&points[*j].distance(p)));
    let (from, to) = (nearest(a)?, nearest(b)?);
    let between: Vec<Point> = if from <= to {
        points[from..=to].to_vec()
    } else if boundary.is_ring() {
        points[from..].iter().chain(&points[..=to]).copied().collect()
    } else {
        return None;
    };
    // Where a boundary is close to itself, the nearest point may be one of another part.
    if between.len() as f64 > 2.0 * chain.length(piece) + 4.0 {
        return None;
    }
    let ends = (between[0], between[between.len() - 1]);
    let inner = between.len().saturating_sub(1).max(1);
    Some((between[1..inner].to_vec(), ends))
}

/// The first and last point of a chain.
fn ends(curve: &Curve) -> Option<(Point, Point)> {
    let Curve::Chain(chain) = curve else { return None };
    Some((chain.nodes.first()?.point, chain.nodes.last()?.point))
}

/// Straight lines through `points`, between the ends of a boundary that is no ring.
fn polyline(boundary: &Boundary, points: impl Iterator<Item = Point>, (first, last): (Point, Point)) -> Curve {
    let ring = boundary.is_ring();
    let rim = |p: Point| (!ring).then_some(p);
    let points: Vec<Point> = rim(first).into_iter().chain(points).chain(rim(last)).collect();
    Curve::Chain(Chain::polygon(&points, ring))
}

/// Gives `curves` that were changed and cross since then their form of `before` again, with all that they share
/// junctions with.
pub fn keep_apart(map: &PlanarMap, before: &[Curve], curves: &mut [Curve]) {
    let mut groups: Option<Vec<usize>> = None;
    loop {
        let crossing = find(curves, |k| curves[k] != before[k]);
        if crossing.is_empty() {
            return;
        }
        let groups = groups.get_or_insert_with(|| connected(map));
        let back: BTreeSet<usize> = crossing.into_keys().flat_map(|(i, j)| [groups[i.0], groups[j.0]]).collect();
        let mut changed = false;
        for (k, curve) in curves.iter_mut().enumerate() {
            if back.contains(&groups[k]) && *curve != before[k] {
                curve.clone_from(&before[k]);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

/// For each boundary the first of those that it is connected with by junctions.
fn connected(map: &PlanarMap) -> Vec<usize> {
    let mut group: Vec<usize> = (0..map.boundaries.len()).collect();
    let mut at: Vec<usize> = vec![usize::MAX; map.junctions.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for (k, boundary) in map.boundaries.iter().enumerate() {
            let Some((a, b)) = boundary.ends else { continue };
            let least = group[k].min(at[a]).min(at[b]);
            changed |= (group[k], at[a], at[b]) != (least, least, least);
            (group[k], at[a], at[b]) = (least, least, least);
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::planar_map;

    /// How many pairs of curves cross.
    fn crossing(curves: &[Curve]) -> usize {
        find(curves, |_| true).into_keys().map(|(a, b)| (a.0, b.0)).collect::<BTreeSet<_>>().len()
    }

    fn point(x: f64, y: f64) -> Point {
        Point::new(x, y)
    }

    fn chain(points: &[(f64, f64)]) -> Curve {
        Curve::Chain(Chain::polygon(&points.iter().map(|(x, y)| point(*x, *y)).collect::<Vec<_>>(), false))
    }

    #[test]
    fn shapes_cross_where_their_lines_do() {
        let circle = Curve::Circle(point(20.0, 20.0), 10.0);
        let crosses = |other: Curve| crossing(&[circle.clone(), other]) > 0;
        assert!(crosses(Curve::Circle(point(31.0, 20.0), 1.5)));
        assert!(!crosses(Curve::Circle(point(31.0, 20.0), 0.9)));
        assert!(!crosses(Curve::Circle(point(28.0, 20.0), 1.9)));
        assert!(crosses(Curve::Circle(point(28.0, 20.0), 2.1)));
        assert!(crosses(Curve::Rect(point(13.0, 13.0), point(27.0, 27.2), 0.0)));
        // Its corner is rounded away.
        assert!(!crosses(Curve::Rect(point(13.0, 13.0), point(27.0, 27.2), 3.0)));
        assert!(crosses(Curve::Ellipse(point(20.0, 20.0), 10.2, 4.0, 0.7)));
        assert!(!crosses(Curve::Ellipse(point(20.0, 20.0), 9.8, 4.0, 0.7)));
        assert!(crosses(Curve::Polygon(point(20.0, 20.0), 10.1, 0.3, 5)));
        assert!(crosses(chain(&[(20.0, 20.3), (40.0, 20.3)])));
        assert!(!crosses(chain(&[(5.0, 9.9), (40.0, 9.9)])));
        let bent = |half| {
            let Curve::Chain(mut bent) = chain(&[(0.0, 9.0), (40.0, 9.0)]) else { unreachable!() };
            bent.pieces[0] = Piece::Arc(half);
            Curve::Chain(bent)
        };
        assert!(crosses(bent(-0.2)) != crosses(bent(0.2)));
    }

    #[test]
    fn what_ends_in_one_junction_touches() {
        let at = (3.3, 7.7);
        let rays = [(9.1, 2.2), (0.4, 0.1), (5.5, 12.7)].map(|to| chain(&[at, to]));
        assert_eq!(crossing(&rays), 0);
        let over = chain(&[(3.4, 0.0), (3.4, 20.0)]);
        assert_eq!(crossing(&[&rays[..], &[over]].concat()), 2);
    }

    /// Three stripes: the boundaries between them run down at 4 and at 6 px.
    fn stripes() -> PlanarMap {
        let ink: Vec<u16> =
            (0..10 * 12).map(|i| [0, 1, 2][usize::from(i % 10 >= 4) + usize::from(i % 10 >= 6)]).collect();
        planar_map::tests::map(10, 12, &ink)
    }

    fn curves(map: &PlanarMap, middle: impl Fn(f64) -> f64) -> Vec<Curve> {
        let corner = |c: (u32, u32)| (f64::from(c.0), f64::from(c.1));
        let curve = |b: &Boundary| {
            let mut points: Vec<(f64, f64)> = b.corners.iter().map(|c| corner(*c)).collect();
            if !b.is_rim() {
                let last = points.len() - 1;
                points = vec![points[0], (middle(points[0].0), 6.0), points[last]];
            }
            chain(&points)
        };
        map.boundaries.iter().map(curve).collect()
    }

    #[test]
    fn curves_that_cross_are_put_back_and_no_others() {
        let map = stripes();
        let samples = vec![Vec::new(); map.boundaries.len()];
        let before = curves(&map, |x| x + 0.1);
        // Too far over for an end to be put back.
        let mut refined = curves(&map, |x| if x < 5.0 { 9.0 } else { 5.9 });
        let untouched = refined.clone();
        assert_eq!(crossing(&refined), 1);
        assert!(repair(&map, &samples, &before, &mut refined) > 0);
        assert_eq!(crossing(&refined), 0);
        for k in 0..refined.len() {
            let (Curve::Chain(now), Curve::Chain(refined), Curve::Chain(before)) =
                (&refined[k], &untouched[k], &before[k])
            else {
                panic!("{:?}", refined[k])
            };
            // No farther than it was before, and the rim not at all.
            for ((now, refined), before) in now.nodes.iter().zip(&refined.nodes).zip(&before.nodes) {
                let (way, whole) = (now.point - refined.point, before.point - refined.point);
                assert!(way.cross(whole).abs() < 1e-9 && (0.0..=whole.dot(whole) + 1e-9).contains(&way.dot(whole)));
            }
        }
    }

    #[test]
    fn what_always_crossed_follows_the_pixels() {
        let map = stripes();
        let point = |y: usize, x: f64| Sample { point: point(x, y as f64 + 0.5), sigma: 0.1 };
        let wild = curves(&map, |x| if x < 5.0 { 9.0 } else { 1.0 });
        for off in [0.2, 3.0] {
            let samples: Vec<Vec<Sample>> = map
                .boundaries
                .iter()
                .map(|b| {
                    if b.is_rim() {
                        Vec::new()
                    } else {
                        let x = f64::from(b.corners[0].0);
                        (0..12).map(|y| point(y, x + if x < 5.0 { off } else { -off })).collect()
                    }
                })
                .collect();
            let mut mended = wild.clone();
            assert!(repair(&map, &samples, &wild, &mut mended) > 0);
            assert_eq!(crossing(&mended), 0, "{off}");
        }
    }

    #[test]
    fn a_regular_curve_that_crosses_is_what_it_was() {
        let map = stripes();
        let before = curves(&map, |x| x);
        let mut regular = before.clone();
        keep_apart(&map, &before, &mut regular);
        assert_eq!(regular, before);
        let mut regular = curves(&map, |x| if x < 5.0 { 6.5 } else { 6.0 });
        assert_eq!(crossing(&regular), 1);
        keep_apart(&map, &before, &mut regular);
        assert_eq!(regular, before);
        let harmless = curves(&map, |x| x + 0.2);
        let mut regular = harmless.clone();
        keep_apart(&map, &before, &mut regular);
        assert_eq!(regular, harmless);
    }
}
