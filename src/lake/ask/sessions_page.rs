//! Visits, newest first, page by page.

use serde::{Deserialize, Serialize};

use super::newest::{Table, rows};
use super::scope::{equal, within};
use super::{Filter, Page, Part, Question};
use crate::lake::{LakeError, Moment, Span};
use crate::model::{Map, Time};

/// The table, by the beginning.
const SESSIONS: Table<'static> = Table { name: "sessions", time: "created" };

/// A page of sessions. All that is given must hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionsPage {
    /// Of this person, by the id that lives.
    pub profile: Option<String>,
    /// Of this source.
    pub source: Option<String>,
    /// Begun not before this moment.
    pub from: Option<Time>,
    /// Begun before this moment.
    pub to: Option<Time>,
    /// Such an event happened in it.
    pub had: Option<Filter>,
    /// Which of them.
    pub part: Part,
}

impl SessionsPage {
    fn sql(&self) -> String {
        let mut parts = vec!["true".to_owned()];
        for (column, value) in [("profile_id", &self.profile), ("source_id", &self.source)] {
            parts.extend(value.as_deref().map(|value| equal(column, value)));
        }
        parts.extend(within("created", self.from, self.to));
        let had =
            |had: &Filter| format!("id IN (SELECT session_id FROM events WHERE {})", had.sql());
        parts.extend(self.had.as_ref().map(had));
        parts.join(" AND ")
    }
}

/// A session, as the table `sessions` has it. Times are as RFC 3339 writes them.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionRow {
    /// The client's name for it.
    pub id: String,
    /// Whose it is, by the id that lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub profile_id: Option<String>,
    /// Who sent it.
    pub source_id: String,
    /// When it began.
    pub created: String,
    /// When something happened in it last.
    pub updated: String,
    /// From the one to the other, in seconds.
    pub duration: f64,
    /// How many events there were in it.
    pub events: u64,
    /// `started`, `active` or `ended`.
    pub status: String,
    /// The source's channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<String>,
    /// Such as `mobile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub device_type: Option<String>,
    /// Who made the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub device_brand: Option<String>,
    /// Which device it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub device_model: Option<String>,
    /// The operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub os_name: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub os_version: Option<String>,
    /// The browser or application.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub app_name: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub app_version: Option<String>,
    /// Its language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub app_language: Option<String>,
    /// Whether it was a crawler.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bot: Option<bool>,
    /// The campaign: who led here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub utm_source: Option<String>,
    /// The campaign: on which way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub utm_medium: Option<String>,
    /// The campaign's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub utm_campaign: Option<String>,
    /// The campaign: which word was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub utm_term: Option<String>,
    /// The campaign: which of several advertisements.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub utm_content: Option<String>,
    /// The country's code, or else its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub country: Option<String>,
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub city: Option<String>,
    /// Such as `Europe/Warsaw`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub time_zone: Option<String>,
    /// The address, where the source keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ip: Option<String>,
    /// What surrounded it, as it was sent.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub context: Map,
    /// What was sent of it.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub properties: Map,
}

impl Question for SessionsPage {
    type Answer = Page<SessionRow>;

    /// Events tell other times than visits, so any file may have one that is meant.
    fn span(&self) -> Span {
        self.had.as_ref().map_or(Span::NEVER, |_| Span::ALWAYS)
    }

    fn answer(self, moment: &Moment) -> Result<Page<SessionRow>, LakeError> {
        rows(moment, &SESSIONS, &self.sql(), &self.part)
    }
}
