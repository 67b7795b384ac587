//! What of events is not to be kept without somebody's consent, and the consents that there are.

use serde_json::Value;

use super::{About, ConsentEnd, ConsentLog, HIDDEN, Map, Path, Seals, Time, lower_case};

/// Rules about fields of events, by the consents that allow to keep them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compliance {
    /// Its id.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: it asks nothing.
    pub enabled: bool,
    /// Which events; none: all.
    pub event_type: Option<String>,
    /// A field each.
    pub settings: Vec<PrivateField>,
    /// For grouping in lists.
    pub tags: Vec<String>,
}

/// A field that is kept only with consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateField {
    /// Where: `properties.email`.
    pub part: PrivatePart,
    /// Where in there.
    pub path: Path,
    /// What becomes of it without consent.
    pub action: PrivateAction,
    /// All of these are needed.
    pub consents: Vec<String>,
    /// For each of these, a consent that was given for it.
    pub purposes: Vec<String>,
}

/// Parts of an event in which fields may be private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivatePart {
    /// What it was about.
    Properties,
    /// What surrounded it; the visit's too.
    Context,
    /// How it was asked for.
    Request,
}

/// What becomes of a field without consent; what leaves least of it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrivateAction {
    /// It is as if it had not been sent.
    Remove,
    /// Stars stand there.
    Mask,
    /// A keyed hash stands there: the same for the same value, and nobody finds the value by it.
    Hash,
}

/// A consent that people may give.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the reference's")]
pub struct ConsentType {
    /// As profiles have it.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: it is not asked for any more.
    pub enabled: bool,
    /// Whoever has given it may take it back.
    pub revokable: bool,
    /// What a form shows before anybody has said anything: granted, or denied.
    pub granted_by_default: bool,
    /// Nothing goes without it.
    pub required: bool,
    /// How long it holds after it was given, in seconds; 0: until it is taken back.
    pub holds_seconds: u64,
    /// For grouping in lists.
    pub tags: Vec<String>,
}

impl PrivateAction {
    /// All of them, as they are written.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Remove, "remove"), (Self::Hash, "hash"), (Self::Mask, "mask")];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("remove", |(_, name)| name)
    }

    /// The action of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(one, _)| *one)
    }
}

impl PrivateAction {
    /// Whether it makes something else of a value. A hash of a hash would be another, and one of stars tells
    /// nothing.
    fn changes(self, value: &Value) -> bool {
        let is_concealed = value.as_str().is_some_and(|t| t == HIDDEN || Seals::is_concealed(t));
        self != Self::Hash || !(value.is_null() || is_concealed)
    }
}

impl PrivatePart {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Properties, "properties"), (Self::Context, "context"), (Self::Request, "request")];
}

impl PrivateField {
    /// Reads where a field is: `event@properties.email`; none of what cannot be private.
    #[must_use]
    pub fn place(text: &str) -> Option<(PrivatePart, Path)> {
        let text = text.trim();
        let path = Path::parse(text.strip_prefix("event@").unwrap_or(text)).ok()?;
        let (first, within) = path.split_first()?;
        let (part, _) = PrivatePart::ALL.into_iter().find(|(_, name)| *name == first)?;
        (!within.steps().is_empty()).then_some((part, within))
    }

    /// Whether what stands at a path of its part is in the field, or the field in it.
    #[must_use]
    pub fn touches(&self, path: &str) -> bool {
        self.path.steps().iter().zip(path.split('.')).all(|(step, key)| step.key() == key)
    }

    /// Where it is, as it is read.
    #[must_use]
    pub fn written(&self) -> String {
        let found = PrivatePart::ALL.into_iter().find(|(part, _)| *part == self.part);
        self.path.written_below(found.map_or("properties", |(_, name)| name))
    }

    /// Whether what somebody has said allows to keep it at this moment. What was never said, was denied,
    /// or has run out allows nothing.
    #[must_use]
    pub fn is_allowed(&self, consents: &Map, log: &ConsentLog, now: Time) -> bool {
        let holds = |name: &str| consents.get(name).is_some_and(|consent| holds(consent, now));
        let is_served = |purpose: &String| {
            let mut served = log.deciding().filter(|word| word.purposes.contains(purpose));
            served.any(|word| word.consent.as_deref().is_some_and(holds))
        };
        self.consents.iter().all(|name| holds(name)) && self.purposes.iter().all(is_served)
    }

    /// Does with the field in `map` what is to be done without consent, where it is there. A list on the way
    /// is done with as a whole: what lies in it has no place of its own.
    pub fn conceal(&self, map: &mut Map, seals: &Seals) {
        conceal(map, &self.keys(), self.action, seals);
    }

    /// Whether there is something in `map` that it would conceal.
    #[must_use]
    pub fn is_in(&self, map: &Map) -> bool {
        found(map, &self.keys()).is_some_and(|value| self.action.changes(value))
    }

    fn keys(&self) -> Vec<&str> {
        self.path.steps().iter().map(|step| step.key()).collect()
    }
}

/// Whether a consent that was given holds.
fn holds(consent: &Value, now: Time) -> bool {
    !ConsentEnd::of(consent.get("revoke")).is_over(now)
}

fn conceal(map: &mut Map, keys: &[&str], action: PrivateAction, seals: &Seals) {
    let Some((first, rest)) = keys.split_first() else { return };
    match map.get_mut(*first) {
        Some(Value::Object(below)) if !rest.is_empty() => conceal(below, rest, action, seals),
        Some(value) if is_meant(value, rest) && action.changes(value) => match action {
            PrivateAction::Remove => {
                map.remove(*first);
            }
            PrivateAction::Mask => *value = HIDDEN.into(),
            PrivateAction::Hash => *value = seals.concealed(&text(value)).into(),
        },
        Some(_) | None => {}
    }
}

fn found<'a>(map: &'a Map, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    let value = map.get(*first)?;
    match value.as_object().filter(|_| !rest.is_empty()) {
        Some(below) => found(below, rest),
        None => Some(value).filter(|value| is_meant(value, rest)),
    }
}

/// Whether a value is what is meant, or a list that what is meant lies in. Where the way goes through any
/// other value, it is not there.
fn is_meant(value: &Value, rest: &[&str]) -> bool {
    rest.is_empty() || value.is_array()
}

/// What is hashed: however an address is written, it is one.
fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => lower_case(text.trim()),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{ConsentWord, EventId};

    fn field(place: &str, action: PrivateAction) -> PrivateField {
        let (part, path) = PrivateField::place(place).unwrap();
        PrivateField { part, path, action, consents: vec!["ads".into()], purposes: Vec::new() }
    }

    /// What stands in an object after the field was concealed.
    fn concealed(place: &str, action: PrivateAction, from: Value) -> Value {
        let Value::Object(mut map) = from else { panic!("an object") };
        let seals = Seals::new([7; 32]);
        field(place, action).conceal(&mut map, &seals);
        let once = map.clone();
        field(place, action).conceal(&mut map, &seals);
        assert_eq!(map, once, "again, nothing changes");
        Value::Object(map)
    }

    #[test]
    fn a_field_is_removed_hashed_or_masked_and_a_list_on_the_way_as_a_whole() {
        use PrivateAction::{Hash, Mask, Remove};
        let sent =
            || json!({"buyer": {"mail": " Ann@Shop.example", "age": 7}, "lines": [{"mail": "x"}]});
        let place = "event@properties.buyer.mail";
        assert_eq!(concealed(place, Remove, sent())["buyer"], json!({"age": 7}));
        assert_eq!(concealed(place, Mask, sent())["buyer"]["mail"], "***");
        let hash = concealed(place, Hash, sent())["buyer"]["mail"].clone();
        let again = json!({"buyer": {"mail": "ann@shop.example"}});
        assert_eq!(concealed(place, Hash, again)["buyer"]["mail"], hash, "one address, one hash");
        assert!(hash.as_str().is_some_and(|hash| hash.starts_with("h1-") && !hash.contains("ann")));
        let lists = "properties.lines.mail";
        assert_eq!(concealed(lists, Remove, sent()), json!({"buyer": sent()["buyer"]}));
        assert_eq!(concealed("properties.buyer.age.x", Remove, sent()), sent());
        assert_eq!(concealed("properties.nothing", Mask, sent()), sent());
        let Value::Object(stars) = json!({"mail": "***", "hash": hash, "none": null}) else {
            panic!()
        };
        for key in ["mail", "hash", "none"] {
            assert!(!field(&format!("properties.{key}"), Hash).is_in(&stars), "{key}");
            assert!(field(&format!("properties.{key}"), Remove).is_in(&stars), "{key}");
        }
    }

    #[test]
    fn what_was_never_said_was_denied_or_has_run_out_allows_nothing() {
        let now = Time::parse("2026-01-05T10:00:00Z").unwrap();
        let allows = |consents: Value, field: &PrivateField| {
            let Value::Object(consents) = consents else { panic!("an object") };
            field.is_allowed(&consents, &ConsentLog::default(), now)
        };
        let one = field("properties.x", PrivateAction::Remove);
        assert!(allows(json!({"ads": {"revoke": null}}), &one));
        assert!(allows(json!({"ads": {"revoke": "2030-01-01"}}), &one));
        for no in [
            json!({}),
            json!({"ads": {"revoke": "2025-01-01"}}),
            json!({"ads": {"revoke": "soon"}}),
            json!({"mail": {}}),
        ] {
            assert!(!allows(no.clone(), &one), "{no}");
        }
        let both = PrivateField { consents: vec!["ads".into(), "mail".into()], ..one };
        assert!(!allows(json!({"ads": {"revoke": null}}), &both));
    }

    #[test]
    fn a_purpose_is_served_by_a_consent_that_was_given_for_it() {
        let mut log = ConsentLog::default();
        let mut say = |at: i64, granted: bool| {
            log.say(vec![ConsentWord {
                at: Time::from_micros(at),
                received: None,
                position: 0,
                event: EventId::new(format!("e{at}")),
                source: None,
                consent: Some("news".into()),
                granted,
                revoke: Value::Null,
                version: None,
                purposes: vec!["marketing".into()],
            }]);
            log.clone()
        };
        let (purposes, consents) = (vec!["marketing".into()], Vec::new());
        let field =
            PrivateField { consents, purposes, ..field("properties.x", PrivateAction::Mask) };
        let granted = say(1, true);
        assert!(field.is_allowed(&granted.granted(), &granted, Time::from_micros(5)));
        let denied = say(2, false);
        assert!(!field.is_allowed(&denied.granted(), &denied, Time::from_micros(5)));
    }

    #[test]
    fn only_what_events_bring_may_be_private() {
        for no in ["profile@data.x", "properties", "ip", "properties..x", ""] {
            assert_eq!(PrivateField::place(no), None, "{no}");
        }
    }
}
