//! The gradients of an area: one, or more on top of each other.
//!
//! The first explains most of the area; what it leaves may be another, of one colour and mostly clear. Each
//! new one is followed by a refinement of all together. A robust first fit keeps a highlight from bending the
//! gradient below it.

use super::components::{self, Component};
use super::geometry::{self, Sample};
use super::polish;
use super::profile::{Fine, NUMBER, Profile, SIGMA};
use super::{Geometry, Layer, LayerStop, Ramp};
use crate::document::Point;
use crate::trace::Budget;
use crate::trace::contour::intake::{Intake, squared_distance};

/// Samples that an area is judged by, a count: several dozen for each number that a ramp may say.
const SAMPLES: usize = 2000;

/// Deviation of a gradient in three channels, 8-bit steps: rounding makes 0.5, and the renderer rounds
/// before.
const ROUNDING: f64 = 0.75;

/// Most gradients on top of each other, a count: artists stack a few, and every one is blended in 8 bits.
const MAX_LAYERS: usize = 8;

/// Pixels that one more gradient must be worth, a count: an area of twenty by twenty shows one.
const LAYER_PIXELS: usize = 400;

/// Most stops of the first gradient, a count: artists write two to four, and a bend of a ramp takes one.
const BASE_STOPS: usize = 8;

/// Most stops of each other gradient, a count: it fades out, and is simpler than what it lies on.
const LAYER_STOPS: usize = 4;

/// Gradients after which the better of two beginnings goes on alone, a count: by then it shows which one
/// leads somewhere.
const TRIAL: usize = 3;

/// Gradients of a stack up to which every geometry is tried for the next one, a count: what is left after
/// more is faint.
const CAREFUL: usize = 1;

/// Least part of a gradient that is seen through those on top of it, a share: with less its colour is not told.
const LEAST_SHOWN: f64 = 0.01;

/// Gain of an exchange below which it is left, nats: as much as rounding makes.
const LEAST_GAIN: f64 = 1.0;

/// Gradients of a stack up to which it is searched for stops that it can do without, a count: what larger
/// ones save is not worth the time.
const PRUNED: usize = 2;

/// Price of a stop of a layer, numbers: it writes an offset and an opacity.
const LAYER_STOP: f64 = 2.0;

/// Rounds of refinement after each new layer, a count: the next one only needs to see what is left.
const ROUNDS: usize = 6;

/// Rounds of refinement at the end, a count: what is found then is written.
const LAST_ROUNDS: usize = 20;

/// Alpha from which a pixel is opaque, 8-bit steps: rounding takes no more than one off.
const OPAQUE: f64 = 254.0;

/// Places and premultiplied colours of an area's inner pixels, on a lattice when there are many.
pub fn samples(intake: &Intake, component: &Component) -> Vec<Sample> {
    let pixels = &component.inner;
    let stride = ((pixels.len() as f64 / SAMPLES as f64).sqrt().ceil() as usize).max(1);
    let sample = |i: &u32| {
        let i = *i as usize;
        Sample { point: intake.middle(i), value: intake.pixels[i].map(f64::from), weight: 1.0 }
    };
    let lattice = |i: &&u32| {
        let i = **i as usize;
        (i % intake.width).is_multiple_of(stride) && (i / intake.width).is_multiple_of(stride)
    };
    let found: Vec<Sample> = pixels.iter().filter(lattice).map(sample).collect();
    if found.len() * 4 * stride * stride < pixels.len() * 3 {
        // Long and thin: a lattice may miss it.
        let step = pixels.len().div_ceil(SAMPLES);
        return pixels.iter().step_by(step).map(sample).collect();
    }
    found
}

/// Root mean square of the distance between `ramp` and `samples`, 8-bit steps.
pub fn deviation(ramp: &Ramp, samples: &[Sample]) -> f64 {
    (squares(ramp, samples) / samples.len().max(1) as f64).sqrt()
}

fn squares(ramp: &Ramp, samples: &[Sample]) -> f64 {
    let square = |s: &Sample| {
        let color = ramp.at(s.point);
        (0..4).map(|c| (f64::from(color[c]) - s.value[c]).powi(2)).sum::<f64>()
    };
    samples.iter().map(square).sum()
}

/// The same, with samples that are far off counting by their distance only (Huber 1964): an area may hold a
/// mark whose edge fades.
fn loss(ramp: &Ramp, samples: &[Sample]) -> f64 {
    let loss = |s: &Sample| {
        let color = ramp.at(s.point);
        polish::huber((0..4).map(|c| (f64::from(color[c]) - s.value[c]).powi(2)).sum::<f64>())
    };
    samples.iter().map(loss).sum()
}

/// The one gradient that explains `samples` best.
pub fn single(samples: &[Sample]) -> Ramp {
    let mut ramp = Ramp::new(vec![base(samples)]);
    if samples.iter().all(|s| s.value[3] >= OPAQUE) {
        polish::polish(samples, &mut ramp, ROUNDS);
    }
    ramp
}

/// Distance from a gradient within which a pixel belongs to it, 8-bit steps: three times what rounding makes
/// on average.
const INLIER: f32 = 1.6;

/// Part of an area that a gradient must explain to be split off, a share: with less it may fit by chance.
const MIN_SHARE: f64 = 0.3;

/// Most parts of the rest, a count: what falls into more is shading and not shapes.
const MAX_PARTS: usize = 8;

/// Part of the rest that single gradients must explain then, a share: else the area is layers, and no parts
/// side by side.
const MIN_REST: f64 = 0.7;

/// The `robust` gradient, where it explains much of the area, and the parts where it does not, when these have a
/// gradient each: shapes whose edge fades away where their colours meet.
pub fn split(
    intake: &Intake,
    component: &Component,
    samples: &[Sample],
    robust: &Ramp,
) -> Option<(Ramp, Vec<u32>, Vec<Component>)> {
    let mut ramp = robust.clone();
    extend(&mut ramp, samples, component, intake);
    let (mine, parts) = explained(intake, component, &ramp, INLIER);
    let rest = component.pixels.len() - mine.len();
    if (mine.len() as f64) < MIN_SHARE * component.pixels.len() as f64 || parts.is_empty() || parts.len() > MAX_PARTS {
        return None;
    }
    are_single(intake, &parts, rest).then_some((ramp, mine, parts))
}

/// Whether single gradients explain most of the `rest` of an area, which has these parts.
pub fn are_single(intake: &Intake, parts: &[Component], rest: usize) -> bool {
    let well = |part: &&Component| {
        let samples = samples(intake, part);
        deviation(&single(&samples), &samples) < ROUNDING * 1.2
    };
    let well: usize = parts.iter().filter(well).map(|part| part.pixels.len()).sum();
    well as f64 >= MIN_REST * rest as f64
}

/// The pixels of a component that are closer than `within` to `ramp`, 8-bit steps, and the connected parts that are not.
fn explained(intake: &Intake, component: &Component, ramp: &Ramp, within: f32) -> (Vec<u32>, Vec<Component>) {
    components::divide(intake, component, |i| {
        let i = i as usize;
        squared_distance(intake.color(i), ramp.at(intake.middle(i))) < within * within
    })
}

/// Deviation of gradients on top of each other from which a pixel is none of theirs, 8-bit steps: they are seldom off by
/// half as much, and an edge is more.
const FOREIGN: f32 = 12.0;

/// The pixels that `ramp` explains, and the connected parts that it does not, of a component most of which it does.
pub fn apart(intake: &Intake, component: &Component, ramp: &Ramp) -> Option<(Vec<u32>, Vec<Component>)> {
    let (mine, parts) = explained(intake, component, ramp, FOREIGN);
    (!parts.is_empty() && 2 * mine.len() > component.pixels.len()).then_some((mine, parts))
}

/// Work that a picture is worth in products of [`polish::polish`], a count: a second and a half, and no picture of the
/// development set takes more in balanced.
const WORK: usize = 5_000_000;

/// Work of looking for one more gradient in the same products, a count: as much as a few rounds of refining a stack.
const LOOK: usize = 1000;

/// How much work the gradients of an area are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Care {
    /// Layers of a picture that may still be looked for anew.
    exchanges: usize,
    /// Layers that are tried in place of one, the likeliest first.
    tried: usize,
    /// Rounds of refinement after each.
    rounds: usize,
    /// Work that the picture may still take, in products of [`polish::polish`]: the same on every machine, which
    /// time is not.
    work: usize,
    /// Of that, what is kept for finding the layers of the areas that are still to come.
    reserve: usize,
}

impl Care {
    /// Half of what there is to gain, in as much time as finding the layers took.
    pub const BALANCED: Self = Self { exchanges: 24, tried: 2, rounds: ROUNDS, work: WORK, reserve: 0 };
    /// Until nothing is gained, mostly.
    pub const BEST: Self =
        Self { exchanges: 128, tried: usize::MAX, rounds: 2 * ROUNDS, work: 6 * WORK, reserve: WORK };

    /// Whether there is work left.
    pub fn is_left(&self) -> bool {
        self.work > 0
    }

    fn take(&mut self, work: usize) {
        self.work = self.work.saturating_sub(work);
    }
}

/// The gradients that explain `samples`, beginning with the `first` one or the `robust` one, then looked for anew
/// one by one, with so much `care`. What is found when that or the `budget` ends is taken as it is.
pub fn fit(samples: &[Sample], first: Ramp, robust: Ramp, area: usize, care: &mut Care, budget: &Budget) -> Ramp {
    let most = (area / LAYER_PIXELS).clamp(1, MAX_LAYERS);
    if most == 1 || deviation(&first, samples) < ROUNDING || samples.iter().any(|s| s.value[3] < OPAQUE) {
        return first;
    }
    let mut trial = |start: Ramp| stack(samples, start, most.min(TRIAL), care, budget);
    let (first, robust) = (trial(first), trial(robust));
    let (_, mut ramp) = if robust.0 < first.0 { robust } else { first };
    if ramp.layers.len() == TRIAL {
        (_, ramp) = stack(samples, ramp, most, care, budget);
    }
    care.take(polish::polish(samples, &mut ramp, LAST_ROUNDS));
    while exchange(samples, &mut ramp, most, care, budget) {}
    prune(samples, ramp, care)
}

/// Adds layers while they pay.
fn stack(samples: &[Sample], mut ramp: Ramp, most: usize, care: &mut Care, budget: &Budget) -> (f64, Ramp) {
    let mut cost = description(&ramp, samples);
    while ramp.layers.len() < most && deviation(&ramp, samples) > ROUNDING && care.is_left() && !budget.is_over() {
        let tried = if ramp.layers.len() > CAREFUL { 1 } else { usize::MAX };
        match with_another(samples, &ramp, (tried, ROUNDS), care) {
            Some((new, with)) if new < cost => (cost, ramp) = (new, with),
            _ => break,
        }
    }
    (cost, ramp)
}

/// `ramp` with the layer more that serves it best, of the likeliest that are `tried`, each refined in so many
/// `rounds`; and its description length.
fn with_another(
    samples: &[Sample],
    ramp: &Ramp,
    (tried, rounds): (usize, usize),
    care: &mut Care,
) -> Option<(f64, Ramp)> {
    care.take(LOOK);
    let with = overlays(samples, ramp).into_iter().take(tried).map(|layer| {
        let mut with = ramp.clone();
        with.layers.push(layer);
        care.take(polish::polish(samples, &mut with, rounds));
        (description(&with, samples), with)
    });
    with.min_by(|a, b| a.0.total_cmp(&b.0))
}

/// Looks for each layer anew with all others given, and for one more: the first were found while the later ones
/// were still missing, and bent towards them (backfitting, Friedman and Stuetzle 1981). Whether more of it may help.
fn exchange(samples: &[Sample], ramp: &mut Ramp, most: usize, care: &mut Care, budget: &Budget) -> bool {
    let mut cost = description(ramp, samples);
    let mut better = false;
    let mut offer = |found: Option<(f64, Ramp)>, ramp: &mut Ramp| {
        if let Some((new, other)) = found.filter(|(new, _)| *new < cost - LEAST_GAIN) {
            (cost, *ramp, better) = (new, other, true);
        }
    };
    for k in (1..ramp.layers.len()).rev() {
        if care.exchanges == 0 || care.work <= care.reserve || budget.is_over() {
            return false;
        }
        care.exchanges -= 1;
        let mut less = ramp.clone();
        less.layers.remove(k);
        care.take(polish::polish(samples, &mut less, ROUNDS));
        offer(with_another(samples, &less, (care.tried, care.rounds), care), ramp);
    }
    if ramp.layers.len() > 1 {
        let mut other = ramp.clone();
        other.layers[0] = base(&below(samples, ramp));
        care.take(polish::polish(samples, &mut other, care.rounds));
        offer(Some((description(&other, samples), other)), ramp);
    }
    if ramp.layers.len() < most && deviation(ramp, samples) > ROUNDING {
        offer(with_another(samples, ramp, (care.tried, care.rounds), care), ramp);
    }
    better
}

/// What the first gradient must show for those on top of it to be right: the less of it can be seen, the less it
/// counts.
fn below(samples: &[Sample], ramp: &Ramp) -> Vec<Sample> {
    let of = |s: &Sample| {
        // What is on top, by itself, and how much shows through it.
        let on_top = ramp.layers[1..].iter().map(|layer| layer.at(s.point));
        let shows: f64 = on_top.clone().map(|c| 1.0 - c[3] / 255.0).product();
        let top = polish::composite(on_top);
        let shown = |k: usize| ((s.value[k] - top[k]) / f64::max(shows, LEAST_SHOWN)).clamp(0.0, 255.0);
        Sample { value: [shown(0), shown(1), shown(2), s.value[3]], weight: s.weight * shows * shows, ..*s }
    };
    samples.iter().map(of).collect()
}

/// Takes away what the rest can do without: whole gradients, then stops.
fn prune(samples: &[Sample], mut ramp: Ramp, care: &mut Care) -> Ramp {
    care.take(polish::polish(samples, &mut ramp, ROUNDS));
    let mut cost = description(&ramp, samples);
    loop {
        let mut shorter: Vec<Ramp> = Vec::new();
        for k in 0..ramp.layers.len() {
            if ramp.layers.len() > 1 && k > 0 {
                let mut less = ramp.clone();
                less.layers.remove(k);
                shorter.push(less);
            }
            for j in 0..ramp.layers[k].stops.len() {
                if ramp.layers.len() <= PRUNED && ramp.layers[k].stops.len() > 2 {
                    let mut less = ramp.clone();
                    less.layers[k].stops.remove(j);
                    shorter.push(less);
                }
            }
        }
        let polished = shorter.into_iter().map(|mut less| {
            care.take(polish::polish(samples, &mut less, 3));
            (description(&less, samples), less)
        });
        match polished.min_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((new, less)) if new < cost => (cost, ramp) = (new, less),
            _ => return ramp,
        }
    }
}

/// Squared distance that a renderer which blends in 8 bits adds to a pixel with the square of the number of
/// layers that are not clear there, 8-bit steps²: half a step in more than one channel, mostly to the same side.
const BLENDING: f64 = 0.6;

/// Opacity up to which a layer is clear, 8-bit steps: it is rounded away.
const CLEAR: f64 = 0.5;

/// Description length, nats.
fn description(ramp: &Ramp, samples: &[Sample]) -> f64 {
    let numbers = |l: &Layer| l.geometry.numbers() + 3.0 + LAYER_STOP * l.stops.len() as f64;
    let numbers: f64 = ramp.layers.iter().map(numbers).sum();
    let blended = |s: &Sample| ramp.layers[1..].iter().filter(|l| l.at(s.point)[3] > CLEAR).count();
    let rounded: f64 = samples.iter().map(|s| BLENDING * (blended(s) as f64).powi(2)).sum();
    (loss(ramp, samples) + rounded) / (2.0 * SIGMA * SIGMA) + NUMBER * numbers
}

/// The single gradient that explains `samples` best.
fn base(samples: &[Sample]) -> Layer {
    let cost = |l: &Layer| {
        let square = |s: &Sample| {
            let c = l.at(s.point);
            let a = c[3] / 255.0;
            let seen = [c[0] * a, c[1] * a, c[2] * a, c[3]];
            s.weight * (0..4).map(|k| (seen[k] - s.value[k]).powi(2)).sum::<f64>()
        };
        let rest: f64 = samples.iter().map(square).sum();
        rest / (2.0 * SIGMA * SIGMA) + NUMBER * (l.geometry.numbers() + 3.0 * l.stops.len() as f64)
    };
    let layers = geometry::candidates(samples).into_iter().map(|g| stops_of(samples, &g)).map(|l| (cost(&l), l));
    let best = layers.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, l)| l);
    best.unwrap_or_else(|| {
        let across = Geometry { origin: Point::default(), u: Point::new(1.0, 0.0), v: None };
        stops_of(samples, &across)
    })
}

/// Samples of a robust fit, a count: half of them may belong to something else, and enough are left.
const ROBUST_SAMPLES: usize = 600;

/// Rounds of a robust fit, a count: each lets go of what is farther away than the one before did.
const ROBUST_ROUNDS: usize = 8;

/// How much closer a sample must be from one round of a robust fit to the next, a ratio: slowly enough for
/// the fit to follow.
const CLOSER: f64 = 0.6;

/// One gradient, from the `first` one on, with samples that it does not explain counting less and less
/// (graduated, as in Black and Rangarajan 1996).
pub fn robust(samples: &[Sample], first: &Ramp) -> Ramp {
    let step = samples.len().div_ceil(ROBUST_SAMPLES);
    let few: Vec<Sample> = samples.iter().copied().step_by(step).collect();
    let distance = |layer: &Layer, s: &Sample| {
        let c = layer.at(s.point);
        (0..3).map(|k| (c[k] - s.value[k]).powi(2)).sum::<f64>().sqrt()
    };
    let mut layer = first.layers[0].clone();
    let mut scale = f64::INFINITY;
    for _ in 0..ROBUST_ROUNDS {
        let distances: Vec<f64> = few.iter().map(|s| distance(&layer, s)).collect();
        let mut sorted = distances.clone();
        sorted.sort_by(f64::total_cmp);
        let next = sorted[sorted.len() / 2].min(scale * CLOSER).max(ROUNDING);
        if next >= scale {
            break;
        }
        scale = next;
        let weighted = few.iter().zip(&distances);
        let weighted: Vec<Sample> =
            weighted.map(|(s, d)| Sample { weight: (1.0 + (d / scale).powi(2)).powi(-2), ..*s }).collect();
        layer = base(&weighted);
    }
    Ramp::new(vec![layer])
}

/// The gradient with this geometry.
fn stops_of(samples: &[Sample], geometry: &Geometry) -> Layer {
    let (low, high) = geometry::range(geometry, samples);
    let span = (high - low).max(1e-6);
    let mut profile = Profile::of_colors(samples.len(), samples.iter().any(|s| s.value[3] < OPAQUE));
    for s in samples {
        let a = s.value[3].clamp(0.0, 255.0);
        if a < 0.5 {
            profile.add((geometry.parameter(s.point) - low) / span, [0.0; 4], s.weight);
            continue;
        }
        let k = 255.0 / a;
        let straight = [s.value[0] * k, s.value[1] * k, s.value[2] * k, a];
        profile.add((geometry.parameter(s.point) - low) / span, straight, s.weight);
    }
    let stops = profile.stops(BASE_STOPS);
    let stop =
        |(t, color): &(f64, [f64; 4])| LayerStop { t: low + t * span, color: color.map(|v| v.clamp(0.0, 255.0)) };
    Layer { geometry: *geometry, stops: stops.iter().map(stop).collect() }
}

/// Part of the range of the samples within which a stop is at its end, a share: offsets are written to a
/// hundredth.
const AT_END: f64 = 0.02;

/// How far a gradient goes on beyond the middles of the outermost pixels, px: half a pixel to their rim, and
/// one that is a blend.
const BEYOND: f64 = 1.5;

/// How much longer than needed the last piece of a gradient may be made, a share: its end is looked for where
/// the artist may have had it.
const FURTHER: f64 = 0.25;

/// Places that are tried for such an end, a count: finer than colours in 8 bits tell.
const FURTHER_STEPS: usize = 50;

/// Lets the colours of every gradient go on as they do where the samples end, over all of the component, where
/// that is closer to its pixels: those beside an edge are no samples, nor are those between a lattice.
pub fn extend(ramp: &mut Ramp, samples: &[Sample], component: &Component, intake: &Intake) {
    for k in 0..ramp.layers.len() {
        let geometry = ramp.layers[k].geometry;
        let (low, high) = geometry::range(&geometry, samples);
        let t: Vec<f64> = component.pixels.iter().map(|i| geometry.parameter(intake.middle(*i as usize))).collect();
        let (least, most) = t.iter().fold((low, high), |(a, b), t| (a.min(*t), b.max(*t)));
        let px = geometry.u.length().max(geometry.v.map_or(0.0, Point::length));
        let (mut least, most) = (least - BEYOND * px, most + BEYOND * px);
        if geometry.v.is_some() {
            least = least.max(0.0);
        }
        let near = AT_END * (high - low);
        for at_end in [false, true] {
            let stops = &ramp.layers[k].stops;
            let last = stops.len() - 1;
            let (end, inner, to) = if at_end { (last, last.wrapping_sub(1), most) } else { (0, 1, least) };
            let at = stops[end].t;
            let open = if at_end { at > high - near && at < to } else { at < low + near && at > to };
            if last == 0 || !open {
                continue;
            }
            let (a, b) = (stops[end], stops[inner]);
            // Where its colour is close to one of 8 bits, the stop is written with the least error; often it
            // is where the artist had it.
            let further = (to - b.t) * FURTHER / FURTHER_STEPS as f64;
            let places =
                (0..=FURTHER_STEPS).map(|n| to + further * n as f64).filter(|t| geometry.v.is_none() || *t >= 0.0);
            let rounding =
                |t: f64| -> f64 { a.towards(&b, t).iter().map(|v| (v - v.round().clamp(0.0, 255.0)).powi(2)).sum() };
            let to = places.min_by(|a, b| rounding(*a).total_cmp(&rounding(*b))).unwrap_or(to);
            let mut longer = ramp.clone();
            longer.layers[k].stops[end] = LayerStop { t: to, color: a.towards(&b, to).map(|v| v.clamp(0.0, 255.0)) };
            let off = |ramp: &Ramp| -> f32 {
                let outside = component.pixels.iter().zip(&t).filter(|(_, t)| if at_end { **t > at } else { **t < at });
                let square = |i: usize| squared_distance(ramp.at(intake.middle(i)), intake.color(i));
                outside.map(|(i, _)| square(*i as usize)).sum()
            };
            if off(&longer) <= off(ramp) {
                *ramp = longer;
            }
        }
    }
}

/// What is left at a sample, and what the layers below show there.
type Left = (Sample, [f64; 3]);

/// Layers of one colour on top of `ramp` that explain some of what it leaves, the best first.
fn overlays(samples: &[Sample], ramp: &Ramp) -> Vec<Layer> {
    let left: Vec<Left> = samples.iter().map(|s| left(s, ramp)).collect();
    let residuals: Vec<Sample> = left.iter().map(|(s, _)| *s).collect();
    let layers = geometry::candidates(&residuals).into_iter().filter_map(|g| overlay(&left, &g));
    let cost = |l: &Layer| {
        let mut with = ramp.clone();
        with.layers.push(l.clone());
        description(&with, samples)
    };
    let mut layers: Vec<(f64, Layer)> = layers.map(|l| (cost(&l), l)).collect();
    layers.sort_by(|a, b| a.0.total_cmp(&b.0));
    layers.into_iter().map(|(_, layer)| layer).collect()
}

/// What `ramp` leaves at a sample, and what it shows there.
fn left(s: &Sample, ramp: &Ramp) -> Left {
    let shown = ramp.at(s.point);
    let shown: [f64; 3] = std::array::from_fn(|c| f64::from(shown[c]));
    let value = [s.value[0] - shown[0], s.value[1] - shown[1], s.value[2] - shown[2], 0.0];
    (Sample { value, ..*s }, shown)
}

/// Intervals of a layer's opacity while its colour is looked for, a count: as many as tell its geometry.
const INTERVALS: usize = 24;

/// Turns of opacity and colour, a count: each is solved with the other held, which settles in a few.
const TURNS: usize = 8;

/// The layer with this geometry that explains what is `left`.
fn overlay(left: &[Left], geometry: &Geometry) -> Option<Layer> {
    let (low, high) = geometry::range(geometry, left.iter().map(|(s, _)| s));
    let span = high - low;
    if !(span > 1e-6) {
        return None;
    }
    let t: Vec<f64> = left.iter().map(|(s, _)| (geometry.parameter(s.point) - low) / span).collect();
    // The colour that the strongest part of what is left points to.
    let mut profile: Fine<4> = Fine::new(INTERVALS);
    for ((s, _), t) in left.iter().zip(&t) {
        profile.add(*t, &s.value, s.weight);
    }
    let (values, _) = profile.solve();
    let size = |v: &[f64; 4]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let strongest = values.iter().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let strength = size(strongest);
    if strength < 0.5 {
        return None;
    }
    let near = left.iter().map(|(s, b)| (s, b)).max_by(|a, b| {
        let along = |s: &Sample| (0..3).map(|c| s.value[c] * strongest[c]).sum::<f64>() * s.weight;
        along(a.0).total_cmp(&along(b.0))
    })?;
    let ground = near.1;
    // As far in that direction as colours go.
    let room = |c: usize| {
        let d = strongest[c] / strength;
        if d > 1e-6 {
            (255.0 - ground[c]) / d
        } else if d < -1e-6 {
            -ground[c] / d
        } else {
            f64::INFINITY
        }
    };
    let reach = room(0).min(room(1)).min(room(2)).max(strength);
    let mut color: [f64; 3] = std::array::from_fn(|c| (ground[c] + strongest[c] / strength * reach).clamp(0.0, 255.0));
    for _ in 0..TURNS {
        let mut opacity: Fine<1> = Fine::new(INTERVALS);
        for ((s, below), t) in left.iter().zip(&t) {
            let (value, weight) = opacity_at(s, below, &color);
            opacity.add(*t, &[value], weight);
        }
        let (alpha, _) = opacity.solve();
        let (mut sum, mut total) = ([0.0; 3], 0.0);
        for ((s, below), t) in left.iter().zip(&t) {
            let at = t * INTERVALS as f64;
            let j = (at as usize).min(INTERVALS - 1);
            let a = (alpha[j][0] + (at - j as f64) * (alpha[j + 1][0] - alpha[j][0])).clamp(0.0, 1.0);
            total += s.weight * a * a;
            for c in 0..3 {
                sum[c] += s.weight * a * (s.value[c] + a * below[c]);
            }
        }
        if total < 1e-9 {
            return None;
        }
        color = sum.map(|v| (v / total).clamp(0.0, 255.0));
    }
    let color = color.map(f64::round);
    let mut opacity = Profile::of_alpha(left.len());
    for ((s, below), t) in left.iter().zip(&t) {
        let (value, weight) = opacity_at(s, below, &color);
        opacity.add(*t, [0.0, 0.0, 0.0, value * 255.0], weight / (255.0 * 255.0));
    }
    let stops = opacity.stops(LAYER_STOPS);
    let stop = |(t, value): &(f64, [f64; 4])| LayerStop {
        t: low + t * span,
        color: [color[0], color[1], color[2], value[3].clamp(0.0, 255.0)],
    };
    let mut stops: Vec<LayerStop> = stops.iter().map(stop).collect();
    // Artists fade to nothing; a layer that almost does only costs a rounding.
    let end = if stops[0].color[3] < stops[stops.len() - 1].color[3] { 0 } else { stops.len() - 1 };
    stops[end].color[3] = 0.0;
    Some(Layer { geometry: *geometry, stops })
}

/// The opacity of `color` over `below` that explains what is left at a sample best, and its weight.
fn opacity_at(s: &Sample, below: &[f64; 3], color: &[f64; 3]) -> (f64, f64) {
    let (mut dot, mut square) = (0.0, 0.0);
    for c in 0..3 {
        let d = color[c] - below[c];
        dot += d * s.value[c];
        square += d * d;
    }
    if square < 1.0 { (0.0, 0.0) } else { (dot / square, s.weight * square) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raster;

    /// A ramp of 60 × 40 px with a block of 12 × 10 px that is `off` by so much.
    fn picture(off: u8) -> (Intake, Component, Ramp) {
        let block = |x: usize, y: usize| (20..32).contains(&x) && (15..25).contains(&y);
        let value = |x: usize, y: usize| 60 + 2 * x as u8 + if block(x, y) { off } else { 0 };
        let pixels = (0..60 * 40).map(|i| (i % 60, i / 60)).map(|(x, y)| [value(x, y), value(x, y), value(x, y), 255]);
        let intake = Intake::new(&Raster::new(60, 40, pixels.flatten().collect()).unwrap());
        let within = |i: &u32| {
            let p = Intake::place(intake.middle(*i as usize));
            (0.0..60.0).contains(&p.x) && (0.0..40.0).contains(&p.y)
        };
        let pixels: Vec<u32> = (0..intake.pixels.len() as u32).filter(within).collect();
        let component = Component { inner: pixels.clone(), pixels };
        let grey = |v: f64| [v, v, v, 255.0];
        let at = |x: f64| intake.middle(0) + Point::new(x, 0.0);
        // From the middle of the first pixel of the picture, two steps a pixel.
        let origin = at((intake.width - 60) as f64 / 2.0);
        let geometry = Geometry { origin, u: Point::new(0.01, 0.0), v: None };
        let stops = vec![LayerStop { t: 0.0, color: grey(60.0) }, LayerStop { t: 0.6, color: grey(180.0) }];
        (intake, component, Ramp::new(vec![Layer { geometry, stops }]))
    }

    #[test]
    fn what_a_ramp_does_not_explain_is_a_part_of_its_own() {
        let (intake, component, ramp) = picture(30);
        let (mine, parts) = apart(&intake, &component, &ramp).unwrap();
        let [part] = &parts[..] else { panic!("{} parts", parts.len()) };
        // The corners are smoothed away.
        assert!((110..=120).contains(&part.pixels.len()), "{} pixels", part.pixels.len());
        assert_eq!(mine.len() + part.pixels.len(), component.pixels.len());
    }

    #[test]
    fn what_a_ramp_is_off_by_little_stays_with_it() {
        let (intake, component, ramp) = picture(4);
        assert!(apart(&intake, &component, &ramp).is_none());
    }
}
