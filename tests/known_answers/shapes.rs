//! Single shapes at any place and angle.

use std::f64::consts::PI;

use svg_ai::document::{Arc, Document, Point, Primitive, Segment};

use crate::draw::{self, BLACK, BLUE, CLEAR, Picture, RED, WHITE, YELLOW, circle, p, rectangle, star};
use crate::traced::{circles, corners, marks, off, svg, trace, trace_with};

/// Farthest that a circle's centre and radius may be off, px.
const CIRCLE: f64 = 0.01;

/// Farthest that a corner may be off, px.
const CORNER: f64 = 0.02;

#[test]
fn a_disc_is_one_circle() {
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..60 {
        let r = 3.0 + 24.0 * random.f64();
        let c = p(32.0 + random.f64(), 32.0 + random.f64());
        for (ground, ink) in [(WHITE, BLACK), (BLUE, YELLOW), (CLEAR, RED)] {
            let document = trace(&Picture::new(64, 64, ground).with(&[circle(c, r)], ink).raster());
            let [shape] = marks(&document) else { panic!("{c:?} {r}: {} marks", marks(&document).len()) };
            let [(center, radius)] = circles(shape)[..] else { panic!("{shape:?}") };
            assert!(center.distance(c) < CIRCLE && (radius - r).abs() < CIRCLE, "{c:?} {r}: {center:?} {radius}");
            assert_eq!(svg(&document, 2).matches("<circle").count(), 1);
        }
    }
}

#[test]
fn a_disc_that_fills_the_picture_ends_at_its_rim() {
    // What lies beyond the rim is cut off by renderers, each in its own way.
    for beyond in [-0.03, 0.0, 0.02, 0.04] {
        let document =
            trace(&Picture::new(128, 128, WHITE).with(&[circle(p(64.0, 64.0), 64.0 + beyond)], RED).raster());
        let [shape] = marks(&document) else { panic!("{beyond}: {} marks", marks(&document).len()) };
        assert_eq!(circles(shape), [(p(64.0, 64.0), 64.0)], "{beyond}");
    }
}

#[test]
fn a_ring_is_two_circles() {
    let mut random = fastrand::Rng::with_seed(2);
    for _ in 0..30 {
        let c = p(32.0 + random.f64(), 32.0 + random.f64());
        let outer = 12.0 + 14.0 * random.f64();
        let inner = outer * (0.3 + 0.5 * random.f64());
        for (ground, ink) in [(WHITE, BLACK), (CLEAR, BLUE)] {
            let picture = Picture::new(64, 64, ground).with(&[circle(c, outer), circle(c, inner)], ink);
            let document = trace(&picture.raster());
            let mut found: Vec<_> = marks(&document).iter().flat_map(circles).collect();
            found.sort_by(|a, b| b.1.total_cmp(&a.1));
            assert_eq!(found.len(), 2, "{c:?} {outer} {inner}");
            for ((center, radius), r) in found.into_iter().zip([outer, inner]) {
                assert!(center.distance(c) < CIRCLE && (radius - r).abs() < CIRCLE, "{c:?} {r}: {center:?} {radius}");
            }
        }
    }
}

#[test]
fn an_upright_rectangle_is_one_to_a_hundredth() {
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..60 {
        let (w, h) = (4.0 + 40.0 * random.f64(), 4.0 + 40.0 * random.f64());
        let c = p(32.0 + random.f64(), 32.0 + random.f64());
        let document = trace(&Picture::new(64, 64, WHITE).with(&[rectangle(c, w, h, 0.0)], BLUE).raster());
        let [shape] = marks(&document) else { panic!("{c:?} {w} {h}: {} marks", marks(&document).len()) };
        let Some(Primitive::Rect(a, b, r)) = shape.contours[0].primitive else { panic!("{c:?} {w} {h}: {shape:?}") };
        let half = p(w / 2.0, h / 2.0);
        let edges = (a - (c - half), b - (c + half));
        let most = edges.0.x.abs().max(edges.0.y.abs()).max(edges.1.x.abs()).max(edges.1.y.abs());
        assert!(most < 0.01 && r == 0.0, "{c:?} {w} {h}: off by {most}, radius {r}");
    }
}

/// A window in a house, a dot on a letter. One in two columns and two rows, none of them full, may be any of many.
#[test]
fn a_small_upright_rectangle_is_one() {
    let mut random = fastrand::Rng::with_seed(23);
    let mut missed = Vec::new();
    let mut side = || 1.2 + 4.0 * random.f64();
    let sizes: Vec<(f64, f64)> = (0..120).map(|_| (side(), side())).collect();
    for (w, h) in sizes {
        let c = p(32.0 + random.f64(), 32.0 + random.f64());
        // Its ink has pure pixels elsewhere.
        let picture = Picture::new(64, 64, WHITE).with(&[rectangle(p(10.0, 32.0), 8.0, 40.0, 0.0)], BLUE);
        let document = trace(&picture.with(&[rectangle(c, w, h, 0.0)], BLUE).raster());
        let half = p(w / 2.0, h / 2.0);
        let off = marks(&document).iter().flat_map(|s| &s.contours).find_map(|contour| match contour.primitive {
            Some(Primitive::Rect(a, b, 0.0)) if a.x > 20.0 => {
                let (low, high) = (a - (c - half), b - (c + half));
                Some([low.x, low.y, high.x, high.y].into_iter().fold(0.0, |most: f64, v| most.max(v.abs())))
            }
            _ => None,
        });
        if off.is_none_or(|off| off > 0.02) {
            missed.push(format!("{w:.2} x {h:.2} at {:.2}, {:.2}: {off:?}", c.x, c.y));
        }
    }
    assert!(missed.len() <= 2, "{} of 120: {}", missed.len(), missed.join("; "));
}

/// Arcs of two radii of all contours.
fn elliptical(document: &Document) -> Vec<Arc> {
    let arcs = document.shapes.iter().flat_map(|s| &s.contours).flat_map(|c| &c.segments).filter_map(|s| match s {
        Segment::Arc(arc) if (arc.radii.0 - arc.radii.1).abs() > 1e-6 => Some(*arc),
        _ => None,
    });
    arcs.collect()
}

#[test]
fn a_part_of_an_ellipse_is_one_arc_of_two_radii() {
    let mut random = fastrand::Rng::with_seed(29);
    let mut errors = Vec::new();
    for k in 0..24 {
        let c = p(64.0 + random.f64(), 64.0 + random.f64());
        let long = 30.0 + 20.0 * random.f64();
        let short = long * (0.4 + 0.35 * random.f64());
        let angle = PI * random.f64() * f64::from(k % 2);
        // Half of it, and more.
        let half = PI * [0.5, 0.7][k as usize / 2 % 2];
        let turn = 2.0 * PI * random.f64();
        let on = |t: f64| {
            let u = draw::polar(p(0.0, 0.0), long * t.cos(), angle);
            c + u + draw::polar(p(0.0, 0.0), short * t.sin(), angle + PI / 2.0)
        };
        let ring: Vec<Point> = (0..=1000).map(|i| on(turn + half * (f64::from(i) / 500.0 - 1.0))).collect();
        let document = trace(&Picture::new(128, 128, WHITE).with(std::slice::from_ref(&ring), BLUE).raster());
        let name = format!("{long} {short} at {angle}, {half} about {turn}");
        if let [arc] = elliptical(&document)[..] {
            let (first, second) = (arc.radii.0.max(arc.radii.1), arc.radii.0.min(arc.radii.1));
            let off = (first - long).abs().max((second - short).abs());
            assert!(off < 0.12, "{name}: {arc:?}");
            errors.push(off);
        }
    }
    errors.sort_by(f64::total_cmp);
    // Where the curve of some pieces is no ellipse to a hundredth of a pixel, it stays.
    assert!(errors.len() >= 18 && errors[errors.len() / 2] < 0.02, "{errors:?}");
}

#[test]
fn a_long_cubic_is_one_piece_or_two() {
    let mut random = fastrand::Rng::with_seed(31);
    let mut pieces = Vec::new();
    for _ in 0..12 {
        let mut near = |x: f64, y: f64| p(x + 12.0 * random.f64(), y + 12.0 * random.f64());
        // A leaf of two cubics, the way up and the way down.
        let (a, b) = (near(20.0, 230.0), near(220.0, 20.0));
        let curves = [[a, near(20.0, 110.0), near(100.0, 25.0), b], [b, near(215.0, 130.0), near(130.0, 215.0), a]];
        let at = |c: &[Point; 4], t: f64| {
            let u = 1.0 - t;
            c[0] * (u * u * u) + c[1] * (3.0 * u * u * t) + c[2] * (3.0 * u * t * t) + c[3] * (t * t * t)
        };
        let ring: Vec<Point> = curves.iter().flat_map(|c| (0..400).map(move |k| at(c, f64::from(k) / 400.0))).collect();
        let document = trace_with(&Picture::new(256, 256, WHITE).with(&[ring], BLACK).raster(), &[("effort", "best")]);
        let [shape] = marks(&document) else { panic!("{} marks", marks(&document).len()) };
        pieces.push(shape.contours.iter().map(|c| c.segments.len()).sum::<usize>());
    }
    // What is in pixels at a sharp tip is of both sides: a piece may be left there.
    assert!(pieces.iter().all(|n| *n <= 4) && pieces.iter().sum::<usize>() <= 46, "{pieces:?}");
}

fn worst_corner(ring: &[Point]) -> f64 {
    let document = trace(&Picture::new(64, 64, WHITE).with(&[ring.to_vec()], BLACK).raster());
    let [shape] = marks(&document) else { panic!("{ring:?}: {} marks", marks(&document).len()) };
    let [contour] = &shape.contours[..] else { panic!("{shape:?}") };
    off(&corners(contour), ring)
}

#[test]
fn a_turned_rectangle_keeps_its_corners() {
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..60 {
        let (w, h) = (12.0 + 28.0 * random.f64(), 12.0 + 28.0 * random.f64());
        let angle = PI * random.f64();
        let ring = rectangle(p(32.0 + random.f64(), 32.0 + random.f64()), w, h, angle);
        let worst = worst_corner(&ring);
        assert!(worst < CORNER, "{w} x {h} at {angle}: {worst}");
    }
}

#[test]
fn a_star_has_ten_corners_and_ten_lines() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..40 {
        let outer = 16.0 + 14.0 * random.f64();
        let ring = star(p(32.0 + random.f64(), 32.0 + random.f64()), 5, outer, outer * 0.382, PI * random.f64());
        let worst = worst_corner(&ring);
        assert!(worst < 0.1, "{outer}: {worst}");
    }
}

#[test]
fn a_short_side_between_long_ones_keeps_its_corners() {
    // A step of a few pixels in a long edge: the direction all around it is that of the edge.
    let mut random = fastrand::Rng::with_seed(12);
    for _ in 0..30 {
        let (x, y, step) = (30.0 + random.f64(), 40.0 + random.f64(), 2.5 + 3.0 * random.f64());
        let ring = [p(8.3, 9.6), p(55.2, 9.6), p(55.2, y - step), p(x, y - step), p(x, y), p(8.3, y)];
        let worst = worst_corner(&ring);
        assert!(worst < 0.15, "{x} {y}, a step of {step}: {worst}");
    }
}

#[test]
fn a_tip_is_sharp_and_one_that_is_cut_off_is_blunt() {
    let mut random = fastrand::Rng::with_seed(13);
    for _ in 0..30 {
        let (apex, turn) = (p(32.0 + random.f64(), 8.0 + random.f64()), 0.3 * random.f64());
        // 20 to 40 degrees between the sides.
        let half = (10.0 + 10.0 * random.f64()).to_radians();
        let side = |at: f64, length: f64| draw::polar(apex, length, PI / 2.0 + turn + at);
        let sharp = vec![apex, side(half, 45.0), side(-half, 45.0)];
        let cut = 0.7 / half.sin();
        let blunt = vec![side(-half, cut), side(half, cut), side(half, 45.0), side(-half, 45.0)];
        // The sides alone hold a corner of a blunt end; what matters most is how many there are.
        for (ring, most) in [(sharp, 0.2), (blunt, 1.0)] {
            let worst = worst_corner(&ring);
            assert!(worst < most, "{} corners, {half} at {apex:?}: {worst}", ring.len());
        }
    }
}

#[test]
fn a_regular_polygon_is_regular() {
    let mut random = fastrand::Rng::with_seed(8);
    for n in 3..=12 {
        for _ in 0..6 {
            let (c, r) = (p(32.0 + random.f64(), 32.0 + random.f64()), 16.0 + 12.0 * random.f64());
            let angle = PI * random.f64();
            let ring: Vec<Point> =
                (0..n).map(|k| draw::polar(c, r, angle + 2.0 * PI * f64::from(k) / f64::from(n))).collect();
            let document = trace(&Picture::new(64, 64, WHITE).with(std::slice::from_ref(&ring), BLACK).raster());
            let [shape] = marks(&document) else { panic!("{n} {r}: {} marks", marks(&document).len()) };
            let found = corners(&shape.contours[0]);
            let worst = off(&found, &ring);
            assert!(worst < 2.0 * CORNER, "{n} corners, {r} px at {angle}: off by {worst}");
            // Its own sides are all as long, or one of the axes has been chosen for it.
            let sides: Vec<f64> = (0..found.len()).map(|k| found[k].distance(found[(k + 1) % found.len()])).collect();
            let (least, most) = sides.iter().fold((f64::INFINITY, 0.0f64), |(a, b), s| (a.min(*s), b.max(*s)));
            assert!(most - least < 1e-6, "{n} corners, {r} px at {angle}: sides from {least} to {most}");
        }
    }
}

#[test]
fn near_discs_stay_two() {
    let mut random = fastrand::Rng::with_seed(6);
    for _ in 0..40 {
        let (r, s) = (5.0 + 8.0 * random.f64(), 5.0 + 8.0 * random.f64());
        let (a, angle) = (p(31.5 + random.f64(), 31.5 + random.f64()), 2.0 * PI * random.f64());
        let (a, b) = (draw::polar(a, r, angle + PI), draw::polar(a, s + 1.5, angle));
        let picture = Picture::new(64, 64, WHITE).with(&[circle(a, r)], BLACK).with(&[circle(b, s)], BLACK);
        for stacking in ["stacked", "cutout"] {
            let document = trace_with(&picture.raster(), &[("stacking", stacking)]);
            let discs = document.shapes.iter().flat_map(|s| &s.contours);
            let discs = discs.filter(|c| matches!(c.primitive, Some(Primitive::Circle(..)))).count();
            // The ground of a mosaic has both as holes.
            assert_eq!(discs, if stacking == "cutout" { 4 } else { 2 }, "{a:?} {r} {b:?} {s}");
        }
    }
}
