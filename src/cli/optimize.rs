//! `svg-ai optimize`: search for the best trace of one image, or shrink an SVG.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use svg_ai::optimize::svg::{self, Keep, is_svg_name, shrink_file, shrink_source};
use svg_ai::optimize::{self, Goal, search};
use svg_ai::output::{check_writable, write_atomically};
use svg_ai::pipeline::{Outcome, convert_source};
use svg_ai::report::{ItemReport, Status};

use super::args::{GroupArg, OptimizeArgs, ShapesArg};
use super::console::Console;
use super::convert::{finish, job, or_interrupted};
use super::exit::Exit;
use super::learn;
use super::options::{self, is_dash};
use super::progress::SearchProgress;

pub(crate) fn run(args: &OptimizeArgs, console: Console) -> Result<Exit> {
    if let Some(folder) = &args.learn {
        return learn::run(args, folder, console);
    }
    // Not left to the parser, which would want it for --print-config too.
    let Some(input) = args.input.as_deref() else { bail!("give IN, an image or an SVG, or --learn with a folder") };
    if is_svg_name(input) {
        return shrink(args, input, None, console);
    }
    let mut piped = Vec::new();
    if is_dash(input) {
        // One byte more than allowed, so that the reader behind it sees that it is too much.
        let most = args.limits.max_file_size.saturating_add(1);
        std::io::stdin().lock().take(most).read_to_end(&mut piped).context("standard input")?;
        if looks_like_svg(&piped) {
            return shrink(args, input, Some(piped), console);
        }
    }
    let pipeline = options::pipeline(&args.trace, &args.limits)?;
    let search_options = optimize::Options {
        pipeline: pipeline.clone(),
        goal: Goal { target: args.target, max_bytes: args.max_bytes },
        time: args.time_budget,
        trials: args.trials as usize,
        shrink: shrink_of_traces(args)?,
        seed: args.seed,
        ..optimize::Options::default()
    };
    options::set_threads(args.jobs);
    let stop = options::stop_flag();
    let output = args.output.clone().unwrap_or_else(|| options::default_output(input));
    options::one_standard_output(&[Some(&output), args.report.as_deref(), args.plot.as_deref()])?;
    options::check_side_outputs(
        &[args.report.as_deref(), args.plot.as_deref()],
        std::iter::once(input),
        std::iter::once(output.as_path()),
    )?;
    if let Some(folder) = &args.front {
        // A file of its own in it, so that a place that cannot be written to is told now.
        check_writable(&folder.join("front.svg"))?;
    }
    let read = || {
        if is_dash(input) {
            svg_ai::raster::read_stream(Cursor::new(&piped), &pipeline.limits)
        } else {
            svg_ai::raster::read(input, &pipeline.limits)
        }
    };
    let progress = SearchProgress::new(console);
    let mut front = Vec::new();
    let mut outcome = convert_source(
        &job(input, &output),
        read,
        &pipeline,
        options::if_exists(args.if_exists),
        &stop,
        |decoded, _, stop| {
            let searched = search(decoded, &search_options, stop, &progress);
            front = searched.front;
            searched.outcome
        },
    );
    progress.finish();
    if let Some(folder) = &args.front {
        write_front(folder, &front, &mut outcome.report)?;
    }
    if let (Some(path), Some(drawing)) = (&args.plot, optimize::plot(&outcome.report)) {
        options::write_to(path, drawing.as_bytes())?;
    }
    let exit = finish(&outcome, &output, args.explain, args.report.as_deref(), args.fail_under, console)?;
    let exit = if exit == Exit::Ok { tell(&outcome.report, args, console) } else { exit };
    Ok(or_interrupted(exit, &stop))
}

/// The ways in which traces are shrunk: none where that would undo how the user wants them written, one where the user
/// has said how far it may go.
fn shrink_of_traces(args: &OptimizeArgs) -> Result<Vec<svg::Options>> {
    let mut shrink = options::shrink(&args.shrink, &args.limits)?;
    if args.trace.ids {
        shrink.keep.insert(Keep::Ids);
    }
    let as_written = args.trace.shapes == ShapesArg::Paths || args.trace.group_by == GroupArg::Color;
    if as_written || args.trace.precision.is_some() {
        return Ok(Vec::new());
    }
    let built_in = svg::Options::default();
    let said =
        shrink.lossless || shrink.tolerance != built_in.tolerance || shrink.max_difference != built_in.max_difference;
    Ok(if said { vec![shrink] } else { shrink.and_looser() })
}

/// Writes the drawings of the front and notes in the record where they are. Names begin with the bytes, so
/// that they sort by size.
fn write_front(folder: &Path, front: &[String], item: &mut ItemReport) -> Result<()> {
    let Some(search) = &mut item.search else { return Ok(()) };
    for (point, svg) in search.front.iter_mut().zip(front) {
        let name = format!("{:08}b-q{:.4}-n{:05}.svg", point.bytes, point.quality, point.nodes);
        let path = folder.join(name);
        write_atomically(&path, svg.as_bytes())?;
        point.file = Some(path.to_string_lossy().into_owned());
    }
    Ok(())
}

/// Says how the search went and whether it came to its goal.
fn tell(item: &ItemReport, args: &OptimizeArgs, console: Console) -> Exit {
    let Some(search) = &item.search else { return Exit::Ok };
    console.detail(format_args!("search ended after {} trials: {}", search.trials, search.ended));
    if let Some(folder) = &args.front {
        console.say(format_args!("{} drawings that nothing beats: {}", search.front.len(), folder.display()));
    }
    let Some(chosen) = search.front.iter().find(|p| p.chosen) else { return Exit::Ok };
    if let Some(target) = search.target.filter(|t| chosen.quality < *t) {
        console.warn(format_args!("{}: no trial that may be taken scores {target}; this is the best", item.input));
    }
    match search.max_bytes.filter(|most| chosen.bytes > *most) {
        Some(most) => {
            console.error(format_args!("{}: nothing fits into {most} bytes; this is the smallest", item.input));
            Exit::Gate
        }
        None => Exit::Ok,
    }
}

/// Whether bytes without a name are an SVG: a root `<svg` among the first of them.
fn looks_like_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    head.trim_start_matches('\u{feff}').trim_start().starts_with('<') && head.contains("<svg")
}

/// Shrinks an SVG: the file that was named, or the bytes that were piped in.
fn shrink(args: &OptimizeArgs, input: &Path, piped: Option<Vec<u8>>, console: Console) -> Result<Exit> {
    let of_search =
        [("front", args.front.is_some()), ("plot", args.plot.is_some()), ("max-bytes", args.max_bytes.is_some())];
    if let Some((name, _)) = of_search.iter().find(|(_, given)| *given) {
        bail!("--{name} is for the search of an image; an SVG is shrunk");
    }
    let shrink_options = options::shrink(&args.shrink, &args.limits)?;
    let output = match &args.output {
        Some(output) => output.clone(),
        None if piped.is_some() => PathBuf::from("-"),
        // Never over its own source.
        None => input.with_extension("min.svg"),
    };
    options::one_standard_output(&[Some(&output), args.report.as_deref()])?;
    let if_exists = options::if_exists(args.if_exists);
    let job = job(input, &output);
    let outcome = match piped {
        Some(bytes) => shrink_source(&job, || Ok(bytes), &shrink_options, if_exists, svg::shrink),
        None => shrink_file(&job, &shrink_options, if_exists),
    };
    show(&outcome, &output, args, console)
}

/// Shows and writes what came of an SVG, and says how the run ended.
fn show(outcome: &Outcome, output: &std::path::Path, args: &OptimizeArgs, console: Console) -> Result<Exit> {
    let item = &outcome.report;
    if let (Some(svg), true) = (&outcome.svg, is_dash(output)) {
        options::write_to(output, svg.as_bytes())?;
    }
    if let Some(path) = &args.report {
        let mut text = serde_json::to_vec_pretty(item)?;
        text.push(b'\n');
        options::write_to(path, &text)?;
    }
    if args.explain {
        super::console::note(&explanation(item));
    }
    for warning in &item.warnings {
        console.warn(format_args!("{}: {warning}", item.input));
    }
    if let Some(failure) = &item.error {
        console.failure(&item.input, failure);
        return Ok(Exit::Failed);
    }
    if item.status == Status::Skipped {
        console.say(format_args!("{}: skipped, {} exists", item.input, output.display()));
        return Ok(Exit::Nothing);
    }
    if let Some(s) = &item.shrink {
        let to = if is_dash(output) { "standard output".into() } else { output.display().to_string() };
        let saved = 100.0 * (1.0 - s.bytes_after as f64 / s.bytes_before.max(1) as f64);
        let proof = match &s.proof {
            Some(p) if s.bytes_after < s.bytes_before && p.identical => ", every pixel the same".into(),
            Some(p) if s.bytes_after < s.bytes_before => format!(", ΔE₀₀ {:.4}", p.delta_e_mean),
            _ => String::new(),
        };
        console.say(format_args!(
            "{} → {to}: {} → {} bytes ({saved:.1} % fewer){proof}, {:.0} ms",
            item.input, s.bytes_before, s.bytes_after, item.times.total_ms
        ));
    }
    Ok(Exit::Ok)
}

/// What each step did.
fn explanation(item: &ItemReport) -> String {
    let Some(shrink) = &item.shrink else { return String::new() };
    let mut text = String::new();
    for step in &shrink.steps {
        let how = match (step.kept, step.tolerance_px) {
            (false, _) => "undone: it changes what is shown".to_string(),
            (true, t) if t > 0.0 => format!("{} bytes saved (tolerance {t} px)", step.saved_bytes),
            (true, _) => format!("{} bytes saved", step.saved_bytes),
        };
        text.push_str(&format!("{:>16}  {how}\n", step.name));
    }
    if let Some(p) = &shrink.proof {
        let sizes: Vec<_> = p.sizes.iter().map(|[w, h]| format!("{w} x {h}")).collect();
        text.push_str(&format!(
            "{:>16}  ΔE₀₀ {:.5}, worst block {:.3}, at {} px ({})\n",
            "proof",
            p.delta_e_mean,
            p.delta_e_block,
            sizes.join(", "),
            p.renderer
        ));
    }
    text
}
