//! The manual's table of whom to believe: each cell is tried, and stands there as it came out.

use kith::model::Trust;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::post;
use crate::support::token::hs256;

const ANN: &str = "ann@example.com";
const PHONE: &str = "+48 600 100 200";
const ROWS: [&str; 9] = [
    "The event is",
    "Later events of the session are",
    "The answer has",
    "The answer has her profile, where the source returns it",
    "What was the visitor's before is",
    "The session changes her traits",
    "The session changes her consents",
    "Another identifier, named beside, becomes hers",
    "The visit counts as hers",
];

/// Ann is known, a visitor of another source is there, and names her address.
struct Scene {
    app: TestApp,
    token: Option<String>,
    ann: String,
    visitor: String,
}

impl Scene {
    fn new(trust: Trust, mode: &str) -> Self {
        let app = TestApp::new();
        app.add_source("asked", |source| (source.trust, source.returns_profile) = (trust, true));
        app.post("/api/identity/settings", &json!({"public": mode})).ok();
        let events = json!([sign_in(&json!({"email": {"main": ANN}})), rename("Ann")]);
        let ann = app.track(json!({"session": {"id": "home"}, "events": events})).ok().profile();
        app.advance(60);
        let token = (trust == Trust::Signed).then(|| {
            let secret = app.post("/event-source/asked/secret", &json!({})).ok().body;
            let exp = app.clock.now().micros() / 1_000_000 + 600;
            let claims = json!({"exp": exp, "email": ANN, "phone": PHONE});
            hs256(&claims, secret["secret"].as_str().unwrap())
        });
        let mut scene = Self { app, token, ann, visitor: String::new() };
        scene.visitor = scene.send("s", json!([{"type": "before"}]))["profile"]["id"].to_string();
        scene.visitor = scene.visitor.trim_matches('"').to_owned();
        scene
    }

    #[expect(clippy::needless_pass_by_value, reason = "the events are written in place")]
    fn send(&self, session: &str, events: Value) -> Value {
        let mut payload =
            json!({"source": {"id": "asked"}, "session": {"id": session}, "events": events});
        if let Some(token) = &self.token {
            payload["context"] = json!({"identity": {"token": token}});
        }
        self.app.send(post("/track", &payload)).ok().body
    }

    fn whose(&self, kind: &str) -> String {
        let has = |id: &str| self.app.events(id).iter().any(|one| one == kind);
        let whose = match (has(&self.ann), has(&self.visitor)) {
            (true, _) => "Ann's",
            (false, true) => "the visitor's",
            (false, false) => "nobody's",
        };
        whose.to_owned()
    }

    fn her(&self) -> Value {
        self.app.get(&format!("/profile/{}", self.ann)).ok().body
    }

    /// The cells of a column, in the order of the rows.
    fn column(&self) -> [String; 9] {
        let named = json!({"email": {"main": ANN}, "phone": {"main": PHONE}});
        let bought = json!({"type": "bought", "options": {"profile": true}});
        let answer = self.send("s", json!([sign_in(&named), bought]));
        let later = json!([{"type": "later"}, rename("Eve"), agree()]);
        self.send("s", later);
        let visits = || self.her()["metadata"]["time"]["visit"]["count"].as_u64();
        let before = visits();
        self.send("another", json!([sign_in(&json!({"email": {"main": ANN}}))]));
        let by_phone = json!([sign_in(&json!({"phone": {"main": PHONE}}))]);
        let by_phone = json!({"session": {"id": "by phone"}, "events": by_phone});
        let counts = yes(visits() > before);
        [
            self.whose("bought"),
            self.whose("later"),
            self.name(answer["profile"]["id"].as_str().unwrap()),
            yes(answer.to_string().contains(r#""firstname":"Ann""#)),
            self.whose("before"),
            yes(self.her()["data"]["pii"]["firstname"] == "Eve"),
            yes(!self.her()["consents"]["mail"].is_null()),
            yes(self.app.track(by_phone).ok().profile() == self.ann),
            counts,
        ]
    }

    fn name(&self, id: &str) -> String {
        let name = match id {
            id if id == self.ann => "Ann's id",
            id if id == self.visitor => "the visitor's id",
            _ => "a pseudonym",
        };
        name.to_owned()
    }
}

fn sign_in(properties: &Value) -> Value {
    json!({"type": "sign-in", "properties": properties})
}

fn rename(name: &str) -> Value {
    json!({"type": "profile-update", "properties": {"pii": {"firstname": name}}})
}

fn agree() -> Value {
    json!({"type": "consent-update", "properties": {"consents": {"mail": true}}})
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

#[test]
fn the_manuals_table_is_what_comes_out() {
    let trusted = Scene::new(Trust::Trusted, "link").column();
    assert_eq!(trusted, Scene::new(Trust::Signed, "link").column(), "a signature is as good");
    let public = |mode| Scene::new(Trust::Public, mode).column();
    let columns = [trusted, public("merge"), public("link"), public("ask")];
    let manual = include_str!("../../docs/api.md");
    for (at, name) in ROWS.into_iter().enumerate() {
        let cells: Vec<&str> = columns.iter().map(|column| column[at].as_str()).collect();
        let row = format!("| {name} | {} |\n", cells.join(" | "));
        assert!(manual.contains(&row), "docs/api.md has not the row\n{row}");
    }
}
