//! Stage 3, first half: which ink has most of each pixel.
//!
//! Flat pixels have their ink already, and so have those that continue one in its own colour. What is
//! left are blends: each is explained by the inks around it, two of them if that is enough, three at a
//! junction, and goes to the one that covers most of it. Marks too thin to have an interior are pixels
//! that no blend of their neighbours explains: they take an ink known from elsewhere, or become evidence
//! for one of their own. A ridge keeps a thin mark in one piece where no pixel of it is covered by half.

use std::collections::HashMap;

use super::intake::{Color, Intake, max_difference, squared_distance};
use super::palette::{Ink, MAX_INKS, NONE, Palette, flat_tolerance};

/// The ink that has most of each pixel.
#[derive(Debug, Clone)]
pub struct Labels {
    /// [`Palette::inks`] and those of thin marks.
    pub inks: Vec<Ink>,
    /// For each pixel, row by row, its ink.
    pub ink: Vec<u16>,
    /// Share of the pixels that no blend of inks explains, in [0, 1].
    pub unexplained: f64,
}

/// How a pixel is made of inks: `share` of `main`, the rest of `other`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blend {
    pub(super) main: u16,
    pub(super) other: u16,
    pub(super) share: f32,
    /// Distance from the pixel's colour, 8-bit steps.
    pub(super) residual: f32,
}

/// Distance of a blend from its pixel that rounding alone explains, 8-bit steps: one and a half in each of four
/// channels.
pub(super) const ROUNDING: f32 = 3.0;

/// What a third ink must gain, 8-bit steps: three inks explain nearly anything.
const THIRD_INK: f32 = 2.0;

/// Farthest inks that a blend may be made of, px: a box filter of one pixel needs 1, resampling more.
const REACH: usize = 3;

/// How much closer an explanation must be to count as better than another, 8-bit steps: rounding makes as much of two
/// that are the same.
const AS_GOOD: f32 = 1.0;

/// How far a thin mark goes on from the pixels that are sure to have its ink, px: a tip of 10 degrees is narrower than
/// half a pixel over 3 px, and than a whole one over 6.
const GOES_ON: usize = 8;

/// Least part of a ridge pixel that a thin mark covers, a share: one of 0.4 px between two rows of pixels has
/// as much of each.
const RIDGE_SHARE: f32 = 0.2;

/// New inks that thin marks may add, a count: artwork has fewer, and each costs a look at all puzzling pixels.
const MAX_THIN_INKS: usize = 64;

/// Unexplained pixels that are enough to believe in an ink of their own, a count: fewer are as a rule the tip
/// where four inks meet.
const THIN_EVIDENCE: usize = 5;

/// Part of the pixels beyond which thin marks are not looked for, a share: a picture with more is not made of
/// flat inks.
const MAX_UNEXPLAINED: f64 = 0.2;

/// What the pixels are made of.
#[derive(Debug, Clone)]
pub(super) struct Blends {
    /// [`Palette::inks`] and those of thin marks.
    pub(super) inks: Vec<Ink>,
    /// For each pixel, row by row, its ink, or [`NONE`] where it is a blend.
    pub(super) sure: Vec<u16>,
    /// The pixels that are, in order.
    pub(super) open: Vec<(usize, Blend)>,
    /// Share of the pixels that no blend of inks explains, in [0, 1].
    pub(super) unexplained: f64,
}

impl Blends {
    /// The ink that has most of each pixel of a picture of this size.
    pub(super) fn labels(self, w: usize, h: usize) -> Labels {
        let Self { inks, sure, open, unexplained } = self;
        let mut ink = sure.clone();
        for (i, blend) in &open {
            ink[*i] = if blend.share >= 0.5 { blend.main } else { blend.other };
        }
        ridges(w, h, &open, &sure, &mut ink);
        Labels { inks, ink, unexplained }
    }
}

/// Gives every pixel of `intake` an ink.
pub fn assign(intake: &Intake, palette: Palette, add_inks: bool) -> Labels {
    blends(intake, palette, add_inks).labels(intake.width, intake.height)
}

/// Explains every pixel of `intake` by the inks around it.
pub(super) fn blends(intake: &Intake, palette: Palette, add_inks: bool) -> Blends {
    let (w, h) = (intake.width, intake.height);
    let mut inks = palette.inks;
    let mut sure = palette.flat;
    let left = grow(intake, &inks, &mut sure);
    if inks.is_empty() {
        // Nothing is flat: the commonest colour is all there is to hold on to.
        inks.push(Ink::Flat(commonest(intake)));
    }
    let tolerance = ROUNDING + 2.0 * intake.deviation;
    let mut open: Vec<(usize, Blend)> = Vec::new();
    let rings = Rings::new(w, h, REACH);
    let (mut near, mut around) = (Around::new(), Vec::new());
    for i in left {
        let (x, y) = (i % w, i / w);
        rings.inks(&sure, i, &mut near);
        around.clear();
        around.extend(near.iter().map(|(ink, r)| (*ink, *r, inks[usize::from(*ink)].at(x, y))));
        open.push((i, explain(intake.color(i), &around, tolerance)));
    }
    let mut puzzling: Vec<usize> = (0..open.len()).filter(|k| open[*k].1.residual > tolerance).collect();
    let allowed = (MAX_UNEXPLAINED * (w * h) as f64).max(64.0) as usize;
    // Inks known from elsewhere, then new ones, the best supported first.
    if !puzzling.is_empty() && puzzling.len() <= allowed {
        let known: Vec<u16> =
            (0..inks.len().min(256) as u16).filter(|i| inks[usize::from(*i)].flat().is_some()).collect();
        retry(intake, &inks, &sure, &mut open, &mut puzzling, &known, tolerance);
        let (mut added, mut refused) = (0, Vec::new());
        while add_inks && added < MAX_THIN_INKS && inks.len() < MAX_INKS {
            let Some(color) = thin_ink(intake, &open, &puzzling, &inks, &refused) else { break };
            inks.push(Ink::Flat(color));
            added += 1;
            let new = [inks.len() as u16 - 1];
            let (before, pixels) = (open.clone(), puzzling.clone());
            retry(intake, &inks, &sure, &mut open, &mut puzzling, &new, tolerance);
            // A lone pixel in the midst of one ink is a mark; where more inks are near it is a blend of them.
            let lone = |k: &usize| neighbours(&sure, w, h, open[*k].0, REACH).len() == 1;
            let explained: Vec<usize> = pixels.iter().copied().filter(|k| puzzling.binary_search(k).is_err()).collect();
            if explained.len() < THIN_EVIDENCE && !explained.iter().any(lone) {
                // It explains itself and nothing else: a blend of more inks than three.
                inks.pop();
                refused.push(color);
                (open, puzzling) = (before, pixels);
            }
        }
    }
    let unexplained = puzzling.len() as f64 / (w * h) as f64;
    Blends { inks, sure, open, unexplained }
}

fn commonest(intake: &Intake) -> Color {
    let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
    for p in intake.pixels.iter() {
        *counts.entry(*p).or_default() += 1;
    }
    let best = counts.into_iter().max_by_key(|(c, n)| (*n, std::cmp::Reverse(*c)));
    best.map_or([0.0; 4], |(c, _)| c.map(f32::from))
}

/// How far an ink flows from its flat pixels, px: a flat pixel is one away from the edge of what is pure,
/// or two beside a corner. Farther, a row of blends that happens to have an ink's colour would be taken.
const FLOW: usize = 2;

/// Lets inks flow into pixels of their own colour; gives those that have none after that.
fn grow(intake: &Intake, inks: &[Ink], sure: &mut [u16]) -> Vec<usize> {
    let (w, h) = (intake.width, intake.height);
    let tolerance = flat_tolerance(intake).max(2);
    let byte = |v: f32| (v + 0.5) as u8;
    let flat: Vec<Option<[u8; 4]>> = inks.iter().map(|ink| ink.flat().map(|c| c.map(byte))).collect();
    let bytes = |ink: u16, x: usize, y: usize| {
        let ink = usize::from(ink);
        flat[ink].unwrap_or_else(|| inks[ink].at(x, y).map(byte))
    };
    let mut left = unsure(sure);
    let beside = |i: &usize| {
        let (x, y) = (i % w, i / w);
        x > 0 && sure[i - 1] != NONE
            || x + 1 < w && sure[i + 1] != NONE
            || y > 0 && sure[i - w] != NONE
            || y + 1 < h && sure[i + w] != NONE
    };
    let mut front: Vec<usize> = left.iter().copied().filter(beside).collect();
    let mut queued = vec![false; if front.is_empty() { 0 } else { w * h }];
    for round in 1..=FLOW {
        let mut reached: Vec<(usize, u16)> = Vec::new();
        for i in &front {
            let (x, y) = (i % w, i / w);
            let p = intake.pixels[*i];
            let mut nearest = (u8::MAX, NONE);
            let mut last = NONE;
            around(x, y, (w, h), |j| {
                let ink = sure[j];
                if ink != NONE && ink != last {
                    nearest = nearest.min((max_difference(bytes(ink, x, y), p), ink));
                    last = ink;
                }
            });
            if nearest.1 != NONE && nearest.0 <= tolerance {
                reached.push((*i, nearest.1));
            }
        }
        for (i, ink) in &reached {
            sure[*i] = *ink;
        }
        if round == FLOW {
            break;
        }
        front.clear();
        for (i, _) in &reached {
            around(i % w, i / w, (w, h), |j| {
                if sure[j] == NONE && !std::mem::replace(&mut queued[j], true) {
                    front.push(j);
                }
            });
        }
    }
    left.retain(|i| sure[*i] == NONE);
    left
}

/// Visits the pixels around another one, and itself.
fn around(x: usize, y: usize, (w, h): (usize, usize), mut visit: impl FnMut(usize)) {
    for yy in y.saturating_sub(1)..=(y + 1).min(h - 1) {
        for xx in x.saturating_sub(1)..=(x + 1).min(w - 1) {
            visit(yy * w + xx);
        }
    }
}

/// Pixels that are looked at together, a count: nearly all of a flat picture have an ink.
const PASSED: usize = 64;

/// The pixels that have no ink.
fn unsure(sure: &[u16]) -> Vec<usize> {
    let mut found = Vec::new();
    for (k, chunk) in sure.chunks(PASSED).enumerate() {
        // All bits are set in one that is none, and in hardly any others together.
        if chunk.iter().fold(0, |bits, ink| bits | ink) == NONE {
            found.extend((k * PASSED..).zip(chunk).filter(|(_, ink)| **ink == NONE).map(|(i, _)| i));
        }
    }
    found
}

/// Inks near a pixel, nearest first, each with its distance in px.
pub(super) type Around = Vec<(u16, usize)>;

/// The inks within `reach` px of pixel `i`.
pub(super) fn neighbours(sure: &[u16], w: usize, h: usize, i: usize, reach: usize) -> Around {
    let mut found = Around::with_capacity(4);
    find_neighbours(sure, (w, h), i, reach, &mut found);
    found
}

/// The pixels in rings around another one, for many pixels of one picture.
struct Rings {
    size: (usize, usize),
    reach: usize,
    /// How far each is from the middle, px, and in the list of pixels; in the order of [`find_neighbours`].
    offsets: Vec<(usize, isize)>,
}

impl Rings {
    fn new(w: usize, h: usize, reach: usize) -> Self {
        let row = w as isize;
        let ring = |r: usize| {
            let (own, k) = (r, r as isize);
            let across = (-k..=k).flat_map(move |x| [x - k * row, x + k * row]);
            let down = (1 - k..k).flat_map(move |y| [y * row - k, y * row + k]);
            across.chain(down).map(move |offset| (own, offset))
        };
        Self { size: (w, h), reach, offsets: (1..=reach).flat_map(ring).collect() }
    }

    /// The inks around pixel `i`.
    fn inks(&self, sure: &[u16], i: usize, found: &mut Around) {
        let (w, h) = self.size;
        let inside = |at: usize, size: usize| at >= self.reach && at + self.reach < size;
        if !inside(i % w, w) || !inside(i / w, h) {
            find_neighbours(sure, self.size, i, self.reach, found);
            return;
        }
        found.clear();
        let mut last = NONE;
        for (r, offset) in &self.offsets {
            let ink = sure[i.wrapping_add_signed(*offset)];
            if ink != NONE && ink != last {
                last = ink;
                if found.iter().all(|(f, _)| *f != ink) {
                    found.push((ink, *r));
                }
            }
        }
    }
}

/// The same as [`neighbours`] into a list that is there already.
fn find_neighbours(sure: &[u16], (w, h): (usize, usize), i: usize, reach: usize, found: &mut Around) {
    let (x, y) = (i % w, i / w);
    found.clear();
    let mut last = NONE;
    let mut visit = |r: usize, at: usize| {
        let ink = sure[at];
        if ink == NONE || ink == last {
            return;
        }
        last = ink;
        if found.iter().all(|(f, _)| *f != ink) {
            found.push((ink, r));
        }
    };
    for r in 1..=reach {
        let (x0, x1) = (x.saturating_sub(r), (x + r).min(w - 1));
        let (y0, y1) = (y.saturating_sub(r), (y + r).min(h - 1));
        for xx in x0..=x1 {
            if y >= r {
                visit(r, (y - r) * w + xx);
            }
            if y + r < h {
                visit(r, (y + r) * w + xx);
            }
        }
        for yy in y0.max((y + 1).saturating_sub(r))..=y1.min(y + r - 1) {
            if x >= r {
                visit(r, yy * w + x - r);
            }
            if x + r < w {
                visit(r, yy * w + x + r);
            }
        }
    }
}

fn distance(a: Color, b: Color) -> f32 {
    squared_distance(a, b).sqrt()
}

/// The share of `f` in `p` between `f` and `b`, in [0, 1], and how far `p` is from that blend.
pub(super) fn coverage(p: Color, f: Color, b: Color) -> (f32, f32) {
    let (mut num, mut den) = (0.0, 0.0);
    for i in 0..4 {
        num += (p[i] - b[i]) * (f[i] - b[i]);
        den += (f[i] - b[i]) * (f[i] - b[i]);
    }
    let a = if den > 0.0 { (num / den).clamp(0.0, 1.0) } else { 0.0 };
    let blend: Color = std::array::from_fn(|i| b[i] + a * (f[i] - b[i]));
    (a, distance(p, blend))
}

/// The cheapest explanation of `p` by the inks around it.
pub(super) fn explain(p: Color, around: &[(u16, usize, Color)], tolerance: f32) -> Blend {
    // A ring farther away must explain better by more than rounding.
    let far = |r: usize| (r as f32 - 1.0) * 1.5;
    let mut best = Blend { main: NONE, other: NONE, share: 1.0, residual: f32::INFINITY };
    let mut best_cost = f32::INFINITY;
    for (a, r, color) in around {
        let residual = distance(p, *color);
        if residual + far(*r) < best_cost {
            best_cost = residual + far(*r);
            best = Blend { main: *a, other: *a, share: 1.0, residual };
        }
    }
    for (k, (a, ra, first)) in around.iter().enumerate() {
        for (b, rb, second) in &around[..k] {
            let (share, residual) = coverage(p, *first, *second);
            let cost = residual + far(*ra.max(rb));
            if cost < best_cost {
                best_cost = cost;
                best = Blend { main: *a, other: *b, share, residual };
            }
        }
    }
    if best.residual > tolerance && around.len() >= 3 {
        for (k, (a, _, first)) in around.iter().enumerate() {
            for (j, (b, _, second)) in around[..k].iter().enumerate() {
                for (c, _, third) in &around[..j] {
                    let t = [*first, *second, *third];
                    if let Some((shares, residual)) = triple(p, t)
                        && residual + THIRD_INK < best.residual
                    {
                        let names = [*a, *b, *c];
                        let most = (0..3).max_by(|i, j| shares[*i].total_cmp(&shares[*j])).unwrap_or(0);
                        best = Blend { main: names[most], other: names[most], share: 1.0, residual };
                    }
                }
            }
        }
    }
    if best.main == NONE {
        best.main = 0;
        best.other = 0;
    }
    best
}

/// Shares of three inks, none negative, and how far `p` is from their blend.
fn triple(p: Color, t: [Color; 3]) -> Option<([f32; 3], f32)> {
    let u: Color = std::array::from_fn(|i| t[0][i] - t[2][i]);
    let v: Color = std::array::from_fn(|i| t[1][i] - t[2][i]);
    let q: Color = std::array::from_fn(|i| p[i] - t[2][i]);
    let dot = |a: &Color, b: &Color| -> f32 { a.iter().zip(b).map(|(x, y)| x * y).sum() };
    let (uu, uv, vv, uq, vq) = (dot(&u, &u), dot(&u, &v), dot(&v, &v), dot(&u, &q), dot(&v, &q));
    let det = uu * vv - uv * uv;
    // Three inks on one line blend in more than one way.
    if det < 1e-3 * uu * vv {
        return None;
    }
    let (a, b) = ((uq * vv - vq * uv) / det, (vq * uu - uq * uv) / det);
    if a < -0.02 || b < -0.02 || a + b > 1.02 {
        return None;
    }
    let blend: Color = std::array::from_fn(|i| t[2][i] + a * u[i] + b * v[i]);
    Some(([a, b, 1.0 - a - b], distance(p, blend)))
}

/// Explains the puzzling pixels again with more inks at hand; those that stay puzzling remain.
fn retry(
    intake: &Intake,
    inks: &[Ink],
    sure: &[u16],
    open: &mut [(usize, Blend)],
    puzzling: &mut Vec<usize>,
    more: &[u16],
    tolerance: f32,
) {
    let rings = Rings::new(intake.width, intake.height, REACH);
    let mut around = Around::new();
    puzzling.retain(|k| {
        let (i, blend) = &mut open[*k];
        let p = intake.color(*i);
        rings.inks(sure, *i, &mut around);
        let mut best = *blend;
        let mut all: Vec<Blend> = Vec::new();
        for ink in more {
            let at = |ink: u16| inks[usize::from(ink)].at(*i % intake.width, *i / intake.width);
            let color = at(*ink);
            let alone = distance(p, color);
            if alone < best.residual {
                best = Blend { main: *ink, other: *ink, share: 1.0, residual: alone };
            }
            for (near, _) in &around {
                let (share, residual) = coverage(p, color, at(*near));
                let found = Blend { main: *ink, other: *near, share, residual };
                all.extend((residual <= tolerance).then_some(found));
                if residual < best.residual - 0.5 {
                    best = found;
                }
            }
        }
        // Inks on one line with what is around explain it alike: the nearest of them goes on here.
        all.retain(|b| b.residual < best.residual + AS_GOOD);
        if all.iter().any(|b| b.main != best.main) {
            find_neighbours(sure, (intake.width, intake.height), *i, GOES_ON, &mut around);
            let away = |b: &Blend| around.iter().find(|(ink, _)| *ink == b.main).map(|(_, r)| *r);
            let nearest = all.iter().filter_map(|b| away(b).map(|r| (r, *b))).min_by_key(|(r, _)| *r);
            best = nearest.map_or(best, |(_, b)| b);
        }
        *blend = best;
        best.residual > tolerance
    });
}

/// The colour best supported by pixels that nothing explains so far.
fn thin_ink(
    intake: &Intake,
    open: &[(usize, Blend)],
    puzzling: &[usize],
    inks: &[Ink],
    refused: &[Color],
) -> Option<Color> {
    let step = (2.0 + 2.0 * intake.deviation) as u32;
    let mut votes: HashMap<[u8; 4], (f32, [f32; 4], f32)> = HashMap::new();
    for k in puzzling {
        let (i, blend) = open[*k];
        let p = intake.pixels[i];
        let bin = p.map(|v| (u32::from(v) / step) as u8);
        let vote = votes.entry(bin).or_insert((0.0, [0.0; 4], 0.0));
        // The farther from every known blend, the purer.
        let weight = blend.residual * blend.residual;
        vote.0 += weight;
        if blend.residual > vote.2 {
            vote.2 = blend.residual;
            vote.1 = p.map(f32::from);
        }
    }
    let new = votes.into_iter().filter(|(_, vote)| {
        inks.iter().filter_map(Ink::flat).chain(refused.iter().copied()).all(|i| distance(i, vote.1) > ROUNDING)
    });
    let (_, best) = new.max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(b.0.cmp(&a.0)))?;
    Some(best.1)
}

/// Gives ridge pixels to the thin mark that runs through them.
fn ridges(w: usize, h: usize, open: &[(usize, Blend)], sure: &[u16], ink: &mut [u16]) {
    let share = |x: isize, y: isize, of: u16| -> f32 {
        if x < 0 || y < 0 || x as usize >= w || y as usize >= h {
            return 0.0;
        }
        let i = y as usize * w + x as usize;
        if sure[i] != NONE {
            return f32::from(u8::from(sure[i] == of));
        }
        match open.binary_search_by_key(&i, |(i, _)| *i).ok().map(|k| &open[k].1) {
            Some(b) if b.main == of => b.share,
            Some(b) if b.other == of => 1.0 - b.share,
            _ => 0.0,
        }
    };
    for (i, blend) in open {
        let minor = blend.share.min(1.0 - blend.share);
        if minor < RIDGE_SHARE || blend.main == blend.other {
            continue;
        }
        let (minority, s) =
            if blend.share < 0.5 { (blend.main, blend.share) } else { (blend.other, 1.0 - blend.share) };
        let (x, y) = ((i % w) as isize, (i / w) as isize);
        for (dx, dy) in [(1, 0), (0, 1), (1, 1), (1, -1)] {
            let across = |sign: isize| share(x + sign * dx, y + sign * dy, minority);
            let beyond = |sign: isize| share(x + 2 * sign * dx, y + 2 * sign * dy, minority);
            // A mark that is not quite upright or level goes on in the row beside.
            let ahead = |sign: isize| {
                let (x, y) = (x - sign * dy, y + sign * dx);
                let beside = if dx * dy == 0 {
                    share(x - dx, y - dy, minority).max(share(x + dx, y + dy, minority))
                } else {
                    0.0
                };
                share(x, y, minority).max(beside)
            };
            // What fails most often comes first.
            if across(-1) < s
                && across(1) <= s
                && beyond(-1) < s * 0.5
                && beyond(1) < s * 0.5
                && ahead(1) >= RIDGE_SHARE
                && ahead(-1) >= RIDGE_SHARE
            {
                ink[*i] = minority;
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raster;
    use crate::trace::contour::intake::MARGIN;
    use crate::trace::contour::palette;

    fn labels(w: u32, h: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Labels {
        let data = (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        let raster = Raster::new(w, h, data).unwrap();
        let intake = Intake::new(&raster);
        assign(&intake, palette::find(&intake, &intake.runs(), None, &[], 0).unwrap(), true)
    }

    #[test]
    fn a_rim_of_blends_is_no_ink() {
        // A grey ink elsewhere has the very colour of the blends between black and white.
        let l = labels(40, 20, |x, y| {
            let v = if y > 14 {
                128
            } else {
                match x {
                    0..10 => 255,
                    10 => 128,
                    11..20 => 0,
                    20 => 100,
                    _ => 255,
                }
            };
            [v, v, v, 255]
        });
        assert_eq!(l.inks.len(), 3);
        assert_eq!(l.unexplained, 0.0);
        let at =
            |x: usize, y: usize| l.inks[usize::from(l.ink[(y + MARGIN) * (40 + 2 * MARGIN) + x + MARGIN])].at(x, y)[0];
        assert_eq!((at(10, 5), at(11, 5), at(20, 5), at(5, 17)), (255.0, 0.0, 0.0, 128.0));
    }

    #[test]
    fn rings_are_walked_in_the_order_of_neighbours() {
        let mut random = fastrand::Rng::with_seed(1);
        let (w, h) = (12, 9);
        let rings = Rings::new(w, h, REACH);
        let mut found = Around::new();
        for _ in 0..50 {
            let sure: Vec<u16> = (0..w * h).map(|_| [NONE, NONE, 0, 1, 2, 3][random.usize(..6)]).collect();
            for i in 0..w * h {
                rings.inks(&sure, i, &mut found);
                assert_eq!(found, neighbours(&sure, w, h, i, REACH));
            }
        }
    }

    #[test]
    fn a_thin_mark_gets_its_own_ink() {
        // A red line of 1.4 px on white: one pure row between two blends.
        let l = labels(30, 12, |_, y| match y {
            5 => [255, 204, 204, 255],
            6 => [255, 0, 0, 255],
            7 => [255, 204, 204, 255],
            _ => [255, 255, 255, 255],
        });
        assert_eq!(l.inks.len(), 2);
        assert_eq!(l.inks[1].flat(), Some([255.0, 0.0, 0.0, 255.0]));
        let at = |x: usize, y: usize| l.ink[(y + MARGIN) * (30 + 2 * MARGIN) + x + MARGIN];
        assert!((0..30).all(|x| at(x, 6) == 1 && at(x, 5) == 0));
    }
}
