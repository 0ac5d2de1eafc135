//! `--watch`: what changes in the folders is converted as it changes.
//!
//! A change starts a round of the whole batch, which leaves alone what its journal knows to be done. So a
//! round is what a run with `--resume` is, whatever happened meanwhile, and events only have to say that
//! something did: none has to be trusted for what.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind};
use notify::{Event, EventKind, RecursiveMode, Watcher};
use svg_ai::output::identity;

use super::super::args::{BatchArgs, ReportFormat};
use super::super::console::Console;
use super::super::exit::Exit;
use super::super::options::{is_dash, stop_flag};

/// How long nothing must have changed before a round begins: programs write a file in several steps, and
/// people save several files at once.
const QUIET: Duration = Duration::from_millis(200);

/// A round begins after this time though changes go on: somebody copies a large folder.
const MOST_WAIT: Duration = Duration::from_secs(2);

/// How often it is looked whether the user wants to stop.
const STOP_EVERY: Duration = Duration::from_millis(50);

/// Refuses what makes no sense for a run that never ends by itself.
pub(super) fn check(args: &BatchArgs) -> Result<()> {
    if args.report_format == ReportFormat::Jsonl || [&args.report, &args.html].into_iter().flatten().any(|p| is_dash(p))
    {
        bail!("--watch writes report and gallery again after each change: give files, and --report-format json");
    }
    if args.prune && !args.yes {
        bail!("--watch --prune deletes without asking: say so with --yes");
    }
    Ok(())
}

/// Does a `round`, and another whenever something changes under `roots`, until the user stops it.
pub(super) fn watch(
    args: &BatchArgs,
    roots: &[PathBuf],
    console: Console,
    round: &mut dyn FnMut(&Arc<AtomicBool>, bool) -> Result<Exit>,
) -> Result<Exit> {
    let stop = stop_flag();
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(sender).context("--watch")?;
    let place = Place::new(args, roots)?;
    // Before the first round, or what changes during it would be missed.
    for (folder, mode) in place.folders() {
        watcher.watch(folder, mode).with_context(|| format!("--watch: {}", folder.display()))?;
    }
    let mut exit = round(&stop, true)?;
    console.say(format_args!("watching {}; Ctrl-C ends it", plural(place.roots.len())));
    while settled(&events, &stop, &place, console) {
        exit = round(&stop, false).unwrap_or_else(|e| {
            // Two images for one drawing, say: it is mended as it came about, by a change.
            console.error(format_args!("{e:#}"));
            Exit::Failed
        });
    }
    Ok(if exit == Exit::Nothing { Exit::Ok } else { exit })
}

fn plural(inputs: usize) -> String {
    if inputs == 1 { "1 input".into() } else { format!("{inputs} inputs") }
}

/// Waits for a change and for the end of changes; false when the user wants to stop.
fn settled(events: &Receiver<notify::Result<Event>>, stop: &AtomicBool, place: &Place, console: Console) -> bool {
    let (mut first, mut last): (Option<Instant>, Option<Instant>) = (None, None);
    loop {
        if stop.load(Ordering::SeqCst) {
            return false;
        }
        let over = |since: Option<Instant>, time| since.is_some_and(|since| since.elapsed() >= time);
        if over(last, QUIET) || over(first, MOST_WAIT) {
            return true;
        }
        let counts = match events.recv_timeout(STOP_EVERY) {
            Ok(Ok(event)) => place.concerns(&event),
            Ok(Err(e)) => {
                console.warn(format_args!("--watch: {e}"));
                true
            }
            Err(mpsc::RecvTimeoutError::Timeout) => false,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                // Nothing more can be seen.
                console.error("--watch: the system no longer tells of changes");
                return false;
            }
        };
        if counts {
            last = Some(Instant::now());
            first = first.or(last);
        }
    }
}

/// What is watched, and what in it is our own.
struct Place {
    roots: Vec<PathBuf>,
    ours: Vec<PathBuf>,
}

impl Place {
    fn new(args: &BatchArgs, roots: &[PathBuf]) -> Result<Self> {
        if let Some(missing) = roots.iter().find(|root| !root.exists()) {
            bail!("--watch: {} is not there", missing.display());
        }
        let roots: Vec<PathBuf> = roots.iter().map(|path| identity(path)).collect();
        let ours = [&args.output, &args.report, &args.html, &args.journal].into_iter().flatten();
        let mut ours: Vec<PathBuf> = ours.map(|path| identity(path)).collect();
        // Drawings beside their images cost a round in which there is nothing to do.
        ours.retain(|ours| !roots.iter().any(|root| root.starts_with(ours)));
        Ok(Self { roots, ours })
    }

    /// The folders to look at: a file is seen from the one it is in, since programs replace files.
    fn folders(&self) -> impl Iterator<Item = (&Path, RecursiveMode)> {
        self.roots.iter().map(|root| match root.parent().filter(|_| !root.is_dir()) {
            Some(folder) => (folder, RecursiveMode::NonRecursive),
            None => (root.as_path(), RecursiveMode::Recursive),
        })
    }

    /// Whether an event may be of an image that came, went or changed.
    fn concerns(&self, event: &Event) -> bool {
        let changes = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => false,
            // A folder changes whenever something in it does, such as a report.
            EventKind::Modify(ModifyKind::Name(_)) => true,
            EventKind::Modify(_) => event.paths.iter().any(|path| !path.is_dir()),
            _ => true,
        };
        event.need_rescan() || changes && event.paths.iter().any(|path| self.is_input(path))
    }

    fn is_input(&self, path: &Path) -> bool {
        let hidden = |below: &Path| below.iter().any(|name| name.as_encoded_bytes().starts_with(b"."));
        let wanted = self.roots.iter().any(|root| path.strip_prefix(root).is_ok_and(|below| !hidden(below)));
        wanted && !self.ours.iter().any(|ours| path.starts_with(ours))
    }
}
