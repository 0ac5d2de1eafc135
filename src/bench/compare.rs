//! Another tool on the same images, scored the same way.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::Corpus;
use crate::raster::{self, Limits};
use crate::report::{Group, Percentiles};
use crate::score::{MetricSet, Reference, Trust};
use crate::{Code, Error, Result};

/// Figures of another tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ToolFigures {
    /// The command.
    pub command: String,
    /// Images for which it wrote no SVG that could be scored.
    pub failed: usize,
    /// Quality, bytes, and the time of the whole process.
    #[serde(flatten)]
    pub group: Group,
}

/// Longest that another tool may take over one image: a minute more than our own best tier.
const TOOL_TIME: Duration = Duration::from_secs(75);

/// How often it is looked whether a tool has ended; times are no finer than this.
const TOOL_POLL: Duration = Duration::from_millis(1);

/// Another tool, as typed: its words, with places for the files.
#[derive(Debug, Clone)]
pub struct Tool {
    command: String,
    words: Vec<String>,
}

impl std::str::FromStr for Tool {
    type Err = Error;

    /// # Errors
    /// [`Code::OptionInvalid`] when the command cannot be read or lacks a place.
    fn from_str(command: &str) -> Result<Self> {
        let invalid = |what: &str| Error::new(Code::OptionInvalid, format!("'{command}': {what}"));
        let words = shlex::split(command).filter(|words| words.first().is_some_and(|w| !w.is_empty()));
        let words = words.ok_or_else(|| invalid("unbalanced quotes, or empty"))?;
        if !words.iter().any(|w| w.contains("{in}")) || !words.iter().any(|w| w.contains("{out}")) {
            return Err(invalid("{in} and {out} must both occur"));
        }
        Ok(Self { command: command.into(), words })
    }
}

impl Tool {
    /// Runs it on one image; whether it ended well. No shell is involved.
    fn run(&self, input: &Path, output: &Path) -> Result<bool> {
        let fill = |w: &String| w.replace("{in}", &input.to_string_lossy()).replace("{out}", &output.to_string_lossy());
        let invalid =
            |e: io::Error| Error::new(Code::OptionInvalid, format!("'{}': it cannot be run: {e}", self.command));
        let start = Instant::now();
        let mut child = Command::new(fill(&self.words[0]))
            .args(self.words[1..].iter().map(fill))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(invalid)?;
        loop {
            if let Some(status) = child.try_wait().map_err(invalid)? {
                return Ok(status.success());
            }
            if start.elapsed() > TOOL_TIME {
                // It may have ended just now, which is as good.
                let _ = child.kill();
                let _ = child.wait();
                return Ok(false);
            }
            std::thread::sleep(TOOL_POLL);
        }
    }
}

/// Runs `tool` on every image of `corpus`, one at a time. One that takes longer than 75 s over an image
/// is ended and has failed on it.
///
/// # Errors
/// [`Code::OptionInvalid`] when the tool cannot be started; [`Code::RunInterrupted`] when `stop` was set.
pub fn compare(
    corpus: &Corpus,
    tool: &Tool,
    limits: &Limits,
    set: MetricSet,
    stop: &AtomicBool,
) -> Result<ToolFigures> {
    let folder = corpus.scratch();
    fs::create_dir_all(&folder).map_err(|e| Error::new(Code::OutputUnwritable, e.to_string()).at(&folder))?;
    let (mut quality, mut bytes, mut times, mut failed) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (i, job) in corpus.jobs.iter().enumerate() {
        if stop.load(Ordering::SeqCst) {
            return Err(Error::new(Code::RunInterrupted, "stopped before the figures were complete"));
        }
        let output = folder.join(format!("{i}.svg"));
        // A result of an earlier command must not pass for this one's.
        let _ = fs::remove_file(&output);
        let start = Instant::now();
        let done = tool.run(&job.input, &output)?;
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let scored = done.then(|| {
            let svg = fs::read(&output).ok()?;
            let decoded = raster::read(&job.input, limits).ok()?;
            Reference::new(&decoded.raster, set).measure(&svg, Trust::Foreign, Some(decoded.source.bytes)).ok()
        });
        match scored.flatten() {
            Some(m) => {
                quality.push(m.quality);
                bytes.push(m.economy.bytes as f64);
                times.push(ms);
            }
            None => failed += 1,
        }
    }
    let group = Group {
        items: quality.len(),
        quality: Percentiles::of(quality),
        bytes: Percentiles::of(bytes),
        ms: Percentiles::of(times),
    };
    Ok(ToolFigures { command: tool.command.clone(), failed, group })
}
