//! Stage 1, for pictures that were enlarged smoothly: the pixels that they were made from.
//!
//! Each sample of an enlargement is a sum of a few pixels of its source, with weights that follow from the filter and from
//! where the sample lies between them. There are more samples than pixels, so the source follows from them by least
//! squares, and whether it was that filter and that size shows in what is left over: no more than rounding. Blur, in
//! contrast, is no such sum. A filter that overshoots is cut off at black and white; samples there say only that the sum
//! is not less. Everything is done along rows, then along columns, as it was made.

use super::edges::{self, Edges};
use super::sharpen;
use crate::Raster;
use crate::document::{Document, Point};
use crate::raster::{Filter, Softening};

/// Largest slope of the edges of an enlargement that is looked into, a share: 1.5 times has less than 0.76.
const WIDE: f32 = 0.85;

/// Least deviation of the blur that most edges of an enlargement seem to have, px: 1.5 times by Lanczos is half a pixel.
const BLURRED: f32 = 0.4;

/// Slope of an edge times the factor of an enlargement, px: by all filters, whatever lies where.
const SLOPES: [f32; 2] = [0.75, 1.35];

/// Least and largest factor of an enlargement that is taken back, a ratio: there is little to gain below.
const FACTORS: [f32; 2] = [1.2, 16.0];

/// Samples of a line times the sizes of its source that are tried, a count: all sizes up to a thousand pixels or so, and
/// half a second.
const LOOKED_AT: usize = 150_000;

/// Lines that a guess is tried on, a count: those with most edges.
const LINES: usize = 10;

/// Largest root mean square of what an enlargement leaves over where it is not flat, 8-bit steps: rounding once or
/// twice leaves 0.1 to 0.35, a blur taken for an enlargement 0.54 and more, another size or filter several.
const LEFT_OVER: f64 = 0.45;

/// How much more a simpler filter may leave over than the best, a ratio: at twice the size a cubic can be a linear one.
const ALIKE: f64 = 1.1;

/// How much more the source by a simpler filter may go up and down than the smoothest, a ratio: twice the size by a cubic is also twice
/// by a linear one of a source that overshoots, by a tenth and more; by its own filter it is 1.01 at most.
const ROUGHER: f64 = 1.04;

/// Mean square of what is left over of a line after a first look at which a guess is given up, against the
/// largest, a ratio: what was cut off is hardly known then. Black on white enlarged by Lanczos leaves 3.8 to 4.2 steps of 5.5,
/// another size 6 and more.
const HOPELESS: f64 = 150.0;

/// Times that samples are solved for at a first look, a count: two tell what is far off.
const FIRST_ROUNDS: usize = 2;

/// Times that samples are solved for, a count: what was cut off is known better each time.
const ROUNDS: usize = 30;

/// Weight with which a pixel is held where no sample tells it, a ratio: far below that of a sample.
const RIDGE: f64 = 1e-4;

/// How far values may leave the range of a pixel before the other direction is solved for, 8-bit steps: Lanczos overshoots by a tenth.
const OVER: f64 = 48.0;

/// Pixels of a line, and one of its channels.
type Line = Vec<f64>;

/// Filters that are tried, the simplest first, an index: those that programs enlarge with.
const FILTERS: [Filter; 5] =
    [Filter::Linear, Filter::CatmullRom, Filter::Lanczos3, Filter::Mitchell, Filter::SharpCubic];

/// The source of an enlargement.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Its pixels.
    pub(super) raster: Raster,
    /// Width and height of the enlargement against its own.
    factors: [f64; 2],
    /// Width and height of the enlargement, px.
    size: (u32, u32),
    /// How it was made.
    filter: Filter,
}

/// The `edges` of `raster` without those that are soft in colour alone, as compression leaves them.
fn soft_edges(raster: &Raster, edges: Option<Edges>) -> Option<Edges> {
    edges.filter(|e| sharpen::undone(e).is_none() || !edges::is_steep_in_luma(raster, sharpen::BLURRED))
}

/// A picture as the stages take it.
#[derive(Debug, Clone)]
pub(super) struct Subject<'a> {
    own: &'a Raster,
    /// What that was enlarged from; the stages are of it.
    pub(super) source: Option<Source>,
    /// What the edges of [`Subject::raster`] have in common where they are wide.
    pub(super) edges: Option<Edges>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(own: &'a Raster) -> Self {
        let wide = edges::measure(own, WIDE);
        let source = wide.as_ref().and_then(|e| source(own, e));
        let edges = match &source {
            Some(source) => soft_edges(&source.raster, edges::measure(&source.raster, sharpen::BLURRED)),
            None => soft_edges(own, wide.and_then(|e| e.up_to(sharpen::BLURRED))),
        };
        Self { own, source, edges }
    }

    /// `raster` as it is, whatever it was enlarged from.
    pub(super) fn itself(raster: &'a Raster) -> Self {
        Self { own: raster, source: None, edges: soft_edges(raster, edges::measure(raster, sharpen::BLURRED)) }
    }

    /// The pixels that are traced.
    pub(super) fn raster(&self) -> &Raster {
        self.source.as_ref().map_or(self.own, |s| &s.raster)
    }

    /// What was done to a picture to become this one, in order, and is not in its trace.
    pub(super) fn softened(&self) -> Vec<Softening> {
        let blurred = self.edges.as_ref().and_then(sharpen::undone).map(|sigma| Softening::Blurred { sigma });
        let enlarged = self.source.as_ref().map(|source| {
            let (width, height) = (source.raster.width(), source.raster.height());
            Softening::Enlarged { width, height, filter: source.filter }
        });
        blurred.into_iter().chain(enlarged).collect()
    }
}

/// The source of `raster`, whose edges those are, if that is a smooth enlargement of something.
fn source(raster: &Raster, edges: &Edges) -> Option<Source> {
    let &Edges { slope, sigma, .. } = edges;
    if raster.noise().is_some() || sigma < BLURRED {
        return None;
    }
    // What was cut off between the two directions shows only in the order in which they were made.
    let (own, filter, turned) = match taken_back(&Picture { raster, turned: true }, slope) {
        Some((own, filter)) => (own.turned(), filter, true),
        None => taken_back(&Picture { raster, turned: false }, slope).map(|(own, filter)| (own, filter, false))?,
    };
    tracing::debug!(width = own.width, height = own.height, ?filter, turned, "source of an enlargement");
    let factors = [f64::from(raster.width()) / own.width as f64, f64::from(raster.height()) / own.height as f64];
    Some(Source { raster: own.raster()?, factors, size: (raster.width(), raster.height()), filter })
}

/// The source of a picture whose edges have that `slope`, if it was enlarged along columns first and then along rows, and with
/// which filter.
fn taken_back(picture: &Picture<'_>, slope: f32) -> Option<(Planes, Filter)> {
    let factors = SLOPES.map(|s| s / slope);
    let (w, h) = picture.size();
    let rows = picture.telling_rows();
    let (low, high) = (factors[0].max(FACTORS[0]), factors[1].min(FACTORS[1]));
    let mut sizes: Vec<usize> = ((w as f32 / high).ceil() as usize..=(w as f32 / low).floor() as usize).collect();
    // Whole and half factors first.
    sizes.sort_by_key(|n| (2 * w % n != 0, *n));
    sizes.truncate((LOOKED_AT / w).max(1));
    let best = |n: usize| {
        let all = FILTERS.map(|filter| (filter, n, Axis::new(filter, n, w).left_over(&rows)));
        let least = all.iter().fold(f64::INFINITY, |least, (.., left)| least.min(*left));
        let fit = all.into_iter().filter(|(.., left)| *left <= ALIKE * least && *left <= LEFT_OVER);
        let fit: Vec<_> = fit.map(|(filter, n, _)| (filter, n, Axis::new(filter, n, w).variation(&rows))).collect();
        let even = fit.iter().fold(f64::INFINITY, |least, (.., variation)| least.min(*variation));
        fit.into_iter().find(|(.., variation)| *variation <= ROUGHER * even)
    };
    let (filter, columns, _) = sizes.into_iter().filter(|n| *n > 1).find_map(best)?;
    let across = Axis::new(filter, columns, w);
    let narrow = picture.mapped(|line| across.solved(line, OVER, ROUNDS)).turned();
    let lines = narrow.telling_rows();
    let guess = (h as f64 * columns as f64 / w as f64).round() as usize;
    let rows = [guess, guess + 1, guess.saturating_sub(1)].into_iter().filter(|n| (2..h).contains(n));
    let down = rows.map(|n| Axis::new(filter, n, h)).find(|axis| axis.left_over(&lines) <= LEFT_OVER)?;
    Some((narrow.mapped(|line| down.solved(line, 0.0, ROUNDS)).turned(), filter))
}

impl Source {
    /// `document`, a drawing of the source, in px of the enlargement.
    pub(super) fn enlarged(&self, document: Document) -> Document {
        let [x, y] = self.factors;
        // A circle stays one: a hundredth of a pixel at most.
        let size = (x * y).sqrt();
        document.scaled(self.size, size, |p| Point::new(p.x * x, p.y * y))
    }
}

/// What has four channels of rows.
trait Rows {
    /// Samples of a row, and rows.
    fn size(&self) -> (usize, usize);

    /// A row of a channel, premultiplied.
    fn row(&self, channel: usize, y: usize) -> Line;

    /// The rows that change most, each in the channel that does.
    fn telling_rows(&self) -> Vec<Line> {
        let mut rows: Vec<(f64, usize, usize)> = Vec::new();
        for y in 0..self.size().1 {
            let changes = |c: usize| self.row(c, y).windows(2).map(|w| (w[1] - w[0]).abs()).sum::<f64>();
            let best = (0..4).map(|c| (changes(c), c)).max_by(|a, b| a.0.total_cmp(&b.0));
            rows.extend(best.map(|(changes, c)| (changes, y, c)));
        }
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        // The telling half, evenly.
        rows.truncate((rows.len() / 2).max(LINES));
        let step = (rows.len() / LINES).max(1);
        rows.into_iter().step_by(step).take(LINES).map(|(_, y, c)| self.row(c, y)).collect()
    }

    /// The same with each row as `solve` has it.
    fn mapped(&self, solve: impl Fn(&[f64]) -> Line) -> Planes {
        let height = self.size().1;
        let planes = [0, 1, 2, 3].map(|c| -> Vec<f64> { (0..height).flat_map(|y| solve(&self.row(c, y))).collect() });
        Planes { width: planes[0].len() / height, height, planes }
    }
}

/// A picture as it is, or with its columns as rows: its channels in full precision would take eight times its own memory.
struct Picture<'a> {
    raster: &'a Raster,
    turned: bool,
}

impl Rows for Picture<'_> {
    fn size(&self) -> (usize, usize) {
        let (w, h) = (self.raster.width() as usize, self.raster.height() as usize);
        if self.turned { (h, w) } else { (w, h) }
    }

    fn row(&self, channel: usize, y: usize) -> Line {
        let w = self.raster.width() as usize;
        let (n, first, step) = if self.turned { (self.size().0, y, w) } else { (w, y * w, 1) };
        let pixels = self.raster.pixels()[first..].iter().step_by(step).take(n);
        let value = |p: &[u8; 4]| {
            let v = f64::from(p[channel]);
            if channel < 3 { v * f64::from(p[3]) / 255.0 } else { v }
        };
        pixels.map(value).collect()
    }
}

/// Channels, premultiplied, row by row.
struct Planes {
    width: usize,
    height: usize,
    planes: [Vec<f64>; 4],
}

impl Rows for Planes {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn row(&self, channel: usize, y: usize) -> Line {
        self.planes[channel][y * self.width..(y + 1) * self.width].to_vec()
    }
}

impl Planes {
    /// Rows as columns.
    fn turned(&self) -> Self {
        let (w, h) = (self.width, self.height);
        let planes =
            [0, 1, 2, 3].map(|c| (0..w * h).map(|i| self.planes[c][(i % h) * w + i / h]).collect::<Vec<f64>>());
        Self { width: h, height: w, planes }
    }

    fn raster(&self) -> Option<Raster> {
        let pixel = |i: usize| {
            let [r, g, b, a] = [0, 1, 2, 3].map(|c| self.planes[c][i].round().clamp(0.0, 255.0));
            let straight = |v: f64| if a > 0.0 { (v * 255.0 / a).round().clamp(0.0, 255.0) as u8 } else { 0 };
            [straight(r), straight(g), straight(b), a as u8]
        };
        let data = (0..self.width * self.height).flat_map(pixel).collect();
        Raster::new(self.width as u32, self.height as u32, data).ok()
    }
}

/// An enlargement of lines of pixels.
struct Axis {
    pixels: usize,
    /// For each sample its first pixel, and the weights from there on.
    taps: Vec<(usize, Vec<f64>)>,
    /// Width of the band of the normal equations, and their factor (Cholesky), row by row.
    band: usize,
    factor: Vec<f64>,
}

impl Axis {
    /// Of `pixels` to `samples` of them.
    fn new(filter: Filter, pixels: usize, samples: usize) -> Self {
        let taps = filter.taps(pixels, samples);
        let band = 2 * filter.reach().ceil() as usize;
        let mut factor = vec![0.0; pixels * (band + 1)];
        for (from, weights) in &taps {
            for (a, wa) in weights.iter().enumerate() {
                for (b, wb) in weights[..=a].iter().enumerate().filter(|(b, _)| a - b <= band) {
                    factor[(from + a) * (band + 1) + a - b] += wa * wb;
                }
            }
        }
        // Column d of row i holds what it has in common with pixel i − d.
        for i in 0..pixels {
            factor[i * (band + 1)] += RIDGE;
            for d in (0..=band.min(i)).rev() {
                let j = i - d;
                let mut sum = factor[i * (band + 1) + d];
                for e in d + 1..=band.min(i) {
                    if e - d <= band {
                        sum -= factor[i * (band + 1) + e] * factor[j * (band + 1) + e - d];
                    }
                }
                factor[i * (band + 1) + d] = if d == 0 { sum.max(1e-12).sqrt() } else { sum / factor[j * (band + 1)] };
            }
        }
        Self { pixels, taps, band, factor }
    }

    fn sample(&self, i: usize, pixels: &[f64]) -> f64 {
        let (from, weights) = &self.taps[i];
        weights.iter().zip(&pixels[*from..]).map(|(w, p)| w * p).sum()
    }

    /// The pixels that `samples` were made of, which may be `over` the range of a pixel.
    fn solved(&self, samples: &[f64], over: f64, rounds: usize) -> Line {
        let first = samples.first().copied().unwrap_or_default();
        if samples.iter().all(|s| (s - first).abs() < 0.5) {
            return vec![first; self.pixels];
        }
        let mut wanted = samples.to_vec();
        let mut pixels = Vec::new();
        for _ in 0..rounds {
            pixels = self.least_squares(&wanted, first);
            pixels.iter_mut().for_each(|p| *p = p.clamp(-over, 255.0 + over));
            let mut moved = false;
            for (i, (want, seen)) in wanted.iter_mut().zip(samples).enumerate() {
                let is = self.sample(i, &pixels);
                let cut = if *seen >= 254.5 {
                    is.max(*seen)
                } else if *seen <= 0.5 {
                    is.min(*seen)
                } else {
                    *seen
                };
                moved |= (cut - *want).abs() > 0.1;
                *want = cut;
            }
            if !moved {
                break;
            }
        }
        pixels
    }

    fn least_squares(&self, samples: &[f64], ground: f64) -> Line {
        let (n, band) = (self.pixels, self.band);
        let mut sums = vec![RIDGE * ground; n];
        for ((from, weights), s) in self.taps.iter().zip(samples) {
            for (k, w) in weights.iter().enumerate() {
                sums[from + k] += w * s;
            }
        }
        let at = |i: usize, d: usize| self.factor[i * (band + 1) + d];
        for i in 0..n {
            let known: f64 = (1..=band.min(i)).map(|d| at(i, d) * sums[i - d]).sum();
            sums[i] = (sums[i] - known) / at(i, 0);
        }
        for i in (0..n).rev() {
            let known: f64 = (1..=band.min(n - 1 - i)).map(|d| at(i + d, d) * sums[i + d]).sum();
            sums[i] = (sums[i] - known) / at(i, 0);
        }
        sums
    }

    /// How much the sources of `lines` go up and down, 8-bit steps.
    fn variation(&self, lines: &[Line]) -> f64 {
        let of = |line: &Line| -> f64 {
            self.solved(line, OVER, ROUNDS).windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum()
        };
        lines.iter().map(of).sum()
    }

    /// Root mean square of what such enlargements leave of `lines` where they are not flat, 8-bit steps.
    fn left_over(&self, lines: &[Line]) -> f64 {
        let look = |line: &Line, rounds: usize| {
            let pixels = self.solved(line, OVER, rounds);
            let (mut sum, mut count) = (0.0, 0usize);
            for i in 1..line.len() - 1 {
                // Where it is flat everything explains it.
                if (line[i] - line[i - 1]).abs() < 1.5 && (line[i + 1] - line[i]).abs() < 1.5 {
                    continue;
                }
                let off = self.sample(i, &pixels) - line[i];
                let cut = (line[i] >= 254.5 && off > 0.0) || (line[i] <= 0.5 && off < 0.0);
                sum += if cut { 0.0 } else { off * off };
                count += 1;
            }
            (sum, count)
        };
        let (mut sum, mut count) = (0.0, 0usize);
        for line in lines {
            // Nearly all guesses are through with this.
            let (first, samples) = look(line, FIRST_ROUNDS);
            if first > HOPELESS * LEFT_OVER * LEFT_OVER * samples as f64 {
                return f64::INFINITY;
            }
            let (more, samples) = look(line, ROUNDS);
            (sum, count) = (sum + more, count + samples);
        }
        if count == 0 { f64::INFINITY } else { (sum / count as f64).sqrt() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use image::imageops::{self, FilterType};
    use image::{Rgb, Rgb32FImage};

    use super::*;
    use crate::classify::Class;
    use crate::document::Primitive;
    use crate::trace::contour::Contour as Engine;
    use crate::trace::{Budget, Engine as _};

    /// Centre and radius of the disc, and the corners of the rectangle.
    const DISC: (f64, f64, f64) = (38.3, 41.7, 21.4);
    const BOX: [f64; 4] = [71.25, 20.5, 104.75, 66.25];

    /// A disc and a rectangle on a light ground.
    pub(in crate::trace::contour) fn disc_and_box() -> Rgb32FImage {
        Rgb32FImage::from_fn(120, 90, |x, y| {
            let mut sum = [0.0f32; 3];
            for k in 0..256 {
                let (u, v) =
                    (f64::from(x) + (f64::from(k % 16) + 0.5) / 16.0, f64::from(y) + (f64::from(k / 16) + 0.5) / 16.0);
                let ink = if (u - DISC.0).hypot(v - DISC.1) < DISC.2 {
                    [180.0, 40.0, 60.0]
                } else if (BOX[0]..BOX[2]).contains(&u) && (BOX[1]..BOX[3]).contains(&v) {
                    [30.0, 60.0, 140.0]
                } else {
                    [240.0, 235.0, 220.0]
                };
                (0..3).for_each(|c| sum[c] += ink[c] / 256.0);
            }
            Rgb(sum.map(|v| v.round() / 255.0))
        })
    }

    pub(in crate::trace::contour) fn raster(picture: &Rgb32FImage) -> Raster {
        let data = picture.pixels().flat_map(|p| {
            let [r, g, b] = p.0.map(|v| (v * 255.0).round().clamp(0.0, 255.0) as u8);
            [r, g, b, 255]
        });
        Raster::new(picture.width(), picture.height(), data.collect()).unwrap()
    }

    /// Whether the trace of `raster` is the ground, the disc and the rectangle, `factor` times as large, to `off` px of
    /// the source.
    pub(in crate::trace::contour) fn check(raster: &Raster, factor: f64, off: f64) {
        let document = Engine.trace(raster, &Engine.preset(Class::Simple), &Budget::unlimited()).unwrap();
        assert_eq!((document.width, document.height), (raster.width(), raster.height()));
        assert_eq!(document.shapes.len(), 3, "{document:?}");
        let mut found = [false; 2];
        for contour in document.shapes.iter().flat_map(|s| &s.contours) {
            match contour.primitive {
                Some(Primitive::Circle(c, r)) => {
                    let is = [c.x, c.y, r];
                    for (is, want) in is.iter().zip([DISC.0, DISC.1, DISC.2]) {
                        assert!((is / factor - want).abs() < off, "{factor}: {is} for {want}");
                    }
                    found[0] = true;
                }
                Some(Primitive::Rect(a, b, _)) if a.x > 1.0 => {
                    for (is, want) in [a.x, a.y, b.x, b.y].iter().zip(BOX) {
                        assert!((is / factor - want).abs() < off, "{factor}: {is} for {want}");
                    }
                    found[1] = true;
                }
                _ => {}
            }
        }
        assert_eq!(found, [true; 2], "{document:?}");
    }

    #[test]
    fn an_enlargement_comes_back_with_the_shapes_of_its_source() {
        let own = disc_and_box();
        for (filter, factor) in [
            (FilterType::Triangle, 2.0),
            (FilterType::Triangle, 4.0),
            (FilterType::CatmullRom, 4.0),
            (FilterType::CatmullRom, 2.0),
            (FilterType::CatmullRom, 1.5),
            (FilterType::Lanczos3, 2.0),
            (FilterType::Lanczos3, 10.0),
        ] {
            let [w, h] = [own.width(), own.height()].map(|s| (f64::from(s) * factor) as u32);
            let large = raster(&imageops::resize(&own, w, h, filter));
            let source = Subject::of(&large).source.unwrap_or_else(|| panic!("{filter:?} {factor}"));
            let (was, own) = (&source.raster, raster(&own));
            let mut off = was.pixels().iter().flatten().zip(own.pixels().iter().flatten());
            assert!(off.all(|(a, b)| a.abs_diff(*b) <= 2), "{filter:?} {factor}");
            check(&large, factor, 0.03);
        }
    }

    #[test]
    fn what_is_no_enlargement_has_no_source() {
        let own = disc_and_box();
        for picture in [own.clone(), imageops::blur(&own, 1.0), imageops::blur(&own, 2.0)] {
            assert!(Subject::of(&raster(&picture)).source.is_none());
        }
        let smaller = imageops::resize(&own, 96, 72, FilterType::Lanczos3);
        assert!(Subject::of(&raster(&smaller)).source.is_none());
    }
}
