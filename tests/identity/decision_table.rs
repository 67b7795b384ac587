//! The rows of docs/wire.md §3.2, through the front door.

use serde_json::{Value, json};

use crate::support::TestApp;

/// A world in which everything the table speaks of exists.
struct Scene {
    app: TestApp,
    /// Ids and what the table calls them.
    names: Vec<(String, &'static str)>,
}

impl Scene {
    fn new() -> Self {
        let app = TestApp::new();
        let sign_up = |session: &str, email: &str| {
            let properties = json!({"email": {"main": email}});
            app.track(json!({
                "session": {"id": session},
                "events": [{"type": "sign-up", "properties": properties}],
            }))
            .ok()
            .profile()
        };
        let visit = |session: &str| {
            let payload = json!({"session": {"id": session}, "events": [{"type": "x"}]});
            app.track(payload).ok().profile()
        };
        let p1 = sign_up("of P1", "one@example.com");
        app.advance(1);
        let old = visit("of OLD");
        sign_up("of OLD", "one@example.com");
        let p2 = sign_up("of P2", "two@example.com");
        let gone = visit("of GONE");
        app.delete(&format!("/profile/{gone}")).ok();
        let nobody = json!({
            "source": {"id": "shop"}, "session": {"id": "of nobody"}, "events": [{"type": "x"}],
        });
        app.send(crate::support::app::post("/track?profile_less=true", &nobody)).ok();
        let ended = json!({
            "session": {"id": "ended"}, "profile": {"id": p1}, "events": [{"type": "visit-ended"}],
        });
        app.track(ended).ok();
        app.advance(60);
        let names = vec![(p1, "P1"), (p2, "P2"), (old, "OLD"), (gone, "GONE")];
        Self { app, names }
    }

    fn id(&self, name: &str) -> String {
        let found = self.names.iter().find(|(_, known)| *known == name);
        found.map_or_else(|| name.to_owned(), |(id, _)| id.clone())
    }

    fn name(&self, id: &Value) -> String {
        let Some(id) = id.as_str() else { return "none".to_owned() };
        let found = self.names.iter().find(|(known, _)| known == id);
        found.map_or_else(|| "new".to_owned(), |(_, name)| (*name).to_owned())
    }

    /// Sends one event from this session and profile, and tells what the table tells.
    fn row(&self, session: Option<&str>, profile: Option<&str>) -> Value {
        let mut payload = json!({"events": [{"type": "row"}], "options": {"debugger": true}});
        if let Some(session) = session {
            payload["session"] = json!({"id": session});
        }
        if let Some(profile) = profile {
            payload["profile"] = json!({"id": self.id(profile)});
        }
        let visits = |id: &str| {
            let document = self.app.get(&format!("/profile/{id}")).body;
            document["metadata"]["time"]["visit"]["count"].as_u64().unwrap_or(0)
        };
        let before: Vec<(String, u64)> =
            self.names.iter().map(|(id, _)| (id.clone(), visits(id))).collect();
        let reply = self.app.track(payload).ok();
        let id = reply.profile();
        let known = before.iter().find(|(known, _)| *known == id).map_or(0, |(_, count)| *count);
        let kinds = |event: &Value| {
            let address = format!("/event/{}", event.as_str().unwrap());
            self.app.get(&address).ok().body["event"]["type"].clone()
        };
        let given = session.is_some_and(|session| session == reply.session());
        let stored = self.app.get(&format!("/session/{}", reply.session().replace(' ', "%20")));
        json!({
            "profile": self.name(&json!(id)),
            "session": if given { "given" } else { "generated" },
            "session belongs to": self.name(&stored.ok().body["profile"]["id"]),
            "events": reply.body["events"].as_array().unwrap().iter().map(kinds).collect::<Vec<_>>(),
            "visits": format!("+{}", visits(&id) - known),
        })
    }
}

#[test]
fn every_row() {
    let rows: [(&str, Option<&str>, Option<&str>); 22] = [
        ("01 no session, no profile", None, None),
        ("01 blank session", Some("  "), None),
        ("02 no session, known profile", None, Some("P1")),
        ("02 no session, alias", None, Some("OLD")),
        ("03 no session, unknown profile", None, Some("forged")),
        ("04 new session, no profile", Some("fresh"), None),
        ("06 new session, unknown profile", Some("fresh"), Some("forged")),
        ("06 new session, erased profile", Some("fresh"), Some("GONE")),
        ("07 new session, known profile", Some("fresh"), Some("P1")),
        ("08 new session, alias", Some("fresh"), Some("OLD")),
        ("09 known session, no profile", Some("of P1"), None),
        ("10 known session, its profile", Some("of P1"), Some("P1")),
        ("11 known session, another's profile", Some("of P1"), Some("P2")),
        ("12 known session, unknown profile", Some("of P1"), Some("forged")),
        ("13 erased profile's session, no profile", Some("of GONE"), None),
        ("13 erased profile's session, another's profile", Some("of GONE"), Some("P2")),
        ("13 erased profile's session, unknown profile", Some("of GONE"), Some("forged")),
        ("14 nobody's session, no profile", Some("of nobody"), None),
        ("14 nobody's session, known profile", Some("of nobody"), Some("P1")),
        ("15 merged profile's session, no profile", Some("of OLD"), None),
        ("15 merged profile's session, its old id", Some("of OLD"), Some("OLD")),
        ("16 ended session", Some("ended"), Some("P1")),
    ];
    for (name, session, profile) in rows {
        let row = Scene::new().row(session, profile);
        insta::with_settings!({description => name, omit_expression => true}, {
            assert_json_snapshot!(format!("row {name}"), row);
        });
    }
}

#[test]
fn an_identifier_of_somebody_known_finds_him_from_a_new_session() {
    let scene = Scene::new();
    let payload = json!({
        "session": {"id": "fresh"},
        "events": [{"type": "sign-in", "properties": {"email": {"main": " One@Example.com "}}}],
    });
    let reply = scene.app.track(payload).ok();
    assert_eq!(scene.name(&json!(reply.profile())), "P1");
    assert!(!scene.app.events("P1").contains(&"profile-created".to_owned()));
}
