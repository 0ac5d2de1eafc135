//! Cells drawn in curves, for those who ask for them.
//!
//! The boundaries between colours go to the fitter of the contour engine, as measurements that are known to a part
//! of a cell: through the middles of the sides along which they run. A staircase of single cells is a slanted line then,
//! and a round of them a circle; a corner that is meant and one that only the cells make are the same to it. Where
//! cells of two colours cross in a corner, the rarer colour is joined (Kopf and Lischinski 2011). Each boundary is
//! fitted once, so that no gap opens between its two sides.

use std::collections::BTreeMap;

use super::super::contour::compose::{Stacking, compose, touching_rim};
use super::super::contour::fit::{Costs, segment::Effort};
use super::super::contour::intake::{Intake, MARGIN};
use super::super::contour::labels::Labels;
use super::super::contour::palette::Ink;
use super::super::contour::planar_map::{self, Boundary};
use super::super::contour::subpixel::Sample;
use super::super::contour::{MAX_BOUNDARIES, fit_boundary, junctions};
use super::colours::{CLEAR, Cells};
use super::{Budget, over};
use crate::document::{Document, Point};
use crate::{Code, Error, Raster, Result};

/// Deviation of the middle of a cell's side from the line that was meant, cells: of a slanted line it is up to half
/// a cell, but a quarter already takes arms and legs off a figure.
const SIGMA: f64 = 0.1;

/// The areas of `cells` in curves.
pub(super) fn draw(cells: &Cells, stacked: bool, remove: bool, budget: &Budget) -> Result<Document> {
    let (w, h) = (cells.width, cells.height);
    let color = |c: u16| if c == CLEAR { [0; 4] } else { cells.colours[usize::from(c)] };
    let raster = Raster::new(w as u32, h as u32, cells.of.iter().flat_map(|c| color(*c)).collect())?;
    let intake = Intake::new(&raster);
    let labels = labels(cells, &intake);
    let map = planar_map::build(&intake, &labels);
    if map.boundaries.len() > MAX_BOUNDARIES {
        return Err(Error::new(Code::TraceFailed, format!("{} boundaries are no pixel art", map.boundaries.len())));
    }
    let mut curves = Vec::with_capacity(map.boundaries.len());
    for boundary in &map.boundaries {
        if budget.is_over() {
            return Err(over());
        }
        curves.push(fit_boundary(boundary, &middles(boundary), Effort::Thorough, Costs::default()));
    }
    junctions::settle(&map, &mut curves);
    let ground = map.regions[map.region_of[0] as usize].ink;
    let rim = if remove { touching_rim(&map) } else { Default::default() };
    let drawn = |r: u32| !(map.regions[r as usize].ink == ground && rim.contains(&r));
    let stacking = if stacked { Stacking::Stacked } else { Stacking::Cutout };
    Ok(compose(&map, &labels.inks, &curves, &BTreeMap::new(), stacking, drawn))
}

/// The exact colours as inks, in a picture with the margin of `intake`.
fn labels(cells: &Cells, intake: &Intake) -> Labels {
    let premultiplied = |[r, g, b, a]: [u8; 4]| {
        let share = f32::from(a) / 255.0;
        [f32::from(r) * share, f32::from(g) * share, f32::from(b) * share, f32::from(a)]
    };
    let mut inks: Vec<Ink> = cells.colours.iter().map(|c| Ink::Flat(premultiplied(*c))).collect();
    let clear = inks.len() as u16;
    inks.push(Ink::Flat([0.0; 4]));
    let ink = |c: u16| if c == CLEAR { clear } else { c };
    let mut all = vec![ink(cells.ground()); intake.width * intake.height];
    for (y, row) in cells.of.chunks_exact(cells.width).enumerate() {
        let start = (y + MARGIN) * intake.width + MARGIN;
        for (to, c) in all[start..].iter_mut().zip(row) {
            *to = ink(*c);
        }
    }
    Labels { inks, ink: all, unexplained: 0.0 }
}

/// The middles of the cells' sides along a boundary.
fn middles(boundary: &Boundary) -> Vec<Sample> {
    let middle = |a: u32, b: u32| f64::from(a + b) / 2.0;
    let between = |s: &[(u32, u32)]| Point::new(middle(s[0].0, s[1].0), middle(s[0].1, s[1].1));
    boundary.corners.windows(2).map(|s| Sample { point: between(s), sigma: SIGMA }).collect()
}
