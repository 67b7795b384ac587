//! Of those who come apart, what was told of each ends with what is so: nobody leaves who never entered.

use serde_json::{Value, json};

use super::mergers::{known_by, nobodys, sign_in, undecided, undo};
use super::{AUDIENCES, audience, does, is_in, standing, told, warm};
use crate::identity::rebuilding::{shadow, switch};
use crate::support::TestApp;

const KINDS: [&str; 2] = ["lately", "ever"];

/// An audience that people leave, and one in which they stay.
fn audiences(app: &TestApp) {
    audience(app, "lately", "DID \"order\" WITHIN 1h");
    let ever = json!({"id": "ever", "name": "ever", "condition": "DID \"order\"", "sticky": true});
    app.post(AUDIENCES, &ever).ok();
    warm(app);
}

/// A phone, whose id lives on, and a laptop, before they become one.
fn two(app: &TestApp) -> [String; 2] {
    let phone = known_by(app, "phone", "K1");
    app.advance(60);
    let laptop = does(app, "laptop", "visit");
    app.advance(60);
    [phone, laptop]
}

fn become_one(app: &TestApp) {
    known_by(app, "laptop", "K1");
    app.advance(60);
}

fn orders(app: &TestApp, sessions: &[&str]) {
    for session in sessions {
        does(app, session, "order");
        app.advance(60);
    }
}

/// What is told of somebody and an audience: type and reason, oldest first.
fn heard(app: &TestApp, person: &str, audience: &str) -> Vec<[String; 2]> {
    super::time(app);
    let ours = told(app, person).into_iter().filter(|[_, _, of, _]| of == audience);
    ours.map(|[kind, _, _, reason]| [kind, reason]).collect()
}

/// How many are in it, have entered it and have left it until today.
fn growth(app: &TestApp, audience: &str) -> [i64; 3] {
    super::time(app);
    let address = format!("{AUDIENCES}/{audience}/growth?from=2026-01-05");
    let body = app.get(&address).ok().body;
    let days = body["result"].as_array().unwrap();
    let sum = |of: &str| days.iter().map(|day| day[of].as_i64().unwrap()).sum();
    [days.last().unwrap()["members"].as_i64().unwrap(), sum("entered"), sum("left")]
}

const ENTERED: &str = "audience-entered";
const LEFT: &str = "audience-left";

#[test]
fn both_who_ordered_while_they_were_one_are_told_to_have_entered() {
    let app = TestApp::new();
    audiences(&app);
    let [phone, laptop] = two(&app);
    become_one(&app);
    orders(&app, &["laptop", "phone"]);
    assert_eq!(growth(&app, "ever"), [1, 1, 0]);
    undo(&app, &phone);
    for kind in KINDS {
        assert_eq!(heard(&app, &laptop, kind), [[ENTERED, "event"]]);
        assert_eq!(heard(&app, &phone, kind), [[ENTERED, "undo"]]);
        let since = standing(&app, &phone, kind)["since"].clone();
        let [_, at, ..] = told(&app, &phone).into_iter().find(|one| one[2] == kind).unwrap();
        assert_eq!(json!(at), since, "since its own order");
        assert_eq!(growth(&app, kind), [2, 2, 0]);
    }
    app.advance(7_200);
    for (person, entered) in [(&laptop, "event"), (&phone, "undo")] {
        assert_eq!(heard(&app, person, "lately"), [[ENTERED, entered], [LEFT, "time"]]);
        assert_eq!(heard(&app, person, "ever").len(), 1);
    }
    assert_eq!((growth(&app, "lately"), growth(&app, "ever")), ([0, 2, 2], [2, 2, 0]));
}

#[test]
fn whoever_was_in_it_only_as_one_with_another_of_whom_it_was_told_hears_nothing() {
    for (orders_at, who) in [("phone", 0), ("laptop", 1)] {
        let app = TestApp::new();
        audiences(&app);
        let both = two(&app);
        become_one(&app);
        orders(&app, &[orders_at]);
        undo(&app, &both[0]);
        for kind in KINDS {
            assert_eq!(heard(&app, &both[who], kind), [[ENTERED, "event"]]);
            assert_eq!(heard(&app, &both[1 - who], kind), Vec::<[String; 2]>::new());
            assert!(is_in(&app, &both[who], kind) && !is_in(&app, &both[1 - who], kind));
            assert_eq!(growth(&app, kind), [1, 1, 0]);
        }
    }
}

#[test]
fn that_one_leaves_is_told_of_whom_it_was_told_that_they_entered() {
    let app = TestApp::new();
    audiences(&app);
    let [phone, laptop] = two(&app);
    become_one(&app);
    orders(&app, &["laptop"]);
    app.advance(7_200);
    let expected = [[ENTERED, "event"], [LEFT, "time"]];
    assert_eq!(heard(&app, &phone, "lately"), expected, "of both, who are one");
    undo(&app, &phone);
    assert_eq!(heard(&app, &laptop, "lately"), expected);
    assert_eq!(heard(&app, &phone, "lately"), Vec::<[String; 2]>::new());
    assert_eq!(growth(&app, "lately"), [0, 1, 1]);
}

#[test]
fn of_two_who_each_entered_and_left_as_one_both_are_told_to_have_left() {
    let app = TestApp::new();
    audiences(&app);
    let [phone, laptop] = two(&app);
    orders(&app, &["phone", "laptop"]);
    become_one(&app);
    app.advance(7_200);
    super::time(&app);
    undo(&app, &phone);
    assert_eq!(heard(&app, &phone, "lately"), [[ENTERED, "event"], [LEFT, "time"]]);
    assert_eq!(heard(&app, &laptop, "lately"), [[ENTERED, "event"], [LEFT, "time"]]);
    assert_eq!(growth(&app, "lately"), [0, 2, 2]);
}

#[test]
fn who_came_back_as_one_with_another_has_entered_once_for_each_time_that_they_are_in() {
    for back in 0..2 {
        let app = TestApp::new();
        audiences(&app);
        let both = two(&app);
        orders(&app, &["phone", "laptop"]);
        become_one(&app);
        app.advance(7_200);
        super::time(&app);
        app.advance(60);
        orders(&app, &[["phone", "laptop"][back]]);
        let all: Vec<_> =
            heard(&app, &both[0], "lately").into_iter().map(|one| one[0].clone()).collect();
        assert_eq!(all, [ENTERED, ENTERED, LEFT, LEFT, ENTERED], "of both, who are one");
        assert_eq!((growth(&app, "lately"), growth(&app, "ever")), ([1, 2, 1], [1, 1, 0]));
        undo(&app, &both[0]);
        let once = [[ENTERED, "event"], [LEFT, "time"]];
        assert_eq!(heard(&app, &both[1 - back], "lately"), once);
        let twice = [[ENTERED, "event"], [LEFT, "time"], [ENTERED, "event"]];
        assert_eq!(heard(&app, &both[back], "lately"), twice);
        for one in &both {
            assert_eq!(heard(&app, one, "ever"), [[ENTERED, "event"]]);
        }
        assert_eq!((growth(&app, "lately"), growth(&app, "ever")), ([1, 3, 2], [2, 2, 0]));
    }
}

/// That one of them left before, since time went by, changes nothing of what was told of the other.
#[test]
fn who_stays_one_with_somebody_who_had_left_is_not_told_of_again() {
    let app = TestApp::new();
    audiences(&app);
    let [phone, laptop] = two(&app);
    let tablet = does(&app, "tablet", "visit");
    app.advance(60);
    assert_eq!(known_by(&app, "tablet", "K1"), phone);
    app.advance(60);
    orders(&app, &["phone"]);
    app.advance(1_800);
    orders(&app, &["laptop"]);
    app.advance(1_800);
    super::time(&app);
    become_one(&app);
    undo(&app, &phone);
    let all = heard(&app, &laptop, "lately");
    assert_eq!(all, [[ENTERED, "event"], [ENTERED, "event"], [LEFT, "time"]], "of both");
    app.advance(7_200);
    assert_eq!(heard(&app, &laptop, "lately").last().unwrap(), &[LEFT, "time"]);
    assert_eq!(heard(&app, &laptop, "lately").len(), 4);
    assert_eq!(heard(&app, &tablet, "lately"), Vec::<[String; 2]>::new());
}

#[test]
fn those_who_come_apart_by_a_rebuild_hear_the_same() {
    let app = TestApp::new();
    audiences(&app);
    let visits = |session: &str| {
        let person = does(&app, session, "visit");
        sign_in(&app, session);
        app.advance(60);
        person
    };
    let [phone, laptop] = ["phone", "laptop"].map(visits);
    orders(&app, &["laptop", "phone"]);
    nobodys(&app, &json!(["info@*"]));
    switch(&app, &shadow(&app).0);
    for kind in KINDS {
        assert_eq!(heard(&app, &laptop, kind), [[ENTERED, "event"]]);
        assert_eq!(heard(&app, &phone, kind), [[ENTERED, "rebuild"]]);
        assert_eq!(growth(&app, kind), [2, 2, 0]);
    }
}

#[test]
fn those_whom_somebody_has_united_keep_what_was_told_of_each() {
    let app = TestApp::new();
    audiences(&app);
    let (phone, laptop) = undecided(&app);
    let waits = app.get("/api/identity/quarantine").ok().body["result"][0]["id"].clone();
    let address = format!("/api/identity/quarantine/{}", waits.as_str().unwrap());
    app.post(&address, &json!({"decision": "unite"})).ok();
    super::time(&app);
    let apart = undo(&app, &phone);
    assert_eq!(apart["untold"], Value::from(Vec::<Value>::new()));
    for person in [&phone, &laptop] {
        assert_eq!(heard(&app, person, "ever"), [[ENTERED, "event"]]);
    }
    app.advance(7_200);
    for person in [&phone, &laptop] {
        assert_eq!(heard(&app, person, "lately"), [[ENTERED, "event"], [LEFT, "time"]]);
    }
    assert_eq!((growth(&app, "lately"), growth(&app, "ever")), ([0, 2, 2], [2, 2, 0]));
}
