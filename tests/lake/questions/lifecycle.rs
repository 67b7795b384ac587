//! On how many days people do something, and whether they are new to it, back, or gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{World, bucket, day_of, moment};

/// The days, or weeks, in which each person did anything.
fn active(world: &World, length: i64) -> BTreeMap<usize, BTreeSet<i64>> {
    let mut active: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
    for one in &world.sent {
        active.entry(one.person).or_default().insert(bucket(world.day(one), length));
    }
    active
}

#[test]
fn stickiness_is_the_number_of_days() {
    for (world, length) in [(0, 1), (1, 1), (0, 7)] {
        let world = World::new(51 + world as u64, world);
        let question =
            json!({"scope": world.scope(), "interval": if length == 1 { "day" } else { "week" }});
        let mut wanted: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
        for (person, days) in active(&world, length) {
            wanted.entry(days.len() as u64).or_default().insert(person);
        }
        let told = world.ask("stickiness", &question);
        assert_eq!(told.as_array().unwrap().len(), wanted.len(), "{told}");
        for row in told.as_array().unwrap() {
            let want = &wanted[&row["intervals"].as_u64().unwrap()];
            assert_eq!(row["people"].as_u64(), Some(want.len() as u64), "{row}");
            let of = json!({"stickiness": {"question": question, "intervals": row["intervals"]}});
            assert_eq!(world.behind(&of), *want, "{of}");
        }
    }
}

#[test]
fn somebody_is_new_once_and_then_back_or_gone() {
    for world in 0..2 {
        let world = World::new(53 + world as u64, world);
        lifecycle(&world, 1);
        lifecycle(&world, 7);
    }
}

/// Told from the third day on: who is new is decided by what was before.
fn lifecycle(world: &World, length: i64) {
    let zone = world.zone;
    let mut question =
        json!({"scope": world.scope(), "interval": if length == 1 { "day" } else { "week" }});
    let from = day_of(world.start, zone) + 2;
    question["scope"]["from"] =
        json!(super::Time::from_micros(from * super::DAY_MICROS).to_string()[..10]);
    let to = day_of(world.start, "UTC") + 9;
    let mut wanted: BTreeMap<(i64, &str), BTreeSet<usize>> = BTreeMap::new();
    for (person, days) in active(world, length) {
        for day in bucket(from, length)..=bucket(to - 1, length) {
            let before = days.range(..day).next_back();
            let state = match (days.contains(&day), before) {
                (true, None) => "new",
                (true, Some(before)) if *before == day - 1 => "returning",
                (true, Some(_)) => "resurrecting",
                (false, Some(before)) if *before == day - 1 => "dormant",
                (false, _) => continue,
            };
            wanted.entry((day, state)).or_default().insert(person);
        }
    }
    let told = world.ask("lifecycle", &question);
    assert_eq!(told.as_array().unwrap().len(), wanted.len(), "{zone} {told} {wanted:?}");
    for row in told.as_array().unwrap() {
        let want = &wanted
            [&(bucket(day_of(moment(&row["date"]), zone), length), row["state"].as_str().unwrap())];
        assert_eq!(row["people"].as_u64(), Some(want.len() as u64), "{row}");
        let of = json!({"lifecycle": {"question": question, "date": row["date"], "state": row["state"]}});
        assert_eq!(world.behind(&of), *want, "{of}");
    }
}
