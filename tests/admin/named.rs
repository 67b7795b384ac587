//! What is wrong is named: the key, the parameter, the statement.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::TestApp;

#[test]
fn a_key_that_is_misspelt_missing_or_does_not_fit_is_named() {
    let app = TestApp::new();
    let settings = "/api/identity/settings";
    for (address, body, message) in [
        ("/api/lists", json!({"nam": "x"}), "There is no key nam; did you mean name?"),
        ("/api/lists", json!({}), "The body is no list of people: it has no name."),
        ("/user", json!({"emial": "a@b.example"}), "There is no key emial; did you mean email?"),
        (settings, json!({"publc": "ask"}), "There is no key publc; did you mean public?"),
        (
            settings,
            json!({"guards": {"ids_max": "many"}}),
            "The body is no identity settings: guards.ids_max does not fit; see line 1, column 27.",
        ),
    ] {
        let refused = app.post(address, &body);
        assert_eq!((refused.status.as_u16(), &refused.body["message"]), (422, &json!(message)));
    }
}

#[test]
fn a_parameter_that_cannot_be_read_is_named() {
    let app = TestApp::new();
    for address in ["/api/events?limit=x", "/api/profiles?limit=x", "/events/profile/a?limit=x"] {
        let refused = app.get(address);
        let said = &refused.body["message"];
        assert_eq!(
            (refused.status.as_u16(), said),
            (400, &json!("The parameter limit cannot be read."))
        );
    }
}

#[test]
fn whoever_wants_to_change_something_in_sql_is_told_what_can_be_asked() {
    let app = TestApp::new();
    for sql in ["DELETE FROM events", "DROP TABLE events", "UPDATE events SET id = 1"] {
        let refused = app.post("/sql", &json!({"query": sql}));
        let said = &refused.body["message"];
        assert_eq!(said, "One SELECT is wanted; nothing can be changed.", "{sql}");
    }
}

#[test]
fn times_of_people_and_visits_are_as_all_others() {
    let app = TestApp::new();
    app.track(json!({"session": {"id": "s"}, "events": [{"type": "order"}]})).ok();
    let of = json!({"of": {"trends": {"question": {"series": [{"where": "type = order"}]}, "series": "A"}}});
    let behind = app.post("/api/people/behind", &of).body;
    for (page, columns) in [
        (app.get("/api/profiles").ok().body, &["created", "last_visit"][..]),
        (app.get("/api/sessions").ok().body, &["created", "updated"]),
        (behind, &["created", "last_visit"]),
    ] {
        for column in columns {
            let time = page["result"][0][column].as_str().unwrap_or_default();
            assert!(time.starts_with("2026-01-05T") && time.ends_with('Z'), "{column}: {page}");
        }
    }
}

#[test]
fn a_page_may_read_how_many_rows_were_read() {
    let app = TestApp::new();
    let request = Request::get("/health").header("origin", "https://console.example");
    let reply = app.send(request.body(Body::empty()).unwrap()).ok();
    let exposed = reply.header("access-control-expose-headers");
    assert!(exposed.contains("x-kith-rows-read"), "{exposed}");
}

/// Of a number that was not there before, the first rise is not seen.
#[test]
fn what_alerts_wait_for_is_there_from_the_start() {
    let app = TestApp::new();
    let metrics = app.get("/metrics").ok().text;
    for outcome in ["let_in", "credentials_wrong", "totp_wrong", "login_attempts"] {
        let zero = format!("kith_sign_ins_total{{outcome=\"{outcome}\"}} 0");
        assert!(metrics.contains(&zero), "{zero}");
    }
    let failed = "kith_function_calls_total{outcome=\"failed\"} 0";
    assert!(metrics.contains(failed), "{metrics}");
}

#[test]
fn an_application_that_is_a_library_is_called_what_it_calls_itself() {
    let app = TestApp::new();
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"},
        "events": [{"id": "e", "type": "order"}]});
    let request = Request::post("/track").header("user-agent", "curl/8.5.0");
    app.send(request.body(Body::from(payload.to_string())).unwrap()).ok();
    let query = json!({"query": "SELECT app_name, app_version FROM events WHERE id = 'e'"});
    let rows: Value = app.post("/sql", &query).ok().body;
    assert_eq!(rows, json!([{"app_name": "curl", "app_version": "8.5.0"}]));
}
