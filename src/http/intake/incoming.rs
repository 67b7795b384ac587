//! What a dialect makes of a request: plain values, not understood yet.

use std::borrow::Cow;

use crate::model::{EventOptions, Json, Map, Options, Time, TooDeep, Warning};

/// One person's payload as it was sent, whatever the wire calls its parts. Ids and types may still
/// be too long, objects too deep, times impossible: intake refuses those for every dialect alike.
#[derive(Debug, Default)]
pub(in crate::http) struct Incoming<'a> {
    /// Who sends, by the id that the source has.
    pub(in crate::http) source: Cow<'a, str>,
    /// The visit; blank is the same as absent.
    pub(in crate::http) session: Option<Cow<'a, str>>,
    /// The person, as far as the sender knows; blank is the same as absent.
    pub(in crate::http) profile: Option<Cow<'a, str>>,
    /// For the session and all events; the visitor is read from it.
    pub(in crate::http) context: Object<'a>,
    /// For the session.
    pub(in crate::http) properties: Object<'a>,
    /// For all events.
    pub(in crate::http) request: Object<'a>,
    /// What it asks for.
    pub(in crate::http) options: Options,
    /// What the options were read from, for its bounds: it is not kept.
    pub(in crate::http) config: Object<'a>,
    /// When it was sent, by the sender's clock.
    pub(in crate::http) sent_at: Option<Time>,
    /// In the order sent.
    pub(in crate::http) events: Vec<IncomingEvent<'a>>,
    /// What the dialect has found wrong with it.
    pub(in crate::http) warnings: Vec<Warning>,
}

/// One event as it was sent.
#[derive(Debug, Default)]
pub(in crate::http) struct IncomingEvent<'a> {
    /// What happened.
    pub(in crate::http) kind: Cow<'a, str>,
    /// The sender's name for it; blank is the same as absent.
    pub(in crate::http) id: Option<Cow<'a, str>>,
    /// When, by the sender's clock.
    pub(in crate::http) time: Option<Time>,
    /// What it was about.
    pub(in crate::http) properties: Object<'a>,
    /// Around it; lies over the payload's.
    pub(in crate::http) context: Object<'a>,
    /// How it was asked for; lies over the payload's.
    pub(in crate::http) request: Object<'a>,
    /// What it asks for.
    pub(in crate::http) options: EventOptions,
    /// What the options were read from; it is kept.
    pub(in crate::http) config: Object<'a>,
    /// Labels.
    pub(in crate::http) tags: Vec<String>,
    /// What the dialect has found wrong with it.
    pub(in crate::http) warnings: Vec<Warning>,
}

/// A JSON object in the form that the dialect has it in.
#[derive(Debug)]
pub(in crate::http) enum Object<'a> {
    /// Text that a JSON parser has found well formed.
    Text(&'a str),
    /// Taken apart.
    Map(Map),
    /// As it is kept, within the bounds.
    Kept(Json),
}

impl Default for Object<'_> {
    fn default() -> Self {
        Self::Kept(Json::empty())
    }
}

impl Object<'_> {
    /// As it is kept.
    ///
    /// # Errors
    /// [`TooDeep`] when objects and lists nest deeper than `depth_max`.
    pub(in crate::http) fn bounded(self, depth_max: usize) -> Result<Json, TooDeep> {
        match self {
            Self::Text(text) => Json::compact(text, depth_max),
            Self::Map(map) => Json::bounded(&map, depth_max),
            Self::Kept(json) => Ok(json),
        }
    }
}
