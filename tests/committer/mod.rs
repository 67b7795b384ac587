//! The committer under load, under failures, and after them.

pub(crate) mod failures;
mod log;
mod parallel;
pub(crate) mod recovery;
mod removals;
mod standing_still;
mod watched;

use serde_json::json;

use crate::support::TestApp;

/// New rules rest for trackers, should there be any.
#[test]
fn it_is_known_for_how_long_nobody_has_sent_a_payload() {
    let app = TestApp::new();
    app.advance(60);
    let quiet = || app.app().committer.quiet().as_secs();
    assert!(quiet() >= 60);
    app.track(json!({"events": [{"type": "page-view"}]})).ok();
    assert_eq!(quiet(), 0);
    app.advance(7);
    app.get("/health").ok();
    assert_eq!(quiet(), 7);
}
