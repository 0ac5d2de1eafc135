//! All gradients of an area refined together, by least squares (Levenberg 1944, Marquardt 1963).
//!
//! Parameters are those of SVG itself: direction or centre, angle and ratio of the axes; where the stops are;
//! their colours, and their opacities but for those of the first gradient.

use super::geometry::Sample;
use super::{Geometry, Layer, Ramp};
use crate::document::Point;
use crate::linear::cholesky;

/// Samples that take part, a count: for a few dozen unknowns, and every slope is measured at each.
const SAMPLES: usize = 500;

/// Step for the slope of a place, px: a gradient changes by far less than a grey level over it.
const STEP_PLACE: f64 = 0.05;

/// Step for the slope of an angle, and of the logarithm of a ratio, radians: a twentieth of a pixel on a radius
/// of 50.
const STEP_ANGLE: f64 = 1e-3;

/// Step for the slope of a colour, 8-bit steps: the model is linear in it, so any will do.
const STEP_COLOR: f64 = 0.5;

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
        found.extend((0..layer.stops.len()).map(Opacity));
    }
    found
}

/// A step of a parameter that tells its slope.
fn step(parameter: Parameter) -> f64 {
    match parameter {
        Parameter::X | Parameter::Y | Parameter::Place(_) => STEP_PLACE,
        Parameter::Angle | Parameter::Ratio => STEP_ANGLE,
        Parameter::Color(..) | Parameter::Opacity(_) => STEP_COLOR,
    }
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
fn composite(colors: impl Iterator<Item = [f64; 4]>) -> [f64; 3] {
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

/// Refines all layers of `ramp`, whose area is opaque, by at most `rounds` steps.
pub fn polish(samples: &[Sample], ramp: &mut Ramp, rounds: usize) {
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
        return;
    }
    let mut cost = loss(&samples, ramp);
    let mut damping = 1e-3;
    for _ in 0..rounds {
        // Slopes of all samples' colours, a column for each parameter, and the normal equations.
        let colors: Vec<Vec<[f64; 4]>> =
            ramp.layers.iter().map(|l| samples.iter().map(|s| l.at(s.point)).collect()).collect();
        let now: Vec<[f64; 3]> = (0..samples.len()).map(|i| composite(colors.iter().map(|c| c[i]))).collect();
        let mut rest = Vec::with_capacity(3 * samples.len());
        let mut roots = Vec::with_capacity(samples.len());
        for (s, now) in samples.iter().zip(&now) {
            let off: [f64; 3] = std::array::from_fn(|c| s.value[c] - now[c]);
            let root = (FAR / off.iter().map(|r| r * r).sum::<f64>().sqrt().max(1e-9)).min(1.0).sqrt();
            roots.push(root);
            rest.extend(off.map(|v| (v * root) as f32));
        }
        // How much of each layer shows through those above it.
        let mut shows = vec![vec![1.0f64; samples.len()]; colors.len()];
        for k in (0..colors.len().saturating_sub(1)).rev() {
            for i in 0..samples.len() {
                shows[k][i] = shows[k + 1][i] * (1.0 - colors[k + 1][i][3] / 255.0);
            }
        }
        // What is below each layer.
        let mut below = vec![vec![[0.0f64; 3]; samples.len()]; colors.len()];
        for k in 1..colors.len() {
            for i in 0..samples.len() {
                let (c, b) = (colors[k - 1][i], below[k - 1][i]);
                let a = c[3] / 255.0;
                below[k][i] = std::array::from_fn(|n| b[n] + a * (c[n] - b[n]));
            }
        }
        let columns: Vec<Vec<f32>> = parameters
            .iter()
            .map(|(k, p)| {
                let mut layer = ramp.layers[*k].clone();
                shift(&mut layer, *p, step(*p));
                let mut column = Vec::with_capacity(3 * samples.len());
                for (i, s) in samples.iter().enumerate() {
                    let (c, b, then) = (colors[*k][i], below[*k][i], layer.at(s.point));
                    let scale = shows[*k][i] * roots[i] / step(*p) / 255.0;
                    for n in 0..3 {
                        let change = then[3] * (then[n] - b[n]) - c[3] * (c[n] - b[n]);
                        column.push((change * scale) as f32);
                    }
                }
                column
            })
            .collect();
        let mut matrix = vec![0.0; n * n];
        let mut right = vec![0.0; n];
        for a in 0..n {
            right[a] = dot(&columns[a], &rest);
            for b in a..n {
                // The lower triangle.
                matrix[b * n + a] = dot(&columns[a], &columns[b]);
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
}

/// The scalar product, in lanes that the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    const LANES: usize = 8;
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut lanes = [0.0f32; LANES];
    let mut k = 0;
    while k + LANES <= n {
        for l in 0..LANES {
            lanes[l] += a[k + l] * b[k + l];
        }
        k += LANES;
    }
    let tail: f32 = (k..n).map(|k| a[k] * b[k]).sum();
    f64::from(lanes.iter().sum::<f32>() + tail)
}
