//! The event document (spec §4.3), from the columns of history.

use serde_json::{Value, json};

use crate::model::Map;

/// The whole event.
#[must_use]
pub(crate) fn event(columns: &Map) -> Value {
    let at = |name: &str| columns.get(name).cloned().unwrap_or(Value::Null);
    let object = |name: &str| columns.get(name).cloned().unwrap_or_else(|| json!({}));
    let mut data = object("data");
    let take = |data: &mut Value, key: &str| {
        data.as_object_mut().and_then(|data| data.remove(key)).unwrap_or_else(|| json!({}))
    };
    let (copied_hit, copied_device) = (take(&mut data, "hit"), take(&mut data, "device"));
    let id = |name: &str| columns.get(name).map(|id| json!({"id": id}));
    let tags = columns.get("tags").cloned().unwrap_or_else(|| json!([]));
    json!({
        "id": at("id"),
        "type": at("type"),
        "name": at("name"),
        "metadata": metadata(columns),
        "source": id("source_id"),
        "session": id("session_id"),
        "profile": id("profile_id"),
        "properties": object("properties"),
        "traits": object("traits"),
        "context": object("context"),
        "request": object("request"),
        "config": object("config"),
        "aux": {},
        "tags": {"count": tags.as_array().map_or(0, Vec::len), "values": tags},
        "utm": utm(columns),
        "device": device(columns, &copied_device),
        "os": {"name": at("os_name"), "version": at("os_version")},
        "app": {"name": at("app_name"), "version": at("app_version"), "language": at("app_language")},
        "hit": hit(columns, &copied_hit),
        "journey": {"state": at("journey")},
        "data": data,
    })
}

fn metadata(columns: &Map) -> Value {
    let at = |name: &str| columns.get(name).cloned().unwrap_or(Value::Null);
    let warnings = columns.get("warnings").cloned().unwrap_or_else(|| json!([]));
    let truth = |name: &str, otherwise: bool| {
        columns.get(name).and_then(Value::as_bool).unwrap_or(otherwise)
    };
    json!({
        "time": {
            "insert": at("time"), "create": at("time"), "update": null,
            "received": at("received_at"), "process_time": 0, "total_time": 0,
        },
        "aux": {},
        "ip": at("ip"),
        "status": "collected",
        "channel": columns.get("channel").cloned().unwrap_or_else(|| json!("")),
        "processed_by": {"rules": [], "flows": [], "third_party": []},
        "profile_less": !columns.contains_key("profile_id"),
        "debug": truth("debug", false),
        "valid": truth("valid", true),
        "error": false,
        "warning": warnings.as_array().is_some_and(|list| !list.is_empty()),
        "warnings": warnings,
        "merge": false,
    })
}

fn utm(columns: &Map) -> Value {
    let at = |name: &str| columns.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "source": at("utm_source"), "medium": at("utm_medium"), "campaign": at("utm_campaign"),
        "term": at("utm_term"), "content": at("utm_content"),
    })
}

fn device(columns: &Map, copied: &Value) -> Value {
    let at = |name: &str| columns.get(name).cloned().unwrap_or(Value::Null);
    let mut device = json!({
        "type": at("device_type"), "brand": at("device_brand"), "model": at("device_model"),
        "geo": {"country": {"code": at("country")}, "city": at("city")},
    });
    if let Value::Object(copied) = copied {
        super::lay_over(&mut device, copied);
    }
    device
}

fn hit(columns: &Map, copied: &Value) -> Value {
    let at = |name: &str| columns.get(name).cloned().unwrap_or(Value::Null);
    let mut hit = json!({
        "name": at("page_title"), "url": at("page_url"), "referer": at("referrer_host"),
        "query": null, "category": null, "id": null,
    });
    if let Value::Object(copied) = copied {
        super::lay_over(&mut hit, copied);
    }
    hit
}
