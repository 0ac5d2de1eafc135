//! Upright rectangles of a few pixels, such as a window in a house.
//!
//! Their sides have next to no samples, since those beside a corner do not count. But all their pixels together say
//! that they are rectangles: the coverage of each is the product of what its row and its column have, and between the
//! first and the last of these every row and column is full. How much of a row is covered, in all, is then the width
//! where the row is full, and the share of the row elsewhere.

use super::fit::Curve;
use super::intake::Intake;
use super::labels::{Labels, coverage};
use super::planar_map::{Boundary, PlanarMap};
use crate::document::Point;

/// Least width of the pixels on a boundary up to which it is looked at, a count: a wider one has samples along its
/// sides.
const MOST: u32 = 6;

/// Most pixels inside, a count: the length of a line of that width in a picture of 512 px, twice.
const MOST_PIXELS: u32 = 6144;

/// Coverage that may be missing or too much in a pixel, a share: rounding of the pixel and of both inks, where these
/// differ by all they can.
const ROUNDING: f64 = 0.01;

/// The same against the deviation of a coverage, a ratio: noise alone hardly ever strays as far.
const SIGMAS: f64 = 4.0;

/// Largest such coverage, a share: with more, a disc or a lozenge of the same size looks like a rectangle.
const MOST_OFF: f64 = 0.05;

/// Largest distance of a pixel from a blend of the two inks, 8-bit steps: as much as rounding explains.
const FOREIGN: f32 = 3.0;

/// The rectangle that a ring around a few pixels is, when their coverages are those of one.
pub(super) fn rectangle(intake: &Intake, labels: &Labels, map: &PlanarMap, boundary: &Boundary) -> Option<Curve> {
    if !boundary.is_ring() || boundary.is_rim() {
        return None;
    }
    let bounds = |of: fn(&(u32, u32)) -> u32| {
        let all = boundary.corners.iter().map(of);
        Some((all.clone().min()?, all.max()?))
    };
    let ((left, right), (top, bottom)) = (bounds(|c| c.0)?, bounds(|c| c.1)?);
    let (w, h) = (right - left, bottom - top);
    if w.min(h) > MOST || w.max(h).saturating_mul(w.min(h)) > MOST_PIXELS {
        return None;
    }
    let ink = |region: u32| labels.inks.get(usize::from(map.regions.get(region as usize)?.ink))?.flat();
    // What is walked turning right has its inside on its right.
    let turns_right = boundary.twice_area() > 0;
    let (inside, outside) = if turns_right { (boundary.right, boundary.left) } else { (boundary.left, boundary.right) };
    let (inner, outer) = (ink(inside)?, ink(outside)?);
    let tolerance = ROUNDING + SIGMAS * intake.coverage_deviation(inner, outer);
    if tolerance > MOST_OFF {
        return None;
    }
    let covered = |x: i64, y: i64| {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if x >= map.width || y >= map.height {
            return None;
        }
        let (share, off) = coverage(intake.color(y * map.width + x), inner, outer);
        (off <= FOREIGN + 3.0 * intake.deviation).then_some(f64::from(share))
    };
    // Pixels that are covered by less than a half may be outside of the ring.
    let (mut x, mut y) = ((i64::from(left) - 1, i64::from(right)), (i64::from(top) - 1, i64::from(bottom)));
    let strips = |x: (i64, i64), y: (i64, i64)| {
        let rows = |at: i64| (x.0..=x.1).map(move |x| (x, at)).collect::<Vec<_>>();
        let columns = |at: i64| (y.0..=y.1).map(move |y| (at, y)).collect::<Vec<_>>();
        let clear = |strip: Vec<(i64, i64)>| {
            strip.into_iter().try_fold(true, |clear, (x, y)| Some(clear && covered(x, y)? <= tolerance))
        };
        Some([clear(columns(x.0))?, clear(columns(x.1))?, clear(rows(y.0))?, clear(rows(y.1))?])
    };
    let clear = strips(x, y)?;
    x = (x.0 - i64::from(!clear[0]), x.1 + i64::from(!clear[1]));
    y = (y.0 - i64::from(!clear[2]), y.1 + i64::from(!clear[3]));
    if clear.contains(&false) && strips(x, y)?.contains(&false) {
        return None;
    }
    let (x, y) = ((x.0 + 1, x.1 - 1), (y.0 + 1, y.1 - 1));
    let width = usize::try_from(x.1 - x.0 + 1).ok()?;
    let mut shares = Vec::with_capacity(width * usize::try_from(y.1 - y.0 + 1).ok()?);
    for row in y.0..=y.1 {
        for column in x.0..=x.1 {
            shares.push(covered(column, row)?);
        }
    }
    let [low, high] = sides(&shares, width, tolerance)?;
    let at = |p: Point| Point::new(p.x + x.0 as f64, p.y + y.0 as f64);
    Some(Curve::Rect(at(low), at(high), 0.0))
}

/// The corners of the rectangle whose coverages are `shares`, in rows of `width`, each to within `tolerance`.
fn sides(shares: &[f64], width: usize, tolerance: f64) -> Option<[Point; 2]> {
    let rows: Vec<f64> = shares.chunks_exact(width).map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..width).map(|x| shares.iter().skip(x).step_by(width).sum()).collect();
    let whole: f64 = rows.iter().sum();
    // A row between others is full, and so is that of a full pixel.
    let most = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]))?;
    let full = shares[most] >= 1.0 - tolerance;
    let mean = |sums: &[f64], at: usize| match sums.len() {
        0..=2 => full.then(|| sums[at]),
        n => Some(sums[1..n - 1].iter().sum::<f64>() / (n - 2) as f64),
    };
    let (w, h) = match (mean(&rows, most / width), mean(&columns, most % width)) {
        (Some(w), Some(h)) => (w, h),
        (Some(w), None) => (w, whole / w),
        (None, Some(h)) => (whole / h, h),
        (None, None) => return None,
    };
    let ends = |sums: &[f64], full: f64| {
        let (first, last) = (sums.first()? / full, sums.last()? / full);
        let known = sums.len() > 1 || first >= 1.0 - tolerance;
        // What is full to within rounding is full.
        let part = |share: f64| if share >= 1.0 - ROUNDING { 1.0 } else { share };
        known.then(|| (1.0 - part(first), (sums.len() - 1) as f64 + part(last)))
    };
    let ((left, right), (top, bottom)) = (ends(&columns, h)?, ends(&rows, w)?);
    let part = |low: f64, high: f64, at: usize| (high.min(at as f64 + 1.0) - low.max(at as f64)).max(0.0);
    let fits = shares.iter().enumerate().all(|(k, share)| {
        let (x, y) = (k % width, k / width);
        (share - part(left, right, x) * part(top, bottom, y)).abs() <= tolerance
    });
    fits.then(|| [Point::new(left, top), Point::new(right, bottom)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(inside: impl Fn(f64, f64) -> bool, width: usize, height: usize) -> Vec<f64> {
        const FINE: usize = 64;
        let share = |x: usize, y: usize| {
            let hits = (0..FINE * FINE).filter(|k| {
                let at = |k: usize, of: usize| k as f64 + (of as f64 + 0.5) / FINE as f64;
                inside(at(x, k % FINE), at(y, k / FINE))
            });
            hits.count() as f64 / (FINE * FINE) as f64
        };
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| share(x, y)).collect()
    }

    #[test]
    fn a_rectangle_is_known_from_its_coverages() {
        for (left, right, top, bottom) in [
            (0.25, 2.0, 0.5, 3.5),
            (0.75, 3.25, 0.5, 1.75),
            (0.0, 2.0, 0.0, 3.0),
            (0.5, 1.5, 0.25, 4.25),
            (0.0, 1.0, 0.0, 2.0),
        ] {
            let (width, height) = (f64::ceil(right) as usize, f64::ceil(bottom) as usize);
            let shares = shares(|x, y| x > left && x < right && y > top && y < bottom, width, height);
            let [low, high] = sides(&shares, width, ROUNDING).unwrap();
            let off = low.distance(Point::new(left, top)).max(high.distance(Point::new(right, bottom)));
            assert!(off < 0.01, "{low:?} {high:?}");
        }
        // Two columns and two rows, none of them full, may be any of many.
        assert_eq!(sides(&[0.25, 0.25, 0.25, 0.25], 2, ROUNDING), None);
    }

    #[test]
    fn a_disc_and_a_lozenge_are_no_rectangles() {
        for (x0, y0) in [(2.0, 2.0), (2.5, 2.0), (2.3, 2.4)] {
            for r in [1.1, 1.4, 1.8] {
                let disc = shares(|x, y| (x - x0).hypot(y - y0) < r, 5, 5);
                assert_eq!(sides(&disc, 5, MOST_OFF), None, "{r} at {x0}, {y0}");
                let lozenge = shares(|x, y| (x - x0).abs() + (y - y0).abs() < r, 5, 5);
                assert_eq!(sides(&lozenge, 5, MOST_OFF), None, "{r} at {x0}, {y0}");
            }
        }
    }
}
