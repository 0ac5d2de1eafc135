//! From the text of a file to the editable tree.
//!
//! The text has been through an XML parser before, so it is known to be well-formed; what is done
//! here is to find where each thing begins and ends without losing how it was written, which the
//! parser's tree does not tell (prefixes, declarations, references).

use std::collections::HashMap;

use super::tree::{Document, Element, Node, Opaque};

/// Elements that are edited. All others are left as they are, with all they contain.
const KNOWN: [&str; 20] = [
    "svg",
    "g",
    "defs",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "use",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "pattern",
    "marker",
    "symbol",
    "image",
];

/// Elements that say how another one moves: their parent is left alone too.
pub(crate) const ANIMATIONS: [&str; 6] =
    ["animate", "animateColor", "animateMotion", "animateTransform", "set", "discard"];

/// Parses `text`, which is well-formed XML. `None` where it is put together in a way that is not
/// followed (the caller then leaves the file as it is).
pub(crate) fn parse(text: &str) -> Option<Document> {
    let mut parser = Parser { text, at: 0, entities: HashMap::new() };
    let (mut before, mut after, mut root) = (Vec::new(), Vec::new(), None);
    if text.starts_with('\u{feff}') {
        parser.at = 3;
    }
    while parser.at < text.len() {
        let node = parser.node()?;
        match (node, &root) {
            (Node::Element(e), None) if e.name == "svg" => root = Some(e),
            (Node::Element(_) | Node::Opaque(_), _) => return None,
            (other, None) => before.push(other),
            (other, Some(_)) => after.push(other),
        }
    }
    Some(Document { before, root: root?, after })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    entities: HashMap<&'a str, &'a str>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Takes everything up to and including `end`.
    fn through(&mut self, end: &str) -> Option<&'a str> {
        let rest = self.rest();
        let length = rest.find(end)? + end.len();
        self.at += length;
        Some(&rest[..length])
    }

    fn node(&mut self) -> Option<Node> {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            return Some(Node::Markup(self.through("-->")?.into()));
        }
        if rest.starts_with("<![CDATA[") {
            return Some(Node::Text(self.through("]]>")?.into()));
        }
        if rest.starts_with("<?") {
            return Some(Node::Markup(self.through("?>")?.into()));
        }
        if rest.starts_with("<!") {
            return Some(Node::Markup(self.doctype()?.into()));
        }
        if rest.starts_with('<') {
            return self.element();
        }
        let length = rest.find('<').unwrap_or(rest.len());
        self.at += length;
        Some(Node::Text(rest[..length].into()))
    }

    /// Takes a document type declaration, and the entities that it declares.
    fn doctype(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let close = rest.find('>')?;
        let Some(open) = rest.find('[').filter(|open| *open < close) else {
            return self.through(">");
        };
        let end = open + rest[open..].find(']')?;
        for entity in rest[open..end].split("<!ENTITY").skip(1) {
            let quote = entity.find(['"', '\''])?;
            let mark = &entity[quote..=quote];
            let value = &entity[quote + 1..];
            self.entities.insert(entity[..quote].trim(), &value[..value.find(mark)?]);
        }
        let length = end + rest[end..].find('>')? + 1;
        self.at += length;
        Some(&rest[..length])
    }

    fn element(&mut self) -> Option<Node> {
        let start = self.at;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let name_end = 1 + rest[1..].find([' ', '\t', '\r', '\n', '/', '>'])?;
        let mut element = Element::new(&rest[1..name_end]);
        let mut at = name_end;
        let empty = loop {
            at += rest[at..].find(|c: char| !c.is_ascii_whitespace())?;
            match bytes[at] {
                b'>' => break false,
                b'/' => {
                    at += 1;
                    break true;
                }
                _ => {}
            }
            let equals = at + rest[at..].find('=')?;
            let quote = equals + rest[equals..].find(['"', '\''])?;
            let mark = &rest[quote..=quote];
            let end = quote + 1 + rest[quote + 1..].find(mark)?;
            let value = self.value(&rest[quote + 1..end])?;
            element.attributes.push((rest[at..equals].trim_end().into(), value));
            at = end + 1;
        };
        self.at = start + at + 1;
        if !empty {
            while !self.rest().starts_with("</") {
                let child = self.node()?;
                element.children.push(child);
            }
            self.through(">")?;
        }
        let moves = |n: &Node| matches!(n, Node::Opaque(o) if ANIMATIONS.contains(&o.name.as_str()));
        // The root must stay editable for the rest of the file to be.
        let known =
            KNOWN.contains(&element.name.as_str()) && (element.name == "svg" || !element.children.iter().any(moves));
        Some(if known {
            Node::Element(element)
        } else {
            Node::Opaque(Opaque { name: element.name, source: self.text[start..self.at].into() })
        })
    }

    /// An attribute's value with its references replaced and white space as XML wants it.
    fn value(&self, raw: &str) -> Option<String> {
        let spaced = |c: char| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('&') {
            out.extend(rest[..at].chars().map(spaced));
            let end = at + rest[at..].find(';')?;
            match &rest[at + 1..end] {
                "amp" => out.push('&'),
                "lt" => out.push('<'),
                "gt" => out.push('>'),
                "quot" => out.push('"'),
                "apos" => out.push('\''),
                number if number.starts_with('#') => {
                    let code = match number.strip_prefix("#x") {
                        Some(hex) => u32::from_str_radix(hex, 16),
                        None => number[1..].parse(),
                    };
                    out.push(char::from_u32(code.ok()?)?);
                }
                name => out.push_str(&self.value(self.entities.get(name)?)?),
            }
            rest = &rest[end + 1..];
        }
        out.extend(rest.chars().map(spaced));
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_touched_comes_out_as_it_went_in() {
        let text = "<?xml version=\"1.0\"?><!-- a > b --><svg xmlns=\"http://www.w3.org/2000/svg\"><g id='1'>\
                    <text x=\"1\">a &lt; b<tspan>c</tspan></text><style><![CDATA[a>b{}]]></style></g><path d=\"M0 0\"/></svg>\n";
        assert_eq!(parse(text).unwrap().write(), text.replace("'1'", "\"1\""));
    }

    #[test]
    fn references_are_replaced_and_quoted_anew() {
        let text = r#"<!DOCTYPE svg [ <!ENTITY ns "urn:x"> ]><svg a="&ns;&amp;&#65;&#x42;" b='"' c="&quot;&apos;"/>"#;
        let document = parse(text).unwrap();
        assert_eq!(document.root.get("a"), Some("urn:x&AB"));
        let svg = document.write();
        assert!(svg.ends_with(r#"<svg a="urn:x&amp;AB" b='"' c="&quot;'"/>"#), "{svg}");
    }

    #[test]
    fn what_moves_and_what_is_unknown_is_left_alone() {
        let text = "<svg><g><path d=\"M0 0\"><animate attributeName=\"d\"/></path><x:y xmlns:x='u'/></g></svg>";
        let document = parse(text).unwrap();
        assert_eq!(document.write(), text);
        let mut opaque = Vec::new();
        document.root.visit_opaque(&mut |o| opaque.push(o.name.as_str()));
        assert_eq!(opaque, ["path", "x:y"]);
    }
}
