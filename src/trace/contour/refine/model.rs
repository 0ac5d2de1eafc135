//! The curves as parameters, and how each point on them moves with each.
//!
//! Parameters are those of the curves themselves. Nodes of upright lines share a coordinate, the two
//! handles of a smooth node share a direction, and junctions share a point, so that what holds before holds
//! afterwards, exactly.

use std::collections::HashMap;

use crate::document::Point;
use crate::trace::contour::fit::{
    Chain, Curve, Piece, arc_circle, arc_mobius, chords, polygon::off_axis, rotate, swell,
};
use crate::trace::contour::planar_map::PlanarMap;

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
pub(super) const BEND: f64 = 0.1;

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

/// Most parameters that a piece depends on, a count: a cubic has ten, two points and two handles that each hang
/// on another node, and there is some room.
pub(super) const MAX_VARS: usize = 14;

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

/// A piece of a curve, or all of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    kind: Kind,
    /// The boundary that it is of.
    pub(super) boundary: u32,
    /// Walked against the boundary's direction.
    pub(super) reversed: bool,
}

/// A point and how it depends on parameters.
#[derive(Debug, Clone)]
pub(in crate::trace::contour) struct Moving {
    /// Where it is.
    pub(in crate::trace::contour) point: Point,
    n: usize,
    vars: [u32; MAX_VARS],
    slopes: [Point; MAX_VARS],
}

impl Moving {
    /// The parameters that it depends on, and by how much it moves with each.
    pub(in crate::trace::contour) fn slopes(&self) -> impl Iterator<Item = (u32, Point)> + '_ {
        self.vars.iter().copied().zip(self.slopes.iter().copied()).take(self.n)
    }

    pub(super) fn fixed(point: Point) -> Self {
        Self { point, n: 0, vars: [0; MAX_VARS], slopes: [Point::default(); MAX_VARS] }
    }

    /// The parameters that it depends on; all points of one part depend on the same ones, in the same order.
    pub(super) fn vars(&self) -> &[u32] {
        &self.vars[..self.n]
    }

    /// Halfway between two points of one part.
    pub(super) fn halfway(&self, other: &Moving, slopes: &mut [Point; MAX_VARS]) {
        for ((h, a), b) in slopes.iter_mut().zip(&self.slopes).zip(&other.slopes).take(self.n) {
            *h = (*a + *b) * 0.5;
        }
    }

    /// Takes over another point of the same part.
    pub(super) fn follow(&mut self, other: &Moving) {
        self.point = other.point;
        self.n = other.n;
        self.vars[..other.n].copy_from_slice(&other.vars[..other.n]);
        self.slopes[..other.n].copy_from_slice(&other.slopes[..other.n]);
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

    fn mix_slopes(&mut self, other: &Moving, weight: f64) {
        for k in 0..other.n {
            self.add(other.vars[k], other.slopes[k] * weight);
        }
    }
}

/// The curves as parameters.
pub(in crate::trace::contour) struct Model {
    /// The parameters.
    pub(in crate::trace::contour) values: Vec<f64>,
    /// Parameters that are angles.
    angles: Vec<u32>,
    pub(super) parts: Vec<Part>,
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
    pub(in crate::trace::contour) fn free(curves: &[Curve]) -> Self {
        build_bound(curves, &vec![Bond::default(); curves.len()], |_| (false, false))
    }

    /// Calls `emit` with points along all curves, each with its slopes and the number of its curve.
    pub(in crate::trace::contour) fn walk_all(&self, mut emit: impl FnMut(&Moving, usize)) {
        for part in &self.parts {
            self.walk(part, |m| emit(m, part.boundary as usize));
        }
    }

    /// Moves the parameters by `step`, but no farther than the model holds.
    pub(in crate::trace::contour) fn go(&mut self, step: &[f64]) {
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

    /// Which piece of its boundary's chain a part is, if that is one.
    pub(super) fn piece(&self, part: usize) -> Option<usize> {
        let laid = self.chains[self.parts[part].boundary as usize].as_ref()?;
        part.checked_sub(laid.first_part)
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
    pub(super) fn walk(&self, part: &Part, mut emit: impl FnMut(&Moving)) {
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
                let second = |i: usize| (c[i].point - c[i + 1].point * 2.0 + c[i + 2].point).length();
                let drawn = bulge(chords(6.0 * second(0).max(second(1))));
                for k in 0..=n {
                    let t = k as f64 / n as f64;
                    let u = 1.0 - t;
                    let mut w = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
                    if k > 0 && k < n {
                        let h = bulge(n as f64) - drawn;
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
                let turn = h.sin_cos();
                let flat = h.abs() < 1e-6;
                let length = if flat { v.length() } else { v.length() * h / turn.0 };
                let n = (length.abs() / STEP).ceil().clamp(3.0, 4096.0) as usize;
                // Of the chord as 1.
                let (center, radius) = arc_circle(Point::default(), Point::new(1.0, 0.0), h);
                let at = |k: usize| {
                    let t = k as f64 / n as f64;
                    let (f, d) = arc_mobius(turn, t);
                    if flat {
                        return (f, d);
                    }
                    let share = 1.0 - ((1.0 - t) * turn.0).atan2(t + (1.0 - t) * turn.1) / h;
                    (f + (f - center) * swell(2.0 * h, radius * v.length(), share), d)
                };
                let (mut before, mut now) = (at(0), at(0));
                for k in 0..=n {
                    let after = if k < n { at(k + 1) } else { now };
                    let (mut f, mut d) = now;
                    if k > 0 && k < n {
                        f = f - (before.0 + after.0 - f * 2.0) * (1.0 / 12.0);
                        d = d - (before.1 + after.1 - d * 2.0) * (1.0 / 12.0);
                    }
                    (before, now) = (now, after);
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
                    let wide = round(r, n, k);
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
                    let wide = round(rx.abs().max(ry.abs()), n, k);
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
                let swell = swell(std::f64::consts::FRAC_PI_2, r, part);
                let wide =
                    if inner { 1.0 + std::f64::consts::FRAC_PI_2.powi(2) * bulge(n as f64) + swell } else { 1.0 };
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
    // Both ends' slopes in one table.
    let mut start = Moving::fixed(a.point);
    start.mix_slopes(a, 1.0);
    start.mix_slopes(b, 0.0);
    let mut end = Moving::fixed(b.point);
    end.mix_slopes(a, 0.0);
    end.mix_slopes(b, 1.0);
    let mut m = start.clone();
    for k in 0..=n {
        let t = k as f64 / n as f64;
        m.point = a.point * (1.0 - t) + b.point * t;
        for ((m, s), e) in m.slopes.iter_mut().zip(&start.slopes).zip(&end.slopes).take(start.n) {
            *m = *s * (1.0 - t) + *e * t;
        }
        emit(&m);
    }
}

/// Chords of a curve cut off its bulge, `κ L² / 12` px on average. Points on it are moved outward by as much,
/// so that the polygon has the curve's own area: by this times the second derivative, for `n` even steps.
fn bulge(n: f64) -> f64 {
    1.0 / (12.0 * n * n)
}

/// How much farther out than a circle of so much radius, px, the `k`th of `n` even places on it is taken, a ratio: as it
/// is drawn, and so that the polygon has its area.
fn round(radius: f64, n: usize, k: usize) -> f64 {
    let tau = std::f64::consts::TAU;
    1.0 + tau.powi(2) * bulge(n as f64) + swell(tau, radius, k as f64 / n as f64)
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
pub(super) fn build(map: &PlanarMap, curves: &[Curve]) -> Model {
    let bonds = map.boundaries.iter().map(|b| Bond {
        ends: b.ends,
        rim: b.is_rim(),
        // A shape is walked turning right; so is a boundary around what is on its right.
        reversed: b.twice_area() < 0,
    });
    build_bound(curves, &bonds.collect::<Vec<_>>(), |j| map.on_rim(map.junctions[j]))
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
pub(in crate::trace::contour) fn write_back(model: &Model, curves: &mut [Curve]) {
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
