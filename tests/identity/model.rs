//! Any payloads, in any order, any number of times: the same people as the model has.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::people::{Key, People};

/// One payload: who sends it, and what it says of itself.
#[derive(Clone, Debug)]
struct Said {
    session: usize,
    emails: BTreeSet<usize>,
    phone: Option<usize>,
}

impl Said {
    fn keys(&self) -> Vec<Key> {
        let session = std::iter::once(format!("session {}", self.session));
        let emails = self.emails.iter().map(|email| format!("email {email}"));
        session.chain(emails).chain(self.phone.map(|phone| format!("phone {phone}"))).collect()
    }

    fn payload(&self, number: usize) -> Value {
        let event = |key: &str, value: String, which: usize| {
            let id = format!("event-{number}-{key}-{which}");
            json!({"id": id, "type": "sign-in", "properties": {key: {"main": value}}})
        };
        let email = |email: &usize| event("email", format!("{email}@example.com"), *email);
        let mut events: Vec<Value> = self.emails.iter().map(email).collect();
        events
            .extend(self.phone.map(|phone| event("phone", format!("+48 60010020{phone}"), phone)));
        events.push(json!({"id": format!("event-{number}"), "type": "page-view"}));
        json!({"session": {"id": format!("session {}", self.session)}, "events": events})
    }
}

fn said() -> impl Strategy<Value = Said> {
    let emails = prop::collection::btree_set(0_usize..3, 0..3);
    (0_usize..5, emails, prop::option::of(0_usize..2)).prop_map(|(session, emails, phone)| Said {
        session,
        emails,
        phone,
    })
}

/// What the product makes of them: sets of keys by living profile.
struct Told {
    app: TestApp,
    keys: BTreeMap<Key, String>,
    ids: BTreeSet<String>,
}

impl Told {
    fn new() -> Self {
        Self { app: TestApp::new(), keys: BTreeMap::new(), ids: BTreeSet::new() }
    }

    fn tell(&mut self, said: &Said, number: usize) {
        let id = self.app.track(said.payload(number)).ok().profile();
        self.app.advance(1);
        self.keys.extend(said.keys().into_iter().map(|key| (key, id.clone())));
        self.ids.insert(id);
    }

    /// Every key's living profile, by asking the product.
    fn people(&self) -> BTreeSet<BTreeSet<Key>> {
        let mut people: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        for (key, id) in &self.keys {
            let living = self.app.get(&format!("/profile/{id}")).ok().body;
            let living = living["id"].as_str().unwrap().to_owned();
            people.entry(living).or_default().insert(key.clone());
        }
        people.into_values().collect()
    }

    fn count(&self, what: &str) -> u64 {
        self.app.get(&format!("/{what}/count")).ok().body["count"].as_u64().unwrap()
    }

    fn visits(&self) -> u64 {
        let living = self.ids.iter().map(|id| self.app.get(&format!("/profile/{id}")).ok().body);
        let by_id: BTreeMap<String, Value> =
            living.map(|body| (body["id"].as_str().unwrap().to_owned(), body)).collect();
        let visits = |body: &Value| body["metadata"]["time"]["visit"]["count"].as_u64().unwrap();
        by_id.values().map(visits).sum()
    }
}

fn model(all: &[Said]) -> People {
    let mut people = People::default();
    all.iter().for_each(|said| people.meet(&said.keys()));
    people
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn people_are_those_of_the_model(all in prop::collection::vec(said(), 1..14)) {
        let mut told = Told::new();
        for (number, said) in all.iter().enumerate() {
            told.tell(said, number);
        }
        prop_assert_eq!(told.people(), model(&all).all());
        // Everybody who lives has an id that was handed out.
        prop_assert_eq!(told.count("profile"), model(&all).all().len() as u64);
        // Every session was opened once, by somebody.
        let sessions: BTreeSet<usize> = all.iter().map(|said| said.session).collect();
        prop_assert_eq!(told.visits(), sessions.len() as u64);
        let problems = told.app.app().storage.check().unwrap();
        prop_assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn order_does_not_matter(
        (all, mixed) in prop::collection::vec(said(), 1..10)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let (mut one, mut other) = (Told::new(), Told::new());
        for (number, (said, mixed)) in all.iter().zip(&mixed).enumerate() {
            one.tell(said, number);
            other.tell(mixed, number);
        }
        prop_assert_eq!(one.people(), other.people());
    }

    #[test]
    fn repetition_changes_nothing(
        all in prop::collection::vec(said(), 1..8),
        again in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
    ) {
        let mut told = Told::new();
        for (number, said) in all.iter().enumerate() {
            told.tell(said, number);
        }
        let before = (told.people(), told.count("event"), told.visits());
        for index in again {
            let number = index.index(all.len());
            told.tell(&all[number], number);
        }
        prop_assert_eq!((told.people(), told.count("event"), told.visits()), before);
    }
}
