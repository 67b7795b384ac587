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

/// Everything the script printed that is JSON, in order.
fn answers(folder: &Path, script: &str) -> Vec<Value> {
    let output = Command::new("bash").arg("-c").arg(script).current_dir(folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    values.map(Result::unwrap).collect()
}
