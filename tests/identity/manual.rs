//! What the manual gives servers to sign with, run as it stands there.

use std::process::Command;

use kith::model::Trust;
use serde_json::json;

use crate::support::TestApp;

/// The manual's block in this language.
fn block(language: &str) -> String {
    let manual = include_str!("../../docs/api.md");
    let (_, rest) = manual.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn run(program: &str, argument: &str, script: &str) -> String {
    let output = Command::new(program).arg(argument).arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whether a token that the script prints is believed. `SECONDS` is how long it is to be good for, so
/// that it ends ten minutes from the app's own time.
fn check(language: &str, program: &str, argument: &str, call: &str) {
    let app = TestApp::new();
    app.add_source("page", |source| source.trust = Trust::Public);
    let ann = json!({"type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}});
    let ann_is = app.track(json!({"session": {"id": "home"}, "events": [ann]})).ok().profile();
    let secret = app.post("/event-source/page/secret", &json!({})).ok().body["secret"].to_string();
    let until = app.clock.now().micros() / 1_000_000 + 600;
    let call = call.replace("UNTIL", &until.to_string()).replace("SECRET", &secret);
    let token = run(program, argument, &format!("{}\n{call}", block(language)));
    let payload = json!({"source": {"id": "page"}, "session": {"id": "s"}, "events": [ann],
        "context": {"identity": {"token": token}}});
    let reply = app.track(payload).ok();
    assert_eq!((reply.profile(), reply.warnings().len()), (ann_is, 0), "{token}");
}

#[test]
fn what_node_signs_is_believed() {
    let call = "const now = Math.floor(Date.now() / 1000);\n\
                console.log(kithToken(SECRET, { email: 'ann@example.com' }, UNTIL - now));";
    check("js", "node", "-e", call);
}

#[test]
fn what_python_signs_is_believed() {
    let call = "print(kith_token(SECRET, {'email': 'ann@example.com'}, UNTIL - int(time.time())))";
    check("python", "python3", "-c", call);
}
