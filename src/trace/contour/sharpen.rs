//! Stage 1, for pictures whose edges are wider than a pixel: as they were before they were blurred.
//!
//! Blur is a convolution, and flat artwork says what may come out when it is undone: along an edge nothing is beyond
//! the flat colours on both sides. Within these bounds the picture that gives the one at hand when it is blurred is found
//! by projected gradient steps (Beck and Teboulle 2009), which stop before rounding is taken for detail. What
//! overshoots beside edges, as cubic filters and Lanczos make it, is outside the bounds and goes. Pixels far from
//! every edge stay as they are.

use super::edges::Edges;
use crate::Raster;
use crate::raster::soften::gaussian;

/// Largest slope of the edges of a picture that is blurred, a share: of 237 clean icons at
/// 400 px nine in ten have 0.89 and more, all with a blur of 0.5 px less than 0.8.
pub(super) const BLURRED: f32 = 0.8;

/// Least variance of such a blur, px²: less is a matter of where edges lie in their pixels.
const LEAST_BLUR: f32 = 0.04;

/// Part of the edges from which a picture is sharp after all, a share: soft ones are drawn so.
const SHARP: f32 = 0.9;

/// Largest range of the middle half of the edges' variances against their median, a ratio: a blur makes all edges alike (0.1
/// for nine in ten blurred icons), shadows and thin marks do not.
const UNLIKE: f32 = 0.3;

/// Largest deviation of a blur that is undone, px: more leaves nothing of a pixel to measure.
pub(super) const LARGEST: f32 = 1.6;

/// Gradient steps, a count: after twice as many rounding shows (`docs/engine-log.md`).
const STEPS: usize = 20;

/// Largest difference of two pixels of a flat area, 8-bit steps: rounding.
const FLAT: f32 = 2.0;

/// Part of the contrast around it by which a pixel may leave the colours around it where none of them is flat, a share: a
/// mark of two pixels keeps two thirds of its contrast in a blur of one.
const BEYOND: f32 = 0.5;

/// Least overshoot of a filter, a share: rounding makes less.
const OVERSHOOT: f32 = 0.02;

/// Largest part of the contrast that a ripple beside an edge has, a share: Lanczos makes a tenth.
const RIPPLE: f32 = 0.2;

/// A premultiplied colour, 8-bit steps.
type Color = [f32; 4];

/// What blur the edges of `raster` have in common, its deviation in px; `None` for a clean render.
pub(super) fn blur_of(edges: &Edges) -> Option<f32> {
    let alike = edges.spread <= UNLIKE * edges.sigma * edges.sigma;
    if edges.blur < LEAST_BLUR || edges.sharp > SHARP || !alike {
        return None;
    }
    Some(edges.sigma)
}

/// The deviation of the blur of a picture with such edges that is undone, px.
pub(super) fn undone(edges: &Edges) -> Option<f32> {
    blur_of(edges).filter(|sigma| *sigma <= LARGEST)
}

/// Premultiplied pixels of `raster`, whose edges those are, without its blur; `None` where it has none that can be undone.
pub(super) fn sharpened(raster: &Raster, edges: &Edges) -> Option<Vec<[u8; 4]>> {
    let sigma = undone(edges)?;
    let pixels = raster.pixels().iter().map(|p| super::intake::premultiply(*p).map(f32::from)).collect();
    let mut picture = Picture { w: raster.width() as usize, h: raster.height() as usize, pixels };
    picture.sharpen(sigma, edges.back > OVERSHOOT);
    Some(picture.pixels.iter().map(|p| p.map(|v| v.round().clamp(0.0, 255.0) as u8)).collect())
}

struct Picture {
    w: usize,
    h: usize,
    pixels: Vec<Color>,
}

impl Picture {
    /// Takes back a blur of `sigma` px; whether it was made by a filter that `overshoots`.
    fn sharpen(&mut self, sigma: f32, overshoots: bool) {
        let kernel = gaussian(sigma);
        let reach = (2.0 * sigma + 1.0).ceil() as usize;
        let [low, high] = self.bounds(reach, overshoots);
        // Where the bounds leave nothing open, nothing changes.
        let open: Vec<bool> = low.iter().zip(&high).map(|(l, h)| (0..4).any(|c| h[c] - l[c] > FLAT)).collect();
        let near = kernel.len() - 1;
        let wide = self.grown(&open, near);
        let seen = std::mem::take(&mut self.pixels);
        let mut now = seen.clone();
        let mut ahead = seen.clone();
        let mut across = seen.clone();
        let (mut off, mut back) = (vec![[0.0; 4]; seen.len()], vec![[0.0; 4]; seen.len()]);
        let rows: Vec<Vec<std::ops::Range<usize>>> = self.spans(&wide);
        let inner = self.spans(&open);
        let mut momentum = 1.0f32;
        for _ in 0..STEPS {
            self.blur(&kernel, &ahead, &mut across, &mut off, &rows, &inner);
            for i in inner.iter().flatten().flat_map(Clone::clone) {
                for c in 0..4 {
                    off[i][c] = seen[i][c] - off[i][c];
                }
            }
            self.blur(&kernel, &off, &mut across, &mut back, &rows, &inner);
            let next = (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) / 2.0;
            for i in inner.iter().flatten().flat_map(Clone::clone) {
                for c in 0..4 {
                    let v = (ahead[i][c] + back[i][c]).clamp(low[i][c], high[i][c]);
                    ahead[i][c] = v + (momentum - 1.0) / next * (v - now[i][c]);
                    now[i][c] = v;
                }
            }
            momentum = next;
        }
        self.pixels = now;
    }

    /// The least and the largest colour that each pixel may have.
    fn bounds(&self, reach: usize, overshoots: bool) -> [Vec<Color>; 2] {
        let (low, high) = (self.extreme(&self.pixels, 1, f32::min), self.extreme(&self.pixels, 1, f32::max));
        let flat: Vec<bool> = low.iter().zip(&high).map(|(l, h)| (0..4).all(|c| h[c] - l[c] <= FLAT)).collect();
        let only_flat = |other: f32| -> Vec<Color> {
            self.pixels.iter().zip(&flat).map(|(p, flat)| if *flat { *p } else { [other; 4] }).collect()
        };
        let low = self.extreme(&self.pixels, reach, f32::min);
        let high = self.extreme(&self.pixels, reach, f32::max);
        let flat_low = self.extreme(&only_flat(f32::INFINITY), reach, f32::min);
        let flat_high = self.extreme(&only_flat(f32::NEG_INFINITY), reach, f32::max);
        let bound = |extreme: f32, flat: f32, beyond: f32, range: f32| {
            let off = (extreme - flat).abs();
            if off <= FLAT {
                extreme
            } else if overshoots && off <= RIPPLE * range {
                flat
            } else {
                (extreme + beyond * range).clamp(0.0, 255.0)
            }
        };
        let all = |i: usize, which: usize| -> Color {
            std::array::from_fn(|c| {
                let range = high[i][c] - low[i][c];
                if which == 0 {
                    bound(low[i][c], flat_low[i][c], -BEYOND, range)
                } else {
                    bound(high[i][c], flat_high[i][c], BEYOND, range)
                }
            })
        };
        [0, 1].map(|which| (0..self.pixels.len()).map(|i| all(i, which)).collect())
    }

    /// The extreme of each channel within `reach` px.
    fn extreme(&self, of: &[Color], reach: usize, pick: fn(f32, f32) -> f32) -> Vec<Color> {
        let (w, h) = (self.w, self.h);
        let join = |a: Color, b: Color| -> Color { std::array::from_fn(|c| pick(a[c], b[c])) };
        let mut rows = of.to_vec();
        for y in 0..h {
            for x in 0..w {
                let near = &of[y * w + x.saturating_sub(reach)..=y * w + (x + reach).min(w - 1)];
                rows[y * w + x] = near.iter().copied().fold(near[0], join);
            }
        }
        let mut all = rows.clone();
        for y in 0..h {
            for yy in y.saturating_sub(reach)..=(y + reach).min(h - 1) {
                for x in 0..w {
                    all[y * w + x] = join(all[y * w + x], rows[yy * w + x]);
                }
            }
        }
        all
    }

    /// `open`, and what is within `reach` px of it.
    fn grown(&self, open: &[bool], reach: usize) -> Vec<bool> {
        let as_colors: Vec<Color> = open.iter().map(|o| [f32::from(u8::from(*o)); 4]).collect();
        self.extreme(&as_colors, reach, f32::max).iter().map(|c| c[0] > 0.0).collect()
    }

    /// The runs of each row where `open` is true.
    fn spans(&self, open: &[bool]) -> Vec<Vec<std::ops::Range<usize>>> {
        let row = |y: usize| {
            let mut spans: Vec<std::ops::Range<usize>> = Vec::new();
            for i in (y * self.w..(y + 1) * self.w).filter(|i| open[*i]) {
                match spans.last_mut().filter(|s| s.end == i) {
                    Some(span) => span.end = i + 1,
                    None => spans.push(i..i + 1),
                }
            }
            spans
        };
        (0..self.h).map(row).collect()
    }

    /// Blurs `from` along rows in `wide` spans, and that along columns in `inner` ones; beyond the rim it goes on as it is.
    fn blur(
        &self,
        kernel: &[f32],
        from: &[Color],
        across: &mut [Color],
        to: &mut [Color],
        wide: &[Vec<std::ops::Range<usize>>],
        inner: &[Vec<std::ops::Range<usize>>],
    ) {
        let (w, h) = (self.w, self.h);
        for (y, spans) in wide.iter().enumerate() {
            for i in spans.iter().flat_map(Clone::clone) {
                let x = i - y * w;
                let mut sum = from[i].map(|v| v * kernel[0]);
                for (k, weight) in kernel.iter().enumerate().skip(1) {
                    let (a, b) = (from[y * w + x.saturating_sub(k)], from[y * w + (x + k).min(w - 1)]);
                    (0..4).for_each(|c| sum[c] += weight * (a[c] + b[c]));
                }
                across[i] = sum;
            }
        }
        for (y, spans) in inner.iter().enumerate() {
            for i in spans.iter().flat_map(Clone::clone) {
                let x = i - y * w;
                let mut sum = across[i].map(|v| v * kernel[0]);
                for (k, weight) in kernel.iter().enumerate().skip(1) {
                    let (a, b) = (across[y.saturating_sub(k) * w + x], across[(y + k).min(h - 1) * w + x]);
                    (0..4).for_each(|c| sum[c] += weight * (a[c] + b[c]));
                }
                to[i] = sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::imageops;

    use super::super::edges;
    use super::super::resampled::tests::{check, disc_and_box, raster};
    use super::*;

    #[test]
    fn a_blurred_picture_comes_back_with_the_shapes_that_it_had() {
        for (sigma, off) in [(0.5, 0.03), (0.8, 0.05), (1.2, 0.1)] {
            let blurred = raster(&imageops::blur(&disc_and_box(), sigma));
            let found = edges::measure(&blurred, BLURRED).and_then(|e| blur_of(&e));
            assert!(found.is_some_and(|s| (s - sigma).abs() < 0.08 * sigma), "{sigma}: {found:?}");
            check(&blurred, 1.0, off);
        }
    }

    #[test]
    fn soft_shadows_and_clean_pictures_stay_as_they_are() {
        let clean = disc_and_box();
        let sharpened = |raster: &Raster| sharpened(raster, &edges::measure(raster, BLURRED)?);
        assert!(sharpened(&raster(&clean)).is_none());
        // Half of the picture is soft.
        let mut shadow = imageops::blur(&clean, 2.0);
        for (x, y, p) in clean.enumerate_pixels().filter(|(x, ..)| *x < 66) {
            shadow.put_pixel(x, y, *p);
        }
        assert!(sharpened(&raster(&shadow)).is_none());
    }
}
