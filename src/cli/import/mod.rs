//! `kith import`: history, payloads and tables through the same way as any payload.

mod csv;
mod event;
mod exported;
mod known;
mod lines;
mod mapping;
mod past;
mod place;
mod refused;
mod row;
mod sending;
mod told;
mod understanding;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::folder::Folder;
use super::{say, say_wrong};
use crate::app::App;
use crate::config::{Bots, Config};
use crate::hashing::Hashing;
use crate::jobs::Jobs;
use crate::model::Time;
use crate::warming;
use mapping::Mapping;
use place::Place;
use refused::Refused;
use row::Rows;
use sending::UNDER_WAY_ROWS;

/// Payloads of a round, at least: fewer syncs of the disk, and what many change is written once.
const ROUND_PAYLOADS: usize = 4096;
/// The same where other nodes may write, too: the longer a round, the more often another was faster.
const ROUND_PAYLOADS_SHARED: usize = 1024;

/// What to import.
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    /// JSON lines, a payload as `/track` takes it on each; what `kith export` has written (.jsonl,
    /// .json, .csv or .parquet); or any table (.csv) with a mapping.
    file: PathBuf,
    /// Which column of a table is what: a TOML file, see the manual.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Looks at everything, says what is wrong with it, and keeps nothing.
    #[arg(long)]
    dry_run: bool,
    /// Writes what was refused into this file, as it came: to be mended and imported again. It must not be
    /// there yet.
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// When rows of a table happened that say no time [default: now].
    #[arg(long, value_name = "TIME", requires = "mapping", value_parser = moment)]
    at: Option<Time>,
}

/// What to do where another process has the data.
const HELD: &str = "Stop it first: an import needs the folder for itself.";

/// How an import goes.
struct Import<'a> {
    app: &'a Arc<App>,
    hashing: &'a Hashing,
    mapping: Option<&'a Mapping>,
    at: Option<Time>,
    dry_run: bool,
}

/// What came of it.
#[derive(Debug, Default)]
struct Done {
    kept: u64,
    repeated: u64,
    refused: u64,
}

/// Needs the folder for itself. It may be stopped and begun again: it goes on where it was, and
/// events that are kept already are left out by their ids. Events without one are given one that
/// follows from what the line says.
pub(super) fn run(config: &Config, command: &ImportCommand) -> Result<bool, String> {
    let mapping = command.mapping.as_deref().map(Mapping::read).transpose()?;
    if mapping.is_some() && !row::may_be_table(&command.file) {
        let file = command.file.display();
        return Err(format!(
            "a mapping says which column of a table (.csv) is what, and {file} is none"
        ));
    }
    let (folder, lock) = Folder::open_and_hold(config, HELD)?;
    let hashing = Hashing::new(folder.storage.key());
    let config = as_history_comes(config, folder.storage.is_shared());
    folder.storage.remember_marks().map_err(|error| error.to_string())?;
    let files = (&*command.file, command.refused.as_deref());
    let place = Place::of(&config.data_dir, files, (mapping.as_ref(), &hashing))?;
    let (app, threads) = folder.start(config)?;
    // As in a server: the log is copied, and what has come in moves into files.
    let jobs = Jobs::start_for_history(&app, Some(lock)).map_err(|error| error.to_string())?;
    let import = Import {
        app: &app,
        hashing: &hashing,
        mapping: mapping.as_ref(),
        at: command.at,
        dry_run: command.dry_run,
    };
    let done = import.all(&place, command).and_then(|done| import.look().map(|()| done));
    jobs.stop();
    threads.end(app)?;
    let done = done?;
    say(&told(&done, command.dry_run));
    Ok(done.refused == 0)
}

/// The settings, as far as what has been before comes in otherwise than what is sent now.
fn as_history_comes(config: &Config, is_shared: bool) -> Config {
    let mut config = config.clone();
    // Whoever has the folder decides what comes in; the line between people and crawlers was drawn
    // when the events were recorded.
    config.admission.bots = Bots::Keep;
    config.admission.payloads_per_second_max = 0;
    // Nobody waits for the answer to a single one.
    let round = if is_shared { ROUND_PAYLOADS_SHARED } else { ROUND_PAYLOADS };
    let committer = &mut config.committer;
    committer.round_payloads_max = committer.round_payloads_max.max(round);
    committer.queue_payloads_max = committer.queue_payloads_max.max(UNDER_WAY_ROWS);
    config
}

impl Import<'_> {
    /// Whoever has come in is in the audiences that rules say, now that their history is there.
    fn look(&self) -> Result<(), String> {
        while !self.dry_run && warming::look_at_due(self.app).map_err(|error| error.to_string())? {}
        Ok(())
    }

    fn all(&self, place: &Place, command: &ImportCommand) -> Result<Done, String> {
        let from = if self.dry_run { place::Offset::default() } else { place.read() };
        let mut rows = Rows::open(self.app, place.file(), (self.mapping, from))?;
        let goes_on = !self.dry_run && place.has_refused();
        let mut refused = Refused::new(command.refused.as_deref(), rows.header(), goes_on)?;
        if !self.dry_run && command.refused.is_some() {
            place.remember(from)?;
        }
        let bar = bar(rows.bytes());
        let done = sending::all(self, &mut rows, &mut refused, |offset, lines| {
            bar.set_position(offset.bytes);
            if self.dry_run { Ok(()) } else { place.remember_sometimes(offset, lines) }
        });
        bar.finish_and_clear();
        let done = done?;
        refused.end();
        if !self.dry_run {
            place.forget();
        }
        Ok(done)
    }
}

fn told(done: &Done, dry_run: bool) -> String {
    let Done { kept, repeated, refused } = done;
    if dry_run {
        let there = format!("{repeated} are there already");
        return format!("{kept} would be taken, {there}, {refused} refused; nothing was kept");
    }
    format!("{kept} kept, {repeated} repeated, {refused} refused")
}

fn moment(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| "a time is written like 2026-01-05T10:00:00Z".to_owned())
}

/// How much of so many bytes is done.
pub(super) fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    bar.set_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}
