//! `POST /customer/consent`: what people agree to, at a door of its own.

use serde_json::{Value, json};

use crate::support::app::post;
use crate::support::{Reply, TestApp};

fn consent(app: &TestApp, query: &str, session: &str, profile: &str, consents: &Value) -> Reply {
    let body = json!({
        "source": {"id": "shop"}, "session": {"id": session}, "profile": {"id": profile}, "consents": consents,
    });
    let address = format!("/customer/consent{query}");
    app.send(post(&address, &body))
}

#[test]
fn consents_change_one_by_one() {
    let app = TestApp::new();
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    let profile = visit.profile();
    let granted = || app.get(&format!("/profile/{profile}")).ok().body["consents"].clone();
    consent(&app, "", "s", &profile, &json!({"mail": true, "ads": true})).ok();
    assert_eq!(granted(), json!({"mail": {"revoke": null}, "ads": {"revoke": null}}));
    app.advance(1);
    consent(&app, "", "s", &profile, &json!({"ads": false, "sms": false})).ok();
    assert_eq!(granted(), json!({"mail": {"revoke": null}}), "others stay as they are");
    app.advance(1);
    consent(&app, "?all=true", "s", &profile, &json!({"ads": false})).ok();
    assert_eq!(granted(), json!({"mail": {"revoke": null}, "ads": {"revoke": null}}));
}

#[test]
fn nobody_consents_for_somebody_else() {
    let app = TestApp::new();
    let visit = |session: &str| {
        app.track(json!({"session": {"id": session}, "events": [{"type": "page-view"}]}))
            .ok()
            .profile()
    };
    let (ann, jo) = (visit("ann"), visit("jo"));
    let yes = json!({"mail": true});
    for (session, profile) in
        [("ann", jo.as_str()), ("jo", &ann), ("nobody", &ann), ("ann", "nobody")]
    {
        let reply = consent(&app, "", session, profile, &yes);
        assert_eq!(
            (reply.status.as_u16(), reply.code()),
            (403, "consent_denied"),
            "{session} {profile}"
        );
        assert_eq!(reply.body["detail"], "Access denied");
    }
    consent(&app, "", "ann", &ann, &yes).ok();
    let wrong = app.send(post("/customer/consent", &json!({"source": 1})));
    assert_eq!((wrong.status.as_u16(), wrong.code()), (422, "consent_invalid"));
}

#[test]
fn what_was_agreed_to_is_kept_with_it() {
    let app = TestApp::new();
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    let body = json!({
        "source": {"id": "shop"}, "session": {"id": "s"}, "profile": {"id": visit.profile()},
        "consents": {"mail": {"granted": false, "version": "7"}, "ads": false},
        "version": "2026-05", "purposes": ["news"],
    });
    app.send(post("/customer/consent?all=true", &body)).ok();
    let shown = app.get(&format!("/api/profiles/{}/consents", visit.profile())).ok().body;
    let word = |at: usize| {
        let word = &shown["consents"][at]["word"];
        (word["granted"].clone(), word["version"].clone(), word["purposes"].clone())
    };
    assert_eq!(word(0), (json!(true), json!("2026-05"), json!(["news"])), "ads");
    assert_eq!(word(1), (json!(true), json!("7"), json!(["news"])), "mail has its own version");
}

#[test]
fn all_grants_truths_and_nothing_else() {
    let app = TestApp::new();
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    let unclear = [json!({}), json!([]), json!("no"), json!(0), json!({"granted": "false"})];
    for consent_is in unclear.into_iter().chain([json!({"granted": 0}), json!({"granted": {}})]) {
        app.advance(1);
        let consents = json!({"mail": consent_is});
        let reply = consent(&app, "?all=true", "s", &visit.profile(), &consents).ok();
        assert_eq!(reply.warnings(), ["consent_type"], "{consents}");
    }
    let granted =
        || app.get(&format!("/profile/{}", visit.profile())).ok().body["consents"].clone();
    assert_eq!(granted(), json!({}));
    app.advance(1);
    let truths = json!({"a": true, "b": false, "c": null, "d": {"granted": null, "version": "7"}});
    assert!(consent(&app, "?all=true", "s", &visit.profile(), &truths).ok().warnings().is_empty());
    assert_eq!(granted().as_object().map(serde_json::Map::len), Some(4));
}

#[test]
fn what_does_not_clearly_grant_is_no_grant_at_any_door() {
    let app = TestApp::new();
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    let unclear = json!({"mail": {"revoke": "30d"}, "ads": {"status": "denied"}, "sms": true});
    let reply = consent(&app, "", "s", &visit.profile(), &unclear).ok();
    assert_eq!(reply.warnings(), ["consent_type"]);
    let granted =
        || app.get(&format!("/profile/{}", visit.profile())).ok().body["consents"].clone();
    assert_eq!(granted(), json!({"sms": {"revoke": null}}));
    app.advance(1);
    let update = json!({"consents": {"mail": {"revoke": "2030-01-01"}}, "partial": "true"});
    let event = json!({"type": "consent-update", "properties": update});
    let reply = app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    assert!(reply.warnings().is_empty());
    assert_eq!(granted(), json!({"mail": {"revoke": "2030-01-01"}, "sms": {"revoke": null}}));
    app.advance(1);
    let event = json!({"type": "consent-update", "properties": {"consents": ["mail"]}});
    let reply = app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    assert_eq!(reply.warnings(), ["consent_type"]);
    assert_eq!(granted().as_object().map(serde_json::Map::len), Some(2), "nothing was said");
}
