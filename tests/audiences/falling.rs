//! What halves, whatever it is compared with: whoever is in because of it leaves when it has fallen.

use kith::model::Time;
use serde_json::{Value, json};

use super::{AUDIENCES, TRAITS, did, standing, time, told, warm};
use crate::support::TestApp;

fn views(app: &TestApp, brand: &str) -> String {
    app.track(did("ann", "view", &json!({"brand": brand, "price": 4}))).ok().profile()
}

/// An audience for each condition. What is viewed is worth 4 in `heat`, which halves in an hour; `warmth` halves in two.
fn set_up(app: &TestApp, conditions: &[&str]) {
    let halving = |id: &str, more: Value| {
        let mut posted = json!({"id": id, "function": "halving", "event_type": "view"});
        posted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.post(TRAITS, &posted).ok();
    };
    halving("heat", json!({"half_life": "1h", "of": "properties.price"}));
    halving("warmth", json!({"half_life": "2h"}));
    halving("likes", json!({"function": "interests", "half_life": "1h", "of": "properties.brand"}));
    for (at, condition) in conditions.iter().enumerate() {
        let posted = json!({"id": format!("a{at}"), "name": "a", "condition": condition});
        app.post(AUDIENCES, &posted).ok();
    }
    warm(app);
}

/// After how many seconds it was told that somebody has left each audience: in so many at most.
#[track_caller]
fn leaves(app: &TestApp, who: &str, many: usize, seconds: u64) -> Vec<i64> {
    let is_in = |at: usize| standing(app, who, &format!("a{at}"))["is_in"] == json!(true);
    assert!((0..many).all(is_in), "in all of them");
    let begun = app.clock.now().micros();
    app.advance(seconds);
    time(app);
    let told = told(app, who);
    let after = |at: &str| (Time::parse(at).unwrap().micros() - begun + 500_000) / 1_000_000;
    let left = |at: usize| {
        let mut left = told.iter().filter(|one| one[0] == "audience-left");
        left.find(|one| one[2] == format!("a{at}")).map_or(0, |one| after(&one[1]))
    };
    (0..many).map(left).collect()
}

#[test]
fn it_is_followed_beside_whatever_it_is_compared_with() {
    let app = TestApp::new();
    let conditions = [
        "profile@computed.heat > profile@interests.sport",
        "profile@interests.sport <= profile@computed.heat",
        "NOT profile@computed.heat IN [1, 7]",
        "profile@computed.heat BETWEEN 2 AND 9",
        "profile@computed.heat > profile@computed.warmth",
        "profile@computed.warmth <= profile@computed.heat",
    ];
    set_up(&app, &conditions);
    app.track(did("ann", "increase-interest", &json!({"interest": "sport", "value": 2}))).ok();
    let ann = views(&app, "a");
    let left = leaves(&app, &ann, conditions.len(), 30_000);
    assert_eq!(left, [3_600, 3_600, 7_200, 3_600, 14_400, 14_400]);
}

#[test]
fn of_two_that_halve_alike_none_passes_the_other_until_one_counts_for_nothing() {
    let app = TestApp::new();
    set_up(&app, &["profile@computed.likes.a > profile@computed.likes.b"]);
    views(&app, "b");
    app.advance(3_600);
    let ann = views(&app, "a");
    // Half of what is left of the other one becomes a thousandth.
    assert_eq!(leaves(&app, &ann, 1, 86_400), [32_277]);
}

#[test]
fn what_counts_for_nothing_is_gone_at_that_moment() {
    let app = TestApp::new();
    let conditions = [
        "profile@computed.likes EXISTS",
        "NOT profile@computed.likes EMPTY",
        "profile@computed.likes.a EXISTS",
        "profile@computed.likes.a < 5",
    ];
    set_up(&app, &conditions);
    let ann = views(&app, "a");
    // A thousandth is left.
    assert_eq!(leaves(&app, &ann, conditions.len(), 86_400), [35_877; 4]);
}
