//! The SVG document model: shapes in painter's order, each with contours and a paint.
//!
//! Engines build a [`Document`]; [`Document::merge_paths`] joins what can share one element, and
//! [`write()`](writer::write) turns it into SVG text. Coordinates are pixels of the source raster,
//! y down, with the origin at the top left corner of the top left pixel.

mod gradient;
mod path;
mod repeats;
pub mod writer;

pub use gradient::{Gradient, GradientKind, Stop};
pub(crate) use path::push_number;
pub use writer::{SvgSize, WriteOptions, write};

use crate::raster::Softening;

/// An sRGB colour, 8 bits a channel.
pub type Rgb = [u8; 3];

/// A point, px.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    /// The point at `(x, y)`.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The scalar product with `other`, taken as vectors.
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// The cross product with `other`, taken as vectors: positive when `other` is to the right (y is down).
    pub fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }

    /// The length as a vector, px.
    pub fn length(self) -> f64 {
        // Coordinates are pixels: nothing here overflows, and `hypot` is several times slower.
        (self.x * self.x + self.y * self.y).sqrt()
    }

    /// The distance to `other`, px.
    pub fn distance(self, other: Self) -> f64 {
        (self - other).length()
    }

    /// The unit vector in the same direction; zero for the zero vector.
    #[must_use]
    pub fn unit(self) -> Self {
        let length = self.length();
        if length > 0.0 { self * (1.0 / length) } else { Self::default() }
    }

    /// The vector turned by a quarter, to the right (y is down).
    #[must_use]
    pub fn turned(self) -> Self {
        Self::new(-self.y, self.x)
    }

    /// Whether both coordinates are finite.
    pub fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }
}

impl std::ops::Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl std::ops::Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl std::ops::Neg for Point {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y)
    }
}

impl std::ops::Mul<f64> for Point {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }
}

/// A piece of a contour, from the end of the piece before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// A straight line to the point.
    Line(Point),
    /// A cubic Bézier curve: two control points, then the end.
    Cubic(Point, Point, Point),
    /// An elliptical arc, as SVG has it.
    Arc(Arc),
}

/// An elliptical arc from the end of the piece before it (SVG 1.1, section 8.3.8).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arc {
    /// The two radii, px.
    pub radii: (f64, f64),
    /// Direction of the first radius, degrees, clockwise (y is down).
    pub rotation: f64,
    /// Whether it is the longer way around.
    pub large: bool,
    /// Whether it turns to the right (y is down).
    pub sweep: bool,
    /// Where it ends.
    pub end: Point,
}

/// A contour that is one of SVG's own shapes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Primitive {
    /// Centre and radius, px.
    Circle(Point, f64),
    /// Centre and two radii, px, and the direction of the first radius, degrees.
    Ellipse(Point, f64, f64, f64),
    /// The two corners of an upright rectangle, px, and the radius of its corners, 0 for sharp ones.
    Rect(Point, Point, f64),
}

impl Primitive {
    /// The same as a contour of arcs and lines, turning to the right (y is down).
    pub fn contour(self) -> Contour {
        let arc = |radii, rotation, end| Segment::Arc(Arc { radii, rotation, large: false, sweep: true, end });
        let (start, segments) = match self {
            Primitive::Circle(c, r) => {
                let (left, right) = (c - Point::new(r, 0.0), c + Point::new(r, 0.0));
                (left, vec![arc((r, r), 0.0, right), arc((r, r), 0.0, left)])
            }
            Primitive::Ellipse(c, rx, ry, rotation) => {
                let (s, k) = rotation.to_radians().sin_cos();
                let axis = Point::new(rx * k, rx * s);
                (c - axis, vec![arc((rx, ry), rotation, c + axis), arc((rx, ry), rotation, c - axis)])
            }
            Primitive::Rect(a, b, r) if r <= 0.0 => {
                let corners = [Point::new(b.x, a.y), b, Point::new(a.x, b.y)];
                (a, corners.map(Segment::Line).to_vec())
            }
            Primitive::Rect(a, b, r) => {
                let p = Point::new;
                let round = |end| arc((r, r), 0.0, end);
                let segments = vec![
                    Segment::Line(p(b.x - r, a.y)),
                    round(p(b.x, a.y + r)),
                    Segment::Line(p(b.x, b.y - r)),
                    round(p(b.x - r, b.y)),
                    Segment::Line(p(a.x + r, b.y)),
                    round(p(a.x, b.y - r)),
                    Segment::Line(p(a.x, a.y + r)),
                    round(p(a.x + r, a.y)),
                ];
                (p(a.x + r, a.y), segments)
            }
        };
        Contour { start, segments, closed: true, primitive: Some(self) }
    }
}

impl Segment {
    /// Where the segment ends.
    pub fn end(&self) -> Point {
        match *self {
            Segment::Line(p) | Segment::Cubic(_, _, p) | Segment::Arc(Arc { end: p, .. }) => p,
        }
    }
}

/// An outline: the ring of a region or of a hole in it, or the way that a stroke takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Contour {
    /// Where it starts.
    pub start: Point,
    /// Its pieces in order.
    pub segments: Vec<Segment>,
    /// Whether a straight line back to `start` closes it; only a stroke may be open.
    pub closed: bool,
    /// The shape that it is, when it is one; `segments` draw the same.
    pub primitive: Option<Primitive>,
}

impl Contour {
    /// The closed polygon through `points`; `None` with fewer than three.
    pub fn polygon(points: &[Point]) -> Option<Self> {
        let (start, rest) = points.split_first()?;
        (rest.len() >= 2).then(|| Self {
            start: *start,
            segments: rest.iter().map(|p| Segment::Line(*p)).collect(),
            closed: true,
            primitive: None,
        })
    }

    /// The same walked the other way.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut ends: Vec<Point> = std::iter::once(self.start).chain(self.segments.iter().map(Segment::end)).collect();
        let start = ends.pop().unwrap_or(self.start);
        let segments = self.segments.iter().rev().zip(ends.into_iter().rev());
        let segments = segments.map(|(s, end)| match *s {
            Segment::Line(_) => Segment::Line(end),
            Segment::Cubic(a, b, _) => Segment::Cubic(b, a, end),
            Segment::Arc(arc) => Segment::Arc(Arc { sweep: !arc.sweep, end, ..arc }),
        });
        Self { start, segments: segments.collect(), closed: self.closed, primitive: self.primitive }
    }

    /// The same with every point where `at` has it; radii stay as they are.
    #[must_use]
    pub fn moved(&self, at: impl Fn(Point) -> Point) -> Self {
        let segments = self.segments.iter().map(|s| match *s {
            Segment::Line(p) => Segment::Line(at(p)),
            Segment::Cubic(a, b, c) => Segment::Cubic(at(a), at(b), at(c)),
            Segment::Arc(arc) => Segment::Arc(Arc { end: at(arc.end), ..arc }),
        });
        let primitive = self.primitive.map(|p| match p {
            Primitive::Circle(c, r) => Primitive::Circle(at(c), r),
            Primitive::Ellipse(c, rx, ry, angle) => Primitive::Ellipse(at(c), rx, ry, angle),
            Primitive::Rect(a, b, r) => Primitive::Rect(at(a), at(b), r),
        });
        Self { start: at(self.start), segments: segments.collect(), closed: self.closed, primitive }
    }

    /// The same with every point where `at` has it, and radii `size` times as large.
    #[must_use]
    pub fn scaled(&self, size: f64, at: impl Fn(Point) -> Point) -> Self {
        let mut contour = self.moved(at);
        for segment in &mut contour.segments {
            if let Segment::Arc(Arc { radii, .. }) = segment {
                *radii = (radii.0 * size, radii.1 * size);
            }
        }
        match &mut contour.primitive {
            Some(Primitive::Circle(_, r) | Primitive::Rect(_, _, r)) => *r *= size,
            Some(Primitive::Ellipse(_, rx, ry, _)) => (*rx, *ry) = (*rx * size, *ry * size),
            None => {}
        }
        contour
    }

    /// Every point that shapes the contour, control points included.
    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        let of = |s: &Segment| match *s {
            Segment::Line(p) => [Some(p), None, None],
            Segment::Cubic(a, b, c) => [Some(a), Some(b), Some(c)],
            Segment::Arc(Arc { end, .. }) => [Some(end), None, None],
        };
        std::iter::once(self.start).chain(self.segments.iter().flat_map(move |s| of(s).into_iter().flatten()))
    }

    /// The signed area, px², of the polygon through the ends of its segments; positive clockwise (y is down).
    pub fn area(&self) -> f64 {
        let mut from = self.start;
        let mut twice = 0.0;
        for to in self.segments.iter().map(Segment::end).chain([self.start]) {
            twice += from.x * to.y - to.x * from.y;
            from = to;
        }
        twice / 2.0
    }
}

/// How a shape is filled.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Paint {
    /// One colour with an opacity in [0, 1].
    Solid {
        /// The colour.
        color: Rgb,
        /// 1 hides what is below.
        opacity: f64,
    },
    /// Gradients on top of each other, the first at the bottom; never empty.
    Gradients(Vec<Gradient>),
}

impl Paint {
    /// An opaque colour.
    pub fn opaque(color: Rgb) -> Self {
        Paint::Solid { color, opacity: 1.0 }
    }
}

/// How the ends of a stroke look (SVG 1.1, section 11.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Cap {
    /// Cut off at the end.
    #[default]
    Butt,
    /// A half disc beyond the end.
    Round,
}

/// How a stroke turns at a corner (SVG 1.1, section 11.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Join {
    /// Pointed, up to the usual limit: a tip of four times the width.
    #[default]
    Miter,
    /// A disc around the corner.
    Round,
    /// Cut off.
    Bevel,
}

/// How a way is drawn along.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Its width, px.
    pub width: f64,
    /// Its ends.
    pub cap: Cap,
    /// Its corners.
    pub join: Join,
}

/// A filled compound path (nonzero winding; engines wind holes against their ring, so that
/// `nonzero` and `evenodd` agree), or ways that are drawn along.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Its rings and holes, or its ways.
    pub contours: Vec<Contour>,
    /// The colour or the gradients that it has; a stroke has one colour.
    pub paint: Paint,
    /// How it is drawn along its contours; `None`: it is filled.
    pub stroke: Option<Stroke>,
}

/// Length of the tip of a pointed corner against the width at which it is cut off, a ratio: SVG's own.
pub const MITER_LIMIT: f64 = 4.0;

/// Bounds of a shape, px: left, top, right, bottom.
type Bounds = [f64; 4];

impl Shape {
    /// The area inside `contours`.
    pub fn filled(contours: Vec<Contour>, paint: Paint) -> Self {
        Self { contours, paint, stroke: None }
    }

    /// Whether it is one of SVG's own shapes and nothing else.
    pub fn is_primitive(&self) -> bool {
        matches!(&self.contours[..], [Contour { primitive: Some(_), .. }])
    }

    /// Bounds of one of its contours, as it is drawn.
    fn contour_bounds(&self, k: usize) -> Bounds {
        let contour = &self.contours[k];
        let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let mut add = |p: Point, r: f64| b = around(b, [p.x - r, p.y - r, p.x + r, p.y + r]);
        add(contour.start, 0.0);
        let mut from = contour.start;
        for segment in &contour.segments {
            match *segment {
                Segment::Line(p) => add(p, 0.0),
                Segment::Cubic(a, b, c) => [a, b, c].into_iter().for_each(|p| add(p, 0.0)),
                // An arc stays within its larger diameter of its chord's middle.
                Segment::Arc(arc) => add((from + arc.end) * 0.5, 2.0 * arc.radii.0.max(arc.radii.1)),
            }
            from = segment.end();
        }
        // A pointed corner reaches as far as its limit lets it.
        let reach = self.stroke.map_or(0.0, |s| s.width / 2.0 * if s.join == Join::Miter { MITER_LIMIT } else { 1.0 });
        [b[0] - reach, b[1] - reach, b[2] + reach, b[3] + reach]
    }
}

/// A picture as shapes, the first at the bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Width, px.
    pub width: u32,
    /// Height, px.
    pub height: u32,
    /// Shapes in painter's order.
    pub shapes: Vec<Shape>,
    /// Decimals that its coordinates deserve, when nobody asks for others.
    pub precision: u8,
    /// What was left out of the work on it, and why, for reports.
    pub notes: Vec<String>,
    /// What was done to the picture after it was drawn, in order, and is not in this drawing of it.
    pub softened: Vec<Softening>,
}

/// How many shapes [`Document::merge_paths`] looks back for one to join. Bounds its cost to linear;
/// traces keep shapes of one colour close in paint order, so a longer look finds little.
const MERGE_LOOK_BACK: usize = 64;

/// Shapes whose bounds are at least this far apart cannot share an anti-aliased pixel, px.
const MERGE_GAP: f64 = 1.5;

/// The bounds of two together.
fn around(a: Bounds, b: Bounds) -> Bounds {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

fn apart(a: &Bounds, b: &Bounds) -> bool {
    a[0] > b[2] + MERGE_GAP || b[0] > a[2] + MERGE_GAP || a[1] > b[3] + MERGE_GAP || b[1] > a[3] + MERGE_GAP
}

/// A shape with the bounds of its contours, and of all together.
struct Bounded {
    shape: Shape,
    parts: Vec<Bounds>,
    whole: Bounds,
}

impl Bounded {
    fn new(shape: Shape) -> Self {
        let parts: Vec<_> = (0..shape.contours.len()).map(|k| shape.contour_bounds(k)).collect();
        let whole = parts.iter().copied().reduce(around).unwrap_or_default();
        Self { shape, parts, whole }
    }

    /// Whether both cannot share a pixel.
    fn is_clear_of(&self, other: &Self) -> bool {
        apart(&self.whole, &other.whole)
            || self.parts.iter().filter(|a| !apart(a, &other.whole)).all(|a| other.parts.iter().all(|b| apart(a, b)))
    }

    /// Whether both can be one element. A shape of its own is shorter than its path.
    fn can_join(&self, other: &Self) -> bool {
        let (a, b) = (&self.shape, &other.shape);
        a.paint == b.paint && a.stroke == b.stroke && !a.is_primitive() && !b.is_primitive()
    }
}

/// The shapes with each joined to one before it, where nothing on the way there shares a pixel with it.
fn merged(shapes: impl Iterator<Item = Shape>) -> Vec<Shape> {
    let mut merged: Vec<Bounded> = Vec::new();
    for shape in shapes {
        let shape = Bounded::new(shape);
        let mut target = None;
        for (i, other) in merged.iter().enumerate().rev().take(MERGE_LOOK_BACK) {
            if !shape.is_clear_of(other) {
                break;
            }
            if other.can_join(&shape) {
                target = Some(i);
                break;
            }
        }
        match target {
            Some(i) => {
                let other = &mut merged[i];
                other.shape.contours.extend(shape.shape.contours);
                other.parts.extend(shape.parts);
                other.whole = around(other.whole, shape.whole);
            }
            None => merged.push(shape),
        }
    }
    merged.into_iter().map(|m| m.shape).collect()
}

impl Document {
    /// An empty document of `width` x `height` px.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new(), precision: 1, notes: Vec::new(), softened: Vec::new() }
    }

    /// The same in px of a picture of another size: every point where `at` has it, and lengths `size` times as large.
    #[must_use]
    pub fn scaled(mut self, (width, height): (u32, u32), size: f64, at: impl Fn(Point) -> Point) -> Self {
        (self.width, self.height) = (width, height);
        for shape in &mut self.shapes {
            shape.contours.iter_mut().for_each(|contour| *contour = contour.scaled(size, &at));
            if let Some(stroke) = &mut shape.stroke {
                stroke.width *= size;
            }
            if let Paint::Gradients(layers) = &mut shape.paint {
                layers.iter_mut().for_each(|gradient| gradient.scale(size, &at));
            }
        }
        self
    }

    /// Adds a rectangle over the whole canvas at the top of the paint order.
    pub fn push_ground(&mut self, paint: Paint) {
        let (w, h) = (f64::from(self.width), f64::from(self.height));
        let corners = [Point::new(0.0, 0.0), Point::new(w, 0.0), Point::new(w, h), Point::new(0.0, h)];
        self.shapes.extend(Contour::polygon(&corners).map(|c| Shape::filled(vec![c], paint)));
    }

    /// Joins shapes of one paint into compound paths wherever nothing in between is covered, so
    /// that the drawing stays the same to the last bit and gets shorter: first into shapes below, then
    /// what is left into shapes above.
    pub fn merge_paths(&mut self) {
        self.shapes = merged(std::mem::take(&mut self.shapes).into_iter());
        let mut above = merged(std::mem::take(&mut self.shapes).into_iter().rev());
        above.reverse();
        self.shapes = above;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64, color: Rgb) -> Shape {
        let c = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(dx, dy)| Point::new(x + dx, y + dy));
        Shape::filled(vec![Contour::polygon(&c).unwrap()], Paint::opaque(color))
    }

    #[test]
    fn shapes_of_one_paint_join_unless_something_lies_between() {
        let (red, blue) = ([255, 0, 0], [0, 0, 255]);
        let mut doc = Document::new(100, 100);
        doc.shapes = vec![square(0.0, 0.0, 10.0, red), square(50.0, 0.0, 10.0, blue), square(20.0, 0.0, 10.0, red)];
        doc.merge_paths();
        assert_eq!(doc.shapes.len(), 2);
        assert_eq!(doc.shapes[0].contours.len(), 2);

        doc.shapes = vec![square(0.0, 0.0, 10.0, red), square(5.0, 0.0, 30.0, blue), square(20.0, 0.0, 10.0, red)];
        doc.merge_paths();
        assert_eq!(doc.shapes.len(), 3, "the blue square must stay below the second red one");
    }

    #[test]
    fn a_shape_joins_one_above_where_it_cannot_join_one_below() {
        let (red, blue) = ([255, 0, 0], [0, 0, 255]);
        let mut doc = Document::new(100, 100);
        // The blue square covers a corner of the second red one, not of the first.
        doc.shapes = vec![square(0.0, 0.0, 10.0, red), square(25.0, 5.0, 30.0, blue), square(20.0, 0.0, 10.0, red)];
        doc.merge_paths();
        let paints: Vec<_> = doc.shapes.iter().map(|s| s.paint.clone()).collect();
        assert_eq!(paints, [Paint::opaque(blue), Paint::opaque(red)]);
        assert_eq!(doc.shapes[1].contours.len(), 2);
    }

    #[test]
    fn a_shape_between_the_parts_of_another_is_clear_of_it() {
        let (red, blue) = ([255, 0, 0], [0, 0, 255]);
        let mut doc = Document::new(100, 100);
        let mut pair = square(0.0, 0.0, 10.0, blue);
        pair.contours.extend(square(60.0, 60.0, 10.0, blue).contours);
        doc.shapes = vec![square(20.0, 20.0, 10.0, red), pair, square(40.0, 40.0, 10.0, red)];
        doc.merge_paths();
        assert_eq!(doc.shapes.len(), 2);
    }

    #[test]
    fn touching_shapes_do_not_join() {
        let red = [255, 0, 0];
        let mut doc = Document::new(100, 100);
        doc.shapes = vec![square(0.0, 0.0, 10.0, red), square(10.5, 0.0, 10.0, red)];
        doc.merge_paths();
        assert_eq!(doc.shapes.len(), 2);
    }
}
