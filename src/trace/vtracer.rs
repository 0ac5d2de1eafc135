//! The `vtracer` crate as an [`Engine`]: hierarchical colour clustering, watershed or thresholds,
//! then splines (visioncortex).
//!
//! What is added here: one-ink pictures are traced from their coverage (`super::ink`), alpha is
//! traced as layers of one opacity each (`super::layers`), and the picture may be enlarged first
//! (`super::supersample`). The crate itself drops alpha.

use std::borrow::Cow;

use ::vtracer::ir::{Layer, Paint as IrPaint, PathCmd, RegionMask, SubPath};
use ::vtracer::{
    CancelToken, Clustering, Color, ColorImage, Config, FitMode, Hierarchical, PointI32, Progress, Segmentation,
    VectorDoc,
};
use visioncortex::BinaryImage;

use super::ink::{SingleInk, single_ink};
use super::layers::{AlphaLayers, CLEAR, alpha_layers};
use super::options::option;
use super::session::Memo;
use super::supersample::{enlarge, enlarge_plane, reduce};
use super::{Budget, Capabilities, Engine, Kind, OptionSpec, Parameters, Session};
use crate::classify::Class;
use crate::document::{Contour, Document, Paint, Point, Segment, Shape};
use crate::{Code, Error, Raster, Result};

/// The engine.
#[derive(Debug, Clone, Copy)]
pub struct Vtracer;

/// Pinned in `Cargo.toml`; a test holds the two together.
const VERSION: &str = "1.0.0-alpha.4";

/// Every parameter of the crate that changes a trace, then ours.
#[rustfmt::skip]
static OPTIONS: [OptionSpec; 24] = [
    option("hierarchical", Kind::Word(&["stacked", "cutout"]), "stacked", &["cutout", "stacked"], "layers that overlap, or a mosaic with shared edges"),
    option("supersample", Kind::Int(1, 8), "1", &["1", "2"], "enlarge so many times before tracing (places edges between pixels)"),
    option("one-ink", Kind::Bool, "true", &[], "trace pictures of one ink from their coverage; otherwise as the crate does by itself"),
    option("ink-supersample", Kind::Int(1, 8), "2", &["1", "2", "3", "4"], "enlarge the coverage of a one-ink picture so many times before tracing"),
    option("simplify", Kind::Float(0.0, 20.0), "0", &["0", "0.25", "0.5", "0.75", "1", "1.5", "2.5"], "distance that fewer curves may stray, px (0: off)"),
    option("layer-difference", Kind::Int(0, 255), "16", &["0", "4", "8", "16", "24", "32", "48", "64"], "colour difference between layers of a ramp, 8-bit steps"),
    option("posterize", Kind::Int(1, 64), "1", &["1", "8", "12", "16", "24"], "round colour channels to multiples of this before tracing, 8-bit steps (keeps ramps as bands)"),
    option("color-precision", Kind::Int(1, 8), "6", &["6", "7", "8"], "significant bits of a colour channel"),
    option("filter-speckle", Kind::Int(0, 128), "4", &["1", "2", "4", "6", "8"], "side of the smallest patch that is kept, px"),
    option("corner-threshold", Kind::Int(0, 180), "60", &["20", "30", "45", "60", "75", "90"], "least turn that is a corner, degrees"),
    option("splice-threshold", Kind::Int(0, 180), "45", &["20", "30", "45", "60"], "least turn at which a spline is cut, degrees"),
    option("length-threshold", Kind::Float(3.5, 10.0), "4", &["3.5", "4", "6"], "longest piece before smoothing, px"),
    option("clustering", Kind::Word(&["color", "binary", "watershed"]), "color", &["watershed", "color"], "how regions are formed"),
    option("watershed-detail", Kind::Int(0, 1024), "128", &["96", "128", "160", "192"], "watershed: where to cut the hierarchy, higher is more regions"),
    option("mode", Kind::Word(&["spline", "polygon", "pixel"]), "spline", &[], "how outlines are fitted"),
    option("max-iterations", Kind::Int(1, 100), "10", &[], "rounds of smoothing"),
    option("palette", Kind::Colors, "", &[], "use only these colours"),
    option("max-colors", Kind::Int(0, 256), "0", &["0", "8", "16", "32", "64"], "use at most so many colours (0: no limit)"),
    option("threshold", Kind::Int(0, 255), "128", &[], "binary: darker than this is ink, 8-bit steps"),
    option("adaptive", Kind::Bool, "false", &[], "binary: threshold against the neighbourhood (scans)"),
    option("adaptive-window", Kind::Int(0, 4096), "0", &[], "binary: side of the neighbourhood, px (0: an eighth of the shorter side)"),
    option("adaptive-percent", Kind::Float(0.0, 100.0), "15", &[], "binary: how far below its neighbourhood ink is, percent"),
    option("reduce", Kind::Int(1, 64), "1", &[], "average blocks of so many px a side before tracing"),
    option("megapixels", Kind::Float(0.0, 1e4), "0", &[], "average blocks such that about so many megapixels are traced (0: as many as there are)"),
];

/// Longest side that is traced after enlarging, px; beyond it the gain is lost in the time.
const MAX_ENLARGED_SIDE: u32 = 2048;

impl Engine for Vtracer {
    fn name(&self) -> &'static str {
        "vtracer"
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { alpha: true, gradients: false, cancel: true, unsoftens: false }
    }

    fn options(&self) -> &'static [OptionSpec] {
        &OPTIONS
    }

    fn preset(&self, class: Class) -> Parameters {
        // Measured on public icon sets; the figures are in docs/presets.md.
        let base = Parameters::defaults(&OPTIONS).with(&[("hierarchical", "cutout"), ("color-precision", "8")]);
        match class {
            // What the cells engine refuses: noise and compression are not to be drawn.
            Class::PixelArt => base.with(&[("mode", "pixel"), ("filter-speckle", "2"), ("layer-difference", "16")]),
            Class::Gradient => base.with(&[
                ("simplify", "1"),
                ("corner-threshold", "45"),
                ("layer-difference", "4"),
                ("posterize", "12"),
                ("megapixels", "1"),
            ]),
            // Noise makes a region of each pixel, of 100 bytes: 4 megapixels take 400 MB and more time than there is.
            Class::Photo => base.with(&[
                ("simplify", "1.5"),
                ("filter-speckle", "4"),
                ("layer-difference", "24"),
                ("megapixels", "0.5"),
            ]),
            Class::Simple | Class::Text | Class::LineArt => {
                base.with(&[("simplify", "0.75"), ("corner-threshold", "45")])
            }
            Class::Complex => base.with(&[("simplify", "1"), ("corner-threshold", "45"), ("megapixels", "1")]),
        }
    }

    fn fast_preset(&self, class: Class) -> Parameters {
        self.preset(class).with(&[("ink-supersample", "1")])
    }

    fn finer_preset(&self, class: Class) -> Parameters {
        let finer = self.preset(class);
        match class {
            Class::PixelArt => finer.with(&[("layer-difference", "8")]),
            Class::Gradient => finer.with(&[("posterize", "8"), ("filter-speckle", "2")]),
            Class::Photo => finer.with(&[("filter-speckle", "3"), ("layer-difference", "16")]),
            _ => finer.with(&[("filter-speckle", "2"), ("layer-difference", "8"), ("simplify", "0.5")]),
        }
    }

    fn safe_preset(&self) -> Parameters {
        Parameters::defaults(&OPTIONS).with(&[("mode", "polygon"), ("filter-speckle", "8"), ("reduce", "4")])
    }

    fn trace(&self, raster: &Raster, parameters: &Parameters, budget: &Budget) -> Result<Document> {
        // Nothing of one trace is of use to itself again.
        trace(raster, parameters, budget, None)
    }

    fn session<'a>(&self, raster: &'a Raster) -> Box<dyn Session + 'a> {
        Box::new(VtracerSession { raster, kept: Memo::new(SEGMENTATIONS) })
    }
}

/// Segmentations that a session keeps: each has a mask per region.
const SEGMENTATIONS: usize = 6;

/// One picture for this engine: what the crate's own `Session` keeps, for several threads and for the
/// layers of transparent pictures. Only options that change regions cluster anew.
struct VtracerSession<'a> {
    raster: &'a Raster,
    kept: Memo<Segmentation>,
}

impl Session for VtracerSession<'_> {
    fn trace(&self, parameters: &Parameters, budget: &Budget) -> Result<Document> {
        trace(self.raster, parameters, budget, Some(&self.kept))
    }
}

/// Traces `raster`; regions are taken from `kept`, where there is such, and left there.
fn trace(
    raster: &Raster,
    parameters: &Parameters,
    budget: &Budget,
    kept: Option<&Memo<Segmentation>>,
) -> Result<Document> {
    let mut document = Document::new(raster.width(), raster.height());
    let plain = parameters.word("clustering") == "color" && parameters.word("mode") == "spline";
    // The limit of megapixels is for pictures of many regions: one ink is traced whole.
    let asked = !parameters.colors("palette").is_empty() || parameters.int("reduce") > 1;
    if plain
        && !asked
        && parameters.bool("one-ink")
        && let Some(ink) = single_ink(raster)
    {
        trace_ink(&ink, parameters, budget, &mut document)?;
    } else {
        trace_color(raster, parameters, budget, &mut document, kept)?;
    }
    Ok(document)
}

/// Side of the blocks that are averaged before `raster` is traced, px.
fn shrink(raster: &Raster, parameters: &Parameters) -> u32 {
    let limit = parameters.float("megapixels") * 1e6;
    let fitting = if limit > 0.0 { (raster.len() as f64 / limit).sqrt().round().clamp(1.0, 64.0) as u32 } else { 1 };
    fitting.max(parameters.int("reduce") as u32)
}

/// Traces the coverage of one ink.
fn trace_ink(ink: &SingleInk, parameters: &Parameters, budget: &Budget, document: &mut Document) -> Result<()> {
    let (w, h) = (document.width, document.height);
    let factor = (parameters.int("ink-supersample") as u32).min(MAX_ENLARGED_SIDE / w.max(h)).max(1);
    let (wide, high) = ((w * factor) as usize, (h * factor) as usize);
    let coverage = if factor == 1 {
        ink.coverage.clone()
    } else {
        enlarge_plane(&ink.coverage, w as usize, h as usize, factor as usize)
    };
    let mut mask = BinaryImage::new_w_h(wide, high);
    for i in coverage.iter().enumerate().filter(|(_, a)| **a >= 128).map(|(i, _)| i) {
        mask.pixels.set(i, true);
    }
    // A mosaic of one region, handed over as it is: the crate's own binary frontend would look for
    // connected parts twice, which takes longer than everything else.
    let layer =
        Layer { paint: IrPaint::Solid(Color::new(0, 0, 0)), mask: RegionMask::new(mask, PointI32 { x: 0, y: 0 }) };
    let segmentation = Segmentation { width: wide as u32, height: high as u32, layers: vec![layer] };
    let config = Config {
        hierarchical: Hierarchical::Cutout,
        palette: Vec::new(),
        max_colors: None,
        ..config(parameters, f64::from(factor))
    };
    let mut traced = within(budget, |token, check| config.build()?.finish_with_progress(&segmentation, token, check))?;
    let speck = (config.filter_speckle * config.filter_speckle) as f64;
    for shape in &mut traced.shapes {
        shape.path.subpaths.retain(|s| ring_area(s).abs() >= speck);
    }
    if let Some(ground) = ink.ground {
        document.push_ground(Paint::opaque(ground));
    }
    let scale = 1.0 / f64::from(factor);
    append(document, &traced, |_| ink.paint.clone(), |p| Point::new(p.x * scale, p.y * scale));
    Ok(())
}

/// Traces colours, one layer per opacity.
fn trace_color(
    raster: &Raster,
    parameters: &Parameters,
    budget: &Budget,
    document: &mut Document,
    kept: Option<&Memo<Segmentation>>,
) -> Result<()> {
    let factor =
        (parameters.int("supersample") as u32).min(MAX_ENLARGED_SIDE / raster.width().max(raster.height())).max(1);
    let shrink = shrink(raster, parameters);
    let (mut source, scale) = if shrink > 1 {
        (Cow::Owned(reduce(raster, shrink)?), f64::from(shrink))
    } else if factor > 1 {
        (Cow::Owned(enlarge(raster, factor)?), 1.0 / f64::from(factor))
    } else {
        (Cow::Borrowed(raster), 1.0)
    };
    if let step @ 2.. = parameters.int("posterize") {
        source = Cow::Owned(posterize(&source, step as u32)?);
    }
    let config = config(parameters, 1.0 / scale);
    // What makes the pixels that are clustered; the rest is the crate's own to know.
    let pixels = format!("{factor} {shrink} {}", parameters.int("posterize"));
    let kept = |layer: usize| kept.map(|kept| (kept, format!("{pixels} {layer}")));
    let (w, h) = (source.width() as usize, source.height() as usize);
    match alpha_layers(&source) {
        None => {
            let image = ColorImage { pixels: source.into_owned().into_bytes(), width: w, height: h };
            let traced = run(&config, image, budget, kept(0))?;
            append(document, &traced, Paint::opaque, |p| Point::new(p.x * scale, p.y * scale));
            if config.hierarchical == Hierarchical::Cutout {
                lay_ground(document);
            }
        }
        Some(layers) => {
            for (index, level) in layers.levels.iter().enumerate() {
                trace_layer(&source, &layers, index, *level, &config, scale, budget, document, kept(index))?;
            }
        }
    }
    Ok(())
}

/// `raster` with every colour channel rounded to a multiple of `step`.
///
/// The crate joins neighbouring pixels that differ by a step or two, and along a smooth ramp all
/// neighbours do, so that a whole ramp becomes one region of its mean colour. Rounded first, it
/// stays a row of bands.
fn posterize(raster: &Raster, step: u32) -> Result<Raster> {
    let table: [u8; 256] = std::array::from_fn(|v| ((v as u32 + step / 2) / step * step).min(255) as u8);
    let round = |p: &[u8; 4]| [table[usize::from(p[0])], table[usize::from(p[1])], table[usize::from(p[2])], p[3]];
    Raster::new(raster.width(), raster.height(), raster.pixels().iter().flat_map(round).collect())
}

/// Turns the largest shape of an opaque mosaic into a rectangle below all others. The others cover
/// what is not its own, so nothing changes but this: the hairlines that renderers leave between
/// shapes that merely touch no longer let the page through, and its outline need not be written.
fn lay_ground(document: &mut Document) {
    let area = |shape: &Shape| shape.contours.iter().map(Contour::area).sum::<f64>().abs();
    let largest =
        (0..document.shapes.len()).max_by(|a, b| area(&document.shapes[*a]).total_cmp(&area(&document.shapes[*b])));
    if let Some(index) = largest {
        let ground = document.shapes.remove(index);
        let above = std::mem::take(&mut document.shapes);
        document.push_ground(ground.paint);
        document.shapes.extend(above);
    }
}

/// Traces the pixels of one opacity.
#[expect(clippy::too_many_arguments, reason = "one caller; a struct would only rename them")]
fn trace_layer(
    source: &Raster,
    layers: &AlphaLayers,
    index: usize,
    level: u8,
    config: &Config,
    scale: f64,
    budget: &Budget,
    document: &mut Document,
    kept: Option<(&Memo<Segmentation>, String)>,
) -> Result<()> {
    if !layers.layer.contains(&(index as u8)) {
        return Ok(());
    }
    // The crate leaves transparent pixels out only when enough of a few sampled rows are
    // transparent, the first among them: a clear row on top makes sure of it.
    let (w, h) = (source.width() as usize, source.height() as usize);
    let mut pixels = vec![0; w * 4];
    pixels.reserve(w * h * 4);
    for (p, layer) in source.pixels().iter().zip(&layers.layer) {
        let inside = *layer != CLEAR && usize::from(*layer) == index;
        pixels.extend(if inside { [p[0], p[1], p[2], 255] } else { [0; 4] });
    }
    let mut config = config.clone();
    if level < 255 {
        // Layers that overlap would show through each other.
        config.hierarchical = Hierarchical::Cutout;
    }
    let traced = run(&config, ColorImage { pixels, width: w, height: h + 1 }, budget, kept)?;
    let opacity = f64::from(level) / 255.0;
    append(
        document,
        &traced,
        |color| Paint::Solid { color, opacity },
        |p| Point::new(p.x * scale, (p.y - 1.0).max(0.0) * scale),
    );
    Ok(())
}

/// The crate's configuration; lengths grow with `enlarged`, the factor from source to traced px.
fn config(parameters: &Parameters, enlarged: f64) -> Config {
    let simplify = parameters.float("simplify");
    Config {
        clustering: match parameters.word("clustering") {
            "binary" => Clustering::Binary,
            "watershed" => Clustering::Watershed,
            _ => Clustering::ColorCluster,
        },
        hierarchical: if parameters.word("hierarchical") == "cutout" {
            Hierarchical::Cutout
        } else {
            Hierarchical::Stacked
        },
        mode: match parameters.word("mode") {
            "pixel" => FitMode::Pixel,
            "polygon" => FitMode::Polygon,
            _ => FitMode::Spline,
        },
        filter_speckle: (parameters.int("filter-speckle") as f64 * enlarged).round() as usize,
        color_precision: parameters.int("color-precision") as i32,
        layer_difference: parameters.int("layer-difference") as i32,
        corner_threshold: parameters.int("corner-threshold") as i32,
        length_threshold: parameters.float("length-threshold"),
        max_iterations: parameters.int("max-iterations") as usize,
        splice_threshold: parameters.int("splice-threshold") as i32,
        simplify: (simplify > 0.0).then_some(simplify * enlarged.max(1.0)),
        palette: parameters.colors("palette").iter().map(|c| Color::new(c[0], c[1], c[2])).collect(),
        max_colors: Some(parameters.int("max-colors") as usize).filter(|n| *n > 0),
        binary_threshold: parameters.int("threshold") as u8,
        binary_adaptive: parameters.bool("adaptive"),
        binary_adaptive_window: parameters.int("adaptive-window") as u32,
        binary_adaptive_t: parameters.float("adaptive-percent"),
        watershed_detail: parameters.int("watershed-detail") as u32,
        // Rounding and clean-up are the writer's.
        path_precision: None,
        optimize: 0,
    }
}

/// The signed area, traced px², of the polygon through the ends of a ring's segments.
fn ring_area(ring: &SubPath) -> f64 {
    contour(ring, &|p| p).map_or(0.0, |c| c.area())
}

/// Traces `image`; its regions are taken from where they are kept under its name, if they are.
fn run(
    config: &Config,
    image: ColorImage,
    budget: &Budget,
    kept: Option<(&Memo<Segmentation>, String)>,
) -> Result<VectorDoc> {
    let Some((kept, name)) = kept else {
        return within(budget, |token, check| config.build()?.run_with_progress(&image, token, check));
    };
    let regions = kept.get(format!("{name} {:?}", config.segment_key()), || {
        within(budget, |token, check| config.build()?.segment_with_progress(&image, token, check))
    })?;
    within(budget, |token, check| config.build()?.finish_with_progress(&regions, token, check))
}

/// Runs a trace that is cancelled when `budget` ends.
fn within<T>(
    budget: &Budget,
    trace: impl FnOnce(&CancelToken, &mut dyn FnMut(Progress)) -> std::result::Result<T, ::vtracer::Error>,
) -> Result<T> {
    let over = || Error::new(Code::TraceDeadline, "the vtracer engine did not finish in time");
    if budget.is_over() {
        return Err(over());
    }
    let failed = |e: ::vtracer::Error| match e {
        ::vtracer::Error::Cancelled => over(),
        e => Error::new(Code::TraceFailed, format!("the vtracer engine: {e}")),
    };
    let token = CancelToken::new();
    let mut check = |_| {
        if budget.is_over() {
            token.cancel();
        }
    };
    trace(&token, &mut check).map_err(failed)
}

/// A ring of the crate as a contour, every point moved by `place`.
fn contour(ring: &SubPath, place: &dyn Fn(Point) -> Point) -> Option<Contour> {
    let at = |p: ::vtracer::PointF64| place(Point::new(p.x, p.y));
    let segments = ring.commands.iter().filter_map(|c| match *c {
        PathCmd::LineTo(p) => Some(Segment::Line(at(p))),
        PathCmd::CubicTo(a, b, c) => Some(Segment::Cubic(at(a), at(b), at(c))),
        PathCmd::MoveTo(_) | PathCmd::Close => None,
    });
    Some(Contour { start: at(ring.start()?), segments: segments.collect(), closed: true, primitive: None })
}

/// Adds the shapes of a trace, painted and moved.
fn append(
    document: &mut Document,
    traced: &VectorDoc,
    paint: impl Fn([u8; 3]) -> Paint,
    place: impl Fn(Point) -> Point,
) {
    for shape in &traced.shapes {
        let contours: Vec<_> = shape.path.subpaths.iter().filter_map(|s| contour(s, &place)).collect();
        let color = shape.paint.color();
        if !contours.is_empty() {
            document.shapes.push(Shape::filled(contours, paint([color.r, color.g, color.b])));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn disc(ink: [u8; 4], ground: [u8; 4]) -> Raster {
        let data = (0..64 * 64)
            .flat_map(|i| {
                let (x, y) = (f64::from(i % 64) - 31.5, f64::from(i / 64) - 31.5);
                if x.hypot(y) < 20.0 { ink } else { ground }
            })
            .collect();
        Raster::new(64, 64, data).unwrap()
    }

    #[test]
    fn the_version_is_the_one_in_cargo_toml() {
        assert!(include_str!("../../Cargo.toml").contains(&format!("vtracer = \"={VERSION}\"")));
    }

    #[test]
    fn every_default_is_in_its_range() {
        assert_eq!(Parameters::defaults(&OPTIONS).to_json().len(), OPTIONS.len());
        for class in Class::ALL {
            assert!(!Vtracer.preset(class).to_json().is_empty());
        }
    }

    #[test]
    fn a_red_mark_stays_red_and_a_white_one_on_transparent_stays_white() {
        let preset = Vtracer.preset(Class::Simple);
        let red = Vtracer.trace(&disc([214, 10, 20, 255], [255; 4]), &preset, &Budget::unlimited()).unwrap();
        let paints: Vec<_> = red.shapes.iter().map(|s| s.paint.clone()).collect();
        assert_eq!(paints, [Paint::opaque([255; 3]), Paint::opaque([214, 10, 20])]);
        let white = Vtracer.trace(&disc([255; 4], [0; 4]), &preset, &Budget::unlimited()).unwrap();
        assert_eq!(white.shapes.iter().map(|s| s.paint.clone()).collect::<Vec<_>>(), [Paint::opaque([255; 3])]);
    }

    #[test]
    fn one_ink_is_traced_from_its_coverage_however_large_the_picture() {
        let side = 1200;
        let gray = |i: u32| {
            let (x, y) = (f64::from(i % side) - 600.0, f64::from(i / side) - 600.0);
            (255.0 * (x.hypot(y) - 400.3).clamp(0.0, 1.0)).round() as u8
        };
        let data = (0..side * side).flat_map(|i| [gray(i), gray(i), gray(i), 255]).collect();
        let raster = Raster::new(side, side, data).unwrap();
        let preset = Vtracer.preset(Class::Complex);
        assert!(preset.float("megapixels") < 1.4);
        let trace = |p: &Parameters| Vtracer.trace(&raster, p, &Budget::unlimited()).unwrap();
        assert_eq!(trace(&preset), trace(&preset.with(&[("megapixels", "0")])));
    }

    #[test]
    fn transparent_holes_and_opacities_survive_colour_tracing() {
        let mut data = disc([200, 40, 40, 255], [0; 4]).into_bytes();
        for (i, p) in data.chunks_exact_mut(4).enumerate() {
            let (x, y) = ((i % 64) as f64 - 31.5, (i / 64) as f64 - 31.5);
            if x.hypot(y) < 8.0 {
                p.copy_from_slice(&[0; 4]);
            } else if x < 0.0 && p[3] > 0 {
                p.copy_from_slice(&[40, 40, 200, 128]);
            }
        }
        let raster = Raster::new(64, 64, data).unwrap();
        let doc = Vtracer.trace(&raster, &Vtracer.preset(Class::Simple), &Budget::unlimited()).unwrap();
        let opacities: Vec<_> = doc
            .shapes
            .iter()
            .map(|s| {
                let Paint::Solid { opacity, .. } = s.paint else { panic!("{:?}", s.paint) };
                opacity
            })
            .collect();
        assert!(
            opacities.iter().any(|o| (o - 128.0 / 255.0).abs() < 0.01) && opacities.contains(&1.0),
            "{opacities:?}"
        );
        let inside = doc.shapes.iter().flat_map(|s| &s.contours).flat_map(Contour::points);
        assert!(inside.into_iter().all(|p| (p.x - 32.0).hypot(p.y - 32.0) > 5.0), "nothing is drawn in the hole");
    }

    #[test]
    fn a_session_draws_what_the_engine_does() {
        let picture = |class| {
            let options = crate::generate::Options { side: 56, ..Default::default() };
            crate::generate::sample(class, 5, &options).raster
        };
        let mut half = disc([200, 40, 40, 128], [0; 4]).into_bytes();
        half[..64 * 4 * 20].fill(255);
        let rasters = [picture(Class::Complex), picture(Class::Gradient), Raster::new(64, 64, half).unwrap()];
        let changes = [
            &[][..],
            &[("simplify", "2")],
            &[("filter-speckle", "2"), ("simplify", "2")],
            &[("posterize", "16")],
            &[("hierarchical", "stacked")],
            &[("clustering", "watershed"), ("watershed-detail", "160")],
            &[("supersample", "2")],
            &[("mode", "polygon"), ("max-colors", "4")],
            &[],
        ];
        for raster in &rasters {
            let session = Vtracer.session(raster);
            for change in changes {
                let parameters = Vtracer.preset(Class::Complex).with(change);
                let own = Vtracer.trace(raster, &parameters, &Budget::unlimited()).unwrap();
                assert_eq!(session.trace(&parameters, &Budget::unlimited()).unwrap(), own, "{change:?}");
            }
        }
    }

    #[test]
    fn an_ended_budget_is_a_coded_error() {
        let raster = disc([1, 2, 3, 255], [200, 100, 50, 255]);
        let e = Vtracer.trace(&raster, &Vtracer.safe_preset(), &Budget::lasting(Duration::ZERO)).unwrap_err();
        assert_eq!(e.code(), Code::TraceDeadline);
    }
}
