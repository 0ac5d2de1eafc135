//! The colours of a gradient along its parameter: piecewise linear, with as few stops as explain them.

/// Most intervals of the fine profile from which stops are chosen, a count: offsets are written to a
/// hundredth or so.
const MAX_FINE: usize = 128;

/// Fewest intervals of the fine profile, a count: enough for the stops of a small area.
const MIN_FINE: usize = 16;

/// Samples for each interval of the fine profile, a count: their mean is known to a fraction of a grey level.
const FINE_SAMPLES: usize = 8;

/// Pull of a value of the fine profile towards its neighbours against the mean weight, a ratio: only where no
/// sample tells it does it count.
const PULL: f64 = 1e-3;

/// Pull between neighbouring stops where no sample tells them, a share: they are far apart, and anything more
/// would flatten the gradient.
const STOP_PULL: f64 = 1e-8;

/// Most stops of a gradient, a count: artists write two to four.
pub const MAX_STOPS: usize = 6;

/// Most knots while stops are chosen, a count: those that turn out to be constant ends are given up again.
const MAX_KNOTS: usize = MAX_STOPS + 2;

/// Largest difference from the fine profile that counts as none, 8-bit steps: rounding shifts a value by half
/// of one wherever level lines follow the pixels.
const DEAD_ZONE: f64 = 0.75;

/// Part of what is left that a stop must explain, a share: rounding along level lines looks like structure.
const MIN_GAIN: f64 = 0.05;

/// Weight, against the mean one, from which a value of the fine profile is told by its samples, a ratio: with
/// less its neighbours tell it.
const TOLD: f64 = 0.1;

/// Price of a written number of a gradient, nats: ln(extent / precision) for 512 px and 0.1 px.
pub const NUMBER: f64 = 8.5;

/// Price of a stop, numbers: its offset, and its colour counted as two.
const STOP_NUMBERS: f64 = 3.0;

/// Deviation of a sample, 8-bit steps: its rounding, that of the renderer, and some for its interpolation.
pub const SIGMA: f64 = 1.0;

/// Values at equally spaced knots over [0, 1], in the sense of least squares.
pub struct Fine<const C: usize> {
    n: usize,
    /// Diagonal and upper diagonal of the normal equations.
    diagonal: Vec<f64>,
    upper: Vec<f64>,
    right: Vec<[f64; C]>,
    /// Sum of the weighted squares.
    squares: f64,
}

impl<const C: usize> Fine<C> {
    /// No samples yet, for `n` intervals.
    pub fn new(n: usize) -> Self {
        Self { n, diagonal: vec![0.0; n + 1], upper: vec![0.0; n], right: vec![[0.0; C]; n + 1], squares: 0.0 }
    }

    /// Adds a sample at `t` in [0, 1].
    pub fn add(&mut self, t: f64, value: &[f64; C], weight: f64) {
        let at = t.clamp(0.0, 1.0) * self.n as f64;
        let k = (at as usize).min(self.n - 1);
        let (b, a) = (at - k as f64, 1.0 - (at - k as f64));
        self.diagonal[k] += weight * a * a;
        self.diagonal[k + 1] += weight * b * b;
        self.upper[k] += weight * a * b;
        for c in 0..C {
            let v = weight * value[c];
            self.right[k][c] += a * v;
            self.right[k + 1][c] += b * v;
            self.squares += v * value[c];
        }
    }

    /// The values at all knots, and the sum of squares that they leave.
    pub fn solve(&self) -> (Vec<[f64; C]>, f64) {
        let n = self.n;
        let mean = self.diagonal.iter().sum::<f64>() / (n + 1) as f64;
        let pull = PULL * (mean + 1e-9);
        let mut diagonal: Vec<f64> =
            (0..=n).map(|k| self.diagonal[k] + pull * if k == 0 || k == n { 1.0 } else { 2.0 }).collect();
        let mut x = self.right.clone();
        for k in 0..n {
            let upper = self.upper[k] - pull;
            let factor = upper / diagonal[k];
            diagonal[k + 1] -= factor * upper;
            for c in 0..C {
                x[k + 1][c] -= factor * x[k][c];
            }
        }
        for c in 0..C {
            x[n][c] /= diagonal[n];
        }
        for k in (0..n).rev() {
            let upper = self.upper[k] - pull;
            for c in 0..C {
                x[k][c] = (x[k][c] - upper * x[k + 1][c]) / diagonal[k];
            }
        }
        let rest = self.rest(&x);
        (x, rest)
    }

    /// The sum of squares that values at all knots leave.
    fn rest(&self, x: &[[f64; C]]) -> f64 {
        let mut rest = self.squares;
        for k in 0..=self.n {
            for c in 0..C {
                let mut row = self.diagonal[k] * x[k][c];
                if k > 0 {
                    row += self.upper[k - 1] * x[k - 1][c];
                }
                if k < self.n {
                    row += self.upper[k] * x[k + 1][c];
                }
                rest += x[k][c] * (row - 2.0 * self.right[k][c]);
            }
        }
        rest.max(0.0)
    }

    /// The best values at some of the knots, linear in between, constant beyond; and what they leave.
    fn coarse(&self, knots: &[usize]) -> ([[f64; C]; MAX_KNOTS], f64) {
        let m = knots.len();
        // Normal equations of the coarse basis, from those of the fine one.
        let mut a = [[0.0; MAX_KNOTS]; MAX_KNOTS];
        let mut b = [[0.0; C]; MAX_KNOTS];
        let mut next = 0;
        let mut part = |k: usize| -> (usize, f64, f64) {
            while next < m && knots[next] <= k {
                next += 1;
            }
            if next == 0 {
                (0, 1.0, 0.0)
            } else if next == m {
                (m - 1, 1.0, 0.0)
            } else {
                let share = (k - knots[next - 1]) as f64 / (knots[next] - knots[next - 1]) as f64;
                (next - 1, 1.0 - share, share)
            }
        };
        let mut here = part(0);
        for k in 0..=self.n {
            let (j, p, q) = here;
            let l = (j + 1).min(m - 1);
            let d = self.diagonal[k];
            a[j][j] += p * p * d;
            a[l][l] += q * q * d;
            a[j][l] += p * q * d;
            a[l][j] += p * q * d;
            for c in 0..C {
                b[j][c] += p * self.right[k][c];
                b[l][c] += q * self.right[k][c];
            }
            if k < self.n {
                here = part(k + 1);
                let (i, r, t) = here;
                let h = (i + 1).min(m - 1);
                let u = self.upper[k];
                for (x, p) in [(j, p), (l, q)] {
                    for (y, r) in [(i, r), (h, t)] {
                        a[x][y] += p * r * u;
                        a[y][x] += p * r * u;
                    }
                }
            }
        }
        let mean = self.diagonal.iter().sum::<f64>() / m as f64;
        let pull = STOP_PULL * (mean + 1e-9);
        for j in 0..m - 1 {
            a[j][j] += pull;
            a[j + 1][j + 1] += pull;
            a[j][j + 1] -= pull;
            a[j + 1][j] -= pull;
        }
        let (matrix, right) = (a, b);
        // The matrix is small and positive definite, so elimination without pivots is stable.
        for i in 0..m {
            for r in i + 1..m {
                let factor = a[r][i] / a[i][i];
                for c in i..m {
                    a[r][c] -= factor * a[i][c];
                }
                for c in 0..C {
                    b[r][c] -= factor * b[i][c];
                }
            }
        }
        for i in (0..m).rev() {
            for c in 0..C {
                let known: f64 = (i + 1..m).map(|j| a[i][j] * b[j][c]).sum();
                b[i][c] = (b[i][c] - known) / a[i][i];
            }
        }
        let mut rest = self.squares;
        for i in 0..m {
            for c in 0..C {
                let row: f64 = (0..m).map(|j| matrix[i][j] * b[j][c]).sum();
                rest += b[i][c] * (row - 2.0 * right[i][c]);
            }
        }
        (b, rest.max(0.0))
    }
}

fn intervals(samples: usize) -> usize {
    (samples / FINE_SAMPLES).clamp(MIN_FINE, MAX_FINE)
}

/// Colours, and alpha where it varies, along the parameter.
pub struct Profile {
    fine: usize,
    color: Option<Fine<3>>,
    alpha: Option<Fine<1>>,
}

/// A stop: where, in [0, 1], and the straight colour with alpha, 8-bit steps.
pub type ProfileStop = (f64, [f64; 4]);

impl Profile {
    /// For so many samples of colours, with alpha or all opaque.
    pub fn of_colors(samples: usize, with_alpha: bool) -> Self {
        let fine = intervals(samples);
        Self { fine, color: Some(Fine::new(fine)), alpha: with_alpha.then(|| Fine::new(fine)) }
    }

    /// For so many samples of the alpha alone.
    pub fn of_alpha(samples: usize) -> Self {
        let fine = intervals(samples);
        Self { fine, color: None, alpha: Some(Fine::new(fine)) }
    }

    /// Adds a sample at `t` in [0, 1]: a straight colour with alpha, 8-bit steps.
    pub fn add(&mut self, t: f64, [r, g, b, a]: [f64; 4], weight: f64) {
        if let Some(color) = &mut self.color {
            // An error of a colour shows as much as its alpha.
            let shown = (a / 255.0) * (a / 255.0);
            color.add(t, &[r, g, b], weight * shown);
        }
        if let Some(alpha) = &mut self.alpha {
            alpha.add(t, &[a], weight);
        }
    }

    fn coarse(&self, knots: &[usize]) -> (Vec<[f64; 4]>, f64) {
        let (color, rest) = self.color.as_ref().map_or(([[0.0; 3]; MAX_KNOTS], 0.0), |c| c.coarse(knots));
        let (alpha, more) = self.alpha.as_ref().map_or(([[255.0]; MAX_KNOTS], 0.0), |a| a.coarse(knots));
        let both = color.iter().zip(&alpha).take(knots.len());
        (both.map(|(c, a)| [c[0], c[1], c[2], a[0]]).collect(), rest + more)
    }

    fn rest(&self, knots: &[usize]) -> f64 {
        self.color.as_ref().map_or(0.0, |c| c.coarse(knots).1) + self.alpha.as_ref().map_or(0.0, |a| a.coarse(knots).1)
    }

    fn fine(&self) -> Vec<[f64; 4]> {
        let color = self.color.as_ref().map_or_else(|| vec![[0.0; 3]; self.fine + 1], |c| c.solve().0);
        let alpha = self.alpha.as_ref().map_or_else(|| vec![[255.0]; self.fine + 1], |a| a.solve().0);
        color.iter().zip(&alpha).map(|(c, a)| [c[0], c[1], c[2], a[0]]).collect()
    }

    /// Chooses at most `most` stops by description length.
    pub fn stops(&self, most: usize) -> Vec<ProfileStop> {
        let fine = self.fine();
        let price = NUMBER * STOP_NUMBERS * 2.0 * SIGMA * SIGMA;
        let mut knots = vec![0, self.fine];
        let (mut values, mut rest) = self.coarse(&knots);
        while knots.len() < most.min(MAX_STOPS) && self.worst(&fine, &knots, &values) > DEAD_ZONE {
            let with = (2..self.fine - 1).step_by(2).filter(|k| !knots.contains(k)).map(|k| {
                let mut with = knots.clone();
                with.insert(with.partition_point(|n| *n < k), k);
                (self.rest(&with), with)
            });
            let Some((_, with)) = with.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
            let with = self.moved(with);
            let (v, r) = self.coarse(&with);
            if rest - r < price.max(MIN_GAIN * rest) {
                break;
            }
            (knots, values, rest) = (with, v, r);
        }
        // What is constant at an end is so without a stop for it.
        let same = |a: &[f64; 4], b: &[f64; 4]| (0..4).all(|c| (a[c] - b[c]).abs() < DEAD_ZONE);
        let count = knots.len();
        while knots.len() > 2 && same(&values[0], &values[1]) {
            knots.remove(0);
            values.remove(0);
        }
        while knots.len() > 2 && same(&values[knots.len() - 1], &values[knots.len() - 2]) {
            knots.pop();
            values.pop();
        }
        if knots.len() < count {
            knots = self.moved(knots);
        }
        // Nor one that the others can do without.
        while knots.len() > 2 {
            let without = (0..knots.len()).map(|k| {
                let mut without = knots.clone();
                without.remove(k);
                let without = self.moved(without);
                (self.rest(&without), without)
            });
            let rest = self.rest(&knots);
            match without.min_by(|a, b| a.0.total_cmp(&b.0)) {
                Some((r, without)) if r - rest < price => knots = without,
                _ => break,
            }
        }
        let (values, _) = self.coarse(&knots);
        knots.iter().map(|k| *k as f64 / self.fine as f64).zip(values).collect()
    }

    /// Largest difference between the fine profile and one with these stops, where there are samples.
    fn worst(&self, fine: &[[f64; 4]], knots: &[usize], values: &[[f64; 4]]) -> f64 {
        let mut worst = 0.0f64;
        for k in 0..=self.fine {
            if self.told(k) < TOLD {
                continue;
            }
            let j = knots.partition_point(|n| *n <= k).clamp(1, knots.len() - 1);
            let share = ((k as f64 - knots[j - 1] as f64) / (knots[j] - knots[j - 1]) as f64).clamp(0.0, 1.0);
            for c in 0..4 {
                let v = values[j - 1][c] + share * (values[j][c] - values[j - 1][c]);
                worst = worst.max((fine[k][c] - v).abs());
            }
        }
        worst
    }

    /// Weight of the samples at a fine knot, relative to the mean one.
    fn told(&self, k: usize) -> f64 {
        let diagonals = [self.alpha.as_ref().map(|a| &a.diagonal), self.color.as_ref().map(|c| &c.diagonal)];
        let Some(diagonal) = diagonals.into_iter().flatten().next() else { return 0.0 };
        diagonal[k] * (self.fine + 1) as f64 / diagonal.iter().sum::<f64>().max(1e-12)
    }

    /// `knots`, each moved to where it leaves least.
    fn moved(&self, mut knots: Vec<usize>) -> Vec<usize> {
        let mut rest = self.rest(&knots);
        for step in [8, 3, 1] {
            let mut better = true;
            while better {
                better = false;
                for j in 0..knots.len() {
                    for sign in [-1, 1] {
                        let low = if j > 0 { knots[j - 1] as i64 + 1 } else { 0 };
                        let high = knots.get(j + 1).map_or(self.fine as i64, |n| *n as i64 - 1);
                        let to = knots[j] as i64 + sign * step;
                        if to < low || to > high {
                            continue;
                        }
                        let before = std::mem::replace(&mut knots[j], to as usize);
                        let r = self.rest(&knots);
                        if r < rest * (1.0 - 1e-6) - 1e-9 {
                            rest = r;
                            better = true;
                        } else {
                            knots[j] = before;
                        }
                    }
                }
            }
        }
        knots
    }
}
