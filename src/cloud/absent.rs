//! The client of a program that was built without the feature `cloud`: every place is refused.

use std::path::Path;
use std::time::Duration;

use super::{Found, Object};
use crate::output::IfExists;
use crate::{Code, Error, Result};

fn absent<T>() -> Result<T> {
    Err(Error::new(Code::CloudNotBuilt, "this svg-ai was built without the feature `cloud`"))
}

pub(super) fn settle(_: Duration) {}

pub(super) fn admit(url: &Path, _: Option<String>) -> Result<()> {
    absent().map_err(|e: Error| e.at(url))
}

pub(super) fn read(_: &Path, _: u64) -> Result<Vec<u8>> {
    absent()
}

pub(super) fn write(_: &Path, _: &[u8], _: IfExists) -> Result<bool> {
    absent()
}

pub(super) fn look(_: &Path) -> Result<Option<Object>> {
    absent()
}

pub(super) fn listed(_: &Path) -> Option<Object> {
    None
}

pub(super) fn find(_: &Path, _: bool) -> Result<Found> {
    absent()
}

pub(super) fn learn(_: &Path) -> Result<()> {
    absent()
}

pub(super) fn fetch(_: &Path, _: u64) -> Result<Fetch> {
    absent()
}

/// There is none.
#[derive(Debug)]
pub(crate) enum Fetch {}

impl Fetch {
    pub(crate) fn wait(self, _: &dyn Fn() -> bool) -> Result<Vec<u8>> {
        match self {}
    }
}
