//! What a shadow found: counts first, examples after.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::difference::{Difference, Group};
use crate::storage::RebuildExample;

/// Most examples that are given.
const EXAMPLES_MAX: usize = 20;
/// Most ids of one example.
const EXAMPLE_IDS_MAX: usize = 50;
/// Most places that are named.
const PLACES_MAX: usize = 100;

/// What would be other, or has become so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The counts.
    pub figures: Figures,
    /// Some of those whom it is about.
    pub examples: Vec<Example>,
}

/// How many are otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RebuildFigures)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Events that were looked at: those that may name somebody.
    pub events: u64,
    /// Whether that were all.
    pub complete: bool,
    /// People who come apart.
    pub people_apart: u64,
    /// People who become one with others.
    pub people_united: u64,
    /// How many people more there are then; fewer when it is below zero.
    pub people_more: i64,
    /// Mergers that hold no more.
    pub mergers_taken_back: u64,
    /// Mergers that are new.
    pub mergers_new: u64,
    /// People who stay who they are, and are recognised by other identifiers.
    pub people_recognised: u64,
    /// Identifiers that become somebody's.
    pub identifiers_bound: u64,
    /// Identifiers that name nobody any more.
    pub identifiers_unbound: u64,
    /// People whose traits change, and of how many of those concerned that is known.
    pub traits_changed: u64,
    /// Groups of people whose traits were folded again.
    pub traits_of: u64,
    /// Mergers that stand since history tells nothing of them any more: by links, by a decision, or by
    /// events that were not kept, or that retention or somebody has removed.
    pub mergers_standing: u64,
    /// Payloads that name another person than whose they were kept as: they stay where they are.
    pub payloads_mixed: u64,
    /// Places at which people were other than their events say: that stays with the older one.
    pub untold: BTreeSet<String>,
    /// Groups of people who could not be made as they should be: the next rebuild tries again.
    pub left: u64,
}

/// What is kept of a rebuild that could not be done, in place of its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A sentence for people.
    pub failed: String,
}

/// People among whom something is another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RebuildExample)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The people as they are: the id of each, and all their ids.
    pub now: Vec<Part>,
    /// The people as they would be.
    pub then: Vec<Part>,
}

/// A person of an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RebuildPerson)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The id.
    pub id: String,
    /// Every id that leads to the person.
    pub ids: Vec<String>,
}

impl Report {
    pub(super) fn of(difference: &Difference) -> Self {
        let groups = difference.groups.iter();
        let others: Vec<&Group> = groups.clone().filter(|group| !group.is_same()).collect();
        let sum = |count: &dyn Fn(&Group) -> usize| -> u64 {
            difference.groups.iter().map(|group| count(group) as u64).sum()
        };
        let many = |people: usize| i64::try_from(people).unwrap_or(i64::MAX);
        let more = |group: &&Group| many(group.then().len()) - many(group.now().len());
        let figures = Figures {
            events: difference.events,
            complete: !difference.is_cut,
            people_apart: sum(&Group::apart),
            people_united: sum(&Group::united),
            people_more: others.iter().map(more).sum(),
            mergers_taken_back: sum(&Group::pieces),
            mergers_new: sum(&Group::joins),
            people_recognised: groups.filter(|group| group.is_same()).count() as u64,
            identifiers_bound: sum(&|group: &Group| group.bound.len()),
            identifiers_unbound: sum(&|group: &Group| group.unbound.len()),
            mergers_standing: difference.standing,
            payloads_mixed: difference.mixed,
            ..Figures::default()
        };
        let rows = rows(&others);
        Self { figures, examples: examples(&rows) }
    }

    /// Names places, as many as are named.
    pub(super) fn untold(&mut self, places: BTreeSet<String>) {
        let room = PLACES_MAX.saturating_sub(self.figures.untold.len());
        self.figures.untold.extend(places.into_iter().take(room));
    }
}

/// Of the first who are not as they were, each id.
fn rows(groups: &[&Group]) -> Vec<RebuildExample> {
    let mut rows = Vec::new();
    for (number, group) in groups.iter().take(EXAMPLES_MAX).enumerate() {
        for (id, place) in group.ids.iter().take(EXAMPLE_IDS_MAX) {
            let (now, then) = (place.now.clone(), place.then.clone());
            rows.push(RebuildExample { number: number as u64, id: id.clone(), now, then });
        }
    }
    rows
}

/// As they are stored: nobody who is erased meanwhile is left in them.
pub(super) fn stored(difference: &Difference) -> Vec<RebuildExample> {
    let others: Vec<&Group> = difference.groups.iter().filter(|group| !group.is_same()).collect();
    rows(&others)
}

/// As they are shown.
#[must_use]
pub fn examples(rows: &[RebuildExample]) -> Vec<Example> {
    let mut all: BTreeMap<u64, [BTreeMap<&str, Vec<String>>; 2]> = BTreeMap::new();
    for row in rows {
        let [now, then] = all.entry(row.number).or_default();
        now.entry(row.now.as_str()).or_default().push(row.id.to_string());
        then.entry(row.then.as_str()).or_default().push(row.id.to_string());
    }
    let parts = |people: BTreeMap<&str, Vec<String>>| {
        people.into_iter().map(|(id, ids)| Part { id: id.to_owned(), ids }).collect()
    };
    let example = |[now, then]: [BTreeMap<&str, Vec<String>>; 2]| Example {
        now: parts(now),
        then: parts(then),
    };
    all.into_values().map(example).collect()
}
