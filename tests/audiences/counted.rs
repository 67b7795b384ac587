//! What is counted waits in memory before it is written: nobody sees that, and no crash loses or doubles it.

use serde_json::{Value, json};

use super::{TRAITS, audience, did, is_in, warm};
use crate::committer::recovery::{as_killed, reopened};
use crate::support::{Setup, TestApp};

fn traits(app: &TestApp) {
    for (id, function, of) in
        [("views", "count", None), ("spent", "sum", Some("price")), ("last", "last", Some("name"))]
    {
        let mut posted = json!({"id": id, "event_type": "view", "function": function});
        if let Some(of) = of {
            posted["of"] = json!(format!("properties.{of}"));
        }
        app.post(TRAITS, &posted).ok();
    }
    warm(app);
}

fn computed(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body["computed"].clone()
}

fn view(app: &TestApp, session: &str, number: u64) -> String {
    // Numbers with more digits than a float has, and texts with everything that JSON escapes.
    let properties = json!({"price": 0.1, "name": format!("\"{number}\" \\ ž"), "card": 89_490_200_001_234_567_890_u128});
    app.track(did(session, "view", &properties)).ok().profile()
}

/// As the row is, whatever waits in memory.
fn row(app: &TestApp, id: &str) -> usize {
    let profile = app.app().storage.profile(id).unwrap().unwrap();
    profile.tallies.iter().map(|(_, tally)| tally.sightings.len()).sum()
}

#[test]
fn whoever_reads_sees_all_of_it() {
    embedded_only!("nothing is held back");
    let app = TestApp::new();
    traits(&app);
    let ann = view(&app, "ann", 1);
    for number in 2..=5 {
        view(&app, "ann", number);
    }
    assert!(app.app().committer.counts_ahead());
    assert_eq!(row(&app, &ann), 3, "only the first is written");
    let wanted = json!({"views": 5, "spent": 0.5, "last": "\"5\" \\ ž"});
    assert_eq!(computed(&app, &ann), wanted);
    assert!(!app.app().committer.counts_ahead());
    assert_eq!(row(&app, &ann), 11);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_crash_loses_none_of_it_and_whoever_enters_does_so_in_time() {
    let app = TestApp::new();
    traits(&app);
    let condition =
        "DID \"view\" WHERE (event@properties.card = 89490200001234567890) AT LEAST 5 TIMES";
    audience(&app, "viewers", condition);
    let ann = view(&app, "ann", 1);
    for number in 2..=4 {
        view(&app, "ann", number);
    }
    let again = if crate::support::engine::is_postgres() {
        app
    } else {
        assert_eq!(row(&app, &ann), 4, "one of each tally");
        reopened(as_killed(app.folder()), &app.clock, 2)
    };
    assert!(!is_in(&again, &ann, "viewers"));
    let wanted = json!({"views": 4, "spent": 0.4, "last": "\"4\" \\ ž"});
    assert_eq!(computed(&again, &ann), wanted);
    view(&again, "ann", 5);
    assert!(is_in(&again, &ann, "viewers"));
    assert_eq!(again.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn it_is_counted_once_when_some_of_it_was_written() {
    embedded_only!("nothing is held back");
    let configure = |config: &mut kith::config::Config| {
        config.committer.held_back_rows_per_round_max = 1;
        config.committer.held_back_seconds_max = 10;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    traits(&app);
    let mut people = std::collections::BTreeMap::new();
    // More than are known one by one: of these only sums are kept, which cannot tell what they have seen.
    for number in 0..64_u64 {
        let session = format!("s{}", number % 2);
        let events: Vec<Value> =
            (0..20).map(|_| json!({"type": "view", "properties": {"price": 0.1}})).collect();
        let id = app.track(json!({"session": {"id": session}, "events": events})).ok().profile();
        people.insert(session, (id, number / 2 + 1));
        app.advance(2);
        if number % 9 == 0 {
            let again = reopened(as_killed(app.folder()), &app.clock, 100 + number);
            for (id, payloads) in people.values() {
                assert_eq!(computed(&again, id)["views"], payloads * 20, "after {number}");
            }
        }
    }
}

/// Beyond what is known one by one there are sums, which cannot tell what they have seen: the row says how far
/// it goes.
#[test]
fn what_went_into_sums_and_was_written_is_not_counted_again() {
    embedded_only!("nothing is held back");
    let app = TestApp::new();
    traits(&app);
    let many = |session: &str| {
        let events: Vec<Value> =
            (0..20).map(|_| json!({"type": "view", "properties": {"price": 1}})).collect();
        app.track(json!({"session": {"id": session}, "events": events})).ok().profile()
    };
    // Whoever waits keeps all rounds since then in the tail.
    view(&app, "bob", 1);
    let bob = view(&app, "bob", 2);
    let ann = many("ann");
    for _ in 1..30 {
        many("ann");
    }
    assert_eq!(computed(&app, &ann)["views"], 600, "and the row is written");
    many("ann");
    let again = reopened(as_killed(app.folder()), &app.clock, 2);
    assert_eq!([&computed(&again, &ann)["views"], &computed(&again, &bob)["views"]], [620, 2]);
}

#[test]
fn a_graceful_end_writes_all_of_it() {
    let app = TestApp::new();
    traits(&app);
    let ann = view(&app, "ann", 1);
    view(&app, "ann", 2);
    let clock = app.clock.clone();
    let app = reopened(app.stop(), &clock, 2);
    assert_eq!(row(&app, &ann), 5);
    assert_eq!(computed(&app, &ann)["views"], 2);
}

#[test]
fn whoever_is_removed_waits_no_more() {
    let app = TestApp::new();
    traits(&app);
    let ann = view(&app, "ann", 1);
    view(&app, "ann", 2);
    app.delete(&format!("/profile/{ann}")).ok();
    assert!(!app.app().committer.counts_ahead());
    let clock = app.clock.clone();
    let app = reopened(app.stop(), &clock, 2);
    assert_eq!(app.get(&format!("/profile/{ann}")).status, 404);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_event_that_is_removed_stays_counted_also_after_a_crash() {
    embedded_only!("nothing is held back");
    let app = TestApp::new();
    traits(&app);
    let ann = view(&app, "ann", 1);
    let properties = json!({"price": 1, "name": "x"});
    let mut payload = did("ann", "view", &properties);
    payload["events"][0]["id"] = json!("gone");
    app.track(payload).ok();
    app.delete("/event/gone").ok();
    let again = reopened(as_killed(app.folder()), &app.clock, 2);
    assert_eq!(computed(&again, &ann)["views"], 2);
}
