//! Which events of a history are here already, under whatever id: those that Kith has drawn have no marks.

use std::collections::HashSet;
use std::sync::Arc;

use crate::app::App;
use crate::lake::{History, HistoryParts, LakeError};

/// By what an event is known: its source and its id, as they are kept.
pub(super) type Key = (String, String);

/// See the module.
pub(super) struct Known(History);

impl Known {
    /// None where there is no history yet, of which anything could be here.
    pub(super) fn of(app: &App) -> Result<Option<Self>, LakeError> {
        let parts = HistoryParts {
            storage: Arc::clone(&app.storage),
            files: app.lake.files(),
            held_back: Box::new(|_| Ok(Vec::new())),
            answers: None,
        };
        let history = History::open(&app.config, parts)?;
        Ok(history.has_events()?.then_some(Self(history)))
    }

    /// Those of `keys` that are here.
    pub(super) fn among(&self, keys: &[&Key]) -> Result<HashSet<Key>, LakeError> {
        self.0.known_events(keys)
    }
}
