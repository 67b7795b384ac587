//! `ClickHouse`'s engine over a table of its own, in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// It answers questions by their names.
pub(crate) struct ClickHouse {
    process: Child,
    asked: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl ClickHouse {
    /// With its table filled. None when `CHDB_PYTHON` names no Python that has `chdb`
    /// (`scripts/chdb.sh` prepares one).
    pub(crate) fn start(paths: &[String], folder: &Path) -> Option<Self> {
        let python = std::env::var("CHDB_PYTHON").ok()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/history/clickhouse.py");
        let mut command = Command::new(python);
        command.arg(script).arg(folder).args(paths);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let asked = process.stdin.take().unwrap();
        let told = BufReader::new(process.stdout.take().unwrap());
        let mut clickhouse = Self { process, asked, told };
        assert_eq!(clickhouse.line(), "ready");
        Some(clickhouse)
    }

    /// How long it takes, in seconds; none when it is not asked this.
    pub(crate) fn ask(&mut self, question: &str) -> Option<f64> {
        writeln!(self.asked, "{question}").unwrap();
        self.line().parse().ok()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.told.read_line(&mut line).unwrap(), 0, "its process has ended");
        line.trim_end().to_owned()
    }
}

impl Drop for ClickHouse {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
