//! Which lives of nodes are over, and what of them leaves.

use std::time::Duration;

use serde_json::json;

use super::node;
use crate::support::{TestApp, postgres};

fn bury(node: &TestApp) -> usize {
    let now = node.clock.now();
    node.app().storage.bury(&node.app().committer.stream(), now).unwrap()
}

#[test]
fn a_life_that_somebody_keeps_stays_and_those_that_are_over_leave_a_hundred_at_a_time() {
    let url = postgres::create_database();
    let (one, other) = (node(&url, 1), node(&url, 2));
    let gone = "INSERT INTO stream (id, started_at, written_through) \
                SELECT 'life-' || n, 0, 0 FROM generate_series(1, 150) AS n; \
                INSERT INTO lease (name, holder, until) \
                SELECT 'life-' || n, 'nobody', 0 FROM generate_series(1, 150) AS n";
    postgres::ask(&url, gone).unwrap();
    one.advance(700);
    let kept = other.app().committer.stream();
    let (now, length) = (one.clock.now(), Duration::from_secs(15));
    assert!(one.app().storage.lease(&kept, "other", now, length).unwrap());
    assert_eq!([bury(&one), bury(&one), bury(&one)], [100, 50, 0]);
    assert_eq!(postgres::rows(&url, "SELECT count(*) FROM stream"), [["2"]]);
    assert_eq!(postgres::rows(&url, "SELECT count(*) FROM lease"), [["1"]]);
    one.advance(700);
    assert_eq!(bury(&one), 1, "nobody keeps it any more");
    assert_eq!(postgres::rows(&url, "SELECT count(*) FROM lease"), [["0"]]);
}

#[test]
fn a_node_that_was_stopped_for_long_begins_another_life() {
    let url = postgres::create_database();
    let (one, other) = (node(&url, 1), node(&url, 2));
    let visit = |id: &str| {
        let event = json!({"id": id, "type": "page-view"});
        json!({"session": {"id": "s"}, "events": [event]})
    };
    one.advance(700);
    assert_eq!(bury(&one), 1);
    assert_eq!(other.track(visit("lost")).status, 503, "nothing of it is kept");
    let is_back = (0..100).any(|_| other.track(visit("kept")).status == 200);
    assert!(is_back, "it does not begin again");
    let told = "SELECT count(*) FROM events WHERE id IN ('lost', 'kept')";
    let moment = one.history().moment(kith::lake::Span::ALWAYS).unwrap();
    assert_eq!(moment.number(told, &[]).unwrap(), 1);
    assert_eq!(one.app().storage.check().unwrap(), Vec::<String>::new());
}
