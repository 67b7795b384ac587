//! How a company makes its events into others before anything is made of them.

use serde_json::Value;

use super::{About, Map, SourceId};

/// How events of a type are reshaped, renamed and split, by templates.
#[derive(Clone, Debug, PartialEq)]
pub struct Reshaping {
    /// Its id.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: it does nothing.
    pub enabled: bool,
    /// Of those that are for an event, the lowest is applied; of the same, by id.
    pub order: i64,
    /// Which events.
    pub event_type: String,
    /// Only those of this source; none: of all.
    pub source: Option<SourceId>,
    /// When it is applied, over the event alone; empty: always.
    pub condition: String,
    /// What is moved first: from where, to where.
    pub renames: Vec<(String, String)>,
    /// What the event's properties are instead.
    pub properties: Option<Map>,
    /// What the event's context is instead.
    pub context: Option<Map>,
    /// What the visit's properties have besides.
    pub session: Option<Map>,
    /// What the event's type is instead, where the visit's id stands, and where the profile's.
    pub assigned: Assigned,
    /// How it becomes several.
    pub split: Option<Split>,
    /// For grouping in lists.
    pub tags: Vec<String>,
}

/// Each is a text, or a place of the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The event's type.
    pub event_type: Option<String>,
    /// The visit's id.
    pub session: Option<String>,
    /// The profile's id.
    pub profile: Option<String>,
}

/// How an event becomes several: one for each item of a list in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Where the list stands.
    pub by: String,
    /// The type of the parts; none: the event's own.
    pub event_type: Option<String>,
    /// What their properties are, over `item@` and `event@`; none: the item.
    pub properties: Option<Map>,
    /// The event itself stays beside its parts.
    pub keeps: bool,
}

/// A function in JavaScript that makes events into others.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its id.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: it does nothing.
    pub enabled: bool,
    /// Those that are for an event are called one after the other, the lowest first; of the same, by id.
    pub order: i64,
    /// Which events; none: all.
    pub event_type: Option<String>,
    /// Only those of this source; none: of all.
    pub source: Option<SourceId>,
    /// When it is called, over the event alone; empty: always.
    pub condition: String,
    /// It says `function transform(event)`.
    pub code: String,
    /// What it must make of what, or it is not stored.
    pub samples: Vec<Sample>,
    /// For grouping in lists.
    pub tags: Vec<String>,
}

/// What a function must make of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// For people.
    pub name: String,
    /// What of the event is not as usual.
    pub event: Map,
    /// An event, a list of them, or null for none; of each, only what is said is compared.
    pub expected: Value,
}

/// What rules make of an event. What is absent stays as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    /// Its type.
    pub kind: Option<String>,
    /// All of its properties.
    pub properties: Option<Map>,
    /// All of its context.
    pub context: Option<Map>,
    /// Its labels.
    pub tags: Option<Vec<String>>,
}
