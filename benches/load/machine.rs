//! The machine, and what a process takes of it.

use std::fs::read_to_string;

/// In megabytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) resident: u64,
    pub(crate) highest: u64,
}

impl Memory {
    pub(crate) fn of(pid: u32) -> Self {
        let status = read_to_string(format!("/proc/{pid}/status")).unwrap();
        let megabytes = |key| number(&status, key) / 1024;
        Self { resident: megabytes("VmRSS:"), highest: megabytes("VmHWM:") }
    }
}

pub(crate) fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = number(&read_to_string("/proc/meminfo").unwrap(), "MemTotal:") >> 20;
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.unwrap_or("unknown processor").trim_start_matches(['\t', ':', ' ']);
    format!("{cores} cores ({model}), {memory} GB, Linux {}.", kernel.trim())
}

fn number(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}
