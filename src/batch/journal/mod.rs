//! What earlier runs did, so that a later one need not do it again.
//!
//! The journal is a file of lines that is only appended to: one line of JSON for each item that was
//! done, written when its output is whole and in place. It names the output, the absolute path and the
//! hash of the input, the hash of the options, the versions, the hash of the output, and has the whole
//! record of the report. The last line about an output counts. [`Journal::known`] says whether all of
//! that still holds; only then is an item left alone.
//!
//! A process that is killed loses at most the lines of the items it was at, whose outputs are then made
//! again. A line that was cut off, or is damaged otherwise, is no line; the next is begun on a fresh one.
//! Lines are not synced: after a power cut, what is missing is done again.
//!
//! One run at a time has a journal, which the lock on its file sees to. Where most lines no longer
//! count, they are left out when it is opened next, into a new file that replaces the old.

mod line;
mod mark;

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::output::{identity, part_of};
use crate::pipeline::Job;
use crate::report::run::components;
use crate::report::{ItemReport, Status};
use crate::{Code, Error, Result};
use line::{Done, Line, path_of, spell};
use mark::Still;
pub(super) use mark::{Mark, Stamp};

/// Lines that no longer count and are left in the file all the same: fewer are not worth the writing.
const IDLE_LINES: usize = 1000;

/// Lines that are read before they are parsed on all processors, so that the text of a journal of
/// millions is never in memory as a whole.
const LINES_AT_ONCE: usize = 4096;

/// The journal of a run.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// The folder that outputs are named below.
    folder: PathBuf,
    tool: String,
    /// Whether what is known is left alone, rather than done again.
    resume: bool,
    known: Mutex<HashMap<String, Done>>,
    /// `None`: nothing is to be written.
    out: Option<Mutex<Appender>>,
    /// The file that the present one replaced: its lock is held too, for those who have opened it.
    _replaced: Option<File>,
}

#[derive(Debug)]
struct Appender {
    file: File,
    /// The last line may be without an end.
    torn: bool,
    trouble: Option<io::Error>,
}

/// An output of an earlier run whose input is gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orphan {
    /// The output.
    pub output: PathBuf,
    key: String,
}

impl Journal {
    /// Opens the journal at `path`, which is made if need be, for outputs below `folder`. With `resume`,
    /// what it says is done is left alone.
    ///
    /// # Errors
    /// [`Code::RunBusy`] when another run has it, [`Code::OutputUnwritable`] when it cannot be read and
    /// appended to.
    pub fn open(path: &Path, folder: &Path, resume: bool) -> Result<Self> {
        let unwritable = |e: io::Error| Error::new(Code::OutputUnwritable, format!("the journal: {e}")).at(path);
        let above = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(above).map_err(unwritable)?;
        let file = File::options().read(true).append(true).create(true).open(path).map_err(unwritable)?;
        lock(&file).map_err(|e| e.at(path))?;
        let (known, lines, torn) = read(&file).map_err(unwritable)?;
        let (file, replaced, torn) = if lines > 2 * known.len() + IDLE_LINES {
            (compacted(path, above, &known).map_err(unwritable)?, Some(file), false)
        } else {
            (file, None, torn)
        };
        let out = Some(Mutex::new(Appender { file, torn, trouble: None }));
        Ok(Self { _replaced: replaced, ..Self::new(path, folder, resume, known, out) })
    }

    /// The journal at `path` for looking only, as it is now; none is an empty one.
    ///
    /// # Errors
    /// [`Code::OutputUnwritable`] when it cannot be read.
    pub fn look(path: &Path, folder: &Path, resume: bool) -> Result<Self> {
        let known = match File::open(path).and_then(|file| read(&file)) {
            Ok((known, ..)) => known,
            Err(e) if e.kind() == io::ErrorKind::NotFound => HashMap::new(),
            Err(e) => return Err(Error::new(Code::OutputUnwritable, format!("the journal: {e}")).at(path)),
        };
        Ok(Self::new(path, folder, resume, known, None))
    }

    fn new(
        path: &Path,
        folder: &Path,
        resume: bool,
        known: HashMap<String, Done>,
        out: Option<Mutex<Appender>>,
    ) -> Self {
        let versions = components().into_iter().map(|(name, version)| format!(" {name} {version}"));
        let tool = std::iter::once(env!("CARGO_PKG_VERSION").to_string()).chain(versions).collect();
        let (path, folder) = (path.to_path_buf(), folder.to_path_buf());
        Self { path, folder, tool, resume, known: Mutex::new(known), out, _replaced: None }
    }

    /// The record of `job` from an earlier run, when it succeeded with the same options (by their hash)
    /// and version, the input has the same content, and the output is still what was written then.
    pub(super) fn known(&self, job: &Job, options: &str) -> Option<ItemReport> {
        if !self.resume {
            return None;
        }
        let output = job.output.as_deref()?;
        let key = self.key(output);
        let mut done = self.locked().remove(&key)?;
        if done.item.status != Status::Ok || done.options != options || done.tool != self.tool {
            return None;
        }
        let mut touched = false;
        for (mark, path) in [(&mut done.read, job.input.as_path()), (&mut done.written, output)] {
            match mark.as_ref()?.still(path) {
                Still::Same => {}
                Still::Touched(now) => {
                    *mark = Some(now);
                    touched = true;
                }
                Still::Other => return None,
            }
        }
        done.item.input = job.input.to_string_lossy().into_owned();
        done.item.output = Some(output.to_string_lossy().into_owned());
        if touched {
            self.append(&Line { output: key, done: Some(done.clone()) });
        }
        Some(done.item)
    }

    /// Notes what became of `job`: `read` is the input as it was decoded, `written` the output as it is.
    pub(super) fn note(&self, job: &Job, options: &str, read: Option<Mark>, written: Option<Mark>, item: &ItemReport) {
        let Some(output) = job.output.as_deref().filter(|_| self.out.is_some()) else { return };
        let input = spell(&std::path::absolute(&job.input).unwrap_or_else(|_| job.input.clone()));
        let (options, tool, item) = (options.to_string(), self.tool.clone(), item.clone());
        let done = Done { input, options, tool, read, written, item };
        self.append(&Line { output: self.key(output), done: Some(done) });
    }

    /// Outputs of earlier runs, still as they were written, that none of `jobs` writes and whose inputs
    /// are gone, in order.
    pub fn orphans(&self, jobs: &[Job]) -> Vec<Orphan> {
        let planned: BTreeSet<String> = jobs.iter().filter_map(|j| j.output.as_deref()).map(|o| self.key(o)).collect();
        let gone = |path: &Path| path.symlink_metadata().is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        let mut orphans: Vec<Orphan> = self
            .locked()
            .iter()
            .filter(|(key, done)| !planned.contains(*key) && path_of(&done.input).is_some_and(|input| gone(&input)))
            .filter_map(|(key, done)| {
                let output = self.folder.join(path_of(key)?);
                let own = !matches!(done.written.as_ref()?.still(&output), Still::Other);
                own.then(|| Orphan { output, key: key.clone() })
            })
            .collect();
        if !orphans.is_empty() {
            // One file under two names, by a link or a file system that does not tell A from a.
            let wanted: BTreeSet<PathBuf> = jobs.iter().filter_map(|j| j.output.as_deref()).map(identity).collect();
            orphans.retain(|o| !wanted.contains(&identity(&o.output)));
        }
        orphans.sort();
        orphans
    }

    /// Deletes an orphan, and the folders of the output folder that are empty then.
    ///
    /// # Errors
    /// [`Code::OutputUnwritable`] when it cannot be deleted.
    pub fn delete(&self, orphan: &Orphan) -> Result<()> {
        let output = &orphan.output;
        let failed = |e: io::Error| Error::new(Code::OutputUnwritable, format!("not deleted: {e}")).at(output);
        fs::remove_file(output).map_err(failed)?;
        for folder in output.ancestors().skip(1).take_while(|f| *f != self.folder && f.starts_with(&self.folder)) {
            // One that is not empty refuses.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        self.locked().remove(&orphan.key);
        self.append(&Line { output: orphan.key.clone(), done: None });
        Ok(())
    }

    /// What went wrong with writing the journal, if anything did: the outputs are whole, but some of the
    /// items will be done again by the next run.
    ///
    /// # Errors
    /// [`Code::OutputUnwritable`].
    pub fn check(&self) -> Result<()> {
        let trouble = self.out.as_ref().and_then(|out| unpoisoned(out).trouble.take());
        trouble.map_or(Ok(()), |e| {
            let what = format!("the journal: {e}; some items will be done again");
            Err(Error::new(Code::OutputUnwritable, what).at(&self.path))
        })
    }

    /// The name of an output in the journal: it stays the same when the folders move together.
    fn key(&self, output: &Path) -> String {
        spell(output.strip_prefix(&self.folder).unwrap_or(output))
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Done>> {
        unpoisoned(&self.known)
    }

    fn append(&self, line: &Line) {
        let Some(out) = &self.out else { return };
        let mut out = unpoisoned(out);
        let written = text_of(line).and_then(|text| {
            if out.torn {
                out.file.write_all(b"\n")?;
            }
            out.torn = true;
            out.file.write_all(&text)
        });
        match written {
            Ok(()) => out.torn = false,
            Err(e) => _ = out.trouble.get_or_insert(e),
        }
    }
}

/// The hash of options, from all that their debug form shows: a field that is added later counts too.
pub(super) fn hash_of_options(options: &impl std::fmt::Debug) -> String {
    mark::sha256(format!("{options:?}").as_bytes())
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Plain data that is changed in single steps: a panic elsewhere cannot leave it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks `file`. Some network file systems have no locks: better without than not at all.
fn lock(file: &File) -> Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::new(Code::RunBusy, "another run has this journal")),
        Err(TryLockError::Error(_)) | Ok(()) => Ok(()),
    }
}

/// What the last line about each output says, how many lines there are, and whether the last has no end.
fn read(file: &File) -> io::Result<(HashMap<String, Done>, usize, bool)> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (mut known, mut count, mut torn) = (HashMap::new(), 0, false);
    loop {
        let mut lines = Vec::with_capacity(LINES_AT_ONCE);
        while lines.len() < LINES_AT_ONCE {
            let mut line = Vec::new();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            torn = line.last() != Some(&b'\n');
            lines.push(line);
        }
        if lines.is_empty() {
            return Ok((known, count, torn));
        }
        count += lines.len();
        // Without its end, even a line that can be read may be the start of a longer one.
        let whole = |line: &Vec<u8>| line.ends_with(b"\n").then(|| serde_json::from_slice::<Line>(line).ok())?;
        let parsed: Vec<Option<Line>> = lines.par_iter().map(whole).collect();
        for line in parsed.into_iter().flatten() {
            match line.done {
                Some(done) => known.insert(line.output, done),
                None => known.remove(&line.output),
            };
        }
    }
}

/// A new file at `path`, locked, with only the lines that count.
fn compacted(path: &Path, folder: &Path, known: &HashMap<String, Done>) -> io::Result<File> {
    let mut part = part_of(path, folder)?;
    lock(part.as_file()).map_err(io::Error::other)?;
    let mut keys: Vec<&String> = known.keys().collect();
    keys.sort();
    {
        let mut out = io::BufWriter::new(part.as_file_mut());
        for key in keys {
            out.write_all(&text_of(&Line { output: key.clone(), done: known.get(key).cloned() })?)?;
        }
        out.flush()?;
    }
    part.as_file().sync_data()?;
    part.persist(path).map_err(|e| e.error)
}

/// A line with its end.
fn text_of(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
