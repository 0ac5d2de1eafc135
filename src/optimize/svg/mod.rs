//! Shrink an SVG, with proof that it still shows the same.
//!
//! ```text
//! bytes ─ guard ─► text ─ parse ─► tree ─ steps ─► tree ─ write ─► bytes
//!                    │                      ▲                        │
//!                    └── draw ──────────► compare ◄──────── draw ────┘
//! ```
//!
//! [`shrink`] takes all `steps` and compares the drawing before and after at three sizes, over
//! white and over black. When they differ by more than is allowed, the steps are taken again one by
//! one, and each that the difference comes from is undone, alone (steps with a tolerance are first
//! tried with finer ones). What comes out is never larger and never further from the source than
//! stated; where nothing is won, it is the source, byte for byte.
//!
//! What cannot be seen in a still picture without fonts cannot be proved, so it is not touched:
//! scripts, animations and what they move, texts, foreign objects, filters, style sheets. Where a
//! style sheet or an animation may depend on the order and the attributes of elements, the steps
//! that change those are left out, and where a script may, so are all.
//!
//! | module | what it does |
//! |---|---|
//! | `parse`, `tree` | the file as a tree that can be edited, and back |
//! | `facts` | what the drawing contains that is not seen, and who refers to whom |
//! | `steps` | what is done |
//! | `path` | path data: read, simplified, written |
//! | `proof`, `same` | is it the same drawing |
//! | `worker` | the thread that it is done on |
//! | `file` | from file to file |

mod facts;
mod file;
mod parse;
mod path;
mod proof;
mod same;
mod steps;
mod tree;
mod worker;

use std::collections::BTreeSet;
use std::rc::Rc;

use facts::Facts;
pub(crate) use file::read_bytes;
pub use file::{is_svg_name, shrink_file, shrink_source};
use proof::{Difference, Proof};
use steps::{STEPS, Setting, Step, UNITS, numbers, shapes, tidy, units};
use tree::Document;

use crate::report::{ProofReport, ShrinkReport, ShrinkStep};
use crate::score::{Trust, guard, render};
use crate::{Code, Error, Result};

/// Something that is not drawn and can be kept or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keep {
    /// `<title>` and `<desc>`: what screen readers say and tooltips show.
    Titles,
    /// Ids as they are; else unused ones are dropped and used ones shortened.
    Ids,
    /// `<metadata>`: licence, author.
    Metadata,
    /// Comments.
    Comments,
    /// Elements and attributes that editors leave for themselves, such as Inkscape's layers.
    Editor,
    /// The drawing's own units for coordinates; else they may become whole numbers under a scale.
    Units,
}

impl Keep {
    /// Everything that can be kept.
    pub const ALL: [Keep; 6] = [Keep::Titles, Keep::Ids, Keep::Metadata, Keep::Comments, Keep::Editor, Keep::Units];

    /// The name as written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Keep::Titles => "titles",
            Keep::Ids => "ids",
            Keep::Metadata => "metadata",
            Keep::Comments => "comments",
            Keep::Editor => "editor",
            Keep::Units => "units",
        }
    }
}

/// What is to be kept.
pub type KeepSet = BTreeSet<Keep>;

/// How to shrink.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is to be kept though it is not drawn.
    pub keep: KeepSet,
    /// Only steps after which every pixel is the same.
    pub lossless: bool,
    /// Take scripts out; else a drawing with scripts is left as it is.
    pub strip_scripts: bool,
    /// How far a contour may move, px at the viewing size.
    pub tolerance: f64,
    /// Longer side at which the drawing is seen, px.
    pub viewing_size: f64,
    /// Largest mean ΔE₀₀ between the drawing before and after.
    pub max_difference: f64,
    /// Largest file, bytes.
    pub max_file_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keep: BTreeSet::from([Keep::Titles]),
            lossless: false,
            strip_scripts: false,
            tolerance: 0.1,
            viewing_size: 1024.0,
            max_difference: 0.03,
            max_file_bytes: 32 << 20,
        }
    }
}

/// How much farther contours may move in each of the looser ways of shrinking a trace, ×: whoever tries them measures
/// what they cost, and 0.4 px in 1024 is where icons lose as much quality as the bytes are worth (`docs/engine-log.md`).
const LOOSER: [f64; 2] = [2.0, 4.0];

impl Options {
    /// These options, then the same with more tolerance.
    #[must_use]
    pub fn and_looser(self) -> Vec<Self> {
        let looser =
            |by: f64| Self { tolerance: self.tolerance * by, max_difference: self.max_difference * by, ..self.clone() };
        let mut ways: Vec<Self> = LOOSER.into_iter().map(looser).collect();
        ways.insert(0, self);
        ways
    }

    /// Pixels that are in memory at once while a drawing is compared.
    pub(crate) fn pixels_held(&self) -> u64 {
        (self.viewing_size * self.viewing_size) as u64
    }

    /// Checks the figures.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`].
    pub fn check(&self) -> Result<()> {
        let invalid = |what: &str| Err(Error::new(Code::OptionInvalid, what.to_string()));
        if !(self.tolerance >= 0.0 && self.tolerance <= 10.0) {
            return invalid("the tolerance must be from 0 to 10 px");
        }
        if !(self.viewing_size >= 16.0 && self.viewing_size <= 8192.0) {
            return invalid("the viewing size must be from 16 to 8192 px");
        }
        if !(self.max_difference >= 0.0 && self.max_difference <= 10.0) {
            return invalid("the largest difference must be from 0 to 10");
        }
        Ok(())
    }
}

/// A shrunk drawing and how it came about.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// The bytes: fewer than the source's, or the source's own.
    pub svg: Vec<u8>,
    /// What each step saved, and what the proof found.
    pub report: ShrinkReport,
    /// Width and height, px; `None` where they were not looked for.
    pub size: Option<(u32, u32)>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Shrinks `svg`, which nobody has to trust.
///
/// # Errors
/// [`Code::SvgInvalid`] when it is not an SVG with a size; [`Code::SvgTooLarge`],
/// [`Code::SvgTooComplex`] and [`Code::SvgTooSlow`] when it would take too much to draw, so that
/// nothing can be proved; [`Code::OptionInvalid`].
pub fn shrink(svg: &[u8], options: &Options) -> Result<Shrunk> {
    options.check()?;
    if svg.is_empty() {
        return Err(Error::new(Code::InputEmpty, "the file has no bytes"));
    }
    guard::check_bytes(svg)?;
    if svg.len() as u64 > options.max_file_bytes {
        let message = format!("{} bytes; the limit is {}", svg.len(), options.max_file_bytes);
        return Err(Error::new(Code::InputTooLarge, message));
    }
    let text = std::str::from_utf8(svg).map_err(|e| Error::new(Code::SvgInvalid, format!("not UTF-8: {e}")))?;
    worker::run(text, options)
}

fn shrink_here(text: &str, options: &Options) -> Result<Shrunk> {
    let xml = match render::xml(text, Trust::Foreign) {
        Ok(xml) => xml,
        // It may be a fine drawing; but what is not loaded cannot be compared.
        Err(e) if e.code() == Code::SvgExternalReference => {
            return Ok(as_it_is(
                text,
                format!("left as it is: {}, which is never loaded, so nothing can be proved", e.message()),
            ));
        }
        Err(e) => return Err(e),
    };
    if xml.root_element().tag_name().name() != "svg" {
        return Err(Error::new(Code::SvgInvalid, "its root is not <svg>"));
    }
    let Some(mut document) = parse::parse(text) else {
        return Ok(as_it_is(
            text,
            "left as it is: its names have a prefix, or its parts are put together from entities".into(),
        ));
    };
    let mut warnings = Vec::new();
    let mut facts = Facts::of(&document);
    if facts.scripts > 0 && options.strip_scripts {
        let count = tidy::strip_scripts(&mut document);
        warnings.push(format!("{count} scripts were taken out (--strip-scripts)"));
        facts = Facts::of(&document);
    }
    if facts.scripts > 0 {
        let message =
            "left as it is: it has scripts, which may refer to any part of it (--strip-scripts takes them out)";
        return Ok(as_it_is(text, message.into()));
    }
    if facts.animations > 0 {
        warnings.push(format!("{} animations are kept as they are, with what they move", facts.animations));
    }
    if facts.sheets > 0 {
        warnings.push("it has a style sheet: ids, groups and attributes are kept".into());
    }
    if facts.undrawn > 0 {
        warnings.push(format!(
            "{} texts or foreign objects are kept as they are, since they cannot be drawn here",
            facts.undrawn
        ));
    }
    let strict = options.lossless || options.max_difference < STRICT;
    let shares = if strict { proof::SHARES_STRICT } else { proof::SHARES };
    let proof = Proof::new(&xml, options.viewing_size, shares)?;
    let Some(pixels_per_unit) = facts::pixels_per_unit(&document.root, options.viewing_size) else {
        return Ok(as_it_is(
            text,
            "left as it is: neither its viewBox nor its width and height say how large it is".into(),
        ));
    };
    let mut options = options.clone();
    if units::is_whole(&document, options.tolerance / pixels_per_unit) {
        options.tolerance = 0.0;
    }
    let mut job = Job { source: text, options: &options, facts, pixels_per_unit, proof, rewritten: Rc::default() };
    job.run(document, warnings)
}

/// The source as the result.
fn as_it_is(text: &str, why: String) -> Shrunk {
    let bytes = text.len() as u64;
    let report = ShrinkReport { bytes_before: bytes, bytes_after: bytes, ..ShrinkReport::default() };
    Shrunk { svg: text.as_bytes().to_vec(), report, size: None, warnings: vec![why] }
}

/// A largest mean ΔE₀₀ below this is proved with larger pictures: a single long edge on the grid of the
/// pixels can hide more than that from small ones.
const STRICT: f64 = 0.01;

/// A drawing on its way.
struct Job<'a> {
    source: &'a str,
    options: &'a Options,
    facts: Facts,
    pixels_per_unit: f64,
    proof: Proof,
    rewritten: Rc<numbers::Rewritten>,
}

/// A drawing as text, what each step saved, and how it differs from the source.
type Proved = (String, Vec<ShrinkStep>, Difference);

/// A drawing after some steps.
#[derive(Clone)]
struct State {
    document: Document,
    /// Bytes as written.
    length: i64,
    done: Vec<ShrinkStep>,
}

impl State {
    fn finished(self) -> (String, Vec<ShrinkStep>) {
        (self.document.write(), self.done)
    }
}

/// A drawing after the steps that every attempt begins with: without and with a change of paint.
#[derive(Default)]
struct Begun([Option<State>; 2]);

impl Begun {
    fn of(&mut self, share: Share) -> &mut Option<State> {
        &mut self.0[usize::from(share.paint > 0.0)]
    }
}

/// How much of the allowed tolerance is used.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Share {
    /// By contours.
    shapes: f64,
    /// By gradients and opacities.
    paint: f64,
}

const fn share(shapes: f64, paint: f64) -> Share {
    Share { shapes, paint }
}

/// What is tried, from the most that is allowed to what changes nothing on purpose.
const LADDER: [Share; 5] = [share(1.0, 1.0), share(0.5, 0.5), share(0.25, 0.25), share(0.125, 0.125), share(0.0, 0.0)];

/// What is tried beside it where there are gradients: over a large area a change of paint by one level
/// of 8 bits is too much, when the shapes are far from it.
const PAINT_LADDER: [Share; 3] = [share(1.0, 0.5), share(1.0, 0.25), share(1.0, 0.0)];

/// Largest mean ΔE₀₀ in any block of the proof, as a multiple of the tolerance in px: the renderer has
/// four samples a pixel and direction, so an edge between black and white along a row of pixels moves by
/// nothing or by a quarter, which is 5 in a block of 5 x 5 px; at the default tolerance that may be.
const BLOCK_PER_PIXEL: f64 = 55.0;

/// How much a drawing may differ from its source.
#[derive(Debug, Clone, Copy)]
struct Allowed {
    lossless: bool,
    mean: f64,
    block: f64,
}

impl Allowed {
    /// Whether a difference is too much. What is too much at some sizes is so at all.
    fn is_exceeded(self, d: &Difference) -> bool {
        if self.lossless { !d.identical } else { d.mean > self.mean || d.block > self.block }
    }
}

impl Job<'_> {
    fn setting(&self, document: &Document, share: Share) -> Setting {
        let allowed = if self.options.lossless { 0.0 } else { self.options.tolerance / self.pixels_per_unit };
        let mut facts = Facts::of(document);
        let looked_at = facts.pinned.clone();
        if self.options.keep.contains(&Keep::Ids) {
            document.root.visit(&mut |e| facts.pinned.extend(e.get("id").map(String::from)));
        }
        Setting {
            keep: self.options.keep.clone(),
            tolerance: allowed * share.shapes,
            paint_tolerance: allowed * share.paint,
            longer: self.options.viewing_size / self.pixels_per_unit,
            facts,
            looked_at,
            user_space: shapes::user_space(document),
            largest_use: numbers::largest_use(document),
            rewritten: Rc::clone(&self.rewritten),
        }
    }

    fn steps(&self) -> impl Iterator<Item = &'static Step> {
        let rigid = self.facts.is_rigid();
        STEPS.iter().filter(move |s| s.rigid || !rigid)
    }

    fn allowed(&self) -> Allowed {
        Allowed {
            lossless: self.options.lossless,
            mean: self.options.max_difference,
            block: BLOCK_PER_PIXEL * self.options.tolerance.max(0.05),
        }
    }

    /// How `document` differs from the source, when that is not too much.
    fn proved(&mut self, text: &str) -> Option<Difference> {
        let allowed = self.allowed();
        let found = self.proof.compare(text, |d| allowed.is_exceeded(d)).ok()?;
        (!allowed.is_exceeded(&found)).then_some(found)
    }

    fn run(&mut self, document: Document, warnings: Vec<String>) -> Result<Shrunk> {
        let shares: &[Share] =
            if self.options.lossless || self.options.tolerance == 0.0 { &[share(0.0, 0.0)] } else { &LADDER };
        let (text, steps, difference) = match self.all_at_once(&document, shares) {
            Some(done) => done,
            None => self.one_by_one(document, shares),
        };
        let (before, after) = (self.source.len() as u64, text.len() as u64);
        let mut report = ShrinkReport {
            bytes_before: before,
            bytes_after: after,
            lossless: self.options.lossless,
            steps,
            proof: Some(ProofReport {
                renderer: render::RENDERER.into(),
                sizes: self.proof.sizes().take(difference.sizes).map(|(w, h)| [w, h]).collect(),
                delta_e_mean: difference.mean,
                delta_e_block: difference.block,
                identical: difference.identical,
            }),
        };
        let size = Some(self.proof.own_size());
        let stripped = self.options.strip_scripts && warnings.iter().any(|w| w.contains("scripts were taken out"));
        if after >= before && !stripped {
            report.bytes_after = before;
            return Ok(Shrunk { svg: self.source.as_bytes().to_vec(), report, size, warnings });
        }
        Ok(Shrunk { svg: text.into_bytes(), report, size, warnings })
    }

    /// All steps at once, with finer and finer tolerances until the drawing stays the same.
    fn all_at_once(&mut self, document: &Document, shares: &[Share]) -> Option<Proved> {
        let (most, finer) = shares.split_first()?;
        let mut begun = Begun::default();
        let (text, steps) = self.shorter(document, *most, &mut begun);
        if let Some(difference) = self.proved(&text) {
            return Some((text, steps, difference));
        }
        let mut gradients = false;
        document.root.visit(&mut |e| gradients |= e.name.ends_with("Gradient"));
        // Paint and shapes each have a say in the size: the shorter first. Within each list every drawing
        // is about as long as the one before it, or longer, so the others can wait.
        let paint: &[Share] = if gradients && !finer.is_empty() { &PAINT_LADDER } else { &[] };
        let mut lists = [paint, finer];
        let mut heads: [Option<(String, Vec<ShrinkStep>)>; 2] = [None, None];
        let mut tried = text;
        loop {
            for (list, head) in lists.iter_mut().zip(&mut heads) {
                if let (None, Some((share, rest))) = (&head, list.split_first()) {
                    *head = Some(self.shorter(document, *share, &mut begun));
                    *list = rest;
                }
            }
            let shortest = heads.iter_mut().filter(|h| h.is_some()).min_by_key(|h| h.as_ref().map(|h| h.0.len()))?;
            let (text, steps) = shortest.take()?;
            if text != tried {
                if let Some(difference) = self.proved(&text) {
                    return Some((text, steps, difference));
                }
                tried = text;
            }
        }
    }

    /// All steps with one tolerance, with or without whole numbers under a scale: the text, and what
    /// each step saved.
    fn shorter(&self, document: &Document, share: Share, begun: &mut Begun) -> (String, Vec<ShrinkStep>) {
        let mut state = begun.of(share).get_or_insert_with(|| self.begin(document, share)).clone();
        for (step, record) in self.steps().zip(&mut state.done) {
            record.tolerance_px = self.used(step, share);
        }
        let others: Vec<&Step> = self.steps().skip(state.done.len()).collect();
        let units = others.first().filter(|s| s.name == UNITS);
        let others = &others[usize::from(units.is_some())..];
        let whole = units
            .filter(|_| self.options.tolerance * share.shapes > 0.0 && !self.options.keep.contains(&Keep::Units))
            .and_then(|units| {
                let mut whole = state.clone();
                self.take(&mut whole, &[*units], share);
                // Where a length is not understood, the step does nothing.
                (whole.document != state.document).then(|| {
                    self.take(&mut whole, others, share);
                    whole.finished()
                })
            });
        self.take(&mut state, others, share);
        let plain = state.finished();
        whole.filter(|w| w.0.len() < plain.0.len()).unwrap_or(plain)
    }

    /// The steps that no tolerance matters to but whether there is one for paint.
    fn begin(&self, document: &Document, share: Share) -> State {
        let mut state = State { document: document.clone(), length: self.source.len() as i64, done: Vec::new() };
        let steps: Vec<&Step> = self.steps().take_while(|s| !s.by_tolerance).collect();
        self.take(&mut state, &steps, share);
        state
    }

    /// Takes some steps with one tolerance.
    fn take(&self, state: &mut State, steps: &[&Step], share: Share) {
        for step in steps {
            let setting = self.setting(&state.document, share);
            (step.run)(&mut state.document, &setting);
            let now = state.document.written_length();
            let record = self.record(step, &mut state.length, now, share, true);
            state.done.push(record);
        }
    }

    /// Every step on its own, each kept only when the drawing stays the same after it.
    fn one_by_one(&mut self, mut document: Document, shares: &[Share]) -> Proved {
        let mut text = self.source.to_string();
        let mut length = text.len() as i64;
        let mut steps = Vec::new();
        let mut difference = Difference { identical: true, ..Difference::default() };
        let all: Vec<_> = self.steps().filter(|s| s.name != UNITS).collect();
        for step in all {
            let mut kept = None;
            let mut tried = None;
            for share in shares {
                let mut changed = document.clone();
                (step.run)(&mut changed, &self.setting(&document, *share));
                if tried.as_ref() == Some(&changed) {
                    continue;
                }
                tried = Some(changed.clone());
                if changed == document {
                    kept = Some((changed, *share));
                    break;
                }
                let written = changed.write();
                if let Some(found) = self.proved(&written) {
                    difference = found;
                    text = written;
                    kept = Some((changed, *share));
                    break;
                }
            }
            match kept {
                Some((changed, share)) => {
                    document = changed;
                    steps.push(self.record(step, &mut length, text.len(), share, true));
                }
                None => steps.push(self.record(step, &mut length, text.len(), share(0.0, 0.0), false)),
            }
        }
        (text, steps, difference)
    }

    fn record(&self, step: &Step, length: &mut i64, now: usize, share: Share, kept: bool) -> ShrinkStep {
        let saved = *length - now as i64;
        *length = now as i64;
        ShrinkStep { name: step.name.into(), saved_bytes: saved, tolerance_px: self.used(step, share), kept }
    }

    /// How far a step may move what it changes, px.
    fn used(&self, step: &Step, share: Share) -> f64 {
        self.options.tolerance * if step.paints { share.paint } else { share.shapes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(text: &str, share: Share) -> Document {
        let options = Options::default();
        let document = parse::parse(text).unwrap();
        let facts = Facts::of(&document);
        let pixels_per_unit = facts::pixels_per_unit(&document.root, options.viewing_size).unwrap();
        let xml = render::xml(text, Trust::Foreign).unwrap();
        let proof = Proof::new(&xml, options.viewing_size, proof::SHARES).unwrap();
        let job = Job { source: text, options: &options, facts, pixels_per_unit, proof, rewritten: Rc::default() };
        job.begin(&document, share).document
    }

    #[test]
    fn what_all_attempts_begin_with_does_not_depend_on_the_tolerance() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut count = 0;
        for file in files.filter(|path| is_svg_name(path)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for (a, b) in [(share(1.0, 1.0), share(0.125, 0.25)), (share(1.0, 0.0), share(0.0, 0.0))] {
                assert!(begun(&text, a) == begun(&text, b), "{}", file.display());
            }
            count += 1;
        }
        assert!(count > 0);
    }

    #[test]
    fn paint_that_may_change_less_than_shapes_has_a_tolerance_of_its_own() {
        // Stripes over the whole drawing: where they move by a tenth of a px, a third of all pixels change.
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024"><linearGradient id="a" x1="3.1234" x2="83.5678" gradientUnits="userSpaceOnUse" spreadMethod="repeat"><stop stop-color="#fff"/><stop offset="1" stop-color="#03a"/></linearGradient><path fill="url(#a)" d="M10.0512 10.0487C300.0523 0.0519 700.0491 0.0512 1010.0523 12.0489L1000.0481 1010.0477C700.0493 1000.0521 300.0488 1020.0519 20.0512 1000.0481z"/></svg>"##;
        let shrunk = shrink(svg, &Options::default()).unwrap();
        let of = |name: &str| shrunk.report.steps.iter().find(|s| s.name == name).map(|s| s.tolerance_px);
        let (shapes, paint) = (of("paths").unwrap(), of("gradients").unwrap());
        assert!(shapes == 0.1 && paint < shapes, "{shapes} {paint}");
        assert!(shrunk.report.proof.unwrap().delta_e_mean <= 0.03);
    }
}
