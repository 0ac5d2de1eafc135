//! What a drawing contains that cannot be seen in a still picture of it, and who refers to whom.

use std::collections::{BTreeMap, BTreeSet};

use super::parse::ANIMATIONS;
use super::tree::{Document, Element};

/// What must be known before a drawing is edited.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts {
    /// Scripts, and attributes that are scripts.
    pub(crate) scripts: usize,
    /// Elements that move others.
    pub(crate) animations: usize,
    /// Style sheets.
    pub(crate) sheets: usize,
    /// Whether a style sheet looks at values of attributes.
    pub(crate) sheet_looks_at_values: bool,
    /// Texts and other elements that the renderer does not draw.
    pub(crate) undrawn: usize,
    /// Ids that something refers to from a place that is not edited.
    pub(crate) pinned: BTreeSet<String>,
    /// How often the rest refers to each id.
    pub(crate) references: BTreeMap<String, usize>,
    /// Ids that a `<use>` refers to.
    pub(crate) used: BTreeSet<String>,
}

/// Whether an attribute holds a script.
pub(crate) fn is_script(name: &str, value: &str) -> bool {
    let handler = name.len() > 2 && name.starts_with("on") && name.bytes().all(|b| b.is_ascii_alphabetic());
    let link =
        name.ends_with("href") && value.trim_start().get(..11).is_some_and(|s| s.eq_ignore_ascii_case("javascript:"));
    handler || link
}

/// The ids that `url(#…)` in `value` name.
pub(crate) fn urls(value: &str) -> impl Iterator<Item = &str> {
    value.match_indices("url(").filter_map(|(at, _)| {
        let rest = value[at + 4..].trim_start().trim_start_matches(['"', '\'']);
        let id = rest.strip_prefix('#')?;
        Some(&id[..id.find([')', '"', '\'']).unwrap_or(id.len())])
    })
}

impl Facts {
    /// Looks through `document`.
    pub(crate) fn of(document: &Document) -> Self {
        let mut facts = Facts::default();
        let mut note = |element: &Element| {
            for (name, value) in &element.attributes {
                facts.scripts += usize::from(is_script(name, value));
                if name.ends_with("href") {
                    if let Some(id) = value.strip_prefix('#') {
                        *facts.references.entry(id.into()).or_default() += 1;
                        if element.name == "use" {
                            facts.used.insert(id.into());
                        }
                    }
                } else if value.contains("url(") {
                    urls(value).for_each(|id| *facts.references.entry(id.into()).or_default() += 1);
                } else if name.starts_with("aria-") {
                    facts.pinned.extend(value.split_whitespace().map(String::from));
                }
            }
        };
        document.root.visit(&mut note);
        document.root.visit_opaque(&mut |opaque| {
            let local = opaque.name.rsplit(':').next().unwrap_or_default();
            let source = &opaque.source;
            facts.scripts += source.matches("<script").count() + usize::from(source.contains(":script"));
            facts.scripts += source.split('<').filter(|tag| has_handler(tag)).count();
            facts.scripts += usize::from(source.to_ascii_lowercase().contains("javascript:"));
            for name in ANIMATIONS {
                facts.animations += source.matches(&format!("<{name}")).count();
            }
            let sheets = source.matches("<style").count() + usize::from(local == "style" && opaque.name != "style");
            facts.sheets += sheets;
            facts.sheet_looks_at_values |= sheets > 0 && source.contains('[');
            facts.undrawn += usize::from(matches!(local, "text" | "foreignObject" | "switch"));
            for mark in ["id=\"", "id='"] {
                for (at, _) in source.match_indices(mark) {
                    let rest = &source[at + mark.len()..];
                    facts.pinned.insert(rest[..rest.find(['"', '\'']).unwrap_or(rest.len())].into());
                }
            }
            // Whatever follows a `#` may be an id.
            for (at, _) in source.match_indices('#') {
                let rest = &source[at + 1..];
                let end = rest.find(|c: char| !(c.is_alphanumeric() || "_-.:".contains(c))).unwrap_or(rest.len());
                facts.pinned.insert(rest[..end].into());
            }
        });
        facts
    }

    /// Whether a style sheet or an animation may depend on where elements are and what attributes
    /// they have.
    pub(crate) fn is_rigid(&self) -> bool {
        self.sheets > 0 || self.animations > 0
    }

    /// Whether anything refers to `id`.
    pub(crate) fn is_referenced(&self, id: &str) -> bool {
        self.references.contains_key(id) || self.pinned.contains(id)
    }
}

/// Whether a start tag has an attribute such as `onclick=`.
fn has_handler(tag: &str) -> bool {
    let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
    tag.split_ascii_whitespace().skip(1).any(|word| {
        word.split_once('=').is_some_and(|(name, _)| {
            name.len() > 2 && name.starts_with("on") && name.bytes().all(|b| b.is_ascii_alphabetic())
        })
    })
}

/// The px that a unit of the drawing's root covers when its longer side is shown at `viewing_size`
/// px; `None` when it has no size.
pub(crate) fn pixels_per_unit(root: &Element, viewing_size: f64) -> Option<f64> {
    let (width, height) = canvas(root)?;
    let longer = width.max(height);
    (longer > 0.0 && longer.is_finite()).then(|| viewing_size / longer)
}

/// Width and height of what the root shows, in its own units.
pub(crate) fn canvas(root: &Element) -> Option<(f64, f64)> {
    if let Some(view_box) = root.get("viewBox") {
        let numbers: Vec<f64> = view_box.split([' ', ',']).filter_map(|n| n.parse().ok()).collect();
        return match numbers[..] {
            [_, _, w, h] if w > 0.0 && h > 0.0 => Some((w, h)),
            _ => None,
        };
    }
    let length = |name: &str| root.get(name)?.trim().trim_end_matches("px").parse::<f64>().ok().filter(|v| *v > 0.0);
    Some((length("width")?, length("height")?))
}
