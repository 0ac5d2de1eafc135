//! Conditions that fail a run: `quality<0.9`, `bytes_ratio>1`, `seconds>=2`.

use std::str::FromStr;

use super::ItemReport;
use crate::{Code, Error};

/// A figure of an item that a condition can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Quality,
    Ssim,
    DeltaE,
    Bytes,
    BytesRatio,
    Nodes,
    Seconds,
}

const FIGURES: [(&str, Figure); 7] = [
    ("quality", Figure::Quality),
    ("ssim", Figure::Ssim),
    ("delta_e", Figure::DeltaE),
    ("bytes", Figure::Bytes),
    ("bytes_ratio", Figure::BytesRatio),
    ("nodes", Figure::Nodes),
    ("seconds", Figure::Seconds),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A condition on an item's figures; an item that meets it fails the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    text: String,
    figure: Figure,
    relation: Relation,
    bound: f64,
}

impl FromStr for Gate {
    type Err = Error;

    /// # Errors
    /// [`Code::OptionInvalid`] for anything but `FIGURE<NUMBER` and the like.
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |what: String| Error::new(Code::OptionInvalid, what);
        let names = || FIGURES.map(|(n, _)| n).join(", ");
        let at = text.find(['<', '>']).ok_or_else(|| {
            invalid(format!("`{text}` is not a condition like bytes_ratio>1; figures are {}", names()))
        })?;
        let (name, rest) = text.split_at(at);
        let equal = rest[1..].starts_with('=');
        let relation = match (&rest[..1], equal) {
            ("<", false) => Relation::Less,
            ("<", true) => Relation::LessOrEqual,
            (_, false) => Relation::Greater,
            (_, true) => Relation::GreaterOrEqual,
        };
        let number = rest[1 + usize::from(equal)..].trim();
        let bound = number.parse::<f64>().ok().filter(|b| b.is_finite());
        let bound = bound.ok_or_else(|| invalid(format!("`{number}` in `{text}` is not a number")))?;
        let figure = FIGURES.iter().find(|(n, _)| *n == name.trim()).map(|(_, f)| *f);
        let figure =
            figure.ok_or_else(|| invalid(format!("there is no figure `{}`; there are {}", name.trim(), names())))?;
        Ok(Self { text: text.to_string(), figure, relation, bound })
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Gate {
    /// The condition that `--fail-under` stands for.
    pub fn quality_below(bound: f64) -> Self {
        Self { text: format!("quality<{bound}"), figure: Figure::Quality, relation: Relation::Less, bound }
    }

    /// Whether the condition is about a figure that only a scored item has.
    pub fn needs_score(&self) -> bool {
        self.figure != Figure::Seconds
    }

    /// The value that meets the condition, when the item has that figure and it does.
    pub fn met_by(&self, item: &ItemReport) -> Option<f64> {
        let metrics = item.metrics.as_ref();
        let value = match self.figure {
            Figure::Quality => metrics?.quality,
            Figure::Ssim => metrics.map(|m| m.over_white.ssim_channels.min(m.over_black.ssim_channels))?,
            Figure::DeltaE => metrics.map(|m| m.over_white.delta_e_mean.max(m.over_black.delta_e_mean))?,
            Figure::Bytes => metrics?.economy.bytes as f64,
            Figure::BytesRatio => metrics?.economy.bytes_ratio?,
            Figure::Nodes => metrics?.economy.nodes as f64,
            Figure::Seconds => item.times.total_ms / 1e3,
        };
        let met = match self.relation {
            Relation::Less => value < self.bound,
            Relation::LessOrEqual => value <= self.bound,
            Relation::Greater => value > self.bound,
            Relation::GreaterOrEqual => value >= self.bound,
        };
        met.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Status;

    #[test]
    fn conditions_are_read_and_nonsense_is_refused() {
        for good in ["quality<0.9", "bytes_ratio > 1", "seconds>=2.5", "ssim<=.5"] {
            assert!(good.parse::<Gate>().is_ok(), "{good}");
        }
        for bad in ["quality", "quality<", "beauty<1", "<3", "quality<NaN", "quality=1"] {
            assert_eq!(bad.parse::<Gate>().unwrap_err().code(), Code::OptionInvalid, "{bad}");
        }
    }

    #[test]
    fn a_gate_is_met_by_the_right_side_of_its_bound() {
        let mut item = ItemReport::new("a", Status::Ok);
        item.times.total_ms = 2000.0;
        let met = |text: &str| text.parse::<Gate>().unwrap().met_by(&item).is_some();
        assert!(met("seconds>=2") && met("seconds<=2") && !met("seconds>2") && !met("seconds<2"));
        assert!(!met("quality<0.5"), "an item without a score meets no condition on it");
    }
}
