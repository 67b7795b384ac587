//! A schema drafted from the properties that events of a type had.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::newest::all_events;
use super::{Question, Scope};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;
use crate::schema::draft;

/// Events that are read, and bytes of their properties: those beyond are not looked at.
const READ_MAX: usize = 10_000;
const BYTES_MAX: usize = 16 << 20;

/// What the properties of events have in common.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drafted {
    /// Of which events.
    pub scope: Scope,
}

/// It.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DraftedAnswer {
    /// Events that there are.
    pub events: u64,
    /// The newest of them that were read.
    pub read: u64,
    /// A schema that the properties of all that were read fit.
    pub schema: Value,
}

impl Question for Drafted {
    type Answer = DraftedAnswer;

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<DraftedAnswer, LakeError> {
        let scope = self.scope.sql();
        let events = self.scope.count(moment)?;
        let newest = format!(
            "SELECT CAST(properties AS VARCHAR) AS properties FROM ({} LIMIT {READ_MAX})",
            all_events(&scope)
        );
        let (mut seen, mut bytes): (Vec<Map>, usize) = (Vec::new(), 0);
        moment.visit(&newest, &[], &mut |row| {
            let text = row.get("properties").and_then(Value::as_str).unwrap_or("{}");
            bytes = bytes.saturating_add(text.len());
            if bytes <= BYTES_MAX {
                seen.push(serde_json::from_str(text).unwrap_or_default());
            }
            Ok(())
        })?;
        Ok(DraftedAnswer { events, read: seen.len() as u64, schema: draft(&seen) })
    }
}
