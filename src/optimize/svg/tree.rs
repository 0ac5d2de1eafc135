//! The editable tree: what an SVG file consists of, in order, and how it is written in few bytes.
//!
//! Text, comments and parts that are left alone are kept as they stand in the source. Attribute
//! values are kept with their references (`&lt;`) replaced, and quoted anew when written.

/// An SVG file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// What stands before the root: declaration, document type, comments.
    pub(crate) before: Vec<Node>,
    /// The `<svg>` element.
    pub(crate) root: Element,
    /// What stands after the root.
    pub(crate) after: Vec<Node>,
}

/// Something between two tags.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// An element that may be edited.
    Element(Element),
    /// An element that is left alone, as in the source.
    Opaque(Opaque),
    /// Text, as in the source.
    Text(String),
    /// A comment, `<?…?>` or `<!DOCTYPE …>`, as in the source.
    Markup(String),
}

/// An element with its attributes in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Element {
    /// The name as written, with its prefix.
    pub(crate) name: String,
    /// Names as written, and values with references replaced.
    pub(crate) attributes: Vec<(String, String)>,
    /// What is between the tags.
    pub(crate) children: Vec<Node>,
}

/// An element of which nothing may change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opaque {
    /// The name as written, with its prefix.
    pub(crate) name: String,
    /// The whole element, from `<` to `>`.
    pub(crate) source: String,
}

impl Element {
    /// An element without attributes and children.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether there is such an attribute.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets an attribute, at its place or at the end.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.attributes.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value.into(),
            None => self.attributes.push((name.into(), value.into())),
        }
    }

    /// Takes an attribute away and returns its value.
    pub(crate) fn remove(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|(n, _)| n == name)?;
        Some(self.attributes.remove(at).1)
    }

    /// The target of a reference, from `href` or, failing that, `xlink:href`.
    pub(crate) fn href(&self) -> Option<&str> {
        self.get("href").or_else(|| self.get("xlink:href"))
    }

    /// The elements among the children that may be edited.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|n| match n {
            Node::Element(e) => Some(e),
            _ => None,
        })
    }

    /// The same, to edit.
    pub(crate) fn elements_mut(&mut self) -> impl Iterator<Item = &mut Element> {
        self.children.iter_mut().filter_map(|n| match n {
            Node::Element(e) => Some(e),
            _ => None,
        })
    }

    /// Calls `f` for this element and all below it, from the top.
    pub(crate) fn visit<'a>(&'a self, f: &mut impl FnMut(&'a Element)) {
        f(self);
        for child in self.elements() {
            child.visit(f);
        }
    }

    /// The same, to edit.
    pub(crate) fn visit_mut(&mut self, f: &mut impl FnMut(&mut Element)) {
        f(self);
        for child in self.elements_mut() {
            child.visit_mut(f);
        }
    }

    /// Calls `f` for every part below that is left alone.
    pub(crate) fn visit_opaque<'a>(&'a self, f: &mut impl FnMut(&'a Opaque)) {
        for child in &self.children {
            match child {
                Node::Element(e) => e.visit_opaque(f),
                Node::Opaque(o) => f(o),
                _ => {}
            }
        }
    }

    /// Bytes of an attribute as written, with the space before it.
    pub(crate) fn attribute_cost(name: &str, value: &str) -> usize {
        name.len() + value.len() + 4
    }
}

impl Element {
    /// The element as text.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        write_element(&mut out, self);
        out
    }
}

impl Node {
    /// What it is in the file.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        write_node(&mut out, self);
        out
    }
}

/// Where a file is written to.
trait Sink {
    fn text(&mut self, text: &str);
}

impl Sink for String {
    fn text(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// Counts bytes instead of keeping them.
struct Length(usize);

impl Sink for Length {
    fn text(&mut self, text: &str) {
        self.0 += text.len();
    }
}

impl Document {
    /// The file as text.
    pub(crate) fn write(&self) -> String {
        let mut out = String::with_capacity(4096);
        self.write_to(&mut out);
        out
    }

    /// Bytes of the file as text.
    pub(crate) fn written_length(&self) -> usize {
        let mut length = Length(0);
        self.write_to(&mut length);
        length.0
    }

    fn write_to(&self, out: &mut impl Sink) {
        for node in &self.before {
            write_node(out, node);
        }
        write_element(out, &self.root);
        for node in &self.after {
            write_node(out, node);
        }
    }
}

fn write_node(out: &mut impl Sink, node: &Node) {
    match node {
        Node::Element(e) => write_element(out, e),
        Node::Opaque(o) => out.text(&o.source),
        Node::Text(text) | Node::Markup(text) => out.text(text),
    }
}

fn write_element(out: &mut impl Sink, element: &Element) {
    out.text("<");
    out.text(&element.name);
    for (name, value) in &element.attributes {
        out.text(" ");
        out.text(name);
        // The quote that needs no replacing, when there is one.
        let has = |mark: u8| value.as_bytes().contains(&mark);
        let quote = if has(b'"') && !has(b'\'') { "'" } else { "\"" };
        out.text("=");
        out.text(quote);
        escape(out, value, quote);
        out.text(quote);
    }
    if element.children.is_empty() {
        out.text("/>");
        return;
    }
    out.text(">");
    for child in &element.children {
        write_node(out, child);
    }
    out.text("</");
    out.text(&element.name);
    out.text(">");
}

fn escape(out: &mut impl Sink, value: &str, quote: &str) {
    let mut rest = value;
    // Bytes, not characters: most of a file is path data, and this is asked of every byte after every step.
    let special = |b: u8| matches!(b, b'&' | b'<' | b'\n' | b'\r' | b'\t' | b'"');
    while let Some(at) = rest.bytes().position(special) {
        out.text(&rest[..at]);
        out.text(match &rest[at..=at] {
            "&" => "&amp;",
            "<" => "&lt;",
            "\n" => "&#10;",
            "\r" => "&#13;",
            "\t" => "&#9;",
            mark if mark == quote => "&quot;",
            other => other,
        });
        rest = &rest[at + 1..];
    }
    out.text(rest);
}
