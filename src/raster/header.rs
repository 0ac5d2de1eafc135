//! Width and height from a file's first bytes, before any decoder allocates for them.

use std::io::{BufRead, Seek};

use super::decode::{Tail, refusal};
use super::format::Format;
use super::{ico, jpeg, tiff};
use crate::{Code, Error, Result};

/// Bytes that hold the size in the formats that keep it at a fixed place.
pub(super) const HEAD_BYTES: usize = 32;

/// Width and height of the stored picture, px, of a `reader` that begins with `head`.
///
/// Nothing but the header is read where the format allows it.
pub(super) fn size<R: BufRead + Seek>(format: Format, head: &[u8], mut reader: Tail<'_, R>) -> Result<(u32, u32)> {
    let short = || Error::new(Code::InputTruncated, format!("it ends inside its {} header", format.title()));
    match format {
        Format::Png => png(head).ok_or_else(short)?,
        Format::Gif => at(head, 6).zip(at(head, 8)).map(|(w, h)| (le16(w), le16(h))).ok_or_else(short),
        Format::Bmp => bmp(head).ok_or_else(short),
        Format::Qoi => at(head, 4).zip(at(head, 8)).map(|(w, h)| (be32(w), be32(h))).ok_or_else(short),
        Format::WebP => webp(head).ok_or_else(short)?,
        Format::Jpeg => jpeg::size(reader),
        Format::Ico => ico::size(&mut reader),
        Format::Tiff => tiff::size(reader),
        Format::Pnm => {
            let ended = reader.ended();
            let decoder = image::codecs::pnm::PnmDecoder::new(reader);
            decoder.map(|d| image::ImageDecoder::dimensions(&d)).map_err(|e| refusal(format, &e, ended.get()))
        }
    }
}

/// `N` bytes at `offset`, if they are there.
fn at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

fn le16(b: [u8; 2]) -> u32 {
    u16::from_le_bytes(b).into()
}

fn be32(b: [u8; 4]) -> u32 {
    u32::from_be_bytes(b)
}

/// The size in a PNG's `IHDR`, which must come first.
pub(super) fn png(head: &[u8]) -> Option<Result<(u32, u32)>> {
    let corrupt = |message: &str| Some(Err(Error::new(Code::InputCorrupt, message)));
    let (ending, first) = (at::<4>(head, 4)?, at::<4>(head, 12)?);
    if ending != *b"\r\n\x1a\n" {
        return corrupt("the line endings in its PNG signature were changed, as a transfer in text mode does");
    }
    if first != *b"IHDR" {
        return corrupt("the first chunk of a PNG must be IHDR, and here it is not");
    }
    Some(Ok((be32(at(head, 16)?), be32(at(head, 20)?))))
}

/// The size in a bitmap: 16 bits a side in the oldest header, signed 32 bits in all others, where a
/// negative height means that the rows run downwards.
fn bmp(head: &[u8]) -> Option<(u32, u32)> {
    Some(match u32::from_le_bytes(at(head, 14)?) {
        12 => (le16(at(head, 18)?), le16(at(head, 20)?)),
        _ => (i32::from_le_bytes(at(head, 18)?).unsigned_abs(), i32::from_le_bytes(at(head, 22)?).unsigned_abs()),
    })
}

/// The canvas of a WebP: in its extended header, or in the one picture that it holds.
fn webp(head: &[u8]) -> Option<Result<(u32, u32)>> {
    let le24 = |b: [u8; 3]| u32::from_le_bytes([b[0], b[1], b[2], 0]);
    Some(match &at::<4>(head, 12)? {
        b"VP8X" => Ok((le24(at(head, 24)?) + 1, le24(at(head, 27)?) + 1)),
        b"VP8L" => {
            let bits = u32::from_le_bytes(at(head, 21)?);
            Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => Ok((le16(at(head, 26)?) & 0x3fff, le16(at(head, 28)?) & 0x3fff)),
        _ => Err(Error::new(Code::InputCorrupt, "its first chunk is not one that a WebP may begin with")),
    })
}
