//! One figure for how close two pictures are, made of the basic figures.
//!
//! A weighted geometric mean of terms in [0, 1], so that one total failure cannot be averaged away, over
//! the worse of the two grounds. `docs/scoring.md` gives the reasons for every constant.

use super::GroundMetrics;

/// Version of the formula; it changes whenever a constant or a term does.
pub const FORMULA: &str = "q1";

/// Mean ΔE₀₀ at which its term has fallen to 1/e: a difference that no one overlooks.
const DELTA_E_MEAN: f64 = 12.0;
/// The same for the 95th percentile, which is a few times the mean in ordinary traces.
const DELTA_E_P95: f64 = 40.0;
/// Mean edge displacement at which its term has fallen to 1/e, px.
const EDGE: f64 = 4.0;
/// Mean alpha error at which its term has fallen to 1/e.
const ALPHA: f64 = 0.1;
/// No term falls below this, so that the product stays comparable between two failures.
const FLOOR: f64 = 1e-3;

/// Weights of luma structure, worst channel's structure, mean ΔE, its 95th percentile, edges and alpha.
const WEIGHTS: [f64; 6] = [0.2, 0.25, 0.2, 0.1, 0.15, 0.1];

/// The quality of `figures` with the alpha error given, in [0, 1]; 1 for identical pictures.
pub(crate) fn quality(white: &GroundMetrics, black: &GroundMetrics, alpha_error: f64) -> f64 {
    of_ground(white, alpha_error).min(of_ground(black, alpha_error))
}

fn of_ground(figures: &GroundMetrics, alpha_error: f64) -> f64 {
    let terms = [
        figures.ssim,
        figures.ssim_channels,
        (-figures.delta_e_mean / DELTA_E_MEAN).exp(),
        (-figures.delta_e_p95 / DELTA_E_P95).exp(),
        (-figures.edge_displacement / EDGE).exp(),
        (-alpha_error / ALPHA).exp(),
    ];
    let log: f64 = terms.iter().zip(WEIGHTS).map(|(term, weight)| weight * term.clamp(FLOOR, 1.0).ln()).sum();
    log.exp()
}
