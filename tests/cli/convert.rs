//! `svg-ai convert`.

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use svg_ai::classify::Class;
use svg_ai::report::ItemReport;

use crate::images::{self, CLEAR, RED, WHITE, assert_whole, drawn};
use crate::sandbox::{Ran, Sandbox};

fn with_image() -> Sandbox {
    let s = Sandbox::new();
    s.write("a.png", images::any());
    s
}

#[test]
fn the_svg_goes_beside_the_image() {
    let s = with_image();
    let ran = s.run(&["convert", "a.png"]).ends(0).says(&["a.png", "a.svg", "quality"]);
    assert!(ran.out.is_empty());
    let svg = s.text("a.svg");
    assert_whole(svg.as_bytes());
    assert!(svg.contains("viewBox=\"0 0 48 48\""), "{svg:.200}");
    for bad in ["<script", "href", "<!DOCTYPE", "<!ENTITY", "onload"] {
        assert!(!svg.contains(bad), "{bad} in {svg:.200}");
    }
    assert_eq!(s.files("").len(), 2, "nothing else is left behind");
}

#[test]
fn standard_output_has_the_svg_and_nothing_else() {
    let s = with_image();
    s.run(&["convert", "a.png"]).ends(0);
    let ran = s.run(&["convert", "a.png", "-o", "-", "-v", "--explain"]).ends(0);
    assert_eq!(ran.out, s.read("a.svg"));
    let piped = s.run_with_input(&["convert", "-"], &images::any()).ends(0);
    assert_eq!(piped.out, s.read("a.svg"), "standard input goes to standard output");
}

#[test]
fn quiet_prints_nothing() {
    let s = with_image();
    let ran = s.run(&["convert", "a.png", "-q"]).ends(0);
    assert_eq!((ran.out.len(), ran.err.as_str()), (0, ""));
}

#[test]
fn explain_tells_how_it_came_about() {
    let s = with_image();
    let ran = s.run(&["convert", "a.png", "--explain"]).ends(0);
    let ran = ran.says(&["class", "confidence", "because", "palette_size", "attempt 1", "kept", "SSIM", "alpha error"]);
    assert!(ran.out.is_empty());
}

#[test]
fn the_report_is_what_the_schema_says() {
    let s = with_image();
    s.run(&["convert", "a.png", "--report", "r.json", "-q"]).ends(0);
    let item: ItemReport = serde_json::from_slice(&s.read("r.json")).unwrap();
    let mut schema = svg_ai::report::json::schema();
    for part in ["properties", "required", "type"] {
        schema.as_object_mut().unwrap().remove(part);
    }
    schema["$ref"] = "#/$defs/ItemReport".into();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&s.json("r.json")).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(item.input, "a.png");
    assert_eq!(item.output.as_deref(), Some("a.svg"));
    assert_eq!(item.metrics.unwrap().economy.bytes, s.read("a.svg").len() as u64);
    assert!(item.times.total_ms > 0.0 && item.times.trace_ms > 0.0);
    assert!(!validator.is_valid(&serde_json::json!({"input": 1})), "the schema accepts anything");

    let ran = s.run(&["convert", "a.png", "--report", "-", "-o", "b.svg"]).ends(0);
    assert_eq!(ran.out_json()["status"], "ok");
    s.run(&["convert", "a.png", "--report", "-", "-o", "-"]).ends(2).says(&["standard output"]);
}

#[test]
fn what_exists_is_replaced_skipped_or_refused() {
    let s = with_image();
    s.write("a.svg", "old");
    s.run(&["convert", "a.png", "--if-exists", "error"]).ends(1).says(&["a.svg", "output.exists"]);
    s.run(&["convert", "a.png", "--if-exists", "skip"]).ends(3).says(&["skipped"]);
    assert_eq!(s.text("a.svg"), "old");
    s.run(&["convert", "a.png"]).ends(0);
    assert_whole(&s.read("a.svg"));
}

#[test]
fn an_input_is_never_overwritten() {
    let s = with_image();
    fs::create_dir(s.path("sub")).unwrap();
    for output in ["a.png", "./a.png", "sub/../a.png"] {
        for if_exists in ["overwrite", "skip", "error"] {
            let args = ["convert", "a.png", "-o", output, "--if-exists", if_exists];
            s.run(&args).ends(1).says(&["output.is_input"]);
        }
    }
    assert_eq!(s.read("a.png"), images::any());
    // An image that is called an SVG, and no output named.
    s.write("b.svg", images::any());
    s.run(&["convert", "b.svg"]).ends(1).says(&["output.is_input"]);
    assert_eq!(s.read("b.svg"), images::any());
}

#[cfg(unix)]
#[test]
fn an_input_is_not_overwritten_through_links() {
    let s = with_image();
    std::os::unix::fs::symlink("a.png", s.path("link.svg")).unwrap();
    std::os::unix::fs::symlink("a.png", s.path("link.png")).unwrap();
    s.run(&["convert", "a.png", "-o", "link.svg"]).ends(1).says(&["output.is_input"]);
    s.run(&["convert", "link.png", "-o", "a.png"]).ends(1).says(&["output.is_input"]);
    // A hard link is another name of the same bytes: the name gets the SVG, the image stays.
    fs::hard_link(s.path("a.png"), s.path("hard.svg")).unwrap();
    s.run(&["convert", "a.png", "-o", "hard.svg"]).ends(0);
    assert_eq!(s.read("a.png"), images::any());
}

#[cfg(unix)]
#[test]
fn a_device_stays_a_device() {
    let s = with_image();
    s.run(&["convert", "a.png", "-o", "/dev/null"]).ends(0);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn colours_and_opacity_are_kept() {
    let s = Sandbox::new();
    s.write("red.png", images::disc(64, RED, WHITE));
    s.write("white.png", images::disc(64, WHITE, CLEAR));
    s.write("half.png", images::disc(64, [20, 90, 200, 128], CLEAR));
    for name in ["red", "white", "half"] {
        s.run(&["convert", &format!("{name}.png")]).ends(0);
    }
    let red = drawn(&s.read("red.svg"), 64);
    assert_eq!((red.pixel(32, 32), red.pixel(2, 2)), (RED, WHITE));
    let white = drawn(&s.read("white.svg"), 64);
    assert_eq!((white.pixel(32, 32), white.pixel(2, 2)), (WHITE, CLEAR));
    let half = drawn(&s.read("half.svg"), 64);
    let opacity = f64::from(half.pixel(32, 32)[3]) / 255.0;
    assert!((opacity - 128.0 / 255.0).abs() < 0.01, "opacity {opacity}");
    assert_eq!(half.pixel(2, 2), CLEAR);
}

#[test]
fn tiny_pictures_and_lone_pixels_are_not_lost() {
    let s = Sandbox::new();
    for side in [1, 2, 3, 4, 16] {
        s.write(format!("{side}.png"), images::png(side, side, |x, y| [if x == y { 200 } else { 0 }, 40, 90, 255]));
    }
    s.write("dot.png", images::png(64, 64, |x, y| if (x, y) == (30, 30) { RED } else { CLEAR }));
    for name in ["1", "2", "3", "4", "16", "dot"] {
        for tier in ["1", "2", "3"] {
            let file = format!("{name}.png");
            let args = ["convert", &file, "-o", "x.svg", "--tier", tier, "--fail-under", "0.95", "-q"];
            s.run(&args).ends(0);
        }
    }
}

#[test]
fn the_same_image_gives_the_same_bytes() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Complex, 3, 64));
    for (i, jobs) in ["1", "2", "2", "0"].iter().enumerate() {
        let output = format!("{i}.svg");
        s.run(&["convert", "a.png", "-j", jobs, "-o", &output, "-q"]).ends(0);
        assert_eq!(s.read(&output), s.read("0.svg"), "--jobs {jobs}");
    }
}

#[test]
fn a_gate_fails_the_run_but_not_the_output() {
    let s = Sandbox::new();
    s.write("a.png", images::busy(48));
    s.run(&["convert", "a.png", "--fail-under", "1", "-q"]).ends(4).says(&["a.png", "below the gate"]);
    assert_whole(&s.read("a.svg"));
    s.run(&["convert", "a.png", "--fail-under", "0"]).ends(0);
    s.run(&["convert", "a.png", "--fail-under", "1.5"]).ends(2).says(&["0 to 1"]);
}

#[test]
fn without_a_score_there_are_no_figures_and_no_gate() {
    let s = with_image();
    let ran = s.run(&["convert", "a.png", "--no-score", "--report", "-"]).ends(0).says(&["not scored"]);
    assert!(ran.out_json()["metrics"].is_null());
    for more in [["--fail-under", "0.5"], ["--metrics", "full"]] {
        s.run(&[&["convert", "a.png", "--no-score"][..], &more[..]].concat()).ends(2).says(&["--no-score"]);
    }
    s.run(&["optimize", "a.png", "--no-score", "--fail-under", "0.5"]).ends(2).says(&["--no-score"]);
}

#[test]
fn wrong_options_are_refused_with_the_right_name() {
    let s = with_image();
    s.run(&["convert", "a.png", "--engine-option", "colour-precision=3"]).ends(2).says(&["`color-precision`"]);
    s.run(&["convert", "a.png", "--engine-option", "color-precision=9"]).ends(2).says(&["color-precision", "1 to 8"]);
    s.run(&["convert", "a.png", "--engine-option", "color-precision"]).ends(2).says(&["NAME=VALUE"]);
    s.run(&["convert", "a.png", "--qualty", "best"]).ends(2).says(&["--quality"]);
    s.run(&["convert", "a.png", "--tier", "4"]).ends(2);
    s.run(&["convert", "a.png", "--tier", "1", "--quality", "best"]).ends(2).says(&["--tier", "--quality"]);
    s.run(&["convert", "a.png", "b.png"]).ends(2);
    s.run(&["convert"]).ends(2);
    assert!(!s.path("a.svg").exists());
}

#[test]
fn tiers_are_numbered() {
    let s = with_image();
    for (number, name) in [("1", "fast"), ("2", "balanced"), ("3", "best")] {
        let ran = s.run(&["convert", "a.png", "--tier", number, "--report", "-"]).ends(0);
        assert_eq!(ran.out_json()["tier"], name);
    }
}

#[test]
fn the_best_tier_keeps_the_best_of_its_candidates() {
    let s = with_image();
    let report =
        s.run(&["convert", "a.png", "--quality", "best", "--engine", "contour", "--report", "-"]).ends(0).out_json();
    let of = |a: &serde_json::Value| a["quality"].as_f64().unwrap();
    let attempts = report["attempts"].as_array().unwrap();
    assert!((3..=6).contains(&attempts.len()), "{attempts:?}");
    assert!(attempts.iter().all(|a| a["parameters"]["effort"] == "best"), "{attempts:?}");
    assert_eq!(report["search"]["ended"], "all candidates were tried");
    let best = attempts.iter().map(of).fold(0.0, f64::max);
    let front = report["search"]["front"].as_array().unwrap();
    let chosen = front.iter().find(|f| f["chosen"] == true).unwrap();
    assert!(chosen["quality"].as_f64().unwrap() > best - 0.001, "{chosen} of {attempts:?}");
    // What the user has set is the same in all of them.
    let mine =
        ["convert", "a.png", "--quality", "best", "--engine", "contour", "--engine-option", "price=4", "--report", "-"];
    let report = s.run(&mine).ends(0).out_json();
    let attempts = report["attempts"].as_array().unwrap();
    assert!(attempts.iter().all(|a| a["parameters"]["price"] == 4.0), "{attempts:?}");
}

#[test]
fn a_depfile_names_the_image_and_only_for_what_was_written() {
    let s = Sandbox::new();
    s.write("my art.png", images::any());
    s.run(&["convert", "my art.png", "-o", "out.svg", "--deps", "out.d"]).ends(0);
    assert_eq!(s.text("out.d"), "out.svg: my\\ art.png\n\nmy\\ art.png:\n");
    s.run(&["convert", "missing.png", "--deps", "missing.d"]).ends(1);
    assert!(!s.path("missing.d").exists());
    s.run(&["convert", "my art.png", "-o", "-", "--deps", "x.d"]).ends(2).says(&["--deps"]);
}

#[test]
fn a_deadline_ends_in_a_result_or_a_code() {
    let s = Sandbox::new();
    s.write("big.png", images::busy(900));
    let start = Instant::now();
    let ran = s.run(&["convert", "big.png", "--timeout", "1ms", "--report", "r.json"]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let item = s.json("r.json");
    match ran.code {
        0 => assert!(item["warnings"].to_string().contains("safe parameters"), "{item}"),
        1 => assert_eq!(item["error"]["code"], "trace.deadline"),
        other => panic!("exit {other}: {}", ran.err),
    }
    s.run(&["convert", "big.png", "--timeout", "0"]).ends(2);
}

#[test]
fn an_unwritable_output_is_told_with_what_is_known() {
    let s = with_image();
    s.write("file", "");
    let ran = s.run(&["convert", "a.png", "-o", "file/a.svg", "--report", "-"]).ends(1);
    let item = ran.out_json();
    assert_eq!(item["error"]["code"], "output.unwritable");
    assert!(item["metrics"]["quality"].is_number(), "the record keeps what was measured");
    assert!(item["output"].is_null());
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let s = Sandbox::new();
    s.write("a.png", images::busy(200));
    for args in [&["convert", "a.png", "-o", "-"][..], &["generate", "schema"], &["batch", "--help"]] {
        let mut child = s.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {err}");
        assert!(!err.contains("panic"), "{err}");
    }
}

#[test]
fn names_that_look_like_options_can_be_given() {
    let s = Sandbox::new();
    s.write("-odd.png", images::any());
    s.run(&["convert", "--", "-odd.png"]).ends(0);
    s.run(&["convert", "./-odd.png"]).ends(0);
    assert_whole(&s.read("-odd.svg"));
}

#[test]
fn sizes_and_precision_shape_the_svg() {
    let s = Sandbox::new();
    s.write("a.png", images::any());
    let svg = |more: &[&str]| -> String {
        let ran: Ran = s.run(&[&["convert", "a.png", "-o", "-", "-q"][..], more].concat()).ends(0);
        ran.out_text().to_string()
    };
    assert!(!svg(&[]).split('>').next().unwrap().contains("width"));
    assert!(svg(&["--svg-size", "px"]).contains("width=\"48\""));
    assert!(svg(&["--svg-size", "full"]).contains("width=\"100%\""));
    let decimals = |text: &str| text.split(|c: char| !c.is_ascii_digit() && c != '.').any(|n| n.contains('.'));
    assert!(!decimals(svg(&["--precision", "0"]).split_once('>').unwrap().1));
}

#[test]
fn a_depfile_names_the_file_of_options_and_no_stream() {
    let s = with_image();
    s.write("svg-ai.toml", "precision = 2\n");
    s.run_with_input(&["convert", "-", "-o", "out.svg", "--deps", "out.d"], &images::any()).ends(0);
    let text = s.text("out.d");
    let rule = text.lines().next().unwrap();
    assert!(rule.starts_with("out.svg: ") && rule.ends_with("svg-ai.toml") && !rule.contains(" - "), "{text}");
}

#[test]
fn what_is_written_beside_the_svg_never_replaces_the_image_or_the_svg() {
    let s = with_image();
    fs::create_dir(s.path("sub")).unwrap();
    for option in ["--report", "--deps"] {
        for name in ["a.png", "sub/../a.png"] {
            s.run(&["convert", "a.png", "-o", "a.svg", option, name]).ends(2).says(&[name, "output.is_input"]);
        }
        s.run(&["convert", "a.png", "-o", "a.svg", option, "./a.svg"]).ends(2).says(&["a.svg", "output.collision"]);
    }
    s.run(&["convert", "a.png", "--report", "x", "--deps", "x"]).ends(2).says(&["output.collision"]);
    s.run(&["optimize", "a.png", "--report", "a.png", "--trials", "1"]).ends(2).says(&["output.is_input"]);
    assert_eq!(s.read("a.png"), images::any());
    assert!(!s.path("a.svg").exists(), "nothing was done before it was refused");
}

#[test]
fn a_report_without_a_place_is_told_before_the_work() {
    let s = with_image();
    fs::create_dir(s.path("sub")).unwrap();
    for report in ["sub", "a.png/r.json"] {
        s.run(&["convert", "a.png", "--report", report]).ends(1).says(&[report, "output.unwritable"]);
        assert!(!s.path("a.svg").exists());
    }
    s.run(&["convert", "a.png", "--report", "new/folder/r.json"]).ends(0);
    assert_eq!(s.json("new/folder/r.json")["status"], "ok");
}

#[test]
fn a_hundred_thousand_threads_are_not_started() {
    let s = with_image();
    for sub in
        [&["convert", "a.png"][..], &["optimize", "a.png"], &["batch", "a.png", "-o", "o"], &["score", "a.png", "a"]]
    {
        s.run(&[sub, &["-j", "100000"]].concat()).ends(2).says(&["1024"]);
    }
}

#[test]
fn what_is_no_raster_image_is_called_by_its_name() {
    let s = Sandbox::new();
    s.write("a.png", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    s.run(&["convert", "a.png"]).ends(1).says(&["an SVG already", "input.unknown_format"]);
    s.write("b.png", "%PDF-1.7");
    s.run(&["convert", "b.png"]).ends(1).says(&["a PDF document"]);
}

#[test]
fn artwork_goes_to_the_contour_engine_and_photographs_do_not() {
    let s = with_image();
    s.write("photo.png", images::drawing(Class::Photo, 1, 96));
    s.write("simple.png", images::drawing(Class::Simple, 1, 96));
    for (name, engine) in [("simple", "contour"), ("photo", "vtracer")] {
        s.run(&["convert", &format!("{name}.png"), "--class", name, "--report", "r.json", "-q"]).ends(0);
        let item: ItemReport = serde_json::from_slice(&s.read("r.json")).unwrap();
        assert_eq!(item.engine.unwrap().name, engine, "{name}");
    }
}

#[test]
fn a_drawing_of_what_was_softened_is_scored_with_the_same_done_to_it() {
    let s = with_image();
    let disc = images::smooth_disc(RED, WHITE);
    s.write("enlarged.png", images::enlarged(&disc, 3));
    s.write("blurred.png", images::blurred(&disc, 1.0));
    for (name, kind) in [("enlarged", "enlarged"), ("blurred", "blurred")] {
        let (png, svg) = (format!("{name}.png"), format!("{name}.svg"));
        let ran = s.run(&["convert", &png, "--report", "r.json", "--fail-under", "0.98", "-v"]).ends(0);
        ran.says(&[kind, "scored with the same done to the drawing"]);
        let report: Value = serde_json::from_slice(&s.read("r.json")).unwrap();
        assert_eq!(report["metrics"]["softened"][0]["kind"], kind, "{report}");
        let item: ItemReport = serde_json::from_value(report).unwrap();
        assert_eq!(item.attempts.len(), 1, "the first trace is good enough: {:?}", item.attempts);
        // The two files alone are compared as they are.
        let plain: Value = s.run(&["score", &png, &svg, "--format", "json", "-q"]).ends(0).out_json();
        let plain = &plain["metrics"];
        assert!(plain["softened"].is_null() && plain["quality"].as_f64() < item.quality(), "{plain}");
    }
    s.run(&["convert", "a.png", "--report", "r.json"]).ends(0);
    let report: Value = serde_json::from_slice(&s.read("r.json")).unwrap();
    assert!(report["metrics"]["softened"].is_null(), "{report}");
}

#[test]
fn a_drawing_that_was_softened_is_no_photograph() {
    let s = with_image();
    let drawing =
        fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/images/complex/complex-shelf-5.png")).unwrap();
    s.write("b.png", images::enlarged(&drawing, 2));
    s.run(&["convert", "b.png", "--report", "r.json"]).ends(0);
    let item: ItemReport = serde_json::from_slice(&s.read("r.json")).unwrap();
    assert_eq!(item.engine.as_ref().unwrap().name, "contour", "{item:?}");
}

#[test]
fn inks_stacking_shapes_groups_and_ids_are_options() {
    let s = Sandbox::new();
    s.write("a.png", images::smooth_disc(RED, WHITE));
    let run = |more: &[&str]| {
        s.run(&[&["convert", "a.png", "-o", "a.svg", "-q", "--engine", "contour"], more].concat()).ends(0);
        s.text("a.svg")
    };
    let plain = run(&[]);
    assert!(plain.contains("<circle") && plain.contains("fill=\"red\"") && !plain.contains(" id="), "{plain}");
    assert!(!run(&["--shapes", "paths"]).contains("<circle"));
    assert!(run(&["--ids"]).contains(" id=\"s1\""));
    assert!(!run(&["--background", "remove"]).contains("#fff"), "the white ground is left out");
    assert!(run(&["--palette", "#ffffff,#0000ff"]).contains("#00f"), "red becomes the nearest ink there is");
    s.write("inks.txt", "#ffffff the ground\n#0000ff\n");
    assert!(run(&["--palette-file", "inks.txt"]).contains("#00f"));
    assert!(!run(&["--min-area", "4000"]).contains("red"), "the disc is smaller than that");
    assert_eq!(run(&["--colors", "1"]).matches("fill=").count(), 1);
    let mosaic = run(&["--stacking", "cutout", "--shapes", "paths"]);
    let ground = mosaic.split("<path").find(|p| p.contains("#fff")).unwrap();
    assert_eq!(ground.matches('z').count(), 2, "the ground has a hole: {mosaic}");
    s.run(&["convert", "a.png", "--strokes", "sometimes"]).ends(2).says(&["auto", "never", "always"]);
    s.run(&["convert", "a.png", "--palette", "white"]).ends(2).says(&["white", "#1a2b3c"]);
    s.run(&["convert", "a.png", "--palette-file", "none.txt"]).ends(2).says(&["none.txt"]);
    s.run(&["convert", "a.png", "--colors", "0"]).ends(2);
}
