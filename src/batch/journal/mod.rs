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
//! In memory is only where the line of each output is, some 100 bytes for each: lines are read again one by
//! one as they are asked for.
//!
//! One run at a time has a journal, which the lock on its file sees to. Where most lines no longer
//! count, they are left out when it is opened next, into a new file that replaces the old.

mod line;
mod mark;

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::output::{folder_of, identity, part_of};
use crate::pipeline::Job;
use crate::report::run::components;
use crate::report::{ItemReport, Status};
use crate::{Code, Error, Result, cloud};
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
    /// Where the last line about each output is.
    known: Mutex<HashMap<String, Place>>,
    /// `None`: there is no journal, and none is to be made.
    file: Option<Mutex<Lines>>,
    /// The file that the present one replaced: its lock is held too, for those who have opened it.
    _replaced: Option<File>,
}

/// Where a line is in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: u64,
    length: usize,
}

/// The file, which is read from and appended to.
#[derive(Debug)]
struct Lines {
    file: File,
    /// Whether anything is to be written.
    appends: bool,
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
        let above = folder_of(path);
        fs::create_dir_all(above).map_err(unwritable)?;
        let mut file = File::options().read(true).append(true).create(true).open(path).map_err(unwritable)?;
        lock(&file).map_err(|e| e.at(path))?;
        let (places, lines, torn) = read(&file).map_err(unwritable)?;
        let (file, replaced, torn, places) = if lines > 2 * places.len() + IDLE_LINES {
            let (new, places) = compacted(path, above, &mut file, places).map_err(unwritable)?;
            (new, Some(file), false, places)
        } else {
            (file, None, torn, places)
        };
        let lines = Lines { file, appends: true, torn, trouble: None };
        Ok(Self { _replaced: replaced, ..Self::new(path, folder, resume, places, Some(lines)) })
    }

    /// The journal at `path` for looking only, as it is now; none is an empty one.
    ///
    /// # Errors
    /// [`Code::OutputUnwritable`] when it cannot be read.
    pub fn look(path: &Path, folder: &Path, resume: bool) -> Result<Self> {
        match File::open(path).and_then(|file| Ok((read(&file)?, file))) {
            Ok(((places, _, torn), file)) => {
                let lines = Lines { file, appends: false, torn, trouble: None };
                Ok(Self::new(path, folder, resume, places, Some(lines)))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self::new(path, folder, resume, HashMap::new(), None)),
            Err(e) => Err(Error::new(Code::OutputUnwritable, format!("the journal: {e}")).at(path)),
        }
    }

    fn new(path: &Path, folder: &Path, resume: bool, known: HashMap<String, Place>, lines: Option<Lines>) -> Self {
        let versions = components().into_iter().map(|(name, version)| format!(" {name} {version}"));
        let tool = std::iter::once(env!("CARGO_PKG_VERSION").to_string()).chain(versions).collect();
        let (path, folder) = (path.to_path_buf(), folder.to_path_buf());
        let (known, file) = (Mutex::new(known), lines.map(Mutex::new));
        Self { path, folder, tool, resume, known, file, _replaced: None }
    }

    /// The record of `job` from an earlier run, when it succeeded with the same options (by their hash)
    /// and version, the input has the same content, and the output is still what was written then.
    pub(super) fn known(&self, job: &Job, options: &str) -> Option<ItemReport> {
        if !self.resume {
            return None;
        }
        let output = job.output.as_deref()?;
        let key = self.key(output);
        let place = self.locked().remove(&key)?;
        let mut done = self.done(place)?;
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
        let Some(output) = job.output.as_deref().filter(|_| self.appends()) else { return };
        let full = if cloud::is_url(&job.input) { Ok(job.input.clone()) } else { std::path::absolute(&job.input) };
        let input = spell(&full.unwrap_or_else(|_| job.input.clone()));
        let (options, tool, item) = (options.to_string(), self.tool.clone(), item.clone());
        let done = Done { input, options, tool, read, written, item };
        self.append(&Line { output: self.key(output), done: Some(done) });
    }

    /// Outputs of earlier runs, still as they were written, that none of `jobs` writes and whose inputs
    /// are gone, in order.
    pub fn orphans(&self, jobs: &[Job]) -> Vec<Orphan> {
        let planned: BTreeSet<String> = jobs.iter().filter_map(|j| j.output.as_deref()).map(|o| self.key(o)).collect();
        let gone = |path: &Path| path.symlink_metadata().is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        let idle: Vec<String> = self.locked().keys().filter(|key| !planned.contains(*key)).cloned().collect();
        let orphan = |key: String| {
            let place = *self.locked().get(&key)?;
            let done = self.done(place)?;
            let output = self.folder.join(path_of(&key)?);
            let own = done.written.as_ref()?.still(&output) != Still::Other;
            (own && gone(&path_of(&done.input)?)).then_some(Orphan { output, key })
        };
        let mut orphans: Vec<Orphan> = idle.into_iter().filter_map(orphan).collect();
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
        let trouble = self.file.as_ref().and_then(|file| unpoisoned(file).trouble.take());
        trouble.map_or(Ok(()), |e| {
            let what = format!("the journal: {e}; some items will be done again");
            Err(Error::new(Code::OutputUnwritable, what).at(&self.path))
        })
    }

    /// The name of an output in the journal: it stays the same when the folders move together.
    fn key(&self, output: &Path) -> String {
        spell(output.strip_prefix(&self.folder).unwrap_or(output))
    }

    /// What the line at `place` says; nothing, when it cannot be read any more.
    fn done(&self, place: Place) -> Option<Done> {
        let text = text_at(&mut unpoisoned(self.file.as_ref()?).file, place).ok()?;
        serde_json::from_slice::<Line>(&text).ok()?.done
    }

    fn appends(&self) -> bool {
        self.file.as_ref().is_some_and(|file| unpoisoned(file).appends)
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        unpoisoned(&self.known)
    }

    fn append(&self, line: &Line) {
        let Some(file) = &self.file else { return };
        let mut out = unpoisoned(file);
        if !out.appends {
            return;
        }
        let written = text_of(line).and_then(|text| {
            out.file.seek(SeekFrom::End(0))?;
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

fn text_at(file: &mut File, place: Place) -> io::Result<Vec<u8>> {
    let mut text = vec![0; place.length];
    file.seek(SeekFrom::Start(place.start))?;
    file.read_exact(&mut text)?;
    Ok(text)
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

/// Where the last line about each output is, how many lines there are, and whether the last has no end.
fn read(file: &File) -> io::Result<(HashMap<String, Place>, usize, bool)> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (mut known, mut count, mut torn, mut end) = (HashMap::new(), 0, false, 0);
    loop {
        let mut lines = Vec::with_capacity(LINES_AT_ONCE);
        while lines.len() < LINES_AT_ONCE {
            let mut line = Vec::new();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            torn = line.last() != Some(&b'\n');
            let place = Place { start: end, length: line.len() };
            end += line.len() as u64;
            lines.push((place, line));
        }
        if lines.is_empty() {
            return Ok((known, count, torn));
        }
        count += lines.len();
        // Without its end, even a line that can be read may be the start of a longer one.
        let whole = |line: &[u8]| line.ends_with(b"\n").then(|| serde_json::from_slice::<Line>(line).ok())?;
        let parsed = lines.par_iter().map(|(place, line)| (*place, whole(line).map(|l| (l.output, l.done.is_some()))));
        let parsed: Vec<_> = parsed.collect();
        for (place, line) in parsed {
            match line {
                Some((output, true)) => known.insert(output, place),
                Some((output, false)) => known.remove(&output),
                None => None,
            };
        }
    }
}

/// A new file at `path`, locked, with only the lines of `old` that count, and where they are in it.
fn compacted(
    path: &Path,
    folder: &Path,
    old: &mut File,
    mut places: HashMap<String, Place>,
) -> io::Result<(File, HashMap<String, Place>)> {
    let mut part = part_of(path, folder)?;
    lock(part.as_file()).map_err(io::Error::other)?;
    let mut by_key: Vec<(&String, &mut Place)> = places.iter_mut().collect();
    by_key.sort_by_key(|(key, _)| *key);
    {
        let mut out = io::BufWriter::new(part.as_file_mut());
        let mut end = 0;
        for (_, place) in by_key {
            out.write_all(&text_at(old, *place)?)?;
            place.start = end;
            end += place.length as u64;
        }
        out.flush()?;
    }
    part.as_file().sync_data()?;
    Ok((part.persist(path).map_err(|e| e.error)?, places))
}

/// A line with its end.
fn text_of(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
