//! The program that becomes a process apart, and the command that starts it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What such a process needs of our environment: what the loader is told, such as where DuckDB is. No secret is left to
/// it.
const ENVIRONMENT: [&str; 2] = ["LD_LIBRARY_PATH", "LD_PRELOAD"];

/// This very program, also when another lies in its place by now.
#[must_use]
pub fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("kith"))
}

/// `program`, which is to be what `name` says.
pub(crate) fn command(program: &Path, name: &str) -> Command {
    let mut command = Command::new(program);
    let kept = ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.arg(name).env_clear().envs(kept);
    command
}
