//! Options from files and the environment.
//!
//! Flags win over `SVG_AI_*` variables, those over the configuration file, that over the defaults.
//! The file's values become defaults of the parser, so that they are checked by the same rules and
//! in the same words as flags; the parser then knows where each value came from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command};

/// Name of the file that is looked for in the working folder and those above it.
const FILE_NAME: &str = "svg-ai.toml";

/// Options that make no sense in a file.
const NOT_IN_FILE: [&str; 4] = ["help", "version", "config", "print-config"];

/// Values from a configuration file: subcommand (empty: all) and option to the values as typed.
#[derive(Debug, Default)]
pub(crate) struct Config {
    path: Option<PathBuf>,
    values: BTreeMap<(String, String), Vec<String>>,
}

/// Gives every option its environment variable.
pub(crate) fn with_environment(command: Command) -> Command {
    let add = |arg: clap::Arg| match arg.get_long().map(variable_of) {
        Some(variable) if arg.get_long().is_some_and(|l| !matches!(l, "help" | "version")) => {
            let arg = arg.env(variable).hide_env(true);
            // A flag in the environment is as often `1` as `true`.
            let flag = matches!(arg.get_action(), ArgAction::SetTrue);
            if flag { arg.value_parser(clap::builder::BoolishValueParser::new()) } else { arg }
        }
        _ => arg,
    };
    command.mut_args(add).mut_subcommands(|sub| sub.mut_args(add))
}

/// The environment variable of an option.
fn variable_of(long: &str) -> String {
    format!("SVG_AI_{}", long.to_ascii_uppercase().replace('-', "_"))
}

/// The environment variable that a parse error is about, when its option was not typed.
pub(crate) fn culprit(error: &clap::Error, args: &[OsString]) -> Option<String> {
    use clap::error::{ContextKind, ContextValue};
    let Some(ContextValue::String(arg)) = error.get(ContextKind::InvalidArg) else { return None };
    let long = arg.split_whitespace().find_map(|word| word.strip_prefix("--"))?;
    let long = long.split('=').next()?;
    let variable = variable_of(long);
    let flag = format!("--{long}");
    let typed = args.iter().any(|a| a.to_string_lossy().split('=').next() == Some(&flag));
    (!typed && std::env::var_os(&variable).is_some()).then_some(variable)
}

/// Finds and reads the configuration file for the arguments in `args`.
pub(crate) fn load(command: &Command, args: &[OsString]) -> Result<Config> {
    let named = named_file(args).or_else(|| std::env::var_os("SVG_AI_CONFIG").map(PathBuf::from));
    let path = match named {
        Some(path) => Some(path),
        None => std::env::current_dir()
            .ok()
            .and_then(|dir| dir.ancestors().map(|d| d.join(FILE_NAME)).find(|p| p.is_file())),
    };
    let Some(path) = path else { return Ok(Config::default()) };
    let text = std::fs::read_to_string(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
    parse(command, &path, &text)
}

/// Whether `flag` is among the arguments, before they are parsed.
pub(crate) fn typed(args: &[OsString], flag: &str) -> bool {
    args.iter().skip(1).take_while(|a| *a != "--").any(|a| a == flag)
}

/// The value of `--config`, which is needed before anything can be parsed.
fn named_file(args: &[OsString]) -> Option<PathBuf> {
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if text == "--" {
            break;
        }
        if text == "--config" {
            return args.next().map(PathBuf::from);
        }
        if let Some(path) = text.strip_prefix("--config=") {
            return Some(path.into());
        }
    }
    None
}

fn parse(command: &Command, path: &Path, text: &str) -> Result<Config> {
    let table: toml::Table = text.parse().map_err(|e| anyhow!("{}: {e}", path.display()))?;
    let mut config = Config { path: Some(path.to_path_buf()), values: BTreeMap::new() };
    for (key, value) in table {
        match value {
            toml::Value::Table(section) => {
                let sub = command.get_subcommands().find(|s| s.get_name() == key);
                let Some(sub) = sub else {
                    let names: Vec<_> = visible(command).map(Command::get_name).collect();
                    bail!("{}: there is no section [{key}]{}", path.display(), nearest(&key, &names));
                };
                for (key, value) in section {
                    if command.get_arguments().any(|a| a.is_global_set() && a.get_long() == Some(&key)) {
                        bail!("{}: {key} is for all subcommands: write it above the sections", path.display());
                    }
                    config.take(&[sub], sub.get_name(), &key, &value)?;
                }
            }
            value => {
                let all: Vec<_> = std::iter::once(command).chain(visible(command)).collect();
                config.take(&all, "", &key, &value)?;
            }
        }
    }
    Ok(config)
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|s| !s.is_hide_set())
}

/// `; did you mean …?` for the name closest to `name`.
fn nearest(name: &str, names: &[&str]) -> String {
    let best = names.iter().max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    best.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}

impl Config {
    /// The file that options were read from, when there is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Checks one value against the parsers of `subs` and keeps it.
    fn take(&mut self, subs: &[&Command], section: &str, key: &str, value: &toml::Value) -> Result<()> {
        let path = self.path.clone().unwrap_or_default();
        let place = || {
            format!(
                "{}: {}{key}",
                path.display(),
                if section.is_empty() { String::new() } else { format!("[{section}] ") }
            )
        };
        let owners: Vec<_> = subs
            .iter()
            .filter(|s| !NOT_IN_FILE.contains(&key) && s.get_arguments().any(|a| a.get_long() == Some(key)))
            .collect();
        if owners.is_empty() {
            let names: Vec<_> = subs
                .iter()
                .flat_map(|s| s.get_arguments().filter_map(clap::Arg::get_long))
                .filter(|n| !NOT_IN_FILE.contains(n))
                .collect();
            bail!("{}: there is no such option{}", place(), nearest(key, &names));
        }
        let texts = texts(value).with_context(place)?;
        for sub in owners {
            let flag = sub.get_arguments().any(|a| a.get_long() == Some(key) && !takes_value(a));
            let mut line: Vec<String> = vec![sub.get_name().into()];
            for text in &texts {
                if sub.get_arguments().any(|a| a.get_long() == Some(key) && matches!(a.get_action(), ArgAction::Count))
                {
                    text.parse::<u8>().map_err(|_| anyhow!("{}: `{text}` is not a number from 0 to 255", place()))?;
                } else if flag {
                    text.parse::<bool>().map_err(|_| anyhow!("{}: `{text}` is not true or false", place()))?;
                } else {
                    line.push(format!("--{key}={text}"));
                }
            }
            if let Err(e) = (*sub).clone().try_get_matches_from(line) {
                use clap::error::ErrorKind::{
                    DisplayHelpOnMissingArgumentOrSubcommand, MissingRequiredArgument, MissingSubcommand,
                };
                if !matches!(
                    e.kind(),
                    MissingRequiredArgument | MissingSubcommand | DisplayHelpOnMissingArgumentOrSubcommand
                ) {
                    let text = e.to_string();
                    let first = text.lines().next().unwrap_or_default();
                    bail!("{}: {}", place(), first.trim_start_matches("error: "));
                }
            }
        }
        self.values.insert((section.to_string(), key.to_string()), texts);
        Ok(())
    }

    fn value(&self, sub: &str, key: &str) -> Option<&Vec<String>> {
        let at = |section: &str| self.values.get(&(section.to_string(), key.to_string()));
        at(sub).or_else(|| at(""))
    }

    /// `command` with the file's values as defaults.
    pub(crate) fn apply(&self, command: Command) -> Command {
        let command = command.mut_args(|arg| match arg.get_long().and_then(|long| self.value("", long)) {
            Some(values) => arg.default_values(values.clone()),
            None => arg,
        });
        command.mut_subcommands(|sub| {
            let name = sub.get_name().to_string();
            sub.mut_args(|arg| match arg.get_long().and_then(|long| self.value(&name, long)) {
                Some(values) => arg.default_values(values.clone()),
                None => arg,
            })
        })
    }

    /// How near the command line the value of an option comes from: 3 is the command line itself,
    /// 2 the environment, 1 the file, 0 the default or nowhere.
    pub(crate) fn rank(&self, matches: &ArgMatches, long: &str) -> u8 {
        let Some((name, matches)) = matches.subcommand() else { return 0 };
        let id = long.replace('-', "_");
        // Not every subcommand has every option, and asking for one that it has not is a panic.
        let known = matches.try_contains_id(&id).is_ok();
        match known.then(|| matches.value_source(&id)).flatten() {
            Some(ValueSource::CommandLine) => 3,
            Some(ValueSource::EnvVariable) => 2,
            Some(_) if self.value(name, long).is_some() => 1,
            _ => 0,
        }
    }

    /// Every option of the subcommand that has a value, for the report.
    pub(crate) fn in_force(&self, command: &Command, matches: &ArgMatches) -> BTreeMap<String, serde_json::Value> {
        let Some((name, matches)) = matches.subcommand() else { return BTreeMap::new() };
        let options = command.find_subcommand(name).into_iter().flat_map(Command::get_arguments);
        let named = options.filter_map(|arg| Some((arg, arg.get_long().filter(|l| !NOT_IN_FILE.contains(l))?)));
        let set = named.filter(|(arg, _)| matches.value_source(arg.get_id().as_str()).is_some());
        set.map(|(arg, long)| (long.to_string(), json_value(arg, matches))).collect()
    }

    /// Every option of the subcommand that was typed, as a configuration file that says where each
    /// value came from.
    pub(crate) fn print(&self, command: &Command, typed: &ArgMatches) -> String {
        let Some((name, matches)) = typed.subcommand() else { return String::new() };
        let Some(sub) = command.find_subcommand(name) else { return String::new() };
        let mut args: Vec<_> = sub.get_arguments().collect();
        args.sort_by_key(|a| a.get_long());
        let (mut all, mut own) = (String::new(), format!("[{name}]\n"));
        for arg in args {
            let Some(long) = arg.get_long().filter(|l| !NOT_IN_FILE.contains(l)) else { continue };
            let source = match matches.value_source(arg.get_id().as_str()) {
                Some(ValueSource::CommandLine) => "command line".to_string(),
                Some(ValueSource::EnvVariable) => "environment".to_string(),
                Some(_) if self.value(name, long).is_some() => {
                    self.path.as_deref().map(|p| p.display().to_string()).unwrap_or_default()
                }
                Some(_) => "default".to_string(),
                None => String::new(),
            };
            // Two names of one option: only the one that counts is a setting.
            let other = [("quality", "tier"), ("tier", "quality")].into_iter().find(|(n, _)| *n == long);
            let overruled = other.filter(|(_, by)| self.rank(typed, by) > self.rank(typed, long));
            let line = match (overruled, source.as_str()) {
                (Some((_, by)), _) => format!("# {long} is overruled by {by}\n"),
                (None, "") => format!("# {long} is not set\n"),
                (None, source) => format!("{long} = {}  # {source}\n", shown(arg, matches)),
            };
            (if arg.is_global_set() { &mut all } else { &mut own }).push_str(&line);
        }
        format!("{all}\n{own}")
    }
}

/// Whether an option is followed by a value.
fn takes_value(arg: &clap::Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// The value of an option for the report: as typed, with numbers as numbers.
fn json_value(arg: &clap::Arg, matches: &ArgMatches) -> serde_json::Value {
    let id = arg.get_id().as_str();
    let one = |v: &std::ffi::OsStr| {
        let text = v.to_string_lossy();
        text.parse::<serde_json::Number>().map_or_else(|_| text.as_ref().into(), serde_json::Value::Number)
    };
    match arg.get_action() {
        ArgAction::SetTrue => matches.get_flag(id).into(),
        ArgAction::Count => matches.get_count(id).into(),
        ArgAction::Append => matches.get_raw(id).into_iter().flatten().map(one).collect(),
        _ => matches.get_raw(id).into_iter().flatten().next().map_or(serde_json::Value::Null, one),
    }
}

/// The value of an option as TOML.
fn shown(arg: &clap::Arg, matches: &ArgMatches) -> String {
    let id = arg.get_id().as_str();
    match arg.get_action() {
        ArgAction::SetTrue => matches.get_flag(id).to_string(),
        ArgAction::Count => matches.get_count(id).to_string(),
        action => {
            let raw = matches.get_raw(id).into_iter().flatten();
            let values: Vec<String> = raw.map(|v| serde_json::Value::from(v.to_string_lossy()).to_string()).collect();
            match &values[..] {
                [one] if !matches!(action, ArgAction::Append) => one.clone(),
                _ => format!("[{}]", values.join(", ")),
            }
        }
    }
}

/// The values of a TOML entry as they would be typed.
fn texts(value: &toml::Value) -> Result<Vec<String>> {
    Ok(match value {
        toml::Value::String(s) => vec![s.clone()],
        toml::Value::Integer(i) => vec![i.to_string()],
        toml::Value::Float(f) => vec![f.to_string()],
        toml::Value::Boolean(b) => vec![b.to_string()],
        toml::Value::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                all.extend(texts(item)?);
            }
            all
        }
        _ => bail!("a text, a number, true, false or a list of them is wanted"),
    })
}
