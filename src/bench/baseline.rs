//! Holding the figures of a run against those of an earlier one.

use super::Figures;
use crate::{Code, Error, Result};

/// A figure that got worse by more than allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// The figure, with its group (`all: bytes, mean`).
    pub figure: String,
    /// Its value in the baseline.
    pub before: f64,
    /// Its value now.
    pub now: f64,
}

impl std::fmt::Display for Regression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let change = (self.now / self.before - 1.0) * 100.0;
        write!(f, "{}: {:.4} was {:.4} ({change:+.1} %)", self.figure, self.now, self.before)
    }
}

/// Time that a stage may always lose, as a multiple of the calibration: below it a share means nothing.
const TIME_GRAIN: f64 = 0.2;

/// How much worse figures may be, as shares: 0.05 is 5 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowed {
    /// Quality and bytes, which are the same in every run of one version.
    pub figures: f64,
    /// Times, which depend on what else the machine does.
    pub times: f64,
}

/// The figures of `now` that are worse than in `before` by more than `allowed`. Times are compared as
/// multiples of each run's calibration.
///
/// # Errors
/// [`Code::ReportInvalid`] when the two runs are of different sets or tiers.
pub fn regressions(before: &Figures, now: &Figures, allowed: Allowed) -> Result<Vec<Regression>> {
    if (&before.set, &before.tier) != (&now.set, &now.tier) {
        return Err(Error::new(
            Code::ReportInvalid,
            format!(
                "the baseline is of set {} in tier {}, this run of set {} in tier {}",
                before.set, before.tier, now.set, now.tier
            ),
        ));
    }
    let Allowed { figures: allowed, times: slower } = allowed;
    let mut worse = Vec::new();
    let mut check = |figure: String, before: f64, now: f64, bad: bool| {
        if bad {
            worse.push(Regression { figure, before, now });
        }
    };
    check("failed images".into(), before.failed as f64, now.failed as f64, now.failed > before.failed);
    let pairs = std::iter::once(("all", &before.all, &now.all))
        .chain(before.by_class.iter().filter_map(|(c, b)| Some((c.as_str(), b, now.by_class.get(c)?))));
    for (name, b, n) in pairs {
        let (x, y) = (b.group.quality, n.group.quality);
        for (what, x, y) in [("quality, mean", x.mean, y.mean), ("quality, p5", x.p5, y.p5)] {
            check(format!("{name}: {what}"), x, y, y < x * (1.0 - allowed));
        }
        let (x, y) = (b.group.bytes.mean, n.group.bytes.mean);
        check(format!("{name}: bytes, mean"), x, y, y > x * (1.0 + allowed));
        let (x, y) = (b.group.ms.p50 / before.calibration_ms, n.group.ms.p50 / now.calibration_ms);
        check(format!("{name}: time, median, calibrations"), x, y, y > x * (1.0 + slower) + TIME_GRAIN);
    }
    Ok(worse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::GroupFigures;
    use crate::report::Host;

    fn figures(quality: f64, bytes: f64, ms: f64) -> Figures {
        let mut all = GroupFigures::default();
        all.group.quality.mean = quality;
        all.group.quality.p5 = quality;
        all.group.bytes.mean = bytes;
        all.group.ms.p50 = ms;
        Figures {
            format_version: super::super::FORMAT_VERSION.into(),
            tool_version: String::new(),
            components: Default::default(),
            host: Host::current(),
            tier: "fast".into(),
            set: "a".into(),
            images: 1,
            failed: 0,
            failures: Vec::new(),
            repeats: 1,
            calibration_ms: 10.0,
            by_class: Default::default(),
            throughput: Vec::new(),
            peak_memory_bytes: None,
            others: Vec::new(),
            all,
        }
    }

    fn both(share: f64) -> Allowed {
        Allowed { figures: share, times: share }
    }

    #[test]
    fn times_have_a_margin_of_their_own() {
        let before = figures(0.9, 1000.0, 50.0);
        let allowed = Allowed { figures: 0.0, times: 0.5 };
        assert!(regressions(&before, &figures(0.9, 1000.0, 74.0), allowed).unwrap().is_empty());
        assert_eq!(regressions(&before, &figures(0.9, 1000.0, 78.0), allowed).unwrap().len(), 1);
        assert_eq!(regressions(&before, &figures(0.9, 1001.0, 50.0), allowed).unwrap().len(), 1);
    }

    #[test]
    fn only_what_got_worse_by_more_than_allowed_is_told() {
        let before = figures(0.9, 1000.0, 50.0);
        assert!(regressions(&before, &figures(0.88, 1040.0, 52.0), both(0.05)).unwrap().is_empty());
        assert!(regressions(&before, &figures(0.95, 500.0, 5.0), both(0.0)).unwrap().is_empty());
        let worse = regressions(&before, &figures(0.8, 1100.0, 90.0), both(0.05)).unwrap();
        let names: Vec<_> = worse.iter().map(|r| r.figure.as_str()).collect();
        assert_eq!(
            names,
            ["all: quality, mean", "all: quality, p5", "all: bytes, mean", "all: time, median, calibrations"]
        );
    }

    #[test]
    fn a_slower_machine_is_no_regression() {
        let (before, mut now) = (figures(0.9, 1000.0, 50.0), figures(0.9, 1000.0, 100.0));
        now.calibration_ms = 20.0;
        assert!(regressions(&before, &now, both(0.0)).unwrap().is_empty());
    }

    #[test]
    fn different_sets_are_not_compared() {
        let (before, mut now) = (figures(0.9, 1000.0, 50.0), figures(0.9, 1000.0, 50.0));
        now.set = "b".into();
        assert_eq!(regressions(&before, &now, both(0.05)).unwrap_err().code(), Code::ReportInvalid);
    }
}
