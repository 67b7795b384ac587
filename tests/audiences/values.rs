//! What computed traits take for a value: numbers with every digit, texts as long as they are, events by source.

use serde_json::{Value, json};

use super::{TRAITS, audience, is_in, warm};
use crate::support::TestApp;
use crate::support::app::{post, with_source};

const SECOND: &str = "second";

/// What Ann did is kept before the traits are there, and once more after: history and the fold say the same.
struct Told {
    app: TestApp,
    traits: Vec<Value>,
}

impl Told {
    fn new(traits: &[(&str, &str, &str)]) -> Self {
        let app = TestApp::new();
        app.add_source(SECOND, |_| {});
        let one = |(id, function, of): &(&str, &str, &str)| {
            let mut one = json!({"id": id, "function": function, "event_type": "order"});
            if !of.is_empty() {
                one["of"] = json!(format!("properties.{of}"));
            }
            one
        };
        let traits: Vec<Value> = traits.iter().map(one).collect();
        for posted in &traits {
            app.post(TRAITS, posted).ok();
        }
        warm(&app);
        Self { app, traits }
    }

    fn order(&self, properties: &Value) -> Vec<String> {
        let sent = super::did("ann", "order", properties);
        let reply = self.app.track(sent).ok();
        self.app.advance(1);
        reply.warnings().into_iter().map(str::to_owned).collect()
    }

    /// As it was folded, and then as history has it: the same traits, counted under another condition.
    #[track_caller]
    fn check(&self, wanted: &Value) {
        self.agrees(wanted, "as it came");
        for mut posted in self.traits.clone() {
            posted["where"] = json!("event@type = \"order\"");
            self.app.post(TRAITS, &posted).ok();
        }
        warm(&self.app);
        self.agrees(wanted, "as history has it");
    }

    #[track_caller]
    fn agrees(&self, wanted: &Value, when: &str) {
        let person = super::does(&self.app, "ann", "page-view");
        let computed = self.app.get(&format!("/profile/{person}")).ok().body["computed"].clone();
        assert_eq!(&computed, wanted, "{when}");
    }
}

/// Clocks of whole seconds have many events at one moment.
#[test]
fn what_happened_at_one_moment_stands_as_it_was_sent() {
    let all = ["first", "last", "values"];
    let of_name: Vec<_> = all.iter().map(|one| (*one, *one, "name")).collect();
    let told = Told::new(&of_name);
    let at = told.app.app().clock.now().to_string();
    for names in ["k", "cx", "zab", "f", "qe"] {
        let event = |name: char| {
            let properties = json!({"name": name.to_string()});
            json!({"type": "order", "time": {"insert": at}, "properties": properties})
        };
        let events: Vec<Value> = names.chars().map(event).collect();
        told.app.track(json!({"session": {"id": "ann"}, "events": events})).ok();
        told.app.advance(1);
    }
    let last_first = ["e", "q", "f", "b", "a", "z", "x", "c", "k"];
    told.check(&json!({"first": "k", "last": "e", "values": last_first}));
}

#[test]
fn what_is_no_number_is_not_counted_as_one() {
    let functions = ["min", "max", "sum", "average"];
    let of_total: Vec<_> = functions.iter().map(|one| (*one, *one, "total")).collect();
    let told = Told::new(&of_total);
    for total in [json!(10), json!("N/A"), json!([10, "N/A"]), json!({}), json!(null), json!(true)]
    {
        told.order(&json!({"total": total}));
    }
    told.check(&json!({"min": 10, "max": 10, "sum": 10, "average": 10}));
}

#[test]
fn a_text_that_writes_a_number_is_one_where_numbers_are_counted() {
    let told = Told::new(&[("sum", "sum", "total"), ("all", "values", "total")]);
    for total in ["12.50", "-1e1", "007", " 1", "1,5", "+1", ".5", "5 EUR", ""] {
        told.order(&json!({"total": total}));
    }
    told.order(&json!({"total": 7}));
    let all = json!([7, "5 EUR", ".5", "+1", "1,5", " 1", "007", "-1e1", "12.50"]);
    told.check(&json!({"sum": 16.5, "all": all}));
}

#[test]
fn numbers_are_exact_to_a_bound_and_beyond_it_somebody_is_told() {
    let traits = [
        ("sum", "sum", "total"),
        ("max", "max", "total"),
        ("last", "last", "total"),
        ("many", "distinct", "total"),
    ];
    let told = Told::new(&traits);
    let number = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    for total in ["89490200001234567890", "89490200001234567899", "9e12", "0.000001", "-1.0000005"]
    {
        assert!(told.order(&json!({"total": number(total)})).is_empty(), "{total}");
    }
    for total in ["1000000000000000000000001", "1.1e24", "-1.5e25"] {
        let warnings = told.order(&json!({"total": number(total)}));
        assert_eq!(warnings, ["number_too_large"], "{total}");
    }
    told.check(&json!({
        "sum": number("178980409002469135788"), "max": number("89490200001234567899"),
        "last": number("-1.000001"), "many": 5,
    }));
}

#[test]
fn long_texts_are_told_apart_and_shown_whole_to_a_bound() {
    let traits = [
        ("first", "first", "page"),
        ("last", "last", "page"),
        ("many", "distinct", "page"),
        ("most", "most_frequent", "page"),
    ];
    let told = Told::new(&traits);
    let page = |end: &str| format!("https://shop.example/{}{end}", "ž".repeat(500));
    let short = format!("https://shop.example/{}", "x".repeat(230));
    for text in [page("a"), page("b"), page("b"), short.clone(), short.clone(), short.clone()] {
        told.order(&json!({"page": text}));
    }
    told.order(&json!({"page": "y".repeat(3_000)}));
    let last = format!("{}…{}", "y".repeat(2_048), "024c9d5c1b45947d");
    told.check(&json!({"first": page("a"), "last": last, "many": 4, "most": short}));
}

#[test]
fn events_of_two_sources_may_have_one_id() {
    let told = Told::new(&[("orders", "count", ""), ("spent", "sum", "total")]);
    for source in ["", SECOND] {
        let event = json!({"id": "1000", "type": "order", "time": {"insert": "2026-01-05T09:00:00Z"},
            "properties": {"total": 5}});
        let mut payload = json!({"session": {"id": "ann"}, "events": [event]});
        if !source.is_empty() {
            payload["source"] = json!({"id": source});
        }
        told.app.track(payload.clone()).ok();
        let again = told.app.track(payload).ok();
        assert_eq!(again.warnings(), ["event_repeated"]);
    }
    told.check(&json!({"orders": 2, "spent": 10}));
}

/// As mappings see somebody, so do audiences: the payload that says it is enough.
#[test]
fn what_follows_from_a_payload_counts_with_it() {
    let app = TestApp::new();
    let condition = "profile@data.anonymous = FALSE AND \
                     profile@data.pii.language.spoken CONTAINS \"pl\"";
    audience(&app, "polish", condition);
    let mail = json!({"type": "sign-up", "properties": {"email": {"main": "ann@shop.example"}}});
    let payload = with_source(json!({"session": {"id": "ann"}, "events": [mail]}));
    let mut request = post("/track", &payload);
    request.headers_mut().insert("accept-language", "pl".parse().unwrap());
    let ann = app.send(request).ok().profile();
    assert!(is_in(&app, &ann, "polish"));
}
