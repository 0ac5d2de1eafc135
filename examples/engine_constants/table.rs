//! The constants of the contour engine, read from its sources.
//!
//! The documentation of a constant is `What it is, unit: why it has this value.` with a unit of [`UNITS`].
//! One that says less is an error: a number that nobody can explain, nobody dares to change.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Where the engine is, below the root of the repository.
const SOURCES: &str = "src/trace/contour";

/// Units that a constant may have.
const UNITS: &[&str] = &[
    "px",
    "px²",
    "px⁻²",
    "px of the picture",
    "8-bit steps",
    "8-bit steps²",
    "8-bit sRGB",
    "ΔE₀₀",
    "radians",
    "turns",
    "σ",
    "σ²",
    "numbers",
    "nats",
    "a count",
    "a share",
    "a ratio",
    "an index",
];

/// One constant.
#[derive(Debug, PartialEq)]
pub(crate) struct Constant {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) unit: String,
    pub(crate) what: String,
    pub(crate) why: String,
}

/// All constants as Markdown, a table for each file.
pub(crate) fn markdown(root: &Path) -> Result<String> {
    let mut text = String::from(
        "# Constants of the contour engine\n\n\
         Made by `cargo run --example engine_constants` from the documentation of the constants in \
         [src/trace/contour](../src/trace/contour).\nWhat users can set is in [reference.md](reference.md); \
         how the values were found, where they were measured, in [engine-log.md](engine-log.md).\n",
    );
    for file in sources(&root.join(SOURCES))? {
        let source = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let name = file.strip_prefix(root.join(SOURCES))?.to_string_lossy().replace('\\', "/");
        let found = constants(&source).with_context(|| name.clone())?;
        if found.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {name}\n\n| constant | value | unit | what it is | why |\n|---|---:|---|---|---|\n");
        for c in found {
            let _ = writeln!(text, "| `{}` | {} | {} | {} | {} |", c.name, c.value, c.unit, c.what, c.why);
        }
    }
    Ok(text)
}

/// Every source file below `folder`, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The constants of one source file that are numbers, without those of its tests and inside its functions.
pub(crate) fn constants(source: &str) -> Result<Vec<Constant>> {
    let mut found = Vec::new();
    let mut doc = String::new();
    let mut lines = source.lines().take_while(|l| *l != "#[cfg(test)]");
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("///") {
            doc.push_str(text);
            continue;
        }
        // What a function keeps for itself.
        if line.starts_with(char::is_whitespace) {
            continue;
        }
        let item =
            line.strip_prefix("pub").map_or(line, |l| l.trim_start_matches("(super)").trim_start_matches("(crate)"));
        let Some(declared) = item.trim_start().strip_prefix("const ").filter(|d| !d.starts_with("fn ")) else {
            if !line.starts_with("#[") {
                doc.clear();
            }
            continue;
        };
        let mut declared = declared.to_string();
        while !declared.ends_with(';') {
            let more = lines.next().with_context(|| format!("`{declared}` has no end"))?;
            let _ = write!(declared, " {}", more.trim());
        }
        let (name, rest) = declared.split_once(':').with_context(|| format!("`{declared}` has no type"))?;
        let (kind, value) = rest.split_once(" = ").with_context(|| format!("`{declared}` has no value"))?;
        let doc = std::mem::take(&mut doc);
        if !kind.contains("str") {
            found.push(constant(name, value.trim_end_matches(';'), &doc)?);
        }
    }
    Ok(found)
}

/// A constant from its documentation.
fn constant(name: &str, value: &str, doc: &str) -> Result<Constant> {
    let parts = || {
        let (head, why) = doc.split_once(": ")?;
        let (what, unit) = head.rsplit_once(", ")?;
        let why = why.trim();
        (UNITS.contains(&unit) && !why.is_empty()).then_some((what.trim(), unit, why))
    };
    let Some((what, unit, why)) = parts() else {
        bail!("{name}: `{}` is not of the form `What it is, unit: why.` with one of the units {UNITS:?}", doc.trim());
    };
    // A link leads nowhere from the table, and a bar would end its cell.
    let cell = |text: &str| text.replace("[`", "`").replace("`]", "`").replace('|', "\\|");
    Ok(Constant {
        name: name.into(),
        value: cell(value),
        unit: unit.into(),
        what: cell(what),
        why: cell(why.trim_end_matches('.')),
    })
}
