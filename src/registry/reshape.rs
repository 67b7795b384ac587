//! Reshaping.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entity::said;
use super::rule::{
    AboutBody, check_asked, check_id, check_room, check_rule, check_tags, check_type,
    refers_to_source,
};
use super::{Entity, Misfit, Reference, Snapshot, Written};
use crate::model::{Assigned, Map, Reshaping, SourceId, Split};
use crate::rules;

impl Entity for Reshaping {
    const KIND: &'static str = "reshaping";

    type Body = ReshapingBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id(&self.id)?;
        check_room::<Self>(&self.id, known)?;
        check_rule(&self.about)?;
        check_tags(&self.tags)?;
        check_type("event_type", &self.event_type)?;
        if let Err(why) = rules::condition_of_event(&self.condition) {
            return Err(Misfit::new("reshaping.condition", format!("must be readable: {why}")));
        }
        rules::check_reshaping(self).map_err(|(place, wanted)| Misfit::new(place, wanted))
    }

    fn check_new(&self, before: Option<&Self>) -> Result<(), Misfit> {
        let was = before.map(|before| before.condition.as_str());
        check_asked("reshaping.condition", &self.condition, was)?;
        let made = |one: &Self| {
            let Self { properties, context, session, assigned, split, .. } = one.clone();
            (properties, context, session, assigned, split)
        };
        if before.is_some_and(|before| made(before) == made(self)) {
            return Ok(());
        }
        rules::check_pointed(self).map_err(|(place, wanted)| Misfit::new(place, wanted))
    }

    fn condition(&self) -> Option<Written<'_>> {
        Some(Written { place: "reshaping.condition", text: &self.condition, of_people: false })
    }

    fn refers_to(&self) -> Vec<Reference> {
        refers_to_source(self.source.as_ref())
    }

    fn named(&self) -> Option<Value> {
        Some(said(self))
    }

    fn to_body(&self) -> ReshapingBody {
        let one = self.clone();
        ReshapingBody {
            about: AboutBody::from(&one.about),
            enabled: one.enabled,
            order: one.order,
            event_type: one.event_type,
            source: one.source.map(|id| id.to_string()),
            condition: one.condition,
            renames: one.renames,
            properties: one.properties,
            context: one.context,
            session: one.session,
            to_event_type: one.assigned.event_type,
            to_session: one.assigned.session,
            to_profile: one.assigned.profile,
            split: one.split.map(SplitBody::from),
            tags: one.tags,
        }
    }

    fn from_body(id: String, body: ReshapingBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            order: body.order,
            event_type: body.event_type,
            source: body.source.map(SourceId::new),
            condition: body.condition,
            renames: body.renames,
            properties: body.properties,
            context: body.context,
            session: body.session,
            assigned: Assigned {
                event_type: body.to_event_type,
                session: body.to_session,
                profile: body.to_profile,
            },
            split: body.split.map(Split::from),
            tags: body.tags,
        }
    }
}

/// The body of a `config` row of kind `reshaping`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReshapingBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    order: i64,
    event_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    condition: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    renames: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    properties: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_event_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_profile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    split: Option<SplitBody>,
    #[serde(default)]
    tags: Vec<String>,
}

/// How an event becomes several, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct SplitBody {
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    properties: Option<Map>,
    keeps: bool,
}

impl From<Split> for SplitBody {
    fn from(split: Split) -> Self {
        let Split { by, event_type, properties, keeps } = split;
        Self { by, event_type, properties, keeps }
    }
}

impl From<SplitBody> for Split {
    fn from(body: SplitBody) -> Self {
        let SplitBody { by, event_type, properties, keeps } = body;
        Self { by, event_type, properties, keeps }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{About, Time};

    fn map(value: &Value) -> Map {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let about = About {
            name: "Orders".into(),
            note: "n".into(),
            owner: "ann@shop.example".into(),
            created: Time::from_micros(1_000_000),
            changed: Time::from_micros(2_000_000),
        };
        let one = Reshaping {
            id: "orders".into(),
            about,
            enabled: true,
            order: -3,
            event_type: "order".into(),
            source: Some(SourceId::new("shop")),
            condition: "event@properties.x = 1".into(),
            renames: vec![("properties.a".into(), "properties.b".into())],
            properties: Some(map(&json!({"a": 1.10}))),
            context: Some(map(&json!({}))),
            session: Some(map(&json!({"b": "event@type"}))),
            assigned: Assigned {
                event_type: Some("x".into()),
                session: Some("event@properties.s".into()),
                profile: Some("event@properties.p".into()),
            },
            split: Some(Split {
                by: "event@properties.items".into(),
                event_type: Some("item".into()),
                properties: Some(map(&json!({"sku": "item@sku"}))),
                keeps: true,
            }),
            tags: vec!["t".into()],
        };
        let text = serde_json::to_string(&one.to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(Reshaping::from_body("orders".into(), read), one);
    }
}
