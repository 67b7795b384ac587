//! What Kith itself has told comes back with an import as it was, and is not told again.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};

/// How often something is looked at that comes by itself, ten times a second.
const LOOKS: usize = 600;

/// Own events by type, source and what they say; and everybody's audiences.
const OWN: &str = "SELECT id, type, time, source_id, profile_id, properties FROM events \
                   WHERE type IN ('profile-created', 'visit-started', 'session-opened') \
                   OR type LIKE 'audience-%' ORDER BY id";

struct Shop {
    folder: TempDir,
    token: String,
    server: Option<Server>,
}

impl Shop {
    /// With a source, and audiences of those who have ordered, and of those who did lately.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
        let (server, token) = Server::start_signed_in(folder.path());
        let shop = Self { folder, token, server: Some(server) };
        for (id, condition) in [("buyers", "DID \"order\""), ("lately", "DID \"order\" WITHIN 15s")]
        {
            shop.post("/api/audiences", &json!({"id": id, "name": id, "condition": condition}));
        }
        shop.until("/api/audiences", |body| {
            body.to_string().matches("\"state\":\"live\"").count() == 2
        });
        shop
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    fn post(&self, path: &str, body: &Value) {
        let request = agent().post(self.server().url(path));
        let sent = request.header("Authorization", format!("Bearer {}", self.token));
        assert_eq!(sent.send_json(body).unwrap().status(), 200, "{path}");
    }

    fn get(&self, path: &str) -> Value {
        let request = agent().get(self.server().url(path));
        let sent = request.header("Authorization", format!("Bearer {}", self.token));
        sent.call().unwrap().body_mut().read_json().unwrap()
    }

    fn until(&self, path: &str, is_there: impl Fn(&Value) -> bool) {
        let is_found = (0..LOOKS).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            is_there(&self.get(path))
        });
        assert!(is_found, "{path}: {}", self.get(path));
    }

    fn stop(&mut self) -> &Path {
        assert!(self.server.take().unwrap().stop());
        self.folder.path()
    }

    fn start(&mut self) {
        self.server = Some(Server::start(self.folder.path()));
    }

    /// Who is in an audience, and since when.
    fn members(&self, audience: &str) -> Value {
        self.get(&format!("/api/audiences/{audience}/members"))["result"].clone()
    }
}

fn track(shop: &Shop, session: &str, kind: &str) {
    let payload = json!({"source": {"id": "shop"}, "session": {"id": session},
        "events": [{"type": kind}]});
    let (status, answer) = shop.server().track(&agent(), &payload).unwrap();
    assert_eq!(status, 200, "{answer}");
}

fn import(folder: &Path, file: &str) -> String {
    said(folder, &["import", file])
}

#[test]
fn what_kith_has_told_itself_comes_back_once_and_people_stand_as_before() {
    let mut shop = Shop::new();
    track(&shop, "one", "page-view");
    track(&shop, "one", "order");
    track(&shop, "two", "page-view");
    shop.until("/api/audiences/lately/members", |body| body["result"] == json!([]));
    let members = shop.members("buyers");
    assert_eq!(members.as_array().unwrap().len(), 1);
    let folder = shop.stop();
    let before = said(folder, &["sql", OWN]);
    assert_eq!(before.matches("audience-entered").count(), 2, "{before}");
    assert_eq!(before.matches("audience-left").count(), 1, "{before}");
    assert!(before.contains(",kith,"), "told by nobody's payload: {before}");
    let file = folder.join("all.jsonl");
    let file = file.to_str().unwrap();
    said(folder, &["export", file]);
    let rows = std::fs::read_to_string(file).unwrap().lines().count();

    let mut other = Shop::new();
    // A plan that knows only what the shop sends says nothing of what Kith tells.
    other.post(
        "/api/tracking-plans",
        &json!({"id": "shop", "name": "Plan", "enabled": true, "on_misfit": "refuse",
            "event_types": ["page-view", "order"]}),
    );
    let there = other.stop();
    assert_eq!(import(there, file), format!("{rows} kept, 0 repeated, 0 refused\n"));
    assert_eq!(said(there, &["sql", OWN]), before);
    let again = format!("0 kept, {rows} repeated, 0 refused\n");
    assert_eq!(import(there, file), again);
    assert_eq!(import(folder, file), again, "where it came from");
    for mut shop in [shop, other] {
        shop.start();
        assert_eq!(shop.members("buyers"), members);
        assert_eq!(shop.members("lately"), json!([]));
        assert_eq!(said(shop.stop(), &["sql", OWN]), before);
    }
}
