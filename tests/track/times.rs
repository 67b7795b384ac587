//! Times as they are sent, and the clocks behind them (docs/wire.md §1.5).

use axum::http::HeaderValue;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::{post, with_source};

/// One event with this time.
fn at(time: &Value) -> Value {
    json!({"session": {"id": "s"}, "events": [{"id": "e", "type": "x", "time": {"create": time}}]})
}

/// The times of the event: when it happened, and when by the client's clock.
fn times(app: &TestApp) -> [String; 2] {
    let event = app.get("/event/e").ok().body["event"].clone();
    ["insert", "create"].map(|name| event["metadata"]["time"][name].as_str().unwrap().to_owned())
}

/// When an event happened that was sent with this time.
#[track_caller]
fn check(time: &Value, moment: &str) {
    let app = TestApp::new();
    let reply = app.track(at(time)).ok();
    assert_eq!(reply.warnings(), [""; 0], "{time}");
    assert_eq!(times(&app), [moment, moment], "{time}");
}

#[test]
fn a_text_of_digits_is_the_number() {
    for time in
        [json!("1767603600"), json!("1767603600000"), json!(1_767_603_600), json!(" 1767603600.0 ")]
    {
        check(&time, "2026-01-05T09:00:00Z");
    }
    check(&json!("1767603600123"), "2026-01-05T09:00:00.123Z");
    check(&json!(1_767_603_600.123_457), "2026-01-05T09:00:00.123457Z");
    check(&json!("20260105"), "2026-01-05T00:00:00Z");
}

#[test]
fn a_time_with_a_zone_is_read_as_written() {
    for time in [
        "2026-01-05T10:00:00[Europe/Warsaw]",
        "2026-01-05T10:00:00+01:00[Europe/Warsaw]",
        "2026-01-05T09:00:00Z[Europe/Warsaw]",
        "2026-01-05 10:00:00[!europe/warsaw][u-ca=iso8601]",
        "2026-01-05T14:30:00[Asia/Calcutta]",
        "2026-01-05T11:00:00[+02:00]",
    ] {
        check(&json!(time), "2026-01-05T09:00:00Z");
    }
}

#[test]
fn a_time_that_contradicts_itself_is_refused_with_its_place() {
    let app = TestApp::new();
    for time in [
        "2026-01-05T10:00:00[Not/AZone]",
        "2026-01-05T10:00:00[Etc/Unknown]",
        "2026-01-05T10:00:00+05:00[Europe/Warsaw]",
        "2026-01-05T10:00:00 Europe/Warsaw",
        "12:00",
        "-5",
    ] {
        let reply = app.track(at(&json!(time)));
        assert_eq!(reply.status, 422, "{time}");
        let place = json!(["body", "events", 0, "time", "create"]);
        assert_eq!(reply.body["detail"][0]["loc"], place, "{time}");
    }
}

/// A visit of a new session of the same person, in this zone.
fn visit(app: &TestApp, session: &str, zone: &Value) -> crate::support::Reply {
    let event = json!({"type": "identification", "properties": {"pk": "ann"}});
    app.track(json!({
        "session": {"id": session}, "context": {"time": {"tz": zone}}, "events": [event],
    }))
    .ok()
}

#[test]
fn only_zones_that_there_are_become_the_persons() {
    let app = TestApp::new();
    let person = visit(&app, "first", &json!("asia/calcutta")).profile();
    let zone = |app: &TestApp| {
        let profile = app.get(&format!("/profile/{person}")).ok().body;
        assert_eq!(profile["aux"]["geo"]["continent"], "Asia");
        profile["metadata"]["time"]["visit"]["tz"].clone()
    };
    assert_eq!(zone(&app), "Asia/Kolkata");
    let wrong =
        [json!("Etc/Unknown"), json!("Not/AZone"), json!("5"), json!(5), json!(true), json!({})];
    for (at, said) in wrong.iter().enumerate() {
        let reply = visit(&app, &format!("wrong-{at}"), said);
        assert!(reply.warnings().contains(&"time_zone_unknown"), "{said}");
        assert_eq!(zone(&app), "Asia/Kolkata", "{said}");
    }
    for (at, none) in [json!(null), json!(""), json!(" ")].iter().enumerate() {
        let reply = visit(&app, &format!("none-{at}"), none);
        assert!(!reply.warnings().contains(&"time_zone_unknown"), "{none}");
    }
    let sql = "SELECT count(last_visit AT TIME ZONE time_zone) AS n FROM profiles";
    let told = app.post("/sql", &json!({"query": sql})).ok().body;
    assert_eq!(told[0]["n"].as_u64(), Some(1), "{told}");
}

/// A payload of a client whose clock shows `clock` when it sends, with an event of `event`.
fn sent(app: &TestApp, clock: &Value, event: &str, header: Option<&str>) -> crate::support::Reply {
    let mut payload = at(&json!(event));
    for (key, value) in clock.as_object().unwrap() {
        payload[key] = value.clone();
    }
    let mut request = post("/track", &with_source(payload));
    if let Some(header) = header {
        request.headers_mut().insert("x-timestamp", HeaderValue::from_str(header).unwrap());
    }
    app.send(request).ok()
}

fn local(time: &str) -> Value {
    json!({"context": {"time": {"local": time}}})
}

/// It is ten o'clock on the 5th of January; the event happened a minute before it was sent.
#[test]
fn the_times_of_a_wrong_clock_are_corrected_and_stay_visible() {
    let day_early = ("2026-01-04T10:00:00.000Z", "2026-01-04T09:59:00Z");
    let weeks_late = ("2026-01-25T10:00:00.000Z", "2026-01-25T09:59:00Z");
    for (clock, event) in [day_early, weeks_late] {
        let ways = [local(clock), json!({"sentAt": clock}), json!({"sent_at": clock})];
        for way in ways {
            let app = TestApp::new();
            let reply = sent(&app, &way, event, None);
            assert_eq!(reply.warnings(), ["clock_corrected"], "{way}");
            assert_eq!(times(&app), ["2026-01-05T09:59:00Z", event], "{way}");
            let told = app.get("/event/e").ok().body["event"]["metadata"]["warnings"].clone();
            assert_eq!(told, json!(["clock_corrected"]));
        }
    }
    for header in ["1767520800000", "2026-01-04T10:00:00Z", "1767520800"] {
        let app = TestApp::new();
        let reply = sent(&app, &json!({}), "2026-01-04T09:59:00Z", Some(header));
        assert_eq!(reply.warnings(), ["clock_corrected"], "{header}");
        assert_eq!(times(&app)[0], "2026-01-05T09:59:00Z", "{header}");
    }
}

#[test]
fn what_is_honestly_old_stays_as_it_is() {
    let old = "2025-12-20T08:00:00Z";
    let right = "2026-01-05T10:00:02.000Z";
    let waited =
        json!({"context": {"time": {"local": "2025-12-20T08:00:01.000Z", "tz": "Europe/Warsaw"}}});
    // The last shows Warsaw's clocks as if they were UTC's, as the script of the reference does.
    for (clock, header) in [
        (json!({}), None),
        (local(right), None),
        (
            json!({"sentAt": right, "context": {"time": {"local": "2025-12-20T08:00:01.000Z"}}}),
            None,
        ),
        (local("2026-01-05T09:56:00Z"), None),
        (local("5/1/2026, 11:00:00"), None),
        (json!({"sentAt": "yesterday"}), Some("soon")),
        (waited.clone(), Some("1767607200000")),
        (waited, Some("1767610800000")),
    ] {
        let app = TestApp::new();
        let reply = sent(&app, &clock, old, header);
        assert_eq!(reply.warnings(), [""; 0], "{clock} {header:?}");
        assert_eq!(times(&app), [old, old], "{clock} {header:?}");
    }
}

#[test]
fn how_wrong_a_clock_may_be_is_a_setting() {
    let app = TestApp::with(crate::support::app::Setup {
        configure: |config| config.admission.clock_tolerance_seconds = 10,
        ..Default::default()
    });
    let reply = sent(&app, &local("2026-01-05T10:00:11Z"), "2026-01-05T10:00:10Z", None);
    assert_eq!(reply.warnings(), ["clock_corrected"]);
    assert_eq!(times(&app), ["2026-01-05T09:59:59Z", "2026-01-05T10:00:10Z"]);
}

#[test]
fn the_last_days_that_can_be_written_are_in_the_future_like_any_other() {
    for time in ["2530-01-01", "9999-12-31", "9999-12-31T23:59:59Z"] {
        let app = TestApp::new();
        let reply = app.track(at(&json!(time))).ok();
        assert_eq!(reply.warnings(), ["time_in_future"], "{time}");
    }
}

#[test]
fn what_is_past_all_that_can_be_written_was_received() {
    let app = TestApp::new();
    let now = "2026-01-05T10:00:00";
    for (number, time) in [
        json!(253_402_214_400_000_u64),
        json!(253_402_300_800_000_u64),
        json!(1_000_000_000_000_000_u64),
        json!("1767607200000000"),
        json!(1e300),
        json!("10000-01-01T00:00:00Z"),
        json!("10000-01-01"),
        json!("+010000-01-01 00:00:00"),
        json!("+275760-09-13T00:00:00.000Z"),
    ]
    .iter()
    .enumerate()
    {
        let id = format!("e{number}");
        let event = json!({"id": id, "type": "x", "time": {"insert": time}});
        let reply = app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
        assert_eq!(reply.warnings(), ["time_in_future"], "{time}");
        let told = app.get(&format!("/event/{id}")).ok().body["event"]["metadata"]["time"].clone();
        assert!(told["insert"].as_str().unwrap().starts_with(now), "{time}: {told}");
        assert_eq!(told["create"], "9999-12-29T23:59:59.999999Z", "{time}");
    }
    let said = json!({"sentAt": "+275760-09-13T00:00:00.000Z"});
    assert_eq!(
        sent(&app, &said, "+275760-09-12T00:00:00.000Z", None).warnings(),
        ["clock_corrected"]
    );
}

#[test]
fn no_clock_moves_what_another_one_has_shown() {
    let event = "2026-01-05T09:59:00Z";
    for clock in ["2027-03-01T10:00:00Z", "2061-01-05T10:00:00Z", "2126-01-05T10:00:00Z"] {
        let app = TestApp::new();
        let reply = sent(&app, &json!({"sentAt": clock}), event, None);
        assert_eq!(reply.warnings(), ["clock_ignored"], "{clock}");
        assert_eq!(times(&app), [event, event], "{clock}");
        let told = app.get("/event/e").ok().body["event"]["metadata"]["warnings"].clone();
        assert_eq!(told, json!(["clock_ignored"]));
    }
    let (sent_at, minute_before) = ("2061-01-05T10:00:00Z", "2061-01-05T09:59:00Z");
    let app = TestApp::new();
    let reply = sent(&app, &json!({"sentAt": sent_at}), minute_before, None);
    assert_eq!(reply.warnings(), ["clock_corrected"]);
    assert_eq!(times(&app), [event, minute_before]);
    // It would have been before 1970, and is in the future as it stands.
    let app = TestApp::new();
    let reply =
        sent(&app, &json!({"sentAt": "2126-01-05T10:00:00Z"}), "2030-01-01T00:00:00Z", None);
    assert_eq!(reply.warnings(), ["clock_ignored", "time_in_future"]);
    assert!(times(&app)[0].starts_with("2026-01-05T10:00:00"), "{:?}", times(&app));
}
