//! What an event says of consents, as words (docs/wire.md §5.3).

use std::time::Duration;

use serde_json::Value;

use super::operations::NAME_BYTES_MAX;
use super::{Applied, ProfileFields, Said};
use crate::model::{ConsentWord, Map};

/// Most purposes of one consent.
const PURPOSES_MAX: usize = 16;

/// What is said beside the decision, for all consents of an event or for one of them.
#[derive(Clone, Default)]
struct Terms {
    version: Option<String>,
    purposes: Vec<String>,
}

/// What could not be taken.
#[derive(Default)]
struct Refused {
    too_large: bool,
    of_no_type: bool,
}

/// The consents become those of the event: what it does not name is denied with it, unless there is
/// `partial` in the properties. Each is a word that is kept, and the last word by its own time counts.
pub(super) fn take(
    properties: &Map,
    from: &str,
    said: &Said<'_>,
    profile: &mut ProfileFields<'_>,
    applied: &mut Applied,
) {
    let Some(Value::Object(sent)) = properties.get(from) else { return };
    let mut refused = Refused::default();
    let for_all = terms(properties, &Terms::default(), &mut refused);
    let is_partial = properties.get("partial") == Some(&Value::Bool(true));
    let others = word(said, None, (false, Value::Null), for_all.clone());
    let named = sent.iter().filter_map(|(name, value)| {
        let mut decision = decision(name, value, &mut refused)?;
        if decision.0 && decision.1.is_null() {
            decision.1 = ends_by_itself(name, said);
        }
        let terms = value
            .as_object()
            .map_or_else(|| for_all.clone(), |own| terms(own, &for_all, &mut refused));
        Some(word(said, Some(name.clone()), decision, terms))
    });
    let words = (!is_partial).then_some(others).into_iter().chain(named).collect();
    let before = profile.consent_log.clone();
    refused.too_large |= profile.consent_log.say(words) > 0;
    refused.warn(applied);
    if *profile.consent_log == before {
        return;
    }
    applied.leaves_a_trace = true;
    let granted = profile.consent_log.granted();
    if *profile.consents != granted {
        *profile.consents = granted;
        applied.changed.push("consents".to_owned());
    }
}

/// Until when a consent holds that was given without an end.
fn ends_by_itself(name: &str, said: &Said<'_>) -> Value {
    let seconds = said.rules.holds_seconds(name);
    let end = seconds.map(|seconds| said.at.plus(Duration::from_secs(seconds)));
    end.map_or(Value::Null, |end| end.to_string().into())
}

/// Granted or denied, and until when; none of what says neither.
fn decision(name: &str, value: &Value, refused: &mut Refused) -> Option<(bool, Value)> {
    let decision = match value {
        Value::Bool(granted) => (*granted, Value::Null),
        Value::Null => (false, Value::Null),
        Value::Object(own) => {
            let granted = own.get("granted").is_none_or(|granted| *granted == Value::Bool(true));
            (granted, own.get("revoke").filter(|_| granted).cloned().unwrap_or_default())
        }
        Value::Number(_) | Value::String(_) | Value::Array(_) => {
            refused.of_no_type = true;
            return None;
        }
    };
    if name.len() > NAME_BYTES_MAX || decision.1.to_string().len() > NAME_BYTES_MAX {
        refused.too_large = true;
        return None;
    }
    Some(decision)
}

/// The version of the text and the purposes, where they are said; else those `beside`.
fn terms(said: &Map, beside: &Terms, refused: &mut Refused) -> Terms {
    let mut text = |value: &Value| {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null => return None,
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                refused.of_no_type = true;
                return None;
            }
        };
        refused.too_large |= text.len() > NAME_BYTES_MAX;
        Some(text).filter(|text| !text.is_empty() && text.len() <= NAME_BYTES_MAX)
    };
    let version = said.get("version").and_then(&mut text);
    let purposes: Vec<String> = match said.get("purposes") {
        Some(Value::Array(list)) => list.iter().filter_map(&mut text).collect(),
        Some(one) => text(one).into_iter().collect(),
        None => Vec::new(),
    };
    refused.too_large |= purposes.len() > PURPOSES_MAX;
    let purposes = if purposes.is_empty() { beside.purposes.clone() } else { purposes };
    Terms {
        version: version.or_else(|| beside.version.clone()),
        purposes: purposes.into_iter().take(PURPOSES_MAX).collect(),
    }
}

fn word(
    said: &Said<'_>,
    consent: Option<String>,
    (granted, revoke): (bool, Value),
    terms: Terms,
) -> ConsentWord {
    ConsentWord {
        at: said.at,
        position: said.position,
        event: said.event.clone(),
        source: Some(said.source.clone()),
        consent,
        granted,
        revoke,
        version: terms.version,
        purposes: terms.purposes,
    }
}

impl Refused {
    fn warn(&self, applied: &mut Applied) {
        if self.too_large {
            let text = "consents, or what was said of them, were left out: too long or too many";
            applied.warn("trait_too_large", text.into());
        }
        if self.of_no_type {
            let text = "consents, or what was said of them, were left out: of another type";
            applied.warn("consent_type", text.into());
        }
    }
}
