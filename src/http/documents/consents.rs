//! What a person has agreed to and what not, with the words that show it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::model::{ConsentEnd, ConsentWord, Masking, Profile, Time};

/// Where each consent of a person stands, and everything that is kept of how it came to that.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consents)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentsDocument {
    /// The id that the person has now.
    id: String,
    /// Each consent that was ever named, by name.
    consents: Vec<Standing>,
    /// The words, the newest first: the last of each consent, the first hundred that say something
    /// new, and the last hundred of the others. The events themselves are in history.
    history: Vec<Word>,
    /// How many consents and words are left out, since their names are masked for whoever asks.
    hidden: usize,
}

/// Where a consent stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsentStanding)]
#[serde(deny_unknown_fields)]
struct Standing {
    consent: String,
    /// As the last word says.
    granted: bool,
    /// It was granted, until a moment that is over. Rules of privacy take it as denied.
    expired: bool,
    /// The last word, by its own time.
    word: Word,
}

/// One word about a consent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsentWord)]
#[serde(deny_unknown_fields)]
struct Word {
    /// About which consent; null: about all that the event did not name, which it so denies.
    #[schema(required)]
    consent: Option<String>,
    /// Granted, or denied.
    granted: bool,
    /// When, by the event's own time.
    at: String,
    /// The id of the event that said it.
    event: String,
    /// The source that it came through; null of words from before they were kept.
    #[schema(required)]
    source: Option<String>,
    /// Until when it is granted, as it was sent.
    revoke: Value,
    /// The version of the text that was agreed to, as it was sent.
    #[schema(required)]
    version: Option<String>,
    /// What it is for, as it was sent.
    purposes: Vec<String>,
}

/// The consents of a person at the moment `now`.
pub(crate) fn consents(profile: &Profile, now: Time, masking: &Masking) -> ConsentsDocument {
    let paths = masking.inside("consents");
    let masked = |name: &str| {
        paths.iter().any(|path| path.steps().first().is_some_and(|step| step.key() == name))
    };
    let hidden = |name: Option<&str>| name.is_some_and(masked);
    let last: BTreeMap<&str, &ConsentWord> = profile.consent_log.last().into_iter().collect();
    let standing = |(name, word): (&str, &ConsentWord)| Standing {
        consent: name.to_owned(),
        granted: word.granted,
        expired: word.granted && ConsentEnd::of(Some(&word.revoke)).is_over(now),
        word: word_of(word),
    };
    let shown = last.iter().filter(|(name, _)| !hidden(Some(name)));
    let standings: Vec<_> = shown.map(|(name, word)| standing((name, word))).collect();
    let words = profile.consent_log.words();
    let shown = words.iter().rev().filter(|word| !hidden(word.consent.as_deref()));
    let history: Vec<_> = shown.map(word_of).collect();
    ConsentsDocument {
        id: profile.id.to_string(),
        hidden: last.len() - standings.len() + words.len() - history.len(),
        consents: standings,
        history,
    }
}

fn word_of(word: &ConsentWord) -> Word {
    Word {
        consent: word.consent.clone(),
        granted: word.granted,
        at: word.at.to_string(),
        event: word.event.to_string(),
        source: word.source.as_ref().map(ToString::to_string),
        revoke: word.revoke.clone(),
        version: word.version.clone(),
        purposes: word.purposes.clone(),
    }
}
