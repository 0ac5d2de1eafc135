//! Two pictures side by side: the view that every figure is computed from.

use super::color::DeltaE;

/// Side of the square tiles that are skipped when both pictures agree in them, px. Small enough that
/// a contour leaves most of a flat picture untouched, large enough that the border of a tile costs little.
pub(crate) const TILE: usize = 32;

/// Differing pixels whose colour difference the basic set evaluates at most; beyond this every n-th
/// is taken. 8192 samples put the standard error of the mean at 1.1 % of the spread.
const SAMPLES: usize = 8_192;

/// The ground that transparent pixels are shown over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    White,
    Black,
}

impl Ground {
    /// A premultiplied pixel over this ground.
    #[inline]
    pub(crate) fn under(self, p: [u8; 4]) -> [u8; 3] {
        self.lanes(p).map(|v| v as u8)
    }

    /// The same in 32-bit lanes and without a branch, so that loops over pixels are vectorised.
    #[inline(always)]
    pub(crate) fn lanes(self, p: [u8; 4]) -> [u32; 3] {
        let mask = match self {
            Ground::White => 255,
            Ground::Black => 0,
        };
        let word = u32::from_le_bytes(p);
        let rest = (255 - (word >> 24)) & mask;
        // Premultiplied colours do not exceed alpha, but for the renderer's rounding.
        [0, 8, 16].map(|shift| (((word >> shift) & 255) + rest).min(255))
    }
}

/// Two premultiplied RGBA pictures of one size.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    /// The source.
    pub(crate) a: &'a [[u8; 4]],
    /// The rendered SVG.
    pub(crate) b: &'a [[u8; 4]],
    /// Width, px.
    pub(crate) width: usize,
    /// Height, px.
    pub(crate) height: usize,
}

impl Pair<'_> {
    /// Whether both pictures agree in the rectangle, which is cut to the picture.
    pub(crate) fn agree_in(&self, left: isize, top: isize, right: usize, bottom: usize) -> bool {
        let (left, top) = (left.max(0) as usize, top.max(0) as usize);
        let (right, bottom) = (right.min(self.width), bottom.min(self.height));
        (top..bottom).all(|y| {
            let row = y * self.width;
            self.a[row + left..row + right] == self.b[row + left..row + right]
        })
    }
}

/// Figures that need each pixel only once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PixelFigures {
    /// Mean squared error over the three channels.
    pub(crate) mse: f64,
    /// Mean CIEDE2000.
    pub(crate) delta_e_mean: f64,
    /// 95th percentile of CIEDE2000.
    pub(crate) delta_e_p95: f64,
}

/// Mean absolute difference of alpha, in [0, 1].
pub(crate) fn alpha_error(pair: &Pair) -> f64 {
    let sum: u64 = pair.a.iter().zip(pair.b).map(|(a, b)| u64::from(a[3].abs_diff(b[3]))).sum();
    sum as f64 / (255.0 * pair.a.len() as f64)
}

/// Squared error and colour difference over `ground`. When `exact` is false and more than [`SAMPLES`]
/// pixels differ, the colour difference is taken from every n-th of the differing pixels in row order.
pub(crate) fn pixel_figures(pair: &Pair, ground: Ground, exact: bool) -> PixelFigures {
    /// Pixels compared at once: equal stretches of this length are passed over.
    const STRETCH: usize = 64;
    let mut squares = 0_u64;
    let mut differing = 0_usize;
    for_differing(pair, STRETCH, |a, b| {
        let (a, b) = (ground.under(a), ground.under(b));
        if a != b {
            differing += 1;
            for (a, b) in a.into_iter().zip(b) {
                squares += u64::from(a.abs_diff(b)).pow(2);
            }
        }
    });
    if differing == 0 {
        return PixelFigures::default();
    }
    let stride = if exact { 1 } else { differing.div_ceil(SAMPLES) };
    let mut values = Vec::with_capacity(differing.div_ceil(stride));
    let mut delta_e = DeltaE::new();
    let mut until_next = 0;
    for_differing(pair, STRETCH, |a, b| {
        let (a, b) = (ground.under(a), ground.under(b));
        if a != b {
            if until_next == 0 {
                values.push(delta_e.between(a, b));
                until_next = stride;
            }
            until_next -= 1;
        }
    });
    let pixels = pair.a.len() as f64;
    let share = differing as f64 / pixels;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64 * share;
    PixelFigures {
        mse: squares as f64 / (3.0 * pixels),
        delta_e_mean: mean,
        delta_e_p95: f64::from(percentile_with_zeros(&mut values, share, 0.95)),
    }
}

/// Calls `f` for every pixel pair in a stretch that is not wholly equal.
fn for_differing(pair: &Pair, stretch: usize, mut f: impl FnMut([u8; 4], [u8; 4])) {
    for (a, b) in pair.a.chunks(stretch).zip(pair.b.chunks(stretch)) {
        if a != b {
            for (&a, &b) in a.iter().zip(b) {
                if a != b {
                    f(a, b);
                }
            }
        }
    }
}

/// The `p` percentile of a population of which the `share` is `values` and the rest is zero.
fn percentile_with_zeros(values: &mut [f32], share: f64, p: f64) -> f32 {
    // The small summand keeps a rank that is whole from being rounded down.
    let within = 1.0 - (1.0 - p) / share + 1e-9;
    if within <= 1e-6 || values.is_empty() {
        return 0.0;
    }
    let index = ((within * values.len() as f64) as usize).min(values.len() - 1);
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_counts_the_zeros() {
        let mut values: Vec<f32> = (1..=10).map(|v| v as f32).collect();
        assert_eq!(percentile_with_zeros(&mut values, 0.05, 0.95), 0.0);
        assert_eq!(percentile_with_zeros(&mut values, 0.1, 0.95), 6.0);
        assert_eq!(percentile_with_zeros(&mut values, 1.0, 0.95), 10.0);
    }

    #[test]
    fn half_the_pixels_off_by_ten_steps() {
        let a = vec![[100, 100, 100, 255]; 1000];
        let mut b = a.clone();
        b[500..].fill([110, 110, 110, 255]);
        let figures = pixel_figures(&Pair { a: &a, b: &b, width: 100, height: 10 }, Ground::White, true);
        assert_eq!(figures.mse, 50.0);
        assert!((figures.delta_e_mean * 2.0 - figures.delta_e_p95).abs() < 1e-6);
    }

    #[test]
    fn sampling_stays_close_to_the_exact_mean() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut noise = |_| [random.u8(..), random.u8(..), random.u8(..), 255];
        let a: Vec<_> = (0..100_000).map(&mut noise).collect();
        let b: Vec<_> = (0..100_000).map(&mut noise).collect();
        let pair = Pair { a: &a, b: &b, width: 1000, height: 100 };
        let (exact, quick) = (pixel_figures(&pair, Ground::White, true), pixel_figures(&pair, Ground::White, false));
        assert_eq!(exact.mse, quick.mse);
        assert!((exact.delta_e_mean / quick.delta_e_mean - 1.0).abs() < 0.01);
        assert!((exact.delta_e_p95 / quick.delta_e_p95 - 1.0).abs() < 0.03);
    }
}
