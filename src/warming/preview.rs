//! What a condition would say of everybody: tried on history before anybody is in.

use std::sync::Arc;
use std::time::Duration;

use super::passes::page;
use super::{NotWarmed, seeds};
use crate::app::App;
use crate::audiences::{Leaf, Rules, Why, taken_off};
use crate::conditions::Invalid;
use crate::model::{Audience, ComputedTrait, Masking, Profile, Time};

/// Most people that are looked at for whoever waits for the answer.
const PEOPLE_MAX: usize = 200_000;
/// People whom history is asked about at a time, each of them whole.
const PEOPLE_AT_ONCE: usize = 5_000;
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
    /// Who are in that audience now, and of whom it does not hold.
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
    let mut after = String::new();
    loop {
        let people = page(app, &after, PEOPLE_AT_ONCE).await?;
        let ids = people.iter().map(|one| (one.id.clone(), one.ids.clone())).collect();
        let mut known = seeds(app, &counted, ids, None).await?;
        preview.look_back(app, (&rules, &behind), &people).await?;
        let is_last = people.len() < PEOPLE_AT_ONCE;
        after = people.last().map(|one| one.id.to_string()).unwrap_or_default();
        for mut person in people {
            let theirs = known.remove(&person.id).unwrap_or_default();
            let off = taken_off(&counted, &person.tallies, &theirs, now);
            person.tallies.overlay(&theirs);
            person.tallies.overlay(&off);
            preview.people += 1;
            preview.take(&rules, person, instead_of, now);
        }
        preview.is_cut = !is_last && preview.people >= PEOPLE_MAX as u64;
        if is_last || preview.is_cut {
            return Ok(Ok(preview));
        }
    }
}

impl Preview {
    /// Of how many of these it held then. Whoever was nobody yet was in nothing.
    async fn look_back(
        &mut self,
        app: &Arc<App>,
        (rules, behind): (&Rules, &[Leaf]),
        people: &[Profile],
    ) -> Result<(), NotWarmed> {
        let ids = people.iter().map(|one| (one.id.clone(), one.ids.clone())).collect();
        let mut known = seeds(app, behind, ids, Some(self.then)).await?;
        for person in people {
            let tallies = known.remove(&person.id);
            if tallies.is_some() || person.created <= self.then {
                let tallies = tallies.unwrap_or_default();
                let then = Profile { tallies, ..person.clone() };
                self.members_then += u64::from(rules.was_in(TRIED, &then, self.then));
            }
        }
        Ok(())
    }

    fn take(&mut self, rules: &Rules, person: Profile, instead_of: &str, now: Time) {
        // Whoever asks has named nothing that is hidden from them.
        let Some(why) = rules.why(TRIED, &person, now, &Masking::default()) else { return };
        let is_in = why.part.holds == Some(true);
        let was_in = person.audiences.contains_key(instead_of);
        self.members += u64::from(is_in);
        self.enter += u64::from(is_in && !was_in);
        self.leave += u64::from(!is_in && was_in);
        if is_in && self.sample.len() < SAMPLE_MAX {
            self.sample.push(Sample { profile: person, why });
        }
    }
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
