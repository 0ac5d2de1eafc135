//! The machine and the clock a run is recorded with.

use std::path::Path;
use std::time::SystemTime;

use super::Host;

impl Host {
    /// The machine this process runs on; `cores` is what the process may use (affinity and
    /// control-group limits included where the system tells), at least 1.
    pub fn current() -> Self {
        Self {
            os: std::env::consts::OS.into(),
            arch: std::env::consts::ARCH.into(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// The present time in UTC, as RFC 3339 with milliseconds (`2026-01-31T12:00:00.000Z`).
pub fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

/// The most memory this process has had resident so far, bytes; `None` where the system does not tell.
///
/// Linux only: `VmHWM` of `/proc/self/status`. It never falls, so the peak of one item cannot be told
/// from the peak of those before it.
pub fn peak_memory() -> Option<u64> {
    if cfg!(target_os = "linux") { parse_high_water(&std::fs::read_to_string("/proc/self/status").ok()?) } else { None }
}

/// The memory that this process may use, bytes: the machine's, or that of the control groups it is in,
/// whichever is least; `None` where the system does not tell (Linux does).
pub fn memory_limit() -> Option<u64> {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let machine = read(Path::new("/proc/meminfo")).and_then(|text| kilobytes(&text, "MemTotal:"));
    let groups = read(Path::new("/proc/self/cgroup")).and_then(|text| limit_of_groups(&text, &read));
    [machine, groups].into_iter().flatten().min()
}

/// The least limit of the groups in `groups` (`/proc/self/cgroup`, version 1 or 2) and those above them.
/// A container may see its own group as the root, under a path that is the host's: what is not there is
/// passed over.
fn limit_of_groups(groups: &str, read: &dyn Fn(&Path) -> Option<String>) -> Option<u64> {
    let group = |line: &str| {
        let mut fields = line.splitn(3, ':');
        let (_, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            list if list.split(',').any(|c| c == "memory") => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => return None,
        };
        let folders = Path::new(path.strip_prefix('/')?).ancestors();
        // `max` is no number, and no limit.
        folders.filter_map(|folder| read(&Path::new(root).join(folder).join(file))?.trim().parse().ok()).min()
    };
    groups.lines().filter_map(group).min()
}

fn parse_high_water(status: &str) -> Option<u64> {
    kilobytes(status, "VmHWM:")
}

/// The figure after `name` in a file of `/proc`, bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        assert_eq!(parse_high_water("Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t  1234 kB\nVmRSS:\t 7 kB\n"), Some(1_263_616));
        assert_eq!(parse_high_water("Name:\tx\n"), None);
        assert_eq!(parse_high_water("VmHWM:\tmuch\n"), None);
    }

    #[test]
    fn the_least_limit_of_all_groups_counts() {
        let files = [
            ("/sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("/sys/fs/cgroup/a/memory.max", "2000\n"),
            ("/sys/fs/cgroup/memory.max", "3000\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "5000\n"),
        ];
        let read = |path: &Path| files.iter().find(|f| Path::new(f.0) == path).map(|f| f.1.to_string());
        let limit = |groups: &str| limit_of_groups(groups, &read);
        assert_eq!(limit("0::/a/b\n"), Some(2000), "version 2");
        assert_eq!(limit("0::/not/there\n"), Some(3000), "a container");
        assert_eq!(limit("5:cpu,memory:/x/y\n4:pids:/a\n"), Some(5000), "version 1");
        assert_eq!(limit("5:memory:/\n"), Some(9_223_372_036_854_771_712));
        assert_eq!(limit("nonsense\n"), None);
        assert_eq!(memory_limit().is_some(), cfg!(target_os = "linux"));
    }

    #[test]
    fn peak_memory_covers_what_was_touched() {
        let block = vec![1u8; 8 << 20];
        assert_eq!(std::hint::black_box(&block)[5], 1);
        let peak = peak_memory();
        assert_eq!(peak.is_some(), cfg!(target_os = "linux"));
        assert!(peak.is_none_or(|bytes| bytes > 8 << 20), "{peak:?}");
    }

    #[test]
    fn now_is_rfc_3339_in_utc() {
        let parsed = humantime::parse_rfc3339(&now()).expect("RFC 3339");
        assert!(parsed.elapsed().is_ok_and(|d| d.as_secs() < 60));
    }

    #[test]
    fn a_host_has_cores() {
        assert!(Host::current().cores >= 1);
    }
}
