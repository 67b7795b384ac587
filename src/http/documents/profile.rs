//! The profile document (docs/wire.md §4.5).

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::lay_over;
use super::profile_parts::{Metadata, ProfileDocument, Stats};
use crate::model::Profile;

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
fn geo() -> Value {
    json!({
        "country": {"name": null, "code": null}, "city": null, "county": null, "postal": null,
        "latitude": null, "longitude": null, "location": null,
    })
}

/// The whole profile.
#[must_use]
pub(crate) fn profile(profile: &Profile) -> ProfileDocument {
    let mut data = DATA.clone();
    lay_over(&mut data, &profile.data);
    let mut aux = json!({"geo": {"markets": [], "continent": null}, "email": {"free": null}});
    lay_over(&mut aux, &profile.aux);
    ProfileDocument {
        id: profile.id.to_string(),
        primary_id: profile.primary_id.clone(),
        ids: profile.ids.iter().map(ToString::to_string).collect(),
        metadata: Metadata::of(profile),
        stats: Stats::default(),
        traits: profile.traits.clone(),
        segments: profile.segments.clone(),
        interests: profile.interests.clone(),
        consents: profile.consents.clone(),
        active: true,
        aux,
        data,
        computed: std::collections::BTreeMap::new(),
        saved: None,
        view: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Map, Place};

    /// Every place of the document below `place`, branches too.
    fn all(place: &str, below: &Map, found: &mut Vec<(String, bool)>) {
        for (key, value) in below {
            let place = format!("{place}.{key}");
            found.push((place.clone(), value.is_object()));
            if let Some(below) = value.as_object() {
                all(&place, below, found);
            }
        }
    }

    #[test]
    fn the_document_has_the_places_that_the_fixed_tree_has() {
        let mut found = Vec::new();
        all("data", DATA.as_object().unwrap(), &mut found);
        for (place, is_branch) in &found {
            let known = Place::of(place);
            assert_eq!(known == Place::Branch, *is_branch, "{place}");
            assert!(*is_branch || matches!(known, Place::Leaf(_) | Place::Reckoned), "{place}");
        }
        let in_data = crate::model::fixed_tree::places().filter(|place| place.starts_with("data."));
        for place in in_data {
            assert!(found.iter().any(|(known, _)| known == place), "{place}");
        }
    }
}
