//! Administrators' changes, folded in between payloads.

use std::sync::Arc;

use super::{Look, Previewed, Restand, Restood, Verdict, Warm, WorkingSet};
use crate::events::Gone;
use crate::model::{Mark, Payload, Profile, ProfileId, SessionId};
use crate::storage::{Edit, TakenBack, Through, Wanted};

/// A change that must happen between payloads, since the working set remembers what it changes.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Edit(Edit),
    RemoveProfile(ProfileId),
    /// The number of the erasure, and the ids of the person that are known.
    ErasePerson(String, Vec<ProfileId>),
    /// A session; where ids are named, only if it is one of theirs.
    RemoveSession(SessionId, Option<Vec<ProfileId>>),
    /// People, and whom they are not kept apart from any more.
    ForgetApart(Vec<ProfileId>, Vec<ProfileId>),
    /// A session of somebody who was only named, and the ids of its visitor, who is gone.
    ForgetVisitor(SessionId, Vec<ProfileId>),
    RemoveEvents(RemovedEvents),
    /// Boxed, since it holds people and is rare.
    Split(Box<Split>),
    /// The committer's own: nothing is changed.
    HoldStill(ProfileId),
    /// People whose rows somebody wants to read.
    WriteOut(Vec<ProfileId>),
    Decide(Box<Verdict>),
    Restand(Vec<Restand>, Restood),
    /// The committer's own: it folds a copy.
    Preview(Box<Payload>, Previewed),
    /// Whether any of these is kept.
    AreKept(Vec<Mark>),
    Look(Box<Look>),
    Warm(Warm),
}

impl Command {
    /// The session that it is about.
    pub(crate) fn session(&self) -> Option<&SessionId> {
        if let Self::RemoveSession(id, _) | Self::ForgetVisitor(id, _) = self {
            Some(id)
        } else {
            None
        }
    }

    /// The people that it names.
    pub(crate) fn people(&self) -> Vec<&ProfileId> {
        match self {
            Self::RemoveProfile(id) | Self::HoldStill(id) => vec![id],
            Self::Split(split) => vec![&split.whole.id],
            Self::Look(look) => look.people.iter().collect(),
            Self::Warm(warm) => warm.people.iter().map(|(id, _)| id).collect(),
            Self::Decide(verdict) => verdict.people().to_vec(),
            Self::ErasePerson(_, ids) | Self::ForgetApart(ids, _) => ids.iter().collect(),
            Self::Restand(all, _) => {
                all.iter().flat_map(|one| &one.wholes).map(|whole| &whole.id).collect()
            }
            // Those who wait are in memory.
            Self::WriteOut(_)
            | Self::RemoveSession(..)
            | Self::ForgetVisitor(..)
            | Self::Preview(..)
            | Self::AreKept(_)
            | Self::Edit(_)
            | Self::RemoveEvents(_) => Vec::new(),
        }
    }
}

/// A person who stands as several again.
#[derive(Clone, Debug)]
pub struct Split {
    /// As the person was when the parts were made; when anything has changed since, nothing is done.
    pub whole: Arc<Profile>,
    /// All that become of it, the one that keeps its id among them.
    pub parts: Vec<Arc<Profile>>,
    /// The mergers.
    pub taken: TakenBack,
}

/// Events to be removed from a round of the tail.
#[derive(Clone, Debug)]
pub struct RemovedEvents {
    /// Where they are.
    pub at: Through,
    /// Which.
    pub gone: Gone,
    /// The sessions they are of.
    pub sessions: Vec<SessionId>,
}

impl WorkingSet {
    /// What a command needs and is not in memory.
    pub(crate) fn want_command(&mut self, command: &Command, wanted: &mut Wanted) {
        command.people().into_iter().for_each(|id| self.want_profile(id, wanted));
        match command {
            Command::Preview(payload, _) => self.want(payload, wanted),
            Command::AreKept(marks) => self.want_marks(marks.iter().copied(), wanted),
            Command::Restand(all, _) => {
                all.iter().for_each(|one| self.want_restand(one, wanted));
            }
            Command::RemoveSession(id, _) | Command::ForgetVisitor(id, _)
                if self.sessions.known(id).is_none() =>
            {
                wanted.sessions.push(id.clone());
            }
            Command::RemoveProfile(_)
            | Command::HoldStill(_)
            | Command::WriteOut(_)
            | Command::Split(_)
            | Command::Look(_)
            | Command::Warm(_)
            | Command::Decide(_)
            | Command::ErasePerson(..)
            | Command::RemoveSession(..)
            | Command::ForgetVisitor(..)
            | Command::ForgetApart(..)
            | Command::Edit(_)
            | Command::RemoveEvents(_) => {}
        }
    }

    /// Folds one command; false when there is nothing to change.
    pub(crate) fn command(&mut self, command: Command) -> bool {
        match command {
            Command::Edit(edit) => self.edit(edit),
            Command::RemoveProfile(id) => self.remove_profile(&id),
            Command::RemoveSession(id, of) => self.remove_session(id, of.as_deref()),
            Command::ForgetApart(people, gone) => self.forget_apart(&people, &gone),
            Command::ForgetVisitor(id, gone) => self.forget_visitor(&id, &gone),
            Command::Decide(verdict) => self.decide(*verdict),
            Command::Restand(all, done) => self.restand_all(all, &done),
            Command::AreKept(marks) => marks.iter().any(|mark| self.is_kept(*mark)),
            Command::Look(look) => self.look(&look),
            Command::Warm(warm) => self.warm(warm),
            Command::ErasePerson(erasure, ids) => self.erase_person(erasure, ids),
            Command::Split(split) => self.split(*split),
            Command::HoldStill(_) | Command::Preview(..) => false,
            Command::WriteOut(people) => self.write_counted(people),
            Command::RemoveEvents(RemovedEvents { at, gone, sessions }) => {
                sessions.into_iter().for_each(|id| self.write_held_back(id));
                self.edit(Edit::RemoveEvents { at, gone })
            }
        }
    }

    pub(super) fn edit(&mut self, edit: Edit) -> bool {
        self.gathered.changes.edits.push(edit);
        true
    }

    fn write_held_back(&mut self, id: SessionId) {
        if self.held.has(&id) {
            self.held.release(&id);
            self.gathered.touched.remove(&id);
            self.gathered.sessions.insert(id);
        }
    }

    /// Every part is written, the one that keeps the id too: whoever has decided on the whole is late.
    fn split(&mut self, split: Split) -> bool {
        let Split { whole, parts, taken } = split;
        let whole = [whole];
        if !self.are_as_they_were(&whole) {
            return false;
        }
        parts.into_iter().for_each(|part| self.stand(part, &whole));
        self.edit(Edit::TakeBack(taken))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::gather::Due;
    use super::*;
    use crate::config::Config;
    use crate::model::{
        Bridge, Draw, EventId, EventOptions, Hit, IdentifierKey, Json, Namespace, Options,
        PayloadEvent, RuleSet, Seals, Source, SourceId, Time, Visitor, Vouched,
    };
    use crate::storage::{Loaded, Wanted};
    use crate::track;

    fn event(email: Option<&str>) -> PayloadEvent {
        let key = |email: &str| IdentifierKey {
            namespace: Namespace::new("email"),
            hash: email.to_owned(),
        };
        PayloadEvent {
            id: EventId::new("e"),
            mark: None,
            part_of: None,
            sent_as: None,
            kind: "x".to_owned(),
            name: "X".to_owned(),
            place: 0,
            time: Time::default(),
            client_time: None,
            properties: Json::empty(),
            context: Json::empty(),
            request: Json::empty(),
            options: EventOptions {
                save: true,
                save_session: true,
                profile: false,
                debugger: false,
            },
            config: Json::empty(),
            tags: Vec::new(),
            hit: Hit::default(),
            identifiers: email.map(key).into_iter().collect(),
            warnings: Vec::new(),
            valid: true,
            private: None,
        }
    }

    fn payload(number: u8, session: &str, email: Option<&str>) -> Payload {
        let now = Time::from_micros(i64::from(number));
        Payload {
            source: Arc::new(Source::new(SourceId::new("shop"), "Shop", vec![Bridge::Rest], now)),
            rules: Arc::new(RuleSet::default()),
            identity: Arc::default(),
            watching: None,
            session: Some(SessionId::new(session)),
            profile: None,
            hidden: None,
            vouched: Vouched::All,
            told_apart: None,
            seals: Seals::new([7; 32]),
            context: Json::empty(),
            properties: Json::empty(),
            private_visit: None,
            options: Options::default(),
            events: vec![event(email)],
            held: Vec::new(),
            left_out: Vec::new(),
            visitor: Visitor::default(),
            passed: None,
            received_at: now,
            draw: Draw::new(now, [number; 16]),
            position: 0,
            assumes: None,
            warnings: Vec::new(),
            bytes: 0,
        }
    }

    /// Folds it over a storage in which there is nothing.
    fn tell(people: &mut WorkingSet, payload: Payload) -> ProfileId {
        let mut wanted = Wanted::default();
        people.want(&payload, &mut wanted);
        people.learn(wanted, Loaded::default());
        track::track(payload, people).profile.unwrap()
    }

    #[test]
    fn who_is_made_merged_and_removed_in_one_round_leaves_no_id() {
        let config = Config::for_testing(PathBuf::new()).committer;
        let mut people = WorkingSet::new(&config, false);
        let phone = tell(&mut people, payload(1, "phone", Some("ann")));
        drop(people.gather(&"stream".into(), Time::default(), Due::default()));
        people.round += 1;
        let laptop = tell(&mut people, payload(2, "laptop", None));
        assert_ne!(phone, laptop);
        assert_eq!(tell(&mut people, payload(3, "laptop", Some("ann"))), phone);
        assert!(people.command(Command::RemoveProfile(phone)));
        let changes = people.gather(&"stream".into(), Time::default(), Due::default()).changes;
        assert!(changes.aliases.is_empty(), "{:?}", changes.aliases);
        assert!(changes.merges.is_empty() && changes.profiles.is_empty());
    }
}
