//! The rings around a set of cells.
//!
//! Every side between a cell of the set and one that is not is walked with the set on the right, so that rings
//! wind clockwise (y is down) around what is inside and the other way around holes: `nonzero` and `evenodd` agree.
//! Where two cells touch at a corner only, two ways lead through it, and either is right; it is taken so that two
//! rings become one wherever that can be. A ring costs a move and its first corner, so that a checkerboard is a
//! single ring.

use crate::document::{Contour, Point};

/// A set of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: usize,
    height: usize,
    set: Vec<bool>,
}

impl Mask {
    /// The cells for which `inside` holds, of `width` × `height`, by their number row by row.
    pub fn new(width: usize, height: usize, inside: impl FnMut(usize) -> bool) -> Self {
        Self { width, height, set: (0..width * height).map(inside).collect() }
    }

    /// Cells across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Cells down.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Whether cell `i`, row by row, is in the set.
    pub fn has(&self, i: usize) -> bool {
        self.set[i]
    }

    /// Puts cell `i` into the set.
    pub fn insert(&mut self, i: usize) {
        self.set[i] = true;
    }

    /// The four cells around the lattice point `(x, y)`: upper left, upper right, lower left, lower right.
    fn around(&self, x: usize, y: usize) -> [bool; 4] {
        let at = |x: usize, y: usize| {
            // The cells left of and above the first wrap around to a number that is none.
            x < self.width && y < self.height && self.set[y * self.width + x]
        };
        let (l, u) = (x.wrapping_sub(1), y.wrapping_sub(1));
        [at(l, u), at(x, u), at(l, y), at(x, y)]
    }

    /// Corners of its outline, a count: each is a number that is written.
    pub fn corners(&self) -> usize {
        let mut corners = 0;
        for y in 0..=self.height {
            for x in 0..=self.width {
                corners += match self.around(x, y) {
                    [a, b, c, d] if a == d && b == c && a != b => 2,
                    [a, b, c, d] => usize::from((a ^ b ^ c ^ d) as u8 == 1),
                };
            }
        }
        corners
    }
}

/// A corner of the lattice.
type Corner = (u32, u32);

/// Straight sides of the outline, each from corner to corner, and how they follow each other.
#[derive(Default)]
struct Sides {
    from: Vec<Corner>,
    next: Vec<usize>,
    /// Sides that end in the same point: there the two that follow them may be exchanged.
    crossings: Vec<(usize, usize)>,
}

impl Sides {
    /// A side that is not complete yet.
    fn open(&mut self) -> usize {
        self.from.push((0, 0));
        self.next.push(usize::MAX);
        self.from.len() - 1
    }

    /// `before` ends and `after` begins at `corner`.
    fn turn(&mut self, before: usize, after: usize, corner: Corner) {
        self.next[before] = after;
        self.from[after] = corner;
    }

    /// All sides of the outline of `mask`, each ring around as few cells as can be.
    fn of(mask: &Mask) -> Self {
        let mut sides = Self::default();
        // The side that runs down to the current row of lattice points, in each column.
        let mut above = vec![usize::MAX; mask.width + 1];
        for y in 0..=mask.height {
            let mut left = usize::MAX;
            for (x, above) in above.iter_mut().enumerate() {
                let corner = (x as u32, y as u32);
                let [a, b, c, d] = mask.around(x, y);
                if a == b && c == d || a == c && b == d {
                    // Nothing, or a side that goes straight on.
                    continue;
                }
                let up = *above;
                let (right, down) = (b != d, c != d);
                let right = if right { sides.open() } else { usize::MAX };
                let down = if down { sides.open() } else { usize::MAX };
                // The set is on the right hand: sides run to the right below what is outside, to the left above it,
                // up to the right of what is outside, and down to the left of it.
                match [a, b, c, d] {
                    [true, false, false, true] => {
                        sides.turn(up, left, corner);
                        sides.turn(down, right, corner);
                        sides.crossings.push((up, down));
                    }
                    [false, true, true, false] => {
                        sides.turn(right, up, corner);
                        sides.turn(left, down, corner);
                        sides.crossings.push((right, left));
                    }
                    [true, false, false, false] => sides.turn(up, left, corner),
                    [false, true, true, true] => sides.turn(left, up, corner),
                    [false, true, false, false] => sides.turn(right, up, corner),
                    [true, false, true, true] => sides.turn(up, right, corner),
                    [false, false, true, false] => sides.turn(left, down, corner),
                    [true, true, false, true] => sides.turn(down, left, corner),
                    [false, false, false, true] => sides.turn(down, right, corner),
                    _ => sides.turn(right, down, corner),
                }
                left = right;
                *above = down;
            }
        }
        sides
    }

    /// The number of each side's ring.
    fn rings(&self) -> (Vec<usize>, usize) {
        let mut ring = vec![usize::MAX; self.from.len()];
        let mut rings = 0;
        for first in 0..self.from.len() {
            let mut side = first;
            while ring[side] == usize::MAX {
                ring[side] = rings;
                side = self.next[side];
            }
            rings += usize::from(ring[first] == rings);
        }
        (ring, rings)
    }

    /// Makes one ring of two wherever they touch.
    fn join(&mut self) {
        let (ring, rings) = self.rings();
        let mut parent: Vec<usize> = (0..rings).collect();
        let mut root = |mut r: usize, to: Option<usize>| {
            while parent[r] != r {
                parent[r] = parent[parent[r]];
                r = parent[r];
            }
            if let Some(to) = to {
                parent[r] = to;
            }
            r
        };
        for (a, b) in std::mem::take(&mut self.crossings) {
            let (first, second) = (root(ring[a], None), root(ring[b], None));
            if first != second {
                root(second, Some(first));
                self.next.swap(a, b);
            }
        }
    }
}

/// The rings around `mask` as polygons, in the order of their first corners, row by row.
pub fn contours(mask: &Mask) -> Vec<Contour> {
    let mut sides = Sides::of(mask);
    sides.join();
    let mut done = vec![false; sides.from.len()];
    let mut contours = Vec::new();
    for first in 0..sides.from.len() {
        let mut points = Vec::new();
        let mut side = first;
        while !done[side] {
            done[side] = true;
            let (x, y) = sides.from[side];
            points.push(Point::new(f64::from(x), f64::from(y)));
            side = sides.next[side];
        }
        contours.extend(Contour::polygon(&points));
    }
    contours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Segment;
    use proptest::prelude::*;

    fn picture(rows: &[&str]) -> Mask {
        let cells: Vec<u8> = rows.concat().into_bytes();
        Mask::new(rows[0].len(), rows.len(), |i| cells[i] == b'#')
    }

    /// The winding number of `contours` around the middle of each cell.
    fn windings(contours: &[Contour], width: usize, height: usize) -> Vec<i32> {
        let mut winding = vec![0; width * height];
        for contour in contours {
            let mut from = contour.start;
            for to in contour.segments.iter().map(Segment::end).chain([contour.start]) {
                assert!((from.x == to.x) != (from.y == to.y), "neither upright nor level: {from:?} {to:?}");
                // A ray to the left of a cell crosses the upright sides there.
                let (low, high) = (from.y.min(to.y) as usize, from.y.max(to.y) as usize);
                if from.x == to.x {
                    for y in low..high {
                        for x in from.x as usize..width {
                            winding[y * width + x] += if to.y < from.y { 1 } else { -1 };
                        }
                    }
                }
                from = to;
            }
        }
        winding
    }

    proptest! {
        /// Filled by either rule, the outline of a set is that set; and no corner is there twice.
        #[test]
        fn filling_an_outline_gives_its_cells(
            (width, cells) in (1usize..9).prop_flat_map(|w| (Just(w), prop::collection::vec(any::<bool>(), w..w * 9)))
        ) {
            let height = cells.len() / width;
            let mask = Mask::new(width, height, |i| cells[i]);
            let contours = contours(&mask);
            for (i, winding) in windings(&contours, width, height).into_iter().enumerate() {
                prop_assert_eq!(winding, i32::from(mask.has(i)), "cell {}", i);
            }
            let corners: usize = contours.iter().map(|c| c.segments.len() + 1).sum();
            prop_assert_eq!(corners, mask.corners());
        }

        /// No two rings touch at a crossing: they would have been one.
        #[test]
        fn rings_are_as_few_as_there_can_be(cells in prop::collection::vec(any::<bool>(), 36..37)) {
            let mask = Mask::new(6, 6, |i| cells[i]);
            let contours = contours(&mask);
            for y in 0..=6 {
                for x in 0..=6 {
                    let [a, b, c, d] = mask.around(x, y);
                    let here = Point::new(x as f64, y as f64);
                    let touching = contours.iter().filter(|r| r.points().any(|p| p == here)).count();
                    prop_assert!(!(a == d && b == c && a != b) || touching == 1, "{touching} rings at {x} {y}");
                }
            }
        }
    }

    #[test]
    fn a_ring_has_its_hole_and_a_checkerboard_is_one_ring() {
        let ring = contours(&picture(&["###", "#.#", "###"]));
        assert_eq!(ring.iter().map(Contour::area).collect::<Vec<_>>(), [9.0, -1.0]);
        let board = contours(&picture(&["#.#.", ".#.#", "#.#."]));
        assert_eq!(board.len(), 1);
        assert_eq!(board[0].area(), 6.0);
        assert!(contours(&picture(&["..", ".."])).is_empty());
    }
}
