//! Which output belongs to which input, settled before any work starts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Found;
use crate::output::identity;
use crate::pipeline::Job;
use crate::{Code, Error, Result, cloud};

/// How an output is named after its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Naming {
    /// `a.png` becomes `a.svg`.
    #[default]
    Replace,
    /// `a.png` becomes `a.png.svg`.
    Append,
}

/// The job of every file: its path below its root, kept below `folder`.
///
/// # Errors
/// [`Code::OutputCollision`] when two inputs would be written to one output, [`Code::OutputIsInput`]
/// when an output would replace an input; both name the files.
pub fn plan(files: &[Found], folder: &Path, naming: Naming) -> Result<Vec<Job>> {
    let mut taken: BTreeMap<_, &Path> = BTreeMap::new();
    let mut jobs = Vec::with_capacity(files.len());
    for file in files {
        let mut name = file.relative.file_name().unwrap_or_default().to_os_string();
        if naming == Naming::Append || file.relative.extension().is_none() {
            name.push(".svg");
        } else {
            name = file.relative.with_extension("svg").file_name().unwrap_or_default().to_os_string();
        }
        let output = folder.join(file.relative.with_file_name(name));
        if let Some(other) = taken.insert(output.clone(), &file.path) {
            if identity(other) == identity(&file.path) {
                // One file, reached twice.
                continue;
            }
            let cure = if other.file_name() == file.path.file_name() {
                "give the folder above them instead, or --base: the tree below it is kept"
            } else {
                "--keep-extension gives each its own name"
            };
            let message = format!(
                "both {} and {} would be written to {} ({cure})",
                other.display(),
                file.path.display(),
                output.display()
            );
            return Err(Error::new(Code::OutputCollision, message));
        }
        jobs.push(Job { input: file.path.clone(), output: Some(output) });
    }
    let real = |path: &Path| if cloud::is_url(path) { Some(path.to_path_buf()) } else { path.canonicalize().ok() };
    let inputs: BTreeSet<_> = files.iter().filter_map(|f| real(&f.path)).collect();
    for output in jobs.iter().filter_map(|j| j.output.as_deref()) {
        if real(output).is_some_and(|o| inputs.contains(&o)) {
            return Err(Error::new(Code::OutputIsInput, "the output would replace an input").at(output));
        }
    }
    Ok(jobs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn found(relative: &str) -> Found {
        Found { path: Path::new("in").join(relative), relative: relative.into() }
    }

    #[test]
    fn the_tree_is_kept() {
        let jobs =
            plan(&[found("a.png"), found("x/b.tar.jpg"), found("x/plain")], Path::new("out"), Naming::Replace).unwrap();
        let outputs: Vec<_> = jobs.into_iter().filter_map(|j| j.output).collect();
        assert_eq!(outputs, ["out/a.svg", "out/x/b.tar.svg", "out/x/plain.svg"].map(PathBuf::from));
    }

    #[test]
    fn collisions_are_found_before_work_starts() {
        let files = [found("a.jpg"), found("a.png")];
        let e = plan(&files, Path::new("out"), Naming::Replace).unwrap_err();
        assert_eq!(e.code(), Code::OutputCollision);
        assert!(e.message().contains("in/a.jpg") && e.message().contains("in/a.png"));
        assert_eq!(plan(&files, Path::new("out"), Naming::Append).unwrap().len(), 2);
    }
}
