//! What of a payload is kept already: it is told of, and changes nothing.

use std::collections::HashSet;

use super::WorkingSet;
use crate::model::{EventId, Mark, Payload, PayloadEvent, Warning};
use crate::storage::Wanted;

/// What is told of events that rules keep out or apart.
const KEPT_OUT: [&str; 3] = ["event_quarantined", "event_refused", "event_dropped"];

impl WorkingSet {
    /// Leaves out events that are kept already, and says so. What is made of such an event goes with it,
    /// whatever it is made into now; it is told of where it is kept itself.
    pub fn drop_repeated(&mut self, payload: &mut Payload) {
        let mut warnings = Vec::new();
        let out = payload.left_out.iter().map(|one| one.mark);
        let mut repeated: HashSet<Mark> = out.filter(|mark| self.is_kept(*mark)).collect();
        let keeps = payload.options.save_events && !payload.source.transitional;
        payload.events.retain(|event| {
            let Some(mark) = event.mark else { return true };
            let is_kept = self.is_kept(mark);
            if is_kept {
                warnings.push(told(&event.id));
            }
            if is_kept || event.part_of.is_some_and(|whole| repeated.contains(&whole)) {
                repeated.insert(mark);
                return false;
            }
            if keeps && event.options.save {
                self.remember(event);
            }
            true
        });
        payload.warnings.extend(warnings);
        self.drop_repeated_apart(payload);
    }

    /// What rules keep out or apart now may have been kept before they did: then it does not wait, and is
    /// told of as any other repetition.
    fn drop_repeated_apart(&self, payload: &mut Payload) {
        let mut repeated: Vec<EventId> = Vec::new();
        payload.held.retain(|held| {
            let is_kept = self.is_kept(held.mark);
            repeated.extend(is_kept.then(|| held.id.clone()));
            !is_kept
        });
        let out = payload.left_out.iter().filter(|one| self.is_kept(one.mark));
        repeated.extend(out.map(|one| one.id.clone()));
        let is_told = |warning: &Warning| {
            let is_theirs = warning.event.as_ref().is_some_and(|id| repeated.contains(id));
            is_theirs && KEPT_OUT.contains(&warning.code)
        };
        payload.warnings.retain(|warning| !is_told(warning));
        payload.warnings.extend(repeated.iter().map(told));
    }

    /// Whether what is known by this is kept, as far as was asked for in this round.
    pub(super) fn is_kept(&self, mark: Mark) -> bool {
        self.marks.contains_key(&mark) || self.seen.contains(&mark)
    }

    /// Of these, whatever is not in memory.
    pub(super) fn want_marks(&self, marks: impl Iterator<Item = Mark>, wanted: &mut Wanted) {
        wanted.marks.extend(marks.filter(|mark| !self.marks.contains_key(mark)));
    }

    fn remember(&mut self, event: &PayloadEvent) {
        if let Some(mark) = event.mark {
            self.marks.insert(mark, self.round);
            self.gathered.changes.marks.push(mark);
        }
    }
}

fn told(id: &EventId) -> Warning {
    let text = "an event with this id is kept already; it was not kept again";
    Warning::new("event_repeated", text).about(id)
}
