//! What a round works on: everything its payloads ask for, and everything they leave.

mod cache;
mod held_back;
mod gather;
mod keeping;
mod repeated;
mod origin;
mod uniting;
mod restanding;
mod removing;
mod watched;
mod counted;
mod tried;
mod commands;

pub(crate) use commands::Command;
pub use commands::{RemovedEvents, Split};
pub(crate) use held_back::{Patience, Waits};
pub use restanding::{Joining, Restand, Restood};
pub use tried::{Previewed, Turn};
pub use uniting::Verdict;
pub use watched::{Look, Warm};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use cache::{Bounds, Cache};
use held_back::HeldBack;
use keeping::may_lend;
use tried::Tried;

use crate::config::CommitterConfig;
use crate::identification::{self, Known, KnownSession, Living, Whose};
use crate::model::{
    IdentifierKey, Mark, Payload, PayloadEvent, Profile, ProfileId, Session, SessionId,
};
use crate::storage::{Changes, Loaded, Wanted};

/// The version that no row has.
const NEVER: i64 = -1;

/// People, sessions and marks as they are after the payloads folded so far, on disk or not.
#[derive(Debug)]
pub struct WorkingSet {
    pub(crate) profiles: Cache<ProfileId, Arc<Profile>>,
    pub(crate) sessions: Cache<SessionId, Arc<Session>>,
    pub(crate) aliases: Cache<ProfileId, ProfileId>,
    pub(crate) identifiers: Cache<IdentifierKey, ProfileId>,
    /// Marks of rounds that are not on disk yet, then those loaded for this round.
    pub(crate) marks: HashMap<Mark, u64>,
    pub(crate) seen: HashSet<Mark>,
    pub(crate) held: HeldBack<SessionId>,
    /// People of whom more is counted than is on disk.
    pub(crate) counted: HeldBack<ProfileId>,
    /// What the round in the making has gathered.
    pub(crate) gathered: Gathered,
    pub(crate) round: u64,
    /// When it began, by the monotonic clock.
    pub(crate) began: Duration,
    /// Whether others write too: then nothing is held back, and what was read is compared.
    pub(crate) is_shared: bool,
    /// What has become of the payload, where this is a copy on which it is only tried.
    tried: Option<Tried>,
}

/// What a round will write, by id: each row is written once, however often it changed.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) changes: Changes,
    pub(crate) profiles: HashSet<ProfileId>,
    pub(crate) sessions: HashSet<SessionId>,
    pub(crate) touched: HashSet<SessionId>,
    /// People who are held back from this round on.
    pub(crate) counted: HashSet<ProfileId>,
    /// What was looked at, where others write too.
    pub(crate) read_profiles: HashSet<ProfileId>,
    pub(crate) read_sessions: HashSet<SessionId>,
    /// Who has to be looked at at another moment than before.
    pub(crate) alarms: HashSet<ProfileId>,
    /// Who is in an audience, or is not any more.
    pub(crate) memberships: HashSet<(Arc<str>, ProfileId)>,
}

impl WorkingSet {
    /// An empty one, remembering about as many rows of each kind as `config` says.
    /// `is_shared` says whether others write to the storage too.
    pub(crate) fn new(config: &CommitterConfig, is_shared: bool) -> Self {
        Self::remembering((config.cache_entries_max, config.cache_bytes_max), is_shared)
    }

    fn remembering((entries_max, bytes_max): (usize, usize), is_shared: bool) -> Self {
        let small = Bounds { entries_max, bytes_max, weigh: |_| 0, is_shared };
        // Aliases and identifiers are small and alike: their number bounds them.
        Self {
            profiles: Cache::new(Bounds {
                entries_max,
                bytes_max,
                weigh: |one: &Arc<Profile>| one.bytes(),
                is_shared,
            }),
            sessions: Cache::new(Bounds {
                entries_max,
                bytes_max,
                weigh: |one: &Arc<Session>| one.bytes(),
                is_shared,
            }),
            aliases: Cache::new(small),
            identifiers: Cache::new(Bounds { entries_max, bytes_max, weigh: |_| 0, is_shared }),
            marks: HashMap::new(),
            seen: HashSet::new(),
            held: HeldBack::default(),
            counted: HeldBack::default(),
            gathered: Gathered::default(),
            round: 0,
            began: Duration::ZERO,
            is_shared,
            tried: None,
        }
    }

    /// Whether what is remembered is taken to be what is on disk.
    pub(crate) fn trust(&mut self, is_trusted: bool) {
        self.profiles.is_trusted = is_trusted;
        self.sessions.is_trusted = is_trusted;
        self.aliases.is_trusted = is_trusted;
        self.identifiers.is_trusted = is_trusted;
    }

    /// What `payload` needs and is not in memory.
    pub(crate) fn want(&mut self, payload: &Payload, wanted: &mut Wanted) {
        if let Some(id) = &payload.session {
            match self.sessions.known(id).map(|entry| entry.value.clone()) {
                None => wanted.sessions.push(id.clone()),
                Some(session) => {
                    let profile = session.as_ref().and_then(|session| session.profile.clone());
                    let link = session.as_ref().and_then(|session| session.link.clone());
                    let visitor = link.and_then(|link| link.visitor);
                    profile.iter().chain(&visitor).for_each(|id| self.want_profile(id, wanted));
                }
            }
        }
        payload.profile.iter().for_each(|id| self.want_profile(id, wanted));
        payload.hidden.iter().for_each(|hidden| self.want_profile(&hidden.person, wanted));
        payload.passed.iter().for_each(|passed| self.want_profile(&passed.profile, wanted));
        for key in payload.events.iter().flat_map(|event| &event.identifiers) {
            match self.identifiers.known(key).map(|entry| entry.value.clone()) {
                None => wanted.identifiers.push(key.clone()),
                Some(holder) => holder.iter().for_each(|id| self.want_profile(id, wanted)),
            }
        }
        self.want_marks(payload.marks(), wanted);
    }

    pub(crate) fn want_profile(&mut self, id: &ProfileId, wanted: &mut Wanted) {
        let known = self.living(id).is_some_and(|living| {
            let is_shared = self.is_shared;
            let is_theirs = |profile: &Arc<Profile>| !is_shared || profile.has_id(id);
            let entry = self.profiles.known(&living);
            entry.is_some_and(|entry| entry.value.as_ref().is_none_or(is_theirs))
        });
        let known_absent = self.aliases.known(id).is_some_and(|entry| entry.value.is_none());
        if !known && !known_absent {
            wanted.profiles.push(id.clone());
        }
    }

    /// Takes in what was loaded; what was asked for and is absent does not exist.
    pub(crate) fn learn(&mut self, wanted: Wanted, loaded: Loaded) {
        wanted.sessions.into_iter().for_each(|id| self.sessions.learn_absent(id));
        wanted.profiles.into_iter().for_each(|id| self.aliases.learn_absent(id));
        wanted.identifiers.into_iter().for_each(|key| self.identifiers.learn_absent(key));
        for row in loaded.sessions {
            let id = row.session.id.clone();
            self.sessions.learn(id, Arc::new(row.session), row.version);
        }
        for (profile, version) in loaded.profiles {
            self.profiles.learn(profile.id.clone(), Arc::new(profile), version);
        }
        for (id, leads_to) in loaded.aliases {
            // What was read may be older than a merger that is not on disk yet; what is remembered of
            // before may be older than what was read.
            let is_ahead = self.aliases.is_ahead(&leads_to);
            let living = if is_ahead { self.living(&leads_to) } else { None };
            match living.filter(|living| *living != leads_to) {
                Some(living) => self.aliases.learn_ahead(id, living, self.round),
                None => self.aliases.learn(id, leads_to, 0),
            }
        }
        for (key, holder) in loaded.identifiers {
            self.identifiers.learn(key, holder, 0);
        }
        self.seen = loaded.seen.into_iter().collect();
    }

    /// Takes out of `payload` what comes after its first person.
    pub fn next_turn(&mut self, payload: &mut Payload) -> Option<Payload> {
        if !identification::may_change_hands(payload) {
            return None;
        }
        let here = identification::who_is_here(payload, &self.known(payload));
        identification::next_turn(payload, &here)
    }

    /// What is known of everybody `payload` names.
    pub fn known(&mut self, payload: &Payload) -> Known {
        let session = payload.session.as_ref().and_then(|id| self.session(id));
        let session = session.map(|session| {
            let named = session.link.as_ref().and_then(|link| link.visitor.as_ref());
            let visitor = named.and_then(|id| self.living_profile(id));
            KnownSession {
                profile: session.profile.as_ref().and_then(|id| self.living_profile(id)),
                is_linked: session.link.is_some(),
                visitor_is_gone: named.is_some() && visitor.is_none(),
                visitor,
            }
        });
        let keys = payload.events.iter().flat_map(|event| &event.identifiers);
        let mut holders = Vec::new();
        for key in keys {
            let living = self.named_under(key).and_then(|id| self.living_profile(&id));
            holders.extend(living.map(|living| (key.clone(), living)));
        }
        let claimed = payload.profile.as_ref().and_then(|id| self.living_profile(id));
        let hidden = payload.hidden.as_ref();
        let hidden = hidden.and_then(|hidden| self.living_profile(&hidden.person));
        let passed = payload.passed.as_ref().and_then(|pass| self.living_profile(&pass.profile));
        let mut known = Known { session, claimed, hidden, passed, holders, bodies: HashMap::new() };
        if payload.passed.is_some() || payload.events.iter().any(PayloadEvent::names_somebody) {
            known.bodies = self.bodies(&known);
        }
        known
    }

    /// Everybody in it as they are: they are asked who may meet whom.
    fn bodies(&mut self, known: &Known) -> HashMap<ProfileId, Arc<Profile>> {
        let ids: Vec<ProfileId> = known.everybody().map(|living| living.id.clone()).collect();
        ids.into_iter().filter_map(|id| Some((id.clone(), self.profile(&id)?))).collect()
    }

    /// The profile, as it is now.
    pub fn profile(&mut self, id: &ProfileId) -> Option<Arc<Profile>> {
        self.note_profile(id);
        self.profiles.get(id)?.value.clone()
    }

    /// The profile, as it is now, to be changed: it is not there until the payload is [kept](Self::keep).
    /// Somebody who may become another and not be kept is copied first.
    pub fn lend(&mut self, payload: &Payload, whose: &Whose) -> Option<Arc<Profile>> {
        let id = whose.profile()?;
        self.note_profile(id);
        if may_lend(payload, whose) { self.profiles.lend(id) } else { self.profile(id) }
    }

    /// The session, as it is now.
    pub fn session(&mut self, id: &SessionId) -> Option<Arc<Session>> {
        if self.is_shared && !self.gathered.read_sessions.contains(id) {
            self.gathered.read_sessions.insert(id.clone());
        }
        self.sessions.get(id)?.value.clone()
    }

    /// Lets `id` lead to the person of the payload.
    pub fn adopt(&mut self, id: Option<&ProfileId>, whose: &Whose) {
        let (Some(id), Some(person)) = (id, whose.profile()) else { return };
        let Some(mut profile) = self.profile(person) else { return };
        Arc::make_mut(&mut profile).ids.push(id.clone());
        self.put_profile(profile);
        self.put_alias(id.clone(), person.clone());
    }

    fn living_profile(&mut self, id: &ProfileId) -> Option<Living> {
        let living = self.living(id)?;
        self.note_profile(&living);
        let profile = self.profiles.get(&living)?.value.as_ref()?;
        let found = Living { created: profile.created, id: profile.id.clone() };
        if self.is_shared && !profile.has_id(id) {
            self.doubt_alias(id, living);
        }
        Some(found)
    }

    /// Another node has taken a merger back since this was remembered. Whatever is decided on it is lost
    /// when it is committed, and decided again on what is on disk.
    fn doubt_alias(&mut self, id: &ProfileId, led_to: ProfileId) {
        self.aliases.remove(id);
        self.gathered.changes.read.profiles.push((led_to, NEVER));
    }

    /// What a decision stands on is compared when it is committed.
    fn note_profile(&mut self, id: &ProfileId) {
        if self.is_shared && !self.gathered.read_profiles.contains(id) {
            self.gathered.read_profiles.insert(id.clone());
        }
    }

    /// Follows the aliases in memory to their end. Each merger points one id to an older profile,
    /// so the walk ends.
    pub(crate) fn living(&mut self, id: &ProfileId) -> Option<ProfileId> {
        let mut id = id.clone();
        loop {
            let next = self.aliases.get(&id)?.value.clone()?;
            if next == id {
                return Some(id);
            }
            // A loaded alias leads to a living profile, whose own alias need not be in memory.
            let ends = !self.aliases.has(&next);
            id = next;
            if ends {
                return Some(id);
            }
        }
    }
}
