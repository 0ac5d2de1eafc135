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
    /// Where a TIFF says that its samples are indices into a palette.
    pub(super) palette_at: Option<usize>,
}

impl Scan {
    fn new() -> Self {
        Self { extent: Extent::Unknown, frames: 1, exif: None, has_profile: false, palette_at: None }
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

/// Tags of a TIFF directory (TIFF 6.0, sections 4 and 15).
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const STRIP_BYTES: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTES: u16 = 325;
/// `PhotometricInterpretation` of indices into a palette.
const PALETTE: usize = 3;

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
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        // A copy that changed the signature has shifted the chunks too.
        return;
    }
    let (mut at, mut animated) = (8, false);
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
            b"acTL" => {
                animated = true;
                scan.frames = be32(data, 0).map_or(1, |n| n.clamp(1, u32::MAX as usize) as u32);
            }
            b"eXIf" => scan.exif = Some(data.to_vec()),
            b"iCCP" => scan.has_profile = true,
            _ => {}
        }
        at += 12 + length;
    }
    // A still picture may want the empty `IEND` alone, and the decoder knows; of an animation frames are missing.
    if animated {
        scan.extent = Extent::Cut(format!("it ends before all its frames, at byte {}", bytes.len()));
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
    let (mut frames, mut animated) = (0, false);
    let mut walk = || -> Option<bool> {
        let mut at = 13 + table(*bytes.get(10)?);
        if at > bytes.len() {
            return None;
        }
        loop {
            let Some(&kind) = bytes.get(at) else {
                // Only the trailer is missing of a still picture; of an animation, frames are.
                return (frames == 1 && !animated).then_some(false);
            };
            animated |= slice(bytes, at + 3, 11) == Some(b"NETSCAPE2.0");
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
    let cut = Extent::Cut(format!("it ends at byte {} of {end}", bytes.len()));
    let (mut at, mut frames) = (12, 0);
    while at < end {
        let (Some(kind), Some(length)) = (slice(bytes, at, 4), le32(bytes, at + 4)) else { break };
        frames += u32::from(kind == b"ANMF");
        // The byte of padding behind an odd last chunk is often left out, but no byte of the chunk is.
        if slice(bytes, at + 8, length).is_none() {
            scan.extent = cut;
            return;
        }
        at += 8 + length + length % 2;
    }
    scan.extent = if at < end && end > bytes.len() { cut } else { Extent::Whole };
    scan.frames = frames.max(1);
}

/// A chain of directories, one a page, whose entries point to what does not fit into four bytes.
/// The first one is followed, and whether there is a second one is found out; BigTIFF
/// is left to the decoder.
fn tiff(bytes: &[u8], scan: &mut Scan) {
    let little = bytes.first() == Some(&b'I');
    let u16_at = |at: usize| {
        let b = slice(bytes, at, 2)?;
        Some(if little { u16::from_le_bytes([b[0], b[1]]) } else { u16::from_be_bytes([b[0], b[1]]) })
    };
    let u32_at = |at| if little { le32(bytes, at) } else { be32(bytes, at) };
    if u16_at(2) != Some(42) {
        return;
    }
    let mut palette_at = None;
    let mut walk = || {
        let directory = u32_at(4)?;
        let entries = directory + 2;
        let end = entries + 12 * usize::from(u16_at(directory)?);
        let (mut compressed, mut starts, mut lengths) = (false, Vec::new(), Vec::new());
        for entry in (entries..end).step_by(12) {
            let (tag, kind) = (u16_at(entry)?, u16_at(entry + 2)?);
            let unit = match kind {
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                5 | 10 | 12 => 8,
                _ => 1,
            };
            let length = u32_at(entry + 4)?.checked_mul(unit)?;
            let at = if length > 4 { u32_at(entry + 8)? } else { entry + 8 };
            slice(bytes, at, length)?;
            let values = || -> Vec<usize> {
                let value = |at| if kind == 3 { u16_at(at).map(usize::from) } else { u32_at(at) };
                (at..at + length).step_by(unit).map_while(value).collect()
            };
            match tag {
                PHOTOMETRIC if values().first() == Some(&PALETTE) => palette_at = Some(at),
                COMPRESSION => compressed = values().first() != Some(&1),
                STRIP_OFFSETS | TILE_OFFSETS => starts = values(),
                STRIP_BYTES | TILE_BYTES => lengths = values(),
                _ => {}
            }
        }
        // Decoders of compressed strips stop when they have enough, or guess; raw ones are counted by theirs.
        if compressed && starts.iter().zip(&lengths).any(|(&at, &n)| slice(bytes, at, n).is_none()) {
            return None;
        }
        // The pointer to the next page is left out by some writers at the very end of the file.
        let next = u32_at(end).unwrap_or(0);
        if next != 0 {
            u16_at(next)?;
        }
        Some(next != 0)
    };
    match walk() {
        Some(more) => scan.frames = 1 + u32::from(more),
        None => {
            scan.extent =
                Extent::Cut(format!("it ends inside a directory or a strip of pixels, at byte {}", bytes.len()))
        }
    }
    scan.palette_at = palette_at;
}
