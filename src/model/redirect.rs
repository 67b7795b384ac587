//! A redirect: a link that records an event before it leads on.

use super::{Map, SourceId, Time};

/// What `/redirect/{id}` does (docs/wire.md §6.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    /// Stands in the link.
    pub id: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// Whose event it is.
    pub source: SourceId,
    /// Where it leads; absolute, `http` or `https`.
    pub url: String,
    /// What the event is called.
    pub event_type: String,
    /// The event's properties: a template over what the link was called with (docs/wire.md §7.4).
    pub properties: Map,
    /// Labels of the event.
    pub tags: Vec<String>,
    /// A `GET` is answered by 302, which some old clients need, instead of 307.
    pub found: bool,
    /// When it was first stored.
    pub created: Time,
}
