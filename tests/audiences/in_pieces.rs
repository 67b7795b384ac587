//! History is read once for everybody and given piece by piece: what changes meanwhile is neither missed nor believed.

use std::future::poll_fn;
use std::task::Poll;

use kith::config::Config;
use kith::storage::LakeChange;
use kith::warming::{self, Portions, Warming};
use serde_json::json;

use super::mergers::{one_who_was_two, undo};
use super::{AUDIENCES, audience, did, does, members, put, time};
use crate::support::{Setup, TestApp};

/// Everybody is in one file, one person in a piece.
const ONE_BY_ONE: Portions = Portions { of_file: 1_000, of_piece: 1 };

/// The rule is stored, and what was let in before is on disk.
fn begun(app: &TestApp, condition: &str, portions: Portions) -> Warming {
    put(app, "often", condition);
    let mut warming = Warming::in_portions(app.app(), portions);
    assert!(!app.wait(warming.next()).unwrap());
    app.advance(6);
    warming
}

/// How many steps it took.
fn finished(app: &TestApp, mut warming: Warming) -> usize {
    let mut steps = 0;
    while app.wait(warming.next()).unwrap() {
        steps += 1;
    }
    time(app);
    steps
}

/// Somebody orders, the events named after the session; who it is.
fn ordered(app: &TestApp, session: &str, many: usize) -> String {
    let mut profile = String::new();
    for number in 0..many {
        let event = json!({"id": format!("{session}-{number}"), "type": "order"});
        let payload = json!({"session": {"id": session}, "events": [event]});
        profile = app.track(payload).ok().profile();
    }
    profile
}

#[test]
fn everybody_gets_what_is_theirs_however_it_is_divided() {
    let app = TestApp::new();
    let all: Vec<String> =
        (0..12).map(|who| ordered(&app, &format!("s{who}"), who % 3 + 1)).collect();
    app.app().lake.flush().unwrap();
    let warming =
        begun(&app, "DID \"order\" AT LEAST 3 TIMES", Portions { of_file: 5, of_piece: 2 });
    let steps = finished(&app, warming);
    assert!(steps > 12, "{steps} steps");
    let mut often: Vec<String> = all.into_iter().skip(2).step_by(3).collect();
    often.sort();
    assert_eq!(members(&app, "often"), often);
}

#[test]
fn what_is_erased_meanwhile_is_not_counted_from_what_was_read_before() {
    let app = TestApp::new();
    let first = ordered(&app, "first", 2);
    app.advance(1);
    let second = ordered(&app, "second", 2);
    assert!(first < second, "they come in the order of their ids");
    let mut warming = begun(&app, "DID \"order\" AT LEAST 2 TIMES", ONE_BY_ONE);
    assert!(app.wait(warming.next()).unwrap());
    app.delete("/event/second-0").ok();
    finished(&app, warming);
    assert_eq!(members(&app, "often"), [first]);
}

/// Whether events go from the tail or from files.
#[test]
fn history_is_another_one_once_something_of_a_file_is_gone() {
    let app = TestApp::new();
    let edition = || app.app().storage.edition().unwrap();
    let before = edition();
    let change = LakeChange { time: app.clock.now(), at_once: true, ..LakeChange::default() };
    app.app().storage.commit_lake(&change).unwrap();
    assert!(edition() > before);
}

/// Should the same id come again, it is a stranger's.
#[test]
fn what_was_read_of_somebody_who_is_being_erased_is_read_anew() {
    let app = TestApp::new();
    let person = ordered(&app, "first", 1);
    let edition = || app.app().storage.edition().unwrap();
    let before = edition();
    assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
    assert!(edition() > before);
}

#[test]
fn who_is_taken_apart_meanwhile_has_what_each_did() {
    let app = TestApp::new();
    let first = ordered(&app, "first", 1);
    app.advance(60);
    let [phone, laptop] = one_who_was_two(&app);
    assert!(first < phone, "they come in the order of their ids");
    let mut warming = begun(&app, "DID \"order\" AT LEAST 2 TIMES", ONE_BY_ONE);
    assert!(app.wait(warming.next()).unwrap());
    undo(&app, &phone);
    finished(&app, warming);
    assert_eq!(members(&app, "often"), [laptop]);
}

/// Whether history is being written into a file, or was: what it says then is how it stands.
fn is_read(app: &TestApp) -> bool {
    let parts = std::fs::read_dir(app.folder().join("scratch")).unwrap().flatten();
    let mut files =
        parts.filter_map(|part| std::fs::read_dir(part.path()).ok()).flatten().flatten();
    let is_one = |name: &std::ffi::OsStr| name.to_string_lossy().ends_with(".jsonl.zst");
    files.any(|file| is_one(&file.file_name()))
}

/// The step that reads history goes on to the first piece of it: nothing asks again whether that is so still.
#[test]
fn who_is_taken_apart_between_reading_and_giving_has_what_each_did() {
    let app = TestApp::new();
    let [phone, laptop] = one_who_was_two(&app);
    let mut warming = begun(&app, "DID \"order\" AT LEAST 2 TIMES", Portions::default());
    let mut step = Box::pin(warming.next());
    while !is_read(&app) {
        // It goes on only where somebody asks it to.
        let is_done = app.wait(poll_fn(|cx| Poll::Ready(step.as_mut().poll(cx).is_ready())));
        assert!(!is_done);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    undo(&app, &phone);
    assert!(app.wait(step).unwrap());
    finished(&app, warming);
    assert_eq!(members(&app, "often"), [laptop]);
}

#[test]
fn who_becomes_one_meanwhile_has_what_both_did() {
    let app = TestApp::new();
    let first = ordered(&app, "first", 1);
    app.advance(60);
    let second = ordered(&app, "second", 1);
    assert!(first < second, "they come in the order of their ids");
    let mut warming = begun(&app, "DID \"order\" EXACTLY 2 TIMES", ONE_BY_ONE);
    assert!(app.wait(warming.next()).unwrap());
    let key = |session: &str| did(session, "profile-update", &json!({"identifier": {"id": "K1"}}));
    for session in ["first", "second"] {
        app.track(key(session)).ok();
        app.advance(1);
    }
    finished(&app, warming);
    assert_eq!(members(&app, "often"), [first]);
}

/// More than are held against rules in one step.
const MANY: usize = 300;

/// Some are held against the rules as they are now.
fn some_are_held(app: &TestApp, warming: &mut Warming) -> usize {
    for _ in 0..100 {
        app.wait(warming.next()).unwrap();
        app.advance(1);
        let warmth = app.app().storage.warmth().unwrap();
        if !warmth.settling.is_empty() && warmth.people > 0 {
            return usize::try_from(warmth.people).unwrap();
        }
    }
    panic!("nobody is ever held against them")
}

#[test]
fn nobody_stays_in_an_audience_that_is_removed_while_people_enter_it() {
    let app = TestApp::new();
    (0..MANY).for_each(|who| drop(does(&app, &format!("s{who}"), "order")));
    let mut warming = begun(&app, "DID \"order\"", Portions::default());
    let held = some_are_held(&app, &mut warming);
    assert!((1..MANY).contains(&held));
    app.delete(&format!("{AUDIENCES}/often")).ok();
    assert!(warming::is_needed(app.app()).unwrap());
    finished(&app, warming);
    assert_eq!(app.app().storage.audience_sizes().unwrap(), []);
    assert!(!warming::is_needed(app.app()).unwrap());
}

#[test]
fn who_was_held_against_rules_that_are_taken_back_is_held_against_those_of_before() {
    let app = TestApp::new();
    (0..MANY).for_each(|who| drop(does(&app, &format!("s{who}"), "order")));
    audience(&app, "often", "DID \"order\" AT LEAST 1 TIMES");
    put(&app, "often", "NOT DID \"order\" AT LEAST 1 TIMES");
    let mut warming = Warming::new(app.app());
    some_are_held(&app, &mut warming);
    assert!(members(&app, "often").len() < MANY, "some have left");
    put(&app, "often", "DID \"order\" AT LEAST 1 TIMES");
    finished(&app, warming);
    assert_eq!(app.app().storage.audience_sizes().unwrap(), [("often".to_owned(), MANY as u64)]);
}

#[test]
fn a_server_that_ends_does_not_wait_for_history() {
    let app = TestApp::new();
    ordered(&app, "ann", 2);
    let mut warming = begun(&app, "DID \"order\"", Portions::default());
    app.app().lake.close();
    assert!(!app.wait(warming.next()).unwrap());
    assert_eq!(app.app().storage.warmth().unwrap().people, 0);
}

/// Also of whom nothing is counted.
#[test]
fn how_far_a_rule_has_come_is_said_while_it_is_under_way() {
    let app = TestApp::new();
    for session in ["first", "second", "third"] {
        ordered(&app, session, 1);
        app.advance(60);
    }
    does(&app, "fourth", "click");
    let trait_ = json!({"id": "orders", "function": "count", "event_type": "order"});
    app.post("/api/computed-traits", &trait_).ok();
    let mut warming = begun(&app, "DID \"order\"", ONE_BY_ONE);
    let said = |kind: &str| {
        let one = app.get(&format!("/api/{kind}")).ok().body;
        (one["state"].clone(), one["progress"].clone())
    };
    let [audience, computed] = ["audiences/often", "computed-traits/orders"];
    let asked = |people: u64| {
        let progress = json!({"step": "history", "people": people, "of": 4});
        (json!("warming"), progress)
    };
    assert_eq!(said(audience), asked(0));
    for people in 1..4 {
        assert!(app.wait(warming.next()).unwrap());
        assert_eq!((said(audience), said(computed)), (asked(people), asked(people)));
    }
    finished(&app, warming);
    let done = (json!("live"), json!(null));
    assert_eq!((said(audience), said(computed)), (done.clone(), done));
}

#[test]
fn who_fills_an_audience_is_counted_while_it_fills() {
    let app = TestApp::new();
    (0..MANY).for_each(|who| drop(does(&app, &format!("s{who}"), "order")));
    let mut warming = begun(&app, "DID \"order\"", Portions::default());
    let held = some_are_held(&app, &mut warming);
    let one = app.get(&format!("{AUDIENCES}/often")).ok().body;
    let progress = json!({"step": "members", "people": held, "of": MANY});
    assert_eq!((&one["state"], &one["progress"]), (&json!("live"), &progress));
}

/// Whoever waits until it is live, and nothing is left to do, finds its members.
#[test]
fn a_rule_that_is_live_is_not_done_before_people_are_in_it() {
    let app = TestApp::new();
    does(&app, "ann", "order");
    let mut warming = begun(&app, "DID \"order\"", Portions::default());
    let mut was_live = 0;
    loop {
        let one = app.get(&format!("{AUDIENCES}/often")).ok().body;
        let is_done = one["state"] == "live" && one["progress"].is_null();
        was_live += u8::from(one["state"] == "live");
        assert_eq!(is_done, one["members"] == 1, "{one}");
        if is_done {
            break;
        }
        app.wait(warming.next()).unwrap();
    }
    assert!(was_live > 1, "it was live before it was done");
}

/// Sorting all of it at once would take more than a question may have.
#[test]
fn history_that_finds_no_room_is_asked_of_fewer_people_at_a_time() {
    const PEOPLE: usize = 300;
    let configure = |config: &mut Config| {
        config.query.memory_bytes_max = 96 << 20;
        config.query.scratch_bytes_max = 1 << 20;
        config.limits.body_bytes_max = 1 << 20;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let mut last = String::new();
    for who in 0..PEOPLE {
        let said = |at: usize| format!("{who} {at} {}", "x".repeat(12_000));
        let events = (0..20).map(|at| json!({"type": "order", "properties": {"text": said(at)}}));
        let session = json!({"id": format!("s{who}")});
        let payload = json!({"session": session, "events": events.collect::<Vec<_>>()});
        last = app.track(payload).ok().profile();
    }
    let said =
        json!({"id": "said", "function": "last", "event_type": "order", "of": "properties.text"});
    app.post("/api/computed-traits", &said).ok();
    let mut warming = begun(&app, "DID \"order\"", Portions::default());
    // The job waits a little and tries again.
    let mut refused = 0;
    while app.wait(warming.next()).inspect_err(|_| refused += 1).unwrap_or(true) {
        assert!(refused < 10, "it finds room once there are few enough");
    }
    assert!(refused > 0);
    time(&app);
    let size = app.app().storage.audience_sizes().unwrap();
    assert_eq!(size, [("often".to_owned(), PEOPLE as u64)]);
    let computed = app.get(&format!("/profile/{last}")).ok().body["computed"].clone();
    assert!(computed["said"].as_str().unwrap().starts_with("299 19 xxx"));
}
