//! The cells of a picture and their colours.

use std::collections::{BTreeMap, HashMap};

use crate::document::Rgb;
use crate::raster::fewest_cells;
use crate::{Code, Error, Raster, Result};

/// The colour of a cell that nothing is painted on.
pub(super) const CLEAR: u16 = u16::MAX;

/// Most colours of a picture, a count: a sprite sheet has a few hundred, a photograph of the size of one tens of
/// thousands.
const MAX_COLOURS: usize = 4096;

/// Colours that nobody doubts, a count: what an indexed picture holds.
const FEW_COLOURS: usize = 256;

/// Cells that each of more colours has in a picture that was drawn cell by cell, a count. Sprites enlarged to 128 to
/// 160 px have 7 to 24 pixels for each after noise or JPEG compression.
const CELLS_PER_COLOUR: usize = 64;

/// A picture as cells, row by row, each with one colour.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    /// Cells across.
    pub(super) width: usize,
    /// Cells down.
    pub(super) height: usize,
    /// The colours, straight RGBA, in the order in which they come first.
    pub(super) colours: Vec<[u8; 4]>,
    /// For each cell its colour, or [`CLEAR`].
    pub(super) of: Vec<u16>,
}

impl Cells {
    /// The largest cells that `raster` is made of.
    ///
    /// # Errors
    /// [`Code::TraceFailed`] for a picture of too many colours.
    pub(super) fn read(raster: &Raster) -> Result<Self> {
        let own = fewest_cells(raster);
        let raster = own.as_ref().unwrap_or(raster);
        let mut colours: Vec<[u8; 4]> = Vec::new();
        // Looked up only: its order shows nowhere.
        let mut known: HashMap<[u8; 4], u16> = HashMap::from([([0; 4], CLEAR)]);
        let mut of = Vec::with_capacity(raster.len());
        let mut last = ([0; 4], CLEAR);
        for pixel in raster.pixels() {
            if *pixel != last.0 {
                let next = colours.len();
                let colour = *known.entry(*pixel).or_insert(next as u16);
                if usize::from(colour) == next {
                    if next == MAX_COLOURS {
                        let message = format!("more than {MAX_COLOURS} colours are no pixel art");
                        return Err(Error::new(Code::TraceFailed, message));
                    }
                    colours.push(*pixel);
                }
                last = (*pixel, colour);
            }
            of.push(last.1);
        }
        Ok(Self { width: raster.width() as usize, height: raster.height() as usize, colours, of })
    }

    /// Refuses what noise, compression or a resampling has made of pixel art: its cells are not of one colour each.
    ///
    /// # Errors
    /// [`Code::TraceFailed`].
    pub(super) fn refuse_damage(&self) -> Result<()> {
        let (colours, cells) = (self.colours.len(), self.of.len());
        if colours <= FEW_COLOURS || cells >= CELLS_PER_COLOUR * colours {
            return Ok(());
        }
        let message = format!(
            "{colours} colours in {cells} cells: damaged or no pixel art (--engine-option damage=keep draws them all)"
        );
        Err(Error::new(Code::TraceFailed, message))
    }

    /// Takes for each colour the nearest one of `palette`, with the opacity it has, and then at most `most`
    /// colours (0: no limit).
    pub(super) fn reduce(&mut self, palette: &[Rgb], most: usize) {
        if !palette.is_empty() {
            let nearest = |c: [u8; 4]| {
                let to = |[r, g, b]: Rgb| [r, g, b, c[3]];
                palette.iter().map(|p| to(*p)).min_by_key(|p| difference(*p, c)).unwrap_or(c)
            };
            let colours = self.colours.iter().map(|c| nearest(*c)).collect();
            self.replace(colours);
        }
        if most > 0 && self.colours.len() > most {
            let chosen = self.choose(most);
            let nearest = |c: &[u8; 4]| chosen.iter().copied().min_by_key(|p| difference(*p, *c)).unwrap_or(*c);
            let colours = self.colours.iter().map(nearest).collect();
            self.replace(colours);
        }
    }

    /// Colours that stand for all: the commonest, then again and again the one that is worst served by those
    /// before it, over all its cells (weighted farthest-first traversal; Gonzalez 1985).
    fn choose(&self, most: usize) -> Vec<[u8; 4]> {
        let mut count = vec![0u64; self.colours.len()];
        for c in self.of.iter().filter(|c| **c != CLEAR) {
            count[usize::from(*c)] += 1;
        }
        let mut far = vec![u64::MAX; self.colours.len()];
        let mut chosen = Vec::with_capacity(most);
        for _ in 0..most {
            let worth = |i: usize| if chosen.is_empty() { count[i] } else { far[i].saturating_mul(count[i]) };
            let Some(next) = (0..self.colours.len()).max_by_key(|i| (worth(*i), std::cmp::Reverse(*i))) else { break };
            let next = self.colours[next];
            chosen.push(next);
            for (far, colour) in far.iter_mut().zip(&self.colours) {
                *far = (*far).min(u64::from(difference(next, *colour)));
            }
        }
        chosen
    }

    /// Puts `new` in the place of the colours; those that are equal become one.
    fn replace(&mut self, new: Vec<[u8; 4]>) {
        self.colours.clear();
        let mut known: BTreeMap<[u8; 4], u16> = BTreeMap::new();
        let index: Vec<u16> = new
            .into_iter()
            .map(|c| {
                *known.entry(c).or_insert_with(|| {
                    self.colours.push(c);
                    (self.colours.len() - 1) as u16
                })
            })
            .collect();
        for c in self.of.iter_mut().filter(|c| **c != CLEAR) {
            *c = index[usize::from(*c)];
        }
    }

    /// The commonest colour along the rim.
    pub(super) fn ground(&self) -> u16 {
        let mut count: BTreeMap<u16, usize> = BTreeMap::new();
        for i in (0..self.of.len()).filter(|i| self.on_rim(*i)) {
            *count.entry(self.of[i]).or_default() += 1;
        }
        count.into_iter().max_by_key(|(c, n)| (*n, std::cmp::Reverse(*c))).map_or(CLEAR, |(c, _)| c)
    }

    /// Whether cell `i` touches the rim.
    pub(super) fn on_rim(&self, i: usize) -> bool {
        let (x, y) = (i % self.width, i / self.width);
        x == 0 || y == 0 || x + 1 == self.width || y + 1 == self.height
    }

    /// Clears what touches the rim in the commonest colour there.
    pub(super) fn remove_ground(&mut self) {
        let ground = self.ground();
        if ground == CLEAR {
            return;
        }
        let mut open: Vec<usize> = (0..self.of.len()).filter(|i| self.on_rim(*i) && self.of[*i] == ground).collect();
        while let Some(i) = open.pop() {
            if self.of[i] == ground {
                self.of[i] = CLEAR;
                open.extend(neighbours(i, self.width, self.height).filter(|n| self.of[*n] == ground));
            }
        }
    }

    /// Whether `colour` hides what lies below it.
    pub(super) fn hides(&self, colour: u16) -> bool {
        colour != CLEAR && self.colours[usize::from(colour)][3] == 255
    }
}

/// The cells that share a side with cell `i` of `w` × `h`.
pub(super) fn neighbours(i: usize, w: usize, h: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (i % w, i / w);
    let left = (x > 0).then(|| i - 1);
    let right = (x + 1 < w).then(|| i + 1);
    let up = (y > 0).then(|| i - w);
    let down = (y + 1 < h).then(|| i + w);
    [left, right, up, down].into_iter().flatten()
}

/// How different two colours look, over black and over white, squared 8-bit steps.
fn difference(a: [u8; 4], b: [u8; 4]) -> u32 {
    let over = |p: [u8; 4], c: usize, ground: u32| {
        let alpha = u32::from(p[3]);
        ((u32::from(p[c]) * alpha + ground * (255 - alpha) + 127) / 255) as i32
    };
    let square = |c: usize, ground: u32| (over(a, c, ground) - over(b, c, ground)).unsigned_abs().pow(2);
    (0..3).map(|c| square(c, 0) + square(c, 255)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pixels: &[[u8; 4]]) -> Cells {
        Cells::read(&Raster::new(pixels.len() as u32, 1, pixels.concat()).unwrap()).unwrap()
    }

    #[test]
    fn colours_keep_their_alpha_and_nothing_is_no_colour() {
        let cells = row(&[[9, 8, 7, 255], [1, 2, 3, 0], [9, 8, 7, 100], [9, 8, 7, 255], [0, 0, 0, 255]]);
        assert_eq!(cells.colours, [[9, 8, 7, 255], [9, 8, 7, 100], [0, 0, 0, 255]]);
        assert_eq!(cells.of, [0, CLEAR, 1, 0, 2]);
        assert!(cells.hides(0) && !cells.hides(1) && !cells.hides(CLEAR));
    }

    #[test]
    fn a_photograph_is_refused_with_its_reason() {
        let data = |n: u32| (0..n).flat_map(|i| [(i / 251) as u8, (i % 251) as u8, 0, 255]).collect::<Vec<u8>>();
        assert!(Cells::read(&Raster::new(4096, 1, data(4096)).unwrap()).is_ok());
        let e = Cells::read(&Raster::new(4097, 1, data(4097)).unwrap()).unwrap_err();
        assert_eq!(e.code(), Code::TraceFailed);
        assert!(e.message().contains("4096 colours"), "{e}");
    }

    #[test]
    fn many_colours_of_few_cells_each_are_damage() {
        let picture = |colours: u32, cells: u32| {
            let data = (0..cells).flat_map(|i| [(i % colours / 256) as u8, (i % colours) as u8, 0, 255]).collect();
            Cells::read(&Raster::new(cells, 1, data).unwrap()).unwrap().refuse_damage()
        };
        assert!(picture(256, 256).is_ok() && picture(300, 300 * 64).is_ok());
        let e = picture(300, 6000).unwrap_err();
        assert!(e.code() == Code::TraceFailed && e.message().contains("300 colours in 6000 cells"), "{e}");
    }

    #[test]
    fn fewer_colours_are_those_that_serve_best() {
        let (red, rose, blue) = ([250, 0, 0, 255], [255, 9, 9, 255], [0, 0, 250, 255]);
        let picture = [red, red, red, rose, blue, [0; 4]];
        let mut cells = row(&picture);
        cells.reduce(&[], 2);
        assert_eq!((&cells.colours[..], &cells.of[..]), (&[red, blue][..], &[0, 0, 0, 0, 1, CLEAR][..]));
        let mut cells = row(&picture);
        cells.reduce(&[], 3);
        assert_eq!(cells.colours, [red, rose, blue]);
        let mut cells = row(&[red, [250, 0, 0, 90], blue]);
        cells.reduce(&[[200, 0, 0], [0, 0, 99]], 0);
        assert_eq!(cells.colours, [[200, 0, 0, 255], [200, 0, 0, 90], [0, 0, 99, 255]]);
    }

    #[test]
    fn the_ground_is_what_touches_the_rim() {
        let (g, k) = ([200, 200, 200, 255], [0, 0, 0, 255]);
        let rows = [[g, g, g, g, g], [g, k, k, k, g], [g, k, g, k, g], [g, k, k, k, k], [g, g, g, g, g]];
        let mut cells = Cells::read(&Raster::new(5, 5, rows.concat().concat()).unwrap()).unwrap();
        cells.remove_ground();
        let left: Vec<usize> = (0..25).filter(|i| cells.of[*i] != CLEAR).collect();
        assert_eq!(left, [6, 7, 8, 11, 12, 13, 16, 17, 18, 19]);
        assert_eq!(cells.of[12], 0, "the hole in the ring is no ground");
    }
}
