//! What a condition would say of everybody: tried on history before anybody is in.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::lists::take_in;
use super::passes::{PAGE, page, profile_of};
use super::seeds::People;
use super::{NotWarmed, read, seeds};
use crate::app::App;
use crate::audiences::{Leaf, Rules, Why};
use crate::conditions::Invalid;
use crate::model::{
    Audience, ComputedTrait, CountedSince, Keep, Masking, Profile, ProfileId, Tallies, Time,
};
use crate::storage::StorageError;

/// Most people that are looked at for whoever waits for the answer.
const PEOPLE_MAX: usize = 200_000;
/// People whom history is asked about at a time, at least and at most: each time all of it is gone through.
const PEOPLE_AT_ONCE: (usize, usize) = (PAGE, 25_000);
/// Between these as many as may have so many events to be told of, about.
const EVENTS_AT_ONCE: usize = 400_000;
/// Events of a person that a tally is taken to keep, at most, to reckon with.
const EVENTS_OF_TALLY: usize = 20;
/// So long ago it is compared with.
const BEFORE: Duration = Duration::from_secs(30 * 86_400);
/// So many of those in it are shown.
const SAMPLE_MAX: usize = 10;
/// The id of what is tried.
const TRIED: &str = "";

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// People who were looked at.
    pub people: u64,
    /// Of whom it holds.
    pub members: u64,
    /// Of whom it holds and who are not in the audience of that id now, where there is one.
    pub enter: u64,
    /// Who are in that audience now, and of whom it does not hold; none where whoever is in stays.
    pub leave: u64,
    /// Whether there are more people than were looked at.
    pub is_cut: bool,
    /// Some of whom it holds.
    pub sample: Vec<Sample>,
    /// The moment that it is compared with: thirty days ago.
    pub then: Time,
    /// Of whom it held then.
    pub members_then: u64,
}

/// Somebody of whom it holds.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Who.
    pub profile: Profile,
    /// Why.
    pub why: Why,
}

/// What this condition would say now; `instead_of` is the audience that it is to be of.
///
/// # Errors
/// [`NotWarmed`]; and within it [`Invalid`] for what cannot be read.
pub async fn preview(
    app: &Arc<App>,
    condition: &str,
    instead_of: &str,
) -> Result<Result<Preview, Invalid>, NotWarmed> {
    let now = app.clock.now();
    let rules = match trying(app, condition, now) {
        Ok(rules) => rules,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let counted = rules.leaves_of(TRIED);
    let behind = rules.leaves_behind(TRIED);
    let mut preview = Preview { then: now.minus(BEFORE), ..Preview::default() };
    let trying = Trying { rules: &rules, counted: &counted, behind: &behind, instead_of, now };
    let mut after = String::new();
    loop {
        let next = preview.go_on(app, &trying, &after).await?;
        preview.is_cut = next.is_some() && preview.people >= PEOPLE_MAX as u64;
        match next.filter(|_| !preview.is_cut) {
            Some(next) => after = next,
            None => return Ok(Ok(preview)),
        }
    }
}

/// What is tried.
struct Trying<'a> {
    rules: &'a Rules,
    /// What it counts, and what it would have counted then.
    counted: &'a [Leaf],
    behind: &'a [Leaf],
    instead_of: &'a str,
    now: Time,
}

impl Preview {
    /// Looks at the next people after `after`, whose ids history is asked about at once; the last of them, unless
    /// nobody is left.
    async fn go_on(
        &mut self,
        app: &Arc<App>,
        trying: &Trying<'_>,
        after: &str,
    ) -> Result<Option<String>, NotWarmed> {
        let (ids, last) = next_ids(app, after, people_at_once(trying.counted)).await?;
        let mut known = seeds(app, trying.counted, ids.clone(), None).await?;
        let mut known_then = seeds(app, trying.behind, ids.clone(), Some(self.then)).await?;
        for some in ids.chunks(PAGE) {
            for person in whole(app, some).await? {
                self.look_back(trying, &person, known_then.remove(&person.id));
                self.look_at(trying, person, &mut known);
            }
        }
        Ok(last)
    }

    /// Whether it held of somebody then. Whoever was nobody yet was in nothing.
    fn look_back(&mut self, trying: &Trying<'_>, person: &Profile, known: Option<Tallies>) {
        if known.is_some() || person.created <= self.then {
            let then = Profile { tallies: known.unwrap_or_default(), ..person.clone() };
            self.members_then += u64::from(trying.rules.was_in(TRIED, &then, self.then));
        }
    }

    /// Whether it holds of somebody now.
    fn look_at(
        &mut self,
        trying: &Trying<'_>,
        mut person: Profile,
        known: &mut HashMap<ProfileId, Tallies>,
    ) {
        let theirs = known.remove(&person.id).unwrap_or_default();
        take_in(&mut person.tallies, trying.counted, &theirs, trying.now);
        self.people += 1;
        self.take(trying.rules, person, trying.instead_of, trying.now);
    }

    fn take(&mut self, rules: &Rules, person: Profile, instead_of: &str, now: Time) {
        // Whoever asks has named nothing that is hidden from them.
        let Some(why) = rules.why(TRIED, &person, now, &Masking::default()) else { return };
        let is_in = why.part.holds == Some(true);
        let was_in = person.audiences.contains_key(instead_of);
        let stays = rules.is_sticky(instead_of);
        self.members += u64::from(is_in);
        self.enter += u64::from(is_in && !was_in);
        self.leave += u64::from(!is_in && was_in && !stays);
        if is_in && self.sample.len() < SAMPLE_MAX {
            self.sample.push(Sample { profile: person, why });
        }
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

/// The next ones after `after`, each with every id: `many` or a few more of them, and the last one; no last one where
/// nobody is left.
async fn next_ids(
    app: &Arc<App>,
    after: &str,
    many: usize,
) -> Result<(People, Option<String>), StorageError> {
    let (mut all, mut after) = (People::new(), after.to_owned());
    loop {
        let some = page(app, &after, PAGE).await?;
        let is_last = some.len() < PAGE;
        all.extend(some.into_iter().map(|one| (one.id, one.ids)));
        after = all.last().map(|(id, _)| id.to_string()).unwrap_or_default();
        if is_last || all.len() >= many {
            return Ok((all, Some(after).filter(|_| !is_last)));
        }
    }
}

/// These people as they are; those who are somebody else meanwhile, or nobody, are left out.
async fn whole(
    app: &Arc<App>,
    people: &[(ProfileId, Vec<ProfileId>)],
) -> Result<Vec<Profile>, StorageError> {
    let ids: Vec<String> = people.iter().map(|(id, _)| id.to_string()).collect();
    read(app, move |storage| {
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut bodies = storage.profile_bodies(&all)?;
        let bodies = ids.iter().filter_map(|id| bodies.remove(id));
        bodies.map(|body| profile_of(&body)).collect()
    })
    .await
}

/// The rules as they are, and what is tried beside them.
fn trying(app: &App, condition: &str, now: Time) -> Result<Rules, Invalid> {
    crate::conditions::parse_of_people(condition)?;
    let snapshot = app.registry.now();
    let tried = Audience {
        id: TRIED.to_owned(),
        name: String::new(),
        description: String::new(),
        condition: condition.to_owned(),
        live: Some(condition.to_owned()),
        written: None,
        counted: CountedSince::default(),
        sticky: false,
        enabled: true,
        segment: None,
        created: now,
        changed: now,
    };
    let audiences = snapshot.all::<Audience>();
    let audiences = audiences.iter().map(|one| (one.entity.as_ref(), one.version));
    let audiences: Vec<_> = audiences.chain([(&tried, 0)]).collect();
    let traits = snapshot.all::<ComputedTrait>();
    let traits: Vec<_> = traits.iter().map(|one| one.entity.as_ref()).collect();
    Ok(Rules::new(&audiences, &traits).unwrap_or_default())
}
