//! Whoever enters does so in the commit of the event; what comes again, late or not at all is counted right.

use serde_json::{Value, json};

use super::{audience, did, does, is_in, members, standing, told};
use crate::support::TestApp;

const OFTEN: &str = "DID \"order\" AT LEAST 3 TIMES WITHIN 1d";

#[test]
fn the_third_event_brings_them_in_with_its_own_commit() {
    let app = TestApp::new();
    audience(&app, "often", OFTEN);
    let ann = does(&app, "ann", "order");
    does(&app, "ann", "order");
    does(&app, "ann", "page-view");
    assert!(!is_in(&app, &ann, "often"));
    assert_eq!(told(&app, &ann), Vec::<[String; 4]>::new());
    let third = json!({"session": {"id": "ann"}, "events": [
        {"id": "the-third", "type": "order"}, {"type": "page-view"}]});
    app.track(third).ok();
    let standing = standing(&app, &ann, "often");
    assert_eq!((&standing["is_in"], &standing["event"]), (&json!(true), &json!("the-third")));
    let did = &standing["why"]["did"];
    assert_eq!((&did["wanted"], &did["found"]), (&json!(3), &json!(3)));
    assert_eq!(did["at"].as_array().unwrap().len(), 3);
    assert_eq!(members(&app, "often"), std::slice::from_ref(&ann));
    let told = told(&app, &ann);
    assert_eq!(told.len(), 1);
    let [kind, _, which, reason] = &told[0];
    assert_eq!(
        [kind.as_str(), which.as_str(), reason.as_str()],
        ["audience-entered", "often", "event"]
    );
}

#[test]
fn an_event_that_comes_again_counts_once_and_one_that_comes_late_counts_when_it_was() {
    let app = TestApp::new();
    audience(&app, "often", OFTEN);
    let said = |id: &str, insert: Option<&str>| {
        let mut event = json!({"id": id, "type": "order"});
        if let Some(insert) = insert {
            event["time"] = json!({"insert": insert});
        }
        app.track(json!({"session": {"id": "ann"}, "events": [event]})).ok().profile()
    };
    let ann = said("1", None);
    said("2", None);
    said("2", None);
    said("1", None);
    assert!(!is_in(&app, &ann, "often"), "two are two, however often they come");
    said("3", Some("2026-01-03 09:00:00"));
    assert!(!is_in(&app, &ann, "often"), "that was two days ago");
    said("4", Some("2026-01-04 20:00:00"));
    assert!(is_in(&app, &ann, "often"));
}

#[test]
fn only_what_is_asked_for_is_counted() {
    let app = TestApp::new();
    let condition = "DID \"order\" WHERE (event@properties.total >= 10 AND NOT event@properties.gift = true) \
                     AT LEAST 2 TIMES";
    audience(&app, "buyers", condition);
    let order = |total: Value, gift: bool| {
        let properties = json!({"total": total, "gift": gift});
        app.track(did("ann", "order", &properties)).ok().profile()
    };
    let ann = order(json!(10), false);
    order(json!(9.5), false);
    order(json!("20"), false);
    order(json!(50), true);
    assert!(!is_in(&app, &ann, "buyers"));
    order(json!(12), false);
    assert!(is_in(&app, &ann, "buyers"));
}

#[test]
fn at_most_exactly_first_and_between_are_counted_as_they_say() {
    let app = TestApp::new();
    audience(&app, "few", "DID \"order\" AT MOST 1 TIMES WITHIN 1h AND DID \"page-view\"");
    audience(&app, "two", "DID \"order\" EXACTLY 2 TIMES");
    audience(&app, "new", "DID FIRST \"order\" WITHIN 1h");
    let january =
        "DID \"order\" BETWEEN datetime(\"2026-01-01\") AND datetime(\"2026-01-05T10:30:00Z\")";
    audience(&app, "january", january);
    let ann = does(&app, "ann", "page-view");
    let all = ["few", "two", "new", "january"];
    let seen = || all.map(|id| is_in(&app, &ann, id));
    assert_eq!(seen(), [true, false, false, false]);
    does(&app, "ann", "order");
    assert_eq!(seen(), [true, false, true, true]);
    does(&app, "ann", "order");
    assert_eq!(seen(), [false, true, true, true]);
    app.advance(3_601);
    does(&app, "ann", "order");
    assert_eq!(seen(), [true, false, false, true], "two are too long ago, and so is the first");
}

#[test]
fn the_first_and_the_last_are_those_of_all_time() {
    let app = TestApp::new();
    let between = |from: &str, to: &str| {
        format!("BETWEEN datetime(\"2026-01-05T{from}:00Z\") AND datetime(\"2026-01-05T{to}:00Z\")")
    };
    let (at_first, between_both) = (between("09:59", "10:05"), between("10:05", "10:15"));
    audience(&app, "first-then", &format!("DID FIRST \"order\" {at_first}"));
    audience(&app, "first-later", &format!("DID FIRST \"order\" {between_both}"));
    audience(&app, "last-then", &format!("DID LAST \"order\" {between_both}"));
    audience(&app, "any", &format!("DID \"order\" {between_both}"));
    let ann = does(&app, "ann", "order");
    let all = ["first-then", "first-later", "last-then", "any"];
    let seen = || all.map(|id| is_in(&app, &ann, id));
    assert_eq!(seen(), [true, false, false, false]);
    app.advance(600);
    does(&app, "ann", "order");
    assert_eq!(seen(), [true, false, true, true]);
    app.advance(600);
    does(&app, "ann", "order");
    assert_eq!(seen(), [true, false, false, true], "the last is too late, the first was too early");
    let found = |id: &str| standing(&app, &ann, id)["why"]["did"]["found"].clone();
    assert_eq!(all.map(found), [json!(1), json!(0), json!(0), json!(1)]);
}

#[test]
fn traits_consents_and_other_audiences_count_beside_what_was_done() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    let condition = "IN AUDIENCE \"often\" AND (profile@consents.mail EXISTS OR \
                     profile@data.pii.firstname = \"Ann\")";
    audience(&app, "reachable", condition);
    let ann = does(&app, "ann", "order");
    does(&app, "ann", "order");
    assert!(is_in(&app, &ann, "often") && !is_in(&app, &ann, "reachable"));
    app.track(did("ann", "profile-update", &json!({"pii": {"firstname": "Ann"}}))).ok();
    let why = standing(&app, &ann, "reachable");
    assert_eq!(why["is_in"], true, "{why:#}");
    let parts: Vec<_> =
        why["why"]["parts"].as_array().unwrap().iter().map(|part| part["holds"].clone()).collect();
    assert_eq!((&why["why"]["of"], parts), (&json!("all"), vec![json!(true), json!(true)]));
}

#[test]
fn whoever_is_in_a_segment_of_the_references_stays() {
    let app = TestApp::new();
    let condition = "DID \"order\" WITHIN 1h";
    app.post(
        "/api/audiences",
        &json!({"id": "buyer", "name": "Buyer", "condition": condition, "sticky": true}),
    )
    .ok();
    super::warm(&app);
    let ann = does(&app, "ann", "order");
    app.advance(7_200);
    super::time(&app);
    assert!(is_in(&app, &ann, "buyer"));
    assert_eq!(app.get(&format!("/profile/{ann}")).ok().body["segments"], json!(["buyer"]));
}
