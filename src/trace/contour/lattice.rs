//! A finer lattice for marks and gaps that are thinner than a pixel.
//!
//! Regions are made of whole pixels, so that two edges less than a pixel apart run into each other, and what they
//! bound falls to pieces. Here every pixel is cut into four cells, and the stages work on those as if they were pixels.
//! Cells are interpolated (Keys 1981, cubic convolution), held within the colours around them, and moved until the four
//! have their pixel's colour again (Irani and Peleg 1991, iterative back-projection); pixels of one ink stay as they
//! are. So cells settle which regions there are and about where they end, while positions come from columns of whole
//! pixels where those can be measured, and the refinement holds the curves against the pixels themselves.

use super::intake::{Color, Intake, MARGIN};
use super::labels::{Blend, Blends, coverage};
use super::palette::NONE;
use super::subpixel::{PIXEL_SIGMA, Sample};
use crate::Raster;
use crate::document::{Document, Point};

/// Cells along a side of a pixel, a count: halves tell apart what is drawn in icons, quarters are not known.
pub(super) const CELLS: usize = 2;

/// Longest side of a picture that is cut into cells, px: what is drawn in larger ones is seldom thinner than a pixel,
/// and cells lose more than they gain then (`docs/engine-log.md`).
const MOST: usize = 320;

/// Samples in a row from single pixels that tell of something thin, a count: fewer are a corner or a junction.
const RUN: usize = 4;

/// Samples from single pixels in all that do, a count: those of the corners of a few shapes are fewer.
const UNCLEAR: usize = 45;

/// Least part of all samples that they must be, a share: corners and junctions alone are less.
const UNCLEAR_SHARE: f64 = 0.02;

/// Pixels of the margin that the cells leave out, a count: the margin is as wide in cells.
const CUT: usize = MARGIN * (CELLS - 1) / CELLS;

/// Times that cells are moved towards the colour of their pixel, a count: the third moves hardly any.
const ROUNDS: usize = 3;

/// Weights of the four pixels in a row around a place a quarter of a pixel before the second, a share: cubic
/// convolution with a slope of -1/2.
const WEIGHTS: [f32; 4] = [-0.070_312_5, 0.867_187_5, 0.226_562_5, -0.023_437_5];

/// Whether `intake` may be cut into cells, as `wanted`: 0 by what it is like, 1 no, 2 yes. Never where inks are shaded,
/// whose gradients are known by pixel, or where damage was taken out, which leaves blends that say little.
pub(super) fn is_allowed(wanted: i64, intake: &Intake, blends: &Blends) -> bool {
    let can = intake.damage.is_none() && blends.inks.iter().all(|ink| ink.flat().is_some());
    can && (wanted == CELLS as i64 || wanted == 0 && intake.width.max(intake.height) <= MOST)
}

/// Whether it is to be, where the boundaries among its pixels have these `samples`: many of them could be measured in
/// single pixels only, where things are closer than pixels tell.
pub(super) fn is_needed(wanted: i64, samples: &[Vec<Sample>]) -> bool {
    let unclear = |s: &Sample| s.sigma >= PIXEL_SIGMA;
    let runs = || samples.iter().flat_map(|of| of.split(|s| !unclear(s))).map(<[Sample]>::len);
    let all: usize = samples.iter().map(Vec::len).sum();
    let (n, longest) = (runs().sum::<usize>(), runs().max().unwrap_or(0));
    wanted == CELLS as i64 || longest >= RUN || n >= UNCLEAR && n as f64 > UNCLEAR_SHARE * all as f64
}

/// Where a point among the cells is among the pixels.
pub(super) fn to_pixels(p: Point) -> Point {
    p * (1.0 / CELLS as f64) + Point::new(CUT as f64, CUT as f64)
}

/// Where a point among the pixels is among the cells.
pub(super) fn to_cells(p: Point) -> Point {
    (p - Point::new(CUT as f64, CUT as f64)) * CELLS as f64
}

/// `intake` in cells, and the `blends` that its pixels are. All inks must be flat ones.
pub(super) fn finer(intake: Intake, blends: Blends) -> (Intake, Blends) {
    let (w, h) = (intake.width, intake.height);
    let (wide, high) = ((w - 2 * CUT) * CELLS, (h - 2 * CUT) * CELLS);
    let mut pixels = vec![[0u8; 4]; wide * high];
    let mut sure = vec![NONE; wide * high];
    let mut open: Vec<(usize, Blend)> = Vec::with_capacity(CELLS * CELLS * blends.open.len());
    let mut next = blends.open.iter().peekable();
    for i in 0..w * h {
        let (x, y) = (i % w, i / w);
        let blend = next.next_if(|(at, _)| *at == i);
        if x < CUT || y < CUT || x >= w - CUT || y >= h - CUT {
            continue;
        }
        let first = (y - CUT) * CELLS * wide + (x - CUT) * CELLS;
        let places = [first, first + 1, first + wide, first + wide + 1];
        let Some((_, blend)) = blend else {
            for place in places {
                pixels[place] = intake.pixels[i];
                sure[place] = blends.sure[i];
            }
            continue;
        };
        let ink = |ink: u16| blends.inks[usize::from(ink)].flat().unwrap_or_default();
        for (place, color) in places.into_iter().zip(interpolated(&intake, x, y)) {
            pixels[place] = color.map(|v| (v + 0.5) as u8);
            let (share, residual) = coverage(color, ink(blend.main), ink(blend.other));
            let share = if blend.main == blend.other { 1.0 } else { share };
            open.push((place, Blend { share, residual, ..*blend }));
        }
    }
    open.sort_unstable_by_key(|(i, _)| *i);
    let Intake { noise, deviation, known_noise, .. } = intake;
    let pixelwise = Some(Box::new(intake));
    let cells = Intake { width: wide, height: high, pixels, noise, deviation, known_noise, damage: None, pixelwise };
    (cells, Blends { sure, open, ..blends })
}

/// `document` in px of `raster`; it may have been drawn in cells.
pub(super) fn in_pixels(document: Document, raster: &Raster) -> Document {
    if document.width == raster.width() {
        return document;
    }
    let size = 1.0 / CELLS as f64;
    document.scaled((raster.width(), raster.height()), size, |p| p * size)
}

/// The colours of the four cells of a pixel, row by row.
fn interpolated(intake: &Intake, x: usize, y: usize) -> [Color; 4] {
    let (w, h) = (intake.width, intake.height);
    let near = |at: usize, k: usize, size: usize| (at + k).saturating_sub(2).min(size - 1);
    let around: [[Color; 5]; 5] =
        std::array::from_fn(|r| std::array::from_fn(|c| intake.color(near(y, r, h) * w + near(x, c, w))));
    let mut colors = [[0.0; 4]; 4];
    for c in 0..4 {
        let inner = around[1..4].iter().flat_map(|row| row[1..4].iter().map(|p| p[c]));
        let (least, most) = inner.fold((f32::MAX, f32::MIN), |(l, m), v| (l.min(v), m.max(v)));
        let mut cells = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, below)| {
            // The weights run away from the side that the cell is on.
            let along = |side: usize, at: &dyn Fn(usize) -> f32| -> f32 {
                (0..4).map(|k| WEIGHTS[k] * at(if side == 0 { 3 - k } else { 1 + k })).sum()
            };
            along(below, &|r| along(right, &|k| around[r][k][c])).clamp(least, most)
        });
        for _ in 0..ROUNDS {
            let off = around[2][2][c] - cells.iter().sum::<f32>() / 4.0;
            cells = cells.map(|v| (v + off).clamp(least, most));
        }
        for (color, v) in colors.iter_mut().zip(cells) {
            color[c] = v;
        }
    }
    colors
}

#[cfg(test)]
mod tests {
    use super::super::{labels, palette};
    use super::*;

    /// Two black bars with a gap of 0.6 px between them that ends halfway down.
    fn bars() -> Raster {
        let share = |at: f64, from: f64, to: f64| ((at + 1.0).min(to) - at.max(from)).clamp(0.0, 1.0);
        let data = (0..32 * 32).flat_map(|i| {
            let (x, y) = (f64::from(i % 32), f64::from(i / 32));
            let gap = share(x, 15.7, 16.3) * share(y, 4.0, 18.0);
            let ink = share(x, 6.2, 26.1) * share(y, 4.0, 28.0) - gap;
            let v = (255.0 * (1.0 - ink)).round() as u8;
            [v, v, v, 255]
        });
        Raster::new(32, 32, data.collect()).unwrap()
    }

    #[test]
    fn cells_have_the_colour_of_their_pixel_and_inks_stay() {
        let intake = Intake::new(&bars());
        let palette = palette::find(&intake, &intake.runs(), None, &[], 0).unwrap();
        let blends = labels::blends(&intake, palette, true);
        assert!(!blends.open.is_empty());
        let before = blends.clone();
        let (cells, blends) = finer(intake.clone(), blends);
        assert_eq!((cells.width, cells.height), ((32 + MARGIN) * CELLS, (32 + MARGIN) * CELLS));
        assert_eq!(blends.open.len(), before.open.len() * CELLS * CELLS);
        for y in CUT..intake.height - CUT {
            for x in CUT..intake.width - CUT {
                let own = intake.color(y * intake.width + x);
                let at = |k: usize| ((y - CUT) * CELLS + k / CELLS) * cells.width + (x - CUT) * CELLS + k % CELLS;
                let mean = (0..CELLS * CELLS).map(|k| cells.color(at(k))[0]).sum::<f32>() / (CELLS * CELLS) as f32;
                assert!((mean - own[0]).abs() < 3.0, "{x} {y}: {mean} for {}", own[0]);
                if before.sure[y * intake.width + x] != NONE {
                    assert!((0..CELLS * CELLS).all(|k| cells.color(at(k)) == own), "{x} {y}");
                }
            }
        }
    }

    #[test]
    fn only_what_single_pixels_measure_is_cut_into_cells() {
        let at = |sigma: f64, n: usize| vec![Sample { point: Point::default(), sigma }; n];
        let (clear, unclear) = (at(0.02, 300), at(PIXEL_SIGMA, 1));
        let corners = |n: usize| (0..n).flat_map(|_| [at(0.02, 3), unclear.clone()].concat()).collect::<Vec<_>>();
        // A few corners, however close; as many as a line of lettering has; and one thin gap.
        assert!(!is_needed(0, &[clear.clone(), corners(UNCLEAR - 1)]));
        assert!(is_needed(0, &[clear.clone(), corners(UNCLEAR)]));
        assert!(!is_needed(0, &[at(0.02, 100_000), corners(UNCLEAR)]));
        assert!(!is_needed(0, &[clear.clone(), at(PIXEL_SIGMA, RUN - 1)]));
        assert!(is_needed(0, &[clear.clone(), at(PIXEL_SIGMA, RUN)]));
        assert!(is_needed(2, &[clear]) && !is_needed(0, &[]));
    }

    #[test]
    fn points_come_back_from_cells() {
        for p in [Point::new(0.0, 0.0), Point::new(3.25, 7.5), Point::new(-1.0, 900.125)] {
            assert_eq!(to_pixels(to_cells(p)), p);
        }
    }
}
