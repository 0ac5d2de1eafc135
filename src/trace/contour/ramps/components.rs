//! Areas of a picture that no edge divides, and in which the colour changes.

use std::collections::{HashMap, VecDeque};

use crate::trace::contour::intake::{Intake, Runs, max_difference};

/// Second difference that rounding and a gentle bend explain, 8-bit steps: rounding alone makes up to two.
const BEND: i16 = 2;

/// Slope against the second difference that it excuses, a ratio: a bend with a radius of so many px.
const SLOPE_SHARE: i16 = 6;

/// Fewest pixels in the midst of a ramp that differ from its commonest colour, a count: fewer do not tell which
/// way it runs.
const MIN_PIXELS: usize = 24;

/// Difference from the commonest colour up to which a pixel is taken for it, 8-bit steps: twice the rounding of
/// a render.
const DIFFERENT: u8 = 2;

/// Least range of a channel, 8-bit steps: with less a ramp looks like one colour.
const MIN_RANGE: u8 = 4;

/// Farthest that the edges on both sides of a strip are from a pixel of it, px: a wider one has pixels that are far enough
/// from edges to be an area.
const STRIP: usize = 4;

/// Most that a strip's colour changes from one pixel to the next, 8-bit steps: beside an edge, a blend is steeper.
const STEEP: u8 = 4;

/// A smoothly shaded area.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its pixels, row by row.
    pub pixels: Vec<u32>,
    /// Those of them all of whose neighbours are too.
    pub inner: Vec<u32>,
}

/// What a pixel is among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Edge,
    Bent,
    Constant,
}

/// The smoothly shaded areas of `intake`, the largest first; and strips, of which all pixels are near an edge.
pub fn find(intake: &Intake, runs: &Runs) -> (Vec<Component>, Vec<Component>) {
    let (w, h) = (intake.width, intake.height);
    let look = looks(intake, runs);
    // Beside an edge, a blend may pass for a slope; a ramp slopes farther from edges too.
    let slopes = |i: &usize| look[*i] == Look::Bent && beside(*i, w, h).all(|j| look[j] != Look::Edge);
    let seeds = || runs.uneven().flatten().filter(slopes);
    let most = |mut found: Vec<Component>| {
        found.retain(|c| varies(intake, &c.inner));
        found.sort_by_key(|c| std::cmp::Reverse(c.pixels.len()));
        found
    };
    let mut found = Vec::new();
    if seeds().take(MIN_PIXELS).count() == MIN_PIXELS {
        found = most(flooded(intake, seeds(), |j| look[j] != Look::Edge).collect(0..w * h));
    }
    // Strips may run into each other where they are wide enough for a pixel of an area.
    let strip = |i: usize| look[i] != Look::Edge && is_strip(intake, &look, i);
    let seeds = || runs.uneven().flatten().filter(|i| look[*i] == Look::Bent && strip(*i));
    if seeds().take(MIN_PIXELS).count() < MIN_PIXELS {
        return (found, Vec::new());
    }
    let mut taken = vec![false; w * h];
    found.iter().flat_map(|c| &c.pixels).for_each(|i| taken[*i as usize] = true);
    let mut strips = flooded(intake, seeds().filter(|i| !taken[*i]), |i| !taken[i] && strip(i)).collect(0..w * h);
    // All of it is near an edge, and evidence nevertheless.
    strips.iter_mut().for_each(|strip| strip.inner.clone_from(&strip.pixels));
    let strips = most(strips);
    (found, strips)
}

/// The areas of what is `open` from `seeds` on in which the colour changes.
fn flooded(intake: &Intake, seeds: impl Iterator<Item = usize>, open: impl Fn(usize) -> bool) -> Areas {
    let mut areas = Areas::new(intake.width, intake.height);
    for start in seeds {
        let (mut low, mut high) = ([255u8; 4], [0u8; 4]);
        let count = areas.flood(start, &open, |i| {
            let p = intake.pixels[i];
            for c in 0..4 {
                low[c] = low[c].min(p[c]);
                high[c] = high[c].max(p[c]);
            }
        });
        let range = (0..4).map(|c| high[c].saturating_sub(low[c])).max().unwrap_or(0);
        areas.end(count, range >= MIN_RANGE);
    }
    areas
}

/// Whether pixel `i` is between two edges that are near each other, and its colour hardly changes.
fn is_strip(intake: &Intake, look: &[Look], i: usize) -> bool {
    let (w, h) = (intake.width, intake.height);
    let (x, y) = (i % w, i / w);
    let edge = |room: usize, step: isize| {
        (1..=STRIP.min(room)).any(|k| look[i.wrapping_add_signed(step * k as isize)] == Look::Edge)
    };
    let row = w as isize;
    let between = (edge(x, -1) && edge(w - 1 - x, 1)) || (edge(y, -row) && edge(h - 1 - y, row));
    between && beside(i, w, h).all(|j| max_difference(intake.pixels[i], intake.pixels[j]) <= STEEP)
}

/// Connected areas of a picture, found one after the other.
struct Areas {
    w: usize,
    h: usize,
    /// For each pixel that was flooded the number of its area, from 1 on; else 0.
    name: Vec<u32>,
    /// Pixels of each area, or 0 when it is not wanted.
    counts: Vec<usize>,
    /// Pixels whose neighbours are to be looked at.
    front: VecDeque<u32>,
}

impl Areas {
    fn new(w: usize, h: usize) -> Self {
        Self { w, h, name: vec![0; w * h], counts: Vec::new(), front: VecDeque::new() }
    }

    /// Floods what is `open` from `start`, in rings: the front is short where a stack would hold most of the area.
    /// Each pixel is shown to `visit`. How many there are: none where it was flooded before.
    fn flood(&mut self, start: usize, open: impl Fn(usize) -> bool, mut visit: impl FnMut(usize)) -> usize {
        let (w, h, own) = (self.w, self.h, self.counts.len() as u32 + 1);
        let name = &mut self.name;
        let mut enter = |j: usize| {
            let enters = open(j) && name[j] == 0;
            if enters {
                name[j] = own;
            }
            enters
        };
        let mut count = 0;
        if enter(start) {
            self.front.push_back(start as u32);
        }
        while let Some(i) = self.front.pop_front() {
            count += 1;
            visit(i as usize);
            self.front.extend(beside(i as usize, w, h).filter(|j| enter(*j)).map(|j| j as u32));
        }
        count
    }

    /// Ends the area that was flooded last, of `count` pixels: it is kept when it is wanted and large enough.
    fn end(&mut self, count: usize, wanted: bool) {
        if count > 0 {
            self.counts.push(if wanted && count >= MIN_PIXELS { count } else { 0 });
        }
    }

    /// The areas that were kept, of the `pixels` among which they are. Their lists are made when their lengths are
    /// known: one that grows takes up to three times its place.
    fn collect(self, pixels: impl Iterator<Item = usize>) -> Vec<Component> {
        let Self { w, h, name, counts, .. } = self;
        let mut found: Vec<Component> = Vec::new();
        // Most names of a noisy picture are of a few pixels and not wanted.
        let mut place = Vec::with_capacity(counts.len());
        for n in &counts {
            place.push(found.len() as u32);
            if *n > 0 {
                found.push(Component { pixels: Vec::with_capacity(*n), inner: Vec::with_capacity(*n) });
            }
        }
        for i in pixels.filter(|i| name[*i] != 0 && counts[name[*i] as usize - 1] > 0) {
            let component = &mut found[place[name[i] as usize - 1] as usize];
            component.pixels.push(i as u32);
            if beside(i, w, h).all(|j| name[j] == name[i]) {
                component.inner.push(i as u32);
            }
        }
        found
    }
}

/// The pixels beside pixel `i` of a picture of `w` x `h`.
pub fn beside(i: usize, w: usize, h: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (i % w, i / w);
    let ways = [(x > 0, i.wrapping_sub(1)), (x + 1 < w, i + 1), (y > 0, i.wrapping_sub(w)), (y + 1 < h, i + w)];
    ways.into_iter().filter(|(there, _)| *there).map(|(_, j)| j)
}

/// Part of a component that is one colour from which that is a flat ground, a share: a ramp has a few per cent
/// of each.
const GROUND_SHARE: f64 = 0.35;

/// Difference from the ground's colour, 8-bit steps: rounding explains that much.
const GROUND: u8 = 1;

/// How many pixels of a component are in its commonest colour, when many are, and the parts that are not.
pub fn without_ground(intake: &Intake, component: &Component) -> Option<(usize, Vec<Component>)> {
    let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
    for i in &component.pixels {
        *counts.entry(intake.pixels[*i as usize]).or_default() += 1;
    }
    let (mode, _) = counts.iter().max_by_key(|(c, n)| (**n, std::cmp::Reverse(**c)))?;
    let near = |i: u32| max_difference(intake.pixels[i as usize], *mode) <= GROUND;
    let ground = component.pixels.iter().filter(|i| near(**i)).count();
    let many = ground as f64 >= GROUND_SHARE * component.pixels.len() as f64;
    many.then(|| (ground, divide(intake, component, near).1))
}

/// Times that each pixel takes the side of most around it, a count: enough for lone pixels and notches two
/// pixels deep.
const SMOOTHING: usize = 2;

/// Divides a component into the pixels for which `mine` holds, and the connected parts for which it does not;
/// what is too small for a part stays with the first. The border between them is smoothed.
pub fn divide(intake: &Intake, component: &Component, mine: impl Fn(u32) -> bool) -> (Vec<u32>, Vec<Component>) {
    const OUT: u8 = 0;
    const MINE: u8 = 1;
    const OTHER: u8 = 2;
    let (w, h) = (intake.width, intake.height);
    let mut side = vec![OUT; w * h];
    for i in &component.pixels {
        side[*i as usize] = if mine(*i) { MINE } else { OTHER };
    }
    for _ in 0..SMOOTHING {
        let before = side.clone();
        for i in &component.pixels {
            let (x, y) = (*i as usize % w, *i as usize / w);
            let mut votes = [0usize; 3];
            for yy in y.saturating_sub(1)..(y + 2).min(h) {
                for xx in x.saturating_sub(1)..(x + 2).min(w) {
                    votes[usize::from(before[yy * w + xx])] += 1;
                }
            }
            if votes[1] != votes[2] {
                side[*i as usize] = if votes[1] > votes[2] { MINE } else { OTHER };
            }
        }
    }
    let mut areas = Areas::new(w, h);
    let all = || component.pixels.iter().map(|i| *i as usize);
    for start in all() {
        let count = areas.flood(start, |j| side[j] == OTHER, |_| {});
        areas.end(count, true);
    }
    let mut parts = areas.collect(all());
    parts.retain(|part| part.inner.len() >= MIN_PIXELS);
    let taken = parts.iter().map(|part| part.pixels.len()).sum::<usize>();
    parts.iter().flat_map(|part| &part.pixels).for_each(|i| side[*i as usize] = OUT);
    let mut rest = Vec::with_capacity(component.pixels.len() - taken);
    rest.extend(component.pixels.iter().copied().filter(|i| side[*i as usize] != OUT));
    (rest, parts)
}

/// Whether enough of the pixels differ from their commonest colour.
fn varies(intake: &Intake, pixels: &[u32]) -> bool {
    let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
    for i in pixels {
        *counts.entry(intake.pixels[*i as usize]).or_default() += 1;
    }
    let Some((mode, _)) = counts.iter().max_by_key(|(c, n)| (**n, std::cmp::Reverse(**c))) else { return false };
    let differing = counts.iter().filter(|(c, _)| max_difference(**c, *mode) > DIFFERENT).map(|(_, n)| *n as usize);
    differing.sum::<usize>() >= MIN_PIXELS
}

/// What each pixel is.
fn looks(intake: &Intake, runs: &Runs) -> Vec<Look> {
    let (w, h) = (intake.width, intake.height);
    let mut look = vec![Look::Constant; w * h];
    for run in runs.uneven() {
        let (first, y) = (run.start - run.start % w, run.start / w);
        let [above, row, below] =
            [y.saturating_sub(1), y, (y + 1).min(h - 1)].map(|y| &intake.pixels[y * w..(y + 1) * w]);
        for i in run.clone() {
            let x = i - first;
            let (left, right) = (x.saturating_sub(1), (x + 1).min(w - 1));
            let p = row[x];
            let lines = [
                (row[left], row[right]),
                (above[x], below[x]),
                (above[left], below[right]),
                (above[right], below[left]),
            ];
            let smooth = lines.iter().all(|(a, b)| {
                (0..4).all(|c| {
                    let (a, b, p) = (i16::from(a[c]), i16::from(b[c]), i16::from(p[c]));
                    (a + b - 2 * p).abs() <= BEND + (a - b).abs() / 2 / SLOPE_SHARE
                })
            });
            look[i] = if smooth { Look::Bent } else { Look::Edge };
        }
    }
    look
}
