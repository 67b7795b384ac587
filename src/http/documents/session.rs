//! The session document (docs/wire.md §4.1).

use serde_json::{Value, json};

use super::profile;
use crate::model::{Geo, Json, Session, Utm};

/// The whole session. `profile` is the living id its own leads to.
#[must_use]
pub(crate) fn session(session: &Session) -> Value {
    let seconds_since_epoch = session.created.seconds_since(crate::model::Time::default());
    json!({
        "id": session.id.as_str(),
        "metadata": {
            "time": {
                "insert": session.created.to_string(),
                "create": null,
                "update": session.touched.to_string(),
                "timestamp": seconds_since_epoch,
                "duration": session.duration_seconds(),
                "weekday": session.created.weekday(),
            },
            "channel": session.channel,
            "aux": {},
            "status": session.status.as_str(),
            "events": session.events,
        },
        "profile": session.profile.as_ref().map(|id| json!({"id": id.as_str()})),
        "source": {"id": session.source.as_str()},
        "device": device(session),
        "os": {"name": session.client.os.name, "version": session.client.os.version},
        "app": app(session),
        "utm": utm(&session.utm),
        "context": context(session),
        "properties": read(&session.properties),
        // Nothing in Kith writes these.
        "traits": {},
        "aux": {},
    })
}

fn device(session: &Session) -> Value {
    let device = &session.client.device;
    json!({
        "name": device.name, "brand": device.brand, "model": device.model, "type": device.kind,
        "touch": device.touch, "ip": session.ip, "resolution": device.resolution,
        "color_depth": device.color_depth, "orientation": device.orientation,
        "geo": geo(&session.geo),
    })
}

fn app(session: &Session) -> Value {
    let app = &session.client.app;
    json!({
        "type": app.kind, "name": app.name, "version": app.version, "language": app.language,
        "bot": app.bot, "resolution": session.client.device.resolution,
    })
}

fn utm(utm: &Utm) -> Value {
    json!({
        "source": utm.source, "medium": utm.medium, "campaign": utm.campaign, "term": utm.term,
        "content": utm.content,
    })
}

fn geo(geo: &Geo) -> Value {
    if *geo == Geo::default() {
        return profile::geo();
    }
    json!({
        "country": {"name": geo.country_name, "code": geo.country_code},
        "city": geo.city, "county": geo.county, "postal": geo.postal,
        "latitude": geo.latitude, "longitude": geo.longitude,
        "location": geo.longitude.zip(geo.latitude).map(|(lon, lat)| json!([lon, lat])),
    })
}

/// The payloads' context, and what the server adds to it. What it does not know stays as the client
/// says it, if it does.
fn context(session: &Session) -> Value {
    let mut context = session.context.read();
    for name in ["language", "language_codes"] {
        context.entry(name).or_insert_with(|| json!([]));
    }
    context.entry("ip").or_insert(Value::Null);
    if !session.languages.is_empty() {
        context.insert("language_codes".to_owned(), json!(session.languages));
    }
    if let Some(ip) = &session.ip {
        context.insert("ip".to_owned(), json!(ip));
    }
    Value::Object(context)
}

fn read(json: &Json) -> Value {
    Value::Object(json.read())
}
