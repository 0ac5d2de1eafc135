//! Pixel art as it is: areas of exactly one colour, outlined along their cells.
//!
//! ```text
//! pixels ─ cells ─► colours ─► painter's order ─► outlines ─► Document
//! ```
//!
//! | module | stage |
//! |---|---|
//! | `colours` | the cells of a picture, their exact colours, and fewer of these where that was asked for |
//! | `stack` | painter's order, and how far each colour runs on below the later ones |
//! | [`outline`] | the rings around a set of cells, as few as there can be |
//! | `smooth` | the same areas in curves, for those who ask for them |
//!
//! One colour is one compound path, in horizontal and vertical lines of whole cells. The unit is the cell: a
//! picture whose pixels were repeated n × n times gives the document of the picture before. Rendered at any whole
//! multiple of its cells the drawing is the picture, to the last bit.

mod colours;
pub mod outline;
mod smooth;
mod stack;

use super::options::option;
use super::{Budget, Capabilities, Engine, Kind, OptionSpec, Parameters, Session};
use crate::classify::Class;
use crate::document::{Document, Paint, Shape};
use crate::{Code, Error, Raster, Result};

use colours::Cells;

/// The engine.
#[derive(Debug, Clone, Copy)]
pub struct CellEngine;

#[rustfmt::skip]
static OPTIONS: [OptionSpec; 6] = [
    option("outlines", Kind::Word(&["exact", "smooth"]), "exact", &[], "along the cells, or in curves through them"),
    option("damage", Kind::Word(&["refuse", "keep"]), "refuse", &[], "what noise and compression made of cells: leave it to another engine, or draw it all"),
    option("stacking", Kind::Word(&["stacked", "cutout"]), "stacked", &["stacked", "cutout"], "colours that run on below later ones, or a mosaic"),
    option("max-colors", Kind::Int(0, 1024), "0", &["0", "8", "16", "32"], "use at most so many colours (0: as many as there are)"),
    option("palette", Kind::Colors, "", &[], "use only these colours"),
    option("background", Kind::Word(&["keep", "remove"]), "keep", &[], "draw the ground that touches the rim, or leave it out"),
];

/// Decimals of a smoothed outline, a count: a cell is tens of pixels when it is looked at.
const SMOOTH_PRECISION: u8 = 2;

pub(super) fn over() -> Error {
    Error::new(Code::TraceDeadline, "the cells engine did not finish in time")
}

impl Engine for CellEngine {
    fn name(&self) -> &'static str {
        "cells"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { alpha: true, gradients: false, cancel: true, unsoftens: false }
    }

    fn options(&self) -> &'static [OptionSpec] {
        &OPTIONS
    }

    // There is one exact drawing: nothing about it is finer, and nothing that is wanted slower.
    fn preset(&self, _class: Class) -> Parameters {
        Parameters::defaults(&OPTIONS)
    }

    fn fast_preset(&self, class: Class) -> Parameters {
        self.preset(class)
    }

    fn finer_preset(&self, class: Class) -> Parameters {
        self.preset(class)
    }

    fn safe_preset(&self) -> Parameters {
        Parameters::defaults(&OPTIONS).with(&[("stacking", "cutout")])
    }

    fn trace(&self, raster: &Raster, parameters: &Parameters, budget: &Budget) -> Result<Document> {
        let mut cells = Cells::read(raster)?;
        if parameters.word("damage") == "refuse" {
            cells.refuse_damage()?;
        }
        cells.reduce(parameters.colors("palette"), parameters.int("max-colors") as usize);
        let remove = parameters.word("background") == "remove";
        let stacked = parameters.word("stacking") == "stacked";
        if parameters.word("outlines") == "smooth" {
            let mut document = smooth::draw(&cells, stacked, remove, budget)?;
            document.precision = SMOOTH_PRECISION;
            return Ok(document);
        }
        if remove {
            cells.remove_ground();
        }
        let mut document = Document::new(cells.width as u32, cells.height as u32);
        // Corners of cells are whole numbers.
        document.precision = 0;
        for (colour, mask) in stack::layers(&cells, stacked, budget)? {
            let contours = outline::contours(&mask);
            if !contours.is_empty() {
                document.shapes.push(Shape::filled(contours, paint(cells.colours[usize::from(colour)])));
            }
        }
        Ok(document)
    }

    fn session<'a>(&self, raster: &'a Raster) -> Box<dyn Session + 'a> {
        Box::new(CellSession { raster })
    }
}

/// The paint of an exact colour.
fn paint([r, g, b, a]: [u8; 4]) -> Paint {
    Paint::Solid { color: [r, g, b], opacity: f64::from(a) / 255.0 }
}

/// One picture for this engine: a trace takes less time than finding out what could be kept of another.
struct CellSession<'a> {
    raster: &'a Raster,
}

impl Session for CellSession<'_> {
    fn trace(&self, parameters: &Parameters, budget: &Budget) -> Result<Document> {
        CellEngine.trace(self.raster, parameters, budget)
    }
}
