//! Who comes back, of those who began for the first time ever and of those who began each time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{DAY_MICROS, Time, World, bucket, day_of, moment};

#[test]
fn who_comes_back_is_what_a_count_by_hand_says() {
    for world in 0..2 {
        let world = World::new(41 + world as u64, world);
        for days in [-2, 3] {
            check(&world, false, days, 1);
            check(&world, true, days, 1);
        }
        check(&world, false, 3, 7);
    }
}

/// Told from so many days after the start on, by so many days. Who began before that does not begin, unless
/// each time counts.
fn check(world: &World, recurring: bool, days: i64, length: i64) {
    let zone = world.zone;
    let from = day_of(world.start, zone) + days;
    let mut scope = world.scope();
    scope["from"] = json!(Time::from_micros(from * DAY_MICROS).to_string()[..10]);
    let question = json!({
        "scope": scope, "first": "type = cart", "again": "type = order", "periods": 5, "recurring": recurring,
        "interval": if length == 1 { "day" } else { "week" },
    });
    let periods = |person: usize, kind: &str, from: i64| -> BTreeSet<i64> {
        let own = world.sent.iter().filter(|one| one.person == person && one.kind == kind);
        own.map(|one| world.day(one))
            .filter(|day| *day >= from)
            .map(|day| bucket(day, length))
            .collect()
    };
    let mut wanted: BTreeMap<(i64, i64), BTreeSet<usize>> = BTreeMap::new();
    for person in world.ids.values().copied() {
        let returned = periods(person, "order", from);
        let mut cohorts = periods(person, "cart", from);
        if !recurring {
            let earlier =
                world.sent.iter().filter(|one| one.person == person && one.kind == "cart");
            let has_begun = earlier.map(|one| world.day(one)).any(|day| day < from);
            cohorts = cohorts.into_iter().take(usize::from(!has_begun)).collect();
        }
        for cohort in cohorts {
            wanted.entry((cohort, 0)).or_default().insert(person);
            for period in (1..=5).filter(|period| returned.contains(&(cohort + period))) {
                wanted.entry((cohort, period)).or_default().insert(person);
            }
        }
    }
    let told = world.ask("retention", &question);
    assert_eq!(told.as_array().unwrap().len(), wanted.len(), "{zone} {recurring} {days} {told}");
    for row in told.as_array().unwrap() {
        let period = i64::try_from(row["period"].as_u64().unwrap()).unwrap();
        let want = &wanted[&(bucket(day_of(moment(&row["cohort"]), zone), length), period)];
        assert_eq!(row["people"].as_u64(), Some(want.len() as u64), "{row}");
        let of =
            json!({"retention": {"question": question, "cohort": row["cohort"], "period": period}});
        assert_eq!(world.behind(&of), *want, "{of}");
    }
}
