//! Conditions: what holds in memory holds in DuckDB, and the other way round.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use duckdb::Connection;
use kith::conditions::{Documents, Language, OfEvent, parse};
use kith::events::{COLUMNS, Kind, Rows};
use kith::lake::ask::sql;
use kith::model::{Client, Event, EventId, Geo, Hit, Json, Map, SourceId, Time, Utm, Warning};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const EVENTS: usize = 160;
const CONDITIONS: usize = 400;
const NOW: i64 = 1_767_607_200_000_000;

/// Values of every sort, as JSON writes them.
const VALUES: [&str; 55] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-0.0",
    "5",
    "5.0",
    "-5",
    "1.5",
    "1e3",
    "1000",
    "1E20",
    "100000000000000000000",
    "100000000000000000001",
    "9007199254740992",
    "9007199254740993",
    "1234567890123456789",
    "1234567890123456790",
    "18446744073709551615",
    "89490200001234567890",
    "89490200001234567899",
    "1234567890123456789012345678901234567890123",
    "\"\"",
    "\"a\"",
    "\"ab\"",
    "\"A\"",
    "\"5\"",
    "\"5.0\"",
    "\" 5\"",
    "\"+5\"",
    "\"1_000\"",
    "\"1e3\"",
    "\"nan\"",
    "\"1234567890123456789\"",
    "\"89490200001234567899\"",
    "\"true\"",
    "\"null\"",
    "\"a*b\"",
    "\"a%b_\"",
    "\"it's \\\"q\\\"\\\\\"",
    "\"ŽİßΣ\"",
    "\"žiẞσ\"",
    "\"a\\nb\"",
    "\"[1]\"",
    "\"{}\"",
    "\"2026-01-05\"",
    "\"2026-01-05T10:00:00Z\"",
    "\"2026-01-05T12:00:00.000001+02:00\"",
    "\"2026-02-30\"",
    "\"1950-06-01 10:00\"",
    "\"2026-01-05T24:00:00Z\"",
    "\"infinity\"",
    "\"-\"",
    "\"é\\u0001\"",
];

/// Keys, each as JSON writes it and as a path goes on with it.
const KEYS: [(&str, &str); 9] = [
    ("a", ".a"),
    ("b", ".b"),
    ("2024", ".2024"),
    ("2024", "[\"2024\"]"),
    ("0", "[\"0\"]"),
    ("0", ".0"),
    ("x.y", "[\"x.y\"]"),
    ("a/~b", "[\"a/~b\"]"),
    ("*", "[\"*\"]"),
];

/// Values of conditions beside those of documents.
const OTHERS: [&str; 23] = [
    "a",
    "plain",
    "page-*",
    "\"a*\"",
    "\"*b\"",
    "\"*\"",
    "\"5*\"",
    "\"*e\"",
    "\"a\\*b\"",
    "\"*%*_\"",
    "\"*1*\"",
    "now()",
    "now.offset(\"-1d\")",
    "datetime(\"2026-01-05T10:00:00Z\")",
    "datetime(\"1950-06-01\")",
    "datetime.offset(\"2026-01-05T10:00:00Z\", \"1h\")",
    "\"order\"",
    "\"news\"",
    "[1, \"a\", true]",
    "[\"a\", null]",
    "[1]",
    "[]",
    "[5, \"ab\"]",
];

/// How much later.
const OFFSETS: [&str; 4] = ["1h", "-1d", "0s", "500000w"];

const TYPED: [&str; 10] = [
    "type",
    "metadata.time.insert",
    "valid",
    "debug",
    "tags.values",
    "metadata.warnings",
    "utm.source",
    "properties",
    "context",
    "session.id",
];

const SIGNS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];

struct Random(StdRng);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0.random_range(0..most)
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// A value of JSON; deep ones are rarer.
    fn json(&mut self, depth: usize) -> String {
        match self.below(10) {
            0 | 1 if depth > 0 => {
                let list: Vec<String> = (0..self.below(4)).map(|_| self.json(depth - 1)).collect();
                format!("[{}]", list.join(","))
            }
            2 | 3 if depth > 0 => self.object(depth - 1),
            _ => self.of(&VALUES).to_owned(),
        }
    }

    fn object(&mut self, depth: usize) -> String {
        let mut keys: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
        keys.dedup();
        keys.retain(|_| self.below(5) < 3);
        let pairs: Vec<String> =
            keys.iter().map(|key| format!("\"{key}\":{}", self.json(depth))).collect();
        format!("{{{}}}", pairs.join(","))
    }

    fn event(&mut self, at: usize) -> Event {
        let json = |text: &str| Json::compact(text, 64).unwrap();
        let tags = ["news", "a", "a%b_"].into_iter().filter(|_| self.below(3) == 0);
        let tags = tags.map(str::to_owned).collect();
        let warnings = (self.below(2) == 0).then(|| Warning::new("trait_type", "no"));
        Event {
            id: EventId::new(format!("e{at}")),
            kind: self.of(&["order", "page-view", "5", "true", "2026-01-05"]).to_owned(),
            name: "Order".to_owned(),
            time: Time::from_micros(NOW + [0, -1, 1, -86_400_000_000][self.below(4)]),
            received_at: Time::from_micros(NOW),
            position: 0,
            client_time: None,
            source: SourceId::new("s"),
            session: None,
            profile: None,
            channel: String::new(),
            ip: None,
            client: Arc::new(Client::default()),
            utm: Utm {
                source: (self.below(3) > 0).then(|| {
                    self.of(&["", "a", "5", "1e3", "2026-01-05", "1234567890123456789"]).to_owned()
                }),
                ..Utm::default()
            },
            geo: Geo::default(),
            hit: Hit::default(),
            journey: None,
            tags,
            warnings: warnings.into_iter().collect(),
            valid: !at.is_multiple_of(3),
            properties: json(&self.object(3)),
            traits: Map::new(),
            data: Map::new(),
            context: json(if self.below(2) == 0 { "{}" } else { "{\"a\":1}" }),
            request: Json::empty(),
            config: Json::empty(),
            debug: self.below(2) == 0,
        }
    }

    fn name(&mut self, language: Language, in_json: bool) -> String {
        let mut name = match self.below(5) {
            0 if !in_json => self.of(&TYPED).to_owned(),
            _ => "properties".to_owned(),
        };
        if name == "properties" {
            for _ in 0..1 + self.below(3) / 2 {
                name.push_str(KEYS[self.below(KEYS.len())].1);
            }
        }
        if language == Language::Rules { format!("event@{name}") } else { name }
    }

    fn operand(&mut self, language: Language, in_json: bool) -> String {
        let name = self.name(language, in_json);
        match self.below(12) {
            0 => format!("lowercase({name})"),
            1 => format!("uppercase({name})"),
            2 => format!("datetime({name})"),
            3 => format!("datetime.offset({name}, \"{}\")", self.of(&OFFSETS)),
            _ => name,
        }
    }

    fn value(&mut self, language: Language, in_json: bool) -> String {
        match self.below(10) {
            0 | 1 => self.operand(language, in_json),
            2..=4 => self.of(&OTHERS).to_owned(),
            _ => self.of(&VALUES).replace("\\u0001", "x").replace("\\n", "\n"),
        }
    }

    fn test(&mut self, language: Language, in_json: bool) -> String {
        let left = self.operand(language, in_json);
        let mut value = || self.value(language, in_json);
        let (one, other) = (value(), value());
        match self.below(14) {
            0 => format!("{left} EXISTS"),
            1 => format!("{left} IS NULL"),
            2 => format!("{left} EMPTY"),
            3 => format!("{left} CONTAINS {one}"),
            4 => format!("{left} STARTS WITH {one}"),
            5 => format!("{left} ENDS WITH {one}"),
            6 => format!("{left} IN [{one}, {other}]"),
            7 => format!("{left} BETWEEN {one} AND {other}"),
            _ => format!("{left} {} {one}", self.of(&SIGNS)),
        }
    }

    fn condition(&mut self, language: Language, in_json: bool) -> String {
        let mut text = String::new();
        for at in 0..1 + self.below(3) {
            if at > 0 {
                text.push_str(self.of(&[" AND ", " OR "]));
            }
            let not = self.of(&["", "", "NOT "]);
            let test = self.test(language, in_json);
            write!(text, "{not}{test}").unwrap();
        }
        if self.below(4) == 0 { format!("NOT ({text})") } else { text }
    }
}

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
