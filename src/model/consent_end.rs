//! Until when a consent was given, as those who send consents write it.

use serde_json::Value;

use super::{Time, Zone};

/// The end of a grant. Every reader of one asks here: what one of them takes for an end, and another for none,
/// would be granted in one place and denied in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentEnd {
    /// None was said: it holds until it is taken back.
    Open,
    /// At this moment.
    At(Time),
    /// One was said that nobody can read. No open end: whoever wrote it meant one.
    Unreadable,
}

impl ConsentEnd {
    /// What stands at `revoke`: a time as events have it (docs/wire.md §1.5), or nothing.
    #[must_use]
    pub fn of(revoke: Option<&Value>) -> Self {
        let until = match revoke {
            None | Some(Value::Null) => return Self::Open,
            Some(Value::String(text)) => Time::read(text, Some(&Zone::utc())),
            Some(Value::Number(number)) => Time::read_number(number.as_str()),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        };
        until.map_or(Self::Unreadable, Self::At)
    }

    /// Whether what ends like this holds no more. Words that older builds have kept may have ends that cannot
    /// be read; those are over.
    #[must_use]
    pub fn is_over(self, now: Time) -> bool {
        match self {
            Self::Open => false,
            Self::At(until) => until <= now,
            Self::Unreadable => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_end_that_nobody_can_read_is_no_open_end() {
        let now = Time::read("2026-01-05T10:00:00Z", None).unwrap();
        let of = |revoke: Value| ConsentEnd::of(Some(&revoke));
        assert!(!of(json!(null)).is_over(now) && !ConsentEnd::of(None).is_over(now));
        for end in [
            json!("2030-01-01"),
            json!("2026-01-05 10:00:01"),
            json!(1_893_456_000),
            json!("+275760-09-13T00:00:00.000Z"),
            json!(253_402_300_800_000_u64),
        ] {
            assert!(matches!(of(end.clone()), ConsentEnd::At(_)) && !of(end).is_over(now));
        }
        assert!(of(json!("2026-01-05T10:00:00Z")).is_over(now));
        for odd in [
            json!("30d"),
            json!("P30D"),
            json!("01.01.2020"),
            json!("2020-01"),
            json!(""),
            json!(-5),
            // Of microseconds: as milliseconds it would be no end at all.
            json!(1_767_607_200_000_000_u64),
            json!(true),
            json!(false),
            json!({}),
            json!(["2030-01-01"]),
        ] {
            assert_eq!(of(odd.clone()), ConsentEnd::Unreadable, "{odd}");
            assert!(of(odd).is_over(now));
        }
    }
}
