//! How close is an SVG to a raster, and what does it cost?
//!
//! The SVG is rendered once, with transparency, at the raster's size. Both pictures are then laid over
//! white and over black, because each ground hides what the other shows: a white mark on transparent
//! ground that became a white square is perfect over white. Per ground, `ssim` says whether the
//! structure is there, `compare` whether the colours are, `edges` how far contours have moved, and
//! `quality` makes one figure of them. `guard` stands before all of it when the SVG is not ours.
//! `docs/scoring.md` has the formulas.

pub(crate) mod color;
mod compare;
mod economy;
mod edges;
pub(crate) mod guard;
mod quality;
pub(crate) mod render;
mod ssim;

use std::borrow::Cow;

use fast_ssim2::{PixelDescriptor, PixelSlice, Ssimulacra2Reference};
use serde::{Deserialize, Serialize};

use compare::{Ground, Pair};
use edges::SourceEdges;
pub use guard::MAX_SVG_BYTES;
pub use quality::FORMULA;
pub use render::{RENDERER, render};

use crate::raster::{Softening, soften};
use crate::{Raster, Result};

/// Whose SVG it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// We wrote it: the guard against hostile files is skipped.
    Own,
    /// It was read: it is checked before it is drawn, and drawn under a deadline.
    Foreign,
}

/// Which figures to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MetricSet {
    /// Everything but SSIMULACRA2.
    #[default]
    Basic,
    /// Everything.
    Full,
}

/// How close an SVG is to a raster, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Metrics {
    /// One figure in [0, 1] made of the others; 1 is identical. See `docs/scoring.md` for the formula.
    pub quality: f64,
    /// Version of the formula of `quality`.
    pub formula: String,
    /// Renderer that drew the SVG, with its version (`resvg 0.49.0`).
    pub renderer: String,
    /// Figures with both pictures over white.
    pub over_white: GroundMetrics,
    /// Figures with both pictures over black.
    pub over_black: GroundMetrics,
    /// Mean absolute difference of alpha, in [0, 1].
    pub alpha_error: f64,
    /// What the SVG costs.
    pub economy: Economy,
    /// What was done to the drawing before it was compared, in order: what the picture had been through before it was
    /// traced, and what the trace has taken back. Missing where the drawing was compared as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub softened: Vec<Softening>,
    /// What the figures leave out, in words: text that is not drawn, for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Figures of two pictures over one ground.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GroundMetrics {
    /// Structural similarity of luma (Wang et al. 2004: 11 x 11 Gaussian, σ 1.5); 1 is identical.
    pub ssim: f64,
    /// The least structural similarity of the three channels.
    pub ssim_channels: f64,
    /// Mean squared error over the three channels, in squared 8-bit steps.
    pub mse: f64,
    /// Peak signal to noise ratio, dB; absent when the pictures are identical.
    pub psnr: Option<f64>,
    /// Mean CIEDE2000 difference.
    pub delta_e_mean: f64,
    /// 95th percentile of the CIEDE2000 difference.
    pub delta_e_p95: f64,
    /// Mean displacement of edges, px.
    pub edge_displacement: f64,
    /// SSIMULACRA2, 100 is identical; only in the full set.
    pub ssimulacra2: Option<f64>,
}

/// What an SVG costs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Economy {
    /// Bytes of the SVG.
    pub bytes: u64,
    /// Bytes after gzip at its default level.
    pub gzip_bytes: u64,
    /// Elements that draw.
    pub paths: u64,
    /// End points of path segments, and corners of polygons.
    pub nodes: u64,
    /// Numbers that describe geometry (the two flags of an arc count as one).
    pub numbers: u64,
    /// Distinct paint colours, opacity included.
    pub colors: u64,
    /// Gradient definitions.
    pub gradients: u64,
    /// Bytes of the SVG over bytes of the source file, where that is known.
    pub bytes_ratio: Option<f64>,
}

/// A raster made ready to be measured against: its side of every figure is computed once.
pub struct Reference<'a> {
    raster: &'a Raster,
    set: MetricSet,
    /// Premultiplied; borrowed when the raster is opaque, since then it is the same.
    pixels: Cow<'a, [[u8; 4]]>,
    opaque: bool,
    /// Over white, and over black where that differs.
    grounds: Vec<SourceGround>,
}

/// What is known of the source over one ground.
struct SourceGround {
    edges: SourceEdges,
    ssimulacra2: Option<Ssimulacra2Reference>,
}

impl std::fmt::Debug for Reference<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reference").field("raster", self.raster).field("set", &self.set).finish_non_exhaustive()
    }
}

impl<'a> Reference<'a> {
    /// Prepares `raster` for measuring the figures of `set`.
    pub fn new(raster: &'a Raster, set: MetricSet) -> Self {
        let opaque = raster.is_opaque();
        let pixels: Cow<[[u8; 4]]> = if opaque {
            Cow::Borrowed(raster.pixels())
        } else {
            Cow::Owned(raster.pixels().iter().map(|&p| render::premultiplied(p)).collect())
        };
        let (width, height) = (raster.width() as usize, raster.height() as usize);
        let ground = |ground| SourceGround {
            edges: SourceEdges::new(&pixels, width, height, ground),
            ssimulacra2: match set {
                MetricSet::Basic => None,
                MetricSet::Full => with_rgb(&pixels, raster.width(), raster.height(), ground, |rgb| {
                    Ssimulacra2Reference::new(rgb).ok()
                }),
            },
        };
        // An opaque raster looks the same over every ground.
        let mut grounds = vec![ground(Ground::White)];
        if !opaque {
            grounds.push(ground(Ground::Black));
        }
        Self { raster, set, pixels, opaque, grounds }
    }

    /// Measures `svg` against the raster; `source_bytes` is the size of the source file, where known.
    ///
    /// # Errors
    /// Those of [`render`], and [`crate::Code::ScoreSizeMismatch`] when the proportions differ.
    pub fn measure(&self, svg: &[u8], trust: Trust, source_bytes: Option<u64>) -> Result<Metrics> {
        self.measure_softened(svg, trust, source_bytes, &[])
    }

    /// [`Reference::measure`] of a drawing of what the raster was before it was `softened`, in order: with the same done to
    /// the drawing.
    ///
    /// # Errors
    /// Those of [`Reference::measure`].
    pub fn measure_softened(
        &self,
        svg: &[u8],
        trust: Trust,
        source_bytes: Option<u64>,
        softened: &[Softening],
    ) -> Result<Metrics> {
        let size = (self.raster.width(), self.raster.height());
        let (width, height) = soften::size_before(softened, size);
        let drawn = render::draw(svg, render::Request { width, height, trust, proportions: Some(size), source_bytes })?;
        let rendered: Cow<[[u8; 4]]> = match drawn.pixmap.data().as_chunks::<4>().0 {
            plain if softened.is_empty() => Cow::Borrowed(plain),
            sharp => Cow::Owned(soften::apply(softened, sharp, size)),
        };
        let pair = Pair { a: &self.pixels, b: &rendered, width: size.0 as usize, height: size.1 as usize };
        let opaque = self.opaque && rendered.iter().all(|p| p[3] == 255);
        let over_white = self.over(&pair, Ground::White);
        let over_black = if opaque { over_white.clone() } else { self.over(&pair, Ground::Black) };
        let alpha_error = if opaque { 0.0 } else { compare::alpha_error(&pair) };
        Ok(Metrics {
            quality: quality::quality(&over_white, &over_black, alpha_error),
            formula: FORMULA.into(),
            renderer: RENDERER.into(),
            over_white,
            over_black,
            alpha_error,
            economy: drawn.economy,
            softened: softened.to_vec(),
            warnings: drawn.warnings,
        })
    }

    /// The figures of the pair over one ground.
    fn over(&self, pair: &Pair, ground: Ground) -> GroundMetrics {
        let source = match ground {
            Ground::Black if !self.opaque => &self.grounds[1],
            _ => &self.grounds[0],
        };
        let ssim = ssim::ssim(pair, ground);
        let pixels = compare::pixel_figures(pair, ground, self.set == MetricSet::Full);
        let ssimulacra2 = source.ssimulacra2.as_ref().and_then(|reference| {
            with_rgb(pair.b, self.raster.width(), self.raster.height(), ground, |rgb| reference.compare(rgb).ok())
        });
        GroundMetrics {
            ssim: ssim.luma,
            ssim_channels: ssim.channels.into_iter().fold(1.0, f64::min),
            mse: pixels.mse,
            psnr: (pixels.mse > 0.0).then(|| 10.0 * (255.0 * 255.0 / pixels.mse).log10()),
            delta_e_mean: pixels.delta_e_mean,
            delta_e_p95: pixels.delta_e_p95,
            edge_displacement: edges::displacement(pair, &source.edges, ground),
            ssimulacra2,
        }
    }
}

/// Calls `f` with the picture over `ground` in the form that SSIMULACRA2 is computed from.
fn with_rgb<T>(
    pixels: &[[u8; 4]],
    width: u32,
    height: u32,
    ground: Ground,
    f: impl FnOnce(&PixelSlice) -> Option<T>,
) -> Option<T> {
    let rgb: Vec<u8> = pixels.iter().flat_map(|&p| ground.under(p)).collect();
    let slice = PixelSlice::new(&rgb, width, height, width as usize * 3, PixelDescriptor::RGB8_SRGB).ok()?;
    f(&slice)
}

/// Measures an SVG that is not ours against `raster`.
///
/// # Errors
/// Those of [`Reference::measure`].
pub fn measure(raster: &Raster, svg: &[u8], set: MetricSet) -> Result<Metrics> {
    Reference::new(raster, set).measure(svg, Trust::Foreign, None)
}

/// A picture of where an SVG that is not ours differs from `raster`, for people: the raster in pale grey,
/// turning red with the colour difference, over white or over black, whichever is worse.
///
/// # Errors
/// Those of [`Reference::measure`].
pub fn difference(raster: &Raster, svg: &[u8]) -> Result<Raster> {
    /// ΔE₀₀ that is shown in full red: another colour to anyone.
    const FULL: f32 = 20.0;
    let (width, height) = (raster.width(), raster.height());
    let proportions = Some((width, height));
    let request = render::Request { width, height, trust: Trust::Foreign, proportions, source_bytes: None };
    let drawn = render::draw(svg, request)?;
    let mut delta_e = color::DeltaE::new();
    let mut data = Vec::with_capacity(raster.len() * 4);
    for (&source, &rendered) in raster.pixels().iter().zip(drawn.pixmap.data().as_chunks::<4>().0) {
        let source = render::premultiplied(source);
        let worst = [Ground::White, Ground::Black]
            .map(|ground| delta_e.between(ground.under(source), ground.under(rendered)))
            .into_iter()
            .fold(0.0, f32::max);
        let share = (worst / FULL).min(1.0);
        let [r, g, b] = Ground::White.under(source).map(f32::from);
        // Pale: luma squeezed into the upper half, so that red stands out on dark pictures too.
        let grey = 127.5 + 0.5 * (0.299 * r + 0.587 * g + 0.114 * b);
        let toward = |to: f32| (grey + share * (to - grey)).round() as u8;
        data.extend([toward(220.0), toward(0.0), toward(0.0), 255]);
    }
    Raster::new(width, height, data)
}
