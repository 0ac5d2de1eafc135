//! What is equal or symmetric comes back so, to the last digit.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use svg_ai::document::{Contour, Document, Point};

use crate::draw::{BLACK, BLUE, CLEAR, Ink, Picture, RED, WHITE, YELLOW, circle, p};
use crate::traced::{marks, svg, trace};

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
