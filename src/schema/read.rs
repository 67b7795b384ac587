//! From JSON to a schema: every keyword known, every bound kept, every reference found.

use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::circle::circle;
use super::keywords::{At, Keyword, Node, Properties, Size};
use super::patterns::regex;
use super::place::Pointer;
use super::values::{count, values};
use super::{DEPTH_MAX, NODES_MAX, SCHEMA_BYTES_MAX, Schema, Unreadable};
use crate::suggestion::nearest;

/// The only dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Keywords that say something to people, or to `$ref`, and ask nothing of a value.
const SILENT: [&str; 17] = [
    "$schema",
    "$id",
    "$anchor",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "markdownDescription",
];
/// Keywords that ask.
const ASKING: [&str; 39] = [
    "type",
    "enum",
    "const",
    "multipleOf",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "prefixItems",
    "items",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "required",
    "dependentRequired",
    "dependentSchemas",
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
];

pub(super) type Read<T> = Result<T, Unreadable>;

pub(super) fn read(schema: &Value) -> Read<Schema> {
    let root = Pointer::default();
    if schema.to_string().len() > SCHEMA_BYTES_MAX {
        return Err(wanted(&root, format!("must have at most {SCHEMA_BYTES_MAX} bytes")));
    }
    let mut reader = Reader {
        document: schema,
        nodes: Vec::new(),
        places: HashMap::new(),
        asks: false,
        slip: None,
    };
    let root = reader.node(schema, &root)?;
    let circle = circle(&reader.nodes).map(|at| reader.place_of(at).to_string());
    let Reader { nodes, asks, slip, .. } = reader;
    Ok(Schema { nodes, root, asks_what_was_seen: asks, circle, slip })
}

pub(super) fn wanted(place: &Pointer, wanted: impl Into<String>) -> Unreadable {
    Unreadable { place: place.to_string(), wanted: wanted.into() }
}

struct Reader<'a> {
    document: &'a Value,
    nodes: Vec<Node>,
    /// Subschemas that are read or being read, by their place.
    places: HashMap<String, At>,
    asks: bool,
    slip: Option<Unreadable>,
}

impl Reader<'_> {
    fn place_of(&self, at: At) -> Pointer {
        let place = self.places.iter().find(|(_, known)| **known == at).map(|(place, _)| place);
        place.map(|place| Pointer::read(place)).unwrap_or_default()
    }

    fn node(&mut self, schema: &Value, place: &Pointer) -> Read<At> {
        if let Some(at) = self.places.get(place.as_str()) {
            return Ok(*at);
        }
        if self.nodes.len() >= NODES_MAX {
            return Err(wanted(place, format!("is one of more than {NODES_MAX} subschemas")));
        }
        if place.depth() > DEPTH_MAX {
            return Err(wanted(place, format!("nests deeper than {DEPTH_MAX}")));
        }
        let at = self.nodes.len();
        self.places.insert(place.as_str().to_owned(), at);
        // Its place is taken before it is read: it may refer to itself.
        self.nodes.push(Node::Always(true));
        let node = match schema {
            Value::Bool(always) => Node::Always(*always),
            Value::Object(keys) => Node::All(self.keywords(keys, place)?),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(wanted(place, "must be a schema: an object, true or false"));
            }
        };
        if let Some(slot) = self.nodes.get_mut(at) {
            *slot = node;
        }
        Ok(at)
    }

    fn keywords(&mut self, keys: &Map<String, Value>, place: &Pointer) -> Read<Vec<Keyword>> {
        for key in keys.keys() {
            known(key, place)?;
        }
        dialect(keys, place)?;
        let mut all = Vec::new();
        values(keys, place, &mut all)?;
        if keys.get("uniqueItems").is_some_and(|value| !value.is_boolean()) {
            let slip = || wanted(&place.below("uniqueItems"), "must be true or false");
            self.slip.get_or_insert_with(slip);
        }
        self.items(keys, place, &mut all)?;
        self.properties(keys, place, &mut all)?;
        self.applied(keys, place, &mut all)?;
        // These ask what the others have looked at, so they come last.
        for (key, make) in [
            ("unevaluatedItems", Keyword::UnevaluatedItems as fn(At) -> Keyword),
            ("unevaluatedProperties", Keyword::UnevaluatedProperties as fn(At) -> Keyword),
        ] {
            if let Some(at) = self.maybe(keys, key, place)? {
                all.push(make(at));
                self.asks = true;
            }
        }
        for key in ["$defs", "definitions"] {
            if keys.contains_key(key) {
                self.named(keys, key, place)?;
            }
        }
        Ok(all)
    }

    fn items(
        &mut self,
        keys: &Map<String, Value>,
        place: &Pointer,
        all: &mut Vec<Keyword>,
    ) -> Read<()> {
        let first = self.list(keys, "prefixItems", place)?.unwrap_or_default();
        if keys.get("items").is_some_and(Value::is_array) {
            return Err(wanted(
                &place.below("items"),
                "must be a schema; a list of them is prefixItems",
            ));
        }
        let rest = self.maybe(keys, "items", place)?;
        if !first.is_empty() || rest.is_some() {
            all.push(Keyword::Items { first, rest });
        }
        if let Some(what) = self.maybe(keys, "contains", place)? {
            let min = count(keys, "minContains", place)?.unwrap_or(1);
            let max = count(keys, "maxContains", place)?.unwrap_or(u64::MAX);
            all.push(Keyword::Contains { what, count: Size { min, max } });
        }
        Ok(())
    }

    fn properties(
        &mut self,
        keys: &Map<String, Value>,
        place: &Pointer,
        all: &mut Vec<Keyword>,
    ) -> Read<()> {
        let named = self.named(keys, "properties", place)?;
        let like = self.named(keys, "patternProperties", place)?;
        let below = place.below("patternProperties");
        let like = like.into_iter().map(|(text, at)| Ok((regex(&text, &below)?, at)));
        let like: Vec<(Regex, At)> = like.collect::<Read<_>>()?;
        let others = self.maybe(keys, "additionalProperties", place)?;
        if !named.is_empty() || !like.is_empty() || others.is_some() {
            all.push(Keyword::Properties(Box::new(Properties { named, like, others })));
        }
        if let Some(at) = self.maybe(keys, "propertyNames", place)? {
            all.push(Keyword::PropertyNames(at));
        }
        let dependent = self.named(keys, "dependentSchemas", place)?;
        if !dependent.is_empty() {
            all.push(Keyword::DependentSchemas(dependent));
        }
        Ok(())
    }

    fn applied(
        &mut self,
        keys: &Map<String, Value>,
        place: &Pointer,
        all: &mut Vec<Keyword>,
    ) -> Read<()> {
        if let Some(to) = keys.get("$ref") {
            all.push(Keyword::Ref(self.referred(to, &place.below("$ref"))?));
        }
        for (key, make) in [
            ("allOf", Keyword::AllOf as fn(Vec<At>) -> Keyword),
            ("anyOf", Keyword::AnyOf as fn(Vec<At>) -> Keyword),
            ("oneOf", Keyword::OneOf as fn(Vec<At>) -> Keyword),
        ] {
            let Some(list) = self.list(keys, key, place)? else { continue };
            if list.is_empty() {
                return Err(wanted(&place.below(key), "must have at least one schema"));
            }
            all.push(make(list));
        }
        if let Some(at) = self.maybe(keys, "not", place)? {
            all.push(Keyword::Not(at));
        }
        if let Some(is) = self.maybe(keys, "if", place)? {
            let (then, or) = (self.maybe(keys, "then", place)?, self.maybe(keys, "else", place)?);
            all.push(Keyword::If { is, then, or });
        }
        Ok(())
    }

    /// The subschema under `key`, if there is one.
    fn maybe(&mut self, keys: &Map<String, Value>, key: &str, place: &Pointer) -> Read<Option<At>> {
        keys.get(key).map(|schema| self.node(schema, &place.below(key))).transpose()
    }

    /// The list of subschemas under `key`, if there is one.
    fn list(
        &mut self,
        keys: &Map<String, Value>,
        key: &str,
        place: &Pointer,
    ) -> Read<Option<Vec<At>>> {
        let below = place.below(key);
        let Some(value) = keys.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| wanted(&below, "must be a list of schemas"))?;
        let each = list.iter().enumerate();
        each.map(|(at, one)| self.node(one, &below.below(&at.to_string())))
            .collect::<Read<_>>()
            .map(Some)
    }

    /// The subschemas under `key`, by name.
    fn named(
        &mut self,
        keys: &Map<String, Value>,
        key: &str,
        place: &Pointer,
    ) -> Read<Vec<(String, At)>> {
        let below = place.below(key);
        let Some(value) = keys.get(key) else { return Ok(Vec::new()) };
        let map =
            value.as_object().ok_or_else(|| wanted(&below, "must be an object of schemas"))?;
        map.iter()
            .map(|(name, one)| Ok((name.clone(), self.node(one, &below.below(name))?)))
            .collect()
    }

    /// What a reference leads to: a place in this document.
    fn referred(&mut self, to: &Value, place: &Pointer) -> Read<At> {
        let text = to.as_str().ok_or_else(|| wanted(place, "must be a text"))?;
        let document = self.document;
        let own = document.get("$id").and_then(Value::as_str).unwrap_or_default();
        let local = text.strip_prefix(own).filter(|rest| rest.is_empty() || rest.starts_with('#'));
        let Some(fragment) = local
            .or(Some(text))
            .and_then(|text| if text.is_empty() { Some("") } else { text.strip_prefix('#') })
        else {
            return Err(wanted(place, "must lead to a place in this schema, as #/$defs/name does"));
        };
        let nowhere = || wanted(place, "leads nowhere");
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            percent_decoded(fragment)
        } else {
            anchored(document, fragment, &Pointer::default(), true).ok_or_else(nowhere)?
        };
        let schema = document.pointer(&pointer).ok_or_else(nowhere)?;
        let place = pointer.split('/').skip(1).fold(Pointer::default(), |place, key| {
            place.below(&key.replace("~1", "/").replace("~0", "~"))
        });
        self.node(schema, &place)
    }
}

/// Keys are those of the language: a misspelt one would ask nothing.
fn known(key: &str, place: &Pointer) -> Read<()> {
    if SILENT.contains(&key) || ASKING.contains(&key) || key.starts_with("x-") {
        return Ok(());
    }
    if ["$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary"]
        .contains(&key)
    {
        return Err(wanted(place, format!("has {key}, which is not supported: use $ref")));
    }
    let all = ASKING.iter().chain(&SILENT).copied();
    let shown: String = key.chars().take(64).collect();
    let instead = nearest(key, all).map_or(String::new(), |near| format!("; did you mean {near}?"));
    Err(wanted(place, format!("has a keyword that there is not: {shown}{instead}")))
}

fn dialect(keys: &Map<String, Value>, place: &Pointer) -> Read<()> {
    if let Some(dialect) = keys.get("$schema")
        && dialect.as_str().map(|text| text.trim_end_matches('#')) != Some(DIALECT)
    {
        return Err(wanted(&place.below("$schema"), format!("must be {DIALECT}")));
    }
    if keys.contains_key("$id") && place.depth() > 0 {
        return Err(wanted(&place.below("$id"), "may only stand at the top"));
    }
    Ok(())
}

fn percent_decoded(fragment: &str) -> String {
    let once = format!("a={}", fragment.replace('+', "%2B"));
    let pair = form_urlencoded::parse(once.as_bytes()).next();
    pair.map_or_else(|| fragment.to_owned(), |(_, text)| text.into_owned())
}

/// Keywords below which values stand, and those below which schemas stand by names.
const OF_VALUES: [&str; 4] = ["enum", "const", "default", "examples"];
const OF_NAMES: [&str; 5] =
    ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// The place of the subschema with this anchor. What looks like one within a value is none.
fn anchored(value: &Value, anchor: &str, place: &Pointer, is_schema: bool) -> Option<String> {
    if place.depth() > DEPTH_MAX {
        return None;
    }
    match value {
        Value::Object(map) => {
            if is_schema && map.get("$anchor").and_then(Value::as_str) == Some(anchor) {
                return Some(place.as_str().to_owned());
            }
            let mut keys =
                map.iter().filter(|(key, _)| !(is_schema && OF_VALUES.contains(&key.as_str())));
            keys.find_map(|(key, one)| {
                let leads_to_names = is_schema && OF_NAMES.contains(&key.as_str());
                anchored(one, anchor, &place.below(key), !leads_to_names)
            })
        }
        Value::Array(list) => list
            .iter()
            .enumerate()
            .find_map(|(at, one)| anchored(one, anchor, &place.below(&at.to_string()), true)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
