//! Any payloads of servers and pages, in any order: whose they are is what the model says.

use std::collections::{BTreeMap, BTreeSet};

use kith::model::Trust;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::careful::{Careful, Naming, Person};

fn payload(naming: &Naming, number: usize) -> Value {
    let event = |name: &str, properties: Value| json!({"id": format!("{name}-{number}"), "type": "sign-in", "properties": properties});
    let pk = naming.pk.map(|pk| event("pk", json!({"pk": format!("c-{pk}")})));
    let email = naming
        .email
        .map(|email| event("email", json!({"email": {"main": format!("{email}@example.com")}})));
    let view = json!({"id": format!("view-{number}"), "type": "page-view"});
    let events: Vec<Value> = pk.into_iter().chain(email).chain([view]).collect();
    let source = if naming.is_trusted { "shop" } else { "page" };
    let session = format!("session {}", naming.session);
    json!({"source": {"id": source}, "session": {"id": session}, "events": events})
}

fn naming() -> impl Strategy<Value = Naming> {
    let key = || prop::option::of(0_usize..3);
    (0_usize..4, any::<bool>(), key(), key()).prop_map(|(session, is_trusted, pk, email)| Naming {
        session,
        is_trusted,
        pk,
        email,
    })
}

fn app() -> TestApp {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    app
}

fn tell(app: &TestApp, all: &[Naming]) {
    for (number, naming) in all.iter().enumerate() {
        app.track(payload(naming, number)).ok();
        app.advance(1);
    }
}

/// By payload, who has its events.
fn owners(app: &TestApp, many: usize) -> Vec<String> {
    let of = |number: usize| {
        let event = app.get(&format!("/event/view-{number}")).ok().body;
        let id = event["event"]["profile"]["id"].as_str().unwrap().to_owned();
        app.get(&format!("/profile/{id}")).ok().body["id"].as_str().unwrap().to_owned()
    };
    (0..many).map(of).collect()
}

/// Each person of the model is one of the product, and each of the product one of the model.
fn agree(people: &[Person], owners: &[String]) -> bool {
    let pairs: BTreeSet<(&Person, &String)> = people.iter().zip(owners).collect();
    let by_person: BTreeMap<_, _> = pairs.iter().copied().collect();
    let by_owner: BTreeMap<_, _> = pairs.iter().map(|(person, owner)| (owner, person)).collect();
    pairs.len() == by_person.len() && pairs.len() == by_owner.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn everybody_has_what_the_model_gives_them(all in prop::collection::vec(naming(), 1..14)) {
        let app = app();
        tell(&app, &all);
        let mut model = Careful::default();
        let told: Vec<Person> = all.iter().map(|naming| model.tell(naming)).collect();
        let people: Vec<Person> = told.into_iter().map(|person| model.living(person)).collect();
        let owners = owners(&app, all.len());
        prop_assert!(agree(&people, &owners), "{people:?} {owners:?}");
        let count = app.get("/profile/count").ok().body["count"].as_u64().unwrap();
        prop_assert_eq!(count, model.count() as u64);
        let problems = app.app().storage.check().unwrap();
        prop_assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn repetition_changes_nobody(
        all in prop::collection::vec(naming(), 1..8),
        again in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
    ) {
        let app = app();
        tell(&app, &all);
        let before = owners(&app, all.len());
        for index in again {
            let number = index.index(all.len());
            app.track(payload(&all[number], number)).ok();
        }
        prop_assert_eq!(owners(&app, all.len()), before);
    }
}
