//! Numbers that were measured several times: those that agree become one.

/// A number as it was measured of a curve.
#[derive(Debug, Clone, Copy)]
pub(in crate::trace::contour) struct Measure {
    /// What it is.
    pub(in crate::trace::contour) value: f64,
    /// How well it is known, the inverse of its variance.
    pub(in crate::trace::contour) weight: f64,
    /// The farthest that it may be moved.
    pub(in crate::trace::contour) reach: f64,
}

impl Measure {
    /// One that stays as it is.
    pub(super) fn fixed(value: f64) -> Self {
        Self { value, weight: FIXED, reach: 0.0 }
    }
}

/// Weight of a number that stays, against one that is known to a pixel, a ratio: none is known better than this.
const FIXED: f64 = 1e12;

/// Difference of two numbers that are the same, px: arithmetic makes as much of none.
const SAME: f64 = 1e-7;

/// Measures that have one value.
#[derive(Clone, Copy)]
struct Group {
    weight: f64,
    sum: f64,
    /// Where all of them may be.
    within: (f64, f64),
    /// Whether they were not the same before.
    several: bool,
    fixed: Option<f64>,
}

impl Group {
    fn mean(&self) -> f64 {
        self.fixed.unwrap_or(self.sum / self.weight)
    }

    /// Both as one, when that is within what each of them may be off.
    fn with(&self, other: &Self) -> Option<Self> {
        let both = Self {
            weight: self.weight + other.weight,
            sum: self.sum + other.sum,
            within: (self.within.0.max(other.within.0), self.within.1.min(other.within.1)),
            several: true,
            fixed: self.fixed.or(other.fixed),
        };
        let mean = both.mean();
        (both.within.0 <= mean && mean <= both.within.1).then_some(both)
    }
}

/// What each of `measures` is when those that agree have their weighted mean, as `written`; the nearest are put together
/// first. What agrees with no other stays as it is.
pub(in crate::trace::contour) fn agreed(measures: &[Measure], written: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..measures.len()).collect();
    order.sort_by(|a, b| measures[*a].value.total_cmp(&measures[*b].value).then(a.cmp(b)));
    // Those that are the same already.
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of = vec![0; measures.len()];
    let mut last = f64::NEG_INFINITY;
    for i in order {
        let m = measures[i];
        let weight = m.weight.max(f64::MIN_POSITIVE);
        let fixed = (m.weight >= FIXED).then_some(m.value);
        match groups.last_mut() {
            Some(group) if m.value - last < SAME => {
                group.weight += weight;
                group.sum += weight * m.value;
                group.within = (group.within.0.max(m.value - m.reach), group.within.1.min(m.value + m.reach));
                group.fixed = group.fixed.or(fixed);
            }
            _ => groups.push(Group {
                weight,
                sum: weight * m.value,
                within: (m.value - m.reach, m.value + m.reach),
                several: false,
                fixed,
            }),
        }
        last = m.value;
        group_of[i] = groups.len() - 1;
    }
    let mut gaps: Vec<(f64, usize)> =
        groups.windows(2).enumerate().map(|(k, w)| (w[1].mean() - w[0].mean(), k)).collect();
    gaps.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    // Each group is kept at its first and its last place.
    let mut first: Vec<usize> = (0..groups.len()).collect();
    let mut end: Vec<usize> = (0..groups.len()).collect();
    for (_, k) in gaps {
        let (low, high) = (first[k], end[k + 1]);
        if let Some(both) = groups[low].with(&groups[high]) {
            (groups[low], groups[high]) = (both, both);
            (first[high], end[low]) = (low, high);
        }
    }
    let mut values = vec![0.0; groups.len()];
    let mut k = 0;
    while k < groups.len() {
        let group = groups[k];
        let mean = group.mean();
        let value = if group.fixed.is_some() || !group.several { mean } else { written(mean) };
        values[k..=end[k]].fill(value);
        k = end[k] + 1;
    }
    let moved = |i: usize| values[group_of[i]];
    (0..measures.len())
        .map(|i| if (moved(i) - measures[i].value).abs() < SAME { measures[i].value } else { moved(i) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(measures: &[(f64, f64)]) -> Vec<f64> {
        let all: Vec<Measure> =
            measures.iter().map(|(value, reach)| Measure { value: *value, weight: 1.0, reach: *reach }).collect();
        agreed(&all, |v| (v * 100.0).round() / 100.0)
    }

    #[test]
    fn what_agrees_is_one_and_what_does_not_stays() {
        assert_eq!(found(&[(5.001, 0.01), (7.003, 0.01), (5.012, 0.01)]), [5.01, 7.003, 5.01]);
        // The nearest first: a chain of small steps is not all one.
        assert_eq!(found(&[(1.0, 0.01), (1.015, 0.01), (1.025, 0.01)]), [1.0, 1.02, 1.02]);
        assert_eq!(found(&[]), [0.0; 0]);
    }

    #[test]
    fn what_is_fixed_draws_the_others() {
        let free = |value| Measure { value, weight: 1e6, reach: 0.02 };
        let all = [free(3.01), Measure::fixed(3.0), free(3.019), free(3.03), Measure::fixed(4.0)];
        assert_eq!(agreed(&all, |v| v), [3.0, 3.0, 3.0, 3.03, 4.0]);
    }
}
