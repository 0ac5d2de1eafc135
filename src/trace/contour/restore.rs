//! Stage 1, for damaged pictures: flat artwork as it was before compression or noise.
//!
//! In a clean render everything but a band of one pixel along the edges is exactly an ink. JPEG adds ringing
//! beside the edges, and colour at half the resolution bleeds over them; cameras and scanners add noise
//! everywhere. Sharper tolerances would make an ink of each ripple, wider ones would join inks that differ.
//! So the picture is explained instead: pixels are joined into regions as long as their means agree within
//! the noise (statistical region merging, Nock and Nielsen 2004), regions with an interior are the inks, and
//! every pixel becomes one ink, or along edges the blend of two that is nearest to it. What nothing explains
//! stays as it is. Later stages then see a clean picture, and a σ that says how well its blends are known.
//!
//! Distances are of luma and, with less weight where it has less resolution, chroma.

use std::collections::{HashMap, HashSet};

use super::intake::{Color, Intake, squared_distance};
use super::labels::{coverage, neighbours};
use super::palette::{MAX_INKS, NONE};

/// Samples in a row that are looked at for ripples, a count: three second differences.
const WINDOW: usize = 5;

/// Range of such samples up to which they belong to a flat area and not to an edge, 8-bit steps: more than the
/// ringing of JPEG at quality 60.
const FLAT_RANGE: u8 = 32;

/// Second difference that counts, 8-bit steps: rounding makes one.
const RIPPLES: i16 = 1;

/// Part of the changing samples with ripples, second differences of alternating signs, in a damaged picture, a
/// share: of 298 clean renders none has more than 0.034, of 360 JPEGs of quality 60 to 90 none less than 0.052.
const MIN_RIPPLES: f64 = 0.043;

/// Part of the changing samples with ripples in a damaged picture of which more than [`MIN_WAVERING`] waver, a share: the filter inside
/// WebP smooths most ripples away; of 357 lossy WebPs of quality 60 to 90 two have less.
const FEW_RIPPLES: f64 = 0.012;

/// Part of the changing samples that go up and down again without being an edge, a share: of 745 clean renders with more
/// than [`FEW_RIPPLES`] three have as many, all with fewer than [`LEAST_RIPPLES`]; of the same WebPs seven have less.
const MIN_WAVERING: f64 = 0.06;

/// Every which row and column is looked at for damage, a count: a seventh of them fix a share to a twentieth, and
/// fall on all rows of the blocks of a JPEG.
const LINE_STEP: usize = 7;

/// Least number of ripples that say something, a count: fewer are a few pixels of fine detail.
const LEAST_RIPPLES: usize = 48;

/// Least deviation of a damaged picture, 8-bit steps: rounding alone makes as much.
const LEAST_SIGMA: f32 = 0.5;

/// Weight of chroma where it was stored at half the resolution or more coarsely than luma, a ratio: the tables
/// of JPEG have steps two to three times those of luma.
const COARSE_CHROMA: f32 = 0.35;

/// Deviation everywhere against that beside edges from which noise is white, a ratio: compression leaves most of
/// a flat picture as it is, and then the first is next to none.
const WHITE: f32 = 0.5;

/// How far two samples of one ink may differ, σ: one in 400 of normal noise differs by more.
const AGREE: f32 = 3.0;

/// How far two areas of one ink may differ however large they are, 8-bit steps: each block of a JPEG has its own
/// mean to within a step or two.
const SAME_INK: f32 = 2.5;

/// Fewest pixels with their four neighbours in one region that make it an ink, a count: the crossing of two ripples
/// has fewer.
const MIN_INTERIOR: usize = 6;

/// Part of a region's interior in one exact colour from which that is its ink, a share: clipping and ringing
/// move the mean but not the commonest colour.
const MODE_SHARE: f64 = 0.2;

/// Difference from a larger region beside it up to which a narrow one is a ripple of that, σ: ringing runs along
/// edges, so its pixels agree with each other.
const RIPPLE: f32 = 4.0;

/// Part of a narrow region with its four neighbours inside it below which it may be a blend, a share: a band of
/// three pixels has a third.
const BAND: f32 = 0.4;

/// Farthest colour from a blend of inks that is one, σ: colour and luma err together where a block of JPEG holds
/// more than one edge.
const EXPLAINED: f32 = 4.0;

/// Deviation of a coverage that is read from coarse chroma, a share: at half the resolution one sample stands for
/// two pixels each way, and is smoothed again when it is enlarged.
const BLEED: f32 = 0.5;

/// What a disagreement of chroma and luma on the coverage costs against a misfit, a ratio: it only tells between
/// pairs of inks that explain a pixel alike.
const DISAGREE: f32 = 0.1;

/// Rounds of guessing what a clipped channel was, a count: the guess moves by less than a step after the third.
const UNCLIP: usize = 3;

/// Fewest pixels that touch each other and that nothing explains which are left as they are, a count: fewer are
/// the tail of the noise.
const MIN_PUZZLE: usize = 4;

/// Mean distance of such pixels from the nearest blend against [`EXPLAINED`] up to which compression made them, a
/// ratio: a mark in an ink of its own is farther from all blends.
const MISFIT: f32 = 1.6;

/// Deviation of a region's interior from its ink beyond which it is shaded, σ: those of one ink have about one.
const SHADED: f32 = 2.5;

/// Farthest inks that a blend may be made of, px: where two edges are near, both sides are farther away.
const REACH: usize = 3;

/// Least part of a pixel away from every edge that another ink may cover, a share: thin marks cover more of it,
/// ringing less.
const MARK_SHARE: f32 = 0.2;

/// Most inks that are tried on a pixel that none near it explains, the largest first, a count: each pair of them is,
/// and artwork with more has one near.
const LENT_INKS: usize = 16;

/// Rounds in which inks go on into pixels that nothing explained before, a count: each is up to three pixels, and
/// longer tips are marks.
const LENDING: usize = 12;

/// How far a picture is from a clean render.
#[derive(Debug, Clone, Copy)]
pub(super) struct Damage {
    /// Deviation of luma, 8-bit steps.
    sigma: f32,
    /// Weight of chroma against luma, a ratio.
    chroma: f32,
}

impl Damage {
    /// Whether chroma has less resolution than luma.
    fn is_coarse(self) -> bool {
        self.chroma < 1.0
    }

    /// What luma and coarse chroma know of a coverage, the reciprocals of variances, between inks whose lumas differ
    /// by `luma` and whose chromas by the root of `chroma`.
    fn known(self, luma: f32, chroma: f32) -> [f32; 2] {
        let bleed = if self.is_coarse() { BLEED } else { 0.0 };
        [(luma / self.sigma).powi(2), chroma / (self.sigma * self.sigma + bleed * bleed * chroma)]
    }

    /// Standard deviation of a coverage between `a` and `b`, a share.
    pub(super) fn coverage_deviation(self, a: Color, b: Color) -> f32 {
        let (f, b) = (seen(a, self.chroma), seen(b, self.chroma));
        let chroma = (f[1] - b[1]).powi(2) + (f[2] - b[2]).powi(2);
        let [by_luma, by_chroma] = self.known((f[0] - b[0]).hypot(f[3] - b[3]), chroma);
        1.0 / (by_luma + by_chroma).sqrt().max(1.0)
    }

    /// `p` as a blend of `f` and `b`.
    fn blend(self, p: Seen, f: Seen, b: Seen) -> Blend {
        if self.is_coarse() && f[3] == b[3] {
            return self.coarse_blend(p, f, b);
        }
        let (share, residual) = coverage(p, f, b);
        Blend { share, residual, disagreement: 0.0 }
    }

    /// The same where each pixel has a luma of its own, and chroma is that of its surroundings: it may be anywhere
    /// between the two whatever the luma. What this asks for can be out of the range of a channel, and was clipped.
    fn coarse_blend(self, mut p: Seen, f: Seen, b: Seen) -> Blend {
        let (luma, chroma) = (f[0] - b[0], [f[1] - b[1], f[2] - b[2]]);
        let square = chroma[0] * chroma[0] + chroma[1] * chroma[1];
        let part = |num: f32, den: f32| if den > 0.0 { (num / den).clamp(0.0, 1.0) } else { 0.0 };
        let stored = unseen(p, self.chroma);
        let mut round = 0;
        loop {
            let by_luma = part((p[0] - b[0]) * luma, luma * luma);
            let by_chroma = part((p[1] - b[1]) * chroma[0] + (p[2] - b[2]) * chroma[1], square);
            let wanted = [b[0] + by_luma * luma, b[1] + by_chroma * chroma[0], b[2] + by_chroma * chroma[1], p[3]];
            let color = unseen(wanted, self.chroma);
            let clipped = |c: usize| stored[c] > 254.5 && color[c] > 255.0 || stored[c] < 0.5 && color[c] < 0.0;
            if round < UNCLIP && (0..3).any(clipped) {
                p = seen(std::array::from_fn(|c| if c < 3 && clipped(c) { color[c] } else { stored[c] }), self.chroma);
                round += 1;
                continue;
            }
            // Each counts by what it knows of the coverage.
            let [known_by_luma, known_by_chroma] = self.known(luma, square);
            let known = known_by_luma + known_by_chroma;
            let share = if known > 0.0 { (by_luma * known_by_luma + by_chroma * known_by_chroma) / known } else { 0.0 };
            let disagreement = (by_luma - by_chroma).abs() * square.sqrt();
            return Blend { share, residual: squared_distance(p, wanted).sqrt(), disagreement };
        }
    }
}

/// How a pixel is made of two inks.
struct Blend {
    /// Of the first.
    share: f32,
    /// Distance of the pixel from it, 8-bit steps.
    residual: f32,
    /// How far chroma is from where luma has it, 8-bit steps.
    disagreement: f32,
}

/// Luma, weighted chroma and alpha: a colour in which noise is alike in all directions.
type Seen = [f32; 4];

fn seen(c: Color, chroma: f32) -> Seen {
    let y = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
    [y, chroma * 0.564 * (c[2] - y), chroma * 0.713 * (c[0] - y), c[3]]
}

/// The colour that is [`seen`] as `s`.
fn unseen(s: Seen, chroma: f32) -> Color {
    let (b, r) = (s[0] + s[1] / (0.564 * chroma), s[0] + s[2] / (0.713 * chroma));
    [r, (s[0] - 0.299 * r - 0.114 * b) / 0.587, b, s[3]]
}

/// Whether there is damage, and how much.
fn measure(intake: &Intake) -> Option<Damage> {
    let (w, h) = (intake.width, intake.height);
    let mut found = Ripples::default();
    for y in (1..h).step_by(LINE_STEP) {
        found.look(&intake.pixels[y * w..(y + 1) * w]);
    }
    let mut column = Vec::with_capacity(h);
    for x in (1..w).step_by(LINE_STEP) {
        column.clear();
        column.extend(intake.pixels.iter().skip(x).step_by(w));
        found.look(&column);
    }
    let n = found.ripples as f64;
    let changing = found.changing as f64;
    let wavering = n >= FEW_RIPPLES * changing && found.wavering as f64 >= MIN_WAVERING * changing;
    if found.ripples < LEAST_RIPPLES || !wavering && n < MIN_RIPPLES * changing {
        return intake.known_noise.map(|noise| Damage { sigma: noise.max(LEAST_SIGMA), chroma: COARSE_CHROMA });
    }
    let [luma, chroma] = found.spread.map(|s| s / n);
    let white = f64::from(intake.measure_noise()) >= f64::from(WHITE) * luma.sqrt();
    let weight = if white { 1.0 } else { COARSE_CHROMA };
    // Tones of grey have luma alone; of two directions in which there is noise each has a half.
    let both = luma + f64::from(weight * weight) * chroma;
    let sigma = (luma.max(both / 2.0).sqrt() as f32).max(LEAST_SIGMA);
    Some(Damage { sigma, chroma: weight })
}

/// What lines of pixels say about damage.
#[derive(Default)]
struct Ripples {
    /// Windows that are not constant, and those of them with ripples.
    changing: usize,
    ripples: usize,
    /// Windows that go up and down by more than rounding, and are no edge.
    wavering: usize,
    /// Sums of the variances of luma and of both chromas where there are ripples, 8-bit steps².
    spread: [f64; 2],
}

impl Ripples {
    fn look(&mut self, line: &[[u8; 4]]) {
        for window in line.windows(WINDOW) {
            let middle = WINDOW / 2;
            if window.iter().all(|p| u32::from_ne_bytes(*p) == u32::from_ne_bytes(window[middle])) {
                continue;
            }
            self.changing += 1;
            let alternates = (0..4).any(|c| {
                let at = |k: usize| i16::from(window[k][c]);
                let second = [1, 2, 3].map(|k| 2 * at(k) - at(k - 1) - at(k + 1));
                let sign = second.map(|d| if d.abs() > RIPPLES { d.signum() } else { 0 });
                sign[0] != 0 && sign[1] == -sign[0] && sign[2] == sign[0]
            });
            let range = |c: usize| {
                let values = window.iter().map(|p| p[c]);
                values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
            };
            if (0..4).any(|c| range(c) > FLAT_RANGE) {
                continue;
            }
            self.wavering += usize::from((0..4).any(|c| {
                let steps = || window.windows(2).map(|w| i16::from(w[1][c]) - i16::from(w[0][c]));
                steps().any(|d| d > RIPPLES) && steps().any(|d| d < -RIPPLES)
            }));
            if !alternates {
                continue;
            }
            self.ripples += 1;
            let seen: Vec<Seen> = window.iter().map(|p| seen(p.map(f32::from), 1.0)).collect();
            for c in 0..3 {
                let mean = seen.iter().map(|s| s[c]).sum::<f32>() / WINDOW as f32;
                let variance = seen.iter().map(|s| (s[c] - mean).powi(2)).sum::<f32>() / (WINDOW - 1) as f32;
                self.spread[usize::from(c > 0)] += f64::from(variance);
            }
        }
    }
}

/// Regions being merged.
struct Forest {
    parent: Vec<u32>,
    count: Vec<u32>,
    sum: Vec<Seen>,
}

impl Forest {
    fn root(&mut self, mut i: u32) -> u32 {
        while self.parent[i as usize] != i {
            self.parent[i as usize] = self.parent[self.parent[i as usize] as usize];
            i = self.parent[i as usize];
        }
        i
    }

    fn mean(&self, root: u32) -> Seen {
        let n = self.count[root as usize] as f32;
        self.sum[root as usize].map(|s| s / n)
    }
}

/// For each pixel the region whose mean agrees with it within the noise, as the index of one of its pixels.
fn merge(pixels: &[Seen], w: usize, h: usize, sigma: f32) -> Vec<u32> {
    let n = w * h;
    let key = |i: usize, j: usize| squared_distance(pixels[i], pixels[j]).sqrt().min(255.0) as usize;
    // Pairs of neighbours by their difference: a counting sort.
    let pairs = || (0..n).flat_map(move |i| [(i, i + 1, (i + 1) % w != 0), (i, i + w, i + w < n)]);
    let farthest = (AGREE * sigma * std::f32::consts::SQRT_2 + SAME_INK).ceil() as usize;
    let mut starts = vec![0usize; 257];
    for (i, j, _) in pairs().filter(|p| p.2) {
        starts[key(i, j) + 1] += 1;
    }
    for k in 0..256 {
        starts[k + 1] += starts[k];
    }
    let mut sorted = vec![(0u32, false); starts[256]];
    for (i, j, _) in pairs().filter(|p| p.2) {
        let k = key(i, j);
        sorted[starts[k]] = (i as u32, j == i + 1);
        starts[k] += 1;
    }
    let most = starts[farthest.min(255)];
    let mut forest = Forest { parent: (0..n as u32).collect(), count: vec![1; n], sum: pixels.to_vec() };
    let allowed = |count: u32| (AGREE * sigma).powi(2) / count as f32;
    for (i, right) in &sorted[..most] {
        let j = if *right { i + 1 } else { i + w as u32 };
        let (a, b) = (forest.root(*i), forest.root(j));
        if a == b {
            continue;
        }
        let bound = allowed(forest.count[a as usize]) + allowed(forest.count[b as usize]) + SAME_INK * SAME_INK;
        if squared_distance(forest.mean(a), forest.mean(b)) <= bound {
            let (keep, go) = if forest.count[a as usize] >= forest.count[b as usize] { (a, b) } else { (b, a) };
            forest.parent[go as usize] = keep;
            forest.count[keep as usize] += forest.count[go as usize];
            forest.sum[keep as usize] =
                std::array::from_fn(|c| forest.sum[keep as usize][c] + forest.sum[go as usize][c]);
        }
    }
    (0..n as u32).map(|i| forest.root(i)).collect()
}

/// A region with an interior.
struct Area {
    root: u32,
    /// Pixels in all, and with their four neighbours inside.
    pixels: usize,
    interior: usize,
    /// Whether it is wider than four pixels somewhere.
    wide: bool,
    color: Color,
    /// Deviation from its colour, 8-bit steps.
    deviation: f32,
}

/// The regions that have an interior, the largest first.
fn areas(intake: &Intake, region: &[u32], damage: Damage) -> Vec<Area> {
    #[derive(Default)]
    struct Sum {
        pixels: usize,
        interior: usize,
        wide: bool,
        sum: [f64; 4],
        counts: HashMap<[u8; 4], u32>,
        color: Color,
        spread: f64,
    }
    let (w, h) = (intake.width, intake.height);
    // Beyond the rim everything goes on as it is.
    let eroded = |inside: &dyn Fn(usize, u32) -> bool| -> Vec<bool> {
        let within = |i: usize| {
            let (x, y, r) = (i % w, i / w, region[i]);
            inside(i, r)
                && (x == 0 || inside(i - 1, r))
                && (x + 1 == w || inside(i + 1, r))
                && (y == 0 || inside(i - w, r))
                && (y + 1 == h || inside(i + w, r))
        };
        (0..w * h).map(within).collect()
    };
    let interior = eroded(&|i, r| region[i] == r);
    let deep = eroded(&|i, r| region[i] == r && interior[i]);
    let mut sums: HashMap<u32, Sum> = HashMap::new();
    for i in (0..w * h).filter(|i| interior[*i]) {
        let s = sums.entry(region[i]).or_default();
        s.interior += 1;
        s.wide |= deep[i];
        (0..4).for_each(|c| s.sum[c] += f64::from(intake.pixels[i][c]));
        *s.counts.entry(intake.pixels[i]).or_default() += 1;
    }
    sums.retain(|_, s| s.interior >= MIN_INTERIOR);
    for s in sums.values_mut() {
        let n = s.interior as f64;
        let mode = s.counts.iter().max_by_key(|(c, n)| (**n, std::cmp::Reverse(**c)));
        let mode = mode.filter(|(_, k)| f64::from(**k) >= MODE_SHARE * n);
        s.color = mode.map_or(s.sum.map(|v| (v / n) as f32), |(c, _)| c.map(f32::from));
    }
    for i in 0..w * h {
        if let Some(s) = sums.get_mut(&region[i]) {
            s.pixels += 1;
            if interior[i] {
                let d = squared_distance(seen(intake.color(i), damage.chroma), seen(s.color, damage.chroma));
                s.spread += f64::from(d);
            }
        }
    }
    let area = |(root, s): (u32, Sum)| Area {
        root,
        pixels: s.pixels,
        interior: s.interior,
        wide: s.wide,
        color: s.color,
        deviation: (s.spread / s.interior as f64).sqrt() as f32,
    };
    let mut areas: Vec<Area> = sums.into_iter().map(area).collect();
    areas.sort_by_key(|a| (std::cmp::Reverse(a.interior), a.root));
    areas
}

/// Inks, each also as it is [`Seen`], and the index of one for each pixel.
type Inks = (Vec<(Color, Seen)>, Vec<u16>);

/// The inks, and which of them each pixel is where its region is one, else [`NONE`]; nothing when there are more
/// than [`MAX_INKS`].
fn inks(intake: &Intake, region: &[u32], areas: &[Area], damage: Damage) -> Option<Inks> {
    let (w, h, sigma) = (intake.width, intake.height, damage.sigma);
    let mut inks: Vec<(Color, Seen)> = Vec::new();
    let mut ink_of: HashMap<u32, u16> = HashMap::new();
    // What agrees with a larger one joins it.
    let join = |area: &Area, inks: &mut Vec<(Color, Seen)>| -> u16 {
        let color = seen(area.color, damage.chroma);
        let bound = SAME_INK + AGREE * sigma / (area.interior as f32 / 4.0).max(1.0).sqrt();
        let near = (0..inks.len())
            .min_by(|a, b| squared_distance(inks[*a].1, color).total_cmp(&squared_distance(inks[*b].1, color)));
        near.filter(|k| squared_distance(inks[*k].1, color) <= bound * bound).unwrap_or_else(|| {
            inks.push((area.color, color));
            inks.len() - 1
        }) as u16
    };
    let even = |area: &&Area| area.deviation <= SHADED * sigma + SAME_INK;
    for area in areas.iter().filter(even).filter(|a| a.wide) {
        ink_of.insert(area.root, join(area, &mut inks));
        if inks.len() > MAX_INKS {
            return None;
        }
    }
    let narrow: HashMap<u32, &Area> = areas.iter().filter(even).filter(|a| !a.wide).map(|a| (a.root, a)).collect();
    if !narrow.is_empty() {
        let sure: Vec<u16> = region.iter().map(|r| ink_of.get(r).copied().unwrap_or(NONE)).collect();
        let mut beside: HashMap<u32, Vec<u16>> = HashMap::new();
        for i in (0..w * h).filter(|i| narrow.contains_key(&region[*i])) {
            let known = beside.entry(region[i]).or_default();
            for (ink, _) in neighbours(&sure, w, h, i, REACH) {
                if !known.contains(&ink) {
                    known.push(ink);
                }
            }
        }
        for area in areas.iter().filter(|a| narrow.contains_key(&a.root)) {
            let color = seen(area.color, damage.chroma);
            let known = beside.get(&area.root).map_or(&[][..], |k| k);
            let nearest = known.iter().copied().min_by(|a, b| {
                squared_distance(inks[usize::from(*a)].1, color)
                    .total_cmp(&squared_distance(inks[usize::from(*b)].1, color))
            });
            let ripple = RIPPLE * sigma + SAME_INK;
            if let Some(ink) = nearest.filter(|k| squared_distance(inks[usize::from(*k)].1, color) <= ripple * ripple) {
                ink_of.insert(area.root, ink);
                continue;
            }
            let around: Vec<(u16, usize)> = known.iter().map(|k| (*k, 1)).collect();
            let band = (area.interior as f32) < BAND * area.pixels as f32;
            if band
                && explain(&color, &around, &inks, damage).is_some_and(|(cost, _)| cost <= EXPLAINED * sigma + SAME_INK)
            {
                continue;
            }
            ink_of.insert(area.root, join(area, &mut inks));
            if inks.len() > MAX_INKS {
                return None;
            }
        }
    }
    let sure = region.iter().map(|r| ink_of.get(r).copied().unwrap_or(NONE)).collect();
    Some((inks, sure))
}

/// A damaged picture and its inks.
struct Picture<'a> {
    pixels: &'a [Seen],
    w: usize,
    h: usize,
    inks: &'a [(Color, Seen)],
    damage: Damage,
}

/// Explains `puzzling` pixels, with their misfits, by inks that are farther away: a tip is thinner than an ink's own
/// evidence. An ink goes on from pixels that it explains already; then any ink will do.
fn lend(
    picture: &Picture<'_>,
    sure: &[u16],
    tolerance: f32,
    mixes: &mut HashMap<usize, Mix>,
    puzzling: &mut Vec<(usize, f32)>,
) {
    let Picture { pixels, w, h, inks, damage } = *picture;
    let mut known = sure.to_vec();
    let unknown: HashSet<usize> = puzzling.iter().map(|(i, _)| *i).collect();
    for (i, mix) in mixes.iter().filter(|(i, _)| !unknown.contains(i)) {
        known[*i] = mix.most();
    }
    let all: Vec<(u16, usize)> = (0..inks.len().min(LENT_INKS) as u16).map(|k| (k, REACH)).collect();
    // What any ink may explain, once none goes on: it would explain what compression made of an edge, too.
    let mut marks: Option<HashSet<usize>> = None;
    let marks_of = |puzzling: &[(usize, f32)]| -> HashSet<usize> {
        let lone = no_marks(puzzling, w, h, MISFIT * tolerance);
        puzzling.iter().map(|(i, _)| *i).filter(|i| !lone.contains(i)).collect()
    };
    for round in 1..=LENDING {
        if round == LENDING {
            marks.get_or_insert_with(|| marks_of(puzzling));
        }
        let mut found = Vec::new();
        puzzling.retain_mut(|(i, cost)| {
            let mut around = neighbours(&known, w, h, *i, REACH);
            if marks.as_ref().is_some_and(|m| m.contains(i)) {
                let near = around.clone();
                around.extend(all.iter().filter(|(k, _)| near.iter().all(|(n, _)| n != k)));
            }
            if let Some((least, mix)) = explain(&pixels[*i], &around, inks, damage)
                && least < *cost
            {
                *cost = least;
                mixes.insert(*i, mix);
                if least <= tolerance {
                    found.push((*i, mix.most()));
                    return false;
                }
            }
            true
        });
        if found.is_empty() {
            if marks.is_some() {
                return;
            }
            marks = Some(marks_of(puzzling));
        }
        for (i, ink) in found {
            known[i] = ink;
        }
    }
}

/// Those of the `puzzling` pixels, with their misfits, that are no marks: in groups of fewer than
/// [`MIN_PUZZLE`], or nearly explained.
fn no_marks(puzzling: &[(usize, f32)], w: usize, h: usize, nearly: f32) -> HashSet<usize> {
    let cost: HashMap<usize, f32> = puzzling.iter().copied().collect();
    let mut left: HashSet<usize> = cost.keys().copied().collect();
    let mut lone = HashSet::new();
    for (start, _) in puzzling {
        if !left.remove(start) {
            continue;
        }
        let mut group = vec![*start];
        let mut at = 0;
        while at < group.len() {
            let (x, y) = (group[at] % w, group[at] / w);
            for yy in y.saturating_sub(1)..(y + 2).min(h) {
                for xx in x.saturating_sub(1)..(x + 2).min(w) {
                    if left.remove(&(yy * w + xx)) {
                        group.push(yy * w + xx);
                    }
                }
            }
            at += 1;
        }
        let mean = group.iter().filter_map(|i| cost.get(i)).sum::<f32>() / group.len() as f32;
        if group.len() < MIN_PUZZLE || mean < nearly {
            lone.extend(group);
        }
    }
    lone
}

/// A pixel as a blend of two inks.
#[derive(Debug, Clone, Copy)]
struct Mix {
    main: u16,
    other: u16,
    /// Of `main`.
    share: f32,
}

impl Mix {
    /// The ink that has most of it.
    fn most(self) -> u16 {
        if self.share >= 0.5 { self.main } else { self.other }
    }
}

/// Takes damage out of `intake` where there is some; whether there was.
pub(super) fn restore(intake: &mut Intake) -> bool {
    let Some(damage) = measure(intake) else { return false };
    let (w, h) = (intake.width, intake.height);
    let sigma = damage.sigma;
    let pixels: Vec<Seen> = (0..w * h).map(|i| seen(intake.color(i), damage.chroma)).collect();
    let region = merge(&pixels, w, h, sigma);
    let areas = areas(intake, &region, damage);

    let Some((inks, sure)) = inks(intake, &region, &areas, damage) else { return false };
    let shaded: HashSet<u32> =
        areas.iter().filter(|a| a.deviation > SHADED * sigma + SAME_INK).map(|a| a.root).collect();

    // What is no ink is a blend of those around it.
    let tolerance = EXPLAINED * sigma + SAME_INK;
    let mut mixes: HashMap<usize, Mix> = HashMap::new();
    let mut puzzling: Vec<(usize, f32)> = Vec::new();
    for i in (0..w * h).filter(|i| sure[*i] == NONE && !shaded.contains(&region[*i])) {
        match explain(&pixels[i], &neighbours(&sure, w, h, i, REACH), &inks, damage) {
            Some((cost, mix)) => {
                mixes.insert(i, mix);
                if cost > tolerance {
                    puzzling.push((i, cost));
                }
            }
            None => puzzling.push((i, f32::INFINITY)),
        }
    }
    lend(&Picture { pixels: &pixels, w, h, inks: &inks, damage }, &sure, tolerance, &mut mixes, &mut puzzling);
    let lone = no_marks(&puzzling, w, h, MISFIT * tolerance);
    let left = puzzling.len() - lone.len();
    tracing::debug!(sigma, chroma = damage.chroma, inks = inks.len(), unexplained = left, "damage");
    for (i, _) in puzzling.iter().filter(|(i, _)| !lone.contains(i)) {
        mixes.remove(i);
    }
    let label = |i: usize| -> u16 {
        if sure[i] != NONE {
            return sure[i];
        }
        match mixes.get(&i) {
            Some(mix) => mix.most(),
            None => NONE,
        }
    };
    let labels: Vec<u16> = (0..w * h).map(label).collect();
    let bytes = |c: Color| c.map(|v| v.round().clamp(0.0, 255.0) as u8);
    let mut restored = intake.pixels.clone();
    for i in 0..w * h {
        let own = labels[i];
        if own == NONE {
            continue;
        }
        let ink = inks[usize::from(own)];
        let near = neighbours(&labels, w, h, i, 1);
        let mut best = (ink.0, squared_distance(pixels[i], ink.1).sqrt());
        let mut blends = |other: u16, least: f32| {
            let (f, b) = (inks[usize::from(own)], inks[usize::from(other)]);
            if squared_distance(f.1, b.1).sqrt() < AGREE * sigma {
                return;
            }
            let Blend { share, residual, .. } = damage.blend(pixels[i], f.1, b.1);
            if residual < best.1 && 1.0 - share >= least {
                best = (std::array::from_fn(|c| b.0[c] + share * (f.0[c] - b.0[c])), residual);
            }
        };
        near.iter().filter(|(other, _)| *other != own).for_each(|(other, _)| blends(*other, 0.0));
        if let Some(mix) = mixes.get(&i) {
            let other = if mix.main == own { mix.other } else { mix.main };
            if other != own {
                blends(other, MARK_SHARE);
            }
        }
        restored[i] = bytes(best.0);
    }
    intake.pixels = restored;
    intake.noise = 0.0;
    intake.deviation = sigma;
    intake.damage = Some(damage);
    true
}

/// The cheapest explanation of `p` by one or two of the inks around it, and what it costs, 8-bit steps.
fn explain(p: &Seen, around: &[(u16, usize)], inks: &[(Color, Seen)], damage: Damage) -> Option<(f32, Mix)> {
    // What is farther away must explain better by more than noise.
    let far = |r: usize| (r as f32 - 1.0) * 0.5 * damage.sigma;
    let mut best: Option<(f32, f32, Mix)> = None;
    let mut offer = |residual: f32, more: f32, mix: Mix| {
        let cost = residual + more;
        if best.is_none_or(|(c, ..)| cost < c) {
            best = Some((cost, residual, mix));
        }
    };
    for (k, (a, ra)) in around.iter().enumerate() {
        let first = &inks[usize::from(*a)].1;
        offer(squared_distance(*p, *first).sqrt(), far(*ra), Mix { main: *a, other: *a, share: 1.0 });
        for (b, rb) in &around[..k] {
            let second = &inks[usize::from(*b)].1;
            let Blend { share, residual, disagreement } = damage.blend(*p, *first, *second);
            let more = far(*ra.max(rb)) + DISAGREE * disagreement;
            offer(residual, more, Mix { main: *a, other: *b, share });
        }
    }
    best.map(|(_, residual, mix)| (residual, mix))
}
