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
mod learn;
mod logging;
mod monitoring;
mod optimize;
mod options;
mod places;
mod progress;
mod sandbox;
mod score;
mod stages;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, FromArgMatches};

use args::{Cli, Command, TraceArgs};
use config::Config;
use console::Console;
use exit::Exit;

/// Parses, runs, and says how it went.
pub(crate) fn main() -> ExitCode {
    // Panics are caught and reported with the item they belong to; the default hook would print
    // them a second time, into the middle of everything else. A backtrace is still shown on request.
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
    let args: Vec<OsString> = std::env::args_os().collect();
    let exit = std::panic::catch_unwind(|| run(&args)).unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
        let code = svg_ai::Code::InternalPanic;
        let console = Console::new(false, 0);
        console.error(format_args!("internal error: {} [{code}]", what.unwrap_or("no reason given")));
        console.say(format_args!("  {}; RUST_BACKTRACE=1 shows where", code.cure()));
        Exit::Failed
    });
    exit.into()
}

fn run(args: &[OsString]) -> Exit {
    let plain = config::with_environment(args::command());
    let console = Console::new(false, 0);
    let config = match config::load(&plain, args) {
        Ok(config) => config,
        Err(e) => {
            console.error(format_args!("{e:#}"));
            return Exit::Usage;
        }
    };
    let mut command = config.apply(plain);
    if config::typed(args, "--print-config") {
        // Nothing runs, so nothing is required.
        command = command.mut_subcommands(|sub| sub.mut_args(|arg| arg.required(false)));
    }
    let matches = match command.try_get_matches_from_mut(args) {
        Ok(matches) => matches,
        Err(e) => {
            // Help and version go to standard output and are no errors.
            let _ = e.print();
            if let Some(variable) = config::culprit(&e, args) {
                console.say(format_args!("The value is that of the environment variable {variable}."));
            }
            return if e.use_stderr() { Exit::Usage } else { Exit::Ok };
        }
    };
    if matches.get_flag("print_config") {
        return match console::data(config.print(&command, &matches).as_bytes()) {
            Ok(()) => Exit::Ok,
            Err(_) => Exit::Failed,
        };
    }
    let mut cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(e) => e.exit(),
    };
    logging::start(&cli.global);
    let console = Console::new(cli.global.quiet, cli.global.verbose).logging_as(cli.global.log_format);
    if let Some(trace) = cli.command.trace()
        && let Err(e) = settle(trace, &config, &matches)
    {
        console.error(e);
        return Exit::Usage;
    }
    if let Err(e) = places::settle(&mut cli.command) {
        return told(&e, console);
    }
    let result = match cli.command {
        Command::Convert(args) => convert::run(&args, config.path(), console),
        Command::Optimize(args) => optimize::run(&args, console),
        Command::Batch(args) => {
            let in_force = config.in_force(&command, &matches);
            monitoring::watched(&args, |monitor| batch::run(&args, in_force, console, monitor))
        }
        Command::Score(args) => score::run(&args, console),
        Command::Bench(args) => bench::run(&args, console),
        Command::Generate(args) => generate::run(&args),
    };
    result.unwrap_or_else(|e| told(&e, console))
}

/// Says why there is nothing but an error.
fn told(e: &anyhow::Error, console: Console) -> Exit {
    let hint = e.downcast_ref::<svg_ai::Error>().map(|known| (known.code().id(), known.suggestion()));
    match hint {
        Some((code, suggestion)) => {
            console.error(format_args!("{e:#} [{code}]"));
            console.say(format_args!("  {suggestion}"));
        }
        None => console.error(format_args!("{e:#}")),
    }
    exit_of_error(e)
}

/// The exit code of a run that ended with an error.
fn exit_of_error(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<svg_ai::Error>().map_or(Exit::Usage, |known| exit_of(known.code()))
}

/// Decides between options that exclude each other: the one from nearer the command line wins, and
/// two from one place are an error. The parser's own conflicts know nothing of places.
fn settle(trace: &mut TraceArgs, config: &Config, matches: &ArgMatches) -> Result<(), String> {
    let rank = |long: &str| config.rank(matches, long);
    if trace.tier.is_some() {
        match rank("quality").cmp(&rank("tier")) {
            std::cmp::Ordering::Greater => trace.tier = None,
            std::cmp::Ordering::Equal => return Err("--tier and --quality are the same option: give one".into()),
            std::cmp::Ordering::Less => {}
        }
    }
    for wants_score in ["metrics", "fail-under"] {
        if !trace.no_score || rank(wants_score) == 0 {
            continue;
        }
        if rank(wants_score) <= rank("no-score") {
            return Err(format!("--{wants_score} needs the score that --no-score leaves out"));
        }
        trace.no_score = false;
    }
    Ok(())
}

/// The exit code of a failure outside an item.
fn exit_of(code: svg_ai::Code) -> Exit {
    use svg_ai::Code;
    match code {
        Code::OptionInvalid
        | Code::OutputCollision
        | Code::OutputIsInput
        | Code::CloudNotBuilt
        | Code::ReportInvalid
        | Code::MergeIncomplete => Exit::Usage,
        Code::RunInterrupted => Exit::Interrupted,
        _ => Exit::Failed,
    }
}
