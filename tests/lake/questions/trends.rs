//! Every measure, by day and week, told apart by what events say and by what people are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{World, bucket, day_of, moment};
use crate::lake::asking::Sent;

/// A measure as it is asked for, and what a few lines make of some events; none where there is nothing to say.
type Measure = (Value, fn(&[&Sent]) -> Option<f64>);

fn measures() -> Vec<Measure> {
    let price = "properties.price";
    vec![
        (json!({}), |of| Some(of.len() as f64)),
        (json!({"measure": "people"}), |of| Some(people(of))),
        (json!({"measure": "sessions"}), |of| {
            Some(of.iter().map(|one| &one.session).collect::<BTreeSet<_>>().len() as f64)
        }),
        (json!({"measure": "per_person"}), |of| {
            (!of.is_empty()).then(|| of.len() as f64 / people(of))
        }),
        (json!({"measure": "sum", "field": price}), |of| Some(prices(of).iter().sum())),
        (json!({"measure": "average", "field": price}), |of| {
            (!of.is_empty()).then(|| prices(of).iter().sum::<f64>() / of.len() as f64)
        }),
        (json!({"measure": "min", "field": price}), |of| prices(of).first().copied()),
        (json!({"measure": "max", "field": price}), |of| prices(of).last().copied()),
        (json!({"measure": "median", "field": price}), |of| percentile(of, 0.5)),
        (json!({"measure": "percentile", "percentile": 90, "field": price}), |of| {
            percentile(of, 0.9)
        }),
        (json!({"measure": "distinct", "field": price}), |of| {
            Some(of.iter().map(|one| one.price).collect::<BTreeSet<_>>().len() as f64)
        }),
    ]
}

fn people(of: &[&Sent]) -> f64 {
    of.iter().map(|one| one.person).collect::<BTreeSet<_>>().len() as f64
}

fn prices(of: &[&Sent]) -> Vec<f64> {
    let mut prices: Vec<f64> = of.iter().map(|one| one.price as f64).collect();
    prices.sort_by(f64::total_cmp);
    prices
}

/// Between two of them by their distance.
fn percentile(of: &[&Sent], part: f64) -> Option<f64> {
    let prices = prices(of);
    let place = part * (prices.len().checked_sub(1)? as f64);
    let (below, above) = (prices[place.floor() as usize], prices[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

/// What an event is told apart by.
fn group(one: &Sent, by: &str) -> Option<String> {
    match by {
        "type" => Some(one.kind.to_owned()),
        "data.contact.email.main" => Some(format!("p{}@example.com", one.person)),
        _ => None,
    }
}

#[test]
fn trends_are_what_a_count_by_hand_says() {
    for world in 0..2 {
        let world = World::new(21 + world as u64, world);
        check(&world, "", 1);
        check(&world, "type", 1);
        check(&world, "type", 7);
        check(&world, "data.contact.email.main", 1);
    }
}

fn check(world: &World, by: &str, length: i64) {
    let zone = world.zone;
    let measures = measures();
    for (at, some) in measures.chunks(6).enumerate() {
        let series: Vec<Value> = some.iter().map(|(series, _)| series.clone()).collect();
        let mut question = json!({
            "scope": world.scope(), "series": series, "interval": if length == 1 { "day" } else { "week" },
        });
        if !by.is_empty() {
            question["by"] = json!({"field": by, "now": by.starts_with("data")});
        }
        let told = world.ask("trends", &question);
        let bucket = |day: i64| bucket(day, length);
        let mut wanted: BTreeMap<(i64, Option<String>), Vec<&Sent>> = BTreeMap::new();
        for one in &world.sent {
            wanted.entry((bucket(world.day(one)), group(one, by))).or_default().push(one);
        }
        let mut seen = BTreeSet::new();
        for row in told.as_array().unwrap() {
            let number = usize::from(row["series"].as_str().unwrap().as_bytes()[0] - b'A');
            let name = row["group"].as_str().map(str::to_owned);
            let key = (bucket(day_of(moment(&row["date"]), zone)), name);
            let of = wanted.get(&key).cloned().unwrap_or_default();
            let want = some[number].1(&of);
            let (told, want) = (row["value"].as_f64(), want);
            let is_alike = match (told, want) {
                (Some(told), Some(want)) => (told - want).abs() < 1e-9,
                (told, want) => told == want,
            };
            assert!(is_alike, "{told:?} {want:?} {zone} {by} {at} {row}");
            // Some of them: every number has its people, and they take a while.
            if seen.insert((number, key)) && of.len() % 5 == 1 && length == 1 && number == at {
                behind(world, &question, row, &of);
            }
        }
        let days = if length == 1 { 11 } else { 2 };
        let groups: BTreeSet<_> = wanted.keys().map(|(_, group)| group).collect();
        assert!(
            seen.len() >= some.len() * days * groups.len(),
            "{zone} {by}: intervals without events are told"
        );
        for key in wanted.keys() {
            assert!((0..some.len()).all(|number| seen.contains(&(number, key.clone()))), "{key:?}");
        }
    }
}

fn behind(world: &World, question: &Value, row: &Value, of: &[&Sent]) {
    let number = json!({"trends": {
        "question": question, "series": row["series"], "date": row["date"], "group": row["group"],
    }});
    let want: BTreeSet<usize> = of.iter().map(|one| one.person).collect();
    assert_eq!(world.behind(&number), want, "{number}");
}

#[test]
fn each_series_has_its_own_filter_and_its_own_people() {
    let world = World::new(26, 1);
    let price = "properties.price";
    let series = json!([
        {"where": "type = cart"}, {"measure": "people", "where": "type = order"},
        {"measure": "sum", "field": price, "where": "type = order OR type = cart"},
        {"measure": "average", "field": price, "where": "type = \"page-view\""},
        {"measure": "distinct", "field": price, "where": "type = order"},
        {"measure": "per_person", "where": "properties.price > 4"},
    ]);
    let is: [fn(&Sent) -> bool; 6] = [
        |one| one.kind == "cart",
        |one| one.kind == "order",
        |one| ["cart", "order"].contains(&one.kind),
        |one| one.kind == "page-view",
        |one| one.kind == "order",
        |one| one.price > 4,
    ];
    let question = json!({"scope": world.scope(), "series": series});
    let measures = measures();
    let by_hand = [0, 1, 4, 5, 10, 3].map(|measure: usize| measures[measure].1);
    let told = world.ask("trends", &question);
    for (at, row) in told.as_array().unwrap().iter().enumerate() {
        let number = usize::from(row["series"].as_str().unwrap().as_bytes()[0] - b'A');
        let day = day_of(moment(&row["date"]), world.zone);
        let of = world.sent.iter().filter(|one| world.day(one) == day && is[number](one));
        let of: Vec<&Sent> = of.collect();
        let (told, want) = (row["value"].as_f64(), by_hand[number](&of));
        let is_alike = told == want || (told.unwrap() - want.unwrap()).abs() < 1e-9;
        assert!(is_alike, "{told:?} {want:?} {row}");
        if at % 7 == 0 {
            behind(&world, &question, row, &of);
        }
    }
}

#[test]
fn formulas_and_averages_that_move_are_made_of_series() {
    let world = World::new(23, 0);
    let question = json!({
        "scope": world.scope(), "smooth": 3, "formulas": ["A / B", "100 * (B - A)"],
        "series": [{"where": "type = cart"}, {"measure": "people"}],
    });
    let told = world.ask("trends", &question);
    let values = |name: &str, key: &str| -> Vec<Option<f64>> {
        let rows = told.as_array().unwrap().iter().filter(|row| row["series"] == name);
        rows.map(|row| row[key].as_f64()).collect()
    };
    let (carts, people) = (values("A", "value"), values("B", "value"));
    let parts: Vec<Option<f64>> = carts
        .iter()
        .zip(&people)
        .map(|(a, b)| {
            let (a, b) = (a.unwrap(), b.unwrap());
            (b != 0.0).then(|| a / b)
        })
        .collect();
    assert_eq!(values("A / B", "value"), parts);
    assert!(parts.contains(&None) && parts.iter().flatten().any(|part| *part > 0.0), "{parts:?}");
    let sum = carts.iter().zip(&people).map(|(a, b)| Some(100.0 * (b.unwrap() - a.unwrap())));
    assert_eq!(values("100 * (B - A)", "value"), sum.collect::<Vec<_>>());
    for (at, told) in values("A", "smoothed").into_iter().enumerate() {
        let three: Vec<f64> = carts[at.saturating_sub(2)..=at].iter().flatten().copied().collect();
        let want = three.iter().sum::<f64>() / three.len() as f64;
        assert!((told.unwrap() - want).abs() < 1e-9, "{at} {told:?} {want}");
    }
    let date = &told
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["value"].as_f64() > Some(0.0))
        .unwrap()["date"];
    let of = |series: &str| {
        world.behind(&json!({"trends": {"question": question, "series": series, "date": date}}))
    };
    assert_eq!(of("A / B"), of("B"), "behind a formula are those of its series");
    assert!(of("A").is_subset(&of("B")));
}

#[test]
fn the_whole_time_may_be_one() {
    let world = World::new(24, 1);
    let question =
        json!({"scope": world.scope(), "series": [{"measure": "people"}], "interval": "all"});
    let everybody: BTreeSet<usize> = world.sent.iter().map(|one| one.person).collect();
    let told = world.ask("trends", &question);
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told[0]["value"].as_f64(), Some(everybody.len() as f64));
    let of = json!({"trends": {"question": question, "series": "A"}});
    assert_eq!(world.behind_in_pages(&of, 3), everybody);
}

#[test]
fn what_is_not_among_the_most_frequent_is_one() {
    let world = World::new(25, 0);
    let by = json!({"field": "id"});
    let question = json!({"scope": world.scope(), "series": [{}], "interval": "all", "by": by});
    let told = world.ask("trends", &question);
    let groups: Vec<Option<&str>> =
        told.as_array().unwrap().iter().map(|row| row["group"].as_str()).collect();
    assert_eq!(groups.iter().flatten().count(), 20, "{told}");
    let others = told.as_array().unwrap().iter().find(|row| row["group"].is_null()).unwrap();
    assert_eq!(others["value"].as_f64(), Some((world.sent.len() - 20) as f64));
    let named: BTreeSet<&str> = groups.into_iter().flatten().collect();
    let others = world.sent.iter().filter(|one| !named.contains(one.id.as_str()));
    let want: BTreeSet<usize> = others.map(|one| one.person).collect();
    assert_eq!(world.behind(&json!({"trends": {"question": question, "series": "A"}})), want);
}

#[test]
fn the_statement_has_the_same_numbers_to_the_last_digit() {
    let app = crate::support::TestApp::new();
    let events: Vec<Value> =
        (0..15).map(|at| json!({"type": if at < 2 { "a" } else { "b" }})).collect();
    app.track(json!({"session": {"id": "s"}, "events": events})).ok();
    let asked = json!({"interval": "all", "formulas": ["A / B"],
        "series": [{"where": "type = a"}, {"where": "type = b"}]});
    let told = app.post("/api/questions/trends", &asked).ok().body;
    let sql = app.post("/sql", &json!({"query": told["sql"]})).ok().body;
    for rows in [&told["result"], &sql] {
        let row = rows.as_array().unwrap().iter().find(|row| row["series"] == "A / B").unwrap();
        assert_eq!(row["value"].to_string(), "0.15384615384615385", "{told}");
    }
}

#[test]
fn a_sum_past_all_numbers_has_no_value() {
    let app = crate::support::TestApp::new();
    for price in [10.0, 1e308, 1e308] {
        let event = json!({"type": "x", "properties": {"price": price}});
        app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    }
    let sum =
        |filter: &str| json!({"where": filter, "measure": "sum", "field": "properties.price"});
    let ask = |series: &Value| {
        let asked = json!({"series": series, "interval": "all"});
        let told = app.post("/api/questions/trends", &asked).ok().body;
        let rows = told["result"].as_array().unwrap().clone();
        rows.into_iter().map(|row| row["value"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ask(&json!([sum("type = x")])), [Value::Null]);
    let both = json!([
        sum("type = x"),
        sum("type = x AND properties.price = 5"),
        sum("properties.price < 11")
    ]);
    assert_eq!(ask(&both), [Value::Null, json!(0.0), json!(10.0)], "of nothing it is 0");
}
