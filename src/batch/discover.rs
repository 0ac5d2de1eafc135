//! Finding the images under a list of files and folders.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::WalkDir;

use crate::optimize::svg::is_svg_name;
use crate::output::identity;
use crate::raster::Format;
use crate::{Code, Error, Result, cloud};

/// Which files of a folder are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    recursive: bool,
    svgs: bool,
    not_under: Option<PathBuf>,
}

impl Filter {
    /// Files whose path below its root matches one of `include` (all, when there is none) and none
    /// of `exclude`; a pattern without a slash is also held against the bare file name.
    /// `recursive` goes into folders below the roots; nothing under `not_under` (the output
    /// folder) is looked at.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`] for a pattern that is not a glob.
    pub fn new(include: &[String], exclude: &[String], recursive: bool, not_under: Option<&Path>) -> Result<Self> {
        let set = |patterns: &[String]| -> Result<GlobSet> {
            let mut builder = GlobSetBuilder::new();
            for pattern in patterns {
                let glob = GlobBuilder::new(pattern).literal_separator(pattern.contains('/')).build();
                builder.add(glob.map_err(|e| Error::new(Code::OptionInvalid, format!("`{pattern}`: {}", e.kind())))?);
            }
            builder.build().map_err(|e| Error::new(Code::OptionInvalid, e.to_string()))
        };
        Ok(Self {
            include: if include.is_empty() { None } else { Some(set(include)?) },
            exclude: set(exclude)?,
            recursive,
            svgs: false,
            not_under: not_under.and_then(|p| if cloud::is_url(p) { Some(p.into()) } else { p.canonicalize().ok() }),
        })
    }

    /// The same, and SVGs are wanted too.
    #[must_use]
    pub fn with_svgs(mut self, wanted: bool) -> Self {
        self.svgs = wanted;
        self
    }

    fn wants(&self, relative: &Path) -> bool {
        let matches = |set: &GlobSet| set.is_match(relative) || relative.file_name().is_some_and(|n| set.is_match(n));
        self.include.as_ref().is_none_or(matches) && !matches(&self.exclude)
    }
}

/// A file to convert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Where it is, as reached from what the user typed.
    pub path: PathBuf,
    /// Its path below the root it was found under; the output keeps it.
    pub relative: PathBuf,
}

/// What [`discover`] found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Files to convert, by path.
    pub files: Vec<Found>,
    /// Files of folders that are no images, by content and by name.
    pub ignored: Vec<PathBuf>,
    /// What could not be listed.
    pub errors: Vec<Error>,
}

/// Finds the images among `roots`. A file that is named is always taken; from a folder a file is
/// taken when its first bytes or its extension are those of an image, so that a damaged or
/// misnamed image is reported rather than passed over. Hidden files are left alone. In a store the names
/// decide alone: looking into each object would take a request for each.
pub fn discover(roots: &[PathBuf], filter: &Filter) -> Discovery {
    let mut out = Discovery::default();
    for root in roots {
        if cloud::is_url(root) {
            list(root, filter, &mut out);
        } else if root.is_dir() {
            walk(root, filter, &mut out);
        } else {
            // Missing files are taken too: they fail as items, with a code.
            let relative = root.file_name().map_or_else(|| root.clone(), PathBuf::from);
            out.files.push(Found { path: root.clone(), relative });
        }
    }
    out.files.sort();
    out.files.dedup();
    out.ignored.sort();
    out
}

/// `files` with their paths below `base` in place of those below their roots, so that the outputs keep
/// the tree from there.
///
/// # Errors
/// [`Code::OptionInvalid`] for a file that is not below `base`.
pub fn below(files: Vec<Found>, base: &Path) -> Result<Vec<Found>> {
    let spelled = std::path::absolute(base).unwrap_or_else(|_| base.to_path_buf());
    let real = identity(base);
    let rebase = |mut file: Found| {
        if cloud::is_url(&file.path) {
            let relative = file.path.strip_prefix(base).ok().filter(|p| is_plain(p)).map(Path::to_path_buf);
            file.relative = relative.ok_or_else(|| outside(&file.path, base))?;
            return Ok(file);
        }
        let full = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
        // As it is spelled, if that will do: a link below the base keeps its place and name.
        let relative = full.strip_prefix(&spelled).ok().filter(|p| is_plain(p)).map(Path::to_path_buf);
        let relative = relative.or_else(|| identity(&file.path).strip_prefix(&real).ok().map(Path::to_path_buf));
        file.relative = relative.filter(|p| is_plain(p)).ok_or_else(|| outside(&file.path, base))?;
        Ok(file)
    };
    files.into_iter().map(rebase).collect()
}

fn outside(file: &Path, base: &Path) -> Error {
    Error::new(Code::OptionInvalid, format!("it is not below --base {}", base.display())).at(file)
}

/// Whether a path leads down and nowhere else.
fn is_plain(path: &Path) -> bool {
    !path.as_os_str().is_empty() && path.components().all(|c| matches!(c, Component::Normal(_)))
}

/// The same as [`walk`] for a URL.
fn list(root: &Path, filter: &Filter, out: &mut Discovery) {
    let below = match cloud::find(root, filter.recursive) {
        Ok(cloud::Found::Folder(below)) => below,
        Ok(cloud::Found::Object) => {
            let relative = root.file_name().map_or_else(|| root.to_path_buf(), PathBuf::from);
            out.files.push(Found { path: root.to_path_buf(), relative });
            return;
        }
        Err(e) => {
            out.errors.push(e);
            return;
        }
    };
    let hidden = |below: &Path| below.iter().any(|name| name.as_encoded_bytes().starts_with(b"."));
    let skipped =
        |path: &Path| filter.not_under.as_deref().is_some_and(|o| path.starts_with(o) && !root.starts_with(o));
    for path in below {
        // A key may be anything; as a path it must not lead out of the folder of the outputs.
        let Some(relative) = path.strip_prefix(root).ok().filter(|p| is_plain(p)).map(Path::to_path_buf) else {
            out.errors.push(Error::new(Code::InputUnreadable, "its name is not a path").at(&path));
            continue;
        };
        if hidden(&relative) || skipped(&path) || !filter.wants(&relative) {
            continue;
        }
        if is_image_name(&path) || filter.svgs && is_svg_name(&path) {
            out.files.push(Found { path, relative });
        } else {
            out.ignored.push(path);
        }
    }
}

fn walk(root: &Path, filter: &Filter, out: &mut Discovery) {
    let depth = if filter.recursive { usize::MAX } else { 1 };
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let skipped = |path: &Path| {
        filter.not_under.as_deref().is_some_and(|out| path.canonicalize().is_ok_and(|p| p == out) && path != root)
    };
    let walker = WalkDir::new(root).follow_links(true).max_depth(depth).sort_by_file_name();
    let entries = walker
        .into_iter()
        .filter_entry(|e| e.depth() == 0 || !(hidden(e.file_name()) || e.file_type().is_dir() && skipped(e.path())));
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                let path = e.path().unwrap_or(root).to_path_buf();
                let what = if e.loop_ancestor().is_some() {
                    "a link leads back to a folder above it".into()
                } else {
                    e.to_string()
                };
                out.errors.push(Error::new(Code::InputUnreadable, what).at(&path));
                continue;
            }
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_path_buf();
        if !filter.wants(&relative) {
            continue;
        }
        if looks_like_image(entry.path()) || filter.svgs && is_svg_name(entry.path()) {
            out.files.push(Found { path: entry.into_path(), relative });
        } else {
            out.ignored.push(entry.into_path());
        }
    }
}

/// Whether the name or the first bytes are those of an image. An unreadable file is one by name only.
fn looks_like_image(path: &Path) -> bool {
    let by_bytes = || {
        let mut head = Vec::with_capacity(64);
        let regular = path.metadata().is_ok_and(|m| m.is_file());
        regular
            && File::open(path).and_then(|f| f.take(64).read_to_end(&mut head)).is_ok()
            && Format::from_signature(&head).is_some()
    };
    is_image_name(path) || by_bytes()
}

fn is_image_name(path: &Path) -> bool {
    path.extension().is_some_and(|e| {
        let e = e.to_string_lossy().to_ascii_lowercase();
        Format::ALL.iter().any(|f| f.extensions().contains(&e.as_str()))
    })
}
