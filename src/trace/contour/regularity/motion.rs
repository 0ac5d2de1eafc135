//! Motions of the plane that keep distances: shifts, turns and mirrors.

use super::likeness;
use crate::document::Point;
use crate::trace::contour::fit::{Chain, Curve, Piece};

/// A motion, as where it takes the unit vectors and the origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Motion {
    u: Point,
    v: Point,
    by: Point,
}

/// How far the axes may be off others to count as upright, a ratio: rounding of sines and cosines.
const EXACT: f64 = 1e-9;

impl Motion {
    /// Everything where it is.
    pub(super) const HERE: Self = Self { u: Point::new(1.0, 0.0), v: Point::new(0.0, 1.0), by: Point::new(0.0, 0.0) };

    /// Everything moved.
    pub(super) fn shift(by: Point) -> Self {
        Self { by, ..Self::HERE }
    }

    /// A turn, radians, to the right for positive angles (y is down).
    pub(super) fn turn(about: Point, angle: f64) -> Self {
        let (s, c) = angle.sin_cos();
        Self { u: Point::new(c, s), v: Point::new(-s, c), ..Self::HERE }.about(about)
    }

    /// A mirror whose axis has a direction, radians.
    pub(super) fn mirror(about: Point, axis: f64) -> Self {
        let (s, c) = (2.0 * axis).sin_cos();
        Self { u: Point::new(c, s), v: Point::new(s, -c), ..Self::HERE }.about(about)
    }

    /// The same where `center` stays in place.
    fn about(self, center: Point) -> Self {
        Self { by: center - self.linear(center), ..self }
    }

    fn linear(self, p: Point) -> Point {
        self.u * p.x + self.v * p.y
    }

    /// Where it takes a point.
    pub(super) fn at(self, p: Point) -> Point {
        self.linear(p) + self.by
    }

    /// The motion back.
    pub(super) fn back(self) -> Self {
        let turned = Self { u: Point::new(self.u.x, self.v.x), v: Point::new(self.u.y, self.v.y), ..Self::HERE };
        Self { by: -turned.linear(self.by), ..turned }
    }

    /// This one after another.
    pub(super) fn after(self, first: Self) -> Self {
        Self { u: self.linear(first.u), v: self.linear(first.v), by: self.at(first.by) }
    }

    /// Whether it turns left into right.
    pub(super) fn mirrors(self) -> bool {
        self.u.cross(self.v) < 0.0
    }

    /// Whether upright lines stay upright.
    pub(super) fn is_upright(self) -> bool {
        self.u.x.abs() < EXACT || self.u.y.abs() < EXACT
    }

    /// Where it takes a direction, radians.
    fn direction(self, angle: f64) -> f64 {
        let (s, c) = angle.sin_cos();
        let v = self.linear(Point::new(c, s));
        v.y.atan2(v.x)
    }

    /// Where it takes a curve; a rectangle stays one only where it stays upright.
    pub(super) fn curve(self, curve: &Curve) -> Option<Curve> {
        Some(match curve {
            Curve::Chain(chain) => Curve::Chain(self.chain(chain)),
            Curve::Circle(c, r) => Curve::Circle(self.at(*c), *r),
            Curve::Ellipse(c, rx, ry, angle) => Curve::Ellipse(self.at(*c), *rx, *ry, self.direction(*angle)),
            Curve::Rect(p, q, r) if self.is_upright() => {
                let (a, b) = (self.at(*p), self.at(*q));
                Curve::Rect(Point::new(a.x.min(b.x), a.y.min(b.y)), Point::new(a.x.max(b.x), a.y.max(b.y)), *r)
            }
            Curve::Rect(..) => return None,
            Curve::Polygon(c, r, angle, n) => Curve::Polygon(self.at(*c), *r, self.direction(*angle), *n),
        })
    }

    fn chain(self, chain: &Chain) -> Chain {
        let mut image = likeness::placed_chain(chain, |p| self.at(p));
        for piece in &mut image.pieces {
            if let (Piece::Arc(half), true) = (piece, self.mirrors()) {
                *half = -*half;
            }
        }
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::contour::fit::Node;
    use std::f64::consts::FRAC_PI_2;

    #[test]
    fn motions_are_undone_and_keep_what_they_are_about() {
        let (c, p) = (Point::new(3.0, 7.0), Point::new(11.0, -2.0));
        for m in [Motion::turn(c, 0.7), Motion::mirror(c, 1.1), Motion::shift(p)] {
            assert!(m.back().at(m.at(p)).distance(p) < 1e-12);
        }
        assert!(Motion::mirror(c, 0.3).at(c).distance(c) < 1e-12 && Motion::mirror(c, 0.3).mirrors());
        assert!(Motion::turn(c, FRAC_PI_2).at(c + Point::new(1.0, 0.0)).distance(c + Point::new(0.0, 1.0)) < 1e-12);
        assert!(Motion::mirror(c, FRAC_PI_2).at(p).distance(Point::new(-5.0, -2.0)) < 1e-12);
        assert!(Motion::mirror(c, FRAC_PI_2).is_upright() && !Motion::turn(c, 0.1).is_upright());
    }

    #[test]
    fn an_arc_and_its_image_bend_the_same_way_from_outside() {
        let chain = Chain {
            nodes: [(0.0, 0.0), (10.0, 0.0)].map(|(x, y)| Node { point: Point::new(x, y), smooth: false }).to_vec(),
            pieces: vec![Piece::Arc(0.6)],
        };
        let m = Motion::mirror(Point::new(2.0, 5.0), 0.4);
        let Some(Curve::Chain(image)) = m.curve(&Curve::Chain(chain.clone())) else { panic!() };
        assert!(image.at(0, 0.3).distance(m.at(chain.at(0, 0.3))) < 1e-12);
    }
}
