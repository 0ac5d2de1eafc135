//! Renders SVGs to pictures as a careful exporter would, for sets of pictures with a known answer.
//!
//! ```text
//! cargo run --release --example rasterize -- IN.svg OUT.png SIDE [--alpha]
//! cargo run --release --example rasterize -- FOLDER FOLDER SIDE [--alpha]
//! ```
//!
//! SIDE is the longer side, px. The SVG is drawn at several times that size and averaged down with
//! premultiplied alpha, so that edges carry the share of the pixel they cover. The ground is white, or
//! transparent with `--alpha`. The output's extension names the format, PNG or anything else that the
//! `image` crate writes; in a folder it is PNG.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use image::{DynamicImage, RgbaImage};
use rayon::prelude::*;
use resvg::usvg;
use svg_ai::score::{Trust, render};

/// Samples a pixel and direction. With 8 the coverage of a pixel is known to better than one 8-bit step,
/// since the renderer smooths each sample's edges itself.
const SAMPLES: u32 = 8;

/// Longest side that is drawn, px: 64 MB of samples. Above 512 px there are fewer samples a pixel.
const MAX_DRAWN: u32 = 4096;

struct Settings {
    side: u32,
    alpha: bool,
}

fn main() -> Result<()> {
    let mut places = Vec::new();
    let mut alpha = false;
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--alpha" => alpha = true,
            _ if word.starts_with('-') => bail!("there is no option {word}"),
            _ => places.push(word),
        }
    }
    let [input, output, side] = &places[..] else {
        bail!("usage: rasterize IN.svg OUT.png SIDE [--alpha], or two folders");
    };
    let side = side.parse().context("SIDE wants a number of pixels")?;
    ensure!((1..=MAX_DRAWN).contains(&side), "SIDE is 1 to {MAX_DRAWN}");
    let settings = Settings { side, alpha };
    let (input, output) = (Path::new(input), Path::new(output));
    if !input.is_dir() {
        return rasterize(input, output, &settings);
    }
    std::fs::create_dir_all(output).with_context(|| output.display().to_string())?;
    let mut drawings: Vec<PathBuf> = std::fs::read_dir(input)
        .with_context(|| input.display().to_string())?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    drawings.retain(|path| path.extension().is_some_and(|e| e == "svg"));
    ensure!(!drawings.is_empty(), "{}: no SVG in it", input.display());
    drawings.into_par_iter().try_for_each(|drawing| {
        let name = Path::new(drawing.file_name().context("a file has a name")?).with_extension("png");
        rasterize(&drawing, &output.join(name), &settings)
    })
}

fn rasterize(input: &Path, output: &Path, settings: &Settings) -> Result<()> {
    let svg = std::fs::read(input).with_context(|| input.display().to_string())?;
    let picture = picture(&svg, settings).with_context(|| input.display().to_string())?;
    let picture = DynamicImage::from(picture);
    // Formats without alpha refuse pictures that have it.
    let picture = if settings.alpha { picture } else { picture.into_rgb8().into() };
    picture.save(output).with_context(|| output.display().to_string())
}

/// The drawing in `svg`, its longer side as the settings say.
fn picture(svg: &[u8], settings: &Settings) -> Result<RgbaImage> {
    let nothing = usvg::ImageHrefResolver { resolve_string: Box::new(|_, _| None), ..Default::default() };
    let options = usvg::Options { image_href_resolver: nothing, ..Default::default() };
    let size = usvg::Tree::from_data(svg, &options)?.size();
    let scale = settings.side as f32 / size.width().max(size.height());
    let [width, height] = [size.width(), size.height()].map(|s| ((s * scale).round() as u32).max(1));
    let samples = SAMPLES.min(MAX_DRAWN / settings.side).max(1);
    // The drawings are those of the caller, who may well want one that takes long.
    let drawn = render(svg, width * samples, height * samples, Trust::Own)?;
    let mut sums = vec![[0_u32; 4]; width as usize * height as usize];
    for (y, row) in drawn.pixels().chunks_exact((width * samples) as usize).enumerate() {
        let line = y / samples as usize * width as usize;
        for (x, &[r, g, b, a]) in row.iter().enumerate() {
            let sum = &mut sums[line + x / samples as usize];
            let weight = u32::from(a);
            for (channel, value) in sum.iter_mut().zip([r, g, b]) {
                *channel += u32::from(value) * weight;
            }
            sum[3] += weight;
        }
    }
    let full = samples * samples * 255;
    let data = sums.into_iter().flat_map(|[r, g, b, weight]| {
        let over = |sum: u32, ground: u32, whole: u32| ((sum + ground * 255 + whole / 2) / whole.max(1)) as u8;
        if settings.alpha {
            let alpha = over(weight, 0, samples * samples);
            [over(r, 0, weight), over(g, 0, weight), over(b, 0, weight), alpha]
        } else {
            let ground = full - weight;
            [over(r, ground, full), over(g, ground, full), over(b, ground, full), 255]
        }
    });
    RgbaImage::from_raw(width, height, data.collect()).context("a picture has pixels")
}
