//! Regions of constant width: the lines that were drawn, and nothing where none were.

use svg_ai::Raster;
use svg_ai::document::{Cap, Document, Join, Point, Primitive, Segment, Shape};
use svg_ai::score::{MetricSet, Trust, measure, render};

use crate::draw::p;
use crate::traced::{svg, trace, trace_with};

/// How much larger a renderer draws what is then put together: its own edges have 16 levels only.
const FINER: u32 = 4;

/// A drawing of 24 units at `side` px, over white or over nothing.
fn drawn_over(ground: &str, body: &str, side: u32) -> Raster {
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" width=\"{side}\" height=\"{side}\">{ground}{body}</svg>"
    );
    let fine = render(text.as_bytes(), side * FINER, side * FINER, Trust::Own).unwrap();
    let mut data = Vec::new();
    for i in 0..side * side {
        let (x, y) = (i % side * FINER, i / side * FINER);
        let mut sums = [0u32; 4];
        for k in 0..FINER * FINER {
            let [r, g, b, a] = fine.pixels()[((y + k / FINER) * side * FINER + x + k % FINER) as usize].map(u32::from);
            sums = [sums[0] + r * a, sums[1] + g * a, sums[2] + b * a, sums[3] + a];
        }
        let alpha = sums[3];
        let color = |v: u32| (v + alpha / 2).checked_div(alpha).unwrap_or(0) as u8;
        data.extend([color(sums[0]), color(sums[1]), color(sums[2])]);
        data.push(((alpha + FINER * FINER / 2) / (FINER * FINER)) as u8);
    }
    Raster::new(side, side, data).unwrap()
}

/// The same over white.
fn drawn(body: &str, side: u32) -> Raster {
    drawn_over("<path fill=\"#fff\" d=\"M0 0h24v24H0z\"/>", body, side)
}

/// The way that many icon sets draw.
fn lines(d: &str) -> String {
    format!(
        "<path fill=\"none\" stroke=\"#000\" stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\" \
         d=\"{d}\"/>"
    )
}

fn strokes(document: &Document) -> Vec<&Shape> {
    document.shapes.iter().filter(|s| s.stroke.is_some()).collect()
}

fn delta_e(raster: &Raster, document: &Document) -> f64 {
    measure(raster, svg(document, 2).as_bytes(), MetricSet::Basic).unwrap().over_white.delta_e_mean
}

/// Every end of a segment, in units of the drawing.
fn nodes(shape: &Shape, side: u32) -> Vec<Point> {
    let unit = 24.0 / f64::from(side);
    let of = |c: &svg_ai::document::Contour| {
        std::iter::once(c.start).chain(c.segments.iter().map(Segment::end)).collect::<Vec<_>>()
    };
    shape.contours.iter().flat_map(of).map(|p| p * unit).collect()
}

#[test]
fn a_line_icon_comes_back_as_strokes() {
    // An arrow out of a tray, a bell without its clapper, and a letter with an arc.
    for (d, expected) in [
        (
            "M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2M7 9l5-5l5 5M12 4v12",
            vec![p(4.0, 17.0), p(12.0, 4.0), p(12.0, 16.0)],
        ),
        ("M5 12h14M12 5v14", vec![p(5.0, 12.0), p(19.0, 12.0), p(12.0, 5.0), p(12.0, 19.0)]),
        ("M7 20V4h5a4 4 0 0 1 0 8H7m5 0l4 8", vec![p(7.0, 20.0), p(7.0, 4.0), p(16.0, 20.0)]),
    ] {
        for side in [96, 240, 512] {
            let raster = drawn(&lines(d), side);
            let document = trace(&raster);
            let found = strokes(&document);
            assert!(!found.is_empty(), "{d} at {side} px: {:?}", document.shapes);
            assert_eq!(document.shapes.len() - found.len(), 1, "the ground and strokes: {d} at {side} px");
            for shape in &found {
                let stroke = shape.stroke.unwrap();
                let width = stroke.width * 24.0 / f64::from(side);
                assert!((width - 2.0).abs() < 0.02, "{d} at {side} px: {width}");
                assert_eq!((stroke.cap, stroke.join), (Cap::Round, Join::Round), "{d} at {side} px");
            }
            let nodes: Vec<Point> = found.iter().flat_map(|s| nodes(s, side)).collect();
            for e in &expected {
                let off = nodes.iter().map(|n| n.distance(*e)).fold(f64::INFINITY, f64::min);
                assert!(off < 0.05, "{d} at {side} px: {e:?} is {off} off");
            }
            let e = delta_e(&raster, &document);
            // The edges that it is measured with have 16 levels only.
            assert!(e < 0.1, "{d} at {side} px: {e}");
        }
    }
}

#[test]
fn a_ring_of_lines_is_a_circle_with_a_stroke() {
    let raster = drawn("<circle cx=\"12\" cy=\"12\" r=\"8\" fill=\"none\" stroke=\"#d22\" stroke-width=\"2\"/>", 240);
    let document = trace_with(&raster, &[("strokes", "always")]);
    let [ring] = &strokes(&document)[..] else { panic!("{:?}", document.shapes) };
    let Some(Primitive::Circle(c, r)) = ring.contours[0].primitive else { panic!("{ring:?}") };
    assert!(c.distance(p(120.0, 120.0)) < 0.02 && (r - 80.0).abs() < 0.02, "{c:?} {r}");
    // Both circles are drawn as four cubics each, which bulge by two hundredths.
    assert!((ring.stroke.unwrap().width - 20.0).abs() < 0.1, "{ring:?}");
    assert_eq!(document.shapes.len(), 2, "what is inside shows the ground");
}

#[test]
fn an_outlined_shape_lies_below_its_line() {
    let body = "<path fill=\"#b1cc33\" stroke=\"#000\" stroke-width=\"1\" stroke-linejoin=\"round\" \
                d=\"M3 13l6 6L21 7l-3-3l-9 9l-3-3z\"/>";
    let raster = drawn(body, 240);
    let document = trace(&raster);
    let [line] = &strokes(&document)[..] else { panic!("{:?}", document.shapes) };
    assert!(line.contours[0].closed && line.contours[0].segments.len() == 6, "{line:?}");
    assert!(document.shapes.last().is_some_and(|s| s.stroke.is_some()), "the line comes last");
    assert!(delta_e(&raster, &document) < 0.1);
}

#[test]
fn blobs_and_wedges_stay_areas() {
    for body in [
        "<circle cx=\"12\" cy=\"12\" r=\"8\"/>",
        "<path d=\"M3 20L21 4v16z\"/>",
        "<path d=\"M4 20C4 8 12 4 20 4C14 8 12 12 4 20z\"/>",
        "<rect x=\"4\" y=\"8\" width=\"16\" height=\"8\"/>",
    ] {
        let document = trace(&drawn(body, 240));
        assert!(strokes(&document).is_empty(), "{body}: {:?}", document.shapes);
    }
}

#[test]
fn strokes_can_be_turned_off() {
    let raster = drawn(&lines("M5 12h14M12 5v14"), 240);
    assert!(strokes(&trace_with(&raster, &[("strokes", "never")])).is_empty());
}

#[test]
fn a_translucent_stroke_is_not_painted_twice_where_it_crosses() {
    let body = "<path fill=\"none\" stroke=\"#d22\" stroke-opacity=\".5\" stroke-width=\"2\" stroke-linecap=\"round\" \
                d=\"M5 5l14 14M19 5L5 19\"/>";
    let raster = drawn_over("", body, 240);
    let document = trace(&raster);
    let metrics = measure(&raster, svg(&document, 2).as_bytes(), MetricSet::Basic).unwrap();
    assert!(metrics.over_white.delta_e_mean < 0.05, "{:?}", document.shapes);
}
