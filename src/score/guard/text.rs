//! The first look, at the bytes: what the XML parser itself could choke on.
//!
//! The parser reserves room by counting `<` and `=`, compares the attributes of an element with each
//! other, and replaces entities by their text. All of these are bounded here by a lexer that knows just
//! enough XML to tell tags from what is between them.

use super::{external, too_complex};
use crate::Result;

/// Most `<` and `=` in the file, whatever they mean.
const MAX_OPENINGS: usize = 2 * super::MAX_XML_NODES as usize;
const MAX_EQUALS: usize = 1_500_000;

/// Most attributes of one element (they are compared pairwise), and most namespace declarations.
const MAX_ATTRIBUTES: usize = 256;
const MAX_NAMESPACES: usize = 20_000;

/// Deepest nesting of elements; editors make some 20 levels.
pub(super) const MAX_DEPTH: usize = 192;

/// Entities are shorthands for namespace names in some editors' files, and need no more than this.
const MAX_ENTITIES: usize = 64;
const MAX_ENTITY_BYTES: usize = 1024;
/// Most uses of `&` in a file with entities: with the limit above, 16 MiB of replaced text.
const MAX_ENTITY_USES: usize = 16_384;

/// Refuses by the text alone.
pub(crate) fn check_text(svg: &str) -> Result<()> {
    let bytes = svg.as_bytes();
    let count = |wanted: u8| bytes.iter().filter(|&&b| b == wanted).count();
    if count(b'<') > MAX_OPENINGS || count(b'=') > MAX_EQUALS {
        return Err(too_complex("it has too many elements or attributes"));
    }
    let (mut depth, mut namespaces, mut at) = (0_usize, 0_usize, 0_usize);
    while let Some(found) = bytes[at..].iter().position(|&b| b == b'<') {
        at += found + 1;
        let rest = &svg[at..];
        let skip_past = |end: &str| rest.find(end).map_or(bytes.len(), |n| at + n + end.len());
        if rest.starts_with("!--") {
            at = skip_past("-->");
        } else if rest.starts_with("![CDATA[") {
            at = skip_past("]]>");
        } else if rest.starts_with('?') {
            at = skip_past("?>");
        } else if rest.starts_with('!') {
            at += check_doctype(svg, rest)?;
        } else if rest.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else {
            let tag = Tag::of(&bytes[at..]);
            at += tag.length;
            namespaces += tag.namespaces;
            if tag.attributes > MAX_ATTRIBUTES || namespaces > MAX_NAMESPACES {
                return Err(too_complex("it has too many attributes or namespaces"));
            }
            if !tag.empty {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(too_complex(format!("its elements are nested more than {MAX_DEPTH} deep")));
                }
            }
        }
    }
    Ok(())
}

/// A start tag as far as it matters here.
struct Tag {
    length: usize,
    attributes: usize,
    namespaces: usize,
    empty: bool,
}

impl Tag {
    /// The tag whose text, after its `<`, begins `bytes`.
    fn of(bytes: &[u8]) -> Self {
        let mut tag = Self { length: bytes.len(), attributes: 0, namespaces: 0, empty: false };
        let mut quote = None;
        for (i, &b) in bytes.iter().enumerate() {
            match (quote, b) {
                (Some(q), _) if q == b => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(b),
                (None, b'=') => tag.attributes += 1,
                (None, b'x') if bytes[i..].starts_with(b"xmlns") => tag.namespaces += 1,
                (None, b'>') => {
                    tag.empty = i > 0 && bytes[i - 1] == b'/';
                    tag.length = i + 1;
                    break;
                }
                _ => {}
            }
        }
        tag
    }
}

/// Checks a document type declaration, whose text after `<` is `rest`; returns its length.
fn check_doctype(svg: &str, rest: &str) -> Result<usize> {
    let close = rest.find('>').unwrap_or(rest.len());
    let Some(open) = rest.find('[').filter(|&open| open < close) else {
        return Ok(close);
    };
    let end = rest[open..].find("]>").or_else(|| rest[open..].find(']')).map_or(rest.len(), |n| open + n);
    let subset = &rest[open..end];
    let entities: Vec<_> = subset.split("<!ENTITY").skip(1).collect();
    if entities.len() > MAX_ENTITIES {
        return Err(too_complex(format!("it declares {} entities", entities.len())));
    }
    for entity in &entities {
        let value = entity.find(['"', '\'']).map_or("", |n| &entity[n..]);
        let head = &entity[..entity.len() - value.len()];
        if head.contains("SYSTEM") || head.contains("PUBLIC") {
            return Err(external("it declares an external entity"));
        }
        if entity.len() > MAX_ENTITY_BYTES || value.contains(['&', '%', '<']) || head.contains('%') {
            return Err(too_complex("it declares an entity that is long or refers to others"));
        }
    }
    if !entities.is_empty() && svg.bytes().filter(|&b| b == b'&').count() > MAX_ENTITY_USES {
        return Err(too_complex("it uses entities too often"));
    }
    Ok(end)
}
