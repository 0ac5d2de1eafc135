//! Any text as svg-ai.toml, as a file of presets, and as each kind of value that an option takes (palettes,
//! gates, shards, sizes): read or refused, and what was read is written so that it reads the same.
#![no_main]
#![allow(dead_code, missing_docs, unreachable_pub, clippy::print_stdout)]

use std::ffi::OsString;

use libfuzzer_sys::fuzz_target;
use svg_ai::batch::{Filter, Shard};
use svg_ai::presets::Presets;
use svg_ai::report::gate::Gate;
use svg_ai::trace::{Parameters, engines};

// Of the binary, which is no library.
#[path = "../../src/cli/args.rs"]
mod args;
#[path = "../../src/cli/config.rs"]
mod config;

fuzz_target!(|text: &str| {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("svg-ai.toml");
    std::fs::write(&path, text).expect("written");
    let command = args::command();
    let words: Vec<OsString> = vec!["svg-ai".into(), "--config".into(), path.into()];
    if let Ok(config) = config::load(&command, &words) {
        let command = config.apply(command);
        if let Ok(matches) = command.clone().try_get_matches_from(["svg-ai", "batch", "in", "-o", "out"]) {
            config.print(&command, &matches);
            config.in_force(&command, &matches);
        }
    }
    if let Ok(presets) = Presets::parse(text) {
        let written = presets.to_toml();
        assert_eq!(Presets::parse(&written).ok(), Some(presets), "{written}");
    }
    for engine in engines() {
        for spec in engine.options() {
            let mut parameters = Parameters::defaults(engine.options());
            if parameters.set(spec.name, text).is_ok() {
                let again = Parameters::from_json(engine.options(), &parameters.to_json());
                assert_eq!(again.ok(), Some(parameters), "{} = {text:?}", spec.name);
            }
        }
    }
    let _ = text.parse::<Shard>();
    if let Ok(gate) = text.parse::<Gate>() {
        assert_eq!(gate.to_string().parse::<Gate>().ok(), Some(gate));
    }
    let _ = Filter::new(&[text.into()], &[text.into()], true, None);
});
