//! Mergers are explained and taken back: what each side's own events give stands again.

use std::sync::atomic::{AtomicBool, Ordering};

use kith::model::Trust;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::TestApp;

/// Says who somebody is, by a key that a shop gives.
pub(super) fn known_by(session: &str, key: &str) -> Value {
    let properties = json!({"identifier": {"id": key}});
    said(session, "profile-update", &properties)
}

pub(super) fn said(session: &str, kind: &str, properties: &Value) -> Value {
    json!({"session": {"id": session}, "events": [{"type": kind, "properties": properties}]})
}

pub(super) fn interest(session: &str, by: u64) -> Value {
    said(session, "increase-interest", &json!({"interest": "sport", "value": by}))
}

/// Two people who become one by a key.
fn united(app: &TestApp) -> (String, String) {
    let phone = app.track(known_by("phone", "K1")).ok().profile();
    app.advance(60);
    let laptop = app.track(interest("laptop", 1)).ok().profile();
    app.advance(60);
    assert_eq!(app.track(known_by("laptop", "K1")).ok().profile(), phone);
    app.advance(60);
    (phone, laptop)
}

pub(super) fn merges(app: &TestApp, id: &str) -> Vec<Value> {
    let identity = app.get(&format!("/api/profiles/{id}/identity")).ok().body;
    identity["merges"].as_array().unwrap().clone()
}

fn undo(app: &TestApp, id: &str) -> Value {
    let merge = merges(app, id)[0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok().body
}

pub(super) fn profile(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body
}

#[test]
fn a_merger_tells_why_and_who_both_were() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    let identity = app.get(&format!("/api/profiles/{laptop}/identity")).ok().body;
    assert_eq!(identity["id"], json!(phone));
    let ids = json!([{"id": phone, "was": "own"}, {"id": laptop, "was": "merged"}]);
    assert_eq!(identity["ids"], ids);
    let identifiers = identity["identifiers"].as_array().unwrap();
    assert_eq!(identifiers.len(), 1);
    assert_eq!(
        (&identifiers[0]["namespace"], &identifiers[0]["under"]),
        (&json!("id"), &json!(phone))
    );
    let merge = &identity["merges"][0];
    assert_eq!((&merge["loser"], &merge["winner"]), (&json!(laptop), &json!(phone)));
    assert_eq!(
        merge["why"]["identifier"],
        json!({"namespace": "id", "hash": identifiers[0]["hash"]})
    );
    assert_eq!(
        (&merge["why"]["source"], &merge["why"]["came_with"]),
        (&json!("shop"), &json!(laptop))
    );
    let full = app.get(&format!("/api/merges/{}", merge["id"].as_str().unwrap())).ok().body;
    assert_eq!((&full["winner"]["id"], &full["loser"]["id"]), (&json!(phone), &json!(laptop)));
    assert_eq!(full["loser"]["interests"], json!({"sport": 1}));
    assert_eq!(app.get("/api/merges/nonsense").status, 404);
    assert_eq!(app.get("/api/profiles/nobody/identity").status, 404);
}

#[test]
fn a_merger_says_under_which_rules_it_was_decided() {
    let app = TestApp::new();
    let (phone, _) = united(&app);
    let why = |at: usize| merges(&app, &phone)[at]["why"].clone();
    let first = why(0)["rules"].as_i64().unwrap();
    assert_eq!(why(0)["believed"], "trusted");
    app.post("/api/identity/namespaces", &json!({"id": "loyalty"})).ok();
    app.delete("/api/identity/namespaces/loyalty").ok();
    let tablet = app.track(interest("tablet", 1)).ok().profile();
    app.track(known_by("tablet", "K1")).ok();
    assert_eq!(merges(&app, &phone)[1]["loser"], json!(tablet));
    let second = why(1)["rules"].as_i64().unwrap();
    let log = app.get("/api/audit").ok().body;
    let changed = log["result"].as_array().unwrap().iter();
    let changed: Vec<_> = changed
        .filter(|one| one["version"].as_i64().is_some_and(|at| at > first && at <= second))
        .map(|one| (one["action"].as_str().unwrap(), one["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(changed, [("remove", "namespace"), ("put", "namespace")]);
    let full = app.get(&format!("/api/merges/{}", merges(&app, &phone)[1]["id"].as_str().unwrap()));
    assert_eq!(full.ok().body["merge"]["why"]["rules"], json!(second));
}

#[test]
fn both_stand_again_with_what_their_own_events_say() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    app.track(interest("phone", 10)).ok();
    app.track(interest("laptop", 100)).ok();
    assert_eq!(profile(&app, &phone)["interests"], json!({"sport": 111}));
    let undone = undo(&app, &phone);
    assert_eq!(undone["people"], json!([phone, laptop]));
    assert_eq!(undone["untold"], json!([]));
    for (id, sport, session) in [(&phone, 10, "phone"), (&laptop, 101, "laptop")] {
        let one = profile(&app, id);
        assert_eq!((&one["id"], &one["ids"]), (&json!(id), &json!([id])));
        assert_eq!(one["interests"], json!({"sport": sport}));
        assert_eq!(one["metadata"]["time"]["visit"]["count"], 1);
        assert_eq!(app.get(&format!("/session/{session}")).ok().body["profile"]["id"], json!(id));
    }
    assert_eq!(app.get("/profile/count").ok().body["count"], 2);
    assert_eq!(
        app.events(&laptop),
        [
            "profile-created",
            "session-opened",
            "visit-started",
            "increase-interest",
            "profile-update",
            "increase-interest",
        ]
    );
    assert!(merges(&app, &phone)[0]["undone"].is_string());
    assert!(app.app().storage.check().unwrap().is_empty());
}

#[test]
fn what_was_said_to_be_two_people_is_not_united_again() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    undo(&app, &phone);
    let again = app.track(known_by("laptop", "K1")).ok();
    assert_eq!((again.profile(), again.warnings()), (laptop.clone(), vec!["people_kept_apart"]));
    assert_eq!(app.track(interest("phone", 1)).ok().profile(), phone);
    let identity = app.get(&format!("/api/profiles/{laptop}/identity")).ok().body;
    assert_eq!(identity["apart"], json!([phone]));
    // By the key, a third one comes to whoever said it first.
    app.advance(60);
    assert_eq!(app.track(known_by("tablet", "K1")).ok().profile(), phone);
}

#[test]
fn a_merger_is_taken_back_once() {
    let app = TestApp::new();
    let (phone, _) = united(&app);
    undo(&app, &phone);
    let merge = merges(&app, &phone)[0]["id"].as_str().unwrap().to_owned();
    let again = app.post(&format!("/api/merges/{merge}/undo"), &json!({}));
    assert_eq!((again.status.as_u16(), again.code()), (409, "merge_undone"));
    assert_eq!(app.post("/api/merges/a.1.b/undo", &json!({})).status, 404);
}

#[test]
fn whoever_came_along_stays_with_the_side_that_named_them() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    let tablet = app.track(said("tablet", "profile-update", &json!({"identifier": {"id": "K2"}})));
    let tablet = tablet.ok().profile();
    app.advance(60);
    app.track(known_by("laptop", "K2")).ok();
    app.advance(60);
    app.track(interest("tablet", 7)).ok();
    assert_eq!(profile(&app, &tablet)["id"], json!(phone));
    let first = merges(&app, &phone)[0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{first}/undo"), &json!({})).ok();
    let theirs = profile(&app, &tablet);
    assert_eq!((&theirs["id"], &theirs["ids"]), (&json!(laptop), &json!([laptop, tablet])));
    assert_eq!(theirs["interests"], json!({"sport": 8}));
    assert_eq!(profile(&app, &phone)["ids"], json!([phone]));
    let left = merges(&app, &tablet);
    let holding: Vec<_> = left.iter().filter(|merge| merge["undone"].is_null()).collect();
    assert_eq!((&holding[0]["loser"], &holding[0]["winner"]), (&json!(tablet), &json!(laptop)));
    assert_eq!(app.events(&tablet), app.events(&laptop));
}

#[test]
fn what_no_event_tells_stays_with_the_older_one() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    let mut secret = interest("laptop", 50);
    secret["events"][0]["options"] = json!({"save": false});
    app.track(secret).ok();
    let undone = undo(&app, &phone);
    assert_eq!(undone["untold"], json!(["interests.sport"]));
    assert_eq!(profile(&app, &phone)["interests"], json!({"sport": 50}));
    assert_eq!(profile(&app, &laptop)["interests"], json!({"sport": 1}));
}

#[test]
fn history_in_files_follows_at_once() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    app.track(interest("laptop", 100)).ok();
    app.app().lake.flush().unwrap();
    app.track(interest("laptop", 1000)).ok();
    let before = app.events(&phone).len();
    undo(&app, &phone);
    assert_eq!(app.events(&phone).len() + app.events(&laptop).len(), before);
    assert_eq!(profile(&app, &laptop)["interests"], json!({"sport": 1101}));
    let people = "SELECT count(DISTINCT profile_id) AS n FROM events";
    let answer = app.post("/sql", &json!({"query": people})).ok().body;
    assert_eq!(answer[0]["n"], json!(2), "{answer}");
}

#[test]
fn a_visit_in_which_somebody_was_only_named_stays_with_its_visitors_side() {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    let ann = app.track(known_by("ann", "K1")).ok().profile();
    app.track(known_by("eve", "K2")).ok();
    app.advance(60);
    let bob = app.track(said("bob", "page-view", &json!({}))).ok().profile();
    let on_page = |payload: Value| {
        let mut payload = payload;
        payload["source"] = json!({"id": "page"});
        app.track(payload).ok()
    };
    on_page(known_by("bob", "K2"));
    let mut elsewhere = known_by("bob elsewhere", "K1");
    elsewhere["profile"] = json!({"id": bob});
    app.advance(60);
    assert_eq!(app.track(elsewhere).ok().profile(), ann);
    on_page(said("bob", "page-view", &json!({})));
    app.advance(60);
    undo(&app, &ann);
    assert_eq!(app.track(known_by("bob", "K3")).ok().profile(), bob);
}

#[test]
fn who_never_rests_is_taken_apart_all_the_same() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    let merge = merges(&app, &phone)[0]["id"].as_str().unwrap().to_owned();
    let is_undone = AtomicBool::new(false);
    let speak = &|session: &str| {
        let mut said = 0_u64;
        while !is_undone.load(Ordering::Relaxed) {
            app.track(interest(session, 1)).ok();
            said += 1;
        }
        said
    };
    let [of_phone, of_laptop] = std::thread::scope(|scope| {
        let speaking = ["phone", "laptop"].map(|session| scope.spawn(move || speak(session)));
        let reply = app.post(&format!("/api/merges/{merge}/undo"), &json!({}));
        is_undone.store(true, Ordering::Relaxed);
        reply.ok();
        speaking.map(|one| one.join().unwrap())
    });
    assert_eq!(profile(&app, &phone)["interests"], json!({"sport": of_phone}));
    assert_eq!(profile(&app, &laptop)["interests"], json!({"sport": of_laptop + 1}));
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

/// What a device says.
#[derive(Clone, Debug)]
enum Word {
    View,
    Interest(u64),
    Name(usize),
    Order(u64),
    Place(usize),
    Shoe(usize),
}

impl Word {
    fn event(&self) -> Value {
        let (kind, properties) = match self {
            Self::View => ("page-view", json!({})),
            Self::Interest(by) => ("increase-interest", json!({"interest": "sport", "value": by})),
            Self::Name(which) => {
                let name = ["Ann", "Bob", "Eve"][*which];
                ("profile-update", json!({"firstname": name}))
            }
            Self::Order(value) => ("checkout-started", json!({"value": value, "currency": "EUR"})),
            Self::Place(which) => {
                let country = ["Poland", "Norway"][*which];
                ("location", json!({"country": {"name": country, "code": &country[..2]}}))
            }
            Self::Shoe(size) => ("add-size-preference", json!({"size": format!("{size}")})),
        };
        json!({"type": kind, "properties": properties})
    }
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        Just(Word::View),
        (1_u64..5).prop_map(Word::Interest),
        (0_usize..3).prop_map(Word::Name),
        (1_u64..9).prop_map(Word::Order),
        (0_usize..2).prop_map(Word::Place),
        (38_usize..41).prop_map(Word::Shoe),
    ]
}

/// A payload: which device, which of its sessions, what it says, and whether it comes much later.
type Said = (bool, usize, Vec<Word>, bool);

fn said_words() -> impl Strategy<Value = Said> {
    (any::<bool>(), 0_usize..2, prop::collection::vec(word(), 1..4), any::<bool>())
}

/// What two devices say, of which the second says at some moment who it is: with the key that the
/// first has said, or with another.
fn tell(key: &str, before: &[Said], after: &[Said], flushes: bool) -> (TestApp, [String; 2]) {
    let app = TestApp::new();
    let one = app.track(known_by("phone 0", "K1")).ok().profile();
    app.advance(1);
    let other = app.track(said("laptop 0", "page-view", &json!({}))).ok().profile();
    let ids = [one, other];
    say(&app, &ids, before);
    app.advance(1);
    let properties = json!({"identifier": {"id": key}});
    app.track(said("laptop 0", "profile-update", &properties)).ok();
    if flushes {
        app.app().lake.flush().unwrap();
    }
    say(&app, &ids, after);
    (app, ids)
}

fn say(app: &TestApp, ids: &[String; 2], all: &[Said]) {
    for (is_laptop, session, words, waits) in all {
        app.advance(if *waits { 3600 } else { 1 });
        let device = if *is_laptop { "laptop" } else { "phone" };
        let events: Vec<Value> = words.iter().map(Word::event).collect();
        // A device goes on with the id that it was given first.
        let id = &ids[usize::from(*is_laptop)];
        let session = json!({"id": format!("{device} {session}")});
        app.track(json!({"session": session, "profile": {"id": id}, "events": events})).ok();
    }
}

/// The profile, with the key that differs made one, and without moments that a merger moves by a
/// microsecond.
fn shown(app: &TestApp, id: &str) -> Value {
    let mut document = profile(app, id);
    document["data"]["identifier"] = Value::Null;
    let text = document.to_string().replace(".000001Z", "Z").replace(".000002Z", "Z");
    serde_json::from_str(&text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_merger_taken_back_is_as_though_it_had_never_been(
        before in prop::collection::vec(said_words(), 0..5),
        after in prop::collection::vec(said_words(), 0..7),
        flushes in any::<bool>(),
    ) {
        let (undone, ids) = tell("K1", &before, &after, flushes);
        let (never, same) = tell("K2", &before, &after, flushes);
        prop_assert_eq!(&ids, &same);
        let report = undo(&undone, &ids[0]);
        prop_assert_eq!(&report["untold"], &json!([]));
        for id in &ids {
            prop_assert_eq!(shown(&undone, id), shown(&never, id));
            prop_assert_eq!(undone.events(id), never.events(id));
        }
        let problems = undone.app().storage.check().unwrap();
        prop_assert!(problems.is_empty(), "{problems:?}");
    }
}
