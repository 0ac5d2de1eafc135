//! Which paths of the command line may be URLs, settled once, before anybody reads, shows or logs one.
//!
//! Images and drawings may be in a store; reports, journals and whatever else is read back or written bit by bit
//! is on a disk.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use svg_ai::cloud::{self, is_url};

use super::args::{BatchArgs, Command, LimitArgs};
use super::options::is_dash;

/// Checks every path of `command`, and puts URLs into the form that may be shown.
///
/// # Errors
/// For a URL that is wrong or where none may be, [`svg_ai::Code::CloudNotBuilt`] for all without the feature.
pub(crate) fn settle(command: &mut Command) -> Result<()> {
    match command {
        Command::Convert(args) => {
            local("--report", args.report.as_deref())?;
            local("--deps", args.deps.as_deref())?;
            local("--debug-stages", args.debug_stages.as_deref())?;
            let sandbox = args.sandbox;
            let any = one(&mut args.input, args.output.as_mut(), &args.limits)?;
            if any && args.deps.is_some() {
                bail!("--deps is for make, which knows nothing of URLs");
            }
            no_sandbox(any && sandbox)?;
        }
        Command::Optimize(args) => {
            for (name, path) in
                [("--report", &args.report), ("--front", &args.front), ("--plot", &args.plot), ("--learn", &args.learn)]
            {
                local(name, path.as_deref())?;
            }
            if let Some(input) = &mut args.input {
                one(input, args.output.as_mut(), &args.limits)?;
            }
        }
        Command::Batch(args) => batch(args)?,
        Command::Score(args) => {
            local("--diff", args.diff.as_deref())?;
            admit(&mut args.image)?;
            admit(&mut args.svg)?;
            cloud::settle(args.limits.network_timeout);
        }
        Command::Bench(args) => {
            for path in [&args.dir, &args.save, &args.baseline] {
                local("bench", path.as_deref())?;
            }
        }
        Command::Generate(_) => {}
    }
    Ok(())
}

/// The paths that a list names, checked in the same way.
pub(crate) fn settle_list(mut paths: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    for path in &mut paths {
        admit(path)?;
    }
    Ok(paths)
}

/// Refuses a URL as the value of an option whose file is on a disk.
fn local(name: &str, path: Option<&Path>) -> Result<()> {
    if path.is_some_and(is_url) {
        bail!("{name} works with files on a disk, not with URLs: only images and drawings may be in a store");
    }
    Ok(())
}

fn no_sandbox(both: bool) -> Result<()> {
    if both {
        bail!("--sandbox leaves the process no network, which URLs need: copy the files first, or leave --sandbox out");
    }
    Ok(())
}

fn admit(path: &mut PathBuf) -> Result<bool> {
    if is_dash(path) || !is_url(path) {
        return Ok(false);
    }
    *path = cloud::admit(path)?;
    Ok(true)
}

/// The input and output of one image; tells whether one is a URL.
fn one(input: &mut PathBuf, output: Option<&mut PathBuf>, limits: &LimitArgs) -> Result<bool> {
    cloud::settle(limits.network_timeout);
    let from = admit(input)?;
    let named = output.is_some();
    let to = output.map_or(Ok(false), admit)?;
    if from && !named && (input.starts_with("https:") || input.starts_with("http:")) {
        bail!("{}: name the drawing with -o: beside it would be on its server", input.display());
    }
    Ok(from || to)
}

fn batch(args: &mut BatchArgs) -> Result<()> {
    if args.merge {
        return args.inputs.iter().chain(&args.output).try_for_each(|path| local("--merge", Some(path)));
    }
    cloud::settle(args.limits.network_timeout);
    for (name, path) in [
        ("--files-from", &args.files_from),
        ("--report", &args.report),
        ("--html", &args.html),
        ("--journal", &args.journal),
        ("--metrics-file", &args.metrics_file),
    ] {
        local(name, path.as_deref())?;
    }
    let mut any = false;
    for path in &mut args.inputs {
        any |= admit(path)?;
    }
    for path in [&mut args.base, &mut args.output].into_iter().flatten() {
        any |= admit(path)?;
    }
    if any {
        refuse_with_urls(args)?;
    }
    Ok(())
}

/// Refuses what a batch cannot do where one of its places is a URL.
pub(crate) fn refuse_with_urls(args: &BatchArgs) -> Result<()> {
    no_sandbox(args.sandbox)?;
    if args.watch {
        bail!("--watch hears of changes from the system, which says nothing of a store: run it again with --resume");
    }
    if args.prune {
        bail!("--prune deletes on a disk only, not in a store");
    }
    let in_store = args.output.as_deref().is_some_and(is_url);
    let has_place = args.journal.is_some() || args.report.as_deref().is_some_and(|path| !is_dash(path));
    if in_store && args.resume && !has_place {
        bail!("--resume keeps its journal on a disk: say where with --journal FILE, or write a --report there");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::args::Cli;
    use super::*;
    use clap::Parser;

    fn settled(line: &str) -> Result<Command> {
        let mut command = Cli::try_parse_from(line.split(' '))?.command;
        settle(&mut command).map(|()| command)
    }

    #[test]
    fn what_is_kept_on_a_disk_may_not_be_a_url() {
        for line in [
            "svg-ai convert a.png --report s3://b/r.json",
            "svg-ai batch in -o out --report s3://b/r.json",
            "svg-ai batch in -o out --html https://h/g.html",
            "svg-ai batch in -o out --journal gs://b/j",
            "svg-ai batch --files-from s3://b/list -o out",
            "svg-ai batch --merge az://c/r.json --report r.json",
            "svg-ai optimize --learn s3://b/in",
            "svg-ai bench s3://b/in",
            "svg-ai score a.png a.svg --diff s3://b/d.png",
        ] {
            assert!(settled(line).unwrap_err().to_string().contains("on a disk"), "{line}");
        }
        settled("svg-ai batch in -o out --report r.json --resume").unwrap();
    }

    #[cfg(feature = "cloud")]
    #[test]
    fn what_cannot_be_done_in_a_store_is_told_before_it_is_begun() {
        for (line, why) in [
            ("svg-ai batch s3://b/in -o out --sandbox", "no network"),
            ("svg-ai batch in -o s3://b/out --sandbox", "no network"),
            ("svg-ai convert s3://b/a.png --sandbox", "no network"),
            ("svg-ai batch s3://b/in -o out --watch", "--resume"),
            ("svg-ai batch s3://b/in -o out --prune", "deletes"),
            ("svg-ai batch in -o s3://b/out --resume", "--journal"),
            ("svg-ai batch in -o s3://b/out --resume --report -", "--journal"),
            ("svg-ai convert https://h/a.png", "-o"),
            ("svg-ai convert s3://b/a.png --deps a.d", "make"),
        ] {
            let told = settled(line).unwrap_err().to_string();
            assert!(told.contains(why), "{line}: {told}");
        }
        settled("svg-ai batch in -o s3://b/out --resume --report r.json").unwrap();
    }

    #[cfg(feature = "cloud")]
    #[test]
    fn a_query_is_gone_before_anybody_sees_it() {
        let Command::Batch(args) = settled("svg-ai batch https://h/a.png?sig=secret -o out").unwrap() else { panic!() };
        assert_eq!(args.inputs, [PathBuf::from("https://h/a.png")]);
        let told = settled("svg-ai batch https://h/a.png?sig=other -o out").unwrap_err().to_string();
        assert!(told.contains("twice") && !told.contains("other"), "{told}");
    }
}
