//! The decision: a chain of gates over measured features, each in words.
//!
//! A gate is a class and the conditions that speak for it. A condition compares one feature with a
//! threshold, and its margin is measured in units of that feature's own softness, so that a feature just
//! over its threshold counts for little and one far over counts for much. All conditions of a gate must
//! hold: its margin is the least of them. The logistic function of a margin is the chance that the
//! picture passes the gate; gates are asked in order, and what passes none is `simple`. The most likely
//! class wins, and its chance is the confidence.
//!
//! Thresholds were set on generated pictures and on drawings found in the wild, never on the seeds that
//! `docs/classifier.md` reports.

use super::{Class, Classification, Features};

/// One comparison: the name and value shown in the reason, and the margin by which it holds.
struct Condition {
    words: String,
    margin: f64,
}

/// Margins beyond this say no more.
const SURE: f64 = 4.0;

/// `value` is at least `threshold`; `soft` is the difference that counts as one unit.
fn at_least(name: &str, value: f64, threshold: f64, soft: f64) -> Condition {
    Condition { words: format!("{name} {}", short(value)), margin: ((value - threshold) / soft).clamp(-SURE, SURE) }
}

/// `value` is at most `threshold`; `soft` is the difference that counts as one unit.
fn at_most(name: &str, value: f64, threshold: f64, soft: f64) -> Condition {
    Condition { words: format!("{name} {}", short(value)), margin: ((threshold - value) / soft).clamp(-SURE, SURE) }
}

/// The more certain of two conditions.
fn either(a: Condition, b: Condition) -> Condition {
    if a.margin >= b.margin { a } else { b }
}

fn short(v: f64) -> String {
    if v.fract() == 0.0 {
        format!("{v:.0}")
    } else if v < 0.1 {
        format!("{v:.3}")
    } else {
        format!("{v:.2}")
    }
}

/// A class, what it looks like, and the conditions for it.
struct Gate {
    class: Class,
    looks: &'static str,
    conditions: Vec<Condition>,
}

impl Gate {
    fn margin(&self) -> f64 {
        self.conditions.iter().map(|c| c.margin).fold(SURE, f64::min)
    }
}

/// The gates, in the order they are asked.
fn gates(f: &Features) -> Vec<Gate> {
    let palette = f64::from(f.palette_size);
    let parts = f64::from(f.component_count);
    // Noise and compression make weak slopes and small blends of their own.
    // In the small windows of small pictures every edge looks sharper.
    let soft_edge = if f.long_side <= 128 { 0.62 } else { 0.555 };
    let slope = 0.045 + 0.02 * f.noise;
    // Beside a drawn edge most neighbours are alike; edges of photographs may be sharp, since cameras sharpen.
    let texture = f.busy_share * (1.0 - f.quiet_share);
    vec![
        Gate {
            class: Class::PixelArt,
            looks: "hard square cells on a lattice",
            conditions: vec![
                at_least("whole enlargement", f64::from(f.upscale_factor), 1.5, 0.12),
                at_most("anti-aliased share", f.antialiased_share, 0.4, 0.05),
            ],
        },
        Gate {
            class: Class::PixelArt,
            looks: "a small sprite without anti-aliasing",
            conditions: vec![
                at_most("longer side", f64::from(f.long_side), 100.0, 8.0),
                at_most("half-transparent share", f.partial_alpha_share, 0.002, 0.001),
                at_most("exact colours", f64::from(f.exact_colours), 19.0, 2.5),
                at_least("edge sharpness", f.edge_sharpness, 0.94, 0.015),
                at_least("edge density", f.edge_density, 0.06, 0.01),
            ],
        },
        Gate {
            class: Class::Photo,
            looks: "soft edges and texture, as a lens gives",
            conditions: vec![
                at_most("edge sharpness", f.edge_sharpness, soft_edge, 0.02),
                at_most("sloping share", f.smooth_share, 0.56 + 0.06 * f.noise, 0.05),
                either(at_least("noise", f.noise, 0.35, 0.06), at_least("busy share", f.busy_share, 0.35, 0.05)),
            ],
        },
        Gate {
            class: Class::Photo,
            looks: "texture nearly everywhere, as no drawing has",
            conditions: vec![
                at_least("texture share", texture, 0.2, 0.02),
                at_most("edge sharpness", f.edge_sharpness, 0.86, 0.02),
                at_least("noise", f.noise, 0.2, 0.05),
                // In fewer pixels compressed drawings look the same.
                at_least("longer side", f64::from(f.long_side), 220.0, 10.0),
            ],
        },
        Gate {
            class: Class::Gradient,
            looks: "smooth ramps",
            conditions: vec![at_least("sloping share", f.smooth_share, slope, 0.013)],
        },
        Gate {
            class: Class::Text,
            looks: "glyph-like parts in lines",
            conditions: vec![
                at_least("parts in rows", f.aligned_share, 0.45, 0.08),
                either(
                    at_least("ink in rows", f.aligned_ink_share, 0.32, 0.05),
                    at_least("parts in rows", f.aligned_share, 0.73, 0.03),
                ),
                at_least("parts", parts, 2.5, 0.25),
                at_most("filled share of boxes", f.part_fill, 0.8, 0.05),
                at_least("stroke share", f.stroke_share, 0.7, 0.06),
                at_most("stroke width", f.stroke_width, 0.115, 0.01),
                at_most("palette", palette, 15.0, 1.5),
            ],
        },
        Gate {
            class: Class::LineArt,
            looks: "strokes of near-constant width",
            conditions: vec![
                at_least("stroke share", f.stroke_share, 0.9, 0.025),
                at_most("stroke width", f.stroke_width, 0.048, 0.004),
                at_most("filled share of boxes", f.part_fill, 0.38, 0.03),
                at_most("palette", palette, 9.5, 1.2),
                at_most("ink", f.ink_share, 0.35, 0.03),
            ],
        },
        Gate {
            class: Class::Complex,
            looks: "many colours and regions",
            conditions: vec![
                at_least("palette", palette, 7.5, 0.7),
                at_least("regions", f64::from(f.region_count), 14.0, 3.0),
            ],
        },
    ]
}

/// Decides the class of a picture with these features.
pub(super) fn decide(features: Features) -> Classification {
    let mut left = 1.0;
    let mut chances = [0.0; Class::ALL.len()];
    let mut words: Vec<(Class, f64, String)> = Vec::new();
    for gate in gates(&features) {
        let chance = left / (1.0 + (-gate.margin()).exp());
        left -= chance;
        chances[gate.class as usize] += chance;
        let figures: Vec<&str> = gate.conditions.iter().map(|c| c.words.as_str()).collect();
        words.push((gate.class, chance, format!("{}: {}", gate.looks, figures.join(", "))));
    }
    chances[Class::Simple as usize] += left;
    words.push((
        Class::Simple,
        left,
        format!(
            "few flat colours: palette {}, {} regions, sloping share {}",
            features.palette_size,
            features.region_count,
            short(features.smooth_share)
        ),
    ));
    // The first of equals, so that the result does not depend on anything else.
    let class = Class::ALL
        .into_iter()
        .fold(Class::Simple, |best, c| if chances[c as usize] > chances[best as usize] { c } else { best });
    let reason =
        words.into_iter().filter(|w| w.0 == class).max_by(|a, b| a.1.total_cmp(&b.1)).map_or_else(String::new, |w| w.2);
    Classification { class, confidence: chances[class as usize].clamp(0.0, 1.0), reason, features }
}
