//! History at size: ten million events of a shop, written as Kith writes them, asked as Kith is asked,
//! beside the same without a process between, plain DuckDB over the same files (with Kith's own statement, and
//! with one that an analyst wrote), and `ClickHouse`'s engine over a table of its own.
//!
//! `cargo bench --bench history -- [--events N] [--folder DIR] [--times N] [--only NAME]`; the folder stays,
//! and is asked again without being filled again; with `--only`, questions with this in their name.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

mod clickhouse;
mod folder;
mod plain;
mod rivals;
mod shop;

use std::path::PathBuf;
use std::time::Instant;

use clickhouse::ClickHouse;
use folder::{Opened, fill, open};
use kith::lake::ask::{
    Accounted, Breakdown, Calendar, Conversion, ConversionTimes, EventsOf, Filter, Funnel,
    Histogram, Interval, Invalid, Lifecycle, Measure, Order, People, Question, Retention, Scope,
    Series, Stickiness, Top, Trends, Ways, answer_named, field, name_of,
};
use kith::lake::{History, NEWEST_FIRST, Sight};
use kith::model::{Time, Zone};
use plain::{Plain, sum};
use serde_json::Value;
use serde_json::value::{to_raw_value, to_value};
use tempfile::TempDir;

/// In whose days the questions that are posted whole are counted.
const ZONE: &str = "Europe/Warsaw";
/// Times that each question is asked unless said; the median counts.
const TIMES: usize = 5;

fn main() {
    let events = argument("--events").map_or(10_000_000, |events| events.parse().unwrap());
    let passing = TempDir::new().unwrap();
    let folder = argument("--folder").map_or(passing.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    let opened = open(&folder);
    let took = opened.storage.files().unwrap().is_empty().then(|| fill(&opened, events));
    let files = opened.storage.files().unwrap();
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let rows: u64 = files.iter().map(|file| file.rows).sum();
    assert_eq!(rows, events, "all of them are in files");
    println!("{events} events over 30 days, {} files after merging.\n", files.len());
    println!("| what | |\n|---|---|");
    if let Some((written, merged)) = took {
        println!("| tail to files, events/s | {:.0} |", events as f64 / written.as_secs_f64());
        println!("| merging them, events/s | {:.0} |", events as f64 / merged.as_secs_f64());
    }
    println!("| bytes per event in Parquet | {:.1} |", bytes as f64 / events as f64);
    let path = |path: &String| folder.join("events").join(path).display().to_string();
    let paths: Vec<String> = files.iter().map(|file| path(&file.path)).collect();
    let mut clickhouse = ClickHouse::start(&paths, &passing.path().join("clickhouse"));
    println!(
        "\n| question | Kith, s | in one process, s | ratio | its SQL in DuckDB, s | ratio \
         | by hand in DuckDB, s | ratio | ClickHouse, s | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let times = argument("--times").map_or(TIMES, |times| times.parse().unwrap());
    let only = argument("--only").unwrap_or_default();
    let mut ratios = Vec::new();
    for question in questions().into_iter().filter(|question| question.name.contains(&only)) {
        let Took { kith, here, plain, by_hand, other } =
            compare(&opened, &paths, clickhouse.as_mut(), &question, times);
        ratios.push(kith / here);
        let beside = |other: f64| format!("{other:.3} | **{:.2}** |", kith / other);
        let (name, other) = (question.name, other.map_or_else(|| "| |".to_owned(), beside));
        let beside = [here, plain, by_hand].map(beside).join(" ");
        println!("| {name} | {kith:.3} | {beside} {other}");
    }
    // The mean of ratios is that of their logarithms: no question counts more for taking longer.
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    println!(
        "\nTo ask another process takes {mean:.3} of what it takes in one, in the mean of the questions."
    );
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// What is asked of both.
struct Both {
    name: &'static str,
    ready: Ready,
    sql: String,
}

/// The question as Kith is asked.
enum Ready {
    Histogram(Histogram),
    Top(Top),
    People(People),
    Funnel(Funnel),
    Last(EventsOf),
    Trends(Accounted<Trends>),
    Conversion(Accounted<Conversion>),
    Times(Accounted<ConversionTimes>),
    Retention(Accounted<Retention>),
    Ways(Accounted<Ways>),
    Stickiness(Accounted<Stickiness>),
    Lifecycle(Accounted<Lifecycle>),
}

/// Where a question is answered.
enum Place<'a> {
    /// In a process of its own.
    Apart(&'a Opened),
    /// In this one, by what that process runs.
    Here(&'a History),
}

impl Place<'_> {
    fn ask<Q: Question>(&self, question: &Q) -> Q::Answer {
        match self {
            Self::Apart(Opened { questions, runtime, .. }) => {
                runtime.block_on(questions.ask(question, Sight::Everything)).unwrap()
            }
            Self::Here(history) => {
                let said = to_raw_value(question).unwrap();
                let named = name_of::<Q>();
                let answer = answer_named(history, Sight::Everything, named, &said).unwrap();
                serde_json::from_str(answer.get()).unwrap()
            }
        }
    }
}

impl Ready {
    /// Kith's answer.
    fn ask(&self, place: &Place<'_>) -> Value {
        let told = match self {
            Self::Histogram(question) => to_value(place.ask(question)),
            Self::Top(question) => to_value(place.ask(question)),
            Self::People(question) => to_value(place.ask(question)),
            Self::Funnel(question) => to_value(place.ask(question)),
            // What events hold is not counted.
            Self::Last(question) => to_value(vec![Value::Null; place.ask(question).rows.len()]),
            Self::Trends(question) => to_value(place.ask(question).answer),
            Self::Conversion(question) => to_value(place.ask(question).answer),
            Self::Times(question) => to_value(place.ask(question).answer),
            Self::Retention(question) => to_value(place.ask(question).answer),
            Self::Ways(question) => to_value(place.ask(question).answer.paths),
            Self::Stickiness(question) => to_value(place.ask(question).answer),
            Self::Lifecycle(question) => to_value(place.ask(question).answer),
        };
        told.unwrap()
    }

    /// In whose days it counts.
    fn zone(&self) -> &'static str {
        let is_older = matches!(
            self,
            Self::Histogram(_) | Self::Top(_) | Self::People(_) | Self::Funnel(_) | Self::Last(_)
        );
        if is_older { "UTC" } else { ZONE }
    }

    /// Fails when rows that were asked for by hand come to other numbers.
    fn is_said_by(&self, told: &Value, rows: &[String]) {
        if matches!(self, Self::Last(_)) {
            return assert_eq!(told.as_array().unwrap().len(), rows.len());
        }
        let by_hand = rows.iter().map(|row| sum(&serde_json::from_str(row).unwrap())).sum::<f64>();
        let told = sum(told);
        assert!((told - by_hand).abs() <= 1e-9 * told.abs(), "{told} is not {by_hand}");
    }

    fn named(self, name: &'static str, sql: String) -> Both {
        Both { name, ready: self, sql }
    }
}

/// Three series of two types.
fn several(trends: Trends) -> Trends {
    let series = |kind: &str, measure| {
        let filter = Filter::read(&format!("type = \"{kind}\""), Time::default()).unwrap();
        Series { filter, measure }
    };
    let price = field("properties.price").unwrap();
    let series = vec![
        series("page-view", Measure::Count),
        series("order-completed", Measure::People),
        series("order-completed", Measure::Sum(price)),
    ];
    Trends { series, ..trends }
}

/// The questions that are posted whole, of the ten million events' thirty days.
fn posted() -> Vec<Both> {
    let day = Calendar { interval: Interval::Day, zone: ZONE.parse().unwrap() };
    let (from, to) = (Time::parse("2026-01-01T00:00:00Z"), Time::parse("2026-01-31T00:00:00Z"));
    let scope = || Scope { from, to, ..Scope::default() };
    let filter = |kind: &str| Filter::read(&format!("type = \"{kind}\""), Time::default()).unwrap();
    let steps = ["page-view", "product-added-to-cart", "order-completed"].map(filter).to_vec();
    let by = || Some(Breakdown::read("utm.source", false).unwrap());
    let trends = |measure| {
        let series = vec![Series { filter: Filter::default(), measure }];
        let calendar = Some(day.clone());
        Trends { scope: scope(), series, formulas: vec![], by: by(), calendar, smooth: None }
    };
    let people = trends(Measure::People);
    let several = several(Trends { by: None, ..trends(Measure::Count) });
    let median = trends(Measure::Percentile(field("properties.price").unwrap(), 50.0));
    let funnel = |order, without, by| Conversion {
        scope: scope(),
        steps: steps.clone(),
        window_seconds: 86_400,
        order,
        without,
        by,
    };
    let told_apart = funnel(Order::Ordered, vec![filter("product-removed-from-cart")], by());
    let (unordered, strict) =
        (funnel(Order::Unordered, vec![], None), funnel(Order::Strict, vec![], None));
    let conversion = funnel(Order::Ordered, vec![], None);
    let times = ConversionTimes { conversion, step: 3 };
    let retention = Retention {
        scope: scope(),
        first: Filter::default(),
        again: Filter::default(),
        calendar: day.clone(),
        periods: 12,
        recurring: false,
    };
    let ways = Ways {
        scope: scope(),
        point: field("type").unwrap(),
        start: Some(filter("search")),
        end: None,
        leave_out: vec![],
        replace: vec![],
        collapse: true,
        depth: 5,
        limit: 50,
    };
    let stickiness = Stickiness { scope: scope(), calendar: day.clone() };
    let lifecycle = Lifecycle { scope: scope(), calendar: day };
    vec![
        named("people by day and campaign", people.sql(), Ready::Trends(Accounted(people))),
        named("median by day and campaign", median.sql(), Ready::Trends(Accounted(median))),
        named("several series by day", several.sql(), Ready::Trends(Accounted(several))),
        named(
            "funnel told apart, without",
            told_apart.sql(),
            Ready::Conversion(Accounted(told_apart)),
        ),
        named("funnel in any order", unordered.sql(), Ready::Conversion(Accounted(unordered))),
        named("strict funnel", strict.sql(), Ready::Conversion(Accounted(strict))),
        named("time to convert", times.sql(), Ready::Times(Accounted(times))),
        named("retention by day", retention.sql(), Ready::Retention(Accounted(retention))),
        named("paths from a search", ways.sql(), Ready::Ways(Accounted(ways))),
        named("stickiness", stickiness.sql(), Ready::Stickiness(Accounted(stickiness))),
        named("lifecycle", lifecycle.sql(), Ready::Lifecycle(Accounted(lifecycle))),
    ]
}

fn named(name: &'static str, sql: Result<String, Invalid>, ready: Ready) -> Both {
    ready.named(name, sql.unwrap())
}

fn questions() -> Vec<Both> {
    let scope = Scope::default;
    let calendar = Calendar { interval: Interval::Day, zone: Zone::utc() };
    let by_day = Histogram { scope: scope(), calendar, group: Some(field("type").unwrap()) };
    let top = Top { scope: scope(), field: field("properties.id").unwrap(), limit: 10 };
    let steps = ["page-view", "product-added-to-cart", "order-completed"];
    let step = |kind| Filter::read(&format!("type = \"{kind}\""), Time::default()).unwrap();
    let steps: Vec<Filter> = steps.into_iter().map(step).collect();
    let somebody = shop::somebody();
    // In the order of Kith's own list.
    let last = format!(
        "SELECT * FROM events WHERE profile_id = '{somebody}' ORDER BY {NEWEST_FIRST} LIMIT 50"
    );
    let people = People { scope: scope() };
    let (by_day_sql, top_sql, people_sql) = (by_day.sql().unwrap(), top.sql(), people.sql());
    let funnel = |name, days: u64| {
        let steps = steps.clone();
        let funnel = Funnel { scope: scope(), steps, window_seconds: days * 86_400 };
        let sql = funnel.sql().unwrap();
        Ready::Funnel(funnel).named(name, sql)
    };
    let of = EventsOf { person: somebody.to_owned(), session: None, limit: 50 };
    let mut ready = vec![
        Ready::Histogram(by_day).named("count by type and day", by_day_sql),
        Ready::Top(top).named("top 10 products", top_sql),
        Ready::People(people).named("distinct people", people_sql),
        funnel("three-step funnel, 30 days", 30),
        funnel("three-step funnel, a day", 1),
        Ready::Last(of).named("one person's last 50", last),
    ];
    ready.extend(posted());
    ready
}

/// Medians, in seconds.
struct Took {
    kith: f64,
    here: f64,
    plain: f64,
    by_hand: f64,
    other: Option<f64>,
}

/// All of them, asked in turn.
fn compare(
    opened: &Opened,
    paths: &[String],
    mut clickhouse: Option<&mut ClickHouse>,
    question: &Both,
    times: usize,
) -> Took {
    let plain = Plain::open(paths, "UTC");
    let own = std::slice::from_ref(&question.sql);
    let (rival, rivals) =
        (Plain::open(paths, question.ready.zone()), rivals::of(question.name, &shop::somebody()));
    let (apart, here) = (Place::Apart(opened), Place::Here(&opened.history));
    let [mut in_kith, mut in_one, mut in_duckdb, mut by_hand, mut in_other] =
        [const { Vec::new() }; 5];
    for _ in 0..times {
        let told = timed(&mut in_kith, || question.ready.ask(&apart));
        let same = timed(&mut in_one, || question.ready.ask(&here));
        assert!(alike(&told, &same), "both answer the same");
        let rows = timed(&mut in_duckdb, || plain.rows(own));
        assert_eq!(told.as_array().map_or(1, Vec::len), rows.len(), "both answer the same");
        let rows = timed(&mut by_hand, || rival.rows(&rivals));
        question.ready.is_said_by(&told, &rows);
        in_other.extend(clickhouse.as_mut().and_then(|other| other.ask(question.name)));
    }
    let other = (!in_other.is_empty()).then(|| median(in_other));
    let [kith, here, plain, by_hand] = [in_kith, in_one, in_duckdb, by_hand].map(median);
    Took { kith, here, plain, by_hand, other }
}

/// The same, but for the order in which numbers were added up.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(ones), Value::Array(others)) => {
            ones.len() == others.len() && ones.iter().zip(others).all(|(a, b)| alike(a, b))
        }
        (Value::Object(ones), Value::Object(others)) => {
            let found = |(key, a): (&String, &Value)| others.get(key).is_some_and(|b| alike(a, b));
            ones.len() == others.len() && ones.iter().all(found)
        }
        _ => match (one.as_f64(), other.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs(),
            _ => one == other,
        },
    }
}

fn timed<T>(took: &mut Vec<f64>, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    took.push(started.elapsed().as_secs_f64());
    done
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
