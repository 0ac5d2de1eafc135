//! The outline of a region as marks, close together.

use crate::document::{Arc, Contour, Point, Segment};

/// A place on the outline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Where it is, px.
    pub(super) point: Point,
    /// Unit vector into the region.
    pub(super) inward: Point,
    /// Which ring it lies on.
    pub(super) ring: usize,
    /// Length along the ring up to it, px.
    pub(super) at: f64,
}

/// All rings of a region.
#[derive(Debug)]
pub(super) struct Outline {
    /// The marks, ring by ring.
    pub(super) marks: Vec<Mark>,
    /// Length of each ring, px.
    pub(super) lengths: Vec<f64>,
}

impl Outline {
    /// Marks `spacing` px apart or less on `rings`, which have their region on the left.
    pub(super) fn new(rings: &[Contour], spacing: f64) -> Self {
        let mut marks: Vec<Mark> = Vec::new();
        let mut lengths = Vec::with_capacity(rings.len());
        for (ring, contour) in rings.iter().enumerate() {
            let points = flatten(contour, spacing);
            let n = points.len();
            let mut at = 0.0;
            for k in 0..n {
                let (before, after) = (points[(k + n - 1) % n], points[(k + 1) % n]);
                let inward = -(after - before).unit().turned();
                marks.push(Mark { point: points[k], inward, ring, at });
                at += points[k].distance(after);
            }
            lengths.push(at);
        }
        Self { marks, lengths }
    }

    /// Length of all rings, px.
    pub(super) fn length(&self) -> f64 {
        self.lengths.iter().sum()
    }

    /// The area inside, px².
    pub(super) fn area(&self) -> f64 {
        let cross = |k: usize| self.marks[k].point.cross(self.marks[self.after(k)].point);
        (0..self.marks.len()).map(cross).sum::<f64>().abs() / 2.0
    }

    /// The mark after another one on its ring.
    pub(super) fn after(&self, mark: usize) -> usize {
        let next = mark + 1;
        if next < self.marks.len() && self.marks[next].ring == self.marks[mark].ring {
            return next;
        }
        self.marks.partition_point(|m| m.ring < self.marks[mark].ring)
    }

    /// The way along the outline from one mark to another, the shorter one, px; endless between two rings.
    pub(super) fn way(&self, a: usize, b: usize) -> f64 {
        let (a, b) = (&self.marks[a], &self.marks[b]);
        if a.ring != b.ring {
            return f64::INFINITY;
        }
        let way = (a.at - b.at).abs();
        way.min(self.lengths[a.ring] - way)
    }
}

/// Points on a closed contour, `spacing` px apart or less, each of them once.
pub(super) fn flatten(contour: &Contour, spacing: f64) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut from = contour.start;
    let steps = |length: f64| (length / spacing).ceil().clamp(1.0, 65_536.0) as usize;
    let mut run = |n: usize, at: &dyn Fn(f64) -> Point| {
        points.extend((0..n).map(|k| at(k as f64 / n as f64)));
    };
    for segment in &contour.segments {
        let to = segment.end();
        match *segment {
            Segment::Line(_) => run(steps(from.distance(to)), &|t| from + (to - from) * t),
            Segment::Cubic(a, b, _) => {
                let length = from.distance(a) + a.distance(b) + b.distance(to);
                run(steps(length), &|t| {
                    let s = 1.0 - t;
                    from * (s * s * s) + a * (3.0 * s * s * t) + b * (3.0 * s * t * t) + to * (t * t * t)
                });
            }
            Segment::Arc(arc) => {
                if let Some(turn) = Turn::new(from, &arc) {
                    run(steps(turn.sweep.abs() * turn.radii.0.max(turn.radii.1)), &|t| turn.at(t));
                } else {
                    run(steps(from.distance(to)), &|t| from + (to - from) * t);
                }
            }
        }
        from = to;
    }
    if contour.closed && from.distance(contour.start) > 1e-9 {
        let to = contour.start;
        run(steps(from.distance(to)), &|t| from + (to - from) * t);
    } else if !contour.closed {
        points.push(from);
    }
    points.dedup_by(|a, b| a.distance(*b) < 1e-6);
    if contour.closed && points.len() > 1 && points[0].distance(points[points.len() - 1]) < 1e-6 {
        points.pop();
    }
    points
}

/// An arc about its centre.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    center: Point,
    radii: (f64, f64),
    /// Direction of the first radius, radians.
    rotation: f64,
    /// Where it begins, and by how much it turns, radians.
    start: f64,
    sweep: f64,
}

impl Turn {
    /// From the form that SVG has (SVG 1.1, appendix F.6.5); `None` for one that goes nowhere.
    pub(super) fn new(from: Point, arc: &Arc) -> Option<Self> {
        let rotation = arc.rotation.to_radians();
        let (s, c) = rotation.sin_cos();
        let half = (from - arc.end) * 0.5;
        let p = Point::new(c * half.x + s * half.y, c * half.y - s * half.x);
        let (rx, ry) = arc.radii;
        if !(rx > 0.0 && ry > 0.0) || p.length() < 1e-9 {
            return None;
        }
        let grown = ((p.x / rx).powi(2) + (p.y / ry).powi(2)).sqrt().max(1.0);
        let (rx, ry) = (rx * grown, ry * grown);
        let (u, v) = ((p.x / rx).powi(2), (p.y / ry).powi(2));
        let root = ((1.0 - u - v).max(0.0) / (u + v)).sqrt() * if arc.large == arc.sweep { -1.0 } else { 1.0 };
        let q = Point::new(root * rx * p.y / ry, -root * ry * p.x / rx);
        let middle = (from + arc.end) * 0.5;
        let center = middle + Point::new(c * q.x - s * q.y, s * q.x + c * q.y);
        let angle = |x: f64, y: f64| y.atan2(x);
        let start = angle((p.x - q.x) / rx, (p.y - q.y) / ry);
        let end = angle((-p.x - q.x) / rx, (-p.y - q.y) / ry);
        let turn = std::f64::consts::TAU;
        let sweep = (end - start).rem_euclid(turn);
        Some(Self { center, radii: (rx, ry), rotation, start, sweep: if arc.sweep { sweep } else { sweep - turn } })
    }

    /// The same as cubics, each of an eighth of a turn at most.
    pub(super) fn cubics(&self) -> Vec<[Point; 3]> {
        let n = (self.sweep.abs() / std::f64::consts::FRAC_PI_4).ceil().max(1.0);
        let step = self.sweep / n;
        let handle = 4.0 / 3.0 * (step / 4.0).tan();
        let (s, c) = self.rotation.sin_cos();
        let turned = |x: f64, y: f64| {
            let v = Point::new(self.radii.0 * x, self.radii.1 * y);
            self.center + Point::new(c * v.x - s * v.y, s * v.x + c * v.y)
        };
        (0..n as usize)
            .map(|k| {
                let (sa, ca) = (self.start + step * k as f64).sin_cos();
                let (sb, cb) = (self.start + step * (k + 1) as f64).sin_cos();
                [turned(ca - handle * sa, sa + handle * ca), turned(cb + handle * sb, sb - handle * cb), turned(cb, sb)]
            })
            .collect()
    }

    /// The point at parameter `t` in [0, 1].
    pub(super) fn at(&self, t: f64) -> Point {
        let (s, c) = (self.start + self.sweep * t).sin_cos();
        let v = Point::new(self.radii.0 * c, self.radii.1 * s);
        let (s, c) = self.rotation.sin_cos();
        self.center + Point::new(c * v.x - s * v.y, s * v.x + c * v.y)
    }
}
