//! Funnels of every sort, by trying every way that somebody may have taken.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::World;
use crate::lake::asking::{Sent, TYPES};
use crate::lake::support::DAY;

/// A funnel by types.
struct Asked {
    steps: Vec<&'static str>,
    window: u64,
    order: &'static str,
    without: Option<&'static str>,
}

/// One person's events, in order.
type Own<'a> = Vec<&'a Sent>;

impl Asked {
    fn question(&self, world: &World) -> Value {
        let filters: Vec<String> =
            self.steps.iter().map(|kind| format!("type = \"{kind}\"")).collect();
        let without: Vec<String> =
            self.without.iter().map(|kind| format!("type = \"{kind}\"")).collect();
        json!({
            "scope": world.scope(), "steps": filters, "window_seconds": self.window, "order": self.order,
            "without": without,
        })
    }

    /// Every way through the first so many steps, as places in the person's events.
    fn ways(&self, own: &Own, many: usize) -> Vec<Vec<usize>> {
        let mut ways: Vec<Vec<usize>> = vec![Vec::new()];
        for kind in &self.steps[..many] {
            let longer = |way: &Vec<usize>| {
                let nexts = match way.last() {
                    None => 0..own.len(),
                    Some(last) if self.order == "strict" => last + 1..(last + 2).min(own.len()),
                    Some(last) => last + 1..own.len(),
                };
                let nexts = nexts.filter(|next| own[*next].kind == *kind);
                nexts.map(|next| [way.as_slice(), &[next]].concat()).collect::<Vec<_>>()
            };
            ways = ways.iter().flat_map(longer).filter(|way| self.may_be(own, way)).collect();
        }
        ways
    }

    fn may_be(&self, own: &Own, way: &[usize]) -> bool {
        let (first, last) = (way[0], way[way.len() - 1]);
        let between = own.get(first + 1..last).unwrap_or_default();
        own[last].at - own[first].at <= self.window
            && !between.iter().any(|one| Some(one.kind) == self.without)
    }

    fn depth(&self, own: &Own) -> usize {
        if self.order == "unordered" {
            let from = |begin: &&Sent| {
                let within =
                    own.iter().filter(|one| one.at >= begin.at && one.at - begin.at <= self.window);
                let kinds: BTreeSet<&str> = within.map(|one| one.kind).collect();
                self.steps.iter().filter(|step| kinds.contains(*step)).count()
            };
            return own.iter().map(from).max().unwrap_or(0);
        }
        (1..=self.steps.len()).take_while(|many| !self.ways(own, *many).is_empty()).count()
    }
}

fn own(world: &World) -> BTreeMap<usize, Own<'_>> {
    let mut all: BTreeMap<usize, Own<'_>> = BTreeMap::new();
    world.sent.iter().for_each(|one| all.entry(one.person).or_default().push(one));
    all
}

fn random(random: &mut rand::rngs::StdRng, order: &'static str, most: usize) -> Asked {
    let mut kinds = TYPES.to_vec();
    let mut steps = Vec::new();
    for _ in 0..random.random_range(2..=most) {
        let at = random.random_range(0..kinds.len());
        steps.push(if order == "unordered" { kinds.remove(at) } else { kinds[at] });
    }
    let window = [DAY / 8, DAY / 2, DAY, 2 * DAY, 90 * DAY][random.random_range(0..5)];
    let without =
        (order == "ordered" && random.random_bool(0.7)).then(|| TYPES[random.random_range(0..4)]);
    Asked { steps, window, order, without }
}

#[test]
fn funnels_of_every_sort_are_what_trying_every_way_says() {
    let mut chance = rand::rngs::StdRng::seed_from_u64(31);
    let world = World::new(31, 0);
    for round in 0..12 {
        let asked = random(&mut chance, ["ordered", "unordered", "strict"][round % 3], 4);
        let question = asked.question(&world);
        let depths: BTreeMap<usize, usize> =
            own(&world).iter().map(|(person, own)| (*person, asked.depth(own))).collect();
        let told = world.ask("funnel", &question);
        for step in 1..=asked.steps.len() {
            let reached = |exactly: bool| -> BTreeSet<usize> {
                let is = |depth: usize| if exactly { depth == step } else { depth >= step };
                depths.iter().filter(|(_, depth)| is(**depth)).map(|(person, _)| *person).collect()
            };
            assert_eq!(
                told[0]["steps"][step - 1].as_u64(),
                Some(reached(false).len() as u64),
                "{question}"
            );
            for fell_out in [false, true] {
                let of =
                    json!({"funnel": {"question": question, "step": step, "fell_out": fell_out}});
                assert_eq!(world.behind(&of), reached(fell_out), "{of}");
            }
        }
    }
}

#[test]
fn how_long_it_takes_is_the_quickest_way() {
    let mut chance = rand::rngs::StdRng::seed_from_u64(32);
    let world = World::new(32, 1);
    for round in 0..6 {
        let asked = random(&mut chance, ["ordered", "strict"][round % 2], 3);
        let (question, step) = (asked.question(&world), asked.steps.len());
        let quickest = |own: &Own| {
            let ways = asked.ways(own, step);
            ways.iter().map(|way| own[way[step - 1]].at - own[way[0]].at).min()
        };
        let took: BTreeMap<usize, u64> = own(&world)
            .iter()
            .filter_map(|(person, own)| Some((*person, quickest(own)?)))
            .collect();
        let told = world.ask("funnel/times", &json!({"funnel": question, "step": step}))[0].clone();
        assert_eq!(told["people"].as_u64(), Some(took.len() as u64), "{question}");
        if !took.is_empty() {
            let average = took.values().sum::<u64>() as f64 / took.len() as f64;
            assert!((told["average"].as_f64().unwrap() - average).abs() < 0.01, "{average} {told}");
        }
        for bucket in told["buckets"].as_array().unwrap() {
            let (from, to) = (bucket["from"].as_u64().unwrap(), bucket["to"].as_u64());
            let is = |seconds: u64| seconds >= from && to.is_none_or(|to| seconds < to);
            let want: BTreeSet<usize> = took
                .iter()
                .filter(|(_, seconds)| is(**seconds))
                .map(|(person, _)| *person)
                .collect();
            assert_eq!(bucket["people"].as_u64(), Some(want.len() as u64), "{bucket} {took:?}");
            if !want.is_empty() {
                let of = json!({"funnel": {
                    "question": question, "step": step, "seconds_from": from, "seconds_to": to,
                }});
                assert_eq!(world.behind(&of), want, "{of}");
            }
        }
    }
}

#[test]
fn those_who_fell_out_went_somewhere() {
    let mut chance = rand::rngs::StdRng::seed_from_u64(33);
    let world = World::new(33, 0);
    for round in 0..6 {
        let asked = random(&mut chance, ["ordered", "strict"][round % 2], 3);
        let question = asked.question(&world);
        for step in 1..asked.steps.len() {
            let mut went: BTreeMap<Option<&str>, BTreeSet<usize>> = BTreeMap::new();
            for (person, own) in own(&world) {
                if asked.depth(&own) == step {
                    let last =
                        asked.ways(&own, step).into_iter().map(|way| way[step - 1]).max().unwrap();
                    went.entry(own.get(last + 1).map(|one| one.kind)).or_default().insert(person);
                }
            }
            let told = world.ask("funnel/instead", &json!({"funnel": question, "step": step}));
            let rows = told.as_array().unwrap();
            assert_eq!(rows.len(), went.len(), "{question} {told} {went:?}");
            for row in rows {
                let want = &went[&row["type"].as_str()];
                assert_eq!(row["people"].as_u64(), Some(want.len() as u64), "{question} {row}");
                let of = json!({"funnel": {"question": question, "step": step, "went": true, "next": row["type"]}});
                assert_eq!(world.behind(&of), *want, "{of}");
            }
        }
    }
}

#[test]
fn people_are_told_apart_by_their_first_first_step() {
    let world = World::new(34, 1);
    for (order, now) in [
        ("ordered", false),
        ("unordered", false),
        ("strict", false),
        ("ordered", true),
        ("unordered", true),
    ] {
        let asked = Asked { steps: vec!["page-view", "cart"], window: DAY, order, without: None };
        let mut question = asked.question(&world);
        let field = if now { "data.contact.email.main" } else { "properties.price" };
        question["by"] = json!({"field": field, "now": now});
        let mut wanted: BTreeMap<String, Vec<BTreeSet<usize>>> = BTreeMap::new();
        for (person, own) in own(&world) {
            let is_first = |one: &&&Sent| {
                one.kind == "page-view" || order == "unordered" && one.kind == "cart"
            };
            let Some(first) = own.iter().find(is_first) else { continue };
            // As they are now, or as the event has it.
            let group =
                if now { format!("p{person}@example.com") } else { first.price.to_string() };
            let steps = wanted.entry(group).or_insert(vec![BTreeSet::new(); 2]);
            steps.iter_mut().take(asked.depth(&own)).for_each(|step| _ = step.insert(person));
        }
        let told = world.ask("funnel", &question);
        assert_eq!(told.as_array().unwrap().len(), wanted.len(), "{told} {wanted:?}");
        for row in told.as_array().unwrap() {
            let want = &wanted[row["group"].as_str().unwrap()];
            for (step, want) in (1..).zip(want) {
                assert_eq!(row["steps"][step - 1].as_u64(), Some(want.len() as u64), "{row}");
                let of = json!({"funnel": {
                    "question": question, "step": step, "of_group": true, "group": row["group"],
                }});
                assert_eq!(world.behind(&of), *want, "{of}");
            }
        }
    }
}
