//! The SVG document model: shapes in painter's order, each with a geometry and a paint.

/// An sRGB colour, 8 bits a channel.
pub type Rgb = [u8; 3];
