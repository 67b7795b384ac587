//! A person's archive is whole.

use super::support::view;
use crate::support::{Setup, TestApp};

#[test]
fn an_archive_holds_more_than_an_answer_may() {
    let configure = |config: &mut kith::config::Config| config.query.rows_max = 5;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let mut person = String::new();
    for number in 0..9 {
        person = app.track(view(&format!("e{number}"), "me")).ok().profile();
        app.advance(1);
    }
    app.track(view("other", "them")).ok();
    let archive = app.get(&format!("/api/profiles/{person}/export"));
    assert!(archive.header("content-disposition").starts_with("attachment"));
    let archive = archive.ok().body;
    let ids: Vec<&str> = archive["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["type"] == "page-view")
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["e8", "e7", "e6", "e5", "e4", "e3", "e2", "e1", "e0"]);
    assert_eq!(archive["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/api/profiles/nobody/export").status, 404);
}
