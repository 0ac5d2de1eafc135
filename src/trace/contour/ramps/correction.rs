//! What a ramp's gradients leave over, as a coarse field.
//!
//! Where gradients are a little off, the colour beside an edge is still known from the pixels there. The later
//! stages, which read coverages between two colours, need that one and not the gradient's.

use super::Ramp;
use crate::document::Point;
use crate::trace::contour::intake::{Color, Intake};

/// Side of a cell, px: its mean is known to a sixth of the deviation of a pixel, and what gradients leave over
/// changes more slowly.
const CELL: usize = 6;

/// Cells beyond the area that are filled in, a count: farther than a column of pixels across its edge goes.
const REACH: usize = 2;

/// Mean differences over square cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    left: usize,
    top: usize,
    columns: usize,
    rows: usize,
    cells: Vec<Color>,
}

impl Correction {
    /// The mean differences of a ramp's `pixels` from its gradients.
    pub fn new(intake: &Intake, pixels: &[u32], ramp: &Ramp) -> Self {
        let w = intake.width;
        let mine = || pixels.iter().map(|i| (*i as usize % w, *i as usize / w));
        let (mut x0, mut y0, mut x1, mut y1) = (usize::MAX, usize::MAX, 0, 0);
        for (x, y) in mine() {
            (x0, y0, x1, y1) = (x0.min(x / CELL), y0.min(y / CELL), x1.max(x / CELL), y1.max(y / CELL));
        }
        let (left, top) = (x0.min(x1).saturating_sub(REACH), y0.min(y1).saturating_sub(REACH));
        let (columns, rows) = (x1 + REACH + 1 - left, y1 + REACH + 1 - top);
        let mut sums = vec![([0.0f32; 4], 0.0f32); columns * rows];
        for (x, y) in mine() {
            let (sum, n) = &mut sums[(y / CELL - top) * columns + x / CELL - left];
            let color = ramp.at(intake.middle(y * w + x));
            let seen = intake.pixels[y * w + x];
            for c in 0..4 {
                sum[c] += f32::from(seen[c]) - color[c];
            }
            *n += 1.0;
        }
        let mut cells: Vec<Option<Color>> =
            sums.iter().map(|(sum, n)| (*n >= 3.0).then(|| sum.map(|v| v / n))).collect();
        for _ in 0..REACH {
            let before = cells.clone();
            for y in 0..rows {
                for x in 0..columns {
                    if before[y * columns + x].is_some() {
                        continue;
                    }
                    let (mut sum, mut n) = ([0.0; 4], 0.0);
                    for yy in y.saturating_sub(1)..(y + 2).min(rows) {
                        for xx in x.saturating_sub(1)..(x + 2).min(columns) {
                            if let Some(v) = before[yy * columns + xx] {
                                (0..4).for_each(|c| sum[c] += v[c]);
                                n += 1.0;
                            }
                        }
                    }
                    if n > 0.0 {
                        cells[y * columns + x] = Some(sum.map(|v| v / n));
                    }
                }
            }
        }
        Self { left, top, columns, rows, cells: cells.into_iter().map(Option::unwrap_or_default).collect() }
    }

    /// The difference at `p`, between the middles of cells.
    pub fn at(&self, p: Point) -> Color {
        let at = |v: f64, start: usize, n: usize| {
            let v = (v / CELL as f64 - start as f64 - 0.5).clamp(0.0, (n - 1) as f64);
            let k = (v as usize).min(n.saturating_sub(2));
            (k, (v - k as f64) as f32)
        };
        let ((x, fx), (y, fy)) = (at(p.x, self.left, self.columns), at(p.y, self.top, self.rows));
        let (x1, y1) = ((x + 1).min(self.columns - 1), (y + 1).min(self.rows - 1));
        let cell = |x: usize, y: usize| &self.cells[y * self.columns + x];
        let (a, b, c, d) = (cell(x, y), cell(x1, y), cell(x, y1), cell(x1, y1));
        std::array::from_fn(|k| (a[k] * (1.0 - fx) + b[k] * fx) * (1.0 - fy) + (c[k] * (1.0 - fx) + d[k] * fx) * fy)
    }
}
