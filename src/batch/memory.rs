//! What an item takes of memory, told from its header, and how much all may take at once.
//!
//! These are estimates from above for what was measured (`scripts/speed.sh`), not promises: the report has
//! the peak that was reached.

use super::RunOptions;
use crate::optimize::svg;
use crate::pipeline::Job;
use crate::raster::{self, Format};
use crate::report::host::memory_limit;

/// Bytes a pixel that an image takes while it is traced and scored: smooth ramps are the worst.
const BYTES_A_PIXEL: f64 = 50.0;

/// How many times a pixel of a noisy picture counts: it takes up to 100 bytes, since each becomes a region.
const NOISY: f64 = 2.1;

/// Bytes a pixel of a lossless file from which on, and at which, the picture is quite noisy: drawings have
/// 0.02 to 0.15, photographs 0.8 and more.
const CALM_BYTES: f64 = 0.05;
const NOISY_BYTES: f64 = 0.5;

/// How many times smaller a lossy file is than a lossless one of the same picture, at least.
const LOSSY: f64 = 4.0;

/// Bytes for each job unless the user says otherwise: an image of 4 megapixels, so that two jobs stay
/// below 500 MB.
const BYTES_A_JOB: u64 = 200_000_000;

/// The part of the machine's memory, or of the control group's, that is taken at most without being asked
/// for: one half, since the estimates are estimates and others live there too.
const SHARE_OF_LIMIT: u64 = 2;

/// Bytes that all items of `jobs` threads may take together when the user does not say.
pub fn default_budget(jobs: usize) -> u64 {
    let wanted = BYTES_A_JOB.saturating_mul(jobs.max(1) as u64);
    memory_limit().map_or(wanted, |limit| wanted.min(limit / SHARE_OF_LIMIT))
}

/// Bytes that `job` is going to take: its file, and its pixels; `read` is the file, where it was read already.
/// A header that cannot be read costs little, since the item is about to fail.
pub(super) fn cost(job: &Job, read: Option<&[u8]>, options: &RunOptions) -> u64 {
    let limits = &options.pipeline.limits;
    let bytes = read.map_or_else(|| std::fs::metadata(&job.input).map_or(0, |m| m.len()), |read| read.len() as u64);
    if let Some(shrink) = options.svg.as_ref().filter(|_| svg::is_svg_name(&job.input)) {
        return bytes + (shrink.pixels_held() as f64 * BYTES_A_PIXEL) as u64;
    }
    let size = read.map_or_else(|| raster::dimensions_of(&job.input, limits), |read| raster::dimensions(read, limits));
    let Ok((format, w, h)) = size else { return bytes.max(1) };
    let pixels = f64::from(w) * f64::from(h);
    bytes + (pixels * BYTES_A_PIXEL * noise_factor(format, bytes as f64 / pixels.max(1.0))) as u64
}

fn noise_factor(format: Format, bytes_per_pixel: f64) -> f64 {
    let lossy = matches!(format, Format::Jpeg | Format::WebP);
    let lossless = bytes_per_pixel * if lossy { LOSSY } else { 1.0 };
    1.0 + (NOISY - 1.0) * ((lossless - CALM_BYTES) / (NOISY_BYTES - CALM_BYTES)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noisy_pictures_cost_more() {
        assert_eq!(noise_factor(Format::Png, 0.02), 1.0);
        assert_eq!(noise_factor(Format::Png, 1.0), NOISY);
        assert_eq!(noise_factor(Format::Jpeg, 0.2), NOISY);
        let between = noise_factor(Format::Png, 0.15);
        assert!(between > 1.0 && between < 1.3, "{between}");
    }

    #[test]
    fn the_default_leaves_half_of_the_machine() {
        let limit = memory_limit().unwrap_or(u64::MAX);
        assert_eq!(default_budget(1), BYTES_A_JOB.min(limit / 2));
        assert_eq!(default_budget(1_000_000), (1_000_000 * BYTES_A_JOB).min(limit / 2));
    }
}
