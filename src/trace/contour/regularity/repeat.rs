//! Rings that are the same but for where they lie, turned by quarters or mirrored: one curve for all of them,
//! the mean of what was measured of each.
//!
//! A ring goes together with the holes of the region inside it, so that a letter and its counter are one figure.

use std::f64::consts::FRAC_PI_2;

use super::likeness::{aligned, mean, numbers};
use super::motion::Motion;
use super::{Item, Regular, symmetry};
use crate::document::Point;
use crate::trace::contour::fit::Curve;
use crate::trace::contour::planar_map::PlanarMap;

/// Most figures that are compared, a count: more are a texture.
const MAX_FIGURES: usize = 3000;

/// Largest difference of the lengths of two rings that may be the same, a share: longer ones gather more error.
const LENGTH: f64 = 0.004;

/// Difference of the lengths that is always allowed, px: short ones are known no better.
const LENGTH_OFF: f64 = 0.4;

/// Largest difference of where they end on each side of their centres, px: tips are known no better.
const EXTENT: f64 = 0.3;

/// Farthest that a hole is from where the figure's likeness has it, px: centres are known to a tenth of that.
const HOLE: f64 = 0.3;

/// A ring and the holes of the region inside it.
struct Figure {
    ring: usize,
    holes: Vec<usize>,
}

/// A figure and where others of its kind are: rings in the order of the first one's, and the motion from that.
struct Kind {
    members: Vec<(Vec<usize>, Motion)>,
}

/// Gives rings that look the same one curve; marks them in `regular`.
pub(super) fn share(map: &PlanarMap, items: &[Option<Item>], curves: &mut [Curve], regular: &mut [Regular]) {
    let mut figures = figures(map, items);
    if figures.len() > MAX_FIGURES {
        return;
    }
    let length = |f: &Figure| items[f.ring].as_ref().map_or(0.0, |i| i.length);
    figures.sort_by(|a, b| length(b).total_cmp(&length(a)).then(a.ring.cmp(&b.ring)));
    let mut kinds: Vec<Kind> = Vec::new();
    // Kinds whose length is near, in order.
    let mut from = 0;
    let mut taken = vec![false; curves.len()];
    for figure in &figures {
        let Some(item) = &items[figure.ring] else { continue };
        if taken[figure.ring] {
            continue;
        }
        while kinds.get(from).is_some_and(|k| {
            let longest = items[k.members[0].0[0]].as_ref().map_or(0.0, |i| i.length);
            longest - item.length > LENGTH * item.length + LENGTH_OFF
        }) {
            from += 1;
        }
        let found = (from..kinds.len()).find_map(|k| Some((k, likeness(items, curves, &kinds[k], figure)?)));
        match found {
            Some((k, member)) => {
                member.0.iter().for_each(|r| taken[*r] = true);
                kinds[k].members.push(member);
            }
            None => {
                let all: Vec<usize> = std::iter::once(figure.ring).chain(figure.holes.iter().copied()).collect();
                kinds.push(Kind { members: vec![(all, Motion::HERE)] });
            }
        }
    }
    let mut done = vec![false; curves.len()];
    for kind in kinds.iter().filter(|k| k.members.len() > 1) {
        // A hole may have been a figure of its own before the one around it was known to be.
        if kind.members.iter().flat_map(|m| &m.0).any(|r| done[*r]) {
            continue;
        }
        unite(items, curves, kind, regular, &mut done);
    }
}

/// Rings that meet no others, each with the holes inside it.
fn figures(map: &PlanarMap, items: &[Option<Item>]) -> Vec<Figure> {
    let ring = |k: usize| map.boundaries[k].is_ring() && items[k].is_some();
    (0..map.boundaries.len())
        .filter(|k| ring(*k))
        .map(|k| {
            let boundary = &map.boundaries[k];
            // An outer ring is of negative area with its region on the left.
            let inside = if boundary.twice_area() < 0 { boundary.left } else { boundary.right };
            let rings = map.rings.get(inside as usize).into_iter().flatten();
            let holes = rings.filter_map(|r| if let [half] = r[..] { Some(half.boundary) } else { None });
            Figure { ring: k, holes: holes.filter(|h| *h != k && ring(*h)).collect() }
        })
        .collect()
}

/// The rings of `figure` in the order of the first of `kind`, and the motion from there, when it is of that kind.
fn likeness(items: &[Option<Item>], curves: &[Curve], kind: &Kind, figure: &Figure) -> Option<(Vec<usize>, Motion)> {
    let rings = &kind.members[0].0;
    let (first, own) = (items[rings[0]].as_ref()?, items[figure.ring].as_ref()?);
    if figure.holes.len() + 1 != rings.len() || (first.length - own.length).abs() > LENGTH * own.length + LENGTH_OFF {
        return None;
    }
    let whole = std::mem::discriminant(&curves[rings[0]]) == std::mem::discriminant(&curves[figure.ring])
        && matches!(curves[figure.ring], Curve::Circle(..));
    for motion in motions(first.center, own.center) {
        let [a, b] = [first.extent, own.extent];
        let corner = |p: Point| motion.at(first.center + p) - own.center;
        let (p, q) = (corner(a.0), corner(a.1));
        let (low, high) = (Point::new(p.x.min(q.x), p.y.min(q.y)), Point::new(p.x.max(q.x), p.y.max(q.y)));
        if low.distance(b.0) > EXTENT || high.distance(b.1) > EXTENT {
            continue;
        }
        let Some(image) = motion.curve(&curves[rings[0]]) else { continue };
        if own.allows(&image) {
            let holes: Option<Vec<usize>> = rings[1..]
                .iter()
                .map(|r| {
                    let to = motion.at(items[*r].as_ref()?.center);
                    let near = |h: &&usize| items[**h].as_ref().is_some_and(|i| i.center.distance(to) < HOLE);
                    let hole = figure.holes.iter().find(near)?;
                    let image = motion.curve(&curves[*r])?;
                    items[*hole].as_ref()?.allows(&image).then_some(*hole)
                })
                .collect();
            if let Some(holes) = holes {
                return Some((std::iter::once(figure.ring).chain(holes).collect(), motion));
            }
        }
        // A circle looks the same from everywhere.
        if whole && rings.len() == 1 {
            return None;
        }
    }
    None
}

/// Motions that keep upright lines so, from one centre to another.
fn motions(from: Point, to: Point) -> impl Iterator<Item = Motion> {
    let turns = (0..4).map(|k| Some(f64::from(k) * FRAC_PI_2));
    let mirrors = (0..4).map(|k| f64::from(k) * FRAC_PI_2 / 2.0);
    let all: Vec<Motion> = turns
        .flatten()
        .map(|a| if a == 0.0 { Motion::HERE } else { Motion::turn(from, a) })
        .chain(mirrors.map(|a| Motion::mirror(from, a)))
        .collect();
    all.into_iter().map(move |m| Motion::shift(to - from).after(m))
}

/// Gives all of a kind the same curves, and drops those that do not agree with them.
fn unite(items: &[Option<Item>], curves: &mut [Curve], kind: &Kind, regular: &mut [Regular], done: &mut [bool]) {
    // The one with the fewest numbers has the pieces.
    let count = |m: &(Vec<usize>, Motion)| m.0.iter().map(|r| numbers(&curves[*r])).sum::<usize>();
    let Some(best) = kind.members.iter().min_by_key(|m| count(m)) else { return };
    let back = best.1.back();
    let from: Vec<(&Vec<usize>, Motion)> = kind.members.iter().map(|(r, m)| (r, m.after(back))).collect();
    let united = |members: &[&(&Vec<usize>, Motion)]| -> Option<Vec<Curve>> {
        (0..best.0.len())
            .map(|i| {
                let own = &curves[best.0[i]];
                let images = members.iter().filter_map(|(r, m)| aligned(own, &m.back().curve(&curves[r[i]])?));
                let all: Vec<Curve> = images.collect();
                let curve = mean(&all)?;
                let symmetric = symmetry::ring(&curve);
                let fits = |curve: &Curve| {
                    members.iter().all(|(r, m)| {
                        m.curve(curve).is_some_and(|c| items[r[i]].as_ref().is_some_and(|item| item.allows(&c)))
                    })
                };
                Some(symmetric.filter(fits).unwrap_or(curve))
            })
            .collect()
    };
    let fits = |shapes: &[Curve], (rings, motion): &(&Vec<usize>, Motion)| {
        shapes.iter().zip(*rings).all(|(s, r)| {
            motion.curve(s).is_some_and(|image| items[*r].as_ref().is_some_and(|item| item.allows(&image)))
        })
    };
    let all: Vec<&(&Vec<usize>, Motion)> = from.iter().collect();
    let Some(shapes) = united(&all) else { return };
    let near: Vec<&(&Vec<usize>, Motion)> = all.iter().copied().filter(|m| fits(&shapes, m)).collect();
    let shapes = if near.len() < all.len() { united(&near) } else { Some(shapes) };
    let Some(shapes) = shapes.filter(|s| near.len() > 1 && near.iter().all(|m| fits(s, m))) else { return };
    for (rings, motion) in near {
        for (shape, r) in shapes.iter().zip(*rings) {
            if let Some(image) = motion.curve(shape) {
                // From the same node too, so that they are written alike.
                curves[*r] = symmetry::walked(&curves[*r], image);
                regular[*r].anchor = Some(rings[0]);
                done[*r] = true;
            }
        }
    }
}
