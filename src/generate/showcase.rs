//! One hand-made picture to show the tool with: a camp by a mountain lake, in a round badge.

use super::canvas::Canvas;
use super::colour::Rgb;
use super::shapes::{self, polygon};
use super::{Sample, rasterise};
use crate::classify::Class;

/// The showcase picture at `side` x `side` px, on a transparent ground, in flat colours.
pub fn showcase(side: u32) -> Sample {
    let side = side.clamp(16, 4096);
    let mut c = Canvas::new(1.0);
    draw(&mut c);
    let svg = c.finish(side, side);
    let raster = rasterise(&svg, side, side);
    Sample { name: "showcase".into(), class: Class::Complex, svg: Some(svg), raster }
}

fn pine(c: &mut Canvas, x: f64, y: f64, s: f64, ink: Rgb) {
    c.rect(x - s * 0.05, y - s * 0.14, s * 0.1, s * 0.16, 0.0, Rgb(74, 44, 56));
    for (up, wide) in [(0.1, 0.34), (0.36, 0.27), (0.6, 0.19)] {
        let low = y - s * up;
        c.fill(&polygon(&[(x - s * wide, low), (x, low - s * 0.42), (x + s * wide, low)]), ink);
    }
}

fn draw(c: &mut Canvas) {
    let (night, dusk, glow) = (Rgb(38, 32, 84), Rgb(240, 98, 100), Rgb(255, 186, 120));
    c.circle(128.0, 128.0, 124.0, night);
    let clip = c.clip(&shapes::circle(128.0, 128.0, 114.0));
    c.open(&format!(r#"clip-path="{clip}""#));
    // Sky in bands, as a poster has it.
    for (y, ink) in [(0.0, Rgb(74, 58, 132)), (52.0, Rgb(142, 76, 142)), (84.0, dusk), (112.0, glow)] {
        c.rect(0.0, y, 256.0, 256.0 - y, 0.0, ink);
    }
    c.circle(164.0, 92.0, 27.0, Rgb(255, 236, 190));
    for (x, y, r) in [
        (70.0, 36.0, 1.6),
        (96.0, 26.0, 1.2),
        (128.0, 34.0, 1.8),
        (186.0, 40.0, 1.4),
        (206.0, 62.0, 1.2),
        (50.0, 62.0, 1.4),
        (150.0, 22.0, 1.2),
    ] {
        c.circle(x, y, r, Rgb(255, 236, 190));
    }
    c.fill(&shapes::cloud(66.0, 78.0, 46.0), Rgb(198, 100, 146));
    // Far range with snow.
    c.fill(
        &polygon(&[
            (0.0, 158.0),
            (40.0, 112.0),
            (62.0, 130.0),
            (104.0, 70.0),
            (140.0, 122.0),
            (160.0, 104.0),
            (204.0, 146.0),
            (228.0, 124.0),
            (256.0, 150.0),
            (256.0, 190.0),
            (0.0, 190.0),
        ]),
        Rgb(104, 70, 138),
    );
    c.fill(
        &polygon(&[(104.0, 70.0), (125.0, 100.5), (113.0, 96.0), (106.0, 106.0), (98.0, 94.0), (86.0, 97.0)]),
        Rgb(255, 226, 214),
    );
    c.fill(&polygon(&[(104.0, 70.0), (140.0, 122.0), (128.0, 150.0), (108.0, 120.0), (112.0, 97.0)]), Rgb(84, 54, 120));
    c.fill(
        &polygon(&[
            (0.0, 172.0),
            (26.0, 146.0),
            (58.0, 166.0),
            (100.0, 150.0),
            (150.0, 168.0),
            (206.0, 142.0),
            (256.0, 172.0),
            (256.0, 200.0),
            (0.0, 200.0),
        ]),
        Rgb(68, 48, 104),
    );
    // Lake with the sun's reflection.
    c.rect(0.0, 166.0, 256.0, 90.0, 0.0, Rgb(58, 84, 146));
    for (x, y, w) in [(146.0, 171.0, 38.0), (150.0, 178.0, 28.0), (142.0, 185.0, 40.0), (152.0, 192.0, 22.0)] {
        c.rect(x, y, w, 3.2, 1.6, Rgb(255, 208, 150));
    }
    for (x, y, w) in [(30.0, 174.0, 34.0), (86.0, 181.0, 30.0), (206.0, 180.0, 30.0)] {
        c.rect(x, y, w, 2.6, 1.3, Rgb(92, 122, 184));
    }
    // Shore, trees, tent and fire.
    c.fill("M0 196C40 184 86 200 128 202C176 204 214 190 256 196V256H0Z", Rgb(34, 92, 92));
    c.fill("M0 214C50 204 96 222 140 220C186 218 220 210 256 216V256H0Z", Rgb(24, 66, 78));
    for (x, y, s) in [(34.0, 206.0, 62.0), (58.0, 212.0, 48.0), (222.0, 208.0, 66.0), (198.0, 212.0, 46.0)] {
        pine(c, x, y, s, Rgb(20, 58, 70));
    }
    pine(c, 80.0, 218.0, 34.0, Rgb(30, 80, 84));
    c.fill(&polygon(&[(98.0, 220.0), (128.0, 178.0), (158.0, 220.0)]), Rgb(244, 142, 66));
    c.fill(&polygon(&[(128.0, 178.0), (158.0, 220.0), (170.0, 214.0), (138.0, 176.0)]), Rgb(206, 96, 58));
    c.fill(&polygon(&[(118.0, 220.0), (128.0, 194.0), (138.0, 220.0)]), Rgb(74, 44, 56));
    c.stroke("M176 224L192 218M178 218L190 225", Rgb(74, 44, 56), 3.4);
    c.fill("M184 198C194 208 192 218 184 219C175 218 175 209 180 205C181 208 183 208 184 198Z", Rgb(255, 200, 80));
    c.fill("M184 208C189 213 188 218 184 218.5C180 218 180 213 184 208Z", Rgb(255, 240, 190));
    c.close();
    c.raw(format_args!(r#"<circle cx="128" cy="128" r="117" fill="none" stroke="{glow}" stroke-width="3"/>"#));
}
