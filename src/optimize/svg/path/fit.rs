//! Fewer and simpler segments that draw the same within a tolerance.
//!
//! In this order, each step seeing what the one before left: curves that are straight become lines;
//! corners that a straight line passes are dropped; neighbouring cubics that one cubic can replace
//! become one; cubics that lie on a circle become arcs, and arcs of one circle one arc; cubics of
//! which two control points say no more than one become quadratics.
//!
//! A merged cubic keeps the tangents at both ends; its two handles are first set by how the two
//! pieces would have come from cutting one curve (the lengths of their handles at the joint are as
//! the cut's parameter), then corrected by Gauss-Newton steps on the distance at samples (as in
//! Schneider's "An Algorithm for Automatically Fitting Digitized Curves", Graphics Gems, 1990).
//! Whether it is within tolerance is measured, not assumed. Corners and cusps are left alone.

use std::f64::consts::TAU;

use super::arc::Arc;
use super::data::{Path, Segment, Subpath};
use super::{distance, mix};
use crate::document::Point;

/// Samples of a curve at which its distance from another is measured.
const SAMPLES: usize = 8;

/// Most curves that are merged into one: beyond it, fitting costs more than it saves.
const LONGEST_RUN: usize = 8;

/// Least cosine between the directions at a joint that counts as smooth: about 2.5 degrees.
const SMOOTH: f64 = 0.999;

/// Simplifies `path` by at most `tolerance`, user units.
pub(crate) fn simplify(path: &mut Path, tolerance: f64) {
    for sub in &mut path.subpaths {
        straighten(sub, tolerance);
        drop_corners(sub, tolerance);
        merge_cubics(sub, tolerance);
        find_arcs(sub, tolerance);
        merge_arcs(sub, tolerance);
        lower_degree(sub, tolerance);
    }
}

/// The point of a cubic at `t`.
pub(crate) fn cubic_at(p: [Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    let (a, b, c, d) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
    Point::new(a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x, a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y)
}

/// How far `p` is from the line through `a` and `b`, and where its foot is as a share of the way.
fn off_line(a: Point, b: Point, p: Point) -> (f64, f64) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx.hypot(dy);
    if length == 0.0 {
        return (distance(a, p), 0.0);
    }
    let (px, py) = (p.x - a.x, p.y - a.y);
    ((dx * py - dy * px).abs() / length, (dx * px + dy * py) / (length * length))
}

/// Curves to lines, and lines without length to nothing.
fn straighten(sub: &mut Subpath, tolerance: f64) {
    let mut from = sub.start;
    for segment in &mut sub.segments {
        let end = segment.end();
        let straight = |controls: &[Point]| {
            controls.iter().all(|c| {
                let (off, share) = off_line(from, end, *c);
                off <= tolerance && (-1e-9..=1.0 + 1e-9).contains(&share)
            })
        };
        let is_line = match *segment {
            Segment::Line(_) => true,
            Segment::Quad(a, _) => straight(&[a]),
            Segment::Cubic(a, b, _) => straight(&[a, b]),
            Segment::Arc(arc, _) => match arc.center(from, end) {
                // Half an arc bends by less than its sagitta.
                Some(c) => c.extent.abs() < 0.5 && off_line(from, end, c.at(0.5)).0 <= tolerance,
                None => true,
            },
        };
        if is_line && from != end {
            *segment = Segment::Line(end);
        } else if matches!(segment, Segment::Arc(..)) && from == end {
            // It draws nothing, but a stroke may have a cap there.
            *segment = Segment::Line(end);
        }
        from = end;
    }
    let mut from = sub.start;
    let only = sub.segments.len() <= 1;
    sub.segments.retain(|s| {
        let keep = only || !(matches!(s, Segment::Line(p) if *p == from));
        from = s.end();
        keep
    });
}

/// Leaves out corners that the line from one kept corner to a later one passes within tolerance.
fn drop_corners(sub: &mut Subpath, tolerance: f64) {
    let mut out: Vec<Segment> = Vec::with_capacity(sub.segments.len());
    let mut from = sub.start;
    // Corners of the straight run since `from`.
    let mut run: Vec<Point> = Vec::new();
    for segment in &sub.segments {
        let Segment::Line(p) = *segment else {
            out.extend(run.pop().map(Segment::Line));
            run.clear();
            out.push(*segment);
            from = segment.end();
            continue;
        };
        let passes = |corners: &[Point]| {
            let mut before = 0.0;
            corners.iter().all(|c| {
                let (off, share) = off_line(from, p, *c);
                let forward = share >= before && share <= 1.0;
                before = share;
                off <= tolerance && forward
            })
        };
        if !run.is_empty() && !passes(&run) {
            let last = run[run.len() - 1];
            out.push(Segment::Line(last));
            run.clear();
            from = last;
        }
        run.push(p);
    }
    out.extend(run.last().copied().map(Segment::Line));
    sub.segments = out;
}

/// The direction from `a` to the first of `others` that is not `a`, as a unit vector.
fn direction(a: Point, others: &[Point]) -> Option<(f64, f64)> {
    let b = others.iter().find(|b| distance(a, **b) > 1e-9)?;
    let length = distance(a, *b);
    Some(((b.x - a.x) / length, (b.y - a.y) / length))
}

/// Runs of cubics to one cubic each, where one is near enough.
fn merge_cubics(sub: &mut Subpath, tolerance: f64) {
    let mut out: Vec<Segment> = Vec::with_capacity(sub.segments.len());
    let mut from = sub.start;
    let mut i = 0;
    while i < sub.segments.len() {
        let Segment::Cubic(a, b, p) = sub.segments[i] else {
            out.push(sub.segments[i]);
            from = sub.segments[i].end();
            i += 1;
            continue;
        };
        let mut run = vec![[from, a, b, p]];
        let mut merged = run[0];
        while let Some(Segment::Cubic(a, b, p)) = sub.segments.get(i + run.len()).copied() {
            let next = [run[run.len() - 1][3], a, b, p];
            if run.len() >= LONGEST_RUN || !smooth(run[run.len() - 1], next) {
                break;
            }
            run.push(next);
            match one_cubic(&run, tolerance) {
                Some(found) => merged = found,
                None => {
                    run.pop();
                    break;
                }
            }
        }
        i += run.len();
        from = merged[3];
        out.push(Segment::Cubic(merged[1], merged[2], merged[3]));
    }
    sub.segments = out;
}

fn smooth(a: [Point; 4], b: [Point; 4]) -> bool {
    let (Some(out), Some(back)) = (direction(b[0], &b[1..]), direction(a[3], &[a[2], a[1], a[0]])) else {
        return false;
    };
    -(out.0 * back.0 + out.1 * back.1) > SMOOTH
}

/// One cubic for all of `run`, within `tolerance`.
fn one_cubic(run: &[[Point; 4]], tolerance: f64) -> Option<[Point; 4]> {
    let (first, last) = (run.first()?, run.last()?);
    let (p0, p3) = (first[0], last[3]);
    let t0 = direction(p0, &first[1..])?;
    let t1 = direction(p3, &[last[2], last[1], last[0]])?;
    // Points along the run, at the parameters they would have if it had been cut from one curve:
    // lengths of the handles at each joint are in the ratio of the parameters on its two sides.
    let mut spans = vec![1.0];
    for pair in run.windows(2) {
        let (before, after) = (distance(pair[0][2], pair[0][3]), distance(pair[1][0], pair[1][1]));
        let ratio = if before > 1e-9 && after > 1e-9 { after / before } else { 1.0 };
        spans.push(spans[spans.len() - 1] * ratio.clamp(0.05, 20.0));
    }
    let total: f64 = spans.iter().sum();
    let mut points: Vec<(f64, Point)> = Vec::with_capacity(run.len() * SAMPLES);
    let mut done = 0.0;
    for (curve, span) in run.iter().zip(&spans) {
        for i in 1..=SAMPLES {
            let t = i as f64 / SAMPLES as f64;
            points.push(((done + t * span) / total, cubic_at(*curve, t)));
        }
        done += span;
    }
    points.pop();
    let mut handles =
        (distance(p0, first[1]) * total / spans[0], distance(p3, last[2]) * total / spans[spans.len() - 1]);
    let cubic = |h: (f64, f64)| {
        [p0, Point::new(p0.x + t0.0 * h.0, p0.y + t0.1 * h.0), Point::new(p3.x + t1.0 * h.1, p3.y + t1.1 * h.1), p3]
    };
    for round in 0..4 {
        let curve = cubic(handles);
        let mut worst: f64 = 0.0;
        // Normal equations of the two handle lengths, and each sample's parameter corrected.
        let (mut a11, mut a12, mut a22, mut b1, mut b2) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (t, p) in &mut points {
            *t = nearest(curve, *p, *t);
            let q = cubic_at(curve, *t);
            worst = worst.max(distance(q, *p));
            let u = 1.0 - *t;
            let (f, g) = (3.0 * u * u * *t, 3.0 * u * *t * *t);
            let (rx, ry) = (p.x - q.x, p.y - q.y);
            a11 += f * f;
            a12 += f * g * (t0.0 * t1.0 + t0.1 * t1.1);
            a22 += g * g;
            b1 += f * (t0.0 * rx + t0.1 * ry);
            b2 += g * (t1.0 * rx + t1.1 * ry);
        }
        let forward = points.windows(2).all(|w| w[0].0 <= w[1].0 + 1e-3);
        if worst <= tolerance && forward {
            return Some(curve);
        }
        if worst > 20.0 * tolerance && round > 0 {
            return None;
        }
        let determinant = a11 * a22 - a12 * a12;
        if determinant.abs() < 1e-12 {
            return None;
        }
        handles.0 += (b1 * a22 - b2 * a12) / determinant;
        handles.1 += (a11 * b2 - a12 * b1) / determinant;
        let chord = distance(p0, p3);
        if !(handles.0 > 0.0 && handles.1 > 0.0 && handles.0.max(handles.1) < 10.0 * chord.max(1e-9)) {
            return None;
        }
    }
    None
}

/// The parameter near `t` at which `curve` is nearest to `p`: one Newton step, kept in [0, 1].
fn nearest(curve: [Point; 4], p: Point, t: f64) -> f64 {
    let d = |a: Point, b: Point| Point::new(3.0 * (b.x - a.x), 3.0 * (b.y - a.y));
    let first = [d(curve[0], curve[1]), d(curve[1], curve[2]), d(curve[2], curve[3])];
    let u = 1.0 - t;
    let q = cubic_at(curve, t);
    let v = Point::new(
        u * u * first[0].x + 2.0 * u * t * first[1].x + t * t * first[2].x,
        u * u * first[0].y + 2.0 * u * t * first[1].y + t * t * first[2].y,
    );
    let speed = v.x * v.x + v.y * v.y;
    if speed < 1e-18 {
        return t;
    }
    (t + ((p.x - q.x) * v.x + (p.y - q.y) * v.y) / speed).clamp(0.0, 1.0)
}

/// Cubics that lie on a circle to arcs.
fn find_arcs(sub: &mut Subpath, tolerance: f64) {
    let mut from = sub.start;
    for segment in &mut sub.segments {
        let end = segment.end();
        if let Segment::Cubic(a, b, p) = *segment
            && let Some(arc) = on_circle([from, a, b, p], tolerance)
        {
            *segment = Segment::Arc(arc, p);
        }
        from = end;
    }
}

/// The circular arc that `curve` is, if it is one.
fn on_circle(curve: [Point; 4], tolerance: f64) -> Option<Arc> {
    let (from, middle, to) = (curve[0], cubic_at(curve, 0.5), curve[3]);
    let (center, radius, clockwise) = circle_through(from, middle, to)?;
    let on = |p: Point| (distance(p, center) - radius).abs() <= tolerance;
    let near = [0.125, 0.25, 0.375, 0.625, 0.75, 0.875].iter().all(|t| on(cubic_at(curve, *t)));
    if !near {
        return None;
    }
    let arc = Arc { rx: radius, ry: radius, turn: 0.0, large: false, sweep: clockwise };
    let got = arc.center(from, to)?;
    (distance(got.at(0.5), middle) <= tolerance).then_some(arc)
}

/// Centre and radius of the circle through three points, and whether they go round it clockwise on
/// the screen; `None` where it would be almost straight, since such a radius has many digits.
fn circle_through(from: Point, middle: Point, to: Point) -> Option<(Point, f64, bool)> {
    let (bx, by) = (middle.x - from.x, middle.y - from.y);
    let (cx, cy) = (to.x - from.x, to.y - from.y);
    let d = 2.0 * (bx * cy - by * cx);
    let scale = bx.hypot(by) + cx.hypot(cy);
    if d.abs() < 0.02 * scale * scale {
        return None;
    }
    let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
    let center = Point::new(from.x + (cy * b2 - by * c2) / d, from.y + (bx * c2 - cx * b2) / d);
    // Clockwise, where y is down, is a positive cross product.
    Some((center, distance(center, from), d > 0.0))
}

/// Neighbouring arcs of one circle to one arc, up to a little less than the whole.
fn merge_arcs(sub: &mut Subpath, tolerance: f64) {
    let mut out: Vec<Segment> = Vec::with_capacity(sub.segments.len());
    let mut from = sub.start;
    // Where the arc at the end of `out` begins, and points that it must pass.
    let mut run: Option<(Point, Vec<Point>)> = None;
    for segment in &sub.segments {
        let end = segment.end();
        let Segment::Arc(arc, _) = *segment else {
            run = None;
            out.push(*segment);
            from = end;
            continue;
        };
        let passed: Vec<Point> = arc.center(from, end).map(|c| c.samples(SAMPLES).collect()).unwrap_or_default();
        let merged = match (&mut run, out.last()) {
            (Some((start, points)), Some(Segment::Arc(before, _))) if arc.rx == arc.ry && before.rx == before.ry => {
                let joined = join(*before, (*start, points), arc, (end, &passed), tolerance);
                joined.map(|arc| (*start, [&points[..], &passed[..]].concat(), arc))
            }
            _ => None,
        };
        match merged {
            Some((start, points, arc)) => {
                out.pop();
                out.push(Segment::Arc(arc, end));
                run = Some((start, points));
            }
            None => {
                out.push(*segment);
                run = Some((from, passed));
            }
        }
        from = end;
    }
    sub.segments = out;
}

/// One arc for two that follow each other, when both are of one circle.
fn join(
    a: Arc,
    (start, points): (Point, &[Point]),
    b: Arc,
    (end, more): (Point, &[Point]),
    tolerance: f64,
) -> Option<Arc> {
    if a.sweep != b.sweep || (a.rx - b.rx).abs() > 2.0 * tolerance {
        return None;
    }
    let joint = *points.last()?;
    let (one, two) = (a.center(start, joint)?, b.center(joint, end)?);
    let extent = (one.extent + two.extent).abs();
    if extent > TAU - 0.6 || distance(start, end) < 0.5 * a.rx {
        return None;
    }
    // Near half a circle the ends say little about the radius; the joint says it all.
    let (_, radius, _) = circle_through(start, joint, end)?;
    let all = points.iter().chain(more);
    [false, true].into_iter().find_map(|large| {
        let arc = Arc { rx: radius, ry: radius, turn: 0.0, large, sweep: a.sweep };
        let got = arc.center(start, end)?;
        let near = all.clone().all(|p| (distance(*p, got.center) - got.radii.0).abs() <= tolerance);
        (near && distance(got.at(one.extent.abs() / extent), joint) <= 4.0 * tolerance).then_some(arc)
    })
}

/// Cubics to quadratics.
fn lower_degree(sub: &mut Subpath, tolerance: f64) {
    let mut from = sub.start;
    for segment in &mut sub.segments {
        if let Segment::Cubic(a, b, p) = *segment {
            // A cubic is a quadratic when its third difference is nothing; else it is off by this.
            let third = Point::new(p.x - 3.0 * b.x + 3.0 * a.x - from.x, p.y - 3.0 * b.y + 3.0 * a.y - from.y);
            let off = third.x.hypot(third.y) * 3f64.sqrt() / 36.0;
            if off <= tolerance {
                let (q, r) = (mix(from, a, 1.5), mix(p, b, 1.5));
                *segment = Segment::Quad(mix(q, r, 0.5), p);
            }
        }
        from = segment.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::svg::path::write::{Grid, write};

    fn simplified(d: &str, tolerance: f64) -> Vec<Segment> {
        let mut path = Path::parse(d).unwrap();
        simplify(&mut path, tolerance);
        path.subpaths.swap_remove(0).segments
    }

    #[test]
    fn straight_things_become_lines() {
        let p = Point::new;
        assert_eq!(
            simplified("M0 0C1 .01 2 0 3 0L5 .01 9 0V5", 0.02),
            [Segment::Line(p(9.0, 0.0)), Segment::Line(p(9.0, 5.0))]
        );
        // A line that goes back on itself is a stroke's spike.
        assert_eq!(simplified("M0 0h9H5", 0.02).len(), 2);
        assert_eq!(simplified("M0 0h0", 0.02).len(), 1);
    }

    #[test]
    fn a_curve_cut_in_pieces_becomes_one_again() {
        let whole = [Point::new(0.0, 0.0), Point::new(0.0, 30.0), Point::new(60.0, 40.0), Point::new(90.0, 0.0)];
        // De Casteljau at 0.3.
        let t = 0.3;
        let (a, b, c) = (mix(whole[0], whole[1], t), mix(whole[1], whole[2], t), mix(whole[2], whole[3], t));
        let (d, e) = (mix(a, b, t), mix(b, c, t));
        let f = mix(d, e, t);
        let mut path = Path::default();
        path.subpaths.push(Subpath {
            start: whole[0],
            segments: vec![Segment::Cubic(a, d, f), Segment::Cubic(e, c, whole[3])],
            closed: false,
        });
        simplify(&mut path, 0.01);
        let [Segment::Cubic(a, b, _)] = path.subpaths[0].segments[..] else { panic!("{path:?}") };
        assert!(distance(a, whole[1]) < 0.1 && distance(b, whole[2]) < 0.1, "{path:?}");
    }

    #[test]
    fn a_circle_of_cubics_becomes_two_arcs() {
        let segments = simplified("M28 16c0 6.627-5.373 12-12 12S4 22.627 4 16S9.373 4 16 4s12 5.373 12 12", 0.01);
        assert!(
            segments.iter().all(|s| matches!(s, Segment::Arc(a, _) if (a.rx - 12.0).abs() < 0.01 && a.sweep)),
            "{segments:?}"
        );
        assert_eq!(segments.len(), 2);
    }

    #[test]
    fn a_raised_quadratic_is_lowered() {
        let [Segment::Quad(c, _)] = simplified("M0 0C20 40 40 40 60 0", 0.01)[..] else { panic!() };
        assert!(distance(c, Point::new(30.0, 60.0)) < 1e-9);
    }

    proptest::proptest! {
        // Each case compares some thousand points with each other.
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        /// Whatever is made simpler and rounded stays within what was allowed, in both directions.
        #[test]
        fn a_rewritten_path_is_where_it_was(
            numbers in proptest::collection::vec((0u8..6, -100.0..100.0f64, -100.0..100.0f64, -100.0..100.0f64, -100.0..100.0f64, -100.0..100.0f64, -100.0..100.0f64), 1..12),
            closed in proptest::bool::ANY,
            tolerance in 0.01..1.0f64,
        ) {
            let mut path = Path::default();
            let p = Point::new;
            let segments = numbers.iter().map(|&(kind, a, b, c, d, e, f)| match kind {
                0 | 1 => Segment::Line(p(e, f)),
                2 => Segment::Quad(p(a, b), p(e, f)),
                3 => Segment::Arc(Arc { rx: a.abs() + 1.0, ry: a.abs() + 1.0, turn: 0.0, large: b > 0.0, sweep: c > 0.0 }, p(e, f)),
                4 => Segment::Arc(Arc { rx: a.abs() + 1.0, ry: b.abs() + 1.0, turn: d, large: c > 0.0, sweep: e > 0.0 }, p(e, f)),
                _ => Segment::Cubic(p(a, b), p(c, d), p(e, f)),
            });
            path.subpaths.push(Subpath { start: p(0.0, 0.0), segments: segments.collect(), closed });
            let mut simple = path.clone();
            simplify(&mut simple, tolerance);
            let slack = tolerance / 2.0;
            let text = write(&simple, Grid { decimals: 3, slack }).unwrap();
            let again = Path::parse(&text).unwrap();
            let (before, after) = (dense(&path), dense(&again));
            // A tolerance for each of the five ways to simplify is the most that they add up to; the
            // samples themselves are up to half their distance apart.
            let allowed = 5.0 * tolerance + 2.0 * slack + 0.6;
            proptest::prop_assert!(farthest(&before, &after) <= allowed, "{text}: {}", farthest(&before, &after));
            proptest::prop_assert!(farthest(&after, &before) <= allowed, "{text}: {}", farthest(&after, &before));
        }

        /// Without slack nothing moves at all.
        #[test]
        fn an_exact_rewrite_is_exact(numbers in proptest::collection::vec((0u8..4, -9999i32..9999, -9999i32..9999, -9999i32..9999, -9999i32..9999), 1..20)) {
            let mut d = String::from("M1.5-2");
            for (kind, a, b, c, e) in numbers {
                let [a, b, c, e] = [a, b, c, e].map(|v| f64::from(v) / 100.0);
                d.push_str(&match kind {
                    0 => format!("L{a},{b}"),
                    1 => format!("q{a} {b} {c} {e}"),
                    2 => format!("s{a} {b} {c} {e}"),
                    _ => format!("h{a}v{b}z"),
                });
            }
            let path = Path::parse(&d).unwrap();
            let text = write(&path, Grid { decimals: path.decimals, slack: 0.0 }).unwrap();
            let again = Path::parse(&text).unwrap();
            proptest::prop_assert!(text.len() <= d.len());
            let (a, b) = (dense(&path), dense(&again));
            proptest::prop_assert!(farthest(&a, &b) < 1e-6 && farthest(&b, &a) < 1e-6, "{d} became {text}");
        }
    }

    /// Points along a path, no two neighbours further apart than one unit.
    fn dense(path: &Path) -> Vec<Point> {
        let mut out = Vec::new();
        for sub in &path.subpaths {
            let mut from = sub.start;
            out.push(from);
            let close = sub.closed.then_some(Segment::Line(sub.start));
            for segment in sub.segments.iter().chain(close.as_ref()) {
                let center = if let Segment::Arc(arc, p) = *segment { arc.center(from, p) } else { None };
                let at = |t: f64| match (*segment, center) {
                    (Segment::Line(p), _) => mix(from, p, t),
                    (Segment::Quad(a, p), _) => mix(mix(from, a, t), mix(a, p, t), t),
                    (Segment::Cubic(a, b, p), _) => cubic_at([from, a, b, p], t),
                    (Segment::Arc(..), Some(c)) => c.at(t),
                    (Segment::Arc(_, p), None) => p,
                };
                let length: f64 = (0..64).map(|i| distance(at(f64::from(i) / 64.0), at(f64::from(i + 1) / 64.0))).sum();
                // A whole number of units is that, whatever its last bit: equal segments get equal points.
                let n = ((length - 1e-9).ceil() as usize * 2).max(1);
                out.extend((1..=n).map(|i| at(i as f64 / n as f64)));
                from = segment.end();
            }
        }
        out
    }

    /// How far the farthest of `a` is from the nearest of `b`.
    fn farthest(a: &[Point], b: &[Point]) -> f64 {
        a.iter().map(|p| b.iter().map(|q| distance(*p, *q)).fold(f64::INFINITY, f64::min)).fold(0.0, f64::max)
    }
}
