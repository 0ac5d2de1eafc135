//! Attributes that say what would be so without them, and values that can be said in fewer bytes.

use std::rc::Rc;

use super::Setting;
use crate::optimize::svg::facts::Facts;
use crate::optimize::svg::tree::{Document, Element, Node};

/// Properties that children inherit, with their initial values.
pub(crate) const INHERITED: [(&str, &str); 17] = [
    ("fill", "#000"),
    ("fill-opacity", "1"),
    ("fill-rule", "nonzero"),
    ("stroke", "none"),
    ("stroke-width", "1"),
    ("stroke-opacity", "1"),
    ("stroke-linecap", "butt"),
    ("stroke-linejoin", "miter"),
    ("stroke-miterlimit", "4"),
    ("stroke-dasharray", "none"),
    ("stroke-dashoffset", "0"),
    ("clip-rule", "nonzero"),
    ("visibility", "visible"),
    ("paint-order", "normal"),
    ("shape-rendering", "auto"),
    ("image-rendering", "auto"),
    ("color-interpolation", "sRGB"),
];

/// Elements that draw a shape of their own.
pub(crate) const SHAPES: [&str; 7] = ["path", "rect", "circle", "ellipse", "line", "polyline", "polygon"];

/// Properties that may stand in `style` and as attributes alike.
const PRESENTATION: [&str; 16] = [
    "opacity",
    "clip-path",
    "mask",
    "filter",
    "stop-color",
    "stop-opacity",
    "display",
    "overflow",
    "color",
    "marker-start",
    "marker-mid",
    "marker-end",
    "flood-color",
    "flood-opacity",
    "vector-effect",
    "text-rendering",
];

fn index_of(name: &str) -> Option<usize> {
    INHERITED.iter().position(|(n, _)| *n == name)
}

/// `style` as attributes, which other steps understand, where that says the same.
pub(crate) fn styles(document: &mut Document, _: &Setting) {
    document.root.visit_mut(&mut |e| {
        let Some(style) = e.get("style").map(String::from) else { return };
        let mut found = Vec::new();
        for declaration in style.split(';').map(str::trim).filter(|d| !d.is_empty()) {
            let Some((name, value)) = declaration.split_once(':') else { return };
            let (name, value) = (name.trim(), value.trim());
            let known = index_of(name).is_some() || PRESENTATION.contains(&name);
            // Properties that editors write and that mean nothing here.
            let idle = name.starts_with("-inkscape") || name.starts_with("-webkit-") || name.starts_with("-moz-");
            if idle {
                continue;
            }
            if !known || value.contains(['!', '\\', '(']) && !value.starts_with("url(#") && !value.starts_with("rgb(") {
                return;
            }
            found.push((name.to_string(), value.to_string()));
        }
        e.remove("style");
        for (name, value) in found {
            e.set(&name, value);
        }
    });
}

/// Colours and opacities in fewer bytes.
pub(crate) fn colors(document: &mut Document, _: &Setting) {
    document.root.visit_mut(&mut |e| {
        for (name, value) in &mut e.attributes {
            if matches!(name.as_str(), "fill" | "stroke" | "stop-color" | "flood-color" | "lighting-color" | "color")
                && let Some(short) = color(value)
                && short.len() <= value.len()
            {
                *value = short;
            }
        }
    });
}

/// Names that are shorter than their number.
const SHORT_NAMES: [(&str, &str); 30] = [
    ("#f0ffff", "azure"),
    ("#f5f5dc", "beige"),
    ("#ffe4c4", "bisque"),
    ("#a52a2a", "brown"),
    ("#ff7f50", "coral"),
    ("#ffd700", "gold"),
    ("#808080", "gray"),
    ("#008000", "green"),
    ("#4b0082", "indigo"),
    ("#fffff0", "ivory"),
    ("#f0e68c", "khaki"),
    ("#faf0e6", "linen"),
    ("#800000", "maroon"),
    ("#000080", "navy"),
    ("#808000", "olive"),
    ("#ffa500", "orange"),
    ("#da70d6", "orchid"),
    ("#cd853f", "peru"),
    ("#ffc0cb", "pink"),
    ("#dda0dd", "plum"),
    ("#800080", "purple"),
    ("#f00", "red"),
    ("#fa8072", "salmon"),
    ("#a0522d", "sienna"),
    ("#c0c0c0", "silver"),
    ("#fffafa", "snow"),
    ("#d2b48c", "tan"),
    ("#008080", "teal"),
    ("#ff6347", "tomato"),
    ("#f5deb3", "wheat"),
];

/// The shortest way to say an opaque colour; `None` for what is none (`none`, `currentColor`, `url(…)`).
fn color(value: &str) -> Option<String> {
    let parsed: svgtypes::Color = value.trim().parse().ok()?;
    if parsed.alpha != 255 {
        return None;
    }
    let rgb = [parsed.red, parsed.green, parsed.blue];
    let text = if rgb.iter().all(|v| v >> 4 == v & 15) {
        format!("#{:x}{:x}{:x}", rgb[0] & 15, rgb[1] & 15, rgb[2] & 15)
    } else {
        format!("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2])
    };
    Some(SHORT_NAMES.iter().find(|(hex, _)| *hex == text).map_or(text, |(_, name)| (*name).to_string()))
}

/// The value of each inherited property where an element stands; `None` where it cannot be known. Most
/// elements have those of their parent, so they share them.
#[derive(Clone)]
pub(crate) struct Inherited(Rc<[Option<Rc<str>>; INHERITED.len()]>);

impl Inherited {
    /// The initial values.
    pub(crate) fn initial() -> Self {
        Self(Rc::new(std::array::from_fn(|i| Some(INHERITED[i].1.into()))))
    }

    /// Nothing is known: the element may be drawn in another place.
    pub(crate) fn unknown() -> Self {
        Self(Rc::new(std::array::from_fn(|_| None)))
    }

    /// The values for the children of `element`, which stands where these hold.
    pub(crate) fn below(&self, element: &Element, facts: &Facts) -> Self {
        let elsewhere = element.get("id").is_some_and(|id| facts.used.contains(id) || facts.pinned.contains(id));
        let apart = matches!(element.name.as_str(), "symbol" | "marker" | "pattern" | "mask");
        let mut values = if elsewhere || apart { Self::unknown() } else { self.clone() };
        for (name, value) in &element.attributes {
            if let Some(i) = index_of(name)
                && value != "inherit"
            {
                Rc::make_mut(&mut values.0)[i] = Some(value.as_str().into());
            }
        }
        if element.has("style") {
            // What could not be made attributes may say anything.
            values = Self::unknown();
        }
        values
    }

    /// The value of `name`, when it is known.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0[index_of(name)?].as_deref()
    }
}

/// Whether something in `node` takes the inherited property `name` from above it.
pub(crate) fn takes(node: &Node, name: &str) -> bool {
    match node {
        Node::Element(e) => element_takes(e, name),
        Node::Opaque(o) => !matches!(o.name.as_str(), "title" | "desc" | "metadata"),
        Node::Text(_) | Node::Markup(_) => false,
    }
}

fn element_takes(element: &Element, name: &str) -> bool {
    if element.has("style") {
        return true;
    }
    if element.get(name).is_some_and(|v| v != "inherit") {
        return false;
    }
    match element.name.as_str() {
        "linearGradient" | "radialGradient" | "stop" => name == "color-interpolation",
        "image" => matches!(name, "visibility" | "image-rendering"),
        shape if SHAPES.contains(&shape) => name != "image-rendering",
        "use" => true,
        _ => element.children.iter().any(|c| takes(c, name)),
    }
}

/// Attributes that are inherited or initial anyway, or that nothing looks at.
pub(crate) fn defaults(document: &mut Document, setting: &Setting) {
    redundant(&mut document.root, &Inherited::initial(), &setting.facts, false);
    document.root.visit_mut(&mut |e| {
        let name = e.name.clone();
        let template = e.href().is_some();
        let is_root_size = |n: &str| name == "svg" && matches!(n, "width" | "height");
        e.attributes.retain(|(n, v)| {
            if v.is_empty() && n == "d" || is_root_size(n) {
                return true;
            }
            template || !is_default(&name, n, v)
        });
        if e.name == "use" || e.name == "image" {
            e.attributes.retain(|(n, v)| !(matches!(n.as_str(), "x" | "y") && is_zero(v)));
        }
    });
}

fn is_zero(value: &str) -> bool {
    value.parse::<f64>() == Ok(0.0)
}

fn is_default(element: &str, name: &str, value: &str) -> bool {
    let number = value.parse::<f64>().ok();
    match (element, name) {
        (_, "opacity") | ("stop", "stop-opacity") => number == Some(1.0) || value == "100%",
        (_, "clip-path" | "mask" | "filter") => value == "none",
        ("stop", "stop-color") => value == "#000",
        ("stop", "offset") => number == Some(0.0) || value == "0%",
        ("rect", "x" | "y") | ("circle" | "ellipse", "cx" | "cy") | ("line", "x1" | "y1" | "x2" | "y2") => {
            number == Some(0.0)
        }
        ("linearGradient", "x1" | "y1" | "y2") => number == Some(0.0) || value == "0%",
        ("linearGradient", "x2") => value == "100%",
        ("radialGradient", "cx" | "cy" | "r") => value == "50%",
        ("linearGradient" | "radialGradient", "spreadMethod") => value == "pad",
        ("linearGradient" | "radialGradient", "gradientUnits") => value == "objectBoundingBox",
        ("clipPath", "clipPathUnits") => value == "userSpaceOnUse",
        ("svg", "preserveAspectRatio") => value == "xMidYMid meet" || value == "xMidYMid",
        ("g" | "path", "display") => value == "inline",
        _ => false,
    }
}

fn redundant(element: &mut Element, above: &Inherited, facts: &Facts, in_clip: bool) {
    let elsewhere = element.get("id").is_some_and(|id| facts.used.contains(id) || facts.pinned.contains(id));
    let unknown = Inherited::unknown();
    let above = if elsewhere { &unknown } else { above };
    let in_clip = in_clip || element.name == "clipPath" || elsewhere;
    if !element.has("style") {
        element.attributes.retain(|(name, value)| above.get(name) != Some(value.as_str()));
        let shape = SHAPES.contains(&element.name.as_str());
        if shape {
            let own = above.below(element, &Facts::default());
            let marked = element.attributes.iter().any(|(n, _)| n.starts_with("marker"));
            let (fill, stroke) = (own.get("fill") == Some("none"), own.get("stroke") == Some("none"));
            element.attributes.retain(|(name, _)| {
                let idle = match name.as_str() {
                    "fill-opacity" => fill,
                    "fill-rule" => fill && !in_clip,
                    "clip-rule" => !in_clip,
                    "stroke-width" => stroke && !marked,
                    n if n.starts_with("stroke-") => stroke,
                    _ => false,
                };
                !idle
            });
        } else if matches!(element.name.as_str(), "g" | "svg" | "defs" | "clipPath") {
            // A property that every child sets for itself.
            let Element { attributes, children, .. } = element;
            attributes
                .retain(|(name, _)| index_of(name).is_none() || elsewhere || children.iter().any(|c| takes(c, name)));
            let mut clips = false;
            element.visit(&mut |e| clips |= e.name == "clipPath");
            if !in_clip && !clips {
                element.remove("clip-rule");
            }
        }
    }
    let below = above.below(element, facts);
    for child in element.elements_mut() {
        redundant(child, &below, facts, in_clip);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_said_in_fewest_bytes() {
        for (long, short) in
            [("#FF0000", "red"), ("#aabbcc", "#abc"), ("white", "#fff"), ("rgb(1,2,3)", "#010203"), ("#D2B48C", "tan")]
        {
            assert_eq!(color(long).as_deref(), Some(short));
        }
        for other in ["none", "currentColor", "url(#a)", "rgba(0,0,0,.5)", "inherit"] {
            assert_eq!(color(other), None, "{other}");
        }
    }
}
