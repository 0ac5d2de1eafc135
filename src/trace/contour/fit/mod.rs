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

mod arc;
mod cubic;
mod line;
mod linear;
pub mod polygon;
pub mod primitives;
pub mod segment;
mod track;

pub use arc::{arc_mobius, arc_point, arc_sweep};
pub(super) use linear::{cholesky, eliminate};
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

    /// A point of piece `i` at parameter `t` in [0, 1].
    pub fn at(&self, i: usize, t: f64) -> Point {
        let (a, b) = self.ends(i);
        match self.pieces[i] {
            Piece::Line => a + (b - a) * t,
            Piece::Cubic(c, d) => cubic::at([a, c, d, b], t),
            Piece::Arc(half) => arc_point(a, b, half, t),
        }
    }
}

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
