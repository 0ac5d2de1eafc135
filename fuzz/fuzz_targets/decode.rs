//! Any bytes as an image: decoding ends within its limits, and says the size that the header said.
#![no_main]

use libfuzzer_sys::fuzz_target;
use svg_ai::raster::{Limits, decode, dimensions};

/// Small, so that a picture that is let in is decoded in no time, and one that is larger is soon met.
const LIMITS: Limits =
    Limits { max_file_bytes: 64 << 10, max_pixels: 1 << 18, max_side: 2048, max_decode_bytes: 16 << 20 };

/// `decode` turns a decoder's panic into an error. libFuzzer would stop at it before that, so its hook is passed over for
/// panics that begin in this crate: zune-jpeg 0.5.15 unwraps in `idct/avx2.rs` on some damaged files.
const KNOWN_TO_PANIC: &str = "zune-jpeg";

fn pass_over_known_panics() {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|place| place.file().contains(KNOWN_TO_PANIC)) {
            abort(panic);
        }
    }));
}

fuzz_target!(init: pass_over_known_panics(), |bytes: &[u8]| {
    let header = dimensions(bytes, &LIMITS);
    let Ok(decoded) = decode(bytes, &LIMITS) else { return };
    let (width, height) = (decoded.raster.width(), decoded.raster.height());
    assert!(u64::from(width) * u64::from(height) <= LIMITS.max_pixels && width.max(height) <= LIMITS.max_side);
    let (_, w, h) = header.expect("what can be decoded has a header that can be read");
    assert!((w, h) == (width, height) || (h, w) == (width, height), "{w} x {h} became {width} x {height}");
});
