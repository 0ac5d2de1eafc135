//! What is done to a drawing, in order.
//!
//! A step changes the tree and knows nothing of the others. Steps that move things around are left
//! out where a style sheet or an animation may depend on where things are.

pub(crate) mod attributes;
pub(crate) mod gradients;
pub(crate) mod groups;
pub(crate) mod numbers;
pub(crate) mod shapes;
pub(crate) mod tidy;
pub(crate) mod units;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::KeepSet;
use super::facts::Facts;
use super::tree::Document;

/// What a step may know.
pub(crate) struct Setting {
    /// What is to be kept though it is not drawn.
    pub(crate) keep: KeepSet,
    /// How far a contour may move, units of the root; 0 when nothing may change.
    pub(crate) tolerance: f64,
    /// The same for the geometry of gradients; 0 when no paint may change.
    pub(crate) paint_tolerance: f64,
    /// Longer side of what the root shows, its own units.
    pub(crate) longer: f64,
    /// What the drawing contains; where ids are to be kept, all of them count as pinned.
    pub(crate) facts: Facts,
    /// Ids that a part which is not edited refers to.
    pub(crate) looked_at: BTreeSet<String>,
    /// Gradients that do not depend on what they paint.
    pub(crate) user_space: BTreeSet<String>,
    /// The most that a `<use>` stretches what it refers to.
    pub(crate) largest_use: f64,
    /// Path data that is known already.
    pub(crate) rewritten: Rc<numbers::Rewritten>,
}

/// A step.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// Its name in reports.
    pub(crate) name: &'static str,
    /// Whether it is safe where a style sheet or an animation depends on the structure.
    pub(crate) rigid: bool,
    /// Whether what it changes is paint and not shapes.
    pub(crate) paints: bool,
    /// Whether the result depends on how large a tolerance is, and not only on whether there is one for paint.
    pub(crate) by_tolerance: bool,
    /// What it does.
    pub(crate) run: fn(&mut Document, &Setting),
}

const fn step(name: &'static str, rigid: bool, run: fn(&mut Document, &Setting)) -> Step {
    Step { name, rigid, paints: false, by_tolerance: false, run }
}

const fn paint(name: &'static str, run: fn(&mut Document, &Setting)) -> Step {
    Step { name, rigid: false, paints: true, by_tolerance: false, run }
}

impl Step {
    const fn by_tolerance(self) -> Self {
        Self { by_tolerance: true, ..self }
    }
}

/// The step that is worth it for some drawings only, so that they are tried without it too.
pub(crate) const UNITS: &str = "units";

/// All steps, in the order in which they are taken.
pub(crate) const STEPS: [Step; 18] = [
    step("prolog", true, tidy::prolog),
    step("metadata", true, tidy::metadata),
    step("ids", false, tidy::ids),
    step("styles", false, attributes::styles),
    step("colors", false, attributes::colors),
    step("defaults", false, attributes::defaults),
    paint("stops", gradients::stops),
    step("groups", false, groups::dissolve),
    step("shapes", false, shapes::to_paths),
    step("merge", false, shapes::merge),
    step(UNITS, false, units::whole).by_tolerance(),
    step("paths", true, numbers::paths).by_tolerance(),
    step("numbers", false, numbers::attributes).by_tolerance(),
    paint("gradients", gradients::geometry).by_tolerance(),
    step("share", false, gradients::share),
    step("reuse", false, shapes::reuse),
    step("hoist", false, groups::hoist),
    step("leftovers", false, attributes::defaults),
];
