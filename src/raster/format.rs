//! The image formats that are read, found by their first bytes.
//!
//! A file's name says what somebody hoped it was; its signature says what a decoder will find.
//! So the name is used only to pick files out of a folder, never to choose a decoder.

use crate::{Code, Error, Result};

/// Bytes that [`Format::from_signature`] looks at; fewer are enough for most formats.
pub const SIGNATURE_BYTES: usize = 18;

/// An image format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Format {
    /// Portable Network Graphics, still or animated.
    Png,
    /// JPEG: baseline or progressive; grey, colour, CMYK.
    Jpeg,
    /// WebP: lossy or lossless, still or animated.
    WebP,
    /// Graphics Interchange Format.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// Tagged Image File Format.
    Tiff,
    /// Windows icon or cursor.
    Ico,
    /// Netpbm: PBM, PGM, PPM (text or binary) and PAM.
    Pnm,
    /// The Quite OK Image format.
    Qoi,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Format] = &[
        Format::Png,
        Format::Jpeg,
        Format::WebP,
        Format::Gif,
        Format::Bmp,
        Format::Tiff,
        Format::Ico,
        Format::Pnm,
        Format::Qoi,
    ];

    /// The name as written in reports.
    pub fn name(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Jpeg => "jpeg",
            Format::WebP => "webp",
            Format::Gif => "gif",
            Format::Bmp => "bmp",
            Format::Tiff => "tiff",
            Format::Ico => "ico",
            Format::Pnm => "pnm",
            Format::Qoi => "qoi",
        }
    }

    /// The name as written in sentences.
    pub(super) fn title(self) -> &'static str {
        match self {
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::WebP => "WebP",
            Format::Gif => "GIF",
            Format::Bmp => "BMP",
            Format::Tiff => "TIFF",
            Format::Ico => "ICO",
            Format::Pnm => "PNM",
            Format::Qoi => "QOI",
        }
    }

    /// Usual extensions in lower case, without the dot; for finding images in folders.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Format::Png => &["png", "apng"],
            Format::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Format::WebP => &["webp"],
            Format::Gif => &["gif"],
            Format::Bmp => &["bmp", "dib"],
            Format::Tiff => &["tif", "tiff"],
            Format::Ico => &["ico", "cur"],
            Format::Pnm => &["pnm", "pbm", "pgm", "ppm", "pam"],
            Format::Qoi => &["qoi"],
        }
    }

    /// The format that starts with `head`, if it is one that is read.
    ///
    /// [`SIGNATURE_BYTES`] bytes decide; a shorter `head` is taken for what there is of it.
    pub fn from_signature(head: &[u8]) -> Option<Format> {
        match head {
            // The rest of the PNG signature only tells how a bad copy broke it: the decoder refuses those.
            [0x89, b'P', b'N', b'G', ..] => Some(Format::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Format::Tiff),
            [0, 0, 1 | 2, 0, count, high, ..] if *count | *high != 0 => Some(Format::Ico),
            [b'q', b'o', b'i', b'f', ..] => Some(Format::Qoi),
            [b'P', b'1'..=b'7', b' ' | b'\t' | b'\n' | b'\r' | b'#', ..] => Some(Format::Pnm),
            // Two letters are a weak signature: the size of the header that follows confirms it.
            [b'B', b'M', rest @ ..] => match rest.get(12..16) {
                Some(&[12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]) => Some(Format::Bmp),
                Some(_) => None,
                None => Some(Format::Bmp),
            },
            _ => None,
        }
    }

    /// [`Format::from_signature`], or the refusal to report.
    ///
    /// # Errors
    /// [`Code::InputUnknownFormat`], naming the format where it is a well-known other one.
    pub(super) fn identify(head: &[u8]) -> Result<Format> {
        Self::from_signature(head).ok_or_else(|| {
            let message = match foreign(head) {
                Some(name) => format!("this is {name}, which svg-ai does not read"),
                None => {
                    let first: Vec<_> = head.iter().take(4).map(|b| format!("{b:02x}")).collect();
                    format!("the first bytes ({}) match no image format that svg-ai reads", first.join(" "))
                }
            };
            Error::new(Code::InputUnknownFormat, message)
        })
    }
}

/// What else a file may be that people try, in words.
fn foreign(head: &[u8]) -> Option<&'static str> {
    let text = head.trim_ascii_start();
    match head {
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', ..] => Some("an AVIF image"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', ..] => Some("an HEIF image or an MP4 video"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("an MP4 video"),
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some("a JPEG XL image"),
        [0, 0, 0, 12, b'j', b'P', ..] => Some("a JPEG 2000 image"),
        [b'8', b'B', b'P', b'S', ..] => Some("a Photoshop document"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF document"),
        [b'%', b'!', ..] => Some("a PostScript document"),
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive"),
        [0x1f, 0x8b, ..] => Some("a gzip archive"),
        [0x76, 0x2f, 0x31, 0x01, ..] => Some("an OpenEXR image"),
        _ if text.starts_with(b"<svg") => Some("an SVG already"),
        _ if text.starts_with(b"<?xml") => Some("an XML document, perhaps an SVG already"),
        _ if text.starts_with(b"<!DOCTYPE") || text.starts_with(b"<html") => {
            Some("a web page, perhaps an error page saved instead of the image")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_do_not_make_a_bitmap() {
        assert_eq!(Format::from_signature(b"BMW is a maker of cars"), None);
        assert_eq!(Format::from_signature(b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0"), Some(Format::Bmp));
        assert_eq!(Format::from_signature(b"P65 and more"), None);
    }

    #[test]
    fn other_formats_are_named() {
        for (head, word) in
            [(&b"%PDF-1.7"[..], "PDF"), (b"\0\0\0\x1cftypavif", "AVIF"), (b"  <svg xmlns", "SVG"), (b"hello", "68 65")]
        {
            let e = Format::identify(head).unwrap_err();
            assert_eq!(e.code(), Code::InputUnknownFormat);
            assert!(e.message().contains(word), "{}", e.message());
        }
    }

    #[test]
    fn extensions_belong_to_one_format_each() {
        let mut all: Vec<_> = Format::ALL.iter().flat_map(|f| f.extensions()).collect();
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n);
    }
}
