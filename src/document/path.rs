//! Path data with as few bytes as the grammar allows.
//!
//! Coordinates are rounded once to integers of `10^-precision` px, and the pen is tracked in those
//! integers, so relative commands never drift. For each segment the shorter of the absolute and
//! the relative form is written; a repeated command letter is left out; `h`, `v` and `s` are used
//! where they say the same (SVG 1.1, section 8.3).

use super::{Arc, Contour, Point, Segment};

/// A point in integers of `10^-precision` px.
type Grid = (i64, i64);

/// Largest coordinate that is written, px; keeps the integers below far from overflow.
const MAX_COORDINATE: f64 = 1e9;

/// Path data of `contours`, with at most `precision` decimals; contours that vanish at that
/// precision are left out.
pub(super) fn path_data(contours: &[Contour], precision: u8) -> String {
    let mut w = PathWriter::new(precision);
    for contour in contours {
        w.contour(contour);
    }
    w.out
}

struct PathWriter {
    out: String,
    precision: usize,
    scale: f64,
    /// The letter that a command without one would repeat.
    implied: u8,
    /// Whether the last number written has a decimal point.
    point_seen: bool,
    pen: Grid,
    /// Second control point of the cubic just written.
    reflect: Option<Grid>,
}

impl PathWriter {
    fn new(precision: u8) -> Self {
        Self {
            out: String::new(),
            precision: usize::from(precision),
            scale: 10f64.powi(i32::from(precision)),
            implied: 0,
            point_seen: false,
            pen: (0, 0),
            reflect: None,
        }
    }

    fn grid(&self, p: Point) -> Grid {
        let round = |v: f64| (v.clamp(-MAX_COORDINATE, MAX_COORDINATE) * self.scale).round() as i64;
        (round(p.x), round(p.y))
    }

    fn contour(&mut self, contour: &Contour) {
        let start = self.grid(contour.start);
        let mut pieces: Vec<Piece> = Vec::with_capacity(contour.segments.len());
        let mut pen = start;
        let mut from = contour.start;
        for segment in &contour.segments {
            let piece = match *segment {
                Segment::Line(p) => Piece::Line(self.grid(p)),
                Segment::Cubic(a, b, c) => Piece::cubic(pen, self.grid(a), self.grid(b), self.grid(c)),
                Segment::Arc(arc) => Piece::Arc(arc, arc_height(&arc, from), self.grid(arc.end)),
            };
            from = segment.end();
            if let Piece::Line(end) = piece {
                if end == pen {
                    continue;
                }
                // A corner that the line before already passes through says nothing.
                if let [.., Piece::Line(middle)] = pieces[..] {
                    let before = match pieces[..] {
                        [.., ref p, _] => p.end(),
                        _ => start,
                    };
                    if between(before, middle, end) {
                        pieces.pop();
                    }
                }
            }
            pieces.push(piece);
            pen = piece.end();
        }
        // `z` draws the last straight line.
        if contour.closed
            && let Some(Piece::Line(end)) = pieces.last()
            && *end == start
        {
            pieces.pop();
        }
        let flat = pieces.iter().all(|p| matches!(p, Piece::Line(_)));
        if pieces.is_empty() || (contour.closed && flat && pieces.len() < 2) {
            return;
        }
        self.command(b'M', &[start]);
        for piece in pieces {
            self.piece(piece);
        }
        if contour.closed {
            self.out.push('z');
            self.implied = 0;
            self.pen = start;
        }
        self.reflect = None;
    }

    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Line(p) if p.1 == self.pen.1 => self.axis(b'H', p, p.0, p.0 - self.pen.0),
            Piece::Line(p) if p.0 == self.pen.0 => self.axis(b'V', p, p.1, p.1 - self.pen.1),
            Piece::Line(p) => self.command(b'L', &[p]),
            Piece::Cubic(a, b, c) => {
                let mirrored = self.reflect.map_or(self.pen, |r| (2 * self.pen.0 - r.0, 2 * self.pen.1 - r.1));
                if a == mirrored {
                    self.command(b'S', &[b, c])
                } else {
                    self.command(b'C', &[a, b, c])
                }
                self.reflect = Some(b);
            }
            Piece::Arc(arc, height, end) => self.arc(&arc, height, end),
        }
    }

    /// Writes an arc; its flags need no separators (SVG 1.1, section 8.3.9).
    fn arc(&mut self, arc: &Arc, height: f64, end: Grid) {
        let pen = self.pen;
        let place = |g: Grid| Point::new(g.0 as f64, g.1 as f64) * (1.0 / self.scale);
        let (radii, decimals) = arc_radii(arc, height, place(end) - place(pen), self.precision);
        let rotation = if radii.0 == radii.1 { 0 } else { (arc.rotation * 100.0).round() as i64 };
        let gap = |before: &str, after: &str| {
            let joined = after.starts_with('-') || (before.contains('.') && after.starts_with('.'));
            if joined { "" } else { " " }
        };
        let [rx, ry] = [radii.0, radii.1].map(|r| format_number(r, decimals));
        let rotation = format_number(rotation, 2);
        let flags = [arc.large, arc.sweep].map(|f| if f { '1' } else { '0' });
        let head = format!("{rx}{}{ry}{}{rotation} {}{}", gap(&rx, &ry), gap(&ry, &rotation), flags[0], flags[1]);
        let tail = |x: i64, y: i64| {
            let (x, y) = (format_number(x, self.precision), format_number(y, self.precision));
            (format!("{x}{}{y}", gap(&x, &y)), y.contains('.'))
        };
        let (absolute, relative) = (tail(end.0, end.1), tail(end.0 - pen.0, end.1 - pen.1));
        let (letter, (text, point)) =
            if absolute.0.len() < relative.0.len() { (b'A', absolute) } else { (b'a', relative) };
        if letter == self.implied {
            self.out.push(' ');
        } else {
            self.out.push(letter as char);
        }
        self.out.push_str(&head);
        self.out.push_str(&text);
        self.implied = letter;
        self.point_seen = point;
        self.pen = end;
        self.reflect = None;
    }

    /// Writes `upper` or its relative form, whichever is shorter, and moves the pen to the last point.
    fn command(&mut self, upper: u8, points: &[Grid]) {
        let pen = self.pen;
        let absolute: Vec<i64> = points.iter().flat_map(|p| [p.0, p.1]).collect();
        let relative: Vec<i64> = points.iter().flat_map(|p| [p.0 - pen.0, p.1 - pen.1]).collect();
        self.shorter(upper, &absolute, &relative);
        self.pen = points.last().copied().unwrap_or(pen);
        self.reflect = None;
    }

    fn axis(&mut self, upper: u8, to: Grid, absolute: i64, relative: i64) {
        self.shorter(upper, &[absolute], &[relative]);
        self.pen = to;
        self.reflect = None;
    }

    fn shorter(&mut self, upper: u8, absolute: &[i64], relative: &[i64]) {
        let (a, a_point) = self.text(upper, absolute);
        let (r, r_point) = self.text(upper.to_ascii_lowercase(), relative);
        let (text, point, letter) =
            if a.len() < r.len() { (a, a_point, upper) } else { (r, r_point, upper.to_ascii_lowercase()) };
        self.out.push_str(&text);
        self.point_seen = point;
        self.implied = match letter {
            b'M' => b'L',
            b'm' => b'l',
            other => other,
        };
    }

    /// The text of a command after what is written already, and whether it ends in a fraction.
    fn text(&self, letter: u8, numbers: &[i64]) -> (String, bool) {
        let mut text = String::with_capacity(numbers.len() * 6 + 1);
        let mut fresh = letter != self.implied;
        let mut point_seen = self.point_seen;
        if fresh {
            text.push(letter as char);
        }
        for &n in numbers {
            let number = format_number(n, self.precision);
            let apart = fresh || number.starts_with('-') || (point_seen && number.starts_with('.'));
            if !apart {
                text.push(' ');
            }
            point_seen = number.contains('.');
            text.push_str(&number);
            fresh = false;
        }
        (text, point_seen)
    }
}

#[derive(Clone, Copy)]
enum Piece {
    Line(Grid),
    Cubic(Grid, Grid, Grid),
    /// With its height above its chord, px.
    Arc(Arc, f64, Grid),
}

/// The height of an arc may be wrong by so much after rounding, px.
const ARC_ERROR: f64 = 0.005;

/// The same with its own radius, px: another one would do better over the rounded chord.
const OWN_ERROR: f64 = 0.003;

/// Half of the chord of `arc`, which runs `along` it, where its second radius is stretched to the first, px.
fn half_chord((rx, ry): (f64, f64), rotation: f64, along: Point) -> f64 {
    if rx == ry {
        return along.length() / 2.0;
    }
    let (s, c) = rotation.to_radians().sin_cos();
    (along.x * c + along.y * s).hypot((along.y * c - along.x * s) * rx / ry) / 2.0
}

/// The height of an arc of radius `r` above a chord of twice `half`, px.
fn height_above(r: f64, half: f64, large: bool) -> f64 {
    let rest = (r * r - half * half).max(0.0).sqrt();
    if large { r.max(half) + rest } else { r.max(half) - rest }
}

/// The height of an arc that begins at `from` above its chord, px, where its second radius is stretched to the first.
fn arc_height(arc: &Arc, from: Point) -> f64 {
    height_above(arc.radii.0, half_chord(arc.radii, arc.rotation, arc.end - from), arc.large)
}

/// Radii of `arc`, of the given height, over a rounded chord `along`, rounded too, and the decimals
/// that takes: near half a turn the height of an arc depends steeply on its radius. Rounded down to no more
/// than half the chord, a renderer makes exactly half a turn of it.
fn arc_radii(arc: &Arc, height: f64, along: Point, precision: usize) -> ((i64, i64), usize) {
    let (rx, ry) = arc.radii;
    let half = half_chord(arc.radii, arc.rotation, along);
    let finest = precision + 3;
    let at = |decimals: usize| 10f64.powi(decimals as i32);
    // The radius that has this height over the rounded chord.
    let r = if height > 0.0 { (half * half + height * height) / (2.0 * height) } else { rx };
    let whole = |v: f64| v.max(1.0) as i64;
    let both = |rounded: f64| {
        let second = if rx == ry { rounded } else { (rounded * ry / rx).round() };
        (whole(rounded), whole(second), half_chord((rounded.max(1.0), second.max(1.0)), arc.rotation, along))
    };
    // Its own radius comes first, so that equal ones are written alike.
    for decimals in precision..=finest {
        let scale = at(decimals);
        for (rounded, error) in
            [((rx * scale).round(), OWN_ERROR), ((r * scale).round(), ARC_ERROR), ((r * scale).floor(), ARC_ERROR)]
        {
            let (first, second, half) = both(rounded);
            if (height_above(rounded / scale, half, arc.large) - height).abs() < error {
                return ((first, second), decimals);
            }
        }
    }
    let (first, second, _) = both((r * at(finest)).round());
    ((first, second), finest)
}

impl Piece {
    /// A cubic, or the line that it cannot be told from.
    fn cubic(from: Grid, a: Grid, b: Grid, to: Grid) -> Self {
        // From a point to itself `between` holds for that point only.
        if between(from, a, to) && between(from, b, to) { Piece::Line(to) } else { Piece::Cubic(a, b, to) }
    }

    fn end(&self) -> Grid {
        match *self {
            Piece::Line(p) | Piece::Cubic(_, _, p) | Piece::Arc(_, _, p) => p,
        }
    }
}

/// Whether `b` lies on the straight line from `a` to `c`, exactly.
fn between(a: Grid, b: Grid, c: Grid) -> bool {
    let (u, v) = ((b.0 - a.0, b.1 - a.1), (c.0 - a.0, c.1 - a.1));
    let cross = i128::from(u.0) * i128::from(v.1) - i128::from(u.1) * i128::from(v.0);
    let dot = i128::from(u.0) * i128::from(v.0) + i128::from(u.1) * i128::from(v.1);
    let length = i128::from(v.0) * i128::from(v.0) + i128::from(v.1) * i128::from(v.1);
    cross == 0 && (0..=length).contains(&dot)
}

/// `n / 10^precision` in decimal, without needless zeros (`-.5`, `12`, `3.07`).
pub(crate) fn format_number(n: i64, precision: usize) -> String {
    let mut text = String::with_capacity(24);
    push_number(&mut text, n, precision);
    text
}

/// Writes what [`format_number`] says to the end of `text`.
pub(crate) fn push_number(text: &mut String, n: i64, precision: usize) {
    let (mut whole, mut fraction, mut decimals) = (n.unsigned_abs(), 0, precision);
    if let Some(unit) = u32::try_from(precision).ok().and_then(|p| 10_u64.checked_pow(p)) {
        (whole, fraction) = (whole / unit, whole % unit);
    }
    while fraction > 0 && fraction % 10 == 0 {
        fraction /= 10;
        decimals -= 1;
    }
    if n < 0 {
        text.push('-');
    }
    if whole > 0 || fraction == 0 {
        push_digits(text, whole, 1);
    }
    if fraction > 0 {
        text.push('.');
        push_digits(text, fraction, decimals);
    }
}

/// Writes `n` in decimal with at least `least` digits; the formatting machinery takes several times as
/// long, and most of a file is numbers.
fn push_digits(text: &mut String, mut n: u64, least: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while n > 0 || digits.len() - at < least.min(digits.len()) {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    text.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(f64, f64)]) -> Contour {
        Contour::polygon(&points.iter().map(|p| Point::new(p.0, p.1)).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn numbers_have_no_needless_digits() {
        let cases = [(0, "0"), (5, ".05"), (50, ".5"), (-50, "-.5"), (100, "1"), (-1205, "-12.05"), (100_000, "1000")];
        for (n, text) in cases {
            assert_eq!(format_number(n, 2), text);
        }
        assert_eq!(format_number(-7, 0), "-7");
    }

    #[test]
    fn a_square_is_as_short_as_it_gets() {
        let square = ring(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]);
        assert_eq!(path_data(&[square], 2), "m0 0h10v10H0z");
    }

    #[test]
    fn points_on_a_line_and_empty_contours_are_dropped() {
        let c = ring(&[(0.0, 0.0), (1.0, 1.0), (4.0, 4.0), (9.0, 0.0)]);
        assert_eq!(path_data(&[c], 1), "m0 0 4 4 5-4z");
        assert_eq!(path_data(&[ring(&[(0.0, 0.0), (0.001, 0.0), (0.0, 0.002)])], 2), "");
    }

    #[test]
    fn arcs_of_half_a_turn_keep_their_height_when_rounded() {
        for (r, offset) in [(256.0, 0.004), (256.01, 0.0), (100.003, 0.0), (37.337, 0.0021)] {
            let circle = crate::document::Primitive::Circle(Point::new(300.0 + offset, 300.0), r).contour();
            let data = path_data(&[circle], 2);
            let numbers: Vec<f64> =
                data[1..].split(['a', 'A']).nth(1).unwrap().split(' ').next().unwrap().parse().into_iter().collect();
            let end: f64 = (2.0 * r * 100.0).round() / 200.0;
            let drawn = numbers[0].max(end) - (numbers[0] * numbers[0] - end * end).max(0.0).sqrt();
            assert!((drawn - r).abs() < 0.03, "{r}: {data}, {drawn}");
        }
    }

    #[test]
    fn smooth_and_straight_cubics_use_their_short_forms() {
        let p = Point::new;
        let c = Contour {
            primitive: None,
            closed: true,
            start: p(0.0, 0.0),
            segments: vec![
                Segment::Cubic(p(0.0, 5.0), p(5.0, 10.0), p(10.0, 10.0)),
                Segment::Cubic(p(15.0, 10.0), p(20.0, 5.0), p(20.0, 0.0)),
                Segment::Cubic(p(15.0, 0.0), p(5.0, 0.0), p(0.0, 0.0)),
            ],
        };
        assert_eq!(path_data(&[c], 2), "m0 0c0 5 5 10 10 10S20 5 20 0z");
    }
}
