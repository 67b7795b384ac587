//! `POST /customer/consent`: what a person agrees to (docs/wire.md §6.4).

use std::fmt;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::track::{answer_of, is_true};
use crate::app::App;
use crate::http::error::ApiError;
use crate::http::intake::{Call, Incoming, IncomingEvent, Intake, Object, take_one};
use crate::http::{Code, admin, body, objects};
use crate::model::{Bridge, Source};

/// What the address may say.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// `true`: every consent named is granted, whatever truth stands there.
    #[serde(default)]
    all: Option<String>,
}

/// What is posted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ConsentPosted)]
pub(crate) struct Posted {
    source: Reference,
    session: Reference,
    profile: Reference,
    /// By the consent's id: `true` grants it, `false` takes it back, and an object may say `granted`,
    /// `revoke`, `version` and `purposes`. Others stay as they are.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Value>)]
    consents: Map<String, Value>,
    /// The version of the text that was agreed to.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    version: Value,
    /// What the consents are for: a text or a list of texts.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    purposes: Value,
}

/// The same, as far as it says whose word it is.
#[derive(Debug, Deserialize)]
struct Named {
    source: Reference,
    session: Reference,
    profile: Reference,
    /// That it is an object.
    #[serde(default, rename = "consents")]
    _consents: AnyObject,
}

/// An object, whatever it holds.
#[derive(Debug, Default)]
struct AnyObject;

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'de> Visitor<'de> for AnyObject {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self)
    }
}

/// An object of which only the id counts.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ConsentPostedId)]
pub(crate) struct Reference {
    id: String,
}

/// Changes the consents of a person, as an event of theirs.
///
/// # Errors
/// 403 unless source, session and profile exist and the session is the profile's; then as
/// `POST /track`.
#[utoipa::path(
    post, path = "/customer/consent", tag = "collect", params(Parameters),
    request_body(content = Posted),
    responses(
        (status = 200, description = "Durable; the answer of `POST /track`", body = Option<Answer>),
        (status = 403, description = "Access denied"),
        (status = 422, description = "The body does not fit"),
    ),
)]
pub(crate) async fn consent(
    State(app): State<Arc<App>>,
    Query(parameters): Query<Parameters>,
    Call { peer, headers, body, .. }: Call,
) -> Result<Response, ApiError> {
    let answer = take_one(&app, async {
        let body = body::read(&headers, body, &app).await?;
        // Taken apart, a body of few bytes may take much room: that is not held while the database is asked.
        let named: Named = objects::posted(&body).map_err(|_| Code::ConsentInvalid)?;
        must_belong_together(&app, &named).await?;
        let mut posted: Posted = objects::posted(&body).map_err(|_| Code::ConsentInvalid)?;
        drop(body);
        if is_true(parameters.all.as_deref()) {
            posted.consents.values_mut().for_each(grant);
        }
        Intake::begin(&app, &headers, peer, Bridge::Rest).understand(incoming(posted))
    });
    Ok(answer_of(answer.await?.as_ref(), &app))
}

/// Makes a truth a grant, with the terms it has. What grants nothing by itself grants nothing here, and is
/// told as it was sent.
fn grant(consent: &mut Value) {
    let is_truth = |value: &Value| value.is_boolean() || value.is_null();
    match consent {
        Value::Object(terms) => {
            if !terms.is_empty() && terms.get("granted").is_none_or(is_truth) {
                terms.insert("granted".to_owned(), Value::Bool(true));
            }
        }
        Value::Bool(_) | Value::Null => *consent = Value::Bool(true),
        Value::Number(_) | Value::String(_) | Value::Array(_) => {}
    }
}

fn incoming(posted: Posted) -> Incoming<'static> {
    let said = [
        ("consents", Value::Object(posted.consents)),
        ("version", posted.version),
        ("purposes", posted.purposes),
        ("partial", Value::Bool(true)),
    ];
    let said = said.into_iter().filter(|(_, value)| !value.is_null());
    let event = IncomingEvent {
        kind: "consent-update".into(),
        properties: Object::Map(said.map(|(name, value)| (name.to_owned(), value)).collect()),
        ..IncomingEvent::default()
    };
    Incoming {
        source: posted.source.id.into(),
        session: Some(posted.session.id.into()),
        profile: Some(posted.profile.id.into()),
        events: vec![event],
        ..Incoming::default()
    }
}

/// Ids are no secrets, but one alone must not be enough to speak for somebody.
async fn must_belong_together(app: &Arc<App>, named: &Named) -> Result<(), ApiError> {
    let known = app.registry.now();
    let source = known.get::<Source>(named.source.id.trim());
    let (session, profile) = (named.session.id.trim(), named.profile.id.trim());
    // A visit of everybody whose program has no id is nobody's word.
    if [session, profile].into_iter().any(|id| known.identity().is_nobodys(id)) {
        return Err(Code::ConsentDenied.into());
    }
    let (session, profile) = (session.to_owned(), profile.to_owned());
    let belong = admin::ask(app, move |storage| {
        let Some(row) = storage.session(&session)? else { return Ok(false) };
        // Whoever was only named in a session has not said so.
        let of_session = row.session.profile.filter(|_| row.session.link.is_none());
        let Some(of_session) = of_session else { return Ok(false) };
        let living = |id: &str| storage.profile(id).map(|found| found.map(|one| one.id));
        let theirs = living(&profile)?;
        Ok(theirs.is_some() && theirs == living(of_session.as_str())?)
    });
    if source.is_some_and(|source| source.entity.enabled) && belong.await? {
        return Ok(());
    }
    Err(Code::ConsentDenied.into())
}
