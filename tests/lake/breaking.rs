//! Questions that break whoever answers them: the server goes on, and says what became of each.

use std::thread;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use kith::config::Config;
use kith::warming::Warming;
use serde_json::json;

use super::support::view;
use crate::support::{Reply, Setup, TestApp};

const MIB: u64 = 1 << 20;
/// What DuckDB may take, what it takes without counting (one gibibyte), and the program itself.
const MEMORY_MAX: u64 = (256 + 1024 + 512) * MIB;
/// Long enough for a process to start on a busy machine.
const SECONDS_MAX: u64 = 20;

fn app() -> TestApp {
    let configure = |config: &mut Config| {
        config.query.memory_bytes_max = 256 * MIB;
        config.limits.body_bytes_max = 8 << 20;
        config.limits.body_decoded_bytes_max = 8 << 20;
        config.query.seconds_max = SECONDS_MAX;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    app.track(view("e1", "one")).ok();
    app
}

fn ask(app: &TestApp, sql: &str) -> Reply {
    let request = Request::post("/sql").header("authorization", "Bearer token-of-the-tests");
    app.send(request.body(Body::from(sql.to_owned())).unwrap())
}

/// What is asked is refused with one of these codes, and everything else goes on.
fn check(app: &TestApp, sql: &str, codes: &[&str]) {
    let begun: String = sql.chars().take(60).collect();
    let reply = ask(app, sql);
    assert!(codes.contains(&reply.code()), "{begun}: {} {:.300}", reply.status, reply.text);
    assert!(reply.status == 422 || reply.status == 408, "{begun}: {}", reply.status);
    app.track(view(&begun, "one")).ok();
    app.get("/api/events").ok();
    ask(app, "SELECT count(*) AS n FROM events").ok();
}

#[test]
fn a_stack_that_is_overrun_is_one_refusal() {
    let app = app();
    let deep = (1..6000).fold("WITH a0 AS (SELECT 1 AS x)".to_owned(), |sql, at| {
        format!("{sql}, a{at} AS (SELECT * FROM a{} UNION ALL SELECT 1)", at - 1)
    });
    check(&app, &format!("{deep} SELECT * FROM a5999"), &["question_broke", "question_invalid"]);
    let nested = "SELECT json_structure(repeat('[', 2000000) || repeat(']', 2000000))";
    check(&app, nested, &["question_broke", "question_invalid"]);
    let brackets = format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000));
    check(&app, &brackets, &["question_broke", "question_invalid"]);
}

#[test]
fn memory_that_is_taken_within_one_call_is_bounded() {
    let app = app();
    let codes = ["question_too_large", "question_broke", "question_too_slow", "question_invalid"];
    for sql in [
        "SELECT len(range(2000000000))",
        "SELECT damerau_levenshtein(repeat('a', 60000), repeat('b', 60001))",
        "SELECT max(len(repeat('x', 4000000) || i::VARCHAR)) FROM range(2048) t(i)",
        "SELECT len(list_aggregate(range(900000000), 'sum')::VARCHAR)",
    ] {
        let most = thread::scope(|scope| {
            let asked = scope.spawn(|| check(&app, sql, &codes));
            let mut most = 0;
            while !asked.is_finished() {
                most = workers(&app).into_iter().filter_map(most_in_memory).fold(most, u64::max);
                thread::sleep(Duration::from_millis(5));
            }
            asked.join().unwrap();
            most
        });
        assert!((MIB..MEMORY_MAX).contains(&most), "{sql}: {most} bytes");
    }
}

#[test]
fn questions_that_do_not_listen_keep_no_ready_question_waiting() {
    let app = app();
    ask(&app, "SELECT 1").ok();
    // One call for each of a few rows, each of many seconds.
    let deaf = "SELECT max(levenshtein(repeat('ab', 20000), repeat('ba', 20000) || i::VARCHAR)) FROM range(2000) t(i)";
    thread::scope(|scope| {
        let stuck: Vec<_> = (0..4).map(|_| scope.spawn(|| ask(&app, deaf))).collect();
        let until = Instant::now() + Duration::from_secs(SECONDS_MAX / 2);
        let mut answered = 0;
        while Instant::now() < until {
            app.get("/api/events").ok();
            answered += 1;
        }
        assert!(answered > 0);
        let replies: Vec<_> = stuck.into_iter().map(|one| one.join().unwrap()).collect();
        let codes: Vec<_> = replies.iter().map(Reply::code).collect();
        let both = |code: &str| codes.iter().filter(|one| **one == code).count();
        assert_eq!((both("question_too_slow"), both("questions_running")), (2, 2), "{codes:?}");
    });
    ask(&app, "SELECT 1").ok();
}

/// Whoever asks for new rules waits for their turn: others would be faster each time that they come again.
#[test]
fn what_new_rules_ask_of_history_is_answered_however_many_ask_beside_it() {
    let configure = |config: &mut Config| config.query.running_max = 1;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    app.track(view("e1", "one")).ok();
    let rule = json!({"id": "viewers", "name": "Viewers", "condition": "DID \"page-view\""});
    app.post("/api/audiences", &rule).ok();
    let mut warming = Warming::new(app.app());
    assert!(!app.wait(warming.next()).unwrap(), "what was let in before is on disk a little later");
    app.advance(6);
    app.get("/api/events").ok();
    let workers = workers(&app);
    let [worker] = workers[..] else { panic!("{workers:?}") };
    signal("-STOP", worker);
    thread::scope(|scope| {
        scope.spawn(|| app.get("/api/events").ok());
        scope.spawn(|| {
            // Longer than people wait for their turn.
            thread::sleep(Duration::from_secs(4));
            signal("-CONT", worker);
        });
        thread::sleep(Duration::from_secs(1));
        assert!(app.wait(warming.next()).unwrap());
    });
    while app.wait(warming.next()).unwrap() {}
    assert_eq!(app.get("/api/audiences/viewers").ok().body["state"], "live");
}

#[test]
fn who_answers_may_be_killed_at_any_time() {
    let app = app();
    let by_day = json!({"where": ""});
    for _ in 0..10 {
        thread::scope(|scope| {
            let asked = scope.spawn(|| ask(&app, "SELECT count(*) FROM range(200000000) t(i)"));
            while !asked.is_finished() {
                workers(&app).into_iter().for_each(kill);
                thread::sleep(Duration::from_millis(20));
            }
            let reply = asked.join().unwrap();
            assert!([200, 422, 503].contains(&reply.status.as_u16()), "{}", reply.text);
        });
        app.track(view("again", "one")).ok();
    }
    app.post("/event/select", &by_day).ok();
}

#[test]
fn who_answers_has_no_more_than_it_needs() {
    let app = app();
    ask(&app, "SELECT 1").ok();
    let workers = workers(&app);
    let [worker] = workers[..] else { panic!("{workers:?}") };
    let told = |what: &str| std::fs::read_to_string(format!("/proc/{worker}/{what}")).unwrap();
    assert_eq!(told("oom_score_adj").trim(), "1000");
    assert!(told("environ").split('\0').all(|one| one.is_empty() || one.starts_with("LD_LIB")));
    let limits = told("limits");
    let of = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(of("Max core file size"), "0");
    let most: u64 = of("Max address space").parse().unwrap();
    assert!(most > 256 * MIB && most < 8192 * MIB, "{most}");
    assert!(of("Max cpu time").parse::<u64>().unwrap() < 10 * SECONDS_MAX);
    assert!(told("status").contains("Seccomp:\t2"), "calls are filtered");
}

/// The processes that answer this app's questions: each has a part of the scratch folder, named after
/// it, beside the server's own.
fn workers(app: &TestApp) -> Vec<u32> {
    let parts = std::fs::read_dir(app.folder().join("scratch")).unwrap().flatten();
    let names = parts.filter_map(|part| part.file_name().into_string().ok());
    let numbers = names.filter_map(|name| name.split('-').next()?.parse().ok());
    let is_worker = |number: &u32| {
        *number != std::process::id() && std::path::Path::new(&format!("/proc/{number}")).exists()
    };
    numbers.filter(is_worker).collect()
}

/// The most that a process has had in memory so far, in bytes; none when it is gone.
fn most_in_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}

fn kill(process: u32) {
    signal("-9", process);
}

fn signal(signal: &str, process: u32) {
    drop(std::process::Command::new("kill").args([signal, &process.to_string()]).status());
}
