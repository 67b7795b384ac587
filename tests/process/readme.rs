//! The README's commands, run as they stand there.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::server::Server;

/// The shell blocks, in order, without the one that starts the server.
fn blocks() -> Vec<String> {
    let text = include_str!("../../README.md");
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).filter(|block| !block.contains("make run")).collect()
}

fn word_after(greeting: &str, label: &str) -> String {
    let line = greeting.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn a_newcomer_gets_what_the_readme_promises() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path());
    let greeting = server.greeting_until("curl http");
    let (source, password) = (word_after(&greeting, "source"), word_after(&greeting, "password"));
    let script: String = blocks()
        .join("echo\n")
        .replace("SOURCE=...", &format!("SOURCE={source}"))
        .replace("PASSWORD=...", &format!("PASSWORD={password}"))
        .replace("http://127.0.0.1:8686", &server.url(""));
    let answers = answers(folder.path(), &script);
    let profile = |at: usize| answers[at]["profile"]["id"].as_str().unwrap_or("none").to_owned();
    let monday = profile(0);
    assert_eq!(answers[1]["id"], monday.as_str(), "the profile");
    assert_eq!(answers[2]["total"], 4, "the events");
    let types = answers[3].as_array().unwrap();
    assert!(types.contains(&serde_json::json!({"type": "page-view", "events": 1, "people": 1})));
    assert_ne!(profile(4), monday, "a stranger");
    assert_ne!(profile(5), "made-up", "a forger");
    assert_eq!(profile(6), monday, "the lost id");
    assert_eq!(profile(7), monday, "she signs in");
    assert_ne!(profile(8), monday, "somebody on a phone");
    assert_eq!(answers[9]["ids"][0], "backend", "a server's source");
    assert_eq!(profile(10), monday, "one person");
    assert_eq!(answers.len(), 11);
}

/// The shell blocks of a section of the manual.
fn shown(section: &str) -> String {
    let manual = include_str!("../../docs/api.md");
    let section = manual.split(&format!("\n### {section}\n")).nth(1).unwrap();
    let section = section.split("\n### ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.collect::<Vec<_>>().join("echo\n")
}

#[test]
fn webhooks_and_links_work_as_the_manual_shows_them() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path());
    let greeting = server.greeting_until("curl http");
    let signs_in = blocks().into_iter().find(|block| block.contains("TOKEN=$(")).unwrap();
    let signs_in = signs_in.split("SESSION=$(").next().unwrap();
    let script = format!(
        "PASSWORD={}\n{signs_in}\n{}echo\n{}",
        word_after(&greeting, "password"),
        shown("Webhooks"),
        shown("Links")
    );
    let script = script.replace("http://127.0.0.1:8686", &server.url(""));
    let answers = answers(folder.path(), &script);
    assert_eq!(answers[0]["ids"][0], "payments");
    for call in &answers[1..3] {
        assert!(call["session"]["id"].is_string() || call["task"].is_string(), "{call}");
    }
    assert_eq!((&answers[3]["ids"][0], &answers[4]["ids"][0]), (&"links".into(), &"spring".into()));
    let client = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
    let client: ureq::Agent = client.build().into();
    let link = client.get(server.url("/redirect/spring?campaign=mail")).call().unwrap();
    assert_eq!(
        (link.status().as_u16(), &link.headers()["location"]),
        (307, &"https://shop.example/spring".parse().unwrap())
    );
}

/// Everything the script printed that is JSON, in order.
fn answers(folder: &Path, script: &str) -> Vec<Value> {
    let output = Command::new("bash").arg("-c").arg(script).current_dir(folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    values.map(Result::unwrap).collect()
}
