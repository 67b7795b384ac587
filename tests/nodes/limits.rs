//! Limits count what comes in at all nodes together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use kith::config::Config;
use kith::jobs::Jobs;
use serde_json::json;

use crate::admin::totp::{credentials, enrol};
use crate::jobs::runs;
use crate::support::failing::{Failing, Plan, Spoil};
use crate::support::{Reply, Setup, TestApp, engine, postgres};

/// How often nodes tell each other.
const TELL: Duration = Duration::from_millis(250);

fn node(url: &str, seed: u64, plan: &Arc<Plan>) -> TestApp {
    let configure = |config: &mut Config| {
        config.events.flush_seconds = 1_000_000;
        config.admission.payloads_per_second_max = 20;
        config.admission.payloads_burst_max = 40;
        config.accounts.login_attempts_per_minute_max = 3;
    };
    let plan = Arc::clone(plan);
    let wrap = Box::new(|inner| Arc::new(Failing { inner, plan }) as Arc<_>);
    let folder = engine::folder_for(url);
    TestApp::with(Setup { folder, seed, configure, wrap, ..Setup::default() })
}

/// Two on a database of their own.
fn nodes() -> Vec<TestApp> {
    let url = postgres::create_database();
    (1..=2).map(|seed| node(&url, seed, &Arc::default())).collect()
}

/// How many of ten in each quarter of a second are let in, at each of `through`, in ten seconds.
fn let_in(nodes: &[TestApp], through: &[&TestApp]) -> usize {
    let is_let_in = |node: &TestApp| {
        let reply = node.track(json!({"events": [{"type": "x"}]}));
        assert!([200, 429].contains(&reply.status.as_u16()), "{}", reply.body);
        reply.status == 200
    };
    let mut count = 0;
    for _ in 0..40 {
        for node in through {
            count += (0..10).filter(|_| is_let_in(node)).count();
        }
        for node in nodes {
            let before = runs(node, "allowances", "done");
            node.clock.advance(TELL);
            while runs(node, "allowances", "done") == before {
                std::thread::yield_now();
            }
        }
    }
    count
}

#[test]
fn a_source_may_send_as_much_through_two_nodes_as_through_one() {
    let nodes = nodes();
    let _jobs: Vec<_> = nodes.iter().map(|node| Jobs::start(node.app(), None).unwrap()).collect();
    nodes.iter().for_each(|node| node.app().rates.set_nodes(2));
    // 20 a second and 40 at once, and what is documented: a second and a burst more.
    let through_both = let_in(&nodes, &[&nodes[0], &nodes[1]]);
    assert!((200..=20 * 11 + 2 * 40).contains(&through_both), "{through_both}");
    let through_one = let_in(&nodes, &[&nodes[0]]);
    assert!((160..=20 * 11 + 2 * 40).contains(&through_one), "{through_one}, which is not half");
}

/// From one address.
fn attempt(password: &str) -> Request<Body> {
    let mut request = credentials(password, "");
    let peer = ConnectInfo(SocketAddr::from(([203, 0, 113, 1], 1)));
    request.extensions_mut().insert(peer);
    request
}

fn sign_in(node: &TestApp, password: &str) -> Reply {
    node.send(attempt(password))
}

fn outcome(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), reply.code())
}

const RIGHT: &str = "correct horse battery";

fn add_ann(node: &TestApp) {
    let user = json!({"email": "ann@example.com", "password": RIGHT, "roles": ["developer"]});
    node.post("/user", &user).ok();
}

#[test]
fn wrong_passwords_count_wherever_they_were_tried() {
    let nodes = nodes();
    add_ann(&nodes[0]);
    for node in [0, 1, 0] {
        assert_eq!(outcome(&sign_in(&nodes[node], "wrong")), (400, "credentials_wrong"));
    }
    for node in &nodes {
        let reply = sign_in(node, RIGHT);
        assert_eq!(outcome(&reply), (429, "login_attempts"));
        assert_eq!(reply.header("retry-after"), "20");
    }
    nodes.iter().for_each(|node| node.advance(20));
    sign_in(&nodes[1], RIGHT).ok();
    sign_in(&nodes[0], RIGHT).ok();
}

#[test]
fn wrong_passwords_at_the_same_moment_are_counted_exactly() {
    let nodes = nodes();
    add_ann(&nodes[0]);
    let all = || (0..6).map(|_| attempt("wrong")).collect();
    let replies = [nodes[0].send_all(all()), nodes[1].send_all(all())];
    let replies: Vec<_> = replies.iter().flat_map(std::sync::mpsc::Receiver::iter).collect();
    let looked_at = replies.iter().filter(|(_, reply)| reply.code() == "credentials_wrong");
    assert_eq!(looked_at.count(), 3);
}

#[test]
fn wrong_codes_count_wherever_they_were_tried() {
    let nodes = nodes();
    let ann = enrol(&nodes[0]);
    nodes[1].advance(30);
    let wrong = |node: &TestApp| node.send(credentials(RIGHT, "abcdef")).code().to_owned();
    for at in 0..10 {
        assert_eq!(wrong(&nodes[at % 2]), "totp_wrong", "{at}");
    }
    for node in &nodes {
        let reply = node.send(credentials(RIGHT, &ann.code(node)));
        assert_eq!(outcome(&reply), (429, "login_attempts"));
    }
}

#[test]
fn nobody_may_try_while_nobody_knows_how_much_was_tried() {
    let url = postgres::create_database();
    let plan = Arc::<Plan>::default();
    let node = node(&url, 1, &plan);
    add_ann(&node);
    plan.spoil(Some(("INSERT INTO allowance", Spoil::Fails)));
    assert_eq!(outcome(&sign_in(&node, RIGHT)), (503, "storage_unavailable"));
    plan.spoil(None);
    sign_in(&node, RIGHT).ok();
}
