//! A merger is taken back at one node while all of them hear of both people.

use serde_json::{Value, json};

use super::nodes;
use crate::support::TestApp;

fn interest(session: &str) -> Value {
    let properties = json!({"interest": "sport", "value": 1});
    let event = json!({"type": "increase-interest", "properties": properties});
    json!({"session": {"id": session}, "events": [event]})
}

fn known_by(session: &str, key: &str) -> Value {
    let properties = json!({"identifier": {"id": key}});
    json!({"session": {"id": session}, "events": [{"type": "profile-update", "properties": properties}]})
}

/// Asked again while the person changes faster than it is folded again.
fn undo(node: &TestApp, merge: &str) {
    loop {
        let reply = node.post(&format!("/api/merges/{merge}/undo"), &json!({}));
        if reply.code() != "contended" {
            reply.ok();
            return;
        }
    }
}

#[test]
fn nothing_is_lost_or_doubled_while_nodes_race_with_it() {
    let nodes = nodes(3);
    let phone = nodes[0].track(known_by("phone", "K1")).ok().profile();
    nodes.iter().for_each(|node| node.advance(60));
    let laptop = nodes[1].track(interest("laptop")).ok().profile();
    nodes.iter().for_each(|node| node.advance(60));
    assert_eq!(nodes[2].track(known_by("laptop", "K1")).ok().profile(), phone);
    let identity = nodes[0].get(&format!("/api/profiles/{phone}/identity")).ok().body;
    let merge = identity["merges"][0]["id"].as_str().unwrap();
    std::thread::scope(|scope| {
        for node in &nodes {
            scope.spawn(|| {
                for _ in 0..30 {
                    for reply in node.track_all(vec![interest("phone"), interest("laptop")]) {
                        reply.ok();
                    }
                }
            });
        }
        scope.spawn(|| undo(&nodes[1], merge));
    });
    for node in &nodes {
        for (id, all) in [(&phone, 90.0), (&laptop, 91.0)] {
            let one = node.get(&format!("/profile/{id}")).ok().body;
            assert_eq!(one["id"], json!(id));
            assert_eq!(one["interests"]["sport"], all);
            assert_eq!(one["metadata"]["time"]["visit"]["count"], 1);
        }
    }
    assert_eq!(nodes[2].app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_node_that_has_not_looked_since_finds_both_where_they_are_now() {
    let nodes = nodes(2);
    let later = |seconds| nodes.iter().for_each(|node| node.advance(seconds));
    let phone = nodes[0].track(known_by("phone", "K1")).ok().profile();
    later(60);
    let laptop = nodes[0].track(interest("laptop")).ok().profile();
    later(60);
    nodes[0].track(known_by("laptop", "K1")).ok();
    // Both devices are one person, as the other node remembers it.
    for device in ["phone", "laptop"] {
        assert_eq!(nodes[1].track(interest(device)).ok().profile(), phone);
    }
    let identity = nodes[0].get(&format!("/api/profiles/{phone}/identity")).ok().body;
    undo(&nodes[0], identity["merges"][0]["id"].as_str().unwrap());
    // It hears of the one, and long after that of the other.
    assert_eq!(nodes[1].track(interest("phone")).ok().profile(), phone);
    later(60);
    assert_eq!(nodes[1].track(interest("laptop")).ok().profile(), laptop);
    for (id, all) in [(&phone, 2), (&laptop, 3)] {
        let one = nodes[0].get(&format!("/profile/{id}")).ok().body;
        assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(id), &json!(all)));
    }
}

/// Taken back as soon as somebody sees it.
fn undo_when_united(node: &TestApp, id: &str) {
    loop {
        let identity = node.get(&format!("/api/profiles/{id}/identity")).ok().body;
        if let Some(merge) = identity["merges"][0]["id"].as_str() {
            return undo(node, merge);
        }
    }
}

#[test]
fn mergers_and_their_undoing_race_and_everybody_has_their_own() {
    const PAIRS: usize = 6;
    const TIMES: usize = 5;
    let nodes = nodes(3);
    let pairs: Vec<[String; 2]> = (0..PAIRS)
        .map(|pair| {
            let key = format!("K{pair}");
            let phone = nodes[0].track(known_by(&format!("phone {pair}"), &key)).ok().profile();
            nodes.iter().for_each(|node| node.advance(60));
            [phone, nodes[1].track(interest(&format!("laptop {pair}"))).ok().profile()]
        })
        .collect();
    nodes.iter().for_each(|node| node.advance(60));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for pair in 0..PAIRS {
                let one = known_by(&format!("laptop {pair}"), &format!("K{pair}"));
                nodes[0].track(one).ok();
            }
        });
        scope.spawn(|| {
            for pair in (0..TIMES).flat_map(|_| 0..PAIRS) {
                let both = ["phone", "laptop"].map(|one| interest(&format!("{one} {pair}")));
                nodes[2].track_all(both.into()).into_iter().for_each(|reply| drop(reply.ok()));
            }
        });
        scope.spawn(|| pairs.iter().for_each(|[phone, _]| undo_when_united(&nodes[1], phone)));
    });
    for (node, [phone, laptop]) in nodes.iter().cycle().zip(&pairs) {
        for (id, all) in [(phone, TIMES), (laptop, TIMES + 1)] {
            let one = node.get(&format!("/profile/{id}")).ok().body;
            assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(id), &json!(all)));
        }
    }
    assert_eq!(nodes[1].app().storage.check().unwrap(), Vec::<String>::new());
}
