//! What a condition is held against.

mod columns;
mod documents;
mod event;
mod line;
mod profile;
mod remembering;

pub use columns::Columns;
pub use documents::Documents;
pub use event::OfEvent;
pub use line::OfLine;
pub use profile::{is_said, of_profile, of_segments};
pub use remembering::Remembering;

use std::borrow::Cow;

use serde_json::Value;

use super::{Did, Moment, OnList, Place};
use crate::model::{Number, Time};

/// Where facts are. A trait, since they are in documents, in the columns of what is being worked on, or in
/// both, and none of them is copied to be looked at.
pub trait Facts {
    /// What is there.
    fn at<'a>(&'a self, place: &Place) -> Fact<'a>;

    /// What `now()` is.
    fn now(&self) -> Time;

    /// Whether anybody has said what is there: documents have more by themselves.
    fn is_said(&self, place: &Place) -> bool {
        !matches!(self.at(place), Fact::Missing)
    }

    /// Whether somebody did this. Of an event alone nobody knows.
    fn did(&self, _: &Did) -> bool {
        false
    }

    /// Whether somebody is in this audience. The same.
    fn is_in(&self, _: &str) -> bool {
        false
    }

    /// Whether somebody is on this list. The same.
    fn is_on(&self, _: &OnList) -> bool {
        false
    }
}

/// What a condition may meet.
#[derive(Clone, Debug)]
pub enum Fact<'a> {
    /// Nothing is there.
    Missing,
    /// There it says that there is nothing.
    Null,
    /// True or false.
    Truth(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Cow<'a, str>),
    /// A moment. JSON has none; columns do.
    Moment(Moment),
    /// A list.
    List(Cow<'a, [Value]>),
    /// A column that is a list of texts: in history it equals each of them, as `tags` always did.
    Texts(Cow<'a, [String]>),
    /// An object.
    Object {
        /// Without keys.
        is_empty: bool,
    },
}

impl<'a> From<&'a Value> for Fact<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Truth(*truth),
            Value::Number(number) => Self::Number(number.into()),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Array(list) => Self::List(Cow::Borrowed(list)),
            Value::Object(map) => Self::Object { is_empty: map.is_empty() },
        }
    }
}

impl<'a> From<&'a str> for Fact<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<bool> for Fact<'_> {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl From<Time> for Fact<'_> {
    fn from(time: Time) -> Self {
        Self::Moment(time.into())
    }
}

impl<'a, T: Into<Fact<'a>>> From<Option<T>> for Fact<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

impl Fact<'_> {
    /// The same, without a copy.
    fn again(&self) -> Fact<'_> {
        match self {
            Self::Missing => Fact::Missing,
            Self::Null => Fact::Null,
            Self::Truth(truth) => Fact::Truth(*truth),
            Self::Number(number) => Fact::Number(*number),
            Self::Text(text) => Fact::Text(Cow::Borrowed(text)),
            Self::Moment(moment) => Fact::Moment(*moment),
            Self::List(list) => Fact::List(Cow::Borrowed(list)),
            Self::Texts(list) => Fact::Texts(Cow::Borrowed(list)),
            Self::Object { is_empty } => Fact::Object { is_empty: *is_empty },
        }
    }

    /// The fact that this text of JSON is: numbers keep all of their digits.
    fn of_json(text: &str) -> Fact<'_> {
        match text.as_bytes() {
            [b'n', ..] => Fact::Null,
            [b't', ..] => Fact::Truth(true),
            [b'f', ..] => Fact::Truth(false),
            [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => {
                Fact::from(text.get(1..text.len() - 1))
            }
            [b'"', ..] => serde_json::from_str(text)
                .map_or(Fact::Missing, |text| Fact::Text(Cow::Owned(text))),
            [b'[', ..] => serde_json::from_str(text)
                .map_or(Fact::Missing, |list| Fact::List(Cow::Owned(list))),
            [b'{', ..] => Fact::Object { is_empty: text == "{}" },
            _ => Number::parse(text).map_or(Fact::Missing, Fact::Number),
        }
    }
}
