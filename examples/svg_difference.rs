//! How far the SVGs of one folder are from those of the same path in another, as drawn.
//!
//! ```text
//! cargo run --release --example svg_difference -- BEFORE AFTER SIDE
//! ```
//!
//! Prints a line of JSON for each SVG below BEFORE: its path, the bytes of both, and the mean ΔE₀₀
//! over white and over black at SIDE px on the longer side.
#![allow(clippy::print_stdout, reason = "the lines are what it is for")]

use std::path::Path;

use anyhow::{Context, Result, bail};
use svg_ai::score::{MetricSet, Trust, measure, render};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [before, after, side] = &words[..] else { bail!("usage: svg_difference BEFORE AFTER SIDE") };
    let side: u32 = side.parse().context("SIDE wants a number of pixels")?;
    for entry in walkdir::WalkDir::new(before).sort_by_file_name() {
        let entry = entry?;
        if entry.path().extension().is_none_or(|e| e != "svg") {
            continue;
        }
        let name = entry.path().strip_prefix(before)?;
        let line =
            line(name, entry.path(), &Path::new(after).join(name), side).with_context(|| name.display().to_string())?;
        println!("{line}");
    }
    Ok(())
}

fn line(name: &Path, before: &Path, after: &Path, side: u32) -> Result<serde_json::Value> {
    let (a, b) = (std::fs::read(before)?, std::fs::read(after)?);
    let size = resvg::usvg::Tree::from_data(&a, &resvg::usvg::Options::default())?.size();
    let longer = size.width().max(size.height());
    let pixels = |length: f32| (length / longer * side as f32).round().max(1.0) as u32;
    let raster = render(&a, pixels(size.width()), pixels(size.height()), Trust::Foreign)?;
    let metrics = measure(&raster, &b, MetricSet::Basic)?;
    Ok(serde_json::json!({
        "name": name.display().to_string(), "before": a.len(), "after": b.len(),
        "white": metrics.over_white.delta_e_mean, "black": metrics.over_black.delta_e_mean,
    }))
}
