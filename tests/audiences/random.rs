//! Any history: what is folded, what history says, and a plain recount agree at every moment.
//!
//! With late and repeated events, mergers and their undoing, and time that goes by.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{AUDIENCES, TRAITS, audience, members, put, time, warm};
use crate::support::TestApp;

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    /// In a session, so many minutes before now: which type, at what price.
    Event { session: usize, kind: bool, price: u64, late: u64 },
    /// An event of before comes once more.
    Again(usize),
    /// Two sessions say the same key.
    Unite(usize, usize),
    /// The last merger of a session's person is taken back.
    Apart(usize),
    /// Somebody puts a session's person on a list, or takes them off.
    List { session: usize, is_on: bool },
    /// Minutes go by.
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let event = (0..4_usize, any::<bool>(), 0..10_u64, prop_oneof![3 => Just(0), 1 => 0..120_u64]);
    prop_oneof![
        8 => event.prop_map(|(session, kind, price, late)| Step::Event { session, kind, price, late }),
        2 => (0..20_usize).prop_map(Step::Again),
        1 => (0..4_usize, 0..4_usize).prop_map(|(one, other)| Step::Unite(one, other)),
        1 => (0..4_usize).prop_map(Step::Apart),
        1 => (0..4_usize, any::<bool>()).prop_map(|(session, is_on)| Step::List { session, is_on }),
        3 => (1..50_u64).prop_map(Step::Wait),
    ]
}

/// An event as it was sent.
#[derive(Clone, Debug)]
struct Sent {
    payload: Value,
    session: usize,
    kind: &'static str,
    price: u64,
    at: i64,
}

/// The product, and what was done to it.
struct World {
    app: TestApp,
    sent: Vec<Sent>,
    /// The first id of each session: what happens in it is kept under that.
    ids: BTreeMap<usize, String>,
    keys: usize,
    /// A list of people.
    list: String,
}

/// Audiences by their conditions, and what each means of somebody's events.
type Recount = fn(&[&Sent], i64) -> bool;
const MINUTE: i64 = 60_000_000;

fn many(events: &[&Sent], kind: &str, since: i64, price: u64) -> usize {
    let is_one = |sent: &&&Sent| sent.kind == kind && sent.at > since && sent.price >= price;
    events.iter().filter(is_one).count()
}

/// The prices of the first or the last moment at which something was done, and when that was.
fn at_one_end(events: &[&Sent], kind: &str, last: bool) -> (i64, Vec<u64>) {
    let times = || events.iter().filter(|sent| sent.kind == kind).map(|sent| sent.at);
    let end = if last { times().max() } else { times().min() }.unwrap_or_default();
    let then = events.iter().filter(|sent| sent.kind == kind && sent.at == end);
    (end, then.map(|sent| sent.price).collect())
}

fn of_kind<'a>(events: &'a [&'a Sent], kind: &'a str) -> impl Iterator<Item = &'a Sent> + Clone {
    events.iter().copied().filter(move |sent| sent.kind == kind)
}

/// What events come to that each count half after so many minutes.
fn halved<'a>(events: impl Iterator<Item = &'a Sent>, now: i64, minutes: i64) -> f64 {
    let share = |sent: &Sent| (-((now - sent.at) as f64) / (minutes * MINUTE) as f64).exp2();
    (events.map(share).sum::<f64>() * 1e6).round() / 1e6
}

/// Traits that are worked out.
fn traits() -> [Value; 7] {
    let of_b = |id: &str, function: &str, rest: Value| {
        let mut posted = json!({"id": id, "function": function, "event_type": "b"});
        posted.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        posted
    };
    [
        of_b("spent", "sum", json!({"of": "properties.price", "within": "1h"})),
        of_b("paid", "sum", json!({"of": "properties.price"})),
        of_b("bs", "count", json!({})),
        of_b("likes", "interests", json!({"of": "properties.sort", "half_life": "30m"})),
        of_b(
            "rfm",
            "rfm",
            json!({"of": "properties.price",
            "marks": {"recency": ["30m", "2h"], "frequency": [2, 4], "monetary": [10]}}),
        ),
        json!({"id": "heat", "function": "halving", "event_type": "a", "half_life": "1h"}),
        json!({"id": "per", "function": "formula",
            "formula": "coalesce(computed.paid, 0) / max(computed.bs, 1)"}),
    ]
}

const RULES: [(&str, &str, Recount); 16] = [
    ("generous", "profile@computed.per >= 4", |events, _| {
        let prices: Vec<u64> = of_kind(events, "b").map(|sent| sent.price).collect();
        prices.iter().sum::<u64>() >= 4 * prices.len().max(1) as u64
    }),
    ("hot", "profile@computed.heat >= 1.5", |events, now| {
        halved(of_kind(events, "a"), now, 60) >= 1.5
    }),
    ("fond", "profile@computed.likes.even > 0.8", |events, now| {
        halved(of_kind(events, "b").filter(|sent| sent.price % 2 == 0), now, 30) > 0.8
    }),
    ("lively", "profile@computed.rfm STARTS WITH \"32\"", |events, now| {
        let last = of_kind(events, "b").map(|sent| sent.at).max();
        let many = of_kind(events, "b").count();
        last.is_some_and(|at| now < at + 30 * MINUTE) && (2..4).contains(&many)
    }),
    ("dear", "DID LAST \"b\" WITH (event@properties.price >= 5) WITHIN 3h", |events, now| {
        let (at, prices) = at_one_end(events, "b", true);
        at > now - 180 * MINUTE && prices.iter().any(|price| *price >= 5)
    }),
    ("began", "DID FIRST \"b\" WITH (event@properties.price >= 5)", |events, _| {
        at_one_end(events, "b", false).1.iter().any(|price| *price >= 5)
    }),
    (
        "followed",
        "DID \"a\" THEN WITHIN 40m \"b\" WHERE (event@properties.price >= 3) WITHIN 2h",
        |events, now| {
            let follows = |a: &Sent, b: &Sent| a.at <= b.at && b.at < a.at + 40 * MINUTE;
            of_kind(events, "a")
                .filter(|a| a.at > now - 120 * MINUTE)
                .any(|a| of_kind(events, "b").any(|b| b.price >= 3 && follows(a, b)))
        },
    ),
    ("thrice", "DID \"a\" THEN \"a\" THEN \"b\" WITHIN 4h", |events, now| {
        let all: Vec<&Sent> = of_kind(events, "a").filter(|a| a.at > now - 240 * MINUTE).collect();
        all.iter().enumerate().any(|(at, one)| {
            all.iter().enumerate().any(|(other_at, other)| {
                at != other_at
                    && one.at <= other.at
                    && of_kind(events, "b").any(|b| other.at <= b.at)
            })
        })
    }),
    ("again", "DID \"a\" THEN \"a\" THEN \"a\" WITHIN 4h", |events, now| {
        many(events, "a", now - 240 * MINUTE, 0) >= 3
    }),
    ("unanswered", "DID \"a\" THEN NOT WITHIN 30m \"b\" WITHIN 3h", |events, now| {
        of_kind(events, "a").any(|a| {
            let until = a.at + 30 * MINUTE;
            let answered = of_kind(events, "b").any(|b| a.at <= b.at && b.at < until);
            a.at > now - 180 * MINUTE && until <= now && !answered
        })
    }),
    ("often", "DID \"a\" AT LEAST 2 TIMES WITHIN 1h", |events, now| {
        many(events, "a", now - 60 * MINUTE, 0) >= 2
    }),
    (
        "few",
        "DID \"b\" WHERE (event@properties.price >= 5) AT MOST 1 TIMES WITHIN 2h",
        |events, now| many(events, "b", now - 120 * MINUTE, 5) <= 1,
    ),
    ("asleep", "DID NOT \"a\" WITHIN 30m AND DID \"b\"", |events, now| {
        many(events, "a", now - 30 * MINUTE, 0) == 0 && many(events, "b", 0, 0) > 0
    }),
    ("three", "DID \"a\" EXACTLY 3 TIMES", |events, _| many(events, "a", 0, 0) == 3),
    ("spender", "profile@computed.spent >= 10 AND NOT IN AUDIENCE \"three\"", |events, now| {
        let lately = events.iter().filter(|sent| sent.kind == "b" && sent.at > now - 60 * MINUTE);
        lately.map(|sent| sent.price).sum::<u64>() >= 10 && many(events, "a", 0, 0) != 3
    }),
    ("either", "IN AUDIENCE \"often\" OR IN AUDIENCE \"asleep\"", |events, now| {
        let often = many(events, "a", now - 60 * MINUTE, 0) >= 2;
        often || (many(events, "a", now - 30 * MINUTE, 0) == 0 && many(events, "b", 0, 0) > 0)
    }),
];

impl World {
    fn new() -> Self {
        let app = TestApp::new();
        for posted in traits() {
            app.post(TRAITS, &posted).ok();
        }
        let list = app.post("/api/lists", &json!({"name": "some"})).ok().body["id"].clone();
        let list = list.as_str().unwrap().to_owned();
        Self { app, sent: Vec::new(), ids: BTreeMap::new(), keys: 0, list }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Event { session, kind, price, late } => {
                let at = self.app.clock.now().micros() - i64::try_from(*late).unwrap() * MINUTE;
                let kind = if *kind { "a" } else { "b" };
                let payload = json!({"session": {"id": format!("s{session}")}, "events": [{
                    "id": format!("e{}", self.sent.len()), "type": kind,
                    "time": {"insert": kith::model::Time::from_micros(at).to_string()},
                    "properties": {"price": price, "sort": if price % 2 == 0 { "even" } else { "odd" }}}]});
                let sent =
                    Sent { payload: payload.clone(), session: *session, kind, price: *price, at };
                self.sent.push(sent);
                self.track(*session, payload);
            }
            Step::Again(which) => {
                let Some(sent) = self.sent.get(*which).cloned() else { return };
                self.track(sent.session, sent.payload);
            }
            Step::Unite(one, other) => {
                self.keys += 1;
                let properties = json!({"identifier": {"id": format!("K{}", self.keys)}});
                for session in [one, other] {
                    let payload = super::did(&format!("s{session}"), "profile-update", &properties);
                    self.track(*session, payload);
                    self.app.advance(1);
                }
            }
            Step::Apart(session) => {
                let Some(id) = self.ids.get(session) else { return };
                let identity = self.app.get(&format!("/api/profiles/{id}/identity")).ok().body;
                let merges = identity["merges"].as_array().unwrap().iter();
                let mut holds = merges.filter(|merge| merge["undone"] == Value::Null);
                if let Some(merge) = holds.next_back() {
                    let merge = merge["id"].as_str().unwrap();
                    self.app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
                }
            }
            Step::List { session, is_on } => {
                let Some(id) = self.ids.get(session) else { return };
                let address = format!("/api/lists/{}/members", self.list);
                if *is_on {
                    self.app.post(&address, &json!({"profiles": [id]})).ok();
                } else {
                    self.app.delete(&format!("{address}/{id}"));
                }
                // Two words of one moment are in no order.
                self.app.advance(1);
            }
            Step::Wait(minutes) => self.app.advance(minutes * 60),
        }
    }

    fn track(&mut self, session: usize, payload: Value) {
        let id = self.app.track(payload).ok().profile();
        self.ids.entry(session).or_insert(id);
    }

    /// Everybody: the living id, and the events of theirs.
    fn people(&self) -> BTreeMap<String, Vec<&Sent>> {
        let mut people: BTreeMap<String, Vec<&Sent>> = BTreeMap::new();
        for (session, id) in &self.ids {
            let living = self.app.get(&format!("/profile/{id}")).ok().body;
            let living = living["id"].as_str().unwrap().to_owned();
            let theirs = self.sent.iter().filter(|sent| sent.session == *session);
            people.entry(living).or_default().extend(theirs);
        }
        people
    }

    #[track_caller]
    fn check(&self) {
        time(&self.app);
        let now = self.app.clock.now().micros();
        let people = self.people();
        for (id, condition, recount) in RULES {
            let counted: BTreeSet<&str> = people
                .iter()
                .filter(|(_, events)| recount(events, now))
                .map(|(id, _)| id.as_str())
                .collect();
            let folded = members(&self.app, id);
            let folded: BTreeSet<&str> = folded.iter().map(String::as_str).collect();
            assert_eq!(folded, counted, "{id}: {condition}");
        }
        assert_eq!(members(&self.app, "listed"), self.listed(), "listed");
    }

    /// Who is on the list.
    fn listed(&self) -> Vec<String> {
        let body = self.app.get(&format!("/api/lists/{}/members", self.list)).ok().body;
        let people = body["result"].as_array().unwrap().iter();
        people.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Stores all rules.
    fn set_up(&self) {
        for (id, condition, _) in RULES {
            put(&self.app, id, condition);
        }
        put(&self.app, "listed", &format!("IN LIST \"{}\"", self.list));
    }

    /// The same by history alone.
    #[track_caller]
    fn check_history(&self) {
        let now = self.app.clock.now().micros();
        let people = self.people();
        for (id, condition, recount) in RULES {
            let tried = json!({"condition": condition, "id": id});
            let preview = self.app.post(&format!("{AUDIENCES}/preview"), &tried).ok().body;
            let counted = people.values().filter(|events| recount(events, now)).count();
            assert_eq!(preview["members"], json!(counted), "{id}: {preview:#}");
            assert_eq!((&preview["enter"], &preview["leave"]), (&json!(0), &json!(0)), "{id}");
        }
        let tried = json!({"condition": format!("IN LIST \"{}\"", self.list), "id": "listed"});
        let preview = self.app.post(&format!("{AUDIENCES}/preview"), &tried).ok().body;
        assert_eq!(preview["members"], json!(self.listed().len()));
        assert_eq!((&preview["enter"], &preview["leave"]), (&json!(0), &json!(0)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_history_and_a_recount_agree_at_every_moment(
        before in prop::collection::vec(step(), 0..12),
        after in prop::collection::vec(step(), 1..20),
    ) {
        let mut world = World::new();
        before.iter().for_each(|step| world.take(step));
        world.set_up();
        warm(&world.app);
        world.check();
        for step in &after {
            world.take(step);
            world.check();
        }
        world.check_history();
    }
}

/// A rule is stored, and while it is being warmed everything goes on.
#[test]
fn what_happens_while_history_is_asked_is_counted_once() {
    let mut world = World::new();
    let event = |session, price| Step::Event { session, kind: true, price, late: 0 };
    for price in 0..5 {
        world.take(&event(usize::try_from(price).unwrap() % 3, price));
    }
    world.take(&Step::List { session: 1, is_on: true });
    world.set_up();
    for session in 0..4 {
        assert!(!world.app.wait(kith::warming::next(world.app.app())).unwrap() || session > 0);
        world.take(&event(session, 3));
        world.take(&Step::Unite(session, (session + 1) % 3));
        world.app.advance(2);
    }
    warm(&world.app);
    world.check();
    world.check_history();
    audience(&world.app, "more", "DID \"a\" AT LEAST 4 TIMES");
    let many = world.people().values().filter(|events| many(events, "a", 0, 0) >= 4).count();
    assert_eq!(members(&world.app, "more").len(), many);
}
