//! What an SVG costs: bytes, and the things a person would have to edit.

use std::collections::BTreeSet;
use std::io::Write;

use roxmltree::{Document, Node};

use super::Economy;

/// Elements that draw something themselves.
pub(crate) const DRAWING: [&str; 9] =
    ["path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "image", "use"];

/// Counts what `svg`, parsed as `document`, costs.
pub(crate) fn economy(svg: &[u8], document: &Document, source_bytes: Option<u64>) -> Economy {
    let mut economy = Economy {
        bytes: svg.len() as u64,
        gzip_bytes: gzip_bytes(svg),
        bytes_ratio: source_bytes.filter(|&n| n > 0).map(|n| svg.len() as f64 / n as f64),
        ..Economy::default()
    };
    let mut colors = BTreeSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        if DRAWING.contains(&name) {
            economy.paths += 1;
            let (nodes, numbers) = geometry(node, name);
            economy.nodes += nodes;
            economy.numbers += numbers;
            for (paint, opacity) in [("fill", "fill-opacity"), ("stroke", "stroke-opacity")] {
                // Black is what `fill` is when nobody says otherwise; strokes are off.
                let default = if paint == "fill" { "black" } else { "none" };
                let paint = inherited(node, paint).unwrap_or(default);
                if paint != "none" && !paint.starts_with("url(") {
                    let opacities = [inherited(node, opacity), style(node, "opacity")];
                    colors.insert((paint.to_ascii_lowercase(), opacities.map(|o| o.unwrap_or("1"))));
                }
            }
        }
        if name == "stop" {
            let color = style(node, "stop-color").unwrap_or("black").to_ascii_lowercase();
            colors.insert((color, [style(node, "stop-opacity").unwrap_or("1"), "1"]));
        }
        if name == "linearGradient" || name == "radialGradient" {
            economy.gradients += 1;
        }
    }
    economy.colors = colors.len() as u64;
    economy
}

/// Bytes of `data` after gzip at its default level.
fn gzip_bytes(data: &[u8]) -> u64 {
    /// Counts what is written to it.
    struct Count(u64);
    impl Write for Count {
        fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
            self.0 += data.len() as u64;
            Ok(data.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut encoder = flate2::write::GzEncoder::new(Count(0), flate2::Compression::default());
    // Counting cannot fail.
    let _ = encoder.write_all(data);
    encoder.finish().map_or(0, |count| count.0)
}

/// The property `name` of `node` alone, from its `style` or its attribute.
fn style<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let declared = node.attribute("style").and_then(|style| {
        style.split(';').filter_map(|d| d.split_once(':')).find(|(key, _)| key.trim() == name).map(|(_, v)| v.trim())
    });
    declared.or_else(|| node.attribute(name).map(str::trim))
}

/// The property `name` of `node` or of its nearest ancestor that has it.
fn inherited<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let mut node = Some(node);
    while let Some(here) = node {
        match style(here, name) {
            Some("inherit") | None => node = here.parent_element(),
            found => return found,
        }
    }
    None
}

/// Nodes and numbers of one drawing element.
pub(crate) fn geometry(node: Node, name: &str) -> (u64, u64) {
    match name {
        "path" => node.attribute("d").map_or((0, 0), path_geometry),
        "polygon" | "polyline" => {
            let numbers = node.attribute("points").map_or(0, |points| Numbers(points.as_bytes()).count() as u64);
            (numbers / 2, numbers)
        }
        "rect" => (4, if node.has_attribute("rx") || node.has_attribute("ry") { 6 } else { 4 }),
        "circle" => (1, 3),
        "ellipse" => (1, 4),
        "line" => (2, 4),
        "use" => (0, 2),
        // An image: x, y, width and height.
        _ => (0, 4),
    }
}

/// End points and numbers of path data; the two flags of an arc count as one number.
fn path_geometry(d: &str) -> (u64, u64) {
    let bytes = d.as_bytes();
    let (mut nodes, mut numbers, mut at) = (0, 0, 0);
    while at < bytes.len() {
        let command = bytes[at].to_ascii_lowercase();
        at += 1;
        if !command.is_ascii_alphabetic() || command == b'e' {
            continue;
        }
        let end = bytes[at..]
            .iter()
            .position(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E'))
            .map_or(bytes.len(), |n| at + n);
        let arguments = &bytes[at..end];
        at = end;
        let (per_segment, count) = match command {
            b'm' | b'l' | b't' => (2, Numbers(arguments).count() as u64),
            b'h' | b'v' => (1, Numbers(arguments).count() as u64),
            b's' | b'q' => (4, Numbers(arguments).count() as u64),
            b'c' => (6, Numbers(arguments).count() as u64),
            b'a' => {
                let segments = arcs(arguments);
                nodes += segments;
                numbers += 6 * segments;
                continue;
            }
            _ => continue,
        };
        nodes += count / per_segment;
        numbers += count;
    }
    (nodes, numbers)
}

/// Number of arcs in the arguments of an arc command, whose flags may stand without separators.
fn arcs(arguments: &[u8]) -> u64 {
    let mut rest = Numbers(arguments);
    let mut arcs = 0;
    loop {
        for part in 0..7 {
            let found = if part == 3 || part == 4 { rest.flag() } else { rest.next() };
            if found.is_none() {
                return arcs;
            }
        }
        arcs += 1;
    }
}

/// The numbers of SVG's number grammar in a string; what is between them is passed over.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    /// The next arc flag.
    fn flag(&mut self) -> Option<()> {
        let start = self.0.iter().position(u8::is_ascii_digit)?;
        self.0 = &self.0[start + 1..];
        Some(())
    }
}

impl Iterator for Numbers<'_> {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        let digits = |bytes: &[u8]| bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        let start = self.0.iter().position(|b| b.is_ascii_digit() || *b == b'.')?;
        let mut at = start + digits(&self.0[start..]);
        if self.0.get(at) == Some(&b'.') {
            at += 1;
            at += digits(&self.0[at..]);
        }
        if matches!(self.0.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.0.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(self.0.get(at + 1 + sign..).unwrap_or_default());
            if exponent > 0 {
                at += 1 + sign + exponent;
            }
        }
        self.0 = &self.0[at..];
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(body: &str) -> Economy {
        let svg = format!(r#"<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>"#);
        economy(svg.as_bytes(), &Document::parse(&svg).unwrap(), Some(svg.len() as u64 * 2))
    }

    #[test]
    fn path_data_is_counted_as_written() {
        for (d, nodes, numbers) in [
            ("M0 0L10 0 10 10Z", 3, 6),
            ("m.5.5-1-1h3v4", 4, 6),
            ("M0,0C1,1 2,2 3,3s4 4 5 5", 3, 12),
            ("M0 0a5 5 0 0110 0", 2, 8),
            ("M0 0A5 5 0 1 0 10 0 5 5 0 1 0 0 0z", 3, 14),
            ("M1e2 1e-2l1E+1 0", 2, 4),
            ("", 0, 0),
            ("M1 2e", 1, 2),
        ] {
            assert_eq!(path_geometry(d), (nodes, numbers), "{d}");
        }
    }

    #[test]
    fn shapes_paints_and_gradients() {
        let e = count(
            r##"<defs><linearGradient id="g"><stop stop-color="#f00"/><stop stop-color="#00f"/></linearGradient></defs>
            <g fill="#F00"><circle cx="1" cy="1" r="1"/><rect width="1" height="1" rx="1"/></g>
            <polygon points="0 0 1 0 1 1" fill="url(#g)"/><line x2="4" stroke="#0f0" fill="none"/>
            <path d="M0 0L1 1" style="fill:#f00;fill-opacity:.5"/>"##,
        );
        assert_eq!((e.paths, e.gradients), (5, 1));
        assert_eq!(e.numbers, 3 + 6 + 6 + 4 + 4);
        assert_eq!(e.nodes, 1 + 4 + 3 + 2 + 2);
        // Red, blue, green and half red.
        assert_eq!(e.colors, 4);
        assert_eq!(e.bytes_ratio, Some(0.5));
        assert!(e.gzip_bytes > 0 && e.gzip_bytes < e.bytes);
    }
}
