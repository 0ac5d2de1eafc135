//! What a batch tells while it is under way: progress, lines of a report, pictures for the gallery.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use svg_ai::batch::Observer;
use svg_ai::output::folder_of;
use svg_ai::raster::{self, Limits};
use svg_ai::report::html::{self, DataUri, ItemImages};
use svg_ai::report::json as report_json;
use svg_ai::report::spool::ImageSpool;
use svg_ai::report::{ItemReport, Status};
use svg_ai::{Code, Error, cloud, score};

use super::super::console::Console;
use super::super::logging;
use super::super::monitoring::Monitor;
use super::super::options::is_dash;
use super::super::progress::Progress;

/// Largest source that is shown in the gallery, pixels: decoding it again for a thumbnail must not
/// cost more memory than converting it did.
const GALLERY_MAX_PIXELS: u64 = 25_000_000;

/// What the run tells while it is under way.
pub(super) struct Observing<'a> {
    progress: Progress,
    console: Console,
    lines: Mutex<Option<Box<dyn Write + Send>>>,
    broken: Mutex<Option<io::Error>>,
    pictures: Option<Pictures>,
    monitor: Option<&'a Monitor>,
}

impl<'a> Observing<'a> {
    /// For a run of `items`; `lines` is where their records go as they finish, `page` the gallery.
    pub(super) fn new(
        items: usize,
        lines: Option<&Path>,
        page: Option<&Path>,
        limits: &Limits,
        console: Console,
        monitor: Option<&'a Monitor>,
    ) -> Result<Self> {
        Ok(Self {
            progress: Progress::new(items, console),
            console,
            lines: Mutex::new(lines.map(open).transpose()?),
            broken: Mutex::new(None),
            pictures: page.map(|page| Pictures::new(page, limits)),
            monitor,
        })
    }

    /// The run is over.
    ///
    /// # Errors
    /// [`Code::OutputUnwritable`] when a line or a picture could not be kept.
    pub(super) fn finish(&self) -> svg_ai::Result<()> {
        self.progress.finish();
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        broken.map_or(Ok(()), |e| Err(Error::new(Code::OutputUnwritable, format!("the report: {e}"))))
    }

    /// The pictures of an item, for the gallery.
    pub(super) fn pictures_of(&self, item: &ItemReport) -> ItemImages {
        self.pictures.as_ref().and_then(|p| p.spool.get(&item.input).ok()).unwrap_or_default()
    }
}

impl Observer for Observing<'_> {
    fn finished(&self, report: &ItemReport) {
        // A picture that cannot be drawn for the page is left out of it: the item itself is done.
        let of = |pictures: &Pictures| catch_unwind(AssertUnwindSafe(|| pictures.of(report))).unwrap_or_default();
        if let Some(pictures) = &self.pictures
            && let Err(e) = pictures.spool.put(&report.input, &of(pictures))
        {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
        }
        self.progress.step(report.status == Status::Failed);
    }

    fn in_order(&self, report: &ItemReport) {
        if let Some(out) = &mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner)
            && let Err(e) = report_json::write_item_line(out, report).and_then(|()| out.flush())
            // A reader that has gone away (`| head`) has seen what it wanted; the images are still wanted.
            && e.kind() != io::ErrorKind::BrokenPipe
        {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
        }
        let alone = self.console.is_quiet() || self.console.is_json();
        if let (Some(failure), true, Status::Failed) = (&report.error, alone, report.status) {
            // The summary lists failures; without it each is told on its own.
            self.console.failure(&report.input, failure);
        }
    }

    fn worked(&self, report: &ItemReport) {
        logging::item(report);
        if let Some(monitor) = self.monitor {
            monitor.add(report);
        }
    }

    fn decodes(&self) -> bool {
        self.pictures.is_some()
    }
}

fn read_back(output: &Path) -> Option<Vec<u8>> {
    if cloud::is_url(output) {
        return cloud::read(output, score::MAX_SVG_BYTES as u64).ok();
    }
    std::fs::read(output).ok()
}

fn open(path: &Path) -> Result<Box<dyn Write + Send>> {
    Ok(if is_dash(path) {
        Box::new(io::stdout())
    } else {
        let unwritable = |e: io::Error| Error::new(Code::OutputUnwritable, e.to_string()).at(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        Box::new(BufWriter::new(File::create(path).map_err(unwritable)?))
    })
}

/// The gallery's pictures, made while items finish and kept on disk until the page is written.
struct Pictures {
    page: PathBuf,
    limits: Limits,
    spool: ImageSpool,
}

impl Pictures {
    fn new(page: &Path, limits: &Limits) -> Self {
        let limits = Limits { max_pixels: limits.max_pixels.min(GALLERY_MAX_PIXELS), ..*limits };
        // Where the page will take the same room, rather than in what may be memory (/tmp).
        let spool =
            if is_dash(page) { ImageSpool::new_in(&std::env::temp_dir()) } else { ImageSpool::new_in(folder_of(page)) };
        Self { page: page.to_path_buf(), limits, spool }
    }

    /// The pictures of one item; what cannot be shown is left out, the record says the rest.
    fn of(&self, item: &ItemReport) -> ItemImages {
        let mut out = ItemImages::default();
        let absolute = |p: &Path| std::path::absolute(p).ok();
        let href = |file: &str| match Path::new(file) {
            // A browser can follow the URL of a web server, and no other.
            url if cloud::is_url(url) => file.starts_with("https:").then(|| file.to_string()),
            file => html::relative_href(&absolute(&self.page)?, &absolute(file)?),
        };
        out.source_href = href(&item.input);
        let source = raster::read(Path::new(&item.input), &self.limits).ok().map(|d| d.raster);
        out.source = source.as_ref().and_then(|r| DataUri::thumbnail(r, html::THUMB_SIDE).ok());
        let shown = matches!(item.status, Status::Ok | Status::Skipped);
        let Some(output) = item.output.as_deref().filter(|_| shown) else { return out };
        out.svg_href = href(output);
        let Some(svg) = read_back(Path::new(output)) else { return out };
        out.svg = DataUri::svg(&svg).or_else(|| {
            let raster = source.as_ref()?;
            let drawn = score::render(&svg, raster.width(), raster.height(), score::Trust::Own).ok()?;
            DataUri::thumbnail(&drawn, html::THUMB_SIDE).ok()
        });
        if let Some(raster) = &source {
            let difference = score::difference(raster, &svg).ok();
            out.difference = difference.and_then(|d| DataUri::thumbnail(&d, html::THUMB_SIDE).ok());
        }
        out
    }
}
