//! A value held against a schema, a step at a time.

mod parts;
mod size;

use std::collections::HashSet;

use serde_json::Value;

use super::keywords::{At, Bound, Keyword, Node};
use super::{DEPTH_MAX, FAULTS_MAX, Fault, STEPS_MAX, Schema, numbers};
use crate::model::{Number, is_same};
use size::size;

/// Letters that a step matches.
const LETTERS_OF_STEP: usize = 64;

pub(super) fn check(schema: &Schema, value: &Value) -> Result<(), Vec<Fault>> {
    let mut run = Run {
        schema,
        steps: STEPS_MAX,
        depth: 0,
        place: Vec::new(),
        faults: Vec::new(),
        silent: false,
    };
    match run.node(schema.root, value) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(run.faults),
        Err(TooMuch) => {
            let wanted = format!("must be checked in {STEPS_MAX} steps, {DEPTH_MAX} deep at most");
            Err(vec![Fault { place: Vec::new(), wanted }])
        }
    }
}

/// The value costs more than it may.
struct TooMuch;

/// What has been looked at, of a value that fits; nothing of one that does not.
type Fits = Result<Option<Seen>, TooMuch>;

/// Which parts of a value its schema has looked at, where one asks for it.
#[derive(Default)]
struct Seen {
    names: HashSet<String>,
    items: HashSet<usize>,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.names.extend(other.names);
        self.items.extend(other.items);
    }
}

struct Run<'a> {
    schema: &'a Schema,
    steps: u32,
    depth: usize,
    place: Vec<String>,
    faults: Vec<Fault>,
    /// Faults are not told: it is only asked whether there are any.
    silent: bool,
}

impl<'a> Run<'a> {
    fn node(&mut self, at: At, value: &Value) -> Fits {
        self.step(1)?;
        let schema = self.schema;
        let keywords = match schema.nodes.get(at) {
            Some(Node::Always(true)) | None => return Ok(Some(Seen::default())),
            Some(Node::Always(false)) => return Ok(self.fault("must not be there")),
            Some(Node::All(keywords)) => keywords,
        };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(TooMuch);
        }
        let (mut fits, mut seen) = (true, Seen::default());
        for keyword in keywords {
            self.step(1)?;
            match self.keyword(keyword, value, &seen)? {
                Some(more) => seen.add(more),
                None if self.silent => {
                    self.depth -= 1;
                    return Ok(None);
                }
                None => fits = false,
            }
        }
        self.depth -= 1;
        Ok(fits.then_some(seen))
    }

    fn step(&mut self, steps: usize) -> Result<(), TooMuch> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.steps = self.steps.checked_sub(steps).ok_or(TooMuch)?;
        Ok(())
    }

    fn fault(&mut self, wanted: impl Into<String>) -> Option<Seen> {
        if !self.silent && self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault { place: self.place.clone(), wanted: wanted.into() });
        }
        None
    }

    /// Whether it fits, and `wanted` told where not.
    fn say(&mut self, fits: bool, wanted: impl FnOnce() -> String) -> Option<Seen> {
        if fits { Some(Seen::default()) } else { self.fault(wanted()) }
    }

    fn below(&mut self, key: &str, at: At, value: &Value) -> Fits {
        self.place.push(key.to_owned());
        let fits = self.node(at, value);
        self.place.pop();
        fits
    }

    /// Whether it fits, and nothing is told.
    fn quietly(&mut self, at: At, value: &Value) -> Fits {
        let before = std::mem::replace(&mut self.silent, true);
        let fits = self.node(at, value);
        self.silent = before;
        fits
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "others ask of other kinds of values")]
    fn keyword(&mut self, keyword: &'a Keyword, value: &Value, seen: &Seen) -> Fits {
        match keyword {
            Keyword::Type(types) => {
                let names =
                    || types.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(" or ");
                Ok(self
                    .say(types.iter().any(|one| one.has(value)), || format!("must be {}", names())))
            }
            Keyword::Enum(list) => {
                self.step(list.len() + size(value))?;
                let is_one = list.iter().any(|one| is_same(one, value));
                Ok(self.say(is_one, || "must be one of the values that there may be".to_owned()))
            }
            Keyword::Const(one) => {
                self.step(size(value))?;
                let wanted = || "must be the value that there may be".to_owned();
                Ok(self.say(is_same(one, value), wanted))
            }
            Keyword::Ref(at) => self.node(*at, value),
            Keyword::AllOf(list) => self.all_of(list, value),
            Keyword::AnyOf(list) => self.any_of(list, value),
            Keyword::OneOf(list) => self.one_of(list, value),
            Keyword::Not(at) => {
                let fits = self.quietly(*at, value)?.is_some();
                Ok(self.say(!fits, || "must not be what it is".to_owned()))
            }
            Keyword::If { is, then, or } => {
                let condition = self.quietly(*is, value)?;
                let branch = if condition.is_some() { then } else { or };
                let Some(branch) = branch else { return Ok(Some(condition.unwrap_or_default())) };
                let Some(mut fits) = self.node(*branch, value)? else { return Ok(None) };
                fits.add(condition.unwrap_or_default());
                Ok(Some(fits))
            }
            _ => match value {
                Value::Number(number) => Ok(self.number(keyword, number)),
                Value::String(text) => self.text(keyword, text),
                Value::Array(list) => self.list(keyword, list, seen),
                Value::Object(map) => self.object(keyword, map, value, seen),
                Value::Null | Value::Bool(_) => Ok(Some(Seen::default())),
            },
        }
    }

    fn all_of(&mut self, list: &[At], value: &Value) -> Fits {
        let (mut seen, mut fits) = (Seen::default(), true);
        for at in list {
            match self.node(*at, value)? {
                Some(more) => seen.add(more),
                None => fits = false,
            }
        }
        Ok(fits.then_some(seen))
    }

    fn any_of(&mut self, list: &[At], value: &Value) -> Fits {
        let mut any: Option<Seen> = None;
        for at in list {
            if let Some(seen) = self.quietly(*at, value)? {
                any.get_or_insert_default().add(seen);
                // The others count only where one asks what they have looked at.
                if !self.schema.asks_what_was_seen {
                    break;
                }
            }
        }
        match any {
            Some(seen) => Ok(Some(seen)),
            None => Ok(self.fault("must fit one of the schemas that it may fit")),
        }
    }

    fn one_of(&mut self, list: &[At], value: &Value) -> Fits {
        let mut one = None;
        for at in list {
            if let Some(seen) = self.quietly(*at, value)? {
                if one.is_some() {
                    return Ok(self.fault("must fit one schema alone, and fits several"));
                }
                one = Some(seen);
            }
        }
        match one {
            Some(seen) => Ok(Some(seen)),
            None => Ok(self.fault("must fit one of the schemas that it may fit")),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "others ask of other kinds of values")]
    fn number(&mut self, keyword: &Keyword, number: &serde_json::Number) -> Option<Seen> {
        match keyword {
            Keyword::Bound(bound, limit) => {
                let order = Number::from(number).order(*limit);
                let (fits, words) = match bound {
                    Bound::Minimum => (order.is_some_and(std::cmp::Ordering::is_ge), "at least"),
                    Bound::ExclusiveMinimum => {
                        (order.is_some_and(std::cmp::Ordering::is_gt), "more than")
                    }
                    Bound::Maximum => (order.is_some_and(std::cmp::Ordering::is_le), "at most"),
                    Bound::ExclusiveMaximum => {
                        (order.is_some_and(std::cmp::Ordering::is_lt), "less than")
                    }
                };
                self.say(fits, || format!("must be {words} {limit}"))
            }
            Keyword::MultipleOf(unit) => {
                let fits = numbers::is_times(number, unit);
                self.say(fits, || format!("must be a multiple of {unit}"))
            }
            _ => Some(Seen::default()),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "others ask of other kinds of values")]
    fn text(&mut self, keyword: &Keyword, text: &str) -> Fits {
        self.step(text.len() / LETTERS_OF_STEP)?;
        Ok(match keyword {
            Keyword::Length(size) => {
                self.say(size.has(text.chars().count()), || format!("must have {size} letters"))
            }
            Keyword::Pattern(pattern) => {
                let wanted = || format!("must match {}", pattern.as_str());
                self.say(pattern.is_match(text), wanted)
            }
            Keyword::Format(format) => {
                self.say(format.has(text), || format!("must be of the format {}", format.as_str()))
            }
            _ => Some(Seen::default()),
        })
    }
}
