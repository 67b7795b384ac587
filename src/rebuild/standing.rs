//! What stands: mergers as far as they are decided on anew, and people as they are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{NotRebuilt, read};
use crate::app::App;
use crate::identification::Evidence;
use crate::lake::Sight;
use crate::lake::ask::StillThere;
use crate::model::{EventId, IdentifierKey, Profile, ProfileId, SessionId, SourceId, Time, Trust};
use crate::storage::{HeldIdentifier, MergeRow, Standing};
use crate::undo::moment_of;

/// Events that history is asked for at a time.
const EVENTS_AT_ONCE: usize = 20_000;
/// Most of those who wait that are looked at: as many as somebody can decide on.
const WAITING_MAX: usize = 100_000;

/// A merger that holds.
#[derive(Clone, Debug)]
pub(super) struct Merger {
    /// Who ended, and who lived on, when it was written.
    pub(super) loser: ProfileId,
    pub(super) winner: ProfileId,
    pub(super) came_with: Option<ProfileId>,
    /// Everything that had changed either of them was received by then.
    pub(super) moment: Time,
    pub(super) day: i64,
    pub(super) evidence: Option<Evidence>,
    pub(super) event: Option<EventId>,
    pub(super) source: Option<SourceId>,
    pub(super) believed: Option<Trust>,
    /// No event of history tells why: it stands.
    pub(super) stands: bool,
    /// In which order they came.
    came: (Time, usize),
}

/// An id that was a profile of its own, as it was before its first merger.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) created: Time,
    pub(super) apart: Vec<ProfileId>,
}

/// All mergers that hold.
#[derive(Debug, Default)]
pub(super) struct Mergers {
    /// In the order in which they came.
    pub(super) all: Vec<Merger>,
    pub(super) origins: HashMap<ProfileId, Origin>,
    by_event: HashMap<EventId, Vec<usize>>,
    /// Who has ended, by a merger that holds.
    ended: HashSet<ProfileId>,
}

impl Mergers {
    /// Every id that was merged.
    pub(super) fn ids(&self) -> Vec<ProfileId> {
        let ids: HashSet<&ProfileId> = self.origins.keys().chain(&self.ended).collect();
        ids.into_iter().cloned().collect()
    }

    /// Whether it is told how this one ended: older builds have kept no record.
    pub(super) fn tell_of(&self, ended: &ProfileId) -> bool {
        self.ended.contains(ended)
    }

    /// Those that this event has told of.
    pub(super) fn told_by(&self, event: &EventId) -> impl Iterator<Item = &Merger> {
        self.by_event.get(event).into_iter().flatten().filter_map(|at| self.all.get(*at))
    }

    fn take(&mut self, row: MergeRow) {
        for side in &row.before {
            let origin = Origin { created: side.created, apart: side.apart.clone() };
            if side.ended.is_empty() || !self.origins.contains_key(&side.id) {
                self.origins.insert(side.id.clone(), origin);
            }
        }
        if row.undone.is_some() {
            return;
        }
        let moment = moment_of(&row);
        let came = row.came();
        self.ended.insert(row.loser);
        let [winner, loser] = row.before.map(|side| side.id);
        self.ended.insert(loser.clone());
        let stands = !matches!(row.evidence, Some(Evidence::Identifier(_))) || row.event.is_none();
        self.all.push(Merger {
            loser,
            winner,
            came_with: row.came_with,
            moment,
            day: row.merged.day(),
            evidence: row.evidence,
            event: row.event,
            source: row.source,
            believed: row.believed,
            stands,
            came,
        });
    }

    fn judged(&self) -> Vec<EventId> {
        let judged = self.all.iter().filter(|merger| !merger.stands);
        let events: HashSet<EventId> = judged.filter_map(|merger| merger.event.clone()).collect();
        events.into_iter().collect()
    }

    /// Now that it is known which of their events history still has.
    fn settle(mut self, there: &HashSet<EventId>) -> Self {
        self.all.sort_by_key(|merger| (merger.moment, merger.came));
        for (at, merger) in self.all.iter_mut().enumerate() {
            let Some(event) = &merger.event else { continue };
            merger.stands |= !there.contains(event);
            self.by_event.entry(event.clone()).or_default().push(at);
        }
        self
    }
}

/// All mergers that hold, and which of them no event of history tells of any more.
pub(super) async fn mergers(app: &Arc<App>) -> Result<Mergers, NotRebuilt> {
    let mergers = read(app, |storage| {
        let mut mergers = Mergers::default();
        storage.all_merges(&mut |row| {
            mergers.take(row);
            Ok(())
        })?;
        Ok(mergers)
    });
    let mergers = mergers.await?;
    let mut there = HashSet::new();
    for some in mergers.judged().chunks(EVENTS_AT_ONCE) {
        let question = StillThere { ids: some.iter().map(ToString::to_string).collect() };
        let found = app.questions.ask(&question, Sight::Everything).await?;
        there.extend(found.into_iter().map(|event| EventId::new(event.id)));
    }
    Ok(mergers.settle(&there))
}

/// People as they are, for some events or mergers.
#[derive(Debug, Default)]
pub(super) struct Page {
    standing: Standing,
    /// What was first named under each id of those who were merged.
    held: HashMap<ProfileId, Vec<IdentifierKey>>,
    waiting: Arc<Waiting>,
}

/// Those who wait until somebody has decided whether they are one with another, and with whom: an id of
/// the other, and the one that lives.
pub(super) type Waiting = HashMap<ProfileId, Vec<(ProfileId, ProfileId)>>;

/// Everybody who waits.
pub(super) async fn waiting(app: &Arc<App>) -> Result<Arc<Waiting>, NotRebuilt> {
    read(app, |storage| {
        let (rows, _) = storage.quarantine(WAITING_MAX)?;
        let ids: Vec<ProfileId> =
            rows.iter().flat_map(|row| [row.visitor.clone(), row.holder.clone()]).collect();
        let aliases = storage.standing(&ids, &[], &[])?.aliases;
        let mut waiting = Waiting::new();
        for row in rows {
            for [one, other] in [[&row.visitor, &row.holder], [&row.holder, &row.visitor]] {
                let Some(living) = aliases.get(other) else { continue };
                waiting.entry(one.clone()).or_default().push((other.clone(), living.clone()));
            }
        }
        Ok(Arc::new(waiting))
    })
    .await
}

impl Page {
    /// The person that an id leads to now.
    pub(super) fn person(&self, id: &ProfileId) -> Option<&Profile> {
        self.standing.people.get(self.standing.aliases.get(id)?)
    }

    /// Under which id an identifier was named first.
    pub(super) fn holder(&self, key: &IdentifierKey) -> Option<&ProfileId> {
        self.standing.identifiers.get(key)
    }

    /// Those whom somebody of this id waits for.
    pub(super) fn waits_for(&self, id: &ProfileId) -> &[(ProfileId, ProfileId)] {
        self.waiting.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether a visit is of whoever has this id, and not of somebody who has only named them.
    pub(super) fn is_session_of(
        &self,
        session: &SessionId,
        actual: &HashMap<ProfileId, ProfileId>,
        id: &ProfileId,
    ) -> bool {
        let Some((profile, is_linked)) = self.standing.sessions.get(session) else { return false };
        let living = profile.as_ref().map(|id| self.standing.aliases.get(id).or(actual.get(id)));
        !is_linked && living.flatten().is_some_and(|living| actual.get(id) == Some(living))
    }

    /// What was first named under an id of somebody who was merged.
    pub(super) fn held(&self, id: &ProfileId) -> &[IdentifierKey] {
        self.held.get(id).map_or(&[], Vec::as_slice)
    }
}

/// What is to be known.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) ids: Vec<ProfileId>,
    pub(super) keys: Vec<IdentifierKey>,
    pub(super) sessions: Vec<SessionId>,
    /// What each id holds is asked for where people were merged: of others the person says it.
    pub(super) with_held: bool,
}

/// People as they are now.
pub(super) async fn of(
    app: &Arc<App>,
    wanted: Wanted,
    waiting: &Arc<Waiting>,
) -> Result<Page, NotRebuilt> {
    let waiting = Arc::clone(waiting);
    read(app, move |storage| {
        let standing = storage.standing(&wanted.ids, &wanted.keys, &wanted.sessions)?;
        let mut page = Page { standing, waiting, ..Page::default() };
        if wanted.with_held {
            for HeldIdentifier { key, under } in storage.identifiers_of(&wanted.ids)? {
                page.held.entry(under).or_default().push(key);
            }
        }
        Ok(page)
    })
    .await
}
