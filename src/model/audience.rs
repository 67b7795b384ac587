//! Audiences and computed traits, as administrators write them.

use super::{InSegments, Measure, Time};

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
    /// Since when it is counted.
    pub counted: CountedSince,
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

/// Since which version of the configuration what a rule needs is counted without a break: what happened in a break is
/// in history alone. 0 where that was not written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountedSince {
    /// Of what counts.
    pub live: i64,
    /// Of what somebody wrote last.
    pub written: i64,
}

impl CountedSince {
    /// As of a rule that somebody writes with this version, and that is counted already; `is_same` says whether it is
    /// what was written, or what counts.
    #[must_use]
    pub fn again(self, version: i64, is_same: [bool; 2]) -> Self {
        let written = match is_same {
            [true, _] => self.written,
            [_, true] => self.live,
            _ => version,
        };
        Self { written, ..self }
    }

    /// As of one that is not.
    #[must_use]
    pub fn from(version: i64) -> Self {
        Self { live: version, written: version }
    }

    /// The same, once what was written counts.
    #[must_use]
    pub fn alive(self) -> Self {
        Self { live: self.written, ..self }
    }
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
    pub fn marks(&self) -> InSegments {
        match &self.segment {
            _ if self.sticky => InSegments::ForGood,
            Some(_) => InSegments::WhileIn,
            None => InSegments::Never,
        }
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
    /// Since when it is counted.
    pub counted: CountedSince,
    /// First stored.
    pub created: Time,
    /// Last changed by somebody.
    pub changed: Time,
}
