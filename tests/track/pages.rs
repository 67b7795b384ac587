//! What browsers fetch: the script under its names, and the demo.

use std::io::Read as _;

use axum::body::Body;
use axum::http::Request;
use kith::config::Config;

use crate::support::{Reply, Setup, TestApp};

fn fetch(app: &TestApp, address: &str, header: (&str, &str)) -> Reply {
    app.send(Request::get(address).header(header.0, header.1).body(Body::empty()).unwrap())
}

const PLAIN: (&str, &str) = ("accept", "*/*");

#[test]
fn the_script_has_stable_names_and_one_that_is_kept_for_ever() {
    let app = TestApp::new();
    let manifest = fetch(&app, "/tracker/manifest.json", PLAIN).ok().body;
    let parts = manifest["parts"].as_object().unwrap();
    let whole = [("kith", &manifest)].into_iter();
    for (name, known) in whole.chain(parts.iter().map(|(name, known)| (name.as_str(), known))) {
        let script = fetch(&app, &format!("/tracker/{name}.js"), PLAIN).ok();
        assert!(script.header("content-type").starts_with("text/javascript"));
        assert_eq!(script.header("cache-control"), "public, max-age=3600");
        let hashed = fetch(&app, known["script"].as_str().unwrap(), PLAIN).ok();
        assert_eq!(hashed.text, script.text);
        assert_eq!(hashed.header("cache-control"), "public, max-age=31536000, immutable");
        let integrity = known["integrity"].as_str().unwrap();
        assert_eq!(integrity, format!("sha256-{}", sha256_base64(script.text.as_bytes())));
    }
    assert_eq!(fetch(&app, "/tracker/kith.0000000000000000.js", PLAIN).status, 404);
}

#[test]
fn the_script_asks_for_its_parts_by_names_that_are_kept_for_ever() {
    let app = TestApp::new();
    let script = fetch(&app, "/tracker/kith.js", PLAIN).ok().text;
    assert!(script.contains("tracardi-session-id"), "it is the script that was built");
    let manifest = fetch(&app, "/tracker/manifest.json", PLAIN).ok().body;
    for part in ["auto", "extras", "reference"] {
        let address = manifest["parts"][part]["script"].as_str().unwrap();
        let name = address.trim_start_matches("/tracker/").trim_end_matches(".js");
        assert!(script.contains(name), "{part} is {name}");
    }
}

#[test]
fn pages_of_the_reference_get_all_of_it_under_its_names() {
    let app = TestApp::new();
    let script = fetch(&app, "/tracker/liliput.min.js", PLAIN).ok();
    assert!(script.text.contains("onTracardiReady"), "with the reference's interface");
    for name in ["", "/", "/tracker.min.js"] {
        assert_eq!(fetch(&app, &format!("/tracker{name}"), PLAIN).ok().text, script.text);
    }
}

#[test]
fn the_owner_chooses_where_the_script_lies_and_events_go() {
    let configure = |config: &mut Config| {
        config.script.path = "/shop".to_owned();
        config.script.file = "s.js".to_owned();
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let script = fetch(&app, "/shop/s.js", ("origin", "https://page.example")).ok();
    assert_eq!(script.text, fetch(&app, "/tracker/kith.js", PLAIN).ok().text);
    assert_eq!(script.header("access-control-allow-origin"), "https://page.example");
    let sent = Request::post("/shop").header("origin", "https://page.example");
    let payload = r#"{"source": {"id": "shop"}, "events": [{"type": "page-view"}]}"#;
    let reply = app.send(sent.body(Body::from(payload)).unwrap()).ok();
    assert!(reply.body["profile"]["id"].is_string());
    assert_eq!(reply.header("access-control-allow-origin"), "https://page.example");
}

/// By another program, so that ours is held against something.
fn sha256_base64(bytes: &[u8]) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let program = "import sys, hashlib, base64; \
                   print(base64.b64encode(hashlib.sha256(sys.stdin.buffer.read()).digest()).decode())";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(bytes).unwrap();
    let mut said = String::new();
    python.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(python.wait().unwrap().success());
    said.trim().to_owned()
}

#[test]
fn the_script_is_not_sent_twice_and_smaller_to_those_who_take_it_so() {
    let app = TestApp::new();
    let script = fetch(&app, "/tracker/kith.js", PLAIN).ok();
    let tag = script.header("etag").to_owned();
    assert!(tag.len() > 10);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let again = fetch(&app, "/tracker/kith.js", ("if-none-match", &known));
        assert_eq!((again.status.as_u16(), again.text.len()), (304, 0), "{known}");
    }
    fetch(&app, "/tracker/kith.js", ("if-none-match", "\"other\"")).ok();
    let zipped = fetch(&app, "/tracker/kith.js", ("accept-encoding", "br, gzip")).ok();
    assert_eq!(zipped.header("content-encoding"), "gzip");
    let length: usize = zipped.header("content-length").parse().unwrap();
    assert!(length <= 7 * 1024, "{length} bytes");
    for refused in ["br", "gzip;q=0", "xgzip"] {
        let plain = fetch(&app, "/tracker/kith.js", ("accept-encoding", refused)).ok();
        assert_eq!(plain.header("content-encoding"), "", "{refused}");
    }
}

#[test]
fn the_demo_can_be_switched_off() {
    let app = TestApp::new();
    assert!(fetch(&app, "/demo", PLAIN).ok().text.contains("The tea shop"));
    assert!(fetch(&app, "/demo/demo.js", PLAIN).ok().text.contains("kith.init"));
    assert_eq!(fetch(&app, "/demo/config.json", PLAIN).ok().body["source"], "shop");
    assert_eq!(fetch(&app, "/demo/other.js", PLAIN).status, 404);
    let configure = |config: &mut Config| config.demo = false;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for address in ["/demo", "/demo/", "/demo/demo.js", "/demo/config.json"] {
        assert_eq!(fetch(&app, address, PLAIN).status, 404);
    }
}
