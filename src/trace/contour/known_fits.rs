//! Curves of boundaries that were fitted before: another number of inks or a larger least region leaves most
//! boundaries of a picture where they were.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::fit::{Costs, Curve, segment::Effort};
use super::fit_boundary;
use super::planar_map::Boundary;
use super::subpixel::Sample;

/// Words of questions that are kept, a count: 16 MiB. Beyond it all are forgotten, and the next trials ask anew.
const MOST_WORDS: usize = 1 << 21;

/// Curves by all that they depend on.
#[derive(Default)]
pub(super) struct KnownFits(Mutex<Known>);

#[derive(Default)]
struct Known {
    curves: HashMap<Box<[u64]>, Curve>,
    words: usize,
}

impl KnownFits {
    /// What [`fit_boundary`] gives, sooner where it was asked before.
    pub(super) fn fit(&self, boundary: &Boundary, samples: &[Sample], effort: Effort, costs: Costs) -> Curve {
        let question = question(boundary, samples, effort, costs);
        // A panic elsewhere leaves the table whole: nothing is half done under this lock.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(curve) = known().curves.get(&question) {
            return curve.clone();
        }
        // Not under the lock: two may do the same work, but none waits for the other.
        let curve = fit_boundary(boundary, samples, effort, costs);
        let mut known = known();
        if known.words + question.len() > MOST_WORDS {
            *known = Known::default();
        }
        known.words += question.len();
        known.curves.insert(question, curve.clone());
        curve
    }
}

/// Everything that the curve of a boundary depends on.
fn question(boundary: &Boundary, samples: &[Sample], effort: Effort, costs: Costs) -> Box<[u64]> {
    let Boundary { left: _, right: _, corners, ends: _ } = boundary;
    let kind = u64::from(boundary.is_rim()) | u64::from(boundary.is_ring()) << 1;
    let head = [kind, effort as u64, costs.number.to_bits(), costs.sigma.to_bits(), corners.len() as u64];
    let corners = corners.iter().map(|&(x, y)| u64::from(x) << 32 | u64::from(y));
    let samples = samples.iter().flat_map(|s| [s.point.x.to_bits(), s.point.y.to_bits(), s.sigma.to_bits()]);
    head.into_iter().chain(corners).chain(samples).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Point;

    #[test]
    fn a_known_fit_is_the_fit() {
        let ring = |r: f64| -> Vec<Sample> {
            let at = |i: usize| f64::from(i as u32) * std::f64::consts::TAU / 40.0;
            let point = |i| Point::new(20.0 + r * at(i).cos(), 20.0 + r * at(i).sin());
            (0..40).map(|i| Sample { point: point(i), sigma: 0.05 }).collect()
        };
        let boundary = Boundary { left: 0, right: 1, corners: vec![(30, 20), (20, 30), (30, 20)], ends: None };
        let known = KnownFits::default();
        for _ in 0..2 {
            for (r, number) in [(9.0, 2.5), (7.0, 2.5), (7.0, 10.0)] {
                let costs = Costs { number, ..Costs::default() };
                let own = fit_boundary(&boundary, &ring(r), Effort::Thorough, costs);
                assert_eq!(known.fit(&boundary, &ring(r), Effort::Thorough, costs), own);
            }
        }
        assert_eq!(known.0.lock().unwrap().curves.len(), 3);
    }
}
