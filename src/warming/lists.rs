//! Who is on which list, for audiences that name it.

use std::collections::HashMap;
use std::sync::Arc;

use super::passes::PEOPLE_OF_COMMIT;
use super::seeds::{Known, People};
use super::{NotWarmed, read};
use crate::app::App;
use crate::audiences::{self, Leaf};
use crate::lake::LakeError;
use crate::model::{Because, ProfileId, Tallies, Time, Watching};
use crate::working_set::{Look, Warm};

/// What lists say of these people for these leaves, as of now or as it was by then.
pub(super) async fn listed(
    app: &Arc<App>,
    leaves: &[Leaf],
    people: &People,
    until: Option<Time>,
) -> Result<Known, LakeError> {
    let lists: Vec<String> =
        leaves.iter().filter_map(|leaf| leaf.list.as_deref().map(str::to_owned)).collect();
    if lists.is_empty() {
        return Ok(Known::new());
    }
    let ids: Vec<ProfileId> = people.iter().flat_map(|(_, ids)| ids.iter().cloned()).collect();
    let found = read(app, move |storage| storage.listed(&lists, &ids)).await;
    let found = found.map_err(LakeError::Storage)?;
    let owners: HashMap<&ProfileId, &ProfileId> =
        people.iter().flat_map(|(owner, ids)| ids.iter().map(move |id| (id, owner))).collect();
    let mut known = Known::new();
    for row in found.iter().filter(|row| until.is_none_or(|until| row.added <= until)) {
        let Some(owner) = owners.get(&row.profile) else { continue };
        let word = audiences::listed(&row.list, &row.profile, row.added, true);
        let theirs = known.entry((*owner).clone()).or_default();
        theirs.entry(row.profile.clone()).or_default().unite(&word);
    }
    Ok(known)
}

/// Takes in what is `known` of somebody who was read before `at`. What was said of lists is as the lists have it: what
/// was counted by then may be older than they are, and nobody has told it of this one.
pub(crate) fn take_in(tallies: &mut Tallies, leaves: &[Leaf], known: &Tallies, at: Time) {
    let off = audiences::taken_off(leaves, tallies, known, at);
    tallies.overlay(known);
    tallies.unite(&off);
}

/// Lets people know that they were put on a list, or taken off it, where an audience asks for that. Who
/// enters or leaves because of it does so before this is done.
///
/// # Errors
/// See [`NotWarmed`]: the list is as it is to be then, and doing the same again tells people.
pub async fn tell_listed(
    app: &Arc<App>,
    list: &str,
    ids: &[ProfileId],
    is_on: bool,
) -> Result<(), NotWarmed> {
    const MOMENT: std::time::Duration = std::time::Duration::from_micros(1);
    let rules = app.registry.now().audiences().cloned();
    let Some(rules) = rules.filter(|rules| rules.names_list(list)) else { return Ok(()) };
    let watching = rules as Arc<dyn Watching>;
    let now = app.clock.now();
    // Whoever is taken off was on it until now.
    let at = if is_on { now } else { now.plus(MOMENT) };
    for some in ids.chunks(PEOPLE_OF_COMMIT) {
        let word = |id: &ProfileId| (id.clone(), audiences::listed(list, id, at, is_on));
        let people = some.iter().map(word).collect();
        app.committer.warm(Warm { people }).await?;
        let (people, watching) = (some.to_vec(), Arc::clone(&watching));
        let draw = app.ids.draw(now);
        let look = Look { people, watching, at: now, because: Because::List, draw };
        app.committer.look(look).await?;
    }
    Ok(())
}
