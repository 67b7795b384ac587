//! Funnels against a naive count, on both ways of asking.

use std::collections::BTreeSet;

use kith::lake::ask::{Filter, Funnel, Scope};
use kith::model::Time;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use super::asking::{OURS, Sent, TYPES, next_place, result, traffic};
use super::support::{DAY, lake, rows};
use crate::support::TestApp;

/// People who came to each step, by trying every beginning.
fn naive_funnel(sent: &[Sent], steps: &[&str], window: u64) -> Vec<u64> {
    let mut reached = vec![BTreeSet::new(); steps.len()];
    for begin in sent.iter().filter(|one| one.kind == steps[0]) {
        reached[0].insert(begin.person);
        let mut at = (begin.at, begin.position);
        for (step, kind) in steps.iter().enumerate().skip(1) {
            let next = sent
                .iter()
                .filter(|one| one.person == begin.person && one.kind == *kind)
                .map(|one| (one.at, one.position))
                .filter(|next| *next > at)
                .min();
            let Some(next) = next.filter(|next| next.0 - begin.at <= window) else { break };
            at = next;
            reached[step].insert(begin.person);
        }
    }
    reached.iter().map(|people| people.len() as u64).collect()
}

/// As `POST /api/events/funnel` tells it.
fn funnel(app: &TestApp, steps: &[&str], window: u64) -> Vec<u64> {
    let filters: Vec<String> = steps.iter().map(|kind| format!("type = \"{kind}\"")).collect();
    let asked = json!({"steps": filters, "window_seconds": window});
    let told = result(app.post(&format!("/api/events/funnel?{OURS}"), &asked)).remove(0);
    (1..=steps.len()).map(|step| told[format!("step_{step}")].as_u64().unwrap()).collect()
}

/// As the question in SQL alone tells it.
fn funnel_in_sql(app: &TestApp, steps: &[&str], window: u64) -> Vec<u64> {
    let filter = |text: &str| Filter::read(text, Time::default()).unwrap();
    let asked = Funnel {
        scope: Scope { filter: filter("properties.who EXISTS"), ..Scope::default() },
        steps: steps.iter().map(|kind| filter(&format!("type = \"{kind}\""))).collect(),
        window_seconds: window,
    };
    let told = rows(app, &asked.sql().unwrap()).remove(0);
    (1..=steps.len()).map(|step| told[&format!("step_{step}")].as_u64().unwrap()).collect()
}

#[test]
fn funnels() {
    for seed in 3..6 {
        let app = TestApp::new();
        let sent = traffic(&app, seed);
        for (steps, window) in [
            (vec!["page-view", "cart", "order"], DAY),
            (vec!["page-view", "product-clicked", "cart", "order"], 3 * DAY),
            (vec!["order", "order"], DAY / 4),
        ] {
            let want = naive_funnel(&sent, &steps, window);
            assert_eq!(funnel(&app, &steps, window), want, "{seed} {steps:?} {window}");
        }
    }
    let refused = TestApp::new().post("/api/events/funnel", &json!({"steps": ["type = \"x\""]}));
    assert_eq!(refused.code(), "question_invalid");
}

/// Windows from none to one that holds all, up to ten steps, the same one several times.
#[test]
fn funnels_of_random_steps() {
    let mut random = rand::rngs::StdRng::seed_from_u64(11);
    let app = TestApp::new();
    let mut sent = traffic(&app, 11);
    crowd(&app, &mut sent);
    for round in 0..60 {
        let steps: Vec<&str> = (0..random.random_range(2..=[3, 5, 10][round % 3]))
            .map(|_| TYPES[random.random_range(0..TYPES.len())])
            .collect();
        let window = [0, 1, DAY / 8, DAY / 2, DAY, 2 * DAY, 90 * DAY][round % 7];
        let want = naive_funnel(&sent, &steps, window);
        assert_eq!(funnel(&app, &steps, window), want, "{steps:?} {window}");
        assert_eq!(funnel_in_sql(&app, &steps, window), want, "in SQL: {steps:?} {window}");
    }
}

/// One person with very many events, several of them at each moment.
fn crowd(app: &TestApp, sent: &mut Vec<Sent>) {
    let (session, start) = ("crowd".to_owned(), sent.last().unwrap().at);
    for round in 0..36_u64 {
        let mut events = Vec::new();
        let begin = next_place(sent, start + round * 400);
        for number in 0..20 {
            let (id, kind) = (format!("c{round}-{number}"), TYPES[(round + number) as usize % 4]);
            let properties = json!({"price": 1, "who": 99});
            events.push(json!({"id": id, "type": kind, "properties": properties}));
            let (session, at) = (session.clone(), start + round * 400);
            sent.push(Sent {
                id,
                person: 99,
                session,
                kind,
                at,
                position: begin + number,
                price: 1,
            });
        }
        app.track(json!({"session": {"id": session}, "events": events})).ok();
        app.advance(400);
        if round == 20 {
            lake(app).flush().unwrap();
        }
    }
}
