//! The passes over everybody: what is new is counted, comes to life, and everybody is held against it.
//!
//! How far a pass is, is stored after each step, so whoever goes on after a crash, on this node or another,
//! goes on from there. A step that is done twice changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::gathered::{Gathered, Portions};
use super::giving::SETTLED;
use super::{and_rest, read};
use crate::app::App;
use crate::audiences::{Leaf, Rules};
use crate::committer::Unavailable;
use crate::lake::LakeError;
use crate::model::{Audience, Because, ComputedTrait, Profile, ProfileId, Time, Watching};
use crate::registry::{Entity, NotSaved, Snapshot, Stored};
use crate::storage::{Counted, PeopleKind, StorageError, StoredProfile, Warmth};
use crate::working_set::Look;

/// People who are read at a time: whole profiles are long.
pub(super) const PAGE: usize = 2_000;
/// People whom one commit changes.
pub(super) const PEOPLE_OF_COMMIT: usize = 256;
/// How often it is looked whether the server ends.
const LOOK: Duration = Duration::from_millis(100);
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
    let was_any = !warmth.settled.is_empty() || !warmth.settling.is_empty();
    Ok(was_any || app.registry.now().audiences().is_some())
}

/// Goes on with what new rules need, a step at a time.
pub struct Warming {
    pub(super) app: Arc<App>,
    /// What history says of those whose turn comes; none while it is not asked.
    pub(super) gathered: Option<Gathered>,
    pub(super) portions: Portions,
    /// [`Portions::of_file`] as it is for this pass.
    pub(super) of_file: u64,
    /// What everybody is to be held against, and since when.
    wanted: Option<(String, Time)>,
}

impl std::fmt::Debug for Warming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Warming").finish_non_exhaustive()
    }
}

impl Warming {
    /// Of this server.
    #[must_use]
    pub fn new(app: &Arc<App>) -> Self {
        Self::in_portions(app, Portions::default())
    }

    /// The same, with so much at a time.
    #[must_use]
    pub fn in_portions(app: &Arc<App>, portions: Portions) -> Self {
        let of_file = portions.of_file;
        Self { app: Arc::clone(app), gathered: None, portions, of_file, wanted: None }
    }

    /// Takes the next step; false when there is nothing to do now, and when the server ends: history may be long, and
    /// what is not done is done after the next start.
    ///
    /// # Errors
    /// See [`NotWarmed`].
    pub async fn next(&mut self) -> Result<bool, NotWarmed> {
        let app = Arc::clone(&self.app);
        tokio::select! {
            biased;
            () = closing(&app) => Ok(false),
            done = self.step() => done,
        }
    }

    async fn step(&mut self) -> Result<bool, NotWarmed> {
        let app = Arc::clone(&self.app);
        let snapshot = app.registry.now();
        let mut warmth = read(&app, |storage| storage.warmth()).await?;
        let before = warmth.through;
        let cold = cold(&mut warmth, &snapshot);
        if !cold.is_empty() {
            return self.warm(warmth, &cold).await;
        }
        self.gathered = None;
        if warmth.through != before {
            put(&app, warmth.clone()).await?;
        }
        if bring_to_life(&app, &snapshot).await? {
            return Ok(true);
        }
        if self.is_new_to_others(fingerprint(&snapshot)).await? {
            return Ok(false);
        }
        settle(&app, warmth, &snapshot).await
    }

    /// Whether other nodes may still let something in under what was before: whoever is looked at sooner would stay as
    /// that has it.
    async fn is_new_to_others(&mut self, wanted: String) -> Result<bool, StorageError> {
        let now = self.app.clock.now();
        let known = self.wanted.take().filter(|(known, _)| *known == wanted);
        let (wanted, since) = known.unwrap_or((wanted, now));
        self.wanted = Some((wanted, since));
        if !self.app.storage.is_shared() || now >= since.plus(SETTLED) {
            return Ok(false);
        }
        let nodes = read(&self.app, move |storage| storage.nodes_alive(now)).await?;
        Ok(nodes > 1)
    }
}

/// What is counted that not everybody has, each with since when.
///
/// Nobody counts what no rule needs: should it be needed again, history is asked again, also where nobody has looked in
/// between. So what everybody had at a version of the configuration they have as long as it is counted since then or
/// before.
fn cold(warmth: &mut Warmth, snapshot: &Snapshot) -> Vec<(Leaf, i64)> {
    let through = warmth.through.replace(snapshot.version()).unwrap_or(i64::MAX);
    let had: BTreeSet<String> = std::mem::take(&mut warmth.warm).into_iter().collect();
    let mut cold = Vec::new();
    for (leaf, since) in snapshot.audiences().into_iter().flat_map(|rules| rules.counted()) {
        let key = leaf.key.to_string();
        if since <= through && had.contains(&key) {
            warmth.warm.push(key);
        } else {
            cold.push((leaf.clone(), since));
        }
    }
    cold
}

/// Once the server ends.
#[expect(clippy::disallowed_methods, reason = "looks at the real world, not at a test's")]
async fn closing(app: &App) {
    while !app.lake.is_closing() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Rules of which everything is counted count from now on; false when all of them did.
async fn bring_to_life(app: &Arc<App>, snapshot: &Snapshot) -> Result<bool, NotWarmed> {
    let mut is_any = false;
    for stored in snapshot.all::<ComputedTrait>() {
        if stored.entity.live.as_ref() != Some(&stored.entity.measure) {
            let mut one = stored.entity.as_ref().clone();
            (one.live, one.counted) = (Some(one.measure.clone()), one.counted.alive());
            one.written = one.written.or(Some(stored.version));
            is_any |= live(app, stored, one).await?;
        }
    }
    let audiences = snapshot.all::<Audience>().into_iter();
    for stored in audiences.filter(|stored| stored.entity.enabled) {
        if stored.entity.live.as_ref() != Some(&stored.entity.condition) {
            let mut one = stored.entity.as_ref().clone();
            (one.live, one.counted) = (Some(one.condition.clone()), one.counted.alive());
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
    let wanted = fingerprint(snapshot);
    // Some may have been held against others meanwhile.
    if warmth.settled == wanted && warmth.settling.is_empty() {
        return Ok(false);
    }
    if warmth.settling != wanted {
        warmth.settling.clone_from(&wanted);
        from_the_first(app, &mut warmth).await?;
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

/// What everybody is to be held against; empty where nothing is set up.
pub(super) fn fingerprint(snapshot: &Snapshot) -> String {
    snapshot.audiences().map(|rules| rules.fingerprint()).unwrap_or_default()
}

async fn look(app: &Arc<App>, rules: Arc<Rules>, people: Vec<ProfileId>) -> Result<(), NotWarmed> {
    if people.is_empty() {
        return Ok(());
    }
    let (at, watching) = (app.clock.now(), rules as Arc<dyn Watching>);
    let draw = app.ids.draw(at);
    let look = Look { people, watching, at, because: Because::Rule, draw };
    and_rest(app, app.committer.look(look)).await?;
    Ok(())
}

/// A pass begins.
pub(super) async fn from_the_first(
    app: &Arc<App>,
    warmth: &mut Warmth,
) -> Result<(), StorageError> {
    warmth.rewind();
    warmth.of = read(app, |storage| storage.count(Counted::Profiles)).await?;
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
        rows.iter().map(|row| profile_of(&row.body)).collect()
    })
    .await
}

/// Somebody, as stored.
pub(super) fn profile_of(body: &str) -> Result<Profile, StorageError> {
    let stored: Result<StoredProfile, _> = serde_json::from_str(body);
    stored.map(Profile::from).map_err(|error| StorageError::Failed(error.to_string()))
}

pub(super) async fn put(app: &Arc<App>, warmth: Warmth) -> Result<(), StorageError> {
    read(app, move |storage| storage.put_warmth(&warmth)).await
}
