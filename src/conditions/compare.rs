//! How a fact compares with a fact or with a value.

use std::cmp::Ordering;

use super::{Fact, Language, Moment, Text, texts};
use crate::model::Number;

/// Which comes first; none when they are not comparable.
///
/// The same sort of thing always is. Beyond that, in rules a truth is the number 1 or 0, as in the reference.
/// In history a text is the number, the truth or the moment that it writes, where it meets one.
pub(super) fn order(language: Language, left: &Fact<'_>, right: &Fact<'_>) -> Option<Ordering> {
    if let Fact::Text(text) = right {
        return with_text(language, left, &Said::Letters(text));
    }
    match (left, right) {
        (Fact::Number(left), Fact::Number(right)) => left.order(*right),
        (Fact::Truth(left), Fact::Truth(right)) => Some(left.cmp(right)),
        (Fact::Moment(left), Fact::Moment(right)) => Some(left.cmp(right)),
        (Fact::Text(left), _) if language == Language::History => match right {
            Fact::Number(right) => Number::parse(left)?.order(*right),
            Fact::Truth(right) => Some(texts::truth(left)?.cmp(right)),
            Fact::Moment(right) => Some(Moment::parse(left)?.cmp(right)),
            Fact::Text(_)
            | Fact::Missing
            | Fact::Null
            | Fact::List(_)
            | Fact::Texts(_)
            | Fact::Object { .. } => None,
        },
        (Fact::Number(left), Fact::Truth(right)) if language == Language::Rules => {
            left.order(number_of(*right))
        }
        (Fact::Truth(left), Fact::Number(right)) if language == Language::Rules => {
            number_of(*left).order(*right)
        }
        _ => None,
    }
}

/// The same with a text that was read before.
pub(super) fn order_with_text(
    language: Language,
    left: &Fact<'_>,
    right: &Text,
) -> Option<Ordering> {
    with_text(language, left, &Said::Read(right))
}

/// A text on the right: as letters, or with what it says beside that.
enum Said<'a> {
    Letters(&'a str),
    Read(&'a Text),
}

impl Said<'_> {
    fn letters(&self) -> &str {
        match self {
            Self::Letters(text) => text,
            Self::Read(text) => text.as_str(),
        }
    }

    fn number(&self) -> Option<Number> {
        match self {
            Self::Letters(text) => Number::parse(text),
            Self::Read(text) => text.number(),
        }
    }

    fn moment(&self) -> Option<Moment> {
        match self {
            Self::Letters(text) => Moment::parse(text),
            Self::Read(text) => text.moment(),
        }
    }
}

fn with_text(language: Language, left: &Fact<'_>, right: &Said<'_>) -> Option<Ordering> {
    let is_history = language == Language::History;
    match left {
        Fact::Text(left) => Some(left.as_ref().cmp(right.letters())),
        // A column's moment is a text in the document that a rule speaks of.
        Fact::Moment(left) => Some(left.cmp(&right.moment()?)),
        Fact::Number(left) if is_history => left.order(right.number()?),
        Fact::Truth(left) if is_history => Some(left.cmp(&texts::truth(right.letters())?)),
        Fact::Number(_)
        | Fact::Truth(_)
        | Fact::Missing
        | Fact::Null
        | Fact::List(_)
        | Fact::Texts(_)
        | Fact::Object { .. } => None,
    }
}

fn number_of(truth: bool) -> Number {
    Number::Whole(i128::from(truth))
}
