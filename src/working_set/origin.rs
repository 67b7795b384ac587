//! Under which id a payload is kept, and who is kept apart.
//!
//! It lets a merger be taken back: see docs/decisions/0015-undoing-mergers.md.

use std::collections::BTreeSet;
use std::time::Duration;

use super::WorkingSet;
use crate::identification::{Known, Whose};
use crate::model::{Payload, ProfileId};

/// The shortest time between two moments.
const MOMENT: Duration = Duration::from_micros(1);

impl WorkingSet {
    /// The id under which the payload is kept: the one that it came with, also where that has ended in
    /// another profile. Whoever takes the merger back finds everything where it belongs.
    pub fn origin(&mut self, payload: &Payload, whose: &Whose) -> Option<ProfileId> {
        let living = whose.profile()?.clone();
        let person = self.profile(&living).filter(|person| !person.ended.is_empty());
        let Some(person) = person else { return Some(living) };
        let is_theirs = |id: &ProfileId| *id == living || person.ended.contains(id);
        Some(self.ids_of(payload).into_iter().flatten().find(is_theirs).unwrap_or(living))
    }

    /// The ids that say whose a payload is, the first that is there before the second.
    fn ids_of(&mut self, payload: &Payload) -> [Option<ProfileId>; 2] {
        let session = payload.session.as_ref().and_then(|id| self.session(id));
        let of_session = session.and_then(|session| session.profile.clone());
        let of_payload = payload.profile.clone();
        if payload.options.static_profile_id {
            [of_payload, of_session]
        } else {
            [of_session, of_payload]
        }
    }

    pub(super) fn came_with(&mut self, payload: &Payload) -> Option<ProfileId> {
        let mut ids = self.ids_of(payload).into_iter().flatten();
        ids.find(|id| self.living_profile(id).is_some())
    }

    /// Whatever is folded after a merger is received after it, too: by this its events are told from
    /// those before, which stand in history beside them.
    pub fn come_after_mergers(&mut self, payload: &mut Payload, whose: &Whose) {
        let person = whose.profile().and_then(|id| self.profile(id));
        let Some(merged_through) = person.and_then(|person| person.merged_through) else { return };
        payload.received_at = payload.received_at.max(merged_through.plus(MOMENT));
    }

    /// Which of those who could be united somebody has said to be other people.
    pub(super) fn apart(&mut self, known: &Known) -> Vec<(ProfileId, ProfileId)> {
        let ids: BTreeSet<ProfileId> = known.everybody().map(|living| living.id.clone()).collect();
        if ids.len() < 2 {
            return Vec::new();
        }
        let people: Vec<_> = ids.iter().filter_map(|id| self.profile(id)).collect();
        let mut apart = Vec::new();
        for (at, one) in people.iter().enumerate() {
            let others = people.iter().skip(at + 1).filter(|other| one.is_apart_from(other));
            apart.extend(others.map(|other| (one.id.clone(), other.id.clone())));
        }
        apart
    }
}
