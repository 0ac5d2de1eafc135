//! Any bytes as a foreign SVG to be shrunk: refused with a code, or no larger than before, still an SVG, and
//! shrunk again it stays within what was proved.
#![no_main]

use libfuzzer_sys::fuzz_target;
use svg_ai::optimize::svg::{Options, shrink};

fuzz_target!(|input: (bool, &[u8])| {
    let (lossless, svg) = input;
    let options = Options { lossless, ..Options::default() };
    let Ok(shrunk) = shrink(svg, &options) else { return };
    assert!(shrunk.svg.len() <= svg.len(), "{} bytes became {}", svg.len(), shrunk.svg.len());
    shrink(&shrunk.svg, &options).expect("what was shrunk is an SVG");
});
