//! Ids of people and of visits that are nobody's: wherever one is sent, it counts as missing.

use super::{Incoming, Intake};
use crate::model::Warning;

impl Intake<'_> {
    /// The id that was sent at a place, unless it is nobody's; that is told of then. Whoever has none
    /// often sends a word, and all who send it would be one person, or in one visit.
    pub(in crate::http) fn somebodys<T: AsRef<str>>(
        &self,
        sent: Option<T>,
        place: &str,
        warnings: &mut Vec<Warning>,
    ) -> Option<T> {
        let id = sent.filter(|id| !id.as_ref().trim().is_empty())?;
        if !self.known.identity().is_nobodys(id.as_ref()) {
            return Some(id);
        }
        let text = format!("what {place} says identifies nobody; it counts as missing");
        warnings.push(Warning::new("identifier_meaningless", text));
        None
    }

    /// Leaves out of a payload what is nobody's id. What Kith has kept before says whose it was found to
    /// be then, whatever the id.
    pub(super) fn leave_out_nobodys(&self, incoming: &mut Incoming<'_>) {
        if incoming.options.adds_nothing || incoming.options.found.is_some() {
            return;
        }
        let Incoming { session, profile, warnings, .. } = incoming;
        *session = self.somebodys(session.take(), "session.id", warnings);
        *profile = self.somebodys(profile.take(), "profile.id", warnings);
    }
}
