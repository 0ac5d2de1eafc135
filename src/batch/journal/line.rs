//! One line of the journal: JSON that says what is known of one output.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::mark::Mark;
use crate::report::ItemReport;

/// What was last known of an output.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// Its path below the output folder, as [`spell`] spells it: what the line is about.
    pub(super) output: String,
    /// How it came about; `null` when it was deleted with its input.
    pub(super) done: Option<Done>,
}

/// How an output came about, or why it did not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Done {
    /// Absolute path of the input, as [`spell`] spells it.
    pub(super) input: String,
    /// Hash of the options that count for this kind of input.
    pub(super) options: String,
    /// Versions of svg-ai, its engines and its renderer.
    pub(super) tool: String,
    /// The input as it was read; `null` when it could not be.
    pub(super) read: Option<Mark>,
    /// The output as it was written; `null` when it was not.
    pub(super) written: Option<Mark>,
    /// The record, as in the report.
    pub(super) item: ItemReport,
}

/// What begins the spelling of a path that is not Unicode: no path can contain it.
const RAW: char = '\0';

/// `path` as text from which [`path_of`] makes the same path: itself, or its bytes in hexadecimal.
pub(super) fn spell(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_string(),
        None => {
            let hex = path.as_os_str().as_encoded_bytes().iter().map(|b| format!("{b:02x}"));
            std::iter::once(RAW.to_string()).chain(hex).collect()
        }
    }
}

/// The path that `text` spells; `None` for what this system cannot name.
pub(super) fn path_of(text: &str) -> Option<PathBuf> {
    let Some(hex) = text.strip_prefix(RAW) else { return Some(text.into()) };
    let pairs = hex.as_bytes().as_chunks::<2>().0.iter();
    let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    path_of_bytes(bytes.collect::<Option<Vec<u8>>>()?)
}

#[cfg(unix)]
fn path_of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_of_bytes(_bytes: Vec<u8>) -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_survives_its_spelling() {
        for text in ["a.svg", "ünïcødé ☂/two\nlines.svg", "", "00ff"] {
            assert_eq!(path_of(&spell(Path::new(text))).unwrap(), Path::new(text));
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let odd = Path::new(std::ffi::OsStr::from_bytes(b"not-\xff-utf8.svg"));
            assert_eq!(path_of(&spell(odd)).unwrap(), odd);
            assert_ne!(spell(odd), spell(Path::new(odd.to_string_lossy().as_ref())));
        }
        assert_eq!(path_of("\0zz"), None);
    }
}
