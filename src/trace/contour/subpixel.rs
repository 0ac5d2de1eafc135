//! Stage 5: where a boundary runs inside its pixels.
//!
//! Along the axis that a boundary crosses more steeply, the coverages of a column (or row) of pixels add
//! up to the mean position of the boundary over that column: exactly, whatever its slope, and for a curve
//! but for `f''/24` px. That is the measurement; it holds where both ends of the column are pure. Where
//! another boundary is too near for that, the coverage of a single pixel is inverted for a half-plane
//! with the local normal (Dominici et al. 2020 and others use the like), with a larger σ.
//!
//! A mark that is thinner than two pixels is a ridge and not a step: no pixel need be full of it. Across it the
//! coverages add up to its width, exactly, and their centroid tells where its middle is; both of its boundaries lie
//! half a width from that. Along it, at its end, the same sums over whole columns tell where it stops. Each sample
//! carries its σ: the deviation of a pixel over the contrast, plus what the model leaves out.

use super::intake::Intake;
use super::labels::{Labels, coverage};
use super::lattice::{self, CELLS};
use super::palette::Ink;
use super::planar_map::{Boundary, PlanarMap};
use crate::document::Point;

/// One measured point of a boundary.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Where the boundary is, px.
    pub point: Point,
    /// Standard deviation across the boundary, px.
    pub sigma: f64,
}

/// Pixels to each side within which a column must become pure, a count: a slope of one needs two, resampled
/// edges one more.
const COLUMN: usize = 3;

/// Least coverage that counts as some, a share: rounding makes less of it where inks differ by all they can.
const PURE: f64 = 0.006;

/// Distance from a blend of the two inks beyond which a pixel belongs to another boundary too, 8-bit steps:
/// twice what rounding explains.
const FOREIGN: f32 = 6.0;

/// Deviation that the column model leaves out on a clean edge, px: the bend of the boundary over a column, and
/// the rounding of the renderer.
const COLUMN_SIGMA: f64 = 0.012;

/// Deviation that is added where columns of cells are measured, px: in cells, how far off interpolation is.
const CELL_SIGMA: f64 = 0.06;

/// What the deviation of such a point is multiplied by, a ratio: two cells of a pixel know no more than one of it.
const CELL_SPREAD: f64 = std::f64::consts::SQRT_2;

/// Deviation of a point from a single pixel, px: its normal is that of the lattice, and another boundary is
/// near.
pub(super) const PIXEL_SIGMA: f64 = 0.12;

/// Most pixels across a thin mark, a count: one of less than two pixels may lie in three.
const RIDGE_PIXELS: i32 = 3;

/// Least width of a thin mark that is measured, px: of less nobody sees where it is.
const MIN_RIDGE: f64 = 0.1;

/// Largest width of a thin mark whose end is measured by columns, px: a wider one is pure inside.
const MAX_RIDGE: f64 = 3.0;

/// Slices of a column in which a slanting mark is looked at, a count: a slope of one moves it by an eighth of a pixel
/// in each.
const SLICES: usize = 8;

/// How well a centroid is known, px: the rounding of two coverages.
const CENTROID_ROUNDING: f64 = 0.004;

/// Farthest to both sides that a mark may be seen at its end, px: its half width and a slope of one.
const CAP_REACH: i32 = 3;

/// Columns that are looked at where a thin mark ends, a count: two that the end is in, and two before it.
const CAP_PIXELS: i32 = 4;

/// How much the width may change from column to column before the end of a mark, a share: no more than rounding.
const CAP_CHANGE: f64 = 0.1;

/// Deviation of where a thin mark ends, px: the slope of its end is not known.
const CAP_SIGMA: f64 = 0.05;

/// Deviation of a point that is no more than the middle of a crack, px: it is uniform over a pixel.
const CRACK_SIGMA: f64 = 0.29;

/// Contrast below which the edge of a shaded area is not measured, 8-bit steps: a third of its width is noise
/// then.
const FAINT: f64 = 6.0;

/// Deviation that is added to a point where there is no contrast, px: it may be anywhere near.
const FAINT_SIGMA: f64 = 3.0;

/// Cracks in a row that are a side of their own whatever the direction around them, a count: a slope has single ones
/// across its direction, and at 45 degrees, where it may have two, columns measure both ways.
const SIDE: isize = 2;

/// Cracks before and after one that tell the direction of the boundary, a count: nine in all tell a slope to a
/// tenth.
const DIRECTION: usize = 4;

/// The measured points of `boundary`, in order. Empty along the rim of the picture.
pub fn measure(intake: &Intake, labels: &Labels, map: &PlanarMap, boundary: &Boundary) -> Vec<Sample> {
    if boundary.is_rim() {
        return Vec::new();
    }
    let ink = |region: u32| &labels.inks[usize::from(map.regions[region as usize].ink)];
    let (left, right) = (ink(boundary.left), ink(boundary.right));
    let mut side = Side { intake, map, boundary, inks: [left, right], pure: 0.0 };
    // What was put back to inks has no noise beside its blends.
    let restored = intake.damage.is_some();
    let pure = |pixel_sigma: f64| if restored { PURE as f32 } else { (4.0 * pixel_sigma).clamp(PURE, 0.25) as f32 };
    let contrast = |x: usize, y: usize| {
        let (left, right) = (left.at(x, y), right.at(x, y));
        (0..4).map(|c| f64::from(left[c] - right[c]).powi(2)).sum::<f64>().sqrt()
    };
    let even = left.flat().is_some() && right.flat().is_some();
    let pixel_sigma_at = |x: usize, y: usize| intake.coverage_deviation(left.at(x, y), right.at(x, y));
    let mut pixel_sigma = pixel_sigma_at(0, 0);
    side.pure = pure(pixel_sigma);

    let n = boundary.corners.len() - 1;
    let ring = boundary.is_ring();
    let at = |i: isize| -> Point {
        let i = if ring { i.rem_euclid(n as isize) } else { i.clamp(0, n as isize) };
        let (x, y) = boundary.corners[i as usize];
        Point::new(f64::from(x), f64::from(y))
    };
    let mut samples = Vec::with_capacity(n);
    let mut last_column = None;
    let size = intake.cells();
    let cell = |sigma: f64| if size > 1 { CELL_SPREAD * (sigma + CELL_SIGMA) } else { sigma };
    for i in 0..n as isize {
        let (a, b) = (at(i), at(i + 1));
        let reach = (DIRECTION * size) as isize;
        let direction = at(i + 1 + reach) - at(i - reach);
        let horizontal = a.y == b.y;
        let (along, across) = if horizontal { (direction.x, direction.y) } else { (direction.y, direction.x) };
        // A slope has single cracks across its direction: a run of them is a short side of its own.
        let own = b - a;
        let same = |k: isize| at(k + 1) - at(k) == own;
        let before = (1..SIDE * size as isize).take_while(|k| same(i - k)).count();
        let after = (1..SIDE * size as isize).take_while(|k| same(i + k)).count();
        let straight = (1 + before + after) as isize >= SIDE * size as isize;
        let level = along.abs() >= across.abs();
        if !(level || straight) {
            continue;
        }
        let (direction, along, across) = if level { (direction, along, across) } else { (own, 1.0, 0.0) };
        // From the left region to the right one.
        let outward = (b - a).turned();
        let middle = (a + b) * 0.5;
        if !even {
            // The contrast of shaded areas is another at each place.
            let (x, y) = boundary.corners[i as usize];
            let contrast = contrast(x as usize, y as usize);
            pixel_sigma = pixel_sigma_at(x as usize, y as usize);
            side.pure = pure(pixel_sigma);
            if contrast < FAINT {
                // Where an edge fades away, nobody sees where it is.
                let sigma = CRACK_SIGMA + FAINT_SIGMA * (1.0 - contrast / FAINT);
                samples.push(Sample { point: (a + b) * 0.5, sigma });
                continue;
            }
        }
        let slant = along.abs() / direction.length().max(1e-9);
        if let Some(pixels) = &intake.pixelwise
            && let Some((point, n)) = side.pixel_column(pixels, middle, outward)
        {
            // All cells of the column tell the same.
            if last_column != Some(point) {
                last_column = Some(point);
                let sigma = size as f64 * (pixel_sigma * (n as f64).sqrt() * slant + COLUMN_SIGMA);
                samples.push(Sample { point, sigma });
            }
            continue;
        }
        let column = side.column(middle, outward);
        if !level && column.is_none() {
            continue;
        }
        samples.push(if let Some((offset, pixels)) = column {
            let sigma = pixel_sigma * (pixels as f64).sqrt() * slant + COLUMN_SIGMA;
            Sample { point: middle + outward * offset, sigma: cell(sigma) }
        } else if let Some((offset, sigma)) =
            side.ridge(middle, outward, across / along).or_else(|| side.cap(middle, outward))
        {
            let sigma = (pixel_sigma + sigma) * slant + COLUMN_SIGMA;
            Sample { point: middle + outward * offset, sigma: cell(sigma) }
        } else {
            let normal = direction.turned().unit();
            let (point, sigma) = side.pixel(middle, outward, normal).unwrap_or((middle, CRACK_SIGMA));
            Sample { point, sigma: cell(sigma) }
        });
    }
    if samples.len() < 2 {
        // A speck, all of it diagonal: the cracks are all there is.
        samples = (0..n as isize).map(|i| Sample { point: (at(i) + at(i + 1)) * 0.5, sigma: CRACK_SIGMA }).collect();
    }
    samples
}

struct Side<'a> {
    intake: &'a Intake,
    map: &'a PlanarMap,
    boundary: &'a Boundary,
    inks: [&'a Ink; 2],
    /// Coverage that counts as none.
    pure: f32,
}

impl Side<'_> {
    /// The pixel whose centre is at `p`, its region and its coverage by the left ink.
    fn look(&self, p: Point) -> Option<(u32, f32)> {
        let i = self.map.pixel_at(p)?;
        let (x, y) = (i % self.map.width, i / self.map.width);
        let (a, residual) = coverage(self.intake.color(i), self.inks[0].at(x, y), self.inks[1].at(x, y));
        (residual <= FOREIGN + 3.0 * self.intake.deviation).then_some((self.map.region_of[i], a))
    }

    /// Distance along `outward` from the crack at `middle` to the boundary, by the column's coverages,
    /// and the number of pixels that took part.
    fn column(&self, middle: Point, outward: Point) -> Option<(f64, usize)> {
        let mut offset = 0.0;
        let mut pixels = 0;
        'sides: for (sign, region) in [(-1.0, self.boundary.left), (1.0, self.boundary.right)] {
            for k in 0..COLUMN * self.intake.cells() {
                let (r, a) = self.look(middle + outward * (sign * (k as f64 + 0.5)))?;
                if r != region {
                    return None;
                }
                let missing = if sign < 0.0 { 1.0 - a } else { a };
                if missing <= self.pure {
                    continue 'sides;
                }
                offset += sign * f64::from(missing);
                pixels += 1;
            }
            return None;
        }
        Some((offset, pixels.max(1)))
    }

    /// The point on the boundary in the column of whole `pixels` that the crack between cells at `middle` is in, and how
    /// many of them took part.
    fn pixel_column(&self, pixels: &Intake, middle: Point, outward: Point) -> Option<(Point, usize)> {
        let pure = f64::from(self.pure);
        // The share of the left ink, and how many of the cells are of either region; there must be no others.
        let look = |p: Point| {
            let corner = lattice::to_cells(Point::new(p.x.floor(), p.y.floor()));
            let (mut left, mut right) = (0, 0);
            for k in 0..CELLS * CELLS {
                let cell = corner + Point::new((k % CELLS) as f64 + 0.5, (k / CELLS) as f64 + 0.5);
                let region = self.map.region_of[self.map.pixel_at(cell)?];
                left += usize::from(region == self.boundary.left);
                right += usize::from(region == self.boundary.right);
            }
            let (x, y) = (p.x as usize, p.y as usize);
            let color = pixels.color(y * pixels.width + x);
            let (share, residual) = coverage(color, self.inks[0].at(x, y), self.inks[1].at(x, y));
            let known = residual <= FOREIGN + 3.0 * pixels.deviation && left + right == CELLS * CELLS;
            known.then_some((f64::from(share), left, right))
        };
        let before = lattice::to_pixels(middle - outward * 0.5);
        let centre = Point::new(before.x.floor() + 0.5, before.y.floor() + 0.5);
        let mut start = centre;
        let mut reach = 0;
        loop {
            let (share, left, _) = look(start)?;
            if left == CELLS * CELLS && share >= 1.0 - pure {
                break;
            }
            reach += 1;
            if reach == COLUMN {
                return None;
            }
            start = start - outward;
        }
        let mut sum = 0.0;
        for k in 0..=reach + COLUMN {
            let (share, _, right) = look(start + outward * k as f64)?;
            if right == CELLS * CELLS && share <= pure {
                return Some((lattice::to_cells(start + outward * (sum - 0.5)), k.max(2) - 1));
            }
            sum += share;
        }
        None
    }

    /// The share of the left ink in the pixel whose centre is at `p`, and whether its region has that ink; `None` where
    /// a third ink is.
    fn share(&self, p: Point) -> Option<(bool, f64)> {
        let (region, share) = self.look(p)?;
        let ink = |region: u32| self.map.regions[region as usize].ink;
        let is_left = ink(region) == ink(self.boundary.left);
        (is_left || ink(region) == ink(self.boundary.right)).then_some((is_left, f64::from(share)))
    }

    /// Distance along `outward` from the crack at `middle` to the boundary where a thin mark lies on one of its
    /// sides, and how uncertain it is, px; `slope` is how far the mark moves along `outward` in a step beside it.
    fn ridge(&self, middle: Point, outward: Point, slope: f64) -> Option<(f64, f64)> {
        [true, false].into_iter().find_map(|left| self.ridge_on(middle, outward, slope, left))
    }

    fn ridge_on(&self, middle: Point, outward: Point, slope: f64, left: bool) -> Option<(f64, f64)> {
        let inward = if left { -outward } else { outward };
        // Whether the pixel that is `t` from the crack is the mark's, and how much of it is.
        let look = |t: f64| {
            let (is_left, share) = self.share(middle + inward * t)?;
            Some((is_left == left, if left { share } else { 1.0 - share }))
        };
        let pure = f64::from(self.pure);
        let (mut width, mut moment) = (0.0, 0.0);
        let mut add = |t: f64, share: f64| {
            width += share;
            moment += share * t;
        };
        let mut end = 0;
        loop {
            let (own, share) = look(f64::from(end) + 0.5)?;
            if !own {
                break;
            }
            if share >= 1.0 - pure || end >= RIDGE_PIXELS * self.intake.cells() as i32 {
                return None;
            }
            add(f64::from(end) + 0.5, share);
            end += 1;
        }
        for (from, step) in [(f64::from(end) + 0.5, 1.0), (-0.5, -1.0)] {
            let mut k = 0;
            loop {
                let t = from + step * k as f64;
                let (own, share) = look(t)?;
                if own || k >= COLUMN * self.intake.cells() {
                    return None;
                }
                if share <= pure {
                    break;
                }
                add(t, share);
                k += 1;
            }
        }
        if width < MIN_RIDGE {
            return None;
        }
        let (center, spread) = centroid(moment / width, width, slope);
        Some(((center - width / 2.0) * if left { -1.0 } else { 1.0 }, spread))
    }

    /// The same where a thin mark ends: its width, column by column, against that of the columns before its end.
    fn cap(&self, middle: Point, outward: Point) -> Option<(f64, f64)> {
        [true, false].into_iter().find_map(|left| self.cap_on(middle, outward, left))
    }

    fn cap_on(&self, middle: Point, outward: Point, left: bool) -> Option<(f64, f64)> {
        let inward = if left { -outward } else { outward };
        let beside = outward.turned();
        let width = |t: f64| {
            let mut sum = 0.0;
            for k in -CAP_REACH..=CAP_REACH {
                let (_, share) = self.share(middle + inward * t + beside * f64::from(k))?;
                let share = if left { share } else { 1.0 - share };
                if k.abs() == CAP_REACH && share > f64::from(self.pure) {
                    return None;
                }
                sum += share;
            }
            Some(sum)
        };
        let inner: Vec<f64> = (0..CAP_PIXELS).map(|k| width(f64::from(k) + 0.5)).collect::<Option<_>>()?;
        let (before, whole) = (inner[inner.len() - 2], inner[inner.len() - 1]);
        if !(MIN_RIDGE..MAX_RIDGE).contains(&whole) || (before - whole).abs() > CAP_CHANGE * whole {
            return None;
        }
        let whole = (before + whole) / 2.0;
        let mut missing: f64 = inner[..inner.len() - 2].iter().map(|w| 1.0 - w / whole).sum();
        let mut k = 0;
        loop {
            let outside = width(-0.5 - f64::from(k))?;
            if outside <= f64::from(self.pure) {
                break;
            }
            if k >= 2 {
                return None;
            }
            missing -= outside / whole;
            k += 1;
        }
        Some((missing * if left { -1.0 } else { 1.0 }, CAP_SIGMA))
    }

    /// The point on the boundary in one of the two pixels at the crack, from its own coverage.
    fn pixel(&self, middle: Point, outward: Point, normal: Point) -> Option<(Point, f64)> {
        let mut best: Option<(Point, f64)> = None;
        for sign in [-0.5, 0.5] {
            let center = middle + outward * sign;
            if let Some((_, a)) = self.look(center) {
                let a = f64::from(a);
                let off_center = (a - 0.5).abs();
                if off_center < 0.42 && best.is_none_or(|(_, o)| off_center < o) {
                    best = Some((center + normal * half_plane(a, normal), off_center));
                }
            }
        }
        best.map(|(p, _)| (p, PIXEL_SIGMA))
    }
}

/// The middle of a mark of `width` whose coverages in the pixels of a column have the centroid `seen`, and how far
/// from it the middle may be; `slope` is how far it moves along the column in the width of it.
fn centroid(seen: f64, width: f64, slope: f64) -> (f64, f64) {
    // Each part of the mark counts at the centre of its pixel: the integral of that.
    let sum = |t: f64| {
        let whole = t.floor();
        whole * whole / 2.0 + (whole + 0.5) * (t - whole)
    };
    let of = |middle: f64| {
        let at = |k: usize| middle + slope * ((k as f64 + 0.5) / SLICES as f64 - 0.5);
        (0..SLICES).map(|k| sum(at(k) + width / 2.0) - sum(at(k) - width / 2.0)).sum::<f64>() / (width * SLICES as f64)
    };
    // It grows with the middle, but not where all of a level mark is in one pixel.
    let search = |goal: f64| {
        let (mut low, mut high) = (seen - 0.75, seen + 0.75);
        for _ in 0..12 {
            let middle = (low + high) / 2.0;
            if of(middle) < goal { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    };
    let (low, high) = (search(seen - CENTROID_ROUNDING), search(seen + CENTROID_ROUNDING));
    ((low + high) / 2.0, (high - low) / 12f64.sqrt())
}

/// Signed distance from the centre of a unit square to the line with unit normal `n` below which a
/// share `a` of the square lies: the exact inverse of the half-plane's coverage.
pub fn half_plane(a: f64, n: Point) -> f64 {
    let (big, small) = (n.x.abs().max(n.y.abs()), n.x.abs().min(n.y.abs()));
    let a = a.clamp(0.0, 1.0);
    let corner = if big > 0.0 { small / (2.0 * big) } else { 0.0 };
    let low = |a: f64| -(big + small) / 2.0 + (2.0 * a * big * small).sqrt();
    if a < corner {
        low(a)
    } else if a <= 1.0 - corner {
        big * (a - 0.5)
    } else {
        -low(1.0 - a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_thin_mark_is_found_from_its_coverages() {
        for slope in [-0.9, -0.2, 0.0, 0.05, 0.4, 1.0] {
            for k in 0..20 {
                let (middle, width) = (0.05 * f64::from(k), 0.3 + 0.08 * f64::from(k));
                let slices: Vec<f64> =
                    (0..1000).map(|k| middle + slope * ((f64::from(k) + 0.5) / 1000.0 - 0.5)).collect();
                let (mut sum, mut moment) = (0.0, 0.0);
                for row in -4..5 {
                    let (low, high) = (f64::from(row), f64::from(row) + 1.0);
                    let inside = |m: &f64| ((m + width / 2.0).min(high) - (m - width / 2.0).max(low)).max(0.0);
                    let share = slices.iter().map(inside).sum::<f64>() / 1000.0;
                    sum += share;
                    moment += share * (low + 0.5);
                }
                assert!((sum - width).abs() < 1e-9);
                let (found, spread) = centroid(moment / sum, width, slope);
                assert!((found - middle).abs() < 0.02 + 2.0 * spread, "{slope} {middle} {width}: {found} {spread}");
                assert!(spread < 0.1 || slope.abs() < 0.1, "{slope} {middle} {width}: {spread}");
            }
        }
    }

    #[test]
    fn half_plane_coverage_is_inverted_exactly() {
        // Coverage by counting a fine grid of points.
        for degrees in [0, 7, 20, 45, 60, 89, 133, 200, 310] {
            let n = Point::new(f64::from(degrees).to_radians().cos(), f64::from(degrees).to_radians().sin());
            for step in -13..=13 {
                let d = f64::from(step) * 0.05;
                let count = (0..400 * 400)
                    .filter(|i| {
                        let p = Point::new(f64::from(i % 400) + 0.5, f64::from(i / 400) + 0.5) * (1.0 / 400.0)
                            - Point::new(0.5, 0.5);
                        p.dot(n) <= d
                    })
                    .count();
                let a = count as f64 / 160_000.0;
                if a > 0.01 && a < 0.99 {
                    assert!((half_plane(a, n) - d).abs() < 0.01, "{degrees} degrees, {d}: {}", half_plane(a, n));
                }
            }
        }
    }
}
