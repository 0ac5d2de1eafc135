//! Reports as JSON: the whole run in one document, or a record a line as items finish.
//!
//! Figures that JSON cannot hold (NaN, infinity) would be written as `null` and break readers, so
//! whoever fills a report leaves them out; [`read_report`] refuses such a file.

use std::io::{self, Write};

use serde_json::Value;

use super::{ItemReport, RunReport, SCHEMA_VERSION};
use crate::{Code, Error, Result};

/// Where the schema says it lives.
const SCHEMA_ID: &str = "urn:svg-ai:report.schema.json";

/// Writes `report` as indented JSON with a final line end.
///
/// # Errors
/// What `out` fails with.
pub fn write_report(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    out.write_all(b"\n")
}

/// Writes `item` as one line of JSON (JSON Lines).
///
/// # Errors
/// What `out` fails with.
pub fn write_item_line(out: &mut dyn Write, item: &ItemReport) -> io::Result<()> {
    // One write a line, so that lines from several processes appending to a file do not mix.
    let mut line = serde_json::to_vec(item)?;
    line.push(b'\n');
    out.write_all(&line)
}

/// Reads a report that [`write_report`] wrote, by this or an earlier version of the same major schema.
///
/// # Errors
/// [`Code::ReportInvalid`] when it is not one.
pub fn read_report(bytes: &[u8]) -> Result<RunReport> {
    let invalid = |e: serde_json::Error| Error::new(Code::ReportInvalid, format!("not a report: {e}"));
    let value: Value = serde_json::from_slice(bytes).map_err(invalid)?;
    let version = value.get("schema_version").and_then(Value::as_str).unwrap_or("none");
    if major(version) != major(SCHEMA_VERSION) {
        return Err(Error::new(
            Code::ReportInvalid,
            format!("schema version is {version}; this version of svg-ai reads {SCHEMA_VERSION}"),
        ));
    }
    serde_json::from_value(value).map_err(invalid)
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// The JSON Schema (draft 2020-12) of [`RunReport`].
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(RunReport);
    schema.insert("$id".into(), SCHEMA_ID.into());
    schema.insert("title".into(), format!("svg-ai report {SCHEMA_VERSION}").into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_report_is_valid_by_its_schema() {
        let validator = jsonschema::validator_for(&schema()).expect("a schema");
        let mut value = serde_json::to_value(sample::report(14)).expect("JSON");
        let errors: Vec<_> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");

        value["items"][0]["status"] = "so-so".into();
        assert!(!validator.is_valid(&value), "the schema accepts a status that does not exist");
    }

    #[test]
    fn a_report_survives_the_file() {
        let report = sample::report(9);
        let mut bytes = Vec::new();
        write_report(&mut bytes, &report).expect("to memory");
        assert_eq!(bytes.last(), Some(&b'\n'));
        assert_eq!(read_report(&bytes).expect("valid"), report);
    }

    #[test]
    fn an_item_is_one_line() {
        let mut item = sample::item(0);
        item.input = "two\nlines.png".into();
        let mut line = Vec::new();
        write_item_line(&mut line, &item).expect("to memory");
        assert_eq!(line.iter().filter(|&&b| b == b'\n').count(), 1);
        assert_eq!(serde_json::from_slice::<ItemReport>(&line).expect("valid"), item);
    }

    #[test]
    fn what_is_not_a_report_is_refused_with_a_code() {
        let mut newer = serde_json::to_value(sample::report(1)).expect("JSON");
        newer["schema_version"] = "99.0".into();
        for bytes in [b"".to_vec(), b"{}".to_vec(), b"[1,2".to_vec(), newer.to_string().into_bytes()] {
            assert_eq!(read_report(&bytes).expect_err("invalid").code(), Code::ReportInvalid);
        }
    }
}
