//! `svg-ai optimize`: search for the best trace of one image.

use anyhow::{Result, bail};
use svg_ai::optimize::{self, search};
use svg_ai::pipeline::convert_source;

use super::args::OptimizeArgs;
use super::console::Console;
use super::convert::{finish, job, or_interrupted};
use super::exit::Exit;
use super::options::{self, is_dash};

pub(crate) fn run(args: &OptimizeArgs, console: Console) -> Result<Exit> {
    if args.input.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg")) {
        bail!("{}: is an SVG already; optimize searches for the best trace of an image", args.input.display());
    }
    let pipeline = options::pipeline(&args.trace, &args.limits)?;
    let search_options = optimize::Options {
        pipeline: pipeline.clone(),
        target: args.target,
        time: args.time_budget,
        trials: args.trials as usize,
        seed: args.seed,
    };
    options::set_threads(args.jobs);
    let stop = options::stop_flag();
    let output = args.output.clone().unwrap_or_else(|| options::default_output(&args.input));
    options::one_standard_output(&[Some(&output), args.report.as_deref()])?;
    options::check_side_outputs(
        &[args.report.as_deref()],
        std::iter::once(args.input.as_path()),
        std::iter::once(output.as_path()),
    )?;
    let read = || {
        if is_dash(&args.input) {
            svg_ai::raster::read_stream(std::io::stdin().lock(), &pipeline.limits)
        } else {
            svg_ai::raster::read(&args.input, &pipeline.limits)
        }
    };
    let outcome = convert_source(
        &job(&args.input, &output),
        read,
        &pipeline,
        options::if_exists(args.if_exists),
        &stop,
        |decoded, _, stop| search(decoded, &search_options, stop),
    );
    if let Some(end) = outcome.report.warnings.iter().find(|w| w.starts_with("search ended")) {
        console.detail(end);
    }
    let exit = finish(&outcome, &output, args.explain, args.report.as_deref(), args.fail_under, console)?;
    Ok(or_interrupted(exit, &stop))
}
