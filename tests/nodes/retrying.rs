//! What databases that spread answer when two transactions meet (40001) is worked out again.

use serde_json::{Value, json};

use super::node;
use crate::support::postgres;

/// The first `times` rounds that want to write events are told to begin again.
fn refuse(url: &str, times: u32) {
    let sql = format!(
        "CREATE SEQUENCE tries; \
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('tries') <= {times} THEN \
         RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001'; END IF; \
         RETURN NEW; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON tail FOR EACH ROW EXECUTE FUNCTION refuse()"
    );
    postgres::ask(url, &sql).unwrap();
}

fn visit(id: &str) -> Value {
    let event = json!({"id": id, "type": "page-view"});
    json!({"session": {"id": "s"}, "events": [event]})
}

#[test]
fn a_round_that_is_told_to_begin_again_does() {
    let url = postgres::create_database();
    let app = node(&url, 1);
    refuse(&url, 3);
    let profile = app.track(visit("one")).ok().profile();
    assert_eq!(postgres::rows(&url, "SELECT last_value FROM tries"), [["4"]]);
    assert_eq!(app.track(visit("two")).ok().profile(), profile);
    let profile = app.get(&format!("/profile/{profile}")).ok().body;
    assert_eq!(profile["metadata"]["time"]["visit"]["count"], 1);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn after_eight_attempts_the_client_is_told_to_come_back() {
    let url = postgres::create_database();
    let app = node(&url, 1);
    refuse(&url, 8);
    let reply = app.track(visit("one"));
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "contended"));
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(postgres::rows(&url, "SELECT last_value FROM tries"), [["8"]]);
    assert_eq!(app.get("/health").status, 200, "nothing has failed");
    app.track(visit("one")).ok();
    let sql = "SELECT count(*) FROM events WHERE id = 'one'";
    let moment = app.history().moment(kith::lake::Span::ALWAYS).unwrap();
    assert_eq!(moment.number(sql, &[]).unwrap(), 1);
}
