//! `--merge`: the reports of all parts of a run, joined to one.

use std::path::Path;

use anyhow::{Result, bail};
use rayon::prelude::*;
use svg_ai::batch::Observer;
use svg_ai::report::json::{read_report, write_report};
use svg_ai::report::{RunReport, html, merge};
use svg_ai::{Code, Error};

use super::super::args::{BatchArgs, ReportFormat};
use super::super::console::Console;
use super::super::exit::Exit;
use super::super::options::{self, write_to};
use super::exit;
use super::observing::Observing;

/// Joins the reports, writes report and gallery of the whole, and ends as the whole run would have.
pub(super) fn run(args: &BatchArgs, console: Console) -> Result<Exit> {
    let (report_path, page) = (args.report.as_deref(), args.html.as_deref());
    if args.inputs.is_empty() {
        bail!("--merge: give the reports of all shards");
    }
    if args.report_format == ReportFormat::Jsonl {
        bail!("--merge writes json; lines of several runs are joined by `cat`");
    }
    if report_path.is_none() && page.is_none() {
        bail!("--merge: give a --report or --html to write");
    }
    options::one_standard_output(&[report_path, page])?;
    options::check_side_outputs(&[report_path, page], args.inputs.iter().map(|p| p.as_path()), std::iter::empty())?;
    let reports = args.inputs.iter().map(|path| Ok((path.display().to_string(), read(path)?)));
    let mut whole = merge::merge(reports.collect::<Result<_>>()?)?;
    for (name, path) in [("report", report_path), ("html", page)] {
        match path {
            Some(path) => whole.options.insert(name.into(), path.to_string_lossy().into()),
            None => whole.options.remove(name),
        };
    }
    if let Some(path) = report_path {
        let mut bytes = Vec::new();
        write_report(&mut bytes, &whole)?;
        write_to(path, &bytes)?;
    }
    if let Some(path) = page {
        let limits = options::decode_limits(&args.limits);
        let observer = Observing::new(whole.items.len(), None, Some(path), &limits, console, None)?;
        options::set_threads(args.jobs);
        whole.items.par_iter().for_each(|item| observer.finished(item));
        observer.finish()?;
        let mut bytes: Vec<u8> = Vec::new();
        html::write_gallery(&mut bytes, &whole, &mut |item| observer.pictures_of(item))?;
        write_to(path, &bytes)?;
    }
    console.summary(&whole);
    Ok(exit(&whole, args, console))
}

fn read(path: &Path) -> Result<RunReport> {
    let bytes = std::fs::read(path).map_err(|e| Error::new(Code::ReportInvalid, e.to_string()).at(path))?;
    Ok(read_report(&bytes).map_err(|e| e.at(path))?)
}
