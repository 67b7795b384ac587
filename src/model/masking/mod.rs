//! Fields that only some may see, and what others see in their place.

mod made_of;
mod named;

pub use made_of::made_of;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Map, Path, Step};

/// What stands where something is hidden.
pub const HIDDEN: &str = "***";
/// Where a path may begin: what of documents, and of the tables of history, is an object.
pub const MASKED_ROOTS: [&str; 9] = [
    "data",
    "traits",
    "aux",
    "interests",
    "consents",
    "properties",
    "context",
    "request",
    "config",
];

/// The fields, and whatever is made of them. Cheap to clone.
///
/// A value that is there is hidden whole; one that is null or missing shows that it is. A list on the
/// way hides all of it: what lies in it has no path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masking(Arc<BTreeMap<String, Vec<Path>>>);

impl Masking {
    /// Reads paths with spaces between, and adds the columns and places that are made of what they name.
    ///
    /// # Errors
    /// A sentence that names the path.
    pub fn parse(text: &str) -> Result<Self, String> {
        for written in words(text) {
            Path::meant(written).map_err(|why| format!("{written}: {why}"))?;
        }
        let said = Self::exactly(text)?;
        let mut roots = said.0.as_ref().clone();
        for place in made_of::made_of_any(|field| said.has(field)) {
            let Some((root, below)) =
                Path::known(place).split_first().map(|(r, b)| (r.to_owned(), b))
            else {
                continue;
            };
            let there = roots.entry(root).or_default();
            if !there.contains(&below) {
                there.push(below);
            }
        }
        Ok(Self(Arc::new(roots)))
    }

    /// The same of nothing but what the text names.
    ///
    /// # Errors
    /// A sentence that names the path.
    pub fn exactly(text: &str) -> Result<Self, String> {
        let mut roots = BTreeMap::<String, Vec<Path>>::new();
        for written in words(text) {
            let path = Path::parse(written).map_err(|error| format!("{written}: {error}"))?;
            let Some((root, below)) = path.split_first().filter(|(_, p)| !p.steps().is_empty())
            else {
                return Err(format!("{written} must name something inside {written}"));
            };
            if !MASKED_ROOTS.contains(&root) {
                return Err(format!(
                    "{written} must begin with one of {}",
                    MASKED_ROOTS.join(", ")
                ));
            }
            roots.entry(root.to_owned()).or_default().push(below);
        }
        Ok(Self(Arc::new(roots)))
    }

    /// What is hidden inside `root`.
    #[must_use]
    pub fn inside(&self, root: &str) -> &[Path] {
        self.0.get(root).map_or(&[], Vec::as_slice)
    }

    /// Whether what stands at a path inside `root` is hidden, or anything in it.
    #[must_use]
    pub fn covers(&self, root: &str, path: &Path) -> bool {
        let steps = || path.steps().iter().map(Step::key);
        let mut all = self.inside(root).iter();
        all.any(|hidden| touches(hidden.steps().iter().map(Step::key), steps()))
    }

    /// The same of a place by its name: `metadata.time.visit.tz`.
    #[must_use]
    pub fn has(&self, place: &str) -> bool {
        let path = Path::known(place);
        path.split_first().is_some_and(|(root, within)| self.covers(root, &within))
    }

    /// Whether all that stands at `root` is hidden: a column that is made of what is.
    #[must_use]
    pub fn has_all_of(&self, root: &str) -> bool {
        self.inside(root).iter().any(|path| path.steps().is_empty())
    }

    /// Hides what is to be hidden in the value at `root`.
    pub fn hide(&self, root: &str, value: &mut Value) {
        if self.has_all_of(root) {
            *value = instead_of(value);
        } else if let Value::Object(map) = value {
            self.hide_in(root, map);
        }
    }

    /// The same in an object.
    pub fn hide_in(&self, root: &str, map: &mut Map) {
        // Where anything may stand, a text may. Elsewhere clients rely on what stands there.
        let is_free = MASKED_ROOTS.contains(&root);
        for path in self.inside(root) {
            let mut keys = path.steps().iter();
            let found = keys.next().and_then(|step| map.get_mut(step.key()));
            if let Some(found) = found.and_then(|value| deepest(value, keys.map(|s| s.key()))) {
                *found = if is_free { HIDDEN.into() } else { instead_of(found) };
            }
        }
    }

    /// Hides what is to be hidden at every root of a document.
    pub fn hide_all(&self, document: &mut Map) {
        document.iter_mut().for_each(|(root, value)| self.hide(root, value));
    }

    /// The same in an event as the tail has it, by columns. What no text can stand for is left out, as it is where
    /// there is none.
    pub fn hide_columns(&self, columns: &mut Map) {
        self.hide_all(columns);
        columns.retain(|column, value| value.is_string() || !self.has_all_of(column));
    }

    /// The same of the text at a place by its name.
    pub fn hide_text(&self, place: &str, text: &mut Option<String>) {
        if let Some(text) = text.as_mut().filter(|_| self.has(place)) {
            HIDDEN.clone_into(text);
        }
    }
}

/// The paths that a text names.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\n', ',']).filter(|path| !path.is_empty())
}

/// Whether steps lead to what these keys lead to, into it or towards it. A number in the place of a key is one of a
/// list, and a list on the way is hidden whole.
fn touches<'a>(keys: impl Iterator<Item = &'a str>, steps: impl Iterator<Item = &'a str>) -> bool {
    let other = keys.zip(steps).enumerate().find(|(_, (key, step))| key != step);
    let is_number = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    other.is_none_or(|(at, (_, step))| at > 0 && is_number(step))
}

/// What stands in the place of something that is of a type: of what is no text, what would stand there if there
/// were nothing.
fn instead_of(value: &Value) -> Value {
    match value {
        Value::String(_) => HIDDEN.into(),
        Value::Bool(_) => false.into(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => Value::Null,
    }
}

/// What is at the end of the way, or the first list on it; none when there is nothing.
fn deepest<'v, 'k>(
    value: &'v mut Value,
    mut keys: impl Iterator<Item = &'k str>,
) -> Option<&'v mut Value> {
    match value {
        Value::Null => None,
        Value::Array(_) => Some(value),
        Value::Object(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            match keys.next() {
                None => Some(value),
                Some(key) => deepest(value.as_object_mut()?.get_mut(key)?, keys),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_worked_out_of_something_hidden_is_hidden_too() {
        let masking = Masking::parse("properties.card.number").unwrap();
        let covers = |path: &str| masking.covers("properties", &Path::known(path));
        assert!(covers("card.number") && covers("card") && covers("card.number.last"));
        assert!(!covers("card.holder") && !covers("price"));
        assert!(!masking.covers("context", &Path::known("card.number")));
        assert!(covers("card.0.number") && covers("card.12"), "a list on the way is hidden whole");
        assert!(!covers("0") && !covers("0.number"), "documents are no lists");
    }

    #[test]
    fn what_is_there_is_hidden_and_what_is_not_stays_away() {
        let masking = Masking::parse("data.a.b data.list.x, properties.card").unwrap();
        let mut document = json!({
            "data": {"a": {"b": {"c": 1}, "d": 2}, "list": [{"x": 1}, {"y": 2}]},
            "properties": {"card": null, "cards": 3}, "context": {"card": 4},
        });
        for root in ["data", "properties", "context"] {
            masking.hide(root, &mut document[root]);
        }
        let wanted = json!({
            "data": {"a": {"b": "***", "d": 2}, "list": "***"},
            "properties": {"card": null, "cards": 3}, "context": {"card": 4},
        });
        assert_eq!(document, wanted);
        let mut other = json!({"a": "text"});
        masking.hide("data", &mut other);
        assert_eq!(other, json!({"a": "text"}), "there is no b in a text");
    }

    #[test]
    fn what_is_made_of_something_hidden_is_hidden_by_every_name() {
        let masking = Masking::parse("context.page.url context.location context.browser").unwrap();
        let mut event = json!({
            "type": "order", "page_url": "u", "page_path": "/", "city": "c", "bot": true,
            "context": {"page": {"url": "u", "path": "/"}, "location": {"city": "c"}},
        });
        masking.hide_columns(event.as_object_mut().unwrap());
        let wanted = json!({
            "type": "order", "page_url": "***", "page_path": "/", "city": "***",
            "context": {"page": {"url": "***", "path": "/"}, "location": "***"},
        });
        assert_eq!(event, wanted);
        let mut document = json!({
            "hit": {"url": "u", "referer": "r"}, "app": {"bot": true, "language": null},
            "device": {"touch": true, "geo": {"city": "c", "latitude": 1.5, "location": [1, 2]}},
            "data": {"devices": {"last": {"geo": {"city": "c", "latitude": 1.5}}}},
        });
        masking.hide_all(document.as_object_mut().unwrap());
        let wanted = json!({
            "hit": {"url": "***", "referer": "r"}, "app": {"bot": false, "language": null},
            "device": {"touch": false, "geo": {"city": "***", "latitude": null, "location": null}},
            "data": {"devices": {"last": {"geo": {"city": "***", "latitude": "***"}}}},
        });
        assert_eq!(document, wanted);
        assert!(masking.has("hit.url") && masking.has("hit") && !masking.has("hit.name"));
    }

    #[test]
    fn what_cannot_be_hidden_is_refused_with_its_place() {
        let why = |text: &str| Masking::parse(text).unwrap_err();
        assert!(why("data").contains("something inside data"));
        assert!(why("date.x").starts_with("date.x must begin with one of data, "));
        assert!(why("data..x").contains("data..x: a key in a field is empty"));
        assert_eq!(Masking::parse(" ").unwrap(), Masking::default());
    }
}
