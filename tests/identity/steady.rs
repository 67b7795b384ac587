//! A rebuild under the rules of before changes nothing, whatever has happened.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::rebuilding::{cards, counts, interest, put, said, shadow, switch};
use crate::support::TestApp;

/// What happens: a device names somebody, through a server or a page; something is taken back, decided,
/// or looked at an hour later.
#[derive(Clone, Debug)]
enum Word {
    Names { device: usize, key: usize, is_page: bool },
    Interest { device: usize },
    Consent { device: usize, grants: bool },
    TakeBack { which: usize },
    Decide { unites: bool },
    Flush,
    Wait,
}

fn word() -> impl Strategy<Value = Word> {
    let names = (0_usize..7, 0_usize..8, any::<bool>());
    prop_oneof![
        6 => names.prop_map(|(device, key, is_page)| Word::Names { device, key, is_page }),
        2 => (0_usize..5).prop_map(|device| Word::Interest { device }),
        1 => (0_usize..5, any::<bool>()).prop_map(|(device, grants)| Word::Consent { device, grants }),
        1 => (0_usize..4).prop_map(|which| Word::TakeBack { which }),
        1 => any::<bool>().prop_map(|unites| Word::Decide { unites }),
        1 => Just(Word::Flush),
        1 => Just(Word::Wait),
    ]
}

/// Addresses, keys of which a person has one, a phone; and two of them at once.
fn key(number: usize) -> Value {
    match number {
        0 | 1 => json!({"pk": format!("K{number}")}),
        2..5 => json!({"email": {"main": format!("ann{number}@shop.example")}}),
        5 => json!({"phone": {"main": "+48600100200"}}),
        6 => json!({"phone": {"main": "+48600100200"}, "email": {"main": "ann2@shop.example"}}),
        _ => json!({"pk": "K0", "email": {"main": "ann3@shop.example"}}),
    }
}

fn tell(app: &TestApp, words: &[Word]) {
    for word in words {
        app.advance(1);
        match word {
            Word::Names { device, key: number, is_page } => {
                let mut payload = said(&format!("device {device}"), "sign-in", &key(*number));
                if *is_page {
                    payload["source"] = json!({"id": "page"});
                }
                app.track(payload).ok();
            }
            Word::Interest { device } => {
                drop(app.track(interest(&format!("device {device}"), 1)).ok())
            }
            Word::Consent { device, grants } => {
                let properties = json!({"mail": grants, "partial": true});
                app.track(said(&format!("device {device}"), "consent-update", &properties)).ok();
            }
            Word::TakeBack { which } => {
                let all = all_merges(app);
                if let Some(merge) = all.get(*which) {
                    app.post(&format!("/api/merges/{merge}/undo"), &json!({}));
                }
            }
            Word::Decide { unites } => {
                let waiting = app.get("/api/identity/quarantine").ok().body;
                if let Some(entry) = waiting["result"][0]["id"].as_str() {
                    let decision = if *unites { "unite" } else { "never" };
                    app.post(
                        &format!("/api/identity/quarantine/{entry}"),
                        &json!({"decision": decision}),
                    );
                }
            }
            Word::Flush => {
                app.app().lake.flush().unwrap();
            }
            Word::Wait => app.advance(90_000),
        }
    }
}

/// Mergers that hold.
fn all_merges(app: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    app.app()
        .storage
        .all_merges(&mut |row| {
            if row.undone.is_none() {
                all.push(row.id.to_string());
            }
            Ok(())
        })
        .unwrap();
    all
}

fn everybody(app: &TestApp) -> Vec<String> {
    let rows = app.app().storage.people(kith::storage::PeopleKind::Profiles, "", 1000).unwrap();
    rows.into_iter().map(|row| row.body).collect()
}

const NOTHING: [&str; 8] = [
    "people_apart",
    "people_united",
    "people_more",
    "mergers_taken_back",
    "mergers_new",
    "people_recognised",
    "identifiers_bound",
    "identifiers_unbound",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_same_rules_change_nothing(
        words in prop::collection::vec(word(), 1..16),
        mode in 0_usize..3,
        merges_a_day_max in 1_u64..4,
        is_other in any::<bool>(),
    ) {
        let app = TestApp::new();
        app.add_source("page", |source| source.trust = kith::model::Trust::Public);
        let public = ["merge", "link", "ask"][mode];
        let guards = json!({"merges_a_day_max": merges_a_day_max});
        app.post("/api/identity/settings", &json!({"public": public, "guards": guards})).ok();
        tell(&app, &words);
        if is_other {
            // Of another version, and of nobody's concern.
            put(&app, &cards(true));
        }
        let before = everybody(&app);
        let (id, shown) = shadow(&app);
        prop_assert_eq!(counts(&shown, &NOTHING), [0; 8], "{:?}", shown);
        switch(&app, &id);
        prop_assert_eq!(everybody(&app), before);
    }
}

/// Whom a page has only named, and a server names afterwards: that a rebuild found no word for it was found
/// by the test above.
#[test]
fn who_was_named_before_a_server_said_so_stays_one() {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = kith::model::Trust::Public);
    let names = |device, is_page| Word::Names { device, key: 4, is_page };
    let words = [names(2, false), Word::Interest { device: 1 }, names(1, true), names(1, false)];
    tell(&app, &words);
    let before = everybody(&app);
    assert_eq!(before.len(), 1);
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &NOTHING), [0; 8], "{shown:?}");
    switch(&app, &id);
    assert_eq!(everybody(&app), before);
}

/// Somebody waits because of whom a merger brought the key; it is taken back, and they wait for the side that
/// has named it.
#[test]
fn who_waits_waits_for_the_side_that_holds_the_key() {
    let app = TestApp::new();
    app.post("/api/identity/settings", &json!({"guards": {"merges_a_day_max": 1}})).ok();
    let names = |device, key| Word::Names { device, key, is_page: false };
    let interest = |device| Word::Interest { device };
    tell(&app, &[interest(0), names(2, 4), interest(1), names(0, 4), names(1, 4)]);
    let waits = |app: &TestApp| app.get("/api/identity/quarantine").ok().body["result"][0].clone();
    let holder_then = waits(&app)["holder"].clone();
    tell(&app, &[Word::TakeBack { which: 0 }]);
    assert_eq!(counts(&shadow(&app).1, &NOTHING), [0; 8]);
    assert_ne!(waits(&app)["holder"], holder_then);
    tell(&app, &[Word::Decide { unites: true }]);
    let (waiting, living) = (waits(&app), everybody(&app).len());
    assert_eq!((waiting, living), (Value::Null, 2));
    let known = app.track(said("device 2", "page-view", &json!({}))).ok().profile();
    assert_eq!(app.track(said("device 1", "page-view", &json!({}))).ok().profile(), known);
}

/// What somebody has decided comes after the mergers of those whom it was decided of.
#[test]
fn a_decision_comes_after_the_mergers_before_it() {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = kith::model::Trust::Public);
    let settings = json!({"public": "ask", "guards": {"merges_a_day_max": 1}});
    app.post("/api/identity/settings", &settings).ok();
    let names = |device, key, is_page| Word::Names { device, key, is_page };
    tell(&app, &[names(1, 3, false), names(2, 1, false), names(3, 1, true), names(1, 1, false)]);
    tell(&app, &[Word::Decide { unites: true }]);
    assert_eq!(everybody(&app).len(), 1);
    assert_eq!(counts(&shadow(&app).1, &NOTHING), [0; 8]);
}

/// A visitor was united with one, and so both with another, whose key she named herself; the first merger is
/// taken back: it is she who is one with the other, and nobody unites her with the first again.
#[test]
fn a_later_merger_stays_with_whoever_came_with_what_showed_it() {
    let app = TestApp::new();
    let names = |device, key| Word::Names { device, key, is_page: false };
    let interest = |device| Word::Interest { device };
    tell(&app, &[interest(0), names(2, 4), interest(1), names(0, 5), names(1, 4), names(1, 5)]);
    tell(&app, &[Word::TakeBack { which: 0 }]);
    let before = everybody(&app);
    assert_eq!(counts(&shadow(&app).1, &NOTHING), [0; 8]);
    let person = |device: &str| app.track(said(device, "page-view", &json!({}))).ok().profile();
    let [other, she, first] = ["device 0", "device 1", "device 2"].map(person);
    assert_eq!((before.len(), &she), (2, &other));
    assert_ne!(first, she);
    tell(&app, &[names(1, 4)]);
    assert_ne!(person("device 1"), person("device 2"));
}
