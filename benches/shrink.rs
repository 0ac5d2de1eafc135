//! Shrinking SVGs with proof: artwork that ships with the repository.
//!
//! `cargo bench --bench shrink`

#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use svg_ai::optimize::svg::{Options, shrink};

fn files(c: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "svg"))
        .collect();
    files.sort();
    let mut group = c.benchmark_group("shrink");
    group.sample_size(10);
    for file in files {
        let svg = std::fs::read(&file).unwrap();
        group.throughput(Throughput::Bytes(svg.len() as u64));
        for lossless in [false, true] {
            let options = Options { lossless, ..Options::default() };
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let name = if lossless { format!("{name} lossless") } else { name.into_owned() };
            group.bench_function(name, |b| b.iter(|| shrink(&svg, &options).unwrap()));
        }
    }
    group.finish();
}

criterion_group!(benches, files);
criterion_main!(benches);
