//! The command line: what was typed ([`args`]), what is meant ([`options`]), and one file for each
//! subcommand.

mod args;
mod batch;
mod bench;
mod config;
mod console;
mod convert;
mod exit;
mod generate;
mod optimize;
mod options;
mod progress;
mod score;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Cli, Command};
use console::Console;
use exit::Exit;

/// Parses, runs, and says how it went.
pub(crate) fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    run(&args).into()
}

fn run(args: &[OsString]) -> Exit {
    let plain = config::with_environment(Cli::command());
    let console = Console::new(false, 0);
    let config = match config::load(&plain, args) {
        Ok(config) => config,
        Err(e) => {
            console.error(format_args!("{e:#}"));
            return Exit::Usage;
        }
    };
    let mut command = config.apply(plain);
    let matches = match command.try_get_matches_from_mut(args) {
        Ok(matches) => matches,
        Err(e) => {
            // Help and version go to standard output and are no errors.
            let _ = e.print();
            return if e.use_stderr() { Exit::Usage } else { Exit::Ok };
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(e) => e.exit(),
    };
    let console = Console::new(cli.global.quiet, cli.global.verbose);
    if cli.global.print_config {
        return match console::data(config.print(&command, &matches).as_bytes()) {
            Ok(()) => Exit::Ok,
            Err(_) => Exit::Failed,
        };
    }
    let result = match cli.command {
        Command::Convert(args) => convert::run(&args, console),
        Command::Optimize(args) => optimize::run(&args, console),
        Command::Batch(args) => batch::run(&args, console),
        Command::Score(args) => score::run(&args, console),
        Command::Bench(args) => bench::run(&args, console),
        Command::Generate(args) => generate::run(&args),
    };
    result.unwrap_or_else(|e| {
        let (exit, hint) = match e.downcast_ref::<svg_ai::Error>() {
            Some(known) => (exit_of(known.code()), Some((known.code().id(), known.suggestion()))),
            None => (Exit::Usage, None),
        };
        match hint {
            Some((code, suggestion)) => {
                console.error(format_args!("{e:#} [{code}]"));
                console.say(format_args!("  {suggestion}"));
            }
            None => console.error(format_args!("{e:#}")),
        }
        exit
    })
}

/// The exit code of a failure outside an item.
fn exit_of(code: svg_ai::Code) -> Exit {
    use svg_ai::Code;
    match code {
        Code::OptionInvalid | Code::OutputCollision | Code::OutputIsInput | Code::ReportInvalid => Exit::Usage,
        Code::RunInterrupted => Exit::Interrupted,
        _ => Exit::Failed,
    }
}
