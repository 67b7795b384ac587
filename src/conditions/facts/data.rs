//! The fixed places of a person's data.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::model::Step;

/// The fixed tree under `data` of a profile's document, everything unset. An object with nothing in it is free.
pub static DATA_TREE: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "anonymous": null,
        "pii": {
            "firstname": null, "lastname": null, "display_name": null, "birthday": null,
            "language": {"native": null, "spoken": []}, "gender": null,
            "education": {"level": null}, "civil": {"status": null},
            "attributes": {"height": null, "weight": null, "shoe_number": null},
        },
        "contact": {
            "email": {"main": null, "private": null, "business": null},
            "phone": {"main": null, "business": null, "mobile": null, "whatsapp": null},
            "app": {
                "whatsapp": null, "discord": null, "slack": null, "twitter": null,
                "telegram": null, "wechat": null, "viber": null, "signal": null, "other": {},
            },
            "address": {
                "town": null, "county": null, "country": null, "postcode": null, "street": null,
                "other": null,
            },
            "confirmations": [],
        },
        "identifier": {
            "id": null, "pk": null, "badge": null, "passport": null, "credit_card": null,
            "token": null, "coupons": null,
        },
        "devices": {"push": [], "other": [], "last": {"geo": geo()}},
        "media": {
            "image": null, "webpage": null,
            "social": {
                "twitter": null, "facebook": null, "youtube": null, "instagram": null,
                "tiktok": null, "linkedin": null, "reddit": null, "other": {},
            },
        },
        "preferences": {
            "purchases": [], "colors": [], "sizes": [], "devices": [], "channels": [],
            "payments": [], "brands": [], "fragrances": [], "services": [], "other": [],
        },
        "job": {
            "position": null, "salary": null, "type": null,
            "company": {"name": null, "size": null, "segment": null, "country": null},
            "department": null,
        },
        "metrics": {
            "ltv": 0, "ltcosc": 0, "ltcocc": 0, "ltcop": 0, "ltcosv": 0, "ltcocv": 0,
            "next": null, "custom": {},
        },
        "loyalty": {
            "codes": [],
            "card": {"id": null, "name": null, "issuer": null, "expires": null, "points": 0},
        },
    })
});

/// A place with nothing known of it.
fn geo() -> Value {
    json!({
        "country": {"name": null, "code": null}, "city": null, "county": null, "postal": null,
        "latitude": null, "longitude": null, "location": null,
    })
}

/// Whether there is such a place below `data`. What is free, and what holds one value, may hold more.
#[must_use]
pub(in crate::conditions) fn is_of_data(steps: &[Step]) -> bool {
    let mut at = &*DATA_TREE;
    for step in steps {
        let Value::Object(map) = at else { return true };
        match map.get(step.key()) {
            Some(below) => at = below,
            None => return map.is_empty(),
        }
    }
    true
}

/// Every place of it that holds something, as it is written.
#[must_use]
pub(in crate::conditions) fn places_of_data() -> Vec<String> {
    let mut places = Vec::new();
    collect(&DATA_TREE, "data", &mut places);
    places
}

fn collect(value: &Value, at: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(key, below)| collect(below, &format!("{at}.{key}"), places));
        }
        Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => places.push(at.to_owned()),
    }
}
