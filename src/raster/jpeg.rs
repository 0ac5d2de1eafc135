//! JPEG, decoded by `zune-jpeg` without the wrapper of the `image` crate.
//!
//! The wrapper copies the file, parses its headers three times, and turns CMYK into RGB before its
//! colour profile can be applied. Here grey and YCbCr are decoded straight into RGBA, and CMYK and
//! YCCK are kept as inks until the profile has been seen.

use std::io::{BufRead, Seek};

use image::metadata::Orientation;
use zune_core::bytestream::{ZByteReaderTrait, ZCursor};
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::color::Samples;
use super::decode::{Picture, Tail};
use super::limits::Limits;
use super::pixels::{Canvas, Layout};
use crate::{Code, Error, Result};

/// Bytes that a decoder of progressive files keeps for each sample until the last scan.
const COEFFICIENT_BYTES: u64 = 2;

/// Options under which files with small faults are read, as every other program reads them; how
/// large the picture may be is checked by the caller.
fn options() -> DecoderOptions {
    let most = usize::from(u16::MAX);
    DecoderOptions::default().set_strict_mode(false).set_max_width(most).set_max_height(most)
}

/// Width and height, px, from the headers.
pub(super) fn size<R: BufRead + Seek>(reader: Tail<'_, R>) -> Result<(u32, u32)> {
    let ended = reader.ended();
    let mut decoder = JpegDecoder::new_with_options(reader, options());
    decoder.decode_headers().map_err(|e| {
        let e = refusal(&e);
        if ended.get() { Error::new(Code::InputTruncated, e.message()) } else { e }
    })?;
    dimensions(&decoder)
}

fn dimensions<T: ZByteReaderTrait>(decoder: &JpegDecoder<T>) -> Result<(u32, u32)> {
    let (width, height) =
        decoder.dimensions().ok_or_else(|| Error::new(Code::InputCorrupt, "there is no frame header in it"))?;
    Ok((width as u32, height as u32))
}

/// Decodes a JPEG of an admitted size.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options());
    decoder.decode_headers().map_err(|e| refusal(&e))?;
    let (width, height) = dimensions(&decoder)?;
    let pixels = u64::from(width) * u64::from(height);

    let space = decoder.input_colorspace().unwrap_or(ColorSpace::Unknown);
    let (out, layout, samples) = match space {
        ColorSpace::YCbCr => (ColorSpace::RGBA, Layout::RGBA8, Samples::Rgb),
        ColorSpace::Luma => (ColorSpace::RGBA, Layout::RGBA8, Samples::Grey),
        ColorSpace::RGB => (ColorSpace::RGB, Layout::RGB8, Samples::Rgb),
        // Four samples a pixel are four bytes, like RGBA.
        ColorSpace::CMYK | ColorSpace::YCCK => (space, Layout::RGBA8, Samples::Ink),
        other => return Err(Error::new(Code::InputUnsupported, format!("its colours are {other:?}"))),
    };
    let info = decoder.info();
    let components = info.as_ref().map_or(3, |i| u64::from(i.components));
    // Progressive or not, this is an upper bound.
    limits.admit_memory(Canvas::bytes_for(layout, pixels).saturating_add(pixels * components * COEFFICIENT_BYTES))?;

    let icc = decoder.icc_profile();
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));

    // A second decoder, as this one picks its conversion when it is made.
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options().jpeg_set_out_colorspace(out));
    decoder.decode_headers().map_err(|e| refusal(&e))?;
    let mut canvas = Canvas::new(layout, pixels as usize);
    if decoder.output_buffer_size() != Some(canvas.samples_mut().len()) {
        return Err(Error::new(Code::InputUnsupported, format!("its colours ({space:?}) cannot be converted")));
    }
    decoder.decode_into(canvas.samples_mut()).map_err(|e| refusal(&e))?;
    let mut data = canvas.into_rgba();
    match space {
        ColorSpace::CMYK => data.iter_mut().for_each(|v| *v = 255 - *v),
        ColorSpace::YCCK => data.as_chunks_mut::<4>().0.iter_mut().for_each(|p| *p = ycck_to_ink(*p)),
        _ => {}
    }
    let mut picture = Picture::new(width, height, data, samples);
    picture.icc = icc;
    picture.orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok(picture)
}

/// Inks (255 is full) of a YCCK pixel as stored.
///
/// Every program that writes four-component JPEGs stores them inverted, as Photoshop does, and
/// every browser reads them so, marker or no marker. YCCK is RGB of the inverted inks' complement
/// in YCbCr (ITU-T T.871), so its red *is* the cyan ink; the black is inverted.
fn ycck_to_ink([y, cb, cr, k]: [u8; 4]) -> [u8; 4] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    let c = y + 1.402 * cr;
    let m = y - 0.344_136 * cb - 0.714_136 * cr;
    let yellow = y + 1.772 * cb;
    // A cast saturates, so it clamps to 0..=255.
    [c.round() as u8, m.round() as u8, yellow.round() as u8, 255 - k]
}

/// A decoder's error as ours.
fn refusal(error: &DecodeErrors) -> Error {
    let message = error.to_string();
    let code = match error {
        DecodeErrors::Unsupported(_) => Code::InputUnsupported,
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => Code::InputTruncated,
        DecodeErrors::LargeDimensions(_) => Code::InputTooLarge,
        _ if message.contains("precision") => Code::InputUnsupported,
        _ => Code::InputCorrupt,
    };
    Error::new(code, message.trim_matches('"'))
}
