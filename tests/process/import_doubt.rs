//! What history does not tell for sure: what somebody has taken back stays taken back, and nobody is given power.

use std::path::Path;

use serde_json::{Value, json};

use super::import_people::{by, exported, named, people, says, send, shop, track};
use crate::support::server::{Server, said};

/// Says something of these consents, and nothing of any other.
fn consents(said: &Value) -> Value {
    json!({"type": "consent-update", "properties": {"consents": said, "partial": true}})
}

/// Sends it as somebody with this id, in no visit.
fn send_in_no_visit(server: &Server, source: &str, profile: &str, events: &Value) {
    let options = json!({"saveSession": false});
    let payload = json!({"source": {"id": source}, "profile": {"id": profile}, "options": options,
        "events": events});
    assert_eq!(send(server, &payload), profile);
}

/// What everybody has agreed to, and what they have spent.
fn agreed(folder: &Path) -> String {
    let sql = "SELECT id, consents, data->'metrics' AS metrics FROM profiles ORDER BY id";
    said(folder, &["sql", sql])
}

#[test]
fn what_was_taken_back_stays_taken_back() {
    let folder = shop();
    let mut server = Server::start(folder.path());
    let [yes, no] = [true, false].map(|ads| json!([consents(&json!({"ads": ads}))]));
    let ann = track(&server, ["page", "ann"], None, &yes);
    send_in_no_visit(&server, "page", &ann, &no);
    // Ben's visit goes over to somebody else.
    let ben = track(&server, ["back", "ben"], None, &json!([by("ben"), yes[0]]));
    track(&server, ["page", "shared"], Some(&ben), &no);
    assert_ne!(track(&server, ["back", "shared"], None, &json!([by("eve")])), ben);
    // Of Dora it is known that a page has only named her.
    let dora = json!([by("dora"), named("dora@example.com"), yes[0]]);
    track(&server, ["back", "dora"], None, &dora);
    let all = json!({"type": "consent-update", "properties": {"consents": {"sms": true}}});
    track(&server, ["page", "evil"], None, &json!([named("dora@example.com"), all]));
    assert!(server.stop());
    let before = agreed(folder.path());
    assert_eq!(
        (before.matches("\"ads\"").count(), before.matches("\"sms\"").count()),
        (1, 0),
        "{before}"
    );
    for ending in ["jsonl", "csv", "parquet"] {
        let other = shop();
        said(other.path(), &["import", &exported(&folder, ending)]);
        assert_eq!(agreed(other.path()), before, "{ending}");
    }
}

/// A shop's server sends what happens in a visit, and asks nobody whose that is.
#[test]
fn what_a_server_sends_where_a_page_has_only_named_somebody_changes_nothing() {
    let folder = shop();
    let mut server = Server::start(folder.path());
    let no = consents(&json!({"ads": false}));
    let her = json!([by("ann"), named("ann@example.com"), no]);
    let ann = track(&server, ["back", "ann"], None, &her);
    track(&server, ["back", "carol"], None, &json!([named("carol@example.com")]));
    let order = |id: &str| {
        let properties = json!({"id": id, "value": 10, "currency": "EUR"});
        json!({"type": "order-completed", "properties": properties})
    };
    for visit in ["one", "two"] {
        track(&server, ["page", visit], None, &json!([named("ann@example.com")]));
        let evil =
            json!([consents(&json!({"ads": true})), says("firstname", "EVIL"), order(visit)]);
        track(&server, ["back", visit], None, &evil);
    }
    track(&server, ["page", "two"], None, &json!([named("carol@example.com")]));
    // What it sends under her own id counts, in no visit, too.
    send_in_no_visit(&server, "back", &ann, &json!([says("lastname", "Kos"), order("own")]));
    assert!(server.stop());
    let before = (people(folder.path()), agreed(folder.path()));
    assert!(before.0.contains("Kos") && !before.0.contains("EVIL"), "{}", before.0);
    for ending in ["jsonl", "csv", "parquet"] {
        let other = shop();
        said(other.path(), &["import", &exported(&folder, ending)]);
        assert_eq!((people(other.path()), agreed(other.path())), before, "{ending}");
    }
}
