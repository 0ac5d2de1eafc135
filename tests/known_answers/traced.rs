//! Tracing, and looking at what came out.

use std::f64::consts::{PI, TAU};

use svg_ai::Raster;
use svg_ai::classify::Class;
use svg_ai::document::{Contour, Document, Paint, Point, Primitive, Rgb, Segment, Shape, WriteOptions, write};
use svg_ai::trace::{Budget, Parameters, engine};

pub(crate) fn parameters(changes: &[(&str, &str)]) -> Parameters {
    engine("contour").unwrap().preset(Class::Simple).with(changes)
}

pub(crate) fn trace_with(raster: &Raster, changes: &[(&str, &str)]) -> Document {
    engine("contour").unwrap().trace(raster, &parameters(changes), &Budget::unlimited()).unwrap()
}

pub(crate) fn trace(raster: &Raster) -> Document {
    trace_with(raster, &[])
}

/// The shapes without the ground below them.
pub(crate) fn marks(document: &Document) -> &[Shape] {
    let ground = |s: &Shape| {
        let whole = f64::from(document.width) * f64::from(document.height);
        matches!(&s.contours[..], [c] if c.segments.len() <= 4 && (c.area().abs() - whole).abs() < 1e-6)
    };
    if document.shapes.first().is_some_and(ground) { &document.shapes[1..] } else { &document.shapes }
}

pub(crate) fn solid(shape: &Shape) -> (Rgb, f64) {
    match shape.paint {
        Paint::Solid { color, opacity } => (color, opacity),
        _ => panic!("not a flat fill: {:?}", shape.paint),
    }
}

/// Centre and radius of every contour of `shape`, all of them circles.
pub(crate) fn circles(shape: &Shape) -> Vec<(Point, f64)> {
    let of = |c: &Contour| match c.primitive {
        Some(Primitive::Circle(c, r)) => (c, r),
        _ => panic!("no circle: {c:?}"),
    };
    shape.contours.iter().map(of).collect()
}

/// The corners of a contour of straight lines.
pub(crate) fn corners(contour: &Contour) -> Vec<Point> {
    let mut all = vec![contour.start];
    for segment in &contour.segments {
        match segment {
            Segment::Line(p) => all.push(*p),
            _ => panic!("not only lines: {contour:?}"),
        }
    }
    if all.first().unwrap().distance(*all.last().unwrap()) < 1e-6 {
        all.pop();
    }
    all
}

/// Distance of the farthest of `wanted` from the nearest of `found`, which are as many.
pub(crate) fn off(found: &[Point], wanted: &[Point]) -> f64 {
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    let nearest = |w: &Point| found.iter().map(|f| f.distance(*w)).fold(f64::INFINITY, f64::min);
    wanted.iter().map(nearest).fold(0.0, f64::max)
}

pub(crate) fn svg(document: &Document, precision: u8) -> String {
    write(document, &WriteOptions { precision: Some(precision), ..WriteOptions::default() })
}

/// The contour as a closed polygon, good to a thousandth of a pixel or so.
pub(crate) fn polygon(contour: &Contour) -> Vec<Point> {
    let mut points = vec![contour.start];
    let mut from = contour.start;
    for segment in &contour.segments {
        match *segment {
            Segment::Line(p) => points.push(p),
            Segment::Cubic(a, b, c) => points.extend((1..=64).map(|k| {
                let t = f64::from(k) / 64.0;
                let u = 1.0 - t;
                from * (u * u * u) + a * (3.0 * u * u * t) + b * (3.0 * u * t * t) + c * (t * t * t)
            })),
            Segment::Arc(arc) => points.extend(arc_points(from, &arc)),
        }
        from = segment.end();
    }
    points
}

/// Points of an arc, by the conversion to a centre of SVG 1.1, appendix F.6.5.
fn arc_points(from: Point, arc: &svg_ai::document::Arc) -> Vec<Point> {
    let turn = |p: Point, a: f64| Point::new(p.x * a.cos() - p.y * a.sin(), p.x * a.sin() + p.y * a.cos());
    let angle = arc.rotation.to_radians();
    let half = turn((from - arc.end) * 0.5, -angle);
    let (mut rx, mut ry) = arc.radii;
    let grow = ((half.x / rx).powi(2) + (half.y / ry).powi(2)).sqrt().max(1.0);
    (rx, ry) = (rx * grow, ry * grow);
    let q = (half.x * ry).powi(2) + (half.y * rx).powi(2);
    let k = (((rx * ry).powi(2) - q) / q).max(0.0).sqrt() * if arc.large == arc.sweep { -1.0 } else { 1.0 };
    let c = Point::new(k * rx * half.y / ry, -k * ry * half.x / rx);
    let direction = |p: Point| (p.y / ry).atan2(p.x / rx);
    let (a0, a1) = (direction(half - c), direction(-half - c));
    let mut sweep = (a1 - a0).rem_euclid(TAU);
    if !arc.sweep {
        sweep -= TAU;
    }
    let n = (sweep.abs() / PI * 256.0).ceil().max(1.0) as usize;
    let middle = (from + arc.end) * 0.5 + turn(c, angle);
    let at = |t: f64| middle + turn(Point::new(rx * (a0 + sweep * t).cos(), ry * (a0 + sweep * t).sin()), angle);
    (1..n).map(|i| at(i as f64 / n as f64)).chain([arc.end]).collect()
}

/// Area inside `shape`, px²: holes are wound against their ring.
pub(crate) fn area(shape: &Shape) -> f64 {
    let signed = |c: &Contour| {
        let p = polygon(c);
        (0..p.len()).map(|k| p[k].cross(p[(k + 1) % p.len()])).sum::<f64>() / 2.0
    };
    shape.contours.iter().map(signed).sum::<f64>().abs()
}
