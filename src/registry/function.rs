//! Functions in JavaScript.
//!
//! That they are such, and make of their samples what they must, is found out where they can be called.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entity::said;
use super::rule::{
    AboutBody, check_asked, check_id, check_room, check_rule, check_tags, check_type,
    refers_to_source,
};
use super::{Entity, Misfit, Reference, Snapshot, Written};
use crate::model::{Function, Map, Sample, SourceId};
use crate::rules;

/// Longest code, in bytes.
const CODE_BYTES_MAX: usize = 64 << 10;
/// Most samples of one function, and all of them as text, in bytes.
const SAMPLES_MAX: usize = 50;
const SAMPLES_BYTES_MAX: usize = 256 << 10;

impl Entity for Function {
    const KIND: &'static str = "function";

    type Body = FunctionBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id(&self.id)?;
        check_room::<Self>(&self.id, known)?;
        check_rule(&self.about)?;
        check_tags(&self.tags)?;
        if let Some(kind) = &self.event_type {
            check_type("event_type", kind)?;
        }
        if let Err(why) = rules::condition_of_event(&self.condition) {
            return Err(Misfit::new("condition", format!("must be readable: {why}")));
        }
        if self.code.trim().is_empty() || self.code.len() > CODE_BYTES_MAX {
            let wanted = format!("must be JavaScript of at most {CODE_BYTES_MAX} bytes");
            return Err(Misfit::new("code", wanted));
        }
        check_samples(&self.samples)
    }

    fn check_new(&self, before: Option<&Self>) -> Result<(), Misfit> {
        let was = before.map(|before| before.condition.as_str());
        check_asked("condition", &self.condition, was)
    }

    fn condition(&self) -> Option<Written<'_>> {
        Some(Written { place: "condition", text: &self.condition, of_people: false })
    }

    fn refers_to(&self) -> Vec<Reference> {
        refers_to_source(self.source.as_ref())
    }

    /// What it is tried with does nothing with events of people.
    fn named(&self) -> Option<Value> {
        Some(said(&Self { samples: Vec::new(), ..self.clone() }))
    }

    fn to_body(&self) -> FunctionBody {
        let one = self.clone();
        FunctionBody {
            about: AboutBody::from(&one.about),
            enabled: one.enabled,
            order: one.order,
            event_type: one.event_type,
            source: one.source.map(|id| id.to_string()),
            condition: one.condition,
            code: one.code,
            tests: one.samples.into_iter().map(SampleBody::from).collect(),
            tags: one.tags,
        }
    }

    fn from_body(id: String, body: FunctionBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            order: body.order,
            event_type: body.event_type,
            source: body.source.map(SourceId::new),
            condition: body.condition,
            code: body.code,
            samples: body.tests.into_iter().map(Sample::from).collect(),
            tags: body.tags,
        }
    }
}

fn check_samples(samples: &[Sample]) -> Result<(), Misfit> {
    let bytes = |sample: &Sample| {
        let text = serde_json::to_string(&(&sample.name, &sample.event, &sample.expected));
        text.map_or(usize::MAX, |text| text.len())
    };
    let all = samples.iter().map(bytes).fold(0usize, usize::saturating_add);
    if samples.len() <= SAMPLES_MAX && all <= SAMPLES_BYTES_MAX {
        return Ok(());
    }
    let wanted =
        format!("must be at most {SAMPLES_MAX}, of at most {SAMPLES_BYTES_MAX} bytes together");
    Err(Misfit::new("tests", wanted))
}

/// The body of a `config` row of kind `function`.
#[derive(Debug, Serialize, Deserialize)]
pub struct FunctionBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    order: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    condition: String,
    code: String,
    #[serde(default)]
    tests: Vec<SampleBody>,
    #[serde(default)]
    tags: Vec<String>,
}

/// What a function must make of an event, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct SampleBody {
    name: String,
    event: Map,
    expected: Value,
}

impl From<Sample> for SampleBody {
    fn from(sample: Sample) -> Self {
        let Sample { name, event, expected } = sample;
        Self { name, event, expected }
    }
}

impl From<SampleBody> for Sample {
    fn from(body: SampleBody) -> Self {
        let SampleBody { name, event, expected } = body;
        Self { name, event, expected }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::About;

    fn function() -> Function {
        Function {
            id: "f".into(),
            about: About { name: "F".into(), owner: "o".into(), ..About::default() },
            enabled: true,
            order: 2,
            event_type: Some("order".into()),
            source: Some(SourceId::new("shop")),
            condition: "event@properties.x = 1".into(),
            code: "function transform(event) { return event }".into(),
            samples: vec![Sample { name: "s".into(), event: Map::new(), expected: json!(null) }],
            tags: vec!["t".into()],
        }
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let text = serde_json::to_string(&function().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(Function::from_body("f".into(), read), function());
    }

    #[test]
    fn what_does_not_fit_says_where() {
        let misfit = |change: fn(&mut Function)| {
            let mut one = function();
            change(&mut one);
            one.check(&Snapshot::default()).err().map(|misfit| misfit.place)
        };
        assert_eq!(misfit(|_| ()), None);
        assert_eq!(misfit(|one| one.code = " ".into()), Some("code"));
        assert_eq!(misfit(|one| one.code = "x".repeat(CODE_BYTES_MAX + 1)), Some("code"));
        assert_eq!(misfit(|one| one.condition = "profile@id EXISTS".into()), Some("condition"));
        assert_eq!(misfit(|one| one.event_type = Some("A b".into())), Some("event_type"));
        let many = |one: &mut Function| one.samples = vec![one.samples[0].clone(); SAMPLES_MAX + 1];
        assert_eq!(misfit(many), Some("tests"));
        let long = |one: &mut Function| one.samples[0].name = "x".repeat(SAMPLES_BYTES_MAX);
        assert_eq!(misfit(long), Some("tests"));
    }
}
