use super::*;

const OPTIONS: &str = "these";

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn open(&self) -> Journal {
        Journal::open(&self.path("j"), &self.path("out"), true).unwrap()
    }

    fn job(&self, name: &str) -> Job {
        Job { input: self.path(&format!("in/{name}.png")), output: Some(self.path(&format!("out/{name}.svg"))) }
    }

    /// Does `job` as far as the journal is concerned.
    fn do_it(&self, journal: &Journal, job: &Job, content: &str) {
        let output = job.output.as_deref().unwrap();
        for path in [&job.input, output] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let read = Mark::of_input(Stamp::of(&job.input), content.as_bytes());
        let written = Mark::of_output(output, content.as_bytes());
        let mut item = ItemReport::new(job.input.to_string_lossy(), Status::Ok);
        item.tier = content.into();
        journal.note(job, OPTIONS, Some(read), Some(written), &item);
    }
}

#[test]
fn what_was_done_is_known_to_the_next_run_until_something_changes() {
    let p = Place::new();
    let job = p.job("a");
    p.do_it(&p.open(), &job, "one");
    assert_eq!(p.open().known(&job, OPTIONS).unwrap().tier, "one");
    assert!(p.open().known(&job, "others").is_none());
    assert!(Journal::open(&p.path("j"), &p.path("out"), false).unwrap().known(&job, OPTIONS).is_none());
    let mut other = p.open();
    other.tool = "0.0.0".into();
    assert!(other.known(&job, OPTIONS).is_none());
    drop(other);
    for path in [&job.input, job.output.as_ref().unwrap()] {
        fs::write(path, "two").unwrap();
        assert!(p.open().known(&job, OPTIONS).is_none(), "{path:?} has changed");
        fs::write(path, "one").unwrap();
        assert!(p.open().known(&job, OPTIONS).is_some(), "{path:?} is what it was");
    }
    fs::remove_file(job.output.as_ref().unwrap()).unwrap();
    assert!(p.open().known(&job, OPTIONS).is_none());
}

#[test]
fn the_last_line_counts_and_failures_are_done_again() {
    let p = Place::new();
    let job = p.job("a");
    let journal = p.open();
    p.do_it(&journal, &job, "one");
    p.do_it(&journal, &job, "two");
    drop(journal);
    assert_eq!(p.open().known(&job, OPTIONS).unwrap().tier, "two");
    p.open().note(&job, OPTIONS, None, None, &ItemReport::new("a", Status::Failed));
    assert!(p.open().known(&job, OPTIONS).is_none());
}

#[test]
fn a_journal_cut_anywhere_is_read_as_far_as_it_is_whole_and_continued() {
    let p = Place::new();
    let jobs = ["a", "b", "c"].map(|n| p.job(n));
    let journal = p.open();
    for job in &jobs {
        p.do_it(&journal, job, "one");
    }
    drop(journal);
    let whole = fs::read(p.path("j")).unwrap();
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
    for cut in (0..whole.len()).step_by(7).chain(ends.iter().flat_map(|e| [e - 1, *e])) {
        fs::write(p.path("j"), &whole[..cut]).unwrap();
        let journal = p.open();
        let known = jobs.iter().filter(|j| journal.known(j, OPTIONS).is_some()).count();
        assert_eq!(known, ends.iter().filter(|e| **e <= cut).count(), "cut at {cut}");
        // What comes next is on a line of its own.
        p.do_it(&journal, &jobs[2], "one");
        drop(journal);
        assert!(p.open().known(&jobs[2], OPTIONS).is_some(), "cut at {cut}");
    }
}

#[test]
fn damage_costs_no_more_than_the_lines_it_hits() {
    let p = Place::new();
    let jobs = ["a", "b", "c"].map(|n| p.job(n));
    let journal = p.open();
    for job in &jobs {
        p.do_it(&journal, job, "one");
    }
    drop(journal);
    let whole = fs::read(p.path("j")).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..300 {
        let mut bytes = whole.clone();
        let at = random.usize(..bytes.len());
        bytes[at] = random.u8(..);
        fs::write(p.path("j"), &bytes).unwrap();
        let journal = p.open();
        let known = jobs.iter().filter(|j| journal.known(j, OPTIONS).is_some()).count();
        assert!(known >= 1, "byte {at} as {}", bytes[at]);
    }
}

#[test]
fn lines_that_no_longer_count_are_left_out_some_day() {
    let p = Place::new();
    let jobs = ["a", "b"].map(|n| p.job(n));
    let journal = p.open();
    for i in 0..IDLE_LINES {
        for job in &jobs {
            p.do_it(&journal, job, &i.to_string());
        }
    }
    drop(journal);
    let lines = || fs::read(p.path("j")).unwrap().iter().filter(|b| **b == b'\n').count();
    assert_eq!(lines(), 2 * IDLE_LINES);
    let journal = p.open();
    assert_eq!(lines(), 2);
    assert_eq!(journal.known(&jobs[0], OPTIONS).unwrap().tier, (IDLE_LINES - 1).to_string());
    p.do_it(&journal, &jobs[0], "last");
    assert_eq!(lines(), 3);
    assert_eq!(Journal::open(&p.path("j"), &p.path("out"), true).unwrap_err().code(), Code::RunBusy);
    drop(journal);
    assert_eq!(p.open().known(&jobs[0], OPTIONS).unwrap().tier, "last");
    assert_eq!(fs::read_dir(p.dir.path()).unwrap().count(), 3, "in, out and the journal");
}

#[test]
fn one_run_at_a_time_has_a_journal_and_others_may_look() {
    let p = Place::new();
    let journal = p.open();
    assert_eq!(Journal::open(&p.path("j"), &p.path("out"), true).unwrap_err().code(), Code::RunBusy);
    p.do_it(&journal, &p.job("a"), "one");
    let looking = Journal::look(&p.path("j"), &p.path("out"), true).unwrap();
    assert!(looking.known(&p.job("a"), OPTIONS).is_some());
    assert!(Journal::look(&p.path("none"), &p.path("out"), true).unwrap().known(&p.job("a"), OPTIONS).is_none());
    assert!(!p.path("none").exists());
    drop(journal);
    p.open();
}

#[test]
fn orphans_are_outputs_of_ours_that_nothing_makes_any_more() {
    let p = Place::new();
    let [stays, excluded, gone, altered] = ["stays", "excluded", "sub/deep/gone", "altered"].map(|n| p.job(n));
    let journal = p.open();
    for job in [&stays, &excluded, &gone, &altered] {
        p.do_it(&journal, job, "one");
    }
    fs::write(altered.output.as_ref().unwrap(), "by hand").unwrap();
    for job in [&stays, &gone, &altered] {
        fs::remove_file(&job.input).unwrap();
    }
    drop(journal);
    let journal = p.open();
    // What another input now writes is no orphan, whatever became of the old one.
    let orphans = journal.orphans(std::slice::from_ref(&stays));
    assert_eq!(orphans.iter().map(|o| o.output.clone()).collect::<Vec<_>>(), [gone.output.clone().unwrap()]);
    journal.delete(&orphans[0]).unwrap();
    assert!(!p.path("out/sub").exists() && p.path("out").exists());
    drop(journal);
    assert!(p.open().orphans(&[stays]).is_empty());
}

#[test]
fn names_that_are_not_unicode_are_told_apart() {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let p = Place::new();
        let journal = p.open();
        let jobs = [b"\xfe", b"\xff"].map(|name| {
            let at = |folder: &str| p.path(folder).join(std::ffi::OsStr::from_bytes(name));
            Job { input: at("in"), output: Some(at("out")) }
        });
        for (job, content) in jobs.iter().zip(["one", "two"]) {
            p.do_it(&journal, job, content);
        }
        drop(journal);
        let journal = p.open();
        assert_eq!(jobs.map(|j| journal.known(&j, OPTIONS).unwrap().tier), ["one", "two"]);
    }
}
