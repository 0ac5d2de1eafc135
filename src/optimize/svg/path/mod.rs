//! Path data: read, made simpler, and written in few bytes.
//!
//! | module | what it does |
//! |---|---|
//! | [`data`] | the grammar of SVG 2, section 9.3, to absolute segments |
//! | [`arc`] | the two ways to say an elliptical arc |
//! | [`fit`] | fewer and simpler segments within a tolerance |
//! | [`write`] | segments to text |

pub(crate) mod arc;
pub(crate) mod data;
pub(crate) mod fit;
pub(crate) mod write;

pub(crate) use data::{Path, Segment};

use crate::document::Point;

/// Distance of two points.
pub(crate) fn distance(a: Point, b: Point) -> f64 {
    // Coordinates are far from where squares overflow, and `hypot` takes several times as long.
    let (x, y) = (a.x - b.x, a.y - b.y);
    (x * x + y * y).sqrt()
}

/// The point at `t` on the way from `a` to `b`.
pub(crate) fn mix(a: Point, b: Point, t: f64) -> Point {
    Point::new(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
}
