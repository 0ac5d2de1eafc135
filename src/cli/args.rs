//! The command line as typed.
//!
//! This is the one table of flags: help, man pages, completions, environment variables and the
//! configuration file are all made from it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

const TEMPLATE: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// Heading of the options of shrinking in the help.
const SHRINKING: &str = "Shrinking an SVG";

/// What the pictures of the stages show.
const DEBUG_STAGES: &str = "\
Write a picture of each stage of the contour engine into this folder, enlarged by a whole number:
1-input.png: the pixels as they were read
2-labels.png: each pixel in its ink; each region with an outline of its own colour
3-boundaries.png: measured points of the boundaries, from blue (σ of 0.01 px or less) over green (0.03) and yellow (0.1) \
to red (0.3 or more)
4-curves.png: lines blue, arcs green, cubics magenta, whole shapes orange; corners as squares, smooth nodes as rings, \
junctions as red squares, handles grey
5-refined.png: the same after they were held against the pixels, where that moved them
6-result.png: the SVG";

/// The parser, with what only the engines know in its long help.
pub(crate) fn command() -> clap::Command {
    let mut names = String::from("Set a parameter of the engine (repeatable):");
    for engine in svg_ai::trace::engines() {
        for spec in engine.options() {
            names.push_str(&format!("\n{} ({}): {}", spec.name, spec.range(), spec.help));
        }
    }
    Cli::command().mut_subcommands(|sub| {
        // In `batch` shrinking is an aside; its short help is to fit a screen.
        let aside = sub.get_name() == "batch";
        let sub = sub.mut_args(|arg| {
            let hidden = aside && arg.get_help_heading() == Some(SHRINKING);
            if hidden { arg.hide_short_help(true) } else { arg }
        });
        let traces = sub.get_arguments().any(|a| a.get_id() == "engine_option");
        if traces { sub.mut_arg("engine_option", |arg| arg.long_help(names.clone())) } else { sub }
    })
}

/// Turns folders of raster images into SVGs you can trust.
#[derive(Debug, Parser)]
#[command(
    name = "svg-ai",
    version,
    help_template = TEMPLATE,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    before_help = "Examples:
  svg-ai convert logo.png                       write logo.svg beside it
  svg-ai convert - -o - < logo.png > logo.svg   in a pipe
  svg-ai batch art/ -o svg/ --html index.html   a folder in, a folder and a gallery out
  svg-ai score logo.png logo.svg                how close is it?",
    after_help = "Exit codes: 0 all well, 1 an item failed, 2 wrong usage, 3 nothing to do, 4 below a gate, 130 interrupted.
Every option can also be set as SVG_AI_OPTION_NAME or in svg-ai.toml (see --print-config)."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every subcommand.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Print nothing but data and errors
    #[arg(short, long, global = true, help_heading = "General")]
    pub(crate) quiet: bool,
    /// Explain more (-vv: every attempt)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "General", conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Lines of the log: text, or json, one object a line with everything that is not data
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        default_value = "text",
        value_name = "FORMAT",
        hide_possible_values = true,
        help_heading = "General"
    )]
    pub(crate) log_format: LogFormat,
    /// What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        value_name = "LEVEL",
        hide_possible_values = true,
        help_heading = "General"
    )]
    pub(crate) log: Option<LogLevel>,
    /// Read options from this file instead of the nearest svg-ai.toml
    #[arg(long, global = true, value_name = "FILE", help_heading = "General")]
    pub(crate) config: Option<PathBuf>,
    /// Show every option with its value and where the value came from, and stop
    #[arg(long, global = true, help_heading = "General")]
    pub(crate) print_config: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// Nothing
    Off,
    /// What failed
    Error,
    /// What to know besides
    Warn,
    /// Each item
    Info,
    /// Each stage of each item
    Debug,
}

impl Command {
    /// The tracing options, of the subcommands that trace.
    pub(crate) fn trace(&mut self) -> Option<&mut TraceArgs> {
        match self {
            Command::Convert(a) => Some(&mut a.trace),
            Command::Optimize(a) => Some(&mut a.trace),
            Command::Batch(a) => Some(&mut a.trace),
            Command::Bench(a) => Some(&mut a.trace),
            Command::Score(_) | Command::Generate(_) => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Convert one image
    Convert(ConvertArgs),
    /// Search for the best trace of one image, or shrink an SVG with proof
    Optimize(OptimizeArgs),
    /// Convert files and folders, in parallel
    Batch(BatchArgs),
    /// Measure how close an SVG is to an image
    Score(ScoreArgs),
    /// Measure quality, size and speed over a set of images, and gate on them
    Bench(BenchArgs),
    /// Print a man page, a completion script, the report schema or the list of error codes
    #[command(hide = true)]
    Generate(GenerateArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TierArg {
    /// One trace (usually some 50 ms; at most 2 s)
    Fast,
    /// A second trace where the first scores badly (at most 5 s)
    Balanced,
    /// The best of several careful traces (at most 15 s)
    Best,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClassArg {
    /// Few flat colours, geometric
    Simple,
    /// Glyphs and fine high-contrast marks
    Text,
    /// Smooth ramps
    Gradient,
    /// Illustration with many regions
    Complex,
    /// Photographs
    Photo,
    /// Hard square cells
    PixelArt,
    /// Strokes of constant width
    LineArt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArg {
    /// Chosen by class
    Auto,
    /// Our own: sub-pixel boundaries from the anti-aliasing
    Contour,
    /// Our own, for pixel art: areas of exactly one colour along their cells
    Cells,
    /// Colour clustering and splines (visioncortex)
    Vtracer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BackgroundArg {
    /// Draw it
    Keep,
    /// Leave it out
    Remove,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GradientsArg {
    /// Where smooth shading is found
    Auto,
    /// Bands of flat colour
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StrokesArg {
    /// Where they are shorter and no worse
    Auto,
    /// Outlines of them
    Never,
    /// Wherever a region has about one width
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StackingArg {
    /// In painter's order, the lower running on below the upper
    Stacked,
    /// A mosaic
    Cutout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShapesArg {
    /// Where a contour is one
    Auto,
    /// Never
    Paths,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupArg {
    /// No groups
    None,
    /// By paint
    Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MetricsArg {
    /// All figures but SSIMULACRA2
    Basic,
    /// All figures
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SizeArg {
    /// viewBox only
    None,
    /// Width and height in px
    Px,
    /// Width and height 100%
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IfExistsArg {
    /// Replace it
    Overwrite,
    /// Leave it alone
    Skip,
    /// Fail the item
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One JSON document at the end
    Json,
    /// One line per item, as items finish
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OversizedArg {
    /// Do it while nothing else is done
    Alone,
    /// Fail it
    Refuse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PaperArg {
    /// As if all of it were lit alike
    Auto,
    /// As it was seen
    Keep,
}

/// How images are traced.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Tracing")]
pub(crate) struct TraceArgs {
    /// How much time an image is worth
    #[arg(
        long,
        value_enum,
        default_value = "balanced",
        value_name = "TIER",
        hide_possible_values = true,
        long_help = "How much time an image is worth: fast (one trace; at most 2 s), balanced (a second trace where the first scores badly; at most 5 s) or best (the best of several careful traces; at most 15 s)"
    )]
    pub(crate) quality: TierArg,
    /// The same as a number: 1 fast, 2 balanced, 3 best
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=3), value_name = "N")]
    pub(crate) tier: Option<u8>,
    /// Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]
    #[arg(long, value_enum, value_name = "CLASS", hide_possible_values = true)]
    pub(crate) class: Option<ClassArg>,
    /// Tracing engine [auto, contour, cells, vtracer]
    #[arg(long, value_enum, default_value = "auto", hide_possible_values = true)]
    pub(crate) engine: EngineArg,
    /// Set a parameter of the engine (repeatable; names and ranges in --help)
    #[arg(long, hide_short_help = true, value_name = "NAME=VALUE")]
    pub(crate) engine_option: Vec<String>,
    /// Start from the presets in this file, as written by `optimize --learn`
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    pub(crate) presets: Option<PathBuf>,
    /// Deadline of an image, such as 500ms or 10s [default: the tier's]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Uneven light on photographed or scanned paper: take it out (auto) or trace it (keep)
    #[arg(
        long,
        value_enum,
        default_value = "auto",
        hide_short_help = true,
        hide_possible_values = true,
        value_name = "WHAT"
    )]
    pub(crate) paper: PaperArg,
    /// Do not render and measure the result
    #[arg(long)]
    pub(crate) no_score: bool,
    /// Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]
    #[arg(long, value_enum, value_name = "SET", hide_possible_values = true)]
    pub(crate) metrics: Option<MetricsArg>,
    /// Use at most so many inks
    #[arg(long, hide_short_help = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) colors: Option<u16>,
    /// Use only these inks, such as '#ffffff,#d20a14'
    #[arg(long, hide_short_help = true, value_name = "COLORS", conflicts_with = "colors")]
    pub(crate) palette: Option<String>,
    /// Use only the inks in this file, one #rrggbb a line; what follows a space is a comment
    #[arg(long, hide_short_help = true, value_name = "FILE", conflicts_with_all = ["colors", "palette"])]
    pub(crate) palette_file: Option<PathBuf>,
    /// Give regions smaller than this to their neighbours, px²
    #[arg(long, hide_short_help = true, value_name = "AREA")]
    pub(crate) min_area: Option<f64>,
    /// Draw the ground that touches the rim: keep or remove
    #[arg(long, hide_short_help = true, value_enum, value_name = "WHAT", hide_possible_values = true)]
    pub(crate) background: Option<BackgroundArg>,
    /// How shapes share their edges: stacked (the lower runs on below the upper) or cutout
    #[arg(long, hide_short_help = true, value_enum, value_name = "HOW", hide_possible_values = true)]
    pub(crate) stacking: Option<StackingArg>,
    /// Write smooth shading as gradients, or as bands of flat colour: auto or never
    #[arg(long, hide_short_help = true, value_enum, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) gradients: Option<GradientsArg>,
    /// Write regions of constant width as strokes: auto, never or always (for plotters and cutters)
    #[arg(long, hide_short_help = true, value_enum, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) strokes: Option<StrokesArg>,
    /// Write circles, ellipses and rectangles as such: auto or paths
    #[arg(
        long,
        hide_short_help = true,
        value_enum,
        default_value = "auto",
        value_name = "HOW",
        hide_possible_values = true
    )]
    pub(crate) shapes: ShapesArg,
    /// Put neighbouring shapes of one colour into a group: none or color
    #[arg(
        long,
        hide_short_help = true,
        value_enum,
        default_value = "none",
        value_name = "WHAT",
        hide_possible_values = true
    )]
    pub(crate) group_by: GroupArg,
    /// Give each shape an id
    #[arg(long, hide_short_help = true)]
    pub(crate) ids: bool,
    /// Decimals of a coordinate, 0 to 6 [default: as the engine resolves, 2 for contour, 0 for cells, 1 for vtracer]
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=6), value_name = "N")]
    pub(crate) precision: Option<u8>,
    /// Size written on the <svg> element: none, px or full
    #[arg(
        long,
        hide_short_help = true,
        value_enum,
        default_value = "none",
        value_name = "SIZE",
        hide_possible_values = true
    )]
    pub(crate) svg_size: SizeArg,
}

/// What is refused before it is decoded.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Refuse files larger than this, such as 64M
    #[arg(long, default_value = "256M", value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) max_file_size: u64,
    /// Refuse images with more pixels than this, such as 20M
    #[arg(long, default_value = "100M", value_name = "PIXELS", value_parser = parse_count)]
    pub(crate) max_pixels: u64,
    /// Give up reading or writing one object of a store after this time, all tries together
    #[arg(long, hide_short_help = true, default_value = "4m", value_name = "TIME", value_parser = parse_duration)]
    pub(crate) network_timeout: Duration,
}

/// Convert one image.
#[derive(Debug, Clone, Args)]
#[command(help_template = TEMPLATE, before_help = "Examples:
  svg-ai convert logo.png                        write logo.svg beside it
  svg-ai convert scan.jpg -o out.svg --quality best
  svg-ai convert - -o - < logo.png > logo.svg
  svg-ai convert logo.png -o logo.svg --fail-under 0.95")]
pub(crate) struct ConvertArgs {
    /// Image to convert; `-` reads standard input
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// SVG to write; `-` is standard output [default: IN with .svg]
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// What to do when OUT exists: overwrite, skip or error
    #[arg(long, value_enum, default_value = "overwrite", value_name = "WHAT", hide_possible_values = true)]
    pub(crate) if_exists: IfExistsArg,
    /// Show class, features, attempts and figures
    #[arg(long)]
    pub(crate) explain: bool,
    /// Write the record as JSON (`-`: standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write a makefile rule with the inputs of OUT
    #[arg(long, value_name = "FILE")]
    pub(crate) deps: Option<PathBuf>,
    /// Write a picture of each stage of the contour engine into this folder
    #[arg(long, hide_short_help = true, value_name = "DIR", long_help = DEBUG_STAGES)]
    pub(crate) debug_stages: Option<PathBuf>,
    /// Exit with 4 when the quality is below this
    #[arg(long, value_name = "QUALITY", value_parser = parse_quality)]
    pub(crate) fail_under: Option<f64>,
    /// Threads (0: all cores)
    #[arg(short, long, default_value = "0", value_name = "N", value_parser = parse_jobs)]
    pub(crate) jobs: usize,
    /// Read the inputs, write the outputs, and let the process do nothing else (Linux)
    #[arg(long, hide_short_help = true)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(crate) trace: TraceArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// What can be kept though it is not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeepArg {
    /// <title> and <desc>
    Titles,
    /// Ids as they are
    Ids,
    /// <metadata>: licence, author
    Metadata,
    /// Comments
    Comments,
    /// What editors leave for themselves
    Editor,
    /// Coordinates in the drawing's own units
    Units,
    /// Nothing that is not drawn
    None,
}

/// How an SVG is shrunk.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = SHRINKING)]
pub(crate) struct ShrinkArgs {
    /// What to keep though it is not drawn: titles, ids, metadata, comments, editor, units or none
    #[arg(
        long,
        hide_short_help = true,
        value_enum,
        value_delimiter = ',',
        default_value = "titles",
        value_name = "WHAT,…",
        hide_possible_values = true
    )]
    pub(crate) keep: Vec<KeepArg>,
    /// Only changes after which every pixel is the same
    #[arg(long)]
    pub(crate) lossless: bool,
    /// How far a contour may move, px at the viewing size
    #[arg(long, hide_short_help = true, default_value = "0.1", value_name = "PX")]
    pub(crate) tolerance: f64,
    /// Longer side at which the drawing is seen, px
    #[arg(long, default_value = "1024", value_name = "PX", hide_short_help = true)]
    pub(crate) viewing_size: f64,
    /// Largest mean ΔE₀₀ between the drawing before and after
    #[arg(long, default_value = "0.03", value_name = "ΔE", hide_short_help = true)]
    pub(crate) max_difference: f64,
    /// Take scripts out; else a drawing with scripts is left as it is
    #[arg(long, hide_short_help = true)]
    pub(crate) strip_scripts: bool,
}

/// What `batch` does with SVGs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SvgArg {
    /// Leave them alone
    Skip,
    /// Shrink them with proof
    Shrink,
}

/// Search for the best trace of one image, or shrink an SVG.
#[derive(Debug, Clone, Args)]
#[command(help_template = TEMPLATE, before_help = "Examples:
  svg-ai optimize logo.png                       the best trade that 10 s can find
  svg-ai optimize logo.png --target 0.98         the smallest that scores 0.98
  svg-ai optimize logo.png --max-bytes 4k        the best in 4 KiB
  svg-ai optimize logo.png --front all/ --plot front.svg    all that nothing beats
  svg-ai optimize --learn art/ -o presets.toml   presets for --presets, from your own images
  svg-ai optimize icon.svg -o small.svg          fewer bytes that show the same
  svg-ai optimize icon.svg --lossless --keep titles,ids")]
pub(crate) struct OptimizeArgs {
    /// Image to convert, or SVG to shrink; `-` reads standard input
    #[arg(value_name = "IN")]
    pub(crate) input: Option<PathBuf>,
    /// SVG to write; `-` is standard output [default: IN with .svg, or with .min.svg for an SVG]
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Quality to reach: the fewest bytes that do win
    #[arg(long, value_name = "QUALITY", value_parser = parse_quality)]
    pub(crate) target: Option<f64>,
    /// Most bytes, such as 4k: the best quality that fits wins; exit with 4 when nothing fits
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) max_bytes: Option<u64>,
    /// Write every SVG that no other beats in quality, bytes and nodes; names sort by size
    #[arg(long, value_name = "DIR")]
    pub(crate) front: Option<PathBuf>,
    /// Draw quality against bytes of all trials, as an SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// Measure the images of a folder once and write a preset for each class to OUT, for --presets
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["input", "front", "plot", "target", "max_bytes"])]
    pub(crate) learn: Option<PathBuf>,
    /// Time for the search; for each image of the folder with --learn
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = parse_duration)]
    pub(crate) time_budget: Duration,
    /// Most SVGs to try; one trace gives two to seven of them
    #[arg(long, default_value = "2000", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) trials: u32,
    /// Seed of the random part of the search
    #[arg(long, default_value = "1", hide_short_help = true, value_name = "N")]
    pub(crate) seed: u64,
    /// What to do when OUT exists: overwrite, skip or error
    #[arg(long, value_enum, default_value = "overwrite", value_name = "WHAT", hide_possible_values = true)]
    pub(crate) if_exists: IfExistsArg,
    /// Show class, features, every trial and figures
    #[arg(long)]
    pub(crate) explain: bool,
    /// Write the record, with every trial, as JSON (`-`: standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Exit with 4 when the quality is below this
    #[arg(long, value_name = "QUALITY", value_parser = parse_quality)]
    pub(crate) fail_under: Option<f64>,
    /// Threads (0: all cores)
    #[arg(short, long, default_value = "0", value_name = "N", value_parser = parse_jobs)]
    pub(crate) jobs: usize,
    #[command(flatten)]
    pub(crate) shrink: ShrinkArgs,
    #[command(flatten)]
    pub(crate) trace: TraceArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Convert files and folders, in parallel.
#[derive(Debug, Clone, Args)]
#[command(help_template = TEMPLATE, before_help = "Examples:
  svg-ai batch art/ -o svg/                                 keep the tree of art/ in svg/
  svg-ai batch art/ -o svg/ --report r.json --html r.html   with a report and a gallery
  svg-ai batch art/ -o svg/ --fail-under 0.9 -q             in CI: silent, exit 4 below 0.9
  svg-ai batch art/ -o svg/ --report r.json --resume        only what is new, changed or missing
  svg-ai batch icons/ -o small/ --svg shrink                SVGs in fewer bytes that show the same
  svg-ai batch art/ -o svg/ --shard 2/8 --report 2.json     one of eight machines
  git ls-files -z '*.png' | svg-ai batch --files-from - -0 --base . -o svg/")]
pub(crate) struct BatchArgs {
    /// Images and folders; with --merge, reports
    #[arg(value_name = "IN")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Folder for the SVGs; the tree below each IN is kept
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Read more inputs from a file, one a line (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// The list is separated by NUL bytes
    #[arg(short = '0', long, requires = "files_from", hide_short_help = true)]
    pub(crate) null: bool,
    /// Only files that match this glob (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// No files that match this glob (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Stay out of folders in folders
    #[arg(long, hide_short_help = true)]
    pub(crate) no_recursive: bool,
    /// Keep the tree below this folder for files named one by one
    #[arg(long, hide_short_help = true, value_name = "DIR")]
    pub(crate) base: Option<PathBuf>,
    /// What to do with SVGs: skip or shrink
    #[arg(long, value_enum, default_value = "skip", value_name = "WHAT", hide_possible_values = true)]
    pub(crate) svg: SvgArg,
    /// Write a.png.svg instead of a.svg
    #[arg(long, hide_short_help = true)]
    pub(crate) keep_extension: bool,
    /// Outputs that exist: overwrite, skip or error
    #[arg(long, value_enum, default_value = "overwrite", value_name = "WHAT", hide_possible_values = true)]
    pub(crate) if_exists: IfExistsArg,
    /// Do only what is new, changed, missing or failed since an earlier run
    #[arg(long)]
    pub(crate) resume: bool,
    /// With --resume: do everything again all the same
    #[arg(long, hide_short_help = true)]
    pub(crate) force: bool,
    /// Delete outputs whose image is gone, after showing them
    #[arg(long)]
    pub(crate) prune: bool,
    /// Do not ask before --prune deletes
    #[arg(long, hide_short_help = true)]
    pub(crate) yes: bool,
    /// Where it is written down what is done [default: REPORT.journal; with --resume and no report .svg-ai.journal in DIR]
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Go on and convert what changes, until stopped; implies --resume
    #[arg(long, conflicts_with_all = ["merge", "dry_run", "deadline"])]
    pub(crate) watch: bool,
    /// Do part K of N, as one of several machines
    #[arg(long, value_name = "K/N", value_parser = parse_shard)]
    pub(crate) shard: Option<svg_ai::batch::Shard>,
    /// Join the reports of all shards, given as IN, to one --report
    #[arg(long, conflicts_with_all = ["shard", "resume", "prune", "dry_run", "files_from", "journal"])]
    pub(crate) merge: bool,
    /// Show what would be done: decode and classify, write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the report (`-`: standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// One json document at the end, or jsonl while items finish
    #[arg(long, value_enum, default_value = "json", value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) report_format: ReportFormat,
    /// Write a gallery: one page that opens without network
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write Prometheus metrics, for node exporter's textfile collector
    #[arg(long, value_name = "FILE", conflicts_with_all = ["merge", "dry_run"])]
    pub(crate) metrics_file: Option<PathBuf>,
    /// Exit with 4 when the quality of any item is below this
    #[arg(long, value_name = "QUALITY", value_parser = parse_quality)]
    pub(crate) fail_under: Option<f64>,
    /// Exit with 4 when this holds for any item, such as 'bytes_ratio>1'
    #[arg(long, value_name = "CONDITION", value_parser = parse_gate)]
    pub(crate) fail_if: Vec<svg_ai::report::gate::Gate>,
    /// Images at once (0: all cores)
    #[arg(short, long, default_value = "0", value_name = "N", value_parser = parse_jobs)]
    pub(crate) jobs: usize,
    /// Memory for all images at work [default: 200 MB a job, at most half]
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) memory: Option<u64>,
    /// What to do with an image that would take more than that: alone (nothing beside it) or refuse
    #[arg(
        long,
        hide_short_help = true,
        value_enum,
        default_value = "alone",
        value_name = "WHAT",
        hide_possible_values = true
    )]
    pub(crate) oversized: OversizedArg,
    /// Start no image after this time, such as 30m, and exit with 1
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) deadline: Option<Duration>,
    /// Read the inputs, write the outputs, and let the process do nothing else (Linux)
    #[arg(long, conflicts_with = "watch", hide_short_help = true)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(crate) shrink: ShrinkArgs,
    #[command(flatten)]
    pub(crate) trace: TraceArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Measure how close an SVG is to an image.
#[derive(Debug, Clone, Args)]
#[command(help_template = TEMPLATE, before_help = "Examples:
  svg-ai score logo.png logo.svg
  svg-ai score logo.png logo.svg --diff diff.png --format json
  svg-ai score images/ svgs/ --fail-under 0.9               folders, paired by relative path")]
pub(crate) struct ScoreArgs {
    /// Image, or folder of images; `-` reads standard input
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// SVG, or folder of SVGs; `-` reads standard input
    #[arg(value_name = "SVG")]
    pub(crate) svg: PathBuf,
    /// Write a picture of the difference (for folders: a folder)
    #[arg(long, value_name = "PNG")]
    pub(crate) diff: Option<PathBuf>,
    /// Figures to measure: basic or full (with SSIMULACRA2)
    #[arg(long, value_enum, default_value = "full", value_name = "SET", hide_possible_values = true)]
    pub(crate) metrics: MetricsArg,
    /// text or json
    #[arg(long, value_enum, default_value = "text", hide_possible_values = true)]
    pub(crate) format: Format,
    /// Exit with 4 when the quality is below this
    #[arg(long, value_name = "QUALITY", value_parser = parse_quality)]
    pub(crate) fail_under: Option<f64>,
    /// Threads (0: all cores)
    #[arg(short, long, default_value = "0", value_name = "N", value_parser = parse_jobs)]
    pub(crate) jobs: usize,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Measure quality, size and speed over a set of images, and gate on them.
#[derive(Debug, Clone, Args)]
#[command(help_template = TEMPLATE, before_help = "Examples:
  svg-ai bench                                              the built-in generated set
  svg-ai bench art/ --repeat 3 --jobs 1,2 --save base.json
  svg-ai bench art/ --baseline base.json --max-regression 5%
  svg-ai bench art/ --compare 'vtracer {in} {out}'")]
pub(crate) struct BenchArgs {
    /// Folder of images [default: the built-in generated set]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Images of each class in the built-in set
    #[arg(long, default_value = "6", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) samples: u32,
    /// Longer side of the built-in images, px
    #[arg(long, default_value = "512", value_name = "PX", value_parser = clap::value_parser!(u32).range(16..=4096))]
    pub(crate) side: u32,
    /// Runs over the set; times are the median
    #[arg(long, default_value = "1", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repeat: u32,
    /// Numbers of images at once to measure throughput for (0: all cores)
    #[arg(short, long, value_delimiter = ',', default_value = "1", value_name = "N,…", value_parser = clap::value_parser!(u32).range(0..=1024))]
    pub(crate) jobs: Vec<u32>,
    /// Run another tool on the same files and score it the same way (repeatable)
    #[arg(long, value_name = "CMD {in} {out}", value_parser = parse_tool)]
    pub(crate) compare: Vec<svg_ai::bench::Tool>,
    /// Write the figures as JSON, to be a baseline later
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Exit with 4 when a figure is worse than in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// How much worse a figure may be, such as 5%
    #[arg(long, default_value = "5%", value_name = "SHARE", value_parser = parse_share)]
    pub(crate) max_regression: f64,
    /// How much slower it may be, when not the same, such as 50%
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub(crate) max_slowdown: Option<f64>,
    /// text or json
    #[arg(long, value_enum, default_value = "text", hide_possible_values = true)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) trace: TraceArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// What `generate` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generated {
    /// Man pages, into DIR
    Man,
    /// Completion scripts of all shells, into DIR
    Completions,
    /// JSON schema of the report
    Schema,
    /// Error codes as Markdown
    Errors,
    /// Options as Markdown
    Reference,
}

/// Print what is made from the parser and the types.
#[derive(Debug, Clone, Args)]
pub(crate) struct GenerateArgs {
    /// What to print
    #[arg(value_enum)]
    pub(crate) what: Generated,
    /// Folder for man pages and completions
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    // A bare number is seconds, as in `timeout 5`.
    let bare = text.parse::<f64>().ok().filter(|s| *s > 0.0 && *s < 1e9).map(Duration::from_secs_f64);
    let time = bare.map_or_else(|| humantime::parse_duration(text).map_err(|e| e.to_string()), Ok)?;
    if time.is_zero() { Err("must be longer than nothing".into()) } else { Ok(time) }
}

fn parse_quality(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|q| (0.0..=1.0).contains(q)).ok_or_else(|| "must be a number from 0 to 1".into())
}

/// `5%` or `0.05`.
fn parse_share(text: &str) -> Result<f64, String> {
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|p| p / 100.0),
        None => text.parse::<f64>(),
    };
    value.ok().filter(|s| (0.0..=10.0).contains(s)).ok_or_else(|| "must be a share such as 5% or 0.05".into())
}

fn parse_scaled(text: &str, kilo: u64) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix("ib").or_else(|| lower.strip_suffix('b')).unwrap_or(&lower);
    let (digits, power) = match lower.char_indices().last() {
        Some((i, 'k')) => (&lower[..i], 1),
        Some((i, 'm')) => (&lower[..i], 2),
        Some((i, 'g')) => (&lower[..i], 3),
        _ => (lower, 0),
    };
    let value: f64 =
        digits.trim().parse().map_err(|_| "must be a number such as 500000, 64K, 20M or 1G".to_string())?;
    let value = value * (kilo.pow(power) as f64);
    if (1.0..1e15).contains(&value) { Ok(value as u64) } else { Err("is out of range".into()) }
}

/// `64M` as 64 MiB.
fn parse_bytes(text: &str) -> Result<u64, String> {
    parse_scaled(text, 1024)
}

/// `20M` as 20 million.
fn parse_count(text: &str) -> Result<u64, String> {
    parse_scaled(text, 1000)
}

/// Most threads: far more than help, far fewer than stop a machine from answering.
const MAX_JOBS: usize = 1024;

fn parse_jobs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n <= MAX_JOBS).ok_or_else(|| format!("must be a number from 0 to {MAX_JOBS}"))
}

fn parse_tool(text: &str) -> Result<svg_ai::bench::Tool, String> {
    text.parse().map_err(|e: svg_ai::Error| e.message().to_string())
}

fn parse_shard(text: &str) -> Result<svg_ai::batch::Shard, String> {
    text.parse().map_err(|e: svg_ai::Error| e.message().to_string())
}

fn parse_gate(text: &str) -> Result<svg_ai::report::gate::Gate, String> {
    text.parse().map_err(|e: svg_ai::Error| e.message().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn sizes_times_and_shares_are_read() {
        assert_eq!(parse_bytes("64M"), Ok(64 << 20));
        assert_eq!(parse_bytes("1.5KiB"), Ok(1536));
        assert_eq!(parse_count("20m"), Ok(20_000_000));
        assert!(parse_count("-1").is_err() && parse_count("lots").is_err() && parse_count("NaN").is_err());
        assert_eq!(parse_share("5%"), Ok(0.05));
        assert!(parse_share("-5%").is_err());
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("2"), Ok(Duration::from_secs(2)));
        assert!(parse_duration("0s").is_err() && parse_duration("NaN").is_err());
        assert!(parse_quality("1.01").is_err() && parse_quality("NaN").is_err());
    }
}
