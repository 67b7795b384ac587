//! What templates, renaming and splitting make of an event.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{About, Assigned, Split};

fn map(value: &Value) -> Map {
    value.as_object().cloned().unwrap_or_default()
}

fn rule(change: impl FnOnce(&mut Reshaping)) -> Reshaping {
    let mut one = Reshaping {
        id: "r".into(),
        about: About::default(),
        enabled: true,
        order: 0,
        event_type: "order".into(),
        source: None,
        condition: String::new(),
        renames: Vec::new(),
        properties: None,
        context: None,
        session: None,
        assigned: Assigned::default(),
        split: None,
        tags: Vec::new(),
    };
    change(&mut one);
    one
}

fn event(properties: &Value) -> Map {
    map(
        &json!({"type": "order", "session": {"id": "s"}, "properties": properties, "context": {"a": 1}}),
    )
}

fn made(rules: &[Reshaping], properties: &Value) -> Result<Option<Reshaped>, Unmade> {
    let (source, mut room) = (SourceId::new("shop"), 10_000);
    Reshapes::of(rules).reshape(("order", &source), event(properties), Time::default(), &mut room)
}

#[track_caller]
fn check(rule: &Reshaping, properties: &Value, expected: &[Value]) {
    let found = made(std::slice::from_ref(rule), properties).unwrap().unwrap();
    let found =
        found.parts.into_iter().map(|part| Value::Object(part.properties.unwrap_or_default()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

fn renames(pairs: &[(&str, &str)]) -> Reshaping {
    rule(|one| one.renames = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect())
}

#[test]
fn what_is_renamed_is_moved_in_order_or_not_at_all() {
    let swap = renames(&[
        ("event@properties.a", "properties.x"),
        ("properties.b", "properties.a"),
        ("properties.x", "properties.b"),
        ("properties.missing", "properties.c"),
    ]);
    check(&swap, &json!({"a": 1, "b": 2}), &[json!({"a": 2, "b": 1})]);
    let listed = renames(&[("properties.l.0.a", "properties.b"), ("properties.k.0", "context.c")]);
    check(&listed, &json!({"l": [{"a": 1}], "k": [2, 3]}), &[json!({"b": 1, "l": [{}], "k": [3]})]);
    let through = renames(&[("properties.b", "properties.c"), ("properties.a", "properties.t.x")]);
    assert_eq!(made(&[through], &json!({"a": 1, "b": 2, "t": "t"})), Err(Unmade::NoPlace));
}

#[test]
fn templates_are_filled_from_the_event_as_it_was_renamed() {
    let mut one = renames(&[("properties.old", "properties.new")]);
    one.properties =
        Some(map(&json!({"value": "event@properties.new", "in": "session@id", "not?": "event@x"})));
    one.session = Some(map(&json!({"last": "event@type"})));
    one.assigned.event_type = Some("event@properties.new".into());
    let found = made(&[one], &json!({"old": "bought"})).unwrap().unwrap();
    assert_eq!(found.parts[0].properties, Some(map(&json!({"value": "bought", "in": "s"}))));
    assert_eq!(found.parts[0].kind.as_deref(), Some("bought"));
    assert_eq!(
        (found.parts[0].context.as_ref(), found.session),
        (None, Some(map(&json!({"last": "order"}))))
    );
}

#[test]
fn the_first_that_holds_is_applied_alone() {
    let mut second = rule(|one| one.properties = Some(map(&json!({"by": 2}))));
    (second.id, second.order) = ("a".into(), 2);
    let mut first = rule(|one| one.properties = Some(map(&json!({"by": 1}))));
    first.condition = "event@properties.big = true".into();
    let by = |properties: Value| {
        let found = made(&[second.clone(), first.clone()], &properties).unwrap().unwrap();
        found.parts[0].properties.as_ref().unwrap()["by"].clone()
    };
    assert_eq!((by(json!({"big": true})), by(json!({}))), (json!(1), json!(2)));
    first.enabled = false;
    assert_eq!(made(&[first], &json!({"big": true})), Ok(None));
}

fn splitting(keeps: bool, properties: Option<&Value>) -> Reshaping {
    let split = Split {
        by: "event@properties.items".into(),
        event_type: Some("item".into()),
        properties: properties.map(map),
        keeps,
    };
    rule(|one| one.split = Some(split))
}

#[test]
fn an_event_is_split_by_its_list_and_stays_where_it_has_none() {
    let order = json!({"id": 7, "items": [{"sku": "a"}, "b"]});
    check(&splitting(false, None), &order, &[json!({"sku": "a"}), json!({"value": "b"})]);
    let template = json!({"sku": "item@sku", "order": "event@properties.id"});
    let expected = [json!({}), json!({"sku": "a", "order": 7}), json!({"sku": null, "order": 7})];
    check(&splitting(true, Some(&template)), &order, &expected);
    check(&splitting(false, None), &json!({"items": []}), &[json!({})]);
    check(&splitting(false, None), &json!({"items": "none"}), &[json!({})]);
    let many = json!({"items": vec![1; PARTS_MAX]});
    assert_eq!(made(&[splitting(true, None)], &many), Err(Unmade::TooMany));
}

#[test]
fn what_would_take_too_much_is_not_done() {
    let all = json!({"order": "event@properties"});
    let items = json!({"items": vec!["x".repeat(200); 50]});
    assert_eq!(made(&[splitting(true, Some(&all))], &items), Err(Unmade::TooLarge));
}

#[test]
fn only_what_is_known_before_the_queue_may_be_pointed_to() {
    let with = |text: &str| {
        check_reshaping(&rule(|one| one.properties = Some(map(&json!({"a": [text]})))))
    };
    for good in
        ["event@properties.x", "session@id", "profile@id", "me@example.com", "plain", "event@..."]
    {
        assert!(with(good).is_ok(), "{good}");
    }
    for bad in ["profile@traits.x", "session@...", "item@sku", "payload@x", "event@a..b"] {
        assert!(with(bad).is_err(), "{bad}");
    }
    assert!(check_reshaping(&rule(|_| {})).is_err(), "it does nothing");
    assert!(check_reshaping(&renames(&[("properties", "properties.x")])).is_err());
    assert!(check_reshaping(&renames(&[("properties.x", "type")])).is_err());
}

/// Every text that stands somewhere in it, sorted.
fn texts(map: &Map) -> Vec<String> {
    let mut all = Vec::new();
    template::each_text(map, &mut |text| all.push(text.to_owned()));
    all.sort();
    all
}

proptest! {
    /// Where nothing lies over anything else, all that was sent is there after any renaming.
    #[test]
    fn renaming_to_places_of_their_own_keeps_everything(
        from in prop::collection::vec("[a-d](\\.[a-d])?", 0..6),
        keys in prop::collection::btree_set("[a-d]", 0..4),
    ) {
        let properties: Map = keys.iter().map(|key| (key.clone(), json!({"a": key, "b": [key]}))).collect();
        let pairs = from.iter().enumerate();
        let pairs = pairs.map(|(at, from)| (format!("properties.{from}"), format!("properties.to{at}")));
        let one = rule(|one| one.renames = pairs.collect());
        let found = made(&[one], &Value::Object(properties.clone())).unwrap().unwrap();
        let after = found.parts[0].properties.clone().unwrap_or_else(|| properties.clone());
        prop_assert_eq!(texts(&after), texts(&properties));
    }

    /// What was sent is there after any renaming, each value once.
    #[test]
    fn renaming_loses_and_doubles_nothing(
        pairs in prop::collection::vec(("[a-d](\\.[a-d])?", "[e-h](\\.[e-h])?"), 0..6),
        keys in prop::collection::btree_set("[a-d]", 0..4),
    ) {
        let properties: Map = keys.iter().map(|key| (key.clone(), json!({"a": key, "b": [key]}))).collect();
        let pairs = pairs.iter().map(|(from, to)| (format!("properties.{from}"), format!("properties.{to}")));
        let one = rule(|one| one.renames = pairs.collect());
        // What would lie below a text leaves the event as it is.
        let Ok(found) = made(&[one], &Value::Object(properties.clone())) else { return Ok(()) };
        let after = found.unwrap().parts[0].properties.clone().unwrap_or_else(|| properties.clone());
        // A later one may lie over what an earlier one has moved; nothing comes twice.
        let (before, after) = (texts(&properties), texts(&after));
        prop_assert!(after.len() <= before.len());
        prop_assert!(after.iter().all(|text| before.contains(text)));
    }
}
