//! Resampling a raster by whole factors before it is traced.
//!
//! An engine that thresholds places edges on the pixel grid. Fed a smoothly enlarged picture it
//! thresholds between the pixels, which recovers part of what anti-aliasing says about where the
//! edge lies. Averages are taken premultiplied, so that colours under zero alpha have no weight.

use crate::{Raster, Result};

/// `values` (`width` x `height`, one byte each) enlarged `factor` times by linear interpolation
/// between pixel centres; edges repeat.
pub(super) fn enlarge_plane(values: &[u8], width: usize, height: usize, factor: usize) -> Vec<u8> {
    let columns = taps(width, factor);
    let rows = taps(height, factor);
    let mut out = Vec::with_capacity(width * factor * height * factor);
    let mut line = vec![0u32; width * factor];
    for &(y0, y1, wy) in &rows {
        let (a, b) = (&values[y0 * width..][..width], &values[y1 * width..][..width]);
        for (slot, &(x0, x1, wx)) in line.iter_mut().zip(&columns) {
            let top = u32::from(a[x0]) * (FRACTION - wx) + u32::from(a[x1]) * wx;
            let bottom = u32::from(b[x0]) * (FRACTION - wx) + u32::from(b[x1]) * wx;
            *slot = top * (FRACTION - wy) + bottom * wy;
        }
        out.extend(line.iter().map(|v| ((v + FRACTION * FRACTION / 2) / (FRACTION * FRACTION)) as u8));
    }
    out
}

/// One in fixed point.
const FRACTION: u32 = 256;

/// For each enlarged position: the two source positions around it and the weight of the second.
fn taps(size: usize, factor: usize) -> Vec<(usize, usize, u32)> {
    (0..size * factor)
        .map(|i| {
            let position = (i as f64 + 0.5) / factor as f64 - 0.5;
            let low = position.floor();
            let clamp = |v: f64| (v.max(0.0) as usize).min(size - 1);
            (clamp(low), clamp(low + 1.0), ((position - low) * f64::from(FRACTION)).round() as u32)
        })
        .collect()
}

/// `raster` enlarged `factor` times.
pub(super) fn enlarge(raster: &Raster, factor: u32) -> Result<Raster> {
    let (w, h, k) = (raster.width() as usize, raster.height() as usize, factor as usize);
    let plane = |c: usize| -> Vec<u8> {
        let source: Vec<u8> =
            raster.pixels().iter().map(|p| if c == 3 { p[3] } else { premultiply(p[c], p[3]) }).collect();
        enlarge_plane(&source, w, h, k)
    };
    let [r, g, b, a] = [0, 1, 2, 3].map(plane);
    let mut data = Vec::with_capacity(r.len() * 4);
    for (((r, g), b), a) in r.into_iter().zip(g).zip(b).zip(a) {
        data.extend([r, g, b].map(|v| demultiply(u32::from(v), u32::from(a))));
        data.push(a);
    }
    Raster::new(raster.width() * factor, raster.height() * factor, data)
}

/// `raster` reduced `factor` times by averaging blocks; a last, smaller block keeps its own average.
pub(super) fn reduce(raster: &Raster, factor: u32) -> Result<Raster> {
    let (w, h) = (raster.width().div_ceil(factor), raster.height().div_ceil(factor));
    let mut data = Vec::with_capacity(w as usize * h as usize * 4);
    for y in 0..h {
        for x in 0..w {
            let mut sum = [0u64; 4];
            let mut n = 0;
            for yy in y * factor..((y + 1) * factor).min(raster.height()) {
                for xx in x * factor..((x + 1) * factor).min(raster.width()) {
                    let p = raster.pixel(xx, yy);
                    let a = u64::from(p[3]);
                    for c in 0..3 {
                        sum[c] += u64::from(p[c]) * a;
                    }
                    sum[3] += a;
                    n += 1;
                }
            }
            let weight = sum[3].max(1);
            data.extend([0, 1, 2].map(|c| ((sum[c] + weight / 2) / weight) as u8));
            data.push(((sum[3] + n / 2) / n.max(1)) as u8);
        }
    }
    Raster::new(w, h, data)
}

fn premultiply(value: u8, alpha: u8) -> u8 {
    ((u32::from(value) * u32::from(alpha) + 127) / 255) as u8
}

fn demultiply(value: u32, alpha: u32) -> u8 {
    (value * 255 + alpha / 2).checked_div(alpha).unwrap_or(0).min(255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_plane_stays_flat_and_a_step_keeps_its_place() {
        assert!(enlarge_plane(&[77; 12], 4, 3, 3).iter().all(|v| *v == 77));
        let wide = enlarge_plane(&[0, 0, 255, 255], 4, 1, 4);
        assert_eq!(wide.iter().filter(|v| **v >= 128).count(), 2 * 16 / 4 * 4, "half of 4 rows of 16");
        assert_eq!(wide.len(), 64);
    }

    #[test]
    fn colours_do_not_bleed_from_transparent_pixels() {
        let raster = Raster::new(2, 1, vec![255, 0, 0, 255, 0, 255, 0, 0]).unwrap();
        for p in enlarge(&raster, 4).unwrap().pixels().iter().filter(|p| p[3] > 64) {
            assert!(p[0] > 250 && p[1] == 0, "{p:?}");
        }
        assert_eq!(reduce(&raster, 2).unwrap().pixel(0, 0), [255, 0, 0, 128]);
    }
}
