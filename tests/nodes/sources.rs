//! What is changed at one node holds at all of them when it is answered.

use kith::jobs::Jobs;
use serde_json::json;

use super::nodes;
use crate::support::TestApp;

fn status(node: &TestApp) -> u16 {
    let payload = json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    node.track(payload).status.as_u16()
}

#[test]
fn what_is_changed_at_one_node_holds_at_all_of_them_when_it_is_answered() {
    let nodes = nodes(3);
    let _jobs: Vec<_> = nodes.iter().map(|node| Jobs::start(node.app(), None).unwrap()).collect();
    // Should the database not tell them, they look by themselves, by their clocks.
    let _running: Vec<_> = nodes.iter().map(|node| node.clock_runs()).collect();
    assert!(nodes.iter().all(|node| status(node) == 200));
    for enabled in [false, true, false, true, false] {
        nodes[0].add_source("shop", |source| source.enabled = enabled);
        let wanted = if enabled { 200 } else { 401 };
        for node in &nodes {
            assert_eq!(status(node), wanted);
        }
    }
}

#[test]
fn a_node_that_hangs_is_not_waited_for_for_ever() {
    let nodes = nodes(2);
    // Nobody renews what the second one knows.
    nodes[0].add_source("shop", |source| source.enabled = false);
    assert_eq!((status(&nodes[0]), status(&nodes[1])), (401, 200));
    nodes[1].app().registry.renew().unwrap();
    assert_eq!(status(&nodes[1]), 401);
}
