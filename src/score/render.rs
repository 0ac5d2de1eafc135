//! From SVG bytes to pixels, with resvg.
//!
//! The drawing is stretched to the size asked for, so the pictures compared have the same size. Nothing
//! is ever loaded: a reference to a file or URL draws nothing here, and is refused by the guard before.
//! A foreign SVG is checked by [`super::guard`] and drawn on a thread of its own under a deadline.

use std::sync::mpsc;
use std::time::Duration;

use resvg::usvg::{self, ImageHrefResolver, Options, Tree};
use tiny_skia::{Pixmap, Transform};

use super::{Economy, Trust, economy::economy, guard};
use crate::{Code, Error, Raster, Result};

/// Renderer that draws the SVGs, with its version.
pub const RENDERER: &str = "resvg 0.49.0";

/// Time a foreign SVG may take, for the first million pixels and for every further one. The guard's
/// limits keep what it admits well below; this is for what it does not foresee.
const DEADLINE: Duration = Duration::from_secs(4);
const DEADLINE_PER_MEGAPIXEL: Duration = Duration::from_millis(1000);

/// Stack of the thread that draws, bytes: the depth the guard admits needs a fraction of it.
pub(crate) const STACK: usize = 32 << 20;

/// Proportions may differ by this share and by one pixel, since sizes of rasters are rounded.
const PROPORTION_SHARE: f64 = 0.01;
const PROPORTION_PIXELS: f64 = 1.0;

/// An SVG as drawn.
pub(crate) struct Drawn {
    /// Premultiplied RGBA.
    pub(crate) pixmap: Pixmap,
    /// What the SVG costs.
    pub(crate) economy: Economy,
    /// What is not as it should be, though it was drawn.
    pub(crate) warnings: Vec<String>,
}

/// What is to be drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// Width of the picture, px.
    pub(crate) width: u32,
    /// Height of the picture, px.
    pub(crate) height: u32,
    /// Whether the SVG is checked first.
    pub(crate) trust: Trust,
    /// Width and height that the SVG must have the proportions of, where it must, px.
    pub(crate) proportions: Option<(u32, u32)>,
    /// Bytes of the source file, where known.
    pub(crate) source_bytes: Option<u64>,
}

/// Renders `svg` at `width` x `height` px, stretched to fill it, with transparency.
///
/// # Errors
/// [`Code::SvgInvalid`] when it is not an SVG with a size; for [`Trust::Foreign`] also
/// [`Code::SvgTooLarge`], [`Code::SvgTooComplex`], [`Code::SvgExternalReference`] and [`Code::SvgTooSlow`].
pub fn render(svg: &[u8], width: u32, height: u32, trust: Trust) -> Result<Raster> {
    let drawn = draw(svg, Request { width, height, trust, proportions: None, source_bytes: None })?;
    let mut data = drawn.pixmap.take();
    for pixel in data.as_chunks_mut::<4>().0 {
        *pixel = straight(*pixel);
    }
    Raster::new(width, height, data)
}

/// A premultiplied pixel with its alpha divided out.
fn straight(p: [u8; 4]) -> [u8; 4] {
    let alpha = u32::from(p[3]);
    if alpha == 0 {
        return [0; 4];
    }
    let divide = |v: u8| ((u32::from(v) * 255 + alpha / 2) / alpha).min(255) as u8;
    [divide(p[0]), divide(p[1]), divide(p[2]), p[3]]
}

/// A straight pixel, premultiplied; undoes [`straight`] exactly.
pub(crate) fn premultiplied(p: [u8; 4]) -> [u8; 4] {
    let alpha = u32::from(p[3]);
    let multiply = |v: u8| ((u32::from(v) * alpha + 127) / 255) as u8;
    [multiply(p[0]), multiply(p[1]), multiply(p[2]), p[3]]
}

/// Draws `svg`: here when it is ours, else on a thread under a deadline.
pub(crate) fn draw(svg: &[u8], request: Request) -> Result<Drawn> {
    guard::check_target(request.width, request.height)?;
    if request.trust == Trust::Own {
        return draw_here(svg, request);
    }
    guard::check_bytes(svg)?;
    let svg = svg.to_vec();
    let (send, receive) = mpsc::sync_channel(1);
    let megapixels = f64::from(request.width) * f64::from(request.height) / 1e6;
    let deadline = DEADLINE + DEADLINE_PER_MEGAPIXEL.mul_f64(megapixels);
    std::thread::Builder::new()
        .name("svg".into())
        .stack_size(STACK)
        .spawn(move || {
            // Nobody listens any more after the deadline, and then nobody wants the result.
            let _ = send.send(draw_here(&svg, request));
        })
        .map_err(|e| Error::new(Code::InternalPanic, format!("no thread to draw the SVG on: {e}")))?;
    match receive.recv_timeout(deadline) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            Err(Error::new(Code::SvgTooSlow, format!("not drawn within {:.0} s", deadline.as_secs_f64())))
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(Error::new(Code::InternalPanic, "the renderer panicked on this SVG"))
        }
    }
}

fn draw_here(svg: &[u8], request: Request) -> Result<Drawn> {
    let foreign = request.trust == Trust::Foreign;
    let text = std::str::from_utf8(svg).map_err(|e| Error::new(Code::SvgInvalid, format!("not UTF-8: {e}")))?;
    let document = xml(text, request.trust)?;
    let warnings = guard::warnings(&document);
    let tree = tree(&document, request.trust)?;
    if let Some((width, height)) = request.proportions {
        let own = (f64::from(tree.size().width()), f64::from(tree.size().height()));
        check_proportions(own, (f64::from(width), f64::from(height)))?;
    }
    if foreign {
        guard::check_tree(&tree, stretch(&tree, request.width, request.height), request.width, request.height)?;
    }
    let economy = economy(svg, &document, request.source_bytes);
    let pixmap = pixels(&tree, request.width, request.height)?;
    Ok(Drawn { pixmap, economy, warnings })
}

/// The XML of `text`, checked when it is foreign.
pub(crate) fn xml(text: &str, trust: Trust) -> Result<roxmltree::Document<'_>> {
    let foreign = trust == Trust::Foreign;
    if foreign {
        guard::check_text(text)?;
    }
    let xml_options = roxmltree::ParsingOptions {
        allow_dtd: true,
        nodes_limit: if foreign { guard::MAX_XML_NODES } else { u32::MAX },
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(text, xml_options).map_err(|e| match e {
        roxmltree::Error::NodesLimitReached | roxmltree::Error::EntityReferenceLoop(_) => {
            Error::new(Code::SvgTooComplex, e.to_string())
        }
        _ => Error::new(Code::SvgInvalid, e.to_string()),
    })?;
    if foreign {
        guard::check_document(&document)?;
    }
    Ok(document)
}

/// The drawing that `document` describes; when it is foreign, its images and its canvas are checked, and
/// [`guard::check_tree`] is still to be asked.
pub(crate) fn tree(document: &roxmltree::Document, trust: Trust) -> Result<Tree> {
    let foreign = trust == Trust::Foreign;
    let images = guard::Images::default();
    let tree = Tree::from_xmltree(document, &options(foreign.then_some(&images))).map_err(|e| match e {
        usvg::Error::ElementsLimitReached | usvg::Error::ParsingFailed(roxmltree::Error::NodesLimitReached) => {
            Error::new(Code::SvgTooComplex, "it expands to too many or too deeply nested elements")
        }
        _ => Error::new(Code::SvgInvalid, e.to_string()),
    })?;
    if foreign {
        images.verdict()?;
        guard::check_canvas(tree.size().width(), tree.size().height())?;
    }
    Ok(tree)
}

/// The transform that makes `tree` fill `width` x `height` px.
pub(crate) fn stretch(tree: &Tree, width: u32, height: u32) -> Transform {
    let (sx, sy) =
        (f64::from(width) / f64::from(tree.size().width()), f64::from(height) / f64::from(tree.size().height()));
    Transform::from_scale(sx as f32, sy as f32)
}

/// `tree` drawn at `width` x `height` px, stretched to fill it, over nothing.
pub(crate) fn pixels(tree: &Tree, width: u32, height: u32) -> Result<Pixmap> {
    // `check_target` has excluded sizes that cannot be allocated.
    let mut pixmap = Pixmap::new(width, height)
        .ok_or_else(|| Error::new(Code::SvgTooLarge, "the picture to draw into has no size or is too large"))?;
    resvg::render(tree, stretch(tree, width, height), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// Parsing options under which nothing is loaded from outside, and embedded images are judged by `images`.
fn options(images: Option<&guard::Images>) -> Options<'_> {
    let decode = ImageHrefResolver::default_data_resolver();
    Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(move |mime, data, options| match images {
                Some(images) if !images.admit(mime, &data) => None,
                _ => decode(mime, data, options),
            }),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

/// Refuses an SVG whose proportions are not those of the raster.
fn check_proportions(svg: (f64, f64), raster: (f64, f64)) -> Result<()> {
    let fits = |want: f64, got: f64| (want - got).abs() <= PROPORTION_SHARE * want + PROPORTION_PIXELS;
    if fits(raster.0, svg.0 * raster.1 / svg.1) || fits(raster.1, svg.1 * raster.0 / svg.0) {
        return Ok(());
    }
    Err(Error::new(
        Code::ScoreSizeMismatch,
        format!("the SVG is {} x {} and the image {} x {} px", svg.0, svg.1, raster.0, raster.1),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premultiplying_undoes_dividing() {
        for alpha in 0..=255_u8 {
            for value in 0..=alpha {
                let p = [value, value / 2, alpha, alpha];
                assert_eq!(premultiplied(straight(p)), p);
            }
        }
    }

    #[test]
    fn the_renderer_is_the_one_named() {
        let lock = include_str!("../../Cargo.lock");
        let (name, version) = RENDERER.split_once(' ').unwrap();
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")));
    }

    #[test]
    fn transparency_is_kept_and_straight() {
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="2" height="4" fill="#f80" opacity=".5"/></svg>"##;
        let raster = render(svg, 4, 4, Trust::Own).unwrap();
        assert_eq!(raster.pixel(3, 0), [0; 4]);
        let [r, g, b, a] = raster.pixel(0, 0);
        assert_eq!((r, b, a), (255, 0, 128));
        assert!(g.abs_diff(0x88) <= 1);
    }

    #[test]
    fn proportions_allow_for_rounding_only() {
        assert!(check_proportions((100.0, 50.0), (201.0, 100.0)).is_ok());
        assert!(check_proportions((24.0, 24.0), (512.0, 512.0)).is_ok());
        let e = check_proportions((100.0, 50.0), (100.0, 60.0)).unwrap_err();
        assert_eq!(e.code(), Code::ScoreSizeMismatch);
    }
}
