//! The jobs of the lake do what is due, when it is due, by themselves.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Kept, PATIENCE};
use crate::lake::support::{DAY, number, view};
use crate::support::Setup;

impl Kept {
    fn new() -> Self {
        let configure = |config: &mut kith::config::Config| {
            config.events.flush_seconds = 60;
            config.events.flush_events = 30;
            config.events.files_per_day_max = 3;
        };
        Self::with(Setup { configure, ..Setup::default() })
    }

    fn files(&self) -> usize {
        self.app.app().storage.files().unwrap().len()
    }

    /// Until the tail was looked at; the clock stands still.
    fn is_looked_at(&self) {
        let begun = Instant::now();
        while self.runs("flush", "done") == 0 {
            assert!(begun.elapsed() < PATIENCE, "nobody looks");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn waiting(&self) -> u64 {
        self.app.app().storage.tail_size().unwrap().events
    }
}

#[test]
fn what_waits_is_flushed_when_it_is_old_or_much() {
    let kept = Kept::new();
    kept.app.track(view("a", "one")).ok();
    assert_eq!(kept.runs("flush", "done"), 0, "the clock stands still");
    kept.app.advance(59);
    kept.is_looked_at();
    assert_eq!((kept.files(), kept.waiting()), (0, 4), "it is neither");
    kept.app.advance(1);
    kept.until("it is old", |kept| kept.files() == 1 && kept.waiting() == 0);
    for event in 0..9 {
        kept.app.track(view(&format!("b{event}"), &format!("s{event}"))).ok();
    }
    kept.until("it is much", |kept| kept.files() == 2 && kept.waiting() == 0);
}

#[test]
fn small_files_are_merged_and_old_events_leave_within_half_a_minute() {
    let kept = Kept::new();
    for file in 0..3 {
        kept.app.track(view(&format!("e{file}"), "one")).ok();
        kept.app.advance(60);
        kept.until("flushed", |kept| kept.waiting() == 0);
    }
    // Merged at the next care: there are as many as a day may have.
    kept.app.advance(30);
    kept.until("merged", |kept| kept.files() == 1);
    let events = number(&kept.app, "SELECT count(*) FROM events");
    kept.app.add_source("shop", |source| source.retention_days = 2);
    kept.app.advance(3 * DAY);
    kept.until("expired", |kept| kept.files() == 0);
    assert!(events > 3 && number(&kept.app, "SELECT count(*) FROM events") == 0);
}

#[test]
fn whoever_is_to_be_erased_is_erased_and_replaced_files_leave_the_disk() {
    let kept = Kept::new();
    let person = kept.app.track(view("mine", "me")).ok().profile();
    kept.app.track(view("theirs", "them")).ok();
    kept.app.advance(60);
    kept.until("flushed", |kept| kept.waiting() == 0);
    let reply = kept.app.delete(&format!("/api/profiles/{person}"));
    assert_eq!(reply.status, 202, "{}", reply.text);
    let address = format!("/api/erasures/{}", reply.body["erasure"].as_str().unwrap());
    // Where nodes share a database it begins a minute later.
    kept.app.advance(60);
    let status = |kept: &Kept| kept.app.get(&address).ok().body["status"].clone();
    kept.until("erased", |kept| status(kept) == json!("done"));
    assert_eq!(number(&kept.app, "SELECT count(*) FROM events WHERE id = 'theirs'"), 1);
    assert_eq!(kept.files(), 1);
}

#[test]
fn what_was_kept_apart_for_a_month_leaves_though_nothing_comes() {
    let kept = Kept::new();
    let validator = json!({"name": "Orders", "event_type": "order", "enabled": true,
        "on_misfit": "quarantine", "validation": {"json_schema": {"event@properties": false}}});
    kept.app.post("/event-validator", &validator).ok();
    kept.app.track(json!({"session": {"id": "s"}, "events": [{"type": "order"}]})).ok();
    let total = |kept: &Kept| kept.app.app().storage.held_events(None, 1).unwrap().1;
    kept.app.advance(29 * DAY);
    assert_eq!(total(&kept), 1);
    kept.app.advance(DAY);
    kept.until("it is a month", |kept| total(kept) == 0);
}
