//! Segments at the reference's addresses: sticky, and live ones by their condition.

use kith::storage::{Settled, Warmth};
use serde_json::{Value, json};

use super::{AUDIENCES, audience, did, does, is_in, put, standing, time, told, warm};
use crate::support::{Setup, TestApp};

fn segments(app: &TestApp, profile: &str) -> Value {
    app.get(&format!("/profile/{profile}")).ok().body["segments"].clone()
}

#[test]
fn the_life_of_a_segment() {
    let app = TestApp::new();
    let posted = json!({"id": "s1", "name": "VIP Customers", "description": "d", "machine_name": "x",
        "eventType": ["Order"], "condition": "profile@data.pii.firstname = \"Ann\"", "enabled": true});
    let saved = app.post("/segment", &posted).ok().body;
    assert_eq!(saved, json!({"saved": 1, "errors": [], "ids": ["s1"]}));
    let shown = json!({"id": "s1", "name": "VIP Customers", "description": "d", "eventType": ["order"],
        "condition": "profile@data.pii.firstname = \"Ann\"", "enabled": true, "machine_name": "vip-customers"});
    assert_eq!(app.get("/segment/s1").ok().body, shown);
    let grouped = app.get("/segments").ok().body;
    assert_eq!(grouped, json!({"total": 1, "grouped": {"order": [shown]}}));
    let names = app.get("/segments/metadata").ok().body;
    assert_eq!(names["result"], json!([{"id": "s1", "name": "VIP Customers"}]));
    app.get("/segments/refresh").ok();
    warm(&app);
    let ann = app
        .track(did("ann", "profile-update", &json!({"pii": {"firstname": "Ann"}})))
        .ok()
        .profile();
    assert_eq!(segments(&app, &ann), json!([]), "only at an order");
    does(&app, "ann", "order");
    assert_eq!(segments(&app, &ann), json!(["vip-customers"]));
    app.track(did("ann", "profile-update", &json!({"pii": {"firstname": "Bea"}}))).ok();
    assert_eq!(segments(&app, &ann), json!(["vip-customers"]), "whoever is in stays");
    assert_eq!(app.get(&format!("{AUDIENCES}/vip-customers")).ok().body["members"], 1);
    app.delete("/segment/s1").ok();
    warm(&app);
    assert_eq!(
        (app.get("/segment/s1").status.as_u16(), app.delete("/segment/s1").status.as_u16()),
        (404, 404)
    );
    assert_eq!(segments(&app, &ann), json!(["vip-customers"]), "as in the reference");
}

#[test]
fn whoever_is_not_as_a_live_segment_says_leaves_it() {
    let app = TestApp::new();
    let posted = json!({"name": "Active", "type": "condition", "operation": "add", "timestamp": "x",
        "workflow": {"id": "", "name": ""}, "code": "", "condition": "DID \"order\" WITHIN 1h"});
    app.post("/segment/live", &posted).ok();
    warm(&app);
    let shown = app.get("/segment/live/active").ok().body;
    assert_eq!((&shown["segment"], &shown["type"]), (&json!("active"), &json!("condition")));
    let grouped = app.get("/segments/live").ok().body;
    assert_eq!(grouped["grouped"]["Live segmentation"][0]["id"], "active");
    app.get("/segments/live/refresh").ok();
    assert_eq!(app.get("/segments").ok().body, json!({"total": 0, "grouped": {}}));
    let ann = does(&app, "ann", "order");
    assert_eq!(segments(&app, &ann), json!(["active"]));
    app.advance(3_600);
    time(&app);
    assert_eq!((segments(&app, &ann), is_in(&app, &ann, "active")), (json!([]), false));
    app.delete("/segment/live/active").ok();
    assert_eq!(app.get("/segment/live/active").status, 404);
}

/// Older versions did not remember that the name goes with it, and of an audience that has become a segment those who
/// were in it have no name.
#[test]
fn the_name_of_a_live_segment_goes_with_its_rule_also_for_those_who_were_in_it_before_an_upgrade() {
    let app = TestApp::new();
    let live = |app: &TestApp, enabled: bool| {
        let posted = json!({"id": "l", "name": "Live", "segment": "active", "enabled": enabled,
            "condition": "DID \"order\""});
        app.post("/segment/live", &posted).ok();
        warm(app);
    };
    live(&app, true);
    let ann = does(&app, "ann", "order");
    assert_eq!(segments(&app, &ann), json!(["active"]));
    let storage = &app.app().storage;
    storage
        .write(&mut |database| {
            let forget = "UPDATE profile SET body = replace(body, ',\"fades\":true', '')";
            assert_eq!(database.execute(forget, &[])?, 1);
            Ok(Settled::Kept)
        })
        .unwrap();
    let warmth = storage.warmth().unwrap();
    storage.put_warmth(&Warmth { settled: "of before".into(), ..warmth }).unwrap();
    let app = TestApp::with(Setup { folder: app.stop(), seed: 2, ..Setup::default() });
    warm(&app);
    assert_eq!(segments(&app, &ann), json!(["active"]));
    live(&app, false);
    assert_eq!(segments(&app, &ann), json!([]));
}

/// Everybody leaves a live segment that is off, called otherwise, or removed: so its name goes, whoever asks for it.
#[test]
fn the_name_of_a_live_segment_goes_with_its_rule() {
    let app = TestApp::new();
    let live = |name: &str, enabled: bool| {
        let posted = json!({"id": "l", "name": "Live", "segment": name, "enabled": enabled,
            "condition": "DID \"order\""});
        app.post("/segment/live", &posted).ok();
        warm(&app);
    };
    live("active", true);
    put(&app, "asks", "profile@segments CONTAINS \"active\"");
    warm(&app);
    let ann = does(&app, "ann", "order");
    let stands = || (segments(&app, &ann), is_in(&app, &ann, "asks"));
    assert_eq!(stands(), (json!(["active"]), true));
    live("active", false);
    assert_eq!(stands(), (json!([]), false), "off");
    live("active", true);
    assert_eq!(stands(), (json!(["active"]), true));
    live("other", true);
    assert_eq!(stands(), (json!(["other"]), false), "called otherwise");
    app.delete("/segment/live/l").ok();
    warm(&app);
    assert_eq!(stands(), (json!([]), false), "removed");
}

#[test]
fn two_live_segments_of_one_name_do_not_overwrite_each_other() {
    let app = TestApp::new();
    let live = |kind: &str| json!({"name": "Active", "condition": format!("DID \"{kind}\"")});
    app.post("/segment/live", &live("order")).ok();
    let before = app.get("/segment/live/active").ok().body;
    let mut other = live("visit");
    for id in [json!(null), json!(" "), json!("another")] {
        other["id"] = id;
        let refused = app.post("/segment/live", &other);
        assert_eq!((refused.status.as_u16(), refused.code()), (422, "audience_invalid"));
        assert!(refused.text.contains("must not be that of a"), "{}", refused.text);
        assert_eq!(app.get("/segment/live/active").ok().body, before);
    }
    other["id"] = json!("active");
    app.post("/segment/live", &other).ok();
    assert_eq!(app.get("/segment/live/active").ok().body["condition"], "DID \"visit\"");
    other["segment"] = json!("here");
    app.post("/segment/live", &other).ok();
    assert_eq!(app.get("/segment/live/active").ok().body["segment"], "here");
    let refused = app.post("/segment/live", &live("order"));
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "audience_invalid"));
    assert_eq!(app.get("/segment/live/active").ok().body["segment"], "here");
}

/// Times at which somebody has entered or left an audience.
fn crossed(app: &TestApp, profile: &str, audience: &str) -> Vec<[String; 2]> {
    let all = told(app, profile).into_iter().filter(|one| one[2] == audience);
    all.map(|[kind, at, ..]| [kind, at]).collect()
}

#[test]
fn whoever_asks_for_a_segment_is_told_with_it() {
    let app = TestApp::new();
    let live = json!({"name": "Now", "condition": "DID \"order\" WITHIN 1h"});
    app.post("/segment/live", &live).ok();
    app.post("/segment", &json!({"name": "Zeal", "condition": "DID \"order\""})).ok();
    audience(&app, "a-now", "profile@segments CONTAINS \"now\"");
    audience(&app, "any", "profile@segments NOT EMPTY");
    audience(&app, "not-zeal", "NOT profile@segments CONTAINS \"zeal\"");
    let ann = does(&app, "ann", "order");
    for id in ["now", "zeal", "a-now", "any"] {
        assert!(is_in(&app, &ann, id), "{id}");
    }
    assert!(!is_in(&app, &ann, "not-zeal"));
    assert_eq!(crossed(&app, &ann, "a-now"), crossed(&app, &ann, "now"));
    let changes = |id: &str| standing(&app, &ann, id)["changes"].clone();
    assert!(changes("now").is_string());
    assert_eq!((changes("a-now"), changes("any")), (changes("now"), changes("now")));
    app.advance(3_700);
    time(&app);
    assert_eq!((is_in(&app, &ann, "a-now"), is_in(&app, &ann, "any")), (false, true));
    assert_eq!(crossed(&app, &ann, "a-now").len(), 2);
    assert_eq!(crossed(&app, &ann, "a-now"), crossed(&app, &ann, "now"), "at the same moments");
    assert_eq!(segments(&app, &ann), json!(["zeal"]));
}

/// One is looked at before the other, whichever that is.
#[test]
fn segments_that_ask_for_each_other_come_with_each_other() {
    let app = TestApp::new();
    for (name, other, kind) in [("One", "two", "a"), ("Two", "one", "b")] {
        let condition = format!("profile@segments CONTAINS \"{other}\" OR DID \"{kind}\"");
        app.post("/segment", &json!({"name": name, "condition": condition})).ok();
    }
    put(&app, "both", "profile@segments CONTAINS \"one\" AND profile@segments CONTAINS \"two\"");
    warm(&app);
    for (session, kind) in [("ann", "a"), ("bob", "b")] {
        let who = does(&app, session, kind);
        for id in ["one", "two", "both"] {
            assert!(is_in(&app, &who, id), "{session} {id}");
        }
    }
}

#[test]
fn one_that_is_off_takes_nobody_in_and_on_again_knows_what_happened_meanwhile() {
    let app = TestApp::new();
    let mut posted = json!({"name": "Buyers", "condition": "DID \"order\"", "enabled": false});
    app.post("/segment", &posted).ok();
    warm(&app);
    let ann = does(&app, "ann", "order");
    assert_eq!(segments(&app, &ann), json!([]));
    assert_eq!(app.get(&format!("{AUDIENCES}/buyers")).ok().body["state"], "off");
    posted["enabled"] = json!(true);
    app.post("/segment", &posted).ok();
    warm(&app);
    assert_eq!(segments(&app, &ann), json!(["buyers"]));
}

/// Whoever changes an audience need not know that it is a segment, too.
#[test]
fn a_segment_stays_one_when_it_is_saved_as_an_audience() {
    let app = TestApp::new();
    let live = json!({"name": "Active", "condition": "DID \"order\""});
    let sticky =
        json!({"name": "Buyers", "eventType": ["order"], "condition": "profile@id EXISTS"});
    app.post("/segment/live", &live).ok();
    app.post("/segment", &sticky).ok();
    let before = [app.get("/segment/live/active").ok().body, app.get("/segment/buyers").ok().body];
    for id in ["active", "buyers"] {
        let shown = app.get(&format!("{AUDIENCES}/{id}")).ok().body;
        let posted = json!({"id": id, "name": shown["name"], "condition": shown["condition"], "sticky": shown["sticky"]});
        app.post(AUDIENCES, &posted).ok();
    }
    let mut after =
        [app.get("/segment/live/active").ok().body, app.get("/segment/buyers").ok().body];
    after[0]["timestamp"] = before[0]["timestamp"].clone();
    assert_eq!(after, before);
    warm(&app);
    let ann = does(&app, "ann", "order");
    assert_eq!(segments(&app, &ann), json!(["active", "buyers"]));
    // With another condition it is the same segment, of others.
    app.post(AUDIENCES, &json!({"id": "buyers", "name": "Buyers", "condition": "DID \"visit\""}))
        .ok();
    let shown = app.get("/segment/buyers").ok().body;
    assert_eq!((&shown["condition"], &shown["eventType"]), (&json!("DID \"visit\""), &json!([])));
    assert_eq!(app.get(&format!("{AUDIENCES}/buyers")).ok().body["sticky"], true);
    let other = json!({"id": "active", "name": "A", "condition": "DID \"a\"", "sticky": true});
    let reply = app.post(AUDIENCES, &other);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"));
    assert!(reply.text.contains("sticky: must be false"), "{}", reply.text);
}

/// What is read at a segment's address and posted there again changes nothing, whatever it was called as an audience.
#[test]
fn a_segment_that_is_called_otherwise_as_an_audience_keeps_its_name_on_profiles() {
    let app = TestApp::new();
    app.post("/segment", &json!({"name": "Buyers", "condition": "DID \"order\""})).ok();
    put_named(&app, "buyers", "Whoever buys");
    let shown = app.get("/segment/buyers").ok().body;
    assert_eq!([&shown["name"], &shown["machine_name"]], ["Whoever buys", "buyers"]);
    app.post("/segment", &shown).ok();
    assert_eq!(app.get("/segment/buyers").ok().body, shown);
    let renamed = json!({"id": "buyers", "name": "Spenders", "condition": "DID \"order\""});
    app.post("/segment", &renamed).ok();
    assert_eq!(app.get("/segment/buyers").ok().body["machine_name"], "spenders");
}

fn put_named(app: &TestApp, id: &str, name: &str) {
    let body = json!({"id": id, "name": name, "condition": "DID \"order\"", "sticky": true});
    app.post(AUDIENCES, &body).ok();
}

#[test]
fn what_does_not_fit_is_refused_and_another_name_is_another_segment() {
    let app = TestApp::new();
    app.post(AUDIENCES, &json!({"id": "vip", "name": "v", "condition": "DID \"order\""})).ok();
    for (address, posted, says) in [
        ("/segment", json!({"name": "VIP", "condition": "DID \"order\""}), "another audience"),
        ("/segment", json!({"name": "Žluť", "condition": "DID \"order\""}), "id must have"),
        ("/segment", json!({"name": "x", "condition": "profile@"}), "condition"),
        ("/segment", json!({"name": "x", "condition": "DID \"a\"", "eventtype": []}), "eventType"),
        (
            "/segment/live",
            json!({"name": "x", "condition": "DID \"a\"", "type": "workflow"}),
            "no workflows",
        ),
        (
            "/segment/live",
            json!({"name": "x", "condition": "NOT profile@segments CONTAINS \"x\""}),
            "condition must not ask for this segment itself",
        ),
    ] {
        let reply = app.post(address, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"), "{posted}");
        assert!(reply.text.contains(says), "{}", reply.text);
    }
    let of_another = json!({"name": "x", "condition": "profile@segments CONTAINS \"vip\""});
    app.post("/segment/live", &of_another).ok();
    let segment = |name: &str| json!({"id": "s", "name": name, "condition": "DID \"order\""});
    app.post("/segment", &segment("One")).ok();
    app.post("/segment", &segment("Two")).ok();
    assert_eq!(app.get("/segment/s").ok().body["machine_name"], "two");
    assert_eq!(app.get(&format!("{AUDIENCES}/one")).status, 404);
}

#[test]
fn whoever_stays_is_not_said_to_leave() {
    let app = TestApp::new();
    let sticky =
        json!({"id": "vip", "name": "VIP", "condition": "DID \"order\" WITHIN 1h", "sticky": true});
    app.post(AUDIENCES, &sticky).ok();
    warm(&app);
    let ann = does(&app, "ann", "order");
    assert_eq!(standing(&app, &ann, "vip")["changes"], Value::Null, "she stays");
    let bob = does(&app, "bob", "visit");
    app.advance(7_200);
    time(&app);
    let tried = json!({"condition": "DID \"visit\"", "id": "vip"});
    let preview = app.post(&format!("{AUDIENCES}/preview"), &tried).ok().body;
    let figures = ["members", "enter", "leave"].map(|name| preview[name].as_u64().unwrap());
    assert_eq!((figures, &preview["sample"][0]["id"]), ([1, 1, 0], &json!(bob)));
}
