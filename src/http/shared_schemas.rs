//! The schemas of the document, each in one place: lists refer to what they are lists of.
//!
//! A shape that others are put into (`Listed`, `All`) is written out with them in it, as `Listed_Member`.
//! Clients that are generated would have a type of their own for each member of each list.

use std::collections::BTreeSet;

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{Array, OpenApi, Ref, RefOr, Schema};

/// What stands in names between a shape and what is put into it.
const OF: char = '_';
/// A list of something, as a name has it.
const LIST: &str = "Vec_";

/// Puts references in the place of what is said again.
pub(super) fn refer(document: &mut OpenApi) {
    let schemas = &mut document.components.get_or_insert_default().schemas;
    let names: Vec<String> = schemas.keys().cloned().collect();
    for (name, of) in names.iter().filter_map(|name| Some((name, put_into(name)?))) {
        let Some(RefOr::T(Schema::Object(mut shape))) = schemas.get(name).cloned() else {
            continue;
        };
        let Some(part) = shape.properties.values_mut().find_map(written_out) else { continue };
        let Some(schema) = refer_to(of, part) else { continue };
        schemas.entry(of.to_owned()).or_insert(schema);
        schemas.insert(name.clone(), Schema::Object(shape).into());
    }
}

/// What a name says is put into its shape.
fn put_into(name: &str) -> Option<&str> {
    let (_, of) = name.split_once(OF)?;
    Some(of.strip_prefix(LIST).unwrap_or(of))
}

/// What is written out, in a list or a map or by itself.
fn written_out(part: &mut RefOr<Schema>) -> Option<&mut RefOr<Schema>> {
    if says_something(part) {
        return Some(part);
    }
    let RefOr::T(schema) = part else { return None };
    if let Schema::Array(Array { items: ArrayItems::RefOrSchema(items), .. }) = schema {
        let is_map = matches!(&**items, RefOr::T(Schema::Object(map)) if map.additional_properties.is_some());
        return if is_map { Some(items) } else { written_out(items) };
    }
    let Schema::Object(map) = schema else { return None };
    match map.additional_properties.as_deref_mut()? {
        AdditionalProperties::RefOr(inner) => written_out(inner),
        AdditionalProperties::FreeForm(_) => None,
    }
}

fn says_something(part: &RefOr<Schema>) -> bool {
    matches!(part, RefOr::T(Schema::Object(object)) if !object.properties.is_empty())
}

/// Puts a reference there; what was there.
fn refer_to(name: &str, part: &mut RefOr<Schema>) -> Option<RefOr<Schema>> {
    let was = std::mem::replace(part, Ref::from_schema_name(name).into());
    matches!(was, RefOr::T(_)).then_some(was)
}

/// Leaves out the names that nothing leads to.
pub(super) fn keep_used(document: &mut OpenApi) {
    let used = used(document);
    if let Some(components) = &mut document.components {
        components.schemas.retain(|name, _| used.contains(name));
    }
}

/// The names that something leads to.
fn used(document: &OpenApi) -> BTreeSet<String> {
    let mut others = document.clone();
    let schemas = others.components.as_mut().map(|all| std::mem::take(&mut all.schemas));
    let schemas = schemas.unwrap_or_default();
    let (mut used, mut next) = (BTreeSet::new(), references(&others));
    while let Some(name) = next.pop() {
        if let Some(schema) = schemas.get(&name).filter(|_| !used.contains(&name)) {
            next.extend(references(schema));
            used.insert(name);
        }
    }
    used
}

fn references(part: &impl serde::Serialize) -> Vec<String> {
    let text = serde_json::to_string(part).unwrap_or_default();
    let all = text.split("\"#/components/schemas/").skip(1);
    all.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
