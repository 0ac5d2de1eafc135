//! A place on disk for the gallery's pictures between an item's end and the page's writing.
//!
//! Thumbnails are cheapest to make while an item's raster is in memory, but the page is written when
//! the run is over, in the report's order. The spool keeps them in an unnamed temporary file, which
//! the system removes whatever becomes of the process; in memory stay some 100 bytes an item.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::html::ItemImages;

/// Pictures by input path, kept on disk. Threads may share it.
#[derive(Debug)]
pub struct ImageSpool(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    file: File,
    end: u64,
    places: HashMap<String, (u64, usize)>,
}

impl ImageSpool {
    /// An empty spool, its file on the disk of `folder` (the system's temporary folder may be memory).
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn new_in(folder: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(folder)?;
        Ok(Self(Mutex::new(Inner { file, end: 0, places: HashMap::new() })))
    }

    /// Keeps `images` for the item of path `input`, in place of any that were kept for it before.
    ///
    /// # Errors
    /// When writing fails (a full disk); what was kept before is still there.
    pub fn put(&self, input: &str, images: &ItemImages) -> io::Result<()> {
        let bytes = serde_json::to_vec(images)?;
        let mut inner = self.lock();
        let start = inner.end;
        inner.file.seek(SeekFrom::Start(start))?;
        inner.file.write_all(&bytes)?;
        inner.end += bytes.len() as u64;
        inner.places.insert(input.to_owned(), (start, bytes.len()));
        Ok(())
    }

    /// The pictures kept for `input`; none at all when there are none.
    ///
    /// # Errors
    /// When reading fails.
    pub fn get(&self, input: &str) -> io::Result<ItemImages> {
        let mut inner = self.lock();
        let Some(&(start, length)) = inner.places.get(input) else { return Ok(ItemImages::default()) };
        let mut bytes = vec![0; length];
        inner.file.seek(SeekFrom::Start(start))?;
        inner.file.read_exact(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A thread that panicked here left at most bytes after `end`, which the next overwrites.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::html::DataUri;

    #[test]
    fn what_threads_put_comes_back_by_name() {
        let folder = tempfile::tempdir().expect("folder");
        let spool = ImageSpool::new_in(folder.path()).expect("spool");
        let images = |i: usize| ItemImages {
            svg: DataUri::svg(format!("<svg>{}</svg>", "x".repeat(i)).as_bytes()),
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
        spool.put("7", &images(500)).expect("put");
        assert_eq!(spool.get("7").expect("get"), images(500));
        assert_eq!(spool.get("8").expect("get"), images(8));
        assert_eq!(spool.get("never").expect("get"), ItemImages::default());
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0, "the file has a name");
    }
}
