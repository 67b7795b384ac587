//! Consents that a person is taken to have given, where somebody tries what would become of a payload.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::http::code::Code;
use crate::http::error::ApiError;
use crate::http::objects;
use crate::model::{ConsentEnd, ConsentLog, ConsentWord, EventId, Payload, Time};

/// Most consents that are assumed, longest name of one in bytes, and most purposes of one.
const CONSENTS_MAX: usize = 100;
const NAME_BYTES_MAX: usize = 128;
const PURPOSES_MAX: usize = 20;

/// What somebody is taken to have said of a consent.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Consent {
    /// Granted for good, or denied.
    Said(bool),
    /// Granted like this.
    Granted(#[serde(deserialize_with = "objects::within")] Terms),
}

/// What was agreed to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    /// Until when.
    #[serde(default)]
    revoke: Value,
    /// What for.
    #[serde(default)]
    purposes: Vec<String>,
}

/// All of it as one log of consents: said before anything of the payload happened.
pub(super) fn assumed(
    said: BTreeMap<String, Consent>,
    payload: &Payload,
) -> Result<ConsentLog, ApiError> {
    let is_name = |name: &String| (1..=NAME_BYTES_MAX).contains(&name.len());
    let fits = |consent: &Consent| match consent {
        Consent::Said(_) => true,
        Consent::Granted(terms) => {
            terms.purposes.len() <= PURPOSES_MAX
                && terms.purposes.iter().all(is_name)
                && ConsentEnd::of(Some(&terms.revoke)) != ConsentEnd::Unreadable
        }
    };
    if said.len() > CONSENTS_MAX || !said.keys().all(is_name) || !said.values().all(fits) {
        let message = format!(
            "consents must be at most {CONSENTS_MAX}, each with a name of 1 to {NAME_BYTES_MAX} bytes and \
             at most {PURPOSES_MAX} purposes, and a time to revoke or none"
        );
        return Err(ApiError::new(Code::RuleInvalid, message));
    }
    let first = payload.events.iter().map(|event| event.time).min();
    let at = first.unwrap_or(payload.received_at).min(payload.received_at);
    Ok(ConsentLog::of(said.into_iter().map(|(name, consent)| word(name, consent, at))))
}

/// In no payload's place: whatever the payload says of the same counts more.
fn word(name: String, consent: Consent, at: Time) -> ConsentWord {
    let (granted, terms) = match consent {
        Consent::Said(granted) => (granted, None),
        Consent::Granted(terms) => (true, Some(terms)),
    };
    let (revoke, purposes) =
        terms.map_or((Value::Null, Vec::new()), |terms| (terms.revoke, terms.purposes));
    ConsentWord {
        at,
        received: None,
        position: i64::MIN,
        event: EventId::new("assumed"),
        source: None,
        consent: Some(name),
        granted,
        revoke,
        version: None,
        purposes,
    }
}
