//! All gradients of an area refined together, by least squares (Levenberg 1944, Marquardt 1963).
//!
//! Parameters are those of SVG itself: direction or centre, angle and ratio of the axes; where the stops are;
//! their colours, and their opacities but for those of the first gradient.

use super::geometry::Sample;
use super::{Geometry, Layer, Ramp};
use crate::document::Point;
use crate::linear::{self, cholesky};

/// Samples that take part, a count: for a few dozen unknowns, and every slope is measured at each.
const SAMPLES: usize = 500;

/// Gain of a round below which it is the last one, a share: the rounds after it gain less still.
const MIN_GAIN: f64 = 1e-3;

/// What a parameter is.
#[derive(Debug, Clone, Copy)]
enum Parameter {
    X,
    Y,
    Angle,
    Ratio,
    Place(usize),
    /// A channel of a stop.
    Color(usize, usize),
    Opacity(usize),
}

/// The parameters of a layer.
fn parameters(layer: &Layer, first: bool) -> Vec<Parameter> {
    use Parameter::{Angle, Color, Opacity, Place, Ratio, X, Y};
    let mut found = match layer.geometry.v {
        None => vec![Angle],
        Some(_) if layer.geometry.is_circular() => vec![X, Y],
        Some(_) => vec![X, Y, Angle, Ratio],
    };
    found.extend((0..layer.stops.len()).map(Place));
    found.extend((0..layer.stops.len()).flat_map(|k| (0..3).map(move |c| Color(k, c))));
    if !first {
        // An end that is clear stays so.
        let last = layer.stops.len() - 1;
        let clear = |k: &usize| (*k == 0 || *k == last) && layer.stops[*k].color[3] == 0.0;
        found.extend((0..layer.stops.len()).filter(|k| !clear(k)).map(Opacity));
    }
    found
}

/// Moves a parameter.
fn shift(layer: &mut Layer, parameter: Parameter, by: f64) {
    let turned = |p: Point, angle: f64| {
        let (s, c) = angle.sin_cos();
        Point::new(p.x * c - p.y * s, p.x * s + p.y * c)
    };
    let g: &mut Geometry = &mut layer.geometry;
    match parameter {
        Parameter::X => g.origin.x += by,
        Parameter::Y => g.origin.y += by,
        Parameter::Angle => {
            g.u = turned(g.u, by);
            g.v = g.v.map(|v| turned(v, by));
        }
        Parameter::Ratio => g.v = g.v.map(|v| v * by.clamp(-0.5, 0.5).exp()),
        Parameter::Place(k) => layer.stops[k].t += by,
        Parameter::Color(k, c) => layer.stops[k].color[c] += by,
        Parameter::Opacity(k) => layer.stops[k].color[3] += by,
    }
}

/// Brings a layer back to what SVG can say: stops in order, colours in their range.
fn tidy(layer: &mut Layer) {
    let span = layer.stops[layer.stops.len() - 1].t - layer.stops[0].t;
    let gap = (span.abs() * 1e-3).max(1e-6);
    for k in 0..layer.stops.len() {
        if k > 0 {
            layer.stops[k].t = layer.stops[k].t.max(layer.stops[k - 1].t + gap);
        } else if layer.geometry.v.is_some() {
            layer.stops[0].t = layer.stops[0].t.max(0.0);
        }
        layer.stops[k].color = layer.stops[k].color.map(|v| v.clamp(0.0, 255.0));
    }
}

/// The colour of layers on top of each other, opaque at the bottom.
pub(super) fn composite(colors: impl Iterator<Item = [f64; 4]>) -> [f64; 3] {
    let mut out = [0.0; 3];
    for c in colors {
        let a = c[3] / 255.0;
        for k in 0..3 {
            out[k] += a * (c[k] - out[k]);
        }
    }
    out
}

/// Distance from which a sample counts by its distance and not by its square, 8-bit steps: four times what
/// rounding makes.
const FAR: f64 = 5.0;

/// Huber's loss of a squared distance.
pub fn huber(square: f64) -> f64 {
    if square <= FAR * FAR { square } else { FAR * (2.0 * square.sqrt() - FAR) }
}

fn loss(samples: &[Sample], ramp: &Ramp) -> f64 {
    let loss = |s: &Sample| {
        let c = composite(ramp.layers.iter().map(|l| l.at(s.point)));
        huber((0..3).map(|k| (c[k] - s.value[k]).powi(2)).sum::<f64>())
    };
    samples.iter().map(loss).sum()
}

/// A layer at a sample.
struct Seen {
    /// Its colour there, and the slope of that along its parameter.
    color: [f64; 4],
    slope: [f64; 4],
    /// The stop that follows, and how far it is on the way to it from the one before.
    next: usize,
    share: f64,
    /// The colour below it.
    below: [f64; 3],
    /// How much of it shows through the layers above it.
    shows: f64,
}

/// The layers of `ramp` at a sample.
fn seen(s: &Sample, ramp: &Ramp) -> Vec<Seen> {
    let mut below = [0.0; 3];
    let mut all: Vec<Seen> = Vec::with_capacity(ramp.layers.len());
    for layer in &ramp.layers {
        let (next, share) = layer.place(s.point);
        let color = layer.color(next, share);
        let slope = match layer.stops.get(next.wrapping_sub(1)).zip(layer.stops.get(next)) {
            Some((a, b)) => std::array::from_fn(|c| (b.color[c] - a.color[c]) / (b.t - a.t)),
            None => [0.0; 4],
        };
        all.push(Seen { color, slope, next, share, below, shows: 1.0 });
        below = std::array::from_fn(|c| below[c] + color[3] / 255.0 * (color[c] - below[c]));
    }
    for k in (1..all.len()).rev() {
        all[k - 1].shows = all[k].shows * (1.0 - all[k].color[3] / 255.0);
    }
    all
}

/// Numbers that are added up side by side in a product, a count: four vectors of the least that a processor has, so that
/// none of them waits for its sum; of twice as many, the compiler makes no vectors.
const LANES: usize = 16;

/// Room for `samples` in a column, a count: whole [`LANES`], zero where there are no samples.
fn room(samples: usize) -> usize {
    samples.next_multiple_of(LANES)
}

/// How what is seen at the samples changes with a parameter: in one channel, or in all of them, one after the
/// other, each with [`room`] for them.
struct Column {
    channel: Option<usize>,
    values: Vec<f32>,
}

impl Column {
    /// For a parameter of `layer`, which is `seen` at each of the samples.
    fn new<'a>(
        parameter: Parameter,
        layer: &Layer,
        samples: &[Sample],
        seen: impl Iterator<Item = &'a Seen>,
        roots: &[f64],
    ) -> Self {
        let (g, last, n) = (&layer.geometry, layer.stops.len() - 1, room(samples.len()));
        let channel = if let Parameter::Color(_, c) = parameter { Some(c) } else { None };
        let mut values = vec![0.0f32; if channel.is_some() { n } else { 3 * n }];
        for (i, ((seen, s), root)) in seen.zip(samples).zip(roots).enumerate() {
            let scale = seen.shows * root / 255.0;
            // How much of the colour here is that of stop `k`.
            let part = |k: usize| match seen.next {
                0 => f64::from(u8::from(k == 0)),
                next if next > last => f64::from(u8::from(k == last)),
                next if k == next => seen.share,
                next if k + 1 == next => 1.0 - seen.share,
                _ => 0.0,
            };
            // How the parameter of the gradient changes here.
            let along = match parameter {
                Parameter::Color(k, _) => {
                    values[i] = (scale * part(k) * seen.color[3]) as f32;
                    continue;
                }
                Parameter::Opacity(k) => {
                    let by = scale * part(k);
                    (0..3).for_each(|c| values[c * n + i] = (by * (seen.color[c] - seen.below[c])) as f32);
                    continue;
                }
                Parameter::Place(k) => -part(k),
                Parameter::X => -g.slope(s.point).x,
                Parameter::Y => -g.slope(s.point).y,
                Parameter::Angle => g.turning(s.point),
                Parameter::Ratio => g.stretching(s.point),
            };
            let by = scale * along;
            for c in 0..3 {
                let change = seen.color[3] * seen.slope[c] + seen.slope[3] * (seen.color[c] - seen.below[c]);
                values[c * n + i] = (by * change) as f32;
            }
        }
        Self { channel, values }
    }

    fn dot(&self, other: &Self) -> f64 {
        let dot = |a: &[f32], b: &[f32]| f64::from(linear::dot::<LANES, _>(a, b));
        let part = |c: usize, of: &Self| {
            let n = of.values.len() / 3;
            c * n..(c + 1) * n
        };
        match (self.channel, other.channel) {
            (Some(a), Some(b)) if a != b => 0.0,
            (Some(a), None) => dot(&self.values, &other.values[part(a, other)]),
            (None, Some(b)) => dot(&self.values[part(b, self)], &other.values),
            _ => dot(&self.values, &other.values),
        }
    }
}

/// Refines all layers of `ramp`, whose area is opaque, by at most `rounds` steps. Returns the work that it took, in
/// products of two columns of slopes.
pub fn polish(samples: &[Sample], ramp: &mut Ramp, rounds: usize) -> usize {
    let stride = samples.len().div_ceil(SAMPLES);
    let samples: Vec<Sample> = samples.iter().copied().step_by(stride).collect();
    let parameters: Vec<(usize, Parameter)> = ramp
        .layers
        .iter()
        .enumerate()
        .flat_map(|(k, l)| parameters(l, k == 0).into_iter().map(move |p| (k, p)))
        .collect();
    let n = parameters.len();
    if samples.len() * 3 < 2 * n {
        return 0;
    }
    let mut work = 0;
    let mut cost = loss(&samples, ramp);
    let mut damping = 1e-3;
    for _ in 0..rounds {
        work += n * (n + 3) / 2;
        let seen: Vec<Vec<Seen>> = samples.iter().map(|s| seen(s, ramp)).collect();
        // What is left in each channel, all samples of one after all of another.
        let mut rest = vec![0.0f32; 3 * room(samples.len())];
        let mut roots = Vec::with_capacity(samples.len());
        for (i, (s, seen)) in samples.iter().zip(&seen).enumerate() {
            let now = composite(seen.iter().map(|s| s.color));
            let off: [f64; 3] = std::array::from_fn(|c| s.value[c] - now[c]);
            let root = (FAR / off.iter().map(|r| r * r).sum::<f64>().sqrt().max(1e-9)).min(1.0).sqrt();
            roots.push(root);
            (0..3).for_each(|c| rest[c * room(samples.len()) + i] = (off[c] * root) as f32);
        }
        let columns: Vec<Column> = parameters
            .iter()
            .map(|(k, p)| Column::new(*p, &ramp.layers[*k], &samples, seen.iter().map(|s| &s[*k]), &roots))
            .collect();
        let rest = Column { channel: None, values: rest };
        let mut matrix = vec![0.0; n * n];
        let mut right = vec![0.0; n];
        for a in 0..n {
            right[a] = columns[a].dot(&rest);
            for b in a..n {
                // The lower triangle.
                matrix[b * n + a] = columns[a].dot(&columns[b]);
            }
        }
        let most = (0..n).map(|i| matrix[i * n + i]).fold(0.0, f64::max);
        let mut better = false;
        for _ in 0..6 {
            let mut damped = matrix.clone();
            for i in 0..n {
                let own = matrix[i * n + i];
                damped[i * n + i] = own + (damping * own + 1e-9 * most + 1e-12);
            }
            let Some(by) = cholesky(damped, right.clone()) else {
                damping *= 10.0;
                continue;
            };
            let mut next = ramp.clone();
            for ((k, p), by) in parameters.iter().zip(&by) {
                shift(&mut next.layers[*k], *p, *by);
            }
            next.layers.iter_mut().for_each(tidy);
            let new = loss(&samples, &next);
            if new < cost {
                better = new < cost * (1.0 - MIN_GAIN);
                (cost, *ramp) = (new, next);
                damping = (damping * 0.2).max(1e-9);
                break;
            }
            damping *= 8.0;
        }
        if !better {
            break;
        }
    }
    work
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::ramps::LayerStop;

    fn stops(all: &[(f64, [f64; 4])]) -> Vec<LayerStop> {
        all.iter().map(|(t, color)| LayerStop { t: *t, color: *color }).collect()
    }

    /// A linear gradient below an elliptical and a circular one, both partly clear.
    fn ramp() -> Ramp {
        let geometry = |u: Point, v: Option<Point>| Geometry { origin: Point::new(31.0, 22.0), u, v };
        let linear = geometry(Point::new(0.02, 0.01), None);
        let ellipse = geometry(Point::new(0.03, 0.01), Some(Point::new(-0.008, 0.024)));
        let circle = geometry(Point::new(0.02, 0.0), Some(Point::new(0.0, 0.02)));
        Ramp::new(vec![
            Layer {
                geometry: linear,
                stops: stops(&[(-0.4, [200.0, 30.0, 90.0, 255.0]), (0.9, [10.0, 80.0, 220.0, 255.0])]),
            },
            Layer {
                geometry: ellipse,
                stops: stops(&[
                    (0.1, [250.0, 240.0, 20.0, 120.0]),
                    (0.5, [200.0, 180.0, 60.0, 70.0]),
                    (1.2, [255.0, 255.0, 255.0, 0.0]),
                ]),
            },
            Layer { geometry: circle, stops: stops(&[(0.2, [0.0, 0.0, 40.0, 0.0]), (1.1, [20.0, 10.0, 0.0, 90.0])]) },
        ])
    }

    fn samples(of: &Ramp) -> Vec<Sample> {
        let at = |i: usize| Point::new((i % 16) as f64 * 4.0 + 0.5, (i / 16) as f64 * 4.0 + 0.5);
        (0..256).map(at).map(|point| Sample { point, value: of.at(point).map(f64::from), weight: 1.0 }).collect()
    }

    #[test]
    fn slopes_are_those_that_differences_show() {
        const STEP: f64 = 1e-6;
        let ramp = ramp();
        let samples = samples(&ramp);
        let seen: Vec<Vec<Seen>> = samples.iter().map(|s| seen(s, &ramp)).collect();
        let shown = |ramp: &Ramp, s: &Sample| composite(ramp.layers.iter().map(|l| l.at(s.point)));
        for (k, layer) in ramp.layers.iter().enumerate() {
            for parameter in parameters(layer, k == 0) {
                let column =
                    Column::new(parameter, layer, &samples, seen.iter().map(|s| &s[k]), &vec![1.0; samples.len()]);
                let mut moved = ramp.clone();
                shift(&mut moved.layers[k], parameter, STEP);
                for (i, s) in samples.iter().enumerate() {
                    let (before, after) = (shown(&ramp, s), shown(&moved, s));
                    for c in 0..3 {
                        let slope = (after[c] - before[c]) / STEP;
                        let ours = match column.channel {
                            None => column.values[c * room(samples.len()) + i],
                            Some(own) if own == c => column.values[i],
                            Some(_) => 0.0,
                        };
                        let off = (slope - f64::from(ours)).abs();
                        assert!(
                            off < 1e-3 * slope.abs().max(1.0),
                            "layer {k}, {parameter:?} at {:?}: {slope} {ours}",
                            s.point
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn layers_find_back_to_where_they_were() {
        let truth = ramp();
        let samples = samples(&truth);
        let mut found = truth.clone();
        found.layers[1].geometry.origin = Point::new(34.0, 19.0);
        found.layers[1].stops[1].color = [180.0, 190.0, 90.0, 80.0];
        found.layers[2].stops[1].t = 0.9;
        polish(&samples, &mut found, 40);
        let rest = loss(&samples, &found) / samples.len() as f64;
        assert!(rest < 0.01, "{rest}");
        assert!(found.layers[1].stops[2].color[3] == 0.0, "an end that is clear stays so");
    }
}
