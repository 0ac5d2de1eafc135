//! A small alphabet of our own, as pen strokes: no font is read.
//!
//! A glyph is a skeleton on a grid where capitals reach from y 0 to y 100 (the baseline), small
//! letters start at y 36 and descenders end at y 132. Weight, contrast, slant and serifs are added
//! when a word is drawn, which makes many faces out of one skeleton.

use std::fmt::Write;

use super::canvas::{Canvas, number};
use super::colour::Rgb;
use super::shapes::P;

/// How a word is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Face {
    /// Height of capitals, user units.
    pub(super) size: f64,
    /// Pen width, share of the size.
    pub(super) weight: f64,
    /// How much thicker upright strokes are than level ones; 1 is even.
    pub(super) contrast: f64,
    /// Slant to the right, x per y.
    pub(super) slant: f64,
    /// Whether stems end in serifs.
    pub(super) serif: bool,
    /// Whether stroke ends are round.
    pub(super) round: bool,
    /// Space between letters, share of the size.
    pub(super) spacing: f64,
}

/// Skeleton and width of a character; unknown ones are drawn as a dash.
fn skeleton(c: char) -> (f64, &'static str) {
    match c {
        'A' => (60.0, "M0 100L30 0L60 100M11 64L49 64"),
        'B' => (56.0, "M0 48L32 48C64 48 64 100 32 100L0 100L0 0L28 0C56 0 56 48 28 48"),
        'C' => (58.0, "M58 18C50 5 42 0 32 0C10 0 0 22 0 50C0 78 10 100 32 100C42 100 50 95 58 82"),
        'D' => (62.0, "M0 0L0 100L24 100C74 100 74 0 24 0L0 0"),
        'E' => (50.0, "M50 0L0 0L0 100L50 100M0 48L42 48"),
        'F' => (50.0, "M50 0L0 0L0 100M0 50L42 50"),
        'G' => (58.0, "M57 17C50 5 42 0 32 0C10 0 0 22 0 50C0 78 10 100 32 100C46 100 58 92 58 80L58 54L36 54"),
        'H' => (56.0, "M0 0L0 100M56 0L56 100M0 48L56 48"),
        'I' => (0.0, "M0 0L0 100"),
        'J' => (38.0, "M38 0L38 68C38 110 0 110 0 74"),
        'K' => (54.0, "M0 0L0 100M52 0L0 62M20 40L54 100"),
        'L' => (46.0, "M0 0L0 100L46 100"),
        'M' => (72.0, "M0 100L0 0L36 66L72 0L72 100"),
        'N' => (56.0, "M0 100L0 0L56 100L56 0"),
        'O' => (68.0, "M34 0C79 0 79 100 34 100C-11 100 -11 0 34 0L34 0"),
        'P' => (56.0, "M0 100L0 0L30 0C64 0 64 56 30 56L0 56"),
        'Q' => (68.0, "M34 0C79 0 79 100 34 100C-11 100 -11 0 34 0L34 0M44 74L66 104"),
        'R' => (56.0, "M0 100L0 0L30 0C62 0 62 54 30 54L0 54M30 54L56 100"),
        'S' => (54.0, "M52 16C38 -7 2 -6 2 24C2 56 54 42 54 74C54 106 10 108 0 82"),
        'T' => (60.0, "M0 0L60 0M30 0L30 100"),
        'U' => (56.0, "M0 0L0 62C0 113 56 113 56 62L56 0"),
        'V' => (60.0, "M0 0L30 100L60 0"),
        'W' => (86.0, "M0 0L21 100L43 20L65 100L86 0"),
        'X' => (56.0, "M0 0L56 100M56 0L0 100"),
        'Y' => (58.0, "M0 0L29 50L58 0M29 50L29 100"),
        'Z' => (56.0, "M0 0L54 0L0 100L56 100"),
        '0' => (56.0, "M28 0C65 0 65 100 28 100C-9 100 -9 0 28 0L28 0"),
        '1' => (24.0, "M0 20L24 0L24 100"),
        '2' => (56.0, "M2 26C4 -8 54 -9 54 27C54 52 20 70 0 100L56 100"),
        '3' => (54.0, "M2 16C14 -7 50 -5 50 24C50 46 30 48 20 48C32 48 54 50 54 74C54 107 8 107 0 82"),
        '4' => (58.0, "M44 100L44 0L0 70L58 70"),
        '5' => (54.0, "M50 0L8 0L4 46C22 30 54 38 54 68C54 107 10 108 0 82"),
        '6' => (54.0, "M47 10C14 -12 0 30 0 66C0 112 54 112 54 68C54 34 8 30 1 62"),
        '7' => (54.0, "M0 0L54 0L18 100"),
        '8' => (54.0, "M27 47C-4 47 -2 0 27 0C56 0 58 47 27 47C-10 47 -8 100 27 100C62 100 64 47 27 47"),
        '9' => (54.0, "M7 90C40 112 54 70 54 34C54 -12 0 -12 0 32C0 66 46 70 53 38"),
        'a' => (44.0, "M44 36L44 100M44 68C44 26 0 26 0 68C0 110 44 110 44 68"),
        'b' => (46.0, "M0 0L0 100M0 68C0 26 46 26 46 68C46 110 0 110 0 68"),
        'c' => (42.0, "M42 48C32 28 0 28 0 68C0 108 32 108 42 88"),
        'd' => (46.0, "M46 0L46 100M46 68C46 26 0 26 0 68C0 110 46 110 46 68"),
        'e' => (46.0, "M1 68L46 68C46 26 0 26 0 68C0 107 34 109 44 88"),
        'f' => (34.0, "M34 4C22 -4 14 4 14 18L14 100M0 38L30 38"),
        'g' => (44.0, "M44 36L44 108C44 140 4 136 2 118M44 68C44 26 0 26 0 68C0 110 44 110 44 68"),
        'h' => (42.0, "M0 0L0 100M0 62C4 28 42 28 42 60L42 100"),
        'i' => (0.0, "M0 38L0 100M0 11L0 14"),
        'j' => (16.0, "M16 38L16 112C16 132 4 132 0 126M16 11L16 14"),
        'k' => (40.0, "M0 0L0 100M38 38L0 76M14 64L40 100"),
        'l' => (0.0, "M0 0L0 100"),
        'm' => (66.0, "M0 36L0 100M0 60C4 30 33 28 33 58L33 100M33 60C37 30 66 28 66 58L66 100"),
        'n' => (42.0, "M0 36L0 100M0 62C4 28 42 28 42 60L42 100"),
        'o' => (48.0, "M24 36C56 36 56 100 24 100C-8 100 -8 36 24 36L24 36"),
        'p' => (46.0, "M0 36L0 132M0 68C0 26 46 26 46 68C46 110 0 110 0 68"),
        'q' => (46.0, "M46 36L46 132M46 68C46 26 0 26 0 68C0 110 46 110 46 68"),
        'r' => (28.0, "M0 36L0 100M0 62C2 40 14 34 28 38"),
        's' => (40.0, "M38 47C28 31 2 34 4 52C6 70 40 64 40 82C40 105 6 107 0 89"),
        't' => (34.0, "M14 12L14 84C14 100 26 102 34 96M0 38L32 38"),
        'u' => (42.0, "M0 36L0 76C0 108 38 106 42 76M42 36L42 100"),
        'v' => (44.0, "M0 36L22 100L44 36"),
        'w' => (64.0, "M0 36L16 100L32 48L48 100L64 36"),
        'x' => (42.0, "M0 36L42 100M42 36L0 100"),
        'y' => (44.0, "M0 36L22 98M44 36L16 126"),
        'z' => (42.0, "M0 38L40 38L0 100L42 100"),
        '.' => (2.0, "M0 98L2 100"),
        ',' => (6.0, "M6 98L0 114"),
        ':' => (2.0, "M0 52L2 54M0 98L2 100"),
        '!' => (2.0, "M0 0L0 66M0 98L2 100"),
        '?' => (46.0, "M0 24C4 -8 46 -8 46 24C46 46 23 46 23 70M23 98L23 100"),
        '&' => (58.0, "M58 100L13 30C2 8 40 -12 40 18C40 40 0 50 0 76C0 112 46 104 54 56"),
        '/' => (34.0, "M0 108L34 -6"),
        '+' => (48.0, "M24 36L24 84M0 60L48 60"),
        '%' => (64.0, "M56 0L8 100M12 0C28 0 28 36 12 36C-4 36 -4 0 12 0M52 64C68 64 68 100 52 100C36 100 36 64 52 64"),
        '=' => (48.0, "M0 46L48 46M0 74L48 74"),
        '(' => (20.0, "M20 -6C-6 30 -6 80 20 114"),
        ')' => (20.0, "M0 -6C26 30 26 80 0 114"),
        _ => (28.0, "M0 58L28 58"),
    }
}

/// Width of a space, grid units.
const SPACE: f64 = 44.0;

/// Width of `text`, user units.
pub(super) fn width(text: &str, face: &Face) -> f64 {
    let gap = (face.spacing + face.weight * face.contrast) * 100.0;
    let grid: f64 = text.chars().map(|c| if c == ' ' { SPACE } else { skeleton(c).0 + gap }).sum();
    (grid - gap).max(0.0) * face.size / 100.0
}

/// Draws `text` with its top left at `(x, y)`; returns its width, user units.
pub(super) fn word(canvas: &mut Canvas, text: &str, x: f64, y: f64, face: &Face, ink: Rgb) -> f64 {
    let gap = (face.spacing + face.weight * face.contrast) * 100.0;
    let scale = face.size / 100.0;
    let mut pen = 0.0;
    let mut d = String::new();
    for c in text.chars() {
        if c == ' ' {
            pen += SPACE;
            continue;
        }
        let (advance, shape) = skeleton(c);
        // Skeleton to sheet; x is divided by the contrast, which the group's transform gives back.
        let place = |(gx, gy): P| {
            let sx = x + (pen + gx + (100.0 - gy) * face.slant) * scale;
            (sx / face.contrast, y + gy * scale)
        };
        trace(shape, &mut d, place, face);
        pen += advance + gap;
    }
    let (cap, join) = if face.round { ("round", "round") } else { ("butt", "miter") };
    let transform = if face.contrast == 1.0 {
        String::new()
    } else {
        format!(r#" transform="scale({} 1)""#, number(face.contrast))
    };
    canvas.raw(format_args!(
        r#"<path d="{d}"{transform} fill="none" stroke="{ink}" stroke-width="{}" stroke-linecap="{cap}" stroke-linejoin="{join}"/>"#,
        number(face.weight * face.size)
    ));
    width(text, face)
}

/// Appends one glyph's skeleton, and its serifs, mapped by `place`.
fn trace(shape: &str, d: &mut String, place: impl Fn(P) -> P, face: &Face) {
    let spaced = shape.replace('M', " M ").replace('L', " L ").replace('C', " C ");
    let mut numbers: Vec<f64> = Vec::new();
    let mut ends: Vec<P> = Vec::new();
    let mut last = (0.0, 0.0);
    for token in spaced.split_whitespace() {
        if let Ok(v) = token.parse::<f64>() {
            numbers.push(v);
            if let [gx, gy] = numbers[..] {
                last = (gx, gy);
                let (px, py) = place(last);
                let _ = write!(d, "{px:.2} {py:.2} ");
                numbers.clear();
                if d.len() > 2 && ends.last().is_none_or(|e| e.0.is_nan()) {
                    ends.pop();
                    ends.push(last);
                }
            }
        } else {
            if token == "M" {
                if !ends.is_empty() {
                    ends.push(last);
                }
                ends.push((f64::NAN, f64::NAN));
            }
            d.push_str(token);
        }
    }
    ends.push(last);
    if face.serif {
        for (gx, gy) in ends {
            if [0.0, 36.0, 100.0, 132.0].contains(&gy) {
                let (a, b) = (place((gx - 13.0, gy)), place((gx + 13.0, gy)));
                let _ = write!(d, "M{:.2} {:.2}L{:.2} {:.2}", a.0, a.1, b.0, b.1);
            }
        }
    }
}
