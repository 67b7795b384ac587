//! The same load leaves the same in both engines.

use std::collections::BTreeMap;
use std::path::Path;

use kith::lake::ask::{EventsPage, Part, Question as _, Scope};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Setup, TestApp, engine, postgres};

/// What must be the same. Not versions: the embedded engine writes touches later, and fewer times.
const TABLES: [(&str, &str); 7] = [
    ("profile", "SELECT id, body FROM profile ORDER BY id"),
    ("alias", "SELECT id, profile_id FROM alias ORDER BY id"),
    ("identifier", "SELECT namespace, hash, profile_id FROM identifier ORDER BY hash, namespace"),
    ("session", "SELECT id, profile_id, body FROM session ORDER BY id"),
    ("merge", "SELECT loser, winner, merged_at, body FROM merge ORDER BY loser, seq"),
    ("config", "SELECT kind, id, body FROM config ORDER BY kind, id"),
    (
        "columns",
        "SELECT column_id, column_name, column_type FROM ducklake_column ORDER BY column_id",
    ),
];

/// One step of a load.
#[derive(Clone, Debug)]
enum Step {
    Visit { session: u8, page: u8 },
    SignIn { session: u8, email: u8 },
    Again { session: u8, event: u8 },
    Like { session: u8 },
    Remove { session: u8 },
    Pause,
}

fn step() -> impl Strategy<Value = Step> {
    let session = 0_u8..6;
    prop_oneof![
        4 => (session.clone(), 0_u8..3).prop_map(|(session, page)| Step::Visit { session, page }),
        3 => (session.clone(), 0_u8..4).prop_map(|(session, email)| Step::SignIn { session, email }),
        2 => (session.clone(), 0_u8..3).prop_map(|(session, event)| Step::Again { session, event }),
        2 => session.clone().prop_map(|session| Step::Like { session }),
        1 => session.prop_map(|session| Step::Remove { session }),
        1 => Just(Step::Pause),
    ]
}

fn payload(session: u8, event: &Value) -> Value {
    json!({"session": {"id": format!("s{session}")}, "events": [event]})
}

fn take(app: &TestApp, step: &Step) {
    let event = match step {
        Step::Visit { page, .. } => {
            json!({"type": "page-view", "properties": {"page": format!("p{page}")}})
        }
        Step::SignIn { email, .. } => {
            let address = format!("{email}@example.com");
            json!({"type": "sign-in", "properties": {"email": {"main": address}}})
        }
        Step::Again { event, .. } => json!({"id": format!("e{event}"), "type": "purchase"}),
        Step::Like { .. } => {
            json!({"type": "increase-interest", "properties": {"interest": "x", "value": 2}})
        }
        Step::Remove { session } => {
            let found = app.get(&format!("/session/s{session}"));
            if let Some(profile) = found.body["profile"]["id"].as_str() {
                app.delete(&format!("/profile/{profile}"));
            }
            return;
        }
        Step::Pause => return app.advance(2000),
    };
    let (Step::Visit { session, .. }
    | Step::SignIn { session, .. }
    | Step::Again { session, .. }
    | Step::Like { session }
    | Step::Remove { session }) = step
    else {
        return;
    };
    app.track(payload(*session, &event)).ok();
    app.advance(1);
}

/// Everything there is after the load, and the events as history tells them.
fn dump(setup: Setup, load: &[Step]) -> BTreeMap<&'static str, Vec<Vec<String>>> {
    let app = TestApp::with(setup);
    load.iter().for_each(|step| take(&app, step));
    let all = EventsPage { scope: Scope::default(), part: Part { after: None, limit: 10_000 } };
    let moment = app.history().moment(all.span()).unwrap();
    let events = all.answer(&moment).unwrap().rows;
    let events = events.into_iter().map(|event| vec![Value::Object(event).to_string()]).collect();
    drop(moment);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    let folder = app.stop();
    let rows = TABLES.map(|(table, sql)| (table, engine::rows(folder.path(), sql)));
    let others = [("events", events), ("seen", seen(folder.path()))];
    rows.into_iter().chain(others).collect()
}

/// The marks of event ids: where they are looked up and, in a file, where they wait to be entered there.
fn seen(folder: &Path) -> Vec<Vec<String>> {
    let mut seen = engine::rows(folder, "SELECT hash, rest, day FROM seen");
    if engine::is_embedded(folder) {
        for row in engine::rows(folder, "SELECT hex(marks), day FROM mark_batch") {
            let [marks, day] = row.try_into().unwrap();
            let half =
                |text: &str| u64::from_str_radix(text, 16).unwrap().swap_bytes().cast_signed();
            for mark in marks.as_bytes().chunks(32).map(|mark| std::str::from_utf8(mark).unwrap()) {
                let (hash, rest) = mark.split_at(16);
                seen.push(vec![half(hash).to_string(), half(rest).to_string(), day.clone()]);
            }
        }
    }
    seen.sort_unstable();
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_same_load_leaves_the_same_in_both_engines(load in prop::collection::vec(step(), 1..40)) {
        let url = postgres::shared().create_database();
        let embedded = dump(Setup::default(), &load);
        let shared = dump(Setup { folder: engine::folder_for(&url), ..Setup::default() }, &load);
        for (table, rows) in &embedded {
            prop_assert_eq!(rows, &shared[table], "{}", table);
        }
    }
}
