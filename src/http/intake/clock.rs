//! What the sender's clock shows: whether it is right, and what to do about it when it is not.

use std::borrow::Cow;
use std::time::Duration;

use crate::model::{Time, Zone};

/// Says when a request was sent.
pub(super) const HEADER: &str = "x-timestamp";
/// Zones are apart by quarters of an hour, and by no more than these.
const QUARTER_MICROS: i64 = 15 * 60 * SECOND_MICROS;
const QUARTERS_MAX: i64 = 14 * 4;
/// A request is under way for less than this.
const UNDER_WAY_MICROS: i64 = 60 * SECOND_MICROS;
const SECOND_MICROS: i64 = 1_000_000;
/// No event waits for longer with whoever sends it.
const WAITS_MICROS: i64 = 366 * 24 * 60 * 60 * SECOND_MICROS;

/// What a request says of when it was sent.
pub(super) struct Says<'a> {
    /// The payload's `sentAt`.
    pub(super) sent_at: Option<Time>,
    /// The header `x-timestamp`.
    pub(super) header: Option<&'a str>,
    /// `context.time.local`.
    pub(super) local: Option<Cow<'a, str>>,
    /// `context.time.tz`.
    pub(super) zone: Option<&'a Zone>,
}

/// How wrong the sender's clock is, by its own word of when the request was sent. What is merely old has
/// been sent by a clock that is right, and stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SenderClock {
    /// So far ahead of ours, in microseconds; none when it is right, as far as that can be told.
    ahead: Option<i64>,
}

/// When a payload was sent, and by which clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// When.
    pub(super) at: Time,
    /// By which clock.
    pub(super) clock: SenderClock,
}

impl Sent {
    /// It has just come.
    pub(super) fn now(says: &Says<'_>, received_at: Time, tolerance: Duration) -> Self {
        Self { at: received_at, clock: SenderClock::read(says, received_at, tolerance) }
    }

    /// It was recorded some time ago: its clock cannot be compared with ours any more.
    pub(super) fn before(says: &Says<'_>, received_at: Time) -> Self {
        let at = says.moment().filter(|said| *said <= received_at).unwrap_or(received_at);
        Self { at, clock: SenderClock { ahead: None } }
    }
}

impl SenderClock {
    /// Beyond `tolerance` it is wrong.
    fn read(says: &Says<'_>, received_at: Time, tolerance: Duration) -> Self {
        let tolerance = i64::try_from(tolerance.as_micros()).unwrap_or(i64::MAX);
        let ahead = says.ahead(received_at).filter(|ahead| ahead.saturating_abs() > tolerance);
        Self { ahead }
    }

    /// Whether it is wrong.
    pub(super) fn is_wrong(self) -> bool {
        self.ahead.is_some()
    }

    /// When it was that this clock showed `said`; none where another clock must have shown that.
    ///
    /// A client whose clock is decades ahead may send what a server has stamped. Moved by those decades that
    /// would be history from before there was any, or at least from before anything that still waits.
    pub(super) fn corrected(self, said: Time, received_at: Time) -> Option<Time> {
        let ahead = self.ahead.unwrap_or(0);
        let is_of_another = ahead > WAITS_MICROS && said <= received_at;
        let micros = said.micros().saturating_sub(ahead);
        (micros >= 0 && !is_of_another).then(|| Time::from_micros(micros))
    }
}

impl Says<'_> {
    /// When the sender's clock says that it was sent.
    fn moment(&self) -> Option<Time> {
        let local = || Time::read(self.local.as_deref()?, self.zone);
        self.sent_at.or_else(local)
    }

    /// How far the clock is ahead, as far as that was said. The payload's own word counts first. The header
    /// is of the very request, while a context may have waited with its payload.
    fn ahead(&self, received_at: Time) -> Option<i64> {
        let ahead = |sent: Time| sent.micros() - received_at.micros();
        if let Some(sent_at) = self.sent_at {
            return Some(ahead(sent_at));
        }
        let local = self.local.as_deref().and_then(|text| Time::read(text, self.zone)).map(ahead);
        let Some(header) = self.header.and_then(|text| Time::read(text, self.zone)).map(ahead)
        else {
            return local;
        };
        let fresh = local.filter(|local| is_under_way(self.as_in_utc(header - local, received_at)));
        Some(fresh.unwrap_or_else(|| self.as_in_utc(header, received_at)))
    }

    /// What of a difference is left when it may be that of a zone: the script of the reference shows what
    /// the visitor's clock shows as if that were UTC.
    fn as_in_utc(&self, difference: i64, received_at: Time) -> i64 {
        let zones = match self.zone {
            Some(zone) => zone.ahead(received_at),
            None => nearest_quarter(difference),
        };
        let all = [difference, difference - zones, difference + zones];
        let nearest =
            all.into_iter().min_by_key(|left| left.saturating_abs()).unwrap_or(difference);
        // Without a zone, only what is exactly one can be one.
        if self.zone.is_none() && !is_under_way(nearest) { difference } else { nearest }
    }
}

fn is_under_way(difference: i64) -> bool {
    difference.saturating_abs() <= UNDER_WAY_MICROS
}

/// The difference of zones that is next to this one.
fn nearest_quarter(difference: i64) -> i64 {
    let half = difference.signum() * QUARTER_MICROS / 2;
    let quarters = difference.saturating_add(half) / QUARTER_MICROS;
    quarters.clamp(-QUARTERS_MAX, QUARTERS_MAX) * QUARTER_MICROS
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_607_200_000_000;
    const HOUR: i64 = 3_600 * SECOND_MICROS;
    const DAY: i64 = 24 * HOUR;

    /// How far ahead the clock is taken to be that says these, each in microseconds from now.
    fn ahead(header: Option<i64>, local: Option<i64>, zone: Option<&str>) -> Option<i64> {
        let zone: Option<Zone> = zone.map(|name| name.parse().unwrap());
        let at = |by: i64| Time::from_micros(NOW + by);
        let header = header.map(|by| (at(by).micros() / 1_000).to_string());
        let says = Says {
            sent_at: None,
            header: header.as_deref(),
            local: local.map(|by| at(by).to_string().into()),
            zone: zone.as_ref(),
        };
        SenderClock::read(&says, at(0), Duration::from_secs(300)).ahead
    }

    #[test]
    fn a_clock_is_wrong_beyond_the_tolerance_only() {
        for right in [0, 299 * SECOND_MICROS, -300 * SECOND_MICROS] {
            assert_eq!(ahead(None, Some(right), None), None);
        }
        for wrong in [DAY, -DAY, 20 * DAY, HOUR, 301 * SECOND_MICROS] {
            assert_eq!(ahead(None, Some(wrong), None), Some(wrong));
            assert_eq!(ahead(Some(wrong), Some(wrong), None), Some(wrong));
            let warsaw = Some("Europe/Warsaw");
            assert_eq!(ahead(Some(wrong), Some(wrong), warsaw), Some(wrong));
            assert_eq!(ahead(Some(wrong + HOUR), Some(wrong), warsaw), Some(wrong), "shifted");
        }
        assert_eq!(ahead(Some(-DAY), None, None), Some(-DAY));
        assert_eq!(ahead(None, None, None), None);
    }

    #[test]
    fn a_header_that_shows_the_visitors_zone_is_right() {
        for (shift, zone) in
            [(HOUR, "Europe/Warsaw"), (-HOUR, "Europe/Warsaw"), (11 * HOUR / 2, "Asia/Kolkata")]
        {
            for zone in [None, Some(zone)] {
                assert_eq!(ahead(Some(shift), None, zone), None);
                assert_eq!(ahead(Some(shift), Some(0), zone), None);
            }
        }
        assert_eq!(ahead(Some(5 * HOUR), None, Some("Europe/Warsaw")), Some(4 * HOUR));
        assert_eq!(ahead(Some(7 * 60 * SECOND_MICROS), None, None), Some(7 * 60 * SECOND_MICROS));
    }

    #[test]
    fn what_another_clock_has_shown_is_not_moved() {
        let corrected = |ahead: i64, said: i64| {
            let clock = SenderClock { ahead: Some(ahead) };
            clock.corrected(Time::from_micros(NOW + said), Time::from_micros(NOW))
        };
        let at = |by: i64| Some(Time::from_micros(NOW + by));
        let year = 366 * DAY;
        // What waited, by a clock that is ahead by less than that, by as much, and that was never set.
        assert_eq!(corrected(DAY, -DAY), at(-2 * DAY));
        assert_eq!(corrected(year, -HOUR), at(-year - HOUR));
        assert_eq!(corrected(-year, -year - HOUR), at(-HOUR));
        // By a clock that is decades ahead, and shows so.
        assert_eq!(corrected(40 * year, 40 * year - HOUR), at(-HOUR));
        assert_eq!(corrected(40 * year, HOUR), at(HOUR - 40 * year));
        for ahead in [year + 1, 40 * year, 100 * year] {
            assert_eq!(corrected(ahead, -HOUR), None);
            assert_eq!(corrected(ahead, 0), None);
        }
        assert_eq!(corrected(100 * year, HOUR), None, "before 1970");
        assert_eq!(corrected(DAY, HOUR - NOW), None, "before 1970");
    }

    #[test]
    fn a_context_that_has_waited_is_not_the_clock_of_a_request() {
        for zone in [None, Some("Europe/Warsaw")] {
            assert_eq!(ahead(Some(0), Some(-DAY), zone), None);
            assert_eq!(ahead(Some(HOUR), Some(-DAY), zone), None);
        }
    }

    #[test]
    fn what_shows_no_moment_says_nothing() {
        for local in ["soon", "", "2026-01-04 10:00:00"] {
            let says =
                Says { sent_at: None, header: Some("x"), local: Some(local.into()), zone: None };
            assert_eq!(says.ahead(Time::from_micros(NOW)), None, "{local}");
        }
    }
}
