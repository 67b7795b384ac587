//! A value held against a schema, a step at a time.

use std::collections::HashSet;

use serde_json::Value;

use super::keywords::{At, Bound, Keyword, Node, Properties, Size, Type};
use super::{DEPTH_MAX, FAULTS_MAX, Fault, STEPS_MAX, Schema, numbers};
use crate::conditions::Number;

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

    fn list(&mut self, keyword: &Keyword, list: &[Value], seen: &Seen) -> Fits {
        match keyword {
            Keyword::ItemCount(size) => {
                Ok(self.say(size.has(list.len()), || format!("must have {size} items")))
            }
            Keyword::Unique => {
                self.step(list.iter().map(size).sum())?;
                let mut known = HashSet::with_capacity(list.len());
                let is_unique = list.iter().all(|one| known.insert(canonical(one)));
                Ok(self.say(is_unique, || "must have each item once".to_owned()))
            }
            Keyword::Items { first, rest } => {
                let which =
                    (0..list.len()).filter_map(|at| Some((at, *first.get(at).or(rest.as_ref())?)));
                self.items(list, which)
            }
            Keyword::UnevaluatedItems(at) => {
                let which = (0..list.len())
                    .filter(|item| !seen.items.contains(item))
                    .map(|item| (item, *at));
                self.items(list, which)
            }
            Keyword::Contains { what, count } => self.contains(list, *what, *count),
            _ => Ok(Some(Seen::default())),
        }
    }

    fn items(&mut self, list: &[Value], which: impl Iterator<Item = (usize, At)>) -> Fits {
        let (mut seen, mut fits) = (Seen::default(), true);
        for (item, at) in which {
            let Some(value) = list.get(item) else { continue };
            if self.below(&item.to_string(), at, value)?.is_none() {
                fits = false;
                if self.silent {
                    break;
                }
            }
            if self.schema.asks_what_was_seen {
                seen.items.insert(item);
            }
        }
        Ok(fits.then_some(seen))
    }

    fn contains(&mut self, list: &[Value], what: At, count: Size) -> Fits {
        let mut seen = Seen::default();
        let mut found = 0;
        for (item, value) in list.iter().enumerate() {
            if self.quietly(what, value)?.is_some() {
                found += 1;
                if self.schema.asks_what_was_seen {
                    seen.items.insert(item);
                }
            }
        }
        let fits =
            self.say(count.has(found), || format!("must have {count} items of those asked for"));
        Ok(fits.map(|_| seen))
    }

    fn object(
        &mut self,
        keyword: &Keyword,
        map: &serde_json::Map<String, Value>,
        value: &Value,
        seen: &Seen,
    ) -> Fits {
        match keyword {
            Keyword::PropertyCount(size) => {
                Ok(self.say(size.has(map.len()), || format!("must have {size} properties")))
            }
            Keyword::Required(names) => {
                self.step(names.len())?;
                Ok(self.required(map, names))
            }
            Keyword::DependentRequired(all) => {
                let mut fits = Some(Seen::default());
                for (name, names) in all {
                    self.step(names.len() + 1)?;
                    if map.contains_key(name) && self.required(map, names).is_none() {
                        fits = None;
                    }
                }
                Ok(fits)
            }
            Keyword::DependentSchemas(all) => {
                let those = all.iter().filter(|(name, _)| map.contains_key(name));
                let those: Vec<At> = those.map(|(_, at)| *at).collect();
                self.all_of(&those, value)
            }
            Keyword::Properties(properties) => self.properties(properties, map),
            Keyword::PropertyNames(at) => {
                let mut fits = true;
                for name in map.keys() {
                    fits &= self.below(name, *at, &Value::from(name.as_str()))?.is_some();
                }
                Ok(fits.then(Seen::default))
            }
            Keyword::UnevaluatedProperties(at) => {
                let others = map.iter().filter(|(name, _)| !seen.names.contains(*name));
                self.each(others.map(|(name, value)| (name, value, *at)))
            }
            _ => Ok(Some(Seen::default())),
        }
    }

    fn required(&mut self, map: &serde_json::Map<String, Value>, names: &[String]) -> Option<Seen> {
        let mut fits = Some(Seen::default());
        for name in names.iter().filter(|name| !map.contains_key(*name)) {
            self.place.push(name.clone());
            fits = self.fault("must be there");
            self.place.pop();
        }
        fits
    }

    fn properties(
        &mut self,
        properties: &Properties,
        map: &serde_json::Map<String, Value>,
    ) -> Fits {
        let mut all = Vec::new();
        for (name, value) in map {
            self.step(1 + properties.like.len())?;
            let named = properties.named.iter().filter(|(one, _)| one == name).map(|(_, at)| *at);
            let like =
                properties.like.iter().filter(|(like, _)| like.is_match(name)).map(|(_, at)| *at);
            let mut those: Vec<At> = named.chain(like).collect();
            if those.is_empty() {
                those.extend(properties.others);
            }
            all.extend(those.into_iter().map(|at| (name, value, at)));
        }
        self.each(all.into_iter())
    }

    fn each<'v>(&mut self, all: impl Iterator<Item = (&'v String, &'v Value, At)>) -> Fits {
        let (mut seen, mut fits) = (Seen::default(), true);
        for (name, value, at) in all {
            if self.below(name, at, value)?.is_none() {
                fits = false;
                if self.silent {
                    break;
                }
            }
            if self.schema.asks_what_was_seen {
                seen.names.insert(name.clone());
            }
        }
        Ok(fits.then_some(seen))
    }
}

/// How many values a value is.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        Value::String(text) => 1 + text.len() / LETTERS_OF_STEP,
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// Whether two values are one, however their numbers are written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            Number::from(one).order(Number::from(other)) == Some(std::cmp::Ordering::Equal)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|more| is_same(value, more)))
        }
        _ => one == other,
    }
}

/// A text that is the same for values that are one.
fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) if Type::Integer.has(value) => match Number::from(number) {
            Number::Whole(whole) => whole.to_string(),
            Number::Real(real) => format!("{real:.0}"),
        },
        Value::Number(number) => format!("{:?}", Number::from(number).float()),
        Value::Array(list) => {
            format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::from(key.as_str()), canonical(value))
            };
            let mut pairs: Vec<String> = map.iter().map(pair).collect();
            pairs.sort_unstable();
            format!("{{{}}}", pairs.join(","))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
    }
}
