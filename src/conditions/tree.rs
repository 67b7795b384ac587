//! The tree that a condition is.

use super::{Did, Language, Moment, Pattern, Place, Text, key};
use crate::model::{Keep, Number, TallyKey};
use std::borrow::Cow;

/// What must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// All of these; without any, it is true.
    All(Vec<Tree>),
    /// At least one of these.
    Any(Vec<Tree>),
    /// Not this.
    Not(Box<Tree>),
    /// This.
    Test(Test),
    /// Somebody did this. Only where people are spoken of.
    Did(Box<Did>),
    /// Somebody is in this audience. The same.
    In(String),
    /// Somebody is on this list. The same.
    Listed(OnList),
}

/// A list of people.
#[derive(Clone, Debug, PartialEq)]
pub struct OnList {
    /// Its id.
    pub id: String,
    /// By what is known of it who is on it: worked out once, since it is asked for at every event.
    pub key: TallyKey,
}

impl OnList {
    /// The list of this id.
    #[must_use]
    pub fn of(id: String) -> Self {
        Self { key: key(Keep::Words, &format!("list {id:?}")), id }
    }
}

/// One test of one fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `left sign right`.
    Compare {
        /// Of what.
        left: Operand,
        /// How.
        sign: Sign,
        /// With what.
        right: Value,
    },
    /// `IN [a, b]`: one of these; in rules also a list of just these.
    Among(Operand, Vec<Value>),
    /// `CONTAINS`: a list has it as a member, a text within it.
    Contains(Operand, Value),
    /// `STARTS WITH`, `ENDS WITH`: a text does.
    Affix(Operand, Affix, Text),
    /// `EXISTS`. In rules `null` exists, as in the reference; in history it does not.
    Exists(Operand),
    /// `IS NULL`. In rules what is missing is not null, as in the reference; in history it is.
    Null(Operand),
    /// `EMPTY`: missing, `null`, or a text, a list or an object with nothing in it.
    Empty(Operand),
}

/// Which end of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affix {
    /// The beginning.
    Start,
    /// The end.
    End,
}

/// How two things compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `=`.
    Equal,
    /// `!=`: whatever `=` is not.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// A fact, or what a function makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// What is done with it first.
    pub function: Option<Function>,
    /// Where it is.
    pub place: Place,
}

/// What can be done with a fact. One that it cannot be done with is as if it were missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// A text in small letters, one by one.
    Lowercase,
    /// A text in capital letters, one by one.
    Uppercase,
    /// The time that a text tells, and so many microseconds more.
    Datetime(i64),
}

/// What a fact is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`; only within lists, elsewhere it is [`Test::Null`].
    Null,
    /// `true` or `false`.
    Truth(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Text),
    /// A text with stars that stand for anything.
    Pattern(Pattern),
    /// A moment.
    Moment(Moment),
    /// So many microseconds from when it is asked.
    Now(i64),
    /// Another fact.
    Operand(Operand),
}

impl Test {
    /// The fact that is tested.
    #[must_use]
    pub fn left(&self) -> &Operand {
        match self {
            Self::Compare { left, .. }
            | Self::Among(left, _)
            | Self::Contains(left, _)
            | Self::Affix(left, ..)
            | Self::Exists(left)
            | Self::Null(left)
            | Self::Empty(left) => left,
        }
    }

    /// What it is held against.
    #[must_use]
    pub fn right(&self) -> &[Value] {
        match self {
            Self::Compare { right, .. } | Self::Contains(_, right) => std::slice::from_ref(right),
            Self::Among(_, right) => right,
            Self::Affix(..) | Self::Exists(_) | Self::Null(_) | Self::Empty(_) => &[],
        }
    }

    fn each_place_mut(&mut self, visit: &mut impl FnMut(&mut Place)) {
        let (left, right) = match self {
            Self::Compare { left, right, .. } | Self::Contains(left, right) => {
                (left, std::slice::from_mut(right))
            }
            Self::Among(left, right) => (left, right.as_mut_slice()),
            Self::Affix(left, ..) | Self::Exists(left) | Self::Null(left) | Self::Empty(left) => {
                (left, Default::default())
            }
        };
        visit(&mut left.place);
        for value in right {
            if let Value::Operand(operand) = value {
                visit(&mut operand.place);
            }
        }
    }

    /// Every fact that it looks at.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        let others = self.right().iter().filter_map(|value| {
            if let Value::Operand(operand) = value { Some(operand) } else { None }
        });
        std::iter::once(self.left()).chain(others)
    }
}

impl Tree {
    /// Shows every part that has no parts itself.
    pub fn each_leaf<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        self.each_turned(false, &mut |leaf, _| visit(leaf));
    }

    /// The same, with whether it is turned round: what stands within `NOT`, and not within two of them.
    pub fn each_turned<'a>(&'a self, turned: bool, visit: &mut impl FnMut(&'a Self, bool)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.each_turned(turned, visit));
            }
            Self::Not(tree) => tree.each_turned(!turned, visit),
            Self::Test(_) | Self::Did(_) | Self::In(_) | Self::Listed(_) => visit(self, turned),
        }
    }
}

impl Tree {
    /// Shows every place of a fact that it looks at, to be numbered.
    pub fn each_place_mut(&mut self, visit: &mut impl FnMut(&mut Place)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter_mut().for_each(|part| part.each_place_mut(visit));
            }
            Self::Not(tree) => tree.each_place_mut(visit),
            Self::Test(test) => test.each_place_mut(visit),
            Self::Did(_) | Self::In(_) | Self::Listed(_) => {}
        }
    }
}

impl Sign {
    /// All of them, as they are written.
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Equal, "="),
        (Self::Unequal, "!="),
        (Self::LessOrEqual, "<="),
        (Self::GreaterOrEqual, ">="),
        (Self::Less, "<"),
        (Self::Greater, ">"),
    ];

    /// As it is written, here and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(sign, _)| *sign == self).map_or("=", |(_, text)| text)
    }

    /// The sign with both sides exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Equal | Self::Unequal => self,
        }
    }
}

impl Function {
    /// All of them, as they are written.
    pub(super) const ALL: [(Self, &'static str); 3] = [
        (Self::Lowercase, "lowercase"),
        (Self::Uppercase, "uppercase"),
        (Self::Datetime(0), "datetime"),
    ];
}

impl Value {
    /// The text that is looked for in a text. Where forms know nothing but texts, that of a number or
    /// a truth as well.
    #[must_use]
    pub fn within_texts(&self, language: Language) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text.as_str())),
            Self::Number(number) if language == Language::History => {
                Some(Cow::Owned(number.to_string()))
            }
            Self::Truth(truth) if language == Language::History => {
                Some(Cow::Owned(truth.to_string()))
            }
            Self::Null
            | Self::Truth(_)
            | Self::Number(_)
            | Self::Pattern(_)
            | Self::Moment(_)
            | Self::Now(_)
            | Self::Operand(_) => None,
        }
    }
}
