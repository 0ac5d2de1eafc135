//! Icons: a directory of small pictures, each a PNG or a headless bitmap.
//!
//! The largest one is taken (of two as large, the deeper one), as it is the one to trace; the
//! `image` crate prefers depth to size and refuses embedded PNGs that are not RGBA. So the choice is
//! made here, and the decoder is given one picture: the PNG itself, or an icon of one entry.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::decode::Tail;
use super::header;
use crate::{Code, Error, Result};

/// Bytes of the directory's head.
const HEAD: usize = 6;
/// Bytes of an entry of the directory.
const ENTRY: usize = 16;
/// Bytes at the beginning of a picture that tell its kind and size.
const PROBE: usize = 24;

/// The picture to take from an icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    /// Width, px.
    pub(super) width: u32,
    /// Height, px.
    pub(super) height: u32,
    /// Whether it is a PNG.
    pub(super) is_png: bool,
    /// Offset of its first byte.
    offset: u32,
    /// Bytes that it takes.
    length: u32,
    /// Pictures in the directory.
    pub(super) of: u32,
}

/// Width and height of the largest picture, px.
pub(super) fn size<R: BufRead + Seek>(reader: &mut Tail<'_, R>) -> Result<(u32, u32)> {
    choose(reader).map(|choice| (choice.width, choice.height))
}

/// Reads the directory and chooses the largest picture.
///
/// # Errors
/// [`Code::InputTruncated`] when the directory or any picture reaches past the end of the file.
pub(super) fn choose<R: Read + Seek>(reader: &mut R) -> Result<Choice> {
    let failed = |e: io::Error, what: &str| match e.kind() {
        io::ErrorKind::UnexpectedEof => Error::new(Code::InputTruncated, format!("it ends inside {what}")),
        _ => Error::new(Code::InputUnreadable, e.to_string()),
    };
    let end = reader.seek(SeekFrom::End(0)).map_err(|e| failed(e, "its directory"))?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| failed(e, "its directory"))?;
    let mut head = [0; HEAD];
    reader.read_exact(&mut head).map_err(|e| failed(e, "its directory"))?;
    let count = u16::from_le_bytes([head[4], head[5]]);

    let mut best: Option<([u64; 2], u32, u32)> = None;
    for _ in 0..count {
        let mut e = [0; ENTRY];
        reader.read_exact(&mut e).map_err(|e| failed(e, "its directory"))?;
        let side = |b: u8| if b == 0 { 256 } else { u64::from(b) };
        let rank = [side(e[0]) * side(e[1]), u16::from_le_bytes([e[6], e[7]]).into()];
        let (length, offset) =
            (u32::from_le_bytes([e[8], e[9], e[10], e[11]]), u32::from_le_bytes([e[12], e[13], e[14], e[15]]));
        if u64::from(offset) + u64::from(length) > end {
            let message =
                format!("it ends at byte {end}, and one of its pictures at {}", u64::from(offset) + u64::from(length));
            return Err(Error::new(Code::InputTruncated, message));
        }
        if best.is_none_or(|(other, ..)| rank > other) {
            best = Some((rank, offset, length));
        }
    }
    let Some((_, offset, length)) = best else {
        return Err(Error::new(Code::InputCorrupt, "its directory is empty"));
    };

    let mut probe = [0; PROBE];
    reader.seek(SeekFrom::Start(offset.into())).map_err(|e| failed(e, "a picture"))?;
    reader.read_exact(&mut probe).map_err(|e| failed(e, "a picture"))?;
    let is_png = probe.starts_with(b"\x89PNG");
    let (width, height) = if is_png {
        header::png(&probe).unwrap_or_else(|| Err(Error::new(Code::InputTruncated, "it ends inside a picture")))?
    } else {
        // A bitmap's header without the file's; its height counts the mask as well.
        let field = |at: usize| u32::from_le_bytes([probe[at], probe[at + 1], probe[at + 2], probe[at + 3]]);
        (field(4) & 0x7fff_ffff, (field(8) as i32).unsigned_abs() / 2)
    };
    Ok(Choice { width, height, is_png, offset, length, of: count.into() })
}

impl Choice {
    /// The bytes of the chosen picture.
    pub(super) fn bytes<'a>(&self, icon: &'a [u8]) -> &'a [u8] {
        let start = self.offset as usize;
        icon.get(start..start.saturating_add(self.length as usize)).unwrap_or_default()
    }

    /// An icon that holds the chosen picture only.
    pub(super) fn alone(&self, icon: &[u8]) -> Vec<u8> {
        let side = |n: u32| if n >= 256 { 0 } else { n as u8 };
        let mut out = vec![0, 0, 1, 0, 1, 0, side(self.width), side(self.height), 0, 0, 1, 0, 32, 0];
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&((HEAD + ENTRY) as u32).to_le_bytes());
        out.extend_from_slice(self.bytes(icon));
        out
    }
}
