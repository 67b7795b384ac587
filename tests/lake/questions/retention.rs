//! Who comes back, of those who began once and of those who began each time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{World, day_of, moment};

#[test]
fn who_comes_back_is_what_a_count_by_hand_says() {
    for world in 0..2 {
        let world = World::new(41 + world as u64, world);
        check(&world, false);
        check(&world, true);
    }
}

fn check(world: &World, recurring: bool) {
    let zone = world.zone;
    let question = json!({
        "scope": world.scope(), "first": "type = cart", "again": "type = order", "interval": "day",
        "periods": 5, "recurring": recurring,
    });
    let days = |person: usize, kind: &str| -> BTreeSet<i64> {
        let own = world.sent.iter().filter(|one| one.person == person && one.kind == kind);
        own.map(|one| world.day(one)).collect()
    };
    let mut wanted: BTreeMap<(i64, i64), BTreeSet<usize>> = BTreeMap::new();
    for person in world.ids.values().copied() {
        let (begun, returned) = (days(person, "cart"), days(person, "order"));
        for cohort in begun.iter().take(if recurring { usize::MAX } else { 1 }) {
            wanted.entry((*cohort, 0)).or_default().insert(person);
            for period in (1..=5).filter(|period| returned.contains(&(cohort + period))) {
                wanted.entry((*cohort, period)).or_default().insert(person);
            }
        }
    }
    let told = world.ask("retention", &question);
    assert_eq!(told.as_array().unwrap().len(), wanted.len(), "{zone} {recurring} {told}");
    for row in told.as_array().unwrap() {
        let period = i64::try_from(row["period"].as_u64().unwrap()).unwrap();
        let want = &wanted[&(day_of(moment(&row["cohort"]), zone), period)];
        assert_eq!(row["people"].as_u64(), Some(want.len() as u64), "{row}");
        let of =
            json!({"retention": {"question": question, "cohort": row["cohort"], "period": period}});
        assert_eq!(world.behind(&of), *want, "{of}");
    }
}
