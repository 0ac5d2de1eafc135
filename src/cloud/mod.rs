//! Objects in a store and files on a web server, where the rest of the program knows paths.
//!
//! A place is a URL in a [`Path`]: `s3://bucket/key`, `gs://bucket/key`, `az://container/blob`,
//! `https://host/path` (and `http://` to this machine alone). Whoever takes a path from the user has it
//! checked by [`admit`], once; everything that reads and writes files then asks [`is_url`] and comes here.
//!
//! | module | what it does |
//! |---|---|
//! | `url` | which paths are URLs, and what their parts are |
//! | `client` | one client of the process for all stores: connections, deadlines, what listings told |
//! | `failure` | what went wrong, in our codes and in words that hold no secret |
//! | `absent` | in place of `client` in a program that was built without the feature `cloud` |
//!
//! Credentials come from the environment, as the tools of each store have them, and stay in the client: no
//! error, log or report has one, since text of a store is never passed on, and a query string, which may be a
//! signature, is taken off a URL before anybody else sees it.
//!
//! Objects come and go as a whole, so that an output is whole or untouched here as on a disk, without a
//! temporary name.

#[cfg(not(feature = "cloud"))]
mod absent;
#[cfg(feature = "cloud")]
mod client;
#[cfg(feature = "cloud")]
mod failure;
mod url;

use std::path::{Path, PathBuf};
use std::time::Duration;

#[cfg(not(feature = "cloud"))]
use absent as client;
pub(crate) use client::Fetch;
pub use url::is_url;

use crate::Result;
use crate::output::IfExists;

/// How long reading or writing one object may take unless [`settle`] says otherwise, all tries together: 256 MiB
/// at 10 Mbit/s, which is a slow line and the largest file that is taken.
pub const DEADLINE: Duration = Duration::from_secs(240);

/// What is known of an object without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Object {
    /// Its size, bytes.
    pub(crate) bytes: u64,
    /// What its store gives each content a new one of (the `ETag`), hashed; `None`: it gives none.
    pub(crate) tag: Option<i64>,
}

/// What a URL of a store leads to.
#[derive(Debug)]
#[cfg_attr(not(feature = "cloud"), expect(dead_code, reason = "nothing is ever found"))]
pub(crate) enum Found {
    /// One object, or what cannot be told from one without reading it.
    Object,
    /// Everything below a prefix.
    Folder(Vec<PathBuf>),
}

/// How long reading or writing one object may take, from the next one on.
pub fn settle(deadline: Duration) {
    client::settle(deadline);
}

/// A URL as it may be shown and handed on, of one that a user typed: checked, in its one spelling, and without
/// its query, which is kept for the request alone.
///
/// # Errors
/// [`crate::Code::OptionInvalid`] for one that is not complete, or has a name or password in it;
/// [`crate::Code::CloudNotBuilt`] without the feature `cloud`. Neither shows more of the URL than may be shown.
pub fn admit(typed: &Path) -> Result<PathBuf> {
    let (url, query) = url::admit(typed)?;
    client::admit(&url, query)?;
    Ok(url)
}

/// The bytes of an object of at most `limit` bytes; more is not read.
///
/// # Errors
/// [`crate::Code::InputNotFound`], [`crate::Code::InputTooLarge`], a `cloud.*` code; each names the URL.
pub fn read(url: &Path, limit: u64) -> Result<Vec<u8>> {
    client::read(url, limit).map_err(|e| e.at(url))
}

/// Writes an object, unless there is one and `if_exists` protects it: then nothing happens, and the answer is
/// false. Where the store can be asked to create but never to replace, it is.
///
/// # Errors
/// A `cloud.*` code, naming the URL.
pub(crate) fn write(url: &Path, bytes: &[u8], if_exists: IfExists) -> Result<bool> {
    client::write(url, bytes, if_exists).map_err(|e| e.at(url))
}

/// What is known of the object at `url`; `None`: there is none.
///
/// # Errors
/// A `cloud.*` code, naming the URL.
pub(crate) fn look(url: &Path) -> Result<Option<Object>> {
    client::look(url).map_err(|e| e.at(url))
}

/// The size of an object, where a listing has told it. Asks nobody.
pub(crate) fn listed_bytes(url: &Path) -> Option<u64> {
    client::listed(url).map(|object| object.bytes)
}

/// What is at `url`: an object, or all objects below it, in folders below it too if `recursive`. What is listed
/// is known from then on.
///
/// # Errors
/// A `cloud.*` code, naming the URL.
pub(crate) fn find(url: &Path, recursive: bool) -> Result<Found> {
    client::find(url, recursive).map_err(|e| e.at(url))
}

/// Learns what is below `url` in one go, so that nobody asks for one object after the other. A web server cannot
/// be asked.
///
/// # Errors
/// A `cloud.*` code, naming the URL.
pub fn learn(url: &Path) -> Result<()> {
    client::learn(url).map_err(|e| e.at(url))
}

/// Begins to read an object.
///
/// # Errors
/// As [`read`], for what can be told at once.
pub(crate) fn fetch(url: &Path, limit: u64) -> Result<Fetch> {
    client::fetch(url, limit).map_err(|e| e.at(url))
}

#[cfg(all(test, not(feature = "cloud")))]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn without_the_feature_a_url_is_refused_by_name() {
        let e = admit(Path::new("s3://bucket/a.png")).unwrap_err();
        assert_eq!(e.code(), Code::CloudNotBuilt);
        assert!(e.suggestion().contains("--features cloud"), "{}", e.suggestion());
        let e = read(Path::new("s3://bucket/a.png"), 1).unwrap_err();
        assert_eq!((e.code(), e.subject()), (Code::CloudNotBuilt, Some("s3://bucket/a.png")));
    }
}
