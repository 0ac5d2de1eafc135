//! How large an input may be. Everything here is checked before a pixel is decoded.

use crate::{Code, Error, Result};

/// Bytes of a mebibyte.
const MIB: u64 = 1 << 20;

/// What an input may cost; beyond it, it is refused with [`Code::InputTooLarge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, bytes.
    pub max_file_bytes: u64,
    /// Most pixels, width times height.
    pub max_pixels: u64,
    /// Longest side, px.
    pub max_side: u32,
    /// Most memory that decoding may take, bytes: the picture and what its decoder needs beside it.
    pub max_decode_bytes: u64,
}

impl Default for Limits {
    /// 256 MiB of file, 100 megapixels, 65 535 px a side (the most that JPEG can say), 1 GiB to
    /// decode (100 megapixels of 16-bit RGBA are 0.75 GiB).
    fn default() -> Self {
        Self {
            max_file_bytes: 256 * MIB,
            max_pixels: 100_000_000,
            max_side: u32::from(u16::MAX),
            max_decode_bytes: 1024 * MIB,
        }
    }
}

impl Limits {
    /// Refuses a file of `bytes` bytes that is over the limit.
    pub(super) fn admit_file(&self, bytes: u64) -> Result<()> {
        if bytes > self.max_file_bytes {
            return Err(self.file_too_large(&size(bytes)));
        }
        Ok(())
    }

    /// The refusal of a file whose size is `what`.
    pub(super) fn file_too_large(&self, what: &str) -> Error {
        let limit = size(self.max_file_bytes);
        Error::new(Code::InputTooLarge, format!("the file has {what}, over the limit of {limit} (--max-file-size)"))
    }

    /// Refuses a picture of no pixels, or of more than the limits allow.
    pub(super) fn admit_size(&self, width: u32, height: u32) -> Result<()> {
        let shown = format!("{} x {} px", grouped(width.into()), grouped(height.into()));
        if width == 0 || height == 0 {
            return Err(Error::new(Code::InputCorrupt, format!("its header says {shown}")));
        }
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.max_pixels {
            let message = if self.max_pixels >= 1_000_000 {
                let (is, limit) = (megapixels(pixels), megapixels(self.max_pixels));
                format!("{shown} is {is} megapixels, over the limit of {limit} (--max-pixels)")
            } else {
                let (is, limit) = (grouped(pixels), grouped(self.max_pixels));
                format!("{shown} is {is} pixels, over the limit of {limit} (--max-pixels)")
            };
            return Err(Error::new(Code::InputTooLarge, message));
        }
        let side = width.max(height);
        if side > self.max_side {
            let limit = grouped(self.max_side.into());
            return Err(Error::new(
                Code::InputTooLarge,
                format!("{shown} has a side over the limit of {limit} px; scale it down"),
            ));
        }
        // What every decode needs at the least: the RGBA picture itself.
        self.admit_memory(pixels.saturating_mul(4))
    }

    /// Refuses a decode that needs `bytes` bytes of memory in all.
    pub(super) fn admit_memory(&self, bytes: u64) -> Result<()> {
        if bytes > self.max_decode_bytes {
            let (need, limit) = (size(bytes), size(self.max_decode_bytes));
            return Err(Error::new(
                Code::InputTooLarge,
                format!("decoding it takes {need} of memory, over the limit of {limit}"),
            ));
        }
        Ok(())
    }

    /// The same limits as the decoders know them.
    pub(super) fn for_decoder(&self) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_image_width = Some(self.max_side);
        limits.max_image_height = Some(self.max_side);
        limits.max_alloc = Some(self.max_decode_bytes);
        limits
    }
}

/// `1234567` as `1 234 567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// Pixels in megapixels, to a tenth, rounded up so that what is over a limit looks over it.
fn megapixels(pixels: u64) -> String {
    let tenths = pixels.div_ceil(100_000);
    match tenths % 10 {
        0 => grouped(tenths / 10),
        rest => format!("{}.{rest}", grouped(tenths / 10)),
    }
}

/// Bytes in the unit people would use.
fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{} bytes", grouped(bytes)),
        10_000..=9_999_999 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / MIB as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_say_what_and_which_limit() {
        let e = Limits::default().admit_size(8_000, 20_000).unwrap_err();
        assert_eq!(e.code(), Code::InputTooLarge);
        assert_eq!(e.message(), "8 000 x 20 000 px is 160 megapixels, over the limit of 100 (--max-pixels)");
        let e = Limits::default().admit_size(70_000, 1).unwrap_err();
        assert!(e.message().contains("65 535 px"), "{}", e.message());
        let small = Limits { max_pixels: 100, ..Limits::default() };
        assert!(small.admit_size(10, 10).is_ok());
        assert!(small.admit_size(10, 11).unwrap_err().message().contains("110 pixels, over the limit of 100"));
        let e = Limits { max_decode_bytes: 399, ..Limits::default() }.admit_size(10, 10).unwrap_err();
        assert!(e.message().contains("400 bytes of memory"), "{}", e.message());
        assert_eq!(Limits::default().admit_size(0, 3).unwrap_err().code(), Code::InputCorrupt);
    }

    #[test]
    fn just_over_the_limit_does_not_look_equal_to_it() {
        assert_eq!(megapixels(100_000_001), "100.1");
    }
}
