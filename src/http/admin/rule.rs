//! What rules of every kind have in common on the wire.

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::Editor;
use crate::app::App;
use crate::http::{ApiError, Code, SignedIn, objects};
pub(super) use crate::model::kept_type as event_type;
use crate::model::{About, Path};

/// The code of a rule that does not fit.
pub(super) const INVALID: Code = Code::RuleInvalid;

/// Keys of rules that mean nothing: what the reference's clients and our own answers have beside.
pub(super) const IDLE: [&str; 9] = [
    "created",
    "changed",
    "version",
    "owner",
    "timestamp",
    "metadata",
    "production",
    "running",
    "type",
];

/// What stands before places of documents.
const DOCUMENTS: [&str; 4] = ["event@", "profile@", "session@", "payload@"];

/// Something by its id; a name beside it counts for nothing.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RulePostedNamed)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NamedObject {
    id: String,
    #[serde(default)]
    #[expect(dead_code, reason = "clients send what they were shown")]
    name: Option<String>,
}

/// The same, or its id alone.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RulePostedNamedOrId)]
#[serde(untagged)]
pub(in crate::http) enum Named {
    /// Its id.
    Id(String),
    /// `{"id": …}`.
    Object(#[serde(deserialize_with = "objects::within")] NamedObject),
}

impl Named {
    /// Its id.
    pub(super) fn id(self) -> String {
        match self {
            Self::Id(id) | Self::Object(NamedObject { id, .. }) => id.trim().to_owned(),
        }
    }

    /// The event type that it is.
    pub(super) fn event_type(self) -> String {
        event_type(&self.id())
    }
}

/// Something by its id, with its name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RuleNamed)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedDocument {
    id: String,
    /// The same.
    name: String,
}

impl NamedDocument {
    /// Of this id.
    pub(super) fn of(id: &str) -> Self {
        Self { id: id.to_owned(), name: id.to_owned() }
    }
}

/// What of a place is below an event's properties, where it may be written whole: `event@properties.price`, and
/// `properties["e mail"]`. None of what is another part of an event, or of another document.
pub(super) fn property(sent: &str) -> Option<&str> {
    let sent = sent.trim();
    let place = sent.strip_prefix("event@").unwrap_or(sent);
    let within = place.strip_prefix("properties").unwrap_or_default();
    let below = match within.strip_prefix('.') {
        Some(below) => below,
        None if within.starts_with('[') => within,
        // What stands alone is the name of a property, whatever it is called.
        None if place == sent => sent,
        None => return None,
    };
    (!DOCUMENTS.iter().any(|one| below.starts_with(one))).then_some(below)
}

/// What it says of itself from now on; who stored it first, and when, stays.
pub(super) fn about(
    app: &App,
    who: &str,
    (name, note): (&str, Option<String>),
    before: Option<&About>,
) -> About {
    let now = app.clock.now();
    About {
        name: name.trim().to_owned(),
        note: note.unwrap_or_default(),
        owner: before.map_or_else(|| who.to_owned(), |before| before.owner.clone()),
        created: before.map_or(now, |before| before.created),
        changed: now,
    }
}

/// Whoever changes a rule.
pub(super) fn editor<'a>(user: &'a SignedIn, headers: &'a HeaderMap) -> Editor<'a> {
    Editor { user, headers, invalid: INVALID }
}

/// Refuses a place that can be read and is hardly meant: it would lead nowhere, and nobody would notice.
pub(super) fn meant(name: &str, text: &str) -> Result<(), ApiError> {
    let refused = |why| wrong(format!("{name} must be a place as it is meant: {why}"));
    Path::meant(text.trim()).map_err(refused)
}

/// A refusal that says what is wanted at a place.
pub(super) fn wrong(sentence: impl Into<String>) -> ApiError {
    ApiError::new(INVALID, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_written_whole_or_alone() {
        for (sent, below) in [
            ("price", "price"),
            ("properties", "properties"),
            ("propertiesx.y", "propertiesx.y"),
            ("[\"e mail\"]", "[\"e mail\"]"),
            ("properties.price", "price"),
            (" event@properties.buyer.card ", "buyer.card"),
            ("event@properties[\"e mail\"].x", "[\"e mail\"].x"),
        ] {
            assert_eq!(property(sent), Some(below), "{sent}");
        }
        for sent in [
            "event@properties",
            "event@context.x",
            "event@price",
            "profile@traits.x",
            "event@event@properties.x",
            "properties.profile@x",
        ] {
            assert_eq!(property(sent), None, "{sent}");
        }
    }
}
