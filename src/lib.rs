//! **svg-ai** turns raster images into SVGs and says how good each one is.
//!
//! Data goes one way:
//!
//! ```text
//! bytes ─ decode ─► Raster ─ classify ─► Class ─ route ─► Engine::trace ─► Document ─ write ─► SVG
//!                                                                             │
//!                                                   Report ◄── score ◄── render
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`raster`] | bytes to straight sRGB RGBA, under limits |
//! | [`classify`] | what kind of picture is it, and how sure are we |
//! | [`trace`] | the tracing engines behind one trait |
//! | [`document`] | the SVG document model and its writer |
//! | [`score`] | render an SVG back and measure it against the raster |
//! | [`pipeline`] | one function that does all of the above for one image |
//! | [`presets`] | presets of the user's own, one per class |
//! | [`optimize`] | search for the best trace under a budget; shrink an SVG with proof |
//! | [`batch`] | the pipeline over folders, in parallel |
//! | [`mod@bench`] | statistics and gates over a set of images |
//! | [`report`] | the record of a run: JSON, JSON Lines, HTML gallery |
//! | [`generate`] | seeded test pictures with known answers |
//! | [`sandbox`] | the process locked in to its inputs and outputs (Linux) |
//! | [`output`] | writing files whole or not at all |
//! | [`cloud`] | inputs and outputs in object stores and on web servers |
//! | [`error`] | every failure, with a stable code, its cause and its cure |
//!
//! ```
//! use std::sync::{Arc, atomic::AtomicBool};
//! use svg_ai::{pipeline, raster};
//!
//! # fn main() -> svg_ai::Result<()> {
//! let picture = raster::read("fixtures/sample.png".as_ref(), &raster::Limits::default())?;
//! let stop = Arc::new(AtomicBool::new(false));
//! let outcome = pipeline::convert(&picture, &pipeline::Options::default(), &stop);
//! // Failures are in the record, with a stable code; nothing panics and nothing is printed.
//! let svg = outcome.svg.expect("the sample can be traced");
//! assert!(svg.starts_with("<svg") && outcome.report.quality() > Some(0.9));
//! # Ok(())
//! # }
//! ```
//!
//! The library never prints, never reads the command line and never exits.
#![forbid(unsafe_code)]

pub mod batch;
pub mod bench;
pub mod classify;
pub mod cloud;
pub mod document;
pub mod error;
pub mod generate;
mod linear;
pub mod optimize;
pub mod output;
pub mod pipeline;
pub mod presets;
pub mod raster;
pub mod report;
pub mod sandbox;
pub mod score;
pub mod trace;

pub use error::{Code, Error, Result};
pub use raster::Raster;
