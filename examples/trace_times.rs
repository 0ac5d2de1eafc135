//! Prints how long each tier's trace takes against the `vtracer` crate at its defaults, on the same pictures in
//! the same minutes.
//!
//! ```text
//! cargo run --release --example trace_times FOLDER [RUNS]
//! ```
//!
//! Each picture of the folder is decoded once; the time of a tier is the least of its runs, on one core. That of tier
//! best, which traces several candidates and measures them, is of the whole pipeline after decoding. Printed are the
//! medians over the pictures in ms, and the median and mean of the ratios to the crate.
#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use svg_ai::Raster;
use svg_ai::classify::Class;
use svg_ai::pipeline::{self, Scoring, Tier};
use svg_ai::raster::{Decoded, Limits, decode};
use svg_ai::trace::{Budget, Engine, Parameters, contour::Contour, vtracer::Vtracer};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn median(mut v: Vec<f64>) -> f64 {
    v.sort_by(f64::total_cmp);
    v.get(v.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The least time of `runs` calls, ms.
fn least(runs: usize, mut call: impl FnMut()) -> f64 {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed().as_secs_f64() * 1e3
        })
        .fold(f64::INFINITY, f64::min)
}

fn time(engine: &dyn Engine, raster: &Raster, parameters: &Parameters, runs: usize) -> f64 {
    least(runs, || {
        let traced = engine.trace(raster, parameters, &Budget::unlimited());
        assert!(traced.is_ok(), "{:?}", traced.err());
    })
}

/// The time of tier best on one thread, ms.
fn time_best(decoded: &Decoded, runs: usize) -> f64 {
    let options = pipeline::Options {
        tier: Tier::Best,
        engine: Some("contour".into()),
        metrics: Scoring::Off,
        timeout: Some(Duration::from_secs(600)),
        ..pipeline::Options::default()
    };
    least(runs, || {
        let outcome = pipeline::convert(decoded, &options, &Arc::new(AtomicBool::new(false)));
        assert!(outcome.svg.is_some(), "{:?}", outcome.report.error);
    })
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "fixtures".into());
    let runs = args.next().and_then(|n| n.parse().ok()).unwrap_or(3);
    let mut files: Vec<_> =
        walkdir::WalkDir::new(folder).follow_links(true).into_iter().flatten().map(|e| e.into_path()).collect();
    files.sort();
    let contour = Contour;
    let tiers = [("fast", contour.fast_preset(Class::Simple)), ("balanced", contour.preset(Class::Simple))];
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    // The crate's own trace, without our way for pictures of one ink.
    let own = Parameters::defaults(Vtracer.options()).with(&[("one-ink", "false")]);
    let mut crate_times = Vec::new();
    let mut ours = vec![Vec::new(); tiers.len() + 1];
    for file in &files {
        let Ok(bytes) = std::fs::read(file) else { continue };
        let Ok(decoded) = decode(&bytes, &Limits::default()) else { continue };
        crate_times.push(time(&Vtracer, &decoded.raster, &own, runs));
        for ((_, parameters), times) in tiers.iter().zip(&mut ours) {
            times.push(time(&contour, &decoded.raster, parameters, runs));
        }
        ours[tiers.len()].push(one_core.install(|| time_best(&decoded, runs)));
    }
    println!("{} pictures; vtracer {:.1} ms", crate_times.len(), median(crate_times.clone()));
    for (name, times) in tiers.iter().map(|(name, _)| *name).chain(["best"]).zip(&ours) {
        let ratios: Vec<f64> = times.iter().zip(&crate_times).map(|(t, c)| t / c).collect();
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        let (ms, ratio) = (median(times.clone()), median(times.clone()) / median(crate_times.clone()));
        println!(
            "{name}: {ms:.1} ms, {ratio:.2} of it; ratios {:.2} in the median, {mean:.2} in the mean",
            median(ratios)
        );
    }
}
