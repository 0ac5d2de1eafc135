//! Groups: those that do nothing are dissolved, those that save bytes are made.

use std::collections::BTreeMap;

use super::Setting;
use super::attributes::{INHERITED, takes};
use crate::optimize::svg::facts::Facts;
use crate::optimize::svg::tree::{Document, Element, Node};

/// Dissolves groups, and drops what is empty.
pub(crate) fn dissolve(document: &mut Document, setting: &Setting) {
    let facts = &setting.facts;
    // Definitions that nothing refers to, and then what only they referred to.
    for _ in 0..8 {
        let now = Facts::of(document);
        let before = document.write().len();
        document.root.visit_mut(&mut |e| {
            e.children.retain(|n| !matches!(n, Node::Element(c) if is_idle(c, &now)));
        });
        if document.write().len() == before {
            break;
        }
    }
    open_up(&mut document.root, facts);
}

/// Whether an element draws nothing wherever it is.
fn is_idle(element: &Element, facts: &Facts) -> bool {
    if element.get("id").is_some_and(|id| facts.is_referenced(id)) {
        return false;
    }
    let empty = element.children.is_empty();
    match element.name.as_str() {
        "g" | "defs" => empty && !element.has("filter"),
        "linearGradient" | "radialGradient" | "clipPath" | "mask" | "pattern" | "marker" => true,
        "path" => element.get("d").is_none_or(|d| d.trim().is_empty()) && empty,
        _ => false,
    }
}

fn is_plain(element: &Element) -> bool {
    element.attributes.iter().all(|(n, _)| INHERITED.iter().any(|(known, _)| known == n) || n == "transform")
}

fn open_up(element: &mut Element, facts: &Facts) {
    for child in element.elements_mut() {
        open_up(child, facts);
    }
    let structural = matches!(element.name.as_str(), "svg" | "g" | "defs" | "symbol" | "mask" | "pattern" | "marker");
    if !structural {
        return;
    }
    let mut out = Vec::with_capacity(element.children.len());
    for node in std::mem::take(&mut element.children) {
        match node {
            // Gradients and clip paths draw nothing where they stand.
            Node::Element(defs)
                if defs.name == "defs"
                    && defs.attributes.is_empty()
                    && defs.children.iter().all(|n| matches!(n, Node::Element(e)
                        if matches!(e.name.as_str(), "linearGradient" | "radialGradient" | "clipPath" | "mask" | "pattern" | "marker" | "symbol"))) =>
            {
                out.extend(defs.children);
            }
            Node::Element(group) if group.name == "g" && group.attributes.is_empty() => out.extend(group.children),
            Node::Element(group) if group.name == "g" => out.push(Node::Element(into_only_child(group, facts))),
            other => out.push(other),
        }
    }
    element.children = out;
}

/// A group with one child as that child, where the group's attributes can be the child's.
fn into_only_child(mut group: Element, facts: &Facts) -> Element {
    let referenced = |e: &Element| e.get("id").is_some_and(|id| facts.is_referenced(id));
    let [Node::Element(child)] = &group.children[..] else { return group };
    let movable =
        matches!(child.name.as_str(), "g" | "path" | "rect" | "circle" | "ellipse" | "line" | "polyline" | "polygon");
    if !movable || referenced(&group) || referenced(child) || child.has("style") || group.has("style") {
        return group;
    }
    let inherits = |name: &str| INHERITED.iter().any(|(known, _)| *known == name);
    // Opacity, clips, masks and filters act on the group as a whole, in the group's own units.
    let fits = group.attributes.iter().all(|(name, _)| match name.as_str() {
        "transform" => !child.has("clip-path") && !child.has("mask") && !child.has("filter"),
        "opacity" => !child.has("opacity") && !child.has("filter") && !child.has("mask"),
        "clip-path" | "mask" => is_plain(child) && !child.has("transform") && is_plain_but(&group, name),
        "id" => true,
        name => inherits(name),
    });
    if !fits || group.has("opacity") && child.name == "g" && child.has("opacity") {
        return group;
    }
    let Some(Node::Element(mut child)) = group.children.pop() else { return group };
    let mut attributes = Vec::new();
    for (name, value) in group.attributes {
        match name.as_str() {
            "id" => {}
            "transform" => {
                let joined = match child.remove("transform") {
                    Some(inner) => format!("{value} {inner}"),
                    None => value,
                };
                attributes.push((name, joined));
            }
            _ if child.has(&name) => {}
            _ => attributes.push((name, value)),
        }
    }
    attributes.append(&mut child.attributes);
    child.attributes = attributes;
    child
}

fn is_plain_but(element: &Element, allowed: &str) -> bool {
    element.attributes.iter().all(|(n, _)| n == allowed || INHERITED.iter().any(|(known, _)| known == n))
}

/// Says what several children have in common once, on their parent or on a new group.
pub(crate) fn hoist(document: &mut Document, setting: &Setting) {
    let facts = &setting.facts;
    document.root.visit_mut(&mut |e| {
        if matches!(e.name.as_str(), "svg" | "g" | "defs") && !e.has("style") {
            group_runs(e, facts);
            lift(e, facts);
        }
    });
}

/// Whether inherited attributes of `node` may be said on a group around it.
fn may_inherit(node: &Node, facts: &Facts) -> bool {
    match node {
        Node::Element(e) => {
            !e.has("style")
                && !e.get("id").is_some_and(|id| facts.is_referenced(id))
                && !matches!(e.name.as_str(), "svg" | "symbol" | "image")
        }
        _ => false,
    }
}

/// Sets on `parent` what enough of its children say, where the others do not care.
fn lift(parent: &mut Element, facts: &Facts) {
    if parent.get("id").is_some_and(|id| facts.used.contains(id)) {
        return;
    }
    for (name, _) in INHERITED {
        let own = parent.get(name).map(String::from);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut takers = false;
        for child in &parent.children {
            match child {
                Node::Element(e) if may_inherit(child, facts) && e.has(name) => {
                    *counts.entry(e.get(name).unwrap_or_default()).or_default() += 1;
                }
                other => takers |= takes(other, name),
            }
        }
        let Some((value, count)) = counts.into_iter().max_by_key(|(v, n)| (n * Element::attribute_cost(name, v), *v))
        else {
            continue;
        };
        let (value, cost) = (value.to_string(), Element::attribute_cost(name, value));
        if takers || value == "inherit" || count * cost <= cost || own.is_some() {
            continue;
        }
        for child in parent.elements_mut() {
            if child.get(name) == Some(value.as_str()) && !child.get("id").is_some_and(|id| facts.is_referenced(id)) {
                child.remove(name);
            }
        }
        parent.set(name, value);
    }
}

/// Names and values.
type Attributes = Vec<(String, String)>;

/// Bytes of `<g></g>`.
const GROUP_COST: usize = 7;

/// Puts neighbours with attributes in common into a group, where that saves bytes.
fn group_runs(parent: &mut Element, facts: &Facts) {
    let mut i = 0;
    while i < parent.children.len() {
        // The attributes that all of children[i..=j] have in common, and what that saves.
        let mut common: Attributes = match &parent.children[i] {
            Node::Element(e) if may_inherit(&parent.children[i], facts) => e
                .attributes
                .iter()
                .filter(|(n, v)| INHERITED.iter().any(|(known, _)| known == n) && v != "inherit")
                .cloned()
                .collect(),
            _ => Vec::new(),
        };
        let mut best: Option<(usize, usize, Attributes)> = None;
        for j in i + 1..parent.children.len() {
            let Node::Element(e) = &parent.children[j] else { break };
            if !may_inherit(&parent.children[j], facts) {
                break;
            }
            common.retain(|(n, v)| e.get(n) == Some(v.as_str()));
            if common.is_empty() {
                break;
            }
            let cost: usize = common.iter().map(|(n, v)| Element::attribute_cost(n, v)).sum();
            let saved = (cost * (j - i)).saturating_sub(GROUP_COST);
            if saved > 0 && best.as_ref().is_none_or(|(s, ..)| saved > *s) {
                best = Some((saved, j, common.clone()));
            }
        }
        // All children: the parent itself will do.
        let all = |j: usize| i == 0 && j + 1 == parent.children.len();
        if let Some((_, j, common)) =
            best.filter(|(_, j, common)| !(all(*j) && common.iter().all(|(n, _)| !parent.has(n))))
        {
            let mut group = Element::new("g");
            group.children = parent.children.drain(i..=j).collect();
            for child in group.elements_mut() {
                child.attributes.retain(|a| !common.contains(a));
            }
            group.attributes = common;
            lift(&mut group, facts);
            parent.children.insert(i, Node::Element(group));
        }
        i += 1;
    }
}
