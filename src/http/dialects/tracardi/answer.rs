//! From our response to the wire's answer (docs/wire.md §1.7).

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::http::documents;
use crate::model::{EventId, Id, Warning};
use crate::response::Response;

/// The body of a 200. Typed, not a tree: it is written once for every payload.
#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    task: Uuid,
    ux: [(); 0],
    response: Map<String, Value>,
    events: Vec<&'a str>,
    profile: Profile<'a>,
    session: Session<'a>,
    errors: [(); 0],
    warnings: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Profile<'a> {
    Id {
        id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        saved: Option<u8>,
    },
    Body(Value),
}

#[derive(Debug, Serialize)]
struct Session<'a> {
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<u8>,
}

impl<'a> From<&'a Response> for Answer<'a> {
    fn from(response: &'a Response) -> Self {
        let debug = response.debug.as_ref();
        let events: Vec<&str> = response.events.iter().map(EventId::as_str).collect();
        let event = debug.map(
            |debug| json!({"saved": u8::from(debug.event_saved), "ids": events, "errors": []}),
        );
        Self {
            task: response.task,
            ux: [],
            response: Map::new(),
            events,
            profile: profile(response),
            session: Session {
                id: id(response.session.as_ref()),
                saved: debug.map(|debug| u8::from(debug.session_saved)),
            },
            errors: [],
            warnings: response.warnings.iter().map(warning).collect(),
            event,
        }
    }
}

fn profile(response: &Response) -> Profile<'_> {
    let saved = response.debug.as_ref().map(|debug| u8::from(debug.profile_saved));
    let Some(body) = &response.profile_body else {
        return Profile::Id { id: id(response.profile.as_ref()), saved };
    };
    let mut document = documents::profile(body);
    if let Some(saved) = saved {
        document["saved"] = saved.into();
    }
    Profile::Body(document)
}

fn id<Kind>(id: Option<&Id<Kind>>) -> Option<&str> {
    id.map(Id::as_str)
}

fn warning(warning: &Warning) -> Value {
    json!({
        "type": "warning",
        "code": warning.code,
        "message": warning.message,
        "event_id": id(warning.event.as_ref()),
    })
}
