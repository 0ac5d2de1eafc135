//! The contour engine stage by stage, from the pixels to the refined curves, on the generator's own pictures.
//!
//! `cargo bench --bench stages`

#![allow(missing_docs, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use svg_ai::Raster;
use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample};
use svg_ai::trace::contour::{Stage, watched_stages};
use svg_ai::trace::{Budget, Parameters, engine};

/// Names of the stages in their order.
const STAGES: [&str; 4] = ["regions", "samples", "fit", "refine"];

fn number(stage: &Stage<'_>) -> usize {
    match stage {
        Stage::Regions(..) => 0,
        Stage::Samples(_) => 1,
        Stage::Fitted(_) => 2,
        Stage::Refined(_) => 3,
    }
}

/// Time that stage `wanted` takes after those before it.
fn time_of(wanted: usize, raster: &Raster, parameters: &Parameters) -> Duration {
    let mut since = Instant::now();
    let mut taken = Duration::ZERO;
    watched_stages(raster, parameters, &Budget::unlimited(), &mut |stage| {
        if number(&stage) == wanted {
            taken = since.elapsed();
        }
        since = Instant::now();
    })
    .unwrap();
    taken
}

fn stages(c: &mut Criterion) {
    let contour = engine("contour").unwrap();
    for class in [Class::Simple, Class::Gradient, Class::LineArt] {
        let raster = sample(class, 1, &Options { side: 512, ..Options::default() }).raster;
        let parameters = contour.preset(class);
        let mut group = c.benchmark_group(format!("contour {class}"));
        group.sample_size(20);
        for (wanted, name) in STAGES.into_iter().enumerate() {
            group.bench_function(name, |b| {
                b.iter_custom(|n| (0..n).map(|_| time_of(wanted, &raster, &parameters)).sum());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
