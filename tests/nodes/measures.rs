//! What a node measures of the database that it shares.

use serde_json::json;

use super::node;
use crate::support::{TestApp, postgres};

#[track_caller]
fn shows(app: &TestApp, line: &str) {
    let metrics = app.app().metrics();
    assert!(metrics.contains(&format!("{line}\n")), "{line} is not in\n{metrics}");
}

#[test]
fn connections_are_measured_and_so_is_who_waits_for_one() {
    let url = postgres::shared().create_database();
    let app = node(&url, 1);
    let visit = json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    app.track(visit).ok();
    shows(&app, "kith_database_connections_used{pool=\"rounds\"} 0");
    shows(&app, "kith_database_connections_wanted{pool=\"others\"} 0");
    shows(&app, "kith_database_waits_total{pool=\"rounds\"} 0");
    let metrics = app.app().metrics();
    let open = |pool: &str| {
        let name = format!("kith_database_connections{{pool=\"{pool}\"}} ");
        let found = metrics.lines().find_map(|line| line.strip_prefix(&name));
        found.unwrap().parse::<usize>().unwrap()
    };
    assert!((1..=2).contains(&open("rounds")) && open("others") > 0);
}

#[test]
fn a_commit_that_is_not_answered_is_counted_as_what_became_of_it() {
    let url = postgres::shared().create_database();
    let app = node(&url, 1);
    let doubt = "CREATE SEQUENCE tries; \
         CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('tries') = 1 THEN \
         RAISE EXCEPTION 'nobody knows' USING ERRCODE = '08007'; END IF; \
         RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER doubt AFTER INSERT ON tail DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION doubt()";
    postgres::ask(&url, doubt).unwrap();
    shows(&app, "kith_transactions_doubted_total{outcome=\"undone\"} 0");
    let visit = json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    assert_eq!(app.track(visit).status, 503);
    shows(&app, "kith_transactions_doubted_total{outcome=\"undone\"} 1");
    shows(&app, "kith_transactions_doubted_total{outcome=\"unknown\"} 0");
    shows(&app, "kith_transactions_in_doubt 0");
}
