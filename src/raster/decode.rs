//! From a path, a stream or bytes to a [`Raster`], under [`Limits`].
//!
//! The order is what makes it safe: the file's size, then its signature, then width and height from
//! the header, then whether the file is whole, and only then a decoder, which has been told its
//! limits and whose panics are caught. What comes out of the decoder is brought to straight 8-bit
//! sRGB RGBA in one buffer: samples widened or narrowed, colour profile applied, picture turned the
//! way its EXIF data says.
//!
//! Of animations the first frame is taken, of icons the largest picture, of multi-page files the
//! first page; a note says so. PNG's `gAMA` and `cHRM` are not applied: they are mostly wrong, and
//! most viewers leave them out too.

use std::any::Any;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::codecs::{bmp, gif, ico as image_ico, png, pnm, qoi, tiff as image_tiff, webp};
use image::error::{ImageError, LimitErrorKind};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageResult, RgbaImage};

use super::color::{self, Samples};
use super::container::{self, Extent};
use super::format::Format;
use super::limits::Limits;
use super::pixels::{Canvas, Layout};
use super::{Raster, header, ico, jpeg, tiff};
use crate::report::Source;
use crate::{Code, Error, Result, cloud};

/// Most memory for what a PNG holds beside its pixels (unpacked profile, text, EXIF), bytes: far more
/// than any honest file has, and little enough that a compressed bomb in a chunk does no harm.
const PNG_SIDE_BYTES: u64 = 64 << 20;

/// A decoded picture and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The pixels.
    pub raster: Raster,
    /// Format, bytes and size, for the report.
    pub source: Source,
    /// What the user should know though decoding succeeded, in words.
    pub notes: Vec<String>,
}

/// Reads and decodes the image at `path`.
///
/// A file over [`Limits::max_file_bytes`] is not read at all, and one that grows meanwhile, or is
/// not a regular file, never past it.
///
/// # Errors
/// An `input.*` code for everything that can be wrong with the file; the error names the file.
pub fn read(path: &Path, limits: &Limits) -> Result<Decoded> {
    decode(&read_bytes(path, limits)?, limits).map_err(|e| e.at(path))
}

/// The bytes of the image at `path`, for [`decode`].
///
/// # Errors
/// As [`read`], for as much as can be told without decoding.
pub fn read_bytes(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    if cloud::is_url(path) {
        return cloud::read(path, limits.max_file_bytes);
    }
    open(path, limits).and_then(|(file, bytes)| read_all(file, bytes, limits)).map_err(|e| e.at(path))
}

/// Reads and decodes the image that `reader` yields (standard input, for one).
///
/// # Errors
/// As [`read`], without a file's name.
pub fn read_stream(reader: impl Read, limits: &Limits) -> Result<Decoded> {
    decode(&read_all(reader, 0, limits)?, limits)
}

/// Decodes the image in `bytes`; its format is found by its first bytes.
///
/// # Errors
/// As [`read`], without a file's name.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded> {
    let format = admit(bytes, limits)?;
    let (picture, frames) = guarded(format, || whole(format, bytes, limits))?;
    let Picture { width, height, mut rgba, samples, icc, orientation, mut notes } = picture;

    notes.extend(color::to_srgb(&mut rgba, samples, icc.as_deref()));
    let (width, height, rgba) = turned(width, height, rgba, orientation)?;
    let raster = Raster::new(width, height, rgba)?;
    if raster.is_fully_transparent() {
        return Err(Error::new(Code::InputFullyTransparent, "every pixel is fully transparent"));
    }
    match (format, frames) {
        (_, 0 | 1) => {}
        (Format::Ico, n) => notes.push(format!("the largest of {n} pictures was taken")),
        (Format::Tiff, _) => notes.push("only the first page was taken".to_owned()),
        (_, n) => notes.push(format!("only the first of {n} frames was taken")),
    }
    let source = Source {
        format: format.name().to_owned(),
        bytes: bytes.len() as u64,
        width,
        height,
        has_alpha: !raster.is_opaque(),
    };
    Ok(Decoded { raster, source, notes })
}

/// Format, width and height (px, as stored: before EXIF orientation) of the image in `bytes`;
/// no pixel is decoded. For knowing what an image will cost before taking it on.
///
/// # Errors
/// As [`decode`], for as much as the header shows; an image over the limits is refused.
pub fn dimensions(bytes: &[u8], limits: &Limits) -> Result<(Format, u32, u32)> {
    let format = admit(bytes, limits)?;
    guarded(format, || size(format, bytes, limits)).map(|(width, height)| (format, width, height))
}

/// [`dimensions`] of the file at `path`, of which only the header is read.
///
/// # Errors
/// As [`dimensions`]; the error names the file. A file that cannot be read twice from its beginning
/// (a pipe) is [`Code::InputUnreadable`].
pub fn dimensions_of(path: &Path, limits: &Limits) -> Result<(Format, u32, u32)> {
    let measure = || {
        let (file, _) = open(path, limits)?;
        let mut reader = BufReader::new(file);
        let mut head = Vec::with_capacity(header::HEAD_BYTES);
        (&mut reader).take(header::HEAD_BYTES as u64).read_to_end(&mut head).map_err(|e| unreadable(&e))?;
        if head.is_empty() {
            return Err(empty());
        }
        let format = Format::identify(&head)?;
        reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
        let ended = Cell::new(false);
        let (width, height) = guarded(format, || header::size(format, &head, Tail::new(reader, &ended)))?;
        limits.admit_size(width, height)?;
        Ok((format, width, height))
    };
    measure().map_err(|e: Error| e.at(path))
}

/// Opens the file and says how long it is, unless it is over the limit already.
fn open(path: &Path, limits: &Limits) -> Result<(File, u64)> {
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::new(Code::InputNotFound, "no such file"),
        io::ErrorKind::IsADirectory => Error::new(Code::InputIsDirectory, "it is a folder"),
        _ => unreadable(&e),
    };
    // Before opening: a folder can be opened on some systems, and refuses with something else on others.
    let meta = path.metadata().map_err(failed)?;
    if meta.is_dir() {
        return Err(Error::new(Code::InputIsDirectory, "it is a folder"));
    }
    limits.admit_file(meta.len())?;
    Ok((File::open(path).map_err(failed)?, meta.len()))
}

/// All bytes of `reader`, about `expected` of them, but one more than the limit at the most.
fn read_all(reader: impl Read, expected: u64, limits: &Limits) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more, so that the end is found without growing.
    let capacity = usize::try_from(expected.min(limits.max_file_bytes)).unwrap_or(0).saturating_add(1);
    bytes
        .try_reserve_exact(capacity)
        .map_err(|_| Error::new(Code::InputTooLarge, "not enough memory to read the file"))?;
    reader.take(limits.max_file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    if bytes.len() as u64 > limits.max_file_bytes {
        return Err(limits.file_too_large("more bytes than may be read"));
    }
    Ok(bytes)
}

fn unreadable(e: &io::Error) -> Error {
    Error::new(Code::InputUnreadable, format!("reading failed: {e}"))
}

fn empty() -> Error {
    Error::new(Code::InputEmpty, "the file has no bytes")
}

/// The format of `bytes`, if there are any and not too many.
fn admit(bytes: &[u8], limits: &Limits) -> Result<Format> {
    if bytes.is_empty() {
        return Err(empty());
    }
    limits.admit_file(bytes.len() as u64)?;
    Format::identify(bytes)
}

/// Runs a decoder, and turns its panic into a refusal of the file that brought it about.
fn guarded<T>(format: Format, decoder: impl FnOnce() -> Result<T>) -> Result<T> {
    // Nothing that the decoder touched is used after a panic.
    catch_unwind(AssertUnwindSafe(decoder)).unwrap_or_else(|panic: Box<dyn Any + Send>| {
        let why = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
        let why = why.unwrap_or("no reason given");
        Err(Error::new(Code::InputCorrupt, format!("the {} decoder broke down on it: {why}", format.title())))
    })
}

/// Width and height, px, within the limits.
fn size(format: Format, bytes: &[u8], limits: &Limits) -> Result<(u32, u32)> {
    let ended = Cell::new(false);
    let head = &bytes[..bytes.len().min(header::HEAD_BYTES)];
    let (width, height) = header::size(format, head, Tail::new(Cursor::new(bytes), &ended))?;
    limits.admit_size(width, height)?;
    Ok((width, height))
}

/// Checks size and structure, then decodes. Also how many pictures the file has.
fn whole(format: Format, bytes: &[u8], limits: &Limits) -> Result<(Picture, u32)> {
    let scan = container::scan(format, bytes);
    let cut = match &scan.extent {
        Extent::Cut(message) => Some(Error::new(Code::InputTruncated, message)),
        _ => None,
    };
    match (size(format, bytes, limits), cut) {
        // A header that makes no sense is an effect of the cut, a size over the limit is not.
        (Err(e), Some(cut)) if e.code() == Code::InputCorrupt => return Err(cut),
        (Err(e), _) | (Ok(_), Some(e)) => return Err(e),
        (Ok(_), None) => {}
    }
    let mut frames = scan.frames;
    let picture = match format {
        Format::Jpeg => jpeg::decode(bytes, limits),
        Format::Ico => {
            let choice = ico::choose(&mut Cursor::new(bytes))?;
            frames = choice.of;
            if choice.is_png {
                by_image(Format::Png, choice.bytes(bytes), limits)
            } else {
                by_image(Format::Ico, &choice.alone(bytes), limits)
            }
        }
        Format::Tiff => match scan.palette_at {
            Some(at) => tiff::palette(bytes, at, limits),
            None => by_image(format, bytes, limits),
        },
        _ => by_image(format, bytes, limits),
    };
    let mut picture = picture.map_err(|e| match (e.code(), &scan.extent) {
        // A decoder that ran out of bytes in a file that has them all was misled by wrong ones.
        (Code::InputTruncated, Extent::Whole) => Error::new(Code::InputCorrupt, e.message()),
        _ => e,
    })?;
    if let Some(found) = scan.exif.as_deref().and_then(Orientation::from_exif_chunk) {
        picture.orientation = found;
    }
    if scan.has_profile && picture.icc.is_none() {
        picture.notes.push("the colour profile was ignored: it could not be unpacked".to_owned());
    }
    Ok((picture, frames))
}

/// A decoded picture before colour and orientation are applied.
pub(super) struct Picture {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
    samples: Samples,
    /// Colour profile, as embedded.
    pub(super) icc: Option<Vec<u8>>,
    /// How it is to be turned.
    pub(super) orientation: Orientation,
    notes: Vec<String>,
}

impl Picture {
    /// A picture of `rgba` bytes, without a profile and upright.
    pub(super) fn new(width: u32, height: u32, rgba: Vec<u8>, samples: Samples) -> Self {
        Self { width, height, rgba, samples, icc: None, orientation: Orientation::NoTransforms, notes: Vec::new() }
    }
}

/// Decodes with the `image` crate.
fn by_image(format: Format, bytes: &[u8], limits: &Limits) -> Result<Picture> {
    let ended = Cell::new(false);
    let failed = |e: ImageError| refusal(format, &e, ended.get());
    let reader = Tail::new(Cursor::new(bytes), &ended);
    let mut decoder = decoder(format, reader, limits).map_err(failed)?;

    let (width, height) = decoder.dimensions();
    limits.admit_size(width, height)?;
    let color = decoder.color_type();
    let Some(layout) = Layout::of(color) else {
        return Err(Error::new(Code::InputUnsupported, format!("its samples are {color:?}: floating-point")));
    };
    let pixels = u64::from(width) * u64::from(height);
    // The TIFF decoder collects all samples in a buffer of its own.
    let own = if format == Format::Tiff { decoder.total_bytes() } else { 0 };
    limits.admit_memory(Canvas::bytes_for(layout, pixels).saturating_add(own))?;

    let (icc, unread) = match decoder.icc_profile() {
        Ok(icc) => (icc, None),
        Err(e) => (None, Some(format!("the colour profile was ignored: {e}"))),
    };
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut canvas = Canvas::new(layout, pixels as usize);
    decoder.read_image(canvas.samples_mut()).map_err(failed)?;
    let samples = if layout.is_grey() { Samples::Grey } else { Samples::Rgb };
    let mut picture = Picture::new(width, height, canvas.into_rgba(), samples);
    picture.icc = icc;
    picture.orientation = orientation;
    picture.notes.extend(unread);
    Ok(picture)
}

/// The decoder for `format`, under its limits.
fn decoder<'a, R: BufRead + Seek + 'a>(
    format: Format,
    r: R,
    limits: &Limits,
) -> ImageResult<Box<dyn ImageDecoder + 'a>> {
    let limits = limits.for_decoder();
    let mut decoder: Box<dyn ImageDecoder + 'a> = match format {
        Format::Png => {
            let mut side = limits.clone();
            side.max_alloc = side.max_alloc.map(|most| most.min(PNG_SIDE_BYTES));
            Box::new(png::PngDecoder::with_limits(r, side)?)
        }
        Format::WebP => Box::new(webp::WebPDecoder::new(r)?),
        Format::Gif => Box::new(gif::GifDecoder::new(r)?),
        Format::Bmp => Box::new(bmp::BmpDecoder::new(r)?),
        Format::Tiff => Box::new(image_tiff::TiffDecoder::new(r)?),
        Format::Ico => Box::new(image_ico::IcoDecoder::new(r)?),
        Format::Pnm => Box::new(pnm::PnmDecoder::new(r)?),
        Format::Qoi => Box::new(qoi::QoiDecoder::new(r)?),
        Format::Jpeg => Box::new(image::codecs::jpeg::JpegDecoder::new(r)?),
    };
    decoder.set_limits(limits)?;
    Ok(decoder)
}

/// An error of the `image` crate as ours; `ended` says whether the decoder had come to the end of
/// the file, which is what tells a file that was cut off from one with wrong bytes in it.
pub(super) fn refusal(format: Format, error: &ImageError, ended: bool) -> Error {
    let message = error.to_string();
    let code = match error {
        ImageError::Unsupported(_) if message.contains("too large") => Code::InputTooLarge,
        ImageError::Unsupported(_) => Code::InputUnsupported,
        ImageError::Limits(e) => {
            let what = match e.kind() {
                LimitErrorKind::DimensionError => "its size",
                _ => "the memory to decode it",
            };
            return Error::new(
                Code::InputTooLarge,
                format!("{what} is over the limit of the {} decoder", format.title()),
            );
        }
        _ if ended => Code::InputTruncated,
        ImageError::IoError(e) if e.kind() == io::ErrorKind::UnexpectedEof => Code::InputTruncated,
        _ => Code::InputCorrupt,
    };
    Error::new(code, message)
}

/// The picture turned the way `orientation` says.
fn turned(width: u32, height: u32, rgba: Vec<u8>, orientation: Orientation) -> Result<(u32, u32, Vec<u8>)> {
    if orientation == Orientation::NoTransforms {
        return Ok((width, height, rgba));
    }
    let image = RgbaImage::from_raw(width, height, rgba)
        .ok_or_else(|| Error::new(Code::InputCorrupt, format!("its pixels do not fill {width} x {height} px")))?;
    let mut image = DynamicImage::ImageRgba8(image);
    image.apply_orientation(orientation);
    Ok((image.width(), image.height(), image.into_rgba8().into_raw()))
}

/// A reader that remembers whether more was asked of it than it had.
pub(super) struct Tail<'a, R> {
    inner: R,
    ended: &'a Cell<bool>,
}

impl<'a, R> Tail<'a, R> {
    /// A reader that sets `ended` when more is asked of `inner` than it has.
    pub(super) fn new(inner: R, ended: &'a Cell<bool>) -> Self {
        Self { inner, ended }
    }

    /// Whether the end was read past; it can be asked after the reader was given away.
    pub(super) fn ended(&self) -> &'a Cell<bool> {
        self.ended
    }
}

impl<R: Read> Read for Tail<'_, R> {
    #[inline]
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        if n == 0 && !buf.is_empty() {
            self.ended.set(true);
        }
        Ok(n)
    }

    #[inline]
    fn read_exact(&mut self, buf: &mut [u8]) -> io::Result<()> {
        let outcome = self.inner.read_exact(buf);
        if outcome.is_err() {
            self.ended.set(true);
        }
        outcome
    }
}

impl<R: BufRead> BufRead for Tail<'_, R> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let available = self.inner.fill_buf()?;
        if available.is_empty() {
            self.ended.set(true);
        }
        Ok(available)
    }

    #[inline]
    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
    }
}

impl<R: Seek> Seek for Tail<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_decoder_is_a_refusal() {
        let e = guarded::<()>(Format::Png, || panic!("index {} out of bounds", 7)).unwrap_err();
        assert_eq!(e.code(), Code::InputCorrupt);
        assert_eq!(e.message(), "the PNG decoder broke down on it: index 7 out of bounds");
    }

    #[test]
    fn a_reader_remembers_that_it_was_asked_for_more() {
        let ended = Cell::new(false);
        let mut tail = Tail::new(Cursor::new([1, 2, 3]), &ended);
        tail.read_exact(&mut [0; 3]).unwrap();
        assert!(!ended.get());
        assert!(tail.read_exact(&mut [0; 1]).is_err());
        assert!(ended.get());
    }
}
