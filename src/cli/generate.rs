//! `svg-ai generate`: what is made from the parser and the types. The committed copies in `man/`,
//! `completions/` and `docs/` come from here, and a test compares them.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use clap_complete::Shell;

use super::args::{self, GenerateArgs, Generated};
use super::console;
use super::exit::Exit;

pub(crate) fn run(what: &GenerateArgs) -> Result<Exit> {
    match what.what {
        Generated::Man => man_pages(&what.dir)?,
        Generated::Completions => completions(&what.dir)?,
        Generated::Schema => {
            let mut text = serde_json::to_vec_pretty(&svg_ai::report::json::schema())?;
            text.push(b'\n');
            console::data(&text)?;
        }
        Generated::Errors => console::data(errors().as_bytes())?,
        Generated::Reference => console::data(reference().as_bytes())?,
    }
    Ok(Exit::Ok)
}

fn man_pages(dir: &Path) -> Result<()> {
    let mut command = args::command();
    command.build();
    let page = |command: clap::Command, name: &str| -> Result<()> {
        let mut bytes = Vec::new();
        clap_mangen::Man::new(command).title(name.to_uppercase()).render(&mut bytes)?;
        Ok(svg_ai::output::write_atomically(&dir.join(format!("{name}.1")), &bytes)?)
    };
    page(args::command(), "svg-ai")?;
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
        let name = format!("svg-ai-{}", sub.get_name());
        // The manual of a subcommand is called as it is typed, with a hyphen.
        let sub =
            sub.clone().display_name(name.clone()).name(name.clone()).bin_name(format!("svg-ai {}", sub.get_name()));
        page(sub, &name)?;
    }
    Ok(())
}

fn completions(dir: &Path) -> Result<()> {
    for shell in Shell::value_variants() {
        let mut bytes = Vec::new();
        clap_complete::generate(*shell, &mut args::command(), "svg-ai", &mut bytes);
        svg_ai::output::write_atomically(&dir.join(clap_complete::Generator::file_name(shell, "svg-ai")), &bytes)?;
    }
    Ok(())
}

/// Every code with its cause and its cure.
fn errors() -> String {
    let mut text = String::from(
        "# Error codes\n\nMade by `svg-ai generate errors`. Codes keep their meaning; scripts may match on them.\n\n\
         | code | cause | cure |\n|---|---|---|\n",
    );
    for code in svg_ai::Code::ALL {
        let _ = writeln!(text, "| `{}` | {} | {} |", code.id(), code.cause(), code.cure());
    }
    text
}

/// Every option of every subcommand, and of every engine.
fn reference() -> String {
    let mut text = String::from(
        "# Options\n\nMade by `svg-ai generate reference`. Every option can also be set as an environment variable \
         (`--max-pixels` is `SVG_AI_MAX_PIXELS`) or in `svg-ai.toml`.\n",
    );
    let mut command = args::command();
    command.build();
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = write!(
            text,
            "\n## svg-ai {}\n\n{about}.\n\n| option | default | what it does |\n|---|---|---|\n",
            sub.get_name()
        );
        for arg in sub.get_arguments().filter(|a| !a.is_hide_set()) {
            let short = arg.get_short().map(|s| format!("-{s}, ")).unwrap_or_default();
            let takes = matches!(arg.get_action(), clap::ArgAction::Set | clap::ArgAction::Append);
            let value = if takes {
                arg.get_value_names().map(|v| v.iter().map(|n| format!(" {n}")).collect::<String>()).unwrap_or_default()
            } else {
                String::new()
            };
            let name = match arg.get_long() {
                Some(long) => format!("{short}--{long}{value}"),
                None => format!("{short}{}", value.trim()),
            };
            let default = if takes {
                arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
            } else {
                String::new()
            };
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
            let _ = writeln!(text, "| `{name}` | {default} | {help} |");
        }
    }
    for engine in svg_ai::trace::engines() {
        let _ = write!(
            text,
            "\n## Engine options: {}\n\n`--engine-option NAME=VALUE`; a value out of its range is an error.\n\n\
             | name | range | default | what it does |\n|---|---|---|---|\n",
            engine.name()
        );
        for spec in engine.options() {
            let _ = writeln!(text, "| `{}` | {} | {} | {} |", spec.name, spec.range(), spec.default, spec.help);
        }
    }
    text
}
