//! The SVG document model: shapes in painter's order, each with contours and a paint.
//!
//! Engines build a [`Document`]; [`Document::merge_paths`] joins what can share one element, and
//! [`write()`](writer::write) turns it into SVG text. Coordinates are pixels of the source raster,
//! y down, with the origin at the top left corner of the top left pixel.

mod path;
pub mod writer;

pub(crate) use path::format_number;
pub use writer::{SvgSize, WriteOptions, write};

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
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// A piece of a contour, from the end of the piece before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// A straight line to the point.
    Line(Point),
    /// A cubic Bézier curve: two control points, then the end.
    Cubic(Point, Point, Point),
}

impl Segment {
    /// Where the segment ends.
    pub fn end(&self) -> Point {
        match *self {
            Segment::Line(p) | Segment::Cubic(_, _, p) => p,
        }
    }
}

/// A closed outline: the ring of a region or of a hole in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contour {
    /// Where it starts and ends.
    pub start: Point,
    /// Its pieces in order; a straight line back to `start` closes it.
    pub segments: Vec<Segment>,
}

impl Contour {
    /// The closed polygon through `points`; `None` with fewer than three.
    pub fn polygon(points: &[Point]) -> Option<Self> {
        let (start, rest) = points.split_first()?;
        (rest.len() >= 2).then(|| Self { start: *start, segments: rest.iter().map(|p| Segment::Line(*p)).collect() })
    }

    /// Every point that shapes the contour, control points included.
    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        let of = |s: &Segment| match *s {
            Segment::Line(p) => [Some(p), None, None],
            Segment::Cubic(a, b, c) => [Some(a), Some(b), Some(c)],
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
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Paint {
    /// One colour with an opacity in [0, 1].
    Solid {
        /// The colour.
        color: Rgb,
        /// 1 hides what is below.
        opacity: f64,
    },
}

impl Paint {
    /// An opaque colour.
    pub fn opaque(color: Rgb) -> Self {
        Paint::Solid { color, opacity: 1.0 }
    }
}

/// A filled compound path (nonzero winding; engines wind holes against their ring, so that
/// `nonzero` and `evenodd` agree).
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Its rings and holes.
    pub contours: Vec<Contour>,
    /// Its fill.
    pub paint: Paint,
}

/// Bounds of a shape, px: left, top, right, bottom.
type Bounds = [f64; 4];

impl Shape {
    fn bounds(&self) -> Bounds {
        let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in self.contours.iter().flat_map(Contour::points) {
            b = [b[0].min(p.x), b[1].min(p.y), b[2].max(p.x), b[3].max(p.y)];
        }
        b
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
}

/// How many shapes [`Document::merge_paths`] looks back for one to join. Bounds its cost to linear;
/// traces keep shapes of one colour close in paint order, so a longer look finds little.
const MERGE_LOOK_BACK: usize = 64;

/// Shapes whose bounds are at least this far apart cannot share an anti-aliased pixel, px.
const MERGE_GAP: f64 = 1.5;

fn apart(a: &Bounds, b: &Bounds) -> bool {
    a[0] > b[2] + MERGE_GAP || b[0] > a[2] + MERGE_GAP || a[1] > b[3] + MERGE_GAP || b[1] > a[3] + MERGE_GAP
}

impl Document {
    /// An empty document of `width` x `height` px.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds a rectangle over the whole canvas at the top of the paint order.
    pub fn push_ground(&mut self, paint: Paint) {
        let (w, h) = (f64::from(self.width), f64::from(self.height));
        let corners = [Point::new(0.0, 0.0), Point::new(w, 0.0), Point::new(w, h), Point::new(0.0, h)];
        self.shapes.extend(Contour::polygon(&corners).map(|c| Shape { contours: vec![c], paint }));
    }

    /// Joins shapes of one paint into compound paths wherever nothing in between is covered, so
    /// that the drawing stays the same to the last bit and gets shorter.
    pub fn merge_paths(&mut self) {
        let mut merged: Vec<(Shape, Vec<Bounds>, Bounds)> = Vec::with_capacity(self.shapes.len());
        for shape in std::mem::take(&mut self.shapes) {
            let bounds = shape.bounds();
            let mut target = None;
            for (i, (other, parts, whole)) in merged.iter().enumerate().rev().take(MERGE_LOOK_BACK) {
                let clear = apart(whole, &bounds) || parts.iter().all(|p| apart(p, &bounds));
                if clear && other.paint == shape.paint {
                    target = Some(i);
                    break;
                }
                if !clear {
                    break;
                }
            }
            match target {
                Some(i) => {
                    let (other, parts, whole) = &mut merged[i];
                    other.contours.extend(shape.contours);
                    parts.push(bounds);
                    *whole = [
                        whole[0].min(bounds[0]),
                        whole[1].min(bounds[1]),
                        whole[2].max(bounds[2]),
                        whole[3].max(bounds[3]),
                    ];
                }
                None => merged.push((shape, vec![bounds], bounds)),
            }
        }
        self.shapes = merged.into_iter().map(|(shape, ..)| shape).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64, color: Rgb) -> Shape {
        let c = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(dx, dy)| Point::new(x + dx, y + dy));
        Shape { contours: vec![Contour::polygon(&c).unwrap()], paint: Paint::opaque(color) }
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
    fn touching_shapes_do_not_join() {
        let red = [255, 0, 0];
        let mut doc = Document::new(100, 100);
        doc.shapes = vec![square(0.0, 0.0, 10.0, red), square(10.5, 0.0, 10.0, red)];
        doc.merge_paths();
        assert_eq!(doc.shapes.len(), 2);
    }
}
