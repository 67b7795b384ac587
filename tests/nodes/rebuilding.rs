//! Everybody is decided on anew by one node while all of them hear of everybody.

use serde_json::json;

use super::nodes;
use crate::identity::rebuilding::{interest, put, said, shadow, switch};
use crate::support::TestApp;

const PAIRS: usize = 5;
const TIMES: usize = 5;

/// Whose address is everybody's.
fn signs_in(pair: usize, device: &str) -> serde_json::Value {
    let address = json!({"email": {"main": format!("info@{pair}.example")}});
    said(&format!("{device} {pair}"), "sign-in", &address)
}

/// Two devices that an address has made one person.
fn united(nodes: &[TestApp], pair: usize) -> [String; 2] {
    let later = || nodes.iter().for_each(|node| node.advance(60));
    let phone = nodes[0].track(signs_in(pair, "phone")).ok().profile();
    later();
    let laptop = nodes[1].track(interest(&format!("laptop {pair}"), 1)).ok().profile();
    later();
    assert_eq!(nodes[2].track(signs_in(pair, "laptop")).ok().profile(), phone);
    later();
    [phone, laptop]
}

#[test]
fn nothing_is_lost_or_doubled_while_nodes_race_with_the_switch() {
    let nodes = nodes(3);
    let pairs: Vec<[String; 2]> = (0..PAIRS).map(|pair| united(&nodes, pair)).collect();
    put(&nodes[1], &json!({"id": "email", "meaningless": ["info@*"]}));
    let (id, shown) = shadow(&nodes[1]);
    assert_eq!(shown["difference"]["people_apart"], PAIRS);
    std::thread::scope(|scope| {
        for node in &nodes {
            scope.spawn(|| {
                for pair in (0..TIMES).flat_map(|_| 0..PAIRS) {
                    let both = ["phone", "laptop"].map(|one| interest(&format!("{one} {pair}"), 1));
                    node.track_all(both.into()).into_iter().for_each(|reply| drop(reply.ok()));
                }
            });
        }
        scope.spawn(|| switch(&nodes[1], &id));
    });
    let each = nodes.len() * TIMES;
    for (node, [phone, laptop]) in nodes.iter().cycle().zip(&pairs) {
        for (id, all) in [(phone, each), (laptop, each + 1)] {
            let one = node.get(&format!("/profile/{id}")).ok().body;
            assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(id), &json!(all)));
        }
    }
}
