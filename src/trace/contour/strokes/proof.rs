//! Strokes are held against the area that they take the place of: both are drawn and compared.

use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, PathBuilder, Transform};

use super::outline::{Turn, flatten};
use crate::document::{Cap, Contour, Join, MITER_LIMIT, Point, Segment, Stroke};

/// Size at which both are drawn against the picture's own, a ratio: a fifth of a pixel shows.
const SCALE: f64 = 3.0;

/// Largest side of a drawing, px: beyond it the scale gets less.
const MAX_SIDE: f64 = 4096.0;

/// Difference of a drawn pixel that is looked at with its neighbours, 8-bit steps: a tenth.
const SHOWS: u8 = 25;

/// Drawn pixels that are passed over together when they are equal, a count: what a vector register holds, twice.
const PASSED: usize = 32;

/// How far the strokes are from the area.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference {
    /// Mean distance along the outline, px.
    pub(super) mean: f64,
    /// Largest distance anywhere, px: the square root of the largest area of 2 × 2 drawn pixels that differs.
    pub(super) worst: f64,
}

/// The area as it is drawn.
pub(super) struct Area {
    mask: Mask,
    transform: Transform,
    scale: f64,
    /// Length of its outline, px.
    length: f64,
}

impl Area {
    /// Draws the area of `rings`, which strokes of at most `width` px are to take the place of, as far as it lies
    /// between the corners `inside` of the picture; `length` is that of the outline, px. `None` when nothing can be
    /// drawn.
    pub(super) fn new(rings: &[Contour], width: f64, length: f64, inside: (Point, Point)) -> Option<Self> {
        let reach = width + 2.0;
        let mut low = Point::new(f64::INFINITY, f64::INFINITY);
        let mut high = Point::new(f64::NEG_INFINITY, f64::NEG_INFINITY);
        for p in rings.iter().flat_map(|r| flatten(r, 4.0)) {
            low = Point::new(low.x.min(p.x), low.y.min(p.y));
            high = Point::new(high.x.max(p.x), high.y.max(p.y));
        }
        low = Point::new((low.x - reach).max(inside.0.x), (low.y - reach).max(inside.0.y));
        high = Point::new((high.x + reach).min(inside.1.x), (high.y + reach).min(inside.1.y));
        let size = high - low;
        if !(size.x >= 1.0 && size.y >= 1.0) {
            return None;
        }
        let scale = SCALE.min(MAX_SIDE / size.x.max(size.y));
        let (w, h) = ((size.x * scale).ceil() as u32, (size.y * scale).ceil() as u32);
        let transform =
            Transform::from_row(scale as f32, 0.0, 0.0, scale as f32, (-low.x * scale) as f32, (-low.y * scale) as f32);
        let mut mask = Mask::new(w, h)?;
        mask.fill_path(&path(rings)?, FillRule::Winding, true, transform);
        Some(Self { mask, transform, scale, length })
    }

    /// Draws `strokes` as well, and compares.
    pub(super) fn compare(&self, strokes: &[(Vec<Contour>, Stroke)]) -> Option<Difference> {
        let Self { scale, transform, .. } = *self;
        let (w, h) = (self.mask.width(), self.mask.height());
        let mut drawn = Mask::new(w, h)?;
        for (contours, stroke) in strokes {
            let style = tiny_skia::Stroke {
                width: stroke.width as f32,
                miter_limit: MITER_LIMIT as f32,
                line_cap: if stroke.cap == Cap::Round { LineCap::Round } else { LineCap::Butt },
                line_join: match stroke.join {
                    Join::Miter => LineJoin::Miter,
                    Join::Round => LineJoin::Round,
                    Join::Bevel => LineJoin::Bevel,
                },
                dash: None,
            };
            let outline = path(contours)?.stroke(&style, scale as f32)?;
            drawn.fill_path(&outline, FillRule::Winding, true, transform);
        }
        let (sum, worst) = differences(self.mask.data(), drawn.data(), w as usize);
        Some(Difference { mean: sum / (scale * scale) / self.length.max(1.0), worst: worst.sqrt() / scale })
    }
}

/// By how much two drawings of the same width differ, in drawn pixels: everywhere, and in the four of which it is most.
fn differences(a: &[u8], b: &[u8], w: usize) -> (f64, f64) {
    let (mut sum, mut worst) = (0u64, 0u32);
    let rows = a.chunks_exact(w).zip(b.chunks_exact(w));
    // The last row has none below it.
    let below = rows.clone().skip(1).map(Some).chain([None]);
    for ((a, b), below) in rows.zip(below) {
        if a == b {
            continue;
        }
        for (k, (p, q)) in a.chunks(PASSED).zip(b.chunks(PASSED)).enumerate() {
            if p == q {
                continue;
            }
            for (x, (p, q)) in (k * PASSED..).zip(p.iter().zip(q)) {
                let d = p.abs_diff(*q);
                sum += u64::from(d);
                if let Some((c, e)) = below
                    && d > SHOWS
                    && x + 1 < w
                {
                    let off = |p: &[u8], q: &[u8], x: usize| u32::from(p[x].abs_diff(q[x]));
                    worst = worst.max(u32::from(d) + off(a, b, x + 1) + off(c, e, x) + off(c, e, x + 1));
                }
            }
        }
    }
    (sum as f64 / 255.0, f64::from(worst) / 255.0)
}

/// Contours for the rasteriser.
fn path(contours: &[Contour]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for contour in contours {
        builder.move_to(contour.start.x as f32, contour.start.y as f32);
        let mut from = contour.start;
        for segment in &contour.segments {
            match *segment {
                Segment::Line(p) => builder.line_to(p.x as f32, p.y as f32),
                Segment::Cubic(a, b, p) => {
                    builder.cubic_to(a.x as f32, a.y as f32, b.x as f32, b.y as f32, p.x as f32, p.y as f32);
                }
                Segment::Arc(arc) => match Turn::new(from, &arc) {
                    None => builder.line_to(arc.end.x as f32, arc.end.y as f32),
                    Some(turn) => {
                        for [a, b, p] in turn.cubics() {
                            builder.cubic_to(a.x as f32, a.y as f32, b.x as f32, b.y as f32, p.x as f32, p.y as f32);
                        }
                    }
                },
            }
            from = segment.end();
        }
        if contour.closed {
            builder.close();
        }
    }
    builder.finish()
}
