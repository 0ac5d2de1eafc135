//! An embedded ICC profile to sRGB, with `moxcms`.
//!
//! A profile is advice about colours, so a broken or unsuitable one never fails a picture: it is
//! left out and the caller is told. Most profiles *are* sRGB in one of its many editions; they are
//! recognised by what they do to a set of probe colours, and then the pixels are not touched.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformExecutor, TransformOptions};

/// Pixels transformed at a time: a few kilobytes of scratch memory, inside the first-level cache.
const BLOCK: usize = 2048;
/// Steps of the probe along each axis of the colour cube.
const PROBE_STEPS: usize = 9;
/// Largest change, in 8-bit levels, at which a profile still counts as sRGB: the rounding of its
/// curves and matrix to 16 bits.
const SAME_LEVELS: u8 = 1;

/// What the picture's samples were before they became RGBA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Samples {
    /// One grey channel, repeated.
    Grey,
    /// Red, green and blue.
    Rgb,
    /// Still cyan, magenta, yellow and black in the places of R, G, B and A; 255 is full ink.
    Ink,
}

type Transform = Arc<dyn TransformExecutor<u8> + Send + Sync>;

/// Brings `data` to sRGB by the profile, and inks to RGB with or without one.
///
/// Returns what the user should know, if anything.
pub(super) fn to_srgb(data: &mut [u8], samples: Samples, profile: Option<&[u8]>) -> Option<String> {
    let outcome = profile.map(|icc| {
        catch_unwind(AssertUnwindSafe(|| apply(data, samples, icc)))
            .unwrap_or_else(|_| Err("it could not be read".to_owned()))
    });
    let converted = matches!(outcome, Some(Ok(())));
    let mut note = match outcome {
        Some(Err(reason)) => Some(format!("the colour profile was ignored: {reason}")),
        _ => None,
    };
    if samples == Samples::Ink {
        if !converted {
            ink_to_rgb(data);
        }
        let how =
            if converted { "by its colour profile" } else { "by the simple formula, as without a usable profile" };
        let converted = format!("CMYK was converted to RGB {how}");
        note = Some(note.map_or(converted.clone(), |n| format!("{n}; {converted}")));
    }
    note
}

/// Inks to RGB as every browser does it without a profile: each channel is the light that its ink
/// and the black one let through.
fn ink_to_rgb(data: &mut [u8]) {
    for p in data.as_chunks_mut::<4>().0 {
        let light = 255 - u32::from(p[3]);
        let through = |ink: u8| (((255 - u32::from(ink)) * light + 127) / 255) as u8;
        *p = [through(p[0]), through(p[1]), through(p[2]), 255];
    }
}

/// Applies the profile in place; the error says in words why it could not be.
fn apply(data: &mut [u8], samples: Samples, icc: &[u8]) -> Result<(), String> {
    let profile = ColorProfile::new_from_slice(icc).map_err(|e| format!("it could not be read ({e})"))?;
    match (profile.color_space, samples) {
        (DataColorSpace::Rgb, Samples::Rgb | Samples::Grey) => rgb(data, &profile),
        (DataColorSpace::Gray, Samples::Grey) => grey(data, &profile),
        (DataColorSpace::Cmyk, Samples::Ink) => ink(data, &profile),
        (space, samples) => Err(format!("it is for {space:?} and the image is {samples:?}")),
    }
}

/// The transform from `profile` to sRGB. Perceptual where the profile has it; a profile with
/// another intent only is used by that.
fn transform(profile: &ColorProfile, from: Layout, to: Layout) -> Result<Transform, String> {
    let srgb = ColorProfile::new_srgb();
    let with = |rendering_intent| {
        let options = TransformOptions { rendering_intent, ..TransformOptions::default() };
        profile.create_transform_8bit(from, &srgb, to, options)
    };
    with(RenderingIntent::Perceptual)
        .or_else(|_| with(RenderingIntent::RelativeColorimetric))
        .map(|t| t as Transform)
        .map_err(|e| format!("it cannot be converted to sRGB ({e})"))
}

fn run(transform: &Transform, from: &[u8], to: &mut [u8]) -> Result<(), String> {
    transform.transform(from, to).map_err(|e| format!("it cannot be converted to sRGB ({e})"))
}

fn rgb(data: &mut [u8], profile: &ColorProfile) -> Result<(), String> {
    let transform = transform(profile, Layout::Rgba, Layout::Rgba)?;
    let probe = probe();
    let mut out = vec![0; probe.len()];
    run(&transform, &probe, &mut out)?;
    if probe.iter().zip(&out).all(|(a, b)| a.abs_diff(*b) <= SAME_LEVELS) {
        return Ok(());
    }
    run_in_place(&transform, data, |p, [r, g, b, _]| *p = [r, g, b, p[3]])
}

/// Transforms block by block, and lets `put` store each result.
fn run_in_place(transform: &Transform, data: &mut [u8], put: impl Fn(&mut [u8; 4], [u8; 4])) -> Result<(), String> {
    let mut scratch = vec![0; BLOCK * 4];
    for block in data.chunks_mut(BLOCK * 4) {
        let out = &mut scratch[..block.len()];
        run(transform, block, out)?;
        for (p, &q) in block.as_chunks_mut::<4>().0.iter_mut().zip(out.as_chunks::<4>().0) {
            put(p, q);
        }
    }
    Ok(())
}

/// Grey has only 256 values: they are transformed, and the pixels looked up.
fn grey(data: &mut [u8], profile: &ColorProfile) -> Result<(), String> {
    let transform = transform(profile, Layout::Gray, Layout::Rgb)?;
    let values: Vec<u8> = (0..=255).collect();
    let mut table = vec![0; 256 * 3];
    run(&transform, &values, &mut table)?;
    let table = table.as_chunks::<3>().0;
    for p in data.as_chunks_mut::<4>().0 {
        let [r, g, b] = table[usize::from(p[0])];
        *p = [r, g, b, p[3]];
    }
    Ok(())
}

fn ink(data: &mut [u8], profile: &ColorProfile) -> Result<(), String> {
    let transform = transform(profile, Layout::Rgba, Layout::Rgba)?;
    // Tried on one pixel first: once a block has been converted there is no way back.
    run(&transform, &[0; 4], &mut [0; 4])?;
    run_in_place(&transform, data, |p, [r, g, b, _]| *p = [r, g, b, 255])
}

/// Colours spread over the cube, and all greys, as opaque RGBA.
fn probe() -> Vec<u8> {
    let level = |i: usize| (i * 255 / (PROBE_STEPS - 1)) as u8;
    let mut out = Vec::with_capacity((PROBE_STEPS.pow(3) + 256) * 4);
    for i in 0..PROBE_STEPS.pow(3) {
        let (r, g, b) = (i / PROBE_STEPS / PROBE_STEPS, i / PROBE_STEPS % PROBE_STEPS, i % PROBE_STEPS);
        out.extend_from_slice(&[level(r), level(g), level(b), 255]);
    }
    out.extend((0..=255).flat_map(|v| [v, v, v, 255]));
    out
}
