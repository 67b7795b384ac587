//! Any history: what is folded, what history says, and a plain recount agree at every moment.
//!
//! With late and repeated events, values of any kind, two sources that give the same ids, mergers and their undoing, and time that goes by.

mod rules;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rules::{RULES, many, traits};
use serde_json::{Value, json};
use values::{Words, Worth};

use crate::committer::recovery::{as_killed, reopened};

use super::{AUDIENCES, TRAITS, audience, did, members, put, time, warm};
use crate::support::TestApp;

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    /// In a session, so many minutes before now: which type, at what price.
    Event { session: usize, kind: bool, price: u64, late: u64, says: Says },
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
    /// The process is killed, and another one begins with what it left.
    Killed,
}

/// What an event says beside its price, and through which source.
#[derive(Clone, Copy, Debug)]
struct Says {
    worth: Worth,
    words: Words,
    is_of_second: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let says = (values::worth(), values::words(), any::<bool>());
    let says = says.prop_map(|(worth, words, is_of_second)| Says { worth, words, is_of_second });
    let late = prop_oneof![3 => Just(0), 1 => 0..120_u64];
    let event = (0..4_usize, any::<bool>(), 0..10_u64, late, says);
    let event = event.prop_map(|(session, kind, price, late, says)| Step::Event {
        session,
        kind,
        price,
        late,
        says,
    });
    prop_oneof![
        8 => event,
        2 => (0..20_usize).prop_map(Step::Again),
        1 => (0..4_usize, 0..4_usize).prop_map(|(one, other)| Step::Unite(one, other)),
        1 => (0..4_usize).prop_map(Step::Apart),
        1 => (0..4_usize, any::<bool>()).prop_map(|(session, is_on)| Step::List { session, is_on }),
        3 => (1..50_u64).prop_map(Step::Wait),
        1 => Just(Step::Killed),
    ]
}

/// An event as it was sent.
#[derive(Clone, Debug)]
struct Sent {
    payload: Value,
    session: usize,
    kind: &'static str,
    price: u64,
    says: Says,
    at: i64,
    /// How many were sent before it: no two are received at once.
    place: usize,
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
    /// How often it was killed.
    lives: u64,
}

const MINUTE: i64 = 60_000_000;
const SECOND_SOURCE: &str = "second";

impl World {
    fn new() -> Self {
        let app = TestApp::new();
        app.add_source(SECOND_SOURCE, |_| {});
        for posted in traits().into_iter().chain(values::traits("")) {
            app.post(TRAITS, &posted).ok();
        }
        let list = app.post("/api/lists", &json!({"name": "some"})).ok().body["id"].clone();
        let list = list.as_str().unwrap().to_owned();
        Self { app, sent: Vec::new(), ids: BTreeMap::new(), keys: 0, list, lives: 0 }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Event { session, kind, price, late, says } => {
                let at = self.app.clock.now().micros() - i64::try_from(*late).unwrap() * MINUTE;
                let kind = if *kind { "a" } else { "b" };
                let sent = self.sent(*session, (kind, *price), *says, at);
                self.sent.push(sent.clone());
                self.track(*session, sent.payload);
            }
            Step::Again(which) => {
                let Some(sent) = self.sent.get(*which).cloned() else { return };
                self.track(sent.session, sent.payload);
            }
            Step::Unite(one, other) => {
                self.keys += 1;
                let properties = json!({"identifier": {"id": format!("K{}", self.keys)}});
                for session in [one, other] {
                    let payload = did(&format!("s{session}"), "profile-update", &properties);
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
            Step::Killed => self.begin_again(),
        }
    }

    /// On PostgreSQL nothing is held back, and what is killed leaves no folder.
    fn begin_again(&mut self) {
        if !crate::support::engine::is_postgres() {
            self.lives += 1;
            let left = as_killed(self.app.folder());
            self.app = reopened(left, &self.app.clock.clone(), 1_000 + self.lives);
            // No process begins within the microsecond in which another ends: who came first then is told by nothing.
            self.app.advance(1);
        }
    }

    /// Each source counts its events for itself: they have the same ids.
    fn sent(
        &self,
        session: usize,
        (kind, price): (&'static str, u64),
        says: Says,
        at: i64,
    ) -> Sent {
        let before = self.sent.iter().filter(|one| one.says.is_of_second == says.is_of_second);
        let sort = if price.is_multiple_of(2) { "even" } else { "odd" };
        let properties = json!({"price": price, "sort": sort,
            "worth": says.worth.sent(price), "words": says.words.text()});
        let mut payload = did(&format!("s{session}"), kind, &properties);
        payload["events"][0]["id"] = json!(format!("e{}", before.count()));
        let time = kith::model::Time::from_micros(at).to_string();
        payload["events"][0]["time"] = json!({"insert": time});
        if says.is_of_second {
            payload["source"] = json!({"id": SECOND_SOURCE});
        }
        Sent { payload, session, kind, price, says, at, place: self.sent.len() }
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
        self.check_values("");
    }

    /// What is computed of everybody is what a plain recount says.
    #[track_caller]
    fn check_values(&self, suffix: &str) {
        let now = self.app.clock.now().micros();
        for (id, events) in self.people() {
            let computed = &self.app.get(&format!("/profile/{id}")).ok().body["computed"];
            values::check(computed, &events, now, suffix);
        }
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
        for (id, ..) in RULES {
            let growth =
                self.app.get(&format!("{AUDIENCES}/{id}/growth?from=2026-01-05")).ok().body;
            let sizes =
                growth["result"].as_array().unwrap().iter().map(|row| row["members"].as_i64());
            let sizes: Vec<i64> = sizes.map(Option::unwrap).collect();
            let now = i64::try_from(members(&self.app, id).len()).unwrap();
            assert_eq!(sizes.last(), Some(&now), "{id}: {sizes:?}");
            assert!(sizes.iter().all(|size| *size >= 0), "{id}: {sizes:?}");
        }
        // The same values once more, which nobody has counted yet.
        for posted in values::traits("_later") {
            self.app.post(TRAITS, &posted).ok();
        }
        warm(&self.app);
        self.check_values("_later");
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
    let says = Says { worth: Worth::Whole, words: Words::Short, is_of_second: false };
    let event = |session, price| Step::Event { session, kind: true, price, late: 0, says };
    for price in 0..5 {
        world.take(&event(usize::try_from(price).unwrap() % 3, price));
    }
    world.take(&Step::List { session: 1, is_on: true });
    world.set_up();
    let mut warming = kith::warming::Warming::new(world.app.app());
    for session in 0..4 {
        assert!(!world.app.wait(warming.next()).unwrap() || session > 0);
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
