//! What a file's outer structure tells without decoding: whether it is whole, how many frames it
//! has, and metadata that the decoders do not hand out.
//!
//! Decoders are lenient in different ways. A JPEG decoder paints what is missing grey, a GIF or
//! WebP decoder stops at the first frame; so a file that was cut off would pass for a good one.
//! Walking the chunks costs next to nothing and says for certain where the file should have ended.

use super::format::Format;

/// Whether a file has all its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    /// It reaches its own end marker.
    Whole,
    /// It ends too early; in words, what it ends in.
    Cut(String),
    /// The structure does not say; the decoder will run out of bytes or not.
    Unknown,
}

/// The findings of [`scan`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scan {
    /// Whether the file is whole.
    pub(super) extent: Extent,
    /// Pictures in the file (frames or pages), as far as they were counted; at least 1.
    pub(super) frames: u32,
    /// EXIF data of a PNG, which may follow the pixels, where its decoder does not look.
    pub(super) exif: Option<Vec<u8>>,
    /// Whether a PNG has a colour profile, which its decoder drops silently when it is broken.
    pub(super) has_profile: bool,
}

impl Scan {
    fn new() -> Self {
        Self { extent: Extent::Unknown, frames: 1, exif: None, has_profile: false }
    }
}

/// Walks the structure of `bytes`, which carry the signature of `format`.
pub(super) fn scan(format: Format, bytes: &[u8]) -> Scan {
    let mut scan = Scan::new();
    match format {
        Format::Png => png(bytes, &mut scan),
        Format::Jpeg => scan.extent = jpeg(bytes),
        Format::Gif => gif(bytes, &mut scan),
        Format::WebP => webp(bytes, &mut scan),
        Format::Tiff => tiff(bytes, &mut scan),
        _ => {}
    }
    scan
}

/// `bytes[at..at + n]`, if they are there.
fn slice(bytes: &[u8], at: usize, n: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(n)?)
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let b = slice(bytes, at, 4)?;
    Some(u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    let b = slice(bytes, at, 4)?;
    Some(u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
}

/// Chunks of length, type, data and checksum, from the signature to `IEND`.
fn png(bytes: &[u8], scan: &mut Scan) {
    let mut at = 8;
    // A file may end between two chunks for want of the empty `IEND` alone: all its pixels are there.
    while let (Some(length), Some(kind)) = (be32(bytes, at), slice(bytes, at + 4, 4)) {
        if kind == b"IEND" {
            scan.extent = Extent::Whole;
            return;
        }
        let Some(data) = slice(bytes, at + 8, length).filter(|_| bytes.len() - at - 8 - length >= 4) else {
            let name = String::from_utf8_lossy(kind);
            scan.extent =
                Extent::Cut(format!("it ends inside its {} chunk, at byte {}", name.escape_debug(), bytes.len()));
            return;
        };
        match kind {
            b"acTL" => scan.frames = be32(data, 0).map_or(1, |n| n.clamp(1, u32::MAX as usize) as u32),
            b"eXIf" => scan.exif = Some(data.to_vec()),
            b"iCCP" => scan.has_profile = true,
            _ => {}
        }
        at += 12 + length;
    }
}

/// Marker segments and, after each start of scan, entropy-coded bytes, to the end-of-image marker.
/// What follows that marker is not looked at: many tools append to JPEG files.
fn jpeg(bytes: &[u8]) -> Extent {
    let cut = |what: &str| Extent::Cut(format!("it ends {what}, at byte {}", bytes.len()));
    let mut at = 2;
    loop {
        // To the next marker: past entropy-coded bytes (`FF 00` and restarts belong to them) and fill bytes.
        let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0xff)) else {
            return cut("without an end-of-image marker");
        };
        at += skip + 1;
        let Some(&marker) = bytes.get(at) else {
            return cut("without an end-of-image marker");
        };
        match marker {
            0xff => {}
            0xd9 => return Extent::Whole,
            0x00 | 0x01 | 0xd0..=0xd8 => at += 1,
            _ => {
                let Some(length) = slice(bytes, at + 1, 2).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])))
                else {
                    return cut("inside a marker segment");
                };
                if length < 2 {
                    return Extent::Unknown;
                }
                at += 1 + length;
                if at > bytes.len() {
                    return cut("inside a marker segment");
                }
            }
        }
    }
}

/// Blocks from the logical screen to the trailer.
fn gif(bytes: &[u8], scan: &mut Scan) {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut frames = 0;
    let walk = || -> Option<bool> {
        let mut at = 13 + table(*bytes.get(10)?);
        if at > bytes.len() {
            return None;
        }
        loop {
            let Some(&kind) = bytes.get(at) else {
                // Only the trailer is missing, when there was a picture.
                return (frames > 0).then_some(false);
            };
            at += match kind {
                0x3b => return Some(true),
                0x21 => 2,
                0x2c => 11 + table(*bytes.get(at + 9)?),
                _ => return Some(false),
            };
            loop {
                let length = usize::from(*bytes.get(at)?);
                at += 1 + length;
                if length == 0 {
                    break;
                }
            }
            frames += u32::from(kind == 0x2c);
        }
    };
    let mut walk = walk;
    scan.extent = match walk() {
        Some(true) => Extent::Whole,
        Some(false) => Extent::Unknown,
        None => Extent::Cut(format!("it ends inside a block, at byte {}", bytes.len())),
    };
    scan.frames = frames.max(1);
}

/// A RIFF whose header says how long it is; each frame of an animation is an `ANMF` chunk.
fn webp(bytes: &[u8], scan: &mut Scan) {
    let Some(end) = le32(bytes, 4).and_then(|n| n.checked_add(8)) else { return };
    // One byte of padding at the very end is often left out.
    if end > bytes.len() + 1 {
        scan.extent = Extent::Cut(format!("it ends at byte {} of {end}", bytes.len()));
        return;
    }
    let (mut at, mut frames) = (12, 0);
    while let (Some(kind), Some(length)) = (slice(bytes, at, 4), le32(bytes, at + 4)) {
        if at >= end {
            break;
        }
        frames += u32::from(kind == b"ANMF");
        let Some(next) = at.checked_add(8 + length + length % 2) else { break };
        at = next;
    }
    scan.extent = if at >= end { Extent::Whole } else { Extent::Unknown };
    scan.frames = frames.max(1);
}

/// A chain of directories, one a page. Only whether there is a second one is found out.
fn tiff(bytes: &[u8], scan: &mut Scan) {
    let little = bytes.first() == Some(&b'I');
    let u32_at = |at| if little { le32(bytes, at) } else { be32(bytes, at) };
    let second = || {
        let directory = u32_at(4)?;
        let b = slice(bytes, directory, 2)?;
        let entries = if little { u16::from_le_bytes([b[0], b[1]]) } else { u16::from_be_bytes([b[0], b[1]]) };
        u32_at(directory + 2 + 12 * usize::from(entries))
    };
    let classic = bytes.get(2) == Some(&42) || bytes.get(3) == Some(&42);
    if classic && second().is_some_and(|next| next != 0) {
        scan.frames = 2;
    }
}
