//! The cubic closest to weighted points: all four control points by linear least squares at given
//! parameters, then the parameters by one Gauss–Newton step each, repeated (Plass and Stone 1983).

use super::Track;
use crate::document::Point;

/// A fitted cubic.
#[derive(Debug, Clone, Copy)]
pub(super) struct CubicFit {
    pub(super) control: [Point; 4],
    pub(super) cost: f64,
}

/// Numbers of a cubic in a path.
const NUMBERS: f64 = 6.0;

/// Samples that a cubic is fitted to; its eight unknowns need no more.
const SAMPLES: usize = 20;

/// Rounds of fitting and reparametrising.
const ROUNDS: usize = 4;

/// Weight of the break points themselves, px⁻² (σ of 0.5 px): only to keep the ends in place.
const END_WEIGHT: f64 = 4.0;

/// Longest control polygon of a cubic as a multiple of the length of its points: a longer one loops.
const MAX_POLYGON: f64 = 1.6;

/// The point of a cubic at `t`.
pub(super) fn at(c: [Point; 4], t: f64) -> Point {
    let b = bernstein(t);
    c[0] * b[0] + c[1] * b[1] + c[2] * b[2] + c[3] * b[3]
}

/// The cubic Bernstein polynomials at `t`.
pub(super) fn bernstein(t: f64) -> [f64; 4] {
    let u = 1.0 - t;
    [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t]
}

fn derivative(c: [Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    ((c[1] - c[0]) * (u * u) + (c[2] - c[1]) * (2.0 * u * t) + (c[3] - c[2]) * (t * t)) * 3.0
}

/// The cubic between breaks `i` and `j` of `track`, unless a fit of that kind is unsafe. Gives up early
/// when its cost is sure to exceed `limit`.
pub(super) fn fit(track: &Track, i: usize, j: usize, limit: f64) -> Option<CubicFit> {
    let (from, to) = track.inner(i, j);
    let count = (to - from).min(SAMPLES);
    if count < 4 {
        return None;
    }
    let length = track.lengths[j] - track.lengths[i];
    let mut points = [Point::default(); SAMPLES];
    let mut weights = [0.0; SAMPLES];
    let mut t = [0.0; SAMPLES];
    for (k, s) in Track::thin(from, to, SAMPLES).enumerate() {
        points[k] = track.points[s];
        weights[k] = track.weights[s];
        t[k] = (track.lengths[s] - track.lengths[i]) / length;
    }
    let scale = (to - from) as f64 / count as f64;
    let (first, last) = (track.points[i], track.points[j]);
    let mut best: Option<CubicFit> = None;
    for round in 0..ROUNDS {
        let control = solve(&points[..count], &weights[..count], &t[..count], first, last)?;
        let mut chi = 0.0;
        for k in 0..count {
            let mut d = at(control, t[k]) - points[k];
            let v = derivative(control, t[k]);
            let vv = v.dot(v);
            if vv > 1e-12 {
                let dt = d.dot(v) / vv;
                t[k] = (t[k] - dt).clamp(0.0, 1.0);
                // What remains across the curve.
                let along = d.dot(v) / vv;
                d = d - v * along;
            }
            chi += d.dot(d) * weights[k];
        }
        let cost = chi * scale / 2.0 + track.costs.number * NUMBERS;
        if best.is_none_or(|b| cost < b.cost) {
            best = Some(CubicFit { control, cost });
        }
        // A bad fit does not become a good one by better parameters.
        if round < 2 && cost > [60.0, 12.0][round] * limit {
            return None;
        }
    }
    let best = best?;
    let c = best.control;
    let polygon = c[0].distance(c[1]) + c[1].distance(c[2]) + c[2].distance(c[3]);
    let sane = c.iter().all(|p| p.is_finite())
        && polygon < MAX_POLYGON * length + 1.0
        && (c[1] - c[0]).dot(c[3] - c[2]).is_finite()
        && c[0].distance(first) < 1.0
        && c[3].distance(last) < 1.0;
    sane.then_some(best)
}

/// Weighted least squares for the control points at parameters `t`; the ends are held loosely.
fn solve(points: &[Point], weights: &[f64], t: &[f64], first: Point, last: Point) -> Option<[Point; 4]> {
    let mut m = [[0.0f64; 4]; 4];
    let mut r = [Point::default(); 4];
    for ((p, w), t) in points.iter().zip(weights).zip(t) {
        let b = bernstein(*t);
        for i in 0..4 {
            let wb = w * b[i];
            for j in i..4 {
                m[i][j] += wb * b[j];
            }
            r[i] = r[i] + *p * wb;
        }
    }
    m[0][0] += END_WEIGHT;
    m[3][3] += END_WEIGHT;
    r[0] = r[0] + first * END_WEIGHT;
    r[3] = r[3] + last * END_WEIGHT;
    // Cholesky.
    let mut l = [[0.0f64; 4]; 4];
    for i in 0..4 {
        for j in 0..=i {
            let mut sum = m[j][i];
            for k in 0..j {
                sum -= l[i][k] * l[j][k];
            }
            if i == j {
                if sum <= 1e-9 {
                    return None;
                }
                l[i][i] = sum.sqrt();
            } else {
                l[i][j] = sum / l[j][j];
            }
        }
    }
    for i in 0..4 {
        for k in 0..i {
            r[i] = r[i] - r[k] * l[i][k];
        }
        r[i] = r[i] * (1.0 / l[i][i]);
    }
    for i in (0..4).rev() {
        for k in i + 1..4 {
            r[i] = r[i] - r[k] * l[k][i];
        }
        r[i] = r[i] * (1.0 / l[i][i]);
    }
    Some(r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::fit::Costs;
    use crate::trace::contour::subpixel::Sample;

    #[test]
    fn a_cubic_is_recovered_from_its_points() {
        let c = [(0.0, 0.0), (10.0, 30.0), (40.0, 35.0), (60.0, 5.0)].map(|(x, y)| Point::new(x, y));
        let track =
            Track::new((0..=100).map(|k| Sample { point: at(c, f64::from(k) / 100.0), sigma: 0.02 }), Costs::default());
        let fit = fit(&track, 0, 100, f64::INFINITY).unwrap();
        assert!(fit.cost < track.costs.number * NUMBERS + 1.0, "{}", fit.cost);
        for (a, b) in fit.control.iter().zip(c) {
            assert!(a.distance(b) < 0.6, "{a:?} {b:?}");
        }
    }
}
