//! One event into several.

use serde_json::Value;

use super::{PARTS_MAX, Unmade, as_type};
use crate::model::{Made, Map, Path, Split};
use crate::rules::template;

/// How an event becomes several, ready to be done.
#[derive(Debug)]
pub(super) struct Splits {
    by: Path,
    event_type: Option<String>,
    properties: Option<Map>,
    keeps: bool,
}

impl Splits {
    pub(super) fn of(split: &Split) -> Option<Self> {
        Some(Self {
            by: super::check::place(&split.by).ok()?,
            event_type: split.event_type.clone(),
            properties: split.properties.clone(),
            keeps: split.keeps,
        })
    }

    /// The event and its parts. One that has no list, or an empty one, stays alone: it is never lost.
    pub(super) fn apply(
        &self,
        event: &Value,
        whole: Made,
        room: &mut usize,
    ) -> Result<Vec<Made>, Unmade> {
        let items = match self.by.below(event) {
            Some(Value::Array(items)) => items.as_slice(),
            Some(_) | None => &[],
        };
        if items.len() >= PARTS_MAX {
            return Err(Unmade::TooMany);
        }
        // Each part has the context again.
        let each = whole.context.as_ref().map_or(0, weight);
        *room = room.checked_sub(each.saturating_mul(items.len())).ok_or(Unmade::TooLarge)?;
        let parts = items.iter().map(|item| self.part(event, &whole, item, room));
        let parts: Vec<_> = parts.collect::<Result<_, _>>()?;
        if self.keeps || parts.is_empty() {
            return Ok(std::iter::once(whole).chain(parts).collect());
        }
        Ok(parts)
    }

    fn part(
        &self,
        event: &Value,
        whole: &Made,
        item: &Value,
        room: &mut usize,
    ) -> Result<Made, Unmade> {
        let roots = [("item", item), ("event", event)];
        let kind = match &self.event_type {
            Some(text) => Some(as_type(template::text(text, &roots, room)?)),
            None => whole.kind.clone(),
        };
        let properties = match (&self.properties, item) {
            (Some(template), _) => template::fill_within(template, &roots, room)?,
            (None, Value::Object(item)) => item.clone(),
            (None, item) => Map::from_iter([("value".to_owned(), item.clone())]),
        };
        Ok(Made { kind, properties: Some(properties), context: whole.context.clone(), tags: None })
    }
}

/// What a map takes, in bytes, about: a value takes more in memory than its letters.
fn weight(map: &Map) -> usize {
    map.iter().map(|(key, value)| key.len() + weight_of(value)).sum()
}

fn weight_of(value: &Value) -> usize {
    const EACH: usize = 32;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => EACH,
        Value::String(text) => EACH + text.len(),
        Value::Array(items) => EACH + items.iter().map(weight_of).sum::<usize>(),
        Value::Object(map) => EACH + weight(map),
    }
}
