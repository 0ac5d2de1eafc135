//! `--metrics-file`: what a batch did, as Prometheus metrics.
//!
//! The file is written when the run has ended, also when it ended with an error; a process that is killed
//! leaves it as it was, which the alert for a job that is late notices.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Result, bail};
use svg_ai::report::metrics::{FIRST_LINE, MAX_EARLIER_BYTES, RunEnd, RunMetrics};
use svg_ai::report::{ItemReport, Summary};
use svg_ai::{Code, Error};

use super::args::BatchArgs;
use super::exit::Exit;
use super::options::{is_dash, write_to};

/// Counts a run for its metrics.
pub(crate) struct Monitor {
    file: PathBuf,
    before: Option<String>,
    started: SystemTime,
    metrics: Mutex<RunMetrics>,
    summary: Mutex<Option<Summary>>,
}

/// Does `work`, and writes its metrics if they are wanted.
pub(crate) fn watched(args: &BatchArgs, work: impl FnOnce(Option<&Monitor>) -> Result<Exit>) -> Result<Exit> {
    // From a configuration file they may be wanted for all runs: these two have none.
    let Some(file) = args.metrics_file.as_deref().filter(|_| !args.dry_run && !args.merge) else {
        return work(None);
    };
    let monitor = Monitor::new(file)?;
    let result = work(Some(&monitor));
    let exit = result.as_ref().map_or_else(super::exit_of_error, |exit| *exit);
    let written = monitor.write(exit);
    // What stopped the run says more than what stopped its metrics.
    result.and_then(|exit| written.map(|()| exit))
}

impl Monitor {
    /// Refuses a file that is there already and is none of ours: it is not replaced.
    fn new(file: &Path) -> Result<Self> {
        Ok(Self {
            file: file.to_path_buf(),
            before: earlier(file)?,
            started: SystemTime::now(),
            metrics: Mutex::new(RunMetrics::new(file)),
            summary: Mutex::new(None),
        })
    }

    /// Where the metrics go.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// An item was done by this run.
    pub(crate) fn add(&self, item: &ItemReport) {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).add(item);
    }

    /// The run is over, in these figures.
    pub(crate) fn ended(&self, summary: &Summary) {
        *self.summary.lock().unwrap_or_else(PoisonError::into_inner) = Some(summary.clone());
    }

    fn write(&self, exit: Exit) -> Result<()> {
        let summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        let end = RunEnd {
            exit_code: exit as u8,
            started: self.started,
            ended: SystemTime::now(),
            summary: summary.as_ref(),
        };
        let metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        write_to(&self.file, metrics.text(self.before.as_deref(), &end).as_bytes())
    }
}

/// The text of an earlier run; `None` when there is none.
fn earlier(file: &Path) -> Result<Option<String>> {
    if is_dash(file) {
        return Ok(None);
    }
    let unreadable = |e: std::io::Error| Error::new(Code::OutputUnwritable, e.to_string()).at(file);
    let open = match File::open(file) {
        Ok(open) if open.metadata().is_ok_and(|meta| meta.is_file()) => open,
        Ok(_) => return Ok(None),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(e).into()),
    };
    let mut bytes = Vec::new();
    open.take(MAX_EARLIER_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    if !bytes.is_empty() && !bytes.starts_with(FIRST_LINE.as_bytes()) {
        bail!("--metrics-file {}: that is no metrics file of svg-ai's; name another, or remove it", file.display());
    }
    Ok(String::from_utf8(bytes).ok())
}
