//! Alpha as layers: which opacities a picture is drawn with, and which pixel has which.
//!
//! An opacity is one that pixels have whose four neighbours share it; what lies between two
//! opacities at an edge is anti-aliasing and goes to the nearer of the opacities close by. A
//! picture whose alpha is all ramp gets evenly spaced steps instead.

use crate::Raster;

/// The opacities of a picture.
pub(super) struct AlphaLayers {
    /// Opacities in rising order, 1 to 255; fully transparent is not among them.
    pub(super) levels: Vec<u8>,
    /// For each pixel the index into `levels`, or [`CLEAR`].
    pub(super) layer: Vec<u8>,
}

/// A pixel that belongs to no layer.
pub(super) const CLEAR: u8 = u8::MAX;

/// Share of the pixels that must have an opacity in their midst for it to count as one.
const MIN_SHARE: f64 = 0.0005;

/// Opacities closer than this are one, 8-bit steps.
const MIN_STEP: u8 = 8;

/// With more opacities than this the alpha is a ramp.
const MAX_LEVELS: usize = 12;

/// Steps that a ramp is cut into.
const RAMP_STEPS: u8 = 8;

/// Radius in which an anti-aliased pixel looks for its opacity, px.
const REACH: i64 = 2;

/// Finds the opacities of `raster`; `None` when it is opaque.
pub(super) fn alpha_layers(raster: &Raster) -> Option<AlphaLayers> {
    if raster.is_opaque() {
        return None;
    }
    let (w, h) = (i64::from(raster.width()), i64::from(raster.height()));
    let alpha: Vec<u8> = raster.pixels().iter().map(|p| p[3]).collect();
    let at = |x: i64, y: i64| alpha[(y.clamp(0, h - 1) * w + x.clamp(0, w - 1)) as usize];
    let flat: Vec<bool> = (0..h)
        .flat_map(|y| (0..w).map(move |x| (x, y)))
        .map(|(x, y)| [(1, 0), (-1, 0), (0, 1), (0, -1)].iter().all(|(dx, dy)| at(x + dx, y + dy) == at(x, y)))
        .collect();
    let mut count = [0usize; 256];
    for (a, _) in alpha.iter().zip(&flat).filter(|(_, f)| **f) {
        count[usize::from(*a)] += 1;
    }
    let enough = (raster.len() as f64 * MIN_SHARE).max(4.0) as usize;
    // By frequency first, so that of two close opacities the commoner one stays.
    let mut candidates: Vec<u8> = (1..=255u8).filter(|a| count[usize::from(*a)] >= enough).collect();
    candidates.sort_by_key(|a| std::cmp::Reverse(count[usize::from(*a)]));
    let mut levels: Vec<u8> = Vec::new();
    for a in candidates {
        if levels.iter().all(|l| l.abs_diff(a) >= MIN_STEP) {
            levels.push(a);
        }
    }
    let covered: usize = alpha.iter().filter(|a| **a == 0 || levels.iter().any(|l| l.abs_diff(**a) < MIN_STEP)).count();
    if levels.is_empty() || levels.len() > MAX_LEVELS || covered * 2 < alpha.len() {
        levels = (1..=RAMP_STEPS).map(|i| (u16::from(i) * 255 / u16::from(RAMP_STEPS)) as u8).collect();
    }
    levels.sort_unstable();

    let nearest = |a: u8, allowed: &[bool; 256]| -> u8 {
        let all = std::iter::once((CLEAR, 0u8)).chain(levels.iter().enumerate().map(|(i, l)| (i as u8, *l)));
        all.filter(|(_, l)| allowed[usize::from(*l)]).min_by_key(|(_, l)| l.abs_diff(a)).map_or(CLEAR, |(i, _)| i)
    };
    let every = [true; 256];
    let is_level = |a: u8| a == 0 || levels.contains(&a);
    let layer = (0..h)
        .flat_map(|y| (0..w).map(move |x| (x, y)))
        .map(|(x, y)| {
            let a = at(x, y);
            if is_level(a) {
                return nearest(a, &every);
            }
            let mut near = [false; 256];
            let mut found = false;
            for yy in (y - REACH).max(0)..=(y + REACH).min(h - 1) {
                for xx in (x - REACH).max(0)..=(x + REACH).min(w - 1) {
                    let i = (yy * w + xx) as usize;
                    if flat[i] && is_level(alpha[i]) {
                        near[usize::from(alpha[i])] = true;
                        found = true;
                    }
                }
            }
            nearest(a, if found { &near } else { &every })
        })
        .collect();
    Some(AlphaLayers { levels, layer })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(alphas: &[u8]) -> Raster {
        let row: Vec<u8> = alphas.iter().flat_map(|a| [10, 20, 30, *a]).collect();
        Raster::new(alphas.len() as u32, 12, row.repeat(12)).unwrap()
    }

    #[test]
    fn opaque_pictures_have_no_layers() {
        assert!(alpha_layers(&columns(&[255; 8])).is_none());
    }

    #[test]
    fn an_anti_aliased_edge_is_not_an_opacity() {
        let layers = alpha_layers(&columns(&[0, 0, 0, 0, 140, 255, 255, 255, 100, 0, 0, 0])).unwrap();
        assert_eq!(layers.levels, [255]);
        assert_eq!(layers.layer[..12], [CLEAR, CLEAR, CLEAR, CLEAR, 0, 0, 0, 0, CLEAR, CLEAR, CLEAR, CLEAR]);
    }

    #[test]
    fn two_opacities_are_told_apart_and_their_blends_go_to_one_of_them() {
        let layers = alpha_layers(&columns(&[0, 0, 0, 60, 128, 128, 128, 190, 255, 255, 255, 255])).unwrap();
        assert_eq!(layers.levels, [128, 255]);
        assert!(layers.layer[3] == CLEAR || layers.layer[3] == 0);
        assert_eq!(layers.layer[5], 0);
        assert!(layers.layer[7] < 2);
    }

    #[test]
    fn a_ramp_is_cut_into_even_steps() {
        let ramp: Vec<u8> = (0..=255).collect();
        assert_eq!(alpha_layers(&columns(&ramp)).unwrap().levels.len(), usize::from(RAMP_STEPS));
    }
}
