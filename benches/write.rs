//! Time to write the document of a trace as SVG, with what is merged before.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use svg_ai::classify::Class;
use svg_ai::document::{WriteOptions, write};
use svg_ai::generate::{Options, sample};
use svg_ai::trace::{Budget, engine};

fn documents(c: &mut Criterion) {
    let mut group = c.benchmark_group("write");
    for (class, name) in [(Class::Simple, "contour"), (Class::Complex, "contour"), (Class::Photo, "vtracer")] {
        let raster = sample(class, 1, &Options { side: 512, ..Options::default() }).raster;
        let engine = engine(name).unwrap();
        let document = engine.trace(&raster, &engine.preset(class), &Budget::unlimited()).unwrap();
        group.throughput(Throughput::Bytes(write(&document, &WriteOptions::default()).len() as u64));
        group.bench_function(format!("{class} by {name}"), |b| {
            b.iter_batched_ref(
                || document.clone(),
                |document| {
                    document.merge_paths();
                    write(document, &WriteOptions::default())
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, documents);
criterion_main!(benches);
