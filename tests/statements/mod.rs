//! On a server of somebody's own: whether it can be used, and which statements a run of the other tests has sent there.
//!
//! `make postgres` and `make citus` begin and end with these.

mod sources;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use crate::support::postgres::door::{self, STATEMENTS, door};

/// Statements that no test sends there, by how they begin, and why.
const NOT_SENT: [(&str, &str); 9] = [
    ("SELECT id, written_through FROM stream ORDER BY id", EMBEDDED),
    ("SELECT body, version FROM profile WHERE id = $1", EMBEDDED),
    ("INSERT INTO alarm (profile_id, at) VALUES ($1, $2)", EMBEDDED),
    ("INSERT INTO membership (audience, profile_id, since) VALUES", EMBEDDED),
    ("DELETE FROM membership WHERE audience = $1 AND profile_id = $2", EMBEDDED),
    ("SELECT create_distributed_table('{}'", "It is two, of which each is sent by itself."),
    ("SELECT 'kith' AS prepared", POOLER),
    ("SELECT name FROM pg_prepared_statements", POOLER),
    ("SELECT quote_ident(current_user)", POOLER),
];
const EMBEDDED: &str = "It is said in words of both engines, and by the embedded one alone.";
const POOLER: &str = "It is said through a pooler in transaction mode, as `nodes::pooler` does.";
/// What is not said where tables are spread: rows of many places are not locked by one statement.
const IN_ONE_PLACE: [&str; 2] = [
    "SELECT id FROM session WHERE id = ANY($1) ORDER BY",
    "SELECT id FROM profile WHERE id = ANY($1) ORDER BY",
];

/// Not by a macro, whose text would only be shown where a test fails.
fn say(what: &str) {
    drop(std::io::stderr().write_all(format!("{what}\n").as_bytes()));
}

/// Before all others, so that a server that is none ends with one sentence.
#[test]
fn the_server_can_be_used() {
    if door().is_none() {
        say(&format!("skipped: neither {} nor {} names a server", door::PLAIN, door::CITUS));
    }
}

/// After all others: removes what they have made there, too.
#[test]
fn every_statement_was_sent() {
    let Some(file) = std::env::var_os(STATEMENTS) else {
        return say(&format!("skipped: {STATEMENTS} names no file with what a run has sent"));
    };
    let door = door().expect("a server");
    door.clean();
    let said = std::fs::read_to_string(file).unwrap();
    let said = said.lines().map(|line| serde_json::from_str::<String>(line).unwrap());
    let run: BTreeSet<String> = said.map(|text| sources::plain(&text)).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage");
    let written = sources::written(&root, &root.join("sqlite"));
    let (sent, unsent): (Vec<_>, Vec<_>) =
        written.iter().partition(|one| run.iter().any(|run| one.is(run)));
    let (known, unknown): (Vec<_>, Vec<_>) =
        unsent.into_iter().partition(|one| is_known(&one.text, door.spreads));
    let [all, sent, known] = [written.len(), sent.len(), known.len()];
    say(&format!("{all} statements: {sent} sent, {known} known not to be"));
    assert!(unknown.is_empty(), "nobody has tried these there: {unknown:#?}");
}

fn is_known(text: &str, spreads: bool) -> bool {
    let elsewhere = IN_ONE_PLACE.iter().filter(|_| spreads);
    NOT_SENT.iter().map(|(begin, _)| begin).chain(elsewhere).any(|begin| text.starts_with(begin))
}
