//! What is taken away at one node is over at all of them.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::nodes;
use crate::admin::totp::{credentials, enrol};
use crate::support::TestApp;

fn status(node: &TestApp, bearer: &str) -> u16 {
    let request =
        Request::get("/event-sources").header("authorization", format!("Bearer {bearer}"));
    node.send(request.body(Body::empty()).unwrap()).status.as_u16()
}

fn sign_in(node: &TestApp) -> String {
    let request = Request::post("/user/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let form = Body::from("username=ann@example.com&password=correct+horse+battery");
    let reply = node.send(request.body(form).unwrap()).ok();
    reply.body["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_taken_away_at_one_node_is_over_at_all_of_them() {
    let nodes = nodes(2);
    let [one, other] = [&nodes[0], &nodes[1]];
    let user = json!({
        "email": "ann@example.com", "password": "correct horse battery", "roles": ["developer"],
    });
    one.post("/user", &user).ok();
    let key = one.post("/api/keys", &json!({"name": "K", "roles": ["developer"]})).ok().body;
    let secret = key["key"].as_str().unwrap();
    assert_eq!((status(one, secret), status(other, secret)), (200, 200));
    other.delete(&format!("/api/keys/{}", key["made"]["id"].as_str().unwrap())).ok();
    assert_eq!((status(one, secret), status(other, secret)), (401, 401));
    for less in [
        json!({"password": "correct horse battery"}),
        json!({"roles": ["marketer"]}),
        json!({"enabled": false}),
    ] {
        one.post("/user/ann@example.com", &json!({"enabled": true, "roles": ["developer"]})).ok();
        let token = sign_in(other);
        assert_eq!((status(one, &token), status(other, &token)), (200, 200));
        other.post("/user/ann@example.com", &less).ok();
        assert_eq!((status(one, &token), status(other, &token)), (401, 401), "{less}");
    }
}

/// Each looks whether another one is left, at the same moment.
#[test]
fn two_administrators_who_remove_each_other_at_two_nodes_do_not_both_succeed() {
    for _ in 0..10 {
        let nodes = nodes(2);
        let other = json!({"email": "ann@example.com", "roles": ["admin"]});
        nodes[0].post("/user", &other).ok();
        let done: Vec<u16> = std::thread::scope(|scope| {
            let remove = |node: usize, who: &'static str| {
                let node = &nodes[node];
                let by = kith::storage::By { who: "a test", address: None, at: node.clock.now() };
                scope.spawn(move || {
                    let removed = node.app().storage.remove_user(who, by).unwrap();
                    u16::from(removed == kith::storage::UserChanged::Done)
                })
            };
            let both = [remove(0, "ann@example.com"), remove(1, "admin@kith.local")];
            both.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(done.iter().sum::<u16>(), 1);
    }
}

/// The code is right at both, at the same moment.
#[test]
fn of_those_who_show_one_code_at_two_nodes_one_comes_in() {
    let nodes = nodes(2);
    let ann = enrol(&nodes[0]);
    for round in 0..5 {
        let code = ann.code(&nodes[0]);
        for code in [&code, &ann.recovery_codes[round]] {
            let all = || (0..3).map(|_| credentials("correct horse battery", code)).collect();
            let replies = [nodes[0].send_all(all()), nodes[1].send_all(all())];
            let replies = replies.iter().flat_map(std::sync::mpsc::Receiver::iter);
            assert_eq!(replies.filter(|(_, reply)| reply.status == 200).count(), 1);
        }
        // Wrong ones are counted, and those who came second were wrong.
        nodes.iter().for_each(|node| node.advance(600));
    }
}
