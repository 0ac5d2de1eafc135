//! Decoded samples of any layout to 8-bit straight RGBA.
//!
//! A decoder writes into the *end* of the buffer that will hold the RGBA picture, and the samples
//! are widened from the front: the write position never passes the read position, so one buffer
//! is enough. 16-bit samples are narrowed in the same way.

use image::ColorType;

/// Pixels converted at a time: enough for wide instructions, little enough for the stack.
const BLOCK: usize = 64;
/// Most bytes a pixel of any layout takes.
const MAX_PIXEL: usize = 8;

/// How a decoder lays out its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Grey (1), grey and alpha (2), RGB (3) or RGBA (4).
    channels: usize,
    /// Bytes a sample: 1, or 2 in the machine's order.
    sample: usize,
}

impl Layout {
    /// RGB, 8 bits a channel.
    pub(super) const RGB8: Self = Self { channels: 3, sample: 1 };
    /// RGBA, 8 bits a channel: nothing to convert.
    pub(super) const RGBA8: Self = Self { channels: 4, sample: 1 };

    /// The layout of `color`, or nothing for floating-point samples.
    pub(super) fn of(color: ColorType) -> Option<Self> {
        let sample = match color {
            ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => 1,
            ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => 2,
            _ => return None,
        };
        Some(Self { channels: usize::from(color.channel_count()), sample })
    }

    /// Bytes a pixel.
    pub(super) fn bytes(self) -> usize {
        self.channels * self.sample
    }

    /// Whether there is no colour in it.
    pub(super) fn is_grey(self) -> bool {
        self.channels < 3
    }
}

/// A buffer that a decoder fills and that becomes the RGBA picture.
pub(super) struct Canvas {
    layout: Layout,
    pixels: usize,
    data: Vec<u8>,
}

impl Canvas {
    /// Bytes that a canvas of `pixels` pixels takes.
    pub(super) fn bytes_for(layout: Layout, pixels: u64) -> u64 {
        pixels.saturating_mul(layout.bytes().max(4) as u64)
    }

    /// An empty canvas; the caller has checked [`Canvas::bytes_for`] against its limits.
    pub(super) fn new(layout: Layout, pixels: usize) -> Self {
        Self { layout, pixels, data: vec![0; pixels * layout.bytes().max(4)] }
    }

    /// Where the decoder writes: exactly one sample buffer of the layout.
    pub(super) fn samples_mut(&mut self) -> &mut [u8] {
        let start = self.data.len() - self.pixels * self.layout.bytes();
        &mut self.data[start..]
    }

    /// The picture as 8-bit RGBA.
    pub(super) fn into_rgba(mut self) -> Vec<u8> {
        let start = self.data.len() - self.pixels * self.layout.bytes();
        match (self.layout.channels, self.layout.sample) {
            (1, 1) => self.convert::<1>(start, |[v]| [v, v, v, 255]),
            (2, 1) => self.convert::<2>(start, |[v, a]| [v, v, v, a]),
            (3, 1) => self.convert::<3>(start, |[r, g, b]| [r, g, b, 255]),
            (1, _) => self.convert::<2>(start, |[v0, v1]| {
                let v = narrow([v0, v1]);
                [v, v, v, 255]
            }),
            (2, _) => self.convert::<4>(start, |[v0, v1, a0, a1]| {
                let v = narrow([v0, v1]);
                [v, v, v, narrow([a0, a1])]
            }),
            (3, _) => self.convert::<6>(start, |[r0, r1, g0, g1, b0, b1]| {
                [narrow([r0, r1]), narrow([g0, g1]), narrow([b0, b1]), 255]
            }),
            (4, 2) => self.convert::<8>(start, |[r0, r1, g0, g1, b0, b1, a0, a1]| {
                [narrow([r0, r1]), narrow([g0, g1]), narrow([b0, b1]), narrow([a0, a1])]
            }),
            _ => {}
        }
        self.data.truncate(self.pixels * 4);
        self.data.shrink_to_fit();
        self.data
    }

    /// Widens or narrows pixels of `N` bytes, which begin at `start`, to RGBA at the front.
    fn convert<const N: usize>(&mut self, start: usize, rgba: impl Fn([u8; N]) -> [u8; 4]) {
        let mut block = [0; BLOCK * MAX_PIXEL];
        for first in (0..self.pixels).step_by(BLOCK) {
            let n = BLOCK.min(self.pixels - first);
            let from = start + first * N;
            // The block is copied out first, as its place and the place it goes to may overlap.
            block[..n * N].copy_from_slice(&self.data[from..from + n * N]);
            let source = block[..n * N].as_chunks::<N>().0;
            let target = self.data[first * 4..(first + n) * 4].as_chunks_mut::<4>().0;
            for (to, &from) in target.iter_mut().zip(source) {
                *to = rgba(from);
            }
        }
    }
}

/// A 16-bit sample to the nearest 8-bit one: `round(v / 257)` without a division, exact for every `v`.
fn narrow(sample: [u8; 2]) -> u8 {
    let v = u32::from(u16::from_ne_bytes(sample));
    ((v * 255 + 32_895) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills a canvas of `n` pixels with `bytes` repeated, and converts it.
    fn through(color: ColorType, n: usize, bytes: impl Fn(usize) -> u8) -> Vec<u8> {
        let mut canvas = Canvas::new(Layout::of(color).unwrap(), n);
        for (i, b) in canvas.samples_mut().iter_mut().enumerate() {
            *b = bytes(i);
        }
        canvas.into_rgba()
    }

    #[test]
    fn eight_bit_layouts_are_widened_without_mixing_pixels() {
        for n in [1, 2, 63, 64, 65, 1000] {
            let b = |i: usize| (i * 7 + i / 256) as u8;
            for (color, channels) in
                [(ColorType::L8, 1), (ColorType::La8, 2), (ColorType::Rgb8, 3), (ColorType::Rgba8, 4)]
            {
                let rgba = through(color, n, b);
                assert_eq!(rgba.len(), n * 4);
                for (i, p) in rgba.chunks(4).enumerate() {
                    let at = |c: usize| b(i * channels + c);
                    let want = match channels {
                        1 => [at(0), at(0), at(0), 255],
                        2 => [at(0), at(0), at(0), at(1)],
                        3 => [at(0), at(1), at(2), 255],
                        _ => [at(0), at(1), at(2), at(3)],
                    };
                    assert_eq!(p, want, "pixel {i} of {n}, {color:?}");
                }
            }
        }
    }

    #[test]
    fn sixteen_bits_round_to_the_nearest() {
        for v in 0..=u16::MAX {
            let exact = (f64::from(v) / 257.0).round() as u8;
            assert_eq!(narrow(v.to_ne_bytes()), exact, "{v}");
        }
        let sample = |i: usize| (i as u16).wrapping_mul(977).to_ne_bytes();
        let rgba = through(ColorType::Rgba16, 300, |i| sample(i / 2)[i % 2]);
        assert_eq!(rgba, (0..1200).map(|i| narrow(sample(i))).collect::<Vec<_>>());
        let rgba = through(ColorType::Rgb16, 300, |i| sample(i / 2)[i % 2]);
        assert_eq!(rgba[299 * 4..], [narrow(sample(897)), narrow(sample(898)), narrow(sample(899)), 255]);
    }
}
