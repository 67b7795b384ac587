//! `GET /track.gif`: a pixel for mails, where no script runs.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::sent;
use crate::app::App;
use crate::http::intake::{Call, Incoming, IncomingEvent, Intake, Object, take_one};
use crate::model::{Bridge, Map, Options};

/// One transparent point.
const GIF: [u8; 43] = [
    b'G', b'I', b'F', b'8', b'9', b'a', 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, b'!',
    0xf9, 4, 1, 0, 0, 0, 0, b',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, b';',
];

/// What the event is called unless the address says.
const EVENT_TYPE: &str = "message-opened";

/// Records one event and answers with a point, whatever happens: a picture that is broken shows.
///
/// `source`, `type`, `session`, `profile` and `id` (the event's) of the query are who and what;
/// everything else becomes properties.
#[utoipa::path(
    get, path = "/track.gif", tag = "collect",
    params(
        ("source" = String, Query, description = "The source, of type `rest`"),
        ("type" = Option<String>, Query, description = "`message-opened` unless said"),
        ("profile" = Option<String>, Query, description = "Who the mail was sent to"),
        ("session" = Option<String>, Query, description = "A session"),
        ("id" = Option<String>, Query, description = "The event's id: repetitions do not count"),
    ),
    responses((status = 200, description = "A transparent GIF of 43 bytes", content_type = "image/gif")),
)]
pub(crate) async fn pixel(
    State(app): State<Arc<App>>,
    Call { peer, query, method, headers, .. }: Call,
) -> Response {
    if method == Method::GET {
        let query = sent::pairs(query.as_bytes());
        let intake = Intake::begin(&app, &headers, peer, Bridge::Rest);
        let recorded = take_one(&app, async {
            let incoming = incoming(&intake, query);
            intake.understand(incoming)
        })
        .await;
        if let Err(error) = recorded {
            tracing::debug!(code = error.code.as_str(), "a pixel's event was not kept");
        }
    }
    picture()
}

/// Whether a mail waits for the picture, whoever would answer otherwise.
pub(in crate::http) fn is_asked(request: &Request) -> bool {
    request.method() == Method::GET && request.uri().path() == "/track.gif"
}

/// The picture.
pub(in crate::http) fn picture() -> Response {
    let headers = [(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store")];
    (headers, GIF).into_response()
}

/// A mail that is looked at is no visit, unless it says of which it is a part.
fn incoming(intake: &Intake<'_>, mut query: Map) -> Incoming<'static> {
    let mut taken = |name: &str| match query.remove(name) {
        Some(Value::String(text)) => Some(Cow::Owned(text)),
        _ => None,
    };
    let (source, kind, id) = (taken("source"), taken("type"), taken("id"));
    let mut warnings = Vec::new();
    let session = intake.somebodys(taken("session"), "session.id", &mut warnings);
    let profile = intake.somebodys(taken("profile"), "profile.id", &mut warnings);
    let options = Options {
        save_session: session.is_some(),
        profile_less: session.is_none() && profile.is_none(),
        ..Options::default()
    };
    let event = IncomingEvent {
        kind: kind.unwrap_or(Cow::Borrowed(EVENT_TYPE)),
        id,
        properties: Object::Map(query),
        ..IncomingEvent::default()
    };
    let source = source.unwrap_or_default();
    let events = vec![event];
    Incoming { source, session, profile, options, events, warnings, ..Incoming::default() }
}
