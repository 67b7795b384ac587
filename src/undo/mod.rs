//! Taking mergers back: people stand again as their own events make them.
//!
//! A merger is a mapping: everything is kept under the id that it came with, so sessions, identifiers
//! and history need no change. What each profile would be is folded again, from what both were when
//! they were united (the merger's record) and from what has come under their ids since.

mod folding;
mod payloads;
mod replay;
mod sides;
mod untold;
mod told;
mod standing;
mod left;
mod by_value;

use std::collections::HashSet;
use std::sync::Arc;

use crate::app::App;
use crate::committer::Unavailable;
use crate::lake::LakeError;
use crate::model::{Because, EventId, Membership, Profile, ProfileId};
use crate::storage::{HeldIdentifier, MergeId, MergeRow, Retold, Storage, StorageError, TakenBack};
use crate::warming;
use crate::working_set::Split;
pub use by_value::{AllUndone, all_by};
use folding::Folded;
pub(crate) use payloads::{Folding, Kept};
pub(crate) use replay::moment_of;
pub(crate) use sides::sides;
use told::Told;
use untold::Sides;

/// Most events that are folded again for one person at a time.
const EVENTS_MAX: u64 = 1_000_000;
/// How often it is begun anew, should the person change meanwhile.
const ATTEMPTS_MAX: usize = 20;
/// So often in passing; then the person has to stand still for it.
const ATTEMPTS_IN_PASSING: usize = 2;
/// Most mergers of one person that one commit takes back: each may be a row.
const MERGES_AT_ONCE_MAX: usize = 64;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The mergers, in the order in which they had come.
    pub merges: Vec<MergeId>,
    /// The people who stand now, the one that keeps the id first.
    pub people: Vec<ProfileId>,
    /// Events that were folded again.
    pub events: u64,
    /// Where the person was other than its events say: that stays with the older one.
    pub untold: Vec<String>,
}

/// Why mergers are not taken back; named after what the caller can do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotUndone {
    /// There is none of this name.
    #[error("there is no such merger")]
    NoMerger,
    /// Nothing of this kind identifies anybody, and no merger stands that it has caused: name one that there is.
    #[error(
        "there is no namespace {said}, and no merger stands that one of that name has caused; there are {known}"
    )]
    NoNamespace {
        /// As it was asked for.
        said: String,
        /// Those there are.
        known: String,
    },
    /// It was taken back before.
    #[error("the merger was taken back before")]
    Already,
    /// The person is not there any more.
    #[error("the person was removed")]
    NoPerson,
    /// More has come since than is folded again.
    #[error("more than {EVENTS_MAX} events have come since")]
    TooMany,
    /// Nobody can tell those apart who are left of whom it was written.
    #[error(
        "somebody of whom the merger was is not there any more, and who are left cannot be told apart"
    )]
    OfRemoved,
    /// The person changes faster than it can be folded again.
    #[error("the person changes at this moment")]
    Contended,
    /// Nothing can be stored now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// History failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

/// Takes back mergers that made one person: any of them that still hold, at most 64.
///
/// # Errors
/// See [`NotUndone`]; nothing is changed then.
pub async fn undo(app: &Arc<App>, merges: &[MergeId]) -> Result<Undone, NotUndone> {
    let (mut settled, mut person, mut odd) = (None, None, None);
    for attempt in 0..ATTEMPTS_MAX {
        if let Some(person) = person.take().filter(|_| attempt >= ATTEMPTS_IN_PASSING) {
            // Where somebody else stands still, this one is tried in passing again.
            app.committer.hold_still(person).await?;
        }
        let names = merges.to_vec();
        let known = as_counted(app, names).await?;
        let whole = Arc::clone(&known.whole);
        person = Some(whole.id.clone());
        let Some((split, undone)) = parts(app, known, &mut settled).await? else {
            // Who has not changed since is the same the next time.
            if odd.as_ref() == Some(&whole) {
                return Err(NotUndone::OfRemoved);
            }
            odd = Some(whole);
            continue;
        };
        if app.committer.split(split).await? {
            return Ok(undone);
        }
        odd = None;
    }
    Err(NotUndone::Contended)
}

/// What is known of a person before it is folded again.
pub(crate) struct Known {
    /// The person.
    pub(crate) whole: Arc<Profile>,
    /// Mergers in their order: see [`to_fold`].
    pub(crate) merges: Vec<MergeRow>,
    /// Those that shall not have been.
    pub(crate) without: HashSet<MergeId>,
    /// What the person is recognised by, each under the id that was the first to name it.
    pub(crate) identifiers: Vec<HeldIdentifier>,
    /// Whether somebody has said that those who come apart are others.
    pub(crate) are_others: bool,
}

/// What is known, with all that is counted of the person.
async fn as_counted(app: &Arc<App>, names: Vec<MergeId>) -> Result<Known, NotUndone> {
    let counts_ahead = app.committer.counts_ahead();
    let again = names.clone();
    let found = read(app, move |storage| known(storage, &names)).await??;
    if !counts_ahead {
        return Ok(found);
    }
    app.committer.write_out(Some(std::slice::from_ref(&found.whole.id))).await?;
    read(app, move |storage| known(storage, &again)).await?
}

fn known(storage: &dyn Storage, names: &[MergeId]) -> Result<Known, NotUndone> {
    let first = names.first().ok_or(NotUndone::NoMerger)?;
    let record = storage.merger(first)?.ok_or(NotUndone::NoMerger)?;
    if record.undone.is_some() {
        return Err(NotUndone::Already);
    }
    let whole = storage.profile(record.winner.as_str())?.ok_or(NotUndone::NoPerson)?;
    let mut without: HashSet<MergeId> = names.iter().take(MERGES_AT_ONCE_MAX).cloned().collect();
    let merges = to_fold(storage.merges_of(&whole.ids)?, &whole, &mut without);
    if merges.is_empty() {
        return Err(NotUndone::Already);
    }
    let identifiers = storage.identifiers_of(&whole.ids)?;
    Ok(Known { whole: Arc::new(whole), merges, without, identifiers, are_others: true })
}

/// Of all mergers of a person, those to be folded again without some that hold: from the first of these
/// on. Where one that holds was written of others too, who were in it by a merger that was taken back
/// since, that comes first, as one that has never been: only from there on it is told who was whose.
pub(crate) fn to_fold(
    mut all: Vec<MergeRow>,
    whole: &Profile,
    without: &mut HashSet<MergeId>,
) -> Vec<MergeRow> {
    let holds = |merge: &MergeRow| merge.undone.is_none();
    let first = all.iter().position(|merge| holds(merge) && without.contains(&merge.id));
    let Some(first) = first else { return Vec::new() };
    let is_theirs = |side: &Profile| side.ids.iter().all(|id| whole.ids.contains(id));
    let is_of_others = |merge: &MergeRow| !merge.before.iter().all(is_theirs);
    if !all[first..].iter().any(|merge| holds(merge) && is_of_others(merge)) {
        let mut rest = all.split_off(first);
        rest.retain(holds);
        return rest;
    }
    let undone = all[..first].iter().position(|merge| !holds(merge));
    let rest = all.split_off(undone.unwrap_or(first));
    without.extend(rest.iter().filter(|merge| !holds(merge)).map(|merge| merge.id.clone()));
    rest
}

/// The person taken apart; none when it has changed since it was read, or somebody of them was removed.
async fn parts(
    app: &Arc<App>,
    known: Known,
    settled: &mut Option<Folded>,
) -> Result<Option<(Split, Undone)>, NotUndone> {
    let Some(apart) = apart_from(app, &known, settled).await? else { return Ok(None) };
    let Known { whole, merges, without, identifiers, .. } = known;
    let Apart { mut people, retold, events, untold } = apart;
    people.iter_mut().for_each(|one| recognise(Arc::make_mut(one), &identifiers));
    let taken = TakenBack {
        merges: taken_back(merges, &without),
        retold,
        aliases: people.iter().flat_map(|one| leads(one)).collect(),
    };
    let undone = Undone {
        merges: taken.merges.clone(),
        people: people.iter().map(|one| one.id.clone()).collect(),
        events,
        untold,
    };
    Ok(Some((Split { whole, parts: people, taken }, undone)))
}

/// Those that hold no more by this.
pub(crate) fn taken_back(merges: Vec<MergeRow>, without: &HashSet<MergeId>) -> Vec<MergeId> {
    let taken = merges.into_iter().filter(|row| row.undone.is_none() && without.contains(&row.id));
    taken.map(|row| row.id).collect()
}

/// A person taken apart.
pub(crate) struct Apart {
    /// All that become of it, the one that keeps its id first.
    pub(crate) people: Vec<Arc<Profile>>,
    /// Mergers that unite others than they did.
    pub(crate) retold: Vec<Retold>,
    /// Events that were folded again.
    pub(crate) events: u64,
    /// Where the person was other than its events say.
    pub(crate) untold: Vec<String>,
}

/// What becomes of a person of whom some mergers have never been; none when it has changed since it was
/// read, or somebody of them was removed.
///
/// # Errors
/// See [`NotUndone`].
pub(crate) async fn apart(app: &Arc<App>, known: &Known) -> Result<Option<Apart>, NotUndone> {
    apart_from(app, known, &mut None).await
}

/// The same; what is settled of it is left in `settled`, for whoever calls this again.
async fn apart_from(
    app: &Arc<App>,
    known: &Known,
    settled: &mut Option<Folded>,
) -> Result<Option<Apart>, NotUndone> {
    let Folded { mut told, mut apart, events, sides, .. } =
        folding::fold(app, known, settled).await?;
    let told = told.finish(&known.whole);
    let [told] = told.as_slice() else { return Ok(None) };
    let people = left::of_whole(apart.finish(&known.whole), &known.whole);
    let Some(mut people) = people else { return Ok(None) };
    let watching = app.registry.now().watching();
    let [told, actual] = [told.as_ref(), known.whole.as_ref()]
        .map(|one| standing::without(one, &known.whole, watching.as_deref()));
    let untold = untold::carry(&mut people, &told, &actual, &sides);
    let heard = told::of_each(&people, &apart, &known.whole);
    count_again(app, &mut people, known, (&sides, &heard)).await?;
    let retold = std::mem::take(&mut apart.retold);
    Ok(Some(Apart { people, retold, events, untold }))
}

/// Each has what history and lists say of their own ids as well: of a rule that is younger than the merger, what both
/// were then says nothing, and they may have been put on a list since, or taken off it.
///
/// In which audiences they are is looked at next: until then each is in all that they were
/// in together, and it is in doubt where they were not by themselves. What an event brought them into that history
/// does not have any more is the older one's, as all that no event tells. Whom of them it was `told` of is told of next.
async fn count_again(
    app: &Arc<App>,
    people: &mut [Arc<Profile>],
    Known { whole, are_others, .. }: &Known,
    (sides, told): (&Sides, &[Told]),
) -> Result<(), NotUndone> {
    let because = if *are_others { Because::Undo } else { Because::Rebuild };
    let snapshot = app.registry.now();
    let Some(rules) = snapshot.audiences() else { return Ok(()) };
    let ids = people.iter().map(|one| (one.id.clone(), one.ids.clone())).collect();
    let asked = app.clock.now();
    let mut known = warming::seeds_of_few(app, rules.leaves(), ids).await?;
    let standing = people.iter().flat_map(|one| one.audiences.values());
    let own: HashSet<EventId> = standing.filter_map(|one| one.event.clone()).collect();
    let is_untold = |event: &EventId| !own.contains(event) && !sides.tell_of(event);
    for (at, (person, told)) in people.iter_mut().zip(told).enumerate() {
        let person = Arc::make_mut(person);
        let theirs = known.remove(&person.id).unwrap_or_default();
        warming::take_in(&mut person.tallies, rules.leaves(), &theirs, asked);
        let is_kept = |one: &Membership| at == 0 && one.event.as_ref().is_some_and(is_untold);
        standing::stand_as_whole(person, whole, told, rules.as_ref(), &is_kept);
        person.wake(app.clock.now(), because);
    }
    Ok(())
}

/// The person is recognised by what was first named under one of the ids.
pub(crate) fn recognise(person: &mut Profile, identifiers: &[HeldIdentifier]) {
    person.identifiers.clear();
    let theirs = identifiers.iter().filter(|held| person.ids.contains(&held.under));
    let theirs: Vec<_> = theirs.map(|held| held.key.clone()).collect();
    for key in theirs {
        person.recognise_by(&key);
    }
}

pub(crate) fn leads(person: &Profile) -> impl Iterator<Item = (ProfileId, ProfileId)> {
    person.ids.iter().map(|id| (id.clone(), person.id.clone()))
}

/// Asks the storage on a thread that may wait.
async fn read<T: Send + 'static>(
    app: &Arc<App>,
    ask: impl FnOnce(&dyn Storage) -> T + Send + 'static,
) -> Result<T, NotUndone> {
    let storage = Arc::clone(&app.storage);
    let answer = tokio::task::spawn_blocking(move || ask(storage.as_ref())).await;
    answer.map_err(|error| NotUndone::Storage(StorageError::Failed(error.to_string())))
}
