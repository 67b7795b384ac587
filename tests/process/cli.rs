//! The command line, with the server running or not.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, kith, run, said};

fn event(source: &str) -> Value {
    json!({"source": {"id": source}, "events": [{"type": "x"}]})
}

/// The word after `label` in the greeting.
fn greeted(greeting: &str, label: &str) -> Option<String> {
    let line = greeting.lines().find(|line| line.trim_start().starts_with(label))?;
    line.split_whitespace().nth(1).map(str::to_owned)
}

#[test]
fn the_first_start_prints_a_line_that_works_as_pasted() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path());
    let greeting = server.greeting_until("curl http");
    let answer = paste(&greeting);
    assert!(answer["profile"]["id"].is_string(), "{answer}");
    let password = greeted(&greeting, "password").unwrap();
    let form = [("username", "admin@kith.local"), ("password", password.as_str())];
    let mut token = agent().post(server.url("/user/token")).send_form(form).unwrap();
    assert_eq!(token.status(), 200);
    let token: Value = token.body_mut().read_json().unwrap();
    let address = format!("/profile/{}", answer["profile"]["id"].as_str().unwrap());
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let read = agent().get(server.url(&address)).header("authorization", &bearer).call().unwrap();
    assert_eq!(read.status(), 200);
}

#[test]
fn a_later_start_keeps_everything_and_shows_no_password() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path());
    let source = greeted(&server.greeting_until("  source"), "source").unwrap();
    assert!(server.stop());
    let server = Server::start(folder.path());
    assert!(!server.greeting.contains("password"));
    assert_eq!(server.track(&agent(), &event(&source)).unwrap().0, 200);
}

/// The line that the greeting says to paste, run.
fn paste(greeting: &str) -> Value {
    let line = greeting.lines().find(|line| line.trim().starts_with("curl")).expect(greeting);
    let output = std::process::Command::new("sh").args(["-c", line]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_was_made_before_the_first_start_is_added_to() {
    let hooks = ["source", "add", "Hooks", "--type", "webhook", "--id", "a-hook"];
    let own = ["source", "add", "Own", "--id", "own"];
    let ann = ["user", "add", "ann@example.com"];
    let cases: [(&[&[&str]], bool); 4] =
        [(&[&hooks], true), (&[&ann], false), (&[&hooks, &own], true), (&[&own], true)];
    for (commands, makes_administrator) in cases {
        let folder = TempDir::new().unwrap();
        commands.iter().for_each(|command| drop(said(folder.path(), command)));
        let mut first = Server::start(folder.path());
        let greeting = first.all_it_says();
        let mut second = Server::start(folder.path());
        let answer = paste(&greeting.replace(&first.url(""), &second.url("")));
        assert!(answer["profile"]["id"].is_string(), "{greeting}");
        assert_eq!(greeted(&greeting, "password").is_some(), makes_administrator, "{greeting}");
        let has_own = commands.contains(&own.as_slice());
        assert_eq!(greeted(&greeting, "source").unwrap() == "own", has_own, "{greeting}");
        let said = second.all_it_says();
        assert!(!said.contains("password") && !said.contains("curl"), "{said}");
    }
}

#[test]
fn a_first_start_that_fails_leaves_the_greeting_to_the_next() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(folder.path(), &["serve", "--listen", &address]);
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && wrong.contains("cannot listen"), "{wrong}");
    let greeting = Server::start(folder.path()).all_it_says();
    assert!(greeted(&greeting, "password").is_some(), "{greeting}");
    assert!(greeting.contains("curl http"), "{greeting}");
}

#[test]
fn sources_are_added_and_removed_while_the_server_runs() {
    let folder = TempDir::new().unwrap();
    let _server = Server::start(folder.path());
    let id = said(folder.path(), &["source", "add", "Shop", "--id", "Shop-1"]);
    assert_eq!(id.trim(), "shop-1");
    assert!(said(folder.path(), &["source", "list"]).contains("shop-1  rest  Shop"));
    said(folder.path(), &["source", "remove", "shop-1"]);
}

#[test]
fn whoever_changes_something_on_the_command_line_can_use_it_at_once() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path());
    let status = |id: &str| server.track(&agent(), &event(id)).unwrap().0;
    for round in 0..10 {
        let id = format!("shop-{round}");
        said(folder.path(), &["source", "add", "Shop", "--id", &id]);
        assert_eq!(status(&id), 200, "{id} was made");
        said(folder.path(), &["source", "remove", &id]);
        assert_eq!(status(&id), 401, "{id} was removed");
    }
}

#[test]
fn a_user_has_the_roles_that_are_given_and_keeps_them_with_a_new_password() {
    let folder = TempDir::new().unwrap();
    let add =
        |more: &[&str]| said(folder.path(), &[&["user", "add", "m@example.com"], more].concat());
    let list = || said(folder.path(), &["user", "list"]);
    add(&["--role", "marketer", "--role", "maintainer"]);
    assert!(list().contains("m@example.com  marketer,maintainer"), "{}", list());
    add(&[]);
    assert!(list().contains("m@example.com  marketer,maintainer"), "{}", list());
    add(&["--role", "developer"]);
    assert!(list().contains("m@example.com  developer"), "{}", list());
    let refused = run(folder.path(), &["user", "add", "m@example.com", "--role", "king"]);
    let wrong = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && wrong.contains("admin, developer"), "{wrong}");
}

#[test]
fn commands_work_before_the_first_start() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Hooks", "--type", "webhook", "--id", "hooks"]);
    said(folder.path(), &["user", "add", "ann@example.com"]);
    assert!(said(folder.path(), &["user", "list"]).contains("ann@example.com  admin"));
    assert!(said(folder.path(), &["source", "list"]).contains("hooks  webhook  Hooks"));
    assert!(!said(folder.path(), &["check"]).is_empty());
    let document: Value = serde_json::from_str(&said(folder.path(), &["openapi"])).unwrap();
    assert!(document["paths"]["/track"]["post"].is_object());
    let version = said(folder.path(), &["version"]);
    assert_eq!(version.trim(), format!("kith {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("kith.toml"), "[limits]\nbody_byte_max = 1\n").unwrap();
    let cases: [(&[&str], &str); 3] = [
        (&["check"], "body_bytes_max"),
        (&["serve", "--listen", "nowhere"], "body_bytes_max"),
        (&["source", "remove", "nothing"], "body_bytes_max"),
    ];
    for (arguments, hint) in cases {
        let output = run(folder.path(), arguments);
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && wrong.contains(hint), "{arguments:?}: {wrong}");
    }
    assert!(said(folder.path(), &["version"]).starts_with("kith "), "it needs no settings");
    std::fs::remove_file(folder.path().join("kith.toml")).unwrap();
    said(folder.path(), &["source", "add", "A", "--id", "a"]);
    let output = run(folder.path(), &["source", "remove", "nothing"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no source nothing"));
    let output = run(folder.path(), &["source", "add", "A", "--id", "a"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("already"));
}

#[test]
fn the_environment_comes_before_the_file_and_flags_before_both() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "A"]);
    std::fs::write(folder.path().join("kith.toml"), "listen = \"nonsense\"\n").unwrap();
    let output = run(folder.path(), &["source", "list"]);
    assert!(!output.status.success());
    let mut command = kith(folder.path(), &["source", "list"]);
    assert!(command.env("KITH_LISTEN", "127.0.0.1:0").status().unwrap().success());
}

#[test]
fn a_second_process_is_told_who_holds_the_folder() {
    let folder = TempDir::new().unwrap();
    let _server = Server::start(folder.path());
    let output = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(wrong.contains("is in use by process"), "{wrong}");
}

#[test]
fn whoever_reads_may_go_before_all_was_said() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop"]);
    for arguments in [&["schema"][..], &["openapi"], &["source", "list"], &["version"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = kith(folder.path(), arguments);
        let output = command.stdout(writer).stderr(std::process::Stdio::piped()).output().unwrap();
        let wrong = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && wrong.is_empty(), "{arguments:?}: {wrong}");
    }
}

#[test]
fn what_was_asked_for_and_is_not_there_is_said() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["user", "add", "ann@example.com"]);
    let refused = run(folder.path(), &["user", "sign-out", "nobody@x.example"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(refused.stderr, b"kith: there is no user nobody@x.example\n");
    assert_eq!(
        said(folder.path(), &["user", "sign-out", "Ann@example.com"]),
        "0 tokens have ended.\n"
    );
    let refused = run(folder.path(), &["merge", "undo-all", "emial", "info@x.example"]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("there is no namespace emial, and no merger stands"), "{why}");
    let nothing = said(folder.path(), &["merge", "undo-all", "email", "info@x.example"]);
    assert!(
        nothing.starts_with("No merger stands that the email info@x.example has caused"),
        "{nothing}"
    );
}

#[test]
fn a_command_in_a_wrong_place_makes_nothing() {
    let home = TempDir::new().unwrap();
    let nowhere = home.path().join("data");
    for arguments in [
        &["source", "list"][..],
        &["source", "remove", "x"],
        &["user", "list"],
        &["user", "sign-out"],
        &["key", "list"],
        &["sql", "SELECT 1"],
        &["check"],
        &["merge", "show", "x"],
        &["merge", "undo", "x"],
        &["merge", "undo-all", "email", "x"],
        &["rebuild", "profiles"],
    ] {
        let done = run(&nowhere, arguments);
        let why = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && why.contains("--data-dir names another"), "{why}");
        assert!(!nowhere.exists(), "{arguments:?}");
    }
}

#[test]
fn a_log_that_goes_into_a_file_has_no_colours() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut command = kith(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    command.env("KITH_LOG_LEVEL", "debug").stderr(std::fs::File::create(&log).unwrap());
    let mut server = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut greeting = std::io::BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut greeting, &mut line).unwrap();
    let address = line.split_whitespace().last().unwrap();
    let form = [("username", "nobody@example.com"), ("password", "x")];
    agent().post(format!("{address}/user/token")).send_form(form).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("somebody tried to sign in"), "{log}");
    assert!(!log.contains('\u{1b}'), "{log}");
}

#[test]
fn everybody_is_decided_on_anew_where_no_server_runs() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path());
    let source = greeted(&server.greeting_until("  source"), "source").unwrap();
    server.track(&agent(), &event(&source)).unwrap();
    let command = ["rebuild", "profiles"];
    let busy = String::from_utf8(run(folder.path(), &command).stderr).unwrap();
    let instead = "Ask the server that runs, by POST /api/rebuilds; or stop it first.\n";
    assert!(busy.contains("is in use by process") && busy.ends_with(instead), "{busy}");
    assert!(server.stop());
    let shown = said(folder.path(), &command);
    assert!(
        shown.contains("0 people come apart") && shown.contains("nothing was changed"),
        "{shown}"
    );
    let done = said(folder.path(), &["rebuild", "profiles", "--switch"]);
    assert!(done.contains("everybody was looked at once, 0 are left"), "{done}");
    assert!(
        !run(folder.path(), &["rebuild", "profiles", "--switch", "--dry-run"]).status.success()
    );
}

/// It was looked for where the data lies.
#[test]
fn the_data_folders_own_file_names_no_other_folder() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let check = |named: &str| {
        std::fs::write(data.join("kith.toml"), format!("data_dir = \"{named}\"\n")).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kith"));
        let done = command.arg("check").current_dir(folder.path()).env_clear().output().unwrap();
        String::from_utf8(done.stderr).unwrap()
    };
    let wrong = check("/nowhere");
    assert!(wrong.contains("`data_dir` cannot stand in ./data/kith.toml"), "{wrong}");
    for own in ["./data", "data"] {
        assert!(check(own).contains("there is no data in"), "{own}");
    }
}

#[test]
fn a_command_in_the_wrong_folder_says_that_nothing_is_there() {
    let folder = TempDir::new().unwrap();
    let nowhere = folder.path().join("nowhere");
    for command in [&["rebuild", "profiles"][..], &["merge", "undo-all", "email", "a@b.example"]] {
        let done = run(&nowhere, command);
        let wrong = String::from_utf8(done.stderr).unwrap();
        assert!(wrong.contains("there is no data in"), "{wrong}");
    }
    assert!(!nowhere.exists(), "and nothing is made there");
}
