//! Nodes behind a `PgBouncer` in transaction mode, where every transaction may be on another connection.

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;
use tokio_postgres::NoTls;

use super::bad_days::{Topology, check, pause, under_load};
use crate::support::postgres::pgbouncer::{KEEPS, PgBouncer, SHARED};
use crate::support::postgres::{self, Cluster};
use crate::support::server::{Server, agent, kith};

/// What whoever opens the database says when it is refused.
fn refusal(url: &str) -> String {
    let folder = TempDir::new().unwrap();
    let mut list = kith(folder.path(), &["source", "list"]);
    let output = list.env("KITH_DATABASE_URL", url).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// What a command that succeeded said.
fn said(folder: &Path, arguments: &[&str], environment: &[(String, String)]) -> String {
    let mut command = kith(folder, arguments);
    let output = command.envs(environment.iter().cloned()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Everything that a connection can keep for whoever has it next, of every connection of the pooler.
fn kept(url: &str) -> Vec<String> {
    const LEFT: &str = "SELECT string_agg(left_over, ', ') FROM ( \
        SELECT name || ' = ' || setting AS left_over FROM pg_settings \
        WHERE source = 'session' AND name NOT IN \
        ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings') \
        UNION ALL SELECT 'listens' FROM pg_listening_channels() \
        UNION ALL SELECT 'locks' FROM pg_locks WHERE locktype = 'advisory' \
        UNION ALL SELECT relname FROM pg_class WHERE relpersistence = 't' \
        UNION ALL SELECT name FROM pg_prepared_statements WHERE name NOT LIKE 'PGBOUNCER%') AS l";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut clients, mut kept) = (Vec::new(), Vec::new());
        // Each in a transaction, so that no two have the same.
        for _ in 0..SHARED {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::task::spawn(connection);
            client.batch_execute("BEGIN").await.unwrap();
            for message in client.simple_query(LEFT).await.unwrap() {
                if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                    kept.extend(row.get(0).map(str::to_owned));
                }
            }
            clients.push(client);
        }
        kept
    })
}

#[test]
fn nothing_is_lost_while_it_or_the_server_restarts_and_nothing_stays_on_its_connections() {
    let cluster = Cluster::start();
    let Some(bouncer) = PgBouncer::start(&cluster, KEEPS) else { return };
    let url = cluster.create_database();
    let through = bouncer.url(&url);
    let all = Topology::start_on(cluster, url, format!("{through}?pooler=transaction"));
    let mut meanwhile = Vec::new();
    let told = under_load(&all, || {
        pause(2.0);
        meanwhile = kept(&through);
        for _ in 0..3 {
            bouncer.restart_immediately();
            pause(1.5);
        }
        for _ in 0..3 {
            all.cluster.restart_immediately();
            pause(1.5);
        }
    });
    assert_eq!(meanwhile, Vec::<String>::new(), "while they work");
    assert!(told.refused > 0, "clients were told to come back");
    check(&all, &told);
    assert_eq!(kept(&through), Vec::<String>::new(), "after it");
    let mut compact = kith(all.folders[0].path(), &["events", "compact"]);
    assert!(compact.envs(all.environment()).status().unwrap().success());
    let waiting = "SELECT CAST(sum(events) AS BIGINT) FROM stream";
    assert_eq!(postgres::rows(&all.url, waiting), [["0"]], "all of it is in files");
    check(&all, &told);
}

/// The server is gone in the middle of a commit, for which a pooler has a word of its own.
#[test]
fn a_commit_that_the_pooler_cannot_tell_of_is_looked_up() {
    const OF_A_ROUND: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks \
        USING (pid) WHERE wait_event = 'SyncRep' AND relation = 'tail'::regclass \
        AND mode = 'RowExclusiveLock'";
    let cluster = Cluster::start();
    let Some(bouncer) = PgBouncer::start(&cluster, KEEPS) else { return };
    let url = cluster.create_database();
    let through = format!("{}?pooler=transaction", bouncer.url(&url));
    let environment = [("KITH_DATABASE_URL".to_owned(), through)];
    let folder = TempDir::new().unwrap();
    let said = |arguments: &[&str]| said(folder.path(), arguments, &environment);
    said(&["source", "add", "Shop", "--id", "shop"]);
    let node = Server::start_in(folder.path(), &environment);
    let event = json!({"id": "one", "type": "page-view"});
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [event]});
    // Nobody copies it: whatever is committed from now on is on disk, and not answered.
    postgres::ask(&url, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'").unwrap();
    postgres::ask(&url, "SELECT pg_reload_conf()").unwrap();
    let (status, answer) = std::thread::scope(|scope| {
        let sent = scope.spawn(|| node.track(&agent(), &payload).unwrap());
        while postgres::rows(&url, OF_A_ROUND).is_empty() {
            assert!(!sent.is_finished(), "it waits for somebody who copies");
            pause(0.05);
        }
        postgres::ask(&url, "ALTER SYSTEM RESET synchronous_standby_names").unwrap();
        postgres::ask(&url, "SELECT pg_reload_conf()").unwrap();
        sent.join().unwrap()
    });
    assert_eq!(status, 200, "{answer}");
    let count = ["sql", "SELECT count(*) FROM events WHERE type = 'page-view'", "--format", "csv"];
    assert!(said(&count).ends_with("\n1\n"));
}

#[test]
fn a_merger_is_taken_back_and_what_is_there_can_be_asked_for() {
    let cluster = postgres::shared();
    let Some(bouncer) = PgBouncer::start(cluster, KEEPS) else { return };
    let url = format!("{}?pooler=transaction", bouncer.url(&cluster.create_database()));
    let environment = vec![("KITH_DATABASE_URL".to_owned(), url)];
    let folder = TempDir::new().unwrap();
    let said = |arguments: &[&str]| said(folder.path(), arguments, &environment);
    said(&["source", "add", "Shop", "--id", "shop", "--trust", "trusted"]);
    let node = Server::start_in(folder.path(), &environment);
    let known_by = |session: &str| {
        let properties = json!({"email": {"main": "ann@example.com"}});
        let events = json!([{"type": "sign-in", "properties": properties}]);
        json!({"source": {"id": "shop"}, "session": {"id": session}, "events": events})
    };
    let agent = agent();
    let view = json!({"source": {"id": "shop"}, "session": {"id": "b"}, "events": [{"type": "page-view"}]});
    let sent = [known_by("a"), view, known_by("b")];
    let people = sent.map(|payload| {
        let (status, answer) = node.track(&agent, &payload).unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["profile"]["id"].as_str().unwrap().to_owned()
    });
    assert_ne!(people[0], people[1]);
    assert_eq!(people[0], people[2], "one person");
    let count = ["sql", "SELECT count(*) FROM events WHERE type = 'sign-in'", "--format", "csv"];
    assert!(said(&count).ends_with("\n2\n"), "of one moment");
    assert!(said(&["merge", "undo-all", "email", "ann@example.com"]).contains("taken back"));
    assert!(said(&["check"]).contains("whole"));
}

#[test]
fn one_that_was_not_told_of_is_noticed_before_anything_is_set() {
    let cluster = postgres::shared();
    let Some(bouncer) = PgBouncer::start(cluster, KEEPS) else { return };
    let through = bouncer.url(&cluster.create_database());
    let said = refusal(&through);
    assert!(said.contains("pooler=transaction in database_url"), "{said}");
    assert_eq!(kept(&through), Vec::<String>::new());
}

#[test]
fn one_that_forgets_what_was_prepared_is_refused() {
    let cluster = postgres::shared();
    // As all before 1.21 do.
    let forgets = "max_prepared_statements = 0";
    let Some(bouncer) = PgBouncer::start(cluster, forgets) else { return };
    let through = bouncer.url(&cluster.create_database());
    let said = refusal(&format!("{through}?pooler=transaction"));
    assert!(said.contains("1.21") && said.contains("max_prepared_statements"), "{said}");
    assert_eq!(kept(&through), Vec::<String>::new());
}

/// What is said to do about a setting that no transaction can say for itself helps.
#[test]
fn an_answer_means_that_it_is_on_disk_there_too() {
    let cluster = Cluster::start();
    let Some(bouncer) = PgBouncer::start(&cluster, KEEPS) else { return };
    let url = cluster.create_database();
    postgres::ask(&url, "ALTER ROLE kith SET synchronous_commit = off").unwrap();
    let through = format!("{}?pooler=transaction", bouncer.url(&url));
    let said = refusal(&through);
    let line = said.lines().find(|line| line.contains("ALTER ROLE")).unwrap_or_default();
    assert!(line.ends_with(';'), "{said}");
    postgres::ask(&url, line).unwrap();
    postgres::ask(&bouncer.url("/pgbouncer"), "RECONNECT").unwrap();
    let folder = TempDir::new().unwrap();
    drop(Server::start_in(folder.path(), &[("KITH_DATABASE_URL".to_owned(), through)]));
}

/// It has connections of its own there, so it does no harm to say it.
#[test]
fn whoever_says_it_without_need_is_served() {
    let url = format!("{}?pooler=transaction", postgres::shared().create_database());
    let folder = TempDir::new().unwrap();
    drop(Server::start_in(folder.path(), &[("KITH_DATABASE_URL".to_owned(), url)]));
}
