//! Seeded test pictures with known answers.
//!
//! Each class of [`Class`] has a dozen kinds of drawing, made by code from a seed: an SVG is written
//! first (the known answer), then rasterised with resvg at several times its size and averaged down
//! with premultiplied alpha, so that edges are smoothed as a good exporter smooths them. Pixel art is
//! painted cell by cell, without anti-aliasing; photo-like pictures are computed per pixel and have no
//! answer. The same class, seed and options give the same bytes.
//!
//! There is no I/O here, and no fonts: the letters are our own.

use fastrand::Rng;
use resvg::usvg;

use crate::Raster;
use crate::classify::Class;

mod canvas;
mod colour;
mod complex;
mod glyphs;
mod gradient;
mod line_art;
mod photo;
mod pixel_art;
mod shapes;
mod showcase;
mod simple;
mod text;

pub use showcase::showcase;

/// How a test picture is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Longer side, px, in 16..=4096. Pixel art may be smaller by less than one of its cells.
    pub side: u32,
    /// Whether the ground is transparent. Pictures that fill their sheet (flags, skies, maps) stay opaque.
    pub alpha: bool,
    /// Standard deviation of noise added to the colours of visible pixels, 8-bit steps; 0 adds none.
    pub noise: f64,
    /// Quality of a JPEG round trip, 1 to 100. JPEG has no alpha, so `alpha` is then taken as false.
    pub jpeg: Option<u8>,
}

impl Default for Options {
    fn default() -> Self {
        Self { side: 256, alpha: false, noise: 0.0, jpeg: None }
    }
}

/// A test picture.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Class, kind and seed: `simple-badge-17`.
    pub name: String,
    /// What the picture is.
    pub class: Class,
    /// The known answer; none for photo-like pictures.
    pub svg: Option<String>,
    /// The picture.
    pub raster: Raster,
}

/// Smallest and largest longer side, px: below, nothing can be drawn; above, supersampling takes gigabytes.
const SIDES: std::ops::RangeInclusive<u32> = 16..=4096;

/// The picture of `class` number `seed`. A side or JPEG quality out of range is brought into it.
pub fn sample(class: Class, seed: u64, options: &Options) -> Sample {
    let side = options.side.clamp(*SIDES.start(), *SIDES.end());
    let transparent = options.alpha && options.jpeg.is_none();
    // Neighbouring seeds and classes must have nothing in common.
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((class as u64 + 1) << 56));
    let rng = &mut rng;
    let theme = colour::Theme::random(rng);
    let (kind, svg, raster) = match class {
        Class::Photo => {
            let kind = rng.usize(..photo::KINDS.len());
            let aspect = photo::aspect(rng);
            let (w, h) = sides(side, aspect);
            let data = photo::draw(rng, &theme, kind, w, h, transparent);
            (photo::KINDS[kind], None, raster_of(w, h, data))
        }
        Class::PixelArt => {
            let kind = rng.usize(..pixel_art::KINDS.len());
            let (grid, ground) = pixel_art::draw(rng, &theme, kind, side, transparent);
            let long = grid.w.max(grid.h);
            let fits = (side as usize / long).max(1);
            // Sprites that were not enlarged come as they are: small, and never damaged.
            let damaged = options.noise > 0.0 || options.jpeg.is_some();
            let factor = if canvas::chance(rng, 0.12) && !damaged { 1 } else { fits };
            let data = grid.rgba(factor, ground);
            let raster = raster_of((grid.w * factor) as u32, (grid.h * factor) as u32, data);
            (pixel_art::KINDS[kind], Some(grid.svg(factor, ground)), raster)
        }
        _ => {
            let (name, canvas) = drawing(class, rng, &theme, transparent);
            let (w, h) = sides(side, canvas.w / canvas.h);
            let svg = canvas.finish(w, h);
            let raster = rasterise(&svg, w, h);
            (name, Some(svg), raster)
        }
    };
    let raster = damage(raster, rng, options);
    Sample { name: format!("{class}-{kind}-{seed}"), class, svg, raster }
}

/// Draws a picture of a class that is made as an SVG.
fn drawing(class: Class, rng: &mut Rng, theme: &colour::Theme, transparent: bool) -> (&'static str, canvas::Canvas) {
    type Draw = fn(&mut canvas::Canvas, &mut Rng, &colour::Theme, usize);
    type Aspect = fn(&mut Rng, usize) -> f64;
    let (kinds, aspect, draw): (&[&'static str], Aspect, Option<Draw>) = match class {
        Class::Simple => (&simple::KINDS, simple::aspect, Some(simple::draw)),
        Class::Text => (&text::KINDS, text::aspect, Some(text::draw)),
        Class::Gradient => (&gradient::KINDS, gradient::aspect, Some(gradient::draw)),
        Class::LineArt => (&line_art::KINDS, line_art::aspect, Some(line_art::draw)),
        _ => (&complex::KINDS, complex::aspect, None),
    };
    let kind = rng.usize(..kinds.len());
    let mut sheet = canvas::Canvas::new(aspect(rng, kind));
    if !transparent {
        sheet.ground(theme.ground);
    }
    match draw {
        Some(draw) => draw(&mut sheet, rng, theme, kind),
        None => complex::draw(&mut sheet, rng, theme, kind, !transparent),
    }
    (kinds[kind], sheet)
}

/// Width and height, px, of a picture whose longer side is `side`.
fn sides(side: u32, aspect: f64) -> (u32, u32) {
    let short = |ratio: f64| ((f64::from(side) * ratio).round() as u32).max(1);
    if aspect >= 1.0 { (side, short(1.0 / aspect)) } else { (short(aspect), side) }
}

/// A raster of bytes whose number is right by construction; a grey pixel if it should not be.
fn raster_of(width: u32, height: u32, data: Vec<u8>) -> Raster {
    Raster::new(width, height, data).unwrap_or_else(|_| one_pixel())
}

fn one_pixel() -> Raster {
    match Raster::new(1, 1, vec![128, 128, 128, 255]) {
        Ok(raster) => raster,
        Err(_) => unreachable!("four bytes are one pixel"),
    }
}

/// `svg` at `width` x `height` px: drawn 4 or 8 times as large and averaged, premultiplied.
///
/// A text that is no SVG gives a single grey pixel; the generator writes none.
fn rasterise(svg: &str, width: u32, height: u32) -> Raster {
    // Small pictures get more samples: there, single pixels are seen.
    let over = if width.max(height) <= 128 { 8 } else { 4 };
    let Ok(tree) = usvg::Tree::from_str(svg, &usvg::Options::default()) else { return one_pixel() };
    let Some(mut map) = tiny_skia::Pixmap::new(width * over, height * over) else { return one_pixel() };
    let scale = (width * over) as f32 / tree.size().width();
    let scale_y = (height * over) as f32 / tree.size().height();
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale_y), &mut map.as_mut());
    let (big, over) = (map.data(), over as usize);
    let stride = width as usize * over * 4;
    let mut out = Vec::with_capacity(width as usize * height as usize * 4);
    for y in 0..height as usize {
        for x in 0..width as usize {
            let mut sum = [0u32; 4];
            for yy in 0..over {
                let start = (y * over + yy) * stride + x * over * 4;
                for pixel in big[start..start + over * 4].chunks_exact(4) {
                    for (s, v) in sum.iter_mut().zip(pixel) {
                        *s += u32::from(*v);
                    }
                }
            }
            // Back to straight colour: the sums are premultiplied, so colour over alpha is the ratio.
            let (n, alpha) = ((over * over) as u32, sum[3]);
            for value in &sum[..3] {
                out.push((value * 255 + alpha / 2).checked_div(alpha).unwrap_or(0).min(255) as u8);
            }
            out.push(((alpha + n / 2) / n) as u8);
        }
    }
    raster_of(width, height, out)
}

/// One value of the standard normal distribution (sum of twelve uniforms, exact on every platform).
fn gaussian(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
}

/// Adds the noise and the JPEG round trip that `options` ask for.
fn damage(raster: Raster, rng: &mut Rng, options: &Options) -> Raster {
    let (w, h) = (raster.width(), raster.height());
    let mut data = raster.into_bytes();
    if options.noise > 0.0 {
        for pixel in data.as_chunks_mut::<4>().0 {
            if pixel[3] > 0 {
                for value in &mut pixel[..3] {
                    *value = (f64::from(*value) + options.noise * gaussian(rng)).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
    if let Some(quality) = options.jpeg {
        let rgb: Vec<u8> = data.as_chunks::<4>().0.iter().flat_map(|p| over_white(*p)).collect();
        if let Some(back) = jpeg_round_trip(&rgb, w, h, quality.clamp(1, 100)) {
            data = back;
        }
    }
    raster_of(w, h, data)
}

fn over_white(p: [u8; 4]) -> [u8; 3] {
    let blend = |v: u8| ((u32::from(v) * u32::from(p[3]) + 255 * (255 - u32::from(p[3])) + 127) / 255) as u8;
    [blend(p[0]), blend(p[1]), blend(p[2])]
}

fn jpeg_round_trip(rgb: &[u8], w: u32, h: u32, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(rgb, w, h, image::ExtendedColorType::Rgb8)
        .ok()?;
    let back = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).ok()?;
    Some(back.into_rgba8().into_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_bytes_and_another_seed_another_picture() {
        let options = Options { side: 64, noise: 2.0, ..Options::default() };
        for class in Class::ALL {
            let (a, b, c) = (sample(class, 5, &options), sample(class, 5, &options), sample(class, 6, &options));
            assert_eq!(a.raster, b.raster, "{class}");
            assert_eq!(a.svg, b.svg);
            assert_ne!(a.raster, c.raster, "{class}");
        }
    }

    #[test]
    fn every_svg_is_well_formed_and_of_the_rasters_size() {
        for class in Class::ALL {
            for seed in 0..40 {
                let s = sample(class, seed, &Options { side: 48, alpha: seed % 2 == 0, ..Options::default() });
                assert_eq!(s.raster.width().max(s.raster.height()).min(49), s.raster.width().max(s.raster.height()));
                assert!(s.raster.pixels().iter().any(|p| *p != s.raster.pixels()[0]), "{} is blank", s.name);
                assert_eq!(s.svg.is_none(), class == Class::Photo);
                if let Some(svg) = s.svg {
                    let tree = usvg::Tree::from_str(&svg, &usvg::Options::default()).unwrap();
                    assert_eq!(tree.size().width() as u32, s.raster.width(), "{}", s.name);
                    assert_eq!(tree.size().height() as u32, s.raster.height(), "{}", s.name);
                }
            }
        }
    }

    #[test]
    fn alpha_leaves_a_transparent_ground_and_jpeg_leaves_none() {
        let clear = sample(Class::LineArt, 1, &Options { alpha: true, ..Options::default() });
        assert_eq!(clear.raster.pixel(0, 0), [0; 4]);
        let jpeg = sample(Class::LineArt, 1, &Options { alpha: true, jpeg: Some(80), ..Options::default() });
        assert!(jpeg.raster.is_opaque());
    }

    #[test]
    fn pixel_art_has_no_blends() {
        let s = sample(Class::PixelArt, 3, &Options { side: 256, ..Options::default() });
        let mut colours: Vec<_> = s.raster.pixels().to_vec();
        colours.sort_unstable();
        colours.dedup();
        assert!(colours.len() < 40, "{} colours", colours.len());
    }
}
