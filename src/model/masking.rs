//! Fields that only some may see, and what others see in their place.

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

/// What stands between the steps of a place in rules.
const JOINTS: [char; 7] = ['.', '[', ']', '"', '\'', '@', '?'];

/// The fields. Cheap to clone.
///
/// A value that is there is hidden whole; one that is null or missing shows that it is. A list on the
/// way hides all of it: what lies in it has no path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masking(Arc<BTreeMap<String, Vec<Path>>>);

impl Masking {
    /// Reads paths with spaces between.
    ///
    /// # Errors
    /// A sentence that names the path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut roots = BTreeMap::<String, Vec<Path>>::new();
        for written in text.split([' ', '\n', ',']).filter(|path| !path.is_empty()) {
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
        self.inside(root).iter().any(|hidden| {
            hidden.steps().iter().zip(path.steps()).all(|(one, other)| one.key() == other.key())
        })
    }

    /// What is hidden and named by some text or key in there, as rules name places: `event@properties.card`,
    /// `properties["card"]`, `event.properties.card` in code, `card` below `properties` in a schema.
    #[must_use]
    pub fn named_in(&self, value: &Value) -> Option<String> {
        self.named_below(value, &[])
    }

    fn named_below(&self, value: &Value, above: &[&str]) -> Option<String> {
        match value {
            Value::String(text) => self.named_in_text(text),
            Value::Array(all) => all.iter().find_map(|one| self.named_below(one, above)),
            Value::Object(map) => map.iter().find_map(|(key, value)| {
                let steps = key.split(JOINTS).filter(|step| !step.is_empty());
                let way: Vec<&str> = above.iter().copied().chain(steps).collect();
                self.named_by_way(&way).or_else(|| self.named_below(value, &way))
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    /// Where each step of a field stands, in this order, with whatever a schema has between.
    fn named_by_way(&self, way: &[&str]) -> Option<String> {
        let mut all =
            self.0.iter().flat_map(|(root, paths)| paths.iter().map(move |path| (root, path)));
        let is_on_way = |root: &str, path: &Path| {
            let mut left = way.iter();
            let mut keys = std::iter::once(root).chain(path.steps().iter().map(Step::key));
            keys.all(|key| left.any(|step| *step == key))
        };
        let found = all.find(|(root, path)| is_on_way(root, path));
        found.map(|(root, path)| format!("{root}.{path}"))
    }

    fn named_in_text(&self, text: &str) -> Option<String> {
        let is_of_place =
            |c: char| c.is_alphanumeric() || ['_', '-', '$'].contains(&c) || JOINTS.contains(&c);
        // In a key in brackets a backslash stands before any letter, and for nothing.
        let text = text.replace('\\', "");
        text.split(|c: char| !is_of_place(c)).find_map(|place| {
            let is_whole = place.contains('@');
            let steps: Vec<&str> = place.split(JOINTS).filter(|step| !step.is_empty()).collect();
            (0..steps.len()).find_map(|at| {
                let (root, below) = (steps.get(at)?, steps.get(at + 1..)?);
                let is_named = |path: &&Path| {
                    let keys = path.steps().iter().map(Step::key);
                    (is_whole || !below.is_empty())
                        && keys.zip(below).all(|(key, step)| key == *step)
                };
                let hidden = self.inside(root).iter().find(is_named)?;
                Some(format!("{root}.{hidden}"))
            })
        })
    }

    /// Hides what is to be hidden in the value at `root`.
    pub fn hide(&self, root: &str, value: &mut Value) {
        if let Value::Object(map) = value {
            self.hide_in(root, map);
        }
    }

    /// The same in an object.
    pub fn hide_in(&self, root: &str, map: &mut Map) {
        for path in self.inside(root) {
            let mut keys = path.steps().iter();
            let found = keys.next().and_then(|step| map.get_mut(step.key()));
            if let Some(found) = found.and_then(|value| deepest(value, keys.map(|s| s.key()))) {
                *found = Value::String(HIDDEN.to_owned());
            }
        }
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
    fn whoever_names_a_field_in_a_rule_is_found() {
        let masking = Masking::parse("properties.card.number traits.secret").unwrap();
        for named in [
            json!("event@properties.card.number"),
            json!("max of {{event@properties.card}}"),
            json!(["x", {"to": "profile@traits[\"secret\"]"}]),
            json!("event@properties[\"c\\ard\"].number"),
            json!("event@properties"),
            json!("return event.properties['card']['number'] + 1"),
            json!({"event@properties": {"properties": {"card": {"properties": {"number": {}}}}}}),
            json!({"traits": {"secret": "x"}}),
        ] {
            assert!(masking.named_in(&named).is_some(), "{named}");
        }
        for other in [
            json!("event@properties.cards"),
            json!("properties, and a secret"),
            json!({"event@properties": {"properties": {"card": {"type": "object"}}}}),
            json!({"card": {"number": 1}, "traits": {"other": "secret"}}),
            json!(7),
        ] {
            assert_eq!(masking.named_in(&other), None, "{other}");
        }
    }

    #[test]
    fn what_is_worked_out_of_something_hidden_is_hidden_too() {
        let masking = Masking::parse("properties.card.number").unwrap();
        let covers = |path: &str| masking.covers("properties", &Path::known(path));
        assert!(covers("card.number") && covers("card") && covers("card.number.last"));
        assert!(!covers("card.holder") && !covers("price"));
        assert!(!masking.covers("context", &Path::known("card.number")));
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
    fn what_cannot_be_hidden_is_refused_with_its_place() {
        let why = |text: &str| Masking::parse(text).unwrap_err();
        assert!(why("data").contains("something inside data"));
        assert!(why("date.x").starts_with("date.x must begin with one of data, "));
        assert!(why("data..x").contains("data..x: a key in a field is empty"));
        assert_eq!(Masking::parse(" ").unwrap(), Masking::default());
    }
}
