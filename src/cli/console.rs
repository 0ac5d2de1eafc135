//! What people see: everything that is not data goes to standard error, in one manner.
//!
//! `anstream` decides once about colour (`NO_COLOR`, `CLICOLOR_FORCE`, whether it is a terminal).

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use svg_ai::report::RunReport;
use svg_ai::report::records::Records;
use svg_ai::report::summary::summary_text;

use super::args::LogFormat;
use super::logging;

/// How much is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    quiet: bool,
    verbose: u8,
    format: LogFormat,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

impl Console {
    pub(crate) fn new(quiet: bool, verbose: u8) -> Self {
        Self { quiet, verbose, format: LogFormat::Text }
    }

    /// The same in another format: as json, what would be a line for people is an event of the log.
    pub(crate) fn logging_as(self, format: LogFormat) -> Self {
        Self { format, ..self }
    }

    /// Whether everything that is told is an event of a log in json.
    pub(crate) fn is_json(self) -> bool {
        self.format == LogFormat::Json
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
        match self.format {
            _ if self.quiet => {}
            LogFormat::Text => line(format_args!("{text}")),
            LogFormat::Json => tracing::info!("{text}"),
        }
    }

    /// A line that is shown with `-v` only.
    pub(crate) fn detail(self, text: impl std::fmt::Display) {
        match self.format {
            LogFormat::Text if self.is_verbose(1) => line(format_args!("{DIM}{text}{DIM:#}")),
            LogFormat::Text => {}
            LogFormat::Json => tracing::debug!("{text}"),
        }
    }

    /// Something to know, left out with `-q`.
    pub(crate) fn warn(self, text: impl std::fmt::Display) {
        match self.format {
            _ if self.quiet => {}
            LogFormat::Text => line(format_args!("{WARNING}warning:{WARNING:#} {text}")),
            LogFormat::Json => tracing::warn!("{text}"),
        }
    }

    /// Something that went wrong; always shown.
    pub(crate) fn error(self, text: impl std::fmt::Display) {
        match self.format {
            LogFormat::Text => line(format_args!("{ERROR}error:{ERROR:#} {text}")),
            LogFormat::Json => tracing::error!("{text}"),
        }
    }

    /// A failure with its code and what to do about it; always shown.
    pub(crate) fn failure(self, subject: &str, failure: &svg_ai::report::Failure) {
        if self.is_json() {
            let svg_ai::report::Failure { code, message, suggestion } = failure;
            tracing::error!(item = subject, code, suggestion, "{message}");
            return;
        }
        let subject = if subject.is_empty() { String::new() } else { format!("{subject}: ") };
        self.error(format_args!("{subject}{} [{}]", failure.message, failure.code));
        if !self.quiet {
            line(format_args!("{DIM}  {}{DIM:#}", failure.suggestion));
        }
    }

    /// The run in figures.
    pub(crate) fn summary(self, report: &RunReport<Records>) {
        match self.format {
            LogFormat::Text => self.say(summary_text(report).trim_end()),
            LogFormat::Json => logging::run(report),
        }
    }

    /// Whether a progress bar would be seen.
    pub(crate) fn shows_bars(self) -> bool {
        !self.quiet && self.verbose == 0 && !self.is_json() && io::stderr().is_terminal()
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
