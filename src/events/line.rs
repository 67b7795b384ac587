//! An event as one line of JSON: the columns of history, absent ones left out.

use serde::{Deserialize, Serialize};

use super::digits::would_be_lost;
use crate::model::{Event, Json, Time};

/// The stored shape of an event. Its keys are the names of `COLUMNS`, plus `request` and
/// `config`, which the wire has and history should not lose. `id` comes first: search relies on it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    #[serde(serialize_with = "text")]
    time: Time,
    #[serde(serialize_with = "text")]
    received_at: Time,
    position: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_time: Option<Text>,
    source_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_id: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_brand: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_medium: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_campaign: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_term: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer_host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer_kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    journey: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    valid: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    debug: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bot: bool,
}

/// A moment as text.
#[derive(Debug)]
struct Text(Time);

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        text(&self.0, serializer)
    }
}

impl<'a> From<&'a Event> for Line<'a> {
    fn from(event: &'a Event) -> Self {
        let (device, os, app) = (&event.client.device, &event.client.os, &event.client.app);
        let utm = &event.utm;
        Self {
            id: event.id.as_str(),
            kind: &event.kind,
            name: &event.name,
            time: event.time,
            received_at: event.received_at,
            position: event.position,
            client_time: event.client_time.map(Text),
            source_id: event.source.as_str(),
            session_id: event.session.as_ref().map(crate::model::Id::as_str),
            profile_id: event.profile.as_ref().map(crate::model::Id::as_str),
            channel: &event.channel,
            ip: event.ip.as_deref(),
            device_type: device.kind,
            device_brand: device.brand.as_deref(),
            device_model: device.model.as_deref(),
            os_name: os.name.as_deref(),
            os_version: os.version.as_deref(),
            app_name: app.name.as_deref(),
            app_version: app.version.as_deref(),
            app_language: app.language.as_deref(),
            country: event.geo.country_code.as_deref().or(event.geo.country_name.as_deref()),
            city: event.geo.city.as_deref(),
            utm_source: utm.source.as_deref(),
            utm_medium: utm.medium.as_deref(),
            utm_campaign: utm.campaign.as_deref(),
            utm_term: utm.term.as_deref(),
            utm_content: utm.content.as_deref(),
            page_url: event.hit.url.as_deref(),
            page_path: event.hit.path.as_deref(),
            page_title: event.hit.title.as_deref(),
            referrer_host: event.hit.referrer_host.as_deref(),
            referrer_kind: event.hit.referrer.as_ref().map(|referrer| referrer.kind.as_str()),
            referrer_name: event.hit.referrer.as_ref().and_then(|one| one.name.as_deref()),
            journey: event.journey.as_deref(),
            tags: &event.tags,
            valid: event.valid,
            warnings: event.warnings.iter().map(|warning| warning.code).collect(),
            debug: event.debug,
            bot: app.bot,
        }
    }
}

/// When the event of `line` happened.
///
/// # Errors
/// When it is not such a line.
pub fn time_of(line: &str) -> Result<Time, serde_json::Error> {
    #[derive(Deserialize)]
    struct When<'a> {
        time: &'a str,
    }
    let time = match early_time(line) {
        Some(time) => time,
        None => serde_json::from_str::<When<'_>>(line)?.time,
    };
    Time::parse(time).ok_or_else(|| serde::de::Error::custom("its time is none"))
}

/// The time where it stands before all objects, as it does in lines that are written here: found without reading
/// the rest. In a text its quotes would be escaped.
fn early_time(line: &str) -> Option<&str> {
    const KEY: &[u8] = b",\"time\":\"";
    let at = memchr::memmem::find(line.as_bytes(), KEY)?;
    if memchr::memchr(b'{', line.as_bytes().get(1..at)?).is_some() {
        return None;
    }
    let begun = line.get(at + KEY.len()..)?;
    begun.get(..memchr::memchr(b'"', begun.as_bytes())?)
}

fn text<S: serde::Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

/// Appends the event's line, without the line feed. The objects that we only carry come last and
/// are copied as they are: they were found well formed when they came in, and reading them again
/// would be a third of the work.
pub(super) fn write(event: &Event, lines: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    serde_json::to_writer(&mut *lines, &Line::from(event))?;
    // Off with the closing brace; it comes back at the end.
    lines.pop();
    column("properties", &event.properties, lines)?;
    for (name, json) in
        [("context", &event.context), ("request", &event.request), ("config", &event.config)]
    {
        if !json.is_empty() {
            column(name, json, lines)?;
        }
    }
    for (name, map) in [("traits", &event.traits), ("data", &event.data)] {
        if !map.is_empty() {
            column(name, &Json::from_map(map), lines)?;
        }
    }
    lines.push(b'}');
    Ok(())
}

/// As it is, or as a text where a reader with floats would change a number: nodes of before let DuckDB read lines,
/// and may be beside this one.
fn column(name: &str, json: &Json, lines: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    lines.extend_from_slice(b",\"");
    lines.extend_from_slice(name.as_bytes());
    lines.extend_from_slice(b"\":");
    let text = json.as_str();
    if would_be_lost(text.as_bytes()) {
        return serde_json::to_writer(lines, text);
    }
    lines.extend_from_slice(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_found_wherever_it_stands() {
        let told = "2026-01-02T03:04:05Z";
        for line in [
            r#"{"id":"1","time":"TOLD","properties":{"time":"no"}}"#,
            r#"{"id":"1","properties":{"a":1,"time":"no"},"time":"TOLD"}"#,
            r#"{"id":",\"time\":\"no","time":"TOLD"}"#,
            r#"{"id":"{","time":"TOLD"}"#,
        ] {
            let line = line.replace("TOLD", told);
            assert_eq!(time_of(&line).ok(), Time::parse(told), "{line}");
        }
        assert!(
            time_of(r#"{"id":"1","properties":{"a":1,"time":"2026-01-02T03:04:05Z"}}"#).is_err()
        );
        assert!(time_of(r#"{"id":"1","time":"2026"#).is_err());
    }
}
