//! Reports of the parts of a run, joined to the report of the whole.
//!
//! Nothing is taken on trust: every part must be there once, all of one version, with the same options
//! over the same listing of files, and no item may be missing or be there twice. What remains is as if one
//! machine had done it all, apart from times.

use std::collections::BTreeMap;

use serde_json::Value;

use super::records::{Record, Records};
use super::summary::summarize;
use super::{ItemReport, RunReport};
use crate::{Code, Error, Result};

/// Options that each part has of its own: they say where and how it ran, not what was made.
const OF_THE_PART: [&str; 11] =
    ["shard", "report", "html", "journal", "jobs", "memory", "deadline", "resume", "force", "quiet", "verbose"];

/// Names at most this many parts in a message.
const NAMED: usize = 10;

/// The report of the whole run whose parts are `reports`, each with the name of its file; `records` are those
/// of all of them.
///
/// # Errors
/// [`Code::MergeIncomplete`] when they are not all parts of one run, each once; the message says which are
/// missing, doubled or different.
pub fn merge(reports: Vec<(String, RunReport<()>)>, mut records: Records) -> Result<RunReport<Records>> {
    let wrong = |what: String| Err(Error::new(Code::MergeIncomplete, what));
    let Some((first_name, first)) = reports.first() else { return wrong("there are no reports".into()) };
    let mut files: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let mut whole = None;
    for (name, report) in &reports {
        let Some(shard) = &report.shard else { return wrong(format!("{name} is not the report of a shard")) };
        files.entry(shard.index).or_default().push(name);
        let of_whole = (shard.count, shard.of_items, &shard.listing);
        let (count, items, listing) = *whole.get_or_insert(of_whole);
        if shard.count != count {
            return wrong(format!("{name} is of {} shards, {first_name} of {count}", shard.count));
        }
        if (shard.of_items, &shard.listing) != (items, listing) {
            return wrong(format!("{name} and {first_name} are of different sets of files"));
        }
        if let Some(what) = difference(first, report) {
            return wrong(format!("{name} and {first_name} differ in {what}"));
        }
    }
    if let Some((index, names)) = files.iter().find(|(_, names)| names.len() > 1) {
        return wrong(format!("shard {index} is there more than once: {}", names.join(", ")));
    }
    let (count, items, _) = whole.map_or((0, 0, ""), |(c, i, l)| (c, i, l.as_str()));
    let missing: Vec<String> = (1..=count).filter(|i| !files.contains_key(i)).map(|i| i.to_string()).collect();
    if !missing.is_empty() {
        let more = if missing.len() > NAMED { " …" } else { "" };
        let named = missing[..missing.len().min(NAMED)].join(", ");
        return wrong(format!("{} of {count} shards are missing: {named}{more}", missing.len()));
    }
    records.sort();
    let mut before: Option<Record<'_>> = None;
    for record in records.iter() {
        if let Some(twin) = before.filter(|before| before.input() == record.input())
            && has_one_output(&twin.read()?, &record.read()?)
        {
            return wrong(format!("{} is in more than one shard", record.input()));
        }
        before = Some(record);
    }
    if records.len() != items {
        return wrong(format!("the shards have {} items together, the run had {items}", records.len()));
    }
    join(reports.into_iter().map(|(_, report)| report), records)
}

/// Whether two records of one input are of one output too. Names that are not Unicode may be shown alike.
fn has_one_output(a: &ItemReport, b: &ItemReport) -> bool {
    a.output == b.output && !a.input.contains('\u{fffd}')
}

/// What two parts of one run would not differ in.
fn difference(a: &RunReport<()>, b: &RunReport<()>) -> Option<String> {
    if a.command != b.command {
        return Some("their command".into());
    }
    if (&a.tool_version, &a.components) != (&b.tool_version, &b.components) {
        return Some("the versions that made them".into());
    }
    let names = a.options.keys().chain(b.options.keys());
    let mut shared = names.filter(|name| !OF_THE_PART.contains(&name.as_str()));
    shared.find(|name| a.options.get(*name) != b.options.get(*name)).map(|name| format!("the option `{name}`"))
}

/// One report of all items. Of options that parts may differ in, those are kept that they share; the host is
/// that of the first.
fn join(mut reports: impl Iterator<Item = RunReport<()>>, items: Records) -> Result<RunReport<Records>> {
    let mut whole = reports.next().ok_or_else(|| Error::new(Code::MergeIncomplete, "there are no reports"))?;
    let (mut reused, mut peak) = (whole.summary.reused, whole.summary.peak_memory_bytes);
    for report in reports {
        reused += report.summary.reused;
        peak = peak.max(report.summary.peak_memory_bytes);
        // RFC 3339 in UTC with as many digits each: the order of the text is that of time.
        whole.started = whole.started.min(report.started);
        whole.ended = whole.ended.max(report.ended);
        whole.interrupted |= report.interrupted;
        whole.options.retain(|name, value: &mut Value| report.options.get(name) == Some(value));
    }
    whole.shard = None;
    whole.options.remove("shard");
    let time = |text: &str| humantime::parse_rfc3339(text).ok();
    let span = time(&whole.ended).zip(time(&whole.started)).and_then(|(end, start)| end.duration_since(start).ok());
    let figures = items.iter().map(|record| record.figures().clone());
    whole.summary = summarize(figures, reused, span.unwrap_or_default().as_secs_f64());
    whole.summary.peak_memory_bytes = peak;
    Ok(whole.map_items(|()| items))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::report::{ShardReport, sample};

    type Parts = Vec<(String, RunReport)>;

    fn merge(parts: Parts) -> Result<RunReport> {
        let records = Records::of(parts.iter().flat_map(|(_, part)| &part.items));
        let heads = parts.into_iter().map(|(name, part)| (name, part.map_items(drop)));
        let whole = super::merge(heads.collect(), records)?;
        let items = whole.items.read_all()?;
        Ok(whole.map_items(|_| items))
    }

    /// A made-up run of 20 items in three parts.
    fn parts() -> Parts {
        let part = |index: u32| {
            let mut report = sample::report(20);
            let mine = |i: &usize| i % 3 + 1 == index as usize;
            report.items = (0..20).filter(mine).map(sample::item).collect();
            report.shard = Some(ShardReport { index, count: 3, of_items: 20, listing: "same".into() });
            report.options.insert("shard".into(), format!("{index}/3").into());
            report.options.insert("report".into(), format!("{index}.json").into());
            (format!("{index}.json"), report)
        };
        vec![part(3), part(1), part(2)]
    }

    #[test]
    fn parts_make_the_whole() {
        let mut whole = sample::report(20);
        whole.items.sort_by(|a, b| Path::new(&a.input).cmp(Path::new(&b.input)));
        let mut reports = parts();
        reports[0].1.started = "2026-01-31T11:59:59.000Z".into();
        let merged = merge(reports).expect("whole");
        assert_eq!((merged.items, merged.options, merged.shard), (whole.items, whole.options, None));
        assert_eq!(merged.summary.status, whole.summary.status);
        assert_eq!(merged.summary.seconds, 5.0, "from the first start to the last end");
    }

    #[test]
    fn what_is_not_all_parts_of_one_run_once_each_is_refused_and_named() {
        let refused = |change: &dyn Fn(&mut Parts), says: &str| {
            let mut reports = parts();
            change(&mut reports);
            let error = merge(reports).expect_err(says);
            assert_eq!(error.code(), Code::MergeIncomplete);
            assert!(error.message().contains(says), "{} does not say {says}", error.message());
        };
        refused(&|r| r.clear(), "no reports");
        refused(&|r| drop(r.remove(1)), "missing: 1");
        refused(&|r| r.push(("again.json".into(), r[1].1.clone())), "1.json, again.json");
        refused(&|r| r[2].1.shard = None, "2.json is not the report of a shard");
        let shard = |r: &mut Parts, change: &dyn Fn(&mut ShardReport)| {
            if let Some(shard) = &mut r[2].1.shard {
                change(shard);
            }
        };
        refused(&|r| shard(r, &|s| s.count = 4), "of 4 shards");
        refused(&|r| shard(r, &|s| s.listing = "other".into()), "different sets");
        refused(&|r| r[2].1.tool_version = "0.0.1".into(), "versions");
        refused(&|r| drop(r[2].1.options.insert("precision".into(), 1.into())), "`precision`");
        refused(&|r| drop(r[2].1.items.pop()), "19 items");
        refused(
            &|r| {
                let double = r[1].1.items[0].clone();
                r[2].1.items[0] = double;
            },
            "more than one shard",
        );
    }
}
