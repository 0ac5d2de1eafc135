//! `svg-ai bench`: measure a set of images, and gate on the figures.

use std::path::Path;

use anyhow::{Context, Result};
use svg_ai::batch::RunOptions;
use svg_ai::bench::{self, Allowed, Corpus, Figures, GroupFigures, regressions};
use svg_ai::output::{IfExists, write_atomically};
use svg_ai::report::{Group, StageTimes};
use svg_ai::score::MetricSet;
use svg_ai::{Code, Error};

use super::args::{BenchArgs, Format};
use super::console::{self, Console};
use super::exit::Exit;
use super::options;

pub(crate) fn run(args: &BenchArgs, console: Console) -> Result<Exit> {
    let run_options = RunOptions {
        pipeline: options::pipeline(&args.trace, &args.limits)?,
        if_exists: IfExists::Overwrite,
        ..RunOptions::default()
    };
    let baseline = args.baseline.as_deref().map(read).transpose()?;
    let corpus = match &args.dir {
        Some(dir) => Corpus::from_folder(dir)?,
        None => Corpus::generated(args.samples, args.side)?,
    };
    let inputs = corpus.jobs.iter().map(|j| j.input.as_path());
    options::check_side_outputs(&[args.save.as_deref()], inputs, std::iter::empty())?;
    let stop = options::stop_flag();
    console.detail(format_args!("{} images, {} runs for each of {:?} jobs", corpus.jobs.len(), args.repeat, args.jobs));
    let jobs: Vec<usize> = args.jobs.iter().map(|j| *j as usize).collect();
    let mut figures = bench::run(&corpus, &run_options, &jobs, args.repeat as usize, &stop)?;
    let set = run_options.pipeline.metric_set().unwrap_or(MetricSet::Basic);
    for tool in &args.compare {
        figures.others.push(bench::compare(&corpus, tool, &run_options.pipeline.limits, set, &stop)?);
    }
    let mut json = serde_json::to_vec_pretty(&figures)?;
    json.push(b'\n');
    if let Some(path) = &args.save {
        write_atomically(path, &json)?;
    }
    match args.format {
        Format::Json => console::data(&json)?,
        Format::Text => console::data(table(&figures).as_bytes())?,
    }
    for failure in &figures.failures {
        console.error(failure);
    }
    if let Some(before) = &baseline {
        let times = args.max_slowdown.unwrap_or(args.max_regression);
        let worse = regressions(before, &figures, Allowed { figures: args.max_regression, times })?;
        for regression in &worse {
            console.error(regression);
        }
        if !worse.is_empty() {
            return Ok(Exit::Gate);
        }
        console.say("no figure is worse than the baseline allows");
    }
    Ok(if figures.failed > 0 { Exit::Failed } else { Exit::Ok })
}

fn read(path: &Path) -> Result<Figures> {
    let bytes = std::fs::read(path).with_context(|| format!("{}: the baseline cannot be read", path.display()))?;
    let invalid =
        |e: serde_json::Error| Error::new(Code::ReportInvalid, format!("not the figures of a bench: {e}")).at(path);
    Ok(serde_json::from_slice(&bytes).map_err(invalid)?)
}

fn many(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The figures for people.
fn table(f: &Figures) -> String {
    let mut out = format!(
        "{}, tier {}, {} {} cores, set {}\n\n{:<12} {:>5} {:>8} {:>8} {:>8} {:>9} {:>9} {:>7} {:>8} {:>8}\n",
        many(f.images, "image"),
        f.tier,
        f.host.arch,
        f.host.cores,
        f.set,
        "",
        "n",
        "quality",
        "p5",
        "median",
        "bytes",
        "p95",
        "ratio",
        "ms",
        "p95"
    );
    let mut row = |name: &str, g: &Group, ratio: Option<f64>| {
        let ratio = ratio.map_or(String::new(), |r| format!("{r:.2}"));
        out.push_str(&format!(
            "{name:<12} {:>5} {:>8.4} {:>8.4} {:>8.4} {:>9.0} {:>9.0} {ratio:>7} {:>8.1} {:>8.1}\n",
            g.items, g.quality.mean, g.quality.p5, g.quality.p50, g.bytes.mean, g.bytes.p95, g.ms.p50, g.ms.p95
        ));
    };
    for (name, g) in &f.by_class {
        row(name, &g.group, Some(g.bytes_ratio.mean));
    }
    row("all", &f.all.group, Some(f.all.bytes_ratio.mean));
    for other in &f.others {
        let name = other.command.split_whitespace().next().unwrap_or_default();
        row(Path::new(name).file_name().map_or(name.into(), |n| n.to_string_lossy()).as_ref(), &other.group, None);
    }
    let GroupFigures { stages, .. } = &f.all;
    let StageTimes { decode_ms, classify_ms, trace_ms, write_ms, score_ms, .. } = stages;
    out.push_str(&format!(
        "\nmedian stage, ms: decode {decode_ms:.1}, classify {classify_ms:.1}, trace {trace_ms:.1}, write {write_ms:.1}, score {score_ms:.1}\n"
    ));
    for t in &f.throughput {
        out.push_str(&format!(
            "{:>8}: {:>7.1} images a second ({:.2} x)\n",
            many(t.jobs, "job"),
            t.images_per_second,
            t.speedup
        ));
    }
    if let Some(bytes) = f.peak_memory_bytes {
        out.push_str(&format!("peak memory: {:.0} MB\n", bytes as f64 / 1e6));
    }
    for other in f.others.iter().filter(|o| o.failed > 0) {
        out.push_str(&format!("{}: {} failed\n", other.command, many(other.failed, "image")));
    }
    if f.failed > 0 {
        out.push_str(&format!("{} failed\n", many(f.failed, "image")));
    }
    out
}
