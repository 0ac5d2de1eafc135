//! Any bytes as a foreign SVG to be scored: drawn and measured, or refused with a code; every figure is one
//! that JSON can hold, and the quality is in [0, 1].
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use svg_ai::Raster;
use svg_ai::score::{MetricSet, measure};

static RASTER: LazyLock<Raster> = LazyLock::new(|| {
    let pixel = |i: u32| [(i % 32 * 8) as u8, (i / 32 * 8) as u8, 90, if i % 7 == 0 { 128 } else { 255 }];
    Raster::new(32, 32, (0..32 * 32).flat_map(pixel).collect()).expect("32 x 32 pixels")
});

fuzz_target!(|svg: &[u8]| {
    let Ok(metrics) = measure(&RASTER, svg, MetricSet::Basic) else { return };
    assert!((0.0..=1.0).contains(&metrics.quality), "{}", metrics.quality);
    let value = serde_json::to_value(&metrics).expect("JSON");
    let again: svg_ai::score::Metrics = serde_json::from_value(value).expect("the same type");
    assert_eq!(again, metrics);
});
