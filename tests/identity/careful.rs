//! Whose everything is, is what the model says.
//!
//! Of any payloads of servers and pages, and mergers taken back, in any order.

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

/// Few of each, so that they meet; keys are rare, for two of them keep people apart.
fn naming() -> impl Strategy<Value = Naming> {
    let pk = prop::option::weighted(0.2, 0_usize..2);
    let email = prop::option::weighted(0.7, 0_usize..3);
    (0_usize..4, prop::bool::weighted(0.8), pk, email)
        .prop_map(|(session, is_trusted, pk, email)| Naming { session, is_trusted, pk, email })
}

/// Mergers of one person in a day.
const MERGERS_MAX: usize = 3;

fn app() -> TestApp {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    let settings = json!({"guards": {"merges_a_day_max": MERGERS_MAX}});
    app.post("/api/identity/settings", &settings).ok();
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

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Told(Naming),
    /// One of the mergers so far is taken back.
    TakenBack(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>();
    prop_oneof![3 => naming().prop_map(Step::Told), 1 => index.prop_map(Step::TakenBack)]
}

/// All mergers so far, in order.
fn mergers(app: &TestApp) -> Vec<String> {
    let people = app.get("/api/profiles?limit=100").ok().body;
    let mut mergers: Vec<(String, String)> = Vec::new();
    for person in people["result"].as_array().unwrap() {
        let id = person["id"].as_str().unwrap();
        let identity = app.get(&format!("/api/profiles/{id}/identity")).ok().body;
        for merge in identity["merges"].as_array().unwrap() {
            let [merged, id] = ["merged", "id"].map(|key| merge[key].as_str().unwrap().to_owned());
            if mergers.iter().all(|(_, known)| *known != id) {
                mergers.push((merged, id));
            }
        }
    }
    // Those of one payload stand in their order already.
    mergers.sort_by(|(one, _), (other, _)| one.cmp(other));
    mergers.into_iter().map(|(_, id)| id).collect()
}

/// The same at both: under which id of the model each payload was kept.
fn live(app: &TestApp, model: &mut Careful, steps: &[Step]) -> Vec<Person> {
    let mut told = Vec::new();
    for step in steps {
        match step {
            Step::Told(naming) => {
                app.track(payload(naming, told.len())).ok();
                told.push(model.tell(naming));
            }
            Step::TakenBack(index) if model.mergers() > 0 => {
                let number = index.index(model.mergers());
                let merger = &mergers(app)[number];
                let reply = app.post(&format!("/api/merges/{merger}/undo"), &json!({}));
                assert_eq!(reply.status.is_success(), model.undo(number), "{}", reply.text);
            }
            Step::TakenBack(_) => {}
        }
        app.advance(1);
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn everybody_has_what_the_model_gives_them(steps in prop::collection::vec(step(), 1..16)) {
        let (app, mut model) = (app(), Careful::new(MERGERS_MAX));
        let told = live(&app, &mut model, &steps);
        let people: Vec<Person> = told.iter().map(|id| model.living(*id)).collect();
        let owners = owners(&app, told.len());
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
