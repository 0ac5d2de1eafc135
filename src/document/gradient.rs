//! Gradients, as SVG has them.

use super::{Point, Rgb};

/// How the offset of a gradient follows from the place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GradientKind {
    /// 0 at the first point, 1 at the second, px.
    Linear {
        /// Where the offset is 0.
        from: Point,
        /// Where the offset is 1.
        to: Point,
    },
    /// 0 in the centre, 1 on an ellipse, px.
    Radial {
        /// The centre.
        center: Point,
        /// The two radii.
        radii: (f64, f64),
        /// Direction of the first radius, degrees.
        rotation: f64,
    },
}

/// A colour at an offset of a gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// In [0, 1].
    pub offset: f64,
    /// The colour.
    pub color: Rgb,
    /// In [0, 1].
    pub opacity: f64,
}

/// A linear or radial gradient in coordinates of the picture; constant beyond its first and last stop.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// Its geometry.
    pub kind: GradientKind,
    /// Its stops in order; never empty.
    pub stops: Vec<Stop>,
}

impl Gradient {
    /// Puts every point where `at` has it, and makes radii `size` times as large.
    pub fn scale(&mut self, size: f64, at: impl Fn(Point) -> Point) {
        match &mut self.kind {
            GradientKind::Linear { from, to } => (*from, *to) = (at(*from), at(*to)),
            GradientKind::Radial { center, radii, .. } => {
                *center = at(*center);
                *radii = (radii.0 * size, radii.1 * size);
            }
        }
    }
}
