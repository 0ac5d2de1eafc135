//! How the parameter of a gradient follows from the place: along a line, by circles or by ellipses.
//!
//! The start comes from the slopes of the colour over small cells: those of a linear gradient are parallel,
//! the lines along those of a radial one meet in its centre (least squares), and for an ellipse with the form
//! `A` around `c` they are parallel to `A (x - c)`, which is linear in `A` and `A c`. From there a simplex
//! search (Nelder and Mead 1965) makes the colour as much a function of the parameter as it can be, whatever
//! that function is.

use super::Geometry;
use super::profile::Fine;
use crate::document::Point;
use crate::linear;

/// A place and the value found there.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The middle of a pixel, px.
    pub point: Point,
    /// A premultiplied colour, or what is left of it, 8-bit steps.
    pub value: [f64; 4],
    /// How much it counts.
    pub weight: f64,
}

/// Intervals of the profile during the search, a count: enough to tell one geometry from another; stops are
/// chosen from finer ones.
const INTERVALS: usize = 24;

/// Samples that a search looks at, a count: each trial looks at all of them, for six unknowns at most.
const SEARCH_SAMPLES: usize = 500;

/// Side of a cell whose samples give one slope, in samples, a ratio: sixteen samples tell a slope, over a
/// cell so small that it is the same.
const CELL: f64 = 4.0;

/// Farthest centre from the middle of the samples against their root mean square distance from it, a ratio:
/// level lines around one that is farther are straight.
const FARTHEST: f64 = 8.0;

/// Evaluations of a search for each parameter, a count: a simplex needs some tens to shrink around its best.
const EVALUATIONS: usize = 32;

/// The slope of the colour in a cell.
struct Slope {
    at: Point,
    /// Along it, as long as it is strong.
    along: Point,
}

/// Geometries that may explain `samples`, refined: linear, circular, elliptical.
pub fn candidates(samples: &[Sample]) -> Vec<Geometry> {
    let slopes = slopes(samples);
    if slopes.is_empty() {
        return Vec::new();
    }
    let step = samples.len().div_ceil(SEARCH_SAMPLES);
    let few: Vec<Sample> = samples.iter().copied().step_by(step).collect();
    let count = samples.len() as f64;
    let middle = samples.iter().fold(Point::default(), |sum, s| sum + s.point) * (1.0 / count);
    let extent = (samples.iter().map(|s| s.point.distance(middle).powi(2)).sum::<f64>() / count).sqrt().max(1.0);
    let mut found = Vec::new();

    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for s in &slopes {
        xx += s.along.x * s.along.x;
        xy += s.along.x * s.along.y;
        yy += s.along.y * s.along.y;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let linear = |p: &[f64]| Geometry { origin: middle, u: Point::new(p[0].cos(), p[0].sin()), v: None };
    found.push(linear(&search(&[angle], &[0.1], |p| misfit(&linear(p), &few))));

    let circle = |p: &[f64]| {
        let origin = middle + Point::new(p[0], p[1]) * extent;
        Geometry { origin, u: Point::new(1.0, 0.0), v: Some(Point::new(0.0, 1.0)) }
    };
    let centre = meeting(&slopes, middle, extent);
    let starts = [centre, Some([0.0, 0.0])];
    let best = starts
        .into_iter()
        .flatten()
        .map(|c| search(&c, &[0.2, 0.2], |p| misfit(&circle(p), &few)))
        .min_by(|a, b| misfit(&circle(a), &few).total_cmp(&misfit(&circle(b), &few)));
    let Some(centre) = best else { return found };
    let near = |p: &[f64]| p[0].hypot(p[1]) < FARTHEST;
    if near(&centre) {
        found.push(circle(&centre));
    }

    let ellipse = |p: &[f64]| {
        let origin = middle + Point::new(p[0], p[1]) * extent;
        let u = Point::new(p[2].cos(), p[2].sin());
        Geometry { origin, u, v: Some(u.turned() * p[3].clamp(-3.0, 3.0).exp()) }
    };
    let mut starts = vec![[centre[0], centre[1], angle, 0.3], [centre[0], centre[1], angle, -0.3]];
    starts.extend(conic(&slopes, middle, extent));
    let best = starts
        .into_iter()
        .min_by(|a, b| misfit(&ellipse(a), &few).total_cmp(&misfit(&ellipse(b), &few)))
        .map(|start| search(&start, &[0.2, 0.2, 0.2, 0.2], |p| misfit(&ellipse(p), &few)));
    found.extend(best.filter(|p| near(p)).map(|p| ellipse(&p)));
    found
}

/// The range of the parameter over `samples`.
pub fn range<'a>(geometry: &Geometry, samples: impl IntoIterator<Item = &'a Sample>) -> (f64, f64) {
    let t = samples.into_iter().map(|s| geometry.parameter(s.point));
    t.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), t| (low.min(t), high.max(t)))
}

/// What is left of the values when they are a function of the parameter.
fn misfit(geometry: &Geometry, samples: &[Sample]) -> f64 {
    let (low, high) = range(geometry, samples);
    if !(high - low).is_finite() || high - low < 1e-6 {
        return f64::INFINITY;
    }
    let mut profile: Fine<4> = Fine::new(INTERVALS);
    for s in samples {
        profile.add((geometry.parameter(s.point) - low) / (high - low), &s.value, s.weight);
    }
    profile.solve().1
}

/// Slopes over square cells, by least squares.
fn slopes(samples: &[Sample]) -> Vec<Slope> {
    let spacing = spacing(samples);
    let side = CELL * spacing;
    let cell = |p: Point| ((p.y / side).floor() as i64, (p.x / side).floor() as i64);
    let mut order: Vec<&Sample> = samples.iter().collect();
    order.sort_by_key(|s| cell(s.point));
    let mut found = Vec::new();
    for cell in order.chunk_by(|a, b| cell(a.point) == cell(b.point)) {
        let n = cell.len() as f64;
        if n < 6.0 {
            continue;
        }
        let middle = cell.iter().fold(Point::default(), |sum, s| sum + s.point) * (1.0 / n);
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        let (mut x, mut y) = ([0.0; 4], [0.0; 4]);
        let mut weight = 0.0;
        for s in cell {
            let d = s.point - middle;
            xx += d.x * d.x;
            xy += d.x * d.y;
            yy += d.y * d.y;
            weight += s.weight / n;
            for c in 0..4 {
                x[c] += d.x * s.value[c];
                y[c] += d.y * s.value[c];
            }
        }
        let det = xx * yy - xy * xy;
        if det < 0.05 * xx * yy || det <= 0.0 {
            continue;
        }
        // The common direction of all channels' slopes.
        let (mut jxx, mut jxy, mut jyy) = (0.0, 0.0, 0.0);
        for c in 0..4 {
            let g = Point::new((yy * x[c] - xy * y[c]) / det, (xx * y[c] - xy * x[c]) / det);
            jxx += g.x * g.x;
            jxy += g.x * g.y;
            jyy += g.y * g.y;
        }
        let angle = 0.5 * (2.0 * jxy).atan2(jxx - jyy);
        let strength = (weight * (jxx + jyy)).sqrt();
        found.push(Slope { at: middle, along: Point::new(angle.cos(), angle.sin()) * strength });
    }
    found
}

/// Distance between neighbouring samples, px.
fn spacing(samples: &[Sample]) -> f64 {
    let steps = samples.windows(2).map(|w| w[1].point - w[0].point).filter(|d| d.y == 0.0 && d.x > 0.0).map(|d| d.x);
    let least = steps.fold(f64::INFINITY, f64::min);
    if least.is_finite() { least } else { 1.0 }
}

/// Where the lines along the slopes meet, relative to `middle` in units of `extent`.
fn meeting(slopes: &[Slope], middle: Point, extent: f64) -> Option<[f64; 2]> {
    let (mut a, mut b, mut d, mut p, mut q) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for s in slopes {
        let n = s.along.turned();
        let at = (s.at - middle) * (1.0 / extent);
        let r = n.dot(at);
        a += n.x * n.x;
        b += n.x * n.y;
        d += n.y * n.y;
        p += n.x * r;
        q += n.y * r;
    }
    let det = a * d - b * b;
    (det > 1e-9 * a * d).then(|| [(d * p - b * q) / det, (a * q - b * p) / det])
}

/// Centre, angle and logarithm of the ratio of the ellipses whose normals the slopes are.
fn conic(slopes: &[Slope], middle: Point, extent: f64) -> Option<[f64; 4]> {
    // Unknowns a11, a12, b1, b2, with a11 + a22 = 1.
    let (mut m, mut rights) = ([[0.0f64; 4]; 4], [0.0f64; 4]);
    for s in slopes {
        let p = (s.at - middle) * (1.0 / extent);
        let g = s.along;
        // g.x (a12 x + a22 y - b2) = g.y (a11 x + a12 y - b1)
        let row = [-g.x * p.y - g.y * p.x, g.x * p.x - g.y * p.y, g.y, -g.x];
        let right = -g.x * p.y;
        for i in 0..4 {
            for j in 0..4 {
                m[i][j] += row[i] * row[j];
            }
            rights[i] += row[i] * right;
        }
    }
    let [a11, a12, b1, b2] = linear::eliminate(m, rights)?;
    let a22 = 1.0 - a11;
    let det = a11 * a22 - a12 * a12;
    if det <= 1e-4 {
        return None;
    }
    let center = [(a22 * b1 - a12 * b2) / det, (a11 * b2 - a12 * b1) / det];
    let angle = 0.5 * (2.0 * a12).atan2(a11 - a22);
    let spread = ((a11 - a22).powi(2) + 4.0 * a12 * a12).sqrt();
    let (most, least) = ((1.0 + spread) / 2.0, (1.0 - spread) / 2.0);
    // The parameter's slope is the root of the form.
    Some([center[0], center[1], angle, 0.5 * (least / most).ln()])
}

/// The least of `f` near `start` (Nelder and Mead 1965, with the usual coefficients).
fn search(start: &[f64], steps: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let n = start.len();
    let mut simplex: Vec<(f64, Vec<f64>)> = vec![(f(start), start.to_vec())];
    for i in 0..n {
        let mut p = start.to_vec();
        p[i] += steps[i];
        simplex.push((f(&p), p));
    }
    let mut left = EVALUATIONS * n;
    while left > 0 {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let spread = simplex[n].0 - simplex[0].0;
        if spread <= 1e-5 * simplex[0].0.abs() || !spread.is_finite() && left < n {
            break;
        }
        let middle: Vec<f64> = (0..n).map(|i| simplex[..n].iter().map(|s| s.1[i]).sum::<f64>() / n as f64).collect();
        let along = |k: f64| -> Vec<f64> { (0..n).map(|i| middle[i] + k * (simplex[n].1[i] - middle[i])).collect() };
        let reflected = along(-1.0);
        let r = f(&reflected);
        left -= 1;
        let next = if r < simplex[0].0 {
            let expanded = along(-2.0);
            let e = f(&expanded);
            left = left.saturating_sub(1);
            if e < r { (e, expanded) } else { (r, reflected) }
        } else if r < simplex[n - 1].0 {
            (r, reflected)
        } else {
            let contracted = along(if r < simplex[n].0 { -0.5 } else { 0.5 });
            let c = f(&contracted);
            left = left.saturating_sub(1);
            if c < simplex[n].0.min(r) {
                (c, contracted)
            } else {
                let best = simplex[0].1.clone();
                for s in &mut simplex[1..] {
                    s.1 = (0..n).map(|i| (best[i] + s.1[i]) / 2.0).collect();
                    s.0 = f(&s.1);
                    left = left.saturating_sub(1);
                }
                continue;
            }
        };
        simplex[n] = next;
    }
    simplex.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or_else(|| start.to_vec(), |s| s.1)
}
