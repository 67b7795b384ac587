//! Shop traffic in small, and history as Kith tells it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith::lake::{Lake, Span};
use serde_json::{Value, json};

use crate::support::TestApp;

/// One day, in seconds.
pub(crate) const DAY: u64 = 86_400;

pub(crate) fn lake(app: &TestApp) -> &Arc<Lake> {
    &app.app().lake
}

/// Somebody's page view with an id of the client's.
pub(crate) fn view(id: &str, session: &str) -> Value {
    let properties = json!({"page": "home", "price": 9.5, "nothing": null, "list": [1, "a"]});
    let event = json!({"id": id, "type": "page-view", "properties": properties});
    json!({"session": {"id": session}, "events": [event]})
}

/// Every event's id and how often it is there, as Kith's own SQL tells it.
pub(crate) fn ids(app: &TestApp) -> BTreeMap<String, u64> {
    let sql = "SELECT id, count(*) AS n FROM events GROUP BY id";
    rows(app, sql)
        .into_iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row["n"].as_u64().unwrap()))
        .collect()
}

pub(crate) fn rows(app: &TestApp, sql: &str) -> Vec<kith::model::Map> {
    app.history().moment(Span::ALWAYS).unwrap().rows(sql, &[]).unwrap()
}

pub(crate) fn number(app: &TestApp, sql: &str) -> i64 {
    app.history().moment(Span::ALWAYS).unwrap().number(sql, &[]).unwrap()
}
