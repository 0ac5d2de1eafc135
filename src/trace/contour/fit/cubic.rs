//! The cubic closest to weighted points: all four control points by linear least squares at given
//! parameters, then the parameters by one Gauss–Newton step each (Plass and Stone 1983). That alone creeps
//! where a curve is walked unevenly, so later rounds minimise the distance across the curve and leave the
//! one along it nearly free (Wang, Pottmann and Liu 2006), which converges in a few rounds.

use super::Track;
use crate::document::Point;
use crate::linear;

/// A fitted cubic.
#[derive(Debug, Clone, Copy)]
pub(super) struct CubicFit {
    pub(super) control: [Point; 4],
    pub(super) cost: f64,
}

/// Price of a cubic, numbers: what it writes, two control points and an end.
pub(in crate::trace::contour) const NUMBERS: f64 = 6.0;

/// Samples that a cubic is fitted to, a count: its eight unknowns need no more.
const SAMPLES: usize = 20;

/// Rounds of fitting and reparametrising, a count: with distances across the curve they converge in a few.
const ROUNDS: usize = 4;

/// Samples that a long cubic is fitted to, a count: what stands for two pieces has to be known better than they.
const MANY_SAMPLES: usize = 48;

/// Rounds of fitting to those, a count: the longer a cubic is, the later it comes to rest.
const MANY_ROUNDS: usize = 10;

/// Cost against its limit up to which a fit goes on after each round but the last, a ratio: a round is trusted
/// to make it five times better, hardly more.
const HOPE: [f64; ROUNDS - 1] = [100.0, 20.0, 6.0];

/// The same after later rounds, a ratio.
const LATER_HOPE: f64 = 2.0;

/// What another round could still save and is not worth its time, numbers: what decides between pieces is more.
const SETTLED: f64 = 0.1;

/// How far beyond the ends of a fit its parameter is followed, a share: farther out a cubic turns away from its
/// points.
const OVERHANG: f64 = 0.2;

/// Weight of the distance along the curve against the one across it, a ratio: enough for a solution, too little
/// to hold samples in place.
const ALONG: f64 = 0.02;

/// Weight of the break points themselves, px⁻²: a σ of 0.5 px, only to keep the ends in place.
const END_WEIGHT: f64 = 4.0;

/// Longest control polygon of a cubic against the length of its points, a ratio: a longer one loops.
const MAX_POLYGON: f64 = 1.6;

/// The control points of both parts of a cubic that is cut at its parameter `t` (de Casteljau).
pub(in crate::trace::contour) fn halves([a, c, d, b]: [Point; 4], t: f64) -> ([Point; 4], [Point; 4]) {
    let mix = |p: Point, q: Point| p + (q - p) * t;
    let (ac, cd, db) = (mix(a, c), mix(c, d), mix(d, b));
    let (first, last) = (mix(ac, cd), mix(cd, db));
    let cut = mix(first, last);
    ([a, ac, first, cut], [cut, last, db, b])
}

/// The point of a cubic at `t`.
pub(super) fn at(c: [Point; 4], t: f64) -> Point {
    mixed(c, bernstein(t))
}

/// The sum of control points with weights.
fn mixed(c: [Point; 4], b: [f64; 4]) -> Point {
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
/// when its cost is sure to exceed `limit`, and says what it is taken to be at least.
pub(super) fn fit(track: &Track, i: usize, j: usize, limit: f64) -> Result<CubicFit, f64> {
    fit_to::<SAMPLES>(track, i, j, limit, ROUNDS)
}

/// The same with more samples, in more rounds.
pub(super) fn fit_well(track: &Track, i: usize, j: usize, limit: f64) -> Result<CubicFit, f64> {
    fit_to::<MANY_SAMPLES>(track, i, j, limit, MANY_ROUNDS)
}

fn fit_to<const SAMPLES: usize>(track: &Track, i: usize, j: usize, limit: f64, rounds: usize) -> Result<CubicFit, f64> {
    let (from, to) = track.inner(i, j);
    let count = (to - from).min(SAMPLES);
    if count < 4 {
        return Err(0.0);
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
    let numbers = track.costs.number * NUMBERS;
    let (first, last) = (track.points[i], track.points[j]);
    let mut best: Option<CubicFit> = None;
    let mut normals = [Point::default(); SAMPLES];
    let mut basis = [[0.0; 4]; SAMPLES];
    for round in 0..rounds {
        for (basis, t) in basis.iter_mut().zip(&t[..count]) {
            *basis = bernstein(*t);
        }
        let samples = (&points[..count], &weights[..count], &basis[..count]);
        let control = if round == 0 {
            solve(samples, first, last)
        } else {
            solve_across(samples, &normals[..count], first, last)
        };
        let control = control.ok_or(0.0)?;
        let goes_on = round < rounds - 1;
        let mut chi = 0.0;
        for k in 0..count {
            let mut d = mixed(control, basis[k]) - points[k];
            let v = derivative(control, t[k]);
            let vv = v.dot(v);
            if vv > 1e-12 {
                let dt = d.dot(v) / vv;
                t[k] = (t[k] - dt).clamp(0.0, 1.0);
                // What remains across the curve.
                d = d - v * dt;
            }
            chi += d.dot(d) * weights[k];
        }
        let cost = chi * scale / 2.0 + numbers;
        let gain = best.map_or(f64::INFINITY, |b| b.cost - cost);
        if gain > 0.0 {
            best = Some(CubicFit { control, cost });
        }
        if cost - numbers < SETTLED * track.costs.number || gain < SETTLED * track.costs.number {
            break;
        }
        // A bad fit does not become a good one by better parameters.
        let hope = HOPE.get(round).copied().unwrap_or(LATER_HOPE);
        if goes_on && cost > hope * limit {
            return Err(cost / hope);
        }
        if goes_on {
            for (normal, t) in normals.iter_mut().zip(&t[..count]) {
                *normal = derivative(control, *t).turned();
            }
        }
    }
    let best = best.ok_or(0.0)?;
    let c = trim(best.control, first, last);
    let best = CubicFit { control: c, ..best };
    let polygon = c[0].distance(c[1]) + c[1].distance(c[2]) + c[2].distance(c[3]);
    let sane = c.iter().all(|p| p.is_finite())
        && polygon < MAX_POLYGON * length + 1.0
        && (c[1] - c[0]).dot(c[3] - c[2]).is_finite()
        && c[0].distance(first) < 1.0
        && c[3].distance(last) < 1.0;
    if sane { Ok(best) } else { Err(0.0) }
}

/// The cubic closest to a curve through `points`, with the same ends; the mean square of its distance from them, px²,
/// and the largest one, px, which is not above `reach`.
pub(in crate::trace::contour) fn through(points: &[Point], reach: f64) -> Option<([Point; 4], f64, f64)> {
    let (first, last) = (*points.first()?, *points.last()?);
    let mut t = vec![0.0];
    for w in points.windows(2) {
        t.push(t[t.len() - 1] + w[0].distance(w[1]));
    }
    let length = t[t.len() - 1];
    t.iter_mut().for_each(|t| *t /= length);
    let weights = vec![1.0; points.len()];
    let mut basis = vec![[0.0; 4]; points.len()];
    let mut normals = vec![Point::default(); points.len()];
    let mut best: Option<([Point; 4], f64, f64)> = None;
    for round in 0..MANY_ROUNDS {
        for (basis, t) in basis.iter_mut().zip(&t) {
            *basis = bernstein(*t);
        }
        let samples = (points, &weights[..], &basis[..]);
        let c = if round == 0 { solve(samples, first, last)? } else { solve_across(samples, &normals, first, last)? };
        let c = [first, c[1] + (first - c[0]), c[2] + (last - c[3]), last];
        let (mut sum, mut worst) = (0.0f64, 0.0f64);
        for ((t, p), normal) in t.iter_mut().zip(points).zip(&mut normals) {
            let d = at(c, *t) - *p;
            let v = derivative(c, *t);
            let dt = d.dot(v) / v.dot(v).max(1e-12);
            *t = (*t - dt).clamp(0.0, 1.0);
            let across = d - v * dt;
            sum += across.dot(across);
            worst = worst.max(across.dot(across));
            *normal = derivative(c, *t).turned();
        }
        let (mean, worst) = (sum / points.len() as f64, worst.sqrt());
        let far = HOPE.get(round).is_some_and(|hope| worst > hope * reach);
        if !mean.is_finite() || far {
            return None;
        }
        let gain = best.map_or(f64::INFINITY, |b| b.1 / mean.max(1e-12));
        if gain > 1.0 {
            best = Some((c, mean, worst));
        }
        if gain < ENOUGH {
            break;
        }
    }
    let polygon = |c: [Point; 4]| c[0].distance(c[1]) + c[1].distance(c[2]) + c[2].distance(c[3]);
    best.filter(|(c, _, worst)| *worst <= reach && polygon(*c) < MAX_POLYGON * length + 1.0)
}

/// What a round has to make the error of a cubic through known points smaller by to be followed by another one, a ratio.
const ENOUGH: f64 = 1.05;

/// The part of a cubic between the points on it that are nearest to `first` and `last`: nothing holds the
/// ends of a fit along its own direction.
fn trim(c: [Point; 4], first: Point, last: Point) -> [Point; 4] {
    let nearest = |p: Point, mut t: f64| {
        for _ in 0..4 {
            let v = derivative(c, t);
            let vv = v.dot(v);
            if vv > 1e-12 {
                t = (t - (at(c, t) - p).dot(v) / vv).clamp(-OVERHANG, 1.0 + OVERHANG);
            }
        }
        t
    };
    let (t0, t1) = (nearest(first, 0.0), nearest(last, 1.0));
    if t1 - t0 < 0.5 {
        return c;
    }
    let third = (t1 - t0) / 3.0;
    let (start, end) = (at(c, t0), at(c, t1));
    [start, start + derivative(c, t0) * third, end - derivative(c, t1) * third, end]
}

/// Points, their weights and the Bernstein polynomials at their parameters.
type Samples<'a> = (&'a [Point], &'a [f64], &'a [[f64; 4]]);

/// The same with the distance across the curve, whose normals of any length are given, counting fully and the one along it
/// hardly.
fn solve_across(
    (points, weights, basis): Samples<'_>,
    normals: &[Point],
    first: Point,
    last: Point,
) -> Option<[Point; 4]> {
    // For each pair of control points, and for each of them, sums of weights by direction. Whole rows are quicker than
    // the lower triangle that is needed.
    let mut pairs = [[[0.0f64; 4]; 3]; 4];
    let mut r = [[0.0f64; 1]; 8];
    for (((p, w), b), n) in points.iter().zip(weights).zip(basis).zip(normals) {
        // n nᵀ + ALONG (I - n nᵀ).
        let across = (1.0 - ALONG) / n.dot(*n).max(1e-12);
        let (xx, xy, yy) = (ALONG + across * n.x * n.x, across * n.x * n.y, ALONG + across * n.y * n.y);
        let to = Point::new(xx * p.x + xy * p.y, xy * p.x + yy * p.y);
        let wb = b.map(|b| w * b);
        for (rows, wb) in pairs.iter_mut().zip(wb) {
            let products = b.map(|b| wb * b);
            for (row, direction) in rows.iter_mut().zip([xx, xy, yy]) {
                for (sum, product) in row.iter_mut().zip(products) {
                    *sum += product * direction;
                }
            }
        }
        for (i, wb) in wb.iter().enumerate() {
            r[2 * i][0] += wb * to.x;
            r[2 * i + 1][0] += wb * to.y;
        }
    }
    let mut m = [[0.0f64; 8]; 8];
    for i in 0..4 {
        for j in 0..=i {
            let [xx, xy, yy] = [pairs[i][0][j], pairs[i][1][j], pairs[i][2][j]];
            m[2 * i][2 * j] = xx;
            m[2 * i + 1][2 * j] = xy;
            m[2 * i][2 * j + 1] = xy;
            m[2 * i + 1][2 * j + 1] = yy;
        }
    }
    for (i, end) in [(0, first), (3, last)] {
        m[2 * i][2 * i] += END_WEIGHT;
        m[2 * i + 1][2 * i + 1] += END_WEIGHT;
        r[2 * i][0] += END_WEIGHT * end.x;
        r[2 * i + 1][0] += END_WEIGHT * end.y;
    }
    let x = linear::factorise(m, r)?;
    Some([0, 1, 2, 3].map(|i| Point::new(x[2 * i][0], x[2 * i + 1][0])))
}

/// Weighted least squares for the control points at parameters `t`; the ends are held loosely.
fn solve((points, weights, basis): Samples<'_>, first: Point, last: Point) -> Option<[Point; 4]> {
    let mut m = [[0.0f64; 4]; 4];
    let mut r = [Point::default(); 4];
    for ((p, w), b) in points.iter().zip(weights).zip(basis) {
        let wb = b.map(|b| w * b);
        for (row, b) in m.iter_mut().zip(b) {
            for (sum, wb) in row.iter_mut().zip(wb) {
                *sum += wb * b;
            }
        }
        for (r, wb) in r.iter_mut().zip(wb) {
            *r = *r + *p * wb;
        }
    }
    m[0][0] += END_WEIGHT;
    m[3][3] += END_WEIGHT;
    r[0] = r[0] + first * END_WEIGHT;
    r[3] = r[3] + last * END_WEIGHT;
    Some(linear::factorise(m, r.map(|p| [p.x, p.y]))?.map(|[x, y]| Point::new(x, y)))
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
        // Closer than one σ on average.
        assert!(fit.cost < track.costs.number * NUMBERS + 0.5 * track.len() as f64, "{}", fit.cost);
        for k in 0..=20 {
            let p = at(fit.control, f64::from(k) / 20.0);
            let nearest = (0..=2000).map(|i| at(c, f64::from(i) / 2000.0).distance(p)).fold(f64::INFINITY, f64::min);
            assert!(nearest < 0.06, "{p:?} is {nearest} px off");
        }
    }
}
