//! Does a condition hold?

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value as Json;

use super::compare::{order, order_with_text};
use super::{
    Affix, Condition, Fact, Facts, Function, Language, Moment, Operand, Pattern, Sign, Test, Tree,
    Value, texts,
};
use crate::model::Number;

impl Condition {
    /// Whether it holds. Never fails: what cannot be compared is unlike.
    #[must_use]
    pub fn holds(&self, facts: &impl Facts) -> bool {
        let Self { language, ref tree } = *self;
        Holder { language, facts }.holds(tree)
    }
}

impl Operand {
    /// The fact, or what its function makes of it; missing where that can make nothing of it.
    pub fn of<'f>(&self, facts: &'f impl Facts) -> Fact<'f> {
        let fact = facts.at(&self.place);
        let Some(function) = self.function else { return fact };
        match (function, fact) {
            (Function::Lowercase, Fact::Text(text)) => {
                Fact::Text(Cow::Owned(texts::lowercase(&text)))
            }
            (Function::Uppercase, Fact::Text(text)) => {
                Fact::Text(Cow::Owned(texts::uppercase(&text)))
            }
            (Function::Datetime(more), Fact::Text(text)) => {
                let at = Moment::parse(&text).and_then(|at| at.plus(more));
                at.map_or(Fact::Missing, Fact::Moment)
            }
            (Function::Datetime(more), Fact::Moment(at)) => {
                at.plus(more).map_or(Fact::Missing, Fact::Moment)
            }
            _ => Fact::Missing,
        }
    }
}

struct Holder<'f, F> {
    language: Language,
    facts: &'f F,
}

impl<'f, F: Facts> Holder<'f, F> {
    fn holds(&self, tree: &Tree) -> bool {
        match tree {
            Tree::All(parts) => parts.iter().all(|part| self.holds(part)),
            Tree::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Tree::Not(tree) => !self.holds(tree),
            Tree::Test(test) => self.test(test),
            Tree::Did(did) => self.facts.did(did),
            Tree::In(audience) => self.facts.is_in(audience),
            Tree::Listed(list) => self.facts.is_on(list),
        }
    }

    fn test(&self, test: &Test) -> bool {
        match test {
            Test::Compare { left, sign, right } => self.compare(&self.fact(left), *sign, right),
            Test::Among(operand, list) => self.among(&self.fact(operand), list),
            Test::Contains(operand, value) => self.contains(&self.fact(operand), value),
            Test::Affix(operand, affix, text) => match (self.fact(operand), affix) {
                (Fact::Text(fact), Affix::Start) => fact.starts_with(text.as_str()),
                (Fact::Text(fact), Affix::End) => fact.ends_with(text.as_str()),
                _ => false,
            },
            Test::Exists(operand) if self.language == Language::Rules => match operand.function {
                Some(_) => !matches!(self.fact(operand), Fact::Missing),
                None => self.facts.is_said(&operand.place),
            },
            Test::Exists(operand) => !matches!(self.fact(operand), Fact::Missing | Fact::Null),
            Test::Null(operand) => {
                let (fact, is_rule) = (self.fact(operand), self.language == Language::Rules);
                matches!(fact, Fact::Null) || (!is_rule && matches!(fact, Fact::Missing))
            }
            Test::Empty(operand) => is_empty(&self.fact(operand)),
        }
    }

    fn fact(&self, operand: &Operand) -> Fact<'f> {
        operand.of(self.facts)
    }

    fn compare(&self, left: &Fact<'_>, sign: Sign, right: &Value) -> bool {
        if sign == Sign::Unequal {
            return !self.equal(left, right);
        }
        if sign == Sign::Equal {
            return self.equal(left, right);
        }
        let Some(order) = self.order(left, right) else { return false };
        match sign {
            Sign::Less => order == Ordering::Less,
            Sign::LessOrEqual => order != Ordering::Greater,
            Sign::Greater => order == Ordering::Greater,
            Sign::GreaterOrEqual | Sign::Equal | Sign::Unequal => order != Ordering::Less,
        }
    }

    fn equal(&self, left: &Fact<'_>, right: &Value) -> bool {
        match (left, right) {
            (Fact::Null, Value::Null) => true,
            (Fact::Missing, Value::Null) => self.language == Language::History,
            (Fact::Text(text), Value::Pattern(pattern)) => pattern.matches(text),
            // Most are told apart by their lengths.
            (Fact::Text(left), Value::Text(right)) => left.as_ref() == right.as_str(),
            (Fact::Texts(list), value) if self.language == Language::History => has(list, value),
            _ => self.order(left, right) == Some(Ordering::Equal),
        }
    }

    fn order(&self, left: &Fact<'_>, right: &Value) -> Option<Ordering> {
        // Hundreds of rules compare the numbers of one event: no fact is made of theirs.
        if let (Fact::Number(left), Value::Number(right)) = (left, right) {
            return left.order(*right);
        }
        let right = match right {
            Value::Text(text) => return order_with_text(self.language, left, text),
            Value::Truth(truth) => Fact::Truth(*truth),
            Value::Number(number) => Fact::Number(*number),
            Value::Moment(moment) => Fact::Moment(*moment),
            Value::Now(offset) => {
                Fact::Moment(Moment::from_micros(self.facts.now().micros().saturating_add(*offset)))
            }
            Value::Operand(operand) => self.fact(operand),
            Value::Null | Value::Pattern(_) => return None,
        };
        order(self.language, left, &right)
    }

    /// One of these; in rules also a list of just these.
    fn among(&self, left: &Fact<'_>, list: &[Value]) -> bool {
        if list.iter().any(|value| self.equal(left, value)) {
            return true;
        }
        if self.language == Language::History {
            return false;
        }
        match left {
            Fact::List(members) => self.are_these(members.iter().map(Fact::from), list),
            Fact::Texts(members) => {
                self.are_these(members.iter().map(|text| Fact::from(text.as_str())), list)
            }
            Fact::Missing
            | Fact::Null
            | Fact::Truth(_)
            | Fact::Number(_)
            | Fact::Text(_)
            | Fact::Moment(_)
            | Fact::Object { .. } => false,
        }
    }

    /// Just these, one after the other.
    fn are_these<'a>(
        &self,
        members: impl ExactSizeIterator<Item = Fact<'a>>,
        list: &[Value],
    ) -> bool {
        members.len() == list.len()
            && members.zip(list).all(|(member, value)| self.equal(&member, value))
    }

    fn contains(&self, left: &Fact<'_>, value: &Value) -> bool {
        match left {
            Fact::Text(text) => {
                value.within_texts(self.language).is_some_and(|part| text.contains(&*part))
            }
            Fact::List(members) => members.iter().any(|member| is_same(member, value)),
            Fact::Texts(members) => has(members, value),
            Fact::Missing
            | Fact::Null
            | Fact::Truth(_)
            | Fact::Number(_)
            | Fact::Moment(_)
            | Fact::Object { .. } => false,
        }
    }
}

/// Whether a list of texts has a text, or one like it.
fn has(list: &[String], value: &Value) -> bool {
    match value {
        Value::Text(text) => list.iter().any(|one| one == text.as_str()),
        Value::Pattern(pattern) => list.iter().any(|one| Pattern::matches(pattern, one)),
        Value::Null
        | Value::Truth(_)
        | Value::Number(_)
        | Value::Moment(_)
        | Value::Now(_)
        | Value::Operand(_) => false,
    }
}

/// Of the same sort and equal: `[1, 2]` has no `"2"`.
fn is_same(member: &Json, value: &Value) -> bool {
    match (member, value) {
        (Json::String(member), Value::Text(text)) => member == text.as_str(),
        (Json::Bool(member), Value::Truth(truth)) => member == truth,
        (Json::Number(member), Value::Number(number)) => {
            Number::from(member).order(*number) == Some(Ordering::Equal)
        }
        _ => false,
    }
}

fn is_empty(fact: &Fact<'_>) -> bool {
    match fact {
        Fact::Missing | Fact::Null => true,
        Fact::Text(text) => text.is_empty(),
        Fact::List(list) => list.is_empty(),
        Fact::Texts(list) => list.is_empty(),
        Fact::Object { is_empty } => *is_empty,
        Fact::Truth(_) | Fact::Number(_) | Fact::Moment(_) => false,
    }
}
