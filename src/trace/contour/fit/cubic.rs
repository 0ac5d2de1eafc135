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

/// Cost against its limit up to which a fit goes on after each round but the last, a ratio: a round is trusted
/// to make it five times better, hardly more.
const HOPE: [f64; ROUNDS - 1] = [100.0, 20.0, 6.0];

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
    let b = bernstein(t);
    c[0] * b[0] + c[1] * b[1] + c[2] * b[2] + c[3] * b[3]
}

/// The cubic Bernstein polynomials at `t`.
pub(super) fn bernstein(t: f64) -> [f64; 4] {
    let u = 1.0 - t;
    [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t]
}

/// A cubic by the powers of its parameter, which takes fewer products than control points do.
struct Polynomial([Point; 4]);

impl Polynomial {
    fn new(c: [Point; 4]) -> Self {
        let (first, second) = ((c[1] - c[0]) * 3.0, (c[2] - c[1]) * 3.0);
        Self([c[0], first, second - first, c[3] - c[0] - second])
    }

    fn at(&self, t: f64) -> Point {
        let [a, b, c, d] = self.0;
        ((d * t + c) * t + b) * t + a
    }

    fn derivative(&self, t: f64) -> Point {
        let [_, b, c, d] = self.0;
        (d * (3.0 * t) + c * 2.0) * t + b
    }
}

/// The cubic between breaks `i` and `j` of `track`, unless a fit of that kind is unsafe. Gives up early
/// when its cost is sure to exceed `limit`, and says what it is taken to be at least.
pub(super) fn fit(track: &Track, i: usize, j: usize, limit: f64) -> Result<CubicFit, f64> {
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
    for round in 0..ROUNDS {
        let samples = (&points[..count], &weights[..count], &t[..count]);
        let control = if round == 0 {
            solve(samples, first, last)
        } else {
            solve_across(samples, &normals[..count], first, last)
        };
        let control = control.ok_or(0.0)?;
        let goes_on = round < ROUNDS - 1;
        let polynomial = Polynomial::new(control);
        let mut chi = 0.0;
        for k in 0..count {
            let mut d = polynomial.at(t[k]) - points[k];
            let v = polynomial.derivative(t[k]);
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
        if goes_on && cost > HOPE[round] * limit {
            return Err(cost / HOPE[round]);
        }
        if goes_on {
            for (normal, t) in normals.iter_mut().zip(&t[..count]) {
                *normal = polynomial.derivative(*t).turned();
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

/// The part of a cubic between the points on it that are nearest to `first` and `last`: nothing holds the
/// ends of a fit along its own direction.
fn trim(c: [Point; 4], first: Point, last: Point) -> [Point; 4] {
    let polynomial = Polynomial::new(c);
    let nearest = |p: Point, mut t: f64| {
        for _ in 0..4 {
            let v = polynomial.derivative(t);
            let vv = v.dot(v);
            if vv > 1e-12 {
                t = (t - (polynomial.at(t) - p).dot(v) / vv).clamp(-OVERHANG, 1.0 + OVERHANG);
            }
        }
        t
    };
    let (t0, t1) = (nearest(first, 0.0), nearest(last, 1.0));
    if t1 - t0 < 0.5 {
        return c;
    }
    let third = (t1 - t0) / 3.0;
    let (start, end) = (polynomial.at(t0), polynomial.at(t1));
    [start, start + polynomial.derivative(t0) * third, end - polynomial.derivative(t1) * third, end]
}

/// Points, their weights and their parameters.
type Samples<'a> = (&'a [Point], &'a [f64], &'a [f64]);

/// The factors of the cubic Bernstein polynomials before their powers of `t` and `1 - t`.
const BINOMIAL: [f64; 4] = [1.0, 3.0, 3.0, 1.0];

/// The powers of a parameter `t` and of `u = 1 - t` that Bernstein polynomials are made of: u³, u²t, ut², t³.
fn powers(t: f64) -> [f64; 4] {
    let u = 1.0 - t;
    let (uu, tt) = (u * u, t * t);
    [uu * u, uu * t, u * tt, tt * t]
}

/// Weighted sums of the products of two Bernstein polynomials without their factors. There are seven different
/// products, uⁿ tᵐ with n + m = 6: from u⁶ to u³t³, and from u³t³ to t⁶.
#[derive(Clone, Copy, Default)]
struct Products([f64; 4], [f64; 4]);

impl Products {
    /// Those of a sample with these [`powers`].
    fn of(powers: [f64; 4]) -> Self {
        Self(powers.map(|p| p * powers[0]), powers.map(|p| p * powers[3]))
    }

    fn add(&mut self, other: &Self, weight: f64) {
        for (sum, p) in self.0.iter_mut().zip(other.0) {
            *sum += p * weight;
        }
        for (sum, p) in self.1.iter_mut().zip(other.1) {
            *sum += p * weight;
        }
    }

    /// The sum for the polynomials `i` and `j`.
    fn get(&self, i: usize, j: usize) -> f64 {
        let sum = if i + j < 4 { self.0[i + j] } else { self.1[i + j - 3] };
        BINOMIAL[i] * BINOMIAL[j] * sum
    }
}

/// The same with the distance across the curve, whose normals of any length are given, counting fully and the one along it
/// hardly.
fn solve_across(
    (points, weights, parameters): Samples<'_>,
    normals: &[Point],
    first: Point,
    last: Point,
) -> Option<[Point; 4]> {
    // For each pair of control points, and for each of them, sums of weights by direction.
    let mut pairs = [Products::default(); 3];
    let mut sides = [Point::default(); 4];
    for (((p, w), t), n) in points.iter().zip(weights).zip(parameters).zip(normals) {
        let powers = powers(*t);
        let products = Products::of(powers);
        // w (n nᵀ + ALONG (I - n nᵀ)).
        let across = w * (1.0 - ALONG) / n.dot(*n).max(1e-12);
        let along = w * ALONG;
        let (xx, xy, yy) = (along + across * n.x * n.x, across * n.x * n.y, along + across * n.y * n.y);
        for (sums, direction) in pairs.iter_mut().zip([xx, xy, yy]) {
            sums.add(&products, direction);
        }
        let to = Point::new(xx * p.x + xy * p.y, xy * p.x + yy * p.y);
        for (side, power) in sides.iter_mut().zip(powers) {
            *side = *side + to * power;
        }
    }
    let mut m = [[0.0f64; 8]; 8];
    let mut r = [[0.0f64; 1]; 8];
    for i in 0..4 {
        for j in 0..=i {
            let [xx, xy, yy] = pairs.map(|p| p.get(i, j));
            m[2 * i][2 * j] = xx;
            m[2 * i + 1][2 * j] = xy;
            m[2 * i][2 * j + 1] = xy;
            m[2 * i + 1][2 * j + 1] = yy;
        }
        let side = sides[i] * BINOMIAL[i];
        (r[2 * i], r[2 * i + 1]) = ([side.x], [side.y]);
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

/// Weighted least squares for the control points at given parameters; the ends are held loosely.
fn solve((points, weights, parameters): Samples<'_>, first: Point, last: Point) -> Option<[Point; 4]> {
    let mut pairs = Products::default();
    let mut sides = [Point::default(); 4];
    for ((p, w), t) in points.iter().zip(weights).zip(parameters) {
        let powers = powers(*t);
        pairs.add(&Products::of(powers), *w);
        let to = *p * *w;
        for (side, power) in sides.iter_mut().zip(powers) {
            *side = *side + to * power;
        }
    }
    let mut m: [[f64; 4]; 4] = std::array::from_fn(|i| std::array::from_fn(|j| pairs.get(i, j)));
    let mut r: [Point; 4] = std::array::from_fn(|i| sides[i] * BINOMIAL[i]);
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
