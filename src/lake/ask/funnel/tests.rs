//! Funnels over a table that is all of history, with little room.

use duckdb::Connection;

use super::{Funnel, FunnelRow};
use crate::lake::ask::{Filter, Scope};
use crate::lake::moment::Room;
use crate::lake::{LakeError, Moment};
use crate::model::Time;

const AMPLE: u64 = 1 << 30;
const PEOPLE: u64 = 5_000;

/// Each of so many people looks, half of them order a minute later, and everybody looks again a day
/// later; events without a person or a time are nobody's steps. All of it was before 1970.
fn moment(memory: u64) -> Moment {
    let connection = Connection::open_in_memory().expect("DuckDB opens");
    let sql = format!(
        "CREATE SCHEMA kith; CREATE TABLE kith.tail (time TIMESTAMPTZ); \
         CREATE TABLE events AS SELECT 'person ' || n AS profile_id, 'view' AS type, \
         make_timestamptz(1000000 * (n - 200000)) AS time FROM range({PEOPLE}) AS p(n); \
         INSERT INTO events SELECT profile_id, 'order', time + INTERVAL 1 MINUTE FROM events \
         WHERE epoch_us(time) % 2000000 = 0; \
         INSERT INTO events SELECT profile_id, 'view', time + INTERVAL 1 DAY FROM events \
         WHERE type = 'view'; \
         INSERT INTO events VALUES (NULL, 'view', make_timestamptz(0)), ('somebody', 'view', NULL), \
         ('nobody else', 'order', make_timestamptz(0));"
    );
    connection.execute_batch(&sql).expect("the table is made");
    over(connection, memory)
}

fn over(connection: Connection, memory: u64) -> Moment {
    let of_files = (Time::BEGINNING, Time::END);
    let room = Room { memory, threads: 2 };
    Moment {
        edition: 0,
        any_merged: false,
        connection,
        as_kept: String::new(),
        events: String::new(),
        of_files,
        room,
        rows_at_hand: 0,
        hidden: None,
        files: Default::default(),
    }
}

fn funnel(steps: &[&str], window_seconds: u64) -> Funnel {
    let step = |kind| Filter::read(&format!("type = \"{kind}\""), Time::default());
    let steps = steps.iter().map(|kind| step(kind).expect("a filter")).collect();
    Funnel { scope: Scope::default(), steps, window_seconds }
}

fn came(told: &FunnelRow) -> Vec<u64> {
    told.0.values().copied().collect()
}

#[test]
fn what_room_does_not_hold_at_once_is_asked_about_in_parts() {
    for (window, third) in [(3_600, 0), (86_400, PEOPLE / 2)] {
        let want = [PEOPLE, PEOPLE / 2, third];
        for memory in [AMPLE, 100 << 10] {
            let told = moment(memory).funnel(&funnel(&["view", "order", "view"], window));
            assert_eq!(came(&told.expect("an answer")), want, "{window} {memory}");
        }
    }
}

#[test]
fn what_no_part_of_it_holds_is_too_large() {
    let told = moment(1 << 10).funnel(&funnel(&["view", "order"], 60));
    assert!(matches!(told, Err(LakeError::TooLarge)), "{told:?}");
}

#[test]
fn a_window_that_holds_all_of_history_takes_the_shorter_way_to_the_same_answer() {
    for (steps, want) in [
        (vec!["view", "order"], vec![PEOPLE, PEOPLE / 2]),
        (vec!["view", "order", "view"], vec![PEOPLE, PEOPLE / 2, PEOPLE / 2]),
        (vec!["view", "view", "view"], vec![PEOPLE, PEOPLE, 0]),
    ] {
        let told = moment(AMPLE).funnel(&funnel(&steps, u64::MAX)).expect("an answer");
        assert_eq!(came(&told), want, "{steps:?}");
    }
}

/// Everybody looks and orders at one moment, every second person in the other order: by the place in
/// the payload, or by the receipt. One has done both in one event.
fn at_once(memory: u64) -> Moment {
    let connection = Connection::open_in_memory().expect("DuckDB opens");
    let sql = format!(
        "CREATE SCHEMA kith; CREATE TABLE kith.tail (time TIMESTAMPTZ); \
         CREATE TABLE events AS SELECT 'person ' || n AS profile_id, type, \
         make_timestamptz(0) AS time, \
         make_timestamptz(CASE WHEN n % 4 < 2 THEN 0 WHEN nth = n % 2 THEN 0 ELSE 9 END) AS received_at, \
         CASE WHEN n % 4 >= 2 THEN NULL WHEN nth = n % 2 THEN 0 ELSE 1 END AS position \
         FROM range({PEOPLE}) AS p(n), (VALUES ('view', 0), ('order', 1)) AS t(type, nth); \
         ALTER TABLE events ALTER position TYPE BIGINT; \
         INSERT INTO events VALUES ('both', 'view, order', make_timestamptz(0), make_timestamptz(0), 0);"
    );
    connection.execute_batch(&sql).expect("the table is made");
    over(connection, memory)
}

#[test]
fn of_what_is_done_at_one_moment_the_receipt_and_the_payload_say_the_order() {
    for window_seconds in [0, u64::MAX] {
        for memory in [AMPLE, 200 << 10] {
            let step = |kind| Filter::read(&format!("type CONTAINS {kind}"), Time::default());
            let steps = ["view", "order"].map(|kind| step(kind).expect("a filter")).to_vec();
            let asked = Funnel { steps, ..funnel(&[], window_seconds) };
            let moment = at_once(memory);
            let told = came(&moment.funnel(&asked).expect("an answer"));
            assert_eq!(told, [PEOPLE + 1, PEOPLE / 2], "{window_seconds} {memory}");
            let sql = asked.sql().expect("a question");
            let row = |row: &duckdb::Row<'_>| Ok([row.get::<_, u64>(0)?, row.get(1)?]);
            let told = moment.connection.query_row(&sql, [], row);
            assert_eq!(told.expect("an answer"), [PEOPLE + 1, PEOPLE / 2], "in SQL");
        }
    }
}
