//! The sheet that the drawing code draws on: SVG elements, written as text in drawing order.
//!
//! A drawing's longer side is always [`LONG`] units, whatever its size in pixels.

use std::fmt::Write;

use fastrand::Rng;

/// Longer side of every drawing, user units.
pub(super) const LONG: f64 = 256.0;

/// A random number in `[low, high)`.
pub(super) fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.f64()
}

/// One of `items`, which must not be empty.
pub(super) fn pick<T: Copy>(rng: &mut Rng, items: &[T]) -> T {
    items[rng.usize(..items.len())]
}

/// True in a share `p` of calls.
pub(super) fn chance(rng: &mut Rng, p: f64) -> bool {
    rng.f64() < p
}

/// An SVG in the making.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    /// Width, user units.
    pub(super) w: f64,
    /// Height, user units.
    pub(super) h: f64,
    defs: String,
    body: String,
    ids: u32,
}

impl Canvas {
    /// An empty sheet; `aspect` is width over height.
    pub(super) fn new(aspect: f64) -> Self {
        let (w, h) = if aspect >= 1.0 { (LONG, (LONG / aspect).round()) } else { ((LONG * aspect).round(), LONG) };
        Self { w, h, ..Self::default() }
    }

    /// Centre of the sheet and the shorter side, user units.
    pub(super) fn middle(&self) -> (f64, f64, f64) {
        (self.w / 2.0, self.h / 2.0, self.w.min(self.h))
    }

    /// Covers the sheet with `paint`.
    pub(super) fn ground(&mut self, paint: impl std::fmt::Display) {
        let (w, h) = (self.w, self.h);
        self.rect(0.0, 0.0, w, h, 0.0, paint);
    }

    /// A filled path.
    pub(super) fn fill(&mut self, d: &str, paint: impl std::fmt::Display) {
        self.raw(format_args!(r#"<path d="{d}" fill="{paint}"/>"#));
    }

    /// A filled path whose holes follow the even-odd rule.
    pub(super) fn fill_even_odd(&mut self, d: &str, paint: impl std::fmt::Display) {
        self.raw(format_args!(r#"<path d="{d}" fill="{paint}" fill-rule="evenodd"/>"#));
    }

    /// A stroked path with round caps and joins.
    pub(super) fn stroke(&mut self, d: &str, paint: impl std::fmt::Display, width: f64) {
        self.raw(format_args!(
            r#"<path d="{d}" fill="none" stroke="{paint}" stroke-width="{}" stroke-linecap="round" stroke-linejoin="round"/>"#,
            number(width)
        ));
    }

    /// A stroked path with butt caps and mitred joins.
    pub(super) fn stroke_square(&mut self, d: &str, paint: impl std::fmt::Display, width: f64) {
        self.raw(format_args!(r#"<path d="{d}" fill="none" stroke="{paint}" stroke-width="{}"/>"#, number(width)));
    }

    /// A filled circle.
    pub(super) fn circle(&mut self, x: f64, y: f64, r: f64, paint: impl std::fmt::Display) {
        self.raw(format_args!(r#"<circle cx="{}" cy="{}" r="{}" fill="{paint}"/>"#, number(x), number(y), number(r)));
    }

    /// A filled ellipse.
    pub(super) fn ellipse(&mut self, x: f64, y: f64, rx: f64, ry: f64, paint: impl std::fmt::Display) {
        self.raw(format_args!(
            r#"<ellipse cx="{}" cy="{}" rx="{}" ry="{}" fill="{paint}"/>"#,
            number(x),
            number(y),
            number(rx),
            number(ry)
        ));
    }

    /// A filled rectangle with corners of radius `r`.
    pub(super) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, r: f64, paint: impl std::fmt::Display) {
        let round = if r > 0.0 { format!(r#" rx="{}""#, number(r)) } else { String::new() };
        self.raw(format_args!(
            r#"<rect x="{}" y="{}" width="{}" height="{}"{round} fill="{paint}"/>"#,
            number(x),
            number(y),
            number(w),
            number(h)
        ));
    }

    /// Any element.
    pub(super) fn raw(&mut self, element: impl std::fmt::Display) {
        let _ = writeln!(self.body, "{element}");
    }

    /// Opens a group with these attributes; [`Canvas::close`] ends it.
    pub(super) fn open(&mut self, attributes: &str) {
        self.raw(format_args!("<g {attributes}>"));
    }

    /// Ends the innermost group.
    pub(super) fn close(&mut self) {
        self.raw("</g>");
    }

    /// A clip path of outline `d`; the value is for a `clip-path` attribute.
    pub(super) fn clip(&mut self, d: &str) -> String {
        let id = self.id();
        let _ = writeln!(self.defs, r#"<clipPath id="{id}"><path d="{d}"/></clipPath>"#);
        format!("url(#{id})")
    }

    /// A linear gradient in units of the painted shape's box; the value is a paint.
    pub(super) fn linear(&mut self, from: (f64, f64), to: (f64, f64), stops: &[(f64, String)]) -> String {
        let id = self.id();
        let _ = writeln!(
            self.defs,
            r#"<linearGradient id="{id}" x1="{}" y1="{}" x2="{}" y2="{}">{}</linearGradient>"#,
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            stop_elements(stops)
        );
        format!("url(#{id})")
    }

    /// A radial gradient in units of the painted shape's box; the value is a paint.
    pub(super) fn radial(&mut self, centre: (f64, f64), radius: f64, stops: &[(f64, String)]) -> String {
        let id = self.id();
        let _ = writeln!(
            self.defs,
            r#"<radialGradient id="{id}" cx="{}" cy="{}" r="{}">{}</radialGradient>"#,
            number(centre.0),
            number(centre.1),
            number(radius),
            stop_elements(stops)
        );
        format!("url(#{id})")
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        format!("d{}", self.ids)
    }

    /// The whole SVG at `width` x `height` px.
    pub(super) fn finish(self, width: u32, height: u32) -> String {
        let defs = if self.defs.is_empty() { String::new() } else { format!("<defs>\n{}</defs>\n", self.defs) };
        // A side rounded to whole pixels is off by less than half of one; stretching leaves no bare rim.
        let exact = (self.w * f64::from(height) - self.h * f64::from(width)).abs() < 1e-9;
        let stretch = if exact { "" } else { " preserveAspectRatio=\"none\"" };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\"{stretch}>\n{defs}{}</svg>\n",
            number(self.w),
            number(self.h),
            self.body
        )
    }
}

fn stop_elements(stops: &[(f64, String)]) -> String {
    let mut out = String::new();
    for (offset, paint) in stops {
        // `#rrggbb/0.5` carries an opacity after the slash.
        let _ = match paint.split_once('/') {
            Some((colour, opacity)) => {
                write!(out, r#"<stop offset="{}" stop-color="{colour}" stop-opacity="{opacity}"/>"#, number(*offset))
            }
            None => write!(out, r#"<stop offset="{}" stop-color="{paint}"/>"#, number(*offset)),
        };
    }
    out
}

/// A number as written in the SVG: two decimals at most, no trailing zeros.
pub(super) fn number(v: f64) -> String {
    let rounded = (v * 100.0).round() / 100.0;
    // Adding zero turns -0 into 0.
    format!("{}", rounded + 0.0)
}
