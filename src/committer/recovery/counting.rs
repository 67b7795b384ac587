//! What was counted of people and is in no row yet, counted again from the events.

use std::collections::HashMap;
use std::sync::Arc;

use super::is_in;
use crate::committer::AskWatching;
use crate::model::{Profile, ProfileId, Watching};
use crate::storage::{ProfileRow, Storage, StorageError, Through};

/// Everybody who did something in rounds that may not be in their rows.
///
/// It is counted by the rules of now. What they count is what happened, so it is right whatever the rules were
/// then: a rule that is new asks history for the same, and one that is gone is missed by nobody.
pub(super) struct Counting<'a> {
    storage: &'a dyn Storage,
    watching: Option<Arc<dyn Watching>>,
    /// By the ids that events have, who that is; none where nobody lives there.
    living: HashMap<String, Option<ProfileId>>,
    people: HashMap<ProfileId, Person>,
}

struct Person {
    row: ProfileRow,
    is_more: bool,
}

impl<'a> Counting<'a> {
    pub(super) fn begin(
        storage: &'a dyn Storage,
        watching: &AskWatching,
    ) -> Result<Self, StorageError> {
        let watching = if storage.is_shared() { None } else { watching()? };
        Ok(Self { storage, watching, living: HashMap::new(), people: HashMap::new() })
    }

    /// Counts an event of `person`, unless their row has seen it.
    pub(super) fn count(
        &mut self,
        person: &str,
        line: &[u8],
        at: &Through,
    ) -> Result<(), StorageError> {
        let Some(watching) = self.watching.clone() else { return Ok(()) };
        let Some(person) = self.person(person)? else { return Ok(()) };
        if person.row.counted.as_ref().is_some_and(|counted| is_in(at, counted)) {
            return Ok(());
        }
        for seen in watching.sightings_of_line(line).unwrap_or_default().seen {
            let tallies = &mut person.row.profile.tallies;
            person.is_more |= tallies.add(seen.key, seen.sighting);
        }
        Ok(())
    }

    fn person(&mut self, id: &str) -> Result<Option<&mut Person>, StorageError> {
        if !self.living.contains_key(id) {
            let row = self.storage.profile_row(id)?;
            let living = row.as_ref().map(|row| row.profile.id.clone());
            self.living.insert(id.to_owned(), living.clone());
            if let Some((living, row)) = living.zip(row) {
                self.people.entry(living).or_insert(Person { row, is_more: false });
            }
        }
        let living = self.living.get(id).and_then(Option::as_ref);
        Ok(living.and_then(|living| self.people.get_mut(living)))
    }

    /// Those of whom more was counted, with the versions that they are to have.
    pub(super) fn changed(self) -> Vec<(Arc<Profile>, i64)> {
        let changed = self.people.into_values().filter(|person| person.is_more);
        changed.map(|Person { row, .. }| (Arc::new(row.profile), row.version + 1)).collect()
    }
}
