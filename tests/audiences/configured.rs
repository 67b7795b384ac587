//! Audiences and computed traits are configuration like any other: seen, changed, refused.

use serde_json::{Value, json};

use super::{AUDIENCES, TRAITS, audience, does};
use crate::support::TestApp;

#[test]
fn the_life_of_an_audience() {
    let app = TestApp::new();
    let ann = does(&app, "ann", "order");
    audience(&app, "buyers", "DID \"Order\" at least 1 times within 30d");
    assert_json_snapshot!("audience document", app.get(&format!("{AUDIENCES}/buyers")).ok().body);
    assert_json_snapshot!(
        "audience why",
        app.get(&format!("/api/profiles/{ann}/audiences")).ok().body
    );
    assert_eq!(app.get(AUDIENCES).ok().body["total"], 1);
    app.post(
        AUDIENCES,
        &json!({"id": "more", "name": "More", "condition": {"audience": "buyers"}}),
    )
    .ok();
    let refused = app.delete(&format!("{AUDIENCES}/buyers"));
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "in_use"));
    app.delete(&format!("{AUDIENCES}/more")).ok();
    app.delete(&format!("{AUDIENCES}/buyers")).ok();
    assert_eq!(app.get(&format!("{AUDIENCES}/buyers")).status, 404);
    assert_eq!(app.get(&format!("{AUDIENCES}/buyers/members")).status, 404);
    assert_eq!(app.get("/api/profiles/nobody/audiences").status, 404);
}

#[test]
fn the_life_of_a_computed_trait() {
    let app = TestApp::new();
    let posted = json!({"id": "spent", "function": "sum", "event_type": "Order", "of": "properties.total",
        "within": "30d", "where": "event@properties.paid = true"});
    app.post(TRAITS, &posted).ok();
    assert_json_snapshot!("computed trait document", app.get(&format!("{TRAITS}/spent")).ok().body);
    app.delete(&format!("{TRAITS}/spent")).ok();
    assert_eq!(app.get(&format!("{TRAITS}/spent")).status, 404);
}

#[test]
fn what_does_not_fit_is_refused_with_a_sentence() {
    let app = TestApp::new();
    for (condition, said) in [
        (json!(""), "condition"),
        (json!("DID order"), "the type of an event in quotes is wanted at 4"),
        (json!("DID \"order\" AT LEAST 0 TIMES"), "a number from 1 to 100"),
        (json!("DID \"order\" WITHIN 30"), "a time such as 30d"),
        (json!("DID \"order\" WHERE (profile@id = \"x\")"), "events are not counted by profile@id"),
        (json!("DID \"order\" WHERE (event@time > now())"), "cannot depend on now()"),
        (json!("DID \"audience-entered\""), "names other audiences by IN AUDIENCE"),
        (json!("event@type = \"order\""), "event@type is not of a profile"),
        (json!("IN AUDIENCE \"nobody\""), "must name an audience that exists"),
        (json!("IN AUDIENCE \"a\""), "must not lead back"),
        (json!("profile@computed.nothing > 1"), "must name a computed trait that exists"),
        (json!({"did": "order", "atleast": 1}), "did you mean at_least?"),
        (json!({"all": []}), "lists of parts"),
        (
            json!({"not": "profile@traits.a = 1) OR (profile@id EXISTS"}),
            "condition: not: AND, OR or the end is wanted at 20",
        ),
        (
            json!({"all": [{"did": "a", "where": "event@properties.x >"}]}),
            "condition: all.0.where: a value is wanted at 20",
        ),
        (json!({"did": "a", "then": []}), "condition: then: objects with did"),
        (json!(["order"]), "a part is a text or an object"),
        (json!("profile@trait.plan = \"pro\""), "did you mean profile@traits.plan?"),
        (
            json!("profile@data.contact.emial.main EXISTS"),
            "there is no profile@data.contact.emial.main; did you mean profile@data.contact.email.main?",
        ),
        (
            json!("DID \"order\" WHERE (event@propertis.a = 1)"),
            "events are not counted by event@propertis.a; did you mean event@properties.a?",
        ),
        (
            json!("DID \"a\" BETWEEN datetime(\"2026-01-06\") AND datetime(\"2026-01-05\")"),
            "ends before it begins",
        ),
    ] {
        let reply = app.post(AUDIENCES, &json!({"id": "a", "name": "A", "condition": condition}));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"), "{condition}");
        assert!(reply.text.contains(said), "{condition}: {}", reply.text);
    }
    for (change, said) in [
        (json!({"function": "median"}), "function must be"),
        (json!({"function": "sum"}), "of must say which place"),
        (json!({"of": "properties.total"}), "of is not for"),
        (json!({"function": "sum", "of": "profile.x"}), "of must be a place"),
        (json!({"function": "sum", "of": "properties"}), "of must be a place"),
        (json!({"function": "values", "of": "tags.values"}), "of must be a place"),
        (json!({"function": "sum", "of": "metadata.time.insert"}), "of must be a place"),
        (json!({"function": "sum", "of": "a..b"}), "of must be readable: "),
        (
            json!({"where": "event@properties.x >"}),
            "where must be readable: a value is wanted at 20",
        ),
        (json!({"where": "event@id = 1) OR (event@id = 2"}), "where must be readable: AND, OR or"),
        (json!({"within": "soon"}), "within must be a time"),
        (json!({"within": "11y"}), "within must be ten years"),
        (json!({"since": "soon"}), "since must be a moment"),
        (json!({"where": "DID \"x\""}), "where"),
        (json!({"wher": ""}), "did you mean where?"),
        (json!({"id": "A b"}), "id must have"),
    ] {
        let mut posted = json!({"id": "orders", "function": "count", "event_type": "order"});
        posted.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let reply = app.post(TRAITS, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"), "{posted}");
        assert!(reply.text.contains(said), "{posted}: {}", reply.text);
    }
}

#[test]
fn sources_are_meant_however_they_are_written() {
    let app = TestApp::new();
    let condition = r#"DID "Order" WHERE (event@source.id = "SHOP")"#;
    app.post(AUDIENCES, &json!({"id": "a", "name": "A", "condition": condition})).ok();
    let stored = app.get(&format!("{AUDIENCES}/a")).ok().body["condition"].clone();
    assert_eq!(stored, json!(r#"DID "order" WHERE (event@source.id = "shop")"#));
}

#[test]
fn a_range_that_ends_before_it_begins_is_refused() {
    let app = TestApp::new();
    let of_days =
        "datetime(profile@traits.a) BETWEEN datetime(\"2026-02-01\") AND datetime(\"2026-01-01\")";
    let of_numbers = json!({"all": ["profile@traits.a >= 5", "profile@traits.a <= 1"]});
    for condition in [json!(of_days), of_numbers] {
        let reply = app.post(AUDIENCES, &json!({"id": "a", "name": "A", "condition": condition}));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"), "{condition}");
        let said = "what profile@traits.a must be between ends before it begins";
        assert!(reply.text.contains(said), "{}", reply.text);
    }
    let counted = json!({"id": "orders", "function": "count", "event_type": "order",
        "where": "event@properties.a BETWEEN 5 AND 1"});
    let reply = app.post(TRAITS, &counted);
    assert_eq!(reply.status.as_u16(), 422);
    assert!(reply.text.contains("ends before it begins"), "{}", reply.text);
}

#[test]
fn a_trait_of_what_is_never_there_is_refused() {
    let app = TestApp::new();
    let formula = |text: &str| json!({"id": "t", "function": "formula", "formula": text});
    let of = |function: &str, rest: Value| {
        let mut posted = json!({"id": "t", "function": function, "event_type": "order"});
        posted.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        posted
    };
    let monetary = json!({"marks": {"recency": [], "frequency": [], "monetary": [5]}});
    for (posted, says) in [
        (formula("Traits.a + 1"), "there is no profile@Traits.a; did you mean profile@traits.a?"),
        (formula("1 + data.metrics.ltw"), "did you mean profile@data.metrics.ltv?"),
        (of("last", json!({"of": "metadata.ip"})), "of must be a place that is counted"),
        (of("max", json!({"of": "position"})), "events are not counted by event@position"),
        (of("rfm", monetary), "of must say of which place marks.monetary are"),
        (
            of("count", json!({"event_type": "audience-entered"})),
            "event_type must be what people do",
        ),
    ] {
        let refused = app.post(TRAITS, &posted);
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (422, "audience_invalid"),
            "{posted}"
        );
        assert!(refused.text.contains(says), "{}", refused.text);
    }
    app.post(TRAITS, &formula("coalesce(traits.a, interests.b, data.metrics.ltv, 1)")).ok();
    app.post(TRAITS, &of("last", json!({"of": "session.id"}))).ok();
}
