//! From our response to the wire's answer (docs/wire.md §1.7).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::http::documents::{self, ProfileDocument, View};
use crate::model::{EventId, Id, Warning};
use crate::response::Response;

/// What came of a payload.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrackAnswer)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Answer<'a> {
    /// Names this payload.
    #[schema(value_type = String, format = "uuid")]
    task: Uuid,
    /// Empty.
    #[schema(value_type = Vec<Value>, max_items = 0)]
    ux: [(); 0],
    /// Empty.
    response: Empty,
    /// Ids of the events that asked to be told of, the client's first.
    #[schema(value_type = Vec<String>)]
    events: Vec<&'a str>,
    profile: Profile<'a>,
    session: Named<'a>,
    /// Empty.
    #[schema(value_type = Vec<Value>, max_items = 0)]
    errors: [(); 0],
    /// What was found wrong.
    warnings: Vec<Told<'a>>,
    /// What was written of the events. Only when the payload asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    event: Option<Written<'a>>,
}

/// Nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswerEmpty)]
#[serde(deny_unknown_fields)]
struct Empty {}

/// The profile the client must use from now on: its id, or all of it, when an event asked and the
/// source allows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswerProfile)]
#[serde(untagged)]
enum Profile<'a> {
    Id(Named<'a>),
    Body(Box<ProfileDocument>),
}

/// Something by its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswerId)]
#[serde(deny_unknown_fields)]
struct Named<'a> {
    /// Null when it is nobody's, or was not kept.
    #[schema(value_type = Option<String>, required)]
    id: Option<&'a str>,
    /// 1 when it was written. Only when the payload asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    saved: Option<u8>,
    /// Of a profile: shows in links, for an hour, that the id was given to a visitor of this source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pass: Option<String>,
    /// Of a profile: what the source hears of them. Only where it hears anything (`profile_view`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    view: Option<View>,
}

/// Something that was found wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswerWarning)]
#[serde(deny_unknown_fields)]
struct Told<'a> {
    /// `warning`.
    r#type: &'static str,
    /// Stable, for programs.
    code: &'static str,
    /// A sentence.
    #[schema(value_type = String)]
    message: &'a str,
    /// The event concerned, if it is one.
    #[schema(value_type = Option<String>, required)]
    event_id: Option<&'a str>,
}

/// What was written of the events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswerEvents)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    /// 1 when at least one was.
    saved: u8,
    /// As in `events`.
    #[schema(value_type = Vec<String>)]
    ids: Vec<&'a str>,
    /// Empty.
    #[schema(value_type = Vec<Value>, max_items = 0)]
    errors: [(); 0],
}

impl<'a> Answer<'a> {
    /// What strangers do not see is masked: whoever sends may be anybody.
    pub(super) fn of(response: &'a Response, app: &App) -> Self {
        let debug = response.debug.as_ref();
        let events: Vec<&str> = response.events.iter().map(EventId::as_str).collect();
        let event = debug.map(|debug| {
            let saved = u8::from(debug.event_saved);
            Written { saved, ids: events.clone(), errors: [] }
        });
        Self {
            task: response.task,
            ux: [],
            response: Empty {},
            events,
            profile: profile(response, app),
            session: Named {
                id: id(response.session.as_ref()),
                pass: None,
                view: None,
                saved: debug.map(|debug| u8::from(debug.session_saved)),
            },
            errors: [],
            warnings: response.warnings.iter().map(told).collect(),
            event,
        }
    }
}

fn profile<'a>(response: &'a Response, app: &App) -> Profile<'a> {
    let saved = response.debug.as_ref().map(|debug| u8::from(debug.profile_saved));
    let heard = response.heard.as_ref();
    let view = heard.map(|heard| View::of(heard, app, response.received_at));
    if let Some(body) = &response.profile_body {
        let document = documents::profile(body).masked(&app.masking).saying(saved);
        return Profile::Body(Box::new(document.hearing(view)));
    }
    let id = id(response.profile.as_ref());
    let pass = id.map(|id| app.seals.pass(id, &response.source, response.received_at));
    Profile::Id(Named { id, saved, pass, view })
}

fn id<Kind>(id: Option<&Id<Kind>>) -> Option<&str> {
    id.map(Id::as_str)
}

fn told(warning: &Warning) -> Told<'_> {
    let (code, event_id) = (warning.code, id(warning.event.as_ref()));
    Told { r#type: "warning", code, message: &warning.message, event_id }
}
