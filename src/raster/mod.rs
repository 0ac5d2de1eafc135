//! The decoded picture, and the way from bytes to it.
//!
//! | module | what it does |
//! |---|---|
//! | [`decode`](mod@decode) | the entry points: a path, a stream or bytes become a [`Raster`] |
//! | [`format`](mod@format) | which format is it, from its first bytes |
//! | [`limits`] | how large a picture may be, checked before it is decoded |
//! | `container` | is the file whole, how many frames, where is its EXIF data |
//! | `header` | width and height without decoding a pixel |
//! | `jpeg`, `tiff`, `ico` | the formats whose decoders need a hand |
//! | `enlarged` | pixels that were repeated, taken back |
//! | `paper` | uneven light on paper, taken back |
//! | `soften` | smooth enlargement and blur, done again |
//! | `pixels` | any layout of samples to 8-bit RGBA, in place |
//! | `color` | an embedded colour profile to sRGB |

mod color;
mod container;
pub mod decode;
mod enlarged;
pub mod format;
mod header;
mod ico;
mod jpeg;
pub mod limits;
mod paper;
mod pixels;
pub(crate) mod soften;
mod tiff;

pub use decode::{Decoded, decode, dimensions, dimensions_of, read, read_bytes, read_stream};
pub(crate) use enlarged::fewest_cells;
pub use enlarged::own_size;
pub use format::Format;
pub use limits::Limits;
pub use paper::evenly_lit;
pub use soften::{Filter, Softening};

use crate::{Code, Error, Result};

/// A picture: straight (not premultiplied) RGBA, 8 bits a channel, sRGB, row by row from the top.
///
/// It has at least one pixel, and its colours under zero alpha are all zero, so two pictures that
/// look alike are equal.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    data: Vec<u8>,
    /// Hundredths of an 8-bit step, see [`Raster::noise`].
    noise: u16,
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raster({} x {} px)", self.width, self.height)
    }
}

impl Raster {
    /// A raster of `width` x `height` px from straight RGBA bytes.
    ///
    /// # Errors
    /// [`Code::InputCorrupt`] when a side is zero or `data` is not `width * height * 4` bytes.
    pub fn new(width: u32, height: u32, mut data: Vec<u8>) -> Result<Self> {
        let want = (width as usize).checked_mul(height as usize).and_then(|n| n.checked_mul(4));
        if width == 0 || height == 0 || want != Some(data.len()) {
            return Err(Error::new(
                Code::InputCorrupt,
                format!("{} bytes do not make a {width} x {height} px RGBA image", data.len()),
            ));
        }
        for pixel in data.as_chunks_mut::<4>().0 {
            if pixel[3] == 0 {
                *pixel = [0; 4];
            }
        }
        Ok(Self { width, height, data, noise: 0 })
    }

    /// The same, known to have noise of `deviation` 8-bit steps where it is neither paper nor blank.
    #[must_use]
    pub fn with_noise(self, deviation: f64) -> Self {
        Self { noise: (deviation * 100.0).round().clamp(0.0, f64::from(u16::MAX)) as u16, ..self }
    }

    /// Deviation of its noise where that was measured before some of it was taken out, 8-bit steps; `None` where
    /// nothing but the pixels tells.
    pub fn noise(&self) -> Option<f32> {
        (self.noise > 0).then(|| f32::from(self.noise) / 100.0)
    }

    /// Width, px.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height, px.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Number of pixels.
    pub fn len(&self) -> usize {
        self.data.len() / 4
    }

    /// Never true: a raster has at least one pixel.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// All pixels, row by row, `[r, g, b, a]`.
    pub fn pixels(&self) -> &[[u8; 4]] {
        self.data.as_chunks::<4>().0
    }

    /// The pixel at column `x`, row `y`.
    ///
    /// # Panics
    /// When `x` or `y` lies outside the raster.
    #[inline]
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 4] {
        assert!(x < self.width, "column {x} of {}", self.width);
        self.pixels()[y as usize * self.width as usize + x as usize]
    }

    /// The bytes, `[r, g, b, a]` a pixel, row by row.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.data
    }

    /// Whether every pixel is opaque.
    pub fn is_opaque(&self) -> bool {
        self.pixels().iter().all(|p| p[3] == 255)
    }

    /// Whether no pixel is visible at all.
    pub fn is_fully_transparent(&self) -> bool {
        self.pixels().iter().all(|p| p[3] == 0)
    }
}

#[cfg(test)]
mod tests;
