//! The second look, at the XML: references that leave the file, and references that multiply.
//!
//! Elements and their references form a graph. If it has a cycle, or a path that is too long, or if the
//! number of elements, the bytes of their attributes or the vertices of their shapes, counted as often as
//! the references repeat them, is over a limit, the drawing is refused. The counts are sums over the
//! graph, each node computed once, so that a drawing which expands to 10³⁰ elements costs nothing to
//! refuse.
//!
//! References are found in attributes, in `style`, and in `<style>` sheets, whose selectors are matched
//! with the parser that the renderer uses, so that both agree. Paints and markers are inherited: one on
//! a group counts once for each shape in it.

use std::collections::HashMap;

use roxmltree::{Document, Node};
use simplecss::StyleSheet;
use svgtypes::PathSegment;

use super::super::economy;
use super::{external, text::MAX_DEPTH, too_complex};
use crate::Result;

/// Most elements after all references are followed.
const MAX_ELEMENTS: u64 = 500_000;

/// Most bytes of attributes after all references are followed; a file at its limit has not more.
const MAX_ATTRIBUTE_BYTES: u64 = 34 << 20;

/// Longest attribute, other than embedded data, bytes: the largest path of a trace we know has 0.5 MB.
const MAX_ATTRIBUTE: usize = 8 << 20;

/// Largest radius that an arc is drawn with, user units: the pieces grow with its sixth root, and 10³⁹ makes three
/// million of them.
const MAX_RADIUS: f64 = 1e9;

/// Most bytes and selectors of style sheets, and most steps of matching them.
const MAX_CSS_BYTES: usize = 1 << 20;
const MAX_SELECTORS: usize = 20_000;
const MAX_CSS_STEPS: f64 = 3e7;

/// Refuses by the XML.
pub(crate) fn check_document(document: &Document) -> Result<()> {
    for node in document.root().children() {
        if node.pi().is_some_and(|pi| pi.target == "xml-stylesheet") {
            return Err(external("it names an external style sheet"));
        }
    }
    check_curves(document)?;
    let sheets = sheets(document)?;
    let graph = Graph::new(document, &sheets)?;
    let total = graph.expand()?;
    if total.elements > MAX_ELEMENTS {
        return Err(too_complex(format!("it expands to {} elements; the limit is {MAX_ELEMENTS}", total.elements)));
    }
    if total.bytes > MAX_ATTRIBUTE_BYTES {
        return Err(too_complex(format!("it expands to {} bytes; the limit is {MAX_ATTRIBUTE_BYTES}", total.bytes)));
    }
    Ok(())
}

/// Refuses curves that would be cut into millions of pieces: the renderer draws arcs, also those of rounded shapes, as
/// so many cubics as a fixed error in user units asks for.
fn check_curves(document: &Document) -> Result<()> {
    for node in document.descendants().filter(is_svg) {
        let largest = match node.tag_name().name() {
            "path" => largest_radius(node.attribute("d").unwrap_or_default()),
            "rect" | "circle" | "ellipse" => ["width", "height", "r", "rx", "ry"]
                .iter()
                .filter_map(|name| node.attribute(*name)?.parse::<svgtypes::Length>().ok())
                .map(|length| length.number.abs())
                .fold(0.0, f64::max),
            _ => 0.0,
        };
        if largest > MAX_RADIUS {
            return Err(too_complex(format!("a curve has a radius of {largest:e}; the limit is {MAX_RADIUS:e}")));
        }
    }
    Ok(())
}

/// The largest radius that an arc of a path is drawn with, as far as it can be read, user units.
fn largest_radius(path: &str) -> f64 {
    let (mut pen, mut start, mut largest) = ([0.0; 2], [0.0; 2], 0.0_f64);
    for segment in svgtypes::PathParser::from(path).map_while(std::result::Result::ok) {
        let (abs, x, y) = match segment {
            PathSegment::HorizontalLineTo { abs, x } => (abs, x, if abs { pen[1] } else { 0.0 }),
            PathSegment::VerticalLineTo { abs, y } => (abs, if abs { pen[0] } else { 0.0 }, y),
            PathSegment::ClosePath { .. } => (true, start[0], start[1]),
            PathSegment::MoveTo { abs, x, y }
            | PathSegment::LineTo { abs, x, y }
            | PathSegment::CurveTo { abs, x, y, .. }
            | PathSegment::SmoothCurveTo { abs, x, y, .. }
            | PathSegment::Quadratic { abs, x, y, .. }
            | PathSegment::SmoothQuadratic { abs, x, y }
            | PathSegment::EllipticalArc { abs, x, y, .. } => (abs, x, y),
        };
        let end = if abs { [x, y] } else { [pen[0] + x, pen[1] + y] };
        match segment {
            PathSegment::MoveTo { .. } => start = end,
            PathSegment::EllipticalArc { rx, ry, x_axis_rotation, .. } => {
                let way = [end[0] - pen[0], end[1] - pen[1]];
                largest = largest.max(drawn_radius([rx.abs(), ry.abs()], x_axis_rotation, way));
            }
            _ => {}
        }
        pen = end;
    }
    largest
}

/// The larger radius of an arc from end to end of `way`: where its ends are further apart than it can reach, it is
/// drawn as much larger (SVG 2, appendix B.2.5).
fn drawn_radius(radii: [f64; 2], turn: f64, way: [f64; 2]) -> f64 {
    if radii.contains(&0.0) {
        return 0.0;
    }
    let (sin, cos) = turn.to_radians().sin_cos();
    let [x, y] = [cos * way[0] + sin * way[1], cos * way[1] - sin * way[0]];
    let radius = radii[0].max(radii[1]) * (x / radii[0]).hypot(y / radii[1]).max(2.0) / 2.0;
    if radius.is_nan() { f64::INFINITY } else { radius }
}

/// What the document contains that the renderer leaves out.
pub(crate) fn warnings(document: &Document) -> Vec<String> {
    let count = |name: &str| document.descendants().filter(|n| n.tag_name().name() == name).count();
    let mut warnings = Vec::new();
    for (name, what) in [
        ("text", "is not drawn, since no fonts are loaded: convert it to paths"),
        ("foreignObject", "is not drawn"),
        ("script", "is not run"),
        ("animate", "is not played"),
        ("animateTransform", "is not played"),
    ] {
        let n = count(name);
        if n > 0 {
            warnings.push(format!("<{name}> {what} ({n} in the file)"));
        }
    }
    warnings
}

/// Whether `node` is an element that an SVG reader looks at.
fn is_svg(node: &Node) -> bool {
    node.is_element() && matches!(node.tag_name().namespace(), None | Some("http://www.w3.org/2000/svg"))
}

/// The text of all style sheets, checked.
fn sheets<'a>(document: &'a Document) -> Result<Vec<&'a str>> {
    let mut sheets = Vec::new();
    let (mut elements, mut depth) = (0_usize, 0_usize);
    for node in document.descendants().filter(Node::is_element) {
        elements += 1;
        depth = depth.max(node.ancestors().count());
        if node.tag_name().name() == "style" {
            sheets.extend(node.children().filter(Node::is_text).filter_map(|n| n.text()));
        }
    }
    if sheets.iter().map(|s| s.len()).sum::<usize>() > MAX_CSS_BYTES {
        return Err(too_complex("its style sheets are too long"));
    }
    let (mut selectors, mut steps) = (0_usize, 0.0_f64);
    for sheet in &sheets {
        if sheet.contains("@import") {
            return Err(external("a style sheet imports another"));
        }
        for target in urls(sheet) {
            local(target, true)?;
        }
        for head in sheet.split('}').filter_map(|rule| rule.split('{').next()) {
            for selector in head.split(',') {
                selectors += 1;
                // A selector of n parts may try every choice of n - 1 ancestors.
                let parts = selector.split([' ', '\t', '\n', '\r', '>', '+', '~']).filter(|p| !p.is_empty()).count();
                steps += elements as f64 * (depth as f64).powi(parts.saturating_sub(1).min(64) as i32);
            }
        }
    }
    if selectors > MAX_SELECTORS || steps > MAX_CSS_STEPS {
        return Err(too_complex("its style sheets are too much work to match"));
    }
    Ok(sheets)
}

/// The targets of all `url(...)` in `text`.
fn urls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("url(").map(|(at, _)| {
        let rest = &text[at + 4..];
        rest[..rest.find(')').unwrap_or(rest.len())].trim().trim_matches(['"', '\'']).trim()
    })
}

/// The id that `target` names in this file; none for embedded data, where that is `allowed`.
fn local(target: &str, data_allowed: bool) -> Result<Option<&str>> {
    if let Some(id) = target.strip_prefix('#') {
        return Ok(Some(id));
    }
    let is_data = target.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    if target.is_empty() || (data_allowed && is_data) {
        return Ok(None);
    }
    let shown: String = target.chars().take(60).collect();
    Err(external(format!("it refers to `{shown}`")))
}

/// How a reference multiplies what it refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Once, and its shapes belong to the referring element: children and `use`.
    Part,
    /// Once: clip paths, masks, filters.
    Once,
    /// Once for each shape of the element: fill and stroke.
    PerShape,
    /// Once for each vertex of each shape: markers.
    PerVertex,
}

/// An element expanded with all it refers to.
#[derive(Debug, Clone, Copy, Default)]
struct Expanded {
    elements: u64,
    bytes: u64,
    shapes: u64,
    vertices: u64,
    depth: usize,
}

/// The elements by index in document order, with links to those they contain or refer to.
struct Graph {
    own: Vec<Expanded>,
    links: Vec<Vec<(usize, Link)>>,
}

impl Graph {
    fn new(document: &Document, sheets: &[&str]) -> Result<Self> {
        let mut sheet = StyleSheet::new();
        for text in sheets {
            sheet.parse_more(text);
        }
        // Only rules that refer to something matter here.
        sheet.rules.retain(|rule| rule.declarations.iter().any(|d| d.value.contains("url(")));

        let nodes: Vec<Node> = document.descendants().filter(is_svg).collect();
        let index: HashMap<_, _> = nodes.iter().enumerate().map(|(i, n)| (n.id(), i)).collect();
        let mut by_id = HashMap::new();
        for (i, node) in nodes.iter().enumerate() {
            if let Some(id) = node.attribute("id") {
                by_id.entry(id).or_insert(i);
            }
        }
        let mut graph = Self { own: Vec::with_capacity(nodes.len()), links: Vec::with_capacity(nodes.len()) };
        for node in &nodes {
            let mut links = Vec::new();
            let mut link = |property: &str, value: &str| -> Result<()> {
                for target in urls(value) {
                    if let Some(&to) = local(target, false)?.and_then(|id| by_id.get(id)) {
                        links.push((to, kind(property)));
                    }
                }
                Ok(())
            };
            let mut bytes = 0;
            for attribute in node.attributes() {
                let (name, value) = (attribute.name(), attribute.value());
                bytes += value.len() as u64;
                if value.len() > MAX_ATTRIBUTE && name != "href" {
                    return Err(too_complex(format!("its attribute `{name}` has {} bytes", value.len())));
                }
                if name == "style" {
                    for declaration in simplecss::DeclarationTokenizer::from(value) {
                        link(declaration.name, declaration.value)?;
                    }
                } else if value.contains("url(") {
                    link(name, value)?;
                }
            }
            for rule in sheet.rules.iter().filter(|rule| rule.selector.matches(&Matched(*node))) {
                for declaration in &rule.declarations {
                    link(declaration.name, declaration.value)?;
                }
            }
            if let Some(&to) = href(node)?.and_then(|id| by_id.get(id)) {
                let name = node.tag_name().name();
                links.push((to, if name == "use" { Link::Part } else { Link::Once }));
            }
            links.extend(node.children().filter_map(|c| index.get(&c.id())).map(|&c| (c, Link::Part)));
            let name = node.tag_name().name();
            let draws = economy::DRAWING.contains(&name) && name != "use";
            let vertices = if draws { economy::geometry(*node, name).0 } else { 0 };
            graph.own.push(Expanded { elements: 1, bytes, shapes: u64::from(draws), vertices, depth: 1 });
            graph.links.push(links);
        }
        Ok(graph)
    }

    /// The root expanded with all it refers to.
    fn expand(&self) -> Result<Expanded> {
        let mut done: Vec<Option<Expanded>> = vec![None; self.own.len()];
        let mut open = vec![false; self.own.len()];
        // Depth first without recursion: each entry is an element and its next link to follow.
        let mut path = vec![(0_usize, 0_usize)];
        if self.own.is_empty() {
            return Ok(Expanded::default());
        }
        open[0] = true;
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            if let Some(&(to, _)) = self.links[node].get(*next) {
                *next += 1;
                if open[to] {
                    return Err(too_complex("an element refers to itself, directly or through others"));
                }
                if done[to].is_none() {
                    if path.len() >= MAX_DEPTH {
                        return Err(too_complex(format!("its references are more than {MAX_DEPTH} deep")));
                    }
                    open[to] = true;
                    path.push((to, 0));
                }
                continue;
            }
            let sum = self.sum(node, &done);
            if sum.depth > MAX_DEPTH {
                return Err(too_complex(format!("its references are more than {MAX_DEPTH} deep")));
            }
            done[node] = Some(sum);
            open[node] = false;
            path.pop();
        }
        Ok(done[0].unwrap_or_default())
    }

    /// One element with all that its links, which are expanded already, add to it.
    fn sum(&self, node: usize, done: &[Option<Expanded>]) -> Expanded {
        let mut sum = self.own[node];
        let targets = || self.links[node].iter().filter_map(|&(to, link)| done[to].map(|target| (target, link)));
        for (target, _) in targets().filter(|(_, link)| *link == Link::Part) {
            sum.shapes = sum.shapes.saturating_add(target.shapes);
            sum.vertices = sum.vertices.saturating_add(target.vertices);
        }
        let (shapes, vertices) = (sum.shapes.max(1), sum.vertices.max(1));
        for (target, link) in targets() {
            let times = match link {
                Link::Part | Link::Once => 1,
                Link::PerShape => shapes,
                Link::PerVertex => vertices,
            };
            sum.elements = sum.elements.saturating_add(target.elements.saturating_mul(times));
            sum.bytes = sum.bytes.saturating_add(target.bytes.saturating_mul(times));
            sum.depth = sum.depth.max(target.depth.saturating_add(1));
        }
        sum
    }
}

/// How often what `property` refers to is repeated.
fn kind(property: &str) -> Link {
    match property {
        "fill" | "stroke" => Link::PerShape,
        "marker" | "marker-start" | "marker-mid" | "marker-end" => Link::PerVertex,
        _ => Link::Once,
    }
}

/// The id that the `href` of `node` names, where following it means work.
fn href<'a>(node: &Node<'a, '_>) -> Result<Option<&'a str>> {
    let name = node.tag_name().name();
    // A link for readers to follow, and targets of animations, which are not played.
    if matches!(name, "a" | "animate" | "animateTransform" | "animateMotion" | "set" | "mpath" | "script") {
        return match node.attributes().find(|a| a.name() == "href") {
            Some(a) if name == "script" => local(a.value().trim(), true).map(|_| None),
            _ => Ok(None),
        };
    }
    let mut found = None;
    for attribute in node.attributes().filter(|a| a.name() == "href") {
        let data_allowed = matches!(name, "image" | "feImage");
        let id = local(attribute.value().trim(), data_allowed)?;
        // The one without prefix counts when both are there.
        if found.is_none() || attribute.namespace().is_none() {
            found = id;
        }
    }
    Ok(found)
}

/// An element as selectors see it.
struct Matched<'a, 'i>(Node<'a, 'i>);

impl simplecss::Element for Matched<'_, '_> {
    fn parent_element(&self) -> Option<Self> {
        self.0.parent_element().map(Self)
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.0.prev_sibling_element().map(Self)
    }

    fn has_local_name(&self, name: &str) -> bool {
        self.0.tag_name().name() == name
    }

    fn attribute_matches(&self, name: &str, operator: simplecss::AttributeOperator) -> bool {
        self.0.attribute(name).is_some_and(|value| operator.matches(value))
    }

    fn pseudo_class_matches(&self, class: simplecss::PseudoClass) -> bool {
        matches!(class, simplecss::PseudoClass::FirstChild) && self.0.prev_sibling_element().is_none()
    }
}
