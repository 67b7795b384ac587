//! Events that may say who somebody is, in the order received: for whoever decides on it anew.

use serde::{Deserialize, Serialize};

use super::came_under::{CameUnderPage, KeptEvent};
use super::{Asker, Question};
use crate::lake::engine::literals;
use crate::lake::{AS_RECEIVED, LakeError, Moment, Span};
use crate::model::Time;

/// Events of these types that are somebody's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Telling {
    /// Types that name somebody.
    pub kinds: Vec<String>,
    /// Received later than this.
    pub after: Time,
    /// Received by then.
    pub until: Time,
    /// About so many: all of the last moment are among them, so of one payload nothing is left behind.
    pub limit: usize,
}

impl Question for Telling {
    type Answer = CameUnderPage;

    const ASKER: Asker = Asker::Folding;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn answer(self, moment: &Moment) -> Result<CameUnderPage, LakeError> {
        let kinds = literals(&self.kinds);
        if kinds.is_empty() {
            return Ok(CameUnderPage { events: Vec::new(), more: false });
        }
        let told = |until: i64| {
            format!(
                "FROM ({}) AS kept WHERE type IN ({}) AND profile_id IS NOT NULL \
                 AND epoch_us(received_at) > {} AND epoch_us(received_at) <= {until}",
                moment.as_kept,
                kinds,
                self.after.micros(),
            )
        };
        let (until, all) = (self.until.micros(), told(self.until.micros()));
        let last = moment.number(
            &format!(
                "SELECT coalesce(max(moment), {until}) FROM (SELECT epoch_us(received_at) AS moment {all} \
                 ORDER BY moment LIMIT {})",
                self.limit
            ),
            &[],
        )?;
        let events: Vec<KeptEvent> = moment.read(&format!(
            "SELECT id, type, epoch_us(time) AS time, epoch_us(received_at) AS received_at, \
             position, source_id, session_id, profile_id, valid, \
             CAST(properties AS VARCHAR) AS properties {} \
             ORDER BY kept.{AS_RECEIVED}",
            told(last)
        ))?;
        Ok(CameUnderPage { more: events.len() >= self.limit, events })
    }
}

/// Which of these events history still has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StillThere {
    /// Their ids.
    pub ids: Vec<String>,
}

impl Question for StillThere {
    type Answer = Vec<There>;

    const ASKER: Asker = Asker::Folding;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn answer(self, moment: &Moment) -> Result<Vec<There>, LakeError> {
        let ids = literals(&self.ids);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        moment.read(&format!(
            "SELECT DISTINCT id FROM ({}) AS kept WHERE id IN ({})",
            moment.as_kept, ids
        ))
    }
}

/// An event that is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct There {
    /// Its id.
    pub id: String,
}
