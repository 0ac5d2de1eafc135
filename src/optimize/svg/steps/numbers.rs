//! Numbers with the digits that can be seen, and path data in few bytes.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Setting;
use super::attributes::{Inherited, SHAPES};
use crate::optimize::svg::path::data::number;
use crate::optimize::svg::path::write::{Grid, exactly, number_text, write};
use crate::optimize::svg::path::{Path, Segment, fit};
use crate::optimize::svg::tree::{Document, Element};

/// Most decimals that are kept where nothing may be lost.
const MOST_DECIMALS: usize = 8;

/// An opacity this far off is the same on screens of 8 bits.
const OPACITY: f64 = 0.0019;

/// The share of the tolerance that rounding may take; the rest is for simpler curves.
const ROUNDING: f64 = 0.5;

/// From this slack on, coordinates are rounded to whole numbers (0.5, but for what a scale of two
/// digits loses).
const WHOLE: f64 = 0.49;

/// What is known about the place of an element.
#[derive(Clone)]
struct Place {
    /// Units of the root that a unit here covers; `None` where it cannot be known.
    scale: Option<f64>,
    inherited: Inherited,
    /// Whether path data may be changed.
    editable: bool,
    /// Whether this is outside the root.
    outside: bool,
}

impl Place {
    /// How far a coordinate may be off here, own units.
    fn tolerance(&self, setting: &Setting) -> f64 {
        match self.scale {
            Some(scale) if scale > 0.0 => setting.tolerance / scale,
            _ => 0.0,
        }
    }

    fn below(&self, element: &Element, setting: &Setting) -> Self {
        let mut place = self.clone();
        place.outside = false;
        place.inherited = self.inherited.below(element, &setting.facts);
        let boxed = ["clipPathUnits", "maskContentUnits", "patternContentUnits"]
            .iter()
            .any(|n| element.get(n) == Some("objectBoundingBox"));
        if boxed
            || matches!(element.name.as_str(), "symbol" | "pattern" | "marker")
            || element.name == "svg" && !self.outside
        {
            place.scale = None;
        }
        if let Some(transform) = element.get("transform") {
            place.scale = place.scale.zip(largest_scale(transform)).map(|(a, b)| a * b);
        }
        if let Some(id) = element.get("id") {
            if setting.facts.used.contains(id) {
                place.scale = place.scale.map(|s| s * setting.largest_use);
            }
            place.editable &= !setting.looked_at.contains(id);
        }
        place
    }
}

/// The most that a transform stretches anything.
pub(crate) fn largest_scale(transform: &str) -> Option<f64> {
    let t: svgtypes::Transform = transform.parse().ok()?;
    let (sum, difference) = ((t.a + t.d).hypot(t.b - t.c), (t.a - t.d).hypot(t.b + t.c));
    Some((sum + difference) / 2.0).filter(|s| s.is_finite())
}

/// The most that a `<use>` stretches what it refers to, at least 1.
pub(crate) fn largest_use(document: &Document) -> f64 {
    fn below(element: &Element, scale: f64, most: &mut f64) {
        let own = scale * element.get("transform").map_or(1.0, |t| largest_scale(t).unwrap_or(f64::INFINITY));
        if element.name == "use" {
            *most = most.max(own);
        }
        for child in element.elements() {
            below(child, own, most);
        }
    }
    let mut most = 1.0;
    below(&document.root, 1.0, &mut most);
    most
}

fn root_place() -> Place {
    Place { scale: Some(1.0), inherited: Inherited::initial(), editable: true, outside: true }
}

/// Rewrites path data: exactly where nothing may be lost, else with fewer and simpler segments and
/// with the decimals that can be seen.
pub(crate) fn paths(document: &mut Document, setting: &Setting) {
    let editable = !setting.facts.sheet_looks_at_values;
    path_data(&mut document.root, &Place { editable, ..root_place() }, setting);
}

fn path_data(element: &mut Element, above: &Place, setting: &Setting) {
    let place = above.below(element, setting);
    if element.name == "path" && place.editable {
        rewrite(element, &place, setting);
    }
    for child in element.elements_mut() {
        path_data(child, &place, setting);
    }
}

/// Path data that has been rewritten before: a drawing is written again with other paints, with finer
/// tolerances, and with and without a scale.
#[derive(Default)]
pub(crate) struct Rewritten {
    /// What each became within each tolerance.
    known: RefCell<HashMap<Question, Option<String>>>,
    /// What each is, and the same exactly in fewer bytes; `None` where it cannot be read.
    read: RefCell<HashMap<String, Option<Read>>>,
    /// What each is under each scale.
    scaled: RefCell<HashMap<(String, u64), Option<String>>>,
}

/// Path data as it was read.
#[derive(Clone)]
struct Read {
    path: Path,
    shorter: Option<String>,
}

impl Read {
    fn of(d: &str) -> Option<Self> {
        let path = Path::parse(d)?;
        let exact = (path.decimals <= MOST_DECIMALS).then(|| exactly(&path)).flatten();
        Some(Self { shorter: exact.filter(|text| text.len() < d.len()), path })
    }
}

impl Rewritten {
    /// `d` with every coordinate multiplied by `k`, as `scale` does it.
    pub(crate) fn scaled(&self, d: &str, k: f64, scale: impl FnOnce() -> Option<String>) -> Option<String> {
        let make = || {
            let text = scale()?;
            // It was just written in as few bytes as it takes.
            let read = Path::parse(&text).map(|path| Read { path, shorter: None });
            self.read.borrow_mut().insert(text.clone(), read);
            Some(text)
        };
        self.scaled.borrow_mut().entry((d.into(), k.to_bits())).or_insert_with(make).clone()
    }
}

/// What path data becomes depends on this.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    d: String,
    /// The bits of the tolerance, own units.
    tolerance: u64,
    /// Whether something is measured along it or shows its nodes.
    measured: bool,
    stroked: bool,
}

impl Question {
    /// Shorter path data for the same; `None` when there is none.
    fn answer(&self, read: Read) -> Option<String> {
        let (d, tolerance) = (&self.d, f64::from_bits(self.tolerance));
        let Read { mut path, shorter: best } = read;
        if tolerance <= 0.0 {
            return best;
        }
        if !self.measured {
            fit::simplify(&mut path, tolerance);
            // A part without any segment shows a dot where a stroke has round caps.
            if !self.stroked {
                path.subpaths.retain(|s| !s.segments.is_empty());
            }
        }
        let slack = tolerance * ROUNDING;
        let decimals = ((-slack.log10()).ceil() + 1.0).clamp(0.0, MOST_DECIMALS as f64) as usize;
        // Under a scale whole numbers are near enough.
        let grid = if slack >= WHOLE { Grid { decimals: 0, slack: 0.5 } } else { Grid { decimals, slack } };
        let now = best.as_ref().map_or(d.len(), String::len);
        write(&path, grid).filter(|t| t.len() < now && !t.is_empty()).or(best)
    }
}

fn rewrite(element: &mut Element, place: &Place, setting: &Setting) {
    let Some(d) = element.get("d") else { return };
    let marked = element.attributes.iter().any(|(n, _)| n.starts_with("marker"));
    // What has a dash pattern or a path length is measured along; what has markers shows its nodes.
    let measured = marked
        || element.has("pathLength")
        || element.has("style")
        || setting.facts.sheets > 0
        || place.inherited.get("stroke-dasharray") != Some("none");
    let stroked = place.inherited.get("stroke") != Some("none");
    let tolerance = place.tolerance(setting);
    let question = Question { d: d.into(), tolerance: tolerance.to_bits(), measured, stroked };
    let rewritten = &setting.rewritten;
    let mut known = rewritten.known.borrow_mut();
    let answer = known.entry(question).or_insert_with_key(|question| {
        let mut read = rewritten.read.borrow_mut();
        let read = read.entry(question.d.clone()).or_insert_with(|| Read::of(&question.d));
        read.clone().and_then(|read| question.answer(read))
    });
    if let Some(text) = answer {
        element.set("d", text.as_str());
    }
    if tolerance > 0.0 && !measured {
        to_circle(element, place);
    }
}

/// A path that is a whole circle or ellipse as one.
fn to_circle(element: &mut Element, place: &Place) {
    let Some(d) = element.get("d") else { return };
    let Some(path) = Path::parse(d) else { return };
    let [sub] = &path.subpaths[..] else { return };
    let [Segment::Arc(a, middle), Segment::Arc(b, end)] = sub.segments[..] else { return };
    let stroked = place.inherited.get("stroke") != Some("none");
    let upright = a.turn == 0.0 && b.turn == 0.0 || a.rx == a.ry;
    if (a.rx, a.ry, a.sweep) != (b.rx, b.ry, b.sweep) || !upright || end != sub.start || stroked && !sub.closed {
        return;
    }
    let (Some(one), Some(two)) = (a.center(sub.start, middle), b.center(middle, end)) else { return };
    let same = (one.center.x - two.center.x).abs().max((one.center.y - two.center.y).abs());
    if (one.extent.abs() + two.extent.abs() - std::f64::consts::TAU).abs() > 1e-3 || same > a.rx * 1e-2 {
        return;
    }
    let decimals = path.decimals.min(MOST_DECIMALS);
    let text = |v: f64| number_text((v * 10f64.powi(decimals as i32)).round() as i64, decimals);
    let (x, y) = ((one.center.x + two.center.x) / 2.0, (one.center.y + two.center.y) / 2.0);
    let mut made = vec![("cx".to_string(), text(x)), ("cy".to_string(), text(y))];
    made.retain(|(_, v)| v != "0");
    let name = if a.rx == a.ry {
        made.push(("r".into(), text(one.radii.0)));
        "circle"
    } else {
        made.push(("rx".into(), text(one.radii.0)));
        made.push(("ry".into(), text(one.radii.1)));
        "ellipse"
    };
    let cost: usize = made.iter().map(|(n, v)| Element::attribute_cost(n, v)).sum::<usize>() + name.len();
    if cost < Element::attribute_cost("d", d) + "path".len() {
        element.remove("d");
        element.attributes.extend(made);
        element.name = name.into();
    }
}

/// Rounds the numbers of all other attributes.
pub(crate) fn attributes(document: &mut Document, setting: &Setting) {
    numbers(&mut document.root, &root_place(), setting);
}

fn numbers(element: &mut Element, above: &Place, setting: &Setting) {
    let place = above.below(element, setting);
    let name = element.name.clone();
    let shape = SHAPES.contains(&name.as_str());
    // Only of a stroke width that children inherit it is asked where they are.
    let mut turned_below = false;
    if !shape && element.has("stroke-width") {
        element.visit(&mut |e| turned_below |= e.has("transform") || e.name == "use");
    }
    // The transform of an element applies to its own coordinates too.
    let tolerance = place.tolerance(setting) * ROUNDING;
    let longer = setting.longer;
    let in_boxes = !matches!(element.get("gradientUnits"), Some("userSpaceOnUse"));
    for (attribute, value) in &mut element.attributes {
        let allowed = match attribute.as_str() {
            "x" | "y" | "width" | "height" | "cx" | "cy" | "r" | "rx" | "ry" | "x1" | "y1" | "x2" | "y2" if shape => {
                tolerance
            }
            "stroke-width" if shape || !turned_below => tolerance,
            "x" | "y" if name == "use" => tolerance,
            "x1" | "y1" | "x2" | "y2" | "cx" | "cy" | "r" | "fx" | "fy" if name.ends_with("Gradient") => {
                if in_boxes && !element_is_whole(value) {
                    setting.paint_tolerance / longer
                } else {
                    setting.paint_tolerance
                }
            }
            "opacity" | "fill-opacity" | "stroke-opacity" | "stop-opacity" | "offset"
                if setting.paint_tolerance > 0.0 =>
            {
                OPACITY
            }
            "opacity" | "fill-opacity" | "stroke-opacity" | "stop-opacity" | "offset" | "stroke-miterlimit"
            | "stroke-dashoffset" => 0.0,
            _ => continue,
        };
        if let Some(short) = shortest(value, allowed)
            && short.len() < value.len()
        {
            *value = short;
        }
    }
    for child in element.elements_mut() {
        numbers(child, &place, setting);
    }
}

fn element_is_whole(value: &str) -> bool {
    value.parse::<i64>().is_ok()
}

/// The number in `value` with the fewest decimals that is within `tolerance` of it; a number that is
/// not 0 stays so. `None` for what is no plain number.
pub(crate) fn shortest(value: &str, tolerance: f64) -> Option<String> {
    let (v, decimals, length) = number(value.trim().as_bytes())?;
    let unit = &value.trim()[length..];
    let v = match unit {
        "" | "px" => v,
        "%" if value.trim().len() > 1 => return None,
        _ => return None,
    };
    shortest_of(v, tolerance, decimals)
}

/// The same for a number; `decimals` are all that it has.
pub(crate) fn shortest_of(v: f64, tolerance: f64, decimals: usize) -> Option<String> {
    if v.abs() > 1e9 || !v.is_finite() {
        return None;
    }
    for d in 0..=decimals.min(MOST_DECIMALS) {
        let scale = 10f64.powi(d as i32);
        let n = (v * scale).round();
        let last = d == decimals;
        if (last || (n / scale - v).abs() <= tolerance + 1e-12) && (n != 0.0 || v == 0.0) {
            return Some(number_text(n as i64, d));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_count() {
        for (value, tolerance, short) in [
            ("1.500", 0.0, "1.5"),
            ("0.333", 0.002, ".333"),
            ("0.333", 0.04, ".3"),
            ("12px", 0.0, "12"),
            ("0.001", 0.1, ".001"),
            ("-0.0", 0.0, "0"),
        ] {
            assert_eq!(shortest(value, tolerance).as_deref(), Some(short), "{value}");
        }
        assert_eq!(shortest("50%", 1.0), None);
        assert_eq!(shortest("1em", 1.0), None);
    }
}
