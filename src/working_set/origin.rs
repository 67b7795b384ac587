//! Under which id a payload is kept: the one that it came with, or by which it was found.
//!
//! It lets a merger be taken back: see docs/decisions/0015-undoing-mergers.md.

use super::WorkingSet;
use crate::identification::{Decision, Evidence, Whose};
use crate::model::{IdentifierKey, Link, Payload, Profile, ProfileId, PublicMode};

impl WorkingSet {
    /// The id under which the payload is kept: the one that it came with, also where that has ended in
    /// another profile; where it came with none, the one under which what it names is held. Whoever takes the
    /// merger back finds everything where it belongs.
    pub fn origin(&mut self, payload: &Payload, whose: &Whose, person: &Profile) -> ProfileId {
        if person.ended.is_empty() {
            return person.id.clone();
        }
        let is_theirs = |id: &ProfileId| *id == person.id || person.ended.contains(id);
        let came_with = self.ids_of(payload, whose).into_iter().find(is_theirs);
        came_with.unwrap_or_else(|| person.id.clone())
    }

    /// How the session remembers that the person was only named: with its visitor, by the id that it came
    /// with, also where that has ended in another profile.
    pub fn link(&mut self, payload: &Payload, whose: &Whose) -> Option<Link> {
        // Whoever was only named in history that is imported may not be here yet.
        let was_named = matches!(whose, Whose::New(_)) && payload.tells_of_who_was_named();
        let mut link = whose.link().or_else(|| was_named.then(Link::default))?;
        let session = payload.session.as_ref().and_then(|id| self.session(id));
        let of_session = session.and_then(|session| match &session.link {
            Some(link) => link.visitor.clone(),
            None => session.profile.clone(),
        });
        if was_named {
            // Nothing else says then who visits.
            link.visitor = of_session.filter(|id| self.living(id).is_some());
        } else if let Some(visitor) = link.visitor.take() {
            let mut ids = of_session.into_iter().chain(payload.profile.clone());
            let came_with = ids.find(|id| self.living(id).as_ref() == Some(&visitor));
            link.visitor = Some(came_with.unwrap_or(visitor));
        }
        Some(link)
    }

    /// The ids that say whose a payload is, the first that is there before the second: those that it came
    /// with, then those under which is held what it names. Where the session's person was only named until
    /// now, and is known from here on, it came with its visitor: that both are one is told by this payload,
    /// and is told again when people are decided on anew.
    fn ids_of(&mut self, payload: &Payload, whose: &Whose) -> Vec<ProfileId> {
        let session = payload.session.as_ref().and_then(|id| self.session(id));
        let is_named = matches!(whose, Whose::Linked { .. });
        let of_session = session.and_then(|session| {
            let visitor = session.link.as_ref().filter(|_| !is_named);
            visitor.and_then(|link| link.visitor.clone()).or_else(|| session.profile.clone())
        });
        let of_payload = payload.profile.clone();
        let own = if payload.options.static_profile_id {
            [of_payload, of_session]
        } else {
            [of_session, of_payload]
        };
        let handed = if is_named {
            payload.hidden.as_ref().map(|hidden| &hidden.person)
        } else {
            payload.passed.as_ref().map(|passed| &passed.profile)
        };
        let keys = payload.events.iter().flat_map(|event| &event.identifiers);
        let keys = keys.filter(|key| is_named || is_believed(payload, key));
        let held = keys.filter_map(|key| self.named_under(key));
        own.into_iter().flatten().chain(handed.cloned()).chain(held).collect()
    }

    /// With which id a payload came that shows people to be one: of one of them, and of another than the one
    /// whom the evidence names.
    pub(super) fn came_with(
        &mut self,
        payload: &Payload,
        decision: &Decision,
        evidence: &Evidence,
    ) -> Option<ProfileId> {
        let named = match evidence {
            Evidence::Identifier(key) | Evidence::Decided { key, .. } => self.named_under(key),
            Evidence::Passed(_) => payload.passed.as_ref().map(|passed| passed.profile.clone()),
        };
        let named = named.and_then(|id| self.living(&id));
        let mut ids = self.ids_of(payload, &decision.whose).into_iter();
        ids.find(|id| {
            let living = self.living_profile(id).map(|living| living.id);
            living.filter(|id| named.as_ref() != Some(id)).is_some_and(|id| {
                decision.whose.profile() == Some(&id)
                    || decision.merges.iter().any(|union| union.loser == id)
            })
        })
    }
}

/// Whether whoever holds this is one with the visitor because the payload says so.
fn is_believed(payload: &Payload, key: &IdentifierKey) -> bool {
    let mode = payload.identity.public_mode(&key.namespace);
    mode == PublicMode::Merge || payload.vouched.covers(key)
}
