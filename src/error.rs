//! Every failure of the library: a stable [`Code`], a message, the file it is about, and a cure.
//!
//! Codes are part of the interface: scripts match on them, so a code keeps its meaning for ever.
//! The table below is the only place where they are defined; `docs/errors.md` is generated from it.

use std::path::Path;

/// The library's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal, $cause:literal, $cure:literal;)*) => {
        /// A stable name for a kind of failure, as written in reports (`input.not_found`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $id, "`: ", $cause)] $name,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as it is written in reports.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => $id,)* }
            }

            /// What brings this failure about.
            pub fn cause(self) -> &'static str {
                match self { $(Code::$name => $cause,)* }
            }

            /// What the user can do about it.
            pub fn cure(self) -> &'static str {
                match self { $(Code::$name => $cure,)* }
            }
        }
    };
}

codes! {
    InputNotFound = "input.not_found", "there is no file at this path", "check the path; it may have been moved or deleted after it was listed";
    InputUnreadable = "input.unreadable", "the file exists but reading it failed", "check its permissions and the health of the disk or mount";
    InputIsDirectory = "input.is_directory", "a folder was given where one image is wanted", "use `svg-ai batch` for folders";
    InputEmpty = "input.empty", "the file has no bytes", "export or download it again";
    InputUnknownFormat = "input.unknown_format", "the first bytes match no image format that svg-ai reads", "convert it to PNG first; the name's extension is not looked at";
    InputUnsupported = "input.unsupported", "the format is known but this variant of it is not decoded", "save it as 8-bit RGB or RGBA PNG";
    InputCorrupt = "input.corrupt", "the image data contradicts itself or fails its checksums", "export or download it again";
    InputTruncated = "input.truncated", "the file ends before the image does", "it was probably cut off in a copy or download: fetch it again";
    InputTooLarge = "input.too_large", "the file, its pixel count, a side or the memory to decode it is over the limit", "raise --max-file-size or --max-pixels if you trust the file, or scale the image down";
    InputOverMemory = "input.over_memory", "the image would take more memory than --memory allows for all, and --oversized is `refuse`", "raise --memory, use --oversized alone, or scale the image down";
    InputFullyTransparent = "input.fully_transparent", "no pixel of the image is visible, so there is nothing to trace", "check the export: layers may have been hidden";
    OutputUnwritable = "output.unwritable", "the output could not be written", "check that the folder exists, that it may be written to, and that the disk is not full";
    OutputExists = "output.exists", "the output exists and --if-exists is `error`", "delete it, choose another name, or use --if-exists overwrite or skip";
    OutputIsInput = "output.is_input", "an output path is an input file", "choose another output: an input is never overwritten";
    OutputCollision = "output.collision", "two outputs would be written to one file", "rename one of them, or convert the folders one at a time";
    OptionInvalid = "option.invalid", "an option has an unknown name or a value out of its range", "see --help or docs/reference.md for names and ranges";
    TraceDeadline = "trace.deadline", "no engine finished a trace before the deadline", "use --quality fast with --timeout raised, or scale the image down";
    TraceFailed = "trace.failed", "every engine refused or failed on this image", "run `svg-ai convert --explain` on it and report what it prints";
    TraceNoStages = "trace.no_stages", "--debug-stages shows the stages of the contour engine, and the trace that was kept is not its own", "add --engine contour; --explain tells why another engine was used";
    SvgInvalid = "svg.invalid", "the SVG is not well-formed or has no size", "open it in a browser: it names the line";
    SvgTooLarge = "svg.too_large", "the SVG file, its canvas or an image inside it is over the limit", "check that it is the file you meant; traces are far smaller than the limit";
    SvgTooComplex = "svg.too_complex", "the SVG has, or expands to, more elements or filter work than the limit", "flatten nested <use>, patterns and filters, or split the drawing";
    SvgExternalReference = "svg.external_reference", "the SVG refers to a file or a URL, which is never loaded", "embed or remove the reference";
    SvgTooSlow = "svg.too_slow", "rendering the SVG did not end within its time limit", "simplify filters and patterns in the drawing";
    ScoreSizeMismatch = "score.size_mismatch", "the SVG's proportions are not those of the image", "compare the SVG with the image it was made from";
    ScoreNoPair = "score.no_pair", "a file in one folder has no partner of the same relative path in the other", "convert the missing one or leave the file out";
    MergeIncomplete = "merge.incomplete", "the reports given to --merge are not the shards of one run, each once", "give the report of every shard once, all made by one version with the same options over the same files";
    ReportInvalid = "report.invalid", "a report or baseline file could not be read as one", "write it again with this version of svg-ai";
    RunInterrupted = "run.interrupted", "the run was stopped before this item was finished", "run it again with --resume, or with --if-exists skip, to do the rest";
    RunDeadline = "run.deadline", "the time that --deadline gives the run was over before this item", "run it again with --resume to do the rest";
    RunBusy = "run.busy", "another run has the journal of this one", "wait for it to end, or give each run a journal of its own with --journal";
    SandboxUnavailable = "sandbox.unavailable", "--sandbox was asked for and the system cannot do it, or not all of it", "use Linux 5.13 or newer with Landlock and seccomp switched on, or leave --sandbox out and limit the process otherwise";
    CloudNotBuilt = "cloud.not_built", "a URL was given, and this svg-ai was built without the feature `cloud`", "build it with `cargo install svg-ai --features cloud`, or copy the files with the tools of the store";
    CloudDenied = "cloud.denied", "the store does not allow it, or does not know the credentials", "check the credentials in the environment (docs/operations.md names the variables) and what they may do in this bucket";
    CloudRefused = "cloud.refused", "the store cannot do it: no such bucket, or a wrong region, endpoint or setting", "check the name of the bucket, and region and endpoint in the environment (docs/operations.md names the variables)";
    CloudUnavailable = "cloud.unavailable", "the store was not reached, had no time, or was too slow, for all the tries that were made", "run it again with --resume; raise --network-timeout on a slow line, lower --jobs where the store slows you down";
    InternalPanic = "internal.panic", "a bug in svg-ai or one of its libraries", "please report it with the image; the other items were not affected";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

/// One failure: what kind, about which file, and what was wrong in words.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    code: Code,
    subject: Option<String>,
    message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(subject) = &self.subject {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl Error {
    /// A failure of kind `code`; `message` says what was wrong, without the file's name.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, subject: None, message: message.into() }
    }

    /// The same failure, about the file at `path` (kept if a file was named already).
    #[must_use]
    pub fn at(mut self, path: &Path) -> Self {
        self.subject.get_or_insert_with(|| path.display().to_string());
        self
    }

    /// The file it is about, when it names one.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What was wrong, without the file's name.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the user can do about it.
    pub fn suggestion(&self) -> &'static str {
        self.code.cure()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_documented() {
        let mut ids: Vec<_> = Code::ALL.iter().map(|c| c.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(!code.cause().is_empty() && !code.cure().is_empty(), "{code}");
        }
    }

    #[test]
    fn an_error_names_its_file_once() {
        let e = Error::new(Code::InputEmpty, "no bytes").at(Path::new("a.png")).at(Path::new("b.png"));
        assert_eq!(e.to_string(), "a.png: no bytes");
    }
}
