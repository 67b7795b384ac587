//! The schemas of the document, each in one place.
//!
//! What is generated of a generic answer (`Rows_FunnelRow`) has its part written out. Clients that are made of
//! the document want the part by its name.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema};

/// Lets every part that has a name be referred to by it, and leaves out the names that nothing leads to.
pub(super) fn name(document: &mut OpenApi) {
    let used = used(document);
    let Some(components) = &mut document.components else { return };
    let all = components.schemas.iter();
    let named: Named = all
        .filter(|(name, _)| !used.contains(*name))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    for schema in components.schemas.values_mut() {
        parts(schema, &mut |part| refer(part, &named));
    }
    let used = self::used(document);
    if let Some(components) = &mut document.components {
        components.schemas.retain(|name, _| used.contains(name));
    }
}

/// Schemas by their names.
type Named = BTreeMap<String, RefOr<Schema>>;

fn refer(part: &mut RefOr<Schema>, named: &Named) {
    match named.iter().find(|(_, schema)| *schema == part) {
        Some((name, _)) => *part = Ref::from_schema_name(name.as_str()).into(),
        None => parts(part, &mut |inner| refer(inner, named)),
    }
}

/// Shows each part of a schema, one level deep.
fn parts(schema: &mut RefOr<Schema>, visit: &mut dyn FnMut(&mut RefOr<Schema>)) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            object.properties.values_mut().for_each(&mut *visit);
            if let Some(AdditionalProperties::RefOr(values)) =
                object.additional_properties.as_deref_mut()
            {
                visit(values);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                visit(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(visit),
        Schema::AllOf(all) => all.items.iter_mut().for_each(visit),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(visit),
        _ => {}
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
