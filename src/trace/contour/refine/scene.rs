//! The partition rendered by exact areas, and how each boundary pixel changes with each parameter.
//!
//! Each piece of a boundary adds its signed cover and area to the cells that it crosses, as scan converters do
//! (Levien's font-rs, FreeType's smooth rasteriser), but per region, so that one pass gives the share of every
//! region in every boundary pixel.

use super::model::{MAX_VARS, Model, Moving, Part};
use crate::document::Point;
use crate::trace::contour::intake::{Color, Intake};
use crate::trace::contour::lattice::{CELLS, to_pixels};
use crate::trace::contour::palette::Ink;
use crate::trace::contour::planar_map::{OUTSIDE, PlanarMap};

/// Residuals beyond this count by their size and not by its square, 8-bit steps: no boundary explains them.
const OUTLIER: f64 = 90.0;

/// Where the slopes of a cell begin that no parameter changes, an index: no list is that long.
pub(super) const NONE: u32 = u32::MAX;

/// A piece of a part inside one pixel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) part: u32,
    /// Height that it crosses downwards, and that times its mean distance from the right edge of the pixel.
    cover: f32,
    area: f32,
    /// Where its slopes begin in [`System::slopes`], one for each parameter of its part, or [`NONE`].
    pub(super) slopes: u32,
}

/// A boundary pixel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pixel {
    /// What the rendering lacks, premultiplied 8-bit steps.
    pub(super) residual: [f32; 4],
    pub(super) weight: f32,
    pub(super) cost: f32,
    /// Range in [`System::order`].
    pub(super) cells: (u32, u32),
}

/// Where a part ends in the lists of a [`System`].
#[derive(Debug, Clone, Copy, Default)]
struct Ends {
    cells: usize,
    slopes: usize,
    vars: usize,
}

/// Where a row of the picture begins in the lists of a [`System`].
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    order: u32,
    pixels: u32,
    /// The cost of its pixels.
    cost: f64,
}

/// The linearised problem at given parameters.
#[derive(Debug, Default)]
pub(super) struct System {
    /// Part after part, along the walk.
    cells: Vec<Cell>,
    slopes: Vec<f32>,
    vars: Vec<u32>,
    /// Where each part ends in these, after a first nought.
    ends: Vec<Ends>,
    /// The cells row by row, column by column, and along the walk in each pixel.
    order: Vec<u32>,
    /// Where each row of the picture begins, and where the last one ends.
    rows: Vec<Row>,
    pub(super) pixels: Vec<Pixel>,
    pub(super) cost: f64,
    /// The parameters.
    at: Vec<f64>,
}

/// A part in a [`System`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Laid<'a> {
    /// Number of its first cell.
    pub(super) first: usize,
    pub(super) cells: &'a [Cell],
    /// The parameters that its points depend on.
    pub(super) vars: &'a [u32],
}

impl System {
    /// The parts in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = Laid<'_>> {
        self.ends.windows(2).map(|w| Laid {
            first: w[0].cells,
            cells: &self.cells[w[0].cells..w[1].cells],
            vars: &self.vars[w[0].vars..w[1].vars],
        })
    }

    /// The slopes of a cell of a part with so many parameters; none when nothing moves it.
    pub(super) fn slopes(&self, cell: &Cell, vars: usize) -> &[f32] {
        if cell.slopes == NONE {
            return &[];
        }
        let from = cell.slopes as usize;
        &self.slopes[from..from + vars]
    }

    /// The numbers of the cells in a pixel.
    pub(super) fn cells_of(&self, pixel: &Pixel) -> &[u32] {
        &self.order[pixel.cells.0 as usize..pixel.cells.1 as usize]
    }

    /// A cell by its number.
    pub(super) fn cell(&self, number: u32) -> &Cell {
        &self.cells[number as usize]
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Copies a part as `known` has it, when it was at the same parameters; whether it was.
    fn take(&mut self, part: usize, known: &System, values: &[f64], with_slopes: bool) -> bool {
        let (from, to) = (known.ends[part], known.ends[part + 1]);
        let vars = &known.vars[from.vars..to.vars];
        if vars.iter().any(|v| known.at[*v as usize] != values[*v as usize]) {
            return false;
        }
        let (before, after) = (from.slopes as u32, self.slopes.len() as u32);
        self.cells.extend(known.cells[from.cells..to.cells].iter().map(|cell| match cell.slopes {
            NONE => *cell,
            _ if !with_slopes => Cell { slopes: 0, ..*cell },
            slopes => Cell { slopes: slopes - before + after, ..*cell },
        }));
        if with_slopes {
            self.slopes.extend_from_slice(&known.slopes[from.slopes..to.slopes]);
        }
        self.vars.extend_from_slice(vars);
        true
    }
}

/// What does not change between rounds.
pub(super) struct Scene<'a> {
    intake: &'a Intake,
    /// Size of the picture, px.
    size: (usize, usize),
    /// Whether the curves are among cells of its pixels.
    in_cells: bool,
    /// The region on the left and on the right of each part as it is walked.
    sides: Vec<(u32, u32)>,
    inks: Vec<&'a Ink>,
}

impl<'a> Scene<'a> {
    /// The scene of `map`, whose regions have `inks`, with the curves of `model`.
    pub(super) fn new(intake: &'a Intake, map: &PlanarMap, inks: Vec<&'a Ink>, model: &Model) -> Self {
        let sides = model.parts.iter().map(|part| {
            let boundary = &map.boundaries[part.boundary as usize];
            if part.reversed { (boundary.right, boundary.left) } else { (boundary.left, boundary.right) }
        });
        let (sides, in_cells) = (sides.collect(), intake.pixelwise.is_some());
        let intake = intake.pixelwise.as_deref().unwrap_or(intake);
        Self { intake, size: (intake.width, intake.height), in_cells, sides, inks }
    }

    fn ink(&self, region: u32, x: usize, y: usize) -> Color {
        if region == OUTSIDE { [0.0; 4] } else { self.inks[region as usize].at(x, y) }
    }

    /// The regions on the left and on the right of a cell.
    pub(super) fn sides(&self, cell: &Cell) -> (u32, u32) {
        self.sides[cell.part as usize]
    }

    /// How much the colour on the left of a cell differs from that on its right.
    pub(super) fn jump(&self, cell: &Cell) -> [f32; 4] {
        let (x, y) = (cell.x as usize, cell.y as usize);
        let (left, right) = self.sides(cell);
        let (l, r) = (self.ink(left, x, y), self.ink(right, x, y));
        std::array::from_fn(|c| l[c] - r[c])
    }

    /// Renders the boundary pixels of `model`, and linearises them when `with_slopes`. Parts that `known` systems
    /// have at the same parameters are copied from there, and rows of which the first of them has all parts so.
    pub(super) fn linearise(&self, model: &Model, known: &[&System], with_slopes: bool) -> System {
        let mut s = System { at: model.values.clone(), ..System::default() };
        if let Some(like) = known.first() {
            s.cells.reserve(like.cells.len() + like.cells.len() / 64);
            s.vars.reserve(like.vars.len());
            s.ends.reserve(like.ends.len());
            s.pixels.reserve(like.pixels.len() + like.pixels.len() / 64);
            if with_slopes {
                s.slopes.reserve(like.slopes.len() + like.slopes.len() / 64);
            }
        }
        s.ends.push(Ends::default());
        let mut before = Moving::fixed(Point::default());
        let mut moved: Vec<usize> = Vec::new();
        for (number, part) in model.parts.iter().enumerate() {
            let from = known.iter().position(|known| s.take(number, known, &model.values, with_slopes));
            if from.is_none() {
                self.walk(&mut s, model, part, number, with_slopes, &mut before);
            }
            if from != Some(0) {
                moved.push(number);
            }
            s.ends.push(Ends { cells: s.cells.len(), slopes: s.slopes.len(), vars: s.vars.len() });
        }
        let like = known.first().map(|known| Like::new(known, &s, &moved));
        self.sort(&mut s, like.as_ref());
        self.sum_up(&mut s, like.as_ref());
        s
    }

    fn walk(&self, s: &mut System, model: &Model, part: &Part, number: usize, with_slopes: bool, before: &mut Moving) {
        let mut chords = Chords { size: self.size, first: s.cells.len(), part: number as u32, with_slopes };
        let mut begun = false;
        let mut halfway = [Point::default(); MAX_VARS];
        model.walk(part, |m| {
            if begun {
                if with_slopes {
                    before.halfway(m, &mut halfway);
                }
                let halfway = &mut halfway[..m.vars().len()];
                if self.in_cells {
                    halfway.iter_mut().for_each(|v| *v = *v * (1.0 / CELLS as f64));
                    chords.add(s, to_pixels(before.point), to_pixels(m.point), halfway);
                } else {
                    chords.add(s, before.point, m.point, halfway);
                }
            } else {
                s.vars.extend_from_slice(m.vars());
                begun = true;
            }
            before.follow(m);
        });
    }

    /// Puts the cells in order.
    fn sort(&self, s: &mut System, like: Option<&Like<'_>>) {
        let height = self.size.1;
        s.rows = vec![Row::default(); height + 1];
        for cell in &s.cells {
            s.rows[cell.y as usize + 1].order += 1;
        }
        for y in 0..height {
            s.rows[y + 1].order += s.rows[y].order;
        }
        let is_known = |y: usize| like.is_some_and(|like| like.has_row(y));
        s.order = vec![0; s.cells.len()];
        let mut next: Vec<u32> = s.rows.iter().map(|row| row.order).collect();
        for (number, cell) in (0u32..).zip(&s.cells).filter(|(_, cell)| !is_known(cell.y as usize)) {
            let at = &mut next[cell.y as usize];
            s.order[*at as usize] = number;
            *at += 1;
        }
        let mut keys: Vec<u64> = Vec::new();
        for y in 0..height {
            let row = &mut s.order[s.rows[y].order as usize..s.rows[y + 1].order as usize];
            if let Some(like) = like.filter(|like| like.has_row(y)) {
                row.iter_mut().zip(like.order(y)).for_each(|(to, from)| *to = from);
                continue;
            }
            keys.clear();
            keys.extend(row.iter().map(|n| u64::from(s.cells[*n as usize].x) << 32 | u64::from(*n)));
            keys.sort_unstable();
            for (n, key) in row.iter_mut().zip(&keys) {
                *n = *key as u32;
            }
        }
    }

    /// Renders the cells, pixel by pixel, and compares.
    fn sum_up(&self, s: &mut System, like: Option<&Like<'_>>) {
        let mut lists = Lists::default();
        for y in 0..self.size.1 {
            s.rows[y].pixels = s.pixels.len() as u32;
            if let Some(like) = like.filter(|like| like.has_row(y)) {
                let from = s.rows[y].order;
                s.pixels.extend(like.pixels(y, from));
                s.rows[y].cost = like.known.rows[y].cost;
            } else {
                self.sum_up_row(s, y, &mut lists);
            }
            s.cost += s.rows[y].cost;
        }
        s.rows[self.size.1].pixels = s.pixels.len() as u32;
    }

    fn sum_up_row(&self, s: &mut System, y: usize, Lists { active, local }: &mut Lists) {
        let w = self.size.0;
        let add =
            |list: &mut Vec<(u32, f32)>, region: u32, cover: f32| match list.iter_mut().find(|(r, _)| *r == region) {
                Some((_, c)) => *c += cover,
                None => list.push((region, cover)),
            };
        active.clear();
        active.push((OUTSIDE, 1.0));
        let (mut i, end) = (s.rows[y].order as usize, s.rows[y + 1].order as usize);
        let mut total = 0.0;
        while i < end {
            let x = s.cells[s.order[i] as usize].x;
            let start = i;
            local.clear();
            local.extend_from_slice(active);
            let mut moves = false;
            while let Some(c) = s.order[i..end].first().map(|n| &s.cells[*n as usize]).filter(|c| c.x == x) {
                let (left, right) = self.sides(c);
                add(local, left, c.area);
                add(local, right, -c.area);
                add(active, left, c.cover);
                add(active, right, -c.cover);
                moves |= c.slopes != NONE;
                i += 1;
            }
            active.retain(|(_, c)| c.abs() > 1e-4);
            if !moves {
                continue;
            }
            let mut residual = self.intake.color(y * w + x as usize);
            for (region, cover) in local.iter() {
                let ink = self.ink(*region, x as usize, y);
                for c in 0..4 {
                    residual[c] -= cover * ink[c];
                }
            }
            let size = residual.iter().map(|r| f64::from(r * r)).sum::<f64>();
            // Huber: convex, so that a curve that has strayed is still drawn back.
            let length = size.sqrt();
            let weight = (OUTLIER / length.max(1e-9)).min(1.0);
            let cost = if length <= OUTLIER { size } else { OUTLIER * (2.0 * length - OUTLIER) };
            total += cost;
            s.pixels.push(Pixel {
                residual,
                weight: weight as f32,
                cost: cost as f32,
                cells: (start as u32, i as u32),
            });
        }
        s.rows[y].cost = total;
    }
}

/// What regions cover, kept from row to row for the memory that they have.
#[derive(Default)]
struct Lists {
    /// Of what lies to the right.
    active: Vec<(u32, f32)>,
    /// Of a pixel.
    local: Vec<(u32, f32)>,
}

/// A system of which rows are taken over.
struct Like<'a> {
    known: &'a System,
    /// Which rows have all their cells in it.
    rows: Vec<bool>,
    /// By how much the numbers of each part's cells have grown since, wrapping.
    shifts: Vec<u32>,
}

impl<'a> Like<'a> {
    /// `known` has all of `s` except for the parts that have `moved`.
    fn new(known: &'a System, s: &System, moved: &[usize]) -> Self {
        let mut rows = vec![true; known.rows.len()];
        for part in moved {
            for system in [known, s] {
                let cells = &system.cells[system.ends[*part].cells..system.ends[*part + 1].cells];
                cells.iter().for_each(|cell| rows[cell.y as usize] = false);
            }
        }
        let shifts = known.ends.iter().zip(&s.ends).map(|(a, b)| (b.cells as u32).wrapping_sub(a.cells as u32));
        Self { known, rows, shifts: shifts.collect() }
    }

    fn has_row(&self, y: usize) -> bool {
        self.rows[y]
    }

    /// The numbers that the cells of a row now have, in order.
    fn order(&self, y: usize) -> impl Iterator<Item = u32> + '_ {
        let row = self.known.rows[y].order as usize..self.known.rows[y + 1].order as usize;
        let number = |n: &u32| n.wrapping_add(self.shifts[self.known.cell(*n).part as usize]);
        self.known.order[row].iter().map(number)
    }

    /// The pixels of a row whose cells now begin at `from` in the order.
    fn pixels(&self, y: usize, from: u32) -> impl Iterator<Item = Pixel> + '_ {
        let row = self.known.rows[y].pixels as usize..self.known.rows[y + 1].pixels as usize;
        let shift = from.wrapping_sub(self.known.rows[y].order);
        self.known.pixels[row].iter().map(move |pixel| {
            let cells = (pixel.cells.0.wrapping_add(shift), pixel.cells.1.wrapping_add(shift));
            Pixel { cells, ..*pixel }
        })
    }
}

/// Where the chords of a part go.
struct Chords {
    /// Size of the picture, px.
    size: (usize, usize),
    /// Number of the part's first cell.
    first: usize,
    part: u32,
    with_slopes: bool,
}

/// The largest whole number that is not above `v`.
fn floor(v: f64) -> i32 {
    let whole = v as i32;
    whole - i32::from(f64::from(whole) > v)
}

impl Chords {
    /// Adds the straight piece from `p` to `q`, cut at the edges of pixels.
    fn add(&mut self, s: &mut System, p: Point, q: Point, slopes: &[Point]) {
        let (w, h) = (self.size.0 as i32, self.size.1 as i32);
        let d = q - p;
        let (mut x, mut y) = (floor(p.x), floor(p.y));
        if d.x < 0.0 && p.x == f64::from(x) {
            x -= 1;
        }
        if d.y < 0.0 && p.y == f64::from(y) {
            y -= 1;
        }
        // Parameters at which the chord crosses from one pixel to the next, and how far apart they are.
        let crossing = |from: f64, cell: i32, step: f64| {
            if step > 0.0 {
                ((f64::from(cell) + 1.0 - from) / step, 1.0 / step)
            } else if step < 0.0 {
                ((f64::from(cell) - from) / step, -1.0 / step)
            } else {
                (f64::INFINITY, f64::INFINITY)
            }
        };
        let (mut tx, wide) = crossing(p.x, x, d.x);
        let (mut ty, high) = crossing(p.y, y, d.y);
        let (right, down) = (if d.x < 0.0 { -1 } else { 1 }, if d.y < 0.0 { -1 } else { 1 });
        let mut a = p;
        // A chord crosses each column and row of the picture once.
        for _ in 0..2 * (w + h) + 8 {
            let end = tx.min(ty).min(1.0);
            let b = p + d * end;
            // Left of the picture counts at its first column; right of it does not count.
            if y >= 0 && y < h && x < w {
                self.add_piece(s, (x, y), a, b, slopes);
            }
            if end >= 1.0 {
                break;
            }
            if tx <= end {
                x += right;
                tx += wide;
            }
            if ty <= end {
                y += down;
                ty += high;
            }
            a = b;
        }
    }

    /// Adds the piece from `a` to `b` inside pixel `(x, y)`.
    fn add_piece(&mut self, s: &mut System, (x, y): (i32, i32), a: Point, b: Point, slopes: &[Point]) {
        let (dx, dy) = ((b.x - a.x) as f32, (b.y - a.y) as f32);
        if dx == 0.0 && dy == 0.0 {
            return;
        }
        let column = x.max(0);
        let middle = ((a.x + b.x) / 2.0 - f64::from(column)).clamp(0.0, 1.0) as f32;
        let slope = |v: &Point| v.y as f32 * dx - v.x as f32 * dy;
        let moves = x >= 0 && !slopes.is_empty();
        let (x, y) = (column as u32, y as u32);
        if let Some(c) = s.cells[self.first..].last_mut()
            && (c.x, c.y) == (x, y)
            && (c.slopes != NONE) == moves
        {
            c.cover += dy;
            c.area += dy * (1.0 - middle);
            if moves && self.with_slopes {
                let from = c.slopes as usize;
                for (sum, v) in s.slopes[from..].iter_mut().zip(slopes) {
                    *sum += slope(v);
                }
            }
            return;
        }
        let from = if !moves {
            NONE
        } else if self.with_slopes {
            s.slopes.len() as u32
        } else {
            0
        };
        if moves && self.with_slopes {
            s.slopes.extend(slopes.iter().map(slope));
        }
        s.cells.push(Cell { x, y, part: self.part, cover: dy, area: dy * (1.0 - middle), slopes: from });
    }
}
