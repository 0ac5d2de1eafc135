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

/// The same after later rounds, a ratio: they gain little.
const LATER_HOPE: f64 = 2.0;

/// Gain of a round of fitting to known points that is followed by another one, a ratio: less shows nowhere.
const ENOUGH: f64 = 1.05;

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

/// Length of the control polygon of a cubic, px: it is no longer itself.
pub(super) fn polygon(c: [Point; 4]) -> f64 {
    c[0].distance(c[1]) + c[1].distance(c[2]) + c[2].distance(c[3])
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
    fit_to::<SAMPLES>(track, i, j, limit, ROUNDS)
}

/// The same with more samples, in more rounds.
pub(super) fn fit_well(track: &Track, i: usize, j: usize, limit: f64) -> Result<CubicFit, f64> {
    fit_to::<MANY_SAMPLES>(track, i, j, limit, MANY_ROUNDS)
}

fn fit_to<const N: usize>(track: &Track, i: usize, j: usize, limit: f64, rounds: usize) -> Result<CubicFit, f64> {
    let (from, to) = track.inner(i, j);
    let count = (to - from).min(N);
    if count < 4 {
        return Err(0.0);
    }
    let length = track.lengths[j] - track.lengths[i];
    let mut samples = Samples::<N>::new(track, (i, j), (from, to));
    let scale = (to - from) as f64 / count as f64;
    let numbers = track.costs.number * NUMBERS;
    let (first, last) = (track.points[i], track.points[j]);
    let mut best: Option<CubicFit> = None;
    let mut before: Option<Polynomial> = None;
    for round in 0..rounds {
        let control = match &before {
            None => samples.solve(first, last),
            Some(before) => samples.solve_across(before, first, last),
        };
        let control = control.ok_or(0.0)?;
        let goes_on = round < rounds - 1;
        let polynomial = Polynomial::new(control);
        let chi = samples.project(&polynomial);
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
        before = Some(polynomial);
    }
    let best = best.ok_or(0.0)?;
    let c = trim(best.control, first, last);
    let best = CubicFit { control: c, ..best };
    let sane = c.iter().all(|p| p.is_finite())
        && polygon(c) < MAX_POLYGON * length + 1.0
        && (c[1] - c[0]).dot(c[3] - c[2]).is_finite()
        && c[0].distance(first) < 1.0
        && c[3].distance(last) < 1.0;
    if sane { Ok(best) } else { Err(0.0) }
}

/// The cubic closest to a curve through `points`, of which there are at most [`MANY_SAMPLES`], with the same ends, and the
/// mean square of its distance from them, px²; `None` when one of them is farther from it than `reach`, px.
pub(in crate::trace::contour) fn through(points: &[Point], reach: f64) -> Option<([Point; 4], f64)> {
    let (first, last) = (*points.first()?, *points.last()?);
    let (mut samples, length) = Samples::<MANY_SAMPLES>::along(points);
    let mut best: Option<([Point; 4], f64)> = None;
    let mut before: Option<Polynomial> = None;
    for round in 0..MANY_ROUNDS {
        let c = match &before {
            None => samples.solve(first, last)?,
            Some(before) => samples.solve_across(before, first, last)?,
        };
        let c = [first, c[1] + (first - c[0]), c[2] + (last - c[3]), last];
        let polynomial = Polynomial::new(c);
        let mean = samples.project(&polynomial) / points.len() as f64;
        let hope = HOPE.get(round).copied().unwrap_or(LATER_HOPE);
        if !(mean.sqrt() < hope * reach) {
            return None;
        }
        let gain = best.map_or(f64::INFINITY, |b| b.1 / mean.max(1e-12));
        if gain > 1.0 {
            best = Some((c, mean));
        }
        if gain < ENOUGH {
            break;
        }
        before = Some(polynomial);
    }
    let (c, mean) = best?;
    let polynomial = Polynomial::new(c);
    let worst = points.iter().zip(samples.t).map(|(p, t)| polynomial.at(t).distance(*p)).fold(0.0, f64::max);
    (worst <= reach && polygon(c) < MAX_POLYGON * length + 1.0).then_some((c, mean))
}

/// The part of a cubic between the points on it that are nearest to `first` and `last`: nothing holds the
/// ends of a fit along its own direction.
pub(super) fn trim(c: [Point; 4], first: Point, last: Point) -> [Point; 4] {
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

/// Factor of each cubic Bernstein polynomial, a count: it stands before the powers of `t` and `1 - t`.
const BINOMIAL: [f64; 4] = [1.0, 3.0, 3.0, 1.0];

/// The sums of the products of each of `terms` with `factors`, of even and odd samples at a time.
#[inline]
fn weighted<const N: usize, const TERMS: usize>(terms: &[[f64; N]; TERMS], factors: &[f64; N]) -> [f64; TERMS] {
    let mut sums = [[0.0; 2]; TERMS];
    for k in 0..N / 2 {
        let (even, odd) = (2 * k, 2 * k + 1);
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum[0] += term[even] * factors[even];
            sum[1] += term[odd] * factors[odd];
        }
    }
    let mut all = [0.0; TERMS];
    for (all, [even, odd]) in all.iter_mut().zip(sums) {
        *all = even + odd;
    }
    all
}

/// What a cubic is fitted to. Numbers of one kind lie next to each other, and there are always as many, so that a
/// processor takes several at once; those beyond the last sample have no weight.
struct Samples<const N: usize> {
    x: [f64; N],
    y: [f64; N],
    weights: [f64; N],
    /// The parameter of the cubic that each belongs to.
    t: [f64; N],
    /// What Bernstein polynomials are made of there, with `u` for `1 - t`: u³, u²t, ut², t³.
    powers: [[f64; N]; 4],
    /// The seven different products of two of these, from u⁶ to t⁶: that of the factors `i` and `j` is `i + j`.
    products: [[f64; N]; 7],
}

impl<const N: usize> Samples<N> {
    /// The samples `from..to` of a track, evenly thinned, for a cubic between breaks `i` and `j`.
    fn new(track: &Track, (i, j): (usize, usize), (from, to): (usize, usize)) -> Self {
        let mut all = Self::none();
        let length = track.lengths[j] - track.lengths[i];
        for (k, s) in Track::thin(from, to, N).enumerate() {
            (all.x[k], all.y[k]) = (track.points[s].x, track.points[s].y);
            all.weights[k] = track.weights[s];
            all.t[k] = (track.lengths[s] - track.lengths[i]) / length;
        }
        all
    }

    /// Points that count the same, as far as there is room for them, and the length of the way through them.
    fn along(points: &[Point]) -> (Self, f64) {
        let mut all = Self::none();
        let mut length = 0.0;
        for (k, p) in points.iter().take(N).enumerate() {
            length += p.distance(points[k.saturating_sub(1)]);
            (all.x[k], all.y[k], all.weights[k], all.t[k]) = (p.x, p.y, 1.0, length);
        }
        all.t.iter_mut().for_each(|t| *t /= length);
        (all, length)
    }

    fn none() -> Self {
        let none = [0.0; N];
        Self { x: none, y: none, weights: none, t: none, powers: [none; 4], products: [none; 7] }
    }

    /// Moves each parameter to where `cubic` is nearest, by one step; gives the weighted sum of the squared distances
    /// across it.
    fn project(&mut self, cubic: &Polynomial) -> f64 {
        let mut squares = [0.0; N];
        for k in 0..N {
            let t = self.t[k];
            let (p, v) = (cubic.at(t), cubic.derivative(t));
            let (dx, dy) = (p.x - self.x[k], p.y - self.y[k]);
            let vv = v.x * v.x + v.y * v.y;
            let step = if vv > 1e-12 { (dx * v.x + dy * v.y) / vv } else { 0.0 };
            let moved = t - step;
            let moved = if moved < 0.0 { 0.0 } else { moved };
            self.t[k] = if moved > 1.0 { 1.0 } else { moved };
            let (x, y) = (dx - v.x * step, dy - v.y * step);
            squares[k] = (x * x + y * y) * self.weights[k];
        }
        squares.iter().sum()
    }

    /// Brings powers and products to the parameters.
    fn expand(&mut self) {
        for k in 0..N {
            let t = self.t[k];
            let u = 1.0 - t;
            let (uu, tt) = (u * u, t * t);
            let (a, b, c, d) = (uu * u, uu * t, u * tt, tt * t);
            for (power, value) in self.powers.iter_mut().zip([a, b, c, d]) {
                power[k] = value;
            }
            for (product, value) in self.products.iter_mut().zip([a * a, b * a, c * a, d * a, b * d, c * d, d * d]) {
                product[k] = value;
            }
        }
    }

    /// The cubic that is nearest where the distance across `before` counts fully and the one along it hardly.
    fn solve_across(&mut self, before: &Polynomial, first: Point, last: Point) -> Option<[Point; 4]> {
        // w (n nᵀ + ALONG (I - n nᵀ)), and that times the point.
        let none = [0.0; N];
        let (mut xx, mut xy, mut yy, mut to_x, mut to_y) = (none, none, none, none, none);
        for k in 0..N {
            let v = before.derivative(self.t[k]);
            let vv = v.x * v.x + v.y * v.y;
            let across = self.weights[k] * (1.0 - ALONG) / if vv > 1e-12 { vv } else { 1e-12 };
            let along = self.weights[k] * ALONG;
            (xx[k], xy[k], yy[k]) = (along + across * v.y * v.y, -across * v.x * v.y, along + across * v.x * v.x);
            to_x[k] = xx[k] * self.x[k] + xy[k] * self.y[k];
            to_y[k] = xy[k] * self.x[k] + yy[k] * self.y[k];
        }
        self.expand();
        let products = &self.products;
        let (xx, xy, yy) = (weighted(products, &xx), weighted(products, &xy), weighted(products, &yy));
        let (to_x, to_y) = (weighted(&self.powers, &to_x), weighted(&self.powers, &to_y));
        let mut m = [[0.0f64; 8]; 8];
        let mut r = [[0.0f64; 1]; 8];
        for i in 0..4 {
            for j in 0..=i {
                let both = BINOMIAL[i] * BINOMIAL[j];
                m[2 * i][2 * j] = both * xx[i + j];
                m[2 * i + 1][2 * j] = both * xy[i + j];
                m[2 * i][2 * j + 1] = both * xy[i + j];
                m[2 * i + 1][2 * j + 1] = both * yy[i + j];
            }
            (r[2 * i], r[2 * i + 1]) = ([BINOMIAL[i] * to_x[i]], [BINOMIAL[i] * to_y[i]]);
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

    /// The cubic that is nearest with each sample at its parameter; the ends are held loosely.
    fn solve(&mut self, first: Point, last: Point) -> Option<[Point; 4]> {
        self.expand();
        let sums = weighted(&self.products, &self.weights);
        let none = [0.0; N];
        let (mut to_x, mut to_y) = (none, none);
        for k in 0..N {
            (to_x[k], to_y[k]) = (self.weights[k] * self.x[k], self.weights[k] * self.y[k]);
        }
        let (to_x, to_y) = (weighted(&self.powers, &to_x), weighted(&self.powers, &to_y));
        let (mut m, mut r) = ([[0.0; 4]; 4], [[0.0; 2]; 4]);
        for i in 0..4 {
            for j in 0..=i {
                m[i][j] = BINOMIAL[i] * BINOMIAL[j] * sums[i + j];
            }
            r[i] = [BINOMIAL[i] * to_x[i], BINOMIAL[i] * to_y[i]];
        }
        for (i, end) in [(0, first), (3, last)] {
            m[i][i] += END_WEIGHT;
            r[i][0] += END_WEIGHT * end.x;
            r[i][1] += END_WEIGHT * end.y;
        }
        Some(linear::factorise(m, r)?.map(|[x, y]| Point::new(x, y)))
    }
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
