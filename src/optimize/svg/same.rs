//! Whether two drawings are the same for the renderer: shape by shape, in paint order, with every
//! value that it reads.
//!
//! Most steps say the same thing in fewer bytes. Of two trees that hold the same numbers the renderer
//! makes the same picture at any size, so one of them need not be drawn. Ids, groups that do nothing
//! and what is not drawn do not count. Images, filters, patterns and texts are not looked into: a drawing
//! with one of them counts as another.

use resvg::usvg::{BaseGradient, ClipPath, Fill, Group, Mask, Node, Opacity, Paint, Path, Stroke, Tree};
use tiny_skia::Transform;

/// Whether `a` and `b` draw the same at any size.
pub(crate) fn draws_the_same(a: &Tree, b: &Tree) -> bool {
    a.size() == b.size() && same_group(a.root(), b.root())
}

/// A part that is drawn as a whole.
enum Part<'a> {
    Path(&'a Path),
    Layer(&'a Group),
    /// What is not looked into.
    Other,
}

/// The parts of a group in paint order, each with its transform as the renderer multiplies it.
fn parts(group: &Group) -> Vec<(Transform, Part<'_>)> {
    fn below<'a>(group: &'a Group, transform: Transform, out: &mut Vec<(Transform, Part<'a>)>) {
        let transform = transform.pre_concat(group.transform());
        for node in group.children() {
            match node {
                Node::Group(g) if g.should_isolate() => out.push((transform, Part::Layer(g))),
                Node::Group(g) => below(g, transform, out),
                Node::Path(p) if !p.is_visible() || p.fill().is_none() && p.stroke().is_none() => {}
                Node::Path(p) => out.push((transform, Part::Path(p))),
                Node::Image(_) | Node::Text(_) => out.push((transform, Part::Other)),
            }
        }
    }
    let mut out = Vec::new();
    below(group, Transform::identity(), &mut out);
    out
}

fn same_group(a: &Group, b: &Group) -> bool {
    let (a, b) = (parts(a), parts(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| {
            a.0 == b.0
                && match (&a.1, &b.1) {
                    (Part::Path(a), Part::Path(b)) => same_path(a, b),
                    (Part::Layer(a), Part::Layer(b)) => same_layer(a, b),
                    _ => false,
                }
        })
}

fn same_layer(a: &Group, b: &Group) -> bool {
    a.filters().is_empty()
        && b.filters().is_empty()
        && a.opacity() == b.opacity()
        && a.blend_mode() == b.blend_mode()
        && a.layer_bounding_box() == b.layer_bounding_box()
        && same_option(a.clip_path(), b.clip_path(), same_clip)
        && same_option(a.mask(), b.mask(), same_mask)
        && same_group(a, b)
}

fn same_option<T>(a: Option<T>, b: Option<T>, same: impl Fn(T, T) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn same_clip(a: &ClipPath, b: &ClipPath) -> bool {
    a.transform() == b.transform()
        && same_option(a.clip_path(), b.clip_path(), same_clip)
        && same_group(a.root(), b.root())
}

fn same_mask(a: &Mask, b: &Mask) -> bool {
    a.kind() == b.kind()
        && a.rect() == b.rect()
        && same_option(a.mask(), b.mask(), same_mask)
        && same_group(a.root(), b.root())
}

fn same_path(a: &Path, b: &Path) -> bool {
    a.paint_order() == b.paint_order()
        && a.rendering_mode() == b.rendering_mode()
        && a.data() == b.data()
        && same_option(a.fill(), b.fill(), same_fill)
        && same_option(a.stroke(), b.stroke(), same_stroke)
}

fn same_fill(a: &Fill, b: &Fill) -> bool {
    a.rule() == b.rule() && same_paint((a.paint(), a.opacity()), (b.paint(), b.opacity()))
}

fn same_stroke(a: &Stroke, b: &Stroke) -> bool {
    a.width() == b.width()
        && a.linecap() == b.linecap()
        && a.linejoin() == b.linejoin()
        && a.miterlimit().get() == b.miterlimit().get()
        && a.dasharray() == b.dasharray()
        && (a.dasharray().is_none() || a.dashoffset() == b.dashoffset())
        && same_paint((a.paint(), a.opacity()), (b.paint(), b.opacity()))
}

fn same_paint(a: (&Paint, Opacity), b: (&Paint, Opacity)) -> bool {
    match (a.0, b.0) {
        (Paint::Color(x), Paint::Color(y)) => x == y && a.1.to_u8() == b.1.to_u8(),
        (Paint::LinearGradient(x), Paint::LinearGradient(y)) => {
            (x.x1(), x.y1(), x.x2(), x.y2()) == (y.x1(), y.y1(), y.x2(), y.y2()) && same_gradient((x, a.1), (y, b.1))
        }
        (Paint::RadialGradient(x), Paint::RadialGradient(y)) => {
            (x.cx(), x.cy(), x.r(), x.fx(), x.fy(), x.fr()) == (y.cx(), y.cy(), y.r(), y.fx(), y.fy(), y.fr())
                && same_gradient((x, a.1), (y, b.1))
        }
        _ => false,
    }
}

fn same_gradient(a: (&BaseGradient, Opacity), b: (&BaseGradient, Opacity)) -> bool {
    let (x, y) = (a.0.stops(), b.0.stops());
    a.0.transform() == b.0.transform()
        && a.0.spread_method() == b.0.spread_method()
        && x.len() == y.len()
        && x.iter().zip(y).all(|(x, y)| {
            x.offset() == y.offset()
                && x.color() == y.color()
                // The renderer has alpha in 8 bits.
                && (x.opacity() * a.1).to_u8() == (y.opacity() * b.1).to_u8()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Trust, render};

    fn tree(body: &str) -> Tree {
        let text = format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">{body}</svg>"#);
        render::tree(&render::xml(&text, Trust::Own).unwrap(), Trust::Own).unwrap()
    }

    const GRADIENT: &str = r##"<linearGradient id="a" x1="0" x2="8" gradientUnits="userSpaceOnUse"><stop stop-color="red"/><stop offset="1"/></linearGradient><path fill="url(#a)" d="M1 1h6v6H1z"/>"##;

    #[test]
    fn other_words_are_the_same_drawing() {
        for (a, b) in [
            (r##"<path d="M1 1L7 1L7 7Z" fill="#f00"/>"##, r#"<g fill="red"><path id="x" d="M1 1h6v6z"/></g>"#),
            (r#"<path d="M1 1h6v6z"/><path fill="none" d="M0 0h1v1z"/>"#, r#"<path d="M1 1h6v6z"/>"#),
            (r#"<g opacity=".5"><path d="M1 1h6v6z"/></g>"#, r#"<g opacity="0.50"><g><path d="M1 1 7 1v6z"/></g></g>"#),
            (GRADIENT, &GRADIENT.replace("a\"", "zz\"").replace("#a)", "#zz)")),
        ] {
            assert!(draws_the_same(&tree(a), &tree(b)), "{a} {b}");
        }
    }

    #[test]
    fn every_value_counts() {
        let path = r#"<path d="M1 1h6v6z"/>"#;
        let clip = r##"<clipPath id="c"><path d="M0 0h4v4H0z"/></clipPath><path clip-path="url(#c)" d="M1 1h6v6z"/>"##;
        let mask = r##"<mask id="m"><path fill="#fff" d="M0 0h4v4H0z"/></mask><path mask="url(#m)" d="M1 1h6v6z"/>"##;
        let stroke = r#"<path fill="none" stroke="red" stroke-dasharray="1 2" d="M1 1h6v6z"/>"#;
        for (a, from, to) in [
            (path, "h6", "h6.001"),
            (path, "<path", r#"<path fill="red""#),
            (path, "<path", r#"<path opacity=".5""#),
            (path, "<path", r#"<path fill-opacity=".5""#),
            (path, "<path", r#"<path fill-rule="evenodd""#),
            (path, "<path", r#"<path stroke="red""#),
            (path, "<path", r#"<path transform="translate(.01)""#),
            (path, "<path", r#"<path style="mix-blend-mode:multiply""#),
            (path, "<path", r#"<path shape-rendering="crispEdges""#),
            (path, path, ""),
            (clip, "h4v4H0", "h4v3H0"),
            (clip, "<path d", r#"<path clip-rule="evenodd" d"#),
            (mask, "#fff", "#eee"),
            (mask, "<mask", r#"<mask mask-type="alpha""#),
            (stroke, "1 2", "1 3"),
            (stroke, "<path", r#"<path stroke-dashoffset=".1""#),
            (stroke, "<path", r#"<path stroke-width="1.1""#),
            (stroke, "<path", r#"<path stroke-linecap="round""#),
            (stroke, "<path", r#"<path stroke-linejoin="round""#),
            (stroke, "<path", r#"<path stroke-miterlimit="2""#),
            (GRADIENT, "x2=\"8\"", "x2=\"8.01\""),
            (GRADIENT, "<linearGradient", r#"<linearGradient spreadMethod="reflect""#),
            (GRADIENT, "<linearGradient", r#"<linearGradient gradientTransform="scale(1 1.1)""#),
            (GRADIENT, "red", "blue"),
            (GRADIENT, "<stop o", r#"<stop stop-opacity=".5" o"#),
            (GRADIENT, "offset=\"1\"", "offset=\".9\""),
        ] {
            assert!(a.contains(from) && !draws_the_same(&tree(a), &tree(&a.replace(from, to))), "{a} {from} {to}");
        }
    }
}
