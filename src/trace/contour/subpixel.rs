//! Stage 5: where a boundary runs inside its pixels.
//!
//! Along the axis that a boundary crosses more steeply, the coverages of a column (or row) of pixels add
//! up to the mean position of the boundary over that column: exactly, whatever its slope, and for a curve
//! but for `f''/24` px. That is the measurement; it holds where both ends of the column are pure. Where
//! another boundary is too near for that, the coverage of a single pixel is inverted for a half-plane
//! with the local normal (Dominici et al. 2020 and others use the like), with a larger σ. Each sample
//! carries its σ: the deviation of a pixel over the contrast, plus what the model leaves out.

use super::intake::Intake;
use super::labels::{Labels, coverage};
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

/// Deviation of a point from a single pixel, px: its normal is that of the lattice, and another boundary is
/// near.
const PIXEL_SIGMA: f64 = 0.12;

/// Deviation of a point that is no more than the middle of a crack, px: it is uniform over a pixel.
const CRACK_SIGMA: f64 = 0.29;

/// Contrast below which the edge of a shaded area is not measured, 8-bit steps: a third of its width is noise
/// then.
const FAINT: f64 = 6.0;

/// Deviation that is added to a point where there is no contrast, px: it may be anywhere near.
const FAINT_SIGMA: f64 = 3.0;

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
    for i in 0..n as isize {
        let (a, b) = (at(i), at(i + 1));
        let reach = DIRECTION as isize;
        let direction = at(i + 1 + reach) - at(i - reach);
        let horizontal = a.y == b.y;
        let (along, across) = if horizontal { (direction.x, direction.y) } else { (direction.y, direction.x) };
        if along.abs() < across.abs() {
            continue;
        }
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
        samples.push(if let Some((offset, pixels)) = side.column(middle, outward) {
            let slant = along.abs() / direction.length().max(1e-9);
            let sigma = pixel_sigma * (pixels as f64).sqrt() * slant + COLUMN_SIGMA;
            Sample { point: middle + outward * offset, sigma }
        } else {
            let normal = direction.turned().unit();
            let (point, sigma) = side.pixel(middle, outward, normal).unwrap_or((middle, CRACK_SIGMA));
            Sample { point, sigma }
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
            for k in 0..COLUMN {
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
