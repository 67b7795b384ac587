//! Conditions: what holds in memory holds in DuckDB, and the other way round.

mod random;

use std::collections::BTreeSet;

use duckdb::Connection;
use kith::conditions::{Documents, Language, OfEvent, parse};
use kith::events::{COLUMNS, Kind, Rows};
use kith::lake::ask::sql;
use kith::model::{Event, Map, Time};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use random::Random;

const EVENTS: usize = 160;
const CONDITIONS: usize = 400;
const NOW: i64 = 1_767_607_200_000_000;

/// A DuckDB that has the events as the lake reads them.
fn table(events: &[Event]) -> Connection {
    let mut rows = Rows::default();
    events.iter().for_each(|event| rows.push(event).unwrap());
    let connection = Connection::open_in_memory().unwrap();
    let fields = COLUMNS.iter().map(|column| {
        let kind = match column.kind {
            // Objects as well: as the lake reads them, by their letters.
            Kind::Text | Kind::Json => "\"VARCHAR\"",
            Kind::Moment => "\"TIMESTAMPTZ\"",
            Kind::Truth => "\"BOOLEAN\"",
            Kind::Number => "\"BIGINT\"",
            Kind::Texts => "[\"VARCHAR\"]",
        };
        format!("\"{}\":{kind}", column.name)
    });
    let structure = fields.collect::<Vec<_>>().join(",");
    connection
        .execute_batch("SET TimeZone = 'UTC'; SET threads = 1; CREATE TABLE lines (line VARCHAR)")
        .unwrap();
    for line in String::from_utf8(rows.lines).unwrap().lines() {
        connection.execute("INSERT INTO lines VALUES (?)", [line]).unwrap();
    }
    let read = format!("unnest(from_json(line, '{{{structure}}}'))");
    let json = COLUMNS.iter().filter(|column| column.kind == Kind::Json).map(|column| column.name);
    let json: Vec<String> = json.map(|name| format!("CAST({name} AS JSON) AS {name}")).collect();
    let json = json.join(", ");
    let sql =
        format!("CREATE TABLE events AS SELECT * REPLACE ({json}) FROM (SELECT {read} FROM lines)");
    connection.execute_batch(&sql).unwrap();
    connection
}

fn picked(connection: &Connection, condition: &str) -> BTreeSet<String> {
    let sql = format!("SELECT id FROM events WHERE {condition}");
    let mut statement = connection.prepare(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let rows = statement.query_map([], |row| row.get(0));
    let rows = rows.unwrap_or_else(|error| panic!("{error}: {sql}"));
    rows.map(|id| id.unwrap_or_else(|error| panic!("{error}: {sql}"))).collect()
}

fn facts(event: &Event) -> OfEvent<'_, Documents<'static>> {
    OfEvent { event, others: Documents { now: Time::from_micros(NOW), ..Documents::default() } }
}

#[test]
fn what_holds_is_what_duckdb_picks() {
    for seed in 0..3 {
        let mut random = Random(StdRng::seed_from_u64(seed));
        let events: Vec<Event> = (0..EVENTS).map(|at| random.event(at)).collect();
        let connection = table(&events);
        let (mut asked, mut held) = (0, 0);
        while asked < CONDITIONS {
            let language = [Language::History, Language::Rules][asked % 2];
            let text = random.condition(language, false);
            let Ok(condition) = parse(language, &text) else { continue };
            let printed = sql(&condition, Time::from_micros(NOW)).unwrap();
            let theirs = picked(&connection, &printed);
            for event in &events {
                let ours = condition.holds(&facts(event));
                held += usize::from(ours);
                assert_eq!(
                    ours,
                    theirs.contains(event.id.as_str()),
                    "seed {seed}, {language:?}: {text}\n{printed}\n{event:?}"
                );
            }
            asked += 1;
        }
        let share = held * 100 / (asked * events.len());
        assert!((20..80).contains(&share), "{share} % held: it says little");
    }
}

/// Events are of now, of a microsecond beside it, and of a day before: so much decides which of them it is.
#[test]
fn so_much_later_is_as_much_in_duckdb() {
    let mut random = Random(StdRng::seed_from_u64(5));
    let events: Vec<Event> = (0..EVENTS).map(|at| random.event(at)).collect();
    let connection = table(&events);
    for text in [
        "datetime.offset(time, \"1d\") = now()",
        "datetime.offset(time, \"86399s\") < now()",
        "datetime.offset(time, \"-1d\") > now.offset(\"-25h\")",
        "datetime.offset(time, \"-1s\") >= now.offset(\"-1s\")",
    ] {
        let condition = parse(Language::History, text).unwrap();
        let theirs = picked(&connection, &sql(&condition, Time::from_micros(NOW)).unwrap());
        let ours = events.iter().filter(|event| condition.holds(&facts(event)));
        let ours: BTreeSet<String> = ours.map(|event| event.id.to_string()).collect();
        assert!(!ours.is_empty() && ours.len() < events.len(), "{text}");
        assert_eq!(ours, theirs, "{text}");
    }
}

/// As it does of a list in a document: in rules the list itself is meant as well, in history only what is in it.
#[test]
fn a_column_of_texts_is_one_list() {
    let mut random = Random(StdRng::seed_from_u64(6));
    let events: Vec<Event> = (0..EVENTS).map(|at| random.event(at)).collect();
    let connection = table(&events);
    let check = |language, text: &str, tags: &[&[&str]]| {
        let condition = parse(language, text).unwrap();
        let theirs = picked(&connection, &sql(&condition, Time::from_micros(NOW)).unwrap());
        let ours = events.iter().filter(|event| condition.holds(&facts(event)));
        let ids: BTreeSet<String> = ours.clone().map(|event| event.id.to_string()).collect();
        assert_eq!(ids, theirs, "{text}");
        let found = ours.map(|event| event.tags.iter().map(String::as_str).collect());
        let found: BTreeSet<Vec<&str>> = found.collect();
        assert_eq!(found, tags.iter().map(|tags| tags.to_vec()).collect(), "{text}");
    };
    let rules = |text, tags| check(Language::Rules, text, tags);
    rules("event@tags.values = [\"news\", \"a\"]", &[&["news", "a"]]);
    rules("event@tags.values IN [\"a\"]", &[&["a"]]);
    rules("event@tags.values = [\"a\", \"news\"]", &[]);
    rules("event@tags.values = [\"a\", 5]", &[]);
    let with_a = [&["a"][..], &["a", "a%b_"], &["news", "a"], &["news", "a", "a%b_"]];
    check(Language::History, "tags.values = [\"a\", \"x\"]", &with_a);
}

/// Documents and columns are two ways to the same facts, but for the digits that a document's numbers lack.
#[test]
fn documents_and_columns_agree() {
    let mut random = Random(StdRng::seed_from_u64(9));
    let is_long = |event: &Event| {
        let text = event.properties.as_str();
        text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() > 19)
    };
    let mut events: Vec<Event> = (0..4 * EVENTS).map(|at| random.event(at)).collect();
    events.retain(|event| !is_long(event));
    for _ in 0..2_000 {
        let text = random.condition(Language::Rules, true);
        let Ok(condition) = parse(Language::Rules, &text) else { continue };
        for event in &events {
            let document: Map =
                [("properties".to_owned(), event.properties.read().into())].into_iter().collect();
            let now = Time::from_micros(NOW);
            let documents = Documents { event: Some(&document), now, ..Documents::default() };
            let agreed = condition.holds(&documents) == condition.holds(&facts(event));
            assert!(agreed, "{text}: {event:?}");
        }
    }
}
