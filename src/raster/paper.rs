//! Uneven light on paper, taken back: drawings that were photographed or scanned.
//!
//! What a camera sees of a sheet is its colour times the light that falls on it, and the light changes slowly. The
//! level of the paper is estimated cell by cell from the pixels that are no ink, put in where ink covers all of a
//! cell, and smoothed, as Gatos, Pratikakis and Perantonis (*Adaptive degraded document image binarization*, Pattern
//! Recognition 39, 2006) do for a threshold at each pixel. Here every pixel is divided by it instead, so that its
//! anti-aliasing survives: one threshold, or one set of inks, then does for the whole sheet.
//!
//! A gradient that was drawn would be taken for light. So the picture must be bright nearly everywhere, with some
//! ink that is clearly darker, in light that colours nothing, and with the noise that only cameras make.

use super::Raster;
use crate::linear;

/// Cells along the longer side, a count: light that changes faster is no light, and a cell must hold more than a
/// letter.
const CELLS: usize = 24;

/// Least side of a cell, px: with fewer pixels one stroke covers it.
const MIN_CELL: usize = 12;

/// Every which row is looked at first, a count: most pictures are through with that.
const ROW_STEP: usize = 8;

/// Part of neighbours in a row that are equal from which a picture is no photograph, a share: noise of one step
/// leaves 0.3, a clean drawing has 0.8 and more.
const MAX_EQUAL: f64 = 0.6;

/// Least deviation of the paper from its own level, 8-bit steps: rounding makes 0.3, and compression of a drawn
/// gradient up to 0.6.
const MIN_NOISE: f64 = 0.8;

/// Distance from the level of the paper up to which a pixel is paper, σ, beside [`GRAIN`].
const PAPER_SIGMA: f64 = 3.0;

/// The same for paper without noise, 8-bit steps: its grain.
const GRAIN: f64 = 4.0;

/// Least part of a cell that tells the level of its paper, a share: less is the rim of a blot.
const MIN_PAPER: f64 = 0.2;

/// Least part of the cells that must tell theirs, a share: with ink on more than two thirds of a sheet its light is a guess.
const MIN_TELLING: f64 = 0.35;

/// Least part of the pixels that are paper, a share: photographs of things have less of any one colour.
const PAPER_SHARE: f64 = 0.42;

/// Level against that of the paper below which a pixel is ink, a ratio.
const INK: f64 = 0.75;

/// Least part of the pixels that are ink, a share: else there is nothing to tell from the light.
const MIN_INK: f64 = 0.002;

/// Most pixels that are neither, between them or brighter than paper, a share: edges of strokes are, and of the
/// photographs that come nearest to a drawing a tenth.
const NEITHER: f64 = 0.075;

/// Least level of paper, 8-bit steps: darker than this is something else.
const MIN_LEVEL: f64 = 70.0;

/// Change of the paper's level, 10th to 90th percentile over its median, from which it is taken out, a ratio: less
/// is a trace's own tolerance.
const UNEVEN: f64 = 0.05;

/// Level of a cell against the smooth light of the sheet below which it may be a tone, a ratio: light is no
/// quadratic, and differs from one by a few hundredths.
const TONE: f64 = 0.95;

/// Change from one cell to the next, beside that of the light, at which a tone ends, a ratio: a shadow's rim is wider
/// than two cells, a tone's is narrower than a pixel.
const TONE_STEP: f64 = 0.03;

/// Deviation of a cell from the plane through it, over that of the others, from which ink or a tone is mixed in, a
/// ratio: a twentieth of a tone that is 5 % darker than paper with noise of 2 steps makes as much.
const MIXED: f64 = 1.5;

/// Weight of cells below the smooth light, of 1 above it: tones are darker than the paper, never lighter.
const BELOW: f64 = 0.05;

/// Rounds in which the smooth light is fitted, a count: it moves by less than a step after five.
const ROUNDS: usize = 8;

/// Most that the level may change from one cell to the next, a ratio: nine in ten must change by less.
const STEEP: f64 = 0.1;

/// Most by which light may colour the paper, a ratio of a channel to luma: a lamp beside a window does that much.
const COLORED: f64 = 0.06;

/// Rounds of smoothing the levels, a count: each is a mean over 3 x 3 cells, and takes steps between cells away.
const SMOOTHING: usize = 2;

/// `raster` as if all of it were lit like the part that is lit best, and by how much the light differed (10th to
/// 90th percentile over the median); `None` when it does not look like a sheet of paper in uneven light.
pub fn evenly_lit(raster: &Raster) -> Option<(Raster, f64)> {
    let (w, h) = (raster.width() as usize, raster.height() as usize);
    let cell = (w.max(h).div_ceil(CELLS)).max(MIN_CELL);
    if w < 4 * cell || h < 2 * cell || !noisy(raster) {
        return None;
    }
    let sheet = Sheet::measure(raster, cell)?;
    sheet.is_lit_paper().then_some(())?;
    let light = Light::new(&sheet);
    light.explains(raster, &sheet).then_some(())?;
    Some((light.even(raster, sheet.reach(), sheet.noise)?, sheet.unevenness()))
}

/// Whether few enough neighbours are equal.
fn noisy(raster: &Raster) -> bool {
    let w = raster.width() as usize;
    let (mut equal, mut all) = (0usize, 0usize);
    for row in raster.pixels().chunks_exact(w).step_by(ROW_STEP) {
        if row.iter().any(|p| p[3] != 255) {
            return false;
        }
        equal += row.windows(2).filter(|p| p[0] == p[1]).count();
        all += w - 1;
    }
    all > 0 && (equal as f64) < MAX_EQUAL * all as f64
}

fn luma(p: [u8; 4]) -> f64 {
    0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2])
}

fn luma_of(c: [f64; 3]) -> f64 {
    0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]
}

fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(((values.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0.0)
}

/// The paper, cell by cell.
struct Sheet {
    /// Side of a cell, px.
    cell: usize,
    columns: usize,
    rows: usize,
    /// Mean colour of the paper in each cell, 8-bit steps; where `telling` is false, that of the cells around.
    level: Vec<[f64; 3]>,
    /// Whether enough of the cell is paper.
    telling: Vec<bool>,
    /// Deviation of the paper from a plane in the cell, 8-bit steps.
    deviation: Vec<f64>,
    /// Whether the cell is full of a tone between ink and paper.
    toned: Vec<bool>,
    /// Deviation of the paper from a plane in its cell, median over the cells, 8-bit steps.
    noise: f64,
}

impl Sheet {
    fn measure(raster: &Raster, cell: usize) -> Option<Self> {
        let (w, h) = (raster.width() as usize, raster.height() as usize);
        let (columns, rows) = (w.div_ceil(cell), h.div_ceil(cell));
        let mut sheet = Self {
            cell,
            columns,
            rows,
            level: vec![[0.0; 3]; columns * rows],
            telling: vec![false; columns * rows],
            deviation: vec![0.0; columns * rows],
            toned: vec![false; columns * rows],
            noise: 0.0,
        };
        let mut pixels = Vec::with_capacity(cell * cell);
        for i in 0..columns * rows {
            let (x0, y0) = (i % columns * cell, i / columns * cell);
            pixels.clear();
            for y in y0..(y0 + cell).min(h) {
                let row = &raster.pixels()[y * w..(y + 1) * w][x0..(x0 + cell).min(w)];
                let at =
                    |(x, p): (usize, &[u8; 4])| Pixel { color: *p, luma: luma(*p), place: [x as f64, (y - y0) as f64] };
                pixels.extend(row.iter().enumerate().map(at));
            }
            let (level, deviation, share) = paper_of(&mut pixels);
            sheet.level[i] = level;
            sheet.telling[i] = share >= MIN_PAPER;
            sheet.deviation[i] = deviation;
        }
        let mut deviations: Vec<f64> =
            sheet.deviation.iter().zip(&sheet.telling).filter(|(_, t)| **t).map(|(d, _)| *d).collect();
        let telling = deviations.len() as f64;
        sheet.noise = percentile(&mut deviations, 0.5);
        (telling >= MIN_TELLING * (columns * rows) as f64).then_some(())?;
        sheet.leave_ink_out();
        sheet.leave_tones_out();
        (sheet.lumas().len() as f64 >= MIN_TELLING * telling).then_some(())?;
        sheet.fill();
        Some(sheet)
    }

    /// The cells at most `reach` away from cell `i`.
    fn around(&self, i: usize, reach: usize) -> impl Iterator<Item = usize> + use<> {
        let (columns, rows) = (self.columns, self.rows);
        let (x, y) = (i % columns, i / columns);
        let xs = x.saturating_sub(reach)..(x + reach + 1).min(columns);
        (y.saturating_sub(reach)..(y + reach + 1).min(rows)).flat_map(move |y| xs.clone().map(move |x| y * columns + x))
    }

    /// Takes cells full of ink for such that do not tell: their level is far below those around, or has a colour.
    fn leave_ink_out(&mut self) {
        let part = |l: &[f64; 3]| l.map(|v| v / luma_of(*l).max(1.0));
        let telling = || self.level.iter().zip(&self.telling).filter(|(_, t)| **t).map(|(l, _)| part(l));
        let paper = [0, 1, 2].map(|c| percentile(&mut telling().map(|p| p[c]).collect::<Vec<_>>(), 0.5));
        let inked: Vec<usize> = (0..self.level.len())
            .filter(|i| {
                let around = self.around(*i, 2).filter(|j| self.telling[*j]).map(|j| luma_of(self.level[j]));
                let own = part(&self.level[*i]);
                luma_of(self.level[*i]) < INK * around.fold(0.0, f64::max)
                    || (0..3).any(|c| (own[c] - paper[c]).abs() > COLORED)
            })
            .collect();
        inked.into_iter().for_each(|i| self.telling[i] = false);
    }

    /// Takes cells with a tone, a grey that was drawn, for such that do not tell: they are mixed, or darker than the smooth
    /// light of the sheet, and no slow change leads to them from cells that are not.
    fn leave_tones_out(&mut self) {
        let Some(light) = self.smooth_light() else { return };
        let against: Vec<f64> = self.level.iter().zip(light).map(|(l, s)| luma_of(*l).max(1.0) / s).collect();
        let pure = |i: usize| self.telling[i] && self.deviation[i] < MIXED * self.noise;
        let mut paper: Vec<bool> = (0..against.len()).map(|i| pure(i) && against[i] >= TONE).collect();
        let mut open: Vec<usize> = (0..paper.len()).filter(|i| paper[*i]).collect();
        while let Some(i) = open.pop() {
            for j in self.around(i, 1) {
                if pure(j) && !paper[j] && (against[j] - against[i]).abs() < TONE_STEP {
                    paper[j] = true;
                    open.push(j);
                }
            }
        }
        let full = |i: usize| pure(i) && !paper[i];
        let toned = (0..paper.len()).map(|i| !paper[i] && self.around(i, 1).any(full)).collect();
        self.toned = toned;
        self.telling = paper;
    }

    /// The quadratic in column and row that lies on the brightest of the cells that tell theirs, luma of each cell in
    /// 8-bit steps: least squares with small weights below it (Newey and Powell, *Asymmetric least squares
    /// estimation and testing*, Econometrica 55, 1987).
    fn smooth_light(&self) -> Option<Vec<f64>> {
        let terms = |i: usize| -> [f64; 6] {
            let at = |k: usize, n: usize| 2.0 * (k as f64 + 0.5) / n as f64 - 1.0;
            let (x, y) = (at(i % self.columns, self.columns), at(i / self.columns, self.rows));
            [1.0, x, y, x * x, x * y, y * y]
        };
        let seen = |i: usize| luma_of(self.level[i]);
        let mut light = vec![0.0; self.level.len()];
        for _ in 0..ROUNDS {
            let (mut normal, mut right) = ([[0.0; 6]; 6], [0.0; 6]);
            for i in (0..light.len()).filter(|i| self.telling[*i]) {
                let (t, weight) = (terms(i), if seen(i) < light[i] { BELOW } else { 1.0 });
                for (k, a) in t.into_iter().enumerate() {
                    (0..6).for_each(|j| normal[k][j] += weight * a * t[j]);
                    right[k] += weight * a * seen(i);
                }
            }
            let c = linear::eliminate(normal, right)?;
            for (i, l) in light.iter_mut().enumerate() {
                *l = terms(i).iter().zip(c).map(|(t, c)| t * c).sum::<f64>().max(1.0);
            }
        }
        Some(light)
    }

    /// Puts in the levels of cells that do not tell theirs, from the outside in: as far from the smooth light as those
    /// beside them.
    fn fill(&mut self) {
        let light = self.smooth_light().unwrap_or_else(|| vec![1.0; self.level.len()]);
        let mut known = self.telling.clone();
        while known.iter().any(|k| *k) && known.iter().any(|k| !*k) {
            let before = known.clone();
            for i in (0..known.len()).filter(|i| !before[*i]) {
                let near: Vec<usize> = self.around(i, 1).filter(|j| before[*j]).collect();
                if !near.is_empty() {
                    self.level[i] = mean(near.iter().map(|j| self.level[*j].map(|v| v * light[i] / light[*j])));
                    known[i] = true;
                }
            }
        }
    }

    /// Levels in luma of the cells that tell theirs.
    fn lumas(&self) -> Vec<f64> {
        self.level.iter().zip(&self.telling).filter(|(_, t)| **t).map(|(l, _)| luma_of(*l)).collect()
    }

    /// Distance from the level of the paper up to which a pixel is paper, 8-bit steps.
    fn reach(&self) -> f64 {
        PAPER_SIGMA * self.noise + GRAIN
    }

    fn unevenness(&self) -> f64 {
        let mut lumas = self.lumas();
        (percentile(&mut lumas, 0.9) - percentile(&mut lumas, 0.1)) / percentile(&mut lumas, 0.5).max(1.0)
    }

    /// Whether the levels are those of one paper in light that changes slowly.
    fn is_lit_paper(&self) -> bool {
        let mut lumas = self.lumas();
        if self.noise < MIN_NOISE || percentile(&mut lumas, 0.5) < MIN_LEVEL || self.unevenness() < UNEVEN {
            return false;
        }
        let mut steps = Vec::new();
        for i in (0..self.level.len()).filter(|i| self.telling[*i]) {
            for j in
                [(i % self.columns + 1 < self.columns, i + 1), (i / self.columns + 1 < self.rows, i + self.columns)]
            {
                if j.0 && self.telling[j.1] {
                    let (a, b) = (luma_of(self.level[i]), luma_of(self.level[j.1]));
                    steps.push((a - b).abs() / a.max(b).max(1.0));
                }
            }
        }
        percentile(&mut steps, 0.9) < STEEP
    }
}

fn mean(colors: impl Iterator<Item = [f64; 3]>) -> [f64; 3] {
    let (mut sum, mut n) = ([0.0; 3], 0.0);
    for c in colors {
        (0..3).for_each(|k| sum[k] += c[k]);
        n += 1.0;
    }
    sum.map(|s| s / f64::max(n, 1.0))
}

/// A pixel of a cell.
struct Pixel {
    color: [u8; 4],
    luma: f64,
    /// Column and row in the cell.
    place: [f64; 2],
}

/// The mean colour of the paper among `pixels`, its deviation from a plane, and its share of them: the brightest
/// colour that many have.
fn paper_of(pixels: &mut [Pixel]) -> ([f64; 3], f64, f64) {
    pixels.sort_by(|a, b| a.luma.total_cmp(&b.luma));
    let n = pixels.len();
    let mut level = pixels[n * 9 / 10].luma;
    let mut deviation = 2.0;
    let mut paper = &pixels[..];
    for _ in 0..4 {
        let reach = PAPER_SIGMA * deviation + GRAIN;
        let from = pixels.partition_point(|p| p.luma < level - reach);
        let to = pixels.partition_point(|p| p.luma <= level + reach);
        paper = &pixels[from..to];
        if paper.is_empty() {
            break;
        }
        let m = paper.len() as f64;
        level = paper.iter().map(|p| p.luma).sum::<f64>() / m;
        deviation = (paper.iter().map(|p| (p.luma - level).powi(2)).sum::<f64>() / m).sqrt();
    }
    let color = mean(paper.iter().map(|p| [0, 1, 2].map(|c| f64::from(p.color[c]))));
    (color, off_plane(paper), paper.len() as f64 / n as f64)
}

/// Deviation of luma from the plane through it that fits best: what light does within a cell is no grain.
fn off_plane(pixels: &[Pixel]) -> f64 {
    let n = pixels.len().max(1) as f64;
    let average = |f: &dyn Fn(&Pixel) -> f64| pixels.iter().map(f).sum::<f64>() / n;
    let (x, y, l) = (average(&|p| p.place[0]), average(&|p| p.place[1]), average(&|p| p.luma));
    let product = |f: &dyn Fn(&Pixel) -> f64, g: &dyn Fn(&Pixel) -> f64| average(&|p| f(p) * g(p));
    let (dx, dy, dl) = (move |p: &Pixel| p.place[0] - x, move |p: &Pixel| p.place[1] - y, move |p: &Pixel| p.luma - l);
    let (xx, xy, yy) = (product(&dx, &dx), product(&dx, &dy), product(&dy, &dy));
    let (xl, yl) = (product(&dx, &dl), product(&dy, &dl));
    let determinant = xx * yy - xy * xy;
    let [a, b] = if determinant > 1e-6 {
        [(xl * yy - yl * xy) / determinant, (yl * xx - xl * xy) / determinant]
    } else {
        [0.0; 2]
    };
    average(&|p| (dl(p) - a * dx(p) - b * dy(p)).powi(2)).sqrt()
}

/// The level of the paper at every pixel.
struct Light {
    cell: usize,
    columns: usize,
    rows: usize,
    level: Vec<[f64; 3]>,
    /// Colour of the paper where it is lit best, 8-bit steps.
    best: [f64; 3],
}

impl Light {
    fn new(sheet: &Sheet) -> Self {
        let mut level = sheet.level.clone();
        for _ in 0..SMOOTHING {
            let before = level.clone();
            for (i, smooth) in level.iter_mut().enumerate() {
                *smooth = mean(sheet.around(i, 1).map(|j| before[j]));
            }
        }
        let best = [0, 1, 2].map(|c| percentile(&mut level.iter().map(|l| l[c]).collect::<Vec<_>>(), 0.9));
        Self { cell: sheet.cell, columns: sheet.columns, rows: sheet.rows, level, best }
    }

    /// Position among `n` cells of pixel `x`: the cell before, the one after, and the weight of the second.
    fn between(&self, x: usize, n: usize) -> (usize, usize, f64) {
        let at = ((x as f64 + 0.5) / self.cell as f64 - 0.5).clamp(0.0, n as f64 - 1.0);
        let low = at.floor() as usize;
        (low, (low + 1).min(n - 1), at - low as f64)
    }

    /// The paper in row `y`, one colour for each of `w` pixels.
    fn row(&self, y: usize, w: usize) -> impl Iterator<Item = [f64; 3]> {
        let (top, bottom, wy) = self.between(y, self.rows);
        let column = move |x: usize| -> [f64; 3] {
            let (a, b) = (self.level[top * self.columns + x], self.level[bottom * self.columns + x]);
            std::array::from_fn(|c| a[c] + wy * (b[c] - a[c]))
        };
        let columns: Vec<[f64; 3]> = (0..self.columns).map(column).collect();
        (0..w).map(move |x| {
            let (left, right, wx) = self.between(x, self.columns);
            std::array::from_fn(|c| columns[left][c] + wx * (columns[right][c] - columns[left][c]))
        })
    }

    /// Whether nearly all of the picture is paper in this light, and darker ink.
    fn explains(&self, raster: &Raster, sheet: &Sheet) -> bool {
        let w = raster.width() as usize;
        let [mut paper, mut ink, mut all] = [0usize; 3];
        for (y, row) in raster.pixels().chunks_exact(w).enumerate().step_by(2) {
            let toned = &sheet.toned[y / self.cell * self.columns..];
            for (x, (p, level)) in row.iter().zip(self.row(y, w)).enumerate() {
                let (level, seen) = (luma_of(level), luma(*p));
                let reach = sheet.reach();
                all += 1;
                if (seen - level).abs() <= reach {
                    paper += 1;
                } else if seen < INK * level || (seen < level && toned[x / self.cell]) {
                    ink += 1;
                }
            }
        }
        let share = |n: usize| n as f64 / all.max(1) as f64;
        share(paper) >= PAPER_SHARE && share(ink) >= MIN_INK && share(all - paper - ink) <= NEITHER
    }

    /// `raster` divided by the light, and what is within `reach` of the paper as one colour.
    fn even(&self, raster: &Raster, reach: f64, noise: f64) -> Option<Raster> {
        let w = raster.width() as usize;
        let paper = self.best.map(|v| v.round() as u8);
        let mut data = Vec::with_capacity(raster.len() * 4);
        for (y, row) in raster.pixels().chunks_exact(w).enumerate() {
            for (p, level) in row.iter().zip(self.row(y, w)) {
                let lit = |c: usize| (f64::from(p[c]) * self.best[c] / level[c].max(1.0)).round().min(255.0) as u8;
                let is_paper = luma(*p) >= luma_of(level) - reach;
                let [r, g, b] = if is_paper { paper } else { [lit(0), lit(1), lit(2)] };
                data.extend([r, g, b, 255]);
            }
        }
        let gain =
            luma_of(self.best) / percentile(&mut self.level.iter().map(|l| luma_of(*l)).collect::<Vec<_>>(), 0.5);
        Some(Raster::new(raster.width(), raster.height(), data).ok()?.with_noise(noise * gain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A normal number (Box and Muller 1958).
    fn normal(rng: &mut fastrand::Rng) -> f64 {
        (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
    }

    /// A sheet of `w` x `h` px with `ink` on it, in `light`, with normal noise of `sigma` steps.
    fn sheet(w: u32, h: u32, ink: impl Fn(f64, f64) -> f64, light: impl Fn(f64, f64) -> f64, sigma: f64) -> Raster {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut data = Vec::new();
        for y in 0..h {
            for x in 0..w {
                let (u, v) = (f64::from(x) / f64::from(w), f64::from(y) / f64::from(h));
                let color = |own: f64, rng: &mut fastrand::Rng| {
                    let seen = own * light(u, v) * (1.0 - 0.85 * ink(u, v)) + sigma * normal(rng);
                    seen.round().clamp(0.0, 255.0) as u8
                };
                let p = [color(236.0, &mut rng), color(230.0, &mut rng), color(214.0, &mut rng), 255];
                data.extend(p);
            }
        }
        Raster::new(w, h, data).unwrap()
    }

    fn cross(u: f64, v: f64) -> f64 {
        f64::from(u8::from((u - 0.5).abs() < 0.04 || (v - 0.4).abs() < 0.03))
    }

    #[test]
    fn uneven_light_is_taken_out_and_ink_stays_dark() {
        let lit = sheet(320, 240, cross, |u, v| 0.95 - 0.4 * u - 0.15 * v * v, 2.0);
        let (even, uneven) = evenly_lit(&lit).unwrap();
        assert!(uneven > 0.3, "{uneven}");
        let at = |x: u32, y: u32| {
            let near = (y - 2..=y + 2).flat_map(|y| (x - 2..=x + 2).map(move |x| (x, y)));
            mean(near.map(|(x, y)| [0, 1, 2].map(|c| f64::from(even.pixel(x, y)[c]))))
        };
        let paper = [at(20, 20), at(300, 20), at(20, 220), at(300, 220), at(100, 150)];
        for p in &paper {
            assert!((0..3).all(|c| (p[c] - paper[0][c]).abs() < 6.0), "{paper:?}");
        }
        for ink in [at(160, 30), at(160, 200), at(40, 96), at(280, 96)] {
            assert!((luma_of(ink) / luma_of(paper[0]) - 0.15).abs() < 0.03, "{ink:?} on {paper:?}");
        }
    }

    #[test]
    fn a_grey_tone_on_lit_paper_is_no_shadow() {
        let tone = |u: f64, v: f64| (u - 0.5).hypot(v - 0.5) < 0.3;
        for share in [0.12, 0.25, 0.35] {
            let ink = |u: f64, v: f64| if cross(u, v) > 0.0 { 1.0 } else { f64::from(u8::from(tone(u, v))) * share };
            let lit = sheet(480, 480, ink, |u, v| 0.98 - 0.3 * u - 0.15 * v, 2.0);
            let (even, _) = evenly_lit(&lit).unwrap();
            let luma_near = |x: u32, y: u32| {
                let near = (y - 2..=y + 2).flat_map(|y| (x - 2..=x + 2).map(move |x| (x, y)));
                luma_of(mean(near.map(|(x, y)| [0, 1, 2].map(|c| f64::from(even.pixel(x, y)[c])))))
            };
            let paper = luma_near(40, 40);
            for at in [[330, 300], [180, 300], [300, 150], [190, 260]] {
                let seen = luma_near(at[0], at[1]) / paper;
                assert!((seen - (1.0 - 0.85 * share)).abs() < 0.02, "{share}: {seen} at {at:?}");
            }
        }
    }

    #[test]
    fn the_noise_of_ink_is_known_where_the_paper_has_none_any_more() {
        let half = |u: f64, v: f64| f64::from(u8::from((u - 0.5).abs() < 0.28 && (v - 0.5).abs() < 0.4));
        let lit = sheet(480, 480, half, |u, _| 0.98 - 0.4 * u, 3.0);
        let (even, _) = evenly_lit(&lit).unwrap();
        let noise = even.noise().unwrap();
        assert!((1.5..6.0).contains(&noise), "{noise}");
    }

    #[test]
    fn what_is_no_sheet_in_uneven_light_stays_as_it_is() {
        let even = sheet(320, 240, cross, |_, _| 0.9, 2.0);
        assert!(evenly_lit(&even).is_none(), "even light");
        let clean = sheet(320, 240, cross, |u, v| 0.95 - 0.4 * u - 0.15 * v, 0.0);
        assert!(evenly_lit(&clean).is_none(), "a gradient that was drawn");
        let blank = sheet(320, 240, |_, _| 0.0, |u, _| 0.95 - 0.4 * u, 2.0);
        assert!(evenly_lit(&blank).is_none(), "no ink");
        let shaded = sheet(320, 240, |u, v| (u * 12.0).sin() * (v * 9.0).sin(), |u, _| 0.95 - 0.4 * u, 2.0);
        assert!(evenly_lit(&shaded).is_none(), "shading everywhere");
        for class in crate::classify::Class::ALL {
            for seed in 0..12 {
                let options = crate::generate::Options { side: 256, ..Default::default() };
                let sample = crate::generate::sample(class, seed, &options);
                assert!(evenly_lit(&sample.raster).is_none(), "{class} {seed}");
            }
        }
    }
}
