//! All centre lines of a region at once against its outline: each mark lies half a width from the nearest line.
//!
//! Gauss–Newton with Levenberg's damping on the distances, the lines as short chords whose points know how they move
//! with every parameter ([`refine::Model`]).

use super::super::fit::Curve;
use super::super::refine::{self, Model, Moving};
use super::outline::Outline;
use super::paths::Line;
use crate::document::{Cap, Join, Point};
use crate::linear::cholesky;

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

/// What distances that are computed in two ways differ by at the most, px: far more than their rounding.
const ROUNDING: f64 = 1e-6;

/// Most squares of the grid of chords, a count: it is made anew in every round.
const MAX_SQUARES: usize = 1 << 14;

/// The lines as chords.
struct Chords {
    points: Vec<Moving>,
    /// The curve of each point.
    lines: Vec<usize>,
    /// The chords in the grid, in its order.
    sides: Vec<Side>,
    grid: Grid,
}

/// A chord, for those who look for the nearest.
#[derive(Debug, Clone, Copy)]
struct Side {
    start: Point,
    end: Point,
    /// How far its ends are from its middle, px.
    reach: f64,
}

/// The chord that is nearest to a place.
#[derive(Debug, Clone, Copy)]
struct Near {
    /// Its end point, by number.
    chord: usize,
    /// The nearest place on it, in [0, 1].
    t: f64,
    /// Distance from the edge of the stroke, px, negative inside.
    edge: f64,
}

impl Near {
    /// How near `p` is to a chord from `start` to `end`, whose stroke has `half` its width on each side.
    fn new(p: Point, (start, end): (Point, Point), chord: usize, half: f64) -> Self {
        let d = end - start;
        let length = d.dot(d);
        let t = if length > 0.0 { ((p - start).dot(d) / length).clamp(0.0, 1.0) } else { 0.0 };
        Self { chord, t, edge: p.distance(start + d * t) - half }
    }
}

/// The chords in each square of a grid, so that those that may be nearest are found.
struct Grid {
    low: Point,
    /// Side of a square, px.
    size: f64,
    wide: usize,
    high: usize,
    /// Where the chords of each square end in `chords`, after a first 0.
    ends: Vec<u32>,
    chords: Vec<u32>,
}

impl Grid {
    /// A grid over chords, each given by its number and its ends, with squares of at least `size` px.
    fn new(chords: &[(u32, Point, Point)], size: f64) -> Self {
        let mut low = Point::new(f64::INFINITY, f64::INFINITY);
        let mut high = Point::new(f64::NEG_INFINITY, f64::NEG_INFINITY);
        for p in chords.iter().flat_map(|(_, a, b)| [*a, *b]) {
            low = Point::new(low.x.min(p.x), low.y.min(p.y));
            high = Point::new(high.x.max(p.x), high.y.max(p.y));
        }
        let extent = if chords.is_empty() { Point::default() } else { high - low };
        let mut size = size;
        let count = |length: f64, size: f64| (length / size) as usize + 1;
        while count(extent.x, size) * count(extent.y, size) > MAX_SQUARES {
            size *= 2.0;
        }
        let mut grid = Self {
            low: if chords.is_empty() { Point::default() } else { low },
            size,
            wide: count(extent.x, size),
            high: count(extent.y, size),
            ends: Vec::new(),
            chords: Vec::new(),
        };
        let squares = |(_, a, b): &(u32, Point, Point)| {
            let (low, high) = (
                grid.square(Point::new(a.x.min(b.x), a.y.min(b.y))),
                grid.square(Point::new(a.x.max(b.x), a.y.max(b.y))),
            );
            let wide = grid.wide;
            (low.1..=high.1).flat_map(move |y| (low.0..=high.0).map(move |x| y as usize * wide + x as usize))
        };
        let mut ends = vec![0u32; grid.wide * grid.high + 1];
        chords.iter().flat_map(squares).for_each(|s| ends[s + 1] += 1);
        for s in 1..ends.len() {
            ends[s] += ends[s - 1];
        }
        let mut next = ends.clone();
        let mut sorted = vec![0; ends.last().copied().unwrap_or(0) as usize];
        for chord in chords {
            for s in squares(chord) {
                sorted[next[s] as usize] = chord.0;
                next[s] += 1;
            }
        }
        (grid.ends, grid.chords) = (ends, sorted);
        grid
    }

    /// Column and row of a point's square, which may lie outside.
    fn square(&self, p: Point) -> (i32, i32) {
        (((p.x - self.low.x) / self.size).floor() as i32, ((p.y - self.low.y) / self.size).floor() as i32)
    }

    /// Places in `chords` of those in the square of `p` and in those around it.
    fn near(&self, p: Point) -> impl Iterator<Item = usize> + '_ {
        let (x, y) = self.square(p);
        let columns = (x.saturating_sub(1).max(0), x.saturating_add(2).min(self.wide as i32));
        let rows = y.saturating_sub(1).max(0)..y.saturating_add(2).min(self.high as i32);
        rows.filter(move |_| columns.0 < columns.1).flat_map(move |y| {
            let row = y as usize * self.wide;
            let (from, to) = (self.ends[row + columns.0 as usize], self.ends[row + columns.1 as usize]);
            from as usize..to as usize
        })
    }
}

impl Chords {
    /// The chords of `model`, about as many as `like`, in a grid with squares of at least `size` px.
    fn new(model: &Model, size: f64, like: usize) -> Self {
        let mut points: Vec<Moving> = Vec::with_capacity(like + like / 16);
        let mut lines: Vec<usize> = Vec::with_capacity(points.capacity());
        model.walk_all(|m, line| {
            points.push(m.clone());
            lines.push(line);
        });
        let chords: Vec<(u32, Point, Point)> = (1..points.len())
            .filter(|k| lines[*k] == lines[k - 1])
            .map(|k| (k as u32, points[k - 1].point, points[k].point))
            .collect();
        let grid = Grid::new(&chords, size);
        let side = |k: &u32| {
            let (a, b) = (points[*k as usize - 1].point, points[*k as usize].point);
            Side { start: a, end: b, reach: a.distance(b) * 0.5 }
        };
        let sides = grid.chords.iter().map(side).collect();
        Self { points, lines, sides, grid }
    }

    /// The chord whose stroke is nearest to `p`: its end point, the place along it, and the distance to its edge. One
    /// that is near as a rule, by its end point, spares a closer look at most of the others.
    fn nearest(&self, p: Point, known: Option<usize>, half: impl Fn(usize) -> f64) -> Option<Near> {
        let most = known.map(|k| {
            let ends = (self.points[k - 1].point, self.points[k].point);
            Near::new(p, ends, k, half(self.lines[k])).edge + ROUNDING
        });
        let found = most.and_then(|most| self.nearest_within(p, most, &half).filter(|near| near.edge <= most));
        found.or_else(|| self.nearest_within(p, f64::INFINITY, &half))
    }

    /// The nearest of those in the squares around `p` whose edge is no farther than `most`; a farther one may be taken
    /// for it where there is none.
    fn nearest_within(&self, p: Point, most: f64, half: impl Fn(usize) -> f64) -> Option<Near> {
        let mut best: Option<Near> = None;
        for at in self.grid.near(p) {
            let (Side { start, end, reach }, k) = (self.sides[at], self.grid.chords[at] as usize);
            let half = half(self.lines[k]);
            let (away, within) = (p - (start + end) * 0.5, most + half + reach);
            if within < 0.0 || away.dot(away) > within * within {
                continue;
            }
            let near = Near::new(p, (start, end), k, half);
            if best.is_none_or(|b| near.edge < b.edge) {
                best = Some(near);
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
    let measure = |model: &Model, halves: &[f64], like: usize| {
        let chords = Chords::new(model, (widest * 1.3).max(2.0), like);
        let mut near: Vec<Option<Near>> = Vec::with_capacity(marks.len());
        for mark in &marks {
            // Marks that follow each other are as a rule beside the same chord.
            let before = near.last().and_then(|n| n.as_ref()).map(|n| n.chord);
            near.push(chords.nearest(*mark, before, |line| halves[of_line[line]]));
        }
        let cost: f64 = near
            .iter()
            .map(|n| {
                let e = n.map_or(widest, |n| n.edge.abs());
                if e < OUTLIER { e * e } else { OUTLIER * (2.0 * e - OUTLIER) }
            })
            .sum();
        (chords, near, cost)
    };
    let mut state = measure(&model, &halves, 0);
    for _ in 0..ROUNDS {
        let size = n + w;
        let mut matrix = vec![0.0f64; size * size];
        let mut right = vec![0.0f64; size];
        let mut row: Vec<(usize, f64)> = Vec::new();
        for (p, near) in marks.iter().zip(&state.1) {
            let Some(Near { chord: k, t, edge }) = *near else { continue };
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
                // Of a symmetric matrix only the lower triangle is read.
                for (j, sj) in row.iter().filter(|(j, _)| j <= i) {
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
        let next = measure(&model, &halves, state.0.points.len());
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
    let sum: f64 = state.1.iter().map(|n| n.map_or(widest, |n| n.edge.abs()).min(widest)).sum();
    Some(sum / marks.len().max(1) as f64)
}
