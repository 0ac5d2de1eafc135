//! The parts of the axis along which the width stays the same, and how they go on where they meet.

use super::axis::Place;
use super::outline::Outline;
use crate::document::Point;

/// Difference of two radii that are those of one width, a share: the disc at a junction is larger, and its centre
/// off the centre line by as much.
const SAME: f64 = 0.012;

/// What such radii may differ on top, px: as much as the outline is known to.
const SAME_PX: f64 = 0.05;

/// Difference of radii within which nothing else counts as a width of its own, a share: junctions have such radii.
const LIKE: f64 = 0.08;

/// What such radii may differ on top, px: the same where strokes are thin.
const LIKE_PX: f64 = 0.15;

/// Most widths in a region, a count: lines of one drawing have one or two.
const MAX_WIDTHS: usize = 3;

/// Least part of the axis that makes a width, a share: less are the bends of junctions.
const LEAST_SHARE: f64 = 0.1;

/// Part of the axis that has to have one of the widths, a share: junctions and corners are the rest.
const MOST_OF_IT: f64 = 0.5;

/// Length of an arm against its width below which it is part of the junction that it lies in, a ratio: two
/// junctions are one when a stroke crosses another aslant.
const SHORT: f64 = 0.3;

/// Length of the end of an arm against its width that tells where it goes on, a ratio: farther back it may bend
/// elsewhere.
const REACH: f64 = 1.5;

/// Largest turn between two arms that go on in each other, radians: 20 degrees, as far as a bend goes in the width
/// of another stroke.
const STRAIGHT_ON: f64 = 0.35;

/// Largest step aside against their width between two arms that go on in each other, a ratio: beyond it they are
/// two strokes side by side.
const ASIDE: f64 = 0.25;

/// How far beyond the end of an arm it may meet others, against its width, a ratio: pointed corners reach farther
/// than blunt ones.
const FAR: f64 = 4.0;

/// A part of the axis of one width, from one end to the other.
#[derive(Debug)]
pub(super) struct Arm {
    /// Its centres, px.
    pub(super) points: Vec<Point>,
    /// Which of the widths it has.
    pub(super) width: usize,
    /// How it goes on beyond its first and its last point; nothing when it is a ring.
    pub(super) ends: [Link; 2],
}

/// How an arm goes on beyond one of its ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Link {
    /// It ends.
    End,
    /// Its own other end.
    Ring,
    /// Straight on, to an end of another arm; the way there, where one side of the outline shows it.
    Through(usize, usize, Vec<Point>),
    /// Around a corner, to an end of another arm.
    Corner(usize, usize, Point),
    /// Along a way, which may be empty, to a point on another arm.
    To(Vec<Point>, Point),
}

/// Largest turn of a side of the outline between two arms that go on in each other, radians: 160 degrees, as a
/// pointed corner turns.
const SIDE_TURN: f64 = 2.8;

/// Turn of a side of the outline from which it may be a corner, radians: 14 degrees, as in the boundary fitter.
const CORNER_TURN: f64 = 0.25;

/// Radius of the centre line beside a side, against half the width, below which it is a corner with a round join, a
/// ratio: bends that are drawn are wider.
const ROUND: f64 = 0.4;

/// Longest step of the centre line for a step of the outline beside it, a ratio: around a notch it jumps.
const SIDE_STEP: f64 = 3.0;

/// The widths of a region, px, and its arms; `None` when it is not made of strokes.
pub(super) fn find(outline: &Outline, places: &[Place]) -> Option<(Vec<f64>, Vec<Arm>)> {
    let (radii, share) = radii(places);
    if !(share > MOST_OF_IT) {
        return None;
    }
    let mut class: Vec<Option<usize>> = places
        .iter()
        .map(|p| {
            let one = |r: &f64| (p.radius - r).abs() <= r * SAME + SAME_PX;
            if p.next.is_empty() || p.next.len() > 2 { None } else { radii.iter().position(one) }
        })
        .collect();
    let runs = runs(places, &mut class, &radii);
    let knots = knots(places, &class);
    let mut arms: Vec<Arm> = Vec::new();
    // Ends of arms at each knot.
    let mut at_knot: Vec<Vec<(usize, usize)>> = vec![Vec::new(); places.len()];
    let mut last_place: Vec<[usize; 2]> = Vec::new();
    for run in &runs {
        let arm = arms.len();
        let width = class[run.places[0]]?;
        let mut ends = [Link::End, Link::End];
        if run.ring {
            ends = [Link::Ring, Link::Ring];
        } else {
            for end in 0..2 {
                let last = if end == 0 { run.places[0] } else { run.places[run.places.len() - 1] };
                let on = places[last].next.iter().find(|n| class[**n] != Some(width));
                if let Some(knot) = on.map(|n| knots[*n]).filter(|k| *k != usize::MAX) {
                    at_knot[knot].push((arm, end));
                }
            }
        }
        let points = run.places.iter().map(|i| places[*i].center).collect();
        arms.push(Arm { points, width, ends });
        last_place.push([run.places[0], run.places[run.places.len() - 1]]);
    }
    for ends in at_knot.iter().filter(|e| e.len() > 1) {
        let near: Vec<[usize; 3]> = ends.iter().map(|(arm, end)| places[last_place[*arm][*end]].near).collect();
        tie(outline, &mut arms, &radii, ends, &near);
    }
    Some((radii.iter().map(|r| 2.0 * r).collect(), arms))
}

/// Part of the axis that has one of a few widths, a share.
pub(super) fn share(places: &[Place]) -> f64 {
    radii(places).1
}

/// The radii that most of the axis has, and how much of it has them, a share.
fn radii(places: &[Place]) -> (Vec<f64>, f64) {
    let mut lengths: Vec<(f64, f64)> = Vec::new();
    for (i, p) in places.iter().enumerate() {
        for n in p.next.iter().filter(|n| **n > i) {
            let q = &places[*n];
            lengths.push(((p.radius + q.radius) / 2.0, p.center.distance(q.center)));
        }
    }
    lengths.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = lengths.iter().map(|l| l.1).sum();
    let mut radii: Vec<f64> = Vec::new();
    let mut covered = 0.0;
    for _ in 0..MAX_WIDTHS {
        let mut best = (0.0, 0.0);
        let (mut last, mut sum, mut moment) = (0, 0.0, 0.0);
        for first in 0..lengths.len() {
            let r = lengths[first].0;
            while last < lengths.len() && lengths[last].0 <= r * (1.0 + 2.0 * SAME) + 2.0 * SAME_PX {
                sum += lengths[last].1;
                moment += lengths[last].0 * lengths[last].1;
                last += 1;
            }
            if sum > best.0 {
                best = (sum, moment / sum);
            }
            sum -= lengths[first].1;
            moment -= lengths[first].0 * lengths[first].1;
        }
        if best.0 < LEAST_SHARE * total || best.0 <= 0.0 {
            break;
        }
        covered += best.0;
        radii.push(best.1);
        lengths.retain(|l| (l.0 - best.1).abs() > best.1 * LIKE + LIKE_PX);
    }
    (radii, covered / total)
}

/// Places of one width, in order.
struct Run {
    places: Vec<usize>,
    ring: bool,
}

/// The runs of places of one class; what is too short to be one loses its class.
fn runs(places: &[Place], class: &mut [Option<usize>], radii: &[f64]) -> Vec<Run> {
    let mut seen = vec![false; places.len()];
    let mut runs = Vec::new();
    for start in 0..places.len() {
        let Some(width) = class[start].filter(|_| !seen[start]) else { continue };
        let next = |from: usize, seen: &[bool]| {
            places[from].next.iter().copied().find(|n| !seen[*n] && class[*n] == Some(width))
        };
        seen[start] = true;
        let mut run = std::collections::VecDeque::from([start]);
        let mut at = start;
        while let Some(n) = next(at, &seen) {
            seen[n] = true;
            run.push_back(n);
            at = n;
        }
        at = start;
        while let Some(n) = next(at, &seen) {
            seen[n] = true;
            run.push_front(n);
            at = n;
        }
        let run: Vec<usize> = run.into();
        let (first, last) = (run[0], run[run.len() - 1]);
        let ring = run.len() > 4 && places[first].next.contains(&last);
        let length: f64 = run.windows(2).map(|w| places[w[0]].center.distance(places[w[1]].center)).sum();
        let whole = places[first].next.len() == 1 && places[last].next.len() == 1;
        if length < SHORT * 2.0 * radii[width] && !ring && !whole {
            run.iter().for_each(|i| class[*i] = None);
        } else {
            runs.push(Run { places: run, ring });
        }
    }
    runs
}

/// For each place without a class the lowest place of the knot that it is part of.
fn knots(places: &[Place], class: &[Option<usize>]) -> Vec<usize> {
    let mut knot = vec![usize::MAX; places.len()];
    for start in 0..places.len() {
        if class[start].is_some() || knot[start] != usize::MAX || places[start].next.is_empty() {
            continue;
        }
        let mut stack = vec![start];
        knot[start] = start;
        while let Some(at) = stack.pop() {
            for n in &places[at].next {
                if class[*n].is_none() && knot[*n] == usize::MAX {
                    knot[*n] = start;
                    stack.push(*n);
                }
            }
        }
    }
    knot
}

/// Where an arm is and goes at one of its ends, outward.
#[derive(Debug, Clone, Copy)]
struct Tip {
    point: Point,
    direction: Point,
}

/// Least squares of a parabola over the last part of an arm.
fn tip(arm: &Arm, end: usize, width: f64) -> Tip {
    let n = arm.points.len();
    let at = |k: usize| if end == 0 { arm.points[k] } else { arm.points[n - 1 - k] };
    let origin = at(0);
    let mut m = [[0.0; 3]; 3];
    let mut r = [[0.0; 2]; 3];
    let (mut s, mut k) = (0.0, 0);
    while k < n {
        if k > 0 {
            s += at(k).distance(at(k - 1));
        }
        if s > REACH * width && k > 3 {
            break;
        }
        let (t, p) = (s / width, at(k) - origin);
        let powers = [1.0, t, t * t];
        for i in 0..3 {
            for j in 0..3 {
                m[i][j] += powers[i] * powers[j];
            }
            r[i][0] += powers[i] * p.x;
            r[i][1] += powers[i] * p.y;
        }
        k += 1;
    }
    let s = s / width;
    let curved = s > 0.8 * REACH;
    let solved = |c: usize| {
        if curved {
            crate::linear::eliminate(m, [r[0][c], r[1][c], r[2][c]])
        } else {
            crate::linear::eliminate([[m[0][0], m[0][1]], [m[1][0], m[1][1]]], [r[0][c], r[1][c]])
                .map(|x| [x[0], x[1], 0.0])
        }
    };
    match (solved(0), solved(1)) {
        (Some(x), Some(y)) => Tip { point: origin + Point::new(x[0], y[0]), direction: -Point::new(x[1], y[1]).unit() },
        _ => Tip { point: origin, direction: (origin - at(n - 1)).unit() },
    }
}

/// Where two lines meet, each from a point in a direction; the parameters along both.
fn meeting(a: Tip, b: Tip) -> Option<(Point, f64, f64)> {
    let cross = a.direction.cross(b.direction);
    if cross.abs() < 0.05 {
        return None;
    }
    let between = b.point - a.point;
    let (s, t) = (between.cross(b.direction) / cross, between.cross(a.direction) / cross);
    Some((a.point + a.direction * s, s, t))
}

/// A side of the outline that leads from one end at a knot to another.
struct Side {
    from: usize,
    to: usize,
    /// The centre line that it shows, between the two.
    way: Vec<Point>,
    /// How far it turns, radians.
    turn: f64,
}

/// The sides of a knot along which the centre line can be read: they go on smoothly from one arm to the next.
fn sides(outline: &Outline, tips: &[Tip], near: &[[usize; 3]], half: &[f64]) -> Vec<Side> {
    // Where the outline enters the knot beside a tip, and where it leaves it.
    let beside = |k: usize, right: bool| {
        let tip = &tips[k];
        let of = |m: &usize| outline.marks[*m].point - tip.point;
        let there = near[k].iter().copied().filter(|m| (tip.direction.cross(of(m)) > 0.0) == right);
        there.max_by(|a, b| of(a).dot(tip.direction).total_cmp(&of(b).dot(tip.direction)))
    };
    let leaves: Vec<(usize, usize)> = (0..tips.len()).filter_map(|k| Some((beside(k, false)?, k))).collect();
    let mut sides = Vec::new();
    for from in 0..tips.len() {
        let Some(start) = beside(from, true) else { continue };
        let inset = |m: usize| outline.marks[m].point + outline.marks[m].inward * half[from];
        let mut at = start;
        let mut way: Vec<Point> = Vec::new();
        let (mut turn, mut smooth) = (0.0, true);
        for _ in 0..outline.marks.len() {
            let next = outline.after(at);
            let (a, b) = (&outline.marks[at], &outline.marks[next]);
            turn += a.inward.cross(b.inward).atan2(a.inward.dot(b.inward));
            let (step, moved) = (b.point - a.point, inset(next) - inset(at));
            smooth &= moved.length() < SIDE_STEP * step.length() + 0.1 && moved.dot(step) > -0.3 * step.dot(step);
            at = next;
            if let Some((_, to)) = leaves.iter().find(|l| l.0 == at) {
                if *to != from && smooth && turn.abs() < SIDE_TURN && half[*to] == half[from] {
                    sides.push(Side { from, to: *to, way, turn: turn.abs() });
                }
                break;
            }
            if !smooth {
                break;
            }
            way.push(inset(at));
        }
    }
    sides.sort_by(|a, b| a.turn.total_cmp(&b.turn));
    sides
}

/// Says how the arms that end at one knot go on.
fn tie(outline: &Outline, arms: &mut [Arm], radii: &[f64], ends: &[(usize, usize)], near: &[[usize; 3]]) {
    let width = |arm: usize| 2.0 * radii[arms[arm].width];
    let tips: Vec<Tip> = ends.iter().map(|(arm, end)| tip(&arms[*arm], *end, width(*arm))).collect();
    let half: Vec<f64> = ends.iter().map(|(arm, _)| radii[arms[*arm].width]).collect();
    let mut link: Vec<Option<Link>> = vec![None; ends.len()];
    let mut through: Vec<(usize, usize)> = Vec::new();
    // First what one side of the outline shows to go on.
    let sides = sides(outline, &tips, near, &half);
    let reversed = |way: &[Point]| way.iter().rev().copied().collect::<Vec<_>>();
    for side in &sides {
        let (i, j) = (side.from, side.to);
        // Around a disc about one point it is a corner with a round join.
        let length: f64 = side.way.windows(2).map(|w| w[0].distance(w[1])).sum();
        if side.turn > CORNER_TURN && length < ROUND * side.turn * half[i] {
            if link[i].is_none() && link[j].is_none() {
                let middle =
                    side.way.iter().fold(Point::default(), |a, p| a + *p) * (1.0 / side.way.len().max(1) as f64);
                let at = meeting(tips[i], tips[j]).map(|m| m.0).filter(|m| m.distance(middle) < half[i]);
                let at = at.unwrap_or(middle);
                link[i] = Some(Link::Corner(ends[j].0, ends[j].1, at));
                link[j] = Some(Link::Corner(ends[i].0, ends[i].1, at));
                through.push((i, j));
            }
            continue;
        }
        match (link[i].is_some(), link[j].is_some()) {
            (false, false) => {
                link[i] = Some(Link::Through(ends[j].0, ends[j].1, side.way.clone()));
                link[j] = Some(Link::Through(ends[i].0, ends[i].1, reversed(&side.way)));
                through.push((i, j));
            }
            // Into one that goes on elsewhere.
            (false, true) => link[i] = Some(Link::To(side.way.clone(), tips[j].point)),
            (true, false) => link[j] = Some(Link::To(reversed(&side.way), tips[i].point)),
            (true, true) => {}
        }
    }
    // Then what lies straight ahead, the straightest of all before the others.
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for i in 0..ends.len() {
        for j in i + 1..ends.len() {
            let (a, b) = (tips[i], tips[j]);
            let turn = (-a.direction.dot(b.direction)).clamp(-1.0, 1.0).acos();
            let between = b.point - a.point;
            let along = (a.direction - b.direction).unit();
            let aside = between.cross(along).abs();
            let straight = turn < STRAIGHT_ON
                && aside < ASIDE * width(ends[i].0) + between.length() * 0.15
                && between.dot(along) > 0.0
                && arms[ends[i].0].width == arms[ends[j].0].width;
            if straight {
                pairs.push((turn + aside / width(ends[i].0), i, j));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, i, j) in pairs {
        if link[i].is_none() && link[j].is_none() {
            link[i] = Some(Link::Through(ends[j].0, ends[j].1, Vec::new()));
            link[j] = Some(Link::Through(ends[i].0, ends[i].1, Vec::new()));
            through.push((i, j));
        }
    }
    let rest: Vec<usize> = (0..ends.len()).filter(|i| link[*i].is_none()).collect();
    let far = |i: usize| FAR * width(ends[i].0);
    if let ([i, j], true) = (&rest[..], through.is_empty()) {
        // A corner.
        if let Some((at, s, t)) = meeting(tips[*i], tips[*j])
            && s > -far(*i) * 0.25
            && t > -far(*j) * 0.25
            && s < far(*i)
            && t < far(*j)
        {
            link[*i] = Some(Link::Corner(ends[*j].0, ends[*j].1, at));
            link[*j] = Some(Link::Corner(ends[*i].0, ends[*i].1, at));
        }
    } else if through.is_empty() && rest.len() > 1 {
        // All at one point: the first two around a corner, the others to it.
        if let Some(at) = common(&rest.iter().map(|i| tips[*i]).collect::<Vec<_>>())
            && rest.iter().all(|i| at.distance(tips[*i].point) < far(*i))
        {
            for i in &rest {
                link[*i] = Some(Link::To(Vec::new(), at));
            }
            let (i, j) = (rest[0], rest[1]);
            if arms[ends[i].0].width == arms[ends[j].0].width {
                link[i] = Some(Link::Corner(ends[j].0, ends[j].1, at));
                link[j] = Some(Link::Corner(ends[i].0, ends[i].1, at));
            }
        }
    } else {
        for i in rest {
            // Onto the nearest of what goes through.
            let met = through.iter().filter_map(|(a, b)| {
                let (p, q) = (tips[*a].point, tips[*b].point);
                let line = Tip { point: p, direction: (q - p).unit() };
                meeting(tips[i], line).map(|(at, s, _)| (s, at))
            });
            let met = met.filter(|(s, _)| *s > -width(ends[i].0) && *s < far(i));
            if let Some((_, at)) = met.min_by(|a, b| a.0.total_cmp(&b.0)) {
                link[i] = Some(Link::To(Vec::new(), at));
            }
        }
    }
    for ((arm, end), link) in ends.iter().zip(link) {
        arms[*arm].ends[*end] = link.unwrap_or(Link::End);
    }
}

/// The point nearest to all lines, by least squares.
fn common(tips: &[Tip]) -> Option<Point> {
    let (mut m, mut r) = ([[0.0; 2]; 2], [0.0; 2]);
    for tip in tips {
        let n = tip.direction.turned();
        let d = n.dot(tip.point);
        m[0][0] += n.x * n.x;
        m[0][1] += n.x * n.y;
        m[1][0] += n.x * n.y;
        m[1][1] += n.y * n.y;
        r[0] += n.x * d;
        r[1] += n.y * d;
    }
    crate::linear::eliminate(m, r).map(|x| Point::new(x[0], x[1]))
}
