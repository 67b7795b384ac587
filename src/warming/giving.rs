//! Everybody is given what lists and history say of them for rules that are new.

use std::sync::Arc;
use std::time::Duration;

use super::gathered::{Gathered, Portions};
use super::lists::listed;
use super::passes::{PAGE, PEOPLE_OF_COMMIT, from_the_first, page, put};
use super::seeds::{Known, People, seeds_by_ids, united};
use super::{NotWarmed, Warming, and_rest, read};
use crate::app::App;
use crate::audiences::{Leaf, taken_off};
use crate::lake::LakeError;
use crate::model::{Profile, ProfileId, Tallies, Time};
use crate::storage::{Counted, Warmth};
use crate::working_set::Warm;

/// What was let in under the rules of before is on disk by then, and so in history.
pub(super) const SETTLED: Duration = Duration::from_secs(5);
/// Where events are so large that what is asked at a time finds no room, so many times fewer are asked in the next try.
const FEWER: u64 = 4;
/// So far apart clocks of nodes may be.
const CLOCKS_APART_MAX: Duration = Duration::from_secs(600);

impl Warming {
    /// Gives some people what is known of them.
    pub(super) async fn warm(
        &mut self,
        mut warmth: Warmth,
        cold: &[(Leaf, i64)],
    ) -> Result<bool, NotWarmed> {
        let app = Arc::clone(&self.app);
        let now = app.clock.now();
        // Where nobody has counted one for a while, the pass is another.
        let names = cold.iter().map(|(leaf, since)| format!("{}@{since}", leaf.key));
        let names: Vec<String> = names.collect();
        let cold: Vec<Leaf> = cold.iter().map(|(leaf, _)| leaf.clone()).collect();
        if warmth.warming != names {
            (warmth.warming, warmth.began, warmth.listed) = (names, now.micros(), false);
            from_the_first(&app, &mut warmth).await?;
            put(&app, warmth).await?;
            self.of_file = self.portions.of_file;
            return Ok(false);
        }
        let began = Time::from_micros(warmth.began);
        if now < began.plus(SETTLED) {
            return Ok(false);
        }
        let asks_lists = cold.iter().any(|leaf| leaf.list.is_some());
        if asks_lists && !warmth.listed {
            give_listed(&app, &mut warmth, &cold, began).await?;
        } else if !self.give_gathered(&mut warmth, &cold).await? {
            give_united(&app, &cold, began).await?;
            warmth.warming.clear();
            warmth.warm.extend(cold.iter().map(|leaf| leaf.key.to_string()));
            // Whoever was given something is to be looked at, also by rules that are as they were.
            warmth.settled.clear();
            warmth.rewind();
        }
        put(&app, warmth).await?;
        Ok(true)
    }

    /// Gives the next ones what history says of them; false when nobody is left.
    async fn give_gathered(
        &mut self,
        warmth: &mut Warmth,
        leaves: &[Leaf],
    ) -> Result<bool, NotWarmed> {
        let app = Arc::clone(&self.app);
        let edition = read(&app, |storage| storage.edition()).await?;
        // Of those whose events were erased meanwhile it says what is not so any more.
        let known = self.gathered.take();
        let mut known = known.filter(|known| known.is_of(warmth) && known.edition == edition);
        if known.is_none() {
            // Later ones were counted as they came.
            let received_to = Time::from_micros(warmth.began).plus(SETTLED + CLOCKS_APART_MAX);
            let portions = Portions { of_file: self.of_file, ..self.portions };
            let asked = Gathered::of(&app, leaves, (&*warmth, received_to), portions).await;
            if let Err(LakeError::TooLarge | LakeError::Broke(_)) = asked {
                let there = read(&app, |storage| storage.count(Counted::Events)).await?;
                self.of_file = (self.of_file.min(there) / FEWER).max(1);
            }
            known = asked?;
        }
        let Some(mut known) = known else { return Ok(false) };
        let piece = known.next()?;
        give(&app, piece.people).await?;
        let is_end = piece.last.is_none();
        let Some(last) = piece.last.or_else(|| known.upto.clone()) else { return Ok(false) };
        let (after, upto) = (warmth.after.clone(), last.clone());
        warmth.people += read(&app, move |storage| storage.count_between(&after, &upto)).await?;
        warmth.after = last;
        self.gathered = Some(known).filter(|_| !is_end);
        Ok(true)
    }
}

/// Whoever became one with somebody that was not seen yet had only half of what there is.
async fn give_united(app: &Arc<App>, leaves: &[Leaf], began: Time) -> Result<(), NotWarmed> {
    let ids = read(app, move |storage| storage.united_since(began)).await?;
    for some in ids.chunks(PAGE) {
        let some = some.to_vec();
        let people = read(app, move |storage| {
            some.iter().filter_map(|id| storage.profile(id).transpose()).collect()
        });
        let people: Vec<Profile> = people.await?;
        let known = seeds_by_ids(app, leaves, ids_of(&people), None).await?;
        give(app, with_taken_off(leaves, &people, known, began)).await?;
    }
    Ok(())
}

/// Gives the next ones what lists say of them.
async fn give_listed(
    app: &Arc<App>,
    warmth: &mut Warmth,
    leaves: &[Leaf],
    began: Time,
) -> Result<(), NotWarmed> {
    let people = page(app, &warmth.after, PAGE).await?;
    let known = listed(app, leaves, &ids_of(&people), None).await?;
    give(app, with_taken_off(leaves, &people, known, began)).await?;
    if let Some(last) = people.last().filter(|_| people.len() == PAGE) {
        warmth.people += people.len() as u64;
        warmth.after = last.id.to_string();
        return Ok(());
    }
    warmth.listed = true;
    warmth.rewind();
    Ok(())
}

fn ids_of(people: &[Profile]) -> People {
    people.iter().map(|one| (one.id.clone(), one.ids.clone())).collect()
}

/// What was said of lists by `began` is as the lists have it; what is said later is told by whoever says it.
fn with_taken_off(leaves: &[Leaf], people: &[Profile], mut known: Known, began: Time) -> Known {
    for person in people {
        let theirs = known.entry(person.id.clone()).or_default();
        let off = taken_off(leaves, &person.tallies, &united(theirs), began);
        theirs.entry(person.id.clone()).or_default().unite(&off);
    }
    known
}

/// All that is of one person at once: whose each id is then, the committer knows.
async fn give(app: &Arc<App>, known: Known) -> Result<(), NotWarmed> {
    let mut people: Vec<(ProfileId, Tallies)> = Vec::new();
    let mut known = known.into_values().peekable();
    while let Some(theirs) = known.next() {
        people.extend(theirs.into_iter().filter(|(_, tallies)| !tallies.is_empty()));
        if people.len() >= PEOPLE_OF_COMMIT || (known.peek().is_none() && !people.is_empty()) {
            let warm = Warm { people: std::mem::take(&mut people) };
            and_rest(app, app.committer.warm(warm)).await?;
        }
    }
    Ok(())
}
