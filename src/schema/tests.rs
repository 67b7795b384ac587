//! What schemas ask, and what they may not cost.

use serde_json::{Value, json};

use super::*;

/// The faults of a value: its places and what is wanted there.
fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let schema = Schema::read(schema).unwrap();
    let faults = schema.check(value).err().unwrap_or_default();
    faults.iter().map(|fault| format!("{}: {}", fault.place.join("."), fault.wanted)).collect()
}

#[track_caller]
fn check(schema: &Value, good: &[Value], bad: &[Value]) {
    for value in good {
        assert_eq!(faults(schema, value), Vec::<String>::new(), "{value}");
    }
    for value in bad {
        assert_ne!(faults(schema, value), Vec::<String>::new(), "{value}");
    }
}

#[test]
fn faults_say_where_and_what_is_wanted_and_never_what_was_sent() {
    let schema = json!({"type": "object", "required": ["id", "value"], "properties": {
        "id": {"type": "string", "pattern": "^o-[0-9]+$"},
        "value": {"type": "number", "minimum": 0},
        "lines": {"type": "array", "items": {"type": "object", "required": ["sku"]}},
    }, "additionalProperties": false});
    let sent = json!({"id": "secret", "lines": [{"sku": 1}, {}], "more": true});
    let told = faults(&schema, &sent);
    assert_eq!(
        told,
        [
            "value: must be there",
            "id: must match ^o-[0-9]+$",
            "lines.1.sku: must be there",
            "more: must not be there",
        ]
    );
}

#[test]
fn each_keyword_asks_what_its_name_says() {
    check(
        &json!({"type": ["integer", "null"]}),
        &[json!(1.0), json!(null)],
        &[json!(1.5), json!("1")],
    );
    check(
        &json!({"enum": [1, "a", {"b": [2]}]}),
        &[json!(1.0), json!({"b": [2.0]})],
        &[json!("b")],
    );
    check(&json!({"const": null}), &[json!(null)], &[json!(0)]);
    check(&json!({"multipleOf": 0.01}), &[json!(4.02), json!("x")], &[json!(0.0075)]);
    check(&json!({"exclusiveMinimum": 1, "maximum": 2}), &[json!(2)], &[json!(1), json!(2.1)]);
    check(&json!({"minLength": 2, "maxLength": 2}), &[json!("žž"), json!(1)], &[json!("a")]);
    check(
        &json!({"prefixItems": [{"type": "string"}], "items": false}),
        &[json!(["a"]), json!([])],
        &[json!(["a", 1]), json!([1])],
    );
    check(
        &json!({"contains": {"const": 1}, "maxContains": 2}),
        &[json!([1, 2, 1])],
        &[json!([]), json!([1, 1, 1])],
    );
    check(
        &json!({"uniqueItems": true}),
        &[json!([1, "1", true, [1]])],
        &[json!([1, 1.0]), json!([{"a": 1}, {"a": 1.0}])],
    );
    check(
        &json!({"patternProperties": {"^x": {"type": "number"}}, "additionalProperties": {"type": "string"}}),
        &[json!({"x1": 1, "y": "a"})],
        &[json!({"x1": "a"}), json!({"y": 1})],
    );
    check(&json!({"propertyNames": {"maxLength": 2}}), &[json!({"ab": 1})], &[json!({"abc": 1})]);
    check(
        &json!({"dependentRequired": {"a": ["b"]}}),
        &[json!({"b": 1}), json!({"a": 1, "b": 1})],
        &[json!({"a": 1})],
    );
    check(&json!({"oneOf": [{"minimum": 2}, {"maximum": 4}]}), &[json!(1), json!(5)], &[json!(3)]);
    check(&json!({"not": {"type": "string"}}), &[json!(1)], &[json!("a")]);
    check(
        &json!({"if": {"properties": {"kind": {"const": "card"}}, "required": ["kind"]}, "then": {"required": ["number"]}}),
        &[json!({"kind": "cash"}), json!({"kind": "card", "number": 1})],
        &[json!({"kind": "card"})],
    );
    check(
        &json!({"allOf": [{"properties": {"a": true}}, {"properties": {"b": true}}], "unevaluatedProperties": false}),
        &[json!({"a": 1, "b": 2})],
        &[json!({"a": 1, "c": 3})],
    );
    check(
        &json!({"anyOf": [{"prefixItems": [true]}, {"prefixItems": [true, true]}], "unevaluatedItems": false}),
        &[json!([1, 2])],
        &[json!([1, 2, 3])],
    );
}

#[test]
fn references_lead_through_the_schema_and_may_come_back() {
    let tree = json!({"$defs": {"node": {"type": "object", "properties": {
        "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}, "name": {"$ref": "#word"}}},
        "word": {"$anchor": "word", "type": "string"}}, "$ref": "#/$defs/node"});
    check(&tree, &[json!({"children": [{"children": []}]})], &[json!({"children": [{"name": 1}]})]);
}

#[test]
fn what_leads_back_to_itself_without_looking_further_is_known() {
    let to = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    for (schema, place) in [
        (json!({"$ref": "#"}), "the schema"),
        (json!({"$defs": {"a": to("b"), "b": to("a")}, "$ref": "#/$defs/a"}), "$defs/a"),
        (json!({"anyOf": [{"type": "string"}, {"$ref": "#"}]}), "the schema"),
        (json!({"properties": {"a": {"not": {"$ref": "#/properties/a"}}}}), "properties/a"),
        (json!({"if": true, "then": {"allOf": [{"$ref": "#"}]}}), "the schema"),
        (json!({"dependentSchemas": {"a": {"oneOf": [{"$ref": "#"}]}}}), "the schema"),
    ] {
        assert_eq!(Schema::read(&schema).unwrap().circle(), Some(place), "{schema}");
    }
    for schema in [
        json!({"items": {"$ref": "#"}, "properties": {"a": {"$ref": "#"}}, "contains": {"$ref": "#"}}),
        json!({"$defs": {"a": {"type": "string"}}, "allOf": [to("a"), to("a"), {"not": to("a")}]}),
        json!({"anyOf": [{"type": "string"}, {"additionalProperties": {"$ref": "#"}}]}),
    ] {
        assert_eq!(Schema::read(&schema).unwrap().circle(), None, "{schema}");
    }
}

#[test]
fn what_is_no_schema_is_refused_with_its_place() {
    for (schema, place, wanted) in [
        (json!([]), "the schema", "must be a schema"),
        (json!({"properties": {"a": {"requird": []}}}), "properties/a", "did you mean required?"),
        (json!({"type": "text"}), "type", "must be one of null"),
        (json!({"pattern": "(?=a)"}), "pattern", "must be a regular expression"),
        (json!({"pattern": "((a{100}){100}){100}"}), "pattern", "must be a regular expression"),
        (
            json!({"$ref": "https://example.com/schema"}),
            "$ref",
            "must lead to a place in this schema",
        ),
        (json!({"$ref": "#/$defs/nothing"}), "$ref", "leads nowhere"),
        (json!({"$dynamicRef": "#a"}), "the schema", "is not supported"),
        (json!({"items": [true]}), "items", "prefixItems"),
        (json!({"$schema": "http://json-schema.org/draft-07/schema#"}), "$schema", "2020-12"),
        (json!({"description": "x".repeat(SCHEMA_BYTES_MAX)}), "the schema", "bytes"),
        (json!({"anyOf": vec![json!({}); NODES_MAX]}), "anyOf/1999", "subschemas"),
    ] {
        let said = Schema::read(&schema).unwrap_err();
        assert_eq!(said.place, place, "{said}");
        assert!(said.wanted.contains(wanted), "{said}");
    }
}

/// Each of these would take longer than the universe has.
#[test]
fn no_schema_and_no_value_stalls() {
    let name = |level: usize| format!("#/$defs/l{level}");
    let twice =
        |level: usize| json!({"anyOf": [{"$ref": name(level + 1)}, {"$ref": name(level + 1)}]});
    let mut defs: serde_json::Map<_, _> =
        (0..40).map(|level| (format!("l{level}"), twice(level))).collect();
    defs.insert("l40".into(), json!(false));
    let exponential = json!({"$defs": defs, "$ref": "#/$defs/l0"});
    let endless = json!({"$ref": "#"});
    for schema in [exponential, endless] {
        let told = faults(&schema, &json!(1));
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("steps"), "{told:?}");
    }
    let many = json!({"items": {"enum": (0..1000).collect::<Vec<_>>()}});
    let told = faults(&many, &json!(vec![999; 1000]));
    assert!(told[0].contains("steps"), "{told:?}");
    let backtracks = json!({"pattern": "^(a+)+$"});
    check(&backtracks, &[], &[json!(format!("{}!", "a".repeat(100_000)))]);
}

#[test]
fn a_draft_fits_all_that_it_was_drafted_from_and_nothing_of_another_type() {
    let order = |value: Value, plan: &str| json!({"id": "o", "value": value, "plan": plan, "lines": [{"sku": 1}]});
    let mut seen: Vec<Value> =
        (0..40).map(|n| order(json!(n), if n % 2 == 0 { "a" } else { "b" })).collect();
    seen.push(json!({"id": "o", "value": 1.5, "plan": "a", "note": null}));
    let maps: Vec<_> = seen.iter().map(|one| one.as_object().cloned().unwrap()).collect();
    let drafted = draft(&maps);
    assert_eq!(drafted["required"], json!(["id", "plan", "value"]));
    assert_eq!(drafted["properties"]["plan"]["enum"], json!(["a", "b"]));
    assert_eq!(drafted["properties"]["value"], json!({"type": "number"}));
    check(
        &drafted,
        &seen,
        &[json!({"id": 1, "value": 1, "plan": "a"}), json!({"value": 1, "plan": "a"})],
    );
}

#[test]
fn what_asks_nothing_is_read_and_told_of() {
    let schema = json!({"properties": {"uniqueItems": {"uniqueItems": "true"}}});
    let read = Schema::read(&schema).unwrap();
    let slip = read.slip().unwrap();
    assert_eq!(slip.to_string(), "properties/uniqueItems/uniqueItems must be true or false");
    assert_eq!(Schema::read(&json!({"uniqueItems": false})).unwrap().slip(), None);
}

#[test]
fn a_draft_says_nothing_of_what_is_hidden() {
    let map = |mail: Value| json!({"mail": mail, "at": {"x": mail}}).as_object().cloned().unwrap();
    let hash = json!(format!("h1-{}", "a".repeat(24)));
    for seen in
        [vec![map(json!("***"))], vec![map(json!("***")), map(json!(null))], vec![map(hash)]]
    {
        let drafted = draft(&seen);
        assert_eq!(drafted["properties"]["mail"], json!({}), "{drafted}");
        check(&drafted, &[json!({"mail": 7, "at": {"x": [1]}})], &[json!({"at": {"x": 1}})]);
    }
}

#[test]
fn a_draft_is_a_schema_however_much_was_seen() {
    let level = |many: usize, below: &Value| -> Value {
        (0..many).map(|at| (format!("property_{at}"), below.clone())).collect()
    };
    let wide = level(150, &level(150, &json!({"a": 1})));
    let drafted = draft(&[wide.as_object().cloned().unwrap()]);
    assert_eq!(drafted["properties"]["property_0"], json!({"type": "object"}));
    check(&drafted, &[wide], &[json!({"property_0": 1})]);
}
