//! Our own engine: reads anti-aliasing as a measurement of where the artwork's edges are.
//!
//! ```text
//! pixels ─ intake ─► palette ─► labels ─► planar map ─► sub-pixel points ─► fit ─► refine ─► strokes ─► regularity ─► compose ─► Document
//! ```
//!
//! | module | stage |
//! |---|---|
//! | [`intake`] | premultiplied samples, noise |
//! | `edges`, `sharpen`, `resampled` | how wide edges are; blur undone; enlargements taken back to their source |
//! | `restore` | what compression and noise did to flat artwork, taken back |
//! | [`ramps`] | smoothly shaded areas as gradients |
//! | [`palette`] | inks from flat areas |
//! | [`labels`] | which ink has most of each pixel; thin marks |
//! | `specks` | regions of a few pixels that are no more than blends |
//! | [`planar_map`] | regions, junctions, each boundary once |
//! | [`subpixel`] | where a boundary runs inside its pixels, with σ |
//! | `windows` | upright rectangles of a few pixels |
//! | [`fit`] | lines, arcs, cubics, whole shapes, under one description length |
//! | `tips` | the ends of tapering regions, sharp or blunt |
//! | [`refine`] | all curves at once against the pixels, by exact areas |
//! | [`verify`] | curves that have left their boundary are put back |
//! | `spurs` | ends that go past their junction and come back |
//! | [`crossings`] | boundaries that cross are put apart |
//! | [`strokes`] | regions of constant width as centre lines |
//! | [`regularity`] | what is equal, symmetric, parallel or concentric, exactly so |
//! | `ellipses` | elliptical arcs in place of several pieces |
//! | `drawn` | the pixels of each region as its curves draw it |
//! | [`compose`] | painter's order, underlap, shapes |
//! | `sideways` | a boundary moved below its neighbour |
//! | `session`, `known_fits` | what many traces of one picture share |
//! | [`debug`] | a picture of each stage |
//!
//! `docs/engine.md` explains it with pictures.

#![allow(
    clippy::needless_range_loop,
    clippy::neg_cmp_op_on_partial_ord,
    reason = "matrices are written with indices, and a negated comparison refuses NaN"
)]

pub mod compose;
pub mod crossings;
pub mod debug;
mod drawn;
mod edges;
mod ellipses;
pub mod fit;
pub mod intake;
pub mod junctions;
mod known_fits;
pub mod labels;
mod lattice;
pub mod palette;
pub mod planar_map;
pub mod ramps;
pub mod refine;
pub mod regularity;
mod resampled;
mod restore;
mod session;
mod sharpen;
mod sideways;
mod specks;
mod spurs;
pub mod strokes;
pub mod subpixel;
mod tips;
pub mod verify;
mod windows;

use std::collections::BTreeMap;

use super::options::option;
use super::{Budget, Capabilities, Engine, Kind, OptionSpec, Parameters, Session};
use crate::classify::Class;
use crate::document::{Document, Point};
use crate::{Code, Error, Raster, Result};

use compose::Stacking;
use fit::{Chain, Costs, Curve, Track, segment::Effort};
use intake::{Color, Intake, unpremultiply};
use labels::{Blends, Labels};
use planar_map::PlanarMap;
use ramps::bands::Bands;
use ramps::layers::Care;
use resampled::Subject;
use strokes::Strokes;
use subpixel::Sample;

/// The engine.
#[derive(Debug, Clone, Copy)]
pub struct Contour;

#[rustfmt::skip]
static OPTIONS: [OptionSpec; 12] = [
    option("tolerance", Kind::Float(0.0, 5.0), "0.012", &["0.003", "0.012", "0.03", "0.06", "0.1", "0.15", "0.2"], "deviation of a boundary that counts as nothing, px: higher gives fewer nodes"),
    option("price", Kind::Float(0.1, 100.0), "2.5", &["0.6", "1", "1.6", "2.5", "4", "6", "10", "16", "25"], "what a written number costs, nats: higher gives fewer nodes"),
    option("min-area", Kind::Float(0.0, 1e6), "0", &["0", "4", "9", "16"], "smallest region that is kept, px² (0: by evidence)"),
    option("refine", Kind::Int(0, 50), "6", &["3", "6", "14", "30"], "rounds of refinement against the pixels"),
    option("max-colors", Kind::Int(0, 1024), "0", &["0", "16", "32", "64"], "use at most so many inks (0: no limit)"),
    option("gradients", Kind::Word(&["auto", "never"]), "auto", &["auto", "never"], "smooth shading as gradients, or as bands of flat inks"),
    option("strokes", Kind::Word(&["auto", "never", "always"]), "auto", &["auto", "never"], "regions of constant width as strokes where that is shorter and no worse, never, or wherever it can be"),
    option("effort", Kind::Word(&["fast", "balanced", "best"]), "balanced", &["balanced", "fast", "best"], "greedy fits, the best breaks and a refinement against the pixels, or shading looked into as long as it gains"),
    option("lattice", Kind::Int(0, 2), "0", &["1", "2"], "cells along a side of a pixel: 2 tells apart what is less than a pixel apart (0: 2 where much is)"),
    option("stacking", Kind::Word(&["stacked", "cutout"]), "stacked", &["stacked", "cutout"], "shapes that run on below their neighbours, or a mosaic"),
    option("palette", Kind::Colors, "", &[], "use only these inks"),
    option("background", Kind::Word(&["keep", "remove"]), "keep", &[], "draw the ground that touches the rim, or leave it out"),
];

/// Most boundaries of a picture, a count: one with more is no artwork of flat inks.
pub(super) const MAX_BOUNDARIES: usize = 60_000;

/// Part of the time that gradients on top of each other may take, a share: the stages after them need the rest.
const RAMP_SHARE: f64 = 0.6;

/// Decimals that the engine's coordinates deserve, a count: at 512 px a second one still gains a third of the
/// error, a third one nothing (`docs/engine-log.md`).
const PRECISION: u8 = 2;

/// Everything that the stages found, for the document and for debugging.
#[derive(Debug, Clone)]
pub struct Stages {
    /// Inks and the ink of each pixel.
    pub labels: Labels,
    /// Regions and boundaries.
    pub map: PlanarMap,
    /// Measured points of each boundary.
    pub samples: Vec<Vec<Sample>>,
    /// Fitted curve of each boundary.
    pub curves: Vec<Curve>,
    /// Why they were not refined, when that was asked for and not done.
    pub skipped: Option<&'static str>,
    /// What no gradients explain, as bands.
    pub bands: Option<Bands>,
}

/// What a stage has just found, for those who watch.
#[derive(Debug, Clone, Copy)]
pub enum Stage<'a> {
    /// The ink of each pixel, and the regions and boundaries that follow from it.
    Regions(&'a Labels, &'a PlanarMap),
    /// Measured points of each boundary.
    Samples(&'a [Vec<Sample>]),
    /// The curve of each boundary, with its junctions settled.
    Fitted(&'a [Curve]),
    /// The same after they were held against the pixels, and those that strayed were put back; not shown when
    /// that was not asked for.
    Refined(&'a [Curve]),
}

fn over() -> Error {
    Error::new(Code::TraceDeadline, "the contour engine did not finish in time")
}

/// Pixels and what inks they are made of, before regions are.
#[derive(Clone)]
struct Inked {
    intake: Intake,
    blends: Blends,
    bands: Option<Bands>,
}

/// What is known of a picture before anything is fitted.
struct Measured {
    intake: Intake,
    labels: Labels,
    map: PlanarMap,
    samples: Vec<Vec<Sample>>,
    bands: Option<Bands>,
}

/// Largest picture that [`before_softening`] looks into, px: one that is no drawing takes it a second a megapixel.
const MAX_SOFTENED: usize = 1 << 20;

/// What `raster` was before it was enlarged smoothly or blurred, where it was and is not too large to look into.
pub fn before_softening(raster: &Raster) -> Option<Raster> {
    if raster.len() > MAX_SOFTENED {
        return None;
    }
    let subject = Subject::of(raster);
    let own = subject.raster();
    match subject.edges.as_ref().and_then(|edges| sharpen::sharpened(own, edges)) {
        Some(sharp) => Raster::new(own.width(), own.height(), sharp.into_iter().flat_map(unpremultiply).collect()).ok(),
        None => subject.source.map(|source| source.raster),
    }
}

/// Runs all stages up to the fitted and refined curves.
///
/// # Errors
/// [`Code::TraceDeadline`] when the budget ends, [`Code::TraceFailed`] for a picture with more inks or
/// boundaries than artwork has.
pub fn stages(raster: &Raster, parameters: &Parameters, budget: &Budget) -> Result<Stages> {
    watched_stages(raster, parameters, budget, &mut |_| {})
}

/// [`stages`], each shown to `watch` as soon as it is done.
///
/// # Errors
/// As [`stages`]; what was found until then has been shown.
pub fn watched_stages(
    raster: &Raster,
    parameters: &Parameters,
    budget: &Budget,
    watch: &mut dyn FnMut(Stage<'_>),
) -> Result<Stages> {
    run_stages(&Subject::itself(raster), parameters, budget, watch)
}

/// [`watched_stages`] of a picture whose edges are known.
fn run_stages(
    subject: &Subject<'_>,
    parameters: &Parameters,
    budget: &Budget,
    watch: &mut dyn FnMut(Stage<'_>),
) -> Result<Stages> {
    let measured = measure(find_inks(subject, parameters, budget)?, parameters, budget)?;
    watch(Stage::Regions(&measured.labels, &measured.map));
    watch(Stage::Samples(&measured.samples));
    let mut curves = fit_all(&measured, parameters, budget, fit_boundary)?;
    watch(Stage::Fitted(&curves));
    let skipped = refine_all(&measured, &mut curves, parameters, budget);
    if parameters.int("refine") > 0 {
        watch(Stage::Refined(&curves));
    }
    let Measured { labels, map, samples, bands, .. } = measured;
    Ok(Stages { labels, map, samples, curves, skipped, bands })
}

/// The effort that `parameters` ask for.
fn effort(parameters: &Parameters) -> Effort {
    if parameters.word("effort") == "fast" { Effort::Fast } else { Effort::Thorough }
}

/// What a number and an error cost.
fn costs(parameters: &Parameters) -> Costs {
    Costs { number: parameters.float("price"), sigma: parameters.float("tolerance") }
}

/// Ramps, inks, and the blends of them.
fn find_inks(subject: &Subject<'_>, parameters: &Parameters, budget: &Budget) -> Result<Inked> {
    let check = || if budget.is_over() { Err(over()) } else { Ok(()) };
    let mut intake = Intake::of(subject);
    let fixed: Vec<Color> = parameters
        .colors("palette")
        .iter()
        .map(|[r, g, b]| [f32::from(*r), f32::from(*g), f32::from(*b), 255.0])
        .collect();
    let limit = parameters.int("max-colors") as usize;
    let stacks = match parameters.word("effort") {
        "fast" => None,
        "best" => Some(Care::BEST),
        _ => Some(Care::BALANCED),
    };
    let flat = !fixed.is_empty() || limit > 0 || parameters.word("gradients") == "never";
    let mut runs = intake.runs();
    let (ramps, unexplained) =
        if flat { (None, Vec::new()) } else { ramps::find(&intake, &runs, stacks, &budget.share(RAMP_SHARE)) };
    check()?;
    let bands = ramps::bands::make(&mut intake, &unexplained);
    if bands.is_some() {
        runs = intake.runs();
    }
    let palette = palette::find(&intake, &runs, ramps, &fixed, limit)
        .ok_or_else(|| Error::new(Code::TraceFailed, "more colours than artwork of flat inks has"))?;
    check()?;
    let blends = labels::blends(&intake, palette, fixed.is_empty() && limit == 0);
    check()?;
    Ok(Inked { intake, blends, bands })
}

/// Regions and boundaries, and where the boundaries run.
fn measure(inked: Inked, parameters: &Parameters, budget: &Budget) -> Result<Measured> {
    let Inked { intake, blends, bands } = inked;
    let wanted = parameters.int("lattice");
    let finer = lattice::is_allowed(wanted, &intake, &blends).then(|| blends.clone());
    let mut measured = measure_blends(intake, blends, parameters, budget)?;
    if let Some(blends) = finer.filter(|_| lattice::is_needed(wanted, &measured.samples)) {
        let (cells, blends) = lattice::finer(measured.intake, blends);
        measured = measure_blends(cells, blends, parameters, budget)?;
    }
    Ok(Measured { bands, ..measured })
}

/// Regions and boundaries of what `blends` are made of, and where the boundaries run.
fn measure_blends(intake: Intake, blends: Blends, parameters: &Parameters, budget: &Budget) -> Result<Measured> {
    let check = || if budget.is_over() { Err(over()) } else { Ok(()) };
    let mut labels = blends.labels(intake.width, intake.height);
    check()?;
    let mut map = planar_map::build(&intake, &labels);
    let shaded = labels.inks.iter().any(|ink| ink.flat().is_none());
    // The old map goes first: it takes as much as the picture.
    if shaded && planar_map::absorb_specks(&intake, &map, &mut labels) {
        drop(map);
        map = planar_map::build(&intake, &labels);
    }
    // Another map takes a third of the time that fast has for everything.
    if parameters.word("effort") != "fast" && specks::absorb(&intake, &map, &mut labels) {
        drop(map);
        map = planar_map::build(&intake, &labels);
    }
    let least = parameters.float("min-area") * (intake.cells() * intake.cells()) as f64;
    if least > 0.0 && planar_map::absorb(&map, &mut labels, least) {
        drop(map);
        map = planar_map::build(&intake, &labels);
    }
    if map.boundaries.len() > MAX_BOUNDARIES {
        return Err(Error::new(Code::TraceFailed, format!("{} boundaries are no artwork", map.boundaries.len())));
    }
    check()?;
    let samples: Vec<Vec<Sample>> =
        map.boundaries.iter().map(|b| subpixel::measure(&intake, &labels, &map, b)).collect();
    check()?;
    Ok(Measured { intake, labels, map, samples, bands: None })
}

/// The curves of all boundaries, before they are refined; `fit` is [`fit_boundary`], or gives the same.
fn fit_all(
    measured: &Measured,
    parameters: &Parameters,
    budget: &Budget,
    fit: impl Fn(&planar_map::Boundary, &[Sample], Effort, Costs) -> Curve,
) -> Result<Vec<Curve>> {
    let Measured { intake, labels, map, samples, .. } = measured;
    let (effort, costs) = (effort(parameters), costs(parameters));
    let mut curves = Vec::with_capacity(samples.len());
    for (boundary, samples) in map.boundaries.iter().zip(samples) {
        let window = windows::rectangle(intake, labels, map, boundary);
        curves.push(window.unwrap_or_else(|| fit(boundary, samples, effort, costs)));
        if budget.is_over() {
            return Err(over());
        }
    }
    junctions::settle(map, &mut curves);
    tips::settle(intake, labels, map, &mut curves);
    Ok(curves)
}

/// Moves all curves to where the pixels have them; why not, when that was asked for and not done.
fn refine_all(
    measured: &Measured,
    curves: &mut [Curve],
    parameters: &Parameters,
    budget: &Budget,
) -> Option<&'static str> {
    let rounds = parameters.int("refine") as usize;
    if rounds == 0 {
        return None;
    }
    let Measured { intake, labels, map, samples, .. } = measured;
    let (effort, costs) = (effort(parameters), costs(parameters));
    let mut before = curves.to_vec();
    let refined = refine::refine(intake, labels, map, curves, rounds, parameters.word("effort") == "best", budget);
    for (k, curve) in refined.simplified {
        before[k] = curve;
    }
    verify::restore(map, samples, &before, curves, |b, s| fit_boundary(b, s, effort, costs));
    refine::put_in(&refined.corners, curves, &mut before);
    spurs::cut(map, curves, &mut before);
    crossings::repair(map, samples, &before, curves);
    let apart = curves.to_vec();
    for curve in curves.iter_mut() {
        if let Curve::Chain(chain) = curve {
            chain.join_lines();
        }
    }
    crossings::keep_apart(map, &apart, curves);
    refined.skipped
}

/// The regions that are written as strokes.
fn find_strokes(
    map: &PlanarMap,
    labels: &Labels,
    curves: &[Curve],
    parameters: &Parameters,
) -> BTreeMap<u32, strokes::Found> {
    let wanted = match parameters.word("strokes") {
        "never" => Strokes::Never,
        "always" => Strokes::Always,
        _ => Strokes::Auto,
    };
    strokes::find(map, &labels.inks, curves, costs(parameters), effort(parameters), wanted)
}

/// The document that the curves make.
fn draw(
    map: &PlanarMap,
    labels: &Labels,
    samples: &[Vec<Sample>],
    curves: &[Curve],
    strokes: &BTreeMap<u32, strokes::Found>,
    parameters: &Parameters,
) -> Document {
    let stacking = if parameters.word("stacking") == "cutout" { Stacking::Cutout } else { Stacking::Stacked };
    let ground = map.regions[map.region_of[0] as usize].ink;
    let remove = parameters.word("background") == "remove";
    let rim = if remove { compose::touching_rim(map) } else { Default::default() };
    let drawn = |r: u32| !(map.regions[r as usize].ink == ground && rim.contains(&r));
    let mut regular = curves.to_vec();
    // After the strokes, which are held against the outlines as they were measured.
    if effort(parameters) == Effort::Thorough && parameters.int("refine") > 0 {
        regularity::enforce(map, samples, &mut regular, costs(parameters));
        crossings::keep_apart(map, curves, &mut regular);
    }
    let mut document = compose::compose(map, &labels.inks, &regular, strokes, stacking, drawn);
    document.precision = PRECISION;
    document
}

/// `document` in px of the picture that `subject` comes from, with what reports say of a refinement
/// that was skipped, of bands, and of what was taken back.
fn finished(
    document: Document,
    subject: &Subject<'_>,
    skipped: Option<&'static str>,
    bands: Option<Bands>,
) -> Document {
    let raster = subject.raster();
    let skipped = skipped.map(|why| format!("not refined: {why}"));
    let softened = subject.softened();
    let before = softened.iter().map(|s| format!("traced as it was before it was {s}"));
    let notes = skipped.into_iter().chain(bands.map(|bands| bands.note(raster.len()))).chain(before).collect();
    let document = Document { notes, softened, ..lattice::in_pixels(document, raster) };
    match &subject.source {
        Some(source) => source.enlarged(document),
        None => document,
    }
}

/// The curve of one boundary through its samples.
pub(super) fn fit_boundary(boundary: &planar_map::Boundary, samples: &[Sample], effort: Effort, costs: Costs) -> Curve {
    let corner = |i: usize| {
        let (x, y) = boundary.corners[i];
        Point::new(f64::from(x), f64::from(y))
    };
    let last = boundary.corners.len() - 1;
    if boundary.is_rim() {
        // Only where the rim turns.
        let mut points = vec![corner(0)];
        for i in 1..last {
            if (corner(i) - corner(i - 1)).cross(corner(i + 1) - corner(i)) != 0.0 {
                points.push(corner(i));
            }
        }
        let closed = boundary.is_ring();
        if !closed {
            points.push(corner(last));
        }
        return Curve::Chain(Chain::polygon(&points, closed));
    }
    if boundary.is_ring() {
        let mut ring = samples.to_vec();
        let start = fit::segment::sharpest(&Track::new(ring.iter().copied(), costs));
        ring.rotate_left(start);
        ring.extend(ring.first().copied());
        let track = Track::new(ring.iter().copied(), costs);
        if let Some(shape) = fit::primitives::recognize(&track) {
            return shape;
        }
        let tidied = |track: &Track| {
            let mut chain = fit::segment::segment(track, true, effort);
            chain.join_lines();
            chain.sharpen();
            chain
        };
        let mut chain = tidied(&track);
        if let Some(start) = fit::segment::restart(&track, &chain) {
            ring.pop();
            ring.rotate_left(start);
            ring.extend(ring.first().copied());
            let again = tidied(&Track::new(ring.into_iter(), costs));
            if again.pieces.len() < chain.pieces.len() {
                chain = again;
            }
        }
        if chain.nodes.len() < 2 {
            return Curve::Chain(Chain::polygon(&track.points[..track.len() - 1], true));
        }
        return Curve::Chain(chain);
    }
    // The junctions themselves are known to a pixel; they hold the ends in place.
    let end = |i: usize| Sample { point: corner(i), sigma: 0.5 };
    let all = std::iter::once(end(0)).chain(samples.iter().copied()).chain([end(last)]);
    Curve::Chain(fit::segment::segment(&Track::new(all, costs), false, effort))
}

impl Engine for Contour {
    fn name(&self) -> &'static str {
        "contour"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { alpha: true, gradients: true, cancel: true, unsoftens: true }
    }

    fn options(&self) -> &'static [OptionSpec] {
        &OPTIONS
    }

    fn preset(&self, _class: Class) -> Parameters {
        Parameters::defaults(&OPTIONS)
    }

    fn fast_preset(&self, class: Class) -> Parameters {
        self.preset(class).with(&[("effort", "fast"), ("refine", "1"), ("strokes", "never")])
    }

    fn finer_preset(&self, class: Class) -> Parameters {
        self.preset(class).with(&[("refine", "40"), ("price", "1.5")])
    }

    fn candidates(&self, class: Class) -> Vec<(Parameters, &'static str)> {
        let best = self.preset(class).with(&[("effort", "best")]);
        let mut all = vec![
            (best.clone(), "as much effort as is worth it"),
            (best.clone().with(&[("refine", "40")]), "the same, refined until nothing moves"),
            (best.clone().with(&[("price", "1")]), "the same with more nodes"),
        ];
        // Cells are of flat inks.
        if class != Class::Gradient {
            let cells = best.with(&[("lattice", "2")]);
            all.push((cells.clone(), "the same in cells of half a pixel"));
            all.push((cells.clone().with(&[("price", "1")]), "the same in cells of half a pixel, with more nodes"));
            all.push((cells.with(&[("price", "0.6")]), "the same in cells of half a pixel, with many more nodes"));
        }
        all
    }

    fn safe_preset(&self) -> Parameters {
        Parameters::defaults(&OPTIONS).with(&[("effort", "fast"), ("refine", "0")])
    }

    fn trace(&self, raster: &Raster, parameters: &Parameters, budget: &Budget) -> Result<Document> {
        let subject = Subject::of(raster);
        let Stages { labels, map, samples, curves, skipped, bands } =
            run_stages(&subject, parameters, budget, &mut |_| {})?;
        let strokes = find_strokes(&map, &labels, &curves, parameters);
        let document = draw(&map, &labels, &samples, &curves, &strokes, parameters);
        Ok(finished(document, &subject, skipped, bands))
    }

    fn session<'a>(&self, raster: &'a Raster) -> Box<dyn Session + 'a> {
        Box::new(session::ContourSession::new(raster))
    }
}
