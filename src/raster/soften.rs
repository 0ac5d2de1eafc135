//! What softens a picture after it was drawn: smooth enlargement and blur, done again.
//!
//! A picture that was enlarged or blurred is traced as it was before. What says how well the drawing explains the picture at
//! hand is then the drawing with the same done to it.

use serde::{Deserialize, Serialize};

/// Reach of a sampled density against its deviation, a ratio: a thousandth is beyond it.
const REACH: f32 = 3.3;

/// A premultiplied colour, 8-bit steps.
type Color = [f32; 4];

/// A filter that programs enlarge with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Linear interpolation.
    Linear,
    /// The cubic of Catmull and Rom.
    CatmullRom,
    /// Lanczos's with three lobes.
    Lanczos3,
    /// The cubic of Mitchell and Netravali (1988).
    Mitchell,
    /// A cubic with more overshoot (Mitchell and Netravali's B = 0, C = 3/4), as OpenCV has it.
    SharpCubic,
}

/// Lobes of [`Filter::Lanczos3`], a count.
const LOBES: f64 = 3.0;

impl Filter {
    /// How far a pixel reaches, px of the source.
    pub(crate) fn reach(self) -> f64 {
        match self {
            Filter::Linear => 1.0,
            Filter::Lanczos3 => LOBES,
            Filter::CatmullRom | Filter::Mitchell | Filter::SharpCubic => 2.0,
        }
    }

    /// Weight of a pixel at that distance, px of the source.
    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        if x >= self.reach() {
            return 0.0;
        }
        match self {
            Filter::Linear => 1.0 - x,
            Filter::CatmullRom => cubic(0.0, 0.5, x),
            Filter::Mitchell => cubic(1.0 / 3.0, 1.0 / 3.0, x),
            Filter::SharpCubic => cubic(0.0, 0.75, x),
            Filter::Lanczos3 => {
                let sinc = |x: f64| {
                    let x = x * std::f64::consts::PI;
                    if x == 0.0 { 1.0 } else { x.sin() / x }
                };
                sinc(x) * sinc(x / LOBES)
            }
        }
    }

    /// For each of `samples` samples along a line of `pixels` pixels its first pixel, and the weights from there on.
    pub(crate) fn taps(self, pixels: usize, samples: usize) -> Vec<(usize, Vec<f64>)> {
        let scale = pixels as f64 / samples as f64;
        let tap = |i: usize| {
            let middle = (i as f64 + 0.5) * scale - 0.5;
            let from = (middle - self.reach()).ceil().max(0.0) as usize;
            let to = ((middle + self.reach()).floor() as usize).min(pixels - 1);
            let mut weights: Vec<f64> = (from..=to).map(|j| self.weight(j as f64 - middle)).collect();
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|w| *w /= sum);
            (from, weights)
        };
        (0..samples).map(tap).collect()
    }
}

/// The cubic filter of Mitchell and Netravali (1988) with their parameters, for a distance of at most 2.
fn cubic(b: f64, c: f64, x: f64) -> f64 {
    if x < 1.0 {
        return ((12.0 - 9.0 * b - 6.0 * c) * x * x * x + (-18.0 + 12.0 * b + 6.0 * c) * x * x + 6.0 - 2.0 * b) / 6.0;
    }
    ((-b - 6.0 * c) * x * x * x + (6.0 * b + 30.0 * c) * x * x + (-12.0 * b - 48.0 * c) * x + 8.0 * b + 24.0 * c) / 6.0
}

/// Half of a sampled normal density of that deviation, from its middle outwards: how programs blur.
pub(crate) fn gaussian(sigma: f32) -> Vec<f32> {
    let reach = (REACH * sigma).ceil().max(1.0) as i32;
    let all: Vec<f32> = (0..=reach).map(|k| (-((k * k) as f32) / (2.0 * sigma * sigma)).exp()).collect();
    let sum = all[0] + 2.0 * all[1..].iter().sum::<f32>();
    all.into_iter().map(|w| w / sum).collect()
}

/// One thing that softens a picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Softening {
    /// A Gaussian blur.
    Blurred {
        /// Its deviation, px.
        sigma: f32,
    },
    /// A smooth enlargement.
    Enlarged {
        /// Width of what was enlarged, px.
        width: u32,
        /// Height of what was enlarged, px.
        height: u32,
        /// With which filter.
        filter: Filter,
    },
}

impl std::fmt::Display for Softening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Softening::Blurred { sigma } => write!(f, "blurred (σ {sigma:.2} px)"),
            Softening::Enlarged { width, height, .. } => write!(f, "enlarged smoothly from {width} x {height} px"),
        }
    }
}

/// Width and height of what `softened`, in order, made a picture of `size`, px.
pub(crate) fn size_before(softened: &[Softening], size: (u32, u32)) -> (u32, u32) {
    let sizes = softened.iter().filter_map(|s| match s {
        Softening::Enlarged { width, height, .. } => Some((*width, *height)),
        Softening::Blurred { .. } => None,
    });
    sizes.into_iter().next().unwrap_or(size)
}

/// Premultiplied `pixels` of [`size_before`], softened in order to a picture of `size`.
pub(crate) fn apply(softened: &[Softening], pixels: &[[u8; 4]], size: (u32, u32)) -> Vec<[u8; 4]> {
    let before = size_before(softened, size);
    let mut picture = Picture {
        width: before.0 as usize,
        height: before.1 as usize,
        pixels: pixels.iter().map(|p| p.map(f32::from)).collect(),
    };
    for (k, softening) in softened.iter().enumerate() {
        picture = match softening {
            Softening::Blurred { sigma } => picture.blurred(&gaussian(*sigma)),
            Softening::Enlarged { filter, .. } => {
                let (w, h) = size_before(&softened[k + 1..], size);
                picture.mapped(&filter.taps(picture.width, w as usize), &filter.taps(picture.height, h as usize))
            }
        };
    }
    // No colour is more than its own opacity.
    let bytes = |p: &Color| {
        let alpha = p[3].round().clamp(0.0, 255.0);
        [0, 1, 2, 3].map(|c| p[c].round().clamp(0.0, alpha) as u8)
    };
    picture.pixels.iter().map(bytes).collect()
}

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Color>,
}

/// For each sample of a line its first pixel, and the weights from there on.
type Taps = [(usize, Vec<f64>)];

impl Picture {
    /// The same with a new number of columns and rows.
    fn mapped(&self, across: &Taps, down: &Taps) -> Self {
        let (width, height) = (across.len(), down.len());
        let add = |sum: &mut Color, weight: f64, p: &Color| (0..4).for_each(|c| sum[c] += weight as f32 * p[c]);
        let mut rows = Vec::with_capacity(width * self.height);
        for row in self.pixels.chunks_exact(self.width) {
            rows.extend(across.iter().map(|(from, weights)| {
                let mut sum = [0.0; 4];
                weights.iter().zip(&row[*from..]).for_each(|(w, p)| add(&mut sum, *w, p));
                sum
            }));
        }
        let mut pixels = vec![[0.0; 4]; width * height];
        for (row, (from, weights)) in pixels.chunks_exact_mut(width).zip(down) {
            for (weight, line) in weights.iter().zip(rows[from * width..].chunks_exact(width)) {
                row.iter_mut().zip(line).for_each(|(sum, p)| add(sum, *weight, p));
            }
        }
        Self { width, height, pixels }
    }

    /// The same blurred by `kernel`, the half of it from its middle outwards; beyond the rim it goes on as it is.
    fn blurred(&self, kernel: &[f32]) -> Self {
        let taps = |length: usize| -> Vec<(usize, Vec<f64>)> {
            let reach = kernel.len() - 1;
            let tap = |i: usize| {
                let (from, to) = (i.saturating_sub(reach), (i + reach).min(length - 1));
                let mut weights = vec![0.0; to - from + 1];
                for k in 0..=2 * reach {
                    let at = (i + k).saturating_sub(reach).clamp(from, to);
                    weights[at - from] += f64::from(kernel[k.abs_diff(reach)]);
                }
                (from, weights)
            };
            (0..length).map(tap).collect()
        };
        self.mapped(&taps(self.width), &taps(self.height))
    }
}

#[cfg(test)]
mod tests {
    use image::imageops::{self, FilterType};
    use image::{Rgba, Rgba32FImage};

    use super::*;

    /// Of opaque pixels in the range, 8-bit steps.
    fn picture(w: u32, h: u32) -> Rgba32FImage {
        let mut random = fastrand::Rng::with_seed(4);
        Rgba32FImage::from_fn(w, h, |_, _| Rgba([0, 1, 2, 3].map(|c| if c == 3 { 1.0 } else { random.u8(..).into() })))
    }

    fn bytes(picture: &Rgba32FImage) -> Vec<[u8; 4]> {
        let byte = |v: f32| v.round().clamp(0.0, 255.0) as u8;
        picture.pixels().map(|p| [byte(p[0]), byte(p[1]), byte(p[2]), 255]).collect()
    }

    #[test]
    fn enlargements_are_those_of_the_image_crate() {
        let own = picture(12, 9);
        for (filter, theirs) in [
            (Filter::Linear, FilterType::Triangle),
            (Filter::CatmullRom, FilterType::CatmullRom),
            (Filter::Lanczos3, FilterType::Lanczos3),
        ] {
            for (w, h) in [(24, 18), (30, 23), (120, 90)] {
                let unclipped = {
                    let mut small = own.clone();
                    // The crate clips at 1, and at 0.
                    small.pixels_mut().for_each(|p| (0..3).for_each(|c| p[c] = 0.25 + p[c] / 1024.0));
                    imageops::resize(&small, w, h, theirs)
                };
                let want: Vec<[u8; 4]> = bytes(&Rgba32FImage::from_fn(w, h, |x, y| {
                    let p = unclipped.get_pixel(x, y);
                    Rgba([0, 1, 2, 3].map(|c| (p[c] - 0.25) * 1024.0))
                }));
                let softened = [Softening::Enlarged { width: 12, height: 9, filter }];
                let got = apply(&softened, &bytes(&own), (w, h));
                let off = got.iter().flatten().zip(want.iter().flatten()).map(|(a, b)| a.abs_diff(*b)).max();
                assert!(off <= Some(1), "{filter:?} {w} x {h}: {off:?}");
            }
        }
    }

    #[test]
    fn a_blur_keeps_the_sum_and_what_is_even() {
        let softened = [Softening::Blurred { sigma: 1.3 }];
        assert_eq!(apply(&softened, &[[90, 50, 20, 120]; 35], (7, 5)), [[90, 50, 20, 120]; 35]);
        let mut point = [[0, 0, 0, 255]; 21 * 21];
        point[220] = [255, 0, 0, 255];
        let sum: u32 = apply(&softened, &point, (21, 21)).iter().map(|p| u32::from(p[0])).sum();
        assert!((240..=270).contains(&sum), "{sum}");
    }

    #[test]
    fn a_blur_before_an_enlargement_is_of_the_small_picture() {
        let enlarged = Softening::Enlarged { width: 12, height: 9, filter: Filter::CatmullRom };
        let blurred = Softening::Blurred { sigma: 0.8 };
        let own = bytes(&picture(12, 9));
        let both = apply(&[blurred, enlarged], &own, (36, 27));
        let one = apply(&[enlarged], &apply(&[blurred], &own, (12, 9)), (36, 27));
        assert!(both.iter().flatten().zip(one.iter().flatten()).all(|(a, b)| a.abs_diff(*b) <= 1));
        assert_eq!(size_before(&[blurred, enlarged], (36, 27)), (12, 9));
        assert_eq!(size_before(&[blurred], (36, 27)), (36, 27));
    }
}
