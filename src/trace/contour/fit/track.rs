//! The measured points of one boundary, with prefix sums that make line and circle fits between any two
//! of them a matter of subtraction.

use super::Costs;
use crate::document::Point;
use crate::trace::contour::subpixel::Sample;

/// Sums over the samples before an index: weight, and weighted moments about [`Track::origin`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) w: f64,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) xx: f64,
    pub(super) xy: f64,
    pub(super) yy: f64,
    /// Of `z = x² + y²`.
    pub(super) z: f64,
    pub(super) zx: f64,
    pub(super) zy: f64,
}

impl Sums {
    fn plus(mut self, p: Point, w: f64) -> Self {
        let z = p.x * p.x + p.y * p.y;
        self.w += w;
        self.x += w * p.x;
        self.y += w * p.y;
        self.xx += w * p.x * p.x;
        self.xy += w * p.x * p.y;
        self.yy += w * p.y * p.y;
        self.z += w * z;
        self.zx += w * z * p.x;
        self.zy += w * z * p.y;
        self
    }

    fn minus(self, o: Self) -> Self {
        Self {
            w: self.w - o.w,
            x: self.x - o.x,
            y: self.y - o.y,
            xx: self.xx - o.xx,
            xy: self.xy - o.xy,
            yy: self.yy - o.yy,
            z: self.z - o.z,
            zx: self.zx - o.zx,
            zy: self.zy - o.zy,
        }
    }
}

/// The points of one boundary, in order.
#[derive(Debug, Clone)]
pub struct Track {
    /// The points, px.
    pub points: Vec<Point>,
    /// One over σ², px⁻².
    pub weights: Vec<f64>,
    /// Length along the points up to each, px.
    pub lengths: Vec<f64>,
    /// What numbers and errors cost.
    pub costs: Costs,
    pub(super) origin: Point,
    sums: Vec<Sums>,
}

/// Distance from a break within which samples are left out of a fit, px: a corner rounds them.
const MARGIN: f64 = 1.0;

impl Track {
    /// The track of `samples`; a closed one gets its first sample again at the end.
    pub fn new(samples: impl Iterator<Item = Sample>, costs: Costs) -> Self {
        let (points, weights): (Vec<Point>, Vec<f64>) =
            samples.map(|s| (s.point, 1.0 / (s.sigma * s.sigma + costs.sigma * costs.sigma))).unzip();
        let n = points.len().max(1) as f64;
        let origin = points.iter().fold(Point::default(), |a, p| a + *p) * (1.0 / n);
        let mut lengths = Vec::with_capacity(points.len());
        let mut sums = Vec::with_capacity(points.len() + 1);
        sums.push(Sums::default());
        let mut length = 0.0;
        for (i, (p, w)) in points.iter().zip(&weights).enumerate() {
            if i > 0 {
                length += p.distance(points[i - 1]);
            }
            lengths.push(length);
            sums.push(sums[i].plus(*p - origin, *w));
        }
        Self { points, weights, lengths, costs, origin, sums }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Sums over the samples `from..to`.
    pub(super) fn sums(&self, from: usize, to: usize) -> Sums {
        self.sums[to].minus(self.sums[from])
    }

    /// The samples between breaks `i` and `j` that a fit may use, as a half-open range.
    pub(super) fn inner(&self, i: usize, j: usize) -> (usize, usize) {
        let length = self.lengths[j] - self.lengths[i];
        let margin = MARGIN.min(length * 0.2);
        let (mut a, mut b) = (i, j);
        while a < j && self.lengths[a] - self.lengths[i] < margin {
            a += 1;
        }
        while b > i && self.lengths[j] - self.lengths[b] < margin {
            b -= 1;
        }
        if b < a + 2 { (i, j + 1) } else { (a, b + 1) }
    }

    /// At most `most` of the indices `from..to`, evenly spread.
    pub(super) fn thin(from: usize, to: usize, most: usize) -> impl Iterator<Item = usize> + Clone {
        let n = to - from;
        let k = n.min(most);
        (0..k).map(move |i| if k < 2 { from } else { from + i * (n - 1) / (k - 1) })
    }
}
