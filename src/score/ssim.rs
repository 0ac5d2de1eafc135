//! Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004).
//!
//! The original form: 11 × 11 Gaussian windows of σ 1.5, K₁ 0.01, K₂ 0.03, 8-bit range, one value per
//! pixel, averaged. At the border the picture is continued by its outermost pixels, so that every pixel
//! counts and pictures smaller than a window have a value.
//!
//! The picture is worked through in tiles, so that memory does not grow with it. A tile in which the
//! pictures agree, its surroundings included, is 1 by definition and is not computed. Per channel four
//! planes are blurred, not five, since only the sum of the two variances enters the formula.

use super::compare::{Ground, Pair, TILE};

/// Reach of the window to each side, px.
pub(crate) const REACH: usize = 5;
const TAPS: usize = 2 * REACH + 1;
/// Side of a tile with its surroundings, px.
const LOADED: usize = TILE + 2 * REACH;

/// (K₁ L)² and (K₂ L)² of the paper, with L = 255.
const C1: f32 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f32 = (0.03 * 255.0) * (0.03 * 255.0);

/// Rec. 601 luma, as in the authors' own code.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Subtracted from every value before squaring: variances do not change, and single precision
/// keeps two bits more.
const OFFSET: f32 = 128.0;

type Loaded = [[f32; LOADED]; LOADED];
type Core = [[f32; TILE]; TILE];

/// Mean structural similarity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ssim {
    /// Of luma.
    pub(crate) luma: f64,
    /// Of red, green and blue.
    pub(crate) channels: [f64; 3],
}

/// The Gaussian of σ 1.5, normalised.
fn window() -> [f32; TAPS] {
    let weights: [f64; TAPS] = std::array::from_fn(|i| {
        let d = i as f64 - REACH as f64;
        (-d * d / (2.0 * 1.5 * 1.5)).exp()
    });
    let sum: f64 = weights.iter().sum();
    weights.map(|w| (w / sum) as f32)
}

/// Structural similarity of the pair over `ground`.
pub(crate) fn ssim(pair: &Pair, ground: Ground) -> Ssim {
    let mut work = Box::new(Work::new());
    let mut loss = [0.0_f64; 4];
    for top in (0..pair.height).step_by(TILE) {
        for left in (0..pair.width).step_by(TILE) {
            let reach = REACH as isize;
            let (l, t) = (left as isize - reach, top as isize - reach);
            if pair.agree_in(l, t, left + TILE + REACH, top + TILE + REACH) {
                continue;
            }
            let tile = work.tile_loss(pair, ground, left, top);
            for (sum, tile) in loss.iter_mut().zip(tile) {
                *sum += tile;
            }
        }
    }
    let pixels = (pair.width * pair.height) as f64;
    let [luma, r, g, b] = loss.map(|l| 1.0 - l / pixels);
    Ssim { luma, channels: [r, g, b] }
}

/// The planes of one tile.
struct Work {
    weights: [f32; TAPS],
    /// Red, green, blue and luma of both pictures, less [`OFFSET`].
    a: [Loaded; 4],
    b: [Loaded; 4],
    product: Loaded,
    rows: [[f32; TILE]; LOADED],
    means: [Core; 2],
    squares: Core,
    products: Core,
}

impl Work {
    fn new() -> Self {
        Self {
            weights: window(),
            a: [[[0.0; LOADED]; LOADED]; 4],
            b: [[[0.0; LOADED]; LOADED]; 4],
            product: [[0.0; LOADED]; LOADED],
            rows: [[0.0; TILE]; LOADED],
            means: [[[0.0; TILE]; TILE]; 2],
            squares: [[0.0; TILE]; TILE],
            products: [[0.0; TILE]; TILE],
        }
    }

    /// Sum of `1 - ssim` over the tile's pixels, for luma, red, green and blue.
    fn tile_loss(&mut self, pair: &Pair, ground: Ground, left: usize, top: usize) -> [f64; 4] {
        let grey_a = load(pair.a, pair, ground, left, top, &mut self.a);
        let grey_b = load(pair.b, pair, ground, left, top, &mut self.b);
        let (columns, rows) = (TILE.min(pair.width - left), TILE.min(pair.height - top));
        if grey_a && grey_b {
            return [self.channel_loss(0, columns, rows); 4];
        }
        for planes in [&mut self.a, &mut self.b] {
            let [r, g, b, luma] = planes;
            for (((luma, r), g), b) in luma.iter_mut().zip(r).zip(g).zip(b) {
                for i in 0..LOADED {
                    luma[i] = LUMA[0] * r[i] + LUMA[1] * g[i] + LUMA[2] * b[i];
                }
            }
        }
        [3, 0, 1, 2].map(|channel| self.channel_loss(channel, columns, rows))
    }

    fn channel_loss(&mut self, channel: usize, columns: usize, rows: usize) -> f64 {
        let (a, b) = (&self.a[channel], &self.b[channel]);
        if a == b {
            return 0.0;
        }
        blur(a, &self.weights, &mut self.rows, &mut self.means[0]);
        blur(b, &self.weights, &mut self.rows, &mut self.means[1]);
        for ((out, a), b) in self.product.iter_mut().zip(a).zip(b) {
            for i in 0..LOADED {
                out[i] = a[i] * a[i] + b[i] * b[i];
            }
        }
        blur(&self.product, &self.weights, &mut self.rows, &mut self.squares);
        for ((out, a), b) in self.product.iter_mut().zip(a).zip(b) {
            for i in 0..LOADED {
                out[i] = a[i] * b[i];
            }
        }
        blur(&self.product, &self.weights, &mut self.rows, &mut self.products);

        let mut sum = 0.0_f64;
        for y in 0..rows {
            let (mean_a, mean_b) = (&self.means[0][y], &self.means[1][y]);
            let (squares, products) = (&self.squares[y], &self.products[y]);
            let mut loss = [0.0_f32; TILE];
            for x in 0..TILE {
                let variances = squares[x] - mean_a[x] * mean_a[x] - mean_b[x] * mean_b[x];
                let covariance = products[x] - mean_a[x] * mean_b[x];
                let (ma, mb) = (mean_a[x] + OFFSET, mean_b[x] + OFFSET);
                let above = (2.0 * ma * mb + C1) * (2.0 * covariance + C2);
                let below = (ma * ma + mb * mb + C1) * (variances + C2);
                loss[x] = 1.0 - above / below;
            }
            sum += f64::from(loss[..columns].iter().sum::<f32>());
        }
        sum
    }
}

/// Fills the three colour planes of the tile at (`left`, `top`) with its surroundings, the picture being
/// continued by its border; says whether the tile is grey.
fn load(pixels: &[[u8; 4]], pair: &Pair, ground: Ground, left: usize, top: usize, planes: &mut [Loaded; 4]) -> bool {
    let clamp = |v: usize, size: usize| v.saturating_sub(REACH).min(size - 1);
    let mut chroma = 0_u32;
    let inside = left >= REACH && left + TILE + REACH <= pair.width;
    for y in 0..LOADED {
        let row = &pixels[clamp(top + y, pair.height) * pair.width..][..pair.width];
        let mut edge = [[0_u8; 4]; LOADED];
        let stretch: &[[u8; 4]] = if inside {
            &row[left - REACH..left + TILE + REACH]
        } else {
            for (x, pixel) in edge.iter_mut().enumerate() {
                *pixel = row[clamp(left + x, pair.width)];
            }
            &edge
        };
        let [r, g, b, _] = &mut *planes;
        let (r, g, b) = (&mut r[y], &mut g[y], &mut b[y]);
        let Some(stretch) = stretch.first_chunk::<LOADED>() else { continue };
        for x in 0..LOADED {
            let [red, green, blue] = ground.lanes(stretch[x]);
            chroma |= (red ^ green) | (green ^ blue);
            r[x] = red as i32 as f32 - OFFSET;
            g[x] = green as i32 as f32 - OFFSET;
            b[x] = blue as i32 as f32 - OFFSET;
        }
    }
    chroma == 0
}

/// Gaussian blur of the core of `from`, rows first, then columns.
fn blur(from: &Loaded, weights: &[f32; TAPS], rows: &mut [[f32; TILE]; LOADED], to: &mut Core) {
    // The window is symmetric: values at equal distance are added before they are weighted.
    for (row, from) in rows.iter_mut().zip(from) {
        for start in (0..TILE).step_by(LANES) {
            let at = |k: usize| -> &[f32; LANES] { lanes(&from[start + k..]) };
            row[start..start + LANES].copy_from_slice(&weigh(weights, at));
        }
    }
    for (y, to) in to.iter_mut().enumerate() {
        for start in (0..TILE).step_by(LANES) {
            let at = |k: usize| -> &[f32; LANES] { lanes(&rows[y + k][start..]) };
            to[start..start + LANES].copy_from_slice(&weigh(weights, at));
        }
    }
}

/// Values summed at once; as many as fit the registers of every processor we run on.
const LANES: usize = 16;

/// The first values of a slice, which has at least so many.
#[inline(always)]
fn lanes(values: &[f32]) -> &[f32; LANES] {
    const NONE: &[f32; LANES] = &[0.0; LANES];
    values.first_chunk().unwrap_or(NONE)
}

/// The weighted sum of the values that `at` gives for each tap.
#[inline(always)]
fn weigh<'a>(weights: &[f32; TAPS], at: impl Fn(usize) -> &'a [f32; LANES]) -> [f32; LANES] {
    let centre = at(REACH);
    let mut sums: [f32; LANES] = std::array::from_fn(|i| weights[REACH] * centre[i]);
    for (k, weight) in weights[..REACH].iter().enumerate() {
        let (before, after) = (at(k), at(TAPS - 1 - k));
        for i in 0..LANES {
            sums[i] += weight * (before[i] + after[i]);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula as printed: five sums per pixel in double precision, nothing skipped.
    fn straightforward(pair: &Pair, ground: Ground, value: impl Fn([u8; 3]) -> f64) -> f64 {
        let (w, h) = (pair.width as isize, pair.height as isize);
        let at = |pixels: &[[u8; 4]], x: isize, y: isize| {
            value(ground.under(pixels[(y.clamp(0, h - 1) * w + x.clamp(0, w - 1)) as usize]))
        };
        let weight = |d: isize| (-(d * d) as f64 / 4.5).exp();
        let norm: f64 = (-5..=5).map(weight).sum();
        let mut total = 0.0;
        for y in 0..h {
            for x in 0..w {
                let (mut ma, mut mb, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
                for dy in -5..=5 {
                    for dx in -5..=5 {
                        let g = weight(dx) * weight(dy) / (norm * norm);
                        let (a, b) = (at(pair.a, x + dx, y + dy), at(pair.b, x + dx, y + dy));
                        ma += g * a;
                        mb += g * b;
                        aa += g * a * a;
                        bb += g * b * b;
                        ab += g * a * b;
                    }
                }
                let (c1, c2) = (2.55_f64.powi(2), 7.65_f64.powi(2));
                total += (2.0 * ma * mb + c1) * (2.0 * (ab - ma * mb) + c2)
                    / ((ma * ma + mb * mb + c1) * (aa - ma * ma + bb - mb * mb + c2));
            }
        }
        total / (w * h) as f64
    }

    fn picture(width: usize, height: usize, seed: u64) -> Vec<[u8; 4]> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut pixels = vec![[200, 200, 200, 255]; width * height];
        for _ in 0..6 {
            let color = [random.u8(..), random.u8(..), random.u8(..), 255];
            let (x, y) = (random.usize(..width), random.usize(..height));
            for row in pixels.chunks_mut(width).skip(y).take(20) {
                row[x..(x + 15).min(width)].fill(color);
            }
        }
        pixels
    }

    #[test]
    fn tiles_give_what_the_formula_gives() {
        for (width, height, seed) in [(100, 75, 1), (64, 64, 2), (7, 5, 3), (1, 40, 4), (33, 96, 5)] {
            let a = picture(width, height, seed);
            let mut b = a.clone();
            let mut random = fastrand::Rng::with_seed(seed + 100);
            // Noise in one corner only, so that some tiles are skipped.
            for row in b.chunks_mut(width).take(height.min(30)) {
                for pixel in row.iter_mut().take(30) {
                    *pixel = [random.u8(..), pixel[1], random.u8(..).max(pixel[2]), 255];
                }
            }
            let pair = Pair { a: &a, b: &b, width, height };
            let got = ssim(&pair, Ground::White);
            let luma = |p: [u8; 3]| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
            let want = straightforward(&pair, Ground::White, luma);
            assert!((got.luma - want).abs() < 1e-4, "{width} x {height}: luma {} not {want}", got.luma);
            for channel in 0..3 {
                let want = straightforward(&pair, Ground::White, |p| f64::from(p[channel]));
                let got = got.channels[channel];
                assert!((got - want).abs() < 1e-4, "{width} x {height}: channel {channel} {got} not {want}");
            }
        }
    }

    #[test]
    fn identical_pictures_are_exactly_one() {
        let a = picture(90, 50, 9);
        let all_ones = Ssim { luma: 1.0, channels: [1.0; 3] };
        assert_eq!(ssim(&Pair { a: &a, b: &a, width: 90, height: 50 }, Ground::Black), all_ones);
    }

    #[test]
    fn grey_is_computed_once_and_is_the_same_as_in_colour() {
        let grey = |seed| -> Vec<_> { picture(50, 50, seed).iter().map(|p| [p[0], p[0], p[0], 255]).collect() };
        let (a, b) = (grey(1), grey(2));
        let got = ssim(&Pair { a: &a, b: &b, width: 50, height: 50 }, Ground::White);
        let want = straightforward(&Pair { a: &a, b: &b, width: 50, height: 50 }, Ground::White, |p| f64::from(p[1]));
        assert!((got.luma - want).abs() < 1e-4 && got.channels == [got.luma; 3]);
    }
}
