//! The questions that people ask most, against answers computed naively.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::support::{DAY, lake};
use crate::support::app::post;
use crate::support::{Reply, TestApp};

pub(super) const TYPES: [&str; 4] = ["page-view", "product-clicked", "cart", "order"];

/// An event as the test remembers it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) person: usize,
    pub(super) session: String,
    pub(super) kind: &'static str,
    /// Seconds after the start.
    pub(super) at: u64,
    /// Among what was received at that moment.
    pub(super) position: u64,
    pub(super) price: u64,
}

/// Whoever comes second at a moment comes after the first.
pub(super) fn next_place(sent: &[Sent], at: u64) -> u64 {
    let taken = sent.iter().filter(|one| one.at == at).map(|one| one.position + 1);
    taken.max().unwrap_or(0)
}

/// Random traffic of a few people over some days, half of it in files.
pub(super) fn traffic(app: &TestApp, seed: u64) -> Vec<Sent> {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let (mut sent, mut at) = (Vec::new(), 0);
    for number in 0..160 {
        let step = random.random_range(0..DAY / 16) * u64::from(random.random_bool(0.8));
        at += step;
        app.advance(step);
        let person = random.random_range(0..8);
        let session = format!("p{person}-{}", at / (2 * DAY));
        let kind = TYPES[random.random_range(0..TYPES.len())];
        let price = random.random_range(1..9);
        let id = format!("e{number:03}");
        let event = json!({"id": id, "type": kind, "properties": {"price": price, "who": person}});
        // The same address makes one person of all the sessions.
        let email = json!({"email": {"main": format!("p{person}@example.com")}});
        let known = json!({"type": "sign-in", "properties": email});
        let first = !sent.iter().any(|one: &Sent| one.session == session);
        let events = if first { json!([known, event]) } else { json!([event]) };
        app.track(json!({"session": {"id": session}, "events": events})).ok();
        let position = next_place(&sent, at) + u64::from(first);
        sent.push(Sent { id, person, session, kind, at, position, price });
        if number % 40 == 20 {
            lake(app).flush().unwrap();
        }
    }
    sent
}

/// The filter that leaves out what the test does not remember.
pub(super) const OURS: &str = "where=properties.who%20EXISTS";

pub(super) fn result(reply: Reply) -> Vec<Value> {
    reply.ok().body["result"].as_array().unwrap().clone()
}

pub(super) fn get(app: &TestApp, address: &str) -> Vec<Value> {
    let and = if address.contains('?') { '&' } else { '?' };
    result(app.get(&format!("{address}{and}{OURS}")))
}

#[test]
fn lists_are_paged_newest_first_and_filtered() {
    let app = TestApp::new();
    let sent = traffic(&app, 1);
    let mut want: Vec<&Sent> =
        sent.iter().filter(|one| one.kind == "cart" && one.price >= 4).collect();
    want.sort_by_key(|one| std::cmp::Reverse((one.at, one.position, one.id.clone())));
    let filter = "type=cart&where=properties.price%20%3E%3D%204&limit=5";
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let body = app.get(&format!("/api/events?{filter}{cursor}")).ok().body;
        ids.extend(
            body["result"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = body["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(ids, want.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    assert!(ids.len() > 10, "several pages");
    let session = &sent[30].session;
    let of_session = get(&app, &format!("/api/events?session={session}&limit=1000"));
    assert_eq!(of_session.len(), sent.iter().filter(|one| one.session == *session).count());
    let person = app.get(&format!("/session/{session}")).ok().body["profile"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let of_person = get(&app, &format!("/api/events?profile={person}&limit=1000"));
    assert_eq!(of_person.len(), sent.iter().filter(|one| one.person == sent[30].person).count());
}

#[test]
fn counts_by_time_value_and_person() {
    let app = TestApp::new();
    let sent = traffic(&app, 2);
    // The start is 10:00 of a day.
    let day = |one: &Sent| (one.at + 36_000) / DAY;
    let mut by_day: BTreeMap<(u64, &str), u64> = BTreeMap::new();
    let mut top: BTreeMap<&str, (u64, BTreeSet<usize>)> = BTreeMap::new();
    for one in &sent {
        *by_day.entry((day(one), one.kind)).or_default() += 1;
        let entry = top.entry(one.kind).or_default();
        entry.0 += 1;
        entry.1.insert(one.person);
    }
    let told: BTreeMap<(u64, String), u64> =
        get(&app, "/api/events/histogram?interval=day&group=type")
            .iter()
            .map(|row| {
                let date: u64 = row["date"].as_str().unwrap()[8..10].parse().unwrap();
                let month = u64::from(row["date"].as_str().unwrap()[5..7] == *"02") * 31;
                (
                    (date + month - 5, row["group"].as_str().unwrap().to_owned()),
                    row["count"].as_u64().unwrap(),
                )
            })
            .collect();
    let want: BTreeMap<(u64, String), u64> =
        by_day.into_iter().map(|((day, kind), n)| ((day, kind.to_owned()), n)).collect();
    assert_eq!(told, want);
    for row in get(&app, "/api/events/top?field=type") {
        let (count, people) = &top[row["value"].as_str().unwrap()];
        assert_eq!(
            (row["count"].as_u64(), row["people"].as_u64()),
            (Some(*count), Some(people.len() as u64))
        );
    }
    let people: BTreeSet<usize> = sent.iter().map(|one| one.person).collect();
    let sessions: BTreeSet<&String> = sent.iter().map(|one| &one.session).collect();
    let want = json!([{"events": sent.len(), "people": people.len(), "sessions": sessions.len()}]);
    assert_eq!(json!(get(&app, "/api/events/people")), want);
}

#[test]
fn events_of_nobody_are_no_person() {
    let app = TestApp::new();
    let people = || result(app.get("/api/events/people")).remove(0)["people"].as_u64();
    assert_eq!(people(), Some(0));
    let nobody =
        json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [{"type": "x"}]});
    app.send(post("/track?profile_less=true", &nobody)).ok();
    assert_eq!(people(), Some(0));
    app.track(json!({"session": {"id": "t"}, "events": [{"type": "x"}]})).ok();
    assert_eq!(people(), Some(1));
}

#[test]
fn intervals_without_events_are_told_where_both_ends_are_given() {
    let app = TestApp::new();
    app.track(json!({"session": {"id": "s"}, "events": [{"type": "x"}]})).ok();
    let rows =
        result(app.get("/api/events/histogram?type=x&from=2026-01-04&to=2026-01-07&interval=day"));
    let counts: Vec<u64> = rows.iter().map(|row| row["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [0, 1, 0]);
    app.track(json!({"session": {"id": "s"}, "events": [{"type": "y"}, {"type": "y"}]})).ok();
    let rows = result(app.get(
        "/api/events/histogram?where=type%20IN%20%5B%22x%22,%22y%22%5D&from=2026-01-04&to=2026-01-07&interval=day&group=type",
    ));
    let counts: Vec<(&str, u64)> = rows
        .iter()
        .map(|row| (row["group"].as_str().unwrap(), row["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts, [("x", 0), ("y", 0), ("x", 1), ("y", 2), ("x", 0), ("y", 0)]);
    let nothing =
        result(app.get("/api/events/histogram?type=z&from=2026-01-04&to=2026-01-06&group=type"));
    assert_eq!(nothing.len(), 2);
    let far = app.get("/api/events/histogram?from=1970-01-01&to=2026-01-01&interval=minute");
    assert_eq!((far.status.as_u16(), far.code()), (422, "question_invalid"));
}

#[test]
fn retention_by_day() {
    let app = TestApp::new();
    let sent = traffic(&app, 7);
    let day = |one: &Sent| (one.at + 36_000) / DAY;
    let mut want: BTreeMap<(u64, u64), BTreeSet<usize>> = BTreeMap::new();
    for person in 0..8 {
        let theirs = || sent.iter().filter(|one| one.person == person);
        let Some(first) = theirs().filter(|one| one.kind == "page-view").map(day).min() else {
            continue;
        };
        want.entry((first, 0)).or_default().insert(person);
        for one in theirs().filter(|one| one.kind == "order" && day(one) >= first) {
            if day(one) - first <= 5 {
                want.entry((first, day(one) - first)).or_default().insert(person);
            }
        }
    }
    let asked = "interval=day&periods=5&first=type%3Dpage-view&again=type%3Dorder";
    let told: BTreeMap<(u64, u64), u64> = get(&app, &format!("/api/events/retention?{asked}"))
        .iter()
        .map(|row| {
            let cohort: u64 = row["cohort"].as_str().unwrap()[8..10].parse().unwrap();
            ((cohort - 5, row["period"].as_u64().unwrap()), row["people"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(told, want.into_iter().map(|(key, people)| (key, people.len() as u64)).collect());
}

#[test]
fn paths_through_a_visit() {
    let app = TestApp::new();
    let sent = traffic(&app, 8);
    let mut want: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    let mut sessions: BTreeMap<&String, Vec<&Sent>> = BTreeMap::new();
    sent.iter().for_each(|one| sessions.entry(&one.session).or_default().push(one));
    for mut events in sessions.into_values() {
        events.sort_by_key(|one| (one.at, one.position, one.id.clone()));
        for (at, one) in events.iter().enumerate().filter(|(_, one)| one.kind == "page-view") {
            let path: Vec<&str> = events[at..].iter().take(3).map(|one| one.kind).collect();
            if path.len() > 1 {
                *want.entry(path).or_default() += 1;
            }
            assert_eq!(one.kind, "page-view");
        }
    }
    let told: BTreeMap<Vec<String>, u64> =
        get(&app, "/api/events/paths?length=3&start=type%3Dpage-view&limit=1000")
            .iter()
            .map(|row| {
                (
                    serde_json::from_value(row["path"].clone()).unwrap(),
                    row["count"].as_u64().unwrap(),
                )
            })
            .collect();
    let want: BTreeMap<Vec<String>, u64> = want
        .into_iter()
        .map(|(path, n)| (path.iter().map(|kind| (*kind).to_owned()).collect(), n))
        .collect();
    assert_eq!(told, want);
}

#[test]
fn people_are_found_by_what_is_known_of_them() {
    let app = TestApp::new();
    let sent = traffic(&app, 9);
    let people: BTreeSet<usize> = sent.iter().map(|one| one.person).collect();
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = app.get(&format!("/api/profiles?limit=3{cursor}")).ok().body;
        all.extend(body["result"].as_array().unwrap().clone());
        let Some(next) = body["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(all.len(), people.len());
    let found = result(app.get("/api/profiles?email=P3%40example.com"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["email"], "p3@example.com");
    let id = found[0]["id"].as_str().unwrap();
    assert_eq!(result(app.get(&format!("/api/profiles?id={id}"))).len(), 1);
    let place = "path=data.contact.email.main&value=p3%40example.com";
    assert_eq!(result(app.get(&format!("/api/profiles?{place}"))).len(), 1);
    assert_eq!(result(app.get("/api/profiles?seen_to=2026-01-05")).len(), 0);
    let sessions = result(app.get(&format!("/api/sessions?profile={id}&limit=1000")));
    let theirs: BTreeSet<&String> =
        sent.iter().filter(|one| one.person == 3).map(|one| &one.session).collect();
    assert_eq!(sessions.len(), theirs.len());
    for session in &sessions {
        let name = session["id"].as_str().unwrap();
        let times: Vec<u64> =
            sent.iter().filter(|one| one.session == name).map(|one| one.at).collect();
        let duration = times.iter().max().unwrap() - times.iter().min().unwrap();
        assert_eq!(session["duration"].as_f64().unwrap(), duration as f64, "{name}");
    }
    let archive = app.get(&format!("/api/profiles/{id}/export")).ok().body;
    assert_eq!(archive["profile"]["id"], id);
    assert_eq!(archive["sessions"].as_array().unwrap().len(), theirs.len());
    let events = archive["events"].as_array().unwrap().iter();
    let ours = events.filter(|event| event["id"].as_str().unwrap().starts_with('e')).count();
    assert_eq!(ours, sent.iter().filter(|one| one.person == 3).count());
}

#[test]
fn filters_are_told_as_sql_has_them() {
    let app = TestApp::new();
    let sent = traffic(&app, 11);
    let filter =
        "where=properties.price%20%3E%3D%205%20OR%20type%20=%20order&from=2026-01-06&type=order";
    let told = app.get(&format!("/api/events/condition?{filter}")).ok().body;
    let sql = format!("SELECT id FROM events WHERE {}", told["sql"].as_str().unwrap());
    let found = app.post("/sql", &json!({"query": sql})).ok().body;
    let ids = |rows: &[Value]| {
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let listed = result(app.get(&format!("/api/events?limit=1000&{filter}")));
    assert_eq!(ids(found.as_array().unwrap()), ids(&listed));
    assert!(!listed.is_empty() && listed.len() < sent.len());
    let all = app.get("/api/events/condition").ok().body;
    assert_eq!(all["sql"], "(true)");
}

#[test]
fn what_cannot_be_read_is_refused_with_a_sentence() {
    let app = TestApp::new();
    for address in [
        "/api/events?where=nothing%20%3D%201",
        "/api/events/condition?where=nothing%20%3D%201",
        "/api/events?from=yesterday",
        "/api/events?cursor=x",
        "/api/events/top?field=nothing",
        "/api/events/histogram?interval=year",
        "/api/events/retention?interval=hour",
        "/api/events/paths?length=99",
        "/api/profiles?path=properties.x&value=1",
    ] {
        let reply = app.get(address);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{address}");
    }
}

#[test]
fn the_references_own_questions() {
    let app = TestApp::new();
    let sent = traffic(&app, 10);
    let ours = "properties.who EXISTS";
    let of = |kind: &str| sent.iter().filter(|one| one.kind == kind).count();
    let asked = json!({"where": format!("type=\"cart\" AND {ours}"), "limit": 5});
    let told = app.post("/event/select", &asked).ok().body;
    assert_eq!(
        (told["total"].as_u64(), told["result"].as_array().unwrap().len()),
        (Some(of("cart") as u64), 5)
    );
    let lucene = json!({"where": "type:cart"});
    assert_eq!(app.post("/event/select/range", &lucene).ok().body["total"], of("cart"));
    let absolute = |date: u64| json!({"absolute": {"year": 2026, "month": 1, "date": date, "hour": 12, "minute": 0, "second": 0, "meridiem": "AM"}});
    let range = json!({"where": ours, "minDate": absolute(6), "maxDate": absolute(8)});
    let day = |one: &&Sent| ((one.at + 36_000) / DAY) + 5;
    let within = sent.iter().filter(|one| (6..8).contains(&day(one))).count();
    assert_eq!(app.post("/event/select/range", &range).ok().body["total"], within);
    let page = app.post("/event/select/range/page/1", &json!({"where": ours})).ok().body;
    let first = page["result"][0]["id"].as_str().unwrap().to_owned();
    let mut ordered: Vec<&Sent> = sent.iter().collect();
    ordered.sort_by_key(|one| std::cmp::Reverse((one.at, one.id.clone())));
    assert_eq!(first, ordered[25].id);
    let told = app.post("/event/select/histogram?group_by=type", &range).ok().body;
    assert_eq!(
        (told["total"].as_u64(), &told["result"][0]["interval"]),
        (Some(within as u64), &json!("hour"))
    );
    let back = json!({"where": ours, "minDate": {"delta": {"type": "minus", "value": -100, "entity": "year"}}});
    assert_eq!(app.post("/event/select/range", &back).ok().body["total"], sent.len());
    assert_eq!(app.post("/event/select", &json!({"where": "a ="})).code(), "question_invalid");
}

#[test]
fn a_misspelt_key_is_no_other_question() {
    let app = TestApp::new();
    let sql = json!({"query": "SELECT 1"}).to_string();
    for (address, body, meant) in [
        ("/sql", json!({"query": sql, "scop": {"type": "cart"}}), "scope"),
        ("/sql", json!({"query": sql, "scope": {"tpye": "cart"}}), "type"),
        ("/event/select", json!({"were": "type = cart"}), "where"),
        ("/event/select/range", json!({"mindate": {}}), "minDate"),
        ("/event/select/range/page/0", json!({"limt": 1}), "limit"),
        ("/event/select/histogram", json!({"timezone": "Europe/Warsaw"}), "timeZone"),
    ] {
        let reply = app.post(address, &body);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{body}");
        assert!(reply.text.contains(&format!("did you mean {meant}?")), "{}", reply.text);
    }
    let reply = app.post("/sql", &json!({"query": "SELECT 1", "from": "2030-01-01"}));
    assert!(reply.text.contains("There is no key from there"), "{}", reply.text);
    // What the reference's console says beside.
    let more = json!({"where": "", "start": 0, "offset": 0, "rand": 0.5, "sort": null});
    app.post("/event/select/range", &more).ok();
}
