//! The lake, opened for a command beside a server that may be running.

use std::sync::Arc;
use std::time::Duration;

use super::folder::Folder;
use crate::apart::{self, Bounded};
use crate::audit::{Audit, Deed};
use crate::config::Config;
use crate::lake::{History, Lake, Parts, S3Access, Who};
use crate::telemetry::Telemetry;

/// Who does it, for the audit log.
const COMMAND_LINE: &str = "command line";

/// Writes into the audit log what was done on the command line.
///
/// # Errors
/// Then it must not be done.
pub(super) fn note(
    folder: &Folder,
    (action, kind): (&'static str, &'static str),
    detail: &str,
) -> Result<(), String> {
    let audit = Audit::new(&folder.clock, &folder.ids);
    let (who, detail) = (COMMAND_LINE.to_owned(), Some(detail.to_owned()));
    let row = audit.row(Deed { who, action, kind, detail, ..Deed::default() });
    let written = folder.storage.note(&[row]);
    written.map_err(|error| format!("the audit log cannot be written: {error}"))
}

/// Opens the lake of the data folder, to look after its files beside a server that may be running.
pub(super) fn open(config: &Config) -> Result<(Arc<Lake>, Folder), String> {
    let folder = Folder::existing(config)?;
    let parts = Parts {
        storage: Arc::clone(&folder.storage),
        clock: folder.clock.clone(),
        ids: folder.ids.clone(),
        telemetry: Arc::new(Telemetry::new()),
        s3: S3Access::from_env(),
        program: apart::this_program(),
        who: Who::Command,
    };
    let lake = Lake::open_beside(config, parts);
    Ok((Arc::new(lake.map_err(|error| error.to_string())?), folder))
}

/// Opens history to ask it, within the bounds of one question, which this process gets from the system
/// too. Last-seen times that a running server holds back are not in it yet.
pub(super) fn ask(config: &Config) -> Result<(History, Folder), String> {
    let folder = Folder::existing(config)?;
    let history = History::beside(config, Arc::clone(&folder.storage), &S3Access::from_env());
    let history = history.map_err(|error| error.to_string())?;
    let (memory, threads) = history.room();
    let seconds_max = Duration::from_secs(config.query.seconds_max);
    apart::bind(&Bounded { memory, seconds_max, threads });
    Ok((history, folder))
}
