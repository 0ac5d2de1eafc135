//! From a [`Document`] to SVG text: shapes and their gradients, no scripts, no references to elsewhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::path::{format_number, path_data};
use super::repeats::{self, Part, Placing, Repeated};
use super::{Cap, Contour, Document, Gradient, GradientKind, Join, Paint, Primitive, Rgb, Shape, Stop, Stroke};

/// Whether the root element says how large it wants to be shown; `viewBox` is always written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SvgSize {
    /// No `width` and `height`: the drawing fills what it is put into.
    #[default]
    None,
    /// The size of the raster in px ([`WriteOptions::shown`]).
    Px,
    /// `width="100%"` and `height="100%"`.
    Full,
}

/// How to write a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// Decimals of a coordinate, 0 to [`WriteOptions::MAX_PRECISION`]; `None`: as the engine resolves
    /// ([`Document::precision`]).
    pub precision: Option<u8>,
    /// `width` and `height` of the root element.
    pub size: SvgSize,
    /// Write `circle`, `ellipse` and `rect` where a shape is one, and what is there more than once as `use` of the
    /// first where that is shorter; paths only otherwise.
    pub shapes: bool,
    /// Put neighbours in paint order that share a paint into one `g`.
    pub group: bool,
    /// Give each shape an `id`, `s1` at the bottom.
    pub ids: bool,
    /// Width and height of the raster, px, for [`SvgSize::Px`]; `None`: those of the document, which are smaller where
    /// the pixels of the raster were repeated.
    pub shown: Option<(u32, u32)>,
}

impl WriteOptions {
    /// More decimals than this are below what any renderer resolves.
    pub const MAX_PRECISION: u8 = 6;
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { precision: None, size: SvgSize::None, shapes: true, group: false, ids: false, shown: None }
    }
}

/// Decimals of an opacity: a step of 0.001 is below one 8-bit step.
const OPACITY_PRECISION: usize = 3;

/// The SVG text of `document`; the same document and options give the same bytes.
pub fn write(document: &Document, options: &WriteOptions) -> String {
    let (w, h) = (document.width, document.height);
    let mut out = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    // Writing to a String cannot fail.
    let _ = match options.size {
        SvgSize::None => Ok(()),
        SvgSize::Px => {
            let (w, h) = options.shown.unwrap_or((w, h));
            write!(out, " width=\"{w}\" height=\"{h}\"")
        }
        SvgSize::Full => write!(out, " width=\"100%\" height=\"100%\""),
    };
    let _ = write!(out, " viewBox=\"0 0 {w} {h}\">");
    let precision = usize::from(options.precision.unwrap_or(document.precision).min(WriteOptions::MAX_PRECISION));
    let mut definitions = Definitions { text: String::new(), names: Vec::new(), count: 0, precision };
    let shared =
        if options.shapes { Shared::new(document, options, precision, &mut definitions) } else { Shared::default() };
    let elements = elements(document, options, precision, &shared, &mut definitions);
    // What copies refer to; originals that are painted themselves get their names when they are written.
    let mut names: Vec<Option<String>> = shared.reused.clone();
    let mut body = String::new();
    let mut number = 0;
    for run in
        elements.chunk_by(|a, b| options.group && a.role == Role::Own && b.role == Role::Own && a.paints == b.paints)
    {
        let paints = &run[0].paints;
        let grouped = run.len() > 1 && paints.len() == 1 && !paints[0].is_empty();
        if grouped {
            let _ = write!(body, "<g{}>", paints[0]);
        }
        for Element { paints, name, geometry, role } in run {
            // What is painted more than once is written once.
            let (name, geometry) = if paints.len() > 1 && geometry.len() > LONG_GEOMETRY {
                let outline = definitions.outline(name, geometry);
                ("use", format!(" href=\"#{outline}\""))
            } else if let Role::Copy(k, placing) = role {
                let original = names[*k].as_deref().unwrap_or_default();
                ("use", format!(" href=\"#{original}\"{}", placing_text(*placing, shared.decimals, precision)))
            } else {
                (*name, geometry.clone())
            };
            for paint in paints {
                number += 1;
                let _ = write!(body, "<{name}");
                let mut id = options.ids.then(|| format!("s{number}"));
                if let Role::Original(k) = role {
                    names[*k] = Some(id.get_or_insert_with(|| definitions.name()).clone());
                }
                if let Some(id) = id {
                    let _ = write!(body, " id=\"{id}\"");
                }
                if !grouped {
                    body.push_str(paint);
                }
                let _ = write!(body, "{geometry}/>");
            }
        }
        if grouped {
            body.push_str("</g>");
        }
    }
    if !definitions.text.is_empty() {
        let _ = write!(out, "<defs>{}</defs>", definitions.text);
    }
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

/// Geometry of more bytes is written once when it is painted more than once.
const LONG_GEOMETRY: usize = 40;

/// Bytes that references have to save: a shorter text that is harder to edit is no gain.
const LEAST_SAVED: usize = 24;

/// What an element is to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Nothing.
    Own,
    /// Others refer to it: those of this number.
    Original(usize),
    /// It is the original of this number, put here.
    Copy(usize, Placing),
}

/// One element, and how often it is painted.
struct Element {
    paints: Vec<String>,
    name: &'static str,
    geometry: String,
    role: Role,
}

/// All elements in painter's order.
fn elements(
    document: &Document,
    options: &WriteOptions,
    precision: usize,
    shared: &Shared,
    definitions: &mut Definitions,
) -> Vec<Element> {
    let mut elements = Vec::with_capacity(document.shapes.len());
    for (i, shape) in document.shapes.iter().enumerate() {
        let parts = shared.parts.get(&i).map_or(&[][..], Vec::as_slice);
        let taken: BTreeSet<usize> = parts.iter().flat_map(|(part, _)| part.contours.iter().copied()).collect();
        let rest = if parts.is_empty() {
            Cow::Borrowed(shape)
        } else {
            Cow::Owned(only(shape, (0..shape.contours.len()).filter(|k| !taken.contains(k))))
        };
        if let Some((name, geometry)) = element(&rest, precision, options.shapes) {
            elements.push(Element { paints: definitions.paints(shape), name, geometry, role: Role::Own });
        }
        for (part, role) in parts {
            let in_place = |k: usize| shared.reused[k].is_none();
            let (paints, geometry) = match *role {
                Role::Copy(k, _) if in_place(k) => (vec![String::new()], String::new()),
                Role::Copy(..) => (definitions.paints(shape), String::new()),
                _ => (definitions.paints(shape), path_text(&alone(document, part), precision)),
            };
            elements.push(Element { paints, name: "path", geometry, role: *role });
        }
    }
    elements
}

/// A part of a shape as a shape of its own.
fn alone(document: &Document, part: &Part) -> Shape {
    only(&document.shapes[part.shape], part.contours.iter().copied())
}

/// A shape with some of its contours.
fn only(shape: &Shape, contours: impl Iterator<Item = usize>) -> Shape {
    Shape { contours: contours.map(|k| shape.contours[k].clone()).collect(), paint: shape.paint.clone(), ..*shape }
}

/// Parts of shapes that are not written where they are painted.
#[derive(Default)]
struct Shared {
    /// Decimals of the placings.
    decimals: usize,
    /// What is written once and referred to: the name of its definition; `None` when the original itself is painted.
    reused: Vec<Option<String>>,
    /// For each shape its parts that others refer to, or that refer to others.
    parts: BTreeMap<usize, Vec<(Part, Role)>>,
}

impl Shared {
    /// What is shorter when it is written once.
    fn new(document: &Document, options: &WriteOptions, precision: usize, definitions: &mut Definitions) -> Self {
        let decimals = precision.max(usize::from(document.precision));
        let mut shared = Self { decimals, ..Self::default() };
        // Contours of each shape that are still written where they are.
        let mut left: Vec<usize> = document.shapes.iter().map(|s| s.contours.len()).collect();
        let id = if options.ids { " id=\"s10\"".len() } else { 0 };
        let mut paint = |s: &Shape| match s.paint {
            Paint::Solid { .. } => definitions.paints(s).concat(),
            Paint::Gradients(_) => String::new(),
        };
        let paints: Vec<String> = document.shapes.iter().map(&mut paint).collect();
        for Repeated { original, copies } in repeats::find(document, decimals) {
            let paint = |part: &Part| &paints[part.shape];
            let uses: Vec<usize> = copies
                .iter()
                .map(|(_, p)| "<use href=\"#a\"/>".len() + id + placing_text(*p, decimals, precision).len())
                .collect();
            let first = paint(&original);
            let element = "<path d=\"\"/>".len();
            let text = |part: &Part| path_data(&alone(document, part).contours, precision as u8).len();
            let parts = || std::iter::once(&original).chain(copies.iter().map(|(part, _)| part));
            let mut before: usize = parts().map(text).sum();
            let mut rest = left.clone();
            for part in parts() {
                rest[part.shape] -= part.contours.len();
                if rest[part.shape] == 0 {
                    before += element + id + paint(part).len();
                }
            }
            let one = text(&original);
            if one == 0 {
                continue;
            }
            let one_paint = copies.iter().all(|(part, _)| paint(part) == first);
            let definition = element + " id=\"a\"".len() + one;
            let after = if one_paint {
                definition + first.len() + uses.iter().sum::<usize>()
            } else {
                let painted: usize = parts().map(|part| paint(part).len()).sum();
                "<defs></defs><use href=\"#a\"/>".len() + id + definition + painted + uses.iter().sum::<usize>()
            };
            if before < after + LEAST_SAVED {
                continue;
            }
            left = rest;
            let k = shared.reused.len();
            let role = if one_paint {
                shared.reused.push(None);
                Role::Original(k)
            } else {
                let name = definitions.outline("path", &path_text(&alone(document, &original), precision));
                shared.reused.push(Some(name));
                Role::Copy(k, Placing::HERE)
            };
            let all = std::iter::once((original, role)).chain(copies.into_iter().map(|(p, at)| (p, Role::Copy(k, at))));
            for (part, role) in all {
                shared.parts.entry(part.shape).or_default().push((part, role));
            }
        }
        shared
    }
}

/// The attributes that put a copy where it belongs; `decimals` are those of the placing.
fn placing_text(placing: Placing, decimals: usize, precision: usize) -> String {
    let to = |v: i64, more: usize| {
        let drop = 10f64.powi((decimals - precision) as i32);
        format_number((v as f64 / drop).round() as i64, precision + more)
    };
    let (e, f) = placing.by;
    // The centre of a turn is half a step off the grid.
    let about = |x: i64, y: i64| format!("{} {}", to(5 * x, 1), to(5 * y, 1));
    match placing.matrix {
        [1, 0, 0, 1] => {
            let part = |name: &str, v: i64| if v == 0 { String::new() } else { format!(" {name}=\"{}\"", to(v, 0)) };
            part("x", e) + &part("y", f)
        }
        [-1, 0, 0, -1] => format!(" transform=\"rotate(180 {})\"", about(e, f)),
        [0, 1, -1, 0] => format!(" transform=\"rotate(90 {})\"", about(e - f, e + f)),
        [0, -1, 1, 0] => format!(" transform=\"rotate(-90 {})\"", about(e + f, f - e)),
        [a, b, c, d] => format!(" transform=\"matrix({a} {b} {c} {d} {} {})\"", to(e, 0), to(f, 0)),
    }
}

/// The attribute that draws `shape` as a path.
fn path_text(shape: &Shape, precision: usize) -> String {
    format!(" d=\"{}\"", path_data(&shape.contours, precision as u8))
}

/// Decimals of an offset: a step of 0.001 of a gradient from black to white is a quarter of an 8-bit step.
const OFFSET_PRECISION: usize = 3;

/// What shapes refer to.
struct Definitions {
    text: String,
    /// Gradients without their names, and those.
    names: Vec<(String, String)>,
    count: usize,
    precision: usize,
}

impl Definitions {
    /// A name that is not taken: letters only, so that no shape's own id has it.
    fn name(&mut self) -> String {
        let mut n = self.count;
        self.count += 1;
        let mut name = String::new();
        loop {
            name.insert(0, char::from(b'a' + (n % 26) as u8));
            if n < 26 {
                return name;
            }
            n = n / 26 - 1;
        }
    }

    /// The attributes for each time that a shape is painted.
    fn paints(&mut self, shape: &Shape) -> Vec<String> {
        match &shape.paint {
            Paint::Solid { color, opacity } => {
                vec![match shape.stroke {
                    None => solid_attributes("fill", *color, *opacity),
                    Some(stroke) => stroke_attributes(stroke, *color, *opacity, self.precision),
                }]
            }
            Paint::Gradients(gradients) => {
                gradients.iter().map(|g| format!(" fill=\"url(#{})\"", self.gradient(g))).collect()
            }
        }
    }

    /// The name of a gradient; the same twice is written once.
    fn gradient(&mut self, gradient: &Gradient) -> String {
        let (element, text) = gradient_text(gradient, self.precision);
        if let Some((_, name)) = self.names.iter().find(|(known, _)| *known == text) {
            return name.clone();
        }
        let name = self.name();
        let _ = write!(self.text, "<{element} id=\"{name}\"{text}</{element}>");
        self.names.push((text, name.clone()));
        name
    }

    /// The name of an outline that is written here.
    fn outline(&mut self, element: &str, geometry: &str) -> String {
        let name = self.name();
        let _ = write!(self.text, "<{element} id=\"{name}\"{geometry}/>");
        name
    }
}

/// The element of a gradient, and what follows its id up to its end tag.
fn gradient_text(gradient: &Gradient, precision: usize) -> (&'static str, String) {
    let scale = 10f64.powi(precision as i32);
    let number = |v: f64| format_number((v * scale).round() as i64, precision);
    let mut text = String::from(" gradientUnits=\"userSpaceOnUse\"");
    let element = match gradient.kind {
        GradientKind::Linear { from, to } => {
            // The end of the axis has a default of its own: all are written.
            let [a, b, c, d] = [from.x, from.y, to.x, to.y].map(number);
            let _ = write!(text, " x1=\"{a}\" y1=\"{b}\" x2=\"{c}\" y2=\"{d}\"");
            "linearGradient"
        }
        GradientKind::Radial { center, radii, rotation } => {
            let [x, y] = [center.x, center.y].map(number);
            if (radii.0 - radii.1).abs() * scale < 1.0 {
                let _ = write!(text, " cx=\"{x}\" cy=\"{y}\" r=\"{}\"", number(radii.0));
            } else {
                let (s, c) = rotation.to_radians().sin_cos();
                let turned = [radii.0 * c, radii.0 * s, -radii.1 * s, radii.1 * c].map(number).join(" ");
                let _ = write!(text, " cx=\"0\" cy=\"0\" r=\"1\" gradientTransform=\"matrix({turned} {x} {y})\"");
            }
            "radialGradient"
        }
    };
    text.push('>');
    for Stop { offset, color, opacity } in &gradient.stops {
        text.push_str("<stop");
        let offset = (offset.clamp(0.0, 1.0) * 1000.0).round() as i64;
        if offset != 0 {
            let _ = write!(text, " offset=\"{}\"", format_number(offset, OFFSET_PRECISION));
        }
        if *color != [0, 0, 0] {
            let _ = write!(text, " stop-color=\"{}\"", color_text(*color));
        }
        let opacity = (opacity.clamp(0.0, 1.0) * 1000.0).round() as i64;
        if opacity < 1000 {
            let _ = write!(text, " stop-opacity=\"{}\"", format_number(opacity, OPACITY_PRECISION));
        }
        text.push_str("/>");
    }
    (element, text)
}

/// The attributes that say a paint; none for a fill of opaque black.
fn solid_attributes(what: &str, color: Rgb, opacity: f64) -> String {
    let mut out = String::new();
    if color != [0, 0, 0] || what != "fill" {
        let _ = write!(out, " {what}=\"{}\"", color_text(color));
    }
    let opacity = (opacity.clamp(0.0, 1.0) * 1000.0).round() as i64;
    if opacity < 1000 {
        let _ = write!(out, " {what}-opacity=\"{}\"", format_number(opacity, OPACITY_PRECISION));
    }
    out
}

/// The attributes of a stroke.
fn stroke_attributes(stroke: Stroke, color: Rgb, opacity: f64, precision: usize) -> String {
    let mut out = String::from(" fill=\"none\"");
    out.push_str(&solid_attributes("stroke", color, opacity));
    let width = (stroke.width * 10f64.powi(precision as i32)).round() as i64;
    let _ = write!(out, " stroke-width=\"{}\"", format_number(width.max(1), precision));
    match stroke.cap {
        Cap::Butt => {}
        Cap::Round => out.push_str(" stroke-linecap=\"round\""),
    }
    match stroke.join {
        Join::Miter => {}
        Join::Round => out.push_str(" stroke-linejoin=\"round\""),
        Join::Bevel => out.push_str(" stroke-linejoin=\"bevel\""),
    }
    out
}

/// The name of the element that draws `shape`, and its attributes; nothing for a shape that vanishes.
fn element(shape: &Shape, precision: usize, shapes: bool) -> Option<(&'static str, String)> {
    let scale = 10f64.powi(precision as i32);
    let grid = |v: f64| (v * scale).round() as i64;
    let attributes = |pairs: &[(&str, i64)]| {
        let mut text = String::new();
        for (name, value) in pairs.iter().filter(|(_, v)| *v != 0) {
            let _ = write!(text, " {name}=\"{}\"", format_number(*value, precision));
        }
        text
    };
    if let [Contour { primitive: Some(primitive), .. }] = &shape.contours[..]
        && shapes
    {
        match *primitive {
            Primitive::Circle(c, r) if grid(r) > 0 => {
                return Some(("circle", attributes(&[("cx", grid(c.x)), ("cy", grid(c.y)), ("r", grid(r))])));
            }
            Primitive::Ellipse(c, rx, ry, angle) if grid(rx) > 0 && grid(ry) > 0 => {
                // Upright either way: no rotation is needed.
                let turns = (angle / 90.0).round();
                let upright = (angle - turns * 90.0).to_radians().abs() * (rx - ry).abs() < 0.5 / scale;
                let swapped = upright && (turns as i64).rem_euclid(2) == 1;
                let (rx, ry) = if swapped { (ry, rx) } else { (rx, ry) };
                let mut text = attributes(&[("cx", grid(c.x)), ("cy", grid(c.y)), ("rx", grid(rx)), ("ry", grid(ry))]);
                if !upright {
                    let degrees = format_number((angle * 10.0).round() as i64, 1);
                    let [x, y] = [c.x, c.y].map(|v| format_number(grid(v), precision));
                    let _ = write!(text, " transform=\"rotate({degrees} {x} {y})\"");
                }
                return Some(("ellipse", text));
            }
            Primitive::Rect(a, b, r) if grid(b.x) > grid(a.x) && grid(b.y) > grid(a.y) => {
                let (w, h) = (grid(b.x) - grid(a.x), grid(b.y) - grid(a.y));
                return Some((
                    "rect",
                    attributes(&[("x", grid(a.x)), ("y", grid(a.y)), ("width", w), ("height", h), ("rx", grid(r))]),
                ));
            }
            _ => {}
        }
    }
    let data = path_data(&shape.contours, precision as u8);
    (!data.is_empty()).then(|| ("path", format!(" d=\"{data}\"")))
}

/// Colour names that are shorter than their hexadecimal form (CSS Color 4, section 6.1).
const SHORT_NAMES: [(Rgb, &str); 31] = [
    ([240, 255, 255], "azure"),
    ([245, 245, 220], "beige"),
    ([255, 228, 196], "bisque"),
    ([165, 42, 42], "brown"),
    ([255, 127, 80], "coral"),
    ([255, 215, 0], "gold"),
    ([128, 128, 128], "gray"),
    ([0, 128, 0], "green"),
    ([75, 0, 130], "indigo"),
    ([255, 255, 240], "ivory"),
    ([240, 230, 140], "khaki"),
    ([250, 240, 230], "linen"),
    ([128, 0, 0], "maroon"),
    ([0, 0, 128], "navy"),
    ([128, 128, 0], "olive"),
    ([255, 165, 0], "orange"),
    ([218, 112, 214], "orchid"),
    ([205, 133, 63], "peru"),
    ([255, 192, 203], "pink"),
    ([221, 160, 221], "plum"),
    ([128, 0, 128], "purple"),
    ([255, 0, 0], "red"),
    ([250, 128, 114], "salmon"),
    ([160, 82, 45], "sienna"),
    ([192, 192, 192], "silver"),
    ([255, 250, 250], "snow"),
    ([210, 180, 140], "tan"),
    ([0, 128, 128], "teal"),
    ([255, 99, 71], "tomato"),
    ([238, 130, 238], "violet"),
    ([245, 222, 179], "wheat"),
];

/// The shortest text for a colour.
pub fn color_text(color: Rgb) -> String {
    if let Some((_, name)) = SHORT_NAMES.iter().find(|(c, _)| *c == color) {
        return (*name).to_string();
    }
    let [r, g, b] = color;
    if color.iter().all(|c| c >> 4 == c & 15) {
        format!("#{:x}{:x}{:x}", r & 15, g & 15, b & 15)
    } else {
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Contour, Point, Segment, Shape};

    #[test]
    fn a_document_is_minimal_and_complete() {
        let mut doc = Document::new(8, 4);
        doc.push_ground(Paint::opaque([255, 255, 255]));
        let tri = Contour::polygon(&[Point::new(1.0, 1.0), Point::new(3.0, 1.0), Point::new(1.0, 3.0)]).unwrap();
        doc.shapes.push(Shape::filled(vec![tri], Paint::Solid { color: [0, 0, 0], opacity: 0.5 }));
        assert_eq!(
            write(&doc, &WriteOptions::default()),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 4\"><path fill=\"#fff\" d=\"m0 0h8v4H0z\"/>\
             <path fill-opacity=\".5\" d=\"m1 1h2L1 3z\"/></svg>\n"
        );
        let px = write(&doc, &WriteOptions { size: SvgSize::Px, ..Default::default() });
        assert!(px.contains(" width=\"8\" height=\"4\" viewBox="));
    }

    /// A kite with curved sides, too long to be written again for the price of a reference.
    fn kite(x: f64, y: f64) -> Contour {
        let p = |a: f64, b: f64| Point::new(x + a, y + b);
        let segments = vec![
            Segment::Cubic(p(2.51, 1.13), p(4.37, 2.71), p(6.25, 6.31)),
            Segment::Cubic(p(4.19, 5.87), p(2.11, 4.93), p(0.37, 3.29)),
            Segment::Line(p(0.0, 0.0)),
        ];
        Contour { start: p(0.0, 0.0), segments, closed: true, primitive: None }
    }

    fn kites(places: &[(f64, f64, Rgb)]) -> Document {
        let mut doc = Document::new(64, 64);
        doc.precision = 2;
        let shape = |(x, y, rgb): &(f64, f64, Rgb)| Shape::filled(vec![kite(*x, *y)], Paint::opaque(*rgb));
        doc.shapes = places.iter().map(shape).collect();
        doc
    }

    #[test]
    fn what_is_there_three_times_is_written_once() {
        let red = [255, 0, 0];
        let mut doc = kites(&[(1.0, 2.0, red), (21.5, 2.0, red), (21.5, 30.0, red), (41.0, 2.0, red)]);
        doc.merge_paths();
        assert_eq!(doc.shapes.len(), 1);
        let kite = "m1 2c2.51 1.13 4.37 2.71 6.25 6.31-2.06-.44-4.14-1.38-5.88-3.02z";
        let text = write(&doc, &WriteOptions::default());
        let body = &text[text.find('>').unwrap() + 1..];
        assert_eq!(
            body,
            format!(
                "<path id=\"a\" fill=\"red\" d=\"{kite}\"/><use href=\"#a\" x=\"20.5\"/>\
                 <use href=\"#a\" x=\"20.5\" y=\"28\"/><use href=\"#a\" x=\"40\"/></svg>\n"
            )
        );
        let paths = write(&doc, &WriteOptions { shapes: false, ..Default::default() });
        assert!(!paths.contains("<use") && paths.matches('m').count() == 4 && paths.len() > text.len());
        let ids = write(&doc, &WriteOptions { ids: true, group: true, ..Default::default() });
        assert!(ids.contains("id=\"s1\"") && ids.contains("<use id=\"s4\" href=\"#s1\" x=\"40\"/>"), "{ids}");
        // Something short does not pay.
        let triangle = |x: f64| Contour::polygon(&[Point::new(x, 1.0), Point::new(x + 3.0, 1.0), Point::new(x, 3.0)]);
        doc.shapes = (0..4)
            .filter_map(|k| Some(Shape::filled(vec![triangle(f64::from(k) * 9.0)?], Paint::opaque(red))))
            .collect();
        doc.merge_paths();
        let short = write(&doc, &WriteOptions::default());
        assert!(!short.contains("<use"), "{short}");
    }

    #[test]
    fn copies_of_other_colours_bring_their_own_paint() {
        let inks = [[255, 0, 0], [0, 0, 255], [0, 128, 0], [1, 2, 3], [4, 5, 6], [7, 8, 9]];
        let places: Vec<_> = inks.iter().enumerate().map(|(k, c)| (10.0 * k as f64, 3.25, *c)).collect();
        let text = write(&kites(&places), &WriteOptions::default());
        assert_eq!(text.matches("<path").count(), 1, "{text}");
        assert!(text.contains("<defs><path id=\"a\" d=") && text.contains("<use fill=\"red\" href=\"#a\"/>"), "{text}");
        assert!(text.contains("<use fill=\"#070809\" href=\"#a\" x=\"50\"/>"), "{text}");
    }

    #[test]
    fn colours_take_their_shortest_form() {
        assert_eq!(color_text([255, 0, 0]), "red");
        assert_eq!(color_text([0x11, 0xaa, 0xff]), "#1af");
        assert_eq!(color_text([0x12, 0xaa, 0xff]), "#12aaff");
        for (c, name) in SHORT_NAMES {
            let [r, g, b] = c;
            let short = c.iter().all(|v| v >> 4 == v & 15);
            assert!(name.len() < if short { 4 } else { 7 } || (short && name.len() == 3), "{name} {r} {g} {b}");
        }
    }
}
