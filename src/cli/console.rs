//! What people see: everything that is not data goes to standard error, in one manner.
//!
//! `anstream` decides once about colour (`NO_COLOR`, `CLICOLOR_FORCE`, whether it is a terminal).

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

/// How much is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    quiet: bool,
    verbose: u8,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

impl Console {
    pub(crate) fn new(quiet: bool, verbose: u8) -> Self {
        Self { quiet, verbose }
    }

    /// Whether only errors are shown.
    pub(crate) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether `-v` (1) or `-vv` (2) was given.
    pub(crate) fn is_verbose(self, level: u8) -> bool {
        self.verbose >= level && !self.quiet
    }

    /// A line for people, left out with `-q`.
    pub(crate) fn say(self, text: impl std::fmt::Display) {
        if !self.quiet {
            line(format_args!("{text}"));
        }
    }

    /// A line that is shown with `-v` only.
    pub(crate) fn detail(self, text: impl std::fmt::Display) {
        if self.is_verbose(1) {
            line(format_args!("{DIM}{text}{DIM:#}"));
        }
    }

    /// Something to know, left out with `-q`.
    pub(crate) fn warn(self, text: impl std::fmt::Display) {
        if !self.quiet {
            line(format_args!("{WARNING}warning:{WARNING:#} {text}"));
        }
    }

    /// Something that went wrong; always shown.
    pub(crate) fn error(self, text: impl std::fmt::Display) {
        line(format_args!("{ERROR}error:{ERROR:#} {text}"));
    }

    /// A failure with its code and what to do about it; always shown.
    pub(crate) fn failure(self, subject: &str, failure: &svg_ai::report::Failure) {
        let subject = if subject.is_empty() { String::new() } else { format!("{subject}: ") };
        self.error(format_args!("{subject}{} [{}]", failure.message, failure.code));
        if !self.quiet {
            line(format_args!("{DIM}  {}{DIM:#}", failure.suggestion));
        }
    }

    /// Whether a progress bar would be seen.
    pub(crate) fn shows_bars(self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

fn line(text: std::fmt::Arguments<'_>) {
    // A closed standard error must not stop the work.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Text that was asked for (`--explain`) and is not the data: standard error, also with `-q`.
pub(crate) fn note(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Writes data to standard output. A reader that has gone away is no error.
pub(crate) fn data(bytes: &[u8]) -> io::Result<()> {
    data_with(|out| out.write_all(bytes))
}

/// The same for what is not in memory as a whole.
pub(crate) fn data_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
