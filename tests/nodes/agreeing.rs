//! Nodes that race for the same people agree.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::nodes;
use crate::support::{Reply, TestApp};

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

fn sign_in(session: &str, email: &str) -> Value {
    let properties = json!({"email": {"main": email}});
    json!({"session": {"id": session}, "events": [{"type": "sign-in", "properties": properties}]})
}

/// All payloads at every node, at the same time; who each node says they are of.
fn everywhere(nodes: &[TestApp], payloads: &[Value]) -> Vec<Vec<String>> {
    let profiles = |replies: Vec<Reply>| replies.iter().map(Reply::profile).collect();
    replies(nodes, payloads).into_iter().map(profiles).collect()
}

fn replies(nodes: &[TestApp], payloads: &[Value]) -> Vec<Vec<Reply>> {
    std::thread::scope(|scope| {
        let send = |node: &TestApp| {
            let replies = node.track_all(payloads.to_vec());
            replies.into_iter().map(Reply::ok).collect::<Vec<_>>()
        };
        let senders: Vec<_> = nodes.iter().map(|node| scope.spawn(move || send(node))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    })
}

fn count(node: &TestApp, what: &str) -> u64 {
    node.get(&format!("/{what}/count")).ok().body["count"].as_u64().unwrap()
}

#[test]
fn the_same_new_sessions_through_different_nodes_make_one_profile_each() {
    let nodes = nodes(3);
    let payloads: Vec<Value> = (0..60).map(|number| visit(&format!("s{}", number % 20))).collect();
    let said = everywhere(&nodes, &payloads);
    for session in 0..20 {
        let ids: BTreeSet<&String> =
            said.iter().flat_map(|node| node.iter().skip(session).step_by(20)).collect();
        assert_eq!(ids.len(), 1, "session {session}");
    }
    assert_eq!((count(&nodes[0], "profile"), count(&nodes[1], "session")), (20, 20));
    assert_eq!(nodes[2].app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_hot_profile_counts_exactly_whichever_node_is_asked() {
    let nodes = nodes(3);
    let properties = json!({"interest": "sport", "value": 1});
    let event = json!({"type": "increase-interest", "properties": properties});
    let payload = json!({"session": {"id": "hot"}, "events": [event]});
    let said = everywhere(&nodes, &vec![payload; 40]);
    let ids: BTreeSet<&String> = said.iter().flatten().collect();
    assert_eq!(ids.len(), 1);
    let id = ids.first().unwrap();
    for node in &nodes {
        let profile = node.get(&format!("/profile/{id}")).ok().body;
        assert_eq!(profile["interests"]["sport"], 120.0);
        assert_eq!(profile["metadata"]["time"]["visit"]["count"], 1);
    }
    let metrics: String = nodes.iter().map(|node| node.app().telemetry.render()).collect();
    assert!(metrics.contains("kith_payloads_folded_again_total"), "they have met");
}

#[test]
fn mergers_at_different_nodes_end_in_one_person() {
    let nodes = nodes(3);
    // Twenty people in twenty sessions; then every session names two of twenty addresses, in a
    // ring: all of them are one.
    everywhere(&nodes[..1], &(0..20).map(|n| visit(&format!("s{n}"))).collect::<Vec<_>>());
    assert_eq!(count(&nodes[1], "profile"), 20);
    let ring: Vec<Value> = (0..20)
        .flat_map(|n| {
            let (session, next) = (format!("s{n}"), (n + 1) % 20);
            [n, next].map(|address| sign_in(&session, &format!("{address}@example.com")))
        })
        .collect();
    let said = everywhere(&nodes, &ring);
    assert_eq!(count(&nodes[2], "profile"), 1);
    let living: BTreeSet<String> = said
        .iter()
        .flatten()
        .map(|id| nodes[0].get(&format!("/profile/{id}")).ok().body["id"].to_string())
        .collect();
    assert_eq!(living.len(), 1, "every id that was handed out leads to them");
    assert_eq!(nodes[0].app().storage.check().unwrap(), Vec::<String>::new());
    // And whoever is asked now knows it, whatever was remembered.
    for node in &nodes {
        let again: BTreeSet<String> =
            (0..20).map(|n| node.track(visit(&format!("s{n}"))).ok().profile()).collect();
        assert_eq!(again.len(), 1);
    }
}

#[test]
fn a_session_that_changes_hands_at_several_nodes_at_once_unites_nobody() {
    let nodes = nodes(3);
    let by = |name: &str| {
        let properties = json!({"pk": name, "email": {"main": format!("{name}@example.com")}});
        json!({"session": {"id": "shared"}, "events": [{"type": "sign-in", "properties": properties}]})
    };
    let at_home = |name: &str| {
        let mut payload = by(name);
        payload["session"] = json!({"id": format!("{name} at home")});
        payload
    };
    let names = ["ann", "bob", "cleo"];
    let known: Vec<String> =
        names.iter().map(|name| nodes[0].track(at_home(name)).ok().profile()).collect();
    let turns: Vec<Value> = (0..30).map(|turn| by(names[turn % 3])).collect();
    for (turn, said) in everywhere(&nodes, &turns).iter().flat_map(|node| node.iter().enumerate()) {
        assert_eq!(*said, known[turn % 3], "whoever is named has the event");
    }
    assert_eq!(count(&nodes[1], "profile"), 3);
    let session = nodes[2].get("/session/shared").ok().body["profile"]["id"].clone();
    let last = nodes[1].track(visit("shared")).ok().profile();
    assert_eq!(session, json!(last), "and every node knows whose it is now");
    assert_eq!(nodes[0].app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn the_first_sign_ins_of_several_at_one_new_session_give_each_a_profile() {
    let nodes = nodes(3);
    let by = |n: usize| {
        let event = json!({"type": "sign-in", "properties": {"pk": format!("c-{n}")}});
        json!({"session": {"id": format!("shared {}", n / 6)}, "events": [event]})
    };
    let payloads: Vec<Value> = (0..24).map(by).collect();
    let said = everywhere(&nodes, &payloads);
    for n in 0..24 {
        let ids: BTreeSet<&String> = said.iter().map(|node| &node[n]).collect();
        assert_eq!(ids.len(), 1, "whoever c-{n} is");
    }
    assert_eq!(count(&nodes[1], "profile"), 24);
    assert_eq!(nodes[0].app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_event_id_is_kept_once_whichever_nodes_it_comes_to() {
    let nodes = nodes(3);
    let payloads: Vec<Value> = (0..20)
        .map(|n| {
            let event = json!({"id": format!("e{n}"), "type": "purchase"});
            json!({"session": {"id": format!("s{n}")}, "events": [event]})
        })
        .collect();
    replies(&nodes, &payloads);
    let sql = "SELECT count(*) FROM events WHERE type = 'purchase'";
    let moment = nodes[1].history().moment(kith::lake::Span::ALWAYS).unwrap();
    assert_eq!(moment.number(sql, &[]).unwrap(), 20, "of every node's tail");
}

#[test]
fn what_one_node_remembers_gives_way_to_what_another_has_changed() {
    let nodes = nodes(2);
    let one = nodes[0].track(sign_in("phone", "ann@example.com")).ok().profile();
    nodes[0].advance(1);
    nodes[1].advance(1);
    let other = nodes[1].track(visit("laptop")).ok().profile();
    assert_ne!(one, other);
    // The second node merges its own into the first one's.
    assert_eq!(nodes[1].track(sign_in("laptop", "ann@example.com")).ok().profile(), one);
    nodes[0].track(visit("laptop")).ok();
    // The first removes the person; the second remembers them, and must notice.
    assert_eq!(nodes[0].delete(&format!("/profile/{one}")).ok().status, 200);
    let new = nodes[1].track(visit("laptop")).ok().profile();
    assert!(new != one && new != other, "somebody new");
    assert_eq!(nodes[0].track(visit("laptop")).ok().profile(), new);
}
