//! Stage 3, second half, and stage 4: regions, and one copy of each boundary between two of them.
//!
//! Regions are connected runs of one ink; pixels that touch at a corner only are joined where the four
//! pixels around that corner say so, and that is decided once. Boundaries run along the cracks between
//! pixels and are cut at junctions, where more than two regions meet. Topology is fixed here and never
//! changes later.

use std::collections::{BTreeMap, HashMap};

use super::intake::{Intake, squared_distance};
use super::labels::Labels;
use super::palette::Ink;
use crate::document::Point;

/// The region outside the picture, an index: no picture has as many regions.
pub const OUTSIDE: u32 = u32::MAX;

/// A lattice point: the corner of pixels, px.
pub type Corner = (u32, u32);

/// A connected part of the picture in one ink.
#[derive(Debug, Clone)]
pub struct Region {
    /// Index into the inks.
    pub ink: u16,
    /// Pixels that are mostly this region.
    pub area: usize,
}

/// One boundary between two regions, on the lattice.
#[derive(Debug, Clone)]
pub struct Boundary {
    /// The region on the left when walking along `corners` (y is down).
    pub left: u32,
    /// The region on the right; [`OUTSIDE`] along the rim of the picture.
    pub right: u32,
    /// Lattice points in order; a closed boundary ends where it starts.
    pub corners: Vec<Corner>,
    /// Junctions at both ends; `None` for a closed boundary without one.
    pub ends: Option<(usize, usize)>,
}

impl Boundary {
    /// Whether it runs along the rim of the picture.
    pub fn is_rim(&self) -> bool {
        self.left == OUTSIDE || self.right == OUTSIDE
    }

    /// Twice the signed area between it and the origin, px²; for a ring that inside it, positive where it
    /// turns right.
    pub fn twice_area(&self) -> i64 {
        let cross = |a: Corner, b: Corner| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1);
        self.corners.windows(2).map(|w| cross(w[0], w[1])).sum()
    }

    /// Whether it is a ring without a junction.
    pub fn is_ring(&self) -> bool {
        self.ends.is_none()
    }
}

/// A boundary walked in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HalfBoundary {
    /// Index into [`PlanarMap::boundaries`].
    pub boundary: usize,
    /// Whether it is walked from its end to its start.
    pub reversed: bool,
}

/// Regions, boundaries and junctions.
#[derive(Debug, Clone)]
pub struct PlanarMap {
    /// Steps of the lattice along a side of a pixel, a count: what is in px below is in cells where there are two.
    pub cells: usize,
    /// Width, px.
    pub width: usize,
    /// Height, px.
    pub height: usize,
    /// For each pixel its region.
    pub region_of: Vec<u32>,
    /// The regions.
    pub regions: Vec<Region>,
    /// All boundaries, each once.
    pub boundaries: Vec<Boundary>,
    /// Lattice points where more than two boundaries end.
    pub junctions: Vec<Corner>,
    /// For each region its rings, as boundaries in order with the region on the left.
    pub rings: Vec<Vec<Vec<HalfBoundary>>>,
}

impl PlanarMap {
    /// Whether a lattice point is on the left or right rim of the picture, and on its upper or lower one.
    pub fn on_rim(&self, (x, y): Corner) -> (bool, bool) {
        (x == 0 || x as usize == self.width, y == 0 || y as usize == self.height)
    }

    /// The index of the pixel at `p`; `None` outside the picture.
    pub fn pixel_at(&self, p: Point) -> Option<usize> {
        let inside = p.x >= 0.0 && p.y >= 0.0 && p.x < self.width as f64 && p.y < self.height as f64;
        // A signed number of 32 bits is what processors round to quickest.
        inside.then(|| p.y as i32 as usize * self.width + p.x as i32 as usize)
    }
}

/// Which diagonal of the four pixels around a lattice point is joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    None,
    /// Upper left with lower right.
    Falling,
    /// Lower left with upper right.
    Rising,
}

/// Where pixels that touch at a corner only are joined.
type Joins = HashMap<Corner, Join>;

/// Directions on the lattice, px: east, south, west, north, so that the next one is a turn to the right.
const STEP: [(i32, i32); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

struct Grid<'a> {
    w: usize,
    h: usize,
    label: &'a [u32],
    joins: Joins,
}

impl Grid<'_> {
    fn at(&self, x: i32, y: i32) -> u32 {
        if x < 0 || y < 0 || x as usize >= self.w || y as usize >= self.h {
            OUTSIDE
        } else {
            self.label[y as usize * self.w + x as usize]
        }
    }

    /// Regions to the left and right of the step from `(x, y)` in direction `d`.
    fn sides(&self, x: i32, y: i32, d: usize) -> (u32, u32) {
        match d {
            0 => (self.at(x, y - 1), self.at(x, y)),
            1 => (self.at(x, y), self.at(x - 1, y)),
            2 => (self.at(x - 1, y), self.at(x - 1, y - 1)),
            _ => (self.at(x - 1, y - 1), self.at(x, y - 1)),
        }
    }

    /// Whether a boundary leaves `(x, y)`, for each direction.
    fn leaves(&self, x: i32, y: i32) -> [bool; 4] {
        let (w, at) = (self.w, y as usize * self.w + x as usize);
        // The regions around it, from the upper left one to the right.
        let [a, b, c, d] = if x > 0 && y > 0 && (x as usize) < w && (y as usize) < self.h {
            [self.label[at - w - 1], self.label[at - w], self.label[at], self.label[at - 1]]
        } else {
            [self.at(x - 1, y - 1), self.at(x, y - 1), self.at(x, y), self.at(x - 1, y)]
        };
        [b != c, c != d, d != a, a != b]
    }

    /// What is joined at `(x, y)`, which boundaries leave in the directions `leaves`.
    fn join(&self, x: i32, y: i32, leaves: [bool; 4]) -> Join {
        // Nothing is where fewer than four do, as nearly everywhere.
        if leaves != [true; 4] {
            return Join::None;
        }
        self.joins.get(&(x as u32, y as u32)).copied().unwrap_or(Join::None)
    }

    fn is_junction(&self, x: i32, y: i32) -> bool {
        let leaves = self.leaves(x, y);
        leaves.into_iter().filter(|leaves| *leaves).count() > 2 && self.join(x, y, leaves) == Join::None
    }

    /// The direction in which a boundary goes on that reaches `(x, y)`, no junction, in direction `d`.
    fn onward(&self, x: i32, y: i32, d: usize) -> usize {
        let (right, left) = ((d + 1) % 4, (d + 3) % 4);
        let leaves = self.leaves(x, y);
        match self.join(x, y, leaves) {
            Join::None => {
                let ways = [left, d, right];
                ways.into_iter().find(|w| leaves[*w]).unwrap_or(d)
            }
            // Walking east or west, the joined falling diagonal is behind left and ahead right.
            Join::Falling => {
                if d.is_multiple_of(2) {
                    right
                } else {
                    left
                }
            }
            Join::Rising => {
                if d.is_multiple_of(2) {
                    left
                } else {
                    right
                }
            }
        }
    }
}

/// Connected regions of one ink, as labels from 0.
fn connect(labels: &[u16], intake: &Intake, inks: &[Ink], w: usize, h: usize) -> (Vec<u32>, Vec<Region>, Joins) {
    // Runs of equal pixels, joined by union-find over rows.
    struct Run {
        start: u32,
        end: u32,
        ink: u16,
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut rows: Vec<usize> = Vec::with_capacity(h + 1);
    for y in 0..h {
        rows.push(runs.len());
        let row = &labels[y * w..(y + 1) * w];
        let mut start = 0;
        for chunk in (0..w).step_by(PASSED) {
            let to = w.min(chunk + PASSED);
            // Most of a picture is in the midst of regions.
            if row[chunk..to].iter().fold(0, |off, ink| off | (ink ^ row[start])) == 0 {
                continue;
            }
            for x in chunk..to {
                if row[x] != row[start] {
                    runs.push(Run { start: start as u32, end: x as u32, ink: row[start] });
                    start = x;
                }
            }
        }
        if w > 0 {
            runs.push(Run { start: start as u32, end: w as u32, ink: row[start] });
        }
    }
    rows.push(runs.len());
    let mut parent: Vec<u32> = (0..runs.len() as u32).collect();
    fn root(parent: &mut [u32], mut i: u32) -> u32 {
        while parent[i as usize] != i {
            parent[i as usize] = parent[parent[i as usize] as usize];
            i = parent[i as usize];
        }
        i
    }
    let unite = |parent: &mut Vec<u32>, a: usize, b: usize| {
        let (a, b) = (root(parent, a as u32), root(parent, b as u32));
        if a != b {
            let (low, high) = (a.min(b), a.max(b));
            parent[high as usize] = low;
        }
    };
    let mut joins = HashMap::new();
    for y in 1..h {
        let (mut i, mut j) = (rows[y - 1], rows[y]);
        while i < rows[y] && j < rows[y + 1] {
            let (a, b) = (&runs[i], &runs[j]);
            let overlap = a.start < b.end && b.start < a.end;
            if overlap && a.ink == b.ink {
                unite(&mut parent, i, j);
            }
            // Corners where four pixels meet crosswise.
            if a.end == b.end {
                if (a.end as usize) < w {
                    let (ul, ur, ll, lr) = (a.ink, runs[i + 1].ink, b.ink, runs[j + 1].ink);
                    if ul != ur && ll != lr && ul != ll && ur != lr && (ul == lr || ur == ll) {
                        let falling =
                            ul == lr && (ur != ll || prefers_falling(intake, inks, a.end as usize, y, w, ul, ur));
                        if falling {
                            unite(&mut parent, i, j + 1);
                            joins.insert((a.end, y as u32), Join::Falling);
                        } else {
                            unite(&mut parent, i + 1, j);
                            joins.insert((a.end, y as u32), Join::Rising);
                        }
                    }
                }
                i += 1;
                j += 1;
            } else if a.end < b.end {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    let mut number = vec![u32::MAX; runs.len()];
    let mut regions: Vec<Region> = Vec::new();
    let mut region_of = vec![0u32; w * h];
    for y in 0..h {
        for k in rows[y]..rows[y + 1] {
            let r = root(&mut parent, k as u32) as usize;
            if number[r] == u32::MAX {
                number[r] = regions.len() as u32;
                regions.push(Region { ink: runs[k].ink, area: 0 });
            }
            let (a, b) = (runs[k].start as usize, runs[k].end as usize);
            region_of[y * w + a..y * w + b].fill(number[r]);
            regions[number[r] as usize].area += b - a;
        }
    }
    (region_of, regions, joins)
}

/// How far around a lattice point a mark must be thin to be joined across it, px: as far as a line of a pixel takes
/// to fill one that it runs through.
const THIN_REACH: usize = 3;

/// Coverage of a full pixel, a share: rounding takes no more off.
const FULL: f32 = 0.98;

/// Whether the ink of the falling diagonal has more of the four pixels around a lattice point than the
/// other one: that one is then joined.
fn prefers_falling(intake: &Intake, inks: &[Ink], x: usize, y: usize, w: usize, falling: u16, rising: u16) -> bool {
    let (f, r) = (&inks[usize::from(falling)], &inks[usize::from(rising)]);
    let at = |x: usize, y: usize| super::labels::coverage(intake.color(y * w + x), f.at(x, y), r.at(x, y)).0;
    let h = intake.height;
    // A mark that no pixel near is full of goes on across the corner, however little it has of these four.
    let (mut least, mut most) = (1.0f32, 0.0f32);
    for yy in y.saturating_sub(THIN_REACH)..(y + THIN_REACH).min(h) {
        for xx in x.saturating_sub(THIN_REACH)..(x + THIN_REACH).min(w) {
            let share = at(xx, yy);
            (least, most) = (least.min(share), most.max(share));
        }
    }
    let (thin, gap) = (most < FULL, least > 1.0 - FULL);
    if thin != gap {
        return thin;
    }
    let share = at(x - 1, y - 1) + at(x, y - 1) + at(x - 1, y) + at(x, y);
    if (share - 2.0).abs() > 0.02 {
        return share > 2.0;
    }
    // As much of one as of the other: the one that is rarer around is the figure.
    let mut wide = 0.0;
    let mut n = 0.0;
    for yy in y.saturating_sub(4)..(y + 4).min(h) {
        for xx in x.saturating_sub(4)..(x + 4).min(w) {
            wide += at(xx, yy);
            n += 1.0;
        }
    }
    wide < n / 2.0
}

/// Gives regions of fewer than `least` pixels to the neighbour with whom they share most of their boundary;
/// whether there were any. Build the map again afterwards.
pub fn absorb(map: &PlanarMap, labels: &mut Labels, least: f64) -> bool {
    let small: Vec<bool> = map.regions.iter().map(|r| (r.area as f64) < least).collect();
    let heirs = heirs(map, |own, other| small[own as usize] && !small[other as usize]);
    hand_over(map, labels, &heirs)
}

/// For each region the neighbour, among those that `may` take it, with whom it shares most of its boundary.
fn heirs(map: &PlanarMap, may: impl Fn(u32, u32) -> bool) -> BTreeMap<u32, u32> {
    let mut shared: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for b in map.boundaries.iter().filter(|b| !b.is_rim()) {
        for (own, other) in [(b.left, b.right), (b.right, b.left)] {
            if may(own, other) {
                *shared.entry((own, other)).or_default() += b.corners.len();
            }
        }
    }
    let mut best: BTreeMap<u32, (usize, u32)> = BTreeMap::new();
    for ((own, other), length) in shared {
        let best = best.entry(own).or_insert((0, other));
        if length > best.0 {
            *best = (length, other);
        }
    }
    best.into_iter().map(|(own, (_, other))| (own, other)).collect()
}

/// Gives regions to their heirs; whether there were any.
fn hand_over(map: &PlanarMap, labels: &mut Labels, heirs: &BTreeMap<u32, u32>) -> bool {
    for (ink, region) in labels.ink.iter_mut().zip(&map.region_of) {
        if let Some(other) = heirs.get(region) {
            *ink = map.regions[*other as usize].ink;
        }
    }
    !heirs.is_empty()
}

/// Price of a small region of its own, nats: two dozen numbers at 8.5 nats each.
const SPECK_PRICE: f64 = 200.0;

/// Largest region that may be a speck, px²: larger ones are seen.
const MAX_SPECK: usize = 150;

/// Gives small regions beside a shaded area to that one when its gradients, with what they leave over anyway,
/// explain them as well; whether there were any. Build the map again afterwards.
pub fn absorb_specks(intake: &Intake, map: &PlanarMap, labels: &mut Labels) -> bool {
    let ramp = |region: u32| match &labels.inks[usize::from(map.regions[region as usize].ink)] {
        Ink::Ramp(ramp) => Some(ramp),
        Ink::Flat(_) => None,
    };
    let area = |region: u32| map.regions[region as usize].area;
    let speck = |own: u32, other: u32| area(own) <= MAX_SPECK && area(other) > area(own) && ramp(other).is_some();
    let mut heirs = heirs(map, speck);
    let mut misfit: BTreeMap<u32, f64> = BTreeMap::new();
    for (i, region) in map.region_of.iter().enumerate() {
        let Some(ramp) = heirs.get(region).and_then(|other| ramp(*other)) else { continue };
        let square = squared_distance(ramp.at(intake.middle(i)), intake.color(i));
        *misfit.entry(*region).or_default() += f64::from(square) / (2.0 * (1.0 + ramp.deviation * ramp.deviation));
    }
    heirs.retain(|own, _| misfit.get(own).is_some_and(|m| *m < SPECK_PRICE));
    hand_over(map, labels, &heirs)
}

/// Walks cracks and collects boundaries.
struct Walker<'a> {
    grid: Grid<'a>,
    /// A bit for each crack that was walked.
    visited: Vec<u64>,
    junction_at: HashMap<Corner, usize>,
    boundaries: Vec<Boundary>,
    /// The boundary that leaves a junction in a direction.
    leaving: HashMap<(Corner, u8), HalfBoundary>,
}

impl Walker<'_> {
    fn crack(&self, x: i32, y: i32, d: usize) -> usize {
        let (x, y) = match d {
            2 => (x - 1, y),
            3 => (x, y - 1),
            _ => (x, y),
        };
        (y as usize * (self.grid.w + 1) + x as usize) * 2 + d % 2
    }

    fn is_visited(&self, x: i32, y: i32, d: usize) -> bool {
        let c = self.crack(x, y, d);
        self.visited[c / 64] >> (c % 64) & 1 == 1
    }

    /// Walks from `(x0, y0)` in direction `d0` to the next junction, or around to the start.
    fn walk(&mut self, x0: i32, y0: i32, d0: usize) {
        let start = (x0 as u32, y0 as u32);
        let from = self.junction_at.get(&start).copied();
        let (left, right) = self.grid.sides(x0, y0, d0);
        let mut corners = vec![start];
        let (mut x, mut y, mut d) = (x0, y0, d0);
        let end = loop {
            let c = self.crack(x, y, d);
            self.visited[c / 64] |= 1 << (c % 64);
            x += STEP[d].0;
            y += STEP[d].1;
            corners.push((x as u32, y as u32));
            if self.grid.is_junction(x, y) {
                break self.junction_at.get(&(x as u32, y as u32)).copied();
            }
            let next = self.grid.onward(x, y, d);
            if (x, y) == (x0, y0) && next == d0 {
                break None;
            }
            d = next;
        };
        let boundary = self.boundaries.len();
        let ends = from.zip(end);
        if ends.is_some() {
            self.leaving.insert((start, d0 as u8), HalfBoundary { boundary, reversed: false });
            let back = ((d + 2) % 4) as u8;
            self.leaving.insert(((x as u32, y as u32), back), HalfBoundary { boundary, reversed: true });
        }
        self.boundaries.push(Boundary { left, right, corners, ends });
    }

    /// The boundary that goes on around the region on the left of `half`, from the junction at its end.
    fn next(&self, half: HalfBoundary) -> Option<HalfBoundary> {
        let corners = &self.boundaries[half.boundary].corners;
        let n = corners.len();
        let (before, at) = if half.reversed { (corners[1], corners[0]) } else { (corners[n - 2], corners[n - 1]) };
        let step = (at.0 as i32 - before.0 as i32, at.1 as i32 - before.1 as i32);
        let d = STEP.iter().position(|s| *s == step)?;
        let (right, left) = ((d + 1) % 4, (d + 3) % 4);
        [left, d, right].into_iter().find_map(|w| self.leaving.get(&(at, w as u8)).copied())
    }
}

/// Lattice points that are passed over together when none is on a boundary, a count: enough for a quick comparison.
const PASSED: usize = 32;

/// Builds the planar map of `labels`.
pub fn build(intake: &Intake, labels: &Labels) -> PlanarMap {
    let (w, h) = (intake.width, intake.height);
    let (region_of, regions, joins) = connect(&labels.ink, intake, &labels.inks, w, h);
    let grid = Grid { w, h, label: &region_of, joins };

    // Lattice points on a boundary, and the junctions among them.
    let mut active: Vec<Corner> = Vec::new();
    let mut junctions: Vec<Corner> = Vec::new();
    let mut visit = |x: usize, y: usize| {
        active.push((x as u32, y as u32));
        if grid.is_junction(x as i32, y as i32) {
            junctions.push((x as u32, y as u32));
        }
    };
    for y in 0..=h {
        // Every point of the rim is on one: beyond it is no region.
        if y == 0 || y == h {
            (0..=w).for_each(|x| visit(x, y));
            continue;
        }
        visit(0, y);
        let (above, row) = (&grid.label[(y - 1) * w..y * w], &grid.label[y * w..(y + 1) * w]);
        // Most of a picture is in the midst of regions.
        for x in (1..w).step_by(PASSED) {
            let to = w.min(x + PASSED);
            if above[x - 1..to] == row[x - 1..to] && row[x - 1..to - 1] == row[x..to] {
                continue;
            }
            for x in x..to {
                if above[x - 1] != above[x] || above[x - 1] != row[x - 1] || above[x - 1] != row[x] {
                    visit(x, y);
                }
            }
        }
        visit(w, y);
    }
    let mut walker = Walker {
        visited: vec![0; ((w + 1) * (h + 1) * 2).div_ceil(64)],
        junction_at: junctions.iter().enumerate().map(|(j, c)| (*c, j)).collect(),
        boundaries: Vec::new(),
        leaving: HashMap::new(),
        grid,
    };
    // From a junction boundaries leave in all directions; elsewhere those to the left and up were met before.
    let starts = junctions.iter().map(|p| (p, 4)).chain(active.iter().map(|p| (p, 2)));
    for ((x, y), ways) in starts {
        let (x, y) = (*x as i32, *y as i32);
        let leaves = walker.grid.leaves(x, y);
        for d in 0..ways {
            if leaves[d] && !walker.is_visited(x, y, d) {
                walker.walk(x, y, d);
            }
        }
    }

    let rings = rings(&walker, regions.len());
    let boundaries = walker.boundaries;
    PlanarMap { cells: intake.cells(), width: w, height: h, region_of, regions, boundaries, junctions, rings }
}

/// The rings of each region, from boundaries with the region on the left.
fn rings(walker: &Walker<'_>, regions: usize) -> Vec<Vec<Vec<HalfBoundary>>> {
    let mut rings: Vec<Vec<Vec<HalfBoundary>>> = vec![Vec::new(); regions];
    let mut used = vec![[false; 2]; walker.boundaries.len()];
    for (i, boundary) in walker.boundaries.iter().enumerate() {
        for reversed in [false, true] {
            let region = if reversed { boundary.right } else { boundary.left };
            if region == OUTSIDE || used[i][usize::from(reversed)] {
                continue;
            }
            let first = HalfBoundary { boundary: i, reversed };
            let mut ring = vec![first];
            used[i][usize::from(reversed)] = true;
            if !boundary.is_ring() {
                let mut at = first;
                while let Some(next) = walker.next(at) {
                    if next == first || used[next.boundary][usize::from(next.reversed)] {
                        break;
                    }
                    used[next.boundary][usize::from(next.reversed)] = true;
                    ring.push(next);
                    at = next;
                }
            }
            rings[region as usize].push(ring);
        }
    }
    rings
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The map of a picture whose pixels are pure inks, of four.
    pub(in crate::trace::contour) fn map(w: usize, h: usize, cells: &[u16]) -> PlanarMap {
        let pixels = cells.iter().map(|c| [*c as u8 * 60, 0, 255 - *c as u8 * 60, 255]).collect();
        let intake = Intake {
            width: w,
            height: h,
            pixels,
            noise: 0.0,
            deviation: 0.0,
            known_noise: None,
            damage: None,
            pixelwise: None,
        };
        let inks = (0..4).map(|c| Ink::Flat([c as f32 * 60.0, 0.0, 255.0 - c as f32 * 60.0, 255.0])).collect();
        build(&intake, &Labels { inks, ink: cells.to_vec(), unexplained: 0.0 })
    }

    fn twice_area(corners: impl Iterator<Item = Corner>) -> i64 {
        let c: Vec<_> = corners.map(|(x, y)| (i64::from(x), i64::from(y))).collect();
        (0..c.len()).map(|i| (c[i], c[(i + 1) % c.len()])).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum()
    }

    fn ring_corners(m: &PlanarMap, ring: &[HalfBoundary]) -> Vec<Corner> {
        let mut all = Vec::new();
        for half in ring {
            let mut c = m.boundaries[half.boundary].corners.clone();
            if half.reversed {
                c.reverse();
            }
            c.pop();
            all.extend(c);
        }
        all
    }

    #[test]
    fn two_halves_share_one_boundary_between_two_junctions() {
        let m = map(4, 2, &[0, 0, 1, 1, 0, 0, 1, 1]);
        assert_eq!((m.regions.len(), m.junctions.len(), m.boundaries.len()), (2, 2, 3));
        assert_eq!(m.boundaries.iter().filter(|b| !b.is_rim()).count(), 1);
    }

    proptest! {
        #[test]
        fn areas_add_up_rings_close_and_boundaries_have_two_sides(
            (w, h, cells) in (1usize..9, 1usize..9).prop_flat_map(|(w, h)| (Just(w), Just(h), prop::collection::vec(0u16..4, w * h)))
        ) {
            let m = map(w, h, &cells);
            prop_assert_eq!(m.regions.iter().map(|r| r.area).sum::<usize>(), w * h);
            let mut total = 0;
            for (r, rings) in m.regions.iter().zip(&m.rings) {
                // Walking with the region on the left is counterclockwise where y points up, and of
                // negative area where it points down.
                let area: i64 = rings.iter().map(|ring| -twice_area(ring_corners(&m, ring).into_iter())).sum();
                prop_assert_eq!(area, 2 * r.area as i64);
                total += area;
            }
            prop_assert_eq!(total, 2 * (w * h) as i64);
            let mut sides = vec![[0; 2]; m.boundaries.len()];
            for ring in m.rings.iter().flatten() {
                for half in ring {
                    sides[half.boundary][usize::from(half.reversed)] += 1;
                }
                for pair in 0..ring.len() {
                    let (a, b) = (ring[pair], ring[(pair + 1) % ring.len()]);
                    let (ca, cb) = (&m.boundaries[a.boundary].corners, &m.boundaries[b.boundary].corners);
                    let end = if a.reversed { ca[0] } else { ca[ca.len() - 1] };
                    let start = if b.reversed { cb[cb.len() - 1] } else { cb[0] };
                    prop_assert_eq!(end, start);
                }
            }
            for (b, s) in m.boundaries.iter().zip(&sides) {
                prop_assert_ne!(b.left, b.right);
                prop_assert_eq!(s[0], i32::from(b.left != OUTSIDE));
                prop_assert_eq!(s[1], i32::from(b.right != OUTSIDE));
            }
        }
    }
}
