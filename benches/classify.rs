//! Time to classify pictures of 512 x 512 px, and one of 16 megapixels.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use svg_ai::classify::{Class, classify};
use svg_ai::generate::{Options, sample};

fn classes(c: &mut Criterion) {
    let mut group = c.benchmark_group("classify 512 px");
    for class in Class::ALL {
        let s = sample(class, 3, &Options { side: 512, ..Options::default() });
        group.bench_function(class.name(), |b| b.iter(|| classify(black_box(&s.raster))));
    }
    group.finish();
    let large = sample(Class::Photo, 3, &Options { side: 4096, ..Options::default() });
    c.bench_function("classify photo 4096 px", |b| b.iter(|| classify(black_box(&large.raster))));
}

criterion_group!(benches, classes);
criterion_main!(benches);
