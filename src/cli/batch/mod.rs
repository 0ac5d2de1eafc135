//! `svg-ai batch`: files and folders, in parallel.

mod merge;
mod observing;
mod prune;
mod watch;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use svg_ai::batch::{self, Filter, Journal, Naming, Observer, Oversized, RunOptions};
use svg_ai::cloud::{self, is_url};
use svg_ai::output::{IfExists, folder_of, remove_leftovers};
use svg_ai::report::gate::Gate;
use svg_ai::report::html;
use svg_ai::report::json as report_json;
use svg_ai::report::records::Records;
use svg_ai::report::run::RunClock;
use svg_ai::report::{ItemReport, RunReport, Status};

use super::args::{BatchArgs, OversizedArg, ReportFormat, SvgArg};
use super::console::Console;
use super::exit::Exit;
use super::monitoring::Monitor;
use super::options::{self, is_dash, write_to_with};
use super::{places, sandbox};
use observing::Observing;

/// Name of the journal in the output folder, where there is no report to be beside of. Hidden, so that it
/// is not published with the drawings.
const JOURNAL_NAME: &str = ".svg-ai.journal";

pub(crate) fn run(
    args: &BatchArgs,
    mut in_force: BTreeMap<String, Value>,
    console: Console,
    monitor: Option<&Monitor>,
) -> Result<Exit> {
    if let Some(gate) = args.fail_if.iter().find(|g| args.trace.no_score && g.needs_score()) {
        bail!("--fail-if '{gate}' needs the score that --no-score leaves out");
    }
    if args.merge {
        return merge::run(args, console);
    }
    // Not left to the parser, which would want it for --print-config too.
    if args.inputs.is_empty() && args.files_from.is_none() {
        bail!("give images and folders, or --files-from");
    }
    let Some(output) = args.output.as_deref() else { bail!("give a folder for the SVGs: --output DIR") };
    let lines = (args.report_format == ReportFormat::Jsonl).then(|| args.report.as_deref().unwrap_or(Path::new("-")));
    let metrics = monitor.map(Monitor::file);
    options::one_standard_output(&[lines.or(args.report.as_deref()), args.html.as_deref(), metrics])?;
    let run_options = RunOptions {
        pipeline: options::pipeline(&args.trace, &args.limits)?,
        svg: match args.svg {
            SvgArg::Skip => None,
            SvgArg::Shrink => Some(options::shrink(&args.shrink, &args.limits)?),
        },
        jobs: args.jobs,
        if_exists: options::if_exists(args.if_exists),
        memory: args.memory,
        oversized: match args.oversized {
            OversizedArg::Alone => Oversized::Alone,
            OversizedArg::Refuse => Oversized::Refuse,
        },
        // One that is further off than clocks can tell is none.
        deadline: args.deadline.and_then(|time| Instant::now().checked_add(time)),
    };
    if (args.resume || args.watch) && run_options.if_exists != IfExists::Overwrite {
        let name = if args.watch { "--watch" } else { "--resume" };
        bail!("{name} decides by the journal which outputs are left as they are: leave --if-exists out");
    }
    if args.watch {
        watch::check(args)?;
    }
    in_force.remove("tier");
    in_force.insert("quality".into(), run_options.pipeline.tier.name().into());
    in_force.insert("no-score".into(), args.trace.no_score.into());
    // As they were settled: what was typed may have had more in it than a report may have.
    for (name, place) in [("output", &args.output), ("base", &args.base)] {
        if let Some(url) = place.as_deref().filter(|path| is_url(path)) {
            in_force.insert(name.into(), url.to_string_lossy().into());
        }
    }
    let clock = RunClock::new();
    let mut roots = args.inputs.clone();
    if let Some(list) = &args.files_from {
        roots.extend(places::settle_list(read_list(list, args.null)?)?);
        if roots.iter().any(|root| is_url(root)) {
            places::refuse_with_urls(args)?;
        }
    }
    let batch = Batch { args, options: run_options, in_force, roots, output, lines, console, monitor };
    if args.watch {
        return watch::watch(args, &batch.roots, console, &mut |stop, first| {
            batch.run(RunClock::new(), Some(stop), first)
        });
    }
    batch.run(clock, None, true)
}

/// What a run is asked to do.
struct Batch<'a> {
    args: &'a BatchArgs,
    options: RunOptions,
    /// Every option with its value, for the report.
    in_force: BTreeMap<String, Value>,
    roots: Vec<PathBuf>,
    output: &'a Path,
    /// Where records go as they finish.
    lines: Option<&'a Path>,
    console: Console,
    monitor: Option<&'a Monitor>,
}

impl Batch<'_> {
    /// Finds, converts, and reports. `stop` is the flag of whoever runs it again and again, else it makes its
    /// own once nobody is asked anything any more; all but the `first` of several say only what is new.
    fn run(&self, clock: RunClock, stop: Option<&Arc<AtomicBool>>, first: bool) -> Result<Exit> {
        let Self { args, options: run_options, roots, output, lines, console, .. } = self;
        let (args, output, lines, console) = (*args, *output, *lines, *console);
        let metrics = self.monitor.map(Monitor::file);
        let filter = Filter::new(&args.include, &args.exclude, !args.no_recursive, Some(output))?
            .with_svgs(run_options.svg.is_some());
        let mut found = batch::discover(roots, &filter);
        for path in &found.ignored {
            console.detail(format_args!("{}: not an image", path.display()));
        }
        let naming = if args.keep_extension { Naming::Append } else { Naming::Replace };
        let files = match &args.base {
            Some(base) => batch::below(found.files, base)?,
            None => found.files,
        };
        let mut jobs = batch::plan(&files, output, naming)?;
        let whole_is_empty = jobs.is_empty() && found.errors.is_empty();
        let shard = args.shard.map(|shard| shard.keep(&mut jobs, &mut found.errors, output));
        let unlisted: Vec<ItemReport> = found.errors.iter().map(|e| unlisted(e, run_options)).collect();
        // A watched folder may become empty: then the report has to say so.
        if whole_is_empty && (first || !args.watch) {
            console.say(format_args!("nothing to do: no images among {} inputs", roots.len()));
            return Ok(Exit::Nothing);
        }

        let list = args.files_from.as_deref().filter(|p| !is_dash(p));
        let journal_path = journal_path(args, output);
        options::check_side_outputs(
            &[lines.or(args.report.as_deref()), args.html.as_deref(), journal_path.as_deref(), metrics],
            jobs.iter().map(|j| j.input.as_path()).chain(list),
            jobs.iter().filter_map(|j| j.output.as_deref()),
        )?;
        let open_journal = if args.dry_run { Journal::look } else { Journal::open };
        let resume = (args.resume || args.watch) && !(args.force && first);
        let place = journal_path.clone();
        let journal = journal_path.map(|path| open_journal(&path, output, resume)).transpose()?;
        if let Some(journal) = journal.as_ref().filter(|_| args.prune) {
            prune::prune(args, roots, &files, &jobs, journal, console)?;
        }
        if (args.resume || args.watch) && !args.dry_run {
            // The journal is ours alone now, and so are these.
            let side = [args.report.as_deref(), args.html.as_deref()].into_iter().flatten();
            remove_leftovers(jobs.iter().filter_map(|j| j.output.as_deref()).chain(side));
        }

        if is_url(output) && (args.resume || run_options.if_exists != IfExists::Overwrite) {
            // In one go, rather than asked for each.
            cloud::learn(output)?;
        }
        if args.sandbox {
            let spool = std::env::temp_dir();
            // The gallery's pictures wait beside it, the records in the folder of the drawings. A dry run makes no
            // folder, and writes in those of its report and gallery only.
            let drawings = (!args.dry_run).then_some(output);
            let report = args.report.as_deref().filter(|path| args.dry_run && !is_dash(path)).map(folder_of);
            let gallery = args.html.as_deref().map(|page| if is_dash(page) { &*spool } else { folder_of(page) });
            let folders: Vec<&Path> = drawings.into_iter().chain(report).chain(gallery).collect();
            let journal = place.as_deref().filter(|_| !args.dry_run);
            let files = [lines.or(args.report.as_deref()), args.html.as_deref(), journal, metrics];
            sandbox::lock_in(roots.iter().map(PathBuf::as_path), &folders, &files)?;
        }
        let stop = stop.cloned().unwrap_or_else(options::stop_flag);
        let limits = &run_options.pipeline.limits;
        let observer = Observing::new(jobs.len(), lines, args.html.as_deref(), limits, console, self.monitor)?;
        // Where the report will take the same room, rather than in what may be memory (/tmp).
        let side = [args.report.as_deref(), args.html.as_deref()].into_iter().flatten();
        let side = side.filter(|_| !args.sandbox || args.dry_run).find(|path| !is_dash(path));
        let temporary = std::env::temp_dir();
        let beside = if is_url(output) { &temporary } else { output };
        let mut records = Records::new_in(side.map_or(beside, folder_of));
        for (index, item) in unlisted.iter().enumerate() {
            observer.worked(item);
            observer.in_order(item);
            records.put(index, item);
        }
        let work = if args.dry_run { batch::dry_run } else { batch::run };
        let reused = work(&jobs, run_options, journal.as_ref(), &stop, &observer, &records)?;
        observer.finish()?;
        // As the lines of a jsonl report are.
        records.sort();

        let interrupted = stop.load(Ordering::SeqCst);
        let mut report = clock.finish("batch", self.in_force.clone(), interrupted, records, reused);
        report.shard = shard;
        if let Some(monitor) = self.monitor {
            monitor.ended(&report.summary);
        }
        if let (Some(path), ReportFormat::Json) = (&args.report, args.report_format) {
            write_to_with(path, |out| report_json::write_report(out, &report))?;
        }
        if let Some(path) = &args.html {
            write_to_with(path, |out| html::write_gallery(out, &report, &mut |item| observer.pictures_of(item)))?;
        }
        if let Some(journal) = &journal {
            journal.check()?;
        }
        if args.dry_run {
            for record in report.items.iter() {
                let item = record.read()?;
                let class = item.classification.as_ref().map_or(item.status.name(), |c| c.class.name());
                match &item.error {
                    // With -q it was told as it happened.
                    Some(failure) if !console.is_quiet() => console.failure(&item.input, failure),
                    _ => {
                        console.say(format_args!("{} → {}: {class}", item.input, item.output.as_deref().unwrap_or("")))
                    }
                }
            }
        } else if !first {
            news(&report, console)?;
        } else if !console.is_quiet() {
            console.summary(&report);
        }
        let left = report.summary.count(Status::NotStarted);
        if left > 0 && !report.interrupted {
            console.error(format_args!(
                "the deadline came before {left} of {} images; --resume does the rest",
                report.items.len()
            ));
        }
        exit(&report, args, console)
    }
}

/// What a round of `--watch` did, if it did anything.
fn news(report: &RunReport<Records>, console: Console) -> Result<()> {
    let s = &report.summary;
    let (converted, failed) = (s.count(Status::Ok) - s.reused, s.count(Status::Failed));
    // With -q each was told as it happened.
    for record in report.items.iter().filter(|i| !console.is_quiet() && i.figures().status == Status::Failed) {
        if let Some(failure) = record.read()?.error {
            console.failure(record.input(), &failure);
        }
    }
    if converted + failed > 0 {
        let all = report.items.len();
        console.say(format_args!("{converted} converted, {failed} failed, {all} in all"));
    }
    Ok(())
}

/// Where the journal is: where the user wants it, or beside a report that is a file, or in the output
/// folder; `None` when nobody wants one.
fn journal_path(args: &BatchArgs, output: &Path) -> Option<PathBuf> {
    if let Some(path) = &args.journal {
        return Some(path.clone());
    }
    let is_device = |path: &Path| fs::metadata(path).is_ok_and(|meta| !meta.is_file());
    match args.report.as_deref().filter(|path| !is_dash(path) && !is_device(path)) {
        Some(report) => {
            let mut path = report.to_path_buf().into_os_string();
            path.push(".journal");
            Some(path.into())
        }
        None => (args.resume || args.prune || args.watch).then(|| output.join(JOURNAL_NAME)),
    }
}

/// How the run ended, with every gate that was met named.
fn exit(report: &RunReport<Records>, args: &BatchArgs, console: Console) -> Result<Exit> {
    let gates: Vec<Gate> = args.fail_under.map(Gate::quality_below).into_iter().chain(args.fail_if.clone()).collect();
    let mut met = 0;
    for record in report.items.iter().filter(|i| !gates.is_empty() && i.figures().status == Status::Ok) {
        let item = record.read()?;
        for gate in &gates {
            if let Some(value) = gate.met_by(&item) {
                met += 1;
                console.error(format_args!("{}: {gate} ({})", item.input, figure(value)));
            }
        }
    }
    let any = |status| report.summary.count(status) > 0;
    Ok(if report.interrupted {
        Exit::Interrupted
    } else if any(Status::Failed) || any(Status::NotStarted) {
        Exit::Failed
    } else if met > 0 {
        Exit::Gate
    } else if report.items.is_empty() && report.shard.is_some() {
        // Nothing fell to this part; the whole run has something to do.
        Exit::Ok
    } else if !any(Status::Ok) && !any(Status::Planned) {
        Exit::Nothing
    } else {
        Exit::Ok
    })
}

/// A figure with the decimals that matter: counts have none.
fn figure(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.4}") }
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
