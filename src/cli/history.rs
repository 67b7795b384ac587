//! The lake, opened for a command beside a server that may be running.

use std::sync::Arc;

use super::folder::Folder;
use crate::audit::{Audit, Deed};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::lake::{Lake, Parts, S3Access};
use crate::storage::Storage;
use crate::telemetry::Telemetry;

/// Who does it, for the audit log.
const COMMAND_LINE: &str = "command line";

/// Writes into the audit log what was done on the command line.
///
/// # Errors
/// Then it must not be done.
pub(super) fn note(
    storage: &dyn Storage,
    (action, kind): (&'static str, &'static str),
    detail: &str,
) -> Result<(), String> {
    let audit = Audit::new(&Clock::system(), &Ids::system());
    let (who, detail) = (COMMAND_LINE.to_owned(), Some(detail.to_owned()));
    let row = audit.row(Deed { who, action, kind, detail, ..Deed::default() });
    let written = storage.note(&[row]);
    written.map_err(|error| format!("the audit log cannot be written: {error}"))
}

/// Opens the lake of the data folder. Last-seen times that a running server holds back are not in
/// it yet.
pub(super) fn open(config: &Config) -> Result<(Arc<Lake>, Arc<dyn Storage>), String> {
    let storage = Folder::existing(config)?.storage;
    let parts = Parts {
        storage: Arc::clone(&storage),
        clock: Clock::system(),
        ids: Ids::system(),
        telemetry: Arc::new(Telemetry::new()),
        held_back: Box::new(|_| None),
        s3: S3Access::from_env(),
    };
    let lake = Lake::open(config, parts);
    Ok((Arc::new(lake.map_err(|error| error.to_string())?), storage))
}
