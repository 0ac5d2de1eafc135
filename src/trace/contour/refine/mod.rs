//! Stage 6: all curves at once against the pixels.
//!
//! | module | what it does |
//! |---|---|
//! | `model` | the curves as parameters, and how points on them move |
//! | `scene` | the partition by exact areas, and how its pixels change |
//! | `solve` | a step of all parameters by conjugate gradients |
//! | `simplify` | one piece where the pixels need no two |
//! | `mend` | nodes where the pixels show that one is missing |
//!
//! How a pixel changes when a parameter does is the normal displacement along the piece inside it, which with the
//! exact areas makes a sparse least-squares problem, solved by Levenberg–Marquardt steps. Only pixels on a boundary
//! take part, so time and memory follow the length of the boundaries. Beyond 2 bytes a pixel of the whole picture for a
//! rendering (and 32 MB), which is 6 in all (and 96 MB), nothing is refined and the report says so.
//! What has come to rest is not rendered again, nor does it take part in later steps.

mod mend;
mod model;
mod scene;
mod simplify;
mod solve;

pub(super) use mend::put_in;
pub(super) use model::{Model, Moving, write_back};

use super::fit::Curve;
use super::intake::Intake;
use super::labels::Labels;
use super::planar_map::PlanarMap;
use crate::trace::Budget;
use scene::{Scene, System};
use simplify::Pieces;

/// Damping at the start against a parameter's own weight, a ratio: nearly the whole Gauss–Newton step.
const DAMPING: f64 = 1e-3;

/// Least damping against a parameter's own weight, a ratio: less makes no difference.
const MIN_DAMPING: f64 = 1e-6;

/// Largest damping against a parameter's own weight, a ratio: a boundary stands still.
const MAX_DAMPING: f64 = 1e4;

/// Gain of a round below which it is the last one, a share: the rounds after it gain less still.
const MIN_GAIN: f64 = 0.004;

/// Area that a piece sweeps in a pixel in one round and has come to rest at, px²: half a level of the greatest
/// contrast.
const ARRIVED: f64 = 0.002;

/// Fewest rounds that bring curves to rest, a count: after one, pixels are off that need no other pieces.
const LEAST_ROUNDS: usize = 3;

/// Bytes that a rendering takes for each step of a boundary along the lattice, a count: a cell and its slopes.
const BYTES_A_STEP: usize = 100;

/// Bytes that one rendering of all boundaries may take for each pixel of the picture, a count: with a second one and
/// what a step takes, refinement adds about three times as many.
const BYTES_A_PIXEL: usize = 2;

/// Bytes that it may always take, a count: small pictures may be boundaries throughout.
const LEAST_BYTES: usize = 32 << 20;

/// Moves all `curves` so that the partition, rendered by exact areas, matches the pixels; at most `rounds`
/// steps, or until the budget ends. Then, to `join` pieces, they become fewer where the pixels do not need them.
pub(super) fn refine(
    intake: &Intake,
    labels: &Labels,
    map: &PlanarMap,
    curves: &mut [Curve],
    rounds: usize,
    join: bool,
    budget: &Budget,
) -> Refined {
    let steps: usize = map.boundaries.iter().map(|b| b.corners.len()).sum();
    if steps * BYTES_A_STEP > LEAST_BYTES.max(BYTES_A_PIXEL * map.width * map.height) {
        let skipped = Some("its boundaries are too long for the memory that refinement may take");
        return Refined { skipped, ..Refined::default() };
    }
    let mut settled = run(intake, labels, map, curves, rounds, None, budget);
    // What has not come to rest is off everywhere, and there is no time for more.
    if rounds < LEAST_ROUNDS {
        return Refined::default();
    }
    let mut simplified = Vec::new();
    if join {
        (settled, simplified) = Pieces { intake, labels, map }.simplify(curves, settled, budget);
    }
    let corners = mend::mend(intake, labels, map, curves, settled, budget);
    Refined { corners, simplified, skipped: None }
}

/// What the refinement did besides moving curves.
#[derive(Default)]
pub(super) struct Refined {
    /// Corners that curves have more than before.
    pub(super) corners: Vec<mend::Corner>,
    /// Curves that have fewer pieces than before, as they were before those were moved.
    pub(super) simplified: Vec<(usize, Curve)>,
    /// Why nothing was moved, when that is so.
    pub(super) skipped: Option<&'static str>,
}

/// Where the curves of a picture came to rest.
struct Settled {
    model: Model,
    system: System,
    /// The cost of the pixels on each boundary.
    costs: Vec<f64>,
}

/// Moves `curves`, or only those that `moved` is true for, to where the pixels have them.
fn run(
    intake: &Intake,
    labels: &Labels,
    map: &PlanarMap,
    curves: &mut [Curve],
    rounds: usize,
    moved: Option<&[bool]>,
    budget: &Budget,
) -> Settled {
    let mut model = model::build(map, curves);
    let inks = map.regions.iter().map(|r| &labels.inks[usize::from(r.ink)]).collect();
    let scene = Scene::new(intake, map, inks, &model);
    let n = model.values.len();
    let mut system = scene.linearise(&model, &[], true);
    // Each boundary has its own damping: one that does not behave must not hold up the others.
    let vars = vars_of(&system, &model, map.boundaries.len());
    let mut damping = vec![DAMPING; map.boundaries.len()];
    let mut open = vec![moved.is_none(); n];
    for (vars, _) in vars.iter().zip(moved.unwrap_or_default()).filter(|(_, moved)| **moved) {
        vars.iter().for_each(|v| open[*v as usize] = true);
    }
    let mut old = costs(&system, &model, damping.len());
    for round in 0..rounds {
        if budget.is_over() {
            break;
        }
        let mut of_var = vec![0.0f64; n];
        for (vars, d) in vars.iter().zip(&damping) {
            for v in vars {
                of_var[*v as usize] = of_var[*v as usize].max(*d);
            }
        }
        let mut step = solve::solve(&system, &scene, &of_var, &open);
        let swept = solve::shorten(&system, &mut step);
        let before = model.values.clone();
        model.go(&step);
        let goes_on = round + 1 < rounds;
        let mut next = scene.linearise(&model, &[&system], goes_on);
        let mut new = costs(&next, &model, damping.len());
        open.fill(false);
        let mut worse = false;
        for b in 0..damping.len() {
            if new[b] <= old[b] * 1.0001 + 1.0 {
                damping[b] = (damping[b] * 0.3).max(MIN_DAMPING);
                continue;
            }
            worse = true;
            damping[b] = (damping[b] * 20.0).min(MAX_DAMPING);
            for v in &vars[b] {
                model.values[*v as usize] = before[*v as usize];
                open[*v as usize] = true;
            }
        }
        for (part, swept) in system.parts().zip(swept) {
            if swept > ARRIVED {
                part.vars.iter().for_each(|v| open[*v as usize] = true);
            }
        }
        if worse {
            next = scene.linearise(&model, &[&next, &system], goes_on);
            new = costs(&next, &model, damping.len());
        }
        if !(next.cost < system.cost) {
            model.values = before;
            damping.iter_mut().for_each(|d| *d = (*d * 5.0).min(MAX_DAMPING));
            continue;
        }
        let gain = 1.0 - next.cost / system.cost;
        (system, old) = (next, new);
        if (gain < MIN_GAIN && !worse) || !open.contains(&true) {
            break;
        }
    }
    write_back(&model, curves);
    Settled { model, system, costs: old }
}

/// The parameters of each boundary.
fn vars_of(system: &System, model: &Model, boundaries: usize) -> Vec<Vec<u32>> {
    let mut vars: Vec<Vec<u32>> = vec![Vec::new(); boundaries];
    for (part, laid) in model.parts.iter().zip(system.parts()) {
        vars[part.boundary as usize].extend(laid.vars);
    }
    for v in &mut vars {
        v.sort_unstable();
        v.dedup();
    }
    vars
}

/// The cost of the pixels on each boundary; one that it shares counts for both.
fn costs(system: &System, model: &Model, boundaries: usize) -> Vec<f64> {
    let mut costs = vec![0.0; boundaries];
    for pixel in &system.pixels {
        let mut last = u32::MAX;
        for cell in system.cells_of(pixel) {
            let boundary = model.parts[system.cell(*cell).part as usize].boundary;
            if boundary != last {
                costs[boundary as usize] += f64::from(pixel.cost);
                last = boundary;
            }
        }
    }
    costs
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::fit::{Chain, Node, Piece, rotate};
    use super::model::BEND;
    use super::scene::Pixel;
    use super::*;
    use crate::Raster;
    use crate::document::Point;
    use crate::trace::contour;
    use crate::trace::{Engine, Parameters};

    /// Three stripes in a frame, with edges at fractions of pixels.
    fn stripes() -> Raster {
        let share = |at: f64, from: f64, to: f64| ((at + 1.0).min(to) - at.max(from)).clamp(0.0, 1.0);
        let inks = [[230.0, 120.0, 150.0], [255.0, 255.0, 255.0], [30.0, 80.0, 160.0]];
        let data = (0..80 * 100)
            .flat_map(|i| {
                let (x, y) = (f64::from(i % 100), f64::from(i / 100));
                let across = share(x, 10.3, 89.6);
                let mut p = [0.0; 3];
                for (k, ink) in inks.iter().enumerate() {
                    let s = across * share(y, 10.2 + 20.25 * k as f64, 10.2 + 20.25 * (k + 1) as f64);
                    for c in 0..3 {
                        p[c] += s * ink[c];
                    }
                }
                [p[0].round() as u8, p[1].round() as u8, p[2].round() as u8, 255]
            })
            .collect();
        Raster::new(100, 80, data).unwrap()
    }

    #[test]
    fn a_long_handle_does_not_turn_with_a_short_line() {
        // 7 degrees apart: the end of the long handle would move by 6 px, that of the short one by a tenth.
        for (handle, bound) in [(46.0, false), (0.7, true)] {
            let point = Point::new;
            let (start, bend, end) = (point(80.0, 180.0), point(77.8, 184.0), point(80.0, 325.0));
            let tangent = rotate((bend - start).unit(), -0.13);
            let far = bend + tangent * handle;
            let node = |point, smooth| Node { point, smooth };
            let chain = Chain {
                nodes: vec![node(start, false), node(bend, true), node(end, false)],
                pieces: vec![Piece::Line, Piece::Cubic(far, point(64.0, 280.0))],
            };
            let mut curves = vec![Curve::Chain(chain)];
            let model = Model::free(&curves);
            write_back(&model, &mut curves);
            let Curve::Chain(chain) = &curves[0] else { panic!("{curves:?}") };
            let (line, curve) = (chain.tangents(0).1, chain.tangents(1).0);
            assert_eq!(line.cross(curve).abs() < 1e-9, bound, "{handle}");
            let Piece::Cubic(moved, _) = chain.pieces[1] else { panic!("{chain:?}") };
            assert!(moved.distance(far) < BEND, "{handle}: {moved:?}");
        }
    }

    #[test]
    fn slopes_are_those_of_the_rendered_pixels() {
        let raster = stripes();
        let parameters: Parameters = contour::Contour.preset(crate::classify::Class::Simple).with(&[("refine", "0")]);
        let stages = contour::stages(&raster, &parameters, &Budget::unlimited()).unwrap();
        let intake = Intake::new(&raster);
        let mut model = model::build(&stages.map, &stages.curves);
        let inks = stages.map.regions.iter().map(|r| &stages.labels.inks[usize::from(r.ink)]).collect();
        let scene = Scene::new(&intake, &stages.map, inks, &model);
        let base = scene.linearise(&model, &[], true);
        let vars: Vec<Vec<u32>> = base.parts().map(|p| p.vars.to_vec()).collect();
        let at = |s: &System, p: &Pixel| {
            let cell = s.cell(s.cells_of(p)[0]);
            (cell.x, cell.y)
        };
        for var in 0..model.values.len() {
            let h = 1e-3;
            model.values[var] += h;
            // What does not move is taken from before.
            let moved = scene.linearise(&model, &[&base], false);
            assert_eq!(moved.cost, scene.linearise(&model, &[], true).cost);
            model.values[var] -= h;
            let after: HashMap<_, _> = moved.pixels.iter().map(|p| (at(&moved, p), p.residual)).collect();
            for pixel in &base.pixels {
                let mut predicted = [0.0f32; 4];
                for cell in base.cells_of(pixel).iter().map(|n| base.cell(*n)) {
                    let vars = &vars[cell.part as usize];
                    for (slope, _) in
                        base.slopes(cell, vars.len()).iter().zip(vars).filter(|(_, v)| **v as usize == var)
                    {
                        let jump = scene.jump(cell);
                        for c in 0..4 {
                            predicted[c] += slope * jump[c];
                        }
                    }
                }
                if let Some(now) = after.get(&at(&base, pixel)) {
                    for c in 0..4 {
                        let measured = (pixel.residual[c] - now[c]) / h as f32;
                        assert!(
                            (measured - predicted[c]).abs() < 3.0 + 0.05 * measured.abs(),
                            "parameter {var}, pixel {:?}, channel {c}: {measured} and {}",
                            at(&base, pixel),
                            predicted[c]
                        );
                    }
                }
            }
        }
    }
}
