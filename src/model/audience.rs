//! Audiences and computed traits, as administrators write them.

use super::{Measure, Time};

/// People of whom a condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// Stands in conditions, in events and in addresses.
    pub id: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// Of whom it is to hold, as text (see `conditions`).
    pub condition: String,
    /// The condition that counts: what was before, until what history says of the new one is known. None
    /// while there was none before.
    pub live: Option<String>,
    /// The version that somebody wrote, where it has come to life since then.
    pub written: Option<i64>,
    /// Whoever is in it stays: a segment of the reference's (docs/wire.md §4.5).
    pub sticky: bool,
    /// Off: nobody is in it, and nothing is counted for it.
    pub enabled: bool,
    /// What it is as a segment of the reference's; none for one that was made as an audience.
    pub segment: Option<Segment>,
    /// First stored.
    pub created: Time,
    /// Last changed by somebody.
    pub changed: Time,
}

/// What an audience is as a segment of the reference's (docs/wire.md §4.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its id at the addresses of segments.
    pub id: String,
    /// Whoever did none of these is not looked at; empty: everybody is.
    pub event_types: Vec<String>,
    /// As it was written, without those types.
    pub condition: String,
    /// Whoever is not as it says any more leaves it.
    pub is_live: bool,
}

impl Audience {
    /// Whether its id stands among the segments of those who are in it.
    #[must_use]
    pub fn marks(&self) -> bool {
        self.sticky || self.segment.is_some()
    }
}

/// Something that is worked out of what somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputedTrait {
    /// Its name on the profile: `profile@computed.ID`.
    pub id: String,
    /// For people.
    pub description: String,
    /// What is worked out.
    pub measure: Measure,
    /// What counts until what history says of it is known.
    pub live: Option<Measure>,
    /// The version that somebody wrote, where it has come to life since then.
    pub written: Option<i64>,
    /// First stored.
    pub created: Time,
    /// Last changed by somebody.
    pub changed: Time,
}
