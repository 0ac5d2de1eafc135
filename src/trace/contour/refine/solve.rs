//! One step of all parameters: conjugate gradients on the damped least-squares problem (CGLS, Björck 1996).
//!
//! No matrix is formed: a product walks the parts, whose cells lie one after the other with their slopes.

use super::model::MAX_VARS;
use super::scene::{Laid, NONE, Scene, System};

/// Conjugate gradient steps in a round, a count: 40 gained nothing for a third more time
/// (`docs/engine-log.md`).
const CG_STEPS: usize = 16;

/// Square of the gradient, against the first one, at which a round's solution is good enough, a share: a
/// thousandth of the way is left.
const CG_GOAL: f64 = 1e-6;

/// Damping that is always added against the weight of one whole pixel, a ratio: so that a node does not run
/// along a curve that looks the same wherever it is.
const FLOOR: f64 = 0.01;

/// Damping that holds a boundary with next to no contrast where it is, 8-bit steps²: the square of a contrast
/// that nobody sees.
const FAINT: f64 = 8.0;

/// Largest part of a pixel that a boundary sweeps in one round, px²: beyond one pixel it leaves those that
/// measured it.
const MAX_SWEEP: f64 = 0.9;

/// How a cell enters the rows of its pixel.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The first row, or [`NONE`].
    row: u32,
    /// Whether it is the only row, along the difference of the only two inks there; else there is one for each channel.
    single: bool,
    factors: [f32; 4],
}

impl Entry {
    /// Adds what a cell that `moved` changes.
    fn push(&self, moved: f32, q: &mut [f32]) {
        let row = self.row as usize;
        if self.single {
            q[row] += self.factors[0] * moved;
        } else {
            for (q, f) in q[row..row + 4].iter_mut().zip(self.factors) {
                *q += f * moved;
            }
        }
    }

    /// How much its rows move the cell.
    fn pull(&self, r: &[f32]) -> f32 {
        let row = self.row as usize;
        if self.single {
            r[row] * self.factors[0]
        } else {
            r[row..row + 4].iter().zip(self.factors).map(|(r, f)| r * f).sum()
        }
    }
}

/// Parameters that are taken together, a count: what a vector register holds.
const LANES: usize = 4;

/// The cells of an open part that are in rows.
struct Open<'a> {
    vars: &'a [u32],
    entries: Vec<Entry>,
    /// For each of them its slopes, with noughts up to the next multiple of [`LANES`].
    slopes: Vec<f32>,
}

impl Open<'_> {
    /// Slopes of each cell, a count.
    fn width(&self) -> usize {
        self.vars.len().next_multiple_of(LANES)
    }

    fn cells(&self) -> impl Iterator<Item = (&Entry, &[f32])> {
        self.entries.iter().zip(self.slopes.chunks_exact(self.width().max(LANES)))
    }

    /// Adds what the rows change by when the parameters do by `local`.
    fn forward<const N: usize>(&self, local: &[f32], q: &mut [f32]) {
        let local: [f32; N] = std::array::from_fn(|k| local[k]);
        for (entry, slopes) in self.entries.iter().zip(self.slopes.as_chunks::<N>().0) {
            entry.push(slopes.iter().zip(&local).map(|(s, p)| s * p).sum(), q);
        }
    }

    /// Adds what the rows pull the parameters by to `local`.
    fn backward<const N: usize>(&self, r: &[f32], local: &mut [f32]) {
        let mut sums = [0.0f32; N];
        for (entry, slopes) in self.entries.iter().zip(self.slopes.as_chunks::<N>().0) {
            let pull = entry.pull(r);
            for (sum, s) in sums.iter_mut().zip(slopes) {
                *sum += s * pull;
            }
        }
        local[..N].copy_from_slice(&sums);
    }
}

/// The weighted rows of a system.
struct Rows<'a> {
    parts: Vec<Open<'a>>,
    residuals: Vec<f32>,
}

impl<'a> Rows<'a> {
    /// The rows of the pixels in which an `open` parameter matters; `sizes` takes the squared contrast of each
    /// row's pixel, weighted.
    fn new(system: &'a System, scene: &Scene<'_>, open: &[bool], sizes: &mut Vec<f32>) -> Self {
        let open: Vec<bool> = system.parts().map(|p| p.vars.iter().any(|v| open[*v as usize])).collect();
        let nothing = Entry { row: NONE, single: true, factors: [0.0; 4] };
        let mut entries = vec![nothing; system.len()];
        let mut residuals: Vec<f32> = Vec::new();
        for pixel in &system.pixels {
            let cells = system.cells_of(pixel);
            if !cells.iter().any(|n| open[system.cell(*n).part as usize]) {
                continue;
            }
            let first = system.cell(cells[0]);
            let root = pixel.weight.sqrt();
            let (left, right) = scene.sides(first);
            let single = cells.iter().all(|n| {
                let sides = scene.sides(system.cell(*n));
                sides == (left, right) || sides == (right, left)
            });
            let jump = scene.jump(first);
            let size = jump.iter().map(|j| j * j).sum::<f32>();
            let length = size.sqrt().max(1e-6);
            let row = residuals.len() as u32;
            for n in cells {
                let cell = system.cell(*n);
                entries[*n as usize] = if single {
                    let factor = if scene.sides(cell).0 == left { length * root } else { -length * root };
                    Entry { row, single, factors: [factor, 0.0, 0.0, 0.0] }
                } else {
                    Entry { row, single, factors: scene.jump(cell).map(|j| j * root) }
                };
            }
            if single {
                let along = pixel.residual.iter().zip(&jump).map(|(r, j)| r * j).sum::<f32>() / length;
                residuals.push(along * root);
            } else {
                residuals.extend(pixel.residual.map(|r| r * root));
            }
            sizes.resize(residuals.len(), size * pixel.weight);
        }
        let parts = system.parts().zip(open).filter_map(|(part, open)| open.then_some(part));
        let parts = parts.map(|part| laid_out(system, part, &entries[part.first..part.first + part.cells.len()]));
        Rows { parts: parts.collect(), residuals }
    }

    /// `q = J p`.
    fn forward(&self, p: &[f32], q: &mut [f32]) {
        q.fill(0.0);
        for part in &self.parts {
            let mut local = [0.0f32; MOST_LANES];
            for (l, v) in local.iter_mut().zip(part.vars) {
                *l = p[*v as usize];
            }
            match part.width() {
                0 => {}
                4 => part.forward::<4>(&local, q),
                8 => part.forward::<8>(&local, q),
                12 => part.forward::<12>(&local, q),
                _ => part.forward::<MOST_LANES>(&local, q),
            }
        }
    }

    /// `out += Jᵀ r`.
    fn backward(&self, r: &[f32], out: &mut [f32]) {
        for part in &self.parts {
            let mut local = [0.0f32; MOST_LANES];
            match part.width() {
                0 => {}
                4 => part.backward::<4>(r, &mut local),
                8 => part.backward::<8>(r, &mut local),
                12 => part.backward::<12>(r, &mut local),
                _ => part.backward::<MOST_LANES>(r, &mut local),
            }
            for (l, v) in local.iter().zip(part.vars) {
                out[*v as usize] += l;
            }
        }
    }
}

/// Most slopes of a cell, a count: those of a piece with most parameters, and noughts.
const MOST_LANES: usize = MAX_VARS.next_multiple_of(LANES);

/// The cells of a part that are in rows, one after the other.
fn laid_out<'a>(system: &System, part: Laid<'a>, entries: &[Entry]) -> Open<'a> {
    let mut open = Open { vars: part.vars, entries: Vec::new(), slopes: Vec::new() };
    let padding = open.width() - part.vars.len();
    open.entries.reserve(part.cells.len());
    open.slopes.reserve(part.cells.len() * open.width());
    for (cell, entry) in part.cells.iter().zip(entries) {
        if cell.slopes != NONE && entry.row != NONE {
            open.entries.push(*entry);
            open.slopes.extend_from_slice(system.slopes(cell, part.vars.len()));
            open.slopes.extend_from_slice(&[0.0; LANES][..padding]);
        }
    }
    open
}

/// The step of all parameters, each with its own damping; those that are not `open` stay.
pub(super) fn solve(system: &System, scene: &Scene<'_>, damping: &[f64], open: &[bool]) -> Vec<f64> {
    let n = damping.len();
    let mut sizes = Vec::new();
    let rows = Rows::new(system, scene, open, &mut sizes);
    // Diagonal of JᵀJ, for damping and as preconditioner, and the weight of one whole pixel.
    let mut diagonal = vec![0.0f64; n];
    let mut contrast = vec![0.0f32; n];
    for part in &rows.parts {
        let (mut squares, mut most) = ([0.0f64; MAX_VARS], 0.0f32);
        for (entry, slopes) in part.cells() {
            let weight: f32 = entry.factors.iter().map(|f| f * f).sum();
            for (sum, s) in squares.iter_mut().zip(slopes) {
                *sum += f64::from(s * s * weight);
            }
            most = most.max(sizes[entry.row as usize]);
        }
        for (sum, v) in squares.iter().zip(part.vars) {
            diagonal[*v as usize] += sum;
            contrast[*v as usize] = contrast[*v as usize].max(most);
        }
    }
    let damp: Vec<f64> = (0..n).map(|i| diagonal[i] * damping[i] + FLOOR * f64::from(contrast[i]) + FAINT).collect();
    // Scaled to a diagonal of one; what is not open has no scale.
    let scale: Vec<f32> =
        (0..n).map(|i| if open[i] { (1.0 / (diagonal[i] + damp[i]).sqrt()) as f32 } else { 0.0 }).collect();
    let damp: Vec<f32> = damp.iter().zip(&scale).map(|(d, s)| *d as f32 * s * s).collect();

    let square = |v: &[f32]| v.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>();
    let gradient = |r: &[f32], x: &[f32], out: &mut [f32]| {
        out.fill(0.0);
        rows.backward(r, out);
        for (((o, s), x), d) in out.iter_mut().zip(&scale).zip(x).zip(&damp) {
            *o = *o * s - x * d;
        }
    };
    let mut residual = rows.residuals.clone();
    let mut x = vec![0.0f32; n];
    let mut s = vec![0.0f32; n];
    gradient(&residual, &x, &mut s);
    let mut p = s.clone();
    let mut scaled = vec![0.0f32; n];
    let mut q = vec![0.0f32; residual.len()];
    let mut gamma = square(&s);
    let start = gamma;
    for _ in 0..CG_STEPS {
        if gamma <= CG_GOAL * start || gamma == 0.0 {
            break;
        }
        for ((scaled, p), s) in scaled.iter_mut().zip(&p).zip(&scale) {
            *scaled = p * s;
        }
        rows.forward(&scaled, &mut q);
        let delta = square(&q) + p.iter().zip(&damp).map(|(p, d)| f64::from(p * p * d)).sum::<f64>();
        if delta <= 0.0 {
            break;
        }
        let alpha = (gamma / delta) as f32;
        for (x, p) in x.iter_mut().zip(&p) {
            *x += alpha * p;
        }
        for (r, q) in residual.iter_mut().zip(&q) {
            *r -= alpha * q;
        }
        gradient(&residual, &x, &mut s);
        let next = square(&s);
        let beta = (next / gamma) as f32;
        gamma = next;
        for (p, s) in p.iter_mut().zip(&s) {
            *p = s + beta * *p;
        }
    }
    x.iter().zip(&scale).map(|(x, s)| f64::from(x * s)).collect()
}

/// Shortens the steps of parameters that would move a boundary across more than a pixel, where the linear model no
/// longer holds. Gives the largest area that each part sweeps in a pixel, px².
pub(super) fn shorten(system: &System, step: &mut [f64]) -> Vec<f64> {
    let mut factor = vec![1.0f64; step.len()];
    let mut swept = Vec::new();
    for part in system.parts() {
        let mut local = [0.0f32; MAX_VARS];
        for (l, v) in local.iter_mut().zip(part.vars) {
            *l = step[*v as usize] as f32;
        }
        let mut most = 0.0f64;
        let stays = local.iter().all(|l| *l == 0.0);
        for cell in if stays { &[] } else { part.cells } {
            let slopes = system.slopes(cell, part.vars.len());
            let moved = f64::from(slopes.iter().zip(&local).map(|(s, p)| s * p).sum::<f32>().abs());
            most = most.max(moved);
            if moved > MAX_SWEEP {
                for v in part.vars {
                    let factor = &mut factor[*v as usize];
                    *factor = factor.min(MAX_SWEEP / moved);
                }
            }
        }
        swept.push(most);
    }
    for (s, f) in step.iter_mut().zip(&factor) {
        *s *= f;
    }
    swept
}
