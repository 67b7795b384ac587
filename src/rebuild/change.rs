//! A group of people made as they are in the shadow: what the commit is to change.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::difference::Group;
use super::shadow::Joined;
use super::{NotRebuilt, read};
use crate::app::App;
use crate::identification::Evidence;
use crate::model::{Profile, ProfileId};
use crate::storage::{HeldIdentifier, MergeId, MergeRow, TakenBack};
use crate::undo;
use crate::working_set::{Joining, Restand};

/// Most mergers of one person that one commit takes back: each may be a row.
const TAKEN_BACK_MAX: usize = 1_000;

/// Somebody as they stand, read at one moment.
pub(super) struct Known {
    whole: Arc<Profile>,
    merges: Vec<MergeRow>,
    held: Vec<HeldIdentifier>,
}

/// What a group becomes, and what that came to.
pub(super) struct Changed {
    pub(super) restand: Restand,
    /// Where people were other than their events say: it stays with the older one.
    pub(super) untold: BTreeSet<String>,
}

/// People by id, each as they stood when they were read.
pub(super) type Standing = HashMap<ProfileId, Known>;

/// None when people have changed since they were read, or are gone: whoever looks again sees it.
pub(super) async fn of(
    app: &Arc<App>,
    group: &Group,
    standing: &mut Standing,
) -> Result<Option<Changed>, NotRebuilt> {
    let mut restand = Restand::default();
    let mut untold = BTreeSet::new();
    let mut taken = TakenBack::default();
    let mut held: Vec<HeldIdentifier> = Vec::new();
    for id in group.now() {
        let Some(known) = standing.remove(id) else { return Ok(None) };
        let Known { whole, merges, held: theirs } = known;
        held.extend(theirs.iter().cloned());
        restand.wholes.push(Arc::clone(&whole));
        let holding = merges.iter().filter(|merge| merge.undone.is_none());
        let mut without = crossing(holding, &theirs, &group.ids);
        let merges = undo::to_fold(merges, &whole, &mut without);
        if merges.is_empty() {
            restand.parts.push(whole);
            continue;
        }
        // The rules have changed, and may change again: nobody has said that they are others.
        let known = undo::Known { whole, merges, without, identifiers: theirs, are_others: false };
        let Some(apart) = undo::apart(app, &known).await? else { return Ok(None) };
        taken.aliases.extend(apart.people.iter().flat_map(|one| undo::leads(one)));
        let undo::Known { merges, without, .. } = known;
        taken.merges.extend(undo::taken_back(merges, &without));
        taken.retold.extend(apart.retold);
        restand.parts.extend(apart.people);
        untold.extend(apart.untold);
    }
    restand.taken = taken;
    restand.joins = joins(&restand.parts, group);
    held.retain(|held| !group.unbound.contains(&held.key));
    let bound = group.bound.iter().filter(|(key, _)| !held.iter().any(|known| known.key == *key));
    restand.binds = bound.cloned().collect();
    restand.unbinds.clone_from(&group.unbound);
    let named = restand.binds.iter().cloned();
    held.extend(named.map(|(key, under)| HeldIdentifier { key, under }));
    restand.parts.iter_mut().for_each(|part| recognise(part, &held));
    Ok(Some(Changed { restand, untold }))
}

/// Copied only if that changes anything.
fn recognise(part: &mut Arc<Profile>, held: &[HeldIdentifier]) {
    let sorted = |profile: &Profile| -> BTreeMap<_, BTreeSet<String>> {
        let all = profile.identifiers.iter().filter(|(_, hashes)| !hashes.is_empty());
        all.map(|(name, hashes)| (name.clone(), hashes.iter().cloned().collect())).collect()
    };
    let mut known = part.as_ref().clone();
    undo::recognise(&mut known, held);
    if sorted(&known) != sorted(part) {
        *part = Arc::new(known);
    }
}

/// The people of some groups: all in one go, since each alone is soon read.
pub(super) async fn known(
    app: &Arc<App>,
    groups: impl Iterator<Item = &Group>,
) -> Result<Standing, NotRebuilt> {
    let ids: Vec<ProfileId> = groups.flat_map(Group::now).cloned().collect();
    app.committer.write_out(Some(&ids)).await?;
    read(app, move |storage| {
        let mut standing = Standing::new();
        for id in ids {
            let whole = storage.profile(id.as_str())?.filter(|one| one.id == id);
            let Some(whole) = whole.map(Arc::new) else { continue };
            let merges = storage.merges_of(&whole.ids)?;
            let held = storage.identifiers_of(&whole.ids)?;
            standing.insert(id, Known { whole, merges, held });
        }
        Ok(standing)
    })
    .await
}

/// The mergers that unite people who are several in the shadow, as folding again tells them: who is not
/// in the shadow stays with whoever they were merged with.
fn crossing<'a>(
    merges: impl Iterator<Item = &'a MergeRow>,
    held: &[HeldIdentifier],
    places: &BTreeMap<ProfileId, super::difference::Place>,
) -> HashSet<MergeId> {
    let mut owners: HashMap<ProfileId, usize> = HashMap::new();
    let mut people: Vec<Option<ProfileId>> = Vec::new();
    let mut without = HashSet::new();
    for merge in merges {
        let [winner, loser] = merge.before.each_ref().map(|side| {
            // What was told anew names others than those it was written of.
            let named =
                [&merge.winner, &merge.loser].into_iter().filter(|id| side.ids.contains(id));
            let named = named.chain([&side.id]);
            if let Some(at) = named.clone().find_map(|id| owners.get(id)) {
                return *at;
            }
            // Who was in them by what was taken back since stays whom they are.
            let mut ids = named.chain(&side.ids).filter(|id| !owners.contains_key(*id));
            people.push(ids.find_map(|id| places.get(id)).map(|place| place.then.clone()));
            for id in &side.ids {
                owners.entry(id.clone()).or_insert(people.len() - 1);
            }
            people.len() - 1
        });
        let key = merge.evidence.as_ref().and_then(Evidence::identifier);
        let holder = held.iter().find(|held| Some(&held.key) == key).map(|held| &held.under);
        let mut sides = [merge.came_with.as_ref(), holder].into_iter().flatten();
        let with = sides.find_map(|id| owners.get(id).copied().filter(|at| *at != loser));
        let with = with.unwrap_or(winner);
        if with == loser {
            continue;
        }
        let differ =
            people[with].is_some() && people[loser].is_some() && people[with] != people[loser];
        if differ && without.len() < TAKEN_BACK_MAX {
            without.insert(merge.id.clone());
            continue;
        }
        let one = people[with].clone().or_else(|| people[loser].clone());
        people[with] = one;
        owners.values_mut().filter(|at| **at == loser).for_each(|at| *at = with);
    }
    without
}

/// Who of the parts become one, each with what has shown it first.
fn joins(parts: &[Arc<Profile>], group: &Group) -> Vec<Joining> {
    let mut owners: HashMap<&ProfileId, usize> = HashMap::new();
    for (at, part) in parts.iter().enumerate() {
        owners.extend(part.ids.iter().map(|id| (id, at)));
    }
    let mut joins = Vec::new();
    for joined in &group.joined {
        let ids = [&joined.winner, &joined.loser];
        let [Some(one), Some(other)] = ids.map(|id| owners.get(id).copied()) else { continue };
        if let (false, Some(join)) = (one == other, joining(joined)) {
            joins.push(join);
            owners.values_mut().filter(|at| **at == other).for_each(|at| *at = one);
        }
    }
    joins
}

fn joining(joined: &Joined) -> Option<Joining> {
    Some(Joining {
        people: [joined.winner.clone(), joined.loser.clone()],
        evidence: joined.evidence.clone()?,
        at: joined.at,
        event: joined.event.clone(),
        source: joined.source.clone()?,
        came_with: joined.came_with.clone(),
        believed: joined.believed,
    })
}
