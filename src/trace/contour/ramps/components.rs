//! Areas of a picture that no edge divides, and in which the colour changes.

use std::collections::HashMap;

use crate::trace::contour::intake::{Intake, max_difference};

/// Second difference that rounding and a gentle bend explain, 8-bit steps.
const BEND: i16 = 2;

/// Share of the slope that a second difference may be, as one over it: a bend with a radius of so many px.
const SLOPE_SHARE: i16 = 6;

/// A ramp has at least so many pixels in its midst that differ from its commonest colour.
const MIN_PIXELS: usize = 24;

/// Difference from the commonest colour that counts, 8-bit steps.
const DIFFERENT: u8 = 2;

/// Least range of a channel, 8-bit steps.
const MIN_RANGE: u8 = 4;

/// A smoothly shaded area.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its pixels, row by row.
    pub pixels: Vec<u32>,
    /// Those of them all of whose neighbours are too.
    pub inner: Vec<u32>,
}

/// What a pixel is among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Edge,
    Bent,
    Constant,
}

/// The smoothly shaded areas of `intake`, the largest first.
pub fn find(intake: &Intake) -> Vec<Component> {
    let (w, h) = (intake.width, intake.height);
    let (look, sloping) = looks(intake);
    if sloping < MIN_PIXELS {
        return Vec::new();
    }
    let mut name = vec![0u32; w * h];
    let mut found: Vec<Component> = Vec::new();
    let mut stack: Vec<u32> = Vec::new();
    let mut next = 0;
    for start in 0..w * h {
        if look[start] == Look::Edge || name[start] != 0 {
            continue;
        }
        next += 1;
        let mut pixels: Vec<u32> = Vec::new();
        let (mut low, mut high) = ([255u8; 4], [0u8; 4]);
        name[start] = next;
        stack.push(start as u32);
        while let Some(i) = stack.pop() {
            pixels.push(i);
            let i = i as usize;
            let p = intake.pixels[i];
            for c in 0..4 {
                low[c] = low[c].min(p[c]);
                high[c] = high[c].max(p[c]);
            }
            for j in beside(i, w, h) {
                if look[j] != Look::Edge && name[j] == 0 {
                    name[j] = next;
                    stack.push(j as u32);
                }
            }
        }
        let range = (0..4).map(|c| high[c] - low[c]).max().unwrap_or(0);
        if range < MIN_RANGE || pixels.len() < MIN_PIXELS {
            continue;
        }
        pixels.sort_unstable();
        let inside = |i: &u32| beside(*i as usize, w, h).all(|j| name[j] == next);
        let inner: Vec<u32> = pixels.iter().copied().filter(inside).collect();
        if varies(intake, &inner) {
            found.push(Component { pixels, inner });
        }
    }
    found.sort_by_key(|c| std::cmp::Reverse(c.pixels.len()));
    found
}

fn beside(i: usize, w: usize, h: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (i % w, i / w);
    let ways = [(x > 0, i.wrapping_sub(1)), (x + 1 < w, i + 1), (y > 0, i.wrapping_sub(w)), (y + 1 < h, i + w)];
    ways.into_iter().filter(|(there, _)| *there).map(|(_, j)| j)
}

/// Whether enough of the pixels differ from their commonest colour.
fn varies(intake: &Intake, pixels: &[u32]) -> bool {
    let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
    for i in pixels {
        *counts.entry(intake.pixels[*i as usize]).or_default() += 1;
    }
    let Some((mode, _)) = counts.iter().max_by_key(|(c, n)| (**n, std::cmp::Reverse(**c))) else { return false };
    let differing = counts.iter().filter(|(c, _)| max_difference(**c, *mode) > DIFFERENT).map(|(_, n)| *n as usize);
    differing.sum::<usize>() >= MIN_PIXELS
}

/// What each pixel is, and how many slope without an edge.
fn looks(intake: &Intake) -> (Vec<Look>, usize) {
    let (w, h) = (intake.width, intake.height);
    let px = &intake.pixels;
    let mut look = vec![Look::Constant; w * h];
    let mut sloping = 0;
    for y in 0..h {
        let (above, below) = (y.saturating_sub(1) * w, (y + 1).min(h - 1) * w);
        for x in 0..w {
            let i = y * w + x;
            let (left, right) = (x.saturating_sub(1), (x + 1).min(w - 1));
            let p = px[i];
            let row = y * w;
            let lines = [
                (px[row + left], px[row + right]),
                (px[above + x], px[below + x]),
                (px[above + left], px[below + right]),
                (px[above + right], px[below + left]),
            ];
            if lines[..2].iter().all(|(a, b)| *a == p && *b == p) {
                continue;
            }
            let smooth = lines.iter().all(|(a, b)| {
                (0..4).all(|c| {
                    let (a, b, p) = (i16::from(a[c]), i16::from(b[c]), i16::from(p[c]));
                    (a + b - 2 * p).abs() <= BEND + (a - b).abs() / 2 / SLOPE_SHARE
                })
            });
            look[i] = if smooth { Look::Bent } else { Look::Edge };
            sloping += usize::from(smooth);
        }
    }
    (look, sloping)
}
