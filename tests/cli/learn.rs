//! `svg-ai optimize --learn` and `--presets`.

use svg_ai::classify::Class;
use svg_ai::presets::Presets;

use crate::images;
use crate::sandbox::Sandbox;

/// A folder with pictures of one class.
fn folder(s: &Sandbox, pictures: u64) {
    for seed in 0..pictures {
        s.write(format!("art/{seed}.png"), images::drawing(Class::Simple, seed, 72));
    }
}

#[test]
fn presets_are_learned_once_and_taken_by_convert_and_batch() {
    let s = Sandbox::new();
    folder(&s, 6);
    s.write("art/notes.txt", "not an image");
    let learn = ["optimize", "--learn", "art", "-o", "presets.toml", "--time-budget", "20s", "--class", "simple"];
    let ran = s.run(&learn).ends(0).says(&["simple: ", "on 6 images", "quality"]);
    assert!(ran.out.is_empty());
    let presets = Presets::parse(&s.text("presets.toml")).unwrap();
    let simple = presets.get(Class::Simple).unwrap();
    let measured = simple.measured.as_ref().unwrap();
    assert!(!simple.options.is_empty() || simple.precision.is_some(), "{}", s.text("presets.toml"));
    let worth = |quality: f64, ratio: f64| quality - 0.01 * f64::ln(ratio);
    assert!(worth(measured.quality, measured.bytes_ratio) > worth(measured.quality_before, 1.0), "{measured:?}");

    // What was measured is what comes of it.
    let base = ["batch", "art", "-o", "svg", "--class", "simple", "--report", "-", "-q"];
    let plain = s.run(&base).ends(0).out_json();
    let own = s.run(&[&base[..], &["--presets", "presets.toml"]].concat()).ends(0).out_json();
    let mean = |v: &serde_json::Value| v["summary"]["all"]["quality"]["mean"].as_f64().unwrap();
    assert!((mean(&plain) - measured.quality_before).abs() < 1e-5, "{} {measured:?}", mean(&plain));
    assert!((mean(&own) - measured.quality).abs() < 1e-5, "{} {measured:?}", mean(&own));
    assert_eq!(own["options"]["presets"], "presets.toml");
    assert!(own["items"][0]["engine"]["why"].as_str().unwrap().contains("--presets"));
    s.run(&["convert", "art/0.png", "-o", "0.svg", "--class", "simple", "--presets", "presets.toml", "-q"]).ends(0);
    assert_eq!(s.read("0.svg"), s.read("svg/0.svg"));

    // The same again, whatever the threads.
    let again = ["-o", "again.toml", "--time-budget", "20s", "--class", "simple", "-j", "1", "-q"];
    s.run(&[&["optimize", "--learn", "art"][..], &again].concat()).ends(0);
    assert_eq!(s.text("again.toml"), s.text("presets.toml"));
}

#[test]
fn what_is_asked_for_on_the_command_line_is_above_the_presets() {
    let s = Sandbox::new();
    s.write("a.png", images::drawing(Class::Simple, 3, 64));
    s.write("p.toml", "[simple]\nengine = \"contour\"\nprecision = 0\n[simple.options]\nprice = 20\nrefine = 2\n");
    let base = ["convert", "a.png", "-o", "a.svg", "--class", "simple", "--presets", "p.toml", "--report", "-", "-q"];
    let with = |more: &[&str]| s.run(&[&base[..], more].concat()).ends(0).out_json()["engine"]["parameters"].clone();
    let own = with(&[]);
    assert_eq!((&own["price"], &own["refine"], &own["precision"]), (&20.0.into(), &2.into(), &0.into()));
    let decimals = || s.text("a.svg").split_once("viewBox").unwrap().1.contains('.');
    assert!(!decimals(), "{}", s.text("a.svg"));
    let asked = with(&["--engine-option", "price=4", "--precision", "2"]);
    assert_eq!((&asked["price"], &asked["refine"]), (&4.0.into(), &2.into()));
    assert!(decimals());
    // Another engine has no part in it, nor has another class.
    assert!(with(&["--engine", "vtracer"]).get("price").is_none());
    let mut other = base;
    other[5] = "text";
    assert_eq!(s.run(&other).ends(0).out_json()["engine"]["parameters"]["price"], 2.5);
    // A search starts from them.
    let found = s.run(&[
        "optimize",
        "a.png",
        "-o",
        "o.svg",
        "--class",
        "simple",
        "--presets",
        "p.toml",
        "--trials",
        "9",
        "--report",
        "-",
        "-q",
    ]);
    let found = found.ends(0).out_json();
    assert!(found["attempts"][0]["why"].as_str().unwrap().contains("--presets"), "{}", found["attempts"][0]);
    // make is to know.
    s.run(&["convert", "a.png", "-o", "a.svg", "--presets", "p.toml", "--deps", "a.d", "-q"]).ends(0);
    assert!(s.text("a.d").starts_with("a.svg: a.png p.toml\n"), "{}", s.text("a.d"));
}

#[test]
fn what_cannot_be_learned_from_or_read_is_said() {
    let s = Sandbox::new();
    folder(&s, 2);
    s.run(&["optimize", "--learn", "art"]).ends(2).says(&["-o"]);
    s.run(&["optimize", "--learn", "art", "-o", "p.toml"]).ends(3).says(&["2 pictures are too few"]);
    assert!(!s.path("p.toml").exists());
    s.run(&["optimize", "--learn", "gone", "-o", "p.toml"]).ends(1).says(&["input.not_found"]);
    s.run(&["optimize", "--learn", "art", "-o", "art/0.png"]).ends(2).says(&["output.is_input"]);
    s.run(&["optimize", "--learn", "art", "-o", "p.toml", "--front", "all"]).ends(2);
    s.run(&["optimize", "--learn", "art", "a.png", "-o", "p.toml"]).ends(2);
    s.run(&["optimize", "-o", "p.toml"]).ends(2).says(&["give IN"]);
    std::fs::create_dir(s.path("empty")).unwrap();
    s.run(&["optimize", "--learn", "empty", "-o", "p.toml"]).ends(3).says(&["no images"]);
    s.write("p.toml", "[simple]\nengine = \"contour\"\n[simple.options]\nprize = 4\n");
    let wrong = s.run(&["convert", "art/0.png", "-o", "0.svg", "--presets", "p.toml"]).ends(2);
    wrong.says(&["p.toml", "did you mean `price`", "option.invalid"]);
    s.run(&["batch", "art", "-o", "svg", "--presets", "gone.toml"]).ends(2).says(&["gone.toml"]);
}
