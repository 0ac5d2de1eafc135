//! Which part of the work a machine does, when several share it.
//!
//! Every machine finds all files, plans all outputs, and does those whose path below the output folder
//! has a hash that falls to it. So nobody has to hand out work, two inputs that would write one output are
//! refused though they fall to different machines, and a file stays with its machine whatever else is
//! there. The hash is SHA-256: the same on every system and in every version.
//!
//! Parts are equal in number, within chance: of 10 000 files, one of eight gets 1250 ± 35. Not in cost,
//! which nobody knows beforehand; more parts than machines even that out.

use std::path::Path;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::pipeline::Job;
use crate::report::ShardReport;
use crate::{Code, Error, Result};

/// Most parts of a run: far more than there are machines, and each leaves a report.
const MAX_PARTS: u32 = 100_000;

/// Part `index` of `count`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl FromStr for Shard {
    type Err = Error;

    /// # Errors
    /// [`Code::OptionInvalid`] for anything but `K/N` with 1 ≤ K ≤ N.
    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_once('/').and_then(|(k, n)| Some((k.trim().parse().ok()?, n.trim().parse().ok()?)));
        let shard = numbers.map(|(index, count)| Self { index, count });
        shard.filter(|s| (1..=s.count).contains(&s.index) && s.count <= MAX_PARTS).ok_or_else(|| {
            let what = format!("`{text}` is not K/N, such as 2/8, with K from 1 to N and N up to {MAX_PARTS}");
            Error::new(Code::OptionInvalid, what)
        })
    }
}

impl Shard {
    /// Leaves of a whole run what falls to this part: of `jobs`, whose outputs are below `folder`, and of
    /// `errors`, what could not be listed. Says what the whole was.
    pub fn keep(self, jobs: &mut Vec<Job>, errors: &mut Vec<Error>, folder: &Path) -> ShardReport {
        let mut names: Vec<Vec<u8>> = Vec::with_capacity(jobs.len() + errors.len());
        let mut falls_to_us = |name: Vec<u8>| {
            let ours = part_of(&name, self.count) == self.index;
            names.push(name);
            ours
        };
        jobs.retain(|job| falls_to_us(name_of(job.output.as_deref().unwrap_or(&job.input), folder)));
        errors.retain(|error| falls_to_us(error.subject().unwrap_or_default().as_bytes().to_vec()));
        names.sort();
        let mut listing = Sha256::new();
        for name in &names {
            listing.update(name);
            listing.update(b"\0");
        }
        let hex = listing.finalize().iter().map(|b| format!("{b:02x}")).collect();
        ShardReport { index: self.index, count: self.count, of_items: names.len(), listing: hex }
    }
}

/// The path of `output` below `folder`, in bytes that are the same on every system.
fn name_of(output: &Path, folder: &Path) -> Vec<u8> {
    let below = output.strip_prefix(folder).unwrap_or(output);
    let parts: Vec<&[u8]> = below.components().map(|c| c.as_os_str().as_encoded_bytes()).collect();
    parts.join(&b'/')
}

/// The part, from 1, that `name` falls to.
fn part_of(name: &[u8], count: u32) -> u32 {
    let hash = Sha256::digest(name);
    let head = hash.iter().take(8).fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    // Below `count`, which is a u32.
    (head % u64::from(count)) as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn jobs(n: usize) -> Vec<Job> {
        let output = |i: usize| PathBuf::from(format!("out/{}/{i}.svg", i % 7));
        (0..n).map(|i| Job { input: format!("in/{i}.png").into(), output: Some(output(i)) }).collect()
    }

    #[test]
    fn parts_are_read_and_nonsense_is_refused() {
        assert_eq!("2/8".parse::<Shard>().unwrap(), Shard { index: 2, count: 8 });
        for bad in ["", "2", "0/8", "9/8", "1/0", "-1/8", "1/8/2", "a/b", "1/100001"] {
            assert_eq!(bad.parse::<Shard>().unwrap_err().code(), Code::OptionInvalid, "{bad}");
        }
    }

    #[test]
    fn every_file_falls_to_one_part_and_parts_are_about_equal() {
        let all = jobs(10_000);
        let mut seen = Vec::new();
        let mut listings = Vec::new();
        for index in 1..=8 {
            let (mut part, mut errors) = (all.clone(), vec![Error::new(Code::InputUnreadable, "").at(Path::new("x"))]);
            let report = Shard { index, count: 8 }.keep(&mut part, &mut errors, Path::new("out"));
            assert!((1100..1400).contains(&part.len()), "{}", part.len());
            assert_eq!(report.of_items, 10_001);
            listings.push(report.listing);
            seen.extend(part);
            seen.extend(errors.iter().map(|_| Job { input: "x".into(), output: None }));
        }
        listings.dedup();
        assert_eq!((seen.len(), listings.len()), (10_001, 1));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 10_001);
    }

    #[test]
    fn where_a_file_falls_never_changes() {
        // printf %s a/b.svg | sha256sum: the first 8 bytes, as a number, modulo 8, and one.
        let name = name_of(Path::new("out/a/b.svg"), Path::new("out"));
        assert_eq!(name, b"a/b.svg");
        assert_eq!(part_of(&name, 8), 1);
        let (mut one, mut none) = (jobs(3), Vec::new());
        let report = Shard { index: 1, count: 1 }.keep(&mut one, &mut none, Path::new("out"));
        assert_eq!((one.len(), report.listing.len()), (3, 64));
    }
}
