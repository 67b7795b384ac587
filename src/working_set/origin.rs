//! Under which id a payload is kept: the one that it came with.
//!
//! It lets a merger be taken back: see docs/decisions/0015-undoing-mergers.md.

use super::WorkingSet;
use crate::identification::{Decision, Whose};
use crate::model::{Link, Payload, Profile, ProfileId};

impl WorkingSet {
    /// The id under which the payload is kept: the one that it came with, also where that has ended in
    /// another profile. Whoever takes the merger back finds everything where it belongs.
    pub fn origin(&mut self, payload: &Payload, whose: &Whose, person: &Profile) -> ProfileId {
        if person.ended.is_empty() {
            return person.id.clone();
        }
        let is_theirs = |id: &ProfileId| *id == person.id || person.ended.contains(id);
        let came_with = self.ids_of(payload, whose).into_iter().flatten().find(is_theirs);
        came_with.unwrap_or_else(|| person.id.clone())
    }

    /// How the session remembers that the person was only named: with its visitor, by the id that it came
    /// with, also where that has ended in another profile.
    pub fn link(&mut self, payload: &Payload, whose: &Whose) -> Option<Link> {
        // Whoever was only named in history that is imported may not be here yet.
        let was_named = matches!(whose, Whose::New(_)) && payload.tells_of_who_was_named();
        let mut link = whose.link().or_else(|| was_named.then(Link::default))?;
        let session = payload.session.as_ref().and_then(|id| self.session(id));
        let came_with = session.and_then(|session| match &session.link {
            Some(link) => link.visitor.clone(),
            None => session.profile.clone(),
        });
        // Nothing else says then who visits.
        if was_named || came_with.as_ref().and_then(|id| self.living(id)) == link.visitor {
            link.visitor = came_with;
        }
        Some(link)
    }

    /// The ids that say whose a payload is, the first that is there before the second. Where the session's
    /// person was only named until now, and is known from here on, it came with its visitor: that both are
    /// one is told by this payload, and is told again when people are decided on anew.
    fn ids_of(&mut self, payload: &Payload, whose: &Whose) -> [Option<ProfileId>; 2] {
        let session = payload.session.as_ref().and_then(|id| self.session(id));
        let is_named = matches!(whose, Whose::Linked { .. });
        let of_session = session.and_then(|session| {
            let visitor = session.link.as_ref().filter(|_| !is_named);
            visitor.and_then(|link| link.visitor.clone()).or_else(|| session.profile.clone())
        });
        let of_payload = payload.profile.clone();
        if payload.options.static_profile_id {
            [of_payload, of_session]
        } else {
            [of_session, of_payload]
        }
    }

    /// With which id a payload came that shows people to be one: of one of them.
    pub(super) fn came_with(
        &mut self,
        payload: &Payload,
        decision: &Decision,
    ) -> Option<ProfileId> {
        let mut ids = self.ids_of(payload, &decision.whose).into_iter().flatten();
        ids.find(|id| {
            let living = self.living_profile(id).map(|living| living.id);
            living.is_some_and(|id| {
                decision.whose.profile() == Some(&id)
                    || decision.merges.iter().any(|union| union.loser == id)
            })
        })
    }
}
