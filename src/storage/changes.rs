//! What goes in and out of the database in one round.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Quarantined, StoredToken, TakenBack};
use crate::events::{Gone, Rows};
use crate::identification::Evidence;
use crate::model::{
    EventId, HeldEvent, IdentifierKey, Mark, Profile, ProfileId, Session, SessionId, SourceId,
    Time, Trust,
};

/// What the committer needs for a round and has not in memory.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Sessions.
    pub sessions: Vec<SessionId>,
    /// Profile ids to be followed to the living profile.
    pub profiles: Vec<ProfileId>,
    /// Identifiers.
    pub identifiers: Vec<IdentifierKey>,
    /// Marks of client-given event ids.
    pub marks: Vec<Mark>,
    /// A round that another node was faster than: these rows are locked until the commit that
    /// follows, so that it cannot lose them again.
    pub locked: Option<Moved>,
}

/// The answer to [`Wanted`]; what does not exist is absent.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Sessions.
    pub sessions: Vec<SessionRow>,
    /// Every profile id met, and the living one it leads to.
    pub aliases: Vec<(ProfileId, ProfileId)>,
    /// Living profiles, of the ids asked for, of the sessions and of the identifiers.
    pub profiles: Vec<(Profile, i64)>,
    /// Identifiers and the profile id they were bound to.
    pub identifiers: Vec<(IdentifierKey, ProfileId)>,
    /// Marks whose event is kept.
    pub seen: Vec<Mark>,
}

impl Loaded {
    /// Every profile id that is to be followed to the living profile.
    pub(crate) fn met(&self, wanted: &Wanted) -> HashSet<ProfileId> {
        let of_sessions = self.sessions.iter().filter_map(|row| row.session.profile.clone());
        let of_identifiers = self.identifiers.iter().map(|(_, id)| id.clone());
        let links = self.sessions.iter().filter_map(|row| row.session.link.as_ref());
        let visitors = links.filter_map(|link| link.visitor.clone());
        let named = of_sessions.chain(visitors).chain(of_identifiers);
        wanted.profiles.iter().cloned().chain(named).collect()
    }
}

/// A stored session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The session.
    pub session: Session,
    /// Grows with every write.
    pub version: i64,
    /// The last round whose touches are in it.
    pub through: Through,
}

/// A place in the tail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Through {
    /// One committer's life.
    pub stream: Arc<str>,
    /// Its round.
    pub seq: u64,
}

impl Default for Through {
    fn default() -> Self {
        Self { stream: Arc::from(""), seq: 0 }
    }
}

/// Everything one round changes. Order matters only where it says so.
#[derive(Debug, Default)]
pub struct Changes {
    /// Where the round stands. An empty stream marks a change from outside the committer.
    pub at: Through,
    /// When the round was folded.
    pub time: Time,
    /// Profiles as they are now, each once, with their new version.
    pub profiles: Vec<(Arc<Profile>, i64)>,
    /// Profiles that are no more, merged into another, and the version that they had on disk.
    pub ended: Vec<(ProfileId, i64)>,
    /// Ids that lead to a profile from now on.
    pub aliases: Vec<(ProfileId, ProfileId)>,
    /// Mergers, in order: all ids that led to the first lead to the second.
    pub merges: Vec<MergeRecord>,
    /// When somebody has to be looked at again; none: not any more.
    pub alarms: Vec<(ProfileId, Option<Time>)>,
    /// Who is in an audience from now on, and since when; none: not any more.
    pub memberships: Vec<(Arc<str>, ProfileId, Option<Time>)>,
    /// Sessions as they are now, each once, with their new version.
    pub sessions: Vec<(Arc<Session>, i64)>,
    /// Identifiers and whose they are.
    pub identifiers: Vec<Bound>,
    /// Marks of client-given event ids.
    pub marks: Vec<Mark>,
    /// The events.
    pub rows: Rows,
    /// For each stream: every touch up to this round is in a session row. Later ones are only in
    /// memory and in the tail, which must keep its rows beyond this.
    pub written_through: Vec<Through>,
    /// Changes by administrators, in order. Applied before everything above.
    pub edits: Vec<Edit>,
    /// What the round was decided on and does not write. Gathered where others may write too.
    pub read: Read,
}

/// Rows that were read, and their versions; 0 of a session that was not there.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Sessions.
    pub sessions: Vec<(SessionId, i64)>,
    /// Profiles.
    pub profiles: Vec<(ProfileId, i64)>,
}

/// An identifier that is somebody's from now on.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The identifier.
    pub key: IdentifierKey,
    /// Whose it is.
    pub holder: ProfileId,
    /// Whose it was on disk.
    pub was: Option<ProfileId>,
}

/// What became of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is on disk.
    Done,
    /// Another node has changed what it stood on; nothing was done.
    Moved(Moved),
    /// Somebody has held these rows for longer than a round waits; nothing was done.
    Locked(Moved),
}

/// What another node has changed, or holds. Identifiers, marks and ids that were new are found by loading
/// them again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Sessions.
    pub sessions: Vec<SessionId>,
    /// Profiles.
    pub profiles: Vec<ProfileId>,
    /// Identifiers.
    pub identifiers: Vec<IdentifierKey>,
}

impl Changes {
    /// Changes made by an administrator outside the committer (the command line).
    #[must_use]
    pub fn by_hand(time: Time, edits: Vec<Edit>) -> Self {
        Self { time, edits, ..Self::default() }
    }

    /// Marks that administrators forget.
    pub(super) fn forgotten(&self) -> impl Iterator<Item = &Mark> {
        let marks = self.edits.iter().filter_map(|edit| {
            if let Edit::ForgetMarks(marks) = edit { Some(marks) } else { None }
        });
        marks.flatten()
    }
}

/// A merger, with what is needed to explain it and to undo it later.
#[derive(Clone, Debug)]
pub struct MergeRecord {
    /// Who ended.
    pub loser: ProfileId,
    /// Who lives on.
    pub winner: ProfileId,
    /// What showed that they are one.
    pub evidence: Evidence,
    /// The event that showed it.
    pub event: Option<EventId>,
    /// Whose payload it was in.
    pub source: SourceId,
    /// The id that the payload came with.
    pub came_with: Option<ProfileId>,
    /// The version of the rules of identity under which it was decided.
    pub rules: i64,
    /// How far whoever told it was believed; none where nobody had to be.
    pub believed: Option<Trust>,
    /// Both profiles as they were.
    pub before: [Arc<Profile>; 2],
}

impl Moved {
    /// Whether it is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.profiles.is_empty() && self.identifiers.is_empty()
    }

    /// Adds what else has moved.
    pub fn join(&mut self, other: Self) {
        self.sessions.extend(other.sessions);
        self.profiles.extend(other.profiles);
        self.identifiers.extend(other.identifiers);
    }
}

/// One change by an administrator.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Stores the token of somebody who was let in.
    PutToken(StoredToken),
    /// Removes a token by its hash.
    RemoveToken(String),
    /// Takes mergers back: their ids lead to other profiles, which the same round writes.
    TakeBack(TakenBack),
    /// Nobody is recognised by these any more.
    Unbind(Vec<IdentifierKey>),
    /// Removes a profile, all ids that lead to it and all identifiers of it.
    RemoveProfile(Vec<ProfileId>),
    /// Removes a session.
    RemoveSession(SessionId),
    /// Removes events from a round.
    RemoveEvents {
        /// Where they are.
        at: Through,
        /// Which.
        gone: Gone,
    },
    /// Somebody waits for a decision.
    Quarantine(Quarantined),
    /// It is decided.
    EndQuarantine(String),
    /// An event that did not fit is kept apart.
    HoldEvent(Box<HeldEvent>),
    /// It is let in, or thrown away.
    LetGo(String),
    /// Of those that are nobody's, the ones of these visits go that were received by then.
    ForgetHeld {
        /// The visits.
        sessions: Vec<SessionId>,
        /// The moment, itself included.
        through: Time,
    },
    /// Events with these ids may come again.
    ForgetMarks(Vec<Mark>),
    /// Hides the history of these people from now on, until it is erased.
    BeginErasure {
        /// Its number.
        id: String,
        /// Every id of the person.
        people: Vec<ProfileId>,
    },
    /// It is erased.
    EndErasure {
        /// Its number.
        id: String,
        /// Every id of the person.
        people: Vec<ProfileId>,
        /// What was removed, as JSON.
        report: String,
    },
}

/// One row of the tail.
#[derive(Clone, Debug)]
pub struct TailRow {
    /// Where it stands.
    pub at: Through,
    /// The events, compressed (see [`Rows::unpack`]).
    pub packed: Vec<u8>,
}
