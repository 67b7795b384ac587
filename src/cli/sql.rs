//! `kith sql`: a question, answered as a table for people and as CSV for programs.

use std::io::IsTerminal as _;

use clap::Args;

use super::between::Between;
use super::{history, not_said, say};
use crate::config::Config;
use crate::lake::Format;

/// What to ask.
#[derive(Debug, Args)]
pub(super) struct SqlCommand {
    /// One SELECT over events, profiles and sessions.
    query: String,
    /// How to print it [default: table in a terminal, csv elsewhere].
    #[arg(long, value_parser = ["table", "csv", "json", "jsonl"])]
    format: Option<String>,
    #[command(flatten)]
    between: Between,
}

/// Works with the server running or not.
pub(super) fn run(config: &Config, command: &SqlCommand) -> Result<(), String> {
    let scope = command.between.scope(config)?;
    let (asked, folder) = history::ask(config)?;
    let said = format!("{}{}", command.between.said(), command.query);
    history::note(&folder, ("ask", "sql"), &said)?;
    let moment = asked.moment(scope.span()).map_err(|error| error.to_string())?;
    let fault = |error: crate::lake::LakeError| moment.blame(error).to_string();
    moment.confine(&scope).map_err(fault)?;
    let sql = moment.question(&command.query).map_err(fault)?;
    let rows_max = config.query.rows_max;
    let otherwise = if std::io::stdout().is_terminal() { "table" } else { "csv" };
    let format = match command.format.as_deref().unwrap_or(otherwise) {
        "table" => {
            say(&moment.table(&sql, rows_max).map_err(fault)?);
            return Ok(());
        }
        "json" => Format::Json,
        "jsonl" => Format::JsonLines,
        _ => Format::Csv,
    };
    let file = asked.scratch_file("answer.out");
    moment.write(&sql, format, rows_max, file.path()).map_err(fault)?;
    print(file.path()).map_err(|error| error.to_string())
}

fn print(file: &std::path::Path) -> std::io::Result<()> {
    let mut from = std::fs::File::open(file)?;
    let printed = std::io::copy(&mut from, &mut std::io::stdout().lock());
    printed.map(drop).or_else(|error| {
        not_said(&error);
        Ok(())
    })
}
