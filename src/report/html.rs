//! The run as a page to look at: one HTML file with every picture in it, no network, no framework.
//!
//! The page is written item by item, so a run of thousands never has all its pictures in memory.
//! Each item is two blocks of JSON, its record and its pictures as `data:` URIs; the script
//! reads the records at once and the pictures of an item only when it scrolls into view.
//!
//! File names and SVGs are hostile. Three walls stand between them and the reader, and any one would do:
//! what is written into the page has no `<`, `>` or `&` left in it; the script makes elements and text
//! nodes, never markup; and a Content-Security-Policy allows one script and one style by
//! their hashes, pictures from `data:` URIs, and nothing else, so the page cannot reach the network. SVGs are
//! shown as `<img>`, where browsers run no scripts and load no files.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write};
use std::path::{Component, Path, PathBuf};

use image::{ColorType, ImageEncoder, codecs::jpeg::JpegEncoder, codecs::webp::WebPEncoder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::records::Records;
use super::summary::{steers, summary_text};
use super::{ItemReport, RunReport};
use crate::{Code, Error, Raster, Result};

const PAGE: &str = include_str!("gallery.html");
const STYLE: &str = include_str!("gallery.css");
const SCRIPT: &str = include_str!("gallery.js");

/// Longer side of a thumbnail, px: sharp on a card of a dense screen, enough to judge in the viewer.
pub const THUMB_SIDE: u32 = 256;
/// Largest SVG that is put into the page as it is, bytes; a bigger one is shown as a rendered thumbnail.
pub const SVG_INLINE_BYTES: usize = 64 * 1024;
/// Lossless thumbnails above this size, bytes, are photographs, where JPEG is far smaller and looks the same.
const LOSSLESS_BYTES: usize = 48 * 1024;
/// JPEG quality of such thumbnails: at 85, rings around edges passed for faults of the source.
const JPEG_QUALITY: u8 = 90;

/// A picture as a `data:` URI, ready for the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataUri(String);

impl DataUri {
    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `svg` as it is; `None` when it is larger than [`SVG_INLINE_BYTES`]: show a
    /// [`DataUri::thumbnail`] of its rendering then.
    pub fn svg(svg: &[u8]) -> Option<Self> {
        (svg.len() <= SVG_INLINE_BYTES).then(|| {
            // Percent-encoding only what must be costs SVG text a tenth; base64 would cost a third.
            let mut uri = String::with_capacity(svg.len() + svg.len() / 8);
            uri.push_str("data:image/svg+xml,");
            for &byte in svg {
                match byte {
                    b'%' | b'#' | b'<' | b'>' | b'"' | b'\\' | b'&' | 0..0x20 | 0x7f.. => {
                        let _ = write!(uri, "%{byte:02X}");
                    }
                    _ => uri.push(char::from(byte)),
                }
            }
            Self(uri)
        })
    }

    /// `raster` made no larger than `max_side` px on its longer side (see [`THUMB_SIDE`]; smaller rasters
    /// keep their size), as lossless WebP, or as JPEG where that is opaque and much smaller.
    ///
    /// # Errors
    /// [`Code::OutputUnwritable`] when the picture cannot be encoded.
    pub fn thumbnail(raster: &Raster, max_side: u32) -> Result<Self> {
        let small = shrink(raster, max_side);
        let (raster, opaque) = (small.as_ref().unwrap_or(raster), raster.is_opaque());
        let fail = |e: image::ImageError| Error::new(Code::OutputUnwritable, format!("thumbnail: {e}"));
        let (width, height) = (raster.width(), raster.height());
        let mut webp = Cursor::new(Vec::new());
        WebPEncoder::new_lossless(&mut webp)
            .write_image(raster.as_bytes(), width, height, ColorType::Rgba8.into())
            .map_err(fail)?;
        if opaque && webp.get_ref().len() > LOSSLESS_BYTES {
            let rgb: Vec<u8> = raster.pixels().iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
            let mut jpeg = Vec::new();
            JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
                .write_image(&rgb, width, height, ColorType::Rgb8.into())
                .map_err(fail)?;
            if jpeg.len() < webp.get_ref().len() {
                return Ok(Self(format!("data:image/jpeg;base64,{}", base64(&jpeg))));
            }
        }
        Ok(Self(format!("data:image/webp;base64,{}", base64(webp.get_ref()))))
    }
}

/// The pictures of one item, each absent when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemImages {
    /// Thumbnail of the source.
    pub source: Option<DataUri>,
    /// The SVG, or a thumbnail of its rendering when it is too large for the page.
    pub svg: Option<DataUri>,
    /// Thumbnail of the difference between the two.
    pub difference: Option<DataUri>,
    /// Link to the source file, made by [`relative_href`].
    pub source_href: Option<String>,
    /// Link to the SVG file, made by [`relative_href`].
    pub svg_href: Option<String>,
}

/// The run without its items, which are written one by one.
#[derive(Serialize)]
struct RunBlock<'a> {
    tool_version: &'a str,
    components: &'a std::collections::BTreeMap<String, String>,
    command: &'a str,
    options: &'a std::collections::BTreeMap<String, serde_json::Value>,
    host: &'a super::Host,
    started: &'a str,
    ended: &'a str,
    interrupted: bool,
    summary: &'a super::Summary,
}

/// Writes the gallery of `report` to `out`; `images` is asked once for the pictures of each item, in the
/// report's order, and what it gives is written and dropped before the next is asked for.
///
/// # Errors
/// What `out` fails with.
pub fn write_gallery(
    out: &mut dyn Write,
    report: &RunReport<Records>,
    images: &mut dyn FnMut(&ItemReport) -> ItemImages,
) -> io::Result<()> {
    // The hashes are of what the browser's parser hands on, which has plain line feeds.
    let [page, style, script] = [PAGE, STYLE, SCRIPT].map(|asset| asset.replace("\r\n", "\n"));
    let csp = format!(
        "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source_hash(&style),
        source_hash(&script)
    );
    let run = RunBlock {
        tool_version: &report.tool_version,
        components: &report.components,
        command: &report.command,
        options: &report.options,
        host: &report.host,
        started: &report.started,
        ended: &report.ended,
        interrupted: report.interrupted,
        summary: &report.summary,
    };
    // One pass over the template: what is filled in is never searched for placeholders again.
    let mut rest = page.as_str();
    while let Some((before, placeholder, after)) = next_placeholder(rest) {
        out.write_all(before.as_bytes())?;
        match placeholder {
            "csp" => out.write_all(csp.as_bytes())?,
            "title" => write!(out, "svg-ai report, {}", escape(&report.started))?,
            "style" => out.write_all(style.as_bytes())?,
            "script" => out.write_all(script.as_bytes())?,
            "run" => out.write_all(json(&run)?.as_bytes())?,
            "plain" => write!(out, "{}", escape(&summary_text(report)))?,
            "items" => {
                for (index, record) in report.items.iter().enumerate() {
                    let item = record.read().map_err(io::Error::other)?;
                    write_item(out, index, &item, &images(&item))?;
                }
            }
            _ => {}
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name, after))
}

fn write_item(out: &mut dyn Write, index: usize, item: &ItemReport, images: &ItemImages) -> io::Result<()> {
    writeln!(out, "<script type=\"application/json\" id=\"item-{index}\">{}</script>", json(item)?)?;
    writeln!(out, "<script type=\"application/json\" id=\"images-{index}\">{}</script>", json(images)?)?;
    let figure = match (item.quality(), &item.error) {
        (_, Some(error)) => format!("{}: {} ({})", error.code, error.message, error.suggestion),
        (Some(quality), None) => format!("quality {quality:.4}"),
        (None, None) => String::new(),
    };
    let line = format!("{} — {} {figure}", item.input, item.status.name());
    writeln!(out, "<noscript><p>{}</p></noscript>", escape(&line))
}

/// `value` as JSON that may stand in a `<script>`: nothing in it can end the element or start a comment.
fn json(value: &impl Serialize) -> io::Result<String> {
    // In JSON these three occur only within strings, where the escapes mean the same.
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// `text` as HTML text or attribute value.
pub(crate) fn escape(text: &str) -> String {
    let text: String = text.chars().map(|c| if c != '\n' && steers(c) { '\u{fffd}' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn source_hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

/// Standard base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// A link from the page at `page` to the file at `file`, both relative to one folder or both absolute.
///
/// It begins with `./` or `../`, so a name such as `javascript:x` stays a name; `None` when
/// no relative way leads there (another drive, or `..` that cannot be resolved).
pub fn relative_href(page: &Path, file: &Path) -> Option<String> {
    let (page, file) = (normal(page)?, normal(file)?);
    if page.has_root() != file.has_root() {
        return None;
    }
    let from: Vec<Component<'_>> = page.parent().map(|p| p.components().collect()).unwrap_or_default();
    let to: Vec<Component<'_>> = file.components().collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.len() - shared;
    let mut href = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    for (i, part) in to[shared..].iter().enumerate() {
        let Component::Normal(name) = part else { return None };
        if i > 0 {
            href.push('/');
        }
        for &byte in name.as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => href.push(char::from(byte)),
                _ => {
                    let _ = write!(href, "%{byte:02X}");
                }
            }
        }
    }
    Some(href)
}

/// `path` without `.`; `None` when it has `..`, which links make ambiguous.
fn normal(path: &Path) -> Option<PathBuf> {
    path.components().all(|c| c != Component::ParentDir).then(|| path.components().collect())
}

/// `raster` at no more than `max_side` px a side, each pixel the mean of those it covers; `None` when it
/// is small enough. Colours count by their alpha, so no dark seam appears around transparent parts.
fn shrink(raster: &Raster, max_side: u32) -> Option<Raster> {
    let (w, h) = (raster.width(), raster.height());
    let side = w.max(h);
    if side <= max_side.max(1) {
        return None;
    }
    let scaled = |v: u32| ((f64::from(v) * f64::from(max_side) / f64::from(side)).round() as u32).max(1);
    let (nw, nh) = (scaled(w), scaled(h));
    let columns = spans(w, nw);
    let rows = spans(h, nh);
    let mut data = Vec::with_capacity(nw as usize * nh as usize * 4);
    for (y0, row_weights) in &rows {
        for (x0, column_weights) in &columns {
            let mut sum = [0f32; 4];
            let mut total = 0f32;
            for (dy, wy) in row_weights.iter().enumerate() {
                let start = (y0 + dy) * w as usize + x0;
                for (pixel, wx) in raster.pixels()[start..start + column_weights.len()].iter().zip(column_weights) {
                    let weight = wx * wy;
                    let alpha = weight * f32::from(pixel[3]);
                    total += weight;
                    sum[3] += alpha;
                    for c in 0..3 {
                        sum[c] += alpha * f32::from(pixel[c]);
                    }
                }
            }
            let alpha = sum[3];
            let color = |c: usize| if alpha > 0.0 { (sum[c] / alpha).round() as u8 } else { 0 };
            data.extend([color(0), color(1), color(2), (alpha / total).round() as u8]);
        }
    }
    Raster::new(nw, nh, data).ok()
}

/// For each of `to` cells over `from` pixels: the first pixel it touches, and how much it covers of each.
fn spans(from: u32, to: u32) -> Vec<(usize, Vec<f32>)> {
    let step = f64::from(from) / f64::from(to);
    (0..to)
        .map(|i| {
            let (start, end) = (f64::from(i) * step, (f64::from(i + 1) * step).min(f64::from(from)));
            let (first, last) = (start.floor() as usize, (end.ceil() as usize).max(start.floor() as usize + 1));
            let cover = |p: usize| ((p + 1) as f64).min(end) - (p as f64).max(start);
            (first, (first..last.min(from as usize)).map(|p| cover(p) as f32).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn raster(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Raster {
        let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        Raster::new(width, height, data).expect("sized")
    }

    fn page(report: &RunReport, images: &mut dyn FnMut(&ItemReport) -> ItemImages) -> String {
        let mut out = Vec::new();
        write_gallery(&mut out, &sample::on_disk(report.clone()), images).expect("to memory");
        String::from_utf8(out).expect("UTF-8")
    }

    /// The text of the element that starts with `start`, as a browser cuts it.
    fn element<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
        page.split_once(start).expect("start").1.split_once(end).expect("end").0
    }

    fn decode(uri: &DataUri) -> image::RgbaImage {
        let (_, data) = uri.as_str().split_once(";base64,").expect("base64");
        let value = |c: u8| match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        let digits: Vec<u8> = data.bytes().filter(|&c| c != b'=').map(value).collect();
        let bytes: Vec<u8> = digits
            .chunks(4)
            .flat_map(|c| {
                let bits = c.iter().fold(0u32, |a, &d| a << 6 | u32::from(d)) << (6 * (4 - c.len()));
                bits.to_be_bytes()[1..c.len()].to_vec()
            })
            .collect();
        image::load_from_memory(&bytes).expect("an image").into_rgba8()
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut report = sample::report(8);
        report.started = "<b onclick=alert(1)>".into();
        report.command = "</script><script>alert(2)</script>".into();
        report.options.insert("{{script}}".into(), "<!--".into());
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(3)'><script>alert(4)</script></svg>";
        let page = page(&report, &mut |item| ItemImages {
            svg: DataUri::svg(svg),
            source_href: relative_href(Path::new("g.html"), Path::new(&item.input)),
            ..ItemImages::default()
        });
        // The elements of the page are those of the template and the three of each item, and no others.
        let template = PAGE.to_lowercase();
        for tag in ["<script", "</script", "<noscript", "<style", "<img", "<b ", "<!--", "<p", "<svg"] {
            let items = match tag {
                "<script" | "</script" => 2,
                "<noscript" | "<p" => 1,
                _ => 0,
            };
            let expected = template.matches(tag).count() + items * report.items.len();
            assert_eq!(page.to_lowercase().matches(tag).count(), expected, "{tag}");
        }
        for (i, item) in report.items.iter().enumerate() {
            let text = element(&page, &format!("id=\"item-{i}\">"), "</script>");
            assert_eq!(&serde_json::from_str::<ItemReport>(text).expect("JSON"), item);
            let text = element(&page, &format!("id=\"images-{i}\">"), "</script>");
            let images: serde_json::Value = serde_json::from_str(text).expect("JSON");
            assert!(images["source_href"].as_str().expect("href").starts_with("./"));
        }
        let plain: Vec<_> = page.split("<noscript>").skip(1).map(|s| s.split("</noscript>").next()).collect();
        assert_eq!(plain.len(), 1 + report.items.len());
        assert!(plain.iter().flatten().all(|s| !s.contains(['\u{1b}', '\u{202e}'])), "control characters in the list");
    }

    #[test]
    fn the_policy_allows_our_script_and_pictures_and_no_network() {
        let page = page(&sample::report(3), &mut |_| ItemImages::default());
        let policy = element(&page, "Content-Security-Policy\" content=\"", "\">");
        let script = page.rsplit_once("<script>").expect("script").1.split_once("</script>").expect("end").0;
        let style = element(&page, "<style>", "</style>");
        let expected = format!(
            "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            source_hash(style),
            source_hash(script)
        );
        assert_eq!(policy, expected);
        // The policy counts only from where it stands: nothing that loads may come before it.
        let before = element(&page, "<head>", "Content-Security-Policy");
        assert!(!before.contains("<script") && !before.contains("<link"));
    }

    #[test]
    fn the_assets_make_no_markup_and_name_no_address() {
        for (asset, name) in [(PAGE, "html"), (STYLE, "css"), (SCRIPT, "js")] {
            for forbidden in ["http:", "https:", "//cdn", "@import", "url(", " style=\"", " onclick=\""] {
                assert!(!asset.contains(forbidden), "{forbidden} in gallery.{name}");
            }
        }
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "fetch(",
            "XMLHttpRequest",
            "import(",
            "</script",
        ] {
            assert!(!SCRIPT.contains(forbidden), "{forbidden} in gallery.js");
        }
    }

    #[test]
    fn every_element_the_script_asks_for_is_in_the_page() {
        let mut asked = 0;
        for rest in SCRIPT.split("byId(\"").skip(1) {
            let id = rest.split('"').next().expect("quoted");
            assert!(PAGE.contains(&format!("id=\"{id}\"")), "{id}");
            asked += 1;
        }
        assert!(asked > 20);
    }

    #[test]
    fn pictures_are_asked_for_one_at_a_time_and_in_order() {
        struct Watch<'a>(&'a std::cell::Cell<usize>);
        impl Write for Watch<'_> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                if bytes.windows(9).any(|w| w == b"HERE-IT-I") {
                    self.0.set(self.0.get() - 1);
                }
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (pending, report) = (std::cell::Cell::new(0), sample::report(20));
        let mut asked = Vec::new();
        write_gallery(&mut Watch(&pending), &sample::on_disk(report.clone()), &mut |item| {
            assert_eq!(pending.get(), 0, "the one before is not written yet");
            pending.set(1);
            asked.push(item.input.clone());
            ItemImages { svg: DataUri::svg(b"HERE-IT-IS"), ..ItemImages::default() }
        })
        .expect("written");
        assert_eq!(asked, report.items.iter().map(|i| i.input.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn the_same_report_gives_the_same_bytes() {
        let report = sample::report(5);
        assert_eq!(page(&report, &mut |_| ItemImages::default()), page(&report, &mut |_| ItemImages::default()));
    }

    #[test]
    fn a_writer_that_fails_is_an_error() {
        let mut room = [0u8; 100];
        assert!(
            write_gallery(&mut room.as_mut_slice(), &sample::on_disk(sample::report(2)), &mut |_| ItemImages::default(
            ))
            .is_err()
        );
    }

    #[test]
    fn an_svg_comes_out_of_its_uri_as_it_went_in() {
        let svg = "<svg a=\"1\">é # % & \n\t\\ 'x'</svg>";
        let uri = DataUri::svg(svg.as_bytes()).expect("small");
        let mut bytes = Vec::new();
        let mut text = uri.as_str().strip_prefix("data:image/svg+xml,").expect("prefix").bytes();
        while let Some(b) = text.next() {
            assert!(b.is_ascii() && !b.is_ascii_control() && b != b'#', "{b}");
            if b == b'%' {
                let hex = [text.next(), text.next()].map(|c| char::from(c.expect("two digits")));
                bytes.push(u8::from_str_radix(&hex.iter().collect::<String>(), 16).expect("hex"));
            } else {
                bytes.push(b);
            }
        }
        assert_eq!(bytes, svg.as_bytes());
        assert!(DataUri::svg(&vec![b' '; SVG_INLINE_BYTES]).is_some());
        assert!(DataUri::svg(&vec![b' '; SVG_INLINE_BYTES + 1]).is_none());
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn a_thumbnail_keeps_shape_and_colour() {
        // Red beside transparency: a naive mean would darken the seam.
        let wide = raster(1000, 500, |x, _| if x < 501 { [255, 0, 0, 255] } else { [0, 0, 0, 0] });
        let thumb = decode(&DataUri::thumbnail(&wide, 256).expect("encoded"));
        assert_eq!(thumb.dimensions(), (256, 128));
        let seam = thumb.get_pixel(128, 60).0;
        assert!(seam[3] > 0 && seam[3] < 255 && seam[..3] == [255, 0, 0], "{seam:?}");
        assert_eq!(thumb.get_pixel(255, 127).0, [0; 4]);

        let small = raster(40, 30, |x, y| [x as u8 * 6, y as u8 * 8, 7, 255]);
        let thumb = decode(&DataUri::thumbnail(&small, 256).expect("encoded"));
        assert_eq!(thumb.as_raw(), small.as_bytes());
        let thin = raster(3000, 1, |_, _| [9, 9, 9, 255]);
        assert_eq!(decode(&DataUri::thumbnail(&thin, 256).expect("encoded")).dimensions(), (256, 1));
    }

    #[test]
    fn shrinking_keeps_the_mean() {
        let noise = raster(301, 97, |x, y| [(x * 7 + y * 13) as u8, (x * y) as u8, x as u8, 255]);
        let small = shrink(&noise, 50).expect("smaller");
        assert_eq!((small.width(), small.height()), (50, 16));
        for c in 0..3 {
            let mean = |r: &Raster| r.pixels().iter().map(|p| f64::from(p[c])).sum::<f64>() / r.len() as f64;
            assert!((mean(&noise) - mean(&small)).abs() < 0.5, "channel {c}");
        }
    }

    #[test]
    fn a_photograph_is_kept_small() {
        let noise = raster(256, 256, |x, y| {
            let v = x.wrapping_mul(2_654_435_761).wrapping_mul(y + 1) >> 24;
            [v as u8, (v as u8).wrapping_mul(x as u8), (y / 2) as u8, 255]
        });
        let uri = DataUri::thumbnail(&noise, THUMB_SIDE).expect("encoded");
        assert!(uri.as_str().starts_with("data:image/jpeg;base64,"), "{}", &uri.as_str()[..30]);
    }

    #[test]
    fn links_are_relative_and_stay_names() {
        let href = |page: &str, file: &str| relative_href(Path::new(page), Path::new(file));
        assert_eq!(href("out/g.html", "out/a/b.svg").as_deref(), Some("./a/b.svg"));
        assert_eq!(href("out/r/g.html", "out/a b/é.svg").as_deref(), Some("../a%20b/%C3%A9.svg"));
        assert_eq!(href("/x/g.html", "/y/b.svg").as_deref(), Some("../y/b.svg"));
        assert_eq!(href("g.html", "javascript:alert(1)").as_deref(), Some("./javascript%3Aalert%281%29"));
        assert_eq!(href("./g.html", "./\"><img>?#.svg").as_deref(), Some("./%22%3E%3Cimg%3E%3F%23.svg"));
        assert_eq!(href("/x/g.html", "b.svg"), None);
        assert_eq!(href("g.html", "../b.svg"), None);
    }
}
