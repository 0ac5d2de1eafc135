//! The machine and the clock a run is recorded with.

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

fn parse_high_water(status: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
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
