//! What a search has drawn before: every third trace comes out the same as an earlier one, since the option that was
//! turned does not matter for the picture.
//!
//! Two threads may both find that something is new and both do the work; their results are the same. None waits for the
//! other, which could be waiting for a turn itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::svg;
use crate::score::Metrics;

/// Longest SVG that is kept shrunk, bytes: there are some hundreds in a search, and what is as large is hardly ever drawn
/// twice.
const LONGEST: usize = 64 << 10;

/// SHA-256 of an SVG.
type Key = [u8; 32];

/// Scores and shrunk forms of the SVGs of one picture.
#[derive(Default)]
pub(crate) struct Memo {
    scores: Mutex<HashMap<Key, Metrics>>,
    /// By the SVG and the tolerance; `None`: shrinking gains nothing.
    shrunk: Mutex<HashMap<(Key, u64), Option<String>>>,
}

impl Memo {
    /// The score of `text`, which `measure` finds where it is new.
    ///
    /// # Errors
    /// That of `measure`, which is not remembered.
    pub(crate) fn score<E>(
        &self,
        text: &str,
        measure: impl FnOnce() -> Result<Option<Metrics>, E>,
    ) -> Result<Option<Metrics>, E> {
        let key = key(text);
        if let Some(known) = lock(&self.scores).get(&key) {
            return Ok(Some(known.clone()));
        }
        let metrics = measure()?;
        if let Some(metrics) = &metrics {
            lock(&self.scores).insert(key, metrics.clone());
        }
        Ok(metrics)
    }

    /// `text` in fewer bytes, if there is such a thing.
    pub(crate) fn shrunk(&self, text: &str, options: &svg::Options) -> Option<String> {
        // The ways of one search differ in their tolerance alone.
        let key = (key(text), options.tolerance.to_bits());
        if let Some(known) = lock(&self.shrunk).get(&key) {
            return known.clone();
        }
        let shrunk = svg::shrink(text.as_bytes(), options).ok().and_then(|s| String::from_utf8(s.svg).ok());
        let shrunk = shrunk.filter(|shrunk| shrunk.len() < text.len());
        if shrunk.as_ref().is_none_or(|shrunk| shrunk.len() <= LONGEST) {
            lock(&self.shrunk).insert(key, shrunk.clone());
        }
        shrunk
    }
}

fn key(text: &str) -> Key {
    Sha256::digest(text.as_bytes()).into()
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Entries are whole or not there.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Raster;
    use crate::score::{MetricSet, Reference, Trust};

    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\">\
        <path d=\"M 1.000 1.000 L 7.000 1.000 L 7.000 7.000 Z\" fill=\"#ff0000\"/></svg>";

    #[test]
    fn what_was_measured_is_not_measured_again() {
        let raster = Raster::new(8, 8, [255, 0, 0, 255].repeat(64)).unwrap();
        let reference = Reference::new(&raster, MetricSet::Basic);
        let memo = Memo::default();
        let measure = || reference.measure(SVG.as_bytes(), Trust::Own, None).map(Some);
        assert!(memo.score(SVG, || Err(1)).is_err());
        let first = memo.score(SVG, measure).unwrap().unwrap();
        let second = memo.score(SVG, || Err(1)).unwrap().unwrap();
        assert_eq!(first.quality, second.quality);
        assert!(memo.score(&SVG.replace('7', "6"), || Err(1)).is_err(), "another SVG");
    }

    #[test]
    fn each_tolerance_has_its_own_shrunk_form() {
        let memo = Memo::default();
        let ways = svg::Options::default().and_looser();
        let all: Vec<_> = ways.iter().map(|way| memo.shrunk(SVG, way)).collect();
        assert!(all.iter().all(|s| s.as_ref().is_some_and(|s| s.len() < SVG.len())), "{all:?}");
        assert_eq!(lock(&memo.shrunk).len(), ways.len());
        assert_eq!(memo.shrunk(SVG, &ways[0]), all[0]);
        assert_eq!(lock(&memo.shrunk).len(), ways.len());
    }
}
