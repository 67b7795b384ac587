//! What events must look like, and what becomes of one that does not.

use serde_json::Value;

use super::{
    About, EventId, EventOptions, Json, Mark, Options, ProfileId, SessionId, SourceId, Time,
};

/// What becomes of an event that does not fit. Of several that say something, the last of these counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnMisfit {
    /// It is kept and marked; it changes no profile, and names nobody.
    Flag,
    /// It is kept apart, and can be mended and let in.
    Quarantine,
    /// It is not kept.
    Refuse,
}

impl OnMisfit {
    /// All of them, as they are written.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Flag, "flag"), (Self::Quarantine, "quarantine"), (Self::Refuse, "refuse")];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("flag", |(_, name)| name)
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(one, _)| *one)
    }
}

/// What events of a type must look like.
#[derive(Clone, Debug, PartialEq)]
pub struct Validator {
    /// Its id.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: it asks nothing.
    pub enabled: bool,
    /// Which events.
    pub event_type: String,
    /// Only those of this source; none: of all.
    pub source: Option<SourceId>,
    /// When it asks, over the event alone; empty: always.
    pub condition: String,
    /// A schema for each place of the event: `event@properties`.
    pub schemas: Vec<(String, Value)>,
    /// What becomes of those that do not fit.
    pub on_misfit: OnMisfit,
    /// For grouping in lists.
    pub tags: Vec<String>,
}

/// What may come from a source at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingPlan {
    /// The source's id.
    pub source: SourceId,
    /// What it says of itself.
    pub about: About,
    /// Off: everything may come.
    pub enabled: bool,
    /// Types that may come.
    pub event_types: Vec<String>,
    /// What becomes of others.
    pub on_misfit: OnMisfit,
}

/// An event that is kept apart, with what is needed to let it in.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldEvent {
    /// Its name here: of a repetition the same.
    pub mark: Mark,
    /// The client's id or a drawn one.
    pub id: EventId,
    /// Lower case, spaces as dashes.
    pub kind: String,
    /// Where it stood among the events that it was sent with: of one that is let in nobody asks it any more.
    pub place: usize,
    /// When it happened.
    pub time: Time,
    /// When it was received.
    pub received_at: Time,
    /// Who sent it.
    pub source: SourceId,
    /// The visit that it was sent with.
    pub session: Option<SessionId>,
    /// The profile id that it was sent with; later, whose it was found to be.
    pub profile: Option<ProfileId>,
    /// What its payload asked for; `found` says how it was found whose it is.
    pub asked: Options,
    /// What it asked for itself.
    pub options: EventOptions,
    /// As sent.
    pub properties: Json,
    /// With the payload's under it.
    pub context: Json,
    /// With the payload's under it.
    pub request: Json,
    /// Its options, as sent.
    pub config: Json,
    /// As sent.
    pub tags: Vec<String>,
    /// Where it does not fit, and what is wanted there.
    pub faults: Vec<(String, String)>,
}

impl HeldEvent {
    /// Its name, as it is written.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{:032x}", self.mark.0)
    }
}
