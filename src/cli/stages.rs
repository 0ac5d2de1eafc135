//! `--debug-stages`: pictures of the contour engine's stages, as files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use svg_ai::output::write_atomically;
use svg_ai::pipeline::{Options, Outcome};
use svg_ai::trace::contour::{Contour, debug};
use svg_ai::trace::{Budget, Engine, Parameters};
use svg_ai::{Code, Error, Raster};

/// The files that `folder` may get.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    debug::NAMES.iter().map(|name| folder.join(name)).collect()
}

/// Draws the stages of the trace that `outcome` kept and writes the pictures; nothing when there is none.
/// A picture that an earlier run left and this one does not have is removed.
pub(crate) fn write(
    folder: &Path,
    raster: &Raster,
    outcome: &Outcome,
    options: &Options,
    stop: &Arc<AtomicBool>,
) -> Result<()> {
    let (Some(svg), Some(used)) = (&outcome.svg, &outcome.report.engine) else { return Ok(()) };
    if used.name != Contour.name() {
        let message = format!("{}: traced with the {} engine: {}", outcome.report.input, used.name, used.why);
        return Err(Error::new(Code::TraceNoStages, message).into());
    }
    let parameters = Parameters::from_json(Contour.options(), &used.parameters)?;
    let budget = Budget::lasting(options.time_limit()).stopped_by(Arc::clone(stop));
    let pictures = debug::pictures(raster, &parameters, svg.as_bytes(), &budget)?;
    for (name, path) in debug::NAMES.iter().zip(files(folder)) {
        match pictures.iter().find(|p| p.name == *name) {
            Some(picture) => write_atomically(&path, &picture.png)?,
            None if path.is_file() => {
                let unwritable = |e: std::io::Error| Error::new(Code::OutputUnwritable, e.to_string()).at(&path);
                std::fs::remove_file(&path).map_err(unwritable)?;
            }
            None => {}
        }
    }
    Ok(())
}
