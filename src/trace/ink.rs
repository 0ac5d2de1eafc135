//! Pictures made of one ink: every pixel is a blend of one colour and one ground.
//!
//! Between two flat inks F and B a pixel P = aF + (1 - a)B gives its coverage
//! a = <P - B, F - B> / |F - B|², from all channels at once. Such a picture is traced from its
//! coverage, so a red mark on white stays exactly red, and a white mark on a transparent ground
//! stays white and keeps the ground transparent.

use crate::Raster;
use crate::document::{Paint, Rgb};

/// A picture of one ink.
pub(super) struct SingleInk {
    /// The ink.
    pub(super) paint: Paint,
    /// The opaque ground, or none when it is transparent.
    pub(super) ground: Option<Rgb>,
    /// Coverage by the ink, 0 to 255, row by row.
    pub(super) coverage: Vec<u8>,
}

/// Farthest that a pixel may lie from the line between ink and ground, 8-bit steps; more than
/// rounding and light compression, less than any second ink that a person would see.
const MAX_DISTANCE: f64 = 14.0;

/// Share of the pixels that may lie farther off (stray dots).
const MAX_STRAY: f64 = 0.002;

/// Least distance of ink and ground, 8-bit steps; below it noise would be read as coverage.
const MIN_CONTRAST: f64 = 40.0;

/// Least share of the pixels that must be pure ink or ground: a smooth ramp between two colours is
/// also a line in colour space, but hardly any of its pixels are pure.
const MIN_PURE: f64 = 0.6;

/// Finds the ink and the ground of a picture that has just one of each.
pub(super) fn single_ink(raster: &Raster) -> Option<SingleInk> {
    if raster.is_opaque() { on_opaque_ground(raster) } else { on_transparent_ground(raster) }
}

/// Bits of a channel that a bin of [`most_frequent`] keeps.
const BIN_BITS: u32 = 4;

/// The most frequent of `colors`: the commonest colour of the fullest bin. Counting bins rather
/// than colours keeps this linear; ties go to the darker bin and the smaller colour.
fn most_frequent(colors: impl Iterator<Item = Rgb> + Clone) -> Option<Rgb> {
    let bin = |c: Rgb| c.iter().fold(0usize, |bin, v| bin << BIN_BITS | usize::from(v >> (8 - BIN_BITS)));
    let mut bins = vec![0usize; 1 << (3 * BIN_BITS)];
    for c in colors.clone() {
        bins[bin(c)] += 1;
    }
    let fullest = (0..bins.len()).rev().max_by_key(|i| bins[*i]).filter(|i| bins[*i] > 0)?;
    let mut inside: Vec<Rgb> = colors.filter(|c| bin(*c) == fullest).collect();
    inside.sort_unstable();
    inside.chunk_by(|a, b| a == b).rev().max_by_key(|run| run.len()).map(|run| run[0])
}

fn on_transparent_ground(raster: &Raster) -> Option<SingleInk> {
    let mut alphas = [0usize; 256];
    for p in raster.pixels() {
        alphas[usize::from(p[3])] += 1;
    }
    let alpha = (128..=255u8).max_by_key(|a| alphas[usize::from(*a)]).filter(|a| alphas[usize::from(*a)] > 0)?;
    let pure = alphas[usize::from(alpha)];
    let color = most_frequent(raster.pixels().iter().filter(|p| p[3] == alpha).map(|p| [p[0], p[1], p[2]]))?;
    let (mut stray, mut visible, mut clear) = (0usize, 0usize, 0usize);
    for p in raster.pixels() {
        // The straight colour of a faint pixel is rounded coarsely: weigh its distance by alpha.
        let weight = f64::from(p[3]) / 255.0;
        let off = (0..3).map(|c| (f64::from(p[c]) - f64::from(color[c])).powi(2)).sum::<f64>().sqrt() * weight;
        visible += usize::from(p[3] > 0);
        clear += usize::from(p[3] == 0);
        stray += usize::from(off > MAX_DISTANCE || p[3] > alpha.saturating_add(MAX_DISTANCE as u8));
    }
    let fits = clear > 0
        && stray as f64 <= MAX_STRAY * visible as f64
        && (pure + clear) as f64 >= MIN_PURE * raster.len() as f64;
    fits.then(|| SingleInk {
        paint: Paint::Solid { color, opacity: f64::from(alpha) / 255.0 },
        ground: None,
        coverage: raster.pixels().iter().map(|p| (u32::from(p[3]) * 255 / u32::from(alpha)).min(255) as u8).collect(),
    })
}

fn on_opaque_ground(raster: &Raster) -> Option<SingleInk> {
    let (w, h) = (raster.width(), raster.height());
    let rgb = |p: [u8; 4]| -> Rgb { [p[0], p[1], p[2]] };
    let rows = (0..w).flat_map(|x| [raster.pixel(x, 0), raster.pixel(x, h - 1)]);
    let columns = (0..h).flat_map(|y| [raster.pixel(0, y), raster.pixel(w - 1, y)]);
    let ground = most_frequent(rows.chain(columns).map(rgb))?;

    let square = |a: Rgb, b: Rgb| (0..3).map(|c| (i32::from(a[c]) - i32::from(b[c])).pow(2)).sum::<i32>();
    let least = (MIN_CONTRAST * MIN_CONTRAST) as i32;
    let far = |c: &Rgb| square(*c, ground) >= least;
    // Every seventh pixel tells the commonest colour of anything but a few dots; those need all.
    let sampled = most_frequent(raster.pixels().iter().step_by(7).map(|p| rgb(*p)).filter(far));
    let ink = sampled.or_else(|| most_frequent(raster.pixels().iter().map(|p| rgb(*p)).filter(far)))?;

    let f: [f64; 3] = std::array::from_fn(|c| f64::from(ink[c]) - f64::from(ground[c]));
    let length = f.iter().map(|v| v * v).sum::<f64>();
    let n = raster.len() as f64;
    let (mut stray, mut pure) = (0usize, 0usize);
    let mut coverage = Vec::with_capacity(raster.len());
    // Row by row, so that a picture of many inks is known for one within the first few.
    for row in raster.pixels().chunks(raster.width() as usize) {
        coverage.extend(row.iter().map(|p| {
            let d: [f64; 3] = std::array::from_fn(|c| f64::from(p[c]) - f64::from(ground[c]));
            let a = (0..3).map(|c| d[c] * f[c]).sum::<f64>() / length;
            let off = (0..3).map(|c| (d[c] - a * f[c]).powi(2)).sum::<f64>().sqrt();
            let beyond = (a - a.clamp(0.0, 1.0)).abs() * length.sqrt();
            stray += usize::from(off > MAX_DISTANCE || beyond > MAX_DISTANCE);
            pure += usize::from(!(0.02..=0.98).contains(&a));
            (a.clamp(0.0, 1.0) * 255.0).round() as u8
        }));
        if stray as f64 > MAX_STRAY * n {
            return None;
        }
    }
    let fits = pure as f64 >= MIN_PURE * n;
    fits.then(|| SingleInk { paint: Paint::opaque(ink), ground: Some(ground), coverage })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A half-plane of `ink` over `ground`, with one column of half coverage.
    fn half(ink: [u8; 4], ground: [u8; 4]) -> Raster {
        let mix: [u8; 4] = std::array::from_fn(|c| {
            if ground[3] == 0 && c < 3 { ink[c] } else { ((u16::from(ink[c]) + u16::from(ground[c])) / 2) as u8 }
        });
        let row: Vec<u8> = (0..9)
            .flat_map(|x| {
                if x < 5 {
                    ground
                } else if x == 5 {
                    mix
                } else {
                    ink
                }
            })
            .collect();
        Raster::new(9, 9, row.repeat(9)).unwrap()
    }

    #[test]
    fn red_on_white_is_red_and_white_on_transparent_is_white() {
        let red = single_ink(&half([220, 20, 30, 255], [255; 4])).unwrap();
        assert_eq!((red.paint, red.ground), (Paint::opaque([220, 20, 30]), Some([255; 3])));
        assert!((126..=130).contains(&red.coverage[5]));
        let white = single_ink(&half([255; 4], [0; 4])).unwrap();
        assert_eq!((white.paint, white.ground), (Paint::opaque([255; 3]), None));
    }

    #[test]
    fn a_half_transparent_mark_keeps_its_opacity() {
        let mark = single_ink(&half([0, 0, 200, 128], [0; 4])).unwrap();
        assert_eq!(mark.paint, Paint::Solid { color: [0, 0, 200], opacity: 128.0 / 255.0 });
        assert_eq!((mark.coverage[0], mark.coverage[8]), (0, 255));
    }

    #[test]
    fn two_inks_and_ramps_are_not_one_ink() {
        let mut data = half([220, 20, 30, 255], [255; 4]).into_bytes();
        for p in data[..9 * 4 * 3].chunks_exact_mut(4) {
            p.copy_from_slice(&[0, 160, 40, 255]);
        }
        assert!(single_ink(&Raster::new(9, 9, data).unwrap()).is_none());
        let ramp: Vec<u8> = (0..100).flat_map(|x| [x as u8 * 2, 0, 0, 255]).collect();
        assert!(single_ink(&Raster::new(100, 1, ramp).unwrap()).is_none());
    }
}
