//! Profiles, sessions and events as the reference shows them (docs/wire.md §4).
//!
//! Every field is there, those unset at their defaults.

mod consents;
mod event;
mod event_parts;
mod profile;
mod profile_parts;
mod profile_view;
mod session;
mod session_parts;

pub(super) use consents::{ConsentsDocument, consents};
pub(super) use event::{EventDocument, event};
pub(super) use profile::profile;
pub(super) use profile_parts::ProfileDocument;
pub(super) use profile_view::View;
pub(super) use session::session;
pub(super) use session_parts::SessionDocument;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::events::{COLUMNS, Kind};
    use crate::model::{
        Geo, Json, MASKED_ROOTS, Profile, ProfileId, Session, SessionId, SourceId, Status, Time,
        Utm, made_of,
    };

    /// What is made of no field that is sent, and all that is below it.
    const OF_NOTHING: [&str; 23] = [
        "source",
        "session",
        "profile",
        "metadata.time",
        "metadata.aux",
        "metadata.status",
        "metadata.events",
        "metadata.channel",
        "metadata.processed_by",
        "metadata.profile_less",
        "metadata.valid",
        "metadata.error",
        "metadata.warning",
        "metadata.warnings",
        "metadata.merge",
        "metadata.fields",
        "metadata.system",
        "stats",
        "tags",
        "journey",
        "hit.query",
        "hit.category",
        "hit.id",
    ];

    fn check(value: &Value, place: &str) {
        if let Value::Object(map) = value
            && !map.is_empty()
        {
            for (key, value) in map.iter().filter(|(key, _)| !MASKED_ROOTS.contains(&key.as_str()))
            {
                check(value, &format!("{place}{}{key}", if place.is_empty() { "" } else { "." }));
            }
            return;
        }
        let is_of_nothing = |known: &&'static str| {
            place.strip_prefix(*known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_told = made_of(place).is_some() || OF_NOTHING.iter().any(is_of_nothing);
        assert!(is_told, "{place}: say what it is made of");
    }

    #[test]
    fn every_place_of_a_document_says_what_it_is_made_of() {
        let columns = COLUMNS.iter().map(|column| {
            let value = match column.kind {
                Kind::Truth => json!(true),
                Kind::Json => json!({}),
                Kind::Texts => json!(["x"]),
                Kind::Text | Kind::Moment | Kind::Number => json!("x"),
            };
            (column.name.to_owned(), value)
        });
        check(&serde_json::to_value(event(columns.collect())).unwrap(), "");
        let person = Profile::new(ProfileId::new("p"), Time::default());
        check(&serde_json::to_value(profile(&person)).unwrap(), "");
        let visit = Session {
            id: SessionId::new("s"),
            profile: None,
            link: None,
            source: SourceId::new("shop"),
            created: Time::default(),
            touched: Time::default(),
            events: 0,
            status: Status::Started,
            channel: String::new(),
            client: std::sync::Arc::default(),
            utm: Utm::default(),
            geo: Geo::default(),
            languages: Vec::new(),
            timezone: None,
            ip: None,
            context: Json::empty(),
            properties: Json::empty(),
        };
        check(&serde_json::to_value(session(&visit)).unwrap(), "");
    }
}
