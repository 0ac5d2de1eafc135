//! Curves held against each other: the same pieces in another order, the mean of several, how far one is from
//! another.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use crate::document::Point;
use crate::trace::contour::fit::{Chain, Curve, Node, Piece};
use crate::trace::contour::verify::places;

/// Farthest that two nodes which say the same are apart, px: along a smooth curve a break may be anywhere, but
/// beyond that its pieces are others.
const SAME_NODE: f64 = 1.5;

/// Distance between the points that are held against a curve, px: no bump between them is missed.
const MARKS: f64 = 1.5;

/// Distance between the points of the way that they are held against, px: a chord of that length cuts off a
/// hundredth of a pixel from an arc with a radius of 3 px.
const WAY: f64 = 0.5;

/// Pieces of a way on which the place nearest to the next mark is looked for, a count: two marks lie three apart.
const AHEAD: usize = 12;

/// A curve as points close together.
#[derive(Debug, Clone)]
pub(super) struct Way {
    points: Vec<Point>,
    closed: bool,
}

impl Way {
    /// Points along `curve`, to be held against others.
    pub(super) fn marks(curve: &Curve) -> Self {
        Self::new(curve, MARKS)
    }

    fn new(curve: &Curve, step: f64) -> Self {
        let closed = !matches!(curve, Curve::Chain(chain) if !chain.is_closed());
        let mut points: Vec<Point> = Vec::new();
        places(curve, step, |p| {
            if points.last().is_none_or(|q| *q != p) {
                points.push(p);
            }
        });
        if closed && points.len() > 1 && points.first().zip(points.last()).is_some_and(|(a, b)| a.distance(*b) < 1e-9) {
            points.pop();
        }
        Self { points, closed }
    }

    /// Length, px, and centre of the line itself.
    pub(super) fn line(&self) -> (f64, Point) {
        let n = self.points.len();
        let (mut length, mut center) = (0.0, Point::default());
        for k in 0..if self.closed { n } else { n.saturating_sub(1) } {
            let (a, b) = (self.points[k], self.points[(k + 1) % n]);
            length += a.distance(b);
            center = center + (a + b) * (a.distance(b) / 2.0);
        }
        (length, if length > 0.0 { center * (1.0 / length) } else { self.points.first().copied().unwrap_or_default() })
    }

    /// Where it ends to the top left and to the bottom right of `center`, px.
    pub(super) fn extent(&self, center: Point) -> (Point, Point) {
        let zero = (Point::default(), Point::default());
        self.points
            .iter()
            .map(|p| *p - center)
            .fold(zero, |(a, b), p| (Point::new(a.x.min(p.x), a.y.min(p.y)), Point::new(b.x.max(p.x), b.y.max(p.y))))
    }

    fn reverse(&mut self) {
        self.points.reverse();
    }
}

/// Root of the mean square, and the largest distance of `marks` from `curve`, px, whichever way that is walked;
/// `None` when one is more than `most`.
pub(super) fn distance(marks: &Way, curve: &Curve, most: f64) -> Option<(f64, f64)> {
    let mut way = Way::new(curve, WAY);
    if marks.points.is_empty() || way.points.len() < 2 || marks.closed != way.closed {
        return None;
    }
    distance_along(marks, &way, most).or_else(|| {
        way.reverse();
        distance_along(marks, &way, most)
    })
}

fn distance_along(marks: &Way, way: &Way, most: f64) -> Option<(f64, f64)> {
    let n = way.points.len();
    let segments = if way.closed { n } else { n - 1 };
    let to = |p: Point, k: usize| {
        let (a, b) = (way.points[k], way.points[(k + 1) % n]);
        let (v, w) = (b - a, p - a);
        let t = (w.dot(v) / v.dot(v).max(1e-12)).clamp(0.0, 1.0);
        p.distance(a + v * t)
    };
    let first = marks.points[0];
    let mut at = (0..segments).min_by(|a, b| to(first, *a).total_cmp(&to(first, *b)))?;
    let (mut sum, mut worst) = (0.0, 0.0f64);
    for p in &marks.points {
        let mut best = (f64::INFINITY, at);
        for k in 0..AHEAD + 2 {
            // From one before.
            let k = if way.closed { (at + segments + k - 1) % segments } else { (at + k).saturating_sub(1) };
            if k >= segments {
                break;
            }
            let d = to(*p, k);
            if d < best.0 {
                best = (d, k);
            }
        }
        if !(best.0 <= most) {
            return None;
        }
        at = best.1;
        sum += best.0 * best.0;
        worst = worst.max(best.0);
    }
    Some(((sum / marks.points.len() as f64).sqrt(), worst))
}

/// `image` with its nodes in the order of `own`, when both have the same pieces.
pub(super) fn aligned(own: &Curve, image: &Curve) -> Option<Curve> {
    match (own, image) {
        (Curve::Chain(a), Curve::Chain(b)) => aligned_chain(a, b).map(Curve::Chain),
        (Curve::Circle(..), Curve::Circle(..)) | (Curve::Rect(..), Curve::Rect(..)) => Some(image.clone()),
        (Curve::Ellipse(.., angle), Curve::Ellipse(c, rx, ry, other)) => {
            let half = (other - angle).rem_euclid(PI);
            let off = if half > FRAC_PI_2 { half - PI } else { half };
            // The other axis is the same when both have been called by the other's name.
            if off.abs() > FRAC_PI_2 / 2.0 {
                let quarter = off - off.signum() * FRAC_PI_2;
                return Some(Curve::Ellipse(*c, *ry, *rx, angle + quarter));
            }
            Some(Curve::Ellipse(*c, *rx, *ry, angle + off))
        }
        (Curve::Polygon(_, _, angle, n), Curve::Polygon(c, r, other, m)) if n == m => {
            let turn = TAU / *n as f64;
            let off = (other - angle) / turn;
            Some(Curve::Polygon(*c, *r, angle + (off - off.round()) * turn, *n))
        }
        _ => None,
    }
}

fn aligned_chain(own: &Chain, image: &Chain) -> Option<Chain> {
    let n = own.nodes.len();
    if n == 0 || image.nodes.len() != n || image.pieces.len() != own.pieces.len() {
        return None;
    }
    let backwards = image.reversed();
    if !own.is_closed() {
        return [image, &backwards].into_iter().find(|c| is_alike(own, c)).cloned();
    }
    let near = |chain: &Chain, k: usize| chain.nodes[k].point.distance(own.nodes[0].point) < SAME_NODE;
    [image, &backwards]
        .into_iter()
        .flat_map(|chain| (0..n).filter(|k| near(chain, *k)).map(|k| turned(chain, k)))
        .find(|c| is_alike(own, c))
}

/// Whether pieces of one kind lie beside each other.
fn is_alike(own: &Chain, other: &Chain) -> bool {
    let near = |a: Point, b: Point| a.distance(b) < SAME_NODE;
    own.nodes.iter().zip(&other.nodes).all(|(a, b)| near(a.point, b.point))
        && (0..own.pieces.len()).all(|i| {
            let kinds = std::mem::discriminant(&own.pieces[i]) == std::mem::discriminant(&other.pieces[i]);
            kinds && near(own.at(i, 0.5), other.at(i, 0.5))
        })
}

/// The closed chain from node `k` on.
fn turned(chain: &Chain, k: usize) -> Chain {
    let mut chain = chain.clone();
    chain.nodes.rotate_left(k);
    chain.pieces.rotate_left(k);
    chain
}

/// The mean of curves with the same pieces in the same order.
pub(super) fn mean(curves: &[Curve]) -> Option<Curve> {
    let share = 1.0 / curves.len() as f64;
    let points = |of: &dyn Fn(&Curve) -> Point| curves.iter().fold(Point::default(), |a, c| a + of(c)) * share;
    let values = |of: &dyn Fn(&Curve) -> f64| curves.iter().map(of).sum::<f64>() * share;
    Some(match curves.first()? {
        Curve::Chain(first) => {
            let chains: Vec<&Chain> =
                curves.iter().filter_map(|c| if let Curve::Chain(chain) = c { Some(chain) } else { None }).collect();
            let mut mean = first.clone();
            let over = |of: &dyn Fn(&Chain) -> Point| chains.iter().fold(Point::default(), |a, c| a + of(c)) * share;
            for (k, node) in mean.nodes.iter_mut().enumerate() {
                node.point = over(&|c| c.nodes[k].point);
            }
            for (k, piece) in mean.pieces.iter_mut().enumerate() {
                let handle = |second: bool| {
                    over(&|c: &Chain| match c.pieces[k] {
                        Piece::Cubic(_, b) if second => b,
                        Piece::Cubic(a, _) => a,
                        _ => Point::default(),
                    })
                };
                *piece = match *piece {
                    Piece::Line => Piece::Line,
                    Piece::Cubic(..) => Piece::Cubic(handle(false), handle(true)),
                    Piece::Arc(_) => {
                        let half = |c: &&Chain| if let Piece::Arc(half) = c.pieces[k] { half } else { 0.0 };
                        Piece::Arc(chains.iter().map(half).sum::<f64>() * share)
                    }
                };
            }
            Curve::Chain(mean)
        }
        // Arguments of the first where the others are of another kind: they never are.
        Curve::Circle(..) => Curve::Circle(points(&center), values(&|c| sizes(c)[0])),
        Curve::Ellipse(..) => {
            let [rx, ry, angle] = [0, 1, 2].map(|k| values(&|c| sizes(c)[k]));
            Curve::Ellipse(points(&center), rx, ry, angle)
        }
        Curve::Rect(..) => {
            let corner = |second: bool| {
                points(&|c| match c {
                    Curve::Rect(_, q, _) if second => *q,
                    Curve::Rect(p, ..) => *p,
                    _ => Point::default(),
                })
            };
            Curve::Rect(corner(false), corner(true), values(&|c| sizes(c)[0]))
        }
        Curve::Polygon(.., n) => {
            let [r, angle] = [0, 1].map(|k| values(&|c| sizes(c)[k]));
            Curve::Polygon(points(&center), r, angle, *n)
        }
    })
}

/// The middle of a curve, by its nodes for a chain.
pub(super) fn center(curve: &Curve) -> Point {
    match curve {
        Curve::Chain(chain) => {
            chain.nodes.iter().fold(Point::default(), |a, n| a + n.point) * (1.0 / chain.nodes.len().max(1) as f64)
        }
        Curve::Circle(c, _) | Curve::Ellipse(c, ..) | Curve::Polygon(c, ..) => *c,
        Curve::Rect(p, q, _) => (*p + *q) * 0.5,
    }
}

/// What a shape of its own has besides its place: radii, then an angle.
fn sizes(curve: &Curve) -> [f64; 3] {
    match *curve {
        Curve::Chain(_) => [0.0; 3],
        Curve::Circle(_, r) | Curve::Rect(_, _, r) => [r, 0.0, 0.0],
        Curve::Ellipse(_, rx, ry, angle) => [rx, ry, angle],
        Curve::Polygon(_, r, angle, _) => [r, angle, 0.0],
    }
}

/// Numbers that a curve takes.
pub(super) fn numbers(curve: &Curve) -> usize {
    match curve {
        Curve::Chain(chain) => chain.pieces.iter().map(|p| if *p == Piece::Line { 2 } else { 6 }).sum(),
        Curve::Circle(..) => 3,
        Curve::Ellipse(..) | Curve::Rect(..) => 4,
        Curve::Polygon(.., n) => 2 * n,
    }
}

/// The curve with all its points where `at` has them.
pub(super) fn placed(curve: &Curve, at: impl Fn(Point) -> Point) -> Curve {
    match curve {
        Curve::Chain(chain) => Curve::Chain(placed_chain(chain, at)),
        Curve::Circle(c, r) => Curve::Circle(at(*c), *r),
        Curve::Ellipse(c, rx, ry, angle) => Curve::Ellipse(at(*c), *rx, *ry, *angle),
        Curve::Rect(p, q, r) => Curve::Rect(at(*p), at(*q), *r),
        Curve::Polygon(c, r, angle, n) => Curve::Polygon(at(*c), *r, *angle, *n),
    }
}

/// The chain with all its points where `at` has them; arcs bend as they do.
pub(super) fn placed_chain(chain: &Chain, at: impl Fn(Point) -> Point) -> Chain {
    let nodes = chain.nodes.iter().map(|n| Node { point: at(n.point), ..*n }).collect();
    let pieces = chain.pieces.iter().map(|p| match *p {
        Piece::Cubic(a, b) => Piece::Cubic(at(a), at(b)),
        other => other,
    });
    Chain { nodes, pieces: pieces.collect() }
}
