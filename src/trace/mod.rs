//! The tracing engines, all behind one trait.
//!
//! An [`Engine`] turns a [`Raster`] into a [`Document`] under a [`Budget`]. Its parameters are
//! data ([`Engine::options`]), so that the command line, the documentation and the search all
//! read one table, and a value out of range is refused in one place.

mod budget;
pub mod cells;
pub mod contour;
mod ink;
mod layers;
mod options;
mod session;
mod supersample;
pub mod vtracer;

pub use budget::Budget;
pub use options::{Kind, OptionSpec, Parameters, Value};
pub use session::Session;

use crate::classify::Class;
use crate::document::Document;
use crate::{Code, Error, Raster, Result};

/// What an engine can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Keeps transparency as transparency.
    pub alpha: bool,
    /// Recovers gradients as gradients.
    pub gradients: bool,
    /// Stops soon after its budget ends.
    pub cancel: bool,
    /// Traces what was enlarged smoothly or blurred as it was before.
    pub unsoftens: bool,
}

/// One way to turn pixels into shapes.
pub trait Engine: Send + Sync {
    /// Name on the command line and in reports.
    fn name(&self) -> &'static str;

    /// Version of the engine, for reports.
    fn version(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Its options, with types, ranges and defaults.
    fn options(&self) -> &'static [OptionSpec];

    /// The parameters to start from for a picture of `class`.
    fn preset(&self, class: Class) -> Parameters;

    /// The parameters to start from when time matters most.
    fn fast_preset(&self, class: Class) -> Parameters;

    /// The parameters to try when the preset scored badly: more detail, more bytes.
    fn finer_preset(&self, class: Class) -> Parameters;

    /// What the best tier chooses among for a picture of `class`, each with what is different about it; none
    /// where a search has to find it.
    fn candidates(&self, _class: Class) -> Vec<(Parameters, &'static str)> {
        Vec::new()
    }

    /// Parameters that nearly always finish, for when the preset did not.
    fn safe_preset(&self) -> Parameters;

    /// Traces `raster`.
    ///
    /// # Errors
    /// [`Code::TraceDeadline`] when the budget ends first, [`Code::OptionInvalid`] for parameters
    /// that the engine does not have, [`Code::TraceFailed`] for anything else.
    fn trace(&self, raster: &Raster, parameters: &Parameters, budget: &Budget) -> Result<Document>;

    /// `raster` made ready to be traced many times: what does not depend on the parameters that change is kept.
    fn session<'a>(&self, raster: &'a Raster) -> Box<dyn Session + 'a>;
}

/// Every engine, the most general last.
pub fn engines() -> &'static [&'static dyn Engine] {
    &[&contour::Contour, &cells::CellEngine, &vtracer::Vtracer]
}

/// The engine called `name`.
///
/// # Errors
/// [`Code::OptionInvalid`] when there is none.
pub fn engine(name: &str) -> Result<&'static dyn Engine> {
    engines().iter().copied().find(|e| e.name() == name).ok_or_else(|| {
        let names: Vec<_> = engines().iter().map(|e| e.name()).collect();
        Error::new(Code::OptionInvalid, format!("there is no engine `{name}`; there are: {}", names.join(", ")))
    })
}

/// The engine for a picture of `class`, and why.
pub fn route(class: Class) -> (&'static dyn Engine, String) {
    let engine: &'static dyn Engine = match class {
        Class::Photo => &vtracer::Vtracer,
        Class::PixelArt => &cells::CellEngine,
        Class::Simple | Class::Text | Class::Gradient | Class::Complex | Class::LineArt => &contour::Contour,
    };
    (engine, format!("the {} engine with its preset for {class} pictures", engine.name()))
}

/// The engine to try when the routed one fails or scores badly.
pub fn fallback() -> &'static dyn Engine {
    &vtracer::Vtracer
}
