//! How the server is, for those who look after it.

use serde_json::json;

use crate::lake::erasing::{erase_all, tell};
use crate::support::{TestApp, engine};

#[test]
fn the_system_tells_of_disk_nodes_tail_files_and_erasures() {
    let app = TestApp::new();
    let person = tell(&app, "first", "one");
    let system = || app.get("/api/system").ok().body;
    let before = system();
    assert!(before["disk"]["free_bytes"].as_u64() <= before["disk"]["bytes"].as_u64());
    assert!(before["memory"]["process_bytes"].as_u64().unwrap() > 0);
    assert!(before["tail"]["events"].as_u64().unwrap() > 0);
    assert_eq!((&before["lake"]["files"], &before["erasures"]), (&json!(0), &json!([])));
    assert_eq!(before["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(before["nodes"][0]["is_this"], true);
    assert_eq!(before["nodes"][0]["configuration"], before["configuration"]);
    let database = if engine::is_postgres() { "postgresql" } else { "sqlite" };
    assert_eq!((&before["database"], &before["history"]), (&json!(database), &json!("folder")));
    app.app().lake.flush().unwrap();
    assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
    let running = system();
    assert_eq!((&running["lake"]["files"], &running["tail"]["events"]), (&json!(1), &json!(0)));
    assert_eq!(running["erasures"][0]["done"], json!(null));
    erase_all(&app);
    let done = &system()["erasures"][0];
    assert!(done["done"].is_string() && done["report"].is_object(), "{done}");
}
