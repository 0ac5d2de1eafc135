//! Writes seeded test pictures of every class as PNG, for measuring speed and memory.
//!
//! ```text
//! cargo run --release --example pictures -- FOLDER COUNT SIDE [--first N] [--photos]
//! ```
//!
//! SIDE is the longer side, px, up to 8192. Pictures over 1024 px are drawn at 1024 px and enlarged: what
//! matters here is their number of pixels, and drawing them takes a minute otherwise. `--first` is the
//! number of the first picture (each number is another picture), `--photos` adds photo-like ones.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use image::imageops::{FilterType, resize};
use image::{DynamicImage, RgbaImage};
use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample};

/// Longest side that is drawn as such, px.
const MAX_DRAWN: u32 = 1024;

fn main() -> Result<()> {
    let mut places = Vec::new();
    let (mut first, mut photos) = (0_u64, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--first" => first = words.next().context("--first wants a number")?.parse()?,
            "--photos" => photos = true,
            _ if word.starts_with('-') => bail!("there is no option {word}"),
            _ => places.push(word),
        }
    }
    let [folder, count, side] = &places[..] else {
        bail!("usage: pictures FOLDER COUNT SIDE [--first N] [--photos]");
    };
    let (count, side): (u64, u32) = (count.parse()?, side.parse()?);
    ensure!((16..=8192).contains(&side), "SIDE is 16 to 8192");
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder)?;
    let classes: Vec<Class> = Class::ALL.iter().copied().filter(|c| photos || *c != Class::Photo).collect();
    for number in first..first + count {
        let class = classes[(number % classes.len() as u64) as usize];
        let picture = sample(class, number, &Options { side: side.min(MAX_DRAWN), ..Options::default() });
        let (width, height) = (picture.raster.width(), picture.raster.height());
        let mut pixels = RgbaImage::from_raw(width, height, picture.raster.as_bytes().to_vec())
            .context("a picture has four bytes a pixel")?;
        if side > MAX_DRAWN {
            let enlarged = |v: u32| (f64::from(v) * f64::from(side) / f64::from(MAX_DRAWN)).round() as u32;
            pixels = resize(&pixels, enlarged(width), enlarged(height), FilterType::CatmullRom);
        }
        let path = folder.join(format!("{number:04}-{}-{side}.png", class.name()));
        DynamicImage::from(pixels).into_rgb8().save(&path).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
