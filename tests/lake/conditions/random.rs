//! Events and conditions of every sort, the same for the same seed.

use std::fmt::Write as _;
use std::sync::Arc;

use kith::conditions::Language;
use kith::model::{Client, Event, EventId, Geo, Hit, Json, Map, SourceId, Time, Utm, Warning};
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::NOW;

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
const OTHERS: [&str; 25] = [
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
    "[\"news\", \"a\"]",
    "[\"a%b_\"]",
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

pub(super) struct Random(pub(super) StdRng);

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

    pub(super) fn event(&mut self, at: usize) -> Event {
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

    pub(super) fn condition(&mut self, language: Language, in_json: bool) -> String {
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
