//! TIFF's size, and its palette pictures, which the `image` crate refuses.
//!
//! A palette picture differs from a grey one by a single number in the directory. So the `tiff`
//! crate is given a copy in which that number says grey, and the indices that it unpacks, whatever
//! their compression, are looked up here.

use std::cell::Cell;
use std::io::{BufRead, Cursor, Seek};

use image::metadata::Orientation;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits as DecoderLimits};
use tiff::tags::Tag;
use tiff::{TiffError, TiffResult};

use super::color::Samples;
use super::decode::{Picture, Tail};
use super::limits::Limits;
use crate::{Code, Error, Result};

/// Width and height of the first page, px.
pub(super) fn size<R: BufRead + Seek>(reader: Tail<'_, R>) -> Result<(u32, u32)> {
    let ended = reader.ended();
    Decoder::new(reader).and_then(|mut d| d.dimensions()).map_err(|e| refusal(e, ended))
}

/// Decodes a palette picture of an admitted size, whose `PhotometricInterpretation` is stored in
/// the two bytes at `photometric`.
pub(super) fn palette(bytes: &[u8], photometric: usize, limits: &Limits) -> Result<Picture> {
    let ended = Cell::new(false);
    let mut grey = bytes.to_vec();
    let black_is_zero = if bytes.starts_with(b"II") { [1, 0] } else { [0, 1] };
    if let Some(field) = grey.get_mut(photometric..photometric + 2) {
        field.copy_from_slice(&black_is_zero);
    }
    let failed = |e| refusal(e, &ended);
    let mut decoder = open(Tail::new(Cursor::new(grey.as_slice()), &ended), limits).map_err(failed)?;
    let (width, height) = decoder.dimensions().map_err(failed)?;
    limits.admit_size(width, height)?;
    let bits = match decoder.colortype().map_err(failed)? {
        ColorType::Gray(bits @ (1 | 2 | 4 | 8)) => usize::from(bits),
        other => {
            return Err(Error::new(Code::InputUnsupported, format!("its palette indices are stored as {other:?}")));
        }
    };
    // The indices, and the picture made of them.
    limits.admit_memory(u64::from(width) * u64::from(height) * 5)?;

    let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(failed)?;
    let n = map.len() / 3;
    // All reds, then all greens, then all blues, of 16 bits (TIFF 6.0, section 5).
    let level = |i: usize| ((u32::from(map[i]) * 255 + 32_767) / 65_535) as u8;
    let colors: Vec<[u8; 4]> = (0..n).map(|i| [level(i), level(n + i), level(2 * n + i), 255]).collect();

    let icc = decoder.get_tag_u8_vec(Tag::IccProfile).ok();
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
    let DecodingResult::U8(indices) = decoder.read_image().map_err(failed)? else {
        return Err(Error::new(Code::InputUnsupported, "its palette indices are wider than a byte"));
    };

    let row_bytes = (width as usize * bits).div_ceil(8);
    let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
    for row in indices.chunks_exact(row_bytes).take(height as usize) {
        for x in 0..width as usize {
            let bit = x * bits;
            let index = usize::from(row[bit / 8] >> (8 - bits - bit % 8)) & ((1 << bits) - 1);
            let color = colors.get(index).ok_or_else(|| {
                Error::new(Code::InputCorrupt, format!("a pixel has colour {index} of a palette of {n}"))
            })?;
            rgba.extend_from_slice(color);
        }
    }
    if rgba.len() != width as usize * height as usize * 4 {
        return Err(Error::new(Code::InputCorrupt, "its strips hold fewer rows than the picture has"));
    }
    let mut picture = Picture::new(width, height, rgba, Samples::Rgb);
    picture.icc = icc;
    picture.orientation = orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms);
    Ok(picture)
}

fn open<R: BufRead + Seek>(reader: R, limits: &Limits) -> TiffResult<Decoder<R>> {
    let most = usize::try_from(limits.max_decode_bytes).unwrap_or(usize::MAX);
    let mut own = DecoderLimits::default();
    own.decoding_buffer_size = most;
    own.intermediate_buffer_size = most;
    Ok(Decoder::new(reader)?.with_limits(own))
}

/// A decoder's error as ours; `ended` says whether it had come to the end of the file.
fn refusal(error: TiffError, ended: &Cell<bool>) -> Error {
    let code = match &error {
        TiffError::UnsupportedError(_) => Code::InputUnsupported,
        TiffError::LimitsExceeded => Code::InputTooLarge,
        _ if ended.get() => Code::InputTruncated,
        TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Code::InputTruncated,
        _ => Code::InputCorrupt,
    };
    Error::new(code, error.to_string())
}
