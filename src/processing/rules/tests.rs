//! What events of each kind do.

use serde_json::{Value, json};

use super::*;
use crate::rules;

struct Person {
    data: Map,
    interests: Map,
    consents: Map,
    consent_log: ConsentLog,
    orders: Orders,
    primary_id: Option<String>,
}

fn built_in(kind: &str) -> EventRules {
    rules::built_in().of(kind).unwrap().clone()
}

fn map(value: &Value) -> Map {
    value.as_object().cloned().unwrap()
}

fn nobody() -> Person {
    Person {
        data: Map::new(),
        interests: Map::new(),
        consents: Map::new(),
        consent_log: ConsentLog::default(),
        orders: Orders::default(),
        primary_id: None,
    }
}

fn send(person: &mut Person, kind: &str, properties: &Value) -> Applied {
    send_at(person, 1, kind, properties)
}

fn send_at(person: &mut Person, at: i64, kind: &str, properties: &Value) -> Applied {
    send_as(person, (at, false), kind, properties)
}

fn send_as(
    person: &mut Person,
    (at, only_denies): (i64, bool),
    kind: &str,
    properties: &Value,
) -> Applied {
    let (event, source) = (EventId::new(format!("e{at}")), SourceId::new("shop"));
    let (at, rules) = (Time::from_micros(at), &RuleSet::default());
    let said =
        &Said { at, received: at, position: 0, event: &event, source: &source, only_denies, rules };
    let fields = &mut ProfileFields {
        data: &mut person.data,
        interests: &mut person.interests,
        consents: &mut person.consents,
        consent_log: &mut person.consent_log,
        orders: &mut person.orders,
        primary_id: &mut person.primary_id,
    };
    apply(&built_in(kind), &map(properties), said, fields)
}

#[test]
fn a_sign_in_tells_who_somebody_is() {
    let mut person = nobody();
    let sent = json!({"pk": 5, "email": {"main": " a@b.c "}, "phone": {"main": null}});
    let applied = send(&mut person, "sign-in", &sent);
    let expected = json!({"identifier": {"pk": "5"}, "contact": {"email": {"main": "a@b.c"}}});
    assert_eq!(Value::Object(person.data.clone()), expected);
    assert_eq!(person.primary_id.as_deref(), Some("5"));
    assert_eq!(applied.warnings, vec![]);
    assert_eq!(send(&mut person, "sign-in", &sent), Applied::default(), "again: no change");
}

#[test]
fn a_wrong_type_is_a_warning_and_changes_nothing() {
    let mut person = nobody();
    let applied = send(&mut person, "sign-in", &json!({"email": {"main": {"x": 1}}, "pk": true}));
    let codes: Vec<_> = applied.warnings.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["trait_type", "trait_type"]);
    assert!(person.data.is_empty() && person.primary_id.is_none());
    person.data = map(&json!({"contact": "text"}));
    let applied = send(&mut person, "sign-in", &json!({"email": {"main": "a@b.c"}}));
    assert_eq!(applied.warnings.len(), 1);
}

#[test]
fn interests_rise_fall_and_reset() {
    let mut person = nobody();
    send(&mut person, "increase-interest", &json!({"interest": "a.b", "value": 2.5}));
    send(&mut person, "increase-interest", &json!({"interest": "a.b"}));
    assert_eq!(person.interests["a.b"], json!(3.5));
    send(&mut person, "decrease-interest", &json!({"interest": "a.b", "value": 0.5}));
    assert_eq!(person.interests["a.b"], json!(3));
    send(&mut person, "reset-interest", &json!({"interest": "a.b"}));
    assert_eq!(person.interests["a.b"], json!(0));
    let applied =
        send(&mut person, "increase-interest", &json!({"interest": "x", "value": "much"}));
    assert_eq!(applied.warnings.len(), 1);
    for (kind, value, left) in [
        ("increase-interest", json!("2.50"), json!(2.5)),
        ("decrease-interest", json!(0.4), json!(2.1)),
        ("reset-interest", json!("7"), json!(7)),
        ("decrease-interest", json!(""), json!(6)),
    ] {
        send(&mut person, kind, &json!({"interest": "x", "value": value}));
        assert_eq!(person.interests["x"], left, "{kind} {value}");
    }
}

#[test]
fn a_value_where_an_object_is_wanted_is_told_of_once() {
    let mut person = nobody();
    let sent =
        json!({"email": "ann@example.com", "phone": 48_600_100_200_u64, "app": ["x"], "pk": "7"});
    let applied = send(&mut person, "identification", &sent);
    let told: Vec<&str> = applied.warnings.iter().map(|(_, text)| text.as_str()).collect();
    let wanted = "nothing was taken from email: an object is wanted there, with email.";
    assert!(told.iter().any(|text| text.starts_with(wanted)), "{told:?}");
    let of = |way: &str| told.iter().filter(|text| text.contains(&format!("from {way}:"))).count();
    assert_eq!((of("email"), of("phone"), of("app"), told.len()), (1, 1, 1, 3));
    assert_eq!(person.data["identifier"]["pk"], "7");
    for fine in [json!({"email": null, "phone": " "}), json!({"email": {}}), json!({})] {
        assert!(send(&mut person, "identification", &fine).warnings.is_empty(), "{fine}");
    }
}

#[test]
fn checkouts_are_counted_and_valued() {
    let mut person = nobody();
    send(&mut person, "checkout-started", &json!({"value": 10.5}));
    send(&mut person, "checkout-started", &json!({"value": 9.5}));
    send(&mut person, "checkout-completed", &json!({"value": 10.5}));
    let metrics = json!({"ltcosv": 20, "ltcosc": 2, "ltcocv": 10.5, "ltcocc": 1, "ltcop": 2});
    assert_eq!(person.data["metrics"], metrics);
}

#[test]
fn orders_count_once_by_currency() {
    let mut person = nobody();
    let sale = json!({"order_id": 7, "value": 10.1, "currency": "eur"});
    send_at(&mut person, 1, "sale-completed", &sale);
    send_at(&mut person, 2, "sale-completed", &json!({"value": 20.2, "currency": "EUR"}));
    let done = json!({"id": "7", "income": {"value": 10.1, "currency": "EUR"}});
    let applied = send_at(&mut person, 3, "order-completed", &done);
    assert_eq!(applied.changed, ["data.metrics.ltv", "data.metrics.orders.EUR"]);
    let time = |micros: u32| format!("1970-01-01T00:00:00.00000{micros}Z");
    let euros =
        json!({"count": 2, "value": 30.3, "average": 15.15, "first": time(1), "last": time(2)});
    assert_eq!(person.data["metrics"], json!({"ltv": 30.3, "orders": {"EUR": euros}}));
    assert_eq!(send_at(&mut person, 3, "order-completed", &done), Applied::default());
    send_at(&mut person, 4, "order-completed", &json!({"id": "8", "value": 5}));
    assert_eq!(person.data["metrics"]["ltv"], json!(null), "several are never added");
    assert_eq!(person.data["metrics"]["orders"]["none"]["value"], 5);
    let without = send_at(&mut person, 5, "order-completed", &json!({"id": "9"}));
    assert_eq!(without, Applied::default(), "nothing is unset by what is absent");
    for wrong in [
        json!({"value": "much"}),
        json!({"value": -1}),
        json!({"value": 1e300}),
        json!({"value": 1, "currency": 5}),
        json!({"value": 1, "currency": "złoty"}),
    ] {
        let applied = send_at(&mut person, 6, "sale-completed", &wrong);
        assert_eq!(applied.warnings[0].0, "trait_type", "{wrong}");
        assert!(applied.changed.is_empty());
    }
}

#[test]
fn preferences_are_lists_of_each_thing_once() {
    let mut person = nobody();
    for color in ["red", "blue", "red"] {
        send(&mut person, "add-color-preference", &json!({"color": color}));
    }
    assert_eq!(person.data["preferences"]["colors"], json!(["red", "blue"]));
    send(&mut person, "profile-update", &json!({"preferences": {"sizes": "XL"}}));
    assert_eq!(person.data["preferences"]["sizes"], json!(["XL"]));
}

#[test]
fn consents_are_present_when_granted() {
    let mut person = nobody();
    let sent = json!({"consents": {"a": true, "b": false, "c": {"revoke": "2030-01-01"}, "d": 5}});
    let applied = send(&mut person, "consent-update", &sent);
    let expected = json!({"a": {"revoke": null}, "c": {"revoke": "2030-01-01"}});
    assert_eq!(Value::Object(person.consents), expected);
    assert_eq!(applied.warnings.len(), 1);
}

/// What is granted after `sent` to somebody who has granted `mail` and `ads`, and the codes of warnings.
#[expect(clippy::needless_pass_by_value, reason = "they are written in place")]
fn granted_after(sent: Value) -> (Vec<String>, Vec<&'static str>) {
    let mut person = nobody();
    send_at(&mut person, 1, "consent-update", &json!({"consents": {"mail": true, "ads": true}}));
    let applied = send_at(&mut person, 2, "consent-update", &sent);
    let codes = applied.warnings.into_iter().map(|(code, _)| code).collect();
    (person.consents.keys().cloned().collect(), codes)
}

#[test]
fn what_does_not_clearly_grant_is_denied_and_warned_of() {
    let after = |mail: Value| granted_after(json!({"consents": {"mail": mail}, "partial": true}));
    for clear in [
        json!(true),
        json!({"granted": true}),
        json!({"revoke": null}),
        json!({"revoke": "2030-01-01"}),
        json!({"revoke": 1_893_456_000}),
        json!({"version": 3}),
        json!({"purposes": ["news"]}),
    ] {
        assert_eq!(after(clear.clone()), (vec!["ads".into(), "mail".into()], vec![]), "{clear}");
    }
    for denial in [json!(false), json!(null), json!({"granted": false}), json!({"granted": null})] {
        assert_eq!(after(denial.clone()), (vec!["ads".into()], vec![]), "{denial}");
    }
    for unclear in [
        json!({"value": false}),
        json!({"status": "denied"}),
        json!({"grant": false}),
        json!({}),
        json!({"granted": "true"}),
        json!({"granted": true, "until": "2030-01-01"}),
        json!({"revoke": "30d"}),
        json!({"revoke": false}),
        json!({"granted": true, "revoke": "2020-01"}),
        json!("true"),
        json!(1),
        json!([true]),
    ] {
        let denied = (vec!["ads".into()], vec!["consent_type"]);
        assert_eq!(after(unclear.clone()), denied, "{unclear}");
    }
}

#[test]
fn partial_may_be_written_as_a_text_or_a_number_and_never_erases_when_it_is_odd() {
    let after =
        |partial: Value| granted_after(json!({"consents": {"mail": true}, "partial": partial}));
    for partial in [json!(true), json!("true"), json!("1"), json!(1)] {
        assert_eq!(after(partial.clone()).0, ["ads", "mail"], "{partial}");
        assert!(after(partial).1.is_empty());
    }
    for whole in [json!(false), json!("false"), json!(0), json!(null)] {
        assert_eq!(after(whole.clone()), (vec!["mail".into()], vec![]), "{whole}");
    }
    for odd in [json!("some"), json!(""), json!(2), json!({}), json!([true])] {
        let stayed = (vec!["ads".into(), "mail".into()], vec!["consent_type"]);
        assert_eq!(after(odd.clone()), stayed, "{odd}");
    }
}

#[test]
fn consents_that_are_no_object_change_nothing_and_are_warned_of() {
    for odd in [json!(["mail"]), json!("mail"), json!(true)] {
        let stayed = (vec!["ads".into(), "mail".into()], vec!["consent_type"]);
        assert_eq!(granted_after(json!({"consents": odd})), stayed);
    }
    assert!(granted_after(json!({"consents": null})).1.is_empty());
    assert_eq!(granted_after(json!({"consents": {}})), (vec![], vec![]), "all is taken back");
}

#[test]
fn consents_are_those_of_the_last_word_and_keep_what_was_agreed_to() {
    let mut person = nobody();
    let names = |person: &Person| person.consents.keys().cloned().collect::<Vec<_>>();
    let sent = json!({"consents": {"mail": {"version": 3, "purposes": "news"}, "sms": false},
        "partial": true, "version": "2026-05", "purposes": ["a", "b"]});
    let applied = send_at(&mut person, 5, "consent-update", &sent);
    assert_eq!((applied.changed.len(), names(&person)), (1, vec!["mail".to_owned()]));
    let words = person.consent_log.words();
    let terms: Vec<_> =
        words.iter().map(|word| (word.version.as_deref(), word.purposes.join(" "))).collect();
    assert_eq!(terms, [(Some("3"), "news".to_owned()), (Some("2026-05"), "a b".to_owned())]);
    let late = json!({"consents": {"ads": true}});
    send_at(&mut person, 4, "consent-update", &late);
    assert_eq!(names(&person), ["ads", "mail"], "what was said later stays");
    let denied = json!({"consents": {"push": {"granted": false, "revoke": "2030-01-01"}},
        "partial": true});
    let applied = send_at(&mut person, 6, "consent-update", &denied);
    assert!(applied.changed.is_empty() && applied.leaves_a_trace, "nothing was granted before");
    assert_eq!(send_at(&mut person, 6, "consent-update", &denied), Applied::default());
    send_at(&mut person, 7, "consent-update", &late);
    assert_eq!(names(&person), ["ads"], "the whole leaves out the rest");
}

#[test]
fn of_who_may_have_been_another_only_what_is_taken_back_counts() {
    let mut person = nobody();
    let terms =
        json!({"consents": {"mail": {"version": "1", "revoke": "2030-01-01"}, "ads": true}});
    send_at(&mut person, 1, "consent-update", &terms);
    let mut says = |at, properties: Value| {
        let applied = send_as(&mut person, (at, true), "consent-update", &properties);
        (applied.leaves_a_trace, Value::Object(person.consents.clone()))
    };
    let both = json!({"mail": {"revoke": "2030-01-01"}, "ads": {"revoke": null}});
    let grants = json!({"consents": {"sms": true, "mail": {"version": "9"}}, "partial": true});
    assert_eq!(says(2, grants), (false, both.clone()));
    assert_eq!(
        says(3, json!({"consents": {"sms": true, "mail": true, "ads": true}})),
        (true, both)
    );
    let mail = json!({"mail": {"revoke": "2030-01-01"}});
    assert_eq!(says(4, json!({"consents": {"ads": false}, "partial": true})), (true, mail.clone()));
    assert_eq!(says(5, json!({"consents": {"mail": true, "sms": true}})), (true, mail));
    assert_eq!(says(6, json!({"consents": {}})), (true, json!({})));
    assert!(!person.consent_log.last()["mail"].granted);

    let named = json!({"pk": "5", "email": {"main": "a@b.c"}});
    assert_eq!(send_as(&mut person, (7, true), "sign-in", &named), Applied::default());
    assert_eq!((person.primary_id, person.data), (None, Map::new()));
}

#[test]
fn what_is_said_of_a_consent_in_another_type_is_a_warning() {
    let mut person = nobody();
    let long = "x".repeat(200);
    let sent = json!({"consents": {"a": {"version": {}}, "b": {"purposes": [1, [2]]},
        "c": {"version": long.as_str()}, long.as_str(): false}});
    let applied = send(&mut person, "consent-update", &sent);
    let codes: Vec<_> = applied.warnings.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["trait_too_large", "consent_type"]);
    assert_eq!(person.consents.len(), 3);
    assert_eq!(person.consent_log.last()["b"].purposes, ["1"]);
}

#[test]
fn copies_skip_what_is_absent_or_empty() {
    let sent = map(&json!({"id": "p1", "name": "", "price": 0, "variant": {"color": "red"}}));
    let copied = copy(&built_in("product-clicked"), &sent);
    let expected =
        json!({"ec": {"product": {"id": "p1", "price": 0, "variant": {"color": "red"}}}});
    assert_eq!(Value::Object(copied.data), expected);
    let copied = copy(&built_in("location"), &map(&json!({"location": [10.5, 50.1]})));
    assert_eq!(copied.device["geo"]["latitude"], json!(50.1));
}
