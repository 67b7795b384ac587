//! What a function must make of its samples before it is stored.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Caller, Fault, Functions};
use crate::model::{Function, Made, Map, Sample, is_same};

/// Most differences that are told.
const TOLD_MAX: usize = 20;
/// So much of a value is told, in letters.
const LETTERS_MAX: usize = 200;

/// Why a function cannot be stored.
#[derive(Debug)]
pub enum Unfit {
    /// It is no code.
    Code(Fault),
    /// It makes other things of its samples.
    Samples(Vec<Difference>),
}

/// Where what a function made is not what was expected.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which sample, from 0.
    pub sample: usize,
    /// Where in what was expected.
    pub place: Vec<String>,
    /// What was expected, and what was there.
    pub told: String,
}

impl Functions {
    /// Calls a function with each of its samples.
    ///
    /// # Errors
    /// [`Unfit`], with what differs.
    pub fn check(&self, function: &Function) -> Result<(), Unfit> {
        let code: Arc<str> = function.code.as_str().into();
        self.reads(&code).map_err(Unfit::Code)?;
        let samples = &function.samples;
        let events: Vec<Map> = samples.iter().map(|sample| event(function, sample)).collect();
        let answers = self.call(&code, &Caller::author(), &events, Duration::MAX);
        let mut found = Vec::new();
        for (at, ((sample, event), answer)) in samples.iter().zip(&events).zip(answers).enumerate()
        {
            let made =
                answer.map(|made| made.into_iter().map(|one| document(event, one)).collect());
            compare(&sample.name, &sample.expected, made, &mut |place, told| {
                found.push(Difference { sample: at, place, told });
            });
        }
        found.truncate(TOLD_MAX);
        if found.is_empty() { Ok(()) } else { Err(Unfit::Samples(found)) }
    }
}

/// The event of a sample: as events of its type are, with what it says.
fn event(function: &Function, sample: &Sample) -> Map {
    let kind = function.event_type.as_deref().unwrap_or("event");
    let usual = json!({
        "id": "id", "type": kind, "source": {"id": "source"}, "session": null, "profile": null,
        "metadata": {"time": {"insert": "2026-01-01T00:00:00Z"}}, "tags": {"values": []},
        "properties": {}, "context": {}, "request": {},
    });
    let Value::Object(mut event) = usual else { return Map::new() };
    event.extend(sample.event.clone());
    event
}

/// An event as it would be, with what was made of it.
fn document(event: &Map, made: Made) -> Value {
    let mut event = event.clone();
    let tags = made.tags.map(|tags| json!({"values": tags}));
    for (key, value) in [
        ("type", made.kind.map(Value::from)),
        ("properties", made.properties.map(Value::Object)),
        ("context", made.context.map(Value::Object)),
        ("tags", tags),
    ] {
        event.extend(value.map(|value| (key.to_owned(), value)));
    }
    Value::Object(event)
}

fn compare(
    name: &str,
    expected: &Value,
    made: Result<Vec<Value>, Fault>,
    tell: &mut impl FnMut(Vec<String>, String),
) {
    let mut tell = |place, told| tell(place, format!("{name}: {told}"));
    let made = match made {
        Ok(made) => made,
        Err(fault) => return tell(Vec::new(), fault.said().to_owned()),
    };
    let expected = match expected {
        Value::Null => &[][..],
        Value::Array(list) => list,
        one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            std::slice::from_ref(one)
        }
    };
    if expected.len() != made.len() {
        let told = format!("expected {} events, was {}", expected.len(), made.len());
        return tell(Vec::new(), told);
    }
    for (at, (expected, made)) in expected.iter().zip(&made).enumerate() {
        let Value::Object(expected) = expected else {
            tell(vec![at.to_string()], "expected must be an event".to_owned());
            continue;
        };
        // Of the event, only what is said.
        for (key, expected) in expected {
            differ(expected, made.get(key), &mut vec![at.to_string(), key.clone()], &mut tell);
        }
    }
}

fn differ(
    expected: &Value,
    made: Option<&Value>,
    place: &mut Vec<String>,
    tell: &mut impl FnMut(Vec<String>, String),
) {
    match (expected, made) {
        (Value::Object(expected), Some(Value::Object(made))) => {
            let more = made.keys().filter(|key| !expected.contains_key(*key));
            for key in expected.keys().chain(more) {
                place.push(key.clone());
                match (expected.get(key), made.get(key)) {
                    (Some(expected), made) => differ(expected, made, place, tell),
                    (None, made) => tell(place.clone(), told(None, made)),
                }
                place.pop();
            }
        }
        (Value::Array(expected), Some(Value::Array(made))) if expected.len() == made.len() => {
            for (at, (expected, made)) in expected.iter().zip(made).enumerate() {
                place.push(at.to_string());
                differ(expected, Some(made), place, tell);
                place.pop();
            }
        }
        (expected, Some(made)) if is_same(expected, made) => {}
        (expected, made) => tell(place.clone(), told(Some(expected), made)),
    }
}

fn told(expected: Option<&Value>, made: Option<&Value>) -> String {
    let short = |value: Option<&Value>| match value {
        Some(value) => value.to_string().chars().take(LETTERS_MAX).collect(),
        None => "nothing".to_owned(),
    };
    format!("expected {}, was {}", short(expected), short(made))
}
