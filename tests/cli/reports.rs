//! Reports, to be compared.

use serde_json::Value;

/// What differs between two runs that did the same: clock times, durations, memory, and who did it.
const OF_THE_RUN: [&str; 8] =
    ["started", "ended", "times", "ms", "seconds", "items_per_second", "peak_memory_bytes", "reused"];

/// `report` without what differs between two runs that did the same.
pub(crate) fn timeless(mut report: Value) -> Value {
    strip(&mut report);
    report
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !OF_THE_RUN.contains(&key.as_str()));
            map.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}
