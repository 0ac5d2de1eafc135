//! `svg-ai batch`: files and folders, in parallel.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use svg_ai::batch::{self, Filter, Naming, Observer, RunOptions};
use svg_ai::raster;
use svg_ai::report::gate::Gate;
use svg_ai::report::html::{self, DataUri, ItemImages};
use svg_ai::report::json as report_json;
use svg_ai::report::run::RunClock;
use svg_ai::report::spool::ImageSpool;
use svg_ai::report::summary::summary_text;
use svg_ai::report::{ItemReport, RunReport, Status};
use svg_ai::score;
use svg_ai::{Code, Error};

use super::args::{BatchArgs, ReportFormat, SvgArg};
use super::console::Console;
use super::exit::Exit;
use super::options::{self, is_dash, write_to};
use super::progress::Progress;

/// Largest source that is shown in the gallery, pixels: decoding it again for a thumbnail must not
/// cost more memory than converting it did.
const GALLERY_MAX_PIXELS: u64 = 25_000_000;

pub(crate) fn run(args: &BatchArgs, mut in_force: BTreeMap<String, Value>, console: Console) -> Result<Exit> {
    if let Some(gate) = args.fail_if.iter().find(|g| args.trace.no_score && g.needs_score()) {
        bail!("--fail-if '{gate}' needs the score that --no-score leaves out");
    }
    // Not left to the parser, which would want it for --print-config too.
    if args.inputs.is_empty() && args.files_from.is_none() {
        bail!("give images and folders, or --files-from");
    }
    let lines = (args.report_format == ReportFormat::Jsonl).then(|| args.report.as_deref().unwrap_or(Path::new("-")));
    options::one_standard_output(&[lines.or(args.report.as_deref()), args.html.as_deref()])?;
    let run_options = RunOptions {
        pipeline: options::pipeline(&args.trace, &args.limits)?,
        svg: match args.svg {
            SvgArg::Skip => None,
            SvgArg::Shrink => Some(options::shrink(&args.shrink, &args.limits)?),
        },
        jobs: args.jobs,
        if_exists: options::if_exists(args.if_exists),
        pixels_in_flight: args.pixels_in_flight,
    };
    in_force.remove("tier");
    in_force.insert("quality".into(), run_options.pipeline.tier.name().into());
    in_force.insert("no-score".into(), args.trace.no_score.into());
    let clock = RunClock::new();
    let mut roots = args.inputs.clone();
    if let Some(list) = &args.files_from {
        roots.extend(read_list(list, args.null)?);
    }
    let filter = Filter::new(&args.include, &args.exclude, !args.no_recursive, Some(&args.output))?
        .with_svgs(run_options.svg.is_some());
    let found = batch::discover(&roots, &filter);
    for path in &found.ignored {
        console.detail(format_args!("{}: not an image", path.display()));
    }
    let naming = if args.keep_extension { Naming::Append } else { Naming::Replace };
    let files = match &args.base {
        Some(base) => batch::below(found.files, base)?,
        None => found.files,
    };
    let jobs = batch::plan(&files, &args.output, naming)?;
    let unlisted: Vec<ItemReport> = found.errors.iter().map(|e| unlisted(e, &run_options)).collect();
    if jobs.is_empty() && unlisted.is_empty() {
        console.say(format_args!("nothing to do: no images among {} inputs", roots.len()));
        return Ok(Exit::Nothing);
    }

    let list = args.files_from.as_deref().filter(|p| !is_dash(p));
    options::check_side_outputs(
        &[lines.or(args.report.as_deref()), args.html.as_deref()],
        jobs.iter().map(|j| j.input.as_path()).chain(list),
        jobs.iter().filter_map(|j| j.output.as_deref()),
    )?;

    let stop = options::stop_flag();
    let observer = Observing {
        progress: Progress::new(jobs.len(), console),
        console,
        lines: Mutex::new(lines.map(open).transpose()?),
        broken: Mutex::new(None),
        pictures: args.html.as_deref().map(|page| Pictures::new(page, &run_options)).transpose()?,
    };
    let mut items = unlisted;
    for item in &items {
        observer.in_order(item);
    }
    let work = if args.dry_run { batch::dry_run } else { batch::run };
    items.extend(work(&jobs, &run_options, &stop, &observer)?);
    observer.progress.finish();
    let broken = observer.broken.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(e) = broken {
        return Err(Error::new(Code::OutputUnwritable, format!("the report: {e}")).into());
    }
    // By path, as the lines of a jsonl report are: `a/b` before `a.png`.
    items.sort_by(|a, b| Path::new(&a.input).cmp(Path::new(&b.input)));

    let interrupted = stop.load(Ordering::SeqCst);
    let report = clock.finish("batch", in_force, interrupted, items);
    if let (Some(path), ReportFormat::Json) = (&args.report, args.report_format) {
        let mut bytes = Vec::new();
        report_json::write_report(&mut bytes, &report)?;
        write_to(path, &bytes)?;
    }
    if let (Some(path), Some(pictures)) = (&args.html, &observer.pictures) {
        let mut bytes: Vec<u8> = Vec::new();
        html::write_gallery(&mut bytes, &report, &mut |item| pictures.spool.get(&item.input).unwrap_or_default())?;
        write_to(path, &bytes)?;
    }
    if args.dry_run {
        for item in &report.items {
            let class = item.classification.as_ref().map_or(item.status.name(), |c| c.class.name());
            match &item.error {
                // With -q it was told as it happened.
                Some(failure) if !console.is_quiet() => console.failure(&item.input, failure),
                _ => console.say(format_args!("{} → {}: {class}", item.input, item.output.as_deref().unwrap_or(""))),
            }
        }
    } else if !console.is_quiet() {
        console.say(summary_text(&report).trim_end());
    }
    Ok(exit(&report, args, console))
}

/// How the run ended, with every gate that was met named.
fn exit(report: &RunReport, args: &BatchArgs, console: Console) -> Exit {
    let gates: Vec<Gate> = args.fail_under.map(Gate::quality_below).into_iter().chain(args.fail_if.clone()).collect();
    let mut met = 0;
    for item in report.items.iter().filter(|i| i.status == Status::Ok) {
        for gate in &gates {
            if let Some(value) = gate.met_by(item) {
                met += 1;
                console.error(format_args!("{}: {gate} ({})", item.input, figure(value)));
            }
        }
    }
    let any = |status: Status| report.items.iter().any(|i| i.status == status);
    if report.interrupted {
        Exit::Interrupted
    } else if any(Status::Failed) {
        Exit::Failed
    } else if met > 0 {
        Exit::Gate
    } else if !any(Status::Ok) && !any(Status::Planned) {
        Exit::Nothing
    } else {
        Exit::Ok
    }
}

/// A figure with the decimals that matter: counts have none.
fn figure(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.4}") }
}

/// What the run tells while it is under way.
struct Observing {
    progress: Progress,
    console: Console,
    lines: Mutex<Option<Box<dyn Write + Send>>>,
    broken: Mutex<Option<io::Error>>,
    pictures: Option<Pictures>,
}

impl Observer for Observing {
    fn finished(&self, report: &ItemReport) {
        // A picture that cannot be drawn for the page is left out of it: the item itself is done.
        let of = |pictures: &Pictures| catch_unwind(AssertUnwindSafe(|| pictures.of(report))).unwrap_or_default();
        if let Some(pictures) = &self.pictures
            && let Err(e) = pictures.spool.put(&report.input, &of(pictures))
        {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
        }
        self.progress.step(report.status == Status::Failed);
    }

    fn in_order(&self, report: &ItemReport) {
        if let Some(out) = &mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner)
            && let Err(e) = report_json::write_item_line(out, report).and_then(|()| out.flush())
            // A reader that has gone away (`| head`) has seen what it wanted; the images are still wanted.
            && e.kind() != io::ErrorKind::BrokenPipe
        {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
        }
        if let (Some(failure), true, Status::Failed) = (&report.error, self.console.is_quiet(), report.status) {
            // The summary lists failures; without it each is told on its own.
            self.console.failure(&report.input, failure);
        }
    }
}

fn open(path: &Path) -> Result<Box<dyn Write + Send>> {
    Ok(if is_dash(path) {
        Box::new(io::stdout())
    } else {
        let unwritable = |e: io::Error| Error::new(Code::OutputUnwritable, e.to_string()).at(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        Box::new(BufWriter::new(File::create(path).map_err(unwritable)?))
    })
}

/// The paths in a list file.
fn read_list(path: &Path, null: bool) -> Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    let read = if is_dash(path) {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|mut f| f.read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{}: the list cannot be read", path.display()))?;
    let separator = if null { b'\0' } else { b'\n' };
    let names = bytes.split(|b| *b == separator).map(|n| if null { n } else { n.strip_suffix(b"\r").unwrap_or(n) });
    Ok(names.filter(|n| !n.is_empty()).map(path_of).collect())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The record of something that could not be listed.
fn unlisted(error: &svg_ai::Error, options: &RunOptions) -> ItemReport {
    let mut item = svg_ai::pipeline::failed(error, &options.pipeline);
    item.input = error.subject().unwrap_or_default().to_string();
    item
}

/// The gallery's pictures, made while items finish and kept on disk until the page is written.
struct Pictures {
    page: PathBuf,
    limits: raster::Limits,
    spool: ImageSpool,
}

impl Pictures {
    fn new(page: &Path, options: &RunOptions) -> Result<Self> {
        let mut limits = options.pipeline.limits;
        limits.max_pixels = limits.max_pixels.min(GALLERY_MAX_PIXELS);
        let spool = ImageSpool::new_in(&std::env::temp_dir()).context("no room for the gallery's pictures")?;
        Ok(Self { page: page.to_path_buf(), limits, spool })
    }

    /// The pictures of one item; what cannot be shown is left out, the record says the rest.
    fn of(&self, item: &ItemReport) -> ItemImages {
        let mut out = ItemImages::default();
        let absolute = |p: &Path| std::path::absolute(p).ok();
        let href = |file: &str| html::relative_href(&absolute(&self.page)?, &absolute(Path::new(file))?);
        out.source_href = href(&item.input);
        let source = raster::read(Path::new(&item.input), &self.limits).ok().map(|d| d.raster);
        out.source = source.as_ref().and_then(|r| DataUri::thumbnail(r, html::THUMB_SIDE).ok());
        let shown = matches!(item.status, Status::Ok | Status::Skipped);
        let Some(output) = item.output.as_deref().filter(|_| shown) else { return out };
        out.svg_href = href(output);
        let Ok(svg) = std::fs::read(output) else { return out };
        out.svg = DataUri::svg(&svg).or_else(|| {
            let raster = source.as_ref()?;
            let drawn = score::render(&svg, raster.width(), raster.height(), score::Trust::Own).ok()?;
            DataUri::thumbnail(&drawn, html::THUMB_SIDE).ok()
        });
        if let Some(raster) = &source {
            let difference = score::difference(raster, &svg).ok();
            out.difference = difference.and_then(|d| DataUri::thumbnail(&d, html::THUMB_SIDE).ok());
        }
        out
    }
}
