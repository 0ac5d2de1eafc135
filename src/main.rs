//! The command line: parse, run, exit.
#![forbid(unsafe_code)]

fn main() {}
