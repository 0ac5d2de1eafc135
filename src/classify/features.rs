//! What is measured of a picture before it is classified.
//!
//! Everything is measured on at most 256 x 256 sample points, spread evenly, each looked at in its
//! neighbourhood at full resolution: thinning the points keeps the time bounded, and not scaling the
//! picture keeps edges, noise and anti-aliasing what they are. Colours are compared premultiplied with
//! all four channels, so transparency is a colour like any other, and red is as far from blue as black
//! is from white; nothing is measured on grey alone.

use crate::Raster;

use super::Features;

/// Most sample points along a side.
const GRID: u32 = 256;
/// Most plane-fit windows along a side.
const WINDOWS: u32 = 34;
/// Half the side of a plane-fit window, px: 9 px see a slope of a fifth of a step per px.
const WINDOW_HALF: i64 = 4;
/// The same in a picture of at most [`SMALL_SIDE`], where shapes are too small for 9 px.
const WINDOW_HALF_SMALL: i64 = 2;
/// Longer side, px, up to which windows are small.
const SMALL_SIDE: i64 = 128;
/// Largest whole enlargement looked for.
const MAX_UPSCALE: u32 = 64;
/// Most sample points along a side at which noise is measured; ten thousand fix it to a few per cent.
const NOISE_GRID: u32 = 112;
/// Rows, and columns, scanned for whole enlargement.
const SCAN_LINES: u32 = 48;
/// Points at which stroke width is measured, at most.
const STROKE_POINTS: usize = 800;
/// Widest stroke that is measured, share of the shorter side; wider ink counts as area.
const WIDEST_STROKE: f64 = 1.0 / 6.0;
/// Least share of the clean samples that makes a colour part of the palette.
const PALETTE_SHARE: f64 = 0.002;

/// A premultiplied colour; differences stay in range.
type Colour = [i16; 4];

fn premultiplied(p: [u8; 4]) -> Colour {
    let a = u32::from(p[3]);
    let m = |v: u8| ((u32::from(v) * a + 127) / 255) as i16;
    if a == 255 { [p[0].into(), p[1].into(), p[2].into(), 255] } else { [m(p[0]), m(p[1]), m(p[2]), a as i16] }
}

/// Greatest difference of a channel, 8-bit steps.
fn distance(a: Colour, b: Colour) -> i16 {
    let d = |i: usize| (a[i] - b[i]).abs();
    d(0).max(d(1)).max(d(2)).max(d(3))
}

/// The picture as it is measured.
struct View<'a> {
    raster: &'a Raster,
    w: i64,
    h: i64,
}

impl View<'_> {
    /// The premultiplied colour at `(x, y)`, the nearest pixel when outside.
    #[inline]
    fn at(&self, x: i64, y: i64) -> Colour {
        let x = x.clamp(0, self.w - 1);
        let y = y.clamp(0, self.h - 1);
        premultiplied(self.raster.pixels()[(y * self.w + x) as usize])
    }

    /// Whether the `side` x `side` px from `(x, y)`, all inside, are one exact colour.
    fn uniform(&self, x: i64, y: i64, side: i64) -> bool {
        let first = self.raster.pixels()[(y * self.w + x) as usize];
        (y..y + side).all(|row| {
            let start = (row * self.w + x) as usize;
            self.raster.pixels()[start..start + side as usize].iter().all(|p| *p == first)
        })
    }

    /// Position of sample `i` of `n` along a side of `len` px.
    fn position(i: u32, n: u32, len: i64) -> i64 {
        (i64::from(i) * 2 + 1) * len / (2 * i64::from(n))
    }
}

/// Measures `raster`.
pub(super) fn measure(raster: &Raster) -> Features {
    let view = View { raster, w: i64::from(raster.width()), h: i64::from(raster.height()) };
    let columns = raster.width().min(GRID);
    let rows = raster.height().min(GRID);
    let (noise, exact_colours) = noise(&view, columns.min(NOISE_GRID), rows.min(NOISE_GRID));
    let mut f =
        Features { noise, exact_colours, long_side: raster.width().max(raster.height()), ..Features::default() };
    f.upscale_factor = upscale(&view, noise);
    let points = Points::read(&view, columns, rows, noise);
    points.describe(&mut f);
    windows(&view, noise, &mut f);
    let ink = Ink::of(&points, &view, noise);
    ink.describe(&view, &mut f);
    f
}

/// Standard deviation of the noise, 8-bit steps, and the number of exact colours up to 65 (Immerkær 1996, with a low percentile for the mean, so
/// that edges do not count).
fn noise(view: &View, columns: u32, rows: u32) -> (f64, u32) {
    /// Thirtieth percentile of the mean of three |N(0, 1)|.
    const P30: f64 = 0.61;
    /// Noise makes thousands of colours; a picture of at most this many exact ones has none.
    const FEW_COLOURS: usize = 64;
    /// The operator's gain on white noise.
    const GAIN: f64 = 6.0;
    /// Clipping at white or black shrinks noise at most to about this share.
    const CLIPPED: f64 = 3.0;
    if view.w < 3 || view.h < 3 {
        return (0.0, 1);
    }
    let (mut all, mut unclipped): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut exact: Vec<[u8; 4]> = Vec::new();
    for j in 0..rows {
        let y = View::position(j, rows, view.h).clamp(1, view.h - 2);
        for i in 0..columns {
            let x = View::position(i, columns, view.w).clamp(1, view.w - 2);
            let here = view.raster.pixels()[(y * view.w + x) as usize];
            if exact.len() <= FEW_COLOURS && !exact.contains(&here) {
                exact.push(here);
            }
            let mut sum = [0i32; 3];
            let (mut opaque, mut inner) = (true, true);
            for (dy, wy) in [(-1i64, 1i32), (0, -2), (1, 1)] {
                for (dx, wx) in [(-1i64, 1i32), (0, -2), (1, 1)] {
                    let p = view.raster.pixels()[((y + dy) * view.w + x + dx) as usize];
                    opaque &= p[3] >= 250;
                    for k in 0..3 {
                        sum[k] += wx * wy * i32::from(p[k]);
                        inner &= (6..=249).contains(&p[k]);
                    }
                }
            }
            if opaque {
                let mean = f64::from(sum.iter().map(|v| v.abs()).sum::<i32>()) / 3.0;
                all.push(mean);
                if inner {
                    unclipped.push(mean);
                }
            }
        }
    }
    let colours = exact.len() as u32;
    if all.len() < 32 || exact.len() <= FEW_COLOURS {
        return (0.0, colours);
    }
    let of = |values: &mut Vec<f64>| percentile(values, 0.3) / GAIN / P30;
    let whole = of(&mut all);
    (if unclipped.len() < 64 { whole } else { of(&mut unclipped).min(whole * CLIPPED) }, colours)
}

/// The value below which a share `p` of `values` lies; 0 for none.
fn percentile(values: &mut [f64], p: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let index = ((values.len() - 1) as f64 * p).round() as usize;
    *values.select_nth_unstable_by(index, f64::total_cmp).1
}

/// The whole factor by which the picture was enlarged: the largest for which nearly all hard change,
/// along rows and along columns, fall on its multiples; 1 when there is none.
fn upscale(view: &View, noise: f64) -> u32 {
    /// Changes that must be on the lattice; the rest may be damage.
    const ON_LATTICE: f64 = 0.93;
    /// Places where something changes: fewer prove nothing, a flag's stripes are on some lattice too.
    const LEAST_PLACES: usize = 7;
    let hard = (24.0 + 4.0 * noise) as i16;
    let scan = |len: i64, across: i64, along_x: bool| {
        let mut counts = vec![0u64; len as usize];
        let lines = across.min(i64::from(SCAN_LINES)) as u32;
        for i in 0..lines {
            let fixed = View::position(i, lines, across);
            let get = |t: i64| if along_x { view.at(t, fixed) } else { view.at(fixed, t) };
            let mut last = get(0);
            for t in 1..len {
                let next = get(t);
                let step = distance(last, next);
                if step > hard {
                    // By size: what compression leaves beside a cell's edge is weaker than the edge.
                    counts[t as usize] += u64::from(step.unsigned_abs());
                }
                last = next;
            }
        }
        counts
    };
    let (x, y) = (scan(view.w, view.h, true), scan(view.h, view.w, false));
    let places = x.iter().chain(&y).filter(|c| **c > 0).count();
    if places < LEAST_PLACES {
        return 1;
    }
    let share = |counts: &[u64], k: usize| {
        let total: u64 = counts.iter().sum();
        let on: u64 = counts.iter().step_by(k).sum();
        if total == 0 { 0.0 } else { on as f64 / total as f64 }
    };
    (2..=MAX_UPSCALE as usize)
        .rev()
        .find(|&k| share(&x, k) >= ON_LATTICE && share(&y, k) >= ON_LATTICE)
        .map_or(1, |k| k as u32)
}

/// The sample points.
struct Points {
    columns: usize,
    rows: usize,
    colours: Vec<Colour>,
    edges: usize,
    blends: usize,
    partial: usize,
    visible: usize,
    chroma: f64,
    /// Mean colour and sample count of each colour that is no blend, most frequent first.
    palette: Vec<(Colour, usize)>,
    clean: usize,
    tolerance: i16,
}

impl Points {
    fn read(view: &View, columns: u32, rows: u32, noise: f64) -> Self {
        // A step that is neither rounding nor noise.
        let tolerance = (4.0 + 3.0 * noise) as i16;
        let edge = (20.0 + 4.0 * noise) as i16;
        let mut p = Self {
            columns: columns as usize,
            rows: rows as usize,
            colours: Vec::with_capacity((columns * rows) as usize),
            edges: 0,
            blends: 0,
            partial: 0,
            visible: 0,
            chroma: 0.0,
            palette: Vec::new(),
            clean: 0,
            tolerance,
        };
        let mut bins = Bins::new();
        for j in 0..rows {
            let y = View::position(j, rows, view.h);
            for i in 0..columns {
                let x = View::position(i, columns, view.w);
                let here = view.at(x, y);
                p.colours.push(here);
                let straight = view.raster.pixels()[(y * view.w + x) as usize];
                p.partial += usize::from(straight[3] > 0 && straight[3] < 255);
                if straight[3] > 0 {
                    p.visible += 1;
                    let [r, g, b, _] = straight;
                    p.chroma += f64::from(r.max(g).max(b) - r.min(g).min(b)) / 255.0;
                }
                let inside = x > 0 && y > 0 && x + 1 < view.w && y + 1 < view.h;
                if inside && view.uniform(x - 1, y - 1, 3) {
                    p.clean += 1;
                    bins.add(here);
                    continue;
                }
                let (mut blend, mut steep) = (false, false);
                let pixels = view.raster.pixels();
                for (dx, dy) in [(1, 0), (0, 1), (1, 1), (1, -1)] {
                    let (a, b) = if inside {
                        let (centre, off) = (y * view.w + x, dy * view.w + dx);
                        let (a, b) = (pixels[(centre - off) as usize], pixels[(centre + off) as usize]);
                        // Along an edge nothing changes.
                        if a == straight && b == straight {
                            continue;
                        }
                        (premultiplied(a), premultiplied(b))
                    } else {
                        (view.at(x - dx, y - dy), view.at(x + dx, y + dy))
                    };
                    let (to_a, to_b) = (distance(here, a), distance(here, b));
                    steep |= to_a.max(to_b) > edge;
                    // A blend lies on the way from one neighbour to the other, off both.
                    blend |=
                        to_a > tolerance && to_b > tolerance && distance(a, b) > edge && between(here, a, b, tolerance);
                }
                p.edges += usize::from(steep);
                p.blends += usize::from(blend);
                if !blend {
                    p.clean += 1;
                    bins.add(here);
                }
            }
        }
        p.palette = bins.merge((14.0 + 3.0 * noise) as i16);
        p
    }

    fn describe(&self, f: &mut Features) {
        let n = self.colours.len() as f64;
        let least = ((self.clean as f64 * PALETTE_SHARE) as usize).max(2);
        let kept: Vec<usize> = self.palette.iter().map(|c| c.1).filter(|c| *c >= least).collect();
        f.palette_size = (kept.len() as u32).max(1);
        f.dominant_share = self.palette.first().map_or(1.0, |c| c.1 as f64 / n);
        f.top_colours_share =
            self.palette.iter().take(8).map(|c| c.1).sum::<usize>() as f64 / (self.clean.max(1)) as f64;
        f.edge_density = self.edges as f64 / n;
        f.antialiased_share = self.blends as f64 / n;
        f.alpha_coverage = self.visible as f64 / n;
        f.partial_alpha_share = self.partial as f64 / n;
        f.chroma = if self.visible == 0 { 0.0 } else { self.chroma / self.visible as f64 };
        f.region_count = self.regions();
    }

    /// Connected areas of one colour, of at least six samples.
    fn regions(&self) -> u32 {
        const LEAST: u32 = 6;
        let alike = |a: usize, b: usize| distance(self.colours[a], self.colours[b]) <= self.tolerance;
        let mut components = flood(self.columns, self.rows, false, |_| true, alike);
        components.retain(|c| c.area >= LEAST);
        components.len() as u32
    }
}

/// Whether every channel of `v` lies between `a` and `b`, `slack` aside.
fn between(v: Colour, a: Colour, b: Colour, slack: i16) -> bool {
    let slack = slack / 2;
    (0..4).all(|k| v[k] >= a[k].min(b[k]) - slack && v[k] <= a[k].max(b[k]) + slack)
}

/// A histogram of colours, five bits a channel and two of alpha, that can be merged into a palette.
struct Bins {
    index: Vec<u32>,
    sums: Vec<([i64; 4], usize)>,
}

impl Bins {
    fn new() -> Self {
        Self { index: vec![0; 1 << 17], sums: Vec::new() }
    }

    fn add(&mut self, c: Colour) {
        let bits = |v: i16, shift: u32| (v.clamp(0, 255) as usize) >> shift;
        let key = bits(c[0], 3) << 12 | bits(c[1], 3) << 7 | bits(c[2], 3) << 2 | bits(c[3], 6);
        if self.index[key] == 0 {
            self.sums.push(([0; 4], 0));
            self.index[key] = self.sums.len() as u32;
        }
        let slot = &mut self.sums[self.index[key] as usize - 1];
        for (sum, v) in slot.0.iter_mut().zip(c) {
            *sum += i64::from(v);
        }
        slot.1 += 1;
    }

    /// Colours no two of which are within `radius`, most frequent first, at most 256.
    fn merge(self, radius: i16) -> Vec<(Colour, usize)> {
        const MOST: usize = 256;
        let mut bins: Vec<(Colour, usize)> =
            self.sums.into_iter().map(|(sum, n)| (sum.map(|v| (v / n as i64) as i16), n)).collect();
        bins.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut palette: Vec<(Colour, usize)> = Vec::new();
        for (colour, n) in bins {
            if let Some(near) = palette.iter_mut().find(|p| distance(p.0, colour) <= radius) {
                near.1 += n;
            } else if palette.len() < MOST {
                palette.push((colour, n));
            }
        }
        palette.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        palette
    }
}

/// Fits a plane to each channel of small windows, and counts the flat, the sloping and the busy ones.
fn windows(view: &View, noise: f64, f: &mut Features) {
    let half = if view.w.max(view.h) <= SMALL_SIDE { WINDOW_HALF_SMALL } else { WINDOW_HALF };
    let side = 2 * half + 1;
    if view.w < side || view.h < side {
        f.flat_share = 1.0;
        f.edge_sharpness = 1.0;
        f.quiet_share = 1.0;
        return;
    }
    let columns = (view.w as u32 / 4).clamp(1, WINDOWS);
    let rows = (view.h as u32 / 4).clamp(1, WINDOWS);
    // Pixels of a window, the sum of x² over it, and the share of the noise that is left in its slope.
    let n = (side * side) as f32;
    let spread = (side * (1..=half).map(|v| 2 * v * v).sum::<i64>()) as f32;
    let level = 1.6 + 3.7 * noise * f64::from((side - 1) as f32 / spread.sqrt());
    // A ramp never climbs by more than ten steps a px; anti-aliased edges do.
    let steepest = 10.0 * (side - 1) as f64;
    let mut cells: Vec<Colour> = Vec::with_capacity((side * side) as usize);
    let (mut flat, mut smooth, mut busy) = (0usize, 0usize, 0usize);
    let (mut sharpness, mut quiet) = (Vec::new(), 0.0);
    let quiet_step = (2.0 + 2.5 * noise) as i16;
    for j in 0..rows {
        let cy = View::position(j, rows, view.h).clamp(half, view.h - 1 - half);
        for i in 0..columns {
            let cx = View::position(i, columns, view.w).clamp(half, view.w - 1 - half);
            if view.uniform(cx - half, cy - half, side) {
                flat += 1;
                continue;
            }
            cells.clear();
            let mut sums = [[0.0f32; 4]; 4];
            for y in 0..side {
                for x in 0..side {
                    let c = view.at(cx - half + x, cy - half + y);
                    cells.push(c);
                    let (fx, fy) = ((x - half) as f32, (y - half) as f32);
                    for k in 0..4 {
                        let v = f32::from(c[k]);
                        sums[k][0] += v;
                        sums[k][1] += v * v;
                        sums[k][2] += v * fx;
                        sums[k][3] += v * fy;
                    }
                }
            }
            let (mut residual, mut span) = (0.0f32, 0.0f32);
            for s in sums {
                let mean = s[0] / n;
                let (gx, gy) = (s[2] / spread, s[3] / spread);
                let left = s[1] - n * mean * mean - spread * (gx * gx + gy * gy);
                residual = residual.max((left / n).max(0.0).sqrt());
                span = span.max((side - 1) as f32 * gx.hypot(gy));
            }
            let (residual, span) = (f64::from(residual), f64::from(span));
            // A ramp fits its plane; the ripples of compression are as large as their slope.
            if span > level && span <= steepest && residual <= (0.5 + 1.3 * noise).max(0.15 * span) {
                smooth += 1;
                continue;
            }
            if residual <= 1.5 + 1.5 * noise {
                flat += 1;
                continue;
            }
            busy += 1;
            let (step, range, calm) = steps(&cells, side as usize, quiet_step);
            quiet += calm;
            if f64::from(range) > 24.0 + 6.0 * noise {
                sharpness.push(f64::from(step) / f64::from(range));
            }
        }
    }
    let all = (flat + smooth + busy) as f64;
    f.flat_share = flat as f64 / all;
    f.smooth_share = smooth as f64 / all;
    f.busy_share = busy as f64 / all;
    f.quiet_share = if busy == 0 { 1.0 } else { quiet / busy as f64 };
    f.edge_sharpness = if sharpness.is_empty() { 1.0 } else { percentile(&mut sharpness, 0.5) };
}

/// Of a window: its largest single step, its range, and the share of neighbours that are alike.
fn steps(cells: &[Colour], side: usize, quiet: i16) -> (i16, i16, f64) {
    let (mut step, mut calm, mut pairs) = (0, 0u32, 0u32);
    let (mut low, mut high) = ([i16::MAX; 4], [i16::MIN; 4]);
    for y in 0..side {
        for x in 0..side {
            let here = cells[y * side + x];
            for k in 0..4 {
                low[k] = low[k].min(here[k]);
                high[k] = high[k].max(here[k]);
            }
            if x + 1 < side {
                let d = distance(here, cells[y * side + x + 1]);
                step = step.max(d);
                calm += u32::from(d <= quiet);
                pairs += 1;
            }
            if y + 1 < side {
                let d = distance(here, cells[(y + 1) * side + x]);
                step = step.max(d);
                calm += u32::from(d <= quiet);
                pairs += 1;
            }
        }
    }
    let range = (0..4).map(|k| high[k] - low[k]).max().unwrap_or(0);
    (step, range, f64::from(calm) / f64::from(pairs))
}

/// A connected area of a map.
#[derive(Clone, Copy, Debug)]
struct Component {
    area: u32,
    x0: u32,
    y0: u32,
    x1: u32,
    y1: u32,
}

impl Component {
    fn w(&self) -> f64 {
        f64::from(self.x1 - self.x0 + 1)
    }

    fn h(&self) -> f64 {
        f64::from(self.y1 - self.y0 + 1)
    }
}

/// Connected areas of the cells that are `wanted`, joined where `alike`.
fn flood(
    columns: usize,
    rows: usize,
    corners: bool,
    wanted: impl Fn(usize) -> bool,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<Component> {
    let mut seen = vec![false; columns * rows];
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for start in 0..columns * rows {
        if seen[start] || !wanted(start) {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        let mut c = Component { area: 0, x0: u32::MAX, y0: u32::MAX, x1: 0, y1: 0 };
        while let Some(at) = stack.pop() {
            let (x, y) = (at % columns, at / columns);
            c.area += 1;
            c.x0 = c.x0.min(x as u32);
            c.x1 = c.x1.max(x as u32);
            c.y0 = c.y0.min(y as u32);
            c.y1 = c.y1.max(y as u32);
            let mut go = |nx: usize, ny: usize| {
                let next = ny * columns + nx;
                if !seen[next] && wanted(next) && alike(at, next) {
                    seen[next] = true;
                    stack.push(next);
                }
            };
            let (left, right, up, down) = (x > 0, x + 1 < columns, y > 0, y + 1 < rows);
            if left {
                go(x - 1, y);
            }
            if right {
                go(x + 1, y);
            }
            if up {
                go(x, y - 1);
            }
            if down {
                go(x, y + 1);
            }
            if corners {
                if left && up {
                    go(x - 1, y - 1);
                }
                if right && up {
                    go(x + 1, y - 1);
                }
                if left && down {
                    go(x - 1, y + 1);
                }
                if right && down {
                    go(x + 1, y + 1);
                }
            }
        }
        found.push(c);
    }
    found
}

/// What stands out from the ground, on a map of the sample points.
struct Ink {
    columns: usize,
    rows: usize,
    map: Vec<bool>,
    ground: Colour,
    threshold: i16,
}

impl Ink {
    /// The ground is the palette's colour that is most frequent along the border.
    fn of(points: &Points, view: &View, noise: f64) -> Self {
        let (columns, rows) = (points.columns, points.rows);
        let mut votes = vec![0usize; points.palette.len().max(1)];
        let nearest = |c: Colour| {
            points.palette.iter().take(32).enumerate().min_by_key(|(_, p)| distance(p.0, c)).map_or(0, |(i, _)| i)
        };
        for x in 0..columns {
            votes[nearest(points.colours[x])] += 1;
            votes[nearest(points.colours[(rows - 1) * columns + x])] += 1;
        }
        for y in 0..rows {
            votes[nearest(points.colours[y * columns])] += 1;
            votes[nearest(points.colours[y * columns + columns - 1])] += 1;
        }
        let winner = votes.iter().enumerate().max_by_key(|(i, v)| (**v, usize::MAX - i)).map_or(0, |(i, _)| i);
        let ground = points.palette.get(winner).map_or([0; 4], |p| p.0);
        let mut far: Vec<f64> =
            points.colours.iter().step_by(3).map(|c| f64::from(distance(*c, ground))).filter(|d| *d > 16.0).collect();
        // Half-way to the typical ink is where an edge's middle lies.
        let threshold = (0.45 * percentile(&mut far, 0.6)).max(16.0 + 3.0 * noise) as i16;
        // Of up to four pixels a cell, the one farthest from the ground: a hairline must not fall between samples.
        let (sx, sy) = (view.w / columns as i64 / 2, view.h / rows as i64 / 2);
        let mut map = Vec::with_capacity(columns * rows);
        // Most pixels equal the one before them.
        let mut last = (ground, false);
        let mut far_off = |c: Colour| {
            if c != last.0 {
                last = (c, distance(c, ground) > threshold);
            }
            last.1
        };
        for j in 0..rows {
            let y = View::position(j as u32, rows as u32, view.h);
            for i in 0..columns {
                let x = View::position(i as u32, columns as u32, view.w);
                let mut ink = far_off(points.colours[j * columns + i]);
                if !ink && (sx > 0 || sy > 0) {
                    ink = [(sx, 0), (0, sy), (sx, sy)].into_iter().any(|(dx, dy)| far_off(view.at(x - dx, y - dy)));
                }
                map.push(ink);
            }
        }
        Self { columns, rows, map, ground, threshold }
    }

    fn describe(&self, view: &View, f: &mut Features) {
        let cells: Vec<usize> = (0..self.map.len()).filter(|i| self.map[*i]).collect();
        f.ink_share = cells.len() as f64 / self.map.len() as f64;
        self.strokes(view, &cells, f);
        let mut parts = flood(self.columns, self.rows, true, |i| self.map[i], |_, _| true);
        let least = ((self.map.len() as f64 * 0.0001) as u32).max(3);
        parts.retain(|c| c.area >= least);
        f.component_count = parts.len() as u32;
        (f.aligned_share, f.aligned_ink_share) = aligned(&parts);
        let total: u32 = parts.iter().map(|c| c.area).sum();
        let whole = self.columns.max(self.rows) as f64;
        // How far the ink's parts reach, and how much of their boxes they fill, weighted by area.
        let (mut reach, mut fill) = (0.0, 0.0);
        for c in &parts {
            let weight = f64::from(c.area) / f64::from(total.max(1));
            reach += weight * c.w().max(c.h()) / whole;
            fill += weight * f64::from(c.area) / (c.w() * c.h());
        }
        f.part_reach = reach;
        f.part_fill = fill;
    }

    /// Stroke width where ink is: a straight stroke cut at any angle has width `hv / √(h² + v²)` for its
    /// horizontal and vertical chords `h` and `v`.
    fn strokes(&self, view: &View, cells: &[usize], f: &mut Features) {
        let side = view.w.min(view.h) as f64;
        // Large pictures are walked in larger steps, so that the time stays bounded.
        let stride = (view.w.max(view.h) / 512).max(1);
        let limit = ((side * WIDEST_STROKE) as i64).max(2);
        let ink = |x: i64, y: i64| {
            x >= 0 && y >= 0 && x < view.w && y < view.h && distance(view.at(x, y), self.ground) > self.threshold
        };
        let chord = |x: i64, y: i64, dx: i64, dy: i64| {
            let mut len = 1;
            for sign in [-1, 1] {
                let (mut px, mut py) = (x + sign * dx, y + sign * dy);
                while len <= limit && ink(px, py) {
                    len += stride;
                    px += sign * dx;
                    py += sign * dy;
                }
            }
            len as f64
        };
        let every = cells.len().div_ceil(STROKE_POINTS).max(1);
        let mut widths = Vec::new();
        let mut looked = 0usize;
        for cell in cells.iter().skip(every / 2).step_by(every) {
            let x = View::position((cell % self.columns) as u32, self.columns as u32, view.w);
            let y = View::position((cell / self.columns) as u32, self.rows as u32, view.h);
            if !ink(x, y) {
                continue;
            }
            looked += 1;
            let (h, v) = (chord(x, y, stride, 0), chord(x, y, 0, stride));
            if h.min(v) <= limit as f64 {
                // A chord cut off at the limit is as good as endless.
                widths.push(if h > limit as f64 || v > limit as f64 { h.min(v) } else { h * v / h.hypot(v) });
            }
        }
        if looked == 0 {
            return;
        }
        f.stroke_share = widths.len() as f64 / looked as f64;
        if widths.is_empty() {
            return;
        }
        let median = percentile(&mut widths, 0.5);
        let (low, high) = (percentile(&mut widths, 0.15), percentile(&mut widths, 0.85));
        f.stroke_width = median / side;
        f.stroke_spread = (high - low) / median.max(1.0);
    }
}

/// Share of the parts, by number and by area, that stand in a row of at least three of like height, as
/// letters do. Two do not count: anything symmetric has two.
fn aligned(parts: &[Component]) -> (f64, f64) {
    /// Parts looked at, at most: enough for a page, and the comparison is of all pairs.
    const MOST: usize = 400;
    /// Fewest parts in a row.
    const ROW: usize = 3;
    let parts = &parts[..parts.len().min(MOST)];
    if parts.is_empty() {
        return (0.0, 0.0);
    }
    let near = |a: &Component, b: &Component| {
        let (ha, hb) = (a.h(), b.h());
        let (small, large) = (ha.min(hb), ha.max(hb));
        let overlap = f64::from(a.y1.min(b.y1)) + 1.0 - f64::from(a.y0.max(b.y0));
        let gap = f64::from(a.x0.max(b.x0)) - f64::from(a.x1.min(b.x1));
        let foot = (f64::from(a.y1) - f64::from(b.y1)).abs() <= 0.16 * large + 1.0;
        let head = (f64::from(a.y0) - f64::from(b.y0)).abs() <= 0.16 * large + 1.0;
        (foot || head) && overlap >= 0.55 * small && small >= 0.45 * large && gap > -1.0 && gap <= 1.6 * large
    };
    // Rows are what is connected by nearness; each part points to another of its row, or to itself.
    let mut row: Vec<usize> = (0..parts.len()).collect();
    fn root(row: &[usize], mut i: usize) -> usize {
        while row[i] != i {
            i = row[i];
        }
        i
    }
    for i in 0..parts.len() {
        for j in 0..i {
            if near(&parts[i], &parts[j]) {
                let (a, b) = (root(&row, i), root(&row, j));
                row[a.max(b)] = a.min(b);
            }
        }
    }
    let mut size = vec![0usize; parts.len()];
    for i in 0..parts.len() {
        size[root(&row, i)] += 1;
    }
    let (mut count, mut area, mut total) = (0usize, 0u64, 0u64);
    for (i, part) in parts.iter().enumerate() {
        total += u64::from(part.area);
        if size[root(&row, i)] >= ROW {
            count += 1;
            area += u64::from(part.area);
        }
    }
    (count as f64 / parts.len() as f64, area as f64 / total as f64)
}
