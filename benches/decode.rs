//! Time to decode one picture of 1024 x 1024 px from each format that the encoders here can write, and to
//! refuse a header that promises too much.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::io::Cursor;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::{DynamicImage, ImageFormat, RgbaImage};
use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample};
use svg_ai::raster::{Limits, decode};

const SIDE: u32 = 1024;

fn formats(c: &mut Criterion) {
    let drawn = sample(Class::Complex, 1, &Options { side: SIDE, ..Options::default() }).raster;
    let (width, height) = (drawn.width(), drawn.height());
    let rgba = DynamicImage::from(RgbaImage::from_raw(width, height, drawn.as_bytes().to_vec()).unwrap());
    let rgb = DynamicImage::from(rgba.to_rgb8());
    let mut group = c.benchmark_group("decode 1024 px");
    group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
    for (name, format, picture) in [
        ("png", ImageFormat::Png, &rgba),
        ("jpeg", ImageFormat::Jpeg, &rgb),
        ("webp", ImageFormat::WebP, &rgba),
        ("gif", ImageFormat::Gif, &rgba),
        ("bmp", ImageFormat::Bmp, &rgb),
        ("tiff", ImageFormat::Tiff, &rgba),
        ("qoi", ImageFormat::Qoi, &rgba),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        let bytes = bytes.into_inner();
        group.bench_function(name, |b| b.iter(|| decode(black_box(&bytes), &Limits::default()).unwrap()));
    }
    group.finish();
    let bomb = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/damaged/header-bomb.png")).unwrap();
    c.bench_function("refuse a bomb", |b| b.iter(|| decode(black_box(&bomb), &Limits::default()).unwrap_err()));
}

criterion_group!(benches, formats);
criterion_main!(benches);
