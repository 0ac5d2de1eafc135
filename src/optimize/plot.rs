//! A search as a picture: every trial, and the front.
//!
//! One SVG that needs nothing else, made from the report alone. Bytes run to the right on a logarithmic
//! scale; quality runs upwards on a logarithmic scale of what is missing to 1, since 0.990 and 0.995 are
//! as far apart as 0.90 and 0.95. The axes show the front; trials far from it are counted, not drawn.

use std::fmt::Write as _;

use crate::report::html::escape;
use crate::report::{Attempt, FrontPoint, ItemReport};

/// Size of the picture, px.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 600.0;

/// The field inside the axes: left, top, right, bottom, px.
const FIELD: [f64; 4] = [84.0, 92.0, WIDTH - 36.0, HEIGHT - 68.0];

/// What is missing to a quality of 1 is taken as at least this, so that it has a logarithm.
const LEAST_LOSS: f64 = 1e-4;

/// Room around the front, as a share of its extent on each axis.
const ROOM: f64 = 0.12;

/// Least extent of an axis, as natural logarithms: a front of one point is not stretched to nothing.
const LEAST_EXTENT: f64 = 0.4;

/// Qualities that get a line.
const QUALITIES: [f64; 21] = [
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.998,
    0.999,
];

/// Lines that an axis should have.
const ENOUGH: usize = 4;

/// Least distance between two lines of the grid, px.
const GAP: [f64; 2] = [64.0, 30.0];

/// Looks, for light and for dark pages.
const STYLE: &str = "svg{--page:#fff;--ink:#1d2330;--dim:#667085;--line:#e6e9ef;--a:#2f6fde;--b:#d97706;--c:#0f9d76;--front:#111827}\
@media(prefers-color-scheme:dark){svg{--page:#14171d;--ink:#e8ebf1;--dim:#98a2b3;--line:#2a2f39;--a:#7aa9ff;--b:#fbbf24;--c:#4fd1a5;--front:#f2f4f7}}\
text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:var(--dim)}\
.title{font-size:19px;font-weight:600;fill:var(--ink)}.page{fill:var(--page)}.grid{stroke:var(--line)}\
.axis{stroke:var(--dim)}.contour{fill:var(--a)}.vtracer{fill:var(--b)}.cells{fill:var(--c)}.trial{fill-opacity:.35}\
.front{fill:none;stroke:var(--front);stroke-width:1.5;stroke-opacity:.55}\
.point{stroke:var(--page);stroke-width:1.5}.fewer{fill:var(--page);stroke-width:2}.fewer.contour{stroke:var(--a)}.fewer.vtracer{stroke:var(--b)}.fewer.cells{stroke:var(--c)}.chosen{fill:none;stroke:var(--front);stroke-width:2}\
.goal{stroke:var(--front);stroke-dasharray:5 4;stroke-opacity:.7}.label{fill:var(--ink);font-weight:600}";

/// A logarithmic axis.
struct Axis {
    /// Logarithms at both ends.
    from: f64,
    to: f64,
    /// Places of the ends, px.
    start: f64,
    end: f64,
}

impl Axis {
    fn around(logs: impl Iterator<Item = f64> + Clone, start: f64, end: f64) -> Self {
        let (low, high) = (logs.clone().fold(f64::INFINITY, f64::min), logs.fold(f64::NEG_INFINITY, f64::max));
        let extent = (high - low).max(LEAST_EXTENT);
        let (middle, half) = ((low + high) / 2.0, extent * (0.5 + ROOM));
        Self { from: middle - half, to: middle + half, start, end }
    }

    /// Where a logarithm lies; nothing outside the field.
    fn at(&self, log: f64) -> Option<f64> {
        let share = (log - self.from) / (self.to - self.from);
        (0.0..=1.0).contains(&share).then_some(self.start + share * (self.end - self.start))
    }
}

/// Quality as what is drawn: it grows as less is missing.
fn height_of(quality: f64) -> f64 {
    -(1.0 - quality).max(LEAST_LOSS).ln()
}

fn width_of(bytes: u64) -> f64 {
    (bytes.max(1) as f64).ln()
}

/// A number with thin spaces between thousands.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// Engines have colours of their own; one that is not known yet has the first's.
fn class_of(engine: &str) -> &'static str {
    ["cells", "vtracer"].into_iter().find(|known| *known == engine).unwrap_or("contour")
}

/// Draws the search that `item` is the record of; nothing when it was not searched for.
pub fn plot(item: &ItemReport) -> Option<String> {
    let search = item.search.as_ref().filter(|s| !s.front.is_empty())?;
    let [left, top, right, bottom] = FIELD;
    let x = Axis::around(search.front.iter().map(|p| width_of(p.bytes)), left, right);
    let y = Axis::around(search.front.iter().map(|p| height_of(p.quality)), bottom, top);
    let engine = |p: &FrontPoint| item.attempts.get(p.attempt - 1).map_or("", |a| a.engine.as_str());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><style>{STYLE}</style>\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>"
    );
    // Writing to a String cannot fail.
    let _ = grid(&mut out, &x, &y);

    let scored = |a: &&Attempt| a.quality.is_some() && a.bytes.is_some();
    let mut outside = 0;
    for (i, a) in item.attempts.iter().enumerate().filter(|(_, a)| scored(a)) {
        let (quality, bytes) = (a.quality.unwrap_or_default(), a.bytes.unwrap_or_default());
        match (x.at(width_of(bytes)), y.at(height_of(quality))) {
            (Some(px), Some(py)) => {
                let _ = write!(
                    out,
                    "<circle class=\"trial {}\" cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"3\">{}</circle>",
                    class_of(&a.engine),
                    tooltip(i + 1, a)
                );
            }
            _ => outside += 1,
        }
    }
    let _ = stairs(&mut out, search, &x, &y);
    let _ = goals(&mut out, search.target, search.max_bytes, &x, &y);
    let mut best = f64::NEG_INFINITY;
    let mut hollow = false;
    for point in &search.front {
        let (Some(px), Some(py)) = (x.at(width_of(point.bytes)), y.at(height_of(point.quality))) else { continue };
        // Beaten in quality and bytes, it is here for its nodes.
        let fewer = if point.quality <= best { " fewer" } else { "" };
        hollow |= !fewer.is_empty();
        best = best.max(point.quality);
        let attempt = item.attempts.get(point.attempt - 1);
        let _ = write!(
            out,
            "<circle class=\"point{fewer} {}\" cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"5.5\">{}</circle>",
            class_of(engine(point)),
            attempt.map_or_else(String::new, |a| tooltip(point.attempt, a))
        );
    }
    if let Some(point) = search.front.iter().find(|p| p.chosen) {
        let _ = callout(&mut out, point, &x, &y);
    }
    let _ = words(&mut out, item, outside, hollow);
    out.push_str("</svg>\n");
    Some(out)
}

/// What is shown when the pointer rests on a trial.
fn tooltip(number: usize, attempt: &Attempt) -> String {
    let parameters: Vec<_> = attempt.parameters.iter().map(|(k, v)| format!("{k} {v}")).collect();
    let text = format!(
        "trial {number}: quality {:.4}, {} bytes, {} nodes\n{}: {}\n{}",
        attempt.quality.unwrap_or_default(),
        attempt.bytes.unwrap_or_default(),
        attempt.nodes.unwrap_or_default(),
        attempt.engine,
        if parameters.is_empty() { "defaults".into() } else { parameters.join(", ") },
        attempt.why
    );
    format!("<title>{}</title>", escape(&text))
}

/// Sizes that get a line: as round as they can be and still be some.
fn round_sizes(x: &Axis) -> Vec<f64> {
    let coarse = [10, 20, 50];
    let finer = [10, 15, 20, 30, 50, 70];
    let finest: Vec<u32> = (10..100).collect();
    let sizes = |tenths: &[u32]| -> Vec<f64> {
        let all = (0..12).flat_map(|power| tenths.iter().map(move |t| f64::from(*t) * 10f64.powi(power) / 10.0));
        all.filter(|v| v.fract() == 0.0 && x.at(v.ln()).is_some()).collect()
    };
    [&coarse[..], &finer].into_iter().map(sizes).find(|s| s.len() >= ENOUGH).unwrap_or_else(|| sizes(&finest))
}

/// Qualities that get a line, from the lowest: the familiar ones, or finer ones where a front of nearly equal
/// traces lies between two of those.
fn round_qualities(y: &Axis) -> Vec<f64> {
    let steps = |from: u32, to: u32, of: f64| (from..to).map(move |i| f64::from(i) / of);
    let fine: Vec<f64> = steps(1, 99, 100.0).chain(steps(990, 999, 1e3)).chain(steps(9990, 10_000, 1e4)).collect();
    let inside =
        |values: &[f64]| -> Vec<f64> { values.iter().copied().filter(|q| y.at(height_of(*q)).is_some()).collect() };
    let familiar = inside(&QUALITIES);
    if familiar.len() >= ENOUGH { familiar } else { inside(&fine) }
}

fn grid(out: &mut String, x: &Axis, y: &Axis) -> std::fmt::Result {
    let [left, top, right, bottom] = FIELD;
    let mut last = f64::NEG_INFINITY;
    for value in round_sizes(x) {
        let Some(px) = x.at(value.ln()).filter(|px| px - last >= GAP[0]) else { continue };
        last = px;
        write!(
            out,
            "<path class=\"grid\" d=\"M{px:.1} {top}V{bottom}\"/>\
             <text x=\"{px:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            bottom + 22.0,
            grouped(value as u64)
        )?;
    }
    last = f64::INFINITY;
    for value in round_qualities(y) {
        let Some(py) = y.at(height_of(value)).filter(|py| last - py >= GAP[1]) else { continue };
        last = py;
        write!(
            out,
            "<path class=\"grid\" d=\"M{left} {py:.1}H{right}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 10.0,
            py + 4.5,
            (value * 1e4).round() / 1e4
        )?;
    }
    write!(
        out,
        "<path class=\"axis\" fill=\"none\" d=\"M{left} {top}V{bottom}H{right}\"/>\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">bytes of the SVG</text>\
         <text transform=\"translate(22 {}) rotate(-90)\" text-anchor=\"middle\">quality</text>",
        (left + right) / 2.0,
        HEIGHT - 20.0,
        (top + bottom) / 2.0
    )
}

/// The best quality to be had for so many bytes: a line that only climbs.
fn stairs(out: &mut String, search: &crate::report::SearchReport, x: &Axis, y: &Axis) -> std::fmt::Result {
    let mut path = String::new();
    let mut best = f64::NEG_INFINITY;
    for point in search.front.iter().filter(|p| p.bytes > 0) {
        let (Some(px), Some(py)) = (x.at(width_of(point.bytes)), y.at(height_of(point.quality))) else { continue };
        if path.is_empty() {
            write!(path, "M{px:.1} {py:.1}")?;
        } else if point.quality > best {
            write!(path, "H{px:.1}V{py:.1}")?;
        } else {
            continue;
        }
        best = point.quality;
    }
    write!(out, "<path class=\"front\" d=\"{path}H{}\"/>", FIELD[2])
}

/// Lines for what was asked for.
fn goals(out: &mut String, target: Option<f64>, most: Option<u64>, x: &Axis, y: &Axis) -> std::fmt::Result {
    let [left, top, right, bottom] = FIELD;
    if let Some((target, py)) = target.and_then(|t| Some((t, y.at(height_of(t))?))) {
        write!(
            out,
            "<path class=\"goal\" d=\"M{left} {py:.1}H{right}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">target {target}</text>",
            right - 4.0,
            py - 6.0
        )?;
    }
    if let Some((most, px)) = most.and_then(|m| Some((m, x.at(width_of(m))?))) {
        write!(
            out,
            "<path class=\"goal\" d=\"M{px:.1} {top}V{bottom}\"/>\
             <text x=\"{:.1}\" y=\"{}\" text-anchor=\"end\">at most {}</text>",
            px - 6.0,
            top + 14.0,
            grouped(most)
        )?;
    }
    Ok(())
}

/// The trace that was taken, with its figures beside it.
fn callout(out: &mut String, point: &FrontPoint, x: &Axis, y: &Axis) -> std::fmt::Result {
    let (Some(px), Some(py)) = (x.at(width_of(point.bytes)), y.at(height_of(point.quality))) else { return Ok(()) };
    // On the side where there is room; below the line, since the front runs above to the right.
    let (tx, anchor) = if px > (FIELD[0] + FIELD[2]) / 2.0 { (px - 12.0, "end") } else { (px + 12.0, "start") };
    let ty = if anchor == "end" { py - 14.0 } else { py + 24.0 };
    write!(
        out,
        "<circle class=\"chosen\" cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"9.5\"/>\
         <text class=\"label\" x=\"{tx:.1}\" y=\"{ty:.1}\" text-anchor=\"{anchor}\">\
         {:.4}, {} bytes, {} nodes</text>",
        point.quality,
        grouped(point.bytes),
        grouped(point.nodes)
    )
}

/// Title, legend and what is not drawn.
fn words(out: &mut String, item: &ItemReport, outside: usize, hollow: bool) -> std::fmt::Result {
    let Some(search) = &item.search else { return Ok(()) };
    let name = std::path::Path::new(&item.input)
        .file_name()
        .map_or_else(|| item.input.clone(), |n| n.to_string_lossy().into_owned());
    let name = if name == "-" { "standard input".into() } else { name };
    let size = item.source.as_ref().map_or_else(String::new, |s| format!(", {} × {} px", s.width, s.height));
    let missing = if outside == 0 { String::new() } else { format!("; {outside} lie outside") };
    write!(
        out,
        "<text class=\"title\" x=\"{0}\" y=\"38\">{1}</text>\
         <text x=\"{0}\" y=\"62\">{2} trials in {3:.1} s{size}; the line is the best quality for so many bytes{missing}</text>",
        FIELD[0],
        escape(&name),
        search.trials,
        search.seconds
    )?;
    let mut engines: Vec<&str> = item.attempts.iter().map(|a| class_of(&a.engine)).collect();
    engines.sort_unstable();
    engines.dedup();
    let mut at = FIELD[2];
    if hollow {
        at -= 98.0;
        write!(
            out,
            "<circle class=\"point fewer contour\" cx=\"{at:.1}\" cy=\"33\" r=\"5\"/>\
             <text x=\"{:.1}\" y=\"37.5\">fewer nodes</text>",
            at + 11.0
        )?;
    }
    for engine in engines.iter().rev() {
        at -= 74.0;
        write!(
            out,
            "<circle class=\"{engine}\" cx=\"{:.1}\" cy=\"33\" r=\"5\"/><text x=\"{:.1}\" y=\"37.5\">{engine}</text>",
            at,
            at + 11.0
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{SearchReport, Status};
    use crate::score::{Trust, render};

    fn attempt(quality: f64, bytes: u64, why: &str) -> Attempt {
        Attempt {
            engine: "contour".into(),
            why: why.into(),
            parameters: Default::default(),
            quality: Some(quality),
            bytes: Some(bytes),
            nodes: Some(7),
            ms: 1.0,
            error: None,
        }
    }

    fn item(name: &str, figures: &[(f64, u64)], far: (f64, u64)) -> ItemReport {
        let mut item = ItemReport::new(name, Status::Ok);
        item.attempts = figures.iter().chain([&far]).map(|(q, b)| attempt(*q, *b, "a <test> & more")).collect();
        let front = figures.iter().enumerate().map(|(i, (quality, bytes))| FrontPoint {
            attempt: i + 1,
            quality: *quality,
            bytes: *bytes,
            nodes: 7,
            chosen: i == 0,
            file: None,
        });
        item.search = Some(SearchReport {
            target: Some(0.95),
            max_bytes: Some(200),
            trials: figures.len() + 1,
            seconds: 1.0,
            front: front.collect(),
            ..SearchReport::default()
        });
        item
    }

    #[test]
    fn every_trial_is_drawn_or_counted_and_names_are_harmless() {
        let svg = plot(&item("</svg><script>x", &[(0.9, 100), (0.96, 150), (0.99, 300)], (0.1, 90_000))).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let circles = |class: &str| {
            let all = document.descendants().filter(|n| n.has_tag_name("circle"));
            all.filter(|n| n.attribute("class").is_some_and(|c| c.split(' ').any(|c| c == class))).count()
        };
        assert_eq!((circles("trial"), circles("point"), circles("chosen")), (3, 3, 1));
        assert!(svg.contains("1 lie outside") && svg.contains("target 0.95") && svg.contains("at most 200"));
        assert!(!svg.contains("<script"));
        // It stands alone: the renderer that refuses whatever is outside draws it.
        render(svg.as_bytes(), 96, 60, Trust::Foreign).unwrap();
    }

    #[test]
    fn a_front_of_one_and_of_equals_has_axes() {
        for figures in [&[(1.0, 1)][..], &[(0.5, 100), (0.5, 100)], &[(0.0, 40), (1.0, 4_000_000_000)]] {
            let svg = plot(&item("a.png", figures, (0.5, 100))).unwrap();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
        assert_eq!(plot(&ItemReport::new("a.png", Status::Failed)), None);
    }

    #[test]
    fn more_quality_is_higher_and_more_bytes_are_further_right() {
        let x = Axis::around([width_of(100), width_of(200)].into_iter(), FIELD[0], FIELD[2]);
        let y = Axis::around([height_of(0.9), height_of(0.99)].into_iter(), FIELD[3], FIELD[1]);
        assert!(x.at(width_of(100)).unwrap() < x.at(width_of(200)).unwrap());
        assert!(y.at(height_of(0.9)).unwrap() > y.at(height_of(0.99)).unwrap());
        assert_eq!(x.at(width_of(10_000)), None);
    }

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!(grouped(1_234_567), "1\u{2009}234\u{2009}567");
        assert_eq!(grouped(12), "12");
    }
}
