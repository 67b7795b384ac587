//! The audit log: who signed in, looked, asked, exported and erased, and who was not let.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::lake::erasing::erase_all;
use crate::lake::support::{lake, view};
use crate::support::app::post;
use crate::support::failing::{Failing, Plan, Spoil};
use crate::support::{Setup, TestApp, engine, files_with};

fn log(app: &TestApp, query: &str) -> Vec<Value> {
    app.get(&format!("/api/audit?{query}")).ok().body["result"].as_array().unwrap().clone()
}

fn sign_in(app: &TestApp, name: &str, password: &str) -> u16 {
    let body = format!("username={name}&password={password}");
    let request = Request::post("/user/token").header("x-test", "1");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(body)).unwrap()).status.as_u16()
}

#[test]
fn every_look_at_people_is_remembered_once_with_who_and_what() {
    let app = TestApp::new();
    let person = app.track(view("first", "one")).ok().profile();
    for (address, action, kind, id) in [
        (format!("/profile/{person}"), "look", "profile", person.as_str()),
        ("/profile/no%20body".to_owned(), "look", "profile", "no body"),
        ("/session/one".to_owned(), "look", "session", "one"),
        ("/event/first".to_owned(), "look", "event", "first"),
        (format!("/events/profile/{person}"), "look", "profile", person.as_str()),
        (format!("/events/session/one/profile/{person}"), "look", "session", "one"),
        ("/api/profiles?limit=3".to_owned(), "look", "profile", ""),
        ("/api/sessions".to_owned(), "look", "session", ""),
        ("/api/events?filter=type%20%3D%20%22x%22".to_owned(), "look", "event", ""),
        (format!("/api/profiles/{person}/export"), "export", "profile", person.as_str()),
    ] {
        app.advance(1);
        let reply = app.get(&address);
        let told = log(&app, "limit=1").remove(0);
        let wanted = json!([action, kind, id, "admin@kith.local", format!("GET {address}")]);
        let of = |key: &str| told[key].clone();
        assert_eq!(json!([of("action"), of("kind"), of("id"), of("who"), of("detail")]), wanted);
        assert_eq!(told["status"], reply.status.as_u16(), "{address}");
    }
    assert_eq!(log(&app, "action=look").len(), 9);
    assert_eq!(log(&app, &format!("id={person}&action=export")).len(), 1);
}

#[test]
fn questions_are_remembered_as_they_were_asked() {
    let app = TestApp::new();
    let sql = "SELECT count(*) FROM events WHERE type = 'x'";
    app.post("/sql", &json!({"query": sql})).ok();
    let mut bad = post("/sql", &Value::Null);
    *bad.body_mut() = Body::from(format!("DROP TABLE {}", "x".repeat(10_000)));
    app.send_signed_in(bad);
    let told = log(&app, "action=ask&kind=sql");
    assert_eq!(told[1]["detail"], format!("POST /sql\n{}", json!({"query": sql})));
    assert_eq!((&told[0]["status"], &told[1]["status"]), (&json!(422), &json!(200)));
    let detail = told[0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("POST /sql\nDROP TABLE xxx") && detail.len() < 4200);
    app.post("/event/select", &json!({"where": "type = \"x\"", "limit": 3}));
    let told = log(&app, "limit=1").remove(0);
    assert!(told["detail"].as_str().unwrap().contains(r#""where":"type = \"x\"""#), "{told}");
    let of = json!({"of": {"stickiness": {"question": {}, "intervals": 1}}});
    app.post("/api/people/behind", &of).ok();
    let told = log(&app, "action=look&kind=profile").remove(0);
    assert_eq!(told["detail"], format!("POST /api/people/behind\n{of}"));
    app.post("/api/questions/stickiness", &json!({})).ok();
    let told = log(&app, "action=look&kind=event").remove(0);
    assert_eq!(told["detail"], "POST /api/questions/stickiness\n{}");
}

#[test]
fn whoever_removes_and_erases_is_remembered_and_the_person_is_not() {
    let app = TestApp::new();
    let person = app.track(view("first", "one")).ok().profile();
    app.track(view("other", "two")).ok();
    app.delete("/event/other").ok();
    app.delete("/session/two").ok();
    let sql = format!("SELECT * FROM events WHERE profile_id = '{person}'");
    app.post("/sql", &json!({"query": sql})).ok();
    assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
    assert_eq!(log(&app, &format!("action=erase&id={person}")).len(), 1);
    assert_eq!(log(&app, "action=remove").len(), 2);
    erase_all(&app);
    let told = log(&app, "action=erase").remove(0);
    assert!(told["id"].as_str().unwrap().starts_with("erased-"), "{told}");
    assert_eq!((&told["who"], &told["status"]), (&json!("admin@kith.local"), &json!(202)));
    assert!(log(&app, "action=ask")[0]["detail"].as_str().unwrap().contains("= 'erased-"));
    let all = app.get("/api/audit/export").ok().text;
    assert!(!all.contains(&person), "{all}");
    app.app().storage.wipe().unwrap();
    assert_eq!(files_with(app.folder(), &person), Vec::<std::path::PathBuf>::new());
}

/// Ids of one's own may be addresses, and are written otherwise in those of requests.
#[test]
fn an_erased_person_is_named_by_nothing_that_was_asked_or_stored_and_the_report_says_what_still_does()
 {
    let app = TestApp::new();
    app.add_source("crm", |source| source.static_profile_id = true);
    let person = "ann@b.example";
    let mut payload = view("first", "one");
    (payload["source"], payload["profile"]) = (json!({"id": "crm"}), json!({"id": person}));
    app.track(payload).ok();
    let question = |id: &str, sql: &str| {
        let state = json!({"query": sql});
        let one = json!({"id": id, "name": id, "view": "sql", "state": state});
        app.post("/api/saved-questions", &one).ok();
    };
    question("hers", &format!("SELECT 1 WHERE profile_id = '{person}'"));
    question("was-hers", &format!("SELECT 2 WHERE profile_id = '{person}'"));
    question("was-hers", "SELECT 3");
    app.get("/profile/ann%40b.example").ok();
    let begun = app.delete("/api/profiles/ann%40b.example");
    assert_eq!(begun.status, 202);
    assert_eq!(log(&app, "action=erase&id=ann%40b.example").len(), 1);
    erase_all(&app);
    let all = app.get("/api/audit/export").ok().text;
    assert!(!all.contains("ann@") && !all.contains("ann%40"), "{all}");
    let put = log(&app, "action=put&kind=question&id=hers").remove(0);
    let told = put["after"]["state"]["query"].as_str().unwrap();
    assert!(told.starts_with("SELECT 1 WHERE profile_id = 'erased-"), "{put}");
    let report = format!("/api/erasures/{}", begun.body["erasure"].as_str().unwrap());
    let report = app.get(&report).ok().body["report"].clone();
    assert_eq!(report["named_in"], json!([{"kind": "question", "id": "hers"}]));
}

#[test]
fn who_asks_on_which_lists_somebody_is_has_looked_at_them() {
    let app = TestApp::new();
    app.get("/api/lists").ok();
    assert_eq!(log(&app, "action=look"), [] as [Value; 0], "lists are nobody's");
    app.get("/api/lists?profile=ann").ok();
    let told = log(&app, "action=look").remove(0);
    assert_eq!((&told["kind"], &told["status"]), (&json!("profile"), &json!(200)));
    assert_eq!(told["detail"], "GET /api/lists?profile=ann");
}

#[test]
fn what_somebody_did_is_found_with_what_their_keys_did() {
    let app = TestApp::new();
    let key = app.post("/api/keys", &json!({"name": "two", "scopes": ["saved"]})).ok();
    let key = format!("Bearer {}", key.body["key"].as_str().unwrap());
    let question = json!({"id": "q", "name": "Q", "view": "trends", "state": {}});
    let mut request = post("/api/saved-questions", &question);
    request.headers_mut().insert("authorization", key.parse().unwrap());
    app.send(request).ok();
    let found = |search: &str| log(&app, &format!("kind=question&{search}"));
    let all = found("who=admin@kith.local");
    assert!(
        all[0]["who"].as_str().unwrap().starts_with("admin@kith.local by key two ("),
        "{all:?}"
    );
    for nobody in ["admin", "dmin@kith.local", "admin_kith.local", "%25", "admin@kith.local%20by"] {
        assert_eq!(found(&format!("who={nobody}")), [] as [Value; 0], "{nobody}");
    }
    assert_eq!(found(&format!("who={}", all[0]["who"].as_str().unwrap().replace(' ', "%20"))), all);
}

#[test]
fn what_is_made_is_remembered_by_the_id_that_it_has_from_then_on() {
    let app = TestApp::new();
    let list = app.post("/api/lists", &json!({"name": "Regulars"})).ok().body["id"].clone();
    app.delete(&format!("/api/lists/{}", list.as_str().unwrap())).ok();
    let told = log(&app, &format!("kind=list&id={}", list.as_str().unwrap()));
    assert_eq!(told.iter().map(|one| &one["action"]).collect::<Vec<_>>(), ["remove", "put"]);
}

#[test]
fn who_calls_off_that_everybody_is_decided_on_anew_has_removed_nobody() {
    let app = TestApp::new();
    let rebuild = app.post("/api/rebuilds", &json!({})).body["rebuild"].clone();
    app.delete(&format!("/api/rebuilds/{}", rebuild.as_str().unwrap()));
    assert_eq!(log(&app, "action=remove"), [] as [Value; 0]);
    let told = log(&app, "action=rebuild");
    assert_eq!(told.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&rebuild, &rebuild]);
}

#[test]
fn signing_in_and_failing_to_is_remembered_without_the_password() {
    let app = TestApp::new();
    assert_eq!(sign_in(&app, "Admin@kith.local", "not-the-password"), 400);
    assert_eq!(sign_in(&app, "hunter2-by-mistake", "x"), 400);
    let mut told = log(&app, "kind=user");
    // But for the user that is there.
    told.retain(|one| one["action"] != "put");
    let of = |key: &str| told.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("action"), ["sign-in-failed", "sign-in-failed"]);
    assert_eq!(of("who"), ["", "admin@kith.local"], "a password in the wrong field is not kept");
    assert_eq!(of("status"), [400, 400]);
    let all = app.get("/api/audit/export").ok().text;
    assert!(!all.contains("not-the-password") && !all.contains("hunter2"), "{all}");
    assert!(!all.contains(crate::support::app::TOKEN), "{all}");
}

/// A database finds entries by whom they are about, and takes no more than so much there.
#[test]
fn whatever_strangers_type_and_addresses_say_can_be_written() {
    let app = TestApp::new();
    let long: String = (0..3000).map(|at| format!("{at:x}")).collect();
    assert_eq!(sign_in(&app, &format!("{long}@x.example"), "secret"), 400);
    assert_eq!(app.get(&format!("/profile/{long}")).status.as_u16(), 404);
    let audit = &app.app().audit;
    audit.flush(app.app().storage.as_ref()).unwrap();
    let told = log(&app, "");
    let of = |action: &str| told.iter().find(|one| one["action"] == action).unwrap();
    assert_eq!(
        (&of("sign-in-failed")["who"], &of("sign-in-failed")["id"]),
        (&json!(""), &json!(""))
    );
    let looked_at = of("look")["id"].as_str().unwrap();
    assert!(
        looked_at.len() < 600 && long.starts_with(looked_at.trim_end_matches('…')),
        "{looked_at}"
    );
}

#[test]
fn who_asks_for_a_head_is_remembered_as_who_asks_for_the_whole() {
    let app = TestApp::new();
    let person = app.track(view("first", "one")).ok().profile();
    let made = app.post("/api/lists", &json!({"name": "Regulars", "profiles": [person]})).ok();
    let list = made.body["id"].as_str().unwrap().to_owned();
    let before = log(&app, "").len();
    for address in ["/api/lists".to_owned(), format!("/api/lists/{list}")] {
        app.send_signed_in(Request::head(address).body(Body::empty()).unwrap());
    }
    assert_eq!(log(&app, "").len(), before, "they change nothing");
    let members = format!("/api/lists/{list}/members");
    app.send_signed_in(Request::head(&members).body(Body::empty()).unwrap());
    let told = log(&app, "limit=1").remove(0);
    let of = |key: &str| told[key].as_str().unwrap().to_owned();
    let (action, kind, detail) = (of("action"), of("kind"), of("detail"));
    assert_eq!(
        (action, kind, detail),
        ("look".into(), "profile".into(), format!("HEAD {members}"))
    );
}

#[test]
fn the_log_is_exported_as_lines_and_as_a_table() {
    let app = TestApp::new();
    sign_in(&app, "=1%2B2@evil.example", "x");
    for number in 0..1200 {
        app.app().audit.place().unwrap().note(kith::audit::Deed {
            who: "a \"test\"".to_owned(),
            action: "look",
            kind: "profile",
            subject: number.to_string(),
            ..kith::audit::Deed::default()
        });
    }
    let lines = app.get("/api/audit/export?action=look").ok();
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let ids: Vec<Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone())
        .collect();
    let wanted: Vec<Value> = (0..1200).rev().map(|number: i32| json!(number.to_string())).collect();
    assert_eq!(ids, wanted, "each once, the latest first");
    let table = app.get("/api/audit/export?format=csv").ok();
    assert_eq!(table.header("content-type"), "text/csv");
    let lines: Vec<&str> = table.text.lines().collect();
    assert!(lines[0].starts_with("number,at,who,action,kind,id"), "{}", lines[0]);
    assert!(
        lines[1].contains("\"export\"") && lines[2].contains(r#""a ""test""""#),
        "{}",
        lines[2]
    );
    assert!(table.text.contains("\"'=1+2@evil.example\""), "no program works it out");
    assert_eq!(app.get("/api/audit/export?limit=2").ok().text.lines().count(), 2);
    assert_eq!(app.get("/api/audit/export?format=xml").status, 422);
    assert_eq!(app.get("/api/audit/export?form=csv").status, 422);
}

#[test]
fn a_change_says_where_it_was_asked_for() {
    use axum::extract::ConnectInfo;
    let app = TestApp::new();
    let from = |mut request: Request<Body>| {
        let here = std::net::SocketAddr::from(([203, 0, 113, 7], 1));
        request.extensions_mut().insert(ConnectInfo(here));
        app.send_signed_in(request).ok()
    };
    from(post("/event-source", &json!({"id": "one", "name": "One", "type": ["rest"]})));
    from(post("/user", &json!({"email": "ann@example.com", "roles": []})));
    from(post("/api/keys", &json!({"name": "K", "scopes": ["sql"]})));
    for kind in ["source", "user", "key"] {
        let told = log(&app, &format!("kind={kind}&action=put&limit=1")).remove(0);
        assert_eq!(told["address"], "203.0.113.7", "{told}");
    }
}

#[test]
fn what_is_forbidden_is_remembered_too() {
    let app = TestApp::new();
    super::access::add_user(&app, "mary", &["marketer"], Duration::from_secs(60));
    let request = Request::get("/api/profiles/somebody/export");
    let request = request.header("authorization", "Bearer mary");
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).status, 403);
    let told = log(&app, "action=export&kind=profile").remove(0);
    assert_eq!((&told["status"], &told["id"]), (&json!(403), &json!("somebody")));
    assert_eq!(told["who"], "mary@example.com");
}

#[test]
fn nothing_is_shown_that_the_log_has_no_room_for() {
    let plan = std::sync::Arc::new(Plan::default());
    let given = std::sync::Arc::clone(&plan);
    let wrap = Box::new(move |inner| std::sync::Arc::new(Failing { inner, plan: given }) as _);
    let app = TestApp::with(Setup { wrap, ..Setup::default() });
    app.track(view("first", "one")).ok();
    plan.spoil(Some(("INSERT INTO audit ", Spoil::Fails)));
    let room = std::iter::from_fn(|| app.app().audit.place());
    room.for_each(|place| {
        place.note(kith::audit::Deed { kind: "profile", ..kith::audit::Deed::default() });
    });
    let reply = app.get("/session/one");
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "audit_unavailable"));
    assert_eq!(sign_in(&app, "admin@kith.local", "x"), 503);
    let shown = log(&app, "limit=2");
    assert_eq!((shown.len(), &shown[0]["action"]), (2, &json!("")), "what waits is read");
    assert!(log(&app, "kind=source").iter().all(|one| one["kind"] == "source"));
    app.track(view("second", "one")).ok();
    assert_eq!(app.get("/session/count").ok().body["count"], 1, "what names nobody is answered");
    plan.spoil(None);
    let waiting = app.app().audit.many();
    app.get("/api/audit").ok();
    let kept = "SELECT CAST(count(*) AS TEXT) FROM audit WHERE action = ''";
    assert_eq!(engine::rows(app.folder(), kept), [[waiting.to_string()]], "nothing is lost");
    app.get("/session/one").ok();
    lake(&app).flush().unwrap();
}

#[test]
fn what_is_looked_for_is_known_or_refused() {
    let app = TestApp::new();
    (0..3).for_each(|_| drop(app.get("/api/events").ok()));
    for (query, said) in [
        ("cursor=zzz", "the cursor is none of ours"),
        ("cursor=-1", "the cursor is none of ours"),
        ("action=sign_in", "there is no such action; did you mean sign-in?"),
        ("action=nothing", "there is no such action; there are put, remove"),
        ("kind=srouce", "there is no such kind; did you mean source?"),
    ] {
        let reply = app.get(&format!("/api/audit?{query}"));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{query}");
        assert!(reply.text.contains(said), "{query}: {}", reply.text);
        assert_eq!(app.get(&format!("/api/audit/export?{query}")).status, 422, "{query}");
    }
    assert_eq!(log(&app, "action=look&who=ADMIN@Kith.Local").len(), 3);
    // Whatever came before is found from any of ours.
    let mut cursor = String::new();
    let mut many = 0;
    loop {
        let page = app.get(&format!("/api/audit?limit=1{cursor}")).ok().body;
        many += page["result"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(many >= 3, "{many}");
}
