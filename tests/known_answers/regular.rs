//! What is equal or symmetric comes back so, to the last digit.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use svg_ai::document::{Contour, Document, Point, Segment};

use crate::draw::{BLACK, BLUE, CLEAR, GREEN, Ink, Picture, RED, WHITE, YELLOW, circle, p, polar, rectangle};
use crate::traced::{corners, marks, svg, trace};

/// Points on the grid on which they are written.
fn digits(contour: &Contour) -> Vec<(i64, i64)> {
    contour.points().map(|p| ((p.x * 100.0).round() as i64, (p.y * 100.0).round() as i64)).collect()
}

/// All points of all marks, sorted.
fn all_digits(document: &Document) -> Vec<(i64, i64)> {
    let mut all: Vec<_> = marks(document).iter().flat_map(|s| &s.contours).flat_map(digits).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn mapped(points: &[(i64, i64)], to: impl Fn((i64, i64)) -> (i64, i64)) -> Vec<(i64, i64)> {
    let mut all: Vec<_> = points.iter().map(|p| to(*p)).collect();
    all.sort_unstable();
    all
}

/// A petal from `inner` to `outer` from `c` in a direction, pointed at both ends.
fn petal(c: Point, inner: f64, outer: f64, width: f64, angle: f64) -> Vec<Point> {
    let side = |sign: f64| {
        (0..200).map(move |k| {
            let t = f64::from(k) / 200.0;
            let t = if sign > 0.0 { t } else { 1.0 - t };
            let along = inner + (outer - inner) * t;
            let across = sign * width / 2.0 * (PI * t).sin();
            c + p(along * angle.cos() - across * angle.sin(), along * angle.sin() + across * angle.cos())
        })
    };
    side(1.0).chain(side(-1.0)).collect()
}

#[test]
fn a_ring_of_eight_petals_is_symmetric_to_the_last_digit() {
    eight_petals(128, WHITE, RED);
}

#[test]
fn a_larger_ring_of_eight_petals_is_symmetric_to_the_last_digit() {
    eight_petals(200, CLEAR, BLUE);
}

fn eight_petals(size: u32, ground: Ink, ink: Ink) {
    let c = p(f64::from(size) / 2.0, f64::from(size) / 2.0);
    let scale = f64::from(size) / 128.0;
    let petals = (0..8).map(|k| petal(c, 14.0 * scale, 56.0 * scale, 17.0 * scale, f64::from(k) * FRAC_PI_4));
    let picture = petals.fold(Picture::new(size as usize, size as usize, ground), |pic, ring| pic.with(&[ring], ink));
    let document = trace(&picture.raster());
    assert_eq!(marks(&document).len(), 8);
    let points = all_digits(&document);
    // About its own middle, which is the picture's.
    let twice = points.first().unwrap().0 + points.last().unwrap().0;
    assert!((twice - i64::from(size) * 100).abs() <= 2, "{twice}");
    // Mirrors and quarter turns keep the grid: digit by digit.
    assert_eq!(points, mapped(&points, |(x, y)| (twice - x, y)));
    assert_eq!(points, mapped(&points, |(x, y)| (x, twice - y)));
    assert_eq!(points, mapped(&points, |(x, y)| (twice - y, x)));
    // An eighth of a turn does not; what is left is the rounding of two points, each from the middle of a petal, which
    // is rounded itself.
    let (s, k) = FRAC_PI_4.sin_cos();
    let half = twice as f64 / 2.0;
    for (x, y) in &points {
        let (dx, dy) = (*x as f64 - half, *y as f64 - half);
        let (x, y) = (half + dx * k - dy * s, half + dx * s + dy * k);
        let off = points.iter().map(|q| (q.0 as f64 - x).hypot(q.1 as f64 - y)).fold(f64::INFINITY, f64::min);
        assert!(off < 2.83, "{off} hundredths");
    }
}

/// A heart with a straight notch, about an upright axis at `x`.
fn shield(x: f64, y: f64) -> Vec<Point> {
    let half: Vec<Point> = (0..=300)
        .map(|k| f64::from(k) / 300.0)
        .map(|t| p(30.0 * (PI * t).sin() * (1.0 - 0.35 * t), -25.0 + 60.0 * t + 4.0 * (3.0 * PI * t).sin()))
        .collect();
    let right = half.iter().map(|q| p(x + q.x, y + q.y));
    let left = half.iter().rev().skip(1).map(|q| p(x - q.x, y + q.y));
    right.chain(left).collect()
}

#[test]
fn a_mirrored_logo_is_mirrored_to_the_last_digit() {
    let eye = |sign: f64| {
        let turn = |k: i32| f64::from(k) / 400.0 * TAU;
        (0..400).map(move |k| {
            p(60.0 + sign * (12.0 + 5.0 * turn(k).cos()), 46.0 + 7.0 * turn(k).sin() + 2.0 * turn(k).cos())
        })
    };
    let (left, right): (Vec<Point>, Vec<Point>) = (eye(-1.0).collect(), eye(1.0).collect());
    let mut face = Picture::new(120, 110, WHITE).with(&[shield(60.0, 50.0), left.clone(), right.clone()], BLUE);
    face = face.with(&[left], YELLOW).with(&[right], YELLOW);
    let document = trace(&face.raster());
    let points = all_digits(&document);
    assert!(points.len() > 12, "{points:?}");
    let twice = points.first().unwrap().0 + points.last().unwrap().0;
    assert!((twice - 12000).abs() <= 2, "{twice}");
    assert_eq!(points, mapped(&points, |(x, y)| (twice - x, y)));
}

#[test]
fn equal_discs_have_one_radius_and_others_their_own() {
    let mut random = fastrand::Rng::with_seed(21);
    for _ in 0..20 {
        let r = 8.0 + 4.0 * random.f64();
        let mut place = |x: f64, y: f64| p(x + random.f64(), y + random.f64());
        let places = [place(20.0, 20.0), place(55.0, 22.0), place(24.0, 60.0)];
        let radii = [r, r, r + 0.3];
        let picture =
            places.iter().zip(radii).fold(Picture::new(96, 96, WHITE), |pic, (c, r)| pic.with(&[circle(*c, r)], BLACK));
        let document = trace(&picture.raster());
        let found: Vec<(Point, f64)> = marks(&document).iter().flat_map(crate::traced::circles).collect();
        let radius = |c: Point| found.iter().min_by(|a, b| a.0.distance(c).total_cmp(&b.0.distance(c))).unwrap().1;
        assert_eq!(radius(places[0]), radius(places[1]));
        assert!((radius(places[2]) - r - 0.3).abs() < 0.01, "{} for {}", radius(places[2]), r + 0.3);
    }
}

/// A glyph without any symmetry: a stem with a bowl.
fn glyph(x: f64, y: f64, size: f64) -> Vec<Point> {
    let at = |a: f64, b: f64| p(x + size * a, y + size * b);
    let bowl = (0..=120).map(|k| -FRAC_PI_2 + PI * f64::from(k) / 120.0);
    let bowl = bowl.map(|a| at(0.35 + 0.5 * a.cos(), 0.3 + 0.3 * a.sin()));
    [at(0.0, 0.0)].into_iter().chain(bowl).chain([at(0.22, 0.6), at(0.3, 1.0), at(0.0, 1.0)]).collect()
}

#[test]
fn nine_equal_glyphs_are_written_once() {
    let places = (0..9).map(|k| (f64::from(k % 3) * 40.37 + 12.3, f64::from(k / 3) * 41.19 + 11.7));
    for (ground, ink) in [(WHITE, BLACK), (CLEAR, RED)] {
        let picture =
            places.clone().fold(Picture::new(140, 140, ground), |pic, (x, y)| pic.with(&[glyph(x, y, 24.0)], ink));
        let mut document = trace(&picture.raster());
        document.merge_paths();
        let text = svg(&document, 2);
        // The first is painted where it is defined.
        assert_eq!(text.matches("<use").count(), 8, "{text}");
        assert_eq!(text.matches(" id=").count(), 1, "{text}");
    }
}

#[test]
fn glyphs_that_differ_by_more_than_is_measured_are_not_the_same() {
    let sizes = [24.0, 24.5, 25.0, 23.5];
    let places = (0..4).map(|k| (f64::from(k % 2) * 40.37 + 12.3, f64::from(k / 2) * 41.19 + 11.7));
    let picture =
        places.zip(sizes).fold(Picture::new(96, 96, WHITE), |pic, ((x, y), s)| pic.with(&[glyph(x, y, s)], BLACK));
    let mut document = trace(&picture.raster());
    document.merge_paths();
    let text = svg(&document, 2);
    assert!(!text.contains("<use"), "{text}");
}

/// Centre and radius of every circle, as they are written.
fn written_circles(document: &Document) -> Vec<(String, String, String)> {
    let text = svg(document, 2);
    let value = |tag: &str, name: &str| {
        let from = tag.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
        tag[from..].split('"').next().unwrap().to_owned()
    };
    text.split("<circle").skip(1).map(|tag| (value(tag, "cx"), value(tag, "cy"), value(tag, "r"))).collect()
}

#[test]
fn concentric_rings_have_one_centre() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..20 {
        let c = p(60.0 + random.f64(), 60.0 + random.f64());
        let radii = [50.0, 36.0, 21.0].map(|r| r + random.f64());
        let picture = Picture::new(124, 124, WHITE)
            .with(&[circle(c, radii[0]), circle(c, radii[1])], BLUE)
            .with(&[circle(c, radii[1]), circle(c, radii[2])], YELLOW)
            .with(&[circle(c, radii[2])], RED);
        let found = written_circles(&trace(&picture.raster()));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|f| (&f.0, &f.1) == (&found[0].0, &found[0].1)), "{found:?}");
    }
}

#[test]
fn centres_that_are_apart_and_radii_that_differ_stay_so() {
    let mut random = fastrand::Rng::with_seed(6);
    for _ in 0..20 {
        let c = p(60.0 + random.f64(), 60.0 + random.f64());
        let (outer, inner) = (45.0 + random.f64(), 25.0 + random.f64());
        let off = c + p(0.2, 0.0);
        let picture = Picture::new(124, 124, WHITE)
            .with(&[circle(c, outer), circle(off, inner)], BLUE)
            .with(&[circle(off, inner)], YELLOW);
        let found: Vec<(Point, f64)> =
            marks(&trace(&picture.raster())).iter().flat_map(crate::traced::circles).collect();
        let [(a, _), (b, _)] = found[..] else { panic!("{found:?}") };
        assert!((b.x - a.x - 0.2).abs() < 0.02, "{found:?}");

        let radii = [20.0, 20.2, 20.4, 20.6].map(|r| r + 0.1 * random.f64());
        let place = |k: usize| p(32.0 + 60.0 * (k % 2) as f64, 32.0 + 60.0 * (k / 2) as f64) + c * 0.01;
        let picture =
            (0..4).fold(Picture::new(124, 124, WHITE), |pic, k| pic.with(&[circle(place(k), radii[k])], BLACK));
        let found: Vec<(Point, f64)> =
            marks(&trace(&picture.raster())).iter().flat_map(crate::traced::circles).collect();
        for k in 0..4 {
            let nearest =
                found.iter().min_by(|a, b| a.0.distance(place(k)).total_cmp(&b.0.distance(place(k)))).unwrap();
            assert!((nearest.1 - radii[k]).abs() < 0.02, "{found:?} for {radii:?}");
        }
    }
}

#[test]
fn four_discs_of_one_radius_have_one_radius() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..20 {
        let r = 14.0 + 8.0 * random.f64();
        let mut place = |x: f64, y: f64| p(x + random.f64(), y + random.f64());
        let places = [place(30.0, 30.0), place(88.0, 31.0), place(29.0, 90.0), place(90.0, 92.0)];
        let picture = places.iter().fold(Picture::new(124, 124, WHITE), |pic, c| pic.with(&[circle(*c, r)], GREEN));
        let text = svg(&trace(&picture.raster()), 2);
        let radii: Vec<&str> = text.split(" r=\"").skip(1).map(|t| t.split('"').next().unwrap()).collect();
        assert!(!radii.is_empty() && radii.iter().all(|r| *r == radii[0]), "{text}");
    }
}

/// A rectangle whose right corners are round.
fn tab(at: Point, w: f64, h: f64, r: f64) -> Vec<Point> {
    let bend = |c: Point, from: f64| (0..=200).map(move |k| polar(c, r, from + FRAC_PI_2 * f64::from(k) / 200.0));
    let right = bend(at + p(w - r, r), -FRAC_PI_2).chain(bend(at + p(w - r, h - r), 0.0));
    [at].into_iter().chain(right).chain([at + p(0.0, h)]).collect()
}

#[test]
fn rounded_corners_have_one_radius_and_touch_their_sides() {
    let mut random = fastrand::Rng::with_seed(8);
    for _ in 0..12 {
        let r = 11.0 + 5.0 * random.f64();
        let mut at = |x: f64, y: f64| p(x + random.f64(), y + random.f64());
        let shapes = [tab(at(10.0, 12.0), 90.3, 60.7, r), tab(at(20.0, 100.0), 70.0, 45.2, r)];
        let picture =
            shapes.iter().fold(Picture::new(124, 164, WHITE), |pic, s| pic.with(std::slice::from_ref(s), BLUE));
        let document = trace(&picture.raster());
        let mut radii = Vec::new();
        for contour in marks(&document).iter().flat_map(|s| &s.contours) {
            let mut from = contour.start;
            for segment in &contour.segments {
                if let Segment::Arc(arc) = segment {
                    radii.push(format!("{:.2}", arc.radii.0));
                    // A quarter from side to side goes as far one way as the other.
                    let by = arc.end - from;
                    assert!((by.x.abs() - by.y.abs()).abs() < 0.015 && (by.x.abs() - r).abs() < 0.04, "{by:?} for {r}");
                }
                from = segment.end();
            }
        }
        assert!(radii.len() == 4 && radii.iter().all(|r| *r == radii[0]), "{radii:?} for {r}");
    }
}

#[test]
fn parallel_bars_have_parallel_sides() {
    let mut random = fastrand::Rng::with_seed(9);
    for _ in 0..12 {
        let angle = 0.15 + 0.5 * random.f64();
        let bars = [rectangle(p(70.2, 50.4), 100.0, 17.3, angle), rectangle(p(62.6, 105.1), 71.0, 23.9, angle)];
        let picture = bars.iter().fold(Picture::new(140, 150, WHITE), |pic, b| pic.with(std::slice::from_ref(b), RED));
        let document = trace(&picture.raster());
        let sides: Vec<Point> = marks(&document)
            .iter()
            .flat_map(|s| &s.contours)
            .flat_map(|c| {
                let c = corners(c);
                (0..c.len()).map(|k| c[(k + 1) % c.len()] - c[k]).collect::<Vec<_>>()
            })
            .filter(|d| d.length() > 50.0)
            .collect();
        assert_eq!(sides.len(), 4, "{sides:?}");
        for pair in sides.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            // As parallel as the ends of the shorter one can say: to half a hundredth each.
            let across = a.cross(b).abs() / a.length();
            assert!(across < 0.015, "{across} px over {} px", b.length());
        }
    }
}
