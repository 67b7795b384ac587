//! Whoever is erased is in no record of a merger of others, who were one with them once.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::rebuilding::{put, shadow, switch};
use super::undoing::{interest, known_by, merges, profile, said};
use crate::committer::recovery::reopened;
use crate::lake::erasing::erase_all;
use crate::support::app::start;
use crate::support::engine::{self, is_embedded};
use crate::support::{TestApp, files_with};

/// Stands in nothing but what was said of the watch.
const SECRET: &str = "zanzibar-4712";

/// Three devices and two mergers: the phone is one with the watch, and then with the tablet, so that the record of the
/// second has all of them.
fn three() -> (TestApp, [String; 3], [String; 2]) {
    three_in(["watch", "phone", "tablet"])
}

/// The same, in the order in which they came.
fn three_in(order: [&str; 3]) -> (TestApp, [String; 3], [String; 2]) {
    let app = TestApp::new();
    let then = |payload: Value| {
        app.advance(60);
        app.track(payload).ok().profile()
    };
    let name = json!({"identifier": {"id": "K1"}, "pii": {"firstname": SECRET}});
    let comes = order.map(|device| match device {
        "watch" => then(said("watch", "profile-update", &name)),
        device => then(interest(device, if device == "phone" { 1 } else { 10 })),
    });
    let of = |device: &str| comes[order.iter().position(|one| *one == device).unwrap()].clone();
    let oldest = order.iter().find(|device| **device != "tablet").unwrap();
    assert_eq!(then(known_by("phone", "K2")), of("phone"));
    assert_eq!(then(known_by("phone", "K1")), of(oldest));
    assert_eq!(then(known_by("tablet", "K2")), comes[0]);
    app.advance(60);
    let mut all = merges(&app, &comes[0]);
    all.sort_by_key(|merge| merge["merged"].to_string());
    let [first, second] = all.as_slice() else { panic!("{all:?}") };
    let mergers = [first, second].map(|merge| merge["id"].as_str().unwrap().to_owned());
    (app, ["watch", "phone", "tablet"].map(of), mergers)
}

fn undo(app: &TestApp, merger: &str) -> Value {
    app.post(&format!("/api/merges/{merger}/undo"), &json!({})).ok().body
}

fn erase(app: &TestApp, id: &str) {
    assert_eq!(app.delete(&format!("/api/profiles/{id}")).status, 202);
    says_nothing(app);
    erase_all(app);
    for text in [SECRET, id] {
        assert_eq!(files_with(app.folder(), text), Vec::<PathBuf>::new(), "{text}");
    }
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

/// No record of a merger says anything of the watch.
fn says_nothing(app: &TestApp) {
    app.app()
        .storage
        .all_merges(&mut |row| {
            assert!(!format!("{row:?}").contains(SECRET), "{row:?}");
            Ok(())
        })
        .unwrap();
}

/// Phone and tablet are two, each with what is theirs, and are not united again.
fn are_two(app: &TestApp, phone: &str, tablet: &str) {
    for (id, sport) in [(phone, 1), (tablet, 10)] {
        let one = profile(app, id);
        assert_eq!((&one["ids"], &one["interests"]["sport"]), (&json!([id]), &json!(sport)));
        assert_eq!(one["data"]["pii"]["firstname"], Value::Null, "{one}");
    }
    assert_eq!(app.track(known_by("tablet", "K2")).ok().profile(), tablet);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn who_was_taken_apart_is_erased_from_a_later_merger_which_others_take_back_as_any() {
    let (app, [watch, phone, tablet], [first, second]) = three();
    assert_eq!(undo(&app, &first)["untold"], json!([]));
    let shown = app.get(&format!("/api/merges/{second}")).ok();
    assert!(!shown.text.contains(&watch), "{}", shown.text);
    erase(&app, &watch);
    assert_eq!(profile(&app, &tablet)["id"], json!(phone));
    let undone = undo(&app, &second);
    assert_eq!(undone["untold"], json!([]), "{undone}");
    are_two(&app, &phone, &tablet);
}

#[test]
fn whoever_was_not_united_is_told_from_them_after_another_merger_is_taken_back() {
    let (app, [watch, phone, tablet], [first, second]) = three();
    undo(&app, &first);
    undo(&app, &second);
    are_two(&app, &phone, &tablet);
    assert_eq!(app.track(known_by("phone", "K1")).ok().profile(), phone);
    assert_eq!(profile(&app, &watch)["data"]["pii"]["firstname"], SECRET);
    erase(&app, &watch);
}

#[test]
fn who_was_taken_apart_by_other_rules_is_erased_from_a_later_merger() {
    let (app, [watch, phone, tablet], [_, second]) = three();
    put(&app, &json!({"id": "id", "meaningless": ["k1"]}));
    let (rebuild, _) = shadow(&app);
    switch(&app, &rebuild);
    assert_eq!(profile(&app, &tablet)["id"], json!(phone));
    erase(&app, &watch);
    undo(&app, &second);
    are_two(&app, &phone, &tablet);
}

#[test]
fn who_was_in_a_merger_that_is_taken_back_itself_is_erased_from_it() {
    for is_removed_first in [false, true] {
        let (app, [watch, phone, tablet], [first, second]) = three();
        undo(&app, &second);
        undo(&app, &first);
        if is_removed_first {
            app.delete(&format!("/profile/{watch}")).ok();
            says_nothing(&app);
        }
        let shown = || app.get(&format!("/api/merges/{second}")).text;
        assert_ne!(shown().contains(SECRET), is_removed_first, "{}", shown());
        erase(&app, &watch);
        are_two(&app, &phone, &tablet);
    }
}

/// As releases before have left them: the record of a merger that holds has somebody who was taken apart since.
#[test]
fn who_is_in_a_record_of_an_older_release_is_erased_from_it() {
    let (app, [watch, phone, tablet], [first, second]) = three();
    if !is_embedded(app.folder()) {
        return;
    }
    let database =
        |folder: &std::path::Path| rusqlite::Connection::open(folder.join("kith.db")).unwrap();
    let of_second = "loser = (SELECT loser FROM merge ORDER BY merged_at DESC LIMIT 1)";
    let ask = format!("SELECT body FROM merge WHERE {of_second}");
    let as_written: String = database(app.folder()).query_row(&ask, [], |row| row.get(0)).unwrap();
    assert!(as_written.contains(SECRET));
    undo(&app, &first);
    let folder = app.stop();
    let put = format!("UPDATE merge SET body = ?1 WHERE {of_second}");
    assert_eq!(database(folder.path()).execute(&put, [as_written]).unwrap(), 1);
    let clock = kith::clock::Clock::set_to(start().plus(Duration::from_secs(3600)));
    let app = reopened(folder, &clock, 2);
    assert!(app.get(&format!("/api/merges/{second}")).ok().text.contains(SECRET));
    erase(&app, &watch);
    let left = merges(&app, &phone);
    assert_eq!(left.len(), 1, "{left:?}");
    undo(&app, left[0]["id"].as_str().unwrap());
    are_two(&app, &phone, &tablet);
}

/// As releases before have left them: the record of a merger that holds has somebody who was erased since. By the last
/// order, it was named by whoever is gone.
#[test]
fn who_was_erased_and_is_in_a_record_of_an_older_release_comes_back_by_nothing() {
    for order in
        [["watch", "phone", "tablet"], ["phone", "watch", "tablet"], ["tablet", "watch", "phone"]]
    {
        let (app, [watch, phone, tablet], [first, _]) = three_in(order);
        let ask = "SELECT stream, seq, body FROM merge ORDER BY merged_at";
        let rows = engine::rows(app.folder(), ask);
        let [stream, seq, as_written] = rows[1].as_slice() else { panic!("{rows:?}") };
        assert!(as_written.contains(SECRET));
        undo(&app, &first);
        erase(&app, &watch);
        let folder = app.stop();
        let as_written = as_written.replace('\'', "''");
        let of_second = format!("stream = '{stream}' AND seq = {seq}");
        let put = format!("UPDATE merge SET body = '{as_written}' WHERE {of_second}");
        engine::change(folder.path(), &put);
        let clock = kith::clock::Clock::set_to(start().plus(Duration::from_secs(3600)));
        let app = reopened(folder, &clock, 2);
        let left = merges(&app, &phone);
        let [left] = left.as_slice() else { panic!("{left:?}") };
        let shown = app.get(&format!("/api/merges/{}", left["id"].as_str().unwrap())).ok().text;
        assert!(!shown.contains(SECRET) && !shown.contains(&watch), "{order:?}: {shown}");
        let by = json!({"namespace": "id", "value": "K2"});
        let undone = app.post("/api/merges/undo", &by).ok().body["undone"].clone();
        assert_eq!(undone[0]["merges"], json!([left["id"]]), "{order:?}");
        are_two(&app, &phone, &tablet);
    }
}
