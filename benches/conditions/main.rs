//! What it takes to hold a condition against an event and a profile, in nanoseconds.
//!
//! `cargo bench --bench conditions`
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use kith::conditions::{Documents, Language, parse};
use kith::model::{Map, Time};
use serde_json::json;

/// Times that each condition is held before the clock is looked at.
const TIMES: u32 = 1_000_000;
/// Rounds; the median counts.
const ROUNDS: usize = 7;

const CONDITIONS: [(&str, &str); 4] = [
    ("a text", "profile@traits.plan = \"pro\""),
    ("a number", "event@properties.price >= 10"),
    ("a time", "datetime(profile@traits.since) < now.offset(\"-1d\")"),
    (
        "four of them",
        "event@type = \"order\" AND event@properties.price >= 10 AND profile@traits.plan IN \
         [\"team\", \"pro\"] AND NOT profile@data.contact.email.main EMPTY",
    ),
];

fn main() {
    let map = |value: serde_json::Value| -> Map { value.as_object().cloned().unwrap() };
    let event = map(json!({"type": "order", "properties": {"price": 12.5, "product": "p-7"}}));
    let profile = map(json!({
        "traits": {"plan": "pro", "since": "2025-03-01T10:00:00Z"},
        "data": {"contact": {"email": {"main": "ann@example.com"}}},
    }));
    let now = Time::from_micros(1_767_607_200_000_000);
    let facts =
        Documents { event: Some(&event), profile: Some(&profile), now, ..Documents::default() };
    println!("| condition | reading it, ns | holding it, ns |\n|---|---|---|");
    for (name, text) in CONDITIONS {
        let condition = parse(Language::Rules, text).unwrap();
        assert!(condition.holds(&facts), "{name}");
        let read = median(TIMES / 10, || parse(Language::Rules, black_box(text)).is_ok());
        let held = median(TIMES, || black_box(&condition).holds(black_box(&facts)));
        println!("| {name} | {read:.0} | {held:.0} |");
    }
}

/// Nanoseconds of one call.
fn median(times: u32, call: impl Fn() -> bool) -> f64 {
    let round = |_| {
        let start = Instant::now();
        (0..times).for_each(|_| assert!(call()));
        start.elapsed()
    };
    let mut rounds: Vec<Duration> = (0..ROUNDS).map(round).collect();
    rounds.sort();
    rounds[ROUNDS / 2].as_secs_f64() * 1e9 / f64::from(times)
}
