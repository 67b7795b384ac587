//! Everybody is decided on anew when the rules have changed: shown first, then done, and nothing is lost.

use serde_json::{Value, json};

use crate::support::app::SOURCE;
use crate::support::{Setup, TestApp};

pub(crate) fn said(session: &str, kind: &str, properties: &Value) -> Value {
    json!({"session": {"id": session}, "events": [{"type": kind, "properties": properties}]})
}

pub(super) fn signs_in(session: &str, email: &str) -> Value {
    said(session, "sign-in", &json!({"email": {"main": email}}))
}

pub(super) fn shows_card(session: &str, card: &str) -> Value {
    said(session, "card-shown", &json!({"card": {"number": card}}))
}

pub(crate) fn interest(session: &str, by: u64) -> Value {
    said(session, "increase-interest", &json!({"interest": "sport", "value": by}))
}

/// Cards name people.
pub(crate) fn cards(unique: bool) -> Value {
    let read_from = json!([{"event_type": "card-shown", "property": "card.number"}]);
    json!({"id": "card", "unique": unique, "read_from": read_from})
}

pub(crate) fn put(app: &TestApp, namespace: &Value) {
    app.post("/api/identity/namespaces", namespace).ok();
}

fn profile(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body
}

fn people(app: &TestApp) -> u64 {
    app.get("/profile/count").ok().body["count"].as_u64().unwrap()
}

/// Lets the job run once.
fn work(app: &TestApp) {
    assert!(app.block_on(kith::rebuild::next(app.app())).unwrap());
}

fn show(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/api/rebuilds/{id}")).ok().body
}

/// The shadow: its number, and what it says.
pub(crate) fn shadow(app: &TestApp) -> (String, Value) {
    let begun = app.post("/api/rebuilds", &json!({}));
    assert_eq!(begun.status, 202);
    let id = begun.body["rebuild"].as_str().unwrap().to_owned();
    assert_eq!(show(app, &id)["status"], "folding");
    work(app);
    let shown = show(app, &id);
    assert_eq!(shown["status"], "ready", "{shown}");
    (id, shown)
}

pub(crate) fn switch(app: &TestApp, id: &str) -> Value {
    assert_eq!(app.post(&format!("/api/rebuilds/{id}/switch"), &json!({})).status, 202);
    work(app);
    let shown = show(app, id);
    assert_eq!((&shown["status"], &shown["difference"]["left"]), (&json!("done"), &json!(0)));
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    shown
}

pub(crate) fn counts(shown: &Value, names: &[&str]) -> Vec<i64> {
    names.iter().map(|name| shown["difference"][name].as_i64().unwrap()).collect()
}

const PEOPLE: [&str; 5] =
    ["people_apart", "people_united", "people_more", "mergers_taken_back", "mergers_new"];

/// Two devices that are one person by an address.
fn united(app: &TestApp) -> (String, String) {
    let phone = app.track(signs_in("phone", "info@shop.example")).ok().profile();
    app.advance(60);
    let laptop = app.track(interest("laptop", 1)).ok().profile();
    app.advance(60);
    assert_eq!(app.track(signs_in("laptop", "info@shop.example")).ok().profile(), phone);
    app.advance(60);
    app.track(interest("phone", 10)).ok();
    app.track(interest("laptop", 100)).ok();
    app.advance(60);
    (phone, laptop)
}

fn nobodys_address() -> Value {
    json!({"id": "email", "meaningless": ["info@*"]})
}

#[test]
fn whom_a_word_united_that_names_nobody_any_more_comes_apart() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    put(&app, &nobodys_address());
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [1, 0, 1, 1, 0]);
    assert_eq!(counts(&shown, &["identifiers_unbound", "traits_changed"]), [1, 2]);
    let one = json!({"id": phone, "ids": [phone, laptop]});
    let alone = |id: &str| json!({"id": id, "ids": [id]});
    assert_eq!(shown["examples"], json!([{"now": [one], "then": [alone(&phone), alone(&laptop)]}]));
    assert_eq!(
        (people(&app), &profile(&app, &laptop)["id"]),
        (1, &json!(phone)),
        "nothing is changed"
    );
    switch(&app, &id);
    for (id, sport) in [(&phone, 10), (&laptop, 101)] {
        let one = profile(&app, id);
        assert_eq!((&one["id"], &one["interests"]), (&json!(id), &json!({"sport": sport})));
    }
    let identity = app.get(&format!("/api/profiles/{laptop}/identity")).ok().body;
    assert_eq!((&identity["apart"], &identity["identifiers"]), (&json!([]), &json!([])));
    assert!(identity["merges"][0]["undone"].is_string(), "{identity}");
    assert_eq!(app.events(&laptop).len() + app.events(&phone).len(), 11);
}

#[test]
fn what_a_person_has_one_of_takes_apart_who_has_two() {
    let app = TestApp::new();
    put(&app, &cards(false));
    let phone = app.track(shows_card("phone", "A")).ok().profile();
    app.advance(1);
    let laptop = app.track(shows_card("laptop", "B")).ok().profile();
    app.advance(1);
    app.track(signs_in("phone", "ann@shop.example")).ok();
    app.track(signs_in("laptop", "ann@shop.example")).ok();
    assert_eq!(people(&app), 1);
    put(&app, &cards(true));
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [1, 0, 1, 1, 0]);
    switch(&app, &id);
    assert_eq!(profile(&app, &laptop)["id"], json!(laptop));
    let by_card = app.track(shows_card("tablet", "A")).ok().profile();
    assert_eq!(by_card, phone);
}

/// Three devices, of which two show the same card before anybody said that cards name people.
fn card_holders(app: &TestApp) -> [String; 3] {
    let ids = [("phone", "7"), ("laptop", "7"), ("tablet", "8")].map(|(device, card)| {
        let id = app.track(shows_card(device, card)).ok().profile();
        app.advance(60);
        app.track(interest(device, 1)).ok();
        app.advance(60);
        id
    });
    put(app, &cards(false));
    ids
}

#[test]
fn a_new_namespace_unites_whom_history_names_by_it() {
    let app = TestApp::new();
    let [phone, laptop, tablet] = card_holders(&app);
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [0, 2, -1, 0, 1]);
    assert_eq!(counts(&shown, &["identifiers_bound", "people_recognised"]), [2, 1]);
    switch(&app, &id);
    let one = profile(&app, &laptop);
    assert_eq!((&one["id"], &one["interests"]), (&json!(phone), &json!({"sport": 2})));
    assert_eq!(profile(&app, &tablet)["id"], json!(tablet));
    let merge = &app.get(&format!("/api/profiles/{phone}/identity")).ok().body["merges"][0];
    let why = &merge["why"];
    assert_eq!(
        (&why["identifier"]["namespace"], &why["came_with"]),
        (&json!("card"), &json!(laptop))
    );
    assert_eq!(why["rules"], shown["rules"]);
    assert!(why["event"].is_string());
    for (card, holder) in [("7", &phone), ("8", &tablet)] {
        assert_eq!(app.track(shows_card(&format!("new {card}"), card)).ok().profile(), *holder);
    }
    // A merger of a rebuild is one as any other.
    let merge = merge["id"].as_str().unwrap();
    let undone = app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok().body;
    assert_eq!(undone["people"], json!([phone, laptop]));
}

#[test]
fn what_comes_between_the_shadow_and_the_switch_is_folded_too() {
    let app = TestApp::new();
    let [phone, laptop, _] = card_holders(&app);
    let (id, _) = shadow(&app);
    let desktop = app.track(shows_card("desktop", "7")).ok().profile();
    app.track(interest("desktop", 5)).ok();
    app.track(interest("laptop", 20)).ok();
    switch(&app, &id);
    for id in [&laptop, &desktop] {
        assert_eq!(profile(&app, id)["id"], json!(phone));
    }
    assert_eq!(profile(&app, &phone)["interests"], json!({"sport": 27}));
}

#[test]
fn people_are_taken_apart_and_put_together_at_once() {
    let app = TestApp::new();
    let ids = ["till", "phone", "laptop"].map(|device| {
        let id = app.track(interest(device, 1)).ok().profile();
        app.advance(1);
        app.track(signs_in(device, "info@shop.example")).ok();
        app.advance(1);
        id
    });
    for device in ["phone", "laptop"] {
        app.track(signs_in(device, "ann@shop.example")).ok();
    }
    assert_eq!(people(&app), 1);
    put(&app, &nobodys_address());
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [1, 0, 1, 2, 1]);
    switch(&app, &id);
    let [till, phone, laptop] = &ids;
    assert_eq!(profile(&app, till)["interests"], json!({"sport": 1}));
    let ann = profile(&app, laptop);
    assert_eq!((&ann["id"], &ann["interests"]), (&json!(phone), &json!({"sport": 2})));
}

#[test]
fn what_history_does_not_tell_any_more_stands_and_is_told_of() {
    let app = TestApp::new();
    let phone = app.track(signs_in("phone", "info@shop.example")).ok().profile();
    app.advance(60);
    let laptop = app.track(interest("laptop", 1)).ok().profile();
    let mut secret = signs_in("laptop", "info@shop.example");
    secret["events"][0]["options"] = json!({"save": false});
    app.track(secret).ok();
    assert_eq!(people(&app), 1);
    put(&app, &nobodys_address());
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [0, 0, 0, 0, 0]);
    assert_eq!(counts(&shown, &["mergers_standing"]), [1]);
    switch(&app, &id);
    assert_eq!(profile(&app, &laptop)["id"], json!(phone));
}

#[test]
fn it_is_asked_for_once_thrown_away_and_not_switched_to_under_other_rules() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    put(&app, &nobodys_address());
    let first = app.post("/api/rebuilds", &json!({})).body["rebuild"].as_str().unwrap().to_owned();
    let again = app.post("/api/rebuilds", &json!({}));
    assert_eq!((again.status.as_u16(), again.code()), (409, "rebuild_running"));
    let early = app.post(&format!("/api/rebuilds/{first}/switch"), &json!({}));
    assert_eq!((early.status.as_u16(), early.code()), (409, "rebuild_not_ready"));
    app.delete(&format!("/api/rebuilds/{first}")).ok();
    assert_eq!(show(&app, &first)["status"], "discarded");
    let (second, _) = shadow(&app);
    put(&app, &json!({"id": "email"}));
    let late = app.post(&format!("/api/rebuilds/{second}/switch"), &json!({}));
    assert_eq!((late.status.as_u16(), late.code()), (409, "rebuild_outdated"));
    app.delete(&format!("/api/rebuilds/{second}")).ok();
    assert_eq!(show(&app, &second)["examples"], json!([]));
    assert_eq!(profile(&app, &laptop)["id"], json!(phone));
    assert_eq!(app.get("/api/rebuilds/none").status, 404);
    assert!(!app.block_on(kith::rebuild::next(app.app())).unwrap());
}

#[test]
fn a_switch_that_was_interrupted_goes_on_after_the_start() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    put(&app, &nobodys_address());
    let (id, _) = shadow(&app);
    assert_eq!(app.post(&format!("/api/rebuilds/{id}/switch"), &json!({})).status, 202);
    let now = app.clock.now();
    let folder = app.stop();
    let app = TestApp::with(Setup { folder, now, seed: 2, ..Setup::default() });
    assert_eq!(show(&app, &id)["status"], "switching");
    work(&app);
    assert_eq!(show(&app, &id)["status"], "done");
    for id in [&phone, &laptop] {
        assert_eq!(profile(&app, id)["id"], json!(id));
    }
}

#[test]
fn a_shadow_is_made_anew_after_a_crash_and_nothing_of_it_counts() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    put(&app, &nobodys_address());
    let id = app.post("/api/rebuilds", &json!({})).body["rebuild"].as_str().unwrap().to_owned();
    let now = app.clock.now();
    let app = TestApp::with(Setup { folder: app.stop(), now, seed: 2, ..Setup::default() });
    assert_eq!(profile(&app, &laptop)["id"], json!(phone));
    work(&app);
    assert_eq!(counts(&show(&app, &id), &PEOPLE), [1, 0, 1, 1, 0]);
}

#[test]
fn a_change_of_the_rules_is_looked_at_over_everybody_before_it_is_made() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    let ask = |rules: &Value| {
        let body = app.post("/api/identity/preview", &json!({"rules": rules})).ok().body;
        (counts(&body["people"], &PEOPLE), body["people"]["examples"].clone())
    };
    let (figures, examples) = ask(&json!({"namespaces": [nobodys_address()]}));
    assert_eq!(figures, [1, 0, 1, 1, 0]);
    let parts = &examples[0]["then"];
    assert_eq!((&parts[0]["id"], &parts[1]["id"]), (&json!(phone), &json!(laptop)));
    assert_eq!(ask(&json!({})), (vec![0; 5], json!([])));
    app.track(shows_card("phone", "7")).ok();
    app.track(shows_card("stranger", "7")).ok();
    assert_eq!(ask(&json!({"namespaces": [cards(false)]})).0, [0, 2, -1, 0, 1]);
    assert_eq!(
        (people(&app), &profile(&app, &laptop)["id"]),
        (2, &json!(phone)),
        "nothing is changed"
    );
    let wrong = json!({"rules": {"namespaces": [{"id": "card", "values_max": 0}]}});
    let refused = app.post("/api/identity/preview", &wrong);
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "identity_invalid"));
    let unknown = app.post("/api/identity/preview", &json!({"rules": {"namespace": []}}));
    assert_eq!(unknown.code(), "identity_invalid");
}

#[test]
fn a_rebuild_that_cannot_be_done_says_why() {
    let app = TestApp::new();
    united(&app);
    let id = app.post("/api/rebuilds", &json!({})).body["rebuild"].as_str().unwrap().to_owned();
    put(&app, &nobodys_address());
    work(&app);
    let shown = show(&app, &id);
    assert_eq!((&shown["status"], &shown["difference"]), (&json!("failed"), &Value::Null));
    assert_eq!(shown["failed"], "the rules have changed since: begin a new one");
}

#[test]
fn what_retention_has_removed_stands_and_is_told_of() {
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    for day in 0..3 {
        app.advance(86_400);
        app.track(interest("tablet", day)).ok();
    }
    app.app().lake.flush().unwrap();
    app.add_source(SOURCE, |source| source.retention_days = 2);
    let registry = app.app().registry.now();
    assert!(app.app().lake.expire(&registry).unwrap().events > 0);
    put(&app, &nobodys_address());
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [0, 0, 0, 0, 0]);
    assert_eq!(counts(&shown, &["mergers_standing"]), [1]);
    switch(&app, &id);
    let person = profile(&app, &laptop);
    assert_eq!((&person["id"], &person["interests"]), (&json!(phone), &json!({"sport": 111})));
}

#[test]
fn people_are_decided_on_anew_while_they_go_on() {
    const TIMES: u64 = 20;
    let app = TestApp::new();
    let (phone, laptop) = united(&app);
    put(&app, &nobodys_address());
    let (id, _) = shadow(&app);
    std::thread::scope(|scope| {
        for device in ["phone", "laptop", "tablet"] {
            let app = &app;
            scope.spawn(move || (0..TIMES).for_each(|_| drop(app.track(interest(device, 1)).ok())));
        }
        scope.spawn(|| switch(&app, &id));
    });
    for (id, before) in [(&phone, 10), (&laptop, 101)] {
        let one = profile(&app, id);
        assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(id), &json!(before + TIMES)));
    }
    assert_eq!(people(&app), 3);
}

#[test]
fn who_is_believed_no_more_has_united_nobody() {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = kith::model::Trust::Public);
    app.post("/api/identity/settings", &json!({"public": "merge"})).ok();
    let ann = app.track(signs_in("phone", "ann@shop.example")).ok().profile();
    app.advance(60);
    let of_page = |mut payload: Value| {
        payload["source"] = json!({"id": "page"});
        app.track(payload).ok().profile()
    };
    let visitor = of_page(interest("page", 3));
    app.advance(60);
    assert_eq!(of_page(signs_in("page", "ann@shop.example")), ann);
    app.post("/api/identity/settings", &json!({"public": "link"})).ok();
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [1, 0, 1, 1, 0]);
    switch(&app, &id);
    assert_eq!(profile(&app, &visitor)["interests"], json!({"sport": 3}));
}
