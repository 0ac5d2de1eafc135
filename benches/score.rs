//! How long measuring takes: parse, render and the basic set, at three sizes, for a drawing that is
//! nearly right everywhere, one that is right, and one that differs in every pixel.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use svg_ai::Raster;
use svg_ai::score::{MetricSet, Reference, Trust, render};

/// Seeded discs and rectangles on white, moved by `shift`.
fn drawing(shift: f64) -> String {
    let mut random = fastrand::Rng::with_seed(1);
    let mut svg = String::from(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><rect width="512" height="512" fill="#fff"/>"##,
    );
    for _ in 0..60 {
        let (x, y, r) = (random.f64() * 512.0 + shift, random.f64() * 512.0, 5.0 + random.f64() * 40.0);
        let color = random.u32(..1 << 24);
        svg += &format!(r##"<circle cx="{x:.2}" cy="{y:.2}" r="{r:.2}" fill="#{color:06x}"/>"##);
    }
    svg + "</svg>"
}

fn measure(c: &mut Criterion) {
    let mut group = c.benchmark_group("score");
    for side in [512_u32, 1024, 2048] {
        let source = render(drawing(0.0).as_bytes(), side, side, Trust::Own).unwrap();
        let mut random = fastrand::Rng::with_seed(2);
        let noise = source.as_bytes().iter().enumerate();
        let noise = noise.map(|(i, &v)| if i % 4 == 3 { 255 } else { v.saturating_sub(random.u8(..12)) }).collect();
        let noisy = Raster::new(side, side, noise).unwrap();
        for (name, raster, shift) in [("identical", &source, 0.0), ("shifted", &source, 0.5), ("noise", &noisy, 0.0)] {
            let svg = drawing(shift);
            let reference = Reference::new(raster, MetricSet::Basic);
            group.bench_function(BenchmarkId::new(name, side), |b| {
                b.iter(|| reference.measure(svg.as_bytes(), Trust::Own, None).unwrap());
            });
        }
        group.bench_function(BenchmarkId::new("reference", side), |b| {
            b.iter(|| Reference::new(&source, MetricSet::Basic))
        });
        let svg = drawing(0.0);
        group.bench_function(BenchmarkId::new("render alone", side), |b| {
            b.iter(|| render(svg.as_bytes(), side, side, Trust::Own).unwrap());
        });
    }
    let source = render(drawing(0.0).as_bytes(), 512, 512, Trust::Own).unwrap();
    let full = Reference::new(&source, MetricSet::Full);
    let svg = drawing(0.5);
    group.bench_function("full 512", |b| b.iter(|| full.measure(svg.as_bytes(), Trust::Own, None).unwrap()));
    group.finish();
}

criterion_group!(benches, measure);
criterion_main!(benches);
