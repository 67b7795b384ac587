//! Segments under another name: another audience in place of the one before, in one change or not at all.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::{AUDIENCES, put};
use crate::support::{Reply, TestApp};

const BOTH: [&str; 2] = ["/segment", "/segment/live"];

fn segment(name: &str, description: &str) -> Value {
    json!({"id": "s", "name": name, "description": description, "condition": "DID \"order\""})
}

fn based_on(app: &TestApp, address: &str, tag: &str, body: &Value) -> Reply {
    let request = Request::post(address).header("if-match", tag);
    app.send_signed_in(request.body(Body::from(body.to_string())).unwrap())
}

/// What there is, and what was done to it.
fn all(app: &TestApp) -> [Value; 2] {
    ["/api/audiences", "/api/audit?kind=audience"].map(|address| app.get(address).ok().body)
}

fn tag(app: &TestApp, address: &str) -> String {
    app.get(&format!("{address}/s")).ok().header("etag").to_owned()
}

#[test]
fn one_that_something_needs_keeps_its_name_and_nothing_is_done() {
    for address in BOTH {
        let app = TestApp::new();
        app.post(address, &segment("Big", "")).ok();
        put(&app, "dep", "IN AUDIENCE \"big\"");
        let before = all(&app);
        let refused = app.post(address, &segment("Orcas", ""));
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "in_use"), "{address}");
        assert_eq!(refused.body["message"], "Not renamed: it is needed by audience dep.");
        assert_eq!(all(&app), before, "{address}");
        assert_eq!(app.get(&format!("{address}/s")).ok().body["name"], "Big");
        // What it asks for must be there without it.
        let of_itself = json!({"id": "s", "name": "Orcas", "condition": "IN AUDIENCE \"big\""});
        app.delete(&format!("{AUDIENCES}/dep")).ok();
        let refused = app.post(address, &of_itself);
        assert_eq!((refused.status.as_u16(), refused.code()), (422, "audience_invalid"));
        app.post(address, &segment("Orcas", "")).ok();
        assert_eq!(app.get(&format!("{AUDIENCES}/big")).status, 404);
    }
}

#[test]
fn the_version_of_a_segment_is_what_its_new_name_is_based_on() {
    for address in BOTH {
        let app = TestApp::new();
        app.post(address, &segment("Big", "")).ok();
        let old = tag(&app, address);
        app.post(address, &segment("Big", "changed")).ok();
        let before = all(&app);
        for late in [&old, "\"0\""] {
            let refused = based_on(&app, address, late, &segment("Orcas", ""));
            assert_eq!((refused.status.as_u16(), refused.code()), (412, "version_conflict"));
        }
        assert_eq!(all(&app), before, "{address}");
        let now = tag(&app, address);
        let renamed = based_on(&app, address, &now, &segment("Orcas", "changed")).ok();
        assert_eq!(renamed.header("etag"), tag(&app, address), "{address}");
        let audiences = app.get(AUDIENCES).ok().body["result"].clone();
        assert_eq!((audiences[0]["id"].as_str(), audiences.get(1)), (Some("orcas"), None));
        let log = app.get("/api/audit?kind=audience&limit=2").ok().body["result"].clone();
        let said = [0, 1].map(|at| [log[at]["action"].clone(), log[at]["id"].clone()]);
        assert_eq!(said, [["remove", "big"], ["put", "orcas"]]);
        let back = based_on(&app, address, renamed.header("etag"), &segment("Big", ""));
        assert_eq!(back.ok().header("etag"), tag(&app, address), "{address}");
    }
}
