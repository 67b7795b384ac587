//! Schemas out of history: fields that changed their type, and drafts.

use serde_json::{Value, json};

use crate::support::TestApp;

fn order(app: &TestApp, source: &str, properties: &Value) {
    app.advance(60);
    let payload = json!({"source": {"id": source}, "session": {"id": source},
        "events": [{"type": "order", "properties": properties}]});
    app.track(payload).ok();
}

#[test]
fn a_field_that_became_of_another_type_is_told_with_its_source_and_since_when() {
    let app = TestApp::new();
    app.add_source("app", |_| {});
    for (source, properties) in [
        ("shop", json!({"id": "1", "total": 5})),
        ("app", json!({"id": "2", "total": 6})),
        ("shop", json!({"id": "3", "total": "7,00", "gift": null})),
        ("shop", json!({"id": "4", "total": "8,00", "gift": true})),
        ("app", json!({"id": "5", "total": 9.5})),
    ] {
        order(&app, source, &properties);
    }
    let drift = app.get("/api/schema/drift?type=order").ok().body;
    assert_eq!((&drift["events"], &drift["read"]), (&json!(5), &json!(5)));
    assert_eq!(drift["result"].as_array().unwrap().len(), 1, "{drift}");
    let row = &drift["result"][0];
    assert_eq!(
        (&row["source"], &row["event_type"], &row["path"], &row["was"], &row["is"]),
        (
            &json!("shop"),
            &json!("order"),
            &json!("properties.total"),
            &json!("number"),
            &json!("text")
        )
    );
    assert!(row["since"].as_str().unwrap().starts_with("2026-01-05T10:03:00"), "{row}");
    assert_eq!(app.get("/api/schema/drift?source=app").ok().body["result"], json!([]));
    assert_eq!(app.get("/api/schema/drift?where=x%20%3D").status.as_u16(), 422);
}

#[test]
fn a_schema_is_drafted_from_what_was_seen_and_a_validator_takes_it() {
    let app = TestApp::new();
    for at in 0..3 {
        let mut properties = json!({"id": format!("o-{at}"), "total": at});
        if at > 0 {
            properties["lines"] = json!([{"sku": "a", "price": 1.5}]);
        }
        order(&app, "shop", &properties);
    }
    let draft = app.get("/api/schema/draft?type=order").ok().body;
    assert_eq!((&draft["events"], &draft["read"]), (&json!(3), &json!(3)));
    let schema = &draft["schema"];
    assert_eq!(schema["required"], json!(["id", "total"]));
    assert_eq!(schema["properties"]["total"], json!({"type": "integer"}));
    let line = &schema["properties"]["lines"]["items"];
    assert_eq!(line["properties"]["price"], json!({"type": "number"}));
    let validator = json!({"name": "Orders", "event_type": "order", "enabled": true, "on_misfit": "refuse",
        "validation": {"json_schema": {"event@properties": schema}}});
    app.post("/event-validator", &validator).ok();
    order(&app, "shop", &json!({"id": "o-9", "total": 9}));
    let odd = json!({"session": {"id": "s"}, "events": [{"type": "order", "properties": {"id": 1, "total": 9}}]});
    assert_eq!(app.track(odd).status.as_u16(), 422);
    let reply = app.get("/api/schema/draft");
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"));
    let nothing = app.get("/api/schema/draft?type=nothing").ok().body;
    assert_eq!((&nothing["events"], &nothing["schema"]["type"]), (&json!(0), &json!("object")));
}
