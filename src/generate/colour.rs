//! Colours that go together: a hand-picked set of palettes, and grounds that the inks stand out from.

use std::fmt;

use fastrand::Rng;

use super::canvas::{chance, pick};

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// White.
pub(super) const WHITE: Rgb = Rgb(255, 255, 255);
/// Black.
pub(super) const BLACK: Rgb = Rgb(0, 0, 0);

impl Rgb {
    const fn hex(v: u32) -> Self {
        Self((v >> 16) as u8, (v >> 8) as u8, v as u8)
    }

    /// The colour a share `t` of the way to `other`.
    pub(super) fn mix(self, other: Rgb, t: f64) -> Rgb {
        let m = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round().clamp(0.0, 255.0) as u8;
        Rgb(m(self.0, other.0), m(self.1, other.1), m(self.2, other.2))
    }

    /// A share `t` of the way to white.
    pub(super) fn light(self, t: f64) -> Rgb {
        self.mix(WHITE, t)
    }

    /// A share `t` of the way to a deep blue-black, which looks better than grey shade.
    pub(super) fn dark(self, t: f64) -> Rgb {
        self.mix(Rgb(12, 10, 34), t)
    }

    /// Greatest difference of a channel, 8-bit steps.
    pub(super) fn distance(self, other: Rgb) -> u8 {
        self.0.abs_diff(other.0).max(self.1.abs_diff(other.1)).max(self.2.abs_diff(other.2))
    }

    /// Luma (Rec. 601), 0 to 255.
    pub(super) fn luma(self) -> f64 {
        0.299 * f64::from(self.0) + 0.587 * f64::from(self.1) + 0.114 * f64::from(self.2)
    }
}

/// Palettes of five inks each, from dark to light where there is an order.
const PALETTES: [[u32; 5]; 20] = [
    [0x1d3557, 0xe63946, 0x457b9d, 0xa8dadc, 0xf1c453],
    [0x264653, 0x2a9d8f, 0xe76f51, 0xf4a261, 0xe9c46a],
    [0x22223b, 0x9a348e, 0xda627d, 0xfca17d, 0xf9dbbd],
    [0x003049, 0xd62828, 0xf77f00, 0xfcbf49, 0xeae2b7],
    [0x2b2d42, 0xef233c, 0x8d99ae, 0xd80032, 0xedf2f4],
    [0x0b3954, 0x087e8b, 0xff5a5f, 0xc81d25, 0xbfd7ea],
    [0x10451d, 0x1a7431, 0x4ad66d, 0xf2b134, 0xb7efc5],
    [0x3c096c, 0x7b2cbf, 0xff6d00, 0xff9e00, 0xe0aaff],
    [0x12355b, 0x420039, 0xd72638, 0xff570a, 0xf4d35e],
    [0x14213d, 0x0077b6, 0x00b4d8, 0xfca311, 0xcaf0f8],
    [0x4a1942, 0x893168, 0xeac435, 0x2e1c2b, 0xf3e9d2],
    [0x1b4332, 0x40916c, 0xd4a373, 0xbc4749, 0xfaedcd],
    [0x231942, 0x5e548e, 0xbe95c4, 0xf25f5c, 0xffe066],
    [0x001219, 0x005f73, 0x94d2bd, 0xee9b00, 0xae2012],
    [0x33272a, 0xff8ba7, 0xc3f0ca, 0xffc6c7, 0x594a4e],
    [0x0d1321, 0x1d2d44, 0x3e5c76, 0x748cab, 0xf0ebd8],
    [0x5f0f40, 0x9a031e, 0xfb8b24, 0xe36414, 0x0f4c5c],
    [0x1f1f1f, 0x0078d4, 0x107c10, 0xd83b01, 0xffb900],
    [0x202124, 0x4285f4, 0xea4335, 0xfbbc05, 0x34a853],
    [0x111111, 0x6a040f, 0xd00000, 0xf48c06, 0xffba08],
];

/// Least difference of an ink from its ground, 8-bit steps: below it a mark is hard to see.
const LEAST_CONTRAST: u8 = 64;

/// A ground and the inks that stand out from it.
#[derive(Debug, Clone)]
pub(super) struct Theme {
    /// The ground's colour (what the drawing assumes when it is transparent).
    pub(super) ground: Rgb,
    /// At least three inks, all visible on the ground.
    pub(super) inks: Vec<Rgb>,
    /// Five matching colours without regard to the ground.
    pub(super) all: [Rgb; 5],
}

impl Theme {
    /// A theme; about half have a white or near-white ground, as real inputs have.
    pub(super) fn random(rng: &mut Rng) -> Self {
        let mut all = PALETTES[rng.usize(..PALETTES.len())].map(Rgb::hex);
        if chance(rng, 0.3) {
            // Rotating the channels gives a new, equally matched palette.
            all = all.map(|c| Rgb(c.1, c.2, c.0));
        }
        let ground = match rng.u8(..10) {
            0..=4 => WHITE,
            5 => all[4].light(0.75),
            6 => all[0],
            7 => BLACK.mix(all[0], 0.4),
            8 => all[rng.usize(1..5)],
            _ => pick(rng, &[Rgb(250, 246, 235), Rgb(245, 245, 245), Rgb(255, 253, 231)]),
        };
        let mut inks: Vec<Rgb> = all.into_iter().filter(|c| c.distance(ground) >= LEAST_CONTRAST).collect();
        rng.shuffle(&mut inks);
        if ground.luma() < 128.0 {
            inks.insert(0, WHITE);
        }
        while inks.len() < 3 {
            inks.push(if ground.luma() > 128.0 {
                BLACK.mix(all[inks.len()], 0.5)
            } else {
                WHITE.mix(all[inks.len()], 0.2)
            });
        }
        Self { ground, inks, all }
    }

    /// Ink number `i`, counted round.
    pub(super) fn ink(&self, i: usize) -> Rgb {
        self.inks[i % self.inks.len()]
    }

    /// The ink that stands out most.
    pub(super) fn strongest(&self) -> Rgb {
        let ground = self.ground;
        self.inks.iter().copied().max_by_key(|c| c.distance(ground)).unwrap_or(BLACK)
    }

    /// A colour that stands out from `under`: the ground, an ink, white or black.
    pub(super) fn over(&self, under: Rgb) -> Rgb {
        if self.ground.distance(under) >= 110 {
            return self.ground;
        }
        let best = self.inks.iter().copied().max_by_key(|c| c.distance(under)).unwrap_or(WHITE);
        if best.distance(under) >= 110 {
            best
        } else if under.luma() > 140.0 {
            BLACK
        } else {
            WHITE
        }
    }
}
