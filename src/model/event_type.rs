//! What a company says of its events: a type's own words, and what its events do to the profile.

use super::{About, Mapped};

/// An event type as a company has it; the types that Kith knows of itself lie under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventType {
    /// The type, as events have it.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: it is as if nothing had been said.
    pub enabled: bool,
    /// Take the place of the client's; none: what is under it stays.
    pub tags: Vec<String>,
    /// The stage of the journey, or `by-visit`; none: what is under it stays.
    pub journey: Option<String>,
    /// What goes into the event's columns besides: target, property.
    pub copy: Vec<(String, String)>,
    /// What Kith does with the type by itself stays under this; off: it does nothing.
    pub built_in: bool,
    /// Events of the type that are older than this many days are removed; 0: as the source says.
    pub retention_days: u64,
}

/// What events of a type write into the profile.
#[derive(Clone, Debug, PartialEq)]
pub struct EventToProfile {
    /// Its id.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: it does nothing.
    pub enabled: bool,
    /// Those of one type are applied by this, the lowest first; of the same, by id.
    pub order: i64,
    /// Which events.
    pub event_type: String,
    /// When it is applied, in the language of rules; empty: always.
    pub condition: String,
    /// In this order.
    pub changes: Vec<Mapped>,
    /// For grouping in lists.
    pub tags: Vec<String>,
}
