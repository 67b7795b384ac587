//! Values of any kind, and what is computed of them, counted plainly.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MINUTE, Sent};

const LARGE: i128 = 12_345_678_901_234_567_890;
const MILLION: i128 = 1_000_000;

/// How an event writes what it is worth.
#[derive(Clone, Copy, Debug)]
pub(super) enum Worth {
    Whole,
    Decimals,
    Text,
    TextOfDecimals,
    Large,
    TooLarge,
    Letters,
    List,
    Truth,
    Nothing,
}

/// What an event says in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Words {
    Short,
    /// More than is kept of one among many; they differ in their last letter.
    Long,
    OtherLong,
    /// More than is ever kept.
    VeryLong,
    OtherVeryLong,
}

pub(super) fn worth() -> impl Strategy<Value = Worth> {
    prop::sample::select(vec![
        Worth::Whole,
        Worth::Decimals,
        Worth::Text,
        Worth::TextOfDecimals,
        Worth::Large,
        Worth::TooLarge,
        Worth::Letters,
        Worth::List,
        Worth::Truth,
        Worth::Nothing,
    ])
}

pub(super) fn words() -> impl Strategy<Value = Words> {
    prop::sample::select(vec![
        Words::Short,
        Words::Long,
        Words::OtherLong,
        Words::VeryLong,
        Words::OtherVeryLong,
    ])
}

impl Worth {
    pub(super) fn sent(self, price: u64) -> Value {
        let number = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        match self {
            Self::Whole => json!(price),
            Self::Decimals => number(&format!("-{price}.1250005")),
            Self::Text => json!(price.to_string()),
            Self::TextOfDecimals => json!(format!("{price}.50")),
            Self::Large => number(&(LARGE + i128::from(price)).to_string()),
            Self::TooLarge => number("1e30"),
            Self::Letters => json!("N/A"),
            Self::List => json!([price, "N/A"]),
            Self::Truth => json!(true),
            Self::Nothing => Value::Null,
        }
    }

    /// In millionths, where it is a number.
    fn counted(self, price: u64) -> Option<i128> {
        let price = i128::from(price);
        match self {
            Self::Whole | Self::Text => Some(price * MILLION),
            Self::Decimals => Some(-(price * MILLION + 125_001)),
            Self::TextOfDecimals => Some(price * MILLION + 500_000),
            Self::Large => Some((LARGE + price) * MILLION),
            Self::TooLarge | Self::Letters | Self::List | Self::Truth | Self::Nothing => None,
        }
    }
}

impl Words {
    pub(super) fn text(self) -> String {
        let of = |letters: usize, end: &str| format!("{}{end}", "ž".repeat(letters));
        match self {
            Self::Short => "short".to_owned(),
            Self::Long => of(300, "a"),
            Self::OtherLong => of(300, "b"),
            Self::VeryLong => of(2_000, "a"),
            Self::OtherVeryLong => of(2_000, "b"),
        }
    }
}

/// The same traits under other names are counted anew.
pub(super) fn traits(suffix: &str) -> Vec<Value> {
    let of = |id: &str, function: &str, rest: Value| {
        let mut posted = json!({"id": format!("{id}{suffix}"), "function": function, "event_type": "b",
            "where": format!("event@type != \"x{suffix}\"")});
        posted.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        posted
    };
    let worth = json!({"of": "properties.worth"});
    let words = json!({"of": "properties.words"});
    vec![
        of("all", "sum", worth.clone()),
        of("most", "max", worth.clone()),
        of("least", "min", worth.clone()),
        of("lately", "max", json!({"of": "properties.worth", "within": "1h"})),
        of("sorts", "distinct", words.clone()),
        of("usual", "most_frequent", words.clone()),
        of("final", "last", words),
        of("bs_of_all", "count", json!({})),
    ]
}

/// Holds what is computed against what these events say.
#[track_caller]
pub(super) fn check(computed: &Value, events: &[&Sent], now: i64, suffix: &str) {
    let bs: Vec<&&Sent> = events.iter().filter(|sent| sent.kind == "b").collect();
    let numbers = |since: i64| -> Vec<i128> {
        let young = bs.iter().filter(|sent| sent.at > since);
        young.filter_map(|sent| sent.says.worth.counted(sent.price)).collect()
    };
    let (ever, lately) = (numbers(i64::MIN), numbers(now - 60 * MINUTE));
    let sum = (!ever.is_empty()).then(|| ever.iter().sum::<i128>());
    let sorts: BTreeSet<Words> = bs.iter().map(|sent| sent.says.words).collect();
    let shown = |number: Option<i128>| number.map_or(Value::Null, in_decimals);
    let of = |id: &str| &computed[format!("{id}{suffix}")];
    assert_eq!(of("all"), &shown(sum), "the sum of {ever:?}");
    assert_eq!(of("most"), &shown(ever.iter().max().copied()), "the most of {ever:?}");
    assert_eq!(of("least"), &shown(ever.iter().min().copied()), "the least of {ever:?}");
    assert_eq!(of("lately"), &shown(lately.iter().max().copied()), "lately {lately:?}");
    assert_eq!(of("sorts"), &json!(sorts.len()), "{sorts:?}");
    assert_eq!(of("bs_of_all"), &json!(bs.len()));
    let mut often: BTreeMap<Words, usize> = BTreeMap::new();
    bs.iter().for_each(|sent| *often.entry(sent.says.words).or_default() += 1);
    let most = often.values().max().copied().unwrap_or_default();
    assert!(is_one(
        of("usual"),
        often.iter().filter(|(_, many)| **many == most).map(|(one, _)| *one)
    ));
    let last = bs.iter().map(|sent| sent.at).max();
    assert!(is_one(
        of("final"),
        bs.iter().filter(|sent| Some(sent.at) == last).map(|sent| sent.says.words)
    ));
}

/// Whether it shows one of these; nothing where there are none. Of what is too long, the beginning is shown.
fn is_one(shown: &Value, mut words: impl Iterator<Item = Words> + Clone) -> bool {
    let Some(shown) = shown.as_str() else { return words.next().is_none() };
    let begins = shown.split_once('…').map(|(begins, _)| begins);
    words.any(|one| match begins {
        Some(begins) => one.text().starts_with(begins),
        None => one.text() == shown,
    })
}

fn in_decimals(millionths: i128) -> Value {
    let (sign, size) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    let text = format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000);
    serde_json::from_str(text.trim_end_matches('0').trim_end_matches('.')).unwrap()
}
