//! What a payload would do, told by doing it to a copy.

use super::fold::Folder;
use crate::model::Payload;
use crate::track;
use crate::working_set::Previewed;

impl Folder {
    /// Folds a payload as any other, over a copy of what it asks for, so that what is told is what would be
    /// done: whom it unites counts for all that comes of it, and what is kept already is repeated.
    pub(super) fn try_out(&mut self, payload: Payload, seen: &Previewed) -> bool {
        let mut people = self.people.copied_for(&payload);
        drop(track::track(payload, &mut people));
        seen.put(people.into_turns());
        true
    }
}
