//! Pictures with known pixels through every format, and everything that can be wrong with a file.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageEncoder, ImageFormat, RgbaImage};
use moxcms::ColorProfile;

use super::*;

/// A picture whose every pixel differs, with all alphas when `alpha`.
fn pattern(width: u32, height: u32, alpha: bool) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let a = if alpha { (40 + x * 5 + y * 7).min(255) as u8 } else { 255 };
        image::Rgba([(x * 9) as u8, (y * 11) as u8, (x * 3 + y * 5 + 17) as u8, a])
    })
}

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn ok(bytes: &[u8]) -> Decoded {
    decode(bytes, &Limits::default()).unwrap()
}

fn refused(bytes: &[u8]) -> Error {
    decode(bytes, &Limits::default()).unwrap_err()
}

/// Every format with an encoder that loses nothing, and one picture in it.
fn samples() -> Vec<(Format, Vec<u8>, Vec<u8>)> {
    let rgba = pattern(23, 17, true);
    let opaque = pattern(23, 17, false);
    let rgb = DynamicImage::ImageRgba8(opaque.clone()).into_rgb8();
    // At most 256 colours, so that nothing is quantised away.
    let few = RgbaImage::from_fn(23, 17, |x, y| image::Rgba([(x / 4 * 40) as u8, (y / 4 * 50) as u8, 9, 255]));
    let with = |image: &RgbaImage, f| encode(&DynamicImage::ImageRgba8(image.clone()), f);
    vec![
        (Format::Png, with(&rgba, ImageFormat::Png), rgba.to_vec()),
        (Format::Png, encode(&rgb.clone().into(), ImageFormat::Png), opaque.to_vec()),
        (Format::WebP, with(&rgba, ImageFormat::WebP), rgba.to_vec()),
        (Format::Gif, with(&few, ImageFormat::Gif), few.to_vec()),
        (Format::Bmp, encode(&rgb.clone().into(), ImageFormat::Bmp), opaque.to_vec()),
        (Format::Bmp, with(&rgba, ImageFormat::Bmp), rgba.to_vec()),
        (Format::Tiff, with(&rgba, ImageFormat::Tiff), rgba.to_vec()),
        (Format::Ico, with(&rgba, ImageFormat::Ico), rgba.to_vec()),
        (Format::Pnm, encode(&rgb.into(), ImageFormat::Pnm), opaque.to_vec()),
        (Format::Qoi, with(&rgba, ImageFormat::Qoi), rgba.to_vec()),
    ]
}

#[test]
fn every_lossless_format_gives_its_pixels_back() {
    for (format, bytes, want) in samples() {
        let decoded = ok(&bytes);
        assert_eq!(decoded.raster.as_bytes(), want, "{format:?}");
        assert_eq!((decoded.raster.width(), decoded.raster.height()), (23, 17));
        assert_eq!(decoded.source.format, format.name());
        assert_eq!(decoded.source.bytes, bytes.len() as u64);
        assert_eq!(decoded.source.has_alpha, want.chunks(4).any(|p| p[3] < 255));
        assert_eq!(decoded.notes, Vec::<String>::new(), "{format:?}");
        assert_eq!(dimensions(&bytes, &Limits::default()).unwrap(), (format, 23, 17));
    }
}

/// The file `name` of `fixtures/decode`, whose README says how each was made.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/decode");
    std::fs::read(folder.join(name)).unwrap()
}

/// The colours in the middles of the four 16 x 12 px blocks.
fn blocks(raster: &Raster) -> [[u8; 4]; 4] {
    [(8, 6), (24, 6), (8, 18), (24, 18)].map(|(x, y)| raster.pixel(x, y))
}

fn assert_blocks(name: &str, raster: &Raster, want: [[u8; 3]; 4], tolerance: u8) {
    assert_eq!((raster.width(), raster.height()), (32, 24), "{name}");
    for (is, want) in blocks(raster).iter().zip(want) {
        assert_eq!(is[3], 255, "{name}: {is:?}");
        assert!(is.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= tolerance), "{name}: {is:?}, not {want:?}");
    }
}

const BLOCKS: [[u8; 3]; 4] = [[0xd0, 0x20, 0x20], [0x20, 0xb0, 0x40], [0x20, 0x50, 0xd0], [0x40, 0x40, 0x40]];

#[test]
fn files_of_other_encoders_are_read() {
    for (name, tolerance) in [
        ("progressive.jpg", 3),
        ("subsampled.jpg", 3),
        ("rle8.bmp", 0),
        ("palette.bmp", 0),
        ("lzw.tif", 0),
        ("palette.tif", 0),
    ] {
        let decoded = ok(&fixture(name));
        assert_blocks(name, &decoded.raster, BLOCKS, tolerance);
        assert!(decoded.notes.is_empty(), "{name}");
    }
}

#[test]
fn inks_become_the_colours_they_print() {
    let decoded = ok(&fixture("ycck.jpg"));
    assert_blocks("ycck.jpg", &decoded.raster, BLOCKS, 3);
    assert!(decoded.notes[0].contains("CMYK"), "{:?}", decoded.notes);
    // (255 - ink) * (255 - black) / 255 of the inks in the README.
    let want = [[215, 46, 46], [42, 195, 57], [31, 84, 225], [65, 65, 65]];
    assert_blocks("cmyk.jpg", &ok(&fixture("cmyk.jpg")).raster, want, 3);
}

#[test]
fn interlaced_bits_are_put_in_their_places() {
    let raster = ok(&fixture("interlaced-1bit.png")).raster;
    assert_eq!((raster.width(), raster.height()), (13, 9));
    for y in 0..9 {
        for x in 0..13 {
            let v = if (x * y + x) % 3 == 0 { 0 } else { 255 };
            assert_eq!(raster.pixel(x, y), [v, v, v, 255], "{x}, {y}");
        }
    }
}

#[test]
fn of_animations_the_first_frame_is_taken() {
    for name in ["animated.png", "animated.gif", "animated.webp"] {
        let decoded = ok(&fixture(name));
        assert_eq!((decoded.raster.width(), decoded.raster.height()), (8, 8), "{name}");
        // Lossy WebP does not keep pure red.
        let near = |p: &[u8; 4]| p[0] >= 250 && p[1] <= 5 && p[2] <= 5 && p[3] == 255;
        assert!(decoded.raster.pixels().iter().all(near), "{name}: {:?}", decoded.raster.pixel(3, 3));
        assert_eq!(decoded.notes, ["only the first of 3 frames was taken"], "{name}");
    }
}

#[test]
fn of_an_icon_the_largest_picture_is_taken() {
    let bytes = fixture("png-rgb.ico");
    let decoded = ok(&bytes);
    assert_eq!((decoded.raster.width(), decoded.raster.height()), (32, 32));
    assert_eq!(decoded.raster.pixel(5, 5), [0xd0, 0x20, 0x20, 255]);
    assert_eq!(decoded.notes, ["the largest of 2 pictures was taken"]);
    assert_eq!(dimensions(&bytes, &Limits::default()).unwrap(), (Format::Ico, 32, 32));
}

#[test]
fn netpbm_in_all_its_forms() {
    let grey = |v: u8| [v, v, v, 255];
    let black_white = [grey(0), grey(255), grey(255), grey(0)];
    for (bytes, want) in [
        (&b"P1\n# a comment\n2 2\n1 0\n0 1\n"[..], black_white),
        (b"P4\n2 2\n\x80\x40", black_white),
        (b"P2 2 2 255 0 255 255 0\n", black_white),
        (b"P2 2 2 15 0 15 1 14\n", [grey(0), grey(255), grey(17), grey(238)]),
        (b"P5 2 2 255\n\x01\x02\x03\x04", [grey(1), grey(2), grey(3), grey(4)]),
        // 0x0180 / 65535 is 1.49 of 255; 0x0182 is 1.502.
        (b"P5 2 2 65535\n\x01\x80\x01\x82\xff\xff\x00\x00", [grey(1), grey(2), grey(255), grey(0)]),
        (
            b"P3 2 2 255 1 2 3 4 5 6 7 8 9 10 11 12\n",
            [[1, 2, 3, 255], [4, 5, 6, 255], [7, 8, 9, 255], [10, 11, 12, 255]],
        ),
        (
            b"P6 2 2 255\n\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c",
            [[1, 2, 3, 255], [4, 5, 6, 255], [7, 8, 9, 255], [10, 11, 12, 255]],
        ),
    ] {
        let decoded = ok(bytes);
        assert_eq!(decoded.raster.pixels(), want, "{}", String::from_utf8_lossy(bytes));
        assert_eq!(decoded.source.format, "pnm");
    }
    let raster = ok(&fixture("alpha.pam")).raster;
    assert_eq!(raster.pixels(), [[[255, 0, 0, 128]; 3], [[0, 255, 0, 255]; 3]].concat());
}

#[test]
fn sixteen_bits_are_rounded_not_cut() {
    let image = image::ImageBuffer::<image::Rgba<u16>, _>::from_fn(64, 16, |x, y| {
        let v = (y * 64 + x) as u16 * 64;
        image::Rgba([v, 65535 - v, v ^ 0x00ff, 65535])
    });
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let raster = ok(&encode(&image.clone().into(), format)).raster;
        for (p, q) in raster.pixels().iter().zip(image.pixels()) {
            assert_eq!(*p, q.0.map(|v| (f64::from(v) / 257.0).round() as u8), "{format:?}");
        }
    }
    let grey =
        image::ImageBuffer::<image::LumaA<u16>, _>::from_fn(2, 1, |x, _| image::LumaA([0x00ff, 0x7f80 + x as u16]));
    assert_eq!(ok(&encode(&grey.into(), ImageFormat::Png)).raster.pixels(), [[1, 1, 1, 127], [1, 1, 1, 127]]);
}

/// A PNG of given chunks after `IHDR`; checksums are made here.
fn png_of(width: u32, height: u32, depth: u8, color: u8, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, color, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", header)].iter().chain(chunks).chain(&[(b"IEND", Vec::new())]) {
        let mut crc = flate2::Crc::new();
        crc.update(*kind);
        crc.update(data);
        out.extend((data.len() as u32).to_be_bytes());
        out.extend(*kind);
        out.extend(data);
        out.extend(crc.sum().to_be_bytes());
    }
    out
}

fn deflate(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    z.write_all(data).unwrap();
    z.finish().unwrap()
}

#[test]
fn palettes_and_transparent_colours_are_looked_up() {
    // Two bits a pixel: 0, 1, 2, 3 of a palette of four, the second half transparent.
    let chunks = [
        (b"PLTE", vec![1, 2, 3, 40, 50, 60, 70, 80, 90, 100, 110, 120]),
        (b"tRNS", vec![255, 128, 0]),
        (b"IDAT", deflate(&[0, 0b0001_1011])),
    ];
    let decoded = ok(&png_of(4, 1, 2, 3, &chunks));
    assert_eq!(decoded.raster.pixels(), [[1, 2, 3, 255], [40, 50, 60, 128], [0; 4], [100, 110, 120, 255]]);
    assert!(decoded.source.has_alpha);
    // Grey with one transparent value, and grey with alpha.
    let decoded = ok(&png_of(2, 1, 8, 0, &[(b"tRNS", vec![0, 7]), (b"IDAT", deflate(&[0, 7, 8]))]));
    assert_eq!(decoded.raster.pixels(), [[0; 4], [8, 8, 8, 255]]);
    let decoded = ok(&png_of(2, 1, 8, 4, &[(b"IDAT", deflate(&[0, 7, 100, 8, 255]))]));
    assert_eq!(decoded.raster.pixels(), [[7, 7, 7, 100], [8, 8, 8, 255]]);
}

/// EXIF data that says nothing but the orientation.
fn exif(orientation: u8, little: bool) -> Vec<u8> {
    let mut out = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    let mut put = |n: u64, bytes: usize| {
        let all = n.to_le_bytes();
        let mut b = all[..bytes].to_vec();
        if !little {
            b.reverse();
        }
        out.extend(b);
    };
    for (n, bytes) in [(8, 4), (1, 2), (0x112, 2), (3, 2), (1, 4), (orientation.into(), 2), (0, 2), (0, 4)] {
        put(n, bytes);
    }
    out
}

/// Where the stored pixel of row `y`, column `x` is seen (EXIF 2.3, tag 274), for a stored size of `w` x `h`.
fn seen(orientation: u8, x: u32, y: u32, w: u32, h: u32) -> (u32, u32) {
    match orientation {
        1 => (x, y),
        2 => (w - 1 - x, y),
        3 => (w - 1 - x, h - 1 - y),
        4 => (x, h - 1 - y),
        5 => (y, x),
        6 => (h - 1 - y, x),
        7 => (h - 1 - y, w - 1 - x),
        _ => (y, w - 1 - x),
    }
}

#[test]
fn all_eight_orientations_are_undone() {
    let image = pattern(5, 3, false);
    for orientation in 1..=8 {
        let exif = exif(orientation, orientation % 2 == 0);
        let mut early = Vec::new();
        let mut encoder = PngEncoder::new(&mut early);
        encoder.set_exif_metadata(exif.clone()).unwrap();
        encoder.write_image(&image, 5, 3, image::ExtendedColorType::Rgba8).unwrap();
        // The same with its EXIF data behind the pixels.
        let rows: Vec<u8> = image.rows().flat_map(|r| [0].into_iter().chain(r.flat_map(|p| p.0))).collect();
        let late = png_of(5, 3, 8, 6, &[(b"IDAT", deflate(&rows)), (b"eXIf", exif)]);
        for bytes in [early, late] {
            let decoded = ok(&bytes);
            let turned = if orientation >= 5 { (3, 5) } else { (5, 3) };
            assert_eq!((decoded.source.width, decoded.source.height), turned);
            for (x, y, p) in image.enumerate_pixels() {
                let (u, v) = seen(orientation, x, y, 5, 3);
                assert_eq!(decoded.raster.pixel(u, v), p.0, "orientation {orientation}, {x}, {y}");
            }
            // The header tells the size as stored.
            assert_eq!(dimensions(&bytes, &Limits::default()).unwrap(), (Format::Png, 5, 3));
        }
        assert_eq!(Orientation::from_exif(orientation).unwrap().to_exif(), orientation);
    }
}

#[test]
fn orientation_of_a_jpeg_is_undone() {
    let jpeg = encode(&DynamicImage::ImageRgba8(pattern(40, 24, false)).into_rgb8().into(), ImageFormat::Jpeg);
    let exif = [b"Exif\0\0".to_vec(), exif(6, true)].concat();
    let mut turned = jpeg[..2].to_vec();
    turned.extend([0xff, 0xe1]);
    turned.extend((exif.len() as u16 + 2).to_be_bytes());
    turned.extend(&exif);
    turned.extend(&jpeg[2..]);
    let (upright, turned) = (ok(&jpeg).raster, ok(&turned).raster);
    assert_eq!((turned.width(), turned.height()), (24, 40));
    assert_eq!(turned.pixel(23, 0), upright.pixel(0, 0));
    assert_eq!(turned.pixel(0, 39), upright.pixel(39, 23));
}

/// `image` as a PNG with an ICC profile.
fn with_profile(image: &DynamicImage, icc: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new(&mut out);
    encoder.set_icc_profile(icc).unwrap();
    encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).unwrap();
    out
}

#[test]
fn profiles_are_converted_to_srgb() {
    let image = DynamicImage::ImageRgba8(RgbaImage::from_fn(100, 40, |x, _| {
        image::Rgba(if x < 50 { [200, 100, 50, 200] } else { [128, 128, 128, 255] })
    }));
    for (name, profile, want, want_grey) in [
        // Computed from the primaries and curves of the two standards, independently of the library.
        ("Display P3", ColorProfile::new_display_p3(), [215, 93, 31, 200], 128),
        ("Adobe RGB", ColorProfile::new_adobe_rgb(), [227, 100, 42, 200], 129),
    ] {
        let decoded = ok(&with_profile(&image, profile.encode().unwrap()));
        let p = decoded.raster.pixel(10, 10);
        assert!(p.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 2), "{name}: {p:?}");
        let grey = decoded.raster.pixel(90, 39);
        assert!(grey[..3].iter().all(|v| v.abs_diff(want_grey) <= 1), "{name}: {grey:?}");
        assert!(decoded.notes.is_empty(), "{name}");
    }
}

#[test]
fn an_srgb_profile_leaves_pixels_alone() {
    let image = DynamicImage::ImageRgba8(pattern(60, 50, true));
    let decoded = ok(&with_profile(&image, ColorProfile::new_srgb().encode().unwrap()));
    assert_eq!(decoded.raster.as_bytes(), image.as_bytes());
    assert!(decoded.notes.is_empty());
}

#[test]
fn a_grey_profile_moves_greys() {
    let image = DynamicImage::ImageLuma8(image::GrayImage::from_fn(256, 2, |x, _| image::Luma([x as u8])));
    let decoded = ok(&with_profile(&image, ColorProfile::new_gray_with_gamma(1.0).encode().unwrap()));
    // Linear light 128 / 255 is 188 in sRGB.
    let p = decoded.raster.pixel(128, 1);
    assert!(p[..3].iter().all(|v| v.abs_diff(188) <= 1), "{p:?}");
    assert_eq!((decoded.raster.pixel(0, 0), decoded.raster.pixel(255, 0)), ([0, 0, 0, 255], [255; 4]));
    assert!(decoded.notes.is_empty(), "{:?}", decoded.notes);
}

#[test]
fn a_bad_profile_is_left_out_with_a_note() {
    let image = DynamicImage::ImageRgba8(pattern(9, 9, true));
    let mut broken = ColorProfile::new_display_p3().encode().unwrap();
    broken.truncate(100);
    let unfit = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    for icc in [b"not a profile at all".to_vec(), broken, unfit] {
        let decoded = ok(&with_profile(&image, icc));
        assert_eq!(decoded.raster.as_bytes(), image.as_bytes());
        assert_eq!(decoded.notes.len(), 1);
        assert!(decoded.notes[0].starts_with("the colour profile was ignored"), "{:?}", decoded.notes);
    }
    // A profile that does not even inflate.
    let chunks = [(b"iCCP", b"x\0\0garbage".to_vec()), (b"IDAT", deflate(&[0, 1, 2, 3]))];
    let decoded = ok(&png_of(1, 1, 8, 2, &chunks));
    assert_eq!(decoded.raster.pixel(0, 0), [1, 2, 3, 255]);
    assert!(decoded.notes[0].contains("could not be unpacked"), "{:?}", decoded.notes);
}

#[test]
fn a_bomb_in_a_profile_does_no_harm() {
    // 100 MiB of zeros in about 100 kB.
    let bomb = [b"x\0\0".to_vec(), deflate(&vec![0; 100 << 20])].concat();
    let bytes = png_of(1, 1, 8, 2, &[(b"iCCP", bomb), (b"IDAT", deflate(&[0, 1, 2, 3]))]);
    match decode(&bytes, &Limits::default()) {
        Ok(decoded) => assert!(decoded.notes[0].contains("ignored"), "{:?}", decoded.notes),
        Err(e) => assert_eq!(e.code(), Code::InputTooLarge, "{e}"),
    }
}

#[test]
fn colours_that_nobody_sees_are_zero() {
    let image = RgbaImage::from_fn(2, 1, |x, _| image::Rgba([9, 9, 9, x as u8 * 255]));
    let decoded = ok(&encode(&image.into(), ImageFormat::Png));
    assert_eq!(decoded.raster.pixels(), [[0; 4], [9, 9, 9, 255]]);
}

/// Headers, and nothing behind them, that claim 60 000 x 60 000 px.
fn huge() -> Vec<(Format, Vec<u8>)> {
    const N: u32 = 60_000;
    let (le, be, le16, be16) = (N.to_le_bytes(), N.to_be_bytes(), (N as u16).to_le_bytes(), (N as u16).to_be_bytes());
    let rows = deflate(&[0; 100]);
    let tiff = |tag: u16, kind: u16, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &1u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let directory = [
        tiff(256, 4, N),
        tiff(257, 4, N),
        tiff(258, 3, 8),
        tiff(259, 3, 1),
        tiff(262, 3, 1),
        tiff(273, 4, 8),
        tiff(277, 3, 1),
        tiff(278, 4, N),
        tiff(279, 4, 10),
    ];
    let frame = [
        &[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8][..],
        &be16,
        &be16,
        &[1, 1, 0x11, 0],
        &[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0xff, 0xd9],
    ]
    .concat();
    vec![
        (Format::Png, png_of(N, N, 8, 6, &[(b"IDAT", rows.clone())])),
        (Format::Png, png_of(N, N, 16, 6, &[(b"IDAT", rows)])),
        (
            Format::Gif,
            [&b"GIF89a"[..], &le16, &le16, &[0, 0, 0, 0x2c, 0, 0, 0, 0], &le16, &le16, &[0, 2, 0, 0x3b]].concat(),
        ),
        (Format::Bmp, [&b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"[..], &le, &le, &[1, 0, 24, 0], &[0; 24]].concat()),
        (Format::Qoi, [&b"qoif"[..], &be, &be, &[4, 0], &[0; 8]].concat()),
        (Format::Pnm, b"P6 60000 60000 255\n".to_vec()),
        (Format::Pnm, b"P6 4294967295 4294967295 255\n".to_vec()),
        (Format::Pnm, b"P7\nWIDTH 60000\nHEIGHT 60000\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n".to_vec()),
        (Format::Tiff, [&b"II*\0\x08\0\0\0\x09\0"[..], &directory.concat(), &[0; 4]].concat()),
        (Format::WebP, [&b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], &[0x5f, 0xea, 0, 0x5f, 0xea, 0]].concat()),
        (Format::Jpeg, frame),
    ]
}

#[test]
fn huge_claims_are_refused_at_once() {
    for (format, bytes) in huge() {
        let start = std::time::Instant::now();
        let e = refused(&bytes);
        assert_eq!(e.code(), Code::InputTooLarge, "{format:?}: {}", e.message());
        assert_eq!(dimensions(&bytes, &Limits::default()).unwrap_err().code(), Code::InputTooLarge);
        assert!(start.elapsed().as_millis() < 100, "{format:?} took {:?}", start.elapsed());
        if e.message().contains("60 000") {
            assert!(e.message().contains("3 600 megapixels, over the limit of 100 (--max-pixels)"), "{}", e.message());
        }
    }
}

#[test]
fn limits_count_memory_and_sides() {
    let bytes = encode(&pattern(30, 20, true).into(), ImageFormat::Png);
    let limits = Limits { max_pixels: 600, max_side: 30, max_decode_bytes: 30 * 20 * 4 + 100_000, ..Limits::default() };
    assert!(decode(&bytes, &limits).is_ok());
    for limits in [
        Limits { max_pixels: 599, ..limits },
        Limits { max_side: 29, ..limits },
        Limits { max_decode_bytes: 30 * 20 * 4 - 1, ..limits },
        Limits { max_file_bytes: bytes.len() as u64 - 1, ..limits },
    ] {
        assert_eq!(decode(&bytes, &limits).unwrap_err().code(), Code::InputTooLarge, "{limits:?}");
    }
    // 16-bit samples take twice the memory.
    let deep = encode(&image::ImageBuffer::<image::Rgba<u16>, _>::new(30, 20).into(), ImageFormat::Png);
    let limits = Limits { max_decode_bytes: 30 * 20 * 8 - 1, ..limits };
    assert_eq!(decode(&deep, &limits).unwrap_err().code(), Code::InputTooLarge);
}

/// A reader of endless zeros that counts what was taken.
struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        buf.fill(0);
        self.0 += buf.len() as u64;
        Ok(buf.len())
    }
}

#[test]
fn a_stream_is_never_read_past_the_limit() {
    let limits = Limits { max_file_bytes: 100_000, ..Limits::default() };
    let mut endless = Endless(0);
    assert_eq!(read_stream(&mut endless, &limits).unwrap_err().code(), Code::InputTooLarge);
    assert_eq!(endless.0, 100_001);
    let bytes = encode(&pattern(30, 20, true).into(), ImageFormat::Png);
    assert_eq!(read_stream(&bytes[..], &limits).unwrap(), decode(&bytes, &limits).unwrap());
}

#[test]
fn every_way_a_path_can_fail_has_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let limits = Limits { max_file_bytes: 5000, ..Limits::default() };
    let clear = encode(&RgbaImage::new(3, 3).into(), ImageFormat::Png);
    let whole = fixture("lzw.tif");
    let mut wrong = encode(&pattern(20, 20, true).into(), ImageFormat::Png);
    let middle = wrong.len() / 2;
    wrong[middle] ^= 0x40;
    let cases = [
        (folder.path().join("none.png"), Code::InputNotFound, true),
        (file("a-file", b"x").join("below.png"), Code::InputNotFound, true),
        (folder.path().to_path_buf(), Code::InputIsDirectory, true),
        (file("empty.png", b""), Code::InputEmpty, true),
        (file("text.png", b"hello, this is text"), Code::InputUnknownFormat, true),
        (
            file("float.tif", &encode(&image::Rgb32FImage::new(2, 2).into(), ImageFormat::Tiff)),
            Code::InputUnsupported,
            false,
        ),
        (file("wrong.png", &wrong), Code::InputCorrupt, false),
        (file("cut.tif", &whole[..60]), Code::InputTruncated, true),
        (file("big.png", &[0; 5001]), Code::InputTooLarge, true),
        (file("clear.png", &clear), Code::InputFullyTransparent, false),
    ];
    for (path, code, in_header) in cases {
        let e = read(&path, &limits).unwrap_err();
        assert_eq!(e.code(), code, "{e}");
        assert!(e.to_string().starts_with(&path.display().to_string()), "{e}");
        if in_header {
            assert_eq!(dimensions_of(&path, &limits).unwrap_err().code(), code, "{e}");
        }
    }
}

#[test]
fn the_name_of_a_file_means_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (i, (format, bytes, want)) in samples().into_iter().enumerate() {
        let path = folder.path().join(format!("{i}.jpg"));
        std::fs::write(&path, bytes).unwrap();
        let decoded = read(&path, &Limits::default()).unwrap();
        assert_eq!((decoded.source.format.as_str(), decoded.raster.as_bytes()), (format.name(), &want[..]));
        assert_eq!(dimensions_of(&path, &Limits::default()).unwrap(), (format, 23, 17));
    }
}

#[test]
fn what_follows_a_jpeg_is_not_part_of_it() {
    let mut bytes = fixture("subsampled.jpg");
    let whole = ok(&bytes);
    bytes.extend(b"\xff\xd8 a second picture, or a secret");
    assert_eq!(ok(&bytes).raster, whole.raster);
}

#[test]
fn a_text_mode_copy_is_recognised() {
    let bytes = encode(&pattern(3, 3, true).into(), ImageFormat::Png);
    let copied: Vec<u8> = bytes.iter().copied().filter(|&b| b != b'\r').collect();
    let e = refused(&copied);
    assert_eq!(e.code(), Code::InputCorrupt);
    assert!(e.message().contains("text mode"), "{}", e.message());
}

/// Whole files of every format, with the bytes at their end that no pixel depends on.
fn whole_files() -> Vec<(String, Vec<u8>, usize)> {
    let mut files: Vec<(String, Vec<u8>, usize)> =
        samples().into_iter().map(|(f, bytes, _)| (format!("{f:?}"), bytes, trailer(f))).collect();
    for name in [
        "ycck.jpg",
        "cmyk.jpg",
        "progressive.jpg",
        "subsampled.jpg",
        "interlaced-1bit.png",
        "animated.png",
        "animated.gif",
        "animated.webp",
        "alpha.pam",
        "rle8.bmp",
        "palette.bmp",
        "lzw.tif",
        "palette.tif",
        "png-rgb.ico",
    ] {
        let bytes = fixture(name);
        let trailer = trailer(Format::from_signature(&bytes).unwrap());
        files.push((name.to_owned(), bytes, trailer));
    }
    files
}

/// PNG's `IEND`, GIF's last byte, a RIFF's padding, the two bytes that close a run-length coded bitmap.
fn trailer(format: Format) -> usize {
    match format {
        Format::Png => 12,
        Format::Gif | Format::WebP => 1,
        Format::Bmp => 2,
        _ => 0,
    }
}

#[test]
fn cut_files_are_refused_as_cut() {
    for (name, bytes, trailer) in whole_files() {
        let whole = ok(&bytes).raster;
        let n = bytes.len();
        let step = (n / 40).max(1);
        for end in (1..n).step_by(step).chain(n.saturating_sub(20)..n) {
            match decode(&bytes[..end], &Limits::default()) {
                Ok(decoded) => {
                    assert!(n - end <= trailer, "{name} cut at {end} of {n} passes for whole");
                    assert!(decoded.raster == whole, "{name} cut at {end} of {n} differs");
                }
                Err(e) if end < format::SIGNATURE_BYTES => {
                    assert!(
                        matches!(e.code(), Code::InputTruncated | Code::InputUnknownFormat),
                        "{name} cut at {end}: {e}"
                    );
                }
                Err(e) => assert_eq!(e.code(), Code::InputTruncated, "{name} cut at {end} of {n}: {e}"),
            }
        }
    }
}

#[test]
fn flipped_bits_never_panic() {
    let mut rng = fastrand::Rng::with_seed(7);
    let limits = Limits { max_pixels: 1_000_000, max_decode_bytes: 64 << 20, ..Limits::default() };
    for (name, bytes, _) in whole_files() {
        for _ in 0..60 {
            let mut bytes = bytes.clone();
            for _ in 0..rng.usize(1..4) {
                let at = rng.usize(..bytes.len());
                bytes[at] ^= 1 << rng.u8(..8);
            }
            if let Err(e) = decode(&bytes, &limits) {
                assert!(e.code().id().starts_with("input."), "{name}: {e}");
                // A caught panic is a refusal too, but one that says so.
                assert!(!e.message().contains("broke down"), "{name}: {e}");
            }
            let _ = dimensions(&bytes, &limits);
        }
    }
}
