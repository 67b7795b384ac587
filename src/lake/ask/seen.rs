//! The events behind sightings: tallies keep when something happened, history knows which event it was.

use serde::{Deserialize, Serialize};

use super::Question;
use crate::lake::engine::literals;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

/// What happened to somebody at some moments.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Every id of theirs, as the events were kept.
    pub ids: Vec<String>,
    /// Events of these types.
    pub kinds: Vec<String>,
    /// At these moments.
    pub times: Vec<Time>,
}

/// One of these events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeenRow {
    /// The source that it came from.
    pub source_id: String,
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// When it happened, in microseconds since 1970.
    pub time: i64,
    /// When it was received, the same.
    pub received_at: i64,
}

impl Question for Seen {
    type Answer = Vec<SeenRow>;

    fn span(&self) -> Span {
        let ends = (self.times.iter().min(), self.times.iter().max());
        let (Some(from), Some(to)) = ends else { return Span::NEVER };
        Span { from: *from, to: *to, ..Span::ALWAYS }
    }

    fn under(&self) -> Option<&[String]> {
        Some(&self.ids)
    }

    fn answer(self, moment: &Moment) -> Result<Vec<SeenRow>, LakeError> {
        if self.ids.is_empty() || self.kinds.is_empty() || self.times.is_empty() {
            return Ok(Vec::new());
        }
        let times: Vec<String> =
            self.times.iter().map(|at| format!("make_timestamptz({})", at.micros())).collect();
        moment.read(&format!(
            "SELECT source_id, id, type AS kind, epoch_us(time) AS time, epoch_us(received_at) AS received_at \
             FROM ({}) AS kept WHERE profile_id IN ({}) AND type IN ({}) AND time IN ({})",
            moment.as_kept,
            literals(&self.ids),
            literals(&self.kinds),
            times.join(", ")
        ))
    }
}
