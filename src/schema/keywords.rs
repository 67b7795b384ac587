//! What a schema asks, read.

use regex::Regex;
use serde_json::Value;

use super::formats::Format;
use crate::model::Number;

/// A subschema, by its place among all of them.
pub(super) type At = usize;

/// A subschema.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// `true` and `false`.
    Always(bool),
    /// All of these.
    All(Vec<Keyword>),
}

/// One keyword, or several that ask together.
#[derive(Clone, Debug)]
pub(super) enum Keyword {
    Type(Vec<Type>),
    Enum(Vec<Value>),
    Const(Value),
    /// By its digits.
    MultipleOf(String),
    Bound(Bound, Number),
    Length(Size),
    Pattern(Box<Regex>),
    Format(Format),
    Items {
        first: Vec<At>,
        rest: Option<At>,
    },
    Contains {
        what: At,
        count: Size,
    },
    ItemCount(Size),
    Unique,
    Properties(Box<Properties>),
    PropertyNames(At),
    PropertyCount(Size),
    Required(Vec<String>),
    /// With the first, these.
    DependentRequired(Vec<(String, Vec<String>)>),
    DependentSchemas(Vec<(String, At)>),
    Ref(At),
    AllOf(Vec<At>),
    AnyOf(Vec<At>),
    OneOf(Vec<At>),
    Not(At),
    If {
        is: At,
        then: Option<At>,
        or: Option<At>,
    },
    UnevaluatedItems(At),
    UnevaluatedProperties(At),
}

/// `properties`, `patternProperties` and `additionalProperties`, which is of what neither names.
#[derive(Clone, Debug)]
pub(super) struct Properties {
    pub(super) named: Vec<(String, At)>,
    pub(super) like: Vec<(Regex, At)>,
    pub(super) others: Option<At>,
}

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Object,
    Array,
    Number,
    Integer,
    String,
}

/// Which side a bound is on, and whether it is itself within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Minimum,
    ExclusiveMinimum,
    Maximum,
    ExclusiveMaximum,
}

/// How many there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Type {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Null, "null"),
        (Self::Boolean, "boolean"),
        (Self::Object, "object"),
        (Self::Array, "array"),
        (Self::Number, "number"),
        (Self::Integer, "integer"),
        (Self::String, "string"),
    ];

    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("null", |(_, name)| name)
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(one, _)| *one)
    }

    /// A whole number is one however it is written: `1.0`.
    pub(super) fn has(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Object, Value::Object(_))
            | (Self::Array, Value::Array(_))
            | (Self::Number, Value::Number(_))
            | (Self::String, Value::String(_)) => true,
            (Self::Integer, Value::Number(number)) => super::numbers::is_whole(number),
            _ => false,
        }
    }
}

impl Bound {
    pub(super) const ALL: [(Self, &'static str); 4] = [
        (Self::Minimum, "minimum"),
        (Self::ExclusiveMinimum, "exclusiveMinimum"),
        (Self::Maximum, "maximum"),
        (Self::ExclusiveMaximum, "exclusiveMaximum"),
    ];
}

impl Size {
    pub(super) fn has(self, count: usize) -> bool {
        let count = count as u64;
        self.min <= count && count <= self.max
    }
}

impl std::fmt::Display for Size {
    /// `1 to 5`, `at least 1`, `at most 5`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.min, self.max) {
            (min, u64::MAX) => write!(f, "at least {min}"),
            (0, max) => write!(f, "at most {max}"),
            (min, max) => write!(f, "{min} to {max}"),
        }
    }
}
