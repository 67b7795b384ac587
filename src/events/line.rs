//! An event as one line of JSON: the columns of history, absent ones left out.

use std::io::Write as _;

use super::digits::would_be_lost;
use crate::model::{Event, Json, Time};

/// A line that is being written. Its keys are the names of `COLUMNS`. It is written key by key: most are absent, and
/// a line is written for every event there is.
struct Line<'a>(&'a mut Vec<u8>);

impl Line<'_> {
    fn key(&mut self, key: &str) {
        self.0.extend_from_slice(b",\"");
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn text(&mut self, key: &str, text: &str) -> Result<(), serde_json::Error> {
        self.key(key);
        quote(text, self.0)
    }

    /// Nothing where there is none.
    fn texts<const N: usize>(
        &mut self,
        texts: [(&str, Option<&str>); N],
    ) -> Result<(), serde_json::Error> {
        for (key, text) in texts {
            if let Some(text) = text {
                self.text(key, text)?;
            }
        }
        Ok(())
    }

    fn time(&mut self, key: &str, time: Time) {
        self.key(key);
        self.0.push(b'"');
        // Into memory: it cannot fail.
        drop(write!(self.0, "{time}"));
        self.0.push(b'"');
    }

    fn list<'b>(
        &mut self,
        key: &str,
        texts: impl ExactSizeIterator<Item = &'b str>,
    ) -> Result<(), serde_json::Error> {
        if texts.len() == 0 {
            return Ok(());
        }
        self.key(key);
        for (at, text) in texts.enumerate() {
            self.0.push(if at == 0 { b'[' } else { b',' });
            quote(text, self.0)?;
        }
        self.0.push(b']');
        Ok(())
    }

    /// What is false is left out.
    fn flag(&mut self, key: &str, is_set: bool) {
        if is_set {
            self.key(key);
            self.0.extend_from_slice(b"true");
        }
    }
}

/// A text of JSON. Most texts need no escapes.
fn quote(text: &str, lines: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    if has_escapes(text.as_bytes()) {
        return serde_json::to_writer(lines, text);
    }
    lines.push(b'"');
    lines.extend_from_slice(text.as_bytes());
    lines.push(b'"');
    Ok(())
}

/// Whether JSON escapes any letter of it. All are looked at, without a branch for each: that is sooner than to stop at
/// the first.
fn has_escapes(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return text.iter().any(|byte| *byte < b' ' || [b'"', b'\\'].contains(byte));
    };
    let (chunks, _) = text.as_chunks();
    chunks.iter().fold(any_escaped(*last), |any, chunk| any | any_escaped(*chunk))
}

/// The same of eight at once: a byte below another borrows from its highest bit.
const fn any_escaped(bytes: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = EACH << 7;
    let all = u64::from_le_bytes(bytes);
    let (quotes, slashes) = (all ^ (EACH * b'"' as u64), all ^ (EACH * b'\\' as u64));
    let controls = all.wrapping_sub(EACH * b' ' as u64) & !all;
    let quotes = quotes.wrapping_sub(EACH) & !quotes;
    let slashes = slashes.wrapping_sub(EACH) & !slashes;
    (controls | quotes | slashes) & HIGHEST != 0
}

/// Appends the event's line, without the line feed: `id` first, since search relies on it. The objects that we
/// only carry come last and are copied as they are: they were found well formed when they came in, and reading
/// them again would be a third of the work.
pub(super) fn write(
    event: &Event,
    seen: &mut Seen,
    lines: &mut Vec<u8>,
) -> Result<(), serde_json::Error> {
    lines.extend_from_slice(b"{\"id\":");
    quote(event.id.as_str(), lines)?;
    let mut line = Line(lines);
    happened(event, &mut line)?;
    around(event, &mut line)?;
    told(event, &mut line)?;
    let is_lost = |json: &Json| would_be_lost(json.as_str().as_bytes());
    column("properties", &event.properties, is_lost(&event.properties), lines)?;
    if !event.context.is_empty() {
        column("context", &event.context, seen.would_be_lost(&event.context), lines)?;
    }
    for (name, json) in [("request", &event.request), ("config", &event.config)] {
        if !json.is_empty() {
            column(name, json, is_lost(json), lines)?;
        }
    }
    for (name, map) in [("traits", &event.traits), ("data", &event.data)] {
        if !map.is_empty() {
            let json = Json::from_map(map);
            column(name, &json, is_lost(&json), lines)?;
        }
    }
    lines.push(b'}');
    Ok(())
}

/// What, when and whose.
fn happened(event: &Event, line: &mut Line<'_>) -> Result<(), serde_json::Error> {
    line.text("type", &event.kind)?;
    line.text("name", &event.name)?;
    line.time("time", event.time);
    line.time("received_at", event.received_at);
    line.key("position");
    // Into memory: it cannot fail.
    drop(write!(line.0, "{}", event.position));
    if let Some(time) = event.client_time {
        line.time("client_time", time);
    }
    line.text("source_id", event.source.as_str())?;
    line.texts([
        ("session_id", event.session.as_ref().map(crate::model::Id::as_str)),
        ("profile_id", event.profile.as_ref().map(crate::model::Id::as_str)),
        ("channel", Some(event.channel.as_str()).filter(|channel| !channel.is_empty())),
    ])
}

/// Where from, on what and by which way.
fn around(event: &Event, line: &mut Line<'_>) -> Result<(), serde_json::Error> {
    let (device, os, app) = (&event.client.device, &event.client.os, &event.client.app);
    let (utm, hit) = (&event.utm, &event.hit);
    let referrer = hit.referrer.as_ref();
    line.texts([
        ("ip", event.ip.as_deref()),
        ("device_type", device.kind),
        ("device_brand", device.brand.as_deref()),
        ("device_model", device.model.as_deref()),
        ("os_name", os.name.as_deref()),
        ("os_version", os.version.as_deref()),
        ("app_name", app.name.as_deref()),
        ("app_version", app.version.as_deref()),
        ("app_language", app.language.as_deref()),
        ("country", event.geo.country_code.as_deref().or(event.geo.country_name.as_deref())),
        ("city", event.geo.city.as_deref()),
        ("utm_source", utm.source.as_deref()),
        ("utm_medium", utm.medium.as_deref()),
        ("utm_campaign", utm.campaign.as_deref()),
        ("utm_term", utm.term.as_deref()),
        ("utm_content", utm.content.as_deref()),
        ("page_url", hit.url.as_deref()),
        ("page_path", hit.path.as_deref()),
        ("page_title", hit.title.as_deref()),
        ("referrer_host", hit.referrer_host.as_deref()),
        ("referrer_kind", referrer.map(|referrer| referrer.kind.as_str())),
        ("referrer_name", referrer.and_then(|one| one.name.as_deref())),
    ])
}

/// What is said of it.
fn told(event: &Event, line: &mut Line<'_>) -> Result<(), serde_json::Error> {
    line.texts([("journey", event.journey.as_deref())])?;
    line.list("tags", event.tags.iter().map(String::as_str))?;
    line.key("valid");
    line.0.extend_from_slice(if event.valid { b"true" } else { b"false" });
    line.list("warnings", event.warnings.iter().map(|warning| warning.code))?;
    line.flag("debug", event.debug);
    line.flag("bot", event.client.app.bot);
    Ok(())
}

/// As it is, or as a text where a reader with floats would change a number: nodes of before let DuckDB read lines,
/// and may be beside this one.
fn column(
    name: &str,
    json: &Json,
    is_lost: bool,
    lines: &mut Vec<u8>,
) -> Result<(), serde_json::Error> {
    lines.extend_from_slice(b",\"");
    lines.extend_from_slice(name.as_bytes());
    lines.extend_from_slice(b"\":");
    let text = json.as_str();
    if is_lost {
        return serde_json::to_writer(lines, text);
    }
    lines.extend_from_slice(text.as_bytes());
    Ok(())
}

/// The context that was looked at last, and what was found: the events of a payload share theirs, and it is long.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(Option<(Json, bool)>);

impl Seen {
    /// [`would_be_lost`].
    fn would_be_lost(&mut self, json: &Json) -> bool {
        match &self.0 {
            Some((seen, is_lost)) if seen.is_same(json) => *is_lost,
            Some(_) | None => {
                let is_lost = would_be_lost(json.as_str().as_bytes());
                self.0 = Some((json.clone(), is_lost));
                is_lost
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_quoted_as_json_has_them(text in "([ -~]{0,12}[\"\\\\\0-\x20\x7f-\u{100}\u{2028}]?){0,4}") {
            let mut quoted = Vec::new();
            quote(&text, &mut quoted).unwrap();
            prop_assert_eq!(String::from_utf8(quoted).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn of_contexts_that_come_again_is_known_what_was_found() {
        let [lost, kept] =
            [r#"{"a":1.10}"#, r#"{"a":1.1}"#].map(|text| Json::compact(text, 9).unwrap());
        let mut seen = Seen::default();
        for (json, is_lost) in
            [(&lost, true), (&lost, true), (&kept, false), (&kept.clone(), false), (&lost, true)]
        {
            assert_eq!(seen.would_be_lost(json), is_lost);
        }
    }
}
