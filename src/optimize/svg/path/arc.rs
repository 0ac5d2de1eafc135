//! Elliptical arcs: as path data say them (radii, flags, end) and as geometry has them (centre,
//! angles). The conversion is the one of SVG 2, appendix B.2.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::data::Segment;
use crate::document::Point;

/// An arc as path data say it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arc {
    /// Radius along the ellipse's first axis.
    pub(crate) rx: f64,
    /// Radius along its second axis.
    pub(crate) ry: f64,
    /// Angle of the first axis, degrees.
    pub(crate) turn: f64,
    /// Whether it is more than half of the ellipse.
    pub(crate) large: bool,
    /// Whether it goes clockwise on the screen.
    pub(crate) sweep: bool,
}

/// An arc by its centre.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Center {
    /// The centre.
    pub(crate) center: Point,
    /// Radii, large enough to reach both ends.
    pub(crate) radii: (f64, f64),
    cos: f64,
    sin: f64,
    start: f64,
    /// Angle from start to end, radians, in the ellipse's own frame.
    pub(crate) extent: f64,
}

impl Arc {
    /// The arc of this shape from `from` to `to`; `None` when they are the same point.
    pub(crate) fn center(&self, from: Point, to: Point) -> Option<Center> {
        if from == to || self.rx == 0.0 || self.ry == 0.0 {
            return None;
        }
        let (sin, cos) = self.turn.to_radians().sin_cos();
        let (dx, dy) = ((from.x - to.x) / 2.0, (from.y - to.y) / 2.0);
        let (x, y) = (cos * dx + sin * dy, -sin * dx + cos * dy);
        let (mut rx, mut ry) = (self.rx, self.ry);
        let reach = (x / rx).powi(2) + (y / ry).powi(2);
        if reach > 1.0 {
            rx *= reach.sqrt();
            ry *= reach.sqrt();
        }
        let (a, b) = ((rx * y).powi(2), (ry * x).powi(2));
        let k = ((rx * ry).powi(2) - a - b).max(0.0) / (a + b);
        let k = if self.large == self.sweep { -k.sqrt() } else { k.sqrt() };
        let (cx, cy) = (k * rx * y / ry, -k * ry * x / rx);
        let center =
            Point::new(cos * cx - sin * cy + (from.x + to.x) / 2.0, sin * cx + cos * cy + (from.y + to.y) / 2.0);
        let start = ((y - cy) / ry).atan2((x - cx) / rx);
        let end = ((-y - cy) / ry).atan2((-x - cx) / rx);
        let mut extent = end - start;
        if self.sweep && extent < 0.0 {
            extent += TAU;
        } else if !self.sweep && extent > 0.0 {
            extent -= TAU;
        }
        Some(Center { center, radii: (rx, ry), cos, sin, start, extent })
    }
}

impl Center {
    /// The point at `share` of the way.
    pub(crate) fn at(&self, share: f64) -> Point {
        self.on(self.start + self.extent * share)
    }

    fn on(&self, angle: f64) -> Point {
        let (x, y) = (self.radii.0 * angle.cos(), self.radii.1 * angle.sin());
        Point::new(self.center.x + self.cos * x - self.sin * y, self.center.y + self.sin * x + self.cos * y)
    }

    /// `n` + 1 points along the way, ends included.
    pub(crate) fn samples(self, n: usize) -> impl Iterator<Item = Point> {
        (0..=n).map(move |i| self.at(i as f64 / n as f64))
    }

    /// Cubic curves for the arc, at most a quarter each, which keeps them within 0.03 % of the radius.
    pub(crate) fn cubics(&self) -> Vec<Segment> {
        let n = (self.extent.abs() / FRAC_PI_2 - 1e-6).ceil().max(1.0);
        let step = self.extent / n;
        let handle = 4.0 / 3.0 * (step / 4.0).tan();
        let tangent = |angle: f64| {
            let (x, y) = (-self.radii.0 * angle.sin() * handle, self.radii.1 * angle.cos() * handle);
            (self.cos * x - self.sin * y, self.sin * x + self.cos * y)
        };
        (0..n as usize)
            .map(|i| {
                let (a, b) = (self.start + step * i as f64, self.start + step * (i + 1) as f64);
                let (p, q, s, t) = (self.on(a), self.on(b), tangent(a), tangent(b));
                Segment::Cubic(Point::new(p.x + s.0, p.y + s.1), Point::new(q.x - t.0, q.y - t.1), q)
            })
            .collect()
    }

    /// Whether it is so near to half or all of the ellipse that rounding its ends could turn it over.
    pub(crate) fn is_delicate(&self) -> bool {
        (self.extent.abs() - PI).abs() < 0.2 || self.extent.abs() > TAU - 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::svg::path::distance;

    #[test]
    fn the_four_arcs_between_two_points() {
        for (large, sweep) in [(false, false), (false, true), (true, false), (true, true)] {
            let arc = Arc { rx: 4.0, ry: 4.0, turn: 0.0, large, sweep };
            let c = arc.center(Point::new(0.0, 0.0), Point::new(4.0, 0.0)).unwrap();
            let side = if large == sweep { -1.0 } else { 1.0 };
            assert!(distance(c.center, Point::new(2.0, side * 12f64.sqrt())) < 1e-9, "{large} {sweep}: {c:?}");
            assert!(
                distance(c.at(0.0), Point::new(0.0, 0.0)) < 1e-9 && distance(c.at(1.0), Point::new(4.0, 0.0)) < 1e-9
            );
            assert_eq!(c.extent.abs() > PI, large);
            assert_eq!(c.extent > 0.0, sweep);
        }
    }

    #[test]
    fn cubics_stay_on_the_ellipse() {
        let arc = Arc { rx: 10.0, ry: 5.0, turn: 30.0, large: true, sweep: true };
        let (from, to) = (Point::new(0.0, 0.0), Point::new(6.0, 3.0));
        let center = arc.center(from, to).unwrap();
        let mut at = from;
        for cubic in center.cubics() {
            let Segment::Cubic(a, b, p) = cubic else { panic!() };
            let m = Point::new((at.x + 3.0 * a.x + 3.0 * b.x + p.x) / 8.0, (at.y + 3.0 * a.y + 3.0 * b.y + p.y) / 8.0);
            let (x, y) = (m.x - center.center.x, m.y - center.center.y);
            let (u, v) = (
                (center.cos * x + center.sin * y) / center.radii.0,
                (center.cos * y - center.sin * x) / center.radii.1,
            );
            assert!((u.hypot(v) - 1.0).abs() < 5e-4);
            at = p;
        }
        assert!(distance(at, to) < 1e-9);
    }
}
