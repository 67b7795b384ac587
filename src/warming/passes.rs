//! The passes over everybody: what is new is counted, comes to life, and everybody is held against it.
//!
//! How far a pass is, is stored after each step, so whoever goes on after a crash, on this node or another,
//! goes on from there. A step that is done twice changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{read, seeds};
use crate::app::App;
use crate::audiences::{Leaf, Rules, taken_off};
use crate::committer::Unavailable;
use crate::lake::LakeError;
use crate::model::{
    Audience, Because, ComputedTrait, Keep, Profile, ProfileId, Tallies, Time, Watching,
};
use crate::registry::{Entity, NotSaved, Snapshot, Stored};
use crate::storage::{PeopleKind, StorageError, StoredProfile, Warmth};
use crate::working_set::{Look, Warm};

/// People who are read at a time: whole profiles are long.
const PAGE: usize = 2_000;
/// People whom history is asked about at a time, at least and at most. Each time all of it is gone through: with so
/// few, half a million people with ten million events took more than ten minutes.
const PEOPLE_AT_ONCE: (usize, usize) = (PAGE, 25_000);
/// Between these as many as may have so many events to be told of, about.
const EVENTS_AT_ONCE: usize = 400_000;
/// Events of a person that a tally is taken to keep, at most, to reckon with.
const EVENTS_OF_TALLY: usize = 20;
/// People whom one commit changes.
pub(super) const PEOPLE_OF_COMMIT: usize = 256;
/// What was let in under the rules of before is on disk by then, and so in history.
const SETTLED: Duration = Duration::from_secs(5);
/// Who brings rules to life, as the audit log has it.
const WHO: &str = "kith";

/// Why a step was not done: it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum NotWarmed {
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

/// Whether there may be something to do: not where nobody has set up anything, and nobody is left in anything.
///
/// # Errors
/// What the storage says.
pub fn is_needed(app: &App) -> Result<bool, StorageError> {
    let warmth = app.storage.warmth()?;
    Ok(app.registry.now().audiences().is_some() || !warmth.settled.is_empty())
}

/// Takes the next step; false when there is nothing to do now.
///
/// # Errors
/// See [`NotWarmed`].
pub async fn next(app: &Arc<App>) -> Result<bool, NotWarmed> {
    let snapshot = app.registry.now();
    let mut warmth = read(app, |storage| storage.warmth()).await?;
    let leaves = snapshot.audiences().map_or(&[][..], |rules| rules.leaves());
    let needed: BTreeSet<String> = leaves.iter().map(|leaf| leaf.key.to_string()).collect();
    // Nobody counts what no rule needs: should it be needed again, history is asked again.
    warmth.warm.retain(|key| needed.contains(key));
    let cold: Vec<&Leaf> =
        leaves.iter().filter(|leaf| !warmth.warm.contains(&leaf.key.to_string())).collect();
    if !cold.is_empty() {
        return warm(app, warmth, &cold).await;
    }
    if bring_to_life(app, &snapshot).await? {
        return Ok(true);
    }
    settle(app, warmth, &snapshot).await
}

/// Gives some people what history says of them.
async fn warm(app: &Arc<App>, mut warmth: Warmth, cold: &[&Leaf]) -> Result<bool, NotWarmed> {
    let now = app.clock.now();
    let keys: Vec<String> = cold.iter().map(|leaf| leaf.key.to_string()).collect();
    if warmth.warming != keys {
        (warmth.warming, warmth.after, warmth.people) = (keys, String::new(), 0);
        warmth.began = now.micros();
        put(app, warmth).await?;
        return Ok(false);
    }
    let began = Time::from_micros(warmth.began);
    if now < began.plus(SETTLED) {
        return Ok(false);
    }
    let leaves: Vec<Leaf> = cold.iter().map(|leaf| (*leaf).clone()).collect();
    let at_once = people_at_once(&leaves);
    let people = next_people(app, &warmth.after, at_once, &leaves).await?;
    give(app, &leaves, &people, began).await?;
    warmth.people += people.len() as u64;
    if let Some(last) = people.last().filter(|_| people.len() >= at_once) {
        warmth.after = last.id.to_string();
    } else {
        // Whoever became one with somebody that was not seen yet had only half of it.
        let united = read(app, move |storage| {
            let ids = storage.united_since(began)?.into_iter();
            ids.filter_map(|id| storage.profile(&id).transpose()).collect::<Result<Vec<_>, _>>()
        });
        let united: Vec<Person> =
            united.await?.into_iter().map(|one| Person::of(one, &leaves)).collect();
        give(app, &leaves, &united, began).await?;
        let mut warmed = std::mem::take(&mut warmth.warming);
        warmth.warm.append(&mut warmed);
        warmth.after = String::new();
    }
    put(app, warmth).await?;
    Ok(true)
}

/// Somebody to whom is given what history says.
struct Person {
    id: ProfileId,
    ids: Vec<ProfileId>,
    /// What is counted already, where that is asked: for lists.
    tallies: Tallies,
}

impl Person {
    fn of(profile: Profile, leaves: &[Leaf]) -> Self {
        let is_asked = leaves.iter().any(|leaf| leaf.list.is_some());
        let tallies = if is_asked { profile.tallies } else { Tallies::default() };
        Self { id: profile.id, ids: profile.ids, tallies }
    }
}

/// About whom history is asked at a time: the fewer events a tally keeps of each, the more.
fn people_at_once(leaves: &[Leaf]) -> usize {
    let of_tally = |leaf: &Leaf| match leaf.key.keep {
        Keep::Latest(many) => usize::from(many).min(EVENTS_OF_TALLY),
        Keep::Earliest | Keep::Least | Keep::Greatest => 1,
        Keep::Sums(_) | Keep::Values | Keep::Words => EVENTS_OF_TALLY,
    };
    let of_person: usize = leaves.iter().map(of_tally).sum();
    let (least, most) = PEOPLE_AT_ONCE;
    (EVENTS_AT_ONCE / of_person.max(1)).clamp(least, most)
}

/// The next ones after `after`: `many` or more of them, fewer at the end.
async fn next_people(
    app: &Arc<App>,
    after: &str,
    many: usize,
    leaves: &[Leaf],
) -> Result<Vec<Person>, StorageError> {
    let (mut all, mut after) = (Vec::<Person>::new(), after.to_owned());
    loop {
        let some = page(app, &after, PAGE).await?;
        let is_last = some.len() < PAGE;
        all.extend(some.into_iter().map(|one| Person::of(one, leaves)));
        if is_last || all.len() >= many {
            return Ok(all);
        }
        after = all.last().map(|last| last.id.to_string()).unwrap_or_default();
    }
}

/// What was said of lists by `began` is as the lists have it; what is said later is told by whoever says it.
async fn give(
    app: &Arc<App>,
    leaves: &[Leaf],
    people: &[Person],
    began: Time,
) -> Result<(), NotWarmed> {
    let ids = people.iter().map(|one| (one.id.clone(), one.ids.clone())).collect();
    let mut known = seeds(app, leaves, ids, None).await?;
    for person in people {
        let theirs = known.entry(person.id.clone()).or_default();
        let off = taken_off(leaves, &person.tallies, theirs, began);
        theirs.unite(&off);
    }
    known.retain(|_, tallies| !tallies.is_empty());
    let known: Vec<_> = known.into_iter().collect();
    for some in known.chunks(PEOPLE_OF_COMMIT) {
        app.committer.warm(Warm { people: some.to_vec(), wakes: None }).await?;
    }
    Ok(())
}

/// Rules of which everything is counted count from now on; false when all of them did.
async fn bring_to_life(app: &Arc<App>, snapshot: &Snapshot) -> Result<bool, NotWarmed> {
    let mut is_any = false;
    for stored in snapshot.all::<ComputedTrait>() {
        if stored.entity.live.as_ref() != Some(&stored.entity.measure) {
            let mut one = stored.entity.as_ref().clone();
            one.live = Some(one.measure.clone());
            one.written = one.written.or(Some(stored.version));
            is_any |= live(app, stored, one).await?;
        }
    }
    let audiences = snapshot.all::<Audience>().into_iter();
    for stored in audiences.filter(|stored| stored.entity.enabled) {
        if stored.entity.live.as_ref() != Some(&stored.entity.condition) {
            let mut one = stored.entity.as_ref().clone();
            one.live = Some(one.condition.clone());
            one.written = one.written.or(Some(stored.version));
            is_any |= live(app, stored, one).await?;
        }
    }
    Ok(is_any)
}

/// False where somebody has changed it meanwhile, or it does not fit any more.
async fn live<T: Entity>(app: &Arc<App>, stored: &Stored<T>, one: T) -> Result<bool, NotWarmed> {
    let (registry, version) = (Arc::clone(&app.registry), stored.version);
    let done = tokio::task::spawn_blocking(move || registry.advance(&one, version, WHO));
    match done.await.map_err(|error| StorageError::Failed(error.to_string()))? {
        Ok(_) => Ok(true),
        Err(NotSaved::Storage(error)) => Err(error.into()),
        Err(why) => {
            tracing::warn!(%why, "a rule could not be brought to life");
            Ok(false)
        }
    }
}

/// Holds some people against the rules, should those be others than they were held against.
async fn settle(
    app: &Arc<App>,
    mut warmth: Warmth,
    snapshot: &Snapshot,
) -> Result<bool, NotWarmed> {
    let rules = snapshot.audiences().cloned().unwrap_or_default();
    let wanted = if snapshot.audiences().is_some() { rules.fingerprint() } else { String::new() };
    if warmth.settled == wanted {
        return Ok(false);
    }
    if warmth.settling != wanted {
        (warmth.settling, warmth.after, warmth.people) = (wanted.clone(), String::new(), 0);
    }
    let people = page(app, &warmth.after, PEOPLE_OF_COMMIT).await?;
    let ids: Vec<ProfileId> = people.iter().map(|one| one.id.clone()).collect();
    look(app, rules, ids).await?;
    warmth.people += people.len() as u64;
    if let Some(last) = people.last().filter(|_| people.len() == PEOPLE_OF_COMMIT) {
        warmth.after = last.id.to_string();
    } else {
        (warmth.settled, warmth.settling, warmth.after) = (wanted, String::new(), String::new());
    }
    put(app, warmth).await?;
    Ok(true)
}

async fn look(app: &Arc<App>, rules: Arc<Rules>, people: Vec<ProfileId>) -> Result<(), NotWarmed> {
    if people.is_empty() {
        return Ok(());
    }
    let (at, watching) = (app.clock.now(), rules as Arc<dyn Watching>);
    let draw = app.ids.draw(at);
    let look = Look { people, watching, at, because: Because::Rule, draw };
    app.committer.look(look).await?;
    Ok(())
}

/// People by their ids after `after`.
pub(super) async fn page(
    app: &Arc<App>,
    after: &str,
    limit: usize,
) -> Result<Vec<Profile>, StorageError> {
    let after = after.to_owned();
    read(app, move |storage| {
        let rows = storage.people(PeopleKind::Profiles, &after, limit)?;
        let profile = |body: &str| {
            let stored: Result<StoredProfile, _> = serde_json::from_str(body);
            stored.map(Profile::from).map_err(|error| StorageError::Failed(error.to_string()))
        };
        rows.iter().map(|row| profile(&row.body)).collect()
    })
    .await
}

async fn put(app: &Arc<App>, warmth: Warmth) -> Result<(), StorageError> {
    read(app, move |storage| storage.put_warmth(&warmth)).await
}
