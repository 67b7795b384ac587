//! The profile document (docs/wire.md §4.5).

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::lay_over;
use crate::model::{Map, Profile, Time};

/// The fixed tree under `data`, everything unset. Filled in from what is stored.
static DATA: LazyLock<Value> = LazyLock::new(|| {
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
pub(super) fn geo() -> Value {
    json!({
        "country": {"name": null, "code": null}, "city": null, "county": null, "postal": null,
        "latitude": null, "longitude": null, "location": null,
    })
}

/// The whole profile.
#[must_use]
pub(crate) fn profile(profile: &Profile) -> Value {
    let mut data = DATA.clone();
    lay_over(&mut data, &profile.data);
    let mut aux = json!({"geo": {"markets": [], "continent": null}, "email": {"free": null}});
    lay_over(&mut aux, &profile.aux);
    json!({
        "id": profile.id.as_str(),
        "primary_id": profile.primary_id,
        "ids": profile.ids.iter().map(crate::model::Id::as_str).collect::<Vec<_>>(),
        "metadata": metadata(profile),
        // Nothing in Kith counts here; visits stand in the metadata.
        "stats": {"visits": 0, "views": 0, "counters": {}},
        "traits": profile.traits,
        "segments": profile.segments,
        "interests": profile.interests,
        "consents": profile.consents,
        // Nobody is archived.
        "active": true,
        "aux": aux,
        "data": data,
    })
}

fn metadata(profile: &Profile) -> Value {
    let text = |time: Option<Time>| time.map(|time| time.to_string());
    let visits = &profile.visits;
    let fields: Map = profile
        .fields
        .iter()
        .map(|(path, change)| (path.clone(), json!([change.at.to_string(), change.event.as_str()])))
        .collect();
    json!({
        "time": {
            "insert": profile.created.to_string(),
            "create": null,
            "update": text(profile.updated),
            "segmentation": null,
            "visit": {
                "last": text(visits.last), "current": text(visits.current),
                "count": visits.count, "tz": visits.timezone,
            },
        },
        "aux": {},
        "status": null,
        "fields": fields,
        // Nobody waits to be merged: it is done with the event that shows it.
        "system": {"integrations": {}, "aux": {"auto_merge": []}},
    })
}
