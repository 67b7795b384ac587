//! `ClickHouse`'s engine over a table of its own, in a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The medians by the question's name, in seconds. None when `CHDB_PYTHON` names no Python that has
/// `chdb` (`scripts/chdb.sh` prepares one).
pub(crate) fn medians(paths: &[String], folder: &Path, times: usize) -> BTreeMap<String, f64> {
    let Ok(python) = std::env::var("CHDB_PYTHON") else { return BTreeMap::new() };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/history/clickhouse.py");
    let mut command = Command::new(python);
    command.arg(script).arg(times.to_string()).arg(folder).args(paths);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| {
        let mut parts = line.split('\t');
        Some((parts.next()?.to_owned(), parts.next()?.parse().ok()?))
    };
    said.lines().filter_map(line).collect()
}
