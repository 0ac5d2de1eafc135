//! What a foreign SVG must satisfy before it is parsed into a tree and drawn.

use resvg::tiny_skia::Transform;
use resvg::usvg::Tree;
use roxmltree::Document;

use crate::{Code, Error, Result};

/// Largest SVG file, bytes.
pub(crate) const MAX_BYTES: usize = 32 << 20;

/// Most XML nodes (elements, texts, comments).
pub(crate) const MAX_XML_NODES: u32 = 400_000;

/// Most pixels of the picture drawn into.
const MAX_TARGET: u64 = 1 << 28;

/// Refuses a picture that is too large to draw into.
pub(crate) fn check_target(width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MAX_TARGET {
        return Err(Error::new(Code::SvgTooLarge, format!("{width} x {height} px cannot be drawn into")));
    }
    Ok(())
}

/// Refuses by the bytes alone.
pub(crate) fn check_bytes(svg: &[u8]) -> Result<()> {
    if svg.len() > MAX_BYTES {
        return Err(Error::new(Code::SvgTooLarge, format!("{} bytes; the limit is {MAX_BYTES}", svg.len())));
    }
    Ok(())
}

/// Refuses by the XML.
pub(crate) fn check_document(_document: &Document) -> Result<()> {
    Ok(())
}

/// Refuses by the work that drawing would be.
pub(crate) fn check_tree(_tree: &Tree, _transform: Transform, _width: u32, _height: u32) -> Result<()> {
    Ok(())
}

/// Whether an embedded image may be decoded.
pub(crate) fn admits_image(_data: &[u8]) -> bool {
    true
}

/// What is in the document that will not be drawn.
pub(crate) fn warnings(_document: &Document) -> Vec<String> {
    Vec::new()
}
