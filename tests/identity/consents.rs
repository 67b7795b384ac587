//! What people agree to: the last word counts, wherever and in whatever order words come.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::rebuilding::{put, shadow, switch};
use crate::support::TestApp;

/// So many seconds after a moment that is an hour before the app begins.
fn at(second: u32) -> String {
    format!("2026-01-05T09:{:02}:{:02}Z", second / 60, second % 60)
}

fn update(id: &str, second: u32, properties: &Value) -> Value {
    json!({"id": id, "type": "consent-update", "time": {"insert": at(second)},
        "properties": properties})
}

fn sign_in(id: &str) -> Value {
    json!({"id": id, "type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}})
}

fn told(app: &TestApp, session: &str, events: &[Value]) -> String {
    app.track(json!({"session": {"id": session}, "events": events})).ok().profile()
}

fn granted(app: &TestApp, person: &str) -> Value {
    app.get(&format!("/profile/{person}")).ok().body["consents"].clone()
}

fn consents(app: &TestApp, person: &str) -> Value {
    app.get(&format!("/api/profiles/{person}/consents")).ok().body
}

#[test]
fn a_later_denial_wins_also_where_it_was_the_first_word_of_that_device() {
    let app = TestApp::new();
    let grant = json!({"consents": {"mail": true, "ads": true}, "partial": true});
    let person = told(&app, "desktop", &[update("yes", 1, &grant), sign_in("s1")]);
    app.advance(60);
    let deny = json!({"consents": {"mail": false}, "partial": true});
    assert_eq!(told(&app, "phone", &[update("no", 2, &deny), sign_in("s2")]), person);
    assert_eq!(granted(&app, &person), json!({"ads": {"revoke": null}}), "ads was not spoken of");
}

#[test]
fn a_denial_that_arrives_late_denies_nothing_that_was_granted_after_it() {
    let app = TestApp::new();
    let mail = |is: bool| json!({"consents": {"mail": is}, "partial": true});
    let person = told(&app, "phone", &[update("yes", 9, &mail(true)), sign_in("s1")]);
    told(&app, "desktop", &[update("no", 5, &mail(false)), sign_in("s2")]);
    assert_eq!(granted(&app, &person), json!({"mail": {"revoke": null}}));
    told(&app, "desktop", &[update("whole", 7, &json!({"consents": {"ads": true}}))]);
    let both = json!({"ads": {"revoke": null}, "mail": {"revoke": null}});
    assert_eq!(granted(&app, &person), both, "what is left out denies nothing said later");
    told(&app, "desktop", &[update("all", 20, &json!({"consents": {}}))]);
    assert_eq!(granted(&app, &person), json!({}));
}

#[test]
fn of_one_second_the_word_that_was_sent_later_counts() {
    let app = TestApp::new();
    let said = |id: &str, consents: Value, partial: bool| {
        update(id, 5, &json!({"consents": consents, "partial": partial}))
    };
    let view = |id: &str| json!({"id": id, "type": "page-view"});
    let granted_after = |events: &[Value]| {
        // Each payload counts its events anew.
        app.advance(1);
        granted(&app, &told(&app, "desktop", events))
    };
    let mail = json!({"mail": {"revoke": null}});
    let grant = said("grant", json!({"mail": true}), true);
    assert_eq!(granted_after(&[view("a"), view("b"), grant]), mail);
    assert_eq!(granted_after(&[said("deny", json!({"mail": false}), true)]), json!({}));
    assert_eq!(granted_after(&[said("again", json!({"mail": true}), true)]), mail);
    assert_eq!(granted_after(&[said("whole", json!({}), false)]), json!({}));
    assert_eq!(granted_after(&[said("after", json!({"mail": true}), true)]), mail);
}

/// Two who are one by an address, and what each has agreed to since. `ads` holds for ten minutes and `mail` for ever by
/// the types of then; by those of now it is the other way round.
fn agreed_while_they_were_one(app: &TestApp) -> [String; 2] {
    let of_type =
        |name: &str| json!({"id": name, "name": name, "enabled": true, "auto_revoke": "10m"});
    app.post("/consent/type", &of_type("ads")).ok();
    let both = ["phone", "laptop"].map(|device| {
        let person = told(app, device, &[json!({"type": "page-view"})]);
        app.advance(60);
        person
    });
    for device in ["phone", "laptop"] {
        assert_eq!(told(app, device, &[sign_in(device)]), both[0]);
        app.advance(60);
    }
    for (second, device) in ["phone", "laptop"].into_iter().enumerate() {
        let yes = json!({"consents": {"ads": true, "mail": true, device: true}, "partial": true});
        told(
            app,
            device,
            &[update(&format!("yes-{device}"), u32::try_from(second).unwrap(), &yes)],
        );
        app.advance(60);
    }
    app.delete("/consent/type/ads").ok();
    app.post("/consent/type", &of_type("mail")).ok();
    both
}

fn hold_as_they_were_given(app: &TestApp, both: &[String; 2]) {
    for (second, (person, device)) in both.iter().zip(["phone", "laptop"]).enumerate() {
        let end = format!("2026-01-05T09:10:{second:02}Z");
        let given =
            json!({"ads": {"revoke": end}, "mail": {"revoke": null}, device: {"revoke": null}});
        assert_eq!(granted(app, person), given);
        assert_eq!(consents(app, person)["history"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn a_consent_holds_as_long_as_it_was_given_for_when_a_merger_is_taken_back() {
    let app = TestApp::new();
    let both = agreed_while_they_were_one(&app);
    let merges =
        app.get(&format!("/api/profiles/{}/identity", both[0])).ok().body["merges"].clone();
    let merge = merges[0]["id"].as_str().unwrap();
    let undone = app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok().body;
    assert_eq!(undone["untold"], json!([]));
    hold_as_they_were_given(&app, &both);
}

#[test]
fn a_consent_holds_as_long_as_it_was_given_for_when_a_rebuild_takes_people_apart() {
    let app = TestApp::new();
    let both = agreed_while_they_were_one(&app);
    put(&app, &json!({"id": "email", "meaningless": ["ann@*"]}));
    let (rebuild, _) = shadow(&app);
    switch(&app, &rebuild);
    hold_as_they_were_given(&app, &both);
}

#[test]
fn the_history_of_consents_is_shown_as_proof() {
    let app = TestApp::new();
    let terms = json!({"revoke": "2026-01-05T10:00:30Z", "version": "2026-05"});
    let properties =
        json!({"consents": {"mail": terms, "ads": false}, "purposes": "news", "partial": true});
    let person = told(&app, "one", &[update("first", 1, &properties)]);
    told(&app, "one", &[update("second", 2, &json!({"consents": {"sms": true}, "version": 7}))]);
    let shown = consents(&app, &person);
    insta::with_settings!({sort_maps => true}, {
        assert_json_snapshot!("consents shown as proof", shown);
    });
    told(&app, "one", &[update("third", 3, &json!({"consents": {"mail": terms}}))]);
    assert_eq!(consents(&app, &person)["consents"][1]["expired"], false);
    app.advance(60);
    let mail = &consents(&app, &person)["consents"][1];
    assert_eq!((&mail["granted"], &mail["expired"]), (&json!(true), &json!(true)));
    let archive = app.get(&format!("/api/profiles/{person}/export")).ok().body;
    assert_eq!(archive["consents"], consents(&app, &person), "the archive has all of it");
    assert_eq!(app.get("/api/profiles/nobody/consents").status, 404);
    app.send_signed_in(
        axum::http::Request::delete(format!("/api/profiles/{person}"))
            .body(axum::body::Body::empty())
            .unwrap(),
    );
    assert_eq!(app.get(&format!("/api/profiles/{person}/consents")).status, 404);
}

/// One word: on which device, when, what of which consent, and whether it says so of all others.
#[derive(Clone, Debug)]
struct Word {
    device: usize,
    name: usize,
    grants: bool,
    is_whole: bool,
}

fn word() -> impl Strategy<Value = Word> {
    (0_usize..3, 0_usize..3, any::<bool>(), prop::bool::weighted(0.2))
        .prop_map(|(device, name, grants, is_whole)| Word { device, name, grants, is_whole })
}

/// The words in the order in which they were said decide, one after the other.
fn model(words: &[Word]) -> Vec<String> {
    let mut granted = BTreeMap::new();
    for word in words {
        if word.is_whole {
            granted.clear();
        }
        granted.insert(format!("c{}", word.name), word.grants);
    }
    granted.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect()
}

/// One thing that is sent: the word of that number, or that a device signs in.
#[derive(Clone, Debug)]
enum Sent {
    Word(usize),
    SignIn(usize),
}

fn sent() -> impl Strategy<Value = (Vec<Word>, Vec<Sent>)> {
    prop::collection::vec(word(), 1..9).prop_flat_map(|words| {
        let all = (0..words.len()).map(Sent::Word).chain((0..3).map(Sent::SignIn));
        (Just(words), Just(all.collect::<Vec<_>>()).prop_shuffle())
    })
}

fn send(app: &TestApp, words: &[Word], sent: &Sent) {
    let (device, event) = match sent {
        Sent::SignIn(device) => (*device, sign_in(&format!("in {device}"))),
        Sent::Word(number) => {
            let word = &words[*number];
            let consents = json!({format!("c{}", word.name): word.grants});
            let properties = json!({"consents": consents, "partial": !word.is_whole});
            let second = u32::try_from(*number).unwrap();
            (word.device, update(&format!("word {number}"), second, &properties))
        }
    };
    told(app, &format!("device {device}"), &[event]);
    app.advance(1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn consents_are_those_of_the_model_in_any_order_and_by_any_merges((words, all) in sent()) {
        let app = TestApp::new();
        for sent in &all {
            send(&app, &words, sent);
        }
        let view = json!({"id": "view", "type": "page-view"});
        let person = told(&app, "device 0", &[view]);
        let names = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let now = granted(&app, &person);
        prop_assert_eq!(names(&now), model(&words));
        let before = consents(&app, &person);
        let said = words.len() + words.iter().filter(|word| word.is_whole).count();
        prop_assert_eq!(before["history"].as_array().unwrap().len(), said);
        for sent in &all {
            send(&app, &words, sent);
        }
        prop_assert_eq!(consents(&app, &person), before, "a repetition says nothing");
    }
}
