//! From our response to the wire's answer (spec §1.6, §9).

use serde_json::{Value, json};

use crate::http::documents;
use crate::model::{Id, Warning};
use crate::response::Response;

/// The body of a 200.
pub(super) fn body(response: &Response) -> Value {
    let mut profile = json!({"id": id(response.profile.as_ref())});
    if let Some(body) = &response.profile_body {
        profile = documents::profile(body);
    }
    let mut answer = json!({
        "task": response.task,
        "ux": [],
        "response": {},
        "events": response.events.iter().map(Id::as_str).collect::<Vec<_>>(),
        "profile": profile,
        "session": {"id": id(response.session.as_ref())},
        "errors": [],
        "warnings": response.warnings.iter().map(warning).collect::<Vec<_>>(),
    });
    if let Some(debug) = &response.debug {
        let saved = |saved: bool| json!(u8::from(saved));
        let ids = &answer["events"];
        answer["event"] = json!({"saved": saved(debug.event_saved), "ids": ids, "errors": []});
        answer["session"]["saved"] = saved(debug.session_saved);
        answer["profile"]["saved"] = saved(debug.profile_saved);
    }
    answer
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
