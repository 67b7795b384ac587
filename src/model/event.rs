//! An event as it is kept: one row of history.

use std::sync::Arc;

use super::dotted::text_at;
use super::{
    Client, EventId, Geo, Json, Map, ProfileId, Referrer, SessionId, SourceId, Time, Utm, Warning,
};

/// One event, everything resolved. Its fields become the columns of history (`events::COLUMNS`).
#[derive(Clone, Debug)]
pub struct Event {
    /// The client's id or a drawn one.
    pub id: EventId,
    /// Lower case, spaces as dashes.
    pub kind: String,
    /// For people.
    pub name: String,
    /// When it happened.
    pub time: Time,
    /// When Kith had read it.
    pub received_at: Time,
    /// Its place in the payload, counted from 0; the system's events come before the client's, at places
    /// below 0. What is received at the same moment as another payload goes on counting where that ends.
    /// Decides the order of what happened at one moment.
    pub position: i64,
    /// When it happened by the client's clock, where that was found wrong.
    pub client_time: Option<Time>,
    /// Who sent it.
    pub source: SourceId,
    /// The visit, unless it was not to be kept.
    pub session: Option<SessionId>,
    /// Whose, at the time; aliases lead on.
    pub profile: Option<ProfileId>,
    /// The source's channel.
    pub channel: String,
    /// The address, if the source keeps it.
    pub ip: Option<String>,
    /// The session's device, operating system and application.
    pub client: Arc<Client>,
    /// The session's campaign.
    pub utm: Utm,
    /// The session's place.
    pub geo: Geo,
    /// The page.
    pub hit: Hit,
    /// `awareness`, `consideration`, `purchase`, `retention`, `advocacy`.
    pub journey: Option<String>,
    /// The type's tags, or the client's.
    pub tags: Vec<String>,
    /// What was found wrong with it.
    pub warnings: Vec<Warning>,
    /// It is as it must be.
    pub valid: bool,
    /// As sent.
    pub properties: Json,
    /// Copied from the properties by the type's rules.
    pub traits: Map,
    /// Copied from the properties by the type's rules.
    pub data: Map,
    /// The payload's context with the event's own keys on top.
    pub context: Json,
    /// The payload's request with the event's own keys on top.
    pub request: Json,
    /// Its options, as sent.
    pub config: Json,
    /// Asked to be told of.
    pub debug: bool,
}

/// The page or screen an event happened on (docs/wire.md §4.3, `hit`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// `context.page.url`.
    pub url: Option<String>,
    /// `context.page.path`.
    pub path: Option<String>,
    /// `context.page.title`.
    pub title: Option<String>,
    /// `context.page.referer.host`.
    pub referrer_host: Option<String>,
    /// What led to it, where that was looked at.
    pub referrer: Option<Referrer>,
}

impl Hit {
    /// The page of a context that names one.
    #[must_use]
    pub fn of(context: &Map) -> Self {
        let text = |path: &str| text_at(context, path).map(std::borrow::Cow::into_owned);
        Self {
            url: text("page.url"),
            path: text("page.path"),
            title: text("page.title"),
            referrer_host: text("page.referer.host"),
            referrer: None,
        }
    }
}
