//! Payloads whose rows somebody else holds locked: they wait by themselves, and nobody waits with them.
//!
//! Where the database is shared, anybody's open transaction may hold a person's row for as long as it
//! likes. Whoever needs that row stands aside until it is free; everybody else goes on.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::fold::Folder;
use super::{Unavailable, Work};
use crate::model::{Because, IdentifierKey, Payload, ProfileId, SessionId};
use crate::storage::Moved;
use crate::working_set::{Command, WorkingSet};

/// How often it is looked whether rows are free.
pub(super) const LOOK: Duration = Duration::from_millis(50);
/// Most payloads that wait; those beyond are told to come back.
const PAYLOADS_MAX: usize = 1_000;
/// Most bytes of them, as long as they stand in the tail.
const BYTES_MAX: usize = 16 << 20;

/// Most rows of a kind that are known to be held: each is looked after. Whoever needs another is told to
/// come back, as where nobody can say which rows it is.
const ROWS_MAX: usize = 1_000;

/// The rows, and what waits for them, in order.
#[derive(Debug, Default)]
pub(super) struct Stuck {
    /// How long a payload waits; then its sender is told to come back.
    longest: Duration,
    sessions: BTreeSet<SessionId>,
    profiles: BTreeSet<ProfileId>,
    identifiers: BTreeSet<IdentifierKey>,
    waiting: Vec<Waiting>,
    bytes: usize,
    /// When it was last looked whether they are free.
    looked: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    work: Work,
    /// For which of them.
    rows: Moved,
    since: Duration,
}

impl Stuck {
    /// Nothing is held. Whoever waits does so for half of what a request may take: some of the other half was
    /// spent to find the row held, and its sender is to hear why before nobody listens any more.
    pub(super) fn new(request_max: Duration) -> Self {
        Self { longest: request_max / 2, ..Self::default() }
    }

    /// These rows are held by somebody; as many as there is room for.
    pub(super) fn hold(&mut self, rows: Moved) {
        extend(&mut self.sessions, rows.sessions);
        extend(&mut self.profiles, rows.profiles);
        extend(&mut self.identifiers, rows.identifiers);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.profiles.is_empty() && self.identifiers.is_empty()
    }

    /// `rows` without those that are held.
    pub(super) fn without(&self, rows: &Moved) -> Moved {
        let mut free = rows.clone();
        free.sessions.retain(|id| !self.sessions.contains(id));
        free.profiles.retain(|id| !self.profiles.contains(id));
        free.identifiers.retain(|key| !self.identifiers.contains(key));
        free
    }

    /// The rows that are held and that it names itself. Of many people whose time has come, those who are
    /// held are left out: it comes again.
    fn look_at(&self, work: Work) -> (Work, Moved) {
        match work {
            Work::Payload(payload, ticket, answer) => {
                let rows = self.named_by(&payload);
                (Work::Payload(payload, ticket, answer), rows)
            }
            Work::Command(Command::Look(mut look), answer) if look.because == Because::Time => {
                look.people.retain(|id| !self.profiles.contains(id));
                (Work::Command(Command::Look(look), answer), Moved::default())
            }
            Work::Command(command, answer) => {
                let held = command.people().into_iter().filter(|id| self.profiles.contains(*id));
                let profiles = held.cloned().collect();
                let sessions = command.session().filter(|id| self.sessions.contains(*id));
                let sessions = sessions.into_iter().cloned().collect();
                let rows = Moved { profiles, sessions, ..Moved::default() };
                (Work::Command(command, answer), rows)
            }
        }
    }

    /// The rows that are held and that the payload itself names.
    fn named_by(&self, payload: &Payload) -> Moved {
        if let Some(rows) = self.before(payload) {
            return rows;
        }
        let sessions = payload.session.iter().filter(|id| self.sessions.contains(*id));
        let keys = payload.events.iter().flat_map(|event| &event.identifiers);
        let identifiers = keys.filter(|key| self.identifiers.contains(*key));
        Moved {
            sessions: sessions.cloned().collect(),
            identifiers: identifiers.cloned().collect(),
            profiles: Vec::new(),
        }
    }

    /// What one of the same session waits for that has come before it: it must not be overtaken, since it
    /// may say who they are.
    fn before(&self, payload: &Payload) -> Option<Moved> {
        let session = payload.session.as_ref()?;
        let is_theirs = |one: &&Waiting| match &one.work {
            Work::Payload(other, ..) => other.session.as_ref() == Some(session),
            Work::Command(..) => false,
        };
        self.waiting.iter().rev().find(is_theirs).map(|one| one.rows.clone())
    }

    /// The rows that are held and that it is about, which is known once its own are loaded.
    fn about(&self, payload: &Payload, people: &mut WorkingSet) -> Moved {
        if let Some(rows) = self.before(payload) {
            return rows;
        }
        if self.profiles.is_empty() {
            return Moved::default();
        }
        let known = people.known(payload);
        let ids = known.everybody().map(|living| &living.id);
        let profiles = ids.filter(|id| self.profiles.contains(*id)).cloned().collect();
        Moved { profiles, ..Moved::default() }
    }

    /// Sets it aside, or tells its sender to come back where too much waits.
    fn put(&mut self, work: Work, rows: Moved, since: Duration) {
        if self.waiting.len() >= PAYLOADS_MAX || self.bytes >= BYTES_MAX {
            return work.refuse(Unavailable::Overloaded);
        }
        self.bytes += work.bytes();
        self.waiting.push(Waiting { work, rows, since });
    }

    /// All rows that are held, in the order in which every round locks them.
    fn rows(&self) -> Moved {
        Moved {
            sessions: self.sessions.iter().cloned().collect(),
            profiles: self.profiles.iter().cloned().collect(),
            identifiers: self.identifiers.iter().cloned().collect(),
        }
    }

    /// From now on only `rows` are held. Who goes on, in order.
    fn free_all_but(&mut self, rows: Moved) -> Vec<Work> {
        let nothing = Self { longest: self.longest, ..Self::default() };
        let waiting = std::mem::replace(self, nothing).waiting;
        self.hold(rows);
        let mut free = Vec::new();
        for Waiting { work, rows, since } in waiting {
            if self.without(&rows) == rows {
                free.push(work);
            } else {
                self.put(work, rows, since);
            }
        }
        free
    }

    /// Those who have waited for as long as may be.
    fn too_long(&mut self, now: Duration) -> Vec<Work> {
        let longest = self.longest;
        let is_late = |one: &mut Waiting| one.since + longest <= now;
        let late = self.waiting.extract_if(.., is_late).map(|one| one.work);
        let late: Vec<Work> = late.collect();
        self.bytes -= late.iter().map(Work::bytes).sum::<usize>();
        late
    }

    /// All that waits, and nothing is held any more.
    pub(super) fn take_all(&mut self) -> Vec<Work> {
        self.free_all_but(Moved::default())
    }
}

impl Folder {
    /// The work whose rows can be had, as far as it names them itself.
    pub(super) fn unless_stuck(&mut self, work: Vec<Work>) -> Vec<Work> {
        if self.stuck.is_empty() {
            return work;
        }
        let now = self.parts.clock.elapsed();
        let mut free = Vec::new();
        for work in work {
            let (work, rows) = self.stuck.look_at(work);
            if rows.is_empty() { free.push(work) } else { self.stuck.put(work, rows, now) }
        }
        free
    }

    /// Gives back what is not of somebody whose row is held.
    pub(super) fn unless_about_stuck(&mut self, work: Work) -> Option<Work> {
        let Work::Payload(payload, ..) = &work else { return Some(work) };
        let rows = self.stuck.about(payload, &mut self.people);
        if rows.is_empty() {
            return Some(work);
        }
        self.stuck.put(work, rows, self.parts.clock.elapsed());
        None
    }

    /// Looks whether rows are free by now, and lets go on who has waited for them.
    pub(super) fn look_after_stuck(&mut self) {
        if self.stuck.is_empty() || self.stuck.looked.is_some_and(|at| since(at) < LOOK) {
            return;
        }
        // Where the database cannot say, they are held until it can.
        let rows = self.stuck.rows();
        let held = self.parts.storage.locked(&rows).unwrap_or(rows);
        let free = self.stuck.free_all_but(held);
        self.stuck.looked = Some(now());
        let now = self.parts.clock.elapsed();
        self.stuck.too_long(now).into_iter().for_each(|work| work.refuse(Unavailable::Contended));
        self.fold_all(free);
    }
}

fn extend<T: Ord>(held: &mut BTreeSet<T>, more: Vec<T>) {
    held.extend(more.into_iter().take(ROWS_MAX.saturating_sub(held.len())));
}

#[expect(clippy::disallowed_methods, reason = "others hold rows in real time")]
fn now() -> Instant {
    Instant::now()
}

fn since(earlier: Instant) -> Duration {
    now().saturating_duration_since(earlier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn work() -> Work {
        Work::Command(Command::HoldStill(ProfileId::new("ann")), oneshot::channel().0)
    }

    fn rows(names: &[&str]) -> Moved {
        let profiles = names.iter().map(|name| ProfileId::new(*name)).collect();
        Moved { profiles, ..Moved::default() }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn whoever_waits_goes_on_when_all_its_rows_are_free() {
        let mut stuck = Stuck::new(at(60));
        stuck.hold(rows(&["ann", "bob"]));
        stuck.put(work(), rows(&["ann"]), at(0));
        stuck.put(work(), rows(&["ann", "bob"]), at(0));
        assert_eq!(stuck.rows(), rows(&["ann", "bob"]), "each once");
        assert_eq!(stuck.free_all_but(rows(&["bob"])).len(), 1);
        assert!(!stuck.is_empty());
        assert_eq!(stuck.free_all_but(rows(&[])).len(), 1);
        assert!(stuck.is_empty());
    }

    #[test]
    fn a_row_that_nobody_waits_for_is_held_too_and_no_more_than_there_is_room_for() {
        let mut stuck = Stuck::new(at(60));
        stuck.hold(rows(&["ann"]));
        assert_eq!(stuck.rows(), rows(&["ann"]), "or whoever comes next would be tried in vain");
        let many: Vec<String> = (0..ROWS_MAX).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        stuck.hold(rows(&many));
        assert_eq!(stuck.rows().profiles.len(), ROWS_MAX);
        assert!(!stuck.without(&rows(&many)).is_empty());
    }

    #[test]
    fn nobody_waits_for_ever_and_no_more_than_may() {
        let mut stuck = Stuck::new(at(60));
        stuck.hold(rows(&["ann"]));
        stuck.put(work(), rows(&["ann"]), at(0));
        (0..PAYLOADS_MAX).for_each(|_| stuck.put(work(), rows(&["ann"]), at(1)));
        assert_eq!(stuck.waiting.len(), PAYLOADS_MAX, "one was told to come back");
        assert_eq!(stuck.too_long(at(30)).len(), 1);
        assert_eq!(stuck.take_all().len(), PAYLOADS_MAX - 1);
    }
}
