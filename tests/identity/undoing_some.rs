//! One of several mergers of a person is taken back, and then another.

use serde_json::json;

use super::undoing::{interest, known_by, merges, profile, said};
use crate::support::TestApp;

#[test]
fn a_merger_that_others_were_in_too_is_taken_back_like_any() {
    for first in 0..2 {
        let app = TestApp::new();
        let address = json!({"email": {"main": "ann@shop.example"}});
        let phone = app.track(said("phone", "sign-in", &address)).ok().profile();
        app.advance(60);
        let tablet = app.track(interest("tablet", 1)).ok().profile();
        app.advance(60);
        let till = app.track(known_by("till", "K1")).ok().profile();
        app.advance(60);
        let mut both = known_by("tablet", "K1");
        let says = json!({"type": "sign-in", "properties": address});
        both["events"].as_array_mut().unwrap().push(says);
        assert_eq!(app.track(both).ok().profile(), phone);
        app.advance(60);
        for (device, by) in [("phone", 10), ("tablet", 100), ("till", 1000)] {
            app.track(interest(device, by)).ok();
        }
        let all = merges(&app, &phone);
        let ids: Vec<&str> = all.iter().map(|merge| merge["id"].as_str().unwrap()).collect();
        for id in [ids[first], ids[1 - first]] {
            app.post(&format!("/api/merges/{id}/undo"), &json!({})).ok();
        }
        for (id, sport) in [(&phone, 10), (&tablet, 101), (&till, 1000)] {
            let one = profile(&app, id);
            assert_eq!((&one["id"], &one["interests"]["sport"]), (&json!(id), &json!(sport)));
        }
        assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    }
}
