//! The tracker payload as it stands on the wire (docs/wire.md §1.3, §1.4).

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;
use serde_json::value::RawValue;

use super::skeleton;
use super::validation;
use crate::http::intake::{Bounds, Problem};
use crate::http::objects;
use crate::model::{Time, Zone, with_whole_pairs};

/// What a client posts. Unknown keys are ignored, and `null` is the same as absent where an object
/// may stand.
#[derive(Debug, serde::Deserialize)]
pub struct WirePayload<'a> {
    /// Who sends.
    #[serde(borrow)]
    pub source: Reference<'a>,
    /// The visit.
    #[serde(borrow, default)]
    pub session: Option<Reference<'a>>,
    /// The person, as far as the client knows.
    #[serde(borrow, default)]
    pub profile: Option<Reference<'a>>,
    /// For the session and all events.
    #[serde(borrow, default)]
    pub context: Option<Object<'a>>,
    /// For the session.
    #[serde(borrow, default)]
    pub properties: Option<Object<'a>>,
    /// For all events.
    #[serde(borrow, default)]
    pub request: Option<Object<'a>>,
    /// What it asks for.
    #[serde(borrow, default)]
    pub options: Option<Object<'a>>,
    /// When the client sent it, by its own clock.
    #[serde(borrow, default, rename = "sentAt")]
    pub sent_at: Option<&'a RawValue>,
    /// The same, as others write it.
    #[serde(borrow, default, rename = "sent_at")]
    pub also_sent_at: Option<&'a RawValue>,
    /// What happened.
    #[serde(borrow, default)]
    pub events: Vec<WireEvent<'a>>,
}

/// An object of which only the id counts.
#[derive(Debug, serde::Deserialize)]
pub struct Reference<'a> {
    /// The id.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

/// One event.
#[derive(Debug, serde::Deserialize)]
pub struct WireEvent<'a> {
    /// What happened.
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    /// The client's name for it.
    #[serde(borrow, default)]
    pub id: Option<Cow<'a, str>>,
    /// When.
    #[serde(default)]
    pub time: Option<WireTime>,
    /// What it was about.
    #[serde(borrow, default)]
    pub properties: Option<Object<'a>>,
    /// Around it.
    #[serde(borrow, default)]
    pub context: Option<Object<'a>>,
    /// How it was asked for.
    #[serde(borrow, default)]
    pub request: Option<Object<'a>>,
    /// What it asks for.
    #[serde(borrow, default)]
    pub options: Option<Object<'a>>,
    /// Labels.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
}

/// When an event happened, by the client's clock.
#[derive(Debug, serde::Deserialize)]
pub struct WireTime {
    /// Overrides the time of receipt.
    #[serde(default)]
    pub insert: Option<Moment>,
    /// When the client made it.
    #[serde(default)]
    pub create: Option<Moment>,
}

/// When something happened, as text or number, read.
#[derive(Clone, Copy, Debug)]
pub struct Moment(pub Time);

/// A JSON object, unread.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a>(pub &'a RawValue);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with('{') { Ok(Self(raw)) } else { Err(D::Error::custom("no object")) }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let value = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        happened(&value).map(Self).ok_or_else(|| D::Error::custom("no time"))
    }
}

/// The moment that a text or a number of JSON tells; without an offset it is UTC.
pub(super) fn moment(said: &Value) -> Option<Time> {
    match said {
        Value::String(text) => Time::read(text, Some(&Zone::utc())),
        Value::Number(number) => Time::read_number(number.as_str()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The same of what has happened. A number of microseconds, say, is taken for milliseconds as well: those are of
/// the far future, for which no payload is refused.
pub(super) fn happened(said: &Value) -> Option<Time> {
    let digits = match said {
        Value::String(text) => text,
        Value::Number(number) => number.as_str(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    moment(said).or_else(|| Time::is_past_all(digits).then_some(Time::END))
}

/// Reads a body and hands it to `then`. What cannot be read in one pass is taken apart, to say
/// exactly what is wrong with it, or to read it after all: half a surrogate pair, a key given twice.
///
/// # Errors
/// Everything that is wrong, in the order of the model. What can be read may yet be out of bounds.
pub(super) fn read<T>(
    body: &[u8],
    bounds: &Bounds,
    then: impl FnOnce(WirePayload<'_>) -> T,
) -> Result<T, Vec<Problem>> {
    if let Some(payload) = in_one_pass(body) {
        return Ok(then(payload));
    }
    let body = with_whole_pairs(body);
    if let Some(payload) = in_one_pass(&body) {
        return Ok(then(payload));
    }
    let broken = |error| vec![validation::broken_json(&body, &error)];
    let raw: &RawValue = serde_json::from_slice(&body).map_err(broken)?;
    let outline = skeleton::outline(raw).and_then(|text| serde_json::from_str(&text));
    let problems = validation::explain(&outline.map_err(broken)?, bounds);
    if !problems.is_empty() {
        return Err(problems);
    }
    let plain = skeleton::once(raw).map_err(broken)?;
    let payload: WirePayload<'_> = objects::read(plain.as_bytes()).map_err(broken)?;
    Ok(then(payload))
}

fn in_one_pass(body: &[u8]) -> Option<WirePayload<'_>> {
    objects::read(body).ok()
}
