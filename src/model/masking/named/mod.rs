//! Where rules name what is hidden, and rules without what they would tell of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{HIDDEN, MASKED_ROOTS, Masking, touches};
use crate::model::{Map, Path};

/// What stands between the steps of a place in rules.
const JOINTS: [char; 7] = ['.', '[', ']', '"', '\'', '@', '?'];
/// What may stand before a place, and must before one that is made of a field: as many words are called `city`.
const DOCUMENTS: [&str; 4] = ["event", "profile", "session", "payload"];
/// Keywords of a schema that reach whatever keys there are, without naming them.
const ANY_KEY: [&str; 3] = ["patternProperties", "additionalProperties", "unevaluatedProperties"];
/// Keywords of a schema below which it still speaks of the same value.
const WITHIN: [&str; 8] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "properties"];
/// The keyword of a schema that leads to another place of it.
const REFERENCE: &str = "$ref";
/// What a rule says to people, by its keys, where these are no fields.
const PROSE: [&str; 3] = ["name", "note", "description"];

impl Masking {
    /// What is hidden and named by some text or key in there, as rules name places: `event@properties.card`,
    /// `properties["card"]`, `event.properties.card` in code, `card` below `properties` in a schema, and there whatever
    /// reaches it without naming it.
    #[must_use]
    pub fn named_in(&self, value: &Value) -> Option<String> {
        self.named_below(value, &[])
    }

    /// Hides in a rule whatever would tell what is hidden: texts and values that stand where it is named, or name it
    /// beside something else, and those texts of which `tells` says so. A place alone tells nothing.
    pub fn hide_in_rule(&self, rule: &mut Value, tells: &dyn Fn(&str) -> bool) {
        self.hide_below(rule, &[], tells);
    }

    fn hide_below(&self, value: &mut Value, above: &[&str], tells: &dyn Fn(&str) -> bool) {
        match value {
            Value::String(text) => {
                if !is_a_place(text) && (self.named_in_text(text).is_some() || tells(text)) {
                    HIDDEN.clone_into(text);
                }
            }
            Value::Array(all) => {
                if let [Value::String(key), within @ (Value::Object(_) | Value::Array(_))] =
                    &mut all[..]
                {
                    let way = longer(above, key);
                    if self.reached_by_reference(above, &way, within).is_some() {
                        *within = HIDDEN.into();
                        return;
                    }
                    return self.hide_below(within, &way, tells);
                }
                all.iter_mut().for_each(|one| self.hide_below(one, above, tells));
            }
            Value::Object(map) => {
                self.hide_literal(map);
                for (key, value) in map.iter_mut() {
                    let way = longer(above, key);
                    if self.named_at(above, key, value).is_some() {
                        if !value.as_str().is_some_and(is_a_place) {
                            *value = HIDDEN.into();
                        }
                    } else if !(value.is_string() && PROSE.contains(&key.as_str())) {
                        self.hide_below(value, &way, tells);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The value that a mapping writes to what is hidden: where it says to and what as `to` and `value`, and where it
    /// has both as `{"value", "ref"}`.
    fn hide_literal(&self, map: &mut Map) {
        let names = |value: &Value| {
            let place = value.get("value").unwrap_or(value).as_str();
            let place = place.filter(|text| is_written_as_a_place(text));
            place.is_some_and(|place| self.named_in_text(place).is_some())
        };
        if !map.iter().any(|(key, value)| key != "value" && names(value)) {
            return;
        }
        let is_literal =
            |value: &Value| value.get("ref").is_some_and(|is| *is == Value::Bool(false));
        for (key, value) in map.iter_mut() {
            if is_literal(value) {
                value["value"] = HIDDEN.into();
            } else if key == "value" {
                *value = HIDDEN.into();
            }
        }
    }

    fn named_below(&self, value: &Value, above: &[&str]) -> Option<String> {
        let named = |key: &str, value: &Value| {
            let below = || self.named_below(value, &longer(above, key));
            self.named_at(above, key, value).or_else(below)
        };
        match value {
            Value::String(text) => self.named_in_text(text),
            Value::Array(all) => match &all[..] {
                // As some rules are stored: what a schema is of, and it.
                [Value::String(key), within @ (Value::Object(_) | Value::Array(_))] => {
                    named(key, within)
                }
                all => all.iter().find_map(|one| self.named_below(one, above)),
            },
            Value::Object(map) => map.iter().find_map(|(key, value)| named(key, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    /// What is named by a key and those above it, or reached by what stands there.
    fn named_at(&self, above: &[&str], key: &str, value: &Value) -> Option<String> {
        if says_only_whether(key, value) {
            return None;
        }
        let way = longer(above, key);
        self.named_by_way(&way).or_else(|| self.reached_by_reference(above, &way, value))
    }

    /// Where each step of a field stands, in this order, with whatever a schema has between.
    fn named_by_way(&self, way: &[&str]) -> Option<String> {
        (0..way.len()).find_map(|at| {
            let (root, below) = (way.get(at)?, way.get(at + 1..)?);
            let is_first = !has_root(way.get(..at)?);
            let hidden = self.inside(root).iter().find(|path| is_below(path, below, is_first))?;
            may_stand(root, at.checked_sub(1).and_then(|before| way.get(before)))
                .then(|| name(root, hidden))
        })
    }

    /// Where the schema of a root leads from one of its places to another, a step of a field may stand anywhere in it.
    fn reached_by_reference(&self, above: &[&str], way: &[&str], value: &Value) -> Option<String> {
        let mut below = way.iter().skip_while(|step| !MASKED_ROOTS.contains(step));
        let root = below.next()?;
        if has_root(above) || self.inside(root).is_empty() {
            return None;
        }
        let mut keys: BTreeSet<&str> = below.copied().collect();
        each_key(value, &mut |key| keys.extend(key.split(JOINTS)));
        let any = ANY_KEY.iter().any(|keyword| keys.contains(keyword));
        let is_there = |path: &&Path| parts(path).iter().all(|part| any || keys.contains(part));
        let hidden = self.inside(root).iter().find(is_there)?;
        keys.contains(REFERENCE).then(|| name(root, hidden))
    }

    fn named_in_text(&self, text: &str) -> Option<String> {
        // In a key in brackets a backslash stands before any letter, and for nothing.
        let text = text.replace('\\', "");
        let mut places = text.split(|c: char| !is_of_place(c));
        places
            .find_map(|place| self.named_in_place(place))
            .or_else(|| self.named_by_other_letters(&text))
    }

    fn named_in_place(&self, place: &str) -> Option<String> {
        let is_whole = place.contains('@');
        if is_document(place) {
            return self.0.iter().find_map(|(root, all)| Some(name(root, all.first()?)));
        }
        let steps = steps_of(place);
        (0..steps.len()).find_map(|at| {
            let (root, below) = (steps.get(at)?, steps.get(at + 1..)?);
            let before = at.checked_sub(1).and_then(|before| steps.get(before));
            let is_named = |path: &&Path| {
                (is_whole || !below.is_empty() || path.steps().is_empty())
                    && touches(spoken(path).iter().map(String::as_str), below.iter().copied())
            };
            let hidden = self.inside(root).iter().find(is_named)?;
            may_stand(root, before).then(|| name(root, hidden))
        })
    }

    /// The same of fields of which a key has letters that stand in quotes only, so that no place of a text is all of it.
    fn named_by_other_letters(&self, text: &str) -> Option<String> {
        self.0.iter().find_map(|(root, all)| {
            let is_named = |path: &&Path| stands_in(text, root, &spoken(path)).unwrap_or_default();
            all.iter().find(is_named).map(|hidden| name(root, hidden))
        })
    }
}

/// Whether keys stand in a text behind a root, in their order, as far as they have other letters than places have; and
/// behind the last of those what leads to the rest. None where all could stand bare.
fn stands_in(text: &str, root: &str, keys: &[String]) -> Option<bool> {
    let last = keys.iter().rposition(|key| !key.chars().all(is_of_place))?;
    let (way, below) = keys.split_at_checked(last)?;
    let last = below.first()?;
    let rest = way
        .iter()
        .try_fold(text.split_once(root)?.1, |rest, key| Some(rest.split_once(key.as_str())?.1))?;
    Some(rest.split(last.as_str()).skip(1).any(|behind| {
        let place = behind.split(|c: char| !is_of_place(c)).next().unwrap_or_default();
        let steps = std::iter::once(last.as_str()).chain(steps_of(place));
        touches(below.iter().map(String::as_str), steps)
    }))
}

/// The keys of a path, parted wherever places are: a schema and a text have them so.
fn parts(path: &Path) -> Vec<&str> {
    path.steps().iter().flat_map(|step| steps_of(step.key())).collect()
}

/// The same as texts say them.
fn spoken(path: &Path) -> Vec<String> {
    parts(path).iter().map(|part| part.replace('\\', "")).collect()
}

fn steps_of(place: &str) -> Vec<&str> {
    place.split(JOINTS).filter(|step| !step.is_empty()).collect()
}

/// Whether each step of a path stands in a way, in its order. What says `of_any` keys, and is not about those of another
/// one, stands for a step.
fn is_below(path: &Path, way: &[&str], of_any: bool) -> bool {
    let mut keys = parts(path).into_iter().peekable();
    let mut is_of_it = true;
    for step in way {
        let Some(key) = keys.peek() else { break };
        if step == key || (of_any && is_of_it && ANY_KEY.contains(step)) {
            is_of_it = true;
            keys.next();
        } else {
            is_of_it &= WITHIN.contains(step);
        }
    }
    keys.peek().is_none()
}

/// Whether something stands at a root, or below it.
fn has_root(way: &[&str]) -> bool {
    way.iter().any(|step| MASKED_ROOTS.contains(step))
}

/// Whether there may be other keys: nothing of what stands there.
fn says_only_whether(key: &str, value: &Value) -> bool {
    value.is_boolean() && ANY_KEY.contains(&key)
}

fn each_key<'a>(value: &'a Value, visit: &mut impl FnMut(&'a str)) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| each_key(one, visit)),
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            if !says_only_whether(key, value) {
                visit(key);
            }
            each_key(value, visit);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether all of a document is named, as `session@` does.
fn is_document(place: &str) -> bool {
    place.split_once('@').is_some_and(|(document, below)| {
        DOCUMENTS.contains(&document.trim_matches(JOINTS)) && below.trim_matches(JOINTS).is_empty()
    })
}

/// Whether the first step of a place can stand behind this one.
fn may_stand(root: &str, before: Option<&&str>) -> bool {
    MASKED_ROOTS.contains(&root) || before.is_some_and(|before| DOCUMENTS.contains(before))
}

fn name(root: &str, path: &Path) -> String {
    if path.steps().is_empty() { root.to_owned() } else { path.written_below(root) }
}

fn is_of_place(c: char) -> bool {
    c.is_alphanumeric() || ['_', '-', '$'].contains(&c) || JOINTS.contains(&c)
}

/// Whether a text is a place, and nothing is said of it. Numbers and addresses are made of the same letters, and are
/// none: a place says of which document it is, or begins where one of a document may.
fn is_a_place(text: &str) -> bool {
    let (document, below) = text.split_once('@').unwrap_or_default();
    let is_of_root = |root: &&str| {
        text.strip_prefix(*root).is_some_and(|below| below.starts_with(['.', '[']))
            && !text.contains('@')
    };
    is_written_as_a_place(text)
        && (DOCUMENTS.contains(&document) && !below.contains('@')
            || MASKED_ROOTS.iter().any(is_of_root))
}

/// Whether a text is made of a place's letters, or is one whose keys in quotes have others: nothing but keys.
fn is_written_as_a_place(text: &str) -> bool {
    let below = text.split_once('@').map_or(text, |(_, below)| below);
    let is_path = || Path::parse(below).is_ok_and(|path| path.to_string() == below);
    text.chars().all(is_of_place) || is_path()
}

fn longer<'a>(above: &[&'a str], key: &'a str) -> Vec<&'a str> {
    // What a redirect says of its events is called as the reference calls it; a field may have that name, too.
    let also = (key == "props").then_some("properties");
    above.iter().copied().chain(also).chain(steps_of(key)).collect()
}

#[cfg(test)]
mod tests;
