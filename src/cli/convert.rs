//! `svg-ai convert`: one image.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use svg_ai::pipeline::{Outcome, convert_source};
use svg_ai::report::gate::Gate;
use svg_ai::report::{ItemReport, Status};

use super::args::{ConvertArgs, EngineArg};
use super::console::Console;
use super::exit::Exit;
use super::logging;
use super::options::{self, is_dash, write_to};
use super::sandbox;
use super::stages;

pub(crate) fn run(args: &ConvertArgs, config: Option<&Path>, console: Console) -> Result<Exit> {
    let pipeline = options::pipeline(&args.trace, &args.limits)?;
    let output = args.output.clone().unwrap_or_else(|| options::default_output(&args.input));
    options::one_standard_output(&[Some(&output), args.report.as_deref(), args.deps.as_deref()])?;
    if args.deps.is_some() && is_dash(&output) {
        bail!("--deps needs a file that make can look at: name one with -o");
    }
    let other = match args.trace.engine {
        EngineArg::Auto | EngineArg::Contour => None,
        EngineArg::Cells => Some("cells"),
        EngineArg::Vtracer => Some("vtracer"),
    };
    if let (Some(_), Some(other)) = (&args.debug_stages, other) {
        bail!("--debug-stages shows the stages of the contour engine, which --engine {other} rules out");
    }
    let pictures = args.debug_stages.as_deref().map(stages::files).unwrap_or_default();
    options::check_side_outputs(
        &[args.report.as_deref(), args.deps.as_deref()]
            .into_iter()
            .chain(pictures.iter().map(|p| Some(p.as_path())))
            .collect::<Vec<_>>(),
        std::iter::once(args.input.as_path()),
        std::iter::once(output.as_path()),
    )?;
    if args.sandbox {
        let folders: Vec<&Path> = args.debug_stages.as_deref().into_iter().collect();
        let files = [Some(output.as_path()), args.report.as_deref(), args.deps.as_deref()];
        sandbox::lock_in(std::iter::once(args.input.as_path()), &folders, &files)?;
    }
    options::set_threads(args.jobs);
    let stop = options::stop_flag();
    let if_exists = options::if_exists(args.if_exists);
    let mut seen = None;
    let read = || {
        let decoded = if is_dash(&args.input) {
            svg_ai::raster::read_stream(std::io::stdin().lock(), &pipeline.limits)?
        } else {
            svg_ai::raster::read(&args.input, &pipeline.limits)?
        };
        // Only the pictures of the stages need the pixels once more.
        seen = args
            .debug_stages
            .is_some()
            .then(|| svg_ai::raster::own_size(&decoded.raster).map_or_else(|| decoded.raster.clone(), |(own, _)| own));
        Ok(decoded)
    };
    let job = job(&args.input, &output);
    let outcome = convert_source(&job, read, &pipeline, if_exists, &stop, svg_ai::pipeline::convert);
    // A rule for an output that was not written would tell make that it is up to date.
    if let (Some(deps), Status::Ok | Status::Skipped) = (&args.deps, outcome.report.status) {
        // The files of options and presets shaped the output as the image did.
        let image = Some(args.input.as_path()).filter(|p| !is_dash(p));
        let inputs = image.into_iter().chain(config).chain(args.trace.presets.as_deref());
        write_to(deps, depfile(&output, inputs).as_bytes())?;
    }
    let exit = finish(&outcome, &output, args.explain, args.report.as_deref(), args.fail_under, console)?;
    if let (Some(folder), Some(raster)) = (&args.debug_stages, &seen) {
        stages::write(folder, raster, &outcome, &pipeline, &stop)?;
    }
    Ok(or_interrupted(exit, &stop))
}

/// `exit`, unless the user stopped the run: what was written then is whole, but not all that was asked for.
pub(crate) fn or_interrupted(exit: Exit, stop: &AtomicBool) -> Exit {
    if stop.load(Ordering::SeqCst) { Exit::Interrupted } else { exit }
}

/// The job of one image; standard output is not a file to write.
pub(crate) fn job(input: &Path, output: &Path) -> svg_ai::pipeline::Job {
    svg_ai::pipeline::Job { input: input.to_path_buf(), output: (!is_dash(output)).then(|| output.to_path_buf()) }
}

/// Shows and writes what came of one image, and says how the run ended.
pub(crate) fn finish(
    outcome: &Outcome,
    output: &Path,
    explain: bool,
    report: Option<&Path>,
    fail_under: Option<f64>,
    console: Console,
) -> Result<Exit> {
    let item = &outcome.report;
    logging::item(item);
    if let (Some(svg), true) = (&outcome.svg, is_dash(output)) {
        write_to(output, svg.as_bytes())?;
    }
    if let Some(path) = report {
        let mut text = serde_json::to_vec_pretty(item)?;
        text.push(b'\n');
        write_to(path, &text)?;
    }
    if explain {
        super::console::note(&explanation(item));
    }
    for warning in &item.warnings {
        if explain || console.is_verbose(1) || item.status == Status::Ok && warning.contains("safe parameters") {
            console.warn(format_args!("{}: {warning}", item.input));
        }
    }
    match (&item.error, item.status) {
        (Some(failure), _) => {
            console.failure(&item.input, failure);
            let interrupted = failure.code == svg_ai::Code::RunInterrupted.id();
            return Ok(if interrupted { Exit::Interrupted } else { Exit::Failed });
        }
        (None, Status::Skipped) => {
            console.say(format_args!("{}: skipped, {} exists", item.input, output.display()));
            return Ok(Exit::Nothing);
        }
        _ => {}
    }
    console.say(one_line(item, output));
    if let Some(gate) = fail_under.map(Gate::quality_below)
        && let Some(value) = gate.met_by(item)
    {
        console.error(format_args!("{}: quality {value:.4} is below the gate ({gate})", item.input));
        return Ok(Exit::Gate);
    }
    Ok(Exit::Ok)
}

/// The result in one line.
fn one_line(item: &ItemReport, output: &Path) -> String {
    let to = if is_dash(output) { "standard output".into() } else { output.display().to_string() };
    let class = item.classification.as_ref().map_or("", |c| c.class.name());
    let figures = match &item.metrics {
        Some(m) => format!("quality {:.4}, {} bytes, {} nodes", m.quality, m.economy.bytes, m.economy.nodes),
        None => "not scored".into(),
    };
    format!("{} → {to}: {class}, {figures}, {:.0} ms", item.input, item.times.total_ms)
}

/// Everything that is known about how the result came about.
fn explanation(item: &ItemReport) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut put = |key: &str, value: String| {
        let _ = writeln!(text, "{key:>16}  {value}");
    };
    if let Some(s) = &item.source {
        let alpha = if s.has_alpha { "with transparency" } else { "opaque" };
        put("source", format!("{} {} x {} px, {alpha}, {} bytes", s.format, s.width, s.height, s.bytes));
    }
    if let Some(c) = &item.classification {
        put("class", format!("{} (confidence {:.2})", c.class, c.confidence));
        put("because", c.reason.clone());
        if let Ok(serde_json::Value::Object(features)) = serde_json::to_value(&c.features) {
            for (name, value) in features {
                let value = value.as_f64().map_or(value.to_string(), |v| format!("{}", (v * 1e4).round() / 1e4));
                put(&name, value);
            }
        }
    }
    for (i, a) in item.attempts.iter().enumerate() {
        let result = match (&a.error, a.quality, a.bytes) {
            (Some(e), ..) => format!("failed: {} [{}]", e.message, e.code),
            (None, Some(q), Some(b)) => format!("quality {q:.4}, {b} bytes"),
            (None, None, Some(b)) => format!("{b} bytes, not scored"),
            _ => String::new(),
        };
        let changes: Vec<_> =
            a.parameters.iter().map(|(k, v)| format!("{k}={}", v.to_string().trim_matches('"'))).collect();
        put(
            &format!("attempt {}", i + 1),
            format!("{} [{}]: {result}, {:.0} ms ({})", a.engine, changes.join(" "), a.ms, a.why),
        );
    }
    if let Some(e) = &item.engine {
        put("kept", format!("{}: {}", e.name, e.why));
    }
    if let Some(m) = &item.metrics {
        for (name, g) in [("over white", &m.over_white), ("over black", &m.over_black)] {
            let psnr = g.psnr.map_or("∞".into(), |p| format!("{p:.1} dB"));
            let ss2 = g.ssimulacra2.map_or(String::new(), |s| format!(", SSIMULACRA2 {s:.1}"));
            put(
                name,
                format!(
                    "SSIM {:.4} (least channel {:.4}), PSNR {psnr}, ΔE₀₀ {:.3} (p95 {:.3}), edges {:.3} px{ss2}",
                    g.ssim, g.ssim_channels, g.delta_e_mean, g.delta_e_p95, g.edge_displacement
                ),
            );
        }
        put("alpha error", format!("{:.5}", m.alpha_error));
        let e = &m.economy;
        let ratio = e.bytes_ratio.map_or(String::new(), |r| format!(", {r:.2} x the source"));
        put(
            "cost",
            format!(
                "{} bytes ({} gzipped{ratio}), {} paths, {} nodes, {} numbers, {} colours",
                e.bytes, e.gzip_bytes, e.paths, e.nodes, e.numbers, e.colors
            ),
        );
        put("quality", format!("{:.4} (formula {}, {})", m.quality, m.formula, m.renderer));
    }
    let t = &item.times;
    put(
        "time",
        format!(
            "{:.1} ms: decode {:.1}, classify {:.1}, trace {:.1}, write {:.1}, score {:.1}",
            t.total_ms, t.decode_ms, t.classify_ms, t.trace_ms, t.write_ms, t.score_ms
        ),
    );
    text
}

/// A makefile rule that says `output` is made from `inputs`. An input that is gone later is no error
/// for make, since each is a target of its own, too.
fn depfile<'a>(output: &Path, inputs: impl Iterator<Item = &'a Path>) -> String {
    let quote = |p: &Path| p.to_string_lossy().replace('$', "$$").replace(' ', "\\ ").replace('#', "\\#");
    let inputs: Vec<_> = inputs.map(quote).collect();
    let rule = format!("{}: {}\n", quote(output), inputs.join(" "));
    inputs.iter().fold(rule, |text, input| text + "\n" + input + ":\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_depfile_quotes_what_make_would_read() {
        assert_eq!(
            depfile(Path::new("o/a b.svg"), [Path::new("i/$x#.png"), Path::new("svg-ai.toml")].into_iter()),
            "o/a\\ b.svg: i/$$x\\#.png svg-ai.toml\n\ni/$$x\\#.png:\n\nsvg-ai.toml:\n"
        );
    }

    #[test]
    fn standard_output_is_not_a_file() {
        assert_eq!(job(Path::new("a.png"), Path::new("-")).output, None);
        assert_eq!(job(Path::new("a.png"), Path::new("b.svg")).output, Some(PathBuf::from("b.svg")));
    }
}
