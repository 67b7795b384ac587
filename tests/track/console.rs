//! The console as browsers fetch it: the page, its addresses, and the way there.

use axum::body::Body;
use axum::http::Request;
use kith::config::Config;

use crate::support::app::Setup;
use crate::support::{Reply, TestApp};

fn fetch(app: &TestApp, address: &str, accept: &str) -> Reply {
    let request = Request::get(address).header("accept", accept).body(Body::empty()).unwrap();
    app.send(request)
}

#[test]
fn a_browser_is_led_to_the_console_and_a_program_is_told_what_there_is() {
    let app = TestApp::new();
    let browser = fetch(&app, "/", "text/html,application/xhtml+xml,*/*;q=0.8");
    assert_eq!((browser.status.as_u16(), browser.header("location")), (303, "/console/"));
    for accept in ["*/*", "application/json"] {
        let program = fetch(&app, "/", accept);
        assert!(program.ok().text.contains("POST /track"), "{accept}");
    }
}

#[test]
fn the_console_can_be_switched_off() {
    let configure = |config: &mut Config| config.console = false;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for address in ["/console", "/console/", "/console/people/ann"] {
        assert_eq!(fetch(&app, address, "text/html").status, 404, "{address}");
    }
    assert!(fetch(&app, "/", "text/html").ok().text.contains("POST /track"));
}
