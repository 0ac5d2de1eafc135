//! From arms to centre lines: arms that go on in each other are one line, which the boundary fitter cuts into
//! lines, arcs and cubics.

use super::super::crossings;
use super::super::fit::{Chain, Costs, Curve, Node, Piece, Track, primitives, segment};
use super::super::subpixel::Sample;
use super::arms::{Arm, Link};
use crate::document::Point;

/// σ of a centre, px: it is the mean of two sides that are each known to a few hundredths.
const CENTER_SIGMA: f64 = 0.02;

/// σ of a centre that only one side shows, px: the width is known to about as much.
const SIDE_SIGMA: f64 = 0.05;

/// σ of a point in the gap of a junction, px: the line is only known at both of its sides.
const GAP_SIGMA: f64 = 0.5;

/// σ of a point on the way to a corner or onto another line, px: as for one side.
const WAY_SIGMA: f64 = 0.05;

/// Radius of the bend by which the arm may go on, px: what a circle leaves its tangent by is added to σ.
const WAY_RADIUS: f64 = 25.0;

/// σ of a corner or of a point on another line, px: lines are known there once they are.
const MEETING_SIGMA: f64 = 0.3;

/// Distance between the samples of a centre line, px: about that of measured ones on a boundary.
const SPACING: f64 = 1.0;

/// A centre line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Where it runs.
    pub(super) curve: Curve,
    /// Which of the widths it has.
    pub(super) width: usize,
    /// Whether its first and its last point are ends of a stroke, not on another line.
    pub(super) free: [bool; 2],
}

impl Line {
    /// Greatest distance of a node from the first one, px.
    pub(super) fn extent(&self) -> f64 {
        match &self.curve {
            Curve::Chain(Chain { nodes, .. }) => {
                nodes.iter().map(|n| n.point.distance(nodes[0].point)).fold(0.0, f64::max)
            }
            _ => f64::INFINITY,
        }
    }

    /// The largest area that a stroke of `width` along it may have, px².
    pub(super) fn most_area(&self, width: f64) -> f64 {
        let places = crossings::places(&self.curve, SPACING);
        let length: f64 = places.windows(2).map(|w| w[0].distance(w[1])).sum();
        (length + width) * width
    }

    /// Whether it is a ring.
    pub(super) fn is_closed(&self) -> bool {
        match &self.curve {
            Curve::Chain(chain) => chain.is_closed(),
            _ => true,
        }
    }
}

/// What a walk along arms finds.
struct Walk {
    /// Samples from corner to corner.
    parts: Vec<Vec<Sample>>,
    width: usize,
    /// How it ends; nothing for a ring.
    free: Option<[bool; 2]>,
}

/// The centre lines that `arms` make.
pub(super) fn find(arms: &[Arm], costs: Costs, effort: segment::Effort) -> Vec<Line> {
    let mut used = vec![false; arms.len()];
    let mut lines = Vec::new();
    // Lines with ends first: what is left are rings.
    for round in 0..2 {
        for first in 0..arms.len() {
            for entry in 0..2 {
                let open = matches!(arms[first].ends[entry], Link::End | Link::To(..));
                if used[first] || (round == 0 && !open) {
                    continue;
                }
                let Walk { parts, width, free } = follow(arms, &mut used, first, entry);
                let curve = fit(parts, free.is_none(), costs, effort);
                lines.push(Line { curve, width, free: free.unwrap_or([false; 2]) });
            }
        }
    }
    lines
}

/// The line that enters `first` at its end `entry`.
fn follow(arms: &[Arm], used: &mut [bool], first: usize, entry: usize) -> Walk {
    let mut parts: Vec<Vec<Sample>> = Vec::new();
    let mut samples: Vec<Sample> = Vec::new();
    let start = &arms[first].ends[entry];
    if let Link::To(along, at) = start {
        samples.push(Sample { point: *at, sigma: MEETING_SIGMA });
        if along.is_empty() {
            let there = walked(&arms[first], entry)[0];
            way(&mut samples, *at, there, there);
        } else {
            spread(&mut samples, &along.iter().rev().copied().collect::<Vec<_>>(), SIDE_SIGMA);
        }
    }
    let (mut arm, mut from) = (first, entry);
    let width = arms[first].width;
    let free = |link: &Link| *link == Link::End;
    loop {
        used[arm] = true;
        let points = walked(&arms[arm], from);
        spread(&mut samples, &points, CENTER_SIGMA);
        let last = points[points.len() - 1];
        let link = &arms[arm].ends[1 - from];
        let (next, end) = match link {
            Link::Ring => {
                parts.push(samples);
                return Walk { parts, width, free: None };
            }
            Link::End | Link::To(..) => {
                if let Link::To(along, at) = link {
                    if along.is_empty() {
                        way(&mut samples, last, *at, last);
                    } else {
                        spread(&mut samples, along, SIDE_SIGMA);
                    }
                    samples.push(Sample { point: *at, sigma: MEETING_SIGMA });
                }
                parts.push(samples);
                return Walk { parts, width, free: Some([free(start), free(link)]) };
            }
            Link::Through(next, end, _) | Link::Corner(next, end, _) => (*next, *end),
        };
        let there = walked(&arms[next], end)[0];
        match link {
            Link::Corner(_, _, at) => {
                way(&mut samples, last, *at, last);
                samples.push(Sample { point: *at, sigma: MEETING_SIGMA });
                parts.push(std::mem::take(&mut samples));
                way(&mut samples, *at, there, there);
            }
            Link::Through(_, _, along) if !along.is_empty() => spread(&mut samples, along, SIDE_SIGMA),
            _ => {
                let (u, v) = (outward(&points), -outward(&walked(&arms[next], 1 - end)));
                bridge(&mut samples, (last, u), (there, v));
            }
        }
        if next == first {
            // What was begun last belongs to what was begun first.
            if parts.is_empty() {
                parts.push(samples);
            } else {
                samples.append(&mut parts[0]);
                parts[0] = samples;
            }
            return Walk { parts, width, free: None };
        }
        if used[next] {
            samples.push(Sample { point: there, sigma: MEETING_SIGMA });
            parts.push(samples);
            return Walk { parts, width, free: Some([free(start), false]) };
        }
        (arm, from) = (next, end);
    }
}

/// The points of an arm, walked from one of its ends.
fn walked(arm: &Arm, from: usize) -> Vec<Point> {
    if from == 0 { arm.points.clone() } else { arm.points.iter().rev().copied().collect() }
}

/// The direction in which points go at their end.
fn outward(points: &[Point]) -> Point {
    let n = points.len();
    (points[n - 1] - points[n.saturating_sub(8)]).unit()
}

/// Adds points, as many of them as samples are apart put together.
fn spread(samples: &mut Vec<Sample>, points: &[Point], sigma: f64) {
    let mut add = |sum: Point, n: f64| samples.push(Sample { point: sum * (1.0 / n), sigma });
    add(points[0], 1.0);
    let (mut sum, mut n, mut length) = (Point::default(), 0.0, 0.0);
    for w in points.windows(2) {
        sum = sum + w[1];
        n += 1.0;
        length += w[0].distance(w[1]);
        if length >= SPACING {
            add(sum, n);
            (sum, n, length) = (Point::default(), 0.0, 0.0);
        }
    }
    if points.len() > 1 {
        add(points[points.len() - 1], 1.0);
    }
}

/// Adds the straight way from `a` up to but not `b`, and not `a` itself when it is there already. `known` is the
/// one of the two where an arm ends: farther from it the line may bend.
fn way(samples: &mut Vec<Sample>, a: Point, b: Point, known: Point) {
    let n = (a.distance(b) / SPACING).ceil().max(1.0) as usize;
    for k in 0..n {
        let point = a + (b - a) * (k as f64 / n as f64);
        let sigma = WAY_SIGMA + point.distance(known).powi(2) / (2.0 * WAY_RADIUS);
        if samples.last().is_none_or(|s| s.point.distance(point) > 1e-3) {
            samples.push(Sample { point, sigma });
        }
    }
}

/// Adds a smooth way between two points with their directions, neither of them included.
fn bridge(samples: &mut Vec<Sample>, (a, u): (Point, Point), (b, v): (Point, Point)) {
    let length = a.distance(b);
    let n = (length / SPACING).ceil().max(1.0) as usize;
    let (c, d) = (a + u * (length / 3.0), b - v * (length / 3.0));
    for k in 1..n {
        let t = k as f64 / n as f64;
        let s = 1.0 - t;
        let point = a * (s * s * s) + c * (3.0 * s * s * t) + d * (3.0 * s * t * t) + b * (t * t * t);
        samples.push(Sample { point, sigma: GAP_SIGMA });
    }
}

/// The curve through samples, with a corner between one part and the next.
fn fit(mut parts: Vec<Vec<Sample>>, closed: bool, costs: Costs, effort: segment::Effort) -> Curve {
    for samples in &mut parts {
        samples.dedup_by(|a, b| a.point.distance(b.point) < 1e-3);
    }
    if closed {
        let mut ring: Vec<Sample> = parts.concat();
        ring.dedup_by(|a, b| a.point.distance(b.point) < 1e-3);
        if ring.len() > 3 && ring[0].point.distance(ring[ring.len() - 1].point) < 1e-3 {
            ring.pop();
        }
        if ring.len() > 3 {
            // A corner is known where there is one.
            let start = if parts.len() > 1 { 0 } else { segment::sharpest(&Track::new(ring.iter().copied(), costs)) };
            ring.rotate_left(start);
            ring.extend(ring.first().copied());
            let track = Track::new(ring.into_iter(), costs);
            if let Some(shape) = primitives::recognize(&track) {
                return shape;
            }
            if parts.len() < 2 {
                return Curve::Chain(segment::segment(&track, true, effort));
            }
        }
        if parts.len() == 1 {
            // One corner: the walk began elsewhere, and has been put together to begin there.
            return Curve::Chain(joined(vec![open(&parts[0], costs, effort)], true));
        }
    }
    let chains = parts.iter().map(|p| open(p, costs, effort)).collect();
    Curve::Chain(joined(chains, closed))
}

/// The open chain through samples.
fn open(samples: &[Sample], costs: Costs, effort: segment::Effort) -> Chain {
    if samples.len() < 3 {
        let nodes = samples.iter().map(|s| Node { point: s.point, smooth: false }).collect::<Vec<_>>();
        let pieces = vec![Piece::Line; nodes.len().saturating_sub(1)];
        return Chain { nodes, pieces };
    }
    segment::segment(&Track::new(samples.iter().copied(), costs), false, effort)
}

/// Chains one after the other, with corners between them; a ring is closed by one.
fn joined(chains: Vec<Chain>, closed: bool) -> Chain {
    let mut all = Chain::default();
    for mut chain in chains.into_iter().filter(|c| c.nodes.len() > 1) {
        if let Some(before) = all.nodes.pop() {
            let first = &mut chain.nodes[0];
            *first = Node { point: (before.point + first.point) * 0.5, smooth: false };
        }
        all.nodes.append(&mut chain.nodes);
        all.pieces.append(&mut chain.pieces);
    }
    if closed
        && all.nodes.len() > 1
        && let Some(last) = all.nodes.pop()
    {
        let first = &mut all.nodes[0];
        *first = Node { point: (last.point + first.point) * 0.5, smooth: false };
    }
    all
}
