//! A word about a consent as stored, in the body of its person's profile.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{maybe_moment, moment};
use crate::model::{ConsentLog, ConsentWord, EventId, SourceId, Time};

/// One word. Parts at their defaults are left out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredWord {
    #[serde(with = "moment")]
    at: Time,
    /// Absent in what older builds have kept.
    #[serde(default, with = "maybe_moment", skip_serializing_if = "Option::is_none")]
    received: Option<Time>,
    #[serde(default, skip_serializing_if = "is_first")]
    position: i64,
    event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Absent: all that the event did not name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consent: Option<String>,
    granted: bool,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    revoke: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    purposes: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_first(position: &i64) -> bool {
    *position == 0
}

/// The words of a person.
pub(super) fn stored(log: &ConsentLog) -> Vec<StoredWord> {
    let word = |word: &ConsentWord| StoredWord {
        at: word.at,
        received: word.received,
        position: word.position,
        event: word.event.to_string(),
        source: word.source.as_ref().map(ToString::to_string),
        consent: word.consent.clone(),
        granted: word.granted,
        revoke: word.revoke.clone(),
        version: word.version.clone(),
        purposes: word.purposes.clone(),
    };
    log.words().iter().map(word).collect()
}

/// The same, read back.
pub(super) fn read(words: Vec<StoredWord>) -> ConsentLog {
    ConsentLog::of(words.into_iter().map(|word| ConsentWord {
        at: word.at,
        received: word.received,
        position: word.position,
        event: EventId::new(word.event),
        source: word.source.map(SourceId::new),
        consent: word.consent,
        granted: word.granted,
        revoke: word.revoke,
        version: word.version,
        purposes: word.purposes,
    }))
}
