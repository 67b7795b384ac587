//! The fixed tree of a profile: which places `data` has, and what each of them takes (docs/wire.md §4.5).
//!
//! A value that stands where the document has a branch hides everything below it, and nothing can be written
//! there any more: so who writes by a rule of their own asks here, when the rule is stored and when it is applied.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Number, Value, json};

use Takes::{Any, List, Number as Count, Text, TextOrList};

/// What a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A text; a number becomes its digits.
    Text,
    /// The same, or a list.
    TextOrList,
    /// A list; a single text or number becomes a list of one text.
    Texts,
    /// A list; a single value becomes a list of one.
    List,
    /// A number; a text that writes one becomes it.
    Number,
    /// Anything.
    Any,
}

/// What there is at a place of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A value.
    Leaf(Takes),
    /// Whatever people want.
    Free,
    /// More places.
    Branch,
    /// What Kith reckons, and writes over.
    Reckoned,
    /// It lies below a value.
    Below,
    /// The fixed tree has no such place.
    Unknown,
}

/// The places, and what is below them.
const PLACES: &[(&str, &[&str], Place)] = &[
    ("data", &["anonymous"], Place::Reckoned),
    (
        "data.pii",
        &["firstname", "lastname", "display_name", "birthday", "gender"],
        Place::Leaf(Any),
    ),
    ("data.pii.language", &["native"], Place::Leaf(Any)),
    ("data.pii.language", &["spoken"], Place::Leaf(List)),
    ("data.pii.education", &["level"], Place::Leaf(Any)),
    ("data.pii.civil", &["status"], Place::Leaf(Any)),
    ("data.pii.attributes", &["height", "weight", "shoe_number"], Place::Leaf(Any)),
    ("data.contact.email", &["main", "private", "business"], Place::Leaf(Text)),
    ("data.contact.phone", &["main", "business", "mobile", "whatsapp"], Place::Leaf(Text)),
    (
        "data.contact.app",
        &["whatsapp", "discord", "slack", "twitter", "telegram", "wechat", "viber", "signal"],
        Place::Leaf(Text),
    ),
    ("data.contact.app", &["other"], Place::Free),
    (
        "data.contact.address",
        &["town", "county", "country", "postcode", "street", "other"],
        Place::Leaf(Text),
    ),
    ("data.contact", &["confirmations"], Place::Leaf(TextOrList)),
    (
        "data.identifier",
        &["id", "pk", "badge", "passport", "credit_card", "token"],
        Place::Leaf(Text),
    ),
    ("data.identifier", &["coupons"], Place::Leaf(TextOrList)),
    ("data.devices", &["push", "other"], Place::Leaf(List)),
    ("data.devices.last.geo.country", &["name", "code"], Place::Leaf(Any)),
    (
        "data.devices.last.geo",
        &["city", "county", "postal", "latitude", "longitude", "location"],
        Place::Leaf(Any),
    ),
    ("data.media", &["image", "webpage"], Place::Leaf(Any)),
    (
        "data.media.social",
        &["twitter", "facebook", "youtube", "instagram", "tiktok", "linkedin", "reddit"],
        Place::Leaf(Any),
    ),
    ("data.media.social", &["other"], Place::Free),
    (
        "data.preferences",
        &[
            "purchases",
            "colors",
            "sizes",
            "devices",
            "channels",
            "payments",
            "brands",
            "fragrances",
            "services",
            "other",
        ],
        Place::Leaf(Takes::Texts),
    ),
    ("data.job", &["position", "salary", "type", "department"], Place::Leaf(Any)),
    ("data.job.company", &["name", "size", "segment", "country"], Place::Leaf(Any)),
    ("data.metrics", &["ltv", "orders"], Place::Reckoned),
    ("data.metrics", &["ltcosc", "ltcocc", "ltcop", "ltcosv", "ltcocv"], Place::Leaf(Count)),
    ("data.metrics", &["next"], Place::Leaf(Any)),
    ("data.metrics", &["custom"], Place::Free),
    ("data.loyalty", &["codes"], Place::Leaf(List)),
    ("data.loyalty.card", &["id", "name", "issuer", "expires"], Place::Leaf(Any)),
    ("data.loyalty.card", &["points"], Place::Leaf(Count)),
    ("aux.geo", &["continent"], Place::Reckoned),
    ("aux.geo", &["markets"], Place::Leaf(Any)),
    ("aux.email", &["free"], Place::Leaf(Any)),
];

/// All of them by their whole names, branches too.
static TREE: LazyLock<BTreeMap<String, Place>> = LazyLock::new(|| {
    let mut tree = BTreeMap::new();
    for (branch, names, place) in PLACES {
        let ends = branch.match_indices('.').map(|(end, _)| end).chain([branch.len()]);
        let above = ends.filter_map(|end| branch.get(..end));
        tree.extend(above.map(|above| (above.to_owned(), Place::Branch)));
        tree.extend(names.iter().map(|name| (format!("{branch}.{name}"), *place)));
    }
    tree
});

impl Place {
    /// What there is at a place, written as `metadata.fields` has it: `data.contact.email.main`.
    #[must_use]
    pub fn of(place: &str) -> Self {
        if let Some(known) = TREE.get(place) {
            // Below such a place people have their own: a value there would be as bad as on any branch.
            return if *known == Self::Free { Self::Branch } else { *known };
        }
        let mut above = place;
        while let Some(end) = above.rfind(['.', '[']) {
            above = above.get(..end).unwrap_or_default();
            match TREE.get(above) {
                Some(Self::Leaf(_) | Self::Below) => return Self::Below,
                Some(Self::Reckoned) => return Self::Reckoned,
                Some(Self::Branch | Self::Unknown) if above.starts_with("data") => {
                    return Self::Unknown;
                }
                Some(Self::Branch | Self::Unknown | Self::Free) => return Self::Free,
                None => {}
            }
        }
        Self::Free
    }

    /// Why nothing may be written there; none where something may.
    #[must_use]
    pub fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Leaf(_) | Self::Free | Self::Unknown => None,
            Self::Branch => Some("other places lie below it"),
            Self::Reckoned => Some("Kith reckons it itself"),
            Self::Below => Some("it lies below a single value"),
        }
    }

    /// Whether a list stands there, or may.
    #[must_use]
    pub fn takes_many(self) -> bool {
        matches!(self, Self::Leaf(TextOrList | Takes::Texts | List))
    }

    /// Whether a list has no room there.
    #[must_use]
    pub fn is_single(self) -> bool {
        matches!(self, Self::Leaf(Text | Count))
    }

    /// The value in the type that the place has; none where it does not fit.
    #[must_use]
    pub fn fit(self, sent: &Value) -> Option<Value> {
        match self {
            Self::Leaf(takes) => takes.fit(sent),
            Self::Free | Self::Unknown => Some(sent.clone()),
            Self::Branch | Self::Reckoned | Self::Below => None,
        }
    }
}

impl Takes {
    fn fit(self, sent: &Value) -> Option<Value> {
        match self {
            Self::Any => Some(sent.clone()),
            Self::List if sent.is_array() => Some(sent.clone()),
            Self::TextOrList | Self::Texts if sent.is_array() => texts(sent),
            Self::List => Some(json!([sent])),
            Self::Text | Self::TextOrList => text(sent),
            Self::Texts => text(sent).map(|text| json!([text])),
            Self::Number => number(sent).map(Value::Number),
        }
    }
}

fn text(sent: &Value) -> Option<Value> {
    let number = sent.as_number().map(ToString::to_string);
    sent.as_str().map(|text| text.trim().to_owned()).or(number).map(Value::String)
}

/// Each of a list as a text; what is `null` or blank in it says nothing. None where one does not fit.
fn texts(sent: &Value) -> Option<Value> {
    let said = sent.as_array()?.iter().filter(|one| !one.is_null());
    let texts = said.map(text).collect::<Option<Vec<Value>>>()?;
    Some(texts.into_iter().filter(|text| text.as_str() != Some("")).collect())
}

/// A number, or a text that writes one as JSON does: forms and links send nothing but texts.
#[must_use]
pub fn number(sent: &Value) -> Option<Number> {
    let written = sent.as_str().and_then(|text| text.trim().parse::<Number>().ok());
    let number = sent.as_number().cloned().or(written)?;
    number.as_f64().is_some_and(f64::is_finite).then_some(number)
}

/// The places that hold something, to say what was meant.
pub fn known() -> impl Iterator<Item = &'static str> {
    TREE.iter().filter(|(_, place)| **place != Place::Branch).map(|(name, _)| name.as_str())
}

/// Those where something may be written.
pub fn places() -> impl Iterator<Item = &'static str> {
    let open = TREE.iter().filter(|(_, place)| matches!(place, Place::Leaf(_) | Place::Free));
    open.map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_says_what_there_is_at_a_place() {
        for (place, expected) in [
            ("data.contact.email.main", Place::Leaf(Text)),
            ("data.contact", Place::Branch),
            ("data.devices.last", Place::Branch),
            ("data.metrics.custom", Place::Branch),
            ("data.metrics.custom.spent", Place::Free),
            ("data.metrics.custom[\"a.b\"]", Place::Free),
            ("data.contact.app.other.irc", Place::Free),
            ("data.anonymous", Place::Reckoned),
            ("data.metrics.orders.EUR.count", Place::Reckoned),
            ("data.contact.email.main.x", Place::Below),
            ("data.preferences.colors.0", Place::Below),
            ("data.contact.emial.main", Place::Unknown),
            ("data.foo", Place::Unknown),
            ("data[\"a.b\"]", Place::Unknown),
            ("aux.geo", Place::Branch),
            ("aux.geo.continent", Place::Reckoned),
            ("aux.mine", Place::Free),
            ("traits.data", Place::Free),
            ("interests.data.contact", Place::Free),
        ] {
            assert_eq!(Place::of(place), expected, "{place}");
        }
    }

    #[test]
    fn values_become_what_their_place_takes_or_do_not_fit() {
        let fit = |place: &str, value: Value| Place::of(place).fit(&value);
        assert_eq!(fit("data.identifier.pk", json!(5)), Some(json!("5")));
        assert_eq!(fit("data.identifier.pk", json!({"a": 1})), None);
        assert_eq!(fit("data.preferences.colors", json!("red")), Some(json!(["red"])));
        for place in ["data.preferences.colors", "data.identifier.coupons"] {
            let sent = json!([5, " red ", "5", null, " "]);
            assert_eq!(fit(place, sent), Some(json!(["5", "red", "5"])), "{place}");
            assert_eq!(fit(place, json!([])), Some(json!([])), "{place}");
            for other in [json!(["red", {"a": 1}]), json!([true]), json!([["red"]])] {
                assert_eq!(fit(place, other.clone()), None, "{place} {other}");
            }
        }
        assert_eq!(fit("data.loyalty.codes", json!("X")), Some(json!(["X"])));
        assert_eq!(fit("data.loyalty.codes", json!([5, true])), Some(json!([5, true])));
        assert_eq!(fit("data.loyalty.card.points", json!("12.50")), "12.50".parse().ok());
        assert_eq!(fit("data.metrics.ltcosv", json!("many")), None);
        assert_eq!(fit("data.contact", json!({"email": {}})), None);
        assert_eq!(fit("traits.x", json!({"a": 1})), Some(json!({"a": 1})));
    }
}
