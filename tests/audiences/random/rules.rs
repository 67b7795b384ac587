//! Audiences by their conditions, and what each means of somebody's events, counted plainly.

use serde_json::{Value, json};

use super::{MINUTE, Sent};

/// Audiences by their conditions, and what each means of somebody's events.
pub(super) type Recount = fn(&[&Sent], i64) -> bool;

pub(super) fn many(events: &[&Sent], kind: &str, since: i64, price: u64) -> usize {
    let is_one = |sent: &&&Sent| sent.kind == kind && sent.at > since && sent.price >= price;
    events.iter().filter(is_one).count()
}

/// When something was done first or last, and its price. What happened at one moment stands as it was sent.
fn at_one_end(events: &[&Sent], kind: &str, last: bool) -> Option<(i64, u64)> {
    let place = |sent: &&Sent| (sent.at, sent.place);
    let events = of_kind(events, kind);
    let end = if last { events.max_by_key(place) } else { events.min_by_key(place) };
    end.map(|sent| (sent.at, sent.price))
}

fn of_kind<'a>(events: &'a [&'a Sent], kind: &'a str) -> impl Iterator<Item = &'a Sent> + Clone {
    events.iter().copied().filter(move |sent| sent.kind == kind)
}

/// What events come to that each count half after so many minutes.
fn halved<'a>(events: impl Iterator<Item = &'a Sent>, now: i64, minutes: i64) -> f64 {
    let share = |sent: &Sent| (-((now - sent.at) as f64) / (minutes * MINUTE) as f64).exp2();
    (events.map(share).sum::<f64>() * 1e6).round() / 1e6
}

/// Traits that are worked out.
pub(super) fn traits() -> [Value; 7] {
    let of_b = |id: &str, function: &str, rest: Value| {
        let mut posted = json!({"id": id, "function": function, "event_type": "b"});
        posted.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        posted
    };
    [
        of_b("spent", "sum", json!({"of": "properties.price", "within": "1h"})),
        of_b("paid", "sum", json!({"of": "properties.price"})),
        of_b("bs", "count", json!({})),
        of_b("likes", "interests", json!({"of": "properties.sort", "half_life": "30m"})),
        of_b(
            "rfm",
            "rfm",
            json!({"of": "properties.price",
            "marks": {"recency": ["30m", "2h"], "frequency": [2, 4], "monetary": [10]}}),
        ),
        json!({"id": "heat", "function": "halving", "event_type": "a", "half_life": "1h"}),
        json!({"id": "per", "function": "formula",
            "formula": "coalesce(computed.paid, 0) / max(computed.bs, 1)"}),
    ]
}

pub(super) const RULES: [(&str, &str, Recount); 19] = [
    ("generous", "profile@computed.per >= 4", |events, _| {
        let prices: Vec<u64> = of_kind(events, "b").map(|sent| sent.price).collect();
        prices.iter().sum::<u64>() >= 4 * prices.len().max(1) as u64
    }),
    ("hot", "profile@computed.heat >= 1.5", |events, now| {
        halved(of_kind(events, "a"), now, 60) >= 1.5
    }),
    ("fond", "profile@computed.likes.even > 0.8", |events, now| {
        halved(of_kind(events, "b").filter(|sent| sent.price % 2 == 0), now, 30) > 0.8
    }),
    ("lively", "profile@computed.rfm STARTS WITH \"32\"", |events, now| {
        let last = of_kind(events, "b").map(|sent| sent.at).max();
        let many = of_kind(events, "b").count();
        last.is_some_and(|at| now < at + 30 * MINUTE) && (2..4).contains(&many)
    }),
    ("dear", "DID LAST \"b\" WITH (event@properties.price >= 5) WITHIN 3h", |events, now| {
        at_one_end(events, "b", true)
            .is_some_and(|(at, price)| at > now - 180 * MINUTE && price >= 5)
    }),
    ("began", "DID FIRST \"b\" WITH (event@properties.price >= 5)", |events, _| {
        at_one_end(events, "b", false).is_some_and(|(_, price)| price >= 5)
    }),
    (
        "followed",
        "DID \"a\" THEN WITHIN 40m \"b\" WHERE (event@properties.price >= 3) WITHIN 2h",
        |events, now| {
            let follows = |a: &Sent, b: &Sent| a.at <= b.at && b.at < a.at + 40 * MINUTE;
            of_kind(events, "a")
                .filter(|a| a.at > now - 120 * MINUTE)
                .any(|a| of_kind(events, "b").any(|b| b.price >= 3 && follows(a, b)))
        },
    ),
    ("thrice", "DID \"a\" THEN \"a\" THEN \"b\" WITHIN 4h", |events, now| {
        let all: Vec<&Sent> = of_kind(events, "a").filter(|a| a.at > now - 240 * MINUTE).collect();
        all.iter().enumerate().any(|(at, one)| {
            all.iter().enumerate().any(|(other_at, other)| {
                at != other_at
                    && one.at <= other.at
                    && of_kind(events, "b").any(|b| other.at <= b.at)
            })
        })
    }),
    ("again", "DID \"a\" THEN \"a\" THEN \"a\" WITHIN 4h", |events, now| {
        many(events, "a", now - 240 * MINUTE, 0) >= 3
    }),
    ("unanswered", "DID \"a\" THEN NOT WITHIN 30m \"b\" WITHIN 3h", |events, now| {
        of_kind(events, "a").any(|a| {
            let until = a.at + 30 * MINUTE;
            let answered = of_kind(events, "b").any(|b| a.at <= b.at && b.at < until);
            a.at > now - 180 * MINUTE && until <= now && !answered
        })
    }),
    ("often", "DID \"a\" AT LEAST 2 TIMES WITHIN 1h", |events, now| {
        many(events, "a", now - 60 * MINUTE, 0) >= 2
    }),
    (
        "few",
        "DID \"b\" WHERE (event@properties.price >= 5) AT MOST 1 TIMES WITHIN 2h",
        |events, now| many(events, "b", now - 120 * MINUTE, 5) <= 1,
    ),
    ("asleep", "DID NOT \"a\" WITHIN 30m AND DID \"b\"", |events, now| {
        many(events, "a", now - 30 * MINUTE, 0) == 0 && many(events, "b", 0, 0) > 0
    }),
    ("only_b", "DID \"b\" WITHIN 50m AND NOT DID \"a\" WITHIN 90m", |events, now| {
        many(events, "b", now - 50 * MINUTE, 0) > 0 && many(events, "a", now - 90 * MINUTE, 0) == 0
    }),
    ("neither", "DID NOT \"a\" WITHIN 20m AND DID NOT \"b\" WITHIN 45m", |events, now| {
        many(events, "a", now - 20 * MINUTE, 0) + many(events, "b", now - 45 * MINUTE, 0) == 0
    }),
    (
        "turned",
        "NOT (DID \"a\" WITHIN 1h AND (DID NOT \"b\" WHERE (event@properties.price >= 5) WITHIN 30m OR DID \"a\" AT MOST 2 TIMES))",
        |events, now| {
            let is_other =
                many(events, "b", now - 30 * MINUTE, 5) == 0 || many(events, "a", 0, 0) <= 2;
            !(many(events, "a", now - 60 * MINUTE, 0) > 0 && is_other)
        },
    ),
    ("three", "DID \"a\" EXACTLY 3 TIMES", |events, _| many(events, "a", 0, 0) == 3),
    ("spender", "profile@computed.spent >= 10 AND NOT IN AUDIENCE \"three\"", |events, now| {
        let lately = events.iter().filter(|sent| sent.kind == "b" && sent.at > now - 60 * MINUTE);
        lately.map(|sent| sent.price).sum::<u64>() >= 10 && many(events, "a", 0, 0) != 3
    }),
    ("either", "IN AUDIENCE \"often\" OR IN AUDIENCE \"asleep\"", |events, now| {
        let often = many(events, "a", now - 60 * MINUTE, 0) >= 2;
        often || (many(events, "a", now - 30 * MINUTE, 0) == 0 && many(events, "b", 0, 0) > 0)
    }),
];
