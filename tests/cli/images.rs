//! Small pictures, made in code.

use image::codecs::png::PngEncoder;
use image::codecs::tiff::TiffEncoder;
use image::{ExtendedColorType, ImageEncoder};
use svg_ai::Raster;
use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample};
use svg_ai::score::{Trust, render};

pub(crate) type Rgba = [u8; 4];

pub(crate) const WHITE: Rgba = [255, 255, 255, 255];
pub(crate) const RED: Rgba = [255, 0, 0, 255];
pub(crate) const CLEAR: Rgba = [0, 0, 0, 0];

/// A PNG of `width` x `height` px.
pub(crate) fn png(width: u32, height: u32, paint: impl Fn(u32, u32) -> Rgba) -> Vec<u8> {
    let data: Vec<u8> =
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| paint(x, y)).collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&data, width, height, ExtendedColorType::Rgba8).unwrap();
    bytes
}

/// A disc of `mark` on `ground`, with a hard edge.
pub(crate) fn disc(side: u32, mark: Rgba, ground: Rgba) -> Vec<u8> {
    let (c, r) = (f64::from(side) / 2.0, f64::from(side) / 3.0);
    png(side, side, |x, y| {
        let (dx, dy) = (f64::from(x) + 0.5 - c, f64::from(y) + 0.5 - c);
        if dx.hypot(dy) < r { mark } else { ground }
    })
}

/// A disc of radius 30 px in 96 px, anti-aliased by 8 x 8 samples.
pub(crate) fn smooth_disc(mark: Rgba, ground: Rgba) -> Vec<u8> {
    png(96, 96, |x, y| {
        let at = |v: u32, k: u32| f64::from(v) + (f64::from(k) + 0.5) / 8.0 - 48.0;
        let inside = (0..64).filter(|k| at(x, k % 8).hypot(at(y, k / 8)) < 30.0).count() as u32;
        std::array::from_fn(|c| ((u32::from(mark[c]) * inside + u32::from(ground[c]) * (64 - inside) + 32) / 64) as u8)
    })
}

/// `png` so many times as large, by Lanczos.
pub(crate) fn enlarged(png: &[u8], factor: u32) -> Vec<u8> {
    let picture = image::load_from_memory(png).unwrap();
    let [w, h] = [picture.width() * factor, picture.height() * factor];
    encoded(&picture.resize_exact(w, h, image::imageops::FilterType::Lanczos3))
}

/// `png` with a Gaussian blur of `sigma` px.
pub(crate) fn blurred(png: &[u8], sigma: f32) -> Vec<u8> {
    encoded(&image::load_from_memory(png).unwrap().blur(sigma))
}

fn encoded(picture: &image::DynamicImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Red on white, 48 px: what a test takes that does not care.
pub(crate) fn any() -> Vec<u8> {
    disc(48, RED, WHITE)
}

/// A drawing of `class` by our own generator.
pub(crate) fn drawing(class: Class, seed: u64, side: u32) -> Vec<u8> {
    let s = sample(class, seed, &Options { side, ..Options::default() });
    png(s.raster.width(), s.raster.height(), |x, y| s.raster.pixel(x, y))
}

/// Tilted squares of many colours: slow to trace for its size, and not to be had at quality 1.
pub(crate) fn busy(side: u32) -> Vec<u8> {
    png(side, side, |x, y| {
        let (u, v) = ((7 * x + 3 * y) / 31, (7 * y + 3 * (side - x)) / 31);
        let h = u.wrapping_mul(2_654_435_761) ^ v.wrapping_mul(40_503).wrapping_mul(97);
        [(h >> 8) as u8, (h >> 16) as u8, (h >> 4) as u8, 255]
    })
}

/// A PNG whose header promises 60 000 x 60 000 px.
pub(crate) fn bomb() -> Vec<u8> {
    let mut bytes = any();
    bytes[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    bytes
}

/// A PNG that ends in the middle of its pixels.
pub(crate) fn truncated() -> Vec<u8> {
    let mut bytes = busy(48);
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// A PNG with a wrong byte among its pixels.
pub(crate) fn corrupt() -> Vec<u8> {
    let mut bytes = busy(48);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    bytes
}

/// A TIFF with floating-point samples.
pub(crate) fn float_tiff() -> Vec<u8> {
    let samples: Vec<u8> = std::iter::repeat_n(0.5f32.to_ne_bytes(), 8 * 8 * 3).flatten().collect();
    let mut bytes = std::io::Cursor::new(Vec::new());
    TiffEncoder::new(&mut bytes).write_image(&samples, 8, 8, ExtendedColorType::Rgb32F).unwrap();
    bytes.into_inner()
}

/// What an SVG looks like.
#[track_caller]
pub(crate) fn drawn(svg: &[u8], side: u32) -> Raster {
    render(svg, side, side, Trust::Foreign).unwrap()
}

/// Fails unless `svg` is a whole SVG.
#[track_caller]
pub(crate) fn assert_whole(svg: &[u8]) {
    let text = std::str::from_utf8(svg).unwrap();
    assert!(text.starts_with("<svg ") && text.trim_end().ends_with("</svg>"), "not a whole SVG: {text:.60}");
}
