//! Pictures with known pixels through every format, and everything that can be wrong with a file.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, RgbImage, RgbaImage};

use super::*;

/// A picture whose every pixel differs, with all alphas when `alpha`.
fn pattern(width: u32, height: u32, alpha: bool) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let a = if alpha { (40 + x * 5 + y * 7).min(255) as u8 } else { 255 };
        image::Rgba([(x * 9) as u8, (y * 11) as u8, (x * 3 + y * 5 + 17) as u8, a])
    })
}

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn ok(bytes: &[u8]) -> Decoded {
    decode(bytes, &Limits::default()).unwrap()
}

fn refused(bytes: &[u8]) -> Error {
    decode(bytes, &Limits::default()).unwrap_err()
}

/// Every format with an encoder that loses nothing, and one picture in it.
fn samples() -> Vec<(Format, Vec<u8>, Vec<u8>)> {
    let rgba = pattern(23, 17, true);
    let opaque = pattern(23, 17, false);
    let rgb = DynamicImage::ImageRgba8(opaque.clone()).into_rgb8();
    // At most 256 colours, so that nothing is quantised away.
    let few = RgbaImage::from_fn(23, 17, |x, y| image::Rgba([(x / 4 * 40) as u8, (y / 4 * 50) as u8, 9, 255]));
    let with = |image: &RgbaImage, f| encode(&DynamicImage::ImageRgba8(image.clone()), f);
    vec![
        (Format::Png, with(&rgba, ImageFormat::Png), rgba.to_vec()),
        (Format::Png, encode(&rgb.clone().into(), ImageFormat::Png), opaque.to_vec()),
        (Format::WebP, with(&rgba, ImageFormat::WebP), rgba.to_vec()),
        (Format::Gif, with(&few, ImageFormat::Gif), few.to_vec()),
        (Format::Bmp, encode(&rgb.clone().into(), ImageFormat::Bmp), opaque.to_vec()),
        (Format::Bmp, with(&rgba, ImageFormat::Bmp), rgba.to_vec()),
        (Format::Tiff, with(&rgba, ImageFormat::Tiff), rgba.to_vec()),
        (Format::Ico, with(&rgba, ImageFormat::Ico), rgba.to_vec()),
        (Format::Pnm, encode(&rgb.into(), ImageFormat::Pnm), opaque.to_vec()),
        (Format::Qoi, with(&rgba, ImageFormat::Qoi), rgba.to_vec()),
    ]
}

#[test]
fn every_lossless_format_gives_its_pixels_back() {
    for (format, bytes, want) in samples() {
        let decoded = ok(&bytes);
        assert_eq!(decoded.raster.as_bytes(), want, "{format:?}");
        assert_eq!((decoded.raster.width(), decoded.raster.height()), (23, 17));
        assert_eq!(decoded.source.format, format.name());
        assert_eq!(decoded.source.bytes, bytes.len() as u64);
        assert_eq!(decoded.source.has_alpha, want.chunks(4).any(|p| p[3] < 255));
        assert_eq!(decoded.notes, Vec::<String>::new(), "{format:?}");
        assert_eq!(dimensions(&bytes, &Limits::default()).unwrap(), (format, 23, 17));
    }
}
