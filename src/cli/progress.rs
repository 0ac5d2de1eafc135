//! Progress of a batch and of a search: a bar on a terminal, a plain line now and then elsewhere, nothing
//! with `-q`.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use svg_ai::optimize;

use super::console::Console;

/// Time between plain lines: a log of an hour-long run stays under a hundred lines.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Shows how far a batch is.
pub(crate) struct Progress {
    console: Console,
    total: usize,
    done: AtomicUsize,
    failed: AtomicUsize,
    start: Instant,
    last_line: Mutex<Instant>,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(total: usize, console: Console) -> Self {
        let bar = console.shows_bars().then(|| {
            let bar = ProgressBar::new(total as u64);
            let style = ProgressStyle::with_template("{bar:32} {pos}/{len}  {rate} a second  {eta} left{msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.1}", state.per_sec());
            }));
            bar
        });
        let now = Instant::now();
        Self {
            console,
            total,
            done: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            start: now,
            last_line: Mutex::new(now),
            bar,
        }
    }

    /// One more item is done.
    pub(crate) fn step(&self, failed: bool) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let failures = self.failed.fetch_add(usize::from(failed), Ordering::Relaxed) + usize::from(failed);
        if let Some(bar) = &self.bar {
            if failures > 0 {
                bar.set_message(format!("  {failures} failed"));
            }
            bar.inc(1);
            return;
        }
        let Ok(mut last) = self.last_line.try_lock() else { return };
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            let seconds = self.start.elapsed().as_secs_f64();
            let rate = done as f64 / seconds;
            let left = (self.total - done.min(self.total)) as f64 / rate;
            self.console.say(format_args!(
                "{done}/{} done, {failures} failed, {rate:.1} a second, {left:.0} s left",
                self.total
            ));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Shows how far a search is: the score and size of the best trace, and the time left.
pub(crate) struct SearchProgress {
    console: Console,
    last_line: Mutex<Instant>,
    spinner: Option<ProgressBar>,
}

impl SearchProgress {
    pub(crate) fn new(console: Console) -> Self {
        Self {
            console,
            last_line: Mutex::new(Instant::now()),
            spinner: console.shows_bars().then(ProgressBar::new_spinner),
        }
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

impl optimize::Observer for SearchProgress {
    fn tried(&self, p: optimize::Progress) {
        let left = p.left.map_or_else(String::new, |left| format!(", {:.0} s left", left.as_secs_f64()));
        let text =
            format!("quality {:.4}, {} bytes; {} trials, {} on the front{left}", p.quality, p.bytes, p.trials, p.front);
        if let Some(spinner) = &self.spinner {
            spinner.set_message(text);
            spinner.tick();
            return;
        }
        let Ok(mut last) = self.last_line.try_lock() else { return };
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            self.console.say(text);
        }
    }
}
