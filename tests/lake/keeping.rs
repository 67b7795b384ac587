//! The lake's own threads do what is due, when it is due, by themselves.

use std::time::{Duration, Instant};

use kith::lake::Keeper;
use serde_json::json;

use super::support::{DAY, number, view};
use crate::support::{Setup, TestApp};

/// How long a test waits for what should be done within a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// An app whose lake is kept, as a server's is.
struct Kept {
    app: TestApp,
    keeper: Option<Keeper>,
}

impl Kept {
    fn new() -> Self {
        let configure = |config: &mut kith::config::Config| {
            config.events.flush_seconds = 60;
            config.events.flush_events = 30;
            config.events.files_per_day_max = 3;
        };
        let app = TestApp::with(Setup { configure, ..Setup::default() });
        let kith = app.app();
        let (lake, registry) = (kith.lake.clone(), kith.registry.clone());
        let (committer, hashing) = (kith.committer.clone(), kith.hashing.clone());
        let keeper = Keeper::start(lake, committer, registry, hashing).unwrap();
        Self { app, keeper: Some(keeper) }
    }

    fn files(&self) -> usize {
        self.app.app().storage.files().unwrap().len()
    }

    fn waiting(&self) -> u64 {
        self.app.app().storage.tail_size().unwrap().events
    }

    /// Until `is_so`.
    #[track_caller]
    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "{what}: {} files", self.files());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.keeper.take().unwrap().stop();
    }
}

#[test]
fn what_waits_is_flushed_when_it_is_old_or_much() {
    let kept = Kept::new();
    kept.app.track(view("a", "one")).ok();
    kept.app.advance(59);
    // A few looks of the keeper's.
    std::thread::sleep(Duration::from_millis(1300));
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
