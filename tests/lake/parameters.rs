//! Parameters of questions: what is not known, or not whole, is refused instead of passed over.

use axum::body::Body;
use axum::http::Request;

use crate::support::TestApp;
use crate::support::app::{TOKEN, post};

#[track_caller]
fn check(address: &str, said: &str) {
    let reply = TestApp::new().get(address);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{address}");
    assert_eq!(reply.body["message"], said, "{address}");
}

#[test]
fn what_nobody_knows_is_refused_with_what_was_meant() {
    check("/api/events?limt=1", "there is no parameter limt; did you mean limit?");
    check(
        "/api/events/histogram?intervall=day&from=2026-01-01",
        "there is no parameter intervall; did you mean interval?",
    );
    check(
        "/api/sessions?zone=x",
        "there is no parameter zone; there are cursor, from, had, limit, profile, source, to, tz",
    );
    check(
        "/api/profiles/x/export?all=1",
        "there is no parameter all; there are from, received_from, received_to, to, tz",
    );
    let long = "x".repeat(100);
    let said = "x".repeat(64);
    check(
        &format!("/api/erasures/1?{long}=1"),
        &format!("there is no parameter {said}; this address takes none"),
    );
}

/// At each of our own addresses, whatever the method.
#[test]
fn nowhere_is_it_passed_over() {
    let app = TestApp::new();
    let document = app.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).ok().body;
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let ours = path.starts_with("/api/") || path == "/sql";
        for method in methods.as_object().unwrap().keys().filter(|_| ours) {
            let address = format!("{}?nonsense=1", path.replace(['{', '}'], ""));
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&address);
            let request = request.header("authorization", format!("Bearer {TOKEN}"));
            let reply = app.send(request.body(Body::empty()).unwrap());
            assert_eq!(reply.status.as_u16(), 422, "{method} {address}: {}", reply.text);
            assert!(reply.text.contains("no parameter nonsense"), "{method} {address}");
            asked += 1;
        }
    }
    assert!(asked >= 13, "{asked}");
}

/// Consoles of the reference say more than we listen to.
#[test]
fn the_references_own_addresses_take_what_they_do_not_know() {
    let app = TestApp::new();
    app.post("/event/select?nonsense=1", &serde_json::json!({})).ok();
}

/// What comes first is all there is to say: nothing is behind it.
#[test]
fn what_has_no_pages_takes_no_cursor() {
    for address in ["/api/events/top?field=type", "/api/events/paths?length=2"] {
        let reply = TestApp::new().get(&format!("{address}&cursor=x"));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{address}");
        assert!(reply.text.contains("there is no parameter cursor"), "{address}: {}", reply.text);
        TestApp::new().get(&format!("{address}&limit=5")).ok();
    }
}

#[test]
fn a_path_and_a_value_need_each_other() {
    check("/api/profiles?path=traits.plan", "path needs a value");
    check("/api/profiles?value=pro", "value needs a path");
    TestApp::new().get("/api/profiles?path=traits.plan&value=pro").ok();
}

#[test]
fn a_funnel_needs_no_content_type() {
    let app = TestApp::new();
    let asked = serde_json::json!({"steps": ["type = a", "type = b"]});
    let send = |mut request: Request<Body>| {
        let token = format!("Bearer {TOKEN}").parse().unwrap();
        request.headers_mut().insert("authorization", token);
        request.headers_mut().remove("content-type");
        app.send(request)
    };
    let told = send(post("/api/events/funnel", &asked)).ok().body;
    assert_eq!(told, serde_json::json!({"result": [{"step_1": 0, "step_2": 0}]}));
    let wrong = serde_json::json!({"stages": []});
    let refused = send(post("/api/events/funnel", &wrong));
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "question_invalid"));
}

#[test]
fn a_time_that_ends_before_it_begins_is_refused_everywhere() {
    for address in [
        "/api/events?from=2026-01-06&to=2026-01-05",
        "/api/events/histogram?from=2026-01-06&to=2026-01-05",
        "/api/sessions?from=2026-01-06&to=2026-01-05",
        "/api/audit?from=2026-01-06&to=2026-01-05",
    ] {
        check(address, "to is before from");
    }
    check("/api/profiles?did_from=2026-01-06&did_to=2026-01-05", "did_to is before did_from");
    check("/api/profiles?seen_from=2026-01-06&seen_to=2026-01-05", "seen_to is before seen_from");
    let scope = serde_json::json!({"from": "2026-01-06", "to": "2026-01-05"});
    let asked = serde_json::json!({"scope": scope, "series": [{}]});
    let reply = TestApp::new().post("/api/questions/trends", &asked);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"));
}

/// A year past all that can be written lies after everything; a number of another unit is a slip.
#[test]
fn a_moment_past_all_that_can_be_written_is_the_end_of_time() {
    let app = TestApp::new();
    app.track(serde_json::json!({"session": {"id": "s"}, "events": [{"type": "x"}]})).ok();
    let many = |asked: &str| {
        let told = app.get(&format!("/api/events?type=x&{asked}")).ok().body;
        told["result"].as_array().unwrap().len()
    };
    for end in ["%2B275760-09-13T00:00:00.000Z", "10000-01-01", "253402300800000", "9999-12-31"] {
        assert_eq!([many(&format!("to={end}")), many(&format!("from={end}"))], [1, 0], "{end}");
    }
    for slip in ["1767607200000000", "10000-13-01"] {
        let said = "from is no time as RFC 3339 writes it, no day and no number";
        check(&format!("/api/events?from={slip}"), said);
    }
}

/// Types and ids are kept in one form: whoever names them may write them as they were sent.
#[test]
fn names_are_put_into_the_form_in_which_they_are_kept() {
    let app = TestApp::new();
    let event = serde_json::json!({"id": "Ev-1", "type": "Order Placed"});
    app.track(serde_json::json!({"session": {"id": "s"}, "events": [event]})).ok();
    let some = |address: &str| {
        let found = app.get(address).ok().body;
        found["result"].as_array().unwrap().len()
    };
    for wanted in [
        "type=Order%20Placed",
        "type=ORDER-PLACED&source=SHOP",
        "where=id%20%3D%20%22Ev-1%22",
        "where=type%20%3D%20%22Order%20Placed%22",
        "where=type%20IN%20%5B%22a%22%2C%20%22Order%20Placed%22%5D",
        "where=type%20STARTS%20WITH%20%22Order%20P%22",
        "where=type%20%3D%20%22Order%20P*%22",
        "where=source.id%20%3D%20%22Shop%22%20AND%20type%20%3D%20order-placed",
    ] {
        assert_eq!(some(&format!("/api/events?{wanted}")), 1, "{wanted}");
    }
    assert_eq!(some("/api/events?where=lowercase(type)%20%3D%20%22Order%20Placed%22"), 0);
    assert_eq!(some("/api/sessions?source=Shop"), 1);
    let scope = serde_json::json!({"source": "SHOP", "type": "Order Placed"});
    let asked = serde_json::json!({"scope": scope, "series": [{}], "interval": "all"});
    let told = app.post("/api/questions/trends", &asked).ok().body;
    assert_eq!(told["result"][0]["value"], 1.0);
}

#[test]
fn a_value_of_people_is_found_as_filters_find_it() {
    let app = TestApp::new();
    let change = |from: &str, op: &str, to: &str| {
        let from = serde_json::json!({"value": from, "ref": true});
        serde_json::json!({"event": from, "op": op, "profile": {"value": to, "ref": true}})
    };
    let changes = [
        change("properties.v", "set", "traits.v"),
        change("properties.color", "append", "data.preferences.colors"),
    ];
    let mapping = serde_json::json!({"id": "m", "name": "M", "event_type": "x", "enabled": true,
        "event_to_profile": changes});
    app.post("/event-to-profile", &mapping).ok();
    let properties = serde_json::json!({"v": 5.0, "color": "red"});
    let event = serde_json::json!({"type": "x", "properties": properties});
    app.track(serde_json::json!({"session": {"id": "s"}, "events": [event]})).ok();
    let many = |path: &str, value: &str| {
        let address = format!("/api/profiles?path={path}&value={value}");
        app.get(&address).ok().body["result"].as_array().unwrap().len()
    };
    assert_eq!([many("traits.v", "5"), many("traits.v", "5.0"), many("traits.v", "6")], [1, 1, 0]);
    let colors = "data.preferences.colors";
    assert_eq!([many(colors, "red"), many(colors, "re"), many(colors, "blue")], [1, 0, 0]);
    check(
        "/api/profiles?path=type&value=x",
        "of people as they are now there are traits and data, not type",
    );
}
