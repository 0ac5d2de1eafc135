//! `--sandbox`: what a subcommand reads and writes, as paths that the process is locked in to.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use svg_ai::output::folder_of;
use svg_ai::sandbox::{Paths, enter};
use svg_ai::{Code, Error};

use super::options::is_dash;

/// Locks the process in. `inputs` may be read; `folders` may be written in, and so may the folders of
/// `files`; they are made first, since what is not there cannot be allowed.
///
/// # Errors
/// [`Code::SandboxUnavailable`]; [`Code::OutputUnwritable`] where a folder cannot be made.
pub(crate) fn lock_in<'a>(
    inputs: impl Iterator<Item = &'a Path>,
    folders: &[&Path],
    files: &[Option<&Path>],
) -> Result<()> {
    let named = files.iter().flatten().filter(|file| !is_dash(file));
    let beside = named.map(|file| folder_of(file));
    let write: Vec<PathBuf> = folders.iter().copied().chain(beside).map(Path::to_path_buf).collect();
    for folder in &write {
        let unwritable = |e: std::io::Error| Error::new(Code::OutputUnwritable, e.to_string()).at(folder);
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let read = inputs.filter(|path| !is_dash(path)).map(Path::to_path_buf).collect();
    Ok(enter(&Paths { read, write })?)
}
