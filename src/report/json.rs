//! Reports as JSON: the whole run in one document, or a record a line as items finish.
//!
//! Figures that JSON cannot hold (NaN, infinity) would be written as `null` and break readers, so
//! whoever fills a report leaves them out; [`read_report`] refuses such a file.

use std::fmt;
use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{ItemReport, RunReport, SCHEMA_VERSION};
use crate::{Code, Error, Result};

/// Where the schema says it lives.
const SCHEMA_ID: &str = "urn:svg-ai:report.schema.json";

/// Writes `report` as indented JSON with a final line end, a record at a time. Many small writes: `out` is
/// best buffered.
///
/// # Errors
/// What `out` fails with, and records that cannot be read back.
pub fn write_report(out: &mut dyn Write, report: &RunReport<impl Serialize>) -> io::Result<()> {
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
    let mut items = Vec::new();
    let report = read_items(bytes, &mut |item| items.push(item))?;
    Ok(report.map_items(|()| items))
}

/// Reads such a report and hands each of its records to `each`, so that they are never all in memory.
///
/// # Errors
/// [`Code::ReportInvalid`] when it is not one or cannot be read; `each` may have had some of its records.
pub fn read_items(from: impl Read, each: &mut dyn FnMut(ItemReport)) -> Result<RunReport<()>> {
    let invalid = |e: serde_json::Error| Error::new(Code::ReportInvalid, format!("not a report: {e}"));
    let mut reader = serde_json::Deserializer::from_reader(from);
    let head = reader.deserialize_map(Parts { each }).map_err(invalid)?;
    reader.end().map_err(invalid)?;
    check_version(&head).map_err(|what| Error::new(Code::ReportInvalid, what))?;
    serde_json::from_value(head.into()).map_err(invalid)
}

fn check_version(head: &Map<String, Value>) -> std::result::Result<(), String> {
    let version = head.get("schema_version").and_then(Value::as_str).unwrap_or("none");
    if major(version) == major(SCHEMA_VERSION) {
        return Ok(());
    }
    Err(format!("schema version is {version}; this version of svg-ai reads {SCHEMA_VERSION}"))
}

/// Takes a report apart: what is not records is collected, the records are handed on.
struct Parts<'a> {
    each: &'a mut dyn FnMut(ItemReport),
}

impl<'de> Visitor<'de> for Parts<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let mut head = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if head.contains_key(&key) {
                return Err(A::Error::custom(format_args!("`{key}` is there twice")));
            }
            let value = if key == "items" {
                // Records of another version may be anything: said before one of them is stumbled over.
                check_version(&head).map_err(A::Error::custom)?;
                map.next_value_seed(Items(&mut self))?;
                Value::Null
            } else {
                map.next_value()?
            };
            head.insert(key, value);
        }
        Ok(head)
    }
}

/// The list of records of a report.
struct Items<'a, 'b>(&'a mut Parts<'b>);

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> std::result::Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        while let Some(item) = list.next_element()? {
            (self.0.each)(item);
        }
        Ok(())
    }
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
    use crate::report::records::Records;
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
    fn records_from_disk_make_the_same_bytes_as_those_in_memory() {
        for n in [0, 1, 9] {
            let report = sample::report(n);
            let (mut memory, mut disk, mut again) = (Vec::new(), Vec::new(), Vec::new());
            write_report(&mut memory, &report).expect("to memory");
            write_report(&mut disk, &sample::on_disk(report)).expect("to memory");
            assert_eq!(String::from_utf8(disk), String::from_utf8(memory.clone()));
            let records = Records::new_in(&std::env::temp_dir());
            let head = read_items(memory.as_slice(), &mut |item| records.put(records.len(), &item)).expect("valid");
            write_report(&mut again, &head.map_items(|()| records)).expect("to memory");
            assert_eq!(again, memory);
        }
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
        let twice = br#"{"command": "batch", "command": "batch"}"#.to_vec();
        for bytes in [b"".to_vec(), b"{}".to_vec(), b"[1,2".to_vec(), twice, newer.to_string().into_bytes()] {
            assert_eq!(read_report(&bytes).expect_err("invalid").code(), Code::ReportInvalid);
        }
    }
}
