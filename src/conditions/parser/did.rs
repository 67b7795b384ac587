//! What somebody did: `DID "order" WHERE (…) AT LEAST 3 TIMES WITHIN 30d`.

use super::super::words::Word;
use super::super::{Did, Invalid, Moment, Place, Root, Sign, Span, Test, Tree, Value, times_of};
use super::Parser;
use super::values::Right;
use crate::model::{TallyKey, kept_type};

impl Parser {
    /// What follows `DID`.
    pub(super) fn did(&mut self) -> Result<Tree, Invalid> {
        let is_not = self.keyword("not");
        let which = self.which();
        let kind = self.kind()?;
        let filter = self.filter("where")?;
        let with = self.with()?;
        let (sign, times) = self.times()?;
        let then = self.then()?;
        let span = self.span()?;
        let key = TallyKey::default();
        let did = Did { kind, filter, which, with, then, sign, times, span, key }.checked()?;
        let tree = Tree::Did(Box::new(did));
        Ok(if is_not { Tree::Not(Box::new(tree)) } else { tree })
    }

    /// A text in quotes.
    pub(super) fn quoted(&mut self, what: &str) -> Result<String, Invalid> {
        let start = self.at;
        let text = self.argument(what)?;
        if text.is_empty() {
            self.at = start;
            return Err(self.wanted(what));
        }
        Ok(text)
    }

    /// The type of an event, as it is kept.
    pub(super) fn kind(&mut self) -> Result<String, Invalid> {
        Ok(kept_type(&self.quoted("the type of an event in quotes")?))
    }

    /// Which of the events: `WHERE (…)`.
    pub(super) fn filter(&mut self, word: &str) -> Result<Tree, Invalid> {
        if !self.keyword(word) {
            return Ok(Tree::All(Vec::new()));
        }
        self.must("(")?;
        self.is_of_people = false;
        let tree = self.any();
        self.is_of_people = true;
        let tree = tree?;
        self.must(")")?;
        check(&tree)?;
        Ok(tree)
    }

    fn times(&mut self) -> Result<(Sign, u16), Invalid> {
        let sign = if self.keywords(&["at", "least"]) {
            Sign::GreaterOrEqual
        } else if self.keywords(&["at", "most"]) {
            Sign::LessOrEqual
        } else if self.keyword("exactly") {
            Sign::Equal
        } else {
            return Ok((Sign::GreaterOrEqual, 1));
        };
        let known = times_of(sign);
        let what = format!("a number from {} to {}", known.start(), known.end());
        let Some(Word::Bare(word)) = self.peek() else { return Err(self.wanted(&what)) };
        let times = word.parse().ok().filter(|times| known.contains(times));
        let times = times.ok_or_else(|| self.wanted(&what))?;
        self.at += 1;
        if self.keyword("times") || self.keyword("time") {
            return Ok((sign, times));
        }
        Err(self.wanted("TIMES"))
    }

    fn span(&mut self) -> Result<Span, Invalid> {
        if let Some(seconds) = self.after()? {
            return Ok(Span::Within(seconds));
        }
        if !self.keyword("between") {
            return Ok(Span::Ever);
        }
        let from = self.a_moment()?;
        if !self.keyword("and") {
            return Err(self.wanted("AND"));
        }
        Ok(Span::Between(from, self.a_moment()?))
    }

    fn a_moment(&mut self) -> Result<Moment, Invalid> {
        let start = self.at;
        if let Right::One(Value::Moment(moment)) = self.value()? {
            return Ok(moment);
        }
        self.at = start;
        Err(self.wanted("a time such as datetime(\"2026-01-05\")"))
    }
}

/// What is counted of an event is so for ever: it speaks of the event alone, and not of now.
pub(super) fn check(tree: &Tree) -> Result<(), Invalid> {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().try_for_each(check),
        Tree::Not(tree) => check(tree),
        Tree::Did(_) | Tree::In(_) | Tree::Listed(_) => Ok(()),
        Tree::Test(test) => check_test(test),
    }
}

/// What is not known of an event any more when it is counted again, or is of none.
const NOT_COUNTED: [&str; 12] = [
    "name",
    "channel",
    "ip",
    "request",
    "config",
    "debug",
    "warnings",
    "valid",
    "client_time",
    "received_at",
    "position",
    "profile_id",
];

fn check_test(test: &Test) -> Result<(), Invalid> {
    if test.right().iter().any(|value| matches!(value, Value::Now(_))) {
        return Err(Invalid("what is counted of an event cannot depend on now()".to_owned()));
    }
    test.operands().try_for_each(|operand| check_counted(&operand.place))
}

/// The same of one place.
///
/// # Errors
/// [`Invalid`].
pub fn check_counted(place: &Place) -> Result<(), Invalid> {
    let column = place.column.as_ref().map(|(column, _)| column.name);
    let is_counted = column.is_some_and(|name| !NOT_COUNTED.contains(&name));
    if place.root == Root::Event && is_counted {
        return Ok(());
    }
    let (root, path) = (place.root.as_str(), &place.path);
    let meant = place.meant(true).filter(|_| column.is_none()).unwrap_or_default();
    Err(Invalid(format!("events are not counted by {root}@{path}{meant}")))
}
