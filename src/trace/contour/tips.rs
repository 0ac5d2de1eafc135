//! Sharp or blunt: what the ends of tapering regions are, by the area that is there.
//!
//! Two sides that come together say where their tip would be, and the pixels of a tip and of one that is cut off where
//! it is a pixel wide look much alike to the samples. The area does not: what a tip has and the pixels lack was cut
//! off, and a triangle of that area tells where.

use super::fit::segment::intersection;
use super::fit::{Chain, Curve, Piece};
use super::intake::Intake;
use super::labels::{Labels, coverage};
use super::palette::Ink;
use super::planar_map::{Boundary, PlanarMap};
use crate::document::Point;

/// Cosine of the turn from which two sides come together, a ratio: 53 degrees between them.
const BACK: f64 = -0.6;

/// Shortest side that is looked at, px: as long as what is compared.
const LEAST_SIDE: f64 = 5.0;

/// Longest line that may be the blunt end of a tip, px: the samples tell wider ones.
const MAX_BLUNT: f64 = 2.0;

/// Farthest from a tip that areas are compared, px: what is cut off lies within that, and the errors of longer sides
/// would be as large.
const REACH: f64 = 4.0;

/// Least width of a blunt end, px: the refinement leaves less of it in any case.
const LEAST_WIDTH: f64 = 0.6;

/// Least area that must be missing, px²: two sides that are each known to 0.03 px.
const LEAST_AREA: f64 = 0.25;

/// Places of a curve that are looked at for how straight it is, a count: one each pixel and a half of those that begin
/// beside a tip as a rule.
const STEPS: usize = 64;

/// Farthest that a curve strays from its tangent and counts as straight beside a tip, px: as much as moves the tip of 30
/// degrees by half a pixel.
const BEND: f64 = 0.25;

/// Points of a pixel that are looked at along each axis, a count: an area is known to a hundredth of a pixel.
const GRID: usize = 8;

/// Distance from a blend of the two inks beyond which a pixel belongs to something else, 8-bit steps: twice what
/// rounding explains.
const FOREIGN: f32 = 6.0;

/// Pixels to both sides of the middle of a mark that are looked at where it ends, a count: those of the widest end and of
/// a slope of one.
const NEEDLE_REACH: i32 = 4;

/// Coverage that counts as none there, a share: what rounding makes.
const NOTHING: f64 = 0.02;

/// Width of a mark in a column that tells where its middle is, px: rounding moves it by a fiftieth of a pixel then.
const SOME: f64 = 0.15;

/// Most columns that a mark goes on in beyond its sides, a count: one of 4 degrees is half a pixel wide at seven.
const LONGEST_NEEDLE: usize = 14;

/// Least that it goes on, px: what ends nearer is as good as sharp.
const LEAST_NEEDLE: f64 = 0.5;

/// Where along its length the middle of its area is from which a mark is a triangle, a share: that of a triangle is at a
/// third, that of a rectangle at a quarter.
const TAPER: f64 = 0.29;

/// Least cosine between where a mark goes and its tip, a ratio: 14 degrees.
const AHEAD: f64 = 0.97;

/// How much of itself a curve goes on by to a tip, a share: farther, and it is another curve.
const GO_ON: f64 = 0.4;

/// Largest share by which a pixel that is no part of the tip may differ from it, a share: something else is there.
const STRANGE: f64 = 0.25;

/// Makes the ends of tapering regions sharp or blunt.
pub(super) fn settle(intake: &Intake, labels: &Labels, map: &PlanarMap, curves: &mut [Curve]) {
    for (boundary, curve) in map.boundaries.iter().zip(curves) {
        let Curve::Chain(chain) = curve else { continue };
        if boundary.is_rim() {
            continue;
        }
        let ink = |region: u32| &labels.inks[usize::from(map.regions[region as usize].ink)];
        let pixels = Pixels { intake, map, boundary, inks: [ink(boundary.left), ink(boundary.right)] };
        let mut k = usize::from(!chain.is_closed());
        while k < chain.pieces.len() && chain.nodes.len() >= 3 {
            k += pixels.settle_at(chain, k);
        }
    }
}

/// Two sides that would meet in a tip.
#[derive(Debug, Clone, Copy)]
struct Tip {
    apex: Point,
    /// Unit directions of both sides, to the tip and away from it.
    to: Point,
    away: Point,
}

impl Tip {
    /// The tip of the lines from `a` to `b` and from `c` to `d`.
    fn new([a, b, c, d]: [Point; 4]) -> Option<Self> {
        let (to, away) = ((b - a).unit(), (d - c).unit());
        let long = a.distance(b).min(c.distance(d)) > LEAST_SIDE;
        let apex = intersection(b, to, c, away).filter(|_| long && to.dot(away) < BACK)?;
        ((apex - a).dot(to) > 0.0 && (apex - d).dot(away) < 0.0).then_some(Self { apex, to, away })
    }

    /// Whether the right side of the boundary is inside.
    fn turns_right(&self) -> bool {
        self.to.cross(self.away) > 0.0
    }

    fn contains(&self, p: Point) -> bool {
        let v = p - self.apex;
        let (a, b) = (self.to.cross(v), self.away.cross(v));
        if self.turns_right() { a > 0.0 && b > 0.0 } else { a < 0.0 && b < 0.0 }
    }

    /// How much of the pixel whose centre is at `p` is inside, a share.
    fn share(&self, p: Point) -> f64 {
        let at = |k: usize| (k as f64 + 0.5) / GRID as f64 - 0.5;
        let inside = (0..GRID * GRID).filter(|i| self.contains(p + Point::new(at(i % GRID), at(i / GRID)))).count();
        inside as f64 / (GRID * GRID) as f64
    }

    /// Tangent of half the angle.
    fn slope(&self) -> f64 {
        let cos = -self.to.dot(self.away);
        ((1.0 - cos) / (1.0 + cos)).max(0.0).sqrt()
    }
}

/// What is at the end of two sides.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Sharp,
    /// The corners of both sides.
    Blunt(Point, Point),
}

struct Pixels<'a> {
    intake: &'a Intake,
    map: &'a PlanarMap,
    boundary: &'a Boundary,
    inks: [&'a Ink; 2],
}

impl Pixels<'_> {
    /// Settles the tip at node `k`, or whose end is piece `k`; how many nodes are done with.
    fn settle_at(&self, chain: &mut Chain, k: usize) -> usize {
        let pieces = chain.pieces.len();
        let before = (k + pieces - 1) % pieces;
        let Some((a, b)) = side(chain, before, true) else { return 1 };
        if let Some((d, c)) = side(chain, k, false)
            && let Some(tip) = Tip::new([a, b, c, d])
        {
            if let Some(End::Blunt(p, q)) = self.end(&tip) {
                chain.nodes[k].smooth = false;
                chain.nodes.insert(k + 1, chain.nodes[k]);
                chain.pieces.insert(k, Piece::Line);
                chain.move_node(k, p);
                chain.move_node(k + 1, q);
                return 2;
            }
            return 1;
        }
        let (from, to) = chain.ends(k);
        let is_end = chain.pieces[k] == Piece::Line && from.distance(to) < MAX_BLUNT;
        if k + 1 == pieces || !is_end || chain.nodes.len() < 4 {
            return 1;
        }
        if let Some((e, d)) = side(chain, k + 1, false)
            && let Some(tip) = Tip::new([a, b, d, e])
            && tip.apex.distance(b).max(tip.apex.distance(d)) < REACH
            && self.end(&tip) == Some(End::Sharp)
        {
            close(chain, k, tip.apex);
            return 1;
        }
        let middle = (from + to) * 0.5;
        let (there, back) = (chain.tangents(before).1, chain.tangents(k + 1).0);
        if there.dot(back) < BACK
            && let Some(apex) = self.needle(middle, there, back)
        {
            sharpen(chain, k, apex);
        }
        1
    }

    /// What `tip` is, when the pixels tell.
    fn end(&self, tip: &Tip) -> Option<End> {
        let (area, slope) = (self.missing(tip)?.max(0.0), tip.slope());
        let height = (area / slope).sqrt();
        if area < LEAST_AREA || 2.0 * height * slope < LEAST_WIDTH {
            return Some(End::Sharp);
        }
        let side = height * (1.0 + slope * slope).sqrt();
        (side < REACH).then(|| End::Blunt(tip.apex - tip.to * side, tip.apex + tip.away * side))
    }

    /// Where a mark that gets narrower ends, whose sides were cut off about `middle`: by the area that is left of it, and
    /// where its middle goes.
    fn needle(&self, middle: Point, to: Point, away: Point) -> Option<Point> {
        let axis = to - away;
        let right = to.cross(away) > 0.0;
        let level = axis.x.abs() >= axis.y.abs();
        // Along the mark and across it.
        let (along, across) = if level { (axis.x, axis.y) } else { (axis.y, axis.x) };
        let sign = along.signum();
        let slope = across / along;
        let (x0, y0) = if level { (middle.x, middle.y) } else { (middle.y, middle.x) };
        let base = x0.round() - sign;
        // The width of the mark in a column of pixels, and where its middle is.
        let column = |k: i32| -> Option<(f64, f64)> {
            let x = base + sign * (f64::from(k) + 0.5);
            let center = (y0 + slope * (x - x0)).floor() + 0.5;
            let (mut width, mut moment) = (0.0, 0.0);
            for step in -NEEDLE_REACH..=NEEDLE_REACH {
                let y = center + f64::from(step);
                let i = self.map.pixel_at(if level { Point::new(x, y) } else { Point::new(y, x) })?;
                let region = self.map.region_of[i];
                let [left, right_ink] = self.inks.map(|ink| ink.at(i % self.map.width, i / self.map.width));
                let (share, residual) = coverage(self.intake.color(i), left, right_ink);
                let known = region == self.boundary.left || region == self.boundary.right;
                if !known || residual > FOREIGN + 3.0 * self.intake.deviation {
                    return None;
                }
                let share = f64::from(if right { 1.0 - share } else { share });
                if step.abs() == NEEDLE_REACH && share > NOTHING {
                    return None;
                }
                width += share;
                moment += share * y;
            }
            Some((width, moment / width.max(1e-9)))
        };
        let before = column(-1)?;
        let mut columns = vec![column(0)?];
        while columns[columns.len() - 1].0 > NOTHING {
            if columns.len() > LONGEST_NEEDLE {
                return None;
            }
            columns.push(column(columns.len() as i32)?);
        }
        let width = (before.0 + columns[0].0) / 2.0;
        let area: f64 = columns.iter().map(|c| c.0).sum();
        let moment: f64 = columns.iter().enumerate().map(|(k, c)| c.0 * (k as f64 + 0.5)).sum();
        let length = 2.0 * area / width;
        // A third of the length in a triangle, a quarter of twice the length in a rectangle.
        if !(width < MAX_BLUNT && moment > TAPER * area * length) {
            return None;
        }
        // The middle goes on as it does in the columns that have some of it.
        let points = std::iter::once((-0.5, before)).chain((0..columns.len()).map(|k| (k as f64 + 0.5, columns[k])));
        let points: Vec<(f64, f64, f64)> =
            points.map(|(t, (w, y))| (t, y, w.min(1.0))).filter(|p| p.2 > SOME).collect();
        let sum = |f: &dyn Fn(f64, f64) -> f64| points.iter().map(|(t, y, w)| w * f(*t, *y)).sum::<f64>();
        let (n, t, y) = (sum(&|_, _| 1.0), sum(&|t, _| t), sum(&|_, y| y));
        let (tt, ty) = (sum(&|t, _| t * t) - t * t / n, sum(&|t, y| t * y) - t * y / n);
        let y = y / n + (length - t / n) * if points.len() > 2 { ty / tt } else { slope * sign };
        let x = base + sign * length;
        let apex = if level { Point::new(x, y) } else { Point::new(y, x) };
        let ahead = (apex - middle).dot(axis.unit());
        ((LEAST_NEEDLE..LONGEST_NEEDLE as f64).contains(&ahead) && (apex - middle).unit().dot(axis.unit()) > AHEAD)
            .then_some(apex)
    }

    /// The area that `tip` has and the pixels lack, px²; `None` where something else is near.
    fn missing(&self, tip: &Tip) -> Option<f64> {
        let reach = REACH.ceil() as i32;
        let center = Point::new(tip.apex.x.floor() + 0.5, tip.apex.y.floor() + 0.5);
        let mut area = 0.0;
        for y in -reach..=reach {
            for x in -reach..=reach {
                let p = center + Point::new(f64::from(x), f64::from(y));
                let off = p - tip.apex;
                if off.length() > REACH {
                    continue;
                }
                let i = self.map.pixel_at(p)?;
                let (px, py) = (i % self.map.width, i / self.map.width);
                let [left, right] = self.inks.map(|ink| ink.at(px, py));
                let (share, residual) = coverage(self.intake.color(i), left, right);
                if residual > FOREIGN + 3.0 * self.intake.deviation {
                    return None;
                }
                let region = self.map.region_of[i];
                if region != self.boundary.left && region != self.boundary.right {
                    return None;
                }
                let share = f64::from(if tip.turns_right() { 1.0 - share } else { share });
                let missing = tip.share(p) - share;
                if missing < -STRANGE {
                    return None;
                }
                area += missing;
            }
        }
        Some(area)
    }
}

/// Lets both sides beside the line `k` go on to a tip.
fn sharpen(chain: &mut Chain, k: usize, apex: Point) {
    let before = (k + chain.pieces.len() - 1) % chain.pieces.len();
    for (piece, at_end) in [(before, true), (k + 1, false)] {
        if chain.pieces[piece] != Piece::Line {
            let end = if at_end { 1.0 } else { 0.0 };
            let (t, _) = chain.nearest(piece, apex, (end - GO_ON, end + GO_ON));
            chain.cut(piece, t, at_end);
        }
    }
    close(chain, k, apex);
}

/// Lets both sides beside the line `k` end in a tip, in place of it.
fn close(chain: &mut Chain, k: usize, apex: Point) {
    chain.move_node(k, apex);
    chain.move_node(k + 1, apex);
    chain.nodes[k].smooth = false;
    chain.nodes.remove(k + 1);
    chain.pieces.remove(k);
}

/// A piece as a side of a tip at its end, or else at its start: a straight line to where it ends. `None` for one that
/// is bent there.
fn side(chain: &Chain, piece: usize, at_end: bool) -> Option<(Point, Point)> {
    let (a, b) = chain.ends(piece);
    let (far, end) = if at_end { (a, b) } else { (b, a) };
    if chain.pieces[piece] == Piece::Line {
        return Some((far, end));
    }
    let (start, stop) = chain.tangents(piece);
    let inward = if at_end { -stop } else { start };
    for k in 1..=STEPS {
        let t = k as f64 / STEPS as f64;
        let v = chain.at(piece, if at_end { 1.0 - t } else { t }) - end;
        if v.cross(inward).abs() > BEND {
            return None;
        }
        if v.dot(inward) > LEAST_SIDE {
            return Some((end + inward * v.dot(inward), end));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raster;
    use crate::trace::{Budget, Engine, contour};

    #[test]
    fn a_needle_ends_at_its_tip() {
        for (degrees, slope) in [(58.0_f64, 0.04), (80.0, 0.07)] {
            let axis = Point::new(degrees.to_radians().cos(), degrees.to_radians().sin());
            let tip = Point::new(100.3, 80.6);
            let inside = |p: Point| {
                let v = tip - p;
                let along = v.dot(axis);
                (0.0..70.0).contains(&along) && v.cross(axis).abs() < slope * along
            };
            let data = (0..120 * 120).flat_map(|i| {
                let corner = Point::new(f64::from(i % 120), f64::from(i / 120));
                let at = |k: i32| (f64::from(k) + 0.5) / 16.0;
                let count = (0..256).filter(|k| inside(corner + Point::new(at(k % 16), at(k / 16)))).count();
                let v = (255.0 * (1.0 - count as f64 / 256.0)).round() as u8;
                [v, v, v, 255]
            });
            let raster = Raster::new(120, 120, data.collect()).unwrap();
            let parameters = contour::Contour.preset(crate::classify::Class::Simple).with(&[("lattice", "1")]);
            let document = contour::Contour.trace(&raster, &parameters, &Budget::unlimited()).unwrap();
            let mark = document.shapes.last().unwrap();
            let points = mark.contours.iter().flat_map(|c| c.points());
            let short = points.map(|p| (tip - p).dot(axis)).fold(f64::INFINITY, f64::min);
            assert!(short.abs() < 1.5, "{degrees} degrees: {short} px short");
        }
    }
}
