//! Parts of a drawing that are the same but for where they lie, so that they can be written once.
//!
//! A part is what can be painted by itself: contours of a shape that are clear of its others. Parts are compared
//! in the integers in which they are written, so that a copy is where its original would have been drawn, to the
//! last digit; it may also be mirrored, or turned by quarters, which keeps the integers whole.

use std::collections::BTreeMap;

use super::{Arc, Bounds, Contour, Document, Paint, Point, Segment, Shape, apart};

/// A point in integers of the grid on which parts are compared.
type Grid = (i64, i64);

/// The matrices, column by column, that keep a grid: as it is, turned by quarters, and the same mirrored.
const UPRIGHT: [[i64; 4]; 8] = [
    [1, 0, 0, 1],
    [-1, 0, 0, -1],
    [0, 1, -1, 0],
    [0, -1, 1, 0],
    [-1, 0, 0, 1],
    [1, 0, 0, -1],
    [0, 1, 1, 0],
    [0, -1, -1, 0],
];

/// Largest difference of two radii that are the same, grid steps: beyond it one is written differently.
const SAME_RADIUS: f64 = 0.1;

/// Where a copy lies against its original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placing {
    /// One of [`UPRIGHT`].
    pub(super) matrix: [i64; 4],
    /// By how much it is moved after that, grid steps.
    pub(super) by: Grid,
}

impl Placing {
    /// Where the original is.
    pub(super) const HERE: Self = Self { matrix: UPRIGHT[0], by: (0, 0) };

    fn at(self, (x, y): Grid) -> Grid {
        let [a, b, c, d] = self.matrix;
        (a * x + c * y + self.by.0, b * x + d * y + self.by.1)
    }

    fn mirrors(self) -> bool {
        let [a, b, c, d] = self.matrix;
        a * d - b * c < 0
    }
}

/// Some contours of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Which shape of the document.
    pub(super) shape: usize,
    /// Which of its contours.
    pub(super) contours: Vec<usize>,
}

/// A part and others that look like it.
#[derive(Debug)]
pub(super) struct Repeated {
    /// The one that is painted first.
    pub(super) original: Part,
    /// The others in painter's order.
    pub(super) copies: Vec<(Part, Placing)>,
}

/// All parts that the document has more than once, on a grid of `10^-decimals` px. Shapes with gradients and
/// primitives that stand by themselves are left out: the ones refer to places, the others are short.
pub(super) fn find(document: &Document, decimals: usize) -> Vec<Repeated> {
    let scale = 10f64.powi(decimals as i32);
    let mut found: Vec<(Repeated, Vec<Outline>)> = Vec::new();
    let mut known: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (i, shape) in document.shapes.iter().enumerate() {
        if !matches!(shape.paint, Paint::Solid { .. }) || shape.is_primitive() {
            continue;
        }
        for contours in parts(shape) {
            let outlines: Vec<Outline> = contours.iter().map(|k| Outline::new(&shape.contours[*k], scale)).collect();
            let part = Part { shape: i, contours };
            let alike = known.entry(Key::new(shape, &outlines)).or_default();
            let original = alike.iter().find_map(|k| placing(&found[*k].1, &outlines).map(|p| (*k, p)));
            if let Some((k, placing)) = original {
                found[k].0.copies.push((part, placing));
            } else {
                alike.push(found.len());
                found.push((Repeated { original: part, copies: Vec::new() }, outlines));
            }
        }
    }
    found.into_iter().map(|(r, _)| r).filter(|r| !r.copies.is_empty()).collect()
}

/// The contours of `shape` in sets that are clear of each other.
fn parts(shape: &Shape) -> Vec<Vec<usize>> {
    let bounds: Vec<Bounds> = (0..shape.contours.len()).map(|k| shape.contour_bounds(k)).collect();
    let mut order: Vec<usize> = (0..bounds.len()).collect();
    order.sort_by(|a, b| bounds[*a][0].total_cmp(&bounds[*b][0]).then(a.cmp(b)));
    let mut parent: Vec<usize> = (0..bounds.len()).collect();
    fn root(parent: &mut [usize], mut i: usize) -> usize {
        while parent[i] != i {
            parent[i] = parent[parent[i]];
            i = parent[i];
        }
        i
    }
    for (i, a) in order.iter().enumerate() {
        for b in &order[i + 1..] {
            if bounds[*b][0] > bounds[*a][2] + super::MERGE_GAP {
                break;
            }
            if !apart(&bounds[*a], &bounds[*b]) {
                let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
                parent[a.max(b)] = a.min(b);
            }
        }
    }
    let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for k in 0..bounds.len() {
        sets.entry(root(&mut parent, k)).or_default().push(k);
    }
    sets.into_values().collect()
}

/// What parts that look alike have in common, however they lie.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Width, cap and join.
    stroke: Option<(u64, super::Cap, super::Join)>,
    /// Pieces of each contour, fewest first.
    pieces: Vec<usize>,
    /// Sums of the lengths of all chords, along both axes and along the longer one, grid steps.
    lengths: (i64, i64),
}

impl Key {
    fn new(shape: &Shape, outlines: &[Outline]) -> Self {
        let mut pieces: Vec<usize> = outlines.iter().map(|o| o.pieces.len()).collect();
        pieces.sort_unstable();
        let (mut both, mut longer) = (0, 0);
        for outline in outlines {
            let mut from = outline.start;
            for piece in &outline.pieces {
                let (x, y) = ((piece.end().0 - from.0).abs(), (piece.end().1 - from.1).abs());
                both += x + y;
                longer += x.max(y);
                from = piece.end();
            }
        }
        let stroke = shape.stroke.map(|s| (s.width.to_bits(), s.cap, s.join));
        Self { stroke, pieces, lengths: (both, longer) }
    }
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Line(Grid),
    Cubic(Grid, Grid, Grid),
    /// Radii, grid steps; rotation, degrees; large; sweep; end.
    Arc([f64; 3], bool, bool, Grid),
}

impl Piece {
    fn end(&self) -> Grid {
        match *self {
            Piece::Line(p) | Piece::Cubic(_, _, p) | Piece::Arc(_, _, _, p) => p,
        }
    }

    /// The same where `placing` has it; `None` for what it would turn or mirror and cannot.
    fn placed(&self, placing: Placing) -> Option<Self> {
        Some(match *self {
            Piece::Line(p) => Piece::Line(placing.at(p)),
            Piece::Cubic(a, b, c) => Piece::Cubic(placing.at(a), placing.at(b), placing.at(c)),
            Piece::Arc([rx, ry, _], ..) if rx != ry && placing.matrix != UPRIGHT[0] => return None,
            Piece::Arc(shape, large, sweep, end) => {
                Piece::Arc(shape, large, sweep != placing.mirrors(), placing.at(end))
            }
        })
    }

    fn is(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Piece::Line(a), Piece::Line(b)) => a == b,
            (Piece::Cubic(a, b, c), Piece::Cubic(d, e, f)) => (a, b, c) == (d, e, f),
            (Piece::Arc(a, l, s, p), Piece::Arc(b, m, t, q)) => {
                (l, s, p) == (m, t, q) && a.iter().zip(&b).all(|(a, b)| (a - b).abs() < SAME_RADIUS)
            }
            _ => false,
        }
    }
}

/// A contour on the grid.
#[derive(Debug, Clone)]
struct Outline {
    start: Grid,
    pieces: Vec<Piece>,
    closed: bool,
}

impl Outline {
    fn new(contour: &Contour, scale: f64) -> Self {
        let grid = |p: Point| ((p.x * scale).round() as i64, (p.y * scale).round() as i64);
        let start = grid(contour.start);
        let mut pieces: Vec<Piece> = contour
            .segments
            .iter()
            .map(|s| match *s {
                Segment::Line(p) => Piece::Line(grid(p)),
                Segment::Cubic(a, b, c) => Piece::Cubic(grid(a), grid(b), grid(c)),
                Segment::Arc(Arc { radii, rotation, large, sweep, end }) => {
                    let rotation = if radii.0 == radii.1 { 0.0 } else { rotation };
                    Piece::Arc([radii.0 * scale, radii.1 * scale, rotation], large, sweep, grid(end))
                }
            })
            .collect();
        if contour.closed && pieces.last().is_some_and(|p| p.end() != start) {
            pieces.push(Piece::Line(start));
        }
        Self { start, pieces, closed: contour.closed }
    }

    fn reversed(&self) -> Self {
        let mut ends: Vec<Grid> = std::iter::once(self.start).chain(self.pieces.iter().map(Piece::end)).collect();
        let start = ends.pop().unwrap_or(self.start);
        let pieces = self.pieces.iter().rev().zip(ends.into_iter().rev()).map(|(p, end)| match *p {
            Piece::Line(_) => Piece::Line(end),
            Piece::Cubic(a, b, _) => Piece::Cubic(b, a, end),
            Piece::Arc(shape, large, sweep, _) => Piece::Arc(shape, large, !sweep, end),
        });
        Self { start, pieces: pieces.collect(), closed: self.closed }
    }

    /// Whether it is `other` where `placing` has that.
    fn is(&self, other: &Self, placing: Placing) -> bool {
        self.start == placing.at(other.start)
            && self.closed == other.closed
            && self.pieces.len() == other.pieces.len()
            && self.pieces.iter().zip(&other.pieces).all(|(a, b)| b.placed(placing).is_some_and(|b| a.is(&b)))
    }
}

/// Where `original` has to be put to be `copy`.
fn placing(original: &[Outline], copy: &[Outline]) -> Option<Placing> {
    let first = original.first()?;
    let backwards: Vec<Outline> = copy.iter().map(Outline::reversed).collect();
    // Walked the other way they are drawn the same, as long as all of them are.
    for copy in [copy, &backwards] {
        for matrix in UPRIGHT {
            for to in copy {
                let at = Placing { matrix, by: (0, 0) }.at(first.start);
                let placing = Placing { matrix, by: (to.start.0 - at.0, to.start.1 - at.1) };
                if to.is(first, placing) && original.iter().all(|o| copy.iter().any(|c| c.is(o, placing))) {
                    return Some(placing);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hook without any symmetry, with a hole, as a region of it would come from the engine.
    fn hook(place: impl Fn(f64, f64) -> (f64, f64), mirrored: bool) -> Vec<Contour> {
        let p = |x: f64, y: f64| {
            let (x, y) = place(x, y);
            Point::new(x, y)
        };
        let arc =
            Segment::Arc(Arc { radii: (2.5, 2.5), rotation: 0.0, large: false, sweep: !mirrored, end: p(0.0, 5.0) });
        let outer = Contour {
            start: p(0.0, 0.0),
            segments: vec![
                Segment::Line(p(9.25, 0.0)),
                Segment::Cubic(p(11.0, 3.0), p(8.5, 4.75), p(4.0, 4.0)),
                Segment::Line(p(0.0, 9.0)),
                arc,
                Segment::Line(p(0.0, 0.0)),
            ],
            closed: true,
            primitive: None,
        };
        let hole = Contour {
            start: p(2.0, 1.0),
            segments: [(2.0, 2.0), (4.0, 2.0), (2.0, 1.0)].map(|(x, y)| Segment::Line(p(x, y))).to_vec(),
            closed: true,
            primitive: None,
        };
        let both = vec![outer, hole];
        // The region stays on the left.
        if mirrored { both.iter().map(Contour::reversed).collect() } else { both }
    }

    fn filled(contours: Vec<Contour>) -> Shape {
        Shape::filled(contours, Paint::opaque([255, 0, 0]))
    }

    #[test]
    fn a_copy_is_found_however_it_lies_on_the_grid() {
        let mut document = Document::new(400, 100);
        document.shapes.push(filled(hook(|x, y| (x + 5.0, y + 5.0), false)));
        let mut expected = Vec::new();
        for (k, matrix) in UPRIGHT.into_iter().enumerate() {
            let (dx, dy) = (40.0 * (k + 1) as f64, 30.25);
            let placing = Placing { matrix, by: (0, 0) };
            let place = move |x: f64, y: f64| {
                let [a, b, c, d] = matrix.map(|v| v as f64);
                (a * x + c * y + dx, b * x + d * y + dy)
            };
            document.shapes.push(filled(hook(place, placing.mirrors())));
            expected.push(matrix);
        }
        let found = find(&document, 2);
        let [repeated] = &found[..] else { panic!("{found:?}") };
        assert_eq!(repeated.original, Part { shape: 0, contours: vec![0, 1] });
        let matrices: Vec<_> = repeated.copies.iter().map(|(_, p)| p.matrix).collect();
        assert_eq!(matrices, expected);
        for (k, (part, placing)) in repeated.copies.iter().enumerate() {
            assert_eq!(part.shape, k + 1);
            let (a, b) = (&document.shapes[0].contours[0], &document.shapes[k + 1].contours[0]);
            assert_eq!(Outline::new(b, 100.0).start, placing.at(Outline::new(a, 100.0).start));
        }
    }

    #[test]
    fn what_differs_by_a_digit_or_lies_at_another_angle_is_no_copy() {
        let alone = |other: Vec<Contour>| {
            let mut document = Document::new(400, 100);
            document.shapes = vec![filled(hook(|x, y| (x + 5.0, y + 5.0), false)), filled(other)];
            find(&document, 2).is_empty()
        };
        assert!(!alone(hook(|x, y| (x + 50.0, y + 5.0), false)));
        let mut other = hook(|x, y| (x + 50.0, y + 5.0), false);
        other[1].segments[0] = Segment::Line(Point::new(52.0, 7.01));
        assert!(alone(other));
        let mut hole_elsewhere = hook(|x, y| (x + 50.0, y + 5.0), false);
        hole_elsewhere[1] = hole_elsewhere[1].moved(|p| p + Point::new(0.01, 0.0));
        assert!(alone(hole_elsewhere));
        let (s, c) = 0.3f64.sin_cos();
        assert!(alone(hook(|x, y| (x * c - y * s + 50.0, x * s + y * c + 5.0), false)));
    }

    #[test]
    fn parts_of_a_compound_path_are_told_apart_by_their_bounds() {
        let contours = [0.0, 50.0, 100.0].into_iter().flat_map(|dx| hook(move |x, y| (x + dx, y), false)).collect();
        let shape = filled(contours);
        assert_eq!(parts(&shape), vec![vec![0, 1], vec![2, 3], vec![4, 5]]);
        let mut document = Document::new(200, 20);
        document.shapes.push(shape);
        let found = find(&document, 2);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].copies.len(), 2);
    }
}
