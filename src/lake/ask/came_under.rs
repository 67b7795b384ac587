//! What came under some ids, in the order in which it was received: for whoever folds it again.

use serde::{Deserialize, Serialize};

use super::{Asker, Question};
use crate::lake::engine::literals;
use crate::lake::{AS_RECEIVED, LakeError, Moment, Span};
use crate::model::Time;

/// The events that came under these ids, without following who was merged into whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CameUnder {
    /// Profile ids, as the events were kept.
    pub ids: Vec<String>,
    /// Received later than this.
    pub after: Time,
    /// So many, and of every moment all or none, so that of one payload nothing is left behind: more
    /// only where one moment alone has more.
    pub limit: usize,
}

/// Some of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CameUnderPage {
    /// In the order received, then as sent.
    pub events: Vec<KeptEvent>,
    /// Whether later ones are left.
    pub more: bool,
}

/// An event as it was kept, as far as it says something of people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptEvent {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, in microseconds since 1970.
    pub time: i64,
    /// When it was received, the same.
    pub received_at: i64,
    /// Its place in its payload; none in files of before there were places.
    #[serde(default)]
    pub position: Option<i64>,
    /// Who sent it.
    pub source_id: String,
    /// The visit.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The id that it came under.
    pub profile_id: String,
    /// It was as it must be.
    #[serde(default)]
    pub valid: Option<bool>,
    /// The text of a JSON object.
    #[serde(default)]
    pub properties: Option<String>,
    /// The text of a JSON object.
    #[serde(default)]
    pub context: Option<String>,
    /// Its labels.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// The page: its address.
    #[serde(default)]
    pub page_url: Option<String>,
    /// The path of that.
    #[serde(default)]
    pub page_path: Option<String>,
    /// Its title.
    #[serde(default)]
    pub page_title: Option<String>,
    /// Where the visitor came from.
    #[serde(default)]
    pub referrer_host: Option<String>,
    /// What that is.
    #[serde(default)]
    pub referrer_kind: Option<String>,
    /// Its name.
    #[serde(default)]
    pub referrer_name: Option<String>,
}

/// Most events of one moment: more than anybody sends in one, as imports of one time may.
const MOMENT_EVENTS_MAX: usize = 1_000_000;

impl CameUnder {
    /// At most so many whose moment, in microseconds, is as `when` says.
    fn received(
        &self,
        moment: &Moment,
        when: &str,
        limit: usize,
    ) -> Result<Vec<KeptEvent>, LakeError> {
        let ids = literals(&self.ids);
        moment.read(&format!(
            "SELECT id, type, epoch_us(time) AS time, epoch_us(received_at) AS received_at, \
             position, source_id, session_id, profile_id, valid, \
             CAST(properties AS VARCHAR) AS properties, \
             CAST(context AS VARCHAR) AS context, tags, page_url, page_path, page_title, \
             referrer_host, referrer_kind, referrer_name FROM ({}) AS kept \
             WHERE profile_id IN ({}) AND epoch_us(received_at) {when} \
             ORDER BY kept.{AS_RECEIVED} LIMIT {limit}",
            moment.as_kept, ids,
        ))
    }
}

impl Question for CameUnder {
    type Answer = CameUnderPage;

    const ASKER: Asker = Asker::Folding;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn under(&self) -> Option<&[String]> {
        Some(&self.ids)
    }

    fn answer(self, moment: &Moment) -> Result<CameUnderPage, LakeError> {
        let later = format!("> {}", self.after.micros());
        let mut events = self.received(moment, &later, self.limit + 1)?;
        let more = events.len() > self.limit;
        if more {
            let last = events.last().map_or(0, |event| event.received_at);
            events.retain(|event| event.received_at < last);
            if events.is_empty() {
                events = self.received(moment, &format!("= {last}"), MOMENT_EVENTS_MAX)?;
            }
        }
        Ok(CameUnderPage { events, more })
    }
}
