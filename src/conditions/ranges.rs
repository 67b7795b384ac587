//! Ranges that end before they begin: nothing is in them.

use std::cmp::Ordering;

use super::{Did, Invalid, Operand, Sign, Span, Test, Text, Tree, Value};

/// What of a condition asks for something in such a range, wherever it stands.
pub(super) fn turned(tree: &Tree) -> Option<Invalid> {
    match tree {
        Tree::All(parts) => of_all(parts).or_else(|| parts.iter().find_map(turned)),
        Tree::Any(parts) => parts.iter().find_map(turned),
        Tree::Not(tree) => turned(tree),
        Tree::Did(did) => of_did(did),
        Tree::Test(_) | Tree::In(_) | Tree::Listed(_) => None,
    }
}

fn of_did(did: &Did) -> Option<Invalid> {
    if matches!(did.span, Span::Between(from, to) if to < from) {
        return Some(Invalid("a time BETWEEN two moments ends before it begins".to_owned()));
    }
    did.counts().iter().find_map(|counted| turned(&counted.filter))
}

/// `BETWEEN` is both of its ends, and so it may be written.
fn of_all(parts: &[Tree]) -> Option<Invalid> {
    let mut ends = Vec::new();
    gather(parts, &mut ends);
    let (lows, highs): (Vec<End<'_>>, Vec<End<'_>>) = ends.into_iter().partition(|end| end.is_low);
    let meets =
        |low: &End<'_>| highs.iter().any(|high| low.left == high.left && low.is_after(high));
    let place = &lows.into_iter().find(meets)?.left.place;
    let (root, path) = (place.root.as_str(), &place.path);
    Some(Invalid(format!("what {root}@{path} must be between ends before it begins")))
}

struct End<'a> {
    left: &'a Operand,
    is_low: bool,
    /// Whether it belongs to the range itself.
    is_within: bool,
    value: &'a Value,
}

fn gather<'a>(parts: &'a [Tree], ends: &mut Vec<End<'a>>) {
    for part in parts {
        match part {
            Tree::All(parts) => gather(parts, ends),
            Tree::Test(Test::Compare { left, sign, right }) => {
                let (is_low, is_within) = match sign {
                    Sign::Greater => (true, false),
                    Sign::GreaterOrEqual => (true, true),
                    Sign::Less => (false, false),
                    Sign::LessOrEqual => (false, true),
                    Sign::Equal | Sign::Unequal => continue,
                };
                ends.push(End { left, is_low, is_within, value: right });
            }
            Tree::Test(_)
            | Tree::Any(_)
            | Tree::Not(_)
            | Tree::Did(_)
            | Tree::In(_)
            | Tree::Listed(_) => {}
        }
    }
}

impl End<'_> {
    fn is_after(&self, high: &Self) -> bool {
        let orders = orders(self.value, high.value);
        let is_empty = self.is_within && high.is_within;
        let is_after = |order: &Ordering| order.is_gt() || (order.is_eq() && !is_empty);
        !orders.is_empty() && orders.iter().all(is_after)
    }
}

/// How two values compare, in each way in which a fact could compare with both; in none where that is not
/// known before.
fn orders(low: &Value, high: &Value) -> Vec<Ordering> {
    match (low, high) {
        (Value::Number(low), Value::Number(high)) => low.order(*high).into_iter().collect(),
        (Value::Moment(low), Value::Moment(high)) => vec![low.cmp(high)],
        (Value::Now(low), Value::Now(high)) => vec![low.cmp(high)],
        (Value::Text(low), Value::Text(high)) => of_texts(low, high),
        (Value::Text(low), Value::Moment(high)) => {
            low.moment().map(|low| low.cmp(high)).into_iter().collect()
        }
        (Value::Moment(low), Value::Text(high)) => {
            high.moment().map(|high| low.cmp(&high)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn of_texts(low: &Text, high: &Text) -> Vec<Ordering> {
    let numbers = low.number().zip(high.number()).and_then(|(low, high)| low.order(high));
    let moments = low.moment().zip(high.moment()).map(|(low, high)| low.cmp(&high));
    let letters = low.as_str().cmp(high.as_str());
    [Some(letters), numbers, moments].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::parse_of_people;

    #[track_caller]
    fn check(text: &str, is_turned: bool) {
        let found = turned(&parse_of_people(text).unwrap().tree);
        assert_eq!(found.is_some(), is_turned, "{text}: {found:?}");
    }

    #[test]
    fn what_ends_before_it_begins_is_known() {
        for text in [
            "profile@traits.a BETWEEN 5 AND 1",
            "NOT profile@traits.a BETWEEN 5 AND 1",
            "profile@id EXISTS OR (profile@traits.a >= 5 AND profile@traits.a <= 1)",
            "profile@traits.a > 5 AND profile@traits.b > 1 AND profile@traits.a < 5",
            "profile@traits.a BETWEEN 9007199254740993 AND 9007199254740992",
            "profile@traits.a BETWEEN \"b\" AND \"a\"",
            "datetime(profile@traits.d) BETWEEN datetime(\"2026-02-01\") AND datetime(\"2026-01-01\")",
            "datetime(profile@traits.d) BETWEEN now() AND now.offset(\"-1d\")",
            "datetime(profile@traits.d) BETWEEN \"2026-02-01\" AND datetime(\"2026-01-01\")",
            "DID \"a\" BETWEEN datetime(\"2026-02-01\") AND datetime(\"2026-01-01\")",
            "DID \"a\" WHERE (event@properties.a BETWEEN 5 AND 1)",
            "DID \"a\" THEN \"b\" WHERE (event@properties.a BETWEEN 5 AND 1) WITHIN 1d",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn what_may_hold_is_let_in() {
        for text in [
            "profile@traits.a BETWEEN 1 AND 1",
            "profile@traits.a BETWEEN 1 AND 5 OR profile@traits.a BETWEEN 7 AND 9",
            "profile@traits.a > 5 OR profile@traits.a < 1",
            "profile@traits.a > 5 AND profile@traits.b < 1",
            "profile@traits.a > 5 AND lowercase(profile@traits.a) < \"1\"",
            "profile@traits.a BETWEEN \"9\" AND \"10\"",
            "profile@traits.a BETWEEN \"2026-01-01T12:00:00+02:00\" AND \"2026-01-01T11:00:00Z\"",
            "datetime(profile@traits.d) BETWEEN datetime(\"2030-01-01\") AND now()",
            "profile@traits.a BETWEEN profile@traits.b AND profile@traits.c",
            "profile@traits.a BETWEEN 5 AND \"1\"",
        ] {
            check(text, false);
        }
    }
}
