//! What is made of fields that only some may see is seen by nobody else either, wherever it is told.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use kith::config::Config;
use kith::events::{COLUMNS, Kind};
use kith::model::{MASKED_ROOTS, made_of};
use serde_json::{Map, Value, json};

use super::access::add_user;
use crate::support::app::TOKEN;
use crate::support::{Setup, TestApp};

/// Fields of which something is made.
const FIELDS: &str = " context.page context.utm context.location context.time.tz context.browser \
    context.screen context.ip config.debugger properties.pk data.identifier.pk properties.email \
    data.contact.email.main";
const SECRETS: [&str; 6] = ["S-E-C", "12.345", "Europe/Warsaw", "iPhone", "1170x2532", "pl-PL"];

/// Somebody of whom all is known that anything is made of.
fn app() -> TestApp {
    let configure = |config: &mut Config| config.masking.fields.push_str(FIELDS);
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    app.add_source("shop", |source| source.keeps_ip = true);
    for role in ["marketer", "developer"] {
        add_user(&app, role, &[role], Duration::from_secs(86_400));
    }
    app.track(payload("first")).ok();
    app
}

fn payload(event: &str) -> Value {
    let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1";
    let context = json!({
        "page": {"url": "https://s-e-c.example/S-E-C?gclid=1", "path": "/S-E-C", "title": "S-E-C",
            "referer": {"host": "S-E-C.example"}},
        "utm": {"source": "S-E-C", "medium": "S-E-C", "campaign": "S-E-C", "term": "S-E-C",
            "content": "S-E-C"},
        "location": {"country": {"name": "S-E-C", "code": "S-E-C"}, "city": "S-E-C",
            "county": "S-E-C", "postal": "S-E-C", "latitude": 12.345, "longitude": 12.345},
        "time": {"tz": "Europe/Warsaw"},
        "browser": {"local": {"browser": {"userAgent": agent, "language": "pl-PL"}}},
        "screen": {"local": {"width": 1170, "height": 2532, "colorDepth": 24,
            "orientation": "S-E-C"}},
    });
    let properties = json!({"pk": "S-E-C", "email": {"main": "S-E-C@example.com"}});
    let event = json!({"id": event, "type": "sign-in", "properties": properties,
        "options": {"debugger": true}});
    json!({"source": {"id": "shop"}, "session": {"id": "one"}, "context": context, "events": [event]})
}

fn asked(app: &TestApp, who: &str, (method, address): (&str, &str), body: &str) -> String {
    let request = Request::builder().method(method).uri(address);
    let request = request.header("authorization", format!("Bearer {who}"));
    let request = request.header("content-type", "application/json");
    app.send(request.body(Body::from(body.to_owned())).unwrap()).ok().text
}

fn row(app: &TestApp, who: &str, sql: &str) -> Map<String, Value> {
    let told: Value = serde_json::from_str(&asked(app, who, ("POST", "/sql"), sql)).unwrap();
    let rows = told.as_array().cloned().or_else(|| told["result"].as_array().cloned());
    rows.unwrap()[0].as_object().unwrap().clone()
}

#[test]
fn every_column_says_what_it_is_made_of_and_is_hidden_with_it() {
    let app = app();
    let (mut hidden, json) = (0, |column: &&str| {
        MASKED_ROOTS.contains(column)
            || COLUMNS.iter().any(|c| c.name == *column && c.kind == Kind::Json)
    });
    for table in ["events", "sessions", "profiles"] {
        let which = if table == "events" { " WHERE id = 'first'" } else { "" };
        let sql = format!("SELECT * FROM {table}{which}");
        let (whole, shown) = (row(&app, TOKEN, &sql), row(&app, "marketer", &sql));
        assert!(whole.len() >= 17, "{table}: {whole:?}");
        for (column, value) in &whole {
            if json(&column.as_str()) {
                continue;
            }
            let of = made_of(column);
            let of = of.unwrap_or_else(|| panic!("{table}.{column}: say what it is made of"));
            let shown = shown.get(column).unwrap_or(&Value::Null);
            if of.is_empty() || value.is_null() {
                assert_eq!(shown, value, "{table}.{column}");
            } else {
                let instead = if value.is_string() { json!("***") } else { Value::Null };
                assert_eq!(*shown, instead, "{table}.{column} is made of {of:?}");
                hidden += 1;
            }
        }
        let shown = Value::from(shown).to_string();
        assert!(SECRETS.iter().all(|secret| !shown.contains(secret)), "{table}: {shown}");
    }
    assert!(hidden > 35, "{hidden} were there to be hidden");
}

#[test]
fn no_document_and_no_number_tells_what_is_made_of_something_hidden() {
    let app = app();
    let person = row(&app, TOKEN, "SELECT id FROM profiles")["id"].as_str().unwrap().to_owned();
    let trends = |field: &str, now: bool| {
        let by = json!({"field": field, "now": now});
        json!({"series": [{"measure": "count"}], "by": by, "interval": "all"}).to_string()
    };
    let everything = "{}".to_owned();
    let none = String::new();
    let all = [
        ("GET", "/session/one".to_owned(), &none),
        ("GET", "/event/first".to_owned(), &none),
        ("GET", format!("/profile/{person}"), &none),
        ("GET", format!("/events/profile/{person}"), &none),
        ("GET", "/api/events".to_owned(), &none),
        ("GET", "/api/sessions".to_owned(), &none),
        ("GET", "/api/profiles".to_owned(), &none),
        ("GET", "/api/fields".to_owned(), &none),
        ("GET", "/api/events/top?field=hit.url".to_owned(), &none),
        ("GET", "/api/events/top?field=page_url".to_owned(), &none),
        ("GET", "/api/events/top?field=device.geo.city".to_owned(), &none),
        ("GET", "/api/events/histogram?interval=day&group=utm.source".to_owned(), &none),
        ("POST", "/event/select/range".to_owned(), &everything),
        ("POST", "/api/questions/trends".to_owned(), &trends("city", false)),
        ("POST", "/api/questions/trends".to_owned(), &trends("data.devices.last.geo.city", true)),
        ("POST", "/sql?format=csv".to_owned(), &"SELECT * FROM events".to_owned()),
    ];
    for (method, address, body) in all {
        let told = asked(&app, "marketer", (method, &address), body);
        let found = SECRETS.iter().find(|secret| told.contains(*secret));
        assert_eq!(found, None, "{address}: {told}");
        let told = asked(&app, TOKEN, (method, &address), body);
        assert!(SECRETS.iter().any(|secret| told.contains(secret)), "{address}: {told}");
    }
    let tried = json!({"payload": payload("second")}).to_string();
    let tried = asked(&app, "developer", ("POST", "/api/rules/try"), &tried);
    assert!(SECRETS.iter().all(|secret| !tried.contains(secret)), "{tried}");
    assert!(tried.contains("***"), "{tried}");
}

#[test]
fn nothing_is_found_by_what_is_made_of_something_hidden() {
    let app = app();
    let found = |who: &str, filter: &str| {
        let filter =
            percent_encoding::utf8_percent_encode(filter, percent_encoding::NON_ALPHANUMERIC);
        let told =
            asked(&app, who, ("GET", &format!("/api/events?type=sign-in&where={filter}")), "");
        let told: Value = serde_json::from_str(&told).unwrap();
        told["result"].as_array().unwrap().len()
    };
    for filter in [
        "hit.url CONTAINS \"S-E-C\"",
        "page_path = \"/S-E-C\"",
        "utm_source = \"S-E-C\"",
        "device.geo.city = \"S-E-C\"",
        "device.brand = \"Apple\"",
        "debug = true",
    ] {
        assert_eq!((found(TOKEN, filter), found("marketer", filter)), (1, 0), "{filter}");
    }
    let condition = json!({"condition": "DID \"sign-in\" WHERE (event@hit.url CONTAINS \"S\")"});
    let request =
        Request::post("/api/audiences/preview").header("authorization", "Bearer developer");
    let request = request.header("content-type", "application/json");
    let reply = app.send(request.body(Body::from(condition.to_string())).unwrap());
    assert_eq!(reply.status.as_u16(), 422, "{}", reply.text);
    assert!(reply.text.contains("event@hit.url, which is hidden from you"), "{}", reply.text);
}
