//! Centres and upright edges that lie on one line: concentric circles, shapes in a row, aligned edges.

use std::collections::BTreeMap;

use super::radii::{corners, round_again};
use super::shared::{Measure, agreed};
use super::{Item, MAX_MEASURES, Regular, SHARED_SIGMAS, likeness, to_grid};
use crate::document::Point;
use crate::trace::contour::fit::{Curve, Piece};
use crate::trace::contour::planar_map::PlanarMap;

/// Shortest edge that tells where it is, px: of a shorter one the corners' pixels are most.
const LEAST_EDGE: f64 = 3.0;

/// Difference of the ends of an upright line, px: arithmetic makes as much of none.
const LEVEL: f64 = 1e-7;

/// One of two coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Axis {
    X,
    Y,
}

impl Axis {
    /// The first one, then the other.
    const BOTH: [Self; 2] = [Self::X, Self::Y];

    fn of(self, p: Point) -> f64 {
        if self == Self::X { p.x } else { p.y }
    }

    fn set(self, p: &mut Point, to: f64) {
        *(if self == Self::X { &mut p.x } else { &mut p.y }) = to;
    }

    fn shift(self, by: f64) -> Point {
        if self == Self::X { Point::new(by, 0.0) } else { Point::new(0.0, by) }
    }
}

/// The written number nearest to a mean, counted from the centre of a symmetric picture.
fn written(regular: &[Regular], axis: Axis) -> impl Fn(f64) -> f64 {
    let center = regular.iter().find_map(|r| r.center).map_or(0.0, |c| axis.of(c));
    move |v| center + to_grid(v - center)
}

/// Gives rings of a shape of their own, and those that are exact about their middle, one coordinate for their centres where
/// these agree. They move as they are, with their holes where these go with them.
pub(super) fn centers(items: &[Option<Item>], curves: &mut [Curve], regular: &[Regular]) {
    let mut bodies: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (k, item) in items.iter().enumerate() {
        let whole = matches!(curves[k], Curve::Circle(..) | Curve::Ellipse(..) | Curve::Polygon(..));
        if item.is_some() && (whole || regular[k].anchor.is_some()) {
            bodies.entry(regular[k].anchor.filter(|_| !whole).unwrap_or(k)).or_default().push(k);
        }
    }
    if bodies.len() > MAX_MEASURES {
        return;
    }
    for axis in Axis::BOTH {
        let measures: Vec<Measure> = bodies
            .keys()
            .map(|k| {
                let value = axis.of(likeness::center(&curves[*k]));
                items[*k].as_ref().map_or(Measure::fixed(value), |item| Measure {
                    value,
                    weight: item.length * item.sigma.powi(-2) / 2.0,
                    reach: SHARED_SIGMAS * item.sigma,
                })
            })
            .collect();
        let places = agreed(&measures, written(regular, axis));
        for ((rings, old), new) in bodies.values().zip(&measures).zip(places) {
            let by = axis.shift(new - old.value);
            if new == old.value {
                continue;
            }
            let moved: Vec<Curve> = rings.iter().map(|k| likeness::placed(&curves[*k], |p| p + by)).collect();
            let allowed = |(k, curve): (&usize, &Curve)| items[*k].as_ref().is_some_and(|item| item.allows(curve));
            if rings.iter().zip(&moved).all(allowed) {
                rings.iter().zip(moved).for_each(|(k, curve)| curves[*k] = curve);
            }
        }
    }
}

/// An upright edge.
#[derive(Debug, Clone, Copy)]
enum Edge {
    /// A line of a chain.
    Line(usize),
    /// A side of a rectangle: the second of two.
    Side(bool),
}

/// Gives upright edges one coordinate where these agree; those of shapes that are exact about their middle stay, and draw
/// the others. Returns the junctions that have moved.
pub(super) fn edges(
    map: &PlanarMap,
    items: &[Option<Item>],
    curves: &mut [Curve],
    regular: &[Regular],
) -> BTreeMap<usize, Point> {
    let mut junctions: BTreeMap<usize, Point> = BTreeMap::new();
    for axis in Axis::BOTH {
        let mut found: Vec<(usize, Edge, Measure)> = Vec::new();
        for (k, item) in items.iter().enumerate() {
            let Some(item) = item else { continue };
            let mut add = |edge: Edge, value: f64, length: f64| {
                let free = Measure { value, weight: length * item.sigma.powi(-2), reach: SHARED_SIGMAS * item.sigma };
                let measure = if regular[k].anchor.is_some() { Measure::fixed(value) } else { free };
                if length >= LEAST_EDGE {
                    found.push((k, edge, measure));
                }
            };
            match &curves[k] {
                Curve::Rect(p, q, _) => {
                    let length = if axis == Axis::X { q.y - p.y } else { q.x - p.x };
                    add(Edge::Side(false), axis.of(*p), length);
                    add(Edge::Side(true), axis.of(*q), length);
                }
                Curve::Chain(chain) => {
                    for i in 0..chain.pieces.len() {
                        let (a, b) = chain.ends(i);
                        if chain.pieces[i] == Piece::Line && (axis.of(a) - axis.of(b)).abs() < LEVEL {
                            add(Edge::Line(i), axis.of(a), a.distance(b));
                        }
                    }
                }
                _ => {}
            }
        }
        if found.len() > MAX_MEASURES {
            continue;
        }
        let measures: Vec<Measure> = found.iter().map(|f| f.2).collect();
        let places = agreed(&measures, written(regular, axis));
        let all: Vec<(usize, Edge, f64, f64)> =
            found.iter().zip(places).map(|((k, edge, m), place)| (*k, *edge, m.value, place)).collect();
        for of_one in all.chunk_by(|a, b| a.0 == b.0) {
            let k = of_one[0].0;
            if of_one.iter().all(|(.., old, new)| old == new) {
                continue;
            }
            let mut curve = curves[k].clone();
            for (_, edge, _, place) in of_one.iter().filter(|(.., old, new)| old != new) {
                shift(&mut curve, *edge, axis, *place);
            }
            if !items[k].as_ref().is_some_and(|item| item.allows(&curve)) {
                continue;
            }
            if let (Some((a, b)), Curve::Chain(before), Curve::Chain(after)) =
                (map.boundaries[k].ends, &curves[k], &curve)
            {
                for (junction, old, new) in
                    [(a, before.nodes.first(), after.nodes.first()), (b, before.nodes.last(), after.nodes.last())]
                {
                    if let (Some(old), Some(new)) = (old, new)
                        && axis.of(old.point) != axis.of(new.point)
                    {
                        axis.set(junctions.entry(junction).or_insert(old.point), axis.of(new.point));
                    }
                }
            }
            curves[k] = curve;
        }
    }
    junctions
}

/// Moves an edge of a curve to a coordinate; arcs that round a corner of it still do.
fn shift(curve: &mut Curve, edge: Edge, axis: Axis, place: f64) {
    match (curve, edge) {
        (Curve::Rect(p, q, _), Edge::Side(second)) => axis.set(if second { q } else { p }, place),
        (Curve::Chain(chain), Edge::Line(i)) => {
            let radii = corners(chain);
            for k in [i, (i + 1) % chain.nodes.len()] {
                let mut to = chain.nodes[k].point;
                axis.set(&mut to, place);
                chain.move_node(k, to);
            }
            round_again(chain, &radii);
        }
        _ => {}
    }
}
