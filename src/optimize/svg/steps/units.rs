//! Coordinates as whole numbers under one scale: no decimal points, and a grid as fine as the
//! tolerance wants instead of the next power of ten.
//!
//! The drawing is put into `<g transform="scale(f)">` and every length in it divided by f. Only
//! where every length is understood: no texts, images, filters, masks, patterns, markers, symbols,
//! percentages.

use super::Setting;
use super::attributes::SHAPES;
use super::numbers::{Rewritten, shortest_of};
use crate::optimize::svg::Keep;
use crate::optimize::svg::path::{Path, write};
use crate::optimize::svg::tree::{Document, Element, Node};

/// Decimals kept of a number that is divided by the scale; the steps after this one round.
const DECIMALS: usize = 4;

/// The share of the tolerance that rounding to whole numbers may take in each direction.
const SHARE: f64 = 0.5;

/// Puts the drawing under a scale.
pub(crate) fn whole(document: &mut Document, setting: &Setting) {
    if setting.tolerance == 0.0 || setting.keep.contains(&Keep::Units) {
        return;
    }
    // Whole numbers are off by up to a half.
    let Some(text) = one_or_two_digits(2.0 * SHARE * setting.tolerance) else { return };
    let Ok(factor) = text.parse::<f64>() else { return };
    let mut root = document.root.clone();
    let titles = |n: &Node| matches!(n, Node::Opaque(o) if matches!(o.name.as_str(), "title" | "desc" | "metadata"));
    let (kept, inside): (Vec<Node>, Vec<Node>) = std::mem::take(&mut root.children).into_iter().partition(titles);
    let mut group = Element::new("g");
    group.set("transform", format!("scale({text})"));
    group.children = inside;
    let mut strokes = root.has("stroke");
    let k = 1.0 / factor;
    if root.has("clip-path")
        || root.has("mask")
        || root.has("filter")
        || root.has("style")
        || !lengths(&mut root, k, false, &setting.rewritten)
    {
        return;
    }
    for child in &mut group.children {
        let Node::Element(child) = child else { return };
        if !scale(child, k, &mut strokes, &setting.rewritten) {
            return;
        }
    }
    if strokes && !root.has("stroke-width") {
        let Some(width) = shortest_of(k, 0.0, DECIMALS) else { return };
        group.set("stroke-width", width);
    }
    root.children = kept;
    root.children.push(Node::Element(group));
    document.root = root;
}

/// Whether the drawing is on a grid of about `tolerance` already, from being shrunk before: rounding
/// it again would gain little and add a second error to the first.
pub(crate) fn is_whole(document: &Document, tolerance: f64) -> bool {
    let Some(group) = document.root.elements().next().filter(|g| g.name == "g") else { return false };
    let factor = group.get("transform").and_then(|t| t.strip_prefix("scale(")?.strip_suffix(')')?.parse::<f64>().ok());
    // The finest tolerance tried is an eighth of the one asked for.
    let ours = factor.is_some_and(|f| f >= 0.1 * tolerance && f <= 1.5 * tolerance);
    let mut whole = document.root.elements().count() == 1;
    group.visit(&mut |e| whole &= e.get("d").is_none_or(|d| !d.contains('.')));
    ours && whole
}

/// The largest number of one or two digits that is not over `v`, written short.
fn one_or_two_digits(v: f64) -> Option<String> {
    if !(v > 1e-7 && v < 1.0) {
        return None;
    }
    let power = v.log10().floor();
    let unit = 10f64.powf(power);
    let first = (v / unit + 1e-9).floor();
    let decimals = -power as usize;
    // A second digit where the first alone would give much away.
    let (value, decimals) = if first * unit < 0.9 * v {
        ((v / unit * 10.0 + 1e-9).floor() * unit / 10.0, decimals + 1)
    } else {
        (first * unit, decimals)
    };
    shortest_of(value, 0.0, decimals)
}

/// Multiplies every length in `element` by `k`; `false` when there is one that is not understood.
fn scale(element: &mut Element, k: f64, strokes: &mut bool, before: &Rewritten) -> bool {
    let known = matches!(
        element.name.as_str(),
        "g" | "defs" | "use" | "clipPath" | "linearGradient" | "radialGradient" | "stop"
    ) || SHAPES.contains(&element.name.as_str());
    let strange = [
        "style",
        "filter",
        "mask",
        "vector-effect",
        "pathLength",
        "marker",
        "marker-start",
        "marker-mid",
        "marker-end",
        "transform-origin",
        "class",
    ];
    if !known || strange.iter().any(|n| element.has(n)) || element.get("clipPathUnits") == Some("objectBoundingBox") {
        return false;
    }
    *strokes |= element.has("stroke");
    if !lengths(element, k, true, before) {
        return false;
    }
    for child in &mut element.children {
        match child {
            Node::Element(child) => {
                if !scale(child, k, strokes, before) {
                    return false;
                }
            }
            Node::Opaque(o) if matches!(o.name.as_str(), "title" | "desc") => {}
            _ => return false,
        }
    }
    true
}

fn lengths(element: &mut Element, k: f64, place: bool, before: &Rewritten) -> bool {
    let gradient = element.name.ends_with("Gradient");
    if gradient && element.get("gradientUnits") != Some("userSpaceOnUse") {
        return true;
    }
    if gradient && element.href().is_some() {
        return false;
    }
    let times = |value: &str| -> Option<String> { shortest_of(value.trim().parse::<f64>().ok()? * k, 0.0, DECIMALS) };
    for (name, value) in &mut element.attributes {
        let new = match name.as_str() {
            "x" | "y" | "width" | "height" | "cx" | "cy" | "r" | "rx" | "ry" | "x1" | "y1" | "x2" | "y2" | "fx"
            | "fy"
                if place =>
            {
                times(value)
            }
            "stroke-width" | "stroke-dashoffset" => times(value),
            "stroke-dasharray" if value != "none" => value
                .split([' ', ','])
                .filter(|v| !v.is_empty())
                .map(&times)
                .collect::<Option<Vec<_>>>()
                .map(|v| v.join(" ")),
            "points" => value
                .split([' ', ',', '\n', '\t', '\r'])
                .filter(|v| !v.is_empty())
                .map(&times)
                .collect::<Option<Vec<_>>>()
                .map(|v| v.join(" ")),
            "d" => before.scaled(value, k, || path(value, k)),
            "transform" | "gradientTransform" => transform(value, k),
            _ => continue,
        };
        let Some(new) = new else { return false };
        *value = new;
    }
    true
}

fn path(d: &str, k: f64) -> Option<String> {
    let mut path = Path::parse(d)?;
    for sub in &mut path.subpaths {
        sub.start = crate::document::Point::new(sub.start.x * k, sub.start.y * k);
        sub.segments.iter_mut().for_each(|s| *s = s.scaled(k));
    }
    write::write(&path, write::Grid { decimals: DECIMALS, slack: 0.0 })
}

/// A list of transforms with its lengths multiplied by `k`.
fn transform(text: &str, k: f64) -> Option<String> {
    use svgtypes::TransformListToken as Token;
    let number = |v: f64| shortest_of(v, 0.0, 6);
    let mut out = String::new();
    for token in svgtypes::TransformListParser::from(text) {
        let piece = match token.ok()? {
            Token::Matrix { a, b, c, d, e, f } => {
                let linear = [a, b, c, d].map(number);
                let moved = [e, f].map(|v| shortest_of(v * k, 0.0, DECIMALS));
                let all: Option<Vec<String>> = linear.into_iter().chain(moved).collect();
                format!("matrix({})", all?.join(" "))
            }
            Token::Translate { tx, ty } => {
                format!("translate({} {})", shortest_of(tx * k, 0.0, DECIMALS)?, shortest_of(ty * k, 0.0, DECIMALS)?)
            }
            Token::Scale { sx, sy } if sx == sy => format!("scale({})", number(sx)?),
            Token::Scale { sx, sy } => format!("scale({} {})", number(sx)?, number(sy)?),
            // The parser says a turn about a point as moves around a turn.
            Token::Rotate { angle } => format!("rotate({})", number(angle)?),
            Token::SkewX { angle } => format!("skewX({})", number(angle)?),
            Token::SkewY { angle } => format!("skewY({})", number(angle)?),
        };
        out.push_str(&piece);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_few_digits() {
        for (v, text) in [(0.0031, ".003"), (0.05, ".05"), (0.0199, ".019"), (0.0000625, ".00006"), (0.29, ".29")] {
            assert_eq!(one_or_two_digits(v).as_deref(), Some(text), "{v}");
        }
        assert_eq!(one_or_two_digits(3.0), None);
    }

    #[test]
    fn transforms_keep_their_meaning() {
        let (t, k) = ("translate(3 4)rotate(30 1 2)matrix(1 2 3 4 5 6)scale(2)", 20.0);
        let a: svgtypes::Transform = t.parse().unwrap();
        let b: svgtypes::Transform = transform(t, k).unwrap().parse().unwrap();
        let near = |x: f64, y: f64| (x - y).abs() < 1e-2;
        assert!(near(a.a, b.a) && near(a.b, b.b) && near(a.c, b.c) && near(a.d, b.d));
        assert!(near(a.e * k, b.e) && near(a.f * k, b.f), "{a:?} {b:?}");
    }
}
