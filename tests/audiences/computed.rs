//! Computed traits: what they come to, when they change, and that they show where they should.

use serde_json::{Value, json};

use super::{AUDIENCES, TRAITS, audience, did, is_in, time, warm};
use crate::support::TestApp;

fn order(app: &TestApp, total: f64, brand: &str) -> String {
    let properties = json!({"total": total, "brand": brand});
    app.track(did("ann", "order", &properties)).ok().profile()
}

fn computed(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body["computed"].clone()
}

fn add(app: &TestApp, id: &str, rest: &Value) {
    let mut posted = json!({"id": id, "event_type": "order"});
    posted.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    app.post(TRAITS, &posted).ok();
}

#[test]
fn every_function_is_worked_out_from_history_and_from_what_comes() {
    let app = TestApp::new();
    let ann = order(&app, 10.0, "b");
    app.advance(60);
    let of_total = |function: &str| json!({"function": function, "of": "properties.total"});
    let of_brand = |function: &str| json!({"function": function, "of": "properties.brand"});
    for function in ["sum", "average", "min", "max", "first", "last"] {
        add(&app, function, &of_total(function));
    }
    for function in ["most_frequent", "distinct"] {
        add(&app, function, &of_brand(function));
    }
    add(&app, "orders", &json!({"function": "count"}));
    add(&app, "large", &json!({"function": "count", "where": "event@properties.total > 10"}));
    add(&app, "first_at", &json!({"function": "first_at"}));
    assert_eq!(computed(&app, &ann), Value::Null, "nothing is shown before all of it is known");
    order(&app, 2.5, "a");
    warm(&app);
    order(&app, 20.0, "a");
    let wanted = json!({
        "sum": 32.5, "average": 10.833_333, "min": 2.5, "max": 20, "first": 10, "last": 20,
        "most_frequent": "a", "distinct": 2, "orders": 3, "large": 1,
        "first_at": "2026-01-05T10:00:00Z",
    });
    let found = computed(&app, &ann);
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name} of {found:#}");
    }
}

#[test]
fn a_window_slides_without_anything_happening() {
    let app = TestApp::new();
    add(&app, "lately", &json!({"function": "sum", "of": "properties.total", "within": "1h"}));
    warm(&app);
    audience(&app, "spenders", "profile@computed.lately >= 15");
    let ann = order(&app, 10.0, "a");
    app.advance(1_800);
    order(&app, 10.0, "a");
    assert_eq!(computed(&app, &ann)["lately"], 20);
    assert!(is_in(&app, &ann, "spenders"));
    app.advance(1_800);
    assert_eq!(computed(&app, &ann)["lately"], 10, "as it is when it is read");
    time(&app);
    assert!(!is_in(&app, &ann, "spenders"));
}

#[test]
fn what_is_too_much_to_know_one_by_one_is_said_to_be_a_guess() {
    let app = TestApp::new();
    add(&app, "orders", &json!({"function": "count"}));
    warm(&app);
    let events: Vec<Value> = (0..18).map(|_| json!({"type": "order"})).collect();
    let mut ann = String::new();
    for _ in 0..35 {
        ann = app.track(json!({"session": {"id": "ann"}, "events": events})).ok().profile();
        app.advance(1);
    }
    let standing = app.get(&format!("/api/profiles/{ann}/audiences")).ok().body;
    assert_eq!(standing["computed"]["orders"], 630);
    assert_eq!(standing["approximate"], json!(["orders"]));
    warm(&app);
    app.post(TRAITS, &json!({"id": "orders", "event_type": "order", "function": "count", "where": "event@type = \"order\""})).ok();
    warm(&app);
    let standing = app.get(&format!("/api/profiles/{ann}/audiences")).ok().body;
    assert_eq!(standing["computed"]["orders"], 630, "as history has it");
}

#[test]
fn what_an_audience_looks_at_cannot_be_removed() {
    let app = TestApp::new();
    add(&app, "orders", &json!({"function": "count"}));
    app.post(
        AUDIENCES,
        &json!({"id": "a", "name": "A", "condition": "profile@computed.orders > 1"}),
    )
    .ok();
    let refused = app.delete(&format!("{TRAITS}/orders"));
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "in_use"));
    assert!(refused.text.contains("audience a"), "{}", refused.text);
    app.delete(&format!("{AUDIENCES}/a")).ok();
    app.delete(&format!("{TRAITS}/orders")).ok();
}

#[test]
fn what_halves_falls_and_whoever_was_in_because_of_it_leaves_at_that_moment() {
    let app = TestApp::new();
    add(&app, "heat", &json!({"function": "halving", "half_life": "1h"}));
    let likes = json!({"function": "interests", "of": "properties.brand", "half_life": "1h"});
    add(&app, "likes", &likes);
    warm(&app);
    audience(&app, "hot", "profile@computed.heat >= 1");
    audience(&app, "fond", "profile@computed.likes.a > 0.5");
    let ann = order(&app, 1.0, "a");
    order(&app, 1.0, "b");
    assert_eq!(computed(&app, &ann)["heat"], 2);
    assert_eq!(computed(&app, &ann)["likes"], json!({"a": 1, "b": 1}));
    let seen = || {
        time(&app);
        ["hot", "fond"].map(|id| is_in(&app, &ann, id))
    };
    assert_eq!(seen(), [true, true]);
    app.advance(3_599);
    assert_eq!(seen(), [true, true]);
    app.advance(2);
    assert_eq!(seen(), [false, false]);
    let told = super::told(&app, &ann);
    assert!(told[2][1].starts_with("2026-01-05T11:00:5"), "{told:?}");
}

#[test]
fn a_formula_is_of_other_traits_and_follows_them_and_the_days() {
    let app = TestApp::new();
    add(&app, "spent", &json!({"function": "sum", "of": "properties.total"}));
    add(&app, "orders", &json!({"function": "count"}));
    add(&app, "last", &json!({"function": "last_at"}));
    let formula = |id: &str, formula: &str| {
        app.post(TRAITS, &json!({"id": id, "function": "formula", "formula": formula}))
    };
    formula("mean", "round(computed.spent / max(computed.orders, 1)) + 0.5").ok();
    formula("quiet", "days_since(computed.last)").ok();
    warm(&app);
    audience(&app, "big", "profile@computed.mean > 10");
    audience(&app, "gone", "profile@computed.quiet >= 2");
    let ann = order(&app, 10.4, "a");
    assert_eq!(computed(&app, &ann)["mean"], 10.5);
    let seen = || {
        time(&app);
        ["big", "gone"].map(|id| is_in(&app, &ann, id))
    };
    assert_eq!(seen(), [true, false]);
    order(&app, 1.0, "a");
    assert_eq!(seen(), [false, false]);
    app.advance(2 * 86_400 - 1);
    assert_eq!(seen(), [false, false]);
    app.advance(2);
    assert_eq!(seen(), [false, true]);
    for (wrong, says) in [
        ("computed.spent +", "a number, a trait or a bracket is wanted"),
        ("sqrt(computed.spent)", "there is no function sqrt"),
        ("computed.mean + 1", "no formulas"),
        ("computed.nothing + 1", "a computed trait that exists"),
        ("days_since(1)", "is of one trait"),
    ] {
        let reply = formula("wrong", wrong);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"), "{wrong}");
        assert!(reply.text.contains(says), "{wrong}: {}", reply.text);
    }
    let halves =
        json!({"id": "spent", "function": "halving", "event_type": "order", "half_life": "1h"});
    let reply = app.post(TRAITS, &halves);
    assert!(reply.text.contains("must stay what a formula can be of"), "{}", reply.text);
    assert_eq!(app.delete(&format!("{TRAITS}/orders")).code(), "in_use");
}

#[test]
fn people_have_marks_for_how_lately_how_often_and_how_much() {
    let app = TestApp::new();
    let marks = json!({"recency": ["1d", "3d"], "frequency": [2, 3], "monetary": [20.5]});
    add(&app, "rfm", &json!({"function": "rfm", "of": "properties.total", "marks": marks}));
    add(&app, "brands", &json!({"function": "values", "of": "properties.brand"}));
    assert_eq!(app.get(&format!("{TRAITS}/rfm")).ok().body["marks"], marks);
    warm(&app);
    audience(&app, "asleep", "profile@computed.rfm STARTS WITH \"1\"");
    audience(&app, "brand", "profile@computed.brands CONTAINS \"b\"");
    let ann = order(&app, 10.0, "a");
    assert_eq!(computed(&app, &ann)["rfm"], "311");
    app.advance(1);
    order(&app, 10.5, "b");
    assert_eq!(
        (&computed(&app, &ann)["rfm"], &computed(&app, &ann)["brands"]),
        (&json!("322"), &json!(["b", "a"]))
    );
    assert!(is_in(&app, &ann, "brand"));
    app.advance(3 * 86_400 - 1);
    time(&app);
    assert!(!is_in(&app, &ann, "asleep"));
    app.advance(2);
    time(&app);
    assert!(is_in(&app, &ann, "asleep"));
    assert_eq!(computed(&app, &ann)["rfm"], "122");
    for (rest, says) in [
        (json!({"function": "rfm"}), "marks must not be empty"),
        (json!({"function": "count", "half_life": "1h"}), "half_life is not for count"),
        (json!({"function": "halving"}), "half_life must not be empty"),
        (
            json!({"function": "rfm", "marks": {"recency": ["2d", "1d"], "frequency": []}}),
            "each of them rising",
        ),
        (
            json!({"function": "rfm", "marks": {"recency": [], "frequency": [], "monetary": [1e13]}}),
            "marks.monetary must be at most 9e12",
        ),
        (
            json!({"function": "rfm", "marks": {"recency": ["11y"], "frequency": [], "monetary": []}}),
            "marks.recency must be ten years at most",
        ),
        (
            json!({"function": "rfm", "marks": {"recency": [], "frequency": [2_000_000_000], "monetary": []}}),
            "marks.frequency must be at most 1000000000",
        ),
        (
            json!({"function": "sum", "of": "event@properties.lines.*.price"}),
            "of must be a place as it is meant: a star stands for nothing",
        ),
        (
            json!({"function": "count", "where": "event@properties.a.* = 1"}),
            "properties.a itself means all that is in it",
        ),
        (json!({"function": "formula", "formula": "1"}), "event_type is not for formula"),
        (json!({"function": "halving", "half_life": "1h", "within": "1d"}), "within is not for"),
    ] {
        let mut posted = json!({"id": "wrong", "event_type": "order"});
        posted.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let reply = app.post(TRAITS, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"), "{posted}");
        assert!(reply.text.contains(says), "{}", reply.text);
    }
}

/// As what is shown: both are of the sums that are left.
#[test]
fn what_is_known_as_sums_goes_at_its_moment_as_well() {
    let app = TestApp::new();
    add(&app, "lately", &json!({"function": "count", "within": "2h"}));
    warm(&app);
    audience(&app, "often", "profile@computed.lately >= 600");
    let orders = |many: usize| {
        let events: Vec<Value> = (0..10).map(|_| json!({"type": "order"})).collect();
        let send = || app.track(json!({"session": {"id": "ann"}, "events": events})).ok().profile();
        (0..many / 10).map(|_| send()).reduce(|_, last| last).unwrap()
    };
    let ann = orders(100);
    app.advance(3_600);
    orders(550);
    let changes = super::standing(&app, &ann, "often")["changes"].clone();
    let changes = kith::model::Time::parse(changes.as_str().unwrap()).unwrap();
    let micros = changes.micros() - app.clock.now().micros();
    app.clock.advance(std::time::Duration::from_micros(micros.try_into().unwrap()));
    time(&app);
    assert_eq!(computed(&app, &ann)["lately"], 550);
    assert!(!is_in(&app, &ann, "often"), "the last of them were sooner than two hours ago");
}
