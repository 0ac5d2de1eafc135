//! The proof: before and after drawn at three sizes, and compared over white, over black and as
//! they are.
//!
//! Both are drawn with transparency; laid over a ground, a drawing is what it would be there. (For
//! `mix-blend-mode`, which sees the ground, the drawing is compared over the grounds all the same:
//! both sides are treated alike.)

use resvg::usvg::Tree;
use tiny_skia::Pixmap;

use super::same::draws_the_same;
use crate::score::color::DeltaE;
use crate::score::{Trust, guard, render};
use crate::{Code, Error, Result};

/// Longer sides at which drawings are compared, as shares of the viewing size. No simple fractions: the
/// renderer smooths edges with four samples a pixel and direction, and drawings are made on grids, so
/// that at an eighth or a half all edges could be just where a shift crosses no sample. What a moved edge
/// does to the mean is the same share of a picture of any size; larger pictures of several hundred icons
/// found nothing that these do not, and took more than twice the time.
pub(crate) const SHARES: [f64; 3] = [0.1, 0.14, 0.19];

/// The same where every pixel is to be the same, or nearly so.
pub(crate) const SHARES_STRICT: [f64; 3] = [0.12, 0.29, 0.53];

/// Side of the blocks in which the largest local difference is looked for, px: about 26 px of the
/// viewing size, in the largest picture.
const BLOCK: usize = 5;

/// How two drawings differ.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Difference {
    /// Mean ΔE₀₀ over all pixels: the worst of the sizes and of the grounds white and black.
    pub(crate) mean: f64,
    /// The same in the block of 5 x 5 px where it is largest.
    pub(crate) block: f64,
    /// Whether every pixel is the same, transparency included.
    pub(crate) identical: bool,
    /// At how many sizes they were drawn, from the smallest.
    pub(crate) sizes: usize,
}

impl Difference {
    /// The larger of both in everything, of pictures of different sizes.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            mean: self.mean.max(other.mean),
            block: self.block.max(other.block),
            identical: self.identical && other.identical,
            sizes: self.sizes + other.sizes,
        }
    }
}

/// The drawing as it was, at all sizes.
pub(crate) struct Proof {
    tree: Tree,
    /// From the smallest to the largest.
    before: Vec<Before>,
    delta: DeltaE,
}

/// The drawing as it was at one size.
struct Before {
    width: u32,
    height: u32,
    /// Drawn when it is needed first.
    pixels: Option<Pixmap>,
}

impl Proof {
    /// Takes `text`, an SVG that is not ours, to be drawn with longer sides of `shares` of
    /// `viewing_size` px, from the smallest to the largest.
    ///
    /// # Errors
    /// The codes of [`crate::score::render`], but for the deadline.
    pub(crate) fn new(document: &roxmltree::Document, viewing_size: f64, shares: [f64; 3]) -> Result<Self> {
        let tree = render::tree(document, Trust::Foreign)?;
        let size = tree.size();
        let longer = f64::from(size.width().max(size.height()));
        let mut before = Vec::with_capacity(shares.len());
        for share in shares.iter().rev() {
            let pixels = |side: f32| (f64::from(side) / longer * viewing_size * share).round().max(1.0) as u32;
            let (width, height) = (pixels(size.width()), pixels(size.height()));
            guard::check_target(width, height)?;
            guard::check_tree(&tree, render::stretch(&tree, width, height), width, height)?;
            before.push(Before { width, height, pixels: None });
        }
        before.reverse();
        Ok(Self { tree, before, delta: DeltaE::new() })
    }

    /// Compares `svg` with the drawing as it was, at the smallest size first; gives up once it differs
    /// by more than `enough`, and says how much by then. A drawing that is the same for the renderer in
    /// every value is drawn at the smallest size only.
    ///
    /// # Errors
    /// [`Code::SvgInvalid`] when it is no SVG any more, or of another size.
    pub(crate) fn compare(&mut self, svg: &str, enough: impl Fn(&Difference) -> bool) -> Result<Difference> {
        let document = render::xml(svg, Trust::Own)?;
        let tree = render::tree(&document, Trust::Own)?;
        if tree.size() != self.tree.size() {
            return Err(Error::new(Code::SvgInvalid, "its size has changed"));
        }
        let same = draws_the_same(&self.tree, &tree);
        let mut worst = Difference { identical: true, ..Difference::default() };
        for before in &mut self.before {
            let (width, height) = (before.width, before.height);
            let pixels = match &mut before.pixels {
                Some(pixels) => pixels,
                none => none.insert(render::pixels(&self.tree, width, height)?),
            };
            let after = render::pixels(&tree, width, height)?;
            worst = worst.max(difference(&mut self.delta, pixels, &after));
            if enough(&worst) || same && worst.identical {
                break;
            }
        }
        Ok(worst)
    }

    /// The drawing's own size, px, rounded.
    pub(crate) fn own_size(&self) -> (u32, u32) {
        let round = |side: f32| side.round().max(1.0) as u32;
        (round(self.tree.size().width()), round(self.tree.size().height()))
    }

    /// The sizes of the pictures compared, px.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = (u32, u32)> {
        self.before.iter().map(|b| (b.width, b.height))
    }
}

/// Compares two pictures of one size.
fn difference(delta: &mut DeltaE, before: &Pixmap, after: &Pixmap) -> Difference {
    if before.data() == after.data() {
        return Difference { identical: true, sizes: 1, ..Difference::default() };
    }
    let width = before.width() as usize;
    let across = width.div_ceil(BLOCK);
    let mut blocks = vec![[0.0_f64; 2]; across * (before.height() as usize).div_ceil(BLOCK)];
    let rows = before.data().chunks_exact(4 * width).zip(after.data().chunks_exact(4 * width));
    for (y, (a, b)) in rows.enumerate() {
        let runs = a.chunks(4 * BLOCK).zip(b.chunks(4 * BLOCK));
        for ((a, b), sums) in runs.zip(&mut blocks[y / BLOCK * across..]) {
            if a != b {
                add_run(delta, a.as_chunks().0, b.as_chunks().0, sums);
            }
        }
    }
    let sums = blocks.iter().fold([0.0; 2], |s, b| [s[0] + b[0], s[1] + b[1]]);
    let count = before.data().len() as f64 / 4.0;
    Difference {
        mean: sums[0].max(sums[1]) / count,
        block: blocks.iter().flatten().fold(0.0, |m: f64, b| m.max(*b)) / (BLOCK * BLOCK) as f64,
        identical: false,
        sizes: 1,
    }
}

/// Adds the differences of a few pixels to the sums over white and over black.
fn add_run(delta: &mut DeltaE, before: &[[u8; 4]], after: &[[u8; 4]], sums: &mut [f64; 2]) {
    // Premultiplied: what is not covered shows the ground.
    let over = |p: &[u8; 4], ground: u32| {
        let shown = ((255 - u32::from(p[3])) * ground + 127) / 255;
        [0, 1, 2].map(|c| (u32::from(p[c]) + shown).min(255) as u8)
    };
    for (a, b) in before.iter().zip(after).filter(|(a, b)| a != b) {
        let black = delta.between(over(a, 0), over(b, 0));
        let opaque = a[3] == 255 && b[3] == 255;
        let white = if opaque { black } else { delta.between(over(a, 255), over(b, 255)) };
        sums[0] += f64::from(white);
        sums[1] += f64::from(black);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(body: &str) -> String {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">{body}</svg>"#)
    }

    fn compare(a: &str, b: &str) -> Difference {
        let (a, b) = (svg(a), svg(b));
        let document = render::xml(&a, Trust::Foreign).unwrap();
        Proof::new(&document, 512.0, SHARES).unwrap().compare(&b, |_| false).unwrap()
    }

    #[test]
    fn every_ground_counts() {
        let white = r##"<rect width="8" height="8" fill="#fff"/>"##;
        let black = r##"<rect width="8" height="8"/>"##;
        assert!(compare("", "").identical);
        // Each is invisible on one ground.
        assert!(compare("", white).mean > 90.0 && compare("", black).mean > 90.0);
        let half = compare("", r#"<rect width="8" height="4"/>"#);
        assert!((half.mean - 50.0).abs() < 1.0 && (half.block - 100.0).abs() < 1.0, "{half:?}");
    }

    #[test]
    fn what_the_renderer_reads_the_same_is_drawn_once() {
        let same = compare(r#"<path d="M1 1L7 1L7 7Z"/>"#, r#"<g><path d="M1 1h6v6z"/></g>"#);
        assert!(same.identical && same.sizes == 1, "{same:?}");
        let moved = compare(r#"<path d="M1 1L7 1L7 7Z"/>"#, r#"<path d="M1 1h6.00001v6z"/>"#);
        assert_eq!(moved.sizes, SHARES.len());
    }

    #[test]
    fn too_much_at_one_size_ends_it() {
        let (a, b) = (svg(r#"<path d="M1 1h6v6z"/>"#), svg(r#"<path d="M1 1h5v6z"/>"#));
        let document = render::xml(&a, Trust::Foreign).unwrap();
        let mut proof = Proof::new(&document, 512.0, SHARES).unwrap();
        assert_eq!(proof.compare(&b, |d| d.mean > 0.1).unwrap().sizes, 1);
        assert_eq!(proof.compare(&b, |_| false).unwrap().sizes, SHARES.len());
    }

    #[test]
    fn a_dot_that_vanishes_is_a_large_local_difference() {
        let dot = compare(r#"<path d="M1 1h.2v.2H1z"/>"#, "");
        assert!(dot.mean < 0.1 && dot.block > 10.0, "{dot:?}");
    }
}
