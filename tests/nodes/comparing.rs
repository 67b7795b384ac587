//! What a round was decided on is compared with what is there when it is committed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use kith::clock::Clock;
use kith::config::Config;
use kith::model::{
    Bridge, Identifier, Namespace, Profile, ProfileId, Session, SessionId, Source, SourceId, Time,
};
use kith::registry::{Author, Registry};
use kith::storage::{Bound, Changes, Committed, Moved, Postgres, Read, Storage, Through, Wanted};
use serde_json::json;
use tempfile::TempDir;

use super::node;
use crate::support::app::{SOURCE, start};
use crate::support::postgres;
use crate::support::proxy::Proxy;

const PATIENCE: Duration = Duration::from_secs(20);

fn open(url: &str) -> Arc<dyn Storage> {
    let config = Config::for_testing(TempDir::new().unwrap().path().to_owned()).storage;
    let storage = Postgres::open(url, &config, &Clock::set_to(start()), [7; 32]).unwrap();
    storage.claim("test", start()).unwrap();
    Arc::new(storage)
}

fn at(seq: u64) -> Through {
    Through { stream: Arc::from("test"), seq }
}

/// Waits until the database answers `sql` with a row.
fn until(url: &str, sql: &str) {
    let begun = Instant::now();
    while postgres::rows(url, sql).is_empty() {
        assert!(begun.elapsed() < PATIENCE, "never: {sql}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A database in which Ann has signed in, in a session of her own.
struct Stage {
    url: String,
    storage: Arc<dyn Storage>,
    session: (Arc<Session>, i64),
    profile: (Arc<Profile>, i64),
    bound: Bound,
    marks: Vec<kith::model::Mark>,
}

impl Stage {
    fn new() -> Self {
        let url = postgres::create_database();
        let app = node(&url, 1);
        let properties = json!({"email": {"main": "ann@example.com"}});
        let event = json!({"id": "e1", "type": "sign-in", "properties": properties});
        app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
        let hashing = &app.app().hashing;
        let email = Namespace::new("email");
        let value = "ann@example.com".to_owned();
        let key = hashing.identifier(&Identifier { namespace: email, value });
        let marks = vec![hashing.mark(SOURCE, "e1")];
        let storage = open(&url);
        let (sessions, identifiers) = (vec![SessionId::new("s")], vec![key]);
        let wanted = Wanted { sessions, identifiers, ..Wanted::default() };
        let mut loaded = storage.load(&wanted).unwrap();
        let row = loaded.sessions.pop().unwrap();
        let (profile, version) = loaded.profiles.pop().unwrap();
        let (key, holder) = loaded.identifiers.pop().unwrap();
        Self {
            url,
            storage,
            session: (Arc::new(row.session), row.version),
            profile: (Arc::new(profile), version),
            bound: Bound { key, was: Some(holder.clone()), holder },
            marks,
        }
    }

    /// What has moved, and that nothing was written.
    #[track_caller]
    fn lost(&self, changes: Changes) -> Moved {
        let everything = "SELECT id, version FROM profile UNION ALL SELECT id, version FROM session \
                          UNION ALL SELECT profile_id, 0 FROM alias \
                          UNION ALL SELECT profile_id, 0 FROM identifier \
                          UNION ALL SELECT id, written_through FROM stream ORDER BY 1, 2";
        let before = postgres::rows(&self.url, everything);
        let committed = self.storage.commit(&Changes { at: at(1), ..changes }).unwrap();
        assert_eq!(postgres::rows(&self.url, everything), before);
        let Committed::Moved(moved) = committed else { panic!("it was taken") };
        moved
    }
}

#[test]
fn a_session_is_written_over_what_was_read_only() {
    let stage = Stage::new();
    let (session, version) = &stage.session;
    let moved = Moved { sessions: vec![session.id.clone()], ..Moved::default() };
    for late in [1, version + 2] {
        let sessions = vec![(Arc::clone(session), late)];
        assert_eq!(stage.lost(Changes { sessions, ..Changes::default() }), moved);
    }
    let read = Read { sessions: vec![(session.id.clone(), version + 1)], ..Read::default() };
    assert_eq!(stage.lost(Changes { read, ..Changes::default() }), moved);
}

#[test]
fn a_profile_is_written_and_ended_over_what_was_read_only() {
    let stage = Stage::new();
    let (profile, version) = &stage.profile;
    let moved = Moved { profiles: vec![profile.id.clone()], ..Moved::default() };
    for late in [1, version + 2] {
        let profiles = vec![(Arc::clone(profile), late)];
        assert_eq!(stage.lost(Changes { profiles, ..Changes::default() }), moved);
    }
    let ended = vec![(profile.id.clone(), version + 1)];
    assert_eq!(stage.lost(Changes { ended, ..Changes::default() }), moved);
    let read = Read { profiles: vec![(profile.id.clone(), version + 1)], ..Read::default() };
    assert_eq!(stage.lost(Changes { read, ..Changes::default() }), moved);
}

#[test]
fn what_is_new_is_new() {
    let stage = Stage::new();
    let (somebody, mut bound) = (ProfileId::new("somebody"), stage.bound.clone());
    let aliases = vec![(stage.profile.0.id.clone(), somebody.clone())];
    assert_eq!(stage.lost(Changes { aliases, ..Changes::default() }), Moved::default());
    let marks = stage.marks.clone();
    assert_eq!(stage.lost(Changes { marks, ..Changes::default() }), Moved::default());
    let moved = Moved { identifiers: vec![bound.key.clone()], ..Moved::default() };
    bound.holder = somebody.clone();
    for was in [None, Some(somebody)] {
        let identifiers = vec![Bound { was, ..bound.clone() }];
        assert_eq!(stage.lost(Changes { identifiers, ..Changes::default() }), moved);
    }
}

#[test]
fn who_has_lost_a_round_locks_what_it_is_about() {
    let stage = Stage::new();
    let (session, version) = &stage.session;
    let next = || Changes {
        at: at(1),
        sessions: vec![(Arc::clone(session), version + 1)],
        ..Changes::default()
    };
    let moved = Moved { sessions: vec![session.id.clone()], ..Moved::default() };
    let wanted = Wanted { locked: Some(moved.clone()), ..Wanted::default() };
    stage.storage.load(&wanted).unwrap();
    let other = open(&stage.url);
    thread::scope(|scope| {
        let other = scope.spawn(|| other.commit(&next()).unwrap());
        let waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                     AND datname = current_database()";
        until(&stage.url, waits);
        assert_eq!(stage.storage.commit(&next()).unwrap(), Committed::Done);
        assert_eq!(other.join().unwrap(), Committed::Moved(moved));
    });
}

#[test]
fn who_is_merged_while_they_are_loaded_is_followed() {
    let stage = Stage::new();
    let ann = &stage.profile.0.id;
    // Between the moment when the id is followed and that when the profile is read.
    let merge = format!(
        "BEGIN; LOCK TABLE profile; SELECT pg_sleep(1); \
         INSERT INTO profile SELECT 'older', version, replace(body, '{ann}', 'older') FROM profile; \
         DELETE FROM profile WHERE id = '{ann}'; UPDATE alias SET profile_id = 'older'; COMMIT"
    );
    let loaded = thread::scope(|scope| {
        let merging = scope.spawn(|| postgres::ask(&stage.url, &merge).unwrap());
        let locked = "SELECT 1 FROM pg_locks JOIN pg_class ON pg_class.oid = relation \
                      WHERE relname = 'profile' AND mode = 'AccessExclusiveLock' \
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        until(&stage.url, locked);
        let wanted = Wanted { profiles: vec![ann.clone()], ..Wanted::default() };
        let loaded = stage.storage.load(&wanted).unwrap();
        merging.join().unwrap();
        loaded
    });
    assert_eq!(loaded.aliases, [(ann.clone(), ProfileId::new("older"))]);
    assert_eq!(loaded.profiles.len(), 1);
}

/// Lets every commit that makes an alias do something at its very end.
fn at_commit(url: &str, what: &str) {
    let sql = format!(
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN PERFORM {what}; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON alias DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION late()"
    );
    postgres::ask(url, &sql).unwrap();
}

fn with_an_alias() -> Changes {
    let id = ProfileId::new("a");
    Changes { at: at(1), aliases: vec![(id.clone(), id)], ..Changes::default() }
}

#[test]
fn a_commit_whose_answer_was_lost_is_known_to_be_done() {
    let url = postgres::create_database();
    let place = url.split(['@', '/']).find(|part| part.contains("127.0.0.1:")).unwrap();
    let proxy = Proxy::to(place.parse::<SocketAddr>().unwrap());
    let storage = open(&url.replace(place, &proxy.address().to_string()));
    at_commit(&url, "pg_sleep(1)");
    thread::scope(|scope| {
        let committed = scope.spawn(|| storage.commit(&with_an_alias()));
        let commits = "SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' \
                       AND wait_event = 'PgSleep' AND datname = current_database()";
        until(&url, commits);
        proxy.refuse();
        proxy.accept();
        assert_eq!(committed.join().unwrap().unwrap(), Committed::Done);
    });
    assert_eq!(postgres::rows(&url, "SELECT id FROM alias"), [["a"]]);
}

#[test]
fn a_commit_that_was_cut_off_is_known_not_to_be_done() {
    let url = postgres::create_database();
    let storage = open(&url);
    at_commit(&url, "pg_terminate_backend(pg_backend_pid())");
    let error = storage.commit(&with_an_alias()).unwrap_err();
    assert!(matches!(error, kith::storage::StorageError::Away(_)), "{error}");
    assert_eq!(postgres::rows(&url, "SELECT id FROM alias").len(), 0);
    postgres::ask(&url, "DROP TRIGGER late ON alias").unwrap();
    assert_eq!(storage.commit(&with_an_alias()).unwrap(), Committed::Done);
}

#[test]
fn an_answer_means_that_it_is_on_disk_whatever_the_server_says() {
    // A setting of the database, which nobody else's is to have.
    let url = postgres::shared().create_database();
    let database = url.rsplit('/').next().unwrap();
    let sql = format!("ALTER DATABASE {database} SET synchronous_commit = off");
    postgres::ask(&url, &sql).unwrap();
    let storage = open(&url);
    postgres::ask(&url, "CREATE TABLE said (text TEXT)").unwrap();
    at_commit(&url, "set_config('kith.said', current_setting('synchronous_commit'), false)");
    let note = "CREATE OR REPLACE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                INSERT INTO said VALUES (current_setting('synchronous_commit')); RETURN NULL; \
                END $$";
    postgres::ask(&url, note).unwrap();
    assert_eq!(storage.commit(&with_an_alias()).unwrap(), Committed::Done);
    assert_eq!(postgres::rows(&url, "SELECT text FROM said"), [["on"]]);
}

#[test]
fn nodes_are_told_of_a_change_of_the_configuration() {
    let url = postgres::create_database();
    let (one, other) = (open(&url), open(&url));
    let (tell, told) = channel();
    other.watch_config(Arc::new(move || tell.send(()).unwrap_or_default()));
    let listens = "SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN kith_config' \
                   AND state = 'idle' AND datname = current_database()";
    until(&url, listens);
    let source = Source::new(SourceId::new("new"), "New", vec![Bridge::Rest], start());
    let registry = Registry::open(one, Clock::set_to(start())).unwrap();
    registry.put(&source, Author::named("somebody")).unwrap();
    told.recv_timeout(Duration::from_secs(1)).unwrap();
}

#[test]
fn who_starts_while_another_makes_the_tables_waits_for_them() {
    // On a server that spreads, the tables are there.
    let url = postgres::shared().create_database();
    let format = "CREATE TABLE kith_format (id BIGINT PRIMARY KEY, format BIGINT); \
                  INSERT INTO kith_format VALUES (1, 0)";
    postgres::ask(&url, format).unwrap();
    thread::scope(|scope| {
        let hold = "BEGIN; SELECT 1 FROM kith_format FOR UPDATE; SELECT pg_sleep(1); COMMIT";
        let first = scope.spawn(|| postgres::ask(&url, hold).unwrap());
        until(
            &url,
            "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
                     AND datname = current_database()",
        );
        let second = scope.spawn(|| drop(open(&url)));
        until(
            &url,
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                     AND query LIKE 'SELECT format FROM kith_format%' \
                     AND datname = current_database()",
        );
        first.join().unwrap();
        second.join().unwrap();
    });
}

#[test]
fn a_mark_that_another_flush_has_moved_is_not_moved_again() {
    let url = postgres::create_database();
    let storage = open(&url);
    let change = |from, to| kith::storage::LakeChange {
        time: Time::default(),
        flushed: vec![(at(from), to)],
        ..kith::storage::LakeChange::default()
    };
    use kith::storage::Landed;
    assert_eq!(storage.commit_lake(&change(0, 2)).unwrap(), Landed::Done);
    assert_eq!(storage.commit_lake(&change(0, 3)).unwrap(), Landed::Overtaken);
    assert_eq!(storage.commit_lake(&change(2, 3)).unwrap(), Landed::Done);
}

#[test]
fn a_connection_that_gave_no_answer_is_not_used_again() {
    let url = postgres::create_database();
    let mut config = Config::for_testing(TempDir::new().unwrap().path().to_owned()).storage;
    config.statement_seconds_max = 1;
    config.connections_max = 3;
    let storage: Arc<dyn Storage> =
        Arc::new(Postgres::open(&url, &config, &Clock::set_to(start()), [7; 32]).unwrap());
    let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
               AND application_name = 'kith'";
    let pids = postgres::rows(&url, sql);
    let signal = |name: &str| {
        let pids = pids.iter().map(|row| row[0].as_str());
        std::process::Command::new("kill").arg(name).args(pids).status().unwrap();
    };
    signal("-STOP");
    let silent = storage.config_version();
    let next = storage.config_version();
    signal("-CONT");
    assert!(silent.is_err());
    assert_eq!(next.unwrap(), 0);
}

#[test]
fn a_round_leaves_the_tail_only_for_files_that_hold_all_of_it() {
    let stage = Stage::new();
    let waiting = "SELECT id, written_through FROM stream WHERE events > 0";
    let row = postgres::rows(&stage.url, waiting).pop().unwrap();
    let from = Through { stream: Arc::from(row[0].as_str()), seq: 0 };
    let flushed = vec![(from, row[1].parse().unwrap())];
    let change = kith::storage::LakeChange { flushed, ..kith::storage::LakeChange::default() };
    assert!(stage.storage.commit_lake(&change).is_err());
    assert_eq!(postgres::rows(&stage.url, waiting), [row]);
}
