//! Which events are to be removed, and finding them in a round.

use serde::Deserialize;

use super::Rows;
use super::rows::id_prefix;
use crate::model::{EventId, ProfileId, SessionId, SourceId};

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The one with this id, of this source: another's may have the same.
    Event(SourceId, EventId),
    /// All of a person, under any of these ids.
    People(Vec<ProfileId>),
}

/// The columns that decide.
#[derive(Deserialize)]
struct Whose<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    source_id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    profile_id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    session_id: Option<std::borrow::Cow<'a, str>>,
}

fn whose(line: &[u8]) -> Option<Whose<'_>> {
    serde_json::from_slice(line).ok()
}

impl Gone {
    fn picks(&self, line: &[u8]) -> bool {
        match self {
            Self::Event(source, id) => {
                line.starts_with(&id_prefix(id.as_str()))
                    && whose(line).is_some_and(|whose| whose.source_id == source.as_str())
            }
            Self::People(people) => {
                let Some(whose) = whose(line) else { return false };
                whose.profile_id.is_some_and(|id| people.iter().any(|one| one.as_str() == id))
            }
        }
    }
}

impl Rows {
    /// The sessions of the events that `gone` picks; none when it picks none.
    #[must_use]
    pub fn sessions_of(&self, gone: &Gone) -> Option<Vec<SessionId>> {
        let mut picked = self.iter().filter(|line| gone.picks(line)).peekable();
        picked.peek()?;
        let session = |line: &[u8]| whose(line)?.session_id.map(|id| SessionId::new(id.as_ref()));
        Some(picked.filter_map(session).collect())
    }

    /// The source, the id and the session of each event that `gone` picks.
    #[must_use]
    pub fn named(&self, gone: &Gone) -> Vec<(String, String, Option<String>)> {
        let picked = self.iter().filter(|line| gone.picks(line)).filter_map(whose);
        let named = |Whose { id, source_id, session_id, .. }: Whose<'_>| {
            let session = session_id.map(std::borrow::Cow::into_owned);
            (source_id.into_owned(), id.into_owned(), session)
        };
        picked.map(named).collect()
    }

    /// These rows without the events that `gone` picks.
    #[must_use]
    pub fn without(&self, gone: &Gone) -> Self {
        let mut rows = Self::default();
        for line in self.iter().filter(|line| !gone.picks(line)) {
            rows.lines.extend_from_slice(line);
            rows.lines.push(b'\n');
            rows.count += 1;
        }
        rows
    }
}
