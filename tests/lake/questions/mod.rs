//! Posted questions against counts that a few lines make of what was sent.
//!
//! The people behind every number among them: over mergers, in the tail and in files, in zones whose clocks are moved meanwhile.

mod asking;
mod funnel;
mod lifecycle;
mod paths;
mod retention;
mod trends;

use std::collections::{BTreeMap, BTreeSet};

use kith::model::{Time, Zone};
use serde_json::{Value, json};

use super::asking::{Sent, traffic};
use super::support::rows;
use crate::support::TestApp;
use crate::support::app::Setup;

const DAY_MICROS: i64 = 86_400_000_000;
/// What the test remembers.
const OURS: &str = "properties.who EXISTS";
/// When it begins, and in whose days it is looked at: the clocks are moved meanwhile, forward and back.
const WORLDS: [(&str, &str); 2] =
    [("2026-03-27T15:00:00Z", "Europe/Warsaw"), ("2026-10-30T15:00:00Z", "America/St_Johns")];

/// What was sent, and whom it was made to be.
struct World {
    app: TestApp,
    sent: Vec<Sent>,
    start: Time,
    /// In whose days it is looked at.
    zone: &'static str,
    /// Of each person, the id that lives.
    ids: BTreeMap<String, usize>,
}

impl World {
    fn new(seed: u64, world: usize) -> Self {
        let (start, zone) = WORLDS[world];
        let start = Time::parse(start).unwrap();
        let app = TestApp::with(Setup { now: start, ..Setup::default() });
        let mut sent = traffic(&app, seed);
        sent.sort_by_key(|one| (one.at, one.position));
        let sql = "SELECT properties->>'who' AS who, list(DISTINCT profile_id) AS ids FROM events \
                   WHERE properties->>'who' IS NOT NULL GROUP BY who";
        let people = rows(&app, sql).into_iter().map(|row| {
            let ids = row["ids"].as_array().unwrap().clone();
            assert_eq!(ids.len(), 1, "one person has one id: {row:?}");
            (ids[0].as_str().unwrap().to_owned(), row["who"].as_str().unwrap().parse().unwrap())
        });
        let ids = people.collect();
        Self { app, sent, start, zone, ids }
    }

    /// From days before the first event to days after the last, in the zone's own days.
    fn scope(&self) -> Value {
        let day = |days: i64| {
            Time::from_micros(self.start.micros() + days * DAY_MICROS).to_string()[..10].to_owned()
        };
        json!({"from": day(-2), "to": day(9), "tz": self.zone, "where": OURS})
    }

    /// When it happened.
    fn at(&self, one: &Sent) -> Time {
        self.start.plus(std::time::Duration::from_secs(one.at))
    }

    /// The day that a zone's clocks showed, counted from 1970.
    fn day(&self, one: &Sent) -> i64 {
        day_of(self.at(one), self.zone)
    }

    /// A question's answer. Its statement gives the same numbers in SQL.
    fn ask(&self, kind: &str, question: &Value) -> Value {
        let told = self.app.post(&format!("/api/questions/{kind}"), question).ok().body;
        // Days before the scope may lie in files that are not read.
        let is_narrow =
            question.get("scope").is_some_and(|scope| scope["from"] != self.scope()["from"]);
        let least = if is_narrow { 1 } else { self.sent.len() as u64 };
        assert!(told["rows_read"].as_u64().unwrap() >= least, "{told}");
        let sql = self.app.post("/sql", &json!({"query": told["sql"]})).ok().body;
        let rows = told["result"].get("paths").unwrap_or(&told["result"]);
        if !told["sql"].as_str().unwrap().contains("AS buckets") {
            assert_eq!(numbers(&sql), numbers(rows), "{}", told["sql"]);
        }
        told["result"].clone()
    }

    /// The people behind a number.
    fn behind(&self, of: &Value) -> BTreeSet<usize> {
        self.behind_in_pages(of, 1000)
    }

    /// The same, page by page.
    fn behind_in_pages(&self, of: &Value, limit: usize) -> BTreeSet<usize> {
        let (mut found, mut cursor, mut total) = (Vec::new(), Value::Null, 0);
        loop {
            let asked = json!({"of": of, "limit": limit, "cursor": cursor});
            let told = self.app.post("/api/people/behind", &asked).ok().body;
            total = told["total"].as_u64().unwrap().max(total);
            let ids = told["result"].as_array().unwrap().iter();
            found.extend(ids.map(|row| self.ids[row["id"].as_str().unwrap()]));
            cursor = told["next"].clone();
            if cursor.is_null() {
                break;
            }
        }
        let people: BTreeSet<usize> = found.iter().copied().collect();
        assert_eq!((total, found.len()), (people.len() as u64, people.len()), "each once: {of}");
        people
    }
}

fn day_of(at: Time, zone: &str) -> i64 {
    let zone: Zone = zone.parse().unwrap();
    (at.micros() + zone.ahead(at)).div_euclid(DAY_MICROS)
}

/// Of days, or of weeks, which begin with Mondays: 1970 began with a Thursday.
fn bucket(day: i64, length: i64) -> i64 {
    if length == 1 { day } else { (day + 3).div_euclid(7) }
}

/// The moment that an answer's `date` tells.
fn moment(date: &Value) -> Time {
    let text = date.as_str().unwrap();
    Time::parse(text).unwrap_or_else(|| panic!("{text} is a moment"))
}

/// Rows without what is absent and without moments, which SQL writes in another way; numbers to nine digits.
fn numbers(rows: &Value) -> Vec<String> {
    let row = |row: &Value| {
        let cells = row.as_object().unwrap().iter();
        let cells = cells
            .filter(|(name, cell)| !cell.is_null() && !["date", "cohort"].contains(&name.as_str()));
        let cell = |(name, cell): (&String, &Value)| match cell.as_f64() {
            Some(number) => format!("{name}={number:.6}"),
            None => format!("{name}={cell}"),
        };
        let mut cells: Vec<String> = cells.map(cell).collect();
        cells.sort();
        cells.join(" ")
    };
    rows.as_array().unwrap().iter().map(row).collect()
}
