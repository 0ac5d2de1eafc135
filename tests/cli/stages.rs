//! `svg-ai convert --debug-stages`.

use std::fs;
use std::path::{Path, PathBuf};

use svg_ai::classify::Class;
use svg_ai::trace::contour::debug::{NAMES, sigma_color};

use crate::images::{self, RED, WHITE, assert_whole};
use crate::sandbox::Sandbox;

/// A red disc of radius 30 px about (48, 48) on white.
fn with_disc() -> Sandbox {
    let s = Sandbox::new();
    s.write("a.png", images::smooth_disc(RED, WHITE));
    s
}

/// The colour of picture `name` at a point of the input, px.
fn at(s: &Sandbox, name: &str, x: f64, y: f64) -> [u8; 3] {
    let picture = image::load_from_memory(&s.read(Path::new("stages").join(name))).unwrap().into_rgb8();
    let factor = f64::from(picture.width()) / 96.0;
    assert!(factor >= 8.0 && factor.fract() == 0.0 && picture.height() == picture.width(), "{name}: {factor}");
    picture.get_pixel((x * factor) as u32, (y * factor) as u32).0
}

fn near(a: [u8; 3], b: [u8; 3]) -> bool {
    // A point or a curve may cover the pixel in part.
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 60)
}

#[test]
fn every_stage_is_drawn_where_it_is() {
    let s = with_disc();
    s.run(&["convert", "a.png", "-o", "plain.svg"]).ends(0);
    s.run(&["convert", "a.png", "--debug-stages", "stages"]).ends(0);
    assert_eq!(s.read("a.svg"), s.read("plain.svg"), "being watched changes nothing");
    let must: Vec<PathBuf> = NAMES.iter().filter(|n| !n.contains("refined")).map(PathBuf::from).collect();
    let mut files = s.files("stages");
    files.retain(|f| f.as_os_str() != "5-refined.png");
    assert_eq!(files, must);

    let [red, white] = [[255, 0, 0], [255; 3]];
    for name in ["1-input.png", "2-labels.png", "6-result.png"] {
        assert_eq!((at(&s, name, 48.5, 48.5), at(&s, name, 5.5, 5.5)), (red, white), "{name}");
    }
    // Half of this pixel is red; its ink is one of the two.
    let edge = at(&s, "1-input.png", 69.45, 27.45);
    assert!(edge[0] == 255 && (15..240).contains(&edge[1]), "{edge:?}");
    let ink = at(&s, "2-labels.png", 69.45, 27.45);
    assert!(ink == red || ink == white, "{ink:?}");
    // Measured points lie on the circle and are nearly sure; nothing lies elsewhere.
    for angle in [0.02f64, 1.55, 3.16] {
        let (x, y) = (48.0 + 30.0 * angle.cos(), 48.0 + 30.0 * angle.sin());
        // The points are in the middle of their row or column.
        let (x, y) = if (x - 48.0).abs() > (y - 48.0).abs() { (x, y.floor() + 0.5) } else { (x.floor() + 0.5, y) };
        let color = at(&s, "3-boundaries.png", x, y);
        assert!(near(color, sigma_color(0.012)), "{color:?} at {x} {y}");
    }
    let inside = at(&s, "3-boundaries.png", 48.5, 48.5);
    assert!(inside[0] > inside[2] + 50, "the input shows below: {inside:?}");
    // One whole shape, orange, with its centre.
    for (x, y) in [(78.0, 48.0), (48.0, 18.0), (48.0 + 30.0 * 0.6, 48.0 + 30.0 * 0.8), (48.0, 48.0)] {
        let color = at(&s, "4-curves.png", x, y);
        assert!(near(color, [235, 110, 0]), "{color:?} at {x} {y}");
    }
}

#[test]
fn a_second_run_leaves_no_picture_of_the_first() {
    let s = with_disc();
    s.write("stages/5-refined.png", "of another run");
    s.write("stages/notes.txt", "mine");
    let args = ["convert", "a.png", "--debug-stages", "stages", "--engine", "contour", "--engine-option", "refine=0"];
    s.run(&args).ends(0);
    assert!(!s.path("stages/5-refined.png").exists());
    assert_eq!(s.text("stages/notes.txt"), "mine");
}

#[test]
fn streams_have_stages_and_standard_output_has_the_svg_only() {
    let s = with_disc();
    let args = ["convert", "-", "-o", "-", "--debug-stages", "stages"];
    let ran = s.run_with_input(&args, &s.read("a.png")).ends(0);
    assert_whole(&ran.out);
    assert!(s.path("stages/6-result.png").is_file());
}

#[test]
fn other_engines_have_no_such_stages() {
    let s = Sandbox::new();
    s.write("photo.png", images::drawing(Class::Photo, 1, 64));
    let photo = ["convert", "photo.png", "--class", "photo", "--debug-stages", "stages"];
    s.run(&photo).ends(1).says(&["photo.png", "vtracer", "trace.no_stages", "--engine contour"]);
    assert_whole(&s.read("photo.svg"));
    s.run(&[&photo[..], &["--engine", "vtracer"]].concat()).ends(2).says(&["--debug-stages", "--engine vtracer"]);
    assert!(!s.path("stages").exists());
    // What failed has none, and says why it failed.
    s.run(&["convert", "gone.png", "--debug-stages", "stages"]).ends(1).says(&["input.not_found"]);
}

#[test]
fn pictures_never_replace_the_image_or_the_svg_and_have_a_place() {
    let s = with_disc();
    fs::create_dir(s.path("stages")).unwrap();
    fs::copy(s.path("a.png"), s.path("stages/1-input.png")).unwrap();
    let args = ["convert", "stages/1-input.png", "--debug-stages", "stages"];
    s.run(&args).ends(2).says(&["1-input.png", "output.is_input"]);
    let args = ["convert", "a.png", "-o", "d/6-result.png", "--debug-stages", "d"];
    s.run(&args).ends(2).says(&["6-result.png", "output.collision"]);
    s.run(&["convert", "a.png", "--debug-stages", "a.png"]).ends(1).says(&["output.unwritable"]);
    assert_eq!(s.files("").len(), 2, "nothing was written");
}
