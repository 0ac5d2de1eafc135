//! Writing files so that a reader sees the old bytes or the new ones, never a part.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf, absolute};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::{Code, Error, Result, cloud};

/// What to do when an output exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfExists {
    /// Replace it.
    #[default]
    Overwrite,
    /// Leave it and report the item as skipped.
    Skip,
    /// Fail the item.
    Error,
}

/// Writes `bytes` to `path` through a temporary file in the same folder that is synced and renamed.
/// Missing folders are made. A link is followed; a device or pipe is written to directly.
///
/// # Errors
/// [`Code::OutputUnwritable`], naming the path.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically_with(path, |out| out.write_all(bytes))
}

/// The same for what is not in memory as a whole: `write` is called once, with what buffers its writes.
///
/// # Errors
/// As [`write_atomically`], also for what `write` fails with.
pub fn write_atomically_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    try_write(path, write).map_err(|e| Error::new(Code::OutputUnwritable, e.to_string()).at(path))
}

/// Writes an output, on disk or to a store; false: it came into being meanwhile and `if_exists` protects it. On a
/// disk nobody looks that late: whoever asked for it has looked before.
pub(crate) fn deliver(path: &Path, bytes: &[u8], if_exists: IfExists) -> Result<bool> {
    if cloud::is_url(path) {
        return cloud::write(path, bytes, if_exists);
    }
    write_atomically(path, bytes).map(|()| true)
}

/// Whether there is something at `path`.
pub(crate) fn exists(path: &Path) -> Result<bool> {
    if cloud::is_url(path) { Ok(cloud::look(path)?.is_some()) } else { Ok(path.exists()) }
}

/// Refuses a path that [`write_atomically`] would fail on, as far as that can be told before there is
/// anything to write: a run of hours should not end in a report that has no place.
///
/// # Errors
/// [`Code::OutputUnwritable`], naming the path.
pub fn check_writable(path: &Path) -> Result<()> {
    let unwritable = |e: io::Error| Error::new(Code::OutputUnwritable, e.to_string()).at(path);
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Err(unwritable(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"))),
        Ok(meta) if !meta.is_file() => Ok(()),
        _ => {
            let absolute = absolute(path).map_err(unwritable)?;
            let folder = absolute.ancestors().skip(1).find(|p| p.symlink_metadata().is_ok());
            // A file without a name, gone when it is closed: the only true answer of a file system.
            tempfile::tempfile_in(folder.unwrap_or(Path::new("/"))).map(drop).map_err(unwritable)
        }
    }
}

/// A name that two spellings of one place share, whether or not there is a file: the part that exists
/// is resolved, the rest is taken as written.
pub fn identity(path: &Path) -> PathBuf {
    if cloud::is_url(path) {
        return path.to_path_buf();
    }
    let full = absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for known in full.ancestors() {
        if let (Ok(real), Ok(rest)) = (known.canonicalize(), full.strip_prefix(known)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    full
}

fn try_write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let write_to = |file: &mut File| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    };
    let target = match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(meta) if !meta.is_file() => return write_to(&mut File::options().write(true).open(path)?),
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_path_buf(),
    };
    let folder = folder_of(&target);
    fs::create_dir_all(folder)?;
    let mut file = part_of(&target, folder)?;
    write_to(file.as_file_mut())?;
    file.as_file().sync_data()?;
    file.persist(&target).map_err(|e| e.error)?;
    Ok(())
}

/// An empty file in `folder` that is to become `target`. Its name begins with [`PART_START`] and the
/// target's [`tag`], so that [`remove_leftovers`] knows whose it was.
pub(crate) fn part_of(target: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let prefix = format!("{PART_START}{}-", tag(target));
    builder.prefix(&prefix).suffix(PART_END);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What an ordinary new file would get: the umask takes its part off.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

const PART_START: &str = ".svg-ai-";
const PART_END: &str = ".part";

/// Bytes of a file name's hash in the name of its part: two names of one folder that share them are as
/// good as impossible, and a name of 255 bytes, the most there is, gets no longer.
const TAG_BYTES: usize = 8;

/// The folder that a file is in; that of a bare name is `.`.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the names of all parts of `target` have in common.
fn tag(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default();
    Sha256::digest(name.as_encoded_bytes())[..TAG_BYTES].iter().map(|b| format!("{b:02x}")).collect()
}

/// Removes what a process that was killed while it wrote `outputs` left beside them. Nobody else may be
/// writing them meanwhile; parts of other outputs are left alone.
pub fn remove_leftovers<'a>(outputs: impl Iterator<Item = &'a Path>) {
    let mut by_folder: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for output in outputs.filter(|path| !cloud::is_url(path)) {
        by_folder.entry(folder_of(output)).or_default().push(output);
    }
    for (folder, outputs) in by_folder {
        // What cannot be listed or removed is no reason not to work: it is a hidden file too many.
        let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.file_name());
        let parts: Vec<String> = names
            .filter_map(|n| n.into_string().ok())
            .filter(|n| n.starts_with(PART_START) && n.ends_with(PART_END))
            .collect();
        if parts.is_empty() {
            continue;
        }
        let tags: HashSet<String> = outputs.into_iter().map(tag).collect();
        for part in parts {
            if part.get(PART_START.len()..PART_START.len() + 2 * TAG_BYTES).is_some_and(|t| tags.contains(t)) {
                let _ = fs::remove_file(folder.join(part));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/c.svg");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_survive() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real.svg"), dir.path().join("link.svg"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        write_atomically(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn spellings_of_one_place_have_one_identity() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| identity(&dir.path().join(name));
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("a"), "").unwrap();
        assert_eq!(at("sub/../a"), at("./a"));
        assert_eq!(at("new/b"), at("./new/b"));
        assert_ne!(at("a"), at("b"));
        assert_ne!(at("new/b"), at("b"));
    }

    #[test]
    fn what_can_be_written_is_told_beforehand_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "kept").unwrap();
        check_writable(&dir.path().join("new/folder/a")).unwrap();
        check_writable(&dir.path().join("file")).unwrap();
        for bad in ["", "file/a"] {
            assert_eq!(check_writable(&dir.path().join(bad)).unwrap_err().code(), Code::OutputUnwritable, "{bad}");
        }
        assert_eq!(fs::read(dir.path().join("file")).unwrap(), b"kept");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_the_leftovers_of_these_outputs_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let (mine, other) = (dir.path().join("a.svg"), dir.path().join("b.svg"));
        let left = |of: &Path| part_of(of, dir.path()).unwrap().keep().unwrap().1;
        let (of_mine, of_other) = (left(&mine), left(&other));
        remove_leftovers([mine.as_path(), &dir.path().join("gone/c.svg")].into_iter());
        assert!(!of_mine.exists() && of_other.exists());
    }

    #[test]
    fn a_folder_in_the_way_is_a_coded_error() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(write_atomically(dir.path(), b"x").unwrap_err().code(), Code::OutputUnwritable);
    }
}
