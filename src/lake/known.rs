//! Which events history has, by their ids.

use std::collections::HashSet;

use serde_json::Value;

use super::engine::literals;
use super::{History, LakeError, Span};

impl History {
    /// Whether there is any event.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn has_events(&self) -> Result<bool, LakeError> {
        let any = "SELECT count(*) FROM (FROM events LIMIT 1)";
        Ok(self.moment(Span::ALWAYS)?.number(any, &[])? > 0)
    }

    /// Those of the events that are there, each by its source and its id.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn known_events(
        &self,
        events: &[&(String, String)],
    ) -> Result<HashSet<(String, String)>, LakeError> {
        if events.is_empty() {
            return Ok(HashSet::new());
        }
        let ids = literals(events.iter().map(|(_, id)| id));
        let sql = format!("SELECT source_id, id FROM events WHERE id IN ({ids})");
        let rows = self.moment(Span::ALWAYS)?.rows(&sql, &[])?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let each = rows.iter().map(|row| text(row.get("source_id")).zip(text(row.get("id"))));
        Ok(each.flatten().collect())
    }
}
