//! `--prune`: outputs whose input is gone are shown, asked about, and deleted.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anyhow::{Result, bail};
use svg_ai::batch::{Found, Journal};
use svg_ai::pipeline::Job;

use super::super::args::BatchArgs;
use super::super::console::{self, Console};

/// Deletes what `journal` knows to be an output whose input is gone, once the user has seen it.
pub(super) fn prune(
    args: &BatchArgs,
    roots: &[PathBuf],
    files: &[Found],
    jobs: &[Job],
    journal: &Journal,
    console: Console,
) -> Result<()> {
    let orphans = journal.orphans(jobs);
    if orphans.is_empty() {
        return Ok(());
    }
    // A disk that is not mounted is an empty folder, or none: its images are not gone.
    let has_image = |root: &PathBuf| match root.is_dir() {
        true => files.iter().any(|f| f.path.starts_with(root)),
        false => root.exists(),
    };
    if let Some(empty) = roots.iter().find(|root| !has_image(root)) {
        bail!("--prune: there is no image at {}: is its disk mounted? Nothing was deleted or done", empty.display());
    }
    let count = if orphans.len() == 1 { "1 output".to_string() } else { format!("{} outputs", orphans.len()) };
    let mut list = format!("{count} without an input:\n");
    for orphan in &orphans {
        list.push_str(&format!("  {}\n", orphan.output.display()));
    }
    if args.dry_run {
        console.say(list.trim_end());
        return Ok(());
    }
    if args.yes {
        console.say(list.trim_end());
    } else {
        console::note(&list);
        if !io::stdin().is_terminal() {
            bail!("--prune deletes these only with --yes where nobody can be asked; nothing was deleted or done");
        }
        console::note("Delete them? [y/N] ");
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            console.say("they were kept");
            return Ok(());
        }
    }
    for orphan in &orphans {
        journal.delete(orphan)?;
    }
    console.say(format_args!("{count} deleted"));
    Ok(())
}
