//! Whoever leaves since time goes by leaves at the moment, and it is told.

use std::time::Duration;

use serde_json::{Value, json};

use super::{audience, does, is_in, jobs, members, standing, time, told, warm};
use crate::support::TestApp;

#[test]
fn whoever_has_not_done_it_again_leaves_at_the_very_moment() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES WITHIN 1h");
    let ann = does(&app, "ann", "order");
    app.advance(600);
    does(&app, "ann", "order");
    let since = app.clock.now();
    let changes = standing(&app, &ann, "often")["changes"].clone();
    app.advance(2_999);
    time(&app);
    assert!(is_in(&app, &ann, "often"), "a second is left");
    app.advance(1);
    time(&app);
    assert!(!is_in(&app, &ann, "often"), "exactly an hour after the first");
    assert_eq!(members(&app, "often"), Vec::<String>::new());
    let left = &told(&app, &ann)[1];
    assert_eq!([&left[0], &left[2], &left[3]], ["audience-left", "often", "time"]);
    assert_eq!(Some(left[1].as_str()), changes.as_str(), "as it was said before");
    assert!(since < app.clock.now());
}

#[test]
fn what_time_has_changed_is_told_before_what_happens_next() {
    let app = TestApp::new();
    audience(&app, "lately", "DID \"order\" WITHIN 1h");
    let ann = does(&app, "ann", "order");
    app.advance(7_200);
    // Nobody has looked meanwhile.
    does(&app, "ann", "order");
    let kinds: Vec<_> =
        told(&app, &ann).into_iter().map(|[kind, _, _, reason]| (kind, reason)).collect();
    let wanted = [("entered", "event"), ("left", "time"), ("entered", "event")];
    let wanted = wanted.map(|(kind, reason)| (format!("audience-{kind}"), reason.to_owned()));
    assert_eq!(kinds, wanted);
    assert!(is_in(&app, &ann, "lately"));
}

#[test]
fn whoever_has_not_come_for_long_enters_when_that_is_so() {
    let app = TestApp::new();
    audience(&app, "asleep", "DID \"order\" AND DID NOT \"page-view\" WITHIN 1d");
    does(&app, "ann", "page-view");
    let ann = does(&app, "ann", "order");
    assert!(!is_in(&app, &ann, "asleep"));
    app.advance(86_401);
    time(&app);
    assert!(is_in(&app, &ann, "asleep"));
    does(&app, "ann", "page-view");
    assert!(!is_in(&app, &ann, "asleep"), "she has come again");
}

#[test]
fn that_somebody_has_left_is_nothing_that_they_did() {
    let app = TestApp::new();
    audience(&app, "lately", "DID \"order\" WITHIN 1d");
    let from = app.clock.now().to_string()[..10].to_owned();
    let ann = does(&app, "ann", "order");
    app.advance(86_401);
    time(&app);
    assert_eq!(told(&app, &ann).len(), 2, "entered and left");
    let ask = |kind: &str, mut question: Value| {
        let to = app.clock.now().plus(Duration::from_secs(1));
        // What Kith adds to a visit would be in between.
        let only =
            r#"type != "profile-created" AND type != "session-opened" AND type != "visit-started""#;
        let of = if kind == "funnel/instead" { &mut question["funnel"] } else { &mut question };
        of["scope"] = json!({"from": from, "to": to.to_string(), "where": only});
        app.post(&format!("/api/questions/{kind}"), &question).ok().body["result"].clone()
    };
    let periods = |again: &str| {
        let rows = ask("retention", json!({"again": again, "interval": "day"}));
        rows.as_array().unwrap().iter().map(|row| row["period"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        ask("stickiness", json!({"interval": "day"})),
        json!([{"intervals": 1, "people": 1}])
    );
    assert_eq!(periods(""), [0]);
    assert_eq!(periods("type = audience-left"), [0, 1], "who asks for it");
    let states = ask("lifecycle", json!({"interval": "day"}));
    assert_eq!([&states[0]["state"], &states[1]["state"]], ["new", "dormant"], "{states}");
    does(&app, "ann", "search");
    let steps = |last: &str| json!({"steps": ["type = order", last], "order": "strict", "window_seconds": 604_800});
    assert_eq!(ask("funnel", steps("type = search"))[0]["steps"], json!([1, 1]));
    assert_eq!(ask("funnel", steps("type = audience-entered"))[0]["steps"], json!([1, 1]));
    let instead = json!({"funnel": steps("type = never"), "step": 1});
    assert_eq!(ask("funnel/instead", instead), json!([{"type": "search", "people": 1}]));
}

#[test]
fn the_server_does_it_by_itself_within_five_seconds() {
    let app = TestApp::new();
    audience(&app, "lately", "DID \"order\" WITHIN 1h");
    let ann = does(&app, "ann", "order");
    let bob = does(&app, "bob", "order");
    let _jobs = jobs(&app);
    app.advance(3_599);
    does(&app, "bob", "order");
    let mut left = None;
    for second in 0..10_000 {
        std::thread::sleep(Duration::from_millis(5));
        app.clock.advance(Duration::from_millis(50));
        if !is_in(&app, &ann, "lately") {
            left = Some(second);
            break;
        }
    }
    assert!(left.is_some());
    let [_, at, ..] = told(&app, &ann)[1].clone();
    let received = app.get(&format!("/events/profile/{ann}?limit=1")).ok().body;
    let received =
        received["result"][0]["metadata"]["time"]["received"].as_str().map(str::to_owned);
    let moment = |text: &str| kith::model::Time::parse(text).unwrap();
    if let Some(received) = received {
        assert!(moment(&received).seconds_since(moment(&at)) <= 5.0, "{at} {received}");
    }
    assert!(is_in(&app, &bob, "lately"), "who came again stays");
}

#[test]
fn who_is_in_since_they_are_in_another_is_told_when_that_may_be_otherwise() {
    let app = TestApp::new();
    audience(&app, "active", "DID \"order\" WITHIN 1h");
    audience(&app, "inside", "IN AUDIENCE \"active\"");
    audience(&app, "beyond", "NOT IN AUDIENCE \"inside\"");
    let ann = does(&app, "ann", "order");
    let changes = |id: &str| standing(&app, &ann, id)["changes"].clone();
    assert!(changes("active").is_string());
    assert_eq!([changes("inside"), changes("beyond")], [changes("active"), changes("active")]);
    app.advance(3_600);
    time(&app);
    assert!(!is_in(&app, &ann, "inside") && is_in(&app, &ann, "beyond"));
    assert!(["active", "inside", "beyond"].into_iter().all(|id| changes(id).is_null()));
}

#[test]
fn what_is_due_is_remembered_by_the_next_life() {
    let app = TestApp::new();
    audience(&app, "lately", "DID \"order\" WITHIN 1h");
    let ann = does(&app, "ann", "order");
    let now = app.clock.now().plus(Duration::from_secs(3_601));
    let folder = app.stop();
    let app = TestApp::with(crate::support::Setup { folder, now, seed: 2, ..Default::default() });
    assert!(is_in(&app, &ann, "lately"));
    time(&app);
    assert!(!is_in(&app, &ann, "lately"));
}

#[test]
fn an_audience_that_is_removed_is_left_by_everybody() {
    let app = TestApp::new();
    audience(&app, "lately", "DID \"order\" WITHIN 1h");
    let ann = does(&app, "ann", "order");
    app.advance(1);
    app.delete("/api/audiences/lately").ok();
    warm(&app);
    let body = app.get(&format!("/api/profiles/{ann}/audiences")).ok().body;
    assert_eq!(body["audiences"], json!([]));
    let left = told(&app, &ann).pop().unwrap();
    assert_eq!([&left[0], &left[2], &left[3]], ["audience-left", "lately", "rule"]);
    assert_eq!(app.app().storage.audience_sizes().unwrap(), []);
    assert_eq!(app.app().storage.due(kith::model::Time::END, 10).unwrap(), []);
}

#[test]
fn what_is_so_for_a_while_from_a_moment_of_a_profile_ends_at_the_moment_after_it() {
    let app = TestApp::new();
    let created = "profile@metadata.time.insert";
    audience(&app, "new", &format!("datetime.offset({created}, \"1d\") > now()"));
    audience(&app, "tried", &format!("datetime.offset({created}, \"1d\") <= now.offset(\"-1h\")"));
    let ann = does(&app, "ann", "page-view");
    let stands = || ["new", "tried"].map(|audience| is_in(&app, &ann, audience));
    for (seconds, wanted) in
        [(86_399, [true, false]), (1, [false, false]), (3_599, [false, false]), (1, [false, true])]
    {
        app.advance(seconds);
        time(&app);
        assert_eq!(stands(), wanted, "{seconds}");
    }
}
