//! Facts of an event as the tail has it: a line of columns, read as JSON.

use super::{Fact, Facts, Place};
use crate::conditions::{Moment, Root};
use crate::model::{Map, Time};

/// The columns of an event. What a line leaves out is missing.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// As they were read.
    pub columns: &'a Map,
    /// What `now()` is.
    pub now: Time,
}

impl Facts for Columns<'_> {
    fn at<'a>(&'a self, place: &Place) -> Fact<'a> {
        let Some((column, within)) = place.column.as_ref().filter(|_| place.root == Root::Event)
        else {
            return Fact::Missing;
        };
        let Some(value) = self.columns.get(column.name) else { return Fact::Missing };
        match (column.name, value.as_str(), value.as_array()) {
            ("time" | "received_at", Some(text), _) => {
                Moment::parse(text).map_or(Fact::Missing, Fact::Moment)
            }
            ("tags" | "warnings", _, Some(list)) => {
                let texts = list.iter().filter_map(|text| text.as_str().map(str::to_owned));
                Fact::Texts(texts.collect())
            }
            _ => Fact::from(within.below(value)),
        }
    }

    fn now(&self) -> Time {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::conditions::{Language, parse};

    #[track_caller]
    fn check(condition: &str, expected: bool) {
        let line = json!({
            "type": "order", "time": "2026-01-05T10:00:00Z", "tags": ["a", "b"],
            "properties": {"price": 12, "lines": [{"sku": "x"}]}
        });
        let Value::Object(columns) = &line else { panic!("an object") };
        let facts = Columns { columns, now: Time::from_micros(1_767_607_200_000_000) };
        let condition = parse(Language::History, condition).unwrap();
        assert_eq!(condition.holds(&facts), expected, "{condition:?}");
    }

    #[test]
    fn a_filter_holds_of_a_line_as_it_does_of_history() {
        check("type = order AND properties.price >= 10", true);
        check("properties.lines.0.sku = x", true);
        check("properties.price < 10", false);
        check("tags.values = b", true);
        check("time >= now.offset(\"-1h\")", true);
        check("utm.source EXISTS", false);
        check("session.id NOT EXISTS", true);
    }
}
