//! What has come under a person's ids since the first of some mergers, folded again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::payloads::{self, Kept};
use super::replay::{Replay, moment_of};
use super::told::Said;
use super::untold::Sides;
use super::{EVENTS_MAX, Known, NotUndone, read};
use crate::app::App;
use crate::lake::Sight;
use crate::lake::ask::{CameUnder, KeptEvent};
use crate::model::{Seals, Session, Time};
use crate::storage::{MergeId, MergeRow, StorageError};

/// Events that are read at a time.
const PAGE_EVENTS: usize = 5_000;
/// What was received longer ago is on disk by now, or never will be: nothing comes before it any more.
const SETTLED_SECONDS: i64 = 60;

/// A person as it becomes, with the mergers and without.
#[derive(Clone)]
pub(super) struct Folded {
    of: Vec<MergeId>,
    pub(super) told: Replay,
    pub(super) apart: Replay,
    /// Everything received until then is in it.
    after: Time,
    /// How many events.
    pub(super) events: u64,
    pub(super) sides: Sides,
}

impl Folded {
    fn new(first: &MergeRow, known: &Known) -> Self {
        let apart = Replay::new(&known.merges, known.without.clone(), &known.identifiers);
        // Those that were taken back before are in neither.
        let undone = known.merges.iter().filter(|merge| merge.undone.is_some());
        let undone = undone.map(|merge| merge.id.clone()).collect();
        Self {
            of: names(known),
            told: Replay::new(&known.merges, undone, &known.identifiers).without_a_word(),
            apart: if known.are_others { apart } else { apart.without_a_word() },
            after: moment_of(first),
            events: 0,
            sides: Sides::default(),
        }
    }

    fn fold(&mut self, came: &Came) {
        match came {
            Came::Payload(kept) => {
                self.sides.take(kept);
                self.told.fold(kept);
                self.apart.fold(kept);
                self.events += kept.events;
            }
            Came::Said(said) => self.apart.hear(said),
        }
        self.after = came.received_at();
    }
}

/// What has come under the ids: a payload, or what Kith has told of an audience.
enum Came {
    Payload(Box<Kept>),
    Said(Said),
}

impl Came {
    fn received_at(&self) -> Time {
        match self {
            Self::Payload(kept) => kept.payload.received_at,
            Self::Said(said) => said.received_at,
        }
    }
}

fn names(known: &Known) -> Vec<MergeId> {
    known.merges.iter().map(|merge| merge.id.clone()).collect()
}

/// Folds what has come since the first of the mergers. What is settled of it is left in `settled`, and is
/// not folded again when the person has changed meanwhile and this is called once more.
pub(super) async fn fold(
    app: &Arc<App>,
    known: &Known,
    settled: &mut Option<Folded>,
) -> Result<Folded, NotUndone> {
    let first = known.merges.first().ok_or(NotUndone::Already)?;
    let before = settled.take().filter(|before| before.of == names(known));
    let mut old = before.unwrap_or_else(|| Folded::new(first, known));
    old.sides.want(&known.whole);
    let until = Time::from_micros(app.clock.now().micros() - SETTLED_SECONDS * 1_000_000);
    let mut new: Option<Folded> = None;
    loop {
        let after = new.as_ref().unwrap_or(&old).after;
        let (page, more) = page(app, known, after).await?;
        for came in &page {
            let is_old = new.is_none() && came.received_at() <= until;
            let into = if is_old { &mut old } else { new.get_or_insert_with(|| old.clone()) };
            into.fold(came);
            if into.events > EVENTS_MAX {
                return Err(NotUndone::TooMany);
            }
        }
        if !more || page.is_empty() {
            break;
        }
    }
    let folded = new.unwrap_or_else(|| old.clone());
    *settled = Some(old);
    Ok(folded)
}

/// Some of it, in the order received, and whether there is more.
async fn page(app: &Arc<App>, known: &Known, after: Time) -> Result<(Vec<Came>, bool), NotUndone> {
    let ids = known.whole.ids.iter().map(ToString::to_string).collect();
    let question = CameUnder { ids, after, limit: PAGE_EVENTS };
    let page = app.questions.ask(&question, Sight::Everything).await?;
    let said = page.events.iter().filter_map(Said::by).map(Came::Said);
    let payloads = payloads_of(app, &page.events).await?.into_iter();
    let payloads = payloads.map(|kept| Came::Payload(Box::new(kept)));
    let mut came: Vec<Came> = payloads.chain(said).collect();
    came.sort_by_key(Came::received_at);
    Ok((came, page.more))
}

async fn payloads_of(app: &Arc<App>, events: &[KeptEvent]) -> Result<Vec<Kept>, NotUndone> {
    let sessions = sessions(app, events).await?;
    let snapshot = app.registry.now();
    let (rules, identity, watching) = (snapshot.rules(), snapshot.identity(), snapshot.watching());
    let seals = Seals::new(app.storage.key());
    Ok(payloads::Folding { sessions, rules, identity, seals, watching }.payloads(events))
}

/// The sessions of the events, as they are now.
async fn sessions(
    app: &Arc<App>,
    events: &[KeptEvent],
) -> Result<HashMap<String, Arc<Session>>, NotUndone> {
    let ids: HashSet<String> = events.iter().filter_map(|event| event.session_id.clone()).collect();
    let rows = read(app, move |storage| {
        let row = |id: String| Ok(storage.session(&id)?.map(|row| (id, Arc::new(row.session))));
        ids.into_iter().filter_map(|id| row(id).transpose()).collect::<Result<_, StorageError>>()
    });
    Ok(rows.await??)
}
