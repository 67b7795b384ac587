//! Facts of an event of the tail, exactly those that it had when it was folded.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{Fact, Facts, Place};
use crate::conditions::{Moment, Root};
use crate::events::Kind;
use crate::model::{Json, Time};

/// A line of the tail. Objects are texts, as in [`OfEvent`](super::OfEvent): numbers keep all of their digits.
#[derive(Debug)]
pub struct OfLine<'a> {
    columns: HashMap<Cow<'a, str>, &'a RawValue>,
    objects: HashMap<&'static str, Json>,
}

impl<'a> OfLine<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(line: &'a [u8]) -> Result<Self, serde_json::Error> {
        /// Keys without backslashes are not copied.
        #[derive(PartialEq, Eq, Hash, serde::Deserialize)]
        struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
        let columns: HashMap<Key<'a>, &'a RawValue> = serde_json::from_slice(line)?;
        let columns: HashMap<_, _> =
            columns.into_iter().map(|(Key(name), value)| (name, value)).collect();
        let kept = crate::events::COLUMNS.iter().filter(|column| column.kind == Kind::Json);
        let object = |name: &'static str| Some((name, object(columns.get(name)?)));
        let objects = kept.filter_map(|column| object(column.name)).collect();
        Ok(Self { columns, objects })
    }

    /// The text in a column; none where there is another thing, or nothing.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<Cow<'a, str>> {
        match Fact::of_json(self.columns.get(column)?.get()) {
            Fact::Text(text) => Some(text),
            Fact::Missing
            | Fact::Null
            | Fact::Truth(_)
            | Fact::Number(_)
            | Fact::Moment(_)
            | Fact::List(_)
            | Fact::Texts(_)
            | Fact::Object { .. } => None,
        }
    }

    /// The whole number in a column.
    #[must_use]
    pub fn whole(&self, column: &str) -> Option<i64> {
        self.columns.get(column)?.get().parse().ok()
    }

    /// The moment in a column.
    #[must_use]
    pub fn time(&self, column: &str) -> Option<Time> {
        Time::parse(&self.text(column)?)
    }

    /// Whether nothing was found wrong with the event.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.columns.get("valid").is_none_or(|valid| valid.get() != "false")
    }
}

impl Facts for OfLine<'_> {
    fn at<'b>(&'b self, place: &Place) -> Fact<'b> {
        let Some((column, within)) = place.column.as_ref().filter(|_| place.root == Root::Event)
        else {
            return Fact::Missing;
        };
        if column.kind == Kind::Json {
            let Some(object) = self.objects.get(column.name) else {
                // The one of these that a line always has.
                let is_all = column.name == "properties" && within.steps().is_empty();
                return if is_all { Fact::Object { is_empty: true } } else { Fact::Missing };
            };
            return object.at(within).map_or(Fact::Missing, Fact::of_json);
        }
        let Some(value) = self.columns.get(column.name) else { return Fact::Missing };
        match (column.name, Fact::of_json(value.get())) {
            ("time" | "received_at" | "client_time", Fact::Text(text)) => {
                Moment::parse(&text).map_or(Fact::Missing, Fact::Moment)
            }
            ("tags" | "warnings", Fact::List(list)) => {
                let texts = list.iter().filter_map(|text| text.as_str().map(str::to_owned));
                Fact::Texts(texts.collect())
            }
            (_, fact) => fact,
        }
    }

    fn now(&self) -> Time {
        Time::default()
    }
}

/// An object is a text of one where a reader with floats would have changed a number in it.
fn object(value: &RawValue) -> Json {
    let text = value.get();
    let inside: Cow<'_, str> = match text.as_bytes() {
        [b'"', ..] => serde_json::from_str(text).map_or(Cow::Borrowed("{}"), Cow::Owned),
        _ => Cow::Borrowed(text),
    };
    Json::compact(&inside, usize::MAX).unwrap_or_default()
}
