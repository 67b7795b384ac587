//! Nodes that start: together, on an empty database, and beside a newer one.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use kith::clock::Clock;
use kith::config::Config;
use kith::ids::Ids;
use kith::lake::{Lake, Parts, S3Access};
use kith::storage::{Postgres, Storage, StorageError};
use kith::telemetry::Telemetry;
use serde_json::json;
use tempfile::TempDir;

use super::node;
use crate::support::postgres::{self, Cluster};
use crate::support::server::{self, Server};

fn environment(url: &str) -> Vec<(String, String)> {
    vec![("KITH_DATABASE_URL".to_owned(), url.to_owned())]
}

#[test]
fn one_of_those_who_start_together_makes_the_administrator() {
    let url = postgres::shared().create_database();
    let folders: Vec<TempDir> = (0..3).map(|_| TempDir::new().unwrap()).collect();
    let nodes: Vec<Server> = std::thread::scope(|scope| {
        let start = |folder: &TempDir| Server::start_in(folder.path(), &environment(&url));
        let starting: Vec<_> =
            folders.iter().map(|folder| scope.spawn(move || start(folder))).collect();
        starting.into_iter().map(|node| node.join().unwrap()).collect()
    });
    assert_eq!(nodes.len(), 3);
    assert_eq!(postgres::rows(&url, "SELECT email FROM \"user\"").len(), 1);
    assert_eq!(postgres::rows(&url, "SELECT id FROM config").len(), 1);
    assert_eq!(postgres::rows(&url, "SELECT id FROM stream").len(), 3, "each writes its own");
}

#[test]
fn a_first_start_that_died_is_waited_for_and_made() {
    let url = postgres::shared().create_database();
    let folder = TempDir::new().unwrap();
    let config = Config::for_testing(folder.path().to_owned()).storage;
    let clock = Clock::system();
    let dead: Box<dyn Storage> = Box::new(Postgres::open(&url, &config, &clock, [7; 32]).unwrap());
    assert!(dead.lease("first start", "dead", clock.now(), Duration::from_secs(4)).unwrap());
    let greeting = Server::start_in(folder.path(), &environment(&url)).all_it_says();
    assert!(greeting.contains("Another node makes its first start"), "{greeting}");
    assert!(greeting.contains("password"), "{greeting}");
}

/// One reaches it through a link, and another by a mount.
#[test]
fn nodes_that_share_a_folder_call_it_as_their_setting_does() {
    let app = node(&postgres::create_database(), 1);
    let place = TempDir::new().unwrap();
    let [first, second, link] = ["first", "second", "link"].map(|name| place.path().join(name));
    let lake = |folder: &TempDir| {
        let mut config = Config::for_testing(folder.path().to_owned());
        config.events_url = format!("file://{}/", link.display());
        let parts = Parts {
            storage: Arc::clone(&app.app().storage),
            telemetry: Arc::new(Telemetry::new()),
            ids: Ids::seeded(2),
            s3: S3Access::default(),
            program: env!("CARGO_BIN_EXE_kith").into(),
            who: kith::lake::Who::Server,
            clock: Clock::set_to(crate::support::app::start()),
        };
        Lake::open(&config, parts).unwrap()
    };
    let folders = [(); 3].map(|()| TempDir::new().unwrap());
    std::fs::create_dir(&first).unwrap();
    std::os::unix::fs::symlink(&first, &link).unwrap();
    // As older nodes call it.
    let real = format!("{}/", first.canonicalize().unwrap().display());
    app.app().storage.locate(&real, crate::support::app::start()).unwrap();
    let one = lake(&folders[0]);
    app.track(json!({"events": [{"type": "page-view"}]})).ok();
    assert_eq!(one.flush().unwrap().files, 1);
    // Elsewhere it is another one that is reached by this name.
    std::fs::rename(&first, &second).unwrap();
    std::os::unix::fs::symlink(&second, &first).unwrap();
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&second, &link).unwrap();
    let another = lake(&folders[1]);
    for (id, lake) in [(0, &another), (1, &one), (2, &another)] {
        app.track(json!({"events": [{"type": "page-view", "id": format!("{id}")}]})).ok();
        assert_eq!(lake.flush().unwrap().files, 1, "{id}");
    }
    assert_eq!(app.app().storage.located().unwrap(), Some(format!("{}/", link.display())));
}

#[test]
fn an_older_node_is_told_that_the_data_is_newer() {
    let url = postgres::shared().create_database();
    let config = Config::for_testing(TempDir::new().unwrap().path().to_owned()).storage;
    let open = || Postgres::open(&url, &config, &Clock::system(), [7; 32]);
    drop(open().unwrap());
    postgres::ask(&url, "UPDATE kith_format SET format = format + 1").unwrap();
    assert!(matches!(open(), Err(StorageError::Newer { .. })));
}

/// The nodes that run may be of the version before; the first new one that serves brings it to the new format.
#[test]
fn a_command_leaves_the_format_as_it_is() {
    let url = postgres::shared().create_database();
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = server::kith(folder.path(), arguments);
        command.envs(environment(&url)).output().unwrap()
    };
    let wrong = |arguments: &[&str]| String::from_utf8(run(arguments).stderr).unwrap();
    assert!(
        wrong(&["user", "list"]).contains("no data in the database"),
        "there are no tables yet"
    );
    postgres::ask(&url, &kith::storage::schema()).unwrap();
    assert!(wrong(&["check"]).contains("no data in the database"), "there are only tables");
    assert!(run(&["user", "add", "ann@example.com"]).status.success());
    assert!(run(&["check"]).status.success());
    let commands = [&["user", "list"][..], &["check"], &["user", "add", "bob@example.com"]];
    for (change, said) in [("- 1", "is of format"), ("+ 2", "by a newer Kith")] {
        postgres::ask(&url, &format!("UPDATE kith_format SET format = format {change}")).unwrap();
        let before = postgres::rows(&url, "SELECT format FROM kith_format");
        for arguments in commands {
            let wrong = wrong(arguments);
            assert!(wrong.contains(said), "{arguments:?}: {wrong}");
        }
        assert_eq!(postgres::rows(&url, "SELECT format FROM kith_format"), before);
    }
}

/// Another machine's folder has the same name.
#[test]
fn a_folder_of_the_same_name_that_has_none_of_the_files_is_not_taken() {
    let url = postgres::shared().create_database();
    let node = node(&url, 1);
    node.track(json!({"events": [{"type": "page-view"}]})).ok();
    node.app().lake.flush().unwrap();
    let folder = node.stop();
    let compact = || {
        let mut compact = server::kith(folder.path(), &["events", "compact"]);
        let done = compact.envs(environment(&url)).output().unwrap();
        (done.status.success(), String::from_utf8(done.stderr).unwrap())
    };
    assert!(compact().0);
    std::fs::remove_dir_all(folder.path().join("events")).unwrap();
    let (is_well, wrong) = compact();
    assert!(!is_well && wrong.contains("none of the newest"), "{wrong}");
}

#[test]
fn an_older_node_goes_on_beside_a_newer_one() {
    let url = postgres::shared().create_database();
    let older = node(&url, 1);
    let payload = || serde_json::json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    older.track(payload()).ok();
    // What a newer one may do while older ones run: add.
    let add = "UPDATE kith_format SET format = format + 1; \
               ALTER TABLE session ADD COLUMN later BIGINT NOT NULL DEFAULT 0; \
               ALTER TABLE stream ADD COLUMN later TEXT; \
               CREATE TABLE later (id TEXT)";
    postgres::ask(&url, add).unwrap();
    older.track(payload()).ok();
    let events = "SELECT count(*) FROM events WHERE type = 'page-view'";
    let moment = older.history().moment(kith::lake::Span::ALWAYS).unwrap();
    assert_eq!(moment.number(events, &[]).unwrap(), 2);
}

#[test]
fn a_url_that_leads_nowhere_is_said_without_the_password() {
    let folder = TempDir::new().unwrap();
    let url = "postgres://kith:hush@127.0.0.1:1/kith";
    let mut list = server::kith(folder.path(), &["source", "list"]);
    let said = list.envs(environment(url)).output().unwrap();
    assert!(!said.status.success(), "only the server waits for it");
    let error = String::from_utf8(said.stderr).unwrap();
    assert!(error.contains("PostgreSQL") && !error.contains("hush"), "{error}");
    let mut serve = server::kith(folder.path(), &["serve"]);
    let mut serve = serve.envs(environment(url)).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serve.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    serve.kill().unwrap();
    serve.wait().unwrap();
    assert!(line.contains("waiting for it") && !line.contains("hush"), "{line}");
}

/// What starts together comes up in any order.
#[test]
fn a_node_waits_for_a_database_that_is_not_there_yet() {
    let cluster = Cluster::start();
    let url = cluster.create_database();
    cluster.stop();
    let folder = TempDir::new().unwrap();
    let node = std::thread::scope(|scope| {
        let node = scope.spawn(|| Server::start_in(folder.path(), &environment(&url)));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!node.is_finished(), "it has not ended");
        cluster.start_again();
        node.join().unwrap()
    });
    drop(node);
    let mut other = server::kith(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let output = other.env("KITH_DATABASE_URL", cluster.url("nowhere")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("nowhere"), "{said}");
}

#[test]
fn the_tables_can_be_shown_and_spread() {
    let folder = TempDir::new().unwrap();
    let schema = server::said(folder.path(), &["schema"]);
    let url = postgres::shared().create_database();
    postgres::ask(&url, &schema).unwrap();
    let made = "SELECT count(*) FROM pg_tables WHERE tablename IN ('profile', 'tail', 'lease')";
    assert_eq!(postgres::rows(&url, made), [["3"]]);
    let node = node(&url, 1);
    node.track(json!({"events": [{"type": "page-view"}]})).ok();
    let citus = server::said(folder.path(), &["schema", "--citus"]);
    assert!(citus.contains("create_distributed_table('profile', 'id'"), "{citus}");
    assert!(citus.contains("truncate_local_data_after_distributing_table('profile')"), "{citus}");
    assert!(!citus.contains("'tail'"), "rounds are read at one moment: {citus}");
}

/// A role that a database's administrator has given the tables, and nothing else.
#[test]
fn whoever_serves_need_not_be_allowed_to_make_tables() {
    let folder = TempDir::new().unwrap();
    let url = postgres::shared().create_database();
    postgres::ask(&url, &server::said(folder.path(), &["schema"])).unwrap();
    let role = url.rsplit('/').next().unwrap();
    let grant = format!(
        "CREATE ROLE serves_{role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO serves_{role}"
    );
    postgres::ask(&url, &grant).unwrap();
    let node = node(&url.replace("//kith@", &format!("//serves_{role}@")), 1);
    node.track(json!({"events": [{"type": "page-view"}]})).ok();
    assert!(
        postgres::ask(&url.replace("//kith@", &format!("//serves_{role}@")), "CREATE TABLE x ()")
            .is_err()
    );
}

/// Commands run on any machine: what they need of a folder they make. And nobody waits for one that has ended.
#[test]
fn commands_that_are_nodes_need_no_folder_and_say_farewell() {
    let url = postgres::shared().create_database();
    let (folder, file) = (TempDir::new().unwrap(), "one.jsonl");
    let file = folder.path().join(file);
    let payload = json!({"source": {"id": "shop"}, "events": [{"type": "x"}]});
    std::fs::write(&file, payload.to_string()).unwrap();
    let elsewhere = |name: &str, arguments: &[&str]| {
        let mut command = server::kith(&folder.path().join(name), arguments);
        let done = command.envs(environment(&url)).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(
            postgres::rows(&url, "SELECT id FROM node"),
            Vec::<Vec<String>>::new(),
            "{name}"
        );
        String::from_utf8(done.stdout).unwrap()
    };
    elsewhere("a", &["source", "add", "Shop", "--id", "shop"]);
    let told = elsewhere("b", &["import", file.to_str().unwrap()]);
    assert_eq!(told.trim(), "1 kept, 0 repeated, 0 refused");
    elsewhere("c", &["rebuild", "profiles"]);
}

#[test]
fn a_database_that_lacks_letters_is_refused() {
    let cluster = postgres::shared();
    let name = "kith_latin";
    let make = "CREATE DATABASE kith_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' \
                TEMPLATE template0";
    postgres::ask(&cluster.url("postgres"), make).unwrap();
    let config = Config::for_testing(TempDir::new().unwrap().path().to_owned()).storage;
    let opened = Postgres::open(&cluster.url(name), &config, &Clock::system(), [7; 32]);
    let Err(StorageError::Failed(why)) = opened else { panic!("it was opened") };
    assert!(why.contains("is in LATIN1") && why.contains("--encoding=UTF8"), "{why}");
}

/// As the first process of a container it would hear of no signal that it does not ask for.
#[test]
fn one_that_waits_for_its_database_is_told_to_end_and_does() {
    let folder = TempDir::new().unwrap();
    // Nobody listens there any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://kith@127.0.0.1:{port}/kith");
    for name in ["-TERM", "-INT"] {
        let mut serve = server::kith(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        let serve = serve.envs(environment(&url)).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut node = serve.spawn().unwrap();
        let mut log = BufReader::new(node.stderr.take().unwrap()).lines().map(Result::unwrap);
        assert!(log.any(|line| line.contains("waiting for it")));
        let kill = std::process::Command::new("kill").args([name, &node.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(node.wait().unwrap().code(), Some(0), "{name}: it has ended by itself");
    }
}
