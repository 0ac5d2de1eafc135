//! Stage 6: all curves at once against the pixels.
//!
//! The partition is rendered by exact areas: each piece of a boundary adds its signed cover and area to the
//! cells that it crosses, as scan converters do (Levien's font-rs, FreeType's smooth rasteriser), but per
//! region, so that one pass gives the share of every region in every boundary pixel. How a pixel changes
//! when a parameter does is the normal displacement along the piece inside it. Both together make a sparse
//! least-squares problem, solved by Levenberg–Marquardt steps with conjugate gradients (CGLS, Björck 1996);
//! no matrix is formed. Only pixels on a boundary take part, so time and memory follow the length of the
//! boundaries: about 200 bytes a boundary pixel.
//!
//! Parameters are those of the curves themselves. Nodes of upright lines share a coordinate, the two
//! handles of a smooth node share a direction, and junctions share a point, so that what holds before holds
//! afterwards, exactly.

use std::collections::HashMap;

use super::fit::{Chain, Curve, Piece, arc_mobius, polygon::off_axis, rotate};
use super::intake::{Color, Intake};
use super::labels::Labels;
use super::palette::Ink;
use super::planar_map::{OUTSIDE, PlanarMap};
use crate::document::Point;
use crate::trace::Budget;

/// How far a line is off an axis at its ends and is made upright, px: twice as much also bends lines that are
/// not (`docs/engine-log.md`).
const UPRIGHT: f64 = 0.05;

/// How far the end of a handle is off an axis and is made upright, px: handles are known less well than lines.
const UPRIGHT_HANDLE: f64 = 0.12;

/// Largest turn at a node that is kept smooth, radians: 11 degrees; when its neighbours have moved and it turns
/// more, it was a corner.
const SMOOTH: f64 = 0.2;

/// Farthest that the end of a handle is moved to make a node smooth, px: farther, and the curve leaves its boundary
/// so far that refinement does not bring it back (`docs/engine-log.md`).
const BEND: f64 = 0.1;

/// Shortest line that tells the direction of the curve that goes on from it, px: the direction of a shorter one
/// is off by a degree and more.
const GUIDE: f64 = 4.0;

/// Radius below which the corners of a rectangle are sharp, px: it takes two hundredths off a pixel.
const SHARP: f64 = 0.3;

/// Longest piece of a curve that is taken as straight, px: about one a pixel; what chords cut off is put back
/// (`bulge`).
const STEP: f64 = 1.2;

/// Longest step of a coordinate in one round, px: farther away the linear model says nothing.
const MAX_STEP: f64 = 4.0;

/// Longest step of an angle in one round, radians: 11 degrees, for the same reason.
const MAX_TURN: f64 = 0.2;

/// Largest part of a pixel that a boundary sweeps in one round, px²: beyond one pixel it leaves those that
/// measured it.
const MAX_SWEEP: f64 = 0.9;

/// Conjugate gradient steps in a round, a count: 40 gained nothing for a third more time
/// (`docs/engine-log.md`).
const CG_STEPS: usize = 16;

/// Square of the gradient, against the first one, at which a round's solution is good enough, a share: a
/// thousandth of the way is left.
const CG_GOAL: f64 = 1e-6;

/// Damping at the start against a parameter's own weight, a ratio: nearly the whole Gauss–Newton step.
const DAMPING: f64 = 1e-3;

/// Damping that is always added against the weight of one whole pixel, a ratio: so that a node does not run
/// along a curve that looks the same wherever it is.
const FLOOR: f64 = 0.01;

/// Damping that holds a boundary with next to no contrast where it is, 8-bit steps²: the square of a contrast
/// that nobody sees.
const FAINT: f64 = 8.0;

/// Residuals beyond this count by their size and not by its square, 8-bit steps: no boundary explains them.
const OUTLIER: f64 = 90.0;

/// Least damping against a parameter's own weight, a ratio: less makes no difference.
const MIN_DAMPING: f64 = 1e-6;

/// Largest damping against a parameter's own weight, a ratio: a boundary stands still.
const MAX_DAMPING: f64 = 1e4;

/// Gain of a round below which it is the last one, a share: the rounds after it gain less still.
const MIN_GAIN: f64 = 0.004;

/// Most parameters that a piece depends on, a count: a cubic has ten, two points and two handles that each hang
/// on another node, and there is some room.
const MAX_VARS: usize = 14;

/// A coordinate: a parameter, or a constant.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Coord {
    Fixed(f64),
    Var(u32),
}

/// A point whose coordinates may be parameters.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: Coord,
    y: Coord,
}

/// Where the control point beside a node is.
#[derive(Debug, Clone, Copy)]
enum Handle {
    /// Anywhere.
    Free(u32, u32),
    /// At a distance in a direction, both parameters; against the direction for a negative sign.
    Polar { angle: Coord, length: u32, sign: f64 },
    /// At a distance that is a parameter, straight on from another node.
    Along { other: Place, length: u32 },
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Line(Place, Place),
    Cubic(Place, Handle, Handle, Place),
    Arc(Place, Place, u32),
    /// Centre, radius.
    Circle(u32),
    /// Centre, radii, angle.
    Ellipse(u32),
    /// Two corners, radius; one of its eight parts.
    Rect(u32, bool),
    /// Centre, radius; number of corners; direction of the first.
    Polygon(u32, u32, Coord),
}

#[derive(Debug, Clone, Copy)]
struct Part {
    kind: Kind,
    boundary: u32,
    /// Walked against the boundary's direction.
    reversed: bool,
}

/// A point and how it depends on parameters.
#[derive(Debug, Clone)]
pub(super) struct Moving {
    /// Where it is.
    pub(super) point: Point,
    n: usize,
    vars: [u32; MAX_VARS],
    slopes: [Point; MAX_VARS],
}

impl Moving {
    /// The parameters that it depends on, and by how much it moves with each.
    pub(super) fn slopes(&self) -> impl Iterator<Item = (u32, Point)> + '_ {
        self.vars.iter().copied().zip(self.slopes.iter().copied()).take(self.n)
    }

    fn fixed(point: Point) -> Self {
        Self { point, n: 0, vars: [0; MAX_VARS], slopes: [Point::default(); MAX_VARS] }
    }

    fn add(&mut self, var: u32, slope: Point) {
        for k in 0..self.n {
            if self.vars[k] == var {
                self.slopes[k] = self.slopes[k] + slope;
                return;
            }
        }
        if self.n < MAX_VARS {
            self.vars[self.n] = var;
            self.slopes[self.n] = slope;
            self.n += 1;
        }
    }

    /// Adds a weighted coordinate's own slope.
    fn add_coord(&mut self, c: Coord, slope: Point) {
        if let Coord::Var(v) = c {
            self.add(v, slope);
        }
    }

    fn add_place(&mut self, p: Place, along_x: Point, along_y: Point) {
        self.add_coord(p.x, along_x);
        self.add_coord(p.y, along_y);
    }

    fn mix(&mut self, other: &Moving, weight: f64) {
        self.point = self.point + other.point * weight;
        for k in 0..other.n {
            self.add(other.vars[k], other.slopes[k] * weight);
        }
    }
}

/// The curves as parameters.
pub(super) struct Model {
    /// The parameters.
    pub(super) values: Vec<f64>,
    /// Parameters that are angles.
    angles: Vec<u32>,
    parts: Vec<Part>,
    /// For each chain, the places of its nodes and the indices of its parts.
    chains: Vec<Option<Laid>>,
}

#[derive(Debug, Clone)]
struct Laid {
    nodes: Vec<Place>,
    first_part: usize,
}

impl Model {
    /// Curves that are bound to nothing.
    pub(super) fn free(curves: &[Curve]) -> Self {
        build_bound(curves, &vec![Bond::default(); curves.len()], |_| (false, false))
    }

    /// Calls `emit` with points along all curves, each with its slopes and the number of its curve.
    pub(super) fn walk_all(&self, mut emit: impl FnMut(&Moving, usize)) {
        for part in &self.parts {
            self.walk(part, |m| emit(m, part.boundary as usize));
        }
    }

    /// Moves the parameters by `step`, but no farther than the model holds.
    pub(super) fn go(&mut self, step: &[f64]) {
        let before = self.values.clone();
        for (v, s) in self.values.iter_mut().zip(step) {
            *v += s.clamp(-MAX_STEP, MAX_STEP);
        }
        for a in &self.angles {
            let a = *a as usize;
            self.values[a] = before[a] + step[a].clamp(-MAX_TURN, MAX_TURN);
        }
        keep_lengths(self);
    }

    fn value(&self, c: Coord) -> f64 {
        match c {
            Coord::Fixed(v) => v,
            Coord::Var(i) => self.values[i as usize],
        }
    }

    fn place(&self, p: Place) -> Point {
        Point::new(self.value(p.x), self.value(p.y))
    }

    fn moving_place(&self, p: Place) -> Moving {
        let mut m = Moving::fixed(self.place(p));
        m.add_place(p, Point::new(1.0, 0.0), Point::new(0.0, 1.0));
        m
    }

    fn handle(&self, node: Place, handle: Handle) -> Moving {
        let at = self.place(node);
        match handle {
            Handle::Free(x, y) => {
                let mut m = Moving::fixed(Point::new(self.values[x as usize], self.values[y as usize]));
                m.add(x, Point::new(1.0, 0.0));
                m.add(y, Point::new(0.0, 1.0));
                m
            }
            Handle::Polar { angle, length, sign } => {
                let l = self.values[length as usize];
                let (s, c) = self.value(angle).sin_cos();
                let u = Point::new(c, s) * sign;
                let mut m = Moving::fixed(at + u * l);
                m.add_place(node, Point::new(1.0, 0.0), Point::new(0.0, 1.0));
                m.add(length, u);
                m.add_coord(angle, u.turned() * l);
                m
            }
            Handle::Along { other, length } => {
                let l = self.values[length as usize];
                let from = self.place(other);
                let d = at - from;
                let size = d.length().max(1e-6);
                let u = d * (1.0 / size);
                let k = l / size;
                // (I - u uᵀ) l / |d|.
                let (ax, ay) = (
                    Point::new(k * (1.0 - u.x * u.x), -k * u.x * u.y),
                    Point::new(-k * u.x * u.y, k * (1.0 - u.y * u.y)),
                );
                let mut m = Moving::fixed(at + u * l);
                m.add_place(node, Point::new(1.0, 0.0) + ax, Point::new(0.0, 1.0) + ay);
                m.add_place(other, -ax, -ay);
                m.add(length, u);
                m
            }
        }
    }

    /// Calls `emit` with points along a part, each with its slopes, from start to end.
    fn walk(&self, part: &Part, mut emit: impl FnMut(&Moving)) {
        match part.kind {
            Kind::Line(a, b) => {
                walk_line(&self.moving_place(a), &self.moving_place(b), &mut emit);
            }
            Kind::Cubic(a, h, g, b) => {
                let c = [self.moving_place(a), self.handle(a, h), self.handle(b, g), self.moving_place(b)];
                // All slopes in one table, so that a point is four products a parameter.
                let mut table = Moving::fixed(Point::default());
                let mut slopes = [[Point::default(); 4]; MAX_VARS];
                for (i, control) in c.iter().enumerate() {
                    for k in 0..control.n {
                        table.add(control.vars[k], Point::default());
                        if let Some(slot) = table.vars[..table.n].iter().position(|v| *v == control.vars[k]) {
                            slopes[slot][i] = control.slopes[k];
                        }
                    }
                }
                let polygon: f64 = c.windows(2).map(|w| w[0].point.distance(w[1].point)).sum();
                let n = (polygon / STEP).ceil().clamp(3.0, 4096.0) as usize;
                for k in 0..=n {
                    let t = k as f64 / n as f64;
                    let u = 1.0 - t;
                    let mut w = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
                    if k > 0 && k < n {
                        let h = bulge(n);
                        let second = [6.0 * u, 6.0 * (t - 2.0 * u), 6.0 * (u - 2.0 * t), 6.0 * t];
                        for (w, s) in w.iter_mut().zip(second) {
                            *w -= h * s;
                        }
                    }
                    table.point = c[0].point * w[0] + c[1].point * w[1] + c[2].point * w[2] + c[3].point * w[3];
                    for s in 0..table.n {
                        let d = &slopes[s];
                        table.slopes[s] = d[0] * w[0] + d[1] * w[1] + d[2] * w[2] + d[3] * w[3];
                    }
                    emit(&table);
                }
            }
            Kind::Arc(a, b, half) => {
                let h = self.values[half as usize];
                let (p, q) = (self.place(a), self.place(b));
                let v = q - p;
                let length = if h.abs() < 1e-6 { v.length() } else { v.length() * h / h.sin() };
                let n = (length.abs() / STEP).ceil().clamp(3.0, 4096.0) as usize;
                let at = |k: usize| arc_mobius(h, k as f64 / n as f64);
                for k in 0..=n {
                    let (mut f, mut d) = at(k);
                    if k > 0 && k < n {
                        let (before, after) = (at(k - 1), at(k + 1));
                        f = f - (before.0 + after.0 - f * 2.0) * (1.0 / 12.0);
                        d = d - (before.1 + after.1 - d * 2.0) * (1.0 / 12.0);
                    }
                    let mut m = Moving::fixed(p + Point::new(v.x * f.x - v.y * f.y, v.x * f.y + v.y * f.x));
                    m.add_place(b, Point::new(f.x, f.y), Point::new(-f.y, f.x));
                    m.add_place(a, Point::new(1.0 - f.x, -f.y), Point::new(f.y, 1.0 - f.x));
                    m.add(half, Point::new(v.x * d.x - v.y * d.y, v.x * d.y + v.y * d.x));
                    emit(&m);
                }
            }
            Kind::Circle(i) => {
                let [x, y, r] = [0, 1, 2].map(|k| self.values[i as usize + k]);
                let n = (r.abs() * std::f64::consts::TAU / STEP).ceil().clamp(8.0, 8192.0) as usize;
                for k in 0..=n {
                    let (s, c) = (k as f64 / n as f64 * std::f64::consts::TAU).sin_cos();
                    let wide = 1.0 + std::f64::consts::TAU.powi(2) * bulge(n);
                    let (s, c) = (s * wide, c * wide);
                    let mut m = Moving::fixed(Point::new(x + r * c, y + r * s));
                    m.add(i, Point::new(1.0, 0.0));
                    m.add(i + 1, Point::new(0.0, 1.0));
                    m.add(i + 2, Point::new(c, s));
                    emit(&m);
                }
            }
            Kind::Ellipse(i) => {
                let [x, y, rx, ry, angle] = [0, 1, 2, 3, 4].map(|k| self.values[i as usize + k]);
                let n = (rx.abs().max(ry.abs()) * std::f64::consts::TAU / STEP).ceil().clamp(8.0, 8192.0) as usize;
                for k in 0..=n {
                    let (s, c) = (k as f64 / n as f64 * std::f64::consts::TAU).sin_cos();
                    let wide = 1.0 + std::f64::consts::TAU.powi(2) * bulge(n);
                    let (s, c) = (s * wide, c * wide);
                    let v = rotate(Point::new(rx * c, ry * s), angle);
                    let mut m = Moving::fixed(Point::new(x, y) + v);
                    m.add(i, Point::new(1.0, 0.0));
                    m.add(i + 1, Point::new(0.0, 1.0));
                    m.add(i + 2, rotate(Point::new(c, 0.0), angle));
                    m.add(i + 3, rotate(Point::new(0.0, s), angle));
                    m.add(i + 4, v.turned());
                    emit(&m);
                }
            }
            Kind::Rect(i, rounded) => self.walk_rect(i, rounded, &mut emit),
            Kind::Polygon(i, corners, angle) => {
                let [x, y, r] = [0, 1, 2].map(|k| self.values[i as usize + k]);
                let corner = |k: u32| {
                    let turned = f64::from(k) / f64::from(corners) * std::f64::consts::TAU;
                    let (s, c) = (self.value(angle) + turned).sin_cos();
                    let mut m = Moving::fixed(Point::new(x + r * c, y + r * s));
                    m.add(i, Point::new(1.0, 0.0));
                    m.add(i + 1, Point::new(0.0, 1.0));
                    m.add(i + 2, Point::new(c, s));
                    m.add_coord(angle, Point::new(-s, c) * r);
                    m
                };
                for k in 0..corners {
                    walk_line(&corner(k), &corner(k + 1), &mut emit);
                }
            }
        }
    }

    fn walk_rect(&self, i: u32, rounded: bool, emit: &mut impl FnMut(&Moving)) {
        let [x0, y0, x1, y1, r] = [0, 1, 2, 3, 4].map(|k| self.values[i as usize + k]);
        let r = if rounded { r } else { 0.0 };
        let (right, down) = (Point::new(1.0, 0.0), Point::new(0.0, 1.0));
        let flexible = f64::from(u8::from(rounded));
        // The same parameters in the same order at every point.
        let all = |point| {
            let mut m = Moving::fixed(point);
            (0..5).for_each(|k| m.add(i + k, Point::default()));
            m
        };
        // Corner by corner, turning right: which sides it is made of, and the angle at which it begins.
        for (vx, vy, sx, sy, turn) in
            [(2, 1, -1.0, 1.0, -0.5), (2, 3, -1.0, -1.0, 0.0), (0, 3, 1.0, -1.0, 0.5), (0, 1, 1.0, 1.0, 1.0)]
        {
            let corner = Point::new(if vx == 2 { x1 } else { x0 }, if vy == 3 { y1 } else { y0 });
            let n = if r > 0.0 { (r * 1.6 / STEP).ceil().clamp(4.0, 2048.0) as usize } else { 0 };
            for k in 0..=n {
                let part = if n > 0 { k as f64 / n as f64 } else { 0.0 };
                let (s, c) = ((turn + 0.5 * part) * std::f64::consts::PI).sin_cos();
                let inner = k > 0 && k < n;
                let wide = if inner { 1.0 + std::f64::consts::FRAC_PI_2.powi(2) * bulge(n) } else { 1.0 };
                let about = Point::new(sx, sy) + Point::new(c, s) * wide;
                let about = if n > 0 { about } else { Point::default() };
                let mut m = all(corner + about * r);
                m.add(i + vx, right);
                m.add(i + vy, down);
                m.add(i + 4, about * flexible);
                emit(&m);
            }
        }
        // Back to where the first corner begins.
        let mut m = all(Point::new(x1 - r, y0));
        m.add(i + 2, right);
        m.add(i + 1, down);
        m.add(i + 4, right * -flexible);
        emit(&m);
    }
}

/// Points along the straight line from `a` to `b`, close enough together for their slopes to be halved.
fn walk_line(a: &Moving, b: &Moving, emit: &mut impl FnMut(&Moving)) {
    let n = (a.point.distance(b.point) / 6.0).ceil().clamp(1.0, 4096.0) as usize;
    for k in 0..=n {
        let t = k as f64 / n as f64;
        let mut m = Moving::fixed(Point::default());
        m.mix(a, 1.0 - t);
        m.mix(b, t);
        emit(&m);
    }
}

/// Chords of a curve cut off its bulge, `κ L² / 12` px on average. Points on it are moved outward by as much,
/// so that the polygon has the curve's own area: by this times the second derivative, for `n` even steps.
fn bulge(n: usize) -> f64 {
    1.0 / (12.0 * (n * n) as f64)
}

/// What a curve is bound to.
#[derive(Debug, Clone, Copy, Default)]
struct Bond {
    /// The junctions that an open curve runs between.
    ends: Option<(usize, usize)>,
    /// Part of the rim, which does not move.
    rim: bool,
    /// Walked turning left.
    reversed: bool,
}

/// Builds a model of `curves`; parts of the rim are fixed.
fn build(map: &PlanarMap, curves: &[Curve]) -> Model {
    let bonds = map.boundaries.iter().map(|b| Bond {
        ends: b.ends,
        rim: b.is_rim(),
        // A shape is walked turning right; so is a boundary around what is on its right.
        reversed: b.twice_area() < 0,
    });
    build_bound(curves, &bonds.collect::<Vec<_>>(), |j| {
        let (x, y) = map.junctions[j];
        (x == 0 || x as usize == map.width, y == 0 || y as usize == map.height)
    })
}

fn build_bound(curves: &[Curve], bonds: &[Bond], fixed: impl Fn(usize) -> (bool, bool)) -> Model {
    let mut model = Model { values: Vec::new(), angles: Vec::new(), parts: Vec::new(), chains: Vec::new() };
    let mut coords = Coordinates::default();
    // Nodes first: junctions are shared, upright lines share a coordinate.
    let mut node_ids: Vec<Vec<usize>> = Vec::new();
    let mut junction_nodes: HashMap<usize, usize> = HashMap::new();
    for (bond, curve) in bonds.iter().zip(curves) {
        let Curve::Chain(chain) = curve else {
            node_ids.push(Vec::new());
            continue;
        };
        let last = chain.nodes.len().saturating_sub(1);
        let ids: Vec<usize> = chain
            .nodes
            .iter()
            .enumerate()
            .map(|(k, node)| {
                let junction = match bond.ends {
                    Some((a, _)) if k == 0 => Some(a),
                    Some((_, b)) if k == last => Some(b),
                    _ => None,
                };
                match junction {
                    Some(j) => *junction_nodes.entry(j).or_insert_with(|| {
                        let (x, y) = fixed(j);
                        coords.node(node.point, x, y)
                    }),
                    None => coords.node(node.point, bond.rim, bond.rim),
                }
            })
            .collect();
        for (k, piece) in chain.pieces.iter().enumerate() {
            if *piece == Piece::Line && !bond.rim {
                let (a, b) = chain.ends(k);
                let d = b - a;
                let (p, q) = (ids[k], ids[(k + 1) % ids.len()]);
                if d.y.abs() < 2.0 * UPRIGHT && d.y.abs() < d.x.abs() * 0.2 {
                    coords.unite(2 * p + 1, 2 * q + 1);
                } else if d.x.abs() < 2.0 * UPRIGHT && d.x.abs() < d.y.abs() * 0.2 {
                    coords.unite(2 * p, 2 * q);
                }
            }
        }
        node_ids.push(ids);
    }
    let places = coords.resolve(&mut model.values);
    for (i, ((bond, curve), ids)) in bonds.iter().zip(curves).zip(&node_ids).enumerate() {
        let first_part = model.parts.len();
        let part = |kind, reversed| Part { kind, boundary: i as u32, reversed };
        let reversed = bond.reversed;
        let base = model.values.len() as u32;
        match curve {
            Curve::Chain(chain) => {
                let nodes: Vec<Place> = ids.iter().map(|id| places[*id]).collect();
                lay_chain(&mut model, chain, &nodes, i as u32);
                model.chains.push(Some(Laid { nodes, first_part }));
                continue;
            }
            Curve::Circle(c, r) => {
                model.values.extend([c.x, c.y, *r]);
                model.parts.push(part(Kind::Circle(base), reversed));
            }
            Curve::Ellipse(c, rx, ry, angle) => {
                model.angles.push(base + 4);
                model.values.extend([c.x, c.y, *rx, *ry, *angle]);
                model.parts.push(part(Kind::Ellipse(base), reversed));
            }
            Curve::Rect(a, b, r) => {
                model.values.extend([a.x, a.y, b.x, b.y, *r]);
                model.parts.push(part(Kind::Rect(base, *r > 0.0), reversed));
            }
            Curve::Polygon(c, r, angle, corners) => {
                model.values.extend([c.x, c.y, *r]);
                let off = off_axis(*angle, *corners);
                let angle = if (off * r).abs() < UPRIGHT {
                    Coord::Fixed(angle + off)
                } else {
                    model.angles.push(base + 3);
                    model.values.push(*angle);
                    Coord::Var(base + 3)
                };
                model.parts.push(part(Kind::Polygon(base, *corners as u32, angle), reversed));
            }
        }
        model.chains.push(None);
    }
    model
}

/// Node coordinates, some of them shared.
#[derive(Default)]
struct Coordinates {
    value: Vec<f64>,
    fixed: Vec<bool>,
    parent: Vec<usize>,
}

impl Coordinates {
    fn node(&mut self, p: Point, fixed_x: bool, fixed_y: bool) -> usize {
        let id = self.value.len() / 2;
        self.value.extend([p.x, p.y]);
        self.fixed.extend([fixed_x, fixed_y]);
        self.parent.extend([2 * id, 2 * id + 1]);
        id
    }

    fn root(&self, mut i: usize) -> usize {
        while self.parent[i] != i {
            i = self.parent[i];
        }
        i
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parent[b.max(a)] = a.min(b);
        }
    }

    /// A place for each node; shared coordinates start from their mean, or from the fixed one among them.
    fn resolve(&self, values: &mut Vec<f64>) -> Vec<Place> {
        let n = self.value.len();
        let mut sum = vec![(0.0, 0.0, None); n];
        for i in 0..n {
            let s = &mut sum[self.root(i)];
            s.0 += self.value[i];
            s.1 += 1.0;
            if self.fixed[i] {
                s.2 = Some(self.value[i]);
            }
        }
        let coord: Vec<Option<Coord>> = sum
            .iter()
            .map(|(total, count, fixed)| {
                (*count > 0.0).then(|| match fixed {
                    Some(v) => Coord::Fixed(*v),
                    None => {
                        values.push(total / count);
                        Coord::Var(values.len() as u32 - 1)
                    }
                })
            })
            .collect();
        let at = |i: usize| coord[self.root(i)].unwrap_or(Coord::Fixed(self.value[i]));
        (0..n / 2).map(|id| Place { x: at(2 * id), y: at(2 * id + 1) }).collect()
    }
}

fn lay_chain(model: &mut Model, chain: &Chain, nodes: &[Place], boundary: u32) {
    let n = nodes.len();
    let pieces = chain.pieces.len();
    let closed = chain.is_closed();
    let mut turning = Vec::new();
    let mut new = |v: f64| {
        model.values.push(v);
        model.values.len() as u32 - 1
    };
    let mut parts = Vec::with_capacity(pieces);
    // Nodes that are still smooth now that junctions and upright lines have moved their neighbours.
    let smooth: Vec<bool> = (0..n)
        .map(|k| {
            let before = if k > 0 { Some(k - 1) } else { closed.then(|| pieces - 1) };
            let (Some(before), true) = (before, k < pieces && chain.nodes[k].smooth) else { return false };
            let long = |i: usize| {
                let (a, b) = chain.ends(i);
                chain.pieces[i] != Piece::Line || a.distance(b) > GUIDE
            };
            let (u, v) = (chain.tangents(before).1, chain.tangents(k).0);
            let turn = u.cross(v).atan2(u.dot(v)).abs();
            // What turns is a handle; of two it is the shorter one that gives way.
            let ends = [chain.pieces[before], chain.pieces[k]].into_iter().zip([false, true]);
            let handles = ends.filter_map(|(piece, first)| match piece {
                Piece::Cubic(c, d) => Some(chain.nodes[k].point.distance(if first { c } else { d })),
                _ => None,
            });
            let reach = handles.reduce(f64::min).unwrap_or(0.0);
            long(before) && long(k) && turn < SMOOTH && turn * reach < BEND
        })
        .collect();
    // A direction for each smooth node between two cubics.
    let mut angles: Vec<Option<Coord>> = vec![None; n];
    for (k, node) in chain.nodes.iter().enumerate() {
        if !smooth[k] {
            continue;
        }
        let before = if k > 0 { Some(k - 1) } else { closed.then(|| pieces - 1) };
        let (Some(before), Some(after)) = (before, (k < pieces).then_some(k)) else { continue };
        if let (Piece::Cubic(_, c), Piece::Cubic(d, _)) = (chain.pieces[before], chain.pieces[after]) {
            let direction = (node.point - c) + (d - node.point);
            if direction.length() > 0.05 {
                let angle = direction.y.atan2(direction.x);
                let quarter = std::f64::consts::FRAC_PI_2;
                let upright = (angle / quarter).round() * quarter;
                let reach = node.point.distance(c).max(node.point.distance(d));
                let snap = (angle - upright).abs() * reach < UPRIGHT_HANDLE && (angle - upright).abs() < 0.06;
                angles[k] = Some(if snap {
                    Coord::Fixed(upright)
                } else {
                    let var = new(angle);
                    turning.push(var);
                    Coord::Var(var)
                });
            }
        }
    }
    for (k, piece) in chain.pieces.iter().enumerate() {
        let next = (k + 1) % n;
        let (a, b) = (nodes[k], nodes[next]);
        let kind = match *piece {
            Piece::Line => Kind::Line(a, b),
            Piece::Arc(half) => {
                let var = new(half);
                turning.push(var);
                Kind::Arc(a, b, var)
            }
            Piece::Cubic(c, d) => {
                let before = if k > 0 { Some(k - 1) } else { closed.then(|| pieces - 1) };
                let after = if k + 1 < pieces { Some(k + 1) } else { closed.then_some(0) };
                let straight = |i: Option<usize>| i.is_some_and(|i| chain.pieces[i] == Piece::Line);
                let first = if let Some(angle) = angles[k] {
                    Handle::Polar { angle, length: new(c.distance(chain.nodes[k].point).max(0.1)), sign: 1.0 }
                } else if smooth[k] && straight(before) {
                    let other = nodes[before.unwrap_or(0)];
                    Handle::Along { other, length: new(c.distance(chain.nodes[k].point).max(0.1)) }
                } else {
                    Handle::Free(new(c.x), new(c.y))
                };
                let second = if let Some(angle) = angles[next] {
                    Handle::Polar { angle, length: new(d.distance(chain.nodes[next].point).max(0.1)), sign: -1.0 }
                } else if smooth[next] && straight(after) {
                    let after = after.unwrap_or(0);
                    let other = nodes[(after + 1) % n];
                    Handle::Along { other, length: new(d.distance(chain.nodes[next].point).max(0.1)) }
                } else {
                    Handle::Free(new(d.x), new(d.y))
                };
                Kind::Cubic(a, first, second, b)
            }
        };
        parts.push(Part { kind, boundary, reversed: false });
    }
    model.parts.extend(parts);
    model.angles.extend(turning);
}

/// A piece of a boundary inside one pixel.
#[derive(Debug, Clone, Copy)]
struct Cell {
    x: u32,
    y: u32,
    left: u32,
    right: u32,
    boundary: u32,
    /// Height that it crosses downwards, and that times its mean distance from the right edge of the pixel.
    cover: f32,
    area: f32,
    /// Its slopes: range in [`System::vars`] and [`System::slopes`].
    slopes: (u32, u32),
}

/// A boundary pixel.
struct Pixel {
    residual: [f32; 4],
    weight: f32,
    cost: f32,
    /// Range in [`System::cells`].
    cells: (u32, u32),
}

/// The linearised problem at the current parameters.
struct System {
    cells: Vec<Cell>,
    vars: Vec<u32>,
    slopes: Vec<f32>,
    pixels: Vec<Pixel>,
    cost: f64,
}

/// The scene that does not change between rounds.
struct Scene<'a> {
    intake: &'a Intake,
    map: &'a PlanarMap,
    inks: Vec<&'a Ink>,
}

impl Scene<'_> {
    fn ink(&self, region: u32, x: usize, y: usize) -> Color {
        if region == OUTSIDE { [0.0; 4] } else { self.inks[region as usize].at(x, y) }
    }

    fn jump(&self, cell: &Cell) -> [f32; 4] {
        let (l, r) = {
            let (x, y) = (cell.x as usize, cell.y as usize);
            (self.ink(cell.left, x, y), self.ink(cell.right, x, y))
        };
        std::array::from_fn(|c| l[c] - r[c])
    }

    /// Renders the boundary pixels of `model` and linearises them.
    fn linearise(&self, model: &Model) -> System {
        let (w, h) = (self.map.width, self.map.height);
        let mut s = System { cells: Vec::new(), vars: Vec::new(), slopes: Vec::new(), pixels: Vec::new(), cost: 0.0 };
        for part in &model.parts {
            let boundary = &self.map.boundaries[part.boundary as usize];
            let (left, right) =
                if part.reversed { (boundary.right, boundary.left) } else { (boundary.left, boundary.right) };
            let first_cell = s.cells.len();
            let mut before: Option<(Point, usize, [u32; MAX_VARS], [Point; MAX_VARS])> = None;
            model.walk(part, |m| {
                if let Some((p, _, _, slopes)) = &before {
                    // The slopes halfway.
                    let mut halfway = [Point::default(); MAX_VARS];
                    for k in 0..m.n {
                        halfway[k] = (slopes[k] + m.slopes[k]) * 0.5;
                    }
                    add_chord(
                        &mut s,
                        first_cell,
                        (w, h),
                        (left, right, part.boundary),
                        *p,
                        m.point,
                        &m.vars[..m.n],
                        &halfway[..m.n],
                    );
                }
                before = Some((m.point, m.n, m.vars, m.slopes));
            });
        }
        self.sum_up(&mut s);
        s
    }

    /// Sorts cells into pixels, renders them and compares.
    fn sum_up(&self, s: &mut System) {
        let w = self.map.width;
        // Row by row, column by column, in the order of the walk: keys are sorted, then cells are put in place.
        let mut keys: Vec<(u64, u32)> =
            (0u32..).zip(&s.cells).map(|(i, c)| (u64::from(c.y) << 32 | u64::from(c.x), i)).collect();
        keys.sort_unstable();
        s.cells = keys.iter().map(|(_, i)| s.cells[*i as usize]).collect();
        let mut active: Vec<(u32, f32)> = Vec::new();
        let mut local: Vec<(u32, f32)> = Vec::new();
        let add =
            |list: &mut Vec<(u32, f32)>, region: u32, cover: f32| match list.iter_mut().find(|(r, _)| *r == region) {
                Some((_, c)) => *c += cover,
                None => list.push((region, cover)),
            };
        let mut i = 0;
        let mut row = u32::MAX;
        while i < s.cells.len() {
            let (x, y) = (s.cells[i].x, s.cells[i].y);
            if y != row {
                row = y;
                active.clear();
                active.push((OUTSIDE, 1.0));
            }
            let start = i;
            local.clear();
            local.extend_from_slice(&active);
            while i < s.cells.len() && (s.cells[i].x, s.cells[i].y) == (x, y) {
                let c = &s.cells[i];
                add(&mut local, c.left, c.area);
                add(&mut local, c.right, -c.area);
                add(&mut active, c.left, c.cover);
                add(&mut active, c.right, -c.cover);
                i += 1;
            }
            active.retain(|(_, c)| c.abs() > 1e-4);
            if s.cells[start..i].iter().all(|c| c.slopes.0 == c.slopes.1) {
                continue;
            }
            let seen = self.intake.color(y as usize * w + x as usize);
            let mut residual = seen;
            for (region, cover) in &local {
                let ink = self.ink(*region, x as usize, y as usize);
                for c in 0..4 {
                    residual[c] -= cover * ink[c];
                }
            }
            let size = residual.iter().map(|r| f64::from(r * r)).sum::<f64>();
            // Huber: convex, so that a curve that has strayed is still drawn back.
            let length = size.sqrt();
            let weight = (OUTLIER / length.max(1e-9)).min(1.0);
            let cost = if length <= OUTLIER { size } else { OUTLIER * (2.0 * length - OUTLIER) };
            s.cost += cost;
            s.pixels.push(Pixel {
                residual,
                weight: weight as f32,
                cost: cost as f32,
                cells: (start as u32, i as u32),
            });
        }
    }
}

/// Adds the straight piece from `p` to `q`, cut at the edges of pixels.
#[expect(clippy::too_many_arguments, reason = "the innermost loop; a struct would only rename them")]
fn add_chord(
    s: &mut System,
    first_cell: usize,
    (w, h): (usize, usize),
    (left, right, boundary): (u32, u32, u32),
    p: Point,
    q: Point,
    vars: &[u32],
    slopes: &[Point],
) {
    let d = q - p;
    // Parameters at which the chord crosses from one pixel to the next.
    let mut t = 0.0;
    let (mut x, mut y) = (p.x.floor(), p.y.floor());
    if d.x < 0.0 && p.x == x {
        x -= 1.0;
    }
    if d.y < 0.0 && p.y == y {
        y -= 1.0;
    }
    let next = |from: f64, cell: f64, step: f64| {
        if step > 0.0 {
            (cell + 1.0 - from) / step
        } else if step < 0.0 {
            (cell - from) / step
        } else {
            f64::INFINITY
        }
    };
    // A chord crosses each column and row of the picture once.
    for _ in 0..2 * (w + h) + 8 {
        let (tx, ty) = (next(p.x, x, d.x), next(p.y, y, d.y));
        let end = tx.min(ty).min(1.0);
        let (a, b) = (p + d * t, p + d * end);
        if y >= 0.0 && y < h as f64 {
            let dy = (b.y - a.y) as f32;
            let dx = (b.x - a.x) as f32;
            // Left of the picture counts at its first column; right of it does not count.
            let column = x.max(0.0);
            if column < w as f64 && (dy != 0.0 || dx != 0.0) {
                let middle = ((a.x + b.x) / 2.0 - column).clamp(0.0, 1.0) as f32;
                let slope = |v: Point| v.y as f32 * dx - v.x as f32 * dy;
                let inside = x >= 0.0;
                let key = (column as u32, y as u32);
                match s.cells[first_cell..].last_mut() {
                    Some(c) if (c.x, c.y) == key && (c.slopes.1 - c.slopes.0) as usize == vars.len() && inside => {
                        c.cover += dy;
                        c.area += dy * (1.0 - middle);
                        let from = c.slopes.0 as usize;
                        for (k, v) in slopes.iter().enumerate() {
                            s.slopes[from + k] += slope(*v);
                        }
                    }
                    _ => {
                        let from = s.vars.len() as u32;
                        if inside {
                            s.vars.extend_from_slice(vars);
                            s.slopes.extend(slopes.iter().map(|v| slope(*v)));
                        }
                        let range = (from, s.vars.len() as u32);
                        s.cells.push(Cell {
                            x: key.0,
                            y: key.1,
                            left,
                            right,
                            boundary,
                            cover: dy,
                            area: dy * (1.0 - middle),
                            slopes: range,
                        });
                    }
                }
            }
        }
        if end >= 1.0 {
            break;
        }
        if tx <= end {
            x += d.x.signum();
        }
        if ty <= end {
            y += d.y.signum();
        }
        t = end;
    }
}

impl System {
    /// Shortens the steps of parameters that would move a boundary across more than a pixel, where the
    /// linear model no longer holds.
    fn shorten(&self, step: &mut [f64]) {
        let mut factor = vec![1.0f64; step.len()];
        for cell in &self.cells {
            let range = cell.slopes.0 as usize..cell.slopes.1 as usize;
            let moved: f64 =
                range.clone().map(|k| f64::from(self.slopes[k]) * step[self.vars[k] as usize]).sum::<f64>().abs();
            if moved > MAX_SWEEP {
                for k in range {
                    let var = self.vars[k] as usize;
                    factor[var] = factor[var].min(MAX_SWEEP / moved);
                }
            }
        }
        for (s, f) in step.iter_mut().zip(&factor) {
            *s *= f;
        }
    }

    /// Solves for the step of all parameters, each with its own damping.
    fn solve(&self, scene: &Scene<'_>, damping: &[f64]) -> Vec<f64> {
        let n = damping.len();
        let mut rows = self.rows(scene);
        // Diagonal of JᵀJ, for damping and as preconditioner, and the weight of one whole pixel.
        let mut diagonal = vec![0.0f64; n];
        let mut contrast = vec![0.0f64; n];
        for (row, size) in rows.ends.windows(2).zip(&rows.sizes) {
            for k in row[0] as usize..row[1] as usize {
                let (var, c) = (rows.vars[k] as usize, f64::from(rows.slopes[k]));
                diagonal[var] += c * c;
                contrast[var] = contrast[var].max(f64::from(*size));
            }
        }
        let damp: Vec<f64> = (0..n).map(|i| diagonal[i] * damping[i] + FLOOR * contrast[i] + FAINT).collect();
        let scale: Vec<f64> = (0..n).map(|i| 1.0 / (diagonal[i] + damp[i]).sqrt()).collect();
        for (slope, var) in rows.slopes.iter_mut().zip(&rows.vars) {
            *slope *= scale[*var as usize] as f32;
        }
        let damp: Vec<f32> = (0..n).map(|i| (damp[i] * scale[i] * scale[i]) as f32).collect();

        // CGLS on the scaled, damped problem.
        let backward = |r: &[f32], x: &[f32]| -> Vec<f32> {
            let mut out: Vec<f32> = x.iter().zip(&damp).map(|(x, d)| -x * d).collect();
            for (row, r) in rows.ends.windows(2).zip(r) {
                let row = row[0] as usize..row[1] as usize;
                for (slope, var) in rows.slopes[row.clone()].iter().zip(&rows.vars[row]) {
                    out[*var as usize] += slope * r;
                }
            }
            out
        };
        let square = |v: &[f32]| v.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>();
        let mut residual = rows.residuals.clone();
        let mut x = vec![0.0f32; n];
        let mut s = backward(&residual, &x);
        let mut p = s.clone();
        let mut q = vec![0.0f32; residual.len()];
        let mut gamma = square(&s);
        let start = gamma;
        for _ in 0..CG_STEPS {
            if gamma <= CG_GOAL * start || gamma == 0.0 {
                break;
            }
            for (row, q) in rows.ends.windows(2).zip(&mut q) {
                let row = row[0] as usize..row[1] as usize;
                *q = rows.slopes[row.clone()].iter().zip(&rows.vars[row]).map(|(a, v)| a * p[*v as usize]).sum();
            }
            let delta = square(&q) + p.iter().zip(&damp).map(|(p, d)| f64::from(p * p * d)).sum::<f64>();
            if delta <= 0.0 {
                break;
            }
            let alpha = (gamma / delta) as f32;
            for (xi, pi) in x.iter_mut().zip(&p) {
                *xi += alpha * pi;
            }
            for (r, q) in residual.iter_mut().zip(&q) {
                *r -= alpha * q;
            }
            s = backward(&residual, &x);
            let next = square(&s);
            let beta = (next / gamma) as f32;
            gamma = next;
            for (pi, si) in p.iter_mut().zip(&s) {
                *pi = si + beta * *pi;
            }
        }
        x.iter().zip(&scale).map(|(v, s)| f64::from(*v) * s).collect()
    }

    /// The weighted problem as sparse rows: one for a pixel on a single boundary, along the difference of its
    /// two inks; one for each channel where more inks meet.
    fn rows(&self, scene: &Scene<'_>) -> Rows {
        let mut rows = Rows {
            ends: Vec::with_capacity(self.pixels.len() + 1),
            vars: Vec::with_capacity(self.vars.len()),
            slopes: Vec::with_capacity(self.vars.len()),
            residuals: Vec::with_capacity(self.pixels.len()),
            sizes: Vec::with_capacity(self.pixels.len()),
        };
        rows.ends.push(0);
        for pixel in &self.pixels {
            let cells = &self.cells[pixel.cells.0 as usize..pixel.cells.1 as usize];
            let root = pixel.weight.sqrt();
            let sides = |c: &Cell| (c.left.min(c.right), c.left.max(c.right));
            let single = cells.iter().all(|c| sides(c) == sides(&cells[0]));
            let jump = scene.jump(&cells[0]);
            let size = jump.iter().map(|j| j * j).sum::<f32>();
            let length = size.sqrt().max(1e-6);
            let channels = if single { 0..1 } else { 0..4 };
            for channel in channels {
                for cell in cells {
                    let factor = if single {
                        if cell.left == cells[0].left { length * root } else { -length * root }
                    } else {
                        scene.jump(cell)[channel] * root
                    };
                    let range = cell.slopes.0 as usize..cell.slopes.1 as usize;
                    rows.vars.extend_from_slice(&self.vars[range.clone()]);
                    rows.slopes.extend(self.slopes[range].iter().map(|a| a * factor));
                }
                let residual = if single {
                    pixel.residual.iter().zip(&jump).map(|(r, j)| r * j).sum::<f32>() / length
                } else {
                    pixel.residual[channel]
                };
                rows.residuals.push(residual * root);
                rows.sizes.push(size * pixel.weight);
                rows.ends.push(rows.vars.len() as u32);
            }
        }
        rows
    }
}

/// A sparse least-squares problem.
struct Rows {
    /// Where each row ends in `vars` and `slopes`, after a first 0.
    ends: Vec<u32>,
    vars: Vec<u32>,
    slopes: Vec<f32>,
    residuals: Vec<f32>,
    /// Squared contrast of each row's pixel, weighted.
    sizes: Vec<f32>,
}

/// Moves all `curves` so that the partition, rendered by exact areas, matches the pixels; at most `rounds`
/// steps, or until the budget ends.
pub fn refine(intake: &Intake, labels: &Labels, map: &PlanarMap, curves: &mut [Curve], rounds: usize, budget: &Budget) {
    let mut model = build(map, curves);
    let inks = map.regions.iter().map(|r| &labels.inks[usize::from(r.ink)]).collect();
    let scene = Scene { intake, map, inks };
    let n = model.values.len();
    let mut system = scene.linearise(&model);
    // Each boundary has its own damping: one that does not behave must not hold up the others.
    let vars = vars_of(&system, map.boundaries.len());
    let mut damping = vec![DAMPING; map.boundaries.len()];
    for _ in 0..rounds {
        if budget.is_over() {
            break;
        }
        let mut of_var = vec![0.0f64; n];
        for (vars, d) in vars.iter().zip(&damping) {
            for v in vars {
                of_var[*v as usize] = of_var[*v as usize].max(*d);
            }
        }
        let mut step = system.solve(&scene, &of_var);
        system.shorten(&mut step);
        let before = model.values.clone();
        model.go(&step);
        let mut next = scene.linearise(&model);
        let (old, new) = (costs(&system, damping.len()), costs(&next, damping.len()));
        let mut worse = false;
        for b in 0..damping.len() {
            if new[b] <= old[b] * 1.0001 + 1.0 {
                damping[b] = (damping[b] * 0.3).max(MIN_DAMPING);
                continue;
            }
            worse = true;
            damping[b] = (damping[b] * 20.0).min(MAX_DAMPING);
            for v in &vars[b] {
                model.values[*v as usize] = before[*v as usize];
            }
        }
        if worse {
            next = scene.linearise(&model);
        }
        if !(next.cost < system.cost) {
            model.values = before;
            damping.iter_mut().for_each(|d| *d = (*d * 5.0).min(MAX_DAMPING));
            continue;
        }
        let gain = 1.0 - next.cost / system.cost;
        system = next;
        if gain < MIN_GAIN && !worse {
            break;
        }
    }
    write_back(&model, curves);
}

/// The parameters of each boundary.
fn vars_of(system: &System, boundaries: usize) -> Vec<Vec<u32>> {
    let mut vars: Vec<Vec<u32>> = vec![Vec::new(); boundaries];
    for cell in &system.cells {
        vars[cell.boundary as usize].extend(&system.vars[cell.slopes.0 as usize..cell.slopes.1 as usize]);
    }
    for v in &mut vars {
        v.sort_unstable();
        v.dedup();
    }
    vars
}

/// The cost of the pixels on each boundary; one that it shares counts for both.
fn costs(system: &System, boundaries: usize) -> Vec<f64> {
    let mut costs = vec![0.0; boundaries];
    for pixel in &system.pixels {
        let mut last = u32::MAX;
        for cell in &system.cells[pixel.cells.0 as usize..pixel.cells.1 as usize] {
            if cell.boundary != last {
                costs[cell.boundary as usize] += f64::from(pixel.cost);
                last = cell.boundary;
            }
        }
    }
    costs
}

/// Lengths of handles stay positive: a handle that turns around makes a cusp.
fn keep_lengths(model: &mut Model) {
    for part in &model.parts {
        if let Kind::Cubic(_, h, g, _) = part.kind {
            for handle in [h, g] {
                if let Handle::Polar { length, .. } | Handle::Along { length, .. } = handle {
                    let v = &mut model.values[length as usize];
                    *v = v.max(0.02);
                }
            }
        }
    }
}

/// Gives `curves` the parameters of `model`.
pub(super) fn write_back(model: &Model, curves: &mut [Curve]) {
    for (i, curve) in curves.iter_mut().enumerate() {
        let part = |k: usize| model.parts[k];
        match curve {
            Curve::Chain(chain) => {
                let Some(laid) = &model.chains[i] else { continue };
                for (node, place) in chain.nodes.iter_mut().zip(&laid.nodes) {
                    node.point = model.place(*place);
                }
                for (k, piece) in chain.pieces.iter_mut().enumerate() {
                    match part(laid.first_part + k).kind {
                        Kind::Cubic(a, h, g, b) => {
                            *piece = Piece::Cubic(model.handle(a, h).point, model.handle(b, g).point);
                        }
                        Kind::Arc(_, _, half) => *piece = Piece::Arc(model.values[half as usize]),
                        _ => {}
                    }
                }
            }
            _ => {
                let Some(found) = model.parts.iter().find(|p| p.boundary as usize == i) else { continue };
                let v = |base: u32, k: usize| model.values[base as usize + k];
                match (curve, found.kind) {
                    (Curve::Circle(c, r), Kind::Circle(b)) => {
                        *c = Point::new(v(b, 0), v(b, 1));
                        *r = v(b, 2).abs();
                    }
                    (Curve::Ellipse(c, rx, ry, angle), Kind::Ellipse(b)) => {
                        *c = Point::new(v(b, 0), v(b, 1));
                        (*rx, *ry, *angle) = (v(b, 2).abs(), v(b, 3).abs(), v(b, 4));
                    }
                    (Curve::Rect(p, q, r), Kind::Rect(b, _)) => {
                        *p = Point::new(v(b, 0), v(b, 1));
                        *q = Point::new(v(b, 2), v(b, 3));
                        *r = if v(b, 4) < SHARP { 0.0 } else { v(b, 4) };
                    }
                    (Curve::Polygon(c, r, angle, _), Kind::Polygon(b, _, direction)) => {
                        *c = Point::new(v(b, 0), v(b, 1));
                        *r = v(b, 2).abs();
                        *angle = model.value(direction);
                    }
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raster;
    use crate::trace::contour;
    use crate::trace::{Engine, Parameters};

    /// Three stripes in a frame, with edges at fractions of pixels.
    fn stripes() -> Raster {
        let share = |at: f64, from: f64, to: f64| ((at + 1.0).min(to) - at.max(from)).clamp(0.0, 1.0);
        let inks = [[230.0, 120.0, 150.0], [255.0, 255.0, 255.0], [30.0, 80.0, 160.0]];
        let data = (0..80 * 100)
            .flat_map(|i| {
                let (x, y) = (f64::from(i % 100), f64::from(i / 100));
                let across = share(x, 10.3, 89.6);
                let mut p = [0.0; 3];
                for (k, ink) in inks.iter().enumerate() {
                    let s = across * share(y, 10.2 + 20.25 * k as f64, 10.2 + 20.25 * (k + 1) as f64);
                    for c in 0..3 {
                        p[c] += s * ink[c];
                    }
                }
                [p[0].round() as u8, p[1].round() as u8, p[2].round() as u8, 255]
            })
            .collect();
        Raster::new(100, 80, data).unwrap()
    }

    #[test]
    fn a_long_handle_does_not_turn_with_a_short_line() {
        // 7 degrees apart: the end of the long handle would move by 6 px, that of the short one by a tenth.
        for (handle, bound) in [(46.0, false), (0.7, true)] {
            let point = Point::new;
            let (start, bend, end) = (point(80.0, 180.0), point(77.8, 184.0), point(80.0, 325.0));
            let tangent = rotate((bend - start).unit(), -0.13);
            let far = bend + tangent * handle;
            let node = |point, smooth| super::super::fit::Node { point, smooth };
            let chain = Chain {
                nodes: vec![node(start, false), node(bend, true), node(end, false)],
                pieces: vec![Piece::Line, Piece::Cubic(far, point(64.0, 280.0))],
            };
            let mut curves = vec![Curve::Chain(chain)];
            let model = Model::free(&curves);
            write_back(&model, &mut curves);
            let Curve::Chain(chain) = &curves[0] else { panic!("{curves:?}") };
            let (line, curve) = (chain.tangents(0).1, chain.tangents(1).0);
            assert_eq!(line.cross(curve).abs() < 1e-9, bound, "{handle}");
            let Piece::Cubic(moved, _) = chain.pieces[1] else { panic!("{chain:?}") };
            assert!(moved.distance(far) < BEND, "{handle}: {moved:?}");
        }
    }

    #[test]
    fn slopes_are_those_of_the_rendered_pixels() {
        let raster = stripes();
        let parameters: Parameters = contour::Contour.preset(crate::classify::Class::Simple).with(&[("refine", "0")]);
        let stages = contour::stages(&raster, &parameters, &Budget::unlimited()).unwrap();
        let intake = Intake::new(&raster);
        let mut model = build(&stages.map, &stages.curves);
        let inks = stages.map.regions.iter().map(|r| &stages.labels.inks[usize::from(r.ink)]).collect();
        let scene = Scene { intake: &intake, map: &stages.map, inks };
        let base = scene.linearise(&model);
        let at = |s: &System, p: &Pixel| (s.cells[p.cells.0 as usize].x, s.cells[p.cells.0 as usize].y);
        for var in 0..model.values.len() {
            let h = 1e-3;
            model.values[var] += h;
            let moved = scene.linearise(&model);
            model.values[var] -= h;
            let after: HashMap<_, _> = moved.pixels.iter().map(|p| (at(&moved, p), p.residual)).collect();
            for pixel in &base.pixels {
                let mut predicted = [0.0f32; 4];
                for cell in &base.cells[pixel.cells.0 as usize..pixel.cells.1 as usize] {
                    for k in cell.slopes.0..cell.slopes.1 {
                        if base.vars[k as usize] as usize == var {
                            let jump = scene.jump(cell);
                            for c in 0..4 {
                                predicted[c] += base.slopes[k as usize] * jump[c];
                            }
                        }
                    }
                }
                if let Some(now) = after.get(&at(&base, pixel)) {
                    for c in 0..4 {
                        let measured = (pixel.residual[c] - now[c]) / h as f32;
                        assert!(
                            (measured - predicted[c]).abs() < 3.0 + 0.05 * measured.abs(),
                            "parameter {var}, pixel {:?}, channel {c}: {measured} and {}",
                            at(&base, pixel),
                            predicted[c]
                        );
                    }
                }
            }
        }
    }
}
