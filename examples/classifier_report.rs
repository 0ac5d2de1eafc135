//! Prints how well the classifier does on generated pictures that were never used to tune it.
//!
//! ```text
//! cargo run --release --example classifier_report [PICTURES_PER_CLASS] [FIRST_SEED]
//! ```
//!
//! Every picture varies in side (48 to 512 px), ground (opaque or transparent) and damage (none, noise,
//! JPEG), by its seed. The output is the Markdown of `docs/classifier.md`.
#![allow(clippy::print_stdout)]

use rayon::prelude::*;
use svg_ai::classify::{Class, classify};
use svg_ai::generate::{Options, sample};

/// Seeds below this one may be used for tuning.
const FIRST_HELD_OUT: u64 = 1_000_000;

/// One classified picture.
struct Outcome {
    truth: Class,
    found: Class,
    confidence: f64,
    side: u32,
    alpha: bool,
    damage: &'static str,
}

fn outcome(truth: Class, seed: u64) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x5eed);
    let side = [48, 64, 96, 128, 200, 256, 384, 512][rng.usize(..8)];
    let (damage, noise, jpeg) = match rng.u8(..6) {
        0 => ("noise σ 2", 2.0, None),
        1 => ("JPEG 85", 0.0, Some(85)),
        2 => ("noise σ 1, JPEG 92", 1.0, Some(92)),
        _ => ("none", 0.0, None),
    };
    let alpha = rng.bool() && jpeg.is_none();
    let s = sample(truth, seed, &Options { side, alpha, noise, jpeg });
    let c = classify(&s.raster);
    Outcome { truth, found: c.class, confidence: c.confidence, side, alpha, damage }
}

fn percent(right: usize, of: usize) -> String {
    if of == 0 { "–".into() } else { format!("{:.1} %", 100.0 * right as f64 / of as f64) }
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let count = arguments.next().unwrap_or(500);
    let first = arguments.next().unwrap_or(FIRST_HELD_OUT);
    let jobs: Vec<(Class, u64)> =
        Class::ALL.into_iter().flat_map(|class| (first..first + count).map(move |seed| (class, seed))).collect();
    let all: Vec<Outcome> = jobs.into_par_iter().map(|(class, seed)| outcome(class, seed)).collect();
    let tell = |name: &str, keep: &dyn Fn(&Outcome) -> bool| {
        let kept: Vec<&Outcome> = all.iter().filter(|o| keep(o)).collect();
        let right = kept.iter().filter(|o| o.truth == o.found).count();
        println!("| {name} | {} | {} |", kept.len(), percent(right, kept.len()));
    };

    let right = all.iter().filter(|o| o.truth == o.found).count();
    println!(
        "Right: {right} of {} ({}), seeds {first} to {}.\n",
        all.len(),
        percent(right, all.len()),
        first + count - 1
    );
    println!("| truth ╲ found | {} | right |", Class::ALL.map(Class::name).join(" | "));
    println!("|---|{}---:|", "---:|".repeat(Class::ALL.len()));
    for truth in Class::ALL {
        let row: Vec<&Outcome> = all.iter().filter(|o| o.truth == truth).collect();
        let cells = Class::ALL.map(|c| row.iter().filter(|o| o.found == c).count());
        let shown: Vec<String> = cells.iter().map(usize::to_string).collect();
        println!("| {truth} | {} | {} |", shown.join(" | "), percent(cells[truth as usize], row.len()));
    }
    println!("\n| pictures | number | right |\n|---|---:|---:|");
    for damage in ["none", "noise σ 2", "JPEG 85", "noise σ 1, JPEG 92"] {
        tell(&format!("damage: {damage}"), &|o| o.damage == damage);
    }
    tell("transparent ground", &|o| o.alpha);
    tell("opaque", &|o| !o.alpha);
    for side in [48, 64, 96, 128, 200, 256, 384, 512] {
        tell(&format!("longer side {side} px"), &|o| o.side == side);
    }
    println!("\n| confidence | number | right |\n|---|---:|---:|");
    for (low, high) in [(0.0, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01f64)] {
        tell(&format!("{low} to {}", high.min(1.0)), &|o| o.confidence >= low && o.confidence < high);
    }
}
