//! Smooth shading: as many gradients as were drawn.

use svg_ai::Raster;
use svg_ai::document::{Document, Gradient, GradientKind, Paint, Point};
use svg_ai::score::{MetricSet, measure};

use crate::draw::{BLUE, CLEAR, Ink, Picture, RED, WHITE, YELLOW, circle, p, rectangle, star};
use crate::traced::{svg, trace, trace_with};

fn mix(a: Ink, b: Ink, share: f64) -> Ink {
    let t = share.clamp(0.0, 1.0);
    [0, 1, 2, 3].map(|c| a[c] + t * (b[c] - a[c]))
}

/// Colours along a line.
fn along(from: Point, to: Point, a: Ink, b: Ink) -> impl Fn(Point) -> Ink + 'static {
    let d = to - from;
    move |at| mix(a, b, (at - from).dot(d) / d.dot(d))
}

/// Colours around a centre.
fn around(center: Point, radius: f64, a: Ink, b: Ink) -> impl Fn(Point) -> Ink + 'static {
    move |at| mix(a, b, at.distance(center) / radius)
}

/// All gradients, by shape.
fn gradients(document: &Document) -> Vec<Vec<Gradient>> {
    let of = |paint: &Paint| match paint {
        Paint::Gradients(g) => g.clone(),
        _ => Vec::new(),
    };
    document.shapes.iter().map(|s| of(&s.paint)).filter(|g| !g.is_empty()).collect()
}

/// Mean ΔE₀₀ over white and over black.
fn errors(raster: &Raster, document: &Document) -> (f64, f64) {
    let metrics = measure(raster, svg(document, 2).as_bytes(), MetricSet::Basic).unwrap();
    (metrics.over_white.delta_e_mean, metrics.over_black.delta_e_mean)
}

#[test]
fn a_linear_ramp_is_one_gradient() {
    for (from, to) in
        [(p(20.0, 20.0), p(180.0, 30.0)), (p(40.0, 170.0), p(120.0, 20.0)), (p(100.0, 10.0), p(100.0, 190.0))]
    {
        let shape = rectangle(p(100.0, 100.0), 150.3, 140.8, 0.2);
        let raster = Picture::new(200, 200, WHITE).shaded(&[shape], along(from, to, RED, BLUE)).raster();
        let document = trace(&raster);
        let found = gradients(&document);
        let [gradient] = &found.concat()[..] else { panic!("{found:?}") };
        assert!(matches!(gradient.kind, GradientKind::Linear { .. }) && gradient.stops.len() == 2, "{gradient:?}");
        // The renderer's own arithmetic is good to 0.09 here.
        let (white, black) = errors(&raster, &document);
        assert!(white < 0.11 && black < 0.11, "{white} over white, {black} over black");
    }
}

#[test]
fn a_radial_ramp_is_one_gradient() {
    for center in [p(100.0, 100.0), p(70.3, 60.9), p(130.0, 20.0)] {
        let shape = circle(p(100.4, 99.7), 80.2);
        let raster = Picture::new(200, 200, WHITE).shaded(&[shape], around(center, 170.0, YELLOW, BLUE)).raster();
        let document = trace(&raster);
        let found = gradients(&document);
        let [gradient] = &found.concat()[..] else { panic!("{found:?}") };
        let GradientKind::Radial { center: c, .. } = gradient.kind else { panic!("{gradient:?}") };
        assert!(c.distance(center) < 0.5, "{c:?} for {center:?}");
        assert!(gradient.stops.len() == 2, "{gradient:?}");
        // The renderer's own arithmetic is good to 0.14 here: the gradient as it was drawn has that.
        let exact = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 200 200'><defs><radialGradient id='a' \
             gradientUnits='userSpaceOnUse' cx='{}' cy='{}' r='170'><stop stop-color='#fac828'/>\
             <stop offset='1' stop-color='#143cbe'/></radialGradient></defs><path fill='#fff' d='M0 0h200v200H0z'/>\
             <circle cx='100.4' cy='99.7' r='80.2' fill='url(#a)'/></svg>",
            center.x, center.y
        );
        let exact = measure(&raster, exact.as_bytes(), MetricSet::Basic).unwrap().over_white.delta_e_mean;
        let (white, black) = errors(&raster, &document);
        let most = exact.max(0.08) + 0.02;
        assert!(white < most && black < most, "{white} over white, {black} over black, {exact} as drawn: {gradient:?}");
    }
}

#[test]
fn a_disc_that_fades_to_transparent_is_one_gradient() {
    let clear = [RED[0], RED[1], RED[2], 0.0];
    let shape = circle(p(100.4, 99.7), 80.2);
    let raster = Picture::new(200, 200, CLEAR).shaded(&[shape], around(p(100.4, 99.7), 80.2, RED, clear)).raster();
    let document = trace(&raster);
    let found = gradients(&document);
    let [gradient] = &found.concat()[..] else { panic!("{found:?}") };
    assert!(gradient.stops.last().unwrap().opacity < 0.05, "{gradient:?}");
    let (white, black) = errors(&raster, &document);
    assert!(white < 0.2 && black < 0.2, "{white} over white, {black} over black");
}

#[test]
fn a_soft_glow_is_one_gradient() {
    let everything = rectangle(p(100.0, 100.0), 200.0, 200.0, 0.0);
    let glow = around(p(93.0, 108.0), 60.0, YELLOW, BLUE);
    let raster = Picture::new(200, 200, BLUE).shaded(&[everything], glow).raster();
    let document = trace(&raster);
    let found = gradients(&document);
    let [gradient] = &found.concat()[..] else { panic!("{found:?}") };
    assert!(matches!(gradient.kind, GradientKind::Radial { .. }), "{gradient:?}");
    assert!(document.shapes.len() <= 2, "{} shapes", document.shapes.len());
    let (white, _) = errors(&raster, &document);
    assert!(white < 0.1, "{white}");
}

#[test]
fn a_highlight_is_a_gradient_on_top_of_another() {
    let light = [255.0, 255.0, 255.0, 255.0];
    let base = along(p(20.0, 20.0), p(60.0, 180.0), RED, BLUE);
    let shading = move |at: Point| mix(light, base(at), 0.2 + at.distance(p(70.0, 70.0)) / 70.0);
    let raster = Picture::new(200, 200, WHITE).shaded(&[circle(p(100.4, 99.7), 80.2)], shading).raster();
    let document = trace(&raster);
    let found = gradients(&document);
    assert!(found.concat().len() <= 3, "{} gradients: {found:?}", found.concat().len());
    let (white, _) = errors(&raster, &document);
    assert!(white < 0.2, "{white}");
}

#[test]
fn gradients_on_top_of_each_other_fade_to_nothing() {
    // Base, a light from above that fades out halfway, and a glow in a corner: as emoji are shaded.
    let base = around(p(80.0, 90.0), 190.0, YELLOW, RED);
    let over = |at: Point, below: Ink| {
        let light = (1.0 - (at.y - 20.0) / 90.0).clamp(0.0, 1.0) * 0.5;
        let glow = (1.0 - at.distance(p(170.0, 170.0)) / 100.0).clamp(0.0, 1.0) * 0.7;
        mix(mix(below, [255.0; 4], light), BLUE, glow)
    };
    let raster =
        Picture::new(200, 200, WHITE).shaded(&[circle(p(100.4, 99.7), 85.2)], move |at| over(at, base(at))).raster();
    for (effort, most) in [("balanced", 0.5), ("best", 0.5)] {
        let document = trace_with(&raster, &[("effort", effort)]);
        let found = gradients(&document).concat();
        assert!(found.len() >= 3, "{effort}: {} gradients", found.len());
        let clear = |g: &Gradient| g.stops.iter().any(|s| s.opacity == 0.0);
        assert!(found[1..].iter().all(clear), "{effort}: {found:?}");
        let (white, _) = errors(&raster, &document);
        assert!(white < most, "{effort}: {white}");
    }
}

#[test]
fn one_gradient_over_two_shapes_is_written_once() {
    let ramp = || along(p(10.0, 10.0), p(190.0, 150.0), RED, YELLOW);
    let rings = [star(p(55.0, 100.0), 5, 42.0, 20.0, 0.2), circle(p(148.0, 100.0), 40.3)];
    let raster = Picture::new(200, 200, WHITE).shaded(&rings[..1], ramp()).shaded(&rings[1..], ramp()).raster();
    let document = trace(&raster);
    let text = svg(&document, 2);
    assert_eq!(text.matches("<linearGradient").count(), 1, "{text}");
    assert_eq!(text.matches("url(#a)").count(), 2, "{text}");
}

#[test]
fn an_outline_whose_colour_the_gradient_passes_through_is_one_shape() {
    let (light, dark, middle) =
        ([134.0, 195.0, 219.0, 255.0], [94.0, 175.0, 207.0, 255.0], [114.0, 185.0, 213.0, 255.0]);
    for width in [3.2, 6.0] {
        let rings = [circle(p(100.3, 99.8), 85.0), circle(p(100.3, 99.8), 85.0 - width)];
        let ramp = along(p(70.0, 40.0), p(130.0, 160.0), light, dark);
        let raster = Picture::new(200, 200, WHITE).shaded(&rings[1..], ramp).with(&rings, middle).raster();
        let document = trace(&raster);
        assert_eq!(gradients(&document).concat().len(), 1, "{width} px");
        // The ground, the outline, and what it surrounds.
        assert_eq!(document.shapes.len(), 3, "{width} px: {}", svg(&document, 2));
        let (white, _) = errors(&raster, &document);
        assert!(white < 0.1, "{width} px: {white}");
    }
}

#[test]
fn a_thin_line_with_a_gradient_along_it_is_one_shape() {
    let from_top = along(p(0.0, 10.0), p(0.0, 190.0), [136.0, 48.0, 48.0, 255.0], [255.0, 101.0, 101.0, 255.0]);
    let line = rectangle(p(40.2, 100.0), 4.6, 170.0, 0.0);
    let raster = Picture::new(200, 200, WHITE).shaded(&[line], from_top).raster();
    let document = trace(&raster);
    assert_eq!(gradients(&document).concat().len(), 1, "{}", svg(&document, 2));
    assert_eq!(document.shapes.len(), 2, "{}", svg(&document, 2));
}

#[test]
fn a_gradient_that_fades_into_the_flat_shape_it_lies_on_leaves_that_flat() {
    let (flat, dark) = ([30.0, 136.0, 229.0, 255.0], [21.0, 101.0, 192.0, 255.0]);
    let lower = vec![p(75.0, 185.0), p(120.0, 80.0), p(185.0, 80.0), p(185.0, 185.0)];
    let upper = vec![p(15.0, 15.0), p(185.0, 15.0), p(185.0, 80.0), p(120.0, 80.0), p(75.0, 185.0), p(15.0, 185.0)];
    let ramp = along(p(80.0, 190.0), p(185.0, 80.0), flat, dark);
    let raster = Picture::new(200, 200, WHITE).with(&[upper], flat).shaded(&[lower], ramp).raster();
    let document = trace(&raster);
    assert_eq!(gradients(&document).concat().len(), 1, "{}", svg(&document, 2));
    assert_eq!(document.shapes.len(), 3, "{}", svg(&document, 2));
}

#[test]
fn flat_bands_are_there_for_those_who_want_them() {
    let shape = rectangle(p(100.0, 100.0), 150.3, 140.8, 0.2);
    let ramp = along(p(20.0, 20.0), p(180.0, 30.0), RED, BLUE);
    let raster = Picture::new(200, 200, WHITE).shaded(&[shape], ramp).raster();
    let document = trace_with(&raster, &[("gradients", "never")]);
    assert!(gradients(&document).is_empty() && document.shapes.len() > 10);
}

/// CIEDE2000 up to which areas that no gradients explain become bands, in the mean and at most, as the engine states them.
const BANDS: (f64, f64) = (1.0, 2.0);

#[test]
fn a_conical_gradient_becomes_few_bands_within_the_stated_difference() {
    let green = [40.0, 200.0, 60.0, 255.0];
    let c = p(100.3, 99.6);
    let cone = move |at: Point| {
        let turn = ((at.y - c.y).atan2(at.x - c.x) / std::f64::consts::TAU).rem_euclid(1.0) * 3.0;
        match turn as usize {
            0 => mix(RED, green, turn),
            1 => mix(green, BLUE, turn - 1.0),
            _ => mix(BLUE, RED, turn - 2.0),
        }
    };
    let raster = Picture::new(200, 200, WHITE).shaded(&[circle(c, 86.2)], cone).raster();
    let document = trace(&raster);
    let note = document.notes.iter().find(|n| n.contains("flat bands")).unwrap();
    assert!(note.contains(&format!("within ΔE00 {}", BANDS.1)), "{note}");
    // A band every 4 ΔE₀₀ of the 210 around the disc, and the ground. Where they are thinner than a pixel they fall apart.
    let bands: usize = note.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((45..=70).contains(&bands), "{note}");
    assert!(document.shapes.len() <= 3 * bands, "{} shapes of {bands} bands", document.shapes.len());
    let within: f64 = note.split("bands have ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(within > 98.0, "{note}");
    let disc = std::f64::consts::PI * 86.2 * 86.2 / 40_000.0;
    // And what the edge of the disc and its middle are off by.
    let (white, black) = errors(&raster, &document);
    assert!(white < BANDS.0 * disc + 0.25 && black < BANDS.0 * disc + 0.25, "{white} over white, {black} over black");
}

#[test]
fn a_mesh_of_four_colours_is_a_few_gradients_within_the_stated_difference() {
    let corners = [YELLOW, RED, BLUE, [60.0, 200.0, 120.0, 255.0]];
    let mesh = move |at: Point| {
        let (u, v) = ((at.x - 20.0) / 160.0, (at.y - 20.0) / 160.0);
        mix(mix(corners[0], corners[1], u), mix(corners[3], corners[2], u), v)
    };
    let raster = Picture::new(200, 200, WHITE).shaded(&[rectangle(p(100.0, 100.0), 160.4, 160.6, 0.0)], mesh).raster();
    let document = trace(&raster);
    let found = gradients(&document).concat();
    assert!((1..=8).contains(&found.len()), "{} gradients", found.len());
    assert!(document.shapes.len() <= found.len() + 1, "{} shapes", document.shapes.len());
    let (white, black) = errors(&raster, &document);
    assert!(white < BANDS.0 && black < BANDS.0, "{white} over white, {black} over black");
}
