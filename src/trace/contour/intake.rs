//! Stage 1: the pixels as the later stages want them, and how noisy they are.
//!
//! Blends between two inks are linear in premultiplied colour, so everything after this stage works
//! on premultiplied RGBA in 8-bit steps. A file holds straight colours that were, as a rule, divided
//! from 8-bit premultiplied ones, and rounding brings those back exactly.
//!
//! The picture gets a margin in the commonest colour of its rim. What touches the rim then has a boundary
//! there like any other: a disc that touches it stays a disc, and what is cut off ends exactly at the rim.

use std::collections::HashMap;
use std::ops::Range;

use super::resampled::Subject;
use super::restore::{self, Damage};
use super::sharpen;
use crate::Raster;
use crate::document::Point;

/// A premultiplied colour, 8-bit steps: red, green, blue, alpha.
pub type Color = [f32; 4];

/// Width of the margin, px: enough for a column of pixels across the rim to become pure.
pub const MARGIN: usize = 2;

/// The picture as measured samples.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Width with both margins, px.
    pub width: usize,
    /// Height with both margins, px.
    pub height: usize,
    /// Premultiplied RGBA, row by row.
    pub pixels: Vec<[u8; 4]>,
    /// Standard deviation of a sample of a flat area around its true value, 8-bit steps; 0 for a clean render.
    pub noise: f32,
    /// The same of a blend or a thin mark: what cannot be told from its surroundings.
    pub deviation: f32,
    /// Noise that the picture is known to have, 8-bit steps, where its pixels need not tell.
    pub(super) known_noise: Option<f32>,
    /// What was taken out of the picture.
    pub(super) damage: Option<Damage>,
    /// The pixels themselves, where these are cells of them (`lattice`).
    pub(super) pixelwise: Option<Box<Intake>>,
}

/// All pixels, told apart by whether they are like the four beside them: nearly all of flat artwork is, and need not be
/// looked at one by one.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// In 32 bits: a noisy picture has a run for every few pixels.
    even: Vec<Range<u32>>,
    uneven: Vec<Range<u32>>,
}

/// Pixels that are passed over together when they are all even, a count: enough for a quick comparison.
const PASSED: usize = 32;

impl Runs {
    fn add(&mut self, even: bool, run: Range<usize>) {
        if !run.is_empty() {
            let run = run.start as u32..run.end as u32;
            if even { self.even.push(run) } else { self.uneven.push(run) }
        }
    }

    /// Pixels of a row that are like all four, as ranges of one colour each.
    pub fn even(&self) -> impl Iterator<Item = Range<usize>> {
        self.even.iter().map(|run| run.start as usize..run.end as usize)
    }

    /// Pixels of a row that are not.
    pub fn uneven(&self) -> impl Iterator<Item = Range<usize>> {
        self.uneven.iter().map(|run| run.start as usize..run.end as usize)
    }
}

impl Intake {
    /// Which pixels are like the four beside them.
    pub fn runs(&self) -> Runs {
        let (w, h) = (self.width, self.height);
        let same = |a: &[[u8; 4]], b: &[[u8; 4]]| a.as_flattened() == b.as_flattened();
        let mut runs = Runs::default();
        for y in 0..h {
            let [above, row, below] =
                [y.saturating_sub(1), y, (y + 1).min(h - 1)].map(|y| &self.pixels[y * w..(y + 1) * w]);
            let mut run = y * w..y * w;
            let mut even = true;
            let mut add = |runs: &mut Runs, length: usize, like: bool| {
                if like != even {
                    runs.add(even, run.clone());
                    (run.start, even) = (run.end, like);
                }
                run.end += length;
            };
            for from in (0..w).step_by(PASSED) {
                let to = w.min(from + PASSED);
                let all = from..to;
                let inner = from > 0 && to < w && same(&row[from - 1..to], &row[from..=to]);
                if inner && same(&row[all.clone()], &above[all.clone()]) && same(&row[all.clone()], &below[all]) {
                    add(&mut runs, to - from, true);
                    continue;
                }
                for x in from..to {
                    let around = [row[x.saturating_sub(1)], row[(x + 1).min(w - 1)], above[x], below[x]];
                    let p = u32::from_ne_bytes(row[x]);
                    add(&mut runs, 1, around.iter().all(|q| u32::from_ne_bytes(*q) == p));
                }
            }
            runs.add(even, run);
        }
        runs
    }

    /// Reads `raster`.
    pub fn new(raster: &Raster) -> Self {
        Self::of(&Subject::itself(raster))
    }

    /// Reads the pixels of `subject`.
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let raster = subject.raster();
        let sharp = subject.edges.as_ref().and_then(|e| sharpen::sharpened(raster, e));
        let (w, h) = (raster.width() as usize, raster.height() as usize);
        let ground = premultiply(rim_color(raster));
        let width = w + 2 * MARGIN;
        let mut pixels = Vec::with_capacity(width * (h + 2 * MARGIN));
        pixels.resize(width * MARGIN, ground);
        let opaque = raster.is_opaque() || sharp.is_some();
        for row in sharp.as_deref().unwrap_or(raster.pixels()).chunks_exact(w) {
            pixels.extend([ground; MARGIN]);
            if opaque {
                pixels.extend_from_slice(row);
            } else {
                pixels.extend(row.iter().map(|p| premultiply(*p)));
            }
            pixels.extend([ground; MARGIN]);
        }
        pixels.resize(width * (h + 2 * MARGIN), ground);
        let (height, known_noise) = (h + 2 * MARGIN, raster.noise());
        let mut intake =
            Self { width, height, pixels, noise: 0.0, deviation: 0.0, known_noise, damage: None, pixelwise: None };
        if !restore::restore(&mut intake) {
            intake.noise = intake.measure_noise();
            let left = if sharp.is_some() { SHARPENED } else { 0.0 };
            intake.deviation = intake.noise.max(left);
        }
        intake
    }

    /// The picture's own coordinates of a point in the margined one, px.
    pub fn place(p: Point) -> Point {
        p - Point::new(MARGIN as f64, MARGIN as f64)
    }

    /// The middle of pixel `i`, row by row, px.
    pub fn middle(&self, i: usize) -> Point {
        Point::new((i % self.width) as f64 + 0.5, (i / self.width) as f64 + 0.5)
    }

    /// Cells along a side of a pixel, a count.
    pub(super) fn cells(&self) -> usize {
        if self.pixelwise.is_some() { super::lattice::CELLS } else { 1 }
    }

    /// The colour of pixel `i`, row by row.
    pub fn color(&self, i: usize) -> Color {
        self.pixels[i].map(f32::from)
    }

    /// Standard deviation of the coverage that a pixel's colour says, between two inks, a share.
    pub fn coverage_deviation(&self, a: Color, b: Color) -> f64 {
        match self.damage {
            Some(damage) => f64::from(damage.coverage_deviation(a, b)),
            None => {
                let contrast = (0..4).map(|c| f64::from(a[c] - b[c]).powi(2)).sum::<f64>().sqrt();
                (ROUNDING_SIGMA + f64::from(self.deviation)) / contrast.max(1.0)
            }
        }
    }

    /// Noise from second differences along rows (Immerkær 1996, in one dimension): in a clean render most
    /// are zero, and the lower quartile tells noise from edges.
    pub(super) fn measure_noise(&self) -> f32 {
        let mut histogram = [0usize; 256];
        let mut total = 0usize;
        let step = (self.height / NOISE_ROWS).max(1);
        for row in self.pixels.chunks_exact(self.width).step_by(step) {
            for w in row.windows(3) {
                let g = |p: &[u8; 4]| i32::from(p[1]) + i32::from(p[3]) / 4;
                let d = (2 * g(&w[1]) - g(&w[0]) - g(&w[2])).unsigned_abs().min(255);
                // Saturated grounds are clean however noisy the rest is.
                if w.iter().all(|p| *p == [255; 4] || p[3] == 0) {
                    continue;
                }
                histogram[d as usize] += 1;
                total += 1;
            }
        }
        if total < MIN_NOISE_SAMPLES {
            return 0.0;
        }
        let mut seen = 0;
        let quartile = histogram.iter().position(|n| {
            seen += n;
            seen * 4 >= total
        });
        // A second difference of independent samples has sqrt(6) times their deviation; the lower quartile of
        // its absolute value is 0.3186 of that. The median is an edge where all there is are thin lines.
        quartile.unwrap_or(0) as f32 / (6f32.sqrt() * 0.3186)
    }
}

/// Deviation of a clean sample, 8-bit steps: its rounding (uniform, 1/sqrt(12)) and that of the render before
/// it.
const ROUNDING_SIGMA: f64 = 0.4;

/// Deviation of a sample beside an edge after a blur was taken back, 8-bit steps: rounding, made larger by that, leaves 2 to 4.
const SHARPENED: f32 = 2.0;

/// Rows looked at when noise is measured, a count: enough for a median, few enough to cost nothing.
const NOISE_ROWS: usize = 128;

/// Fewest differences that say something about noise, a count: the median of 64 is off by a sixth of their
/// deviation, that of fewer by more.
const MIN_NOISE_SAMPLES: usize = 64;

/// The commonest colour along the rim of `raster`.
fn rim_color(raster: &Raster) -> [u8; 4] {
    let (w, h) = (raster.width(), raster.height());
    let across = (0..w).flat_map(|x| [(x, 0), (x, h - 1)]);
    let down = (0..h).flat_map(|y| [(0, y), (w - 1, y)]);
    let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
    for (x, y) in across.chain(down) {
        *counts.entry(raster.pixel(x, y)).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(c, n)| (*n, std::cmp::Reverse(*c))).map_or([0; 4], |(c, _)| c)
}

pub(super) fn premultiply([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    if a == u8::MAX {
        return [r, g, b, a];
    }
    let m = |c: u8| ((u16::from(c) * u16::from(a) + 127) / 255) as u8;
    [m(r), m(g), m(b), a]
}

/// The straight colour of a premultiplied one.
pub(super) fn unpremultiply([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let m = |c: u8| ((u16::from(c) * 255 + u16::from(a) / 2) / u16::from(a.max(1))).min(255) as u8;
    [m(r), m(g), m(b), a]
}

/// Largest difference of any channel, 8-bit steps.
pub fn max_difference(a: [u8; 4], b: [u8; 4]) -> u8 {
    let d = |i: usize| a[i].abs_diff(b[i]);
    d(0).max(d(1)).max(d(2)).max(d(3))
}

/// The square of the distance of two colours, 8-bit steps².
pub fn squared_distance(a: Color, b: Color) -> f32 {
    (0..4).map(|c| (a[c] - b[c]) * (a[c] - b[c])).sum()
}

/// The straight sRGB colour and the opacity in [0, 1] of a premultiplied colour.
pub fn straight(color: Color) -> ([u8; 3], f64) {
    let alpha = color[3].clamp(0.0, 255.0);
    if alpha < 0.5 {
        return ([0; 3], 0.0);
    }
    let c = |v: f32| (v * 255.0 / alpha).round().clamp(0.0, 255.0) as u8;
    ([c(color[0]), c(color[1]), c(color[2])], f64::from(alpha) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premultiplied_colours_come_back_from_straight_ones() {
        for a in 1..=255u8 {
            for p in 0..=a {
                let c = (u32::from(p) * 255 + u32::from(a) / 2) / u32::from(a);
                assert_eq!(premultiply([c as u8, 0, 0, a])[0], p, "{p} of {a}");
            }
        }
    }

    #[test]
    fn even_pixels_are_like_those_beside_them() {
        let mut random = fastrand::Rng::with_seed(5);
        for flat in [0.5, 0.9, 0.99, 1.0] {
            let (w, h) = (random.usize(1..140), random.usize(1..20));
            let data = (0..w * h).flat_map(|_| [if random.f64() < flat { 9 } else { 200 }, 0, 0, 255]).collect();
            let intake = Intake::new(&Raster::new(w as u32, h as u32, data).unwrap());
            let runs = intake.runs();
            let (w, h) = (intake.width, intake.height);
            let mut seen = vec![0; w * h];
            for (ranges, even) in [(runs.even().collect::<Vec<_>>(), true), (runs.uneven().collect(), false)] {
                for run in ranges {
                    assert_eq!(run.start / w, (run.end - 1) / w);
                    for i in run.clone() {
                        seen[i] += 1;
                        let (x, y) = (i % w, i / w);
                        let around =
                            [(x.max(1) - 1, y), ((x + 1).min(w - 1), y), (x, y.max(1) - 1), (x, (y + 1).min(h - 1))];
                        let like = around.iter().all(|(x, y)| intake.pixels[y * w + x] == intake.pixels[i]);
                        assert_eq!(like, even, "{x} {y}");
                        assert!(!even || intake.pixels[i] == intake.pixels[run.start]);
                    }
                }
            }
            assert!(seen.iter().all(|n| *n == 1));
        }
    }

    #[test]
    fn a_clean_picture_has_no_noise_and_a_noisy_one_has_its_own() {
        let mut random = fastrand::Rng::with_seed(7);
        let picture = |sigma: f32, random: &mut fastrand::Rng| {
            let data = (0..64 * 64)
                .flat_map(|i| {
                    let base = if i % 64 < 32 { 60.0 } else { 180.0 };
                    // The sum of twelve uniform numbers is close to a normal one.
                    let n: f32 = (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
                    let v = (base + sigma * n).round() as u8;
                    [v, v, v, 255]
                })
                .collect();
            Raster::new(64, 64, data).unwrap()
        };
        assert_eq!(Intake::new(&picture(0.0, &mut random)).deviation, 0.0);
        let measured = Intake::new(&picture(6.0, &mut random)).deviation;
        assert!((4.5..7.5).contains(&measured), "{measured}");
    }
}
