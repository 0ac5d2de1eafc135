//! The engines on the generator's own pictures: the vtracer crate at its own defaults, and ours in both
//! efforts, as one figure a picture.
//!
//! `cargo bench --bench trace`

#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample};
use svg_ai::trace::{Budget, Parameters, engine};

fn engines(c: &mut Criterion) {
    let (Ok(contour), Ok(vtracer)) = (engine("contour"), engine("vtracer")) else { return };
    let own = Parameters::defaults(vtracer.options()).with(&[("one-ink", "false")]);
    for class in [Class::Simple, Class::Complex, Class::LineArt] {
        let raster = sample(class, 1, &Options { side: 512, ..Options::default() }).raster;
        let mut group = c.benchmark_group(class.name());
        group.sample_size(20);
        for (name, engine, parameters) in [
            ("vtracer-defaults", vtracer, own.clone()),
            ("contour-fast", contour, contour.fast_preset(class)),
            ("contour-balanced", contour, contour.preset(class)),
        ] {
            group.bench_function(name, |b| {
                b.iter(|| black_box(engine.trace(&raster, &parameters, &Budget::unlimited())));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, engines);
criterion_main!(benches);
