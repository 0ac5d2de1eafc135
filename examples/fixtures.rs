//! Writes `fixtures/`: small pictures with known answers, and damaged files.
//!
//! ```text
//! cargo run --example fixtures [FOLDER]
//! ```
//!
//! The bytes are the same on every run; `fixtures/README.md` says what is what.
#![allow(clippy::print_stdout)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use svg_ai::Raster;
use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample, showcase};

/// Seed, longer side in px and transparency of the pictures of a class.
const PICTURES: [(u64, u32, bool); 6] =
    [(1, 64, false), (2, 96, true), (3, 128, false), (4, 160, true), (5, 200, false), (6, 256, true)];

fn main() -> io::Result<()> {
    let root = std::env::args().nth(1).map_or_else(|| PathBuf::from("fixtures"), PathBuf::from);
    for class in Class::ALL {
        let folder = root.join("images").join(class.name());
        fs::create_dir_all(&folder)?;
        for (seed, side, alpha) in PICTURES {
            // Photographs do not compress; small ones keep the folder small.
            let side = if class == Class::Photo { side.min(128) } else { side };
            let s = sample(class, seed, &Options { side, alpha, ..Options::default() });
            fs::write(folder.join(format!("{}.png", s.name)), png(&s.raster)?)?;
            if let Some(svg) = s.svg {
                fs::write(folder.join(format!("{}.svg", s.name)), svg)?;
            }
        }
    }
    let best = showcase(512);
    fs::write(root.join("sample.png"), png(&best.raster)?)?;
    fs::write(root.join("sample.svg"), best.svg.unwrap_or_default())?;
    damaged(&root.join("damaged"))?;
    println!("wrote {}", root.display());
    Ok(())
}

/// PNG, RGB where nothing is transparent, as small as the encoder makes it.
fn png(raster: &Raster) -> io::Result<Vec<u8>> {
    let mut smallest: Option<Vec<u8>> = None;
    let rgb: Vec<u8> = raster.pixels().iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
    let (data, colour) = if raster.is_opaque() {
        (rgb.as_slice(), ExtendedColorType::Rgb8)
    } else {
        (raster.as_bytes(), ExtendedColorType::Rgba8)
    };
    for filter in [FilterType::NoFilter, FilterType::Sub, FilterType::Up, FilterType::Adaptive] {
        let mut bytes = Vec::new();
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, filter)
            .write_image(data, raster.width(), raster.height(), colour)
            .map_err(io::Error::other)?;
        if smallest.as_ref().is_none_or(|s| bytes.len() < s.len()) {
            smallest = Some(bytes);
        }
    }
    Ok(smallest.unwrap_or_default())
}

/// Files that something is wrong with, or odd about.
fn damaged(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let s = sample(Class::Simple, 3, &Options { side: 96, ..Options::default() });
    let good = png(&s.raster)?;
    let rgb: Vec<u8> = s.raster.pixels().iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 85)
        .encode(&rgb, s.raster.width(), s.raster.height(), ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    let clear = Raster::new(64, 64, vec![0; 64 * 64 * 4]).map_err(io::Error::other)?;

    fs::write(folder.join("truncated.png"), &good[..good.len() / 2])?;
    fs::write(folder.join("truncated.jpg"), &jpeg[..jpeg.len() / 2])?;
    fs::write(folder.join("signature-only.png"), &good[..8])?;
    fs::write(folder.join("empty.png"), b"")?;
    fs::write(folder.join("text.png"), b"This is a note, not a picture.\n")?;
    fs::write(folder.join("png-named.jpg"), &good)?;
    fs::write(folder.join("header-bomb.png"), bomb())?;
    fs::write(folder.join("fully-transparent.png"), png(&clear)?)?;
    fs::write(folder.join("with spaces and ünïcödé – 画像.png"), &good)?;
    fs::write(folder.join("no-extension"), &good)?;
    let mut flipped = good;
    // A byte of the compressed picture, so that the checksum of its chunk fails.
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    fs::write(folder.join("bad-checksum.png"), flipped)
}

/// A PNG whose header claims 60000 x 60000 px and whose data is a few bytes.
fn bomb() -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(60_000u32.to_be_bytes());
    header.extend(60_000u32.to_be_bytes());
    // Eight bits, RGBA, no interlacing.
    header.extend([8, 6, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &header);
    // An empty zlib stream.
    chunk(&mut out, b"IDAT", &[0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]);
    chunk(&mut out, b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let mut body = kind.to_vec();
    body.extend(data);
    out.extend(&body);
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    out.extend(crc.sum().to_be_bytes());
}
