//! From what history says to tallies.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::lists::listed;
use crate::app::App;
use crate::audiences::{Leaf, event_key, number_worth, text_worth};
use crate::lake::ask::{SeedRow, Seeds, SeedsAnswer, SeedsOf, SeedsOfFew};
use crate::lake::{LakeError, Sight};
use crate::model::{Fixed, Number, ProfileId, Sighting, Sums, Tallies, Tally, Time, Worth};

/// People, each with every id of theirs.
pub(super) type People = Vec<(ProfileId, Vec<ProfileId>)>;

/// What is known of people, under each of their ids by itself: what came under different ids are different events,
/// and who is told of people may have been taken apart before they are told.
pub(super) type Known = HashMap<ProfileId, BTreeMap<ProfileId, Tallies>>;

/// What history says of these people for these leaves; with `until`, what it would have said then.
pub(super) async fn seeds(
    app: &Arc<App>,
    leaves: &[Leaf],
    people: People,
    until: Option<Time>,
) -> Result<HashMap<ProfileId, Tallies>, LakeError> {
    Ok(whole(seeds_by_ids(app, leaves, people, until).await?))
}

/// The same, under each id.
pub(super) async fn seeds_by_ids(
    app: &Arc<App>,
    leaves: &[Leaf],
    people: People,
    until: Option<Time>,
) -> Result<Known, LakeError> {
    let mut known = listed(app, leaves, &people, until).await?;
    let Asked { leaves, asked } = Asked::of(leaves);
    if let Some((question, owners)) = of_people(asked, people, until) {
        let answer = app.questions.ask(&question, Sight::Everything).await?;
        take_in(&mut known, &leaves, answer, &owners);
    }
    Ok(known)
}

/// The same for some who are taken apart, and must not change before it is answered.
pub(crate) async fn seeds_of_few(
    app: &Arc<App>,
    leaves: &[Leaf],
    people: People,
) -> Result<HashMap<ProfileId, Tallies>, LakeError> {
    let mut known = listed(app, leaves, &people, None).await?;
    let Asked { leaves, asked } = Asked::of(leaves);
    if let Some((question, owners)) = of_people(asked, people, None) {
        let answer = app.questions.ask(&SeedsOfFew(question), Sight::Everything).await?;
        take_in(&mut known, &leaves, answer, &owners);
    }
    Ok(whole(known))
}

/// What is known of each, whatever it came under.
fn whole(known: Known) -> HashMap<ProfileId, Tallies> {
    known.into_iter().map(|(owner, of_ids)| (owner, united(&of_ids))).collect()
}

/// The same of one.
pub(super) fn united(of_ids: &BTreeMap<ProfileId, Tallies>) -> Tallies {
    let mut all = Tallies::default();
    of_ids.values().for_each(|tallies| all.unite(tallies));
    all
}

/// What is asked of history, and for what: lists are asked elsewhere.
pub(super) struct Asked<'a> {
    pub(super) leaves: Vec<&'a Leaf>,
    pub(super) asked: Vec<SeedsOf>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(leaves: &'a [Leaf]) -> Self {
        // What a newer node has stored and history does not have counts nothing here.
        let of_events = leaves.iter().filter(|leaf| leaf.list.is_none());
        let known = of_events.filter_map(|leaf| {
            let of = leaf.of.as_ref().map(|(place, counts)| (place, *counts));
            let asked = SeedsOf::new(&leaf.kind, &leaf.filter, leaf.range, of, leaf.key.keep);
            Some((leaf, asked.ok()?))
        });
        let (leaves, asked) = known.unzip();
        Self { leaves, asked }
    }
}

/// The question about these people, and whose each id is; none where there is nothing to ask.
fn of_people(
    leaves: Vec<SeedsOf>,
    people: People,
    until: Option<Time>,
) -> Option<(Seeds, HashMap<String, ProfileId>)> {
    if leaves.is_empty() || people.is_empty() {
        return None;
    }
    let owned = |(id, ids): (ProfileId, Vec<ProfileId>)| {
        ids.into_iter().map(move |one| (one.to_string(), id.clone()))
    };
    let owners: HashMap<String, ProfileId> = people.into_iter().flat_map(owned).collect();
    let ids = owners.keys().cloned().collect();
    Some((Seeds { ids, leaves, until }, owners))
}

/// Tallies of each id.
fn take_in(
    known: &mut Known,
    leaves: &[&Leaf],
    answer: SeedsAnswer,
    owners: &HashMap<String, ProfileId>,
) {
    let mut of_ids: BTreeMap<(String, usize), Tally> = BTreeMap::new();
    for sums in answer.sums {
        let Some(leaf) = leaves.get(sums.leaf) else { continue };
        let tally =
            of_ids.entry((sums.profile_id, sums.leaf)).or_insert_with(|| Tally::new(leaf.key.keep));
        let amount = |text: &str| Fixed::of_decimals(text).unwrap_or_default();
        let told = Sums {
            count: sums.count,
            sum: amount(&sums.sum),
            least: amount(&sums.least),
            greatest: amount(&sums.greatest),
        };
        tally.before.insert(sums.begin, told);
        tally.through = tally.through.max(Some(Time::from_micros(sums.through)));
    }
    for row in answer.rows {
        let Some(leaf) = leaves.get(row.leaf) else { continue };
        let Some(sighting) = sighting_of(leaf, &row) else { continue };
        let tally =
            of_ids.entry((row.profile_id, row.leaf)).or_insert_with(|| Tally::new(leaf.key.keep));
        tally.add(sighting);
    }
    for ((id, at), tally) in of_ids {
        let (Some(leaf), Some(owner)) = (leaves.get(at), owners.get(&id)) else { continue };
        let theirs = known.entry(owner.clone()).or_default();
        theirs.entry(ProfileId::new(id)).or_default().put(leaf.key, tally);
    }
}

fn sighting_of(leaf: &Leaf, row: &SeedRow) -> Option<Sighting> {
    let id = (row.source_id.as_str(), row.id.as_str());
    let at = Time::from_micros(row.time);
    let event = event_key(&row.kind, id, (at, Time::from_micros(row.received_at), row.position));
    let told = (row.digits.as_deref(), row.text.as_deref());
    sighting(leaf, (at, event), told)
}

/// What a tally is told of an event: the number that stands there, as digits, or the text. None of one that says
/// nothing that is counted.
pub(super) fn sighting(
    leaf: &Leaf,
    (at, event): (Time, u64),
    told: (Option<&str>, Option<&str>),
) -> Option<Sighting> {
    let worth = match (&leaf.of, told) {
        (None, _) => Worth::Nothing,
        (Some(_), (Some(digits), _)) => number_worth(Number::parse(digits)?).ok()?,
        (Some(_), (None, Some(text))) => text_worth(text, leaf.key.keep)?,
        (Some(_), (None, None)) => return None,
    };
    Some(Sighting { at, event, worth })
}
