//! Writing files so that a reader sees the old bytes or the new ones, never a part.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Code, Error, Result};

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
    try_write(path, bytes).map_err(|e| Error::new(Code::OutputUnwritable, e.to_string()).at(path))
}

fn try_write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(meta) if !meta.is_file() => return File::options().write(true).open(path)?.write_all(bytes),
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_path_buf(),
    };
    let folder = match target.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_path_buf(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".svg-ai-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What an ordinary new file would get: the umask takes its part off.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(&folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist(&target).map_err(|e| e.error)?;
    Ok(())
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
    fn a_folder_in_the_way_is_a_coded_error() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(write_atomically(dir.path(), b"x").unwrap_err().code(), Code::OutputUnwritable);
    }
}
