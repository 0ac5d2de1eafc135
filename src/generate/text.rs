//! Text: words, lines, labels and stamps, in the strokes of [`glyphs`](super::glyphs).

use fastrand::Rng;

use super::canvas::{Canvas, between, chance, pick};
use super::colour::{Rgb, Theme};
use super::glyphs::{Face, width, word};
use super::shapes;

const WORDS: [&str; 40] = [
    "NORD", "Atlas", "COFFEE", "Hello", "BAKERY", "open", "LUMEN", "Quartz", "EXIT", "Studio", "SALE", "Maple",
    "fresh", "RADIO", "Harbor", "PIXEL", "Velvet", "STOP", "Garden", "KITE", "Morning", "WAVE", "ORBIT", "paper",
    "Juniper", "TAXI", "Bistro", "MARKET", "Zephyr", "North", "CLOUD", "Fable", "MUSEUM", "Today", "ECHO", "Signal",
    "RIVER", "Hotel", "BOOKS", "quick",
];
const SMALL: [&str; 30] = [
    "the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "then", "some", "light", "words", "of",
    "no", "great", "weight", "make", "up", "this", "page", "with", "each", "line", "full", "in", "order", "to", "read",
];

fn face(rng: &mut Rng, size: f64) -> Face {
    let serif = chance(rng, 0.3);
    let contrast = if chance(rng, 0.35) { between(rng, 1.3, 2.2) } else { 1.0 };
    Face {
        size,
        weight: between(rng, 0.07, 0.2) / contrast.sqrt(),
        contrast,
        slant: if chance(rng, 0.2) { between(rng, 0.1, 0.3) } else { 0.0 },
        serif,
        round: !serif && chance(rng, 0.5),
        spacing: between(rng, 0.1, 0.22),
    }
}

/// A face for small print, which is never very bold.
fn print(rng: &mut Rng, size: f64) -> Face {
    Face { weight: between(rng, 0.08, 0.13), contrast: 1.0, spacing: between(rng, 0.14, 0.2), ..face(rng, size) }
}

/// The size at which `text` is `fit` wide, at most `cap`.
fn fitted(text: &str, mut f: Face, fit: f64, cap: f64) -> Face {
    f.size = (f.size * fit / width(text, &f).max(1.0)).min(cap);
    f
}

fn centred(c: &mut Canvas, text: &str, y: f64, f: &Face, ink: Rgb) {
    let x = (c.w - width(text, f)) / 2.0;
    word(c, text, x, y, f, ink);
}

/// Width over height for a text picture of this `kind`.
pub(super) fn aspect(rng: &mut Rng, kind: usize) -> f64 {
    match kind {
        0 | 2 | 7 => between(rng, 1.6, 3.2),
        1 | 6 | 8 => between(rng, 0.75, 1.4),
        _ => between(rng, 1.0, 1.8),
    }
}

/// Number of kinds.
pub(super) const KINDS: [&str; 10] =
    ["word", "paragraph", "wordmark", "number", "label", "monogram", "note", "sign", "alphabet", "code"];

/// Draws a text picture.
pub(super) fn draw(c: &mut Canvas, rng: &mut Rng, t: &Theme, kind: usize) {
    let (w, h) = (c.w, c.h);
    let ink = t.strongest();
    match kind {
        0 => {
            let text = pick(rng, &WORDS);
            let fit = w * between(rng, 0.7, 0.88);
            let f = fitted(text, face(rng, 100.0), fit, h * 0.6);
            centred(c, text, (h - f.size) / 2.0, &f, ink);
        }
        1 => {
            let size = h * between(rng, 0.035, 0.06);
            paragraph(c, rng, ink, size);
        }
        2 => {
            let text = pick(rng, &WORDS);
            let fit = w * between(rng, 0.6, 0.85);
            let f = fitted(text, face(rng, 100.0), fit, h * 0.45);
            centred(c, text, h * 0.2, &f, ink);
            let tag = format!("{} {} {}", pick(rng, &SMALL), pick(rng, &SMALL), pick(rng, &SMALL)).to_uppercase();
            let g = Face { spacing: 0.35, ..print(rng, 100.0) };
            let g = fitted(&tag, g, w * 0.6, h * 0.1);
            centred(c, &tag, h * 0.2 + f.size + h * 0.13, &g, t.ink(1));
        }
        3 => {
            let text = match rng.u8(..4) {
                0 => format!("{}%", rng.u32(5..95)),
                1 => format!("{}.{:02}", rng.u32(1..999), rng.u32(..100)),
                2 => format!("{:02}:{:02}", rng.u32(..24), rng.u32(..60)),
                _ => format!("{}", rng.u32(100..9999)),
            };
            let fit = w * between(rng, 0.6, 0.85);
            let f = fitted(&text, face(rng, 100.0), fit, h * 0.6);
            centred(c, &text, (h - f.size) / 2.0, &f, ink);
        }
        4 => {
            let m = h * 0.06;
            c.stroke(&shapes::round_rect(m, m, w - 2.0 * m, h - 2.0 * m, h * between(rng, 0.0, 0.12)), ink, h * 0.02);
            let text = pick(rng, &WORDS).to_uppercase();
            let f = fitted(&text, face(rng, 100.0), w * 0.68, h * 0.34);
            centred(c, &text, h * 0.2, &f, ink);
            let line = format!("No. {}", rng.u32(10..9999));
            let g = fitted(&line, print(rng, 100.0), w * 0.5, h * 0.14);
            centred(c, &line, h * 0.68, &g, t.ink(1));
        }
        5 => {
            let text: String = (0..rng.usize(2..4)).map(|_| rng.uppercase()).collect();
            let f = fitted(&text, face(rng, 100.0), w * 0.62, h * 0.5);
            centred(c, &text, (h - f.size) / 2.0 - h * 0.06, &f, ink);
            let line = format!("est {}", rng.u32(1850..2025));
            let g = fitted(&line, print(rng, 100.0), w * 0.4, h * 0.11);
            centred(c, &line, h * 0.82, &g, ink);
        }
        6 => note(c, rng, ink),
        7 => {
            let text = format!("{} {}", pick(rng, &WORDS), pick(rng, &SMALL));
            let f = fitted(&text, face(rng, 100.0), w * 0.84, h * 0.5);
            centred(c, &text, h * 0.42 - f.size / 2.0, &f, ink);
            c.rect(w * 0.1, h * 0.8, w * 0.8, h * 0.03, 0.0, t.ink(1));
        }
        8 => {
            let columns = rng.usize(5..9);
            let cell = w / (columns as f64 + 0.6);
            let f = Face { size: cell * 0.55, slant: 0.0, ..face(rng, 1.0) };
            let rows = (h / cell) as usize;
            for row in 0..rows {
                for column in 0..columns {
                    let ch = char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghknoprstuvxyz0123456789"[rng.usize(..56)]);
                    let text = ch.to_string();
                    let x = cell * (0.3 + column as f64) + (cell - width(&text, &f)) / 2.0;
                    word(c, &text, x, cell * (row as f64 + 0.22), &f, if row % 3 == 1 { t.ink(1) } else { ink });
                }
            }
        }
        _ => code(c, rng, t),
    }
}

fn sentence(rng: &mut Rng, f: &Face, room: f64) -> String {
    let mut line = String::from(pick(rng, &SMALL));
    loop {
        let next = format!("{line} {}", pick(rng, &SMALL));
        if width(&next, f) > room {
            return line;
        }
        line = next;
    }
}

fn paragraph(c: &mut Canvas, rng: &mut Rng, ink: Rgb, size: f64) {
    let f = Face { slant: 0.0, ..print(rng, size) };
    let margin = c.w * 0.08;
    let mut y = c.h * 0.08;
    if chance(rng, 0.6) {
        let title = pick(rng, &WORDS);
        let g = Face { weight: 0.16, ..face(rng, size * 2.2) };
        word(c, title, margin, y, &g, ink);
        y += size * 4.2;
    }
    while y + size < c.h * 0.94 {
        let room = (c.w - 2.0 * margin) * if chance(rng, 0.2) { 0.55 } else { 1.0 };
        let line = sentence(rng, &f, room);
        word(c, &line, margin, y, &f, ink);
        y += size * 1.9;
    }
}

fn note(c: &mut Canvas, rng: &mut Rng, ink: Rgb) {
    let size = c.h * between(rng, 0.07, 0.13);
    let f = Face { slant: between(rng, 0.15, 0.35), serif: false, round: true, contrast: 1.0, ..print(rng, size) };
    let mut y = c.h * 0.08;
    while y + size < c.h * 0.92 {
        let room = c.w * between(rng, 0.5, 0.8);
        let line = sentence(rng, &f, room);
        let tilt = between(rng, -1.5, 1.5);
        c.open(&format!(r#"transform="rotate({tilt:.1} 0 {y:.1})""#));
        let x = c.w * between(rng, 0.06, 0.1);
        word(c, &line, x, y, &f, ink);
        c.close();
        y += size * 1.8;
    }
}

fn code(c: &mut Canvas, rng: &mut Rng, t: &Theme) {
    let size = c.h * between(rng, 0.045, 0.07);
    let f = Face { slant: 0.0, serif: false, ..print(rng, size) };
    let mut y = c.h * 0.08;
    let mut indent = 0.0;
    while y + size < c.h * 0.93 {
        let mut x = c.w * 0.07 + indent * size * 2.0;
        for i in 0..rng.usize(2..6) {
            let text = match rng.u8(..4) {
                0 => format!("{}()", pick(rng, &SMALL)),
                1 => "=".to_owned(),
                2 => format!("{}", rng.u32(..999)),
                _ => pick(rng, &SMALL).to_owned(),
            };
            let wide = width(&text, &f);
            if x + wide > c.w * 0.94 {
                break;
            }
            word(c, &text, x, y, &f, if i % 3 == 0 { t.strongest() } else { t.ink(i) });
            x += wide + size * 0.6;
        }
        indent = (indent + between(rng, -1.4, 1.6).round()).clamp(0.0, 3.0);
        y += size * 1.8;
    }
}
