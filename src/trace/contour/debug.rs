//! A picture of each stage, for a person who wants to see where a trace goes wrong.
//!
//! Each is the picture enlarged by a whole number, so that pixels are squares, with what the stage found
//! drawn over it. All of them have the same size: laid over each other, they agree.
//!
//! | picture | shows |
//! |---|---|
//! | `1-input.png` | the pixels as they were read, transparency as a chequerboard |
//! | `2-labels.png` | each pixel in its ink; each region with an outline of its own colour |
//! | `3-boundaries.png` | measured points; their colour is σ, see [`sigma_color`] |
//! | `4-curves.png` | lines blue, arcs green, cubics magenta, whole shapes orange; corners, smooth nodes, junctions, handles |
//! | `5-refined.png` | the same after the refinement, where that moved them |
//! | `6-result.png` | the SVG |
//!
//! The stages run once more for their pictures, with the parameters of the trace that was kept: the same input
//! and parameters give the same stages.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

use super::fit::{Chain, Curve, Piece, polygon, rotate};
use super::intake::{Intake, MARGIN, straight};
use super::labels::Labels;
use super::planar_map::PlanarMap;
use super::resampled::Subject;
use super::subpixel::Sample;
use super::{Stage, run_stages};
use crate::document::{Point, Rgb};
use crate::score::{Trust, render};
use crate::trace::{Budget, Parameters};
use crate::{Code, Error, Raster, Result};

/// File names of the pictures, in the order of the stages.
pub const NAMES: [&str; 6] =
    ["1-input.png", "2-labels.png", "3-boundaries.png", "4-curves.png", "5-refined.png", "6-result.png"];

/// One picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// One of [`NAMES`].
    pub name: &'static str,
    /// The picture as a PNG.
    pub png: Vec<u8>,
}

/// Longer side that a small input is enlarged to, px of the picture: six times an icon of 512 px, where a tenth of
/// a pixel can still be seen.
const LONG_SIDE: u32 = 3072;

/// Largest factor of enlarging, a ratio: the width of a line is a tenth of a pixel of the input then, as good
/// as anything is measured.
const MAX_FACTOR: u32 = 16;

/// Side of a square of the chequerboard below transparency, px of the picture: the same at any factor.
const CHECK: u32 = 8;

/// The two greys of the chequerboard, 8-bit steps: as image editors have them.
const CHECKS: [u8; 2] = [255, 224];

/// Width of an outline of a region, px: both sides of a boundary show, and the ink between them.
const OUTLINE: f64 = 0.125;

/// Radius of a measured point, px: neighbours, a pixel apart, do not touch.
const POINT_RADIUS: f64 = 0.22;

/// Width of a fitted curve, px: thin against a pixel.
const CURVE_WIDTH: f64 = 0.12;

/// Half the size of a node, px: a curve of two pixels still shows between its nodes.
const NODE: f64 = 0.27;

/// Half the size of the smallest node, px of the picture: enough to tell squares from rings.
const LEAST_NODE: f64 = 2.0;

/// Least factor at which the cracks between pixels are drawn beside the points, a ratio: below it they hide them.
const CRACKS_FROM: f64 = 6.0;

/// Smallest width of anything, px of the picture: a thinner line is too faint.
const LEAST_WIDTH: f64 = 1.2;

/// Part of the input's colour below points and curves, a share: seen, but not taken for them.
const FAINT: f32 = 0.4;

/// Ground below the measured points, 8-bit sRGB: dark, so that all colours of σ stand out.
const DARK: Rgb = [24, 26, 32];

/// Colours of σ, evenly spaced on a logarithmic scale, 8-bit sRGB: blue, green, yellow and red, as in a warning.
const RAMP: [Rgb; 4] = [[64, 120, 255], [0, 200, 110], [255, 205, 20], [240, 40, 40]];

/// σ of the first and the last colour, px: what a clean render allows, and what a crack alone says.
const RAMP_SIGMA: [f64; 2] = [0.01, 0.3];

/// Colour of lines, 8-bit sRGB: dark enough for a thin curve on a faint ground, and far from the others.
const LINE: Rgb = [0, 90, 220];

/// Colour of arcs, 8-bit sRGB: see [`LINE`].
const ARC: Rgb = [0, 150, 60];

/// Colour of cubics, 8-bit sRGB: see [`LINE`].
const CUBIC: Rgb = [200, 0, 170];

/// Colour of whole shapes, 8-bit sRGB: see [`LINE`].
const SHAPE: Rgb = [235, 110, 0];

/// Colour of junctions, 8-bit sRGB: where the model of a pixel is weakest, so the loudest.
const JUNCTION: Rgb = [220, 0, 0];

/// Colour of handles, and of the cracks below measured points, 8-bit sRGB: quiet.
const HANDLE: Rgb = [100, 100, 100];

/// Golden angle, turns: successive hues are far from each other, however many there are.
const GOLDEN: f64 = 0.618_033_988_75;

/// Draws every stage of the trace of `raster` with `parameters` that gave `svg`.
///
/// # Errors
/// Those of [`super::stages`]; [`Code::InputTooLarge`] when a picture cannot be allocated.
pub fn pictures(raster: &Raster, parameters: &Parameters, svg: &[u8], budget: &Budget) -> Result<Vec<Picture>> {
    let subject = Subject::of(raster);
    let sheet = Sheet::of(subject.raster());
    let mut all = vec![sheet.input()?];
    let mut map: Option<PlanarMap> = None;
    let mut fitted: Option<Vec<Curve>> = None;
    let mut draw = |stage: Stage<'_>| -> Result<()> {
        match stage {
            Stage::Regions(labels, found) => {
                all.push(sheet.labels(labels, found)?);
                map = Some(found.clone());
            }
            Stage::Samples(samples) => all.extend(map.as_ref().map(|m| sheet.boundaries(m, samples)).transpose()?),
            Stage::Fitted(curves) => {
                all.extend(map.as_ref().map(|m| sheet.curves(NAMES[3], m, curves)).transpose()?);
                fitted = Some(curves.to_vec());
            }
            Stage::Refined(curves) => {
                if fitted.as_deref() != Some(curves) {
                    all.extend(map.as_ref().map(|m| sheet.curves(NAMES[4], m, curves)).transpose()?);
                }
            }
        }
        Ok(())
    };
    let mut drawn = Ok(());
    run_stages(&subject, parameters, budget, &mut |stage| {
        if drawn.is_ok() {
            drawn = draw(stage);
        }
    })?;
    drawn?;
    all.push(sheet.result(svg)?);
    Ok(all)
}

/// The colour of a deviation of `sigma` px: blue for 0.01 px and less, over green (0.03) and yellow (0.1), to red
/// for 0.3 px and more.
pub fn sigma_color(sigma: f64) -> Rgb {
    let [low, high] = RAMP_SIGMA;
    let steps = (RAMP.len() - 1) as f64;
    let at = ((sigma / low).ln() / (high / low).ln()).clamp(0.0, 1.0) * steps;
    // A σ that is no number is the worst of all.
    let at = if at.is_nan() { steps } else { at };
    let i = (at.floor() as usize).min(RAMP.len() - 2);
    let t = at - i as f64;
    std::array::from_fn(|c| (f64::from(RAMP[i][c]) * (1.0 - t) + f64::from(RAMP[i + 1][c]) * t).round() as u8)
}

/// The colour of the outline of region `r` on an ink of that colour: a hue of its own, dark on light inks and
/// light on dark ones.
fn outline_color(r: usize, [red, green, blue]: [f32; 3]) -> [f32; 3] {
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    let (low, high) = if luma > 140.0 { (0.0, 170.0) } else { (110.0, 255.0) };
    let hue = (r as f64 * GOLDEN).fract() * 6.0;
    // Hue as a triangle wave of each channel.
    let wave = |shift: f64| (2.0 - ((hue + shift).rem_euclid(6.0) - 3.0).abs()).clamp(0.0, 1.0) as f32;
    [wave(3.0), wave(1.0), wave(5.0)].map(|v| low + (high - low) * v)
}

/// What all pictures are drawn on.
struct Sheet<'a> {
    raster: &'a Raster,
    factor: u32,
}

/// A picture as it is drawn.
struct Canvas {
    pixmap: Pixmap,
    factor: f64,
}

impl<'a> Sheet<'a> {
    fn of(raster: &'a Raster) -> Self {
        let factor = (LONG_SIDE / raster.width().max(raster.height())).clamp(1, MAX_FACTOR);
        Self { raster, factor }
    }

    /// A canvas whose pixel `(x, y)` has the colour that `color` gives, opaque.
    fn canvas(&self, color: impl Fn(u32, u32) -> [f32; 3]) -> Result<Canvas> {
        let too_large = || Error::new(Code::InputTooLarge, "the input is too large for pictures of its stages");
        let side = |v: u32| v.checked_mul(self.factor).ok_or_else(too_large);
        let (w, h) = (side(self.raster.width())?, side(self.raster.height())?);
        let mut pixmap = Pixmap::new(w, h).ok_or_else(too_large)?;
        for (pixel, i) in pixmap.data_mut().as_chunks_mut::<4>().0.iter_mut().zip(0u64..) {
            let c = color((i % u64::from(w)) as u32, (i / u64::from(w)) as u32);
            *pixel = [c[0].round() as u8, c[1].round() as u8, c[2].round() as u8, 255];
        }
        Ok(Canvas { pixmap, factor: f64::from(self.factor) })
    }

    /// The input at pixel `(x, y)` of a picture.
    fn input_color(&self, x: u32, y: u32) -> [f32; 3] {
        let [r, g, b, a] = self.raster.pixel(x / self.factor, y / self.factor);
        over_checks([r, g, b], f32::from(a) / 255.0, x, y)
    }

    /// What little of the input shows at pixel `(x, y)` of a picture on `ground`.
    fn faint(&self, ground: Rgb, x: u32, y: u32) -> [f32; 3] {
        let [r, g, b, a] = self.raster.pixel(x / self.factor, y / self.factor);
        mix(ground.map(f32::from), [r, g, b].map(f32::from), FAINT * f32::from(a) / 255.0)
    }

    fn input(&self) -> Result<Picture> {
        self.canvas(|x, y| self.input_color(x, y))?.picture(NAMES[0])
    }

    fn labels(&self, labels: &Labels, map: &PlanarMap) -> Result<Picture> {
        let k = self.factor;
        let cells = map.cells as u32;
        let side = self.raster.width() as usize * map.cells;
        // The colour of a shaded area is another at each place.
        let colors: Vec<(Rgb, f64)> = (0..self.raster.pixels().len() * map.cells * map.cells)
            .map(|i| {
                let (x, y) = (i % side + MARGIN, i / side + MARGIN);
                let ink = labels.ink[y * map.width + x];
                straight(labels.inks[usize::from(ink)].at(x, y))
            })
            .collect();
        let width = ((f64::from(k) * OUTLINE).round() as u32).max(1);
        let region = |x: u32, y: u32, dx: i32, dy: i32| {
            // The margin is there, so that every pixel has neighbours.
            let x = (i64::from(x) + MARGIN as i64 + i64::from(dx)) as usize;
            let y = (i64::from(y) + MARGIN as i64 + i64::from(dy)) as usize;
            map.region_of[y * map.width + x]
        };
        let canvas = self.canvas(|x, y| {
            let (px, py) = (x * cells / k, y * cells / k);
            let own = region(px, py, 0, 0) as usize;
            let (rgb, opacity) = colors[py as usize * side + px as usize];
            let ink = over_checks(rgb, opacity as f32, x, y);
            let towards = |v: u32| {
                let (v, width) = (v * cells % k, width * cells);
                i32::from(v + width >= k) - i32::from(v < width)
            };
            let (sx, sy) = (towards(x), towards(y));
            // At a corner of the pixel its diagonal neighbour counts, too.
            let rim = [(sx, 0), (0, sy), (sx, sy)].iter().any(|(dx, dy)| region(px, py, *dx, *dy) as usize != own);
            match (rim, k) {
                (false, _) => ink,
                // The outline would hide all of a thin mark.
                (true, 1) => mix(ink, outline_color(own, ink), 0.5),
                (true, _) => outline_color(own, ink),
            }
        })?;
        canvas.picture(NAMES[1])
    }

    fn boundaries(&self, map: &PlanarMap, samples: &[Vec<Sample>]) -> Result<Picture> {
        let mut canvas = self.canvas(|x, y| self.faint(DARK, x, y))?.among_cells(map);
        let shown = if canvas.factor < CRACKS_FROM { &[][..] } else { &map.boundaries[..] };
        for boundary in shown {
            let corners = boundary.corners.iter().map(|(x, y)| Point::new(f64::from(*x), f64::from(*y)));
            canvas.polyline(corners, boundary.is_ring(), HANDLE, 0.0);
        }
        for sample in samples.iter().flatten() {
            canvas.disc(sample.point, POINT_RADIUS, sigma_color(sample.sigma / map.cells as f64));
        }
        canvas.picture(NAMES[2])
    }

    fn curves(&self, name: &'static str, map: &PlanarMap, curves: &[Curve]) -> Result<Picture> {
        let mut canvas = self.canvas(|x, y| self.faint([255; 3], x, y))?.among_cells(map);
        let seen = || map.boundaries.iter().zip(curves).filter(|(b, _)| !b.is_rim());
        for (_, curve) in seen() {
            canvas.curve(curve);
        }
        // Nodes above all curves.
        for (boundary, curve) in seen() {
            if let Curve::Chain(chain) = curve {
                let last = chain.nodes.len().saturating_sub(1);
                for (k, node) in chain.nodes.iter().enumerate() {
                    if boundary.ends.is_some() && (k == 0 || k == last) {
                        canvas.square(node.point, JUNCTION);
                    } else if node.smooth {
                        let radius = NODE.max(LEAST_NODE / canvas.factor);
                        canvas.disc(node.point, radius, [0; 3]);
                        canvas.disc(node.point, radius * 0.6, [255; 3]);
                    } else {
                        canvas.square(node.point, [0; 3]);
                    }
                }
            }
        }
        canvas.picture(name)
    }

    fn result(&self, svg: &[u8]) -> Result<Picture> {
        let (w, h) = (self.raster.width() * self.factor, self.raster.height() * self.factor);
        let drawn = render(svg, w, h, Trust::Own)?;
        let canvas = self.canvas(|x, y| {
            let [r, g, b, a] = drawn.pixel(x, y);
            over_checks([r, g, b], f32::from(a) / 255.0, x, y)
        })?;
        canvas.picture(NAMES[5])
    }
}

fn mix(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|c| a[c] + (b[c] - a[c]) * share)
}

/// A straight colour at pixel `(x, y)` of a picture, over the chequerboard.
fn over_checks(color: Rgb, opacity: f32, x: u32, y: u32) -> [f32; 3] {
    let check = f32::from(CHECKS[((x / CHECK + y / CHECK) % 2) as usize]);
    mix([check; 3], color.map(f32::from), opacity)
}

fn paint([r, g, b]: Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(r, g, b, 255));
    paint
}

impl Canvas {
    /// The same for points on the lattice of `map`, which may be one of cells.
    fn among_cells(self, map: &PlanarMap) -> Self {
        Self { factor: self.factor / map.cells as f64, ..self }
    }

    /// A point of the stages in the picture.
    fn place(&self, p: Point) -> (f32, f32) {
        let p = Intake::place(p) * self.factor;
        (p.x as f32, p.y as f32)
    }

    fn fill(&mut self, path: Option<Path>, color: Rgb) {
        if let Some(path) = path {
            self.pixmap.fill_path(&path, &paint(color), FillRule::Winding, Transform::identity(), None);
        }
    }

    fn disc(&mut self, center: Point, radius: f64, color: Rgb) {
        let (x, y) = self.place(center);
        let radius = (radius * self.factor).max(LEAST_WIDTH) as f32;
        self.fill(PathBuilder::from_circle(x, y, radius), color);
    }

    fn square(&mut self, center: Point, color: Rgb) {
        let (x, y) = self.place(center);
        let half = (NODE * self.factor).max(LEAST_NODE) as f32;
        let rect = Rect::from_ltrb(x - half, y - half, x + half, y + half);
        self.fill(rect.map(PathBuilder::from_rect), color);
    }

    fn polyline(&mut self, points: impl IntoIterator<Item = Point>, closed: bool, color: Rgb, width: f64) {
        let mut path = PathBuilder::new();
        for p in points {
            let (x, y) = self.place(p);
            if path.is_empty() { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if closed {
            path.close();
        }
        if let Some(path) = path.finish() {
            let stroke = Stroke { width: (width * self.factor).max(LEAST_WIDTH) as f32, ..Stroke::default() };
            self.pixmap.stroke_path(&path, &paint(color), &stroke, Transform::identity(), None);
        }
    }

    fn curve(&mut self, curve: &Curve) {
        let ring = |n: usize, at: &dyn Fn(f64) -> Point| -> Vec<Point> {
            (0..n).map(|k| at(k as f64 / n as f64 * std::f64::consts::TAU)).collect()
        };
        match curve {
            Curve::Chain(chain) => (0..chain.pieces.len()).for_each(|i| self.piece(chain, i)),
            Curve::Circle(c, r) => {
                let points = ring(self.steps(*r * std::f64::consts::TAU), &|a| *c + Point::new(a.cos(), a.sin()) * *r);
                self.polyline(points, true, SHAPE, CURVE_WIDTH);
                self.disc(*c, NODE * 0.6, SHAPE);
            }
            Curve::Ellipse(c, rx, ry, angle) => {
                let n = self.steps(rx.max(*ry) * std::f64::consts::TAU);
                let points = ring(n, &|a| *c + rotate(Point::new(rx * a.cos(), ry * a.sin()), *angle));
                self.polyline(points, true, SHAPE, CURVE_WIDTH);
                self.disc(*c, NODE * 0.6, SHAPE);
            }
            Curve::Polygon(c, r, angle, n) => {
                self.polyline(polygon::corners(*c, *r, *angle, *n), true, SHAPE, CURVE_WIDTH);
                self.disc(*c, NODE * 0.6, SHAPE);
            }
            Curve::Rect(a, b, r) => {
                // Corners in turn to the right from the lower right one, each a quarter of a ring.
                let n = self.steps(*r * std::f64::consts::FRAC_PI_2);
                let corners = [(b.x - r, b.y - r), (a.x + r, b.y - r), (a.x + r, a.y + r), (b.x - r, a.y + r)];
                let points = corners.iter().zip(0u8..).flat_map(|((x, y), quarter)| {
                    (0..=n).map(move |k| {
                        let turn = (f64::from(quarter) + k as f64 / n as f64) * std::f64::consts::FRAC_PI_2;
                        Point::new(x + r * turn.cos(), y + r * turn.sin())
                    })
                });
                self.polyline(points.collect::<Vec<_>>(), true, SHAPE, CURVE_WIDTH);
            }
        }
    }

    /// Straight steps that a curve of `length` px of the input is drawn in: each two pixels of the picture.
    fn steps(&self, length: f64) -> usize {
        ((length * self.factor / 2.0).ceil() as usize).clamp(2, 8192)
    }

    fn piece(&mut self, chain: &Chain, i: usize) {
        let (a, b) = chain.ends(i);
        let (color, length) = match chain.pieces[i] {
            Piece::Line => (LINE, 0.0),
            Piece::Arc(_) => (ARC, chain.length(i)),
            Piece::Cubic(c, d) => {
                for (node, handle) in [(a, c), (b, d)] {
                    self.polyline([node, handle], false, HANDLE, 0.0);
                    self.disc(handle, NODE * 0.5, HANDLE);
                }
                (CUBIC, chain.length(i))
            }
        };
        let n = self.steps(length);
        let points: Vec<Point> = (0..=n).map(|k| chain.at(i, k as f64 / n as f64)).collect();
        self.polyline(points, false, color, CURVE_WIDTH);
    }

    fn picture(self, name: &'static str) -> Result<Picture> {
        let (width, height) = (self.pixmap.width(), self.pixmap.height());
        // All of it is opaque.
        let rgb: Vec<u8> = self.pixmap.data().as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
        let mut png = Vec::new();
        PngEncoder::new(&mut png)
            .write_image(&rgb, width, height, ExtendedColorType::Rgb8)
            .map_err(|e| Error::new(Code::OutputUnwritable, format!("{name}: {e}")))?;
        Ok(Picture { name, png })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Class;
    use crate::trace::{Engine, contour::Contour};

    fn picture(of: &[Picture], name: &str) -> image::RgbImage {
        let found = of.iter().find(|p| p.name == name).unwrap();
        image::load_from_memory(&found.png).unwrap().into_rgb8()
    }

    #[test]
    fn the_ramp_goes_from_blue_to_red_and_never_back() {
        assert_eq!((sigma_color(0.0), sigma_color(0.01)), (RAMP[0], RAMP[0]));
        assert_eq!((sigma_color(0.3), sigma_color(9.0), sigma_color(f64::NAN)), (RAMP[3], RAMP[3], RAMP[3]));
        let near = |a: Rgb, b: Rgb| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 14);
        assert!(near(sigma_color(0.03), RAMP[1]) && near(sigma_color(0.1), RAMP[2]));
        let reds: Vec<u8> = (0..40).map(|k| sigma_color(0.032 * 1.027f64.powi(k))[0]).collect();
        assert!(reds.is_sorted() && reds[39] > reds[0] + 200, "{reds:?}");
    }

    #[test]
    fn regions_get_outlines_that_differ_from_each_other_and_from_their_ink() {
        for ink in [[255.0; 3], [0.0; 3], [255.0, 0.0, 0.0], [30.0, 80.0, 160.0]] {
            let colors: Vec<_> = (0..12).map(|r| outline_color(r, ink)).collect();
            for (i, c) in colors.iter().enumerate() {
                let distance = |o: [f32; 3]| c.iter().zip(o).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(distance(ink) > 60.0, "{c:?} on {ink:?}");
                assert!(colors[..i].iter().all(|o| distance(*o) > 5.0), "{i} of {ink:?}");
            }
        }
    }

    #[test]
    fn a_square_of_lines_beside_a_curve_is_drawn_where_it_is() {
        // A blue square and a green one share a side on transparent ground: junctions, lines, no shape.
        let data = (0..24 * 16).flat_map(|i| {
            let (x, y) = (i % 24, i / 24);
            match (x, y) {
                (4..=11, 4..=11) => [0, 0, 255, 255],
                (12..=19, 4..=11) => [0, 160, 0, 255],
                _ => [0; 4],
            }
        });
        let raster = Raster::new(24, 16, data.collect()).unwrap();
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 16"><path fill="#f00" d="M4 4h8v8h-8z"/></svg>"##;
        let all = pictures(&raster, &Contour.preset(Class::Simple), svg, &Budget::unlimited()).unwrap();
        let k = MAX_FACTOR;
        for p in &all {
            assert_eq!(picture(&all, p.name).dimensions(), (24 * k, 16 * k), "{}", p.name);
        }
        let at = |name: &str, x: f64, y: f64| {
            picture(&all, name).get_pixel((x * f64::from(k)) as u32, (y * f64::from(k)) as u32).0
        };
        // Pixels and inks, and the chequerboard.
        for name in [NAMES[0], NAMES[1]] {
            assert_eq!(at(name, 7.5, 7.5), [0, 0, 255], "{name}");
            assert_eq!(at(name, 15.5, 7.5), [0, 160, 0], "{name}");
            assert_eq!((at(name, 2.25, 2.25), at(name, 2.75, 2.25)), ([255; 3], [224; 3]), "{name}");
        }
        assert_ne!(at(NAMES[1], 4.05, 7.5), [0, 0, 255], "an outline");
        assert_ne!(at(NAMES[1], 11.95, 7.5), at(NAMES[1], 12.05, 7.5), "each region has its own");
        // The side that they share, measured to within the ramp's first colours.
        let point = at(NAMES[2], 12.0, 7.5);
        assert!(point[2] > 200 && point[0] < 100, "{point:?}");
        assert_eq!(at(NAMES[3], 12.0, 7.5), LINE);
        assert_eq!(at(NAMES[3], 12.0, 4.0), JUNCTION);
        assert_eq!(at(NAMES[3], 4.0, 4.0), [0; 3], "a corner");
        // The result is what was handed in, whatever it is.
        assert_eq!((at(NAMES[5], 5.0, 5.0), at(NAMES[5], 15.0, 5.0)), ([255, 0, 0], [255; 3]));
    }
}
