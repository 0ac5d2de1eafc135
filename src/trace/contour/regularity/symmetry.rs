//! Rings and whole pictures that are mapped onto themselves by mirrors or turns.
//!
//! A ring is its own figure: when its pieces repeat around it, or read the same backwards, the motion that does
//! it follows from its nodes. The picture is looked at as a whole: boundaries go in pairs or in rings about one
//! centre, each onto another or onto itself. In both cases every curve becomes the mean of all its images (the
//! Reynolds operator), which is exactly symmetric, and that mean has to lie within σ of what was measured.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, SQRT_2, TAU};

use super::likeness::{self, aligned, mean, numbers};
use super::motion::Motion;
use super::{Item, Regular};
use crate::document::Point;
use crate::trace::contour::fit::{Chain, Curve, Node, Piece};

/// Farthest that nodes of a ring are from the images of others, px: more is another shape.
const NEAR: f64 = 1.0;

/// Most nodes of a ring that is looked at, a count: all pairs of them are.
const MAX_NODES: usize = 200;

/// Orders of rotation that a picture is looked at for, a count: artists divide circles by these.
const ORDERS: [usize; 10] = [12, 10, 9, 8, 7, 6, 5, 4, 3, 2];

/// How far the centre of a boundary may be from the image of another, px: before the centre of the picture is known
/// well, and then.
const APART: [f64; 2] = [1.0, 0.3];

/// Largest difference of the lengths of two boundaries that map onto each other, a share: longer ones gather more error.
const LENGTH: f64 = 0.01;

/// Difference of the lengths that is always allowed, px: short ones are known no better.
const LENGTH_OFF: f64 = 1.0;

/// Least part of the length of all boundaries that has to be symmetric for the picture to be, a share: less is a
/// detail, or chance.
const LEAST_SHARE: f64 = 0.5;

/// Part of what the best symmetry maps that a richer one has to map, a share: a few marks more or less.
const AS_MUCH: f64 = 0.9;

/// Boundaries that a symmetry is tried on first, a count: the longest say whether it is worth while.
const FIRST: usize = 24;

/// Most boundaries of a picture that is looked at as a whole, a count: more are a texture.
const MAX_BOUNDARIES: usize = 3000;

/// Axes that are tried, radians: upright ones, then diagonal ones.
const AXES: [f64; 4] = [FRAC_PI_2, 0.0, FRAC_PI_4, 3.0 * FRAC_PI_4];

/// How far an axis is off an upright or diagonal one at the rim of its ring and is that, px: five times σ.
const OFF_AXIS: f64 = 0.1;

/// The motions of a group: `order` turns about `center`, and as many mirrors when there is an axis.
fn group(center: Point, order: usize, axis: Option<f64>) -> Vec<Motion> {
    let turn = TAU / order as f64;
    let turns = (0..order).map(|k| if k == 0 { Motion::HERE } else { Motion::turn(center, turn * k as f64) });
    let mirrors =
        axis.into_iter().flat_map(|a| (0..order).map(move |k| Motion::mirror(center, a + turn / 2.0 * k as f64)));
    turns.chain(mirrors).collect()
}

/// The symmetric ring that `curve` nearly is.
pub(super) fn ring(curve: &Curve) -> Option<Curve> {
    let Curve::Chain(chain) = curve else { return None };
    let n = chain.nodes.len();
    if !chain.is_closed() || !(2..=MAX_NODES).contains(&n) {
        return None;
    }
    let center = likeness::center(curve);
    let from: Vec<Point> = chain.nodes.iter().map(|n| n.point - center).collect();
    let reach = from.iter().map(|p| p.length()).fold(0.0, f64::max);
    let order = order(chain, &from);
    let axis = axis(chain, &from).map(|axis| {
        let upright = (axis / FRAC_PI_4).round() * FRAC_PI_4;
        if (axis - upright).abs() * reach < OFF_AXIS { upright } else { axis }
    });
    if order == 1 && axis.is_none() {
        return None;
    }
    let images: Option<Vec<Curve>> =
        group(center, order, axis).into_iter().map(|g| aligned(curve, &g.curve(curve)?)).collect();
    mean(&images?)
}

/// How often the pieces repeat around a ring, at places that a turn maps onto each other.
fn order(chain: &Chain, from: &[Point]) -> usize {
    let n = from.len();
    let repeats = |order: &usize| {
        let step = n / order;
        if !n.is_multiple_of(*order) || !(0..n).all(|i| same(chain.pieces[i], chain.pieces[(i + step) % n])) {
            return false;
        }
        [1.0, -1.0].into_iter().any(|sign| {
            let turn = Motion::turn(Point::default(), sign * TAU / *order as f64);
            (0..n).all(|i| turn.at(from[i]).distance(from[(i + step) % n]) < NEAR)
        })
    };
    (2..=n).rev().find(repeats).unwrap_or(1)
}

/// Whether two pieces are of one kind, and bend alike; seen in a mirror and walked backwards they do too.
fn same(a: Piece, b: Piece) -> bool {
    match (a, b) {
        (Piece::Arc(a), Piece::Arc(b)) => a.signum() == b.signum(),
        _ => std::mem::discriminant(&a) == std::mem::discriminant(&b),
    }
}

/// The direction of an axis in which the ring is its own image, radians; the best one.
fn axis(chain: &Chain, from: &[Point]) -> Option<f64> {
    let n = from.len();
    let mut best: Option<(f64, f64)> = None;
    // Node i maps onto node m - i, piece i onto piece m - i - 1.
    for m in 0..n {
        if !(0..n).all(|i| same(chain.pieces[i], chain.pieces[(m + 2 * n - i - 1) % n])) {
            continue;
        }
        // q = exp(2 i axis) conj(p): the argument of the sum of q p is twice the direction.
        let (mut x, mut y) = (0.0, 0.0);
        for i in 0..n {
            let (p, q) = (from[i], from[(m + n - i) % n]);
            x += q.x * p.x - q.y * p.y;
            y += q.x * p.y + q.y * p.x;
        }
        let axis = y.atan2(x) / 2.0;
        let mirror = Motion::mirror(Point::default(), axis);
        let off = (0..n).map(|i| mirror.at(from[i]).distance(from[(m + n - i) % n])).fold(0.0, f64::max);
        if off < NEAR && best.is_none_or(|b| off < b.0) {
            best = Some((off, axis));
        }
    }
    best.map(|b| b.1)
}

/// A group under which the picture is its own image.
struct Found {
    center: Point,
    motions: Vec<Motion>,
}

/// Makes the boundaries symmetric that the picture as a whole maps onto each other; marks them in `regular`.
pub(super) fn picture(items: &[Option<Item>], curves: &mut [Curve], size: Point, regular: &mut [Regular]) {
    let Some(found) = find(items, size) else { return };
    let lookup = Lookup::new(items);
    let mut done = vec![false; curves.len()];
    for first in 0..curves.len() {
        if done[first] || items[first].is_none() {
            continue;
        }
        // Where each motion takes it.
        let Some(orbit) = lookup.orbit(items, first, &found.motions, APART[1]) else { continue };
        orbit.iter().for_each(|k| done[*k] = true);
        if let Some(images) = symmetric_orbit(items, curves, &found.motions, &orbit) {
            for (k, curve) in images {
                curves[k] = curve;
                regular[k].center = Some(found.center);
            }
        }
    }
}

/// The curves of an orbit when they are made symmetric, unless that leaves what was measured.
fn symmetric_orbit(
    items: &[Option<Item>],
    curves: &[Curve],
    motions: &[Motion],
    orbit: &[usize],
) -> Option<Vec<(usize, Curve)>> {
    let own = orbit[0];
    // All of them where the first one is.
    let images: Vec<Curve> = orbit.iter().zip(motions).filter_map(|(k, g)| g.back().curve(&curves[*k])).collect();
    if images.len() < orbit.len() {
        return None;
    }
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.sort_by_key(|k| numbers(&images[*k]));
    let mut candidates: Vec<(Curve, f64)> = Vec::new();
    for k in order {
        let all: Option<Vec<Curve>> = images.iter().map(|i| aligned(&images[k], i)).collect();
        let image = &images[k];
        if let Some(mean) = all.and_then(|all| mean(&all)) {
            candidates.push((mean, 1.0));
            break;
        }
        // Other pieces elsewhere: these will do for all, when they are symmetric themselves where they have to be. They
        // are off as well: two measurements differ by the root of two of what each is off.
        let stays: Vec<Motion> = orbit.iter().zip(motions).filter(|(k, _)| **k == own).map(|(_, g)| *g).collect();
        let all: Option<Vec<Curve>> = stays.iter().map(|g| aligned(image, &g.curve(image)?)).collect();
        match (all.and_then(|all| mean(&all)), &stays[..]) {
            (Some(mean), _) => candidates.push((mean, SQRT_2)),
            (None, [_, mirror]) if mirror.mirrors() => {
                candidates.extend(halves(image, *mirror).into_iter().map(|half| (half, SQRT_2)));
            }
            _ => {}
        }
    }
    let most = numbers(&curves[own]);
    candidates.retain(|(c, _)| numbers(c) <= most);
    candidates.sort_by_key(|(c, _)| numbers(c));
    candidates.truncate(MAX_CANDIDATES);
    candidates.into_iter().find_map(|(candidate, slack)| {
        let mut placed: Vec<(usize, Curve)> = Vec::new();
        for (k, g) in orbit.iter().zip(motions) {
            if placed.iter().any(|(other, _)| other == k) {
                continue;
            }
            let image = g.curve(&candidate)?;
            if !items[*k].as_ref()?.allows_within(&image, slack) {
                return None;
            }
            placed.push((*k, in_place(&curves[*k], image)));
        }
        Some(placed)
    })
}

/// Most curves that are tried for an orbit, a count: they differ in their pieces only.
const MAX_CANDIDATES: usize = 3;

/// `image` walked the way that `own` is, from about the same node.
pub(super) fn in_place(own: &Curve, image: Curve) -> Curve {
    aligned(own, &image).unwrap_or_else(|| walked(own, image))
}

/// `image` walked the way that `own` is.
pub(super) fn walked(own: &Curve, image: Curve) -> Curve {
    match (own, image) {
        (Curve::Chain(a), Curve::Chain(b)) => {
            let backwards = if a.is_closed() {
                turn(a) * turn(&b) < 0.0
            } else {
                a.nodes[0].point.distance(b.nodes[0].point)
                    > a.nodes[0].point.distance(b.nodes[b.nodes.len() - 1].point)
            };
            Curve::Chain(if backwards { b.reversed() } else { b })
        }
        (_, image) => image,
    }
}

/// Twice the area of a closed chain, about.
fn turn(chain: &Chain) -> f64 {
    let points: Vec<Point> = (0..chain.pieces.len())
        .flat_map(|i| [chain.at(i, 0.0), chain.at(i, 1.0 / 3.0), chain.at(i, 2.0 / 3.0)])
        .collect();
    (0..points.len()).map(|k| points[k].cross(points[(k + 1) % points.len()])).sum()
}

/// Chains that are one half of `curve` and its image in `mirror`.
fn halves(curve: &Curve, mirror: Motion) -> Vec<Curve> {
    let Curve::Chain(chain) = curve else { return Vec::new() };
    if !chain.is_closed() {
        return Vec::new();
    }
    let n = chain.nodes.len();
    // Twice the distance from the axis, signed.
    let normal = {
        let p = Point::new(1.0, 0.0);
        let d = mirror.at(p) - mirror.at(Point::default()) - p;
        let e = mirror.at(Point::new(0.0, 1.0)) - mirror.at(Point::default()) - Point::new(0.0, 1.0);
        if d.length() > e.length() { d.unit() } else { e.unit() }
    };
    let side = |p: Point| (p - mirror.at(p)).dot(normal) / 2.0;
    let on: Vec<bool> = chain.nodes.iter().map(|n| side(n.point).abs() < ON_AXIS).collect();
    let sign: Vec<f64> =
        chain.nodes.iter().zip(&on).map(|(n, on)| if *on { 0.0 } else { side(n.point).signum() }).collect();
    let mut found = Vec::new();
    for wanted in [1.0, -1.0] {
        // The run of nodes on this side, with what is on the axis before and after it.
        let starts: Vec<usize> = (0..n).filter(|k| sign[*k] == wanted && sign[(k + n - 1) % n] != wanted).collect();
        let [start] = starts[..] else { continue };
        let run = (0..n).take_while(|k| sign[(start + k) % n] == wanted).count();
        let half = turned_to(chain, start, run);
        found.extend(half.and_then(|half| doubled(&half, chain, start, run, mirror, &on)));
    }
    found
}

/// How far a node is from an axis that it is on, px: breaks slide along the curve.
const ON_AXIS: f64 = 0.6;

/// Nodes and pieces of a run.
fn turned_to(chain: &Chain, start: usize, run: usize) -> Option<Chain> {
    let n = chain.nodes.len();
    (run > 0 && run < n).then(|| Chain {
        nodes: (0..run).map(|k| chain.nodes[(start + k) % n]).collect(),
        pieces: (0..run - 1).map(|k| chain.pieces[(start + k) % n]).collect(),
    })
}

/// The ring of a half and its image: on the axis there is a node, or one piece goes across.
fn doubled(half: &Chain, chain: &Chain, start: usize, run: usize, mirror: Motion, on: &[bool]) -> Option<Curve> {
    let n = chain.nodes.len();
    let image = match mirror.curve(&Curve::Chain(half.reversed()))? {
        Curve::Chain(c) => c,
        _ => return None,
    };
    let (before, after) = ((start + n - 1) % n, (start + run) % n);
    // From the last node of the half to its image, and from the image of the first to the first.
    let across = |piece: Piece, at: Point, leaving: bool| -> Option<(Option<Node>, Vec<Piece>)> {
        let to = mirror.at(at);
        Some((
            None,
            vec![match piece {
                Piece::Line => Piece::Line,
                Piece::Cubic(c, _) if leaving => Piece::Cubic(c, mirror.at(c)),
                Piece::Cubic(_, d) => Piece::Cubic(mirror.at(d), d),
                Piece::Arc(half) if at.distance(to) > 0.0 => Piece::Arc(half),
                Piece::Arc(_) => return None,
            }],
        ))
    };
    let onto = |node: Node, piece: Piece, leaving: bool| -> (Option<Node>, Vec<Piece>) {
        let axis = |p: Point| (p + mirror.at(p)) * 0.5;
        let point = axis(node.point);
        let by = point - node.point;
        let flat = |p: Point| if node.smooth { p + by - (axis(p + by) - point) } else { p + by };
        let own = match piece {
            Piece::Cubic(c, d) if leaving => Piece::Cubic(c, flat(d)),
            Piece::Cubic(c, d) => Piece::Cubic(flat(c), d),
            other => other,
        };
        let back = match own {
            Piece::Cubic(c, d) => Piece::Cubic(mirror.at(d), mirror.at(c)),
            other => other,
        };
        (Some(Node { point, ..node }), if leaving { vec![own, back] } else { vec![back, own] })
    };
    let (first, last) = (half.nodes[0].point, half.nodes[run - 1].point);
    let leaving = chain.pieces[(start + run - 1) % n];
    let coming = chain.pieces[before];
    let (top, top_pieces) =
        if on[after] { onto(chain.nodes[after], leaving, true) } else { across(leaving, last, true)? };
    let (bottom, bottom_pieces) =
        if on[before] { onto(chain.nodes[before], coming, false) } else { across(coming, first, false)? };
    let mut ring = half.clone();
    ring.pieces.extend(top_pieces);
    ring.nodes.extend(top);
    ring.nodes.extend(image.nodes);
    ring.pieces.extend(image.pieces);
    ring.pieces.extend(bottom_pieces);
    ring.nodes.extend(bottom);
    ring.is_closed().then_some(Curve::Chain(ring))
}

/// Boundaries by the place of their centres.
struct Lookup {
    /// Centres from left to right.
    by_x: Vec<(f64, usize)>,
}

impl Lookup {
    fn new(items: &[Option<Item>]) -> Self {
        let mut by_x: Vec<(f64, usize)> =
            items.iter().enumerate().filter_map(|(k, i)| Some((i.as_ref()?.center.x, k))).collect();
        by_x.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self { by_x }
    }

    /// The boundary that `motion` maps `of` onto, judged by centres and lengths.
    fn partner(&self, items: &[Option<Item>], of: usize, motion: &Motion, apart: f64) -> Option<usize> {
        let own = items[of].as_ref()?;
        let to = motion.at(own.center);
        let first = self.by_x.partition_point(|(x, _)| *x < to.x - apart);
        let near = self.by_x[first..].iter().take_while(|(x, _)| *x <= to.x + apart);
        near.filter_map(|(_, k)| {
            let other = items[*k].as_ref()?;
            let alike = (other.length - own.length).abs() < LENGTH * own.length + LENGTH_OFF;
            let d = other.center.distance(to);
            // Of boundaries around one centre, the one that is as long.
            (alike && d < apart).then_some((d + (other.length - own.length).abs(), *k))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
    }

    /// Where all motions take a boundary.
    fn orbit(&self, items: &[Option<Item>], of: usize, motions: &[Motion], apart: f64) -> Option<Vec<usize>> {
        motions.iter().map(|g| self.partner(items, of, g, apart)).collect()
    }
}

/// The largest group under which most of the picture is its own image.
fn find(items: &[Option<Item>], size: Point) -> Option<Found> {
    let mut longest: Vec<usize> = (0..items.len()).filter(|k| items[*k].is_some()).collect();
    if longest.is_empty() || longest.len() > MAX_BOUNDARIES {
        return None;
    }
    let item = |k: usize| items[k].as_ref();
    let length = |k: usize| item(k).map_or(0.0, |i| i.length);
    longest.sort_by(|a, b| length(*b).total_cmp(&length(*a)).then(a.cmp(b)));
    let lookup = Lookup::new(items);
    let total: f64 = longest.iter().map(|k| length(*k)).sum();
    let first: f64 = longest.iter().take(FIRST).map(|k| length(*k)).sum();
    let weighted = |of: &[usize]| {
        let sum: f64 = of.iter().map(|k| length(*k)).sum();
        let center = of.iter().filter_map(|k| Some(item(*k)?.center * (length(*k) / sum)));
        center.fold(Point::default(), |a, p| a + p)
    };
    // Boundaries that a group maps onto each other; fewer than enough when the longest are not.
    let mapped = |motions: &[Motion], apart: f64| -> (f64, Vec<usize>) {
        let whole = |k: &usize| lookup.orbit(items, *k, motions, apart).is_some();
        let mut of: Vec<usize> = longest.iter().take(FIRST).copied().filter(whole).collect();
        if of.iter().map(|k| length(*k)).sum::<f64>() >= LEAST_SHARE * first {
            of.extend(longest.iter().skip(FIRST).copied().filter(whole));
        }
        (of.iter().map(|k| length(*k)).sum::<f64>() / total, of)
    };
    let mut centers = vec![weighted(&longest), size * 0.5];
    centers.extend(longest.iter().take(2).filter_map(|k| Some(item(*k)?.center)));
    let mut best: Option<(f64, Found)> = None;
    for center in centers {
        let axes: Vec<(f64, f64)> =
            AXES.iter().map(|a| (mapped(&group(center, 1, Some(*a)), APART[0]).0, *a)).collect();
        let turns: Vec<(f64, usize)> =
            ORDERS.iter().map(|n| (mapped(&[Motion::turn(center, TAU / *n as f64)], APART[0]).0, *n)).collect();
        let most = axes.iter().map(|a| a.0).chain(turns.iter().map(|t| t.0)).fold(0.0, f64::max);
        if most < LEAST_SHARE {
            continue;
        }
        let enough = |share: f64| share >= AS_MUCH * most;
        let order = turns.iter().find(|t| enough(t.0)).map_or(1, |t| t.1);
        let axis = axes.iter().find(|a| enough(a.0)).map(|a| a.1);
        let rough = group(center, order, axis);
        let (_, of) = mapped(&rough, APART[0]);
        if of.is_empty() || rough.len() < 2 {
            continue;
        }
        // All boundaries of an orbit have their mean in the centre, or on the axis.
        let fine = weighted(&of);
        let (motions, center) = settled(fine, size, order, axis);
        let (share, _) = mapped(&motions, APART[1]);
        let worth = share * (1.0 - 1.0 / motions.len() as f64);
        if share >= LEAST_SHARE && best.as_ref().is_none_or(|b| worth > b.0 + 1e-9) {
            best = Some((worth, Found { center, motions }));
        }
    }
    best.map(|b| b.1)
}

/// The group about `center` on the grid on which it is written; in the middle of the picture when it is there.
fn settled(center: Point, size: Point, order: usize, axis: Option<f64>) -> (Vec<Motion>, Point) {
    let middle = size * 0.5;
    let snap = |v: f64, m: f64| if (v - m).abs() < MIDDLE { m } else { super::to_grid(v) };
    let center = Point::new(snap(center.x, middle.x), snap(center.y, middle.y));
    (group(center, order, axis), center)
}

/// How far an axis is from the middle of the picture and is there, px: no more than writing takes off anyway, since the
/// centre of a boundary is known to a hundredth.
const MIDDLE: f64 = 0.008;

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn groups_have_all_their_motions() {
        let c = Point::new(5.0, 6.0);
        assert_eq!(group(c, 4, Some(0.0)).len(), 8);
        let p = Point::new(9.0, 7.0);
        let images: Vec<Point> = group(c, 3, Some(PI / 2.0)).iter().map(|g| g.at(p)).collect();
        for (i, a) in images.iter().enumerate() {
            assert!(images[i + 1..].iter().all(|b| a.distance(*b) > 0.1), "{images:?}");
            // The image of an image is one of them.
            for g in group(c, 3, Some(PI / 2.0)) {
                assert!(images.iter().any(|b| g.at(*a).distance(*b) < 1e-9));
            }
        }
    }
}
