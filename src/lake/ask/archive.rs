//! Everything that history has of a person, however much that is.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::newest::{all_events, each_event};
use super::scope::{equal, within};
use super::{Question, Scope, SessionRow};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;

/// A person's sessions and events, written line by line: nobody holds all of them at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Archive {
    /// The id that lives.
    pub person: String,
    /// Their events that it is about, and the sessions that were under way at that time.
    pub scope: Scope,
    /// The file that the lines go into, each an [`ArchiveLine`]. It is not there yet.
    pub to: PathBuf,
}

/// A line of an archive: the sessions come first.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveLine {
    /// A session.
    Session(Box<SessionRow>),
    /// An event, the newest first, as columns of history, absent ones left out.
    Event(Map),
}

impl Question for Archive {
    type Answer = ();

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<(), LakeError> {
        let mut to = BufWriter::new(File::create(&self.to).map_err(LakeError::disk)?);
        let mut put = |line: &ArchiveLine| {
            let written = serde_json::to_writer(&mut to, line).map_err(std::io::Error::from);
            written.and_then(|()| to.write_all(b"\n")).map_err(LakeError::disk)
        };
        moment.confine(&self.scope)?;
        let condition = equal("profile_id", &self.person);
        let sessions = format!("SELECT * FROM sessions WHERE {} ORDER BY id", self.sessions());
        moment.each(&sessions, &[], &mut |session| put(&ArchiveLine::Session(session)))?;
        each_event(moment, &all_events(&condition), &mut |event| put(&ArchiveLine::Event(event)))?;
        to.flush().map_err(LakeError::disk)
    }
}

impl Archive {
    /// Sessions that were under way: they began before its end, and ended not before its beginning. And those
    /// of its events: what was received later than it happened is of visits that began later, too.
    fn sessions(&self) -> String {
        let Scope { from, to, .. } = self.scope;
        let theirs = equal("profile_id", &self.person);
        let under_way = within("updated", from, None).chain(within("created", None, to));
        let under_way: Vec<String> = under_way.collect();
        if under_way.is_empty() {
            return theirs;
        }
        format!(
            "{theirs} AND (({}) OR id IN (SELECT session_id FROM events WHERE {theirs}))",
            under_way.join(" AND ")
        )
    }
}
