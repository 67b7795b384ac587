//! Days, weeks and months of a zone: of 23 and 25 hours, and beginning when its clocks say so.

use serde_json::{Value, json};

use super::support::lake;
use crate::support::TestApp;
use crate::support::app::Setup;

/// The night from the 28th to the 29th of March 2026, in which Warsaw's clocks go forward, and the one of
/// October in which they go back: events each half hour from 22:00 to 04:00 UTC.
fn app(configure: fn(&mut kith::config::Config)) -> TestApp {
    let now = kith::model::Time::parse("2026-11-02T10:00:00Z").unwrap();
    let app = TestApp::with(Setup { configure, now, ..Setup::default() });
    for (at, night) in ["2026-03-28", "2026-10-24"].into_iter().enumerate() {
        let begin = kith::model::Time::parse(&format!("{night}T22:00:00Z")).unwrap();
        let events = (0..12_u64).map(|half| {
            let time = begin.plus(std::time::Duration::from_secs(half * 1800));
            json!({"type": "x", "time": {"insert": time.to_string()}})
        });
        let events: Vec<Value> = events.collect();
        app.track(json!({"session": {"id": format!("s{at}")}, "profile": null, "events": events}))
            .ok();
    }
    app
}

/// `(date, count)` of a histogram of the type `x`.
fn counts(app: &TestApp, parameters: &str) -> Vec<(String, u64)> {
    let address = format!("/api/events/histogram?type=x&{parameters}");
    let told = app.get(&address).ok().body["result"].clone();
    let rows = told.as_array().unwrap().iter();
    let row =
        |row: &Value| (row["date"].as_str().unwrap().to_owned(), row["count"].as_u64().unwrap());
    rows.map(row).collect()
}

#[track_caller]
fn check(app: &TestApp, parameters: &str, expected: &[(&str, u64)]) {
    let told = counts(app, parameters);
    let told: Vec<(&str, u64)> = told.iter().map(|(date, count)| (date.as_str(), *count)).collect();
    assert_eq!(told, expected, "{parameters}");
}

const WARSAW: &str = "tz=Europe%2FWarsaw";

#[test]
fn days_are_those_of_the_zone() {
    let app = app(|_| {});
    for is_in_files in [false, true] {
        check(&app, "from=2026-10-01", &[("2026-10-24T00:00:00Z", 4), ("2026-10-25T00:00:00Z", 8)]);
        let warsaw = [
            ("2026-03-28T00:00:00+01:00", 2),
            ("2026-03-29T00:00:00+01:00", 10),
            ("2026-10-25T00:00:00+02:00", 12),
        ];
        check(&app, WARSAW, &warsaw);
        check(&app, "tz=poland", &warsaw);
        // From midnight to midnight of a day of 23 hours, and the days around it.
        let spring = [
            ("2026-03-28T00:00:00+01:00", 2),
            ("2026-03-29T00:00:00+01:00", 10),
            ("2026-03-30T00:00:00+02:00", 0),
        ];
        check(&app, &format!("{WARSAW}&from=2026-03-28&to=2026-03-31"), &spring);
        check(
            &app,
            &format!("{WARSAW}&interval=month&from=2026-09-15&to=2026-11-01"),
            &[("2026-09-01T00:00:00+02:00", 0), ("2026-10-01T00:00:00+02:00", 12)],
        );
        check(
            &app,
            &format!("{WARSAW}&interval=week"),
            &[("2026-03-23T00:00:00+01:00", 12), ("2026-10-19T00:00:00+02:00", 12)],
        );
        if !is_in_files {
            lake(&app).flush().unwrap();
        }
    }
}

#[test]
fn the_hour_that_comes_twice_is_two_hours() {
    let app = app(|_| {});
    let told =
        counts(&app, &format!("{WARSAW}&interval=hour&from=2026-10-25&to=2026-10-25T05:00:00"));
    let hours: Vec<(&str, u64)> = told.iter().map(|(date, count)| (&date[11..], *count)).collect();
    let wanted = [
        ("00:00:00+02:00", 2),
        ("01:00:00+02:00", 2),
        ("02:00:00+02:00", 2),
        ("02:00:00+01:00", 2),
        ("03:00:00+01:00", 2),
        ("04:00:00+01:00", 2),
    ];
    assert_eq!(hours, wanted);
    let told =
        counts(&app, "tz=Asia%2FKolkata&interval=hour&from=2026-10-25T03:00&to=2026-10-25T05:00");
    let hours: Vec<(&str, u64)> = told.iter().map(|(date, count)| (&date[11..], *count)).collect();
    assert_eq!(hours, [("03:00:00+05:30", 1), ("04:00:00+05:30", 2)]);
}

#[test]
fn people_come_back_on_the_days_of_the_zone() {
    let app = TestApp::new();
    // Late in the evening of the 28th in London, and early on the 30th, an hour nearer.
    for time in ["2025-03-28T23:30:00Z", "2025-03-29T23:30:00Z", "2025-03-30T23:30:00Z"] {
        let event = json!({"type": "x", "time": {"insert": time}});
        app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    }
    let retention = |zone: &str| {
        let address = format!("/api/events/retention?type=x&interval=day&periods=5{zone}");
        let told = app.get(&address).ok().body["result"].clone();
        let rows = told.as_array().unwrap().iter();
        rows.map(|row| {
            (row["cohort"].as_str().unwrap().to_owned(), row["period"].as_u64().unwrap())
        })
        .collect::<Vec<_>>()
    };
    let cohort = |text: &str, periods: &[u64]| {
        periods.iter().map(|period| (text.to_owned(), *period)).collect::<Vec<_>>()
    };
    assert_eq!(retention(""), cohort("2025-03-28T00:00:00Z", &[0, 1, 2]));
    assert_eq!(retention("&tz=Europe/London"), cohort("2025-03-28T00:00:00+00:00", &[0, 1, 3]));
    assert_eq!(retention("&tz=Asia/Tokyo"), cohort("2025-03-29T00:00:00+09:00", &[0, 1, 2]));
}

#[test]
fn the_zone_of_the_settings_counts_where_none_is_named() {
    let app = app(|config| config.query.time_zone = "Europe/Warsaw".parse().unwrap());
    check(&app, "from=2026-10-01", &[("2026-10-25T00:00:00+02:00", 12)]);
    check(
        &app,
        "from=2026-10-01&tz=UTC",
        &[("2026-10-24T00:00:00Z", 4), ("2026-10-25T00:00:00Z", 8)],
    );
    let midnight = app.get("/api/events?type=x&from=2026-10-25&to=2026-10-25T00:30:00").ok().body;
    assert_eq!(midnight["result"].as_array().unwrap().len(), 1, "{midnight}");
    let selection = json!({
        "where": "type = \"x\"",
        "minDate": {"absolute": {"year": 2026, "month": 10, "date": 25}},
        "maxDate": {"absolute": {"year": 2026, "month": 10, "date": 28, "hour": 23}},
    });
    let counted = app.post("/event/select/histogram", &selection).ok().body;
    assert_eq!(counted["result"][0]["date"], "2026-10-25 00:00:00+02");
    assert_eq!(counted["result"][0]["count"].as_u64(), Some(12));
    let mut in_utc = selection;
    in_utc["timeZone"] = json!("UTC");
    let counted = app.post("/event/select/histogram", &in_utc).ok().body;
    assert_eq!(counted["result"][0]["count"].as_u64(), Some(8));
}

#[test]
fn what_is_no_zone_is_refused_with_what_was_meant() {
    let app = TestApp::new();
    for address in [
        "events",
        "events/histogram",
        "events/retention",
        "events/top?field=type",
        "sessions",
        "profiles",
    ] {
        let and = if address.contains('?') { '&' } else { '?' };
        let reply = app.get(&format!("/api/{address}{and}tz=Europe%2FWarsau"));
        assert_eq!(reply.status, 422, "{address}");
        let message = reply.body["message"].as_str().unwrap();
        assert!(message.contains("did you mean Europe/Warsaw?"), "{message}");
        for zone in ["5", "Etc/Unknown", "%2B01:00"] {
            assert_eq!(
                app.get(&format!("/api/{address}{and}tz={zone}")).status,
                422,
                "{address} {zone}"
            );
        }
    }
}

#[test]
fn moments_of_filters_are_read_as_those_of_payloads() {
    let app = app(|_| {});
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    for from in [
        "1792879200",
        "1792879200000",
        "2026-10-24T22:00:00Z",
        "2026-10-25T00:00:00[Europe/Warsaw]",
    ] {
        let filter = format!("type = \"x\" AND time >= \"{from}\"");
        let filters =
            [format!("type=x&from={}", encoded(from)), format!("where={}", encoded(&filter))];
        for filter in filters {
            let told = app.get(&format!("/api/events/people?{filter}")).ok().body;
            assert_eq!(told["result"][0]["events"].as_u64(), Some(12), "{filter} {told}");
        }
    }
}
