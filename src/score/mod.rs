//! How close is an SVG to a raster, and what does it cost?

use serde::{Deserialize, Serialize};

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
