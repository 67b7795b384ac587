//! What cannot be asked says why, who may not see does not see, and who looked is remembered.

use serde_json::{Value, json};

use crate::lake::support::{rows, view};
use crate::support::TestApp;

#[track_caller]
fn refused(app: &TestApp, address: &str, question: &Value, why: &str) {
    let reply = app.post(address, question);
    assert_eq!(reply.status, 422, "{question}");
    assert_eq!(reply.code(), "question_invalid", "{question}");
    let message = reply.body["message"].as_str().unwrap();
    assert!(message.contains(why), "{question}: {message}");
}

#[test]
fn what_cannot_be_asked_says_why() {
    let app = TestApp::new();
    let steps = json!(["type = a", "type = b"]);
    for (kind, question, why) in [
        ("trends", json!({"series": []}), "1 to 6 series"),
        ("trends", json!({"series": [{"measure": "many"}]}), "measure is one of"),
        ("trends", json!({"series": [{"measure": "sum"}]}), "needs a field"),
        ("trends", json!({"series": [{"measure": "sum", "field": "nothing"}]}), "nothing"),
        ("trends", json!({"series": [{"field": "type"}]}), "count takes no field"),
        ("trends", json!({"series": [{"measure": "people", "field": "type"}]}), "takes no field"),
        (
            "trends",
            json!({"series": [{"measure": "sum", "percentile": 5, "field": "type"}]}),
            "sum takes no percentile",
        ),
        (
            "trends",
            json!({"series": [{"measure": "percentile", "percentile": 101, "field": "type"}]}),
            "between 0 and 100",
        ),
        ("trends", json!({"series": [{}], "formulas": ["A / Z"]}), "place 5"),
        ("trends", json!({"series": [{}], "formulas": ["A"]}), "is a series"),
        ("trends", json!({"series": [{}], "smooth": 1}), "2 to 366"),
        (
            "trends",
            json!({"series": [{}], "by": {"field": "type", "now": true}}),
            "traits and data",
        ),
        ("trends", json!({"series": [{}], "interval": "year"}), "day, week, month, all"),
        (
            "trends",
            json!({"series": [{}], "scope": {"tz": "Europe/Warsau"}}),
            "did you mean Europe/Warsaw?",
        ),
        (
            "trends",
            json!({"series": [{}], "interval": "minute", "scope": {"from": "2020-01-01", "to": "2026-01-01"}}),
            "10000 intervals",
        ),
        ("trends", json!({"serie": [{}]}), "did you mean series?"),
        ("funnel", json!({"steps": ["type = a"]}), "2 to 10 steps"),
        ("funnel", json!({"steps": steps, "order": "any"}), "order is one of"),
        ("funnel", json!({"steps": steps, "order": "strict", "without": ["type = c"]}), "in order"),
        ("funnel/times", json!({"funnel": {"steps": steps}, "step": 1}), "step is 2 to 2"),
        (
            "funnel/times",
            json!({"funnel": {"steps": steps, "order": "unordered"}, "step": 2}),
            "have an order",
        ),
        ("funnel/instead", json!({"funnel": {"steps": steps}, "step": 2}), "step is 1 to 1"),
        ("retention", json!({"interval": "hour"}), "by day, week or month"),
        ("retention", json!({"periods": 61}), "at most 60"),
        ("paths", json!({"depth": 1}), "2 to 12 points"),
        ("paths", json!({"replace": [{"pattern": "(", "with": ""}]}), "missing )"),
        ("stickiness", json!({"interval": "minute"}), "by day, week or month"),
        ("lifecycle", json!({}), "needs from and to"),
    ] {
        refused(&app, &format!("/api/questions/{kind}"), &question, why);
    }
    for (of, why) in [
        (json!({"funnel": {"question": {"steps": steps}, "step": 3}}), "no step 3"),
        (json!({"trends": {"question": {"series": [{}]}, "series": "B"}}), "no series B"),
        (
            json!({"trends": {"question": {"series": [{}]}, "series": "A", "date": "soon"}}),
            "beginning of an interval",
        ),
        (json!({"paths": {"question": {}, "step": 1}}), "either a path"),
    ] {
        refused(&app, "/api/people/behind", &json!({"of": of}), why);
    }
    refused(&app, "/api/people/behind", &json!({"of": {"funnels": {}}}), "did you mean funnel?");
}

/// A filter that finds an event by its number and a sum that has it are of the same events.
#[test]
fn measures_read_as_numbers_what_filters_do() {
    let app = TestApp::new();
    let texts = ["1_000", " 7 ", "+5", "5.", ".5", "0x10", "12", "1e1", "-2.5"];
    let events: Vec<Value> =
        texts.iter().map(|text| json!({"type": "v", "properties": {"price": text}})).collect();
    app.track(json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": events})).ok();
    let of = |filter: &str| {
        json!({"interval": "all", "series": [
            {"where": filter, "measure": "sum", "field": "properties.price"}, {"where": filter}]})
    };
    let told = |filter: &str| {
        let rows = app.post("/api/questions/trends", &of(filter)).ok().body["result"].clone();
        let rows = rows.as_array().unwrap().iter().map(|row| row["value"].as_f64().unwrap());
        rows.collect::<Vec<f64>>()
    };
    assert_eq!(told("type = v AND properties.price > -100"), [19.5, 3.0]);
    assert_eq!(told("type = v"), [19.5, 9.0]);
}

#[test]
fn everything_can_be_asked_of_nothing() {
    let app = TestApp::new();
    let scope = json!({"from": "2026-01-01", "to": "2026-01-03", "type": "nothing"});
    let steps = json!(["type = a", "type = b"]);
    let told = |kind: &str, question: Value| {
        app.post(&format!("/api/questions/{kind}"), &question).ok().body["result"].clone()
    };
    let trends = told(
        "trends",
        json!({"scope": scope, "series": [{}, {"measure": "average", "field": "properties.price"}]}),
    );
    let values: Vec<Option<f64>> =
        trends.as_array().unwrap().iter().map(|row| row["value"].as_f64()).collect();
    assert_eq!(values, [Some(0.0), Some(0.0), None, None]);
    for order in ["ordered", "unordered", "strict"] {
        let rows = told("funnel", json!({"scope": scope, "steps": steps, "order": order}));
        assert_eq!(rows.to_string(), r#"[{"steps":[0,0]}]"#, "{order}");
    }
    assert_eq!(
        told("funnel", json!({"scope": scope, "steps": steps, "by": {"field": "type"}})),
        json!([])
    );
    for kind in ["retention", "stickiness", "lifecycle"] {
        assert_eq!(told(kind, json!({"scope": scope})), json!([]), "{kind}");
    }
    assert_eq!(told("paths", json!({"scope": scope})), json!({"paths": [], "links": []}));
    let of = json!({"stickiness": {"question": {"scope": scope}, "intervals": 1}});
    let people = app.post("/api/people/behind", &json!({"of": of})).ok().body;
    assert_eq!(people.to_string(), r#"{"next":null,"result":[],"total":0}"#);
}

#[test]
fn those_whose_record_was_removed_are_counted_and_told_by_their_id() {
    let app = TestApp::new();
    app.track(view("e1", "s")).ok();
    let id = rows(&app, "SELECT profile_id FROM events WHERE id = 'e1'")[0]["profile_id"].clone();
    app.delete(&format!("/profile/{}", id.as_str().unwrap())).ok();
    let of = json!({"stickiness": {"question": {"scope": {"type": "page-view"}}, "intervals": 1}});
    let told = app.post("/api/people/behind", &json!({"of": of})).ok().body;
    assert_eq!((told["total"].as_u64(), &told["result"][0]["id"]), (Some(1), &id), "{told}");
    assert!(told["result"][0].get("created").is_none(), "{told}");
}

/// Of three people with a profile each; of the first and the third somebody is told.
#[test]
fn people_and_visits_are_found_by_what_happened() {
    let app = TestApp::new();
    for (event, visit) in [("e1", "one"), ("e2", "two"), ("e3", "three")] {
        app.track(view(event, visit)).ok();
        app.advance(60);
    }
    let order = json!({"source": {"id": "shop"}, "session": {"id": "one"}, "events": [
        {"type": "order", "properties": {"sum": 20}},
    ]});
    app.track(order).ok();
    let many = |address: &str| app.get(address).ok().body["result"].as_array().unwrap().len();
    assert_eq!(many("/api/profiles"), 3);
    assert_eq!(many("/api/profiles?did=type%20%3D%20order"), 1);
    assert_eq!(many("/api/profiles?did=properties.sum%20%3E%2020"), 0);
    let now = app.app().clock.now();
    assert_eq!(many(&format!("/api/profiles?did_from={now}&did=type%20%3D%20%22page-view%22")), 0);
    assert_eq!(many(&format!("/api/profiles?did_to={now}")), 3);
    assert_eq!(many("/api/sessions?had=type%20%3D%20order"), 1);
    assert_eq!(many("/api/sessions?had=type%20%3D%20nothing"), 0);
    let refused = app.get("/api/profiles?did=type%20%3D");
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "question_invalid"));
}

#[test]
fn a_question_in_sql_sees_the_events_of_its_scope_alone() {
    let app = TestApp::new();
    for (event, visit) in [("e1", "one"), ("e2", "two"), ("e3", "two")] {
        app.track(view(event, visit)).ok();
        app.advance(3600);
    }
    let many = |scope: Value| {
        let query = "SELECT count(*) AS n FROM (FROM events UNION ALL FROM events WHERE false) \
                     WHERE type = 'page-view'";
        let asked = json!({"query": query, "scope": scope});
        app.post("/sql", &asked).ok().body[0]["n"].as_u64()
    };
    assert_eq!(many(json!({})), Some(3));
    assert_eq!(many(json!({"session": "two"})), Some(2));
    assert_eq!(
        many(json!({"where": "id != e1", "to": app.app().clock.now().to_string()})),
        Some(2)
    );
    assert_eq!(many(json!({"from": app.app().clock.now().to_string()})), Some(0));
    let wrong = app.post("/sql", &json!({"query": "SELECT 1", "scope": {"where": "type ="}}));
    assert_eq!((wrong.status.as_u16(), wrong.code()), (422, "question_invalid"));
    let wrong = app.post("/sql", &json!({"query": "SELECT 1", "scope": {"when": "now"}}));
    assert_eq!((wrong.status.as_u16(), wrong.code()), (422, "question_invalid"));
}
