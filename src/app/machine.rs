//! What the machine has left: disk and memory, where the system tells.

use std::path::Path;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Bytes of the disk with the data folder, and how many of them may still be written.
    pub disk: Option<(u64, u64)>,
    /// Bytes of memory, and how many of them may still be taken.
    pub memory: Option<(u64, u64)>,
    /// Bytes of memory that this process has.
    pub process_bytes: u64,
}

impl Machine {
    /// As it is now.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let total = bytes(&memory, "MemTotal:");
        Self {
            disk: disk(folder),
            memory: total.zip(bytes(&memory, "MemAvailable:")),
            process_bytes: bytes(&status, "VmRSS:").unwrap_or(0),
        }
    }
}

#[cfg(unix)]
fn disk(folder: &Path) -> Option<(u64, u64)> {
    let told = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(told.f_frsize);
    Some((bytes(told.f_blocks), bytes(told.f_bavail)))
}

#[cfg(not(unix))]
fn disk(_: &Path) -> Option<(u64, u64)> {
    None
}

/// The value of a line such as `MemTotal:  16384 kB`.
fn bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_system_are_read() {
        let told = "MemTotal:       16384 kB\nMemAvailable:    8192 kB\n";
        assert_eq!(bytes(told, "MemTotal:"), Some(16_777_216));
        assert_eq!(bytes(told, "MemAvailable:"), Some(8_388_608));
        assert_eq!(bytes(told, "VmRSS:"), None);
    }

    #[test]
    fn a_folder_is_on_a_disk() {
        let (bytes, free) = Machine::of(Path::new(".")).disk.unwrap();
        assert!(bytes >= free);
    }
}
