//! `--merge`: the reports of all parts of a run, joined to one.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Result, bail};
use rayon::prelude::*;
use svg_ai::batch::Observer;
use svg_ai::report::json::{read_items, write_report};
use svg_ai::report::records::Records;
use svg_ai::report::{RunReport, html, merge};
use svg_ai::{Code, Error};

use super::super::args::{BatchArgs, ReportFormat};
use super::super::console::Console;
use super::super::exit::Exit;
use super::super::options::{self, is_dash, write_to_with};
use super::observing::Observing;
use super::{exit, folder_of};

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
    let side = report_path.or(page).filter(|path| !is_dash(path));
    let records = Records::new_in(&side.map_or_else(std::env::temp_dir, |path| folder_of(path).to_path_buf()));
    let reports = args.inputs.iter().map(|path| Ok((path.display().to_string(), read(path, &records)?)));
    let mut whole = merge::merge(reports.collect::<Result<_>>()?, records)?;
    for (name, path) in [("report", report_path), ("html", page)] {
        match path {
            Some(path) => whole.options.insert(name.into(), path.to_string_lossy().into()),
            None => whole.options.remove(name),
        };
    }
    if let Some(path) = report_path {
        write_to_with(path, |out| write_report(out, &whole))?;
    }
    if let Some(path) = page {
        let limits = options::decode_limits(&args.limits);
        let observer = Observing::new(whole.items.len(), None, Some(path), &limits, console, None)?;
        options::set_threads(args.jobs);
        let records = (0..whole.items.len()).into_par_iter().filter_map(|index| whole.items.get(index));
        records.map(|record| record.read().map(|item| observer.finished(&item))).collect::<svg_ai::Result<()>>()?;
        observer.finish()?;
        write_to_with(path, |out| html::write_gallery(out, &whole, &mut |item| observer.pictures_of(item)))?;
    }
    console.summary(&whole);
    exit(&whole, args, console)
}

/// A report, without its records, which go to the others.
fn read(path: &Path, records: &Records) -> Result<RunReport<()>> {
    let file = File::open(path).map_err(|e| Error::new(Code::ReportInvalid, e.to_string()).at(path))?;
    let mut keep = |item| records.put(records.len(), &item);
    Ok(read_items(BufReader::new(file), &mut keep).map_err(|e| e.at(path))?)
}
