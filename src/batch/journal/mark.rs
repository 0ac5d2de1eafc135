//! What a file was when we read or wrote it, so that a later run can tell whether it still is.
//!
//! The truth is the SHA-256 of its bytes. Reading every file again to learn that nothing changed would
//! take as long as reading them the first time, so size and times are looked at first: a file that has
//! them all as before is taken for the same, as make, git and rsync do. On Unix the time of the last
//! change of the inode is among them, which nobody can set, so that a file which was replaced by another
//! of the same size and `mtime` (`cp -p`, `mv`) is noticed. Where times differ, the bytes decide.
//!
//! An object in a store has a tag that changes with its content, in place of times; a listing tells it.
//!
//! What that cannot see: a change within one tick of the file system's clock (some milliseconds; 2 s on
//! FAT). An input that was written less than [`SETTLED`] before it was read is therefore noted without
//! its times, and read again by the next run. An output is written by ourselves, and noted with them.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cloud;

/// How long ago a file must have changed for its times to tell the next change: the coarsest clock of a
/// file system in use, FAT's.
const SETTLED: Duration = Duration::from_secs(2);

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::batch) struct Stamp {
    bytes: u64,
    /// Last change of the content and of the inode, ns since 1970; the latter 0 where there is none.
    /// Of an object 0 and its tag.
    times: [i64; 2],
    /// Whether it is of an object, and no clock in it.
    is_tag: bool,
}

impl Stamp {
    /// The stamp of the file at `path`, where it is a file that can be looked at.
    pub(in crate::batch) fn of(path: &Path) -> Option<Self> {
        if cloud::is_url(path) {
            let object = cloud::look(path).ok()??;
            // Without a tag the bytes decide: no object has this one.
            return Some(Self { bytes: object.bytes, times: [0, object.tag.unwrap_or(-1)], is_tag: true });
        }
        let meta = fs::metadata(path).ok().filter(Metadata::is_file)?;
        let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let modified = i64::try_from(modified.as_nanos()).ok()?;
        Some(Self { bytes: meta.len(), times: [modified, changed(&meta)], is_tag: false })
    }

    fn is_settled(self) -> bool {
        if self.is_tag {
            return self.times[1] >= 0;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let latest = u64::try_from(self.times[0].max(self.times[1])).unwrap_or(0);
        Duration::from_nanos(latest) + SETTLED < now
    }
}

#[cfg(unix)]
fn changed(meta: &Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(_meta: &Metadata) -> i64 {
    0
}

/// A file's content, and its size and times where they tell whether it is still that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::batch) struct Mark {
    sha256: String,
    bytes: u64,
    times: Option<[i64; 2]>,
}

/// Whether a file is what it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Still {
    /// By its size and times, or by its bytes.
    Same,
    /// By its bytes, at other times: this is how it is to be noted now.
    Touched(Mark),
    /// It is another, or cannot be read.
    Other,
}

impl Mark {
    /// The mark of an input: `stamp` is from before its `bytes` were read.
    pub(in crate::batch) fn of_input(stamp: Option<Stamp>, bytes: &[u8]) -> Self {
        // A file that grew while it was read has times that belong to other bytes.
        let stamp = stamp.filter(|s| s.bytes == bytes.len() as u64 && s.is_settled());
        Self { sha256: sha256(bytes), bytes: bytes.len() as u64, times: stamp.map(|s| s.times) }
    }

    /// The mark of an output that has just been written to `path`.
    pub(in crate::batch) fn of_output(path: &Path, bytes: &[u8]) -> Self {
        let stamp = Stamp::of(path).filter(|s| s.bytes == bytes.len() as u64 && (!s.is_tag || s.is_settled()));
        Self { sha256: sha256(bytes), bytes: bytes.len() as u64, times: stamp.map(|s| s.times) }
    }

    /// Whether the file at `path` has this content. Reads it where size and times do not tell.
    pub(super) fn still(&self, path: &Path) -> Still {
        match Stamp::of(path) {
            Some(stamp) if stamp.bytes != self.bytes => Still::Other,
            Some(stamp) if Some(stamp.times) == self.times => Still::Same,
            Some(stamp) => match self.read_again(path) {
                Some(bytes) if sha256(&bytes) == self.sha256 => {
                    let now = Self::of_input(Some(stamp), &bytes);
                    if now == *self { Still::Same } else { Still::Touched(now) }
                }
                _ => Still::Other,
            },
            None => Still::Other,
        }
    }

    fn read_again(&self, path: &Path) -> Option<Vec<u8>> {
        if cloud::is_url(path) { cloud::read(path, self.bytes).ok() } else { fs::read(path).ok() }
    }
}

/// The SHA-256 of `bytes`, as `sha256sum` writes it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, FileTimes};

    fn set_time(path: &Path, time: SystemTime) {
        File::options().write(true).open(path).unwrap().set_times(FileTimes::new().set_modified(time)).unwrap();
    }

    #[test]
    fn a_file_is_the_same_while_its_bytes_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "one").unwrap();
        let mark = Mark::of_output(&path, b"one");
        assert_eq!(mark.still(&path), Still::Same);

        set_time(&path, SystemTime::now() - Duration::from_secs(100));
        assert!(matches!(mark.still(&path), Still::Touched(_)));

        fs::write(&path, "two").unwrap();
        assert_eq!(mark.still(&path), Still::Other);
        fs::write(&path, "longer").unwrap();
        assert_eq!(mark.still(&path), Still::Other);
        fs::remove_file(&path).unwrap();
        assert_eq!(mark.still(&path), Still::Other);
    }

    #[test]
    fn times_of_a_file_that_was_just_written_are_not_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "one").unwrap();
        let mark = Mark::of_input(Stamp::of(&path), b"one");
        assert_eq!(mark.times, None);
        assert_eq!(mark.still(&path), Still::Same);
        fs::write(&path, "two").unwrap();
        assert_eq!(mark.still(&path), Still::Other);
        // Nor are those of a file that was longer a moment before.
        let old = Some(Stamp { bytes: 4, times: [1, 1], is_tag: false });
        assert_eq!(Mark::of_input(old, b"one").times, None);
    }

    #[cfg(unix)]
    #[test]
    fn another_file_of_the_same_size_and_time_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("a"), dir.path().join("b"));
        let time = SystemTime::now() - Duration::from_secs(100);
        for (path, text) in [(&path, "one"), (&other, "two")] {
            fs::write(path, text).unwrap();
            set_time(path, time);
        }
        let mark = Mark::of_output(&path, b"one");
        std::thread::sleep(Duration::from_millis(20));
        fs::rename(&other, &path).unwrap();
        assert_eq!(mark.still(&path), Still::Other);
    }
}
