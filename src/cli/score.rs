//! `svg-ai score`: how close an SVG is to an image, for a pair of files or of folders.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use svg_ai::batch::{Filter, Found, discover};
use svg_ai::raster;
use svg_ai::report::host::peak_memory;
use svg_ai::report::{Failure, ItemReport, Source, Status};
use svg_ai::score::{MAX_SVG_BYTES, Metrics, Reference, Trust, difference};
use svg_ai::{Code, Error, cloud};

use super::args::{Format, ScoreArgs};
use super::console::{self, Console};
use super::exit::Exit;
use super::options::{self, is_dash};

/// One image and the SVG to hold against it.
struct Pair {
    image: PathBuf,
    svg: PathBuf,
    diff: Option<PathBuf>,
}

pub(crate) fn run(args: &ScoreArgs, console: Console) -> Result<Exit> {
    options::set_threads(args.jobs);
    let folders = args.image.is_dir();
    if folders && args.svg.is_file() {
        bail!(
            "{} is a folder and {} is a file: give two files or two folders",
            args.image.display(),
            args.svg.display()
        );
    }
    if is_dash(&args.image) && is_dash(&args.svg) {
        bail!("only one input can be `-`, standard input");
    }
    let (pairs, mut items) = if folders { pair_up(args)? } else { (vec![single(args)], Vec::new()) };
    options::check_side_outputs(
        &pairs.iter().map(|p| p.diff.as_deref()).collect::<Vec<_>>(),
        pairs.iter().flat_map(|p| [p.image.as_path(), p.svg.as_path()]),
        std::iter::empty(),
    )?;
    items.extend(pairs.par_iter().map(|pair| measure(pair, args)).collect::<Vec<_>>());
    items.sort_by(|a, b| a.input.cmp(&b.input));
    if items.is_empty() {
        console.say("nothing to do: no images");
        return Ok(Exit::Nothing);
    }
    match (args.format, folders) {
        (Format::Json, false) => print_json(&items[0])?,
        (Format::Json, true) => print_json(&items)?,
        (Format::Text, false) => {
            if let Some(m) = &items[0].metrics {
                console::data(text(m).as_bytes())?;
            }
        }
        (Format::Text, true) => {
            let mut table = String::new();
            for item in &items {
                let quality = item.quality().map_or("failed".into(), |q| format!("{q:.4}"));
                table.push_str(&format!("{quality:>7}  {}\n", item.input));
            }
            console::data(table.as_bytes())?;
        }
    }
    let mut exit = Exit::Ok;
    for item in &items {
        for warning in &item.warnings {
            console.warn(format_args!("{}: {warning}", item.output.as_deref().unwrap_or(&item.input)));
        }
        if let Some(failure) = &item.error {
            console.failure(&item.input, failure);
            exit = Exit::Failed;
        }
    }
    let below = |item: &&ItemReport| item.quality().zip(args.fail_under).is_some_and(|(q, bound)| q < bound);
    let low: Vec<_> = items.iter().filter(below).collect();
    for item in &low {
        console.error(format_args!("{}: quality {:.4} is below the gate", item.input, item.quality().unwrap_or(0.0)));
    }
    Ok(if exit == Exit::Ok && !low.is_empty() { Exit::Gate } else { exit })
}

fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    console::data(&bytes).context("standard output")
}

fn single(args: &ScoreArgs) -> Pair {
    Pair { image: args.image.clone(), svg: args.svg.clone(), diff: args.diff.clone() }
}

/// Pairs images with SVGs by relative path; what has no partner is a failed item.
fn pair_up(args: &ScoreArgs) -> Result<(Vec<Pair>, Vec<ItemReport>)> {
    let found = discover(std::slice::from_ref(&args.image), &Filter::new(&[], &[], true, None)?);
    let mut pairs = Vec::new();
    let mut alone = Vec::new();
    let mut used = BTreeSet::new();
    for Found { path, relative } in found.files {
        let mut appended = relative.clone().into_os_string();
        appended.push(".svg");
        let candidates = [relative.with_extension("svg"), PathBuf::from(appended)];
        match candidates.iter().map(|c| args.svg.join(c)).find(|c| c.is_file()) {
            Some(svg) => {
                used.insert(svg.clone());
                let diff = args.diff.as_ref().map(|d| d.join(relative.with_extension("png")));
                pairs.push(Pair { image: path, svg, diff });
            }
            None => {
                alone.push(no_pair(&path, &format!("there is no {} for it", args.svg.join(&candidates[0]).display())))
            }
        }
    }
    for entry in walk(&args.svg) {
        if entry.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg")) && !used.contains(&entry) {
            alone.push(no_pair(&entry, "there is no image for it"));
        }
    }
    Ok((pairs, alone))
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let filter = Filter::new(&["*.svg".into()], &[], true, None).unwrap_or_default();
    discover(&[dir.to_path_buf()], &filter).ignored
}

fn no_pair(path: &Path, what: &str) -> ItemReport {
    let mut item = ItemReport::new(path.to_string_lossy(), Status::Failed);
    item.error = Some(Failure::from(&Error::new(Code::ScoreNoPair, what)));
    item
}

fn measure(pair: &Pair, args: &ScoreArgs) -> ItemReport {
    let mut item = ItemReport::new(pair.image.to_string_lossy(), Status::Ok);
    item.output = Some(pair.svg.to_string_lossy().into_owned());
    match try_measure(pair, args) {
        Ok((source, notes, metrics)) => {
            item.source = Some(source);
            item.warnings = notes;
            item.warnings.extend(metrics.warnings.iter().cloned());
            item.metrics = Some(metrics);
        }
        Err(e) => {
            item.status = Status::Failed;
            item.error = Some((&e).into());
        }
    }
    item.peak_memory_bytes = peak_memory();
    item
}

/// The failure with the name of the file it is about, which is not the item's own.
fn about(path: &Path, e: &Error) -> Error {
    Error::new(e.code(), format!("{}: {}", path.display(), e.message()))
}

fn try_measure(pair: &Pair, args: &ScoreArgs) -> svg_ai::Result<(Source, Vec<String>, Metrics)> {
    let limits = options::decode_limits(&args.limits);
    let decoded = if is_dash(&pair.image) {
        raster::read_stream(std::io::stdin().lock(), &limits)?
    } else {
        raster::read(&pair.image, &limits)?
    };
    let svg = if cloud::is_url(&pair.svg) {
        cloud::read(&pair.svg, MAX_SVG_BYTES as u64).map_err(|e| about(&pair.svg, &e))?
    } else {
        read_svg(&pair.svg).map_err(|e| {
            let code = match e.kind() {
                std::io::ErrorKind::NotFound => Code::InputNotFound,
                std::io::ErrorKind::IsADirectory => Code::InputIsDirectory,
                _ => Code::InputUnreadable,
            };
            Error::new(code, format!("{}: {e}", pair.svg.display()))
        })?
    };
    let reference = Reference::new(&decoded.raster, options::metric_set(args.metrics));
    let metrics =
        reference.measure(&svg, Trust::Foreign, Some(decoded.source.bytes)).map_err(|e| about(&pair.svg, &e))?;
    if let Some(path) = &pair.diff {
        let picture = difference(&decoded.raster, &svg)?;
        let mut png = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut png);
        image::ImageEncoder::write_image(
            encoder,
            picture.as_bytes(),
            picture.width(),
            picture.height(),
            image::ExtendedColorType::Rgba8,
        )
        .map_err(|e| Error::new(Code::OutputUnwritable, format!("{}: {e}", path.display())))?;
        svg_ai::output::write_atomically(path, &png).map_err(|e| about(path, &e))?;
    }
    Ok((decoded.source, decoded.notes, metrics))
}

/// The bytes of an SVG, at most one more than may be measured: however large the file is, that much tells.
fn read_svg(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = MAX_SVG_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if is_dash(path) {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The figures for people.
fn text(m: &Metrics) -> String {
    let mut out = format!("quality            {:.4}\n\n                   over white  over black\n", m.quality);
    let mut row = |name: &str, white: Option<f64>, black: Option<f64>, digits: usize| {
        let cell = |v: Option<f64>| v.map_or("identical".into(), |v| format!("{v:.digits$}"));
        out.push_str(&format!("{name:<18} {:>10}  {:>10}\n", cell(white), cell(black)));
    };
    let (w, b) = (&m.over_white, &m.over_black);
    row("SSIM", Some(w.ssim), Some(b.ssim), 4);
    row("SSIM, worst ch.", Some(w.ssim_channels), Some(b.ssim_channels), 4);
    row("MSE", Some(w.mse), Some(b.mse), 2);
    row("PSNR, dB", w.psnr, b.psnr, 2);
    row("ΔE₀₀ mean", Some(w.delta_e_mean), Some(b.delta_e_mean), 3);
    row("ΔE₀₀ p95", Some(w.delta_e_p95), Some(b.delta_e_p95), 3);
    row("edges moved, px", Some(w.edge_displacement), Some(b.edge_displacement), 3);
    if w.ssimulacra2.is_some() {
        row("SSIMULACRA2", w.ssimulacra2, b.ssimulacra2, 2);
    }
    let e = &m.economy;
    out.push_str(&format!("alpha error        {:>10.5}\n\n", m.alpha_error));
    let ratio = e.bytes_ratio.map_or(String::new(), |r| format!(", {r:.2} x the image file"));
    out.push_str(&format!(
        "{} bytes ({} gzipped{ratio}), {} paths, {} nodes, {} numbers, {} colours, {} gradients\n{}\n",
        e.bytes, e.gzip_bytes, e.paths, e.nodes, e.numbers, e.colors, e.gradients, m.renderer
    ));
    out
}
