//! Consents: what somebody says about one of them.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{EventId, SourceId, Time};

/// One word: somebody grants a consent, or denies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentWord {
    /// When it was said, by the event's own time.
    pub at: Time,
    /// When Kith received it: of words of one moment the later one counts, since clients often say whole seconds. Unknown
    /// of what older builds have kept.
    pub received: Option<Time>,
    /// Which event of its payload said it: of words of one payload the later one counts.
    pub position: i64,
    /// Which event.
    pub event: EventId,
    /// Through which source. Unknown of what older builds have kept.
    pub source: Option<SourceId>,
    /// About which consent. None: about all that the event does not name, which is a denial.
    pub consent: Option<String>,
    /// Granted, or denied.
    pub granted: bool,
    /// Until when, as it was sent.
    pub revoke: Value,
    /// The version of the text that was agreed to.
    pub version: Option<String>,
    /// What the consent is for.
    pub purposes: Vec<String>,
}

impl ConsentWord {
    /// The order in which words count. Of one event, and where nobody knows which was first, what is said of a
    /// consent by name counts more than what is said of all the others, and a denial more than a grant.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let place = |word: &Self| {
            (word.at, word.received, word.position, word.consent.is_some(), !word.granted)
        };
        place(self)
            .cmp(&place(other))
            .then_with(|| (&self.event, &self.consent).cmp(&(&other.event, &other.consent)))
            .then_with(|| self.terms().cmp(&other.terms()))
    }

    /// Whether the same was said, whenever that was.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        self.granted == other.granted
            && self.consent == other.consent
            && self.revoke == other.revoke
            && self.version == other.version
            && self.purposes == other.purposes
    }

    fn terms(&self) -> String {
        json!([self.revoke, self.version, self.purposes]).to_string()
    }

    /// Whether one event has said both. Older builds have not kept through which source.
    pub(super) fn is_of_event(&self, other: &Self) -> bool {
        let sources = self.source.as_ref().zip(other.source.as_ref());
        self.event == other.event
            && self.at == other.at
            && sources.is_none_or(|(one, other)| one == other)
    }

    pub(super) fn bytes(&self) -> usize {
        const COLUMNS_BYTES: usize = 256;
        let name = self.consent.as_ref().map_or(0, String::len);
        let version = self.version.as_ref().map_or(0, String::len);
        COLUMNS_BYTES + name + version + self.purposes.iter().map(String::len).sum::<usize>()
    }
}
