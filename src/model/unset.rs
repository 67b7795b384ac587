//! What the document of a profile has where nobody has said anything (docs/wire.md §4.5).
//!
//! This is the one table of it: the document is made of it, and so is what conditions, formulas and those who ask
//! for one place of a person see. What is stored of a person is only what was said.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Map, Path};

/// The fixed tree under `data`.
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

/// What lies below `aux`.
static AUX: LazyLock<Value> =
    LazyLock::new(|| json!({"geo": {"markets": [], "continent": null}, "email": {"free": null}}));

fn unset(root: &str) -> Option<&'static Value> {
    match root {
        "data" => Some(&DATA),
        "aux" => Some(&AUX),
        _ => None,
    }
}

/// A part of a profile, such as `data`, as its document has it.
#[must_use]
pub fn document_of(root: &str, said: &Map) -> Value {
    let mut document = unset(root).cloned().unwrap_or_else(|| Value::Object(Map::new()));
    lay_over(&mut document, said);
    document
}

/// What stands at one place of a profile's document.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What was said.
    pub said: Option<&'a Value>,
    /// What stands there, or below it, where nobody has said anything.
    pub unset: Option<&'static Value>,
}

impl<'a> Shown<'a> {
    /// At this place below `root`, of which this was said.
    #[must_use]
    pub fn at(root: &str, said: &'a Map, within: &Path) -> Self {
        let Some((first, rest)) = within.steps().split_first() else {
            return Self { said: None, unset: unset(root) };
        };
        let top = unset(root).and_then(|all| all.get(first.key()));
        let mut shown = Self { said: said.get(first.key()), unset: top };
        for step in rest {
            // A value hides what would lie below it.
            let unset = shown.unset.filter(|_| shown.said.is_none_or(Value::is_object));
            shown.unset = unset.and_then(|value| step.below(value));
            shown.said = shown.said.and_then(|value| step.below(value));
        }
        shown
    }

    /// The document at this place.
    #[must_use]
    pub fn document(self) -> Option<Value> {
        match (self.said, self.unset) {
            (Some(Value::Object(said)), Some(unset @ Value::Object(_))) => {
                let mut document = unset.clone();
                lay_over(&mut document, said);
                Some(document)
            }
            (said, unset) => said.or(unset).cloned(),
        }
    }
}

/// Lays `over` on `under`, at every depth.
pub(crate) fn lay_over(under: &mut Value, over: &Map) {
    let Value::Object(under) = under else { return };
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(below @ Value::Object(_)), Value::Object(above)) => lay_over(below, above),
            (Some(below), value) => *below = value.clone(),
            (None, value) => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Place, fixed_tree};

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
        let in_data = fixed_tree::places().filter(|place| place.starts_with("data."));
        for place in in_data {
            assert!(found.iter().any(|(known, _)| known == place), "{place}");
        }
    }

    #[test]
    fn a_place_is_what_the_document_has_there() {
        let said = json!({"metrics": {"ltv": null, "custom": {"a": 1}}, "contact": {"email": {"main": "a@b.c"}},
            "job": "none", "mine": 5, "pii": {}});
        let said = said.as_object().unwrap();
        let document = document_of("data", said);
        for place in [
            "metrics.ltv",
            "metrics.ltcosc",
            "metrics.custom",
            "metrics.custom.a",
            "contact.email",
            "contact.email.private",
            "contact",
            "job",
            "job.position",
            "mine",
            "mine.x",
            "pii.language.spoken",
            "preferences.colors.0",
            "nothing",
        ] {
            let path = Path::parse(place).unwrap();
            let shown = Shown::at("data", said, &path);
            let is_said = path.get(said).is_some();
            assert_eq!(shown.document().as_ref(), path.below(&document), "{place}");
            assert_eq!(shown.said.is_some(), is_said, "{place}");
        }
    }
}
