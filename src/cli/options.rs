//! From what was typed to what is meant.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use svg_ai::classify::Class;
use svg_ai::document::{SvgSize, WriteOptions};
use svg_ai::optimize::svg::{self, Keep};
use svg_ai::output::{IfExists, check_writable, identity, write_atomically_with};
use svg_ai::pipeline::{Options, Scoring, Tier};
use svg_ai::presets::Presets;
use svg_ai::raster::Limits;
use svg_ai::score::MetricSet;
use svg_ai::{Code, Error};

use super::args::{
    BackgroundArg, ClassArg, EngineArg, GradientsArg, GroupArg, IfExistsArg, KeepArg, LimitArgs, MetricsArg, PaperArg,
    ShapesArg, ShrinkArgs, SizeArg, StackingArg, StrokesArg, TierArg, TraceArgs,
};
use super::console;

/// The pipeline's options, checked.
pub(crate) fn pipeline(trace: &TraceArgs, limits: &LimitArgs) -> Result<Options> {
    let mut engine_options = Vec::new();
    for pair in &trace.engine_option {
        let Some((name, value)) = pair.split_once('=') else {
            bail!("--engine-option {pair}: NAME=VALUE is wanted");
        };
        engine_options.push((name.to_string(), value.to_string()));
    }
    let mut named = |name: &str, value: String| engine_options.push((name.to_string(), value));
    if let Some(n) = trace.colors {
        named("max-colors", n.to_string());
    }
    if let Some(colors) = palette(trace)? {
        named("palette", colors);
    }
    if let Some(area) = trace.min_area {
        named("min-area", area.to_string());
    }
    if let Some(background) = trace.background {
        named("background", if background == BackgroundArg::Keep { "keep" } else { "remove" }.into());
    }
    if let Some(gradients) = trace.gradients {
        named("gradients", if gradients == GradientsArg::Auto { "auto" } else { "never" }.into());
    }
    if let Some(strokes) = trace.strokes {
        let word = match strokes {
            StrokesArg::Auto => "auto",
            StrokesArg::Never => "never",
            StrokesArg::Always => "always",
        };
        named("strokes", word.into());
    }
    if let Some(stacking) = trace.stacking {
        let word = if stacking == StackingArg::Stacked { "stacked" } else { "cutout" };
        // The vtracer crate has its own word for it.
        let name = if trace.engine == EngineArg::Vtracer { "hierarchical" } else { "stacking" };
        named(name, word.into());
    }
    let options = Options {
        tier: match (trace.tier, trace.quality) {
            (Some(1), _) | (None, TierArg::Fast) => Tier::Fast,
            (Some(2), _) | (None, TierArg::Balanced) => Tier::Balanced,
            (Some(_), _) | (None, TierArg::Best) => Tier::Best,
        },
        class: trace.class.map(|c| match c {
            ClassArg::Simple => Class::Simple,
            ClassArg::Text => Class::Text,
            ClassArg::Gradient => Class::Gradient,
            ClassArg::Complex => Class::Complex,
            ClassArg::Photo => Class::Photo,
            ClassArg::PixelArt => Class::PixelArt,
            ClassArg::LineArt => Class::LineArt,
        }),
        engine: match trace.engine {
            EngineArg::Auto => None,
            EngineArg::Contour => Some("contour".into()),
            EngineArg::Cells => Some("cells".into()),
            EngineArg::Vtracer => Some("vtracer".into()),
        },
        engine_options,
        metrics: match (trace.no_score, trace.metrics) {
            (true, _) => Scoring::Off,
            (false, None) => Scoring::ByTier,
            (false, Some(set)) => Scoring::Set(metric_set(set)),
        },
        write: WriteOptions {
            precision: trace.precision,
            size: match trace.svg_size {
                SizeArg::None => SvgSize::None,
                SizeArg::Px => SvgSize::Px,
                SizeArg::Full => SvgSize::Full,
            },
            shapes: trace.shapes == ShapesArg::Auto,
            group: trace.group_by == GroupArg::Color,
            ids: trace.ids,
            shown: None,
        },
        timeout: trace.timeout,
        keep_light: trace.paper == PaperArg::Keep,
        limits: decode_limits(limits),
        presets: trace.presets.as_deref().map(presets).transpose()?.map(Arc::new),
    };
    options.check()?;
    Ok(options)
}

/// The presets in a file.
fn presets(file: &Path) -> Result<Presets> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    Ok(Presets::parse(&text).map_err(|e| e.at(file))?)
}

/// The inks that the user wants, separated by commas.
fn palette(trace: &TraceArgs) -> Result<Option<String>> {
    let Some(file) = &trace.palette_file else { return Ok(trace.palette.clone()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let colors: Vec<&str> = text.lines().filter_map(|l| l.split_whitespace().next()).collect();
    if colors.is_empty() {
        bail!("{}: there is no colour in it; one #rrggbb a line is wanted", file.display());
    }
    Ok(Some(colors.join(",")))
}

/// How SVGs are shrunk, checked.
pub(crate) fn shrink(args: &ShrinkArgs, limits: &LimitArgs) -> Result<svg::Options> {
    if args.keep.contains(&KeepArg::None) && args.keep.iter().any(|k| *k != KeepArg::None) {
        bail!("--keep none keeps nothing: leave the others out");
    }
    let keep = |k: &KeepArg| match k {
        KeepArg::Titles => Some(Keep::Titles),
        KeepArg::Ids => Some(Keep::Ids),
        KeepArg::Metadata => Some(Keep::Metadata),
        KeepArg::Comments => Some(Keep::Comments),
        KeepArg::Editor => Some(Keep::Editor),
        KeepArg::Units => Some(Keep::Units),
        KeepArg::None => None,
    };
    let options = svg::Options {
        keep: args.keep.iter().filter_map(keep).collect(),
        lossless: args.lossless,
        strip_scripts: args.strip_scripts,
        tolerance: args.tolerance,
        viewing_size: args.viewing_size,
        max_difference: args.max_difference,
        max_file_bytes: limits.max_file_size,
    };
    options.check()?;
    Ok(options)
}

/// The decoder's limits.
pub(crate) fn decode_limits(limits: &LimitArgs) -> Limits {
    Limits { max_file_bytes: limits.max_file_size, max_pixels: limits.max_pixels, ..Limits::default() }
}

/// The set of figures.
pub(crate) fn metric_set(set: MetricsArg) -> MetricSet {
    match set {
        MetricsArg::Basic => MetricSet::Basic,
        MetricsArg::Full => MetricSet::Full,
    }
}

/// What to do with outputs that exist.
pub(crate) fn if_exists(what: IfExistsArg) -> IfExists {
    match what {
        IfExistsArg::Overwrite => IfExists::Overwrite,
        IfExistsArg::Skip => IfExists::Skip,
        IfExistsArg::Error => IfExists::Error,
    }
}

/// `-`, standard input or output.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Refuses more than one `-` among the outputs: what comes out could not be told apart.
pub(crate) fn one_standard_output(outputs: &[Option<&Path>]) -> Result<()> {
    if outputs.iter().flatten().filter(|p| is_dash(p)).count() > 1 {
        bail!("only one output can be `-`, standard output");
    }
    Ok(())
}

/// Refuses, before any work starts, outputs beside the SVGs (reports, galleries, …) that would replace
/// one of `inputs` or one of `svgs`, that are one file twice, or that cannot be written at all.
pub(crate) fn check_side_outputs<'a>(
    outputs: &[Option<&Path>],
    inputs: impl Iterator<Item = &'a Path>,
    svgs: impl Iterator<Item = &'a Path> + Clone,
) -> Result<()> {
    // What does not exist is no input: a million of them are looked at only for an output that does.
    let inputs = LazyCell::new(|| inputs.map(identity).collect::<BTreeSet<_>>());
    let mut seen = BTreeSet::new();
    for path in outputs.iter().flatten().filter(|p| !is_dash(p)) {
        let own = identity(path);
        if path.exists() && inputs.contains(&own) {
            return Err(Error::new(Code::OutputIsInput, "it would replace an input").at(path).into());
        }
        let is_svg = |svg: &Path| svg.file_name() == path.file_name() && identity(svg) == own;
        if svgs.clone().any(is_svg) || !seen.insert(own) {
            return Err(Error::new(Code::OutputCollision, "two outputs would be written to it").at(path).into());
        }
        check_writable(path)?;
    }
    Ok(())
}

/// Writes `bytes` to `path`, or to standard output for `-`.
pub(crate) fn write_to(path: &Path, bytes: &[u8]) -> Result<()> {
    write_to_with(path, |out| out.write_all(bytes))
}

/// The same for what is not in memory as a whole.
pub(crate) fn write_to_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    if is_dash(path) {
        console::data_with(write).context("standard output")
    } else {
        Ok(write_atomically_with(path, write)?)
    }
}

/// A flag that Ctrl-C and SIGTERM set; the second one ends the process at once.
pub(crate) fn stop_flag() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let handler = move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(super::exit::Exit::Interrupted as i32);
        }
    };
    // Without a handler the signal ends the process, which leaves whole files just the same.
    let _ = ctrlc::set_handler(handler);
    stop
}

/// Makes `jobs` the number of threads for everything that follows (0: all cores).
pub(crate) fn set_threads(jobs: usize) {
    // Fails only when a pool exists already, which keeps its size.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
}

/// The SVG's path when none was given: beside the input, or standard output for `-`.
pub(crate) fn default_output(input: &Path) -> PathBuf {
    if is_dash(input) { PathBuf::from("-") } else { input.with_extension("svg") }
}
