//! Exact-area drawing of polygons, the picture that a perfect exporter would write.

use std::f64::consts::{PI, TAU};

use svg_ai::Raster;
use svg_ai::document::Point;

/// A straight sRGB colour with an opacity, 8-bit steps.
pub(crate) type Ink = [f64; 4];

pub(crate) const CLEAR: Ink = [0.0; 4];
pub(crate) const WHITE: Ink = [255.0; 4];
pub(crate) const BLACK: Ink = [0.0, 0.0, 0.0, 255.0];
pub(crate) const RED: Ink = [255.0, 0.0, 0.0, 255.0];
pub(crate) const BLUE: Ink = [20.0, 60.0, 190.0, 255.0];
pub(crate) const GREEN: Ink = [30.0, 150.0, 70.0, 255.0];
pub(crate) const YELLOW: Ink = [250.0, 200.0, 40.0, 255.0];

/// Sides of the polygon that stands for a circle: its area is off by `2 π² / (3 n²)`, its radius by far less
/// than a thousandth of a pixel at the sizes used here.
const CIRCLE_SIDES: usize = 2000;

pub(crate) fn p(x: f64, y: f64) -> Point {
    Point::new(x, y)
}

/// The point at `radius` from `c` in direction `angle`, radians.
pub(crate) fn polar(c: Point, radius: f64, angle: f64) -> Point {
    c + p(angle.cos(), angle.sin()) * radius
}

pub(crate) fn circle(c: Point, r: f64) -> Vec<Point> {
    (0..CIRCLE_SIDES).map(|k| polar(c, r, k as f64 * TAU / CIRCLE_SIDES as f64)).collect()
}

/// A rectangle about `c`, turned by `angle`, radians.
pub(crate) fn rectangle(c: Point, w: f64, h: f64, angle: f64) -> Vec<Point> {
    let (u, v) = (polar(p(0.0, 0.0), w / 2.0, angle), polar(p(0.0, 0.0), h / 2.0, angle + PI / 2.0));
    vec![c - u - v, c + u - v, c + u + v, c - u + v]
}

/// A regular star with `n` points.
pub(crate) fn star(c: Point, n: usize, outer: f64, inner: f64, angle: f64) -> Vec<Point> {
    (0..2 * n).map(|k| polar(c, if k % 2 == 0 { outer } else { inner }, angle + k as f64 * PI / n as f64)).collect()
}

/// A sector of a disc.
pub(crate) fn sector(c: Point, r: f64, from: f64, to: f64) -> Vec<Point> {
    let steps = (CIRCLE_SIDES as f64 * (to - from) / TAU).ceil() as usize;
    let rim = (0..=steps).map(|k| polar(c, r, from + (to - from) * k as f64 / steps as f64));
    std::iter::once(c).chain(rim).collect()
}

/// A colour at each place.
type Shading = Box<dyn Fn(Point) -> Ink>;

/// Shapes that share no area, on a ground.
pub(crate) struct Picture {
    w: usize,
    h: usize,
    ground: Ink,
    shapes: Vec<(Vec<f64>, Shading)>,
}

impl Picture {
    pub(crate) fn new(w: usize, h: usize, ground: Ink) -> Self {
        Self { w, h, ground, shapes: Vec::new() }
    }

    /// Adds the area between `rings`: a point counts where an odd number of them surrounds it.
    pub(crate) fn with(self, rings: &[Vec<Point>], ink: Ink) -> Self {
        self.shaded(rings, move |_| ink)
    }

    /// The same with a colour that depends on the place.
    pub(crate) fn shaded(mut self, rings: &[Vec<Point>], ink: impl Fn(Point) -> Ink + 'static) -> Self {
        let mut share = vec![0.0; self.w * self.h];
        for ring in rings {
            let covered = coverage(ring, self.w, self.h);
            share.iter_mut().zip(covered).for_each(|(s, c)| *s = if *s > 0.0 { *s - c } else { c });
        }
        self.shapes.push((share, Box::new(ink)));
        self
    }

    /// The picture in 8-bit straight colours, divided from 8-bit premultiplied ones as renderers do.
    pub(crate) fn raster(&self) -> Raster {
        let premultiplied = |ink: Ink| [0, 1, 2, 3].map(|c| if c < 3 { ink[c] * ink[3] / 255.0 } else { ink[3] });
        let mut data = Vec::with_capacity(self.w * self.h * 4);
        for i in 0..self.w * self.h {
            let ground = premultiplied(self.ground);
            let mut pixel = ground;
            for (share, ink) in &self.shapes {
                if share[i] == 0.0 {
                    continue;
                }
                let ink = premultiplied(ink(p((i % self.w) as f64 + 0.5, (i / self.w) as f64 + 0.5)));
                (0..4).for_each(|c| pixel[c] += share[i] * (ink[c] - ground[c]));
            }
            let [r, g, b, a] = pixel.map(f64::round);
            let straight = |v: f64| if a > 0.0 { (v * 255.0 / a).round().clamp(0.0, 255.0) as u8 } else { 0 };
            data.extend([straight(r), straight(g), straight(b), a as u8]);
        }
        Raster::new(self.w as u32, self.h as u32, data).unwrap()
    }
}

/// The share of each pixel inside `ring`, exactly: signed trapezoids, added up along each row.
fn coverage(ring: &[Point], w: usize, h: usize) -> Vec<f64> {
    let mut cells = vec![0.0; (w + 2) * h];
    for (k, a) in ring.iter().enumerate() {
        edge(*a, ring[(k + 1) % ring.len()], w, h, &mut cells);
    }
    let mut out = Vec::with_capacity(w * h);
    for row in cells.chunks_exact(w + 2) {
        let mut sum = 0.0;
        out.extend(row[..w].iter().map(|v| {
            sum += v;
            f64::abs(sum).min(1.0)
        }));
    }
    out
}

fn edge(a: Point, b: Point, w: usize, h: usize, cells: &mut [f64]) {
    // Cut at every column and row that the edge crosses.
    let mut cuts = vec![0.0, 1.0];
    let mut cut = |from: f64, to: f64| {
        let (low, high) = (from.min(to).ceil() as i64, from.max(to).floor() as i64);
        cuts.extend((low..=high).map(|v| (v as f64 - from) / (to - from)).filter(|t| *t > 0.0 && *t < 1.0));
    };
    cut(a.x, b.x);
    cut(a.y, b.y);
    cuts.sort_by(f64::total_cmp);
    for t in cuts.windows(2) {
        let (p, q) = (a + (b - a) * t[0], a + (b - a) * t[1]);
        let middle = (p + q) * 0.5;
        let (y, dy) = (middle.y.floor(), q.y - p.y);
        if y < 0.0 || y >= h as f64 || dy == 0.0 {
            continue;
        }
        let x = middle.x.clamp(0.0, w as f64);
        let i = y as usize * (w + 2) + x as usize;
        let right = 1.0 - (x - x.floor());
        cells[i] += dy * right;
        cells[i + 1] += dy * (1.0 - right);
    }
}

#[test]
fn areas_are_exact() {
    let inside = |ring: &[Point]| coverage(ring, 40, 40).iter().sum::<f64>();
    assert!((inside(&circle(p(20.3, 19.6), 11.7)) - PI * 11.7 * 11.7).abs() < 0.002);
    assert!((inside(&rectangle(p(20.3, 19.6), 17.3, 9.1, 0.4)) - 17.3 * 9.1).abs() < 1e-9);
    let half = coverage(&[p(1.25, 2.0), p(3.0, 2.0), p(3.0, 3.5), p(1.25, 3.5)], 4, 4);
    assert_eq!((half[2 * 4 + 1], half[2 * 4 + 2], half[3 * 4 + 1], half[3 * 4 + 3]), (0.75, 1.0, 0.375, 0.0));
}
