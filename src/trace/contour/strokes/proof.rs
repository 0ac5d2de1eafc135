//! Strokes are held against the area that they take the place of: both are drawn and compared.

use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, PathBuilder, Transform};

use super::outline::{Turn, flatten};
use crate::document::{Cap, Contour, Join, MITER_LIMIT, Point, Segment, Stroke};

/// Size at which both are drawn against the picture's own, a ratio: a fifth of a pixel shows.
const SCALE: f64 = 3.0;

/// Largest side of a drawing, px: beyond it the scale gets less.
const MAX_SIDE: f64 = 4096.0;

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
        let (a, b) = (self.mask.data(), drawn.data());
        let off = |x: usize, y: usize| f64::from(a[y * w as usize + x].abs_diff(b[y * w as usize + x])) / 255.0;
        let (mut sum, mut worst) = (0.0, 0.0f64);
        for y in 0..h as usize {
            for x in 0..w as usize {
                let d = off(x, y);
                sum += d;
                if d > 0.1 && x + 1 < w as usize && y + 1 < h as usize {
                    worst = worst.max(d + off(x + 1, y) + off(x, y + 1) + off(x + 1, y + 1));
                }
            }
        }
        Some(Difference { mean: sum / (scale * scale) / self.length.max(1.0), worst: worst.sqrt() / scale })
    }
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
