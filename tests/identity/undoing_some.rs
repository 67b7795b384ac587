//! One of several mergers of a person is taken back, and then another.

use serde_json::{Value, json};

use super::rebuilding::{put, shadow, switch};
use super::undoing::{interest, known_by, merges, profile, said};
use crate::support::{Reply, TestApp, engine};

#[test]
fn a_merger_that_others_were_in_too_is_taken_back_like_any() {
    for first in 0..2 {
        let app = TestApp::new();
        let address = json!({"email": {"main": "ann@shop.example"}});
        let phone = app.track(said("phone", "sign-in", &address)).ok().profile();
        app.advance(60);
        let tablet = app.track(interest("tablet", 1)).ok().profile();
        app.advance(60);
        let till = app.track(known_by("till", "K1")).ok().profile();
        app.advance(60);
        let mut both = known_by("tablet", "K1");
        let says = json!({"type": "sign-in", "properties": address});
        both["events"].as_array_mut().unwrap().push(says);
        assert_eq!(app.track(both).ok().profile(), phone);
        app.advance(60);
        for (device, by) in [("phone", 10), ("tablet", 100), ("till", 1000)] {
            app.track(interest(device, by)).ok();
        }
        let all = merges(&app, &phone);
        let ids: Vec<&str> = all.iter().map(|merge| merge["id"].as_str().unwrap()).collect();
        for id in [ids[first], ids[1 - first]] {
            app.post(&format!("/api/merges/{id}/undo"), &json!({})).ok();
        }
        for (id, sport) in [(&phone, 10), (&tablet, 101), (&till, 1000)] {
            let one = profile(&app, id);
            assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(id), &json!(sport)));
        }
        assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    }
}

/// What was kept by then is read otherwise under the rules of now: it stays with the side whose event it was.
#[test]
fn what_newer_rules_would_hide_stays_with_the_side_that_said_it() {
    let app = TestApp::new();
    let signs_in = |session: &str, contact: Value| {
        app.track(said(session, "sign-in", &contact)).ok().profile()
    };
    let ann = signs_in(
        "ann",
        json!({"email": {"main": "ann@shop.example"}, "phone": {"main": "+48600100200"}}),
    );
    app.advance(60);
    let bob = app.track(said("bob", "page-view", &json!({}))).ok().profile();
    app.advance(60);
    signs_in("bob", json!({"phone": {"main": "+48600100200"}}));
    app.advance(60);
    assert_eq!(signs_in("bob", json!({"email": {"main": "bob@shop.example"}})), ann);
    app.advance(60);
    let hash = json!({"action": "hash", "field": {"value": "event@properties.email.main"},
        "consents": [{"id": "contact"}]});
    let rule = json!({"id": "mail", "name": "Mail", "enabled": true, "settings": [hash]});
    app.post("/consent/compliance/field", &rule).ok();
    let merge = merges(&app, &ann)[0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    let mail = |id: &str| profile(&app, id)["data"]["contact"]["email"]["main"].clone();
    assert_eq!([mail(&ann), mail(&bob)], ["ann@shop.example", "bob@shop.example"]);
}

#[test]
fn all_mergers_of_a_value_are_taken_back_at_once() {
    let app = TestApp::new();
    app.post("/api/identity/settings", &json!({"guards": {"merges_a_day_max": 100}})).ok();
    let mut ids = vec![app.track(known_by("first", "till")).ok().profile()];
    for visitor in 0..70 {
        app.advance(1);
        let session = format!("visitor {visitor}");
        ids.push(app.track(interest(&session, visitor)).ok().profile());
        app.track(known_by(&session, "till")).ok();
    }
    assert_eq!(app.get("/profile/count").ok().body["count"], 1);
    let unknown = app.post("/api/merges/undo", &json!({"namespace": "ids", "value": "till"}));
    assert_eq!((unknown.status.as_u16(), unknown.code()), (422, "question_invalid"));
    assert!(unknown.text.contains("there is no namespace ids"), "{}", unknown.text);
    assert!(unknown.text.contains("there are email, "), "{}", unknown.text);
    let by = json!({"namespace": "id", "value": "TILL "});
    let all = app.post("/api/merges/undo", &by).ok().body;
    assert_eq!((&all["more"], &all["next"]), (&json!(false), &Value::Null));
    assert_eq!(app.get("/profile/count").ok().body["count"], 71);
    let first = profile(&app, &ids[0]);
    assert_eq!((&first["id"], &first["interests"]), (&json!(ids[0]), &json!({})));
    for (visitor, id) in ids.iter().skip(1).enumerate().skip(1) {
        let one = profile(&app, id);
        assert_eq!((&one["id"], &one["interests"]), (&json!(id), &json!({"sport": visitor})));
    }
    let untold = |one: &Value| one["untold"].as_array().unwrap().len();
    assert_eq!(all["undone"].as_array().unwrap().iter().map(untold).sum::<usize>(), 0, "{all}");
    assert!(app.app().storage.check().unwrap().is_empty());
}

/// Past those that nothing can be done about, by the moment at which they came.
#[test]
fn mergers_of_a_value_are_gone_through_by_a_cursor() {
    let app = TestApp::new();
    let (ids, _) = four(&app);
    let all = merges(&app, &ids[0]);
    let by = |cursor: &Value| {
        let by = json!({"namespace": "email", "value": "x@shop.example", "cursor": cursor});
        app.post("/api/merges/undo", &by)
    };
    let none = by(&json!("yesterday"));
    assert_eq!((none.status.as_u16(), none.code()), (422, "question_invalid"), "{}", none.text);
    let of = |reply: Reply| reply.ok().body["undone"].as_array().unwrap().clone();
    assert_eq!(of(by(&all[2]["merged"])), [Value::Null; 0]);
    let undone = of(by(&all[0]["merged"]));
    assert_eq!((undone.len(), &undone[0]["merges"]), (1, &json!([all[2]["id"]])), "{all:?}");
    assert_eq!(of(by(&Value::Null)).len(), 1);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

/// Four devices, united by three mergers of which the last was written of all of them: a till was recognised by what
/// the tablet had named, and found the watch, which was one with the tablet by then.
fn four(app: &TestApp) -> ([String; 4], Vec<String>) {
    let devices = [("watch", 1), ("till", 10), ("phone", 100), ("tablet", 1000)];
    let named = [("tablet", "x"), ("phone", "x"), ("phone", "y"), ("watch", "y"), ("till", "x")];
    let ids: [String; 4] = united(app, &devices, &named).try_into().unwrap();
    let all = merges(app, &ids[0]);
    (ids, all.iter().map(|merge| merge["id"].as_str().unwrap().to_owned()).collect())
}

fn stand_alone(app: &TestApp, ids: &[String; 4]) {
    for (id, sport) in ids.iter().zip([1, 10, 100, 1000]) {
        let one = profile(app, id);
        assert_eq!((&one["ids"], &one["interests"]["sport"]), (&json!([id]), &json!(sport)));
    }
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_merger_that_was_written_of_others_is_taken_back_when_they_are_others_again() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let app = TestApp::new();
        let (ids, mergers) = four(&app);
        for at in order {
            let undone = app.post(&format!("/api/merges/{}/undo", mergers[at]), &json!({}));
            assert_eq!(
                (undone.status.as_u16(), &undone.body["untold"]),
                (200, &json!([])),
                "{order:?}"
            );
        }
        stand_alone(&app, &ids);
    }
}

/// Somebody comes, and some become one with whoever has named the same.
fn united(app: &TestApp, devices: &[(&str, u64)], named: &[(&str, &str)]) -> Vec<String> {
    let come = |(device, by): &(&str, u64)| {
        let id = app.track(interest(device, *by)).ok().profile();
        app.advance(60);
        id
    };
    let ids = devices.iter().map(come).collect();
    for (device, name) in named {
        let address = json!({"email": {"main": format!("{name}@shop.example")}});
        app.track(said(device, "sign-in", &address)).ok();
        app.advance(60);
    }
    ids
}

fn undo(app: &TestApp, merger: &Value) -> Reply {
    app.post(&format!("/api/merges/{}/undo", merger["id"].as_str().unwrap()), &json!({}))
}

fn records_of(app: &TestApp, id: &str) -> usize {
    let all = engine::rows(app.folder(), "SELECT winner, loser, body FROM merge");
    all.iter().filter(|row| row.iter().any(|text| text.contains(id))).count()
}

/// A record that was of others too, who are one by it, is of these alone, and is taken back as any.
#[test]
fn mergers_of_others_are_taken_back_when_somebody_who_was_in_them_is_removed() {
    for erases in [false, true] {
        let app = TestApp::new();
        let devices = [("ann", 1), ("bob", 10), ("carol", 100), ("eve", 1000)];
        let named =
            [("ann", "x"), ("bob", "x"), ("ann", "y"), ("carol", "y"), ("ann", "z"), ("eve", "z")];
        let ids = united(&app, &devices, &named);
        let all = merges(&app, &ids[0]);
        assert_eq!(all.len(), 3);
        undo(&app, &all[1]).ok();
        let place = if erases { "/api/profiles" } else { "/profile" };
        assert!(app.delete(&format!("{place}/{}", ids[2])).status.is_success());
        assert_eq!(records_of(&app, &ids[2]), 0);
        undo(&app, &all[2]).ok();
        let undone = undo(&app, &all[0]).ok().body;
        assert_eq!(undone["people"], json!([ids[0], ids[1]]));
        for (id, sport) in [(0, 1), (1, 10), (3, 1000)] {
            let one = profile(&app, &ids[id]);
            assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(ids[id]), &json!(sport)));
        }
        assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    }
}

/// The one whose id they had is removed; those who are left stand as they are without.
#[test]
fn those_who_are_left_are_taken_apart_by_all_mergers_of_a_value() {
    let app = TestApp::new();
    let (ids, _) = four(&app);
    let all = merges(&app, &ids[0]);
    undo(&app, &all[1]).ok();
    app.delete(&format!("/profile/{}", ids[0])).ok();
    assert_eq!(records_of(&app, &ids[0]), 0);
    let by = json!({"namespace": "email", "value": "x@shop.example"});
    let undone = app.post("/api/merges/undo", &by).ok().body;
    assert_eq!((&undone["left"], &undone["more"]), (&json!([]), &json!(false)), "{undone}");
    for (id, sport) in [(1, 10), (2, 100), (3, 1000)] {
        let one = profile(&app, &ids[id]);
        assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(ids[id]), &json!(sport)));
    }
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_rebuild_takes_apart_whom_a_merger_that_was_written_of_others_united() {
    let app = TestApp::new();
    let (ids, mergers) = four(&app);
    for at in [1, 0] {
        app.post(&format!("/api/merges/{}/undo", mergers[at]), &json!({})).ok();
    }
    assert_eq!(profile(&app, &ids[3])["id"], json!(ids[1]), "the last one holds");
    put(&app, &json!({"id": "email", "meaningless": ["x@*"]}));
    let (rebuild, _) = shadow(&app);
    switch(&app, &rebuild);
    stand_alone(&app, &ids);
}
