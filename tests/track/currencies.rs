//! Amounts in a company's base currency, beside what was sent.

use serde_json::{Value, json};

use crate::support::TestApp;

const TABLES: &str = "/api/currency-tables";

fn table() -> Value {
    json!({
        "id": "ours", "name": "Our rates", "enabled": true, "base": "eur",
        "amounts": [{"event_types": ["order"], "amount": "properties.total",
            "currency": "properties.currency", "into": "traits.total_eur"}],
        "rates": {"USD": [{"since": "2026-01-05", "rate": "0.92013"},
            {"since": "2025-12-01", "rate": 0.9}], "chf": [{"since": "2026-01-06", "rate": "1.05"}]},
    })
}

fn order(id: &str, total: &Value, currency: &str) -> Value {
    json!({"type": "order", "id": id, "properties": {"total": total, "currency": currency}})
}

fn send(app: &TestApp, event: &Value) -> Vec<String> {
    let reply = app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    reply.warnings().into_iter().map(str::to_owned).collect()
}

fn event(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/event/{id}")).ok().body["event"].clone()
}

#[test]
fn an_amount_is_told_in_the_base_currency_with_every_digit_and_stays_as_it_was_sent() {
    let app = TestApp::new();
    app.post(TABLES, &table()).ok();
    assert_eq!(send(&app, &order("usd", &json!(19.99), "usd")), Vec::<String>::new());
    let usd = event(&app, "usd");
    let told = json!({"value": 18.3933987, "currency": "EUR", "rate": 0.92013,
        "since": "2026-01-05T00:00:00Z"});
    assert_eq!(usd["traits"]["total_eur"], told);
    assert_eq!(usd["properties"], json!({"total": 19.99, "currency": "usd"}));
    send(&app, &order("eur", &json!("7.10"), "EUR"));
    let own = json!({"value": 7.1, "currency": "EUR", "rate": 1});
    assert_eq!(event(&app, "eur")["traits"]["total_eur"], own);
    // The rate is that of the day on which it happened.
    let mut early = order("early", &json!(10), "USD");
    early["time"] = json!({"insert": "2025-12-31T12:00:00Z"});
    send(&app, &early);
    assert_eq!(event(&app, "early")["traits"]["total_eur"]["value"], json!(9));
}

#[test]
fn what_cannot_be_converted_is_a_warning_and_nothing_else() {
    let app = TestApp::new();
    app.post(TABLES, &table()).ok();
    for (id, total, currency) in [
        ("unknown", json!(1), "ZZZ"),
        ("too early", json!(1), "CHF"),
        ("no number", json!("much"), "USD"),
        ("too long", json!("1234567890123456789"), "USD"),
    ] {
        let id = id.replace(' ', "-");
        assert_eq!(send(&app, &order(&id, &total, currency)), ["amount_not_converted"], "{id}");
        assert_eq!(event(&app, &id)["traits"], json!({}), "{id}");
    }
    let nothing = json!({"type": "order", "id": "nothing", "properties": {"currency": "USD"}});
    assert_eq!(send(&app, &nothing), Vec::<String>::new());
    let other =
        json!({"type": "refund", "id": "other", "properties": {"total": 1, "currency": "USD"}});
    assert_eq!(send(&app, &other), Vec::<String>::new());
    assert_eq!(event(&app, "other")["traits"], json!({}));
}

#[test]
fn a_mapping_adds_up_what_was_converted() {
    let app = TestApp::new();
    app.post(TABLES, &table()).ok();
    let rule = json!({"id": "value", "name": "Value", "event_type": "order", "enabled": true,
        "event_to_profile": [{"event": {"value": "event@traits.total_eur.value"}, "op": "increment",
            "profile": {"value": "data.metrics.custom.value_eur"}}]});
    app.post("/event-to-profile", &rule).ok();
    let reply = app.track(json!({"session": {"id": "s"}, "events": [
        order("a", &json!(100), "USD"), order("b", &json!(2.5), "EUR")]}));
    let profile = app.get(&format!("/profile/{}", reply.ok().profile())).ok().body;
    assert_eq!(profile["data"]["metrics"]["custom"]["value_eur"], json!(94.513));
}

#[test]
fn the_life_of_a_currency_table() {
    let app = TestApp::new();
    let saved = app.post(TABLES, &table()).ok().body;
    assert_eq!(saved["ids"], json!(["ours"]));
    let shown = app.get("/api/currency-tables/ours").ok().body;
    assert_eq!(shown["base"], "EUR");
    let usd =
        json!([{"since": "2025-12-01", "rate": "0.9"}, {"since": "2026-01-05", "rate": "0.92013"}]);
    assert_eq!((&shown["rates"]["USD"], &shown["rates"]["CHF"][0]["rate"]), (&usd, &json!("1.05")));
    assert_eq!(shown["amounts"][0]["amount"], "properties.total");
    app.post(TABLES, &shown).ok();
    assert_eq!(app.get(TABLES).ok().body["total"], 1);
    let mut off = table();
    off["enabled"] = json!(false);
    app.post(TABLES, &off).ok();
    send(&app, &order("off", &json!(1), "USD"));
    assert_eq!(event(&app, "off")["traits"], json!({}));
    app.delete("/api/currency-tables/ours").ok();
    assert_eq!(app.get("/api/currency-tables/ours").status, 404);
    for (place, value) in [
        ("/base", json!("euro money")),
        ("/amounts", json!([])),
        ("/amounts/0/amount", json!("context.x")),
        ("/amounts/0/into", json!("properties.total")),
        ("/rates/USD/0/since", json!("2026-1-5")),
        ("/rates/USD/0/rate", json!("0")),
        ("/rates/USD/0/rate", json!("1e3")),
        ("/rates/USD/0/since", json!("2025-12-01")),
    ] {
        let mut odd = table();
        *odd.pointer_mut(place).unwrap() = value;
        let reply = app.post(TABLES, &odd);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{place}");
    }
}

#[test]
fn a_table_is_tried_before_it_is_stored() {
    let app = TestApp::new();
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"},
        "events": [order("a", &json!(1), "USD")]});
    let rules = json!({"currency_tables": [table()]});
    let tried = app.post("/api/rules/try", &json!({"payload": payload, "rules": rules})).ok().body;
    let event = &tried["turns"][0]["events"][0];
    assert_eq!(event["traits"]["total_eur"]["value"], json!(0.92013));
}

#[test]
fn an_amount_is_read_however_it_is_written_and_never_left_out_in_silence() {
    let app = TestApp::new();
    app.post(TABLES, &table()).ok();
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for (id, total, value) in [("up", "1.5E+2", 150), ("small", "2e0", 2)] {
        assert_eq!(send(&app, &order(id, &number(total), "EUR")), Vec::<String>::new());
        assert_eq!(event(&app, id)["traits"]["total_eur"]["value"], value, "{id}");
    }
    let copies = json!({"event_type": "order", "name": "Orders", "enabled": true,
        "index_schema": {"traits.total": "properties.total"}});
    app.post("/event-type/mapping", &copies).ok();
    let mut below = table();
    below["amounts"][0]["into"] = json!("traits.total.eur");
    app.post(TABLES, &below).ok();
    assert_eq!(send(&app, &order("below", &json!(1), "EUR")), ["amount_not_converted"]);
    assert_eq!(event(&app, "below")["traits"], json!({"total": 1}));
}
