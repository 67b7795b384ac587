//! Ids for whatever one payload creates, all of them from one seed.

use std::hash::Hasher as _;

use siphasher::sip::SipHasher24;
use uuid::Uuid;

use super::{EventId, Time};

/// So many ids of one payload rise, as far as the twelve bits behind the time count. Those beyond
/// are as much apart as the others, but in no order.
const RISING_MAX: u32 = 0xfff;
/// The ids before those of events: task, profile, session.
const BEFORE_ADDED: u32 = 3;
/// The ids before those of the events that were sent: those of what Kith adds, which comes before them.
const BEFORE_EVENTS: u32 = BEFORE_ADDED + Added::COUNT;

/// What Kith adds to the events that were sent, in the order in which it happens: all of it before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// `profile-created`.
    Profile,
    /// `session-opened`.
    Session,
    /// `visit-started`.
    Visit,
}

impl Added {
    /// How many there are.
    pub const COUNT: u32 = 3;

    /// So many places before the first event that was sent, and as many seconds.
    #[must_use]
    pub const fn places_before(self) -> u32 {
        match self {
            Self::Profile => 3,
            Self::Session => 2,
            Self::Visit => 1,
        }
    }
}

/// The seed of a payload's ids, drawn before it enters the committer, so that folding needs no
/// chance: folded again, the n-th id is the same one. They become text only where they are used,
/// since most payloads create nothing.
///
/// Each is a UUIDv7 of the moment of receipt. Its first random bits count, so that events of one
/// moment sort as they were made, and the rest is a keyed hash of the number, so that nobody can
/// tell one from another without the seed: who has read an event's id knows no profile's.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    received_at: Time,
    key: [u8; 16],
    turns: u32,
}

impl Draw {
    /// From chance.
    #[must_use]
    pub fn new(received_at: Time, key: [u8; 16]) -> Self {
        Self { received_at, key, turns: 0 }
    }

    /// For the next of several people after each other in one payload: other ids than the others'.
    #[must_use]
    pub fn next_turn(&self) -> Self {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write_u64(u64::MAX);
        let [a, b, c, d, e, f, g, h] = hasher.finish().to_be_bytes();
        let key = [a, b, c, d, e, f, g, h, h, g, f, e, d, c, b, a];
        Self { key, turns: self.turns + 1, ..*self }
    }

    /// How many turns were before this one.
    #[must_use]
    pub fn turns(&self) -> u32 {
        self.turns
    }

    /// The answer's `task`.
    #[must_use]
    pub fn task(&self) -> Uuid {
        self.nth(0)
    }

    /// For a new profile.
    #[must_use]
    pub fn profile(&self) -> Uuid {
        self.nth(1)
    }

    /// For a session that the client did not name.
    #[must_use]
    pub fn session(&self) -> Uuid {
        self.nth(2)
    }

    /// For the event at this place among those sent.
    #[must_use]
    pub fn event(&self, at: usize) -> EventId {
        self.nth(BEFORE_EVENTS.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))).into()
    }

    /// For an event that Kith adds.
    #[must_use]
    pub fn added(&self, which: Added) -> EventId {
        self.nth(BEFORE_EVENTS - which.places_before()).into()
    }

    /// For the event that tells of somebody entering an audience or leaving it.
    #[must_use]
    pub fn crossing(&self, at: usize) -> EventId {
        const BEFORE_CROSSINGS: u32 = 1 << 30;
        self.nth(BEFORE_CROSSINGS.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))).into()
    }

    fn nth(&self, n: u32) -> Uuid {
        let millis = u64::try_from(self.received_at.micros() / 1000).unwrap_or(0);
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write_u32(n);
        let [high, low] = u16::try_from(n.min(RISING_MAX)).unwrap_or_default().to_be_bytes();
        let [a, b, c, d, e, f, g, h] = hasher.finish().to_be_bytes();
        let bits = [high, low, a, b, c, d, e, f, g, h];
        uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const NOW: Time = Time::BEGINNING;

    fn ids(draw: &Draw, events: usize) -> Vec<String> {
        let first = [draw.task(), draw.profile(), draw.session()].map(|id| id.to_string());
        let sent = (0..events).map(|at| draw.event(at).to_string());
        let added = [Added::Profile, Added::Session, Added::Visit];
        let added = added.map(|which| draw.added(which).to_string());
        first.into_iter().chain(added).chain(sent).collect()
    }

    #[test]
    fn ids_of_one_payload_rise_and_are_drawn_once() {
        let draw = Draw::new(NOW.plus(std::time::Duration::from_secs(1)), [7; 16]);
        let all = ids(&draw, 1000);
        assert!(all.is_sorted_by(|one, next| one < next), "in the order they were made");
        assert_eq!(all, ids(&draw, 1000), "folded again, the same");
        let id: Uuid = all[500].parse().unwrap();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_timestamp().unwrap().to_unix().0, 1);
    }

    #[test]
    fn no_two_turns_of_a_payload_share_an_id() {
        let draw = Draw::new(NOW, [7; 16]);
        let turns = std::iter::successors(Some(draw), |draw| Some(draw.next_turn()));
        let all: Vec<_> = turns.take(17).flat_map(|draw| ids(&draw, 20)).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }

    #[test]
    fn no_two_payloads_of_one_moment_share_an_id() {
        let keys = (0..500u16).map(|n| {
            let mut key = [0; 16];
            key[..2].copy_from_slice(&n.to_be_bytes());
            key
        });
        let all: Vec<_> = keys.flat_map(|key| ids(&Draw::new(NOW, key), 20)).collect();
        let apart: HashSet<_> = all.iter().collect();
        assert_eq!(apart.len(), all.len());
    }

    #[test]
    fn more_events_than_can_be_counted_are_apart_all_the_same() {
        let all = ids(&Draw::new(NOW, [7; 16]), 10_000);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }
}
