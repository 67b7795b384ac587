//! Event types and mappings into the profile, as a company has them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entity::said;
use super::rule::{AboutBody, check_room, check_rule, check_tags, check_type};
use super::source::check_retention;
use super::{Entity, Misfit, Snapshot, Written};
use crate::model::{
    EventToProfile, EventType, Mapped, MapsFrom, MapsTo, PATH_BYTES_MAX, Path, Way, kept_type,
};
use crate::rules;

/// Most columns that a type fills, and most changes of one mapping.
const CHANGES_MAX: usize = 100;
/// Longest stage of a journey, in bytes.
const STAGE_BYTES_MAX: usize = 64;
/// Longest value that stands in a rule, as JSON, in bytes.
const LITERAL_BYTES_MAX: usize = 8 * 1024;
/// Where a type may copy to.
const COLUMNS: [&str; 4] = ["data", "traits", "hit", "device"];

impl Entity for EventType {
    const KIND: &'static str = "event_type";

    type Body = EventTypeBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn normal(id: &str) -> Cow<'_, str> {
        Cow::Owned(kept_type(id))
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_type("id", &self.id)?;
        check_room::<Self>(&self.id, known)?;
        check_rule(&self.about)?;
        check_tags(&self.tags)?;
        if self.journey.as_ref().is_some_and(|stage| stage.len() > STAGE_BYTES_MAX) {
            let wanted = format!("must have at most {STAGE_BYTES_MAX} bytes");
            return Err(Misfit::new("journey", wanted));
        }
        check_retention(self.retention_days)?;
        let fits = |(target, property): &(String, String)| {
            let column = target.split('.').next().unwrap_or_default();
            COLUMNS.contains(&column)
                && target.contains('.')
                && is_plain(target)
                && is_plain(property)
        };
        if self.copy.len() > CHANGES_MAX || !self.copy.iter().all(fits) {
            let wanted = format!(
                "must be at most {CHANGES_MAX} pairs of a place below traits, data, hit or device and \
                 a property, without brackets: {{\"traits.color\": \"properties.color\"}}"
            );
            return Err(Misfit::new("index_schema", wanted));
        }
        if let Some((place, within)) = one_within_another(&self.copy) {
            let wanted =
                format!("must have one value for a place: {within} is also part of {place}");
            return Err(Misfit::new("index_schema", wanted));
        }
        let meant = self.copy.iter().try_for_each(|(target, property)| {
            Path::meant(target).and_then(|()| Path::meant(&format!("properties.{property}")))
        });
        meant.map_err(|why| {
            Misfit::new("index_schema", format!("must have places as they are meant: {why}"))
        })
    }

    /// It is stored by what is below `properties`.
    fn named(&self) -> Option<Value> {
        let both = |(to, from): &(String, String)| [to.clone(), format!("properties.{from}")];
        Some(self.copy.iter().flat_map(both).collect())
    }

    fn to_body(&self) -> EventTypeBody {
        EventTypeBody {
            about: AboutBody::from(&self.about),
            enabled: self.enabled,
            tags: self.tags.clone(),
            journey: self.journey.clone(),
            copy: self.copy.clone(),
            built_in: self.built_in,
            retention_days: self.retention_days,
        }
    }

    fn from_body(id: String, body: EventTypeBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            tags: body.tags,
            journey: body.journey,
            copy: body.copy,
            built_in: body.built_in,
            retention_days: body.retention_days,
        }
    }
}

/// A place that values are copied to, and another that is the same one or lies below it: which of them counts would be
/// left to what is sent.
fn one_within_another(copy: &[(String, String)]) -> Option<(&str, &str)> {
    let is_within = |one: &str, other: &str| {
        one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let targets = || copy.iter().map(|(target, _)| target.as_str()).enumerate();
    targets().find_map(|(at, place)| {
        let within = targets().find(|(other, one)| *other != at && is_within(one, place));
        Some((place, within?.1))
    })
}

/// Rules of types are walked as they stand, by their dots.
fn is_plain(path: &str) -> bool {
    path.len() <= PATH_BYTES_MAX && !path.contains('[') && Path::parse(path).is_ok()
}

/// The body of a `config` row of kind `event_type`.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventTypeBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journey: Option<String>,
    #[serde(default)]
    copy: Vec<(String, String)>,
    built_in: bool,
    #[serde(default)]
    retention_days: u64,
}

impl Entity for EventToProfile {
    const KIND: &'static str = "event_to_profile";

    type Body = EventToProfileBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        super::rule::check_id(&self.id)?;
        check_room::<Self>(&self.id, known)?;
        check_rule(&self.about)?;
        check_tags(&self.tags)?;
        check_type("event_type", &self.event_type)?;
        if let Err(why) = rules::condition(&self.condition) {
            return Err(Misfit::new("config.condition", format!("must be readable: {why}")));
        }
        if self.changes.is_empty() || self.changes.len() > CHANGES_MAX {
            let wanted = format!("must be 1 to {CHANGES_MAX} changes");
            return Err(Misfit::new("event_to_profile", wanted));
        }
        if self.changes.iter().any(|change| is_too_long(&change.from)) {
            let wanted = format!("must hold values of at most {LITERAL_BYTES_MAX} bytes");
            return Err(Misfit::new("event_to_profile", wanted));
        }
        Ok(())
    }

    fn condition(&self) -> Option<Written<'_>> {
        Some(Written { place: "config.condition", text: &self.condition, of_people: false })
    }

    fn named(&self) -> Option<Value> {
        Some(said(self))
    }

    fn to_body(&self) -> EventToProfileBody {
        EventToProfileBody {
            about: AboutBody::from(&self.about),
            enabled: self.enabled,
            order: self.order,
            event_type: self.event_type.clone(),
            condition: self.condition.clone(),
            changes: self.changes.iter().map(MappedBody::from).collect(),
            tags: self.tags.clone(),
        }
    }

    /// Changes that a newer node has written and this one does not know are left out.
    fn from_body(id: String, body: EventToProfileBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            order: body.order,
            event_type: body.event_type,
            condition: body.condition,
            changes: body.changes.into_iter().filter_map(MappedBody::read).collect(),
            tags: body.tags,
        }
    }
}

fn is_too_long(from: &MapsFrom) -> bool {
    from.value().is_some_and(|value| value.to_string().len() > LITERAL_BYTES_MAX)
}

/// The body of a `config` row of kind `event_to_profile`.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventToProfileBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    #[serde(default)]
    order: i64,
    event_type: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    condition: String,
    changes: Vec<MappedBody>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MappedBody {
    to: String,
    way: String,
    /// A place of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The value itself, where there is no place.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    value: Value,
}

impl From<&Mapped> for MappedBody {
    fn from(change: &Mapped) -> Self {
        let (from, value) = match change.from.value() {
            Some(value) => (None, value.clone()),
            None => (Some(change.from.to_string()), Value::Null),
        };
        let way = change.way.as_str().to_owned();
        Self { to: change.to.place.clone(), way, from, value }
    }
}

impl MappedBody {
    fn read(self) -> Option<Mapped> {
        let from = match &self.from {
            Some(place) => MapsFrom::read(place).ok()??,
            None => MapsFrom::Literal(self.value),
        };
        Some(Mapped { to: MapsTo::read(&self.to)?, way: Way::named(&self.way)?, from })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::About;

    fn about() -> About {
        About { name: "Orders".into(), owner: "ann@shop.example".into(), ..About::default() }
    }

    fn event_type() -> EventType {
        EventType {
            id: "order".into(),
            about: about(),
            enabled: true,
            tags: vec!["money".into()],
            journey: Some("purchase".into()),
            copy: vec![("traits.color".into(), "buyer.color".into())],
            built_in: true,
            retention_days: 30,
        }
    }

    fn mapping() -> EventToProfile {
        let to = MapsTo::read("traits[\"last order\"]").unwrap();
        let from = MapsFrom::read("properties.id").unwrap().unwrap();
        let counted = MapsTo::read("data.metrics.custom.orders").unwrap();
        EventToProfile {
            id: "orders".into(),
            about: about(),
            enabled: true,
            order: 3,
            event_type: "order".into(),
            condition: "event@properties.price > 10".into(),
            changes: vec![
                Mapped { to, way: Way::Last, from },
                Mapped { to: counted, way: Way::Increment, from: MapsFrom::Literal(json!(1)) },
            ],
            tags: vec!["General".into()],
        }
    }

    fn misfit<T: Entity>(mut entity: T, change: impl FnOnce(&mut T)) -> Option<&'static str> {
        change(&mut entity);
        entity.check(&Snapshot::default()).err().map(|misfit| misfit.place)
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        assert_eq!(misfit(event_type(), |_| {}), None);
        assert_eq!(misfit(event_type(), |one| one.id = "Order placed".into()), Some("id"));
        assert_eq!(misfit(event_type(), |one| one.about.name.clear()), Some("name"));
        assert_eq!(misfit(event_type(), |one| one.journey = Some("x".repeat(65))), Some("journey"));
        assert_eq!(misfit(event_type(), |one| one.retention_days = 99_999), Some("retention_days"));
        for (target, property) in
            [("profile.x", "a"), ("traits", "a"), ("traits.x", ""), ("traits[\"x\"]", "a")]
        {
            let pair = (target.to_owned(), property.to_owned());
            assert_eq!(misfit(event_type(), |one| one.copy.push(pair)), Some("index_schema"));
        }
        for (target, fits) in [
            ("traits.color", false),
            ("traits.color.dark", false),
            ("traits.colors", true),
            ("data.color", true),
        ] {
            let pair = (target.to_owned(), "a".to_owned());
            let found = misfit(event_type(), |one| one.copy.insert(0, pair));
            assert_eq!(found, (!fits).then_some("index_schema"), "{target}");
        }
        assert_eq!(misfit(mapping(), |_| {}), None);
        assert_eq!(misfit(mapping(), |one| one.id = "a b".into()), Some("id"));
        assert_eq!(misfit(mapping(), |one| one.event_type.clear()), Some("event_type"));
        assert_eq!(
            misfit(mapping(), |one| one.condition = "price >".into()),
            Some("config.condition")
        );
        assert_eq!(misfit(mapping(), |one| one.changes.clear()), Some("event_to_profile"));
        let long = MapsFrom::Literal(json!("x".repeat(LITERAL_BYTES_MAX)));
        assert_eq!(misfit(mapping(), |one| one.changes[0].from = long), Some("event_to_profile"));
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let text = serde_json::to_string(&event_type().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(EventType::from_body("order".into(), read), event_type());
        let text = serde_json::to_string(&mapping().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(EventToProfile::from_body("orders".into(), read), mapping());
    }
}
