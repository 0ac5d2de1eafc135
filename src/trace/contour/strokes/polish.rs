//! All centre lines of a region at once against its outline: each mark lies half a width from the nearest line.
//!
//! Gauss–Newton with Levenberg's damping on the distances, the lines as short chords whose points know how they move
//! with every parameter ([`refine::Model`]).

use super::super::fit::{Curve, cholesky};
use super::super::refine::{self, Model, Moving};
use super::outline::Outline;
use super::paths::Line;
use crate::document::{Cap, Join, Point};

/// Rounds, a count: two of them settle what one moves by a tenth of a pixel.
const ROUNDS: usize = 6;

/// Distance from which a mark counts by its size and no more by its square, px: a bump that no line explains.
const OUTLIER: f64 = 0.1;

/// Distance against the width beyond which a mark does not count, a ratio: it belongs to something else.
const ASTRAY: f64 = 0.5;

/// Damping at the start against a parameter's own weight, a ratio: nearly the whole Gauss–Newton step.
const DAMPING: f64 = 1e-3;

/// Damping that is always added, a count: as many marks hold a line from running along itself.
const FLOOR: f64 = 0.05;

/// Marks that are looked at for each parameter, a count: the others lie between them on the same curves.
const MARKS_PER_PARAMETER: usize = 8;

/// Marks that are looked at on top, a count: of a short outline all of them.
const LEAST_MARKS: usize = 100;

/// Gain of a round below which it is the last one, a share: the rounds after it gain less still.
const MIN_GAIN: f64 = 0.01;

/// Most parameters that are polished at once, a count: their matrix is dense.
const MAX_PARAMETERS: usize = 600;

/// The lines as chords.
struct Chords {
    points: Vec<Moving>,
    /// First and last of each run of points of one curve, and which.
    lines: Vec<usize>,
    /// A grid of the chords that may be nearest.
    cells: std::collections::HashMap<(i32, i32), Vec<u32>>,
    size: f64,
}

impl Chords {
    fn new(model: &Model, size: f64) -> Self {
        let mut points: Vec<Moving> = Vec::new();
        let mut lines: Vec<usize> = Vec::new();
        model.walk_all(|m, line| {
            points.push(m.clone());
            lines.push(line);
        });
        let mut cells: std::collections::HashMap<(i32, i32), Vec<u32>> = std::collections::HashMap::new();
        for k in 1..points.len() {
            if lines[k] != lines[k - 1] {
                continue;
            }
            let (a, b) = (points[k - 1].point, points[k].point);
            let cell = |v: f64| (v / size).floor() as i32;
            for y in cell(a.y.min(b.y))..=cell(a.y.max(b.y)) {
                for x in cell(a.x.min(b.x))..=cell(a.x.max(b.x)) {
                    cells.entry((x, y)).or_default().push(k as u32);
                }
            }
        }
        Self { points, lines, cells, size }
    }

    /// The chord whose stroke is nearest to `p`: its end point, the place along it, and the distance to its edge.
    fn nearest(&self, p: Point, half: impl Fn(usize) -> f64) -> Option<(usize, f64, f64)> {
        let (x, y) = ((p.x / self.size).floor() as i32, (p.y / self.size).floor() as i32);
        let mut best: Option<(usize, f64, f64)> = None;
        for cy in y - 1..=y + 1 {
            for cx in x - 1..=x + 1 {
                for k in self.cells.get(&(cx, cy)).into_iter().flatten() {
                    let k = *k as usize;
                    let (a, b) = (self.points[k - 1].point, self.points[k].point);
                    let d = b - a;
                    let length = d.dot(d);
                    let t = if length > 0.0 { ((p - a).dot(d) / length).clamp(0.0, 1.0) } else { 0.0 };
                    let edge = p.distance(a + d * t) - half(self.lines[k]);
                    if best.is_none_or(|b| edge < b.2) {
                        best = Some((k, t, edge));
                    }
                }
            }
        }
        best
    }
}

/// Moves `lines` and `widths` so that the outline lies at their edges; the mean distance of the marks from it
/// afterwards, px.
pub(super) fn polish(outline: &Outline, lines: &mut [Line], widths: &mut [f64], cap: Cap, join: Join) -> Option<f64> {
    let mut curves: Vec<Curve> = lines.iter().map(|l| l.curve.clone()).collect();
    let mut model = Model::free(&curves);
    let (n, w) = (model.values.len(), widths.len());
    if n + w > MAX_PARAMETERS {
        return None;
    }
    let mut halves: Vec<f64> = widths.iter().map(|w| w / 2.0).collect();
    let of_line: Vec<usize> = lines.iter().map(|l| l.width).collect();
    // Open ends beyond which a cap begins that is no half disc, and corners that are no discs.
    let mut skip: Vec<(Point, f64)> = Vec::new();
    if cap != Cap::Round {
        for line in lines.iter() {
            if let Curve::Chain(chain) = &line.curve {
                for end in (0..2).filter(|e| line.free[*e]) {
                    let node = if end == 0 { chain.nodes.first() } else { chain.nodes.last() };
                    skip.extend(node.map(|n| (n.point, halves[line.width] * 1.5)));
                }
            }
        }
    }
    if join != Join::Round {
        skip.extend(super::ends::corners(lines, widths).map(|(at, _, _, half)| (at, half * 1.1)));
    }
    let stride = (outline.marks.len() / (MARKS_PER_PARAMETER * (n + w) + LEAST_MARKS)).max(1);
    let marks: Vec<Point> = outline
        .marks
        .iter()
        .step_by(stride)
        .map(|m| m.point)
        .filter(|p| !skip.iter().any(|(at, reach)| p.distance(*at) < *reach))
        .collect();
    let widest = halves.iter().copied().fold(0.0, f64::max);
    let mut damping = DAMPING;
    let measure = |model: &Model, halves: &[f64]| {
        let chords = Chords::new(model, (widest * 1.3).max(2.0));
        let near: Vec<Option<(usize, f64, f64)>> =
            marks.iter().map(|p| chords.nearest(*p, |line| halves[of_line[line]])).collect();
        let cost: f64 = near
            .iter()
            .map(|n| {
                let e = n.map_or(widest, |n| n.2.abs());
                if e < OUTLIER { e * e } else { OUTLIER * (2.0 * e - OUTLIER) }
            })
            .sum();
        (chords, near, cost)
    };
    let mut state = measure(&model, &halves);
    for _ in 0..ROUNDS {
        let size = n + w;
        let mut matrix = vec![0.0f64; size * size];
        let mut right = vec![0.0f64; size];
        let mut row: Vec<(usize, f64)> = Vec::new();
        for (p, near) in marks.iter().zip(&state.1) {
            let Some((k, t, edge)) = *near else { continue };
            let line = state.0.lines[k];
            let width = of_line[line];
            if edge.abs() > ASTRAY * 2.0 * halves[width] {
                continue;
            }
            let (a, b) = (&state.0.points[k - 1], &state.0.points[k]);
            let away = (*p - (a.point + (b.point - a.point) * t)).unit();
            let weight = if edge.abs() < OUTLIER { 1.0 } else { OUTLIER / edge.abs() };
            row.clear();
            let mut add = |var: usize, slope: f64| match row.iter_mut().find(|(v, _)| *v == var) {
                Some((_, s)) => *s += slope,
                None => row.push((var, slope)),
            };
            // The edge comes nearer by what the line moves towards the mark.
            a.slopes().for_each(|(v, s)| add(v as usize, -away.dot(s) * (1.0 - t)));
            b.slopes().for_each(|(v, s)| add(v as usize, -away.dot(s) * t));
            add(n + width, -1.0);
            for (i, si) in &row {
                right[*i] -= weight * si * edge;
                for (j, sj) in &row {
                    matrix[i * size + j] += weight * si * sj;
                }
            }
        }
        for i in 0..size {
            matrix[i * size + i] += matrix[i * size + i] * damping + FLOOR;
        }
        let Some(step) = cholesky(matrix, right) else { break };
        let before = (model.values.clone(), halves.clone());
        model.go(&step[..n]);
        for (h, s) in halves.iter_mut().zip(&step[n..]) {
            *h = (*h + s.clamp(-0.5, 0.5)).max(0.05);
        }
        let next = measure(&model, &halves);
        if next.2 < state.2 {
            let gain = 1.0 - next.2 / state.2;
            state = next;
            damping = (damping * 0.3).max(1e-6);
            if gain < MIN_GAIN {
                break;
            }
        } else {
            (model.values, halves) = before;
            damping *= 30.0;
        }
    }
    refine::write_back(&model, &mut curves);
    for (line, curve) in lines.iter_mut().zip(curves) {
        line.curve = curve;
    }
    for (w, h) in widths.iter_mut().zip(&halves) {
        *w = 2.0 * h;
    }
    let sum: f64 = state.1.iter().map(|n| n.map_or(widest, |n| n.2.abs()).min(widest)).sum();
    Some(sum / marks.len().max(1) as f64)
}
