//! Small pictures through every engine with any options that its table allows: a trace ends by its deadline
//! or soon after, with a drawing of the picture's size that can be drawn, or with an error that has a code.
#![no_main]

use std::time::Duration;

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use svg_ai::Raster;
use svg_ai::document::{WriteOptions, write};
use svg_ai::score::{Trust, render};
use svg_ai::trace::{Budget, Kind, Parameters, engines};

/// Longest side, px: time goes with the area, and what is found in a large picture is found in a small one.
const MAX_SIDE: u32 = 24;

/// What a trace may take under the sanitizer.
const TIME: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Task {
    raster: Raster,
    engine: usize,
    parameters: Parameters,
    options: WriteOptions,
}

impl<'a> Arbitrary<'a> for Task {
    fn arbitrary(from: &mut Unstructured<'a>) -> Result<Self> {
        let engine = from.choose_index(engines().len())?;
        let specs = engines()[engine].options();
        let mut parameters = Parameters::defaults(specs);
        for spec in specs {
            // Half of them as they are: all at their extremes at once end before they begin.
            if from.arbitrary()? {
                continue;
            }
            let text = match spec.kind {
                Kind::Int(low, high) => from.int_in_range(low..=high)?.to_string(),
                Kind::Float(low, high) => {
                    let share = f64::from(from.arbitrary::<u16>()?) / f64::from(u16::MAX);
                    (low + share * (high - low)).clamp(low, high).to_string()
                }
                Kind::Bool => from.arbitrary::<bool>()?.to_string(),
                Kind::Word(words) => from.choose(words)?.to_string(),
                Kind::Colors => {
                    let colors = from.arbitrary::<[[u8; 3]; 3]>()?;
                    let count = from.int_in_range(0..=colors.len())?;
                    let hex = |[r, g, b]: &[u8; 3]| format!("#{r:02x}{g:02x}{b:02x}");
                    colors[..count].iter().map(hex).collect::<Vec<_>>().join(",")
                }
            };
            parameters.set(spec.name, &text).expect("a value of the table is allowed");
        }
        let options = WriteOptions {
            precision: from.arbitrary::<bool>()?.then(|| from.int_in_range(0..=WriteOptions::MAX_PRECISION)).transpose()?,
            shapes: from.arbitrary()?,
            group: from.arbitrary()?,
            ids: from.arbitrary()?,
            ..WriteOptions::default()
        };
        let (width, height) = (from.int_in_range(1..=MAX_SIDE)?, from.int_in_range(1..=MAX_SIDE)?);
        // Few colours, so that there are regions; each pixel takes the next byte.
        let colors: [[u8; 4]; 8] = from.arbitrary()?;
        let smooth: bool = from.arbitrary()?;
        let mut data = Vec::with_capacity((width * height * 4) as usize);
        for _ in 0..width * height {
            let byte = from.arbitrary::<u8>().unwrap_or(0);
            let mut color = colors[usize::from(byte & 7)];
            if smooth {
                color = color.map(|c| c.saturating_add(byte >> 3));
            }
            data.extend(color);
        }
        let raster = Raster::new(width, height, data).map_err(|_| arbitrary::Error::IncorrectFormat)?;
        Ok(Self { raster, engine, parameters, options })
    }
}

fuzz_target!(|task: Task| {
    let engine = engines()[task.engine];
    let Ok(document) = engine.trace(&task.raster, &task.parameters, &Budget::lasting(TIME)) else { return };
    let svg = write(&document, &task.options);
    let (width, height) = (task.raster.width(), task.raster.height());
    let drawn = render(svg.as_bytes(), width, height, Trust::Own).expect("what was written can be drawn");
    assert_eq!((drawn.width(), drawn.height()), (width, height));
});
