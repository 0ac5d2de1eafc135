//! Colour difference as the eye has it: sRGB to CIELAB, and CIEDE2000.
//!
//! CIEDE2000 (Sharma, Wu and Dalal 2005) is the formula the graphics trade judges by: 1 is about the
//! least difference a trained eye sees side by side, 2.3 is visible to most, over 10 is another colour.
//! The formula itself is the `palette` crate's; the tests hold it against the authors' published pairs.

use palette::color_difference::Ciede2000;
use palette::{Lab, white_point::D65};

/// A colour in CIELAB (D65 white, 2° observer).
pub(crate) type LabColor = Lab<D65, f32>;

/// White of D65 in XYZ (CIE 15, 2° observer), which sRGB's matrix maps (1, 1, 1) to.
const WHITE: [f32; 3] = [0.950_47, 1.0, 1.088_83];

/// Linear sRGB to XYZ (IEC 61966-2-1), each row divided by the white.
const TO_XYZ_OVER_WHITE: [[f32; 3]; 3] = [
    [0.412_456_4 / WHITE[0], 0.357_576_1 / WHITE[0], 0.180_437_5 / WHITE[0]],
    [0.212_672_9, 0.715_152_2, 0.072_175],
    [0.019_333_9 / WHITE[2], 0.119_192 / WHITE[2], 0.950_304_1 / WHITE[2]],
];

/// Converts 8-bit sRGB to CIELAB, with the transfer curve in a table.
pub(crate) struct ToLab {
    linear: [f32; 256],
}

impl ToLab {
    /// Builds the table.
    pub(crate) fn new() -> Self {
        let linear = std::array::from_fn(|i| {
            let v = i as f32 / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        });
        Self { linear }
    }

    /// `rgb` in CIELAB.
    pub(crate) fn lab(&self, rgb: [u8; 3]) -> LabColor {
        self.of_linear(rgb.map(|v| self.linear[usize::from(v)]))
    }

    /// The same between 8-bit steps.
    pub(crate) fn lab_between(&self, rgb: [f32; 3]) -> LabColor {
        self.of_linear(rgb.map(|v| {
            let low = v.clamp(0.0, 254.0) as usize;
            self.linear[low] + (v.min(255.0) - low as f32) * (self.linear[low + 1] - self.linear[low])
        }))
    }

    fn of_linear(&self, [r, g, b]: [f32; 3]) -> LabColor {
        /// Below this the cube root is replaced by its tangent: (6/29)³.
        const KNEE: f32 = 216.0 / 24_389.0;
        const SLOPE: f32 = 24_389.0 / 27.0;
        let f = TO_XYZ_OVER_WHITE.map(|row| {
            let t = row[0] * r + row[1] * g + row[2] * b;
            if t > KNEE { t.cbrt() } else { (SLOPE * t + 16.0) / 116.0 }
        });
        Lab::new(116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2]))
    }

    /// CIEDE2000 between two sRGB colours; exactly 0 for equal ones.
    pub(crate) fn delta_e(&self, a: [u8; 3], b: [u8; 3]) -> f32 {
        if a == b { 0.0 } else { self.lab(a).difference(self.lab(b)) }
    }
}

/// A [`ToLab`] that remembers pairs it has met: flat artwork repeats a few pairs thousands of times.
pub(crate) struct DeltaE {
    to_lab: ToLab,
    memo: Vec<(u64, f32)>,
}

/// Slots of the memo, a power of two: 64 KiB, which stays in the second-level cache.
const MEMO_SLOTS: usize = 4096;

impl DeltaE {
    /// An empty memo.
    pub(crate) fn new() -> Self {
        Self { to_lab: ToLab::new(), memo: vec![(u64::MAX, 0.0); MEMO_SLOTS] }
    }

    /// CIEDE2000 between two sRGB colours.
    pub(crate) fn between(&mut self, a: [u8; 3], b: [u8; 3]) -> f32 {
        let key = u64::from_le_bytes([a[0], a[1], a[2], b[0], b[1], b[2], 0, 0]);
        // Fibonacci hashing: the top bits of a product with 2^64 / φ are well mixed.
        let slot = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) as usize % MEMO_SLOTS;
        if self.memo[slot].0 != key {
            self.memo[slot] = (key, self.to_lab.delta_e(a, b));
        }
        self.memo[slot].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs from table 1 of Sharma, Wu and Dalal (2005), made to catch every branch of the formula.
    const SHARMA: [([f32; 3], [f32; 3], f32); 34] = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 3.1571, -77.2803], [50.0, 0.0, -82.7485], 2.8615),
        ([50.0, 2.8361, -74.0200], [50.0, 0.0, -82.7485], 3.4412),
        ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, -1.1848, -84.8006], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, -0.9009, -85.5211], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, -1.0, 2.0], [50.0, 0.0, 0.0], 2.3669),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0009], 7.1792),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0010], 7.1792),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0011], 7.2195),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0012], 7.2195),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0009, -2.4900], 4.8045),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0010, -2.4900], 4.8045),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0011, -2.4900], 4.7461),
        ([50.0, 2.5, 0.0], [50.0, 0.0, -2.5], 4.3065),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
        ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
        ([50.0, 2.5, 0.0], [50.0, 3.1736, 0.5854], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 3.2972, 0.0], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 1.8634, 0.5757], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 3.2592, 0.3350], 1.0000),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([63.0109, -31.0961, -5.8663], [62.8187, -29.7946, -4.0864], 1.2630),
        ([61.2901, 3.7196, -5.3901], [61.4292, 2.2480, -4.9620], 1.8731),
        ([35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([36.4612, 47.8580, 18.3852], [36.2715, 50.5065, 21.2231], 1.4146),
        ([90.8027, -2.0831, 1.4410], [91.1528, -1.6435, 0.0447], 1.4441),
        ([90.9257, -0.5406, -0.9208], [88.6381, -0.8985, -0.7239], 1.5381),
        ([6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ];

    #[test]
    fn the_published_pairs_come_out() {
        for (a, b, want) in SHARMA {
            let lab = |v: [f32; 3]| LabColor::new(v[0], v[1], v[2]);
            let got = lab(a).difference(lab(b));
            // Four published decimals, computed in single precision.
            assert!((got - want).abs() < 5e-4, "{a:?} {b:?}: {got}, published {want}");
        }
    }

    #[test]
    fn srgb_primaries_have_their_known_lab_values() {
        let to_lab = ToLab::new();
        for (rgb, want) in [
            ([255, 255, 255], [100.0, 0.0, 0.0]),
            ([0, 0, 0], [0.0, 0.0, 0.0]),
            ([255, 0, 0], [53.24, 80.09, 67.20]),
            ([0, 255, 0], [87.73, -86.18, 83.18]),
            ([0, 0, 255], [32.30, 79.19, -107.86]),
        ] {
            let lab = to_lab.lab(rgb);
            for (got, want) in [lab.l, lab.a, lab.b].into_iter().zip(want) {
                assert!((got - want).abs() < 0.02, "{rgb:?}: {lab:?}");
            }
        }
    }

    #[test]
    fn the_memo_changes_nothing() {
        let (plain, mut memo) = (ToLab::new(), DeltaE::new());
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..2000 {
            let mut color = || std::array::from_fn(|_| random.u8(0..4) * 85);
            let (a, b) = (color(), color());
            assert_eq!(plain.delta_e(a, b), memo.between(a, b));
        }
    }
}
