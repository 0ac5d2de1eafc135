//! Exit codes, all in one place.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All well.
    Ok = 0,
    /// At least one item failed; the others were finished.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Nothing to do.
    Nothing = 3,
    /// Finished, but below a gate (`--fail-under`, `--fail-if`, a `bench` gate) or over `--max-bytes`.
    Gate = 4,
    /// Interrupted; what was finished is whole.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
