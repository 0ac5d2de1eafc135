//! What no renderer looks at: declarations, comments, white space, what editors leave.

use super::Setting;
use crate::optimize::svg::Keep;
use crate::optimize::svg::facts::is_script;
use crate::optimize::svg::tree::{Document, Element, Node};

/// Names that editors declare for what is of use to them only.
const EDITORS: [&str; 14] = [
    "http://www.inkscape.org/",
    "http://sodipodi.sourceforge.net/",
    "http://inkscape.sourceforge.net/",
    "http://ns.adobe.com/",
    "http://www.bohemiancoding.com/sketch/",
    "http://www.serif.com/",
    "http://www.figma.com/",
    "http://www.vectornator.io",
    "http://vectornator.io",
    "https://boxy-svg.com",
    "http://schemas.microsoft.com/visio/",
    "http://creativecommons.org/ns#",
    "http://purl.org/dc/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
];

/// Takes scripts out, and says how many there were.
pub(crate) fn strip_scripts(document: &mut Document) -> usize {
    let mut count = 0;
    document.root.visit_mut(&mut |e| {
        let before = e.attributes.len() + e.children.len();
        e.attributes.retain(|(n, v)| !is_script(n, v));
        e.children.retain(|n| !matches!(n, Node::Opaque(o) if o.name.rsplit(':').next() == Some("script")));
        count += before - e.attributes.len() - e.children.len();
    });
    count
}

/// The declaration, the document type, comments, and white space between elements.
pub(crate) fn prolog(document: &mut Document, setting: &Setting) {
    let comments = setting.keep.contains(&Keep::Comments);
    // Parts that stay as they are may use entities that the document type declares.
    let mut uses_entities = false;
    document.root.visit_opaque(&mut |o| {
        uses_entities |= o.source.split('&').skip(1).any(|rest| {
            let name = rest.split(';').next().unwrap_or_default();
            !(name.starts_with('#') || matches!(name, "amp" | "lt" | "gt" | "quot" | "apos"))
        });
    });
    let wanted = |node: &Node| match node {
        Node::Text(text) => !text.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']).is_empty(),
        Node::Markup(m) if m.starts_with("<!--") => comments,
        Node::Markup(m) if m.starts_with("<?xml ") => false,
        Node::Markup(m) if m.starts_with("<!DOCTYPE") => uses_entities,
        _ => true,
    };
    document.before.retain(wanted);
    document.after.retain(wanted);
    document.root.visit_mut(&mut |e| e.children.retain(wanted));
}

/// `<metadata>`, what editors note, titles where they are not to be kept, and declarations of names
/// that nothing uses.
pub(crate) fn metadata(document: &mut Document, setting: &Setting) {
    let keep = |what: Keep| setting.keep.contains(&what);
    let mut editors: Vec<String> = Vec::new();
    if !keep(Keep::Editor) {
        document.root.visit(&mut |e| {
            for (name, value) in &e.attributes {
                if let Some(prefix) = name.strip_prefix("xmlns:")
                    && EDITORS.iter().any(|uri| value.starts_with(uri))
                {
                    editors.push(format!("{prefix}:"));
                }
            }
        });
    }
    let of_editor = |name: &str| editors.iter().any(|prefix| name.starts_with(prefix.as_str()));
    let has_text = setting.facts.undrawn > 0;
    document.root.visit_mut(&mut |e| {
        e.children.retain(|n| match n {
            Node::Opaque(o) => match o.name.as_str() {
                "metadata" => keep(Keep::Metadata),
                "title" | "desc" => keep(Keep::Titles),
                name => !of_editor(name),
            },
            _ => true,
        });
        e.attributes.retain(|(name, value)| {
            let idle = match name.as_str() {
                // The renderers that looked at these are gone.
                "version" | "baseProfile" => e.name == "svg",
                "enable-background" => true,
                "xml:space" => !has_text,
                "xlink:type" => value == "simple",
                name => of_editor(name),
            };
            !idle
        });
    });
    // A prefix that no name has any more. What is left alone may use any of those in force there.
    let mut used = String::new();
    document.root.visit(&mut |e| {
        for name in std::iter::once(&e.name).chain(e.attributes.iter().map(|(n, _)| n)) {
            if name.contains(':') && !name.starts_with("xmlns:") {
                used.push_str(name);
                used.push(' ');
            }
        }
    });
    let mut opaque = String::new();
    document.root.visit_opaque(&mut |o| opaque.push_str(&o.source));
    document.root.visit_mut(&mut |e| {
        e.attributes.retain(|(name, _)| {
            let Some(prefix) = name.strip_prefix("xmlns:") else { return true };
            let prefix = format!("{prefix}:");
            used.split(' ').any(|n| n.starts_with(&prefix)) || opaque.contains(&prefix)
        });
    });
}

/// Shorter ids, and none where nothing refers to them.
pub(crate) fn ids(document: &mut Document, setting: &Setting) {
    if setting.keep.contains(&Keep::Ids) {
        return;
    }
    let facts = &setting.facts;
    // Symbols and views are there for other files to refer to.
    let mut offered: Vec<String> = Vec::new();
    let mut taken = facts.pinned.clone();
    document.root.visit(&mut |e| {
        if let Some(id) = e.get("id")
            && e.name == "symbol"
            && !facts.is_referenced(id)
        {
            offered.push(id.to_string());
        }
    });
    // A sprite's ids are its interface.
    let sprite = !offered.is_empty();
    let mut used: Vec<(usize, String)> = Vec::new();
    document.root.visit_mut(&mut |e| {
        let Some(id) = e.get("id").map(String::from) else { return };
        if !facts.is_referenced(&id) && !offered.contains(&id) {
            e.remove("id");
        } else if facts.pinned.contains(&id) || sprite || used.iter().any(|(_, known)| *known == id) {
            taken.insert(id);
        } else {
            used.push((facts.references.get(&id).copied().unwrap_or(0), id));
        }
    });
    // The shortest names to those that are named most; equal counts in the order of the file.
    used.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut fresh = Names::default();
    let names: std::collections::BTreeMap<String, String> = used
        .into_iter()
        .map(|(_, old)| {
            let new = fresh.by_ref().find(|n| !taken.contains(n)).unwrap_or_default();
            let name = if new.len() <= old.len() || taken.contains(&old) { new } else { old.clone() };
            taken.insert(name.clone());
            (old, name)
        })
        .collect();
    document.root.visit_mut(&mut |e| rename(e, &names));
}

fn rename(element: &mut Element, names: &std::collections::BTreeMap<String, String>) {
    for (name, value) in &mut element.attributes {
        if name == "id" {
            if let Some(new) = names.get(value.as_str()) {
                value.clone_from(new);
            }
        } else if name.ends_with("href") {
            if let Some(new) = value.strip_prefix('#').and_then(|id| names.get(id)) {
                *value = format!("#{new}");
            }
        } else if value.contains("url(") {
            let mut out = String::with_capacity(value.len());
            let mut rest = value.as_str();
            while let Some(at) = rest.find("url(") {
                let end = rest[at..].find(')').map_or(rest.len(), |n| at + n);
                let target = rest[at + 4..end].trim().trim_matches(['"', '\'']);
                out.push_str(&rest[..at + 4]);
                match target.strip_prefix('#').and_then(|id| names.get(id)) {
                    Some(new) => {
                        out.push('#');
                        out.push_str(new);
                    }
                    None => out.push_str(&rest[at + 4..end]),
                }
                rest = &rest[end..];
            }
            out.push_str(rest);
            *value = out;
        }
    }
}

/// Ids from short to long: a, b, …, Z, aa, ….
#[derive(Default)]
pub(crate) struct Names(usize);

impl Iterator for Names {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut n = self.0;
        self.0 += 1;
        let mut name = String::new();
        loop {
            name.insert(0, LETTERS[n % 52] as char);
            if n < 52 {
                return Some(name);
            }
            n = n / 52 - 1;
        }
    }
}
