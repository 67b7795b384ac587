//! What an event says of consents, as words (docs/wire.md §5.3).

use std::time::Duration;

use serde_json::Value;

use super::operations::NAME_BYTES_MAX;
use super::{Applied, ProfileFields, Said};
use crate::model::{ConsentEnd, ConsentLog, ConsentWord, Map, truth};

/// Most purposes of one consent.
const PURPOSES_MAX: usize = 16;
/// What an object may say of a consent.
const KEYS: [&str; 4] = ["granted", "revoke", "version", "purposes"];

/// What is said beside the decision, for all consents of an event or for one of them.
#[derive(Clone, Default)]
struct Terms {
    version: Option<String>,
    purposes: Vec<String>,
}

/// What could not be taken as it was said.
#[derive(Default)]
struct Refused {
    /// Something is longer than it may be, or one too many.
    too_large: bool,
    /// A version or purposes are no texts.
    of_no_type: bool,
    /// A consent does not clearly grant, and does not plainly deny.
    unclear: bool,
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
    let Some(sent) = named(properties.get(from), applied) else { return };
    let is_partial = is_partial(properties.get("partial"), applied);
    let mut refused = Refused::default();
    let for_all = terms(properties, &Terms::default(), &mut refused);
    let others = word(said, None, (false, Value::Null), for_all.clone());
    let named = sent.iter().filter_map(|(name, value)| {
        let decision = decision(name, value, said, &mut refused)?;
        let terms = value
            .as_object()
            .map_or_else(|| for_all.clone(), |own| terms(own, &for_all, &mut refused));
        Some(word(said, Some(name.clone()), decision, terms))
    });
    let named: Vec<ConsentWord> = if said.only_denies {
        let before = (!is_partial).then_some(&*profile.consent_log);
        named.filter_map(|word| denied(word, before)).collect()
    } else {
        named.collect()
    };
    let words = (!is_partial).then_some(others).into_iter().chain(named).collect();
    let taken = profile.consent_log.say(words);
    refused.too_large |= taken.refused > 0;
    refused.warn(applied);
    if !taken.is_new {
        return;
    }
    applied.leaves_a_trace = true;
    if profile.consent_log.follow(&taken, profile.consents) {
        applied.changed.push("consents".to_owned());
    }
}

/// Of a word what only takes something back, as one that ends before it was said does. A grant gives nothing; beside a
/// denial of all others it keeps as it was what the last words `before` had granted: else that would be denied with
/// the others.
fn denied(word: ConsentWord, before: Option<&ConsentLog>) -> Option<ConsentWord> {
    let is_over = ConsentEnd::of(Some(&word.revoke)).is_over(word.at);
    if !word.granted || is_over {
        return Some(ConsentWord { granted: false, revoke: Value::Null, ..word });
    }
    let was = before?.deciding_on(word.consent.as_deref()?).filter(|was| was.granted)?;
    let ConsentWord { revoke, version, purposes, .. } = was.clone();
    Some(ConsentWord { revoke, version, purposes, ..word })
}

/// The consents by name, where they are said at all.
fn named<'a>(sent: Option<&'a Value>, applied: &mut Applied) -> Option<&'a Map> {
    let sent = sent.filter(|sent| !sent.is_null())?;
    if sent.as_object().is_none() {
        let text = "no consent was changed: consents must be an object of consents by name";
        applied.warn("consent_type", text.into());
    }
    sent.as_object()
}

/// Whether consents that are not named stay. Forms know nothing but texts, and some programs nothing but
/// numbers; of what is neither true nor false in any of these, nothing that somebody has said may be lost.
fn is_partial(said: Option<&Value>, applied: &mut Applied) -> bool {
    match said {
        None | Some(Value::Null) => false,
        Some(said) => truth(said).unwrap_or_else(|| {
            let text = "partial is neither true nor false; the consents that are not named stayed";
            applied.warn("consent_type", text.into());
            true
        }),
    }
}

/// Until when a consent holds that was given without an end.
fn ends_by_itself(name: &str, said: &Said<'_>) -> Value {
    let seconds = said.rules.holds_seconds(name);
    let end = seconds.map(|seconds| said.at.plus(Duration::from_secs(seconds)));
    end.map_or(Value::Null, |end| end.to_string().into())
}

/// Granted or denied, and until when; none where the name is too long to be kept. What does not clearly
/// grant is denied: a grant that nobody meant allows what nobody takes back.
fn decision(
    name: &str,
    value: &Value,
    said: &Said<'_>,
    refused: &mut Refused,
) -> Option<(bool, Value)> {
    if name.len() > NAME_BYTES_MAX {
        refused.too_large = true;
        return None;
    }
    let granted = match value {
        Value::Bool(granted) => Some(*granted),
        Value::Null => Some(false),
        Value::Object(own) => granted_by(own),
        Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    };
    refused.unclear |= granted.is_none();
    if granted != Some(true) {
        return Some((false, Value::Null));
    }
    let revoke = value.get("revoke").filter(|revoke| !revoke.is_null());
    Some((true, revoke.cloned().unwrap_or_else(|| ends_by_itself(name, said))))
}

/// Whether an object grants; none where that is not clear: it says nothing, or something that nobody here
/// knows, and that may be a denial (`{"status": "denied"}`) or an end (`{"until": "2030-01-01"}`).
fn granted_by(own: &Map) -> Option<bool> {
    match own.get("granted") {
        Some(Value::Bool(false) | Value::Null) => return Some(false),
        None | Some(Value::Bool(true)) => {}
        Some(Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            return None;
        }
    }
    let is_known = !own.is_empty() && own.keys().all(|key| KEYS.contains(&key.as_str()));
    let ends = ConsentEnd::of(own.get("revoke"));
    (is_known && ends != ConsentEnd::Unreadable).then_some(true)
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
        received: Some(said.received),
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
            let text = "what was said of consents was left out: a version or purposes are no texts";
            applied.warn("consent_type", text.into());
        }
        if self.unclear {
            let text = "consents that do not clearly grant were taken as denied: true grants, and so does \
                        an object of granted, revoke, version and purposes, with a time to revoke";
            applied.warn("consent_type", text.into());
        }
    }
}
