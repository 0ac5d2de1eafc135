//! Outlines of one colour around a shaded shape whose gradient passes through that colour.
//!
//! Where the two meet there is no edge, so that the outline and what it surrounds are one area. But elsewhere the
//! outline's colour is seen to be none of the gradient's, and there it tells how wide it is. It goes on as wide where
//! it is not seen.

use std::collections::HashMap;

use super::Ramp;
use super::components::{self, Component};
use super::geometry::Sample;
use crate::trace::contour::intake::{Color, Intake, max_difference, squared_distance};
use crate::trace::contour::labels::coverage;

/// Distance from which two colours are told apart in a single pixel, 8-bit steps: rounding and what a gradient is off
/// by make half as much.
const TOLD: f32 = 3.0;

/// Difference of a channel up to which a pixel has the outline's colour, 8-bit steps: rounding explains that much.
const SAME: u8 = 1;

/// Distance of a pixel from a blend of outline and gradient up to which it is one, 8-bit steps: twice what rounding
/// explains.
const BLEND: f32 = 3.0;

/// How far from an area its outline is looked for, px: their edge is two pixels wide, and a thin outline has as many.
const AROUND: u32 = 4;

/// Fewest pixels that show an outline's colour, a count: a line of two pixels around a disc of thirty has as many.
const MIN_SHOWN: usize = 150;

/// Fewest pixels of an area that are its outline's, a count: edges take care of fewer.
const MIN_PIXELS: usize = 12;

/// Pixels of an area of which one at least must be its outline's, a count: each time the rest is looked at again.
const MIN_OF_AREA: usize = 1000;

/// Colours that are tried, a count: what is around an area may have several.
const TRIED: usize = 3;

/// Part of the pixels at an outline's depth that have its colour, where it would be seen, a share: other shapes cover
/// some of it.
const MIN_FILLED: f64 = 0.6;

/// Part of the pixels inside an outline that must be the gradient's, a share: what darkens towards its rim has no step.
const MIN_INSIDE: f64 = 0.8;

/// Most of the way to the middle of a shape that its outline is wide, a share: a wider one is a shape with a hole.
const MAX_WIDTH: f64 = 0.5;

/// How much a step to the side and one across a corner count in distances, a count: nearly as 1 to the root of two.
const STEPS: [u32; 2] = [5, 7];

/// Length of a pixel in [`STEPS`], a count: that of a step to the side.
const PX: u32 = STEPS[0];

/// An outline, and what it surrounds.
pub(super) struct Outlined {
    /// Its colour.
    pub(super) color: Color,
    /// Its pixels, of the area and beside it.
    pub(super) pixels: Vec<u32>,
    /// The connected parts of what is left.
    pub(super) parts: Vec<Component>,
}

/// The outline of a component, most of which is what `ramp` makes of it, where some of the outline is in the component.
pub(super) fn find(intake: &Intake, component: &Component, samples: &[Sample], ramp: &Ramp) -> Option<Outlined> {
    let field = Field::around(intake, component);
    let pixels = || component.pixels.iter().copied();
    let distances = field.distances(|k, _| field.mine[k]);
    let beside: Vec<u32> =
        field.pixels().filter(|(k, _)| (1..=AROUND * PX).contains(&distances[*k])).map(|(_, i)| i).collect();
    let under = |i: u32| ramp.at(intake.middle(i as usize));
    let off = |i: u32, color: Color| squared_distance(intake.color(i as usize), color);
    let foreign = |i: &u32| off(*i, under(*i)) > TOLD * TOLD;
    let near = || pixels().chain(beside.iter().copied());
    let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
    for i in near().filter(foreign) {
        *counts.entry(intake.pixels[i as usize]).or_default() += 1;
    }
    let mut colors: Vec<([u8; 4], u32)> = counts.into_iter().filter(|(_, n)| *n as usize * 2 >= MIN_SHOWN).collect();
    colors.sort_unstable_by_key(|(c, n)| (std::cmp::Reverse(*n), *c));
    // Those that the gradient passes through.
    let passed = |c: Color| samples.iter().any(|s| squared_distance(ramp.at(s.point), c) <= TOLD * TOLD);
    let colors = colors.into_iter().map(|(c, _)| c).filter(|c| passed(c.map(f32::from))).take(TRIED);
    colors.into_iter().find_map(|bytes| {
        let color = bytes.map(f32::from);
        let has_it = |i: u32| max_difference(intake.pixels[i as usize], bytes) <= SAME;
        let told = |i: u32| squared_distance(color, under(i)) > TOLD * TOLD;
        let blend = |i: u32| has_it(i) || coverage(intake.color(i as usize), color, under(i)).1 <= BLEND;
        let depths = field.distances(|k, i| !(field.mine[k] || blend(i)));
        let depth = |i: u32| depths[field.place(i)];
        let shown: Vec<u32> = near().filter(|i| has_it(*i) && told(*i)).map(depth).collect();
        if shown.len() < MIN_SHOWN {
            return None;
        }
        let width = width(&shown)?;
        let most = pixels().map(depth).max()?;
        if f64::from(width) > MAX_WIDTH * f64::from(most) {
            return None;
        }
        // It fills the rim, but for what blends with the ground, and what is inside is the gradient.
        let (mut filled, mut rim, mut explained, mut inside) = (0.0, 0.0, 0.0, 0.0);
        for (i, d) in near().filter(|i| told(*i)).map(|i| (i, depth(i))).filter(|(_, d)| *d > 0) {
            if d + PX <= width && 2 * d >= width {
                rim += 1.0;
                filled += f64::from(u8::from(has_it(i)));
            } else if d > width + 2 * PX && d <= width + 4 * PX {
                inside += 1.0;
                explained += f64::from(u8::from(off(i, under(i)) <= TOLD * TOLD));
            }
        }
        if filled < MIN_FILLED * rim || explained < MIN_INSIDE * inside {
            return None;
        }
        let outline = |i: u32| {
            if told(i) { off(i, color) < off(i, under(i)) } else { depth(i) <= width }
        };
        let (mut pixels, parts) = components::divide(intake, component, outline);
        if pixels.len() < MIN_PIXELS.max(component.pixels.len() / MIN_OF_AREA) {
            return None;
        }
        pixels.extend(beside.iter().copied().filter(|i| has_it(*i) && depth(*i) <= width));
        (!parts.is_empty()).then_some(Outlined { color, pixels, parts })
    })
}

/// How deep an outline goes, from how deep its pixels lie: as far as half as many do as do most.
fn width(depths: &[u32]) -> Option<u32> {
    let mut counts: Vec<usize> = Vec::new();
    for depth in depths {
        let px = (depth / PX) as usize;
        if counts.len() <= px {
            counts.resize(px + 1, 0);
        }
        counts[px] += 1;
    }
    let most = counts.iter().copied().max()?;
    let deepest = counts.iter().rposition(|n| *n * 2 >= most)?;
    (deepest > 0).then_some((deepest as u32 + 1) * PX - 1)
}

/// A part of the picture around an area.
struct Field {
    left: usize,
    top: usize,
    columns: usize,
    rows: usize,
    /// Width of the picture, px.
    width: usize,
    /// Whether a pixel is of the area.
    mine: Vec<bool>,
}

impl Field {
    /// The part of a picture in which a component lies, with what is beside it.
    fn around(intake: &Intake, component: &Component) -> Self {
        let (w, h) = (intake.width, intake.height);
        let (mut x0, mut y0, mut x1, mut y1) = (usize::MAX, usize::MAX, 0, 0);
        for i in &component.pixels {
            let (x, y) = (*i as usize % w, *i as usize / w);
            (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x), y1.max(y));
        }
        let more = AROUND as usize + 1;
        let (left, top) = (x0.saturating_sub(more), y0.saturating_sub(more));
        let (columns, rows) = ((x1 + more + 1).min(w) - left, (y1 + more + 1).min(h) - top);
        let mut field = Self { left, top, columns, rows, width: w, mine: vec![false; columns * rows] };
        for i in &component.pixels {
            let k = field.place(*i);
            field.mine[k] = true;
        }
        field
    }

    /// Where a pixel of the picture is in it.
    fn place(&self, i: u32) -> usize {
        let (x, y) = (i as usize % self.width, i as usize / self.width);
        (y - self.top) * self.columns + x - self.left
    }

    /// All of its pixels, each as it is counted here and in the picture.
    fn pixels(&self) -> impl Iterator<Item = (usize, u32)> {
        let picture = |k: usize| (self.top + k / self.columns) * self.width + self.left + k % self.columns;
        (0..self.columns * self.rows).map(move |k| (k, picture(k) as u32))
    }

    /// How far every pixel is from the nearest one that is at nought, in [`STEPS`]; what is beyond the rim is.
    fn distances(&self, nought: impl Fn(usize, u32) -> bool) -> Vec<u32> {
        let (w, h) = (self.columns, self.rows);
        let mut distances: Vec<u32> = self.pixels().map(|(k, i)| if nought(k, i) { 0 } else { u32::MAX / 2 }).collect();
        let [side, corner] = STEPS;
        for forward in [true, false] {
            for n in 0..w * h {
                let k = if forward { n } else { w * h - 1 - n };
                let (x, y) = (k % w, k / w);
                // What was passed before on this way through.
                let (row, behind) =
                    if forward { (y.checked_sub(1), x > 0) } else { (Some(y + 1).filter(|y| *y < h), x + 1 < w) };
                let ahead = if forward { x + 1 < w } else { x > 0 };
                let sideways = |from: usize, back: bool| if back == forward { from - 1 } else { from + 1 };
                let mut least = distances[k];
                if behind {
                    least = least.min(distances[sideways(k, true)] + side);
                }
                if let Some(row) = row {
                    let above = row * w + x;
                    least = least.min(distances[above] + side);
                    if behind {
                        least = least.min(distances[sideways(above, true)] + corner);
                    }
                    if ahead {
                        least = least.min(distances[sideways(above, false)] + corner);
                    }
                }
                distances[k] = least;
            }
        }
        distances
    }
}
