//! A rule that is new, or another one, is tried on history, counts what was before, and takes its place whole.

use axum::body::Body;
use axum::http::Request;
use kith::model::Audience;
use kith::registry::Author;
use serde_json::{Value, json};

use super::{AUDIENCES, TRAITS, audience, did, does, is_in, members, put, told, warm};
use crate::support::app::post;
use crate::support::{Reply, TestApp};

#[test]
fn what_happened_before_the_rule_counts_and_nobody_is_in_before_that_is_known() {
    let app = TestApp::new();
    let ann = does(&app, "ann", "order");
    does(&app, "ann", "order");
    let bob = does(&app, "bob", "order");
    put(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    does(&app, "bob", "page-view");
    assert_eq!(app.get(&format!("{AUDIENCES}/often")).ok().body["state"], "warming");
    assert_eq!(members(&app, "often"), Vec::<String>::new());
    // Meanwhile it goes on: this one is counted as it comes, and found in history as well.
    does(&app, "bob", "order");
    warm(&app);
    let both = members(&app, "often");
    assert_eq!(both.len(), 2);
    assert!(is_in(&app, &ann, "often") && is_in(&app, &bob, "often"));
    let [kind, _, _, reason] = told(&app, &ann).pop().unwrap();
    assert_eq!((kind.as_str(), reason.as_str()), ("audience-entered", "rule"));
}

/// More than are read at a time, and in one question to history.
#[test]
fn everybody_is_found_however_many_they_are() {
    let app = TestApp::new();
    let many = 2_100;
    for number in 0..many {
        does(&app, &format!("s{number}"), "order");
    }
    audience(&app, "all", "DID \"order\"");
    assert_eq!(app.get(&format!("{AUDIENCES}/all")).ok().body["members"], json!(many));
}

#[test]
fn what_was_before_counts_until_the_new_rule_is_whole() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    let ann = does(&app, "ann", "order");
    does(&app, "ann", "order");
    let bob = does(&app, "bob", "click");
    put(&app, "often", "DID \"click\"");
    let shown = app.get(&format!("{AUDIENCES}/often")).ok().body;
    assert_eq!(shown["condition"], "DID \"click\"");
    assert_eq!(shown["live"], "DID \"order\" AT LEAST 2 TIMES");
    let cid = does(&app, "cid", "order");
    does(&app, "cid", "order");
    assert!(
        is_in(&app, &ann, "often") && is_in(&app, &cid, "often") && !is_in(&app, &bob, "often")
    );
    warm(&app);
    assert!(
        !is_in(&app, &ann, "often") && !is_in(&app, &cid, "often") && is_in(&app, &bob, "often")
    );
    assert_eq!(members(&app, "often"), [bob]);
}

#[test]
fn a_preview_says_who_would_enter_and_leave_and_stores_nothing() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    let ann = does(&app, "ann", "order");
    does(&app, "ann", "order");
    let bob = does(&app, "bob", "order");
    let tried = json!({"condition": "DID \"order\" EXACTLY 1 TIMES", "id": "often"});
    let preview = app.post(&format!("{AUDIENCES}/preview"), &tried).ok().body;
    let figures =
        ["people", "members", "enter", "leave"].map(|name| preview[name].as_u64().unwrap());
    assert_eq!(figures, [2, 1, 1, 1]);
    assert_eq!(preview["sample"][0]["id"], json!(bob));
    assert_eq!(preview["sample"][0]["why"]["did"]["found"], 1);
    assert!(is_in(&app, &ann, "often") && !is_in(&app, &bob, "often"));
    let json = json!({"condition": {"all": [
        {"did": "order", "at_least": 2, "within": "30d"}, {"not": {"did": "click"}}]}});
    let preview = app.post(&format!("{AUDIENCES}/preview"), &json).ok().body;
    assert_eq!(
        preview["condition"],
        "DID \"order\" AT LEAST 2 TIMES WITHIN 30d AND NOT DID \"click\""
    );
    assert_eq!(preview["members"], 1);
}

#[test]
fn a_preview_refuses_what_storing_would_refuse() {
    let app = TestApp::new();
    audience(&app, "staff", "DID \"order\"");
    for (condition, message) in [
        ("NOT IN AUDIENCE \"stuff\"", "condition: there is no audience stuff"),
        ("profile@computed.spent > 5", "condition: there is no computed trait spent"),
        ("NOT IN LIST \"019b\"", "condition: there is no list 019b"),
        ("NOT IN AUDIENCE \"own\"", "condition must not lead back to this audience"),
    ] {
        let tried = json!({"condition": condition, "id": "own"});
        let refused = app.post(&format!("{AUDIENCES}/preview"), &tried);
        assert_eq!(
            (refused.code(), &refused.body["message"]),
            ("audience_invalid", &json!(message))
        );
        let new = json!({"id": "own", "name": "Own", "condition": condition});
        assert_eq!(app.post(AUDIENCES, &new).code(), "audience_invalid", "{condition}");
    }
    let tried = json!({"condition": "NOT IN AUDIENCE \"staff\""});
    app.post(&format!("{AUDIENCES}/preview"), &tried).ok();
    // By way of another one.
    audience(&app, "others", "NOT IN AUDIENCE \"staff\"");
    let round = json!({"id": "staff", "condition": "NOT IN AUDIENCE \"others\""});
    let refused = app.post(&format!("{AUDIENCES}/preview"), &round);
    assert_eq!(refused.body["message"], "condition must not lead back to this audience");
}

#[test]
fn a_rule_goes_on_being_warmed_after_the_server_was_started_anew() {
    let app = TestApp::new();
    let ann = does(&app, "ann", "order");
    put(&app, "buyers", "DID \"order\"");
    assert!(!app.wait(kith::warming::Warming::new(app.app()).next()).unwrap());
    let now = app.clock.now().plus(std::time::Duration::from_secs(60));
    let folder = app.stop();
    let app = TestApp::with(crate::support::Setup { folder, now, seed: 2, ..Default::default() });
    warm(&app);
    assert_eq!(members(&app, "buyers"), [ann]);
}

/// What a rule says is a person's; how far it is with it is the server's.
#[test]
fn that_a_rule_has_come_to_life_makes_nobody_s_change_one_of_something_else() {
    let app = TestApp::new();
    let audience = |name: &str, kind: &str| json!({"id": "often", "name": name, "condition": format!("DID \"{kind}\"")});
    let computed = |text: &str| json!({"id": "n", "description": text, "function": "count", "event_type": "order"});
    for (address, id, [first, second, third]) in [
        (
            AUDIENCES,
            "often",
            [audience("A", "order"), audience("B", "order"), audience("C", "click")],
        ),
        (TRAITS, "n", [computed("a"), computed("b"), computed("c")]),
    ] {
        let write =
            |tag: &str, posted: &Value| app.send_signed_in(post_if_match(address, tag, posted));
        let seen = tag(&app.post(address, &first).ok());
        warm(&app);
        let live = app.get(&format!("{address}/{id}")).ok();
        assert_eq!(live.body["state"], "live");
        assert_eq!(tag(&live), seen, "nobody has changed it");
        assert_eq!(live.body["version"].to_string(), seen.trim_matches('"'));
        let changed = write(&seen, &second);
        assert_eq!(changed.status, 200, "nobody has changed it");
        assert_eq!(write(&seen, &third).status, 412, "somebody has");
        warm(&app);
        assert_eq!(app.get(&format!("{address}/{id}")).ok().body["state"], "live");
        assert_eq!(write(&tag(&changed), &third).status, 200);
    }
}

#[test]
fn what_somebody_says_of_a_rule_leaves_it_alive() {
    let app = TestApp::new();
    put(&app, "often", "DID \"order\"");
    let known = app.app().registry.now();
    let seen = known.get::<Audience>("often").unwrap().entity.as_ref().clone();
    warm(&app);
    // As whoever has looked at it before it came to life.
    app.app().registry.put(&seen, Author::named("a test")).unwrap();
    assert_eq!(app.get(&format!("{AUDIENCES}/often")).ok().body["state"], "live");
}

/// No job has looked in between, and nobody has counted.
#[test]
fn what_happens_while_a_rule_is_off_or_gone_is_asked_of_history_when_it_is_there_again() {
    let app = TestApp::new();
    let often =
        json!({"id": "often", "name": "often", "condition": "DID \"order\" AT LEAST 2 TIMES"});
    let orders = json!({"id": "orders", "function": "count", "event_type": "order"});
    let store = || {
        app.post(AUDIENCES, &often).ok();
        app.post(TRAITS, &orders).ok();
    };
    store();
    warm(&app);
    let remove = || {
        app.delete(&format!("{AUDIENCES}/often")).ok();
        app.delete(&format!("{TRAITS}/orders")).ok();
    };
    let other = || {
        let (mut audience, mut computed) = (often.clone(), orders.clone());
        (audience["condition"], audience["enabled"]) = (json!("DID \"click\""), json!(false));
        computed["event_type"] = json!("click");
        app.post(AUDIENCES, &audience).ok();
        app.post(TRAITS, &computed).ok();
        // Nothing is live of it that would be counted.
        app.delete(&format!("{TRAITS}/orders")).ok();
    };
    for (who, ends) in [("ann", &remove as &dyn Fn()), ("bob", &other)] {
        ends();
        does(&app, who, "order");
        does(&app, who, "order");
        let person = does(&app, who, "order");
        store();
        assert_eq!(app.get(&format!("{AUDIENCES}/often")).ok().body["state"], "warming", "{who}");
        warm(&app);
        assert!(is_in(&app, &person, "often"), "{who}");
        let counted = app.get(&format!("/profile/{person}")).ok().body["computed"].clone();
        assert_eq!(counted, json!({"orders": 3}), "{who}");
    }
}

#[test]
fn history_is_not_asked_again_for_what_somebody_else_has_counted_all_the_time() {
    let app = TestApp::new();
    let began = || app.app().storage.warmth().unwrap().began;
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    let before = began();
    put(&app, "twice", "DID \"order\" AT LEAST 2 TIMES");
    warm(&app);
    app.delete(&format!("{AUDIENCES}/often")).ok();
    warm(&app);
    // Another condition, and the one of before while that still counts.
    put(&app, "twice", "DID \"order\" AT LEAST 2 TIMES OR profile@traits.vip = true");
    warm(&app);
    put(&app, "twice", "DID \"click\"");
    put(&app, "twice", "DID \"order\" AT LEAST 2 TIMES OR profile@traits.vip = true");
    warm(&app);
    assert_eq!(began(), before);
    assert_eq!(app.get(&format!("{AUDIENCES}/twice")).ok().body["state"], "live");
}

fn post_if_match(address: &str, tag: &str, posted: &Value) -> Request<Body> {
    let mut request = post(address, posted);
    request.headers_mut().insert("if-match", tag.parse().unwrap());
    request
}

fn tag(reply: &Reply) -> String {
    reply.header("etag").to_owned()
}

/// All are asked in one question, in which what they look up has names.
#[test]
fn rules_of_many_types_are_asked_at_once_and_none_takes_what_is_another_s() {
    // Of few, history is asked for those events alone that are for one of them.
    [0, 20].into_iter().for_each(are_asked_at_once);
}

fn are_asked_at_once(more: u64) {
    let app = TestApp::new();
    for number in 0..more {
        put(
            &app,
            &format!("more{number}"),
            &format!("DID \"page-view\" WHERE (event@properties.n = {number})"),
        );
    }
    let says = |session: &str, kind: &str, properties: Value| {
        let payload = json!({"session": {"id": session}, "events": [{"type": kind, "properties": properties}]});
        app.track(payload).ok().profile()
    };
    let ann = says("ann", "order", json!({"price": 5, "Price": 50, "note": "it's"}));
    let bob = says("bob", "order", json!({"price": 50, "Price": 5}));
    let cid = says("cid", "click", json!({"price": 50, "x y": {"1": ["a"]}}));
    put(&app, "small", "DID \"order\" WHERE (event@properties.price > 20)");
    put(&app, "large", "DID \"order\" WHERE (event@properties.Price > 20)");
    put(&app, "clicks", "DID \"click\" WHERE (event@properties.price > 20)");
    put(&app, "deep", "DID \"click\" WHERE (event@properties[\"x y\"][\"1\"] CONTAINS \"a\")");
    put(&app, "notes", "DID \"order\" WHERE (event@properties.note = \"it's\")");
    put(&app, "any", "DID \"order\"");
    for (id, kind, function, of) in [
        ("sum", "order", "sum", Some("properties.price")),
        ("great_sum", "order", "sum", Some("properties.Price")),
        ("last", "click", "last", Some("properties.price")),
        ("noted", "order", "last", Some("properties.note")),
        ("times", "click", "count", None),
        ("views", "page-view", "count", None),
    ] {
        let one = json!({"id": id, "function": function, "event_type": kind, "of": of});
        app.post(TRAITS, &one).ok();
    }
    warm(&app);
    for (audience, who) in [
        ("small", vec![&bob]),
        ("large", vec![&ann]),
        ("clicks", vec![&cid]),
        ("deep", vec![&cid]),
        ("notes", vec![&ann]),
        ("any", vec![&ann, &bob]),
    ] {
        let mut who: Vec<String> = who.into_iter().cloned().collect();
        who.sort();
        assert_eq!(members(&app, audience), who, "{audience}");
    }
    let computed =
        |profile: &str| app.get(&format!("/profile/{profile}")).ok().body["computed"].clone();
    assert_eq!(
        computed(&ann),
        json!({"sum": 5, "great_sum": 50, "noted": "it's", "times": 0, "views": 0})
    );
    assert_eq!(computed(&bob), json!({"sum": 50, "great_sum": 5, "times": 0, "views": 0}));
    assert_eq!(computed(&cid), json!({"last": 50, "times": 1, "views": 0}));
}

/// Nobody has looked in between: what was there then was no rule of theirs.
#[test]
fn who_came_and_went_while_a_rule_was_off_for_a_moment_is_found() {
    let app = TestApp::new();
    let named = |name: &str| json!({"pii": {"firstname": name}});
    let says = |session: &str, name: &str| {
        app.track(did(session, "profile-update", &named(name))).ok().profile()
    };
    let put = |enabled: bool| {
        let posted = json!({"id": "anns", "name": "Anns", "enabled": enabled,
            "condition": "profile@data.pii.firstname = \"Ann\""});
        app.post(AUDIENCES, &posted).ok();
    };
    put(true);
    warm(&app);
    let [ann, bob] = [says("ann", "Ann"), says("bob", "Bob")];
    assert_eq!(members(&app, "anns"), std::slice::from_ref(&ann));
    put(false);
    says("ann", "Bob");
    says("bob", "Ann");
    put(true);
    warm(&app);
    assert_eq!(members(&app, "anns"), std::slice::from_ref(&bob));
    app.delete(&format!("{AUDIENCES}/anns")).ok();
    says("ann", "Ann");
    says("bob", "Bob");
    put(true);
    warm(&app);
    assert_eq!(members(&app, "anns"), [ann]);
}
