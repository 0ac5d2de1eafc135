//! Stage 10: regions of constant width as centre lines.
//!
//! | module | what it does |
//! |---|---|
//! | `outline` | the outline of a region as marks, close together |
//! | `axis` | its medial axis, from the Voronoi diagram of the marks |
//! | `arms` | parts of the axis of one width, and how they go on where they meet |
//! | `paths` | arms that go on in each other as one line of pieces |
//! | `ends` | caps and joins |
//! | `polish` | all lines at once against the outline |
//! | `proof` | strokes drawn and held against the area |
//!
//! A region is written as strokes when they draw the same and are shorter: both are drawn and compared, and
//! what they differ by is held against the numbers that are saved. A region of which a part is no stroke stays
//! an outline as a whole.

mod arms;
mod axis;
mod ends;
mod outline;
mod paths;
mod polish;
mod proof;

use std::collections::BTreeMap;

use super::compose;
use super::fit::{Costs, Curve, segment::Effort};
use super::intake::MARGIN;
use super::palette::Ink;
use super::planar_map::{OUTSIDE, PlanarMap};
use super::regularity::shared::{Measure, agreed};
use super::regularity::to_grid;
use crate::document::{Cap, Contour, Join, Point, Primitive, Segment, Stroke};
use outline::Outline;
use paths::Line;

/// Whether regions of constant width become strokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strokes {
    /// Where they are shorter and no worse.
    Auto,
    /// No region.
    Never,
    /// Every region that has about one width.
    Always,
}

/// Length of an outline against its width below which a region is a blob, a ratio: a disc has 6.3, an oval of two
/// to one 7.5.
const LEAST_SLENDER: f64 = 9.0;

/// Least width of a stroke, px: what is thinner is as often a blend that was taken for a region.
const LEAST_WIDTH: f64 = 0.5;

/// Least length of the outline of a stroke, px: a shorter one is a dot.
const LEAST_LENGTH: f64 = 8.0;

/// Least distance between the ends of a line against its width, a ratio: a shorter one is a dot, which is not drawn
/// by all renderers.
const LEAST_EXTENT: f64 = 0.05;

/// Distance between marks against the width, a ratio: the axis is known to a hundredth of that.
const MARK_SPACING: f64 = 0.2;

/// Least distance between marks, px: the outline is not known any closer.
const LEAST_SPACING: f64 = 0.25;

/// Largest distance between marks, px: about that of the measured points.
const MOST_SPACING: f64 = 1.0;

/// Distance between the marks of a first look against the width, a ratio: it tells radii to half a per cent.
const COARSE_SPACING: f64 = 0.1;

/// How much farther apart than the others they are where a first look pays, a ratio: most regions are no strokes, and
/// it takes as much less time.
const COARSER: f64 = 1.5;

/// Part of the axis that has one of a few widths in a first look at strokes, a share: half of it has at a closer one.
const LEAST_SHARE: f64 = 0.3;

/// Most marks on an outline, a count: a longer one is no drawing of strokes.
const MAX_MARKS: usize = 60_000;

/// Largest mean distance of strokes from the area that they take the place of, px: outlines of strokes that are
/// interrupted by others are off by as much themselves.
const MAX_MEAN: f64 = 0.03;

/// Largest distance anywhere, px: with 0.45 SSIMULACRA2 falls below that of outlines (`docs/engine-log.md`).
const MAX_WORST: f64 = 0.3;

/// By how much both may be exceeded when strokes are wanted at any price, a ratio: a pen is no better.
const WANTED: f64 = 8.0;

/// Mean distance from the area that is worth as much as e times the numbers, px: below it a look at the picture
/// shows nothing.
const MEAN_PER_NAT: f64 = 0.02;

/// Mean distance from the area from which closer lines are not tried, px: something else is missing.
const HOPELESS: f64 = 0.06;

/// Largest distance from which they are not tried, px: a corner or an end is missing.
const HOPELESS_WORST: f64 = 0.6;

/// Mean distance from the area that no stroke can reach, wherever it is moved, from which lines are not tried, px: what
/// widths and ends may still gain is a few hundredths.
const MISSING: f64 = 0.24;

/// Mean distance of an outline from what was drawn, px: what strokes have to be compared with.
const OUTLINE_MEAN: f64 = 0.008;

/// Room around an area for the strokes that are held against it, against their width, a ratio: they get hardly wider.
const ROOM: f64 = 1.5;

/// Deviations of a centre line that count as nothing, px: one after the other is tried.
const SIGMAS: [f64; 3] = [0.12, 0.04, 0.012];

/// What the attributes of a stroke are worth, a count: some 80 bytes, of three or four a number.
const ATTRIBUTES: usize = 20;

/// Farthest that a width is moved to be that of others, px: both sides of a stroke are known to half of it.
const SAME_WIDTH: f64 = 0.015;

/// The strokes of one region.
#[derive(Debug, Clone)]
pub struct Found {
    /// Ways of one style each, in the coordinates of the map.
    pub shapes: Vec<(Vec<Contour>, Stroke)>,
    /// Numbers that they save.
    saved: usize,
}

/// The strokes of each region that is better written as such. `curves` are the boundaries of `map`, in its order;
/// regions of more than one colour are left alone.
pub fn find(
    map: &PlanarMap,
    inks: &[Ink],
    curves: &[Curve],
    costs: Costs,
    effort: Effort,
    wanted: Strokes,
) -> BTreeMap<u32, Found> {
    let mut found = BTreeMap::new();
    if wanted == Strokes::Never {
        return found;
    }
    for region in 0..map.regions.len() as u32 {
        if inks[usize::from(map.regions[region as usize].ink)].flat().is_none() {
            continue;
        }
        let rings = &map.rings[region as usize];
        let outer = |r: &Vec<_>| r.iter().any(|h| compose::beyond(map, *h) == OUTSIDE);
        if rings.iter().any(outer) {
            continue;
        }
        let rings: Vec<Contour> = rings.iter().map(|r| compose::whole_ring(map, curves, r)).collect();
        if let Some(strokes) = of_region(map, &rings, costs, effort, wanted) {
            found.insert(region, strokes);
        }
    }
    unite_widths(&mut found);
    if wanted == Strokes::Auto {
        drop_dear(map, &mut found);
    }
    found
}

/// Gives strokes whose widths agree within what is known of them one width.
fn unite_widths(found: &mut BTreeMap<u32, Found>) {
    let of_shape = |(contours, stroke): &(Vec<Contour>, Stroke)| Measure {
        value: stroke.width,
        weight: numbers(contours) as f64,
        reach: SAME_WIDTH,
    };
    let measures: Vec<Measure> = found.values().flat_map(|f| f.shapes.iter().map(of_shape)).collect();
    let widths = agreed(&measures, to_grid);
    for ((_, stroke), width) in found.values_mut().flat_map(|f| &mut f.shapes).zip(widths) {
        stroke.width = width;
    }
}

/// Leaves out regions that save less together, style by style, than the attributes of the style cost.
fn drop_dear(map: &PlanarMap, found: &mut BTreeMap<u32, Found>) {
    let style = |ink: u16, s: &Stroke| (ink, (s.width * 100.0).round() as i64, s.cap, s.join);
    let mut saved: BTreeMap<_, usize> = BTreeMap::new();
    for (region, f) in found.iter() {
        for (_, stroke) in &f.shapes {
            *saved.entry(style(map.regions[*region as usize].ink, stroke)).or_default() += f.saved / f.shapes.len();
        }
    }
    found.retain(|region, f| {
        f.shapes.iter().all(|(_, stroke)| {
            saved.get(&style(map.regions[*region as usize].ink, stroke)).is_some_and(|s| *s >= ATTRIBUTES)
        })
    });
}

/// Numbers that contours take.
fn numbers(contours: &[Contour]) -> usize {
    contours
        .iter()
        .map(|c| {
            if let Some(p) = c.primitive {
                return match p {
                    Primitive::Circle(..) => 3,
                    Primitive::Ellipse(..) => 4,
                    Primitive::Rect(_, _, r) => 4 + usize::from(r > 0.0),
                };
            }
            let mut from = c.start;
            let mut n = 2;
            for s in &c.segments {
                let d = s.end() - from;
                n += match s {
                    Segment::Line(_) if d.x.abs() < 0.005 || d.y.abs() < 0.005 => 1,
                    Segment::Line(_) => 2,
                    Segment::Cubic(..) | Segment::Arc(_) => 6,
                };
                from = s.end();
            }
            n
        })
        .sum()
}

fn of_region(map: &PlanarMap, rings: &[Contour], costs: Costs, effort: Effort, wanted: Strokes) -> Option<Found> {
    // Twice the area over the length is the width, for a stroke.
    let rough = Outline::new(rings, 2.0);
    let length = rough.length();
    let width = 2.0 * rough.area() / length.max(1e-9);
    if !(width > LEAST_WIDTH) || length < LEAST_SLENDER * width || length < LEAST_LENGTH {
        return None;
    }
    let spacing = (width * MARK_SPACING).clamp(LEAST_SPACING, MOST_SPACING);
    if length / spacing > MAX_MARKS as f64 {
        return None;
    }
    let coarse = width * COARSE_SPACING;
    if coarse > COARSER * spacing && arms::share(&axis::find(&Outline::new(rings, coarse))) < LEAST_SHARE {
        return None;
    }
    let outline = Outline::new(rings, spacing);
    let places = axis::find(&outline);
    let (widths, arms) = arms::find(&outline, &places)?;
    let leave = if wanted == Strokes::Always { WANTED } else { 1.0 };
    let m = MARGIN as f64;
    let inside = (Point::new(m, m), Point::new(map.width as f64 - m, map.height as f64 - m));
    let widest = widths.iter().copied().fold(0.0, f64::max);
    let area = proof::Area::new(rings, ROOM * widest, outline.length(), inside)?;
    let before = numbers(rings);
    let worth = |numbers: usize, mean: f64| (numbers.max(1) as f64).ln() + mean / MEAN_PER_NAT;
    let mut best: Option<(f64, Found)> = None;
    let mut tried: Vec<Vec<Line>> = Vec::new();
    for sigma in SIGMAS {
        let costs = Costs { sigma, ..costs };
        let mut widths = widths.clone();
        let lines = paths::find(&arms, costs, effort);
        if tried.contains(&lines) {
            continue;
        }
        let most: f64 = lines.iter().map(|line| line.most_area(widths[line.width])).sum();
        if wanted == Strokes::Auto && most < outline.area() - MISSING * outline.length() {
            break;
        }
        tried.push(lines.clone());
        let Some((shapes, off)) = drawn(&area, &outline, lines, &mut widths) else { continue };
        let after: usize = shapes.iter().map(|s| numbers(&s.0)).sum();
        if wanted == Strokes::Auto && (off.mean > HOPELESS || off.worst > HOPELESS_WORST) {
            break;
        }
        let price = worth(after, off.mean);
        if off.mean <= leave * MAX_MEAN && off.worst <= leave * MAX_WORST && best.as_ref().is_none_or(|b| price < b.0) {
            best = Some((price, Found { shapes, saved: before.saturating_sub(after) }));
            if off.mean < OUTLINE_MEAN {
                break;
            }
        }
    }
    let (price, found) = best?;
    (wanted == Strokes::Always || price < worth(before, OUTLINE_MEAN)).then_some(found)
}

/// The strokes that `lines` are when they have been held against the outline, and how far they are from it.
#[expect(clippy::type_complexity, reason = "shapes with their styles, and a figure")]
fn drawn(
    area: &proof::Area,
    outline: &Outline,
    mut lines: Vec<Line>,
    widths: &mut [f64],
) -> Option<(Vec<(Vec<Contour>, Stroke)>, proof::Difference)> {
    // What has no length is not drawn.
    if lines.is_empty() || lines.iter().any(|l| !l.is_closed() && l.extent() < LEAST_EXTENT * widths[l.width]) {
        return None;
    }
    let caps = ends::caps(outline, &lines, widths);
    let cap = ends::cap(&caps);
    ends::place(&mut lines, &caps, cap);
    let join = ends::join(outline, &lines, widths).unwrap_or(Join::Round);
    polish::polish(outline, &mut lines, widths, cap, join)?;
    if cap == Cap::Butt {
        let caps = ends::caps(outline, &lines, widths);
        ends::place(&mut lines, &caps, cap);
    }
    let mut best: Option<(Vec<(Vec<Contour>, Stroke)>, proof::Difference)> = None;
    let others = [Join::Round, Join::Miter, Join::Bevel].into_iter().filter(|j| *j != join);
    for join in std::iter::once(join).chain(others) {
        let shapes = shapes(&lines, widths, cap, join);
        let off = area.compare(&shapes)?;
        if best.as_ref().is_none_or(|b| off.mean < b.1.mean) {
            best = Some((shapes, off));
        }
        // Corners that meet the outline of others do not show how they are joined: the drawing does.
        if off.mean > 2.0 * HOPELESS || off.worst < MAX_WORST / 2.0 || ends::corners(&lines, widths).next().is_none() {
            break;
        }
    }
    best
}

/// Lines of one width each.
fn shapes(lines: &[Line], widths: &[f64], cap: Cap, join: Join) -> Vec<(Vec<Contour>, Stroke)> {
    let mut shapes = Vec::new();
    for (k, width) in widths.iter().enumerate() {
        let of_width: Vec<Contour> =
            lines.iter().filter(|l| l.width == k).map(|l| compose::curve_contour(&l.curve)).collect();
        if of_width.is_empty() {
            continue;
        }
        let open = lines.iter().any(|l| l.width == k && !l.is_closed());
        let corners = ends::corners(lines, widths).any(|(.., half)| (half * 2.0 - width).abs() < 1e-9);
        let cap = if open { cap } else { Cap::Butt };
        // With nothing to join the shorter attribute will do.
        let join = if corners || open { join } else { Join::Miter };
        shapes.push((of_width, Stroke { width: *width, cap, join }));
    }
    shapes
}
