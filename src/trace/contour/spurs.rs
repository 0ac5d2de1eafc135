//! Ends of boundaries that go past their junction and come back over themselves.
//!
//! A corner that is put in beside a junction may come to rest beyond it: the boundary then leaves its junction one way
//! and comes back along the same line. Nothing of that shows, but the junction is in the wrong place, so that what
//! else ends there crosses the way back.

use super::fit::{Chain, Curve};
use super::junctions;
use super::planar_map::PlanarMap;

/// Longest piece that is a way there and back, px: longer ones are sides that the pixels tell.
const LONGEST: f64 = 8.0;

/// Farthest that the ways there and back lie from each other, px: what is between them shows less than rounding.
const BESIDE: f64 = 0.05;

/// Cosine of the turn between them, a ratio: 154 degrees, and less is a sharp corner.
const BACK: f64 = -0.9;

/// Places of the way there that are held against the way back, a count: it hardly bends.
const PLACES: usize = 4;

/// Takes ways there and back off the ends of `curves`, and the same pieces off what they were `before`. Returns how
/// many there were.
pub(super) fn cut(map: &PlanarMap, curves: &mut [Curve], before: &mut [Curve]) -> usize {
    let mut count = 0;
    for ((boundary, curve), old) in map.boundaries.iter().zip(curves).zip(before) {
        let (Some(_), false, Curve::Chain(chain)) = (boundary.ends, boundary.is_rim(), curve) else { continue };
        for at_end in [false, true] {
            let Some(t) = spur(chain, at_end) else { continue };
            if let Curve::Chain(old) = old
                && old.pieces.len() == chain.pieces.len()
            {
                shorten(old, at_end, t);
            }
            shorten(chain, at_end, t);
            count += 1;
        }
    }
    count
}

/// Where the piece after the first, or before the last one, comes back over the junction that this one leaves: its
/// parameter there.
fn spur(chain: &Chain, at_end: bool) -> Option<f64> {
    let last = chain.pieces.len().checked_sub(1).filter(|last| *last > 0)?;
    let (there, back) = if at_end { (last, last - 1) } else { (0, 1) };
    let (from, to) = chain.ends(there);
    let (leaves, comes) = (chain.tangents(there), chain.tangents(back));
    let turn = if at_end { comes.1.dot(leaves.0) } else { leaves.1.dot(comes.0) };
    if from.distance(to) > LONGEST || turn > BACK {
        return None;
    }
    let places = (0..PLACES).map(|k| chain.at(there, (k as f64 + if at_end { 1.0 } else { 0.0 }) / PLACES as f64));
    let along = places.into_iter().map(|p| chain.nearest(back, p, (0.0, 1.0)));
    let along = along.map(|(t, off)| (off < BESIDE).then_some(t)).collect::<Option<Vec<f64>>>()?;
    let t = if at_end { *along.last()? } else { *along.first()? };
    (t > 0.0 && t < 1.0).then_some(t)
}

/// Takes the piece at an end away, and what the one beside it goes beyond its parameter `t`.
fn shorten(chain: &mut Chain, at_end: bool, t: f64) {
    let last = chain.pieces.len() - 1;
    let (there, back) = if at_end { (last, last - 1) } else { (0, 1) };
    let junction = if at_end { chain.ends(there).1 } else { chain.ends(there).0 };
    chain.cut(back, t, at_end);
    let node = if at_end { last } else { 1 };
    chain.nodes[node].smooth = false;
    chain.nodes.remove(if at_end { last + 1 } else { 0 });
    chain.pieces.remove(there);
    junctions::move_end(chain, at_end, junction);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Point;
    use crate::trace::contour::fit::{Node, Piece};

    #[test]
    fn a_way_there_and_back_goes() {
        let p = Point::new;
        let node = |point| Node { point, smooth: false };
        let bent = Piece::Cubic(p(10.0, 20.0), p(10.0, 30.0));
        let chain = Chain {
            nodes: [p(10.0, 10.0), p(10.0, 6.0), p(15.0, 40.0)].map(node).into(),
            pieces: vec![Piece::Line, bent],
        };
        let Some(t) = spur(&chain, false) else { panic!("not found") };
        let mut cut = chain.clone();
        shorten(&mut cut, false, t);
        assert_eq!((cut.nodes.len(), cut.pieces.len()), (2, 1));
        assert_eq!(cut.ends(0), (p(10.0, 10.0), p(15.0, 40.0)));
        for k in 0..=10 {
            assert!(chain.nearest(1, cut.at(0, f64::from(k) / 10.0), (0.0, 1.0)).1 < BESIDE, "{k}");
        }
        // The same from the other end.
        let reversed = Chain {
            nodes: chain.nodes.iter().rev().copied().collect(),
            pieces: vec![Piece::Cubic(p(10.0, 30.0), p(10.0, 20.0)), Piece::Line],
        };
        assert_eq!(spur(&reversed, false), None);
        let Some(t) = spur(&reversed, true) else { panic!("not found") };
        let mut again = reversed;
        shorten(&mut again, true, t);
        assert_eq!(again.ends(0), (p(15.0, 40.0), p(10.0, 10.0)));
        // An arc keeps its radius.
        for half in [0.4, -1.2] {
            let nodes = [p(0.0, 3.0), p(0.0, 0.0), p(40.0, 0.0)].map(node);
            let mut arc = Chain { nodes: nodes.into(), pieces: vec![Piece::Line, Piece::Arc(half)] };
            let radius = |chain: &Chain, half: f64| {
                let (a, b) = chain.ends(chain.pieces.len() - 1);
                a.distance(b) / half.sin().abs()
            };
            let whole = radius(&arc, half);
            arc.nodes[0].point = arc.at(1, 0.07);
            shorten(&mut arc, false, 0.07);
            let Piece::Arc(left) = arc.pieces[0] else { panic!("{arc:?}") };
            assert!((radius(&arc, left) - whole).abs() < 1e-6 && left.abs() < half.abs(), "{arc:?}");
        }
        // A sharp corner stays.
        let sharp = Chain::polygon(&[p(10.0, 10.0), p(10.0, 6.0), p(12.0, 40.0)], false);
        assert_eq!(spur(&sharp, false), None);
    }
}
