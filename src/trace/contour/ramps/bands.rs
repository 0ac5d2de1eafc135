//! Areas that no gradients of SVG explain, as conical ones and meshes: the fewest flat bands whose colours are within a
//! stated difference.
//!
//! The colours of an area are divided until each part is within `MAX_DELTA_E` of its middle. Colours along a line, as those
//! of a conical gradient are, go one after the other, each part as long as it may be; others are halved across
//! their longest extent. Then the pixels are made what a renderer would make of such bands, so that the later stages find their
//! edges as they do those of flat artwork.

use palette::color_difference::Ciede2000;

use super::Ramp;
use super::geometry::Sample;
use crate::score::color::{LabColor, ToLab};
use crate::trace::contour::intake::Intake;

/// Largest CIEDE2000 between a pixel and the band that it is in, ΔE₀₀: 1 is the least that is seen side by side, and on
/// average a band is off by half of this.
pub(in crate::trace::contour) const MAX_DELTA_E: f32 = 2.0;

/// Largest CIEDE2000 between an area and its gradients, the mean, ΔE₀₀: bands are as close, and have no shapes that were not
/// drawn.
pub(super) const MAX_MEAN: f32 = 1.0;

/// Fewest pixels of an area that becomes bands, a count: a smaller one has few for each of them.
pub(super) const MIN_PIXELS: usize = 5000;

/// Most bands of an area, a count: one with more is a photograph, and left as it is.
const MAX_BANDS: usize = 400;

/// Places along a side of a pixel that tell which bands it is made of, a count: its coverages are then known to a sixteenth,
/// and the edges of bands are hardly seen.
const PLACES: usize = 4;

/// Alpha from which a pixel is opaque, 8-bit steps: rounding takes no more than one off.
const OPAQUE: u8 = 254;

/// What became bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    /// How many there are.
    pub count: usize,
    /// Pixels of the areas.
    pub pixels: usize,
    /// The mean CIEDE2000 between these and their bands.
    pub mean: f32,
    /// The share of them that is within `MAX_DELTA_E`.
    pub within: f32,
}

impl Bands {
    /// What reports say of them, in a picture of so many pixels.
    pub fn note(&self, of: usize) -> String {
        let share = 100.0 * self.pixels as f64 / of.max(1) as f64;
        format!(
            "no gradients explain {share:.0} % of the picture: {} flat bands have {:.1} % of that within ΔE00 {MAX_DELTA_E}, {:.2} off \
             in the mean",
            self.count,
            100.0 * self.within,
            self.mean
        )
    }
}

/// A colour of an area.
#[derive(Debug, Clone, Copy)]
struct Shade {
    rgb: [u8; 3],
    lab: LabColor,
}

impl Shade {
    fn new(rgb: [u8; 3], to_lab: &ToLab) -> Self {
        Self { rgb, lab: to_lab.lab(rgb) }
    }

    fn place(&self) -> [f32; 3] {
        [self.lab.l, self.lab.a, self.lab.b]
    }

    fn off(&self, other: &Self) -> f32 {
        if self.rgb == other.rgb { 0.0 } else { self.lab.difference(other.lab) }
    }
}

/// Makes bands of the `areas` of opaque pixels, each by itself.
pub(in crate::trace::contour) fn make(intake: &mut Intake, areas: &[Vec<u32>]) -> Option<Bands> {
    if areas.is_empty() {
        return None;
    }
    let to_lab = ToLab::new();
    let mut all = Bands { count: 0, pixels: 0, mean: 0.0, within: 0.0 };
    for area in areas {
        if area.iter().any(|i| intake.pixels[*i as usize][3] < OPAQUE) {
            continue;
        }
        let mut colors: Vec<[u8; 3]> = area.iter().map(|i| rgb(intake, *i as usize)).collect();
        let before = colors.clone();
        colors.sort_unstable();
        colors.dedup();
        let shades: Vec<Shade> = colors.iter().map(|c| Shade::new(*c, &to_lab)).collect();
        let Some(bands) = divide(shades, &to_lab) else { continue };
        let own = draw(intake, area, &bands, &to_lab);
        for (color, band) in before.iter().zip(own) {
            let off = bands[usize::from(band)].off(&Shade::new(*color, &to_lab));
            all.mean += off;
            all.within += f32::from(u8::from(off <= MAX_DELTA_E));
        }
        all.count += bands.len();
        all.pixels += area.len();
    }
    all.mean /= all.pixels.max(1) as f32;
    all.within /= all.pixels.max(1) as f32;
    (all.count > 0).then_some(all)
}

/// CIEDE2000 between `ramp` and `samples`, the mean.
pub(super) fn mean_off(ramp: &Ramp, samples: &[Sample]) -> f32 {
    let to_lab = ToLab::new();
    let byte = |v: f32| v.round().clamp(0.0, 255.0) as u8;
    let off = |s: &Sample| {
        let [r, g, b, _] = ramp.at(s.point).map(byte);
        let [x, y, z, _] = s.value.map(|v| byte(v as f32));
        to_lab.delta_e([r, g, b], [x, y, z])
    };
    samples.iter().map(off).sum::<f32>() / samples.len().max(1) as f32
}

fn rgb(intake: &Intake, i: usize) -> [u8; 3] {
    let [r, g, b, _] = intake.pixels[i];
    [r, g, b]
}

/// The band that is nearest to a colour, of those in `among`.
fn nearest(color: LabColor, bands: &[Shade], among: impl Iterator<Item = u16>) -> u16 {
    let off = |k: u16| bands[usize::from(k)].lab.difference(color);
    among.map(|k| (off(k), k)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, k)| k)
}

/// The colour in the middle of others.
fn middle(shades: &[Shade], to_lab: &ToLab) -> Shade {
    let mut sum = [0usize; 3];
    shades.iter().for_each(|s| (0..3).for_each(|c| sum[c] += usize::from(s.rgb[c])));
    let n = shades.len().max(1);
    Shade::new(sum.map(|v| ((v + n / 2) / n).min(255) as u8), to_lab)
}

/// Whether colours are one band.
fn agree(shades: &[Shade], to_lab: &ToLab) -> bool {
    let middle = middle(shades, to_lab);
    shades.iter().all(|s| s.off(&middle) <= MAX_DELTA_E)
}

/// The bands of the colours of an area; `None` when there would be too many.
fn divide(shades: Vec<Shade>, to_lab: &ToLab) -> Option<Vec<Shade>> {
    let mut waiting = vec![shades];
    let mut parts: Vec<Vec<Shade>> = Vec::new();
    while let Some(mut shades) = waiting.pop() {
        if shades.len() < 2 || agree(&shades, to_lab) {
            parts.push(shades);
        } else {
            let axis = sort_along(&mut shades);
            let first = longest(&shades, to_lab);
            // Thin across its longest extent: one part after the other. Else its halves.
            let along = |s: &Shade| (0..3).map(|c| s.place()[c] * axis[c]).sum::<f32>();
            let extent = along(&shades[shades.len() - 1]) - along(&shades[0]);
            let thin = along(&shades[first - 1]) - along(&shades[0]) > THIN * MAX_DELTA_E;
            let at = if thin {
                first
            } else {
                let half = along(&shades[0]) + extent / 2.0;
                shades.partition_point(|s| along(s) < half).clamp(1, shades.len() - 1)
            };
            let rest = shades.split_off(at);
            waiting.extend([rest, shades]);
        }
        if parts.len() + waiting.len() > 2 * MAX_BANDS {
            return None;
        }
    }
    unite(&mut parts, to_lab);
    (parts.len() <= MAX_BANDS).then(|| parts.iter().map(|part| middle(part, to_lab)).collect())
}

/// Extent of a part along its colours from which these lie on a line, of the largest difference, a ratio: the part is
/// nearly as long as it may be, so that none of it goes across.
const THIN: f32 = 1.0;

/// Sorts colours along their longest extent, which is returned.
fn sort_along(shades: &mut [Shade]) -> [f32; 3] {
    let n = shades.len() as f32;
    let mut mean = [0.0f32; 3];
    shades.iter().for_each(|s| (0..3).for_each(|c| mean[c] += s.place()[c] / n));
    let mut m = [[0.0f32; 3]; 3];
    for s in shades.iter() {
        let d: [f32; 3] = std::array::from_fn(|c| s.place()[c] - mean[c]);
        (0..3).for_each(|i| (0..3).for_each(|j| m[i][j] += d[i] * d[j]));
    }
    // The power method: a few rounds tell the longest from the others well enough.
    let mut axis = [0.57f32, 0.58, 0.59];
    for _ in 0..POWER_ROUNDS {
        let next: [f32; 3] = std::array::from_fn(|i| (0..3).map(|j| m[i][j] * axis[j]).sum());
        let size = next.iter().map(|v| v * v).sum::<f32>().sqrt();
        if !(size > 0.0) {
            break;
        }
        axis = next.map(|v| v / size);
    }
    let along = |s: &Shade| (0..3).map(|c| s.place()[c] * axis[c]).sum::<f32>();
    shades.sort_by(|a, b| along(a).total_cmp(&along(b)).then(a.rgb.cmp(&b.rgb)));
    axis
}

/// Rounds of the power method, a count: an axis that is twice as long as the next one is then told to a millionth.
const POWER_ROUNDS: usize = 12;

/// How many colours from the first one on are one band: all of them, or as many as may be.
fn longest(shades: &[Shade], to_lab: &ToLab) -> usize {
    let (mut fits, mut too_many) = (1, shades.len());
    while too_many - fits > 1 {
        let half = fits.midpoint(too_many);
        if agree(&shades[..half], to_lab) { fits = half } else { too_many = half }
    }
    fits
}

/// Puts parts together that are one band, the nearest first.
fn unite(parts: &mut Vec<Vec<Shade>>, to_lab: &ToLab) {
    loop {
        let middles: Vec<Shade> = parts.iter().map(|p| middle(p, to_lab)).collect();
        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for i in 0..parts.len() {
            for j in i + 1..parts.len() {
                let off = middles[i].off(&middles[j]);
                if off <= 2.0 * MAX_DELTA_E {
                    pairs.push((off, i, j));
                }
            }
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut gone = vec![false; parts.len()];
        let mut touched = vec![false; parts.len()];
        for (_, i, j) in pairs {
            if touched[i] || touched[j] {
                continue;
            }
            let both = [&parts[i][..], &parts[j][..]].concat();
            if agree(&both, to_lab) {
                parts[i] = both;
                (touched[i], touched[j], gone[j]) = (true, true, true);
            }
        }
        if !gone.contains(&true) {
            return;
        }
        let mut gone = gone.into_iter();
        parts.retain(|_| !gone.next().unwrap_or(false));
    }
}

/// Reach of the mean that smooths the colours of an area, px: rounding to 8 bits makes steps of them that are several pixels
/// wide, and edges between bands would follow these.
const SMOOTHED: usize = 4;

/// How often that mean is taken, a count: twice is a triangle.
const SMOOTHINGS: usize = 2;

/// Makes the pixels of `area` what a renderer makes of its bands. Returns the band of each of them.
fn draw(intake: &mut Intake, area: &[u32], bands: &[Shade], to_lab: &ToLab) -> Vec<u16> {
    let field = Field::new(intake, area);
    let all: Vec<u16> = (0..bands.len() as u16).collect();
    let place = |k: u16| bands[usize::from(k)].place();
    let mut own: Vec<u16> = (0..area.len())
        .map(|n| {
            let color = to_lab.lab_between(field.colors[n]);
            // The formula is dear: for those only that may be the nearest.
            let at = [color.l, color.a, color.b];
            let away = |k: u16| (0..3).map(|c| (place(k)[c] - at[c]).powi(2)).sum::<f32>();
            let least = all.iter().map(|k| away(*k)).fold(f32::INFINITY, f32::min);
            nearest(color, bands, all.iter().copied().filter(|k| away(*k) <= 4.0 * least + 1.0))
        })
        .collect();
    field
        .absorb_specks(&mut own, |n, among| nearest(to_lab.lab_between(field.colors[n]), bands, among.iter().copied()));
    for (n, i) in area.iter().enumerate() {
        let mut near = [own[n]; 9];
        for (slot, (dx, dy)) in near.iter_mut().zip((-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)))) {
            *slot = own[field.beside(n, dx, dy)];
        }
        near.sort_unstable();
        let mut sum = [0u32; 3];
        if near[0] == near[8] {
            sum = bands[usize::from(own[n])].rgb.map(u32::from);
        } else {
            for k in 0..PLACES * PLACES {
                let at = |k: usize| (k as f32 + 0.5) / PLACES as f32 - 0.5;
                let color = to_lab.lab_between(field.between(n, at(k % PLACES), at(k / PLACES)));
                let among = (0..9).filter(|k| *k == 0 || near[*k] != near[*k - 1]).map(|k| near[k]);
                let band = &bands[usize::from(nearest(color, bands, among))];
                (0..3).for_each(|c| sum[c] += u32::from(band.rgb[c]));
            }
            let n = (PLACES * PLACES) as u32;
            sum = sum.map(|v| (v + n / 2) / n);
        }
        let [r, g, b] = sum.map(|v| v.min(255) as u8);
        let pixel = &mut intake.pixels[*i as usize];
        *pixel = [r, g, b, pixel[3]];
    }
    own
}

/// The colours of an area, smoothed.
struct Field {
    /// For each pixel of the box around it its number in the area, or [`OUTSIDE`].
    number: Vec<u32>,
    width: usize,
    height: usize,
    /// Where each pixel of the area is in the box.
    places: Vec<usize>,
    colors: Vec<[f32; 3]>,
}

/// Pixels of a piece of a band below which it goes to those around it, a count: a shape of fewer says nothing.
const SPECK: usize = 24;

/// Steps to the four pixels beside one, px: those across a corner are not beside it.
const SIDES: [(isize, isize); 4] = [(1, 0), (-1, 0), (0, 1), (0, -1)];

/// No pixel of the area, an index: no picture has as many.
const OUTSIDE: u32 = u32::MAX;

impl Field {
    fn new(intake: &Intake, area: &[u32]) -> Self {
        let (mut low, mut high) = ((usize::MAX, usize::MAX), (0, 0));
        let at = |i: u32| (i as usize % intake.width, i as usize / intake.width);
        for (x, y) in area.iter().map(|i| at(*i)) {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        let (width, height) = (high.0 + 1 - low.0, high.1 + 1 - low.1);
        let places: Vec<usize> = area.iter().map(|i| (at(*i).1 - low.1) * width + at(*i).0 - low.0).collect();
        let mut number = vec![OUTSIDE; width * height];
        (0u32..).zip(&places).for_each(|(n, place)| number[*place] = n);
        let colors = area.iter().map(|i| rgb(intake, *i as usize).map(f32::from)).collect();
        let mut field = Self { number, width, height, places, colors };
        for _ in 0..SMOOTHINGS {
            field.smooth(true);
            field.smooth(false);
        }
        field
    }

    /// Gives each pixel the mean of those of the area up to [`SMOOTHED`] away in its row or its column, as many on one side as
    /// on the other: a slope is then not bent at its end.
    fn smooth(&mut self, rows: bool) {
        let (lines, length) = if rows { (self.height, self.width) } else { (self.width, self.height) };
        let mut smoothed = self.colors.clone();
        for line in 0..lines {
            let number = |k: usize| self.number[if rows { line * self.width + k } else { k * self.width + line }];
            let mut from = 0;
            while from < length {
                if number(from) == OUTSIDE {
                    from += 1;
                    continue;
                }
                let to = (from..length).find(|k| number(*k) == OUTSIDE).unwrap_or(length);
                let mut sums = vec![[0.0f64; 3]; to - from + 1];
                for k in from..to {
                    let color = self.colors[number(k) as usize];
                    sums[k - from + 1] = std::array::from_fn(|c| sums[k - from][c] + f64::from(color[c]));
                }
                for k in from..to {
                    let reach = SMOOTHED.min(k - from).min(to - 1 - k);
                    let (a, b) = (sums[k - reach - from], sums[k + reach + 1 - from]);
                    let n = (2 * reach + 1) as f64;
                    smoothed[number(k) as usize] = std::array::from_fn(|c| ((b[c] - a[c]) / n) as f32);
                }
                from = to;
            }
        }
        self.colors = smoothed;
    }

    /// The pixel of the area beside the `n`th, or that itself.
    fn beside(&self, n: usize, dx: isize, dy: isize) -> usize {
        let (x, y) = (self.places[n] % self.width, self.places[n] / self.width);
        let there = x.checked_add_signed(dx).zip(y.checked_add_signed(dy));
        let there = there.filter(|(x, y)| *x < self.width && *y < self.height);
        let other = there.map_or(OUTSIDE, |(x, y)| self.number[y * self.width + x]);
        if other == OUTSIDE { n } else { other as usize }
    }

    /// Gives specks of a band to those around them, as `choose` has it: towards the middle of a conical gradient bands are
    /// narrower than a pixel, and fall apart.
    fn absorb_specks(&self, own: &mut [u16], choose: impl Fn(usize, &[u16]) -> u16) {
        let specks = self.specks(own);
        self.hand_over(own, specks, choose);
    }

    /// Which pixels are in a piece of a band of fewer than [`SPECK`].
    fn specks(&self, own: &[u16]) -> Vec<bool> {
        let mut specks = vec![false; own.len()];
        let mut seen = vec![false; own.len()];
        for start in 0..own.len() {
            if seen[start] {
                continue;
            }
            seen[start] = true;
            let mut piece = vec![start];
            let mut k = 0;
            while k < piece.len() {
                for (dx, dy) in SIDES {
                    let other = self.beside(piece[k], dx, dy);
                    if own[other] == own[start] && !seen[other] {
                        seen[other] = true;
                        piece.push(other);
                    }
                }
                k += 1;
            }
            if piece.len() < SPECK {
                piece.iter().for_each(|n| specks[*n] = true);
            }
        }
        specks
    }

    /// Lets the bands beside pixels that are `open` flow into these.
    fn hand_over(&self, own: &mut [u16], mut open: Vec<bool>, choose: impl Fn(usize, &[u16]) -> u16) {
        let mut left: Vec<usize> = (0..own.len()).filter(|n| open[*n]).collect();
        loop {
            let mut reached: Vec<(usize, u16)> = Vec::new();
            for n in &left {
                let beside = SIDES.map(|(dx, dy)| self.beside(*n, dx, dy));
                let among: Vec<u16> = beside.into_iter().filter(|k| !open[*k]).map(|k| own[k]).collect();
                if !among.is_empty() {
                    reached.push((*n, choose(*n, &among)));
                }
            }
            if reached.is_empty() {
                return;
            }
            for (n, band) in reached {
                (own[n], open[n]) = (band, false);
            }
            left.retain(|n| open[*n]);
        }
    }

    /// The colour at a place of the `n`th pixel, as far from its middle as `(x, y)`, px.
    fn between(&self, n: usize, x: f32, y: f32) -> [f32; 3] {
        let (dx, dy) = (if x < 0.0 { -1 } else { 1 }, if y < 0.0 { -1 } else { 1 });
        let (x, y) = (x.abs(), y.abs());
        let parts = [
            (n, (1.0 - x) * (1.0 - y)),
            (self.beside(n, dx, 0), x * (1.0 - y)),
            (self.beside(n, 0, dy), (1.0 - x) * y),
            (self.beside(n, dx, dy), x * y),
        ];
        std::array::from_fn(|c| parts.iter().map(|(k, share)| self.colors[*k][c] * share).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shades(colors: impl Iterator<Item = [u8; 3]>, to_lab: &ToLab) -> Vec<Shade> {
        let mut all: Vec<[u8; 3]> = colors.collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|c| Shade::new(c, to_lab)).collect()
    }

    fn off(shade: &Shade, bands: &[Shade]) -> f32 {
        bands[usize::from(nearest(shade.lab, bands, 0..bands.len() as u16))].off(shade)
    }

    #[test]
    fn greys_have_as_few_bands_as_their_bound_allows() {
        let to_lab = ToLab::new();
        let greys = shades((0..=255).map(|v| [v; 3]), &to_lab);
        let bands = divide(greys.clone(), &to_lab).unwrap();
        let worst = greys.iter().map(|s| off(s, &bands)).fold(0.0, f32::max);
        let length: f32 = greys.windows(2).map(|w| w[0].off(&w[1])).sum();
        assert!(worst <= MAX_DELTA_E + 0.3, "{worst}");
        // A band is twice as long as the bound; rounding leaves a few more.
        assert!((bands.len() as f32) < length / (2.0 * MAX_DELTA_E) * 1.25 + 1.0, "{} for {length}", bands.len());
    }

    #[test]
    fn a_plane_of_colours_is_covered() {
        let to_lab = ToLab::new();
        let plane = shades((0..64u8).flat_map(|a| (0..64u8).map(move |b| [100 + a, 90 + b, 120])), &to_lab);
        let bands = divide(plane.clone(), &to_lab).unwrap();
        let worst = plane.iter().map(|s| off(s, &bands)).fold(0.0, f32::max);
        assert!(worst <= MAX_DELTA_E && bands.len() > 20, "{worst} with {}", bands.len());
    }
}
