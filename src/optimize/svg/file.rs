//! One SVG file to a smaller one, as the pipeline does it with an image: whatever happens is in the
//! record, and the output is whole or untouched.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use super::{Options, Shrunk, shrink};
use crate::output::{IfExists, deliver, exists};
use crate::pipeline::{Job, Outcome, came_meanwhile, check_output};
use crate::report::host::peak_memory;
use crate::report::{ItemReport, Source, Status};
use crate::{Code, Error, Result, cloud};

/// Whether a file is an SVG by its name.
pub fn is_svg_name(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"))
}

/// Reads, shrinks and writes one file. Failures are in the record.
pub fn shrink_file(job: &Job, options: &Options, if_exists: IfExists) -> Outcome {
    shrink_source(job, || read_bytes(&job.input, options.max_file_bytes), options, if_exists, shrink)
}

/// [`shrink_file`] for bytes that `source` reads (from standard input, say), shrunk by `how` ([`shrink`], wherever it
/// is done).
pub fn shrink_source(
    job: &Job,
    source: impl FnOnce() -> Result<Vec<u8>>,
    options: &Options,
    if_exists: IfExists,
    how: impl FnOnce(&[u8], &Options) -> Result<Shrunk>,
) -> Outcome {
    let start = Instant::now();
    let mut report = ItemReport::new(job.input.to_string_lossy(), Status::Ok);
    let output = job.output.as_deref();
    if let (Some(path), IfExists::Skip) = (output, if_exists)
        && exists(path).unwrap_or(false)
        && check_output(&job.input, path, IfExists::Overwrite).is_ok()
    {
        report.status = Status::Skipped;
        report.output = Some(path.to_string_lossy().into_owned());
        report.warnings.push("the output exists already (--if-exists skip)".into());
        return Outcome { svg: None, report };
    }
    let work = || -> Result<String> {
        if let Some(path) = output {
            check_output(&job.input, path, if_exists)?;
        }
        let bytes = source()?;
        report.times.decode_ms = start.elapsed().as_secs_f64() * 1e3;
        let shrunk = how(&bytes, options)?;
        if let Some((width, height)) = shrunk.size {
            let bytes = bytes.len() as u64;
            report.source = Some(Source { format: "svg".into(), bytes, width, height, has_alpha: true });
        }
        report.shrink = Some(shrunk.report);
        report.warnings = shrunk.warnings;
        let writing = Instant::now();
        if let Some(path) = output {
            if !deliver(path, &shrunk.svg, if_exists)? {
                return Err(came_meanwhile());
            }
            report.output = Some(path.to_string_lossy().into_owned());
        }
        report.times.write_ms = writing.elapsed().as_secs_f64() * 1e3;
        String::from_utf8(shrunk.svg).map_err(|e| Error::new(Code::SvgInvalid, e.to_string()))
    };
    let result = work();
    let svg = match result {
        Ok(svg) => Some(svg),
        Err(error) => {
            report.status = Status::Failed;
            report.error = Some((&error).into());
            None
        }
    };
    report.times.total_ms = start.elapsed().as_secs_f64() * 1e3;
    report.peak_memory_bytes = peak_memory();
    Outcome { svg, report }
}

/// The bytes of a file of at most `limit` bytes.
pub(crate) fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>> {
    if cloud::is_url(path) {
        return cloud::read(path, limit);
    }
    let unreadable = |e: std::io::Error| {
        let code = if e.kind() == std::io::ErrorKind::NotFound { Code::InputNotFound } else { Code::InputUnreadable };
        Error::new(code, e.to_string()).at(path)
    };
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file at the limit from one over it.
    File::open(path).map_err(unreadable)?.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(Error::new(Code::InputTooLarge, format!("the limit is {limit} bytes")).at(path));
    }
    Ok(bytes)
}
