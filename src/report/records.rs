//! The records of a run, kept on disk until its report is written.
//!
//! A record takes some 8 KB: those of a hundred thousand items would be the greater part of a run's
//! memory, though nobody looks at them before its end. So each goes to a temporary file as the text that
//! the report will have of it; in memory stay its [`Figures`], from which the summary is made, its path, by
//! which the report is ordered, and where the text is: some 300 bytes. What the disk does not take stays in memory.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::spool::{Place, Spool};
use super::{ItemReport, Status};
use crate::classify::Class;
use crate::{Code, Error, Result};

/// Spaces before each line of a record but the first: records are two levels deep in a report.
const INDENT: &str = "\n    ";

/// Records of the items of a run. Threads may share it.
#[derive(Debug)]
pub struct Records {
    spool: Spool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: Vec<Option<Arc<Entry>>>,
    /// Names that many items share: engines and error codes.
    names: BTreeSet<Arc<str>>,
}

#[derive(Debug)]
struct Entry {
    input: Box<str>,
    figures: Figures,
    text: Text,
}

#[derive(Debug)]
enum Text {
    OnDisk(Place),
    InMemory(Box<[u8]>),
}

/// What a summary needs of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// What became of it.
    pub status: Status,
    /// Its class, when it has one.
    pub class: Option<Class>,
    /// Name of the engine whose trace was kept.
    pub engine: Option<Arc<str>>,
    /// Code of its failure.
    pub code: Option<Arc<str>>,
    /// Quality of the result, when it was scored.
    pub quality: Option<f64>,
    /// Bytes of the result, when it was scored.
    pub bytes: Option<u64>,
    /// Time that it took, ms.
    pub ms: f64,
    /// Bytes of source and result, where both are known.
    pub sizes: Option<[u64; 2]>,
    /// Peak memory of the process, bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

impl Figures {
    /// Those of `item`.
    pub fn of(item: &ItemReport) -> Self {
        Self::with_names(item, |name| name.into())
    }

    fn with_names(item: &ItemReport, mut shared: impl FnMut(&str) -> Arc<str>) -> Self {
        Self {
            status: item.status,
            class: item.classification.as_ref().map(|c| c.class),
            engine: item.engine.as_ref().map(|engine| shared(&engine.name)),
            code: item.error.as_ref().map(|error| shared(&error.code)),
            quality: item.quality(),
            bytes: item.metrics.as_ref().map(|m| m.economy.bytes),
            ms: item.times.total_ms,
            sizes: item.sizes(),
            peak_memory_bytes: item.peak_memory_bytes,
        }
    }
}

/// One record of [`Records`].
#[derive(Debug, Clone)]
pub struct Record<'a> {
    records: &'a Records,
    entry: Arc<Entry>,
}

impl Record<'_> {
    /// Input path as given.
    pub fn input(&self) -> &str {
        &self.entry.input
    }

    /// What the summary needs of it.
    pub fn figures(&self) -> &Figures {
        &self.entry.figures
    }

    /// The whole of it.
    ///
    /// # Errors
    /// [`Code::ReportInvalid`] when it cannot be read back.
    pub fn read(&self) -> Result<ItemReport> {
        let text = self.text().map_err(lost)?;
        serde_json::from_slice(&text).map_err(|e| lost(e.into()))
    }

    fn text(&self) -> io::Result<Vec<u8>> {
        match &self.entry.text {
            Text::OnDisk(place) => self.records.spool.get(*place),
            Text::InMemory(text) => Ok(text.to_vec()),
        }
    }
}

fn lost(e: io::Error) -> Error {
    Error::new(Code::ReportInvalid, format!("the records of this run cannot be read back: {e}"))
}

impl Records {
    /// No records yet. Their file will be on the disk of `folder` or of the nearest folder above that
    /// exists: best where the report will be, which takes the same room.
    pub fn new_in(folder: &Path) -> Self {
        Self { spool: Spool::new_in(folder), kept: Mutex::default() }
    }

    /// Those of `items`, in their order.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a ItemReport>) -> Self {
        let records = Self::new_in(&std::env::temp_dir());
        for (index, item) in items.into_iter().enumerate() {
            records.put(index, item);
        }
        records
    }

    /// Keeps `item` as number `index`.
    pub fn put(&self, index: usize, item: &ItemReport) {
        // A record is made of numbers, text and lists, which all are JSON.
        let text = serde_json::to_string_pretty(item).unwrap_or_default().replace('\n', INDENT).into_bytes();
        let text = self.spool.put(&text).map_or_else(|_| Text::InMemory(text.into()), Text::OnDisk);
        let mut kept = self.lock();
        let figures = Figures::with_names(item, |name| kept.shared(name));
        if kept.entries.len() <= index {
            kept.entries.resize(index + 1, None);
        }
        kept.entries[index] = Some(Arc::new(Entry { input: item.input.as_str().into(), figures, text }));
    }

    /// Number `index`, if it is there.
    pub fn get(&self, index: usize) -> Option<Record<'_>> {
        let entry = self.lock().entries.get(index).cloned()??;
        Some(Record { records: self, entry })
    }

    /// All that there are, in order.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// One more than the highest number.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers them anew by their input paths, those of one path as they were.
    pub fn sort(&mut self) {
        let kept = self.kept.get_mut().unwrap_or_else(PoisonError::into_inner);
        kept.entries.retain(Option::is_some);
        kept.entries.sort_by(|a, b| path_of(a).cmp(&path_of(b)));
    }

    /// All of them in memory.
    ///
    /// # Errors
    /// [`Code::ReportInvalid`] when one cannot be read back.
    pub fn read_all(&self) -> Result<Vec<ItemReport>> {
        self.iter().map(|record| record.read()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Changed in single steps.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Paths, not texts, are compared: `a/b` comes before `a.png`, as in the lines of a jsonl report.
fn path_of(entry: &Option<Arc<Entry>>) -> Option<&Path> {
    entry.as_ref().map(|entry| Path::new(&*entry.input))
}

impl Kept {
    fn shared(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.names.insert(Arc::clone(&new));
        new
    }
}

/// As the list of the records, each in the layout that it has in a report of
/// [`write_report`](super::json::write_report).
impl Serialize for Records {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for record in self.iter() {
            let text = record.text().map_err(S::Error::custom)?;
            let text = String::from_utf8(text).map_err(S::Error::custom)?;
            list.serialize_element(&RawValue::from_string(text).map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// Items enough for several megabytes.
    const MANY: usize = 1500;

    #[test]
    fn records_come_in_any_order_and_leave_in_that_of_their_paths() {
        let folder = tempfile::tempdir().expect("folder");
        let mut records = Records::new_in(&folder.path().join("not/yet/there"));
        for index in (0..MANY).rev() {
            records.put(index, &sample::item(index));
        }
        assert_eq!(records.get(700).expect("there").read().expect("kept"), sample::item(700));
        records.sort();
        let mut items: Vec<_> = (0..MANY).map(sample::item).collect();
        items.sort_by(|a, b| Path::new(&a.input).cmp(Path::new(&b.input)));
        assert!(records.read_all().expect("kept") == items);
        assert!(records.iter().map(|r| r.figures().clone()).eq(items.iter().map(Figures::of)));
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0, "the file has a name");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_disk_does_not_take_stays_in_memory() {
        // Nobody can make a file there.
        let records = Records::new_in(Path::new("/proc"));
        for index in 0..MANY {
            records.put(index, &sample::item(index));
        }
        let in_memory = records.lock().entries.iter().flatten().filter(|e| matches!(e.text, Text::InMemory(_))).count();
        assert!(in_memory > 0, "the disk has taken all of it");
        assert!(records.read_all().expect("kept").into_iter().eq((0..MANY).map(sample::item)));
    }
}
