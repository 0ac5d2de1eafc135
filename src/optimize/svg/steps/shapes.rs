//! Shapes as paths where that is shorter, neighbouring paths as one, and equal paths said once.

use std::collections::BTreeMap;

use super::Setting;
use super::attributes::Inherited;
use super::tidy::Names;
use crate::optimize::svg::facts::{self, Facts};
use crate::optimize::svg::path::{Path, write};
use crate::optimize::svg::tree::{Document, Element, Node};

/// Rectangles, lines and polygons as paths.
pub(crate) fn to_paths(document: &mut Document, _: &Setting) {
    document.root.visit_mut(&mut |e| {
        if !e.children.is_empty() {
            return;
        }
        // A length with a unit, or in percent, is left as it is.
        let number = |name: &str| e.get(name).map_or(Some("0"), |v| v.parse::<f64>().is_ok().then_some(v));
        let (d, names): (Option<String>, &[&str]) = match e.name.as_str() {
            "rect" if !e.has("rx") && !e.has("ry") => {
                let sides = [number("x"), number("y"), number("width"), number("height")];
                let [Some(x), Some(y), Some(w), Some(h)] = sides else { return };
                let flat = [w, h].iter().any(|v| v.parse::<f64>().is_ok_and(|v| v <= 0.0));
                (Some(format!("M{x} {y}h{w}v{h}H{x}z")).filter(|_| !flat), &["x", "y", "width", "height"])
            }
            "line" => {
                let ends = [number("x1"), number("y1"), number("x2"), number("y2")];
                let [Some(x1), Some(y1), Some(x2), Some(y2)] = ends else { return };
                (Some(format!("M{x1} {y1} {x2} {y2}")), &["x1", "y1", "x2", "y2"])
            }
            "polyline" | "polygon" => {
                let Some(points) = e.get("points") else { return };
                let end = if e.name == "polygon" { "z" } else { "" };
                (Some(format!("M{points}{end}")), &["points"])
            }
            _ => return,
        };
        let Some(d) = d.filter(|d| Path::parse(d).is_some_and(|p| !p.subpaths[0].segments.is_empty())) else { return };
        e.attributes.retain(|(n, _)| !names.contains(&n.as_str()));
        e.name = "path".into();
        e.attributes.push(("d".into(), d));
    });
}

/// Joins a path to one below it, or else above it, that is painted the same, where nothing between them
/// touches it and neither of both touches the other.
pub(crate) fn merge(document: &mut Document, setting: &Setting) {
    merge_below(&mut document.root, &Inherited::initial(), setting);
}

/// How many elements away a path looks for one to join.
const LOOK_BACK: usize = 12;

fn merge_below(parent: &mut Element, above: &Inherited, setting: &Setting) {
    let here = above.below(parent, &setting.facts);
    for child in parent.elements_mut() {
        merge_below(child, &here, setting);
    }
    if !matches!(parent.name.as_str(), "svg" | "g" | "clipPath") {
        return;
    }
    // Into those below, then what is left into those above.
    for _ in 0..2 {
        merge_back(&mut parent.children, &here, setting);
        parent.children.reverse();
    }
}

/// Joins each of `children` to one before it in the list, where it may.
fn merge_back(children: &mut Vec<Node>, here: &Inherited, setting: &Setting) {
    // A path that many join is read and written once.
    let mut paths: Vec<Option<Path>> = children
        .iter()
        .map(|n| match n {
            Node::Element(e) => readable(e).and_then(Path::parse),
            _ => None,
        })
        .collect();
    let mut boxes: Vec<Option<[f64; 4]>> = children
        .iter()
        .zip(&paths)
        .map(|(n, path)| match (n, path) {
            (Node::Element(e), Some(path)) => reach(e, path, here),
            _ => None,
        })
        .collect();
    let mut grown = vec![false; children.len()];
    let mut i = 1;
    while i < children.len() {
        let mut into = None;
        for j in (i.saturating_sub(LOOK_BACK)..i).rev() {
            let (Some(a), Some(b)) = (boxes[j], boxes[i]) else {
                // Something of unknown reach stands between; gradients draw nothing.
                if is_definition(&children[j]) { continue } else { break }
            };
            if !apart(a, b) {
                break;
            }
            if joinable(&children[j], &children[i], setting) {
                into = Some(j);
                break;
            }
        }
        let joined = into.and_then(|j| Some((j, join(paths[j].as_ref()?, paths[i].as_ref()?)?)));
        if let Some((j, path)) = joined {
            paths[j] = Some(path);
            grown[j] = true;
            if let (Some(a), Some(b)) = (boxes[j], boxes[i]) {
                boxes[j] = Some([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
            }
            children.remove(i);
            paths.remove(i);
            boxes.remove(i);
            grown.remove(i);
        } else {
            i += 1;
        }
    }
    for ((node, path), _) in children.iter_mut().zip(&paths).zip(grown).filter(|(_, grown)| *grown) {
        if let (Node::Element(e), Some(d)) = (node, path.as_ref().and_then(write::exactly)) {
            e.set("d", d);
        }
    }
}

fn is_definition(node: &Node) -> bool {
    match node {
        Node::Element(e) => {
            matches!(e.name.as_str(), "linearGradient" | "radialGradient" | "clipPath" | "mask" | "defs")
        }
        Node::Opaque(o) => matches!(o.name.as_str(), "title" | "desc" | "metadata" | "filter"),
        _ => true,
    }
}

fn apart(a: [f64; 4], b: [f64; 4]) -> bool {
    a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1]
}

/// The path data of `element`, where it says all that it can draw in.
fn readable(element: &Element) -> Option<&str> {
    let plain = ["transform", "filter", "style", "marker-start", "marker-mid", "marker-end", "marker"];
    (element.name == "path" && !plain.iter().any(|n| element.has(n))).then(|| element.get("d")).flatten()
}

/// The box in the parent's units that `element` with the path data `path` can draw in; `None` when it is
/// not known.
fn reach(element: &Element, path: &Path, here: &Inherited) -> Option<[f64; 4]> {
    let own = here.below(element, &Facts::default());
    let b = path.bounds()?;
    let by = if own.get("stroke")? == "none" {
        0.0
    } else {
        let limit = if own.get("stroke-linejoin")? == "miter" {
            own.get("stroke-miterlimit")?.parse::<f64>().ok()?
        } else {
            1.5
        };
        own.get("stroke-width")?.parse::<f64>().ok()? / 2.0 * limit.max(1.5)
    };
    Some([b[0] - by, b[1] - by, b[2] + by, b[3] + by])
}

fn joinable(a: &Node, b: &Node, setting: &Setting) -> bool {
    let (Node::Element(a), Node::Element(b)) = (a, b) else { return false };
    let alone = |e: &Element| {
        e.children.is_empty()
            && !e.has("id")
            && e.attributes.iter().all(|(n, v)| {
                let boxed = facts::urls(v).any(|id| !setting.user_space.contains(id));
                !boxed && !n.starts_with("aria-") && n != "class" && n != "mask" && n != "stroke-dasharray"
            })
    };
    let same = |x: &Element, y: &Element| {
        x.attributes.len() == y.attributes.len() && x.attributes.iter().all(|(n, v)| n == "d" || y.get(n) == Some(v))
    };
    a.name == "path" && b.name == "path" && same(a, b) && alone(a) && alone(b)
}

/// Both paths as one; `None` where it could not be written.
fn join(a: &Path, b: &Path) -> Option<Path> {
    let decimals = a.decimals.max(b.decimals);
    let subpaths = [&a.subpaths[..], &b.subpaths[..]].concat();
    Some(Path { subpaths, decimals }).filter(|p| write::fits(p, decimals))
}

/// Ids of gradients in user space: what they paint may be joined without their moving.
pub(crate) fn user_space(document: &Document) -> std::collections::BTreeSet<String> {
    let mut ids = std::collections::BTreeSet::new();
    document.root.visit(&mut |e| {
        if matches!(e.name.as_str(), "linearGradient" | "radialGradient")
            && e.get("gradientUnits") == Some("userSpaceOnUse")
            && let Some(id) = e.get("id")
        {
            ids.insert(id.to_string());
        }
    });
    ids
}

/// Bytes that a reference takes more than the attribute it replaces: `<use href="#a"/>` and an id,
/// against `<path d=""/>`.
const USE_COST: usize = 8;
/// Bytes of the group that keeps the paint of the first of equal paths from the others.
const FIRST_COST: usize = 17;

/// Path data that several paths have: the first keeps them, the others refer to it.
pub(crate) fn reuse(document: &mut Document, setting: &Setting) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut ids: Vec<String> = setting.facts.pinned.iter().cloned().collect();
    document.root.visit(&mut |e| {
        ids.extend(e.get("id").map(String::from));
        if let Some(d) = e.get("d").filter(|_| reusable(e)) {
            *counts.entry(d.to_string()).or_default() += 1;
        }
    });
    counts.retain(|d, n| (*n - 1) * d.len() > FIRST_COST + (*n - 1) * USE_COST);
    if counts.is_empty() {
        return;
    }
    let mut names = Names::default().filter(move |n| !ids.contains(n));
    let mut done: BTreeMap<String, String> = BTreeMap::new();
    reuse_below(&mut document.root, &counts, &mut done, &mut names);
}

fn reusable(element: &Element) -> bool {
    element.name == "path" && element.children.is_empty() && !element.has("id") && !element.has("style")
}

fn reuse_below(
    parent: &mut Element,
    counts: &BTreeMap<String, usize>,
    done: &mut BTreeMap<String, String>,
    names: &mut impl Iterator<Item = String>,
) {
    // In a clip path a reference is allowed, a group is not; elsewhere both would move.
    if !matches!(parent.name.as_str(), "svg" | "g" | "defs" | "mask" | "clipPath") {
        return;
    }
    let clip = parent.name == "clipPath";
    for child in parent.elements_mut() {
        let Some(d) = child.get("d").filter(|d| reusable(child) && counts.contains_key(*d)).map(String::from) else {
            reuse_below(child, counts, done, names);
            continue;
        };
        match done.get(&d) {
            Some(id) => {
                child.name = "use".into();
                child.remove("d");
                child.attributes.insert(0, ("href".into(), format!("#{id}")));
            }
            None if clip => {}
            None => {
                let Some(id) = names.next() else { return };
                let mut first = Element::new("path");
                first.set("id", id.as_str());
                first.set("d", d.as_str());
                done.insert(d, id);
                child.remove("d");
                if child.attributes.is_empty() {
                    *child = first;
                } else {
                    child.name = "g".into();
                    child.children.push(Node::Element(first));
                }
            }
        }
    }
}
