//! Finding events in the tail: substring first, then the line is parsed to be sure.

use memchr::memmem::Finder;
use serde_json::Value;

use super::Rows;
use crate::model::Map;

/// Which events are asked for. All parts given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// This event.
    pub id: Option<String>,
    /// Of any of these profiles (a person's living id and all older ones); empty: of anybody.
    pub profiles: Vec<String>,
    /// Of this session.
    pub session: Option<String>,
}

/// An event that was found, and where.
#[derive(Clone, Debug)]
pub struct Found {
    /// The tail's stream.
    pub stream: String,
    /// The round in it.
    pub seq: u64,
    /// The columns.
    pub event: Map,
}

impl Filter {
    /// The event with this id.
    #[must_use]
    pub fn by_id(id: &str) -> Self {
        Self { id: Some(id.to_owned()), ..Self::default() }
    }

    /// The matching events of `rows`, newest first.
    #[must_use]
    pub fn select(&self, rows: &Rows) -> Vec<Map> {
        let needles = self.needles();
        if !needles.iter().all(|any| any.iter().any(|one| one.find(&rows.lines).is_some())) {
            return Vec::new();
        }
        let may_match =
            |line: &&[u8]| needles.iter().all(|any| any.iter().any(|one| one.find(line).is_some()));
        let lines = rows.iter().rev().filter(may_match);
        let events = lines.filter_map(|line| serde_json::from_slice::<Map>(line).ok());
        events.filter(|event| self.matches(event)).collect()
    }

    /// What a matching line must contain: of each list, at least one.
    fn needles(&self) -> Vec<Vec<Finder<'static>>> {
        let mut needles = Vec::new();
        if let Some(id) = &self.id {
            needles.push(vec![Finder::new(&id_prefix(id)).into_owned()]);
        }
        if let Some(session) = &self.session {
            needles.push(vec![needle("session_id", session)]);
        }
        if !self.profiles.is_empty() {
            needles.push(self.profiles.iter().map(|id| needle("profile_id", id)).collect());
        }
        needles
    }

    fn matches(&self, event: &Map) -> bool {
        let is = |key: &str, value: &str| event.get(key).and_then(Value::as_str) == Some(value);
        self.id.as_ref().is_none_or(|id| is("id", id))
            && self.session.as_ref().is_none_or(|id| is("session_id", id))
            && (self.profiles.is_empty() || self.profiles.iter().any(|id| is("profile_id", id)))
    }
}

fn needle(key: &str, value: &str) -> Finder<'static> {
    Finder::new(&format!("\"{key}\":{}", Value::from(value))).into_owned()
}

/// How the line of the event `id` begins.
pub(super) fn id_prefix(id: &str) -> Vec<u8> {
    format!("{{\"id\":{},", Value::from(id)).into_bytes()
}
