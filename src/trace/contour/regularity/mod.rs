//! What artists make regular is regular: equal shapes, symmetric ones, to the last digit that is written.
//!
//! | module | what it does |
//! |---|---|
//! | `motion` | shifts, turns and mirrors, and what they make of a curve |
//! | `likeness` | curves held against each other; the mean of several |
//! | `repeat` | rings that are the same but for where they lie |
//! | `symmetry` | rings and whole pictures that are mapped onto themselves |
//! | `shared` | numbers that agree become one |
//! | `lines` | parallel lines |
//! | `radii` | equal radii, and arcs that touch the lines beside them |
//! | `places` | shared centres, aligned edges |
//!
//! All of it works on fitted and refined curves, and each change has to lie within σ of them: a curve that
//! would leave that stays as it is. Boundaries are moved as wholes, with the junctions that they end in, so that
//! both of their regions follow.

mod likeness;
mod lines;
mod motion;
mod places;
mod radii;
mod repeat;
pub(super) mod shared;
mod symmetry;

use std::collections::BTreeMap;

use super::PRECISION;
use super::fit::{Chain, Costs, Curve, Piece, arc_circle};
use super::junctions;
use super::planar_map::PlanarMap;
use super::subpixel::Sample;
use crate::document::Point;
use likeness::Way;

/// Root of the mean square distance of a regular curve from the measured one, σ: half of that loses regular shapes and
/// gains nothing (`docs/engine-log.md`).
const MEAN_SIGMAS: f64 = 1.0;

/// Largest distance, σ: at a sharp tip a boundary is known several times less well than along its sides.
const WORST_SIGMAS: f64 = 6.0;

/// Largest σ of a boundary, px: what differs by more than three times that looks different.
const MAX_SIGMA: f64 = 0.06;

/// How far curves may be moved, root of the mean square, for numbers that they share, σ: samples of a clean edge agree several
/// times better with each other than their σ says, and what differs by more is seen in the figures (`docs/engine-log.md`).
const SHARED_SIGMAS: f64 = 0.3;

/// Most numbers of one kind that are held against each other, a count: more are a texture.
const MAX_MEASURES: usize = 20_000;

/// A boundary as it was measured.
pub(super) struct Item {
    marks: Way,
    length: f64,
    /// The centre of the line itself, px.
    center: Point,
    /// Where it ends on each side of that, px: top left, bottom right.
    extent: (Point, Point),
    sigma: f64,
}

impl Item {
    fn new(curve: &Curve, samples: &[Sample], costs: Costs) -> Self {
        let marks = Way::marks(curve);
        let (length, center) = marks.line();
        let extent = marks.extent(center);
        let mut sigmas: Vec<f64> = samples.iter().map(|s| s.sigma).collect();
        let middle = sigmas.len() / 2;
        let sigma = if sigmas.is_empty() { 0.0 } else { *sigmas.select_nth_unstable_by(middle, f64::total_cmp).1 };
        let sigma = (sigma * sigma + costs.sigma * costs.sigma).sqrt().min(MAX_SIGMA);
        Self { marks, length, center, extent, sigma }
    }

    /// Whether it may as well have been `curve` that was measured.
    fn allows(&self, curve: &Curve) -> bool {
        self.allows_within(curve, 1.0)
    }

    /// The same where σ is so many times as large.
    fn allows_within(&self, curve: &Curve, times: f64) -> bool {
        likeness::distance(&self.marks, curve, WORST_SIGMAS * self.sigma)
            .is_some_and(|(mean, _)| mean <= MEAN_SIGMAS * times * self.sigma)
    }
}

/// What was made of a curve.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Regular {
    /// Its shape is exact about the middle of this boundary.
    anchor: Option<usize>,
    /// Its place is exact about this point, px.
    center: Option<Point>,
}

/// Makes `curves`, the boundaries of `map` in its order, as regular as `samples` allow.
pub fn enforce(map: &PlanarMap, samples: &[Vec<Sample>], curves: &mut [Curve], costs: Costs) {
    let item = |k: usize| {
        let finite = |c: &Curve| likeness::center(c).is_finite();
        (!map.boundaries[k].is_rim() && finite(&curves[k])).then(|| Item::new(&curves[k], &samples[k], costs))
    };
    let items: Vec<Option<Item>> = (0..curves.len()).map(item).collect();
    let mut regular = vec![Regular::default(); curves.len()];
    lines::parallel(&items, curves);
    radii::unite(&items, curves);
    repeat::share(map, &items, curves, &mut regular);
    for (k, item) in items.iter().enumerate() {
        let Some(item) = item.as_ref().filter(|_| regular[k].anchor.is_none()) else { continue };
        if let Some(curve) = symmetry::ring(&curves[k]).filter(|c| item.allows(c)) {
            regular[k].anchor = Some(k);
            curves[k] = curve;
        }
    }
    symmetry::picture(&items, curves, Point::new(map.width as f64, map.height as f64), &mut regular);
    let middles: Vec<Option<Point>> = regular.iter().map(|r| r.anchor.map(|k| likeness::center(&curves[k]))).collect();
    for (k, (regular, middle)) in regular.iter().zip(middles).enumerate() {
        curves[k] = regular.exact(&curves[k], middle, map.boundaries[k].is_ring());
    }
    places::centers(&items, curves, &regular);
    let moved = places::edges(map, &items, curves, &regular);
    follow(map, curves, &regular, moved);
}

/// Brings all boundaries that end in a junction to where it was `moved`, or where a regular one of them has it.
fn follow(map: &PlanarMap, curves: &mut [Curve], regular: &[Regular], moved: BTreeMap<usize, Point>) {
    let mut place: Vec<Option<Point>> = vec![None; map.junctions.len()];
    moved.into_iter().for_each(|(junction, to)| place[junction] = Some(to));
    let ends = |k: usize, curves: &[Curve]| {
        let (a, b) = map.boundaries[k].ends?;
        let Curve::Chain(chain) = &curves[k] else { return None };
        Some([(a, chain.nodes.first()?.point), (b, chain.nodes.last()?.point)])
    };
    for k in (0..curves.len()).filter(|k| regular[*k].center.is_some()) {
        for (junction, point) in ends(k, curves).into_iter().flatten() {
            place[junction].get_or_insert(point);
        }
    }
    for k in 0..curves.len() {
        for (end, (junction, point)) in ends(k, curves).into_iter().flatten().enumerate() {
            if let (Some(to), Curve::Chain(chain)) = (place[junction].filter(|to| *to != point), &mut curves[k]) {
                junctions::slide_end(chain, end == 1, to);
            }
        }
    }
}

/// The nearest number that is written exactly.
pub(super) fn to_grid(v: f64) -> f64 {
    let scale = 10f64.powi(i32::from(PRECISION));
    (v * scale).round() / scale
}

impl Regular {
    /// The curve with its points on the grid on which they are written. Distances from a centre are rounded, and
    /// the same both ways, so that what is symmetric stays so; those of equal shapes from their own centres, so
    /// that they stay equal.
    fn exact(&self, curve: &Curve, middle: Option<Point>, ring: bool) -> Curve {
        let about = |p: Point, c: Point| c + Point::new(to_grid(p.x - c.x), to_grid(p.y - c.y));
        let placed = |at: &dyn Fn(Point) -> Point| {
            let mut placed = likeness::placed(curve, at);
            if let (Curve::Chain(old), Curve::Chain(new)) = (curve, &mut placed) {
                keep_radii(old, new);
            }
            placed
        };
        let anchor = middle.or_else(|| (ring && self.center.is_some()).then(|| likeness::center(curve)));
        match (anchor, self.center) {
            (Some(anchor), center) => {
                let to = about(anchor, center.unwrap_or_default());
                placed(&|p| to + Point::new(to_grid(p.x - anchor.x), to_grid(p.y - anchor.y)))
            }
            (None, Some(center)) => placed(&|p| about(p, center)),
            (None, None) => curve.clone(),
        }
    }
}

/// Gives the arcs of `new` the radii that they have in `old`: rounded ends would make others of equal ones.
fn keep_radii(old: &Chain, new: &mut Chain) {
    for (i, piece) in old.pieces.iter().enumerate() {
        if let Piece::Arc(half) = *piece {
            let (a, b) = old.ends(i);
            radii::with_radius(new, i, arc_circle(a, b, half).1.abs());
        }
    }
}
