//! What is worked out of what somebody did.

use super::{Counts, Millionths, Time};

/// What is worked out of which events, or of which other traits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// What.
    pub function: MeasureOf,
    /// Of events of this type; empty for a formula.
    pub event_type: String,
    /// Of which this holds; all of them when it is empty.
    pub filter: String,
    /// Of which place of an event: `properties.total`. None where the events themselves are counted.
    pub of: Option<String>,
    /// Of the time that is so long ago at most, in seconds.
    pub within_seconds: Option<u64>,
    /// From this moment on.
    pub since: Option<Time>,
    /// After so many seconds an event counts half.
    pub half_life_seconds: Option<u64>,
    /// Where the marks begin.
    pub marks: Option<Marks>,
    /// Of a formula: it, as text.
    pub formula: Option<String>,
}

/// Where marks for recency, frequency and money begin, in rising order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The last event was sooner than so many seconds ago.
    pub recency: Vec<u64>,
    /// There are so many events.
    pub frequency: Vec<u64>,
    /// They come to so much, in millionths.
    pub monetary: Vec<Millionths>,
}

/// What is worked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MeasureOf {
    /// How many.
    #[default]
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
    /// The different things that they say.
    Values,
    /// How many, or all numbers together, of which each counts half after some time, and a quarter after twice that.
    Halving,
    /// The same for each of the different things that they say.
    Interests,
    /// Marks for how long ago the last was, how many there were, and what they come to.
    Rfm,
    /// What a formula makes of other traits.
    Formula,
}

/// Whether something is of a place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfPlace {
    /// It must be.
    Must,
    /// It may be.
    May,
    /// It is not.
    Never,
}

impl MeasureOf {
    const NAMED: [(&str, Self); 16] = [
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
        ("values", Self::Values),
        ("halving", Self::Halving),
        ("interests", Self::Interests),
        ("rfm", Self::Rfm),
        ("formula", Self::Formula),
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

    /// All names, for whoever wrote another one.
    #[must_use]
    pub fn names() -> String {
        Self::NAMED.map(|(name, _)| name).join(", ")
    }

    /// Whether it needs to be told of which place.
    #[must_use]
    pub fn of_place(self) -> OfPlace {
        match self {
            Self::Count | Self::FirstAt | Self::LastAt | Self::Formula => OfPlace::Never,
            Self::Halving | Self::Rfm => OfPlace::May,
            Self::Sum
            | Self::Average
            | Self::Least
            | Self::Greatest
            | Self::First
            | Self::Last
            | Self::MostFrequent
            | Self::Distinct
            | Self::Values
            | Self::Interests => OfPlace::Must,
        }
    }

    /// What of a place it counts.
    #[must_use]
    pub fn counts(self) -> Counts {
        match self {
            Self::Sum
            | Self::Average
            | Self::Least
            | Self::Greatest
            | Self::Halving
            | Self::Rfm => Counts::Numbers,
            Self::Count
            | Self::First
            | Self::Last
            | Self::FirstAt
            | Self::LastAt
            | Self::MostFrequent
            | Self::Distinct
            | Self::Values
            | Self::Interests
            | Self::Formula => Counts::Anything,
        }
    }

    /// Whether it changes at every moment.
    #[must_use]
    pub fn halves(self) -> bool {
        matches!(self, Self::Halving | Self::Interests)
    }
}
