//! Lists and objects held against what is asked of their parts.

use std::collections::HashSet;

use serde_json::Value;

use super::size::size;
use super::{Fits, Run, Seen};
use crate::model::same_text;
use crate::schema::keywords::{At, Keyword, Properties, Size};

impl Run<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "others ask of other kinds of values")]
    pub(super) fn list(&mut self, keyword: &Keyword, list: &[Value], seen: &Seen) -> Fits {
        match keyword {
            Keyword::ItemCount(size) => {
                Ok(self.say(size.has(list.len()), || format!("must have {size} items")))
            }
            Keyword::Unique => {
                self.step(list.iter().map(size).sum())?;
                let mut known = HashSet::with_capacity(list.len());
                let is_unique = list.iter().all(|one| known.insert(same_text(one)));
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

    #[expect(clippy::wildcard_enum_match_arm, reason = "others ask of other kinds of values")]
    pub(super) fn object(
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
