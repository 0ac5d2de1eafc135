//! Path data as absolute segments.

use super::arc::Arc;
use crate::document::Point;

/// What a `d` attribute says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Path {
    /// Its parts, each begun by a move.
    pub(crate) subpaths: Vec<Subpath>,
    /// The most decimals that any of its numbers has.
    pub(crate) decimals: usize,
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subpath {
    /// Where it begins.
    pub(crate) start: Point,
    /// What it draws.
    pub(crate) segments: Vec<Segment>,
    /// Whether `z` ends it.
    pub(crate) closed: bool,
}

/// A piece of a subpath, from the end of the piece before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Segment {
    /// A straight line to the point.
    Line(Point),
    /// A quadratic Bézier curve: control point, end.
    Quad(Point, Point),
    /// A cubic Bézier curve: two control points, end.
    Cubic(Point, Point, Point),
    /// A part of an ellipse, and its end.
    Arc(Arc, Point),
}

impl Segment {
    /// Where it ends.
    pub(crate) fn end(&self) -> Point {
        match *self {
            Segment::Line(p) | Segment::Quad(_, p) | Segment::Cubic(_, _, p) | Segment::Arc(_, p) => p,
        }
    }

    /// The same with every coordinate multiplied by `k`.
    pub(crate) fn scaled(self, k: f64) -> Self {
        let s = |p: Point| Point::new(p.x * k, p.y * k);
        match self {
            Segment::Line(p) => Segment::Line(s(p)),
            Segment::Quad(a, p) => Segment::Quad(s(a), s(p)),
            Segment::Cubic(a, b, p) => Segment::Cubic(s(a), s(b), s(p)),
            Segment::Arc(arc, p) => Segment::Arc(Arc { rx: arc.rx * k, ry: arc.ry * k, ..arc }, s(p)),
        }
    }
}

impl Path {
    /// Parses path data; `None` where a renderer would meet an error (it draws what comes before,
    /// which is nothing to rewrite).
    pub(crate) fn parse(d: &str) -> Option<Self> {
        let mut reader = Reader { bytes: d.as_bytes(), at: 0, decimals: 0 };
        let mut path = Path::default();
        let (mut pen, mut start) = (Point::default(), Point::default());
        let mut open: Option<Subpath> = None;
        // The control point that S and T mirror.
        let (mut cubic, mut quad): (Option<Point>, Option<Point>) = (None, None);
        let mut command = reader.command()?;
        if !matches!(command, b'M' | b'm') {
            return None;
        }
        loop {
            let relative = command.is_ascii_lowercase();
            let base = if relative { pen } else { Point::default() };
            let (mut next_cubic, mut next_quad) = (None, None);
            let upper = command.to_ascii_uppercase();
            if upper == b'Z' {
                let mut sub = open.take().unwrap_or(Subpath { start, segments: Vec::new(), closed: false });
                sub.closed = true;
                path.subpaths.push(sub);
                pen = start;
            } else if upper == b'M' {
                path.subpaths.extend(open.take());
                pen = reader.point(base)?;
                start = pen;
                open = Some(Subpath { start, segments: Vec::new(), closed: false });
            } else {
                let mirror = |c: Option<Point>| c.map_or(pen, |c| Point::new(2.0 * pen.x - c.x, 2.0 * pen.y - c.y));
                let segment = match upper {
                    b'L' => Segment::Line(reader.point(base)?),
                    b'H' => Segment::Line(Point::new(reader.number()? + base.x, pen.y)),
                    b'V' => Segment::Line(Point::new(pen.x, reader.number()? + base.y)),
                    b'C' => Segment::Cubic(reader.point(base)?, reader.point(base)?, reader.point(base)?),
                    b'S' => Segment::Cubic(mirror(cubic), reader.point(base)?, reader.point(base)?),
                    b'Q' => Segment::Quad(reader.point(base)?, reader.point(base)?),
                    b'T' => Segment::Quad(mirror(quad), reader.point(base)?),
                    b'A' => {
                        let (rx, ry, turn) = (reader.number()?.abs(), reader.number()?.abs(), reader.number()?);
                        let (large, sweep) = (reader.flag()?, reader.flag()?);
                        let end = reader.point(base)?;
                        if rx == 0.0 || ry == 0.0 {
                            Segment::Line(end)
                        } else {
                            Segment::Arc(Arc { rx, ry, turn, large, sweep }, end)
                        }
                    }
                    _ => return None,
                };
                match segment {
                    Segment::Cubic(_, c, _) => next_cubic = Some(c),
                    Segment::Quad(c, _) => next_quad = Some(c),
                    _ => {}
                }
                pen = segment.end();
                open.get_or_insert(Subpath { start, segments: Vec::new(), closed: false }).segments.push(segment);
            }
            (cubic, quad) = (next_cubic, next_quad);
            reader.skip_space();
            let Some(&next) = reader.bytes.get(reader.at) else { break };
            if next.is_ascii_alphabetic() {
                command = reader.command()?;
            } else if upper == b'Z' {
                return None;
            } else {
                // Further numbers repeat the command; after a move they are lines.
                reader.skip_comma();
                command = match command {
                    b'M' => b'L',
                    b'm' => b'l',
                    other => other,
                };
            }
        }
        path.subpaths.extend(open);
        path.decimals = reader.decimals;
        Some(path)
    }

    /// The box around all end and control points (arcs: around their ellipse's reach): no smaller
    /// than the path. `None` for a path without points.
    pub(crate) fn bounds(&self) -> Option<[f64; 4]> {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let mut add = |p: Point, by: f64| {
            bounds =
                [bounds[0].min(p.x - by), bounds[1].min(p.y - by), bounds[2].max(p.x + by), bounds[3].max(p.y + by)];
        };
        for sub in &self.subpaths {
            add(sub.start, 0.0);
            let mut from = sub.start;
            for segment in &sub.segments {
                match *segment {
                    Segment::Line(p) => add(p, 0.0),
                    Segment::Quad(a, p) => [a, p].into_iter().for_each(|p| add(p, 0.0)),
                    Segment::Cubic(a, b, p) => [a, b, p].into_iter().for_each(|p| add(p, 0.0)),
                    Segment::Arc(arc, p) => match arc.center(from, p) {
                        Some(center) => center.samples(16).for_each(|q| add(q, 0.01 * arc.rx.max(arc.ry))),
                        None => add(p, 0.0),
                    },
                }
                from = segment.end();
            }
        }
        (bounds[0] <= bounds[2]).then_some(bounds)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    decimals: usize,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0c)) {
            self.at += 1;
        }
    }

    fn skip_comma(&mut self) {
        self.skip_space();
        if self.bytes.get(self.at) == Some(&b',') {
            self.at += 1;
        }
        self.skip_space();
    }

    fn command(&mut self) -> Option<u8> {
        self.skip_space();
        let found = *self.bytes.get(self.at).filter(|b| b.is_ascii_alphabetic())?;
        self.at += 1;
        self.skip_space();
        Some(found)
    }

    fn number(&mut self) -> Option<f64> {
        let (value, decimals, length) = number(&self.bytes[self.at..])?;
        self.at += length;
        self.decimals = self.decimals.max(decimals);
        // A comma may follow only where a number may; what else follows ends the numbers.
        let here = self.at;
        self.skip_comma();
        if self.bytes.get(self.at).is_none_or(u8::is_ascii_alphabetic) && self.bytes[here..self.at].contains(&b',') {
            return None;
        }
        Some(value)
    }

    fn point(&mut self, base: Point) -> Option<Point> {
        let x = self.number()? + base.x;
        Some(Point::new(x, self.number()? + base.y))
    }

    fn flag(&mut self) -> Option<bool> {
        let found = match self.bytes.get(self.at)? {
            b'0' => false,
            b'1' => true,
            _ => return None,
        };
        self.at += 1;
        self.skip_comma();
        Some(found)
    }
}

/// The number at the start of `bytes` in SVG's grammar: its value, its decimals (an exponent counts
/// in), and its length.
pub(crate) fn number(bytes: &[u8]) -> Option<(f64, usize, usize)> {
    let digits = |at: usize| bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        if fraction > 0 {
            at += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return None;
    }
    let mut exponent: i64 = 0;
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let start = at + 1 + sign;
        let length = if start <= bytes.len() { digits(start) } else { 0 };
        if length > 0 {
            exponent = std::str::from_utf8(&bytes[at + 1..start + length]).ok()?.parse().ok()?;
            at = start + length;
        }
    }
    let value = match short(&bytes[..at]) {
        Some(value) => value,
        None => std::str::from_utf8(&bytes[usize::from(bytes[0] == b'+')..at]).ok()?.parse().ok()?,
    };
    let decimals = (fraction as i64).saturating_sub(exponent).clamp(0, 64);
    value.is_finite().then_some((value, decimals as usize, at))
}

/// The value of a number of few digits, as nearly all are: digits and power of ten are both exact, so their
/// quotient is rounded once and is the nearest there is. `None` for any other.
fn short(text: &[u8]) -> Option<f64> {
    /// Digits that are exact in a double, whatever they are.
    const MOST_DIGITS: usize = 15;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    if digits.len() > MOST_DIGITS {
        return None;
    }
    let (mut value, mut decimals) = (0_u64, None);
    for byte in digits {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' => decimals = Some(0),
            _ => return None,
        }
        if *byte != b'.' {
            decimals = decimals.map(|d| d + 1);
        }
    }
    let value = value as f64 / 10_u64.pow(decimals.unwrap_or(0)) as f64;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_few_digits_are_the_nearest_there_are() {
        for text in [
            "0",
            "-0",
            "12",
            "+3.25",
            ".1",
            "-.0003",
            "0.3",
            "123456.789012",
            "5.",
            "99999999999999",
            "0.1234567890123",
        ] {
            let plain: f64 = text.trim_start_matches('+').parse().unwrap();
            assert_eq!(short(text.as_bytes()).map(f64::to_bits), Some(plain.to_bits()), "{text}");
        }
        for other in ["1e3", "1234567890123456", ""] {
            assert_eq!(short(other.as_bytes()).filter(|_| !other.is_empty()), None, "{other}");
        }
    }

    #[test]
    fn the_grammar_is_read() {
        let path = Path::parse("M1,2 3 4h1v-1.5.5l1e1-1zl1 1a1 2 30 0110-.5t1 1 1 1s1 1 2 2").unwrap();
        assert_eq!(path.decimals, 1);
        assert_eq!(path.subpaths.len(), 2);
        let p = Point::new;
        assert_eq!(
            path.subpaths[0].segments[..4],
            [p(3.0, 4.0), p(4.0, 4.0), p(4.0, 2.5), p(4.0, 3.0)].map(Segment::Line)
        );
        let second = &path.subpaths[1];
        assert_eq!(second.start, p(1.0, 2.0));
        let arc = Arc { rx: 1.0, ry: 2.0, turn: 30.0, large: false, sweep: true };
        assert_eq!(second.segments[1], Segment::Arc(arc, p(12.0, 2.5)));
        // T after an arc starts straight, and then mirrors.
        assert_eq!(second.segments[2], Segment::Quad(p(12.0, 2.5), p(13.0, 3.5)));
        assert_eq!(second.segments[3], Segment::Quad(p(14.0, 4.5), p(14.0, 4.5)));
        assert_eq!(second.segments[4], Segment::Cubic(p(14.0, 4.5), p(15.0, 5.5), p(16.0, 6.5)));
    }

    #[test]
    fn what_renderers_stop_at_is_not_read() {
        for bad in [
            "",
            "L1 1",
            "M1",
            "M1 1L",
            "M1 1 2",
            "M1 1a1 1 0 2 0 1 1",
            "M0 0zx",
            "M0 0z1 1",
            "M0 0,",
            "M1 1L2,",
            "M1 1x",
        ] {
            assert_eq!(Path::parse(bad), None, "{bad}");
        }
    }
}
