//! The command line of svg-ai: parse, run, exit.
#![forbid(unsafe_code)]

mod cli;

/// Gives what an image took back to the system when it is done. The C library of Linux keeps most of it, so
/// that a batch with pictures of 16 megapixels among small ones held 640 MB where this holds 450.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
