//! The last look, at the parsed drawing: how long will it take and how much memory, before a pixel is
//! drawn.
//!
//! The tree is walked as the renderer will walk it, each visit adding an estimate of its time: the area
//! that a shape covers, a layer allocates or a filter works through, times a cost a pixel. The walk ends
//! as soon as the sum is over the budget, so it cannot itself take long. The costs are rough estimates,
//! set high: they tell an honest drawing from a bomb, not one honest drawing from another.

use resvg::usvg::{self, Group, Node, Paint, Path, Tree, filter};
use tiny_skia::{Rect, Transform};

use super::too_complex;
use crate::Result;

/// Time that may be estimated for a drawing, ns, and more for every pixel of the picture.
const BUDGET: f64 = 1.5e9;
const BUDGET_PER_PIXEL: f64 = 400.0;

/// Memory that layers may take at one time, bytes, and more for every pixel of the picture.
const MEMORY: f64 = 96e6;
const MEMORY_PER_PIXEL: f64 = 24.0;

/// Most segments of one path: its edges are sorted as a whole, at some 100 bytes each.
const MAX_SEGMENTS: usize = 500_000;

/// Cost of a visit, and of a segment filled or stroked, ns.
const VISIT: f64 = 300.0;
const SEGMENT: f64 = 60.0;
const STROKED_SEGMENT: f64 = 600.0;

/// Cost of a row of pixels of a shape, ns: it is drawn as four, each with its spans. For small shapes this
/// is most of it (100 000 discs of 64 px take a second).
const ROW: f64 = 160.0;

/// Costs of a pixel, ns: flat colour, gradient or pattern, a layer (cleared, drawn, blended).
const FLAT: f64 = 0.6;
const SHADED: f64 = 6.0;
const LAYER: f64 = 4.0;
const FILTER: f64 = 12.0;
const BLUR: f64 = 60.0;
const LIGHTING: f64 = 80.0;
const TURBULENCE_OCTAVE: f64 = 80.0;
const NEIGHBOUR: f64 = 3.0;
/// Of a pixel of an embedded image, which is decoded each time it is drawn.
const DECODED: f64 = 20.0;

const BYTES_PER_PIXEL: f64 = 4.0;

/// Refuses by the work that drawing would be.
pub(crate) fn check_tree(tree: &Tree, transform: Transform, width: u32, height: u32) -> Result<()> {
    let pixels = f64::from(width) * f64::from(height);
    let canvas = Area { width: f64::from(width), height: f64::from(height) };
    let mut work = Work {
        left: BUDGET + BUDGET_PER_PIXEL * pixels,
        memory: MEMORY + MEMORY_PER_PIXEL * pixels,
        // The renderer cuts layers to this.
        reach: Area { width: 5.0 * canvas.width, height: 5.0 * canvas.height },
    };
    work.group(tree.root(), transform, canvas, 0.0)
}

/// The size of what is drawn into, px.
#[derive(Clone, Copy)]
struct Area {
    width: f64,
    height: f64,
}

impl Area {
    fn pixels(self) -> f64 {
        self.width * self.height
    }

    /// The part of `rect` that can lie in this area, wherever that is.
    fn cut(self, rect: Option<Rect>) -> Self {
        let (width, height) = rect.map_or((0.0, 0.0), |r| (f64::from(r.width()), f64::from(r.height())));
        // Four pixels are what the renderer adds for anti-aliasing.
        Self { width: (width + 4.0).min(self.width), height: (height + 4.0).min(self.height) }
    }
}

/// What is left of the budget.
struct Work {
    left: f64,
    memory: f64,
    /// The most that a layer can be.
    reach: Area,
}

impl Work {
    fn spend(&mut self, ns: f64) -> Result<()> {
        self.left -= ns;
        // Also refuses a cost that is not a number.
        if self.left > 0.0 { Ok(()) } else { Err(too_complex("drawing it would be too much work")) }
    }

    /// Refuses `bytes` of layers at one time.
    fn hold(&self, bytes: f64) -> Result<()> {
        if bytes <= self.memory { Ok(()) } else { Err(too_complex("drawing it would need too much memory")) }
    }

    fn group(&mut self, group: &Group, outer: Transform, area: Area, held: f64) -> Result<()> {
        self.spend(VISIT)?;
        let transform = outer.pre_concat(group.transform());
        if !group.should_isolate() {
            return self.children(group, transform, area, held);
        }
        let layer = self.reach.cut(group.layer_bounding_box().to_rect().transform(transform));
        let bytes = layer.pixels() * BYTES_PER_PIXEL;
        let held = held + bytes;
        self.hold(held)?;
        self.spend(LAYER * layer.pixels())?;
        self.children(group, transform, layer, held)?;
        for filter in group.filters() {
            // Every result is kept until the filter is done.
            self.hold(held + bytes * (2.0 + filter.primitives().len() as f64))?;
            for primitive in filter.primitives() {
                self.primitive(primitive, transform, layer, held)?;
            }
        }
        let mut clip = group.clip_path();
        while let Some(path) = clip {
            self.hold(held + 1.25 * bytes)?;
            self.spend(VISIT + LAYER * layer.pixels())?;
            self.group(path.root(), transform.pre_concat(path.transform()), layer, held + bytes)?;
            clip = path.clip_path();
        }
        let mut mask = group.mask();
        let mut held_by_masks = held;
        while let Some(inner) = mask {
            held_by_masks += 1.5 * bytes;
            self.hold(held_by_masks)?;
            self.spend(VISIT + 2.0 * LAYER * layer.pixels())?;
            self.group(inner.root(), transform, layer, held_by_masks)?;
            mask = inner.mask();
        }
        Ok(())
    }

    fn children(&mut self, group: &Group, transform: Transform, area: Area, held: f64) -> Result<()> {
        for child in group.children() {
            match child {
                Node::Group(group) => self.group(group, transform, area, held)?,
                Node::Path(path) => self.path(path, transform, area, held)?,
                Node::Image(image) => {
                    let decoded = f64::from(image.size().width()) * f64::from(image.size().height());
                    self.hold(held + 2.0 * BYTES_PER_PIXEL * decoded)?;
                    self.spend(VISIT + DECODED * decoded)?;
                    let covered = area.cut(image.size().to_rect(0.0, 0.0).and_then(|r| r.transform(transform)));
                    self.spend(5.0 * SHADED * covered.pixels())?;
                }
                Node::Text(_) => self.spend(VISIT)?,
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &Path, transform: Transform, area: Area, held: f64) -> Result<()> {
        let segments = path.data().len();
        if segments > MAX_SEGMENTS {
            return Err(too_complex(format!("a path has {segments} segments; the limit is {MAX_SEGMENTS}")));
        }
        self.spend(VISIT)?;
        if let Some(fill) = path.fill() {
            let covered = area.cut(path.bounding_box().transform(transform));
            self.spend(SEGMENT * segments as f64 + ROW * covered.height)?;
            self.paint(fill.paint(), transform, covered, held)?;
        }
        if let Some(stroke) = path.stroke() {
            let covered = area.cut(path.stroke_bounding_box().transform(transform));
            let dashes = stroke.dasharray().map_or(0.0, |dashes| {
                let period: f64 = dashes.iter().map(|&d| f64::from(d)).sum();
                // Beyond a million dashes the renderer gives up.
                (length(path) / period.max(1e-9) * dashes.len() as f64).min(1e6)
            });
            self.hold(held + 200.0 * dashes)?;
            self.spend(STROKED_SEGMENT * (segments as f64 + dashes) + ROW * covered.height)?;
            self.paint(stroke.paint(), transform, covered, held)?;
        }
        Ok(())
    }

    fn paint(&mut self, paint: &Paint, transform: Transform, covered: Area, held: f64) -> Result<()> {
        match paint {
            Paint::Color(_) => self.spend(FLAT * covered.pixels()),
            Paint::LinearGradient(_) | Paint::RadialGradient(_) => self.spend(SHADED * covered.pixels()),
            Paint::Pattern(pattern) => {
                let (sx, sy) = transform.pre_concat(pattern.transform()).get_scale();
                let tile = Area {
                    width: f64::from(pattern.rect().width()) * f64::from(sx),
                    height: f64::from(pattern.rect().height()) * f64::from(sy),
                };
                let held = held + tile.pixels() * BYTES_PER_PIXEL;
                self.hold(held)?;
                self.spend(LAYER * tile.pixels() + 4.0 * SHADED * covered.pixels())?;
                self.group(pattern.root(), Transform::from_scale(sx, sy), tile, held)
            }
        }
    }

    fn primitive(&mut self, primitive: &filter::Primitive, ts: Transform, layer: Area, held: f64) -> Result<()> {
        use filter::Kind;
        let (sx, sy) = ts.get_scale();
        let per_pixel = match primitive.kind() {
            Kind::GaussianBlur(_) | Kind::DropShadow(_) => BLUR,
            Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => LIGHTING,
            Kind::Turbulence(fe) => TURBULENCE_OCTAVE * f64::from(fe.num_octaves()),
            Kind::Morphology(fe) => {
                let across = (2.0 * f64::from(fe.radius_x().get() * sx) + 1.0).min(2.0 * layer.width);
                let down = (2.0 * f64::from(fe.radius_y().get() * sy) + 1.0).min(2.0 * layer.height);
                NEIGHBOUR * across * down
            }
            Kind::ConvolveMatrix(fe) => NEIGHBOUR * 2.0 * fe.matrix().data().len() as f64,
            Kind::Merge(fe) => FILTER * fe.inputs().len() as f64,
            Kind::Image(fe) => {
                self.group(fe.root(), ts, layer, held)?;
                FILTER
            }
            _ => FILTER,
        };
        self.spend(VISIT + (FILTER + per_pixel) * layer.pixels())
    }
}

/// Length of a path's control polygon, user units: no less than the path's.
fn length(path: &Path) -> f64 {
    let mut last = usvg::tiny_skia_path::Point::zero();
    let mut sum = 0.0;
    for &point in path.data().points() {
        sum += f64::from(last.distance(point));
        last = point;
    }
    sum
}
