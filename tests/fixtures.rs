//! The committed fixtures are what the generator makes today.

use std::path::Path;

use svg_ai::classify::Class;
use svg_ai::generate::{Options, sample, showcase};

fn pixels(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path);
    image::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).into_rgba8().into_raw()
}

#[test]
fn committed_pictures_match_the_generator() {
    for (class, seed, side, alpha) in [
        (Class::Simple, 1, 64, false),
        (Class::Text, 2, 96, true),
        (Class::Gradient, 3, 128, false),
        (Class::PixelArt, 4, 160, true),
        (Class::Photo, 5, 128, false),
    ] {
        let s = sample(class, seed, &Options { side, alpha, ..Options::default() });
        let stem = format!("images/{class}/{}", s.name);
        assert_eq!(pixels(&format!("{stem}.png")), s.raster.as_bytes(), "{stem}: run `cargo run --example fixtures`");
        if let Some(svg) = s.svg {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format!("{stem}.svg"));
            assert_eq!(std::fs::read_to_string(path).unwrap(), svg, "{stem}");
        }
    }
    assert_eq!(pixels("sample.png"), showcase(512).raster.as_bytes());
}

#[test]
fn damaged_files_are_damaged_and_odd_ones_are_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/damaged");
    for name in ["truncated.png", "signature-only.png", "empty.png", "text.png", "bad-checksum.png", "header-bomb.png"]
    {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        // The bomb is 3.6 Gpx; a decoder without limits must not be let near it.
        let mut reader = image::ImageReader::new(std::io::Cursor::new(&bytes)).with_guessed_format().unwrap();
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(10_000);
        reader.limits(limits);
        assert!(reader.decode().is_err(), "{name} decodes");
    }
    for name in ["png-named.jpg", "no-extension", "with spaces and ünïcödé – 画像.png", "fully-transparent.png"]
    {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert!(image::load_from_memory(&bytes).is_ok(), "{name}");
    }
}
