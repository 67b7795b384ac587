//! A round as it goes to the database: the columns of many rows, in the order in which all rounds write them.
//!
//! Rows of a kind go in one statement, since each statement costs the server more than a row does.
//! Sorted by id, two nodes that write the same rows wait for each other instead of blocking each other.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Id, IdentifierKey};
use crate::storage::merges;
use crate::storage::sql::rows::to_json;
use crate::storage::{Bound, Changes, MergeRecord, StorageError, StoredProfile, StoredSession};

/// See the module.
#[derive(Default)]
pub(super) struct Written<'a> {
    /// The round, as rows have it, and its day.
    pub(super) stream: &'a str,
    pub(super) seq: i64,
    pub(super) day: i64,
    pub(super) new_sessions: Sessions<'a>,
    pub(super) sessions: Sessions<'a>,
    pub(super) new_profiles: Profiles<'a>,
    pub(super) profiles: Profiles<'a>,
    pub(super) ended: Ended<'a>,
    /// Profiles that are there and are written or ended.
    pub(super) locked_profiles: Vec<&'a str>,
    pub(super) aliases: [Vec<&'a str>; 2],
    pub(super) merges: Vec<(&'a MergeRecord, String)>,
    /// An identifier may change hands twice in a round: each time is a part of its own.
    pub(super) identifiers: Vec<Handed<'a>>,
    /// Marks whose halves meet are parts of their own.
    pub(super) marks: Vec<[Vec<i64>; 2]>,
    pub(super) alarms: Alarms<'a>,
    pub(super) memberships: Memberships<'a>,
    /// The events, compressed; none when there are none.
    pub(super) packed: Option<Vec<u8>>,
}

/// Sessions; `versions` are those that they have from now on.
#[derive(Default)]
pub(super) struct Sessions<'a> {
    pub(super) ids: Vec<&'a str>,
    pub(super) profiles: Vec<Option<&'a str>>,
    pub(super) versions: Vec<i64>,
    pub(super) bodies: Vec<String>,
}

/// The same of profiles.
#[derive(Default)]
pub(super) struct Profiles<'a> {
    pub(super) ids: Vec<&'a str>,
    pub(super) versions: Vec<i64>,
    pub(super) bodies: Vec<String>,
}

/// Profiles that are no more, and the versions that they had.
#[derive(Default)]
pub(super) struct Ended<'a> {
    pub(super) ids: Vec<&'a str>,
    pub(super) versions: Vec<i64>,
}

/// Identifiers that are somebody's from now on, each once.
#[derive(Default)]
pub(super) struct Handed<'a> {
    pub(super) new: Identifiers<'a>,
    pub(super) changed: Identifiers<'a>,
}

/// Identifiers; `was` is whose they were, in those that were somebody's.
#[derive(Default)]
pub(super) struct Identifiers<'a> {
    pub(super) keys: Vec<&'a IdentifierKey>,
    /// Namespaces and hashes.
    pub(super) names: (Vec<&'a str>, Vec<&'a str>),
    pub(super) holders: Vec<&'a str>,
    pub(super) was: Vec<&'a str>,
}

/// Who is to be looked at, and when; and who is not any more.
#[derive(Default)]
pub(super) struct Alarms<'a> {
    pub(super) set: (Vec<&'a str>, Vec<i64>),
    pub(super) ended: Vec<&'a str>,
}

/// Audiences and people: who enters, and since when; and who leaves.
#[derive(Default)]
pub(super) struct Memberships<'a> {
    pub(super) entered: (Vec<&'a str>, Vec<&'a str>, Vec<i64>),
    pub(super) left: (Vec<&'a str>, Vec<&'a str>),
}

impl<'a> Written<'a> {
    pub(super) fn of(changes: &'a Changes) -> Result<Self, StorageError> {
        let mut written = Self {
            stream: &changes.at.stream,
            seq: i64::try_from(changes.at.seq).unwrap_or(i64::MAX),
            day: changes.time.day(),
            ..Self::default()
        };
        written.take_sessions(changes)?;
        written.take_profiles(changes)?;
        written.take_identifiers(changes);
        written.take_marks(changes);
        written.take_standings(changes);
        for merge in &changes.merges {
            written.merges.push((merge, merges::body(merge)?));
        }
        if changes.rows.count > 0 {
            let fault = |error: crate::events::Unreadable| StorageError::Failed(error.to_string());
            written.packed = Some(changes.rows.pack().map_err(fault)?);
        }
        Ok(written)
    }

    fn take_sessions(&mut self, changes: &'a Changes) -> Result<(), StorageError> {
        let mut sessions: Vec<_> = changes.sessions.iter().collect();
        sessions.sort_unstable_by(|a, b| a.0.id.cmp(&b.0.id));
        for (session, version) in sessions {
            let to = if *version == 1 { &mut self.new_sessions } else { &mut self.sessions };
            to.ids.push(session.id.as_str());
            to.profiles.push(session.profile.as_ref().map(Id::as_str));
            to.versions.push(*version);
            to.bodies.push(to_json(&StoredSession::from(session.as_ref()))?);
        }
        Ok(())
    }

    fn take_profiles(&mut self, changes: &'a Changes) -> Result<(), StorageError> {
        let mut profiles: Vec<_> = changes.profiles.iter().collect();
        profiles.sort_unstable_by(|a, b| a.0.id.cmp(&b.0.id));
        for (profile, version) in profiles {
            let to = if *version == 1 { &mut self.new_profiles } else { &mut self.profiles };
            to.ids.push(profile.id.as_str());
            to.versions.push(*version);
            to.bodies.push(to_json(&StoredProfile::from(profile.as_ref()))?);
        }
        // Who came and went within the round was never on disk.
        for (id, version) in changes.ended.iter().filter(|(_, version)| *version > 0) {
            self.ended.ids.push(id.as_str());
            self.ended.versions.push(*version);
        }
        self.locked_profiles = self.profiles.ids.iter().chain(&self.ended.ids).copied().collect();
        let mut aliases: Vec<_> = changes.aliases.iter().collect();
        aliases.sort_unstable();
        let of = |which: fn(&'a (_, _)) -> &'a crate::model::ProfileId| {
            aliases.iter().map(|pair| which(pair).as_str()).collect()
        };
        self.aliases = [of(|(id, _)| id), of(|(_, to)| to)];
        Ok(())
    }

    fn take_identifiers(&mut self, changes: &'a Changes) {
        let mut bound: Vec<&Bound> = changes.identifiers.iter().collect();
        // Stable: what changes hands twice does so in order.
        bound.sort_by(|a, b| a.key.cmp(&b.key));
        let mut times: HashMap<&IdentifierKey, usize> = HashMap::new();
        for one in bound {
            let time = times.entry(&one.key).or_default();
            if self.identifiers.len() == *time {
                self.identifiers.push(Handed::default());
            }
            if let Some(Handed { new, changed }) = self.identifiers.get_mut(*time) {
                if one.was.is_some() { changed } else { new }.push(one);
            }
            *time += 1;
        }
    }

    fn take_marks(&mut self, changes: &'a Changes) {
        let halves: BTreeSet<[i64; 2]> = changes.marks.iter().map(|mark| mark.halves()).collect();
        let mut times: HashMap<i64, usize> = HashMap::new();
        for [hash, rest] in halves {
            let time = times.entry(hash).or_default();
            if self.marks.len() == *time {
                self.marks.push([Vec::new(), Vec::new()]);
            }
            if let Some([hashes, rests]) = self.marks.get_mut(*time) {
                hashes.push(hash);
                rests.push(rest);
            }
            *time += 1;
        }
    }

    fn take_standings(&mut self, changes: &'a Changes) {
        for (id, at) in &changes.alarms {
            match at {
                Some(at) => {
                    self.alarms.set.0.push(id.as_str());
                    self.alarms.set.1.push(at.micros());
                }
                None => self.alarms.ended.push(id.as_str()),
            }
        }
        for (audience, id, since) in &changes.memberships {
            if let Some(since) = since {
                self.memberships.entered.0.push(audience);
                self.memberships.entered.1.push(id.as_str());
                self.memberships.entered.2.push(since.micros());
            } else {
                self.memberships.left.0.push(audience);
                self.memberships.left.1.push(id.as_str());
            }
        }
    }
}

impl<'a> Identifiers<'a> {
    fn push(&mut self, bound: &'a Bound) {
        self.keys.push(&bound.key);
        self.names.0.push(bound.key.namespace.as_str());
        self.names.1.push(&bound.key.hash);
        self.holders.push(bound.holder.as_str());
        self.was.extend(bound.was.as_ref().map(Id::as_str));
    }
}
