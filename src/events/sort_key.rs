//! In which order events lie in files: person by person, as they happened.
//!
//! Lines are put in order before DuckDB has them: it would carry every column of every row through its sort, a
//! fourth of what a flush takes, where five of them say where a row belongs.

use std::borrow::Cow;

use memchr::memchr;
use serde::Deserialize;

use crate::model::Time;

/// What files are sorted by. Keys compare as `ORDER BY profile_id, time, received_at, position NULLS FIRST, id` does:
/// whoever is nobody comes last, and what was received at no time; texts are compared by their bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey<'a> {
    is_nobody: bool,
    profile_id: Cow<'a, str>,
    /// When it happened.
    pub time: Time,
    received_at: Time,
    position: Option<i64>,
    id: Cow<'a, str>,
}

/// The same as a line has it.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow, default)]
    received_at: Option<Cow<'a, str>>,
    #[serde(default)]
    position: Option<i64>,
    #[serde(borrow, default)]
    profile_id: Option<Cow<'a, str>>,
}

impl<'a> SortKey<'a> {
    /// Of a line of the tail.
    ///
    /// # Errors
    /// When it is not such a line.
    pub fn of(line: &'a str) -> Result<Self, serde_json::Error> {
        let Said { id, time, received_at, position, profile_id } = match early(line) {
            Some(said) => said,
            None => serde_json::from_str(line)?,
        };
        let moment = |text: &str| {
            let none = || serde::de::Error::custom("its time is none");
            Time::parse(text).ok_or_else(none)
        };
        Ok(Self {
            is_nobody: profile_id.is_none(),
            profile_id: profile_id.unwrap_or_default(),
            time: moment(&time)?,
            received_at: received_at.map_or(Ok(Time::END), |text| moment(&text))?,
            position,
            id,
        })
    }
}

/// What stands before all objects, in the order in which lines are written here, and without escapes: found without
/// reading the rest. None of a line that is otherwise.
fn early(line: &str) -> Option<Said<'_>> {
    let (id, rest) = text(line, "{\"id\":\"")?;
    let (_, rest) = text(rest, ",\"type\":\"")?;
    let (_, rest) = text(rest, ",\"name\":\"")?;
    let (time, rest) = text(rest, ",\"time\":\"")?;
    let (received_at, rest) = text(rest, ",\"received_at\":\"")?;
    let rest = rest.strip_prefix(",\"position\":")?;
    let (position, mut rest) = rest.split_at_checked(memchr(b',', rest.as_bytes())?)?;
    for other in [",\"client_time\":\"", ",\"source_id\":\"", ",\"session_id\":\""] {
        rest = text(rest, other).map_or(rest, |(_, rest)| rest);
    }
    let (profile_id, _) = text(rest, ",\"profile_id\":\"")?;
    Some(Said {
        id: id.into(),
        time: time.into(),
        received_at: Some(received_at.into()),
        position: Some(position.parse().ok()?),
        profile_id: Some(profile_id.into()),
    })
}

/// The text that follows `key`, where that comes next, and what follows it. None of one with escapes.
fn text<'a>(rest: &'a str, key: &str) -> Option<(&'a str, &'a str)> {
    let begun = rest.strip_prefix(key)?;
    let (text, rest) = begun.split_at_checked(memchr(b'"', begun.as_bytes())?)?;
    let is_plain = memchr(b'\\', text.as_bytes()).is_none();
    is_plain.then_some((text, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(line: &str) -> SortKey<'_> {
        SortKey::of(line).unwrap()
    }

    const LINE: &str = r#"{"id":"e1","type":"page-view","name":"Page","time":"2026-01-02T03:04:05.000006Z","received_at":"2026-01-02T03:04:06.000000Z","position":3,"source_id":"shop","session_id":"s","profile_id":"p1","valid":true,"properties":{"profile_id":"p2"}}"#;

    #[test]
    fn what_stands_early_is_what_the_whole_line_says() {
        let whole: Said<'_> = serde_json::from_str(LINE).unwrap();
        let said = early(LINE).unwrap();
        assert_eq!((said.id, said.time), (whole.id, whole.time));
        assert_eq!((said.received_at, said.position), (whole.received_at, whole.position));
        assert_eq!(said.profile_id, whole.profile_id);
        assert_eq!(key(LINE).profile_id, "p1");
    }

    #[test]
    fn what_stands_elsewhere_or_with_escapes_is_read_as_json() {
        let nobody = LINE.replace(r#""profile_id":"p1","#, "");
        assert!(early(&nobody).is_none());
        assert!(key(&nobody).is_nobody, "what clients write in objects is not theirs");
        let escaped = LINE.replace(r#""id":"e1""#, r#""id":"e\"1""#);
        assert_eq!(key(&escaped).id, "e\"1");
        let named = LINE.replace(r#""name":"Page""#, r#""name":"\",\"time\":\"{""#);
        assert_eq!(key(&named), key(LINE));
        let before = LINE.replace(r#""position":3,"#, "");
        assert_eq!(key(&before).position, None);
        let behind = r#"{"id":"a","properties":{"x":1},"time":"2026-01-02T03:04:05Z","received_at":"2026-01-02T03:04:05Z"}"#;
        assert_eq!(key(behind).time.to_string(), "2026-01-02T03:04:05Z");
        for none in ["", "{", "[]", r#"{"id":"a"}"#, &LINE.replace("2026-01-02T03:04:05", "x")] {
            assert!(SortKey::of(none).is_err(), "{none}");
        }
    }

    #[test]
    fn keys_compare_by_person_then_time_and_nobody_comes_last() {
        let of = |profile: &str, second: u32, position: &str, id: &str| {
            format!(
                r#"{{"id":"{id}","time":"2026-01-02T03:04:{second:02}Z","received_at":"2026-01-02T03:05:00Z"{position}{profile}}}"#
            )
        };
        let sorted = [
            of(r#","profile_id":"Z""#, 9, "", "z"),
            of(r#","profile_id":"a""#, 1, "", "z"),
            of(r#","profile_id":"a""#, 1, r#","position":-1"#, "z"),
            of(r#","profile_id":"a""#, 1, r#","position":2"#, "a"),
            of(r#","profile_id":"a""#, 1, r#","position":2"#, "b"),
            of(r#","profile_id":"a""#, 2, r#","position":1"#, "a"),
            of(r#","profile_id":"é""#, 0, "", "a"),
            of("", 0, "", "a"),
        ];
        let keys: Vec<SortKey<'_>> = sorted.iter().map(|line| key(line)).collect();
        assert!(keys.is_sorted_by(|one, other| one < other), "{keys:?}");
    }

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
            assert_eq!(SortKey::of(&line).ok().map(|key| key.time), Time::parse(told), "{line}");
        }
        assert!(
            SortKey::of(r#"{"id":"1","properties":{"a":1,"time":"2026-01-02T03:04:05Z"}}"#)
                .is_err()
        );
        assert!(SortKey::of(r#"{"id":"1","time":"2026"#).is_err());
    }
}
