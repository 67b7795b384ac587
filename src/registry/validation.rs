//! Validators and tracking plans.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entity::said;
use super::rule::{
    AboutBody, check_asked, check_id, check_room, check_rule, check_tags, check_type,
    refers_to_source,
};
use super::{Entity, Misfit, Reference, Snapshot, Written};
use crate::model::{OnMisfit, Path, Source, SourceId, TrackingPlan, Validator};
use crate::rules;
use crate::schema::Schema;

/// Most places of one validator.
const PLACES_MAX: usize = 20;
/// Most types of one plan.
const TYPES_MAX: usize = 1000;

impl Entity for Validator {
    const KIND: &'static str = "validator";

    type Body = ValidatorBody;

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
            return Err(Misfit::new("validation.condition", format!("must be readable: {why}")));
        }
        if self.schemas.is_empty() || self.schemas.len() > PLACES_MAX {
            let wanted =
                format!("must be 1 to {PLACES_MAX} schemas, each by its place in the event");
            return Err(Misfit::new("validation.json_schema", wanted));
        }
        let before = known.get::<Self>(&self.id).map(|stored| &stored.entity.schemas);
        for (place, schema) in &self.schemas {
            let misfit = |why: String| Misfit::new("validation.json_schema", why);
            rules::schema_place(place).map_err(misfit)?;
            Path::meant(place.trim()).map_err(|why| misfit(format!("must be places: {why}")))?;
            let read =
                Schema::read(schema).map_err(|why| misfit(format!("must be a schema: {why}")))?;
            // What older builds have stored may be stored again as it is.
            if let Some(circle) = read.circle().filter(|_| before != Some(&self.schemas)) {
                let why = "leads back to itself before it looks at anything";
                return Err(misfit(format!(
                    "must be a schema that can be checked: {circle} {why}"
                )));
            }
        }
        Ok(())
    }

    fn check_new(&self, before: Option<&Self>) -> Result<(), Misfit> {
        let was = before.map(|before| before.condition.as_str());
        check_asked("validation.condition", &self.condition, was)?;
        if before.is_some_and(|before| before.schemas == self.schemas) {
            return Ok(());
        }
        let mut read = self.schemas.iter().filter_map(|(_, schema)| Schema::read(schema).ok());
        let slip = read.find_map(|schema| schema.slip().cloned());
        slip.map_or(Ok(()), |why| {
            Err(Misfit::new("validation.json_schema", format!("must be a schema: {why}")))
        })
    }

    fn condition(&self) -> Option<Written<'_>> {
        Some(Written { place: "validation.condition", text: &self.condition, of_people: false })
    }

    fn refers_to(&self) -> Vec<Reference> {
        refers_to_source(self.source.as_ref())
    }

    fn named(&self) -> Option<Value> {
        Some(said(self))
    }

    fn to_body(&self) -> ValidatorBody {
        ValidatorBody {
            about: AboutBody::from(&self.about),
            enabled: self.enabled,
            event_type: self.event_type.clone(),
            source: self.source.as_ref().map(ToString::to_string),
            condition: self.condition.clone(),
            schemas: self.schemas.clone(),
            on_misfit: self.on_misfit.as_str().to_owned(),
            tags: self.tags.clone(),
        }
    }

    fn from_body(id: String, body: ValidatorBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            event_type: body.event_type,
            source: body.source.map(SourceId::new),
            condition: body.condition,
            schemas: body.schemas,
            on_misfit: OnMisfit::named(&body.on_misfit).unwrap_or(OnMisfit::Flag),
            tags: body.tags,
        }
    }
}

/// The body of a `config` row of kind `validator`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ValidatorBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    event_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    condition: String,
    schemas: Vec<(String, Value)>,
    on_misfit: String,
    #[serde(default)]
    tags: Vec<String>,
}

impl Entity for TrackingPlan {
    const KIND: &'static str = "tracking_plan";

    type Body = TrackingPlanBody;

    fn id(&self) -> &str {
        self.source.as_str()
    }

    /// As its source's.
    fn normal(id: &str) -> Cow<'_, str> {
        Source::normal(id)
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_room::<Self>(self.source.as_str(), known)?;
        check_rule(&self.about)?;
        if self.event_types.len() > TYPES_MAX {
            let wanted = format!("must be at most {TYPES_MAX} event types");
            return Err(Misfit::new("event_types", wanted));
        }
        self.event_types.iter().try_for_each(|kind| check_type("event_types", kind))
    }

    fn refers_to(&self) -> Vec<Reference> {
        vec![Reference::to::<Source>(self.source.as_str(), "id")]
    }

    fn named(&self) -> Option<Value> {
        Some(said(self))
    }

    fn to_body(&self) -> TrackingPlanBody {
        TrackingPlanBody {
            about: AboutBody::from(&self.about),
            enabled: self.enabled,
            event_types: self.event_types.clone(),
            on_misfit: self.on_misfit.as_str().to_owned(),
        }
    }

    fn from_body(id: String, body: TrackingPlanBody) -> Self {
        Self {
            source: SourceId::new(id),
            about: body.about.into(),
            enabled: body.enabled,
            event_types: body.event_types,
            on_misfit: OnMisfit::named(&body.on_misfit).unwrap_or(OnMisfit::Flag),
        }
    }
}

/// The body of a `config` row of kind `tracking_plan`.
#[derive(Debug, Serialize, Deserialize)]
pub struct TrackingPlanBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    event_types: Vec<String>,
    on_misfit: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::About;

    fn validator() -> Validator {
        Validator {
            id: "orders".into(),
            about: About { name: "Orders".into(), ..About::default() },
            enabled: true,
            event_type: "order".into(),
            source: Some(SourceId::new("shop")),
            condition: "event@properties.kind = \"card\"".into(),
            schemas: vec![(
                "event@properties".into(),
                json!({"minimum": 1.10, "required": ["id"]}),
            )],
            on_misfit: OnMisfit::Quarantine,
            tags: vec!["General".into()],
        }
    }

    fn misfit(change: impl FnOnce(&mut Validator)) -> Option<&'static str> {
        let mut one = validator();
        change(&mut one);
        one.check(&Snapshot::default()).err().map(|misfit| misfit.place)
    }

    /// What is new in it and does not fit; older builds have stored all of it.
    fn misfit_anew(one: &Validator, before: Option<&Validator>) -> Option<&'static str> {
        assert!(one.check(&Snapshot::default()).is_ok());
        one.check_new(before).err().map(|misfit| misfit.place)
    }

    #[test]
    fn what_asks_nothing_is_stored_again_as_it_is_and_not_anew() {
        let mut one = validator();
        assert_eq!(misfit_anew(&one, None), None);
        one.condition = "event@traits.kind = \"card\"".into();
        assert_eq!(misfit_anew(&one, None), Some("validation.condition"));
        assert_eq!(misfit_anew(&one, Some(&one)), None);
        one.condition.clear();
        one.schemas[0].1 = json!({"uniqueItems": "yes"});
        assert_eq!(misfit_anew(&one, Some(&validator())), Some("validation.json_schema"));
        assert_eq!(misfit_anew(&one, Some(&one)), None);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        assert_eq!(misfit(|_| {}), None);
        assert_eq!(misfit(|one| one.id.clear()), Some("id"));
        assert_eq!(misfit(|one| one.event_type = "Order".into()), Some("event_type"));
        let of_person = "profile@data.x = 1";
        assert_eq!(misfit(|one| one.condition = of_person.into()), Some("validation.condition"));
        assert_eq!(misfit(|one| one.schemas.clear()), Some("validation.json_schema"));
        assert_eq!(misfit(|one| one.schemas[0].0 = "ip".into()), Some("validation.json_schema"));
        assert_eq!(
            misfit(|one| one.schemas[0].1 = json!({"typ": 1})),
            Some("validation.json_schema")
        );
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let text = serde_json::to_string(&validator().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(Validator::from_body("orders".into(), read), validator());
        let plan = TrackingPlan {
            source: SourceId::new("shop"),
            about: validator().about,
            enabled: true,
            event_types: vec!["order".into()],
            on_misfit: OnMisfit::Refuse,
        };
        let text = serde_json::to_string(&plan.to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(TrackingPlan::from_body("shop".into(), read), plan);
    }
}
