//! Which events somebody's sightings are: a tally keeps a moment and a hash, history has the id.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::app::App;
use crate::audiences::{Done, Part, event_hash};
use crate::lake::ask::Seen;
use crate::lake::{LakeError, Sight};
use crate::model::{Sighting, Time};

/// Most moments that history is asked about for one answer: the latest.
const MOMENTS_MAX: usize = 1_000;

/// Ids of events, by what a tally keeps of them.
#[derive(Clone, Debug, Default)]
pub struct EventsSeen(HashMap<(String, Time, u32), String>);

impl EventsSeen {
    /// The id of the event that was seen; none where history does not have it any more, or was not asked.
    #[must_use]
    pub fn id(&self, kind: &str, sighting: &Sighting) -> Option<String> {
        self.0.get(&(kind.to_owned(), sighting.at, sighting.hash())).cloned()
    }
}

/// Asks history which events these parts speak of, of the people with these ids.
///
/// # Errors
/// See [`LakeError`].
pub async fn events_of(
    app: &Arc<App>,
    ids: Vec<String>,
    parts: &[&Part],
) -> Result<EventsSeen, LakeError> {
    let (mut kinds, mut times) = (BTreeSet::new(), BTreeSet::new());
    for part in parts {
        part.each_done(&mut |done: &Done| {
            for (kind, sighting) in &done.seen {
                kinds.insert(kind.clone());
                times.insert(sighting.at);
            }
        });
    }
    if times.is_empty() {
        return Ok(EventsSeen::default());
    }
    let times = times.into_iter().rev().take(MOMENTS_MAX).collect();
    let question = Seen { ids, kinds: kinds.into_iter().collect(), times };
    let rows = app.questions.ask(&question, Sight::Everything).await?;
    let known = rows.into_iter().map(|row| {
        let id = (row.source_id.as_str(), row.id.as_str());
        let hash = event_hash(&row.kind, id, Time::from_micros(row.received_at));
        ((row.kind, Time::from_micros(row.time), hash), row.id)
    });
    Ok(EventsSeen(known.collect()))
}
