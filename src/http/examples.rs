//! Examples in the document: what may be sent as it stands.

use serde_json::{Value, json};
use utoipa::openapi::{OpenApi, RefOr};

use super::openapi::operations;

/// Stands for a source in examples, until an installation names one of its own.
pub(super) const SOURCE: &str = "YOUR-SOURCE-ID";

/// Adds them where something is posted.
pub(super) fn add(document: &mut OpenApi) {
    for (path, method, operation) in operations(document) {
        let Some(example) = example(path, method) else { continue };
        let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = Some(example.clone());
            }
        }
    }
}

/// The document with this source in the place of [`SOURCE`].
pub(super) fn naming(document: &str, source: &str) -> String {
    let [meant, named] = [SOURCE, source].map(|id| Value::from(id).to_string());
    document.replace(&meant, &named)
}

fn example(path: &str, method: &str) -> Option<Value> {
    Some(match (path, method) {
        ("/track", _) => payload(),
        ("/customer/consent", _) => json!({
            "source": {"id": SOURCE}, "session": {"id": "monday"},
            "profile": {"id": "the id that /track has answered"}, "consents": {"newsletter": true},
        }),
        ("/user/token", _) => json!({"username": "admin@kith.local", "password": "…"}),
        ("/user", "post") => json!({
            "email": "ann@shop.example", "name": "Ann", "roles": ["marketer"],
            "password": "correct horse battery",
        }),
        ("/api/keys", "post") => json!({"name": "Nightly report", "scopes": ["events:read"]}),
        ("/event-source", _) => json!({"id": "my-shop", "name": "My shop", "type": ["rest"]}),
        (path, _) if path.starts_with("/event/select") => json!({"where": "type = \"page-view\""}),
        ("/sql", _) => json!({
            "query": "SELECT type, count(*) AS events FROM events GROUP BY type ORDER BY events DESC",
        }),
        _ => return rule(path, method),
    })
}

/// Of what is set up and asked.
fn rule(path: &str, method: &str) -> Option<Value> {
    Some(match (path, method) {
        ("/api/audiences", "post") => json!({
            "id": "buyers", "name": "Buyers", "condition": "DID \"order\" AT LEAST 2 TIMES WITHIN 90d",
        }),
        ("/api/audiences/preview", _) => json!({"condition": "DID \"order\" WITHIN 30d"}),
        ("/api/computed-traits", "post") => json!({
            "id": "spent", "function": "sum", "event_type": "order", "of": "properties.total",
            "within": "365d",
        }),
        ("/api/lists", "post") => json!({"name": "Regulars"}),
        ("/api/identity/settings", "post") => json!({"public": "link"}),
        ("/event-type/mapping", "post") => {
            json!({"id": "order", "name": "Order", "event_type": "order"})
        }
        ("/event-validator", "post") => json!({
            "id": "orders", "name": "Orders", "event_type": "order", "enabled": true,
            "validation": {"json_schema": {"event@properties": {"required": ["id"]}}},
        }),
        ("/api/rules/try", _) => json!({"payload": payload()}),
        ("/api/events/funnel", _) => json!({"steps": ["type = page-view", "type = order"]}),
        ("/api/questions/trends", _) => json!({"series": [{"where": "type = page-view"}]}),
        _ => return None,
    })
}

fn payload() -> Value {
    json!({
        "source": {"id": SOURCE},
        "session": {"id": "monday"},
        "context": {"page": {"url": "https://shop.example/", "title": "Home"}},
        "events": [{"type": "page-view", "properties": {"category": "tea"}}],
    })
}
