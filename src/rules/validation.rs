//! What events must look like, ready to be asked on the threads that take requests.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::condition_of_event;
use crate::conditions::{Condition, Documents};
use crate::model::{OnMisfit, Path, SourceId, Time, TrackingPlan, Validator};
use crate::schema::Schema;

/// Most faults that are told of one event.
const FAULTS_MAX: usize = 20;
/// Where a schema may be held against: the whole event, or a part of it.
const PARTS: [&str; 3] = ["properties", "context", "request"];

/// Every validator and every tracking plan that is on.
#[derive(Debug, Default)]
pub struct Checks {
    by_type: HashMap<String, Vec<Check>>,
    plans: HashMap<SourceId, Plan>,
}

#[derive(Debug)]
struct Check {
    source: Option<SourceId>,
    when: Option<Condition>,
    schemas: Vec<(Path, Schema)>,
    on_misfit: OnMisfit,
}

#[derive(Debug)]
struct Plan {
    types: HashSet<String>,
    on_misfit: OnMisfit,
}

/// What was found wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfits {
    /// What becomes of it.
    pub what: OnMisfit,
    /// Where, and what is wanted there. Never what was sent.
    pub faults: Vec<(String, String)>,
}

/// Where a schema is held against, as it is written: `event@properties.order`; none of what an event
/// has not.
///
/// # Errors
/// A sentence.
pub fn schema_place(text: &str) -> Result<Path, String> {
    let wanted =
        || "must be a place of the event: event@properties, event@properties.order".to_owned();
    let text = text.trim();
    let path = text.strip_prefix("event@").unwrap_or(text);
    if path.contains('@') {
        return Err(format!("{}; who it is about is not known yet", wanted()));
    }
    let path = Path::parse(path).map_err(|_| wanted())?;
    let first = path.steps().first().map(|step| step.key()).unwrap_or_default();
    if PARTS.contains(&first) { Ok(path) } else { Err(wanted()) }
}

impl Checks {
    /// Of those that are on. What a newer node has stored and this one cannot read is left out.
    #[must_use]
    pub fn of<'a>(
        validators: impl IntoIterator<Item = &'a Validator>,
        plans: impl IntoIterator<Item = &'a TrackingPlan>,
    ) -> Self {
        let mut by_type: HashMap<String, Vec<Check>> = HashMap::new();
        for one in validators.into_iter().filter(|one| one.enabled) {
            let Some(check) = check(one) else {
                tracing::warn!(rule = one.id, "a validator cannot be read; it is left out");
                continue;
            };
            by_type.entry(one.event_type.clone()).or_default().push(check);
        }
        let plans = plans.into_iter().filter(|one| one.enabled).map(|one| {
            let types = one.event_types.iter().cloned().collect();
            (one.source.clone(), Plan { types, on_misfit: one.on_misfit })
        });
        Self { by_type, plans: plans.collect() }
    }

    /// Whether events of this type from this source are asked anything.
    #[must_use]
    pub fn ask(&self, kind: &str, source: &SourceId) -> bool {
        let is_for = |check: &Check| check.source.as_ref().is_none_or(|own| own == source);
        self.by_type.get(kind).is_some_and(|checks| checks.iter().any(is_for))
            || self.plans.get(source).is_some_and(|plan| !plan.types.contains(kind))
    }

    /// What is wrong with an event, given as a document of what it was sent with.
    #[must_use]
    pub fn misfits(
        &self,
        kind: &str,
        source: &SourceId,
        event: &Map<String, Value>,
        now: Time,
    ) -> Option<Misfits> {
        let mut found: Option<Misfits> = None;
        let mut tell = |what: OnMisfit, faults: Vec<(String, String)>| {
            let all = found.get_or_insert(Misfits { what, faults: Vec::new() });
            all.what = all.what.max(what);
            let room = FAULTS_MAX.saturating_sub(all.faults.len());
            all.faults.extend(faults.into_iter().take(room));
        };
        if let Some(plan) = self.plans.get(source).filter(|plan| !plan.types.contains(kind)) {
            let wanted = "must be one of the types of the source's tracking plan";
            tell(plan.on_misfit, vec![("type".to_owned(), wanted.to_owned())]);
        }
        let facts = Documents { event: Some(event), now, ..Documents::default() };
        for check in self.by_type.get(kind).into_iter().flatten() {
            let is_for = check.source.as_ref().is_none_or(|own| own == source);
            if !is_for || check.when.as_ref().is_some_and(|when| !when.holds(&facts)) {
                continue;
            }
            let faults = check.faults(event);
            if !faults.is_empty() {
                tell(check.on_misfit, faults);
            }
        }
        found
    }
}

fn check(one: &Validator) -> Option<Check> {
    let schemas = one
        .schemas
        .iter()
        .map(|(place, schema)| Some((schema_place(place).ok()?, Schema::read(schema).ok()?)));
    Some(Check {
        source: one.source.clone(),
        when: condition_of_event(&one.condition).ok()?,
        schemas: schemas.collect::<Option<_>>()?,
        on_misfit: one.on_misfit,
    })
}

impl Check {
    fn faults(&self, event: &Map<String, Value>) -> Vec<(String, String)> {
        let each = self.schemas.iter().flat_map(|(path, schema)| {
            let Some(value) = path.get(event) else {
                return vec![(path.to_string(), "must be there".to_owned())];
            };
            let faults = schema.check(value).err().unwrap_or_default().into_iter();
            faults.map(|fault| (place(path, &fault.place), fault.wanted)).collect()
        });
        each.collect()
    }
}

fn place(path: &Path, below: &[String]) -> String {
    let keys = std::iter::once(path.to_string()).chain(below.iter().cloned());
    keys.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::About;

    fn validator(on_misfit: OnMisfit, schema: Value) -> Validator {
        Validator {
            id: "v".into(),
            about: About::default(),
            enabled: true,
            event_type: "order".into(),
            source: None,
            condition: String::new(),
            schemas: vec![("event@properties".into(), schema)],
            on_misfit,
            tags: Vec::new(),
        }
    }

    fn misfits(checks: &Checks, kind: &str, properties: &Value) -> Option<Misfits> {
        let Value::Object(event) = json!({"type": kind, "properties": properties}) else {
            return None;
        };
        checks.misfits(kind, &SourceId::new("shop"), &event, Time::default())
    }

    #[test]
    fn the_gravest_consequence_counts_and_all_faults_are_told() {
        let flag = validator(OnMisfit::Flag, json!({"required": ["id"]}));
        let refuse =
            validator(OnMisfit::Refuse, json!({"properties": {"value": {"type": "number"}}}));
        let plan = TrackingPlan {
            source: SourceId::new("shop"),
            about: About::default(),
            enabled: true,
            event_types: vec!["order".into()],
            on_misfit: OnMisfit::Quarantine,
        };
        let checks = Checks::of([&flag, &refuse], [&plan]);
        let found = misfits(&checks, "order", &json!({"value": "x"})).unwrap();
        assert_eq!(found.what, OnMisfit::Refuse);
        assert_eq!(found.faults.len(), 2);
        assert_eq!(misfits(&checks, "order", &json!({"id": 1})), None);
        assert_eq!(misfits(&checks, "page-view", &json!({})).unwrap().what, OnMisfit::Quarantine);
        let source = SourceId::new("other");
        assert!(!checks.ask("page-view", &source) && checks.ask("order", &source));
    }

    #[test]
    fn conditions_and_sources_say_when_it_asks() {
        let mut own = validator(OnMisfit::Flag, json!(false));
        own.condition = "event@properties.kind = \"card\"".into();
        let checks = Checks::of([&own], []);
        assert_eq!(misfits(&checks, "order", &json!({"kind": "cash"})), None);
        assert!(misfits(&checks, "order", &json!({"kind": "card"})).is_some());
        own.source = Some(SourceId::new("other"));
        assert!(!Checks::of([&own], []).ask("order", &SourceId::new("shop")));
        assert!(schema_place("profile@traits").is_err() && schema_place("ip").is_err());
    }
}
