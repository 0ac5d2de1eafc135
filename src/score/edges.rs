//! How far contours have moved, px: a first-order estimate that needs no contour tracing.
//!
//! Where a step of contrast C is moved by d, the absolute difference summed across it is C·d, and the
//! gradient summed across it is C. Their ratio, summed over all contours, is the mean displacement, for
//! any d smaller than the features. Three things would spoil it, and are dealt with:
//!
//! * **Changed colour.** A recoloured area differs too, but as a plateau, while a moved contour differs
//!   in a thin band. A morphological opening keeps the plateaus; only what it removes is counted. (The
//!   opening nibbles at the anti-aliased rim of a plateau, so its result is grown back by one pixel.)
//! * **Noise and slow ramps.** Only pixels within [`NEAR`] of a contour of either picture count, and there
//!   is a contour where the gradient of some channel is at least [`CONTOUR`].
//! * **Contours that are gone.** A contour with nothing like it within [`NEAR`] in the other picture has
//!   not moved, it is missing (or invented), and counts as [`CAP`].
//!
//! The worst of the three channels is reported. Where it fails: strokes thinner than the band that the
//! opening removes (9 px) which change colour read as displaced, and a displacement past the width of a
//! feature is underestimated.

use super::compare::{Ground, Pair};

/// The most that is reported, px: what moved further is in another place, not displaced.
pub(crate) const CAP: f64 = 8.0;

/// Reach within which contours of the two pictures belong together, px: half of [`CAP`], since a
/// difference lies between the two contours.
const NEAR: usize = 4;

/// Radius of the octagon that the opening uses, px: bands up to 2 × 4 px wide are removed by it.
const OCTAGON: usize = 4;

/// Least gradient of a contour, 8-bit steps a pixel: above noise and the ramps of gradients.
const CONTOUR: u8 = 12;

/// Least gradient that is summed near a contour: the flanks of an anti-aliased step belong to it.
const FLANK: u8 = 3;

/// Differences up to this are rounding, not displacement, 8-bit steps.
const ROUNDING: u8 = 1;

/// A contour is missing when so many times the greatest gradient nearby in the other picture is less than
/// its own: contours that have only become fainter are matters of colour.
const MISSING: u16 = 4;

/// A channel with less than this share of the strongest channel's gradient is measured against that
/// share, so that faint traces in one channel do not decide.
const FAINT: f64 = 0.25;

/// Side of a tile, px, and of the surroundings that its pixels depend on.
const TILE: usize = 64;
const HALO: usize = 2 * OCTAGON + 2;
const LOADED: usize = TILE + 2 * HALO;
const AREA: usize = LOADED * LOADED;

/// Sums of the source's gradient in each tile and channel, by ground: the part that does not depend on
/// the SVG.
pub(crate) struct SourceEdges(Vec<[f64; 3]>);

impl SourceEdges {
    /// Sums the gradient of `pixels`.
    pub(crate) fn new(pixels: &[[u8; 4]], width: usize, height: usize, ground: Ground) -> Self {
        let mut work = Work::new();
        let sums = tiles(width, height).map(|corner| {
            let grey = load(pixels, (width, height), ground, corner, &mut work.a.channels);
            let core = Core::of((width, height), corner);
            work.a.find_contours(grey, &mut work.spare);
            work.a.contours(&core, grey)
        });
        Self(sums.collect())
    }
}

/// Top left corners of the tiles.
fn tiles(width: usize, height: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).step_by(TILE).flat_map(move |top| (0..width).step_by(TILE).map(move |left| (left, top)))
}

/// Mean displacement of contours over `ground`, px, in [0, [`CAP`]].
pub(crate) fn displacement(pair: &Pair, source: &SourceEdges, ground: Ground) -> f64 {
    let mut work = Work::new();
    let (mut moved, mut contours) = ([0.0_f64; 3], [0.0_f64; 3]);
    for ((left, top), sums) in tiles(pair.width, pair.height).zip(&source.0) {
        let (l, t) = (left as isize - HALO as isize, top as isize - HALO as isize);
        if pair.agree_in(l, t, left + TILE + HALO, top + TILE + HALO) {
            for c in 0..3 {
                contours[c] += sums[c];
            }
            continue;
        }
        let size = (pair.width, pair.height);
        let grey_a = load(pair.a, size, ground, (left, top), &mut work.a.channels);
        let grey_b = load(pair.b, size, ground, (left, top), &mut work.b.channels);
        let core = Core::of(size, (left, top));
        let grey = grey_a && grey_b;
        work.a.find_contours(grey, &mut work.spare);
        work.b.find_contours(grey, &mut work.spare);
        let (of_a, of_b) = (work.a.contours(&core, grey), work.b.contours(&core, grey));
        let mut tile_moved = 0.0;
        for c in 0..3 {
            if c == 0 || !grey {
                tile_moved = work.moved(c, &core);
            }
            moved[c] += tile_moved;
            contours[c] += 0.5 * (of_a[c] + of_b[c]);
        }
    }
    let strongest = contours.into_iter().fold(0.0, f64::max);
    if strongest == 0.0 {
        return 0.0;
    }
    let worst = (0..3).map(|c| moved[c] / contours[c].max(FAINT * strongest)).fold(0.0, f64::max);
    worst.min(CAP)
}

/// The part of a loaded tile that belongs to it alone.
struct Core {
    columns: usize,
    rows: usize,
}

impl Core {
    fn of(size: (usize, usize), corner: (usize, usize)) -> Self {
        Self { columns: TILE.min(size.0 - corner.0), rows: TILE.min(size.1 - corner.1) }
    }

    /// Indices of the core's rows in a loaded plane.
    fn row_ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let columns = self.columns;
        (0..self.rows).map(move |y| {
            let start = (y + HALO) * LOADED + HALO;
            start..start + columns
        })
    }
}

/// A plane of a loaded tile, row by row.
type Plane = Box<[u8; AREA]>;

fn plane() -> Plane {
    Box::new([0; AREA])
}

/// One picture's side of a tile.
struct Side {
    channels: [Plane; 3],
    gradients: [Plane; 3],
    /// The greatest gradient of the channels.
    steepest: Plane,
    /// The greatest of `steepest` within [`NEAR`].
    near: Plane,
}

impl Side {
    fn new() -> Self {
        let planes = || [plane(), plane(), plane()];
        Self { channels: planes(), gradients: planes(), steepest: plane(), near: plane() }
    }

    /// Fills everything but `channels` from them; only the first gradient when the tile is `grey`.
    fn find_contours(&mut self, grey: bool, spare: &mut [u8; AREA]) {
        gradient(&self.channels[0], &mut self.gradients[0]);
        self.steepest.copy_from_slice(&self.gradients[0][..]);
        if !grey {
            for c in 1..3 {
                gradient(&self.channels[c], &mut self.gradients[c]);
                for (steepest, &g) in self.steepest.iter_mut().zip(self.gradients[c].iter()) {
                    *steepest = (*steepest).max(g);
                }
            }
        }
        widen(&self.steepest, &mut self.near, spare);
    }

    /// Sum of the gradient along contours, by channel.
    fn contours(&self, core: &Core, grey: bool) -> [f64; 3] {
        let sum = |gradient: &Plane| {
            let rows = core.row_ranges().map(|row| {
                let pairs = gradient[row.clone()].iter().zip(&self.near[row]);
                pairs.map(|(&g, &near)| if g >= FLANK && near >= CONTOUR { u32::from(g) } else { 0 }).sum::<u32>()
            });
            f64::from(rows.sum::<u32>())
        };
        if grey { [sum(&self.gradients[0]); 3] } else { [0, 1, 2].map(|c| sum(&self.gradients[c])) }
    }
}

/// The planes of one tile.
struct Work {
    a: Side,
    b: Side,
    difference: Plane,
    opened: Plane,
    spare: Plane,
}

impl Work {
    fn new() -> Self {
        Self { a: Side::new(), b: Side::new(), difference: plane(), opened: plane(), spare: plane() }
    }

    /// The difference of channel `c` that is due to contours which have moved or are missing.
    fn moved(&mut self, c: usize, core: &Core) -> f64 {
        let (a, b) = (&self.a, &self.b);
        for ((d, &a), &b) in self.difference.iter_mut().zip(a.channels[c].iter()).zip(b.channels[c].iter()) {
            let v = a.abs_diff(b);
            *d = if v <= ROUNDING { 0 } else { v };
        }
        self.opened.copy_from_slice(&self.difference[..]);
        for step in 0..OCTAGON {
            shrink_or_grow(&mut self.opened, &mut self.spare, step % 2 == 1, u8::min);
        }
        for step in 0..OCTAGON {
            shrink_or_grow(&mut self.opened, &mut self.spare, step % 2 == 1, u8::max);
        }
        shrink_or_grow(&mut self.opened, &mut self.spare, true, u8::max);
        let (mut band, mut missing) = (0_u32, 0.0_f32);
        for row in core.row_ranges() {
            let (near_a, near_b) = (&a.near[row.clone()], &b.near[row.clone()]);
            let (difference, opened) = (&self.difference[row.clone()], &self.opened[row.clone()]);
            let mut sum = 0_u32;
            for (((&na, &nb), &d), &o) in near_a.iter().zip(near_b).zip(difference).zip(opened) {
                let counts = u8::from(na.max(nb) >= CONTOUR);
                sum += u32::from(d.saturating_sub(o) * counts);
            }
            band += sum;
            for (own, other) in [(a, b), (b, a)] {
                missing += missing_in_row(own, other, c, row.clone());
            }
        }
        f64::from(band) + 0.5 * CAP * f64::from(missing)
    }
}

/// Gradient of channel `c` along contours of `own` in a row that `other` does not have.
fn missing_in_row(own: &Side, other: &Side, c: usize, row: std::ops::Range<usize>) -> f32 {
    let (steepest, near) = (&own.steepest[row.clone()], &other.near[row.clone()]);
    let gone = |steepest: u8, near: u8| u16::from(near) * MISSING < u16::from(steepest);
    // Nearly always nothing is missing, which this finds out quickly.
    if !steepest.iter().zip(near).fold(false, |any, (&s, &n)| any | (gone(s, n) & (s >= FLANK))) {
        return 0.0;
    }
    let mut sum = 0.0;
    for (i, (&s, &n)) in row.zip(steepest.iter().zip(near)) {
        if own.near[i] >= CONTOUR && own.gradients[c][i] >= FLANK && gone(s, n) {
            let share = 1.0 - f32::from(n) * f32::from(MISSING) / f32::from(s);
            sum += share * f32::from(own.gradients[c][i]);
        }
    }
    sum
}

/// Fills the three channels of the tile with its surroundings, the picture being continued by its
/// border; says whether the tile is grey.
fn load(
    pixels: &[[u8; 4]],
    (width, height): (usize, usize),
    ground: Ground,
    (left, top): (usize, usize),
    planes: &mut [Plane; 3],
) -> bool {
    let mut chroma = 0_u32;
    let [r, g, b] = planes;
    let inside = left >= HALO && left + TILE + HALO <= width;
    let rows = r.chunks_exact_mut(LOADED).zip(g.chunks_exact_mut(LOADED)).zip(b.chunks_exact_mut(LOADED));
    for (y, ((r, g), b)) in rows.enumerate() {
        let row = &pixels[(top + y).saturating_sub(HALO).min(height - 1) * width..][..width];
        let mut edge = [[0_u8; 4]; LOADED];
        let stretch: &[[u8; 4]] = if inside {
            &row[left - HALO..left + TILE + HALO]
        } else {
            for (x, pixel) in edge.iter_mut().enumerate() {
                *pixel = row[(left + x).saturating_sub(HALO).min(width - 1)];
            }
            &edge
        };
        for (((&pixel, r), g), b) in stretch.iter().zip(r).zip(g).zip(b) {
            let [red, green, blue] = ground.lanes(pixel);
            chroma |= (red ^ green) | (green ^ blue);
            (*r, *g, *b) = (red as u8, green as u8, blue as u8);
        }
    }
    chroma == 0
}

/// Length of the central difference; the outermost pixels of the plane keep 0.
///
/// The root is replaced by the usual bound from the longer and the shorter leg, which is within 3 % and
/// stays in 16-bit integers.
fn gradient(from: &[u8; AREA], to: &mut [u8; AREA]) {
    for y in 1..LOADED - 1 {
        let start = y * LOADED;
        let above = &from[start - LOADED + 1..start - 1];
        let left = &from[start..start + LOADED - 2];
        let right = &from[start + 2..start + LOADED];
        let below = &from[start + LOADED + 1..start + 2 * LOADED - 1];
        let out = &mut to[start + 1..start + LOADED - 1];
        for x in 0..LOADED - 2 {
            let dx = u16::from(left[x].abs_diff(right[x]));
            let dy = u16::from(above[x].abs_diff(below[x]));
            let (long, short) = (dx.max(dy), dx.min(dy));
            // At most 255 · 1.375, so half of it fits 8 bits.
            out[x] = long.max(long - long / 8 + short / 2).div_ceil(2) as u8;
        }
    }
}

/// The greatest value within [`NEAR`] in each direction; right in the core of the tile. Each step
/// doubles the stretch that a value stands for: 1, 2, 4, 8, and 9 from two that overlap.
fn widen(from: &[u8; AREA], to: &mut [u8; AREA], spare: &mut [u8; AREA]) {
    const { assert!(2 * NEAR + 1 == 9) };
    let ahead = |plane: &mut [u8; AREA], distance: usize| {
        for i in 0..AREA - distance {
            plane[i] = plane[i].max(plane[i + distance]);
        }
    };
    spare.copy_from_slice(from);
    for distance in [1, 2, 4, 1] {
        ahead(spare, distance);
    }
    for distance in [1, 2, 4, 1] {
        ahead(spare, distance * LOADED);
    }
    // The stretch of a pixel now begins at it; it is to have the pixel in its middle.
    let back = NEAR * LOADED + NEAR;
    to[back..].copy_from_slice(&spare[..AREA - back]);
}

/// One step of an erosion (`pick` is min) or dilation (max): over the four neighbours, or all eight when
/// `square`. Alternating the two makes an octagon. The plane's outermost pixels stay as they are.
fn shrink_or_grow(plane: &mut [u8; AREA], spare: &mut [u8; AREA], square: bool, pick: impl Fn(u8, u8) -> u8) {
    spare.copy_from_slice(&plane[..]);
    for y in 1..LOADED - 1 {
        let row = |y: usize, x: usize| &spare[y * LOADED + x..y * LOADED + x + LOADED - 2];
        let (left, here, right) = (row(y, 0), row(y, 1), row(y, 2));
        let (above, below) = (row(y - 1, 1), row(y + 1, 1));
        let out = &mut plane[y * LOADED + 1..(y + 1) * LOADED - 1];
        for x in 0..LOADED - 2 {
            out[x] = pick(pick(left[x], right[x]), pick(here[x], pick(above[x], below[x])));
        }
        if square {
            for (corner_above, corner_below) in [(row(y - 1, 0), row(y + 1, 0)), (row(y - 1, 2), row(y + 1, 2))] {
                for x in 0..LOADED - 2 {
                    out[x] = pick(out[x], pick(corner_above[x], corner_below[x]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Trust, render};

    fn drawn(body: &str) -> Vec<[u8; 4]> {
        let svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160"><rect width="160" height="160" fill="#fff"/>{body}</svg>"##
        );
        render(svg.as_bytes(), 160, 160, Trust::Own).unwrap().pixels().to_vec()
    }

    fn between(a: &str, b: &str) -> f64 {
        let (a, b) = (drawn(a), drawn(b));
        let pair = Pair { a: &a, b: &b, width: 160, height: 160 };
        displacement(&pair, &SourceEdges::new(&a, 160, 160, Ground::White), Ground::White)
    }

    /// A bar with edges at `left` and `right`, anti-aliased exactly (the renderer rounds upright edges to
    /// quarters of a pixel).
    fn bar(left: f64, right: f64, color: [u8; 3]) -> Vec<[u8; 4]> {
        let row = (0..160).map(|x| {
            let x = f64::from(x);
            let cover = (right.min(x + 1.0) - left.max(x)).clamp(0.0, 1.0);
            let [r, g, b] = color.map(|v| (255.0 + cover * (f64::from(v) - 255.0)).round() as u8);
            [r, g, b, 255]
        });
        row.collect::<Vec<_>>().repeat(160)
    }

    #[test]
    fn a_shifted_bar_reads_its_shift() {
        for d in [0.1, 0.25, 0.5, 1.0, 2.0, 4.0] {
            for color in [[0, 0, 0], [200, 30, 30], [150, 170, 190]] {
                for left in [40.0, 40.3, 61.7] {
                    let (a, b) = (bar(left, left + 50.0, color), bar(left + d, left + 50.0 + d, color));
                    let pair = Pair { a: &a, b: &b, width: 160, height: 160 };
                    let got = displacement(&pair, &SourceEdges::new(&a, 160, 160, Ground::White), Ground::White);
                    assert!((got / d - 1.0).abs() < 0.15, "{color:?} at {left} by {d} reads {got}");
                }
            }
        }
    }

    #[test]
    fn a_grown_disc_reads_its_growth() {
        for d in [0.1, 0.25, 0.5, 1.0, 2.0] {
            let disc = |r: f64| format!(r##"<circle cx="80" cy="80" r="{r}" fill="#136"/>"##);
            let got = between(&disc(50.0), &disc(50.0 + d));
            assert!((got / d - 1.0).abs() < 0.15, "{d} reads {got}");
        }
    }

    #[test]
    fn a_shifted_square_reads_the_mean_over_its_contour() {
        // Two of four sides move, so the mean over the contour is half of the shift.
        for d in [0.25, 0.5, 1.0, 2.0] {
            let square = |x: f64| format!(r##"<rect x="{x}" y="40" width="70" height="70" fill="#024"/>"##);
            let got = between(&square(40.0), &square(40.0 + d));
            assert!((got / (d / 2.0) - 1.0).abs() < 0.15, "{d} reads {got}");
        }
    }

    #[test]
    fn recolouring_is_not_displacement() {
        for shape in [
            r#"<circle cx="80" cy="80" r="50" fill="COLOR"/>"#,
            r#"<rect x="30" y="40" width="90" height="70" fill="COLOR"/>"#,
        ] {
            for (from, to) in [("#248", "#46a"), ("#248", "#842"), ("#c00", "#0c0")] {
                let got = between(&shape.replace("COLOR", from), &shape.replace("COLOR", to));
                assert!(got < 0.1, "{shape} {from} to {to} reads {got}");
            }
        }
    }

    #[test]
    fn a_lost_shape_counts_as_the_cap() {
        let disc = r##"<circle cx="80" cy="80" r="50" fill="#136"/>"##;
        assert!(between(disc, "") > 0.9 * CAP);
        assert!(between("", disc) > 0.9 * CAP);
        assert_eq!(between(disc, disc), 0.0);
        assert_eq!(between("", ""), 0.0);
    }
}
