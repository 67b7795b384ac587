//! Which files a question fetches from S3, and what the cache says of it.

use kith::lake::Span;
use serde_json::json;

use super::s3::{app_on, cached, days, elsewhere};
use super::support::{lake, view};
use crate::support::TestApp;
use crate::support::s3::S3;

#[test]
fn a_question_about_a_time_fetches_the_files_of_that_time() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 4);
    let count = "SELECT count(*) AS n FROM events WHERE id LIKE 'e%'";
    let ask = |other: &TestApp, time: &str| {
        other.post(&format!("/sql?{time}"), &json!({"query": count})).ok().body[0]["n"].clone()
    };
    for time in ["from=2026-01-06&to=2026-01-07", "received_from=2026-01-06&received_to=2026-01-07"]
    {
        let other = elsewhere(&s3, &app, |_| {});
        assert_eq!(ask(&other, time), 1);
        assert_eq!(cached(&other).0, 1, "{time}");
    }
    let other = elsewhere(&s3, &app, |_| {});
    assert_eq!(ask(&other, "received_from=2026-01-06&to=2026-01-08"), 2, "both must hold");
    assert_eq!(cached(&other).0, 2);
    assert_eq!(ask(&other, ""), 4);
    assert_eq!(cached(&other).0, 4);
}

#[test]
fn what_came_late_is_found_by_when_it_came() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 2);
    let mut late = view("late", "s9");
    late["events"][0]["time"] = json!({"insert": "2026-01-02T10:00:00Z"});
    app.track(late).ok();
    lake(&app).flush().unwrap();
    let other = elsewhere(&s3, &app, |_| {});
    let ask = json!({"query": "SELECT id FROM events WHERE type = 'page-view'"});
    let found = other.post("/sql?received_from=2026-01-07", &ask).ok().body;
    assert_eq!(found, json!([{"id": "late"}]));
    assert!(cached(&other).0 < 4, "{:?}", cached(&other));
}

#[test]
fn the_cache_says_what_was_asked_of_it() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 4);
    let bytes = app.app().storage.files().unwrap()[0].bytes;
    let other = elsewhere(&s3, &app, |config| config.events.cache_bytes_max = 20_000);
    let history = other.history();
    let files = other.app().storage.files().unwrap();
    let look = |day: usize| {
        let span = Span { from: files[day].from, to: files[day].to, ..Span::ALWAYS };
        drop(history.moment(span).unwrap());
    };
    let fits = usize::try_from(20_000 / bytes).unwrap();
    assert!((2..4).contains(&fits), "{bytes}");
    [0, 1, 0, 0].into_iter().for_each(look);
    let shows = |line: &str| {
        let metrics = other.app().metrics();
        assert!(metrics.contains(&format!("{line}\n")), "{line} is not in\n{metrics}");
    };
    shows("kith_cache_files_read_total 4");
    shows("kith_cache_files_fetched_total 2");
    shows("kith_cache_files_evicted_total 0");
    shows("kith_cache_bytes_max 20000");
    (0..4).for_each(look);
    let (many, bytes) = cached(&other);
    shows(&format!("kith_cache_files {many}"));
    shows(&format!("kith_cache_bytes {bytes}"));
    let metrics = other.app().metrics();
    assert!(!metrics.contains("kith_cache_files_evicted_total 0\n"), "{metrics}");
}
