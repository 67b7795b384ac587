//! Keywords that ask of the value itself, read.

use serde_json::{Map, Value};

use super::formats::Format;
use super::keywords::{Bound, Keyword, Size, Type};
use super::patterns::regex;
use super::place::Pointer;
use super::read::{Read, wanted};
use crate::model::Number;

/// Keywords that ask of the value itself.
pub(super) fn values(
    keys: &Map<String, Value>,
    place: &Pointer,
    all: &mut Vec<Keyword>,
) -> Read<()> {
    for (key, value) in keys {
        let below = place.below(key);
        let keyword = match key.as_str() {
            "type" => Keyword::Type(types(value, &below)?),
            "enum" => {
                let list = value.as_array().ok_or_else(|| wanted(&below, "must be a list"))?;
                Keyword::Enum(list.clone())
            }
            "const" => Keyword::Const(value.clone()),
            "multipleOf" => {
                let unit = number(value, &below)?;
                if unit.float() <= 0.0 {
                    return Err(wanted(&below, "must be more than 0"));
                }
                Keyword::MultipleOf(value.to_string())
            }
            "pattern" => {
                let text = value.as_str().ok_or_else(|| wanted(&below, "must be a text"))?;
                Keyword::Pattern(Box::new(regex(text, &below)?))
            }
            "format" => {
                let name = value.as_str().ok_or_else(|| wanted(&below, "must be a text"))?;
                // Of others, nothing can be told.
                let Some(format) = Format::named(name) else { continue };
                Keyword::Format(format)
            }
            "uniqueItems" if value == &Value::Bool(true) => Keyword::Unique,
            "required" => Keyword::Required(texts(value, &below)?),
            "dependentRequired" => {
                let map = value.as_object().ok_or_else(|| wanted(&below, "must be an object"))?;
                let each = map
                    .iter()
                    .map(|(name, list)| Ok((name.clone(), texts(list, &below.below(name))?)));
                Keyword::DependentRequired(each.collect::<Read<_>>()?)
            }
            _ => match Bound::ALL.iter().find(|(_, name)| name == key) {
                Some((bound, _)) => Keyword::Bound(*bound, number(value, &below)?),
                None => continue,
            },
        };
        all.push(keyword);
    }
    for (min, max, make) in [
        ("minLength", "maxLength", Keyword::Length as fn(Size) -> Keyword),
        ("minItems", "maxItems", Keyword::ItemCount as fn(Size) -> Keyword),
        ("minProperties", "maxProperties", Keyword::PropertyCount as fn(Size) -> Keyword),
    ] {
        let (min, max) = (count(keys, min, place)?, count(keys, max, place)?);
        if min.is_some() || max.is_some() {
            all.push(make(Size { min: min.unwrap_or(0), max: max.unwrap_or(u64::MAX) }));
        }
    }
    Ok(())
}

fn types(value: &Value, place: &Pointer) -> Read<Vec<Type>> {
    let all = match value {
        Value::String(_) => std::slice::from_ref(value),
        Value::Array(list) => list,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => &[],
    };
    let read: Option<Vec<Type>> = all.iter().map(|one| Type::named(one.as_str()?)).collect();
    read.filter(|types| !types.is_empty()).ok_or_else(|| {
        let names: Vec<_> = Type::ALL.iter().map(|(_, name)| *name).collect();
        wanted(place, format!("must be one of {}, or a list of them", names.join(", ")))
    })
}

fn number(value: &Value, place: &Pointer) -> Read<Number> {
    let number = value.as_number().ok_or_else(|| wanted(place, "must be a number"))?;
    Ok(number.into())
}

pub(super) fn count(keys: &Map<String, Value>, key: &str, place: &Pointer) -> Read<Option<u64>> {
    let Some(value) = keys.get(key) else { return Ok(None) };
    let whole = value.as_u64().or_else(|| match number(value, place).ok()?.float() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and bounded"
        )]
        float if float >= 0.0 && float.fract() == 0.0 && float < 1e15 => Some(float as u64),
        _ => None,
    });
    whole.map(Some).ok_or_else(|| wanted(&place.below(key), "must be a whole number from 0 on"))
}

fn texts(value: &Value, place: &Pointer) -> Read<Vec<String>> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let texts: Option<Vec<String>> = list.map(|one| one.as_str().map(str::to_owned)).collect();
    texts.filter(|_| value.is_array()).ok_or_else(|| wanted(place, "must be a list of texts"))
}
