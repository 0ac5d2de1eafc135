//! Pictures whose geometry is known exactly, and what the contour engine must make of them.
//!
//! Pictures are drawn here by exact areas (`draw`), so that a difference is the engine's own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod damaged;
mod draw;
mod gradients;
mod marks;
mod partition;
mod regular;
mod shapes;
mod strokes;
mod traced;
