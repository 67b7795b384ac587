//! Who comes with neither an id nor a session while two are one goes, when they are taken apart, with what they named.

use kith::model::{Bridge, Trust, Webhook};
use serde_json::{Value, json};

use super::rebuilding::{counts, put, shadow, switch};
use super::undoing::{interest, known_by, merges, profile, said};
use crate::support::app::post;
use crate::support::{Reply, TestApp};

fn app() -> TestApp {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    app
}

fn by_mail(session: &str, name: &str) -> Value {
    said(session, "sign-in", &json!({"email": {"main": format!("{name}@example.com")}}))
}

/// Ann and Bob; the answer is Bob's.
fn two(app: &TestApp) -> (String, Reply) {
    let mut ann = by_mail("ann's", "ann");
    ann["events"][0]["properties"]["pk"] = json!("p1");
    let ann = app.track(ann).ok().profile();
    app.advance(60);
    let bob = app.track(by_mail("bob's", "bob")).ok();
    app.advance(60);
    (ann, bob)
}

/// By a mistake they become one.
fn mistake(app: &TestApp, ann: &str) {
    assert_eq!(app.track(said("bob's", "sign-in", &json!({"pk": "p1"}))).ok().profile(), ann);
    app.advance(60);
}

fn mistaken(app: &TestApp) -> (String, String) {
    let (ann, bob) = two(app);
    mistake(app, &ann);
    (ann, bob.profile())
}

fn undo(app: &TestApp, ann: &str) {
    app.advance(60);
    let merge = merges(app, ann)[0]["id"].as_str().unwrap().to_owned();
    let undone = app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok().body;
    assert_eq!(undone["untold"], json!([]));
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

fn on_page(app: &TestApp, mut payload: Value, id: Option<&str>) -> Reply {
    payload["source"] = json!({"id": "page"});
    if let Some(id) = id {
        payload["profile"] = json!({"id": id});
    }
    app.track(payload).ok()
}

/// Whose a session is.
fn of(app: &TestApp, session: &str) -> Value {
    app.get(&format!("/session/{session}")).ok().body["profile"]["id"].clone()
}

/// Bob comes on a device of which nobody knows anything.
fn on_a_new_device(app: &TestApp, ann: &str) {
    let mut signs_in = by_mail("new", "bob");
    signs_in["events"].as_array_mut().unwrap().push(interest("new", 5)["events"][0].clone());
    assert_eq!(app.track(signs_in).ok().profile(), ann);
}

fn is_bobs_alone(app: &TestApp, ann: &str, bob: &str) {
    assert_eq!(of(app, "new"), json!(bob));
    for (id, name, interests) in [(ann, "ann", json!({})), (bob, "bob", json!({"sport": 5}))] {
        let one = profile(app, id);
        assert_eq!((&one["id"], &one["interests"]), (&json!(id), &interests));
        assert_eq!(one["data"]["contact"]["email"]["main"], format!("{name}@example.com"));
    }
    let again = app.track(by_mail("new", "bob")).ok();
    assert_eq!((again.profile(), again.warnings()), (bob.to_owned(), vec![]));
}

#[test]
fn a_device_that_nobody_knew_goes_with_the_address_that_it_named() {
    let app = app();
    let (ann, bob) = mistaken(&app);
    on_a_new_device(&app, &ann);
    undo(&app, &ann);
    is_bobs_alone(&app, &ann, &bob);
    let (_, shown) = shadow(&app);
    assert_eq!(counts(&shown, &["people_apart", "people_united", "mergers_new"]), [0, 0, 0]);
}

#[test]
fn it_does_where_other_rules_take_them_apart() {
    let app = app();
    let (ann, bob) = mistaken(&app);
    on_a_new_device(&app, &ann);
    put(&app, &json!({"id": "pk", "meaningless": ["p1"]}));
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &["people_apart", "people_united"]), [1, 0]);
    switch(&app, &id);
    is_bobs_alone(&app, &ann, &bob);
}

#[test]
fn whom_a_webhook_names_has_a_session_of_their_own_for_good() {
    let app = app();
    app.add_source("pay", |source| {
        source.bridges = vec![Bridge::Webhook];
        source.webhook = Webhook { generate_profile: true, ..Webhook::default() };
    });
    let paid = || {
        let body = json!({"email": {"main": "bob@example.com"}});
        app.send(post("/collect/sign-in/pay", &body)).ok().profile()
    };
    let (ann, bob) = mistaken(&app);
    assert_eq!(paid(), ann);
    undo(&app, &ann);
    assert_eq!(paid(), bob);
}

#[test]
fn what_a_page_was_given_for_whom_it_named_collects_for_them() {
    let app = app();
    let (ann, bob) = two(&app);
    let bob = bob.profile();
    let before = on_page(&app, by_mail("one", "bob"), None).profile();
    mistake(&app, &ann);
    let view = |session: &str| said(session, "page-view", &json!({}));
    assert_eq!(on_page(&app, view("one"), Some(&before)).profile(), before, "it stays the same");
    let since = on_page(&app, by_mail("two", "bob"), None).profile();
    on_page(&app, view("three"), Some(&since));
    undo(&app, &ann);
    on_page(&app, view("four"), Some(&since));
    for session in ["one", "two", "three", "four"] {
        assert_eq!(of(&app, session), json!(bob), "{session}");
    }
    let views = app.events(&bob).into_iter().filter(|kind| kind == "page-view");
    assert_eq!(views.count(), 3);
}

#[test]
fn who_visits_with_an_id_of_before_is_whose_that_was() {
    let app = app();
    app.track(known_by("eve's", "K2")).ok();
    let (ann, bob) = mistaken(&app);
    on_page(&app, known_by("elsewhere", "K2"), Some(&bob));
    undo(&app, &ann);
    assert_eq!(app.track(known_by("elsewhere", "K3")).ok().profile(), bob);
}

#[test]
fn who_was_handed_over_in_a_link_is_whose_id_it_had() {
    let app = app();
    let (ann, bob) = two(&app);
    mistake(&app, &ann);
    let mut handed = said("there", "page-view", &json!({}));
    let pass = json!({"profile": bob.profile(), "source": "shop",
        "signature": bob.body["profile"]["pass"]});
    handed["context"] = json!({"tracardi": {"pass": pass}});
    assert_eq!(app.track(handed).ok().profile(), ann);
    undo(&app, &ann);
    assert_eq!(of(&app, "there"), json!(bob.profile()));
}

#[test]
fn whoever_is_shown_to_be_one_with_them_goes_with_them() {
    let app = app();
    let (ann, bob) = mistaken(&app);
    let carol = app.track(known_by("carol's", "K2")).ok().profile();
    app.advance(60);
    let mut both = by_mail("till", "bob");
    both["events"].as_array_mut().unwrap().push(known_by("till", "K2")["events"][0].clone());
    assert_eq!(app.track(both).ok().profile(), ann);
    undo(&app, &ann);
    assert_eq!(of(&app, "till"), json!(bob));
    assert_eq!(profile(&app, &carol)["id"], json!(bob));
    assert_eq!(profile(&app, &ann)["ids"], json!([ann]));
}

/// The first whom a payload names is as whoever visits: the others are one with them.
#[test]
fn a_payload_that_has_named_both_is_of_the_first() {
    let app = app();
    let old = app.track(known_by("old", "K1")).ok().profile();
    app.advance(60);
    let young = app.track(known_by("young", "K2")).ok().profile();
    app.advance(60);
    let mut both = known_by("till", "K2");
    both["events"].as_array_mut().unwrap().push(known_by("till", "K1")["events"][0].clone());
    assert_eq!(app.track(both).ok().profile(), old);
    let (_, shown) = shadow(&app);
    assert_eq!(counts(&shown, &["people_apart", "people_united", "mergers_new"]), [0, 0, 0]);
    let merge = &merges(&app, &old)[0];
    assert_eq!((&merge["loser"], &merge["why"]["came_with"]), (&json!(young), &json!(young)));
    undo(&app, &old);
    assert_eq!(of(&app, "till"), json!(young));
    assert_eq!(profile(&app, &young)["id"], json!(young));
}

/// Bob was at the till before and after; then somebody else is.
#[test]
fn a_visit_that_has_changed_hands_tells_nothing_of_whoever_has_it_now() {
    let app = app();
    let at = |city: &str, mut payload: Value| {
        let country = json!({"name": "Poland", "code": "PL"});
        payload["context"] = json!({"location": {"city": city, "country": country}});
        app.track(payload).ok().profile()
    };
    let mut ann = by_mail("ann's", "ann");
    ann["events"][0]["properties"]["pk"] = json!("p1");
    let ann = app.track(ann).ok().profile();
    app.advance(60);
    let bob = at("Kraków", by_mail("till", "bob"));
    app.advance(60);
    assert_eq!(app.track(by_mail("ann's", "bob")).ok().profile(), ann);
    app.advance(60);
    assert_eq!(at("Kraków", interest("till", 3)), ann);
    app.advance(60);
    let other = at("Gdynia", said("till", "sign-in", &json!({"pk": "p2"})));
    assert_eq!(of(&app, "till"), json!(other));
    undo(&app, &ann);
    for id in [&ann, &bob] {
        let person = profile(&app, id);
        assert!(!person.to_string().contains("Gdynia"), "{person}");
    }
    assert!(profile(&app, &other).to_string().contains("Gdynia"));
}
