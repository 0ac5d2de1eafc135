//! Path data in few bytes.
//!
//! As in [`crate::document`]'s writer, numbers are integers of a grid and the pen is where the text
//! puts it, so relative commands never drift. Here every command is kept, and a number may be
//! anything within `slack` of its place: of all such decimals the shortest is written.

use super::arc::Arc;
use super::data::{Path, Segment};
use super::distance;
use crate::document::{self, Point};

/// How finely to write.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    /// Decimals of a number, at most.
    pub(crate) decimals: usize,
    /// How far a coordinate may be from its place, user units; 0 writes what there is.
    pub(crate) slack: f64,
}

type Dot = (i64, i64);

/// Largest coordinate that is rewritten, user units.
const MAX_COORDINATE: f64 = 1e9;

/// Decimals of the angle of an ellipse, degrees, where there may be slack.
const TURN_DECIMALS: usize = 2;

/// Whether a grid of so many decimals can hold the path's numbers.
pub(crate) fn fits(path: &Path, decimals: usize) -> bool {
    let limit = MAX_COORDINATE.min(9e15 / 10f64.powi(decimals as i32));
    !path.bounds().is_some_and(|b| b.iter().any(|v| v.abs() > limit))
}

/// The path as text with all its decimals; `None` when it has numbers that no grid can hold.
pub(crate) fn exactly(path: &Path) -> Option<String> {
    write(path, Grid { decimals: path.decimals, slack: 0.0 })
}

/// The path as text; `None` when it has numbers that the grid cannot hold.
pub(crate) fn write(path: &Path, grid: Grid) -> Option<String> {
    let scale = 10f64.powi(grid.decimals as i32);
    if !fits(path, grid.decimals) {
        return None;
    }
    let mut w = Writer {
        out: String::with_capacity(64),
        grid,
        scale,
        slack: (grid.slack * scale + 1e-9).floor() as i64,
        snap: (grid.slack * scale).round() as i64,
        implied: 0,
        dotted: false,
        pen: (0, 0),
        cubic: None,
        quad: None,
        spare: Vec::new(),
    };
    let mut after_z = false;
    for sub in &path.subpaths {
        // After `z` the pen is back at the start, where a part may begin without a move.
        if !(after_z && !sub.segments.is_empty() && w.dot(sub.start) == w.pen) {
            w.command(b'M', &[w.dot(sub.start)], None);
        }
        after_z = sub.closed;
        let start = w.pen;
        let mut from = sub.start;
        let last = sub.segments.len().wrapping_sub(1);
        for (i, segment) in sub.segments.iter().enumerate() {
            // `z` draws the last straight line.
            let by_z = sub.closed && i == last && i > 0;
            if !(by_z && matches!(segment, Segment::Line(p) if w.is_at(*p, start))) {
                w.segment(from, segment, if sub.closed && i == last { Some(start) } else { None });
            }
            from = segment.end();
        }
        if sub.closed {
            w.out.push('z');
            w.pen = start;
        }
        (w.implied, w.cubic, w.quad) = if sub.closed { (0, None, None) } else { (w.implied, None, None) };
        w.dotted &= !sub.closed;
    }
    Some(w.out)
}

struct Writer {
    out: String,
    grid: Grid,
    scale: f64,
    /// The slack in grid steps.
    slack: i64,
    /// How far a control point may be from the place that S and T give it, in grid steps.
    snap: i64,
    /// The letter that a command without one would repeat.
    implied: u8,
    /// Whether the last number has a decimal point.
    dotted: bool,
    pen: Dot,
    /// Last control points of the curve just written, for S and T.
    cubic: Option<Dot>,
    quad: Option<Dot>,
    /// Texts of earlier commands, to write into: two are made for every command.
    spare: Vec<String>,
}

/// A command as it could be written.
struct Form {
    text: String,
    dotted: bool,
    letter: u8,
    /// Its points, where the text puts them.
    points: [Dot; MOST_POINTS],
}

/// Points of a command, at most: a cubic's.
const MOST_POINTS: usize = 3;

impl Writer {
    fn dot(&self, p: Point) -> Dot {
        ((p.x * self.scale).round() as i64, (p.y * self.scale).round() as i64)
    }

    fn point(&self, d: Dot) -> Point {
        Point::new(d.0 as f64 / self.scale, d.1 as f64 / self.scale)
    }

    fn is_at(&self, p: Point, d: Dot) -> bool {
        let q = self.dot(p);
        (q.0 - d.0).abs() <= self.slack && (q.1 - d.1).abs() <= self.slack
    }

    /// Writes a segment that begins at `from`, or near it: where the pen is. It ends at `end` when
    /// that is given and not far.
    fn segment(&mut self, from: Point, segment: &Segment, end: Option<Dot>) {
        let last = |w: &Self, p: Point| end.filter(|e| w.is_at(p, *e)).unwrap_or(w.dot(p));
        match *segment {
            Segment::Line(p) => {
                let p = last(self, p);
                let near = |a: i64, b: i64| (a - b).abs() <= self.slack;
                if near(p.1, self.pen.1) {
                    self.axis(b'H', p.0);
                } else if near(p.0, self.pen.0) {
                    self.axis(b'V', p.1);
                } else {
                    self.command(b'L', &[p], None);
                }
            }
            Segment::Quad(a, p) => {
                let (a, p) = (self.dot(a), last(self, p));
                let mirrored = self.mirror(self.quad);
                let control = if self.near(a, mirrored) {
                    self.command(b'T', &[p], None);
                    mirrored
                } else {
                    self.command(b'Q', &[a, p], None)[0]
                };
                self.quad = Some(control);
            }
            Segment::Cubic(a, b, p) => {
                let (a, b, p) = (self.dot(a), self.dot(b), last(self, p));
                let control = if self.near(a, self.mirror(self.cubic)) {
                    self.command(b'S', &[b, p], None)[0]
                } else {
                    self.command(b'C', &[a, b, p], None)[1]
                };
                self.cubic = Some(control);
            }
            Segment::Arc(arc, p) => self.arc(from, arc, p, end),
        }
    }

    fn mirror(&self, control: Option<Dot>) -> Dot {
        control.map_or(self.pen, |c| (2 * self.pen.0 - c.0, 2 * self.pen.1 - c.1))
    }

    fn near(&self, a: Dot, b: Dot) -> bool {
        (a.0 - b.0).abs() <= self.snap && (a.1 - b.1).abs() <= self.snap
    }

    /// Writes an arc whose ends may have moved: its radius is chosen anew, so that its middle stays.
    fn arc(&mut self, from: Point, arc: Arc, to: Point, end: Option<Dot>) {
        let target = end.filter(|e| self.is_at(to, *e)).unwrap_or(self.dot(to));
        if self.slack == 0 && self.grid.slack == 0.0 {
            self.command(b'A', &[target], Some(self.arc_numbers(arc)));
            return;
        }
        let Some(wanted) = arc.center(from, to) else { return };
        let round = arc.rx == arc.ry;
        let mut best: Option<(f64, Arc)> = None;
        let (a, b) = (self.pen, target);
        let rounded = |r: f64, by: i64| (((r * self.scale).round() as i64 + by).max(1)) as f64 / self.scale;
        let reach = if round { 2 } else { 0 };
        for by in [0, 1, -1, 2, -2].into_iter().filter(|by: &i64| by.abs() <= reach) {
            for large in [arc.large, !arc.large] {
                if large != arc.large && !wanted.is_delicate() {
                    continue;
                }
                let (rx, ry) = (rounded(arc.rx, by), rounded(arc.ry, by));
                let turn = (arc.turn * 100.0).round() / 100.0;
                let candidate = Arc { rx, ry, large, turn: if round { 0.0 } else { turn }, ..arc };
                let Some(got) = candidate.center(self.point(a), self.point(b)) else { continue };
                let mut off =
                    [0.25, 0.5, 0.75].map(|t| distance(got.at(t), wanted.at(t))).into_iter().fold(0.0, f64::max);
                if !round {
                    // The end is rounded once more; a flat ellipse that just fits its ends turns with them.
                    for (dx, dy) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                        let end = self.point(b);
                        let moved = Point::new(end.x + dx * self.grid.slack, end.y + dy * self.grid.slack);
                        let Some(got) = candidate.center(self.point(a), moved) else { continue };
                        let strayed = distance(got.at(0.5), wanted.at(0.5)) - self.grid.slack;
                        off = off.max(strayed);
                    }
                }
                if best.as_ref().is_none_or(|(d, _)| off < 0.7 * d) {
                    best = Some((off, candidate));
                }
            }
        }
        // The end points have moved by up to the slack in each direction, and so may the middle.
        let bound = 2.0 * self.grid.slack.max(0.5 / self.scale);
        match best {
            Some((off, arc)) if off <= bound => {
                self.command(b'A', &[target], Some(self.arc_numbers(arc)));
            }
            _ => {
                let mut at = from;
                for cubic in wanted.cubics() {
                    self.segment(at, &cubic, None);
                    at = cubic.end();
                }
            }
        }
    }

    /// The numbers and flags of an arc before its end: text, ready but for a separator.
    fn arc_numbers(&self, arc: Arc) -> ArcNumbers {
        let radius = |r: f64| number_text((r * self.scale).round() as i64, self.grid.decimals);
        let turn = if arc.rx == arc.ry && self.grid.slack > 0.0 {
            "0".to_string()
        } else {
            let decimals = if self.grid.slack > 0.0 { TURN_DECIMALS } else { self.grid.decimals };
            number_text((arc.turn * 10f64.powi(decimals as i32)).round() as i64, decimals)
        };
        ArcNumbers { radii: [radius(arc.rx), radius(arc.ry)], turn, large: arc.large, sweep: arc.sweep }
    }

    /// Writes `upper` or its relative form, whichever is shorter, and says where its points are then.
    fn command(&mut self, upper: u8, points: &[Dot], arc: Option<ArcNumbers>) -> [Dot; MOST_POINTS] {
        let absolute = self.form(upper, points, arc.as_ref(), (0, 0));
        let relative = self.form(upper.to_ascii_lowercase(), points, arc.as_ref(), self.pen);
        let placed = self.take(absolute, relative);
        self.pen = placed[points.len() - 1];
        placed
    }

    fn axis(&mut self, upper: u8, to: i64) {
        let horizontal = upper == b'H';
        let make = |w: &mut Self, letter: u8, base: i64| {
            let n = w.shortest(to - base);
            let mut form = w.open(letter);
            w.put(&mut form, n);
            let at = n + base;
            form.points[0] = if horizontal { (at, w.pen.1) } else { (w.pen.0, at) };
            form
        };
        let absolute = make(self, upper, 0);
        let relative = make(self, upper.to_ascii_lowercase(), if horizontal { self.pen.0 } else { self.pen.1 });
        self.pen = self.take(absolute, relative)[0];
    }

    /// Writes the shorter of both, and says where its points are.
    fn take(&mut self, absolute: Form, relative: Form) -> [Dot; MOST_POINTS] {
        let same_case = self.implied.is_ascii_uppercase();
        let (a, r) = (absolute.text.len(), relative.text.len());
        let (form, other) = if a < r || (a == r && same_case && self.implied != 0) {
            (absolute, relative)
        } else {
            (relative, absolute)
        };
        self.out.push_str(&form.text);
        self.dotted = form.dotted;
        self.implied = match form.letter {
            b'M' => b'L',
            b'm' => b'l',
            other => other,
        };
        (self.cubic, self.quad) = (None, None);
        self.spare.extend([form.text, other.text]);
        form.points
    }

    fn open(&mut self, letter: u8) -> Form {
        let mut text = self.spare.pop().unwrap_or_default();
        text.clear();
        let mut form = Form { text, dotted: self.dotted, letter, points: [(0, 0); MOST_POINTS] };
        if letter != self.implied {
            form.text.push(letter as char);
            form.dotted = false;
        }
        form
    }

    fn form(&mut self, letter: u8, points: &[Dot], arc: Option<&ArcNumbers>, base: Dot) -> Form {
        let mut form = self.open(letter);
        if let Some(arc) = arc {
            put_text(&mut form, &arc.radii[0], letter != self.implied);
            put_text(&mut form, &arc.radii[1], false);
            put_text(&mut form, &arc.turn, false);
            form.text.push(' ');
            form.text.push(if arc.large { '1' } else { '0' });
            form.text.push(if arc.sweep { '1' } else { '0' });
            // Right after a flag a number needs no separator.
            form.dotted = false;
        }
        let after_flags = arc.is_some();
        for (i, p) in points.iter().enumerate() {
            let (x, y) = (self.shortest(p.0 - base.0), self.shortest(p.1 - base.1));
            if after_flags && i == 0 {
                let from = form.text.len();
                push_number(&mut form.text, x, self.grid.decimals);
                form.dotted = form.text.as_bytes()[from..].contains(&b'.');
            } else {
                self.put(&mut form, x);
            }
            self.put(&mut form, y);
            form.points[i] = (x + base.0, y + base.1);
        }
        form
    }

    fn put(&self, form: &mut Form, n: i64) {
        let fresh = form.text.len() == 1 && form.text.as_bytes()[0].is_ascii_alphabetic();
        let from = form.text.len();
        push_number(&mut form.text, n, self.grid.decimals);
        let number = &form.text.as_bytes()[from..];
        let apart = fresh || number[0] == b'-' || (form.dotted && number[0] == b'.');
        form.dotted = number.contains(&b'.');
        if !apart {
            form.text.insert(from, ' ');
        }
    }

    /// The number within the slack of `n` that has the fewest decimals.
    fn shortest(&self, n: i64) -> i64 {
        if self.slack == 0 {
            return n;
        }
        let mut step = 10i64.pow(self.grid.decimals as u32);
        while step > 1 {
            let rounded = (n as f64 / step as f64).round() as i64 * step;
            if (rounded - n).abs() <= self.slack {
                return rounded;
            }
            step /= 10;
        }
        n
    }
}

/// An arc's numbers as text.
struct ArcNumbers {
    radii: [String; 2],
    turn: String,
    large: bool,
    sweep: bool,
}

fn put_text(form: &mut Form, text: &str, fresh: bool) {
    let apart = fresh || text.starts_with('-') || (form.dotted && text.starts_with('.'));
    if !apart {
        form.text.push(' ');
    }
    form.text.push_str(text);
    form.dotted = text.contains('.');
}

/// `n / 10^decimals` in as few bytes as there are: `-.5`, `12`, `3.07`, and `5e3` for many zeros.
pub(crate) fn number_text(n: i64, decimals: usize) -> String {
    let mut text = String::with_capacity(24);
    push_number(&mut text, n, decimals);
    text
}

/// Writes what [`number_text`] says to the end of `text`.
fn push_number(text: &mut String, n: i64, decimals: usize) {
    let from = text.len();
    document::push_number(text, n, decimals);
    let number = &text.as_bytes()[from..];
    if number.ends_with(b"000") && !number.contains(&b'.') {
        let zeros = number.iter().rev().take_while(|d| **d == b'0').count();
        text.truncate(text.len() - zeros);
        text.push('e');
        document::push_number(text, zeros as i64, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::svg::steps::gradients::tight_box;

    fn exact(d: &str) -> String {
        let path = Path::parse(d).unwrap();
        write(&path, Grid { decimals: path.decimals, slack: 0.0 }).unwrap()
    }

    #[test]
    fn the_short_forms_are_used() {
        for (d, short) in [
            ("M 10 10 L 20 10 L 20 20 L 10 20 Z", "m10 10h10v10H10z"),
            ("M0 0C0 5 5 10 10 10C15 10 20 5 20 0", "m0 0c0 5 5 10 10 10S20 5 20 0"),
            ("M0.5,0.5L1.5,0.5L-0.5,0.25", "m.5.5h1l-2-.25"),
            ("M0 0Q1 1 2 0Q3-1 4 0", "m0 0q1 1 2 0t2 0"),
            ("M5 5 a1.5,1.5 0 0 1 3 0 1.5,1.5 0 0 1 -3,0", "m5 5a1.5 1.5 0 013 0A1.5 1.5 0 015 5"),
            ("M2 2h5000", "m2 2h5e3"),
        ] {
            assert_eq!(exact(d), short, "{d}");
        }
    }

    #[test]
    fn slack_buys_shorter_numbers_without_drift() {
        let path = Path::parse("M0 0l1.04 1.04 1.04 1.04 1.04 1.04 1.04 1.04 1.04 1.04").unwrap();
        let text = write(&path, Grid { decimals: 2, slack: 0.05 }).unwrap();
        let again = Path::parse(&text).unwrap();
        let (a, b) = (&path.subpaths[0].segments, &again.subpaths[0].segments);
        assert!(a.iter().zip(b).all(|(a, b)| (a.end().x - b.end().x).abs() <= 0.0501), "{text}");
        assert!(text.len() < 40, "{text}");
    }

    #[test]
    fn half_circles_keep_their_side_when_rounded() {
        for d in
            ["M3.004 0a2.996 2.996 0 0 1 5.99.004", "M3.004 0a2.996 2.996 0 1 1 5.99.004", "M0 0a5 5 0 1 1 .02-.01"]
        {
            let path = Path::parse(d).unwrap();
            let text = write(&path, Grid { decimals: 1, slack: 0.05 }).unwrap();
            let again = Path::parse(&text).unwrap();
            let (a, b) = (tight_box(&path).unwrap(), tight_box(&again).unwrap());
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.3), "{d} became {text}");
        }
    }
}
