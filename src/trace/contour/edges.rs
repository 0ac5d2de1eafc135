//! Stage 1: how wide the edges of a picture are.
//!
//! A renderer gives each pixel the mean of its own square, so an edge is as wide as a pixel. Resampling and blur make all
//! edges wider, and by the same amount; a soft shadow is wide where others are not. Along a line that crosses an edge,
//! the differences of neighbouring samples are the edge's profile, and their variance is that of everything that
//! was done to it: 1/6 px² is the pixel itself, what is beyond that is blur.

use super::intake::{max_difference, premultiply};
use crate::Raster;
use crate::raster::soften::gaussian;

/// Lines that are looked at in each direction, a count: 96 pairs of neighbours meet each edge of artwork often enough.
const LINES: usize = 96;

/// Largest difference of neighbouring samples that is flat, 8-bit steps: rounding makes one.
const LEVEL: u8 = 1;

/// Samples that are passed over together when they are all alike, a count: enough for a quick comparison.
const PASSED: usize = 32;

/// Samples in a row without more than that which end an edge, a count: between two ripples there are one or two.
const REST: usize = 3;

/// Longest edge, px: one of 10 px with its ripples.
const LONGEST: usize = 60;

/// Least contrast of an edge that tells its width, 8-bit steps: rounding moves the variance of a fainter one.
const CONTRAST: i32 = 40;

/// Part of the contrast that the samples of an edge may go back in all, a share: the ripples of Lanczos are a fifth, a
/// mark between two grounds is more.
const BACK: f32 = 0.35;

/// Part of the steepest difference by which differences may grow again on the way from it, a share: more is a second edge.
const RISE: f32 = 0.3;

/// Least difference from both sides of a sample on an edge, a share: less is rounding.
const ON_EDGE: f32 = 0.03;

/// Farthest that an edge may move from one line to the next, px: a slanting one looks wider.
const SLANT: f32 = 0.35;

/// Variance of the profile of an edge as it is rendered, px²: of the mean over a pixel, and of a difference.
const OWN: f32 = 1.0 / 6.0;

/// Most samples on a sharp edge, a count: a clean one that is crossed at nearly a right angle has two.
const SHARP: usize = 2;

/// How much less the steepest difference of an edge may be than another that is as steep, 8-bit steps: rounding.
const EVEN: f32 = 1.5;

/// Halvings of the range that a deviation is looked for in, a count: 20 px become 0.001.
const BISECTIONS: usize = 15;

/// Fewest edges that say something, a count: the median of 40 is off by a fifth of their deviation.
const LEAST_EDGES: usize = 40;

/// Part of the edges that are less steep than the largest slopes, a share: the others cross a corner or another edge.
const STEEP: f32 = 0.9;

/// Where a line crosses an edge.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    at: f32,
    /// Of its profile, px².
    variance: f32,
    /// Largest difference of neighbouring samples against the contrast, a share.
    slope: f32,
    /// How far that is from the edge, px.
    offset: f32,
    /// Square of how far the edge moves from this line to the next, px².
    slant: f32,
    /// By how much the samples go back, a share of the contrast.
    back: f32,
    /// Samples on it, a count.
    samples: usize,
}

impl Crossing {
    /// Variance of the blur ([`gaussian`]) that makes its largest slope what it is, px².
    fn blur(&self) -> f32 {
        let (mut low, mut high) = (0.2f32, 20.0f32);
        for _ in 0..BISECTIONS {
            let middle = (low + high) / 2.0;
            if slope(middle, self.offset) > self.slope { low = middle } else { high = middle }
        }
        (low * high - self.slant / 12.0) / (1.0 + self.slant)
    }
}

/// Difference of two neighbouring pixels whose border is `offset` px from an edge that was blurred by [`gaussian`], a share
/// of its contrast.
fn slope(sigma: f32, offset: f32) -> f32 {
    let kernel = gaussian(sigma);
    let o = offset.abs().min(1.0);
    (1.0 - o) * kernel[0] + o * kernel[1]
}

/// What the edges of a picture have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edges {
    /// Variance of the blur beyond that of a pixel, px².
    pub(super) blur: f32,
    /// Deviation of the blur ([`gaussian`]) that makes the largest slopes what they are, px.
    pub(super) sigma: f32,
    /// Largest slopes, a share of the contrast a pixel.
    pub(super) slope: f32,
    /// The larger of that and the largest slopes along rows, a share of the contrast a pixel.
    steepest: f32,
    /// By how much samples go beyond both sides, a share of the contrast.
    pub(super) back: f32,
    /// Part of the edges that are as sharp as a clean render's, a share.
    pub(super) sharp: f32,
    /// Range of the middle half of the variances that `sigma` comes from, px².
    pub(super) spread: f32,
}

impl Edges {
    /// These edges where [`measure`] with that `steepest` finds any.
    pub(super) fn up_to(self, steepest: f32) -> Option<Self> {
        (self.steepest <= steepest).then_some(self)
    }
}

/// What the edges of `raster` have in common; `None` where too few tell, or where the largest slopes along rows or along both
/// are more than `steepest`, a share of the contrast a pixel: clean pictures are done with soon.
pub(super) fn measure(raster: &Raster, steepest: f32) -> Option<Edges> {
    let (w, h) = (raster.width() as usize, raster.height() as usize);
    let pixels = raster.pixels();
    let mut found: Vec<Crossing> = Vec::new();
    let mut column: Vec<[u8; 4]> = Vec::new();
    let (mut slope, mut largest) = (0.0, 0.0f32);
    for (count, in_rows) in [(h, true), (w, false)] {
        let step = (count / LINES).max(2);
        for first in (0..count.saturating_sub(1)).step_by(step) {
            let mut pair = [Vec::new(), Vec::new()];
            for (k, crossings) in pair.iter_mut().enumerate() {
                let n = first + k;
                if in_rows {
                    look(&pixels[n * w..(n + 1) * w], crossings);
                } else {
                    column.clear();
                    column.extend(pixels.iter().skip(n).step_by(w));
                    look(&column, crossings);
                }
            }
            for a in &pair[0] {
                let near = pair[1].iter().find(|b| (a.at - b.at).abs() <= SLANT);
                if let Some(b) = near {
                    let slant = (a.at - b.at).powi(2);
                    let variance = (a.variance - OWN - slant / 12.0) / (1.0 + slant);
                    found.push(Crossing { variance, slant, ..*a });
                }
            }
        }
        if found.len() >= LEAST_EDGES {
            slope = quantile(&sorted(&found, |c| c.slope), STEEP);
            largest = largest.max(slope);
            if largest > steepest {
                return None;
            }
        }
    }
    if found.len() < LEAST_EDGES {
        return None;
    }
    let variances = sorted(&found, |c| c.variance);
    let (low, high) = (quantile(&variances, 0.25), quantile(&variances, 0.75));
    let middle: Vec<f32> = found.iter().map(|c| c.variance).filter(|v| (low..=high).contains(v)).collect();
    let sharp = found.iter().filter(|c| c.samples <= SHARP).count() as f32 / found.len() as f32;
    let blurs = sorted(&found, Crossing::blur);
    Some(Edges {
        blur: middle.iter().sum::<f32>() / middle.len().max(1) as f32,
        sigma: quantile(&blurs, 0.5).max(0.0).sqrt(),
        slope,
        steepest: largest,
        back: quantile(&sorted(&found, |c| c.back), 0.5),
        sharp,
        spread: quantile(&blurs, 0.75) - quantile(&blurs, 0.25),
    })
}

/// Whether the edges of `raster` are steeper than `steepest` in luma, a share of the contrast a pixel, which is stored at full
/// resolution where chroma is not.
pub(super) fn is_steep_in_luma(raster: &Raster, steepest: f32) -> bool {
    let grey = |p: &[u8; 4]| {
        let luma = (299 * u32::from(p[0]) + 587 * u32::from(p[1]) + 114 * u32::from(p[2]) + 500) / 1000;
        [luma as u8, luma as u8, luma as u8, p[3]]
    };
    let pixels = raster.pixels().iter().flat_map(grey).collect();
    let grey = Raster::new(raster.width(), raster.height(), pixels).ok();
    grey.and_then(|grey| measure(&grey, f32::INFINITY)).is_some_and(|edges| edges.slope > steepest)
}

/// A value of each crossing, the least first.
fn sorted(found: &[Crossing], of: impl Fn(&Crossing) -> f32) -> Vec<f32> {
    let mut values: Vec<f32> = found.iter().map(of).collect();
    values.sort_by(f32::total_cmp);
    values
}

/// The value that so large a share of `sorted` ones, of which there are some, are below.
fn quantile(sorted: &[f32], share: f32) -> f32 {
    sorted[((sorted.len() - 1) as f32 * share) as usize]
}

/// Adds the edges that `line` crosses and that are flat on both sides.
fn look(line: &[[u8; 4]], found: &mut Vec<Crossing>) {
    let level =
        |k: usize| line[k] == line[k + 1] || max_difference(premultiply(line[k]), premultiply(line[k + 1])) <= LEVEL;
    let last = line.len().saturating_sub(1);
    let mut k = 0;
    let mut rest = 0;
    let mut edge: Vec<[i32; 4]> = Vec::new();
    while k < last {
        let run = k + PASSED;
        if run <= last && line[k..run].as_flattened() == line[k + 1..=run].as_flattened() {
            (rest, k) = (rest + PASSED, run);
            continue;
        }
        if level(k) {
            (rest, k) = (rest + 1, k + 1);
            continue;
        }
        // Until it is flat again.
        let start = k;
        let mut quiet = 0;
        while k < last && quiet < REST {
            quiet = if level(k) { quiet + 1 } else { 0 };
            k += 1;
        }
        if rest >= REST && quiet == REST && k - start <= LONGEST {
            edge.clear();
            edge.extend(line[start..=k].iter().map(|p| premultiply(*p).map(i32::from)));
            found.extend(crossing(&edge, start));
        }
        rest = quiet;
    }
}

/// The edge that `samples` are, the first of which is sample `start` of its line.
fn crossing(samples: &[[i32; 4]], start: usize) -> Option<Crossing> {
    let (a, b) = (samples.first()?, samples.last()?);
    let channel = (0..4).max_by_key(|c| (b[*c] - a[*c]).abs())?;
    let contrast = b[channel] - a[channel];
    if contrast.abs() < CONTRAST {
        return None;
    }
    let size = contrast as f32;
    let differences = || samples.windows(2).map(|w| (w[1][channel] - w[0][channel]) as f32 / size);
    let back: f32 = differences().map(|d| (-d).max(0.0)).sum();
    let at: f32 = differences().enumerate().map(|(k, d)| d * k as f32).sum();
    let slope = differences().fold(0.0, f32::max);
    // One peak: the way up to it and down from it may not have another.
    // Of several that are as large but for rounding, the one in the middle.
    let large = differences().enumerate().filter(|(_, d)| *d >= slope - EVEN / size.abs());
    let peak = large.map(|(k, _)| k).min_by(|a, b| (*a as f32 - at).abs().total_cmp(&(*b as f32 - at).abs()))?;
    let profile: Vec<f32> = differences().collect();
    let rises = |d: &mut dyn Iterator<Item = &f32>| {
        let mut least = slope;
        d.fold(false, |rises, d| {
            least = least.min(*d);
            rises || *d > least.max(0.0) + RISE * slope
        })
    };
    if back > BACK || rises(&mut profile[..peak].iter().rev()) || rises(&mut profile[peak + 1..].iter()) {
        return None;
    }
    let variance = differences().enumerate().map(|(k, d)| d * (k as f32 - at).powi(2)).sum();
    let on_edge = |s: &&[i32; 4]| {
        let share = (s[channel] - a[channel]) as f32 / size;
        share.abs() > ON_EDGE && (share - 1.0).abs() > ON_EDGE
    };
    let samples = samples.iter().filter(on_edge).count();
    Some(Crossing { at: start as f32 + at, variance, slope, offset: peak as f32 - at, slant: 0.0, back, samples })
}
