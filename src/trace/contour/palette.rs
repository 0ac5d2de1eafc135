//! Stage 2: the inks, from interior evidence.
//!
//! A pixel is evidence for an ink when its four neighbours agree with it, so that a rim of blends never
//! becomes one. Colours are taken in order of popularity; one that is as good as an ink already found
//! joins it. An ink is a premultiplied colour: transparent ground is one of them.

use std::collections::HashMap;

use super::intake::{Color, Intake, Runs, max_difference};
use super::ramps::{self, Ramp, Ramps};
use crate::document::Point;

/// No ink, an index: no palette is as long.
pub const NONE: u16 = u16::MAX;

/// Most inks of a palette, a count: a picture with more is a photograph.
pub const MAX_INKS: usize = 1024;

/// Two flat colours that differ by no more than this in every channel are one ink, 8-bit steps: twice
/// the rounding of a render.
const SAME_INK: u8 = 2;

/// What a region is filled with.
#[derive(Debug, Clone)]
pub enum Ink {
    /// One premultiplied colour.
    Flat(Color),
    /// Gradients.
    Ramp(Ramp),
}

impl Ink {
    /// The premultiplied colour in the middle of the pixel in column `x` of row `y`.
    pub fn at(&self, x: usize, y: usize) -> Color {
        match self {
            Ink::Flat(color) => *color,
            Ink::Ramp(ramp) => ramp.seen_at(Point::new(x as f64 + 0.5, y as f64 + 0.5)),
        }
    }

    /// Its colour where it has only one.
    pub fn flat(&self) -> Option<Color> {
        match self {
            Ink::Flat(color) => Some(*color),
            Ink::Ramp(_) => None,
        }
    }

    /// Its least and its largest alpha, 8-bit steps.
    pub fn alpha(&self) -> (f32, f32) {
        match self {
            Ink::Flat(color) => (color[3], color[3]),
            Ink::Ramp(ramp) => ramp.alpha(),
        }
    }
}

/// The inks and the pixels that are evidence for them.
#[derive(Debug, Clone)]
pub struct Palette {
    /// The inks, flat ones first.
    pub inks: Vec<Ink>,
    /// For each pixel its ink, or [`NONE`] where it is not flat.
    pub flat: Vec<u16>,
}

/// How far two neighbours may differ in a flat area, 8-bit steps.
pub fn flat_tolerance(intake: &Intake) -> u8 {
    (1.0 + 3.0 * intake.noise).round().clamp(1.0, 24.0) as u8
}

/// Finds the inks of `intake`, which has these `runs`, beside the `ramps` that are known. `None` when there are more than [`MAX_INKS`].
///
/// With `fixed` colours (premultiplied) the palette is those, and each flat pixel has the nearest; with a
/// `limit` other than 0 it is the commonest so many.
pub fn find(intake: &Intake, runs: &Runs, ramps: Option<Ramps>, fixed: &[Color], limit: usize) -> Option<Palette> {
    let (w, h) = (intake.width, intake.height);
    let tolerance = flat_tolerance(intake);
    let px = &intake.pixels;
    let free = |i: usize| ramps.as_ref().is_none_or(|r| r.of[i] == ramps::NONE);
    let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
    // Neighbours mostly have the same colour: count each run of it once.
    let mut last: Option<([u8; 4], usize)> = None;
    let mut count = |color: [u8; 4], n: usize| match &mut last {
        Some((last, sum)) if *last == color => *sum += n,
        _ => {
            if let Some((color, n)) = last.replace((color, n)) {
                *counts.entry(color).or_default() += n as u32;
            }
        }
    };
    for run in runs.even() {
        let n = if ramps.is_none() { run.len() } else { run.clone().filter(|i| free(*i)).count() };
        if n > 0 {
            count(px[run.start], n);
        }
    }
    let mut nearly: Vec<usize> = Vec::new();
    for run in runs.uneven() {
        let (first, y) = (run.start - run.start % w, run.start / w);
        let [above, row, below] = [y.saturating_sub(1), y, (y + 1).min(h - 1)].map(|y| &px[y * w..(y + 1) * w]);
        for i in run.clone().filter(|i| free(*i)) {
            let x = i - first;
            let p = row[x];
            let around = [row[x.saturating_sub(1)], row[(x + 1).min(w - 1)], above[x], below[x]];
            if around.iter().all(|q| max_difference(p, *q) <= tolerance) {
                nearly.push(i);
                count(p, 1);
            }
        }
    }
    if let Some((color, n)) = last {
        *counts.entry(color).or_default() += n as u32;
    }
    let mut colors: Vec<([u8; 4], u32)> = counts.into_iter().collect();
    colors.sort_unstable_by_key(|(c, n)| (std::cmp::Reverse(*n), *c));
    let same_ink = SAME_INK.max(tolerance);
    let mut inks: Vec<[u8; 4]> = Vec::new();
    let mut ink_of: HashMap<[u8; 4], u16> = HashMap::with_capacity(colors.len());
    let fixed_bytes: Vec<[u8; 4]> = fixed.iter().map(|c| c.map(|v| v.round().clamp(0.0, 255.0) as u8)).collect();
    for (color, _) in colors {
        let ink = if fixed.is_empty() {
            match inks.iter().position(|i| max_difference(*i, color) <= same_ink) {
                Some(found) => found,
                None if limit > 0 && inks.len() >= limit => nearest(&inks, color),
                None => {
                    inks.push(color);
                    inks.len() - 1
                }
            }
        } else {
            nearest(&fixed_bytes, color)
        };
        if inks.len() > MAX_INKS {
            return None;
        }
        ink_of.insert(color, ink as u16);
    }
    if !fixed.is_empty() {
        inks = fixed_bytes;
    }
    let mut flat = vec![NONE; w * h];
    let ink_at = |i: usize| ink_of.get(&px[i]).copied().unwrap_or(NONE);
    for run in runs.even() {
        let ink = ink_at(run.start);
        flat[run.clone()].fill(ink);
    }
    for i in nearly {
        flat[i] = ink_at(i);
    }
    let mut inks: Vec<Ink> = inks.iter().map(|i| Ink::Flat(i.map(f32::from))).collect();
    if let Some(Ramps { ramps, of }) = ramps {
        // One colour is an ink like the others, and the same as one that is there already.
        let only: Vec<Option<Color>> = ramps.iter().map(Ramp::only_color).collect();
        let mut ink_of_ramp = vec![NONE; ramps.len()];
        for (own, color) in ink_of_ramp.iter_mut().zip(&only) {
            let Some(color) = color else { continue };
            let near = |c: Color| (0..4).all(|k| (c[k] - color[k]).abs() <= f32::from(same_ink) + 0.5);
            let found = inks.iter().position(|ink| ink.flat().is_some_and(near));
            *own = found.unwrap_or(inks.len()) as u16;
            if found.is_none() {
                inks.push(Ink::Flat(*color));
            }
        }
        for (own, ramp) in ink_of_ramp.iter_mut().zip(ramps).filter(|(own, _)| **own == NONE) {
            *own = inks.len() as u16;
            inks.push(Ink::Ramp(ramp));
        }
        for (flat, ramp) in flat.iter_mut().zip(of).filter(|(_, ramp)| *ramp != ramps::NONE) {
            *flat = ink_of_ramp[usize::from(ramp)];
        }
    }
    Some(Palette { inks, flat })
}

fn nearest(inks: &[[u8; 4]], color: [u8; 4]) -> usize {
    let distance = |i: &[u8; 4]| -> i32 { (0..4).map(|c| (i32::from(i[c]) - i32::from(color[c])).pow(2)).sum() };
    (0..inks.len()).min_by_key(|i| distance(&inks[*i])).unwrap_or(0)
}
