//! Small systems of linear equations: the normal equations of the fits.
//!
//! Where the samples say enough about every unknown they are positive definite, and Cholesky's factorisation
//! (Golub and Van Loan 2013, section 4.2) solves them without pivots. Where two unknowns may say nearly the same, as
//! the radii and the angle of an ellipse that is almost round, elimination with pivots still gives an answer.

#![expect(
    clippy::needless_range_loop,
    clippy::neg_cmp_op_on_partial_ord,
    reason = "indices are those of the formulas, and a pivot that is not a number is no pivot"
)]

use std::iter::Sum;
use std::ops::{AddAssign, Mul};

/// Least pivot of a factorisation, px⁻²: the weight of a single sample is a million times as large at the least.
const MIN_PIVOT: f64 = 1e-9;

/// Least pivot of an elimination, px⁻²: the rounding of the sums that the system is made of.
const MIN_ELIMINATED: f64 = 1e-12;

/// Solves the positive definite `m x = r` for every column of `r`. Of `m` only the lower triangle is read. `None`
/// when the samples leave an unknown open.
pub(crate) fn factorise<const N: usize, const COLUMNS: usize>(
    mut m: [[f64; N]; N],
    mut r: [[f64; COLUMNS]; N],
) -> Option<[[f64; COLUMNS]; N]> {
    // The factor takes the place of the triangle; divisions are slow, so each pivot is divided by once.
    let mut inverse = [0.0; N];
    for i in 0..N {
        for j in 0..i {
            let mut sum = m[i][j];
            for k in 0..j {
                sum -= m[i][k] * m[j][k];
            }
            m[i][j] = sum * inverse[j];
        }
        let pivot = (0..i).fold(m[i][i], |sum, k| sum - m[i][k] * m[i][k]);
        if !(pivot > MIN_PIVOT) {
            return None;
        }
        inverse[i] = 1.0 / pivot.sqrt();
    }
    for i in 0..N {
        for k in 0..i {
            subtract(&mut r, i, k, m[i][k]);
        }
        r[i] = r[i].map(|v| v * inverse[i]);
    }
    for i in (0..N).rev() {
        for k in i + 1..N {
            subtract(&mut r, i, k, m[k][i]);
        }
        r[i] = r[i].map(|v| v * inverse[i]);
    }
    Some(r)
}

/// Takes `factor` times row `k` off row `i`.
fn subtract<const N: usize, const COLUMNS: usize>(r: &mut [[f64; COLUMNS]; N], i: usize, k: usize, factor: f64) {
    let row = r[k];
    for (v, other) in r[i].iter_mut().zip(row) {
        *v -= factor * other;
    }
}

/// Solves `a x = b` by elimination with pivots. `None` when it has no single solution.
pub(crate) fn eliminate<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> Option<[f64; N]> {
    for i in 0..N {
        let pivot = (i..N).max_by(|p, q| a[*p][i].abs().total_cmp(&a[*q][i].abs()))?;
        if a[pivot][i].abs() < MIN_ELIMINATED {
            return None;
        }
        a.swap(i, pivot);
        b.swap(i, pivot);
        for r in i + 1..N {
            let f = a[r][i] / a[i][i];
            for c in i..N {
                a[r][c] -= f * a[i][c];
            }
            b[r] -= f * b[i];
        }
    }
    let mut x = [0.0; N];
    for i in (0..N).rev() {
        let sum: f64 = (i + 1..N).map(|c| a[i][c] * x[c]).sum();
        x[i] = (b[i] - sum) / a[i][i];
    }
    Some(x)
}

/// Solves the positive definite `m x = r` for as many unknowns as `r` has. Of `m`, row by row, only the lower
/// triangle is read; what stands before the first entry of a row takes no time. `None` when it is not positive
/// definite.
pub(crate) fn cholesky(mut m: Vec<f64>, mut r: Vec<f64>) -> Option<Vec<f64>> {
    let n = r.len();
    let first: Vec<usize> = (0..n).map(|i| (0..i).find(|j| m[i * n + j] != 0.0).unwrap_or(i)).collect();
    for i in 0..n {
        for j in first[i]..=i {
            let from = first[i].max(first[j]);
            let row = |r: usize| &m[r * n + from..r * n + j];
            let sum = m[i * n + j] - dot::<8, _>(row(i), row(j));
            if i > j {
                m[i * n + j] = sum / m[j * n + j];
            } else if sum > 0.0 {
                m[i * n + i] = sum.sqrt();
            } else {
                return None;
            }
        }
    }
    for i in 0..n {
        for k in first[i]..i {
            r[i] -= m[i * n + k] * r[k];
        }
        r[i] /= m[i * n + i];
    }
    for i in (0..n).rev() {
        for k in (i + 1..n).filter(|k| first[*k] <= i) {
            r[i] -= m[k * n + i] * r[k];
        }
        r[i] /= m[i * n + i];
    }
    Some(r)
}

/// The scalar product, in lanes that do not wait for each other, which the compiler turns into vector instructions: four
/// vectors of the least that a processor has are best, and of twice as many numbers it makes none.
pub(crate) fn dot<const LANES: usize, F>(a: &[F], b: &[F]) -> F
where
    F: Copy + Default + AddAssign + Mul<Output = F> + Sum,
{
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = [F::default(); LANES];
    for (a, b) in a.iter().zip(b) {
        for l in 0..LANES {
            lanes[l] += a[l] * b[l];
        }
    }
    let mut sum: F = lanes.into_iter().sum();
    sum += a_rest.iter().zip(b_rest).map(|(a, b)| *a * *b).sum();
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    type Square = [[f64; 5]; 5];

    #[test]
    fn what_was_multiplied_is_found_again() {
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..200 {
            // A product of a matrix with itself, and one, is positive definite.
            let a: Square = std::array::from_fn(|_| std::array::from_fn(|_| random.f64() - 0.5));
            let m: Square = std::array::from_fn(|i| {
                std::array::from_fn(|j| (0..5).map(|k| a[i][k] * a[j][k]).sum::<f64>() + f64::from(u8::from(i == j)))
            });
            let x: [[f64; 2]; 5] = std::array::from_fn(|_| std::array::from_fn(|_| 10.0 * random.f64()));
            let r: [[f64; 2]; 5] =
                std::array::from_fn(|i| std::array::from_fn(|c| (0..5).map(|j| m[i][j] * x[j][c]).sum()));
            // What is above the diagonal is not looked at.
            let lower = std::array::from_fn(|i| std::array::from_fn(|j| if j <= i { m[i][j] } else { f64::NAN }));
            let both = factorise(lower, r).unwrap();
            let one = factorise(lower, r.map(|row| [row[1]])).unwrap();
            let eliminated = eliminate(m, r.map(|row| row[0])).unwrap();
            for i in 0..5 {
                let found = [both[i][0], both[i][1], one[i][0], eliminated[i]];
                for (found, x) in found.into_iter().zip([x[i][0], x[i][1], x[i][1], x[i][0]]) {
                    assert!((found - x).abs() < 1e-9, "{found} and not {x}");
                }
            }
        }
    }

    #[test]
    fn a_system_of_any_size_with_gaps_is_solved_like_a_small_one() {
        let mut random = fastrand::Rng::with_seed(6);
        for _ in 0..200 {
            // Unknowns a and b know of each other where they are neighbours.
            let near = |i: usize, j: usize| i.abs_diff(j) <= 1;
            let a: Square = std::array::from_fn(|i| {
                std::array::from_fn(|j| if near(i, j) && j <= i { 0.5 + random.f64() } else { 0.0 })
            });
            let m: Square =
                std::array::from_fn(|i| std::array::from_fn(|j| (0..5).map(|k| a[i][k] * a[j][k]).sum::<f64>()));
            let r: [f64; 5] = std::array::from_fn(|_| random.f64());
            let expected = eliminate(m, r).unwrap();
            let lower: Vec<f64> = (0..25).map(|k| if k % 5 <= k / 5 { m[k / 5][k % 5] } else { f64::NAN }).collect();
            for (found, expected) in cholesky(lower, r.to_vec()).unwrap().iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{found} and not {expected}");
            }
        }
        assert_eq!(cholesky(vec![1.0, 0.0, 1.0, 1.0], vec![1.0, 1.0]), None, "not positive definite");
        assert_eq!(cholesky(vec![f64::NAN], vec![1.0]), None);
    }

    #[test]
    fn pivots_may_be_anywhere() {
        assert_eq!(eliminate([[0.0, 2.0], [4.0, 0.0]], [6.0, 4.0]), Some([1.0, 3.0]));
        assert_eq!(factorise([[0.0, 2.0], [4.0, 0.0]], [[6.0], [4.0]]), None);
    }

    #[test]
    fn an_unknown_that_nothing_tells_and_nonsense_are_refused() {
        let flat = [[1.0, 1.0], [1.0, 1.0]];
        assert_eq!((factorise(flat, [[1.0], [1.0]]), eliminate(flat, [1.0, 1.0])), (None, None));
        assert_eq!((factorise([[0.0]], [[0.0]]), eliminate([[0.0]], [0.0])), (None, None));
        assert_eq!(factorise([[f64::NAN, 0.0], [0.0, 1.0]], [[1.0], [1.0]]), None);
    }
}
