//! Where to break a boundary, and what to put between the breaks.
//!
//! Candidates for breaks are the vertices of a close polygon (Douglas and Peucker 1973, with distances in
//! units of σ): every corner is one, and curves get more where they bend more. Between any two candidates
//! the cheapest of line, arc and cubic is known, and a dynamic program picks the breaks of least total
//! cost. Breaks then slide along the samples while that pays. Whether a break is a corner is read from the
//! pieces that meet there.

use super::{Chain, Node, Piece, Track, arc, cubic, line, rotate};
use crate::document::Point;

/// Farthest sample from the polygon through the candidates, σ: noise alone hardly ever strays as far, and every
/// corner does.
const CANDIDATE_SIGMAS: f64 = 3.0;

/// Angle below which two pieces join smoothly, radians: 14 degrees, by which the tangents of two good fits may
/// differ at their ends.
const SMOOTH_ANGLE: f64 = 0.25;

/// Farthest that a corner may lie from the sample at its break, px: samples are a pixel apart, and the corner
/// itself is rounded off.
const MAX_APEX: f64 = 1.5;

/// Farthest that the tip of two lines that turn back may lie from the sample at its break, px: where less than half a
/// pixel is covered no label is, and 14 degrees are half a pixel wide at 2 px and a whole one at 4.
const MAX_TIP: f64 = 4.0;

/// The same of what is no line at one side at least, px: its direction there is less well known.
const MAX_CURVED_TIP: f64 = 2.5;

/// Least width of the end of a line, px: a narrower one is a tip.
const LEAST_CAP: f64 = 0.45;

/// Cosine of the turn from which two lines come back, a ratio: 37 degrees from parallel, so that a tip is far.
const BACK: f64 = -0.8;

/// The same of curves, a ratio: 18 degrees, as the directions of their ends are less well known.
const PARALLEL: f64 = -0.95;

/// Farthest that the end of a line runs along it, against its length, a ratio: it is cut off at 45 degrees at the most.
const MAX_BEVEL: f64 = 0.7;

/// Longest piece that a ring has to begin with for having been cut open beside a corner, px: the corner is sought
/// within that many samples.
const BIT: f64 = 4.0;

/// Price of a piece that no better fit can save, numbers: the dearest kind, a cubic, writes as many. A look at
/// longer pieces ends beyond it.
const HOPELESS: f64 = 6.0;

/// Price up to which one piece is taken as far as it reaches, numbers: a cubic, and a little for its errors.
const GREEDY: f64 = 8.0;

/// Candidates that a single piece may span, a count: no curve of artwork has as many, and the program stays
/// linear in them.
const MAX_SPAN: usize = 48;

/// Farthest that a break slides in samples, a count: the vertex of a polygon lies that close to where two
/// pieces meet.
const SLIDE: usize = 4;

/// How thoroughly to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Greedy runs: the farthest break that one piece reaches well.
    Fast,
    /// The best breaks of all.
    Thorough,
}

/// A piece between two samples, with its geometry.
#[derive(Debug, Clone, Copy)]
struct Fit {
    kind: Kind,
    cost: f64,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Line { point: Point, direction: Point },
    Arc { start: Point, end: Point, half: f64 },
    Cubic([Point; 4]),
}

/// What is known of the pieces that begin at a sample: their errors only grow with what they span.
#[derive(Debug, Clone, Copy, Default)]
struct Floors {
    /// Half χ² of the arc and of the cubic to the sample before.
    arc: f64,
    cubic: f64,
}

impl Floors {
    /// The part of an error that is taken for sure to remain in a longer piece, a share: samples near its ends and
    /// those left out for speed are others.
    const SURE: f64 = 0.5;
}

/// The cheapest piece between samples `i` and `j`; of those that cost `room` or more, any.
fn fit(track: &Track, i: usize, j: usize, room: f64) -> Fit {
    fit_above(track, i, j, room, &mut Floors::default())
}

/// The same, when `floors` are known from shorter pieces with the same start; they rise to those of this one.
fn fit_above(track: &Track, i: usize, j: usize, room: f64, floors: &mut Floors) -> Fit {
    let l = line::fit(track, i, j);
    let mut best = Fit { kind: Kind::Line { point: l.point, direction: l.direction }, cost: l.cost };
    let number = track.costs.number;
    if best.cost < 3.5 * number || room <= arc::NUMBERS * number {
        return best;
    }
    let arcs = arc::NUMBERS * number;
    if best.cost.min(room) > arcs + floors.arc
        && let Some(a) = arc::fit(track, i, j)
    {
        floors.arc = floors.arc.max(Floors::SURE * (a.cost - arcs));
        if a.cost < best.cost {
            best = Fit { kind: Kind::Arc { start: a.start, end: a.end, half: a.half }, cost: a.cost };
        }
    }
    let cubics = cubic::NUMBERS * number;
    if best.cost.min(room) > cubics + floors.cubic {
        let limit = best.cost.min(20.0 * number);
        let found = cubic::fit(track, i, j, limit);
        let least = found.map_or_else(|least| least, |c| c.cost);
        floors.cubic = floors.cubic.max(Floors::SURE * (least - cubics));
        if let Ok(c) = found
            && c.cost < best.cost
        {
            best = Fit { kind: Kind::Cubic(c.control), cost: c.cost };
        }
    }
    best
}

/// Breaks the track into pieces. The first and last sample of a closed one are the same.
pub fn segment(track: &Track, closed: bool, effort: Effort) -> Chain {
    if track.len() < 2 {
        return Chain::default();
    }
    let candidates = candidates(track);
    let mut breaks = match effort {
        Effort::Thorough => best_breaks(track, &candidates),
        Effort::Fast => greedy_breaks(track, &candidates),
    };
    let mut fits = slide(track, &mut breaks);
    if effort == Effort::Thorough {
        join(track, &mut breaks, &mut fits);
    }
    assemble(track, &breaks, &fits, closed)
}

/// The sample to start a closed track at: the one where it bends most.
pub fn sharpest(track: &Track) -> usize {
    let n = track.len();
    let reach = 4.min(n / 3).max(1);
    let turn = |i: usize| {
        let (a, b, c) = (track.points[(i + n - reach) % n], track.points[i], track.points[(i + reach) % n]);
        (b - a).unit().cross((c - b).unit()).abs() + if (b - a).dot(c - b) < 0.0 { 1.0 } else { 0.0 }
    };
    (0..n).max_by(|a, b| turn(*a).total_cmp(&turn(*b))).unwrap_or(0)
}

/// A better sample to start a closed track at than the first, after it was broken into `chain`: where that begins or
/// ends with a bit of a line, it was cut open beside a tip, and its clearest corner is known now.
pub fn restart(track: &Track, chain: &Chain) -> Option<usize> {
    let n = chain.pieces.len();
    let bit = |k: usize| {
        let (a, b) = chain.ends(k);
        chain.pieces[k] == Piece::Line && a.distance(b) < BIT
    };
    if n < 3 || !(bit(0) || bit(n - 1)) {
        return None;
    }
    let corner = |k: usize| chain.tangents(k - 1).1.cross(chain.tangents(k).0).abs();
    let best = (1..n).filter(|k| !bit(*k) && !bit(*k - 1)).max_by(|a, b| corner(*a).total_cmp(&corner(*b)))?;
    let to = chain.nodes[best].point;
    (0..track.len() - 1).min_by(|a, b| track.points[*a].distance(to).total_cmp(&track.points[*b].distance(to)))
}

/// The vertices of a close polygon.
fn candidates(track: &Track) -> Vec<usize> {
    let last = track.len() - 1;
    let mut keep = vec![false; track.len()];
    keep[0] = true;
    keep[last] = true;
    let mut stack = vec![(0, last)];
    while let Some((a, b)) = stack.pop() {
        if b <= a + 1 {
            continue;
        }
        let (p, q) = (track.points[a], track.points[b]);
        let chord = q - p;
        let length = chord.length();
        let mut worst = (0.0, a);
        for k in a + 1..b {
            let v = track.points[k] - p;
            let d = if length > 1e-6 { chord.cross(v).abs() / length } else { v.length() };
            let d = d * track.weights[k].sqrt();
            if d > worst.0 {
                worst = (d, k);
            }
        }
        if worst.0 > CANDIDATE_SIGMAS {
            keep[worst.1] = true;
            stack.push((a, worst.1));
            stack.push((worst.1, b));
        }
    }
    (0..track.len()).filter(|k| keep[*k]).collect()
}

/// The breaks of least total cost, by dynamic programming over the candidates.
fn best_breaks(track: &Track, candidates: &[usize]) -> Vec<usize> {
    let m = candidates.len();
    let mut best = vec![(f64::INFINITY, 0usize); m];
    best[0].0 = 0.0;
    // First with lines alone, which cost next to nothing: what other pieces have to be cheaper than is known then.
    let sweep = |best: &mut [(f64, usize)], piece: &dyn Fn(usize, usize, f64, &mut Floors) -> f64| {
        for i in 0..m - 1 {
            let mut misses = 0;
            let mut floors = Floors::default();
            for j in i + 1..m.min(i + 1 + MAX_SPAN) {
                let room = best[j].0 - best[i].0;
                let cost = piece(candidates[i], candidates[j], room, &mut floors);
                if cost < room {
                    best[j] = (best[i].0 + cost, i);
                }
                // As many lines as there are candidates would cost less: longer pieces will not do. Nothing is
                // known of one that had too little room.
                let hopeless = track.costs.number * (HOPELESS + 2.0 * (j - i) as f64);
                if cost <= hopeless {
                    misses = 0;
                } else if room > hopeless {
                    misses += 1;
                    if misses >= 3 {
                        break;
                    }
                }
            }
        }
    };
    sweep(&mut best, &|i, j, _, _| line::fit(track, i, j).cost);
    sweep(&mut best, &|i, j, room, floors| fit_above(track, i, j, room, floors).cost);
    let mut breaks = vec![m - 1];
    let mut at = m - 1;
    while at > 0 {
        at = best[at].1;
        breaks.push(at);
    }
    breaks.reverse();
    breaks.iter().map(|b| candidates[*b]).collect()
}

/// From each break about the farthest candidate that one piece reaches cheaply: in strides that double while that
/// holds, then halve.
fn greedy_breaks(track: &Track, candidates: &[usize]) -> Vec<usize> {
    let last = candidates.len() - 1;
    let enough = GREEDY * track.costs.number;
    let mut breaks = vec![candidates[0]];
    let mut i = 0;
    while i < last {
        let most = last.min(i + MAX_SPAN);
        let mut reach = i + 1;
        let mut stride = 1;
        let mut grows = true;
        while stride > 0 {
            let to = reach + stride;
            if to <= most && fit(track, candidates[i], candidates[to], enough).cost < enough {
                reach = to;
                stride = if grows { 2 * stride } else { stride / 2 };
            } else {
                grows = false;
                stride /= 2;
            }
        }
        i = reach;
        breaks.push(candidates[i]);
    }
    breaks
}

/// Moves each inner break along the samples while the two pieces at its sides get cheaper.
fn slide(track: &Track, breaks: &mut [usize]) -> Vec<Fit> {
    let mut fits: Vec<Fit> = breaks.windows(2).map(|w| fit(track, w[0], w[1], f64::INFINITY)).collect();
    let least = line::AXIS_NUMBERS * track.costs.number;
    for k in 1..breaks.len().saturating_sub(1) {
        let (low, high) = (breaks[k - 1] + 1, breaks[k + 1] - 1);
        let here = breaks[k];
        // Downhill, first one way and then the other.
        let backward = (here.saturating_sub(SLIDE).max(low)..here).rev();
        let forward = here + 1..=(here + SLIDE).min(high);
        let mut slide = |to: usize| {
            let room = fits[k - 1].cost + fits[k].cost - 1e-9;
            let a = fit(track, breaks[k - 1], to, room - least);
            if a.cost >= room - least {
                return false;
            }
            let b = fit(track, to, breaks[k + 1], room - a.cost);
            let pays = a.cost + b.cost < room;
            if pays {
                breaks[k] = to;
                fits[k - 1] = a;
                fits[k] = b;
            }
            pays
        };
        if backward.take_while(|to| slide(*to)).count() == 0 {
            forward.take_while(|to| slide(*to)).for_each(drop);
        }
    }
    fits
}

/// Makes one cubic of two pieces where that is cheaper, now that it can be looked at more closely than the program does.
fn join(track: &Track, breaks: &mut Vec<usize>, fits: &mut Vec<Fit>) {
    let mut k = 1;
    while k + 1 < breaks.len() {
        let room = fits[k - 1].cost + fits[k].cost;
        let straight = |fit: &Fit| matches!(fit.kind, Kind::Line { .. });
        let number = track.costs.number;
        let worth = room > cubic::NUMBERS * number && !(straight(&fits[k - 1]) && straight(&fits[k]));
        let found = if worth { cubic::fit_well(track, breaks[k - 1], breaks[k + 1], room).ok() } else { None };
        match found.filter(|c| c.cost < room) {
            Some(c) => {
                fits[k - 1] = Fit { kind: Kind::Cubic(c.control), cost: c.cost };
                fits.remove(k);
                breaks.remove(k);
                k = (k - 1).max(1);
            }
            None => k += 1,
        }
    }
}

/// Start, start tangent, end and end tangent of a piece between samples `i` and `j`.
fn ends(track: &Track, fit: &Fit, i: usize, j: usize) -> [Point; 4] {
    match fit.kind {
        Kind::Line { point, direction } => {
            let on = |p: Point| point + direction * (p - point).dot(direction);
            [on(track.points[i]), direction, on(track.points[j]), direction]
        }
        Kind::Arc { start, end, half } => {
            let chord = (end - start).unit();
            [start, rotate(chord, -half), end, rotate(chord, half)]
        }
        Kind::Cubic(c) => {
            let tangent = |candidates: [Point; 3]| {
                candidates.into_iter().find(|v| v.length() > 0.05).unwrap_or(candidates[2]).unit()
            };
            [
                c[0],
                tangent([c[1] - c[0], c[2] - c[0], c[3] - c[0]]),
                c[3],
                tangent([c[3] - c[2], c[3] - c[1], c[3] - c[0]]),
            ]
        }
    }
}

/// Where two lines, each a point and a direction, meet.
pub fn intersection(p: Point, u: Point, q: Point, v: Point) -> Option<Point> {
    let det = u.cross(v);
    if det.abs() < 0.02 {
        return None;
    }
    Some(p + u * ((q - p).cross(v) / det))
}

fn assemble(track: &Track, breaks: &[usize], fits: &[Fit], closed: bool) -> Chain {
    let all: Vec<[Point; 4]> = fits.iter().zip(breaks.windows(2)).map(|(f, w)| ends(track, f, w[0], w[1])).collect();
    // The node at a break; two where what meets there turns back without meeting: the end of a line.
    let joint = |before: usize, after: usize, sample: Point| -> (Node, Node) {
        let [_, _, p, u] = all[before];
        let [q, v, _, _] = all[after];
        let angle = u.cross(v).atan2(u.dot(v)).abs();
        let lines = matches!((fits[before].kind, fits[after].kind), (Kind::Line { .. }, Kind::Line { .. }));
        let smooth = angle < SMOOTH_ANGLE && !lines;
        let middle = (p + q) * 0.5;
        // The sharper it is, the farther from it the pixels are those of both sides.
        let sharp = ((1.0 + u.dot(v)) / 2.0).max(0.0).sqrt();
        let reach = if lines && u.dot(v) < 0.0 {
            MAX_TIP
        } else {
            (MAX_APEX * std::f64::consts::FRAC_1_SQRT_2 / sharp.max(1e-9)).clamp(MAX_APEX, MAX_CURVED_TIP)
        };
        let corner =
            if smooth { Some(middle) } else { intersection(p, u, q, v).filter(|x| x.distance(sample) < reach) };
        let end = q - p;
        let square = end.dot(u).abs().max(end.dot(v).abs()) < MAX_BEVEL * end.length();
        if corner.is_none() && u.dot(v) < (if lines { BACK } else { PARALLEL }) && square && end.length() > LEAST_CAP {
            return (Node { point: p, smooth: false }, Node { point: q, smooth: false });
        }
        let node = Node { point: corner.unwrap_or(middle), smooth };
        (node, node)
    };
    let n = fits.len();
    let alone = |point| {
        let node = Node { point, smooth: false };
        (node, node)
    };
    let mut joints = Vec::with_capacity(n + 1);
    joints.push(if closed { joint(n - 1, 0, track.points[breaks[0]]) } else { alone(all[0][0]) });
    joints.extend((1..n).map(|k| joint(k - 1, k, track.points[breaks[k]])));
    joints.push(if closed { joints[0] } else { alone(all[n - 1][2]) });
    let (mut nodes, mut pieces) = (Vec::with_capacity(n + 1), Vec::with_capacity(n));
    for (k, f) in fits.iter().enumerate() {
        let (start, end) = (joints[k].1, joints[k + 1].0);
        nodes.push(start);
        pieces.push(match f.kind {
            Kind::Line { .. } => Piece::Line,
            // A corner is mostly farther along what meets there, which goes on as it is.
            Kind::Arc { start: from, end: to, half } => Piece::Arc(arc::trim(from, to, half, start.point, end.point)),
            Kind::Cubic(c) => {
                let c = cubic::trim(c, start.point, end.point);
                Piece::Cubic(c[1] + (start.point - c[0]), c[2] + (end.point - c[3]))
            }
        });
        if end != joints[k + 1].1 {
            nodes.push(end);
            pieces.push(Piece::Line);
        }
    }
    if !closed {
        nodes.push(joints[n].0);
    }
    Chain { nodes, pieces }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::fit::Costs;
    use crate::trace::contour::subpixel::Sample;
    use fastrand::Rng;

    /// Candidates that trying every set of breaks among them is still quick for: 4096 sets.
    const MOST: usize = 14;

    /// A boundary of a few lines and bends with corners between some of them, with noise of its own σ.
    fn boundary(random: &mut Rng) -> Track {
        let sigma = [0.02, 0.1, 0.3][random.usize(..3)];
        let mut heading = random.f64() * std::f64::consts::TAU;
        let mut at = Point::new(50.0, 50.0);
        let mut samples = Vec::new();
        for _ in 0..random.usize(1..=4) {
            let bend = if random.bool() { (random.f64() - 0.5) * 0.5 } else { 0.0 };
            let curl = if random.bool() { (random.f64() - 0.5) * 0.03 } else { 0.0 };
            for k in 0..random.usize(3..=24) {
                let across = Point::new(-heading.sin(), heading.cos());
                // The sum of four uniform numbers is close enough to a normal one.
                let noise = (0..4).map(|_| random.f64()).sum::<f64>() - 2.0;
                samples.push(Sample { point: at + across * (1.7 * sigma * noise), sigma });
                heading += bend + curl * k as f64;
                at = at + Point::new(heading.cos(), heading.sin());
            }
            heading += (random.f64() - 0.5) * 3.0;
        }
        Track::new(samples.into_iter(), Costs::default())
    }

    /// The cheapest piece of any kind between two samples, with no kind left out for being hopeless.
    fn cheapest(track: &Track, i: usize, j: usize) -> (f64, &'static str) {
        let arc = arc::fit(track, i, j).map_or(f64::INFINITY, |a| a.cost);
        let cubic = cubic::fit(track, i, j, f64::INFINITY).map_or(f64::INFINITY, |c| c.cost);
        let kinds = [(line::fit(track, i, j).cost, "line"), (arc, "arc"), (cubic, "cubic")];
        kinds.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
    }

    /// The least cost over every set of breaks and every kind of piece, and the kinds of that.
    fn exhaustive(track: &Track, candidates: &[usize]) -> (f64, Vec<&'static str>) {
        let m = candidates.len();
        let pieces: Vec<Vec<_>> = (0..m)
            .map(|i| {
                (0..m).map(|j| if j > i { cheapest(track, candidates[i], candidates[j]) } else { (0.0, "") }).collect()
            })
            .collect();
        let mut best = (f64::INFINITY, Vec::new());
        for inner in 0u32..1 << (m - 2) {
            let breaks: Vec<usize> = (0..m).filter(|k| *k == 0 || *k == m - 1 || inner >> (k - 1) & 1 == 1).collect();
            let chosen = || breaks.windows(2).map(|w| pieces[w[0]][w[1]]);
            let cost = chosen().map(|p| p.0).sum();
            if cost < best.0 {
                best = (cost, chosen().map(|p| p.1).collect());
            }
        }
        best
    }

    #[test]
    fn a_corner_beyond_the_end_of_a_curve_does_not_bend_it() {
        // A quarter of a circle of 150 px that a line leaves at an angle of 30°: the corner is at a sample, the fits end at
        // others, and what is 0.7 px farther along the one moved the middle of the curve by a quarter of a pixel.
        let corner = Point::new(150.0, 0.0);
        let on = |k: f64| Point::new(150.0 * (k / 150.0).cos(), 150.0 * (k / 150.0).sin());
        let along = Point::new(-(30_f64.to_radians()).sin(), -(30_f64.to_radians()).cos());
        for gap in [0.3, 0.9, 1.4] {
            let curve = (0..230).rev().map(|k| on(f64::from(k) + gap));
            let line = (0..60).map(|k| corner + along * (f64::from(k) + gap));
            let samples = curve.chain(line).map(|point| Sample { point, sigma: 0.014 });
            let track = Track::new(samples, Costs::default());
            let chain = segment(&track, false, Effort::Thorough);
            let off = |p: &Point| {
                (0..chain.pieces.len()).map(|k| chain.nearest(k, *p, (0.0, 1.0)).1).fold(f64::INFINITY, f64::min)
            };
            let worst = track.points.iter().map(off).fold(0.0, f64::max);
            assert!(worst < 0.05, "{gap}: {worst}, {chain:?}");
        }
    }

    #[test]
    fn the_program_finds_what_trying_everything_finds() {
        let mut random = Rng::with_seed(11);
        let mut seen: Vec<&str> = Vec::new();
        let mut tried = 0;
        while tried < 300 {
            let track = boundary(&mut random);
            let candidates = candidates(&track);
            if candidates.len() > MOST {
                continue;
            }
            tried += 1;
            let (least, kinds) = exhaustive(&track, &candidates);
            let breaks = best_breaks(&track, &candidates);
            let found: f64 = breaks.windows(2).map(|w| fit(&track, w[0], w[1], f64::INFINITY).cost).sum();
            assert!(
                (found - least).abs() <= 1e-9 * least,
                "{tried}: {found} and not {least}: {kinds:?} over {candidates:?}, found {breaks:?}"
            );
            seen.extend(kinds);
        }
        for kind in ["line", "arc", "cubic"] {
            let n = seen.iter().filter(|k| **k == kind).count();
            assert!(n >= 50, "only {n} pieces were best as a {kind}: this says little");
        }
    }
}
