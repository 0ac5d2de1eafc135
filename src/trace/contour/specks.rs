//! Specks along edges: regions of a few pixels that blends of what is around them explain.
//!
//! Where three inks lie within a pixel or two, or a renderer let one shine through along the edge of another, single
//! pixels get labels of their own. Each costs the boundaries beside it two junctions, and none of them can be measured.

use std::collections::BTreeMap;

use super::intake::Intake;
use super::labels::{Around, Labels, ROUNDING, explain};
use super::planar_map::PlanarMap;

/// Largest region that may be a speck, px: larger ones have pixels that are no blend.
const MAX_AREA: usize = 12;

/// How far away the inks may be that explain a pixel of a speck, px: specks lie beside each other.
const REACH: usize = 2;

/// What a speck may be off by in all and still be one, 8-bit steps²: two pixels that are off by an eighth of the greatest
/// contrast are worth less than the two junctions and the corners of a region of its own (`docs/engine-log.md`).
const MAX_MISFIT: f32 = 2500.0;

/// Gives the pixels of specks to the inks around them; whether there were any. Build the map again afterwards.
pub(super) fn absorb(intake: &Intake, map: &PlanarMap, labels: &mut Labels) -> bool {
    let small = |region: u32| map.regions[region as usize].area <= MAX_AREA;
    if map.regions.iter().all(|region| region.area > MAX_AREA) {
        return false;
    }
    let tolerance = ROUNDING + 2.0 * intake.deviation;
    let mut pixels: Vec<(usize, u32, u16)> = Vec::new();
    let mut misfit: BTreeMap<u32, f32> = BTreeMap::new();
    let mut near = Around::new();
    for (i, region) in map.region_of.iter().enumerate().filter(|(_, region)| small(**region)) {
        larger_around(map, labels, i, small, &mut near);
        let (x, y) = (i % map.width, i / map.width);
        let around: Vec<_> = near.iter().map(|(ink, r)| (*ink, *r, labels.inks[usize::from(*ink)].at(x, y))).collect();
        let blend = explain(intake.color(i), &around, tolerance);
        *misfit.entry(*region).or_default() += blend.residual * blend.residual;
        pixels.push((i, *region, if blend.share >= 0.5 { blend.main } else { blend.other }));
    }
    pixels.retain(|(_, region, _)| misfit.get(region).is_some_and(|m| *m < MAX_MISFIT));
    for (i, _, ink) in &pixels {
        labels.ink[*i] = *ink;
    }
    !pixels.is_empty()
}

/// The inks of the regions around pixel `i` that are not `small`, nearest first, each with its distance in px.
fn larger_around(map: &PlanarMap, labels: &Labels, i: usize, small: impl Fn(u32) -> bool, near: &mut Around) {
    let (x, y) = (i % map.width, i / map.width);
    near.clear();
    for r in 1..=REACH {
        for yy in y.saturating_sub(r)..=(y + r).min(map.height - 1) {
            for xx in x.saturating_sub(r)..=(x + r).min(map.width - 1) {
                let j = yy * map.width + xx;
                let ink = labels.ink[j];
                if !small(map.region_of[j]) && near.iter().all(|(found, _)| *found != ink) {
                    near.push((ink, r));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raster;
    use crate::trace::contour::{labels, palette, planar_map};

    /// Regions of a picture before and after its specks are absorbed.
    fn regions(pixel: impl Fn(u32, u32) -> [u8; 3]) -> (usize, usize) {
        let data = (0..30).flat_map(|y| (0..40).map(move |x| (x, y))).flat_map(|(x, y)| {
            let [r, g, b] = pixel(x, y);
            [r, g, b, 255]
        });
        let raster = Raster::new(40, 30, data.collect()).unwrap();
        let intake = Intake::new(&raster);
        let palette = palette::find(&intake, &intake.runs(), None, &[], 0).unwrap();
        let mut labels = labels::assign(&intake, palette, true);
        let map = planar_map::build(&intake, &labels);
        absorb(&intake, &map, &mut labels);
        (map.regions.len(), planar_map::build(&intake, &labels).regions.len())
    }

    #[test]
    fn a_third_ink_that_shines_through_along_an_edge_is_no_region() {
        // Yellow over dark on white, with every third pixel of the edge a little darker than a blend of yellow and white.
        let (before, after) = regions(|x, y| match (x, y) {
            (_, 0..4) => [49, 55, 61],
            (20, _) if y % 3 == 0 => [238, 213, 155],
            (20, _) => [255, 229, 167],
            (0..20, _) => [255, 204, 77],
            _ => [255, 255, 255],
        });
        assert!(before > 4, "{before}");
        assert_eq!(after, 3);
    }

    #[test]
    fn a_dot_is_a_region() {
        let (before, after) = regions(|x, y| if (x, y) == (20, 12) { [200, 30, 30] } else { [255, 255, 255] });
        assert_eq!((before, after), (2, 2));
    }
}
