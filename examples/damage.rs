//! Damages pictures as the world does, reproducibly: for measuring what a trace loses by it.
//!
//! ```text
//! cargo run --release --example damage -- IN OUT STEP...
//! cargo run --release --example damage -- pictures/ damaged/ --resample 0.8 --noise 3 --jpeg 80
//! ```
//!
//! IN and OUT are two files or two folders (with their subfolders). The steps are done in the order given:
//!
//! | step | what it does |
//! |---|---|
//! | `--jpeg Q` | JPEG of quality Q (1 to 100), colour at half the resolution (4:2:0) as on the web |
//! | `--jpeg-444 Q` | the same with colour at full resolution |
//! | `--webp Q` | WebP of quality Q (0 to 100), lossy, which is always 4:2:0; by the command `cwebp` (Debian's package `webp`) |
//! | `--noise SIGMA` | normal noise of so many 8-bit steps in each colour channel, clipped |
//! | `--blur SIGMA` | a Gaussian blur, px |
//! | `--resample F` | F times the size, by Lanczos (three lobes) |
//! | `--resample-bilinear F` | F times the size, by a triangle |
//! | `--resample-cubic F` | F times the size, by a cubic (Catmull and Rom) |
//! | `--light F` | light that falls from 1 at the top left to F at the bottom right, on white |
//! | `--enlarge N` | each pixel N x N times |
//! | `--seed N` | what the noise of the steps after it starts from (0 otherwise) |
//!
//! Filters work on premultiplied colours; JPEG and noise leave alpha as it is, and JPEG has white behind it.
//! When JPEG is the last step, OUT may end in `.jpg` and is then the very file; in a folder it is so. The same goes for
//! WebP and `.webp`, which keeps alpha.
//! Anything else is written as its extension says, in a folder as PNG.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgba32FImage, RgbaImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use rayon::prelude::*;
use svg_ai::raster::{self, Limits};

#[derive(Debug, Clone, Copy)]
enum Step {
    Jpeg { quality: u8, sampling: SamplingFactor },
    Webp(f64),
    Noise { sigma: f64, seed: u64 },
    Blur(f32),
    Light(f64),
    Resample(f64, FilterType),
    Enlarge(u32),
}

fn main() -> Result<()> {
    let (mut places, mut steps, mut seed) = (Vec::new(), Vec::new(), 0);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = |low: f64, high: f64| -> Result<f64> {
            let value: f64 =
                words.next().and_then(|w| w.parse().ok()).with_context(|| format!("{word} wants a number"))?;
            ensure!((low..=high).contains(&value), "{word} is {low} to {high}");
            Ok(value)
        };
        match word.as_str() {
            "--jpeg" => steps.push(Step::Jpeg { quality: number(1.0, 100.0)? as u8, sampling: SamplingFactor::F_2_2 }),
            "--jpeg-444" => {
                steps.push(Step::Jpeg { quality: number(1.0, 100.0)? as u8, sampling: SamplingFactor::F_1_1 });
            }
            "--webp" => steps.push(Step::Webp(number(0.0, 100.0)?)),
            "--noise" => steps.push(Step::Noise { sigma: number(0.0, 128.0)?, seed }),
            "--blur" => steps.push(Step::Blur(number(0.01, 100.0)? as f32)),
            "--light" => steps.push(Step::Light(number(0.05, 1.0)?)),
            "--resample" => steps.push(Step::Resample(number(0.01, 32.0)?, FilterType::Lanczos3)),
            "--resample-bilinear" => steps.push(Step::Resample(number(0.01, 32.0)?, FilterType::Triangle)),
            "--resample-cubic" => steps.push(Step::Resample(number(0.01, 32.0)?, FilterType::CatmullRom)),
            "--enlarge" => steps.push(Step::Enlarge(number(1.0, 32.0)? as u32)),
            "--seed" => seed = number(0.0, 1e15)? as u64,
            _ if word.starts_with('-') => bail!("there is no step {word}"),
            _ => places.push(PathBuf::from(word)),
        }
    }
    let [input, output] = &places[..] else {
        bail!("usage: damage IN OUT STEP..., two files or two folders; the steps are at the head of its source");
    };
    if !input.is_dir() {
        return damage(input, output, &steps);
    }
    let extension = match steps.last() {
        Some(Step::Jpeg { .. }) => "jpg",
        Some(Step::Webp(_)) => "webp",
        _ => "png",
    };
    let mut jobs = Vec::new();
    let mut folders = vec![input.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                jobs.push((output.join(path.strip_prefix(input)?).with_extension(extension), path));
            }
        }
    }
    ensure!(!jobs.is_empty(), "{}: nothing in it", input.display());
    jobs.into_par_iter().try_for_each(|(to, from)| damage(&from, &to, &steps))
}

fn damage(input: &Path, output: &Path, steps: &[Step]) -> Result<()> {
    let raster = raster::read(input, &Limits::default())?.raster;
    let (width, height) = (raster.width(), raster.height());
    let mut picture = RgbaImage::from_raw(width, height, raster.into_bytes()).context("a picture has pixels")?;
    let mut file = None;
    for step in steps {
        file = None;
        picture = match *step {
            Step::Jpeg { quality, sampling } => {
                let (bytes, decoded) = jpeg(&picture, quality, sampling)?;
                file = Some(bytes);
                decoded
            }
            Step::Webp(quality) => {
                let (bytes, decoded) = webp(&picture, quality)?;
                file = Some(bytes);
                decoded
            }
            Step::Noise { sigma, seed } => noise(picture, sigma, seed),
            Step::Blur(sigma) => filtered(&picture, |p| imageops::blur(p, sigma)),
            Step::Light(dark) => lit(picture, dark),
            Step::Resample(factor, filter) => {
                let [w, h] =
                    [picture.width(), picture.height()].map(|s| ((f64::from(s) * factor).round() as u32).max(1));
                filtered(&picture, |p| imageops::resize(p, w, h, filter))
            }
            Step::Enlarge(n) => {
                imageops::resize(&picture, picture.width() * n, picture.height() * n, FilterType::Nearest)
            }
        };
    }
    if let Some(folder) = output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let (as_file, wanted) = match output.extension().and_then(|e| e.to_str()) {
        Some("jpg" | "jpeg") => (true, matches!(steps.last(), Some(Step::Jpeg { .. }))),
        Some("webp") => (true, matches!(steps.last(), Some(Step::Webp(_)))),
        _ => (false, true),
    };
    ensure!(wanted, "{}: the last step must be of that format", output.display());
    match file.filter(|_| as_file) {
        Some(bytes) => std::fs::write(output, bytes)?,
        None => {
            let opaque = picture.pixels().all(|p| p[3] == 255);
            let picture = DynamicImage::from(picture);
            let picture = if opaque { picture.into_rgb8().into() } else { picture };
            picture.save(output).with_context(|| output.display().to_string())?;
        }
    }
    Ok(())
}

/// The bytes of `picture` as JPEG, and what this program reads in them.
fn jpeg(picture: &RgbaImage, quality: u8, sampling: SamplingFactor) -> Result<(Vec<u8>, RgbaImage)> {
    let over = |c: u8, a: u8| ((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a)) + 127) / 255) as u8;
    let rgb: Vec<u8> = picture.pixels().flat_map(|p| [0, 1, 2].map(|c| over(p[c], p[3]))).collect();
    let sides = [picture.width(), picture.height()].map(u16::try_from);
    let [Ok(width), Ok(height)] = sides else { bail!("too large for JPEG") };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(sampling);
    encoder.encode(&rgb, width, height, ColorType::Rgb)?;
    let decoded = raster::decode(&bytes, &Limits::default())?.raster;
    let decoded = RgbaImage::from_raw(decoded.width(), decoded.height(), decoded.into_bytes());
    Ok((bytes, decoded.context("a picture has pixels")?))
}

/// The same as lossy WebP, whose only encoder at hand is the reference one's command.
fn webp(picture: &RgbaImage, quality: f64) -> Result<(Vec<u8>, RgbaImage)> {
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png)?;
    let quality = quality.to_string();
    let mut command = Command::new("cwebp")
        .args(["-quiet", "-q", &quality, "-o", "-", "--", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cwebp cannot be run; it is in Debian's package webp")?;
    // It reads all of its input before it writes.
    command.stdin.take().context("cwebp has an input")?.write_all(png.get_ref())?;
    let done = command.wait_with_output()?;
    ensure!(done.status.success(), "cwebp failed: {}", done.status);
    let decoded = raster::decode(&done.stdout, &Limits::default())?.raster;
    let decoded = RgbaImage::from_raw(decoded.width(), decoded.height(), decoded.into_bytes());
    Ok((done.stdout, decoded.context("a picture has pixels")?))
}

/// `picture` on white, in light that falls along the diagonal, faster towards its end.
fn lit(mut picture: RgbaImage, dark: f64) -> RgbaImage {
    let (w, h) = picture.dimensions();
    for (x, y, p) in picture.enumerate_pixels_mut() {
        let along = (f64::from(x) / f64::from(w) + f64::from(y) / f64::from(h)) / 2.0;
        let light = 1.0 - (1.0 - dark) * (0.4 * along + 0.6 * along * along);
        let alpha = f64::from(p[3]) / 255.0;
        let seen = |v: u8| (light * (255.0 + alpha * (f64::from(v) - 255.0))).round() as u8;
        *p = image::Rgba([seen(p[0]), seen(p[1]), seen(p[2]), 255]);
    }
    picture
}

/// Normal noise (Box and Muller 1958) in the colours, of a generator that is the same everywhere.
fn noise(mut picture: RgbaImage, sigma: f64, seed: u64) -> RgbaImage {
    let mut random = fastrand::Rng::with_seed(seed);
    for pixel in picture.pixels_mut() {
        for channel in &mut pixel.0[..3] {
            let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
            let normal = radius * (std::f64::consts::TAU * random.f64()).cos();
            *channel = (f64::from(*channel) + sigma * normal).round().clamp(0.0, 255.0) as u8;
        }
    }
    picture
}

/// `picture` through a linear filter, on premultiplied colours.
fn filtered(picture: &RgbaImage, filter: impl Fn(&Rgba32FImage) -> Rgba32FImage) -> RgbaImage {
    let mut linear = Rgba32FImage::new(picture.width(), picture.height());
    for (to, from) in linear.pixels_mut().zip(picture.pixels()) {
        let alpha = f32::from(from[3]) / 255.0;
        *to = image::Rgba([0, 1, 2, 3].map(|c| if c < 3 { f32::from(from[c]) / 255.0 * alpha } else { alpha }));
    }
    let done = filter(&linear);
    RgbaImage::from_fn(done.width(), done.height(), |x, y| {
        let [r, g, b, alpha] = done.get_pixel(x, y).0;
        let straight = |v: f32| (v / alpha.max(1e-6) * 255.0).round().clamp(0.0, 255.0) as u8;
        let alpha_byte = (alpha * 255.0).round().clamp(0.0, 255.0) as u8;
        if alpha_byte == 0 {
            image::Rgba([0; 4])
        } else {
            image::Rgba([straight(r), straight(g), straight(b), alpha_byte])
        }
    })
}
