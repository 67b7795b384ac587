//! The machine, and what a process takes of it.

use std::collections::BTreeMap;
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

/// What the threads of a process have taken of the processor, in seconds, by their names; its children under
/// `workers`. Threads of a pool, which share a name but for a number, are one.
pub(crate) fn threads(pid: u32) -> BTreeMap<String, f64> {
    let mut all: BTreeMap<String, f64> = BTreeMap::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        let name = read_to_string(task.path().join("comm")).unwrap_or_default();
        let name = name.trim().trim_end_matches(|last: char| last.is_ascii_digit() || last == '-');
        // proc(5): nanoseconds on a processor come first.
        let spent = read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let spent: f64 =
            spent.split(' ').next().and_then(|spent| spent.parse().ok()).unwrap_or(0.0);
        *all.entry(name.to_owned()).or_default() += spent / 1e9;
        let children = read_to_string(task.path().join("children")).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|child| child.parse().ok());
        for child in children {
            *all.entry("workers".to_owned()).or_default() += threads(child).values().sum::<f64>();
        }
    }
    all
}

fn number(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}
