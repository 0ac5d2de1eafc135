//! Stage 7: from measured points to lines, arcs and cubics, under one description length.
//!
//! | module | what it does |
//! |---|---|
//! | `track` | the points of one boundary with weights and prefix sums |
//! | `linear` | small symmetric systems, for all of them |
//! | `line`, `arc`, `cubic` | the best piece of each kind between two points, and its cost |
//! | `segment` | where to break: a dynamic program over break points (balanced), greedy runs (fast) |
//! | `primitives`, `polygon` | whole rings that are a circle, an ellipse, a rectangle or a rounded one, a regular polygon |
//!
//! The cost of a piece is half its χ² plus λ for each number that it makes the file longer: the minimum
//! description length (Rissanen 1978) with a Gaussian error of each sample's own σ.

pub(super) mod arc;
pub(super) mod cubic;
mod line;
pub mod polygon;
pub mod primitives;
pub mod segment;
mod track;

pub use arc::{arc_circle, arc_mobius, arc_point, arc_sweep, chords, swell};
pub use track::Track;

use crate::document::Point;

/// What a number costs and what an error costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// Price of one written number, nats.
    pub number: f64,
    /// What no model of a boundary explains, px: added to the σ of each sample.
    pub sigma: f64,
}

impl Default for Costs {
    /// In theory a number costs ln(extent / precision), 8.5 nats for 512 px and 0.1 px. Measured, the best
    /// trade is below that, as samples agree with each other better than their σ says
    /// (`docs/engine-log.md`).
    fn default() -> Self {
        Self { number: 2.5, sigma: 0.012 }
    }
}

/// One piece of a chain, from its node to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Piece {
    /// A straight line.
    Line,
    /// A cubic Bézier curve with its two control points.
    Cubic(Point, Point),
    /// A circular arc; half of its sweep, radians, positive when it turns to the right (y is down).
    Arc(f64),
}

/// A node between two pieces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Where it is, px.
    pub point: Point,
    /// Whether the pieces at both sides share a tangent.
    pub smooth: bool,
}

/// Nodes and the pieces between them. A closed chain has as many pieces as nodes, an open one has one less.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chain {
    /// The nodes in order.
    pub nodes: Vec<Node>,
    /// Piece `i` goes from node `i` to the next.
    pub pieces: Vec<Piece>,
}

impl Chain {
    /// Whether it is a ring.
    pub fn is_closed(&self) -> bool {
        self.pieces.len() == self.nodes.len()
    }

    /// The start and end of piece `i`.
    pub fn ends(&self, i: usize) -> (Point, Point) {
        (self.nodes[i].point, self.nodes[(i + 1) % self.nodes.len()].point)
    }

    /// Unit tangents at the start and end of piece `i`.
    pub fn tangents(&self, i: usize) -> (Point, Point) {
        let (a, b) = self.ends(i);
        match self.pieces[i] {
            Piece::Line => ((b - a).unit(), (b - a).unit()),
            Piece::Cubic(c, d) => {
                let first = [c, d, b].into_iter().map(|p| p - a).find(|v| v.length() > 1e-6).unwrap_or(b - a);
                let last = [d, c, a].into_iter().map(|p| b - p).find(|v| v.length() > 1e-6).unwrap_or(b - a);
                (first.unit(), last.unit())
            }
            Piece::Arc(half) => {
                let chord = (b - a).unit();
                (rotate(chord, -half), rotate(chord, half))
            }
        }
    }

    /// The chain through straight lines between `points`.
    pub fn polygon(points: &[Point], closed: bool) -> Self {
        let nodes: Vec<Node> = points.iter().map(|p| Node { point: *p, smooth: false }).collect();
        let pieces = vec![Piece::Line; if closed { nodes.len() } else { nodes.len().saturating_sub(1) }];
        Self { nodes, pieces }
    }

    /// The piece that ends at a node; none at the start of an open chain.
    pub fn before(&self, node: usize) -> Option<usize> {
        if node > 0 { Some(node - 1) } else { self.is_closed().then(|| self.pieces.len() - 1) }
    }

    /// Moves a node, and the control points beside it.
    pub fn move_node(&mut self, node: usize, to: Point) {
        let by = to - self.nodes[node].point;
        self.nodes[node].point = to;
        if let Some(Piece::Cubic(_, d)) = self.before(node).and_then(|k| self.pieces.get_mut(k)) {
            *d = *d + by;
        }
        if let Some(Piece::Cubic(c, _)) = self.pieces.get_mut(node) {
            *c = *c + by;
        }
    }

    /// Makes a corner of a short line between two others that would meet just beyond it: the pixels at a sharp tip
    /// are rounded, and say that much of any.
    pub fn sharpen(&mut self) {
        let mut k = usize::from(!self.is_closed());
        while k + usize::from(!self.is_closed()) < self.pieces.len() && self.nodes.len() > 3 {
            let (n, pieces) = (self.nodes.len(), self.pieces.len());
            let (before, after) = ((k + pieces - 1) % pieces, (k + 1) % pieces);
            let lines = [before, k, after].into_iter().all(|i| self.pieces[i] == Piece::Line);
            let ((from, a), (b, to)) = (self.ends(before), self.ends(after));
            let sides = from.distance(a).min(b.distance(to));
            let apex = segment::intersection(from, (a - from).unit(), b, (to - b).unit()).filter(|x| {
                lines
                    && a.distance(b) < BLUNT
                    && sides > 2.0 * BLUNT
                    && (*x - a).dot(a - from) > 0.0
                    && (*x - b).dot(b - to) > 0.0
                    && x.distance(a).max(x.distance(b)) < MAX_TIP
            });
            if let Some(apex) = apex {
                self.nodes[k].point = apex;
                let next = (k + 1) % n;
                if next > k {
                    self.nodes.remove(next);
                    self.pieces.remove(k);
                } else {
                    // Piece `k` closes the ring: its first node goes, and the last one is the corner.
                    self.nodes.remove(0);
                    self.pieces.rotate_left(1);
                    self.pieces.remove(k - 1);
                }
            }
            k += 1;
        }
    }

    /// Makes one line of two that go on in each other, as they do where a ring was cut open in the midst of one.
    pub fn join_lines(&mut self) {
        let least = if self.is_closed() { 3 } else { 2 };
        let mut k = usize::from(!self.is_closed());
        while k < self.pieces.len() && self.nodes.len() > least {
            let before = k.checked_sub(1).unwrap_or(self.pieces.len() - 1);
            let (a, p, b) = (self.nodes[before].point, self.nodes[k].point, self.ends(k).1);
            let chord = b - a;
            let between = (p - a).dot(chord) > 0.0 && (b - p).dot(chord) > 0.0;
            let lines = self.pieces[before] == Piece::Line && self.pieces[k] == Piece::Line;
            let off = if a.distance(p).min(p.distance(b)) < BIT { BIT_COLLINEAR } else { COLLINEAR };
            if lines && between && chord.cross(p - a).abs() < off * chord.length() {
                self.nodes.remove(k);
                self.pieces.remove(k);
            } else {
                k += 1;
            }
        }
    }

    /// Makes two pieces of piece `i`, which meet at its parameter `t`.
    pub fn split(&mut self, i: usize, t: f64) {
        let point = self.at(i, t);
        self.pieces.splice(i..=i, self.parts(i, t));
        self.nodes.insert(i + 1, Node { point, smooth: false });
    }

    /// Lets piece `i` begin at its parameter `t`, or end there; beyond [0, 1] it goes on as it is. What else is at the
    /// node there stays where it is.
    pub fn cut(&mut self, i: usize, t: f64, at_end: bool) {
        let (point, [before, after]) = (self.at(i, t), self.parts(i, t));
        self.pieces[i] = if at_end { before } else { after };
        let node = if at_end { (i + 1) % self.nodes.len() } else { i };
        self.nodes[node].point = point;
    }

    /// What piece `i` is before its parameter `t` and after it.
    pub(super) fn parts(&self, i: usize, t: f64) -> [Piece; 2] {
        let ((a, b), (starts, ends), cut) = (self.ends(i), self.tangents(i), self.at(i, t));
        let turn = |from: Point, to: Point| from.cross(to).atan2(from.dot(to));
        match self.pieces[i] {
            Piece::Line => [Piece::Line; 2],
            // Half of what an arc turns by lies between its chord and its tangent.
            Piece::Arc(_) => [Piece::Arc(turn(starts, cut - a)), Piece::Arc(turn(b - cut, ends))],
            Piece::Cubic(c, d) => {
                let ([_, c, d, _], [_, e, f, _]) = cubic::halves([a, c, d, b], t);
                [Piece::Cubic(c, d), Piece::Cubic(e, f)]
            }
        }
    }

    /// The chain the other way; a closed one from the same node.
    pub(super) fn reversed(&self) -> Self {
        let mut nodes: Vec<Node> = self.nodes.iter().rev().copied().collect();
        if self.is_closed() {
            nodes.rotate_right(1);
        }
        let pieces = self.pieces.iter().rev().map(|p| match *p {
            Piece::Line => Piece::Line,
            Piece::Cubic(a, b) => Piece::Cubic(b, a),
            Piece::Arc(half) => Piece::Arc(-half),
        });
        Self { nodes, pieces: pieces.collect() }
    }

    /// About how long piece `i` is, px: no shorter.
    pub(super) fn length(&self, i: usize) -> f64 {
        let (a, b) = self.ends(i);
        match self.pieces[i] {
            Piece::Line => a.distance(b),
            Piece::Arc(half) => a.distance(b) * (half / half.sin()).abs().max(1.0),
            Piece::Cubic(c, d) => cubic::polygon([a, c, d, b]),
        }
    }

    /// The parameter of piece `i` in `within` where it is nearest to a point, and how far from it, px.
    pub fn nearest(&self, i: usize, p: Point, within: (f64, f64)) -> (f64, f64) {
        let away = |t: f64| self.at(i, t).distance(p);
        let step = (within.1 - within.0) / NEAREST as f64;
        let at = |k: usize| within.0 + step * k as f64;
        let best = (0..=NEAREST).min_by(|i, j| away(at(*i)).total_cmp(&away(at(*j)))).unwrap_or(0);
        let (mut low, mut high) = (at(best.saturating_sub(1)), at((best + 1).min(NEAREST)));
        for _ in 0..NEAREST / 2 {
            let third = (high - low) / 3.0;
            if away(low + third) < away(high - third) { high -= third } else { low += third }
        }
        let t = (low + high) / 2.0;
        (t, away(t))
    }

    /// A point of piece `i` at parameter `t` in [0, 1]. Both ends are its nodes to the last bit, so that what ends in one
    /// junction only touches there.
    pub fn at(&self, i: usize, t: f64) -> Point {
        let (a, b) = self.ends(i);
        if t == 1.0 {
            return b;
        }
        match self.pieces[i] {
            Piece::Line => a + (b - a) * t,
            Piece::Cubic(c, d) => cubic::at([a, c, d, b], t),
            Piece::Arc(half) => arc_point(a, b, half, t),
        }
    }
}

/// Steps in which the nearest place of a piece is found, a count: about one a pixel of most pieces.
const NEAREST: usize = 64;

/// Farthest that a node lies from the line through its neighbours and is taken out, px: two fits to parts of one line
/// differ by less at their ends.
const COLLINEAR: f64 = 0.03;

/// The same where one of the lines is no more than a bit, px: nothing tells its direction.
const BIT_COLLINEAR: f64 = 0.06;

/// Longest such bit, px: four samples.
const BIT: f64 = 4.0;

/// Longest line that is taken for the rounded end of a tip, px: a pixel is all that a tip rounds.
const BLUNT: f64 = 1.0;

/// Farthest that such a tip lies from the line that stands for it, px: a sharper one ends in pixels that are hardly
/// covered.
const MAX_TIP: f64 = 1.6;

/// `v` turned by `angle`, radians, to the right for positive angles (y is down).
pub fn rotate(v: Point, angle: f64) -> Point {
    let (s, c) = angle.sin_cos();
    Point::new(v.x * c - v.y * s, v.x * s + v.y * c)
}

/// What a whole boundary is.
#[derive(Debug, Clone, PartialEq)]
pub enum Curve {
    /// Nodes and pieces.
    Chain(Chain),
    /// A circle: centre and radius, px.
    Circle(Point, f64),
    /// An ellipse: centre, two radii, px, and the direction of the first, radians.
    Ellipse(Point, f64, f64, f64),
    /// An upright rectangle, its two corners, px, and the radius of its rounded corners, 0 for none.
    Rect(Point, Point, f64),
    /// A regular polygon: centre, radius of its corners, px, the direction of one of them, radians, and how many
    /// there are.
    Polygon(Point, f64, f64, usize),
}

impl Curve {
    /// How many pieces it is made of: none for a whole shape.
    pub(super) fn pieces(&self) -> usize {
        if let Self::Chain(chain) = self { chain.pieces.len() } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blunt_tip_becomes_a_corner() {
        let point = |(x, y): (f64, f64)| Point::new(x, y);
        let kite = [(0.0, 0.0), (20.0, 8.0), (20.8, 8.0), (21.0, 7.2), (9.0, -9.0)];
        for start in 0..5 {
            let mut points: Vec<Point> =
                [(0.0, 0.0), (19.0, 7.6), (19.3, 6.9), (9.0, -9.0), (4.0, -9.0)].map(point).into();
            points.rotate_left(start);
            let mut chain = Chain::polygon(&points, true);
            chain.sharpen();
            assert_eq!((chain.nodes.len(), chain.pieces.len()), (4, 4), "{start}");
            let tip = chain.nodes.iter().map(|n| n.point).max_by(|a, b| a.x.total_cmp(&b.x)).unwrap();
            assert!(tip.distance(point((20.017, 8.007))) < 0.01, "{tip:?}");
            let rest = points.iter().filter(|p| p.x < 18.0);
            assert!(rest.clone().all(|p| chain.nodes.iter().any(|n| n.point == *p)), "{start}");
        }
        // Three sides at the end are drawn so.
        let mut chain = Chain::polygon(&kite.map(point), true);
        chain.sharpen();
        assert_eq!(chain.nodes.len(), 5);
    }

    #[test]
    fn lines_that_go_on_in_each_other_become_one() {
        let chain = |points: &[(f64, f64)], closed| {
            Chain::polygon(&points.iter().map(|(x, y)| Point::new(*x, *y)).collect::<Vec<_>>(), closed)
        };
        let square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
        for (extra, at) in [((4.0, 0.02), 1), ((0.02, 3.0), 0), ((0.0, 3.0), 4)] {
            let mut points = square.to_vec();
            points.insert(at, extra);
            let mut ring = chain(&points, true);
            ring.join_lines();
            assert_eq!(ring, chain(&square, true), "{extra:?}");
        }
        // A bend that is seen, a way there and back, and what is no line.
        for points in [&[(0.0, 0.0), (5.0, 0.05), (10.0, 0.0)][..], &[(0.0, 0.0), (10.0, 0.0), (4.0, 0.0)]] {
            let mut open = chain(points, false);
            open.join_lines();
            assert_eq!(open, chain(points, false));
        }
        let mut bent = chain(&[(0.0, 0.0), (5.0, 0.0), (10.0, 0.0)], false);
        bent.pieces[1] = Piece::Arc(0.3);
        bent.join_lines();
        assert_eq!(bent.pieces.len(), 2);
    }
}
