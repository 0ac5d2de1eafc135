//! Gradients: fewer stops, fewer attributes, and what several have in common said once.
//!
//! A linear gradient is a linear function of the place; however it is written, it can be written as
//! two points without a transform, in user space or as shares of the painted shape's box, and the
//! first point may slide along the stripes to where its numbers are short. A radial gradient whose
//! focus is its centre is an ellipse, which has a best form among a circle, a circle with a turn and
//! a stretch, and the standard circle of a box under a matrix. All of these are tried.

use std::collections::BTreeMap;

use super::Setting;
use super::numbers::shortest_of;
use crate::document::Point;
use crate::optimize::svg::facts::urls;
use crate::optimize::svg::path::fit::cubic_at;
use crate::optimize::svg::path::{Path, Segment};
use crate::optimize::svg::tree::{Document, Element, Node};

/// How much further than a contour a gradient may be off: its colours change over many px.
const SOFTNESS: f64 = 1.5;

/// A number with more decimals than this is not written.
const DECIMALS: usize = 6;

fn is_gradient(element: &Element) -> bool {
    matches!(element.name.as_str(), "linearGradient" | "radialGradient")
}

/// Fewer stops: none that the ones beside it say already.
pub(crate) fn stops(document: &mut Document, setting: &Setting) {
    let lossy = setting.paint_tolerance > 0.0;
    document.root.visit_mut(&mut |e| {
        if !is_gradient(e) {
            return;
        }
        for stop in e.elements_mut() {
            if let Some(percent) =
                stop.get("offset").and_then(|v| v.strip_suffix('%')).and_then(|v| v.parse::<f64>().ok())
                && let Some(share) = shortest_of(percent / 100.0, 1e-9, DECIMALS)
            {
                stop.set("offset", share);
            }
        }
        let Some(mut known) = e.children.iter().map(Stop::of).collect::<Option<Vec<_>>>() else { return };
        if known.windows(2).any(|w| w[0].offset > w[1].offset) || e.has("href") || e.has("xlink:href") {
            return;
        }
        let mut keep: Vec<usize> = (0..known.len()).collect();
        let mut i = 0;
        while i < known.len() && known.len() > 2 {
            let last = known.len() - 1;
            let idle = match i {
                0 => known[0].paint == known[1].paint,
                _ if i == last => known[last].paint == known[last - 1].paint,
                _ => known[i].is_between(&known[i - 1], &known[i + 1], lossy),
            };
            if idle {
                known.remove(i);
                keep.remove(i);
                i = i.saturating_sub(1);
            } else {
                i += 1;
            }
        }
        let mut index = 0;
        e.children.retain(|_| {
            index += 1;
            keep.contains(&(index - 1))
        });
    });
}

/// A stop with its colour and opacity as numbers.
struct Stop {
    offset: f64,
    paint: [f64; 4],
}

impl Stop {
    fn of(node: &Node) -> Option<Self> {
        let Node::Element(e) = node else { return None };
        let plain = e.attributes.iter().all(|(n, _)| matches!(n.as_str(), "offset" | "stop-color" | "stop-opacity"));
        if e.name != "stop" || !plain || !e.children.is_empty() {
            return None;
        }
        let color: svgtypes::Color = e.get("stop-color").unwrap_or("#000").parse().ok()?;
        let opacity: f64 = e.get("stop-opacity").unwrap_or("1").parse().ok()?;
        let paint =
            [f64::from(color.red), f64::from(color.green), f64::from(color.blue), f64::from(color.alpha) * opacity];
        Some(Self { offset: e.get("offset").unwrap_or("0").parse().ok()?, paint })
    }

    fn is_between(&self, a: &Stop, b: &Stop, lossy: bool) -> bool {
        if a.paint == self.paint && b.paint == self.paint {
            return true;
        }
        let span = b.offset - a.offset;
        if !lossy || span <= 0.0 {
            return false;
        }
        let share = (self.offset - a.offset) / span;
        // Two thirds of a level of 8 bits.
        (0..4).all(|c| (a.paint[c] + share * (b.paint[c] - a.paint[c]) - self.paint[c]).abs() < 0.67)
    }
}

/// A way to write a gradient's geometry.
type Form = Vec<(&'static str, String)>;

fn cost(form: &Form) -> usize {
    form.iter().map(|(n, v)| Element::attribute_cost(n, v)).sum()
}

/// The attributes that [`geometry`] writes anew.
const GEOMETRY: [&str; 11] =
    ["x1", "y1", "x2", "y2", "cx", "cy", "r", "fx", "fy", "gradientUnits", "gradientTransform"];

/// Each gradient's geometry in its shortest form.
pub(crate) fn geometry(document: &mut Document, setting: &Setting) {
    if setting.paint_tolerance == 0.0 {
        return;
    }
    let mut painted: BTreeMap<String, Option<[f64; 4]>> = BTreeMap::new();
    let mut scales: BTreeMap<String, f64> = BTreeMap::new();
    look(&document.root, 1.0, &mut painted, &mut scales);
    document.root.visit_mut(&mut |e| {
        if !is_gradient(e) || e.href().is_some() || e.has("style") || e.has("fr") {
            return;
        }
        let Some(id) = e.get("id") else { return };
        if setting.facts.pinned.contains(id) {
            return;
        }
        let bounds = painted.get(id).copied().flatten();
        let scale = scales.get(id).copied().unwrap_or(1.0);
        let tolerance = setting.paint_tolerance * SOFTNESS / scale;
        let forms = if e.name == "linearGradient" {
            linear(e, bounds, tolerance, setting.longer / scale)
        } else {
            radial(e, bounds, tolerance)
        };
        let Some(best) = forms.unwrap_or_default().into_iter().min_by_key(cost) else { return };
        let now: usize = e
            .attributes
            .iter()
            .filter(|(n, _)| GEOMETRY.contains(&n.as_str()))
            .map(|(n, v)| Element::attribute_cost(n, v))
            .sum();
        if cost(&best) < now {
            e.attributes.retain(|(n, _)| !GEOMETRY.contains(&n.as_str()));
            e.attributes.extend(best.into_iter().map(|(n, v)| (n.to_string(), v)));
        }
    });
}

/// Notes the box of the shape that each gradient paints (`None` for more than one, or another kind
/// of reference), and how much that place is stretched.
fn look(
    element: &Element,
    scale: f64,
    painted: &mut BTreeMap<String, Option<[f64; 4]>>,
    scales: &mut BTreeMap<String, f64>,
) {
    let own =
        scale * element.get("transform").map_or(1.0, |t| super::numbers::largest_scale(t).unwrap_or(f64::INFINITY));
    for (name, value) in &element.attributes {
        for id in urls(value) {
            let bounds = (name == "fill" && element.name == "path" && !element.has("style"))
                .then(|| element.get("d").and_then(Path::parse).and_then(|p| tight_box(&p)))
                .flatten();
            painted.entry(id.to_string()).and_modify(|b| *b = None).or_insert(bounds);
            let most = scales.entry(id.to_string()).or_insert(own);
            *most = most.max(own);
        }
    }
    for child in element.elements() {
        look(child, own, painted, scales);
    }
}

/// The box of what a path fills; `None` when it has no width or no height.
pub(crate) fn tight_box(path: &Path) -> Option<[f64; 4]> {
    let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let mut add = |p: Point| b = [b[0].min(p.x), b[1].min(p.y), b[2].max(p.x), b[3].max(p.y)];
    for sub in &path.subpaths {
        if sub.segments.is_empty() {
            continue;
        }
        add(sub.start);
        let mut from = sub.start;
        for segment in &sub.segments {
            let cubics = match *segment {
                Segment::Line(_) => Vec::new(),
                Segment::Quad(a, p) => {
                    let third = |p: Point| super::super::path::mix(p, a, 2.0 / 3.0);
                    vec![Segment::Cubic(third(from), third(p), p)]
                }
                Segment::Cubic(..) => vec![*segment],
                Segment::Arc(arc, p) => arc.center(from, p).map(|c| c.cubics()).unwrap_or_default(),
            };
            let mut start = from;
            for cubic in cubics {
                let Segment::Cubic(p, q, end) = cubic else { continue };
                let curve = [start, p, q, end];
                for t in extremes(curve.map(|p| p.x)).chain(extremes(curve.map(|p| p.y))) {
                    add(cubic_at(curve, t));
                }
                start = end;
            }
            add(segment.end());
            from = segment.end();
        }
    }
    (b[2] - b[0] > 0.0 && b[3] - b[1] > 0.0).then_some(b)
}

/// Parameters at which a coordinate of a cubic turns back.
fn extremes(v: [f64; 4]) -> impl Iterator<Item = f64> {
    let (a, b, c) = (v[3] - 3.0 * v[2] + 3.0 * v[1] - v[0], 2.0 * (v[2] - 2.0 * v[1] + v[0]), v[1] - v[0]);
    let roots = if a.abs() < 1e-12 {
        [-c / b, f64::NAN]
    } else {
        let root = (b * b - 4.0 * a * c).sqrt();
        [(-b + root) / (2.0 * a), (-b - root) / (2.0 * a)]
    };
    roots.into_iter().filter(|t| *t > 0.0 && *t < 1.0)
}

fn transform_of(element: &Element) -> Option<[f64; 6]> {
    match element.get("gradientTransform") {
        None => Some([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
        Some(text) => {
            let t: svgtypes::Transform = text.parse().ok()?;
            Some([t.a, t.b, t.c, t.d, t.e, t.f])
        }
    }
}

fn apply(m: [f64; 6], p: Point) -> Point {
    Point::new(m[0] * p.x + m[2] * p.y + m[4], m[1] * p.x + m[3] * p.y + m[5])
}

/// A coordinate of a gradient that is a plain number; `default` where there is none.
fn coordinate(element: &Element, name: &str, default: Option<f64>) -> Option<f64> {
    match element.get(name) {
        None => default,
        Some(v) => v.parse().ok(),
    }
}

const USER: (&str, &str) = ("gradientUnits", "userSpaceOnUse");

fn put(form: &mut Form, name: &'static str, value: f64, tolerance: f64, default: Option<&str>) -> Option<()> {
    let text = shortest_of(value, tolerance, DECIMALS).map(|t| if t == "-0" { "0".into() } else { t })?;
    // What is smaller than the tolerance may be nothing.
    let text = if value.abs() <= tolerance { "0".to_string() } else { text };
    if default != Some(text.as_str()) {
        form.push((name, text));
    }
    Some(())
}

/// The forms of a linear gradient.
fn linear(element: &Element, bounds: Option<[f64; 4]>, tolerance: f64, reach: f64) -> Option<Vec<Form>> {
    let user = element.get("gradientUnits") == Some("userSpaceOnUse");
    let m = transform_of(element)?;
    let end = if user { None } else { Some(1.0) };
    let p1 = Point::new(coordinate(element, "x1", Some(0.0))?, coordinate(element, "y1", Some(0.0))?);
    let p2 = Point::new(coordinate(element, "x2", end)?, coordinate(element, "y2", Some(0.0))?);
    let (dx, dy) = (p2.x - p1.x, p2.y - p1.y);
    let length = dx * dx + dy * dy;
    let determinant = m[0] * m[3] - m[1] * m[2];
    if length == 0.0 || determinant.abs() < 1e-12 {
        return None;
    }
    // The gradient as a row: t = n · (x - q).
    let (gx, gy) = (dx / length, dy / length);
    let n = ((gx * m[3] - gy * m[1]) / determinant, (-gx * m[2] + gy * m[0]) / determinant);
    let q = apply(m, p1);
    let mut forms = Vec::new();
    let mut add = |n: (f64, f64), q: Point, user: bool, tolerance: f64, reach: f64| {
        let size = n.0 * n.0 + n.1 * n.1;
        let v = Point::new(n.0 / size, n.1 / size);
        let long = v.x.hypot(v.y);
        let stripe = Point::new(-v.y / long, v.x / long);
        // Straight along an axis, within tolerance over the whole reach?
        let flat = |across: f64| across.abs() / long * reach <= tolerance;
        let (vertical, horizontal) = (flat(v.x), flat(v.y));
        for slide in [
            Some(0.0),
            (!vertical && !horizontal).then(|| -q.x / stripe.x),
            (!vertical && !horizontal).then(|| -q.y / stripe.y),
        ]
        .into_iter()
        .flatten()
        {
            let tolerance = tolerance / (1.0 + slide.abs() / long);
            if !slide.is_finite() || slide.abs() > 4.0 * reach {
                continue;
            }
            let a = Point::new(q.x + stripe.x * slide, q.y + stripe.y * slide);
            let mut form = Form::new();
            let x2 = if user { None } else { Some("1") };
            let numbers = if vertical {
                [0.0, a.y, 0.0, a.y + v.y]
            } else if horizontal {
                [a.x, 0.0, a.x + v.x, 0.0]
            } else {
                [a.x, a.y, a.x + v.x, a.y + v.y]
            };
            let done = put(&mut form, "x1", numbers[0], tolerance, Some("0"))
                .and_then(|()| put(&mut form, "y1", numbers[1], tolerance, Some("0")))
                .and_then(|()| put(&mut form, "x2", numbers[2], tolerance, x2))
                .and_then(|()| put(&mut form, "y2", numbers[3], tolerance, Some("0")));
            if done.is_none() {
                continue;
            }
            if user {
                form.push((USER.0, USER.1.into()));
            }
            forms.push(form);
        }
    };
    if !user {
        // The size of the box is not known here: at most as large as the drawing.
        add(n, q, false, tolerance / reach, 1.0);
        return Some(forms);
    }
    add(n, q, true, tolerance, reach);
    if let Some(b) = bounds {
        let (w, h) = (b[2] - b[0], b[3] - b[1]);
        let n = (n.0 * w, n.1 * h);
        let q = Point::new((q.x - b[0]) / w, (q.y - b[1]) / h);
        add(n, q, false, tolerance / w.max(h), 1.0);
    }
    Some(forms)
}

/// The forms of a radial gradient.
fn radial(element: &Element, bounds: Option<[f64; 4]>, tolerance: f64) -> Option<Vec<Form>> {
    let user = element.get("gradientUnits") == Some("userSpaceOnUse");
    let half = if user { None } else { Some(0.5) };
    let m = transform_of(element)?;
    let c = Point::new(coordinate(element, "cx", half)?, coordinate(element, "cy", half)?);
    let r = coordinate(element, "r", half)?;
    let focus = (coordinate(element, "fx", Some(c.x))?, coordinate(element, "fy", Some(c.y))?);
    if focus != (c.x, c.y) || r <= 0.0 || (m[0] * m[3] - m[1] * m[2]).abs() < 1e-12 {
        return None;
    }
    let center = apply(m, c);
    let axes = [m[0] * r, m[1] * r, m[2] * r, m[3] * r];
    let mut forms = Vec::new();
    if user {
        ellipse(&mut forms, center, axes, true, tolerance);
        if let Some(b) = bounds {
            let (w, h) = (b[2] - b[0], b[3] - b[1]);
            let center = Point::new((center.x - b[0]) / w, (center.y - b[1]) / h);
            ellipse(
                &mut forms,
                center,
                [axes[0] / w, axes[1] / h, axes[2] / w, axes[3] / h],
                false,
                tolerance / w.max(h),
            );
        }
    }
    Some(forms)
}

/// The forms of the ellipse around `center` whose conjugate half axes are (a, b) and (c, d).
fn ellipse(forms: &mut Vec<Form>, center: Point, [a, b, c, d]: [f64; 4], user: bool, tolerance: f64) {
    // Principal axes.
    let (sum, difference) = ((a + d).hypot(b - c), (a - d).hypot(b + c));
    let (p, q) = ((sum + difference) / 2.0, (sum - difference).abs() / 2.0);
    let turn = 0.5 * ((b - c).atan2(a + d) + (b + c).atan2(a - d));
    if !(p > 0.0 && q > 1e-9 * p) {
        return;
    }
    let default = if user { None } else { Some(".5") };
    let mut circle = |center: Point, r: f64, tolerance: f64, transform: Option<String>| {
        let mut form = Form::new();
        let done = put(&mut form, "cx", center.x, tolerance, default)
            .and_then(|()| put(&mut form, "cy", center.y, tolerance, default))
            .and_then(|()| put(&mut form, "r", r, tolerance, default));
        if done.is_none() || form.iter().any(|(n, v)| *n == "r" && v == "0") {
            return;
        }
        form.extend(transform.map(|t| ("gradientTransform", t)));
        if user {
            form.push((USER.0, USER.1.into()));
        }
        forms.push(form);
    };
    if p - q <= tolerance {
        circle(center, (p + q) / 2.0, tolerance, None);
        return;
    }
    let number = |v: f64, tolerance: f64| shortest_of(v, tolerance, DECIMALS);
    // Upright, or lying.
    let (sin, cos) = turn.sin_cos();
    let near = |v: f64| (v * p).abs() <= tolerance;
    if near(sin) || near(cos) {
        let (rx, ry) = if near(sin) { (p, q) } else { (q, p) };
        if let Some(k) = number(ry / rx, tolerance / ry)
            && let Ok(stretch) = k.parse::<f64>()
        {
            let tolerance = tolerance / stretch.max(1.0);
            circle(Point::new(center.x, center.y / stretch), rx, tolerance, Some(format!("scale(1 {k})")));
        }
        if let Some(k) = number(rx / ry, tolerance / rx)
            && let Ok(stretch) = k.parse::<f64>()
        {
            let tolerance = tolerance / stretch.max(1.0);
            circle(Point::new(center.x / stretch, center.y), ry, tolerance, Some(format!("scale({k} 1)")));
        }
    }
    // Turned: scale first, then turn.
    let far = p.max(center.x.hypot(center.y));
    if let (Some(angle), Some(k)) =
        (number(turn.to_degrees(), (tolerance / far).to_degrees()), number(q / p, tolerance / p))
        && let (Ok(degrees), Ok(stretch)) = (angle.parse::<f64>(), k.parse::<f64>())
    {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let inner = Point::new(cos * center.x + sin * center.y, (-sin * center.x + cos * center.y) / stretch);
        circle(inner, p, tolerance, Some(format!("rotate({angle})scale(1 {k})")));
    }
    // The box's own circle under a matrix, turned so that one of its numbers is 0.
    if !user {
        let first = (a * a + c * c).sqrt();
        // Rotating (a, c) onto the first axis leaves a lower triangle.
        let (l11, l21, l22) = (first, (a * b + c * d) / first, (a * d - b * c).abs() / first);
        let (a, b, d) = (2.0 * l11, 2.0 * l21, 2.0 * l22);
        let numbers = [a, b, 0.0, d, center.x - a / 2.0, center.y - b / 2.0 - d / 2.0];
        let texts: Option<Vec<String>> = numbers
            .iter()
            .map(|v| if v.abs() <= tolerance / 2.0 { Some("0".to_string()) } else { number(*v, tolerance / 2.0) })
            .collect();
        if let Some(texts) = texts
            && texts[0] != "0"
            && texts[3] != "0"
        {
            forms.push(vec![("gradientTransform", format!("matrix({})", list(&texts)))]);
        }
    }
}

/// Numbers with no more between them than they need.
fn list(numbers: &[String]) -> String {
    let mut out = String::new();
    for n in numbers {
        let dotted = out.rsplit([' ', '-']).next().is_some_and(|last| last.contains('.'));
        if !(out.is_empty() || n.starts_with('-') || n.starts_with('.') && dotted) {
            out.push(' ');
        }
        out.push_str(n);
    }
    out
}

/// Equal gradients as one, and equal stops said once.
pub(crate) fn share(document: &mut Document, setting: &Setting) {
    let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut stops: BTreeMap<String, Vec<Element>> = BTreeMap::new();
    document.root.visit(&mut |e| {
        let Some(id) = e.get("id").filter(|id| is_gradient(e) && !setting.facts.pinned.contains(*id)) else { return };
        let mut bare = e.clone();
        bare.remove("id");
        bare.attributes.sort();
        same.entry(bare.text()).or_default().push(id.to_string());
    });
    // The first of equal ones stays.
    let mut instead: BTreeMap<String, String> = BTreeMap::new();
    for ids in same.values().filter(|ids| ids.len() > 1) {
        for id in &ids[1..] {
            instead.insert(id.clone(), ids[0].clone());
        }
    }
    document.root.visit_mut(&mut |e| {
        e.children.retain(|n| !matches!(n, Node::Element(c) if is_gradient(c) && c.get("id").is_some_and(|id| instead.contains_key(id))));
        for (name, value) in &mut e.attributes {
            let target = if name.ends_with("href") { value.strip_prefix('#') } else { urls(value).next() };
            if let Some(new) = target.and_then(|id| instead.get(id)) {
                *value = if name.ends_with("href") { format!("#{new}") } else { format!("url(#{new})") };
            }
        }
    });
    document.root.visit(&mut |e| {
        if is_gradient(e) && e.href().is_none() && e.has("id") && !e.children.is_empty() && !e.has("style") {
            let text = e.children.iter().map(Node::text).collect();
            stops.entry(text).or_default().push(e.clone());
        }
    });
    let link = if document.root.has("xmlns:xlink") { "xlink:href" } else { "href" };
    let mut changes: BTreeMap<String, Element> = BTreeMap::new();
    for group in stops.into_values().filter(|g| g.len() > 1) {
        let stops_cost: usize = group[0].children.iter().map(node_cost).sum();
        let plan = |template: &Element| -> (i64, Vec<Element>) {
            let mut saved = 0;
            let mut out = Vec::new();
            for e in group.iter().filter(|e| e.get("id") != template.get("id")) {
                let Some(linked) = linked(e, template, link) else { continue };
                let before: usize = e.attributes.iter().map(|(n, v)| Element::attribute_cost(n, v)).sum();
                let after: usize = linked.attributes.iter().map(|(n, v)| Element::attribute_cost(n, v)).sum();
                // `</linearGradient>` and the `>` before it against `/>`.
                let gain = (before + stops_cost + e.name.len() + 2) as i64 - after as i64;
                if gain > 0 {
                    saved += gain;
                    out.push(linked);
                }
            }
            (saved, out)
        };
        let best = group.iter().map(plan).max_by_key(|(saved, _)| *saved);
        for linked in best.into_iter().flat_map(|(_, out)| out) {
            if let Some(id) = linked.get("id").map(String::from) {
                changes.insert(id, linked);
            }
        }
    }
    document.root.visit_mut(&mut |e| {
        if is_gradient(e)
            && let Some(linked) = e.get("id").and_then(|id| changes.get(id))
        {
            *e = linked.clone();
        }
    });
}

fn node_cost(node: &Node) -> usize {
    match node {
        Node::Element(e) => {
            e.name.len() + 3 + e.attributes.iter().map(|(n, v)| Element::attribute_cost(n, v)).sum::<usize>()
        }
        _ => 0,
    }
}

/// `element` with the stops of `template`, and with no attribute of it by accident.
fn linked(element: &Element, template: &Element, link: &str) -> Option<Element> {
    let mut out = Element::new(&element.name);
    let same_kind = element.name == template.name;
    for (name, value) in &element.attributes {
        let taken = name != "id" && template.get(name) == Some(value.as_str());
        let travels = same_kind || matches!(name.as_str(), "gradientUnits" | "gradientTransform" | "spreadMethod");
        if !(taken && travels) {
            out.attributes.push((name.clone(), value.clone()));
        }
    }
    let boxed = element.get("gradientUnits") != Some("userSpaceOnUse");
    for (name, _) in template.attributes.iter().filter(|(n, _)| n != "id" && !element.has(n)) {
        let default = match name.as_str() {
            "gradientUnits" => "objectBoundingBox",
            "spreadMethod" => "pad",
            "gradientTransform" => "scale(1)",
            _ if !same_kind => continue,
            "x1" | "y1" | "y2" => "0",
            "x2" if boxed => "1",
            "cx" | "cy" | "r" if boxed => ".5",
            _ => return None,
        };
        out.attributes.push((name.clone(), default.into()));
    }
    out.attributes.push((link.into(), format!("#{}", template.get("id")?)));
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_of_a_path_is_tight() {
        let b = tight_box(&Path::parse("M0 0C0 8 10 8 10 0z").unwrap()).unwrap();
        assert!((b[3] - 6.0).abs() < 1e-9 && b[..3] == [0.0, 0.0, 10.0], "{b:?}");
        assert_eq!(tight_box(&Path::parse("M0 0h10").unwrap()), None);
    }

    #[test]
    fn lists_have_no_needless_spaces() {
        let list = |n: &[&str]| super::list(&n.iter().map(|s| (*s).to_string()).collect::<Vec<_>>());
        assert_eq!(list(&["1", ".5", ".5", "-2", "3", ".1"]), "1 .5.5-2 3 .1");
    }
}
