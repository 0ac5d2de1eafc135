//! `svg-ai optimize --learn`: presets from a folder of images.

use std::path::Path;

use anyhow::{Result, bail};
use svg_ai::batch::{self, Filter};
use svg_ai::optimize::{LearnOptions, learn};
use svg_ai::output::IfExists;
use svg_ai::presets::Preset;
use svg_ai::{Code, Error};

use super::args::OptimizeArgs;
use super::console::Console;
use super::convert::or_interrupted;
use super::exit::Exit;
use super::options::{self, write_to};

/// Images of a class that are measured at most: enough that their mean says something about the next one.
const MOST_OF_A_CLASS: usize = 48;

pub(crate) fn run(args: &OptimizeArgs, folder: &Path, console: Console) -> Result<Exit> {
    let Some(output) = &args.output else { bail!("--learn needs a file to write: name one with -o") };
    let pipeline = options::pipeline(&args.trace, &args.limits)?;
    let found = batch::discover(&[folder.to_path_buf()], &Filter::new(&[], &[], true, None)?);
    if let Some(error) = found.errors.into_iter().next() {
        return Err(error.into());
    }
    let files: Vec<_> = found.files.into_iter().map(|f| f.path).collect();
    if files.is_empty() {
        console.say(format_args!("nothing to do: no images in {}", folder.display()));
        return Ok(Exit::Nothing);
    }
    let inputs = files.iter().map(|f| f.as_path());
    options::check_side_outputs(&[Some(output)], inputs.chain(args.trace.presets.as_deref()), std::iter::empty())?;
    match options::if_exists(args.if_exists) {
        IfExists::Skip if output.exists() => {
            console.say(format_args!("skipped, {} exists", output.display()));
            return Ok(Exit::Nothing);
        }
        IfExists::Error if output.exists() => {
            return Err(Error::new(Code::OutputExists, "it exists already").at(output).into());
        }
        _ => {}
    }
    options::set_threads(args.jobs);
    let stop = options::stop_flag();
    let learn_options = LearnOptions {
        pipeline,
        time: args.time_budget.saturating_mul(u32::try_from(files.len()).unwrap_or(u32::MAX)),
        most: MOST_OF_A_CLASS,
        seed: args.seed,
    };
    let learned = learn(&files, &learn_options, &stop, &|text| console.detail(text))?;
    if !learned.presets.is_empty() {
        write_to(output, learned.presets.to_toml().as_bytes())?;
    }
    for (file, error) in &learned.failed {
        console.failure(&file.display().to_string(), &error.into());
    }
    for note in &learned.notes {
        console.warn(note);
    }
    for class in svg_ai::classify::Class::ALL {
        if let Some(preset) = learned.presets.get(class) {
            console.say(format_args!("{class}: {}", in_words(preset)));
        }
    }
    let exit = match (learned.failed.is_empty(), learned.presets.is_empty()) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Nothing,
        (true, false) => Exit::Ok,
    };
    Ok(or_interrupted(exit, &stop))
}

/// A preset in one line.
fn in_words(preset: &Preset) -> String {
    let mut words = vec![preset.engine.clone()];
    words.extend(preset.options.iter().map(|(name, value)| format!("{name} {value}")));
    words.extend(preset.precision.map(|p| format!("precision {p}")));
    let measured = preset.measured.as_ref().map_or_else(String::new, |m| {
        format!(
            "; on {} images quality {:.4} after {:.4}, bytes × {:.3}",
            m.images, m.quality, m.quality_before, m.bytes_ratio
        )
    });
    words.join(", ") + &measured
}
