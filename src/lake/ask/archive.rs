//! Everything that history has of a person, however much that is.

use super::SessionRow;
use super::newest::{all_events, each_event};
use super::scope::equal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;

/// A person's sessions and events. They are shown one by one: nobody holds all of them at once.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The id that lives.
    pub person: String,
}

impl Archive {
    /// The time that it is about.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::ALWAYS
    }

    /// Shows each session.
    ///
    /// # Errors
    /// See [`LakeError`], and what `visit` says.
    pub fn sessions(
        &self,
        moment: &Moment,
        visit: &mut dyn FnMut(SessionRow) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        let sql = format!("SELECT * FROM sessions WHERE {} ORDER BY id", self.condition());
        moment.each(&sql, &[], visit)
    }

    /// Shows each event, the newest first, as columns of history, absent ones left out.
    ///
    /// # Errors
    /// See [`LakeError`], and what `visit` says.
    pub fn events(
        &self,
        moment: &Moment,
        visit: &mut dyn FnMut(Map) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        each_event(moment, &all_events(&self.condition()), visit)
    }

    fn condition(&self) -> String {
        equal("profile_id", &self.person)
    }
}
