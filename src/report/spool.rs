//! A place on disk for what a run makes and does not need before its end: records, and the gallery's
//! pictures.
//!
//! Thumbnails are cheapest to make while an item's raster is in memory, but the page is written when
//! the run is over, in the report's order; records likewise. A spool keeps them in an unnamed temporary
//! file, which the system removes whatever becomes of the process; in memory stay some 100 bytes an item.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::html::ItemImages;

/// Bytes that wait in memory before they are written: a run that stays below never makes the file, a
/// larger one writes in pieces that disks like.
const WAITING_BYTES: usize = 1 << 20;

/// Pieces of bytes, kept on disk. Threads may share it.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    file: Option<File>,
    /// Bytes of the file.
    written: u64,
    /// What comes after them and is still in memory.
    waiting: Vec<u8>,
}

/// Where a piece is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    start: u64,
    length: usize,
}

impl Spool {
    /// An empty spool, its file on the disk of `folder` (the system's temporary folder may be memory), or
    /// of the nearest folder above that exists.
    pub(super) fn new_in(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), inner: Mutex::default() }
    }

    /// Keeps `bytes`.
    ///
    /// # Errors
    /// When they cannot be written (a full disk); what was kept before is still there.
    pub(super) fn put(&self, bytes: &[u8]) -> io::Result<Place> {
        let mut inner = self.lock();
        if inner.waiting.len() + bytes.len() > WAITING_BYTES {
            inner.write_out(&self.folder)?;
        }
        let place = Place { start: inner.written + inner.waiting.len() as u64, length: bytes.len() };
        inner.waiting.extend_from_slice(bytes);
        Ok(place)
    }

    /// What was kept at `place`.
    ///
    /// # Errors
    /// When reading fails.
    pub(super) fn get(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut inner = self.lock();
        let mut bytes = vec![0; place.length];
        match (place.start.checked_sub(inner.written), &mut inner.file) {
            (None, Some(file)) => {
                file.seek(SeekFrom::Start(place.start))?;
                file.read_exact(&mut bytes)?;
            }
            (after, _) => {
                let start = after.and_then(|start| usize::try_from(start).ok());
                let kept = start.and_then(|start| inner.waiting.get(start..start + place.length));
                bytes.copy_from_slice(kept.ok_or(io::ErrorKind::UnexpectedEof)?);
            }
        }
        Ok(bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A thread that panicked here left at most bytes after `written`, which the next overwrites.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn write_out(&mut self, folder: &Path) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let absolute = std::path::absolute(folder)?;
                let there = absolute.ancestors().find(|f| f.is_dir()).unwrap_or(Path::new("/"));
                none.insert(tempfile::tempfile_in(there)?)
            }
        };
        file.seek(SeekFrom::Start(self.written))?;
        file.write_all(&self.waiting)?;
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }
}

/// Pictures by input path, kept on disk. Threads may share it.
#[derive(Debug)]
pub struct ImageSpool {
    spool: Spool,
    places: Mutex<HashMap<String, Place>>,
}

impl ImageSpool {
    /// An empty spool, its file on the disk of `folder`.
    pub fn new_in(folder: &Path) -> Self {
        Self { spool: Spool::new_in(folder), places: Mutex::default() }
    }

    /// Keeps `images` for the item of path `input`, in place of any that were kept for it before.
    ///
    /// # Errors
    /// When writing fails (a full disk); what was kept before is still there.
    pub fn put(&self, input: &str, images: &ItemImages) -> io::Result<()> {
        let place = self.spool.put(&serde_json::to_vec(images)?)?;
        self.lock().insert(input.to_owned(), place);
        Ok(())
    }

    /// The pictures kept for `input`; none at all when there are none.
    ///
    /// # Errors
    /// When reading fails.
    pub fn get(&self, input: &str) -> io::Result<ItemImages> {
        let place = self.lock().get(input).copied();
        place.map_or(Ok(ItemImages::default()), |place| Ok(serde_json::from_slice(&self.spool.get(place)?)?))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        // Changed in single steps.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::html::DataUri;

    #[test]
    fn what_threads_put_comes_back_by_name() {
        let folder = tempfile::tempdir().expect("folder");
        let spool = ImageSpool::new_in(folder.path());
        let images = |i: usize| ItemImages {
            svg: DataUri::svg(format!("<svg>{}</svg>", "x".repeat(500 * i)).as_bytes()),
            svg_href: Some(format!("./{i}.svg")),
            ..ItemImages::default()
        };
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (spool, images) = (&spool, &images);
                scope.spawn(move || {
                    for i in (thread..100).step_by(4) {
                        spool.put(&i.to_string(), &images(i)).expect("put");
                    }
                });
            }
        });
        for i in (0..100).rev() {
            assert_eq!(spool.get(&i.to_string()).expect("get"), images(i));
        }
        spool.put("7", &images(5)).expect("put");
        assert_eq!(spool.get("7").expect("get"), images(5));
        assert_eq!(spool.get("8").expect("get"), images(8));
        assert_eq!(spool.get("never").expect("get"), ItemImages::default());
        let written = spool.spool.lock().written;
        assert!(written > WAITING_BYTES as u64, "some of it is to be on disk, {written} bytes are");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0, "the file has a name");
    }

    #[test]
    fn what_was_kept_survives_a_disk_that_takes_no_more() {
        let spool = Spool::new_in(Path::new("/"));
        let piece = vec![b'x'; WAITING_BYTES / 2];
        let first = spool.put(&piece).expect("in memory");
        // A file that cannot be written stands for the full disk.
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("f"), "").expect("file");
        spool.lock().file = Some(File::open(folder.path().join("f")).expect("file"));
        let second = spool.put(&piece).expect("in memory");
        assert!(spool.put(b"one byte more").is_err());
        assert!(spool.put(b"one byte more").is_err());
        assert_eq!((spool.get(first).expect("kept"), spool.get(second).expect("kept")), (piece.clone(), piece));
    }
}
