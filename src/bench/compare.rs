//! Another tool on the same images, scored the same way.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

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

/// Runs `command` on every image of `corpus`, one at a time; `{in}` and `{out}` stand for the
/// files. No shell is involved.
///
/// # Errors
/// [`Code::OptionInvalid`] when the command cannot be read, lacks a place, or cannot be started.
pub fn compare(corpus: &Corpus, command: &str, limits: &Limits, set: MetricSet) -> Result<ToolFigures> {
    let invalid = |what: String| Error::new(Code::OptionInvalid, format!("--compare '{command}': {what}"));
    let words =
        shlex::split(command).filter(|w| !w.is_empty()).ok_or_else(|| invalid("unbalanced quotes, or empty".into()))?;
    if !words.iter().any(|w| w.contains("{in}")) || !words.iter().any(|w| w.contains("{out}")) {
        return Err(invalid("{in} and {out} must both occur".into()));
    }
    let folder = corpus.scratch();
    fs::create_dir_all(&folder).map_err(|e| Error::new(Code::OutputUnwritable, e.to_string()).at(&folder))?;
    let (mut quality, mut bytes, mut times, mut failed) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (i, job) in corpus.jobs.iter().enumerate() {
        let output = folder.join(format!("{i}.svg"));
        // A result of an earlier command must not pass for this one's.
        let _ = fs::remove_file(&output);
        let fill =
            |w: &String| w.replace("{in}", &job.input.to_string_lossy()).replace("{out}", &output.to_string_lossy());
        let start = Instant::now();
        let status = Command::new(fill(&words[0]))
            .args(words[1..].iter().map(fill))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|e| invalid(format!("it cannot be started: {e}")))?;
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let scored = status.success().then(|| {
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
    Ok(ToolFigures { command: command.into(), failed, group })
}
