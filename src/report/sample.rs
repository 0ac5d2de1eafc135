//! Made-up reports for the tests of this folder: every class, engine and status, and hostile names.

use std::collections::BTreeMap;

use super::records::{Figures, Records};
use super::{Attempt, EngineUse, Failure, Host, ItemReport, RunReport, SCHEMA_VERSION, Source, Status, summary};
use crate::classify::{Class, Classification, Features};
use crate::score::{Economy, GroundMetrics, Metrics};
use crate::{Code, Error};

/// Names that break pages and terminals that trust them.
pub(super) const HOSTILE: [&str; 6] = [
    "</script><script>alert(1)</script>.png",
    "<img src=x onerror=alert(1)>.png",
    "\"quotes\" & 'more' <!-- .png",
    "\u{1b}[2J\u{202e}gnp.evil\nsecond line.png",
    "javascript:alert(1).png",
    "</noscript></style>\u{2028}{{items}}.png",
];

/// Item `i` of a made-up run; every seventh failed.
pub(super) fn item(i: usize) -> ItemReport {
    let name = HOSTILE.get(i).map_or_else(|| format!("set-{}/picture {i:04}.png", i % 3), ToString::to_string);
    let mut item = ItemReport::new(name, Status::Ok);
    item.tier = "balanced".into();
    item.times.trace_ms = 10.0 + i as f64;
    item.times.total_ms = 15.0 + 2.0 * i as f64;
    if i % 7 == 6 {
        item.status = Status::Failed;
        item.error = Some(Failure::from(&Error::new(Code::InputTruncated, "the file ends in row 12 of 64")));
        return item;
    }
    let quality = 1.0 - (i % 13) as f64 / 26.0;
    item.source =
        Some(Source { format: "png".into(), bytes: 20_000, width: 64, height: 48, has_alpha: i.is_multiple_of(2) });
    item.classification = Some(Classification {
        class: Class::ALL[i % 7],
        confidence: 0.75,
        reason: "made up".into(),
        features: Features::default(),
    });
    item.engine = Some(EngineUse {
        name: ["contour", "vtracer"][i % 2].into(),
        why: "made up".into(),
        parameters: BTreeMap::from([("corner".into(), 60.into())]),
    });
    item.attempts.push(Attempt {
        engine: "contour".into(),
        why: "made up".into(),
        parameters: BTreeMap::new(),
        quality: Some(quality),
        bytes: Some(900),
        nodes: Some(40),
        ms: 12.0,
        error: None,
    });
    item.metrics = Some(Metrics {
        warnings: Vec::new(),
        softened: Vec::new(),
        quality,
        formula: "1".into(),
        renderer: "resvg".into(),
        over_white: GroundMetrics { ssim: quality, psnr: Some(31.5), ..GroundMetrics::default() },
        over_black: GroundMetrics::default(),
        alpha_error: 0.01,
        economy: Economy { bytes: 1000 + i as u64, bytes_ratio: Some(0.05), ..Economy::default() },
    });
    item
}

/// A made-up run of `n` items.
pub(super) fn report(n: usize) -> RunReport {
    let items: Vec<_> = (0..n).map(item).collect();
    RunReport {
        schema_version: SCHEMA_VERSION.into(),
        tool_version: "0.1.0".into(),
        components: BTreeMap::from([("resvg".into(), "0.49.0".into())]),
        command: "batch".into(),
        options: BTreeMap::from([("jobs".into(), 2.into())]),
        host: Host { os: "linux".into(), arch: "x86_64".into(), cores: 2 },
        started: "2026-01-31T12:00:00.000Z".into(),
        ended: "2026-01-31T12:00:04.000Z".into(),
        shard: None,
        interrupted: false,
        summary: summary::summarize(items.iter().map(Figures::of), 0, 4.0),
        items,
    }
}

/// `report` as it is when it is about to be written.
pub(super) fn on_disk(report: RunReport) -> RunReport<Records> {
    report.map_items(|items| Records::of(&items))
}
