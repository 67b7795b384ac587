//! `kith export`: history into a file that others read.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;

use super::between::Between;
use super::{history, say};
use crate::config::Config;
use crate::lake::{AS_RECEIVED, Format, History, LakeError, Moment};

/// How often the bar looks at the file.
const LOOK: Duration = Duration::from_millis(200);

/// What to export, and where to.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// The file to write: .parquet, .csv, .jsonl or .json.
    file: PathBuf,
    /// What to write [default: all events, in the order in which they were received].
    #[arg(long, value_name = "SELECT")]
    query: Option<String>,
    #[command(flatten)]
    between: Between,
}

/// Works with the server running or not.
pub(super) fn run(config: &Config, command: &ExportCommand) -> Result<(), String> {
    let format = format(&command.file)?;
    let scope = command.between.scope(config)?;
    let (asked, folder) = history::ask(config)?;
    let all = || "SELECT * FROM events".to_owned();
    let query = command.query.clone().unwrap_or_else(all);
    let said = format!("{}\n{}{query}", command.file.display(), command.between.said());
    history::note(&folder, ("export", "sql"), &said)?;
    let moment = asked.moment(scope.span()).map_err(|error| error.to_string())?;
    let fault = |error: LakeError| moment.blame(error).to_string();
    moment.confine(&scope).map_err(fault)?;
    let sql = moment.question(&query).map_err(fault)?;
    let order = command.query.is_none().then_some(AS_RECEIVED);
    let sql = moment.with_who_was_named(&sql, order).map_err(fault)?;
    let rows = with_bar(&asked, &moment, &sql, format, &command.file)?;
    say(&format!("{rows} rows in {}", command.file.display()));
    Ok(())
}

fn format(file: &Path) -> Result<Format, String> {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("parquet") => Ok(Format::Parquet),
        Some("csv") => Ok(Format::Csv),
        Some("jsonl" | "ndjson") => Ok(Format::JsonLines),
        Some("json") => Ok(Format::Json),
        _ => Err("the file must end in .parquet, .csv, .jsonl or .json".to_owned()),
    }
}

/// DuckDB may write into the scratch folder only; what is whole is moved to its place from there.
fn with_bar(
    history: &History,
    moment: &Moment,
    sql: &str,
    format: Format,
    to: &Path,
) -> Result<usize, String> {
    let file = history.scratch_file("answer.export");
    let done = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        scope.spawn(|| show(file.path(), &done));
        let written = moment.write(sql, format, usize::MAX >> 1, file.path());
        done.store(true, Ordering::Release);
        written
    });
    let rows = written.map_err(|error| moment.blame(error).to_string())?;
    std::fs::copy(file.path(), to).map_err(|error| format!("{}: {error}", to.display()))?;
    Ok(rows)
}

fn show(file: &Path, done: &AtomicBool) {
    let bar = ProgressBar::new_spinner();
    while !done.load(Ordering::Acquire) {
        let bytes = std::fs::metadata(file).map_or(0, |file| file.len());
        bar.set_message(format!("{} written", indicatif::HumanBytes(bytes)));
        bar.tick();
        std::thread::sleep(LOOK);
    }
    bar.finish_and_clear();
}
