//! Audiences and computed traits, as administrators write them.

use super::Time;

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
    /// First stored.
    pub created: Time,
    /// Last changed by somebody.
    pub changed: Time,
}

/// What is worked out of which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What.
    pub function: MeasureOf,
    /// Of events of this type.
    pub event_type: String,
    /// Of which this holds; all of them when it is empty.
    pub filter: String,
    /// Of which place of an event: `properties.total`. None where the events themselves are counted.
    pub of: Option<String>,
    /// Of the time that is so long ago at most, in seconds.
    pub within_seconds: Option<u64>,
    /// From this moment on.
    pub since: Option<Time>,
}

/// What is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureOf {
    /// How many.
    Count,
    /// All numbers together.
    Sum,
    /// The sum over the count.
    Average,
    /// The least number.
    Least,
    /// The greatest number.
    Greatest,
    /// What the first one says.
    First,
    /// What the last one says.
    Last,
    /// When the first one was.
    FirstAt,
    /// When the last one was.
    LastAt,
    /// What most of them say.
    MostFrequent,
    /// How many different things they say.
    Distinct,
}

impl MeasureOf {
    const NAMED: [(&str, Self); 11] = [
        ("count", Self::Count),
        ("sum", Self::Sum),
        ("average", Self::Average),
        ("min", Self::Least),
        ("max", Self::Greatest),
        ("first", Self::First),
        ("last", Self::Last),
        ("first_at", Self::FirstAt),
        ("last_at", Self::LastAt),
        ("most_frequent", Self::MostFrequent),
        ("distinct", Self::Distinct),
    ];

    /// The name on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMED.into_iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, one)| one)
    }

    /// Whether it needs to be told of which place.
    #[must_use]
    pub fn is_of_a_place(self) -> bool {
        !matches!(self, Self::Count | Self::FirstAt | Self::LastAt)
    }
}
