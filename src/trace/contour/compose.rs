//! Stage 11: from regions and fitted boundaries to shapes in painter's order.
//!
//! *Stacked* (the default): larger regions first. Each boundary is drawn once, by the region that is painted
//! later; the earlier one runs on below it, so that no seam can show: a hole is left out, and where two
//! regions lie side by side the earlier one takes the shortest way below the later. *Cutout*: each region is
//! its own outline and nothing lies below anything.
//!
//! Rings are walked with their region on the left, holes the other way round, so that `nonzero` and
//! `evenodd` agree.

use std::cell::{Cell, LazyCell};
use std::collections::{BTreeMap, BTreeSet};

use super::crossings;
use super::drawn::{Drawn, pixels_inside, walked};
use super::ellipses;
use super::fit::{Chain, Curve, Piece, polygon};
use super::intake::{Intake, MARGIN, straight};
use super::palette::Ink;
use super::planar_map::{HalfBoundary, OUTSIDE, PlanarMap};
use super::sideways;
use super::strokes;
use crate::document::{Arc, Contour, Document, Gradient, Paint, Point, Primitive, Segment, Shape};

/// How regions share their boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stacking {
    /// Painter's order, with the lower region running on below the upper.
    Stacked,
    /// A mosaic.
    Cutout,
}

/// Alpha from which an ink hides what is below it, 8-bit steps: rounding takes no more than one off.
const OPAQUE: f32 = 254.0;

/// Alpha below which an ink is not drawn, 8-bit steps: rounding makes as much of nothing.
const CLEAR: f32 = 1.5;

/// How far below its neighbour a region runs on, px: more than the reach of anti-aliasing.
const UNDERLAP: f64 = 1.6;

/// Distance that the hidden way keeps from what is visible, px: more than half the diagonal of a pixel, so that
/// pixels it touches are hidden.
const CLEARANCE: f64 = 0.75;

/// Distances that a hidden way keeps, each with the distance from its ends within which it need not, px: so that it is
/// clear of every pixel that the boundary runs through but the last ones, where there is room.
const STEEP: [(f64, f64); 2] = [(1.0, 1.5), (1.0, 2.2)];

/// The same where there is less room, px: pixels that the way touches are hidden by half at least.
const LOOSE: (f64, f64) = (CLEARANCE, 1.7);

/// Depth of a way that is no more than the boundary moved below its neighbour, px: the diagonal of a pixel.
const OFFSET: f64 = 1.4;

/// Depths of the boundary moved below its neighbour piece by piece, px: less where the neighbour is narrow.
const DEPTHS: [f64; 2] = [OFFSET, 0.8];

/// Distance from the ends within which that must become hidden, px: farther, and it shows at the end.
const ROOM: f64 = 4.0;

/// Farthest that such a way is off, px: it is hidden.
const OFFSET_SLACK: f64 = 0.3;

/// Distance from the ends of a hidden way within which a pixel may be foreign, px: a junction is off its lattice point by
/// as much.
const END_SLACK: f64 = 1.5;

/// Area that a hidden way may cut off on the wrong side, px²: the lattice is off by that much at its ends.
const SLACK: f64 = 3.0;

/// Distance from its ends within which a hidden way is looked at against the fitted boundary, px: there it need not be
/// hidden.
const END_REACH: f64 = 2.5;

/// Length of a boundary up to which the way below its neighbour may not leave out anything there, px: a seam along a longer
/// one is worse than the slit.
const SHORT: f64 = 16.0;

/// Depth of what a way may leave out of its own region there, px: a slit of that width is hardly seen.
const SLIT: f64 = 0.25;

/// Most points of a hidden way, a count: beyond it the boundary itself is about as short and is taken.
const MAX_DETOUR: usize = 12;

/// Steps in one stride of a first look along a way, a count: eight are 4 px, and what is in the way is seldom narrower.
const STRIDE: usize = 8;

/// Builds the document. `curves` are the boundaries of `map`, in its order; `drawn` says which regions are
/// wanted.
pub fn compose(
    map: &PlanarMap,
    inks: &[Ink],
    curves: &[Curve],
    strokes: &BTreeMap<u32, strokes::Found>,
    stacking: Stacking,
    drawn: impl Fn(u32) -> bool,
) -> Document {
    let (w, h) = (map.width - 2 * MARGIN, map.height - 2 * MARGIN);
    let curves: Vec<Curve> = curves.iter().map(|c| at_rim(c, w as f64, h as f64)).collect();
    let curves = &curves[..];
    let mut document = Document::new(w as u32, h as u32);
    let ink = |r: u32| &inks[usize::from(map.regions[r as usize].ink)];
    let mut order: Vec<u32> =
        (0..map.regions.len() as u32).filter(|r| ink(*r).alpha().1 >= CLEAR && drawn(*r)).collect();
    let covered = if stacking == Stacking::Stacked { covered(map, inks, strokes) } else { BTreeMap::new() };
    order.retain(|r| !covered.contains_key(r));
    let extent: Vec<f64> = map.rings.iter().map(|rings| bounds_area(map, rings)).collect();
    // Strokes come last, so that what they go around may run on below them.
    order.sort_by(|a, b| {
        let late = strokes.contains_key(a).cmp(&strokes.contains_key(b));
        late.then(extent[*b as usize].total_cmp(&extent[*a as usize])).then(a.cmp(b))
    });
    let mut rank = vec![0u32; map.regions.len()];
    for (i, r) in order.iter().enumerate() {
        rank[*r as usize] = i as u32 + 1;
    }
    let shown = |r: u32| rank[r as usize] > 0 || covered.contains_key(&r);
    let hiding: Vec<bool> = (0..map.regions.len() as u32).map(|r| shown(r) && ink(r).alpha().0 >= OPAQUE).collect();
    let hides = |r: u32| hiding[r as usize];
    let all_hide = hiding.iter().all(|h| *h);
    let as_drawn = Drawn::new(map, curves);
    for r in &order {
        let paint = paint(ink(*r));
        if stacking == Stacking::Stacked && rank[*r as usize] == 1 && all_hide {
            document.push_ground(paint);
            continue;
        }
        if let Some(found) = strokes.get(r) {
            for (contours, stroke) in &found.shapes {
                let contours = contours.iter().map(|c| c.moved(Intake::place)).collect();
                document.shapes.push(Shape { contours, paint: paint.clone(), stroke: Some(*stroke) });
            }
            continue;
        }
        let below = |other: u32| {
            stacking == Stacking::Stacked
                && hides(*r)
                && other != OUTSIDE
                && hides(other)
                && (rank[other as usize] > rank[*r as usize] || covered.get(&other) == Some(r))
        };
        let hidden = Hidden { drawn: &as_drawn, own: *r, below: &below, last: Cell::new((OUTSIDE, false)), all_hide };
        let contours: Vec<Contour> =
            map.rings[*r as usize].iter().filter_map(|ring| ring_contour(map, curves, ring, &hidden)).collect();
        if !contours.is_empty() {
            let contours = contours.iter().map(|c| placed(c, w as f64, h as f64)).collect();
            document.shapes.push(Shape::filled(contours, paint));
        }
    }
    document
}

/// Regions inside strokes that show what lies below: where the stroke is drawn over an area, and the area goes on
/// inside it, it need not be painted again. Each with the region that goes on.
fn covered(map: &PlanarMap, inks: &[Ink], strokes: &BTreeMap<u32, strokes::Found>) -> BTreeMap<u32, u32> {
    let outside = |r: u32| -> Option<u32> {
        let ring = map.rings[r as usize].iter().find(|ring| turn(map, ring) < 0)?;
        let first = beyond(map, *ring.first()?);
        ring.iter().all(|half| beyond(map, *half) == first).then_some(first)
    };
    let color = |r: u32| inks[usize::from(map.regions[r as usize].ink)].flat().filter(|c| c[3] >= OPAQUE);
    let goes_on = |r: u32| {
        let around = outside(r).filter(|s| strokes.contains_key(s));
        let below = around.and_then(outside).filter(|p| *p != OUTSIDE && !strokes.contains_key(p))?;
        (color(below).is_some() && color(below) == color(r)).then_some((r, below))
    };
    if strokes.is_empty() { BTreeMap::new() } else { (0..map.regions.len() as u32).filter_map(goes_on).collect() }
}

/// The paint of an ink.
fn paint(ink: &Ink) -> Paint {
    match ink {
        Ink::Flat(color) => {
            let (rgb, opacity) = straight(*color);
            Paint::Solid { color: rgb, opacity: if color[3] >= OPAQUE { 1.0 } else { opacity } }
        }
        Ink::Ramp(ramp) => {
            let gradients = ramp.gradients();
            one_color(&gradients).unwrap_or(Paint::Gradients(gradients))
        }
    }
}

/// The colour of a gradient that has only one: what is left of an area beside its gradients may be flat.
fn one_color(gradients: &[Gradient]) -> Option<Paint> {
    let [Gradient { stops, .. }] = gradients else { return None };
    let first = stops.first()?;
    let same = stops.iter().all(|s| s.color == first.color && s.opacity == first.opacity);
    same.then_some(Paint::Solid { color: first.color, opacity: first.opacity })
}

/// Distance from the rim at which a coordinate lies on it, px: measured positions are off by a few hundredths.
const ON_RIM: f64 = 0.05;

/// A circle or an upright ellipse that touches the rim ends there: what is measured a hundredth of a pixel beyond
/// it would be cut off.
fn at_rim(curve: &Curve, w: f64, h: f64) -> Curve {
    let margin = MARGIN as f64;
    let (c, rx, ry) = match *curve {
        Curve::Circle(c, r) => (c, r, r),
        Curve::Ellipse(c, rx, ry, angle) if angle.sin().abs() < 1e-3 && angle.cos() > 0.0 => (c, rx, ry),
        _ => return curve.clone(),
    };
    // The middle and the half width that end at the rim.
    let fit = |c: f64, r: f64, most: f64| {
        let touches = (((c - r) - margin).abs() < ON_RIM, ((c + r) - margin - most).abs() < ON_RIM);
        match touches {
            (true, true) => (margin + most / 2.0, Some(most / 2.0)),
            (true, false) => (margin + r, None),
            (false, true) => (margin + most - r, None),
            (false, false) => (c, None),
        }
    };
    let (wide, high) = (fit(c.x, rx, w).1, fit(c.y, ry, h).1);
    let center = |rx, ry| Point::new(fit(c.x, rx, w).0, fit(c.y, ry, h).0);
    if let Curve::Circle(..) = curve {
        let r = wide.or(high).unwrap_or(rx);
        return Curve::Circle(center(r, r), r);
    }
    let (rx, ry) = (wide.unwrap_or(rx), high.unwrap_or(ry));
    Curve::Ellipse(center(rx, ry), rx, ry, 0.0)
}

/// `contour` in the picture's own coordinates; what is at the rim, or in the margin beyond it, ends there.
fn placed(contour: &Contour, w: f64, h: f64) -> Contour {
    // A shape of its own keeps its proportions.
    let whole = matches!(contour.primitive, Some(Primitive::Circle(..) | Primitive::Ellipse(..)));
    let snap = |v: f64, most: f64| {
        if whole {
            return v;
        }
        if v < ON_RIM && v > -(MARGIN as f64) - 0.5 {
            if v > -ON_RIM || v <= -(MARGIN as f64) + ON_RIM { 0.0 } else { v }
        } else if (v - most).abs() < ON_RIM || (v - most - MARGIN as f64).abs() < ON_RIM {
            most
        } else {
            v
        }
    };
    let at = |p: Point| {
        let p = Intake::place(p);
        Point::new(snap(p.x, w), snap(p.y, h))
    };
    let mut moved = contour.moved(at);
    // A handle lies where it may: it goes with its node.
    let mut from = contour.start;
    for (segment, new) in contour.segments.iter().zip(&mut moved.segments) {
        if let (Segment::Cubic(a, b, to), Segment::Cubic(c, d, _)) = (segment, new) {
            *c = at(from) + (*a - from);
            *d = at(*to) + (*b - *to);
        }
        from = segment.end();
    }
    moved
}

/// Regions with a pixel at the rim of the picture, or in the margin beyond it.
pub fn touching_rim(map: &PlanarMap) -> BTreeSet<u32> {
    let (w, h) = (map.width, map.height);
    let inner = |i: &usize| {
        let (x, y) = (i % w, i / w);
        x <= MARGIN || y <= MARGIN || x + MARGIN + 1 >= w || y + MARGIN + 1 >= h
    };
    (0..w * h).filter(inner).map(|i| map.region_of[i]).collect()
}

fn bounds_area(map: &PlanarMap, rings: &[Vec<HalfBoundary>]) -> f64 {
    let (mut x0, mut y0, mut x1, mut y1) = (u32::MAX, u32::MAX, 0, 0);
    for half in rings.iter().flatten() {
        for (x, y) in &map.boundaries[half.boundary].corners {
            (x0, y0, x1, y1) = (x0.min(*x), y0.min(*y), x1.max(*x), y1.max(*y));
        }
    }
    f64::from(x1.saturating_sub(x0)) * f64::from(y1.saturating_sub(y0))
}

/// The region on the other side of a boundary walked one way.
pub(super) fn beyond(map: &PlanarMap, half: HalfBoundary) -> u32 {
    let b = &map.boundaries[half.boundary];
    if half.reversed { b.left } else { b.right }
}

/// Twice the signed area of a ring on the lattice; negative for an outer ring.
fn turn(map: &PlanarMap, ring: &[HalfBoundary]) -> i64 {
    let areas = ring.iter().map(|half| {
        let area = map.boundaries[half.boundary].twice_area();
        if half.reversed { -area } else { area }
    });
    areas.sum()
}

/// What is painted later than a region.
struct Hidden<'a> {
    drawn: &'a Drawn<'a>,
    /// The region itself.
    own: u32,
    /// Whether another region is, and hides what is below it; never [`OUTSIDE`].
    below: &'a dyn Fn(u32) -> bool,
    /// The region that was asked for last, and the answer: most pixels are of the same as the one before.
    last: Cell<(u32, bool)>,
    /// Whether nothing is seen through any region.
    all_hide: bool,
}

impl Hidden<'_> {
    /// Whether another region is, and hides what is below it.
    fn region(&self, other: u32) -> bool {
        let (last, hidden) = self.last.get();
        if last == other {
            return hidden;
        }
        let hidden = (self.below)(other);
        self.last.set((other, hidden));
        hidden
    }

    /// Whether the pixel at a point is. What lies beyond the margin is never seen.
    fn pixel(&self, p: Point) -> bool {
        self.drawn.map.pixel_at(p).is_none_or(|i| self.region(self.drawn.region_of[i]))
    }

    /// Whether the pixel at a point must not be painted over: it is neither that nor the region's own.
    fn foreign(&self, p: Point) -> bool {
        let foreign = |other: u32| other != self.own && !self.region(other);
        self.drawn.map.pixel_at(p).is_some_and(|i| foreign(self.drawn.region_of[i]))
    }

    /// Length of a px on the lattice.
    fn scale(&self) -> f64 {
        self.drawn.map.cells as f64
    }

    /// Whether a pixel inside the closed polygon is foreign, but for those near `ends`.
    fn covers_foreign(&self, polygon: &[Point], ends: &[Point]) -> bool {
        !self.all_hide && covers(polygon, ends, END_SLACK * self.scale(), |p| self.foreign(p))
    }

    /// Whether a pixel inside the closed polygon is the region's own, but for those near `ends`.
    fn covers_own(&self, polygon: &[Point], ends: &[Point]) -> bool {
        covers(polygon, ends, END_SLACK * self.scale(), |p| {
            self.drawn.map.pixel_at(p).is_some_and(|i| self.drawn.region_of[i] == self.own)
        })
    }
}

/// Whether a pixel inside the closed polygon is one that `meant` is true for, but for those within `slack` of `ends`.
fn covers(polygon: &[Point], ends: &[Point], slack: f64, meant: impl Fn(Point) -> bool) -> bool {
    let middles = pixels_inside(polygon).map(|(x, y)| Point::new(x as f64 + 0.5, y as f64 + 0.5));
    middles.into_iter().any(|p| meant(p) && ends.iter().all(|end| end.distance(p) > slack))
}

fn ring_contour(map: &PlanarMap, curves: &[Curve], ring: &[HalfBoundary], below: &Hidden<'_>) -> Option<Contour> {
    let outer = turn(map, ring) < 0;
    let hidden: Vec<bool> = ring.iter().map(|h| below.region(beyond(map, *h))).collect();
    if hidden.iter().all(|h| *h) {
        if !outer && !below.covers_foreign(&below.drawn.places(ring), &[]) {
            return None;
        }
        let whole = whole(curves, ring, outer);
        if !outer {
            return Some(whole);
        }
        if let Some(primitive) = whole.primitive {
            return Some(grown(primitive, UNDERLAP * below.scale()).contour().reversed());
        }
        let around = around(ring, below);
        let is_shorter = around.as_ref().is_some_and(|way| way.points().count() < whole.points().count());
        let moved = if is_shorter { None } else { ring_sideways(curves, ring, below) };
        return Some(moved.or(around).unwrap_or(whole));
    }
    if !hidden.iter().any(|h| *h) {
        return Some(whole(curves, ring, outer));
    }
    // Start where a visible boundary follows a hidden one.
    let n = ring.len();
    let first = (0..n).find(|i| !hidden[*i] && hidden[(i + n - 1) % n])?;
    let mut start = None;
    let mut segments: Vec<Segment> = Vec::new();
    let mut k = 0;
    while k < n {
        let i = (first + k) % n;
        let (from, mut path) = half_segments(curves, ring[i]);
        start.get_or_insert(from);
        if !hidden[i] {
            segments.append(&mut path);
            k += 1;
            continue;
        }
        let run = (k..n).take_while(|k| hidden[(first + k) % n]).count();
        let halves: Vec<HalfBoundary> = (k..k + run).map(|k| ring[(first + k) % n]).collect();
        let to = half_segments(curves, halves[run - 1]).1.last().map_or(from, Segment::end);
        let way = hidden_way(curves, &halves, (from, to), below);
        match way {
            Some(way) => segments.extend(way.into_iter().chain([Segment::Line(to)])),
            None => halves.iter().for_each(|h| segments.append(&mut half_segments(curves, *h).1)),
        }
        k += run;
    }
    Some(Contour { start: start?, segments, closed: true, primitive: None })
}

/// The way below what is painted later that replaces boundaries walked from the one point to the other: one that is shorter
/// and leaves nothing out, or the boundaries themselves moved below it.
fn hidden_way(
    curves: &[Curve],
    halves: &[HalfBoundary],
    (from, to): (Point, Point),
    below: &Hidden<'_>,
) -> Option<Vec<Segment>> {
    let corners = below.drawn.places(halves);
    let line = LazyCell::new(|| walked(halves, |boundary| crossings::places(&curves[boundary], 1.0)));
    let short = SHORT * below.scale();
    // Places are no farther apart than a step, so that most are known to be many.
    let is_short = from.distance(to) <= short && line.len() as f64 <= short;
    let whole = |way: &Vec<Point>| !(is_short && cuts(&line, from, to, way, below));
    let mut rooms = STEEP.into_iter().chain([LOOSE]);
    if let Some(way) = rooms.find_map(|room| detour(&corners, from, to, below, room).filter(whole)) {
        return Some(lines(way));
    }
    // Both are hidden: the one that takes fewer numbers.
    let ways = [offset(&line, &corners, below).map(lines), sideways(curves, halves, (from, to), &corners, below)];
    ways.into_iter().flatten().min_by_key(|way| way.iter().map(numbers).sum::<usize>())
}

/// Lines through `points`.
fn lines(points: Vec<Point>) -> Vec<Segment> {
    points.into_iter().map(Segment::Line).collect()
}

/// The boundaries moved below their neighbour piece by piece.
fn sideways(
    curves: &[Curve],
    halves: &[HalfBoundary],
    (from, to): (Point, Point),
    corners: &[Point],
    below: &Hidden<'_>,
) -> Option<Vec<Segment>> {
    let chain = sideways::joined(curves, halves, false)?;
    let (reach, clear) = (ROOM * below.scale(), CLEARANCE * below.scale());
    let free = |p: Point| {
        let around = [(0.0, 0.0), (clear, 0.0), (-clear, 0.0), (0.0, clear), (0.0, -clear)];
        around.into_iter().all(|(x, y)| below.pixel(p + Point::new(x, y)))
    };
    DEPTHS.into_iter().find_map(|depth| {
        let by = depth * below.scale();
        let chain = sideways::shortened(chain.clone(), false, by, reach, free)?;
        let (moved, places) = moved_below(&sideways::shortened(chain, true, by, reach, free)?, by, below)?;
        let polygon = between(corners, from, to, &places);
        let ends = [from, to];
        if below.covers_foreign(&polygon, &ends) || below.covers_own(&polygon, &ends) {
            return None;
        }
        let start = Segment::Line(moved.nodes.first()?.point);
        Some(std::iter::once(start).chain((0..moved.pieces.len()).map(|i| segment(&moved, i))).collect())
    })
}

/// `chain` moved `by` to the right, and places along it, where all of that is hidden.
fn moved_below(chain: &Chain, by: f64, below: &Hidden<'_>) -> Option<(Chain, Vec<Point>)> {
    let moved = sideways::moved(chain, by)?;
    let places = crossings::places(&Curve::Chain(moved.clone()), 1.0);
    places.iter().all(|p| below.pixel(*p)).then_some((moved, places))
}

/// A ring that is hidden all along, moved below what is around it.
fn ring_sideways(curves: &[Curve], ring: &[HalfBoundary], below: &Hidden<'_>) -> Option<Contour> {
    let chain = sideways::joined(curves, ring, true)?;
    DEPTHS.into_iter().find_map(|depth| {
        let (moved, _) = moved_below(&chain, depth * below.scale(), below)?;
        let segments = (0..moved.pieces.len()).map(|i| segment(&moved, i)).collect();
        Some(Contour { start: moved.nodes.first()?.point, segments, closed: true, primitive: None })
    })
}

/// All of a ring of a region, piece by piece, with the region on its left.
pub(super) fn whole_ring(map: &PlanarMap, curves: &[Curve], ring: &[HalfBoundary]) -> Contour {
    let pieces = |chain: &Chain| (0..chain.pieces.len()).map(|i| segment(chain, i)).collect();
    whole_of(curves, ring, turn(map, ring) < 0, pieces)
}

/// The contour of a curve of its own, open or closed.
pub(super) fn curve_contour(curve: &Curve) -> Contour {
    if let Curve::Chain(chain) = curve {
        let start = chain.nodes.first().map_or(Point::default(), |n| n.point);
        return Contour { start, segments: chain_segments(chain), closed: chain.is_closed(), primitive: None };
    }
    shape(curve).unwrap_or(Contour { start: Point::default(), segments: Vec::new(), closed: true, primitive: None })
}

/// All of a ring, as it is.
fn whole(curves: &[Curve], ring: &[HalfBoundary], outer: bool) -> Contour {
    whole_of(curves, ring, outer, chain_segments)
}

/// The same, with the segments of each chain as `written`.
fn whole_of(curves: &[Curve], ring: &[HalfBoundary], outer: bool, written: impl Fn(&Chain) -> Vec<Segment>) -> Contour {
    if let [half] = ring
        && let Some(contour) = shape(&curves[half.boundary])
    {
        return if outer { contour.reversed() } else { contour };
    }
    let mut start = Point::default();
    let mut segments = Vec::new();
    for (i, half) in ring.iter().enumerate() {
        let (from, mut path) = half_of(curves, *half, &written);
        if i == 0 {
            start = from;
        }
        segments.append(&mut path);
    }
    Contour { start, segments, closed: true, primitive: None }
}

/// The contour of a curve that is a shape of its own, turning right.
fn shape(curve: &Curve) -> Option<Contour> {
    let primitive = match *curve {
        Curve::Chain(_) => return None,
        Curve::Circle(c, r) => Primitive::Circle(c, r),
        Curve::Ellipse(c, rx, ry, angle) => Primitive::Ellipse(c, rx, ry, angle.to_degrees()),
        Curve::Rect(a, b, r) => Primitive::Rect(a, b, r),
        // SVG has no element for it.
        Curve::Polygon(c, r, angle, n) => {
            return Contour::polygon(&polygon::corners(c, r, angle, n).collect::<Vec<_>>());
        }
    };
    Some(primitive.contour())
}

/// The start and the segments of a boundary walked one way.
fn half_segments(curves: &[Curve], half: HalfBoundary) -> (Point, Vec<Segment>) {
    half_of(curves, half, &chain_segments)
}

/// The same, with the segments of the chain as `written`.
fn half_of(curves: &[Curve], half: HalfBoundary, written: &impl Fn(&Chain) -> Vec<Segment>) -> (Point, Vec<Segment>) {
    let Curve::Chain(chain) = &curves[half.boundary] else {
        // A ring of its own shape is never a part of a longer one.
        return (Point::default(), Vec::new());
    };
    let contour = Contour {
        start: chain.nodes.first().map_or(Point::default(), |n| n.point),
        segments: written(chain),
        closed: true,
        primitive: None,
    };
    let contour = if half.reversed { contour.reversed() } else { contour };
    (contour.start, contour.segments)
}

/// The pieces of a chain as segments.
pub fn chain_segments(chain: &Chain) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(chain.pieces.len());
    let mut elliptical = ellipses::find(chain).into_iter().peekable();
    let mut i = 0;
    while i < chain.pieces.len() {
        if let Some((_, count, arc)) = elliptical.next_if(|(first, ..)| *first == i) {
            segments.push(Segment::Arc(arc));
            i += count;
        } else {
            segments.push(segment(chain, i));
            i += 1;
        }
    }
    segments
}

/// One piece of a chain as a segment.
fn segment(chain: &Chain, i: usize) -> Segment {
    let (a, b) = chain.ends(i);
    match chain.pieces[i] {
        Piece::Line => Segment::Line(b),
        Piece::Cubic(c, d) => Segment::Cubic(c, d, b),
        Piece::Arc(half) => {
            let r = a.distance(b) / 2.0 / half.sin().abs().max(1e-9);
            Segment::Arc(Arc {
                radii: (r, r),
                rotation: 0.0,
                large: half.abs() > std::f64::consts::FRAC_PI_2,
                sweep: half > 0.0,
                end: b,
            })
        }
    }
}

/// A shape that goes on `by` so much below what is around it.
fn grown(primitive: Primitive, by: f64) -> Primitive {
    let both = Point::new(by, by);
    match primitive {
        Primitive::Circle(c, r) => Primitive::Circle(c, r + by),
        Primitive::Ellipse(c, rx, ry, angle) => Primitive::Ellipse(c, rx + by, ry + by, angle),
        Primitive::Rect(a, b, r) => Primitive::Rect(a - both, b + both, if r > 0.0 { r + by } else { 0.0 }),
    }
}

/// A polygon around a ring that is hidden all along, when that is shorter than the ring.
fn around(ring: &[HalfBoundary], below: &Hidden<'_>) -> Option<Contour> {
    let corners = below.drawn.places(ring);
    let depth = |i: usize| {
        let direction = (corners[(i + 3) % corners.len()] - corners[(i + corners.len() - 3) % corners.len()]).unit();
        let p = corners[i] + direction.turned() * (UNDERLAP * below.scale());
        Point::new(p.x.round(), p.y.round())
    };
    // Anywhere on the ring will do to begin with, but there must be room.
    let start = (0..corners.len()).step_by((corners.len() / 8).max(1)).map(|i| (i, depth(i)));
    let room = |p: Point| {
        let clear = CLEARANCE * below.scale();
        [(clear, 0.0), (-clear, 0.0), (0.0, clear), (0.0, -clear)]
            .into_iter()
            .all(|(x, y)| below.pixel(p + Point::new(x, y)))
    };
    let (i, p) = start.into_iter().find(|(_, p)| room(*p))?;
    let mut turned = corners[i..].to_vec();
    turned.extend_from_slice(&corners[..=i]);
    let way = detour(&turned, p, p, below, LOOSE)?;
    Contour::polygon(&std::iter::once(p).chain(way).collect::<Vec<_>>())
}

/// Numbers that a segment writes.
fn numbers(segment: &Segment) -> usize {
    match segment {
        Segment::Line(_) => 2,
        Segment::Arc(_) => 4,
        Segment::Cubic(..) => 6,
    }
}

/// The boundary itself, moved below what is painted later: for where no shorter way is hidden.
fn offset(line: &[Point], corners: &[Point], below: &Hidden<'_>) -> Option<Vec<Point>> {
    let (from, to) = (*line.first()?, *line.last()?);
    let n = line.len();
    let moved = |i: usize| {
        let direction = (line[(i + 1).min(n - 1)] - line[i.saturating_sub(1)]).unit();
        line[i] + direction.turned() * (OFFSET * below.scale())
    };
    let hidden = |p: &Point| below.pixel(*p) && p.distance(from).min(p.distance(to)) > OFFSET * below.scale() / 2.0;
    let points: Vec<Point> = (0..n).map(moved).filter(hidden).collect();
    // Fewest points that stay close (Douglas and Peucker 1973).
    let mut keep = vec![false; points.len()];
    let mut stack = vec![(0, points.len().checked_sub(1)?)];
    (keep[0], keep[points.len() - 1]) = (true, true);
    while let Some((a, b)) = stack.pop() {
        let chord = points[b] - points[a];
        let away = |k: &usize| {
            let v = points[*k] - points[a];
            if chord.length() > 1e-6 { chord.cross(v).abs() / chord.length() } else { v.length() }
        };
        let farthest = (a + 1..b).max_by(|i, j| away(i).total_cmp(&away(j)));
        if let Some(k) = farthest.filter(|k| away(k) > OFFSET_SLACK * below.scale()) {
            keep[k] = true;
            stack.extend([(a, k), (k, b)]);
        }
    }
    // It is hidden, so that a tenth of a pixel will do.
    let tenth = |p: &Point| Point::new((p.x * 10.0).round() / 10.0, (p.y * 10.0).round() / 10.0);
    let way: Vec<Point> = points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(p, _)| tenth(p)).collect();
    // A neighbour that is narrower leaves points out, and what is left may cut through the region itself.
    let polygon = between(corners, from, to, &way);
    (!below.covers_foreign(&polygon, &[from, to]) && !below.covers_own(&polygon, &[from, to])).then_some(way)
}

/// Whether nothing foreign lies between a boundary and a `way` below its neighbour. At its ends the lattice is off, and
/// the way is no wider than that.
fn is_safe(corners: &[Point], from: Point, to: Point, way: &[Point], below: &Hidden<'_>) -> bool {
    !below.covers_foreign(&between(corners, from, to, way), &[from, to])
}

/// Whether a `way` leaves out some of what its own region shows: beside its ends, where it need not be hidden, it may
/// run on the wrong side of the boundary, whose places are `line`.
fn cuts(line: &[Point], from: Point, to: Point, way: &[Point], below: &Hidden<'_>) -> bool {
    let reach = END_REACH * below.scale();
    let polygon: Vec<Point> = line.iter().copied().chain(way.iter().rev().copied()).collect();
    let inside = |p: Point| {
        let sides = (0..polygon.len()).map(|k| (polygon[k], polygon[(k + 1) % polygon.len()]));
        let crossed =
            sides.filter(|(a, b)| (a.y > p.y) != (b.y > p.y) && p.x < a.x + (b.x - a.x) * (p.y - a.y) / (b.y - a.y));
        crossed.count() % 2 == 1
    };
    line.windows(2).any(|w| {
        let middle = (w[0] + w[1]) * 0.5;
        let own = middle - (w[1] - w[0]).unit().turned() * (SLIT * below.scale());
        middle.distance(from).min(middle.distance(to)) < reach && inside(own)
    })
}

/// The closed polygon between a boundary and a `way` below its neighbour.
fn between(corners: &[Point], from: Point, to: Point, way: &[Point]) -> Vec<Point> {
    corners.iter().copied().chain([to]).chain(way.iter().rev().copied()).chain([from]).collect()
}

/// A short way from `from` to `to` that stays below what is painted later, on the far side of the lattice points
/// `corners`.
fn detour(
    corners: &[Point],
    from: Point,
    to: Point,
    below: &Hidden<'_>,
    (clearance, free_ends): (f64, f64),
) -> Option<Vec<Point>> {
    let (clearance, free_ends) = (clearance * below.scale(), free_ends * below.scale());
    let clear = |p: Point| {
        let near = p.distance(from).min(p.distance(to)) < free_ends;
        near || [(0.0, 0.0), (clearance, 0.0), (-clearance, 0.0), (0.0, clearance), (0.0, -clearance)]
            .into_iter()
            .all(|(x, y)| below.pixel(p + Point::new(x, y)))
    };
    let visible = |a: Point, b: Point| {
        let steps = (a.distance(b) * 2.0).ceil().max(1.0) as usize;
        let at = |k: usize| clear(a + (b - a) * (k as f64 / steps as f64));
        // What is in the way is found sooner in strides.
        (0..=steps).step_by(STRIDE).all(at) && (0..=steps).filter(|k| !k.is_multiple_of(STRIDE)).all(at)
    };
    // The boundary itself tells a shortcut from a way around the other side.
    let n = corners.len();
    // Twice the areas swept from the first corner, summed up.
    let mut swept = vec![0.0; n];
    for i in 1..n {
        swept[i] = swept[i - 1] + corners[i - 1].cross(corners[i]);
    }
    // The shortcut from `p` beside corner `i` to `q` beside corner `j` keeps the boundary on its left.
    let beyond = |(i, p): (usize, Point), (j, q): (usize, Point)| {
        let twice = p.cross(corners[i]) + swept[j] - swept[i] + corners[j].cross(q) + q.cross(p);
        twice > -2.0 * SLACK * below.scale() * below.scale()
    };
    let (start, end) = ((0, from), (n - 1, to));
    let free = |a: (usize, Point), b: (usize, Point)| beyond(a, b) && visible(a.1, b.1);
    let safe = |way: &[Point]| is_safe(corners, from, to, way, below);
    if free(start, end) {
        return safe(&[]).then(Vec::new);
    }
    let mut beside: Vec<(usize, Point)> = Vec::new();
    for i in 0..n {
        let direction = (corners[(i + 3).min(n - 1)] - corners[i.saturating_sub(3)]).unit();
        for depth in [1.0, 2.5, 6.0].map(|k| k * UNDERLAP * below.scale()) {
            let p = corners[i] + direction.turned() * depth;
            let p = Point::new(p.x.round(), p.y.round());
            if clear(p) && p.distance(from).min(p.distance(to)) > 0.5 {
                beside.push((i, p));
            }
        }
    }
    let mut way = Vec::new();
    let (mut at, mut next) = (start, 0);
    while !free(at, end) {
        let onward = (next..beside.len()).rev().find(|k| beside[*k].0 > at.0 && free(at, beside[*k]));
        // Beside the last corner, one that is less deep may see the end.
        let nearer = || {
            let same = (0..next.saturating_sub(1)).rev().take_while(|k| beside[*k].0 == at.0);
            same.into_iter().find(|k| free(at, beside[*k]))
        };
        let step = onward.or_else(nearer)?;
        at = beside[step];
        next = step + 1;
        way.push(at.1);
        if way.len() > MAX_DETOUR {
            return None;
        }
    }
    safe(&way).then_some(way)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{GradientKind, Stop};

    #[test]
    fn a_gradient_of_one_colour_is_a_colour() {
        let stop = |offset, color| Stop { offset, color, opacity: 1.0 };
        let kind = GradientKind::Linear { from: Point::new(0.0, 0.0), to: Point::new(9.0, 0.0) };
        let of = |last| Gradient { kind, stops: vec![stop(0.1, [9, 8, 7]), stop(0.9, last)] };
        let solid = Paint::Solid { color: [9, 8, 7], opacity: 1.0 };
        assert_eq!(one_color(&[of([9, 8, 7])]), Some(solid));
        assert_eq!(one_color(&[of([9, 8, 6])]), None);
    }

    #[test]
    fn handles_may_lie_beyond_the_rim() {
        let at = |x: f64, y: f64| Point::new(x, y) + Point::new(MARGIN as f64, MARGIN as f64);
        let contour = Contour {
            start: at(4.0, 10.0),
            segments: vec![Segment::Cubic(at(-2.3, 20.0), at(-0.02, 40.0), at(0.03, 60.0))],
            closed: false,
            primitive: None,
        };
        let placed = placed(&contour, 100.0, 100.0);
        let [Segment::Cubic(a, b, c)] = placed.segments[..] else { panic!("{placed:?}") };
        for (found, wanted) in [(a, (-2.3, 20.0)), (b, (-0.05, 40.0)), (c, (0.0, 60.0))] {
            assert!(found.distance(Point::new(wanted.0, wanted.1)) < 1e-9, "{placed:?}");
        }
    }
}
