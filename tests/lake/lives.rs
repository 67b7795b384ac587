//! Lives of committers that are over leave, and nothing of them is missed or told twice.

use kith::lake::Span;

use super::support::{ids, lake, number, view};
use crate::committer::recovery::reopened;
use crate::support::{TestApp, engine};

/// Longer than a life's lease must have run out.
const LONG: u64 = 700;

fn lives(app: &TestApp) -> usize {
    engine::rows(app.folder(), "SELECT id FROM stream").len()
}

/// How many left.
fn bury(app: &TestApp) -> usize {
    let now = app.clock.now();
    app.app().storage.bury(&app.app().committer.stream(), now).unwrap()
}

/// The same folder with the next life of its committer.
fn again(app: TestApp, seed: u64) -> TestApp {
    let clock = app.clock.clone();
    reopened(app.stop(), &clock, seed)
}

fn flush(app: &TestApp) {
    lake(app).flush().unwrap();
    app.app().storage.tidy_up(app.clock.now()).unwrap();
}

#[test]
fn a_life_leaves_when_all_of_it_is_in_files() {
    let app = TestApp::new();
    app.track(view("a", "one")).ok();
    let app = again(app, 2);
    app.track(view("b", "two")).ok();
    assert_eq!((lives(&app), bury(&app)), (2, 0), "it is not over for long");
    app.advance(LONG);
    assert_eq!(bury(&app), 0, "its round is in no file");
    let reader = app.history();
    let count = "SELECT count(*) FROM events WHERE type = 'page-view'";
    let told = || reader.moment(Span::ALWAYS).unwrap().number(count, &[]).unwrap();
    assert_eq!(told(), 2);
    let before = ids(&app);
    flush(&app);
    assert_eq!(bury(&app), 1);
    assert_eq!((lives(&app), bury(&app)), (1, 0), "the one that goes on stays");
    assert_eq!(told(), 2, "whoever had its rounds does not tell them twice");
    assert_eq!(ids(&app), before);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    let app = again(app, 3);
    app.track(view("c", "one")).ok();
    assert_eq!(number(&app, count), 3);
}

#[test]
fn mergers_outlive_the_life_they_were_in() {
    let sign_in = |id: &str, session: &str| {
        let mut payload = view(id, session);
        payload["events"][0]["type"] = "sign-in".into();
        payload["events"][0]["properties"] =
            serde_json::json!({"email": {"main": "ann@example.com"}});
        payload
    };
    let app = TestApp::new();
    app.track(view("a", "one")).ok();
    app.advance(1);
    app.track(view("b", "two")).ok();
    app.track(sign_in("c", "one")).ok();
    app.track(sign_in("d", "two")).ok();
    let app = again(app, 2);
    let early = app.history();
    let people = "SELECT count(DISTINCT profile_id) FROM events";
    let told = |history: &kith::lake::History| {
        history.moment(Span::ALWAYS).unwrap().number(people, &[]).unwrap()
    };
    assert_eq!(told(&early), 1);
    flush(&app);
    app.advance(LONG);
    assert_eq!((bury(&app), lives(&app)), (1, 1));
    assert_eq!(told(&early), 1, "whoever followed them");
    assert_eq!(told(&app.history()), 1, "and whoever begins");
    let app = again(app, 3);
    app.track(view("e", "three")).ok();
    assert_eq!(number(&app, people), 2);
}
