//! The reference's own questions about events (docs/wire.md §8.4), at their edges.

use serde_json::{Value, json};

use crate::support::TestApp;

/// Events of these types, each at so many hours before now.
fn app(sent: &[(&str, i64)]) -> TestApp {
    let app = TestApp::new();
    let now = app.app().clock.now().micros() / 1_000_000;
    let event = |(kind, hours): &(&str, i64)| json!({"type": kind, "time": {"insert": now - hours * 3_600}});
    // As many as a payload may have in tests.
    for some in sent.chunks(20) {
        let events: Vec<Value> = some.iter().map(event).collect();
        app.track(json!({"session": {"id": "s"}, "events": events})).ok();
    }
    app
}

/// How often each key counts, over all rows of a histogram, and that no event is counted twice or not at all.
#[track_caller]
fn counted(app: &TestApp, group_by: &str, asked: &Value) -> (usize, Vec<(String, u64)>) {
    let told = app.post(&format!("/event/select/histogram?group_by={group_by}"), asked).ok().body;
    let rows = told["result"].as_array().unwrap();
    let mut all = std::collections::BTreeMap::new();
    for row in rows {
        assert!(row["date"].is_string() && row["interval"].is_string(), "{told}");
        let numbers = row.as_object().unwrap().iter().filter(|(_, cell)| cell.is_number());
        for (key, count) in numbers {
            *all.entry(key.clone()).or_default() += count.as_u64().unwrap();
        }
    }
    assert_eq!(told["total"].as_u64(), Some(all.values().sum::<u64>()), "{told}");
    let mut buckets: Vec<&str> =
        told["buckets"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    buckets.sort_unstable();
    assert_eq!(buckets, all.keys().collect::<Vec<_>>());
    (rows.len(), all.into_iter().collect())
}

#[test]
fn a_value_may_be_called_as_a_key_of_its_row() {
    let sent =
        [("buy", 0), ("date", 0), ("interval", 24), ("date", 24), ("=date", 24), ("==dated", 0)];
    let app = app(&sent);
    let asked = json!({"where": "type IN ['buy', 'date', 'interval', '=date', '==dated']"});
    let (rows, told) = counted(&app, "type", &asked);
    let told: Vec<(&str, u64)> = told.iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(told, [("==date", 1), ("==dated", 1), ("=date", 2), ("=interval", 1), ("buy", 1)]);
    assert_eq!(rows, 2);
}

#[test]
fn a_value_that_is_called_other_is_none_of_the_rare_ones() {
    let rare: Vec<String> = (0..30).map(|number| format!("rare-{number}")).collect();
    let mut sent: Vec<(&str, i64)> = rare.iter().map(|kind| (kind.as_str(), 0)).collect();
    sent.extend([("other", 0); 3]);
    let app = app(&sent);
    let (_, told) = counted(&app, "type", &json!({"where": "type = 'rare-*' OR type = 'other'"}));
    let of = |key: &str| told.iter().find(|(told, _)| told == key).map(|(_, count)| *count);
    assert_eq!((of("=other"), of("other"), told.len()), (Some(3), Some(11), 21));
}

#[test]
fn a_page_past_the_last_event_is_empty() {
    let app = app(&[("x", 0), ("x", 1)]);
    let asked = json!({"where": "type = x"});
    for page in
        ["1", "4294967296", "368934881474191032", "9223372036854775807", "18446744073709551615"]
    {
        let told = app.post(&format!("/event/select/range/page/{page}"), &asked).ok().body;
        assert_eq!((told["total"].as_u64(), &told["result"]), (Some(2), &json!([])), "{page}");
    }
    let none = app.post("/event/select/range/page/18446744073709551616", &asked);
    assert_eq!((none.status.as_u16(), none.code()), (400, "request_invalid"));
}

#[test]
fn what_has_no_end_is_told_by_intervals_that_fit_until_now() {
    let app = app(&[("x", 0)]);
    let told =
        |asked: &Value| app.post("/event/select/histogram", asked).ok().body["result"][0].clone();
    for (value, entity, interval) in
        [(-1, "hour", "minute"), (-2, "day", "hour"), (-30, "day", "day"), (-1, "year", "week")]
    {
        let since = json!({"minDate": {"delta": {"value": value, "entity": entity}}});
        assert_eq!(told(&since)["interval"], interval, "{value} {entity}");
    }
    assert_eq!(told(&json!({}))["interval"], "day");
}
