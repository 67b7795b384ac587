//! What is moved within an event: from one place to another, or not at all.

use serde_json::Value;

use super::Unmade;
use crate::model::{Map, Path};

/// Moves what stands at `from`; false where nothing does. Both are places of the event as it is before: what
/// leaves a list is gone from it once it has come to its new place, and those behind it move up.
///
/// # Errors
/// [`Unmade::NoPlace`].
pub(super) fn rename(event: &mut Map, from: &Path, to: &Path) -> Result<bool, Unmade> {
    let Some(value) = from.get(event).cloned() else { return Ok(false) };
    let (goes_inside, stands_inside) = (is_within(to, from), is_within(from, to));
    if goes_inside && !stands_inside {
        put(event, from, Value::Null)?;
    }
    put(event, to, value)?;
    if !goes_inside && !stands_inside {
        remove(event, from);
    }
    Ok(true)
}

/// Whether a place is another one, or below it.
fn is_within(place: &Path, other: &Path) -> bool {
    let (place, other) = (place.steps(), other.steps());
    place.len() >= other.len() && place.iter().zip(other).all(|(one, two)| one.key() == two.key())
}

/// Writes over what is there, and makes objects on the way where nothing is.
fn put(event: &mut Map, to: &Path, value: Value) -> Result<(), Unmade> {
    let (first, rest) = to.steps().split_first().ok_or(Unmade::NoPlace)?;
    let mut place = event.entry(first.key()).or_insert(Value::Null);
    for step in rest {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = match place {
            Value::Object(map) => map.entry(step.key()).or_insert(Value::Null),
            Value::Array(list) => {
                step.index().and_then(|at| list.get_mut(at)).ok_or(Unmade::NoPlace)?
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(Unmade::NoPlace);
            }
        };
    }
    *place = value;
    Ok(())
}

/// Takes out what is there.
fn remove(event: &mut Map, from: &Path) {
    let [first, way @ .., last] = from.steps() else { return };
    let Some(above) = event.get_mut(first.key()) else { return };
    let above = way.iter().try_fold(above, |value, step| match value {
        Value::Object(map) => map.get_mut(step.key()),
        Value::Array(list) => list.get_mut(step.index()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    });
    match (above, last.index()) {
        (Some(Value::Object(map)), _) => drop(map.remove(last.key())),
        (Some(Value::Array(list)), Some(at)) if at < list.len() => drop(list.remove(at)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What properties become; none where that cannot be done.
    #[track_caller]
    fn check(before: &Value, from: &str, to: &str, after: Option<&Value>) {
        let path = |text: &str| Path::parse(&format!("properties.{text}")).unwrap();
        let mut event = Map::from_iter([("properties".to_owned(), before.clone())]);
        let moved = rename(&mut event, &path(from), &path(to));
        assert_eq!(moved.is_ok().then(|| &event["properties"]), after, "{from} {to}");
    }

    #[test]
    fn what_is_moved_stands_where_it_goes_and_nowhere_else() {
        for (before, from, to, after) in [
            (json!({"a": 1}), "a", "b.c", json!({"b": {"c": 1}})),
            (json!({"a": 1, "b": 2}), "a", "b", json!({"b": 1})),
            (json!({"a": 1, "b": null}), "a", "b.c", json!({"b": {"c": 1}})),
            (json!({"a": 1}), "a", "a.b", json!({"a": {"b": 1}})),
            (json!({"a": {"b": 1, "c": 2}}), "a.b", "a", json!({"a": 1})),
            (json!({"a": {"0": 1}}), "a.0", "a[\"0\"]", json!({"a": {"0": 1}})),
            (json!({"a": 1}), "a", "a", json!({"a": 1})),
            (json!({"a": 1}), "b", "c", json!({"a": 1})),
            (json!({"l": [{"m": 1, "n": 2}]}), "l.0.m", "m", json!({"l": [{"n": 2}], "m": 1})),
            (json!({"l": [1, 2, 3]}), "l.1", "x", json!({"l": [1, 3], "x": 2})),
            (json!({"l": [1, 2, 3]}), "l.0", "l.1", json!({"l": [1, 3]})),
            (json!({"l": [1, 2]}), "l.0", "l.0.x", json!({"l": [{"x": 1}, 2]})),
            (json!({"l": [{"x": 1}, 2]}), "l.0.x", "l.0", json!({"l": [1, 2]})),
            (json!({"l": [1, 2], "b": 9}), "b", "l.1", json!({"l": [1, 9]})),
            (json!({"l": [{}], "b": 9}), "b", "l.0.x.y", json!({"l": [{"x": {"y": 9}}]})),
        ] {
            check(&before, from, to, Some(&after));
        }
    }

    #[test]
    fn what_has_no_place_to_go_is_not_moved() {
        for (before, to) in [
            (json!({"a": 1, "x": 5}), "x.y"),
            (json!({"a": 1, "x": "t"}), "x.y.z"),
            (json!({"a": 1, "l": [1]}), "l.1"),
            (json!({"a": 1, "l": [1]}), "l.x"),
            (json!({"a": 1, "l": [1]}), "l.0.x"),
        ] {
            check(&before, "a", to, None);
        }
    }
}
