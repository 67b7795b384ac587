//! A session: one visit.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Client, Geo, Json, Map, ProfileId, SessionId, SourceId, Time, Utm};

/// One visit (docs/wire.md §4.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The client's id or a drawn one.
    pub id: SessionId,
    /// Whose. The id may have been merged into another since; aliases lead on.
    pub profile: Option<ProfileId>,
    /// Set where nobody has shown that whoever visits is this person.
    pub link: Option<Link>,
    /// The source that opened it.
    pub source: SourceId,
    /// When it opened.
    pub created: Time,
    /// When the last payload touched it.
    pub touched: Time,
    /// Events kept so far, system events included.
    pub events: u64,
    /// Where it stands.
    pub status: Status,
    /// The source's channel.
    pub channel: String,
    /// Device, operating system, application.
    pub client: Arc<Client>,
    /// The campaign that brought them.
    pub utm: Utm,
    /// Where they say they are, or where their address is.
    pub geo: Geo,
    /// Two-letter codes.
    pub languages: Vec<String>,
    /// IANA time zone.
    pub timezone: Option<String>,
    /// The address that opened it, if the source keeps addresses.
    pub ip: Option<String>,
    /// The payloads' contexts laid over each other.
    pub context: Json,
    /// The payloads' properties laid over each other.
    pub properties: Json,
}

/// A session whose events go to somebody who was only named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Who visits, as far as that is known without what was named.
    pub visitor: Option<ProfileId>,
}

/// Where a session stands (docs/wire.md §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A visit has just started.
    Started,
    /// Events arrive.
    Active,
    /// The client said that the visit is over; the next event starts another.
    Ended,
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Started, Self::Active, Self::Ended].into_iter().find(|s| s.as_str() == name)
    }
}

impl Session {
    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const COLUMNS_BYTES: usize = 1024;
        COLUMNS_BYTES + self.context.as_str().len() + self.properties.as_str().len()
    }

    /// What was said around the visit: the payloads' contexts, and what was read of the requests, which wins.
    #[must_use]
    pub fn context_said(&self) -> Map {
        let mut context = self.context.read();
        if !self.languages.is_empty() {
            context.insert("language_codes".to_owned(), json!(self.languages));
        }
        if let Some(ip) = &self.ip {
            context.insert("ip".to_owned(), json!(ip));
        }
        context
    }

    /// The same as its document has it, also where nobody has said anything.
    #[must_use]
    pub fn context_shown(&self) -> Map {
        let mut context = self.context_said();
        for name in ["language", "language_codes"] {
            context.entry(name).or_insert_with(|| json!([]));
        }
        context.entry("ip").or_insert(Value::Null);
        context
    }

    /// Nothing in it tells any more of whoever visited before somebody else was named.
    pub fn forget_visitor(&mut self) {
        self.link = Some(Link::default());
        self.client = Arc::default();
        (self.utm, self.geo) = (Utm::default(), Geo::default());
        (self.languages, self.timezone, self.ip) = (Vec::new(), None, None);
        (self.context, self.properties) = (Json::empty(), Json::empty());
    }

    /// Seconds from the opening to the last touch.
    #[must_use]
    pub fn duration_seconds(&self) -> f64 {
        self.touched.seconds_since(self.created)
    }
}
