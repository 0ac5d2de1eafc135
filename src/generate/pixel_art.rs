//! Pixel art: a small grid of flat cells, painted without anti-aliasing and enlarged by a whole factor.

use std::fmt::Write;

use fastrand::Rng;

use super::canvas::{between, chance, pick};
use super::colour::{BLACK, Rgb, Theme, WHITE};

/// Names of the kinds.
pub(super) const KINDS: [&str; 7] = ["invader", "hero", "item", "scene", "dither", "tile", "cart"];

/// A grid of cells; `None` is transparent.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// Cells across.
    pub(super) w: usize,
    /// Cells down.
    pub(super) h: usize,
    cells: Vec<Option<Rgb>>,
}

impl Grid {
    fn new(w: usize, h: usize) -> Self {
        Self { w, h, cells: vec![None; w * h] }
    }

    fn set(&mut self, x: i32, y: i32, ink: Rgb) {
        if x >= 0 && y >= 0 && (x as usize) < self.w && (y as usize) < self.h {
            self.cells[y as usize * self.w + x as usize] = Some(ink);
        }
    }

    fn get(&self, x: i32, y: i32) -> Option<Rgb> {
        if x >= 0 && y >= 0 && (x as usize) < self.w && (y as usize) < self.h {
            self.cells[y as usize * self.w + x as usize]
        } else {
            None
        }
    }

    fn rect(&mut self, x: i32, y: i32, w: i32, h: i32, ink: Rgb) {
        for yy in y..y + h {
            for xx in x..x + w {
                self.set(xx, yy, ink);
            }
        }
    }

    fn disc(&mut self, cx: f64, cy: f64, r: f64, ink: Rgb) {
        for y in 0..self.h as i32 {
            for x in 0..self.w as i32 {
                if (f64::from(x) - cx).powi(2) + (f64::from(y) - cy).powi(2) <= r * r {
                    self.set(x, y, ink);
                }
            }
        }
    }

    /// Surrounds all painted cells with `ink`.
    fn outline(&mut self, ink: Rgb) {
        let before = self.clone();
        for y in 0..self.h as i32 {
            for x in 0..self.w as i32 {
                let near = [(1, 0), (-1, 0), (0, 1), (0, -1)];
                if before.get(x, y).is_none() && near.iter().any(|(dx, dy)| before.get(x + dx, y + dy).is_some()) {
                    self.set(x, y, ink);
                }
            }
        }
    }

    /// Straight RGBA bytes, each cell `factor` px wide, empty cells in `ground`.
    pub(super) fn rgba(&self, factor: usize, ground: Option<Rgb>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.cells.len() * factor * factor * 4);
        for row in self.cells.chunks(self.w) {
            let mut line = Vec::with_capacity(self.w * factor * 4);
            for cell in row {
                let pixel = cell.or(ground).map_or([0; 4], |c| [c.0, c.1, c.2, 255]);
                for _ in 0..factor {
                    line.extend_from_slice(&pixel);
                }
            }
            for _ in 0..factor {
                out.extend_from_slice(&line);
            }
        }
        out
    }

    /// The same as an SVG: one path per colour, of runs of cells.
    pub(super) fn svg(&self, factor: usize, ground: Option<Rgb>) -> String {
        let mut paths: Vec<(Rgb, String)> = Vec::new();
        for (y, row) in self.cells.chunks(self.w).enumerate() {
            let mut x = 0;
            while x < self.w {
                let run = row[x..].iter().take_while(|c| **c == row[x]).count();
                if let Some(ink) = row[x] {
                    let index = paths.iter().position(|p| p.0 == ink).unwrap_or_else(|| {
                        paths.push((ink, String::new()));
                        paths.len() - 1
                    });
                    let _ = write!(paths[index].1, "M{x} {y}h{run}v1h-{run}z");
                }
                x += run;
            }
        }
        let (w, h) = (self.w, self.h);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {w} {h}\" shape-rendering=\"crispEdges\">\n",
            w * factor,
            h * factor
        );
        if let Some(ground) = ground {
            let _ = writeln!(out, r#"<path d="M0 0h{w}v{h}h-{w}z" fill="{ground}"/>"#);
        }
        for (ink, d) in paths {
            let _ = writeln!(out, r#"<path d="{d}" fill="{ink}"/>"#);
        }
        out + "</svg>\n"
    }
}

/// Items as rows of characters: `#` outline, `a`, `b`, `c` inks, `w` white, `.` empty.
const ITEMS: [&[&str]; 6] = [
    &[
        "..##...##..",
        ".#aa#.#aa#.",
        "#awwa#aaaa#",
        "#awaaaaaaa#",
        "#aaaaaaaaa#",
        ".#aaaaaab#.",
        "..#aaaab#..",
        "...#aab#...",
        "....#b#....",
        ".....#.....",
    ],
    &[
        ".............##",
        "............#w#",
        "...........#wb#",
        "..........#wb#.",
        ".........#wb#..",
        "........#wb#...",
        ".##....#wb#....",
        ".#a#..#wb#.....",
        "..#a##wb#......",
        "...#aab#.......",
        "...#aa#........",
        "..#c##a#.......",
        ".#c#..#a#......",
        "#c#....##......",
        "##.............",
    ],
    &[
        "....####....",
        "....#cc#....",
        ".....##.....",
        "....#ww#....",
        "....#..#....",
        "...#w..w#...",
        "..#w....w#..",
        ".#waaaaaab#.",
        ".#aawaaaab#.",
        ".#awwaaaab#.",
        ".#aaaaaabb#.",
        "..#aaabbb#..",
        "...######...",
    ],
    &[
        "....####....",
        "..##aaaa##..",
        ".#aawwaaaa#.",
        ".#awwaaaww#.",
        "#aawwaaawwa#",
        "#aaaaaaaaaa#",
        "#wwaaawwaaw#",
        ".##########.",
        "..#wwwwww#..",
        "..#w#ww#w#..",
        "..#wwwwww#..",
        "...######...",
    ],
    &[
        "...#####....",
        "..#aaaaa#...",
        ".#aw#a#wa#..",
        ".#aaaaaaa#..",
        ".#ab###ba#..",
        "..#aaaaa#...",
        "...#####....",
        "...#bbb#....",
        "..#bbcbb#...",
        ".#a#bbb#a#..",
        ".#a#bbb#a#..",
        "...#c#c#....",
        "...##.##....",
    ],
    &[
        ".....##.....",
        "....#aa#....",
        "....#aa#....",
        "...#aaaa#...",
        "####aaaa####",
        "#aaawaawaaa#",
        ".#aawaawaa#.",
        "..#aaaaaa#..",
        "..#aaaaaa#..",
        ".#aaa##aaa#.",
        ".#ab#..#ba#.",
        ".##......##.",
    ],
];

/// Draws a grid for a picture whose longer side is about `side` px; the second value is its ground.
pub(super) fn draw(rng: &mut Rng, t: &Theme, kind: usize, side: u32, transparent: bool) -> (Grid, Option<Rgb>) {
    let ground = if transparent { None } else { Some(t.ground) };
    let dark = t.all[0].dark(0.6);
    // The outline must not vanish in the ground.
    let line = if t.ground.distance(dark) > 70 { dark } else { WHITE };
    // Even a sprite that was never enlarged fits the picture.
    let size = pick(rng, &[16, 16, 24, 24, 32, 32, 48]).min((side / 2).max(16) as usize);
    match kind {
        0 => {
            let n = pick(rng, &[9usize, 11, 13]);
            let mut g = Grid::new(n + 2, n + 2);
            let colours = rng.usize(1..4);
            for y in 0..n {
                for x in 0..n.div_ceil(2) {
                    let centre = 1.0 - (x as f64 / n as f64 * 2.0 - 0.6).abs();
                    if chance(rng, 0.3 + 0.35 * centre) {
                        let ink = t.ink((y * colours / n) % colours.max(1));
                        g.set(x as i32 + 1, y as i32 + 1, ink);
                        g.set((n - x) as i32, y as i32 + 1, ink);
                    }
                }
            }
            // At least a body, whatever the dice said.
            g.rect(n as i32 / 2, 3, 2 + (n as i32 % 2), n as i32 - 4, t.ink(0));
            (g, ground)
        }
        1 => {
            let k = size as i32;
            let mut g = Grid::new(size, size);
            let c = f64::from(k - 1) / 2.0;
            let (hair, skin, shirt) =
                (t.ink(1), pick(rng, &[Rgb(255, 214, 170), Rgb(200, 140, 100), Rgb(130, 90, 70)]), t.ink(0));
            let r = f64::from(k) * 0.24;
            g.disc(c, r + 2.0, r + 1.0, hair);
            g.disc(c, r + 3.0, r * 0.8, skin);
            let eye = (r * 0.4).round() as i32;
            let (mid, eye_y) = (k / 2, (r + 3.0) as i32);
            for x in [mid - eye - 1, mid + eye] {
                g.rect(x, eye_y, 1, (k / 16).max(1), BLACK);
            }
            g.rect(mid - k / 5, eye_y + (r * 0.8) as i32, k / 5 * 2, k / 4, shirt);
            g.rect(mid - k / 5, eye_y + (r * 0.8) as i32, 1 + k / 24, k / 4, shirt.dark(0.3));
            g.rect(mid - k / 5 - k / 12, eye_y + (r * 0.9) as i32, (k / 12).max(1), k / 6, skin);
            g.rect(mid + k / 5, eye_y + (r * 0.9) as i32, (k / 12).max(1), k / 6, skin);
            let legs = eye_y + (r * 0.8) as i32 + k / 4;
            g.rect(mid - k / 6, legs, (k / 8).max(1), k / 7, t.ink(2));
            g.rect(mid + k / 6 - k / 8, legs, (k / 8).max(1), k / 7, t.ink(2));
            g.outline(line);
            (g, ground)
        }
        2 => {
            let rows = ITEMS[rng.usize(..ITEMS.len())];
            let mut g = Grid::new(rows[0].len() + 2, rows.len() + 2);
            for (y, row) in rows.iter().enumerate() {
                for (x, ch) in row.bytes().enumerate() {
                    let ink = match ch {
                        b'#' => line,
                        b'a' => t.ink(0),
                        b'b' => t.ink(0).dark(0.4),
                        b'c' => t.ink(1),
                        b'w' => WHITE.mix(t.ink(0), 0.1),
                        _ => continue,
                    };
                    g.set(x as i32 + 1, y as i32 + 1, ink);
                }
            }
            (g, ground)
        }
        3 => {
            let (w, h) = (size * pick(rng, &[1, 1, 2]), size);
            let mut g = Grid::new(w, h);
            let sky = t.all[2].light(0.5);
            if !transparent {
                g.rect(0, 0, w as i32, h as i32, sky);
                g.disc(w as f64 * 0.75, h as f64 * 0.22, h as f64 * 0.12, Rgb(255, 220, 100));
            }
            for (i, ink) in [t.all[1].mix(sky, 0.4), Rgb(90, 150, 80), Rgb(60, 110, 60)].into_iter().enumerate() {
                let mut y = h as f64 * (0.45 + 0.18 * i as f64);
                for x in 0..w as i32 {
                    y = (y + between(rng, -1.2, 1.2))
                        .clamp(h as f64 * (0.35 + 0.18 * i as f64), h as f64 * (0.6 + 0.15 * i as f64));
                    g.rect(x, y as i32, 1, h as i32, ink);
                    if i > 0 {
                        g.set(x, y as i32, ink.light(0.3));
                    }
                    if chance(rng, 0.06) {
                        g.rect(x, y as i32 - 3, 1, 3, Rgb(90, 60, 40));
                        g.rect(x - 1, y as i32 - 5, 3, 3, ink.dark(0.3));
                    }
                }
            }
            (g, None)
        }
        4 => {
            let mut g = Grid::new(size, size);
            let n = size as f64;
            let (a, b) = (t.ink(0), t.ink(1));
            let round = chance(rng, 0.6);
            // Bayer's 4 x 4 ordered dither.
            const BAYER: [[f64; 4]; 4] =
                [[0.0, 8.0, 2.0, 10.0], [12.0, 4.0, 14.0, 6.0], [3.0, 11.0, 1.0, 9.0], [15.0, 7.0, 13.0, 5.0]];
            for y in 0..size {
                for x in 0..size {
                    let (u, v) = (x as f64 / n - 0.5, y as f64 / n - 0.5);
                    if round && u * u + v * v > 0.2 {
                        continue;
                    }
                    let value = if round { 0.5 + (u + v) * 0.9 } else { y as f64 / n };
                    let ink = if value * 16.0 > BAYER[y % 4][x % 4] + 0.5 { a } else { b };
                    g.set(x as i32, y as i32, ink);
                }
            }
            (g, ground)
        }
        5 => {
            let n = pick(rng, &[16usize, 24, 32]);
            let mut g = Grid::new(n, n);
            let (brick, mortar) = (t.ink(0), t.ink(0).dark(0.5));
            g.rect(0, 0, n as i32, n as i32, mortar);
            let (bw, bh) = pick(rng, &[(8, 4), (6, 4), (4, 4), (8, 8)]);
            for row in 0..=(n as i32 / bh) {
                let shift = if row % 2 == 0 { 0 } else { -bw / 2 };
                for column in 0..=(n as i32 / bw + 1) {
                    let (x, y) = (column * bw + shift, row * bh);
                    let ink = brick.mix(t.ink(1), f64::from(rng.u8(..3)) * 0.15);
                    g.rect(x, y, bw - 1, bh - 1, ink);
                    g.rect(x, y, bw - 1, 1, ink.light(0.25));
                    if chance(rng, 0.2) {
                        g.set(x + rng.i32(0..bw), y + rng.i32(1..bh), mortar);
                    }
                }
            }
            (g, None)
        }
        _ => {
            let k = size as i32;
            let mut g = Grid::new(size, size);
            let (body, trim) = (t.ink(0), t.ink(1));
            g.rect(k / 8, k * 4 / 10, k * 3 / 4, k / 3, body);
            g.rect(k / 4, k * 2 / 10, k * 4 / 10, k / 4, body);
            g.rect(k / 4 + k / 16, k * 2 / 10 + k / 16, k / 8, k / 8, Rgb(180, 225, 245));
            g.rect(k / 2, k * 2 / 10 + k / 16, k / 8, k / 8, Rgb(180, 225, 245));
            g.rect(k / 8, k * 6 / 10, k * 3 / 4, (k / 16).max(1), trim);
            g.rect(k * 7 / 8 - k / 10, k / 2, (k / 12).max(1), (k / 12).max(1), Rgb(255, 230, 120));
            for x in [0.3, 0.7] {
                let (wx, wy) = (f64::from(k) * x, f64::from(k) * 0.75);
                g.disc(wx, wy, f64::from(k) * 0.12, Rgb(35, 35, 45));
                g.disc(wx, wy, f64::from(k) * 0.05, Rgb(190, 190, 200));
            }
            g.outline(line);
            (g, ground)
        }
    }
}
