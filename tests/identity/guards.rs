//! How much one person may unite, and what waits for a decision.

use kith::model::Trust;
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

const QUARANTINE: &str = "/api/identity/quarantine";

fn sign_in(email: &str) -> Value {
    json!({"type": "sign-in", "properties": {"email": {"main": format!("{email}@example.com")}}})
}

#[expect(clippy::needless_pass_by_value, reason = "the events are written in place")]
fn send(app: &TestApp, session: &str, events: Value) -> Reply {
    app.track(json!({"session": {"id": session}, "events": events})).ok()
}

fn visit(app: &TestApp, session: &str) -> String {
    send(app, session, json!([{"type": "page-view"}])).profile()
}

fn living(app: &TestApp, id: &str) -> String {
    app.get(&format!("/profile/{id}")).ok().body["id"].as_str().unwrap().to_owned()
}

fn waiting(app: &TestApp) -> Vec<Value> {
    app.get(QUARANTINE).ok().body["result"].as_array().unwrap().clone()
}

fn decide(app: &TestApp, entry: &Value, decision: &Value) -> Reply {
    app.post(&format!("{QUARANTINE}/{}", entry["id"].as_str().unwrap()), decision)
}

fn identity(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/api/profiles/{id}/identity")).ok().body
}

/// An app in which one person may unite so many in a day.
fn app(merges_a_day_max: u64) -> TestApp {
    let app = TestApp::new();
    let guards = json!({"merges_a_day_max": merges_a_day_max});
    app.post("/api/identity/settings", &json!({"guards": guards})).ok();
    app
}

/// Visitors of one day who all sign in with the till's address; who they are before and after.
fn till(app: &TestApp, visitors: std::ops::Range<usize>) -> Vec<(String, Reply)> {
    let one = |number: usize| {
        let session = format!("visitor {number}");
        let before = visit(app, &session);
        app.advance(1);
        (before, send(app, &session, json!([sign_in("till")])))
    };
    visitors.map(one).collect()
}

#[test]
fn a_shops_till_unites_nobody_after_the_first_few() {
    let app = app(2);
    let all = till(&app, 0..5);
    let owner = &all[0].0;
    for (number, (before, reply)) in all.iter().enumerate() {
        let is_one = living(&app, before) == *owner;
        assert_eq!(is_one, number <= 2, "visitor {number}");
        let warnings: &[&str] = if is_one { &[] } else { &["identifier_quarantined"] };
        assert_eq!(reply.warnings(), warnings);
        assert!(app.events(before).contains(&"sign-in".to_owned()), "events are kept");
    }
    let entries = waiting(&app);
    assert_eq!(entries.len(), 2);
    assert_eq!((&entries[0]["visitor"], &entries[0]["holder"]), (&json!(all[3].0), &json!(owner)));
    assert_eq!(entries[0]["reason"], "merges_a_day_max");
    assert_eq!(entries[0]["identifier"], entries[1]["identifier"]);
    let metrics = app.app().telemetry.render();
    assert!(metrics.contains("kith_identifiers_quarantined_total{reason=\"merges_a_day_max\"} 2"));
    send(&app, "visitor 3", json!([sign_in("till")]));
    assert_eq!(waiting(&app).len(), 2, "who waits already is entered once");
}

#[test]
fn the_next_day_is_another_day() {
    let app = app(1);
    till(&app, 0..3);
    assert_eq!(waiting(&app).len(), 1);
    app.advance(86_400);
    till(&app, 3..4);
    assert_eq!(waiting(&app).len(), 1);
}

#[test]
fn a_familys_computer_passes() {
    let app = TestApp::new();
    for day in 0..5 {
        for name in ["ann", "bob", "cleo", "dan", "eve"] {
            let session = format!("{name} on day {day}");
            visit(&app, &session);
            app.advance(1);
            let reply = send(&app, &session, json!([sign_in(name)]));
            assert!(reply.warnings().is_empty(), "{session}: {:?}", reply.warnings());
        }
        app.advance(86_400);
    }
    assert_eq!(app.get("/profile/count").ok().body["count"], 5);
}

#[test]
fn no_more_ids_lead_to_one_person_than_may() {
    let app = TestApp::new();
    app.post("/api/identity/settings", &json!({"guards": {"ids_max": 2}})).ok();
    till(&app, 0..3);
    assert_eq!(waiting(&app)[0]["reason"], "ids_max");
}

#[test]
fn whoever_decides_may_unite_them() {
    let app = app(0);
    let all = till(&app, 0..2);
    let (owner, visitor) = (&all[0].0, &all[1].0);
    assert_ne!(living(&app, visitor), *owner);
    let entry = &waiting(&app)[0];
    let done = decide(&app, entry, &json!({"decision": "unite"})).ok().body;
    assert_eq!(done, json!({"decided": 1, "apart": []}));
    assert_eq!(living(&app, visitor), *owner);
    assert!(waiting(&app).is_empty());
    assert_eq!(decide(&app, entry, &json!({"decision": "unite"})).status, 404);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn what_was_decided_is_a_merger_as_any_other() {
    let app = app(0);
    let all = till(&app, 0..2);
    let (owner, visitor) = (&all[0].0, &all[1].0);
    let event = waiting(&app)[0]["event"].clone();
    decide(&app, &waiting(&app)[0], &json!({"decision": "unite"})).ok();
    let merge = identity(&app, visitor)["merges"][0].clone();
    assert_eq!((&merge["winner"], &merge["loser"]), (&json!(owner), &json!(visitor)));
    let why = &merge["why"];
    assert_eq!((&why["source"], &why["came_with"]), (&json!("shop"), &json!(visitor)));
    assert_eq!((&why["event"], &why["identifier"]["namespace"]), (&event, &json!("email")));
    assert!(why["decided_by"].is_string(), "{why}");
    app.advance(1);
    send(
        &app,
        "visitor 1",
        json!([{"type": "increase-interest", "properties": {"interest": "sport"}}]),
    );
    let by = json!({"namespace": "email", "value": "till@example.com"});
    let undone = app.post("/api/merges/undo", &by).ok().body["undone"][0].clone();
    assert_eq!((&undone["people"], &undone["untold"]), (&json!([owner, visitor]), &json!([])));
    assert_eq!((living(&app, owner), living(&app, visitor)), (owner.clone(), visitor.clone()));
    let interests = app.get(&format!("/profile/{visitor}")).ok().body["interests"].clone();
    assert_eq!(interests, json!({"sport": 1}), "what came since is theirs");
    assert_eq!(identity(&app, visitor)["apart"], json!([owner]));
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn who_was_united_after_all_is_not_apart_from_themselves() {
    let app = app(0);
    let all = till(&app, 0..2);
    let phone = json!({"type": "sign-in", "properties": {"phone": {"main": "+48600100200"}}});
    send(&app, "visitor 0", json!([phone]));
    send(&app, "visitor 1", json!([phone]));
    let entries = waiting(&app);
    assert_eq!(entries.len(), 2, "one for each identifier");
    decide(&app, &entries[0], &json!({"decision": "never"})).ok();
    assert_eq!(identity(&app, &all[0].0)["apart"], json!([all[1].0]));
    decide(&app, &entries[1], &json!({"decision": "unite"})).ok();
    assert_eq!(living(&app, &all[1].0), all[0].0);
    assert_eq!(identity(&app, &all[0].0)["apart"], json!([]));
}

#[test]
fn or_keep_them_apart_from_then_on() {
    let app = app(0);
    let all = till(&app, 0..2);
    let (owner, visitor) = (&all[0].0, &all[1].0);
    decide(&app, &waiting(&app)[0], &json!({"decision": "never"})).ok();
    let guards = json!({"merges_a_day_max": 100});
    app.post("/api/identity/settings", &json!({"guards": guards})).ok();
    for (one, other) in [(owner, visitor), (visitor, owner)] {
        assert_eq!(identity(&app, one)["apart"], json!([other]));
    }
    let reply = send(&app, "visitor 1", json!([sign_in("till")]));
    assert_eq!((reply.profile(), reply.warnings()), (visitor.clone(), vec!["people_kept_apart"]));
    let third = visit(&app, "third");
    app.advance(1);
    send(&app, "third", json!([sign_in("till")]));
    assert_eq!(living(&app, &third), *owner, "others are not concerned");
    assert!(waiting(&app).is_empty());
}

#[test]
fn or_say_which() {
    let app = app(0);
    let all = till(&app, 0..4);
    let entries = waiting(&app);
    let decision = json!({"decision": "unite", "others": "never"});
    let done = decide(&app, &entries[1], &decision).ok().body;
    assert_eq!(done, json!({"decided": 3, "apart": []}));
    let owner = &all[0].0;
    let united: Vec<bool> = all.iter().map(|(id, _)| living(&app, id) == *owner).collect();
    assert_eq!(united, [true, false, true, false]);
}

#[test]
fn two_who_have_one_each_cannot_be_united_by_anybody() {
    let app = app(0);
    let all = till(&app, 0..2);
    for (number, _) in all.iter().enumerate() {
        let event = json!({"type": "sign-in", "properties": {"pk": format!("c-{number}")}});
        send(&app, &format!("visitor {number}"), json!([event]));
    }
    let reply = decide(&app, &waiting(&app)[0], &json!({"decision": "unite"}));
    assert_eq!((reply.status.as_u16(), reply.code()), (409, "people_apart"));
    assert_eq!(waiting(&app).len(), 1, "they go on waiting");
    decide(&app, &waiting(&app)[0], &json!({"decision": "never"})).ok();
    assert!(waiting(&app).is_empty());
}

#[test]
fn where_pages_are_asked_about_whoever_they_name_waits() {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    app.post("/api/identity/settings", &json!({"public": "ask"})).ok();
    let ann = send(&app, "home", json!([sign_in("ann")])).profile();
    app.advance(1);
    let event = json!({"id": "said", "type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}});
    let payload = json!({"source": {"id": "page"}, "session": {"id": "s"}, "events": [event]});
    let visitor = app.track(payload).ok().profile();
    let entry = &waiting(&app)[0];
    assert_eq!((&entry["visitor"], &entry["holder"]), (&json!(visitor), &json!(ann)));
    assert_eq!((&entry["reason"], &entry["event"]), (&json!("public"), &json!("said")));
    assert_eq!((&entry["source"], &entry["namespace"]), (&json!("page"), &json!("email")));
    decide(&app, entry, &json!({"decision": "unite"})).ok();
    assert_eq!(living(&app, &visitor), ann);
    assert_eq!(visit(&app, "s"), ann, "the session is hers");
}

#[test]
fn one_payload_makes_no_more_entries_than_somebody_can_decide_on() {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    app.post("/api/identity/settings", &json!({"public": "ask"})).ok();
    let names: Vec<String> = (0..20).map(|number| format!("customer-{number}")).collect();
    for name in &names {
        send(&app, name, json!([sign_in(name)]));
    }
    let events: Vec<Value> = names.iter().map(|name| sign_in(name)).collect();
    app.track(json!({"source": {"id": "page"}, "session": {"id": "s"}, "events": events})).ok();
    assert_eq!(waiting(&app).len(), 16);
}

#[test]
fn whoever_is_removed_does_not_wait_any_more() {
    let app = app(0);
    let all = till(&app, 0..3);
    app.delete(&format!("/profile/{}", all[1].0)).ok();
    assert_eq!(waiting(&app).len(), 1);
    app.delete(&format!("/profile/{}", all[0].0)).ok();
    assert!(waiting(&app).is_empty());
}

#[test]
fn a_decision_that_is_none_is_refused() {
    let app = app(0);
    till(&app, 0..2);
    let entry = &waiting(&app)[0];
    for decision in [
        json!({}),
        json!({"decision": "perhaps"}),
        json!({"decision": "unite", "others": "perhaps"}),
        json!({"decision": "unite", "other": "never"}),
    ] {
        let reply = decide(&app, entry, &decision);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "identity_invalid"), "{decision}");
    }
}

#[test]
fn of_two_who_decide_differently_one_hears_that_it_was_decided() {
    let app = app(1);
    for round in 0..4 {
        let email = format!("till{round}");
        send(&app, &format!("first {round}"), json!([sign_in(&email)]));
        for visitor in ["second", "third"] {
            let session = format!("{visitor} {round}");
            visit(&app, &session);
            send(&app, &session, json!([sign_in(&email)]));
        }
        let entry = waiting(&app)[0].clone();
        let words = ["never", "unite", "never", "unite"];
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let (app, entry) = (&app, &entry);
            let tell =
                |said| move || decide(app, entry, &json!({"decision": said})).status.as_u16();
            let all = words.map(|said| scope.spawn(tell(said)));
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let heard = |status| statuses.iter().filter(|one| **one == status).count();
        assert_eq!((heard(200), heard(404)), (1, 3), "{statuses:?}");
    }
}

#[test]
fn whom_a_page_names_again_who_was_said_to_be_another_is_asked_about_no_more() {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    let page = |session: &str| json!({"source": {"id": "page"}, "session": {"id": session}, "events": [sign_in("ann")]});
    app.post("/api/identity/settings", &json!({"public": "ask"})).ok();
    let ann = send(&app, "home", json!([sign_in("ann")])).profile();
    app.advance(1);
    let visitor = app.track(page("s")).ok().profile();
    decide(&app, &waiting(&app)[0], &json!({"decision": "never"})).ok();
    for public in ["ask", "link"] {
        app.post("/api/identity/settings", &json!({"public": public})).ok();
        let reply = app.track(page("s")).ok();
        assert_eq!(
            (reply.profile(), reply.warnings()),
            (visitor.clone(), vec!["people_kept_apart"]),
            "{public}"
        );
        assert!(waiting(&app).is_empty(), "{public}");
    }
    app.post("/api/identity/settings", &json!({"public": "ask"})).ok();
    app.track(page("others")).ok();
    assert_eq!(waiting(&app)[0]["holder"], json!(ann), "others are not concerned");
}
