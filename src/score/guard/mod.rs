//! What an SVG that is not ours must satisfy before it is drawn.
//!
//! A small file can ask for any amount of work: references multiply, filters loop over areas, canvases
//! are as large as a number. So the work is estimated before it is done, in four steps, each of which
//! keeps the next one cheap:
//!
//! 1. [`text`]: the bytes, before any XML parser sees them (size, elements, attributes, entities);
//! 2. [`document`]: the XML, before the SVG parser expands it (external references, depth, expansion
//!    through `use`, patterns, masks, markers and filters, also by way of CSS);
//! 3. [`Images`]: embedded images, before they are decoded;
//! 4. [`work`]: the parsed drawing, before a pixel is drawn (time and memory).
//!
//! Limits are far above what artwork needs and below what hurts; they are constants, not options, because
//! an SVG that is over them is not a trace of anything.

mod document;
mod text;
mod work;

use std::io::Cursor;
use std::sync::OnceLock;

pub(crate) use document::{check_document, warnings};
pub(crate) use text::check_text;
pub(crate) use work::check_tree;

use crate::{Code, Error, Result};

/// Largest SVG file that is looked at, bytes.
pub const MAX_SVG_BYTES: usize = 32 << 20;

/// Most XML nodes: elements, texts, comments. The largest traces we know have some 100 000; a node takes
/// about 1 kB until it is drawn, so these stay below 256 MB.
pub(crate) const MAX_XML_NODES: u32 = 220_000;

/// Most pixels of the picture drawn into, 1 GiB of RGBA.
const MAX_TARGET: u64 = 1 << 28;

/// Longest side of the SVG's own canvas, user units: beyond it single precision loses half pixels.
const MAX_CANVAS: f32 = 65_536.0;

/// Most pixels of an embedded image, 64 MiB when decoded.
const MAX_IMAGE_PIXELS: u64 = 16 << 20;

fn too_complex(message: impl Into<String>) -> Error {
    Error::new(Code::SvgTooComplex, message)
}

fn external(message: impl Into<String>) -> Error {
    Error::new(Code::SvgExternalReference, message)
}

/// Refuses a picture that is too large to draw into.
pub(crate) fn check_target(width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MAX_TARGET {
        return Err(Error::new(Code::SvgTooLarge, format!("{width} x {height} px cannot be drawn into")));
    }
    Ok(())
}

/// Refuses by the length of the file, and by its compression.
pub(crate) fn check_bytes(svg: &[u8]) -> Result<()> {
    if svg.starts_with(&[0x1f, 0x8b]) {
        let message = "it is compressed (SVGZ); decompress it first, since a small SVGZ can hold gigabytes";
        return Err(Error::new(Code::SvgInvalid, message));
    }
    if svg.len() > MAX_SVG_BYTES {
        return Err(Error::new(Code::SvgTooLarge, format!("{} bytes; the limit is {MAX_SVG_BYTES}", svg.len())));
    }
    Ok(())
}

/// Refuses by the SVG's own size.
pub(crate) fn check_canvas(width: f32, height: f32) -> Result<()> {
    if width > MAX_CANVAS || height > MAX_CANVAS {
        let message = format!("its canvas is {width} x {height}; the limit is {MAX_CANVAS} a side");
        return Err(Error::new(Code::SvgTooLarge, message));
    }
    Ok(())
}

/// Judges the embedded images while the SVG is parsed; the parser cannot be stopped, so the refusal is
/// kept until it is done.
#[derive(Default)]
pub(crate) struct Images {
    refusal: OnceLock<(Code, String)>,
}

impl Images {
    /// Whether this image may stay in the drawing, where it will be decoded.
    pub(crate) fn admit(&self, mime: &str, data: &[u8]) -> bool {
        let refusal = match image::ImageReader::new(Cursor::new(data)).with_guessed_format() {
            Ok(reader) if reader.format().is_some() => match reader.into_dimensions() {
                Ok((w, h)) if u64::from(w) * u64::from(h) <= MAX_IMAGE_PIXELS => return true,
                Ok((w, h)) => (Code::SvgTooLarge, format!("an embedded image is {w} x {h} px")),
                // It draws nothing.
                Err(_) => return false,
            },
            _ if mime == "image/svg+xml" || mime == "text/plain" => {
                (Code::SvgTooComplex, "an SVG is embedded in it as an image, which is not followed".to_owned())
            }
            _ => return false,
        };
        let _ = self.refusal.set(refusal);
        false
    }

    /// The first refusal, if there was one.
    pub(crate) fn verdict(self) -> Result<()> {
        match self.refusal.into_inner() {
            Some((code, message)) => Err(Error::new(code, message)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
