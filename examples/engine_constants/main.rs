//! Prints `docs/engine-constants.md`: every constant of the contour engine with its unit and its reason.
//!
//! ```text
//! cargo run --example engine_constants > docs/engine-constants.md
//! ```
#![allow(clippy::print_stdout)]

mod table;

fn main() -> anyhow::Result<()> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    print!("{}", table::markdown(root)?);
    Ok(())
}
