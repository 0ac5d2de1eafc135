//! Painter's order, and how far each colour runs on below later ones.
//!
//! A colour may be painted on cells of a later one that hides it. That makes outlines shorter (a figure is painted
//! whole, and its eyes on top of it) and keeps the page from showing through the hairlines that renderers leave
//! between shapes which merely touch. A colour takes what it encloses, and fills dents, as long as all of that is
//! painted over; neither ever adds a corner. What is not hidden stays exactly as it is.

use super::colours::{CLEAR, Cells, neighbours};
use super::outline::Mask;
use super::{Budget, over};
use crate::Result;

/// Cells looked at, a count: work for some tens of milliseconds. Pictures that need more are painted as a mosaic.
const MOST_WORK: usize = 1 << 25;

/// Colours whose order is searched, a count: the search takes time by its square.
const SEARCHED: usize = 24;

/// Colours that are tried at the bottom of an opaque picture, where the whole outline of one is saved.
const GROUNDS: usize = 4;

/// What is painted, the first at the bottom: each colour with its cells.
pub(super) fn layers(cells: &Cells, stacked: bool, budget: &Budget) -> Result<Vec<(u16, Mask)>> {
    let mut count = vec![0usize; cells.colours.len()];
    for c in cells.of.iter().filter(|c| **c != CLEAR) {
        count[usize::from(*c)] += 1;
    }
    let mut order: Vec<u16> = (0..cells.colours.len() as u16).filter(|c| count[usize::from(*c)] > 0).collect();
    order.sort_by_key(|c| std::cmp::Reverse(count[usize::from(*c)]));
    if !stacked || order.len() * cells.of.len() > MOST_WORK {
        return bare(cells, &order, budget);
    }
    let mut painter = Painter { cells, rank: vec![0; cells.colours.len()], open: Vec::new() };
    // What encloses much goes first.
    painter.number(&[]);
    let mut enclosed = vec![0usize; cells.colours.len()];
    for c in &order {
        enclosed[usize::from(*c)] = painter.silhouette(*c);
    }
    order.sort_by_key(|c| std::cmp::Reverse(enclosed[usize::from(*c)]));
    if order.len() <= SEARCHED {
        order = painter.search(order, budget)?;
    }
    painter.number(&order);
    order
        .iter()
        .map(|c| {
            let mask = painter.mask(*c);
            if budget.is_over() { Err(over()) } else { Ok((*c, mask)) }
        })
        .collect()
}

/// Each colour on its own cells and no others.
fn bare(cells: &Cells, order: &[u16], budget: &Budget) -> Result<Vec<(u16, Mask)>> {
    let own = |c: u16| Mask::new(cells.width, cells.height, |i| cells.of[i] == c);
    order.iter().map(|c| if budget.is_over() { Err(over()) } else { Ok((*c, own(*c))) }).collect()
}

struct Painter<'a> {
    cells: &'a Cells,
    /// For each colour its place in the order.
    rank: Vec<usize>,
    /// Cells to go on from; kept for its memory.
    open: Vec<usize>,
}

impl Painter<'_> {
    /// Takes `order` as the one in which colours are painted; what is not in it comes at the same time.
    fn number(&mut self, order: &[u16]) {
        for (rank, c) in order.iter().enumerate() {
            self.rank[usize::from(*c)] = rank;
        }
    }

    /// Whether what lies below `other` is hidden by it when `colour` was painted before.
    fn hidden(&self, colour: u16, other: u16) -> bool {
        self.cells.hides(other) && self.rank[usize::from(other)] > self.rank[usize::from(colour)]
    }

    /// Cells of `colour` and of what it encloses, a count.
    fn silhouette(&mut self, colour: u16) -> usize {
        let cells = self.cells;
        self.reached(colour, |i| cells.on_rim(i)).iter().filter(|reached| !**reached).count()
    }

    /// Cells that can be reached from those that `start` without a step onto `colour`.
    fn reached(&mut self, colour: u16, start: impl Fn(usize) -> bool) -> Vec<bool> {
        let Cells { width, height, of, .. } = self.cells;
        let mut reached = vec![false; of.len()];
        for (i, other) in of.iter().enumerate() {
            if *other != colour && start(i) {
                reached[i] = true;
                self.open.push(i);
            }
        }
        while let Some(i) = self.open.pop() {
            for n in neighbours(i, *width, *height) {
                if of[n] != colour && !reached[n] {
                    reached[n] = true;
                    self.open.push(n);
                }
            }
        }
        reached
    }

    /// The cells on which `colour` is painted.
    fn mask(&mut self, colour: u16) -> Mask {
        let cells = self.cells;
        let hidden: Vec<bool> = {
            let by: Vec<bool> = (0..cells.colours.len() as u16).map(|c| self.hidden(colour, c)).collect();
            cells.of.iter().map(|c| *c != CLEAR && by[usize::from(*c)]).collect()
        };
        let reached = self.reached(colour, |i| !hidden[i]);
        let mut mask = Mask::new(cells.width, cells.height, |i| !reached[i]);
        fill_dents(&mut mask, &hidden);
        mask
    }

    /// A better order than `order`: another colour at the bottom, and neighbours exchanged, while that saves corners.
    fn search(&mut self, order: Vec<u16>, budget: &Budget) -> Result<Vec<u16>> {
        let opaque = self.cells.of.iter().all(|c| self.cells.hides(*c));
        let mut starts = vec![order.clone()];
        if opaque {
            let mut by_corners: Vec<(usize, u16)> = order
                .iter()
                .map(|c| (Mask::new(self.cells.width, self.cells.height, |i| self.cells.of[i] == *c).corners(), *c))
                .collect();
            by_corners.sort_by_key(|(corners, _)| std::cmp::Reverse(*corners));
            for (_, ground) in by_corners.into_iter().take(GROUNDS) {
                let mut start = order.clone();
                start.retain(|c| *c != ground);
                start.insert(0, ground);
                starts.push(start);
            }
        }
        let mut best: Option<(usize, Vec<u16>, Vec<usize>)> = None;
        for order in starts {
            self.number(&order);
            let corners: Vec<usize> = order.iter().map(|c| self.mask(*c).corners()).collect();
            let total: usize = corners.iter().sum();
            if best.as_ref().is_none_or(|(least, ..)| total < *least) {
                best = Some((total, order, corners));
            }
        }
        let Some((_, mut order, mut corners)) = best else { return Ok(Vec::new()) };
        self.number(&order);
        // What an exchange gives depends on the two and on which ones come before: only its neighbours are open again.
        let mut open = vec![true; order.len() + 1];
        while open[1..order.len().max(1)].contains(&true) {
            for i in 1..order.len() {
                if !std::mem::take(&mut open[i]) {
                    continue;
                }
                if budget.is_over() {
                    return Err(over());
                }
                let pair = [order[i], order[i - 1]];
                (self.rank[usize::from(pair[0])], self.rank[usize::from(pair[1])]) = (i - 1, i);
                let new = pair.map(|c| self.mask(c).corners());
                if new[0] + new[1] < corners[i - 1] + corners[i] {
                    order[i - 1..=i].copy_from_slice(&pair);
                    corners[i - 1..=i].copy_from_slice(&new);
                    (open[i - 1], open[i + 1]) = (true, true);
                } else {
                    (self.rank[usize::from(pair[0])], self.rank[usize::from(pair[1])]) = (i, i - 1);
                }
            }
        }
        Ok(order)
    }
}

/// Fills every run of hidden cells that has the mask at both ends and all along one side, again and again. The rim
/// will do for the mask at the ends or along the side, but not for both: the run would be a shape of its own.
fn fill_dents(mask: &mut Mask, hidden: &[bool]) {
    let (w, h) = (mask.width(), mask.height());
    // Cells along the run, lines of them, and the steps between them.
    let ways = [(w, h, 1, w), (h, w, w, 1)];
    let mut changed = true;
    while changed {
        changed = false;
        for (long, lines, step, line_step) in ways {
            for forward in [true, false] {
                for k in 0..lines {
                    let line = if forward { k } else { lines - 1 - k };
                    let before = if forward { line.checked_sub(1) } else { Some(line + 1).filter(|l| *l < lines) };
                    changed |= fill_runs(mask, hidden, (line * line_step, before.map(|b| b * line_step)), long, step);
                }
            }
        }
    }
}

/// Fills the runs of one line that lie along the mask in the line before; whether there was one.
fn fill_runs(mask: &mut Mask, hidden: &[bool], lines: (usize, Option<usize>), long: usize, step: usize) -> bool {
    let (line, before) = lines;
    let mut changed = false;
    let mut from = 0;
    while from < long {
        if mask.has(line + from * step) {
            from += 1;
            continue;
        }
        let mut to = from;
        let mut fits = true;
        while to < long && !mask.has(line + to * step) {
            fits &= hidden[line + to * step] && before.is_none_or(|b| mask.has(b + to * step));
            to += 1;
        }
        if fits && (before.is_some() || from > 0 && to < long) {
            (from..to).for_each(|t| mask.insert(line + t * step));
            changed = true;
        }
        from = to;
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raster;
    use proptest::prelude::*;

    /// Inks by number: nothing, three that hide and one that does not.
    const INKS: [[u8; 4]; 5] = [[0; 4], [200, 0, 0, 255], [0, 200, 0, 255], [0, 0, 200, 255], [9, 9, 9, 128]];

    fn cells(width: usize, inks: &[usize]) -> Cells {
        let data: Vec<u8> = inks.iter().flat_map(|i| INKS[*i]).collect();
        Cells::read(&Raster::new(width as u32, (inks.len() / width) as u32, data).unwrap()).unwrap()
    }

    /// The colours on top of each other in each cell.
    fn painted(layers: &[(u16, Mask)], i: usize) -> Vec<u16> {
        layers.iter().filter(|(_, mask)| mask.has(i)).map(|(c, _)| *c).collect()
    }

    fn corners(layers: &[(u16, Mask)]) -> usize {
        layers.iter().map(|(_, mask)| mask.corners()).sum()
    }

    proptest! {
        /// The top colour of each cell is its own, what does not hide has nothing below it, and stacked layers never
        /// have more corners than a mosaic.
        #[test]
        fn what_is_seen_stays_as_it_is(
            (width, inks) in (1usize..10).prop_flat_map(|w| (Just(w), prop::collection::vec(0usize..5, 1..10).prop_map(
                move |rows| rows.iter().flat_map(|r| (0..w).map(move |x| (r * 7 + x * x * (r + 1)) % 5)).collect::<Vec<_>>()
            )))
        ) {
            let cells = cells(width, &inks);
            let stacked = layers(&cells, true, &Budget::unlimited()).unwrap();
            let mosaic = layers(&cells, false, &Budget::unlimited()).unwrap();
            for (i, own) in cells.of.iter().enumerate() {
                let below = painted(&stacked, i);
                prop_assert_eq!(below.last().copied().unwrap_or(CLEAR), *own);
                prop_assert!(cells.hides(*own) || below.len() <= 1);
                prop_assert_eq!(painted(&mosaic, i), if *own == CLEAR { vec![] } else { vec![*own] });
            }
            prop_assert!(corners(&stacked) <= corners(&mosaic));
        }
    }

    #[test]
    fn a_figure_is_painted_whole_and_the_ground_is_a_rectangle() {
        #[rustfmt::skip]
        let face = cells(6, &[
            1, 1, 1, 1, 1, 1,
            1, 2, 2, 2, 2, 1,
            1, 2, 3, 2, 3, 1,
            1, 2, 2, 2, 2, 1,
            1, 1, 2, 2, 1, 1,
        ]);
        let layers = layers(&face, true, &Budget::unlimited()).unwrap();
        // The ground and the two eyes are rectangles; the face has a chin.
        assert_eq!(corners(&layers), 4 + 8 + 8);
        assert_eq!(face.colours[usize::from(layers[0].0)], INKS[1]);
    }

    #[test]
    fn what_would_show_is_not_painted_over() {
        // A frame around nothing, and one around what one can look through.
        for inside in [0, 4] {
            #[rustfmt::skip]
            let frame = cells(3, &[
                1, 1, 1,
                1, inside, 1,
                1, 1, 1,
            ]);
            let layers = layers(&frame, true, &Budget::unlimited()).unwrap();
            let below = painted(&layers, 4);
            assert_eq!(below, if inside == 0 { vec![] } else { vec![1] });
        }
    }
}
