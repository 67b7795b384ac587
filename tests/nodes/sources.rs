//! What is changed at one node holds at all of them within a second.

use std::time::{Duration, Instant};

use kith::app::Housekeeping;
use serde_json::json;

use super::nodes;
use crate::support::TestApp;

fn status(node: &TestApp) -> u16 {
    let payload = json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    node.track(payload).status.as_u16()
}

fn until(node: &TestApp, wanted: u16) -> Duration {
    let begun = Instant::now();
    while status(node) != wanted {
        assert!(begun.elapsed() < Duration::from_secs(5), "it is still {}", status(node));
        std::thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

#[test]
fn a_source_that_is_disabled_is_disabled_everywhere_within_a_second() {
    let nodes = nodes(2);
    let keeping: Vec<_> =
        nodes.iter().map(|node| Housekeeping::start(node.app(), None).unwrap()).collect();
    assert_eq!((status(&nodes[0]), status(&nodes[1])), (200, 200));
    for enabled in [false, true, false] {
        nodes[0].add_source("shop", |source| source.enabled = enabled);
        let wanted = if enabled { 200 } else { 401 };
        assert_eq!(status(&nodes[0]), wanted);
        assert!(until(&nodes[1], wanted) < Duration::from_secs(1));
    }
    keeping.into_iter().for_each(Housekeeping::stop);
}
