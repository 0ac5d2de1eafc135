//! Photo-like pictures, computed per pixel: fractal noise, lighting, blur, grain and vignette.
//!
//! They have what photographs have and drawings do not: soft edges, texture at every scale and no
//! two equal pixels. They have no known answer as an SVG.

use std::f64::consts::TAU;

use fastrand::Rng;

use super::canvas::{between, chance, pick};
use super::colour::{Rgb, Theme};

/// Names of the kinds.
pub(super) const KINDS: [&str; 8] = ["terrain", "bokeh", "clouds", "balls", "sea", "wood", "foliage", "portrait"];

type Colour = [f64; 3];

fn colour(c: Rgb) -> Colour {
    [f64::from(c.0), f64::from(c.1), f64::from(c.2)]
}

fn mix(a: Colour, b: Colour, t: f64) -> Colour {
    let t = t.clamp(0.0, 1.0);
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

fn scale(a: Colour, k: f64) -> Colour {
    [a[0] * k, a[1] * k, a[2] * k]
}

/// 0 below `low`, 1 above `high`, smooth between.
fn ramp(low: f64, high: f64, v: f64) -> f64 {
    let t = ((v - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Value noise on a lattice, hashed, so that it needs no table.
#[derive(Clone, Copy)]
struct Noise(u64);

impl Noise {
    fn corner(self, x: i64, y: i64) -> f64 {
        let mut v =
            self.0 ^ (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        v = (v ^ (v >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        v ^= v >> 32;
        (v >> 40) as f64 / (1u64 << 24) as f64
    }

    /// In [0, 1], smooth at the scale of one unit.
    fn at(self, x: f64, y: f64) -> f64 {
        let (ix, iy) = (x.floor(), y.floor());
        let (fx, fy) = (x - ix, y - iy);
        let (u, v) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
        let (ix, iy) = (ix as i64, iy as i64);
        let top = self.corner(ix, iy) * (1.0 - u) + self.corner(ix + 1, iy) * u;
        let low = self.corner(ix, iy + 1) * (1.0 - u) + self.corner(ix + 1, iy + 1) * u;
        top * (1.0 - v) + low * v
    }

    /// Sum of `octaves` of noise, each twice as fine and half as strong, in [0, 1].
    fn fractal(self, x: f64, y: f64, octaves: u32) -> f64 {
        let (mut sum, mut weight, mut total, mut step) = (0.0, 1.0, 0.0, 1.0);
        for i in 0..octaves {
            sum += weight * Noise(self.0.wrapping_add(u64::from(i) * 77)).at(x * step, y * step);
            total += weight;
            weight *= 0.5;
            step *= 2.03;
        }
        sum / total
    }
}

/// Width over height.
pub(super) fn aspect(rng: &mut Rng) -> f64 {
    pick(rng, &[1.0, 1.5, 1.33, 0.75, 0.67, 1.78])
}

/// Straight RGBA bytes of a photo-like picture; with `cut_out`, an oval of it on a transparent ground.
pub(super) fn draw(rng: &mut Rng, t: &Theme, kind: usize, width: u32, height: u32, cut_out: bool) -> Vec<u8> {
    let scene = Scene::new(rng, t, kind, f64::from(width) / f64::from(height));
    let (w, h) = (f64::from(width), f64::from(height));
    let long = w.max(h);
    let exposure = between(rng, 0.85, 1.1);
    let vignette = between(rng, 0.0, 0.5);
    let grain = between(rng, 1.0, 5.0);
    let mut lines: Vec<Vec<Colour>> = Vec::new();
    for y in 0..height {
        let v = (f64::from(y) + 0.5) / long;
        let mut line = Vec::with_capacity(width as usize);
        for x in 0..width {
            let u = (f64::from(x) + 0.5) / long;
            let far = ((f64::from(x) / w - 0.5).powi(2) + (f64::from(y) / h - 0.5).powi(2)) * 2.0;
            line.push(scale(scene.at(u, v), exposure * (1.0 - vignette * far)));
        }
        lines.push(line);
    }
    // A lens never resolves single pixels: a 3 x 3 binomial blur, then grain.
    let mut out = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height as usize {
        for x in 0..width as usize {
            let mut sum = [0.0; 3];
            for (dy, wy) in [(-1isize, 1.0), (0, 2.0), (1, 1.0)] {
                let line = &lines[y.saturating_add_signed(dy).min(height as usize - 1)];
                for (dx, wx) in [(-1isize, 1.0), (0, 2.0), (1, 1.0)] {
                    let p = line[x.saturating_add_signed(dx).min(width as usize - 1)];
                    for k in 0..3 {
                        sum[k] += p[k] * wx * wy / 16.0;
                    }
                }
            }
            let shared = super::gaussian(rng);
            for value in sum {
                let own = super::gaussian(rng);
                out.push((value + grain * (0.8 * shared + 0.4 * own)).round().clamp(0.0, 255.0) as u8);
            }
            let (dx, dy) = (x as f64 / w - 0.5, y as f64 / h - 0.5);
            let edge = (0.46 - (dx * dx + dy * dy).sqrt()) * long / 2.5 + 0.5;
            out.push(if cut_out { (edge.clamp(0.0, 1.0) * 255.0).round() as u8 } else { 255 });
        }
    }
    out
}

/// What the camera sees.
struct Scene {
    kind: usize,
    noise: Noise,
    inks: [Colour; 5],
    aspect: f64,
    zoom: f64,
    spots: Vec<(f64, f64, f64, Colour)>,
}

impl Scene {
    fn new(rng: &mut Rng, t: &Theme, kind: usize, aspect: f64) -> Self {
        // Photographs are rarely as saturated as drawings.
        let inks = t.all.map(|c| {
            let grey = c.luma() as u8;
            colour(c.mix(Rgb(grey, grey, grey), 0.35))
        });
        let (w, h) = if aspect >= 1.0 { (1.0, 1.0 / aspect) } else { (aspect, 1.0) };
        let n = if kind == 1 { rng.usize(18..40) } else { rng.usize(3..7) };
        let spots = (0..n)
            .map(|_| {
                let r = if kind == 1 { between(rng, 0.02, 0.09) } else { between(rng, 0.08, 0.16) };
                let down = if chance(rng, 0.5) { 0.5 } else { 0.75 };
                (w * rng.f64(), h * if kind == 1 { rng.f64() } else { down }, r, inks[rng.usize(..5)])
            })
            .collect();
        Self { kind, noise: Noise(rng.u64(..)), inks, aspect, zoom: between(rng, 0.7, 1.6), spots }
    }

    /// Colour at `(u, v)`, where the longer side is 1.
    fn at(&self, u: f64, v: f64) -> Colour {
        let n = self.noise;
        let z = self.zoom;
        let h = if self.aspect >= 1.0 { 1.0 / self.aspect } else { 1.0 };
        let down = v / h;
        match self.kind {
            0 => {
                let height = |x: f64, y: f64| n.fractal(x * 5.0 * z, y * 5.0 * z, 7);
                let e = 0.003;
                let (a, b, c) = (height(u, v), height(u + e, v), height(u, v + e));
                let light = (0.6 + (a - b) * 55.0 + (a - c) * 30.0).clamp(0.15, 1.5);
                let rock = mix([92.0, 104.0, 62.0], [150.0, 130.0, 105.0], ramp(0.4, 0.6, a));
                scale(mix(rock, [240.0, 242.0, 246.0], ramp(0.6, 0.68, a)), light)
            }
            1 => {
                let mut out = mix(scale(self.inks[0], 0.5), scale(self.inks[1], 0.4), n.fractal(u * 2.0, v * 2.0, 3));
                for (x, y, r, ink) in &self.spots {
                    let d = ((u - x).powi(2) + (v - y).powi(2)).sqrt() / r;
                    let lit = (1.0 - ramp(0.75, 1.15, d)) * (0.45 + 0.3 * ramp(0.4, 0.95, d));
                    for k in 0..3 {
                        out[k] += ink[k] * lit;
                    }
                }
                out
            }
            2 => {
                let sky = mix([70.0, 120.0, 190.0], [205.0, 222.0, 236.0], down);
                let cover = ramp(0.42, 0.72, n.fractal(u * 4.0 * z, v * 7.0 * z, 6));
                let lit = n.fractal(u * 4.0 * z + 0.1, v * 7.0 * z + 0.25, 5);
                let sky = mix(sky, scale([255.0, 252.0, 248.0], 0.72 + 0.5 * (lit - 0.25)), cover);
                let ridge = 0.72 + 0.18 * (n.fractal(u * 3.0, 7.0, 6) - 0.5);
                let land = scale(mix([58.0, 74.0, 46.0], [120.0, 118.0, 84.0], n.fractal(u * 30.0, v * 60.0, 4)), 0.75);
                mix(sky, land, ramp(ridge - 0.003, ridge + 0.004, down))
            }
            3 => {
                let wall = mix(self.inks[4], self.inks[2], down);
                let grain = n.fractal(u * 6.0, v * 60.0, 5);
                let table = scale(mix([150.0, 104.0, 70.0], [196.0, 150.0, 108.0], grain), 1.15 - 0.3 * down);
                let mut out =
                    mix(scale(wall, 0.9 + 0.1 * n.fractal(u * 40.0, v * 40.0, 3)), table, ramp(0.595, 0.605, down));
                for (x, y, r, _) in &self.spots {
                    let base = y * 0.2 + h * 0.62;
                    let shadow = ((u - x - r * 0.5).powi(2) + ((v - base - r * 0.9) * 3.5).powi(2)).sqrt() / r;
                    out = scale(out, 1.0 - 0.55 * (1.0 - ramp(0.2, 1.5, shadow)));
                }
                for (x, y, r, ink) in &self.spots {
                    let base = y * 0.2 + h * 0.62;
                    let (dx, dy) = ((u - x) / r, (v - base) / r);
                    let d = (dx * dx + dy * dy).sqrt();
                    if d < 1.05 {
                        let nz = (1.0 - (d * d).min(1.0)).sqrt();
                        let lit = (-dx * 0.5 - dy * 0.65 + nz * 0.6).max(0.0);
                        let shine = lit.powi(24) * 190.0;
                        let skin = 0.85 + 0.3 * n.fractal(u * 50.0, v * 50.0, 3);
                        let mut ball = scale(*ink, (0.2 + 0.95 * lit) * skin);
                        for value in &mut ball {
                            *value += shine;
                        }
                        out = mix(ball, out, ramp(0.985, 1.02, d));
                    }
                }
                out
            }
            4 => {
                let horizon = 0.42;
                let sky = mix(self.inks[1], [250.0, 214.0, 170.0], ramp(0.0, horizon, down));
                let depth = ((down - horizon) * 3.0).max(0.001);
                let wave = n.fractal(u * 12.0 / (depth + 0.15), 5.0 / (depth + 0.04), 5);
                let glint = ramp(0.58, 0.75, wave) * (1.0 - (u - 0.5).abs() * 1.5);
                let sea = mix(scale([30.0, 72.0, 104.0], 0.55 + 0.7 * wave), [255.0, 226.0, 190.0], glint * 0.8);
                mix(
                    scale(sky, 0.9 + 0.2 * n.fractal(u * 3.0, v * 9.0, 5)),
                    sea,
                    ramp(horizon - 0.004, horizon + 0.004, down),
                )
            }
            5 => {
                let bend = n.fractal(u * 2.0, v * 1.2, 4);
                let rings = ((u * 9.0 * z + bend * 7.0).sin() * 0.5 + 0.5).powf(1.5);
                let fibre = n.fractal(u * 90.0, v * 5.0, 4);
                scale(mix([120.0, 76.0, 44.0], [206.0, 158.0, 104.0], rings), 0.72 + 0.5 * fibre)
            }
            6 => {
                let mut out = scale([40.0, 58.0, 30.0], 0.5 + n.fractal(u * 3.0, v * 3.0, 4));
                for layer in 0..3u64 {
                    let size = 9.0 + 5.0 * layer as f64;
                    let m = Noise(n.0.wrapping_add(layer * 1009));
                    let (px, py) = (u * size + m.at(u * 3.0, v * 3.0), v * size + m.at(v * 3.0, u * 3.0 + 9.0));
                    let (ix, iy) = (px.floor(), py.floor());
                    let (a, b) = (m.corner(ix as i64, iy as i64), m.corner(ix as i64 + 91, iy as i64));
                    let turn = a * TAU;
                    let (dx, dy) = (px - ix - 0.5, py - iy - 0.5);
                    let (along, across) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
                    let d = ((along / 0.48).powi(2) + (across / 0.24).powi(2)).sqrt();
                    let vein = 0.85 + 0.15 * ramp(0.0, 0.05, across.abs());
                    let leaf = scale(
                        mix([56.0, 96.0, 36.0], [160.0, 186.0, 84.0], b),
                        (0.55 + 0.25 * layer as f64 + 0.35 * across) * vein,
                    );
                    out = mix(leaf, out, ramp(0.88, 1.05, d));
                }
                scale(out, 0.75 + 0.5 * n.fractal(u * 25.0, v * 25.0, 4))
            }
            _ => {
                let back = mix(scale(self.inks[1], 0.5), scale(self.inks[4], 0.8), n.fractal(u * 1.5, v * 1.5, 3));
                let w = if self.aspect >= 1.0 { 1.0 } else { self.aspect };
                let (dx, dy) = ((u - w / 2.0) / (0.2 * h), (v - 0.42 * h) / (0.27 * h));
                let skin = [208.0, 158.0, 128.0];
                let lit = 0.75 + 0.3 * (-dx * 0.6 - dy * 0.3) + 0.12 * (n.fractal(u * 70.0, v * 70.0, 3) - 0.5);
                let eyes = [-0.4, 0.4]
                    .iter()
                    .map(|x| 1.0 - ramp(0.08, 0.2, (((dx - x) * 0.8).powi(2) + (dy + 0.1).powi(2) * 2.0).sqrt()))
                    .sum::<f64>();
                let mouth = 1.0 - ramp(0.1, 0.3, ((dx * 0.7).powi(2) + ((dy - 0.52) * 2.8).powi(2)).sqrt());
                let face = mix(mix(scale(skin, lit), [40.0, 26.0, 22.0], eyes * 0.8), [150.0, 70.0, 70.0], mouth * 0.7);
                let d = (dx * dx + dy * dy).sqrt();
                let cloth = scale(self.inks[0], 0.6 + 0.6 * n.fractal(u * 40.0, v * 8.0, 5));
                let body = ((u - w / 2.0) / (0.42 * h)).powi(2) + ((v - 1.05 * h) / (0.38 * h)).powi(2);
                let hair_d = (dx * dx + (dy + 0.28).powi(2)).sqrt();
                let hair = scale([62.0, 42.0, 32.0], 0.5 + 1.1 * n.fractal(u * 90.0 + dy * 2.0, v * 12.0, 4));
                let out = mix(cloth, back, ramp(0.93, 1.04, body));
                let out = mix(hair, out, ramp(1.02, 1.14, hair_d));
                mix(face, out, ramp(0.94, 1.02, d + if dy < -0.55 { (-dy - 0.55) * 1.4 } else { 0.0 }))
            }
        }
    }
}
