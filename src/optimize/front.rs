//! The traces that nothing beats: quality against bytes and nodes.
//!
//! A trace is on the front when no other has at least its quality in no more bytes and no more nodes.
//! Everything that a user may want of a search is a place on it: the smallest that reaches a target,
//! the best that fits into so many bytes, or the whole of it.

use crate::pipeline::{Candidate, GAIN_PER_GROWTH};

/// What to take from the front.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Goal {
    /// Quality to reach, in [0, 1]; the fewest bytes that reach it are taken.
    pub target: Option<f64>,
    /// Most bytes; the best quality that fits is taken, or the fewest bytes that reach the target.
    pub max_bytes: Option<u64>,
}

/// Traces whose quality differs by less than this look the same; of them only the smaller is shown.
pub(crate) const SAME_QUALITY: f64 = 1e-4;

/// One trace of the front.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) candidate: Candidate,
    /// Its place among the trials, from 0.
    pub(crate) trial: usize,
}

impl Member {
    pub(crate) fn bytes(&self) -> u64 {
        self.candidate.svg.len() as u64
    }

    pub(crate) fn nodes(&self) -> u64 {
        self.candidate.metrics.as_ref().map_or(0, |m| m.economy.nodes)
    }

    /// Whether `other` is no better in anything, `slack` of quality aside.
    fn covers(&self, other: &Self, slack: f64) -> bool {
        self.candidate.quality() + slack >= other.candidate.quality()
            && self.bytes() <= other.bytes()
            && self.nodes() <= other.nodes()
    }
}

/// Quality less what the bytes cost, at the rate at which the tiers of `convert` buy quality with bytes.
pub(crate) fn worth(quality: f64, bytes: u64) -> f64 {
    quality - GAIN_PER_GROWTH * (bytes.max(1) as f64).ln()
}

/// What quality may be short of 1 and is next to nothing, a share: a hundredth of what scorers of drawings differ by.
const NEXT_TO_NOTHING: f64 = 0.001;

/// Growth of the logarithm of the bytes that is as bad as the same growth of that of the shortfall, a ratio: a file twice
/// the size for 8 % less of it (`docs/engine-log.md`).
const BYTES_SHARE: f64 = 0.12;

/// How far careful traces of one engine are from perfect, the less the better: what their quality is short of 1, and
/// their bytes. The qualities of small pictures differ by tens of times what those of large ones do, so ratios are
/// what counts.
pub(crate) fn shortfall(quality: f64, bytes: u64) -> f64 {
    (1.0 - quality + NEXT_TO_NOTHING).max(f64::MIN_POSITIVE).ln() + BYTES_SHARE * (bytes.max(1) as f64).ln()
}

/// All traces that nothing beats, the smallest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Front {
    members: Vec<Member>,
}

impl Front {
    /// Takes `candidate` up if nothing beats it; whether it did.
    pub(crate) fn offer(&mut self, candidate: Candidate, trial: usize) -> bool {
        let new = Member { candidate, trial };
        // Of equals the first stays.
        if self.members.iter().any(|m| m.covers(&new, 0.0)) {
            return false;
        }
        self.members.retain(|m| !new.covers(m, 0.0));
        let key = |m: &Member| (m.bytes(), m.nodes(), m.trial);
        let at = self.members.partition_point(|m| key(m) < key(&new));
        self.members.insert(at, new);
        true
    }

    /// All members, the smallest first.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member that `goal` asks for, or what comes nearest. Without a goal it is the one that is worth most
    /// among those of at least the quality `floor`.
    pub(crate) fn pick(&self, goal: Goal, floor: f64) -> Option<&Member> {
        let fits = |m: &&Member| goal.max_bytes.is_none_or(|most| m.bytes() <= most);
        let smallest = self.members.first()?;
        if !fits(&smallest) {
            return Some(smallest);
        }
        let quality = |m: &Member| m.candidate.quality();
        // Of equals the smaller.
        let most = |of: &dyn Fn(&Member) -> f64, least: f64| {
            let enough = self.members.iter().filter(fits).filter(|m| quality(m) >= least);
            enough.max_by(|a, b| of(a).total_cmp(&of(b)).then(b.bytes().cmp(&a.bytes())))
        };
        match goal {
            Goal { target: Some(target), .. } => {
                self.members.iter().filter(fits).find(|m| quality(m) >= target).or_else(|| most(&quality, 0.0))
            }
            Goal { max_bytes: Some(_), .. } => most(&quality, 0.0),
            Goal { .. } => most(&|m| worth(quality(m), m.bytes()), floor).or_else(|| most(&quality, 0.0)),
        }
    }

    /// The members worth showing: of several that look the same the one that costs least, and always the
    /// one of trial `kept`.
    pub(crate) fn thinned(&self, kept: usize) -> Vec<&Member> {
        let mut shown: Vec<&Member> = Vec::new();
        for member in &self.members {
            if member.trial == kept || !shown.iter().any(|m| m.covers(member, SAME_QUALITY)) {
                shown.push(member);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::StageTimes;
    use crate::score::{Economy, GroundMetrics, Metrics};
    use crate::trace::{Engine, contour::Contour};

    fn candidate(quality: f64, bytes: usize, nodes: u64) -> Candidate {
        Candidate {
            svg: "x".repeat(bytes),
            engine: "contour",
            parameters: Contour.safe_preset(),
            why: String::new(),
            written: Default::default(),
            metrics: Some(Metrics {
                quality,
                formula: String::new(),
                renderer: String::new(),
                over_white: GroundMetrics::default(),
                over_black: GroundMetrics::default(),
                alpha_error: 0.0,
                economy: Economy { bytes: bytes as u64, nodes, ..Economy::default() },
                softened: Vec::new(),
                warnings: Vec::new(),
            }),
            times: StageTimes::default(),
        }
    }

    fn front(of: &[(f64, usize, u64)]) -> Front {
        let mut front = Front::default();
        for (trial, (quality, bytes, nodes)) in of.iter().enumerate() {
            front.offer(candidate(*quality, *bytes, *nodes), trial);
        }
        front
    }

    fn trials(members: &[Member]) -> Vec<usize> {
        members.iter().map(|m| m.trial).collect()
    }

    #[test]
    fn what_is_beaten_in_everything_is_not_on_it_whatever_the_order() {
        let all = [(0.9, 100, 10), (0.95, 200, 20), (0.94, 210, 20), (0.9, 100, 10), (0.95, 220, 12), (0.99, 300, 5)];
        // The fifth costs more bytes than the second, but fewer nodes; the last beats it in those only.
        assert_eq!(trials(front(&all).members()), [0, 1, 4, 5]);
        let mut backwards: Vec<_> = all.to_vec();
        backwards.reverse();
        let figures = |f: &Front| f.members().iter().map(|m| (m.bytes(), m.nodes())).collect::<Vec<_>>();
        assert_eq!(figures(&front(&backwards)), figures(&front(&all)));
    }

    #[test]
    fn each_goal_has_its_place() {
        let front = front(&[(0.9, 100, 10), (0.95, 200, 20), (0.99, 300, 30), (0.995, 400, 40)]);
        let pick = |target, max_bytes, floor| front.pick(Goal { target, max_bytes }, floor).unwrap().trial;
        assert_eq!(pick(Some(0.95), None, 0.0), 1, "the smallest that reaches it");
        assert_eq!(pick(Some(0.999), None, 0.0), 3, "nothing reaches it: the best");
        assert_eq!(pick(None, Some(399), 0.0), 2, "the best that fits");
        assert_eq!(pick(Some(0.9), Some(399), 0.0), 0);
        assert_eq!(pick(Some(0.995), Some(399), 0.0), 2);
        assert_eq!(pick(None, Some(50), 0.0), 0, "nothing fits: the smallest");
        assert_eq!(pick(None, None, 0.0), 3, "0.005 is worth a third more bytes");
        let dear = super::tests::front(&[(0.9, 100, 10), (0.906, 200, 20), (0.98, 300, 30), (0.981, 400, 40)]);
        assert_eq!(dear.pick(Goal::default(), 0.0).unwrap().trial, 2, "0.001 is not worth a third more bytes");
        assert_eq!(dear.pick(Goal::default(), 0.9805).unwrap().trial, 3, "but never below the floor");
        assert!(Front::default().pick(Goal::default(), 0.0).is_none());
    }

    #[test]
    fn what_looks_the_same_is_shown_once() {
        let front = front(&[(0.95, 200, 20), (0.95001, 201, 20), (0.9502, 202, 20), (0.95021, 203, 19)]);
        let shown = |kept| front.thinned(kept).iter().map(|m| m.trial).collect::<Vec<_>>();
        assert_eq!(front.members().len(), 4);
        assert_eq!(shown(0), [0, 2, 3], "fewer nodes are something");
        assert_eq!(shown(1), [0, 1, 2, 3]);
    }
}
