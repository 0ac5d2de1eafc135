//! Stage 2, for shaded artwork: areas whose colour changes smoothly, each as one gradient or a few on top of
//! each other.
//!
//! ```text
//! pixels ─ components ─► areas without an edge ─ geometry ─► linear, circular, elliptical ─ profile ─► stops
//!                                                    ▲                                          │
//!                                                    └──────────── what is left: a layer ◄──────┘
//! ```
//!
//! Where a picture has an edge, its second differences are as large as half the contrast; along a ramp they
//! are no more than rounding. So pixels with small second differences form areas, and an area with more than
//! one colour in it is a ramp. Its gradient is found from the field itself: level lines of a linear gradient
//! are parallel, normals of those of a radial one meet in its centre. Which kind, and with how many stops, is
//! a matter of description length. What one gradient leaves over may be another, on top of it and mostly
//! clear: a highlight or a glow.

pub mod bands;
pub mod components;
mod correction;
pub mod geometry;
pub mod layers;
mod outlines;
pub mod polish;
pub mod profile;

use std::collections::VecDeque;

use super::intake::{Color, Intake, Runs};
use crate::document::{Gradient, GradientKind, Point, Stop};
use crate::trace::Budget;
use components::Component;
use correction::Correction;
use geometry::Sample;
use layers::Care;
use outlines::Outlined;

/// No ramp, an index: no picture has as many.
pub const NONE: u16 = u16::MAX;

/// Most ramps of a picture, a count: artwork has some dozens, and each is a search.
const MAX_RAMPS: usize = 4096;

/// Deviation of pixels from their gradient, root mean square of the distance in all channels, beyond which the
/// area becomes flat bands, 8-bit steps: these are as close.
const MAX_DEVIATION: f64 = 8.0;

/// Deviation that one gradient may have to be the whole explanation, 8-bit steps: rounding in three channels
/// makes 0.5.
const GOOD: f64 = 0.8;

/// Deviation beyond what an area's own gradient leaves within which another's also serves it, 8-bit steps: less
/// than a grey level, and the number of gradients is one less.
const SAME_RAMP: f64 = 0.35;

/// Noise beyond which ramps are not looked for, 8-bit steps: second differences cannot tell them from edges
/// then.
const MAX_NOISE: f32 = 1.5;

/// How far a ramp flows into pixels of its own colour, px: second differences are no evidence two pixels from
/// an edge, three in a corner.
const FLOW: usize = 3;

/// Largest difference of a channel from the ramp for a pixel of its own colour, 8-bit steps: rounding, and what
/// gradients leave over.
const OWN_COLOR: f32 = 2.5;

/// The same for a pixel that is as far from the ramp as the one beside it that is the ramp's, 8-bit steps: what
/// gradients leave over where they are steep. An edge of 2 % contrast is as much, and outlines of 3 % are drawn.
const DRIFTED: f32 = 5.0;

/// Largest change of that difference from one pixel to the next, 8-bit steps: rounding makes one.
const DRIFT: f32 = 1.0;

/// A stop of a layer: where, and its straight colour with alpha, 8-bit steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerStop {
    /// Parameter of the gradient.
    pub t: f64,
    /// Red, green, blue, not multiplied by alpha; alpha.
    pub color: [f64; 4],
}

impl LayerStop {
    /// The colour at `t` on the line through this stop and another one.
    fn towards(&self, other: &Self, t: f64) -> [f64; 4] {
        self.mixed(other, self.share(other, t))
    }

    /// How far `t` is on the way from this stop to another one.
    fn share(&self, other: &Self, t: f64) -> f64 {
        (t - self.t) / (other.t - self.t)
    }

    /// The colour of this stop with a share of another one's.
    fn mixed(&self, other: &Self, share: f64) -> [f64; 4] {
        std::array::from_fn(|c| self.color[c] + share * (other.color[c] - self.color[c]))
    }
}

/// How the parameter of a gradient follows from the place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Where the parameter is 0, px.
    pub origin: Point,
    /// The parameter's slope; for a radial gradient along its first axis, 1/px.
    pub u: Point,
    /// The slope along the second axis of a radial gradient, 1/px.
    pub v: Option<Point>,
}

impl Geometry {
    /// The parameter at `p`.
    pub fn parameter(&self, p: Point) -> f64 {
        let d = p - self.origin;
        let a = d.dot(self.u);
        self.v.map_or(a, |v| {
            let b = d.dot(v);
            (a * a + b * b).sqrt()
        })
    }

    /// How the parameter changes from `p` on, 1/px; nothing in the centre, where it has no slope.
    fn slope(&self, p: Point) -> Point {
        match self.v {
            None => self.u,
            Some(v) => self.u * self.share(p, self.u) + v * self.share(p, v),
        }
    }

    /// How the parameter at `p` changes while the gradient turns around its origin, 1/radian.
    fn turning(&self, p: Point) -> f64 {
        let along = |axis: Point| (p - self.origin).dot(axis.turned());
        match self.v {
            None => along(self.u),
            Some(v) => self.share(p, self.u) * along(self.u) + self.share(p, v) * along(v),
        }
    }

    /// How the parameter at `p` changes with the logarithm of the slope along the second axis.
    fn stretching(&self, p: Point) -> f64 {
        self.v.map_or(0.0, |v| self.share(p, v) * (p - self.origin).dot(v))
    }

    /// The part of a radial gradient's parameter at `p` that is along one of its axes.
    fn share(&self, p: Point, axis: Point) -> f64 {
        (p - self.origin).dot(axis) / self.parameter(p).max(1e-12)
    }

    /// Whether it is radial with two equal axes.
    fn is_circular(&self) -> bool {
        self.v.is_some_and(|v| (v.length() / self.u.length() - 1.0).abs() < 1e-9)
    }

    /// Numbers written for it.
    fn numbers(&self) -> f64 {
        match self.v {
            None => 4.0,
            Some(_) if self.is_circular() => 3.0,
            Some(_) => 6.0,
        }
    }
}

/// One gradient of a ramp.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its geometry.
    pub geometry: Geometry,
    /// Its stops in order of their parameters; constant before the first and after the last.
    pub stops: Vec<LayerStop>,
}

impl Layer {
    /// The straight colour with alpha at `p`, 8-bit steps.
    pub fn at(&self, p: Point) -> [f64; 4] {
        let (next, share) = self.place(p);
        self.color(next, share)
    }

    /// The stop that follows at `p`, and how far it is on the way to it from the one before.
    fn place(&self, p: Point) -> (usize, f64) {
        let t = self.geometry.parameter(p);
        let next = self.stops.iter().position(|s| s.t > t).unwrap_or(self.stops.len());
        let between = next > 0 && next < self.stops.len();
        (next, if between { self.stops[next - 1].share(&self.stops[next], t) } else { 0.0 })
    }

    /// The straight colour with alpha at such a place.
    fn color(&self, next: usize, share: f64) -> [f64; 4] {
        match (next.checked_sub(1).map(|k| &self.stops[k]), self.stops.get(next)) {
            (Some(a), Some(b)) => a.mixed(b, share),
            (Some(end), None) | (None, Some(end)) => end.color,
            (None, None) => [0.0; 4],
        }
    }

    /// The same with the colours going on beyond the first and the last stop as they do before them.
    fn continued(&self, p: Point) -> [f64; 4] {
        let t = self.geometry.parameter(p);
        let n = self.stops.len();
        if n >= 2 && t < self.stops[0].t {
            self.stops[0].towards(&self.stops[1], t)
        } else if n >= 2 && t > self.stops[n - 1].t {
            self.stops[n - 2].towards(&self.stops[n - 1], t)
        } else {
            self.at(p)
        }
    }

    /// As SVG has it, in the picture's own coordinates.
    fn gradient(&self) -> Gradient {
        let (first, last) = (self.stops[0].t, self.stops[self.stops.len() - 1].t);
        let g = &self.geometry;
        let slope = g.u.length();
        let origin = Intake::place(g.origin);
        let (kind, from, to) = match g.v {
            None => {
                let along = |t: f64| origin + g.u * (t / slope / slope);
                (GradientKind::Linear { from: along(first), to: along(last) }, first, last)
            }
            Some(v) => {
                let radii = (last / slope, last / v.length());
                let rotation = g.u.y.atan2(g.u.x).to_degrees();
                (GradientKind::Radial { center: origin, radii, rotation }, 0.0, last)
            }
        };
        let byte = |v: f64| v.round().clamp(0.0, 255.0) as u8;
        let stops = self.stops.iter().map(|s| Stop {
            offset: ((s.t - from) / (to - from)).clamp(0.0, 1.0),
            color: [byte(s.color[0]), byte(s.color[1]), byte(s.color[2])],
            opacity: (s.color[3] / 255.0).clamp(0.0, 1.0),
        });
        Gradient { kind, stops: stops.collect() }
    }
}

/// The fill of a smoothly shaded area: gradients on top of each other, the first at the bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Ramp {
    /// The gradients; never empty.
    pub layers: Vec<Layer>,
    /// What they leave over.
    pub correction: Option<Correction>,
    /// Root mean square of that, 8-bit steps.
    pub deviation: f64,
}

impl Ramp {
    /// A ramp of these gradients.
    pub fn new(layers: Vec<Layer>) -> Self {
        Self { layers, correction: None, deviation: 0.0 }
    }

    /// A ramp that is one premultiplied colour everywhere.
    fn flat(color: Color) -> Self {
        let alpha = f64::from(color[3]);
        let straight = |c: usize| if alpha > 0.0 { f64::from(color[c]) * 255.0 / alpha } else { 0.0 };
        let color = [straight(0), straight(1), straight(2), alpha];
        let geometry = Geometry { origin: Point::default(), u: Point::new(1.0, 0.0), v: None };
        let stops = [0.0, 1.0].map(|t| LayerStop { t, color }).to_vec();
        Self::new(vec![Layer { geometry, stops }])
    }

    /// Its premultiplied colour where it is the same everywhere.
    pub fn only_color(&self) -> Option<Color> {
        let [layer] = &self.layers[..] else { return None };
        let same = layer.stops.iter().all(|s| s.color == layer.stops[0].color);
        same.then(|| self.at(Point::default()))
    }

    /// The premultiplied colour of the picture at `p`, 8-bit steps.
    pub fn seen_at(&self, p: Point) -> Color {
        let mut color = self.at(p);
        if let Some(correction) = &self.correction {
            let by = correction.at(p);
            (0..4).for_each(|c| color[c] += by[c]);
        }
        color
    }

    /// The premultiplied colour that its gradients have at `p`, 8-bit steps.
    pub fn at(&self, p: Point) -> Color {
        let mut out = [0.0f64; 4];
        for layer in &self.layers {
            let c = layer.at(p);
            let a = c[3] / 255.0;
            for k in 0..3 {
                out[k] = out[k] * (1.0 - a) + c[k] * a;
            }
            out[3] = out[3] * (1.0 - a) + c[3];
        }
        out.map(|v| v as f32)
    }

    /// Least and largest alpha, 8-bit steps.
    pub fn alpha(&self) -> (f32, f32) {
        let stops = || self.layers[0].stops.iter().map(|s| s.color[3] as f32);
        let clear = stops().fold(255.0, f32::min);
        let most = self.layers.iter().flat_map(|l| &l.stops).map(|s| s.color[3] as f32).fold(0.0, f32::max);
        (clear, most)
    }

    /// Its gradients as SVG has them.
    pub fn gradients(&self) -> Vec<Gradient> {
        self.layers.iter().map(Layer::gradient).collect()
    }
}

/// The shaded areas of a picture.
#[derive(Debug, Clone)]
pub struct Ramps {
    /// The fills.
    pub ramps: Vec<Ramp>,
    /// For each pixel the index of its ramp, or [`NONE`].
    pub of: Vec<u16>,
}

/// Finds the shaded areas of `intake`, and those that gradients do not explain, by their pixels. With `stacks`, gradients
/// on top of each other are tried with that care, until it or the `budget` ends; what comes later has one gradient each.
pub fn find(intake: &Intake, runs: &Runs, mut stacks: Option<Care>, budget: &Budget) -> (Option<Ramps>, Vec<Vec<u32>>) {
    let mut unexplained = Vec::new();
    // Making them takes as long as a fast trace.
    let banded = stacks.is_some();
    if intake.noise > MAX_NOISE {
        return (None, unexplained);
    }
    let (components, strips) = components::find(intake, runs);
    if components.is_empty() && strips.is_empty() {
        return (None, unexplained);
    }
    let mut found = Ramps { ramps: Vec::new(), of: vec![NONE; intake.pixels.len()] };
    // The largest first, so that their gradients are there for the small ones.
    let mut waiting: VecDeque<Component> = components.into();
    let mut known = Vec::new();
    while let Some(component) = waiting.pop_front() {
        if found.ramps.len() >= MAX_RAMPS {
            break;
        }
        let stacks = stacks.as_mut().filter(|care| care.is_left() && !budget.is_over());
        let Fill { ramp, parts, rest } =
            fill(intake, component, (stacks, banded, budget), &mut found.ramps, &mut known);
        if let Some((index, pixels)) = ramp {
            pixels.iter().for_each(|i| found.of[*i as usize] = index);
        }
        waiting.extend(parts);
        unexplained.extend(rest);
    }
    for strip in strips {
        if found.ramps.len() >= MAX_RAMPS || budget.is_over() {
            break;
        }
        let samples = layers::samples(intake, &strip);
        let single = layers::single(&samples);
        let least = layers::deviation(&single, &samples);
        let index = position(&found.ramps, &samples, least).or_else(|| {
            (least < GOOD).then(|| simple(intake, (&strip, samples), (single, least), &mut found.ramps, &mut known))
        });
        if let Some(index) = index {
            strip.pixels.iter().for_each(|i| found.of[*i as usize] = index as u16);
        }
    }
    if found.ramps.is_empty() {
        return (None, unexplained);
    }
    let mut pixels: Vec<Vec<u32>> = vec![Vec::new(); found.ramps.len()];
    for (i, ramp) in (0u32..).zip(&found.of).filter(|(_, ramp)| **ramp != NONE) {
        pixels[usize::from(*ramp)].push(i);
    }
    for (ramp, pixels) in found.ramps.iter_mut().zip(&pixels) {
        ramp.correction = Some(Correction::new(intake, pixels, ramp));
    }
    flow(intake, &mut found);
    (Some(found), unexplained)
}

/// Lets ramps flow into pixels of their own colour: near an edge second differences are no evidence.
fn flow(intake: &Intake, found: &mut Ramps) {
    let (w, h) = (intake.width, intake.height);
    let at_edge = |i: &usize| found.of[*i] != NONE && components::beside(*i, w, h).any(|j| found.of[j] == NONE);
    let mut front: Vec<usize> = (0..w * h).filter(at_edge).collect();
    for _ in 0..FLOW {
        let mut reached: Vec<(usize, u16)> = Vec::new();
        for i in &front {
            for j in components::beside(*i, w, h).filter(|j| found.of[*j] == NONE) {
                let ramp = found.of[*i];
                let off = |k: usize| {
                    let color = found.ramps[usize::from(ramp)].seen_at(intake.middle(k));
                    std::array::from_fn::<f32, 4, _>(|c| f32::from(intake.pixels[k][c]) - color[c])
                };
                let (here, there) = (off(*i), off(j));
                let most = |f: &dyn Fn(usize) -> f32| (0..4).map(f).fold(0.0, f32::max);
                let far = most(&|c| there[c].abs());
                if far <= OWN_COLOR || (far <= DRIFTED && most(&|c| (there[c] - here[c]).abs()) <= DRIFT) {
                    reached.push((j, ramp));
                }
            }
        }
        for (j, ramp) in &reached {
            found.of[*j] = *ramp;
        }
        front = reached.into_iter().map(|(j, _)| j).collect();
    }
}

/// A ramp of one gradient, by its index, and the samples that it explains.
type Known = (usize, Vec<Sample>);

/// Ramps that are tried for a component when none explains it as it is, a count: each is a fit, and the largest
/// are the likeliest.
const MAX_TRIED: usize = 48;

/// Deviation of a gradient that is continued over another component from which a common one is looked for,
/// 8-bit steps: farther off it is another gradient.
const CONTINUED: f64 = 5.0;

/// One gradient for a component and another one that it seems to continue, and the index of that one's ramp.
fn shared(
    intake: &Intake,
    samples: &[Sample],
    component: &Component,
    known: &mut [Known],
    ramps: &[Ramp],
    least: f64,
) -> Option<(usize, Ramp)> {
    if least > GOOD {
        return None;
    }
    for (index, others) in known.iter_mut().take(MAX_TRIED) {
        let off = |s: &Sample| {
            let color = ramps[*index].layers[0].continued(s.point);
            (0..4).map(|c| (color[c] * if c < 3 { color[3] / 255.0 } else { 1.0 } - s.value[c]).powi(2)).sum::<f64>()
        };
        let deviation = (samples.iter().map(off).sum::<f64>() / samples.len() as f64).sqrt();
        if deviation > CONTINUED {
            continue;
        }
        let both: Vec<Sample> = others.iter().chain(samples).copied().collect();
        let mut ramp = layers::single(&both);
        let limit = GOOD.min(least + SAME_RAMP);
        if layers::deviation(&ramp, samples) < limit && layers::deviation(&ramp, others) < GOOD {
            layers::extend(&mut ramp, &both, component, intake);
            *others = both;
            return Some((*index, ramp));
        }
    }
    None
}

/// The ramp, among those that are known, that explains `samples` as well as their own one does.
fn position(ramps: &[Ramp], samples: &[Sample], least: f64) -> Option<usize> {
    ramps.iter().position(|r| layers::deviation(r, samples) < least.min(GOOD) + SAME_RAMP)
}

/// The ramp, by its index, of a component that one gradient explains: one that it shares with another component, or its own,
/// which is off by `least`.
fn simple(
    intake: &Intake,
    (component, samples): (&Component, Vec<Sample>),
    (mut single, least): (Ramp, f64),
    ramps: &mut Vec<Ramp>,
    known: &mut Vec<Known>,
) -> usize {
    if let Some((index, ramp)) = shared(intake, &samples, component, known, ramps, least) {
        ramps[index] = ramp;
        return index;
    }
    layers::extend(&mut single, &samples, component, intake);
    known.push((ramps.len(), samples));
    ramps.push(single);
    ramps.len() - 1
}

/// What a component turns out to be: nothing, where gradients do not explain it.
#[derive(Default)]
struct Fill {
    /// A ramp, by its index, and the pixels that it explains.
    ramp: Option<(u16, Vec<u32>)>,
    /// Parts that are looked at again.
    parts: Vec<Component>,
    /// Pixels that no gradients explain.
    rest: Option<Vec<u32>>,
}

/// Explains a component by the simplest means: a ramp that is known, one gradient, a part that is flat or has
/// one gradient, and only then gradients on top of each other.
fn fill(
    intake: &Intake,
    component: Component,
    (stacks, banded, budget): (Option<&mut Care>, bool, &Budget),
    ramps: &mut Vec<Ramp>,
    known_samples: &mut Vec<Known>,
) -> Fill {
    let whole =
        |index: usize, component: Component| Fill { ramp: Some((index as u16, component.pixels)), ..Fill::default() };
    let apart = |outlined: Outlined, ramps: &mut Vec<Ramp>| {
        ramps.push(Ramp::flat(outlined.color));
        Fill { ramp: Some((ramps.len() as u16 - 1, outlined.pixels)), parts: outlined.parts, rest: None }
    };
    let samples = layers::samples(intake, &component);
    let single = layers::single(&samples);
    let least = layers::deviation(&single, &samples);
    if let Some(known) = position(ramps, &samples, least) {
        return whole(known, component);
    }
    if least < GOOD {
        if let Some(outlined) = outlines::find(intake, &component, &samples, &single) {
            return apart(outlined, ramps);
        }
        let index = simple(intake, (&component, samples), (single, least), ramps, known_samples);
        return whole(index, component);
    }
    let next = ramps.len();
    let robust = layers::robust(&samples, &single);
    if let Some(outlined) = outlines::find(intake, &component, &samples, &robust) {
        return apart(outlined, ramps);
    }
    let ground = components::without_ground(intake, &component);
    let split = layers::split(intake, &component, &samples, &robust);
    // A gradient that runs out explains its flat end too; but one that lies on a flat ground and fades into it does not
    // explain the ground any better for being bent.
    let simpler = |(n, on_top): &(usize, Vec<Component>), explained: &[u32], parts: &[Component]| {
        *n > explained.len()
            || (on_top.len() < parts.len() && layers::are_single(intake, on_top, component.pixels.len() - n))
    };
    match (ground, split) {
        (ground, Some((ramp, explained, parts)))
            if ground.as_ref().is_none_or(|ground| !simpler(ground, &explained, &parts)) =>
        {
            ramps.push(ramp);
            return Fill { ramp: Some((next as u16, explained)), parts, rest: None };
        }
        (Some((_, parts)), _) => return Fill { parts, ..Fill::default() },
        _ => {}
    }
    let mut own = match stacks {
        None => single,
        Some(care) => layers::fit(&samples, single, robust, component.pixels.len(), care, budget),
    };
    own.deviation = layers::deviation(&own, &samples);
    let banded = banded && component.pixels.len() >= bands::MIN_PIXELS;
    let poor = own.deviation > MAX_DEVIATION || (banded && bands::mean_off(&own, &samples) > bands::MAX_MEAN);
    if poor {
        return Fill { rest: banded.then_some(component.pixels), ..Fill::default() };
    }
    layers::extend(&mut own, &samples, &component, intake);
    let apart = layers::apart(intake, &component, &own);
    ramps.push(own);
    match apart {
        Some((pixels, parts)) => Fill { ramp: Some((next as u16, pixels)), parts, rest: None },
        None => whole(next, component),
    }
}
