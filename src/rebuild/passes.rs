//! A rebuild from its beginning to its end, however often it is interrupted.
//!
//! Nothing of a shadow is kept but its report. The switch makes it anew, makes people as it has them, and
//! looks again until nothing differs: so what came in between is folded too, and a switch that was
//! interrupted goes on from whatever it has done.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::change::{self, Changed, Standing};
use super::difference::{Difference, Group};
use super::report::{self, Report};
use super::{Bounds, Failure, Figures, NotRebuilt, Pace, Rules, difference, go_on, read};
use crate::app::App;
use crate::identification;
use crate::model::{Profile, ProfileId};
use crate::storage::{RebuildChange, RebuildRow, RebuildState};
use crate::undo::NotUndone;

/// How often everybody is looked at until nothing differs.
const PASSES_MAX: usize = 5;
/// Groups of people that one commit makes as they should be.
const GROUPS_AT_ONCE: usize = 100;
/// How often those who change meanwhile are folded again.
const ATTEMPTS_MAX: usize = 20;
/// Groups whose traits are folded for the report.
const TRAITS_MAX: usize = 1_000;

/// What a switch came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// What was changed: the first look, with what had to be folded.
    pub figures: Figures,
    /// How often everybody was looked at.
    pub passes: u64,
}

/// Goes on with the rebuild that is under way; false when there is none. Done again from the beginning
/// after a crash.
///
/// # Errors
/// See [`NotRebuilt`]: it is tried again.
pub async fn next(app: &Arc<App>) -> Result<bool, NotRebuilt> {
    let row = read(app, |storage| storage.rebuild_under_way()).await?;
    let Some(row) = row else { return Ok(false) };
    let ended = if row.state == RebuildState::Switching {
        switch(app, &row).await
    } else {
        shadow(app, &row).await
    };
    match ended {
        Ok(()) | Err(NotRebuilt::Discarded) => Ok(true),
        Err(why @ (NotRebuilt::TooMany(_) | NotRebuilt::OtherRules)) => {
            fail(app, &row, &why).await?;
            Ok(true)
        }
        Err(why) => Err(why),
    }
}

/// The shadow now, without a row: for whoever waits for it. Nothing is changed unless `switches`.
///
/// # Errors
/// See [`NotRebuilt`].
pub async fn run(app: &Arc<App>, switches: bool) -> Result<(Report, Option<Rebuilt>), NotRebuilt> {
    let rules = Rules::now(app).await?;
    let difference = difference(app, &rules, Bounds::ALL).await?;
    let report = report_of(app, &difference).await?;
    let rebuilt =
        if switches { Some(all(app, rules.identity.version, Bounds::ALL).await?) } else { None };
    Ok((report, rebuilt))
}

async fn shadow(app: &Arc<App>, row: &RebuildRow) -> Result<(), NotRebuilt> {
    let rules = Rules::now(app).await?;
    if rules.identity.version != row.rules {
        return Err(NotRebuilt::OtherRules);
    }
    let difference = difference(app, &rules, Bounds::GIVING_WAY).await?;
    let report = report_of(app, &difference).await?;
    let examples = report::stored(&difference);
    become_it(app, row, RebuildState::Ready, &report.figures, examples).await
}

async fn switch(app: &Arc<App>, row: &RebuildRow) -> Result<(), NotRebuilt> {
    let rebuilt = all(app, row.rules, Bounds::GIVING_WAY).await?;
    let Figures { people_apart, people_united, people_recognised, .. } = rebuilt.figures;
    let passes = rebuilt.passes;
    tracing::info!(
        row.id,
        people_apart,
        people_united,
        people_recognised,
        passes,
        "people were decided on anew"
    );
    become_it(app, row, RebuildState::Done, &rebuilt.figures, Vec::new()).await
}

async fn fail(app: &Arc<App>, row: &RebuildRow, why: &NotRebuilt) -> Result<(), NotRebuilt> {
    tracing::warn!(row.id, %why, "a rebuild cannot be done");
    let failure = Failure { failed: why.to_string() };
    become_it(app, row, RebuildState::Failed, &failure, Vec::new()).await
}

async fn become_it(
    app: &Arc<App>,
    row: &RebuildRow,
    to: RebuildState,
    told: &impl Serialize,
    examples: Vec<crate::storage::RebuildExample>,
) -> Result<(), NotRebuilt> {
    let (id, from, at) = (row.id.clone(), row.state, app.clock.now());
    let report = serde_json::to_string(told).unwrap_or_default();
    let is_done = read(app, move |storage| {
        let (report, examples) = (Some(report.as_str()), examples.as_slice());
        storage.change_rebuild(&RebuildChange { id: &id, from, to, at, report, examples })
    });
    if is_done.await? { Ok(()) } else { Err(NotRebuilt::Discarded) }
}

/// Makes everybody as the rules say, until nothing differs.
async fn all(app: &Arc<App>, version: i64, bounds: Bounds) -> Result<Rebuilt, NotRebuilt> {
    let mut rebuilt = Rebuilt::default();
    let mut before = usize::MAX;
    for _ in 0..PASSES_MAX {
        let rules = Rules::now(app).await?;
        if rules.identity.version != version {
            return Err(NotRebuilt::OtherRules);
        }
        let difference = difference(app, &rules, bounds).await?;
        let groups = difference.groups.len();
        rebuilt.passes += 1;
        if rebuilt.passes == 1 {
            rebuilt.figures = Report::of(&difference).figures;
        }
        rebuilt.figures.left = groups as u64;
        // What stays as it is although it was changed would stay so again.
        if groups == 0 || groups >= before {
            break;
        }
        before = groups;
        make(app, &rules, &difference, (bounds.pace, &mut rebuilt.figures)).await?;
    }
    Ok(rebuilt)
}

async fn make(
    app: &Arc<App>,
    rules: &Rules,
    difference: &Difference,
    (pace, figures): (Pace, &mut Figures),
) -> Result<(), NotRebuilt> {
    // Nobody is in two groups: some are read while others are committed.
    for some in difference.groups.chunks(2 * GROUPS_AT_ONCE) {
        go_on(app)?;
        let begun = app.clock.elapsed();
        let (some, others) = some.split_at(some.len().min(GROUPS_AT_ONCE));
        let (one, other) =
            tokio::try_join!(at_once(app, rules, some), at_once(app, rules, others))?;
        figures.untold.extend(one.into_iter().chain(other));
        pace.rest(app, begun).await;
    }
    Ok(())
}

/// Where people of these groups were other than their events say.
async fn at_once(
    app: &Arc<App>,
    rules: &Rules,
    groups: &[Group],
) -> Result<BTreeSet<String>, NotRebuilt> {
    let mut untold = BTreeSet::new();
    let mut waiting: Vec<&Group> = groups.iter().collect();
    for _ in 0..ATTEMPTS_MAX {
        waiting = once(app, rules, waiting, &mut untold).await?;
        if waiting.is_empty() {
            break;
        }
    }
    Ok(untold)
}

/// Those who have changed meanwhile.
async fn once<'a>(
    app: &Arc<App>,
    rules: &Rules,
    groups: Vec<&'a Group>,
    told: &mut BTreeSet<String>,
) -> Result<Vec<&'a Group>, NotRebuilt> {
    let (mut again, mut made, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let mut standing = change::known(app, groups.iter().copied()).await?;
    for group in groups {
        match folded(app, group, &mut standing).await? {
            Some(Changed { mut restand, untold }) => {
                restand.rules = Arc::clone(&rules.identity);
                restand.looked_at = app.registry.now().audiences().map(|_| app.clock.now());
                told.extend(untold);
                made.push(group);
                changes.push(restand);
            }
            None => again.push(group),
        }
    }
    if changes.is_empty() {
        return Ok(again);
    }
    let done = app.committer.restand(changes).await?;
    again.extend(made.into_iter().zip(done).filter(|(_, done)| !done).map(|(group, _)| group));
    Ok(again)
}

/// None where people are gone, have changed, or have more events than are folded again: they are left.
async fn folded(
    app: &Arc<App>,
    group: &Group,
    standing: &mut Standing,
) -> Result<Option<Changed>, NotRebuilt> {
    match change::of(app, group, standing).await {
        Err(NotRebuilt::Undone(NotUndone::TooMany | NotUndone::NoPerson)) => Ok(None),
        changed => changed,
    }
}

/// With the traits of those concerned, folded as the switch would.
async fn report_of(app: &Arc<App>, difference: &Difference) -> Result<Report, NotRebuilt> {
    let mut report = Report::of(difference);
    let others = difference.groups.iter().filter(|group| !group.is_same());
    for group in others.take(TRAITS_MAX) {
        go_on(app)?;
        let mut standing = change::known(app, std::iter::once(group)).await?;
        let Some(changed) = folded(app, group, &mut standing).await? else { continue };
        let figures = &mut report.figures;
        // Counted by people alone, each is a minimum: two of several mergers may cross one line.
        figures.mergers_taken_back -= group.pieces() as u64;
        figures.mergers_taken_back += changed.restand.taken.merges.len() as u64;
        figures.mergers_new -= group.joins() as u64;
        figures.mergers_new += changed.restand.joins.len() as u64;
        figures.traits_of += 1;
        report.figures.traits_changed += traits_changed(&changed);
        report.untold(changed.untold);
    }
    Ok(report)
}

/// How many of the people then have other traits than the person of their id has now.
fn traits_changed(changed: &Changed) -> u64 {
    let mut people: Vec<Arc<Profile>> = changed.restand.parts.clone();
    for joining in &changed.restand.joins {
        let at = |id: &ProfileId| people.iter().position(|one| one.ids.contains(id));
        let (Some(one), Some(other)) = (at(&joining.people[0]), at(&joining.people[1])) else {
            continue;
        };
        if one == other {
            continue;
        }
        let [older, younger] = if people[one].seniority() <= people[other].seniority() {
            [one, other]
        } else {
            [other, one]
        };
        people[older] = Arc::new(identification::merge(&people[older], &people[younger]));
        people.swap_remove(younger);
    }
    let is_other = |one: &&Arc<Profile>| {
        let was = changed.restand.wholes.iter().find(|was| was.id == one.id);
        was.is_none_or(|was| !same_traits(was, one))
    };
    people.iter().filter(is_other).count() as u64
}

fn same_traits(one: &Profile, other: &Profile) -> bool {
    let traits = |profile: &Profile| {
        let (data, traits) = (profile.data.clone(), profile.traits.clone());
        let (interests, consents) = (profile.interests.clone(), profile.consents.clone());
        (data, traits, interests, consents, profile.visits.count)
    };
    let ids = |profile: &Profile| profile.segments.iter().cloned().collect::<BTreeSet<_>>();
    traits(one) == traits(other) && ids(one) == ids(other)
}
