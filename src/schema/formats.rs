//! Formats: texts that are of a kind. Those of which Kith can tell; others say something to people alone.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Url;

use crate::model::is_uuid;

/// A format that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    DateTime,
    Date,
    Time,
    Email,
    Uri,
    Uuid,
    Ipv4,
    Ipv6,
}

/// Lengths of the parts of an address (RFC 5321).
const LOCAL_BYTES_MAX: usize = 64;
const ADDRESS_BYTES_MAX: usize = 254;

impl Format {
    const ALL: [(Self, &'static str); 8] = [
        (Self::DateTime, "date-time"),
        (Self::Date, "date"),
        (Self::Time, "time"),
        (Self::Email, "email"),
        (Self::Uri, "uri"),
        (Self::Uuid, "uuid"),
        (Self::Ipv4, "ipv4"),
        (Self::Ipv6, "ipv6"),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(one, _)| *one)
    }

    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("text", |(_, name)| name)
    }

    pub(super) fn has(self, text: &str) -> bool {
        match self {
            Self::DateTime => is_date_time(text),
            Self::Date => is_date(text),
            Self::Time => is_time(text),
            Self::Email => is_email(text),
            Self::Uri => {
                text.is_ascii() && !text.contains([' ', '<', '>', '"']) && Url::parse(text).is_ok()
            }
            Self::Uuid => is_uuid(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
        }
    }
}

/// RFC 3339: with an offset.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else { return false };
    is_date(date) && is_time(time)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.is_ascii() && text.parse::<jiff::civil::Date>().is_ok()
}

/// `10:00:00Z`, `10:00:00.5+02:00`.
fn is_time(text: &str) -> bool {
    let Some((clock, offset)) = text.is_ascii().then(|| text.split_at_checked(8)).flatten() else {
        return false;
    };
    let is_clock = |text: &str| {
        text.bytes().filter(|byte| *byte == b':').count() == 2
            && text.parse::<jiff::civil::Time>().is_ok()
    };
    let offset = match offset.strip_prefix('.') {
        Some(rest) => {
            let more = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
            if more.len() == rest.len() {
                return false;
            }
            more
        }
        None => offset,
    };
    is_clock(clock) && minutes(offset).is_some_and(|offset| is_second(clock, offset))
}

/// A minute has a second more only where a day ends in UTC.
fn is_second(clock: &str, offset: i32) -> bool {
    let is_leap = clock.ends_with(":60");
    let minute =
        || two(clock.get(..2)?, 24)?.checked_mul(60)?.checked_add(two(clock.get(3..5)?, 60)?);
    !is_leap || minute().is_some_and(|minute| (minute - offset).rem_euclid(1440) == 1439)
}

/// How far an offset is from UTC.
fn minutes(offset: &str) -> Option<i32> {
    if ["Z", "z"].contains(&offset) {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.strip_prefix(['+', '-'])?.split_once(':')?;
    Some(sign * (two(hours, 24)? * 60 + two(minutes, 60)?))
}

/// A number of two digits below `end`.
fn two(text: &str, end: i32) -> Option<i32> {
    let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_two && *number < end)
}

fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '@';
    let is_label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    text.len() <= ADDRESS_BYTES_MAX
        && (1..=LOCAL_BYTES_MAX).contains(&local.len())
        && local.chars().all(is_plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && host.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '.')
        && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart() {
        for (format, good, bad) in [
            (Format::DateTime, "2026-01-05T10:00:00.5+02:00", "2026-01-05T10:00:00"),
            (Format::Date, "2026-02-28", "2026-02-30"),
            (Format::Time, "10:00:00Z", "25:00:00Z"),
            (Format::Time, "01:29:60+01:30", "23:59:60+01:30"),
            (Format::Email, "ann@shop.example", "ann@@shop.example"),
            (Format::Uri, "https://shop.example/a?b", "/a?b"),
            (
                Format::Uuid,
                "0190a2b4-6f60-7000-8000-000000000000",
                "0190a2b46f60700080000000000000000000",
            ),
            (Format::Ipv4, "192.0.2.1", "192.0.2.256"),
            (Format::Ipv6, "2001:db8::1", "2001:db8::1::"),
        ] {
            assert!(format.has(good), "{good}");
            assert!(!format.has(bad), "{bad}");
        }
    }
}
